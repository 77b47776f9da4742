"""What data should look like, and where it does not: the schema and the anomalies.

Both are made by the TFDV worker and read by panels. The schema itself is TFDV's text proto, which
is what is committed (`schemas/<datasource>.pbtxt`); `DataSchema` is what it says.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DRIFT_TEXT = 0.1
"""Default threshold for a column of text: L-infinity distance of the shares of its values."""

DRIFT_NUMBERS = 0.1
"""Default threshold for a column of numbers: Jensen-Shannon divergence of its distribution."""


class SchemaFeature(msgspec.Struct, frozen=True):
    """What one column should look like.

    Attributes:
        name: of the column.
        type: TFDV's type.
        required: every row has to have a value.
        min_share: the least share of rows that have a value.
        values_per_row: fewest and most values of a row (0: no bound); empty for one.
        domain: the values that may stand there; None: any. Empty where they are sensitive.
        domain_size: how many values may stand there.
        min: the least number that may stand there.
        max: the greatest.
        distinct_share: the least share of values that have to be in the domain.
        environments: those in which the column has to be there (empty: all).
        not_in_environments: those in which it does not, such as a label in `SERVING`.
        drift: threshold against an earlier state of the data, or None.
        skew: threshold against the training rows, or None.
        deprecated: it is not looked at any more.
    """

    name: str
    type: Literal["INT", "FLOAT", "BYTES", "STRUCT", "UNKNOWN"]
    required: bool
    min_share: float | None = None
    values_per_row: list[int] = []
    domain: list[str] | None = None
    domain_size: int | None = None
    min: float | None = None
    max: float | None = None
    distinct_share: float | None = None
    environments: list[str] = []
    not_in_environments: list[str] = []
    drift: float | None = None
    skew: float | None = None
    deprecated: bool = False


class DataSchema(msgspec.Struct, frozen=True):
    """What rows should look like; `origin` says where it is from: `inferred from train`, a file."""

    features: list[SchemaFeature]
    environments: list[str] = []
    origin: str = ""
    tool: str = ""
    version: int = 1


class UnexpectedValue(msgspec.Struct, frozen=True):
    """A value that is not in the domain, and in how many rows it stands."""

    value: str
    count: float


class Anomaly(msgspec.Struct, frozen=True):
    """One thing about one column that is not as the schema says.

    Attributes:
        feature: the column; empty for the dataset as a whole.
        kind: TFDV's name of it, such as `ENUM_TYPE_UNEXPECTED_STRING_VALUES`.
        severity: `error` or `warning`.
        text: in words with numbers, without a value of the data: `2 values are not in the schema,
            0.3 % of rows`. Panels add the values that they may show.
        values: unexpected values by falling count; empty if the column is sensitive.
        rows: the rows concerned, where it is known.
        distance: of a drift or skew: the measure.
        threshold: what it was compared with.
        measure: its name: `L-infinity`, `Jensen-Shannon`.
    """

    feature: str
    kind: str
    severity: Literal["error", "warning"]
    text: str
    values: list[UnexpectedValue] = []
    rows: int | None = None
    distance: float | None = None
    threshold: float | None = None
    measure: str = ""


class Drift(msgspec.Struct, frozen=True):
    """How far the values of a column are from those of the baseline, anomalous or not."""

    feature: str
    measure: str
    distance: float
    threshold: float | None = None


class DatasetAnomalies(msgspec.Struct, frozen=True):
    """One dataset against the schema, and against a baseline.

    Attributes:
        name: the split, or the datasource.
        rows: how many it has.
        anomalies: sorted by column, then kind.
        drift: of each column that was compared, by falling distance.
        baseline: what it was compared with, such as `train`; empty: nothing.
        environment: of the schema.
    """

    name: str
    rows: int
    anomalies: list[Anomaly]
    drift: list[Drift] = []
    baseline: str = ""
    environment: str = ""


class Anomalies(msgspec.Struct, frozen=True):
    """What an anomalies step leaves: one entry a dataset."""

    datasets: list[DatasetAnomalies]
    tool: str = ""
    version: int = 1

    def dataset(self, name: str) -> DatasetAnomalies | None:
        """The dataset of that name, or None."""
        return next((d for d in self.datasets if d.name == name), None)
