"""Which pipeline of one revision is which of the other: by name, or else by what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.pipelines.diff import differences
from zenlab.pipelines.document import slug
from zenlab.pipelines.review.model import PipelineChange
from zenlab.pipelines.wiring import LEAVES, kind_of, slot_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zenlab.pipelines.review.model import Kind, Side
    from zenlab.pipelines.spec import PipelineSpec, StepSpec

_REASONS = 4


def pipeline_changes(old: Side, new: Side) -> tuple[PipelineChange, ...]:
    """What became of each pipeline, as far as the files tell; by name.

    A file that cannot be read at one side is no pipeline that was added or removed: it is left
    out here, and `Side.broken` has it.

    Args:
        old: the older side.
        new: the newer side.
    """
    gone, come = _only(old, new), _only(new, old)
    found: list[PipelineChange] = []
    for before, after in _renamed(gone, come):
        found.append(_compared("renamed", before, after))
        del gone[before.name], come[after.name]
    found += [PipelineChange("removed", name, old=spec) for name, spec in gone.items()]
    found += [_added(spec, old, new) for spec in come.values()]
    for name in old.specs.keys() & new.specs.keys():
        before, after = old.specs[name], new.specs[name]
        if before.digest != after.digest or before.enable_cache != after.enable_cache:
            found.append(_compared("changed", before, after))
        elif before.to_document() != after.to_document():
            found.append(PipelineChange("rewritten", name, before, after))
    return tuple(sorted(found, key=lambda change: change.name))


def _only(side: Side, other: Side) -> dict[str, PipelineSpec]:
    """The pipelines of a side of whose files the other one has none, not even a broken one."""
    return {
        name: spec
        for name, spec in side.specs.items()
        if name not in other.specs and f"{slug(name)}.yaml" not in other.broken
    }


def _renamed(
    gone: Mapping[str, PipelineSpec], come: Mapping[str, PipelineSpec]
) -> Iterator[tuple[PipelineSpec, PipelineSpec]]:
    """What went and came with one content; each once, even if two copies came."""
    left = dict(sorted(come.items()))
    for _, before in sorted(gone.items()):
        same = next((s for s in left.values() if s.digest == before.digest), None)
        if same is not None:
            del left[same.name]
            yield before, same


def _added(spec: PipelineSpec, old: Side, new: Side) -> PipelineChange:
    """A new pipeline, against the one that it was copied from, where that is known."""
    origin = (spec.copied_from or {}).get("name")
    digest = (spec.copied_from or {}).get("digest")
    candidates = [side.specs[origin] for side in (old, new) if origin and origin in side.specs]
    # A copy is of what its origin was then, as long as a side still has that.
    base = next((s for s in candidates if s.digest == digest), next(iter(candidates), None))
    if base is None:
        return PipelineChange("added", spec.name, new=spec, old_name=origin or "")
    return _compared("added", base, spec)


def _compared(kind: Kind, before: PipelineSpec, after: PipelineSpec) -> PipelineChange:
    lines = differences(before, after)
    if before.enable_cache != after.enable_cache:
        lines.append(f"enable_cache: {before.enable_cache} -> {after.enable_cache}")
    if not lines and before.digest != after.digest:
        lines.append("the order of arguments, which counts")
    return PipelineChange(
        kind,
        after.name,
        before,
        after,
        before.name if before.name != after.name else "",
        tuple(_reasons(before, after))[:_REASONS],
        tuple(lines),
    )


def _reasons(before: PipelineSpec, after: PipelineSpec) -> Iterator[str]:
    """What is another one, in a word or two each: `another trainer`, `other data`."""
    a, b = before.datasource, after.datasource
    if a is not None and b is not None:
        if (a.name, a.source) != (b.name, b.source):
            yield f"another datasource ({b.name})"
        elif a.args != b.args:
            yield "other options of its datasource"
        elif a.commit != b.commit:
            yield "other data"
    slots = sorted(dict.fromkeys([*before.steps, *after.steps]), key=slot_order)
    # Statistics and validation follow the rest: they are no reason of their own if there is one.
    for slot in sorted(slots, key=lambda slot: kind_of(slot) in LEAVES):
        old, new = before.steps.get(slot), after.steps.get(slot)
        if old is None:
            yield f"a new {slot}"
        elif new is None:
            yield f"no {slot}"
        elif (reason := _reason(slot, old, new)) is not None:
            yield reason


def _reason(slot: str, old: StepSpec, new: StepSpec) -> str | None:
    if old.source != new.source and old.title != new.title:
        return f"another {slot} ({new.title})"
    # `SklearnTrainer` is all of scikit-learn: which estimator it fits is what makes it.
    chosen = new.args.get("estimator")
    if isinstance(chosen, str) and chosen != old.args.get("estimator"):
        return f"another {slot} ({chosen})"
    if old.code != new.code:
        return f"other code of {slot}"
    if old.ordered_args() != new.ordered_args():
        return f"other parameters of {slot}"
    if (old.packages, old.files, old.env) != (new.packages, new.files, new.env):
        return f"other packages, files or variables of {slot}"
    return None
