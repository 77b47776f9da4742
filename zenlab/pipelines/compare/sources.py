"""What differs between the code of a step in two runs: a diff of what is kept of it.

The metadata store keeps a listing of all functions, classes and constants that a user's code
reaches (`engine.fingerprint.listing`) by its fingerprint, of notebooks and of modules alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from zenlab.engine.codediff import changed_code, unified
from zenlab.engine.fingerprint import read_listing
from zenlab.pipelines.declare import code_refs
from zenlab.views.comparison import CodeBlock, CodeDifference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.pipelines.spec import PipelineSpec, StepSpec


class Labelled(Protocol):
    """A pipeline under the name that it has in a comparison: a run, or a file of a revision."""

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def spec(self) -> PipelineSpec:
        """Its specification."""


def fingerprints(runs: Sequence[Labelled]) -> set[str]:
    """The fingerprints of all the users' code in runs."""
    return {code for found in runs for step in found.spec.steps.values() for _, code in _refs(step)}


def code_differences(
    base: Labelled, others: Sequence[Labelled], kept: Mapping[str, str]
) -> tuple[CodeDifference, ...]:
    """How the users' code in other runs differs from the baseline's, step by step.

    Args:
        base: the baseline.
        others: the other runs.
        kept: the listings that the store has, by fingerprint.
    """
    same: dict[tuple[str, str, str], list[str]] = {}
    for other in others:
        for slot, step in other.spec.steps.items():
            before = base.spec.steps.get(slot)
            if before is not None:
                for old, new in _pairs(_refs(before), _refs(step)):
                    same.setdefault((slot, old, new), []).append(other.label)
    return tuple(
        CodeDifference(slot, base.label, tuple(labels), *_difference(old, new, kept))
        for (slot, old, new), labels in same.items()
    )


def _difference(old: str, new: str, kept: Mapping[str, str]) -> tuple[tuple[CodeBlock, ...], str]:
    before, after = (read_listing(kept.get(mark, "")) for mark in (old, new))
    lost = [mark[:8] for mark, found in ((old, before), (new, after)) if not found]
    if lost:
        return (), f"The source is not kept (fingerprint {' and '.join(lost)})."
    blocks = tuple(
        CodeBlock(f"{e.name} ({e.file})" if (e := pair.entry).file else e.name, tuple(lines))
        for pair in changed_code(before, after)
        if (lines := unified(pair))
    )
    if blocks:
        return blocks, ""
    return (), "It differs in a value that is not kept, such as a constant named like a secret."


def _refs(step: StepSpec) -> list[tuple[str, str]]:
    """The user's own code of a step, and that among its arguments, by fingerprint."""
    own = [(step.source, step.code)] if step.code is not None else []
    return [*own, *((source, code) for source, code in code_refs(step.args) if code)]


def _pairs(
    old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Fingerprints that belong together and differ: by place, or else by name."""
    if len(old) == len(new):
        yield from ((a, b) for (_, a), (_, b) in zip(old, new, strict=True) if a != b)
        return
    by_source = dict(old)
    yield from ((by_source[s], b) for s, b in new if s in by_source and by_source[s] != b)
