"""Every kind of panel in one notebook, and the same with hostile names in it."""

from __future__ import annotations

import re
from typing import Any

import nbformat

from tests.browser.compare_panels import compare_panel
from tests.browser.panels import PANELS, notebook
from tests.browser.runs import MIME, QUICKSTART, stored

KINDS = ("statistics", "schema", "anomalies", "evaluation", "run", "compare")

HTML = (
    "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
    "<b>bold</b><a href=\"javascript:document.title='hacked'\">link</a>&lt;i&gt;"
)
BACKWARDS = "\u202egnp.exe\u202c\u202e"
LONG = "x" + "0123456789" * 31
"""More than 300 characters without a place to break."""

COLUMNS = {
    "flights": HTML + LONG + BACKWARDS,
    "dep_delay": LONG,
    "carrier": HTML,
    "distance": BACKWARDS,
    "UA": LONG + "v",
    "B6": HTML + "v",
}
"""Of the data of `panels.py`."""

# What stands in the payloads of the tests, by what is put there instead; each is a whole name.
NAMES = {
    "statistics": {
        **COLUMNS,
        "EV": BACKWARDS + "v",
        "origin = EWR": LONG + "s",
        "origin = JFK": HTML + "s",
        "eval": LONG + "d",
        "test": BACKWARDS + "d",
    },
    "schema": {
        **COLUMNS,
        "SERVING": LONG + "e",
        "inferred from train": HTML + "o",
    },
    "anomalies": {
        "flights": HTML + LONG + BACKWARDS,
        "dep_delay": LONG,
        "carrier": BACKWARDS,
        "1 new value, 0.3 % of rows": LONG + "a",
        "30 % of rows have no value": HTML + "a",
        "eval": LONG + "d",
    },
    "evaluation": {
        "flights": HTML + LONG + BACKWARDS,
        "LogisticRegression": LONG + "m",
        "late": HTML + "l",
        "roc_auc": BACKWARDS + "m",
        "log_loss": LONG + "n",
        "carrier": LONG + "c",
        "UA": LONG + "v",
        "B6": HTML + "v",
        "short": LONG + "k",
        "medium": HTML + "k",
        "eval": LONG + "d",
    },
    "run": {
        "Pipeline A": HTML + LONG + BACKWARDS,
        "label_late": LONG + "f",
        "RandomSplit": HTML + "f",
        "TabularPreprocesser": BACKWARDS + "f",
        "roc_auc": LONG + "m",
        "log_loss": HTML + "m",
        "flights": LONG + "d",
        "trainer": LONG + "t",
        "learning_rate": LONG + "p",
    },
    "compare": {
        "Pipeline A#11": LONG + "#1",
        "Pipeline B#2": HTML + "#2",
        "Shallow trees#1": BACKWARDS + "#3",
        "roc_auc": LONG + "m",
        "log_loss": HTML + "m",
        "trainer.estimator": LONG + "p",
        "RandomForestClassifier": LONG + "v",
        "LogisticRegression": HTML + "v",
        "label_late": LONG + "f",
        "Ada Lovelace": HTML + "u",
        "loss": LONG + "s",
        "dep_delay": LONG + "c",
        "tailnum": HTML + "c",
    },
}


def every(*kinds: str) -> nbformat.NotebookNode:
    """A notebook that stores a panel of each kind, all of them by default."""
    return _notebook([(kind, bundle(kind)) for kind in kinds or KINDS])


def hostile(*kinds: str) -> nbformat.NotebookNode:
    """The same with hostile names, as somebody could have written them into the file.

    What zenlab itself stores is cut and escaped before; a notebook can come from anybody.
    """
    return _notebook([(kind, _spoilt(kind)) for kind in kinds or KINDS])


def quickstart() -> nbformat.NotebookNode:
    """What the quickstart has stored: the first panel of each kind."""
    made = nbformat.read(QUICKSTART, as_version=4)
    first: dict[str, dict[str, Any]] = {}
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME in data:
                first.setdefault(data[MIME]["panel"], data)
    return _notebook([(kind, first[kind]) for kind in KINDS])


def bundle(kind: str) -> dict[str, Any]:
    """What a notebook stores of a panel."""
    if kind == "run":
        return dict(stored().cells[0].outputs[0].data)
    if kind == "compare":
        return compare_panel()._repr_mimebundle_()
    return PANELS[kind]()._repr_mimebundle_()


def _spoilt(kind: str) -> dict[str, Any]:
    made = bundle(kind)
    names = NAMES[kind]
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    whole = re.compile(rf"(?<!\w)(?:{either})(?!\w)")
    missing = set(names)

    def put(found: re.Match[str]) -> str:
        missing.discard(found[0])
        return names[found[0]]

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k == "panel" else spoil(v) for k, v in value.items()}
        if isinstance(value, list):
            return [spoil(item) for item in value]
        return whole.sub(put, value) if isinstance(value, str) else value

    made[MIME] = spoil(made[MIME])
    assert not missing, f"not in the panel of {kind}: {missing}"
    return made


def _notebook(bundles: list[tuple[str, dict[str, Any]]]) -> nbformat.NotebookNode:
    made = notebook()
    for i, (kind, data) in enumerate(bundles):
        output = nbformat.v4.new_output("display_data", data=data)
        cell = nbformat.v4.new_code_cell(f"# {kind}", outputs=[output])
        cell["id"] = f"panel-{i}"
        made.cells.append(cell)
    return made
