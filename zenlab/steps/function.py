"""`UserFunction`: a user's function as the inside of a step, checked before anything runs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError, suggest
from zenlab.core.params import signature_of
from zenlab.core.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class UserFunction:
    """A function, its parameters, and what the step hands to it.

    The function takes the data first, by position. What else it gets from the step (`context`,
    and for some kinds `eval` or `raw`) it gets by name, if it has a parameter of that name. All
    its other parameters come from the user, and are checked here, when the step is made.

    Args:
        kind: the kind of step, for messages: `transform`.
        function: the user's function.
        params: its parameters from the user.
        data: what comes first, by position, for messages: `("df",)`.
        offered: what it may have by name beside `context`.

    Raises:
        ParameterError: it is not a function, takes no data, or the parameters do not fit.

    Example:
        >>> def label_late(df, minutes=15):
        ...     return df.assign(late=df["arr_delay"] > minutes)
        >>> UserFunction("transform", label_late, {"minute": 15}, data=("df",))
        Traceback (most recent call last):
        zenlab.core.errors.ParameterError: label_late has no parameter 'minute'.
          where: transform 'label_late'
          next:  Did you mean 'minutes'?
    """

    def __init__(
        self,
        kind: str,
        function: Callable[..., Any],
        params: Mapping[str, Any],
        *,
        data: tuple[str, ...],
        offered: tuple[str, ...] = (),
    ) -> None:
        self.name = getattr(function, "__name__", type(function).__name__)
        self.title = f"{kind} '{self.name}'"
        _refuse_what_is_no_function(kind, function, self.title)
        self._function = function
        self._params = dict(params)
        parameters = _parameters(function, self.title)
        positional = [p for p in parameters if p.kind in _BY_POSITION]
        if len(positional) < len(data) and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
            raise ParameterError(
                f"{self.name} takes {len(positional)} arguments by position; a {kind} is called "
                f"with {len(data)}: {', '.join(data)}.",
                where=self.title,
                hint=f"Write it as: def {self.name}({', '.join(data)}, ...)",
            )
        rest = [p for p in parameters if p not in positional[: len(data)]]
        taken = {*offered, "context"} - set(self._params)
        self._offered = {p.name for p in rest if p.name in taken}
        self._check_params(rest, [p.name for p in positional[: len(data)]])

    def _check_params(self, rest: list[inspect.Parameter], data: list[str]) -> None:
        by_name = {p.name: p for p in rest if p.kind in _BY_NAME}
        takes_any = any(p.kind is p.VAR_KEYWORD for p in rest)
        for name in self._params:
            if name in data:
                raise ParameterError(
                    f"{self.name} gets '{name}' from the pipeline; it is not a parameter.",
                    where=self.title,
                )
            if name not in by_name and not takes_any:
                raise ParameterError(
                    f"{self.name} has no parameter '{name}'.",
                    where=self.title,
                    hint=suggest(name, by_name) if by_name else "It takes none beside the data.",
                )
        missing = [
            name
            for name, p in by_name.items()
            if p.default is p.empty and name not in self._params and name not in self._offered
        ]
        if missing:
            raise ParameterError(
                f"{self.name} needs a value for {', '.join(repr(name) for name in missing)}.",
                where=self.title,
                hint=f"Give it beside the function: {missing[0]}=...",
            )

    def wants(self, name: str) -> bool:
        """Whether the function has a parameter that the step fills by this name."""
        return name in self._offered

    def __call__(self, *data: Any, **offered: Any) -> Any:
        """Call the function.

        Args:
            data: what it takes first, by position.
            offered: what it may have by name; what it does not name is left out.
        """
        by_name = {name: value for name, value in offered.items() if name in self._offered}
        return self._function(*data, **by_name, **self._params)


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _parameters(function: Callable[..., Any], where: str) -> list[inspect.Parameter]:
    try:
        return list(signature_of(function).parameters.values())
    except (TypeError, ValueError):
        raise ParameterError(
            "Python does not know what parameters it takes.",
            where=where,
            hint="Write a function around it: def f(df): return ...",
        ) from None


def _refuse_what_is_no_function(kind: str, function: object, where: str) -> None:
    if isinstance(function, type):
        made = f"{function.__name__}(...)"
        raise ParameterError(
            f"{function.__name__} is a class, not a function.",
            where=where,
            hint=f"Give an instance: {made}." if issubclass(function, Step) else None,
        )
    if isinstance(function, Step):
        raise ParameterError(
            f"{type(function).__name__} is a step already; it needs no function step around it.",
            where=where,
        )
    if not callable(function):
        raise ParameterError(
            f"A {kind} is a function or a step, not a {type(function).__name__}.",
            where=where,
            hint="Give the function itself, without calling it.",
        )
