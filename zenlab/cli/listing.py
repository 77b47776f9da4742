"""The lines that `status`, `list`, `show`, `plan` and `datasource get` print."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from zenlab.cli.going import going_lines
from zenlab.cli.targets import last_run_here
from zenlab.engine.gone import runs_going_on
from zenlab.pipelines.base import pipeline_of
from zenlab.pipelines.diff import differences
from zenlab.pipelines.outcome import outcome_of
from zenlab.pipelines.spec import from_document
from zenlab.repo.config import shown
from zenlab.views.strings import visible
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from zenlab.core.errors import ZenlabError
    from zenlab.metadata import RunRecord
    from zenlab.pipelines import BasePipeline
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.pipelines.why import RunWhy
    from zenlab.repo import Repository


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; what cannot be seen is escaped.

    Names come from colleagues' files: one with codes of a terminal would write over other lines.

    Example:
        >>> table([("a", "1"), ("bb", "2")])
        ['a   1', 'bb  2']
    """
    if not rows:
        return []
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def counted(number: int, noun: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "notebook"), counted(1200, "repair")
        ('1 notebook', '1,200 repairs')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def status_lines(repository: Repository) -> list[str]:
    """What there is to know of a repository."""
    head = repository.head()
    git = f"commit {head[:12]}" if head else repository.git.problem or "no commit yet"
    lines = table(
        [
            ("repository", str(repository.root)),
            ("git", git),
            ("user", repository.user),
            ("metadata", _store(repository, "metadata_store", "metadata.db")),
            ("artifacts", _store(repository, "artifact_store", "artifacts")),
        ]
    )
    going = going_lines(repository)
    if going:
        lines += ["", "going on", *(f"  {line}" for line in going)]
    specs, broken = repository.files.all()
    lines += ["", f"{len(specs)} pipeline{'' if len(specs) == 1 else 's'}"] + [
        f"  {line}" for line in list_pipelines(repository)
    ]
    lines += broken_lines(broken) + _unmerged_lines(repository, broken)
    runs = repository.metadata.runs(repository.project, limit=5)
    if runs:
        lines += ["", "last runs"] + [f"  {line}" for line in table([_run_row(r) for r in runs])]
        mine = last_run_here(repository) or runs[0]
        outcome = outcome_of(mine, repository)
        if outcome:
            lines.append(visible(f"{mine.label}: {outcome}"))
    return lines


def broken_lines(broken: Mapping[PurePath, ZenlabError]) -> list[str]:
    """What is wrong with pipeline files, and what to do: the others are used all the same.

    Args:
        broken: of `PipelineFiles.all()`.
    """
    lines = []
    for path, error in broken.items():
        first, *more = str(error).splitlines()
        lines += [f"  ! {path.name}: {first}", *(f"    {line}" for line in more)]
    return lines


def _unmerged_lines(repository: Repository, broken: Mapping[PurePath, ZenlabError]) -> list[str]:
    """Files that Git has left as they are on one side, without marks in them."""
    unmerged = repository.git.unmerged() if not repository.files.shared else set()
    real = {os.path.realpath(path) for path in unmerged}
    return [
        f"  ! {path.name}: Git has not merged it yet. What lies here is used; see: git status"
        for path in repository.files.paths()
        if path not in broken and os.path.realpath(path) in real
    ]


def _store(repository: Repository, setting: str, embedded: str) -> str:
    value = getattr(repository.config, setting)
    return shown(value) if value is not None else f"embedded (.zenlab/{embedded})"


def list_pipelines(repository: Repository) -> list[str]:
    """A line a pipeline: name, revision, draft or committed, how its last run ended."""
    specs = repository.files.all()[0]
    if not specs:
        return ["There is no pipeline yet."]
    runs_going_on(repository.metadata, repository.project)  # what was killed is no run that goes on
    revisions: dict[tuple[str, str], int] = {}
    for record in repository.metadata.pipelines(repository.project):
        revisions[record.name, record.digest] = record.revision
    latest: dict[tuple[str, str], RunRecord] = {}
    for found in repository.metadata.runs(repository.project, limit=500):
        latest.setdefault((found.pipeline_name, found.pipeline_digest), found)
    rows = []
    for spec in specs:
        key = (spec.name, spec.digest)
        last = latest.get(key)
        number = revisions.get(key) or (last.pipeline_revision if last else None)
        rows.append(
            (
                spec.name,
                f"#{number}" if number else "",
                spec.type,
                _state(spec, repository),
                f"{last.status} {_ago(last)}" if last else "not run here",
            )
        )
    return table(rows)


def describe_pipeline(pipeline: BasePipeline, repository: Repository) -> list[str]:
    """The steps of a pipeline, and its revisions with what each changed."""
    lines = repr(pipeline).split("\n")
    if pipeline.last is None:
        return [visible(line) for line in lines]
    spec = pipeline.last.spec
    lines.append(f"{_state(spec, repository)}, digest {spec.digest[:12]}")
    if spec.copied_from:
        lines.append(f"copied from {spec.copied_from['name']}")
    revisions = repository.metadata.revisions(repository.project, spec.name)
    before: PipelineSpec | None = None
    for record in revisions:
        revision = from_document(record.spec, f"{record.name}#{record.revision}")
        mark = "*" if record.digest == spec.digest else " "
        lines.append(f"{mark} {record.name}#{record.revision}  by {record.user}")
        if before is not None:
            lines += [f"      {line}" for line in differences(before, revision)]
        before = revision
    return [visible(line) for line in lines]


_PLANNED = {"would hit": "cached", "would be left out": "left out"}


def plan_lines(plan: RunWhy) -> list[str]:
    """What a run would do, a line a step: whether, why, and what it cost last time."""
    rows = [
        (
            step.slot,
            step.title,
            _PLANNED.get(step.state, step.state),
            duration(step.seconds) if step.seconds is not None else "",
            step.short,
        )
        for step in plan.steps
    ]
    return [*table(rows), plan.total]


def describe_datasource(name: str, repository: Repository) -> list[str]:
    """A datasource and its commits, latest last."""
    source = repository.get_datasource_by_name(name)
    commits: list[Any] = repository.metadata.commits(repository.project, name)
    rows = [(c.digest[:12], f"{c.num_rows:,} rows", _date(c.created_ms), c.user) for c in commits]
    users = [
        pipeline_of(s).name
        for s in repository.files.all()[0]
        if s.datasource is not None and s.datasource.name == name
    ]
    lines = [repr(source), *table(rows)]
    if users:
        lines.append(f"used by: {', '.join(str(user) for user in users)}")
    return lines


def _state(spec: PipelineSpec, repository: Repository) -> str:
    text = repository.files.committed(spec.name, repository.git)
    if repository.files.shared:
        return "shared"
    if text is not None and f"digest: {spec.digest}" in text:
        return "committed"
    return "draft"


def _run_row(run: RunRecord) -> tuple[str, ...]:
    return (
        run.label,
        run.status,
        f"{run.executed} executed, {run.cached} cached",
        _ago(run),
        f"by {run.user}",
    )


def _ago(run: RunRecord) -> str:
    seconds = max(0.0, time.time() - (run.ended_ms or run.started_ms) / 1000)
    return f"{duration(seconds)} ago"


def _date(ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))
