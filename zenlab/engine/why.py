"""What differs between a step and an earlier execution of such a step, and which one is nearest.

Pure: what is compared are identities as plain data (`Identity.as_plain`), as they are recorded
with each execution, and content digests of inputs. Nothing is read here, and nothing is run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from zenlab.core import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.engine.codediff import CodeChange
    from zenlab.metadata import EarlierExecution

Kind = Literal["format", "step", "code", "parameter", "package", "file", "env", "input"]

CODE = "$code"
"""Marks the fingerprint of a function or class among the arguments of an identity."""

WEIGHTS: dict[Kind, float] = {
    "parameter": 1,
    "code": 1.5,
    "package": 2,
    "file": 2,
    "env": 2,
    "input": 3,
    "format": 4,
    "step": 6,
}
"""How far apart a difference of each kind puts two executions.

An edit is what a user has in mind: an execution on the same data with other parameters is nearer
than one with the same parameters on other data.
"""

ELSEWHERE = 0.5
"""How far another slot or another pipeline puts an execution, for those that differ alike."""

_SHOWN = 60
_DIGEST = 12


@dataclass(frozen=True)
class Difference:
    """One thing in which a step differs from an earlier execution.

    Attributes:
        kind: what sort of thing.
        name: the parameter, package, file, variable or input; of code "", or the parameter.
        old: its value there. Of code a fingerprint, of a file and a variable a digest.
        new: its value now.
        changes: of code, where both sources are kept: what differs in them.
        slot: of an input: the step that it comes from; None for the snapshot.
    """

    kind: Kind
    name: str
    old: Any = None
    new: Any = None
    changes: tuple[CodeChange, ...] = ()
    slot: str | None = None

    @property
    def short(self) -> str:
        """The difference in a few words."""
        if self.kind == "code":
            where = f" in {self.name}" if self.name else ""
            told = f": {self.changes[0].short}" if self.changes else " has changed"
            more = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
            return f"code{where}{told}{more}"
        if self.kind == "step":
            return f"{_step(self.old)} -> {_step(self.new)}"
        if self.kind == "format":
            return "zenlab makes keys in another way"
        if self.kind == "input":
            return self._input()
        if self.kind in ("file", "env"):
            what = "file" if self.kind == "file" else "environment variable"
            verb = "is new" if self.old is None else "is gone" if self.new is None else "changed"
            return f"{what} {self.name} {verb}"
        if self.kind == "package":
            return f"package {self.name}: {_version(self.old)} -> {_version(self.new)}"
        return f"{self.name}: {_value(self.old)} -> {_value(self.new)}"

    def lines(self) -> Iterator[str]:
        """The difference in lines of text, code with the lines that differ."""
        if self.kind != "code":
            yield self.short
            return
        what = f"the code in {self.name}" if self.name else "its code"
        if not self.changes:
            yield f"{what} has changed ({self.old[:_DIGEST]} -> {self.new[:_DIGEST]})"
            return
        yield f"{what} has changed:"
        for change in self.changes:
            for line in change.text():
                yield f"  {line}"

    def _input(self) -> str:
        if self.slot is None:
            return f"data: commit {_commit(self.old)} -> {_commit(self.new)}"
        names = _changed_names(self.old, self.new)
        what = f"{', '.join(names)} of {self.slot}" if names else f"what {self.slot} gives"
        if self.new is None:
            return f"{self.slot} runs before it"
        return f"input {self.name}: {what} {'have' if len(names) > 1 else 'has'} other content"


def differences(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    old_inputs: Mapping[str, Any],
    new_inputs: Mapping[str, Any] | None,
    slots: Mapping[str, str | None],
) -> list[Difference]:
    """All in which a step differs from an earlier execution; empty for the same work.

    Args:
        old: the recorded identity of the earlier execution.
        new: the identity of the step.
        old_inputs: the recorded content digests of its inputs, by name.
        new_inputs: those of the step; None while they are not known.
        slots: the step behind each input; None for the snapshot.
    """
    found: list[Difference] = []
    if old.get("format") != new.get("format"):
        found.append(Difference("format", "", old.get("format"), new.get("format")))
    if _class(old) != _class(new):
        # Parameters of two classes of zenlab that have one name mean different things.
        found.append(Difference("step", "", old["code"], new["code"]))
    else:
        if old["code"] != new["code"]:
            is_builtin = new["code"].startswith("builtin:")
            found.append(Difference("step" if is_builtin else "code", "", old["code"], new["code"]))
        found += _arguments(old["args"], new["args"], is_own=not new["code"].startswith("builtin:"))
    sections: tuple[tuple[Kind, str], ...] = (
        ("package", "packages"),
        ("file", "files"),
        ("env", "env"),
    )
    for kind, section in sections:
        before, after = old.get(section) or {}, new.get(section) or {}
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                found.append(Difference(kind, name, before.get(name), after.get(name)))
    return found + _inputs(old_inputs, new_inputs, slots)


def _inputs(
    old: Mapping[str, Any], new: Mapping[str, Any] | None, slots: Mapping[str, str | None]
) -> list[Difference]:
    if new is None:
        return []
    return [
        Difference("input", name, old.get(name), new.get(name), slot=slots.get(name))
        for name in dict.fromkeys([*new, *old])
        if old.get(name) != new.get(name)
    ]


@dataclass(frozen=True)
class Nearest:
    """The nearest earlier execution, and all in which the step differs from it."""

    execution: EarlierExecution
    differences: tuple[Difference, ...]


def nearest(
    candidates: Sequence[EarlierExecution],
    identity: Mapping[str, Any],
    inputs: Mapping[str, Any] | None,
    slots: Mapping[str, str | None],
    *,
    slot: str,
    pipelines: Sequence[str],
    title: str,
) -> Nearest | None:
    """The candidate that differs least, the latest of those that differ alike.

    Args:
        candidates: earlier executions of the same kind, the latest first.
        identity: of the step, as plain data.
        inputs: content digests by input name; None while they are not known.
        slots: the step behind each input; None for the snapshot.
        slot: the step's place.
        pipelines: names of its pipeline and of the pipeline's origin: another step of another
            pipeline is no earlier execution of this one.
        title: the name of its class or function.
    """
    best: tuple[float, Nearest] | None = None
    for candidate in candidates:
        is_here = candidate.slot == slot and candidate.pipeline_name in pipelines
        is_own = candidate.pipeline_name == pipelines[0]
        if not isinstance(candidate.identity, dict) or (not is_here and candidate.title != title):
            continue
        found = differences(candidate.identity, identity, candidate.inputs, inputs, slots)
        distance = sum(WEIGHTS[difference.kind] for difference in found)
        distance += ELSEWHERE * ((candidate.slot != slot) + (not is_own))
        if candidate.title != title:
            distance += WEIGHTS["step"]
        if best is None or distance < best[0]:
            best = distance, Nearest(candidate, tuple(_by_title(found, candidate.title, title)))
    return best[1] if best is not None else None


def _by_title(found: list[Difference], old: str, new: str) -> list[Difference]:
    """Another step is named by its title, where that tells the two apart."""
    return [replace(d, old=old, new=new) if d.kind == "step" and old != new else d for d in found]


def _class(identity: Mapping[str, Any]) -> str:
    """The class of zenlab's own step; that of all user code is one, whose fingerprint tells."""
    code = str(identity["code"])
    return code.split(":")[1] if code.startswith("builtin:") else ""


