"""The panel of a schema: what the columns of the data should look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.panel import Form, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.core.statistics import Statistics
    from zenlab.core.validation import DataSchema
    from zenlab.views.accept import Accept, Said
    from zenlab.views.schema_payload import Limits


class SchemaPanel(Panel):
    """A schema, a row a column.

    A schema names values without saying how many rows have them. So those of a domain are shown
    as far as the statistics of the same rows allow it (ten rows, not sensitive); without
    statistics only their number is.

    Args:
        schema: what rows should look like.
        title: what it is the schema of.
        statistics: of the rows that it was inferred from, or None.
        accept: takes up columns into the schema that is kept, and says what it did.

    Example:
        >>> from zenlab.core.validation import DataSchema, SchemaFeature
        >>> hour = SchemaFeature("hour", "INT", True, min=0, max=23)
        >>> print(SchemaPanel(DataSchema([hour], origin="inferred from train")))
        Schema
        <BLANKLINE>
        origin   inferred from train
        columns  1
        <BLANKLINE>
        column  type     presence  range
        ──────  ───────  ────────  ──────
        hour    integer  required  0 … 23
    """

    def __init__(
        self,
        schema: DataSchema,
        *,
        title: str = "",
        statistics: Statistics | None = None,
        accept: Accept | None = None,
    ) -> None:
        self.schema = schema
        self.title = title
        self.statistics = statistics
        self._accept = accept

    def __repr__(self) -> str:
        return f"<SchemaPanel {self.title}: {len(self.schema.features)} columns>"

    def accept(self, *features: str) -> Said:
        """Keep this schema, or what it says of some columns.

        Args:
            *features: names of columns; none: all of them.

        Returns:
            What was done, in words.

        Raises:
            DoesNotExistException: the schema has no such column.
            ZenlabError: the panel was not opened by a pipeline or a datasource.
        """
        from zenlab.views.accept import accept

        known = [feature.name for feature in self.schema.features]
        return accept(self._accept, features, known, "pipeline.view_schema()")

    def forms(self) -> Iterator[Form]:
        """The schema with fewer and fewer columns and values."""
        from zenlab.views.schema_payload import LIMITS

        for limits in LIMITS:
            yield self._form(limits)

    def complete(self) -> Form:
        """All columns."""
        from zenlab.views.schema_payload import EVERYTHING

        return self._form(EVERYTHING)

    def _form(self, limits: Limits) -> Form:
        from zenlab.views.schema_document import describe
        from zenlab.views.schema_payload import make

        payload = make(self.schema, self.title, self.statistics, limits)
        return Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a column of the data; values of a domain are there as far as they may be shown."""
        import pandas as pd

        from zenlab.views.schema_payload import domain_size, shown_values, value_rule

        hidden, allowed = value_rule(self.statistics)
        rows = [
            {
                "column": f.name,
                "type": f.type,
                "required": f.required,
                "min_share": f.min_share,
                "values_per_row": list(f.values_per_row),
                "domain_size": domain_size(f),
                "domain": shown_values(f, allowed),
                "min": None if f.name in hidden else f.min,
                "max": None if f.name in hidden else f.max,
                "distinct_share": f.distinct_share,
                "environments": list(f.environments),
                "not_in_environments": list(f.not_in_environments),
                "drift": f.drift,
                "skew": f.skew,
                "deprecated": f.deprecated,
            }
            for f in self.schema.features
        ]
        frame = pd.DataFrame(rows, columns=None if rows else ["column", "type", "required"])
        numbers = ["min_share", "min", "max", "distinct_share", "drift", "skew"]
        kinds = dict.fromkeys(numbers, "float64") | {"domain_size": "Int64"}
        return frame.astype(kinds) if rows else frame

    def figure(self) -> go.Figure:
        """How many columns of which type there are, required or not."""
        import plotly.graph_objects as go

        from zenlab.views.figure_style import COLORS, style
        from zenlab.views.schema_document import TYPE_WORDS

        figure = go.Figure()
        features = self.schema.features
        types = [kind for kind in TYPE_WORDS if any(f.type == kind for f in features)]
        for name, required, color in (("required", True, COLORS[0]), ("optional", False, "#aaa")):
            counts = [sum(f.type == t and f.required == required for f in features) for t in types]
            figure.add_bar(
                x=[TYPE_WORDS[t] for t in types],
                y=counts,
                text=[str(n) if n else "" for n in counts],
                name=name,
                marker={"color": color},
            )
        style(
            figure,
            title_text=f"{len(features):,} columns by type",
            barmode="stack",
            height=320,
        )
        return figure
