"""The panel of anomalies: where rows are not as their schema says, and what has drifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.panel import Form, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.core.statistics import Statistics
    from zenlab.core.validation import Anomalies
    from zenlab.views.accept import Accept, Said
    from zenlab.views.anomalies_payload import Limits


class AnomaliesPanel(Panel):
    """What is not as it should be, dataset by dataset, in words with numbers.

    Args:
        anomalies: what was found.
        title: what the rows are of, such as the pipeline's or the datasource's name.
        statistics: of the same datasets, for shapes beside distances and to know which columns
            are sensitive; or None.
        accept: takes up columns into the schema that is kept, and says what it did.

    Example:
        >>> from zenlab.core.validation import Anomalies, DatasetAnomalies
        >>> print(AnomaliesPanel(Anomalies([DatasetAnomalies("eval", 67355, [])])))
        Anomalies: none
        <BLANKLINE>
        dataset    rows  anomalies  compared with
        ───────  ──────  ─────────  ─────────────
        eval     67,355       none  schema
    """

    def __init__(
        self,
        anomalies: Anomalies,
        *,
        title: str = "",
        statistics: Statistics | None = None,
        accept: Accept | None = None,
    ) -> None:
        self.anomalies = anomalies
        self.title = title
        self.statistics = statistics
        self.acceptable = accept is not None
        self._accept = accept

    def __repr__(self) -> str:
        found = ", ".join(f"{d.name} {len(d.anomalies)}" for d in self.anomalies.datasets[:3])
        return f"<AnomaliesPanel {self.title}: {found}>"

    def accept(self, *features: str) -> Said:
        """Change the schema so that what was found is no anomaly any more.

        Args:
            *features: names of columns; none: everything that was found.

        Returns:
            What was done, in words.

        Raises:
            DoesNotExistException: nothing was found in a column of that name.
            ZenlabError: the panel was not opened by a pipeline or a datasource.

        Example:
            >>> pipeline.view_anomalies().accept("carrier", "dest")  # doctest: +SKIP
            The schema of flights takes up carrier and dest.
        """
        from zenlab.views.accept import accept

        known = [a.feature for d in self.anomalies.datasets for a in d.anomalies if a.feature]
        return accept(self._accept, features, known, "pipeline.view_anomalies()")

    def forms(self) -> Iterator[Form]:
        """The anomalies with fewer and fewer of them, and of the distances."""
        from zenlab.views.anomalies_payload import LIMITS

        for limits in LIMITS:
            yield self._form(limits)

    def complete(self) -> Form:
        """All of them."""
        from zenlab.views.anomalies_payload import EVERYTHING

        return self._form(EVERYTHING)

    def _form(self, limits: Limits) -> Form:
        from zenlab.views.anomalies_document import describe
        from zenlab.views.anomalies_payload import make

        payload = make(self, limits)
        return Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row an anomaly, and a row a distance that was measured.

        Its columns: dataset, column, kind (of an anomaly; `DISTANCE` otherwise), severity, text,
        rows, distance, threshold, measure. Values are named in `text` as far as they may be shown.
        """
        import pandas as pd

        from zenlab.views.showable import sensitive_columns, sentence

        hidden = sensitive_columns(self.statistics)
        columns = ["dataset", "column", "kind", "severity", "text", "rows", "distance"]
        columns += ["threshold", "measure"]
        rows: list[tuple[object, ...]] = []
        for d in self.anomalies.datasets:
            for a in d.anomalies:
                text = sentence(a, hidden=a.feature in hidden)
                found = (a.severity, text, a.rows, a.distance, a.threshold, a.measure)
                rows.append((d.name, a.feature, a.kind, *found))
            for f in d.drift:
                far = ("", "", None, f.distance, f.threshold, f.measure)
                rows.append((d.name, f.feature, "DISTANCE", *far))
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"rows": "Int64", "distance": "float64", "threshold": "float64"})

    def figure(self) -> go.Figure:
        """The columns that have drifted most, with their thresholds."""
        from zenlab.views.anomalies_figure import draw

        return draw(self.anomalies)
