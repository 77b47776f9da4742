"""How far two columns are apart."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.core.drift import JENSEN_SHANNON, L_INFINITY, distance, jensen_shannon
from zenlab.core.evaluation import Histogram
from zenlab.core.statistics import FeatureStatistics, NumberSummary, TextSummary, TopValue


def numbers(edges=(), counts=(), quantiles=()):
    histogram = Histogram(list(edges), list(counts)) if counts else None
    return NumberSummary(0, 1, 0, 1, 0, quantiles=list(quantiles), histogram=histogram)


def feature(kind="number", *, rows=100, missing=0, **of):
    return FeatureStatistics("x", kind, "double", rows, missing, **of)


def text(**counts):
    top = [TopValue(value, count) for value, count in counts.items()]
    return feature("text", rows=sum(counts.values()), text=TextSummary(len(top), 2.0, top))


def test_equal_shares_are_no_distance_whatever_the_number_of_rows():
    assert distance(text(UA=6, AA=4), text(UA=600, AA=400)) == (L_INFINITY, 0.0)
    old, new = numbers([0, 1, 2], [3, 1]), numbers([0, 1, 2], [300, 100])
    assert distance(feature(numbers=old), feature(numbers=new)) == (JENSEN_SHANNON, 0.0)


def test_l_infinity_is_the_share_that_moved_most():
    assert distance(text(UA=60, AA=30, DL=10), text(UA=40, AA=30, DL=30))[1] == pytest.approx(0.2)


def test_jensen_shannon_of_a_known_case():
    # P = (1/2, 1/2), Q = (1, 0): JSD = H(3/4, 1/4) - 1/2 bit
    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    found = jensen_shannon(numbers([0, 1, 2], [1, 1]), numbers([0, 1, 2], [2, 0]))
    assert found == pytest.approx(entropy - 0.5)


def test_bins_of_other_widths_are_compared_over_common_edges():
    wide, narrow = numbers([0, 2], [10]), numbers([0, 1, 2], [5, 5])
    assert jensen_shannon(wide, narrow) == pytest.approx(0)
    shifted = numbers([1, 3], [10])
    assert jensen_shannon(wide, shifted) == pytest.approx(0.5)


def test_two_constants_have_nothing_in_common():
    assert jensen_shannon(numbers([1, 1], [9]), numbers([2, 2], [9])) == 1
    assert jensen_shannon(numbers([1, 1], [9]), numbers([1, 1], [5])) == 0


def test_one_outlier_is_no_drift():
    values = [i / 10 for i in range(11)]
    plain = numbers([0, 0.5, 1], [50, 50], quantiles=values)
    outlier = numbers([0, 5e8, 1e9], [100, 0], quantiles=[*values[:-1], 1e9])
    assert (
        jensen_shannon(plain, outlier)
        < 0.1
        < jensen_shannon(numbers([0, 0.5, 1], [50, 50]), numbers([0, 5e8, 1e9], [100, 0]))
    )


def test_a_shift_beside_the_same_outlier_is_drift():
    old = numbers([0, 5e8, 1e9], [100, 0], quantiles=[i / 10 for i in range(10)] + [1e9])
    new = numbers([0, 5e8, 1e9], [100, 0], quantiles=[5 + i / 10 for i in range(10)] + [1e9])
    assert jensen_shannon(old, new) > 0.5


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (text(UA=1), feature(numbers=numbers([0, 1], [1]))),
        (text(UA=1), feature("text", text=TextSummary(5, 2.0))),  # sensitive: no values
        (feature(numbers=numbers()), feature(numbers=numbers([0, 1], [1]))),
        (feature("empty", rows=0), feature("empty", rows=0)),
    ],
)
def test_what_cannot_be_measured_has_no_number(one, two):
    assert distance(one, two) == ("", None)


counts = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)


@given(counts, counts)
def test_it_is_symmetric_and_between_zero_and_one(p, q):
    one, two = numbers([0, 1, 2, 4], p), numbers([0, 1.5, 2, 3], q)
    found = jensen_shannon(one, two)
    assert 0 <= found <= 1
    assert found == pytest.approx(jensen_shannon(two, one))
