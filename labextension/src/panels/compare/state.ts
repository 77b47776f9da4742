/** What the parts of a comparison have in common: its runs, what is chosen, and whom to ask. */

import { metricsOf, runsOf } from '../../compare-model';
import type { Metric, Run } from '../../compare-model';
import type { Frame } from '../../parts/frame';
import type { ComparePayload } from '../../payloads';

/** A value that some parts of a panel change, and others follow. */
export class Watched<T> {
  private readonly _listeners: ((value: T) => void)[] = [];

  constructor(private _value: T) {}

  get value(): T {
    return this._value;
  }

  /** Change it, and tell those who follow it. */
  set(value: T): void {
    this._value = value;
    for (const listener of this._listeners) {
      listener(value);
    }
  }

  /** Be told when it changes. */
  onChange(listener: (value: T) => void): void {
    this._listeners.push(listener);
  }

  /** Be told now, and whenever it changes. */
  follow(listener: (value: T) => void): void {
    this.onChange(listener);
    listener(this._value);
  }
}

/** Ask the kernel for other runs, or for more of these; `baseline` is a position among `runs`. */
export type Compare = (
  runs: readonly string[],
  baseline: number,
  allParameters?: boolean
) => Promise<void>;

export class Shown {
  readonly runs: readonly Run[];
  readonly metrics: readonly Metric[];
  readonly labels: readonly string[];
  /** With which run code and data were compared; -1: none. */
  readonly stored: number;
  /** With which run numbers are compared now. */
  readonly baseline: Watched<number>;
  readonly onlyDifferences: Watched<boolean>;
  /** The places of the runs in all ranges of the axes; null: there are no ranges. */
  readonly inRange = new Watched<ReadonlySet<number> | null>(null);
  /** The places of the runs that are ticked in a list. */
  readonly ticked = new Watched<ReadonlySet<number>>(new Set());

  constructor(
    readonly frame: Frame,
    readonly payload: ComparePayload,
    readonly compare: Compare
  ) {
    this.runs = runsOf(payload);
    this.metrics = metricsOf(payload);
    this.labels = this.runs.map(run => run.label);
    this.stored = payload.baseline ?? -1;
    this.baseline = new Watched(this.stored);
    this.onlyDifferences = new Watched(payload.all_parameters !== true);
  }

  /** Ask the kernel for the same runs against the baseline that is chosen. */
  again(allParameters?: boolean): void {
    void this.compare(this.labels, this.baseline.value, allParameters);
  }
}
