"""Comparisons for the browser tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.browser.hostile import HOSTILE
from zenlab.views import ComparePanel
from zenlab.views.comparison import (
    CodeBlock,
    CodeDifference,
    ComparedRun,
    Comparison,
    DataDrift,
    FeatureDrift,
    MetricRow,
    ParameterRow,
    RunSeries,
    StepCell,
    StepRow,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

A, B, C = "Pipeline A#11", "Pipeline B#2", "Shallow trees#1"
LABELS = (A, B, C)

DIFF = (
    "@@ -3,5 +3,6 @@",
    " def label_late(frame):",
    '-    late = frame["arr_delay"] > 15',
    '+    late = frame["arr_delay"].fillna(0) > LIMIT',
    '+    late &= frame["cancelled"] == 0',
    '     return frame.assign(late=late).drop(columns=["arr_delay", "arr_time"])',
)


def curves() -> tuple[RunSeries, ...]:
    x = np.linspace(0, 1, 120)
    made = []
    for label, power in zip(LABELS, (0.25, 0.4, 0.33), strict=True):
        made.append(RunSeries(label, "roc", "eval", tuple(x), tuple(x**power)))
        falling = tuple(1 - 0.7 * x ** (1 / power))
        made.append(RunSeries(label, "precision_recall", "eval", tuple(x), falling))
    return tuple(made)


def comparison() -> Comparison:
    steps = np.arange(1, 31, dtype=float)
    cells = {
        "transform": (("label_late", 1, ""), ("label_late", 2, ""), ("label_late", 1, A)),
        "split": (("RandomSplit", 1, ""), ("RandomSplit", 2, ""), ("RandomSplit", 1, A)),
        "statistics": tuple(("DataStatistics", 1, A) for _ in LABELS),
        "trainer": (("SklearnTrainer", 1, ""), ("SklearnTrainer", 2, ""), ("boost", 3, "")),
    }
    return Comparison(
        runs=(
            ComparedRun(A, "Ada Lovelace", "flights", "9f3ac01b77d2ab12cd"),
            ComparedRun(B, "Bob", "flights", "77d2ab12cd9f3ac01b"),
            ComparedRun(C, "Ada Lovelace", "flights", "9f3ac01b77d2ab12cd"),
        ),
        baseline=0,
        metrics=(
            MetricRow("roc_auc", (0.7671, 0.6553, 0.7702), "higher", "eval"),
            MetricRow("average_precision", (0.5506, 0.3496, 0.5411), "higher", "eval"),
            MetricRow("log_loss", (0.4589, 0.5198, 0.4602), "lower", "eval"),
        ),
        parameters=(
            ParameterRow("datasource.path", ("data/flights.csv",) * 3, differs=False),
            ParameterRow("split.seed", ("0", "0", "0"), differs=False),
            ParameterRow(
                "trainer.estimator",
                ("HistGradientBoostingClassifier", "LogisticRegression", "RandomForestClassifier"),
                differs=True,
            ),
            ParameterRow("trainer.max_iter", ("100", "500", None), differs=True),
            ParameterRow("trainer.learning_rate", ("0.1", None, None), differs=True),
            ParameterRow("trainer.max_depth", ("12", None, "3"), differs=True),
        ),
        detailed=True,
        steps=tuple(
            StepRow(slot, tuple(StepCell(t, n, "Ada Lovelace", origin) for t, n, origin in row))
            for slot, row in cells.items()
        ),
        code=(
            CodeDifference(
                "transform",
                A,
                (B,),
                (
                    CodeBlock("label_late (features/labels.py)", DIFF),
                    CodeBlock("LIMIT (features/labels.py)", ("-LIMIT = 15", "+LIMIT = 20")),
                ),
            ),
            CodeDifference("trainer", A, (C,), note="The source is not kept."),
        ),
        data=(
            DataDrift(
                B,
                split="train",
                base_rows=7000,
                rows=9120,
                features=(
                    FeatureDrift("tailnum", note="gone", base_missing=0.01),
                    FeatureDrift(
                        *("dep_delay", "Jensen-Shannon", 0.231, 0.1),
                        *(0.02, 0.31, 12.44, 19.87),
                    ),
                    FeatureDrift("carrier", "L-infinity", 0.034, 0.1, 0.0, 0.0),
                    FeatureDrift(HOSTILE, "L-infinity", 0.002, 0.1, 0.0, 0.0),
                ),
            ),
            DataDrift(C, same=True),
        ),
        series=tuple(
            RunSeries(label, "series", "loss", tuple(steps), tuple(scale / (steps + 1) + 0.1))
            for label, scale in zip(LABELS, (1.0, 1.4, 0.8), strict=True)
        ),
        curves=curves,
        notes=(f"'{HOSTILE}' is named twice, and shown once.",),
    )


def compare_panel() -> ComparePanel:
    return ComparePanel(comparison())


def list_panel(number: int = 40) -> ComparePanel:
    """A row a run, no details: of runs that are in the history."""
    rng = np.random.default_rng(1)
    rates = [f"{rate:.2g}" for rate in 10 ** rng.uniform(-3, 0, number)]
    scores = tuple(0.77 - (np.log10([float(r) for r in rates]) + 1) ** 2 / 20)
    return ComparePanel(
        Comparison(
            runs=tuple(
                ComparedRun(
                    f"Pipeline 00#{i + 1}",
                    "ada" if i % 3 else "bob",
                    "flights",
                    f"{(i + 1) % 2}" * 64,
                )
                for i in range(number)
            ),
            metrics=(
                MetricRow("roc_auc", tuple(map(float, scores)), "higher", "eval"),
                MetricRow("log_loss", tuple(float(1.2 - s) for s in scores), "lower", "eval"),
            ),
            parameters=(
                ParameterRow("trainer.learning_rate", tuple(rates), differs=True),
                ParameterRow(
                    "trainer.max_depth",
                    tuple(str(d) for d in rng.choice([3, 6, 12], number)),
                    differs=True,
                ),
                ParameterRow(
                    "trainer.loss",
                    tuple(rng.choice(["log_loss", "exponential"], number).tolist()),
                    differs=True,
                ),
            ),
        )
    )


PANELS = {"compare": compare_panel, "list": list_panel}


def compare_notebook(name: str) -> NotebookNode:
    """A notebook that stores a comparison; its kernel works in the folder `team`."""
    import nbformat  # two seconds, which a kernel does not need

    output = nbformat.v4.new_output("display_data", data=PANELS[name]()._repr_mimebundle_())
    first = "%load_ext zenlab\n%cd -q team\nfrom tests.browser.compare_panels import PANELS"
    cells = [
        nbformat.v4.new_code_cell(first, id="cell-0"),
        nbformat.v4.new_code_cell(f"display(PANELS[{name!r}]())", outputs=[output], id="cell-1"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
