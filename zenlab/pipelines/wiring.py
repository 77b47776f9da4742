"""Which step reads what: from the slots of a pipeline to the nodes of the engine."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical
from zenlab.core.errors import ParameterError
from zenlab.engine.declared import env_digests, file_digests
from zenlab.engine.graph import Identity, Node, Ref, Root
from zenlab.engine.versions import key_version
from zenlab.pipelines.declare import CODE, code_refs
from zenlab.pipelines.leaves import (
    gate_of,
    gated_by,
    missing_worker,
    ungated,
    with_leaf_args,
    with_schema_text,
)
from zenlab.pipelines.resolve import Home, make_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.dataset import Dataset
    from zenlab.core.step import Step
    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.spec import PipelineSpec, StepSpec

KINDS = (
    "transform",
    "split",
    "statistics",
    "validation",
    "preprocesser",
    "trainer",
    "evaluator",
)
"""The kinds of slots, in the order in which they run."""

LEAVES = ("statistics", "validation")
"""Kinds that no other step reads: they run beside the others, and may be missing."""

REPEATABLE = ("transform",)
"""Kinds of which a pipeline may have several: `transform`, `transform_2`, ..."""


@cache
def kind_of(slot: str) -> str:
    """The kind of a slot: `transform_2` is a transform."""
    return re.sub(r"_\d+$", "", slot)


@cache
def slot_order(slot: str) -> tuple[int, int]:
    """Sorts slots in the order in which they run."""
    number = re.search(r"_(\d+)$", slot)
    return KINDS.index(kind_of(slot)), int(number.group(1)) if number else 1


def wire(
    spec: PipelineSpec,
    snapshot: Dataset,
    workspace: Workspace,
    live: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Node]:
    """The nodes of a pipeline, in the order in which they run.

    Args:
        spec: the pipeline.
        snapshot: the rows that it starts from.
        workspace: the repository.
        live: by slot: the code that was declared in this process, by fingerprint.

    Raises:
        ParameterError: a step lacks one before it.
    """
    nodes: list[Node] = []
    for slot in sorted(spec.steps, key=slot_order):
        step = with_leaf_args(slot, spec)
        leaf = kind_of(slot) in LEAVES
        nodes.append(
            Node(
                slot=slot,
                title=step.title,
                identity=_identity(slot, ungated(step), workspace),
                inputs=_inputs(slot, spec, snapshot),
                make=_maker(step, slot, spec, workspace, (live or {}).get(slot, {})),
                findings=partial(_moved, slot, (live or {}).get(slot, {}), workspace),
                leaf=leaf,
                missing=missing_worker if leaf else _nothing,
                after=gated_by(slot, spec),
                check=gate_of(slot, step),
            )
        )
    _remember_digests(nodes, spec)
    return nodes


_MOST_SPECS = 500
_digests: dict[tuple[object, ...], list[str]] = {}


def _remember_digests(nodes: list[Node], spec: PipelineSpec) -> None:
    """Take the digests of identities that are known for this very specification.

    They follow from it, but for versions of packages, which are compared, and for declared files
    and variables, with which nothing is remembered.
    """
    identities = [node.identity for node in nodes]
    if any(i.files or i.env for i in identities):
        return
    packages = tuple((i.code, *i.packages.items()) for i in identities)
    key = (spec.digest, packages)
    known = _digests.get(key)
    if known is None:
        if len(_digests) >= _MOST_SPECS:
            _digests.clear()
        known = _digests[key] = [identity.digest for identity in identities]
    for identity, digest in zip(identities, known, strict=True):
        vars(identity)["digest"] = digest  # where its cached_property keeps it


def upstream_slots(slot: str, spec: PipelineSpec) -> tuple[str, ...]:
    """The slots whose outputs a slot reads."""
    return tuple(dict.fromkeys(s for s in input_slots(slot, spec).values() if s is not None))


def input_slots(slot: str, spec: PipelineSpec) -> dict[str, str | None]:
    """The slot behind each input of a slot; None for the snapshot.

    Args:
        slot: of the pipeline.
        spec: the pipeline.
    """
    return {
        name: source.slot if isinstance(source, Ref) else None
        for name, source in _inputs(slot, spec, None).items()
    }


def _nothing() -> None:
    """What is missing for a step that needs nothing."""


def _maker(
    step: StepSpec, slot: str, spec: PipelineSpec, workspace: Workspace, live: Mapping[str, Any]
) -> Any:
    def make() -> Step:
        home = Home(workspace, live, step.code_commit, spec.name)
        return make_step(with_schema_text(step, spec, workspace), kind_of(slot), home)

    return make


def _moved(slot: str, live: Mapping[str, Any], workspace: Workspace) -> list[str]:
    """Whether code is another one than when the run was planned: a step before changed a global.

    Its result is recorded under the key of what was planned, and a later run in which the step
    before is a hit would compute something else. Nothing is wrong if it is only a cache of theirs,
    so this is told and no error.
    """
    from zenlab.engine.fingerprint import fingerprint

    for mark, code in live.items():
        if "." in mark:  # a source: what zenlab brings
            continue
        if fingerprint(code, repo_root=workspace.code_root).digest != mark:
            name = getattr(code, "__name__", type(code).__name__)
            message = (
                f"Step '{slot}': something that {name} refers to was changed by an earlier step of "
                "this run. A cached step changes nothing: return it as data instead of keeping "
                "it in a variable."
            )
            return [message]
    return []


def _inputs(slot: str, spec: PipelineSpec, snapshot: Dataset | None) -> dict[str, Any]:
    kind = kind_of(slot)
    if kind in ("transform", "split"):
        before = [
            s for s in spec.steps if kind_of(s) == "transform" and slot_order(s) < slot_order(slot)
        ]
        if not before:
            return {"data": Root(snapshot) if snapshot is not None else None}
        return {"data": Ref(max(before, key=slot_order), "data")}
    _need(slot, "split", spec, "add_split(RandomSplit(...)), or NoSplit() to train on all rows")
    if kind == "statistics":
        return {"data": Ref("split")}
    if kind == "validation":
        _need(slot, "statistics", spec, "add_statistics(DataStatistics())")
        return {name: Ref("statistics", name) for name in ("statistics", "files")}
    if kind == "preprocesser":
        return {"splits": Ref("split")}
    examples = Ref("preprocesser" if "preprocesser" in spec.steps else "split")
    if kind == "trainer":
        return {"examples": examples}
    _need(slot, "trainer", spec, "add_trainer(...)")
    model = Ref("trainer", "model", code=_own_code(spec.steps["trainer"]))
    return {"model": model, "examples": examples, "raw": Ref("split")}


def _own_code(step: StepSpec) -> str:
    """The fingerprints of all user's code in a step, as one digest; empty if there is none."""
    marks = [step.code] if step.code is not None else []
    marks += [code for _, code in code_refs(step.args)]
    return canonical.digest(marks) if marks else ""


