"""`StandardPreprocesser`: ZenML 0.3's, with its defaults and its methods for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError
from zenlab.steps.preprocesser.columns import ColumnPreprocesser, Recipe, check_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TRANSFORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "scale_by_min_max": ("numbers", ("min", "max")),
    "scale_to_0_1": ("numbers", ()),
    "scale_to_z_score": ("numbers", ()),
    "bucketize": ("numbers", ("num_buckets",)),
    "one_hot_encode": ("numbers", ("depth",)),
    "compute_and_apply_vocabulary": ("text", ()),
    "hash_strings": ("text", ("hash_buckets",)),
    "no_transform": ("", ()),
}
"""Method -> (what it takes, its parameters)."""

_NOT_TABULAR = ("tfidf", "ngrams", "pca", "image_reshape", "load_binary_image")
"""0.3's methods for texts, vectors and images: one value a row does not hold their result."""

_FILLINGS: dict[str, tuple[str, ...]] = {
    "min": (),
    "max": (),
    "mean": (),
    "custom": ("custom_value",),
}

_DEFAULTS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "numeric": {
        "filling": [{"method": "max", "parameters": {}}],
        "transform": [{"method": "scale_to_z_score", "parameters": {}}],
    },
    "boolean": {
        "filling": [{"method": "max", "parameters": {}}],
        "transform": [{"method": "no_transform", "parameters": {}}],
    },
    "text": {
        "filling": [{"method": "custom", "parameters": {"custom_value": ""}}],
        "transform": [{"method": "compute_and_apply_vocabulary", "parameters": {}}],
    },
}


