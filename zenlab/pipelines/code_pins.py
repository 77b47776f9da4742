"""Which Git commit has the code of a step: where it came from, for people and for later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zenlab.pipelines.notebook_source import NOTEBOOK

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.declare import Described
    from zenlab.pipelines.spec import StepSpec


def pinned_step(described: Described, workspace: Workspace) -> tuple[StepSpec, str]:
    """The specification of a step with the commit that has all that its code reaches.

    A pin is provenance: it is in no key and no digest.

    Args:
        described: a step that was declared here.
        workspace: the repository.

    Returns:
        The specification, and why it has no pin; "" where there is nothing to say: it has one, it
        is zenlab's, or the notebook's, whose source is kept beside the pipeline's file.
    """
    spec, marks = described.spec, list(described.fingerprints.values())
    if not marks or any(mark.source.startswith(NOTEBOOK) for mark in marks):
        return spec, ""
    commit, why_not = workspace.pin(marks)
    if commit is None:
        return spec, why_not
    if spec.code is None:
        return replace(spec, commit=commit), ""
    return replace(spec, pin=commit), ""


def missing_commit(spec: StepSpec, slot: str, workspace: Workspace) -> list[str]:
    """What to say of a recorded step whose commit is not in this clone.

    Args:
        spec: the step.
        slot: its place.
        workspace: the repository.
    """
    commit = spec.code_commit
    if commit is None or workspace.has_commit(commit):
        return []
    message = (
        f"{slot}: commit {commit[:12]}, which {spec.title} is pinned to, is not in this clone. The "
        "code of the work tree is used where it is the recorded one; else fetch it: git fetch "
        f"origin {commit}"
    )
    return [message]
