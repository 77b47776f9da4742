"""`examples`: what trainers and evaluators see of a transformed split, X and y."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError
from zenlab.steps.naming import FEATURE_SUFFIX, LABEL_SUFFIX, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from zenlab.core.dataset import Dataset


def feature_columns(names: Sequence[str], where: str) -> list[str]:
    """The columns of features, `<feature>_xf`, in their order.

    Args:
        names: all columns.
        where: the step, for messages.

    Raises:
        ParameterError: there is none.
    """
    found = [name for name in names if name.endswith(FEATURE_SUFFIX)]
    if not found:
        raise _nothing("features", FEATURE_SUFFIX, names, where)
    return found


def label_columns(names: Sequence[str], where: str) -> list[str]:
    """The columns of labels, `<label>_xl`, in their order.

    Args:
        names: all columns.
        where: the step, for messages.

    Raises:
        ParameterError: there is none.
    """
    found = [name for name in names if name.endswith(LABEL_SUFFIX)]
    if not found:
        raise _nothing("labels", LABEL_SUFFIX, names, where)
    return found


def feature_matrix(examples: Dataset, where: str = "examples") -> pd.DataFrame:
    """X: the features of a split.

    Args:
        examples: a transformed split.
        where: the step, for messages.

    Returns:
        Shape (rows, features); the names of the columns are those of the split.
    """
    return examples.to_pandas(feature_columns(examples.column_names, where))


def label_values(examples: Dataset, where: str = "examples") -> Any:
    """Y: the labels of a split, as scikit-learn takes them.

    Args:
        examples: a transformed split.
        where: the step, for messages.

    Returns:
        A numpy array of shape (rows,) for one label, (rows, labels) for several.
    """
    columns = label_columns(examples.column_names, where)
    frame = examples.to_pandas(columns)
    # As plain numpy: what pandas makes of text differs between its versions.
    arrays = [_plain_array(frame[name]) for name in columns]
    if len(arrays) == 1:
        return arrays[0]
    import numpy as np

    return np.column_stack(arrays)


def label_names(examples: Dataset, where: str = "examples") -> list[str]:
    """The labels of a split, without the suffix.

    Args:
        examples: a transformed split.
        where: the step, for messages.
    """
    return [label_of(name) for name in label_columns(examples.column_names, where)]


def _plain_array(column: pd.Series[Any]) -> Any:
    if column.dtype.kind in "biuf":
        return column.to_numpy()
    return column.to_numpy(dtype=object)


def _nothing(what: str, suffix: str, names: Sequence[str], where: str) -> ParameterError:
    shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    return ParameterError(
        f"{where} finds no {what}: no column ends with '{suffix}' (there are: {shown}).",
        where=where,
        hint=f"Add a TabularPreprocesser({what}=[...]) before it.",
    )
