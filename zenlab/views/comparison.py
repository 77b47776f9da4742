"""What a comparison of runs is made of: plain data, which the pipelines' room fills.

Everything is by position: the i-th value of a row belongs to the i-th run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Better = Literal["higher", "lower", "zero", ""]
"""Which value of a metric is the best: the highest, the lowest, the one nearest to zero; or
nobody has said."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run.

    Attributes:
        label: the pipeline with its revision: `Pipeline A#11`.
        user: who ran it.
        source: the name of its datasource.
        commit: the content digest of the snapshot.
    """

    label: str
    user: str
    source: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of all runs; None where a run has none.

    Attributes:
        name: such as `roc_auc`.
        by_run: one a run.
        better: see `Better`.
        split: on which rows; empty where it is not known.
        label: of which label; empty where there is only one.
    """

    name: str
    by_run: tuple[float | None, ...]
    better: Better = ""
    split: str = ""
    label: str = ""

    @property
    def title(self) -> str:
        """The name with what it is about.

        Example:
            >>> MetricRow("roc_auc", (0.7,), split="eval", label="late").title
            'roc_auc of late on eval'
        """
        of = f" of {self.label}" if self.label else ""
        on = f" on {self.split}" if self.split else ""
        return f"{self.name}{of}{on}"

    def best(self) -> frozenset[int]:
        """The positions of the best values; empty where nothing is better than anything else.

        Example:
            >>> sorted(MetricRow("mae", (3.0, 2.5, None, 2.5), "lower").best())
            [1, 3]
        """
        known = {i: v for i, v in enumerate(self.by_run) if v is not None and v == v}  # noqa: PLR0124
        if not self.better or len(set(known.values())) < 2:
            return frozenset()
        ranked = {
            i: {"higher": -v, "lower": v, "zero": abs(v)}[self.better] for i, v in known.items()
        }
        least = min(ranked.values())
        return frozenset(i for i, rank in ranked.items() if rank == least)


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter of all runs, as it is written; None where a run has none.

    Attributes:
        name: `trainer.learning_rate`.
        by_run: one a run.
        differs: whether the values differ; what is written may be the same (two functions of one
            name).
    """

    name: str
    by_run: tuple[str | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class StepCell:
    """How a run came to the result of a slot.

    Attributes:
        title: the class or the function.
        number: equal numbers in a row are one execution, which the runs share.
        user: who executed it.
        origin: in which run: `Pipeline A#3`; empty where that is not known.
        same_result: another execution than those before it, with the same bytes as one of them.
    """

    title: str
    number: int
    user: str
    origin: str = ""
    same_result: bool = False


@dataclass(frozen=True, slots=True)
class StepRow:
    """A slot of all runs; None where a run has no such step."""

    slot: str
    cells: tuple[StepCell | None, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A function, a class or a constant that differs: where it stands, and a unified diff."""

    place: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeDifference:
    """How the code of a step differs between the baseline and other runs, which have one code.

    Attributes:
        slot: the step.
        base: the label of the baseline.
        runs: the labels of the other runs.
        blocks: what differs.
        note: what there is to say instead or besides, in a sentence.
    """

    slot: str
    base: str
    runs: tuple[str, ...]
    blocks: tuple[CodeBlock, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunSeries:
    """A curve of a run: what a step logged with `step=`, or a curve of its evaluation.

    Attributes:
        run: its label.
        kind: `series`, `roc` or `precision_recall`.
        name: of the metric, or what the curve is about.
        x: positions, ascending.
        y: the value at each position.
    """

    run: str
    kind: Literal["series", "roc", "precision_recall"]
    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """A column in the data of the baseline and of another run.

    Attributes:
        name: of the column.
        measure: `L-infinity` or `Jensen-Shannon`; empty where it cannot be measured.
        distance: 0 (equal) to 1.
        threshold: from which distance it counts as drift.
        base_missing: the share of rows without a value, in the baseline.
        missing: likewise, in the other run.
        base_mean: of numbers, else None.
        mean: likewise, in the other run.
        note: such as that the column is new.
    """

    name: str
    measure: str = ""
    distance: float | None = None
    threshold: float | None = None
    base_missing: float | None = None
    missing: float | None = None
    base_mean: float | None = None
    mean: float | None = None
    note: str = ""

    @property
    def drifted(self) -> bool:
        """Whether the distance is above the threshold."""
        return (
            self.distance is not None
            and self.threshold is not None
            and self.distance > self.threshold
        )


@dataclass(frozen=True, slots=True)
class DataDrift:
    """The data of a run against the baseline's.

    Attributes:
        run: the label of the run.
        same: both start from one snapshot.
        split: which rows are compared.
        base_rows: how many rows that are in the baseline.
        rows: and in the run.
        features: by falling distance; what cannot be measured comes last.
        note: why there are none, in a sentence.
    """

    run: str
    same: bool = False
    split: str = ""
    base_rows: int = 0
    rows: int = 0
    features: tuple[FeatureDrift, ...] = ()
    note: str = ""


def _no_curves() -> tuple[RunSeries, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side.

    Attributes:
        runs: in the order in which they are shown.
        baseline: the position of the run that others are compared with, or None.
        metrics: the first one is the one that counts most.
        parameters: all of them, those that are the same everywhere, too.
        detailed: whether the following were looked up.
        steps: a row a slot.
        code: of each other run against the baseline.
        data: likewise.
        series: what steps logged as series.
        curves: reads what lies in artifacts, for figures.
        notes: what there is to know, in sentences.
    """

    runs: tuple[ComparedRun, ...]
    baseline: int | None = None
    metrics: tuple[MetricRow, ...] = ()
    parameters: tuple[ParameterRow, ...] = ()
    detailed: bool = False
    steps: tuple[StepRow, ...] = ()
    code: tuple[CodeDifference, ...] = ()
    data: tuple[DataDrift, ...] = ()
    series: tuple[RunSeries, ...] = ()
    curves: Callable[[], tuple[RunSeries, ...]] = field(default=_no_curves, compare=False)
    notes: tuple[str, ...] = ()
