"""Pipelines and their revisions, and the texts behind them: code, listings, schemas."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StoreError
from zenlab.core.ids import new_id
from zenlab.metadata import rows
from zenlab.metadata.database import Database, chunks
from zenlab.metadata.text import WIDTHS, dump_json, hex_range, identifier, is_hex, prose

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from zenlab.metadata.records import CodeRecord, PipelineRecord

_LISTING = "listing"
_SCHEMA = "schema"
_NOTHING: Mapping[str, tuple[str, str]] = {}
_MOST_REVISIONS_AT_ONCE = 100
"""So many others who register revisions of one name at once are not bad luck any more."""


class PipelineQueries(Database):
    """What the store answers about pipelines."""

    def register_pipeline(
        self,
        project: str,
        name: str,
        digest: str,
        type_: str,
        spec: dict[str, Any],
        user: str,
        copied_from_digest: str | None = None,
    ) -> PipelineRecord:
        """Make a specification known under a name; the same one again changes nothing.

        Args:
            project: the project's id.
            name: the pipeline's name.
            digest: of the specification.
            type_: `TrainingPipeline`, ...
            spec: the specification, plain data.
            user: who registers it.
            copied_from_digest: the digest of its origin, or None.

        Returns:
            The revision with this digest: a new one has the next number within (project, name).

        Raises:
            ParameterError: a name that no database could keep apart (empty, too long, blanks
                around it).
        """
        identity: dict[str, Any] = {
            "project": identifier("project", project),
            "name": identifier("name", name),
            "digest": identifier("digest", digest),
        }
        known = self._fetch(self.sql.pipeline_by_digest, identity)
        if known:
            return rows.pipeline(known[0])
        values = identity | {
            "id": new_id(),
            "type": prose("type", type_),
            "spec": dump_json(spec, "spec"),
            "author": prose("author", user),
            "copied_from": copied_from_digest,
        }

        for _ in range(_MOST_REVISIONS_AT_ONCE):
            self._change(self.sql.add_pipeline, values)
            known = self._fetch(self.sql.pipeline_by_digest, identity)
            if known:
                return rows.pipeline(known[0])
            time.sleep(random.uniform(0, 0.01))  # another one got this number
        raise StoreError(
            f"'{name}' gets new revisions too fast to be registered.",
            where=self.where,
            hint="Check that no program registers it in a loop, and run again.",
        )

    def pipeline(
        self, project: str, name: str, revision: int | None = None, digest: str | None = None
    ) -> PipelineRecord | None:
        """One revision of a pipeline, or None.

        Args:
            project: the project's id.
            name: the pipeline's name.
            revision: its number; by default the latest that was registered.
            digest: or the digest of its specification.
        """
        values: dict[str, Any] = {"project": project, "name": name}
        if digest is not None:
            found = self._fetch(self.sql.pipeline_by_digest, values | {"digest": digest})
            found = [row for row in found if revision in (None, row.revision)]
        elif revision is not None:
            found = self._fetch(self.sql.pipeline_by_revision, values | {"revision": revision})
        else:
            found = self._fetch(self.sql.pipeline_latest, values)
        return rows.pipeline(found[0]) if found else None

    def pipelines(self, project: str) -> list[PipelineRecord]:
        """The latest revision of each name of a project, by name."""
        return [rows.pipeline(r) for r in self._fetch(self.sql.pipelines, {"project": project})]

    def revisions(self, project: str, name: str) -> list[PipelineRecord]:
        """All revisions of a name, oldest first."""
        values = {"project": project, "name": name}
        return [rows.pipeline(row) for row in self._fetch(self.sql.pipeline_revisions, values)]

    def run_by_others(self, project: str, name: str, digest: str | None, user: str) -> list[str]:
        """Who else has a succeeded run of a pipeline: what makes a draft frozen.

        Args:
            project: the project's id.
            name: the pipeline's name.
            digest: of one revision; None means any.
            user: whose own runs do not count.

        Returns:
            The other users, sorted.
        """
        values = {"project": project, "pipeline_name": name, "author": prose("author", user)}
        if digest is None:
            found = self._fetch(self.sql.run_by_others, values)
        else:
            found = self._fetch(
                self.sql.run_by_others_of_digest, values | {"pipeline_digest": digest}
            )
        return [row.author for row in found]

    # -------------------------------------------------------------------------------- code

    def put_code(
        self,
        code: Mapping[str, tuple[str, str]],
        *,
        listings: Mapping[str, tuple[str, str]] = _NOTHING,
        schemas: Mapping[str, tuple[str, str]] = _NOTHING,
    ) -> None:
        """Keep sources, and texts that are only read. What is known already stays as it is.

        Args:
            code: of code that lives in no module: `{fingerprint: (name, source)}`. This alone is
                run again, once it is trusted; `code` and `codes` find nothing else.
            listings: what people compare: `{fingerprint: (name, text)}`.
            schemas: what pipelines are pinned to: `{digest: (name, text)}`.
        """
        kinds = (("", code), (_LISTING, listings), (_SCHEMA, schemas))
        values = [
            {
                "fingerprint": identifier("fingerprint", _key(kind, digest)),
                "name": prose("code_name", name),
                "source": text,
            }
            for kind, kept in kinds
            for digest, (name, text) in kept.items()
        ]
        if values:
            self._attempt(lambda session: session.execute(self.sql.add_code, values))

    def code(self, fingerprint: str) -> CodeRecord | None:
        """The source of code with that fingerprint, or None."""
        if not is_hex(fingerprint):
            return None
        found = self._fetch(self.sql.code, {"fingerprint": fingerprint})
        return rows.code(found[0]) if found else None

    def codes(self, prefix: str, limit: int = 10) -> list[CodeRecord]:
        """The sources of code whose fingerprints begin so, in the order of their fingerprints.

        Args:
            prefix: hexadecimal digits, from the first one on.
            limit: the most that are returned.
        """
        if not is_hex(prefix):
            return []
        low, high = hex_range(prefix)
        found = self._fetch(self.sql.codes_in_range, {"low": low, "high": high, "limit": limit})
        return [rows.code(row) for row in found]

    def listings(self, fingerprints: Collection[str]) -> dict[str, str]:
        """The listings of code by its fingerprint: one statement for those of a few runs.

        Args:
            fingerprints: unknown ones are left out.
        """
        keys = {_key(_LISTING, fingerprint): fingerprint for fingerprint in fingerprints}
        return {
            keys[row.fingerprint]: row.source
            for chunk in chunks(sorted(keys))
            for row in self._fetch(self.sql.codes, {"fingerprints": chunk})
        }

    def schema(self, digest: str) -> str | None:
        """The text of a schema with that digest, or None."""
        found = self._fetch(self.sql.code, {"fingerprint": _key(_SCHEMA, digest)})
        return str(found[0].source) if found else None


def _key(kind: str, digest: str) -> str:
    """Where a text lies in the `code` table.

    Code lies under its fingerprint, which is nothing but digits, and the others under a word and
    as many digits as fit (more than 200 bits): so they are never taken for a program.
    """
    return f"{kind}:{digest}"[: WIDTHS["fingerprint"]] if kind else digest
