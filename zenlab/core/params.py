"""Recording the arguments of a constructor: what steps and datasources are made of again."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from zenlab.core.errors import ParameterError, suggest


def bind(cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `cls.__init__` by name, with defaults, and `**kwargs` laid flat.

    Args:
        cls: the class that is being made.
        args: positional arguments.
        kwargs: arguments by name.

    Raises:
        ParameterError: an argument is missing or unknown, or has no name to record it by.

    Example:
        >>> class Shift:
        ...     def __init__(self, by, unit="s", **more): ...
        >>> bind(Shift, (2,), {"limit": 3})
        {'by': 2, 'unit': 's', 'limit': 3}
    """
    signature = _of_init(cls)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for name in kwargs:
        if name not in signature.parameters and not takes_any:
            raise ParameterError(
                f"{cls.__name__} has no parameter '{name}'.",
                where=cls.__name__,
                hint=suggest(name, signature.parameters)
                if signature.parameters
                else "It takes none.",
            )
    for p in signature.parameters.values():
        if p.kind in (p.VAR_POSITIONAL, p.POSITIONAL_ONLY):
            raise ParameterError(
                f"{cls.__name__}.__init__ takes '{p}', which has no name to record it by.",
                where=cls.__name__,
                hint="Give each parameter a name.",
            )
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ParameterError(f"{cls.__name__}: {error}.", where=cls.__name__) from None
    bound.apply_defaults()
    params: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            params.update(snapshot(value))
        else:
            params[name] = snapshot(value)
    return params


def snapshot(value: Any) -> Any:
    """A value with lists and dicts of its own, so that no later change reaches what is recorded.

    A constructor that takes its settings out of a dict (`config.pop("depth")`) would empty what
    was recorded, and two settings would be one.

    Args:
        value: an argument; what is no list, tuple or dict stays the same object.
    """
    if type(value) is list:
        return [snapshot(item) for item in value]
    if type(value) is tuple:
        return tuple(snapshot(item) for item in value)
    if type(value) is dict:
        return {key: snapshot(item) for key, item in value.items()}
    return value


_known: WeakKeyDictionary[Any, tuple[tuple[Any, ...], inspect.Signature]] = WeakKeyDictionary()


def signature_of(function: Any) -> inspect.Signature:
    """`inspect.signature`, worked out once for a plain function as long as it stays what it is.

    Args:
        function: any callable.

    Raises:
        TypeError: as `inspect.signature`; likewise `ValueError`.
    """
    if not isinstance(function, FunctionType) or vars(function):  # wrapped, or says it itself
        return inspect.signature(function)
    # Defaults may be set anew on a live function, and they are parameters.
    state = (function.__code__, function.__defaults__, dict(function.__kwdefaults__ or {}))
    known = _known.get(function)
    if known is not None and all(a is b for a, b in zip(known[0][:2], state[:2], strict=True)):
        before = known[0][2]
        if before.keys() == state[2].keys() and all(before[k] is state[2][k] for k in before):
            return known[1]
    signature = inspect.signature(function)
    _known[function] = (state, signature)
    return signature


def _of_init(cls: type[Any]) -> inspect.Signature:
    """The signature of a constructor without `self`."""
    init = cls.__init__
    if init is object.__init__:
        return inspect.Signature()
    return inspect.Signature(list(signature_of(init).parameters.values())[1:])
