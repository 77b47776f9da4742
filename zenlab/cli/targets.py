"""What a user means by "Pipeline A": a variable, a name, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, ParameterError, suggest

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.metadata import RunRecord
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

    value: Any = surface.variable(target)
    if isinstance(value, BasePipeline):
        return value
    path = Path(target)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            names = [p.name for p in repository.files.folder.glob("*.yaml")]
            raise DoesNotExistException(
                f"No pipeline file '{target}'.", hint=suggest(path.name, names)
            )
        return pipeline_of(repository.files.read(path.resolve()))
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
        target: as in `find_pipeline`; None means whatever ran last.
        surface: whose variables count.
        repository: whose runs count.

    Raises:
        DoesNotExistException: there is no run yet.
    """
    name = None
    if target is not None:
        name = find_pipeline(target, surface, repository).name
    runs = repository.metadata.runs(repository.project, name, limit=1)
    if not runs:
        raise DoesNotExistException(
            f"Pipeline '{name}' has no run yet." if name else "There is no run yet.",
            where=str(repository.root),
            hint=f'Run it: zenlab run "{name}".' if name else 'Run one: zenlab run "NAME".',
        )
    return runs[0]
