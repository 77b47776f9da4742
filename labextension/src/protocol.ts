// Made from zenlab/notebook/protocol.py by `python -m tools.payload_types`. Do not edit.

import type {
  AnomaliesPayload,
  ComparePayload,
  EvaluationPayload,
  RunPayload,
  SchemaPayload,
  StatisticsPayload
} from './payloads';

export const TARGET = 'zenlab';

export const MOST_FEATURES = 200;

export const MOST_RUNS = 50;

/** Take up what was found in some columns into the schema; no names: everything. */
export interface Accept {
  readonly type: 'accept';
  readonly subject: Subject;
  readonly features?: readonly string[];
}

/** What was done, and what to do next. */
export interface Accepted {
  readonly type: 'accepted';
  readonly text: string;
}

/**
 * Some runs side by side.
 *
 * A run is called by its label, a pipeline and its revision (`Pipeline A#11`): it is the latest
 * successful one of that revision. `baseline` is a position.
 */
export interface CompareRuns {
  readonly type: 'compare_runs';
  readonly runs: readonly string[];
  readonly baseline?: number;
  readonly all_parameters?: boolean;
}

/** A comparison with all that a notebook stores of it. */
export interface Compared {
  readonly type: 'compared';
  readonly payload: ComparePayload;
  readonly html: string;
  readonly text: string;
}

/** What went wrong, where, and what to do next, as a `ZenlabError` says it. */
export interface Failure {
  readonly type: 'failure';
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
}

/** Part of a statistics panel: `columns` are those asked for, `total` says how many exist. */
export interface Features {
  readonly type: 'features';
  readonly payload: StatisticsPayload;
}

/** Who answers? */
export interface Hello {
  readonly type: 'hello';
}

/** The runs that can be compared. */
export interface ListRuns {
  readonly type: 'list_runs';
}

/**
 * Runs to choose from, the latest first.
 *
 * `runs` are rows of label, user, datasource, milliseconds since 1970, then a value for each of
 * `metrics`, which are rows of title and which value is the best.
 */
export interface ListedRuns {
  readonly type: 'runs';
  readonly runs: readonly string[];
  readonly metrics?: readonly string[];
  readonly notes?: readonly string[];
}

/** The features of a statistics panel from a position on, in its own order. */
export interface MoreFeatures {
  readonly type: 'more_features';
  readonly subject: Subject;
  readonly start: number;
  readonly count: number;
}

/** A request with the number that its answer will have. */
export interface Question {
  readonly id: number;
  readonly request: Accept | CompareRuns | Hello | ListRuns | MoreFeatures | Refresh;
}

/** The panel as it is now. */
export interface Refresh {
  readonly type: 'refresh';
  readonly subject: Subject;
}

/** The panel as it is now. */
export interface Refreshed {
  readonly type: 'refreshed';
  readonly payload: AnomaliesPayload | ComparePayload | EvaluationPayload | RunPayload | SchemaPayload | StatisticsPayload;
}

/** An answer with the number of its request. */
export interface Reply {
  readonly id: number;
  readonly answer: Accepted | Compared | Failure | Features | ListedRuns | Refreshed | Welcome;
}

/** A panel, by what stands on it: `title` is the name of a pipeline, a datasource or a file. */
export interface Subject {
  readonly panel: 'anomalies' | 'compare' | 'evaluation' | 'run' | 'schema' | 'statistics';
  readonly title: string;
  readonly datasets?: readonly string[];
}

/** The version of zenlab in the kernel, and that of the payloads it makes. */
export interface Welcome {
  readonly type: 'welcome';
  readonly zenlab: string;
  readonly payloads: number;
}

export type Request = Hello | MoreFeatures | Accept | Refresh | ListRuns | CompareRuns;

export type Answer = Welcome | Features | Accepted | Refreshed | ListedRuns | Compared | Failure;
