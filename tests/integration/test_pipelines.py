"""Pipelines as their users meet them: declared, run, edited, frozen, copied, opened by name."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace

import pandas as pd
import pytest

from tests.integration.conftest import git
from zenlab.cli import run_command
from zenlab.core import events
from zenlab.core.errors import (
    AlreadyExistsException,
    DoesNotExistException,
    ImmutableError,
    ParameterError,
    PipelineNotSucceededException,
    StepError,
)
from zenlab.datasources import CSVDatasource, PandasDatasource
from zenlab.pipelines import BasePipeline, DataPipeline, TrainingPipeline
from zenlab.pipelines.document import dump
from zenlab.pipelines.wiring import LEAVES
from zenlab.repo import Repository
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer


def hows(pipeline: BasePipeline, **options: object) -> dict[str, str]:
    """Run, and say for each slot where its result came from; leaves have tests of their own."""
    pipeline.run(**options)
    assert pipeline._last is not None
    assert pipeline._last.result is not None
    steps = pipeline._last.result.steps
    return {slot: step.how for slot, step in steps.items() if slot not in LEAVES}


def findings(pipeline: BasePipeline, **options: object) -> list[str]:
    heard: list[events.Event] = []
    pipeline.run(listener=heard.append, **options)
    return [e.message for e in heard if isinstance(e, events.Finding) and e.slot is None]


def test_the_second_declaration_is_the_same_pipeline(repository, declare):
    assert set(hows(declare()).values()) == {"executed"}
    assert set(hows(declare()).values()) == {"hit"}
    assert repository.get_pipeline_names() == ["Pipeline A"]


def test_a_cached_run_takes_at_most_four_statements(repository, declare):
    declare().run()
    declare().run()
    before = repository.metadata.statements
    declare().run()
    assert repository.metadata.statements - before <= 4


def test_a_cached_run_does_not_write_its_file_again(repository, declare):
    declare().run()
    file = repository.files.path("Pipeline A")
    before = file.stat().st_mtime_ns
    declare().run()
    assert file.stat().st_mtime_ns == before


def test_a_cell_may_be_edited_and_run_thirty_times(repository, declare):
    for i in range(30):
        declare(C=1.0 + i).run()
    revisions = repository.metadata.revisions(repository.project, "Pipeline A")
    assert [r.revision for r in revisions] == list(range(1, 31))
    assert repository.get_pipeline_by_name("Pipeline A").get_hyperparameters()["C"] == 30.0


def test_an_earlier_revision_can_be_restored(repository, declare):
    declare(C=1.0).run()
    declare(C=2.0).run()
    first = repository.get_pipeline_by_name("Pipeline A#1")
    assert set(hows(first).values()) == {"hit"}
    assert repository.get_pipeline_by_name("Pipeline A").get_hyperparameters()["C"] == 1.0
    with pytest.raises(DoesNotExistException, match="has no revision 7"):
        repository.get_pipeline_by_name("Pipeline A#7")


def test_a_committed_pipeline_is_frozen(repository, declare):
    declare(C=1.0).run()
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-m", "Pipeline A")
    assert set(hows(declare(C=1.0)).values()) == {"hit"}
    changed = declare(C=2.0)
    with pytest.raises(AlreadyExistsException) as error:
        changed.run()
    assert "'Pipeline A' is committed" in str(error.value)
    assert "trainer.C: 1.0 -> 2.0" in str(error.value)
    assert "copy(" in str(error.value)
    assert git(repository.root, "status", "--porcelain") == ""
    copied = changed.copy("Pipeline B")
    assert hows(copied)["trainer"] == "executed"


def test_a_draft_that_somebody_else_has_run_is_frozen(repository, declare, monkeypatch):
    declare(C=1.0).run()
    monkeypatch.setattr(repository, "user", "Bob <bob@example.org>")
    with pytest.raises(AlreadyExistsException, match="has been run by Test"):
        declare(C=2.0).run()


def test_after_its_run_a_pipeline_is_immutable(repository, declare):
    pipeline = declare()
    pipeline.run()
    with pytest.raises(ImmutableError, match="has been run"):
        pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
    opened = repository.get_pipeline_by_name("Pipeline A")
    with pytest.raises(ImmutableError, match="opened by its name"):
        opened.add_split(RandomSplit(split_map={"train": 0.5, "eval": 0.5}))


def test_a_copy_with_another_trainer_runs_trainer_and_evaluator_only(repository, declare):
    declare().run()
    copied = repository.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    copied.add_trainer(SklearnTrainer("DecisionTreeClassifier", max_depth=3))
    assert hows(copied) == {
        "split": "hit",
        "preprocesser": "hit",
        "trainer": "executed",
        "evaluator": "executed",
    }
    spec = repository.specification("Pipeline B")
    origin = repository.specification("Pipeline A")
    assert spec is not None
    assert origin is not None
    assert spec.copied_from == {"name": "Pipeline A", "digest": origin.digest}
    assert spec.datasource == origin.datasource


def test_a_pipeline_by_name_gives_results_without_running(repository, declare):
    pipeline = declare()
    pipeline.run()
    opened = repository.get_pipeline_by_name("Pipeline A")
    assert opened.outputs("split")["train"].digest == pipeline.outputs("split")["train"].digest
    assert list(opened.inputs("trainer")) == ["examples"]
    rows = opened.sample_transformed_data("eval")
    features = [name for name in rows.columns if name.endswith("_xf")]
    assert len(opened.model().predict(rows[features])) == len(rows)
    assert "roc_auc" in str(opened.evaluate())
    assert opened.get_status() == "succeeded"


def test_names_come_back_with_a_suggestion(repository, declare):
    declare().run()
    with pytest.raises(
        DoesNotExistException, match=r"(?s)No pipeline 'Pipline A'.*Did you mean 'Pipeline A'\?"
    ):
        repository.get_pipeline_by_name("Pipline A")
    with pytest.raises(DoesNotExistException, match="Did you mean 'trainer'"):
        repository.get_pipeline_by_name("Pipeline A").outputs("trianer")
    with pytest.raises(ParameterError, match="Did you mean 'split'"):
        declare().run(force=["splt"])


def test_names_are_checked_when_it_runs_and_not_before(repository, declare):
    declare().copy("Pipeline A")
    odd = declare("Pipeline A#3")
    with pytest.raises(ParameterError, match="ends like a revision's"):
        odd.run()
    declare().run()
    with pytest.raises(AlreadyExistsException, match="too close to 'Pipeline A'"):
        declare("pipeline a").run()


def test_a_pipeline_without_results_says_so(repository, declare):
    with pytest.raises(PipelineNotSucceededException, match="has not been run"):
        declare().outputs("split")


def test_missing_steps_are_named(repository, frame):
    pipeline = TrainingPipeline("P")
    with pytest.raises(ParameterError, match="has no datasource"):
        pipeline.run()
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
    with pytest.raises(ParameterError, match="has a trainer, but no split"):
        pipeline.run()
    assert repository.get_pipeline_names() == []


def test_enable_cache_false_recomputes_and_stores(repository, declare):
    declare().run()
    again = declare()
    again.enable_cache = False
    assert set(hows(again).values()) == {"executed"}
    assert set(hows(declare()).values()) == {"hit"}


def test_transforms_may_be_several(repository, frame):
    def double(rows: pd.DataFrame, factor: int = 2) -> pd.DataFrame:
        return rows.assign(a=rows["a"] * factor)

    def make(second: int) -> DataPipeline:
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(double)
        pipeline.add_transform(double, factor=second)
        return pipeline

    pipeline = make(3)
    assert hows(pipeline) == {"transform": "executed", "transform_2": "executed"}
    a = pipeline.outputs("transform_2")["data"].to_pandas()["a"]
    pd.testing.assert_series_equal(a, frame["a"] * 6)
    assert hows(make(4)) == {"transform": "hit", "transform_2": "executed"}
    with pytest.raises(ParameterError, match="Did you mean 'factor'"):
        make(3).add_transform(double, facter=3)


def csv_pipeline(path: str = "data.csv") -> DataPipeline:
    pipeline = DataPipeline("D")
    pipeline.add_datasource(CSVDatasource("numbers", path))
    pipeline.add_split(RandomSplit(split_map={"train": 0.5, "eval": 0.5}))
    return pipeline


def write_csv(path, start: int) -> None:
    rows = "\n".join(f"{i},{i % 7}" for i in range(start, start + 100))
    path.write_text(f"a,b\n{rows}\n")


def test_a_pipeline_pins_its_data_and_says_when_it_has_changed(repository):
    source = repository.root / "data.csv"
    write_csv(source, 0)
    assert findings(csv_pipeline()) == []
    pinned = repository.specification("D").datasource.commit
    write_csv(source, 1000)
    pipeline = csv_pipeline()
    said = findings(pipeline)
    assert len(said) == 1
    assert "has changed since commit" in said[0]
    assert "--latest" in said[0]
    assert repository.specification("D").datasource.commit == pinned
    latest = csv_pipeline()
    assert hows(latest, latest=True) == {"split": "executed"}
    assert repository.specification("D").datasource.commit != pinned
    rows = latest.outputs("split")["train"].to_pandas()
    assert rows["a"].min() >= 1000


def test_a_pinned_run_never_reads_the_source(repository):
    source = repository.root / "data.csv"
    write_csv(source, 0)
    csv_pipeline().run()
    source.unlink()
    assert hows(repository.get_pipeline_by_name("D")) == {"split": "hit"}
    assert hows(repository.get_pipeline_by_name("D"), force=["split"]) == {"split": "executed"}


def test_git_alone_is_enough(repository, tmp_path, monkeypatch):
    """A clone with an empty store takes the pinned commit from the source, if it is the same."""
    write_csv(repository.root / "data.csv", 0)
    csv_pipeline().run()
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-m", "all")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", str(repository.root), str(clone))
    monkeypatch.chdir(clone)
    there = Repository()
    assert hows(there.get_pipeline_by_name("D")) == {"split": "executed"}
    assert git(clone, "status", "--porcelain") == ""
    other = tmp_path / "other"
    git(tmp_path, "clone", str(repository.root), str(other))
    write_csv(other / "data.csv", 5)
    monkeypatch.chdir(other)
    with pytest.raises(DoesNotExistException, match="its source has other content now"):
        Repository().get_pipeline_by_name("D").run()


def test_outside_of_a_repository_the_error_names_init(tmp_path, monkeypatch):
    from zenlab.exceptions import InitializationException

    monkeypatch.chdir(tmp_path)
    with pytest.raises(InitializationException, match="zenlab init"):
        Repository()


def test_it_is_found_from_any_folder_below(repository, monkeypatch):
    below = repository.root / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert Repository().root == repository.root
    assert Repository() is Repository.get_instance()


def test_without_git_it_works_and_says_what_is_lost(tmp_path, monkeypatch, declare):
    from zenlab.repo.init import init_repo

    monkeypatch.chdir(tmp_path)
    notes = init_repo(tmp_path).notes
    assert len(notes) == 1
    assert "not a Git repository" in notes[0]
    assert set(hows(declare()).values()) == {"executed"}


def test_a_file_edited_by_hand_is_refused(repository, declare):
    declare(C=1.0).run()
    path = repository.files.path("Pipeline A")
    path.write_text(path.read_text().replace("C: 1.0", "C: 3.0"))
    with pytest.raises(ParameterError, match="edited by hand"):
        repository.get_pipeline_by_name("Pipeline A")
    _, broken = repository.files.all()
    assert list(broken) == [path]


def test_a_name_in_a_file_of_somebody_else_moves_no_cursor(repository, declare, capsys):
    """A name is in no digest, and what Git brings was never checked as a declared one is."""
    declare().run()
    spec = replace(repository.specification("Pipeline A"), name="Late\x1b[2K\u202e")
    repository.files._put(repository.files.path(spec.name), dump(spec.to_document()))
    for words in (["list"], ["status"], ["step", "list", "--all"], ["show", spec.name]):
        assert run_command(words) == 0
        said = capsys.readouterr().out
        assert "Late\\x1b[2K\\u202e" in said
        assert "\x1b" not in said


def test_a_failed_run_freezes_nothing(repository, frame):
    def broken(rows: pd.DataFrame) -> pd.DataFrame:
        raise ValueError("no luck")

    pipeline = DataPipeline("D")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(broken)
    with pytest.raises(StepError, match="no luck"):
        pipeline.run()
    pipeline.remove_step("transform")
    pipeline.add_transform(lambda rows: rows)
    assert hows(pipeline) == {"transform": "executed"}


SCRIPT = """
    import pandas as pd
    from zenlab.datasources import CSVDatasource
    from zenlab.pipelines import DataPipeline

    FACTOR = 3

    def scale(rows):
        return rows.assign(a=rows["a"] * FACTOR)

    pipeline = DataPipeline("D")
    pipeline.add_datasource(CSVDatasource("numbers", "data.csv"))
    pipeline.add_transform(scale)
    pipeline.run()
