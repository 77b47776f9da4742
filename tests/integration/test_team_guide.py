"""docs/team.md, as a stranger follows it: its SQL on a server, its commands in a repository."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path

import pytest
import sqlalchemy

from tests.conformance.metadata_records import ALICE, MINUTE, PROJECT, execution, run_record
from zenlab.cli import main
from zenlab.core.errors import StoreError
from zenlab.metadata import ClaimWon, MetadataStore
from zenlab.repo import Repository

GUIDE = (Path(__file__).parents[2] / "docs" / "team.md").read_text(encoding="utf-8")
FENCE = re.compile(r"(?:<!-- test: ([^>]+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


def blocks(mark: str | None, language: str) -> list[str]:
    """The fenced blocks with a mark; None: of any."""
    found = [
        text
        for marked, kind, text in FENCE.findall(GUIDE)
        if kind == language and mark in (None, marked)
    ]
    assert found
    return found


def zenlab_lines(text: str) -> list[list[str]]:
    """The zenlab commands of a block of shell, in words."""
    lines = [line.split("&&")[0].strip() for line in text.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("zenlab ")]


def member(url: str, name: str) -> str:
    """The URL of a database for a member of the team."""
    changed = sqlalchemy.make_url(url).set(username=name, password="pw")
    return changed.render_as_string(hide_password=False)


def test_rights_as_the_guide_gives_them_are_enough_and_no_more(postgres):
    url = postgres.create_database()
    database = url.rpartition("/")[2]
    for name in ("ada@example.org", "bob@example.org"):
        postgres.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'pw'", database=None)
    for statement in blocks("as the administrator", "sql")[0].split(";"):
        if statement.strip():
            postgres.execute(statement, database=database)
    bobs = MetadataStore(member(url, "bob@example.org"), patience_s=1)
    with pytest.raises(StoreError, match="does not let this user"):
        bobs.runs(PROJECT)  # who comes first and may not make the tables
    adas = MetadataStore(member(url, "ada@example.org"))
    assert adas.upgrade()[0] is None
    assert bobs.claim("work", ALICE, MINUTE) == ClaimWon(1)
    bobs.finish("work", ALICE.owner, 1, execution(), [], {}, [], ["cache"])
    bobs.record_run(run_record())
    assert len(adas.runs(PROJECT)) == 1
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="must be owner"):
        bobs._session().control("DROP TABLE run")
    for store in (adas, bobs):
        store.dispose()


@pytest.mark.parametrize("number", [0, 1])
def test_the_commands_configure_a_repository(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZENLAB_DB_USER", "ada@example.org")
    monkeypatch.setenv("ZENLAB_DB_PASSWORD", "planted-secret")
    commands = zenlab_lines(blocks("in the repository", "bash")[number])
    assert [words[0] for words in commands] == ["init", "config", "config", "config"]
    assert [run(words) for words in commands] == [0] * 4
    config = Repository(tmp_path).config
    written = (tmp_path / "zenlab.yaml").read_text()
    assert "planted-secret" not in written + capsys.readouterr().out
    assert "${ZENLAB_DB_" in written
    assert "example.org" not in written.replace("db.example.org", "")
    filled = config.metadata_url(tmp_path)
    assert ("ada%40example.org@PROJECT" in filled) is (number == 0)
    assert ("planted-secret@db.example.org:5432/zenlab" in filled) is (number == 1)


def test_every_command_that_the_guide_names_exists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inline = re.findall(r"`(zenlab [a-z][^`]*)`", GUIDE)
    lines = [words for text in blocks(None, "bash") for words in zenlab_lines(text)]
    lines += [shlex.split(text)[1:] for text in inline]
    assert len(lines) > 15
    for words in lines:
        names = itertools.takewhile(re.compile("[a-z]+").fullmatch, words)
        assert run([*names, "--help"]) == 0, words


def run(words: list[str]) -> int:
    """Run a command in this process; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["zenlab", *words])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0)
    return 0
