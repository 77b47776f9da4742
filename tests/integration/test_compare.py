"""Comparisons of real pipelines: by name, revision and object, in Python and as `%zen compare`."""

from __future__ import annotations

import importlib
import sys
import textwrap
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.compare_harness import differing, labels, metrics
from tests.conformance.compare_suite import CompareSuite
from tests.integration.conftest import cell
from zenlab.cli import run_command
from zenlab.core.errors import (
    DoesNotExistException,
    ParameterError,
    PipelineNotSucceededException,
    StepError,
)
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.views.panel import BUDGET, stored_size

if TYPE_CHECKING:
    from zenlab.views import ComparePanel


class TestCompareOnSqlite(CompareSuite):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'metadata.db'}"


STEPS = ("split", "preprocesser", "trainer", "evaluator")
"""Those of `declare`; where there is a TFDV worker, zenlab adds others."""


# ------------------------------------------------------------------------- which runs are meant


def test_two_pipelines_by_name(repository, declare):
    declare("Pipeline A", C=1.0).run()
    declare("Pipeline B", C=0.01).run()
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert labels(panel) == ["Pipeline A#1", "Pipeline B#1"]
    assert panel.comparison.baseline == 0
    assert differing(panel) == {"trainer.C": ("1.0", "0.01")}
    (roc_auc,) = metrics(panel).values()
    for i, name in enumerate(labels(panel)):
        frame = repository.get_pipeline_by_name(name).evaluate().to_frame()
        overall = frame[(frame.metric == "roc_auc") & (frame.by == "")]
        assert roc_auc[i] == overall["value"].item()


def test_two_revisions_and_all_of_them(repository, declare):
    for c in (1.0, 2.0, 3.0):
        declare(C=c).run()
    panel = repository.compare("Pipeline A#1", "Pipeline A#3")
    assert labels(panel) == ["Pipeline A#1", "Pipeline A#3"]
    assert differing(panel) == {"trainer.C": ("1.0", "3.0")}
    assert sorted(labels(repository.compare("Pipeline A"))) == [
        f"Pipeline A#{i}" for i in (1, 2, 3)
    ]


def test_a_name_means_the_pipeline_as_it_is_now(repository, declare):
    declare(C=1.0).run()
    declare(C=2.0).run()
    declare(C=1.0).run()  # back to the first draft
    declare("Pipeline B").run()
    assert labels(repository.compare("Pipeline A", "Pipeline B"))[0] == "Pipeline A#1"


def test_a_draft_that_failed_gives_way_to_the_last_success_and_says_so(repository, declare):
    declare(C=1.0).run()
    with pytest.raises(StepError):
        declare(C=-1.0).run()
    declare("Pipeline B").run()
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert labels(panel)[0] == "Pipeline A#1"
    assert "'Pipeline A' as it is now has no successful run; this is revision 1." in str(panel)
    with pytest.raises(PipelineNotSucceededException, match="Revision 2 of pipeline 'Pipeline A'"):
        repository.compare("Pipeline A#2", "Pipeline B")


def test_pipeline_objects(repository, declare):
    one, two = declare(C=1.0), declare(C=2.0)
    with pytest.raises(PipelineNotSucceededException, match="has not been run in this session"):
        repository.compare(one, two)
    one.run()
    two.run()
    assert labels(repository.compare(one, two)) == ["Pipeline A#1", "Pipeline A#2"]
    opened = repository.get_pipeline_by_name("Pipeline A#1")
    assert labels(repository.compare(two, opened)) == ["Pipeline A#2", "Pipeline A#1"]


def test_what_ran_last_is_of_one_type(repository, declare, frame):
    declare("Pipeline A", C=1.0).run()
    data = DataPipeline("Rows")
    data.add_datasource(PandasDatasource("toy", frame))
    data.add_split(RandomSplit({"train": 0.5, "eval": 0.5}))
    data.run()
    declare("Pipeline B", C=2.0).run()
    assert labels(repository.compare()) == ["Pipeline A#1", "Pipeline B#1"]


def test_what_ran_last(repository, declare, monkeypatch):
    with pytest.raises(PipelineNotSucceededException, match="nothing to compare yet"):
        repository.compare()
    declare("Pipeline A", C=1.0).run()
    declare("Pipeline A", C=2.0).run()
    monkeypatch.setattr(repository, "user", "Bob <bob@example.org>")
    declare("Pipeline B").run()
    # Bob has one run only; then it is what the team ran last.
    assert labels(repository.compare()) == ["Pipeline A#2", "Pipeline B#1"]
    monkeypatch.undo()
    assert labels(repository.compare()) == ["Pipeline A#1", "Pipeline A#2"]


