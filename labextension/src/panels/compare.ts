/** Compare: runs side by side, and for a few of them all in which they differ. */

import {
  command,
  curvesOf,
  dataOf,
  difference,
  equal,
  metricsOf,
  rank,
  runsOf,
  splitOf,
  stepsOf
} from '../compare-model';
import type { Cell, Data, Drifted, Metric, Run, Step } from '../compare-model';
import type { Bundle } from '../context';
import { button, checkbox, el, replace } from '../dom';
import type { Child } from '../dom';
import { MISSING, count, counted, number, percent } from '../numbers';
import { curves } from '../parts/run-curves';
import { diff } from '../parts/diff';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { MOST_LINES, legend } from '../parts/run-lines';
import { parallel } from '../parts/parallel';
import type { Axis } from '../parts/parallel';
import { picker } from '../parts/picker';
import { bar } from '../parts/shape';
import { SortableTable } from '../parts/table';
import type { Column } from '../parts/table';
import type { ComparePayload } from '../payloads';
import { MOST_RUNS } from '../protocol';
import type { Compared } from '../protocol';

const BEST = '★';
const NUMBERS = '①②③④⑤⑥⑦⑧⑨';
const MOST_AXES = 12;
const MOST_COLUMNS = 8; // of metrics, in the table of runs

/** What the kernel has compared, and no notebook stores yet. */
interface Pending {
  readonly bundle: Bundle;
  readonly before: ComparePayload;
}

const PENDING = new WeakMap<ComparePayload, Pending>();

export const draw = framed<ComparePayload>({
  title: payload => {
    const labels = payload.runs.map(text => text.split('\t')[0] ?? '');
    if (labels.length === 0) {
      return 'Comparison: there is no successful run yet';
    }
    return payload.total <= 2
      ? `Comparison of ${labels.join(' and ')}`
      : `Comparison of ${counted(payload.total, 'run')}`;
  },
  subject: () => ({ panel: 'compare', title: '' }),
  draw: (frame, payload) => {
    new CompareView(frame, payload);
  }
});

class CompareView {
  private readonly _frame: Frame;
  private readonly _payload: ComparePayload;
  private readonly _runs: readonly Run[];
  private readonly _metrics: readonly Metric[];
  private readonly _stored: number;
  private readonly _choose = el('div', { class: 'zen-choose' });
  private readonly _parameters = el('div');
  private readonly _details = el('div', { class: 'zen-sections' });
  /** What changes with the baseline: told when it does. */
  private readonly _onBaseline: (() => void)[] = [];
  private _baseline: number;
  private _differences: boolean;

  constructor(frame: Frame, payload: ComparePayload) {
    this._frame = frame;
    this._payload = payload;
    this._runs = runsOf(payload);
    this._metrics = metricsOf(payload);
    this._stored = payload.baseline ?? -1;
    this._baseline = this._stored;
    this._differences = payload.all_parameters !== true;
    this._actions();
    frame.body.append(...this._pending(), this._choose);
    if (this._runs.length > 0) {
      frame.body.append(this._toolbar(), this._runsTable());
      const several = this._metrics.length > MOST_COLUMNS;
      frame.body.append(
        ...(several ? [section('All metrics', this._metricsTable())] : []),
        this._pictures(),
        this._parameters,
        this._details
      );
      this._drawDifferences();
    }
    frame.body.append(...list('Notes', payload.notes), ...list('Left out here', payload.omitted));
  }

  // ------------------------------------------------------------------ what the kernel is asked

  private _actions(): void {
    const choose = button('Choose runs …', () => void this._open(), {
      'data-action': 'choose',
      title: 'Compare other runs of this project'
    });
    this._frame.withKernel(choose);
    this._frame.actions.replaceChildren(choose);
    const known = this._runs.length;
    if (known >= 2 && known <= MOST_RUNS && this._payload.total === known) {
      const refresh = button('Refresh', () => void this._compare(this._labels(), this._baseline), {
        'data-action': 'refresh',
        title: 'Ask the kernel for these runs as they are now'
      });
      this._frame.withKernel(refresh);
      this._frame.actions.append(refresh);
    }
  }

  private _labels(): string[] {
    return this._runs.map(run => run.label);
  }

