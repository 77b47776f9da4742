"""The anomalies panel."""

import json

import jsonschema
import pytest

from tests.statistics_harness import statistics_of
from tests.unit.test_views_run import HOSTILE, check_bare
from tests.unit.test_views_statistics import splits
from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.core.validation import Anomalies, Anomaly, DatasetAnomalies, Drift, UnexpectedValue
from zenlab.views import MIME_TYPE, AnomaliesPanel
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import schema
from zenlab.views.payloads import from_json
from zenlab.views.strings import shorten

NEW = "2 values are not in the schema, 0.3 % of rows"


def values(**counts):
    return [UnexpectedValue(value, count) for value, count in counts.items()]


def carrier(**counts):
    kind = "ENUM_TYPE_UNEXPECTED_STRING_VALUES"
    return Anomaly("carrier", kind, "error", NEW, values(**counts), rows=43)


def flights(*anomalies, drift=()):
    return Anomalies(
        [
            DatasetAnomalies("train", 235743, []),
            DatasetAnomalies("eval", 67355, list(anomalies), list(drift), "train", "SERVING"),
        ]
    )


def drifted(n=3):
    return [Drift(f"column{i}", "Jensen-Shannon", 0.2 / (i + 1), 0.1) for i in range(n)]


def row(shown, name):
    (found,) = (text for text in str(shown).splitlines() if name in text.split()[:3])
    return found


def seen(shown):
    return json.dumps(shown._repr_mimebundle_()) + shown.to_frame().to_csv() + repr(shown)


def test_in_words_with_numbers():
    text = " ".join(str(AnomaliesPanel(flights(carrier(ZZ=31, Q9=12)), title="flights")).split())
    assert "Anomalies of flights: 1 " in text
    assert (
        "eval carrier error 2 values are not in the schema, ZZ (31 rows) and Q9 (12 rows), "
        "0.3 % of rows" in text
    )


def test_no_anomalies_are_said_with_what_was_compared():
    shown = AnomaliesPanel(flights(drift=drifted()))
    assert str(shown).startswith("Anomalies: none\n")
    assert row(shown, "67,355").split() == [
        "eval", "67,355", "none", "schema", "for", "SERVING", "and", "train", "(3", "columns)",
    ]  # fmt: skip
    assert row(shown, "235,743").split() == ["train", "235,743", "none", "schema"]
    assert "nothing was looked at" in str(AnomaliesPanel(Anomalies([])))
    nothing = Anomalies([DatasetAnomalies("eval", 0, [])])
    assert "0       none" in str(AnomaliesPanel(nothing))


def test_the_ten_row_rule():
    shown = AnomaliesPanel(flights(carrier(ok=10, Jane=9, Doe=1)))
    assert "ok (10 rows) and 2 in fewer than 10" in shown.payload.datasets[1].anomalies[0]
    assert "Jane" not in seen(shown)
    assert "Doe" not in seen(shown)
    rare = AnomaliesPanel(flights(carrier(Jane=9)))
    assert "in the schema, 1 in fewer than 10, 0.3" in rare.payload.datasets[1].anomalies[0]


def test_five_values_at_most():
    shown = AnomaliesPanel(flights(carrier(**{f"v{i}": 100 - i for i in range(12)})))
    said = shown.payload.datasets[1].anomalies[0]
    assert "v4 (96 rows) and 7 more, 0.3" in said
    assert "v5" not in said


def test_sensitive_columns_show_no_value():
    made = statistics_of(splits(), sensitive=["carrier"])
    shown = AnomaliesPanel(flights(carrier(ZZ=31)), statistics=made)
    assert "ZZ" not in seen(shown)
    assert NEW in seen(shown)


def test_errors_come_first_and_all_are_counted():
    odd = Anomaly("a", "X", "warning", "is odd")
    lost = Anomaly("", "Y", "error", "too few rows")
    shown = AnomaliesPanel(flights(odd, carrier(), lost))
    rows = [text.split("\t")[:2] for text in shown.payload.datasets[1].anomalies]
    assert rows == [["carrier", "error"], ["", "error"], ["a", "warning"]]
    assert "(all columns)" in str(shown)
    assert "⚠ 3" in row(shown, "67,355")


def test_drift_beside_its_threshold_and_both_shapes():
    frames = splits()
    frames["eval"]["distance"] *= 2
    found = [
        Drift("carrier", "L-infinity", 0.02, 0.1),
        Drift("distance", "Jensen-Shannon", 0.31, 0.1),
        Drift("late", "Jensen-Shannon", 0.00012, None),
    ]
    anomalies = Anomalies([DatasetAnomalies("eval", 1000, [], found, "train")])
    shown = AnomaliesPanel(anomalies, statistics=statistics_of(frames))
    text = str(shown)
    assert "Distances from train:" in text
    body = text[text.index("Distances from") :].splitlines()[3:]
    assert [line.split()[0] for line in body] == ["⚠", "carrier", "late"]
    distance = body[0].split()
    assert distance[1] == "distance"
    assert distance[2] != distance[3]
    assert {len(shape) for shape in distance[2:4]} == {10}
    assert distance[4:] == ["0.31", "over", "0.1", "Jensen-Shannon"]
    assert body[1].split()[3:] == ["0.020", "█▎", "0.1", "L-infinity"]
    assert body[2].split()[3:] == ["<0.001", "Jensen-Shannon"]
    without = str(AnomaliesPanel(anomalies))
    assert "█" not in without.replace("█▎", "")
    assert "0.31" in without


