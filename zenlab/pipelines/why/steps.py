"""Comparing a step with earlier executions: who made what, what is nearest, what it comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.engine.fingerprint import read_listing
from zenlab.engine.why import Difference, differences, nearest
from zenlab.pipelines.why.answer import Cause, Made

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from zenlab.core.workspace import Workspace
    from zenlab.engine.fingerprint import Reached
    from zenlab.engine.why import Nearest
    from zenlab.metadata import CachedExecution, EarlierExecution, ExecutionRecord, RunRecord
    from zenlab.pipelines.spec import PipelineSpec

_OTHER = (
    "it gave other content for the same work, so it is not repeatable, or reads something that "
    "does not count"
)
_EARLIER_RUNS = 5


@dataclass(frozen=True)
class Side:
    """A step of the run that is explained, in the form in which it is compared."""

    slot: str
    title: str
    identity: Mapping[str, Any]
    inputs: Mapping[str, Any] | None
    slots: Mapping[str, str | None]


class Explainer(ABC):
    """What a run of the past and the next one have in common.

    Args:
        workspace: the repository.
        spec: the pipeline.
        label: the pipeline with its revision, if it has one.
    """

    def __init__(self, workspace: Workspace, spec: PipelineSpec, label: str) -> None:
        self.workspace = workspace
        self.spec = spec
        self.label = label
        self._runs: dict[int, RunRecord | None] = {}
        self._executed: dict[int, dict[str, ExecutionRecord]] = {}
        self._earlier_runs: list[RunRecord] | None = None
        self._code: dict[str, tuple[Reached, ...]] = {}

    def wanted(self, slot: str | None, known: Sequence[str]) -> Sequence[str]:
        """The slots to be explained, in order.

        Args:
            slot: the one that was asked for, or None.
            known: all there are, those that zenlab adds by itself (statistics) among them.
        """
        if slot is not None and slot not in known:
            raise DoesNotExistException(
                f"Pipeline '{self.spec.name}' has no step '{slot}'.", hint=suggest(slot, known)
            )
        return [slot] if slot is not None else known

    # ------------------------------------------------------------------ who made what

    def made(self, execution: CachedExecution | ExecutionRecord | EarlierExecution) -> Made:
        """Where, by whom and when an execution took place."""
        if execution.run_id not in self._runs:
            self.know_runs([execution.run_id])
        run = self._runs.get(execution.run_id)
        where = run.label if run else "a run that is gone"
        return Made(
            pipeline=where,
            user=execution.user,
            by_me=execution.user == self.workspace.user,
            host=execution.host,
            git_commit=execution.git_commit,
            at_ms=execution.ended_ms,
            seconds=execution.seconds,
        )

    def know_runs(self, ids: Iterable[int]) -> None:
        """Read several runs by one statement."""
        missing = [i for i in ids if i not in self._runs]
        self._runs.update(dict.fromkeys(missing, None))
        self._runs.update(self.workspace.metadata.runs_by_id(missing) if missing else {})

    def know(self, runs: Mapping[int, RunRecord | None]) -> None:
        """Take runs that somebody has read already; None: it is gone."""
        self._runs.update(runs)

    @abstractmethod
    def note(self, slot: str) -> str:
        """What of a step no comparison can tell; "" if there is nothing."""

    # ------------------------------------------------------------------ comparing

    def compare(
        self,
        side: Side,
        sides: Mapping[str, Side],
        *,
        until: RunRecord | None = None,
        running: AbstractSet[str] = frozenset(),
    ) -> tuple[Nearest, list[Cause]] | None:
        """The nearest earlier execution, and what of the steps before it has changed since.

        Args:
            side: the step.
            sides: it and the steps before it, by slot.
            until: only what had been recorded before this run counts.
            running: slots whose outputs are not known yet.
        """
        found = nearest(
            self._candidates(side, until),
            side.identity,
            side.inputs,
            side.slots,
            slot=side.slot,
            pipelines=self._names,
            title=side.title,
        )
        if found is None:
            return None
        told = list(found.differences)
        told += [
            Difference("input", name, slot=source)
            for name, source in side.slots.items()
            if source in running
        ]
        causes = self._causes([d.slot for d in told if d.kind == "input"], found, sides, running)
        return replace(found, differences=tuple(map(self._with_changes, told))), causes

    @property
    def _names(self) -> list[str]:
        origin = (self.spec.copied_from or {}).get("name")
        return [self.spec.name, origin] if origin else [self.spec.name]

    def _candidates(self, side: Side, until: RunRecord | None) -> list[EarlierExecution]:
        found: list[EarlierExecution] = self.workspace.metadata.earlier_executions(
            self.workspace.project,
            side.identity["kind"],
            self.spec.name,
            ids=[
                r.execution_id
                for run in self._before(until)
                for r in run.resolved
                if r.slot == side.slot
            ],
            until_ms=until.started_ms if until is not None else None,
            not_of_run=until.id if until is not None else 0,
        )
        return found

    def _before(self, until: RunRecord | None) -> list[RunRecord]:
        """The last runs of the pipeline and of its origin.

        What they used may be older than all that a search looks at.
        """
        if self._earlier_runs is None:
            before = until.id if until is not None else None
            self._earlier_runs = [
                run
                for name in self._names
                for run in self.workspace.metadata.runs(
                    self.workspace.project, name, limit=_EARLIER_RUNS, before=before
                )
            ]
        return self._earlier_runs

    def _causes(
        self,
        slots: Iterable[str | None],
        found: Nearest,
        sides: Mapping[str, Side],
        running: AbstractSet[str],
    ) -> list[Cause]:
        """From other inputs back to the steps in which something else has changed."""
        waiting = [slot for slot in slots if slot is not None]
        if not waiting:
            return []
        old = self._executions_of(found.execution.run_id)
        causes: list[Cause] = []
        seen: set[str] = set()
        while waiting:
            slot = waiting.pop(0)
            now, before = sides.get(slot), old.get(slot)
            if slot in seen or now is None or before is None:
                continue
            seen.add(slot)
            told = differences(before.identity, now.identity, before.inputs, now.inputs, now.slots)
            own = [d for d in told if d.kind != "input" or d.slot is None]
            note = self.note(slot)
            if now.inputs is None:
                waiting += [s for s in now.slots.values() if s]
            elif told:
                waiting += [d.slot for d in told if d.kind == "input" and d.slot]
            else:
                note = f"{note}; {_OTHER}" if note and slot not in running else note or _OTHER
            if own or note:
                changes = tuple(map(self._with_changes, own))
                causes.append(Cause(slot, now.title, changes, note))
        places = list(sides)
        return sorted(causes, key=lambda cause: places.index(cause.slot))

    def _executions_of(self, run_id: int) -> dict[str, ExecutionRecord]:
        """What each slot of a run came to."""
        if run_id not in self._executed:
            self.know_runs([run_id])
            run = self._runs[run_id]
            slots = {r.execution_id: r.slot for r in run.resolved} if run else {}
            found = self.workspace.metadata.executions(list(slots))
            self._executed[run_id] = {slots[e.id]: e for e in found}
        return self._executed[run_id]

    # ------------------------------------------------------------------ code

    def _with_changes(self, difference: Difference) -> Difference:
        """With the lines that differ, where both sources are kept."""
        if difference.kind != "code":
            return difference
        from zenlab.engine.codediff import code_changes

        old, new = self._listings([difference.old, difference.new])
        return replace(difference, changes=tuple(code_changes(old, new)) if old and new else ())

    def _listings(self, fingerprints: Collection[str]) -> list[tuple[Reached, ...]]:
        missing = [mark for mark in fingerprints if mark not in self._code]
        if missing:
            kept = self.workspace.metadata.listings(missing)
            self._code.update((mark, read_listing(kept.get(mark, ""))) for mark in missing)
        return [self._code[mark] for mark in fingerprints]

    def know_code(self, listings: Mapping[str, tuple[Reached, ...]]) -> None:
        """Listings of code that is here, and perhaps in no store yet."""
        self._code.update(listings)