  private async _open(): Promise<void> {
    const answer = await this._frame.ask({ type: 'list_runs' }, 'Listing the runs …');
    if (answer?.type !== 'runs') {
      return;
    }
    const close = () => {
      replace(this._choose);
      this._frame.actions.querySelector<HTMLElement>('[data-action=choose]')?.focus();
    };
    const ticked = this._payload.detailed ? this._labels() : [];
    replace(
      this._choose,
      picker(answer, ticked, labels => {
        if (labels === null) {
          close();
        } else {
          void this._compare(labels, 0);
        }
      })
    );
    this._choose.querySelector<HTMLElement>('input')?.focus();
  }

  private async _compare(
    runs: string[],
    baseline: number,
    all = this._payload.all_parameters ?? false
  ): Promise<void> {
    const answer = await this._frame.ask(
      { type: 'compare_runs', runs, baseline: Math.max(baseline, 0), all_parameters: all },
      'Comparing …'
    );
    if (answer?.type !== 'compared') {
      return;
    }
    const before = PENDING.get(this._payload)?.before ?? this._payload;
    PENDING.set(answer.payload, { bundle: bundleOf(answer), before });
    this._frame.show(answer.payload);
    this._frame.body.querySelector<HTMLElement>('.zen-pending button')?.focus();
  }

  /** What is on the screen only: it can be kept, or given up. */
  private _pending(): HTMLElement[] {
    const pending = PENDING.get(this._payload);
    if (!pending) {
      return [];
    }
    const { keep } = this._frame.context;
    const bar_ = el('div', { class: 'zen-pending', role: 'group', 'aria-label': 'Not stored yet' });
    const again = command(this._labels(), Math.max(this._stored, 0));
    const kept = () => {
      if (keep?.(pending.bundle) !== true) {
        this._frame.say('This output is not in the notebook any more: run its cell again.');
        return;
      }
      PENDING.delete(this._payload);
      replace(
        bar_,
        el(
          'span',
          { role: 'status' },
          el('span', { class: 'zen-good' }, el('span', { class: 'zen-mark' }, '✓ ')),
          'The notebook has it now: save it. Its cell, run again, compares what its code says; this is ',
          el('code', {}, again)
        )
      );
      bar_.classList.add('zen-is-kept');
    };
    replace(
      bar_,
      el('span', {}, 'On the screen only: the notebook still has what it had.'),
      keep && button('Keep', kept, { 'data-action': 'keep', class: 'zen-button zen-primary' }),
      button(
        'Back',
        () => {
          this._frame.show(pending.before);
        },
        { 'data-action': 'back' }
      )
    );
    return [bar_];
  }

  // ------------------------------------------------------------------------------- the controls

