"""`BasePreprocesserStep`: fit on `train`, then transform each split, row by row in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.canonical import plain
from zenlab.core.dataset import DEFAULT_BATCH_ROWS
from zenlab.core.errors import ParameterError
from zenlab.steps.base import RunnableStep, train_split
from zenlab.steps.frames import checked_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from zenlab.core.dataset import Dataset

STATE = "preprocesser"
"""The output that holds the fitted state."""


class BasePreprocesserStep(RunnableStep):
    """Override `fit` and `transform`; or, as in 0.3, `preprocessing_fn`.

    The transformed splits have the same rows in the same order. Features are called
    `<feature>_xf` and labels `<label>_xl` (`zenlab.utils.naming_utils`); columns that are called
    otherwise are kept, and trainers do not look at them.

    Attributes:
        batch_rows: the most rows that `transform` gets at once; None for a split at once.

    Example:
        >>> class Centered(BasePreprocesserStep):
        ...     def fit(self, train):
        ...         return {"mean": float(train.to_pandas(["distance"])["distance"].mean())}
        ...
        ...     def transform(self, df, state):
        ...         distance = df["distance"] - state["mean"]
        ...         return pd.DataFrame({"distance_xf": distance, "late_xl": df["late"]})
    """

    KIND: ClassVar[str] = "preprocesser"

    batch_rows: ClassVar[int | None] = DEFAULT_BATCH_ROWS

    def fit(self, train: Dataset) -> Any:  # noqa: ARG002 - for overrides
        """Learn what `transform` needs; nothing by default.

        Args:
            train: the rows of the split `train`.

        Returns:
            The state, of plain data (it is kept as JSON): numbers, strings, lists, dicts.
        """
        return {}

    def transform(self, df: pd.DataFrame, state: Any) -> pd.DataFrame:  # noqa: ARG002
        """Transform rows, each by itself: a batch may be of any size.

        Args:
            df: rows of any split.
            state: what `fit` returned, after a way through JSON.

        Returns:
            One row a row, in the same order. By default what `preprocessing_fn` returns.
        """
        result = self.preprocessing_fn({str(name): df[name].to_numpy() for name in df.columns})
        return self._frame_of(result, df)

    def preprocessing_fn(self, inputs: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """0.3's way: from columns to columns, one split at a time.

        There is no pass over `train` before it, as TensorFlow Transform had: what is computed
        over the rows here is computed for each split by itself. What is fitted belongs into `fit`.

        Args:
            inputs: the columns by name, each of shape (rows,).

        Returns:
            The columns by new name, each of shape (rows,) or (rows, 1).
        """
        raise NotImplementedError(
            f"{type(self).__name__} overrides neither transform(df, state) nor preprocessing_fn"
        )

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        splits: Mapping[str, Dataset] = inputs["splits"]
        train = train_split(splits, self.title)
        for name, data in splits.items():
            self._check_split(name, data)
        state = self._stored(self.fit(train))
        outputs: dict[str, Any] = {}
        done, total = 0, sum(data.num_rows for data in splits.values())
        for name, data in splits.items():
            outputs[name] = self.context.dataset_writer(name)
            for batch in self._batches(data):
                outputs[name].write(self._transform_batch(batch, state))
                done += batch.num_rows
                self.context.progress(done, total, name)
        outputs[STATE] = state
        return outputs

    def _check_split(self, name: str, data: Dataset) -> None:
        """Refuse a split that cannot be transformed, before any work is done."""

    def _transform_batch(self, batch: pa.Table, state: Any) -> Any:
        frame = batch.to_pandas()
        # A copy of the index is enough: that the user changes `frame` in place is fine.
        before = frame[[]]
        return checked_rows(self.transform(frame, state), before, self.title)

    def _batches(self, data: Dataset) -> Iterator[pa.Table]:
        import pyarrow as pa

        at_once = type(self).preprocessing_fn is not BasePreprocesserStep.preprocessing_fn
        if self.batch_rows is None or at_once:
            yield data.to_arrow()
            return
        for batch in data.batches(self.batch_rows):
            yield pa.Table.from_batches([batch])

    def _stored(self, state: Any) -> Any:
        """The state as it will be read again: `transform` never sees what JSON would change."""
        try:
            return json.loads(json.dumps(plain({} if state is None else state, "state")))
        except (ParameterError, TypeError) as error:
            message = error.message if isinstance(error, ParameterError) else str(error)
            raise ParameterError(
                f"{self.title}: fit returned a state that is no plain data. {message}",
                where=self.title,
                hint="Return numbers, strings, lists and dicts, such as {'mean': float(x.mean())}.",
            ) from None

    def _frame_of(self, columns: Any, df: pd.DataFrame) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        if not isinstance(columns, dict):
            raise ParameterError(
                f"{self.title}: preprocessing_fn returned a {type(columns).__name__}, not a dict "
                "of columns.",
                where=self.title,
            )
        flat: dict[str, Any] = {}
        for name, values in columns.items():
            array = np.asarray(values)
            if array.ndim == 2 and array.shape[1] == 1:
                array = array[:, 0]
            if array.shape != (len(df),):
                raise ParameterError(
                    f"{self.title}: preprocessing_fn returned '{name}' of shape {array.shape} for "
                    f"{len(df):,} rows.",
                    where=self.title,
                    hint="Return one value a row for each column; give a matrix as columns.",
                )
            flat[name] = array
        return pd.DataFrame(flat, index=df.index)
