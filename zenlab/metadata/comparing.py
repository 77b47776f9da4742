"""Runs side by side: the latest successful run of each revision, and what it measured.

For the list of a comparison, two statements, whatever the number of runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.metadata import rows
from zenlab.metadata.answers import RevisionRun
from zenlab.metadata.database import Database
from zenlab.metadata.records import MetricRecord
from zenlab.metadata.text import load_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from zenlab.metadata.answers import Wanted

_WRITTEN_OUT = 10_000
"""Ids of one IN, as digits in the statement: 200 KB, where a server takes a megabyte or more."""


class CompareQueries(Database):
    """What the store answers about many runs at once."""

    def revision_runs(
        self, project: str, type_: str | None = None, limit: int = 1000
    ) -> list[RevisionRun]:
        """The latest successful run of each revision of a project's pipelines: one statement.

        Args:
            project: the project's id.
            type_: only pipelines of this type, such as `training`.
            limit: at most so many.

        Returns:
            The latest run first.
        """
        values: dict[str, Any] = {"project": project, "limit": limit}
        if type_ is not None:
            values["type"] = type_
        return _revision_runs(self._fetch(self.sql.revision_runs[type_ is not None], values))

    def named_runs(
        self, project: str, wanted: Sequence[Wanted], *, every: bool = False
    ) -> list[RevisionRun]:
        """The latest successful runs of some pipelines: one statement.

        Args:
            project: the project's id.
            wanted: names, with a revision or a digest or without.
            every: all revisions of these names that have a successful run.

        Returns:
            The latest run first. Of each name at least what was asked for and its newest revision
            with a successful run; the caller chooses. Nothing for a name without a successful run.
        """
        if not wanted:
            return []
        values = {
            "project": project,
            "names": list({w.name for w in wanted}),
            "revisions": list({w.revision for w in wanted if w.revision is not None}),
            "digests": list({w.digest for w in wanted if w.digest is not None}),
        }
        return _revision_runs(self._fetch(self.sql.named_runs[every], values))

    def final_metrics(self, execution_ids: Collection[int]) -> dict[int, tuple[MetricRecord, ...]]:
        """What executions logged as final values, series left out: one statement for 10,000.

        Args:
            execution_ids: of executions; those that logged nothing are not in the answer.
        """
        found: dict[int, list[MetricRecord]] = {}
        for chunk in _chunks(sorted(set(execution_ids))):
            for row in self._fetch(self.sql.final_metrics, {"ids": chunk}):
                value = float(row.special) if row.special else row.value
                found.setdefault(row.execution_id, []).append(MetricRecord(row.name, value))
        return {execution_id: tuple(metrics) for execution_id, metrics in found.items()}

    def run_names(self, run_ids: Collection[int]) -> dict[int, tuple[str, int]]:
        """Name and revision of the pipeline of each run: one statement for 10,000.

        Args:
            run_ids: of runs; unknown ones are left out.
        """
        return {
            row.id: (row.pipeline_name, row.pipeline_revision)
            for chunk in _chunks(sorted(set(run_ids)))
            for row in self._fetch(self.sql.run_names, {"ids": chunk})
        }


def _revision_runs(found: Sequence[Any]) -> list[RevisionRun]:
    return [RevisionRun(rows.run(row), row.type, load_json(row.spec)) for row in found]


def _chunks(keys: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), _WRITTEN_OUT):
        yield list(keys[start : start + _WRITTEN_OUT])
