/** Statistics: what the columns of the data hold, in all splits side by side. */

import type { FeatureWish } from '../context';
import { button, checkbox, el, keepFocus, replace } from '../dom';
import type { Child } from '../dom';
import { count, counted } from '../numbers';
import { fields } from '../packing';
import type { StatisticsPayload } from '../payloads';
import { MOST_FEATURES } from '../protocol';
import { featureDetails } from '../parts/by-slice';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { list } from '../parts/lines';
import { slicesTable } from '../parts/slices-table';
import { columnsOf } from '../parts/statistics-cells';
import { SortableTable } from '../parts/table';
import {
  datasets as datasetsOf,
  feature as featureOf,
  matches,
  slices as slicesOf
} from '../statistics-model';
import type { Dataset, Feature, Group, Slice } from '../statistics-model';

const TITLES: Readonly<Record<Group, string>> = {
  numbers: 'Numbers',
  times: 'Times',
  texts: 'Text',
  others: 'Others'
};

export const draw = framed<StatisticsPayload>({
  title: payload => (payload.title ? `Statistics of ${payload.title}` : 'Statistics'),
  subject: payload => ({
    panel: 'statistics',
    title: payload.title ?? '',
    datasets: payload.datasets.map(text => fields(text)[0] ?? '')
  }),
  draw: (frame, payload) => {
    new StatisticsView(frame, payload);
  }
});

class StatisticsView {
  private readonly _frame: Frame;
  private readonly _payload: StatisticsPayload;
  private readonly _datasets: readonly Dataset[];
  private readonly _slices: readonly Slice[];
  private readonly _tables = new Map<Group, SortableTable<Feature>>();
  private readonly _sections = el('div', { class: 'zen-sections' });
  private readonly _count = el('span', { class: 'zen-count', role: 'status' });
  private readonly _left = el('div', { class: 'zen-left' });
  private readonly _search = el('input', {
    type: 'search',
    class: 'zen-search',
    placeholder: 'Search columns',
    'aria-label': 'Search columns by name, value or note'
  });
  private _features: Feature[];
  private _missing = false;
  private _anomalous = false;

  constructor(frame: Frame, payload: StatisticsPayload) {
    this._frame = frame;
    this._payload = payload;
    this._datasets = datasetsOf(payload);
    this._slices = slicesOf(payload);
    this._features = payload.columns.map(featureOf);
    this._search.addEventListener('input', () => {
      this._filter();
    });
    frame.body.append(
      this._facts(),
      ...list('Findings', payload.findings, '⚠ '),
      ...list('', payload.notes),
      this._toolbar(),
      this._sections,
      this._left
    );
    if (this._slices.length > 0) {
      frame.body.append(slicesTable(this._slices, this._datasets));
    }
    this._omitted();
    this._extend(this._features);
    this._filter();
    this._offerMore();
    frame.onDispose(frame.context.bus.onFeature(wish => this._open(wish)));
  }

  private _facts(): HTMLElement {
    const { weight, total } = this._payload;
    return el(
      'p',
      { class: 'zen-facts-line' },
      ...this._datasets.flatMap((d, i): Child[] => [
        el(
          'span',
          { class: 'zen-dataset' },
          el('span', { class: `zen-dot zen-c${i % 7}`, 'aria-hidden': 'true' }),
          el('b', {}, d.name),
          ` ${counted(d.rows, 'row')}`
        )
      ]),
      el('span', { class: 'zen-dataset' }, counted(total, 'column')),
      weight ? el('span', { class: 'zen-dataset' }, 'weighted by ', el('b', {}, weight)) : null
    );
  }

