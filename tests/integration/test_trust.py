"""`zenlab trust`: the command that a message names works as it stands there."""

from __future__ import annotations

import re
import shlex
import sqlite3

import pytest

from tests.integration.test_pipelines import SCRIPT, run_script
from zenlab.cli import run_command
from zenlab.core.errors import StepError
from zenlab.pipelines import notebook_source
from zenlab.repo import Repository
from zenlab.repo.trust import Trusted

ONE, TWO, THREE = "ab12cd" + "0" * 58, "ab12cd" + "1" * 58, "ffffff" + "0" * 58
SOURCES = {ONE: ("scale", "def scale(): ..."), TWO: ("shift", "def shift(): ..."), THREE: ("f", "")}


@pytest.fixture
def zenlab(capsys):
    def run(*args: str) -> tuple[int, str, str]:
        status = run_command(args)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def commands(text: str) -> list[list[str]]:
    """What stands behind `zenlab` in a message, to the end of the line."""
    return [shlex.split(line) for line in re.findall(r"\bzenlab (trust .*)", text)]


def test_the_commands_of_the_messages_work_when_pasted(repository, zenlab, monkeypatch):
    (repository.root / "data.csv").write_text("a\n" + "\n".join(map(str, range(100))))
    run_script(repository.root, SCRIPT)
    (repository.root / ".zenlab" / "trusted").unlink()
    (repository.root / "pipelines/d.steps.py").unlink()  # Git did not bring it
    monkeypatch.setattr(notebook_source, "_loaded", {})
    with pytest.raises(StepError) as caught:
        Repository().get_pipeline_by_name("D").run(force=["transform"])
    (command,) = commands(str(caught.value))
    status, out, err = zenlab(*command)
    assert status == 1
    assert 'return rows.assign(a=rows["a"] * FACTOR)' in out
    assert "has not been confirmed" in err
    (confirm,) = commands(err)
    status, out, _ = zenlab(*confirm)
    assert status == 0
    assert "may run here from now on" in out
    Repository().get_pipeline_by_name("D").run(force=["transform"])


def test_no_code_of_a_terminal_hides_what_is_confirmed(repository, zenlab):
    source = "import os\nos.remove('x')  # \x1b[1A\x1b[2K\x1b[8m\r\u202e\n\tpass\n"
    repository.metadata.put_code({THREE: ("f", source)})
    _, out, _ = zenlab("trust", THREE[:6])
    shown = "import os\nos.remove('x')  # \\x1b[1A\\x1b[2K\\x1b[8m\\r\\u202e\n    pass\n"
    assert out.startswith(shown)


def test_six_digits_are_enough_if_they_are_of_one_source(repository, zenlab):
    repository.metadata.put_code(SOURCES)
    status, _, err = zenlab("trust", THREE[:6].upper())
    assert status == 1
    assert commands(err) == [["trust", THREE, "--yes"]]
    assert zenlab("trust", THREE[:6], "--yes")[0] == 0
    assert Repository().trusted_code(THREE, "")
    assert not Repository().trusted_code(ONE, SOURCES[ONE][1])


def test_several_sources_are_listed_and_none_is_shown_or_trusted(repository, zenlab):
    repository.metadata.put_code(SOURCES)
    status, out, err = zenlab("trust", "ab12cd", "--yes")
    assert (status, out) == (1, "")
    assert f"{ONE}  scale" in err
    assert f"{TWO}  shift" in err
    assert THREE not in err
    assert not (repository.root / ".zenlab" / "trusted").exists()
    assert zenlab("trust", TWO[:7], "--yes")[0] == 0


@pytest.mark.parametrize("given", ["", "ab12c", "%", "______", "0" * 64, ONE + "0", "zzzzzz"])
def test_what_names_no_source_is_an_error(repository, zenlab, given):
    repository.metadata.put_code(SOURCES)
    status, out, err = zenlab("trust", "--yes", "--", given)
    assert (status, out) == (1, "")
    assert "too short" in err if len(given) < 6 else "no stored source" in err
    assert not (repository.root / ".zenlab" / "trusted").exists()


def test_listings_and_schemas_are_no_sources(repository, zenlab):
    near = THREE[:8] + "1" * 56
    texts = {near: ("schemas/flights.pbtxt", "def evil(): ...")}
    repository.metadata.put_code(SOURCES, listings=texts, schemas=texts)
    status, _, err = zenlab("trust", THREE[:6])
    assert commands(err) == [["trust", THREE, "--yes"]]
    for given in (near, near[:12], f"listing:{near[:12]}", f"schema:{near[:57]}"):
        status, out, err = zenlab("trust", given, "--yes")
        assert (status, out) == (1, "")
        assert "no stored source" in err


def test_what_a_store_gives_instead_of_a_confirmed_source_does_not_run(
    repository, zenlab, monkeypatch
):
    """To learn the fingerprint of a text it has to be executed: trust is in the text."""
    (repository.root / "data.csv").write_text("a\n" + "\n".join(map(str, range(100))))
    run_script(repository.root, SCRIPT)
    (repository.root / "pipelines/d.steps.py").unlink()
    monkeypatch.setattr(notebook_source, "_loaded", {})
    witness = repository.root / "witness"
    evil = f"import pathlib\npathlib.Path({str(witness)!r}).touch()\n"
    with sqlite3.connect(repository.root / ".zenlab" / "metadata.db") as database:
        database.execute("UPDATE code SET source = ? || source", (evil,))
    with pytest.raises(StepError, match="has not been confirmed"):
        Repository().get_pipeline_by_name("D").run(force=["transform"])
    assert not witness.exists()


def test_a_line_without_the_digest_of_a_source_covers_none(tmp_path):
    (tmp_path / "trusted").write_text(f"{ONE} scale\n{TWO}\n")
    trusted = Trusted(tmp_path / "trusted")
    assert not any(trusted.covers(mark, text) for mark, (_, text) in SOURCES.items())
    trusted.add(SOURCES)
    again = Trusted(tmp_path / "trusted")
    assert all(again.covers(mark, text) for mark, (_, text) in SOURCES.items())
    assert not again.covers(ONE, SOURCES[TWO][1])
