/** The axes of parallel coordinates: where a value stands on each, and which value is where. */

import { MISSING, number } from '../../numbers';

export interface Axis {
  readonly name: string;
  /** Of each run. */
  readonly values: readonly (number | string | null)[];
  /** Which end is the best: of a metric. */
  readonly better?: string;
}

export interface Scale {
  readonly name: string;
  /** Which end is the best, in an arrow; what kind of scale it is. */
  readonly sign: string;
  /** From 0 to 1, or null where a run has no value. */
  readonly places: readonly (number | null)[];
  readonly texts: readonly string[];
  readonly ticks: readonly (readonly [number, string])[];
  /** Of an axis of numbers. */
  readonly numbers: Numbers | null;
}

export interface Numbers {
  /** Of each run, as on the axis. */
  readonly values: readonly (number | null)[];
  readonly low: number;
  readonly high: number;
  /** From a value to its place from 0 to 1, and back. */
  readonly at: (value: number) => number;
  readonly value: (place: number) => number;
}

const MOST_TICKS = 6;
const FAR_APART = 50; // times the least value: from there on a scale is logarithmic
const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Numbers by their size, on a logarithmic scale where they are far apart; all else one by one. */
export function scale(axis: Axis): Scale {
  const texts = axis.values.map(v =>
    v === null || v === '' ? '' : typeof v === 'number' ? number(v) : v
  );
  const there = axis.values.filter(v => v !== null && v !== '');
  const isNumbers =
    there.some(v => Number.isFinite(Number(v))) &&
    there.every(v => typeof v === 'number' || NUMBER.test(v ?? ''));
  return isNumbers ? ofNumbers(axis, texts) : ofNames(axis.name, texts);
}

function ofNumbers(axis: Axis, texts: readonly string[]): Scale {
  const values = axis.values.map(v => {
    const value = v === null || v === '' ? NaN : Number(v);
    return Number.isFinite(value) ? value : null;
  });
  const finite = values.filter(v => v !== null);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const log = axis.better === undefined && low > 0 && high / low >= FAR_APART;
  const at = (v: number) =>
    high === low
      ? 0.5
      : log
        ? Math.log(Math.max(v, 0) / low) / Math.log(high / low) // an end of a range may be below zero
        : (v - low) / (high - low);
  const value = (place: number) =>
    log ? low * Math.pow(high / low, place) : low + place * (high - low);
  const places = values.map(v => (v === null ? null : at(v)));
  const known = new Map<number, string>();
  places.forEach((place, i) => {
    if (place !== null) {
      known.set(place, texts[i] ?? '');
    }
  });
  const all = [...known].sort((a, b) => a[0] - b[0]);
  const ends = all.filter((_, i) => i === 0 || i === all.length - 1);
  const direction = { higher: ' ↑', lower: ' ↓', zero: ' → 0' }[axis.better ?? ''] ?? '';
  return {
    name: axis.name,
    sign: log ? ' (log)' : direction,
    places,
    texts: texts.map(text => text || MISSING),
    ticks: all.length <= MOST_TICKS ? all : ends,
    numbers: { values, low, high, at, value }
  };
}

function ofNames(name: string, texts: readonly string[]): Scale {
  const known = [...new Set(texts.filter(Boolean))];
  const at = new Map(
    known.map((text, i) => [text, known.length === 1 ? 0.5 : 1 - i / (known.length - 1)])
  );
  return {
    name,
    sign: '',
    places: texts.map(text => at.get(text) ?? null),
    texts: texts.map(text => text || MISSING),
    ticks: [...at].map(([text, p]) => [p, text] as const).sort((a, b) => a[0] - b[0]),
    numbers: null
  };
}

/** Without the step that it belongs to, where no other axis is called the same. */
export function shortest(name: string, scales: readonly Scale[]): string {
  const last = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  const same = scales.filter(other => last(other.name) === last(name));
  return same.length === 1 ? last(name) : name;
}
