"""How values are written: numbers, strings, sparklines."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.views.numbers import MISSING, compact, difference, number, parse, percent
from zenlab.views.sparkline import at, bar, rebin, resample, sparkline
from zenlab.views.strings import shorten, visible, width


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (235743, "235,743"),
        (-1234, "-1,234"),
        (10**400, f"{10**400:,}"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1.000"),
        (0.99999, "1.000"),
        (999.99, "1,000"),
        (67355.2, "67,360"),
        (999_999.0, "1.000e6"),
        (1.5e300, "1.500e300"),
        (0.0001234567, "0.0001235"),
        (0.00001234567, "1.235e-5"),
        (None, MISSING),
        (math.nan, MISSING),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_number(value, text):
    assert number(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_number_is_shown_to_four_digits(value):
    shown = float(number(value).replace(",", ""))
    assert math.isclose(shown, value, rel_tol=0.000501, abs_tol=5e-324)


@given(st.floats(-1e300, 1e300) | st.just(math.inf) | st.integers() | st.none())
def test_compact_is_read_back_and_stable(value):
    text = compact(value)
    back = parse(text)
    assert type(back) is type(value)
    assert compact(back) == text
    assert " " not in text
    assert "\t" not in text


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [
        (0.7, 0.7, "= 0"),
        (0.70004, 0.70001, "= 0"),
        (0.8539, 0.7132, "▲ +0.1407"),
        (1.0, 12345.0, "▼ -12,344.000"),
        (None, 1.0, MISSING),
        (1.0, None, MISSING),
        (math.inf, math.inf, MISSING),
    ],
)
def test_difference(value, base, text):
    assert difference(value, base) == text


def test_percent_keeps_what_is_rare():
    assert [percent(v) for v in (0.0009, 1e-9, 0.9999, -0.5)] == [
        "0.090%",
        "1.0e-7%",
        "100.0%",
        "-50.0%",
    ]


def test_visible_shows_what_hides():
    raw = "a\tb\r\n\x00\x1b[31m\u202e\u2066\u200b\xa0\ud800"
    assert visible(raw) == r"a\tb\r\n\x00\x1b[31m\u202e\u2066\u200b\xa0\ud800"


def test_visible_leaves_languages_alone():
    for text in ("Zürich", "東京", "می‌خواهم", "नमस्ते", "👩‍💻", "<b>&amp;</b>", r"C:\new"):
        assert visible(text) == text


@given(st.text(st.characters()))
def test_visible_is_one_printable_line_and_idempotent(raw):
    shown = visible(raw)
    assert visible(shown) == shown
    assert len(shown.splitlines()) <= 1
    shown.encode()  # no lone surrogate is left


@given(st.text(), st.integers(2, 50))
def test_shorten_keeps_the_limit(raw, limit):
    shown = shorten(raw, limit)
    assert len(shown) <= limit
    assert shown == visible(raw) or shown.endswith("…")


def test_shorten_does_not_look_at_a_huge_value_whole():
    assert shorten("x" * 10**8, 10) == "xxxxxxxxx…"


def test_width():
    assert [width(t) for t in ("", "ab", "東京", "e\u0301", "می‌خ", "▁▂█")] == [0, 2, 4, 1, 3, 3]


def test_a_single_row_never_looks_like_none():
    assert sparkline([0, 1, 1_000_000]) == "▁▂█"


def test_sparkline_edges():
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([None, math.nan, 1]) == "··█"
    assert sparkline([-2, 0, 2]) == "▁▅█"
    assert sparkline([0.5, 2.0, -1.0], 0, 1) == "▅█▁"
    assert sparkline([1.0, math.inf]) == "██"


def test_bar_edges():
    assert [bar(v, 2) for v in (None, math.nan, -1, 0, 1e-9, 0.5, 1, 7)] == [
        "", "", "", "", "▏", "█", "██", "██",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 1000)), st.integers(1, 30))
def test_rebin_loses_no_row(counts, most):
    bins = rebin(counts, most)
    assert sum(bins) == sum(counts)
    assert len(bins) <= most


def test_curves_are_read_in_both_directions_and_at_jumps():
    assert at([1.0, 0.0], [0.5, 1.0], 0.5) == 0.75
    assert at([0.0, 0.0, 1.0], [0.0, 0.6, 1.0], 0.0) == 0.6
    assert at([0.2, 0.4], [0.0, 1.0], 0.9) is None
    assert at([], [], 0.5) is None
    assert resample([0.5, 1.0], [1.0, 1.0], 2) == [None, 1.0]
