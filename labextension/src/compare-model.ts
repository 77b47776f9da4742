/** A comparison as it is drawn: the strings of a payload read once. */

import { MISSING } from './numbers';
import { fields, parse, series, words } from './packing';
import type { ComparePayload, ComparedSeries, DataDifference } from './payloads';

export interface Run {
  readonly place: number;
  readonly label: string;
  readonly user: string;
  readonly source: string;
  readonly commit: string;
  readonly metrics: readonly (number | null)[];
  readonly parameters: readonly string[];
}

export interface Metric {
  readonly name: string;
  readonly split: string;
  /** The name with what it is about. */
  readonly title: string;
  readonly better: string;
  readonly best: ReadonlySet<number>;
}

export interface Cell {
  readonly number: number;
  readonly user: string;
  readonly origin: string;
  readonly title: string;
  readonly same: boolean;
}

export interface Step {
  readonly slot: string;
  readonly titles: string;
  readonly cells: readonly (Cell | null)[];
  /** One execution of all runs. */
  readonly shared: boolean;
}

export interface Drifted {
  readonly name: string;
  readonly measure: string;
  readonly distance: number | null;
  readonly threshold: number | null;
  readonly baseMissing: number | null;
  readonly baseMean: number | null;
  readonly missing: number | null;
  readonly mean: number | null;
  readonly note: string;
  readonly over: boolean;
}

export interface Data {
  readonly run: string;
  readonly same: boolean;
  readonly note: string;
  readonly split: string;
  readonly baseRows: number;
  readonly rows: number;
  readonly columns: readonly Drifted[];
}

export interface Curve {
  readonly run: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Curves that belong into one chart. */
export interface Curves {
  readonly kind: 'series' | 'roc' | 'precision_recall';
  readonly name: string;
  readonly curves: readonly Curve[];
}

export function runsOf(payload: ComparePayload): Run[] {
  const metrics = payload.metrics?.length ?? 0;
  return payload.runs.map((text, place) => {
    const [label = '', user = '', source = '', commit = '', ...rest] = fields(text);
    return {
      place,
      label,
      user,
      source,
      commit,
      metrics: rest.slice(0, metrics).map(parse),
      parameters: rest.slice(metrics)
    };
  });
}

/** What is said of the split is left out where it is the same for all. */
export function metricsOf(payload: ComparePayload): Metric[] {
  const rows = (payload.metrics ?? []).map(fields);
  const splits = new Set(rows.map(row => row[1]));
  return rows.map(([name = '', split = '', label = '', better = ''], k) => {
    const of = label ? `${name} of ${label}` : name;
    return {
      name: of,
      split,
      title: split && splits.size > 1 ? `${of} on ${split}` : of,
      better,
      best: new Set(words(payload.best?.[k]).map(Number))
    };
  });
}

/** The split that all metrics are of, or an empty string. */
export function splitOf(metrics: readonly Metric[]): string {
  const [first] = metrics;
  return first && metrics.every(m => m.split === first.split) ? first.split : '';
}

export function stepsOf(payload: ComparePayload): Step[] {
  return (payload.steps ?? []).map(text => {
    const [slot = '', ...rest] = fields(text);
    const cells = payload.runs.map((_, i): Cell | null => {
      const [index, user = '', origin = '', title = '', same] = rest.slice(5 * i, 5 * i + 5);
      const place = parse(index);
      return place === null ? null : { number: place, user, origin, title, same: same === '1' };
    });
    const titles = new Set(cells.flatMap(cell => (cell?.title ? [cell.title] : [])));
    return {
      slot,
      titles: [...titles].join(', '),
      cells,
      shared: cells.every(cell => cell?.number === 1)
    };
  });
}

export function dataOf(found: DataDifference): Data {
  const [split = '', baseRows, rows] = fields(found.size ?? '');
  return {
    run: found.run,
    same: found.same ?? false,
    note: found.note ?? '',
    split,
    baseRows: parse(baseRows) ?? 0,
    rows: parse(rows) ?? 0,
    columns: (found.columns ?? []).map(column)
  };
}

function column(text: string): Drifted {
  const [name = '', measure = '', far, limit, baseMissing, baseMean, missing, mean, note = ''] =
    fields(text);
  const [distance, threshold] = [parse(far), parse(limit)];
  return {
    name,
    measure,
    distance,
    threshold,
    baseMissing: parse(baseMissing),
    baseMean: parse(baseMean),
    missing: parse(missing),
    mean: parse(mean),
    note,
    over: distance !== null && threshold !== null && distance > threshold
  };
}

/** Those of one kind and name together, in the order in which they are stored. */
export function curvesOf(found: readonly ComparedSeries[], runs: readonly Run[]): Curves[] {
  const groups = new Map<string, { kind: Curves['kind']; name: string; curves: Curve[] }>();
  for (const one of found) {
    const kind = one.kind ?? 'series';
    const run = runs.find(r => r.label === one.run)?.place;
    if (run === undefined) {
      continue;
    }
    const key = `${kind}\t${one.name}`;
    const group = groups.get(key) ?? { kind, name: one.name, curves: [] };
    group.curves.push({ run, x: series(one.x), y: series(one.y) });
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** By what a metric is sorted: the nearer to zero the better, where that is what counts. */
export function rank(better: string, value: number | null): number | null {
  return value !== null && better === 'zero' ? Math.abs(value) : value;
}

/** Whether the greatest comes first when a metric is sorted by. */
export function descends(better: string): boolean {
  return better !== 'lower' && better !== 'zero';
}

/** Whether all runs have the same. */
export function equal(values: readonly unknown[]): boolean {
  return values.every(value => value === values[0]);
}

/** A parameter as it is written; null where a run has none. */
export function filled(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** The same, as it is shown. */
export function written(text: string | undefined): string {
  return filled(text) ?? MISSING;
}

/** What there is to choose from, in order. */
export function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b));
}

/** Whether a run is looked for: each word stands in its label, a revision at its end. */
export function labelFits(label: string, text: string): boolean {
  const known = label.toLowerCase();
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return wanted.every(word => (/^#\d+$/.test(word) ? known.endsWith(word) : known.includes(word)));
}

/** What makes a comparison again, in a cell. */
export function command(labels: readonly string[], baseline: number): string {
  const first = labels[baseline] ?? '';
  const names = [first, ...labels.filter((_, i) => i !== baseline)];
  return `%zen compare ${names.map(name => `"${name}"`).join(' ')}`;
}
