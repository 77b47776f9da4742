"""Statistics and anomalies in a real browser: see checklist.md."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.panels import MANY, notebook

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])


def row(panel, name):
    return panel.locator(f'tr[data-name="{name}"]')


def names(panel, group):
    return panel.locator(f"[data-group={group}] tr.zen-row").evaluate_all(
        "rows => rows.map(row => row.dataset.name)"
    )


@APPS
def test_a_stored_statistics_panel_can_be_looked_through(open_notebook, app):
    opened = open_notebook(notebook("statistics"), app)
    panel = opened.statistics
    # The notebook was never trusted here, and its kernel has not run a cell.
    expect(panel).to_contain_text("train 2,000 rows")
    assert names(panel, "numbers") == ["dep_delay", "distance"]

    header = panel.locator("[data-group=numbers] th").filter(has_text="column")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert names(panel, "numbers") == ["distance", "dep_delay"]

    panel.get_by_role("searchbox").fill("b6")
    expect(panel.locator(".zen-toolbar .zen-count")).to_have_text("1 of 7 columns")
    assert names(panel, "texts") == ["carrier"]
    panel.get_by_role("searchbox").fill("")
    panel.get_by_label("Only missing").check()
    expect(panel.locator(".zen-toolbar .zen-count")).to_have_text("1 of 7 columns")
    panel.get_by_label("Only missing").uncheck()
    panel.get_by_label("Only anomalous").check()
    expect(panel.locator(".zen-toolbar .zen-count")).to_have_text("3 of 7 columns")


@APPS
def test_a_feature_opens_with_its_chart(open_notebook, app):
    opened = open_notebook(notebook("statistics"), app)
    panel = opened.statistics
    loaded = []
    opened.page.on("request", lambda r: loaded.append(r.url))
    panel.get_by_role("button", name="Details of dep_delay").click()
    feature = panel.locator('[data-feature="dep_delay"]')
    ticks = feature.locator(".ytick text")
    expect(ticks.last).to_have_text(re.compile(r"^\d+%$"))
    if app == "notebook":  # the page of JupyterLab may have it from another test
        assert any("zenlab-labextension" in url for url in loaded), "it comes with the first chart"
    expect(feature.locator(".legendtext")).to_have_text(["train", "eval", "test"])
    expect(feature.get_by_role("row", name="median")).to_be_visible()

    feature.get_by_label("Normalised").uncheck()
    expect(ticks.last).not_to_have_text(re.compile("%"))
    feature.get_by_label("Normalised").check()
    feature.get_by_label("Log scale").check()
    expect(ticks.filter(has_text="0%")).to_have_count(1)  # 10%: of a log scale, no 0%, no 20%

    panel.get_by_role("button", name="Details of carrier").click()
    top = panel.get_by_role("table", name="Most frequent values of carrier")
    expect(top.get_by_role("rowheader")).to_have_text(["UA", "B6", "EV"])
    expect(panel.locator('[data-feature="carrier"] [data-drawn]')).to_be_visible()
    for name in ("time_hour", "taxi"):
        panel.get_by_role("button", name=f"Details of {name}").click()
        expect(panel.locator(f'[data-feature="{name}"] [data-drawn]')).to_be_visible()


def test_slices_have_their_table(open_notebook):
    panel = open_notebook(notebook("statistics")).statistics
    slices = panel.get_by_role("table", name="Slices")
    expect(slices.locator("tr.zen-row")).to_have_count(2)
    expect(row(slices, "origin = EWR")).to_contain_text("60")
    panel.locator("summary").click()
    expect(slices).to_be_hidden()


def test_everything_is_reached_by_the_keyboard(open_notebook):
    opened = open_notebook(notebook("statistics"))
    panel, page = opened.statistics, opened.page
    panel.get_by_role("searchbox").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    for _ in range(12):
        if page.evaluate("document.activeElement.className") == "zen-toggle":
            break
        page.keyboard.press("Tab")
    focused = page.locator(".zen-toggle:focus")
    outline = focused.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-expanded", "true")
    expect(panel.locator(".zen-feature")).to_have_count(1)


@APPS
def test_an_anomaly_jumps_to_its_feature(open_notebook, app):
    opened = open_notebook(notebook("statistics", "anomalies"), app)
    anomalies = opened.anomalies
    expect(anomalies).to_contain_text("3 anomalies")
    opened.statistics.get_by_role("searchbox").fill("distance")
    row(anomalies, "dep_delay").first.locator("[data-action=jump]").click()
    feature = opened.statistics.locator('[data-feature="dep_delay"]')
    expect(feature).to_be_in_viewport()
    expect(opened.page.locator(":focus")).to_have_attribute("aria-label", "Details of dep_delay")


def test_an_anomaly_says_where_there_are_no_statistics(open_notebook):
    anomalies = open_notebook(notebook("anomalies")).anomalies
    row(anomalies, "carrier").first.locator("[data-action=jump]").click()
    expect(anomalies.locator("[role=status]").first).to_contain_text("run view_statistics() first")


def test_anomalies_are_filtered(open_notebook):
    anomalies = open_notebook(notebook("anomalies")).anomalies
    found = anomalies.get_by_role("table", name="Anomalies").locator("tr.zen-row")
    expect(found).to_have_count(3)
    anomalies.get_by_label("Severity").select_option("warning")
    expect(found).to_have_count(1)
    anomalies.get_by_label("Severity").select_option(index=0)
    anomalies.get_by_role("searchbox").fill("new value, 0.3")
    expect(found).to_have_count(1)


@APPS
def test_accepting_needs_a_kernel_and_reaches_the_panel(open_notebook, app):
    opened = open_notebook(notebook("anomalies"), app)
    anomalies = opened.anomalies
    accept = anomalies.get_by_role("button", name="Accept carrier")
    status = anomalies.locator("[role=status]").first
    opened.no_kernel()
    expect(accept).to_be_hidden()
    opened.ask("await panel.sessionContext.startKernel();")
    expect(accept).to_be_visible()
    accept.click()
    expect(status).to_contain_text("has not loaded zenlab")

    opened.run_all()
    accept.click()
    expect(status).to_contain_text("The schema takes up carrier.")
    assert (opened.server.folder / "accepted.txt").read_text() == "carrier"
    anomalies.get_by_role("button", name="Accept all").click()
    anomalies.get_by_role("button", name="Accept", exact=True).click()
    expect(status).to_contain_text("The schema takes up everything.")


def test_more_features_and_refresh_come_from_the_kernel(open_notebook):
    opened = open_notebook(notebook("wide"))
    panel = opened.statistics
    stored = len(names(panel, "numbers"))
    assert stored < MANY
    opened.run_all()
    panel.locator("[data-action=more]").click()
    expect(panel.locator("tr.zen-row")).to_have_count(MANY)
    expect(panel.locator("[data-action=more]")).to_have_count(0)
    # It is of no pipeline: the kernel says so, and what to do.
    panel.locator("[data-action=refresh]").click()
    expect(panel.get_by_role("alert")).to_contain_text("Next: ")


def test_a_kernel_that_is_busy_answers_meanwhile_or_the_panel_says_so(open_notebook):
    content = notebook("wide")
    content.cells.append(nbformat.v4.new_code_cell("import time; time.sleep(600)", id="last"))
    opened = open_notebook(content)
    panel = opened.statistics
    opened.ask(
        "await panel.sessionContext.ready;"
        "window.jupyterapp.commands.execute('notebook:run-all-cells');"
    )
    last = opened.page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt")
    expect(last).to_have_text("[*]:")
    expect(opened.page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt")).to_have_text(
        "[2]:"
    )
    panel.locator("[data-action=more]").click()
    # ipykernel 7 has subshells: nobody waits for the cell.
    expect(panel.locator("tr.zen-row")).to_have_count(MANY)
    opened.ask("await panel.sessionContext.session.kernel.interrupt();")


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"panel": "forecast"}], ids=["newer", "unknown"]
)
def test_what_the_extension_does_not_know_is_the_static_table(open_notebook, change):
    opened = open_notebook(notebook("statistics", change=change))
    expect(opened.page.locator(".zen-output")).to_contain_text("A newer zenlab made this panel")
    static = opened.page.locator(".zen-static")
    expect(static).to_contain_text("Columns of numbers")
    expect(static.locator("td", has_text="dep_delay").first).to_be_visible()
    expect(opened.statistics).to_have_count(0)


def test_without_the_extension_there_is_the_static_table(open_notebook, bare_lab):
    opened = open_notebook(notebook("statistics"), server=bare_lab)
    expect(opened.page.locator(".jp-RenderedHTML")).to_contain_text("Columns of numbers")
    expect(opened.page.locator(".zen-output")).to_have_count(0)
