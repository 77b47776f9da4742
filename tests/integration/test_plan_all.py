"""`zenlab plan --all`: what a branch would recompute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.conftest import commit, git
from zenlab.cli import run_command
from zenlab.datasources import CSVDatasource
from zenlab.engine.plan import make_plan, make_plans
from zenlab.pipelines import DataPipeline
from zenlab.pipelines.running import specify, to_be_planned
from zenlab.pipelines.spec import StepSpec
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

pytestmark = pytest.mark.usefixtures("no_worker")


def said(capsys) -> list[str]:
    capsys.readouterr()
    assert run_command(["plan", "--all"]) == 0, capsys.readouterr().err
    return capsys.readouterr().out.splitlines()


def written(repository, declare, name, **trainer):
    """A pipeline whose file came with a branch: nobody has run it here."""
    copied = repository.get_pipeline_by_name("Pipeline A").copy(name)
    copied.add_trainer(SklearnTrainer("LogisticRegression", **trainer))
    repository.files.write(specify(copied.declared, repository).spec)


def test_hits_misses_costs_and_reasons(repository, declare, capsys):
    assert said(capsys) == ["There is no pipeline yet."]
    declare().run()
    written(repository, declare, "Pipeline B", C=5.0)
    written(repository, declare, "Pipeline C", C=5.0)
    (repository.root / "pipelines" / "broken.yaml").write_text("name: [")
    lines = said(capsys)
    assert lines[0].startswith("Pipeline A: 0 of 4 steps would run; 4 come from the cache")
    assert lines[1].startswith("Pipeline B: 2 of 4 steps would run, about ")
    assert lines[2].split()[:2] == ["trainer", "SklearnTrainer"]
    assert lines[2].endswith("C: (not given) -> 5.0")
    assert "gets other input from trainer" in lines[3]
    assert any(line.startswith("! broken.yaml: The file is not valid YAML") for line in lines)
    # Two pipelines would do the same work, which is done once.
    assert lines[-1].startswith("3 pipelines: 2 of 6 steps would run, about ")
    assert lines[-1].endswith("1 file cannot be read")
    assert len(repository.metadata.runs(repository.project)) == 1


def test_a_broken_pipeline_does_not_stop_the_others(repository, declare, capsys):
    declare().run()

    def local(rows):
        return rows

    pipeline = declare("Unknown code")
    pipeline.add_transform(local)
    repository.files.write(specify(pipeline.declared, repository).spec)
    lost = replace(repository.specification("Pipeline A"), name="Lost")
    lost = replace(lost, datasource=replace(lost.datasource, commit="0" * 64))
    repository.files.write(lost)
    lines = said(capsys)
    assert any(line.startswith("! Lost: Commit 000000000000 of datasource") for line in lines)
    assert any("  ! it cannot run: transform: '" in line for line in lines)
    assert lines[-1].endswith("; 2 cannot run")
    assert lines[-1].startswith("3 pipelines: ")


def test_in_a_new_clone(repository, frame, tmp_path, monkeypatch, capsys):
    frame.to_csv(repository.root / "toy.csv", index=False)
    pipeline = DataPipeline("Rows")
    pipeline.add_datasource(CSVDatasource("toy", "toy.csv"))
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.run()
    commit(repository.root)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository.root), str(clone))
    monkeypatch.chdir(clone)
    lines = said(capsys)
    assert lines[0].startswith("Rows: 1 of 1 step")
    assert not any("!" in line for line in lines)


def test_what_an_import_says_is_told_without_its_secrets(repository, declare, capsys, monkeypatch):
    monkeypatch.syspath_prepend(str(repository.root))
    (repository.root / "leaking.py").write_text("raise OSError('postgresql://me:pa55@host/db')\n")
    spec = specify(declare("Leaking").declared, repository).spec
    steps = {**spec.steps, "transform": StepSpec("leaking.scale", code="a" * 64)}
    repository.files.write(replace(spec, steps=steps))
    text = "\n".join(said(capsys))
    assert "transform: OSError: postgresql://" in text
    assert "pa55" not in text


def test_many_pipelines_take_few_statements(repository, declare, capsys):
    for i in range(6):
        declare(f"Pipeline {i}", C=1.0 + i).run()
    said(capsys)
    before = repository.metadata.statements
    assert said(capsys)[-1].startswith("6 pipelines: 0 of 14 steps would run")
    # What is cached, by whose runs, the commit of the data; leaves by their work, in one.
    assert repository.metadata.statements - before <= 4


def test_plans_that_are_made_together_are_those_made_alone(repository, declare):
    declare().run()
    declared = [declare(), declare("B", C=2.0), declare("C", C=3.0)]
    found = [specify(pipeline.declared, repository) for pipeline in declared]
    forced = [set(), {"trainer"}, {"split"}]
    asked = [
        to_be_planned(one, repository, force=force)
        for one, force in zip(found, forced, strict=True)
    ]
    together = make_plans(asked, repository.metadata)
    alone = [make_plan(nodes, repository.metadata, force=force) for nodes, force in asked]

    def told(step):
        execution = step.cached.execution_id if step.cached is not None else None
        return (step.node.slot, step.cache_key, step.work_key, step.reason, execution)

    assert [list(map(told, plan)) for plan in together] == [list(map(told, plan)) for plan in alone]
    assert [sum(s.cached is not None for s in plan) for plan in together] == [4, 2, 0]


def test_what_is_asked_has_to_be_clear(repository, capsys):
    assert run_command(["plan"]) == 2
    assert "plan --all" in capsys.readouterr().err
    assert run_command(["plan", "A", "--all"]) == 2
