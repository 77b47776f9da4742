"""Panels of pipelines, datasources and files, and the schema that a team keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest

import zenlab
from tests.integration.conftest import cell, git
from zenlab.cli import run_command
from zenlab.cli.surface import Terminal
from zenlab.core import events
from zenlab.core.errors import (
    DatasourceError,
    DoesNotExistException,
    ParameterError,
    WorkerMissingError,
)
from zenlab.datasources import CSVDatasource, PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.validation import worker

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path("schemas") / "toy.pbtxt"


def zen(*args):
    """A command in a terminal: its exit code."""
    return run_command(list(args))


def ran(pipeline, **options):
    """Run it: which steps were executed, and what was told."""
    heard: list[Any] = []
    pipeline.run(listener=heard.append, **options)
    steps = pipeline.last.result.steps
    return {slot for slot, step in steps.items() if step.how == "executed"}, heard


def found_on_pipeline(heard):
    return [e.message for e in heard if isinstance(e, events.Finding) and e.slot is None]


def skipped(heard):
    return {e.slot: e.reason for e in heard if isinstance(e, events.StepSkipped)}


def found(panel):
    return {(d.name, a.feature) for d in panel.anomalies.datasets for a in d.anomalies}


def commit_all(repository, message="all"):
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-q", "-m", message)


# ---------------------------------------------------------------------- panels of a pipeline


def test_panels_of_ones_own_run(repository, declare):
    pipeline = declare()
    pipeline.run()
    frame = pipeline.view_statistics().to_frame()
    assert set(frame["dataset"]) == {"train", "eval"} if "dataset" in frame else len(frame)
    assert {f.name for f in pipeline.view_schema().schema.features} == {"a", "b", "y"}
    assert [d.name for d in pipeline.view_anomalies("train").anomalies.datasets] == ["train"]
    assert len(pipeline.view_anomalies(None).anomalies.datasets) == 2
    with pytest.raises(DoesNotExistException, match="'eval'"):
        pipeline.view_anomalies("evil")


def test_panels_of_an_opened_pipeline_compute_nothing(repository, declare, no_worker, monkeypatch):
    with monkeypatch.context() as installed:
        installed.delenv("ZENLAB_WORKER")
        declare().run()
    opened = Repository().get_pipeline_by_name("Pipeline A")
    before = repository.metadata.statements
    for panel in (opened.view_statistics(), opened.view_schema(), opened.view_anomalies()):
        assert panel.to_frame() is not None
    assert repository.metadata.statements - before <= 15


def test_what_a_run_lacks_is_computed_once_for_all(repository, declare, tmp_path, monkeypatch):
    with monkeypatch.context() as without:
        without.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))
        pipeline = declare()
        pipeline.run()
        with pytest.raises(WorkerMissingError):
            pipeline.view_statistics()
    first = pipeline.view_anomalies()
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))
    assert pipeline.view_anomalies().anomalies == first.anomalies
    assert Repository().get_pipeline_by_name("Pipeline A").view_statistics() is not None
    # It has the keys that it would have in a run: the next one finds it.
    assert ran(declare())[0] == set()


def test_statistics_that_were_lost_are_computed_again(repository, declare):
    pipeline = declare()
    pipeline.run()
    for artifact in pipeline.last.result.steps["statistics"].execution.artifacts:
        repository.artifacts.delete(artifact.uri)
    source = pipeline.declared.datasource
    with pytest.raises(Exception, match=r"lost|gone|missing"):
        pipeline.view_statistics()
    assert ran(declare())[0] == {"statistics"}
    execution = source._look_at(None)._executions["statistics"]
    for artifact in execution.artifacts:
        repository.artifacts.delete(artifact.uri)
    assert source.view_schema().to_frame() is not None


def test_a_pipeline_without_a_split_says_where_to_look(repository, frame):
    pipeline = zenlab.pipelines.DataPipeline("Rows")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(same)
    pipeline.run()
    with pytest.raises(DoesNotExistException, match=r"datasource\.view_statistics"):
        pipeline.view_statistics()


def same(rows):
    return rows


# ---------------------------------------------------------------------- panels of a datasource


@pytest.fixture
def months(repository):
    """A datasource with two commits; the second has a new carrier."""
    file = repository.root / "months.csv"
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"carrier": rng.choice(["AA", "BB"], 200), "delay": rng.normal(size=200)})
    source = CSVDatasource("toy", "months.csv")
    rows.to_csv(file, index=False)
    first = source.commit()
    rows.loc[:19, "carrier"] = "ZZ"
    rows.to_csv(file, index=False)
    return source, first, source.commit()


def test_statistics_of_a_commit_and_a_sample(months):
    source, first, second = months
    names = [source.view_statistics(c).statistics.datasets[0].name for c in (first[:8], None)]
    assert names == [f"toy {first[:8]}", f"toy {second[:8]}"]
    assert source.view_statistics(sample=50).statistics.datasets[0].rows == 50
    with pytest.raises(DoesNotExistException, match="no commit"):
        source.view_statistics("abcdef123456")


def test_this_month_against_last_month(months):
    source, first, second = months
    carrier = (f"toy {second[:8]}", "carrier")
    assert carrier in found(source.view_anomalies())
    assert carrier in found(source.view_anomalies(second, against=first))
    assert found(source.view_anomalies(first)) == set()
    assert found(source.view_anomalies(second, against=second[:8])) == set()


def test_a_datasource_against_a_pipeline(repository, frame):
    """Its transforms are applied first; labels that are not there are those of serving data."""
    pipeline = TrainingPipeline("P")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(doubled)
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(TabularPreprocesser(["a", "b"], ["y"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
    pipeline.run()
    serving = PandasDatasource("new", frame.drop(columns="y").assign(b="new"))
    panel = serving.view_anomalies(against=pipeline)
    (dataset,) = panel.anomalies.datasets
    assert dataset.environment == "SERVING"
    assert {a.feature for a in dataset.anomalies} == {"b"}, "not y, and not doubled"
    again = PandasDatasource("again", frame).view_anomalies(against=pipeline).anomalies
    assert again.datasets[0].environment == ""
    assert not again.datasets[0].anomalies


def doubled(rows):
    return rows.assign(doubled=rows["a"] * 2)


SECRET = "Ada-Lovelace-secret"


def test_no_sensitive_value_is_kept(repository, frame):
    """Not in panels, payloads and artifacts; TFDV's own protos are files of the store, too."""
    named = frame.assign(name=[SECRET, "Grace"] * 300)
    source = PandasDatasource("people", named, sensitive=["name"])
    pipeline = TrainingPipeline("P")
    pipeline.add_datasource(source)
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_validation()
    pipeline.run()
    panels = [
        source.view_statistics(),
        source.view_schema(),
        source.view_anomalies(),
        source.view_anomalies(against=pipeline),
        pipeline.view_statistics(),
        pipeline.view_schema(),
        pipeline.view_anomalies(None),
    ]
    for panel in panels:
        assert SECRET not in json.dumps(panel._repr_mimebundle_(), default=str), panel
        assert SECRET not in panel.to_frame().to_string()
    panels[1].accept()
    assert SECRET not in Path("schemas/people.pbtxt").read_text("utf-8")
    store = repository.root / ".zenlab" / "artifacts"
    leaves = [f for kind in ("statistics", "validation") for f in (store / kind).rglob("*.*")]
    assert len([f for f in leaves if f.suffix in (".json", ".pb", ".pbtxt")]) >= 6
    assert not [f for f in leaves if f.is_file() and SECRET.encode() in f.read_bytes()]


