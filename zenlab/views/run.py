"""The panel of a run: what each step is, what came out of it, and what there is to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.numbers import number
from zenlab.views.panel import Form, Panel
from zenlab.views.strings import NAME_LENGTH, SENTENCE_LENGTH, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.views.document import Block
    from zenlab.views.payloads import RunPayload, RunStep

COMMIT_LENGTH = 12
"""The digits of a data commit that are shown."""

Status = Literal["succeeded", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class OutputSummary:
    """An output of a step: `summary` says what it is where it has no rows (a model's class)."""

    name: str
    format: str
    num_rows: int | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class StepSummary:
    """A step of a run that ended.

    Args:
        slot: its place in the pipeline.
        title: the name of its class or function.
        params: what the user gave it, by name; defaults only where they are worth a look.
        inputs: the slots whose outputs it read.
        outputs: what it made; empty if it did not finish.
        metrics: final values by name, those of `StepContext.log_metric` and the evaluator's.
    """

    slot: str
    title: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[OutputSummary, ...] = ()
    metrics: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Why a run ended early; `slot` is None if no step is to blame."""

    slot: str | None
    error: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run panel is made of. The front end fills it from what the engine returns.

    It must be the same for a run and its repetition from the cache: no revision, no time, no user,
    no id. Findings that hold for this moment only (the source has changed since) are for the
    screen, see `LiveRun`.

    Args:
        pipeline: its name.
        status: how the run ended.
        steps: in order.
        source: the datasource's name.
        source_rows: of the snapshot.
        source_commit: the snapshot's content digest; its first 12 digits are shown.
        findings: one sentence each, of this result.
        failure: for a run that did not succeed.
    """

    pipeline: str
    status: Status
    steps: tuple[StepSummary, ...]
    source: str = ""
    source_rows: int | None = None
    source_commit: str = ""
    findings: tuple[str, ...] = ()
    failure: RunFailure | None = None


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much of a run a payload holds."""

    steps: int
    items: int  # outputs and metrics of a step, findings
    name: int  # characters
    parameters: int
    sentence: int


_LIMITS = (
    _Limits(steps=50, items=20, name=NAME_LENGTH, parameters=160, sentence=SENTENCE_LENGTH),
    _Limits(steps=30, items=8, name=NAME_LENGTH, parameters=160, sentence=SENTENCE_LENGTH),
    _Limits(steps=20, items=3, name=40, parameters=80, sentence=200),
    _Limits(steps=6, items=1, name=30, parameters=40, sentence=100),
)


class RunPanel(Panel):
    """A run, a row a step.

    Example:
        >>> split = StepSummary(
        ...     "split",
        ...     "RandomSplit",
        ...     {"seed": 0},
        ...     outputs=(
        ...         OutputSummary("train", "parquet", 70),
        ...         OutputSummary("eval", "parquet", 30),
        ...     ),
        ... )
        >>> print(RunPanel(RunSummary("Pipeline A", "succeeded", (split,), "flights", 100)))
        Run of Pipeline A: succeeded
        <BLANKLINE>
        data  flights, 100 rows
        <BLANKLINE>
        step   what         parameters  result
        ─────  ───────────  ──────────  ───────────────────────────
        split  RandomSplit  seed=0      train 70 rows, eval 30 rows
    """

    def __init__(self, summary: RunSummary) -> None:
        self.summary = summary

    def __repr__(self) -> str:
        return f"<RunPanel {self.summary.pipeline}: {self.summary.status}>"

    def forms(self) -> Iterator[Form]:
        """The run with fewer and fewer steps and outputs."""
        for limits in _LIMITS:
            payload = _payload(self.summary, limits)
            yield Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a step: slot, title, parameters, outputs (rows by name), and a column a metric."""
        import pandas as pd

        rows = [
            {
                "slot": step.slot,
                "title": step.title,
                "parameters": dict(step.params),
                "outputs": {output.name: output.num_rows for output in step.outputs},
                **step.metrics,
            }
            for step in self.summary.steps
        ]
        return pd.DataFrame(rows, columns=None if rows else ["slot", "title", "parameters"])

    def figure(self) -> go.Figure:
        """The graph of the steps, from the data on the left to the results on the right."""
        from zenlab.views.run_figure import graph

        return graph(self.summary)


def parameter(value: object) -> str:
    """Write a parameter, exactly: parameters are not measurements, and are not rounded.

    What is not plain data is written by its name or type, never by its `repr`, which may hold an
    address.

    Example:
        >>> parameter({"eval": 0.2, "by": ["carrier", None]})
        "{'eval': 0.2, 'by': ['carrier', None]}"
        >>> parameter(len)
        'len'
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(parameter(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{parameter(k)}: {parameter(v)}' for k, v in value.items())}}}"
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else type(value).__name__


def describe(payload: RunPayload) -> Document:
    """What a run panel says."""
    from zenlab.views.packing import fields

    blocks: list[Block] = []
    if payload.source:
        name, rows, commit = fields(payload.source)
        data = [name, f"{int(rows):,} rows" if rows else "", f"commit {commit}" if commit else ""]
        blocks.append(Facts((("data", ", ".join(filter(None, data))),)))
    if payload.failure:
        blocks.append(Facts(_failure(payload)))
    if payload.steps:
        blocks.append(_steps(payload))
    if payload.findings:
        blocks += [Heading("Findings"), Sentences(tuple(payload.findings))]
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    return Document(f"Run of {payload.pipeline}: {payload.status}", tuple(blocks))


def _failure(payload: RunPayload) -> tuple[tuple[str, str], ...]:
    failure = payload.failure
    assert failure is not None
    what = "interrupted in" if payload.status == "interrupted" else "failed in"
    facts = [(what, failure.slot), ("error", failure.error), ("next", failure.hint)]
    return tuple((name, value) for name, value in facts if value)


def _steps(payload: RunPayload) -> Table:
    """A row a step; columns that no step fills are not there."""
    titles = ["step", "state", "what", "parameters", "result"]
    states = _states(payload)
    rows = [
        (
            step.slot,
            state,
            step.title,
            step.parameters,
            ", ".join([*map(_output, step.outputs), *map(_metric, step.metrics)]),
        )
        for step, state in zip(payload.steps, states, strict=True)
    ]
    used = [i for i in range(len(titles)) if any(row[i] for row in rows)]
    return Table(
        tuple(Column(titles[i], nowrap=titles[i] == "state") for i in used),
        tuple(tuple(row[i] for i in used) for row in rows),
    )


def _states(payload: RunPayload) -> list[str]:
    """How far each step came; nothing where all have a result."""
    done = [bool(step.outputs or step.metrics) for step in payload.steps]
    if payload.status == "succeeded":
        return ["" if all(done) else "✓ done" if one else "⊘ left out" for one in done]
    slots = [step.slot for step in payload.steps]
    if payload.failure is None or payload.failure.slot not in slots:
        return [""] * len(slots)
    at = slots.index(payload.failure.slot)
    word = "■ interrupted" if payload.status == "interrupted" else "✗ failed"
    # Not all before it are done: statistics are computed meanwhile, and are stopped with the run.
    states = ["✓ done" if one else "○ not run" for one in done]
    return [word if i == at else state for i, state in enumerate(states)]


def _output(text: str) -> str:
    from zenlab.views.packing import fields

    name, _, rows, summary = fields(text)
    return f"{name} {int(rows):,} rows" if rows else f"{name} {summary}".rstrip()


def _metric(text: str) -> str:
    from zenlab.views.packing import named

    name, value = named(text)
    return f"{name} {number(value)}"


def _payload(summary: RunSummary, limits: _Limits) -> RunPayload:
    from zenlab.views import payloads
    from zenlab.views.packing import few, row

    omitted: list[str] = []
    if len(summary.steps) > limits.steps:
        omitted.append(f"Steps: {len(summary.steps) - limits.steps}")
    if len(summary.findings) > limits.items:
        omitted.append(f"Findings: {len(summary.findings) - limits.items}")
    steps = [_step(step, limits, omitted) for step in summary.steps[: limits.steps]]
    source = ""
    if summary.source:
        commit = visible(summary.source_commit[:COMMIT_LENGTH])
        source = row(shorten(summary.source, limits.name), summary.source_rows, commit)
    failure = None
    if summary.failure:
        failure = payloads.RunFailure(
            shorten(summary.failure.slot or "", limits.name),
            shorten(summary.failure.error, limits.sentence),
            shorten(summary.failure.hint, limits.sentence),
        )
    return payloads.RunPayload(
        version=payloads.VERSION,
        pipeline=shorten(summary.pipeline, limits.name),
        status=summary.status,
        steps=steps,
        source=source,
        findings=[shorten(f, limits.sentence) for f in summary.findings[: limits.items]],
        failure=failure,
        omitted=few(omitted),
    )


def _step(step: StepSummary, limits: _Limits, omitted: list[str]) -> RunStep:
    from zenlab.views.packing import row
    from zenlab.views.payloads import RunStep

    def short(text: str) -> str:
        return shorten(text, limits.name)

    for name, there in (("Outputs", step.outputs), ("Metrics", step.metrics)):
        if len(there) > limits.items:
            omitted.append(f"{name} of {short(step.slot)}: {len(there) - limits.items}")
    params = ", ".join(f"{name}={parameter(value)}" for name, value in step.params.items())
    return RunStep(
        slot=short(step.slot),
        title=short(step.title),
        parameters=shorten(params, limits.parameters),
        inputs=[short(slot) for slot in step.inputs[: limits.items]],
        outputs=[
            row(short(o.name), short(o.format), o.num_rows, short(o.summary))
            for o in step.outputs[: limits.items]
        ],
        metrics=[
            row(short(name), value) for name, value in list(step.metrics.items())[: limits.items]
        ],
    )
