"""A repository of the test's own, and a pipeline on a small frame."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.integration.leaves import slow  # noqa: F401 - a fixture
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository in a Git work tree; the working folder is in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init")
    monkeypatch.chdir(folder)
    return Repository.init_repo(folder)


def git(folder: Path, *args: str) -> str:
    """Run Git in a folder; its output."""
    done = subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def commit(folder: Path, message: str = "work") -> str:
    """Commit all that is there, even if nothing has changed; the sha."""
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message, "--allow-empty")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TFDV is not installed: statistics, which take ten seconds, are left out."""
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))


def copy_of_notebooks(folder: Path, *more: str) -> None:
    """Copy what a clone of the present state of this repository has below `notebooks/`.

    Args:
        folder: where to.
        *more: other files of the repository.
    """
    known = ["--cached", "--others", "--exclude-standard"]
    listed = git(ROOT, "ls-files", "-z", *known, "notebooks", *more)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell with the extension loaded, and an empty namespace."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "zenlab")
    yield shell
    shell.run_line_magic("unload_ext", "zenlab")
    InteractiveShell.clear_instance()


def cell(shell: InteractiveShell, source: str) -> Any:
    """Run a cell; what it printed and displayed, and its error."""
    with capture_output() as captured:
        captured.error = shell.run_cell(source, store_history=True).error_in_exec
    return captured


@pytest.fixture
def frame() -> pd.DataFrame:
    """600 rows: two features, a label that follows from them, some values missing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=600), "b": rng.choice(list("xyz"), 600)})
    frame["y"] = (frame.a + (frame.b == "x") + rng.normal(size=600)) > 0
    frame.loc[::50, "a"] = None
    return frame


@pytest.fixture
def declare(frame: pd.DataFrame) -> Any:
    """A function that declares a pipeline, anew at each call."""
    source = PandasDatasource("toy", frame)

    def make(name: str = "Pipeline A", **trainer: Any) -> TrainingPipeline:
        pipeline = TrainingPipeline(name=name)
        pipeline.add_datasource(source)
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
        pipeline.add_trainer(SklearnTrainer("LogisticRegression", **trainer))
        pipeline.add_evaluator(Evaluator(metrics=["roc_auc"], slices=[["b"]]))
        return pipeline

    return make


@pytest.fixture
def branch(repository: Repository, declare: Any) -> Repository:
    """`main` with Pipeline A; `work` with a copy of it that has another trainer."""
    declare().run()
    commit(repository.root, "Pipeline A")
    git(repository.root, "checkout", "-qb", "work")
    copied = repository.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    copied.add_trainer(SklearnTrainer("DecisionTreeClassifier", max_depth=3))
    copied.run()
    commit(repository.root, "Pipeline B")
    return repository
