"""What a preprocesser does to one column: small operations, each with a state that is JSON.

A column is read as *numbers* (a numpy array of float64 in which NaN is missing) or as *text* (an
Arrow array of strings in which null is missing). A recipe is a list of operations; fitting it on
the column of `train` gives a list of states, which is all that transforming needs:

    [{"op": "fill", "method": "median"}, {"op": "scale", "method": "standard"}]       a recipe
    [{"op": "fill", "value": 872.0}, {"op": "scale", "center": 1039.9, "scale": 733.2}]   fitted
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from zenlab.core.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]

MISSING = "(missing)"
"""The category of a missing value."""

OTHER = "(other)"
"""The category of values that are too rare to have one of their own, or not in `train`."""


class Operation(NamedTuple):
    """How an operation is fitted and applied.

    Attributes:
        takes: `numbers` or `text`.
        fit: (column of train, recipe without "op") -> state without "op".
        apply: (column, state) -> column; or columns by suffix of name, as the last operation.
    """

    takes: str
    fit: Callable[[Any, dict[str, Any]], dict[str, Any]]
    apply: Callable[[Any, dict[str, Any]], Any]


def fit(values: Any, recipe: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Fit each operation on what the ones before it make of the column.

    Args:
        values: the column of `train`, as numbers or text.
        recipe: the operations.
        where: the feature, for messages.

    Returns:
        The states, in the order of the recipe.
    """
    states: list[dict[str, Any]] = []
    for step in recipe:
        name = step["op"]
        operation = OPERATIONS[name]
        kind = "numbers" if hasattr(values, "dtype") else "text"
        if isinstance(values, dict) or kind != operation.takes:
            has = "several columns" if isinstance(values, dict) else kind
            raise ParameterError(
                f"'{step.get('method', name)}' takes {operation.takes}, and {where} is {has} here.",
                where=where,
            )
        options = {key: value for key, value in step.items() if key != "op"}
        try:
            state = {"op": name, **operation.fit(values, options)}
        except _NoValueError:
            raise ParameterError(
                f"{where} has no value in the split 'train'.",
                where=where,
                hint="Leave it out of the features.",
            ) from None
        except _NotFiniteError as error:
            raise ParameterError(
                f"{where} has {error} infinite values in the split 'train'.",
                where=where,
                hint="Replace them in a transform: df.replace([np.inf, -np.inf], np.nan).",
            ) from None
        states.append(state)
        values = operation.apply(values, state)
    return states


