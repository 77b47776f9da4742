"""Steps and models of a user's own: functions and classes, in a module and in a cell."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from zenlab.core.errors import ParameterError, TrustError
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.steps.preprocesser import TabularPreprocesser

OWN = '''
    import json

    import numpy as np

    from zenlab.steps.evaluator import BaseEvaluatorStep
    from zenlab.steps.preprocesser import BasePreprocesserStep
    from zenlab.steps.split import BaseSplitStep
    from zenlab.steps.trainer import BaseTrainerStep
    from zenlab.steps.transform import BaseTransformStep


    class Clip(BaseTransformStep):
        def __init__(self, column: str, highest: float = 1.0):
            self.column, self.highest = column, highest

        def transform(self, df):
            return df.assign(**{self.column: df[self.column].clip(upper=self.highest)})


    class Halves(BaseSplitStep):
        def get_split_names(self):
            return ["train", "eval"]

        def partition_fn(self, element, num_partitions):
            return int(element["b"] == "x")


    class Centre(BasePreprocesserStep):
        def fit(self, train):
            return {"mean": float(train.to_pandas()["a"].mean())}

        def transform(self, df, state):
            out = (df[["a"]] - state["mean"]).rename(columns={"a": "a_xf"})
            return out.assign(y_xl=df["y"])


    class Constant:
        """A model that brings its own files."""

        def __init__(self, value):
            self.value = value

        def predict(self, X):
            return np.full(len(X), self.value)

        def save(self, path):
            path.mkdir()
            with open(path / "constant.json", "w") as file:
                json.dump(self.value, file)

        @classmethod
        def load(cls, path):
            with open(path / "constant.json") as file:
                return cls(json.load(file))


    class MostFrequent(BaseTrainerStep):
        def __init__(self, bias: bool = False):
            self.bias = bias

        def fit(self, train, eval):
            self.context.log_metric("share", float(train.to_pandas()["y_xl"].mean()))
            (self.context.output_dir / "notes.txt").write_text("hello")
            return Constant(bool(train.to_pandas()["y_xl"].mean() > 0.5) or self.bias)


    class Accuracy(BaseEvaluatorStep):
        def evaluate(self, model, examples, raw):
            rows = examples["eval"].to_pandas()
            return {"accuracy": float((model.predict(rows) == rows["y_xl"]).mean())}


    def build(pipeline):
        pipeline.add_transform(Clip("a", highest=0.5))
        pipeline.add_split(Halves())
        pipeline.add_preprocesser(Centre())
        pipeline.add_trainer(MostFrequent())
        pipeline.add_evaluator(Accuracy())
        return pipeline
'''


@pytest.fixture
def own(repository, monkeypatch):
    """The module of the user's own steps, in the repository."""
    (repository.root / "own.py").write_text(textwrap.dedent(OWN))
    monkeypatch.syspath_prepend(str(repository.root))
    sys.modules.pop("own", None)
    yield __import__("own")
    sys.modules.pop("own", None)


def hows(pipeline: TrainingPipeline) -> set[str]:
    pipeline.run()
    assert pipeline.last is not None
    assert pipeline.last.result is not None
    return {step.how for step in pipeline.last.result.steps.values()}


def test_a_pipeline_of_classes_of_a_module(repository, own, frame):
    def declare() -> TrainingPipeline:
        pipeline = TrainingPipeline("Own")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        return own.build(pipeline)

    pipeline = declare()
    assert hows(pipeline) == {"executed"}
    assert pipeline.outputs("transform")["data"].to_pandas()["a"].max() == 0.5
    assert sorted(pipeline.outputs("split")) == ["eval", "train"]
    assert isinstance(pipeline.model(), own.Constant)
    files = pipeline.outputs("trainer")["files"]
    assert (Path(files) / "notes.txt").read_text() == "hello"
    assert "accuracy" in str(pipeline.evaluate())
    assert hows(declare()) == {"hit"}
    opened = repository.get_pipeline_by_name("Own")
    assert isinstance(opened.model(), own.Constant)
    assert pipeline.download_model("here") == "here"
    (saved,) = (repository.root / "here").rglob("constant.json")
    assert json.loads(saved.read_text()) is pipeline.model().value
    with pytest.raises(ParameterError, match="exists already"):
        pipeline.download_model("here")


def test_a_model_of_a_class_that_the_trainer_does_not_reach_is_refused(repository, own, frame):
    from zenlab.pipelines.models import class_resolver

    pipeline = TrainingPipeline("Own")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    own.build(pipeline).run()
    resolve = class_resolver(repository.specification("Own"), repository)
    assert resolve("own.Constant") is own.Constant
    with pytest.raises(TrustError, match="not part of the code of trainer 'MostFrequent'"):
        resolve("subprocess.Popen")
    with pytest.raises(TrustError):
        resolve("own.Accuracy")
    # What an artifact names is no reason to import it, either: a script runs when it is imported.
    (repository.root / "bystander.py").write_text("class Thing: ...\n")
    with pytest.raises(TrustError):
        resolve("bystander.Thing")
    assert "bystander" not in sys.modules


def test_functions_as_steps(repository, frame):
    from sklearn.dummy import DummyClassifier

    def halves(rows):
        return ["train" if b == "x" else "eval" for b in rows["b"]]

    def train(train, strategy="prior", context=None):
        context.log_metric("rows", len(train))
        features = [c for c in train.columns if c.endswith("_xf")]
        return DummyClassifier(strategy=strategy).fit(train[features], train["y_xl"])

    def count(model, examples):
        return {"rows": len(examples["eval"])}

    def declare(**params: object) -> TrainingPipeline:
        pipeline = TrainingPipeline("Functions")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_split(halves)
        pipeline.add_preprocesser(TabularPreprocesser(features=["a"], labels=["y"]))
        pipeline.add_trainer(train, **params)
        pipeline.add_evaluator(count)
        return pipeline

    first = declare()
    assert hows(first) == {"executed"}
    assert first.model().strategy == "prior"
    assert hows(declare()) == {"hit"}
    second = declare(strategy="most_frequent")
    assert hows(second) == {"hit", "executed"}
    assert second.model().strategy == "most_frequent"
    with pytest.raises(ParameterError, match="Did you mean 'strategy'"):
        declare(stratgy="prior")


def test_steps_are_refused_where_they_do_not_belong(own, frame):
    pipeline = TrainingPipeline("Own")
    with pytest.raises(ParameterError, match="Accuracy is for evaluator, not for trainer"):
        pipeline.add_trainer(own.Accuracy())
    with pytest.raises(ParameterError, match=r"Use MostFrequent\(\.\.\.\)"):
        pipeline.add_trainer(own.MostFrequent)
    with pytest.raises(ParameterError, match="takes a step or a function, not a int"):
        pipeline.add_trainer(3)


def test_an_older_commit_can_be_pinned(repository, frame):
    old = PandasDatasource("toy", frame).commit()
    PandasDatasource("toy", frame.iloc[:100]).commit()
    from zenlab.pipelines import DataPipeline

    pipeline = DataPipeline("Pinned")
    pipeline.add_datasource(PandasDatasource("toy", frame.iloc[:100]), commit_id=old[:8])
    pipeline.add_transform(lambda rows: rows)
    pipeline.run()
    assert len(pipeline.outputs("transform")["data"]) == 600
    assert repository.specification("Pinned").datasource.commit == old
