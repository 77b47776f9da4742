"""What has moved on since a run, among what some of its steps follow from: declaration, data, code.

It is found from the pipeline's file, the rows of the store and the code of this process alone:
nothing is imported, computed or written. What cannot be told so is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from zenlab.core.errors import ChangedCodeError, ZenlabError
from zenlab.engine.fingerprint import fingerprint
from zenlab.pipelines.declare import CODE, Declaration, code_refs, describe
from zenlab.pipelines.diff import differences
from zenlab.pipelines.leaves import ungated, with_leaf_args
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.pipelines.resolve import loaded
from zenlab.pipelines.wiring import LEAVES, kind_of, upstream_slots

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.declare import Declared
    from zenlab.pipelines.spec import PipelineSpec, StepSpec

Kind = Literal["declaration", "data", "code", "again"]

_LINES = 3
"""The most differences that one sentence names."""


class Reason(NamedTuple):
    """What has moved on, in a sentence."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Part:
    """A part of a pipeline: some of its steps, and all that these read.

    Args:
        spec: the pipeline.
        ends: the slots that are asked about; None: all.

    Example:
        >>> from zenlab.pipelines.spec import PipelineSpec, StepSpec
        >>> steps = {name: StepSpec(f"zenlab.steps.{name}") for name in ("split", "trainer")}
        >>> Part(PipelineSpec("A", "training", None, steps), ("split",)).slots
        ('split',)
    """

    spec: PipelineSpec
    ends: tuple[str, ...] | None = None

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots in it."""
        if self.ends is None:
            return tuple(self.spec.steps)
        found: dict[str, None] = {}
        waiting = [slot for slot in self.spec.steps if kind_of(slot) in self.ends]
        while waiting:
            slot = waiting.pop()
            if slot not in found:
                found[slot] = None
                waiting += upstream_slots(slot, self.spec)
        return tuple(slot for slot in self.spec.steps if slot in found)

    def steps(self) -> dict[str, StepSpec]:
        """Its steps with all that their results follow from, and nothing else."""
        return {slot: ungated(with_leaf_args(slot, self.spec)) for slot in self.slots}


def respecified(before: Part, now: Part) -> list[Reason]:
    """What differs between two specifications of a pipeline, in the same part of it.

    Args:
        before: that of the results in question.
        now: that of today.
    """
    reasons = []
    data, later = before.spec.datasource, now.spec.datasource
    if data and later and data.name == later.name and data.commit != later.commit:
        reasons.append(Reason("data", f"it uses commit {_digits(later.commit)} of '{data.name}'"))
        data = replace(data, commit=later.commit)
    steps, others = before.steps(), now.steps()
    recoded = [slot for slot in steps if slot in others and _recoded(steps[slot], others[slot])]
    if recoded:
        reasons.append(Reason("code", f"other code in {_few(_titled(recoded, others))}"))
    lines = differences(
        replace(before.spec, datasource=data, steps=_without_code(steps)),
        replace(now.spec, steps=_without_code(others)),
    )
    if lines:
        reasons.append(Reason("declaration", _few(lines)))
    return reasons


def newer_data(spec: PipelineSpec, workspace: Workspace) -> list[Reason]:
    """Whether the datasource of a pipeline has a newer commit than the one that is used."""
    source = spec.datasource
    if source is None or not source.commit:
        return []
    commits = workspace.metadata.commits(workspace.project, source.name)
    place = next((i for i, c in enumerate(commits) if c.digest == source.commit), None)
    if place is None or place == len(commits) - 1:
        return []
    newest = _digits(commits[-1].digest)
    return [Reason("data", f"'{source.name}' has a newer commit, {newest}")]


def edited_code(part: Part, workspace: Workspace) -> list[Reason]:
    """Whether the modules of a recorded pipeline hold other code now, as far as they are loaded.

    Code of a notebook does not count: another function may have its name, and the pipeline goes on
    with the recorded one.
    """
    moved = [
        slot
        for slot, step in part.steps().items()
        if any(_is_other(*ref, workspace) for ref in _references(step))
    ]
    return _edited(moved, part.spec)


def redeclared(before: Part, declared: Declared, workspace: Workspace) -> list[Reason]:
    """How a pipeline of this process, which may not have run since, differs from a specification.

    Statistics and validation are left out, since most of what they are told comes from elsewhere.

    Args:
        before: that of the results in question.
        declared: the pipeline as it stands.
        workspace: the repository.
    """
    steps = {k: v for k, v in before.steps().items() if kind_of(k) not in LEAVES}
    wanted = {kind_of(slot) for slot in before.slots}
    now: dict[str, StepSpec] = {}
    moved = []
    for slot, step in declared.steps.items():
        if kind_of(slot) not in wanted or kind_of(slot) in LEAVES:
            continue
        if not isinstance(step, Declaration):
            now[slot] = ungated(step)
            continue
        try:
            now[slot] = ungated(describe(step, slot, workspace.code_root).spec)
        except ChangedCodeError:
            moved.append(slot)
            steps.pop(slot, None)
            continue
        if slot in steps and _is_redefined(step, steps[slot], workspace):
            moved.append(slot)
    recoded = [slot for slot in steps if slot in now and _recoded(steps[slot], now[slot])]
    bare = replace(before.spec, datasource=None)
    lines = differences(
        replace(bare, steps=_without_code(steps)), replace(bare, steps=_without_code(now))
    )
    found = _edited([*dict.fromkeys([*recoded, *moved])], before.spec)
    return [*found, *([Reason("declaration", _few(lines))] if lines else [])]


# ---------------------------------------------------------------------- code


def _references(step: StepSpec) -> Iterator[tuple[str, str]]:
    if step.code is not None:
        yield step.source, step.code
    yield from ((source, code) for source, code in code_refs(step.args) if code)


def _is_other(source: str, code: str, workspace: Workspace) -> bool:
    """Whether a module that is loaded holds other code; what cannot be told is not."""
    if source.startswith(NOTEBOOK):
        return False
    return _mark(loaded(source), workspace) not in (None, code)


def _is_redefined(step: Declaration, before: StepSpec, workspace: Workspace) -> bool:
    """Whether a cell has defined the code of a declared step anew, and otherwise."""
    if before.code is None or not before.source.startswith(NOTEBOOK):
        return False
    name = getattr(step.target, "__qualname__", "")
    here = loaded(before.source)
    if here is None or here is step.target or f"{NOTEBOOK}{name}" != before.source:
        return False
    return _mark(here, workspace) not in (None, before.code)


def _mark(code: Any, workspace: Workspace) -> str | None:
    """The fingerprint of code; empty if its file was edited since, None if it cannot be told."""
    if code is None:
        return None
    try:
        return str(fingerprint(code, repo_root=workspace.code_root).digest)
    except ChangedCodeError:
        return ""
    except (ZenlabError, TypeError):
        return None


def _recoded(before: StepSpec, now: StepSpec) -> bool:
    """Whether it is the same step with other code, its own or among its arguments."""
    if before.source != now.source:
        return False
    ones, others = dict(code_refs(before.args)), dict(code_refs(now.args))
    among = any(others.get(source, code) != code for source, code in ones.items())
    return before.code != now.code or among


def _without_code(steps: dict[str, StepSpec]) -> dict[str, StepSpec]:
    """Steps without their fingerprints, which are told apart."""
    return {s: replace(step, code=None, args=_bare(step.args)) for s, step in steps.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(v) for v in value]
    if isinstance(value, dict):
        if CODE in value:
            return value[CODE]["source"]
        return {k: _bare(v) for k, v in value.items()}
    return value


# ---------------------------------------------------------------------- words


def _edited(slots: Collection[str], spec: PipelineSpec) -> list[Reason]:
    if not slots:
        return []
    return [Reason("code", f"other code here in {_few(_titled(slots, spec.steps))}")]


def _titled(slots: Collection[str], steps: dict[str, StepSpec]) -> list[str]:
    return [f"{slot} ({steps[slot].title})" for slot in slots]


def _digits(digest: str | None) -> str:
    return (digest or "-")[:12]


def _few(texts: list[str]) -> str:
    more = [f"{len(texts) - _LINES} more"] if len(texts) > _LINES else []
    return ", ".join([*texts[:_LINES], *more])
