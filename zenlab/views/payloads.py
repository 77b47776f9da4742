"""What a notebook stores of a panel: `application/vnd.zenlab.v1+json`.

The JSON schema of these types is `payload_schema.json`, from which the JupyterLab renderer's types
are made. nbformat writes each item of a list in a line of its own, so a payload holds short
strings: rows, and series (`zenlab.views.packing`).

Nothing here says when, how fast, by whom or whether from the cache: a run that is repeated leaves
the same bytes.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

VERSION: Literal[1] = 1
"""The version of the envelope. A renderer that knows only older ones shows the static table."""


OTHER = "(other)"
"""The class that stands for several in a confusion matrix, as in `core.evaluation.Confusion`."""


class RunFailure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a run ended early: the step (empty: none of them), the error, what to do next."""

    slot: str
    error: str
    hint: str = ""


class RunStep(msgspec.Struct, frozen=True, omit_defaults=True):
    r"""A step of a run.

    `inputs` are slots; `outputs` are rows of name, format, number of rows and summary; `metrics`
    are rows of name and value.
    """

    slot: str
    title: str
    parameters: str = ""
    inputs: list[str] = []
    outputs: list[str] = []
    metrics: list[str] = []


class RunPayload(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="run"):
    """A run: `source` is a row of name, number of rows and commit."""

    version: Literal[1]
    pipeline: str
    status: Literal["succeeded", "failed", "interrupted"]
    steps: list[RunStep]
    source: str = ""
    findings: list[str] = []
    failure: RunFailure | None = None
    omitted: list[str] = []


class SliceTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """Metrics by the values of some columns: rows of the values, number of rows, the metrics."""

    columns: list[str]
    metrics: list[str]
    rows: list[str]


class CurveSeries(msgspec.Struct, frozen=True, omit_defaults=True):
    """A curve of `core.evaluation.Curve`: series of three significant digits."""

    kind: Literal["roc", "precision_recall", "calibration"]
    target: str
    x: str
    y: str
    counts: str = ""


class ThresholdSeries(msgspec.Struct, frozen=True):
    """True and false positives at each threshold; the negatives follow from the totals."""

    positive: str
    positives: int
    negatives: int
    thresholds: str
    tp: str
    fp: str


class ConfusionTable(msgspec.Struct, frozen=True):
    """A series of counts by predicted class for each true class."""

    classes: list[str]
    counts: list[str]


class ResidualSeries(msgspec.Struct, frozen=True):
    """A histogram of prediction minus truth, and the mean error by predicted value."""

    edges: str
    counts: str
    predicted: str
    mean_error: str
    mean_counts: str


class LabelResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """One label of the model on one split; `metrics` are rows of name and value."""

    label: str
    task: Literal["binary", "multiclass", "regression"]
    split: str
    rows: int
    metrics: list[str]
    slices: list[SliceTable] = []
    curves: list[CurveSeries] = []
    thresholds: ThresholdSeries | None = None
    confusion: ConfusionTable | None = None
    residuals: ResidualSeries | None = None
    notes: list[str] = []


class EvaluationPayload(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="evaluation"
):
    """An evaluation; `values` are rows of name and value from an evaluator of the user's own."""

    version: Literal[1]
    results: list[LabelResult]
    pipeline: str = ""
    model: str = ""
    values: list[str] = []
    omitted: list[str] = []


