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
  readonly request: Accept | Hello | MoreFeatures | Refresh;
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
  readonly answer: Accepted | Failure | Features | Refreshed | Welcome;
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

export type Request = Hello | MoreFeatures | Accept | Refresh;

export type Answer = Welcome | Features | Accepted | Refreshed | Failure;
