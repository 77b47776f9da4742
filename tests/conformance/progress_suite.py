"""What every metadata store must do: runs that go on, are asked to stop, or are gone."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import ALICE, BOB, MINUTE, NAMES, PROJECT, run_record
from zenlab.metadata import MetadataStore, Resolved, SlotProgress

STEPS = (
    SlotProgress("split", "RandomSplit", "cached", 12.5, by="bob", at_ms=1_700_000_000_000),
    SlotProgress(
        "trainer", "Fit", "running", 3.25, 3.0, 10.0, "epochs", folder="trainer/ab/abc/1-x"
    ),
    SlotProgress("evaluator", "Evaluator"),
)


class ProgressSuite(MetadataStoreFixtures):
    """Runs that go on."""

    @pytest.fixture
    def run(self, store):
        run = run_record(status="running", user="alice", host="host-a", pid=11)
        store.start_run(run)
        return run

    def test_a_run_that_has_said_nothing_goes_on(self, store, other, run):
        store.record_run(run_record())
        (going,) = other.going(PROJECT)
        assert going.run == other.run(run.id)
        assert (going.silent_ms, going.holder, going.steps, going.cancel) == (None, None, (), None)
        assert not going.expired
        assert 0 <= going.elapsed_ms < 30_000
        assert other.going("another project") == []

    def test_a_run_says_how_far_it_is(self, store, other, run):
        store.beat(run.id, ALICE, MINUTE, STEPS)
        (going,) = other.going(PROJECT)
        assert going.steps == STEPS
        assert going.holder == dataclasses.replace(ALICE, since_ms=going.run.started_ms)
        assert 0 <= going.silent_ms < 30_000
        assert not going.expired
        assert other.steps_of(ALICE.owner) == STEPS
        assert other.steps_of(BOB.owner) == ()
        store.beat(run.id, ALICE, MINUTE, STEPS[:1])
        assert other.going_run(run.id).steps == STEPS[:1]

    def test_a_beat_is_one_statement_and_the_first_three(self, store, run):
        before = store.statements
        store.beat(run.id, ALICE, MINUTE, STEPS)
        assert store.statements - before == 3
        for ask in (
            lambda: store.beat(run.id, ALICE, MINUTE, STEPS),
            lambda: store.hear(run.id),
            lambda: store.going(PROJECT),
            lambda: store.going_run(run.id),
        ):
            before = store.statements
            ask()
            assert store.statements - before == 1

    def test_any_text_and_any_number_of_steps(self, store, other, run):
        steps = [SlotProgress(f"s{i}", name, message=name * 3) for i, name in enumerate(NAMES)] * 20
        store.beat(run.id, ALICE, MINUTE, steps)
        assert other.going_run(run.id).steps == tuple(steps)
        for name in NAMES:
            assert store.request_cancel(run.id, name, name) is not None

    def test_a_run_that_ends_goes_on_no_longer(self, store, other, run):
        store.beat(run.id, ALICE, MINUTE, STEPS)
        store.end_run(run.id, "succeeded", [])
        assert other.going(PROJECT) == []
        assert [left.run.id for left in other.left_behind(PROJECT)] == [run.id]
        store.forget_progress(run.id)
        assert other.left_behind(PROJECT) == []
        ended = other.going_run(run.id)
        assert (ended.run.status, ended.steps) == ("succeeded", ())
        assert other.going_run(12) is None

    # ---------------------------------------------------------------- asked to stop

    @pytest.mark.parametrize("beaten", [False, True])
    def test_who_asks_first_is_who_asked(self, store, other, run, beaten):
        if beaten:
            store.beat(run.id, ALICE, MINUTE, STEPS)
        assert store.hear(run.id).cancel is None
        first = other.request_cancel(run.id, "bob", "host-b")
        assert (first.user, first.host) == ("bob", "host-b")
        assert first.at_ms >= store.run(run.id).started_ms
        assert other.request_cancel(run.id, "cleo", "host-c") == first
        assert store.hear(run.id).cancel == first
        store.beat(run.id, ALICE, MINUTE, STEPS)  # which takes nothing back
        (going,) = other.going(PROJECT)
        assert (going.cancel, going.steps, going.holder.owner) == (first, STEPS, ALICE.owner)
        assert not going.expired

    def test_a_run_that_is_over_is_not_asked(self, store, run):
        store.end_run(run.id, "succeeded", [])
        assert store.request_cancel(run.id, "bob", "host-b") is None
        assert store.request_cancel(12, "bob", "host-b") is None
        assert store.hear(12) is None
        assert store.left_behind(PROJECT) == []

    def test_many_ask_at_once(self, store, run):
        together = threading.Barrier(8)

        def ask(i):
            together.wait()
            store.beat(run.id, ALICE, MINUTE, STEPS)
            return store.request_cancel(run.id, f"user-{i}", "host")

        with ThreadPoolExecutor(8) as pool:
            answers = set(pool.map(ask, range(8)))
        assert len(answers) == 1
        assert store.hear(run.id).cancel in answers
        assert store.going_run(run.id).steps == STEPS

    # ---------------------------------------------------------------- gone

    def test_a_run_that_lives_is_not_lost(self, store, run):
        assert not store.mark_lost(run.id)  # it is too young to have said anything
        store.beat(run.id, ALICE, MINUTE, STEPS)
        assert not store.mark_lost(run.id)
        assert store.run(run.id).status == "running"

    def test_a_run_whose_sign_of_life_is_old_is_lost_once(self, store, other, run):
        store.beat(run.id, ALICE, 1, STEPS)
        self.finish(store, run_id=run.id)
        time.sleep(0.05)
        (going,) = other.going(PROJECT)
        assert going.expired
        assert other.mark_lost(run.id)
        assert not store.mark_lost(run.id)
        lost = store.run(run.id)
        assert (lost.status, lost.executed, lost.error["type"]) == ("lost", 1, "RunLostError")
        assert lost.started_ms <= lost.ended_ms <= lost.started_ms + going.elapsed_ms
        assert store.going(PROJECT) == []
        (left,) = store.left_behind(PROJECT)
        assert left.steps == STEPS

    def test_a_dead_process_is_lost_at_once_but_not_a_run_that_has_ended(self, store, run):
        store.beat(run.id, ALICE, MINUTE, STEPS)
        assert store.mark_lost(run.id, dead=True)
        ended = run_record(status="running")
        store.start_run(ended)
        store.end_run(ended.id, "succeeded", [])
        assert not store.mark_lost(ended.id, dead=True)
        assert store.run(ended.id).status == "succeeded"

    def test_a_lost_run_that_lives_takes_it_back(self, store, other, run):
        before = store.run(run.id)
        assert not store.revive(run.id)
        store.beat(run.id, ALICE, 1, STEPS)
        time.sleep(0.05)
        assert other.mark_lost(run.id)
        assert store.hear(run.id).status == "lost"
        assert store.revive(run.id)
        assert store.run(run.id) == before
        assert not store.revive(run.id)
        done = Resolved("split", 5, "c" * 64, "w" * 64, "executed")
        other.mark_lost(run.id)
        store.end_run(run.id, "succeeded", [done])  # whatever was thought of it
        assert (store.run(run.id).status, store.run(run.id).error) == ("succeeded", None)
        assert not store.revive(run.id)

    def test_one_of_many_marks_it(self, store, run):
        store.beat(run.id, ALICE, 1, STEPS)
        time.sleep(0.05)
        together = threading.Barrier(6)

        def mark(_):
            together.wait()
            return store.mark_lost(run.id)

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(mark, range(6))) == 1

    # ---------------------------------------------------------------- older stores

    def test_an_older_store_is_upgraded_with_all_it_holds(self, url, monkeypatch):
        """A store of revision 0001, written by its queries; one of its runs was killed."""
        from zenlab.metadata import tables
        from zenlab.metadata.migrations import upgrade
        from zenlab.metadata.opening import make_engine, parse_url

        with make_engine(*parse_url(url)).connect() as connection:
            upgrade(connection, "0001")
        old = MetadataStore(url)
        with monkeypatch.context() as before:
            before.setattr(tables, "HEAD", "0001")
            pipeline = self.register(old, steps={"a": 1})
            execution = self.finish(old)
            ended, killed = run_record(), run_record(status="running")
            old.record_run(ended)
            old.start_run(killed)
            runs = old.runs(PROJECT)
            old.dispose()
        store = MetadataStore(url)
        try:
            assert store.upgrade() == ("0001", tables.HEAD)
            assert store.runs(PROJECT) == runs
            assert store.pipelines(PROJECT) == [pipeline]
            assert store.find_cached(["cache-1"])[0].execution_id == execution.id
            (going,) = store.going(PROJECT)
            assert going.run.id == killed.id
            assert store._fetch(store.sql.revision, {})[0][0] == "0003" == tables.HEAD
        finally:
            store.dispose()
