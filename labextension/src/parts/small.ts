/** A small table of numbers, each row with what it is of in front. */

import { el } from '../dom';
import type { Child } from '../dom';

/**
 * Make it; it scrolls where there is no room.
 *
 * @param titles of the columns, that of the first one included.
 * @param rows what a row is of, then its numbers.
 */
export function small(
  label: string,
  titles: readonly string[],
  rows: readonly (readonly Child[])[]
): HTMLElement {
  return el(
    'div',
    { class: 'zen-scroll', role: 'group', 'aria-label': label, tabindex: 0 },
    el(
      'table',
      { class: 'zen-small', 'aria-label': label },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ...titles.map((title, i) =>
            el('th', { scope: 'col', class: i > 0 && 'zen-right' }, el('bdi', {}, title))
          )
        )
      ),
      el(
        'tbody',
        {},
        ...rows.map(([head, ...cells]) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row', class: 'zen-value' }, head),
            ...cells.map(cell => el('td', { class: 'zen-right' }, cell))
          )
        )
      )
    )
  );
}
