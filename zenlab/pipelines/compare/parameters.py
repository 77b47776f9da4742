"""The parameters of runs, by `slot.name`, and which of them differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical
from zenlab.pipelines.declare import CODE
from zenlab.views.comparison import ParameterRow
from zenlab.views.run import COMMIT_LENGTH, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.pipelines.spec import PipelineSpec, StepSpec

_DIGITS = 8
"""The digits of a fingerprint that are shown."""

_WORD = re.compile(r"[A-Za-z_][\w.]*")
_NAMES = frozenset({"None", "True", "False", "inf", "nan"})

COMMIT = "datasource.commit"

ORDER = "(order)"
"""What stands for the order of the keys of a dict, which counts among arguments."""


def parameter_rows(specs: Sequence[PipelineSpec]) -> tuple[ParameterRow, ...]:
    """All parameters of several pipelines, in the order of their steps.

    Args:
        specs: one a run.

    Returns:
        A row for the data, for the class of each step, and for each argument; dicts are laid flat.
    """
    flat = [dict(_of(spec)) for spec in specs]
    keys = [{name: canonical.encode(value) for name, value in one.items()} for one in flat]
    rows = []
    for name in _merged(flat):
        differs = len({one.get(name) for one in keys}) > 1
        if name.endswith(ORDER) and not (differs and _same_keys(name, flat)):
            continue
        shown = str if name == COMMIT else _shown
        values = tuple(shown(one[name]) if name in one else None for one in flat)
        if differs and len(set(values)) == 1:  # code of one name
            values = tuple(_told_apart(one[name]) if name in one else None for one in flat)
        rows.append(ParameterRow(name, values, differs))
    return tuple(rows)


def _same_keys(name: str, flat: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all runs have the same keys, so that nothing else shows that the order differs."""
    return len({frozenset(one.get(name, ())) for one in flat}) == 1


def _merged(all_names: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of all runs; what only a later one has stands behind what it follows there."""
    found: list[str] = []
    known: set[str] = set()
    for names in all_names:
        at = 0
        for name in names:
            if name in known:
                at = found.index(name) + 1
            else:
                found.insert(at, name)
                known.add(name)
                at += 1
    return found


def _of(spec: PipelineSpec) -> Iterator[tuple[str, Any]]:
    source = spec.datasource
    if source is not None:
        yield "datasource", source.name
        yield "datasource.source", source.source
        yield from _flat("datasource", source.args)
        if source.commit:
            yield COMMIT, source.commit[:COMMIT_LENGTH]
    if not spec.enable_cache:
        yield "enable_cache", False
    for slot, step in spec.steps.items():
        yield slot, _code(step)
        yield from _flat(slot, step.args)
        for what in ("packages", "files", "env"):
            if what != "packages" and getattr(step, what):
                yield f"{slot}.{what}", list(getattr(step, what))


def _code(step: StepSpec) -> Any:
    if step.code is None:
        return step.title
    # Where code lies does not count: one that was moved into a module is the same.
    return {CODE: {"source": step.title, "code": step.code}}


def _flat(where: str, args: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in args.items():
        name = f"{where}.{key}"
        if isinstance(value, dict) and value and CODE not in value:
            yield from _flat(name, value)
            if len(value) > 1:
                yield f"{name} {ORDER}", [str(k) for k in value]
        else:
            yield name, value


def _shown(value: Any) -> str:
    """A value as it is written: a text has quotes where it could be taken for something else."""
    if isinstance(value, dict) and CODE in value:
        return str(value[CODE]["source"]).rpartition(":")[2].rpartition(".")[2]
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return value if isinstance(value, str) and _is_word(value) else parameter(value)


def _is_word(text: str) -> bool:
    """Whether a text cannot be taken for a number, a list or a name of Python's."""
    return _WORD.fullmatch(text) is not None and text not in _NAMES


def _told_apart(value: Any) -> str:
    """Code with digits of its fingerprint."""
    if isinstance(value, dict) and CODE in value:
        return f"{_shown(value)} @{value[CODE]['code'][:_DIGITS]}"
    if isinstance(value, list):
        return f"[{', '.join(_told_apart(item) for item in value)}]"
    return _shown(value)
