"""Datasources: their immutable snapshots, called commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError
from zenlab.metadata import rows
from zenlab.metadata.database import Database
from zenlab.metadata.text import dump_json, hex_range

if TYPE_CHECKING:
    from zenlab.metadata.records import CommitRecord


class DatasourceQueries(Database):
    """What the store answers about datasources."""

    def add_commit(self, commit: CommitRecord) -> CommitRecord:
        """Record a snapshot; one with the same (project, name, digest) stays as it is.

        Returns:
            The commit as it is stored: the earlier one if there was one. Its `stamp` may be out
            of date then: see `touch_commit`.
        """
        values = rows.commit_values(commit)
        identity = {name: values[name] for name in ("project", "name", "digest")}

        self._change(self.sql.add_commit, values)
        return rows.commit(self._fetch(self.sql.commit_by_digest, identity)[0])

    def touch_commit(self, commit_id: int, stamp: Any) -> None:
        """Remember that the source, which now has this stamp, still holds what was committed."""
        self._change(
            self.sql.touch_commit, {"by_id": commit_id, "stamp": dump_json(stamp, "stamp")}
        )

    def commits(self, project: str, name: str) -> list[CommitRecord]:
        """The commits of a datasource, oldest first."""
        values = {"project": project, "name": name}
        return [rows.commit(row) for row in self._fetch(self.sql.commits, values)]

    def commit(self, project: str, name: str, digest_prefix: str) -> CommitRecord | None:
        """The one commit of a datasource whose digest begins so, or None.

        Args:
            project: the project's id.
            name: the datasource's name.
            digest_prefix: the whole digest, or as much of it as tells it from the others.

        Raises:
            ParameterError: several commits begin so.
        """
        low, high = hex_range(digest_prefix)
        values = {"project": project, "name": name, "low": low, "high": high}
        found = self._fetch(self.sql.commit_in_range, values)
        if len(found) > 1:
            raise ParameterError(
                f"Several commits of {name} begin with '{digest_prefix}'.",
                where=name,
                hint="Give more digits: " + ", ".join(row.digest[:16] for row in found),
            )
        return rows.commit(found[0]) if found else None

    def datasources(self, project: str) -> list[CommitRecord]:
        """The latest commit of each datasource of a project, by name."""
        return [rows.commit(row) for row in self._fetch(self.sql.datasources, {"project": project})]
