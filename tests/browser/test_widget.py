"""Panels as widgets, in a JupyterLab without our extension: see checklist.md."""

import re

import nbformat
from playwright.sync_api import expect

from tests.browser.panels import MANY, notebook

VIEW = "application/vnd.jupyter.widget-view+json"
MIME = "application/vnd.zenlab.v1+json"
OPTION = "\nimport zenlab\nzenlab.options.renderer = 'widget'"


def saved(opened):
    """The notebook's file, and its text without execution counts."""
    opened.ask("await panel.context.save();")
    text = (opened.server.folder / opened.name).read_text(encoding="utf-8")
    return nbformat.reads(text, as_version=4), re.sub(r'"execution_count": \d+', "", text)


def test_panels_as_widgets_in_two_kernels(open_notebook, bare_lab):
    content = notebook("statistics", "anomalies", "wide")
    content.cells[0].source += OPTION
    opened = open_notebook(content, server=bare_lab)
    statistics, wide = opened.statistics.first, opened.statistics.last
    accept = opened.anomalies.get_by_role("button", name="Accept carrier")
    status = opened.anomalies.locator("[role=status]").first
    opened.run_all()
    expect(opened.page.locator(".zen-widget .zen-panel")).to_have_count(3)

    # One bus for all of them; the chart's plotly is the kernel's.
    opened.anomalies.locator('tr[data-name="dep_delay"] [data-action=jump]').first.click()
    feature = statistics.locator('[data-feature="dep_delay"]')
    expect(feature.locator(".legendtext")).to_have_text(["train", "eval", "test"])
    accept.click()
    expect(status).to_contain_text("The schema takes up carrier.")
    wide.locator("[data-action=more]").click()
    expect(wide.locator("tr.zen-row")).to_have_count(MANY)
    wide.locator("[data-action=refresh]").click()
    expect(wide.get_by_role("alert")).to_contain_text("Next: ")

    stored, text = saved(opened)
    assert "widgets" not in stored.metadata
    bundles = [cell.outputs[0].data for cell in stored.cells[1:]]
    assert [set(bundle) for bundle in bundles] == [{MIME, VIEW, "text/html", "text/plain"}] * 3
    assert len({bundle[VIEW]["model_id"] for bundle in bundles}) == 3

    opened.expect_accepted_by_another_kernel(accept, status)
    assert saved(opened)[1] == text


def test_a_stored_widget_is_a_panel_or_its_table(open_notebook, lab, bare_lab):
    content = notebook("statistics")
    content.cells[1].outputs[0].data[VIEW] = {"model_id": "zen-1", "version_major": 2}
    table = open_notebook(content, server=bare_lab).page.locator(".jp-RenderedHTML")
    expect(table).to_contain_text("Columns of numbers")
    opened = open_notebook(content, server=lab)
    opened.statistics.get_by_role("button", name="Details of dep_delay").click()
    expect(opened.statistics.locator("[data-drawn]")).to_be_visible()
    expect(opened.page.locator(".zen-widget")).to_have_count(0)
