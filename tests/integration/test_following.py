"""Runs that go on in another process: followed, cancelled, killed, stalled. On one SQLite store."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine_harness import Lab
from tests.following_harness import KINDS, run_kind
from zenlab.core import events
from zenlab.core.errors import StepError
from zenlab.engine.follow import follow
from zenlab.engine.gone import clean_leftovers, runs_going_on

if TYPE_CHECKING:
    from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["tests.conformance.claims_suite", "tests.following_harness", "zenlab.metadata.statements"]
)

TTL = 900
"""Short, so that a run beats every 0.3 s."""


class Colleague:
    """A process that runs a plan of `following_harness` on the stores of a lab."""

    def __init__(self, folder: Path, kind: str, ttl_ms: int = TTL, user: str = "ben") -> None:
        self._file = folder / f"said-{kind}-{user}"
        self.process = _context.Process(
            target=run_kind, args=(folder, kind, ttl_ms, user, self._file)
        )
        self.process.start()
        assert self.process.pid is not None
        self.pid = self.process.pid

    def until(self, start: str) -> str:
        """Wait for a line that begins so."""
        return wait_for(lambda: next((x for x in self._lines() if x.startswith(start)), None))

    def result(self) -> dict[str, Any]:
        """What came of the run."""
        self.process.join(timeout=30)
        found: dict[str, Any] = json.loads(self._lines()[-1])
        assert self.process.exitcode == 0
        assert found.pop("handler"), "the handler of Ctrl-C is as it was"
        return found

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines() if self._file.exists() else []


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path, "ada", ttl_ms=TTL)
    lab.metadata.runs("project")
    yield lab
    lab.metadata.dispose()


@pytest.fixture
def colleague(lab):
    started = []

    def start(kind: str, **options: Any) -> Colleague:
        started.append(Colleague(lab.folder, kind, **options))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def wait_for(found: Any, seconds: float = 120.0) -> Any:
    """Ask until the answer is true."""
    until = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return answer


def going(lab: Lab, slot: str = "trainer", state: str = "running") -> Any:
    """The one run that goes on, once it has said that the step is so far."""

    def found() -> Any:
        runs = lab.metadata.going("project")
        return runs and any(s.slot == slot and s.state == state for s in runs[0].steps) and runs[0]

    return wait_for(found)


def claims(lab: Lab) -> list[str]:
    """The states of all claims."""
    raw = sqlite3.connect(lab.folder / "metadata.db")
    try:
        return sorted(row[0] for row in raw.execute("SELECT state FROM claim"))
    finally:
        raw.close()


# ------------------------------------------------------------------------------------ following


def test_a_run_is_seen_with_all_that_it_says(lab, colleague):
    colleague("sleeps")
    seen = going(lab)
    assert (seen.run.user, seen.run.status) == ("ben", "running")
    assert [(s.slot, s.title, s.state) for s in seen.steps] == [
        ("transform", "transform", "executed"),
        ("trainer", "trainer", "running"),
        ("evaluator", "evaluator", "pending"),
    ]
    trainer = seen.steps[1]
    assert (trainer.done, trainer.total, trainer.message) == (3, 10, "epochs")
    assert 0 < trainer.seconds < 20
    assert seen.silent_ms < TTL
    assert not seen.expired


def test_following_tells_the_events_of_the_run_until_it_ends(lab, colleague):
    other = colleague("stalls")
    run = going(lab).run
    told: list[events.Event] = []

    def tell(event: events.Event) -> None:
        told.append(event)
        if isinstance(event, events.StepStarted):
            (lab.folder / "go").touch()

    ended = follow(lab.metadata, run.id, tell, lambda _: time.sleep(0.05))
    assert ended.status == "succeeded"
    assert other.result()["hows"] == dict.fromkeys(
        ("transform", "trainer", "evaluator"), "executed"
    )
    plan = next(e for e in told if isinstance(e, events.RunPlanned) and e.slots)
    assert plan.titles == ("transform", "trainer", "evaluator")
    done = [e.slot for e in told if isinstance(e, events.StepExecuted)]
    assert done == ["transform", "trainer", "evaluator"]
    assert isinstance(told[-1], events.RunEnded)
    assert (told[-1].status, told[-1].executed) == ("succeeded", 3)
    assert lab.metadata.left_behind("project") == []


def test_a_short_run_says_nothing(lab, monkeypatch):
    (lab.folder / "go").touch()
    for name in ("beat", "hear", "forget_progress"):
        monkeypatch.setattr(lab.metadata, name, lambda *_: pytest.fail("it has said something"))
    assert lab.run(KINDS["stalls"](lab.folder)).executed == 3
    assert lab.run(KINDS["stalls"](lab.folder)).cached == 3


def test_who_waits_is_told_how_far_the_other_is(lab, colleague, monkeypatch):
    from zenlab.engine import claims as engine_claims

    monkeypatch.setattr(engine_claims, "_PROGRESS_SECONDS", 0.2)
    colleague("sleeps")
    going(lab)
    told: list[events.StepWaiting] = []

    class Enough(Exception):
        pass

    def listen(event: events.Event) -> None:
        if isinstance(event, events.StepWaiting):
            told.append(event)
            if event.progress:
                raise Enough

    lab.with_setting(listener=listen)
    with pytest.raises(Enough):
        lab.run(KINDS["sleeps"](lab.folder))
    assert told[-1].progress == "3/10 epochs"
    assert told[-1].holder.startswith("ben on ")
    assert len({event.holder for event in told}) == 1


# ------------------------------------------------------------------------------------ cancelling


@pytest.mark.parametrize("kind", ["sleeps", "computes", "catches", "translates", "has_a_handler"])
def test_a_run_stops_when_somebody_asks(lab, colleague, kind):
    other = colleague(kind)
    run = going(lab).run
    request = lab.metadata.request_cancel(run.id, "Ada <ada@example.org>", "lab-1")
    said = other.result()
    ended = lab.metadata.run(run.id)
    assert said["error"] == "RunCancelledError"
    assert said["message"] == "Ada on lab-1 cancelled this run."
    assert ended.status == "interrupted"
    cancelled = {"by": "Ada <ada@example.org>", "host": "lab-1", "at_ms": request.at_ms}
    assert ended.error["cancelled"] == cancelled
    done = 2 if kind == "has_a_handler" else 1  # it has finished its work, and that counts
    assert ended.executed == done
    assert claims(lab) == ["done"] * done + ["free"] * (2 - done)
    assert lab.metadata.left_behind("project") == []
    folders = [p for p in (lab.folder / "artifacts").glob("*/*/*/*") if p.parts[-4] != "transform"]
    assert len(folders) == done - 1, "what was half done is gone"
    executions = lab.metadata.run_executions(run.id)
    assert [e.status for e in executions if e.status == "succeeded"] == ["succeeded"] * done


def test_a_run_that_waits_for_its_leaf_stops(lab, colleague):
    other = colleague("leaf")
    run = going(lab, "statistics").run
    lab.metadata.request_cancel(run.id, "ada", "lab-1")
    began = time.monotonic()
    assert other.result()["error"] == "RunCancelledError"
    assert time.monotonic() - began < 45, "the leaf itself takes a minute"
    assert lab.metadata.run(run.id).status == "interrupted"
    assert claims(lab) == ["done", "free"]


def test_a_run_that_waits_for_a_colleague_stops(lab, colleague):
    colleague("sleeps", user="cleo")
    first = going(lab).run
    waiting = colleague("sleeps")
    waiting.until("StepWaiting")
    run = next(r for r in lab.metadata.runs("project") if r.user == "ben")
    lab.metadata.request_cancel(run.id, "ada", "lab-1")
    assert waiting.result()["error"] == "RunCancelledError"
    assert lab.metadata.run(run.id).status == "interrupted"
    assert lab.metadata.run(first.id).status == "running"
    assert claims(lab) == ["done", "running"]


def test_a_run_in_another_thread_stops_before_its_next_step(lab, colleague):
    other = colleague("in_a_thread")
    run = going(lab).run
    lab.metadata.request_cancel(run.id, "ada", "lab-1")
    assert other.result()["error"] == "RunCancelledError"
    ended = lab.metadata.run(run.id)
    assert (ended.status, ended.executed) == ("interrupted", 2)


def test_ctrl_c_is_still_ctrl_c(lab, colleague):
    other = colleague("sleeps")
    run = going(lab).run
    other.signal(signal.SIGINT)
    assert other.result() == {"error": "KeyboardInterrupt"}
    ended = lab.metadata.run(run.id)
    assert ended.status == "interrupted"
    assert "cancelled" not in ended.error


def test_requests_at_any_moment_hit_nothing_but_the_run(lab, colleague):
    """Many short runs, most of them asked to stop: none lets an interrupt out."""
    other = colleague("hammer")
    asked = 0
    while other.process.is_alive():
        for seen in lab.metadata.going("project"):
            asked += lab.metadata.request_cancel(seen.run.id, "cleo", "lab-9") is not None
        time.sleep(0.005)
    seen = other.result()["seen"]
    assert seen["cancelled"] > 5
    assert seen["cancelled"] <= asked
    statuses = {run.status for run in lab.metadata.runs("project", limit=1000)}
    assert statuses <= {"succeeded", "interrupted"}
    assert "running" not in claims(lab)


# ------------------------------------------------------------------------------------ gone


def test_a_killed_run_is_lost_and_what_it_left_is_removed(lab, colleague):
    other = colleague("sleeps", ttl_ms=60_000)
    run = wait_for(lambda: going(lab)).run
    assert runs_going_on(lab.metadata, "project")
    half = [p for p in (lab.folder / "artifacts").glob("trainer/*/*/*") if p.is_dir()]
    assert len(half) == 1
    assert clean_leftovers(lab.metadata, "project", lab.artifacts) == 0, "it lives"
    other.kill()
    assert runs_going_on(lab.metadata, "project") == []
    lost = lab.metadata.run(run.id)
    assert (lost.status, lost.executed) == ("lost", 1)
    assert clean_leftovers(lab.metadata, "project", lab.artifacts) == 1
    assert not half[0].exists()
    assert list((lab.folder / "artifacts").glob("transform/*/*/*"))
    assert lab.metadata.left_behind("project") == []
    assert claims(lab) == ["done", "free"]


def test_who_takes_over_from_a_killed_process_removes_what_it_left(lab, colleague):
    other = colleague("sleeps", ttl_ms=60_000)
    going(lab)
    half = next((lab.folder / "artifacts").glob("trainer/*/*/*"))
    other.kill()

    class Begun(Exception):
        pass

    def listen(event: events.Event) -> None:
        if isinstance(event, events.StepProgress):
            raise Begun

    lab.with_setting(listener=listen)
    with pytest.raises(StepError):
        lab.run(KINDS["sleeps"](lab.folder))
    assert not half.exists()


def test_a_run_that_sweeps_finds_those_that_were_killed(lab, colleague, monkeypatch):
    from zenlab.engine import gone

    other = colleague("sleeps", ttl_ms=60_000)
    run = going(lab).run
    other.kill()
    monkeypatch.setattr(gone, "_swept", None)
    gone.sweep(lab.metadata, "project", lab.artifacts)
    assert lab.metadata.run(run.id).status == "lost"
    assert not list((lab.folder / "artifacts").glob("trainer/*/*/*"))


# ------------------------------------------------------------------------------------ stalled


def stall(lab: Lab, other: Colleague) -> Any:
    """Stop a process in the middle of a step until its claim has expired."""
    run = going(lab).run
    other.signal(signal.SIGSTOP)
    wait_for(lambda: lab.metadata.going_run(run.id).expired)
    time.sleep(TTL / 1000)
    return run


def test_a_stalled_owner_whose_work_nobody_took_counts(lab, colleague):
    other = colleague("stalls")
    run = stall(lab, other)
    assert runs_going_on(lab.metadata, "project") == []
    assert lab.metadata.run(run.id).status == "lost"
    assert clean_leftovers(lab.metadata, "project", lab.artifacts) == 0, "it is only stopped"
    other.signal(signal.SIGCONT)
    wait_for(lambda: lab.metadata.run(run.id).status == "running")  # it says that it lives
    (lab.folder / "go").touch()
    said = other.result()
    assert said["value"] == {"pid": other.pid}
    assert said["hows"]["trainer"] == "executed"
    assert lab.metadata.run(run.id).status == "succeeded"
    assert lab.run(KINDS["stalls"](lab.folder)).cached == 3


def test_a_stalled_owner_whose_work_was_taken_over_is_discarded(lab, colleague):
    other = colleague("stalls")
    stall(lab, other)
    (lab.folder / "go").touch()
    ours = lab.run(KINDS["stalls"](lab.folder))
    assert lab.value(ours, "trainer") == {"pid": os.getpid()}
    other.signal(signal.SIGCONT)
    said = other.result()
    assert said["value"] == {"pid": os.getpid()}, "what it had computed itself is not used"
    assert said["hows"]["trainer"] == "hit"
    attempts = list((lab.folder / "artifacts").glob("trainer/*/*/*"))
    assert len(attempts) == 1
    assert set(claims(lab)) == {"done"}


# ------------------------------------------------------------------------------------ the tables


def test_runs_that_go_on_are_found_by_an_index(lab):
    """However many runs there were: this is asked at every look."""
    raw = sqlite3.connect(lab.folder / "metadata.db")
    try:
        for question in ("project = 'p' AND status = 'running'", "id = 1"):
            query = f"SELECT * FROM run LEFT JOIN run_progress ON run_id = id WHERE {question}"
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]
            assert all(step.startswith("SEARCH") for step in plan), plan
        assert "ix_run_status" in str(
            raw.execute(
                "EXPLAIN QUERY PLAN SELECT * FROM run WHERE project = 'p' AND status = 'running'"
            ).fetchall()
        )
    finally:
        raw.close()