  private _toolbar(): HTMLElement {
    const none = this._stored < 0;
    const choose = el(
      'select',
      { class: 'zen-select', 'data-control': 'baseline' },
      none && el('option', {}, 'none'),
      ...this._runs.map(run => el('option', {}, run.label))
    );
    choose.selectedIndex = this._baseline + (none ? 1 : 0);
    choose.addEventListener('change', () => {
      this._baseline = choose.selectedIndex - (none ? 1 : 0);
      for (const told of this._onBaseline) {
        told();
      }
      this._drawDifferences();
    });
    return el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'How runs are compared' },
      this._runs.length > 1 && el('label', { class: 'zen-labelled' }, 'Baseline', choose),
      this._payload.detailed &&
        checkbox('Only differences', this._differences, on => {
          this._differences = on;
          this._drawDifferences();
        }),
      el('span', { class: 'zen-count' }, this._said())
    );
  }

  private _said(): string {
    const shown = this._runs.length;
    const { total } = this._payload;
    const of =
      shown < total ? `${count(shown)} of ${counted(total, 'run')}` : counted(total, 'run');
    const split = splitOf(this._metrics);
    return split ? `${of}, metrics on ${split}` : of;
  }

  // ------------------------------------------------------------------------------------ the runs

  private _runsTable(): HTMLElement {
    const { _runs: runs, _payload: payload } = this;
    const right = { align: 'right' } as const;
    const place = (run: Run) => (runs.length <= MOST_LINES ? run.place : null);
    const columns: Column<Run>[] = [
      {
        title: 'run',
        cell: run => [legend(run.label, place(run)), this._baselineMark(run.place)],
        key: run => run.label
      }
    ];
    if (runs.some(run => run.user)) {
      columns.push({
        title: 'user',
        cell: r => el('bdi', {}, r.user),
        key: r => r.user,
        priority: 2
      });
    }
    for (const [k, metric] of this._metrics.slice(0, MOST_COLUMNS).entries()) {
      columns.push({
        title: metric.title,
        explanation: BETTER[metric.better],
        cell: run => this._value(run, k),
        key: run => rank(metric, run.metrics[k] ?? null),
        descending: metric.better !== 'lower' && metric.better !== 'zero',
        ...right
      });
    }
    if (!payload.detailed) {
      for (const [k, name] of (payload.parameters ?? []).entries()) {
        columns.push({
          title: name,
          cell: run => el('bdi', {}, shown(run.parameters[k])),
          key: run => sortable(run.parameters[k])
        });
      }
    }
    columns.push({
      title: 'data',
      cell: run =>
        run.source
          ? [
              el('bdi', {}, run.source),
              el('span', { class: 'zen-dim' }, run.commit ? ` ${run.commit}` : '')
            ]
          : MISSING,
      key: run => run.source,
      priority: 2
    });
    const table = new SortableTable<Run>({
      label: 'Runs',
      columns,
      rows: runs,
      name: run => run.label
    });
    table.node.classList.add('zen-runs');
    return table.node;
  }

  private _baselineMark(place: number): HTMLElement {
    const mark = el('span', { class: 'zen-baseline' }, 'baseline');
    const show = () => {
      mark.hidden = place !== this._baseline || this._runs.length < 2;
    };
    show();
    this._onBaseline.push(show);
    return mark;
  }

  /** A value with a star if it is the best, and how far it is from the baseline. */
  private _value(run: Run, k: number): readonly Child[] {
    const metric = this._metrics[k];
    const far = el('span', { class: 'zen-far' });
    const value = run.metrics[k] ?? null;
    const show = () => {
      const base = this._runs[this._baseline];
      far.textContent =
        base && base.place !== run.place ? difference(value, base.metrics[k] ?? null) : '';
    };
    show();
    this._onBaseline.push(show);
    const best = metric?.best.has(run.place) === true;
    return [
      el(
        'span',
        { class: best ? 'zen-best' : '' },
        best && el('span', { role: 'img', 'aria-label': 'best', title: 'the best' }, BEST),
        best && ' ',
        number(value)
      ),
      far
    ];
  }

  private _metricsTable(): HTMLElement {
    const rows = this._metrics.map((metric, k) => ({ metric, k }));
    return new SortableTable({
      label: 'All metrics',
      rows,
      name: row => row.metric.title,
      columns: [
        { title: 'metric', cell: row => row.metric.title, key: row => row.metric.title },
        ...this._runs.map((run): Column<(typeof rows)[number]> => ({
          title: run.label,
          align: 'right',
          cell: row => this._value(run, row.k)
        }))
      ]
    }).node;
  }

  // -------------------------------------------------------------------------------- the pictures

  private _pictures(): HTMLElement {
    const onDispose = (action: () => void) => {
      this._frame.onDispose(action);
    };
    const axes = this._axes();
    const groups = curvesOf(this._payload.series ?? [], this._runs);
    return el(
      'div',
      { class: 'zen-pictures' },
      axes.length > 1 && this._runs.length > 1
        ? section(
            'Parameters and metrics',
            parallel(axes, this._labels(), onDispose),
            'Each line is a run. Point at one, or choose it.'
          )
        : null,
      groups.length > 0 ? section('Curves', curves(groups, this._runs, onDispose)) : null
    );
  }

  private _axes(): Axis[] {
    const parameters = (this._payload.parameters ?? [])
      .map((name, k) => ({ name, values: this._runs.map(run => filled(run.parameters[k])) }))
      .filter(axis => !equal(axis.values));
    const metrics = this._metrics
      .map((metric, k) => ({
        name: metric.title,
        better: metric.better,
        values: this._runs.map(run => run.metrics[k] ?? null)
      }))
      .filter(axis => !equal(axis.values));
    const some = metrics.slice(0, Math.max(MOST_AXES - parameters.length, 4));
    return [...parameters.slice(0, MOST_AXES - some.length), ...some];
  }

  // --------------------------------------------------------------------- in which a few runs differ

  private _drawDifferences(): void {
    if (!this._payload.detailed) {
      return;
    }
    replace(this._parameters, this._parametersSection());
    replace(
      this._details,
      this._codeSection(),
      ...(this._payload.data ? [this._dataSection()] : []),
      this._payload.steps ? this._stepsSection() : null
    );
  }

  private _parametersSection(): HTMLElement {
    const all = this._payload.parameters ?? [];
    const rows = all
      .map((name, k) => ({ name, values: this._runs.map(run => run.parameters[k] ?? '') }))
      .filter(row => !this._differences || !equal(row.values));
    const title = this._differences ? 'Parameters that differ' : 'Parameters';
    const more = button(
      'Show those that are the same',
      () => void this._compare(this._labels(), this._baseline, true),
      { 'data-action': 'all-parameters' }
    );
    this._frame.withKernel(more);
    const lacks = !this._differences && this._payload.all_parameters !== true;
    if (rows.length === 0) {
      return section(
        title,
        el('p', {}, 'None: the specifications are the same.'),
        '',
        lacks && more
      );
    }
    const table = new SortableTable({
      label: title,
      rows,
      name: row => row.name,
      columns: [
        { title: 'parameter', cell: row => row.name, key: row => row.name },
        ...this._runs.map((run): Column<(typeof rows)[number]> => ({
          title: run.label,
          cell: row => this._parameter(row.values[run.place] ?? '', row.values)
        }))
      ]
    });
    table.node.classList.add('zen-wide-table');
    return section(title, table.node, '', lacks && more);
  }

  private _parameter(value: string, all: readonly string[]): Child {
    const text = el('bdi', {}, shown(value));
    const other = this._baseline >= 0 && value !== all[this._baseline];
    return other
      ? el('span', { class: 'zen-other', title: 'not as in the baseline' }, '≠ ', text)
      : text;
  }

  /** Code and data were compared with one run: those of another one are the kernel's to tell. */
  private _other(what: string): Child {
    const [run, stored] = [this._runs[this._baseline], this._runs[this._stored]];
    if (!run || !stored || run === stored) {
      return null;
    }
    const ask = button(
      `Compare with ${run.label}`,
      () => void this._compare(this._labels(), this._baseline),
      { 'data-action': 'rebase' }
    );
    this._frame.withKernel(ask);
    return el(
      'p',
      { class: 'zen-note' },
      `${what} here is compared with `,
      el('bdi', {}, stored.label),
      '. ',
      ask
    );
  }

  private _codeSection(): HTMLElement | null {
    const changes = this._payload.code ?? [];
    if (changes.length === 0) {
      return this._differences
        ? null
        : section('Code', el('p', {}, 'No code of the user differs.'));
    }
    let above = '';
    const parts = changes.flatMap((change, i): Child[] => {
      const where = `${change.slot}: from ${change.base} to ${change.runs.join(', ')}`;
      const heading = where !== above && el('h5', { class: 'zen-heading' }, el('bdi', {}, where));
      above = where;
      return [
        heading,
        change.note ? el('p', { class: 'zen-note' }, change.note) : null,
        change.lines && change.lines.length > 0 ? diff(change, i < 6) : null
      ];
    });
    return section('Code', el('div', { class: 'zen-code' }, this._other('Code'), ...parts));
  }

  private _dataSection(): HTMLElement {
    const base = this._runs[this._stored]?.label ?? '';
    const found = (this._payload.data ?? []).map(dataOf);
    const same = found.filter(one => one.same).map(one => one.run);
    return section(
      `Data against ${base}`,
      el(
        'div',
        { class: 'zen-data' },
        this._other('Data'),
        same.length > 0 &&
          el('p', {}, el('bdi', {}, same.join(', ')), ': same data, from one snapshot.'),
        ...found.map(one => one.note && el('p', {}, el('bdi', {}, one.run), `: ${one.note}`)),
        ...found.map(one => (one.columns.length > 0 ? this._driftTable(one, base) : null))
      )
    );
  }

  private _driftTable(data: Data, base: string): HTMLElement {
    const rows = data.columns.filter(c => !this._differences || c.over || c.note !== '');
    const size = `${data.split}, ${counted(data.rows, 'row')}, before ${count(data.baseRows)}`;
    const over = data.columns.filter(c => c.over).length;
    const verdict = over
      ? `⚠ ${counted(over, 'column')} of ${count(data.columns.length)} ${over === 1 ? 'has' : 'have'} drifted.`
      : '✓ No column has drifted.';
    const right = { align: 'right' } as const;
    const table = new SortableTable<Drifted>({
      label: `Data of ${data.run} against ${base}`,
      rows,
      name: c => c.name,
      columns: [
        { title: 'column', cell: c => this._jump(c.name), key: c => c.name },
        { title: 'drift', cell: drift, key: c => c.distance ?? -1, descending: true },
        { title: 'distance', cell: c => number(c.distance), key: c => c.distance, ...right },
        {
          title: 'missing before',
          cell: c => percent(c.baseMissing),
          key: c => c.baseMissing,
          priority: 2,
          ...right
        },
        {
          title: 'missing',
          cell: c => percent(c.missing),
          key: c => c.missing,
          priority: 2,
          ...right
        },
        {
          title: 'mean before',
          cell: c => number(c.baseMean),
          key: c => c.baseMean,
          priority: 2,
          ...right
        },
        { title: 'mean', cell: c => number(c.mean), key: c => c.mean, priority: 2, ...right },
        { title: 'measure', cell: c => c.measure, key: c => c.measure, priority: 3 }
      ]
    });
    return el(
      'div',
      { 'data-run': data.run },
      el('h5', { class: 'zen-heading' }, el('bdi', {}, data.run), `: ${size}`),
      el('p', { class: 'zen-note' }, verdict),
      table.node
    );
  }

  private _jump(name: string): HTMLElement {
    const link = button('', () => {
      if (!this._frame.context.bus.openFeature(name, '')) {
        this._frame.say('No panel of statistics in this notebook shows this column.');
      }
    });
    link.className = 'zen-link';
    link.dataset.action = 'jump';
    link.title = 'Open its statistics';
    link.append(el('bdi', {}, name));
    return link;
  }

  private _stepsSection(): HTMLElement {
    const steps = stepsOf(this._payload);
    const shared = steps.filter(step => step.shared && this._runs.length > 1);
    const rows = this._differences ? steps.filter(step => !shared.includes(step)) : steps;
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
        ...this._runs.map((run): Column<Step> => ({
          title: run.label,
          cell: step => stepCell(step.cells[run.place] ?? null)
        }))
      ]
    });
    table.node.classList.add('zen-wide-table');
    const explained =
      rows.length > 0 ? 'Equal numbers in a row: one execution, which is shared.' : '';
    return section('Steps', el('div', {}, el('p', {}, said), table.node), explained);
  }
}

const BETTER: Readonly<Record<string, string>> = {
  higher: 'The higher, the better',
  lower: 'The lower, the better',
  zero: 'The nearer to zero, the better'
};

function section(title: string, content: HTMLElement, said = '', extra?: Child): HTMLElement {
  return el(
    'details',
    { class: 'zen-part', open: true, 'data-part': title },
    el('summary', {}, title),
    said && el('p', { class: 'zen-dim' }, said),
    content,
    extra
  );
}

function list(title: string, lines: readonly string[] | undefined): HTMLElement[] {
  return lines && lines.length > 0
    ? [
        el(
          'div',
          { class: 'zen-list' },
          el('h4', { class: 'zen-heading' }, title),
          el('ul', {}, ...lines.map(line => el('li', {}, el('bdi', {}, line))))
        )
      ]
    : [];
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

function stepCell(cell: Cell | null): Child {
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

function sortable(text: string | undefined): number | string | null {
  if (!text) {
    return null;
  }
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function shown(text: string | undefined): string {
  return filled(text) ?? MISSING;
}

function bundleOf(answer: Compared): Bundle {
  return {
    'application/vnd.zenlab.v1+json': answer.payload,
    'text/html': answer.html,
    'text/plain': answer.text
  };
}
