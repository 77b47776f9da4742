/** A table whose rows can be sorted, filtered and opened, and that grows by pages. */

import { button, el, fresh, keepFocus, replace } from '../dom';
import type { Child } from '../dom';
import { count } from '../numbers';

const PAGE = 100;

export interface Column<R> {
  readonly title: string;
  /** What stands in a cell. */
  readonly cell: (row: R) => Child | readonly Child[];
  /** What it is sorted by; without it, it is not. Null comes last. */
  readonly key?: (row: R) => number | string | null;
  readonly align?: 'right';
  /** Whether the greatest comes first when it is sorted by; by default that of numbers. */
  readonly descending?: boolean;
  /** Whether it takes the room that is left. */
  readonly wide?: boolean;
  /** 1 is shown always, 2 from a middle width on, 3 where there is much room. */
  readonly priority?: 1 | 2 | 3;
  /** Spoken, and shown when pointed at, where the title is short. */
  readonly explanation?: string;
}

export interface Options<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly name: (row: R) => string;
  /** What opens below a row; called once a row. */
  readonly details?: (row: R) => HTMLElement;
}

interface Drawn {
  readonly line: HTMLTableRowElement;
  readonly below: HTMLTableRowElement | null;
  readonly toggle: HTMLButtonElement | null;
}

interface Order {
  readonly column: number;
  readonly descending: boolean;
}

export class SortableTable<R> {
  readonly node: HTMLElement;
  private readonly _options: Options<R>;
  private readonly _body = el('tbody');
  private readonly _more = el('div', { class: 'zen-more' });
  private readonly _headers: HTMLTableCellElement[] = [];
  private readonly _drawn = new Map<R, Drawn>();
  private readonly _open = new Set<R>();
  private _rows: readonly R[];
  private _accept: (row: R) => boolean = () => true;
  private _order: Order | null = null;
  private _most = PAGE;

  constructor(options: Options<R>) {
    this._options = options;
    this._rows = options.rows;
    const headers = options.columns.map((column, i) => this._header(column, i));
    this.node = el(
      'div',
      { class: 'zen-scroll', role: 'group', 'aria-label': options.label, tabindex: 0 },
      el(
        'table',
        { class: 'zen-table', 'aria-label': options.label },
        el('thead', {}, el('tr', {}, ...headers)),
        this._body
      ),
      this._more
    );
    this._render();
  }

  /** How many rows are there after filtering. */
  get shown(): number {
    return this._rows.filter(this._accept).length;
  }

  /** Show only some rows. */
  filter(accept: (row: R) => boolean): void {
    this._accept = accept;
    this._most = PAGE;
    this._render();
  }

  /** Have more rows. */
  extend(rows: readonly R[]): void {
    this._rows = [...this._rows, ...rows];
    this._render();
  }

  /** Draw all rows again: what their cells are made from has changed. */
  redraw(): void {
    this._drawn.clear();
    this._open.clear();
    this._render();
  }

  /** Open the details of a row, bring it into view and put the focus there. */
  open(row: R): boolean {
    const place = this._sorted().indexOf(row);
    if (place < 0) {
      return false;
    }
    if (place >= this._most) {
      this._most = place + 1;
      this._render();
    }
    this._toggle(row, true);
    const drawn = this._draw(row);
    drawn.line.scrollIntoView({ block: 'center' });
    drawn.toggle?.focus({ preventScroll: true });
    return true;
  }

  private _header(column: Column<R>, i: number): HTMLTableCellElement {
    const place = { class: classOf(column), title: column.explanation };
    // A header without a word would be one that says nothing.
    const cell = column.title ? el('th', { scope: 'col', ...place }) : el('td', place);
    if (column.key) {
      const sort = el(
        'button',
        { type: 'button', class: 'zen-sort' },
        column.title,
        el('span', { class: 'zen-arrow', 'aria-hidden': 'true' })
      );
      sort.addEventListener('click', () => {
        this._sortBy(i);
      });
      cell.append(sort);
    } else {
      replace(cell, column.title);
    }
    this._headers.push(cell);
    return cell;
  }

  /** Numbers go down first, names up; the third click gives back the order of interest. */
  private _sortBy(column: number): void {
    const sorted = this._options.columns[column];
    const first = sorted?.descending ?? sorted?.align === 'right';
    if (this._order?.column !== column) {
      this._order = { column, descending: first };
    } else {
      this._order = this._order.descending === first ? { column, descending: !first } : null;
    }
    this._render();
  }