"""


def run_script(folder, text: str) -> None:
    (folder / "script.py").write_text(textwrap.dedent(text))
    subprocess.run([sys.executable, "script.py"], cwd=folder, check=True)


def only_in_the_store(repository):
    """As if the source of a notebook's steps had not come through Git, nor been loaded."""
    from zenlab.pipelines import notebook_source

    notebook_source._loaded.clear()
    (repository.root / "pipelines/d.steps.py").unlink()


def test_code_of_another_process_runs_if_it_is_trusted(repository):
    write_csv(repository.root / "data.csv", 0)
    run_script(repository.root, SCRIPT)
    opened = repository.get_pipeline_by_name("D")
    assert hows(opened) == {"transform": "hit"}, "a hit needs no code"
    opened = repository.get_pipeline_by_name("D")
    assert hows(opened, force=["transform"]) == {"transform": "executed"}
    assert opened.outputs("transform")["data"].to_pandas()["a"].max() == 99 * 3

    trusted = repository.root / ".zenlab" / "trusted"
    trusted.unlink()
    repository.__dict__.pop("trusted")
    only_in_the_store(repository)
    with pytest.raises(StepError, match="zenlab trust"):
        repository.get_pipeline_by_name("D").run(force=["transform"])


def test_code_that_is_nowhere_is_an_error_that_says_what_to_do(repository):
    write_csv(repository.root / "data.csv", 0)
    run_script(repository.root, SCRIPT.replace("FACTOR = 3", "FACTOR = 4"))
    only_in_the_store(repository)
    with sqlite3.connect(repository.root / ".zenlab" / "metadata.db") as database:
        database.execute("DELETE FROM code")
    with pytest.raises(StepError, match="Run the cell that defines it"):
        repository.get_pipeline_by_name("D").run(force=["transform"])


def test_to_config_and_back(repository, declare):
    pipeline = declare(C=2.0)
    config = pipeline.to_config()
    again = BasePipeline.from_config(config)
    assert again.to_config() == config
    assert TrainingPipeline("A").from_config(config).name == "Pipeline A"
