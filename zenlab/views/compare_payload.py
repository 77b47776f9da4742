"""What is stored of a comparison: runs -> payload, as much of them as there is room for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.views.numbers import DIGITS
from zenlab.views.packing import few, row, series
from zenlab.views.payloads import (
    VERSION,
    CodeDiff,
    ComparedSeries,
    ComparePayload,
    DataDifference,
)
from zenlab.views.run import COMMIT_LENGTH
from zenlab.views.strings import NAME_LENGTH, SENTENCE_LENGTH, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.comparison import (
        CodeDifference,
        Comparison,
        DataDrift,
        ParameterRow,
        RunSeries,
        StepCell,
    )

POINTS = 40
"""The most points of a series that is stored; figures have all of them."""

LINE_LENGTH = 160
"""The most characters of a line of code."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a comparison a payload holds."""

    runs: int
    metrics: int
    parameters: int
    blocks: int  # functions and classes that differ
    lines: int  # of code, of one of them
    columns: int  # of the data of one run
    series: int
    curves: int = 0  # of evaluations
    steps: int = 30
    name: int = NAME_LENGTH  # characters
    value: int = 80

    def short(self, text: str) -> str:
        """Make a name presentable."""
        return shorten(text, self.name)


DETAILED = (
    Limits(
        runs=5, metrics=40, parameters=80, blocks=12, lines=60, columns=30, series=20, curves=20
    ),
    Limits(
        runs=5, metrics=30, parameters=60, blocks=8, lines=40, columns=20, series=10, curves=10
    ),
    Limits(
        runs=5, metrics=20, parameters=40, blocks=6, lines=25, columns=10, series=5, curves=10
    ),
    Limits(runs=5, metrics=12, parameters=20, blocks=4, lines=15, columns=6, series=3, name=40),
)  # fmt: skip
"""For a few runs: all that differs."""

LISTED = (
    Limits(runs=50, metrics=4, parameters=6, blocks=0, lines=0, columns=0, series=0, value=40),
    Limits(runs=50, metrics=3, parameters=4, blocks=0, lines=0, columns=0, series=0, value=24),
    Limits(
        runs=30, metrics=2, parameters=3, blocks=0, lines=0, columns=0, series=0, name=30, value=16
    ),
    Limits(
        runs=10, metrics=1, parameters=2, blocks=0, lines=0, columns=0, series=0, steps=6, name=20,
        value=12,
    ),
)  # fmt: skip
"""For many: a row a run. The last one is also what fits whatever the input."""


def limits_of(comparison: Comparison) -> tuple[Limits, ...]:
    """How much of a comparison may be stored, in falling sizes."""
    return (*DETAILED, *LISTED) if comparison.detailed else LISTED


def make(comparison: Comparison, limits: Limits, *, all_parameters: bool = False) -> ComparePayload:
    """Make the payload of a comparison.

    Args:
        comparison: what was found.
        limits: how much of it; the payload says what it leaves out.
        all_parameters: those as well that are the same everywhere.
    """
    c = comparison
    omitted: list[str] = []
    full = bool(limits.blocks)
    if c.detailed and not full:
        omitted.append("Steps, code, series and data")
    shown = _shown_runs(c, limits.runs)
    if len(c.runs) > len(shown):
        omitted.append(
            f"Runs: {len(c.runs) - len(shown):,}, in to_frame(); of two of them: details(run, run)"
        )
    metrics = c.metrics[: limits.metrics]
    _note(omitted, len(c.metrics) - len(metrics), "metrics")
    wanted = [p for p in c.parameters if p.differs or all_parameters]
    if not full:
        wanted.sort(key=_variety, reverse=True)
    parameters = wanted[: limits.parameters]
    _note(omitted, len(wanted) - len(parameters), "parameters")
    texts = [_texts(p, shown, limits) for p in parameters]
    runs = [
        row(
            limits.short(c.runs[i].label),
            limits.short(_who(c.runs[i].user, c)),
            limits.short(c.runs[i].source),
            visible(c.runs[i].commit[:COMMIT_LENGTH]),
            *(_measured(m.by_run[i]) for m in metrics),
            *(values[at] for values in texts),
        )
        for at, i in enumerate(shown)
    ]
    return ComparePayload(
        version=VERSION,
        runs=runs,
        total=len(c.runs),
        baseline=shown.index(c.baseline) if c.baseline in shown else -1,
        metrics=[
            row(limits.short(m.name), limits.short(m.split), limits.short(m.label), m.better)
            for m in metrics
        ],
        best=[series(shown.index(i) for i in sorted(m.best()) if i in shown) for m in metrics],
        parameters=[limits.short(p.name) for p in parameters],
        all_parameters=all_parameters,
        detailed=full,
        steps=_steps(c, limits, omitted) if full else [],
        code=_code(c.code, limits, omitted) if full else [],
        series=[*_series(c.series, limits, omitted), *_curves(c.curves(), limits, omitted)]
        if full
        else [],
        data=[_data(d, limits, omitted) for d in c.data[: limits.runs]] if full else [],
        notes=[shorten(note, SENTENCE_LENGTH) for note in c.notes[:10]],
        omitted=few(omitted),
    )


def _note(omitted: list[str], count: int, what: str) -> None:
    if count > 0:
        omitted.append(f"{what[0].upper()}{what[1:]}: {count:,}")


