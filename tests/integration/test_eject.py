"""`zenlab eject`: a script that runs without zenlab, and gives the recorded metrics."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from tests.integration.conftest import git
from tests.integration.repositories import imported
from zenlab.cli import run_command
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.steps.transform import BaseTransformStep

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_worker")

CODE = '''\
import math
from functools import partial

import numpy as np

LIMIT = 0.5


def half(x):
    return np.floor(x) / 2


def label(df, more=0.0):
    """Whether it is late."""
    return df.assign(y=(half(df.n) + more + math.pi > LIMIT + df.a.fillna(0) * 2))


def hits(y_true, y_pred):
    return float((y_true == y_pred).mean())


def _share(y_true, y_p):
    return float((y_p == True).mean())


def score(y_true, prob):
    return float(np.mean(prob))


def _read(x):
    return x + 1


def again(df):
    return df.assign(a=_read(df.a))


def model(train, eval, context, depth=2):
    from sklearn.tree import DecisionTreeClassifier

    context.log_metric("rows", len(train) + len(eval))
    X = train.filter(regex="_xf$")
    return DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, train.y_xl)


def judge(model, examples, raw, factor=1):
    rows = examples["eval"]
    guess = model.predict(rows.filter(regex="_xf$"))
    return {"hits": factor * hits(rows.y_xl.to_numpy(), guess), "rows": float(len(raw["eval"]))}
'''


@pytest.fixture
def code(repository, monkeypatch) -> Any:
    monkeypatch.syspath_prepend(str(repository.root))
    (repository.root / "ejected_code.py").write_text(CODE)
    return imported("ejected_code", monkeypatch)


@pytest.fixture
def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=300),
            "n": rng.integers(0, 6, 300),
            "kind": rng.choice(["x", "y {z}", "'q'"], 300),
            "flag": rng.random(300) > 0.5,
        }
    )
    frame.loc[::20, "a"] = None
    frame.loc[::30, "kind"] = None
    return frame


def declare(frame: pd.DataFrame, code: Any, name: str = "Pipeline A") -> TrainingPipeline:
    pipeline = TrainingPipeline(name)
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_transform(code.label, more=0.25)
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(
        TabularPreprocesser(
            features=["a", "n", "kind", "flag"],
            labels=["y"],
            max_categories=2,
            overrides={"n": {"as": "categorical", "categorical": "ordinal"}},
        )
    )
    estimator = Pipeline([("scale", MinMaxScaler((0, 2))), ("fit", LogisticRegression(C=0.5))])
    pipeline.add_trainer(SklearnTrainer(estimator))
    names = ["roc_auc", "log_loss", "brier", "accuracy", "f1", "specificity", "mcc", "f1_macro"]
    pipeline.add_evaluator(Evaluator(metrics=[*names, code.hits], slices=[["kind"]]))
    return pipeline


def without_zenlab(script: Path) -> dict[str, float]:
    """What a script prints in a Python that cannot import zenlab."""
    stub = script.parent / "stub"
    (stub / "zenlab").mkdir(parents=True, exist_ok=True)
    (stub / "zenlab" / "__init__.py").write_text("raise ImportError('there is no zenlab here')\n")
    env = {**os.environ, "PYTHONPATH": str(stub)}
    check = [sys.executable, "-P", "-c", "import zenlab"]
    assert subprocess.run(check, env=env, capture_output=True, check=False).returncode == 1
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", str(script)],
        cwd=script.parent,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        name, _, value = line.rpartition(" ")
        found[name] = float(value)
    return found


def recorded(repository, name: str = "Pipeline A") -> dict[str, float]:
    run = repository.metadata.latest_run(repository.project, name)
    ids = [r.execution_id for r in run.resolved if r.slot == "evaluator"]
    (execution,) = repository.metadata.executions(ids)
    return {metric.name: metric.value for metric in execution.metrics}


def test_the_script_gives_the_recorded_metrics_without_zenlab(
    repository, code, numbers, tmp_path, capsys
):
    declare(numbers, code).run()
    before = git(repository.root, "status", "--porcelain")
    script = tmp_path / "a folder" / "script.py"
    script.parent.mkdir()
    assert run_command(["eject", "Pipeline A", "-o", str(script), "--data", "copy"]) == 0
    told = capsys.readouterr()
    assert told.err == "The metrics of slices are left out.\n"
    assert git(repository.root, "status", "--porcelain") == before
    text = script.read_text()
    assert "import zenlab" not in text
    assert "def label(df, more=0.0):" in text
    assert "import math" in text
    assert "partial" not in text  # nothing uses it
    assert "# recorded on eval: " in text
    # The copy is all that it needs.
    shutil.move(script.parent, tmp_path / "elsewhere")
    shutil.rmtree(repository.root / ".zenlab" / "artifacts")
    found = without_zenlab(tmp_path / "elsewhere" / "script.py")
    assert found == pytest.approx(
        {f"eval {name}": value for name, value in recorded(repository).items()}, rel=1e-5
    )
    assert len(found) == 9


def test_functions_of_the_users_own_and_a_notebook(
    repository, code, numbers, tmp_path, monkeypatch, capsys
):
    import __main__

    cell = tmp_path / "cell.py"
    cell.write_text("def rows(df, low=1):\n    return df[df.n >= low].copy()\n")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(cell.read_text(), str(cell), "exec"), namespace)
    monkeypatch.setattr(__main__, "rows", namespace["rows"], raising=False)
    pipeline = declare(numbers, code)
    pipeline.add_transform(namespace["rows"], low=2)
    pipeline.add_trainer(code.model, depth=3)
    pipeline.add_evaluator(code.judge, factor=2)
    pipeline.run()
    script = tmp_path / "script.py"
    assert run_command(["eject", "Pipeline A", "-o", str(script)]) == 0
    assert capsys.readouterr().err == ""
    found = without_zenlab(script)
    assert {k: found[k] for k in ("hits", "rows")} == pytest.approx(recorded(repository))
    # The rows of the splits are read, and how they were made can still be called.
    assert "rows = _rows(rows, low=2)" in script.read_text()


def test_names_that_the_script_has_as_well(repository, code, numbers, tmp_path, capsys):
    pipeline = declare(numbers, code)
    pipeline.add_transform(code.again)
    pipeline.add_evaluator(Evaluator(metrics=["accuracy", code._share, code.score]))
    pipeline.run()
    script = tmp_path / "script.py"
    assert run_command(["eject", "Pipeline A", "-o", str(script)]) == 0
    assert (
        "transform_2: again cannot be written: it needs its own '_read'" in capsys.readouterr().err
    )
    assert without_zenlab(script) == pytest.approx(
        {f"eval {k}": v for k, v in recorded(repository).items()}, rel=1e-5
    )


class Doubled(BaseTransformStep):
    def transform(self, df):
        return df.assign(a=df.a * 2)


def test_what_cannot_be_written_is_said_and_the_script_is_valid(
    repository, code, numbers, tmp_path, capsys
):
    pipeline = declare(numbers, code)
    pipeline.add_transform(Doubled())
    pipeline.run()
    assert run_command(["eject", "Pipeline A"]) == 0
    told = capsys.readouterr()
    assert "transform_2: Doubled cannot be written: " in told.err
    assert "# class Doubled(BaseTransformStep):" in told.out  # to be read
    assert "\nclass Doubled" not in told.out
    assert "# NOTE transform_2: Doubled cannot be written" in told.out
    script = tmp_path / "script.py"
    script.write_text(told.out)
    assert without_zenlab(script)["eval roc_auc"] == pytest.approx(
        recorded(repository)["roc_auc"], rel=1e-5
    )


def test_regression_and_several_classes(repository, code, numbers, tmp_path):
    for label, estimator in (("n", "Ridge"), ("kind", "RandomForestClassifier")):
        pipeline = TrainingPipeline(label)
        pipeline.add_datasource(PandasDatasource("toy", numbers.dropna()))
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        features = [f for f in ("a", "n", "flag") if f != label]
        pipeline.add_preprocesser(TabularPreprocesser(features=features, labels=[label]))
        small = {"n_estimators": 3} if label == "kind" else {}
        pipeline.add_trainer(SklearnTrainer(estimator, **small))
        pipeline.add_evaluator(Evaluator())
        pipeline.run()
        script = tmp_path / f"{label}.py"
        assert run_command(["eject", label, "-o", str(script)]) == 0
        assert without_zenlab(script) == pytest.approx(
            {f"eval {k}": v for k, v in recorded(repository, label).items()}, rel=1e-5
        )


def test_what_the_store_lists_of_a_module_is_not_written(
    repository, code, numbers, tmp_path, monkeypatch, capsys
):
    """Whoever may write the database would put code into a script that somebody else starts."""
    declare(numbers, code).run()
    with sqlite3.connect(repository.root / ".zenlab" / "metadata.db") as database:
        database.execute("UPDATE code SET source = replace(source, 'math.pi', 'math.e')")
        assert database.execute("SELECT changes()").fetchone() != (0,)
    script = tmp_path / "script.py"
    words = ["eject", "Pipeline A", "-o", str(script), "--force"]
    assert run_command(words) == 0, capsys.readouterr().err
    assert "more + math.pi" in script.read_text()
    # What is not here any more is left out, and that is said.
    (repository.root / "ejected_code.py").write_text("raise OSError('one\\ntwo')\n")
    monkeypatch.delitem(sys.modules, "ejected_code")
    assert run_command(words) == 0, capsys.readouterr().err
    assert r"its code is not here: OSError('one\ntwo')" in script.read_text()


def test_a_file_that_is_there_is_kept(repository, code, numbers, tmp_path, capsys):
    pipeline = DataPipeline("Rows")
    pipeline.add_datasource(PandasDatasource("toy", numbers))
    pipeline.add_transform(code.label)
    pipeline.run()
    script = tmp_path / "script.py"
    script.write_text("mine")
    assert run_command(["eject", "Rows", "-o", str(script)]) == 1
    assert "--force" in capsys.readouterr().err
    assert script.read_text() == "mine"
    assert run_command(["eject", "Rows", "-o", str(script), "--force"]) == 0
    assert "print(rows)" in script.read_text()
    assert run_command(["eject", "Rows", "--data", "copy"]) == 2
    assert run_command(["eject", "Rows", "-o", str(tmp_path), "--force"]) == 2
    assert "is a directory" in capsys.readouterr().err
    assert run_command(["eject", "Rows", "-o", str(script / "below.py")]) == 1
    assert capsys.readouterr().err.startswith("ZenlabError: The script cannot be written: ")
    assert run_command(["eject", "Rowz"]) == 1
    assert "Did you mean 'Rows'?" in capsys.readouterr().err
