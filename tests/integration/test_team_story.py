"""The story of the product: A runs and commits, B pulls, looks, copies, changes, runs; A compares."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.team import DECLARE, Member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STEPS = ("transform", "split", "statistics", "validation", "preprocesser", "trainer", "evaluator")

FIRST = """
pipeline = declare()
pipeline.run()
answer["hows"] = hows(pipeline)
answer["panels"] = panels(pipeline)
"""

COLLEAGUE = """
repository = Repository()
pipeline_a = repository.get_pipeline_by_name("Pipeline A")
if RUN_FIRST:
    pipeline_a = declare()
    pipeline_a.run()
    answer["first"] = hows(pipeline_a)
    pipeline_a = repository.get_pipeline_by_name("Pipeline A")
else:
    before = repository.metadata.statements
answer["panels"] = panels(pipeline_a)
answer["runs"] = len(repository.metadata.runs(repository.project))
pipeline_b = pipeline_a.copy("Pipeline B")
pipeline_b.add_trainer(SklearnTrainer("LogisticRegression", C=5.0))
pipeline_b.run()
answer["hows"] = hows(pipeline_b)
answer["whose"] = sorted({s.execution.user for s in pipeline_b.last.result.steps.values()})
"""


def start(folder: Path, stores: tuple[str, str] | None, env: Mapping[str, str]) -> Member:
    """Ada makes the repository, connects the stores, runs, commits and pushes."""
    origin = folder / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    ada = Member.of("Ada", origin, folder, env)
    (ada.clone / "declare.py").write_text(DECLARE)
    (ada.clone / "data").mkdir()
    draw = random.Random(0)
    rows = [f"{draw.choice(['Ulm', 'Bonn', 'Kiel'])},{draw.gauss(10, 3):.3f}" for _ in range(900)]
    lines = [f"{r},{float(r.split(',')[1]) + draw.gauss(0, 2):.3f}" for r in rows]
    (ada.clone / "data" / "sales.csv").write_text("shop,size,price\n" + "\n".join(lines) + "\n")
    ada.zenlab("init")
    if stores is not None:
        ada.zenlab("config", "metadata", "set", stores[0])
        ada.zenlab("config", "artifacts", "set", stores[1])
    return ada


def told(folder: Path, stores: tuple[str, str] | None, env: Mapping[str, str]) -> dict[str, Any]:
    """The whole story; what each of the two has seen."""
    ada = start(folder, stores, env)
    first = ada.python(FIRST)
    ada.push("Pipeline A")
    bob = Member.of("Bob", folder / "origin.git", folder, env)
    second = bob.python(f"RUN_FIRST = {stores is None}\n{COLLEAGUE}")
    bob.push("Pipeline B")
    ada.pull()
    compared = None
    if stores is not None:
        compared = ada.zenlab("compare", "Pipeline A", "Pipeline B")
    return {"first": first, "second": second, "compared": compared, "ada": ada, "bob": bob}


def test_with_git_alone_everything_works_but_the_cache_is_not_shared(tmp_path):
    seen = told(tmp_path, None, {})
    assert seen["first"]["hows"] == dict.fromkeys(STEPS, "executed")
    assert seen["second"]["first"] == dict.fromkeys(STEPS, "executed")
    assert seen["second"]["panels"] == seen["first"]["panels"]
    changed = {slot: "executed" if slot in ("trainer", "evaluator") else "hit" for slot in STEPS}
    assert seen["second"]["hows"] == changed
    # Ada's store does not know Bob's run; his pipeline she has, and can run.
    ran = seen["ada"].zenlab("run", "Pipeline B")
    assert "2 executed, 5 cached" in ran
    assert "★" in seen["ada"].zenlab("compare", "Pipeline A", "Pipeline B")


def shared(seen: dict[str, Any]) -> None:
    """What holds wherever the stores are shared."""
    assert seen["first"]["hows"] == dict.fromkeys(STEPS, "executed")
    assert seen["second"]["panels"] == seen["first"]["panels"]
    assert seen["second"]["runs"] == 1, "Bob has looked at everything, and nothing was computed"
    changed = {slot: "executed" if slot in ("trainer", "evaluator") else "hit" for slot in STEPS}
    assert seen["second"]["hows"] == changed
    assert seen["second"]["whose"] == ["Ada <ada@example.org>", "Bob <bob@example.org>"]
    assert "★" in seen["compared"]
    assert "trainer.C" in seen["compared"]
    assert "Bob" in seen["compared"]
    for member in (seen["ada"], seen["bob"]):
        assert member.run("git", "status", "--porcelain") == ""
