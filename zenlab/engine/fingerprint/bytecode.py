"""Code objects compared and hashed by what they do, not by where they stand.

`==` of code objects compares line tables, and misses a move by one line; here file names and line
tables are left out. `co_code` is free of what the interpreter specialised or instrumented.
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.graph import Part, Unordered, part_digest
from zenlab.engine.fingerprint.syntax import constant

if TYPE_CHECKING:
    from collections.abc import Iterator


def same_code(one: CodeType, two: CodeType) -> bool:
    """Whether two code objects of this interpreter do the same.

    Example:
        >>> one, two = (compile(text, "f", "eval") for text in ("1 + x", "1   + x"))
        >>> same_code(one, two)
        True
    """
    return one is two or _parts(one) == _parts(two)


def code_digest(code: CodeType) -> str:
    """The digest of code that has no source. It holds for one version of Python only."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return part_digest(["bytecode", sys.implementation.name, version, _written(_parts(code))])


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code objects directly inside of one."""
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def all_nested(code: CodeType) -> Iterator[CodeType]:
    """All code objects inside of one, at any depth, in order of compilation."""
    for inner in nested(code):
        yield inner
        yield from all_nested(inner)


def _parts(code: CodeType) -> tuple[object, ...]:
    return (
        code.co_name,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
        code.co_code,
        code.co_exceptiontable,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        tuple(_constant(value) for value in code.co_consts),
    )


def _constant(value: object) -> tuple[object, ...]:
    """A constant such that `1`, `1.0` and `True` differ."""
    if isinstance(value, CodeType):
        return ("code", *_parts(value))
    if isinstance(value, tuple):
        return ("tuple", *(_constant(item) for item in value))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(_constant(item) for item in value))
    if isinstance(value, slice):  # a constant since 3.14
        return ("slice", _constant((value.start, value.stop, value.step)))
    return tuple(constant(value))


def _written(value: object) -> Part:
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if isinstance(value, frozenset):
        return Unordered([_written(item) for item in value])
    if isinstance(value, bytes):
        return value.hex()
    assert value is None or isinstance(value, (int, str))
    return value
