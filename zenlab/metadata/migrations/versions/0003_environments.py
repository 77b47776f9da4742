"""In which environment a run executed its steps.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Add the table that names the environment of a run; the text of one lies in `code`."""
    width = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.create_table(
        "run_environment",
        sa.Column("run_id", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("environment", width, nullable=False),
        sqlite_with_rowid=False,
        **_MYSQL,
    )
