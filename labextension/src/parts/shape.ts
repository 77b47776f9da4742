/** Small pictures in a table: the shape of a distribution, and a share as a bar. */

import { el, svg } from '../dom';

const WIDTH = 6;
const HEIGHT = 22;

/**
 * The blocks of a histogram.
 *
 * @param top the share of a block that is as high as the picture: one for all datasets of a column.
 * @param place of the dataset, for its colour.
 */
export function shape(shares: readonly number[], top: number, place: number): SVGSVGElement | null {
  if (shares.length === 0 || !(top > 0)) {
    return null;
  }
  const bars = shares.map((share, i) => {
    const height = share > 0 ? Math.max((share / top) * HEIGHT, 0.75) : 0;
    return svg('rect', { x: i * WIDTH, y: HEIGHT - height, width: WIDTH - 1, height });
  });
  return svg(
    'svg',
    {
      class: `zen-shape zen-c${place % 7}`,
      viewBox: `0 0 ${shares.length * WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true', // the numbers are in the details
      focusable: 'false'
    },
    svg('line', {
      class: 'zen-ground',
      x1: 0,
      y1: HEIGHT,
      x2: shares.length * WIDTH,
      y2: HEIGHT
    }),
    ...bars
  );
}

/** A share as a bar, with a mark where a threshold is. Its number has to stand beside it. */
export function bar(share: number, place = 0): HTMLElement {
  const width = 100 * Math.min(Math.max(share, 0), 1);
  const inner = el('span', { class: `zen-bar-inner zen-c${place % 7}` });
  inner.style.width = `${width}%`;
  return el('span', { class: 'zen-bar', 'aria-hidden': 'true' }, inner);
}
