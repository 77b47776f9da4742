"""Running a recorded pipeline with nothing from a cache, in a workspace of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.engine.run import Runner
from zenlab.pipelines.models import class_resolver
from zenlab.pipelines.running import setting_of
from zenlab.pipelines.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.core.dataset import Dataset
    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RunRecord
    from zenlab.pipelines.spec import PipelineSpec


def run_again(
    spec: PipelineSpec,
    snapshot: Dataset,
    workspace: Workspace,
    listener: Callable[[events.Event], None] = events.ignore,
) -> RunRecord:
    """Execute every step of a specification as it is recorded.

    No file is written and no source is read: what is run is the specification and the snapshot
    alone, with the code that the workspace has.

    Args:
        spec: the pipeline.
        snapshot: its rows.
        workspace: a repository whose stores are thrown away afterwards.
        listener: is told of each event.

    Returns:
        The row of the run, in the workspace's store.

    Raises:
        CodeError: the code of a step is not what is recorded.
        StepError: a step failed.
    """
    nodes = wire(spec, snapshot, workspace)
    for node in nodes:
        if not node.leaf:
            node.make()  # what lacks the evaluator's code says so before the trainer's three hours
    record = workspace.metadata.register_pipeline(
        workspace.project, spec.name, spec.digest, spec.type, spec.to_document(), workspace.user
    )
    setting = replace(
        setting_of(workspace), resolve=class_resolver(spec, workspace), listener=listener
    )
    return Runner(setting).run(nodes, record, disabled=True).record
