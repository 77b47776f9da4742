"""Code of the repository that is pinned to a commit, and loaded from there."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.integration.conftest import commit, git
from tests.integration.scripts import python
from zenlab.cli import run_command
from zenlab.core.errors import CodeError
from zenlab.engine.fingerprint import fingerprint
from zenlab.pipelines.document import load
from zenlab.repo import Repository

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "settings.py": "LIMIT = 0.5\nNAMES = ['x']\n",
    "features/__init__.py": "",
    "features/words.txt": "x\n",
    "features/text.py": """
        from pathlib import Path

        from settings import LIMIT

        from .deep import shift
        from .deep.numbers import FACTOR

        WORDS = (Path(__file__).parent / "words.txt").read_text().split()


        def label(frame):
            import settings

            high = frame.a.fillna(0) * FACTOR > LIMIT
            return frame.assign(y=high | frame.b.isin(WORDS) | frame.b.isin(settings.NAMES),
                                c=shift(frame.a))
        """,
    "features/deep/__init__.py": "from .numbers import shift\n",
    "features/deep/numbers.py": """
        FACTOR = 1.0


        def shift(column):
            return column.fillna(0) + 1
        """,
    "trainers/my.py": """
        from dataclasses import dataclass

        from sklearn.base import BaseEstimator, ClassifierMixin
        from sklearn.linear_model import LogisticRegression

        from zenlab.steps.trainer import BaseTrainerStep


        class Doubting(ClassifierMixin, BaseEstimator):
            def __init__(self, doubt=0.1):
                self.doubt = doubt

            def fit(self, X, y):
                self.inner_ = LogisticRegression(solver="newton-cholesky").fit(X, y)
                self.classes_ = self.inner_.classes_
                return self

            def predict_proba(self, X):
                found = self.inner_.predict_proba(X)
                return found * (1 - self.doubt) + self.doubt / 2

            def predict(self, X):
                return self.classes_[self.predict_proba(X).argmax(axis=1)]


        @dataclass
        class Choice:
            doubt: float = 0.1


        class MyTrainer(BaseTrainerStep):
            def __init__(self, features, label, doubt=Choice().doubt):
                super().__init__(features=features, label=label, doubt=doubt)
                self.features, self.label, self.doubt = features, label, doubt

            def fit(self, train, eval=None):
                rows = train.to_pandas()
                model = Doubting(self.doubt)
                return model.fit(rows[self.features].fillna(0), rows[self.label])
        """,
}

SHIFTED = {
    "features/deep/numbers.py": "FACTOR = 5.0\n\n\ndef shift(column):\n    return column * 0 + 2\n"
}

DECLARE = """
    import json, sys
    import pandas as pd, numpy as np
    import zenlab
    from zenlab.datasources import CSVDatasource
    from zenlab.pipelines import TrainingPipeline
    from zenlab.steps.evaluator import Evaluator
    from zenlab.steps.split import RandomSplit
    from features.text import label
    from trainers.my import MyTrainer

    pipeline = TrainingPipeline(name="Pipeline A")
    pipeline.add_datasource(CSVDatasource(name="toy", path="toy.csv"))
    pipeline.add_transform(label)
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.add_trainer(MyTrainer(features=["a", "c"], label="y"))
    pipeline.run()
    """

OPEN = """
    import json, sys
    from zenlab.repo import Repository
    before = set(sys.modules), list(sys.path)
    pipeline = Repository().get_pipeline_by_name("Pipeline A")
    pipeline.run(force=["transform", "trainer"])
    rows = pipeline.outputs("transform")["data"].to_pandas()
    model = pipeline.model()
    trained = pipeline.last.result.steps["trainer"]
    print(json.dumps({
        "rows": rows.y.sum().item(), "c": rows.c.sum().item(), "doubt": model.doubt,
        "type": type(model).__module__, "path": before[1] == sys.path,
        "own": sorted({m.partition(".")[0] for m in set(sys.modules) - before[0]}
                      & {"features", "trainers", "settings"}),
        "digest": pipeline.outputs("transform")["data"].digest,
        "model": next(a.content_digest for a in trained.execution.artifacts if a.name == "model"),
    }))
    """


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"))


@pytest.fixture
def project(repository: Repository, frame) -> Path:
    folder = repository.root
    frame[["a", "b"]].to_csv(folder / "toy.csv", index=False)
    write(folder, FILES)
    return folder


def steps(folder: Path, name: str = "pipeline-a") -> dict:
    return load((folder / f"pipelines/{name}.yaml").read_text())["steps"]


def test_an_old_version_runs_beside_the_new_one(project):
    sha = commit(project)
    python(project, DECLARE)
    found = steps(project)
    assert found["transform"]["source"] == f"features.text.label@{sha}"
    assert found["trainer"]["source"] == f"trainers.my.MyTrainer@{sha}"
    commit(project, "Pipeline A")
    then = json.loads(python(project, OPEN))
    assert then["own"] == ["features", "settings", "trainers"] or then["own"] == []

    # Everything that the steps reach is another one now: values, functions, classes, data files.
    write(
        project,
        {
            "settings.py": "LIMIT = 3.0\nNAMES = []\n",
            "features/words.txt": "y\n",
            **SHIFTED,
            "features/text.py": "raise RuntimeError('not to be imported')\n",
        },
    )
    (project / "trainers/my.py").unlink()
    commit(project, "All new")
    status = git(project, "status", "--porcelain", "--ignored")
    now = json.loads(python(project, OPEN))
    assert now["own"] == []
    assert now["path"]
    assert now["type"] == f"zenlab_at_{sha}.trainers.my"
    assert {**now, "type": ""} == {**then, "type": "", "own": []}
    assert git(project, "status", "--porcelain", "--ignored") == status


def test_a_file_that_is_not_committed_is_named(project):
    (project / ".gitignore").write_text(".zenlab/\n")
    commit(project)
    (project / "settings.py").write_text("LIMIT = 0.7\nNAMES = ['x']\n")
    script = DECLARE + "\n    print([f['message'] for f in pipeline.last.record.findings])\n"
    said = python(project, script)
    assert "settings.py has changes that are not committed" in said
    found = steps(project)
    assert found["transform"]["source"] == "features.text.label"
    assert "@" in found["trainer"]["source"]  # reaches nothing of it

    # Staged is not committed; what is committed is seen by the next run, and the draft is pinned.
    git(project, "add", "settings.py")
    assert "not committed" in python(project, script)
    git(project, "commit", "-q", "-m", "Settings", "settings.py")
    assert "not committed" not in python(project, script)
    sha = git(project, "rev-parse", "HEAD").strip()
    assert steps(project)["transform"]["source"] == f"features.text.label@{sha}"


def test_without_a_pin_the_commit_of_the_pipelines_file_has_the_code(project):
    python(project, DECLARE)  # nothing is committed yet
    assert steps(project)["trainer"]["source"] == "trainers.my.MyTrainer"
    then = json.loads(python(project, OPEN))
    sha = commit(project, "Code and pipeline in one commit")
    for text in ("FACTOR = 5.0\n\n\ndef shift(column):\n    return 2\n", "raise RuntimeError\n"):
        write(project, {"features/deep/numbers.py": text})
        commit(project, "Another shift, or none")
        now = json.loads(python(project, OPEN))
        assert now["digest"] == then["digest"]
    assert (project / ".zenlab/code" / sha).is_dir()


def test_a_commit_that_is_not_here(project):
    sha = commit(project)
    python(project, DECLARE)
    code = project / "features/deep/numbers.py"
    before = code.read_text()
    write(project, SHIFTED)
    commit(project, "Pipeline A, and other code")
    clone = project.parent / "a shallow clone"
    git(project.parent, "clone", "-q", "--depth", "1", f"file://{project}", str(clone))
    failed = python(clone, OPEN, code=1)
    assert f"Commit {sha[:12]} is not in this clone" in failed
    assert "git fetch --unshallow" in failed

    # Where the work tree has the same code, it is used, and said.
    (clone / "features/deep/numbers.py").write_text(before)
    said = python(
        clone, OPEN + "\n    print([f['message'] for f in pipeline.last.record.findings])"
    )
    assert f"commit {sha[:12]}, which label is pinned to, is not in this clone" in said
    git(clone, "checkout", "-q", ".")
    git(clone, "fetch", "-q", "--unshallow")
    assert json.loads(python(clone, OPEN))["type"] == f"zenlab_at_{sha}.trainers.my"


def test_code_that_nobody_has_taken_over_is_not_run(project):
    """Git's objects may be anybody's: `git fetch origin pull/5/head` brings a stranger's."""
    commit(project)
    python(project, DECLARE)
    git(project, "checkout", "-q", "--detach")
    write(project, {"trainers/my.py": "import os\nos.makedirs('hacked')\n"})
    git(project, "commit", "-q", "-am", "Strange")
    strange = git(project, "rev-parse", "HEAD").strip()
    git(project, "checkout", "-q", "main")
    file = project / "pipelines/pipeline-a.yaml"
    file.write_text(file.read_text().replace(git(project, "rev-parse", "main").strip(), strange))
    write(project, {"trainers/my.py": "pass\n"})
    commit(project, "A pin to the strange commit, which has the digest of the file as it was")
    failed = python(project, OPEN, code=1)
    assert "is in no branch and no tag" in failed
    assert f"git tag trusted-{strange[:7]}" in failed
    assert not (project / "hacked").exists()


