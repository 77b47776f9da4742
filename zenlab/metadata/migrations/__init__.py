"""Migrations of the tables, with Alembic: imported only when there is something to migrate.

A new revision is a new file in `versions/`, which repeats what it needs and imports nothing of
ours: `tables.py` goes on, a migration stays as it was. `tables.HEAD` and `tables.REVISIONS` name
it, too; a test compares the tables that the migrations make with those of `tables.py`. SQLite
changes columns only through `op.batch_alter_table`. On MySQL each change of a table commits by
itself: a revision that changes several must be able to come again after a part of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def config() -> Config:
    """Alembic's configuration, without a file: an installed package has no working directory."""
    made = Config()
    # Alembic's option files interpolate "%".
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision, in the transaction that the caller has begun.

    Args:
        connection: to the database.
        revision: where to stop.
    """
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, revision)
