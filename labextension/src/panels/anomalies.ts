/** Anomalies: where rows are not as their schema says, and how far they are from a baseline. */

import { el } from '../dom';
import type { Child } from '../dom';
import { count, counted, number } from '../numbers';
import { fields, parse, series } from '../packing';
import type { AnomaliesPayload, DatasetFindings } from '../payloads';
import { acceptOne, offerAll } from '../parts/accept';
import { choice } from '../parts/choice';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { jump } from '../parts/jump';
import { list } from '../parts/lines';
import { bar, shape } from '../parts/shape';
import { SortableTable } from '../parts/table';
import type { Column } from '../parts/table';
import { offerWhole } from '../parts/whole';

interface Finding {
  readonly dataset: string;
  readonly feature: string;
  readonly severity: string;
  readonly text: string;
}

interface Distance {
  readonly feature: string;
  readonly measure: string;
  readonly distance: number;
  readonly threshold: number | null;
  readonly baseline: readonly number[];
  readonly dataset: readonly number[];
}

const SIGNS: Readonly<Record<string, string>> = { error: '✕', warning: '⚠' };

export const draw = framed<AnomaliesPayload>({
  title: payload => {
    const found = payload.datasets.reduce((sum, d) => sum + (d.found ?? 0), 0);
    const said =
      payload.datasets.length === 0 ? 'nothing was looked at' : found ? count(found) : 'none';
    return `Anomalies${payload.title ? ` of ${payload.title}` : ''}: ${said}`;
  },
  subject: payload => ({
    panel: 'anomalies',
    title: payload.title ?? '',
    datasets: payload.datasets.map(d => d.name)
  }),
  draw: (frame, payload) => {
    new AnomaliesView(frame, payload);
  }
});

class AnomaliesView {
  private readonly _frame: Frame;
  private readonly _payload: AnomaliesPayload;
  private readonly _findings: readonly Finding[];
  private readonly _several: boolean;
  private readonly _count = el('span', { class: 'zen-count', role: 'status' });
  private readonly _search = el('input', {
    type: 'search',
    class: 'zen-search',
    placeholder: 'Search anomalies',
    'aria-label': 'Search anomalies by column or text'
  });
  private readonly _severity = choice('Severity', ['all severities', 'error', 'warning']);
  private _table: SortableTable<Finding> | null = null;

  constructor(frame: Frame, payload: AnomaliesPayload) {
    this._frame = frame;
    this._payload = payload;
    this._several = payload.datasets.length > 1;
    this._findings = payload.datasets.flatMap(d =>
      d.anomalies.map(text => {
        const [feature = '', severity = '', said = ''] = fields(text);
        return { dataset: d.name, feature, severity, text: said };
      })
    );
    frame.body.append(el('ul', { class: 'zen-verdicts' }, ...payload.datasets.map(verdict)));
    if (this._findings.length > 0) {
      this._table = this._findingsTable();
      frame.body.append(this._toolbar(), this._table.node);
      if (this._payload.acceptable) {
        offerAll(this._frame, 'Take all of it up into the schema?');
      }
      this._filter();
    }
    for (const d of payload.datasets) {
      if (d.drift && d.drift.length > 0) {
        frame.body.append(...this._distances(d));
      }
    }
    const cut = (text: string) => /^(Anomalies|Distances) of /.test(text);
    const [left, omitted] = [true, false].map(is =>
      (payload.omitted ?? []).filter(text => cut(text) === is)
    );
    if (left && left.length > 0) {
      const lacking = left.map(text => text.replace(', which panel.to_frame() has', ''));
      frame.body.append(
        offerWhole(
          frame,
          `Not stored in the notebook: ${lacking.join('; ')}.`,
          whole => whole.panel === 'anomalies' && begins(whole, payload)
        )
      );
    }
    frame.body.append(...list('Left out here', omitted));
  }

