"""What every metadata store must do. A store inherits `MetadataStoreSuite` and overrides `url`.

No test waits for the clock: a claim with `ttl_ms=0` has expired when the next statement comes.
"""

from __future__ import annotations

import dataclasses
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from zenlab.core.errors import (
    ClaimLostError,
    DoesNotExistException,
    ParameterError,
    StoreError,
    ZenlabError,
)
from zenlab.core.ids import new_id
from zenlab.metadata import (
    ArtifactRecord,
    ClaimBusy,
    ClaimDone,
    ClaimWon,
    CommitRecord,
    ExecutionRecord,
    Holder,
    MetadataStore,
    MetricRecord,
    Resolved,
    RunRecord,
)
from zenlab.metadata.text import WIDTHS

PROJECT = "project-1"
MINUTE = 60_000

ALICE = Holder("a" * 16, "alice", "host-a", 11)
BOB = Holder("b" * 16, "bob", "host-b", 22)

NAMES = (
    "Pipeline A",
    "pipeline a",
    "Pipeline Ä",
    "Pipeline A\u0308",  # looks the same, and is another text
    "管線 🚀",
    "'; DROP TABLE run; --",
    '"quoted" `ticked` \\back\\slash',
    "100 % _ ? :name %(name)s {x}",
    "<script>alert(1)</script>",
    "n" * WIDTHS["name"],
    "\U0001f680" * WIDTHS["name"],  # the most bytes
)

REFUSED_NAMES = ("", " A", "A ", "A\x00", "A\nB", "A\ud800", "n" * (WIDTHS["name"] + 1))

PLAIN = {
    "int": 1,
    "float": 1.0,
    "bool": True,
    "text": "1",
    "none": None,
    "list": [1, [2.5, "x"]],
    "inf": math.inf,
    "minus zero": -0.0,
    "$dollar": {"$float": "nan", "$$": 1},
    "keys": {1: "a", "1": "b", 2.5: "c"},
    "odd": "\x00 \ud800 \U0001f680 ' \" \\ \u2028",
    "big": 2**70,
    "empty": {},
}
"""Plain data of every kind. 2**70 and NUL fit no column of their own, but JSON."""


def artifact(name: str = "data", **changes) -> ArtifactRecord:
    values = {
        "name": name,
        "uri": f"trainer/{'c' * 64}/1-owner/{name}",
        "format": "parquet",
        "format_version": 1,
        "content_digest": "d" * 64,
        "manifest_sha256": "e" * 64,
        "size": 2**40,
        "num_rows": 3,
        "summary": {"columns": ["a"], "nan": math.inf},
    }
    return ArtifactRecord(**(values | changes))


def execution(cache_key: str = "cache-1", **changes) -> ExecutionRecord:
    values = {
        "id": new_id(),
        "run_id": 1,
        "slot": "trainer",
        "kind": "trainer",
        "title": "SklearnTrainer",
        "cache_key": cache_key,
        "work_key": "work-1",
        "status": "succeeded",
        "user": "alice",
        "host": "host-a",
        "seconds": 1.5,
        "inputs": {"examples": {"train": "1" * 64}},
        "code": "f" * 64,
        "identity": PLAIN,
        "git_commit": "9" * 40,
        "git_clean": False,
        "findings": ("a finding",),
    }
    return ExecutionRecord(**(values | changes))


def run_record(**changes) -> RunRecord:
    values = {
        "id": new_id(),
        "project": PROJECT,
        "pipeline_id": 7,
        "pipeline_name": "Pipeline A",
        "pipeline_digest": "1" * 64,
        "pipeline_revision": 1,
        "status": "succeeded",
        "user": "alice",
        "host": "host-a",
        "pid": 11,
    }
    return RunRecord(**(values | changes))


def commit_record(**changes) -> CommitRecord:
    values = {
        "id": new_id(),
        "project": PROJECT,
        "name": "flights",
        "digest": "ab" * 32,
        "source": "zenlab.datasources.csv.CSVDatasource@zenlab_0.1.0",
        "args": {"path": "data/flights.csv", "missing": math.inf},
        "artifact": artifact("snapshot"),
        "schema": [["year", "int64"]],
        "stamp": {"size": 1, "mtime_ns": 2**62},
        "user": "alice",
    }
    return CommitRecord(**(values | changes))


