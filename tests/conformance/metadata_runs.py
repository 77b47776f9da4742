"""What every metadata store must do: runs."""

from __future__ import annotations

import dataclasses

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import PROJECT, run_record
from zenlab.core.errors import DoesNotExistException
from zenlab.metadata import Resolved
from zenlab.metadata.text import WIDTHS


class RunsSuite(MetadataStoreFixtures):
    """Runs."""

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
        assert kept.ended_ms - kept.started_ms == pytest.approx(250, abs=100)
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
