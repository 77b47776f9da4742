"""The panel of statistics: what the columns of the data hold, in all splits side by side."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from zenlab.views.panel import Form, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.core.statistics import DatasetStatistics, Statistics
    from zenlab.core.validation import Anomalies
    from zenlab.views.statistics_interest import Column
    from zenlab.views.statistics_payload import Limits


class StatisticsPanel(Panel):
    """Statistics, a row a column of the data, the most interesting ones first.

    Those with anomalies come first, then those of which much is missing, then those that differ
    most between the splits, then the others in their own order. The first dataset (`train`) is the
    one that the others are compared with. A value of the data is shown if at least ten rows of a
    dataset have it, and no value of a sensitive column is.

    Args:
        statistics: the result of a statistics step.
        title: what the rows are of, such as the pipeline's or the datasource's name.
        anomalies: what was found wrong with the same datasets, or None.

    Example:
        >>> from zenlab.core.statistics import DatasetStatistics, FeatureStatistics
        >>> from zenlab.core.statistics import Statistics, TextSummary, TopValue
        >>> text = TextSummary(2, 2.0, [TopValue("UA", 60.0), TopValue("HA", 20.0)])
        >>> carrier = FeatureStatistics("carrier", "text", "string", 80, 20, text=text)
        >>> print(StatisticsPanel(Statistics([DatasetStatistics("train", 100, [carrier])])))
        Statistics
        <BLANKLINE>
        rows     train 100
        columns  1
        <BLANKLINE>
        Columns of text:
        column   missing  unique  values  share
        ───────  ───────  ──────  ──────  ─────
        carrier  ⚠ 20.0%       2  UA      75.0%
                                  HA      25.0%
        <BLANKLINE>
        How to read this:
        - ⚠ marks 20% or more missing.
    """

    def __init__(
        self, statistics: Statistics, *, title: str = "", anomalies: Anomalies | None = None
    ) -> None:
        self.statistics = statistics
        self.title = title
        self.anomalies = anomalies
        self.datasets: list[DatasetStatistics] = [d for d in statistics.datasets if not d.slice]
        self.slices: list[DatasetStatistics] = [d for d in statistics.datasets if d.slice]

    def __repr__(self) -> str:
        rows = ", ".join(f"{d.name} {d.rows:,} rows" for d in self.datasets[:3])
        return f"<StatisticsPanel {self.title}: {rows}>"

    @cached_property
    def columns(self) -> list[Column]:
        """All columns in the order of interest."""
        from zenlab.views.statistics_interest import columns

        return columns(self.datasets, self.anomalies, weighted=bool(self.statistics.weight))

    def select(self, *patterns: str) -> StatisticsPanel:
        """The same panel of some columns: for those that are left out where there are many.

        Args:
            *patterns: names of columns, or patterns of them such as `dep_*`.

        Raises:
            DoesNotExistException: a name or a pattern that no column has.

        Example:
            >>> pipeline.view_statistics().select("dep_*", "carrier")  # doctest: +SKIP
        """
        from fnmatch import fnmatchcase

        import msgspec

        from zenlab.core.errors import DoesNotExistException, suggest

        names = [column.name for column in self.columns]
        kept: set[str] = set()
        for pattern in patterns:
            found = [n for n in names if n == pattern] or [
                n for n in names if fnmatchcase(n, pattern)
            ]
            if not found:
                raise DoesNotExistException(
                    f"No column is called {pattern!r}.", hint=suggest(pattern, names)
                )
            kept.update(found)
        datasets = [
            msgspec.structs.replace(d, features=[f for f in d.features if f.name in kept])
            for d in self.statistics.datasets
        ]
        anomalies = self.anomalies and msgspec.structs.replace(
            self.anomalies,
            datasets=[
                msgspec.structs.replace(
                    d,
                    anomalies=[a for a in d.anomalies if a.feature in kept],
                    drift=[found for found in d.drift if found.feature in kept],
                )
                for d in self.anomalies.datasets
            ],
        )
        statistics = msgspec.structs.replace(self.statistics, datasets=datasets)
        return StatisticsPanel(statistics, title=self.title, anomalies=anomalies)

    def forms(self) -> Iterator[Form]:
        """The statistics with fewer and fewer columns and values."""
        from zenlab.views.statistics_payload import LIMITS

        for limits in LIMITS:
            yield self._form(limits)

    def complete(self) -> Form:
        """All columns."""
        from zenlab.views.statistics_payload import EVERYTHING

        return self._form(EVERYTHING)

    def _form(self, limits: Limits) -> Form:
        from zenlab.views.statistics_document import describe
        from zenlab.views.statistics_payload import make

        payload = make(self, limits)
        return Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a number: split, by, group, column, kind, statistic, item, value.

        `by` and `group` are columns and values of a slice, and empty for all rows. `item` is the
        quantile (`0.5`), the start of a bar of the histogram, or the value that is counted; values
        that fewer than ten rows have, and those of sensitive columns, are not there.

        Example:
            >>> frame = panel.to_frame().query("statistic == 'mean'")  # doctest: +SKIP
            >>> frame.pivot(index="column", columns="split", values="value")  # doctest: +SKIP
        """
        from zenlab.views.statistics_frame import frame

        return frame(self)

    def figure(self) -> go.Figure:
        """The distributions of the twelve most interesting columns, the splits over each other."""
        from zenlab.views.statistics_figure import draw

        return draw(self.columns, self.title)
