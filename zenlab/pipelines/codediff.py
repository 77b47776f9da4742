"""What differs between the code of a step in two runs: a unified diff of what is kept of it.

The sources lie in the metadata store by fingerprint: a listing of all functions, classes and
constants that the step reaches (`engine.fingerprint.listing`), of notebooks and of modules alike.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint import listing_key, read_listing
from zenlab.pipelines.declare import code_refs
from zenlab.views.comparison import CodeBlock, CodeDifference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.engine.fingerprint import Reached
    from zenlab.metadata import CodeRecord
    from zenlab.pipelines.compare_targets import Found
    from zenlab.pipelines.spec import StepSpec

CONTEXT = 3
"""Lines around a change."""


def fingerprints(runs: Sequence[Found]) -> set[str]:
    """The keys of everything that is kept of the code of runs."""
    marks = {
        code for found in runs for step in found.spec.steps.values() for _, code in _refs(step)
    }
    return {key for mark in marks for key in (mark, listing_key(mark))}


def code_differences(
    base: Found, others: Sequence[Found], kept: Mapping[str, CodeRecord]
) -> tuple[CodeDifference, ...]:
    """How the users' code in other runs differs from the baseline's, step by step.

    Args:
        base: the baseline.
        others: the other runs.
        kept: what the store has for `fingerprints`.
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


def diff_lines(old: Sequence[Reached], new: Sequence[Reached]) -> list[CodeBlock]:
    """The functions, classes and constants that differ, in the order in which they are reached.

    Args:
        old: the entries of a listing; the step's own code first.
        new: likewise.
    """
    before, after = _named(old), _named(new)
    if old and new and (old[0].kind, old[0].name) != (new[0].kind, new[0].name):
        # Another name is another function, but the same step.
        before = {"": old[0]} | {k: e for k, e in before.items() if e is not old[0]}
        after = {"": new[0]} | {k: e for k, e in after.items() if e is not new[0]}
    blocks = []
    for key in dict.fromkeys([*after, *before]):
        one, two = before.get(key), after.get(key)
        if one is not None and two is not None and one.digest == two.digest:
            continue  # at most a comment
        lines = _unified(one, two)
        if lines:
            blocks.append(CodeBlock(_place(two or one), tuple(lines)))
    return blocks


def _difference(
    old: str, new: str, kept: Mapping[str, CodeRecord]
) -> tuple[tuple[CodeBlock, ...], str]:
    before, after = _entries(old, kept), _entries(new, kept)
    if before and after:
        blocks = diff_lines(before, after)
        if blocks:
            return tuple(blocks), ""
        return (), "It differs in a value that is not kept, such as a constant named like a secret."
    bundles = kept.get(old), kept.get(new)
    if bundles[0] is not None and bundles[1] is not None:
        lines = _diff(bundles[0].source, bundles[1].source, 1, 1)
        return (CodeBlock(bundles[1].name, tuple(lines)),), ""
    lost = " and ".join(mark[:8] for mark, entries in ((old, before), (new, after)) if not entries)
    return (), f"The source is not kept (fingerprint {lost}): it was run by an older zenlab."


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


def _entries(mark: str, kept: Mapping[str, CodeRecord]) -> tuple[Reached, ...]:
    record = kept.get(listing_key(mark))
    return read_listing(record.source) if record is not None else ()


def _named(entries: Sequence[Reached]) -> dict[str, Reached]:
    found: dict[str, Reached] = {}
    for entry in entries:
        key = f"{entry.kind} {entry.module} {entry.name}"
        while key in found:  # several functions of one name
            key += "'"
        found[key] = entry
    return found


def _place(entry: Reached | None) -> str:
    assert entry is not None
    return f"{entry.name} ({entry.file})" if entry.file else entry.name


def _unified(old: Reached | None, new: Reached | None) -> list[str]:
    first = old.line if old is not None else 0, new.line if new is not None else 0
    return _diff(_text(old), _text(new), *first)


def _text(entry: Reached | None) -> str:
    if entry is None:
        return ""
    if entry.kind == "constant":
        return f"{entry.name} = {entry.text}"
    return textwrap.dedent(entry.text).rstrip()


def _diff(old: str, new: str, old_first: int, new_first: int) -> list[str]:
    """A unified diff without the names of files; hunks count from the lines given."""
    before, after = ([line.expandtabs(4) for line in text.splitlines()] for text in (old, new))
    lines = list(difflib.unified_diff(before, after, lineterm="", n=CONTEXT))[2:]
    shown = []
    for line in lines:
        hunk = re.fullmatch(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@", line)
        if hunk is None:
            shown.append(line)
            continue
        if len(before) <= 1 and len(after) <= 1:
            continue
        at = [
            max(int(hunk[1]) + old_first - 1, 0) if before else 0,
            max(int(hunk[3]) + new_first - 1, 0) if after else 0,
        ]
        shown.append(f"@@ -{at[0]}{hunk[2] or ''} +{at[1]}{hunk[4] or ''} @@")
    return shown