def _shown_runs(c: Comparison, most: int) -> list[int]:
    """The first runs, and the baseline wherever it stands."""
    shown = list(range(min(len(c.runs), most)))
    if c.baseline is not None and c.baseline not in shown:
        shown[-1] = c.baseline
    return shown


def _variety(parameter: ParameterRow) -> int:
    """In how many runs a parameter is not what it mostly is: what people turned most."""
    return len(parameter.by_run) - max(Counter(parameter.by_run).values(), default=0)


def _measured(value: float | None) -> float | None:
    return None if value is None else float(value)


def _texts(parameter: ParameterRow, shown: Sequence[int], limits: Limits) -> list[str]:
    """The values, cut so that those which differ can still be told apart."""
    values = [parameter.by_run[i] for i in shown]
    known = list(dict.fromkeys(v for v in values if v is not None))
    cut = {v: shorten(v, limits.value) for v in known}
    if len(set(cut.values())) < len(known):
        start = max(_first_difference(known) - limits.value // 4, 0)
        cut = {v: shorten(("…" if start else "") + v[start:], limits.value) for v in known}
    return ["" if v is None else cut[v] for v in values]


def _first_difference(texts: Sequence[str]) -> int:
    return next(
        (i for i, chars in enumerate(zip(*texts, strict=False)) if len(set(chars)) > 1),
        min(map(len, texts)),
    )


def _who(user: str, c: Comparison) -> str:
    """The user, if there are several: whose work it is does not matter where all is of one.

    So a notebook that somebody else runs again in a clone of their own stays as it is.
    """
    users = {run.user for run in c.runs}
    users |= {cell.user for step in c.steps for cell in step.cells if cell is not None}
    return user if len(users) > 1 else ""


def _steps(c: Comparison, limits: Limits, omitted: list[str]) -> list[str]:
    _note(omitted, len(c.steps) - limits.steps, "steps")
    fields = [
        [limits.short(step.slot), *(f for cell in step.cells for f in _cell(cell, c, limits))]
        for step in c.steps[: limits.steps]
    ]
    return [row(*one) for one in fields]


def _cell(cell: StepCell | None, c: Comparison, limits: Limits) -> tuple[str, str, str, str, str]:
    if cell is None:
        return "", "", "", "", ""
    return (
        str(cell.number),
        limits.short(_who(cell.user, c)),
        limits.short(cell.origin),
        limits.short(cell.title),
        "1" if cell.same_result else "",
    )


def _code(found: Sequence[CodeDifference], limits: Limits, omitted: list[str]) -> list[CodeDiff]:
    changes: list[CodeDiff] = []
    for difference in found:
        slot, base = limits.short(difference.slot), limits.short(difference.base)
        runs = [limits.short(run) for run in difference.runs]
        if difference.note:
            changes.append(
                CodeDiff(slot, base, runs, note=shorten(difference.note, SENTENCE_LENGTH))
            )
        for block in difference.blocks:
            lines = [shorten(line, LINE_LENGTH) for line in block.lines[: limits.lines]]
            if len(block.lines) > limits.lines:
                lines.append(f"… {len(block.lines) - limits.lines:,} more lines")
            changes.append(CodeDiff(slot, base, runs, limits.short(block.place), lines))
    _note(omitted, len(changes) - limits.blocks, "functions, classes and constants that differ")
    return changes[: limits.blocks]


def _series(found: Sequence[RunSeries], limits: Limits, omitted: list[str]) -> list[ComparedSeries]:
    _note(omitted, len(found) - limits.series, "series")
    return [_thinned(one, limits, x_digits=6) for one in found[: limits.series]]


def _curves(found: Sequence[RunSeries], limits: Limits, omitted: list[str]) -> list[ComparedSeries]:
    """Those of one name together: a curve is there for all runs, or for none."""
    groups: dict[tuple[str, str], list[RunSeries]] = {}
    for one in found:
        groups.setdefault((one.kind, one.name), []).append(one)
    stored: list[ComparedSeries] = []
    left = 0
    for group in groups.values():
        if len(stored) + len(group) > limits.curves:
            left += len(group)
        else:
            stored += [_thinned(one, limits, x_digits=3, y_digits=3) for one in group]
    _note(omitted, left, "curves of evaluations, in figure()")
    return stored


def _thinned(
    one: RunSeries, limits: Limits, *, x_digits: int, y_digits: int = DIGITS
) -> ComparedSeries:
    step = max(-(-len(one.x) // POINTS), 1)
    kept = sorted({*range(0, len(one.x), step), len(one.x) - 1}) if one.x else []
    return ComparedSeries(
        limits.short(one.run),
        limits.short(one.name),
        series((one.x[i] for i in kept), x_digits),
        series((one.y[i] for i in kept), y_digits),
        one.kind,
    )


def _data(found: DataDrift, limits: Limits, omitted: list[str]) -> DataDifference:
    run = limits.short(found.run)
    left = len(found.features) - limits.columns
    _note(omitted, left, f"columns of the data of {run}")
    return DataDifference(
        run=run,
        same=found.same,
        size=row(limits.short(found.split), found.base_rows, found.rows) if found.features else "",
        columns=[
            row(
                limits.short(f.name),
                f.measure,
                _measured(f.distance),
                _measured(f.threshold),
                _measured(f.base_missing),
                _measured(f.base_mean),
                _measured(f.missing),
                _measured(f.mean),
                limits.short(f.note),
            )
            for f in found.features[: limits.columns]
        ],
        note=shorten(found.note, SENTENCE_LENGTH),
    )
