"""A real JupyterLab in Chromium: milliseconds from an output to the frame that shows it.

Run in the environment of the tests, whose server and browser these are. Prints JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

from tests.browser.compare_panels import list_panel
from tests.browser.conftest import FLAGS
from tests.browser.server import Lab, chromium
from tests.statistics_harness import statistics_of
from zenlab.views import StatisticsPanel
from zenlab.views.payloads import to_json
from zenlab.views.statistics_payload import part

FEATURES, RUNS, ROUNDS = 2000, 1000, 9
MIME = "application/vnd.zenlab.v1+json"

# Put an output into the cell, and wait for the frame in which its rows are there.
_PAINT = """async ([data, rows]) => {
    const { outputArea } = window.jupyterapp.shell.currentWidget.content.widgets[0];
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    outputArea.model.clear();
    await frame();
    await frame();
    const begun = performance.now();
    outputArea.model.add({ output_type: 'display_data', data, metadata: {} });
    do {
        await frame();
    } while (outputArea.node.querySelector(rows) === null);
    return [performance.now() - begun, outputArea.node.querySelectorAll(rows).length];
}"""
_ROWS = {"panel": "tr.zen-row", "pandas": "table.dataframe tbody tr"}


def outputs() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By figure: the panel's output, and pandas' of the same numbers."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((200, FEATURES)), columns=[f"x{i:04}" for i in range(FEATURES)])
    statistics = StatisticsPanel(statistics_of({"train": frame, "eval": frame}), title="wide")
    whole = {MIME: to_json(part(statistics, 0, FEATURES, 2))}
    numbers = _pandas(frame.describe().T)  # a row a feature, too
    runs = list_panel(RUNS)
    return {
        f"statistics of {FEATURES:,} features, as stored": (_stored(statistics), numbers),
        f"statistics of {FEATURES:,} features, all of them": (whole, numbers),
        f"comparison of {RUNS:,} runs, as stored": (_stored(runs), _pandas(runs.to_frame())),
    }


def _stored(panel: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = panel._repr_mimebundle_()
    return bundle


def _pandas(frame: pd.DataFrame) -> dict[str, Any]:
    return {"text/html": frame.to_html(max_rows=None)}


def main() -> None:
    """Measure, in turn, in one page; each panel is drawn once before that does not count."""
    place = Path(tempfile.mkdtemp(prefix="zenlab-bench-"))
    lab = Lab(place)
    try:
        cell = nbformat.v4.new_code_cell("")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), lab.folder / "paint.ipynb")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            page.goto(f"{lab.url}/lab/tree/paint.ipynb?reset")
            page.wait_for_function(
                "window.jupyterapp?.shell?.currentWidget?.context?.isReady", timeout=120_000
            )
            seen: dict[str, Any] = {}
            for figure, (panel, pandas) in outputs().items():
                first, rows = page.evaluate(_PAINT, [panel, _ROWS["panel"]])
                page.evaluate(_PAINT, [pandas, _ROWS["pandas"]])
                times: dict[str, list[float]] = {"panel": [], "pandas": []}
                for _ in range(ROUNDS):
                    for system, data in (("panel", panel), ("pandas", pandas)):
                        times[system].append(page.evaluate(_PAINT, [data, _ROWS[system]])[0])
                seen[figure] = {**times, "first": first, "rows": rows}
            browser.close()
        print(json.dumps(seen))
    finally:
        lab.close()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
