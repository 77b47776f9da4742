"""How two specifications differ, in words: a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.pipelines.spec import PipelineSpec

_SHOWN = 60


class _Missing:
    def __repr__(self) -> str:
        return "(not given)"


_MISSING = _Missing()


def differences(old: PipelineSpec, new: PipelineSpec) -> list[str]:
    """What changes from one specification to the other.

    Returns:
        Lines such as `trainer.learning_rate: 0.1 -> 0.05`, `transform: its code has changed`,
        `+ preprocesser: TabularPreprocesser`; empty if they give the same result.
    """
    lines = list(_datasource(old, new))
    for slot in dict.fromkeys([*old.steps, *new.steps]):
        before, after = old.steps.get(slot), new.steps.get(slot)
        if before is None and after is not None:
            lines.append(f"+ {slot}: {after.title}")
        elif after is None and before is not None:
            lines.append(f"- {slot}: {before.title}")
        elif before is not None and after is not None:
            if before.source != after.source:
                lines.append(f"{slot}: {before.source} -> {after.source}")
            if before.code != after.code and before.title == after.title:
                lines.append(f"{slot}: the code of {after.title} has changed")
            lines += _values(slot, before.args, after.args)
            for name in ("packages", "files", "env"):
                lines += _values(f"{slot}.{name}", getattr(before, name), getattr(after, name))
    return lines


def _datasource(old: PipelineSpec, new: PipelineSpec) -> Iterator[str]:
    before, after = old.datasource, new.datasource
    if before == after:
        return
    if before is None or after is None:
        yield f"datasource: {before and before.name} -> {after and after.name}"
        return
    if (before.name, before.source) != (after.name, after.source):
        yield f"datasource: {before.name} ({before.source}) -> {after.name} ({after.source})"
    yield from _values("datasource", before.args, after.args)
    if before.commit != after.commit:
        yield f"datasource commit: {(before.commit or '-')[:12]} -> {(after.commit or '-')[:12]}"


def _values(where: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _values(f"{where}.{key}", old.get(key, _MISSING), new.get(key, _MISSING))
    elif type(old) is not type(new) or old != new:
        yield f"{where}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
