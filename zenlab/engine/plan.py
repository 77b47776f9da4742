"""The plan: for each step its keys, and whether its result is there already.

All cache keys follow from the declaration alone, so one query resolves the whole plan. A found
execution counts only if its work key is the one that follows from the outputs chosen upstream.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.core import canonical
from zenlab.engine import keys
from zenlab.engine.graph import Root

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from zenlab.engine.graph import Node
    from zenlab.metadata import ArtifactRecord, CachedExecution, MetadataStore


LOST = "its artifact was lost"
"""Why a step runs whose finished execution turned out to be gone."""


@dataclass
class PlannedStep:
    """A node with its keys, and what the plan found for it.

    Attributes:
        cache_key: its key by lineage.
        work_key: its key by content, or None while an input is not known yet.
        cached: the finished execution that serves, or None: it has to run.
        reason: why it has to run, in a few words; None for a hit.
    """

    node: Node
    cache_key: str
    work_key: str | None = None
    cached: CachedExecution | None = None
    reason: str | None = None


Plan = list[PlannedStep]


def make_plan(
    nodes: Sequence[Node],
    store: MetadataStore,
    *,
    force: AbstractSet[str] = frozenset(),
) -> Plan:
    """Find out what is there already and what has to run.

    One statement when everything is a hit or nothing is; one more for each step whose lineage is
    new but whose inputs are known, since its work may have been done under another lineage.

    Args:
        nodes: in an order in which they can run.
        store: where finished executions are found.
        force: slots that are to run whatever is there.
    """
    return make_plans([(nodes, force)], store)[0]


def make_plans(
    asked: Sequence[tuple[Sequence[Node], AbstractSet[str]]], store: MetadataStore
) -> list[Plan]:
    """Several plans at once, with the statements of one: their questions are asked together.

    Each is what it would be alone: that one would do the work of another does not count.

    Args:
        asked: the nodes of each plan, and the slots that are forced in it.
        store: where finished executions are found.
    """
    plans: list[Plan] = []
    for nodes, _ in asked:
        cache_keys = lineage_keys(nodes)
        plans.append([PlannedStep(node, cache_keys[node.slot]) for node in nodes])
    found: dict[str, list[CachedExecution]] = {}
    for row in store.find_cached([step.cache_key for plan in plans for step in plan]):
        found.setdefault(row.cache_key, []).append(row)
    going = [_resolving(plan, force, found) for plan, (_, force) in zip(plans, asked, strict=True)]
    waiting = {i: key for i, plan in enumerate(going) if (key := next(plan, None)) is not None}
    while waiting:
        done = {row.work_key: row for row in store.find_done(list(waiting.values()))}
        answered, waiting = waiting, {}
        for i, key in answered.items():
            with contextlib.suppress(StopIteration):
                waiting[i] = going[i].send(done.get(key))
    return plans


def _resolving(
    plan: Plan, force: AbstractSet[str], found: Mapping[str, list[CachedExecution]]
) -> Generator[str, CachedExecution | None, None]:
    """Resolve a plan; it yields a work key where it has to know whether that work has been done."""
    chosen: dict[str, CachedExecution] = {}
    for step in plan:
        slot = step.node.slot
        waiting_for = [u for u in step.node.upstream if u not in chosen]
        if waiting_for:
            step.reason = f"its input changes: {', '.join(dict.fromkeys(waiting_for))}"
            continue
        step.work_key = keys.work_key(step.node.identity, input_digests(step.node, chosen))
        if slot in force:
            step.reason = "forced"
            continue
        same_lineage = found.get(step.cache_key, [])
        same_work = [row for row in same_lineage if row.work_key == step.work_key]
        step.cached = same_work[0] if same_work else (yield step.work_key)
        if step.cached is not None:
            chosen[slot] = step.cached
        else:
            step.reason = (
                "its inputs have new values" if same_lineage else "new code, parameters or data"
            )


def lineage_keys(nodes: Sequence[Node]) -> dict[str, str]:
    """The cache key of each node, by slot."""
    found: dict[str, str] = {}
    for node in nodes:
        lineage = {
            name: ["root", source.digest]
            if isinstance(source, Root)
            else [found[source.slot], source.output or "*"]
            for name, source in node.inputs.items()
        }
        found[node.slot] = keys.cache_key(node.identity, lineage)
    return found


def input_digests(node: Node, chosen: Mapping[str, CachedExecution]) -> keys.InputDigests:
    """The content digests of what a node would read.

    Args:
        node: the step.
        chosen: the execution that serves, by slot, for at least all of the node's upstream.
    """
    digests: keys.InputDigests = {}
    for name, source in node.inputs.items():
        if isinstance(source, Root):
            digests[name] = source.digest
            continue
        outputs = {a.name: a for a in chosen[source.slot].artifacts}
        if source.output is None:
            digests[name] = {
                n: a.content_digest for n, a in outputs.items() if a.format == "parquet"
            }
        else:
            digests[name] = _value_digest(outputs[source.output], source.code)
    return digests


def _value_digest(artifact: ArtifactRecord, code: str) -> str:
    """What a value is to those who use it: its content, and the code of its own classes.

    After an edit of `predict` alone a model is stored as the same bytes, but does something else.
    Scikit-learn's own models have no such code, so that a refactored trainer stops at them.
    """
    has_code = artifact.format == "custom" or bool(artifact.summary.get("types"))
    if not code or not has_code:
        return artifact.content_digest
    return canonical.digest([artifact.content_digest, code])
