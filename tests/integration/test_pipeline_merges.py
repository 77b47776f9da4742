"""Pipelines of two branches: real merges of Git, and what zenlab says of files it cannot use."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.integration.conftest import commit, git
from tests.unit.test_standing import spec
from zenlab.cli import run_command
from zenlab.core.errors import AlreadyExistsException, DoesNotExistException, ParameterError
from zenlab.pipelines.spec import StepSpec

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo import Repository

FILE = "pipelines/pipeline-a.yaml"


def save(repository: Repository, *specs: PipelineSpec, message: str = "m") -> None:
    for one in specs:
        repository.files.write(one)
    commit(repository.root, message)


def merge(folder: Path, branch: str) -> int:
    done = subprocess.run(["git", "merge", "-q", "--no-edit", branch], cwd=folder, check=False)
    return done.returncode


@pytest.fixture
def branches(repository):
    """Commits on two branches; ends on `main`."""

    def make(
        ours: list[PipelineSpec],
        theirs: list[PipelineSpec],
        base: tuple[PipelineSpec, ...] = (),
    ) -> Repository:
        save(repository, *base, message="base")
        git(repository.root, "checkout", "-qb", "other")
        save(repository, *theirs)
        git(repository.root, "checkout", "-q", "main")
        save(repository, *ours)
        return repository

    return make


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run_command(list(words))
    found = capsys.readouterr()
    return code, found.out + found.err


def with_split(one: PipelineSpec, share: float) -> PipelineSpec:
    split = StepSpec("zenlab.steps.split.RandomSplit", {"split_map": {"train": share}})
    return replace(one, steps={**one.steps, "split": split})


def test_pipelines_that_two_branches_added_merge_without_conflict(branches, capsys):
    repository = branches([spec("Mine")], [spec("Theirs", depth=3)])
    assert merge(repository.root, "other") == 0
    assert repository.get_pipeline_names() == ["Mine", "Theirs"]
    assert "!" not in said(capsys, "status")[1]


def test_the_same_pipeline_on_both_is_one(branches):
    repository = branches([spec(), spec("Mine")], [spec()])
    assert merge(repository.root, "other") == 0
    assert repository.get_pipeline_names() == ["Mine", "Pipeline A"]


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_the_same_name_on_both_is_told_with_both_contents(branches, capsys, style):
    repository = branches([spec(learning_rate=0.2)], [spec(learning_rate=0.3)])
    git(repository.root, "config", "merge.conflictStyle", style)
    assert merge(repository.root, "other") == 1
    with pytest.raises(AlreadyExistsException) as caught:
        repository.get_pipeline_by_name("Pipeline A")
    text = str(caught.value)
    assert "Two branches have a pipeline 'Pipeline A', and Git has not merged them" in text
    for name, one in (("HEAD", spec(learning_rate=0.2)), ("other", spec(learning_rate=0.3))):
        assert (
            f"{name}: 'Pipeline A', digest {one.digest[:12]}: RandomSplit, SklearnTrainer" in text
        )
    assert "trainer.learning_rate: 0.2 -> 0.3" in text
    assert f"git checkout --theirs -- {FILE}" in text
    for words in (["run", "Pipeline A"], ["run", FILE], ["plan", "Pipeline A"]):
        code, told = said(capsys, *words)
        assert (code, "trainer.learning_rate: 0.2 -> 0.3" in told) == (1, True), words
        assert "Traceback" not in told
    code, told = said(capsys, "status")
    assert (code, "! pipeline-a.yaml: Two branches have a pipeline" in told) == (0, True)


def test_what_git_merged_by_itself_is_told_as_well(branches):
    """Each side changed another step: only the digests are in conflict, and no text is right."""
    repository = branches(
        [with_split(spec(), 0.9)], [spec(learning_rate=0.3)], base=(with_split(spec(), 0.7),)
    )
    assert merge(repository.root, "other") == 1
    with pytest.raises(AlreadyExistsException) as caught:
        repository.specification("Pipeline A")
    assert "split.split_map.train: 0.9 -> 0.7" in str(caught.value)
    assert "trainer.learning_rate: 0.1 -> 0.3" in str(caught.value)


def test_the_ways_out_are_ways_out(branches, monkeypatch):
    repository = branches([spec(learning_rate=0.2)], [spec(learning_rate=0.3)])
    merge(repository.root, "other")
    with pytest.raises(AlreadyExistsException) as caught:
        repository.specification("Pipeline A")
    hint = caught.value.hint
    show = re.search(r"git show .*", hint).group()
    subprocess.run(show, shell=True, cwd=repository.root, check=True)
    copy = repository.root / "pipelines" / "pipeline-a-2.yaml"
    lines = copy.read_text().splitlines(keepends=True)
    assert lines[1] == "name: Pipeline A\n"
    lines[1] = re.search(r"name: .*", hint).group() + "\n"
    copy.write_text("".join(lines))
    subprocess.run(f"git checkout --ours -- {FILE}", shell=True, cwd=repository.root, check=True)
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "merged")
    kept = {name: repository.specification(name).digest for name in repository.get_pipeline_names()}
    assert kept == {
        "Pipeline A": spec(learning_rate=0.2).digest,
        "Pipeline A 2": spec(learning_rate=0.3).digest,
    }


def test_names_that_share_a_file_are_told(branches):
    repository = branches([spec("Pipeline A")], [spec("pipeline_A", learning_rate=0.3)])
    assert merge(repository.root, "other") == 1
    with pytest.raises(AlreadyExistsException, match="share a file, 'Pipeline A' and 'pipeline_A'"):
        repository.specification("pipeline_A")


def test_a_side_that_renamed_the_pipeline(branches, capsys):
    """Git follows the rename, so that the change of one side lands in the other one's file."""
    base = with_split(spec(), 0.7)
    repository = branches([], [with_split(spec(), 0.8)], base=(base,))
    repository.files.path("Pipeline A").unlink()
    save(repository, replace(base, name="Renamed"))
    assert merge(repository.root, "other") == 0
    assert repository.get_pipeline_names() == ["Renamed"]
    with pytest.raises(DoesNotExistException):
        repository.get_pipeline_by_name("Pipeline A")


