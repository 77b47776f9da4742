"""The parts of a comparison that need no store: parameters, metrics, code."""

import pytest

from zenlab.core.statistics import DatasetStatistics, FeatureStatistics, Statistics
from zenlab.engine.fingerprint import Fingerprint, Reached
from zenlab.engine.fingerprint.listing import listing
from zenlab.metadata import MetricRecord, Resolved, RunRecord
from zenlab.pipelines.compare.data import data_drift, drift_of
from zenlab.pipelines.compare.metrics import metric_rows
from zenlab.pipelines.compare.parameters import parameter_rows
from zenlab.pipelines.compare.sources import code_differences, fingerprints
from zenlab.pipelines.compare.targets import Found
from zenlab.pipelines.declare import CODE
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec
from zenlab.steps.evaluator.measures import BETTER, MEASURES
from zenlab.steps.evaluator.metrics import better
from zenlab.views.comparison import DataDrift

OWN = "notebook:late"


def found(name="A", *, steps=None, metrics=(), slot="evaluator", source=None):
    """A run with steps, and what one of them logged, by its execution."""
    spec = PipelineSpec(name, "training", source, steps or {})
    run = RunRecord(
        1, "p", 1, name, "d", 1, "succeeded", "ada", "here", 1,
        resolved=(Resolved(slot, hash(name) & 0xFFFF, "c", "w", "hit"),),
    )  # fmt: skip
    logged = {run.resolved[0].execution_id: [MetricRecord(n, v) for n, v in metrics]}
    return Found(run, spec), logged


def rows(*steps):
    return {r.name: r for r in parameter_rows([PipelineSpec("A", "t", None, s) for s in steps])}


def entry(kind, name, text, line=1, module="m", digest=None):
    return Reached(kind, name, module, "m.py", line, text, digest or text)


# ---------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (1, 1.0),
        (1, "1"),
        (1, True),
        (None, "None"),
        ("a", ["a"]),
        (float("nan"), "nan"),
        (0.0, -0.0),
    ],
)
def test_values_of_other_types_differ_and_are_written_differently(one, two):
    row = rows({"s": StepSpec("m.S", {"x": one})}, {"s": StepSpec("m.S", {"x": two})})["s.x"]
    assert row.differs
    assert row.by_run[0] != row.by_run[1]


def test_equal_values_do_not_differ():
    step = StepSpec("m.S", {"x": float("nan"), "y": [1, {"a": 2.5}], "z": {"k": {"m": 1, "n": 2}}})
    found = rows({"s": step}, {"s": step})
    assert not any(row.differs for row in found.values())
    assert list(found) == ["s", "s.x", "s.y", "s.z.k.m", "s.z.k.n"]


def test_an_own_function_that_moved_into_a_module_is_the_same():
    notebook = StepSpec("notebook:late", code="f" * 64)
    module = StepSpec("features.late", code="f" * 64)
    assert not rows({"transform": notebook}, {"transform": module})["transform"].differs


def test_functions_of_one_name_are_told_apart_also_among_arguments():
    def step(code):
        return StepSpec(
            "m.S", {"metrics": ["mae", {CODE: {"source": "notebook:cost", "code": code}}]}
        )

    row = rows({"s": step("a" * 64)}, {"s": step("b" * 64)})["s.metrics"]
    assert row.by_run == ("[mae, cost @aaaaaaaa]", "[mae, cost @bbbbbbbb]")


def test_the_data_is_a_parameter():
    specs = [
        PipelineSpec(
            "A", "t", DatasourceSpec("flights", "m.CSV", {"path": "f.csv"}, None, c * 64), {}
        )
        for c in "12"
    ]
    differing = [r for r in parameter_rows(specs) if r.differs]
    assert [(r.name, r.by_run) for r in differing] == [("datasource.commit", ("1" * 12, "2" * 12))]


# ------------------------------------------------------------------------------------- metrics


def judged(name, *, evaluator, split=None, metrics):
    steps = {"evaluator": evaluator}
    if split is not None:
        steps["split"] = split
    return found(name, steps=steps, metrics=metrics)


OURS = "zenlab.steps.evaluator.Evaluator"
RANDOM = "zenlab.steps.split.RandomSplit"


@pytest.mark.parametrize(
    ("evaluator", "split", "logged", "keys"),
    [
        (StepSpec(OURS), None, ["mae"], [("mae", "eval", "")]),
        (StepSpec(OURS, {"splits": ["test"]}), None, ["mae"], [("mae", "test", "")]),
        (
            StepSpec(OURS, {"splits": ["test", "eval"]}),
            None,
            ["mae", "eval/mae", "late/mae", "eval/late/mae"],
            [
                ("mae", "test", ""),
                ("mae", "eval", ""),
                ("mae", "test", "late"),
                ("mae", "eval", "late"),
            ],
        ),
        (
            StepSpec(OURS),
            StepSpec(RANDOM, {"split_map": {"train": 0.5, "holdout": 0.5}}),
            ["mae"],
            [("mae", "holdout", "")],
        ),
        (StepSpec(OURS), StepSpec("zenlab.steps.split.NoSplit"), ["mae"], [("mae", "train", "")]),
        (StepSpec("notebook:judge", code="f" * 64), None, ["a/b"], [("a/b", "", "")]),
    ],
)
def test_what_a_logged_metric_is_about(evaluator, split, logged, keys):
    run, numbers = judged("A", evaluator=evaluator, split=split, metrics=[(n, 0.5) for n in logged])
    assert [(r.name, r.split, r.label) for r in metric_rows([run], numbers)] == keys


