/** Which steps a few runs share, and who executed the others. */

import { stepsOf } from '../../compare-model';
import type { Cell, Step } from '../../compare-model';
import { el } from '../../dom';
import type { Child } from '../../dom';
import { MISSING } from '../../numbers';
import { SortableTable } from '../../parts/table';
import type { Column } from '../../parts/table';
import { section } from './section';
import type { Shown } from './state';

const NUMBERS = '①②③④⑤⑥⑦⑧⑨';

export function stepsSection({ payload, runs, onlyDifferences }: Shown): HTMLElement {
  const steps = stepsOf(payload);
  const shared = steps.filter(step => step.shared && runs.length > 1);
  const rows = onlyDifferences.value ? steps.filter(step => !shared.includes(step)) : steps;
  const names = shared.map(step => step.slot).join(', ');
  const said =
    shared.length === steps.length
      ? 'All steps are shared: each was executed once.'
      : shared.length > 0
        ? `Executed once, and shared by all runs: ${names}.`
        : 'No step is shared by all runs.';
  const table = new SortableTable<Step>({
    label: 'Steps',
    rows,
    name: step => step.slot,
    columns: [
      { title: 'step', cell: step => step.slot },
      { title: 'what', cell: step => el('bdi', {}, step.titles), priority: 2 },
      ...runs.map((run): Column<Step> => ({
        title: run.label,
        cell: step => cellOf(step.cells[run.place] ?? null)
      }))
    ]
  });
  table.node.classList.add('zen-wide-table');
  const explained =
    rows.length > 0 ? 'Equal numbers in a row: one execution, which is shared.' : '';
  return section('Steps', el('div', {}, el('p', {}, said), table.node), explained);
}

function cellOf(cell: Cell | null): Child {
  if (cell === null) {
    return el('span', { class: 'zen-dim' }, MISSING);
  }
  const mark = NUMBERS[cell.number - 1] ?? `(${cell.number})`;
  const by = [
    cell.user && ` ${cell.user}`,
    cell.origin && ` in ${cell.origin}`,
    cell.same && ', same result'
  ];
  return el(
    'span',
    {},
    el('span', { role: 'img', 'aria-label': `execution ${cell.number}` }, mark),
    el('bdi', {}, by.filter(Boolean).join(''))
  );
}
