"""What a panel is told of the pipeline that it came from: moved on, or not; without any work."""

from __future__ import annotations

import importlib
import sys

import pytest

from tests.integration.conftest import cell
from zenlab.datasources import PandasDatasource
from zenlab.engine import once
from zenlab.notebook import moved_requests, shown
from zenlab.notebook.comm import reply
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.split import RandomSplit
from zenlab.views.payloads import to_json


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(moved_requests, "_payloads", moved_requests.OrderedDict())


def ask(payload):
    kind, title, datasets = shown.key_of(payload)
    subject = {"panel": kind, "title": title, "datasets": list(datasets)}
    request = {"type": "moved", "subject": subject, "shown": to_json(payload)}
    return reply({"id": 1, "request": request})["answer"]


def kinds(payload):
    return [r["kind"] for r in ask(payload).get("reasons", ())]


def texts(payload):
    return " | ".join(r["text"] for r in ask(payload).get("reasons", ()))


def panels(pipeline):
    """The payload of each kind of panel."""
    return {
        "statistics": pipeline.view_statistics().payload,
        "schema": pipeline.view_schema().payload,
        "anomalies": pipeline.view_anomalies().payload,
        "evaluation": pipeline.evaluate().payload,
    }


def moved(found):
    return {name: kinds(payload) for name, payload in found.items() if kinds(payload)}


def test_only_panels_of_what_has_changed_are_told_of(repository, declare, frame):
    pipeline = declare()
    pipeline.run()
    found = panels(pipeline)
    assert moved(found) == {}
    del pipeline
    declare(max_iter=160).run()
    assert moved(found) == {}, "the same result"
    declare(C=1e-4).run()
    assert moved(found) == {"evaluation": ["declaration"]}
    answer = ask(found["evaluation"])
    assert answer["reasons"][0]["text"].endswith("trainer.C: (not given) -> 0.0001")
    assert answer["hint"].startswith("Refresh shows it")
    # Other rows: each panel has them, and none of them was run with them.
    other = PandasDatasource("toy", frame.assign(a=frame.a + 1))
    other.commit()
    now = panels(Repository().get_pipeline_by_name("Pipeline A"))
    assert moved(now) == {name: ["data"] for name in found}
    assert "'toy' has a newer commit" in texts(now["schema"])
    assert ask(now["schema"])["hint"].endswith("--latest.")


def test_a_run_again_with_another_result_is_told_and_an_equal_one_is_not(shell, repository):
    source = (
        "from zenlab.datasources import PandasDatasource\n"
        "from zenlab.pipelines import TrainingPipeline\n"
        "from zenlab.steps.split import RandomSplit\n"
        "from sklearn.dummy import DummyClassifier\n"
        "import pandas as pd, itertools\n"
        "frame = pd.DataFrame({'a': range(60), 'y': [True, False] * 30})\n"
        "def fit(train): return DummyClassifier().fit(train[['a']], train['y'])\n"
        "import secrets\n"
        "def score(model, examples): return {'luck': secrets.randbelow(10**9) / 10**9}\n"
        "def declare(**options):\n"
        "    p = TrainingPipeline(name='B')\n"
        "    p.add_datasource(PandasDatasource('toy', frame))\n"
        "    p.add_split(RandomSplit(split_map={'train': 0.7, 'eval': 0.3}))\n"
        "    p.add_trainer(fit)\n"
        "    p.add_evaluator(score)\n"
        "    return p\n"
        "p = declare(); p.run()\n"
    )
    done = cell(shell, source)
    assert done.error is None, done.stdout
    first = done.outputs[-1].data["application/vnd.zenlab.v1+json"]

    def told():
        subject = {"panel": "run", "title": "B"}
        request = {"type": "moved", "subject": subject, "shown": first}
        return reply({"id": 1, "request": request})["answer"].get("reasons", [])

    assert told() == []
    assert cell(shell, "p.run()").error is None
    assert told() == []
    # The code of a cell, defined anew: the pipeline of this notebook was declared with the old one.
    assert cell(shell, "def score(model, examples): return {'luck': 1.0}").error is None
    assert [(r["kind"], r["text"]) for r in told()] == [
        ("code", "other code here in evaluator (score)")
    ]
    # Declared, and not run.
    assert cell(shell, "p = declare()").error is None
    assert [r["kind"] for r in told()] == ["code"]
    cell(shell, f"{source.rpartition('p = declare')[0]}p = declare()")
    assert told() == []
    cell(shell, "p = declare(); p.add_split(RandomSplit(split_map={'train': 0.5, 'eval': 0.5}))")
    assert [r["kind"] for r in told()] == ["declaration"]
    # Two of one name: nobody knows which one is meant.
    cell(shell, "q = declare()")
    assert told() == []
    cell(shell, "del q; p = declare(); p.run(force=['evaluator'])")
    assert [(r["kind"], r["text"]) for r in told()] == [
        ("again", "it ran again, with another result: B#1 by you: succeeded")
    ]