def test_the_furthest_ten():
    shown = AnomaliesPanel(flights(drift=drifted(30)))
    assert len(shown.payload.datasets[1].drift) == 10
    assert shown.payload.omitted == ["Distances of eval: 20 smaller ones"]
    assert "The greatest distances of eval from train:" in str(shown)


def test_accept_hands_the_names_on_and_returns_what_was_said():
    asked = []

    def accept(names):
        asked.append(names)
        return "Done."

    shown = AnomaliesPanel(
        flights(carrier(), Anomaly("dest", "X", "error", "is new")), accept=accept
    )
    assert "panel.accept() for all of it, or panel.accept('carrier')" in str(shown)
    assert repr(shown.accept()) == "Done."
    shown.accept("carrier", "dest")
    assert asked == [(), ("carrier", "dest")]
    with pytest.raises(DoesNotExistException, match=r"'carier'.*\n.*Did you mean 'carrier'"):
        shown.accept("carier")
    assert len(asked) == 2


def test_without_a_schema_to_change_the_way_to_one_is_told():
    shown = AnomaliesPanel(flights(carrier()))
    assert "accept" not in str(shown)
    with pytest.raises(ZenlabError, match=r"pipeline\.view_anomalies\(\)"):
        shown.accept("carrier")


def test_the_payload_follows_its_schema_and_is_read_back():
    for shown in (
        AnomaliesPanel(flights(carrier(ZZ=31), drift=drifted()), accept=str),
        AnomaliesPanel(Anomalies([])),
    ):
        stored = shown._repr_mimebundle_()[MIME_TYPE]
        jsonschema.validate(stored, json.loads(schema()))
        assert from_json(stored) == shown.payload


def test_a_frame_and_a_figure():
    shown = AnomaliesPanel(flights(carrier(ZZ=31), drift=drifted(30)))
    frame = shown.to_frame()
    assert len(frame) == 31
    assert frame["rows"][0] == 43
    assert "ZZ (31 rows)" in frame["text"][0]
    assert frame.query("kind == 'DISTANCE'")["distance"].max() == 0.2
    figure = shown.figure()
    bars, marks = figure.data
    assert len(bars.x) == 20
    assert bars.x[-1] == 0.2  # on top
    assert set(marks.x) == {0.1}
    assert "20 of 30 columns" in figure.layout.title.text
    assert not AnomaliesPanel(Anomalies([])).figure().data
    assert AnomaliesPanel(Anomalies([])).to_frame().empty


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    found = Anomaly(hostile, hostile, "error", hostile, [UnexpectedValue(hostile, 20)])
    drift = [Drift(hostile, hostile, 0.5, 0.1)]
    anomalies = Anomalies([DatasetAnomalies(hostile, 9, [found], drift, hostile, hostile)])
    shown = AnomaliesPanel(anomalies, title=hostile, accept=str)
    bundle = shown._repr_mimebundle_()
    page = check_bare(bundle["text/html"])
    assert page.cells[0] == f"Anomalies of {shorten(hostile)}: 1"
    assert page.cells.count(shorten(hostile)) >= 3  # dataset, column, baseline
    assert all(line.isprintable() or "\u200d" in line for line in bundle["text/plain"].split("\n"))
    json.dumps(bundle, ensure_ascii=False).encode()
    shown.figure().to_json()


@pytest.mark.parametrize("char", ["x", "東", "\x00"])
def test_many_anomalies_fit_and_say_what_they_leave_out(char):
    long = char * 100
    found = [
        Anomaly(
            f"{i}{long}",
            "X",
            "error",
            long * 9,
            [UnexpectedValue(f"{k}{long}", 99) for k in range(9)],
        )
        for i in range(2000)
    ]
    drift = [Drift(f"{i}{long}", long, 0.5, 0.1) for i in range(2000)]
    datasets = [DatasetAnomalies(f"{i}{long}", 9, found, drift, long, long) for i in range(9)]
    shown = AnomaliesPanel(Anomalies(datasets), title=long)
    assert stored_size(shown._repr_mimebundle_()) <= BUDGET
    said = " ".join(shown.payload.omitted)
    for what in ("Datasets: ", "Anomalies of", "Distances of"):
        assert what in said
    assert f"{9 * 2000:,}" not in str(shown).splitlines()[0]  # of the datasets that are shown


def test_the_same_anomalies_have_the_same_bytes():
    first, again = (
        AnomaliesPanel(flights(carrier(ZZ=31), drift=drifted()), statistics=statistics_of(splits()))
        for _ in range(2)
    )
    assert first._repr_mimebundle_() == again._repr_mimebundle_()