  private _toolbar(): HTMLElement {
    return el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'Which columns are shown' },
      this._search,
      checkbox('Only missing', false, on => {
        this._missing = on;
        this._filter();
      }),
      checkbox('Only anomalous', false, on => {
        this._anomalous = on;
        this._filter();
      }),
      this._count
    );
  }

  /** A table a group, numeric and categorical apart. */
  private _extend(features: readonly Feature[]): void {
    for (const group of ['numbers', 'times', 'texts', 'others'] as const) {
      const found = features.filter(f => f.group === group);
      const known = this._tables.get(group);
      if (known) {
        known.extend(found);
      } else if (found.length > 0) {
        const table = new SortableTable<Feature>({
          label: `${TITLES[group]}: columns of the data`,
          columns: columnsOf(group, this._datasets),
          rows: found,
          name: f => f.name,
          details: f => featureDetails(this._frame, f, this._datasets, this._slices)
        });
        this._tables.set(group, table);
        this._sections.append(
          el(
            'div',
            { class: 'zen-section', 'data-group': group },
            el('h4', { class: 'zen-heading' }, TITLES[group]),
            table.node
          )
        );
      }
    }
  }

  private _filter(): void {
    const filter = { text: this._search.value, missing: this._missing, anomalous: this._anomalous };
    let shown = 0;
    for (const [group, table] of this._tables) {
      table.filter(f => matches(f, filter));
      shown += table.shown;
      const section = this._sections.querySelector<HTMLElement>(`[data-group="${group}"]`);
      if (section) {
        section.hidden = table.shown === 0;
      }
    }
    const all = this._features.length;
    this._count.textContent =
      shown === all ? counted(all, 'column') : `${count(shown)} of ${counted(all, 'column')}`;
  }

  private _open(wish: FeatureWish): boolean {
    const found = this._features.find(f => f.name === wish.feature);
    if (!found || (wish.exact && wish.title !== this._payload.title)) {
      return false;
    }
    const filter = { text: this._search.value, missing: this._missing, anomalous: this._anomalous };
    if (!matches(found, filter)) {
      this._reset();
    }
    return this._tables.get(found.group)?.open(found) ?? false;
  }

  private _reset(): void {
    this._search.value = '';
    this._missing = false;
    this._anomalous = false;
    for (const box of this._frame.body.querySelectorAll<HTMLInputElement>(
      '.zen-toolbar input[type=checkbox]'
    )) {
      box.checked = false;
    }
    this._filter();
  }

  /** What is not stored comes from the kernel, in pieces. */
  private _offerMore(): void {
    const left = this._payload.total - this._features.length;
    if (left <= 0) {
      replace(this._left);
      return;
    }
    const more = button(
      `More features: ${count(Math.min(left, MOST_FEATURES))} of ${count(left)}`,
      () => void this._more(),
      { 'data-action': 'more' }
    );
    this._frame.withKernel(more);
    replace(
      this._left,
      el(
        'p',
        { class: 'zen-note' },
        `${counted(left, 'column')} more, which the notebook does not store. `,
        more
      )
    );
  }

  private async _more(): Promise<void> {
    const answer = await this._frame.ask({
      type: 'more_features',
      subject: this._frame.subject,
      start: this._features.length,
      count: MOST_FEATURES
    });
    if (answer?.type !== 'features') {
      return;
    }
    const { payload } = answer;
    if (payload.datasets.join('\n') !== this._payload.datasets.join('\n')) {
      this._frame.say('The kernel has other rows now than this panel shows: refresh it.');
      return;
    }
    const known = new Set(this._features.map(f => f.name));
    const added = payload.columns.map(featureOf).filter(f => !known.has(f.name));
    this._features = [...this._features, ...added];
    this._extend(added);
    this._filter();
    keepFocus(
      this._left,
      () => {
        if (added.length > 0) {
          this._offerMore();
        } else {
          replace(this._left);
        }
      },
      this._search
    );
  }

  private _omitted(): void {
    // What the kernel gives is offered in its own place.
    const omitted = (this._payload.omitted ?? []).filter(text => !text.startsWith('Columns: '));
    this._frame.body.append(...list('Left out here', omitted));
  }
}