  private _toolbar(): HTMLElement {
    for (const control of [this._search, this._severity]) {
      control.addEventListener('input', () => {
        this._filter();
      });
    }
    return el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'Which anomalies are shown' },
      this._search,
      this._severity,
      this._count
    );
  }

  private _filter(): void {
    const wanted = this._search.value.trim().toLowerCase();
    const severity = this._severity.selectedIndex > 0 ? this._severity.value : '';
    this._table?.filter(
      f =>
        (severity === '' || f.severity === severity) &&
        [f.feature, f.text, f.dataset].some(text => text.toLowerCase().includes(wanted))
    );
    const [shown, all] = [this._table?.shown ?? 0, this._findings.length];
    this._count.textContent =
      shown === all ? anomaliesText(all) : `${count(shown)} of ${anomaliesText(all)}`;
  }

  private _findingsTable(): SortableTable<Finding> {
    const columns: Column<Finding>[] = [
      {
        title: 'column',
        cell: f => (f.feature ? this._jump(f.feature) : 'all columns'),
        key: f => f.feature
      },
      {
        title: 'severity',
        cell: f => el('span', { class: `zen-severity zen-${severityOf(f)}` }, sign(f), f.severity),
        key: f => f.severity
      },
      { title: 'what', cell: f => el('bdi', {}, f.text), wide: true }
    ];
    if (this._several) {
      columns.splice(1, 0, { title: 'in', cell: f => f.dataset, key: f => f.dataset });
    }
    if (this._payload.acceptable) {
      columns.push({
        title: '',
        cell: f => f.feature && acceptOne(this._frame, f.feature),
        align: 'right'
      });
    }
    return new SortableTable({
      label: 'Anomalies',
      columns,
      rows: this._findings,
      name: f => f.feature
    });
  }

  private _jump(feature: string): HTMLElement {
    return jump(this._frame, feature, this._payload.title ?? '');
  }

  private _distances(d: DatasetFindings): HTMLElement[] {
    const rows = (d.drift ?? []).map(distanceOf);
    const where = this._several ? ` of ${d.name}` : '';
    const from = d.baseline ? ` from ${d.baseline}` : '';
    const title = `Distances${where}${from}`;
    const columns: Column<Distance>[] = [
      { title: 'column', cell: f => this._jump(f.feature), key: f => f.feature },
      { title: [d.baseline, d.name].filter(Boolean).join(' · '), cell: shapes, wide: true },
      {
        title: 'distance',
        align: 'right',
        cell: f => (f.distance > 0 && f.distance < 0.001 ? '<0.001' : number(f.distance, 2)),
        key: f => f.distance
      },
      { title: 'of threshold', cell: usage, key: f => f.distance / (f.threshold ?? Infinity) },
      {
        title: 'threshold',
        align: 'right',
        priority: 2,
        cell: f => (f.threshold === null ? '' : String(f.threshold)),
        key: f => f.threshold
      },
      { title: 'measure', cell: f => f.measure, key: f => f.measure, priority: 2 }
    ];
    const shaped = rows.some(f => f.dataset.length > 0);
    const table = new SortableTable<Distance>({
      label: title,
      rows,
      name: f => f.feature,
      columns: columns.filter(c => shaped || c.cell !== shapes)
    });
    return [el('h4', { class: 'zen-heading' }, title), table.node];
  }
}

/** Whether anomalies are those of a stored panel, as far as it goes. */
function begins(whole: AnomaliesPayload, stored: AnomaliesPayload): boolean {
  return stored.datasets.every(d => {
    const other = whole.datasets.find(o => o.name === d.name);
    return (
      other !== undefined &&
      [other.rows, other.found, other.compared].join() === [d.rows, d.found, d.compared].join()
    );
  });
}

function anomaliesText(value: number): string {
  return value === 1 ? '1 anomaly' : `${count(value)} anomalies`;
}

function verdict(d: DatasetFindings): HTMLElement {
  const found = d.found ?? 0;
  const against = d.environment ? `the schema for ${d.environment}` : 'the schema';
  const of = d.compared ? ` (${counted(d.compared, 'column')})` : '';
  const baseline = d.baseline ? ` and with ${d.baseline}${of}` : '';
  return el(
    'li',
    { class: found ? 'zen-bad' : 'zen-good' },
    el('span', { class: 'zen-mark', 'aria-hidden': 'true' }, found ? '⚠ ' : '✓ '),
    el('b', {}, d.name),
    `: ${found ? anomaliesText(found) : 'no anomaly'} in ` +
      `${counted(d.rows, 'row')}, compared with ${against}${baseline}`
  );
}

function distanceOf(text: string): Distance {
  const [feature = '', measure = '', distance, threshold, one, two] = fields(text);
  return {
    feature,
    measure,
    distance: parse(distance) ?? 0,
    threshold: parse(threshold),
    baseline: series(one),
    dataset: series(two)
  };
}

function shapes(f: Distance): HTMLElement {
  const top = Math.max(0, ...f.baseline, ...f.dataset);
  return el(
    'div',
    { class: 'zen-shapes' },
    el('span', { class: 'zen-shape-box' }, shape(f.baseline, top, 0)),
    el('span', { class: 'zen-shape-box' }, shape(f.dataset, top, 1))
  );
}

function usage(f: Distance): Child {
  if (!f.threshold) {
    return '';
  }
  const share = f.distance / f.threshold;
  const text = share > 1 ? '⚠ over' : share < 0.01 ? '<1%' : `${Math.round(100 * share)}%`;
  return el('span', { class: 'zen-usage' }, bar(share), el('span', {}, text));
}

function severityOf(f: Finding): string {
  return f.severity === 'error' ? 'error' : 'warning';
}

function sign(f: Finding): HTMLElement {
  return el('span', { class: 'zen-mark', 'aria-hidden': 'true' }, `${SIGNS[f.severity] ?? '⚠'} `);
}
