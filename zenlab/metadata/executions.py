"""Executions: what the steps of runs did, with their artifacts, parameters and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.metadata import rows
from zenlab.metadata.database import Database, chunks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.metadata.answers import EarlierExecution
    from zenlab.metadata.records import ArtifactRecord, ExecutionRecord, MetricRecord
    from zenlab.metadata.session import Transaction

_MOST_IDS = 100


class ExecutionQueries(Database):
    """What the store answers about executions."""

    def record_execution(
        self,
        execution: ExecutionRecord,
        artifacts: Sequence[ArtifactRecord] = (),
        params: Mapping[str, Any] | None = None,
        metrics: Sequence[MetricRecord] = (),
    ) -> None:
        """Record an execution that nobody shall use again: a failed or an interrupted one.

        A succeeded one is recorded by `finish`, together with its claim.

        Args:
            execution: what was tried; its `error` says what went wrong.
            artifacts: what it left, such as its `log`.
            params: its parameters by name.
            metrics: what it logged before.
        """
        self._transaction(
            lambda transaction: self._add_execution(
                transaction, execution, artifacts, params or {}, metrics
            ),
            once=True,
        )

    def executions(self, ids: Sequence[int]) -> list[ExecutionRecord]:
        """Executions with all that belongs to them, in the order of `ids`.

        Unknown ids are left out. Four statements, whatever the number of ids (up to 500 at a time).
        """
        wanted = list(dict.fromkeys(ids))
        found: dict[int, ExecutionRecord] = {}
        for chunk in chunks(wanted):
            values = {"ids": chunk}
            executions = self._fetch(self.sql.executions, values)
            if not executions:
                continue
            parts = rows.ExecutionParts(
                artifacts=self._fetch(self.sql.artifacts, values),
                params=self._fetch(self.sql.params, values),
                metrics=self._fetch(self.sql.metrics, values),
            )
            found |= {row.id: rows.execution(row, parts) for row in executions}
        return [found[i] for i in wanted if i in found]

    def run_executions(self, run_id: int) -> list[ExecutionRecord]:
        """What was executed in a run, failed ones included, oldest first, with all of it."""
        return self.executions(
            [row.id for row in self._fetch(self.sql.run_executions, {"run_id": run_id})]
        )

    def earlier_executions(
        self,
        project: str,
        kind: str,
        pipeline_name: str,
        *,
        ids: Sequence[int] = (),
        until_ms: int | None = None,
        not_of_run: int = 0,
    ) -> list[EarlierExecution]:
        """Succeeded executions that a step may be compared with: one statement.

        The latest ones of the pipeline and of the project, among a bounded number of runs. Runs
        that executed nothing do not count.

        Args:
            project: the project's id.
            kind: transform, split, ...
            pipeline_name: the pipeline whose executions shall be among them.
            ids: executions that shall be among them, however old.
            until_ms: only what had ended by then, by the database's clock.
            not_of_run: a run whose executions do not count.

        Returns:
            The latest first.
        """
        values = {
            "project": project,
            "kind": kind,
            "pipeline_name": pipeline_name,
            "ids": list(ids)[:_MOST_IDS],
            "until_ms": 2**62 if until_ms is None else until_ms,
            "not_of_run": not_of_run,
        }
        return [
            rows.earlier_execution(row) for row in self._fetch(self.sql.earlier_executions, values)
        ]

    def _add_execution(
        self,
        transaction: Transaction,
        execution: ExecutionRecord,
        artifacts: Sequence[ArtifactRecord],
        params: Mapping[str, Any],
        metrics: Sequence[MetricRecord],
    ) -> None:
        """Insert an execution and its parts: one statement for each kind of part there is."""
        transaction.execute(self.sql.add_execution, rows.execution_values(execution))
        for statement, values in (
            (self.sql.add_artifact, rows.artifact_values(execution.id, artifacts)),
            (self.sql.add_param, rows.param_values(execution.id, params)),
            (self.sql.add_metric, rows.metric_values(execution.id, metrics)),
        ):
            if values:
                transaction.execute(statement, values)
