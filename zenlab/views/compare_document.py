"""What a comparison panel says: payload -> document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zenlab.views.document import Code, Column, Document, Heading, Sentences, Table
from zenlab.views.numbers import MISSING, difference, number, parse, percent
from zenlab.views.packing import counts, fields, values
from zenlab.views.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zenlab.views.document import Block
    from zenlab.views.payloads import (
        CodeDiff,
        ComparedSeries,
        ComparePayload,
        DataDifference,
    )

BEST = "★"
NUMBERS = "①②③④⑤⑥⑦⑧⑨"
"""Equal ones in a row are one execution."""


class _Run(NamedTuple):
    label: str
    user: str
    source: str
    commit: str
    metrics: tuple[float | None, ...]
    parameters: tuple[str, ...]


class _Metric(NamedTuple):
    name: str
    split: str
    best: frozenset[int]

    @property
    def title(self) -> str:
        return f"{self.name} on {self.split}" if self.split else self.name


def describe(payload: ComparePayload) -> Document:
    """What a comparison panel says.

    Example:
        >>> from zenlab.views.payloads import ComparePayload
        >>> describe(ComparePayload(version=1, runs=[], total=0)).title
        'Comparison: there is no successful run yet'
    """
    runs = [_run(text, len(payload.metrics)) for text in payload.runs]
    metrics = [
        _metric(text, best) for text, best in zip(payload.metrics, payload.best, strict=True)
    ]
    blocks: list[Block] = []
    if runs and payload.detailed:
        blocks += _few(payload, runs, metrics)
    elif runs:
        blocks.append(_list(payload, runs, metrics))
    if payload.notes:
        blocks += [Heading("Notes"), Sentences(tuple(payload.notes))]
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    return Document(_title(payload, runs), tuple(blocks))


def _run(text: str, metrics: int) -> _Run:
    label, user, source, commit, *rest = fields(text)
    measured = tuple(map(parse, rest[:metrics]))
    return _Run(label, user, source, commit, measured, tuple(rest[metrics:]))


def _metric(text: str, best: str) -> _Metric:
    name, split, label, _ = fields(text)
    return _Metric(f"{name} of {label}" if label else name, split, frozenset(counts(best)))


def _said_once(metrics: Sequence[_Metric]) -> tuple[str, list[str]]:
    """The split that all metrics are of, if it is one, and how each metric is called then."""
    splits = {metric.split for metric in metrics}
    if len(splits) == 1 and splits != {""}:
        return splits.pop(), [metric.name for metric in metrics]
    return "", [metric.title for metric in metrics]


def _title(payload: ComparePayload, runs: Sequence[_Run]) -> str:
    if not runs:
        return "Comparison: there is no successful run yet"
    if payload.total <= 2:
        return f"Comparison of {' and '.join(run.label for run in runs)}"
    return f"Comparison of {payload.total:,} runs"


def _list(payload: ComparePayload, runs: Sequence[_Run], metrics: Sequence[_Metric]) -> Table:
    """A row a run: who, how good, and what differs; how far the first metric is from a baseline."""
    base = payload.baseline
    who = any(run.user for run in runs)
    columns = [Column("run"), *([Column("user")] if who else [])]
    cells = [
        [_marked(payload, runs, i), *([run.user] if who else [])] for i, run in enumerate(runs)
    ]
    for k, metric in enumerate(metrics):
        columns.append(Column(metric.title, "right", nowrap=True))
        for i, run in enumerate(runs):
            cells[i].append(_value(metric, run.metrics[k], i))
        if k == 0 and base >= 0 and len(runs) > 1:
            columns.append(Column("difference", "right", nowrap=True))
            for i, run in enumerate(runs):
                far = difference(run.metrics[0], runs[base].metrics[0])
                cells[i].append("" if i == base else far)
    columns += [Column(name) for name in payload.parameters]
    rows = tuple(
        (*cells[i], *(value or MISSING for value in run.parameters)) for i, run in enumerate(runs)
    )
    return Table(tuple(columns), rows)


def _marked(payload: ComparePayload, runs: Sequence[_Run], i: int) -> str:
    baseline = " (baseline)" if i == payload.baseline and len(runs) > 1 else ""
    return runs[i].label + baseline


def _value(metric: _Metric, value: float | None, i: int) -> str:
    return f"{BEST} {number(value)}" if i in metric.best else number(value)


def _few(
    payload: ComparePayload, runs: Sequence[_Run], metrics: Sequence[_Metric]
) -> Iterator[Block]:
    """Everything in which a few runs differ."""
    data = [f"{run.source}, commit {run.commit}" if run.commit else run.source for run in runs]
    who = any(run.user for run in runs)
    yield Table(
        (Column("run"), *([Column("user")] if who else []), Column("data")),
        tuple(
            (_marked(payload, runs, i), *([run.user] if who else []), data[i] or MISSING)
            for i, run in enumerate(runs)
        ),
    )
    labels = [run.label for run in runs]
    if metrics:
        split, titles = _said_once(metrics)
        yield Heading(f"Metrics on {split}" if split else "Metrics")
        yield _metrics(payload.baseline, runs, metrics, titles)
    yield Heading("Parameters" if payload.all_parameters else "Parameters that differ")
    if payload.parameters:
        yield Table(
            tuple(Column(title) for title in ("parameter", *labels)),
            tuple(
                (name, *(run.parameters[k] or MISSING for run in runs))
                for k, name in enumerate(payload.parameters)
            ),
        )
    else:
        yield Sentences(("None: the specifications are the same.",))
    if payload.steps:
        yield Heading("Steps (equal numbers in a row: one execution, which is shared)")
        yield _steps(payload.steps, labels)
    yield from _code(payload.code)
    if logged := [one for one in payload.series if one.kind == "series"]:
        yield Heading("Logged series")
        yield _series(logged)
    if payload.data:
        yield from _data(payload.data, labels[payload.baseline])


def _metrics(
    base: int, runs: Sequence[_Run], metrics: Sequence[_Metric], titles: Sequence[str]
) -> Table:
    """A row a metric; behind the value of each run its difference from the baseline's."""
    columns = [Column("metric")]
    order = [base, *(i for i in range(len(runs)) if i != base)]
    for i in order:
        columns.append(Column(runs[i].label, "right", nowrap=True))
        if i != base:
            columns.append(Column("difference", "right", nowrap=True))
    rows = []
    for k, metric in enumerate(metrics):
        cells = [titles[k]]
        for i in order:
            value = runs[i].metrics[k]
            cells.append(_value(metric, value, i))
            if i != base:
                cells.append(difference(value, runs[base].metrics[k]))
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows))


