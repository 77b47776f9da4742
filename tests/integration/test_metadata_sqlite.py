"""The metadata store on SQLite: the conformance suite, and what only a file can do."""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conformance.metadata_suite import (
    ALICE,
    MINUTE,
    PROJECT,
    MetadataStoreSuite,
    artifact,
    execution,
    run_record,
)
from zenlab.core.errors import ParameterError, StoreError
from zenlab.core.ids import now_ms
from zenlab.metadata import ClaimBusy, MetadataStore
from zenlab.metadata.on_sqlite import SqliteDialect


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "päth with % and blanks" / "metadata.db"


@pytest.fixture
def url(file) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def store(url):
    store = MetadataStore(url, patience_s=5)
    yield store
    store.dispose()


class TestSqlite(MetadataStoreSuite):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'metadata.db'}"


class TestSqliteWithoutReturning(TestSqlite):
    """SQLite before 3.35 (Enterprise Linux 9 has 3.34), and the way of MySQL."""

    @pytest.fixture(autouse=True)
    def _old(self, monkeypatch):
        monkeypatch.setattr(SqliteDialect, "returning", False)


# ----------------------------------------------------------------------------------- the file


def test_importing_the_package_imports_no_sqlalchemy():
    code = (
        "import sys; from zenlab.metadata import MetadataStore;"
        "MetadataStore('sqlite:////nowhere/x.db');"
        "assert not {'sqlalchemy', 'alembic'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_using_a_new_store_imports_no_alembic(tmp_path):
    code = (
        "import sys; from zenlab.metadata import MetadataStore;"
        f"MetadataStore('sqlite:///{tmp_path / 'm.db'}').runs('p');"
        "assert 'sqlalchemy' in sys.modules and 'sqlalchemy.orm' not in sys.modules;"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_file_is_made_in_wal_mode(store, file):
    store.runs(PROJECT)
    with sqlite3.connect(file) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()
    assert store._session().connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_statements_are_what_sqlite_sees(store):
    """The counter is the bench's ruler; SQLite's own trace checks it."""
    store.runs(PROJECT)
    seen = []
    raw = store._session().connection.connection.driver_connection
    raw.set_trace_callback(seen.append)
    before = store.statements
    won = store.claim("work-1", ALICE, MINUTE)
    store.finish("work-1", ALICE.owner, won.fence, execution(), [artifact()], {"p": 1})
    store.find_cached(["cache-1"])
    store.record_run(run_record())
    raw.set_trace_callback(None)
    assert len(seen) == store.statements - before == 10
    assert [s for s in seen if s.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE", "COMMIT"]


QUESTIONS = """
SELECT * FROM cache_entry JOIN claim ON cache_entry.work_key = claim.work_key
    JOIN step_execution ON step_execution.id = claim.execution_id
    LEFT JOIN artifact ON artifact.execution_id = step_execution.id
    WHERE cache_entry.cache_key IN ('a', 'b') AND claim.state = 'done';
SELECT * FROM run WHERE project = 'p' ORDER BY started_ms DESC LIMIT 50;
SELECT * FROM run WHERE project = 'p' AND pipeline_name = 'n' ORDER BY started_ms DESC LIMIT 1;
SELECT * FROM pipeline WHERE project = 'p' AND name = 'n' ORDER BY revision DESC LIMIT 1;
SELECT * FROM step_execution WHERE run_id = 1;
SELECT * FROM datasource_commit WHERE project = 'p' AND name = 'n' AND digest >= 'a'
"""


@pytest.mark.parametrize("query", QUESTIONS.split(";"), ids=range(6))
def test_questions_use_an_index(store, file, query):
    store.runs(PROJECT)
    raw = sqlite3.connect(file)
    plan = [row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + query)]
    raw.close()
    assert all(step.startswith("SEARCH") for step in plan), plan


def test_the_clock_is_in_ms_and_is_the_machines(store):
    store.runs(PROJECT)
    before = now_ms()
    seen = [store._fetch(select_now(store), {})[0][0] for _ in range(50)]
    after = now_ms()
    assert before <= seen[0] + 1
    assert seen[-1] <= after + 1
    assert seen == sorted(seen)
    assert all(isinstance(moment, int) for moment in seen)


def select_now(store):
    from sqlalchemy import select

    return select(store.dialect.now())


def test_a_file_that_was_deleted_in_between_is_an_error_that_says_so(url, file):
    MetadataStore(url).runs(PROJECT)
    with sqlite3.connect(file) as raw:
        raw.execute("DROP TABLE run")
    raw.close()
    with pytest.raises(StoreError, match="lacks tables"):
        MetadataStore(url).runs(PROJECT)


def test_tables_that_another_process_makes_while_this_one_looks(store, url, monkeypatch):
    """Seen with eight processes in a fresh folder: absent at first, there at the second look."""
    from zenlab.metadata import opening

    looked = []

    def inspect(connection):
        if not looked:
            looked.append(True)
            MetadataStore(url).runs(PROJECT)
        return real(connection)

    real = opening.inspect
    monkeypatch.setattr(opening, "inspect", inspect)
    store.record_run(run_record())
    assert looked
    assert len(store.runs(PROJECT)) == 1


# ----------------------------------------------------------------------------- the tables


def schema(file: Path) -> list[tuple[str, str, str]]:
    raw = sqlite3.connect(file)
    rows = raw.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    raw.close()
    return sorted((kind, name, re.sub(r"\s+", " ", sql)) for kind, name, sql in rows)


def migrated(file: Path) -> None:
    from sqlalchemy import create_engine

    from zenlab.metadata.migrations import upgrade

    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()


def test_migrations_lead_to_the_tables_of_a_new_store(store, file, tmp_path):
    store.runs(PROJECT)
    migrated(tmp_path / "migrated.db")
    assert schema(tmp_path / "migrated.db") == schema(file)
    stamps = []
    for path in (file, tmp_path / "migrated.db"):
        raw = sqlite3.connect(path)
        stamps.append(raw.execute("SELECT version_num FROM schema_revision").fetchall())
        raw.close()
    assert stamps[0] == stamps[1]


def test_the_program_knows_all_revisions_and_their_head():
    from alembic.script import ScriptDirectory

    from zenlab.metadata.migrations import config
    from zenlab.metadata.tables import HEAD, REVISIONS

    script = ScriptDirectory.from_config(config())
    assert script.get_heads() == [HEAD]
    assert tuple(reversed([r.revision for r in script.walk_revisions()])) == REVISIONS


@pytest.fixture
def next_revision(monkeypatch):
    """Pretend that there is one more revision; takes the function that migrates to it."""
    from zenlab.metadata import migrations, tables

    def pretend(upgrade):
        monkeypatch.setattr(tables, "HEAD", "next")
        monkeypatch.setattr(tables, "REVISIONS", (*tables.REVISIONS, "next"))
        monkeypatch.setattr(migrations, "upgrade", upgrade)

    return pretend


def add_a_table(connection):
    connection.exec_driver_sql("CREATE TABLE added (x INTEGER)")
    connection.exec_driver_sql("UPDATE schema_revision SET version_num = 'next'")


def test_an_older_embedded_store_is_migrated_at_its_first_use(store, file, url, next_revision):
    store.runs(PROJECT)
    next_revision(add_a_table)
    newer = MetadataStore(url, embedded=True)
    newer.runs(PROJECT)
    newer.runs(PROJECT)
    newer.dispose()
    assert ("table", "added", "CREATE TABLE added (x INTEGER)") in schema(file)


def test_an_older_shared_store_is_migrated_when_somebody_says_so(store, file, url, next_revision):
    store.runs(PROJECT)
    before = store.revision()
    next_revision(add_a_table)
    newer = MetadataStore(url)
    with pytest.raises(StoreError, match="an older zenlab has made it") as caught:
        newer.runs(PROJECT)
    assert "zenlab metadata upgrade" in str(caught.value)
    assert newer.revision() == before
    assert newer.upgrade() == (before, "next")
    assert newer.upgrade() == ("next", "next")
    assert newer.runs(PROJECT) == []
    newer.dispose()
    assert ("table", "added", "CREATE TABLE added (x INTEGER)") in schema(file)


def test_a_failed_migration_leaves_the_store_as_it_was(store, file, url, next_revision):
    store.runs(PROJECT)
    before = schema(file)

    def upgrade(connection):
        connection.exec_driver_sql("CREATE TABLE added (x INTEGER)")
        connection.exec_driver_sql("CREATE TABLE added (x INTEGER)")

    next_revision(upgrade)
    with pytest.raises(StoreError):
        MetadataStore(url).upgrade()
    assert schema(file) == before


def test_names_and_widths_are_portable():
    """No name is a reserved word anywhere, and no index is too wide for MySQL."""
    from sqlalchemy import String
    from sqlalchemy.dialects.mysql.reserved_words import (
        RESERVED_WORDS_MARIADB,
        RESERVED_WORDS_MYSQL,
    )
    from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS as RESERVED_WORDS_POSTGRESQL
    from sqlalchemy.dialects.sqlite.base import SQLiteIdentifierPreparer

    from zenlab.metadata.tables import metadata

    reserved = (
        RESERVED_WORDS_MARIADB
        | RESERVED_WORDS_MYSQL
        | RESERVED_WORDS_POSTGRESQL
        | SQLiteIdentifierPreparer.reserved_words
    )
    for table in metadata.tables.values():
        keys = [constraint.columns for constraint in table.constraints]
        keys += [index.columns for index in table.indexes]
        names = {table.name, *(c.name for c in table.columns)}
        names |= {i.name for i in table.indexes}
        assert not names & reserved
        assert max(map(len, names)) <= 64
        for key in keys:
            widths = [c.type.length * 4 if isinstance(c.type, String) else 8 for c in key]
            assert sum(widths) <= 3072, (table.name, list(key))


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_tables_compile_for_other_databases(dialect):
    from sqlalchemy.dialects import mysql, postgresql
    from sqlalchemy.schema import CreateTable

    from zenlab.metadata.tables import metadata

    dialects = {"postgresql": postgresql.dialect(), "mysql": mysql.dialect()}
    made = {
        n: str(CreateTable(t).compile(dialect=dialects[dialect]))
        for n, t in metadata.tables.items()
    }
    assert "id BIGINT NOT NULL" in made["run"]
    assert ("LONGTEXT" in made["run"]) == (dialect == "mysql")
    assert ("utf8mb4_bin" in made["claim"]) == (dialect == "mysql")


# ----------------------------------------------------------------------------------- trouble


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("oracle://scott:secret@host/db", "'oracle'"),
        ("no url: secret", "cannot be understood"),
        ("sqlite:////nowhere/at/all/metadata.db", "folder"),
    ],
)
def test_urls_that_cannot_be(url, message):
    store = MetadataStore(url)
    with pytest.raises(StoreError, match=message) as caught:
        store.runs(PROJECT)
    assert "secret" not in str(caught.value) + repr(store)
    assert caught.value.hint


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "metadata.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="no SQLite database"):
        MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}").runs(PROJECT)


