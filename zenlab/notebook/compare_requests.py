"""What the panel of a comparison asks for: runs to choose from, and some of them side by side.

A stored panel has names cut, and without what cannot be seen: what is meant is looked up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from zenlab.core.errors import DoesNotExistException, ParameterError
from zenlab.notebook import protocol
from zenlab.views.packing import row
from zenlab.views.strings import SENTENCE_LENGTH, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.repo import Repository
    from zenlab.views.payloads import ComparePayload

_LABEL_LENGTH = 1000
_LABEL = re.compile(r".+#\d{1,9}")


def list_runs(_: protocol.ListRuns) -> protocol.ListedRuns:
    """The runs that can be compared: two statements."""
    from zenlab.pipelines.compare import list_runs
    from zenlab.repo import Repository

    found = list_runs(cast("Workspace", Repository()))
    values = [metric.by_run for metric in found.metrics]
    return protocol.ListedRuns(
        runs=[
            row(
                shorten(run.label, _LABEL_LENGTH),
                shorten(run.user),
                shorten(run.source),
                run.started_ms,
                *(None if (v := of[i]) is None else float(v) for of in values),
            )
            for i, run in enumerate(found.runs)
        ],
        metrics=[row(shorten(metric.title), metric.better) for metric in found.metrics],
        notes=[shorten(note, SENTENCE_LENGTH) for note in found.notes[:10]],
    )


def compare_runs(request: protocol.CompareRuns) -> protocol.Compared:
    """Some runs side by side, as `%zen compare` has them.

    Raises:
        ParameterError: the baseline is none of them.
        DoesNotExistException: there is no such run.
    """
    from zenlab.repo import Repository

    if request.baseline >= len(request.runs):
        raise ParameterError("The baseline is not among the runs.")
    repository = Repository()
    labels = _whole(request.runs, repository)
    panel = repository.compare(
        *labels, baseline=labels[request.baseline], all_parameters=request.all_parameters
    )
    bundle = panel._repr_mimebundle_()
    payload = cast("ComparePayload", panel.payload)
    return protocol.Compared(payload, bundle["text/html"], bundle["text/plain"])


def compare_column(request: protocol.CompareColumn) -> protocol.Features:
    """A column in the data of two runs: what may be shown of it, as in a panel of statistics.

    Raises:
        DoesNotExistException: there is no such run or column, or nothing is known of the data.
        ParameterError: both are one run.
    """
    import msgspec

    from zenlab.pipelines.compare import two_datasets
    from zenlab.repo import Repository
    from zenlab.views import StatisticsPanel
    from zenlab.views.statistics_payload import part

    repository = Repository()
    both = two_datasets(_whole(request.runs, repository), cast("Workspace", repository))
    names = dict.fromkeys(f.name for d in both.datasets for f in d.features)
    name = _meant(request.column, names, "column", "Compare the runs again.")
    datasets = [
        msgspec.structs.replace(d, features=[f for f in d.features if f.name == name])
        for d in both.datasets
    ]
    panel = StatisticsPanel(msgspec.structs.replace(both, datasets=datasets))
    return protocol.Features(part(panel, 0, 1, len(datasets)))


def _whole(labels: Sequence[str], repository: Repository) -> list[str]:
    """The labels that are meant."""
    if all(_LABEL.fullmatch(label) and "\\" not in label for label in labels):
        return list(labels)
    from zenlab.pipelines.compare import list_runs

    known = [run.label for run in list_runs(cast("Workspace", repository)).runs]
    return [_meant(label, known, "run", "Choose the runs from the list.") for label in labels]


def _meant(shown: str, names: Iterable[str], what: str, hint: str) -> str:
    """The name that is meant: the one that is shown so, or the only one that begins so."""
    known = {visible(name): name for name in names}
    if shown in known:
        return known[shown]
    start = shown[:-1] if shown.endswith("…") else None
    fitting = [] if start is None else [whole for whole in known if whole.startswith(start)]
    if len(fitting) != 1:
        raise DoesNotExistException(
            f"'{shown}' is the name of no {what}, or the beginning of several ones.", hint=hint
        )
    return known[fitting[0]]
