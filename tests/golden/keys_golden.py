# ruff: noqa: INP001 - a script, not a package
"""Keys and digests of fixed pipelines, as JSON on standard output.

A plain script without pytest, so that smoke jobs run it under other versions of Python, pandas
and zenlab's other dependencies and compare the output with `keys_golden.json`:

    python tests/golden/keys_golden.py | diff - tests/golden/keys_golden.json

What it prints: of each pipeline its data commit, the digest of its specification, and each slot's
cache key; after a real run also its work key and the content digests of its outputs. The versions
of packages are kept out (`key_versions: none`).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROWS = """\
carrier,origin,distance,delay,when
AA,JFK,1089,11,2013-01-01
UA,EWR,719,-25,2013-01-01
DL,,762,20.5,2013-01-02
UA,LGA,1065,,2013-01-02
B6,JFK,1576,33,2013-01-03
AA,Zürich,94,19,2013-01-04
UA,EWR,229,16,2013-01-05
DL,LGA,1400,-3,2013-01-06
"""


def declare() -> dict[str, Any]:
    """The pipelines by name; their code is `keys_code.py`, in the repository."""
    import keys_code as code
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from zenlab.datasources import CSVDatasource, PandasDatasource
    from zenlab.pipelines import DataPipeline, TrainingPipeline
    from zenlab.steps.evaluator import Evaluator
    from zenlab.steps.preprocesser import StandardPreprocesser, TabularPreprocesser
    from zenlab.steps.split import CategoricalDomainSplit, RandomSplit
    from zenlab.steps.trainer import SklearnTrainer

    flights = CSVDatasource("flights", "flights.csv")
    data = DataPipeline("data")
    data.add_datasource(flights)
    data.add_transform(code.label_late)
    data.add_transform(code.kilometres, factor=2)
    data.add_split(RandomSplit({"train": 0.5, "eval": 0.5}, by=["carrier"], seed=1))

    builtin = TrainingPipeline("built-in steps")
    builtin.add_datasource(flights)
    builtin.add_transform(code.label_late, limit=10)
    builtin.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    builtin.add_preprocesser(
        TabularPreprocesser(features=["carrier", "origin", "distance"], labels=["late"])
    )
    builtin.add_trainer(SklearnTrainer("HistGradientBoostingClassifier", learning_rate=0.1))
    builtin.add_evaluator(Evaluator(metrics=["roc_auc"], slices=[["carrier"]]))

    other = TrainingPipeline("other built-in steps")
    other.add_datasource(flights)
    other.add_transform(code.label_late, files=["flights.csv"], env=["ZENLAB_GOLDEN"])
    other.add_split(
        CategoricalDomainSplit("carrier", {"train": ["AA", "UA"], "eval": ["DL", "B6"]})
    )
    other.add_preprocesser(StandardPreprocesser(features=["carrier", "distance"], labels=["late"]))
    other.add_trainer(SklearnTrainer(make_pipeline(StandardScaler(), LogisticRegression(C=2.0))))
    other.add_evaluator(Evaluator(metrics=["accuracy", code.agreement]))

    own = TrainingPipeline("steps of the user")
    own.add_datasource(_frame(PandasDatasource))
    own.add_transform(code.Rename({"distance": "miles", "delay": "delay"}))
    own.add_split(code.ByCarrier(carriers=("AA", "UA")))
    own.add_preprocesser(code.Centre())
    own.add_trainer(code.Constant(value=-0.0, names=[1, 1.0, "1", True, None, float("nan")]))
    own.add_evaluator(code.Size())

    search = TrainingPipeline("an estimator's class")
    search.add_datasource(flights)
    search.add_transform(code.label_late)
    search.add_split(RandomSplit({"train": 0.7, "eval": 0.3}, by="position"))
    search.add_trainer(SklearnTrainer(RandomForestClassifier, n_estimators=5))
    return {p.name: p for p in (data, builtin, other, own, search)}


def _frame(source: Any) -> Any:
    import io

    import pandas as pd

    return source("frame", pd.read_csv(io.StringIO(ROWS), parse_dates=["when"]))


def keys(pipeline: Any, workspace: Any) -> dict[str, Any]:
    """What a run would look for."""
    from zenlab.engine.plan import lineage_keys
    from zenlab.pipelines.running import snapshot_of, specify
    from zenlab.pipelines.wiring import wire

    found = specify(pipeline.declared, workspace)
    nodes = wire(found.spec, snapshot_of(found.commit, workspace), workspace, found.live)
    return {
        "commit": found.commit.digest,
        "spec": found.spec.digest,
        "identity": {node.slot: node.identity.digest for node in nodes},
        "cache_key": lineage_keys(nodes),
    }


def work(pipeline: Any, workspace: Any) -> dict[str, Any]:
    """What a real run did: its keys by content, and the content of its outputs.

    Without leaves: not every environment has the TFDV worker, and its versions differ.
    """
    from zenlab.pipelines.wiring import LEAVES

    pipeline.run()
    resolved = pipeline.last.record.resolved
    executions = workspace.metadata.executions([r.execution_id for r in resolved])
    return {
        e.slot: {
            "cache_key": e.cache_key,
            "work_key": e.work_key,
            "outputs": {a.name: a.content_digest for a in e.artifacts},
        }
        for e in sorted(executions, key=lambda e: e.slot)
        if e.slot not in LEAVES
    }


def main() -> None:
    """Print the keys of all pipelines."""
    from zenlab.repo import Repository
    from zenlab.repo.config import read_config, write_config

    folder = Path(tempfile.mkdtemp(prefix="zenlab-golden-")).resolve()
    try:
        os.chdir(folder)
        os.environ["ZENLAB_GOLDEN"] = "on"
        shutil.copy(HERE / "keys_code.py", folder)
        (folder / "flights.csv").write_text(ROWS, encoding="utf-8")
        sys.path.insert(0, str(folder))
        Repository.init_repo(folder)
        config = read_config(folder / "zenlab.yaml")
        config.key_versions = "none"
        write_config(folder / "zenlab.yaml", config)
        workspace = Repository(folder)
        pipelines = declare()
        found = {name: keys(pipeline, workspace) for name, pipeline in pipelines.items()}
        found["data"]["run"] = work(pipelines["data"], workspace)
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
    finally:
        os.chdir(HERE)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
