/** A long table with a box to tick before each row; only the rows in sight are in the page. */

import { el } from '../dom';
import type { Child } from '../dom';
import { compare } from './table';

/** As in style/picker.css. */
const ROW = 30;
const SPARE = 6;
const DEFAULT_HEIGHT = 300;

export interface Column<R> {
  readonly title: string;
  readonly cell: (row: R) => Child;
  readonly key: (row: R) => number | string | null;
  /** Whether the greatest comes first when it is sorted by. */
  readonly descending?: boolean;
  readonly align?: 'right';
  readonly priority?: 1 | 2;
  /** What it holds, for its width in style/picker.css; without it, it takes what is left. */
  readonly holds?: 'name' | 'time' | 'metric';
}

export interface Options<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly name: (row: R) => string;
  readonly ticked: (row: R) => boolean;
  readonly tick: (row: R, on: boolean) => void;
}

export class VirtualTable<R> {
  readonly node: HTMLElement;
  private readonly _options: Options<R>;
  private readonly _table: HTMLTableElement;
  private readonly _body = el('tbody');
  private readonly _headers: HTMLElement[];
  private _all: readonly R[] = [];
  private _rows: readonly R[] = [];
  private _order: { column: number; descending: boolean } | null = null;
  private _window = '';

  constructor(options: Options<R>) {
    this._options = options;
    this._headers = options.columns.map((column, i) => this._header(column, i));
    this._table = el(
      'table',
      { class: 'zen-table zen-virtual-table', 'aria-label': options.label },
      el(
        'thead',
        {},
        el('tr', { 'aria-rowindex': 1 }, el('td', { class: 'zen-box' }), ...this._headers)
      ),
      this._body
    );
    this.node = el(
      'div',
      { class: 'zen-scroll zen-virtual', role: 'group', 'aria-label': options.label, tabindex: 0 },
      this._table
    );
    this.node.addEventListener('scroll', () => {
      this._render(false);
    });
    this.node.addEventListener('keydown', event => {
      this._key(event);
    });
  }

  /** How many rows there are to scroll through. */
  get length(): number {
    return this._rows.length;
  }

  /** Show these rows, from the first one on. */
  show(rows: readonly R[]): void {
    this._all = rows;
    this._sort();
    this.node.scrollTop = 0;
    this._render(true);
  }

  /** Draw again what is in sight. */
  update(): void {
    this._render(true);
  }

  private _header(column: Column<R>, i: number): HTMLElement {
    const sort = el(
      'button',
      { type: 'button', class: 'zen-sort' },
      column.title,
      el('span', { class: 'zen-arrow', 'aria-hidden': 'true' })
    );
    sort.addEventListener('click', () => {
      const first = column.descending ?? false;
      if (this._order?.column !== i) {
        this._order = { column: i, descending: first };
      } else {
        this._order = this._order.descending === first ? { column: i, descending: !first } : null;
      }
      this.show(this._all);
    });
    return el(
      'th',
      { scope: 'col', class: classOf(column), 'aria-sort': 'none', title: column.title },
      sort
    );
  }

  private _sort(): void {
    const order = this._order;
    this._headers.forEach((header, i) => {
      const direction = order?.descending ? 'descending' : 'ascending';
      header.setAttribute('aria-sort', order?.column === i ? direction : 'none');
    });
    const key = order && this._options.columns[order.column]?.key;
    this._rows =
      order && key
        ? this._all
            .map(row => ({ row, value: key(row) }))
            .sort((a, b) => compare(a.value, b.value, order.descending ? -1 : 1))
            .map(({ row }) => row)
        : this._all;
  }

  private _render(always: boolean): void {
    const height = this.node.clientHeight || DEFAULT_HEIGHT;
    const first = Math.max(Math.floor(this.node.scrollTop / ROW) - SPARE, 0);
    const end = Math.min(first + Math.ceil(height / ROW) + 2 * SPARE, this._rows.length);
    const window = `${first} ${end}`;
    if (!always && window === this._window) {
      return;
    }
    this._window = window;
    const focused = this._focused();
    this._table.setAttribute('aria-rowcount', String(this._rows.length + 1));
    this._body.replaceChildren(
      this._space(first),
      ...this._rows.slice(first, end).map((row, i) => this._row(row, first + i)),
      this._space(this._rows.length - end)
    );
    if (focused !== null) {
      const box = this._box(focused);
      (box ?? this.node).focus({ preventScroll: true });
    }
  }

  private _space(rows: number): HTMLElement {
    const cell = el('td'); // no more columns than are shown, where some are hidden
    const line = el('tr', { class: 'zen-space', 'aria-hidden': 'true' }, cell);
    line.hidden = rows <= 0;
    cell.style.height = `${Math.max(rows, 0) * ROW}px`;
    return line;
  }

  private _row(row: R, index: number): HTMLElement {
    const { columns, name, ticked, tick } = this._options;
    const box = el('input', { type: 'checkbox', 'aria-label': `Compare ${name(row)}` });
    const line = el(
      'tr',
      { class: 'zen-row', 'data-name': name(row), 'aria-rowindex': index + 2, 'data-row': index },
      el('td', { class: 'zen-box' }, box),
      ...columns.map((column, i) => {
        const cell = column.cell(row);
        return i === 0
          ? el('th', { scope: 'row', class: classOf(column), title: name(row) }, cell)
          : el('td', { class: classOf(column) }, cell);
      })
    );
    box.checked = ticked(row);
    line.classList.toggle('zen-ticked', box.checked);
    box.addEventListener('change', () => {
      tick(row, box.checked);
      box.checked = ticked(row);
      line.classList.toggle('zen-ticked', box.checked);
    });
    line.addEventListener('click', event => {
      if (event.target !== box) {
        box.click();
      }
    });
    return line;
  }

  private _focused(): number | null {
    const line = this._body.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>('[data-row]')
      : null;
    return line ? Number(line.dataset.row) : null;
  }

  private _box(index: number): HTMLElement | null {
    return this._body.querySelector(`[data-row="${index}"] input`);
  }

  private _key(event: KeyboardEvent): void {
    const page = Math.max(Math.floor((this.node.clientHeight || DEFAULT_HEIGHT) / ROW) - 2, 1);
    const last = this._rows.length - 1;
    const top = Math.floor(this.node.scrollTop / ROW);
    const focused = this._focused();
    const from = focused ?? top - 1;
    const to: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: last
    };
    const wanted = to[event.key];
    if (wanted === undefined || last < 0) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const index = Math.min(Math.max(wanted, 0), last);
    const height = (this.node.clientHeight || DEFAULT_HEIGHT) - 2 * ROW;
    const place = index * ROW;
    if (place < this.node.scrollTop) {
      this.node.scrollTop = place;
    } else if (place > this.node.scrollTop + height) {
      this.node.scrollTop = place - height;
    }
    this._render(false);
    this._box(index)?.focus({ preventScroll: true });
  }
}

function classOf<R>(column: Column<R>): string {
  const right = column.align === 'right' ? ' zen-right' : '';
  return `zen-p${column.priority ?? 1}${right}${column.holds ? ` zen-holds-${column.holds}` : ''}`;
}
