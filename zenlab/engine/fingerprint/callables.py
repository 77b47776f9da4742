"""Wrappers around functions, typing constructs, and instances."""

from __future__ import annotations

import enum
import functools
import sys
import types
import typing
from functools import partial
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.installed import class_origin
from zenlab.engine.fingerprint.memo import MISSING, class_dict
from zenlab.engine.fingerprint.origin import Origin
from zenlab.engine.fingerprint.visit import Refused, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_BUILTIN_BASES = (dict, list, tuple, set, frozenset, str, bytes, int, float, BaseException)
_POINTER = 8


def wrapper(obj: Any, visit: Visit) -> Part | None:
    """The content of what wraps a function: a method, a property, a cache."""
    kind = type(obj)
    write = _WRAPPERS.get(kind)
    if write is not None:
        visit.reads.attributes(obj, *write)
        parts = [visit.ref(getattr(obj, name), f".{name}") for name in write]
        return [kind.__name__, *parts]
    if kind.__module__ == "functools" and kind.__name__ == "_lru_cache_wrapper":
        visit.reads.attributes(obj, "__wrapped__")
        parameters = obj.cache_parameters()
        return ["cache", visit.ref(obj.__wrapped__, ""), visit.ref(parameters, ".cache_parameters")]
    return None


_WRAPPERS: dict[type, tuple[str, ...]] = {
    types.MethodType: ("__func__", "__self__"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
    functools.cached_property: ("func",),  # beside it a lock, up to 3.11
    functools.partialmethod: ("func", "args", "keywords"),
    functools.singledispatchmethod: ("dispatcher", "func"),
}


def typing_construct(obj: Any, visit: Visit) -> Part | None:
    """`list[int]`, `int | None`, `TypeVar("T")`: structure and names, no module paths."""
    kind = type(obj)
    if issubclass(kind, (types.GenericAlias, types.UnionType)) or (
        kind.__module__ == "typing" and hasattr(obj, "__args__")
    ):
        origin = typing.get_origin(obj)
        metadata = getattr(obj, "__metadata__", ())
        return [
            "typing",
            visit.ref(origin, ".__origin__"),
            [visit.ref(part, f".__args__[{i}]") for i, part in enumerate(obj.__args__)],
            [visit.ref(part, f".__metadata__[{i}]") for i, part in enumerate(metadata)],
        ]
    if kind.__module__ in ("typing", "typing_extensions"):
        name = getattr(obj, "__name__", None) or getattr(obj, "_name", None)
        forward = getattr(obj, "__forward_arg__", None)
        return ["typing", str(forward or name)]
    return None


def by_name(obj: object, visit: Visit) -> Part | None:
    """What has no content that could count: a logger, the environment, IPython's own objects."""
    logging = sys.modules.get("logging")
    if logging is not None and issubclass(type(obj), (logging.Logger, logging.LoggerAdapter)):
        return ["logger", str(getattr(obj, "name", ""))]
    name = type_name(type(obj))
    if name == "os._Environ":
        visit.note("the environment is reachable; declare what is read with env=")
        return ["os.environ"]
    owner = getattr(obj, "__self__", None) if type(obj) is types.MethodType else obj
    top = type(owner).__module__.partition(".")[0]
    if top in ("IPython", "ipykernel") and class_origin(type(owner)) is Origin.PACKAGE:
        return ["ipython", type(owner).__name__, getattr(obj, "__name__", "")]
    return None


def instance(obj: object, visit: Visit) -> Part:
    """The content of an instance: its class, its `__dict__`, its slots, and its builtin base.

    Raises:
        Refused: it has state that Python cannot see (a file, a lock, a connection).
    """
    cls = type(obj)
    if isinstance(obj, enum.Enum):
        return ["member", visit.ref(cls, ".__class__"), obj._name_ or str(obj._value_)]
    _refuse_hidden_state(cls)
    visit.reads.typed(obj)
    return [
        "instance",
        visit.ref(cls, ".__class__"),
        _base_value(obj, visit),
        _attributes(obj, visit),
        _slots(obj, visit),
    ]


def _refuse_hidden_state(cls: type) -> None:
    """Each class may add as much memory as its slots, `__dict__` and weak references need.

    What adds more is written in C and holds something that is not seen here.
    """
    for kind in cls.__mro__:
        if kind in _BUILTIN_BASES or kind is object:
            continue
        if issubclass(kind, BaseException) and kind.__module__ == "builtins":
            continue
        base = max(kind.__bases__, key=lambda b: b.__basicsize__)
        added = kind.__basicsize__ - base.__basicsize__
        slots = sum(
            isinstance(value, types.MemberDescriptorType) for value in class_dict(kind).values()
        )
        expected = slots if "__slots__" in class_dict(kind) else 0
        expected += kind.__dictoffset__ > 0 and base.__dictoffset__ <= 0
        expected += kind.__weakrefoffset__ > 0 and base.__weakrefoffset__ <= 0
        builtin = kind.__module__ == "builtins" or not kind.__flags__ & (1 << 9)
        if builtin or added > expected * _POINTER:
            raise Refused(f"is a {type_name(cls)}, which has no canonical form")


def _base_value(obj: Any, visit: Visit) -> Part:
    if isinstance(obj, BaseException):
        return ["exception", visit.ref(obj.args, ".args")]
    for base in _BUILTIN_BASES:
        if isinstance(obj, base):
            return [base.__name__, visit.ref(_READ[base](obj, visit), "")]
    return None


def _read_dict(obj: Any, visit: Visit) -> object:
    visit.reads.parts(lambda: tuple(part for pair in dict.items(obj) for part in pair))
    return dict(dict.items(obj))


def _read_list(obj: Any, visit: Visit) -> object:
    return list(visit.reads.parts(lambda: tuple(list.__iter__(obj))))


def _read_set(obj: Any, visit: Visit) -> object:
    return set(visit.reads.parts(lambda: tuple(set.__iter__(obj))))


_READ: dict[type, Callable[[Any, Visit], object]] = {
    dict: _read_dict,
    list: _read_list,
    set: _read_set,
    tuple: lambda obj, _: tuple(tuple.__iter__(obj)),
    frozenset: lambda obj, _: frozenset(frozenset.__iter__(obj)),
    str: lambda obj, _: str.__str__(obj),
    bytes: lambda obj, _: bytes.__getitem__(obj, slice(None)),
    int: lambda obj, _: int.__int__(obj),
    float: lambda obj, _: float.__float__(obj),
}


def _attributes(obj: object, visit: Visit) -> Part:
    try:
        state = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return []
    if type(state) is not dict:
        raise Refused(f"is a {type_name(type(obj))} with a __dict__ of its own making")
    visit.reads.mapping(state)
    visit.reads.attributes(obj, "__dict__")
    return [[str(name), visit.ref(state[name], f".{name}")] for name in sorted(state, key=str)]


def _slots(obj: object, visit: Visit) -> Part:
    found: list[tuple[str, types.MemberDescriptorType]] = [
        (name, value)
        for kind in type(obj).__mro__
        if "__slots__" in class_dict(kind)
        for name, value in class_dict(kind).items()
        if isinstance(value, types.MemberDescriptorType)
    ]
    written: list[Part] = []
    for name, slot in sorted(found, key=lambda pair: pair[0]):
        (value,) = visit.reads.parts(partial(_slot_value, slot, obj))
        if value is not MISSING:
            written.append([name, visit.ref(value, f".{name}")])
    return written


def _slot_value(slot: types.MemberDescriptorType, obj: object) -> tuple[Any]:
    try:
        return (slot.__get__(obj, type(obj)),)
    except AttributeError:
        return (MISSING,)
