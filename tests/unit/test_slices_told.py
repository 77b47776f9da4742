"""A column by slice, as a kernel answers it: what may be seen of small and sensitive groups."""

import msgspec
import numpy as np
import pandas as pd
import pytest

from tests.statistics_harness import statistics_of
from zenlab.core.errors import DoesNotExistException
from zenlab.views import StatisticsPanel
from zenlab.views.packing import fields
from zenlab.views.statistics_slices import MOST, by_slice

HOSTILE = "<b>\tx"


def panel(rows=400, rare=9, **options):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "delay": rng.normal(10, 5, rows),
            "carrier": rng.choice(["UA", HOSTILE], rows, p=[0.7, 0.3]),
            "code": rng.choice(["A", "B"], rows),
        }
    )
    frame.loc[: rare - 1, "carrier"] = "rare"
    frame.loc[0, "code"] = "secret"
    made = statistics_of({"train": frame, "eval": frame.head(100)}, slices=["carrier"], **options)
    return StatisticsPanel(made, title="A")


def test_the_slices_of_a_split_stand_beside_it():
    found = by_slice(panel(), "delay", "train", "carrier")
    assert found.by == ["carrier"]
    names, rows = zip(*map(fields, found.datasets), strict=True)
    assert names[:2] == ("train", "UA")
    assert int(rows[0]) == 400
    assert sum(map(int, rows[1:])) == 400 - 9
    assert "\t" not in names[2]
    assert len(found.column.datasets) == 3
    assert found.column.scale, "one scale for all"
    assert all(len(fields(part)[8].split()) == 10 for part in found.column.datasets)
    assert fields(found.column.drift)[0] in names[1:], "how far a slice is from its split"
    assert by_slice(panel(), "delay", "eval", "carrier").datasets[0] == "eval\t100"


def test_a_slice_of_fewer_than_ten_rows_is_not_there():
    found = by_slice(panel(rare=9), "delay", "train", "carrier")
    assert "rare" not in " ".join(found.datasets)
    assert found.omitted == ["Slices of few rows or by sensitive columns: 1"]
    assert "rare\t10" in by_slice(panel(rare=10), "delay", "train", "carrier").datasets


def test_a_value_in_fewer_than_ten_rows_is_not_there():
    found = by_slice(panel(), "code", "train", "carrier")
    assert {fields(top)[0] for top in found.column.top} == {"A", "B"}


def sensitive(made, name, dataset):
    """A panel in which a column is sensitive in one dataset alone."""
    datasets = [
        msgspec.structs.replace(
            d,
            features=[
                msgspec.structs.replace(f, sensitive=f.name == name and d.name == dataset)
                for f in d.features
            ],
        )
        for d in made.statistics.datasets
    ]
    return StatisticsPanel(msgspec.structs.replace(made.statistics, datasets=datasets))


def test_of_a_sensitive_column_nothing_is_told_but_how_many_rows_it_has():
    made = sensitive(panel(), "delay", "eval")
    column = by_slice(made, "delay", "train", "carrier").column
    assert column.sensitive
    assert not column.scale
    assert {fields(part)[7] for part in column.datasets} == {""}
    with pytest.raises(DoesNotExistException):
        by_slice(sensitive(panel(), "carrier", "eval"), "delay", "train", "carrier")


@pytest.mark.parametrize(
    "asked", [("delai", "train", "carrier"), ("delay", "test", "carrier"), ("delay", "train", "x")]
)
def test_what_is_not_there_is_an_error_in_words(asked):
    with pytest.raises(DoesNotExistException, match="This panel has no"):
        by_slice(panel(), *asked)


def test_only_the_biggest_slices_are_told():
    rows = 20 * sum(range(1, 10))
    values = [f"v{i}" for i in range(1, 10) for _ in range(20 * i)]
    frame = pd.DataFrame({"x": np.arange(rows, dtype=float), "g": values})
    made = StatisticsPanel(statistics_of({"train": frame}, slices=["g"]))
    found = by_slice(made, "x", "train", "g")
    assert [fields(d)[0] for d in found.datasets] == ["train", *(f"v{i}" for i in range(9, 3, -1))]
    assert len(found.datasets) == 1 + MOST
    assert found.omitted == ["Slices: 3 smaller ones"]