def test_a_module_that_was_edited_is_told_of_and_one_that_is_not_loaded_is_not(
    repository, frame, monkeypatch
):
    file = repository.root / "clean_rows.py"
    file.write_text("def clean(df):\n    return df\n")
    monkeypatch.syspath_prepend(str(repository.root))
    import clean_rows

    def declare():
        pipeline = TrainingPipeline(name="C")
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(sys.modules["clean_rows"].clean)
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        pipeline.add_trainer(clean_rows.clean)  # it never gets that far
        return pipeline

    pipeline = declare()
    with pytest.raises(Exception, match="trainer"):
        pipeline.run()
    run = repository.metadata.runs(repository.project, "C")[0]
    from zenlab.notebook.run_requests import panel_of

    payload = panel_of(run, repository).payload
    assert kinds(payload) == []
    file.write_text("def clean(df):\n    return df.dropna()\n")
    assert kinds(payload) == ["code"]
    assert "transform (clean)" in texts(payload)
    importlib.reload(clean_rows)
    assert kinds(payload) == ["code"]
    monkeypatch.delitem(sys.modules, "clean_rows")
    assert kinds(payload) == []
    assert "clean_rows" not in sys.modules, "a look imports nothing"


def test_a_look_starts_no_work(repository, declare, monkeypatch):
    pipeline = declare()
    pipeline.run()
    found = panels(pipeline)

    def refused(*_, **__):
        raise AssertionError("a look computes nothing")

    monkeypatch.setattr(once, "Resolver", refused)
    monkeypatch.setattr("zenlab.metadata.MetadataStore.record_run", refused)
    monkeypatch.setattr("zenlab.metadata.MetadataStore.claim", refused)
    before = repository.metadata.commits(repository.project, "toy")
    assert moved(found) == {}
    assert repository.metadata.commits(repository.project, "toy") == before


def test_of_what_nobody_knows_nothing_is_said(repository, declare):
    pipeline = declare()
    pipeline.run()
    some = pipeline.view_statistics().select("a").payload
    declare(max_iter=160).run()
    assert ask(some) == {"type": "moved_on"}
    unknown = pipeline.view_schema()
    unknown.title = "../x"
    assert ask(unknown.payload) == {"type": "moved_on"}


def test_panels_of_a_datasource_have_a_commit(repository, declare, frame):
    source = PandasDatasource("toy", frame)
    source.commit()
    found = [source.view_statistics().payload, source.view_schema().payload]
    assert [kinds(p) for p in found] == [[], []]
    PandasDatasource("toy", frame.assign(a=frame.a * 7)).commit()
    # Nothing was computed of the new one, and statistics are known by their commit all the same.
    assert [kinds(p) for p in found] == [["data"], ["data"]]
    assert ask(found[0])["reasons"][0]["text"].startswith("'toy' has a newer commit")


def test_a_comparison_knows_of_newer_revisions(repository, declare):
    declare().run()
    declare("Pipeline B", max_iter=150).run()
    payload = repository.compare("Pipeline A", "Pipeline B").payload
    assert kinds(payload) == []
    declare("Pipeline B", max_iter=170).run()
    assert kinds(payload) == ["again"]
    assert "Pipeline B#2" in texts(payload)
