# ruff: noqa: INP001, PTH118, PTH123, PLW0603, PLR0912, PLC3002, SIM905 - bad style counts, too
"""Code whose fingerprints are pinned: edit it, and `fingerprint_golden.json` has to change.

It has no imports outside of the standard library but numpy and pandas, and one of everything.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import functools
import logging
import math
import pathlib
import re
from collections import OrderedDict, defaultdict
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import pandas as pd

log = logging.getLogger(__name__)
T = TypeVar("T")

SCALARS = [None, True, 1, 1.0, -0.0, math.nan, math.inf, 1j, "text", b"bytes", ..., 10**30]
TYPED = {
    "date": dt.date(2026, 1, 2),
    "time": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    "delta": dt.timedelta(hours=1),
    "decimal": decimal.Decimal("1.50"),
    "path": pathlib.PurePosixPath("data/flights.csv"),
    "pattern": re.compile("a+", re.IGNORECASE),
    "range": range(3),
    "slice": slice(1, None, 2),
    "sets": ({"b", "a", "c"}, frozenset({1, 2})),
    "ordered": OrderedDict(b=1, a=2),
    "default": defaultdict(list, x=[1]),
}
ARRAYS = (np.arange(6).reshape(2, 3) / 7, np.array(["a", "bc"]), np.dtype("float32"), np.int8(3))
FRAME = pd.DataFrame(
    {
        "n": [1, 2],
        "x": [0.5, math.nan],
        "text": ["a", None],
        "when": pd.to_datetime(["2026-01-02", "2026-01-03"]),
        "zoned": pd.to_datetime(["2026-01-02", None]).tz_localize("Europe/Berlin"),
        "kind": pd.Categorical(["b", "a"]),
        "whole": pd.array([1, None], dtype="Int64"),
        "flag": [True, False],
    },
    index=pd.Index(["r1", "r2"], name="row"),
)


def scalars():
    return SCALARS


def typed():
    return TYPED


def arrays():
    return ARRAYS


def frame():
    return FRAME


def syntax(a, /, b: int = 1, *args, c: str = "x", **kwargs) -> list:
    """One of each statement."""
    total: float = 0.0
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if ((n := x + y) > 1 and not y) or x is None:
            total += n**2 // 3 @ args[i]
        elif 0 < x < y <= 4:
            continue
        else:
            break
    else:
        del total
    while total:
        total >>= 1
    try:
        assert c, f"{c!r:>{b}} {a=} {{}} {'nested'}and{b:0.2f}"
    except (ValueError, KeyError) as error:
        raise RuntimeError(*args, **kwargs) from error
    finally:
        pass
    with open(c) as f, open(c) as _:
        lines = [line for line in f if line for _ in line]
    match lines:
        case [1, *rest] | {"k": rest} if rest:
            return rest
        case str(x) | {"a": x}:
            return x
        case {"b": 1, **others}:
            return others
        case None | True | -1.5:
            pass
        case _:
            lambda q, *r: (yield)
    return {k: {*v} for k, v in kwargs.items()}, (*args,), a[1:2, ...], 0 or b


async def asynchronous(stream):
    async with stream as s:
        return [await item async for item in s]


def star(xs):
    try:
        return max(xs)
    except* ValueError:
        global _count
        _count = 1


def imports_inside(x):
    import json as j
    from os import path

    return j.dumps(path.join(x, "y"))


def uses_packages(df):
    log.info("hello")
    return np.linalg.norm(df[pd.notna(df)]), pd.DataFrame, math.sqrt


def recursive(n):
    return mutual(n - 1) if n else 0


def mutual(n):
    return recursive(n - 1)


def factor(k):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args) * k

        return wrapper

    return decorate


@factor(3)
def decorated(x):
    return x


@functools.lru_cache(maxsize=2)
def cached(x):
    return x


@functools.singledispatch
def dispatched(x):
    return x


@dispatched.register
def _(x: int):
    return x + 1


added = functools.partial(max, 3, key=abs)
one, two = (lambda x: x + 1), (lambda x: x + 2)


class Base(Generic[T]):
    limit = 3

    def size(self) -> int:
        return self.limit


class Derived(Base[int]):
    __slots__ = ("__hidden", "other")

    def __init__(self, x=1):
        super().__init__()
        self.__hidden = x

    @property
    def p(self):
        return self.__hidden

    @p.setter
    def p(self, value):
        self.__hidden = value

    @functools.cached_property
    def q(self):
        return type(self)

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def still():
        return [x for x in range(3) if (lambda: x)()]


@dataclasses.dataclass(frozen=True, order=True)
class Config:
    depth: int
    names: list[str] = dataclasses.field(default_factory=list, compare=False)
    rate: float | None = 0.5


@dataclasses.dataclass(slots=True)
class Slotted:
    a: Any = None


class Row(NamedTuple):
    a: int
    b: str = "x"

    def both(self):
        return self.a, self.b


class Color(enum.Enum):
    RED = 1
    BLUE = "b"

    def lower(self):
        return self.name.lower()


class Level(enum.IntEnum):
    LOW = 1


class Bits(enum.Flag):
    A = enum.auto()
    B = enum.auto()


class Sized(Protocol):
    def size(self) -> int: ...


INSTANCE = Derived(5)
CONFIG = Config(3, ["a"])


def instances():
    return INSTANCE, CONFIG, Row(1), Color.RED, Level.LOW, Bits.A


NAMES = (
    "scalars typed arrays frame syntax asynchronous star imports_inside uses_packages "
    "recursive mutual decorated cached dispatched added one two Base Derived Config "
    "Slotted Row Color Level Bits Sized instances "
).split()
