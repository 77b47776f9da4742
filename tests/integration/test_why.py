"""`why` and `plan` about real pipelines: what was edited is what is shown."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import textwrap
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from IPython.utils.capture import capture_output

from tests.integration.conftest import cell, git
from zenlab.cli import run_command
from zenlab.core.errors import DoesNotExistException, StepError
from zenlab.datasources import PandasDatasource
from zenlab.notebook import completion
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.pipelines.outcome import outcome_of
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.repo import Repository


def text(why: object) -> str:
    return str(why)


def differing(why: Any) -> list[str]:
    return [d.short for d in why.differences]


# ------------------------------------------------------------------------- misses and hits


def test_the_first_run_ever(repository, declare):
    pipeline = declare()
    assert "nothing like it has run before" in text(pipeline.why("trainer"))
    pipeline.run()
    why = pipeline.why("trainer")
    assert why.state == "executed"
    assert "nothing like it had run before" in text(why)


def test_a_hit_says_whose_and_from_which_run(repository, declare, monkeypatch):
    git(repository.root, "commit", "--allow-empty", "-m", "first")
    declare().run()
    monkeypatch.setattr(repository, "user", "Bob <bob@example.org>")
    pipeline = declare()
    pipeline.run()
    why = pipeline.why("trainer")
    assert why.state == "hit"
    assert "came from the cache in Pipeline A#1" in text(why)
    assert "from Pipeline A#1 by Test on" in text(why)
    head = repository.head()
    assert head is not None
    assert f"commit {head[:12]}" in text(why)
    assert why.made is not None
    assert why.made.seconds > 0
    monkeypatch.setattr(repository, "user", "Test <test@example.org>")
    assert "from Pipeline A#1 by you on" in text(pipeline.why("trainer"))


def test_a_parameter(repository, declare):
    declare(C=1.0).run()
    changed = declare(C=0.5)
    assert differing(changed.why("trainer")) == ["C: 1.0 -> 0.5"]
    changed.run()
    why = changed.why("trainer")
    assert why.state == "executed"
    assert differing(why) == ["C: 1.0 -> 0.5"]
    assert why.nearest is not None
    assert why.nearest.pipeline == "Pipeline A#1"
    evaluator = changed.why("evaluator")
    assert differing(evaluator) == ["input model: what trainer gives has other content"]
    assert [c.slot for c in evaluator.causes] == ["trainer"]
    assert "C: 1.0 -> 0.5" in text(evaluator)


def test_a_run_is_explained_as_it_was(repository, declare):
    first, second = declare(C=1.0), declare(C=0.5)
    first.run()
    second.run()
    third = declare(C=0.25)
    third.run()
    assert differing(second.why("trainer")) == ["C: 1.0 -> 0.5"]
    assert first.why("trainer").nearest is None


def test_the_nearest_is_not_the_latest(repository, declare):
    declare(C=1.0, max_iter=200).run()
    declare(C=0.5, max_iter=300).run()
    assert differing(declare(C=1.0, max_iter=201).why("trainer")) == ["max_iter: 200 -> 201"]


def test_other_data(repository, declare, frame):
    declare().run()
    other = DataPipeline("D")
    other.add_datasource(PandasDatasource("toy", frame.iloc[:300]))
    other.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    why = other.why("split")
    assert len(why.differences) == 1
    assert differing(why)[0].startswith("data: commit ")


def test_the_version_of_a_package(repository, declare, monkeypatch):
    declare().run()
    monkeypatch.setattr(
        "zenlab.pipelines.wiring.key_version",
        lambda name, _policy: "99.1" if name == "scikit-learn" else "1.0",
    )
    told = differing(declare().why("trainer"))
    assert any(line.startswith("package scikit-learn: ") and "-> 99.1" in line for line in told)


def test_a_variable_of_the_environment_is_named_and_not_shown(repository, frame, monkeypatch):
    def make() -> DataPipeline:
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(keep, env=["ZENLAB_TEST_KEY"])
        return pipeline

    monkeypatch.setenv("ZENLAB_TEST_KEY", "hunter2")
    make().run()
    monkeypatch.setenv("ZENLAB_TEST_KEY", "hunter3")
    why = make().why("transform")
    assert differing(why) == ["environment variable ZENLAB_TEST_KEY changed"]
    assert "hunter" not in text(why)


def keep(rows: Any) -> Any:
    return rows


def test_a_declared_file(repository, frame):
    file = repository.root / "lookup.txt"

    def make() -> DataPipeline:
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(keep, files=["lookup.txt"])
        return pipeline

    file.write_text("a")
    make().run()
    file.write_text("b")
    assert differing(make().why("transform")) == ["file lookup.txt changed"]


def test_a_forced_step(repository, declare):
    declare().run()
    pipeline = declare()
    pipeline.run(force=["trainer"])
    why = pipeline.why("trainer")
    assert why.state == "executed"
    assert "it was forced" in text(why)
    assert "the same work had been done in Pipeline A#1" in text(why)


def test_early_cut_off(repository, declare):
    declare().run()
    pipeline = declare()
    pipeline.run(force=["trainer"])
    why = pipeline.why("evaluator")
    assert why.state == "hit"
    assert "early cut-off" in text(why)
    again = declare()
    again.run()
    assert "early cut-off" not in text(again.why("evaluator"))


def test_a_pipeline_without_a_cache(repository, declare):
    declare().run()
    pipeline = declare()
    pipeline.enable_cache = False
    assert "enable_cache=False" in text(pipeline.why("split"))
    pipeline.run()
    assert "enable_cache=False" in text(pipeline.why("split"))


def test_a_lost_artifact(repository, declare):
    declare().run()
    found = repository.metadata.latest_run(repository.project, "Pipeline A")
    assert found is not None
    by_slot = {r.slot: r.execution_id for r in found.resolved}
    (split,) = repository.metadata.executions([by_slot["split"]])
    for artifact in split.artifacts:
        shutil.rmtree(repository.root / ".zenlab" / "artifacts" / artifact.uri)
    pipeline = declare()
    pipeline.run(force=["preprocesser"])
    assert "lost or damaged" in text(pipeline.why("split"))


def test_a_failed_run(repository, frame):
    def make(function: Any) -> DataPipeline:
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(keep)
        pipeline.add_transform(function)
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        return pipeline

    def broken(rows: Any) -> Any:
        return rows["nothing"]

    with pytest.raises(StepError):
        make(broken).run()
    why = repository.get_pipeline_by_name("D").why()
    assert [why[s].state for s in ("transform", "transform_2")] == ["executed", "failed"]
    assert {s.state for s in why.steps[2:]} == {"not reached"}
    assert "KeyError" in text(why["transform_2"])
    assert "the run failed in transform_2" in text(why["split"])


def test_an_unknown_step(repository, declare):
    pipeline = declare()
    with pytest.raises(DoesNotExistException, match="Did you mean 'trainer'"):
        pipeline.why("trainr")


def test_a_copy_is_compared_with_its_origin(repository, declare):
    declare(C=1.0).run()
    copied = repository.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    copied.add_trainer(SklearnTrainer("LogisticRegression", C=0.5))
    why = copied.why("trainer")
    assert why.nearest is not None
    assert why.nearest.pipeline == "Pipeline A#1"
    assert differing(why) == ["C: 1.0 -> 0.5"]
    assert "from Pipeline A#1 by you" in text(copied.why("split"))


def test_hostile_names_stay_in_their_line(repository, frame):
    pipeline = DataPipeline("D")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(noted, note="a\nb\x1b[31m")
    pipeline.run()
    other = DataPipeline("D")
    other.add_datasource(PandasDatasource("toy", frame))
    other.add_transform(noted, note="<b>")
    assert differing(other.why("transform")) == [r"note: 'a\nb\x1b[31m' -> '<b>'"]


def noted(rows: Any, note: str = "") -> Any:
    return rows


# --------------------------------------------------------------------------------- the code


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Repository) -> Any:
    """A function that writes modules of the repository and (re)loads them."""
    monkeypatch.syspath_prepend(str(repository.root))
    made: list[str] = []

    def write(**sources: str) -> list[Any]:
        for name, source in sources.items():
            (repository.root / f"{name}.py").write_text(textwrap.dedent(source))
            made.append(name)
        for name in made:
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        return [importlib.import_module(name) for name in sources]

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield write
    for name in made:
        sys.modules.pop(name, None)


def test_a_line_of_a_module_two_levels_away(repository, frame, modules):
    deep = """
        LIMIT = 0

        def above(x):
            # what counts as high
            return x > {limit}
        """
    middle = "import why_deep\n\n\ndef flag(x):\n    return why_deep.above(x)\n"
    top = """
        import why_middle

        def label(rows):
            return rows.assign(high=why_middle.flag(rows.a))
        """

    def make(limit: str) -> DataPipeline:
        *_, module = modules(
            why_deep=deep.replace("{limit}", limit), why_middle=middle, why_top=top
        )
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(module.label)
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        return pipeline

    make("LIMIT").run()
    changed = make("LIMIT + 1")
    for _ in range(2):
        why = text(changed.why("transform"))
        assert "above (why_deep.py:6)" in why
        assert "- 6      return x > LIMIT\n" in why
        assert "+ 6      return x > LIMIT + 1" in why
        assert "label" not in why.split("its code has changed")[1]
        split = text(changed.why("split"))
        assert "transform (label):" in split
        assert "+ 6      return x > LIMIT + 1" in split
        changed.run()


def test_code_of_an_argument(repository, frame, modules):
    def make(value: str) -> TrainingPipeline:
        (module,) = modules(why_top=f"def build(train):\n    return {value}\n")
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(called, build=module.build)
        return pipeline

    make("1").run()
    why = make("2").why("transform")
    assert differing(why) == ["code in build: build (why_top.py:2)"]
    assert "+ 2      return 2" in text(why)


def called(rows: Any, build: Any = None) -> Any:
    build(rows)
    return rows


def test_sources_are_kept_once_and_cost_nothing_later(repository, frame, modules):
    (module,) = modules(why_top="def label(rows):\n    return rows\n")

    def make() -> DataPipeline:
        pipeline = DataPipeline("D")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(module.label)
        return pipeline

    make().run()
    make().run()
    before = repository.metadata.statements
    make().run()
    assert repository.metadata.statements - before <= 4


CELL = """\
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline

