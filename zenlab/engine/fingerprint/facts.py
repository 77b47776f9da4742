"""What a code object says by itself, memoised: its syntax, its names, its place.

Equal code objects of one file (`==` compares line tables and constants by type) have one place in
one text, so the memo is keyed by file name and code, and is good while the file's stamp is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.bytecode import code_digest
from zenlab.engine.fingerprint.names import Names, names_of
from zenlab.engine.fingerprint.source import Stamp, first_line, locate, stamp_of
from zenlab.engine.fingerprint.syntax import syntax_digest

if TYPE_CHECKING:
    from types import CodeType

_MOST = 10_000
_INTROSPECTION = frozenset(
    [
        "__annotations__",
        "__doc__",
        "get_type_hints",
        "get_annotations",
        "signature",
        "getfullargspec",
        "getdoc",
        "getsource",
        "getsourcelines",
        "__code__",
    ]
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the code of a function says."""

    digest: str
    full_digest: str
    """With docstrings and type hints, for when something looks at them."""
    names: Names
    file: str
    line: int
    text: str
    """The source; empty if there is none."""
    stamp: Stamp
    looks_at_itself: bool
    """It names type hints, docstrings, signatures or source."""


_facts: dict[tuple[str, CodeType], Facts] = {}


def facts_of(code: CodeType) -> Facts:
    """Read the source and the bytecode of a code object.

    Raises:
        CodeError: the file was edited after it was imported.
    """
    key = (code.co_filename, code)
    known = _facts.get(key)
    stamp = stamp_of(code.co_filename)
    if known is not None and known.stamp == stamp:
        return known
    found = locate(code)
    names = names_of(code) if known is None else known.names
    looks = bool(_INTROSPECTION & (names.attributes | {use.name for use in names.globals}))
    if found is None:
        digest = full = code_digest(code)
        text, line = "", code.co_firstlineno
    else:
        digest = syntax_digest(found.node)
        full = syntax_digest(found.node, full=True)
        text, line = found.text.segment(found.node), first_line(found.node)
    if len(_facts) >= _MOST:  # thousands of edited cells
        _facts.clear()
    facts = Facts(digest, full, names, code.co_filename, line, text, stamp, looks)
    _facts[key] = facts
    return facts
