"""The statistics panel."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pandas as pd
import pytest
from plotly.offline import get_plotlyjs

from tests.statistics_harness import statistics_of
from tests.unit.test_views_run import HOSTILE, check_bare
from zenlab.core.errors import DoesNotExistException
from zenlab.core.evaluation import Histogram
from zenlab.core.statistics import (
    DatasetStatistics,
    FeatureStatistics,
    NumberSummary,
    Statistics,
    TextSummary,
    TopValue,
)
from zenlab.core.validation import Anomalies, Anomaly, DatasetAnomalies, Drift, UnexpectedValue
from zenlab.views import MIME_TYPE, AnomaliesPanel, StatisticsPanel
from zenlab.views.document import Column, Document, Table
from zenlab.views.html import to_html
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import schema
from zenlab.views.payloads import from_json
from zenlab.views.shapes import Scale, blocks, scale
from zenlab.views.strings import shorten
from zenlab.views.text import to_text

NEW_YEAR = pd.Timestamp("2013-01-01")
ROOT = Path(__file__).parents[2]


def rows(n=2000, seed=0):
    """Flights, more or less."""
    rng = np.random.default_rng(seed)
    delay = rng.normal(10, 40, n).round()
    delay[rng.random(n) < 0.025] = np.nan
    return pd.DataFrame(
        {
            "dep_delay": delay,
            "distance": rng.integers(80, 3000, n),
            "carrier": rng.choice(["UA", "B6", "EV", "HA"], n, p=[0.5, 0.3, 0.19, 0.01]),
            "late": rng.random(n) < 0.2,
            "time_hour": pd.Timestamp("2013-01-01")
            + pd.to_timedelta(rng.integers(0, 8760, n), "h"),
            "taxi": pd.to_timedelta(rng.integers(60, 3600, n), "s"),
            "tailnum": [f"N{i:05}" for i in range(n)],
            "nothing": pd.Series([None] * n, dtype="object"),
        }
    )


def splits():
    return {"train": rows(), "eval": rows(1000, 1), "test": rows(500, 2)}


def panel(frames=None, **options):
    title = options.pop("title", "flights")
    anomalies = options.pop("anomalies", None)
    made = statistics_of(frames or splits(), **options)
    return StatisticsPanel(made, title=title, anomalies=anomalies)


def everything(shown):
    """All that a reader could see of a panel."""
    page = shown.to_html().replace(get_plotlyjs(), "")
    parts = [json.dumps(shown._repr_mimebundle_(), ensure_ascii=False), page]
    return "\n".join([*parts, shown.to_frame().to_csv(), shown.figure().to_json(), repr(shown)])


def line(shown, name):
    (found,) = (text for text in str(shown).splitlines() if text.split()[:1] == [name])
    return found


def test_a_row_a_column_and_a_shape_a_split():
    text = str(panel())
    assert text.startswith("Statistics of flights\n\nrows     train 2,000, eval 1,000, test 500\n")
    numbers = text[text.index("Columns of numbers:") :].split("\n\n", maxsplit=1)[0]
    header, _, *body = numbers.splitlines()[1:]
    assert header.split()[:6] == ["column", "train", "eval", "test", "drift", "missing"]
    assert [text.split()[0] for text in body if text[0] != " "] == ["dep_delay", "distance"]
    missing = rows()["dep_delay"].isna().mean()
    assert f" {missing:.1%} " in body[0]
    shapes = body[0].split()[1:4]
    assert {len(shape) for shape in shapes} == {10}


def test_kinds_stand_in_tables_of_their_own():
    text = str(panel())
    names = {
        "Columns of numbers:": {"dep_delay", "distance"},
        "Columns of times:": {"time_hour", "taxi"},
        "Columns of text:": {"carrier", "late", "tailnum"},
        "Other columns:": {"nothing"},
    }
    for title, columns in names.items():
        block = text[text.index(title) :].split("\n\n", maxsplit=1)[0].splitlines()[3:]
        assert {row.split()[0] for row in block if row[0] not in " ("} - {"⚠"} == columns


def test_numbers_of_another_split_stand_below_only_where_they_differ():
    frames = splits()
    assert " eval " not in line(panel(frames), "distance")
    before = str(panel(frames)).splitlines()
    frames["eval"]["distance"] *= 2
    after = panel(frames)
    (at,) = (i for i, text in enumerate(str(after).splitlines()) if text.startswith("distance"))
    below = str(after).splitlines()[at + 1]
    mean = statistics_of(frames).dataset("eval").feature("distance").numbers.mean
    assert f"eval {mean:,.0f} ±" in below
    assert not any(text.strip().startswith("eval") and "±" in text for text in before)


def test_a_single_dataset_needs_no_name():
    frame = {"flights.csv": rows().assign(year=2013)}
    shown = panel(frame, title="flights.csv")
    text = str(shown)
    assert text.startswith("Statistics of flights.csv\n\nrows     2,000\n")
    assert text.count("flights.csv") == 1
    header = text.splitlines()[text.splitlines().index("Columns of text:") + 1]
    assert header.split() == ["column", "unique", "values", "share"]
    assert "Shapes of a column" not in text
    # Another name than the title's says what the rows are.
    assert "rows     train 2,000" in str(panel({"train": rows()}))
    # ... and one value is written once, beside its mean.
    assert line(shown, "year").split()[-4:] == ["2,013", "±", "0", "2,013"]


def test_missing_and_zeros_are_marked_by_a_sign_and_explained():
    frames = splits()
    frames["eval"].loc[:600, "distance"] = 0
    frames["test"].loc[:200, "carrier"] = None
    text = str(panel(frames))
    assert "eval ⚠ 60.1%" in text
    assert "test ⚠ 40.2%" in text
    assert "⚠ marks 20% or more missing, 50% or more zeros, drift over its threshold." in text
    assert "⚠" not in str(panel({"train": rows().drop(columns="nothing")}))


def test_shares_and_lift_of_the_most_frequent_values():
    frames = {
        "train": pd.DataFrame({"x": ["a"] * 50 + ["b"] * 30 + ["c"] * 20}),
        "eval": pd.DataFrame({"x": ["a"] * 25 + ["b"] * 30 + ["d"] * 45}),
    }
    text = str(panel(frames))
    body = text[text.index("Columns of text:") :].split("\n\n", maxsplit=1)[0].splitlines()[3:]
    cells = [row.replace("x ", "  ", 1).split() for row in body]
    assert cells[0][-5:-2] == ["50.0%", "25.0%", "×0.50"]  # noqa: RUF001
    assert cells[1] == ["b", "30.0%", "30.0%", "×1.00"]  # noqa: RUF001
    assert cells[2] == ["c", "20.0%", "0%", "gone"]
    assert cells[3] == ["d", "0%", "45.0%", "new"]
    assert "⚠ 0.45" in body[0]  # the share of d is the one that has changed most
    payload = panel(frames).payload.columns[0]
    assert payload.top[1] == "b\t.3\t.3"
    assert payload.drift == "eval\tL-infinity\t.45\t.1"


def test_truth_values_have_shares():
    frames = {"train": pd.DataFrame({"late": [True] * 3 + [False] * 7})}
    text = str(panel(frames))
    assert "true    30.0%" in text
    assert "false   70.0%" in text


def test_times_and_durations_are_written_as_such():
    text = str(panel({"train": rows()}))
    assert "2013-01-01" in text
    assert " min  " in text  # of the taxi's duration
    assert "1.37" not in text  # seconds since 1970
    (column,) = (c for c in panel().payload.columns if c.name == "time_hour")
    assert column.datasets[0].split("\t")[7].startswith("2013-01-01T0")


def test_the_ten_row_rule():
    frames = {
        "train": pd.DataFrame({"name": ["Jane Doe"] * 9 + ["ok"] * 10 + ["seldom"] * 5}),
        "eval": pd.DataFrame({"name": ["Jane Doe"] * 9 + ["seldom"] * 10}),
    }
    shown = panel(frames, slices=["name"])
    seen = everything(shown)
    assert "Jane Doe" not in seen
    assert "seldom" in str(shown)  # ten rows of one dataset have it
    frame = shown.to_frame()
    assert set(frame[frame.statistic == "count"]["item"]) == {"ok", "seldom"}
    assert set(frame[frame.split == "train"]["group"]) == {"", "ok"}
    assert "Slices of few rows or by sensitive columns: 3" in shown.payload.omitted


def test_a_value_of_few_rows_stays_hidden_whatever_their_weight():
    frame = pd.DataFrame({"name": ["Jane Doe"] * 3 + ["ok"] * 30, "w": [1000.0] * 3 + [1.0] * 30})
    shown = panel({"train": frame}, weight="w")
    assert "Jane Doe" not in everything(shown)
    assert "weight   w, by which" in str(shown)
    # 3,000 of 3,030 parts of the weight are hers
    assert shown.payload.columns[0].top == ["ok\t.009901"]


def test_weighted_numbers():
    frame = pd.DataFrame({"x": [0.0, 10.0] * 50, "w": [1.0, 3.0] * 50})
    assert "7.500 ± 4.330" in line(panel({"train": frame}, weight="w"), "x")
    assert "5.000 ± 5.000" in line(panel({"train": frame}), "x")


def test_without_the_sum_of_the_weights_there_is_no_share():
    text = TextSummary(900, 1.0, [TopValue("a", 20.0)])
    feature = FeatureStatistics("x", "text", "string", 1000, 0, text=text, weighted_text=text)
    shown = StatisticsPanel(Statistics([DatasetStatistics("train", 1000, [feature])], weight="w"))
    assert shown.payload.columns[0].top == ["a\t"]


def test_sensitive_columns_show_no_value():
    frames = splits()
    frames["train"]["salary"] = np.linspace(41234.5, 98765.25, 2000)
    for name in ("eval", "test"):
        frames[name]["salary"] = 51234.75
    found = [Anomaly("carrier", "ENUM", "error", "1 new value", [UnexpectedValue("UA", 900)])]
    shown = panel(
        frames,
        sensitive=["carrier", "salary"],
        slices=["carrier"],
        anomalies=Anomalies([DatasetAnomalies("eval", 1000, found)]),
    )
    # The worker keeps no value of such a column; even if one comes along, it is not shown.
    datasets = [
        msgspec.structs.replace(
            d,
            features=[
                msgspec.structs.replace(
                    f,
                    sensitive=d.name == "eval" and f.sensitive,
                    text=TextSummary(4, 2.0, [TopValue("UA", 900.0)])
                    if f.name == "carrier"
                    else f.text,
                )
                for f in d.features
            ],
        )
        for d in shown.statistics.datasets
    ]
    leaky = StatisticsPanel(Statistics(datasets), anomalies=shown.anomalies)
    for seen in (shown, leaky):
        text = everything(seen)
        assert '"UA' not in text
        assert ">UA" not in text
        assert ",UA," not in text
        assert "= UA" not in text
        assert "41,23" not in text
        assert "98,76" not in text
        assert "51234" not in text
        assert "carrier in eval: 1 new value" in str(seen)
        assert "(sensitive)" in str(seen)
        frame = seen.to_frame()
        of_it = frame[frame["column"].isin(["carrier", "salary"])]
        assert set(of_it["statistic"]) == {"rows", "missing", "unique"}


def test_columns_come_in_the_order_of_interest():
    frames = splits()
    frames["eval"]["carrier"] = "UA"
    frames["test"].loc[:199, "distance"] = None
    anomalies = Anomalies(
        [
            DatasetAnomalies(
                "eval",
                1000,
                [
                    Anomaly("taxi", "X", "warning", "is odd"),
                    Anomaly("late", "Y", "error", "is wrong"),
                    Anomaly("", "Z", "error", "too few rows"),
                    Anomaly("gone", "MISSING", "error", "is not there"),
                ],
            )
        ]
    )
    shown = panel(frames, anomalies=anomalies)
    names = [column.name for column in shown.columns]
    # an error, a warning, all and 40% missing, drift, then as in the data
    assert names[:5] == ["late", "taxi", "nothing", "distance", "carrier"]
    assert names[5:] == ["dep_delay", "time_hour", "tailnum"]
    assert shown.payload.findings == [
        "eval: too few rows",
        "gone in eval: is not there",
        "late in eval: is wrong",
        "taxi in eval: is odd",
    ]
    assert "⚠ late" in str(shown)


def test_distances_of_tfdv_are_taken_where_there_are_any():
    drift = [Drift("distance", "Jensen-Shannon", 0.77, 0.5)]
    anomalies = Anomalies([DatasetAnomalies("test", 500, [], drift, "train")])
    shown = panel(anomalies=anomalies)
    assert "⚠ 0.77 test" in line(shown, "distance")
    assert shown.columns[1].name == "distance" or shown.columns[0].name == "distance"
    assert "0.77" not in line(shown, "dep_delay")


def test_whole_numbers_that_became_others_are_compared():
    frames = splits()
    frames["eval"]["distance"] = frames["eval"]["distance"].astype(float)
    frames["eval"].loc[0, "distance"] = np.nan
    shown = line(panel(frames), "distance")
    assert "number in eval" not in str(panel(frames))
    assert len(shown.split()[2]) == 10


def test_another_kind_of_values_is_said():
    frames = splits()
    frames["eval"]["distance"] = "far"
    del frames["test"]["distance"]
    text = str(panel(frames))
    assert "(not in test)" in text
    assert "(text in eval)" in text
    assert '"far"' not in everything(panel(frames))


def test_notes():
    frame = pd.DataFrame(
        {"year": [2013] * 30, "id": [f"i{i}" for i in range(30)], "x": [np.inf, *range(29)]}
    )
    text = str(panel({"train": frame}))
    for said in ("(one value only)", "(each value once)", "(1 infinite in train)"):
        assert said in text
    assert "(no value at all)" in str(panel())
    feature = FeatureStatistics(
        "tags", "nested", "list<string>", 5, 0, values_per_row=[0, 2.5, 7], notes=["Was cast."]
    )
    text = str(StatisticsPanel(Statistics([DatasetStatistics("train", 5, [feature])])))
    assert "tags" in text
    assert "(0 to 7 values a row)" in text
    assert "(Was cast.)" in text


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_splits(count):
    names = [f"split{i}" for i in range(count)]
    shown = panel({name: rows(200, i) for i, name in enumerate(names)})
    assert stored_size(shown._repr_mimebundle_()) <= BUDGET
    header = next(text for text in str(shown).splitlines() if text.startswith("column  "))
    assert header.split()[1 : count + 1] == (names if count > 1 else ["shape"])
    assert len(shown.payload.columns) == 8
    check_bare(shown._repr_mimebundle_()["text/html"])
    shown.figure().to_json()


def test_more_splits_than_there_is_room_for():
    shown = panel({f"split{i}": rows(20, i) for i in range(9)})
    assert shown.payload.omitted == ["Datasets: split6, split7, split8"]
    late = rows(20).assign(number=1, text="late")
    shown = panel({f"split{i}": rows(20, i) if i < 8 else late for i in range(9)})
    assert "(not in split0, " in str(shown)


def test_a_distance_that_is_no_number_is_none():
    for distance in (float("nan"), float("inf")):
        drift = [Drift("distance", "Jensen\tShannon", distance, 0.5)]
        anomalies = Anomalies([DatasetAnomalies("test", 500, [], drift, "train")])
        assert "nan" not in line(panel(anomalies=anomalies), "distance")
        assert not AnomaliesPanel(anomalies).payload.datasets[0].drift
    drift = [Drift("distance", "a\tb", 0.9, 0.5)]
    anomalies = Anomalies([DatasetAnomalies("test", 500, [], drift, "train")])
    assert "⚠ 0.90 test" in line(panel(anomalies=anomalies), "distance")


def test_zeros_are_of_rows_with_a_weight_or_without():
    frame = pd.DataFrame({"x": [0.0] * 10 + [1.0] * 90, "w": [9.0] * 10 + [1.0] * 90})
    assert " 10.0% " in line(panel({"train": frame}, weight="w"), "x")


@pytest.mark.parametrize("empty", [rows().iloc[:0], pd.DataFrame()])
def test_no_rows_and_no_columns(empty):
    for frames in (
        {"train": empty},
        {"train": rows(), "eval": empty},
        {"train": empty, "e": rows()},
    ):
        shown = panel(frames)
        assert "0" in str(shown)
        everything(shown)
    nothing = StatisticsPanel(Statistics([]))
    assert "Statistics" in str(nothing)
    assert nothing.to_frame().empty
    assert not nothing.figure().data


def test_numbers_of_which_nothing_is_known():
    unknown = NumberSummary(None, None, None, None, 0)
    strange = NumberSummary(1.0, 1e308, -1e308, 1e308, 0, histogram=Histogram([-1e308, 1e308], [9]))
    features = [
        FeatureStatistics("a", "number", "double", 5, 0, numbers=unknown),
        FeatureStatistics("b", "number", "double", 9, 0, numbers=strange),
    ]
    datasets = [DatasetStatistics(n, 9, features) for n in ("train", "eval")]
    everything(StatisticsPanel(Statistics(datasets)))


def many(columns, datasets=3):
    made = statistics_of({f"split{i}": rows(300, i) for i in range(datasets)})
    return Statistics(
        [
            msgspec.structs.replace(
                d,
                features=[
                    msgspec.structs.replace(d.features[i % len(d.features)], name=f"column_{i:04}")
                    for i in range(columns)
                ],
            )
            for d in made.datasets
        ]
    )


def test_two_thousand_columns_are_fast_and_fit():
    made = many(2000)
    found = [Anomaly("column_1998", "X", "error", "is wrong")]
    anomalies = Anomalies([DatasetAnomalies("split1", 300, found)])
    shown = StatisticsPanel(made, anomalies=anomalies)
    start = time.process_time()
    bundle = shown._repr_mimebundle_()
    assert time.process_time() - start < 1
    assert stored_size(bundle) <= BUDGET
    payload = shown.payload
    assert payload.total == 2000
    assert 20 <= len(payload.columns) <= 50
    assert payload.columns[0].name == "column_1998"
    assert payload.omitted[0].startswith(f"Columns: {2000 - len(payload.columns):,}, which panel.")
    assert max(len(column.top) for column in payload.columns) <= 5
    assert shown.to_frame()["column"].nunique() == 2000
    assert len(shown.complete().payload.columns) == 2000
    assert len(shown.figure().layout.annotations) == 12
    assert shown.figure().layout.title.text.startswith("12 of 2000 columns")


def test_fifty_columns_at_most():
    assert len(StatisticsPanel(many(51, 1)).payload.columns) == 50


def test_select():
    shown = panel()
    some = shown.select("t*", "carrier")
    assert [c.name for c in some.columns] == ["carrier", "time_hour", "taxi", "tailnum"]
    assert some.title == "flights"
    with pytest.raises(DoesNotExistException, match="Did you mean 'carrier'"):
        shown.select("carier")
    odd = panel({"train": pd.DataFrame({"a[1]": [1, 2], "a1": [3, 4]})})
    assert [c.name for c in odd.select("a[1]").columns] == ["a[1]"]


def test_slices_are_compact():
    frames = splits()
    for frame in frames.values():  # flights of EV are far, those of HA few
        frame.loc[frame["carrier"] == "EV", "distance"] += 5000
    text = str(panel(frames, slices=["carrier"]))
    body = text[text.index("Slices:") :].split("\n\n", maxsplit=1)[0].splitlines()[3:]
    assert [row.split()[2] for row in body] == ["UA", "B6", "EV", "HA"]
    assert body[2].split()[-2] == "distance"
    assert float(body[2].split()[-1]) > 0.5
    assert float(body[0].split()[-1]) < 0.2  # which is half of all
    counts = [sum(f["carrier"].eq("UA")) for f in frames.values()]
    assert f" {sum(counts):,} " in body[0]
    assert f" {counts[0] / 2000:.1%} " in body[0]
    assert not body[3].split()[-1].startswith("0.")  # too few rows to say where they differ


def test_the_payload_follows_its_schema_and_is_read_back():
    for shown in (
        panel(slices=["carrier"], sensitive=["tailnum"]),
        StatisticsPanel(Statistics([])),
    ):
        stored = shown._repr_mimebundle_()[MIME_TYPE]
        jsonschema.validate(stored, json.loads(schema()))
        assert from_json(stored) == shown.payload


def test_four_significant_digits():
    shown = panel()
    numbers = [
        number
        for column in shown.payload.columns
        for dataset in column.datasets
        for number in dataset.split("\t")[5:7]
        if number and "-" not in number[1:]
    ]
    assert numbers
    for number in numbers:
        assert len(number.partition("e")[0].strip("-0.").replace(".", "")) <= 4


def test_a_tidy_frame_with_all_digits():
    frame = panel({"train": rows()}).to_frame()
    assert list(frame.columns) == [
        "split", "by", "group", "column", "kind", "statistic", "item", "value",
    ]  # fmt: skip
    mean = frame.query("column == 'distance' and statistic == 'mean'")["value"].item()
    assert mean == rows()["distance"].mean()
    median = frame.query("column == 'distance' and statistic == 'quantile' and item == '0.5'")
    assert (
        median["value"].item()
        == statistics_of({"t": rows()}).datasets[0].features[1].numbers.quantiles[5]
    )
    wide = frame[frame.statistic == "missing"].pivot_table(
        index="column", columns="split", values="value"
    )
    assert wide.loc["nothing", "train"] == 2000


def test_figures_overlay_the_splits():
    figure = panel().figure()
    titles = [a.text for a in figure.layout.annotations]
    assert titles == ["dep_delay", "distance", "carrier", "late", "time_hour", "taxi"]
    assert [t.name for t in figure.data if t.showlegend] == ["train", "eval", "test"]
    distance = [t for t in figure.data if t.yaxis == "y2"]
    assert len(distance) == 3
    assert {t.line.dash for t in distance} == {"solid", "dash", "dot"}
    assert all(abs(sum(t.y[:-1]) - 1) < 1e-9 for t in distance)
    assert "6 of 8 columns of flights" in figure.layout.title.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    frame = pd.DataFrame({"x": ["a"] * 20, "n": range(20)})
    made = statistics_of({"train": frame, "eval": frame})
    text = TextSummary(1, 1.0, [TopValue(hostile, 20.0)])
    datasets = [
        msgspec.structs.replace(
            d,
            name=d.name + hostile,
            notes=[hostile],
            features=[
                msgspec.structs.replace(
                    d.features[0], name=hostile, dtype=hostile, text=text, notes=[hostile]
                ),
                d.features[1],
            ],
        )
        for d in made.datasets
    ]
    datasets.append(msgspec.structs.replace(datasets[0], slice={hostile: hostile}))
    found = [Anomaly(hostile, hostile, "error", hostile, [UnexpectedValue(hostile, 20)])]
    shown = StatisticsPanel(
        Statistics(datasets, weight=hostile),
        title=hostile,
        anomalies=Anomalies([DatasetAnomalies(datasets[1].name, 20, found)]),
    )
    bundle = shown._repr_mimebundle_()
    page = check_bare(bundle["text/html"])
    name = shorten(hostile)
    assert page.cells[0] == f"Statistics of {name}"
    assert any(cell.startswith(f"⚠ {name}") for cell in page.cells)
    assert name in page.cells  # a value
    assert all(text.isprintable() or "\u200d" in text for text in bundle["text/plain"].split("\n"))
    json.dumps(bundle, ensure_ascii=False).encode()
    assert stored_size(bundle) <= BUDGET
    shown.figure().to_json()


@pytest.mark.parametrize("char", ["東", '"', "<", "\x00"])
def test_huge_statistics_fit_and_say_what_they_leave_out(char):
    long = char * 200
    top = [TopValue(f"{i}{long}", 100.0) for i in range(50)]
    features = [
        FeatureStatistics(
            f"{i}{long}", "text", long, 5000, 0, text=TextSummary(9**9, 1.0, top), notes=[long] * 20
        )
        for i in range(300)
    ]
    datasets = [DatasetStatistics(f"{k}{long}", 5000, features, notes=[long] * 5) for k in range(9)]
    datasets += [
        DatasetStatistics(datasets[0].name, 50, features[:3], {f"{i}{long}": long})
        for i in range(40)
    ]
    found = [Anomaly(f.name, "X", "error", long) for f in features]
    shown = StatisticsPanel(
        Statistics(datasets, weight=long),
        title=long,
        anomalies=Anomalies([DatasetAnomalies(d.name, 9, found) for d in datasets[:9]]),
    )
    assert stored_size(shown._repr_mimebundle_()) <= BUDGET
    said = " ".join(shown.payload.omitted)
    for what in ("Columns:", "Datasets:", "Findings:", "Slices:"):
        assert what in said


def test_a_blank_value_can_be_seen():
    frame = pd.DataFrame({"x": [""] * 20 + [" a"] * 20})
    assert '""' in str(panel({"train": frame}))
    assert '" a"' in str(panel({"train": frame}))


def test_a_cell_of_several_lines_is_one_line_of_html():
    columns = (Column("a"), Column("b", "right", nowrap=True))
    document = Document("t", (Table(columns, ((("x", "<y>"), ("1", "2013-01-01")),)),))
    html = to_html(document)
    assert '<td><div align="left">x<br/>&lt;y&gt;</div></td>' in html
    assert "<td>1<br/>2013-&#8288;01-&#8288;01</td></tr>" in html
    check_bare(html)
    assert to_text(document).splitlines()[-2:] == ["x             1", "<y>  2013-01-01"]


def test_one_outlier_does_not_flatten_a_shape():
    values = np.append(np.arange(1000.0), 1e9)
    (feature,) = statistics_of({"t": pd.DataFrame({"x": values})}).datasets[0].features
    on = scale([feature.numbers])
    assert on.high < 2000
    shares = blocks(feature.numbers, on)
    assert sum(shares) == pytest.approx(1)
    assert max(shares) < 0.4


def test_the_share_in_each_block_is_that_of_the_rows():
    values = np.random.default_rng(0).normal(size=5000)
    (feature,) = statistics_of({"t": pd.DataFrame({"x": values})}, bins=100).datasets[0].features
    on = Scale(-2.0, 2.0)
    inner = np.histogram(values, [-np.inf, *on.edges()[1:-1], np.inf])[0] / 5000
    assert blocks(feature.numbers, on) == pytest.approx(inner, abs=0.01)


BUNDLE = """
import json
from tests.unit.test_views_statistics import panel
shown = panel(slices=["carrier"])
print(json.dumps(shown._repr_mimebundle_()), shown.figure().to_json())
"""


def test_the_same_statistics_have_the_same_bytes():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", BUNDLE],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_repr_is_cheap():
    shown = panel()
    assert repr(shown).startswith("<StatisticsPanel flights: train 2,000 rows, eval 1,000 rows")
    assert "_stored" not in vars(shown)
