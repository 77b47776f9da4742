"""How features, labels and predictions are called on their way through a pipeline.

The suffixes are those of ZenML 0.3: a preprocesser turns the feature `distance` into
`distance_xf` and the label `late` into `late_xl`; a prediction of it is `late_o`.
"""

from __future__ import annotations

FEATURE_SUFFIX = "_xf"
LABEL_SUFFIX = "_xl"
OUTPUT_SUFFIX = "_o"


def transformed_feature_name(name: str) -> str:
    """The column of a feature after the preprocesser.

    Example:
        >>> transformed_feature_name("distance")
        'distance_xf'
    """
    return name + FEATURE_SUFFIX


def transformed_label_name(name: str) -> str:
    """The column of a label after the preprocesser.

    Example:
        >>> transformed_label_name("late")
        'late_xl'
    """
    return name + LABEL_SUFFIX


def output_name(name: str) -> str:
    """The column of a label's prediction.

    Example:
        >>> output_name("late")
        'late_o'
    """
    return name + OUTPUT_SUFFIX


def label_of(column: str) -> str:
    """The label that a transformed column is of: the inverse of `transformed_label_name`.

    Example:
        >>> label_of("late_xl")
        'late'
    """
    return column.removesuffix(LABEL_SUFFIX)
