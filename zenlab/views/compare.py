"""The panel of a comparison: runs first, and for a few of them where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core.errors import ParameterError
from zenlab.views.panel import Form, Panel
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.views.comparison import Comparison


class ComparePanel(Panel):
    """Runs side by side: a row a run, and for up to five all that differs.

    Args:
        comparison: what was found.
        all_parameters: show those as well that are the same everywhere.
        load: makes the comparison of some of the runs, by label, for `details`.

    Example:
        >>> from zenlab.views.comparison import ComparedRun, Comparison, MetricRow
        >>> runs = (ComparedRun("Pipeline A#1", "ada"), ComparedRun("Pipeline B#1", "bob"))
        >>> metric = MetricRow("roc_auc", (0.7135, 0.7302), "higher", "eval")
        >>> print(ComparePanel(Comparison(runs, 0, (metric,))))
        Comparison of Pipeline A#1 and Pipeline B#1
        <BLANKLINE>
        run                      user  roc_auc on eval  difference
        ───────────────────────  ────  ───────────────  ──────────
        Pipeline A#1 (baseline)  ada            0.7135
        Pipeline B#1             bob          ★ 0.7302   ▲ +0.0167
    """

    def __init__(
        self,
        comparison: Comparison,
        *,
        all_parameters: bool = False,
        load: Callable[[Sequence[str]], Comparison] | None = None,
    ) -> None:
        self.comparison = comparison
        self.all_parameters = all_parameters
        self._load = load

    def __repr__(self) -> str:
        labels = [run.label for run in self.comparison.runs]
        shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
        return f"<ComparePanel {shown or 'of no run'}>"

    def details(self, *runs: str) -> ComparePanel:
        """Where some of these runs differ: parameters, metrics, steps, code, data.

        Args:
            *runs: labels, such as `"Pipeline A#11"`; the first is the baseline. By default the
                first two of the panel.

        Raises:
            ParameterError: the panel was made without a store.
            DoesNotExistException: there is no such run.
        """
        if self._load is None:
            raise ParameterError(
                "This panel was made without a store to look into.",
                hint='Use Repository().compare_training_runs(), or %zen compare "A" "B".',
            )
        labels = runs or tuple(run.label for run in self.comparison.runs[:2])
        return ComparePanel(self._load(labels), all_parameters=self.all_parameters, load=self._load)

    def forms(self) -> Iterator[Form]:
        """The comparison with fewer and fewer runs, parameters and lines of code."""
        from zenlab.views.compare_document import describe
        from zenlab.views.compare_payload import limits_of, make

        for limits in limits_of(self.comparison):
            payload = make(self.comparison, limits, all_parameters=self.all_parameters)
            yield Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a run: run, user, datasource, commit, a column a metric, a column a parameter.

        Parameters are all of them, as they are written, with their `slot.name`.
        """
        import pandas as pd

        found = self.comparison
        columns: dict[str, list[object]] = {
            "run": [visible(run.label) for run in found.runs],
            "user": [visible(run.user) for run in found.runs],
            "datasource": [visible(run.source) for run in found.runs],
            "commit": [visible(run.commit) for run in found.runs],
        }
        measured = [visible(metric.title) for metric in found.metrics]
        columns |= {
            name: list(metric.by_run) for name, metric in zip(measured, found.metrics, strict=True)
        }
        for parameter in found.parameters:
            name, texts = visible(parameter.name), parameter.by_run
            if name not in columns and name != "datasource.commit":
                columns[name] = [None if text is None else visible(text) for text in texts]
        return pd.DataFrame(columns).astype(dict.fromkeys(measured, "float64"))

    def figure(self) -> go.Figure:
        """The curves of all runs in one figure; without curves, the metrics of each run."""
        from zenlab.views.compare_figure import draw

        return draw(self.comparison)
