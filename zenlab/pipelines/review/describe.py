"""A review in words: a headline for each pipeline, and what differs below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.pipelines.review.results import first_metrics
from zenlab.pipelines.wiring import slot_order
from zenlab.views.document import Code, Column, Document, Heading, Sentences, Table
from zenlab.views.numbers import difference, number
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.pipelines.review.model import PipelineChange, Review, SchemaChange
    from zenlab.views.document import Block

_SIZES = ((200, 400, 120), (40, 60, 40), (12, 15, 20), (3, 0, 8))
"""Pipelines, lines of code and other lines of one, in falling sizes."""

_LINE = 160


def documents(review: Review) -> tuple[Document, ...]:
    """The review in falling sizes; each says what it leaves out."""
    return tuple(_document(review, *size) for size in _SIZES)


def _document(review: Review, most: int, code: int, lines: int) -> Document:
    blocks: list[Block] = []
    for change in review.changes[:most]:
        blocks += [Heading(headline(change)), *_details(change, code, lines)]
    if len(review.changes) > most:
        blocks.append(Sentences((f"and {len(review.changes) - most} more pipelines",)))
    for schema in review.schemas:
        blocks += _schema(schema, lines)
    if review.notes:
        blocks += [Heading("Notes"), Sentences(_few(review.notes, lines))]
    return Document(_title(review), tuple(blocks))


def _title(review: Review) -> str:
    counts = [
        (sum(change.kind == kind for change in review.changes), word)
        for kind, word in (
            ("added", "added"),
            ("changed", "changed"),
            ("renamed", "renamed"),
            ("removed", "removed"),
            ("rewritten", "rewritten without effect"),
        )
    ]
    told = [f"{count} {word}" for count, word in counts if count]
    files = len(review.schemas)
    if files:
        told.append(f"{files} schema{'' if files == 1 else 's'}")
    what = ", ".join(told) or "no pipeline differs"
    same = f" ({review.unchanged} unchanged)" if review.unchanged else ""
    return f"{review.old} -> {review.new}: {what}{same}"


def headline(change: PipelineChange) -> str:
    """A change in one line.

    `Pipeline B = copy of Pipeline A with another trainer; roc_auc 0.7310 -> 0.7440; 5 of 7 steps
    from the cache`.

    Args:
        change: with its results.
    """
    with_ = f" with {', '.join(change.reasons)}" if change.reasons else ""
    match change.kind:
        case "added" if change.old is not None:
            text = f"{change.name} = copy of {change.old_name}{with_ or ', unchanged'}"
        case "added":
            text = f"{change.name} is new"
        case "removed":
            text = f"{change.name} is removed"
        case "renamed":
            text = f"{change.name} is {change.old_name} under a new name"
        case "rewritten":
            text = f"{change.name}: the file is another one, the pipeline is not"
        case "changed":
            text = f"{change.name}{with_}"
    both = [f"{k} {number(a)} -> {number(b)}" for k, (a, b) in first_metrics(change).items()]
    if both and change.kind != "renamed":
        text += f"; {', '.join(both)}"
    if change.shared is not None and change.steps and change.kind != "renamed":
        text += f"; {change.shared} of {change.steps} steps from the cache"
    return text


def _details(change: PipelineChange, code: int, lines: int) -> Iterator[Block]:
    if change.kind == "rewritten":
        return
    told = list(change.lines)
    if change.kind == "added" and change.old is None and change.new is not None:
        steps = sorted(change.new.steps, key=slot_order)
        told = [f"{slot}: {change.new.steps[slot].title}" for slot in steps]
        if change.old_name:
            told.append(f"a copy of '{change.old_name}', which is in neither revision")
    if change.data:
        # It says more than the line of the specification does.
        told = [line for line in told if not line.startswith("datasource commit: ")]
        told.append(f"data: {change.data}")
    if change.metrics_note:
        told.append(change.metrics_note)
    told += [f"{d.slot}: {d.note}" for d in change.code if d.note]
    if told:
        yield Sentences(_few(tuple(told), lines))
    if change.metrics and change.kind != "renamed":
        yield _metrics(change)
    for found in change.code:
        for block in found.blocks if code else ():
            shown = [shorten(line, _LINE) for line in block.lines[:code]]
            if len(block.lines) > code:
                shown.append(f"... {len(block.lines) - code} more lines")
            yield Heading(f"{found.slot}: {block.place}")
            yield Code(tuple(shown))
    if change.code and not code:
        yield Sentences(("Its code differs; see the diff in a terminal.",))


def _metrics(change: PipelineChange) -> Table:
    first = change.metrics[0]
    if len(first.by_run) == 1:
        rows = tuple((m.title, number(m.by_run[0])) for m in change.metrics)
        return Table((Column("metric"), Column("value", "right")), rows)
    titles = ("before", "now", "difference")
    return Table(
        (Column("metric"), *(Column(title, "right") for title in titles)),
        tuple(
            (m.title, *map(number, m.by_run), difference(m.by_run[1], m.by_run[0]))
            for m in change.metrics
        ),
    )


def _schema(change: SchemaChange, lines: int) -> Iterator[Block]:
    verb = {"added": " is new", "removed": " is removed", "changed": ""}[change.how]
    yield Heading(f"{change.file}{verb}")
    if change.columns:
        yield Sentences(_few(change.columns, lines))


def _few(lines: tuple[str, ...], most: int) -> tuple[str, ...]:
    more = (f"... {len(lines) - most} more",) if len(lines) > most else ()
    return (*(shorten(line, _LINE) for line in lines[:most]), *more)
