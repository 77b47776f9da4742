"""Which functions, classes and constants a walk has reached, for people."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from zenlab.core.pinned import plain_name
from zenlab.engine.fingerprint.graph import Part, Ref, part_digest
from zenlab.engine.fingerprint.installed import class_origin
from zenlab.engine.fingerprint.model import Reached
from zenlab.engine.fingerprint.visit import type_name

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.walk import Node, Walk

_SHOWN = 200
_EXACT = (bool, int, float, complex, str, bytes, type(None))


def reached(walk: Walk, digests: list[str]) -> tuple[Reached, ...]:
    """All that counts, in the order in which it was reached.

    Args:
        walk: a walk that has ended.
        digests: of its nodes.
    """
    found: dict[tuple[str, str, str, int], Reached] = {}
    for node in walk.nodes:
        entries = []
        if isinstance(node.obj, types.FunctionType) and node.facts is not None:
            entries = [_function(node, walk), *_constants(node, walk, digests)]
        elif isinstance(node.obj, type) and class_origin(node.obj).is_own:
            entries = [_class(node, walk)]
        for entry in entries:
            found.setdefault((entry.kind, entry.module, entry.name, entry.line), entry)
    return tuple(found.values())


def _function(node: Node, walk: Walk) -> Reached:
    facts = node.facts
    assert facts is not None
    return Reached(
        kind="function",
        name=node.obj.__code__.co_qualname,
        module=plain_name(str(node.obj.__globals__.get("__name__", ""))),
        file=walk.shown(facts.file),
        line=facts.line,
        text=facts.text,
        digest=facts.digest,
    )


def _class(node: Node, walk: Walk) -> Reached:
    from zenlab.engine.fingerprint.classsource import class_source

    found = class_source(node.obj)
    return Reached(
        kind="class",
        name=node.obj.__qualname__,
        module=plain_name(node.obj.__module__),
        file="" if found is None else walk.shown(found.filename),
        line=0 if found is None else found.line,
        text="" if found is None else found.text,
        digest=part_digest(node.content),
    )


def _constants(node: Node, walk: Walk, digests: list[str]) -> list[Reached]:
    """The values that a function's code names: globals, free variables, defaults."""
    content = node.content
    assert isinstance(content, list)
    module = plain_name(str(node.obj.__globals__.get("__name__", "")))
    facts = node.facts
    assert facts is not None
    found: list[Reached] = []
    for label, part in _named(node, content):
        target = walk.nodes[part.index] if isinstance(part, Ref) else None
        if target is not None and not _is_constant(target.obj, target.content):
            continue
        if target is None and _tag(part) in _NOT_VALUES:
            continue
        digest = digests[part.index] if isinstance(part, Ref) else part_digest(part)
        text = _leaf_text(part) if target is None else _text(target.obj)
        found.append(
            Reached("constant", label, module, walk.shown(facts.file), facts.line, text, digest)
        )
    return found


_NOT_VALUES = frozenset({"builtin", "missing", "package", "stdlib", "zenlab", "empty"})


def _named(node: Node, content: list[Part]) -> list[tuple[str, Part]]:
    """Label and part of the globals, defaults and free variables of a function's content."""
    _, _, edges, defaults, keywords, closure, _ = content
    code = node.obj.__code__
    name = node.obj.__qualname__
    assert isinstance(edges, list)
    assert isinstance(defaults, list)
    assert isinstance(keywords, list)
    assert isinstance(closure, list)
    first = code.co_argcount - len(defaults)
    found = [(str(e[0]), e[1]) for e in edges if isinstance(e, list)]
    found += [(f"{name}({code.co_varnames[first + i]}=)", p) for i, p in enumerate(defaults)]
    found += [(f"{name}({e[0]}=)", e[1]) for e in keywords if isinstance(e, list)]
    found += [(f"{name}: {e[0]}", e[1]) for e in closure if isinstance(e, list)]
    return found


def _tag(part: Part) -> Part:
    return part[0] if isinstance(part, (list, tuple)) and part else None


def _is_constant(obj: object, content: Part) -> bool:
    if isinstance(obj, (type, types.FunctionType, types.ModuleType, types.BuiltinFunctionType)):
        return False
    return _tag(content) not in _NOT_VALUES


def _leaf_text(part: Part) -> str:
    """A leaf as Python writes it."""
    assert isinstance(part, list)
    tag, *rest = part
    text = str(rest[-1]) if rest else str(tag)
    if tag == "int":
        text = str(int(text, 16)) if len(text) < _SHOWN else text
    elif tag == "float":
        text = repr(float.fromhex(text))
    elif tag in ("str", "path"):
        text = repr(rest[-1])
    return _shorten(text)


def _text(obj: object) -> str:
    """What a value looks like; `repr` is asked only where it is Python's own."""
    if _is_plain(obj, 3):
        return _shorten(repr(obj))
    shape = getattr(obj, "shape", None) if type(obj).__module__ in ("numpy", "pandas") else None
    size = f" {shape}" if shape is not None else ""
    return f"<{type_name(type(obj))}{size}>"


def _is_plain(obj: object, depth: int) -> bool:
    if type(obj) in _EXACT:
        return True
    if depth and type(obj) in (list, tuple, set, frozenset) and len(obj) <= _SHOWN:  # type: ignore[arg-type]
        return all(_is_plain(item, depth - 1) for item in obj)  # type: ignore[attr-defined]
    if depth and type(obj) is dict and len(obj) <= _SHOWN:
        return all(_is_plain(k, 0) and _is_plain(v, depth - 1) for k, v in obj.items())
    return False


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
