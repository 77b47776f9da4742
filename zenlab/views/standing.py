"""How what a panel shows stands to what it would show now: two payloads, compared.

Not byte by byte: a payload is as much as there was room for, and another version of zenlab may
word a note otherwise. What counts is what a reader takes from the panel: data, steps, parameters,
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zenlab.views.numbers import number, parse
from zenlab.views.packing import fields
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from zenlab.views.payloads import (
        AnomaliesPayload,
        ColumnStatistics,
        ComparePayload,
        EvaluationPayload,
        Payload,
        RunPayload,
        RunStep,
        SchemaPayload,
        StatisticsPayload,
    )

    _Columns = StatisticsPayload | SchemaPayload

LEAVES = ("statistics", "validation")
"""Steps that a run may do without: whether they are there says something about a machine."""

_SHOWN = 60


@dataclass(frozen=True)
class Standing:
    """How a stored panel stands to what its pipeline gives now.

    Attributes:
        state: `current`: it shows the same; `stale`: it shows something else; `unknown`: nobody
            can tell here.
        says: of a stale one what differs, a line each; of an unknown one why.
        about: the pipeline, or what else the panel is of.
    """

    state: Literal["current", "stale", "unknown"]
    says: tuple[str, ...] = ()
    about: str = ""


def differences(shown: Payload, now: Payload, *, results: bool = True) -> list[str]:
    """What a panel shows otherwise than it would now.

    Args:
        shown: what is stored.
        now: what a panel of the same kind and pipeline would store now.
        results: whether `now` has results; if not, what was declared is compared alone.

    Returns:
        Lines such as `trainer: learning_rate=0.1 -> learning_rate=0.05`; empty if a reader would
        learn the same from both.

    Example:
        >>> from zenlab.views.payloads import RunPayload, RunStep
        >>> old = RunPayload(1, "A", "succeeded", [RunStep("trainer", "T", "rate=0.1, seed=0")])
        >>> new = RunPayload(1, "A", "succeeded", [RunStep("trainer", "T", "rate=0.2, seed=0")])
        >>> differences(old, new)
        ['trainer: rate=0.1 -> rate=0.2']
    """
    if type(shown) is not type(now):
        return [f"{_kind(shown)} -> {_kind(now)}"]
    return list(dict.fromkeys(_BY_KIND[_kind(shown)](shown, now, results)))


def _kind(payload: Payload) -> str:
    return str(payload.__struct_config__.tag)


# ------------------------------------------------------------------------------------------ run


def _run(shown: RunPayload, now: RunPayload, results: bool) -> Iterator[str]:
    yield from _source(shown.source, now.source, results=results)
    before = {step.slot: step for step in shown.steps}
    after = {step.slot: step for step in now.steps}
    for slot in dict.fromkeys([*before, *after]):
        if slot not in after:
            yield f"- {slot}: {before[slot].title}"
        elif slot not in before:
            yield f"+ {slot}: {after[slot].title}"
        else:
            yield from _step(before[slot], after[slot], results=results)
    if results and shown.status != now.status:
        yield f"the run: {shown.status} -> {now.status}"


def _source(old: str, new: str, *, results: bool) -> Iterator[str]:
    was, now = (_fields(text, 3) for text in (old, new))
    if was[0] != now[0]:
        yield f"data: {was[0] or '-'} -> {now[0] or '-'}"
    elif was[2] != now[2]:
        yield f"data commit: {was[2] or '-'} -> {now[2] or '-'}"
    elif results and was[1] and now[1] and was[1] != now[1]:
        yield f"data: {was[1]} rows -> {now[1]} rows"


def _step(old: RunStep, new: RunStep, *, results: bool) -> Iterator[str]:
    if old.title != new.title:
        yield f"{old.slot}: {old.title} -> {new.title}"
    if old.parameters != new.parameters:
        gone, came = _changed(_parts(old.parameters), _parts(new.parameters))
        if gone or came:  # the order of named parameters does not count
            yield f"{old.slot}: {_few(gone)} -> {_few(came)}"
    if not results or not (old.outputs or old.metrics):
        return
    if not (new.outputs or new.metrics):
        # A leaf needs TFDV, which one machine has and another has not.
        if old.slot not in LEAVES:
            yield f"{old.slot}: has no result"
        return
    yield from _outputs(old, new)
    yield from _metrics(f"{old.slot}: ", _named(old.metrics), _named(new.metrics))


def _outputs(old: RunStep, new: RunStep) -> Iterator[str]:
    was, now = ({o[0]: o for o in (_fields(t, 4) for t in s.outputs)} for s in (old, new))
    for name in filter(now.__contains__, was):
        (_, _, old_rows, old_what), (_, _, new_rows, new_what) = was[name], now[name]
        if old_rows != new_rows:
            yield f"{old.slot}: {name} {old_rows or '-'} rows -> {new_rows or '-'} rows"
        elif old_what != new_what:
            yield f"{old.slot}: {name} {old_what or '-'} -> {new_what or '-'}"


def _fields(text: str, count: int) -> list[str]:
    """The first fields of a row; a stored panel may have been edited, and have fewer."""
    return [*fields(text), *[""] * count][:count]


def _parts(text: str) -> list[str]:
    """`a=1, b=[2, 3]` -> `a=1`, `b=[2, 3]`: divided at the commas outside of all brackets.

    Example:
        >>> _parts("a={'x': 1, 'y': 2}, b='it, too', c=3")
        ["a={'x': 1, 'y': 2}", "b='it, too'", 'c=3']
    """
    found, depth, quote, start = [], 0, "", 0
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[i - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and not depth:
            found.append(text[start:i].strip())
            start = i + 1
    return [part for part in [*found, text[start:].strip()] if part]


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    gone = [part for part in old if part not in new]
    return gone, [part for part in new if part not in old]


def _few(parts: Sequence[str]) -> str:
    return shorten(", ".join(parts), _SHOWN) if parts else "(not given)"


# ---------------------------------------------------------------------------------- evaluation


def _evaluation(shown: EvaluationPayload, now: EvaluationPayload, results: bool) -> Iterator[str]:
    if not results:
        return
    if shown.model != now.model:
        yield f"model: {shown.model or '-'} -> {now.model or '-'}"
    yield from _metrics("", _named(shown.values), _named(now.values))
    after = {(r.label, r.split): r for r in now.results}
    for old in shown.results:
        new = after.get((old.label, old.split))
        where = f"{old.label} on {old.split}"
        if new is None:
            # Of a payload that leaves something out, nobody knows whether it cut the name.
            if not (shown.omitted or now.omitted):
                yield f"{where}: is not evaluated any more"
            continue
        if old.rows != new.rows:
            yield f"{where}: {old.rows:,} rows -> {new.rows:,} rows"
        yield from _metrics(f"{where}: ", _named(old.metrics), _named(new.metrics))


def _named(rows: Sequence[str]) -> dict[str, str]:
    pairs = (_fields(row, 2) for row in rows)
    return {pair[0]: pair[1] for pair in pairs}


def _metrics(where: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name, value in old.items():
        if name in new and new[name] != value:
            yield f"{where}{name} {_number(value)} -> {_number(new[name])}"


def _number(text: str) -> str:
    try:
        return number(parse(text))
    except ValueError:
        return shorten(text, _SHOWN)


# ------------------------------------------------------------------------------------- of data


def _statistics(shown: StatisticsPayload, now: StatisticsPayload, results: bool) -> Iterator[str]:
    if not results:
        return
    was, new = _named(shown.datasets), _named(now.datasets)
    yield from _datasets(was, new)
    if was.keys() - new.keys():
        return
    yield from _columns(shown, now, _counted_otherwise)


def _columns(shown: _Columns, now: _Columns, differs: Callable[[Any, Any], str]) -> Iterator[str]:
    """Column by column; a payload may be a selection, and the other one is all that had room."""
    columns: dict[str, Any] = {column.name: column for column in now.columns}
    complete = len(now.columns) >= now.total and not shown.omitted
    for column in shown.columns:
        other = columns.get(column.name)
        if other is None:
            if complete:
                yield f"column {column.name}: is gone"
        elif said := differs(column, other):
            yield f"column {column.name}: {said}"


def _counted_otherwise(old: ColumnStatistics, new: ColumnStatistics) -> str:
    if old.kind != new.kind:
        return f"{old.kind} -> {new.kind}"
    differs = _counted(old.datasets) != _counted(new.datasets)[: len(old.datasets)]
    return "other statistics" if differs else ""


def _counted(datasets: Sequence[str]) -> list[list[str]]:
    """What was counted of a column, without its histogram, whose scale is that of all datasets."""
    return [fields(text)[:-1] for text in datasets]


def _datasets(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name, rows in old.items():
        if name not in new:
            yield f"dataset {name}: is gone"
        elif rows != new[name]:
            yield f"dataset {name}: {rows} rows -> {new[name]} rows"


def _schema(shown: SchemaPayload, now: SchemaPayload, results: bool) -> Iterator[str]:
    if not results:
        return
    yield from _columns(shown, now, lambda old, new: "another rule" if old.rule != new.rule else "")
    if shown.total != now.total:
        yield f"{shown.total} columns -> {now.total} columns"


def _anomalies(shown: AnomaliesPayload, now: AnomaliesPayload, results: bool) -> Iterator[str]:
    if not results:
        return
    after = {dataset.name: dataset for dataset in now.datasets}
    for old in shown.datasets:
        new = after.get(old.name)
        if new is None:
            yield f"dataset {old.name}: is gone"
        elif old.rows != new.rows:
            yield f"dataset {old.name}: {old.rows:,} rows -> {new.rows:,} rows"
        elif old.found != new.found:
            yield f"dataset {old.name}: {old.found} anomalies -> {new.found}"
        elif len(old.anomalies) == len(new.anomalies) and old.anomalies != new.anomalies:
            yield f"dataset {old.name}: other anomalies"


# ---------------------------------------------------------------------------------- comparison


def _compare(shown: ComparePayload, now: ComparePayload, results: bool) -> Iterator[str]:
    """Runs of one name each, whatever the numbers of their revisions are."""
    before, after = by_name(shown), by_name(now)
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            continue
        yield from (f"{name}: {line}" for line in _source(old.source, new.source, results=results))
        if results:
            yield from _metrics(f"{name}: ", old.values, new.values)


@dataclass(frozen=True)
class ComparedRow:
    """A run of a comparison: its data as in a `RunPayload`, and its values by what they are."""

    source: str
    values: dict[str, str]


def by_name(payload: ComparePayload) -> dict[str, ComparedRow]:
    """The runs of a comparison by the names of their pipelines.

    Args:
        payload: of a comparison.

    Returns:
        Only pipelines of which there is one run: of several nobody knows which one is meant.
    """
    found: dict[str, list[ComparedRow]] = {}
    names = [" ".join(filter(None, fields(metric)[:3])) for metric in payload.metrics]
    for text in payload.runs:
        label, _, source, commit = _fields(text, 4)
        named = dict(zip(names, fields(text)[4:], strict=False))
        row = ComparedRow(f"{source}\t\t{commit}", named)
        found.setdefault(label.rpartition("#")[0] or label, []).append(row)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


_BY_KIND: dict[str, Callable[[Any, Any, bool], Iterator[str]]] = {
    "run": _run,
    "evaluation": _evaluation,
    "statistics": _statistics,
    "schema": _schema,
    "anomalies": _anomalies,
    "compare": _compare,
}
