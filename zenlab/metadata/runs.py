"""Runs: what was run, when, by whom, and what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException
from zenlab.metadata import rows
from zenlab.metadata.database import Database, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zenlab.metadata.records import Resolved, RunRecord, RunStatus


class RunQueries(Database):
    """What the store answers about runs."""

    def start_run(self, run: RunRecord) -> None:
        """Record that a run goes on; `run.status` is `running`."""
        self._change(self.sql.start_run, rows.run_values(run), once=True)

    def record_run(self, run: RunRecord) -> None:
        """Record a run that is over, in one statement: a fully cached one needs no other.

        It ends now, by the database's clock, and began `run.ended_ms - run.started_ms` before.
        """
        elapsed = max(0, run.ended_ms - run.started_ms)
        values = rows.run_values(run) | {"elapsed_ms": elapsed}
        self._change(self.sql.record_run, values, once=True)

    def end_run(
        self,
        run_id: int,
        status: RunStatus,
        resolved: Sequence[Resolved],
        error: Mapping[str, Any] | None = None,
        findings: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """Say how a run ended; the numbers of executed and cached slots follow from `resolved`.

        Args:
            run_id: of `start_run`.
            status: `succeeded`, `failed` or `interrupted`.
            resolved: the slots that were finished, in the order of the plan.
            error: slot, type, message, traceback and hint of what failed.
            findings: what the user should know: `{"slot": ..., "message": ...}` each.

        Raises:
            DoesNotExistException: there is no such run.
        """
        values = rows.run_end_values(run_id, status, resolved, error, findings)
        if self._change(self.sql.end_run, values) == 0:
            raise DoesNotExistException(f"There is no run {run_id}.", where=self.where)

    def run(self, run_id: int) -> RunRecord | None:
        """One run, or None."""
        found = self._fetch(self.sql.run, {"id": run_id})
        return rows.run(found[0]) if found else None

    def runs_by_id(self, ids: Sequence[int]) -> dict[int, RunRecord]:
        """Runs by id; unknown ids are left out. One statement (up to 500 ids at a time)."""
        found = [
            rows.run(row)
            for chunk in chunks(list(dict.fromkeys(ids)))
            for row in self._fetch(self.sql.runs_by_id, {"ids": chunk})
        ]
        return {run.id: run for run in found}

    def runs(
        self,
        project: str,
        pipeline_name: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> list[RunRecord]:
        """The latest runs of a project, latest first, without their executions: one statement.

        Args:
            project: the project's id.
            pipeline_name: only runs of this pipeline.
            limit: at most so many.
            before: the id of the last run of the page before, to turn it.
        """
        values: dict[str, Any] = {"project": project, "limit": limit}
        if pipeline_name is not None:
            values["pipeline_name"] = pipeline_name
        if before is not None:
            values["before"] = before
        statement = self.sql.runs[pipeline_name is not None, before is not None]
        return [rows.run(row) for row in self._fetch(statement, values)]

    def latest_run(
        self, project: str, name: str, digest: str | None = None, status: RunStatus = "succeeded"
    ) -> RunRecord | None:
        """The latest run of a pipeline with that status, or None.

        Args:
            project: the project's id.
            name: the pipeline's name.
            digest: of one revision; None means any.
            status: by default only a succeeded one.
        """
        values = {"project": project, "pipeline_name": name, "status": status}
        if digest is not None:
            values["pipeline_digest"] = digest
        found = self._fetch(self.sql.latest_run[digest is not None], values)
        return rows.run(found[0]) if found else None
