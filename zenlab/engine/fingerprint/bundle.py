"""The source of a notebook's function or class, with all of the notebook that it needs.

A pipeline of a notebook outlives it: what is kept is one text that makes the object in an empty
module. Imports and constants come from live values, functions and classes from the text of their
cells. Whoever loads a bundle compares its fingerprint with the recorded one, so what this cannot
see (a default that was changed by hand) ends as a refusal and never as another result.
"""

from __future__ import annotations
import __future__

import ast
import symtable
import sys
import textwrap
import types
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError
from zenlab.core.pinned import plain_name
from zenlab.engine.fingerprint.classsource import class_source
from zenlab.engine.fingerprint.installed import class_origin, function_origin, module_origin
from zenlab.engine.fingerprint.literals import Unwritable, expression
from zenlab.engine.fingerprint.memo import class_dict
from zenlab.engine.fingerprint.origin import Origin
from zenlab.engine.fingerprint.source import locate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.engine.fingerprint.classsource import ClassSource


def bundle_of(obj: object) -> tuple[str | None, str | None]:
    """Write the source of a notebook's object.

    Args:
        obj: a function or a class; others have no bundle.

    Returns:
        The source and None, or None and the reason in one sentence; twice None for what is not
        of a notebook.
    """
    target = _statement_function(obj) if not isinstance(obj, type) else obj
    if isinstance(target, types.FunctionType):
        if function_origin(target) is not Origin.NOTEBOOK:
            return None, None
        namespace = target.__globals__
    elif isinstance(target, type) and class_origin(target) is Origin.NOTEBOOK:
        namespace = _globals_of(target)
    else:
        return None, None
    try:
        return _Bundle(namespace).of(obj, target), None
    except (Unwritable, CodeError, SyntaxError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        return None, f"No copy of {target.__qualname__}'s source can be kept: {reason}."


def bundle_names(names: Iterable[str], namespace: dict[str, Any]) -> str:
    """Write the source of some variables of a notebook, with all that they reach: a module.

    Args:
        names: of functions, classes and plain values.
        namespace: the notebook's variables.

    Raises:
        CodeError: one of them cannot be written; the message says why.
    """
    bundle = _Bundle(namespace)
    try:
        bundle.need(names, now=False)
        return bundle.text()
    except (Unwritable, SyntaxError) as error:
        raise CodeError(f"The cell cannot be written into a module: {error}.") from None


class _Bundle:
    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.imports: dict[str, None] = {}
        self.constants: dict[str, None] = {}
        self.definitions: list[str] = []
        self.seen: set[str] = set()
        self.postpones_hints = False

    def of(self, obj: object, target: types.FunctionType | type) -> str:
        name = target.__name__
        if name == "<lambda>" or self.namespace.get(name) is not obj:
            name = next((n for n, v in self.namespace.items() if v is obj), name)
        if not name.isidentifier():
            raise Unwritable("it has no name in the notebook")
        self.seen.add(name)
        self._define(name, obj)
        return self.text()

    def text(self) -> str:
        """The source of all that was needed."""
        first = ["from __future__ import annotations"] if self.postpones_hints else []
        blocks = ["\n".join([*first, *sorted(self.imports)]), "\n".join(self.constants)]
        return "\n\n\n".join(block for block in [*blocks, *self.definitions] if block) + "\n"

    def need(self, names: Iterable[str], *, now: bool) -> None:
        """Write what is named.

        `now`: it is called while the bundle is loaded (a decorator, a base class), so that what it
        needs in turn has to stand before it, too.
        """
        for name in names:
            if name in self.seen or name not in self.namespace:
                continue
            self.seen.add(name)
            self._define(name, self.namespace[name], now=now)

    def _define(self, name: str, value: object, *, now: bool = False) -> None:
        if isinstance(value, types.ModuleType):
            self._import_module(name, value)
            return
        function = _statement_function(value)
        if function is not None and function_origin(function) is Origin.NOTEBOOK:
            self._function(name, function, now=now)
        elif isinstance(value, type) and class_origin(value) is Origin.NOTEBOOK:
            self._class(name, value, now=now)
        elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) or (
            callable(value) and self._can_import(value)
        ):
            self._import_name(name, value)
        else:
            text, needed = expression(value, name)
            self.imports.update(dict.fromkeys(needed))
            self.constants[f"{name} = {text}"] = None

    def _import_module(self, name: str, module: types.ModuleType) -> None:
        # Code of a commit has another name in this process alone. Whether what is found by the
        # plain one elsewhere is the same, the fingerprint tells.
        dotted = plain_name(module.__name__)
        if module_origin(module) is Origin.NOTEBOOK:
            raise Unwritable(f"'{name}' is the notebook itself")
        self.imports[f"import {dotted}" + ("" if dotted == name else f" as {name}")] = None

    @staticmethod
    def _can_import(value: Any) -> bool:
        module = sys.modules.get(str(getattr(value, "__module__", "")))
        found = None if module is None else module.__dict__.get(getattr(value, "__name__", ""))
        return found is value

    def _import_name(self, name: str, value: Any) -> None:
        if not self._can_import(value):
            raise Unwritable(f"'{name}' cannot be imported from {value.__module__}")
        alias = "" if value.__name__ == name else f" as {name}"
        module = plain_name(value.__module__)
        self.imports[f"from {module} import {value.__name__}{alias}"] = None

    def _function(self, name: str, function: types.FunctionType, *, now: bool) -> None:
        code = function.__code__
        if "<locals>" in code.co_qualname or function.__closure__:
            raise Unwritable(f"'{name}' was made by another function, which it remembers")
        found = locate(code)
        if found is None:
            raise Unwritable(f"the source of '{name}' is not known")
        self._note_future(code)
        text = textwrap.dedent(found.text.segment(found.node)).rstrip()
        if code.co_name == "<lambda>":
            text = f"{name} = {text}"
        elif code.co_name != name:
            text = f"{text}\n\n\n{name} = {code.co_name}"
        self._statement(text, now=now)

    def _class(self, name: str, cls: type, *, now: bool) -> None:
        found = class_source(cls)
        if found is None or "<locals>" in cls.__qualname__:
            raise Unwritable(f"the source of class '{name}' is not known")
        text = textwrap.dedent(found.text).rstrip()
        if cls.__name__ != name:
            text += f"\n\n\n{name} = {cls.__name__}"
        later = self._set_later(cls, found)
        self._statement("\n".join([text, *later]) if later else text, now=now)

    def _set_later(self, cls: type, found: ClassSource) -> list[str]:
        """Assignments for plain attributes that are not what the statement says."""
        said = _assigned(found.node)
        last = found.node.end_lineno or 0
        lines: list[str] = []
        for name, value in class_dict(cls).items():
            function = _plain_function(value)
            if function is not None:
                code = function.__code__
                self._note_future(code)
                inside = found.line <= code.co_firstlineno <= last
                if name in said and not (inside and code.co_filename == found.filename):
                    raise Unwritable(f"'{cls.__name__}.{name}' was replaced")
            if name.startswith("__") or (name in said and said[name] is None):
                continue
            if name in said and _literal(said[name]) == (True, value):
                continue
            if function is None and (name in said or _is_plain(value)):
                text, needed = expression(value, f"{cls.__name__}.{name}")
                self.imports.update(dict.fromkeys(needed))
                lines.append(f"{cls.__name__}.{name} = {text}")
            elif function is not None and name not in said and _is_cell_function(function):
                raise Unwritable(f"'{cls.__name__}.{name}' was added later")
        return lines

    def _statement(self, text: str, *, now: bool) -> None:
        at_once, later = _free_names(text)
        self.need(at_once, now=True)
        if now:
            self.need(later, now=True)
        self.definitions.append(text)
        self.need(later, now=False)

    def _note_future(self, code: types.CodeType) -> None:
        if code.co_flags & __future__.annotations.compiler_flag:
            self.postpones_hints = True


