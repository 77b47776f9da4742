"""`zenlab metadata status` and `zenlab metadata upgrade`."""

from __future__ import annotations

import pytest

from tests.integration.conftest import cell
from zenlab.cli import run_command
from zenlab.metadata import filesystems
from zenlab.metadata.tables import HEAD
from zenlab.repo import Repository


def said(capsys, *args, code=0):
    assert run_command(["metadata", *args]) == code
    done = capsys.readouterr()
    return done.out if code == 0 else done.err


@pytest.fixture
def shared(repository, postgres_url, monkeypatch):
    """A repository whose metadata store is on PostgreSQL."""
    monkeypatch.setenv("DATABASE", postgres_url)
    with (repository.root / "zenlab.yaml").open("a") as file:
        file.write("metadata_store: ${DATABASE}\n")
    found = Repository(repository.root)
    yield found
    found.metadata.dispose()


def set_revision(repository, revision):
    store = repository.metadata
    with store.dialect.alone(store._session(checked=False)):
        sql = f"UPDATE schema_revision SET version_num = '{revision}'"
        store._session(checked=False).control(sql)
    store.dispose()


def test_a_new_store_has_no_tables_until_it_is_used(shared, capsys):
    before = said(capsys, "status")
    assert "no tables yet" in before
    assert "metadata_store: ${DATABASE}" in before
    assert "no tables yet" in said(capsys, "status")
    assert said(capsys, "upgrade") == f"The tables were made, at revision {HEAD}.\n"
    assert said(capsys, "upgrade") == f"The tables are at revision {HEAD} already.\n"
    assert f"revision {HEAD}, which is that of this zenlab" in said(capsys, "status")


def test_an_older_store_is_upgraded_when_somebody_says_so(shared, capsys):
    from zenlab.metadata.migrations import upgrade
    from zenlab.metadata.opening import make_engine, parse_url

    engine = make_engine(*parse_url(shared.config.metadata_url(shared.root)))
    with engine.connect() as connection:
        upgrade(connection, "0001")
    assert "zenlab metadata upgrade" in said(capsys, "status")
    assert run_command(["status"]) == 1
    assert "zenlab metadata upgrade" in capsys.readouterr().err
    assert said(capsys, "upgrade") == f"The tables were at revision 0001, and are at {HEAD} now.\n"
    assert run_command(["status"]) == 0


def test_a_newer_store_is_left_alone(shared, capsys):
    said(capsys, "upgrade")
    set_revision(shared, "9999")
    assert "a newer one has used them" in said(capsys, "status")
    assert "pip install --upgrade zenlab" in said(capsys, "upgrade", code=1)
    assert shared.metadata.revision() == "9999"


def test_the_embedded_store_on_a_network_file_system(repository, capsys, monkeypatch):
    monkeypatch.setattr(filesystems, "network_kind", lambda _folder: "nfs4")
    assert "network file system (nfs4)" in said(capsys, "status")
    assert run_command(["doctor"]) in {0, 1}
    assert "network file system (nfs4)" in capsys.readouterr().out
    repository.metadata.dispose()


def test_in_a_notebook(shell, repository):
    done = cell(shell, "%zen metadata status")
    assert done.error is None
    assert "no tables yet" in done.stdout
    repository.metadata.dispose()
