"""What the panel of a comparison asks of the kernel."""

import msgspec
import pytest

from tests.browser.compare_panels import comparison
from tests.browser.history import history, rows
from tests.browser.hostile import HOSTILE
from zenlab.notebook import protocol
from zenlab.notebook.comm import reply
from zenlab.views import ComparePanel
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payloads import ComparePayload

RUNS = 60


@pytest.fixture
def repository(tmp_path, monkeypatch):
    from zenlab.repo import Repository

    history(tmp_path / "team", RUNS)
    monkeypatch.chdir(tmp_path / "team")
    return Repository()


def ask(kind, **arguments):
    return reply({"id": 1, "request": {"type": kind, **arguments}})["answer"]


def test_the_list_has_a_row_a_run_the_latest_first(repository):
    answer = ask("list_runs")
    rows = [text.split("\t") for text in answer["runs"]]
    assert len(rows) == RUNS
    assert rows[0][:3] == ["Pipeline 01#10", "bob", "trains"]
    assert rows[-1][:3] == ["Pipeline 00#1", "ada", "flights"]
    times = [int(row[3]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert rows[-1][4:] == [".6"]
    assert answer["metrics"] == ["roc_auc on eval\thigher"]


def test_the_list_takes_two_statements(repository, monkeypatch):
    from zenlab.pipelines.compare import list_runs

    before = repository.metadata.statements
    assert len(list_runs(repository).runs) == RUNS
    assert repository.metadata.statements - before <= 2


def test_the_list_says_what_it_leaves_out(repository):
    from zenlab.pipelines.compare import list_runs

    found = list_runs(repository, limit=10)
    assert len(found.runs) == 10
    assert found.notes == ("Only the 10 latest runs were looked at.",)


def test_a_comparison_is_that_of_the_magic(repository):
    labels = ["Pipeline 00#3", "Pipeline 01#2", "Pipeline 00#1"]
    answer = ask("compare_runs", runs=labels, baseline=2)
    panel = repository.compare(*labels, baseline=labels[2])
    bundle = panel._repr_mimebundle_()
    assert msgspec.convert(answer["payload"], ComparePayload) == panel.payload
    assert answer["html"] == bundle["text/html"]
    assert answer["text"] == bundle["text/plain"]
    assert panel.payload.baseline == 2


def test_all_parameters(repository):
    labels = ["Pipeline 00#3", "Pipeline 00#1"]
    few, many = (
        ask("compare_runs", runs=labels, all_parameters=wanted)["payload"]["parameters"]
        for wanted in (False, True)
    )
    assert few == ["trainer.max_depth"]
    assert {"datasource.path", "trainer.estimator"} < set(many)


def test_a_label_that_was_cut_is_the_whole_one_if_it_is_one(repository):
    answer = ask("compare_runs", runs=["Pipeline 00#1", "Pipeline 01#10…"])
    assert answer["payload"]["runs"][1].startswith("Pipeline 01#10\t")
    answer = ask("compare_runs", runs=["Pipeline 00#1", "Pipeline 01…"])
    assert "beginning of several" in answer["message"]


BOTH = ["Pipeline 00#2", "Pipeline 00#3"]


def column(name, runs=BOTH):
    answer = ask("compare_column", runs=runs, column=name)
    assert answer["type"] == "features", answer
    (found,) = answer["payload"]["columns"]
    return answer["payload"], found


def test_a_column_stands_side_by_side_in_the_data_of_two_runs(repository):
    payload, found = column("dep_delay")
    assert [text.split("\t") for text in payload["datasets"]] == [[r, "900"] for r in BOTH]
    medians = [float(text.split("\t")[7].split(" ")[2]) for text in found["datasets"]]
    assert medians == pytest.approx([rows(i)["dep_delay"].median() for i in (0, 1)], abs=1)
    blocks = [text.split("\t")[8].split(" ") for text in found["datasets"]]
    assert [len(one) for one in blocks] == [len(blocks[0])] * 2
    assert found["drift"].split("\t")[0] == BOTH[1]


def test_the_values_of_two_runs_are_those_that_may_be_shown(repository):
    _, found = column("carrier")
    shares = rows(0)["carrier"].value_counts(normalize=True)
    known = {text.split("\t")[0]: float(text.split("\t")[1]) for text in found["top"]}
    assert known == pytest.approx(shares.to_dict(), abs=1e-3)
    _, rare = column("tailnum")  # each value stands in one row
    assert "top" not in rare
    _, hidden = column("passport")
    assert hidden["sensitive"] is True
    assert "P1" not in str(hidden)


def test_a_column_is_called_as_the_panel_shows_it(repository):
    assert column(HOSTILE[:30] + "…")[1]["name"].startswith(HOSTILE[:30])
    answer = ask("compare_column", runs=BOTH, column="dep…")
    assert answer["payload"]["columns"][0]["name"] == "dep_delay"


@pytest.mark.parametrize(
    ("runs", "name", "said"),
    [
        (BOTH, "arr_delay", "is the name of no column"),
        (BOTH, "…", "the beginning of several ones"),
        ([BOTH[0], BOTH[0]], "carrier", "not compared with itself"),
        ([BOTH[0], "Pipeline 00#99"], "carrier", "no revision 99"),
    ],
)
def test_a_column_that_cannot_be_compared_is_an_error_in_words(repository, runs, name, said):
    answer = ask("compare_column", runs=runs, column=name)
    assert answer["type"] == "failure"
    assert said in answer["message"]


def test_a_run_without_statistics_says_what_to_do(repository, monkeypatch):
    monkeypatch.setattr("zenlab.pipelines.compare.details._statistics", lambda *_: None)
    answer = ask("compare_column", runs=BOTH, column="carrier")
    assert "no statistics of Pipeline 00#2 and Pipeline 00#3" in answer["message"]
    assert "run it again" in answer["hint"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"runs": ["Pipeline 00#1", "Pipeline 00#99"]}, "no revision 99"),
        ({"runs": ["Pipeline 00#1", "../secret#1"]}, "No pipeline '../secret'"),
        ({"runs": ["Pipeline 00#1", "__import__('os')"]}, "is the name of no run"),
        ({"runs": ["Pipeline 00#1", "Pipeline 00#2"], "baseline": 2}, "not among the runs"),
        ({"runs": ["Pipeline 00#1", "Pipeline 00#1"]}, "There is only"),
    ],
)
def test_what_cannot_be_compared_is_an_error_in_words(repository, arguments, said):
    answer = ask("compare_runs", **arguments)
    assert answer["type"] == "failure"
    assert said in answer["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"runs": ["Pipeline 00#1"]},
        {"runs": [f"A#{i}" for i in range(protocol.MOST_RUNS + 1)]},
        {"runs": ["A#1", "A#2"], "baseline": -1},
        {"runs": ["A#1", "x" * 2000]},
        {"runs": ["A#1", 2]},
    ],
)
def test_what_is_no_request_is_refused(arguments):
    answer = ask("compare_runs", **arguments)
    assert answer["message"] == "The kernel's zenlab does not know this request."


def test_curves_of_evaluations_are_stored_and_stay_out_of_the_table():
    panel = ComparePanel(comparison())
    kinds = [(one.kind, len(one.x.split())) for one in panel.payload.series]
    assert [kind for kind, _ in kinds] == ["series"] * 3 + ["roc"] * 3 + ["precision_recall"] * 3
    assert all(points <= 41 for _, points in kinds)
    assert "ROC" not in str(panel)
    assert str(panel).count("loss  ") >= 3
    assert stored_size(panel._repr_mimebundle_()) <= BUDGET


def test_a_curve_is_stored_of_all_runs_or_of_none():
    from dataclasses import replace

    found = comparison()
    many = tuple(replace(c, name=f"{c.name} {k}") for k in range(9) for c in found.curves())
    panel = ComparePanel(replace(found, curves=lambda: many))
    stored = [one for one in panel.payload.series if one.kind != "series"]
    names = [(one.kind, one.name) for one in stored]
    assert stored
    assert all(names.count(name) == 3 for name in names)
    assert any("curves of evaluations" in text.lower() for text in panel.payload.omitted)