def test_rebased_away_but_tagged(project):
    sha = commit(project)
    python(project, DECLARE)
    git(project, "tag", "kept")
    git(project, "commit", "-q", "--amend", "-m", "Another history", "--allow-empty")
    commit(project, "Pipeline A")
    assert steps(project)["trainer"]["source"].endswith(sha)
    write(project, {"trainers/my.py": "pass\n"})
    assert json.loads(python(project, OPEN))["type"] == f"zenlab_at_{sha}.trainers.my"


def test_crlf_worktrees_and_other_roots(project):
    """A work tree of Git's own, whose files have other line ends, and code below `src/`."""
    git(project, "config", "core.autocrlf", "true")
    write(
        project,
        {"src/helpers/more.py": "def more(frame):\n    return frame.assign(y=frame.a > 0)\n"},
    )
    sha = commit(project)
    tree = project.parent / "a work tree"
    git(project, "worktree", "add", "-q", "-b", "other", str(tree))
    assert b"\r\n" in (tree / "src/helpers/more.py").read_bytes()
    script = DECLARE.replace(
        "from features.text import label",
        "sys.path.insert(0, 'src')\n    from helpers.more import more as label",
    )
    python(tree, script.replace('"a", "c"', '"a"'))
    assert steps(tree)["transform"]["source"] == f"helpers.more.more@{sha}"
    commit(tree, "Pipeline A")
    write(tree, {"src/helpers/more.py": "pass\n"})
    opened = OPEN.replace("rows.c.sum().item()", "0")
    assert json.loads(python(tree, opened))["rows"] > 0


