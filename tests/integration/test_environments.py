"""The environment in which steps were executed: recorded once, compared with the present one."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import replace

import pytest

from zenlab.cli import run_command
from zenlab.core.errors import StepError
from zenlab.engine import environment as module
from zenlab.engine.environment import (
    Environment,
    installed_packages,
    present_environment,
    read_environment,
)
from zenlab.pipelines.environments import environment_differences

pytestmark = pytest.mark.usefixtures("no_worker")


def said(capsys, *words: str) -> str:
    capsys.readouterr()
    assert run_command(["env", "diff", *words]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_packages_are_those_that_can_be_imported():
    found = installed_packages()
    expected: dict[str, str] = {}
    for dist in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", dist.metadata["Name"]).lower()
        expected.setdefault(name, dist.version)
    assert found == dict(sorted(expected.items()))
    assert installed_packages() is found


def test_a_package_that_is_installed_meanwhile_counts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "new-one" not in installed_packages()
    for folder in (
        "New_one-1.0.dist-info",
        "~ld-3.dist-info",
        "old-1-py3.11.egg-info",
        "x.dist-info",
    ):
        (tmp_path / folder).mkdir()
    found = installed_packages()
    assert (found["new-one"], found["old"]) == ("1.0", "1")
    assert not {"x", "~ld", "ld"} & found.keys()


def test_lock_files_count_by_their_content(tmp_path):
    (tmp_path / "requirements-dev.txt").write_bytes(b"pandas==2\r\n")
    (tmp_path / "uv.lock").write_text("a")
    (tmp_path / "setup.cfg").write_text("a")
    first = present_environment([tmp_path])
    assert sorted(first.locks) == ["requirements-dev.txt", "uv.lock"]
    (tmp_path / "requirements-dev.txt").write_bytes(b"pandas==2\n")
    (tmp_path / "setup.cfg").write_text("b")
    assert present_environment([tmp_path]).digest == first.digest
    (tmp_path / "uv.lock").write_text("bb")
    assert present_environment([tmp_path]).digest != first.digest
    assert present_environment([tmp_path / "none"]).locks == {}
    assert read_environment(first.text) == first


def test_a_later_zenlab_may_record_more():
    found = Environment("3.11.1", "CPython", "Linux", "x86_64")
    assert read_environment(found.text[:-1] + ',"more":1}') == found


def test_each_run_that_executes_records_it_and_a_cached_one_does_not(repository, declare):
    store = repository.metadata
    declare().run()
    (first,) = store.runs(repository.project)
    assert read_environment(store.environments([first.id])[first.id]).packages["pandas"]
    declare().run()
    before = store.statements
    declare().run()
    assert store.statements - before <= 4
    runs = [run.id for run in store.runs(repository.project)]
    assert list(store.environments(runs)) == [first.id]

    def fails(df):
        raise ValueError("no")

    pipeline = declare("Fails")
    pipeline.add_transform(fails)
    with pytest.raises(StepError):
        pipeline.run()
    assert len(store.environments([r.id for r in store.runs(repository.project)])) == 2


def test_what_differs_from_here(repository, declare, capsys, monkeypatch):
    (repository.root / "uv.lock").write_text("one")
    declare().run()
    out = said(capsys, "Pipeline A")
    assert out.startswith("Pipeline A#1: split, preprocesser, trainer, evaluator executed: nothing")
    here = present_environment([repository.root])
    there = replace(
        here,
        python="3.99.0",
        packages={**here.packages, "scikit-learn": "0.1.2", "click": "0.1", "gone": "1"},
        locks={"uv.lock": "f" * 64, "poetry.lock": "e" * 64},
    )
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(module, "present_environment", lambda folders: there)
        declare("Pipeline B", C=3.0).run()
    out = said(capsys, "Pipeline B")
    # Its first steps were executed here, by the run of the other pipeline.
    assert "Pipeline B#1: split, preprocesser executed, in Pipeline A#1: nothing differs" in out
    rows = [line.split() for line in out.partition("trainer, evaluator executed:")[2].splitlines()]
    names = [row[0] for row in rows if row]
    assert names[:2] == ["there", "Python"]
    assert ["Python", "3.99.0", here.python] in rows
    assert ["poetry.lock", "e" * 12, "-"] in rows
    assert any(row[:2] == ["uv.lock", "f" * 12] for row in rows)
    # What steps reach stands before what they do not.
    assert names.index("scikit-learn") < names.index("click") < names.index("gone")
    assert ["gone", "1", "-"] in rows
    assert any(row[:2] == ["scikit-learn", "0.1.2"] and "trainer," in row for row in rows)


def test_a_version_that_counts_is_marked(repository, declare, capsys, monkeypatch):
    declare().run()
    here = installed_packages()
    newer = {**here, "scikit-learn": "99.0.1"}
    monkeypatch.setattr(module, "installed_packages", lambda: newer)
    out = said(capsys, "Pipeline A")
    assert re.search(rf"scikit-learn +{re.escape(here['scikit-learn'])} +99\.0\.1 +! ", out)


def test_runs_from_before_tell_what_their_keys_have(repository, declare, capsys, monkeypatch):
    declare().run()
    monkeypatch.setattr(type(repository.metadata), "environments", lambda self, ids: {})
    assert "before environments were recorded" in said(capsys, "Pipeline A")
    monkeypatch.setattr(module, "installed_packages", lambda: {"pandas": "99.0"})
    _, (found,) = environment_differences("Pipeline A", repository)
    assert not found.known
    assert {p.name for p in found.packages} >= {"scikit-learn"}
    assert all(p.counts and p.slots for p in found.packages)


def test_names_are_suggested(repository, declare, capsys):
    declare().run()
    assert run_command(["env", "diff", "Pipline A"]) == 1
    assert "Did you mean 'Pipeline A'?" in capsys.readouterr().err
