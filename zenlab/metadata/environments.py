"""The environments in which runs executed their steps: written once each, named by each run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zenlab.metadata.database import Database, chunks
from zenlab.metadata.text import WIDTHS, identifier

if TYPE_CHECKING:
    from collections.abc import Collection

_ENVIRONMENT = "environment"


class EnvironmentQueries(Database):
    """What the store knows of environments."""

    _written: set[tuple[int, str]] | None = None

    def put_environment(self, run_id: int, digest: str, text: str) -> None:
        """Say in which environment a run executes: one statement, and at first one more.

        Each may come twice, and one without the other does no harm: a text that no run names, or a
        run of which no environment is known.

        Args:
            run_id: of a run that executes something.
            digest: of the text, 64 hexadecimal digits.
            text: the environment; one that is known already stays as it is.
        """
        key = identifier("fingerprint", f"{_ENVIRONMENT}:{digest}"[: WIDTHS["fingerprint"]])
        written = self._written if self._written is not None else set()
        if (os.getpid(), key) not in written:
            self._change(
                self.sql.add_code, {"fingerprint": key, "name": _ENVIRONMENT, "source": text}
            )
            self._written = {*written, (os.getpid(), key)}
        self._change(self.sql.add_run_environment, {"run_id": run_id, "environment": key})

    def environments(self, run_ids: Collection[int]) -> dict[int, str]:
        """The text of the environment of each run: one statement for those of a few runs.

        Args:
            run_ids: runs that executed nothing, or before environments were recorded, are left
                out.
        """
        return {
            row.run_id: row.source
            for chunk in chunks(sorted(set(run_ids)))
            for row in self._fetch(self.sql.run_environments, {"ids": chunk})
        }