def test_one_side_deleted_it(branches, capsys):
    repository = branches([], [spec(learning_rate=0.3)], base=(spec(),))
    git(repository.root, "rm", "-q", FILE)
    git(repository.root, "commit", "-qm", "gone")
    assert merge(repository.root, "other") == 1
    assert repository.specification("Pipeline A").digest == spec(learning_rate=0.3).digest
    assert "! pipeline-a.yaml: Git has not merged it yet" in said(capsys, "status")[1]


# ------------------------------------------------------------------------------ edited by hand


def test_a_file_edited_by_hand_is_refused_by_run_and_told_by_status(repository, capsys):
    save(repository, spec(), spec("Other", depth=3))
    path = repository.root / FILE
    path.write_text(path.read_text().replace("learning_rate: 0.1", "learning_rate: 0.9"))
    line = path.read_text().splitlines().index("      learning_rate: 0.9") + 1
    with pytest.raises(ParameterError, match="edited by hand"):
        repository.get_pipeline_by_name("Pipeline A")
    for words, code in ((["run", "Pipeline A"], 1), (["status"], 0), (["list"], 0)):
        status, told = said(capsys, *words)
        assert status == code
        assert "The file of pipeline 'Pipeline A' was edited by hand" in told
        assert "trainer.learning_rate: 0.1 -> 0.9" in told
        assert f"pipeline-a.yaml, line {line}\n" in told
        assert f"git checkout -- {FILE}" in told
    assert "Other" in said(capsys, "status")[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "version: 1",
        "name: [",
        "version: 99\nname: A\ntype: t\ndigest: d\nsteps: {}\n",
        "a: 2024-01-01\n? [1]\n: 2\n",
        "version: 1\nname: A\nname: B\n",
        "!!python/object:os.system {}\n",
        "\0",
    ],
)
def test_whatever_a_file_holds_status_goes_on(repository, capsys, text):
    save(repository, spec())
    (repository.root / "pipelines" / "bad.yaml").write_text(text)
    code, told = said(capsys, "status")
    assert code == 0
    assert "! bad.yaml: " in told
    assert "Pipeline A" in told


def test_files_that_are_none_and_names_in_the_wrong_file(repository, capsys):
    save(repository, spec())
    folder = repository.root / "pipelines"
    (folder / "dir.yaml").mkdir()
    (folder / "link.yaml").symlink_to("nothing")
    (folder / "bytes.yaml").write_bytes(b"\xff")
    (folder / "copy.yaml").write_bytes((folder / "pipeline-a.yaml").read_bytes())
    code, told = said(capsys, "status")
    assert code == 0
    for name in ("dir", "link", "bytes", "copy"):
        assert f"! {name}.yaml: " in told
    assert "copy.yaml: It holds the pipeline 'Pipeline A', whose file is pipeline-a.yaml" in told
    assert repository.get_pipeline_names() == ["Pipeline A"]


def test_a_pipeline_whose_runs_this_store_does_not_know_is_a_note(repository, capsys):
    save(repository, spec())
    code, told = said(capsys, "status")
    assert code == 0
    assert re.search(r"Pipeline A .*committed +not run here", told)
    code, told = said(capsys, "show", "Pipeline A")
    assert code == 0
    assert "no run of it is in this clone's store" in told
