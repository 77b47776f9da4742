"""What a user means by "Pipeline A": a variable, a name, or a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, ParameterError, suggest

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.metadata import CodeRecord, RunRecord
    from zenlab.pipelines import BasePipeline
    from zenlab.repo import Repository


def find_pipeline(target: str, surface: Surface, repository: Repository) -> BasePipeline:
    """The pipeline that a word of a command line means.

    Args:
        target: a variable of the notebook, a pipeline's name (`Pipeline A`, `Pipeline A#2`), or
            a pipeline file.
        surface: whose variables count.
        repository: whose pipelines count.

    Raises:
        ParameterError: the variable is something else.
        DoesNotExistException: there is nothing of that name.
    """
    from zenlab.pipelines import BasePipeline
    from zenlab.pipelines.base import pipeline_of
    from zenlab.repo.pipeline_files import FolderFiles

    value: Any = surface.variable(target)
    if isinstance(value, BasePipeline):
        return value
    path = Path(target)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            names = [p.name for p in repository.files.paths()]
            raise DoesNotExistException(
                f"No pipeline file '{target}'.", hint=suggest(path.name, names)
            )
        return pipeline_of(FolderFiles(path.parent).read(path.resolve()))
    try:
        return repository.get_pipeline_by_name(target)
    except DoesNotExistException:
        if value is not None:
            raise ParameterError(
                f"'{target}' is a {type(value).__name__}, not a pipeline.",
                where=target,
                hint="Give a variable that holds a pipeline, or a pipeline's name.",
            ) from None
        raise


def find_run(target: str | None, surface: Surface, repository: Repository) -> RunRecord:
    """The latest run of a pipeline, or of all.

    Args:
        target: as in `find_pipeline`; None means what ran last in this session, or else what its
            user ran last, or else anybody.
        surface: whose variables count.
        repository: whose runs count.

    Raises:
        DoesNotExistException: there is no run yet.
    """
    name = None
    if target is not None:
        name = find_pipeline(target, surface, repository).name
    here = last_run_here(repository) if name is None else None
    if here is not None:
        return here
    runs = repository.metadata.runs(repository.project, name, limit=1)
    if not runs:
        raise DoesNotExistException(
            f"Pipeline '{name}' has no run yet." if name else "There is no run yet.",
            where=str(repository.root),
            hint=f'Run it: zenlab run "{name}".' if name else 'Run one: zenlab run "NAME".',
        )
    return runs[0]


def last_run_here(repository: Repository) -> RunRecord | None:
    """The last run of this session, or else of its user; None if others alone ran lately.

    A store may be shared, and what ran last in it may be a colleague's.

    Args:
        repository: whose runs count.
    """
    from zenlab.engine.record import HOST

    runs: list[RunRecord] = repository.metadata.runs(repository.project)
    of_session = [r for r in runs if (r.host, r.pid) == (HOST, os.getpid())]
    of_user = [r for r in runs if r.user == repository.user]
    return next(iter([*of_session, *of_user]), None)


FEWEST_DIGITS = 6
"""As many digits of a fingerprint name a source."""


def find_code(fingerprint: str, repository: Repository) -> CodeRecord:
    """The stored source of a notebook's function or class.

    Args:
        fingerprint: the whole one, or its first digits, as many as tell it from the others.
        repository: whose metadata store counts.

    Raises:
        ParameterError: too few digits, or several sources begin so.
        DoesNotExistException: there is none.
    """
    if len(fingerprint) < FEWEST_DIGITS:
        raise ParameterError(
            f"'{fingerprint}' is too short for a fingerprint.",
            hint=f"Give at least {FEWEST_DIGITS} of its digits.",
        )
    found = repository.metadata.codes(fingerprint)
    if not found:
        raise DoesNotExistException(
            f"There is no stored source with fingerprint '{fingerprint}'.",
            where=str(repository.root),
            hint="Take it from the message that asks for the confirmation, and run the command in "
            "the repository that the pipeline belongs to.",
        )
    if len(found) > 1:
        listed = "\n".join(f"{record.fingerprint}  {record.name}" for record in found)
        raise ParameterError(
            f"Several stored sources have a fingerprint that begins with '{fingerprint}'.",
            hint=f"Give more digits of one of them:\n{listed}",
        )
    return found[0]