@pytest.mark.parametrize(
    ("targets", "message", "hint"),
    [
        (("Pipline A", "Pipeline A"), "No pipeline 'Pipline A'", "Did you mean 'Pipeline A'?"),
        (("Pipeline A#7", "Pipeline A"), "has no revision 7", "Pipeline A#1 to #2"),
        (("Nothing#1", "Pipeline A"), "No pipeline 'Nothing'", "There are: 'Pipeline A'"),
        (("Pipeline A#2", "Pipeline A#2"), "There is only 'Pipeline A#2'", "Name another one"),
        (("Pipeline A#1",), "There is only 'Pipeline A#1'", 'compare "Pipeline A"'),
        ((3, "Pipeline A"), "A int cannot be compared", "Give pipelines"),
    ],
)
def test_what_is_not_there_is_named_with_a_suggestion(repository, declare, targets, message, hint):
    declare(C=1.0).run()
    declare(C=2.0).run()
    with pytest.raises((DoesNotExistException, ParameterError)) as caught:
        repository.compare(*targets)
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


def test_baseline_and_order(repository, declare):
    for name, c in (("Pipeline A", 1.0), ("Pipeline B", 0.001), ("Pipeline C", 100.0)):
        declare(name, C=c).run()
    panel = repository.compare("Pipeline A", "Pipeline B", baseline="Pipeline B")
    assert (labels(panel)[0], panel.comparison.baseline) == ("Pipeline A#1", 1)
    added = repository.compare("Pipeline A", "Pipeline B", baseline="Pipeline C")
    assert (labels(added)[0], added.comparison.baseline) == ("Pipeline C#1", 0)
    listed = repository.compare_training_runs(sort="roc_auc", baseline="Pipeline B")
    (values,) = metrics(listed).values()
    assert list(values) == sorted(values, reverse=True)
    assert labels(listed)[listed.comparison.baseline] == "Pipeline B#1"
    with pytest.raises(DoesNotExistException, match="None of the runs has a metric 'roc_au'"):
        repository.compare_training_runs(sort="roc_au")
    with pytest.raises(DoesNotExistException, match="baseline 'Pipeline D'"):
        repository.compare_training_runs(baseline="Pipeline D")


def test_the_list_can_be_of_one_datasource(repository, declare, frame):
    declare().run()
    other = declare("Pipeline B")
    other._datasource = PandasDatasource("other", frame.head(300))
    other.run()
    assert labels(repository.compare_training_runs("other")) == ["Pipeline B#1"]
    assert labels(repository.compare_training_runs(PandasDatasource("toy", frame))) == [
        "Pipeline A#1"
    ]
    with pytest.raises(DoesNotExistException, match="datasource 'othre'") as caught:
        repository.compare_training_runs("othre")
    assert "Did you mean 'other'?" in str(caught.value.hint)


def test_an_empty_repository_has_an_empty_list(repository):
    assert "no successful run yet" in str(repository.compare_training_runs())


# ------------------------------------------------------------------------------- what is compared


def test_a_step_more_another_class_and_the_order_of_a_dict(repository, declare, frame):
    def clean(rows):
        return rows.dropna()

    def declared(name, trainer, split_map, transform):
        pipeline = TrainingPipeline(name)
        pipeline.add_datasource(PandasDatasource("toy", frame))
        if transform:
            pipeline.add_transform(clean)
        pipeline.add_split(RandomSplit(split_map))
        pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
        pipeline.add_trainer(trainer)
        pipeline.add_evaluator(Evaluator(metrics=["roc_auc"]))
        pipeline.run()

    declared("One", SklearnTrainer("LogisticRegression"), {"train": 0.5, "eval": 0.5}, False)
    declared("Two", SklearnTrainer("GaussianNB"), {"eval": 0.5, "train": 0.5}, True)
    panel = repository.compare("One", "Two")
    assert differing(panel) == {
        "transform": (None, "clean"),
        "split.split_map (order)": ("[train, eval]", "[eval, train]"),
        "trainer.estimator": ("LogisticRegression", "GaussianNB"),
        "trainer.random_state": ("0", None),  # it takes none
    }
    assert "transform" in str(panel)
    assert {"split.seed", "evaluator.metrics", "datasource.commit"} <= {
        row.name for row in panel.comparison.parameters if not row.differs
    }


