"""Recording the arguments of a constructor: what steps and datasources are made of again."""

from __future__ import annotations

import inspect
from typing import Any

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
    if cls.__init__ is object.__init__:
        signature = inspect.Signature()
    else:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        signature = inspect.Signature(parameters)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for name in kwargs:
        if name not in signature.parameters and not takes_any:
            raise ParameterError(
                f"{cls.__name__} has no parameter '{name}'.",
                where=cls.__name__,
                hint=suggest(name, signature.parameters),
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
            params.update(value)
        else:
            params[name] = value
    return params
