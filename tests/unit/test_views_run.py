"""The run panel, and what all panels have in common: HTML, text, payload, budget."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import nbformat
import pytest

from zenlab.views import MIME_TYPE, OutputSummary, RunFailure, RunPanel, RunSummary, StepSummary
from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.html import ATTRIBUTES, TAGS, to_html
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import PATH, schema
from zenlab.views.run import parameter
from zenlab.views.strings import shorten, visible, width
from zenlab.views.text import to_text

ROOT = Path(__file__).parents[2]

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><b onclick='x'>",
    "</td></table><h1>",
    "&lt;b&gt; &amp;amp; &#60;",
    "\u202egnp.exe",
    "line\nbreak\ttab\r",
    "\x1b[31mred\x00",
    "lone \ud800 surrogate",
    "``` | *md* | <!-- -->",
    "x" * 100_000,
    "<" * 1000,
    "👩‍💻 東京 é",
]


def flights(status="succeeded"):
    failed = status != "succeeded"
    splits = (
        OutputSummary("train", "parquet", 235743),
        OutputSummary("eval", "parquet", 67355),
    )
    model = OutputSummary("model", "skops", summary="HistGradientBoostingClassifier")
    return RunSummary(
        "Pipeline A",
        status,
        (
            StepSummary("split", "RandomSplit", {"seed": 0}, outputs=splits),
            StepSummary(
                "trainer",
                "SklearnTrainer",
                {"learning_rate": 0.1},
                ("split",),
                () if failed else (model,),
            ),
            StepSummary(
                "evaluator",
                "Evaluator",
                {},
                ("trainer", "split"),
                (),
                {} if failed else {"roc_auc": 0.731249, "log_loss": None},
            ),
        ),
        "flights",
        336776,
        "9f3ac01b77d2ab12cd",
        ("split: 0.02% of the rows are duplicates.",),
        RunFailure("trainer", "ValueError: Input X contains NaN.", "Fill them.")
        if failed
        else None,
    )


class Page(HTMLParser):
    """What a browser would see: tags, attributes, the text of each cell."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.cells, self.open = set(), set(), [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {(tag, name, value) for name, value in attrs}
        if tag in ("td", "th", "h4", "li"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th", "h4", "li"} & set(self.open):
            self.cells[-1] += data

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check_bare(html):
    page = Page(html)
    assert page.tags <= TAGS
    assert {(tag, name) for tag, name, _ in page.attributes} <= ATTRIBUTES
    assert {value for _, _, value in page.attributes} <= {"left", "right"}
    return page


def test_a_run_as_text():
    assert (
        str(RunPanel(flights()))
        == """\
Run of Pipeline A: succeeded

data  flights, 336,776 rows, commit 9f3ac01b77d2

step       what            parameters         result
─────────  ──────────────  ─────────────────  ────────────────────────────────────
split      RandomSplit     seed=0             train 235,743 rows, eval 67,355 rows
trainer    SklearnTrainer  learning_rate=0.1  model HistGradientBoostingClassifier
evaluator  Evaluator                          roc_auc 0.7312, log_loss –

Findings:
- split: 0.02% of the rows are duplicates."""  # noqa: RUF001
    )


def test_a_failed_run_says_where_why_and_what_next():
    text = str(RunPanel(flights("failed")))
    assert "failed in  trainer" in text
    assert "error      ValueError: Input X contains NaN." in text
    assert "next       Fill them." in text
    table = text[text.index("─") :].splitlines()[1:4]
    states = {line.split()[0]: line.split()[1] for line in table}
    assert states == {"split": "✓", "trainer": "✗", "evaluator": "○"}
    assert "■ interrupted" in str(RunPanel(flights("interrupted")))


def test_a_failure_before_the_first_step():
    failed = RunSummary("A", "failed", (), failure=RunFailure(None, "No such file."))
    assert str(RunPanel(failed)) == "Run of A: failed\n\nerror  No such file."


def test_the_payload_is_what_the_extension_reads():
    bundle = RunPanel(flights())._repr_mimebundle_()
    assert list(bundle) == [MIME_TYPE, "text/html", "text/plain"]
    payload = bundle[MIME_TYPE]
    assert payload["panel"] == "run"
    assert payload["version"] == 1
    assert payload["source"] == "flights\t336776\t9f3ac01b77d2"
    assert payload["steps"][0]["outputs"][0] == "train\tparquet\t235743\t"
    assert payload["steps"][2]["metrics"] == ["roc_auc\t.7312", "log_loss\t"]
    assert list(payload) == sorted(payload)
    jsonschema.validate(payload, json.loads(schema()))


def test_the_schema_is_the_one_in_the_repository():
    assert PATH.read_text(encoding="utf-8") == schema(), "run python -m zenlab.views.payload_schema"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    summary = RunSummary(
        hostile,
        "failed",
        (
            StepSummary(
                hostile,
                hostile,
                {hostile: hostile},
                (hostile,),
                (OutputSummary(hostile, hostile, None, hostile),),
                {hostile: 1.0},
            ),
        ),
        hostile,
        1,
        hostile,
        (hostile,),
        RunFailure(hostile, hostile, hostile),
    )
    bundle = RunPanel(summary)._repr_mimebundle_()
    page = check_bare(bundle["text/html"])
    name = shorten(hostile)
    assert f"Run of {name}: failed" in page.cells
    assert page.cells.count(name) >= 2  # slot and title
    assert shorten(hostile, 300) in page.cells  # error, hint, finding
    assert all(line.isprintable() or "\u200d" in line for line in bundle["text/plain"].split("\n"))
    assert json.loads(json.dumps(bundle[MIME_TYPE]))["steps"][0]["title"] == name
    json.dumps(bundle, ensure_ascii=False).encode()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_block_escapes(hostile):
    document = Document(
        hostile,
        (
            Heading(hostile),
            Sentences((hostile,)),
            Facts(((hostile, hostile),)),
            Table((Column(hostile), Column(hostile, "right")), ((hostile, hostile),)),
        ),
    )
    page = check_bare(to_html(document))
    assert page.cells == [visible(hostile)] * 8
    assert to_text(document).count(visible(hostile).split(" ")[0]) >= 9


def test_a_table_row_is_a_line_of_html():
    html = to_html(Document("", (Table((Column("a"),), (("1",), ("2",))),)))
    assert '<tr><td><div align="left">1</div></td></tr>\n<tr>' in html


def test_text_columns_line_up_for_wide_and_combining_characters():
    rows = (("東京", "1"), ("e\u0301", "22"), ("abcdef", "333"))
    text = to_text(Document("t", (Table((Column("name"), Column("n", "right")), rows),)))
    assert {width(line) for line in text.splitlines()[2:]} == {11}


def test_long_cells_go_on_in_the_next_line():
    text = to_text(Document("t", (Table((Column("a"), Column("b")), (("word " * 30, "x"),)),)))
    assert max(map(width, text.splitlines())) <= 51


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        Table((Column("a"),), (("1", "2"),))


def test_parameters_are_exact_and_hold_no_address():
    assert parameter(1e-3) == "0.001"
    assert parameter("1") != parameter(1)
    assert parameter((1, [True, None])) == "[1, [True, None]]"
    assert parameter(object()) == "object"
    assert parameter(flights) == "flights"


def test_a_huge_run_fits_and_says_what_it_left_out():
    outputs = tuple(OutputSummary(f"output {i}" + "ü" * 100, "parquet", i) for i in range(50))
    steps = tuple(
        StepSummary(f"transform {i}", "f" * 100, {"x": "ü" * 1000}, (), outputs, {"m": 1.0})
        for i in range(200)
    )
    panel = RunPanel(RunSummary("A", "succeeded", steps, findings=("long " * 100,) * 100))
    assert stored_size(panel._repr_mimebundle_()) <= BUDGET
    assert "Left out here:" in str(panel)
    assert any(line.startswith("Steps: ") for line in panel.payload.omitted)


def test_the_budget_counts_what_nbformat_writes(tmp_path):
    bundle = RunPanel(flights())._repr_mimebundle_()
    sizes = []
    for data in (bundle, {}):
        output = nbformat.v4.new_output("display_data", data)
        cell = nbformat.v4.new_code_cell(outputs=[output], id="a")
        path = tmp_path / "a.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        sizes.append(path.stat().st_size)
    assert abs(stored_size(bundle) - (sizes[0] - sizes[1])) < 150


def test_a_frame_and_a_figure():
    panel = RunPanel(flights())
    frame = panel.to_frame()
    assert frame["slot"].tolist() == ["split", "trainer", "evaluator"]
    assert frame.loc[2, "roc_auc"] == 0.731249
    assert frame.loc[0, "outputs"] == {"train": 235743, "eval": 67355}
    figure = panel.figure()
    assert len(figure.data[1].text) == 3
    assert len(figure.to_json()) < 3000
    assert RunPanel(RunSummary("A", "failed", ())).to_frame().empty
    RunPanel(RunSummary("A", "failed", ())).figure()


def test_repr_is_cheap():
    panel = RunPanel(flights())
    assert repr(panel) == "<RunPanel Pipeline A: succeeded>"
    assert "_stored" not in vars(panel)


LIGHT = """
import sys
import zenlab.views
heavy = {"pandas", "numpy", "plotly", "msgspec", "IPython", "rich"} & set(sys.modules)
assert not heavy, heavy
"""


def test_the_import_is_light():
    subprocess.run([sys.executable, "-c", LIGHT], check=True, cwd=ROOT)


BUNDLES = """
import json, runpy, sys
tests = runpy.run_path(sys.argv[1])
from zenlab.views import RunPanel
bundles = [RunPanel(tests["flights"](s))._repr_mimebundle_() for s in ("succeeded", "failed")]
print(json.dumps(bundles))
"""


def test_the_same_run_has_the_same_bytes():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", BUNDLES, __file__],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
