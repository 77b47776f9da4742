"""The tables, as they are at revision `HEAD`. A change here needs a migration and a new `HEAD`.

Rules that keep one schema working on SQLite, PostgreSQL and MySQL/MariaDB:

- each string has a length, indexes stay below 3,072 bytes, names below 64 characters, and no
  name is a reserved word anywhere (a test checks all of it);
- text is compared by code points (`utf8mb4_bin` on MySQL, whose default ignores case; `C` on
  PostgreSQL, where the database's own decides what comes first);
- ids are made by the client, so that no insert needs an answer;
- times are BIGINT ms by the database's clock; JSON is text made by us;
- no foreign keys: on MySQL and PostgreSQL each check locks the parent's row, and two steps of
  one run would wait for each other. Rows that belong together are written in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT

from zenlab.metadata.text import WIDTHS

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

HEAD = "0003"
"""The revision of these tables."""

REVISIONS = ("0001", "0002", "0003")
"""All revisions that this program can bring up to `HEAD`, oldest first."""

metadata = MetaData()

# Only INTEGER PRIMARY KEY is SQLite's own row id; BIGINT would bring a second b-tree.
_Id = BigInteger().with_variant(Integer, "sqlite")
_LongText = Text().with_variant(LONGTEXT, "mysql", "mariadb")
_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=False)


def _text(name: str, width: str | None = None, *, null: bool = False, pk: bool = False) -> Any:
    length = WIDTHS[width or name]
    type_ = String(length).with_variant(String(length, collation="C"), "postgresql")
    return Column(name, type_, nullable=null, primary_key=pk)


def _long(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, _LongText, nullable=null)


def _int(name: str, *, null: bool = False, pk: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null, primary_key=pk, autoincrement=False)


def _artifact_columns() -> list[Column[Any]]:
    """The columns of an `ArtifactRecord` but for its name."""
    return [
        _text("uri"),
        _text("format"),
        Column("format_version", Integer, nullable=False),
        _text("content_digest", "digest"),
        _text("manifest_sha256", "digest"),
        _int("size_bytes"),
        _int("num_rows", null=True),
        _long("summary"),
    ]


def _table(name: str, *parts: SchemaItem, rowid: bool = True) -> Table:
    """A table; without SQLite's row id where the primary key is all that ever finds a row."""
    return Table(name, metadata, *parts, sqlite_with_rowid=rowid, **_MYSQL)


schema_revision = Table(
    "schema_revision",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="schema_revision_pkc"),
)
"""Alembic's table under a name of our own: many programs leave an `alembic_version`."""

pipeline = _table(
    "pipeline",
    _id(),
    _text("project"),
    _text("name"),
    _text("digest"),
    Column("revision", Integer, nullable=False),
    _text("type"),
    _long("spec"),
    _text("author"),
    _text("copied_from", "digest", null=True),
    _int("created_ms"),
    UniqueConstraint("project", "name", "digest", name="uq_pipeline_digest"),
    UniqueConstraint("project", "name", "revision", name="uq_pipeline_revision"),
)

run = _table(
    "run",
    _id(),
    _text("project"),
    _int("pipeline_id"),
    _text("pipeline_name", "name"),
    _text("pipeline_digest", "digest"),
    Column("pipeline_revision", Integer, nullable=False),
    _text("status", "state"),
    _text("author"),
    _text("host"),
    _int("pid"),
    _text("git_commit", "commit", null=True),
    Column("git_clean", Boolean, nullable=True),
    _int("started_ms"),
    _int("ended_ms"),
    _long("resolved"),
    Column("executed", Integer, nullable=False),
    Column("cached", Integer, nullable=False),
    _long("findings"),
    _long("error", null=True),
    Index("ix_run_project", "project", "started_ms"),
    Index("ix_run_pipeline", "project", "pipeline_name", "started_ms"),
    Index("ix_run_status", "project", "status"),
)

run_progress = _table(
    "run_progress",
    _int("run_id", pk=True),
    _text("owner"),
    _int("pid"),
    _int("alive_ms"),
    _int("expires_at"),
    _long("steps"),
    _int("cancel_ms"),
    _text("cancel_by", "author"),
    _text("cancel_host", "host"),
    rowid=False,
)
"""What a run says of itself while it goes on, and what it is asked. Its row goes when it ends, so
that this table stays small; a short run never has one."""

run_environment = _table(
    "run_environment",
    _int("run_id", pk=True),
    _text("environment", "fingerprint"),
    rowid=False,
)
"""In which environment a run executed its steps: a key of `code`. A table of its own, since a run
that executes nothing has none, and the row of `run` is written at every run."""

step_execution = _table(
    "step_execution",
    _id(),
    _int("run_id"),
    _text("slot"),
    _text("kind"),
    _text("title"),
    _text("cache_key"),
    _text("work_key"),
    _text("status", "state"),
    _int("fence"),
    _text("owner"),
    _text("author"),
    _text("host"),
    _text("git_commit", "commit", null=True),
    Column("git_clean", Boolean, nullable=True),
    _int("started_ms"),
    _int("ended_ms"),
    Column("seconds", Double, nullable=False),
    _text("code", null=True),
    _long("findings"),
    _long("inputs"),
    _long("identity"),
    _long("error", null=True),
    Index("ix_step_execution_run", "run_id"),
)

artifact = _table(
    "artifact",
    _int("execution_id", pk=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    _text("name", "output"),
    *_artifact_columns(),
    rowid=False,
)

param = _table(
    "param",
    _int("execution_id", pk=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    _text("name", "output"),
    _long("value"),
    rowid=False,
)

metric = _table(
    "metric",
    _int("execution_id", pk=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    _text("name", "output"),
    # MySQL has no NaN and no infinity, SQLite turns NaN into NULL: those are `special`.
    Column("value", Double, nullable=True),
    Column("special", String(4), nullable=True),
    _int("at_step", null=True),
    rowid=False,
)

claim = _table(
    "claim",
    _text("work_key", pk=True),
    _text("state"),
    _text("owner"),
    _text("holder_user", "author"),
    _text("holder_host", "host"),
    _int("holder_pid"),
    _int("since_ms"),
    _int("fence"),
    _int("expires_at"),
    _int("execution_id", null=True),
    rowid=False,
)

cache_entry = _table(
    "cache_entry",
    _text("cache_key", pk=True),
    _text("work_key", pk=True),
    rowid=False,
)

datasource_commit = _table(
    "datasource_commit",
    _id(),
    _text("project"),
    _text("name"),
    _text("digest"),
    _text("source"),
    _long("args"),
    _text("artifact_name", "output"),
    *_artifact_columns(),
    _long("schema_json"),
    _long("stamp"),
    _text("author"),
    _int("created_ms"),
    UniqueConstraint("project", "name", "digest", name="uq_datasource_commit_digest"),
)

code = _table(
    "code",
    _text("fingerprint", pk=True),
    _text("name", "code_name"),
    _long("source"),
    _int("created_ms"),
)
