/** Statistics as they are drawn: the strings of a payload read once. */

import { fields, parse, series, words } from './packing';
import type { ColumnStatistics, StatisticsPayload } from './payloads';

export type Group = 'numbers' | 'times' | 'texts' | 'others';

const GROUPS: Readonly<Record<string, Group>> = {
  integer: 'numbers',
  number: 'numbers',
  time: 'times',
  duration: 'times',
  text: 'texts',
  bytes: 'texts',
  truth: 'texts'
};

/** A share of missing rows from which a column is marked, as in `statistics_interest.py`. */
export const MUCH_MISSING = 0.2;
export const MANY_ZEROS = 0.5;

export interface Dataset {
  readonly name: string;
  readonly rows: number;
}

/** A column in one dataset. */
export interface Part {
  readonly rows: number;
  readonly missing: number;
  readonly missingShare: number | null;
  readonly unique: number | null;
  readonly zeros: number | null;
  readonly zerosShare: number | null;
  readonly infinite: number | null;
  /** As it is written in the payload: a time is no number. */
  readonly mean: string;
  readonly std: number | null;
  /** 0, 10, 50, 90, 100 %, as they are written. */
  readonly quantiles: readonly string[];
  readonly shape: readonly number[];
}

export interface Drift {
  readonly dataset: string;
  readonly measure: string;
  readonly distance: number;
  readonly threshold: number;
  readonly over: boolean;
}

export interface Top {
  readonly value: string;
  readonly shares: readonly (number | null)[];
}

export interface Feature {
  readonly name: string;
  readonly kind: string;
  readonly group: Group;
  /** One a dataset; null where it has no such column. */
  readonly parts: readonly (Part | null)[];
  readonly first: Part | null;
  readonly scale: readonly [number, number] | null;
  readonly top: readonly Top[];
  readonly drift: Drift | null;
  readonly notes: readonly string[];
  readonly anomalous: boolean;
  readonly sensitive: boolean;
  /** The greatest of all datasets, and which one has it. */
  readonly missing: number;
  readonly missingIn: number;
}

export interface Slice {
  readonly label: string;
  readonly differs: string;
  readonly rows: readonly (number | null)[];
  /** The features that it differs in, with the distance. */
  readonly features: ReadonlyMap<string, string>;
}

export function datasets(payload: StatisticsPayload): Dataset[] {
  return payload.datasets.map(dataset);
}

export function dataset(text: string): Dataset {
  const [name = '', rows] = fields(text);
  return { name, rows: parse(rows) ?? 0 };
}

export function feature(column: ColumnStatistics): Feature {
  const parts = column.datasets.map(part);
  let missing = 0;
  let missingIn = 0;
  parts.forEach((p, i) => {
    if (p?.missingShare && p.missingShare > missing) {
      [missing, missingIn] = [p.missingShare, i];
    }
  });
  const [low, high] = series(column.scale);
  return {
    name: column.name,
    kind: column.kind,
    group: GROUPS[column.kind] ?? 'others',
    parts,
    first: parts.find(p => p !== null) ?? null,
    scale: low !== undefined && high !== undefined ? [low, high] : null,
    top: (column.top ?? []).map(text => {
      const [value = '', ...shares] = fields(text);
      return { value, shares: shares.map(parse) };
    }),
    drift: drift(column.drift),
    notes: column.notes ?? [],
    anomalous: column.anomalous ?? false,
    sensitive: column.sensitive ?? false,
    missing,
    missingIn
  };
}

export function slices(payload: StatisticsPayload): Slice[] {
  return (payload.slices ?? []).map(text => {
    const [label = '', differs = '', ...rows] = fields(text);
    const features = new Map<string, string>();
    for (const item of differs.split(', ')) {
      const cut = item.lastIndexOf(' ');
      if (cut > 0) {
        features.set(item.slice(0, cut), item.slice(cut + 1));
      }
    }
    return { label, differs, rows: rows.map(parse), features };
  });
}

/**
 * The columns that slices are by, such as `origin` or `carrier, origin`, as the labels have them:
 * `carrier = UA, origin = JFK`. Of a name with ` = ` in it this is a guess, which a kernel corrects.
 */
export function sliceChoices(found: readonly Slice[]): string[] {
  const names = found.map(({ label }) =>
    label
      .split(', ')
      .filter(part => part.includes(' = '))
      .map(part => part.slice(0, part.indexOf(' = ')))
      .join(', ')
  );
  return [...new Set(names)].filter(Boolean);
}

export interface Filter {
  readonly text: string;
  readonly missing: boolean;
  readonly anomalous: boolean;
}

/** Whether a feature is among those that are looked for: by name, value or note. */
export function matches(f: Feature, filter: Filter): boolean {
  if (filter.missing && f.missing === 0) {
    return false;
  }
  if (filter.anomalous && !f.anomalous) {
    return false;
  }
  const wanted = filter.text.trim().toLowerCase();
  return (
    wanted === '' ||
    [f.name, f.kind, ...f.notes, ...f.top.map(t => t.value)].some(text =>
      text.toLowerCase().includes(wanted)
    )
  );
}

/** The edges of the blocks of a shape. */
export function edges(scale: readonly [number, number], blocks: number): number[] {
  const [low, high] = scale;
  return Array.from({ length: blocks + 1 }, (_, i) => low + ((high - low) * i) / blocks);
}

function part(text: string): Part | null {
  if (!text) {
    return null;
  }
  const [rows, missing, unique, zeros, infinite, mean = '', std, quantiles, shape] = fields(text);
  const [there, without, none] = [parse(rows) ?? 0, parse(missing) ?? 0, parse(zeros)];
  const total = there + without;
  return {
    rows: there,
    missing: without,
    missingShare: total > 0 ? without / total : null,
    unique: parse(unique),
    zeros: none,
    zerosShare: none !== null && there > 0 ? none / there : null,
    infinite: parse(infinite),
    mean,
    std: parse(std),
    quantiles: words(quantiles),
    shape: series(shape)
  };
}

function drift(text: string | undefined): Drift | null {
  if (!text) {
    return null;
  }
  const [dataset = '', measure = '', distance, threshold] = fields(text);
  const [far, most] = [parse(distance) ?? 0, parse(threshold) ?? Infinity];
  return { dataset, measure, distance: far, threshold: most, over: far > most };
}
