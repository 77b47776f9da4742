"""Many runs at once, for `compare`. A store inherits `CompareSuite` and overrides `url`."""

from __future__ import annotations

import math

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import (
    ALICE,
    MINUTE,
    PROJECT,
    artifact,
    execution,
    run_record,
)
from zenlab.metadata import MetricRecord, Resolved, Wanted


class CompareSuite(MetadataStoreFixtures):
    """The latest successful run of each revision, and what it measured."""

    @pytest.fixture
    def ran(self, store):
        """Record a run of a revision; the digest is made of the revision's letter."""

        def record(name="A", letter="1", **changes):
            pipeline = store.register_pipeline(
                changes.pop("project", PROJECT),
                name,
                letter * 64,
                changes.pop("type_", "training"),
                {"letter": letter, "odd": math.inf},
                "alice",
            )
            run = run_record(
                project=pipeline.project,
                pipeline_id=pipeline.id,
                pipeline_name=name,
                pipeline_digest=pipeline.digest,
                pipeline_revision=pipeline.revision,
                **changes,
            )
            # `started_ms` is the database's; a run that took longer began earlier.
            store.record_run(run)
            return run

        return record

    def logged(self, store, key, metrics):
        won = store.claim(key, ALICE, MINUTE)
        done = execution(key, work_key=key)
        store.finish(key, ALICE.owner, won.fence, done, [artifact()], {}, metrics)
        return done.id

    def test_one_run_a_revision_the_latest_first(self, store, ran):
        ran(letter="1", started_ms=0, ended_ms=3000)
        ran(letter="2", started_ms=0, ended_ms=2000)
        late = ran(letter="1", started_ms=0, ended_ms=1000)
        found = store.revision_runs(PROJECT)
        assert [f.run.pipeline_revision for f in found] == [1, 2]
        assert found[0].run.id == late.id
        assert found[0].spec == {"letter": "1", "odd": math.inf}
        assert found[0].type == "training"

    def test_only_successful_runs_count(self, store, ran):
        ran(letter="1", status="failed")
        ran(letter="2", status="interrupted")
        good = ran(letter="3")
        ran(letter="3", status="failed")
        assert [f.run.id for f in store.revision_runs(PROJECT)] == [good.id]

    def test_other_projects_and_types_stay_out(self, store, ran):
        ours = ran()
        ran(project="elsewhere")
        data = ran("D", "2", type_="data")
        assert {f.run.id for f in store.revision_runs(PROJECT)} == {ours.id, data.id}
        assert [f.run.id for f in store.revision_runs(PROJECT, "training")] == [ours.id]
        assert store.revision_runs("nowhere") == []

    def test_the_limit_leaves_the_oldest_out(self, store, ran):
        ran(letter="1", started_ms=0, ended_ms=9000)
        late = ran(letter="2")
        assert [f.run.id for f in store.revision_runs(PROJECT, limit=1)] == [late.id]

    def test_what_a_run_resolved_to_comes_with_it(self, store, ran):
        resolved = (Resolved("split", 2**62 + 1, "c", "w", "hit"),)
        ran(resolved=resolved)
        assert store.revision_runs(PROJECT)[0].run.resolved == resolved

    def test_named_runs(self, store, ran):
        for letter in "123":
            ran(letter=letter)
        ran("B", "1")
        ran("a", "9")  # another name

        def revisions(*wanted, every=False):
            found = store.named_runs(PROJECT, wanted, every=every)
            return sorted((f.run.pipeline_name, f.run.pipeline_revision) for f in found)

        assert revisions(Wanted("A")) == [("A", 3)]
        assert revisions(Wanted("A", 1)) == [("A", 1), ("A", 3)]
        assert revisions(Wanted("A", digest="2" * 64)) == [("A", 2), ("A", 3)]
        assert revisions(Wanted("A"), Wanted("B")) == [("A", 3), ("B", 1)]
        assert revisions(Wanted("A"), every=True) == [("A", 1), ("A", 2), ("A", 3)]
        assert revisions(Wanted("nobody")) == []
        assert revisions() == []

    def test_the_newest_revision_is_the_newest_that_succeeded(self, store, ran):
        ran(letter="1")
        ran(letter="2", status="failed")
        (found,) = store.named_runs(PROJECT, [Wanted("A")])
        assert found.run.pipeline_revision == 1

    def test_hostile_names_are_names(self, store, ran):
        name = "'; DROP TABLE run; -- % _ \\ \""
        ran(name)
        (found,) = store.named_runs(PROJECT, [Wanted(name)])
        assert found.run.pipeline_name == name
        assert store.named_runs(PROJECT, [Wanted("%")]) == []

    def test_final_metrics_in_their_order_without_series(self, store):
        one = self.logged(
            store,
            "work-1",
            [
                MetricRecord("roc_auc", 0.7),
                MetricRecord("loss", 0.9, step=1),
                MetricRecord("odd", math.inf),
                MetricRecord("accuracy", 0.6),
            ],
        )
        two = self.logged(store, "work-2", [MetricRecord("mae", 3.0)])
        none = self.logged(store, "work-3", [])
        found = store.final_metrics([one, two, none, 5])
        assert {m.name: m.value for m in found[one]} == {
            "roc_auc": 0.7,
            "odd": math.inf,
            "accuracy": 0.6,
        }
        assert [m.name for m in found[one]] == ["roc_auc", "odd", "accuracy"]
        assert found[two] == (MetricRecord("mae", 3.0),)
        assert none not in found
        assert store.final_metrics([]) == {}

    def test_names_of_runs(self, store, ran):
        one, two = ran("A", "1"), ran("B", "2")
        assert store.run_names([one.id, two.id, 7]) == {one.id: ("A", 1), two.id: ("B", 1)}

    def test_each_is_one_statement_for_thousands_of_ids(self, store, ran):
        kept = ran()
        ids = [2**62 + i for i in range(5000)]

        def cost(call):
            before = store.statements
            call()
            return store.statements - before

        assert cost(lambda: store.revision_runs(PROJECT, "training")) == 1
        assert cost(lambda: store.named_runs(PROJECT, [Wanted("A", i) for i in range(50)])) == 1
        assert cost(lambda: store.final_metrics(ids)) == 1
        assert cost(lambda: store.run_names([*ids, kept.id])) == 1
        assert store.run_names([*ids, kept.id]) == {kept.id: ("A", 1)}