def test_metrics_of_another_split_are_another_row(repository, declare):
    declare("Pipeline A").run()
    other = declare("Pipeline B")
    other.add_evaluator(Evaluator(metrics=["roc_auc", "brier"], splits=["train", "eval"]))
    other.run()
    found = metrics(repository.compare("Pipeline A", "Pipeline B"))
    assert next(iter(found)) == "roc_auc on eval"
    assert None not in found["roc_auc on eval"]
    assert found["roc_auc on train"][0] is None
    assert found["brier on train"][1] is not None
    better = {
        m.name: m.better for m in repository.compare("Pipeline A", "Pipeline B").comparison.metrics
    }
    assert better == {"roc_auc": "higher", "brier": "lower"}


def test_steps_that_two_people_share(repository, declare, monkeypatch):
    declare("Pipeline A", C=1.0).run()
    monkeypatch.setattr(repository, "user", "Bob <bob@example.org>")
    declare("Pipeline B", C=1e-9).run()
    panel = repository.compare("Pipeline B", "Pipeline A")
    steps = {row.slot: row.cells for row in panel.comparison.steps}
    assert [slot for slot in steps if slot in STEPS] == list(STEPS)
    mine, theirs = steps["split"]
    assert mine.number == theirs.number
    assert (mine.user, mine.origin, theirs.origin) == ("Test", "Pipeline A#1", "")
    assert [(c.number, c.user) for c in steps["trainer"]] == [(1, "Bob"), (2, "Test")]
    text = str(panel)
    assert "① Test in Pipeline A#1" in text
    assert "@example.org" not in text  # a notebook that is committed needs no addresses


def test_another_execution_with_the_same_result_says_so(repository, declare):
    declare("Pipeline A").run()
    other = declare("Pipeline B")
    other.add_preprocesser(
        TabularPreprocesser(features=["a", "b"], labels=["y"], max_categories=40)  # there are three
    )
    other.run()
    panel = repository.compare("Pipeline A", "Pipeline B")
    steps = {
        row.slot: [(c.number, c.same_result) for c in row.cells] for row in panel.comparison.steps
    }
    assert steps["preprocesser"] == [(1, False), (2, True)]
    assert steps["trainer"] == [(1, False), (1, False)]  # which is why this one was a hit
    assert "②, same result" in str(panel)


def module_of(folder: Any, text: str) -> Any:
    """Write, or write again, the module `team_features`, and import it as it is now."""
    (folder / "team_features.py").write_text(textwrap.dedent(text))
    importlib.invalidate_caches()
    sys.modules.pop("team_features", None)
    return importlib.import_module("team_features")


MODULE = """
    LIMIT = 0.5

    def is_big(rows):
        # more than usual
        return rows.a > LIMIT

    def mark(rows):
        rows["big"] = is_big(rows)
        return rows
"""


def with_transform(name: str, transform: Any, declare: Any) -> TrainingPipeline:
    pipeline: TrainingPipeline = declare(name)
    pipeline.add_transform(transform)
    pipeline.run()
    return pipeline


def code_of(panel: ComparePanel) -> dict[str, tuple[str, ...]]:
    return {b.place: b.lines for d in panel.comparison.code for b in d.blocks}


def test_the_code_of_a_module_is_a_diff_two_calls_away(repository, declare, monkeypatch):
    monkeypatch.syspath_prepend(repository.root)
    with_transform("Pipeline A", module_of(repository.root, MODULE).mark, declare)
    edited = MODULE.replace("rows.a > LIMIT", "rows.a >= LIMIT").replace("= 0.5", "= 0.25")
    with_transform("Pipeline B", module_of(repository.root, edited).mark, declare)
    sys.modules.pop("team_features")
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert code_of(panel) == {
        "is_big (team_features.py)": (
            "@@ -4,3 +4,3 @@",
            " def is_big(rows):",
            "     # more than usual",
            "-    return rows.a > LIMIT",
            "+    return rows.a >= LIMIT",
        ),
        "LIMIT (team_features.py)": ("-LIMIT = 0.5", "+LIMIT = 0.25"),
    }
    (difference,) = panel.comparison.code
    assert (difference.slot, difference.base, difference.runs) == (
        "transform",
        "Pipeline A#1",
        ("Pipeline B#1",),
    )
    one, two = differing(panel)["transform"]
    assert one.startswith("mark @")
    assert one != two
    assert "<pre>" in panel._repr_mimebundle_()["text/html"]


def test_a_comment_is_no_difference(repository, declare, monkeypatch):
    monkeypatch.syspath_prepend(repository.root)
    with_transform("Pipeline A", module_of(repository.root, MODULE).mark, declare)
    edited = MODULE.replace("more than usual", "much")
    with_transform("Pipeline B", module_of(repository.root, edited).mark, declare)
    sys.modules.pop("team_features")
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert panel.comparison.code == ()
    assert differing(panel) == {}


