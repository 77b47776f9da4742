"""Statistics of rows: bounded aggregates a column, never rows.

The TFDV worker makes them and a step keeps them as a JSON artifact, beside TFDV's own protos for
other tools. Panels, anomalies and comparisons read these. Every list has a bound that does not grow
with the data.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zenlab.core.evaluation import Histogram

MAX_TOP_VALUES = 50
"""The most values of a column that are kept with their counts: the most frequent ones."""

QUANTILES = 11
"""Quantiles of a column of numbers: the minimum, the deciles, the maximum."""


class TopValue(msgspec.Struct, frozen=True):
    """A value and in how many rows it stands (with weights: the sum of their weights)."""

    value: str
    count: float


class NumberSummary(msgspec.Struct, frozen=True):
    """A column of numbers. Times are numbers of seconds, truth values are 0 and 1.

    Statistics are of the finite values; `quantiles` are the minimum, the deciles and the maximum.
    A number that is not defined, such as the mean of no value, is None.
    """

    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    zeros: int
    infinite: int = 0
    quantiles: list[float] = []
    histogram: Histogram | None = None


class TextSummary(msgspec.Struct, frozen=True):
    """A column of text: `top` is sorted by falling count, then value; empty if it is sensitive."""

    unique: int
    mean_length: float | None
    top: list[TopValue] = []


Kind = Literal["integer", "number", "truth", "text", "bytes", "time", "duration", "nested", "empty"]
"""What a column holds, in words of ours: TFDV knows INT, FLOAT, BYTES and STRUCT alone."""


class FeatureStatistics(msgspec.Struct, frozen=True):
    """One column of one dataset.

    Attributes:
        name: of the column; a part of a nested one has dots: `address.city`.
        kind: what it holds.
        dtype: the Arrow type, such as `int64` or `dictionary<string>`.
        rows: the rows that have a value.
        missing: the rows that have none (null or NaN).
        numbers: of a column of numbers, truth values, times or durations.
        text: of a column of text, or of bytes.
        weighted_numbers: the same with weights, where a weight was asked for.
        weighted_text: likewise.
        values_per_row: of a column of lists: fewest, mean and most values of a row.
        sensitive: its values are shown nowhere.
        notes: what had to be done to read it, or why it could not be; in sentences.
    """

    name: str
    kind: Kind
    dtype: str
    rows: int
    missing: int
    numbers: NumberSummary | None = None
    text: TextSummary | None = None
    weighted_numbers: NumberSummary | None = None
    weighted_text: TextSummary | None = None
    values_per_row: list[float] = []
    sensitive: bool = False
    notes: list[str] = []


class DatasetStatistics(msgspec.Struct, frozen=True):
    """One dataset, or one slice of it.

    Attributes:
        name: the split, such as `train`, or the datasource.
        rows: how many it has.
        features: in the order of the columns.
        slice: column -> value of the rows that it is made of; empty for all rows.
        notes: such as that it is a sample.
    """

    name: str
    rows: int
    features: list[FeatureStatistics]
    slice: dict[str, str] = {}
    notes: list[str] = []

    def feature(self, name: str) -> FeatureStatistics | None:
        """The column of that name, or None."""
        return next((f for f in self.features if f.name == name), None)


class Statistics(msgspec.Struct, frozen=True):
    """What a statistics step leaves.

    Attributes:
        datasets: all rows of each split, in order (`train` first), then the slices.
        weight: the column that the rows were weighted by, or empty.
        tool: who counted, such as `tfdv 1.16.1`. It is no part of a key.
    """

    datasets: list[DatasetStatistics]
    weight: str = ""
    tool: str = ""
    version: int = 1

    def dataset(self, name: str) -> DatasetStatistics | None:
        """All rows of the dataset of that name, or None."""
        return next((d for d in self.datasets if d.name == name and not d.slice), None)
