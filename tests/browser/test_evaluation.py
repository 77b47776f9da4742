"""Evaluation and schema in a real browser: see checklist.md."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.evaluation_panels import NEGATIVES, POSITIVES
from tests.browser.panels import notebook

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])


def evaluation_of(opened):
    return opened.page.locator(".zen-evaluation")


def schema_of(opened):
    return opened.page.locator(".zen-schema")


def names(table):
    return table.locator("tr.zen-row").evaluate_all("rows => rows.map(row => row.dataset.name)")


@APPS
def test_an_evaluation_by_threshold_and_by_slice(open_notebook, app):
    opened = open_notebook(notebook("evaluation"), app)
    panel, page = evaluation_of(opened), opened.page
    expect(panel.locator("[data-metric=roc_auc]")).to_contain_text("0.7671 eval")
    expect(panel.locator("tr", has_text="<img src=x")).to_have_count(1)
    assert panel.locator("img, script, iframe").count() == 0

    threshold = panel.get_by_role("region", name="Threshold")
    slider = threshold.get_by_role("slider")
    cells = threshold.get_by_role("table", name=re.compile("^Confusion")).locator("td")
    expect(slider).to_have_attribute("aria-valuetext", "0.5000")
    point = panel.locator('[data-curve="roc"] .scatterlayer .point')
    expect(point).to_have_count(1)
    before = point.get_attribute("transform")
    slider.focus()
    page.keyboard.press("ArrowLeft")  # JupyterLab has a shortcut of the same key
    expect(slider).to_have_attribute("aria-valuetext", "0.4900")
    # Of a script's focus alone the browser shows a ring only if the keyboard was used before.
    expect(slider).to_have_css("outline-style", "solid")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0")
    expect(cells.nth(3)).to_contain_text(f"{POSITIVES}")
    expect(cells.nth(1)).to_contain_text(f"{NEGATIVES:,}")
    rates = {"recall": "100%", "precision": "30.0%", "accuracy": "30.0%", "F1": "0.4615"}
    for rate, text in rates.items():
        expect(threshold.locator(f"[data-rate={rate}] b")).to_have_text(text)
    expect(threshold.get_by_role("status")).to_contain_text("100% of the rows are flagged")
    expect(point).not_to_have_attribute("transform", before)
    threshold.get_by_role("button", name="Best F1").click()
    expect(slider).to_have_attribute("aria-valuetext", "0.5500")

    slices = panel.get_by_role("region", name="By slice")
    table = slices.get_by_role("table")
    assert names(table)[:2] == ["UA", "B6"]
    expect(table.locator('tr[data-name="UA"]')).to_contain_text("900")
    expect(table.locator('tr[data-name="UA"]')).to_contain_text("▼ -0.0271")
    expect(slices.get_by_role("status")).to_contain_text("the line is all rows: 0.7671")
    lines = table.locator(".zen-slice-all").evaluate_all(
        "all => all.map(line => line.getBoundingClientRect().left)"
    )
    assert len(lines) == 3
    assert max(lines) - min(lines) < 1
    table.get_by_role("button", name="value").click()
    assert names(table)[0] == "B6"
    slices.get_by_label("Metric").select_option("log_loss")
    expect(table.locator('tr[data-name="B6"]')).to_contain_text("0.4700")
    assert names(table)[1] == "B6"  # still sorted by the value
    slices.get_by_label("Difference from all").check()
    expect(table.locator(".zen-below")).to_have_count(1)
    slices.get_by_label("Slices by", exact=True).select_option("origin")
    expect(table.locator("tr.zen-row")).to_have_count(2)


def test_curves_have_lines_and_numbers(open_notebook):
    panel = evaluation_of(open_notebook(notebook("evaluation")))
    for kind in ("roc", "precision_recall", "calibration", "threshold"):
        expect(panel.locator(f'[data-curve="{kind}"] [data-drawn]')).to_be_visible()
    roc = panel.locator('[data-curve="roc"]')
    expect(roc.locator(".legendtext")).to_have_text(["eval", "train"])
    roc.locator("summary").click()
    expect(roc.get_by_role("table").get_by_role("row")).to_have_count(6)
    calibration = panel.locator('[data-curve="calibration"]')
    calibration.locator("summary").click()
    expect(calibration.get_by_role("row", name="40.0%").first).to_contain_text("38.0%")

    panel.get_by_label("Details of").select_option("train")
    expect(roc.locator(".legendtext")).to_have_text(["train", "eval"])
    panel.get_by_label("Label").select_option("distance")
    expect(panel.get_by_role("region", name="Threshold")).to_have_count(0)
    expect(panel.get_by_role("table", name=re.compile("^Confusion"))).to_contain_text("60.0%")
    expect(roc.locator(".legendtext")).to_have_count(3)
    panel.get_by_label("Curves of").select_option("long")
    expect(roc.locator(".js-line")).to_have_count(2)  # and the diagonal
    panel.get_by_label("Label").select_option("delay")
    expect(panel.get_by_role("region", name="Errors").locator("[data-drawn]")).to_have_count(2)
    expect(panel.locator("[data-metric=mae]")).to_contain_text("18.25")


@APPS
def test_a_schema_is_filtered_and_jumps(open_notebook, app):
    opened = open_notebook(notebook("statistics", "schema"), app)
    schema = schema_of(opened)
    rows = schema.locator("tr.zen-row")
    expect(rows).to_have_count(6)
    expect(schema.locator("tr", has_text="<img src=x")).to_have_count(1)
    assert schema.locator("img, script, iframe").count() == 0
    expect(schema).to_contain_text("thresholds drift 0.1, skew 0.1 (of all columns)")
    expect(schema.locator('tr[data-name="dep_delay"]')).to_contain_text("-60 … 1,500")
    schema.get_by_label("Type").select_option("text")
    expect(rows).to_have_count(3)
    schema.get_by_role("searchbox").fill("b6")
    expect(rows).to_have_count(1)
    expect(schema.locator(".zen-toolbar .zen-count")).to_have_text("1 of 6 columns")
    opened.statistics.get_by_role("searchbox").fill("distance")
    schema.locator("[data-action=jump]").click()
    expect(opened.statistics.locator('[data-feature="carrier"]')).to_be_in_viewport()
    expect(opened.page.locator(":focus")).to_have_attribute("aria-label", "Details of carrier")
    schema.get_by_role("searchbox").fill("")
    schema.get_by_label("Type").select_option(index=0)
    schema.get_by_label("Presence").select_option("optional")
    expect(rows).to_have_count(2)


def test_a_schema_is_accepted_with_a_kernel(open_notebook):
    opened = open_notebook(notebook("schema"))
    schema = schema_of(opened)
    status = schema.locator("[role=status]").first
    accept = schema.get_by_role("button", name="Accept carrier")
    opened.expect_accepted_by_another_kernel(accept, status)
    assert (opened.server.folder / "schema.txt").read_text() == "carrier"
    schema.get_by_role("button", name="Accept all").click()
    schema.get_by_role("button", name="Accept", exact=True).click()
    expect(status).to_contain_text("The schema takes up everything.")
    # It is of no pipeline: the kernel says so, and what to do.
    schema.locator("[data-action=refresh]").click()
    expect(schema.get_by_role("alert")).to_contain_text("Next: ")
