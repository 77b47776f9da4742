/** A metric by slice: bars with their numbers, and a line where all rows together are. */

import { metric, slices as slicesOf } from '../evaluation-model';
import type { Metric, Slice } from '../evaluation-model';
import { checkbox, el, replace } from '../dom';
import { count, difference, number, written } from '../numbers';
import type { LabelResult, SliceTable } from '../payloads';
import { choice } from './choice';
import { bar } from './shape';
import { SortableTable } from './table';
import type { Column } from './table';

/** From where to where bars are drawn, and from which value on. */
interface Scale {
  readonly low: number;
  readonly high: number;
  readonly base: number;
}

/** Draw the slices of a result; null if it has none. */
export function slicesOfResult(result: LabelResult): HTMLElement | null {
  const tables = (result.slices ?? []).filter(t => t.rows.length > 0 && t.metrics.length > 0);
  return tables.length > 0 ? new SlicesView(result, tables).node : null;
}

class SlicesView {
  readonly node: HTMLElement;
  private readonly _overall: readonly Metric[];
  private readonly _tables: readonly SliceTable[];
  private readonly _place = el('div', { class: 'zen-slice-table' });
  private readonly _legend = el('p', { class: 'zen-slice-legend', role: 'status' });
  private readonly _by: HTMLSelectElement;
  private readonly _metric: HTMLSelectElement;
  private _table: SortableTable<Slice> | null = null;
  private _relative = false;
  private _scale: Scale = { low: 0, high: 1, base: 0 };

  constructor(result: LabelResult, tables: readonly SliceTable[]) {
    this._overall = result.metrics.map(metric);
    this._tables = tables;
    const names = [...new Set(tables.flatMap(t => t.metrics))];
    this._metric = choice('Metric', names);
    this._by = choice(
      'Slices by',
      tables.map(t => t.columns.join(', '))
    );
    this._by.addEventListener('input', () => {
      this._make();
    });
    this._metric.addEventListener('input', () => {
      this._update();
    });
    const relative = checkbox('Difference from all', false, on => {
      this._relative = on;
      this._update();
    });
    this.node = el(
      'section',
      { class: 'zen-part zen-by-slice', 'aria-label': 'By slice' },
      el('h4', { class: 'zen-heading' }, 'By slice'),
      el(
        'div',
        { class: 'zen-controls' },
        el('label', { class: 'zen-field' }, el('span', {}, 'Metric'), this._metric),
        tables.length > 1 && el('label', { class: 'zen-field' }, el('span', {}, 'By'), this._by),
        tables.length === 1 && el('span', {}, 'by ', el('b', {}, this._by.value)),
        relative
      ),
      this._legend,
      this._place
    );
    this._make();
  }

  /** Null also where it is infinite: nothing is near it. */
  private get _all(): number | null {
    const value = this._overall.find(m => m.name === this._metric.value)?.value ?? null;
    return value !== null && Number.isFinite(value) ? value : null;
  }

  private _make(): void {
    const table = this._tables[Math.max(this._by.selectedIndex, 0)];
    if (!table) {
      return;
    }
    const rows = slicesOf(table);
    const most = Math.max(1, ...rows.map(s => s.rows));
    const names = table.columns.map((title, i): Column<Slice> => ({
      title,
      cell: s => el('bdi', { class: 'zen-name' }, s.values[i] ?? ''),
      key: s => s.values[i] ?? ''
    }));
    this._table = new SortableTable<Slice>({
      label: `Slices by ${table.columns.join(', ')}`,
      rows,
      name: s => s.values.join(', '),
      columns: [
        ...names,
        { title: 'rows', align: 'right', cell: s => count(s.rows), key: s => s.rows },
        { title: 'size', cell: s => bar(s.rows / most, 6), priority: 2 },
        {
          title: 'value',
          align: 'right',
          cell: s => written(this._of(s)?.text),
          key: s => this._of(s)?.value ?? null
        },
        { title: '', cell: s => this._bar(s), wide: true },
        {
          title: 'against all',
          align: 'right',
          priority: 2,
          explanation: 'The value minus that of all rows',
          cell: s => difference(this._of(s)?.value ?? null, this._all),
          key: s => this._away(s)
        }
      ]
    });
    this._place.replaceChildren(this._table.node);
    this._update();
  }

  private _update(): void {
    const all = this._all;
    const table = this._tables[Math.max(this._by.selectedIndex, 0)];
    const values = (table ? slicesOf(table) : []).flatMap(s => {
      const value = this._of(s)?.value ?? null;
      return value !== null && Number.isFinite(value) ? [value] : [];
    });
    this._scale = scale(values, all, this._relative && all !== null);
    const { low, high } = this._scale;
    const marked = all === null ? '' : `, the line is all rows: ${number(all)}`;
    replace(
      this._legend,
      `${this._metric.value}: bars from ${number(low, 3)} to ${number(high, 3)}${marked}`
    );
    this._table?.redraw();
  }

  private _of(s: Slice): Metric | undefined {
    return s.metrics.find(m => m.name === this._metric.value);
  }

  private _away(s: Slice): number | null {
    const value = this._of(s)?.value ?? null;
    return value === null || this._all === null ? null : value - this._all;
  }

  private _bar(s: Slice): HTMLElement | null {
    const value = this._of(s)?.value ?? null;
    if (value === null) {
      return null;
    }
    const { base } = this._scale;
    const [from, to] = [this._part(Math.min(base, value)), this._part(Math.max(base, value))];
    const inner = el('span', { class: `zen-slice-bar ${value < base ? 'zen-below' : ''}` });
    inner.style.left = `${100 * from}%`;
    inner.style.width = `${100 * Math.max(to - from, 0.004)}%`;
    const drawn = el('span', { class: 'zen-slice-track', 'aria-hidden': 'true' }, inner);
    if (this._all !== null) {
      const line = el('span', { class: 'zen-slice-all' });
      line.style.left = `${100 * this._part(this._all)}%`;
      drawn.append(line);
    }
    return drawn;
  }

  private _part(value: number): number {
    const { low, high } = this._scale;
    return Math.min(Math.max((value - low) / (high - low), 0), 1);
  }
}

/** Bars begin at zero, and their scale holds it; or at the value of all rows. */
function scale(values: readonly number[], all: number | null, relative: boolean): Scale {
  if (relative && all !== null) {
    const most = Math.max(...values.map(v => Math.abs(v - all)), 1e-9);
    return { low: all - most, high: all + most, base: all };
  }
  const ends = [0, ...values, ...(all === null ? [] : [all])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return { low, high: high > low ? high : low + 1, base: 0 };
}
