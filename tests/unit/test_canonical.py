"""Canonical values: golden bytes, and what must stay apart."""

from __future__ import annotations

import enum
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.core import canonical
from zenlab.core.errors import ParameterError

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)

GOLDEN = {
    "null": (None, b"null"),
    "one": (1, b"1"),
    "one as a float": (1.0, b"1.0"),
    "one as a text": ("1", b'"1"'),
    "true": (True, b"true"),
    "nan": (float("nan"), b'{"$float":"nan"}'),
    "minus zero": (-0.0, b'{"$float":"-0"}'),
    "small": (1e-05, b"1e-05"),
    "sorted": ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),
    "numbers as keys": ({1: "a", 0: "b"}, b'{"$map":[[0,"b"],[1,"a"]]}'),
    "a user's dollar": ({"$x": 1}, b'{"$$x":1}'),
    "tuple": ((1, 2), b"[1,2]"),
    "not ASCII": ("é", b'"\\u00e9"'),
}


@pytest.mark.parametrize(("value", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_golden_bytes(value, expected):
    assert canonical.encode(value) == expected


def test_golden_digest():
    assert (
        canonical.digest({"learning_rate": 0.1, "depth": [1, None]})
        == "34760df5d1c47f51bf5dc6dfc388f262fec005a2edfbb21eb1766b478259b31c"
    )


def test_values_that_look_alike_differ():
    alike = [1, 1.0, "1", True, [1], {"1": 1}, {1: 1}, {1.0: 1}, {True: 1}, None, "None", "", []]
    for a, b in itertools.combinations(alike, 2):
        assert canonical.encode(a) != canonical.encode(b)


@given(values)
def test_decode_is_the_inverse(value):
    encoded = canonical.encode(value)
    assert canonical.encode(canonical.decode(encoded)) == encoded


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_a_dict_does_not_count(value):
    backwards = dict(reversed(value.items()))
    assert canonical.encode(value) == canonical.encode(backwards)


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [(np.float64(1.5), 1.5), (np.int32(3), 3), (np.bool_(True), True), (np.str_("a"), "a")],
)
def test_numpy_scalars_are_their_items(scalar, expected):
    assert canonical.encode(scalar) == canonical.encode(expected)


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    "value", [b"bytes", {1, 2}, Path("a"), object(), len, np.array([1]), Colour.RED, 1j]
)
def test_other_types_are_refused_with_the_name_of_the_parameter(value):
    with pytest.raises(ParameterError, match=r"Parameter rate\[0\] is a .*cannot be recorded"):
        canonical.encode([value], "rate")
