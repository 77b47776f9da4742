/** Ranges of axes: which runs are in all of them. */

import type { Scale } from './axes';

/** Of an axis of numbers, an open end is null; of an axis of names, those that are in it. */
export type Range =
  | { readonly from: number | null; readonly to: number | null }
  | { readonly names: ReadonlySet<string> };

/** By the position of the axis. */
export type Ranges = ReadonlyMap<number, Range>;

const DIGITS = 4; // of the ends of a range: as many as are shown
const EDGE = 0.012; // of an axis: so near its end, a range goes to the end

/** The places of the runs that are in all ranges; one without a value is in none. */
export function inside(scales: readonly Scale[], ranges: Ranges): Set<number> {
  const runs = scales[0]?.places.map((_, run) => run) ?? [];
  return new Set(
    runs.filter(run => [...ranges].every(([axis, range]) => fits(scales[axis], range, run)))
  );
}

function fits(scale: Scale | undefined, range: Range, run: number): boolean {
  if ('names' in range) {
    const there = (scale?.places[run] ?? null) !== null;
    return there && range.names.has(scale?.texts[run] ?? '');
  }
  const value = scale?.numbers?.values[run] ?? null;
  return (
    value !== null &&
    (range.from === null || value >= range.from) &&
    (range.to === null || value <= range.to)
  );
}

/** The range between two places of an axis, in any order; null: it is all of the axis, or nothing. */
export function between(scale: Scale, one: number, two: number): Range | null {
  const [low, high] = [Math.min(one, two), Math.max(one, two)];
  if (!scale.numbers) {
    const names = scale.ticks.filter(([place]) => place >= low && place <= high);
    return names.length > 0 && names.length < scale.ticks.length
      ? { names: new Set(names.map(([, name]) => name)) }
      : null;
  }
  const { value, low: least, high: most } = scale.numbers;
  if (least === most) {
    return low <= 0.5 && high >= 0.5 ? { from: least, to: most } : null;
  }
  const from = low <= EDGE ? null : rounded(value(low));
  const to = high >= 1 - EDGE ? null : rounded(value(high));
  return from === null && to === null ? null : { from, to };
}

/** Where a range is drawn: from and to a place of the axis, several of an axis of names. */
export function spans(scale: Scale, range: Range): (readonly [number, number])[] {
  if ('names' in range) {
    return scale.ticks.filter(([, name]) => range.names.has(name)).map(([p]) => [p, p] as const);
  }
  const at = scale.numbers?.at;
  if (!at) {
    return [];
  }
  const clipped = (value: number | null, open: number) =>
    value === null ? open : Math.min(Math.max(at(value), 0), 1);
  return [[clipped(range.from, 0), clipped(range.to, 1)]];
}

/** A range in words. */
export function rangeText(scale: Scale, range: Range): string {
  if ('names' in range) {
    return `${scale.name} ${[...range.names].join(' or ')}`;
  }
  const [from, to] = [range.from, range.to].map(v => (v === null ? null : endText(v)));
  if (from !== null && to !== null) {
    return `${scale.name} ${from ?? ''} to ${to ?? ''}`;
  }
  return from === null ? `${scale.name} ≤ ${to ?? ''}` : `${scale.name} ≥ ${from ?? ''}`;
}

/** An end of a range as it is typed. */
export function endText(value: number): string {
  return String(rounded(value));
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
