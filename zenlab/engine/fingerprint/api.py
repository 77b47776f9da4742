"""`fingerprint(obj)`: the walk, its result, and the memo in front of it."""

from __future__ import annotations

import functools
import types
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.pinned import plain_name
from zenlab.engine.fingerprint.bundle import bundle_of
from zenlab.engine.fingerprint.cells import is_cell
from zenlab.engine.fingerprint.graph import node_digests, part_digest
from zenlab.engine.fingerprint.model import Fingerprint
from zenlab.engine.fingerprint.report import reached
from zenlab.engine.fingerprint.walk import Walk

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.memo import Reads

_MOST = 512
_known: OrderedDict[tuple[int, str], tuple[object, Reads, Fingerprint]] = OrderedDict()


def fingerprint(obj: object, *, repo_root: Path | None = None) -> Fingerprint:
    """What a function, a class or another piece of code is, by content.

    Args:
        obj: a function, a class, a `functools.partial`, a method, an instance of a class.
        repo_root: the repository's folder. Paths below it are relative in what is shown, and
            in values that count.

    Raises:
        CodeError: a source was edited after it was imported, or the code refers to something
            that has no canonical form; the message names it.

    Example:
        >>> def double(x):
        ...     return 2 * x
        >>> fingerprint(double).packages
        ()
    """
    key = (id(obj), "" if repo_root is None else str(repo_root))
    known = _known.get(key)
    if known is not None and known[1].unchanged():
        _known.move_to_end(key)
        return known[2]
    result, reads = _compute(obj, None if repo_root is None else Path(repo_root).resolve())
    _known[key] = (obj, reads, result)
    if len(_known) > _MOST:
        _known.popitem(last=False)
    return result


def _compute(obj: object, root: Path | None) -> tuple[Fingerprint, Reads]:
    walk = Walk(root)
    walk.start(obj)
    digests = node_digests([node.content for node in walk.nodes])
    bundle, why_not = bundle_of(obj)
    if why_not is not None:
        walk.seeds.note(why_not)
    result = Fingerprint(
        digest=part_digest(["fingerprint", 1, digests[0]]),
        source=code_ref_source(obj),
        packages=walk.packages(),
        reached=reached(walk, digests),
        notes=walk.seeds.notes(),
        bundle=bundle,
    )
    return result, walk.reads


def code_ref_source(obj: object) -> str:
    """Where code is, as a pipeline file names it.

    Args:
        obj: a function, a class, or what wraps one.

    Returns:
        `notebook:Name` for what a notebook (or a script) made, else `module.qualname`.

    Example:
        >>> from collections import OrderedDict
        >>> code_ref_source(OrderedDict.fromkeys), code_ref_source(OrderedDict)
        ('collections.OrderedDict.fromkeys', 'collections.OrderedDict')
    """
    target: Any = unwrapped(obj)
    if not hasattr(target, "__qualname__"):
        target = type(target)
    name = str(target.__qualname__)
    owner = getattr(target, "__self__", None)
    if isinstance(owner, type):
        return f"{_module_or_notebook(owner)}{owner.__qualname__}.{target.__name__}"
    return f"{_module_or_notebook(target)}{name}"


def _module_or_notebook(target: Any) -> str:
    code = getattr(target, "__code__", None)
    if isinstance(code, types.CodeType) and is_cell(code.co_filename):
        return "notebook:"
    module = getattr(target, "__module__", None) or "builtins"
    return "notebook:" if module == "__main__" else f"{plain_name(module)}."


def unwrapped(obj: object) -> object:
    """The function inside of partials, methods and the wrappers of class bodies."""
    while True:
        if isinstance(obj, (functools.partial, functools.partialmethod)):
            obj = obj.func
        elif isinstance(obj, (types.MethodType, staticmethod, classmethod)):
            obj = obj.__func__
        elif isinstance(obj, property):
            obj = obj.fget
        elif isinstance(obj, functools.cached_property):
            obj = obj.func
        else:
            return obj
