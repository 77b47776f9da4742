"""Which snapshot a pipeline starts from.

A pipeline pins its commit at its first run, and later runs never read the source; a cheap stamp
tells that the source has changed since, and the run says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, ParameterError, ZenlabError
from zenlab.pipelines.declare import builtin_source, builtin_version
from zenlab.pipelines.resolve import find_builtin
from zenlab.pipelines.spec import DatasourceSpec

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace
    from zenlab.datasources import BaseDatasource
    from zenlab.metadata import CommitRecord
    from zenlab.pipelines.declare import Declared


@dataclass(frozen=True)
class Pinned:
    """A datasource with the commit that is used, and what to say of it."""

    spec: DatasourceSpec
    commit: CommitRecord
    findings: list[str] = field(default_factory=list)


def pin(declared: Declared, workspace: Workspace, *, latest: bool = False) -> Pinned:
    """Choose the commit of a pipeline's datasource, in this order.

    1. `latest`: the source as it is now; a frame in memory is its content, always.
    2. The commit that was asked for, or that the pipeline's file names.
    3. The commit that an earlier revision of this pipeline pinned for the same datasource.
    4. The newest commit of the datasource, if its stamp says that nothing has changed since;
       else a new one.

    Raises:
        ParameterError: the pipeline has no datasource.
        DoesNotExistException: no such commit.
    """
    source, spec = _datasource(declared)
    store, project = workspace.metadata, workspace.project
    asked = declared.commit_id
    if latest or (source.in_memory and not asked):
        return _at(spec, _commit_now(source, workspace))
    if asked:
        commit = store.commit(project, spec.name, asked)
        if commit is None:
            commit = _commit_again(source, spec, asked, workspace)
        return _at(spec, commit, _changed(source, commit))
    earlier = workspace.specification(declared.name) if declared.name else None
    if earlier is not None and earlier.datasource is not None:
        same = replace(earlier.datasource, commit=None, pin=spec.pin) == spec
        if same and earlier.datasource.commit:
            commit = store.commit(project, spec.name, earlier.datasource.commit)
            if commit is not None:
                return _at(spec, commit, _changed(source, commit))
    commits = store.commits(project, spec.name)
    if commits and commits[-1].args == spec.args and not _stamp_differs(source, commits[-1]):
        return _at(spec, commits[-1])
    return _at(spec, _commit_now(source, workspace), _renamed(spec, commits))


def _renamed(spec: DatasourceSpec, commits: list[CommitRecord]) -> list[str]:
    """What to say if the name belonged to another source until now."""
    if not commits or commits[-1].args == spec.args:
        return []
    before = commits[-1]
    message = (
        f"Datasource '{spec.name}' was {before.args} until commit {before.digest[:12]}, and is "
        f"{spec.args} now. If it is another one, give it a name of its own."
    )
    return [message]


def _datasource(declared: Declared) -> tuple[BaseDatasource, DatasourceSpec]:
    """The live datasource and its specification, whichever of them the pipeline has."""
    recorded = declared.recorded
    if recorded is not None:
        cls: Any = find_builtin(recorded.source)
        return cls(name=recorded.name, **recorded.args), replace(recorded, commit=None)
    source = declared.datasource
    if source is None:
        raise ParameterError(
            f"Pipeline '{declared.name}' has no datasource.",
            where=declared.name,
            hint='Add one: pipeline.add_datasource(CSVDatasource(name="...", path="...")).',
        )
    version = builtin_version(type(source))
    if version is None:
        raise ParameterError(
            f"Datasource '{source.name}' is a {type(source).__name__}, which is not zenlab's.",
            where=declared.name,
            hint="Read it into a DataFrame and use PandasDatasource.",
        )
    return source, DatasourceSpec(
        source.name, builtin_source(type(source)), source.tracked_args(), pin=version
    )


def _at(spec: DatasourceSpec, commit: CommitRecord, findings: list[str] | None = None) -> Pinned:
    return Pinned(replace(spec, commit=commit.digest), commit, findings or [])


def _commit_now(source: BaseDatasource, workspace: Workspace) -> CommitRecord:
    digest = source.commit()
    commit: CommitRecord = workspace.metadata.commit(workspace.project, source.name, digest)
    return commit


def _commit_again(
    source: BaseDatasource, spec: DatasourceSpec, asked: str, workspace: Workspace
) -> CommitRecord:
    """A pinned commit that this store does not have: take it from the source, if it is the same.

    So a pipeline that came through Git alone runs in any clone that reaches its data.
    """
    here: list[str] = []
    try:
        commit = _commit_now(source, workspace)
    except ZenlabError as error:
        problem = f"its source cannot be read here: {error.message}"
    else:
        if commit.digest.startswith(asked):
            return commit
        problem = f"its source has other content now (commit {commit.digest[:12]})"
        here = [c.digest[:12] for c in workspace.metadata.commits(workspace.project, spec.name)]
    raise DoesNotExistException(
        f"Commit {asked[:12]} of datasource '{spec.name}' is not in this store, and {problem}.",
        where=spec.name,
        hint="Connect the team's stores, or bring back the data."
        + (f" Commits that are here: {', '.join(here)}." if here else ""),
    )


def _changed(source: BaseDatasource, commit: CommitRecord) -> list[str]:
    if not _stamp_differs(source, commit):
        return []
    message = (
        f"The data of '{source.name}' has changed since commit {commit.digest[:12]}, which this "
        "run uses. Take the new data with: %zen run --latest, or datasource.commit()."
    )
    return [message]


def _stamp_differs(source: BaseDatasource, commit: CommitRecord) -> bool:
    """Whether the source seems to have changed; one that is out of reach has not."""
    if source.in_memory:
        return False
    try:
        return source.differs_from(commit.stamp)
    except ZenlabError:
        return False
