"""What a panel in the browser asks of the kernel, and what it is answered.

A request names a panel by what stands on it: kind, title, datasets. It never holds a path, an
expression or a name of a variable, so that nothing can be asked for but what the user could open.
The TypeScript types of the same are made from these (`tools/payload_types.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from zenlab.views.payloads import ComparePayload, Payload, RunPayload, StatisticsPayload

TARGET = "zenlab"
"""The name of the comm's target."""

MOST_FEATURES = 200
"""The most features of one answer."""

MOST_RUNS = 50
"""The most runs that are compared at once."""

Name = Annotated[str, msgspec.Meta(max_length=1000)]


RunDigits = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]
"""The id of a run, in digits: a number of a browser cannot hold it."""


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A panel, by what stands on it: `title` is the name of a pipeline, a datasource or a file."""

    panel: Literal["statistics", "anomalies", "schema", "evaluation", "run", "compare"]
    title: Name
    datasets: list[Name] = []


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """Who answers?"""


class MoreFeatures(msgspec.Struct, frozen=True, tag_field="type", tag="more_features"):
    """The features of a statistics panel from a position on, in its own order."""

    subject: Subject
    start: Annotated[int, msgspec.Meta(ge=0)]
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_FEATURES)]


class Accept(msgspec.Struct, frozen=True, tag_field="type", tag="accept"):
    """Take up what was found in some columns into the schema; no names: everything."""

    subject: Subject
    features: list[Name] = []


class Refresh(msgspec.Struct, frozen=True, tag_field="type", tag="refresh"):
    """The panel as it is now."""

    subject: Subject


class ListRuns(msgspec.Struct, frozen=True, tag_field="type", tag="list_runs"):
    """The runs that can be compared."""


class CompareRuns(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="compare_runs"
):
    """Some runs side by side.

    A run is called by its label, a pipeline and its revision (`Pipeline A#11`): it is the latest
    successful one of that revision. `baseline` is a position.
    """

    runs: Annotated[list[Name], msgspec.Meta(min_length=2, max_length=MOST_RUNS)]
    baseline: Annotated[int, msgspec.Meta(ge=0)] = 0
    all_parameters: bool = False


class CompareColumn(msgspec.Struct, frozen=True, tag_field="type", tag="compare_column"):
    """A column in the data of two runs, the first of which is the baseline.

    Runs and column are called as the panel shows them; the answer's datasets are the runs.
    """

    runs: Annotated[list[Name], msgspec.Meta(min_length=2, max_length=2)]
    column: Name


class RunStates(msgspec.Struct, frozen=True, tag_field="type", tag="run_states"):
    """Which steps of a run came from the cache; the run is known by what the panel shows of it."""

    shown: RunPayload


class StepDetails(msgspec.Struct, frozen=True, tag_field="type", tag="step"):
    """Code, log and why of a step; `run` are the digits of a run of the subject's pipeline."""

    subject: Subject
    run: RunDigits
    slot: Name


class Live(msgspec.Struct, frozen=True, tag_field="type", tag="live"):
    """How a run goes on; `run` is the name that its display has told."""

    run: Name


class Cancel(msgspec.Struct, frozen=True, tag_field="type", tag="cancel"):
    """Ask a run to stop; `run` is as in `Live`."""

    run: Name


Request = (
    Hello
    | MoreFeatures
    | Accept
    | Refresh
    | ListRuns
    | CompareRuns
    | CompareColumn
    | RunStates
    | StepDetails
    | Live
    | Cancel
)
"""Every request, told apart by `type`."""


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    """The version of zenlab in the kernel, and that of the payloads it makes."""

    zenlab: str
    payloads: int


class Features(msgspec.Struct, frozen=True, tag_field="type", tag="features"):
    """Part of a statistics panel: `columns` are those asked for, `total` says how many exist.

    For `CompareColumn` it is one column.
    """

    payload: StatisticsPayload


class Accepted(msgspec.Struct, frozen=True, tag_field="type", tag="accepted"):
    """What was done, and what to do next."""

    text: str


class Refreshed(msgspec.Struct, frozen=True, tag_field="type", tag="refreshed"):
    """The panel as it is now."""

    payload: Payload


class ListedRuns(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="runs"):
    """Runs to choose from, the latest first.

    `runs` are rows of label, user, datasource, milliseconds since 1970, then a value for each of
    `metrics`, which are rows of title and which value is the best.
    """

    runs: list[str]
    metrics: list[str] = []
    notes: list[str] = []


class Compared(msgspec.Struct, frozen=True, tag_field="type", tag="compared"):
    """A comparison with all that a notebook stores of it."""

    payload: ComparePayload
    html: str
    text: str


class StepOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a step in a run: `state` and `note` are as `why` says them."""

    slot: str
    state: Literal["hit", "executed", "failed", "interrupted", "not reached", "left out"]
    note: str = ""
    seconds: float | None = None


class RunTold(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="run_told"):
    """The run that a panel shows: its digits, which one it is, what it has saved and changed.

    Without digits no run of this repository has this result. `later` says that the pipeline has
    run since, and with another result.
    """

    run: str = ""
    head: str = ""
    outcome: str = ""
    later: str = ""
    steps: list[StepOutcome] = []


class CodeText(msgspec.Struct, frozen=True):
    """A function, class or constant that counts in a step: `place` is its file and line."""

    name: str
    kind: str
    place: str
    text: str


class StepTold(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="step_told"):
    """A step of a run: the lines of `why`, the user's own code, what it printed.

    `cut` says that the log began earlier, `more_code` how much code is left out.
    """

    why: list[str]
    code: list[CodeText] = []
    log: str = ""
    cut: bool = False
    more_code: int = 0


class StepGoing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step of a run that goes on: `done` is a share of one, `inputs` are slots."""

    slot: str
    title: str
    state: Literal[
        "pending",
        "running",
        "waiting",
        "cached",
        "executed",
        "failed",
        "interrupted",
        "left out",
    ]
    note: str = ""
    seconds: float | None = None
    done: float | None = None
    inputs: list[str] = []


class LiveTold(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="live_told"):
    """How a run goes on; the status is `running` until it has ended."""

    pipeline: str
    status: str
    seconds: float
    steps: list[StepGoing]
    findings: list[str] = []


class Cancelled(msgspec.Struct, frozen=True, tag_field="type", tag="cancelled"):
    """That the run was asked to stop, or by whom it already was."""

    text: str


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="failure"):
    """What went wrong, where, and what to do next, as a `ZenlabError` says it."""

    message: str
    where: str = ""
    hint: str = ""


Answer = (
    Welcome
    | Features
    | Accepted
    | Refreshed
    | ListedRuns
    | Compared
    | RunTold
    | StepTold
    | LiveTold
    | Cancelled
    | Failure
)
"""Every answer, told apart by `type`."""


class Question(msgspec.Struct, frozen=True):
    """A request with the number that its answer will have."""

    id: int
    request: Request


class Reply(msgspec.Struct, frozen=True):
    """An answer with the number of its request."""

    id: int
    answer: Answer
