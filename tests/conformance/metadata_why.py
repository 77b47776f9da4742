"""What every metadata store must do: what `why` asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import ALICE, MINUTE, PROJECT, execution, run_record
from zenlab.metadata import ClaimWon, Resolved
from zenlab.metadata.statements import MOST_EARLIER

if TYPE_CHECKING:
    from zenlab.metadata import MetadataStore

IDENTITY = {"format": 1, "kind": "trainer", "code": "f" * 64, "args": {"C": 0.5}}


class WhyQueriesSuite(MetadataStoreFixtures):
    """Earlier executions, runs by id, and why a step was executed."""

    def add(self, store: MetadataStore, name: str, *, executed: int = 1, **changes: Any) -> int:
        """A run of one execution; the id of that."""
        run = run_record(pipeline_name=changes.pop("pipeline", "Pipeline A"), executed=executed)
        project = changes.pop("project", PROJECT)
        values = {"run_id": run.id, "work_key": name, "identity": IDENTITY, **changes}
        made = execution(f"cache-{name}", **values)
        resolved = (Resolved("trainer", made.id, f"cache-{name}", name, "executed"),)
        store.record_run(
            run_record(
                id=run.id,
                project=project,
                pipeline_name=run.pipeline_name,
                executed=executed,
                resolved=resolved,
            )
        )
        if made.status == "succeeded":
            won = store.claim(name, ALICE, MINUTE)
            assert isinstance(won, ClaimWon)
            store.finish(name, ALICE.owner, won.fence, made)
        else:
            store.record_execution(made)
        return made.id

    def ids(self, store: MetadataStore, **options: Any) -> set[int]:
        found = store.earlier_executions(PROJECT, "trainer", "Pipeline A", **options)
        assert [e.ended_ms for e in found] == sorted((e.ended_ms for e in found), reverse=True)
        return {e.execution_id for e in found}

    def test_an_earlier_execution_has_all_that_entered_its_key(self, store):
        made = self.add(store, "w1")
        (found,) = store.earlier_executions(PROJECT, "trainer", "Pipeline A")
        assert found.execution_id == made
        assert found.identity == IDENTITY
        assert found.inputs == {"examples": {"train": "1" * 64}}
        assert (found.pipeline_name, found.pipeline_revision) == ("Pipeline A", 1)
        assert (found.slot, found.title, found.user) == ("trainer", "SklearnTrainer", "alice")
        assert found.seconds == 1.5
        assert found.work_key == "w1"

    def test_only_succeeded_ones_of_the_kind_and_the_project(self, store):
        mine = self.add(store, "w1")
        other_pipeline = self.add(store, "w2", pipeline="Pipeline B")
        self.add(store, "w3", kind="split")
        self.add(store, "w4", status="failed")
        self.add(store, "w5", project="project-2")
        assert self.ids(store) == {mine, other_pipeline}

    def test_runs_of_hits_do_not_count_but_those_that_were_killed_do(self, store):
        self.add(store, "w1", executed=0)
        killed = run_record(status="running")
        store.start_run(killed)
        left = self.finish(store, "w2", kind="trainer", run_id=killed.id)
        assert self.ids(store) == {left.id}

    def test_only_what_had_ended_by_then(self, store):
        first = self.add(store, "w1")
        (record,) = store.executions([first])
        assert self.ids(store, until_ms=record.ended_ms) == {first}
        assert self.ids(store, until_ms=record.ended_ms - 1) == set()
        assert self.ids(store, not_of_run=record.run_id) == set()

    def test_the_latest_ones_and_those_that_are_named(self, store):
        old = self.add(store, "old")
        new = [self.add(store, f"w{i}") for i in range(MOST_EARLIER)]
        assert self.ids(store) >= set(new[1:])
        assert old not in self.ids(store)
        assert old in self.ids(store, ids=[old, 1])

    def test_earlier_executions_are_one_statement(self, store):
        self.add(store, "w1")
        before = store.statements
        self.ids(store, ids=[1, 2, 3])
        assert store.statements - before == 1

    def test_runs_by_id(self, store):
        one, two = run_record(), run_record(pipeline_name="Pipeline B")
        store.record_run(one)
        store.record_run(two)
        before = store.statements
        found = store.runs_by_id([one.id, two.id, 1])
        assert store.statements - before == 1
        assert {i: run.pipeline_name for i, run in found.items()} == {
            one.id: "Pipeline A",
            two.id: "Pipeline B",
        }
        assert store.runs_by_id([]) == {}

    def test_why_a_step_was_executed_comes_back(self, store):
        resolved = (
            Resolved("split", 1, "c1", "w1", "hit"),
            Resolved("trainer", 2, "c2", "w2", "executed", "forced"),
            Resolved("evaluator", 3, "c3", "w3", "hit", "equal"),
        )
        run = run_record(resolved=resolved)
        store.record_run(run)
        found = store.run(run.id)
        assert found is not None
        assert found.resolved == resolved
