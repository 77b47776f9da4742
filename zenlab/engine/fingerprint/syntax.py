"""The AST of a function as canonical JSON, the same on every supported Python.

`ast.dump` of one source differs between 3.11, 3.12 and 3.13 (new optional fields, other defaults,
other pieces of an f-string), so nodes are written here by name, empty fields are left out, and
f-strings are normalised. Not in it: positions, comments, the `kind` of a string, and

- docstrings, which change no result;
- type hints of parameters, results and local variables, which change no result either, and which
  teams add later. They count where something may read them: in class bodies (dataclasses), on a
  decorated function (`singledispatch`, validators), and everywhere if the code that is
  fingerprinted looks at hints or docstrings by itself (`full=True`);
- the path of an `import` inside a function: its target counts by content.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, cast

from zenlab.engine.fingerprint.graph import part_digest

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.graph import Part

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SKIPPED = frozenset({"ctx", "kind", "type_comment", "type_ignores", "simple"})


def syntax_digest(node: ast.AST, *, full: bool = False) -> str:
    r"""The digest of a syntax tree.

    Args:
        node: any node; a function or a class as a rule.
        full: count docstrings and all type hints, too.

    Example:
        >>> one = ast.parse("def f(x):  # doubles\n    return x*2")
        >>> two = ast.parse("def f(x: int) -> int:\n    'Twice x.'\n    return (x * 2)")
        >>> syntax_digest(one) == syntax_digest(two)
        True
    """
    return part_digest(_Writer(full).node(node, in_class=False))


class _Writer:
    def __init__(self, full: bool) -> None:
        self.full = full

    def node(self, node: ast.AST, *, in_class: bool) -> Part:
        if isinstance(node, ast.Constant):
            return ["Constant", *constant(node.value)]
        if isinstance(node, ast.JoinedStr):
            return ["JoinedStr", self._pieces(node)]
        if isinstance(node, ast.AnnAssign):
            return self._annotated(node, in_class=in_class)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return [type(node).__name__, [_bound(alias, node) for alias in node.names]]
        skipped = _SKIPPED
        if isinstance(node, _FUNCTIONS):
            decorated = bool(getattr(node, "decorator_list", ()))
            if not (self.full or decorated or in_class_hints(node)):
                return self._function(node)
        written: list[Part] = [type(node).__name__]
        for field in node._fields:
            value = getattr(node, field, None)
            if value is None or value == [] or field in skipped:
                continue
            if field == "body" and isinstance(value, list):
                value = self._body(node)
            inside = isinstance(node, ast.ClassDef) or (in_class and _is_block(node))
            written.append([field, self.field(value, in_class=inside)])
        return written

    def field(self, value: Any, *, in_class: bool) -> Part:
        if isinstance(value, ast.AST):
            return self.node(value, in_class=in_class)
        if isinstance(value, list):
            return [self.field(item, in_class=in_class) for item in value]
        if value is None or type(value) in (str, int):
            return value  # type: ignore[no-any-return]
        return constant(value)  # MatchSingleton

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Part:
        """A function without its hints and docstring."""
        arguments = node.args
        names: list[Part] = [
            [kind, [argument.arg for argument in group]]
            for kind, group in (
                ("posonly", arguments.posonlyargs),
                ("args", arguments.args),
                ("vararg", [arguments.vararg] if arguments.vararg else []),
                ("kwonly", arguments.kwonlyargs),
                ("kwarg", [arguments.kwarg] if arguments.kwarg else []),
            )
            if group
        ]
        defaults = self.field([arguments.defaults, arguments.kw_defaults], in_class=False)
        body = [node.body] if isinstance(node, ast.Lambda) else self._body(node)
        return [
            type(node).__name__,
            getattr(node, "name", ""),
            names,
            defaults,
            self.field(body, in_class=False),
        ]

    def _body(self, node: ast.AST) -> list[ast.AST]:
        body: list[ast.AST] = node.body  # type: ignore[attr-defined]
        if self.full or not isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
        ):
            return body
        if ast.get_docstring(node, clean=False) is not None:
            body = body[1:] or [ast.Pass()]
        return body

    def _annotated(self, node: ast.AnnAssign, *, in_class: bool) -> Part:
        """`x: int = 1` in a function is `x = 1`; `x: int` alone makes x local and stays."""
        target = self.node(node.target, in_class=False)
        value: Part = None if node.value is None else self.node(node.value, in_class=False)
        if in_class or self.full:
            return ["AnnAssign", target, self.node(node.annotation, in_class=False), value]
        if node.value is None:
            return ["AnnAssign", target]
        return ["Assign", ["targets", [target]], ["value", value]]

    def _pieces(self, node: ast.JoinedStr) -> list[Part]:
        """The pieces of an f-string, adjacent texts joined: Pythons cut them differently."""
        pieces: list[Part] = []
        text = ""
        for value in node.values:
            if isinstance(value, ast.Constant):
                text += str(value.value)
                continue
            if text:
                pieces.append(["text", text])
                text = ""
            pieces.append(self.node(value, in_class=False))
        return [*pieces, ["text", text]] if text else pieces


def in_class_hints(node: ast.AST) -> bool:
    """Whether the node has type parameters (PEP 695), which code may read."""
    return bool(getattr(node, "type_params", ()))


def constant(value: object) -> list[Part]:
    """A literal with its type: `1`, `1.0`, `True` and `-0.0` are four values."""
    kind = type(value)
    if value is None or value is ...:
        return [repr(value)]
    if kind is bool:
        return ["bool", repr(value)]
    if kind is int:
        return ["int", hex(cast(int, value))]
    if kind is float:
        return ["float", value.hex()]  # type: ignore[attr-defined]
    if isinstance(value, complex):
        return ["complex", value.real.hex(), value.imag.hex()]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, str):
        return ["str", value]
    raise TypeError(f"not a literal: {kind.__name__}")


def _bound(alias: ast.alias, node: ast.Import | ast.ImportFrom) -> Part:
    """What an import binds, and which attribute it takes; where from is the target's business."""
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name, alias.name]
    return [alias.asname or alias.name.partition(".")[0]]


def _is_block(node: ast.AST) -> bool:
    """Statements of a class body may stand below these and still be the class body's."""
    return isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While))
