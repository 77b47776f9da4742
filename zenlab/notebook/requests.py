"""What is done for each request of a panel in the browser: one function a request, in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab._version import __version__
from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.notebook import compare_requests, protocol, run_requests
from zenlab.notebook.shown import SHOWN, key_of
from zenlab.views.payloads import VERSION
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zenlab.notebook.protocol import Answer, Subject
    from zenlab.views import Panel


def answer(request: protocol.Request) -> Answer:
    """Do what was asked for.

    Args:
        request: of any type.

    Raises:
        ZenlabError: it cannot be done; the message is for the user.

    Example:
        >>> answer(protocol.Hello()).payloads
        1
    """
    return HANDLERS[type(request)](request)


def _hello(_: protocol.Hello) -> Answer:
    return protocol.Welcome(__version__, VERSION)


def _more_features(request: protocol.MoreFeatures) -> Answer:
    from zenlab.views import StatisticsPanel
    from zenlab.views.statistics_payload import part

    panel = _panel(request.subject)
    if not isinstance(panel, StatisticsPanel):
        raise ZenlabError("Only a panel of statistics has more features.")
    datasets = len(request.subject.datasets)
    return protocol.Features(part(panel, request.start, request.count, datasets))


def _accept(request: protocol.Accept) -> Answer:
    from zenlab.views import AnomaliesPanel, SchemaPanel

    panel = _panel(request.subject)
    if isinstance(panel, AnomaliesPanel):
        known: Iterable[str] = (a.feature for d in panel.anomalies.datasets for a in d.anomalies)
    elif isinstance(panel, SchemaPanel):
        known = (feature.name for feature in panel.schema.features)
    else:
        raise ZenlabError("Nothing of this panel can be accepted.")
    names = {shorten(name): name for name in known}
    done = panel.accept(*(names.get(name, name) for name in request.features))
    return protocol.Accepted(str(done))


def _refresh(request: protocol.Refresh) -> Answer:
    return protocol.Refreshed(_opened(request.subject).payload)


HANDLERS: dict[type, Callable[[Any], Answer]] = {
    protocol.Hello: _hello,
    protocol.MoreFeatures: _more_features,
    protocol.Accept: _accept,
    protocol.Refresh: _refresh,
    protocol.ListRuns: compare_requests.list_runs,
    protocol.CompareRuns: compare_requests.compare_runs,
    protocol.CompareColumn: compare_requests.compare_column,
    protocol.RunStates: run_requests.states,
    protocol.StepDetails: run_requests.step,
    protocol.Live: run_requests.live,
    protocol.Cancel: run_requests.cancel,
}
"""What answers each type of request. A panel that asks for something new adds a line."""


def _panel(subject: Subject) -> Panel:
    """The panel that the user sees; after a restart of the kernel, the same one opened again."""
    panel = SHOWN.find(subject)
    if panel is not None:
        return panel
    panel = _opened(subject)
    if key_of(panel.payload) != (subject.panel, subject.title, tuple(subject.datasets)):
        raise ZenlabError(
            f"'{subject.title}' has other datasets now than this panel shows.",
            hint="Refresh the panel, or run its cell again.",
        )
    return panel


def _opened(subject: Subject) -> Panel:
    """A panel by the name of its pipeline or datasource, as it is now."""
    from zenlab.repo import Repository

    repository = Repository()
    title = subject.title
    if subject.panel == "run":
        return run_requests.latest(title, repository)
    if any(shorten(name) == title for name in repository.get_pipeline_names()):
        owner: Any = repository.get_pipeline_by_name(_whole(title, repository.get_pipeline_names()))
        return _of_pipeline(owner, subject)
    if any(shorten(name) == title for name in repository.get_datasource_names()):
        owner = repository.get_datasource_by_name(_whole(title, repository.get_datasource_names()))
        return _of_datasource(owner, subject)
    raise DoesNotExistException(
        f"No pipeline and no datasource of this repository is called '{title}'.",
        hint="Run the cell of the panel again.",
    )


def _of_pipeline(pipeline: Any, subject: Subject) -> Panel:
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


def _of_datasource(datasource: Any, subject: Subject) -> Panel:
    if subject.panel == "anomalies":
        panel: Panel = datasource.view_anomalies()
    elif subject.panel == "statistics":
        panel = datasource.view_statistics()
    elif subject.panel == "schema":
        panel = datasource.view_schema()
    else:
        raise _no_such(subject)
    return panel


def _no_such(subject: Subject) -> ZenlabError:
    return ZenlabError(
        f"A panel of kind '{subject.panel}' cannot be opened by the name '{subject.title}'.",
        hint="Run the cell of the panel again.",
    )


def _whole(title: str, names: Iterable[str]) -> str:
    """The name that a title stands for, which may be cut."""
    return next(name for name in names if shorten(name) == title)
