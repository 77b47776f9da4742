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

/** Ask a run to stop; `run` is as in `Live`. */
export interface Cancel {
  readonly type: 'cancel';
  readonly run: string;
}

/** That the run was asked to stop, or by whom it already was. */
export interface Cancelled {
  readonly type: 'cancelled';
  readonly text: string;
}

/** A function, class or constant that counts in a step: `place` is its file and line. */
export interface CodeText {
  readonly name: string;
  readonly kind: string;
  readonly place: string;
  readonly text: string;
}

/**
 * A column in the data of two runs, the first of which is the baseline.
 *
 * Runs and column are called as the panel shows them; the answer's datasets are the runs.
 */
export interface CompareColumn {
  readonly type: 'compare_column';
  readonly runs: readonly string[];
  readonly column: string;
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

/**
 * Part of a statistics panel: `columns` are those asked for, `total` says how many exist.
 *
 * For `CompareColumn` it is one column.
 */
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

/** How a run goes on; `run` is the name that its display has told. */
export interface Live {
  readonly type: 'live';
  readonly run: string;
}

/** How a run goes on; the status is `running` until it has ended. */
export interface LiveTold {
  readonly type: 'live_told';
  readonly pipeline: string;
  readonly status: string;
  readonly seconds: number;
  readonly steps: readonly StepGoing[];
  readonly findings?: readonly string[];
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
  readonly request: Accept | Cancel | CompareColumn | CompareRuns | Hello | ListRuns | Live | MoreFeatures | Refresh | RunStates | StepDetails;
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
  readonly answer: Accepted | Cancelled | Compared | Failure | Features | ListedRuns | LiveTold | Refreshed | RunTold | StepTold | Welcome;
}

/** Which steps of a run came from the cache; the run is known by what the panel shows of it. */
export interface RunStates {
  readonly type: 'run_states';
  readonly shown: RunPayload;
}

/**
 * The run that a panel shows: its digits, which one it is, what it has saved and changed.
 *
 * Without digits no run of this repository has this result. `later` says that the pipeline has
 * run since, and with another result.
 */
export interface RunTold {
  readonly type: 'run_told';
  readonly run?: string;
  readonly head?: string;
  readonly outcome?: string;
  readonly later?: string;
  readonly steps?: readonly StepOutcome[];
}

/** Code, log and why of a step; `run` are the digits of a run of the subject's pipeline. */
export interface StepDetails {
  readonly type: 'step';
  readonly subject: Subject;
  readonly run: string;
  readonly slot: string;
}

/** A step of a run that goes on: `done` is a share of one, `inputs` are slots. */
export interface StepGoing {
  readonly slot: string;
  readonly title: string;
  readonly state: 'cached' | 'executed' | 'failed' | 'interrupted' | 'left out' | 'pending' | 'running' | 'waiting';
  readonly note?: string;
  readonly seconds?: null | number;
  readonly done?: null | number;
  readonly inputs?: readonly string[];
}

/** What came of a step in a run: `state` and `note` are as `why` says them. */
export interface StepOutcome {
  readonly slot: string;
  readonly state: 'executed' | 'failed' | 'hit' | 'interrupted' | 'left out' | 'not reached';
  readonly note?: string;
  readonly seconds?: null | number;
}

/**
 * A step of a run: the lines of `why`, the user's own code, what it printed.
 *
 * `cut` says that the log began earlier, `more_code` how much code is left out.
 */
export interface StepTold {
  readonly type: 'step_told';
  readonly why: readonly string[];
  readonly code?: readonly CodeText[];
  readonly log?: string;
  readonly cut?: boolean;
  readonly more_code?: number;
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

export type Request =
  | Hello
  | MoreFeatures
  | Accept
  | Refresh
  | ListRuns
  | CompareRuns
  | CompareColumn
  | RunStates
  | StepDetails
  | Live
  | Cancel;

export type Answer =
  | Welcome
  | Features
  | Accepted
  | Refreshed
  | ListedRuns
  | Compared
  | RunTold
  | StepTold
  | LiveTold
  | Cancelled
  | Failure;