def test_what_the_pipeline_hides_is_hidden_in_rows_that_are_compared_with_it(repository, frame):
    """The datasource declares nothing; the pipeline's own statistics do."""
    named = frame.assign(name=[SECRET, "Grace"] * 300)
    pipeline = TrainingPipeline("P")
    pipeline.add_datasource(PandasDatasource("people", named))
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_statistics(sensitive=["name"])
    pipeline.run()
    other = PandasDatasource("others", named.assign(name=[SECRET + "!", "Alan"] * 300))
    panel = other.view_anomalies(against=pipeline)
    assert SECRET not in json.dumps(panel._repr_mimebundle_(), default=str)
    store = repository.root / ".zenlab" / "artifacts"
    leaves = [f for kind in ("statistics", "validation") for f in (store / kind).rglob("*.*")]
    assert not [f for f in leaves if f.is_file() and (SECRET + "!").encode() in f.read_bytes()]


# ---------------------------------------------------------------------- the schema


def test_accepting_makes_the_file_and_says_so(repository, declare):
    pipeline = declare()
    pipeline.run()
    said = pipeline.view_schema().accept()
    assert str(said).startswith("schemas/toy.pbtxt now holds the schema.")
    text = SCHEMA.read_text("utf-8")
    assert 'name: "b"' in text
    assert "says so already" in pipeline.view_schema().accept()
    assert SCHEMA.read_text("utf-8") == text