def _statement_function(obj: object) -> types.FunctionType | None:
    """The function of a `def` statement, without the wrappers of its decorators."""
    seen = 0
    while hasattr(type(obj), "__dict__") and seen < 20:
        inner = obj.__dict__.get("__wrapped__") if isinstance(obj, types.FunctionType) else None
        if inner is None and type(obj).__name__ == "_lru_cache_wrapper":
            inner = obj.__wrapped__  # type: ignore[attr-defined]
        if inner is None:
            break
        obj, seen = inner, seen + 1
    return obj if isinstance(obj, types.FunctionType) else None


def _plain_function(value: object) -> types.FunctionType | None:
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    return _statement_function(value)


def _is_cell_function(function: types.FunctionType) -> bool:
    return not function.__code__.co_filename.startswith("<string>") and (
        function_origin(function).is_own
    )


def _is_plain(value: object) -> bool:
    return isinstance(value, (bool, int, float, str, bytes, list, tuple, dict, type(None)))


def _assigned(node: ast.ClassDef) -> dict[str, ast.expr | None]:
    """Names that the body of a class binds, with the expression where it is a simple one."""
    found: dict[str, ast.expr | None] = {}
    for statement in ast.walk(node):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = statement.value
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[statement.name] = None
    return found


def _literal(node: ast.expr | None) -> tuple[bool, object]:
    try:
        return (True, ast.literal_eval(node)) if node is not None else (False, None)
    except ValueError:
        return False, None


def _globals_of(cls: type) -> dict[str, Any]:
    for value in class_dict(cls).values():
        function = _plain_function(value)
        if function is not None and function.__module__ == cls.__module__:
            return function.__globals__
    module = sys.modules.get(cls.__module__)
    return {} if module is None else module.__dict__


def _free_names(text: str) -> tuple[list[str], list[str]]:
    """Global names of a statement: those needed to execute it, and those of function bodies."""
    at_once: list[str] = []
    later: list[str] = []

    def walk(table: symtable.SymbolTable, names: list[str]) -> None:
        for symbol in table.get_symbols():
            is_free = symbol.is_referenced() and not symbol.is_assigned()
            if symbol.is_global() or (table.get_type() == "module" and is_free):
                names.append(symbol.get_name())
        for child in table.get_children():
            walk(child, later if child.get_type() == "function" else names)

    walk(symtable.symtable(text, "<bundle>", "exec"), at_once)
    return sorted(set(at_once)), sorted(set(later))
