"""When a fingerprint may be used again: while all that was read for it still is what it was.

A walk reports each thing that it reads and that can change: a global variable, a closure's cell, a
function's defaults, a class, a list, a file. To look again is much cheaper than to walk again: the
objects are compared by identity and kept alive here, so that an identity cannot come back as
another object. Only values without parts to compare (arrays, frames) are described again.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.source import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import CellType, FunctionType

    from zenlab.engine.fingerprint.source import Stamp

MISSING: Any = object()
"""Stands for a name that is not there, and for an empty cell."""

_class_dict = type.__dict__["__dict__"].__get__


def class_dict(cls: type) -> Mapping[str, Any]:
    """`cls.__dict__`, whatever its metaclass says."""
    return _class_dict(cls)  # type: ignore[no-any-return]


class Reads:
    """All that one walk has read.

    Example:
        >>> reads, namespace = Reads(), {"ALPHA": 1}
        >>> reads.lookup(namespace, "ALPHA")
        1
        >>> reads.unchanged()
        True
        >>> namespace["ALPHA"] = 2
        >>> reads.unchanged()
        False
    """

    __slots__ = (
        "_attributes",
        "_cells",
        "_classes",
        "_contents",
        "_dicts",
        "_files",
        "_functions",
        "_lookups",
        "_parts",
        "_sequences",
        "_types",
    )

    def __init__(self) -> None:
        self._attributes: list[tuple[object, str, object]] = []
        self._lookups: dict[tuple[int, str], tuple[Mapping[str, Any], str, object]] = {}
        self._cells: list[tuple[CellType, object]] = []
        self._functions: list[tuple[FunctionType, object, object, object]] = []
        self._dicts: list[tuple[Mapping[Any, Any], tuple[Any, ...], tuple[Any, ...]]] = []
        self._classes: list[tuple[type, object, tuple[Any, ...], tuple[Any, ...]]] = []
        self._sequences: list[tuple[Iterable[Any], tuple[Any, ...]]] = []
        self._parts: list[tuple[Callable[[], tuple[Any, ...]], tuple[Any, ...]]] = []
        self._types: list[tuple[object, type]] = []
        self._contents: list[tuple[Callable[[], str], str]] = []
        self._files: dict[str, Stamp] = {}

    def lookup(self, namespace: Mapping[str, Any], name: str) -> Any:
        """Read a name of a namespace; `MISSING` if it is not there."""
        value = namespace.get(name, MISSING)
        self._lookups[id(namespace), name] = (namespace, name, value)
        return value

    def cell(self, cell: CellType) -> Any:
        """Read a cell of a closure; `MISSING` if it is empty."""
        value = _contents(cell)
        self._cells.append((cell, value))
        return value

    def function(self, function: FunctionType) -> None:
        """Code and defaults of a function are read."""
        kwdefaults = function.__kwdefaults__
        self._functions.append((function, function.__code__, function.__defaults__, kwdefaults))
        if kwdefaults:
            self.mapping(kwdefaults)
        self.mapping(function.__dict__)
        self.attributes(function, "__dict__", "__name__")

    def mapping(self, mapping: Mapping[Any, Any]) -> None:
        """Keys and values of a dict are read, in their order."""
        self._dicts.append((mapping, tuple(mapping), tuple(mapping.values())))

    def cls(self, cls: type) -> None:
        """The own attributes and the bases of a class are read."""
        namespace = class_dict(cls)
        self._classes.append((cls, cls.__bases__, tuple(namespace), tuple(namespace.values())))

    def sequence(self, items: Iterable[Any]) -> None:
        """The elements of a list, a deque or a set are read."""
        self._sequences.append((items, tuple(items)))

    def parts(self, read: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What `read` gives is read: objects that have to be the same when it is called again."""
        found = read()
        self._parts.append((read, found))
        return found

    def typed(self, obj: object) -> None:
        """The type of an instance is read."""
        self._types.append((obj, type(obj)))

    def attributes(self, obj: object, *names: str) -> None:
        """Attributes of an object of Python's own type are read (`__dict__`: of any object)."""
        self._attributes += [(obj, name, _attribute(obj, name)) for name in names]

    def content(self, compute: Callable[[], str]) -> str:
        """A value without parts is read: `compute` describes it, now and again."""
        digest = compute()
        self._contents.append((compute, digest))
        return digest

    def file(self, filename: str, stamp: Stamp) -> None:
        """The source in a file was compared with the loaded code."""
        self._files[filename] = stamp

    def unchanged(self) -> bool:
        """Whether a walk would read the very same objects again."""
        for namespace, name, value in self._lookups.values():
            if namespace.get(name, MISSING) is not value:
                return False
        for function, code, defaults, kwdefaults in self._functions:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not kwdefaults
            ):
                return False
        return (
            all(_contents(cell) is value for cell, value in self._cells)
            and all(map(_same_dict, self._dicts))
            and all(map(_same_class, self._classes))
            and all(_same(items, tuple(now)) for now, items in self._sequences)
            and all(_attribute(obj, name) is value for obj, name, value in self._attributes)
            and all(_same(found, read()) for read, found in self._parts)
            and all(type(obj) is kind for obj, kind in self._types)
            and all(stamp_of(name) == stamp for name, stamp in self._files.items())
            and all(compute() == digest for compute, digest in self._contents)
        )


def _attribute(obj: object, name: str) -> Any:
    """Not `getattr`: a user's `__getattribute__` must not run."""
    try:
        return object.__getattribute__(obj, name)
    except AttributeError:
        return MISSING


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _same(one: tuple[Any, ...], two: tuple[Any, ...]) -> bool:
    return len(one) == len(two) and all(map(is_, one, two))


def _same_dict(read: tuple[Mapping[Any, Any], tuple[Any, ...], tuple[Any, ...]]) -> bool:
    mapping, keys, values = read
    return (
        len(mapping) == len(keys)
        and all(map(is_, mapping, keys))
        and all(map(is_, mapping.values(), values))
    )


def _same_class(read: tuple[type, object, tuple[Any, ...], tuple[Any, ...]]) -> bool:
    cls, bases, names, values = read
    namespace = class_dict(cls)
    return (
        cls.__bases__ is bases
        and len(namespace) == len(names)
        and all(map(is_, namespace, names))
        and all(map(is_, namespace.values(), values))
    )
