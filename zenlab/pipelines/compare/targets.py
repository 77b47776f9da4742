"""Which runs a user means by `"Pipeline A"`, `"Pipeline A#11"` or a pipeline object."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import (
    DoesNotExistException,
    ParameterError,
    PipelineNotSucceededException,
    ZenlabError,
    suggest,
)
from zenlab.metadata import Wanted
from zenlab.pipelines.spec import from_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RevisionRun, RunRecord
    from zenlab.pipelines.spec import PipelineSpec


LOOKED_AT = 1000
"""The most revisions of a list, the latest ones."""


@dataclass(frozen=True)
class Found:
    """The latest successful run of a revision, with its specification read."""

    run: RunRecord
    spec: PipelineSpec

    @property
    def label(self) -> str:
        """What the run is called in a comparison: the pipeline with its revision."""
        return self.run.label


def read(found: RevisionRun) -> Found:
    """Read the specification of a run.

    Raises:
        ParameterError: it was recorded by a newer zenlab, in another form.
    """
    run = found.run
    return Found(run, replace(from_record(found.spec, run.label), name=run.pipeline_name))


def named(targets: Sequence[Any], workspace: Workspace) -> tuple[list[Found], list[str]]:
    """The runs that are meant, in the order in which they are named.

    A name means the pipeline as its file says it is. If that has no successful run, it means the
    newest revision that has one, and a note says so.

    Args:
        targets: names, names with a revision, or pipelines that have been run or opened.
        workspace: the repository.

    Returns:
        The runs, each of them once, and notes for the user.

    Raises:
        DoesNotExistException: there is no such pipeline, or no such revision.
        PipelineNotSucceededException: it has no successful run.
    """
    wanted = [_wanted(target, workspace) for target in targets]
    known = workspace.metadata.named_runs(workspace.project, wanted)
    found: dict[str, Found] = {}
    notes: list[str] = []
    for want in wanted:
        run = read(_choose(want, known, workspace, notes))
        if run.label in found:
            notes.append(f"'{run.label}' is named twice, and shown once.")
        found[run.label] = run
    return list(found.values()), notes


def revisions(target: Any, workspace: Workspace) -> list[Found]:
    """All revisions of a pipeline that have a successful run, the latest run first.

    Args:
        target: a name or a pipeline.
        workspace: the repository.

    Raises:
        DoesNotExistException: there is no such pipeline.
        PipelineNotSucceededException: it has no successful run.
    """
    want = _wanted(target, workspace)
    known = workspace.metadata.named_runs(workspace.project, [want], every=True)
    if not known:
        _choose(want, known, workspace, [])
    return [read(run) for run in known]


def latest(workspace: Workspace, limit: int = LOOKED_AT) -> tuple[list[Found], list[str]]:
    """All revisions of training pipelines that have a successful run, the latest run first.

    One statement. What cannot be read is left out, and a note says so.

    Args:
        workspace: the repository.
        limit: at most so many.
    """
    found = workspace.metadata.revision_runs(workspace.project, "training", limit=limit + 1)
    notes: list[str] = []
    if len(found) > limit:
        notes.append(f"Only the {limit:,} latest runs were looked at.")
    runs: list[Found] = []
    for run in found[:limit]:
        try:
            runs.append(read(run))
        except ZenlabError as error:
            notes.append(error.message)
    return runs, notes


def is_revision(target: Any) -> bool:
    """Whether a target names one revision alone.

    Example:
        >>> is_revision("Pipeline A#11"), is_revision("Pipeline A")
        (True, False)
    """
    return isinstance(target, str) and _split(target)[1] is not None


def _split(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.+)#(\d{1,9})", text)
    return (match.group(1), int(match.group(2))) if match else (text, None)


def _wanted(target: Any, workspace: Workspace) -> Wanted:
    from zenlab.pipelines.base import BasePipeline

    if isinstance(target, BasePipeline):
        if target.name is None or target.last is None:
            raise PipelineNotSucceededException(
                f"Pipeline '{target.name or target.TYPE}' has not been run in this session.",
                where=target.name,
                hint="Run it first; with a cache that costs nothing if it has been run before.",
            )
        return Wanted(target.name, digest=target.last.spec.digest)
    if not isinstance(target, str):
        raise ParameterError(
            f"A {type(target).__name__} cannot be compared.",
            hint="Give pipelines, or their names: 'Pipeline A', 'Pipeline A#11'.",
        )
    name, revision = _split(target)
    if revision is not None:
        return Wanted(name, revision)
    try:
        here = workspace.specification(name)
    except ZenlabError:  # a broken file is no reason not to look at what has been run
        here = None
    return Wanted(name, digest=here.digest if here is not None else None)


def _choose(
    want: Wanted, known: Sequence[RevisionRun], workspace: Workspace, notes: list[str]
) -> RevisionRun:
    own = [k for k in known if k.run.pipeline_name == want.name]
    if want.revision is not None:
        for run in own:
            if run.run.pipeline_revision == want.revision:
                return run
        raise _no_revision(want, workspace)
    for run in own:
        if run.run.pipeline_digest == want.digest:
            return run
    if not own:
        raise _no_run(want.name, workspace)
    newest = max(own, key=lambda k: k.run.pipeline_revision)
    if want.digest is not None:
        notes.append(
            f"'{want.name}' as it is now has no successful run; this is revision "
            f"{newest.run.pipeline_revision}."
        )
    return newest


def _no_revision(want: Wanted, workspace: Workspace) -> ZenlabError:
    registered = workspace.metadata.revisions(workspace.project, want.name)
    if not registered:
        return _no_run(want.name, workspace)
    if any(r.revision == want.revision for r in registered):
        return PipelineNotSucceededException(
            f"Revision {want.revision} of pipeline '{want.name}' has no successful run.",
            where=want.name,
            hint=f'Run it: %zen run "{want.name}#{want.revision}".',
        )
    return DoesNotExistException(
        f"Pipeline '{want.name}' has no revision {want.revision}.",
        hint=f"There are: {want.name}#1 to #{registered[-1].revision}."
        if len(registered) > 1
        else f"There is one: {want.name}#{registered[0].revision}.",
    )


def _no_run(name: str, workspace: Workspace) -> ZenlabError:
    names = [record.name for record in workspace.metadata.pipelines(workspace.project)]
    if name not in names:
        return DoesNotExistException(
            f"No pipeline '{name}' has been run.", hint=suggest(name, names)
        )
    return PipelineNotSucceededException(
        f"Pipeline '{name}' has no successful run.",
        where=name,
        hint=f'Run it: %zen run "{name}".',
    )
