"""`zenlab diff`: what a branch changes, from real Git repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.conftest import cell, commit, git
from tests.integration.repositories import imported, state
from zenlab.cli import run_command
from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.datasources import CSVDatasource, PandasDatasource
from zenlab.pipelines import DataPipeline
from zenlab.repo import Repository
from zenlab.repo.revisions import two_sides

pytestmark = pytest.mark.usefixtures("no_worker")


def said(capsys, *words: str) -> str:
    assert run_command(["diff", *words]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_a_copy_is_told_by_what_is_another_one_in_it(branch, capsys):
    before = state(branch.root)
    out = said(capsys, "main..HEAD")
    head = next(line for line in out.splitlines() if line.startswith("Pipeline B"))
    assert (
        "Pipeline B = copy of Pipeline A with another trainer (DecisionTreeClassifier); roc_auc 0."
        in head
    )
    assert " -> 0." in head
    assert head.endswith("; 2 of 4 steps from the cache:")
    assert "trainer.estimator" in out
    assert "1 added (1 unchanged)" in out
    assert said(capsys, "main", "work").splitlines()[2:] == out.splitlines()[2:]
    assert state(branch.root) == before


def test_what_is_not_committed_is_compared_by_default(branch, capsys):
    assert "no pipeline differs (2 unchanged)" in said(capsys)
    file = Path(branch.files.path("Pipeline B"))
    text = file.read_text()
    file.unlink()
    git(branch.root, "rm", "-q", "--cached", "pipelines/pipeline-b.yaml")
    (branch.root / "pipelines" / "broken.yaml").write_text("name: [")
    before = state(branch.root)
    out = said(capsys)
    assert "Pipeline B is removed" in out
    assert "broken.yaml of the work tree cannot be read" in out
    assert "HEAD (" in out.splitlines()[0]
    assert state(branch.root) == before
    # Git may have written other line ends, which are no other content.
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert "no pipeline differs" in said(capsys)


def test_without_a_run_in_the_store_it_says_so(branch, tmp_path, monkeypatch, capsys):
    clone = tmp_path / "my clone"
    subprocess.run(["git", "clone", "-q", branch.root, clone], check=True)
    git(clone, "checkout", "-q", "--detach", "HEAD")
    monkeypatch.chdir(clone)
    out = said(capsys, "origin/main..")
    assert "Pipeline B = copy of Pipeline A with another trainer (DecisionTreeClassifier):" in out
    assert "this store knows no successful run of 'Pipeline A' nor of 'Pipeline B'" in out
    # `main` is there under the name of its remote alone.
    assert run_command(["diff", "main..HEAD"]) == 1
    assert "Did you mean 'origin/main'?" in capsys.readouterr().err


def test_a_rename_is_no_other_pipeline(branch, declare, capsys):
    git(branch.root, "rm", "-q", "pipelines/pipeline-a.yaml")
    declare("Renamed").run()
    commit(branch.root)
    out = said(capsys, "main..HEAD")
    assert "Renamed is Pipeline A under a new name" in out
    assert "1 added, 1 renamed" in out
    # The copy's origin is still known at the other side.
    assert "Pipeline B = copy of Pipeline A" in out


def test_three_dots_leave_out_what_others_did_since(branch, declare, capsys):
    git(branch.root, "checkout", "-q", "main")
    declare("Theirs").run()
    commit(branch.root, "theirs")
    assert "Theirs is removed" in said(capsys, "main..work")
    out = said(capsys, "main...work")
    assert "Theirs" not in out
    assert "where they parted" in out.splitlines()[0]
    git(branch.root, "checkout", "-q", "work")
    git(branch.root, "rebase", "-q", "main")
    out = said(capsys, "main...work")
    assert out.splitlines()[0].startswith("main (")
    assert "1 added (2 unchanged)" in out
    git(branch.root, "checkout", "-q", "main")
    git(branch.root, "merge", "-q", "--no-ff", "-m", "merge", "work")
    assert "Pipeline B = copy" in said(capsys, "HEAD^..HEAD")


def test_schema_data_and_code(repository, tmp_path, monkeypatch, capsys):
    (repository.root / "schemas").mkdir()
    monkeypatch.syspath_prepend(str(repository.root))

    def write(rows: int, limit: int, kind: str) -> None:
        lines = [f"{i},{i % 3}" for i in range(rows)]
        (repository.root / "rows.csv").write_text("\n".join(["a,b", *lines]) + "\n")
        (repository.root / "late_code.py").write_text(
            f"LIMIT = {limit}\n\n\ndef late(df):\n    # keep\n    return df[df.a > {limit}]\n"
        )
        (repository.root / "schemas" / "rows.pbtxt").write_text(
            f'feature {{ name: "a" type: {kind} presence {{ min_fraction: 1.0 }} }}\n'
            + ('feature { name: "c" type: BYTES }\n' if kind == "FLOAT" else "")
        )
        pipeline = DataPipeline("Rows")
        pipeline.add_datasource(CSVDatasource("rows", "rows.csv"))
        pipeline.add_transform(imported("late_code", monkeypatch).late)
        pipeline.run(latest=True)

    write(10, 2, "INT")
    commit(repository.root)
    git(repository.root, "tag", "before")
    # A committed pipeline is frozen: another one of its name needs a branch without it.
    git(repository.root, "rm", "-q", "pipelines/rows.yaml")
    commit(repository.root)
    write(20, 5, "FLOAT")
    out = said(capsys, "before")
    assert "Rows with other data, other code of transform" in out
    assert "(10 rows) -> commit" in out
    assert "(20 rows)" in out
    assert "-    return df[df.a > 2]" in out
    assert "+    return df[df.a > 5]" in out
    assert "schemas/rows.pbtxt" in out
    assert "a: type: INT -> type: FLOAT" in out
    assert "+ c (BYTES)" in out
    # Without the store's listings, the modules say it as Git has them.
    empty = tmp_path / "other"
    commit(repository.root)
    subprocess.run(["git", "clone", "-q", repository.root, empty], check=True)
    monkeypatch.chdir(empty)
    out = said(capsys, "before", "HEAD")
    assert "transform: late (late_code.py)" in out
    assert "+    return df[df.a > 5]" in out
    assert "(not in this store)" in out


def test_code_that_was_edited_and_not_run_again_is_told(repository, monkeypatch, capsys):
    (repository.root / "quiet_code.py").write_text("def keep(df):\n    return df\n")
    monkeypatch.syspath_prepend(str(repository.root))
    pipeline = DataPipeline("Quiet")
    pipeline.add_datasource(PandasDatasource("toy", pd.DataFrame({"a": [1, 2]})))
    pipeline.add_transform(imported("quiet_code", monkeypatch).keep)
    pipeline.run()
    commit(repository.root)
    (repository.root / "quiet_code.py").write_text("def keep(df):\n    # all\n    return df\n")
    assert "was not run again" not in said(capsys)
    (repository.root / "quiet_code.py").write_text("def keep(df):\n    return df[:1]\n")
    assert "'Quiet' was not run again: keep of its transform differs in quiet_code.py" in said(
        capsys
    )


def test_revisions_that_do_not_exist(branch, capsys):
    for words, hint in (
        (["mian..HEAD"], "Did you mean 'main'?"),
        (["HEAD~9"], "its history is shorter"),
        (["work", "deadbeef"], "There are:"),
        (["HEAD^{blob}"], "no commit that is"),
    ):
        with pytest.raises(DoesNotExistException, match="Git knows no revision") as error:
            two_sides(words, branch.git)
        assert hint in str(error.value.hint)
    git(branch.root, "checkout", "-q", "--orphan", "other")
    git(branch.root, "commit", "-qm", "alone")
    with pytest.raises(ZenlabError, match="no commit in common"):
        two_sides(["main...other"], branch.git)


def test_a_shallow_clone_says_that_it_is_one(branch, tmp_path, monkeypatch, capsys):
    clone = tmp_path / "shallow"
    url = branch.root.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth", "1", url, clone], check=True)
    monkeypatch.chdir(clone)
    assert run_command(["diff", "HEAD~1"]) == 1
    assert "git fetch --unshallow" in capsys.readouterr().err


def test_before_the_first_commit_and_before_init(tmp_path, monkeypatch, declare, capsys):
    folder = tmp_path / "a new one"
    folder.mkdir()
    git(folder, "init", "-q")
    monkeypatch.chdir(folder)
    repository = Repository.init_repo(folder)
    assert run_command(["diff"]) == 1
    assert "nothing has been committed yet" in capsys.readouterr().err
    (folder / "zenlab.yaml").rename(folder / "kept")
    commit(folder, "before")
    (folder / "kept").rename(folder / "zenlab.yaml")
    declare().run()
    out = said(capsys)
    assert "has no zenlab.yaml: there were no pipelines yet" in out
    assert "Pipeline A is new; " not in out
    assert "Pipeline A is new" in out
    assert "trainer: SklearnTrainer" in out
    assert repository.root == folder


def test_worktrees_submodules_and_a_repository_in_a_folder(
    branch, tmp_path, monkeypatch, capsys, declare
):
    tree = tmp_path / "tree of work"
    git(branch.root, "worktree", "add", "-q", str(tree), "main")
    monkeypatch.chdir(tree)
    assert "Pipeline B = copy" in said(capsys, "main..work")
    # Pipelines in a submodule are another repository's.
    monkeypatch.chdir(branch.root)
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", branch.root, other], check=True)
    git(branch.root, "rm", "-rq", "pipelines")
    git(
        branch.root,
        *("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "pipelines"),
    )
    commit(branch.root)
    assert "2 removed" in said(capsys, "HEAD~1..HEAD")
    inner = tmp_path / "mono" / "team a"
    inner.mkdir(parents=True)
    git(inner.parent, "init", "-q")
    monkeypatch.chdir(inner)
    Repository.init_repo(inner)
    commit(inner.parent)
    declare().run()
    assert "Pipeline A is new" in said(capsys)


def test_markdown_for_a_pull_request(branch, declare, capsys):
    odd = declare("Odd @ada *b* #3 <img> |")
    odd.run()
    commit(branch.root)
    out = said(capsys, "main..HEAD", "--markdown")
    assert out.startswith("## main (")
    assert "### Pipeline B = copy of Pipeline A with another trainer (DecisionTree" in out
    assert "| metric | before | now | difference |" in out
    assert r"### Odd @<!-- -->ada \*b\* \#<!-- -->3 \<img> \| is new" in out
    assert "<img>" not in out.replace(r"\<img>", "")


def test_in_a_notebook_it_is_a_panel(branch, shell):
    done = cell(shell, "%zen diff main..HEAD")
    assert done.error is None
    (output,) = done.outputs
    assert set(output.data) == {"text/html", "text/plain"}
    assert "copy of Pipeline A" in output.data["text/html"]
    assert "<script" not in output.data["text/html"]


def test_few_statements_for_many_pipelines(branch, declare, capsys):
    for i in range(5):
        declare(f"More {i}", C=2.0 + i).run()
    said(capsys, "main")
    before = branch.metadata.statements
    said(capsys, "main")
    assert branch.metadata.statements - before <= 4
