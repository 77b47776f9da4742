/** An evaluation as it is drawn: the strings of a payload read once. */

import { fields, parse, series } from './packing';
import type { CurveSeries, EvaluationPayload, LabelResult, SliceTable } from './payloads';

/** A metric as the payload has it: `12` is a count, `12.0` was measured. */
export interface Metric {
  readonly name: string;
  readonly text: string;
  readonly value: number | null;
}

/** Rows with the same values in some columns. */
export interface Slice {
  readonly values: readonly string[];
  readonly rows: number;
  readonly metrics: readonly Metric[];
}

/** What a classifier does at one threshold: positive from this score on. */
export interface Cut {
  readonly threshold: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
  /** Null where it is not defined: nothing is flagged, or there is nothing to find. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly falseAlarms: number | null;
  readonly accuracy: number | null;
  readonly f1: number | null;
  readonly flagged: number | null;
}

/** A place among the thresholds that one wants to go to. */
export interface Mark {
  readonly name: string;
  readonly index: number;
}

const RECALLS = [0.5, 0.75, 0.9];

export function metric(text: string): Metric {
  const [name = '', value = ''] = fields(text);
  return { name, text: value, value: parse(value) };
}

/** The results of each label, in their order. */
export function byLabel(payload: EvaluationPayload): Map<string, LabelResult[]> {
  const found = new Map<string, LabelResult[]>();
  for (const result of payload.results) {
    found.set(result.label, [...(found.get(result.label) ?? []), result]);
  }
  return found;
}

/** What a curve is of; a binary label needs no name of its class. */
export function target(result: LabelResult, of: string): string {
  return of === '' || of === result.label ? of : `${result.label} = ${of}`;
}

export function slices(table: SliceTable): Slice[] {
  const split = table.columns.length;
  return table.rows.map(row => {
    const cells = fields(row);
    return {
      values: cells.slice(0, split),
      rows: parse(cells[split]) ?? 0,
      metrics: table.metrics.map((name, i) => {
        const text = cells[split + 1 + i] ?? '';
        return { name, text, value: parse(text) };
      })
    };
  });
}

/** What happens at each threshold that is stored. */
export function cuts(result: LabelResult): Cut[] {
  const stored = result.thresholds;
  if (!stored || stored.positives + stored.negatives === 0) {
    return [];
  }
  const [tps, fps] = [series(stored.tp), series(stored.fp)];
  return series(stored.thresholds).map((threshold, i) => {
    const [tp, fp] = [tps[i] ?? 0, fps[i] ?? 0];
    const [fn, tn] = [stored.positives - tp, stored.negatives - fp];
    const total = stored.positives + stored.negatives;
    return {
      ...{ threshold, tp, fp, fn, tn },
      precision: share(tp, tp + fp),
      recall: share(tp, stored.positives),
      falseAlarms: share(fp, stored.negatives),
      accuracy: share(tp + tn, total),
      f1: share(2 * tp, tp + fp + stored.positives),
      flagged: share(tp + fp, total)
    };
  });
}

/** The threshold that the model itself goes by, if its confusion matrix is one of them. */
export function ownCut(result: LabelResult, found: readonly Cut[]): number | null {
  const { confusion, thresholds } = result;
  const positive = confusion?.classes.indexOf(thresholds?.positive ?? '') ?? -1;
  if (confusion?.classes.length !== 2 || positive < 0) {
    return null;
  }
  const numbers = confusion.counts.map(series);
  const tp = numbers[positive]?.[positive];
  const fp = numbers[1 - positive]?.[positive];
  const same = found.flatMap((cut, i) => (cut.tp === tp && cut.fp === fp ? [i] : []));
  return nearest(same, i => Math.abs((found[i]?.threshold ?? 0) - 0.5));
}

/** Where to go to: the usual half, the best F1, levels of recall. */
export function marks(found: readonly Cut[]): Mark[] {
  const places = found.flatMap((cut, i) => (cut.tp + cut.fp > 0 ? [i] : []));
  const at = (i: number) => found[i];
  const half = nearest(places, i => Math.abs((at(i)?.threshold ?? 0) - 0.5));
  const best = nearest(places, i => -(at(i)?.f1 ?? 0));
  const made: [string, number | null][] = [
    ['One half', half !== null && Math.abs((at(half)?.threshold ?? 0) - 0.5) <= 0.01 ? half : null],
    ['Best F1', best],
    ...RECALLS.map((recall): [string, number | null] => [
      `Recall ${100 * recall}%`,
      nearest(places, i => Math.abs((at(i)?.recall ?? -1) - recall))
    ])
  ];
  return made.flatMap(([name, index]) => (index === null ? [] : [{ name, index }]));
}

/** The value of a curve at one position, as `sparkline.at` reads it; null where it does not reach. */
export function at(x: readonly number[], y: readonly number[], where: number): number | null {
  const points = x.map((value, i) => [value, y[i] ?? NaN] as const);
  if ((x[0] ?? 0) > (x.at(-1) ?? 0)) {
    points.reverse();
  }
  for (let i = points.length - 1; i > 0; i -= 1) {
    const [[x0, y0] = [NaN, NaN], [x1, y1] = [NaN, NaN]] = [points[i - 1], points[i]];
    if (x0 <= where && where <= x1) {
      return x1 === x0 ? y1 : y0 + ((y1 - y0) * (where - x0)) / (x1 - x0);
    }
  }
  return null;
}

/** Curves of one kind, of all splits of a label, and of one class or of all. */
export function curves(
  results: readonly LabelResult[],
  kind: CurveSeries['kind'],
  only: string | null
): { readonly result: LabelResult; readonly curve: CurveSeries }[] {
  return results.flatMap(result =>
    (result.curves ?? [])
      .filter(curve => curve.kind === kind && (only === null || curve.target === only))
      .map(curve => ({ result, curve }))
  );
}

function share(part: number, of: number): number | null {
  return of > 0 ? part / of : null;
}

/** The first of those with the least distance. */
function nearest(places: readonly number[], distance: (place: number) => number): number | null {
  let found: number | null = null;
  for (const place of places) {
    if (found === null || distance(place) < distance(found)) {
      found = place;
    }
  }
  return found;
}
