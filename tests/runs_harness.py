"""Runs that are written as the engine writes them, without computing any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.metadata import RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.metadata import Resolved
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo import Repository


def record_run(
    repository: Repository,
    spec: PipelineSpec,
    run_id: int,
    resolved: Iterable[Resolved],
    *,
    user: str = "ada",
    **times: Any,
) -> None:
    """A run that succeeded, of a pipeline that is registered if it was not.

    Args:
        repository: that gets it.
        spec: of the pipeline.
        run_id: of the run, which executions may name.
        resolved: what its steps came to.
        user: who ran it.
        **times: of the record.
    """
    store = repository.metadata
    record = store.register_pipeline(
        repository.project, spec.name, spec.digest, spec.type, spec.to_document(), user
    )
    store.record_run(
        RunRecord(
            id=run_id,
            project=repository.project,
            pipeline_id=record.id,
            pipeline_name=spec.name,
            pipeline_digest=spec.digest,
            pipeline_revision=record.revision,
            status="succeeded",
            user=user,
            host="here",
            pid=1,
            resolved=tuple(resolved),
            **times,
        )
    )
