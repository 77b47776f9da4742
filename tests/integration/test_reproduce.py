"""`zenlab reproduce`: the same results from the commit and the data, and nothing else touched."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.integration.conftest import commit, git
from tests.integration.repositories import imported, state
from zenlab.cli import run_command
from zenlab.core.errors import CodeError, DoesNotExistException
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.repo.history import commit_of
from zenlab.repo.reproducing import other_path
from zenlab.repo.work_trees import detached_work_tree
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("no_worker")

CODE = """\
LIMIT = 1.0


def label(df):
    return df.assign(y=df.a + LIMIT > df.b)
"""


@pytest.fixture
def folder(repository, monkeypatch):
    """A repository with a module of its own, and a way to make a pipeline with its function."""
    monkeypatch.syspath_prepend(str(repository.root))
    (repository.root / "my_labels.py").write_text(CODE)
    return repository.root


def make(frame: pd.DataFrame, label, name: str = "Pipeline A") -> TrainingPipeline:
    pipeline = TrainingPipeline(name)
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(label)
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
    pipeline.add_evaluator(Evaluator(metrics=["roc_auc"]))
    return pipeline


@pytest.fixture
def numbers() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [float(i % 17) for i in range(200)], "b": [i % 5 for i in range(200)]}
    )


def stores(folder: Path) -> tuple[object, ...]:
    """All that the team shares: every row, every artifact."""
    with sqlite3.connect(folder / ".zenlab" / "metadata.db") as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        rows = {t: sorted(map(str, db.execute(f"SELECT * FROM {t}"))) for t in tables}
    artifacts = folder / ".zenlab" / "artifacts"
    return rows, sorted(str(p) for p in artifacts.rglob("*"))


def left_over() -> list[str]:
    return [p.name for p in Path(tempfile.gettempdir()).glob("zenlab-*")]


def test_it_is_reproduced_from_its_commit_while_the_user_edits(
    repository, folder, numbers, monkeypatch, capsys
):
    pipeline = make(numbers, imported("my_labels", monkeypatch).label)
    pipeline.add_transform(from_cell(folder.parent / "cell.py", monkeypatch))
    pipeline.run()
    made = commit(folder, "Pipeline A")
    assert "notebook:twice" in Path(repository.files.path("Pipeline A")).read_text()
    # Since then: other code, staged, edited and new files, another branch.
    git(folder, "checkout", "-qb", "other")
    (folder / "my_labels.py").write_text(CODE.replace("1.0", "2.0"))
    commit(folder, "other code")
    (folder / "my_labels.py").write_text("raise RuntimeError('not this one')\n")
    git(folder, "add", "-A")
    (folder / "my_labels.py").write_text("raise RuntimeError('nor this one')\n")
    (folder / "new file.py").write_text("")
    hook = folder / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch '{folder}/hook-ran'\n")
    hook.chmod(0o755)
    before, shared = state(folder), stores(folder)
    assert run_command(["reproduce", "Pipeline A"]) == 0
    out = capsys.readouterr().out
    assert f"commit {made[:12]} (the last that wrote pipeline-a.yaml)" in out
    assert "Pipeline A#1 was reproduced. Every result is equal to the recorded one." in out
    assert re.search(r"evaluator +roc_auc +[01]\.\d+ +[01]\.\d+ +equal", out)
    assert len(re.findall("executed", out)) >= 5
    assert state(folder) == before
    assert stores(folder) == shared
    assert left_over() == []
    # Code that came through the store runs only where somebody has read it.
    (folder / ".zenlab" / "trusted").unlink()
    for kept in (folder / "pipelines").glob("*.steps.py"):
        kept.unlink()  # Git did not bring it
    vars(repository).pop("trusted", None)
    assert run_command(["reproduce", "Pipeline A"]) == 1
    assert "zenlab trust" in capsys.readouterr().err


def from_cell(file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A function as a cell defines it: in no module."""
    import __main__

    file.write_text("def twice(df):\n    return df.assign(a=df.a * 2)\n")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(file.read_text(), str(file), "exec"), namespace)
    monkeypatch.setattr(__main__, "twice", namespace["twice"], raising=False)
    return namespace["twice"]  # type: ignore[no-any-return]


def test_code_of_another_commit_is_refused_and_a_result_that_differs_is_found(
    repository, folder, numbers, monkeypatch, capsys
):
    make(numbers, imported("my_labels", monkeypatch).label).run()
    first = commit(folder, "Pipeline A")
    (folder / "my_labels.py").write_text(CODE.replace("1.0", "2.0"))
    commit(folder, "other code")
    assert run_command(["reproduce", "Pipeline A", "--commit", "HEAD"]) == 1
    told = capsys.readouterr().err
    assert "The code of 'my_labels.label' is not the recorded one" in told
    assert "To take another commit: --commit REV." in told
    assert left_over() == []
    # What was recorded is falsified: as if another machine had computed something else.
    with sqlite3.connect(folder / ".zenlab" / "metadata.db") as db:
        db.execute("UPDATE metric SET value = value - 0.001 WHERE name = 'roc_auc'")
    assert run_command(["reproduce", "Pipeline A", "--commit", first[:8]]) == 1
    told = capsys.readouterr()
    assert "It differs first in the metric 'roc_auc' of evaluator: 0.9" in told.err
    assert re.search(r"roc_auc.*different", told.out)


