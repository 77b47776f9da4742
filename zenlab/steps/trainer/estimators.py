"""Estimators as plain data and back: what a pipeline file says about a model.

    "LogisticRegression"                                      one of scikit-learn, by its name
    "lightgbm.LGBMClassifier"                                 any other installed one, by its path
    {"class": "Pipeline", "params": {"steps": [["scale", {"class": ...}], ...]}}
                                                              one that holds others
    {"object": "numpy.log1p"}                                 a library's function or type in it

Functions and classes of the user stand for themselves. Of an instance, the parameters that differ
from the default are recorded: a file written under one scikit-learn goes on to load under
another, whose estimators have other parameters. That a default changes is covered by
scikit-learn's version in the key.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from zenlab.core.canonical import plain
from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.trainer.sklearn_names import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WHERE = "SklearnTrainer"

_OBJECT_PACKAGES = ("numpy", "pandas", "scipy", "sklearn")
"""The packages whose functions and types `{"object": ...}` may name: a file is data, and must
not name `os.system`."""


def find_class(name: str) -> Any:
    """An estimator class by its name in scikit-learn, or by its dotted path.

    Args:
        name: `LogisticRegression`, `sklearn.pipeline.Pipeline`, `lightgbm.LGBMClassifier`.

    Raises:
        ParameterError: there is none; a misspelt name comes back with a suggestion.

    Example:
        >>> find_class("LogisticRegresion")
        Traceback (most recent call last):
        zenlab.core.errors.ParameterError: scikit-learn has no classifier or regressor ...
          where: SklearnTrainer
          next:  Did you mean 'LogisticRegression'?
    """
    if "." not in name:
        if name not in MODULES:
            raise ParameterError(
                f"scikit-learn has no classifier or regressor '{name}'.",
                where=WHERE,
                hint=suggest(name, MODULES),
            )
        path = f"{MODULES[name]}.{name}"
    else:
        path = name
    module_name, _, attribute = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ParameterError(
            f"The estimator '{name}' cannot be imported: {error}.",
            where=WHERE,
            hint=f"Is it installed? pip install {module_name.partition('.')[0]}",
        ) from None
    cls = getattr(module, attribute, None)
    if cls is None:
        raise ParameterError(
            f"The installed {module_name.partition('.')[0]} has no '{path}'.",
            where=WHERE,
            hint=suggest(attribute, [n for n in dir(module) if n[:1].isupper()]),
        )
    # Beside estimators: scikit-learn's own parts of them, such as KFold.
    if not isinstance(cls, type) or not (
        hasattr(cls, "get_params") or cls.__module__.startswith("sklearn.")
    ):
        raise ParameterError(f"'{path}' is no estimator class.", where=WHERE)
    return cls


def check_estimator_class(cls: Any) -> None:
    """Refuse a class that cannot be trained.

    Args:
        cls: what the user gave.
    """
    for method in ("fit", "predict", "get_params"):
        if not callable(getattr(cls, method, None)):
            raise ParameterError(
                f"{cls.__name__} has no {method}(), so it cannot be trained here.",
                where=WHERE,
                hint="Give a classifier or a regressor, or a Pipeline that ends with one.",
            )


def check_params(cls: Any, params: Iterable[str], known: Iterable[str] | None = None) -> None:
    """Refuse parameters that the estimator does not have, with a suggestion.

    Args:
        cls: the estimator class.
        params: the names that the user gave.
        known: what there is; by default the parameters of the class.
    """
    if known is None:
        signature = _parameters(cls)
        if any(p.kind is p.VAR_KEYWORD for p in signature.values()):
            return  # LightGBM and XGBoost take any
        known = [name for name in signature if name != "self"]
    known = list(known)
    for name in params:
        if name not in known:
            raise ParameterError(
                f"{cls.__name__} has no parameter '{name}'.", where=WHERE, hint=suggest(name, known)
            )


def class_name(cls: Any) -> Any:
    """A class as recorded: scikit-learn's by name, a library's by path, a user's as itself.

    Args:
        cls: an estimator class.

    Example:
        >>> from sklearn.linear_model import Ridge
        >>> class_name(Ridge)
        'Ridge'
    """
    path = _library_path(cls)
    if path is None:
        return cls
    module, _, name = path.rpartition(".")
    return name if MODULES.get(name) == module else path


def describe(value: Any, where: str) -> Any:
    """Plain data of an estimator, or of a parameter of one.

    Args:
        value: an unfitted estimator, or anything that is in its parameters.
        where: the name of the parameter, for messages.

    Returns:
        Data of which `build` makes an equal value.

    Raises:
        ParameterError: an estimator is fitted, or a value cannot be recorded.
    """
    if isinstance(value, (list, tuple)):
        return [describe(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: describe(item, f"{where}[{key!r}]") for key, item in value.items()}
    if not isinstance(value, type) and (hasattr(value, "get_params") or _is_part(value)):
        return {
            "class": _full_name(type(value)),
            "params": changed_params(value, where),
        }
    if callable(value) and hasattr(value, "__name__"):
        path = _library_path(value)
        return value if path is None else {"object": path}
    return plain(value, where)


def changed_params(estimator: Any, where: str) -> dict[str, Any]:
    """The parameters of an unfitted estimator that are not at their default, as plain data.

    Args:
        estimator: with `get_params`.
        where: the name of the parameter that it is, for messages.
    """
    refuse_fitted(estimator, where)
    cls: Any = type(estimator)
    signature = _parameters(cls)
    if hasattr(estimator, "get_params"):
        params = _own_params(estimator)
    else:
        params = {name: getattr(estimator, name) for name in signature if name != "self"}
    changed: dict[str, Any] = {}
    for name, value in params.items():
        known = signature.get(name)
        if known is None or known.default is known.empty or not _same(value, known.default):
            changed[name] = describe(value, f"{where}.{name}")
    return changed


def build(described: Any) -> Any:
    """The inverse of `describe`.

    Args:
        described: plain data, in which functions and classes may stand for themselves.
    """
    if isinstance(described, list):
        return [build(item) for item in described]
    if not isinstance(described, dict):
        return described
    if described.keys() == {"class", "params"}:
        cls = described["class"]
        cls = find_class(cls) if isinstance(cls, str) else cls
        params = {name: build(value) for name, value in described["params"].items()}
        check_params(cls, params)
        return cls(**as_declared(cls, params))
    if described.keys() == {"object"}:
        return find_object(described["object"])
    return {key: build(value) for key, value in described.items()}


def refuse_fitted(estimator: Any, where: str) -> None:
    """Refuse an estimator that has been fitted: what it learnt would be thrown away.

    Args:
        estimator: any estimator.
        where: the name of the parameter, for messages.
    """
    learnt = [n for n in vars(estimator) if n.endswith("_") and not n.startswith("_")]
    if learnt:
        raise ParameterError(
            f"{where} is a fitted {type(estimator).__name__} (it has {learnt[0]}).",
            where=WHERE,
            hint="Give an unfitted one: sklearn.base.clone(estimator)",
        )


def seed(estimator: Any) -> Any:
    """Set each `random_state` that is None, also of parts, to 0.

    Args:
        estimator: unfitted; changed in place.

    Returns:
        The estimator.
    """
    for name, value in estimator.get_params(deep=True).items():
        if (name == "random_state" or name.endswith("__random_state")) and value is None:
            estimator.set_params(**{name: 0})
        elif getattr(value, "shuffle", None) is True and _is_part(value):
            # A KFold that shuffles; one that does not would refuse a random_state.
            value.random_state = 0 if value.random_state is None else value.random_state
    return estimator


@cache
def _parameters(cls: Any) -> Mapping[str, inspect.Parameter]:
    # A pipeline is declared again at each run of its cell, and a signature takes 0.1 ms.
    return inspect.signature(cls.__init__).parameters


def _own_params(estimator: Any) -> dict[str, Any]:
    try:
        params: dict[str, Any] = estimator.get_params(deep=False)
    except AttributeError as error:
        raise ParameterError(
            f"{type(estimator).__name__} does not keep its parameters: {error}.",
            where=WHERE,
            hint="Assign each argument of __init__ to an attribute of the same name.",
        ) from None
    return params


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    if type(value) is not type(default) or not isinstance(value, (bool, int, float, str, tuple)):
        return False
    return bool(value == default)


def as_declared(cls: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Make tuples of lists where an estimator wants them: recorded tuples are lists.

    Args:
        cls: the estimator class.
        params: its parameters; `(0, 1)` may have become `[0, 1]`.

    Example:
        >>> from sklearn.preprocessing import MinMaxScaler
        >>> as_declared(MinMaxScaler, {"feature_range": [0, 1]})
        {'feature_range': (0, 1)}
    """
    signature = _parameters(cls)
    made: dict[str, Any] = {}
    for name, value in params.items():
        known = signature.get(name)
        made[name] = value
        if not isinstance(value, list):
            continue
        if known is not None and isinstance(known.default, tuple):
            made[name] = tuple(value)
        elif name in _LISTS_OF_PARTS:
            made[name] = [tuple(item) if isinstance(item, list) else item for item in value]
    return made


