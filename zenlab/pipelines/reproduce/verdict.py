"""The recorded run of a pipeline against a new one: equal, within tolerance, or where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zenlab.core.errors import ZenlabError
from zenlab.engine.values import SIDE_OUTPUTS, Reader
from zenlab.pipelines.reproduce.values import Difference, close, compare_datasets, compare_plain
from zenlab.pipelines.wiring import LEAVES, kind_of, slot_order
from zenlab.views.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import ArtifactRecord, ExecutionRecord
    from zenlab.pipelines.reproduce.values import How

    Executions = Mapping[str, ExecutionRecord]

Outcome = Literal["equal", "within tolerance", "different"]

_DIGITS = 12
_JUDGED_BY = "judged by the metrics"


@dataclass(frozen=True)
class Row:
    """An output or a metric on both sides.

    Attributes:
        slot: the step.
        what: the name of the output, or of the metric.
        kind: `output`, `metric`, or `step` of one that has no result here.
        old: what is recorded, to be shown.
        new: what came out now.
        how: how the two differ.
        where: the first place, within an output.
    """

    slot: str
    what: str
    kind: Literal["output", "metric", "step"]
    old: str
    new: str
    how: How | Literal["not run here"]
    where: str = ""


@dataclass(frozen=True)
class Verdict:
    """What came of a reproduction.

    Attributes:
        outcome: of the whole.
        rows: in the order of the steps; outputs before metrics.
        first: the first row that differs in earnest; None if there is none.
    """

    outcome: Outcome
    rows: tuple[Row, ...]
    first: Row | None

    @property
    def sentence(self) -> str:
        """The outcome in a sentence, with the place where it differs first."""
        if self.first is None:
            return {
                "equal": "Every result is equal to the recorded one.",
                "within tolerance": "The results are the recorded ones within a relative 1e-9; "
                "bytes differ.",
            }[self.outcome]
        row = self.first
        what = f"{row.kind} '{row.what}'" if row.kind != "step" else "result"
        place = f" ({row.where})" if row.where else ""
        told = f"{row.old} -> {row.new}" if row.kind == "metric" else ""
        return f"It differs first in the {what} of {row.slot}{place}{': ' if told else ''}{told}."


def compare_runs(
    old: Executions,
    new: Executions,
    old_store: ArtifactStore,
    new_store: ArtifactStore,
) -> Verdict:
    """Compare two runs of one pipeline.

    Contents are compared by their digests. Where those differ, rows and JSON are compared by value,
    with floats within `TOLERANCE`; a model, whose bytes say little, by the metrics that follow.

    Args:
        old: the recorded executions, by slot.
        new: those of the new run.
        old_store: where the recorded artifacts lie.
        new_store: where the new ones lie.
    """
    rows: list[Row] = []
    for slot in sorted(old, key=slot_order):
        if slot not in new:
            rows.append(Row(slot, "", "step", "", "", "not run here"))
            continue
        rows += _outputs(slot, old[slot], new[slot], (Reader(old_store), Reader(new_store)))
        rows += _metrics(slot, old[slot], new[slot])
    return judge(rows)


def judge(rows: Sequence[Row]) -> Verdict:
    """The outcome of rows.

    Other bytes of a model count as within tolerance if the pipeline has measured it, and as a
    difference if nothing has. A leaf that this machine cannot compute counts as nothing, and its
    files by what they say.

    Args:
        rows: in the order of the steps.

    Example:
        >>> row = Row("trainer", "model", "output", "a1", "b2", "other bytes")
        >>> judge([row]).outcome
        'different'
    """
    measured = any(
        row.kind == "metric" and kind_of(row.slot) == "evaluator" and row.how != "different"
        for row in rows
    )

    def is_wrong(row: Row) -> bool:
        if kind_of(row.slot) in LEAVES:
            # TFDV's own files differ by its version and platform; what they say is beside them.
            return row.how == "different"
        if row.how == "not run here":
            return True
        return row.how == "different" or (row.how == "other bytes" and not measured)

    first = next(filter(is_wrong, rows), None)
    if first is not None:
        return Verdict("different", tuple(rows), first)
    exact = all(row.how in ("equal", "not run here") for row in rows)
    return Verdict("equal" if exact else "within tolerance", tuple(rows), None)


def _outputs(
    slot: str, old: ExecutionRecord, new: ExecutionRecord, readers: tuple[Reader, Reader]
) -> Iterator[Row]:
    after = {a.name: a for a in new.artifacts if a.name not in SIDE_OUTPUTS}
    for artifact in old.artifacts:
        if artifact.name in SIDE_OUTPUTS:
            continue
        other = after.pop(artifact.name, None)
        before = artifact.content_digest[:_DIGITS]
        if other is None:
            yield Row(slot, artifact.name, "output", before, "-", "different", "it is missing")
            continue
        found = Difference("equal")
        if artifact.content_digest != other.content_digest:
            found = _by_value(slot, (old, new), (artifact, other), readers)
        where = found.where or (_JUDGED_BY if found.how == "other bytes" else "")
        digest = other.content_digest[:_DIGITS]
        yield Row(slot, artifact.name, "output", before, digest, found.how, where)
    for name, other in after.items():
        digest = other.content_digest[:_DIGITS]
        yield Row(slot, name, "output", "-", digest, "different", "it is new")


def _by_value(
    slot: str,
    executions: tuple[ExecutionRecord, ExecutionRecord],
    artifacts: tuple[ArtifactRecord, ArtifactRecord],
    readers: tuple[Reader, Reader],
) -> Difference:
    formats = {artifact.format for artifact in artifacts}
    if formats not in ({"parquet"}, {"json"}):
        return Difference("other bytes" if len(formats) == 1 else "different")
    try:
        old, new = (
            reader.output(slot, execution, artifact)
            for reader, execution, artifact in zip(readers, executions, artifacts, strict=True)
        )
        if formats == {"parquet"}:
            found = compare_datasets(old, new)
        else:
            import msgspec

            found = compare_plain(msgspec.to_builtins(old), msgspec.to_builtins(new))
    except ZenlabError as error:
        return Difference("different", f"its values cannot be compared: {error.message}")
    # The digests differ, and so does something that no value shows: a type, say.
    return found if found.how != "equal" else Difference("within tolerance")


def _metrics(slot: str, old: ExecutionRecord, new: ExecutionRecord) -> Iterator[Row]:
    before = {(m.name, m.step): m.value for m in old.metrics}
    after = {(m.name, m.step): m.value for m in new.metrics}
    for key in dict.fromkeys([*before, *after]):
        a, b = before.get(key), after.get(key)
        how: How = "different"
        if a is not None and b is not None:
            how = "equal" if a == b or (a != a and b != b) else "different"  # noqa: PLR0124
            if how == "different" and close(a, b):
                how = "within tolerance"
        name, step = key
        title = name if step is None else f"{name} at {step}"
        yield Row(slot, title, "metric", _exact(a, b), _exact(b, a), how)


def _exact(value: float | None, other: float | None) -> str:
    """As few digits as tell the two apart."""
    if value is None:
        return "-"
    if other is None or value == other or number(value) != number(other):
        return number(value)
    return repr(value)