def test_what_there_is_to_say_beforehand(repository, folder, numbers, monkeypatch, capsys):
    label = imported("my_labels", monkeypatch).label
    make(numbers, label).run()
    assert run_command(["reproduce", "Pipeline A"]) == 1
    assert "No commit of this branch has written pipeline 'Pipeline A'" in capsys.readouterr().err
    commit(folder)
    assert run_command(["reproduce", "Pipline A"]) == 1
    assert "Did you mean 'Pipeline A'?" in capsys.readouterr().err
    assert run_command(["reproduce", "Pipeline A", "--commit", "mian"]) == 1
    assert "Did you mean 'main'?" in capsys.readouterr().err
    clone = folder.parent / "clone"
    subprocess.run(["git", "clone", "-q", folder, clone], check=True)
    monkeypatch.chdir(clone)
    assert run_command(["reproduce", "Pipeline A"]) == 1
    assert "has no successful run to compare with" in capsys.readouterr().err


def test_which_commit_a_pipeline_belongs_to(repository, declare):
    from dataclasses import replace

    root = repository.root
    declare(C=1.0).run()
    first = commit(root, "first")
    old = repository.specification("Pipeline A")
    git(root, "checkout", "-qb", "side")
    (root / "a.txt").write_text("")
    commit(root)
    git(root, "checkout", "-q", "main")
    (root / "b.txt").write_text("")
    commit(root)
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert commit_of(old, repository)[0] == first
    git(root, "rm", "-q", "pipelines/pipeline-a.yaml")
    commit(root)
    declare(C=2.0).run()
    second = commit(root)
    assert commit_of(repository.specification("Pipeline A"), repository)[0] == second
    # An earlier revision belongs to the commit that had it.
    assert commit_of(old, repository)[0] == first
    assert commit_of(old, repository, "HEAD~1")[1] == "as asked"
    pinned = {
        slot: replace(step, pin=first, code="ab") if slot == "trainer" else step
        for slot, step in old.steps.items()
    }
    found = commit_of(replace(old, steps=pinned), repository)
    assert found == (first, "to which its steps are pinned")
    lost = {**pinned, "trainer": replace(pinned["trainer"], pin="0" * 40)}
    with pytest.raises(DoesNotExistException):
        commit_of(replace(old, steps=lost), repository)
    # Such as of a pull request that was fetched: it would be checked out, and its code run.
    git(root, "checkout", "-q", "--detach")
    strange = commit(root, "strange")
    git(root, "checkout", "-q", "main")
    foreign = {**pinned, "trainer": replace(pinned["trainer"], pin=strange)}
    with pytest.raises(CodeError, match="in no branch and no tag"):
        commit_of(replace(old, steps=foreign), repository)
    assert commit_of(replace(old, steps=foreign), repository, strange) == (strange, "as asked")


def test_a_work_tree_leaves_no_trace(repository, tmp_path):
    root = repository.root
    sub = tmp_path / "sub project"
    sub.mkdir()
    git(sub, "init", "-q")
    (sub / "inner.py").write_text("X = 1\n")
    commit(sub)
    # Names of files and folders are bytes.
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.csv")).write_text("x")
    url = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(sub), "libs/sub")
    git(root, *url)
    done = commit(root)
    other = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    git(root, "worktree", "add", "-q", "--detach", str(other))
    before = state(root)
    place = tmp_path / "a tree"

    def interrupted() -> None:
        with detached_work_tree(root, done, place) as tree:
            assert (tree / "zenlab.yaml").exists()
            assert (tree / "libs" / "sub" / "inner.py").read_text() == "X = 1\n"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not place.exists()
    assert state(root) == before
    assert len(list((root / ".git" / "worktrees").glob("*"))) == 1


def test_the_import_path_of_another_work_tree(tmp_path):
    root, tree = tmp_path / "root", tmp_path / "tree"
    for folder in ("src", "notebooks", "untracked", ".venv/lib/site-packages"):
        (root / folder).mkdir(parents=True)
    for folder in ("src", "notebooks"):
        (tree / folder).mkdir(parents=True)
    here = [root, root / "src", root / "notebooks", root / "untracked", tmp_path / "elsewhere"]
    here += [root / ".venv" / "lib" / "site-packages", root.with_name("rootling")]
    found = other_path([str(p) for p in here], root, tree, tree)
    assert found == [
        str(tree),
        str(tree / "src"),
        str(tree / "notebooks"),
        str(tmp_path / "elsewhere"),
        str(root / ".venv" / "lib" / "site-packages"),
        str(tmp_path / "rootling"),
    ]


SLOW = """\
import os
import pathlib
import time


def label(df):
    if "WAITS" in os.environ:
        pathlib.Path(os.environ["WAITS"]).touch()
        time.sleep(60)
    return df.assign(y=df.a > df.b)
"""


def test_it_cleans_up_when_it_is_stopped(repository, folder, numbers, monkeypatch):
    (folder / "my_labels.py").write_text(SLOW)
    make(numbers, imported("my_labels", monkeypatch).label).run()
    commit(folder)
    before = state(folder)
    waits = folder.parent / "waits"
    paths = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-c", "from zenlab.cli import main; main()", "reproduce", "Pipeline A"],
        cwd=folder,
        env=dict(os.environ, PYTHONPATH=paths, WAITS=str(waits)),
        start_new_session=True,
    )
    while not waits.exists():
        assert process.poll() is None
        time.sleep(0.05)
    assert left_over() != []
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert left_over() == []
    assert state(folder) == before
