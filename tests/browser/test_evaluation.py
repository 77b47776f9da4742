"""Evaluation and schema in a real browser: see checklist.md."""

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.evaluation_panels import NEGATIVES, POSITIVES
from tests.browser.panels import notebook
from tests.browser.server import ROOT

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])


def evaluation_of(opened):
    return opened.page.locator(".zen-evaluation")


def schema_of(opened):
    return opened.page.locator(".zen-schema")


def names(table):
    return table.locator("tr.zen-row").evaluate_all("rows => rows.map(row => row.dataset.name)")


def quickstart(*panels):
    """A notebook of what the quickstart stores."""
    stored = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    cells, found = [], set()
    for cell in stored.cells:
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get("application/vnd.zenlab.v1+json")
            if payload and payload["panel"] in panels and payload["panel"] not in found:
                found.add(payload["panel"])
                cells.append(cell)
    assert found == set(panels)
    return nbformat.v4.new_notebook(cells=cells, metadata=stored.metadata)


@APPS
def test_the_threshold_moves_the_matrix_and_the_metrics(open_notebook, app):
    opened = open_notebook(notebook("evaluation"), app)
    panel, page = evaluation_of(opened), opened.page
    threshold = panel.get_by_role("region", name="Threshold")
    slider = threshold.get_by_role("slider")
    matrix = threshold.get_by_role("table", name=re.compile("Confusion matrix"))
    expect(slider).to_have_attribute("aria-valuetext", "0.500")
    expect(panel.locator("[data-metric=roc_auc]")).to_contain_text("0.7671 eval")

    points = panel.locator('[data-curve="roc"] .scatterlayer .point')
    expect(points).to_have_count(1)
    before = points.get_attribute("transform")
    slider.focus()
    assert slider.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "0.490")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0")
    cells = matrix.locator("td")
    expect(cells.nth(3)).to_contain_text(f"{POSITIVES}")
    expect(cells.nth(1)).to_contain_text(f"{NEGATIVES:,}")
    expect(threshold.locator("[data-rate=recall] b")).to_have_text("100%")
    expect(threshold.locator("[data-rate=precision] b")).to_have_text("30.0%")
    expect(threshold.locator("[data-rate=accuracy] b")).to_have_text("30.0%")
    expect(threshold.locator("[data-rate=F1] b")).to_have_text("0.4615")
    expect(threshold.get_by_role("status")).to_contain_text("100% of the rows are flagged")
    expect(points).not_to_have_attribute("transform", before)

    threshold.get_by_role("button", name="Best F1").click()
    expect(slider).not_to_have_attribute("aria-valuetext", "0")
    threshold.get_by_role("button", name="One half").click()
    expect(points).to_have_attribute("transform", before)


@APPS
def test_slices_are_bars_with_their_counts(open_notebook, app):
    panel = evaluation_of(open_notebook(notebook("evaluation"), app))
    slices = panel.get_by_role("region", name="By slice")
    table = slices.get_by_role("table")
    assert names(table)[:2] == ["UA", "B6"]
    expect(table.locator('tr[data-name="UA"]')).to_contain_text("900")
    expect(table.locator('tr[data-name="UA"]')).to_contain_text("▼ -0.0271")
    expect(slices.get_by_role("status")).to_contain_text("the line is all rows: 0.7671")
    assert table.locator(".zen-slice-all").count() == 3
    lines = table.locator(".zen-slice-all").evaluate_all(
        "all => all.map(line => line.getBoundingClientRect().left)"
    )
    assert max(lines) - min(lines) < 1

    table.get_by_role("button", name="value").click()
    assert names(table)[0] == "B6"
    slices.get_by_label("Metric").select_option("log_loss")
    expect(table.locator('tr[data-name="B6"]')).to_contain_text("0.4700")
    assert names(table)[1] == "B6"  # still sorted by the value
    slices.get_by_label("Difference from all").check()
    assert table.locator(".zen-below").count() == 1
    slices.get_by_label("Slices by").select_option("origin")
    assert sorted(names(table)) == ["EWR", "JFK"]


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
    expect(panel.get_by_role("table", name=re.compile("Confusion"))).to_contain_text("60.0%")
    expect(roc.locator(".legendtext")).to_have_count(3)
    panel.get_by_label("Class").select_option("long")
    expect(roc.locator(".js-line")).to_have_count(2)
    panel.get_by_label("Label").select_option("delay")
    errors = panel.get_by_role("region", name="Errors")
    expect(errors.locator("[data-drawn]")).to_have_count(2)
    expect(panel.locator("[data-metric=mae]")).to_contain_text("18.25")


@APPS
def test_a_schema_is_filtered_and_jumps(open_notebook, app):
    opened = open_notebook(notebook("statistics", "schema"), app)
    schema = schema_of(opened)
    rows = schema.locator("tr.zen-row")
    expect(rows).to_have_count(6)
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
    opened.no_kernel()
    expect(accept).to_be_hidden()
    opened.ask("await panel.sessionContext.startKernel();")
    opened.run_all()
    accept.click()
    expect(status).to_contain_text("The schema takes up carrier.")
    assert (opened.server.folder / "schema.txt").read_text() == "carrier"
    schema.get_by_role("button", name="Accept all").click()
    schema.get_by_role("button", name="Accept", exact=True).click()
    expect(status).to_contain_text("The schema takes up everything.")
    # It is of no pipeline: the kernel says so, and what to do.
    schema.locator("[data-action=refresh]").click()
    expect(schema.get_by_role("alert")).to_contain_text("Next: ")


@pytest.mark.parametrize("width", [520, 1726])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_evaluation_and_schema_fit_in_both_themes(open_notebook, width, theme, request):
    opened = open_notebook(quickstart("evaluation", "schema"))
    page = opened.page
    page.set_viewport_size({"width": width, "height": 1400})
    page.evaluate(
        f"""async () => {{
            const run = (name, args) => window.jupyterapp.commands.execute(name, args);
            if (window.jupyterapp.shell.leftCollapsed === false) {{
                await run('application:toggle-left-area');
            }}
            await run('apputils:change-theme', {{ theme: 'JupyterLab {theme}' }});
        }}"""
    )
    light = "true" if theme == "Light" else "false"
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    evaluation, schema = evaluation_of(opened), schema_of(opened)
    expect(evaluation.locator("[data-drawn]")).to_have_count(4)
    for panel in (evaluation, schema):
        assert panel.evaluate("node => node.scrollWidth <= node.clientWidth")
        for table in panel.locator(".zen-scroll").all():
            assert table.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
    if shots := request.config.getoption("--screenshots"):
        page.wait_for_timeout(1000)  # for the picture only: fonts, and the theme's transition
        for name, panel in (("evaluation", evaluation), ("schema", schema)):
            height = panel.bounding_box()["height"]
            page.set_viewport_size({"width": width, "height": int(height) + 400})
            panel.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            size = "narrow" if width < 1000 else "wide"
            panel.screenshot(path=Path(shots) / f"{name}-{theme.lower()}-{size}.png")


def test_hostile_names_of_an_evaluation_are_text(open_notebook):
    opened = open_notebook(notebook("evaluation", "schema"))
    expect(evaluation_of(opened).locator("tr", has_text="<img src=x")).to_have_count(1)
    expect(schema_of(opened).locator("tr", has_text="<img src=x")).to_have_count(1)
    assert opened.page.locator(".zen-output").locator("img, script, iframe").count() == 0
    assert opened.page.title() != "hacked"