class StandardPreprocesser(ColumnPreprocesser):
    """Fill each column, then transform it by a list of methods.

    | column | filling | transform |
    |---|---|---|
    | number | max | scale_to_z_score |
    | boolean | max | no_transform |
    | text | custom, with "" | compute_and_apply_vocabulary |

    Transforms: `scale_by_min_max(min, max)`, `scale_to_0_1`, `scale_to_z_score`,
    `bucketize(num_buckets)`, `one_hot_encode(depth)`, `compute_and_apply_vocabulary`,
    `hash_strings(hash_buckets)`, `no_transform`. Fillings: `min`, `max`, `mean`,
    `custom(custom_value)`. A vocabulary has the most frequent value first, and -1 stands for
    what is not in it.

    Labels are passed on as they are, and a missing one is refused, unless `overwrite` says
    otherwise.

    Args:
        features: the columns to learn from.
        labels: the columns to predict.
        overwrite: `{column: {"transform": [{"method", "parameters"}], "filling": [...]}}`.

    Example:
        >>> StandardPreprocesser(
        ...     features=["distance", "carrier"],
        ...     labels=["late"],
        ...     overwrite={
        ...         "distance": {
        ...             "transform": [{"method": "bucketize", "parameters": {"num_buckets": 4}}]
        ...         }
        ...     },
        ... ).labels
        ['late']
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        features: Sequence[str],
        labels: Sequence[str],
        overwrite: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(features, labels)
        self.overwrite = {name: dict(changes) for name, changes in (overwrite or {}).items()}
        where = "StandardPreprocesser"
        check_names(self.overwrite, [*self.features, *self.labels], "column", where)
        for name, changes in self.overwrite.items():
            place = f"{where}, overwrite of '{name}'"
            check_names(changes, ("transform", "filling"), "list", place)
            for entry in changes.get("transform", []):
                _check_transform(entry, place)
            for entry in changes.get("filling", []):
                _check_method(entry, _FILLINGS, "filling", place)

    def feature_recipe(self, name: str, kind: str) -> Recipe:
        """The defaults of the column's kind, with what `overwrite` changes.

        Args:
            name: the feature.
            kind: `numeric`, `boolean` or `text`.
        """
        changes = self.overwrite.get(name, {})
        defaults = _DEFAULTS[kind]
        return self._recipe(
            name,
            kind,
            changes.get("filling", defaults["filling"]),
            changes.get("transform", defaults["transform"]),
        )

    def label_recipe(self, name: str, kind: str) -> Recipe | None:
        """What `overwrite` says; None if it says nothing.

        Args:
            name: the label.
            kind: `numeric`, `boolean` or `text`.
        """
        changes = self.overwrite.get(name)
        if changes is None:
            return None
        return self._recipe(name, kind, changes.get("filling", []), changes.get("transform", []))

    def _recipe(
        self, name: str, kind: str, filling: list[dict[str, Any]], transform: list[dict[str, Any]]
    ) -> Recipe:
        """Read a number as text where the first method wants text (a vocabulary of integers)."""
        takes = next((t for t in (_TRANSFORMS[e["method"]][0] for e in transform) if t), "")
        reads = takes or ("text" if kind == "text" else "numbers")
        if kind == "text" and reads == "numbers":
            raise ParameterError(
                f"{self.title}: '{name}' is text, and its first transform takes numbers.",
                where=self.title,
                hint="Begin with compute_and_apply_vocabulary or hash_strings.",
            )
        steps = [_filling(entry, reads, f"{self.title}: '{name}'") for entry in filling]
        steps += [_transform(entry) for entry in transform if entry["method"] != "no_transform"]
        return Recipe(reads, steps)


def _filling(entry: Mapping[str, Any], reads: str, where: str) -> dict[str, Any]:
    method = entry["method"]
    op = "fill" if reads == "numbers" else "fill_text"
    if method == "custom":
        value = entry["parameters"]["custom_value"]
        if op == "fill" and not isinstance(value, (int, float)):
            raise ParameterError(
                f"{where} holds numbers and cannot be filled with {value!r}.", where=where
            )
        return {"op": op, "value": value}
    if op == "fill_text" and method == "mean":
        raise ParameterError(
            f"{where} is text, which has no mean.",
            where=where,
            hint="Fill it with custom: {'method': 'custom', 'parameters': {'custom_value': ''}}",
        )
    return {"op": op, "method": method}


def _transform(entry: Mapping[str, Any]) -> dict[str, Any]:
    method, parameters = entry["method"], entry.get("parameters") or {}
    if method == "scale_to_z_score":
        return {"op": "scale", "method": "standard"}
    if method == "scale_to_0_1":
        return {"op": "scale", "method": "minmax"}
    if method == "scale_by_min_max":
        to = [float(parameters["min"]), float(parameters["max"])]
        return {"op": "scale", "method": "minmax", "to": to}
    if method == "compute_and_apply_vocabulary":
        return {"op": "vocabulary"}
    return {"op": method, **parameters}


def _check_transform(entry: Any, where: str) -> None:
    method = entry.get("method") if isinstance(entry, dict) else None
    if method in _NOT_TABULAR:
        raise ParameterError(
            f"'{method}' is no method for the column of a table.",
            where=where,
            hint="There are: " + ", ".join(sorted(_TRANSFORMS)) + ".",
        )
    known = {name: parameters for name, (_, parameters) in _TRANSFORMS.items()}
    _check_method(entry, known, "transform", where)
    parameters = entry.get("parameters") or {}
    for name in ("num_buckets", "depth", "hash_buckets"):
        value = parameters.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ParameterError(f"{name}={value!r} is not a positive integer.", where=where)
    if method == "scale_by_min_max" and not parameters["min"] < parameters["max"]:
        raise ParameterError("scale_by_min_max: min must be less than max.", where=where)


def _check_method(entry: Any, known: Mapping[str, tuple[str, ...]], what: str, where: str) -> None:
    if not isinstance(entry, dict) or "method" not in entry:
        raise ParameterError(
            f"{entry!r} is no {what}.",
            where=where,
            hint="Write {'method': '...', 'parameters': {...}}.",
        )
    check_names({entry["method"]: None}, known, what, where)
    needed = known[entry["method"]]
    parameters = entry.get("parameters") or {}
    check_names(parameters, needed, f"parameter of '{entry['method']}'", where)
    for name in needed:
        if name not in parameters:
            raise ParameterError(
                f"'{entry['method']}' needs the parameter '{name}'.",
                where=where,
                hint=f"'parameters': {{'{name}': ...}}",
            )