def test_a_submodule_has_no_pin(project, tmp_path):
    other = tmp_path / "lib"
    write(other, {"shared.py": "def label(frame):\n    return frame.assign(y=frame.a > 0, c=1)\n"})
    git(other, "init", "-q")
    commit(other)
    git(
        project,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(other),
        "lib",
    )
    commit(project)
    script = DECLARE.replace("features.text", "lib.shared")
    said = python(
        project, script + "\n    print([f['message'] for f in pipeline.last.record.findings])\n"
    )
    assert "lib/shared.py lies in the submodule lib" in said
    assert steps(project)["transform"]["source"] == "lib.shared.label"


def test_two_versions_live_side_by_side(project, monkeypatch):
    first = commit(project)
    write(
        project,
        {"features/deep/numbers.py": "FACTOR = 2.0\n\n\ndef shift(column):\n    return 7\n"},
    )
    second = commit(project)
    repository = Repository(project)
    one = repository.pinned_code("features.text.label", first)
    two = repository.pinned_code("features.text.label", second)
    assert one.__globals__["FACTOR"] == 1.0
    assert two.__globals__["FACTOR"] == 2.0
    assert "features" not in sys.modules
    # What is kept is for reading: damaged, it is written again and not believed.
    kept = project / ".zenlab/code" / first / "features/deep/numbers.py"
    kept.write_text("FACTOR = 0\n")
    for name in [m for m in sys.modules if m.startswith(f"zenlab_at_{first}")]:
        monkeypatch.delitem(sys.modules, name)
    assert repository.pinned_code("features.text.label", first).__globals__["FACTOR"] == 1.0
    assert kept.read_text().startswith("FACTOR = 1.0")


def test_a_module_of_the_work_tree_does_not_stand_for_one_of_the_commit(project, monkeypatch):
    """Where the commit's cannot be imported yet, it may be by the time that the step runs."""
    write(project, {"lazy.py": "def limit():\n    import settings\n    return settings.LIMIT\n"})
    late = "import os\nif 'READY' not in os.environ:\n    raise OSError\nLIMIT = 2.0\n"
    write(project, {"settings.py": late})
    then = commit(project)
    write(project, {"settings.py": "LIMIT = 0.5\n"})
    for name in ("lazy", "settings"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(project))
    here = importlib.import_module("lazy").limit
    assert here() == 0.5
    pinned = Repository(project).pinned_code("lazy.limit", then)
    assert (
        fingerprint(pinned, repo_root=project).digest != fingerprint(here, repo_root=project).digest
    )
    monkeypatch.setenv("READY", "1")
    assert pinned() == 2.0


def test_a_link_is_no_code(project):
    """What Git has of it is the path that it leads to."""
    (project / "linked.py").symlink_to("settings.py")
    sha = commit(project)
    with pytest.raises(CodeError, match=r"has no 'linked\.LIMIT'"):
        Repository(project).pinned_code("linked.LIMIT", sha)


def test_a_pin_to_something_else_than_a_commit(project):
    commit(project)
    blob = git(project, "rev-parse", "HEAD:settings.py").strip()
    with pytest.raises(CodeError, match="is not in this clone"):
        Repository(project).pinned_code("settings.LIMIT", blob)


def test_a_repository_of_another_user(project, capsys):
    """Git refuses it, as the folder of a stranger; everything that needs no Git goes on."""
    commit(project)
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*sudo, "chown", "-R", "12345", str(project / ".git"), str(project)], check=True)
    try:
        said = python(project, DECLARE + "\n    print(pipeline.last.record.findings)")
        assert "not pinned to a commit, since settings.py is not committed" not in said
        assert "Git refuses this repository" in said
        assert steps(project)["trainer"]["source"] == "trainers.my.MyTrainer"
        for words in (["diff"], ["reproduce", "Pipeline A"]):
            assert run_command(words) == 1
            told = capsys.readouterr().err
            assert "Git refuses this repository" in told
            assert "Traceback" not in told
        assert run_command(["status"]) == 0
    finally:
        subprocess.run([*sudo, "chown", "-R", str(os.geteuid()), str(project)], check=True)
