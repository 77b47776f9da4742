"""Users' own code inside of a package's classes: what they patched, or registered.

A package's class counts by its name, which says nothing of `StandardScaler.transform = mine`. And
`df.clean()` names no function at all, so the methods of pandas' frames are looked up by name.
"""

from __future__ import annotations

import functools
import sys
import types
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.cells import is_cell
from zenlab.engine.fingerprint.memo import class_dict
from zenlab.engine.fingerprint.origin import origin_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_PANDAS = (
    ("pandas", ("DataFrame", "Series", "Index")),
    ("pandas.core.generic", ("NDFrame",)),
    ("pandas.core.groupby.generic", ("DataFrameGroupBy", "SeriesGroupBy")),
    ("pandas.core.groupby.groupby", ("GroupBy",)),
)
"""Classes whose methods are called without naming the class."""


_WITH_FUNC = (functools.partial, functools.partialmethod, functools.cached_property)


def methods_of_pandas(attributes: Iterable[str], visit: Visit) -> Iterator[tuple[str, Part]]:
    """Own methods and accessors on the classes of pandas, of the names that the code uses.

    Args:
        attributes: all attributes that the code loads, of whatever.
        visit: the walk.
    """
    for owner, cls in _classes_of_pandas():
        namespace = class_dict(cls)
        for name in attributes:
            value = visit.reads.lookup(namespace, name)
            if type(value).__name__ in ("CachedAccessor", "Accessor"):
                value = value._accessor  # noqa: SLF001 - it has no public name
            if is_own(value):
                yield f"pandas.{owner}.{name}", visit.ref(value, f": {owner}.{name}")


def patches_of(cls: type, visit: Visit) -> list[Part]:
    """Own code that was put into a package's class, with its name there.

    Args:
        cls: a class that counts by name. Those of pandas are left to `methods_of_pandas`: an
            accessor that code does not use is not its business.
        visit: the walk.
    """
    if any(cls is known for _, known in _classes_of_pandas()):
        return []
    found: list[Part] = []
    for base in cls.__mro__:
        if base.__module__ == "builtins":
            continue
        visit.reads.cls(base)
        for name, value in class_dict(base).items():
            if is_own(value):
                found.append([name, visit.ref(value, f".{name}")])
    return found


def is_patched(value: object, visit: Visit) -> bool:
    """Whether a user's code stands in a package's place, or was put into a package's class."""
    return is_own(value) or (isinstance(value, type) and bool(patches_of(value, visit)))


def is_own(value: object) -> bool:
    """Whether it is a user's function, also below a decorator, or a user's class."""
    function = _function(value)
    if function is None:
        return isinstance(value, type) and _has_own_code(value)
    filename = function.__code__.co_filename
    if filename.startswith("<") and not is_cell(filename):
        return False  # written by dataclasses, attrs, ...
    return origin_of_file(filename, str(function.__globals__.get("__name__", ""))).is_own


def _has_own_code(cls: type) -> bool:
    # Not `isinstance(value, type)` again: classes may hold themselves.
    return any(_function(v) is not None and is_own(v) for v in class_dict(cls).values())


def _function(value: Any) -> types.FunctionType | None:
    for _ in range(8):
        if isinstance(value, types.FunctionType):
            return value
        if isinstance(value, (staticmethod, classmethod, types.MethodType)):
            value = value.__func__
        elif isinstance(value, property):
            value = value.fget
        elif isinstance(value, _WITH_FUNC):
            value = value.func
        elif type(value).__name__ == "_lru_cache_wrapper":
            value = value.__wrapped__
        else:
            return None
    return None


def _classes_of_pandas() -> Iterator[tuple[str, type]]:
    for name, owners in _PANDAS:
        module = sys.modules.get(name)
        for owner in owners if module is not None else ():
            cls = module.__dict__.get(owner)
            if isinstance(cls, type):  # it may be being imported
                yield owner, cls