class ColumnStatistics(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column in several datasets.

    `datasets` are rows, one a dataset, empty where it has no such column: rows with a value, rows
    without, unique values; and of numbers zeros, infinite ones, mean, standard deviation, a series
    of quantiles (0, 10, 50, 90, 100%), a series of the shares of the blocks of a histogram from the
    first number of `scale` to the second one. Times are written as days and minutes, durations are
    seconds. `top` are rows of a value and its share in each dataset. `drift` is a row of the
    dataset that is furthest from the first one, measure, distance and threshold.
    """

    name: str
    kind: str
    datasets: list[str]
    scale: str = ""
    top: list[str] = []
    drift: str = ""
    notes: list[str] = []
    anomalous: bool = False
    sensitive: bool = False


class StatisticsPayload(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="statistics"
):
    """Statistics of datasets, which are rows of name and number of rows; the first is the base.

    `columns` are the most interesting ones of `total`, in this order. `slices` are rows of a slice,
    in what it differs most from its dataset, and how many rows of each dataset it has.
    """

    version: Literal[1]
    datasets: list[str]
    columns: list[ColumnStatistics]
    total: int
    title: str = ""
    weight: str = ""
    findings: list[str] = []
    slices: list[str] = []
    notes: list[str] = []
    omitted: list[str] = []


class SchemaColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a column should look like.

    `rule` is a row of type, whether it is required (1 or empty), the least share of rows with a
    value, fewest and most values of a row, least and greatest number, how many values may stand
    there, the least share of values that are among them, thresholds of drift and skew. `values` are
    those of the domain that may be shown.
    """

    name: str
    rule: str
    values: list[str] = []
    environments: list[str] = []
    not_in_environments: list[str] = []
    deprecated: bool = False
    sensitive: bool = False


class SchemaPayload(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="schema"
):
    """A schema: `columns` in their order, as many of `total` as there is room for."""

    version: Literal[1]
    columns: list[SchemaColumn]
    total: int
    title: str = ""
    origin: str = ""
    environments: list[str] = []
    omitted: list[str] = []


class DatasetFindings(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dataset against a schema and a baseline.

    `anomalies` are rows of column, severity and a sentence, as many of those `found` as there is
    room for; `drift` are rows of column, measure, distance, threshold, and series of the shares of
    blocks or values in baseline and dataset.
    """

    name: str
    rows: int
    anomalies: list[str]
    baseline: str = ""
    environment: str = ""
    found: int = 0
    compared: int = 0
    drift: list[str] = []


class AnomaliesPayload(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="anomalies"
):
    """Where data is not as its schema says; `acceptable` says that a schema can take it up."""

    version: Literal[1]
    datasets: list[DatasetFindings]
    title: str = ""
    acceptable: bool = False
    omitted: list[str] = []


class CodeDiff(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function, class or constant of a step that differs between runs, as a unified diff."""

    slot: str
    base: str
    runs: list[str]
    place: str = ""
    lines: list[str] = []
    note: str = ""


class ComparedSeries(msgspec.Struct, frozen=True, omit_defaults=True):
    """A curve of a run: what a step logged as a series, or of its evaluation; series of x and y."""

    run: str
    name: str
    x: str
    y: str
    kind: Literal["series", "roc", "precision_recall"] = "series"


class DataDifference(msgspec.Struct, frozen=True, omit_defaults=True):
    """The data of a run against the baseline's.

    `size` is a row of split, number of rows in the baseline and in the run. `columns` are rows of
    name, measure, distance, threshold, share of missing values and mean in the baseline, the same
    two in the run, and a note.
    """

    run: str
    same: bool = False
    size: str = ""
    columns: list[str] = []
    note: str = ""


class ComparePayload(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="panel", tag="compare"
):
    """Runs side by side, in `total` runs those that there is room for.

    `runs` are rows of label, user, datasource, commit, then a value for each of `metrics`, then one
    for each of `parameters`. `metrics` are rows of name, split, label, and which value is the best
    (higher, lower, zero or empty); `parameters` are names. `baseline` is a position, or -1. `best`
    are, for each metric, the positions of the best values of all runs. `steps` are rows of slot
    and, for each run, a number that equal executions share, user, origin, class, and 1 if another
    execution has the same result.
    """

    version: Literal[1]
    runs: list[str]
    total: int
    baseline: int = -1
    metrics: list[str] = []
    best: list[str] = []
    parameters: list[str] = []
    all_parameters: bool = False
    detailed: bool = False
    steps: list[str] = []
    code: list[CodeDiff] = []
    series: list[ComparedSeries] = []
    data: list[DataDifference] = []
    notes: list[str] = []
    omitted: list[str] = []


Payload = (
    RunPayload
    | EvaluationPayload
    | StatisticsPayload
    | SchemaPayload
    | AnomaliesPayload
    | ComparePayload
)
"""Every kind of payload, told apart by `panel`."""


def to_json(payload: Payload) -> dict[str, Any]:
    """A payload as the dict that is stored, with sorted keys.

    Example:
        >>> to_json(RunPayload(version=1, pipeline="A", status="succeeded", steps=[]))
        {'panel': 'run', 'pipeline': 'A', 'status': 'succeeded', 'steps': [], 'version': 1}
    """
    # `to_builtins(order="sorted")` would do, but only since msgspec 0.19.
    stored: dict[str, Any] = json.loads(json.dumps(msgspec.to_builtins(payload), sort_keys=True))
    return stored


def from_json(stored: object) -> Payload:
    """Read what `to_json` made.

    Raises:
        msgspec.ValidationError: it is something else, or of a newer version.
    """
    payload: Payload = msgspec.convert(stored, Payload)
    return payload
