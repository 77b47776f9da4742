"""A panel as a file of its own."""

import json
import os
import re
import stat
from html.parser import HTMLParser

import pytest
from plotly.offline import get_plotlyjs

from tests.statistics_harness import statistics_of
from tests.unit.test_views_anomalies import carrier, drifted
from tests.unit.test_views_anomalies import flights as anomalies
from tests.unit.test_views_evaluation import binary, panel
from tests.unit.test_views_run import HOSTILE
from tests.unit.test_views_run import flights as run
from tests.unit.test_views_schema import flights as data_schema
from tests.unit.test_views_statistics import many, splits
from zenlab.core.validation import Anomalies, DatasetAnomalies, Drift
from zenlab.views import (
    AnomaliesPanel,
    EvaluationPanel,
    RunPanel,
    SchemaPanel,
    StatisticsPanel,
)
from zenlab.views.standalone import json_in_script


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.scripts, self.addresses, self.ids, self.open = [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        attributes = dict(attrs)
        self.addresses += [attributes[name] for name in ("src", "href") if name in attributes]
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.open.remove(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


def panels():
    return [
        StatisticsPanel(statistics_of(splits()), title="flights"),
        SchemaPanel(data_schema(), title="flights"),
        AnomaliesPanel(anomalies(carrier(ZZ=31), drift=drifted()), title="flights"),
        RunPanel(run()),
        panel(binary()),
        EvaluationPanel(values={"mae": 1.0}),
    ]


@pytest.mark.parametrize("shown", panels(), ids=lambda shown: type(shown).__name__)
def test_every_panel_is_one_file_that_loads_nothing(shown):
    html = shown.to_html()
    page = Page(html)
    assert page.addresses == []
    assert "link" not in page.tags
    library, data, code = page.scripts
    assert library == get_plotlyjs()
    assert json.loads(data)["data"] == json.loads(shown.figure().to_json())["data"]
    assert "Plotly.newPlot" in code
    own = html.replace(library, "")
    assert not re.search(r"https?:|//cdn|@import|url\(", own)
    assert str(shown).split("\n", maxsplit=1)[0] in own  # the title
    assert page.ids == ["zenlab-filter", "zenlab-figure", "zenlab-data"]
    assert shown.to_html() == html


def test_the_tables_are_those_of_the_notebook_where_all_fits():
    shown = RunPanel(run())
    assert shown._repr_mimebundle_()["text/html"] in shown.to_html()


def test_a_file_has_all_columns():
    html = StatisticsPanel(many(120, 1)).to_html()
    assert "column_0119" in html
    assert "Left out here" not in html


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "</script><script>alert(1)</script>", "<!--<script>"]
)
def test_no_name_ends_a_script(hostile):
    drift = [Drift(hostile, hostile, 0.5, 0.1)]
    shown = AnomaliesPanel(
        Anomalies([DatasetAnomalies(hostile, 9, [], drift, hostile)]), title=hostile
    )
    html = shown.to_html()
    html.encode()
    page = Page(html)
    assert page.tags.count("script") == 3
    assert not {"img", "h1"} & set(page.tags)
    assert page.tags.count("b") <= 9  # headings
    labels = json.loads(page.scripts[1])["layout"]["yaxis"]["ticktext"]
    assert len(labels) == 1
    assert "<script" not in labels[0]  # plotly would read tags


def test_json_in_a_script_is_the_same_json():
    value = {"a": ["</script>", "<!--", "]]>", "&amp;", "\u2028", "é", "\ud800"], "b": 1e-9}
    text = json_in_script(json.dumps(value))
    assert json.loads(text) == value
    assert text.isascii()
    assert not set(text) & set("<>&/")


def test_writing_is_whole_or_not_at_all(tmp_path):
    shown = RunPanel(run())
    path = tmp_path / "new" / "run.html"
    assert shown.to_html(path) == path.read_text(encoding="utf-8")
    path.write_text("before")
    assert shown.to_html(str(path)) == path.read_text(encoding="utf-8")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask

    taken = tmp_path / "new" / "taken.html"
    taken.mkdir()
    with pytest.raises(OSError, match=r"taken\.html"):
        shown.to_html(taken)
    assert {p.name for p in path.parent.iterdir()} == {"run.html", "taken.html"}
