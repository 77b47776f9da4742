"""Runs in a real browser, over and going on: see checklist.md."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.looks import NARROW, close_sidebar, expect_fits, findings
from tests.browser.runs import MIME, running, stored

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])
RUN = "%zen run pipeline"
BEGIN = 60_000  # ms: a kernel that starts, and imports scikit-learn


def step(panel, slot):
    return panel.locator(f'.zen-step[data-slot="{slot}"]')


def start(opened):
    """Run all cells, and do not wait."""
    opened.ask(
        "await panel.sessionContext.ready;"
        "window.jupyterapp.commands.execute('notebook:run-all-cells');"
    )


def saved(opened):
    opened.ask("await panel.context.save();")
    return nbformat.read(opened.server.folder / opened.name, as_version=4)


@APPS
def test_a_stored_run_can_be_looked_through(open_notebook, app):
    opened = open_notebook(stored(), app)
    panel = opened.page.locator(".zen-run")
    opened.no_kernel()
    expect(step(panel, "trainer")).to_contain_text("✓ done")
    expect(panel).to_contain_text("336,776 rows")
    left = [step(panel, s).bounding_box()["x"] for s in ("transform", "split", "trainer")]
    assert left == sorted(left)
    step(panel, "evaluator").click()
    details = panel.locator('[data-step="evaluator"]')
    expect(details.get_by_role("table", name="Metrics")).to_contain_text("0.7671")
    expect(panel.locator("g.zen-on")).to_have_count(3)
    details.get_by_role("button", name="split").click()
    details = panel.locator('[data-step="split"]')
    expect(details.get_by_role("table", name="Parameters")).to_contain_text(
        "{'train': 0.7, 'eval': 0.2, 'test': 0.1}"
    )
    expect(details.get_by_role("table", name="Outputs")).to_contain_text("229,567 rows")
    expect(step(panel, "split")).to_be_focused()
    expect(step(panel, "split")).to_have_attribute("aria-expanded", "true")
    opened.page.keyboard.press("Enter")  # once more: closed
    expect(details).to_have_count(0)
    outline = step(panel, "split").evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    # What only a kernel knows is not offered.
    expect(panel.locator("[data-action]:visible")).to_have_count(0)


@APPS
def test_a_run_is_followed_and_then_tells_hits_and_misses(open_notebook, app):
    again = "pipeline = declare('B', 3); pipeline.run()"
    opened = open_notebook(running(f"pipeline = declare('A', 3)\n{RUN}", again), app)
    start(opened)
    live = opened.page.locator(".zen-live").first
    expect(step(live, "trainer")).to_contain_text("▶ running", timeout=BEGIN)
    expect(step(live, "trainer")).to_contain_text(re.compile(r"\d%"))
    expect(live).to_contain_text("epoch")
    expect(live.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"\d"))

    panels = opened.page.locator(".zen-run")
    expect(panels).to_have_count(2)
    first, second = panels.first, panels.last
    expect(step(first, "trainer")).to_contain_text("✓ executed")
    expect(step(first, "statistics")).to_contain_text("⊘ left out")
    expect(first).to_contain_text("3 misses (executed)")
    expect(step(second, "trainer")).to_contain_text("↺ cached")
    expect(second).to_contain_text("3 hits (cached)")
    expect(second.locator(".zen-outcome")).to_contain_text("thanks to you (A#1)")

    step(second, "trainer").click()
    details = second.locator('[data-step="trainer"]')
    expect(details.locator('[data-part="why"]')).to_contain_text("came from the cache")
    expect(details.locator('[data-part="code"]')).to_contain_text("def fit(train, context")
    expect(details.locator('[data-part="log"]')).to_contain_text("fitted <img src=x")
    assert opened.page.locator(".zen-output").locator("img, script").count() == 0
    assert opened.page.title() != "hacked"
    close_sidebar(opened.page)
    opened.page.set_viewport_size({"width": NARROW, "height": 1000})
    expect_fits(opened.page)
    assert "\u202e" not in second.text_content()

    # What is stored knows nothing of hits, and is the same whatever came from the cache.
    outputs = [c.outputs for c in saved(opened).cells[2:]]
    data = [[o.data for o in cell if "data" in o] for cell in outputs]
    assert [[sorted(d) for d in cell] for cell in data] == [
        [sorted([MIME, "text/html", "text/plain"])]
    ] * 2
    first, second = (dict(cell[0][MIME]) for cell in data)
    assert {**first, "pipeline": "B"} == second


def test_a_run_that_goes_on_is_stopped(open_notebook):
    opened = open_notebook(running(f"pipeline = declare('A', 300)\n{RUN}"))
    start(opened)
    live = opened.page.locator(".zen-live")
    expect(step(live, "trainer")).to_contain_text("▶ running", timeout=BEGIN)
    expect(live).to_contain_text("epoch 1 <img src=x")
    assert findings(opened.page) == []
    close_sidebar(opened.page)
    opened.page.set_viewport_size({"width": NARROW, "height": 1000})
    expect_fits(opened.page)
    live.get_by_role("button", name="Stop the run").click()
    live.get_by_role("button", name="Go on").click()
    live.get_by_role("button", name="Stop the run").click()
    live.get_by_role("button", name="Stop", exact=True).click()
    expect(live).to_contain_text("Asked to stop")
    panel = opened.page.locator(".zen-run")
    expect(step(panel, "trainer")).to_contain_text("■ interrupted")
    expect(panel).to_contain_text("Run of A: interrupted")


def test_a_page_that_is_loaded_again_goes_on_with_a_run(open_notebook):
    opened = open_notebook(running(f"pipeline = declare('A', 20)\n{RUN}"), "notebook")
    page = opened.page
    start(opened)
    live = page.locator(".zen-live")
    expect(step(live, "trainer")).to_contain_text("▶ running", timeout=BEGIN)
    saved(opened)  # as JupyterLab does by itself every two minutes
    page.reload()
    # JupyterLab is not connected before the cell has ended: until then the display as it was saved.
    expect(page.locator(".zen-output")).to_contain_text("trainer")
    panel = page.locator(".zen-run")
    expect(step(panel, "trainer")).to_contain_text("✓")
    expect(live).to_have_count(0)
    (output,) = [o for o in saved(opened).cells[2].outputs if "data" in o]
    assert sorted(output.data) == sorted([MIME, "text/html", "text/plain"])
    assert output.data[MIME]["status"] == "succeeded"
