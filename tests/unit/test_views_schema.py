"""The schema panel, and what it takes up."""

import json

import jsonschema
import pytest
from plotly.offline import get_plotlyjs

from tests.statistics_harness import statistics_of
from tests.unit.test_views_run import HOSTILE, check_bare
from tests.unit.test_views_statistics import rows
from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.core.validation import DataSchema, SchemaFeature
from zenlab.views import MIME_TYPE, SchemaPanel
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import schema as json_schema
from zenlab.views.payloads import from_json
from zenlab.views.strings import shorten

CARRIERS = ["B6", "EV", "HA", "UA", "ZZ"]


def flights():
    return DataSchema(
        [
            SchemaFeature("carrier", "BYTES", True, domain=CARRIERS, domain_size=5, skew=0.05),
            SchemaFeature("hour", "INT", True, min=0.0, max=23.0, drift=0.1),
            SchemaFeature("distance", "FLOAT", False, min_share=0.975, min=0.5),
            SchemaFeature("late", "INT", True, not_in_environments=["SERVING"]),
            SchemaFeature("tags", "BYTES", False, values_per_row=[1, 0], distinct_share=0.9),
            SchemaFeature("old", "UNKNOWN", False, max=7.0, deprecated=True),
        ],
        ["TRAINING", "SERVING"],
        "inferred from train",
    )


def row(shown, name):
    (found,) = (text for text in str(shown).splitlines() if text.split()[:1] == [name])
    return found


def test_a_row_a_column():
    shown = SchemaPanel(flights(), title="flights")
    text = str(shown)
    assert text.startswith(
        "Schema of flights\n\norigin        inferred from train\ncolumns       6"
    )
    assert "environments  TRAINING, SERVING" in text
    assert row(shown, "carrier").split() == [
        "carrier",
        "text",
        "required",
        "5,",
        "not",
        "shown",
        "0.05",
    ]
    assert row(shown, "hour").split() == ["hour", "integer", "required", "0", "…", "23", "0.1"]
    assert row(shown, "distance").split()[1:] == [
        "number",
        "in",
        "97.5%",
        "or",
        "more",
        "≥",
        "0.5000",
    ]
    assert row(shown, "late").split() == ["late", "integer", "required", "not", "SERVING"]
    assert row(shown, "tags").split() == ["tags", "text", "optional", "≥", "1"]
    assert row(shown, "old").split() == ["old", "anything", "optional", "≤", "7", "deprecated"]


def test_thresholds_that_all_columns_have_are_told_once():
    def table(*drifts):
        features = [
            SchemaFeature(f"x{i}", "INT", True, drift=d, skew=0.2) for i, d in enumerate(drifts)
        ]
        return str(SchemaPanel(DataSchema(features)))

    text = table(0.1, 0.1)
    assert "thresholds  drift 0.1, skew 0.2 (of all columns)\n" in text
    assert "column  type     presence\n" in text
    text = table(0.1, 0.3)
    assert "thresholds  skew 0.2 (of all columns)\n" in text
    assert row(SchemaPanel(DataSchema([SchemaFeature("x", "INT", True, drift=0.3)])), "x").endswith(
        "0.3"
    )
    assert "thresholds  skew 0.2 (of all columns)\n" in table(0.1, None)
    assert "thresholds" not in table(0.1)
    # Nobody knows it of columns that are not shown.
    assert "thresholds" not in table(*[0.1] * 60)


def test_values_are_shown_only_as_far_as_the_rows_allow_it():
    frame = rows(2000)
    frame.loc[frame.index[:9], "carrier"] = "ZZ"  # nine rows
    shown = SchemaPanel(flights(), statistics=statistics_of({"train": frame}))
    assert "UA, B6, EV, HA and 1 more" in row(shown, "carrier")
    assert "ZZ" not in json.dumps(shown._repr_mimebundle_()) + shown.to_frame().to_csv()
    assert shown.to_frame()["domain"][0] == ["UA", "B6", "EV", "HA"]