def apply(values: Any, states: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply fitted operations.

    Args:
        values: a column of any split, as numbers or text.
        states: what `fit` returned.

    Returns:
        The new columns by the suffix of their name (`""`, `"=AA"`): numpy or Arrow arrays.
        Scaled numbers are float32; unscaled ones stay float64, which holds every int32 and
        identifiers of up to 53 bits; codes are int32; one-hot columns are uint8.
    """
    for state in states:
        values = OPERATIONS[state["op"]].apply(values, state)
    if isinstance(values, dict):
        return values
    if states and states[-1]["op"] == "scale":
        values = values.astype("float32")
    elif states and states[-1]["op"] in _GIVES_CODES:
        values = values.astype("int32")
    return {"": values}


class _NoValueError(Exception):
    pass


class _NotFiniteError(Exception):
    pass


def _fit_fill(values: Numbers, options: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    if "value" in options:
        return {"value": options["value"]}
    present = values[~np.isnan(values)]
    if not len(present):
        raise _NoValueError
    return {"value": float(getattr(np, options["method"])(present))}


def _fill(values: Numbers, state: dict[str, Any]) -> Numbers:
    import numpy as np

    return np.where(np.isnan(values), state["value"], values)


def _fit_scale(values: Numbers, options: dict[str, Any]) -> dict[str, Any]:
    """(x - center) / scale; a constant column has the scale 1."""
    import numpy as np

    present = values[~np.isnan(values)]
    if not len(present):
        raise _NoValueError
    infinite = int(np.isinf(present).sum())
    if infinite:
        raise _NotFiniteError(infinite)
    if options["method"] == "standard":
        center, scale = float(present.mean()), float(present.std())
        # A constant's computed deviation may differ from 0 by rounding: scikit-learn's criterion.
        if scale <= 10 * np.finfo(np.float64).eps * max(abs(center), 1e-300):
            scale = 1.0
        return {"center": center, "scale": scale}
    low, high = float(present.min()), float(present.max())
    to_low, to_high = options.get("to", (0.0, 1.0))
    scale = (high - low) / (to_high - to_low) or 1.0
    return {"center": low - to_low * scale, "scale": scale}


def _scale(values: Numbers, state: dict[str, Any]) -> Numbers:
    scaled: Numbers = (values - state["center"]) / state["scale"]
    return scaled


def _fit_bucketize(values: Numbers, options: dict[str, Any]) -> dict[str, Any]:
    """Boundaries at the quantiles i/n, i = 1 .. n-1: values that occur, equal ones joined."""
    import numpy as np

    present = values[~np.isnan(values)]
    if not len(present):
        raise _NoValueError
    count = options["num_buckets"]
    cuts = np.quantile(present, np.arange(1, count) / count, method="inverted_cdf")
    return {"boundaries": np.unique(cuts).tolist()}


def _bucketize(values: Numbers, state: dict[str, Any]) -> Numbers:
    import numpy as np

    return np.searchsorted(state["boundaries"], values, side="right").astype(np.float64)


def _fit_fill_text(values: pa.Array, options: dict[str, Any]) -> dict[str, Any]:
    import pyarrow.compute as pc

    if "value" in options:
        return {"value": str(options["value"])}
    extremes = pc.min_max(values)
    value = extremes[options["method"]].as_py()
    if value is None:
        raise _NoValueError
    return {"value": value}


def _fit_categories(values: pa.Array, options: dict[str, Any]) -> dict[str, Any]:
    """The most frequent values (of equally frequent ones the lesser), in the order of text."""
    counted = _counted(values)
    if not counted:
        raise _NoValueError
    kept = sorted(counted[: options["max_categories"]])
    return {
        "categories": kept,
        "other": len(counted) > len(kept),
        "missing": values.null_count > 0,
    }


def _one_hot(values: pa.Array, state: dict[str, Any]) -> dict[str, npt.NDArray[np.uint8]]:
    """A column a category; what has none (because `train` had none) is 0 in all of them."""
    codes, missing = _codes(values, state["categories"])
    columns = {f"={name}": codes == i for i, name in enumerate(state["categories"])}
    if state["other"]:
        columns[f"={OTHER}"] = (codes < 0) & ~missing
    if state["missing"]:
        columns[f"={MISSING}"] = missing
    return {name: column.astype("uint8") for name, column in columns.items()}


def _ordinal(values: pa.Array, state: dict[str, Any]) -> Any:
    """0 .. n-1 for the categories, n for all others, n+1 for a missing value."""
    codes, missing = _codes(values, state["categories"])
    size = len(state["categories"])
    codes[codes < 0] = size
    codes[missing] = size + 1
    return codes


def _fit_vocabulary(values: pa.Array, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"vocabulary": _counted(values)}


def _vocabulary(values: pa.Array, state: dict[str, Any]) -> Any:
    """The place in the vocabulary; -1 for what is not in it, as in TensorFlow Transform."""
    return _codes(values, state["vocabulary"])[0].astype("float64")


def _hash_strings(values: pa.Array, state: dict[str, Any]) -> Any:
    """BLAKE2b (8 bytes, little-endian) of the UTF-8, modulo the number of buckets."""
    import numpy as np

    encoded = values.fill_null("").dictionary_encode()
    buckets = [
        int.from_bytes(hashlib.blake2b(v.encode(), digest_size=8).digest(), "little")
        % state["hash_buckets"]
        for v in encoded.dictionary.to_pylist()
    ]
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    return np.asarray(buckets, dtype=np.float64)[indices]


def _one_hot_encode(values: Numbers, state: dict[str, Any]) -> dict[str, npt.NDArray[np.uint8]]:
    """0.3's: the integers 0 .. depth-1; any other value is 0 in all columns."""
    return {f"={i}": (values == i).astype("uint8") for i in range(state["depth"])}


def _codes(values: pa.Array, known: list[str]) -> tuple[Any, Any]:
    """The index of each value in `known` (-1: not in it) and whether it is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(values, value_set=pa.array(known, values.type), skip_nulls=True)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    return found.fill_null(-1).to_numpy(zero_copy_only=False).copy(), missing


def _counted(values: pa.Array) -> list[str]:
    """Distinct values, the most frequent first, equally frequent ones in the order of text."""
    counts = [(c["counts"], c["values"]) for c in values.value_counts().to_pylist()]
    present = [(-count, value) for count, value in counts if value is not None]
    return [value for _, value in sorted(present)]


def _as_given(_values: Any, options: dict[str, Any]) -> dict[str, Any]:
    return options


OPERATIONS = {
    "fill": Operation("numbers", _fit_fill, _fill),
    "scale": Operation("numbers", _fit_scale, _scale),
    "bucketize": Operation("numbers", _fit_bucketize, _bucketize),
    "one_hot_encode": Operation("numbers", _as_given, _one_hot_encode),
    "fill_text": Operation("text", _fit_fill_text, lambda v, state: v.fill_null(state["value"])),
    "one_hot": Operation("text", _fit_categories, _one_hot),
    "ordinal": Operation("text", _fit_categories, _ordinal),
    "vocabulary": Operation("text", _fit_vocabulary, _vocabulary),
    "hash_strings": Operation("text", _as_given, _hash_strings),
}

_GIVES_CODES = ("bucketize", "vocabulary", "hash_strings", "ordinal")
