"""What is kept of the steps of a run: what each printed, and the code of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zenlab.engine.fingerprint import read_listing
from zenlab.engine.values import stored_of
from zenlab.pipelines.declare import code_refs

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RunRecord
    from zenlab.pipelines.spec import StepSpec


class KeptCode(NamedTuple):
    """A function, class or constant that counts in the fingerprint of a step.

    `place` is file and line, as an editor takes them, or `notebook`; "" where none is known.
    """

    name: str
    kind: str
    place: str
    text: str


def logs_of(run: RunRecord, workspace: Workspace, slot: str | None = None) -> dict[str, str]:
    """What each step of a run printed, by slot; of a failed one its traceback, too.

    Args:
        run: the run.
        workspace: the repository, in whose stores the logs are.
        slot: only this step; by default all.
    """
    texts: dict[str, str] = {}
    by_id = {r.execution_id: r.slot for r in run.resolved if slot in (None, r.slot)}
    for execution in workspace.metadata.executions(list(by_id)):
        for artifact in execution.artifacts:
            if artifact.name == "log":
                folder = workspace.artifacts.fetch(stored_of(artifact))
                file = next(f for f in sorted(folder.iterdir()) if f.suffix == ".txt")
                texts[by_id[execution.id]] = file.read_text(encoding="utf-8")
    for execution in workspace.metadata.run_executions(run.id):
        if execution.error is not None and slot in (None, execution.slot):
            texts[execution.slot] = execution.error.get("log", "") + execution.error["traceback"]
    return texts


def code_of(step: StepSpec, workspace: Workspace) -> list[KeptCode]:
    """The user's own code of a step and among its arguments, as it was when it was first seen.

    Args:
        step: as its pipeline was run.
        workspace: the repository, whose store keeps the listings.
    """
    marks = [step.code] if step.code is not None else []
    marks += [code for _, code in code_refs(step.args) if code]
    kept = workspace.metadata.listings(marks) if marks else {}
    found = [entry for mark in dict.fromkeys(marks) for entry in read_listing(kept.get(mark, ""))]
    return [
        KeptCode(e.name, e.kind, f"{e.file}:{e.line}" if e.file and e.line else e.file, e.text)
        for e in dict.fromkeys(found)
    ]
