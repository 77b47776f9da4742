"""A whole pipeline of a user's own repository: by script, in IPython, on the command line."""

import csv
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

LABELS = '''
def is_high(price, limit):
    """Whether it is."""
    return price > limit


def label(rows, limit=10.0):
    return rows.assign(high=is_high(rows["price"], limit))
'''

DECLARE = """
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer


def declare(name, label):
    pipeline = TrainingPipeline(name)
    pipeline.add_datasource(CSVDatasource("sales", "data/sales.csv"))
    pipeline.add_transform(label)
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(TabularPreprocesser(["shop", "size"], ["high"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression", C=0.5))
    pipeline.add_evaluator(Evaluator(["roc_auc", "accuracy"], slices=[["shop"]]))
    return pipeline
"""

SCRIPT = """
import json
from declare import declare
from labels import label
from zenlab import Repository

pipeline = declare("Sales", label)
pipeline.run()
panel = pipeline.evaluate()
auc = panel.to_frame().query("metric == 'roc_auc' and split == 'eval'")["value"].iloc[0]
bundle = panel._repr_mimebundle_()
opened = Repository().get_pipeline_by_name("Sales")
rows = opened.sample_transformed_data("eval")
features = [name for name in rows.columns if name.endswith("_xf")]
print(json.dumps({
    "how": {slot: step.how for slot, step in pipeline.last.result.steps.items()},
    "auc": round(float(auc), 3),
    "html": "<table" in bundle["text/html"],
    "text": str(panel).splitlines()[0],
    "traces": len(panel.figure().data) > 0,
    "predicted": len(opened.model().predict(rows[features])) == len(rows) > 0,
    "types": sorted({str(t) for t in pipeline.outputs("transform")["data"].to_pandas().dtypes}),
    "digest": pipeline.outputs("split")["train"].digest,
}))
"""

SESSION = """
%load_ext zenlab
from declare import declare

LIMIT = 12.0

def label_here(rows):
    print("looking at", len(rows), "rows")
    return rows.assign(high=rows["price"] > LIMIT)

pipeline = declare("In a cell", label_here)
%zen run pipeline
print("first:", *{s.how for s in pipeline.last.result.steps.values()})
again = declare("In a cell", label_here)
%zen run again
print("second:", *{s.how for s in again.last.result.steps.values()})
%zen plan again
pipeline.evaluate()
%zen list
%zen logs transform
print("the end")
"""

# The content of the split "train": the same rows on every Python, pandas and pyarrow.
TRAIN = "df03d6d2583cd97c494142e3dfb7281ad872da97f1895bfc7e2024b62f30f318"
SLOTS = ("transform", "split", "preprocesser", "trainer", "evaluator")


@pytest.fixture
def work(tmp_path):
    """A folder with data and code, and a home of its own; returns how to start programs in it."""
    home, project = tmp_path / "home", tmp_path / "a project"
    home.mkdir()
    (project / "data").mkdir(parents=True)
    draw = random.Random(0)
    with (project / "data" / "sales.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["shop", "size", "day", "price"])
        for i in range(400):
            shop, size = draw.choice(["Köln", "Ulm", "", "Aachen"]), draw.uniform(0, 10)
            price = size + 5 * (shop == "Ulm") + draw.gauss(5, 2)
            missing = "" if i % 40 == 0 else f"{size:.3f}"
            writer.writerow([shop, missing, f"2013-01-{1 + i % 28:02}", f"{price:.2f}"])
    (project / "labels.py").write_text(LABELS, encoding="utf-8")
    (project / "declare.py").write_text(DECLARE, encoding="utf-8")
    (project / "run.py").write_text(SCRIPT, encoding="utf-8")
    (project / "session.ipy").write_text(SESSION, encoding="utf-8")
    hidden = ("GIT_", "IPYTHON", "JUPYTER", "XDG_", "ZENLAB_", "PYTHONPATH", "COV_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    environment = {
        **kept,
        "HOME": str(home),
        "NO_COLOR": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        # An environment of this test may have the worker of TFDV, or not: it tests without.
        "ZENLAB_WORKER": str(tmp_path / "no worker"),
    }

    def start(*command, code=0):
        done = subprocess.run(
            [str(c) for c in command],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    return start


ZENLAB = Path(sys.executable).with_name("zenlab")


def test_a_pipeline_by_script_and_on_the_command_line(work):
    assert "zenlab 0." in work(ZENLAB, "version")
    work(ZENLAB, "status", code=1)
    work("git", "init", "-q")
    work("git", "config", "user.name", "Test")
    work("git", "config", "user.email", "test@example.org")
    assert "zenlab repository" in work(ZENLAB, "init")

    first = json.loads(work(sys.executable, "run.py"))
    again = json.loads(work(sys.executable, "run.py"))
    assert first["how"] == dict.fromkeys(SLOTS, "executed")
    assert again["how"] == dict.fromkeys(SLOTS, "hit")
    assert {**again, "how": None} == {**first, "how": None}
    assert first["auc"] > 0.7
    assert first["html"]
    assert first["traces"]
    assert first["predicted"]
    assert first["digest"] == TRAIN

    planned = work(ZENLAB, "plan", "Sales")
    assert "0 of 5 steps would run; 5 come" in planned
    assert "statistics, validation would be left out" in planned
    ran = work(ZENLAB, "run", "pipelines/sales.yaml")
    assert "0 executed, 5 cached" in ran
    assert re.search(r"statistics +DataStatistics +left out .*zenlab worker install", ran)
    work("git", "add", "-A")
    work("git", "commit", "-q", "-m", "Sales")
    assert "0 executed, 5 cached" in work(ZENLAB, "run", "Sales")
    assert work("git", "status", "--porcelain") == ""
    assert "1 executed, 4 cached" in work(ZENLAB, "run", "Sales", "--force", "evaluator")
    assert "Sales" in work(ZENLAB, "list")
    assert "sales" in work(ZENLAB, "datasource", "list")
    assert "minor" in work(ZENLAB, "config", "list")
    work(ZENLAB, "run", "Sale", code=1)


def test_the_magic_in_ipython(work):
    """Outside of Git, too, with a function of a cell."""
    work(ZENLAB, "init")
    shown = work(sys.executable, "-m", "IPython", "--no-banner", "session.ipy")
    assert shown.count("Run of In a cell: succeeded") == 2, shown
    assert "first: executed" in shown
    assert "second: hit" in shown
    assert "looking at 400 rows" in shown
    assert "0 of 5 steps would run; 5 come" in shown
    assert "the end" in shown
    second = work(sys.executable, "-m", "IPython", "--no-banner", "session.ipy")
    assert "first: hit" in second