def test_accepting_a_column_leaves_the_others(repository, months):
    source, first, _ = months
    source.view_schema(first).accept()
    rows = pd.read_csv("months.csv")
    rows.loc[0, "delay"] = None
    rows.to_csv("months.csv", index=False)
    source.commit()
    panel = source.view_anomalies()
    assert {feature for _, feature in found(panel)} == {"carrier", "delay"}
    panel.accept("carrier")
    after = source.view_anomalies()
    assert {a.feature for a in after.anomalies.datasets[0].anomalies} == {"delay"}
    with pytest.raises(DoesNotExistException, match="about a column 'carier'"):
        panel.accept("carier")
    after.accept()
    assert not source.view_anomalies().anomalies.datasets[0].anomalies


def test_a_draft_takes_the_schema_that_is_there(repository, declare):
    """A gate refuses, somebody accepts, and the cell is run again."""
    pipeline = declare()
    pipeline.run()
    pipeline.view_schema().accept()
    executed, heard = ran(declare())
    assert executed == {"validation"}
    assert not found_on_pipeline(heard)
    assert ran(declare())[0] == set()


def accept_other(pipeline):
    """Change the schema of the datasource: `b` may have any value."""
    text = SCHEMA.read_text("utf-8")
    SCHEMA.write_text(text.replace('value: "z"', 'value: "zz"'), encoding="utf-8")


def test_a_frozen_pipeline_keeps_its_schema(repository, declare):
    """Opened or declared anew, with a finding; a copy keeps it, too, until it is told otherwise."""
    first = declare()
    first.run()
    first.view_schema().accept()
    declare().run()
    commit_all(repository)
    accept_other(first)
    pipelines = [declare(), Repository().get_pipeline_by_name("Pipeline A")]
    pipelines.append(pipelines[-1].copy("Copy"))
    for pipeline in pipelines:
        executed, heard = ran(pipeline)
        assert executed == set()
        (message,) = [m for m in found_on_pipeline(heard) if "schemas/toy.pbtxt" in m]
        assert "has changed since" in message
    assert git(repository.root, "status", "--porcelain", "pipelines/pipeline-a.yaml") == ""
    newer = pipelines[1].copy("Newer")
    newer.add_validation()
    executed, heard = ran(newer)
    assert executed == {"validation"}
    assert not [m for m in found_on_pipeline(heard) if "schemas/" in m]
    assert ("eval", "b") in found(newer.view_anomalies())


def test_a_frozen_pipeline_without_a_schema_goes_on_without_one(repository, declare):
    first = declare()
    first.run()
    commit_all(repository)
    first.view_schema().accept()
    executed, heard = ran(declare())
    assert executed == set()
    assert any("has changed since" in message for message in found_on_pipeline(heard))


def test_the_schema_is_the_same_after_a_checkout_with_other_line_ends(repository, declare):
    first = declare()
    first.run()
    first.view_schema().accept()
    declare().run()
    text = SCHEMA.read_bytes()
    for changed in (text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text):
        SCHEMA.write_bytes(changed)
        assert ran(declare())[0] == set()


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (b'feature {\n  name: "a"\n  typo: INT\n}\n', "(line 3, column 3)"),
        (b"feature {\n", "(line 1, column 9)"),
        (b'feature { name: "\xff\xfe" type: }', "(line 1, column "),
    ],
)
def test_a_broken_schema_is_a_finding_with_its_place(repository, declare, broken, place, capsys):
    SCHEMA.parent.mkdir()
    SCHEMA.write_bytes(broken)
    executed, heard = ran(declare())
    assert "trainer" in executed
    reason = skipped(heard)["validation"]
    assert place in reason
    assert zen("schema", "check", "toy") == 1
    assert "where: schemas/toy.pbtxt" in capsys.readouterr().err


def test_a_schema_came_through_git_alone(repository, declare, tmp_path, monkeypatch, frame):
    """Another clone, with a store of its own: the file in Git is what the pipeline is pinned to."""
    Path("toy.csv").write_text(frame.to_csv(index=False))

    def on_file(name="P"):
        pipeline = declare(name)
        pipeline.add_datasource(CSVDatasource("toy", "toy.csv"))
        return pipeline

    first = on_file()
    first.run()
    first.view_schema().accept()
    on_file().run()
    commit_all(repository)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository.root), str(clone))
    monkeypatch.chdir(clone)
    opened = Repository().get_pipeline_by_name("P")
    executed, heard = ran(opened)
    assert "validation" in executed
    assert not skipped(heard)
    assert opened.view_schema().to_frame() is not None