  private _sorted(): R[] {
    const rows = this._rows.filter(this._accept);
    const key = this._order && this._options.columns[this._order.column]?.key;
    if (!this._order || !key) {
      return rows;
    }
    const sign = this._order.descending ? -1 : 1;
    return rows
      .map(row => ({ row, value: key(row) }))
      .sort((a, b) => compare(a.value, b.value, sign))
      .map(({ row }) => row);
  }

  private _render(): void {
    this._headers.forEach((header, i) => {
      const sorted = this._order?.column === i;
      const direction = this._order?.descending ? 'descending' : 'ascending';
      if (this._options.columns[i]?.key) {
        header.setAttribute('aria-sort', sorted ? direction : 'none');
      }
    });
    const rows = this._sorted();
    this._body.replaceChildren(
      ...rows.slice(0, this._most).flatMap(row => {
        const { line, below } = this._draw(row);
        return below && this._open.has(row) ? [line, below] : [line];
      })
    );
    const left = rows.length - this._most;
    replace(
      this._more,
      left > 0 &&
        button(`Show ${count(Math.min(left, PAGE))} more of ${count(left)}`, () => {
          this._most += PAGE;
          keepFocus(
            this._more,
            () => {
              this._render();
            },
            this.node
          );
        })
    );
    this.node.hidden = rows.length === 0;
  }

  private _draw(row: R): Drawn {
    const known = this._drawn.get(row);
    if (known) {
      return known;
    }
    const { columns, details, name } = this._options;
    const cells = columns.map((column, i) => {
      const content = children(column.cell(row));
      return i === 0
        ? el('th', { scope: 'row', class: classOf(column) }, ...content)
        : el('td', { class: classOf(column) }, ...content);
    });
    const line = el('tr', { class: 'zen-row', 'data-name': name(row) }, ...cells);
    let below: HTMLTableRowElement | null = null;
    let toggle: HTMLButtonElement | null = null;
    if (details) {
      const id = fresh('details');
      below = el('tr', { class: 'zen-details', id }, el('td', { colspan: columns.length }));
      toggle = el(
        'button',
        {
          type: 'button',
          class: 'zen-toggle',
          'aria-expanded': 'false',
          'aria-label': `Details of ${name(row)}`
        },
        el('span', { class: 'zen-caret', 'aria-hidden': 'true' })
      );
      cells[0]?.prepend(toggle);
      line.classList.add('zen-opens');
      line.addEventListener('click', event => {
        const target = event.target as Element;
        const selected = String(document.getSelection() ?? '') !== '';
        if ((target.closest('.zen-toggle') || !target.closest('button, a, input')) && !selected) {
          this._toggle(row, !this._open.has(row));
        }
      });
    }
    const drawn = { line, below, toggle };
    this._drawn.set(row, drawn);
    return drawn;
  }

  private _toggle(row: R, open: boolean): void {
    const { line, below, toggle } = this._draw(row);
    if (!below || !toggle || open === this._open.has(row)) {
      return;
    }
    toggle.setAttribute('aria-expanded', String(open));
    line.classList.toggle('zen-open', open);
    if (open) {
      this._open.add(row);
      const cell = below.firstElementChild;
      if (cell && !cell.hasChildNodes()) {
        const details = this._options.details?.(row);
        cell.append(el('div', { class: 'zen-details-inner' }, details));
      }
      toggle.setAttribute('aria-controls', below.id);
      line.after(below);
    } else {
      this._open.delete(row);
      toggle.removeAttribute('aria-controls');
      below.remove();
    }
  }
}

/** Null comes last, whatever the order. */
export function compare(
  a: number | string | null,
  b: number | string | null,
  sign: number
): number {
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null);
  }
  if (typeof a === 'number' && typeof b === 'number') {
    return sign * (a - b);
  }
  return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
}

function classOf<R>(column: Column<R>): string {
  const right = column.align === 'right' ? ' zen-right' : '';
  return `zen-p${column.priority ?? 1}${right}${column.wide ? ' zen-wide' : ''}`;
}

function children(content: Child | readonly Child[]): readonly Child[] {
  return Array.isArray(content) ? (content as readonly Child[]) : [content as Child];
}
