"""A run while it goes on."""

import re

import pytest

from tests.unit.test_views_run import HOSTILE, check_bare
from zenlab.core.events import (
    Event,
    Finding,
    RunEnded,
    RunOutcome,
    RunPlanned,
    StepCached,
    StepExecuted,
    StepFailed,
    StepProgress,
    StepStarted,
    StepWaiting,
)
from zenlab.views.live import LiveRun, State
from zenlab.views.strings import shorten
from zenlab.views.times import duration

PLAN = RunPlanned("Pipeline A", ("split", "trainer"), ("RandomSplit", "SklearnTrainer"))


class Watch:
    """A live run whose time stands still until it is told otherwise."""

    def __init__(self):
        self.now, self.lines, self.pages = 0.0, [], []
        self.live = LiveRun(
            self.lines.append,
            self.pages.append,
            clock=lambda: self.now,
            now_ms=lambda: 3_600_000,
        )

    def __call__(self, *events, after=0.0):
        self.now += after
        for event in events:
            self.live(event)


def test_the_lines_of_a_run():
    watch = Watch()
    watch(
        PLAN, StepCached("split", "anna", 0, 12.3), StepStarted("trainer", "max_iter: 100 -> 200")
    )
    watch(StepExecuted("trainer", 3.456), RunEnded("succeeded", 1, 1, 3.5), after=3.5)
    assert watch.lines == [
        "split    RandomSplit     cached       0.00 s  saved 12.3 s, by anna 1 h 0 min ago",
        "trainer  SklearnTrainer  executed     3.46 s  max_iter: 100 -> 200",
        "1 executed, 1 cached in 3.50 s (saved 12.3 s)",
    ]
    assert re.fullmatch(r"\d+ executed, \d+ cached.*", watch.lines[-1])


def test_a_failed_step_and_an_interrupted_one():
    watch = Watch()
    watch(PLAN, StepStarted("split", "new"))
    watch(StepFailed("split", "ValueError: no\nrows"), after=2)
    assert watch.lines == [r"split    RandomSplit     failed       2.00 s  ValueError: no\nrows"]
    watch(StepFailed("trainer", "KeyboardInterrupt", interrupted=True))
    assert watch.live.steps["trainer"].state is State.INTERRUPTED
    assert "trainer" in watch.lines[1]


def test_waiting_is_said_once():
    watch = Watch()
    watch(PLAN)
    for _ in range(3):
        watch(StepWaiting("split", "ben@laptop"), after=1)
    assert watch.lines == ["split    RandomSplit     waiting              for ben@laptop"]
    assert watch.live.status_line() == "0 of 2 steps, ◷ split 2.0 s for ben@laptop"
    watch(StepWaiting("split", "cleo"))
    assert len(watch.lines) == 2


def test_how_far_the_other_is_is_no_new_line():
    watch = Watch()
    watch(PLAN, StepWaiting("split", "ben@laptop"))
    watch(StepWaiting("split", "ben@laptop", "3/10 epochs"), after=2)
    watch(StepWaiting("split", "ben@laptop", "4/10 epochs"), after=2)
    assert len(watch.lines) == 1
    assert watch.live.status_line() == "0 of 2 steps, ◷ split 4.0 s for ben@laptop: 4/10 epochs"


def test_a_run_that_is_watched_later_began_before():
    watch = Watch()
    watch(RunPlanned("A", ("split",), ("RandomSplit",), 30.0), StepStarted("split", "", 20.0))
    assert watch.live.status_line() == "0 of 1 steps, ▶ split 20.0 s"
    assert "30.0 s" in watch.pages[-1]


def test_the_cell_shows_state_progress_and_time():
    watch = Watch()
    watch(PLAN, StepExecuted("split", 1.0), StepStarted("trainer", "first run"))
    watch(StepProgress("trainer", 1, 4, "epoch 1"), after=83)
    page = check_bare(watch.pages[-1])
    row = [cell.replace("\xa0", " ") for cell in page.cells[-6:]]
    assert row == [
        "▶ running",
        "trainer",
        "SklearnTrainer",
        "1 min 23 s",
        "██░░░░░░░░ 25.0%",
        "epoch 1",
    ]
    assert watch.live.status_line() == "1 of 2 steps, ▶ trainer 1 min 23 s ██░░░░░░░░ 25.0% epoch 1"
    assert "1 of 2 steps, 1 min 23 s ██████████" in watch.pages[-1]


def test_progress_without_an_end():
    watch = Watch()
    watch(PLAN, StepProgress("split", 1500, None, ""))
    assert watch.live.steps["split"].note == "1500"
    assert watch.live.steps["split"].done is None


def test_progress_is_not_sent_too_often_but_states_are():
    watch = Watch()
    watch(PLAN)
    watch(*(StepProgress("split", i, 1000, "") for i in range(1000)), after=1)
    assert len(watch.pages) == 2
    watch(StepExecuted("split", 1.0), StepStarted("trainer", ""))
    assert len(watch.pages) == 4


def test_time_stands_still_after_the_end():
    watch = Watch()
    watch(PLAN)
    watch(RunEnded("failed", 0, 0, 5.0), after=5)
    watch.now = 1000
    assert "5.0 s" in watch.live.html()
    assert "Run of Pipeline A: failed" in watch.live.html()


def test_findings():
    watch = Watch()
    watch(PLAN, Finding(None, "The source has changed."), Finding("split", "No rows in test."))
    assert watch.lines == ["! The source has changed.", "! split: No rows in test."]
    assert "No rows in test." in watch.pages[-1]


def test_events_of_a_newer_engine_and_of_unknown_steps():
    watch = Watch()
    watch(Event(), StepExecuted("late", 1.0), StepFailed("later", "x"))
    assert list(watch.live.steps) == ["late", "later"]


def test_words_and_symbols_are_all_different():
    assert len({state.symbol for state in State}) == len({state.word for state in State}) == 8


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    watch = Watch()
    watch(
        RunPlanned(hostile, (hostile,), (hostile,)),
        StepStarted(hostile, hostile),
        StepWaiting(hostile, hostile),
        StepProgress(hostile, 1, 2, hostile),
        StepCached(hostile, hostile, 0, 1.0),
        StepFailed(hostile, hostile),
        Finding(hostile, hostile),
    )
    for page in watch.pages:
        assert f"Run of {shorten(hostile)}: running" in check_bare(page).cells
    assert all("\n" not in line and "\x1b" not in line for line in watch.lines)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.9996, "1.0 s"),
        (59.96, "1 min 0 s"),
        (3599.6, "1 h 0 min"),
        (86400, "1 d 0 h"),
    ],
)
def test_duration_does_not_show_sixty(seconds, text):
    assert duration(seconds) == text


def test_the_outcome_is_a_line():
    lines: list[str] = []
    live = LiveRun(write=lines.append)
    live(RunOutcome("saved 58 s thanks to Ada (Pipeline A#3)\n\x1b[31m"))
    assert lines == [r"saved 58 s thanks to Ada (Pipeline A#3)\n\x1b[31m"]
