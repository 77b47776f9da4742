"""Canonical values: one byte sequence a value, the same on every Python and machine.

Cache keys, specification digests and parameters are built on this. The format is JSON with
sorted keys and without white space, in which `1`, `1.0`, `"1"` and `True` stay four different
values, and everything that JSON cannot say is a tagged object whose only key starts with `$`:

    NaN, inf, -inf, -0.0     {"$float": "nan"}, ...
    {1: "a"}                 {"$map": [[1, "a"]]}      a key that is not a string
    {"$x": 1}                {"$$x": 1}                a user's own "$"
    (1, 2)                   [1, 2]                    tuples are lists
    numpy.float64(1.5)       1.5                       numpy scalars are their `.item()`

Anything else is refused with the name of the parameter: a key that depends on an address or on
a `repr` would be worse than none.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from zenlab.core.errors import ParameterError


def plain(value: object, where: str = "value") -> Any:
    """Reduce a value to plain data: None, bool, int, float, str, list and dict.

    Args:
        value: what a user gave as a parameter.
        where: the name that an error shows, such as `learning_rate`.

    Returns:
        An equal value made of new lists and dicts; tuples are lists, numpy scalars are Python's.

    Raises:
        ParameterError: the value, or a part of it, is of another type.

    Example:
        >>> plain({"alpha": (1, 2.5)})
        {'alpha': [1, 2.5]}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {plain_key(k, where): plain(v, f"{where}[{k!r}]") for k, v in value.items()}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and not _shape(value):
        item = value.item()
        if type(item) in (bool, int, float, str):
            return item
    raise ParameterError(
        f"Parameter {where} is a {_type_name(value)}, which cannot be recorded.",
        where=where,
        hint="Use None, bool, int, float, str, or lists and dicts of them.",
    )


def plain_key(key: object, where: str) -> Any:
    """Reduce the key of a dict: like `plain`, but only scalars."""
    key = plain(key, f"key of {where}")
    if isinstance(key, (list, dict)):
        raise ParameterError(f"Parameter {where} has a key that is not a scalar.", where=where)
    return key


def encode(value: object, where: str = "value") -> bytes:
    """The canonical bytes of a value.

    Args:
        value: plain data, or what `plain` can reduce.
        where: the name that an error shows.

    Raises:
        ParameterError: a part of the value is of another type.

    Example:
        >>> encode({"b": 1.0, "a": float("nan")})
        b'{"a":{"$float":"nan"},"b":1.0}'
    """
    try:
        tagged = _tag(value)
    except ParameterError:
        plain(value, where)  # goes the same way again, and says where it ends
        raise
    text = json.dumps(tagged, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def decode(text: bytes | str) -> Any:
    """The value that `encode` made these bytes of.

    Example:
        >>> decode(encode({1: (0.5, float("inf"))}))
        {1: [0.5, inf]}
    """
    return _untag(json.loads(text))


def in_order(value: Any) -> Any:
    """Plain data in which a dict whose keys are not sorted is written as a list of pairs.

    For digests in which the order of a dict shall count: `encode` sorts keys.

    Args:
        value: plain data without a key `$order` of its own.

    Example:
        >>> in_order({"a": 1, "b": 2}), in_order({"b": 2, "a": 1})
        ({'a': 1, 'b': 2}, {'$order': [['b', 2], ['a', 1]]})
    """
    if isinstance(value, list):
        return [in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    pairs = [[key, in_order(item)] for key, item in value.items()]
    keys = [encode(key) for key in value]
    return dict(pairs) if keys == sorted(keys) else {"$order": pairs}


def digest(value: object, where: str = "value") -> str:
    """The SHA-256 of the canonical bytes, as 64 hexadecimal digits.

    Example:
        >>> digest(1)[:12], digest(1.0)[:12]
        ('6b86b273ff34', 'd0ff5974b6aa')
    """
    return hashlib.sha256(encode(value, where)).hexdigest()


def _tag(value: Any) -> Any:
    """Reduce to plain data and tag it, in one pass: keys are made of this many times a run."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return _tag_float(value)
    if kind in (list, tuple):
        return [_tag(item) for item in value]
    if kind is dict:
        if all(type(k) is str for k in value):
            return {("$" + k if k.startswith("$") else k): _tag(v) for k, v in value.items()}
        pairs = [[_tag(plain_key(k, "value")), _tag(v)] for k, v in value.items()]
        return {"$map": sorted(pairs, key=lambda pair: json.dumps(pair[0], sort_keys=True))}
    return _tag(plain(value))  # a numpy scalar, a subclass, or refused


def _tag_float(value: float) -> Any:
    if math.isnan(value):
        return {"$float": "nan"}
    if math.isinf(value):
        return {"$float": "inf" if value > 0 else "-inf"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"$float": "-0"}
    return value


def _untag(value: Any) -> Any:
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if isinstance(value, dict):
        if "$float" in value:
            return float(value["$float"])
        if "$map" in value:
            return {_untag(k): _untag(v) for k, v in value["$map"]}
        return {(k[1:] if k.startswith("$$") else k): _untag(v) for k, v in value.items()}
    return value


def _shape(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
