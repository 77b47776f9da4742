"""`ColumnPreprocesser`: one recipe a column. Tabular and Standard differ in the recipes only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.arrow_columns import as_numbers, as_text, column_array, count_missing, is_text
from zenlab.steps.naming import transformed_feature_name, transformed_label_name
from zenlab.steps.preprocesser import operations
from zenlab.steps.preprocesser.base_preprocesser import BasePreprocesserStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from zenlab.core.dataset import Dataset

STATE_VERSION = 1


class Recipe(NamedTuple):
    """How a column is read (`numbers` or `text`), and what is done to it, in order."""

    reads: str
    operations: list[dict[str, Any]]


class ColumnPreprocesser(BasePreprocesserStep):
    """A preprocesser that treats each column by itself; subclasses say how.

    `fit` holds one column of `train` at a time (8 bytes a number), so medians are exact and no
    statistic depends on the size of a batch; `transform` works in batches.

    Args:
        features: the columns that become `<feature>_xf`, in this order.
        labels: the columns that become `<label>_xl`. A missing label is refused.
    """

    def __init__(self, features: Sequence[str], labels: Sequence[str]) -> None:
        where = type(self).__name__
        for what, names in (("features", features), ("labels", labels)):
            if isinstance(names, str):
                raise ParameterError(
                    f"{what}={names!r} is a string, not a list of columns.",
                    where=where,
                    hint=f"Write {what}=[{names!r}].",
                )
        self.features = list(features)
        self.labels = list(labels)
        if not self.features:
            raise ParameterError(f"{where} has no features.", where=where)
        seen: set[str] = set()
        for name in [*self.features, *self.labels]:
            if name in seen:
                both = name in self.features and name in self.labels
                raise ParameterError(
                    f"'{name}' is a feature and a label." if both else f"'{name}' comes twice.",
                    where=where,
                    hint="Leave it out of the features." if both else None,
                )
            seen.add(name)

    def feature_recipe(self, name: str, kind: str) -> Recipe:
        """What to do to a feature.

        Args:
            name: the column.
            kind: `numeric`, `boolean` or `text`.
        """
        raise NotImplementedError

    def label_recipe(self, name: str, kind: str) -> Recipe | None:  # noqa: ARG002 - for overrides
        """What to do to a label; None, the default, passes it on as it is.

        Args:
            name: the column.
            kind: `numeric`, `boolean` or `text`.
        """
        return None

    def fit(self, train: Dataset) -> dict[str, Any]:
        """Fit each column's recipe.

        Args:
            train: the rows of the split `train`.

        Returns:
            `{"version", "features": {name: {"reads", "operations"}}, "labels": ..., "columns"}`;
            a label that is passed on has `{}`.
        """
        schema = train.schema
        state: dict[str, Any] = {"version": STATE_VERSION, "features": {}, "labels": {}}
        for name in self.features:
            recipe = self.feature_recipe(name, column_kind(schema, name, self.title))
            state["features"][name] = self._fit_column(train, name, recipe)
        for name in self.labels:
            label = self.label_recipe(name, column_kind(schema, name, self.title))
            state["labels"][name] = {} if label is None else self._fit_column(train, name, label)
        no_rows = train.schema.empty_table()
        state["columns"] = _unique(self._apply(no_rows, state), self.title)
        return state

    def transform(self, df: pd.DataFrame, state: Any) -> pd.DataFrame:
        """Transform rows of any origin, those to predict too: labels may be absent.

        Args:
            df: rows with the features' columns.
            state: what `fit` returned.

        Returns:
            One row a row, with the index of `df`.
        """
        import pyarrow as pa

        wanted = [name for name in [*self.features, *self.labels] if name in df.columns]
        table = pa.Table.from_pandas(df[wanted], preserve_index=False)
        frame: pd.DataFrame = self._transform_batch(table, state).to_pandas()
        return frame.set_axis(df.index)

    def _transform_batch(self, batch: pa.Table, state: Any) -> pa.Table:
        import pyarrow as pa

        columns = self._apply(batch, state)
        return pa.table({name: pa.array(values) for name, values in columns})

    def _apply(self, table: pa.Table, state: Any) -> list[tuple[str, Any]]:
        """The new columns, as (name, array)."""
        columns: list[tuple[str, Any]] = []
        for name, fitted in state["features"].items():
            column = column_array(table, name, self.title)
            values = _READERS[fitted["reads"]](column)
            for suffix, array in operations.apply(values, fitted["operations"]).items():
                columns.append((transformed_feature_name(name + suffix), array))
        for name, fitted in state["labels"].items():
            if name not in table.column_names:
                continue
            column = column_array(table, name, self.title)
            if not fitted:
                columns.append((transformed_label_name(name), column))
                continue
            values = _READERS[fitted["reads"]](column)
            for suffix, array in operations.apply(values, fitted["operations"]).items():
                columns.append((transformed_label_name(name + suffix), array))
        return columns

    def _fit_column(self, train: Dataset, name: str, recipe: Recipe) -> dict[str, Any]:
        values = _READERS[recipe.reads](column_array(train.to_arrow([name]), name, self.title))
        fitted = operations.fit(values, recipe.operations, f"{self.title}: '{name}'")
        return {"reads": recipe.reads, "operations": fitted}

    def _check_split(self, name: str, data: Dataset) -> None:
        names = data.column_names
        for column in [*self.features, *self.labels]:
            if column not in names:
                raise ParameterError(
                    f"{self.title}: there is no column '{column}'.",
                    where=self.title,
                    hint=suggest(column, names),
                )
        for label in self.labels:
            kind = column_kind(data.schema, label, self.title)
            recipe = self.label_recipe(label, kind)
            filled = recipe is not None and any(
                step["op"] in ("fill", "fill_text") for step in recipe.operations
            )
            missing = (
                0
                if filled
                else count_missing(column_array(data.to_arrow([label]), label, self.title))
            )
            if missing:
                raise ParameterError(
                    f"{self.title}: label '{label}' is missing in {missing:,} of "
                    f"{data.num_rows:,} rows of the split '{name}'.",
                    where=self.title,
                    hint=f"Drop them in a transform: df.dropna(subset=[{label!r}])",
                )


def column_kind(schema: pa.Schema, name: str, where: str) -> str:
    """What a column holds: `numeric`, `boolean` or `text`.

    Args:
        schema: the schema of the rows.
        name: the column.
        where: the step, for messages.

    Raises:
        ParameterError: it holds something that has no number and no category, such as a time.
    """
    import pyarrow as pa

    t, kind = pa.types, schema.field(name).type
    if t.is_dictionary(kind):
        kind = kind.value_type
    if t.is_boolean(kind):
        return "boolean"
    if t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind):
        return "numeric"
    if is_text(kind):
        return "text"
    hint = "Leave it out, or make numbers or text of it in a transform."
    if t.is_timestamp(kind) or t.is_date(kind):
        hint = f"Say what counts, in a transform: df['hour'] = df[{name!r}].dt.hour"
    elif t.is_duration(kind) or t.is_time(kind):
        hint = f"Make a number of it, in a transform: df[{name!r}].dt.total_seconds()"
    elif t.is_null(kind):
        hint = "It has no value at all: leave it out."
    raise ParameterError(
        f"{where} cannot use column '{name}' of type {kind}.", where=where, hint=hint
    )


_READERS: dict[str, Callable[[Any], Any]] = {"numbers": as_numbers, "text": as_text}


def _unique(columns: Iterable[tuple[str, Any]], where: str) -> list[str]:
    names: list[str] = []
    for name, _ in columns:
        if name in names:
            raise ParameterError(
                f"{where} would make two columns '{name}'.",
                where=where,
                hint="Rename one of the columns, or a category, in a transform.",
            )
        names.append(name)
    return names


def check_names(given: Mapping[str, Any], known: Iterable[str], what: str, where: str) -> None:
    """Refuse keys that are not known, with a suggestion.

    Args:
        given: a user's dict.
        known: the keys it may have.
        what: what the keys are, for the message: `option`.
        where: the place, for the message.
    """
    known = list(known)
    for name in given:
        if name not in known:
            raise ParameterError(
                f"{where} has no {what} '{name}'.", where=where, hint=suggest(str(name), known)
            )
