"""Notebooks of a pipeline with everything in it: statistics by TFDV's worker, and an evaluation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.browser.runs import notebook_of

if TYPE_CHECKING:
    import nbformat

FOLDER = "whole"
"""The repository, in the folder of the notebook; a kernel that starts anew goes there again."""

FIRST = "%load_ext zenlab\nfrom tests.browser.pipelines import *\nrepository()"


def repository() -> None:
    """Go into the repository."""
    from zenlab.repo import Repository

    folder = Path(FOLDER)
    if not folder.exists():
        folder.mkdir()
        Repository.init_repo(folder)
    os.chdir(folder)


def frame(rows: int = 600) -> pd.DataFrame:
    """Two features with a label that follows from them, and 60 columns that are noise."""
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.choice(list("xyz"), rows)})
    made["y"] = (made.a + (made.b == "x") + rng.normal(size=rows)) > 0
    noise = {f"n{i:02}": rng.integers(0, 9, rows) for i in range(60)}
    return made.assign(**noise)


def declare(**trainer):
    """The pipeline, anew at each call."""
    from zenlab.datasources import PandasDatasource
    from zenlab.pipelines import TrainingPipeline
    from zenlab.steps.evaluator import Evaluator
    from zenlab.steps.preprocesser import TabularPreprocesser
    from zenlab.steps.split import RandomSplit
    from zenlab.steps.trainer import SklearnTrainer
    from zenlab.steps.validation import DataStatistics

    pipeline = TrainingPipeline(name="Whole")
    pipeline.add_datasource(PandasDatasource("toy", frame()))
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.add_statistics(DataStatistics(slices=[["b"]]))
    pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression", **trainer))
    pipeline.add_evaluator(Evaluator(metrics=["roc_auc"]))
    return pipeline


def notebook() -> nbformat.NotebookNode:
    """A notebook that runs it, shows its panels, and runs it again with another trainer."""
    return notebook_of(
        FIRST,
        "pipeline = declare(); pipeline.run()",
        "display(pipeline.view_statistics(), pipeline.view_schema(), pipeline.evaluate())",
        "pipeline = declare(C=1e-5)\n%zen run pipeline",
    )
