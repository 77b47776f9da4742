// Made from zenlab/views/payload_schema.json by `python -m tools.payload_types`. Do not edit.

export const VERSION = 1;

/** Where data is not as its schema says; `acceptable` says that a schema can take it up. */
export interface AnomaliesPayload {
  readonly acceptable?: boolean;
  readonly datasets: readonly DatasetFindings[];
  readonly omitted?: readonly string[];
  readonly panel: 'anomalies';
  readonly title?: string;
  readonly version: 1;
}

/** A function, class or constant of a step that differs between runs, as a unified diff. */
export interface CodeDiff {
  readonly base: string;
  readonly lines?: readonly string[];
  readonly note?: string;
  readonly place?: string;
  readonly runs: readonly string[];
  readonly slot: string;
}

/**
 * A column in several datasets.
 *
 * `datasets` are rows, one a dataset, empty where it has no such column: rows with a value, rows
 * without, unique values; and of numbers zeros, infinite ones, mean, standard deviation, a series
 * of quantiles (0, 10, 50, 90, 100%), a series of the shares of the blocks of a histogram from the
 * first number of `scale` to the second one. Times are written as days and minutes, durations are
 * seconds. `top` are rows of a value and its share in each dataset. `drift` is a row of the
 * dataset that is furthest from the first one, measure, distance and threshold.
 */
export interface ColumnStatistics {
  readonly anomalous?: boolean;
  readonly datasets: readonly string[];
  readonly drift?: string;
  readonly kind: string;
  readonly name: string;
  readonly notes?: readonly string[];
  readonly scale?: string;
  readonly sensitive?: boolean;
  readonly top?: readonly string[];
}

/**
 * Runs side by side, in `total` runs those that there is room for.
 *
 * `runs` are rows of label, user, datasource, commit, then a value for each of `metrics`, then one
 * for each of `parameters`. `metrics` are rows of name, split, label, and which value is the best
 * (higher, lower, zero or empty); `parameters` are names. `baseline` is a position, or -1. `best`
 * are, for each metric, the positions of the best values of all runs. `steps` are rows of slot
 * and, for each run, a number that equal executions share, user, origin, class, and 1 if another
 * execution has the same result.
 */
export interface ComparePayload {
  readonly all_parameters?: boolean;
  readonly baseline?: number;
  readonly best?: readonly string[];
  readonly code?: readonly CodeDiff[];
  readonly data?: readonly DataDifference[];
  readonly detailed?: boolean;
  readonly metrics?: readonly string[];
  readonly notes?: readonly string[];
  readonly omitted?: readonly string[];
  readonly panel: 'compare';
  readonly parameters?: readonly string[];
  readonly runs: readonly string[];
  readonly series?: readonly ComparedSeries[];
  readonly steps?: readonly string[];
  readonly total: number;
  readonly version: 1;
}

/** A curve of a run: what a step logged as a series, or of its evaluation; series of x and y. */
export interface ComparedSeries {
  readonly kind?: 'precision_recall' | 'roc' | 'series';
  readonly name: string;
  readonly run: string;
  readonly x: string;
  readonly y: string;
}

/** A series of counts by predicted class for each true class. */
export interface ConfusionTable {
  readonly classes: readonly string[];
  readonly counts: readonly string[];
}

/** A curve of `core.evaluation.Curve`: series of three significant digits. */
export interface CurveSeries {
  readonly counts?: string;
  readonly kind: 'calibration' | 'precision_recall' | 'roc';
  readonly target: string;
  readonly x: string;
  readonly y: string;
}

/**
 * The data of a run against the baseline's.
 *
 * `size` is a row of split, number of rows in the baseline and in the run. `columns` are rows of
 * name, measure, distance, threshold, share of missing values and mean in the baseline, the same
 * two in the run, and a note.
 */
export interface DataDifference {
  readonly columns?: readonly string[];
  readonly note?: string;
  readonly run: string;
  readonly same?: boolean;
  readonly size?: string;
}

/**
 * A dataset against a schema and a baseline.
 *
 * `anomalies` are rows of column, severity and a sentence, as many of those `found` as there is
 * room for; `drift` are rows of column, measure, distance, threshold, and series of the shares of
 * blocks or values in baseline and dataset.
 */
export interface DatasetFindings {
  readonly anomalies: readonly string[];
  readonly baseline?: string;
  readonly compared?: number;
  readonly drift?: readonly string[];
  readonly environment?: string;
  readonly found?: number;
  readonly name: string;
  readonly rows: number;
}

