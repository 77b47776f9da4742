"""Whether a panel is what its pipeline or datasource gives now; a look that starts no work.

What is on the screen is known by its payload, as it is stored. The run is looked for whose results
make that very payload; what has moved on since then is told (`pipelines.moved`). If there is no
such run (a colleague's store, a panel of some columns alone), nothing is known and nothing told.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

from zenlab.core.errors import ZenlabError
from zenlab.engine.once import only_known
from zenlab.notebook import protocol
from zenlab.notebook.opened import of_datasource, of_pipeline, whole_name
from zenlab.notebook.run_requests import of_whom, panel_of, runs_of
from zenlab.pipelines.moved import Part, Reason, edited_code, newer_data, redeclared, respecified
from zenlab.views.strings import SENTENCE_LENGTH, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RunRecord
    from zenlab.notebook.protocol import Subject
    from zenlab.pipelines import BasePipeline
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo import Repository
    from zenlab.views.payloads import ComparePayload, Payload

_ENDS = {
    "statistics": ("statistics", "validation"),
    "schema": ("validation",),
    "anomalies": ("validation",),
    "evaluation": ("evaluator",),
}
"""The kinds of steps whose results a panel shows; that of a run shows all."""

_COMMITS = 5
"""So many commits of a datasource are compared with what a panel shows."""

_KEPT = 64
_payloads: OrderedDict[tuple[Any, ...], Payload | None] = OrderedDict()
"""Payloads by what they are made of: a panel is asked about after each run."""

_LABEL = re.compile(r"(.+)#(\d{1,9})")
_SHOWS = "Refresh shows it; run the cell again to keep it."


def moved(request: protocol.Moved) -> protocol.MovedOn:
    """Say what has moved on since a panel was made.

    Args:
        request: what stands on the panel.
    """
    from zenlab.repo import Repository

    with only_known():
        reasons, hint = _found(request.subject, request.shown, Repository())
    told = [protocol.Reason(r.kind, shorten(r.text, SENTENCE_LENGTH)) for r in reasons]
    return protocol.MovedOn(told, shorten(hint, SENTENCE_LENGTH) if told else "")


def _found(subject: Subject, shown: Payload, repository: Repository) -> tuple[list[Reason], str]:
    if subject.panel == "compare":
        return _compared(cast("ComparePayload", shown), repository)
    name = whole_name(subject.title, repository.get_pipeline_names())
    if name is not None or subject.panel in ("run", "evaluation"):
        return _Asked(subject, shown, repository).answer(name)
    return _of_datasource(subject, shown, repository)


class _Asked:
    """A panel of a pipeline that is asked about."""

    def __init__(self, subject: Subject, shown: Payload, repository: Repository) -> None:
        self._subject = subject
        self._shown = shown
        self._repository = repository
        self._workspace = cast("Workspace", repository)
        self._ends = _ENDS.get(subject.panel)
        self._specs: dict[str, PipelineSpec | None] = {}

    def answer(self, name: str | None) -> tuple[list[Reason], str]:
        """What has moved on, and what to do."""
        runs = runs_of(self._subject.title, self._repository)
        run = next((r for r in runs if self._payload(r) == self._shown), None)
        spec = self._spec(run) if run is not None else None
        if run is None or spec is None:
            return [], ""
        before = Part(spec, self._ends)
        now = (self._repository.specification(name) if name is not None else None) or spec
        part = Part(now, self._ends)
        reasons = respecified(before, part)
        same = [r for r in runs if r.pipeline_digest == now.digest and self._counts(r)]
        others = [r for r in same if r is not run]
        if not reasons and same and same[0] is not run and self._payload(same[0]) is not None:
            again = of_whom(same[0], self._repository)
            return [Reason("again", f"it ran again, with another result: {again}")], _SHOWS
        if reasons:
            hint = _SHOWS if others else f'Run it: %zen run "{now.name}".'
            return reasons, hint
        return self._unrun(part)

    def _unrun(self, part: Part) -> tuple[list[Reason], str]:
        """What has moved on of which no run knows."""
        name, workspace = part.spec.name, self._workspace
        variable = _variable(name)
        if variable is not None:
            found = redeclared(part, variable.declared, workspace)
        else:
            found = edited_code(part, workspace)
        if found:
            return found, f'Run its cells again, or %zen run "{name}".'
        return newer_data(part.spec, workspace), f'Take it: %zen run "{name}" --latest.'

    def _counts(self, run: RunRecord) -> bool:
        return run.status == "succeeded" or self._ends is None

    def _spec(self, run: RunRecord) -> PipelineSpec | None:
        from zenlab.pipelines.spec import from_document

        digest = run.pipeline_digest
        if digest not in self._specs:
            record = self._repository.metadata.pipeline(
                run.project, run.pipeline_name, digest=digest
            )
            self._specs[digest] = (
                from_document(record.spec, run.pipeline_name) if record is not None else None
            )
        return self._specs[digest]

    def _payload(self, run: RunRecord) -> Payload | None:
        """What the panel would show of a run; None if it has no such panel."""
        spec = self._spec(run)
        if spec is None:
            return None
        slots = set(Part(spec, self._ends).slots)
        used = tuple((r.slot, r.execution_id) for r in run.resolved if r.slot in slots)
        key = (
            *(str(self._repository.root), self._subject.panel, self._subject.title),
            *(tuple(self._subject.datasets), run.pipeline_digest, used),
            run.status if self._ends is None else "",
        )
        return _remembered(key, lambda: self._made(spec, run))

    def _made(self, spec: PipelineSpec, run: RunRecord) -> Payload:
        from zenlab.pipelines.base import pipeline_of

        if self._ends is None:
            return panel_of(run, self._repository).payload
        return of_pipeline(pipeline_of(spec, run), self._subject).payload


def _of_datasource(
    subject: Subject, shown: Payload, repository: Repository
) -> tuple[list[Reason], str]:
    """Whether the newest commit gives another panel, and an earlier one this."""
    name = whole_name(subject.title, repository.get_datasource_names())
    if name is None:
        return [], ""
    source = repository.get_datasource_by_name(name)
    commits = repository.metadata.commits(repository.project, name)[-_COMMITS:]
    for commit in reversed(commits):
        key = (str(repository.root), subject.panel, name, commit.digest)

        def made(digest: str = commit.digest) -> Payload:
            return of_datasource(source, subject, digest).payload

        # A schema may be changed without another commit: it is not remembered.
        if _remembered(None if subject.panel != "statistics" else key, made) == shown:
            if commit is commits[-1]:
                return [], ""
            newest = commits[-1].digest[:12]
            return [Reason("data", f"'{name}' has a newer commit, {newest}")], _SHOWS
    return [], ""


def _compared(shown: ComparePayload, repository: Repository) -> tuple[list[Reason], str]:
    """Whether a pipeline of a comparison has a newer revision with a result."""
    from zenlab.pipelines.compare import list_runs

    newest = _revisions(run.label for run in list_runs(cast("Workspace", repository)).runs)
    compared = _revisions(text.partition("\t")[0] for text in shown.runs)
    later = [
        f"{shorten(name)}#{newest[name]}"
        for name, revision in compared.items()
        if newest.get(name, revision) > revision
    ]
    if not later:
        return [], ""
    more = f" and {len(later) - 3} more" if len(later) > 3 else ""
    text = f"there are newer results: {', '.join(later[:3])}{more}"
    return [Reason("again", text)], "Choose them among the runs, or run the cell again."


def _revisions(labels: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for label in labels:
        if match := _LABEL.fullmatch(label):
            name, revision = match.group(1), int(match.group(2))
            found[name] = max(found.get(name, 0), revision)
    return found


def _remembered(key: tuple[Any, ...] | None, make: Callable[[], Payload]) -> Payload | None:
    """A payload that was made before, or is made now; None if that cannot be done."""
    if key in _payloads and key is not None:
        _payloads.move_to_end(key)
        return _payloads[key]
    try:
        found = make()
    except ZenlabError:
        return None  # it may become known later
    if key is not None:
        _payloads[key] = found
        while len(_payloads) > _KEPT:
            _payloads.popitem(last=False)
    return found


def _variable(name: str) -> BasePipeline | None:
    """The one pipeline of that name among the user's variables; None of several."""
    from IPython.core.getipython import get_ipython

    from zenlab.pipelines import BasePipeline

    shell = get_ipython()
    if shell is None:
        return None
    values = [v for v in list(shell.user_ns.values()) if isinstance(v, BasePipeline)]
    found = {id(value): value for value in values if value.name == name}
    return next(iter(found.values())) if len(found) == 1 else None