@pytest.mark.parametrize(
    "made", [None, statistics_of({"t": rows()}, sensitive=["carrier", "hour"])]
)
def test_without_statistics_or_if_sensitive_only_how_many(made):
    shown = SchemaPanel(flights(), statistics=made)
    page = shown.to_html().replace(get_plotlyjs(), "")
    seen = json.dumps(shown._repr_mimebundle_()) + shown.to_frame().to_csv() + page
    assert "5, not shown" in row(shown, "carrier")
    for value in ("B6", '"UA"', ">UA<"):
        assert value not in seen


def test_bounds_of_a_sensitive_column_are_not_shown():
    frame = rows().rename(columns={"distance": "hour"})
    shown = SchemaPanel(flights(), statistics=statistics_of({"t": frame}, sensitive=["hour"]))
    assert "23" not in row(shown, "hour")
    assert "sensitive" in row(shown, "hour")
    assert shown.to_frame()[["min", "max"]].iloc[1].isna().all()


def test_accept_hands_the_names_on_and_returns_what_was_said():
    asked = []

    def accept(names):
        asked.append(names)
        return f"{len(names)} of flights"

    shown = SchemaPanel(flights(), accept=accept)
    assert shown.accept() == "0 of flights"
    assert repr(shown.accept("hour", "late")) == "2 of flights"
    assert asked == [(), ("hour", "late")]
    with pytest.raises(DoesNotExistException, match=r"'houre'.*\n.*Did you mean 'hour'"):
        shown.accept("hour", "houre")
    assert len(asked) == 2
    with pytest.raises(ZenlabError, match=r"pipeline\.view_schema\(\)"):
        SchemaPanel(flights()).accept()


def test_the_payload_follows_its_schema_and_is_read_back():
    for shown in (SchemaPanel(flights()), SchemaPanel(DataSchema([]))):
        stored = shown._repr_mimebundle_()[MIME_TYPE]
        jsonschema.validate(stored, json.loads(json_schema()))
        assert from_json(stored) == shown.payload


def test_a_frame_and_a_figure():
    shown = SchemaPanel(flights())
    frame = shown.to_frame()
    assert frame["column"].tolist() == ["carrier", "hour", "distance", "late", "tags", "old"]
    assert frame["max"][1] == 23
    assert frame["domain_size"][0] == 5
    figure = shown.figure()
    counts = {bar.name: dict(zip(bar.x, bar.y, strict=True)) for bar in figure.data}
    assert counts["required"] == {"integer": 2, "number": 0, "text": 1, "anything": 0}
    assert counts["optional"] == {"integer": 0, "number": 1, "text": 1, "anything": 1}
    assert SchemaPanel(DataSchema([])).to_frame().empty


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    feature = SchemaFeature(
        hostile,
        "BYTES",
        True,
        domain=[hostile],
        environments=[hostile],
        not_in_environments=[hostile],
    )
    shown = SchemaPanel(DataSchema([feature], [hostile], hostile), title=hostile)
    bundle = shown._repr_mimebundle_()
    page = check_bare(bundle["text/html"])
    assert page.cells[0] == f"Schema of {shorten(hostile)}"
    assert shorten(hostile) in page.cells
    json.dumps(bundle, ensure_ascii=False).encode()


@pytest.mark.parametrize("char", ["x", "東", "\x00"])
def test_a_huge_schema_fits_and_says_what_it_leaves_out(char):
    long = char * 100
    made = DataSchema(
        [
            SchemaFeature(
                f"{i}{long}",
                "BYTES",
                True,
                domain=[f"{k}{long}" for k in range(50)],
                environments=[long] * 9,
                drift=0.1,
            )
            for i in range(2000)
        ],
        [long] * 50,
    )
    shown = SchemaPanel(made, title=long)
    assert stored_size(shown._repr_mimebundle_()) <= BUDGET
    left = 2000 - len(shown.payload.columns)
    assert left >= 1950
    assert shown.payload.omitted == [f"Columns: {left:,}, which panel.to_frame() has"]
    assert len(shown.to_frame()) == 2000
    assert len(shown.complete().payload.columns) == 2000