/** An evaluation; `values` are rows of name and value from an evaluator of the user's own. */
export interface EvaluationPayload {
  readonly model?: string;
  readonly omitted?: readonly string[];
  readonly panel: 'evaluation';
  readonly pipeline?: string;
  readonly results: readonly LabelResult[];
  readonly values?: readonly string[];
  readonly version: 1;
}

/** One label of the model on one split; `metrics` are rows of name and value. */
export interface LabelResult {
  readonly confusion?: ConfusionTable | null;
  readonly curves?: readonly CurveSeries[];
  readonly label: string;
  readonly metrics: readonly string[];
  readonly notes?: readonly string[];
  readonly residuals?: ResidualSeries | null;
  readonly rows: number;
  readonly slices?: readonly SliceTable[];
  readonly split: string;
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly thresholds?: ThresholdSeries | null;
}

/** A histogram of prediction minus truth, and the mean error by predicted value. */
export interface ResidualSeries {
  readonly counts: string;
  readonly edges: string;
  readonly mean_counts: string;
  readonly mean_error: string;
  readonly predicted: string;
}

/** Why a run ended early: the step (empty: none of them), the error, what to do next. */
export interface RunFailure {
  readonly error: string;
  readonly hint?: string;
  readonly slot: string;
}

/** A run: `source` is a row of name, number of rows and commit. */
export interface RunPayload {
  readonly failure?: RunFailure | null;
  readonly findings?: readonly string[];
  readonly omitted?: readonly string[];
  readonly panel: 'run';
  readonly pipeline: string;
  readonly source?: string;
  readonly status: 'failed' | 'interrupted' | 'succeeded';
  readonly steps: readonly RunStep[];
  readonly version: 1;
}

/**
 * A step of a run.
 *
 * `inputs` are slots; `outputs` are rows of name, format, number of rows and summary; `metrics`
 * are rows of name and value.
 */
export interface RunStep {
  readonly inputs?: readonly string[];
  readonly metrics?: readonly string[];
  readonly outputs?: readonly string[];
  readonly parameters?: string;
  readonly slot: string;
  readonly title: string;
}

/**
 * What a column should look like.
 *
 * `rule` is a row of type, whether it is required (1 or empty), the least share of rows with a
 * value, fewest and most values of a row, least and greatest number, how many values may stand
 * there, the least share of values that are among them, thresholds of drift and skew. `values` are
 * those of the domain that may be shown.
 */
export interface SchemaColumn {
  readonly deprecated?: boolean;
  readonly environments?: readonly string[];
  readonly name: string;
  readonly not_in_environments?: readonly string[];
  readonly rule: string;
  readonly sensitive?: boolean;
  readonly values?: readonly string[];
}

/** A schema: `columns` in their order, as many of `total` as there is room for. */
export interface SchemaPayload {
  readonly columns: readonly SchemaColumn[];
  readonly environments?: readonly string[];
  readonly omitted?: readonly string[];
  readonly origin?: string;
  readonly panel: 'schema';
  readonly title?: string;
  readonly total: number;
  readonly version: 1;
}

/** Metrics by the values of some columns: rows of the values, number of rows, the metrics. */
export interface SliceTable {
  readonly columns: readonly string[];
  readonly metrics: readonly string[];
  readonly rows: readonly string[];
}

/**
 * Statistics of datasets, which are rows of name and number of rows; the first is the base.
 *
 * `columns` are the most interesting ones of `total`, in this order. `slices` are rows of a slice,
 * in what it differs most from its dataset, and how many rows of each dataset it has.
 */
export interface StatisticsPayload {
  readonly columns: readonly ColumnStatistics[];
  readonly datasets: readonly string[];
  readonly findings?: readonly string[];
  readonly notes?: readonly string[];
  readonly omitted?: readonly string[];
  readonly panel: 'statistics';
  readonly slices?: readonly string[];
  readonly title?: string;
  readonly total: number;
  readonly version: 1;
  readonly weight?: string;
}

/** True and false positives at each threshold; the negatives follow from the totals. */
export interface ThresholdSeries {
  readonly fp: string;
  readonly negatives: number;
  readonly positive: string;
  readonly positives: number;
  readonly thresholds: string;
  readonly tp: string;
}

export type Payload =
  | AnomaliesPayload
  | ComparePayload
  | EvaluationPayload
  | RunPayload
  | SchemaPayload
  | StatisticsPayload;
