"""The panel of an evaluation: how good the model is, overall, by slice, and by threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.views.panel import Form, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.core.evaluation import Evaluation


class EvaluationPanel(Panel):
    """What an evaluator found, label by label and split by split.

    Args:
        evaluation: the result of `zenlab.steps.evaluator.Evaluator`, or None.
        values: numbers by name, the result of an evaluator of the user's own.
        pipeline: the name of the pipeline.
        model: what the model is, such as its class.

    Example:
        >>> panel = EvaluationPanel.from_json(b'{"mae": 3.25}', pipeline="Pipeline A")
        >>> print(panel)
        Evaluation of Pipeline A
        <BLANKLINE>
        metric  value
        ──────  ─────
        mae     3.250
    """

    def __init__(
        self,
        evaluation: Evaluation | None = None,
        *,
        values: Mapping[str, float | None] | None = None,
        pipeline: str = "",
        model: str = "",
    ) -> None:
        self.results = tuple(evaluation.results) if evaluation else ()
        self.values = dict(values or {})
        self.pipeline = pipeline
        self.model = model

    @classmethod
    def from_json(
        cls, data: bytes | str, *, pipeline: str = "", model: str = ""
    ) -> EvaluationPanel:
        """Make a panel from an evaluator's artifact.

        Args:
            data: the JSON of an `Evaluation`, or of any other object: its numbers are shown by
                name, those further inside with dots.
            pipeline: the name of the pipeline.
            model: what the model is.

        Raises:
            msgspec.DecodeError: it is neither.
        """
        import msgspec

        from zenlab.core.evaluation import Evaluation

        decoded = msgspec.json.decode(data, type=dict[str, Any])
        if isinstance(decoded.get("results"), list) and "version" in decoded:
            evaluation = msgspec.convert(decoded, Evaluation)
            return cls(evaluation, pipeline=pipeline, model=model)
        return cls(values=dict(_flat(decoded)), pipeline=pipeline, model=model)

    def __repr__(self) -> str:
        what = ", ".join(f"{r.label} ({r.split}, {r.rows:,} rows)" for r in self.results[:3])
        return f"<EvaluationPanel {self.pipeline}: {what or f'{len(self.values)} values'}>"

    def forms(self) -> Iterator[Form]:
        """The evaluation with fewer and fewer slices, curves and results."""
        from zenlab.views.evaluation_document import describe
        from zenlab.views.evaluation_payload import LIMITS, make

        for limits in LIMITS:
            payload = make(self, limits)
            yield Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a metric: label, split, by, group, rows, metric, value.

        `by` and `group` are the columns and the values of a slice, and empty for all rows.
        """
        import pandas as pd

        columns = ["label", "split", "by", "group", "rows", "metric", "value"]
        rows: list[tuple[object, ...]] = [
            ("", "", "", "", None, name, value) for name, value in self.values.items()
        ]
        for r in self.results:
            rows += [(r.label, r.split, "", "", r.rows, m, v) for m, v in r.metrics.items()]
            for s in r.slices:
                by, group = ", ".join(s.columns), ", ".join(s.values)
                rows += [(r.label, r.split, by, group, s.rows, m, v) for m, v in s.metrics.items()]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"rows": "Int64", "value": "float64"})

    def figure(self) -> go.Figure:
        """ROC, precision-recall and calibration curves, or the residuals of a regression."""
        from zenlab.views.evaluation_figure import draw

        return draw(self.results)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float | None]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{name}.")
        elif item is None or isinstance(item, (int, float)):
            yield f"{prefix}{name}", item
