"""`RandomSplit`: rows at random, yet always the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.split.base_split import BaseSplitStep, check_split_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

POSITION = "position"


class RandomSplit(BaseSplitStep):
    """Send each row to a split by a hash of what identifies it.

    Nothing is drawn: a row's split follows from the row and the seed alone. It is the same on
    every machine and under every version of Python, pandas and pyarrow, and other rows do not
    move it.

    The algorithm: h is the 64-bit hash of the row's cells (`zenlab.steps.split.row_hash` gives
    it to the bit) and u = (h >> 11) / 2^53, a number in [0, 1). The row goes to the first split,
    in the order of `split_map`, whose cumulated share is greater than u; the last split ends at
    1. So 0.7/0.3 changed to 0.8/0.2 moves a tenth of the rows, and only from the second split
    to the first.

    Args:
        split_map: share of each split, all positive, with the sum 1.
        by: what identifies a row:

            - None: its content. Equal rows meet in one split, so that no copy of a training row
              is ever evaluated. A changed cell or another column is another row.
            - `["col", ...]`: these columns. Rows with equal values stay together (all flights of
              a plane), and stay where they are when columns are added.
            - `"position"`: its place in the snapshot.
        seed: another seed gives another split.

    Example:
        >>> RandomSplit({"train": 0.7, "eval": 0.2, "test": 0.1})
        RandomSplit(split_map={'train': 0.7, 'eval': 0.2, 'test': 0.1}, by=None, seed=0)
        >>> RandomSplit({"train": 0.8, "eval": 0.2}, by=["tailnum"]).get_split_names()
        ['train', 'eval']
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        split_map: Mapping[str, float],
        by: Sequence[str] | str | None = None,
        seed: int = 0,
    ) -> None:
        self.split_map = _checked_shares(split_map)
        if isinstance(by, str) and by != POSITION:
            raise ParameterError(
                f"by={by!r} is neither a list of columns nor '{POSITION}'.",
                where="RandomSplit",
                hint=f"For the column, write by=[{by!r}].",
            )
        if by is not None and not by:
            raise ParameterError(
                "by=[] names no column.", where="RandomSplit", hint="Leave it out for whole rows."
            )
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ParameterError(f"seed={seed!r} is not an integer.", where="RandomSplit")
        self.by = by if by is None or isinstance(by, str) else list(by)
        self.seed = seed
        self._bounds = _cumulated(list(self.split_map.values()))
        self._seen: list[npt.NDArray[np.uint64]] = []
        self._without_key = 0

    def get_split_names(self) -> list[str]:
        """The names of `split_map`, in its order."""
        return list(self.split_map)

    def assign(self, table: pa.Table) -> Any:
        """The split of each row, as an Arrow dictionary array.

        Args:
            table: a batch of rows; `self.offset` is the place of its first one.
        """
        import numpy as np
        import pyarrow as pa

        from zenlab.steps.split.row_hash import unit_interval

        if self.offset == 0:
            self._seen, self._without_key = [], 0
        shares = unit_interval(self._hashes(table))
        codes = np.searchsorted(self._bounds, shares, side="right").astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(self.split_map)))

    def _hashes(self, table: pa.Table) -> npt.NDArray[np.uint64]:
        from zenlab.steps.split.row_hash import hash_positions, hash_rows

        if self.by == POSITION:
            return hash_positions(self.offset, table.num_rows, self.seed)
        names = table.column_names if self.by is None else list(self.by)
        for name in names:
            if name not in table.column_names:
                raise ParameterError(
                    f"There is no column '{name}' to split by.",
                    where="RandomSplit",
                    hint=suggest(name, table.column_names),
                )
        hashes = hash_rows(((name, table[name]) for name in names), table.num_rows, self.seed)
        if self.by is None:
            self._seen.append(hashes)  # 8 bytes a row, to count the duplicates
        else:
            self._without_key += min(table[name].null_count for name in names)
        return hashes

    def report(self, counts: Mapping[str, int], total: int) -> None:
        """Tell shares that are off, duplicate rows, and rows without a key.

        Args:
            counts: rows of each split.
            total: all rows.
        """
        super().report(counts, total)
        if any(_off(counts[name] / total, share) for name, share in self.split_map.items()):
            actual = ", ".join(f"{name} {counts[name] / total:.1%}" for name in self.split_map)
            wanted = ", ".join(f"{name} {share:.1%}" for name, share in self.split_map.items())
            self.context.finding(f"The splits have {actual} of {total:,} rows, asked: {wanted}.")
        repeated = self._repeated()
        if repeated:
            self.context.finding(
                f"{repeated:,} of {total:,} rows ({repeated / total:.1%}) repeat another row; "
                "equal rows are in the same split."
            )
        if self._without_key:
            self.context.finding(
                f"{self._without_key:,} of {total:,} rows have no value in {self.by}; "
                "they are in one split together."
            )

    def _repeated(self) -> int:
        import numpy as np

        if not self._seen:
            return 0
        hashes = np.concatenate(self._seen)
        self._seen = []
        hashes.sort()
        return int((hashes[1:] == hashes[:-1]).sum())


def _checked_shares(split_map: Mapping[str, float]) -> dict[str, float]:
    check_split_names(split_map, "RandomSplit")
    for name, share in split_map.items():
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not share > 0:
            raise ParameterError(
                f"The share of split '{name}' is {share!r}, not a positive number.",
                where="RandomSplit",
            )
        if name == "skip":
            raise ParameterError(
                "A split cannot be called 'skip'.", where="RandomSplit", hint="Use another name."
            )
    total = math.fsum(split_map.values())
    if abs(total - 1) > 1e-9:
        shares = ", ".join(f"'{name}': {share / total:.4g}" for name, share in split_map.items())
        raise ParameterError(
            f"The shares of split_map have the sum {total:g}, not 1.",
            where="RandomSplit",
            hint=f"In these proportions: {{{shares}}}",
        )
    return dict(split_map)


def _cumulated(shares: list[float]) -> list[float]:
    """The upper bounds of all splits but the last, each correctly rounded."""
    return [math.fsum(shares[: i + 1]) for i in range(len(shares) - 1)]


def _off(actual: float, wanted: float) -> bool:
    """By more than 2 percentage points, or by a fifth of what was asked for."""
    return abs(actual - wanted) > min(0.02, 0.2 * wanted)
