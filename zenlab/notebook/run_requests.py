"""What is done for the requests of run panels: of a run that goes on, and of one that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.notebook import protocol
from zenlab.notebook.going import GOING, told
from zenlab.views.strings import SENTENCE_LENGTH, person, shorten, visible

if TYPE_CHECKING:
    from zenlab.metadata import RunRecord
    from zenlab.repo import Repository
    from zenlab.views import RunPanel
    from zenlab.views.payloads import RunPayload

LOOKED_AT = 20
"""So many of the last runs of a pipeline are compared with what a panel shows."""

LOG_LENGTH = 40_000
CODE_LENGTH = 60_000
"""The most characters of an answer; of a log its end is sent, of code its beginning."""


def latest(title: str, repository: Repository) -> RunPanel:
    """The panel of the last run of a pipeline that is over.

    Args:
        title: the pipeline's name as panels show it.
        repository: whose runs count.

    Raises:
        DoesNotExistException: it has none.
    """
    found = runs_of(title, repository)
    if not found:
        raise DoesNotExistException(
            f"No run of a pipeline '{title}' is in this repository's store.",
            hint="Run the cell of the panel again.",
        )
    return panel_of(found[0], repository)


def states(request: protocol.RunStates) -> protocol.RunTold:
    """Find the run that a panel shows, and say how its steps came to their results."""
    from zenlab.pipelines.why import explain_run
    from zenlab.repo import Repository

    repository = Repository()
    shown = request.shown
    runs = runs_of(shown.pipeline, repository)
    payloads = {}  # runs of one specification with one result make one panel
    for run in runs:
        key = run.pipeline_digest, run.status, tuple(r.execution_id for r in run.resolved)
        if key not in payloads:
            payloads[key] = panel_of(run, repository).payload
        if payloads[key] == shown:
            break
    else:
        return protocol.RunTold(last=of_whom(runs[0], repository) if runs else "")
    why = explain_run(run, repository)
    steps = [
        # Of a run that is over, no state is one that only a plan has.
        protocol.StepOutcome(shorten(s.slot), s.state, visible(s.short), s.seconds)  # type: ignore[arg-type]
        for s in why.steps
    ]
    return protocol.RunTold(str(run.id), visible(why.head), visible(why.outcome), steps=steps)


def step(request: protocol.StepDetails) -> protocol.StepTold:
    """Say of a step of a run what `zenlab why`, `zenlab logs` and its sources say."""
    from zenlab.pipelines.kept import code_of, logs_of
    from zenlab.pipelines.spec import from_document
    from zenlab.pipelines.why import explain_run
    from zenlab.repo import Repository

    repository = Repository()
    store = repository.metadata
    run = store.run(int(request.run))
    if (
        run is None
        or run.project != repository.project
        or shorten(run.pipeline_name) != request.subject.title
    ):
        raise DoesNotExistException(
            "This run is not in the repository's store any more.", hint="Refresh the panel."
        )
    record = store.pipeline(run.project, run.pipeline_name, digest=run.pipeline_digest)
    spec = from_document(record.spec, run.label) if record is not None else None
    names = {shorten(name): name for name in (spec.steps if spec is not None else ())}
    slot = names.get(request.slot, request.slot)
    why = explain_run(run, repository, slot)[slot]
    code = (
        code_of(spec.steps[slot], repository) if spec is not None and slot in names.values() else []
    )
    sent: list[protocol.CodeText] = []
    length = 0
    for entry in code:
        length += len(entry.text)
        if sent and length > CODE_LENGTH:
            break
        sent.append(protocol.CodeText(*entry[:3], entry.text[:CODE_LENGTH]))
    log = logs_of(run, repository, slot).get(slot, "")
    return protocol.StepTold(
        why=list(why.lines()),
        code=sent,
        log=log[-LOG_LENGTH:],
        cut=len(log) > LOG_LENGTH,
        more_code=len(code) - len(sent),
    )


def live(request: protocol.Live) -> protocol.LiveTold:
    """Say how a run goes on."""
    run = GOING.find(request.run)
    if run is None:
        raise DoesNotExistException("This kernel does not run it: it was started again since.")
    return told(run)


def ended(request: protocol.Ended) -> protocol.RunPanelTold:
    """The panel of a run, for a page that was loaded while it went on, and so misses its display.

    Raises:
        DoesNotExistException: this kernel does not know the run, or it is not over.
    """
    from zenlab.repo import Repository

    going = GOING.find(request.run)
    repository = Repository()
    run = repository.metadata.run(going.run_id) if going is not None and going.run_id else None
    if run is None or run.status == "running":
        raise DoesNotExistException(
            "There is no result of this run.", hint="%zen status tells more."
        )
    panel = panel_of(run, repository)
    bundle = panel._repr_mimebundle_()
    payload = cast("RunPayload", panel.payload)
    return protocol.RunPanelTold(payload, bundle["text/html"], bundle["text/plain"])


def cancel(request: protocol.Cancel) -> protocol.Cancelled:
    """Ask a run to stop, as `zenlab cancel` does."""
    from zenlab.engine.record import HOST
    from zenlab.repo import Repository

    run = GOING.find(request.run)
    if run is None or run.run_id == 0:
        raise ZenlabError(
            "This run cannot be asked to stop.", hint="Interrupt the kernel: its stop button."
        )
    repository = Repository()
    asked = repository.metadata.request_cancel(run.run_id, repository.user, HOST)
    if asked is None:
        return protocol.Cancelled("The run has just ended.")
    if (asked.user, asked.host) == (repository.user, HOST):
        return protocol.Cancelled("Asked to stop: the run hears of it within seconds.")
    who = shorten(person(asked.user), SENTENCE_LENGTH)
    return protocol.Cancelled(f"{who} on {shorten(asked.host)} has already asked it to stop.")


def runs_of(title: str, repository: Repository) -> list[RunRecord]:
    """The last runs of a pipeline that are over, the latest first.

    Args:
        title: the pipeline's name as panels show it.
        repository: whose runs count.
    """
    store, project = repository.metadata, repository.project
    names = {shorten(name): name for name in {r.name for r in store.pipelines(project)}}
    if title not in names:
        return []
    found: list[RunRecord] = store.runs(project, names[title], limit=LOOKED_AT)
    return [run for run in found if run.status != "running"]


def panel_of(run: RunRecord, repository: Repository) -> RunPanel:
    """The panel of a run that is over.

    Args:
        run: the run.
        repository: in whose store it is.

    Raises:
        DoesNotExistException: the store does not know its pipeline any more.
    """
    from zenlab.pipelines.spec import from_document
    from zenlab.pipelines.summary import summarise
    from zenlab.views import RunPanel

    record = repository.metadata.pipeline(
        run.project, run.pipeline_name, digest=run.pipeline_digest
    )
    if record is None:
        raise DoesNotExistException(f"{run.label} is not in the metadata store any more.")
    return RunPanel(summarise(from_document(record.spec, run.pipeline_name), run, repository))


def of_whom(run: RunRecord, repository: Repository) -> str:
    """A run with its user and how it ended: `Pipeline A#2 by you: succeeded`.

    Args:
        run: the run.
        repository: who works here.
    """
    who = "you" if run.user == repository.user else shorten(person(run.user))
    return f"{shorten(run.label)} by {who}: {run.status}"