_LISTS_OF_PARTS = ("steps", "transformers", "transformer_list", "estimators")
"""Parameters of Pipeline, ColumnTransformer, FeatureUnion and Voting*: lists of tuples."""


def _is_part(value: Any) -> bool:
    """A helper of scikit-learn without get_params, but with its parameters as attributes.

    Such as KFold in a search, or make_column_selector in a ColumnTransformer.
    """
    cls: Any = type(value)
    if not cls.__module__.startswith("sklearn."):
        return False
    return all(name == "self" or hasattr(value, name) for name in _parameters(cls))


def _full_name(cls: Any) -> Any:
    path = _library_path(cls)
    return cls if path is None else path


def _library_path(thing: Any) -> str | None:
    """The shortest public path of what a library brings; None for what is the user's."""
    import sys

    name = getattr(thing, "__qualname__", None) or thing.__name__
    module = getattr(thing, "__module__", None)
    if module is None or type(thing).__name__ == "ufunc":
        module = type(thing).__module__  # ufuncs are functions of numpy or scipy.special
    loaded = sys.modules.get(module)
    file = getattr(loaded, "__file__", None) or ""
    if "site-packages" not in file and "dist-packages" not in file:
        return None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        public = ".".join(parts[:end])
        # vars() and not getattr: a lazy package shall not import all that it could.
        if vars(sys.modules.get(public, sys)).get(name) is thing:
            return f"{public}.{name}"
    # `functools.wraps(np.log1p)` gives a user's function the library's name.
    code = getattr(thing, "__code__", None)
    if code is not None and code.co_filename != file:
        return None
    return f"{module}.{name}"


def find_object(path: str) -> Any:
    """A library's function or type by its dotted path.

    Args:
        path: `numpy.log1p`.

    Raises:
        ParameterError: there is none, or it is of a package that a file must not name.
    """
    module_name, _, name = path.rpartition(".")
    if module_name.partition(".")[0] not in _OBJECT_PACKAGES:
        raise ParameterError(
            f"'{path}' is not of {', '.join(_OBJECT_PACKAGES)}.",
            where=WHERE,
            hint="Give the function itself instead of its path.",
        )
    try:
        return getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError):
        raise ParameterError(f"There is no '{path}' here.", where=WHERE) from None