def _step(name: str) -> str:
    """A title; or, of one class of zenlab's, the version of what it computes."""
    if not name.startswith("builtin:"):
        return name
    _, title, version = name.split(":")
    return f"{title} (results of version {version})"


def _arguments(old: Mapping[str, Any], new: Mapping[str, Any], *, is_own: bool) -> list[Difference]:
    found = [
        difference
        for name in dict.fromkeys([*new, *old])
        for difference in _values(name, old.get(name, _MISSING), new.get(name, _MISSING))
    ]
    if not found and is_own and list(old) != list(new):
        # A function may take them as its **kwargs.
        return [Difference("parameter", "order of the parameters", list(old), list(new))]
    return found


def _values(where: str, old: Any, new: Any) -> Iterator[Difference]:
    """What differs in arguments, down to single values."""
    if _same(old, new):
        return
    old_code, new_code = _fingerprint(old), _fingerprint(new)
    if old_code and new_code:
        yield Difference("code", where, old_code, new_code)
    elif isinstance(old, dict) and isinstance(new, dict) and not old_code and not new_code:
        inner = [
            difference
            for name in dict.fromkeys([*new, *old])
            for difference in _values(
                f"{where}.{name}", old.get(name, _MISSING), new.get(name, _MISSING)
            )
        ]
        # The order of a dict counts: it is the order of the splits or columns made from it.
        yield from inner or [Difference("parameter", f"order of {where}", list(old), list(new))]
    else:
        yield Difference("parameter", where, old, new)


class _Missing:
    def __repr__(self) -> str:
        return "(not given)"


_MISSING = _Missing()


def _fingerprint(value: Any) -> str:
    return str(value[CODE]) if isinstance(value, dict) and CODE in value else ""


def _same(old: Any, new: Any) -> bool:
    """Equal as a key sees it: 1 and 1.0 are two values, NaN is one."""
    if old is _MISSING or new is _MISSING:
        return old is new
    return bool(
        canonical.encode(canonical.in_order(old)) == canonical.encode(canonical.in_order(new))
    )


def _value(value: Any) -> str:
    if _fingerprint(value):
        return f"code {_fingerprint(value)[:_DIGEST]}"
    text = "(none)" if value is None else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _version(version: Any) -> str:
    return "(not counted)" if version is None else str(version)


def _commit(digest: Any) -> str:
    return str(digest)[:_DIGEST] if digest else "(none)"


def _changed_names(old: Any, new: Any) -> list[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    return [name for name in dict.fromkeys([*new, *old]) if old.get(name) != new.get(name)]