def test_a_schema_that_nobody_has_is_a_finding(repository, declare):
    first = declare()
    first.run()
    first.view_schema().accept()
    second = declare()
    second.add_validation(schema="0" * 64)
    text = SCHEMA.read_text("utf-8")
    SCHEMA.unlink()
    _, heard = ran(second)
    assert "is neither schemas/toy.pbtxt nor in the store" in skipped(heard)["validation"]
    SCHEMA.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------------- on the command line


def test_schema_commands(repository, months, capsys):
    assert zen("schema", "check", "toy") == 1
    assert 'zenlab schema accept "toy"' in capsys.readouterr().err
    assert zen("schema", "show", "toy") == 0
    assert "carrier" in capsys.readouterr().out
    assert zen("schema", "accept", "toy") == 0
    assert "schemas/toy.pbtxt now holds the schema" in capsys.readouterr().out
    assert zen("schema", "check", "toy") == 0
    assert "has 2 columns" in capsys.readouterr().out
    assert zen("schema", "accept", "toy", "carier") == 1
    assert "Did you mean 'carrier'?" in capsys.readouterr().err
    assert zen("schema", "edit", "toy") == 0
    assert 'zenlab schema check "toy"' in capsys.readouterr().out
    assert zen("schema", "show", "toyy") == 1
    assert "Did you mean 'toy'?" in capsys.readouterr().err


def test_a_mistake_in_the_editor_loses_nothing(repository, months, monkeypatch, tmp_path, capsys):
    zen("schema", "accept", "toy")
    monkeypatch.setattr(Terminal, "interactive", True)
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\necho "feature { nonsense }" >> "$1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(script))
    assert zen("schema", "edit", "toy") == 1
    assert "where: schemas/toy.pbtxt, line " in capsys.readouterr().err
    assert "nonsense" in SCHEMA.read_text("utf-8")


# ---------------------------------------------------------------------- look


@pytest.fixture
def files(tmp_path, monkeypatch, frame):
    """A folder outside of any repository, with the rows as files."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    frame.to_csv("rows.csv", index=False)
    frame.to_parquet("rows.parquet")
    fsspec.filesystem("memory").pipe("/look/rows.csv", Path("rows.csv").read_bytes())
    return folder


def test_look_at_files_and_frames(files, frame):
    panels = [
        zenlab.look("rows.csv"),
        zenlab.look(Path("rows.parquet")),
        zenlab.look(files.as_uri() + "/rows.csv"),
        zenlab.look("memory://look/rows.csv"),
        zenlab.look(frame),
    ]
    for panel in panels:
        (dataset,) = panel.statistics.datasets
        assert dataset.rows == 600
        assert [f.name for f in dataset.features] == ["a", "b", "y"]
    assert [p.title for p in panels] == [
        "rows.csv",
        "rows.parquet",
        "rows.csv",
        "rows.csv",
        "DataFrame",
    ]
    assert sorted(p.name for p in files.iterdir()) == ["rows.csv", "rows.parquet"]


def test_look_at_a_sample_and_without_values(files, frame):
    panel = zenlab.look(frame.assign(b=SECRET), sensitive=["b"], sample=100)
    assert panel.statistics.datasets[0].rows == 100
    assert SECRET not in json.dumps(panel._repr_mimebundle_(), default=str)


def test_look_at_what_is_not_there(files):
    with pytest.raises(DatasourceError, match=r"nothing\.csv"):
        zenlab.look("nothing.csv")
    with pytest.raises(ParameterError, match="a DataFrame or the path"):
        zenlab.look([1, 2])


def test_look_in_a_terminal(files, capsys):
    assert zen("look", "rows.csv", "--sample", "50", "--sensitive", "b") == 0
    assert "50" in capsys.readouterr().out
    assert zen("look", "nothing.parquet") == 1
    error = capsys.readouterr().err
    assert "nothing.parquet" in error
    assert "Traceback" not in error
    assert zen("look", "rows.csv", "--sensitive", "bb") == 1
    assert "Did you mean 'b'?" in capsys.readouterr().err


def test_look_without_a_worker(files, no_worker):
    worker().close()
    with pytest.raises(WorkerMissingError, match="zenlab worker install"):
        zenlab.look("rows.csv")


def test_look_in_a_notebook(shell, files, frame):
    shell.push({"rows": frame, "number": 3})
    assert cell(shell, "%zen look rows").error is None
    done = cell(shell, "%zen look rows.csv")
    assert done.error is None
    assert done.outputs[-1].data["text/plain"].startswith("Statistics")
    assert "int" in str(cell(shell, "%zen look number").error)
