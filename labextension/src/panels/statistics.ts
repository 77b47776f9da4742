/** Statistics: what the columns of the data hold, in all splits side by side. */

import type { FeatureWish } from '../context';
import { button, checkbox, el, replace } from '../dom';
import type { Child } from '../dom';
import { count, counted, number, percent, span, written } from '../numbers';
import { fields } from '../packing';
import type { StatisticsPayload } from '../payloads';
import { MOST_FEATURES } from '../protocol';
import { details } from '../parts/feature';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { list } from '../parts/lines';
import { bar, shape } from '../parts/shape';
import { SortableTable } from '../parts/table';
import type { Column } from '../parts/table';
import {
  MANY_ZEROS,
  MUCH_MISSING,
  datasets as datasetsOf,
  feature as featureOf,
  matches,
  slices as slicesOf
} from '../statistics-model';
import type { Dataset, Feature, Group, Part, Slice } from '../statistics-model';

/** The least difference of a share that is told. */
const POINT = 0.01;

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
      frame.body.append(this._slicesTable());
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
          columns: this._columns(group),
          rows: found,
          name: f => f.name,
          details: f =>
            details(f, this._datasets, this._slices, action => {
              this._frame.onDispose(action);
            })
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

  private _columns(group: Group): Column<Feature>[] {
    const right = { align: 'right' } as const;
    const name: Column<Feature> = { title: 'column', cell: nameOf, key: f => f.name };
    const missing: Column<Feature> = {
      title: 'missing',
      explanation: 'The greatest share of rows without a value, of all datasets',
      cell: f => this._missingText(f),
      key: f => f.missing,
      ...right
    };
    const drift: Column<Feature> = {
      title: 'drift',
      explanation: 'The greatest distance of a dataset from the first one',
      cell: f => driftText(f),
      key: f => f.drift?.distance ?? null,
      priority: 2,
      ...right
    };
    if (group === 'texts') {
      return [
        name,
        { title: 'most frequent values', cell: f => this._top(f), wide: true },
        missing,
        {
          title: 'unique',
          cell: f => (f.first?.unique ? count(f.first.unique) : ''),
          key: uniqueOf,
          priority: 2,
          ...right
        },
        drift
      ];
    }
    if (group === 'others') {
      return [
        name,
        { title: 'holds', cell: f => (f.kind === 'empty' ? 'nothing' : f.kind) },
        missing
      ];
    }
    const value = (index: number) => (f: Feature) => quantile(f, index);
    const sorted = (index: number) => (f: Feature) => order(f, f.first?.quantiles[index]);
    const shapes: Column<Feature> = {
      title: this._datasets.length > 1 ? this._datasets.map(d => d.name).join(' · ') : 'shape',
      cell: f => this._shapes(f),
      wide: true
    };
    const ends: Column<Feature>[] = [
      { title: 'min', cell: value(0), key: sorted(0), priority: 3, ...right },
      { title: 'median', cell: value(2), key: sorted(2), priority: 2, ...right },
      { title: 'max', cell: value(4), key: sorted(4), priority: 3, ...right }
    ];
    if (group === 'times') {
      return [name, shapes, missing, ...ends, drift];
    }
    return [
      name,
      shapes,
      missing,
      {
        title: 'zeros',
        cell: zerosText,
        key: f => f.first?.zerosShare ?? null,
        priority: 3,
        ...right
      },
      {
        title: 'mean ± std',
        cell: f => meanText(f.first),
        key: f => (f.first?.mean ? Number(f.first.mean) : null),
        priority: 2,
        ...right
      },
      ...ends,
      drift
    ];
  }

  private _missingText(f: Feature): string {
    const mark = f.missing >= MUCH_MISSING ? '⚠ ' : '';
    const more = f.missing - (f.first?.missingShare ?? 0) > POINT;
    const where = more ? `${this._datasets[f.missingIn]?.name ?? ''} ` : '';
    return f.missing === 0 ? '' : `${mark}${where}${percent(f.missing)}`;
  }

  private _shapes(f: Feature): HTMLElement {
    const top = Math.max(0, ...f.parts.flatMap(p => p?.shape ?? []));
    const drawn = f.parts.map((p, i) =>
      el('span', { class: 'zen-shape-box' }, p ? shape(p.shape, top, i) : 'no column')
    );
    return el('div', { class: 'zen-shapes' }, ...drawn);
  }

  /** A line a value: its share in the first dataset, as a bar and a number. */
  private _top(f: Feature): Child {
    if (f.top.length === 0) {
      const there = f.parts.some(p => p?.unique);
      return el(
        'span',
        { class: 'zen-dim' },
        f.sensitive ? 'not shown' : there ? 'each in few rows' : ''
      );
    }
    const most = Math.max(...f.top.map(t => t.shares[0] ?? 0), Number.MIN_VALUE);
    const lines = f.top
      .slice(0, 3)
      .map(t =>
        el(
          'div',
          { class: 'zen-top' },
          el('bdi', { class: 'zen-top-value' }, t.value),
          bar((t.shares[0] ?? 0) / most),
          el('span', { class: 'zen-top-share' }, percent(t.shares[0]))
        )
      );
    return el('div', { class: 'zen-tops' }, ...lines);
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
    if (added.length > 0) {
      this._offerMore();
    } else {
      replace(this._left);
    }
  }

  private _slicesTable(): HTMLElement {
    const totals = this._datasets.map(d => d.rows);
    const table = new SortableTable<Slice>({
      label: 'Slices',
      rows: this._slices,
      name: s => s.label,
      columns: [
        { title: 'slice', cell: s => el('bdi', {}, s.label), key: s => s.label },
        {
          title: 'rows',
          align: 'right',
          cell: s => count(rowsOf(s)),
          key: rowsOf
        },
        ...this._datasets.map((d, i): Column<Slice> => ({
          title: this._datasets.length > 1 ? `of ${d.name}` : 'share',
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
      el('summary', {}, `Slices (${count(this._slices.length)})`),
      table.node
    );
  }

  private _omitted(): void {
    // What the kernel gives is offered in its own place.
    const omitted = (this._payload.omitted ?? []).filter(text => !text.startsWith('Columns: '));
    this._frame.body.append(...list('Left out here', omitted));
  }
}

function nameOf(f: Feature): readonly Child[] {
  const text: Child[] = [
    f.anomalous &&
      el('span', { class: 'zen-mark', role: 'img', 'aria-label': 'has a finding' }, '⚠'),
    el('bdi', { class: 'zen-name' }, f.name)
  ];
  return [
    el('span', { class: 'zen-name-line' }, ...text),
    f.notes.length > 0 && el('span', { class: 'zen-notes' }, f.notes.join(' · '))
  ];
}

function uniqueOf(f: Feature): number | null {
  return f.first?.unique ?? null;
}

function zerosText(f: Feature): string {
  const share = f.first?.zerosShare ?? null;
  return share ? `${share >= MANY_ZEROS ? '⚠ ' : ''}${percent(share)}` : '';
}

function meanText(p: Part | null): string {
  return p?.mean ? `${written(p.mean)} ± ${number(p.std)}` : '';
}

function driftText(f: Feature): Child {
  if (!f.drift) {
    return '';
  }
  const { distance, over, dataset } = f.drift;
  const text = distance < 0.01 ? '<0.01' : number(distance, 2);
  return over ? el('b', {}, `⚠ ${text} ${dataset}`) : text;
}

function quantile(f: Feature, index: number): string {
  const text = f.first?.quantiles[index] ?? '';
  if (f.kind === 'time') {
    return text.replace('T', ' ');
  }
  return f.kind === 'duration' ? span(text ? Number(text) : null) : written(text);
}

/** Times are compared as they are written: the year is in front. */
function order(f: Feature, text: string | undefined): number | string | null {
  return !text ? null : f.kind === 'time' ? text : Number(text);
}

function rowsOf(slice: Slice): number {
  return slice.rows.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
}

function shareOf(slice: Slice, totals: readonly number[], i: number): number | null {
  const [rows, total] = [slice.rows[i] ?? null, totals[i] ?? 0];
  return rows === null || total === 0 ? null : rows / total;
}