def test_a_database_of_another_program(tmp_path):
    with sqlite3.connect(tmp_path / "metadata.db") as raw:
        raw.execute("CREATE TABLE run (x)")
    raw.close()
    before = schema(tmp_path / "metadata.db")
    with pytest.raises(StoreError, match="another program: run"):
        MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}").runs(PROJECT)
    assert schema(tmp_path / "metadata.db") == before


def test_a_lock_that_stays_is_an_error_in_the_end(store, file, url):
    store.runs(PROJECT)
    raw = sqlite3.connect(file, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    hasty = MetadataStore(url, patience_s=0)
    with pytest.raises(StoreError, match="locked by another program"):
        hasty.record_run(run_record())
    assert hasty.runs(PROJECT) == []  # readers do not wait
    raw.execute("ROLLBACK")
    hasty.record_run(run_record())
    raw.close()
    hasty.dispose()


def test_a_lock_that_goes_away_is_waited_for(store, file):
    store.runs(PROJECT)
    raw = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    raw.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, raw.execute, ["ROLLBACK"])
    timer.start()
    store.record_run(run_record())
    timer.join()
    raw.close()
    assert len(store.runs(PROJECT)) == 1


def test_an_interrupt_inside_a_transaction_locks_out_nobody(store, url):
    store.runs(PROJECT)

    def interrupted(transaction):
        transaction.execute(store.sql.start_run, run_values())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store._transaction(interrupted)
    other = MetadataStore(url, patience_s=0)
    other.record_run(run_record())
    assert len(store.runs(PROJECT)) == 1
    other.dispose()


