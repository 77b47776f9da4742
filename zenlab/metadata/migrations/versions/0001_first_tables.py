"""The first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_LONG = sa.Text().with_variant(LONGTEXT, "mysql", "mariadb")
_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _id() -> sa.Column[int]:
    return sa.Column("id", _ID, primary_key=True, autoincrement=False)


def _col(name: str, type_: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _string(width: int) -> Any:
    return sa.String(width).with_variant(sa.String(width, collation="C"), "postgresql")


def _text(name: str, width: int, *, null: bool = False) -> sa.Column[Any]:
    return _col(name, _string(width), null=null)


def _key(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, primary_key=True, nullable=False, autoincrement=False)


def _part_of_execution() -> list[sa.Column[Any]]:
    return [_key("execution_id", sa.BigInteger), _key("ordinal", sa.Integer)]


def _stored() -> list[sa.Column[Any]]:
    return [
        _text("uri", 1000),
        _text("format", 32),
        _col("format_version", sa.Integer),
        _text("content_digest", 64),
        _text("manifest_sha256", 64),
        _col("size_bytes", sa.BigInteger),
        _col("num_rows", sa.BigInteger, null=True),
        _col("summary", _LONG),
    ]


def _create(name: str, *parts: Any, rowid: bool = True) -> None:
    op.create_table(name, *parts, sqlite_with_rowid=rowid, **_MYSQL)


def upgrade() -> None:
    """Make all tables."""
    _create(
        "pipeline",
        _id(),
        _text("project", 64),
        _text("name", 200),
        _text("digest", 64),
        _col("revision", sa.Integer),
        _text("type", 64),
        _col("spec", _LONG),
        _text("author", 200),
        _text("copied_from", 64, null=True),
        _col("created_ms", sa.BigInteger),
        sa.UniqueConstraint("project", "name", "digest", name="uq_pipeline_digest"),
        sa.UniqueConstraint("project", "name", "revision", name="uq_pipeline_revision"),
    )
    _create(
        "run",
        _id(),
        _text("project", 64),
        _col("pipeline_id", sa.BigInteger),
        _text("pipeline_name", 200),
        _text("pipeline_digest", 64),
        _col("pipeline_revision", sa.Integer),
        _text("status", 12),
        _text("author", 200),
        _text("host", 200),
        _col("pid", sa.BigInteger),
        _text("git_commit", 64, null=True),
        _col("git_clean", sa.Boolean, null=True),
        _col("started_ms", sa.BigInteger),
        _col("ended_ms", sa.BigInteger),
        _col("resolved", _LONG),
        _col("executed", sa.Integer),
        _col("cached", sa.Integer),
        _col("findings", _LONG),
        _col("error", _LONG, null=True),
    )
    op.create_index("ix_run_project", "run", ["project", "started_ms"])
    op.create_index("ix_run_pipeline", "run", ["project", "pipeline_name", "started_ms"])
    _create(
        "step_execution",
        _id(),
        _col("run_id", sa.BigInteger),
        _text("slot", 200),
        _text("kind", 64),
        _text("title", 200),
        _text("cache_key", 64),
        _text("work_key", 64),
        _text("status", 12),
        _col("fence", sa.BigInteger),
        _text("owner", 32),
        _text("author", 200),
        _text("host", 200),
        _text("git_commit", 64, null=True),
        _col("git_clean", sa.Boolean, null=True),
        _col("started_ms", sa.BigInteger),
        _col("ended_ms", sa.BigInteger),
        _col("seconds", sa.Double),
        _text("code", 64, null=True),
        _col("findings", _LONG),
        _col("inputs", _LONG),
        _col("identity", _LONG),
        _col("error", _LONG, null=True),
    )
    op.create_index("ix_step_execution_run", "step_execution", ["run_id"])
    _create("artifact", *_part_of_execution(), _text("name", 255), *_stored(), rowid=False)
    _create("param", *_part_of_execution(), _text("name", 255), _col("value", _LONG), rowid=False)
    _create(
        "metric",
        *_part_of_execution(),
        _text("name", 255),
        _col("value", sa.Double, null=True),
        _col("special", sa.String(4), null=True),
        _col("at_step", sa.BigInteger, null=True),
        rowid=False,
    )
    _create(
        "claim",
        _key("work_key", _string(64)),
        _text("state", 12),
        _text("owner", 32),
        _text("holder_user", 200),
        _text("holder_host", 200),
        _col("holder_pid", sa.BigInteger),
        _col("since_ms", sa.BigInteger),
        _col("fence", sa.BigInteger),
        _col("expires_at", sa.BigInteger),
        _col("execution_id", sa.BigInteger, null=True),
        rowid=False,
    )
    _create(
        "cache_entry",
        _key("cache_key", _string(64)),
        _key("work_key", _string(64)),
        rowid=False,
    )
    _create(
        "datasource_commit",
        _id(),
        _text("project", 64),
        _text("name", 200),
        _text("digest", 64),
        _text("source", 400),
        _col("args", _LONG),
        _text("artifact_name", 255),
        *_stored(),
        _col("schema_json", _LONG),
        _col("stamp", _LONG),
        _text("author", 200),
        _col("created_ms", sa.BigInteger),
        sa.UniqueConstraint("project", "name", "digest", name="uq_datasource_commit_digest"),
    )
    _create(
        "code",
        _key("fingerprint", _string(64)),
        _text("name", 400),
        _col("source", _LONG),
        _col("created_ms", sa.BigInteger),
    )
