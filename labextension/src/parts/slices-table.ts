/** The slices of the statistics panel: how many rows each has, and in what it differs. */

import { el } from '../dom';
import { count, percent } from '../numbers';
import type { Dataset, Slice } from '../statistics-model';
import { SortableTable } from './table';
import type { Column } from './table';

/** The table of the slices, to be folded away. */
export function slicesTable(slices: readonly Slice[], datasets: readonly Dataset[]): HTMLElement {
  const totals = datasets.map(d => d.rows);
  const table = new SortableTable<Slice>({
    label: 'Slices',
    rows: slices,
    name: s => s.label,
    columns: [
      { title: 'slice', cell: s => el('bdi', {}, s.label), key: s => s.label },
      {
        title: 'rows',
        align: 'right',
        cell: s => count(rowsOf(s)),
        key: rowsOf
      },
      ...datasets.map((d, i): Column<Slice> => ({
        title: datasets.length > 1 ? `of ${d.name}` : 'share',
        align: 'right',
        priority: 2,
        cell: s => percent(shareOf(s, totals, i)),
        key: s => shareOf(s, totals, i)
      })),
      { title: 'differs most in (distance)', cell: s => s.differs, priority: 2 }
    ]
  });
  return el(
    'details',
    { class: 'zen-slices', open: true },
    el('summary', {}, `Slices (${count(slices.length)})`),
    table.node
  );
}

function rowsOf(slice: Slice): number {
  return slice.rows.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
}

function shareOf(slice: Slice, totals: readonly number[], i: number): number | null {
  const [rows, total] = [slice.rows[i] ?? null, totals[i] ?? 0];
  return rows === null || total === 0 ? null : rows / total;
}