def test_metrics_that_most_runs_have_come_first():
    one, first = judged("A", evaluator=StepSpec(OURS), metrics=[("brier", 0.2), ("roc_auc", 0.7)])
    two, second = judged("B", evaluator=StepSpec(OURS), metrics=[("roc_auc", 0.8)])
    found = metric_rows([one, two], first | second)
    assert [(r.name, r.by_run) for r in found] == [("roc_auc", (0.7, 0.8)), ("brier", (0.2, None))]


def test_every_metric_of_the_evaluator_says_what_is_better():
    assert BETTER.keys() == {name for table in MEASURES.values() for name in table}
    assert better("mean_squared_error") == better("mse") == "lower"
    assert better("r2") == "higher"
    assert better("mean_error") == "zero"
    assert better("revenue") == ""


# ---------------------------------------------------------------------------------------- code


def one_function(text):
    """The listing of a step that is one function."""
    mark = Fingerprint("d" * 64, "m.late", (), (entry("function", "late", text),), (), None)
    return listing(mark)


def test_the_diff_of_two_listings_says_where():
    one, _ = found("A", steps={"transform": StepSpec(OWN, code="a" * 64)})
    two, _ = found("B", steps={"transform": StepSpec(OWN, code="b" * 64)})
    assert fingerprints([one, two]) == {"a" * 64, "b" * 64}
    kept = {m * 64: one_function(f"def late(x): return {m}") for m in "ab"}
    (difference,) = code_differences(one, [two], kept)
    assert (difference.slot, difference.base, difference.runs) == ("transform", "A#1", ("B#1",))
    (block,) = difference.blocks
    assert block.place == "late (m.py)"
    assert block.lines == ("-def late(x): return a", "+def late(x): return b")
    assert difference.note == ""


def test_what_the_texts_do_not_show_is_said():
    one, _ = found("A", steps={"transform": StepSpec(OWN, code="a" * 64)})
    two, _ = found("B", steps={"transform": StepSpec(OWN, code="b" * 64)})
    (difference,) = code_differences(
        one, [two], dict.fromkeys(("a" * 64, "b" * 64), one_function("x"))
    )
    assert difference.blocks == ()
    assert "a value that is not kept" in difference.note


def test_code_that_is_not_kept_is_said():
    one, _ = found("A", steps={"transform": StepSpec(OWN, code="a" * 64)})
    two, _ = found("B", steps={"transform": StepSpec(OWN, code="b" * 64)})
    (difference,) = code_differences(one, [two], {})
    assert "is not kept (fingerprint aaaaaaaa and bbbbbbbb)" in difference.note
    (difference,) = code_differences(one, [two], {"a" * 64: one_function("x")})
    assert "is not kept (fingerprint bbbbbbbb)" in difference.note


def test_runs_with_one_code_share_a_diff():
    runs = [
        found(name, steps={"transform": StepSpec(OWN, code=mark * 64)})[0]
        for name, mark in (("A", "a"), ("B", "b"), ("C", "b"), ("D", "a"))
    ]
    (difference,) = code_differences(runs[0], runs[1:], {})
    assert difference.runs == ("B#1", "C#1")


def test_functions_among_arguments_are_compared_by_their_place():
    def step(code):
        return StepSpec(OURS, {"metrics": [{CODE: {"source": "notebook:cost", "code": code}}]})

    one, _ = found("A", steps={"evaluator": step("a" * 64)})
    two, _ = found("B", steps={"evaluator": step("b" * 64)})
    (difference,) = code_differences(one, [two], {})
    assert difference.slot == "evaluator"


# ---------------------------------------------------------------------------------------- data


def sourced(name, commit):
    return found(name, source=DatasourceSpec("flights", "m.CSV", {}, None, commit * 64))[0]


def dataset(name, rows=10):
    return DatasetStatistics(name, rows, [])


def test_runs_of_one_snapshot_have_the_same_data_and_nothing_is_read():
    def never():
        raise AssertionError

    assert data_drift(sourced("A", "1"), sourced("B", "1"), never) == DataDrift("B#1", same=True)


def test_which_statistics_are_lacking_is_said():
    one, two = sourced("A", "1"), sourced("B", "2")
    some = Statistics([dataset("train")])
    assert data_drift(one, two, lambda: (None, some)).note == (
        "There are no statistics of A#1 to compare."
    )
    assert "A#1 and B#1" in data_drift(one, two, lambda: (None, None)).note
    other = Statistics([dataset("eval")])
    assert "no split in common" in data_drift(one, two, lambda: (some, other)).note


def test_the_rows_for_training_are_compared():
    both = Statistics([dataset("eval"), dataset("train", 7)])
    found = data_drift(sourced("A", "1"), sourced("B", "2"), lambda: (both, both))
    assert (found.split, found.base_rows) == ("train", 7)


def test_a_column_that_came_or_went_stands_first():
    def column(name, kind="number"):
        return FeatureStatistics(name, kind, "double", 9, 1)

    old = DatasetStatistics("train", 10, [column("a"), column("gone"), column("b")])
    new = DatasetStatistics("train", 10, [column("a"), column("b", "text"), column("came")])
    found = drift_of("B#1", old, new).features
    assert [(f.name, f.note) for f in found] == [
        ("gone", "gone"),
        ("b", "number → text"),
        ("came", "new"),
        ("a", ""),
    ]
    assert (found[0].base_missing, found[0].missing) == (0.1, None)
