"""What every metadata store must do: executions, and finding them by their keys."""

from __future__ import annotations

import dataclasses
import math

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import ALICE, MINUTE, PLAIN, artifact, execution
from zenlab.metadata import MetricRecord


class ExecutionsSuite(MetadataStoreFixtures):
    """Executions and the cache."""

    # -------------------------------------------------------------------------- executions

    def test_a_failed_execution_is_kept_and_is_no_hit(self, store):
        failed = execution(status="failed", error={"type": "E", "message": "m"}, run_id=5)
        log = artifact("log", format="text", num_rows=None)
        metrics = [MetricRecord("loss", 1.0, 1), MetricRecord("loss", 0.5, 2)]
        store.record_execution(failed, [log], PLAIN, metrics)
        (kept,) = store.executions([failed.id])
        assert kept == dataclasses.replace(
            failed,
            artifacts=(log,),
            params=PLAIN,
            metrics=tuple(metrics),
            started_ms=kept.started_ms,
            ended_ms=kept.ended_ms,
        )
        # Both are by the database's clock, which may go on between them.
        assert kept.ended_ms - kept.started_ms == pytest.approx(1500, abs=100)
        assert store.run_executions(5) == [kept]
        assert store.find_cached(["cache-1"]) == []
        assert store.find_done(["work-1"]) == []

    def test_metrics_keep_what_sql_has_no_number_for(self, store):
        made = execution()
        values = [math.nan, math.inf, -math.inf, -0.0, 1e308, 5e-324, 0.1]
        metrics = [MetricRecord("x" * 300, v, 2**80) for v in values]
        store.record_execution(made, metrics=metrics)
        kept = store.executions([made.id])[0].metrics
        assert [repr(m.value) for m in kept] == [repr(v + 0.0) for v in values]
        assert {m.step for m in kept} == {2**63 - 1}

    def test_executions_are_read_in_few_statements_and_in_order(self, store):
        made = [execution(run_id=9) for _ in range(30)]
        for one in made:
            store.record_execution(one, [artifact("a"), artifact("b")], {"p": one.id})
        ids = [one.id for one in reversed(made)]
        before = store.statements
        kept = store.executions([*ids, 1, ids[0]])
        assert store.statements - before == 4
        assert [e.id for e in kept] == ids
        assert all(e.params == {"p": e.id} for e in kept)
        assert all([a.name for a in e.artifacts] == ["a", "b"] for e in kept)
        assert store.executions([]) == []

    # ------------------------------------------------------------------------------- cache

    def test_what_is_finished_is_found(self, store, other):
        won = store.claim("work-1", ALICE, MINUTE)
        done = execution()
        outputs = [artifact("train"), artifact("eval", num_rows=None, summary={})]
        store.finish("work-1", ALICE.owner, won.fence, done, outputs, {"lr": 0.1}, [], ["alias"])
        for key in ("cache-1", "alias"):
            (found,) = other.find_cached([key])
            assert (found.cache_key, found.work_key, found.fence) == (key, "work-1", won.fence)
            assert found.execution_id == done.id
            assert found.artifacts == tuple(outputs)
            assert (found.user, found.seconds, found.findings) == ("alice", 1.5, ("a finding",))
            assert found.artifact("eval") == outputs[1]
            assert found.artifact("nothing") is None
        (found,) = other.find_done(["work-1"])
        assert (found.cache_key, found.execution_id) == ("", done.id)
        (kept,) = other.executions([done.id])
        assert (kept.fence, kept.owner, kept.params) == (won.fence, ALICE.owner, {"lr": 0.1})

    def test_a_plan_is_one_statement_in_its_order(self, store):
        for i in range(7):
            self.finish(store, f"work-{i}", f"cache-{i}")
        keys = [f"cache-{i}" for i in (3, 1, 6, 0)]
        before = store.statements
        found = store.find_cached([*keys, "unknown", keys[0]])
        assert store.statements == before + 1
        assert [f.cache_key for f in found] == keys

    def test_a_cache_key_can_have_several_works(self, store):
        old = self.finish(store, "work-1", "cache-1")
        new = self.finish(store, "work-2", "cache-1")
        found = store.find_cached(["cache-1"])
        assert [(f.work_key, f.execution_id) for f in found] == [
            ("work-2", new.id),
            ("work-1", old.id),
        ]

    def test_an_execution_without_artifacts_is_found(self, store):
        won = store.claim("work-1", ALICE, MINUTE)
        store.finish("work-1", ALICE.owner, won.fence, execution())
        assert store.find_cached(["cache-1"])[0].artifacts == ()

    def test_more_keys_than_an_in_takes(self, store):
        self.finish(store, "work-1", "key-1700")
        found = store.find_cached([f"key-{i}" for i in range(2000)])
        assert [f.cache_key for f in found] == ["key-1700"]
        assert store.find_cached([]) == []