def run_values():
    from zenlab.metadata import rows

    return rows.run_values(run_record())


def test_text_without_utf8_is_refused_wherever_it_comes(store):
    with pytest.raises(ParameterError, match="surrogate"):
        store.pipeline(PROJECT, "\ud800")
    with pytest.raises(ParameterError, match="surrogate"):
        store.release("work", "\ud800", 1)
    assert store.runs(PROJECT) == []


def in_child(target, *args):
    """Run a function in a forked child, which may give up its rights; gives what it returned."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run():
        try:
            theirs.send(target(*args))
        finally:
            theirs.close()
            os._exit(0)  # no clean-up of what the parent owns

    child = context.Process(target=run)
    child.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        child.join()


fork = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@fork
def test_a_fork_gets_connections_of_its_own(store, file):
    store.record_run(run_record())
    threads = [threading.Thread(target=lambda: store.runs(PROJECT)) for _ in range(2)]
    hold, held = threading.Event(), threading.Event()

    def keep_connection():
        store.runs(PROJECT)
        held.set()
        hold.wait()
        store.record_run(run_record())

    threads.append(threading.Thread(target=keep_connection))
    for thread in threads:
        thread.start()
    held.wait()
    # A fork in the middle of a call would leave SQLite's own locks taken in the child, for ever.
    for thread in threads[:2]:
        thread.join()

    ours = store._session()
    raw = ours.connection.connection.driver_connection

    def in_the_child():
        store.record_run(run_record())
        mine = store._session()
        count = len(store.runs(PROJECT))
        store.dispose()
        ours.close()
        return count, mine is not ours, raw.total_changes >= 0  # raises if it was closed

    try:
        assert in_child(in_the_child) == (2, True, True)
        assert Path(f"{file}-wal").exists()  # a child that closed our connection would remove it
    finally:
        hold.set()
        for thread in threads:
            thread.join()
    assert len(store.runs(PROJECT)) == 3


def without_rights(url):
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    store = MetadataStore(url, patience_s=1)
    answers = []
    for call in (lambda: store.runs(PROJECT), lambda: store.record_run(run_record())):
        try:
            answers.append(call())
        except StoreError as error:
            answers.append(str(error))
    return answers


@fork
def test_a_read_only_file(tmp_path):
    # Below /tmp, not below pytest's folder, into which only its owner may look.
    folder = Path(f"/tmp/zenlab-read-only-{os.getpid()}")
    folder.mkdir()
    try:
        url = f"sqlite:///{folder / 'metadata.db'}"
        MetadataStore(url).record_run(run_record())
        (folder / "metadata.db").chmod(0o444)
        folder.chmod(0o555)
        _read, written = in_child(without_rights, url)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert "cannot be opened for writing" in written
    assert "you may write to both" in written


@fork
def test_a_full_disk(url):
    store = MetadataStore(url)
    store.record_run(run_record())
    store.dispose()

    def fill():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        store = MetadataStore(url, patience_s=1)
        won = store.claim("work-1", ALICE, MINUTE)
        try:
            store.finish("work-1", ALICE.owner, won.fence, execution(identity="x" * 1_000_000))
        except StoreError as error:
            said = str(error)
        store.dispose()
        return said

    said = in_child(fill)
    assert "disk is full" in said
    assert "df -h" in said
    later = MetadataStore(url)
    assert later.find_done(["work-1"]) == []
    assert isinstance(later.claim("work-1", ALICE, MINUTE), ClaimBusy)
    assert len(later.runs(PROJECT)) == 1
    later.dispose()
