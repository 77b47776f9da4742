"""How far a run is, whether it lives, and who asks it to stop.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0002"
down_revision = "0001"

_LONG = sa.Text().with_variant(LONGTEXT, "mysql", "mariadb")
_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _string(width: int) -> Any:
    return sa.String(width).with_variant(sa.String(width, collation="C"), "postgresql")


def _col(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def upgrade() -> None:
    """Add the table of runs that go on, and the index that finds them."""
    op.create_index("ix_run_status", "run", ["project", "status"])
    op.create_table(
        "run_progress",
        sa.Column("run_id", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        _col("owner", _string(32)),
        _col("pid", sa.BigInteger),
        _col("alive_ms", sa.BigInteger),
        _col("expires_at", sa.BigInteger),
        _col("steps", _LONG),
        _col("cancel_ms", sa.BigInteger),
        _col("cancel_by", _string(200)),
        _col("cancel_host", _string(200)),
        sqlite_with_rowid=False,
        **_MYSQL,
    )
