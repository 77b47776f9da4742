/** The data of a few runs against the baseline's: which columns have drifted, and how. */

import { dataOf } from '../../compare-model';
import type { Data, Drifted } from '../../compare-model';
import { el } from '../../dom';
import type { Child } from '../../dom';
import { count, counted, number, percent } from '../../numbers';
import type { Frame } from '../../parts/frame';
import { jump } from '../../parts/jump';
import { bar } from '../../parts/shape';
import { SortableTable } from '../../parts/table';
import { bothSides } from './both';
import { comparedWith } from './code';
import { section } from './section';
import type { Shown } from './state';

export function dataSection(shown: Shown, frame: Frame): HTMLElement {
  const base = shown.runs[shown.stored]?.label ?? '';
  const found = (shown.payload.data ?? []).map(dataOf);
  const same = found.filter(one => one.same).map(one => one.run);
  return section(
    `Data against ${base}`,
    el(
      'div',
      { class: 'zen-data' },
      comparedWith(shown, frame, 'Data'),
      same.length > 0 &&
        el('p', {}, el('bdi', {}, same.join(', ')), ': same data, from one snapshot.'),
      ...found.map(one => one.note && el('p', {}, el('bdi', {}, one.run), `: ${one.note}`)),
      ...found.map(one => (one.columns.length > 0 ? columns(shown, frame, one, base) : null))
    )
  );
}

function columns(shown: Shown, frame: Frame, data: Data, base: string): HTMLElement {
  const rows = data.columns.filter(c => !shown.onlyDifferences.value || c.over || c.note !== '');
  const size = `${data.split}, ${counted(data.rows, 'row')}, before ${count(data.baseRows)}`;
  const over = data.columns.filter(c => c.over).length;
  const verdict = over
    ? `⚠ ${counted(over, 'column')} of ${count(data.columns.length)} ${over === 1 ? 'has' : 'have'} drifted.`
    : '✓ No column has drifted.';
  const right = { align: 'right' } as const;
  const less = { align: 'right', priority: 2 } as const;
  const table = new SortableTable<Drifted>({
    label: `Data of ${data.run} against ${base}`,
    rows,
    name: c => c.name,
    details: c => bothSides(frame, [base, data.run], c.name),
    columns: [
      { title: 'column', cell: c => jump(frame, c.name, ''), key: c => c.name },
      { title: 'drift', cell: drift, key: c => c.distance ?? -1, descending: true },
      { title: 'distance', cell: c => number(c.distance), key: c => c.distance, ...right },
      {
        title: 'missing before',
        cell: c => percent(c.baseMissing),
        key: c => c.baseMissing,
        ...less
      },
      { title: 'missing', cell: c => percent(c.missing), key: c => c.missing, ...less },
      { title: 'mean before', cell: c => number(c.baseMean), key: c => c.baseMean, ...less },
      { title: 'mean', cell: c => number(c.mean), key: c => c.mean, ...less },
      { title: 'measure', cell: c => c.measure, key: c => c.measure, priority: 3 }
    ]
  });
  return el(
    'div',
    { 'data-run': data.run },
    el('h4', { class: 'zen-heading' }, el('bdi', {}, data.run), `: ${size}`),
    el('p', { class: 'zen-note' }, verdict, ' A column opens with both sides.'),
    table.node
  );
}

function drift(c: Drifted): Child {
  if (c.note) {
    return el('span', {}, el('span', { class: 'zen-mark' }, '⚠ '), c.note);
  }
  if (c.distance === null || c.threshold === null) {
    return '';
  }
  const text = c.over ? `⚠ above ${number(c.threshold, 1)}` : `below ${number(c.threshold, 1)}`;
  return el(
    'span',
    { class: 'zen-usage' },
    bar(c.threshold > 0 ? c.distance / c.threshold : 0),
    el('span', { class: c.over ? '' : 'zen-dim' }, text)
  );
}
