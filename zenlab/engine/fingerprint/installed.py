"""Objects that packages and Python bring: they count by name.

The version of a package is the key's business (`Fingerprint.packages`); of Python, nobody's.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.memo import class_dict
from zenlab.engine.fingerprint.origin import (
    Origin,
    module_file,
    origin_of_file,
    origin_of_module,
    public_name,
)
from zenlab.engine.fingerprint.patches import patches_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, or by a modern C module
_C_CALLABLES = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)


def module_origin(module: types.ModuleType) -> Origin:
    """Whose a module object is, also one that is not in `sys.modules`."""
    filename = module_file(module)
    name = module_name(module)
    if filename is None or name == "__main__":
        return origin_of_module(name)
    return origin_of_file(filename, name)


def module_name(module: types.ModuleType) -> str:
    """The dotted name of a module."""
    return str(module.__dict__.get("__name__", ""))


def function_origin(function: types.FunctionType) -> Origin:
    """Whose code a function runs; `functools.wraps` may have given it another module's name."""
    return origin_of_file(
        function.__code__.co_filename, str(function.__globals__.get("__name__", ""))
    )


def class_origin(cls: type) -> Origin:
    """Whose class it is.

    A class that `exec` makes in a namespace without a name says that it is of `builtins`. So a
    module is believed only if the class is found in it, or none of the class's code is own.
    """
    origin = origin_of_module(str(cls.__module__))
    if origin.is_own or not cls.__flags__ & _HEAP_TYPE or _is_found(cls):
        return origin
    functions = [f for f in class_dict(cls).values() if isinstance(f, types.FunctionType)]
    origins = [function_origin(function) for function in functions]
    if not origins and cls.__module__ == "builtins":
        return Origin.REPOSITORY
    return next((found for found in origins if found.is_own), origin)


def _is_found(cls: type) -> bool:
    module = sys.modules.get(cls.__module__)
    current: Any = None if module is None else module.__dict__
    for name in cls.__qualname__.split("."):
        if current is None:
            return False
        current = current.get(name)
        if isinstance(current, type):
            found, current = current, class_dict(current)
        else:
            return False
    return found is cls


def installed(obj: object, hint: str, visit: Visit) -> Part | None:
    """The name of an object of a package, of Python or of zenlab; None for all others.

    Args:
        obj: anything.
        hint: the name under which the code reached it, for objects that have no name themselves
            (`scipy.stats.norm`).
        visit: is told which package it was.
    """
    if isinstance(obj, type):
        origin, module, name = class_origin(obj), str(obj.__module__), obj.__qualname__
        if origin is Origin.ZENLAB:
            return ["zenlab", obj.__qualname__, class_dict(obj).get("code_version")]
    elif isinstance(obj, types.FunctionType):
        code = obj.__code__
        if "<locals>" in code.co_qualname:
            if not function_origin(obj).is_own and obj.__name__ == obj.__qualname__:
                return _by_own_name(obj, visit)  # a package's function that it decorated itself
            return None  # a closure: its cells may hold the user's own code
        if code.co_filename.startswith("<") and not code.co_filename.startswith("<frozen "):
            return None  # generated: its name says nothing of its code
        origin = function_origin(obj)
        module = str(obj.__globals__.get("__name__", ""))
        name = code.co_qualname
        if code.co_name == "<lambda>":
            name += f":{code.co_firstlineno}"
    elif isinstance(obj, types.ModuleType):
        origin, module, name = module_origin(obj), module_name(obj), ""
    else:
        return _singleton(obj, hint, visit) or _c_callable(obj, visit)
    if origin.is_own:
        return None
    part = named(origin, module, public_name(obj, module, name) if name else module, visit)
    if origin is Origin.PACKAGE and isinstance(obj, type):
        patches = patches_of(obj, visit)
        return ["patched", part, patches] if patches else part
    return part


def named(origin: Origin, module: str, name: str, visit: Visit) -> Part:
    """What stands for something of a package."""
    if origin is Origin.PACKAGE:
        visit.package(module)
    return [origin.value, name]


def _singleton(obj: object, hint: str, visit: Visit) -> Part | None:
    """An object that a package's module holds under the hinted name: `scipy.stats.norm`."""
    if isinstance(obj, _PLAIN):
        return None
    kind = type(obj)
    if isinstance(obj, _BOUND):
        kind, hint = type(obj.__self__), obj.__name__
    for module in _modules_of(kind, obj):
        if hint and module.__dict__.get(hint) is obj:
            origin = module_origin(module)
            if not origin.is_own:
                name = module_name(module)
                return named(origin, name, f"{name}.{hint}", visit)
    return None


_BOUND = (types.MethodType, types.BuiltinFunctionType)
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)


def _modules_of(kind: type, obj: object) -> Iterator[types.ModuleType]:
    names = [str(kind.__module__)]
    if isinstance(obj, _BOUND) and isinstance(obj.__module__, str):
        names.append(obj.__module__)
    for name in names:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = sys.modules.get(".".join(parts[:count]))
            if isinstance(module, types.ModuleType) and name != "builtins":
                yield module


def _c_callable(obj: Any, visit: Visit) -> Part | None:
    """Functions and methods that are written in C."""
    if isinstance(obj, _C_CALLABLES):
        owner = getattr(obj, "__objclass__", None)
        bound = getattr(obj, "__self__", None)
        if owner is not None and (bound is None or isinstance(bound, type)):
            return ["method", visit.ref(owner, ""), obj.__name__]
        if bound is not None and not isinstance(bound, types.ModuleType):
            return ["bound", visit.ref(bound, ".__self__"), obj.__name__]
        return _by_own_name(obj, visit)
    kind: type = type(obj)
    if kind.__module__ == "numpy" and kind.__name__ == "ufunc":
        return _ufunc(obj, visit)
    if callable(obj) and not _is_python_class(kind) and not class_origin(kind).is_own:
        return _by_own_name(obj, visit)
    return None


def _ufunc(obj: Any, visit: Visit) -> Part | None:
    """Known by name where a package shows it; `numpy.frompyfunc` hides what it calls."""
    shown = str(obj.__name__)
    for name in ("numpy", "scipy.special"):
        module = sys.modules.get(name)
        if module is not None and module.__dict__.get(shown) is obj:
            return named(Origin.PACKAGE, name, f"{name}.{shown}", visit)
    return None


def _is_python_class(kind: type) -> bool:
    """Whether calling an instance runs a Python method."""
    calls = (class_dict(base).get("__call__") for base in kind.__mro__)
    return isinstance(next((c for c in calls if c is not None), None), types.FunctionType)


def _by_own_name(obj: Any, visit: Visit) -> Part | None:
    """`numpy.mean`, `math.sqrt`: an object that says where it is found, and is found there."""
    module, name = getattr(obj, "__module__", None), getattr(obj, "__qualname__", None)
    if module is None and isinstance(obj, types.BuiltinFunctionType):
        module = "builtins"
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    origin = origin_of_module(module)
    if origin.is_own:
        return None
    if not isinstance(obj, types.BuiltinFunctionType):
        loaded = sys.modules.get(module)
        if loaded is None or loaded.__dict__.get(name) is not obj:
            return None
    return named(origin, module, public_name(obj, module, name), visit)