FACTOR = 2

def scale(rows):
    '''Scale.'''
    return rows.assign(a=rows["a"] * FACTOR)

pipeline = DataPipeline("D")
pipeline.add_datasource(PandasDatasource("toy", frame))
pipeline.add_transform(scale)
"""


def test_a_line_of_a_cell(shell, repository, frame):
    shell.push({"frame": frame})
    assert cell(shell, CELL).error is None
    assert cell(shell, "%zen run pipeline").error is None
    edited = CELL.replace("* FACTOR", "* FACTOR + 1").replace("FACTOR = 2", "FACTOR = 3")
    assert cell(shell, edited).error is None
    told = cell(shell, "%zen why pipeline transform")
    assert told.error is None
    assert "would be executed in the next run of D" in told.stdout
    assert "scale (line 8 of its cell)" in told.stdout
    assert '+ 8      return rows.assign(a=rows["a"] * FACTOR + 1)' in told.stdout
    assert "FACTOR: 2 -> 3" in told.stdout
    assert told.outputs == []
    assert cell(shell, "%zen run pipeline").error is None
    told = cell(shell, "%zen why transform")
    assert "was executed in D#2" in told.stdout
    assert "FACTOR: 2 -> 3" in told.stdout


# ---------------------------------------------------------------------------- the commands


def test_tab_after_why(shell, repository, declare):
    shell.push({"toy": declare()})
    declare().run()

    def complete(line: str, symbol: str = "") -> list[str]:
        event = SimpleNamespace(text_until_cursor=line + symbol, symbol=symbol, line=line + symbol)
        return completion.complete(shell, event)

    assert complete("%zen ", "wh") == ["why"]
    assert complete("%zen why ", "tr") == ["transform", "trainer"]
    assert set(complete("%zen why ")) >= {"split", "toy", '"Pipeline A"', "--next", "--pipeline"}
    assert complete("%zen why toy ", "tr") == ["trainer"], "the steps of this pipeline alone"
    assert "toy" not in complete("%zen why toy ")
    assert complete("%zen why trainer --pipeline ", "t") == ["toy"]
    assert "split" not in complete("%zen why trainer ")


def test_plan_says_what_it_would_cost(repository, declare, capsys):
    declare(C=1.0).run()
    declare(C=0.5).run()
    assert run_command(["plan", "Pipeline A", "--force", "trainer"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"2 of \d steps would run, about .*; \d come from the cache and save ", shown)
    assert "it is forced" in shown
    assert "gets other input from trainer" in shown


def test_why_of_what_ran_last(repository, declare, capsys):
    declare(C=1.0).run()
    declare(C=0.5).run()
    assert run_command(["why"]) == 0
    shown = capsys.readouterr().out
    assert "run of Pipeline A#2 by you" in shown
    assert "C: 1.0 -> 0.5" in shown
    assert "saved " in shown
    assert run_command(["why", "trainer", "--pipeline", "Pipeline A#1"]) == 0
    assert "nothing like it had run before" in capsys.readouterr().out
    assert run_command(["why", "Pipeline A", "trainer", "--next"]) == 0
    assert "would come from the cache in the next run" in capsys.readouterr().out


def test_why_prefers_the_runs_of_its_user(repository, declare, capsys, monkeypatch):
    declare(C=1.0).run()
    with monkeypatch.context() as patched:
        patched.setattr(repository, "user", "Bob <bob@example.org>")
        patched.setattr("zenlab.engine.record.HOST", "elsewhere")
        declare("Pipeline B", C=0.5).run()
    assert run_command(["why"]) == 0
    assert "run of Pipeline A#1 by you" in capsys.readouterr().out


def test_why_with_a_word_that_means_nothing(repository, declare, capsys):
    declare().run()
    assert run_command(["why", "trainr"]) == 1
    assert "Did you mean 'trainer'?" in capsys.readouterr().err
    assert run_command(["why", "Pipeline A", "trainer", "split"]) == 2


def test_why_without_any_run(repository, capsys):
    assert run_command(["why"]) == 1
    assert "There is no run yet" in capsys.readouterr().err


# ----------------------------------------------------------------------------- the outcome


def last_outcome(repository: Repository) -> str:
    (run,) = repository.metadata.runs(repository.project, limit=1)
    return outcome_of(run, repository)


def test_what_a_run_has_saved_and_changed(repository, declare, monkeypatch):
    declare(C=1.0).run()
    assert last_outcome(repository) == ""
    monkeypatch.setattr(repository, "user", "Bob <bob@example.org>")
    copied = repository.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    copied.add_trainer(SklearnTrainer("LogisticRegression", C=0.0001))
    copied.run()
    told = last_outcome(repository)
    assert told.startswith("saved ")
    assert "thanks to Test (Pipeline A#1); roc_auc 0." in told
    assert told.endswith(" against Pipeline A#1, since trainer.C: 1.0 -> 0.0001")


def test_metrics_that_stay(repository, declare):
    declare().run()
    other = repository.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    other.add_evaluator(Evaluator(metrics=["roc_auc"]))
    other.run()
    told = last_outcome(repository)
    assert "the metrics are those of Pipeline A#1, in spite of evaluator.slices" in told


def test_the_terminal_says_it_after_the_run(repository, declare, capsys):
    declare().run()
    assert run_command(["run", "Pipeline A"]) == 0
    assert "thanks to you (Pipeline A#1)" in capsys.readouterr().out.splitlines()[-1]
    assert run_command(["status"]) == 0
    assert "thanks to you (Pipeline A#1)" in capsys.readouterr().out


def test_a_cell_does_not_store_it(shell, repository, declare):
    """What a cell shows last is what the notebook stores: the same for a run and its repetition."""
    from zenlab.notebook.live import CellWatcher

    declare().run()
    with capture_output() as captured:
        declare().run(watcher=CellWatcher())
    shown = str([output.data for output in captured.outputs])
    assert "cached" in shown
    assert "thanks to" not in captured.stdout + shown
