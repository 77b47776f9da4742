"""`TabularPreprocesser`: numbers and categories of a table, ready for scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.preprocesser.columns import ColumnPreprocesser, Recipe, check_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OPTIONS = ("numeric", "scaling", "categorical", "max_categories")


class TabularPreprocesser(ColumnPreprocesser):
    """Fill, scale and encode columns, fitted on the split `train` alone.

    | column | becomes |
    |---|---|
    | number | filled (`numeric`), then scaled (`scaling`); one column `<feature>_xf` |
    | boolean | 0 and 1, filled like a number, never scaled |
    | text | `one_hot`: a column `<feature>=<category>_xf` each (uint8); `ordinal`: one of codes |
    | date, time | refused: whether the hour or the year counts is for a transform to say |
    | label | `<label>_xl`, as it is; a missing label is refused |

    Categories are the `max_categories` most frequent values of `train`. Others, and those that
    `train` does not have, are "(other)", missing ones "(missing)". With `one_hot` these two have
    a column if `train` has such rows; if not, such a row later is 0 in all columns. With
    `ordinal` the n categories are 0 .. n-1 in the order of text, "(other)" is n, "(missing)" n+1.

    A step that is None is left out: with `numeric=None` missing numbers stay NaN (trees take
    them), with `categorical=None` text stays text. With all three None, a scikit-learn
    `Pipeline` in the trainer can do its own preprocessing.

    Args:
        features: the columns to learn from.
        labels: the columns to predict.
        numeric: what fills missing numbers: "median", "mean", a number, or None.
        scaling: "standard" (mean 0, deviation 1), "minmax" (0 to 1), or None. Scaled columns are
            float32, unscaled ones float64.
        categorical: "one_hot", "ordinal", or None.
        max_categories: the most categories of a column, at least 1.
        overrides: other options for single features: any of the four above, and `as`:
            "categorical" for a number that stands for a category.

    Example:
        >>> TabularPreprocesser(
        ...     features=["distance", "month", "carrier"],
        ...     labels=["late"],
        ...     categorical="ordinal",
        ...     overrides={"month": {"as": "categorical", "categorical": "one_hot"}},
        ... ).features
        ['distance', 'month', 'carrier']
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        features: Sequence[str],
        labels: Sequence[str],
        numeric: str | float | None = "median",
        scaling: str | None = "standard",
        categorical: str | None = "one_hot",
        max_categories: int = 50,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(features, labels)
        self.options = {
            "numeric": numeric,
            "scaling": scaling,
            "categorical": categorical,
            "max_categories": max_categories,
        }
        self.overrides = {name: dict(options) for name, options in (overrides or {}).items()}
        _check_options(self.options, "TabularPreprocesser")
        check_names(self.overrides, self.features, "feature", "TabularPreprocesser")
        for name, options in self.overrides.items():
            where = f"TabularPreprocesser, overrides of '{name}'"
            check_names(options, ("as", *_OPTIONS), "option", where)
            _check_options({**self.options, **options}, where)

    def feature_recipe(self, name: str, kind: str) -> Recipe:
        """Fill and scale numbers, encode categories.

        Args:
            name: the feature.
            kind: `numeric`, `boolean` or `text`.
        """
        options = {**self.options, **self.overrides.get(name, {})}
        wanted = options.get("as")
        if wanted == "numeric" and kind == "text":
            raise ParameterError(
                f"{self.title}: '{name}' is text and cannot be numeric.",
                where=self.title,
                hint=f"Convert it in a transform: pd.to_numeric(df[{name!r}])",
            )
        if kind == "text" or wanted == "categorical":
            encoding = options["categorical"]
            if encoding is None:
                return Recipe("text", [])
            most = options["max_categories"]
            return Recipe("text", [{"op": encoding, "max_categories": most}])
        steps: list[dict[str, Any]] = []
        filling, scaling = options["numeric"], options["scaling"]
        if isinstance(filling, str):
            steps.append({"op": "fill", "method": filling})
        elif filling is not None:
            steps.append({"op": "fill", "value": float(filling)})
        if scaling is not None and kind == "numeric":
            steps.append({"op": "scale", "method": scaling})
        return Recipe("numbers", steps)


def _check_options(options: Mapping[str, Any], where: str) -> None:
    numeric = options["numeric"]
    if isinstance(numeric, bool) or not (numeric is None or isinstance(numeric, (str, int, float))):
        raise ParameterError(
            f"numeric={numeric!r} is neither a method nor a number nor None.", where=where
        )
    choices = {
        "numeric": ("median", "mean"),
        "scaling": ("standard", "minmax"),
        "categorical": ("one_hot", "ordinal"),
        "as": ("numeric", "categorical"),
    }
    for option, known in choices.items():
        value = options.get(option)
        if (isinstance(value, str) and value not in known) or (
            option != "numeric" and value is not None and not isinstance(value, str)
        ):
            raise ParameterError(
                f"{option}={value!r} is not known.", where=where, hint=suggest(str(value), known)
            )
    most = options["max_categories"]
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ParameterError(f"max_categories={most!r} is not a positive integer.", where=where)
