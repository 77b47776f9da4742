"""Where the statement of a class is. Its text is shown and bundled; it does not count."""

from __future__ import annotations

import ast
import sys
import types
from dataclasses import dataclass

from zenlab.core.errors import CodeError
from zenlab.engine.fingerprint.cells import cells
from zenlab.engine.fingerprint.memo import class_dict
from zenlab.engine.fingerprint.source import Text, first_line, read_text


@dataclass(frozen=True)
class ClassSource:
    """The statement of a class."""

    filename: str
    line: int
    text: str
    node: ast.ClassDef


def class_source(cls: type) -> ClassSource | None:
    """Find the statement that made a class.

    Its methods know their file and line. A class without methods is looked for in its module, or
    in the cells, the newest first.
    """
    for value in class_dict(cls).values():
        function = _function(value)
        if function is None or not function.__qualname__.startswith(f"{cls.__qualname__}."):
            continue
        code = function.__code__
        found = _find(code.co_filename, cls, code.co_firstlineno)
        if found is not None:
            return found
    module = sys.modules.get(cls.__module__)
    filename = None if module is None else getattr(module, "__file__", None)
    names = [name for name, _ in reversed(cells())] if cls.__module__ == "__main__" else []
    for name in [*names, *([filename] if isinstance(filename, str) else [])]:
        found = _find(name, cls, None)
        if found is not None:
            return found
    return None


def _function(value: object) -> types.FunctionType | None:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    return value if isinstance(value, types.FunctionType) else None


def _find(filename: str, cls: type, line: int | None) -> ClassSource | None:
    try:
        text = read_text(filename)
    except CodeError:
        return None
    if text is None:
        return None
    matches = [
        node
        for node in text.definitions(cls.__name__)
        if isinstance(node, ast.ClassDef)
        and (line is None or first_line(node) <= line <= (node.end_lineno or 0))
    ]
    return _made(text, matches[-1]) if matches else None


def _made(text: Text, node: ast.ClassDef) -> ClassSource:
    return ClassSource(text.filename, first_line(node), text.segment(node), node)
