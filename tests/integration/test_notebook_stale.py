"""`zenlab notebook check`, rule `stale`: notebooks of a real pipeline after it has moved on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.conftest import git
from zenlab.cli import run_command
from zenlab.pipelines import DataPipeline
from zenlab.repo import Repository

pytestmark = pytest.mark.usefixtures("no_worker")


@pytest.fixture
def declared(frame):
    """A pipeline of one step, which takes no TFDV; its step's result depends on `factor`."""
    from zenlab.datasources import PandasDatasource

    def declare(factor: int = 1, name: str = "Pipeline A", rows: int = 600) -> DataPipeline:
        def keep(data, share=1):
            return data[data.a > 0] if factor == 2 else data

        pipeline = DataPipeline(name)
        pipeline.add_datasource(PandasDatasource("toy", frame.head(rows)))
        pipeline.add_transform(keep)
        return pipeline

    return declare


def save(repository, *panels: Any, name: str = "a.ipynb") -> None:
    """A notebook with panels."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "execution_count": i,
            "metadata": {},
            "source": "%zen run pipeline",
            "outputs": [
                {"output_type": "display_data", "metadata": {}, "data": panel._repr_mimebundle_()}
            ],
        }
        for i, panel in enumerate(panels, 1)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (repository.root / name).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def run_panel(pipeline, repository) -> Any:
    from zenlab.pipelines.summary import summarise
    from zenlab.views import RunPanel

    pipeline.run()
    spec = repository.specification(pipeline.name)
    run = repository.metadata.latest_run(repository.project, spec.name, digest=spec.digest)
    return RunPanel(summarise(spec, run, repository))


@pytest.fixture
def check(repository, capsys):
    def run(*options: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run_command(["notebook", "check", *options, "."])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_what_has_just_run_is_not_stale_and_nothing_is_left_unsaid(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    assert check() == (0, "0 errors, 0 warnings in 1 notebook.\n")


def test_code_that_changed_is_told_by_the_store_and_not_by_git_alone(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    run_panel(declared(factor=2), repository)
    code, said = check()
    assert code == 1
    assert "a.ipynb, cell 1 [1], output 1: error stale" in said
    assert "transform: data 600 rows -> " in said
    code, said = check("--no-store")
    assert code == 0
    assert "not checked: results of 1 panel: pipeline files were compared alone." in said


def test_data_that_changed_is_told_by_git_alone(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    pipeline = declared(rows=500)
    pipeline.run(latest=True)
    code, said = check("--no-store")
    assert code == 1
    assert "data commit: " in said


def test_a_clone_without_a_store_tells_what_git_tells_and_makes_none(
    repository, declared, check, tmp_path, monkeypatch
):
    save(repository, run_panel(declared(), repository))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "one")
    clone = tmp_path / "a clone"
    git(tmp_path, "clone", "-q", str(repository.root), str(clone))
    monkeypatch.chdir(clone)
    code, said = check()
    assert (code, "this clone's store has no run yet" in said) == (0, True)
    assert not (clone / ".zenlab").exists()
    (clone / "pipelines" / "pipeline-a.yaml").unlink()
    code, said = check()
    assert code == 1
    assert "there is no pipeline 'Pipeline A' in pipelines" in said
    assert git(clone, "status", "--porcelain") == " D pipelines/pipeline-a.yaml\n"


def test_a_renamed_pipeline_is_named(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    declared(name="Pipeline Z").run()
    repository.files.path("Pipeline A").unlink()
    assert "'Pipeline Z' has its content" in check()[1]


def test_evaluations_and_comparisons_of_an_earlier_trainer(repository, declare, check):
    first = declare()
    first.run()
    save(repository, first.evaluate())
    declare("Pipeline B", C=0.01).run()
    save(repository, Repository().compare("Pipeline A", "Pipeline B"), name="compare.ipynb")
    assert check()[0] == 0
    declare(C=1e-6).run()
    code, said = check()
    assert code == 1
    assert "a.ipynb, cell 1 [1], output 1: error stale" in said
    assert "y on eval: roc_auc 0." in said
    assert "compare.ipynb, cell 1 [1], output 1: error stale" in said
    assert "Pipeline A: roc_auc eval 0." in said


def test_a_store_that_cannot_be_asked_is_no_finding(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    config = repository.root / "zenlab.yaml"
    config.write_text(config.read_text() + "metadata_store: ${NOT_SET_HERE}\n")
    code, said = check()
    assert code == 0
    assert "not checked: results of 1 panel: the store cannot be asked" in said


def test_a_bucket_of_pipeline_files_is_not_asked_without_stores(repository, declared, check):
    save(repository, run_panel(declared(), repository))
    config = repository.root / "zenlab.yaml"
    config.write_text(config.read_text() + "pipelines_dir: gs://nowhere/pipelines\n")
    code, said = check("--no-store")
    assert (code, "lie in a bucket, which was not asked" in said) == (0, True)


def test_results_that_are_lost_are_no_finding_and_stay_lost(repository, declare, check):
    pipeline = declare()
    pipeline.run()
    save(repository, pipeline.evaluate())
    lost = list((repository.root / ".zenlab" / "artifacts").rglob("value.json"))
    assert lost
    for file in lost:
        file.unlink()
    before = repository.metadata.runs(repository.project)
    code, said = check()
    assert (code, "the store cannot tell" in said) == (0, True)
    assert repository.metadata.runs(repository.project) == before