def _need(slot: str, needed: str, spec: PipelineSpec, how: str) -> None:
    if needed not in spec.steps:
        raise ParameterError(
            f"Pipeline '{spec.name}' has a {slot}, but no {needed}.",
            where=spec.name,
            hint=f"Add one: {how}.",
        )


def _identity(slot: str, step: StepSpec, workspace: Workspace) -> Identity:
    return Identity(
        kind=kind_of(slot),
        code=step.code or _builtin_code(step),
        args=_by_fingerprint(step.args),
        packages={p: key_version(p, workspace.key_versions) for p in step.packages},
        files=file_digests(step.files, workspace.root, slot) if step.files else {},
        env=env_digests(step.env) if step.env else {},
    )


def _builtin_code(step: StepSpec) -> str:
    """`builtin:RandomSplit:1`: a step of zenlab counts by its own version of results."""
    from zenlab.pipelines.resolve import find_builtin, refuse_replaced

    cls = find_builtin(step.source)
    refuse_replaced(cls)
    return f"builtin:{step.title}:{cls.__dict__['code_version']}"


def _by_fingerprint(value: Any) -> Any:
    """Arguments in which code counts by what it is, not by where it lies."""
    if isinstance(value, list):
        return [_by_fingerprint(v) for v in value]
    if isinstance(value, dict):
        if CODE in value:
            return {CODE: value[CODE]["code"]}
        return {k: _by_fingerprint(v) for k, v in value.items()}
    return value
