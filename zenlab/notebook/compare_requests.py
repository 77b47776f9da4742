"""What the panel of a comparison asks for: runs to choose from, and some of them side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from zenlab.core.errors import DoesNotExistException, ParameterError
from zenlab.notebook import protocol
from zenlab.views.packing import row
from zenlab.views.strings import SENTENCE_LENGTH, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def _whole(labels: Sequence[str], repository: Repository) -> list[str]:
    """The labels that are meant: a stored panel has them cut, and without what cannot be seen."""
    if all(_LABEL.fullmatch(label) and "\\" not in label for label in labels):
        return list(labels)
    from zenlab.pipelines.compare import list_runs

    known = {visible(run.label): run.label for run in list_runs(cast("Workspace", repository)).runs}
    return [_one(label, known) for label in labels]


def _one(label: str, known: dict[str, str]) -> str:
    if label in known:
        return known[label]
    start = label[:-1] if label.endswith("…") else None
    fitting = [] if start is None else [whole for whole in known if whole.startswith(start)]
    if len(fitting) != 1:
        raise DoesNotExistException(
            f"'{label}' is the name of no run, or the beginning of several ones.",
            hint="Choose the runs from the list.",
        )
    return known[fitting[0]]
