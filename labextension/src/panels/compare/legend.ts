/** How lines of runs are told apart: by colour and by dashes, the same in charts and beside names. */

import { el, svg } from '../../dom';
import { DASHES } from '../../parts/chart';

/** How SVG writes the dashes of the charts. */
const ARRAYS: Readonly<Record<(typeof DASHES)[number], string | undefined>> = {
  solid: undefined,
  dash: '7 4',
  dot: '2 3',
  dashdot: '7 3 2 3',
  longdash: '12 4',
  longdashdot: '12 3 2 3'
};

/** The most lines that have a look of their own. */
export const MOST_LINES = DASHES.length;

/** The dashes of a line, as SVG writes them; undefined: it is solid. */
export function dashes(place: number): string | undefined {
  return ARRAYS[DASHES[place % MOST_LINES] ?? 'solid'];
}

/** A piece of a line, to stand before its name. */
function sample(place: number): HTMLElement {
  return el(
    'span',
    { class: `zen-sample zen-c${place % 7}`, 'aria-hidden': 'true' },
    svg(
      'svg',
      { viewBox: '0 0 26 10', width: 26, height: 10, focusable: 'false' },
      svg('line', { x1: 0, y1: 5, x2: 26, y2: 5, 'stroke-dasharray': dashes(place) })
    )
  );
}

/** The name of a run with its line. */
export function legend(label: string, place: number | null): HTMLElement {
  return el(
    'span',
    { class: 'zen-run-name' },
    place !== null && sample(place),
    el('bdi', {}, label)
  );
}
