"""Panels by the names that requests call them by: as they were shown, or opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.notebook import run_requests
from zenlab.notebook.shown import SHOWN, key_of
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.notebook.protocol import Subject
    from zenlab.views import Panel


def shown_or_opened(subject: Subject) -> Panel:
    """The panel that the user sees; after a restart of the kernel, the same one opened again.

    Args:
        subject: what stands on it.

    Raises:
        ZenlabError: it cannot be opened, or has other datasets now.
    """
    panel = SHOWN.find(subject)
    if panel is not None:
        return panel
    panel = opened_again(subject)
    if key_of(panel.payload) != (subject.panel, subject.title, tuple(subject.datasets)):
        raise ZenlabError(
            f"'{subject.title}' has other datasets now than this panel shows.",
            hint="Refresh the panel, or run its cell again.",
        )
    return panel


def opened_again(subject: Subject) -> Panel:
    """A panel by the name of its pipeline or datasource, as it is now.

    Args:
        subject: what stands on it.

    Raises:
        DoesNotExistException: nothing of this repository has that name.
    """
    from zenlab.repo import Repository

    repository = Repository()
    title = subject.title
    if subject.panel == "run":
        return run_requests.latest(title, repository)
    if (name := whole_name(title, repository.get_pipeline_names())) is not None:
        return of_pipeline(repository.get_pipeline_by_name(name), subject)
    if (name := whole_name(title, repository.get_datasource_names())) is not None:
        return of_datasource(repository.get_datasource_by_name(name), subject)
    raise DoesNotExistException(
        f"No pipeline and no datasource of this repository is called '{title}'.",
        hint="Run the cell of the panel again.",
    )


def of_pipeline(pipeline: Any, subject: Subject) -> Panel:
    """A panel of a pipeline.

    Args:
        pipeline: a `BasePipeline` that has run.
        subject: which one.

    Raises:
        ZenlabError: pipelines have no such panel, or this one has not.
    """
    if subject.panel == "anomalies":
        one = subject.datasets[0] if len(subject.datasets) == 1 else None
        panel: Panel = pipeline.view_anomalies(split_name=one)
    elif subject.panel == "statistics":
        panel = pipeline.view_statistics()
    elif subject.panel == "schema":
        panel = pipeline.view_schema()
    elif subject.panel == "evaluation":
        panel = pipeline.evaluate()
    else:
        raise _no_such(subject)
    return panel


def of_datasource(datasource: Any, subject: Subject, commit: str | None = None) -> Panel:
    """A panel of a datasource.

    Args:
        datasource: a `BaseDatasource`.
        subject: which one.
        commit: of which rows; by default those of the newest commit.

    Raises:
        ZenlabError: datasources have no such panel.
    """
    if subject.panel == "anomalies":
        panel: Panel = datasource.view_anomalies(commit)
    elif subject.panel == "statistics":
        panel = datasource.view_statistics(commit)
    elif subject.panel == "schema":
        panel = datasource.view_schema(commit)
    else:
        raise _no_such(subject)
    return panel


def _no_such(subject: Subject) -> ZenlabError:
    return ZenlabError(
        f"A panel of kind '{subject.panel}' cannot be opened by the name '{subject.title}'.",
        hint="Run the cell of the panel again.",
    )


def whole_name(title: str, names: Iterable[str]) -> str | None:
    """The name that a title stands for, which may be cut; None if it is none of them.

    Args:
        title: as it stands on a panel.
        names: of all that there are.

    Example:
        >>> whole_name("A", ["A", "B"]), whole_name("C", ["A", "B"])
        ('A', None)
    """
    return next((name for name in names if shorten(name) == title), None)
