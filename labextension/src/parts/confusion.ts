/** A confusion matrix: true classes in rows, predicted ones in columns. */

import { el } from '../dom';
import { count, percent } from '../numbers';

/** The class that stands for several, as in `zenlab/views/payloads.py`. */
const OTHER = '(other)';

/**
 * Draw a matrix: shade and percentage are of the rows of the true class.
 *
 * @param words what the cells mean, if that can be said.
 */
export function matrix(
  classes: readonly string[],
  counts: readonly (readonly number[])[],
  words: readonly (readonly string[])[] = []
): HTMLElement {
  const many = classes.length > 6;
  const rows = classes.map((name, i) => {
    const row = counts[i] ?? [];
    const total = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n, j) => {
      const share = total > 0 ? n / total : 0;
      const cell = el(
        'td',
        { class: `zen-right zen-cell${i === j ? ' zen-diagonal' : ''}` },
        `${count(n)} `,
        !many && el('span', { class: 'zen-cell-share' }, total > 0 ? `${percent(share)} ` : ''),
        words[i]?.[j] && el('span', { class: 'zen-cell-word' }, words[i][j])
      );
      cell.style.setProperty('--zen-share', `${Math.round(45 * share)}%`);
      return cell;
    });
    // Of several classes together, the diagonal does not say which were taken for which.
    const recall = total > 0 && name !== OTHER ? percent((row[i] ?? 0) / total) : '–';
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('bdi', {}, name)),
      ...cells,
      many && el('td', { class: 'zen-right' }, recall)
    );
  });
  return el(
    'div',
    { class: 'zen-scroll', role: 'group', 'aria-label': 'Confusion matrix', tabindex: 0 },
    el(
      'table',
      { class: 'zen-confusion', 'aria-label': 'Confusion matrix: true classes in rows' },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, 'true ↓ predicted →'),
          ...classes.map(name =>
            el('th', { scope: 'col', class: 'zen-right' }, el('bdi', {}, name))
          ),
          many && el('th', { scope: 'col', class: 'zen-right' }, 'recall')
        )
      ),
      el('tbody', {}, ...rows)
    )
  );
}
