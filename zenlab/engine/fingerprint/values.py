"""Canonical forms of the values that code refers to: Python's own types.

`leaf` writes what has no parts, `container` what has; both give None for other types. Subclasses
are not taken for their base: they are instances of a class that counts, too.
"""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import fractions
import functools
import operator
import pathlib
import random
import re
import types
import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

from zenlab.core.pinned import plain_path
from zenlab.engine.fingerprint.graph import Unordered
from zenlab.engine.fingerprint.syntax import constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_LITERALS = (type(None), bool, int, float, complex, str, bytes, type(...))
_PATHS = (
    pathlib.Path,
    pathlib.PosixPath,
    pathlib.WindowsPath,
    pathlib.PurePosixPath,
    pathlib.PureWindowsPath,
)


def leaf(value: object, visit: Visit) -> Part | None:
    """The canonical form of a value that has no parts and cannot change."""
    kind = type(value)
    if kind is str or kind is bytes:
        visit.spend(len(value))  # type: ignore[arg-type]
    if kind is str:
        return _text(value, visit)  # type: ignore[arg-type]
    if kind in _LITERALS:
        return constant(value)
    if kind in _PATHS:
        return ["path", _text(str(value), visit)]
    write = _LEAVES.get(kind)
    return None if write is None else [kind.__name__, *write(value)]


def container(value: object, visit: Visit) -> Part | None:
    """The canonical form of a value with parts; the walk describes the parts."""
    write = _CONTAINERS.get(type(value))
    return None if write is None else [type(value).__name__, *write(value, visit)]


def _text(value: str, visit: Visit) -> Part:
    """A string; one that is a path into the repository counts relative to its root.

    `DATA = Path(__file__).parent` differs in every clone, and a team would share no cache.
    """
    if visit.root is not None:
        root = str(visit.root)
        if value.startswith(root) and value[len(root) : len(root) + 1] in ("", "/", "\\"):
            pinned = plain_path(value)
            return ["str", "repository", value[len(root) :] if pinned is None else pinned]
    return ["str", value]


_LEAVES: dict[type, Callable[[Any], list[Part]]] = {
    type(NotImplemented): lambda _: [],
    object: lambda _: [],  # a sentinel: one is like another
    dt.date: lambda v: [v.isoformat()],
    dt.timedelta: lambda v: [v.days, v.seconds, v.microseconds],
    dt.timezone: lambda v: [repr(v)],
    zoneinfo.ZoneInfo: lambda v: [str(v.key)],
    decimal.Decimal: lambda v: [str(v)],
    fractions.Fraction: lambda v: [str(v)],
    uuid.UUID: lambda v: [str(v)],
    range: lambda v: [*map(hex, (v.start, v.stop, v.step))],
    re.Pattern: lambda v: [*constant(v.pattern), v.flags],
}


def _items(value: Any, visit: Visit) -> list[Part]:
    visit.spend(8 * len(value))
    return [visit.ref(item, f"[{i}]") for i, item in enumerate(value)]


def _list(value: Any, visit: Visit) -> list[Part]:
    visit.reads.sequence(value)
    return _items(value, visit)


def _set(value: Any, visit: Visit) -> list[Part]:
    visit.reads.sequence(value)
    return [Unordered(_items(value, visit))]


def _dict(value: Any, visit: Visit) -> list[Part]:
    """In order of insertion: it is the order of columns and of steps that are made from it."""
    visit.reads.mapping(value)
    visit.spend(16 * len(value))
    return [
        [visit.ref(key, f".keys()[{i}]"), visit.ref(item, f"[{key!r}]" if _short(key) else "[...]")]
        for i, (key, item) in enumerate(value.items())
    ]


def _short(key: object) -> bool:
    return type(key) in (str, int, float, bool) and len(str(key)) < 40


def _time(value: Any, visit: Visit) -> list[Part]:
    naive = value.replace(tzinfo=None).isoformat()
    return [naive, value.fold, visit.ref(value.tzinfo, ".tzinfo")]


def _slice(value: Any, visit: Visit) -> list[Part]:
    return [visit.ref(part, "") for part in (value.start, value.stop, value.step)]


def _deque(value: Any, visit: Visit) -> list[Part]:
    return [value.maxlen, *_list(value, visit)]


def _defaultdict(value: Any, visit: Visit) -> list[Part]:
    visit.reads.attributes(value, "default_factory")
    return [visit.ref(value.default_factory, ".default_factory"), *_dict(value, visit)]


def _namespace(value: Any, visit: Visit) -> list[Part]:
    visit.reads.attributes(value, "__dict__")
    return _dict(value.__dict__, visit)


def _partial(value: Any, visit: Visit) -> list[Part]:
    visit.reads.mapping(value.keywords)
    keywords = [[k, visit.ref(v, f".keywords[{k!r}]")] for k, v in sorted(value.keywords.items())]
    return [
        visit.ref(value.func, ".func"),
        [visit.ref(item, f".args[{i}]") for i, item in enumerate(value.args)],
        keywords,
    ]


def _reduced(value: Any, visit: Visit) -> list[Part]:
    """`operator.itemgetter("a")` and its like: what pickle would store."""
    return [visit.ref(part, "") for part in value.__reduce__()[1]]


def _bytes(value: Any, visit: Visit) -> list[Part]:
    visit.spend(len(value))
    return [visit.reads.content(lambda: bytes(value).hex())]


def _array(value: Any, visit: Visit) -> list[Part]:
    visit.spend(len(value) * value.itemsize)
    if value.typecode == "u":
        return [visit.reads.content(value.tounicode)]
    return [value.typecode, visit.reads.content(lambda: repr(value.tolist()))]


def _random(value: Any, visit: Visit) -> list[Part]:
    return [visit.reads.content(lambda: repr(value.getstate()))]


_CONTAINERS: dict[type, Callable[[Any, Visit], list[Part]]] = {
    list: _list,
    tuple: _items,
    dict: _dict,
    set: _set,
    frozenset: lambda value, visit: [Unordered(_items(value, visit))],
    slice: _slice,
    dt.datetime: _time,
    dt.time: _time,
    bytearray: _bytes,
    array.array: _array,
    collections.OrderedDict: _dict,
    collections.Counter: _dict,
    collections.defaultdict: _defaultdict,
    collections.deque: _deque,
    types.MappingProxyType: _dict,
    types.SimpleNamespace: _namespace,
    functools.partial: _partial,
    operator.itemgetter: _reduced,
    operator.attrgetter: _reduced,
    operator.methodcaller: _reduced,
    random.Random: _random,
}
