"""Comparisons for the browser tests, and a repository with a history of a thousand runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.browser.panels import HOSTILE
from zenlab.core.ids import new_id
from zenlab.metadata import ClaimWon, ExecutionRecord, Holder, MetricRecord, Resolved, RunRecord
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec
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
    from pathlib import Path

    from nbformat import NotebookNode

A, B, C = "Pipeline A#11", "Pipeline B#2", "Shallow trees#1"
LABELS = (A, B, C)
REVISIONS = 50
MEASURED = 20
"""Executions of the history: what the runs of a pipeline measured repeats."""
DAY = 86_400_000

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
    """A row a run: no details."""
    rng = np.random.default_rng(1)
    rates = [f"{rate:.2g}" for rate in 10 ** rng.uniform(-3, 0, number)]
    scores = tuple(0.77 - (np.log10([float(r) for r in rates]) + 1) ** 2 / 20)
    return ComparePanel(
        Comparison(
            runs=tuple(
                ComparedRun(f"Pipeline A#{i + 1}", "ada" if i % 3 else "bob", "flights", "a" * 64)
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


def history(folder: Path, number: int) -> None:
    """A repository with so many runs, as runs write them, without computing any.

    A pipeline has 50 revisions; every second one is Bob's, and of another datasource. The runs
    are a day apart.
    """
    from zenlab.repo import Repository

    folder.mkdir()
    repository = Repository.init_repo(folder)
    store = repository.metadata
    measured = [_evaluated(repository, i) for i in range(MEASURED)]
    for i in range(number):
        name, depth = f"Pipeline {i // REVISIONS:02}", 1 + i % REVISIONS
        user, source = (("ada", "flights"), ("bob", "trains"))[i // REVISIONS % 2]
        steps = {
            "trainer": StepSpec(
                "zenlab.steps.trainer.SklearnTrainer",
                {"estimator": "RandomForestClassifier", "max_depth": depth, "salt": name},
            ),
            "evaluator": StepSpec("zenlab.steps.evaluator.Evaluator", {"metrics": ["roc_auc"]}),
        }
        data = DatasourceSpec(source, "zenlab.datasources.CSVDatasource", {"path": f"{source}.csv"})
        spec = PipelineSpec(name, "training", data, steps)
        record = store.register_pipeline(
            repository.project, name, spec.digest, spec.type, spec.to_document(), user
        )
        key = f"evaluator-{i % MEASURED}"
        store.record_run(
            RunRecord(
                id=new_id(),
                project=repository.project,
                pipeline_id=record.id,
                pipeline_name=name,
                pipeline_digest=spec.digest,
                pipeline_revision=record.revision,
                status="succeeded",
                user=user,
                host="here",
                pid=1,
                started_ms=0,
                ended_ms=(number - i) * DAY,
                resolved=(Resolved("evaluator", measured[i % MEASURED], key, key, "hit"),),
            )
        )


def _evaluated(repository, i: int) -> int:
    key = f"evaluator-{i}"
    execution = ExecutionRecord(
        id=new_id(), run_id=new_id(), slot="evaluator", kind="evaluator", title="Evaluator",
        cache_key=key, work_key=key, status="succeeded", user="ada", host="here", seconds=1.0,
    )  # fmt: skip
    holder = Holder("0" * 16, "ada", "here", 1)
    won = repository.metadata.claim(key, holder, 60_000)
    assert isinstance(won, ClaimWon)
    repository.metadata.finish(
        key, holder.owner, won.fence, execution,
        metrics=[MetricRecord("roc_auc", 0.6 + i / 100)], cache_keys=(key,),
    )  # fmt: skip
    return execution.id
