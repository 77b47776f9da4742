"""A recorded estimator as the expression that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.pipelines.declare import CODE
from zenlab.pipelines.eject.user_code import Unwritable, given, plain_expression
from zenlab.steps.trainer import estimators
from zenlab.steps.trainer.sklearn_names import MODULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.pipelines.eject.user_code import UserCode


def estimator_expression(args: Mapping[str, Any], code: UserCode) -> tuple[list[str], str]:
    """What makes the estimator of a `SklearnTrainer`.

    Args:
        args: its recorded arguments.
        code: takes in functions and classes of the user's.

    Returns:
        The imports, and the expression.

    Raises:
        Unwritable: a part of it cannot be written.

    Example:
        >>> estimator_expression({"estimator": "Ridge", "alpha": 0.5}, None)
        (['from sklearn.linear_model import Ridge'], 'Ridge(alpha=0.5)')
    """
    params = dict(args)
    described = params.pop("estimator")
    imports: dict[str, None] = {}
    if isinstance(described, str):
        described, params = {"class": described, "params": params}, {}
    text = _expression(described, code, imports)
    if params:
        text += f".set_params({_arguments(params, code, imports)})"
    return list(imports), text


def _expression(value: Any, code: UserCode, imports: dict[str, None]) -> str:
    if isinstance(value, (list, tuple)):
        inner = [_expression(item, code, imports) for item in value]
        if isinstance(value, tuple):
            return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
        return f"[{', '.join(inner)}]"
    if not isinstance(value, dict) or CODE in value:
        return plain_expression(value, code)
    if value.keys() == {"class", "params"}:
        if not isinstance(value["class"], str):
            raise Unwritable("an estimator of the user's own class")
        cls = estimators.find_class(value["class"])
        params = estimators.as_declared(cls, value["params"])
        name = _import(f"{cls.__module__}.{cls.__name__}", value["class"], imports)
        return f"{name}({_arguments(params, code, imports)})"
    if value.keys() == {"object"}:
        estimators.find_object(value["object"])  # a file may have any text there
        return _import(value["object"], value["object"], imports)
    items = (f"{k!r}: {_expression(v, code, imports)}" for k, v in value.items())
    return f"{{{', '.join(items)}}}"


def _arguments(params: Mapping[str, Any], code: UserCode, imports: dict[str, None]) -> str:
    return ", ".join(given(k, _expression(v, code, imports)) for k, v in params.items())


def _import(path: str, recorded: str, imports: dict[str, None]) -> str:
    """The name of a library's class, from its public module where that is known."""
    module, _, name = path.rpartition(".")
    if "." in recorded:
        module, _, name = recorded.rpartition(".")
    elif recorded in MODULES:
        module = MODULES[recorded]
    imports[f"from {module} import {name}"] = None
    return name
