/** The parameters of a few runs, a row a parameter. */

import { equal, filled, written } from '../../compare-model';
import { button, el } from '../../dom';
import type { Child } from '../../dom';
import type { Frame } from '../../parts/frame';
import { SortableTable } from '../../parts/table';
import type { Column } from '../../parts/table';
import { section } from './section';
import type { Shown } from './state';

interface Row {
  readonly name: string;
  readonly values: readonly string[];
}

export function parametersSection(shown: Shown, frame: Frame): HTMLElement {
  const { payload, runs } = shown;
  const only = shown.onlyDifferences.value;
  const rows = (payload.parameters ?? [])
    .map((name, k): Row => ({ name, values: runs.map(run => run.parameters[k] ?? '') }))
    .filter(row => !only || !equal(row.values));
  const title = only ? 'Parameters that differ' : 'Parameters';
  const more = button(
    'Show those that are the same',
    () => {
      shown.again(true);
    },
    { 'data-action': 'all-parameters' }
  );
  frame.withKernel(more);
  const lacks = !only && payload.all_parameters !== true;
  if (rows.length === 0) {
    return section(title, el('p', {}, 'None: the specifications are the same.'), '', lacks && more);
  }
  const table = new SortableTable<Row>({
    label: title,
    rows,
    name: row => row.name,
    columns: [
      { title: 'parameter', cell: row => row.name, key: row => row.name },
      ...runs.map((run): Column<Row> => ({
        title: run.label,
        cell: row => value(row.values[run.place] ?? '', row.values[shown.baseline.value])
      }))
    ]
  });
  table.node.classList.add('zen-wide-table');
  return section(title, table.node, '', lacks && more);
}

/** Undefined: there is no baseline. */
function value(text: string, base: string | undefined): Child {
  const said = el('bdi', {}, written(text));
  return base !== undefined && filled(text) !== filled(base)
    ? el('span', { class: 'zen-other', title: 'not as in the baseline' }, '≠ ', said)
    : said;
}