class MetadataStoreSuite:
    """Override `url`: of a database that is empty, or not there yet, and new for each test."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def store(self, url):
        store = MetadataStore(url)
        yield store
        store.dispose()

    @pytest.fixture
    def other(self, url):
        """The same database, seen by somebody else."""
        store = MetadataStore(url)
        yield store
        store.dispose()

    def register(self, store, name="Pipeline A", digest="1" * 64, user="alice", **spec):
        return store.register_pipeline(PROJECT, name, digest, "TrainingPipeline", spec, user)

    def finish(self, store, work_key="work-1", cache_key="cache-1", holder=ALICE, **changes):
        """Claim, finish, and give the execution."""
        won = store.claim(work_key, holder, MINUTE)
        assert isinstance(won, ClaimWon)
        done = execution(cache_key, work_key=work_key, **changes)
        store.finish(work_key, holder.owner, won.fence, done, [artifact()])
        return done

    # --------------------------------------------------------------------------- pipelines

    def test_register_is_idempotent(self, store, other):
        first = self.register(store, a=1)
        again = self.register(other, user="bob", a=1)
        assert again == first
        assert (first.revision, first.user, first.spec) == (1, "alice", {"a": 1})

    def test_revisions_count_within_a_name(self, store):
        numbers = [self.register(store, digest=d * 64).revision for d in "123"]
        assert numbers == [1, 2, 3]
        assert self.register(store, name="Pipeline B").revision == 1
        assert store.register_pipeline("p2", "Pipeline A", "9" * 64, "T", {}, "x").revision == 1

    def test_pipeline_is_found_by_name_revision_and_digest(self, store):
        one = self.register(store, digest="1" * 64)
        two = self.register(store, digest="2" * 64)
        assert store.pipeline(PROJECT, "Pipeline A") == two
        assert store.pipeline(PROJECT, "Pipeline A", revision=1) == one
        assert store.pipeline(PROJECT, "Pipeline A", digest="1" * 64) == one
        assert store.pipeline(PROJECT, "Pipeline A", revision=2, digest="1" * 64) is None
        assert store.pipeline(PROJECT, "Pipeline A", revision=3) is None
        assert store.pipeline(PROJECT, "Pipeline Z") is None
        assert store.pipeline("elsewhere", "Pipeline A") is None

    def test_lists_of_pipelines(self, store):
        self.register(store, name="B", digest="1" * 64)
        old = self.register(store, name="A", digest="1" * 64)
        new = self.register(store, name="A", digest="2" * 64)
        assert [(p.name, p.revision) for p in store.pipelines(PROJECT)] == [("A", 2), ("B", 1)]
        assert store.revisions(PROJECT, "A") == [old, new]
        assert store.pipelines("elsewhere") == []

    def test_copied_from_and_spec_survive(self, store):
        made = store.register_pipeline(PROJECT, "B", "2" * 64, "T", PLAIN, "bob", "1" * 64)
        assert made.copied_from_digest == "1" * 64
        kept = store.pipeline(PROJECT, "B").spec
        assert repr(kept) == repr(PLAIN)  # order, and 1, 1.0 and True, which are equal in Python

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_hostile_names_are_kept(self, store, name):
        for other in NAMES:
            self.register(store, name=other, digest="0" * 64)
        made = self.register(store, name=name)
        assert made.revision == 2
        assert store.pipeline(PROJECT, name).name == name
        store.record_run(run_record(pipeline_name=name))
        assert [r.pipeline_name for r in store.runs(PROJECT, name)] == [name]

    @pytest.mark.parametrize("name", REFUSED_NAMES, ids=range(len(REFUSED_NAMES)))
    def test_names_that_a_database_would_change_are_refused(self, store, name):
        with pytest.raises(ParameterError):
            self.register(store, name=name)
        assert store.pipelines(PROJECT) == []

    def test_concurrent_registration_gives_each_digest_one_revision(self, store, url):
        digests = [f"{i:064}" for i in range(6)]

        def work(_):
            mine = MetadataStore(url)
            got = {d: self.register(mine, digest=d).revision for d in digests}
            mine.dispose()
            return got

        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(work, range(6)))
        assert all(result == results[0] for result in results)
        assert sorted(results[0].values()) == [1, 2, 3, 4, 5, 6]
        assert len(store.revisions(PROJECT, "Pipeline A")) == 6

    def test_run_by_others(self, store):
        one, two = "1" * 64, "2" * 64
        store.record_run(run_record(user="alice", pipeline_digest=one))
        store.record_run(run_record(user="carol", pipeline_digest=one))
        store.record_run(run_record(user="bob", pipeline_digest=two))
        store.record_run(run_record(user="bob", pipeline_digest=two))
        store.record_run(run_record(user="dave", pipeline_digest=one, status="failed"))
        assert store.run_by_others(PROJECT, "Pipeline A", one, "alice") == ["carol"]
        assert store.run_by_others(PROJECT, "Pipeline A", None, "alice") == ["bob", "carol"]
        assert store.run_by_others(PROJECT, "Pipeline B", None, "alice") == []

    # -------------------------------------------------------------------------------- code

    def test_code_is_kept_once(self, store):
        source = "def f():\n    return '\u2028 ä 🚀'\n"
        store.put_code({"1" * 64: ("f", source), "2" * 64: ("g", "x" * 2_000_000)})
        store.put_code({"1" * 64: ("other", "other")})
        store.put_code({})
        assert (store.code("1" * 64).name, store.code("1" * 64).source) == ("f", source)
        assert len(store.code("2" * 64).source) == 2_000_000
        assert store.code("3" * 64) is None

    # -------------------------------------------------------------------------------- runs

    def test_a_run_starts_and_ends(self, store, other):
        run = run_record(status="running", git_commit="9" * 40, git_clean=True)
        store.start_run(run)
        going = other.run(run.id)
        assert (going.status, going.ended_ms, going.git_clean) == ("running", 0, True)
        assert going.started_ms > 0
        resolved = (
            Resolved("split", 2**62, "c" * 64, "w" * 64, "hit"),
            Resolved("trainer", 5, "c" * 64, "w" * 64, "executed"),
        )
        error = {"type": "ValueError", "traceback": "x\x00\ud800" * 50_000}
        store.end_run(run.id, "failed", resolved, error, [{"slot": None, "message": "m"}])
        ended = other.run(run.id)
        assert ended == dataclasses.replace(
            going,
            status="failed",
            resolved=resolved,
            executed=1,
            cached=1,
            error=error,
            findings=({"slot": None, "message": "m"},),
            ended_ms=ended.ended_ms,
        )
        assert ended.ended_ms >= ended.started_ms

    def test_ending_an_unknown_run_is_an_error(self, store):
        with pytest.raises(DoesNotExistException, match="run 12"):
            store.end_run(12, "succeeded", [])
        assert store.run(12) is None

    def test_a_cached_run_is_one_statement(self, store):
        store.run(1)
        before = store.statements
        run = run_record(started_ms=1000, ended_ms=1250, cached=7)
        store.record_run(run)
        assert store.statements == before + 1
        kept = store.run(run.id)
        assert kept.ended_ms - kept.started_ms == 250
        assert kept.ended_ms > 1_700_000_000_000  # the database's clock, not the record's

    def test_runs_come_latest_first_in_pages(self, store):
        made = [run_record(id=i, pipeline_name="AB"[i % 2]) for i in range(10, 20)]
        for run in made:
            store.record_run(run)
        newest = [r.id for r in store.runs(PROJECT)]
        assert newest == list(range(19, 9, -1))
        assert [r.id for r in store.runs(PROJECT, limit=3)] == [19, 18, 17]
        assert [r.id for r in store.runs(PROJECT, limit=3, before=17)] == [16, 15, 14]
        assert [r.id for r in store.runs(PROJECT, "B")] == [19, 17, 15, 13, 11]
        assert [r.id for r in store.runs(PROJECT, "B", before=15)] == [13, 11]
        assert store.runs("elsewhere") == []

    def test_latest_run(self, store):
        store.record_run(run_record(id=1, pipeline_digest="1" * 64))
        store.record_run(run_record(id=2, pipeline_digest="2" * 64))
        store.record_run(run_record(id=3, pipeline_digest="2" * 64, status="failed"))
        assert store.latest_run(PROJECT, "Pipeline A").id == 2
        assert store.latest_run(PROJECT, "Pipeline A", "1" * 64).id == 1
        assert store.latest_run(PROJECT, "Pipeline A", status="failed").id == 3
        assert store.latest_run(PROJECT, "Pipeline A", status="interrupted") is None
        assert store.latest_run(PROJECT, "Pipeline B") is None

    def test_long_prose_is_cut_and_does_no_harm(self, store):
        run = run_record(user="u" * 5000, host="h\x00\ud800")
        store.record_run(run)
        assert len(store.run(run.id).user) == WIDTHS["author"]
        assert store.run(run.id).host == "h??"

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
        assert kept.ended_ms - kept.started_ms == 1500
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

    # ------------------------------------------------------------------------------ claims

    def test_a_claim_is_won_once(self, store, other):
        assert store.claim("work-1", ALICE, MINUTE) == ClaimWon(1)
        busy = other.claim("work-1", BOB, MINUTE)
        assert isinstance(busy, ClaimBusy)
        assert dataclasses.replace(busy.holder, since_ms=0) == ALICE
        assert busy.holder.since_ms > 0
        assert 0 < busy.expires_in_ms <= MINUTE
        assert isinstance(store.claim("work-1", ALICE, MINUTE), ClaimBusy)  # not even by itself
        assert other.claim("work-2", BOB, MINUTE) == ClaimWon(1)

    def test_a_done_work_is_told_and_gets_another_name(self, store, other):
        done = self.finish(store)
        result = other.claim("work-1", BOB, MINUTE, cache_key="cache-2")
        assert isinstance(result, ClaimDone)
        assert (result.execution.execution_id, result.execution.cache_key) == (done.id, "cache-2")
        assert result.execution.artifacts == (artifact(),)
        assert store.find_cached(["cache-2"]) == [result.execution]
        again = other.claim("work-1", BOB, MINUTE, cache_key="cache-2")
        assert again == result
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimDone)

    def test_a_released_claim_is_free_at_once(self, store, other):
        fence = store.claim("work-1", ALICE, MINUTE).fence
        assert not other.release("work-1", BOB.owner, fence)
        assert not store.release("work-1", ALICE.owner, fence + 1)
        assert store.release("work-1", ALICE.owner, fence)
        assert not store.release("work-1", ALICE.owner, fence)
        assert other.claim("work-1", BOB, MINUTE) == ClaimWon(fence + 1)

    def test_an_expired_claim_is_taken_over(self, store, other):
        assert store.claim("work-1", ALICE, 0) == ClaimWon(1)
        assert other.claim("work-1", BOB, MINUTE) == ClaimWon(2)
        assert not store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        assert not store.release("work-1", ALICE.owner, 1)
        assert other.heartbeat("work-1", BOB.owner, 2, MINUTE)

    def test_a_stalled_owner_is_refused_and_leaves_nothing(self, store, other):
        store.claim("work-1", ALICE, 0)
        taken = other.claim("work-1", BOB, MINUTE)
        late = execution(user="alice")
        with pytest.raises(ClaimLostError, match="taken over by bob on host-b"):
            store.finish("work-1", ALICE.owner, 1, late, [artifact()], {"p": 1}, [], ["late-alias"])
        assert store.executions([late.id]) == []
        assert store.find_cached(["cache-1", "late-alias"]) == []
        # ... and the one who took over is not disturbed, before or after.
        done = execution(user="bob")
        other.finish("work-1", BOB.owner, taken.fence, done, [artifact()])
        with pytest.raises(ClaimLostError):
            store.finish("work-1", ALICE.owner, 1, late)
        assert [f.execution_id for f in store.find_cached(["cache-1"])] == [done.id]

    def test_an_expired_claim_that_nobody_took_still_counts(self, store):
        store.claim("work-1", ALICE, 0)
        done = execution()
        store.finish("work-1", ALICE.owner, 1, done)
        assert store.find_done(["work-1"])[0].execution_id == done.id

    def test_a_heartbeat_revives_an_expired_claim_that_nobody_took(self, store, other):
        store.claim("work-1", ALICE, 0)
        assert store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimBusy)

    def test_a_heartbeat_of_somebody_else_is_none(self, store):
        assert not store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        store.claim("work-1", ALICE, 0)
        assert not store.heartbeat("work-1", BOB.owner, 1, MINUTE)
        assert not store.heartbeat("work-1", ALICE.owner, 2, MINUTE)
        assert store.claim("work-1", BOB, MINUTE) == ClaimWon(2)

    def test_finishing_twice_is_finishing_once(self, store):
        """The answer to a COMMIT may get lost: the same call again must not fail."""
        won = store.claim("work-1", ALICE, MINUTE)
        done = execution()
        for _ in range(2):
            store.finish("work-1", ALICE.owner, won.fence, done, [artifact()])
        assert store.find_done(["work-1"])[0].artifacts == (artifact(),)
        with pytest.raises(ClaimLostError, match="done already"):
            store.finish("work-1", ALICE.owner, won.fence, execution())

    def test_a_finish_after_release_is_refused(self, store):
        won = store.claim("work-1", ALICE, MINUTE)
        store.release("work-1", ALICE.owner, won.fence)
        with pytest.raises(ClaimLostError, match="released"):
            store.finish("work-1", ALICE.owner, won.fence, execution())
        with pytest.raises(ClaimLostError):
            store.finish("never-claimed", ALICE.owner, 1, execution())

    @pytest.mark.parametrize(
        "bad",
        [
            {"artifacts": [artifact(), artifact(uri="x" * 5000)]},
            {"artifacts": [artifact(), artifact("bad", num_rows=2**70)]},
            {"params": {"good": 1, "bad": object()}},
            {"cache_keys": ["good", ""]},
        ],
        ids=["text", "number", "param", "key"],
    )
    def test_a_finish_that_fails_leaves_nothing(self, store, other, bad):
        won = store.claim("work-1", ALICE, MINUTE)
        made = execution()
        with pytest.raises((ZenlabError, OverflowError)):
            store.finish("work-1", ALICE.owner, won.fence, made, **bad)
        assert store.executions([made.id]) == []
        assert store.find_cached(["cache-1", "good"]) == []
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimBusy)
        # The claim is still ours, and the connection is in order.
        store.finish("work-1", ALICE.owner, won.fence, made, [artifact()])
        assert other.find_cached(["cache-1"])[0].execution_id == made.id

    def test_a_finish_with_an_id_that_is_taken_leaves_nothing(self, store):
        done = self.finish(store)
        won = store.claim("work-2", ALICE, MINUTE)
        with pytest.raises(StoreError):
            store.finish("work-2", ALICE.owner, won.fence, execution("cache-2", id=done.id))
        assert store.find_cached(["cache-2"]) == []
        assert store.heartbeat("work-2", ALICE.owner, won.fence, MINUTE)

    def test_reopen_compares_the_fence(self, store, other):
        old = self.finish(store)
        (found,) = store.find_done(["work-1"])
        assert not store.reopen("work-1", found.fence + 1)
        assert store.reopen("work-1", found.fence)
        assert not other.reopen("work-1", found.fence)  # somebody was faster
        assert store.find_cached(["cache-1"]) == []
        assert [e.id for e in store.executions([old.id])] == [old.id]
        # A late `finish` of the first owner does not close it again.
        with pytest.raises(ClaimLostError):
            store.finish("work-1", ALICE.owner, found.fence, execution())
        new = self.finish(other, holder=BOB, user="bob")
        assert not store.reopen("work-1", found.fence)
        (again,) = store.find_cached(["cache-1"])
        assert (again.execution_id, again.fence) == (new.id, found.fence + 1)

    def test_only_a_done_claim_can_be_reopened(self, store):
        assert not store.reopen("work-1", 1)
        store.claim("work-1", ALICE, MINUTE)
        assert not store.reopen("work-1", 1)

    # ------------------------------------------------------------------------- datasources

    def test_commits_are_kept_once(self, store, other):
        first = store.add_commit(commit_record())
        assert first == dataclasses.replace(commit_record(id=first.id), created_ms=first.created_ms)
        assert first.num_rows == 3
        again = other.add_commit(commit_record(user="bob", stamp=None))
        assert again == first
        store.touch_commit(first.id, PLAIN)
        assert other.commits(PROJECT, "flights") == [dataclasses.replace(first, stamp=PLAIN)]

    def test_commits_are_found(self, store):
        one = store.add_commit(commit_record(digest="abc1" * 16))
        two = store.add_commit(commit_record(digest="abd2" * 16))
        other = store.add_commit(commit_record(name="airports", digest="abc1" * 16))
        assert store.commits(PROJECT, "flights") == [one, two]
        assert store.commits(PROJECT, "nothing") == []
        assert store.commit(PROJECT, "flights", "abc1" * 16) == one
        assert store.commit(PROJECT, "flights", "ABC") == one
        assert store.commit(PROJECT, "flights", "abc2") is None
        assert store.commit(PROJECT, "flights", "%") is None
        assert store.commit(PROJECT, "nothing", "abc") is None
        with pytest.raises(ParameterError, match="Several commits"):
            store.commit(PROJECT, "flights", "ab")
        assert store.datasources(PROJECT) == [other, two]
        assert store.datasources("elsewhere") == []

    def test_concurrent_commits_of_the_same_rows(self, url):
        def work(_):
            mine = MetadataStore(url)
            kept = mine.add_commit(commit_record())
            mine.dispose()
            return kept

        with ThreadPoolExecutor(6) as pool:
            assert len({c.id for c in pool.map(work, range(6))}) == 1

    # --------------------------------------------------------------------------- the store

    def test_making_and_showing_a_store_connects_to_nothing(self, url):
        store = MetadataStore(url)
        assert store.statements == 0
        assert url.split("://")[0] in repr(store)
        assert store.statements == 0

    def test_opening_an_existing_store_is_one_statement(self, store, other):
        store.pipelines(PROJECT)
        other.pipelines(PROJECT)
        assert other.statements == 2
        other.pipelines(PROJECT)
        assert other.statements == 3

    def test_statements_of_the_common_ways(self, store):
        """Round trips are what counts on a server far away; these are the ones without failure."""
        known = self.register(store)

        def cost(call):
            before = store.statements
            call()
            return store.statements - before

        assert cost(lambda: self.register(store)) == 1
        assert cost(lambda: store.find_cached(["a"])) == 1
        assert cost(lambda: store.claim("work-1", ALICE, MINUTE)) <= 5
        assert cost(lambda: store.heartbeat("work-1", ALICE.owner, 1, MINUTE)) == 1
        assert cost(lambda: store.claim("work-1", BOB, MINUTE)) <= 5
        finish = lambda: store.finish("work-1", ALICE.owner, 1, execution(), [artifact()])  # noqa: E731
        assert cost(finish) <= 6
        assert cost(lambda: store.latest_run(PROJECT, known.name)) == 1
        assert cost(lambda: store.runs(PROJECT, limit=1000)) == 1

    def test_a_newer_revision_is_refused(self, store, other):
        store.pipelines(PROJECT)
        store._transaction(lambda t: t.execute(set_revision("9999")))
        with pytest.raises(StoreError, match="newer") as caught:
            other.pipelines(PROJECT)
        assert "pip install --upgrade zenlab" in str(caught.value)
        with pytest.raises(StoreError, match="newer"):  # and it stays refused
            other.find_cached(["a"])

    def test_a_store_can_be_disposed_pickled_and_used_again(self, store):
        self.finish(store)
        sent = pickle.loads(pickle.dumps(store))
        store.dispose()
        assert len(store.find_cached(["cache-1"])) == 1
        assert len(sent.find_cached(["cache-1"])) == 1
        sent.dispose()

    def test_first_use_by_many_threads_at_once(self, url):
        store = MetadataStore(url)
        together = threading.Barrier(6)

        def work(i):
            together.wait()
            return store.claim(f"work-{i}", ALICE, MINUTE)

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(work, range(6))) == [ClaimWon(1)] * 6
        store.dispose()

    def test_first_use_by_many_stores_at_once(self, url):
        """Several kernels start in a fresh clone: the tables are made once."""
        stores = [MetadataStore(url) for _ in range(6)]
        together = threading.Barrier(6)

        def work(i):
            together.wait()
            return self.register(stores[i]).id

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(work, range(6)))) == 1
        for store in stores:
            store.dispose()

    def test_heartbeats_from_a_thread_beside_the_work(self, store):
        """As the engine does it: the claim is kept alive while the main thread writes."""
        fence = store.claim("held", ALICE, MINUTE).fence
        stop = threading.Event()
        beats = []

        def beat():
            while not stop.is_set():
                beats.append(store.heartbeat("held", ALICE.owner, fence, MINUTE))

        thread = threading.Thread(target=beat)
        thread.start()
        try:
            for i in range(50):
                self.finish(store, f"work-{i}", f"cache-{i}")
        finally:
            stop.set()
            thread.join()
        assert beats
        assert all(beats)
        assert len(store.find_cached([f"cache-{i}" for i in range(50)])) == 50

    def test_threads_see_one_claim(self, store):
        together = threading.Barrier(8)

        def work(i):
            together.wait()
            return store.claim("work-1", dataclasses.replace(ALICE, owner=str(i)), MINUTE)

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(work, range(8)))
        assert sum(isinstance(r, ClaimWon) for r in results) == 1
        assert sum(isinstance(r, ClaimBusy) for r in results) == 7

    def test_statements_of_all_threads_are_counted(self, store):
        store.runs(PROJECT)
        before = store.statements
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: store.runs(PROJECT), range(400)))
        assert store.statements - before == 400


def set_revision(revision: str):
    from sqlalchemy import update

    from zenlab.metadata.tables import schema_revision

    return update(schema_revision).values(version_num=revision)
