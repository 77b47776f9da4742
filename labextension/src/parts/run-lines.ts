/** How lines of runs are told apart: by colour and by dashes, the same in charts and beside names. */

import { el, svg } from '../dom';

/** As `DASHES` of the charts. */
const DASH_ARRAYS = ['', '7 4', '2 3', '7 3 2 3', '12 4', '12 3 2 3'];

/** The most lines that have a look of their own. */
export const MOST_LINES = DASH_ARRAYS.length;

export function dashes(place: number): string | undefined {
  const array = DASH_ARRAYS[place % MOST_LINES];
  return array === '' ? undefined : array;
}

/** A piece of a line, to stand before its name. */
export function sample(place: number): HTMLElement {
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
