"""What every metadata store on a server must survive. A store inherits it and overrides `server`.

Each write is done again and again, while the connection is cut at its first round trip, at its
second, and so on: once before the server has seen the request, and once after it has executed it.
Whatever was cut, the write is done, and done once.
"""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest

from tests.conformance.metadata_records import (
    ALICE,
    BOB,
    MINUTE,
    PROJECT,
    artifact,
    commit_record,
    execution,
    run_record,
)
from tests.servers.proxy import Proxy
from zenlab.core.errors import StoreError
from zenlab.metadata import ClaimBusy, ClaimDone, ClaimWon, MetadataStore, MetricRecord, Resolved

FATES = pytest.mark.parametrize("fate", ["request", "answer"])
CUT = "connection cut at each round trip"
RESULT = "record a result"


class FaultsSuite:
    """Override `server`: one that runs; a test may cut it off, and leaves it running."""

    @pytest.fixture
    def server(self):
        raise NotImplementedError

    @pytest.fixture
    def url(self, server):
        return server.create_database()

    @pytest.fixture
    def proxy(self, server):
        with Proxy(server.port) as proxy:
            yield proxy

    @pytest.fixture
    def store(self, proxy, url):
        """The store by way of the proxy."""
        store = MetadataStore(proxy.url(url), patience_s=5)
        store.runs(PROJECT)
        yield store
        store.dispose()

    @pytest.fixture
    def other(self, url):
        """The same store, undisturbed."""
        store = MetadataStore(url)
        yield store
        store.dispose()

    @pytest.fixture
    def sweep(self, server, proxy, fate, trials):
        """Do something with a number, until no cut has come in its way any more."""

        def sweep(operation, act, least, step=1):
            number = 1
            while True:
                proxy.lose(number, fate)
                with trials(CUT, server.name, operation) as trial:
                    error = act(number)
                    if error is not None:
                        trial.failed(error)
                    if not proxy.fired:
                        trial.did_not_come()
                if not proxy.fired:
                    break
                number += step
            assert number > least, "the cuts did not come"
            proxy.lose(10**9, fate)

        return sweep

    # ------------------------------------------------------------------- cuts at each moment

    @FATES
    def test_claims(self, store, other, sweep):
        def act(number):
            assert store.claim(f"work-{number}", ALICE, MINUTE) == ClaimWon(1)
            assert isinstance(other.claim(f"work-{number}", BOB, MINUTE), ClaimBusy)

        sweep("claim a step", act, 1)

    @FATES
    def test_a_claim_that_others_hold_stays_theirs(self, store, other, sweep):
        other.claim("work-1", BOB, MINUTE)

        def act(_number):
            busy = store.claim("work-1", ALICE, MINUTE)
            assert isinstance(busy, ClaimBusy)
            assert dataclasses.replace(busy.holder, since_ms=0) == BOB

        sweep("claim a step that others hold", act, 2)

    @FATES
    def test_results(self, store, other, sweep):
        def act(number):
            key = f"work-{number}"
            fence = other.claim(key, ALICE, MINUTE).fence
            made = execution(f"cache-{number}", work_key=key)
            metrics = [MetricRecord("loss", 1.0)]
            store.finish(key, ALICE.owner, fence, made, [artifact()], {"p": 1}, metrics, ["also"])
            (found,) = other.find_cached([f"cache-{number}"])
            assert found.artifacts == (artifact(),)
            (kept,) = other.executions([made.id])
            assert (kept.params, kept.metrics) == ({"p": 1}, tuple(metrics))

        sweep(RESULT, act, 7)

    @FATES
    def test_executions_that_failed(self, store, other, sweep):
        def act(number):
            made = execution(status="failed", run_id=number)
            store.record_execution(made, [artifact()], {"p": 1})
            assert [(e.id, len(e.artifacts)) for e in other.run_executions(number)] == [
                (made.id, 1)
            ]

        sweep("record a failed step", act, 4)

    @FATES
    def test_runs(self, store, other, sweep):
        def act(number):
            run = run_record(status="running", pipeline_name=f"P{number}")
            store.start_run(run)
            resolved = (Resolved("split", 1, "c", "w", "hit"),)
            store.end_run(run.id, "succeeded", resolved)
            store.record_run(run_record(pipeline_name=f"P{number}"))
            assert [r.status for r in other.runs(PROJECT, f"P{number}")] == ["succeeded"] * 2
            assert other.run(run.id).resolved == resolved

        sweep("record the start and the end of a run", act, 3)

    @FATES
    def test_pipelines_code_and_commits(self, store, other, sweep):
        def act(number):
            mark = f"{number:064}"
            made = store.register_pipeline(PROJECT, "A", mark, "T", {"n": number}, "alice")
            store.put_code({mark: ("f", "source")})
            kept = store.add_commit(commit_record(digest=mark))
            assert other.pipeline(PROJECT, "A") == made
            assert made.revision == number
            assert other.code(mark).source == "source"
            assert other.commit(PROJECT, "flights", mark) == kept

        sweep("record a pipeline, its code and its data", act, 5)

    @FATES
    def test_the_life_of_a_claim(self, store, other, sweep):
        def act(number):
            key = f"work-{number}"
            fence = other.claim(key, ALICE, MINUTE).fence
            assert store.heartbeat(key, ALICE.owner, fence, MINUTE)
            store.release(key, ALICE.owner, fence)
            fence = other.claim(key, ALICE, MINUTE).fence
            other.finish(key, ALICE.owner, fence, execution(work_key=key))
            assert isinstance(store.claim(key, BOB, MINUTE, cache_key=f"c{number}"), ClaimDone)
            assert len(other.find_cached([f"c{number}"])) == 1
            store.reopen(key, fence)
            assert other.find_done([key]) == []

        sweep("keep, free, finish and reopen a claim", act, 5)

    @FATES
    def test_opening_and_making_the_tables(self, server, proxy, sweep):
        """The first word to a server is not said again and again; the next command is."""

        def act(_number):
            url = server.create_database()
            store = MetadataStore(proxy.url(url), patience_s=5)
            said = None
            try:
                store.record_run(run_record())
            except StoreError as error:
                said = error
                store.record_run(run_record())
            assert len(store.runs(PROJECT)) == 1
            store.dispose()
            proxy.settle()
            assert said is None or "cannot be reached, or the connection" in said.message
            return said

        sweep("open a store and make its tables", act, 20, step=4)  # some forty round trips

    # ----------------------------------------------------------------------- other troubles

    def test_silence_is_waited_for(self, server, store, proxy, trials):
        proxy.hold()
        timer = threading.Timer(0.5, proxy.resume)
        timer.start()
        start = time.monotonic()
        with trials("0.5 s of silence", server.name, "record a run"):
            store.record_run(run_record())
            timer.join()
            assert time.monotonic() - start > 0.4
            assert len(store.runs(PROJECT)) == 1

    def test_all_connections_are_cut_between_two_questions(self, server, store, proxy, trials):
        proxy.cut()
        with trials("all connections cut while idle", server.name, "record a run"):
            store.record_run(run_record())
            assert len(store.runs(PROJECT)) == 1

    def test_a_server_that_stays_away_is_an_error_in_the_end(self, server, store, proxy, trials):
        impatient = MetadataStore(store._url, patience_s=0.3)
        impatient.runs(PROJECT)
        proxy.refuse()
        start = time.monotonic()
        with trials("server gone for good", server.name, "list the runs") as trial:
            with pytest.raises(StoreError, match="cannot be reached") as caught:
                impatient.runs(PROJECT)
            trial.failed(caught.value)
        assert 0.3 < time.monotonic() - start < 3
        assert "zenlab doctor" in caught.value.hint
        impatient.dispose()

    def test_a_result_is_worth_waiting_for(self, server, url, trials):
        """A server that is restarted takes longer than anybody waits for a list."""
        with Proxy(server.port) as first:
            store = MetadataStore(first.url(url), patience_s=0.1)
            fence = store.claim("work-1", ALICE, MINUTE).fence
            port = first.port
            first.refuse()
        again = Proxy(server.port, listen=port)
        back = threading.Timer(0.8, again.__enter__)
        back.start()
        with trials("server gone for longer than lists are waited for", server.name, RESULT):
            try:
                store.finish("work-1", ALICE.owner, fence, execution())
            finally:
                back.join()
                again.__exit__(None, None, None)
            store.dispose()
            later = MetadataStore(url)
            assert len(later.find_done(["work-1"])) == 1
            later.dispose()

    def test_a_server_that_was_never_reached_is_told_at_once(self, server, url):
        with Proxy(server.port) as proxy:
            nowhere = proxy.url(url)
        start = time.monotonic()
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            MetadataStore(nowhere).runs(PROJECT)
        assert time.monotonic() - start < 3
        assert server.password not in str(caught.value)

    def test_connections_that_were_idle_for_long_are_left(self, store, monkeypatch):
        store.runs(PROJECT)
        before = store._session()
        monkeypatch.setattr(type(store.dialect), "idle_limit_s", 0.0)
        assert store._session() is not before
        assert not before.is_open
        assert store.runs(PROJECT) == []

    def test_a_process_that_stops_in_a_transaction_locks_out_nobody_for_ever(
        self, server, store, other, trials
    ):
        """The server ends the transaction by itself."""
        other.claim("work-1", ALICE, MINUTE)
        self.shorten_timeouts(store)
        session = store._session()
        session.control(store.dialect.begin)
        guard = {"by_work_key": "work-1", "by_owner": ALICE.owner, "by_fence": 1, "ttl_ms": 1}
        assert session.execute(store.sql.heartbeat, guard).rowcount == 1
        # ... and here it stops.
        with trials("process stopped in a transaction", server.name, "another's heartbeat"):
            assert other.heartbeat("work-1", ALICE.owner, 1, MINUTE)
            assert store.runs(PROJECT) == []

    def shorten_timeouts(self, store) -> None:
        """Make the server end an idle transaction of this thread after a second."""
        raise NotImplementedError