def _steps(steps: Sequence[str], labels: Sequence[str]) -> Table:
    rows = []
    for text in steps:
        slot, *rest = fields(text)
        parts = [rest[5 * i : 5 * i + 5] for i in range(len(labels))]
        titles = dict.fromkeys(title for _, _, _, title, _ in parts if title)
        rows.append((slot, ", ".join(titles), *(_step(*part) for part in parts)))
    return Table(tuple(Column(title) for title in ("step", "what", *labels)), tuple(rows))


def _step(index: str, user: str, origin: str, _title: str, same: str) -> str:
    if not index:
        return MISSING
    mark = NUMBERS[int(index) - 1] if int(index) <= len(NUMBERS) else f"({index})"
    where = f" in {origin}" if origin else ""
    who = f" {user}" if user else ""
    return f"{mark}{who}{where}{', same result' if same else ''}"


def _code(changes: Sequence[CodeDiff]) -> Iterator[Block]:
    above = ""
    for change in changes:
        where = f"Code of {change.slot}, from {change.base} to {', '.join(change.runs)}"
        if where != above:
            yield Heading(where)
            above = where
        if change.note:
            yield Sentences((change.note,))
        if change.lines:
            yield Code((change.place, *change.lines))


def _series(found: Sequence[ComparedSeries]) -> Table:
    """A line a series, on a scale that all of one name share."""
    by_name: dict[str, list[ComparedSeries]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    rows = []
    for name, group in by_name.items():
        known = [v for one in group for v in values(one.y) if v == v]  # noqa: PLR0124 - not NaN
        low, high = min(known, default=0.0), max(known, default=0.0)
        for one in group:
            x, y = values(one.x), values(one.y)
            line = sparkline(y, low, high)
            rows.append((name, one.run, number(y[0]), line, number(y[-1]), f"{int(x[-1]):,}"))
    titles = ("series", "run", "first", "course", "last", "at step")
    aligned = ("left", "left", "right", "left", "right", "right")
    return Table(
        tuple(
            Column(title, "right" if align == "right" else "left")
            for title, align in zip(titles, aligned, strict=True)
        ),
        tuple(rows),
    )


def _data(found: Sequence[DataDifference], base: str) -> Iterator[Block]:
    """A sentence a run, and a table of its columns where they can be compared."""
    lines = []
    same = [one.run for one in found if one.same]
    if same:
        lines.append(f"{', '.join(same)}: same data, from one snapshot.")
    lines += [f"{one.run}: {one.note}" for one in found if one.note]
    if lines:
        yield Heading(f"Data against {base}")
        yield Sentences(tuple(lines))
    for one in found:
        if one.columns:
            split, before, now = fields(one.size)
            yield Heading(
                f"Data of {one.run} against {base}: {split}, "
                f"{int(now):,} rows, before {int(before):,}"
            )
            yield from _columns(one.columns)


def _columns(columns: Sequence[str]) -> Iterator[Block]:
    rows = [_column(text) for text in columns]
    if not any(row[1] for row in rows):
        yield Sentences((f"None of the columns is further away than {_thresholds(columns)}.",))
    titles = ("distance", "missing before", "missing", "mean before", "mean")
    yield Table(
        (
            *(Column(title) for title in ("column", "drift")),
            *(Column(title, "right") for title in titles),
            Column("measure"),
        ),
        tuple(rows),
    )


def _thresholds(columns: Sequence[str]) -> str:
    """The thresholds of all columns, such as `0.1`."""
    found = {parse(fields(text)[3]) for text in columns}
    return " or ".join(number(limit, 1) for limit in sorted(v for v in found if v is not None))


def _column(text: str) -> tuple[str, ...]:
    name, measure, distance, threshold, base_missing, base_mean, missing, mean, note = fields(text)
    far, limit = parse(distance), parse(threshold)
    drifted = far is not None and limit is not None and far > limit
    mark = note or (f"⚠ above {number(limit, 1)}" if drifted else "")
    return (
        name,
        mark,
        number(far),
        percent(parse(base_missing)),
        percent(parse(missing)),
        number(parse(base_mean)),
        number(parse(mean)),
        measure,
    )
