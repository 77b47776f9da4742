"""`SklearnTrainer`: any classifier or regressor of scikit-learn's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError
from zenlab.steps.trainer import estimators
from zenlab.steps.trainer.base_trainer import BaseTrainerStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from zenlab.core.dataset import Dataset


class SklearnTrainer(BaseTrainerStep):
    """Fit an estimator on the columns `<feature>_xf` and `<label>_xl` of `train`.

    The estimator and its parameters are checked here, when the step is made: a misspelt name is
    refused before anything runs. Each `random_state` that is not given, also of an estimator
    inside another, is 0 and recorded, so that training again gives the same model.

    Args:
        estimator: one of

            - the name of a classifier or regressor of scikit-learn: `"LogisticRegression"`;
            - the dotted path of an installed one: `"lightgbm.LGBMClassifier"`;
            - its class;
            - an unfitted instance, also a `Pipeline` or a search.
        params: its parameters; `part__name` reaches into a Pipeline.

    Example:
        >>> SklearnTrainer("HistGradientBoostingClassifier", learning_rate=0.2)
        SklearnTrainer(estimator='HistGradientBoostingClassifier', learning_rate=0.2)
        >>> SklearnTrainer("LogisticRegression", c=1)
        Traceback (most recent call last):
        zenlab.core.errors.ParameterError: LogisticRegression has no parameter 'c'.
          where: SklearnTrainer
          next:  Did you mean 'C'?
    """

    code_version: ClassVar[int | None] = 1
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn",)

    def __init__(self, estimator: Any, **params: Any) -> None:
        if type(self).__init__ is SklearnTrainer.__init__:
            self._made = dict(self.tracked)
        else:  # a subclass with parameters of its own, which are what is recorded
            self._made = SklearnTrainer.tracked_params({"estimator": estimator, **params})

    @classmethod
    def tracked_params(cls, params: Mapping[str, Any]) -> dict[str, Any]:
        """Rewrite the estimator into plain data.

        `LogisticRegression(C=2)`, its class with `C=2`, and its name with `C=2` are the same:
        the name, and the parameters beside it. An estimator that holds others stays one value,
        `{"class": ..., "params": {...}}`; see `zenlab.steps.trainer.estimators`.

        Args:
            params: `estimator`, and the parameters of it.
        """
        given = dict(params)
        if "estimator" not in given:
            return given
        estimator = given.pop("estimator")
        made = estimators.seed(_make(estimator, given))
        changed = estimators.changed_params(made, "estimator")
        if _holds_others(changed) or "estimator" in changed:
            return {"estimator": estimators.describe(made, "estimator")}
        name = estimators.class_name(type(made))
        # What was given stays, a default too: it is what the user decided.
        return {
            "estimator": name,
            **{k: estimators.describe(v, k) for k, v in given.items()},
            **changed,
        }

    @classmethod
    def key_packages(cls, params: Mapping[str, Any]) -> tuple[str, ...]:
        """scikit-learn, and the distributions of other estimators in the parameters.

        Args:
            params: what `tracked_params` gave.
        """
        top = {path.partition(".")[0] for path in _paths(params) if "." in path} - {"sklearn"}
        if not top:
            return cls.packages
        from importlib.metadata import packages_distributions

        known = packages_distributions()
        extra = {name for module in top for name in known.get(module, ())}
        return (*cls.packages, *sorted(extra - set(cls.packages)))

    def fit(self, train: Dataset, eval: Dataset | None) -> Any:  # noqa: A002, ARG002
        """Fit a new estimator; several labels need one that takes them.

        Args:
            train: the transformed split `train`.
            eval: not used: estimators of scikit-learn hold back a part of `train` themselves.
        """
        features, labels = self.features(train), self.labels(train)
        names = self.label_names(train)
        model = self.estimator()
        _refuse_mixed(labels, names, self.title)
        try:
            model.fit(features, labels)
        except (ValueError, TypeError) as error:
            _refuse_text(model, labels, names)
            raise _explained(error, features, names, type(model).__name__) from error
        return model

    def estimator(self) -> Any:
        """A new, unfitted estimator with the recorded parameters."""
        made = dict(self._made)
        return _make(made.pop("estimator"), made)


def _make(estimator: Any, params: dict[str, Any]) -> Any:
    """An estimator of whatever the user gave for one, with parameters on top."""
    # Through plain data and back: copies that share nothing with what the user holds.
    values = {k: estimators.build(estimators.describe(v, k)) for k, v in params.items()}
    if isinstance(estimator, dict):
        estimator = estimators.build(estimator)
    if isinstance(estimator, str):
        estimator = estimators.find_class(estimator)
    if isinstance(estimator, type):
        estimators.check_estimator_class(estimator)
        estimators.check_params(estimator, values)
        try:
            return estimator(**estimators.as_declared(estimator, values))
        except TypeError as error:
            raise ParameterError(
                f"{estimator.__name__} cannot be made: {error}.",
                where=estimators.WHERE,
                hint="An estimator that holds others is given as an instance.",
            ) from None
    if not callable(getattr(estimator, "get_params", None)):
        raise ParameterError(
            f"estimator is a {type(estimator).__name__}, not an estimator, its class or its name.",
            where=estimators.WHERE,
            hint="Such as SklearnTrainer('LogisticRegression', C=0.5).",
        )
    estimators.check_estimator_class(type(estimator))
    # The same for the whole; nothing fitted gets through.
    copy = estimators.build(estimators.describe(estimator, "estimator"))
    estimators.check_params(type(copy), values, copy.get_params(deep=True))
    return copy.set_params(**estimators.as_declared(type(copy), values))


def _holds_others(value: Any) -> bool:
    if isinstance(value, dict):
        if value.keys() == {"class", "params"}:
            return True
        return any(_holds_others(item) for item in value.values())
    return isinstance(value, list) and any(_holds_others(item) for item in value)


def _paths(value: Any) -> list[str]:
    """The dotted paths of classes in recorded parameters."""
    if isinstance(value, (list, tuple)):
        return [path for item in value for path in _paths(item)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("estimator", "class", "object") if key in value]
    return [p for p in own if isinstance(p, str)] + [p for v in value.values() for p in _paths(v)]


def _refuse_mixed(labels: Any, names: list[str], where: str) -> None:
    """Text beside numbers in one matrix: scikit-learn would fail to sort its classes."""
    if labels.ndim == 2 and labels.dtype == object:
        text = [isinstance(value, str) for value in labels[0]]
        if any(text) and not all(text):
            raise ParameterError(
                f"The label '{names[text.index(True)]}' is text and '{names[text.index(False)]}' "
                "is not; one estimator cannot predict both.",
                where=where,
                hint="Make numbers of the text in a transform, or train two pipelines.",
            )


def _refuse_text(model: Any, labels: Any, names: list[str]) -> None:
    """A regressor that failed on a label of text: say that instead."""
    from sklearn.base import is_regressor

    if is_regressor(model) and labels.dtype.kind not in "biuf":
        raise ParameterError(
            f"{type(model).__name__} predicts numbers, and the label '{names[0]}' is text.",
            where="SklearnTrainer",
            hint="Use a classifier, or make a number of the label in a transform.",
        )


def _explained(error: Exception, features: pd.DataFrame, labels: list[str], name: str) -> Exception:
    """The estimator's error, or a clearer one if it is about labels, text or missing values.

    Estimators do not say beforehand what they take: the tags of a search, or of a network that
    takes several labels, deny what works. So they are tried.
    """
    said = str(error)
    if len(labels) > 1 and ("1d array" in said or "multioutput" in said):
        return ParameterError(
            f"{name} predicts one label, and there are {len(labels)}: {', '.join(labels)}.",
            where="SklearnTrainer",
            hint="Wrap it: sklearn.multioutput.MultiOutputClassifier or MultiOutputRegressor.",
        )
    text = [c for c in features.columns if features[c].dtype.kind not in "biuf"]
    if text and ("convert string" in said or "dtype" in said or "could not convert" in said):
        column = text[0].removesuffix("_xf")
        return ParameterError(
            f"{name} takes numbers, and '{column}' is text (of {len(text)} such features).",
            where="SklearnTrainer",
            hint="Encode it: TabularPreprocesser(categorical='one_hot' or 'ordinal'), or give a "
            "Pipeline with an encoder.",
        )
    missing = [c for c in features.columns if features[c].isna().any()]
    if missing and "NaN" in said:
        column = missing[0].removesuffix("_xf")
        return ParameterError(
            f"{name} takes no missing values, and '{column}' has "
            f"{int(features[missing[0]].isna().sum()):,} (of {len(missing)} such features).",
            where="SklearnTrainer",
            hint="Fill them: TabularPreprocesser(numeric='median').",
        )
    return error
