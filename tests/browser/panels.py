"""The panels of the browser tests: made here for stored notebooks, and by the kernel, which runs
the same code in a cell.

nbformat is imported where it is needed: its checker takes two seconds, in every kernel of a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.browser import evaluation_panels
from tests.browser.hostile import HOSTILE, RIGHT_TO_LEFT
from tests.statistics_harness import statistics_of
from zenlab.core.validation import Anomalies, Anomaly, DatasetAnomalies, Drift
from zenlab.views import AnomaliesPanel, StatisticsPanel

if TYPE_CHECKING:
    from nbformat import NotebookNode

MANY = 70
"""Columns of numbers: more than a notebook stores."""


def rows(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    delay = rng.normal(10, 40, n).round()
    delay[rng.random(n) < 0.3] = np.nan
    return pd.DataFrame(
        {
            "dep_delay": delay,
            "distance": rng.integers(80, 3000, n),
            "carrier": rng.choice(["UA", "B6", "EV"], n, p=[0.5, 0.3, 0.2]),
            "origin": rng.choice(["EWR", "JFK"], n, p=[0.6, 0.4]),
            HOSTILE: rng.choice([HOSTILE, RIGHT_TO_LEFT, "plain"], n),
            "time_hour": pd.Timestamp("2013-01-01")
            + pd.to_timedelta(rng.integers(0, 8760, n), "h"),
            "taxi": pd.to_timedelta(rng.integers(60, 3600, n), "s"),
        }
    )


def anomalies() -> Anomalies:
    found = [
        Anomaly("carrier", "ENUM", "error", "1 new value, 0.3 % of rows"),
        Anomaly(HOSTILE, "ENUM", "error", f"a new value: {HOSTILE}"),
        Anomaly("dep_delay", "LOW", "warning", "30 % of rows have no value"),
    ]
    drift = [
        Drift("dep_delay", "Jensen-Shannon", 0.05, 0.1),
        Drift("carrier", "L-infinity", 0.2, 0.1),
    ]
    return Anomalies([DatasetAnomalies("eval", 1000, found, baseline="train", drift=drift)])


def statistics_panel() -> StatisticsPanel:
    frames = {"train": rows(2000, 0), "eval": rows(1000, 1), "test": rows(500, 2)}
    made = statistics_of(frames, slices=["origin"])
    return StatisticsPanel(made, title="flights", anomalies=anomalies())


def wide_panel() -> StatisticsPanel:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i:02}": rng.random(200) for i in range(MANY)})
    return StatisticsPanel(statistics_of({"train": frame}), title="wide")


def anomalies_panel() -> AnomaliesPanel:
    """What it accepts is a file in the folder of the notebook."""

    def accept(features: tuple[str, ...]) -> str:
        Path("accepted.txt").write_text("\n".join(features) or "everything")
        return f"The schema takes up {', '.join(features) or 'everything'}."

    return AnomaliesPanel(anomalies(), title="flights", accept=accept)


PANELS = {"statistics": statistics_panel, "wide": wide_panel, "anomalies": anomalies_panel}
PANELS |= {
    "evaluation": lambda: evaluation_panels.evaluation_panel(HOSTILE),
    "schema": lambda: evaluation_panels.schema_panel(rows(2000, 0), HOSTILE),
}


def notebook(*names: str, change: dict | None = None) -> NotebookNode:
    """A notebook as it is stored: a cell a panel, with its output.

    Args:
        *names: of `PANELS`.
        change: of each payload, such as another version.
    """
    import nbformat

    cells = [nbformat.v4.new_code_cell("%load_ext zenlab\nfrom tests.browser.panels import *")]
    for name in names:
        bundle = PANELS[name]()._repr_mimebundle_()
        if change:
            mime = "application/vnd.zenlab.v1+json"
            bundle[mime] = {**bundle[mime], **change}
        output = nbformat.v4.new_output("display_data", data=bundle)
        cells.append(nbformat.v4.new_code_cell(f"display(PANELS['{name}']())", outputs=[output]))
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
