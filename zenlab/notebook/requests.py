"""What is done for each request of a panel in the browser: one function a request, in a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zenlab._version import __version__
from zenlab.core.errors import ZenlabError
from zenlab.notebook import compare_requests, moved_requests, protocol, run_requests
from zenlab.notebook.opened import opened_again, shown_or_opened
from zenlab.views.payloads import VERSION
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zenlab.notebook.protocol import Answer


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

    panel = shown_or_opened(request.subject)
    if not isinstance(panel, StatisticsPanel):
        raise ZenlabError("Only a panel of statistics has more features.")
    datasets = len(request.subject.datasets)
    return protocol.Features(part(panel, request.start, request.count, datasets))


def _whole(request: protocol.Whole) -> Answer:
    from zenlab.views import AnomaliesPanel, SchemaPanel, anomalies_payload, schema_payload

    panel = shown_or_opened(request.subject)
    most = protocol.MOST_ROWS
    if isinstance(panel, SchemaPanel):
        schema = replace(schema_payload.EVERYTHING, columns=most)
        return protocol.Refreshed(
            schema_payload.make(panel.schema, panel.title, panel.statistics, schema)
        )
    if isinstance(panel, AnomaliesPanel):
        anomalies = replace(anomalies_payload.EVERYTHING, anomalies=most, drift=most)
        return protocol.Refreshed(anomalies_payload.make(panel, anomalies))
    raise ZenlabError("Only panels of schemas and of anomalies can be asked for whole.")


def _feature_slices(request: protocol.FeatureSlices) -> Answer:
    from zenlab.views import StatisticsPanel
    from zenlab.views.statistics_slices import by_slice

    panel = shown_or_opened(request.subject)
    if not isinstance(panel, StatisticsPanel):
        raise ZenlabError("Only a panel of statistics has slices of a column.")
    found = by_slice(panel, request.feature, request.split, request.by)
    return protocol.SlicesTold(*found)


def _accept(request: protocol.Accept) -> Answer:
    from zenlab.views import AnomaliesPanel, SchemaPanel

    panel = shown_or_opened(request.subject)
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
    return protocol.Refreshed(opened_again(request.subject).payload)


HANDLERS: dict[type, Callable[[Any], Answer]] = {
    protocol.Hello: _hello,
    protocol.MoreFeatures: _more_features,
    protocol.Whole: _whole,
    protocol.FeatureSlices: _feature_slices,
    protocol.Accept: _accept,
    protocol.Refresh: _refresh,
    protocol.Moved: moved_requests.moved,
    protocol.ListRuns: compare_requests.list_runs,
    protocol.CompareRuns: compare_requests.compare_runs,
    protocol.CompareColumn: compare_requests.compare_column,
    protocol.RunStates: run_requests.states,
    protocol.StepDetails: run_requests.step,
    protocol.Live: run_requests.live,
    protocol.Ended: run_requests.ended,
    protocol.Cancel: run_requests.cancel,
}
"""What answers each type of request. A panel that asks for something new adds a line."""