def test_the_code_of_a_notebook_in_a_cell(shell, repository, declare):
    shell.push({"declare": declare})
    source = """
def mark(rows):
    rows["big"] = rows.a > {limit}
    return rows

{name} = declare("{name}")
{name}.add_transform(mark)
{name}.run()
"""
    for name, limit in (("one", 1), ("two", 2)):
        assert cell(shell, source.format(name=name, limit=limit)).error is None
    done = cell(shell, "%zen compare one two --all")
    assert done.error is None
    text = done.outputs[-1].data["text/plain"]
    assert text.startswith("Comparison of one#1 and two#1")
    assert '-    rows["big"] = rows.a > 1\n+    rows["big"] = rows.a > 2' in text
    assert "split.seed" in text
    assert stored_size(done.outputs[-1].data) <= BUDGET
    again = cell(shell, "%zen compare one two --all")
    assert again.outputs[-1].data == done.outputs[-1].data
    failed = cell(shell, "%zen compare one tow")
    assert "Did you mean 'two'?" in str(failed.error)


def test_completion_offers_pipelines_and_options(shell, repository, declare):
    from zenlab.notebook.completion import complete

    declare().run()
    shell.push({"pipeline": declare("Pipeline B")})

    def offered(typed: str) -> list[str]:
        symbol = typed.rpartition(" ")[2]
        event = SimpleNamespace(line=typed, symbol=symbol, text_until_cursor=typed)
        return complete(shell, event)

    assert "compare" in offered("%zen ")
    assert {"pipeline", '"Pipeline A"', "--baseline", "--all"} <= set(offered("%zen compare "))
    assert '"Pipeline A"' in offered("%zen compare pipeline ")
    assert offered("%zen compare --datasource ") == ["toy"]
    assert offered("%zen compare --b") == ["--baseline"]
    assert offered("%zen schema show ") == ["toy"]
    (repository.root / "my rows.csv").write_text("a\n1\n")
    (repository.root / "rows.parquet").touch()
    (repository.root / "notes.txt").touch()
    shell.push({"table": pd.DataFrame()})
    assert offered("%zen look ") == ["table", "'my rows.csv'", "rows.parquet"]


def test_the_command_line(repository, declare, capsys):
    declare("Pipeline A", C=1.0).run()
    declare("Pipeline B", C=2.0).run()
    assert run_command(["compare", "Pipeline A", "Pipeline B"]) == 0
    assert "trainer.C  1.0           2.0" in capsys.readouterr().out
    assert run_command(["compare"]) == 0
    assert "Pipeline A#1 (baseline)" in capsys.readouterr().out
    assert run_command(["compare", "--project", "--sort", "roc_auc"]) == 0
    assert "Pipeline B#1" in capsys.readouterr().out
    assert run_command(["compare", "--project", "Pipeline A"]) == 1
    assert "take no names" in capsys.readouterr().err
    assert run_command(["compare", "Pipeline A", "Pipeline C"]) == 1
    assert "No pipeline 'Pipeline C'" in capsys.readouterr().err


def test_logged_series_and_curves_of_the_evaluation(repository, declare):
    def train(train, epochs=3, context=None):
        from sklearn.linear_model import LogisticRegression

        for epoch in range(epochs):
            context.log_metric("loss", 1 / (epoch + 1), step=epoch)
        context.log_metric("seen", len(train))
        return LogisticRegression().fit(train.filter(like="_xf"), train["y_xl"])

    for name, epochs in (("Pipeline A", 3), ("Pipeline B", 5)):
        pipeline = declare(name)
        pipeline.add_trainer(train, epochs=epochs)
        pipeline.run()
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert [(s.run, s.name, s.y) for s in panel.comparison.series] == [
        ("Pipeline A#1", "loss", (1.0, 1 / 2, 1 / 3)),
        ("Pipeline B#1", "loss", (1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5)),
    ]
    assert metrics(panel)["trainer.seen"][0] > 0
    figure = panel.figure()
    assert [a.text for a in figure.layout.annotations] == ["loss", "ROC", "Precision and recall"]
    roc = [t for t in figure.data if t.xaxis == "x2" and t.name]
    assert [t.name for t in roc] == ["Pipeline A#1", "Pipeline B#1"]
    assert all(list(t.x) == sorted(t.x) for t in roc)


def test_a_lost_evaluation_leaves_the_rest(repository, declare):
    import shutil

    declare("Pipeline A", C=1.0).run()
    declare("Pipeline B", C=2.0).run()
    shutil.rmtree(repository.root / ".zenlab" / "artifacts")
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert None not in metrics(panel)["roc_auc on eval"]
    assert [a.text for a in panel.figure().layout.annotations] == ["roc_auc on eval"]
