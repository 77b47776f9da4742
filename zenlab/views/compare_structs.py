"""What a notebook stores of a comparison; the way of writing is that of `zenlab.views.payloads`."""

from __future__ import annotations

from typing import Literal

import msgspec


class CodeChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function, class or constant of a step that differs between runs, as a unified diff."""

    slot: str
    base: str
    runs: list[str]
    place: str = ""
    lines: list[str] = []
    note: str = ""


class ComparedSeries(msgspec.Struct, frozen=True):
    """What a step of a run logged as a series: positions and values."""

    run: str
    name: str
    x: str
    y: str


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
    code: list[CodeChange] = []
    series: list[ComparedSeries] = []
    data: list[DataDifference] = []
    notes: list[str] = []
    omitted: list[str] = []
