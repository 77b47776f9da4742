"""Runs of the browser tests: a stored one of the quickstart, and a repository in which to run."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from nbformat import NotebookNode

HOSTILE = "<img src=x onerror=\"document.title='hacked'\">" + "0123456789" * 31 + "\u202egnp.exe"
QUICKSTART = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"
MIME = "application/vnd.zenlab.v1+json"


def repository() -> None:
    """Go into a repository of its own, in which TFDV's worker is not installed."""
    from zenlab.repo import Repository

    folder = tempfile.mkdtemp(prefix="run-")
    os.environ["ZENLAB_WORKER"] = str(Path(folder) / "none")
    os.chdir(folder)
    Repository.init_repo(".")


def source():
    """A datasource of 400 rows."""
    from zenlab.datasources import PandasDatasource

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=400), "b": rng.choice(list("xyz"), 400)})
    return PandasDatasource("toy", frame.assign(y=frame.a + rng.normal(size=400) > 0))


STEPS = f"""\
import time
from sklearn.dummy import DummyClassifier
from zenlab.pipelines import TrainingPipeline
from zenlab.steps.split import RandomSplit

NOTE = {HOSTILE!r}

def fit(train, context, rounds=4):
    for i in range(rounds):
        context.progress(i, rounds, f"epoch {{i}} {{NOTE}}")
        time.sleep(0.4)
    print("fitted", NOTE)
    return DummyClassifier().fit(train[["a"]], train["y"])

def score(model, examples):
    return {{"accuracy": 0.75}}

def declare(name, rounds):
    pipeline = TrainingPipeline(name=name)
    pipeline.add_datasource(data)
    pipeline.add_split(RandomSplit(split_map={{"train": 0.7, "eval": 0.3}}))
    pipeline.add_trainer(fit, rounds=rounds)
    pipeline.add_evaluator(score)
    return pipeline
"""


def stored(which: int = 0) -> NotebookNode:
    """A notebook with a run panel of the quickstart, as it is committed."""
    import nbformat

    content = json.loads(QUICKSTART.read_text("utf-8"))
    outputs = [o for c in content["cells"] for o in c.get("outputs", ())]
    runs = [o for o in outputs if o.get("data", {}).get(MIME, {}).get("panel") == "run"]
    return _notebook(["pass"], [[nbformat.from_dict(runs[which])]])


def running(*cells: str) -> NotebookNode:
    """A notebook that declares pipelines, with more cells, which have not been run."""
    first = "%load_ext zenlab\nfrom tests.browser.runs import *\nrepository(); data = source()"
    return _notebook([first, STEPS, *cells], [[] for _ in range(2 + len(cells))])


def notebook_of(*cells: str) -> NotebookNode:
    """A notebook with some cells, which have not been run."""
    return _notebook(list(cells), [[] for _ in cells])


def _notebook(sources, outputs) -> NotebookNode:
    import nbformat

    cells = []
    for i, (text, out) in enumerate(zip(sources, outputs, strict=True)):
        cell = nbformat.v4.new_code_cell(text, outputs=out)
        cell["id"] = f"cell-{i}"
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
