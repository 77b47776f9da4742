/** Schema: what the columns of the data should look like. */

import { el } from '../dom';
import { count, counted } from '../numbers';
import type { SchemaPayload } from '../payloads';
import { acceptOne, offerAll } from '../parts/accept';
import { choice } from '../parts/choice';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { jump } from '../parts/jump';
import { list } from '../parts/lines';
import { SortableTable } from '../parts/table';
import type { Column } from '../parts/table';
import { offerWhole } from '../parts/whole';
import { begins, common, matches, rule } from '../schema-model';
import type { Rule } from '../schema-model';

export const draw = framed<SchemaPayload>({
  title: payload => (payload.title ? `Schema of ${payload.title}` : 'Schema'),
  subject: payload => ({ panel: 'schema', title: payload.title ?? '' }),
  draw: (frame, payload) => {
    new SchemaView(frame, payload);
  }
});

class SchemaView {
  private readonly _frame: Frame;
  private readonly _payload: SchemaPayload;
  private readonly _rules: readonly Rule[];
  private readonly _said: ReadonlyMap<string, string>;
  private readonly _table: SortableTable<Rule>;
  private readonly _count = el('span', { class: 'zen-count', role: 'status' });
  private readonly _search = el('input', {
    type: 'search',
    class: 'zen-search',
    placeholder: 'Search columns',
    'aria-label': 'Search columns by name, value or note'
  });
  private readonly _type: HTMLSelectElement;
  private readonly _presence = choice('Presence', ['required or not', 'required', 'optional']);

  constructor(frame: Frame, payload: SchemaPayload) {
    this._frame = frame;
    this._payload = payload;
    this._rules = payload.columns.map(rule);
    this._said = common(payload, this._rules);
    const types = [...new Set(this._rules.map(r => r.type))].sort();
    this._type = choice('Type', ['all types', ...types]);
    this._table = new SortableTable<Rule>({
      label: 'What each column should look like',
      columns: this._columns(),
      rows: this._rules,
      name: r => r.name
    });
    frame.body.append(this._facts());
    if (this._rules.length > 0) {
      frame.body.append(this._toolbar(types.length > 1), this._table.node);
      offerAll(frame, 'Keep all of it as the schema?');
      this._filter();
    }
    const left = payload.total - payload.columns.length;
    if (left > 0) {
      frame.body.append(
        offerWhole(
          frame,
          `${counted(left, 'column')} more, which the notebook does not store.`,
          whole => whole.panel === 'schema' && begins(whole, payload)
        )
      );
    }
    // What the kernel gives is offered in its own place.
    const omitted = (payload.omitted ?? []).filter(text => !text.startsWith('Columns: '));
    frame.body.append(...list('Left out here', omitted));
  }

  private _facts(): HTMLElement {
    const { origin, total, environments = [] } = this._payload;
    const shown = this._rules.length;
    const thresholds = [...this._said].map(([name, text]) => `${name} ${text}`);
    const facts = [
      origin ?? '',
      shown === total ? counted(total, 'column') : `${count(shown)} of ${counted(total, 'column')}`,
      environments.length > 0 ? `environments ${environments.join(', ')}` : '',
      thresholds.length > 0 ? `thresholds ${thresholds.join(', ')} (of all columns)` : ''
    ];
    return el(
      'p',
      { class: 'zen-facts-line' },
      ...facts.filter(Boolean).map(text => el('span', {}, el('bdi', {}, text)))
    );
  }

  private _toolbar(several: boolean): HTMLElement {
    for (const control of [this._search, this._type, this._presence]) {
      control.addEventListener('input', () => {
        this._filter();
      });
    }
    return el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'Which columns are shown' },
      this._search,
      several && this._type,
      new Set(this._rules.map(r => r.presence === 'required')).size > 1 && this._presence,
      this._count
    );
  }

  private _filter(): void {
    const chosen = (select: HTMLSelectElement) => (select.selectedIndex > 0 ? select.value : '');
    const filter = {
      text: this._search.value,
      type: chosen(this._type),
      presence: chosen(this._presence)
    };
    this._table.filter(r => matches(r, filter));
    const [shown, all] = [this._table.shown, this._rules.length];
    this._count.textContent =
      shown === all ? counted(all, 'column') : `${count(shown)} of ${counted(all, 'column')}`;
  }

  /** What no column says, or what is told above all of them, is not there. */
  private _columns(): Column<Rule>[] {
    const text = (key: keyof Rule, title: string, more: Partial<Column<Rule>> = {}) => ({
      title,
      used: !this._said.has(key) && this._rules.some(r => r[key]),
      cell: (r: Rule) => el('bdi', {}, r[key]),
      key: (r: Rule) => r[key] || null,
      ...more
    });
    const distance = (key: 'drift' | 'skew', explanation: string) =>
      text(key, key, {
        key: r => (r[key] ? Number(r[key]) : null),
        align: 'right',
        priority: 2,
        explanation
      });
    const crowded = this._rules.some(r => r.range || r.notes);
    const optional = [
      text('presence', 'presence', { priority: crowded ? 2 : 1 }),
      text('values', 'values', { wide: true }),
      text('range', 'range'),
      text('perRow', 'a row', { priority: 2, explanation: 'How many values a row may have' }),
      text('environments', 'environments', { priority: 2 }),
      distance('drift', 'The greatest distance allowed between days or versions of the data'),
      distance('skew', 'The greatest distance allowed between training and serving'),
      text('notes', 'notes')
    ];
    return [
      {
        title: 'column',
        cell: r => jump(this._frame, r.name, this._payload.title ?? ''),
        key: r => r.name
      },
      text('type', 'type'),
      ...optional.filter(column => column.used),
      { title: '', cell: r => acceptOne(this._frame, r.name), align: 'right' }
    ];
  }
}
