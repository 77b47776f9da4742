"""`CategoricalDomainSplit` and `CategoricalRatioSplit`: by the values of one column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.arrow_columns import is_text
from zenlab.steps.split.base_split import SKIP, BaseSplitStep, check_split_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa


class _CategoricalSplit(BaseSplitStep):
    """What both have in common once each category has its split."""

    categorical_column: str
    unknown_category_policy: str
    domains: dict[str, list[Any]]
    """The categories of each split."""

    def get_split_names(self) -> list[str]:
        """The splits, in the order in which they were given."""
        return list(self.domains)

    def assign(self, table: pa.Table) -> Any:
        """The split of each row's category.

        Args:
            table: a batch of rows.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        name = self.categorical_column
        if name not in table.column_names:
            raise ParameterError(
                f"There is no column '{name}' to split by.",
                where=self.title,
                hint=suggest(name, table.column_names),
            )
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        splits, values = [], []
        for split, categories in self.domains.items():
            splits += [split] * len(categories)
            values += categories
        found = pc.index_in(column, value_set=self._as_column(values, column.type))
        unknown = None if self.unknown_category_policy == SKIP else self.unknown_category_policy
        assigned = pa.array(splits, pa.string()).take(found)
        return assigned if unknown is None else assigned.fill_null(unknown)

    def _as_column(self, values: list[Any], kind: pa.DataType) -> pa.Array:
        """The categories in the column's type; text is no number and no number is text."""
        import pyarrow as pa

        wrong = [value for value in values if isinstance(value, str) != is_text(kind)]
        try:
            array = pa.array(values, type=None if wrong else kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            wrong = values
        if wrong:
            raise ParameterError(
                f"Category {wrong[0]!r} is a {type(wrong[0]).__name__}, and the column "
                f"'{self.categorical_column}' is of type {kind}.",
                where=self.title,
                hint="Give the categories in the type of the column.",
            )
        return array

    def _check(self) -> None:
        where = type(self).__name__
        names = check_split_names(self.domains, where)
        if len(names) < 2:
            raise ParameterError(
                f"{where} has one split only.", where=where, hint="For one split use NoSplit()."
            )
        owner: dict[Any, str] = {}
        for split, categories in self.domains.items():
            for category in categories:
                if category is None:
                    raise ParameterError(
                        "None is not a category.",
                        where=where,
                        hint="Missing values go where unknown_category_policy says.",
                    )
                if category in owner:
                    raise ParameterError(
                        f"Category {category!r} is in split '{owner[category]}' and in '{split}'.",
                        where=where,
                    )
                owner[category] = split
            if not categories:
                raise ParameterError(
                    f"Split '{split}' has no category.",
                    where=where,
                    hint="Give it categories or a larger ratio, or leave it out.",
                )
        policy = self.unknown_category_policy
        if policy != SKIP and policy not in names:
            raise ParameterError(
                f"unknown_category_policy={policy!r} is neither '{SKIP}' nor a split.",
                where=where,
                hint=suggest(str(policy), [SKIP, *names]),
            )


class CategoricalDomainSplit(_CategoricalSplit):
    """Each split gets the rows of certain categories.

    Args:
        categorical_column: a column of text, integers or booleans.
        split_map: the categories of each split.
        unknown_category_policy: the split that rows of all other categories, and rows without
            one, go to; `"skip"` leaves them out.

    Example:
        >>> CategoricalDomainSplit("origin", {"train": ["EWR", "JFK"], "eval": ["LGA"]}).domains
        {'train': ['EWR', 'JFK'], 'eval': ['LGA']}
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        categorical_column: str,
        split_map: Mapping[str, Sequence[str | int]],
        unknown_category_policy: str = SKIP,
    ) -> None:
        self.categorical_column = categorical_column
        self.unknown_category_policy = unknown_category_policy
        self.domains = {name: list(categories) for name, categories in split_map.items()}
        self._check()


class CategoricalRatioSplit(_CategoricalSplit):
    """Each split gets a share of the categories (not of the rows), in the order they are given.

    Of n categories, the split with the cumulated ratio r ends after round(n * r), halves up.

    Args:
        categorical_column: a column of text, integers or booleans.
        categories: the categories to share out.
        split_ratio: share of each split, all positive, with the sum 1.
        unknown_category_policy: the split that rows of all other categories, and rows without
            one, go to; `"skip"` leaves them out.

    Example:
        >>> split = CategoricalRatioSplit(
        ...     "color", ["red", "green", "blue", "grey"], {"train": 0.75, "eval": 0.25}
        ... )
        >>> split.domains
        {'train': ['red', 'green', 'blue'], 'eval': ['grey']}
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        categorical_column: str,
        categories: Sequence[str | int],
        split_ratio: Mapping[str, float],
        unknown_category_policy: str = SKIP,
    ) -> None:
        total = math.fsum(split_ratio.values())
        if abs(total - 1) > 1e-9 or any(ratio <= 0 for ratio in split_ratio.values()):
            raise ParameterError(
                f"The ratios of split_ratio have the sum {total:g}; they must be positive and "
                "have the sum 1.",
                where="CategoricalRatioSplit",
            )
        self.categorical_column = categorical_column
        self.unknown_category_policy = unknown_category_policy
        self.domains = _shared_out(list(categories), split_ratio)
        self._check()


def _shared_out(categories: list[Any], ratios: Mapping[str, float]) -> dict[str, list[Any]]:
    domains: dict[str, list[Any]] = {}
    start = 0
    shares = list(ratios.values())
    for i, name in enumerate(ratios):
        end = math.floor(len(categories) * math.fsum(shares[: i + 1]) + 0.5)
        domains[name] = categories[start:end]
        start = end
    return domains
