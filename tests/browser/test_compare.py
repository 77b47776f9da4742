"""Comparisons in a real browser: see checklist.md."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.compare_panels import A, B, C, compare_notebook
from tests.browser.history import history
from tests.browser.looks import close_sidebar, set_theme

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])
MINUS = "\u2212"
MIME = "application/vnd.zenlab.v1+json"
RUNS = 1000
LISTED = 40


def choose(picker, *labels):
    for label in labels:
        picker.get_by_role("searchbox").fill(label)
        picker.get_by_role("checkbox", name=f"Compare {label}", exact=True).check()
    picker.get_by_role("button", name="Compare", exact=True).click()


@pytest.fixture(scope="session")
def team(lab):
    """A repository with a thousand runs beside the notebooks."""
    history(lab.folder / "team", RUNS)
    return lab


def table(panel, name):
    return panel.get_by_role("table", name=name, exact=True)


def names(rows):
    return rows.locator("tr.zen-row").evaluate_all("rows => rows.map(row => row.dataset.name)")


def compared(opened):
    """The panel, when it has been drawn."""
    panel = opened.page.locator(".zen-compare")
    expect(table(panel, "Runs")).to_be_visible()
    return panel


def opened_list(opened):
    opened.run_all()
    panel = compared(opened)
    panel.get_by_role("button", name="Choose runs").click()
    picker = panel.get_by_role("region", name="Choose runs")
    expect(picker.locator(".zen-toolbar .zen-count")).to_have_text("1,000 runs")
    return panel, picker


def draw_along(axis, start, end):
    """Draw with the mouse along an axis, from one share of it to another; 0 is its low end."""
    axis.scroll_into_view_if_needed()
    box = axis.bounding_box()
    upright = box["height"] > box["width"]  # where there is little room it lies

    def at(share):
        across, along = (0.5, 1 - share) if upright else (share, 0.5)
        return box["x"] + across * box["width"], box["y"] + along * box["height"]

    mouse = axis.page.mouse
    mouse.move(*at(start))
    mouse.down()
    mouse.move(*at(end), steps=4)
    mouse.up()


@APPS
def test_a_stored_comparison_can_be_looked_through(open_notebook, app):
    panel = compared(open_notebook(compare_notebook("compare"), app))
    runs = table(panel, "Runs")
    assert names(runs) == [A, B, C]
    best = runs.locator('tr[data-name="Shallow trees#1"] td').filter(has_text="0.7702")
    expect(best.get_by_role("img", name="best")).to_be_visible()
    expect(best).to_contain_text("▲ +0.0031")

    header = runs.locator("th").filter(has_text="log_loss")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")  # the lower, the better
    assert names(runs) == [A, C, B]
    runs.get_by_role("button", name="roc_auc").click()
    assert names(runs) == [C, A, B]

    code = panel.locator(".zen-diff").first
    expect(code.locator("del .zen-sign")).to_have_text(MINUS)
    expect(code.locator("ins").first).to_contain_text("+    late = frame")
    expect(code.locator("summary")).to_contain_text(f"+2 {MINUS}1")
    code.locator("summary").click()
    expect(code.locator("ins").first).to_be_hidden()
    data, steps = table(panel, f"Data of {B} against {A}"), table(panel, "Steps")
    assert names(data) == ["tailnum", "dep_delay"]
    expect(data.locator('tr[data-name="dep_delay"]')).to_contain_text("⚠ above 0.1")
    expect(panel).to_contain_text(f"{C}: same data, from one snapshot.")
    assert names(steps) == ["transform", "split", "trainer"]
    expect(panel).to_contain_text("shared by all runs: statistics.")

    panel.get_by_label("Only differences").uncheck()
    assert len(names(data)) == 4
    assert names(steps) == ["transform", "split", "statistics", "trainer"]
    panel.get_by_label("Baseline").select_option(C)
    expect(best).not_to_contain_text("▲")
    expect(runs.locator(f'tr[data-name="{A}"]')).to_contain_text("▼ -0.0031")
    expect(runs.locator(".zen-baseline:visible")).to_have_count(1)
    expect(panel).to_contain_text(f"Code here is compared with {A}.")
    # No markup of a name is any.
    expect(panel.locator("img, script, iframe")).to_have_count(0)


def test_the_pictures_of_a_comparison(open_notebook):
    panel = compared(open_notebook(compare_notebook("compare")))
    said = panel.locator(".zen-parallel-said")
    panel.get_by_label("Stands out").select_option(B)
    expect(said).to_contain_text(f"{B}: trainer.estimator LogisticRegression")
    expect(panel.locator(".zen-run-line.zen-out")).to_have_attribute("data-run", B)
    panel.get_by_label("Stands out").select_option("none")
    # Of a line that others cross, the middle of its box may be no point of it.
    panel.locator(f'.zen-run-line[data-run="{C}"] circle').last.click()
    expect(said).to_contain_text(f"{C}: ")
    expect(panel.get_by_label("Stands out")).to_have_value(C)

    # Drawn along an axis: a range, which another one narrows; a click is none.
    axes = panel.locator(".zen-axis-target")
    marked = panel.locator(".zen-runs .zen-in-range:visible")
    draw_along(axes.first, 0.4, 0.98)
    expect(panel.locator(".zen-inside-said")).to_contain_text("With trainer.estimator ")
    expect(marked).to_have_count(2)
    draw_along(axes.last, 0.3, 0.02)
    expect(marked).to_have_count(1)
    expect(panel.get_by_label("Stands out")).to_have_value(C)
    panel.get_by_role("button", name="Clear ranges").click()
    expect(marked).to_have_count(0)

    drawn = panel.locator(".zen-curves [data-drawn]")
    expect(drawn.locator(".legendtext")).to_have_text([A, B, C])
    expect(table(panel, "Numbers of loss").get_by_role("row")).to_have_count(4)
    panel.get_by_label("Log scale").check()
    panel.get_by_label("Which curves").select_option("ROC · eval")
    expect(panel.locator(".zen-curves .xtitle")).to_have_text("false positive rate")
    expect(panel.get_by_label("Log scale")).to_be_hidden()
    expect(table(panel, "Numbers of ROC · eval")).to_contain_text("56.2%")


def test_a_thousand_runs_are_filtered_and_scrolled(team, open_notebook):
    opened = open_notebook(compare_notebook("compare"))
    opened.run_all()
    compared(opened).get_by_role("button", name="Refresh").click()  # these runs are nobody's
    expect(opened.page.get_by_role("alert")).to_contain_text("Pipeline A")
    panel, picker = opened_list(opened)
    page = opened.page
    runs = table(picker, "Runs")
    expect(runs).to_have_attribute("aria-rowcount", "1001")
    assert len(names(runs)) < 40
    picker.locator(".zen-virtual").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    expect(runs.locator('tr[data-name="Pipeline 00#1"]')).to_be_visible()  # the earliest one
    assert len(names(runs)) < 40

    found = picker.locator(".zen-toolbar .zen-count")
    search = picker.get_by_role("searchbox")
    search.fill("pipeline 03 #7")
    expect(found).to_have_text("1 of 1,000 runs")
    search.fill("")
    picker.get_by_label("User").select_option("bob")
    expect(found).to_have_text("500 of 1,000 runs")
    picker.get_by_label("Datasource").select_option("flights")
    expect(found).to_have_text("0 of 1,000 runs")
    picker.get_by_label("Datasource").select_option("trains")
    picker.get_by_label("Only latest revisions").check()
    expect(found).to_have_text("10 of 1,000 runs")
    picker.get_by_label("Only latest revisions").uncheck()
    day = runs.locator("tbody tr.zen-row td:nth-child(5)").first.text_content()[:10]
    picker.get_by_label("From").fill(day)
    picker.get_by_label("To").fill(day)
    expect(found).to_have_text("1 of 1,000 runs")
    picker.get_by_label("From").fill("")
    picker.get_by_label("To").fill("")

    # By the keyboard: down the list, a tick, and it is still there at the other end.
    picker.locator(".zen-virtual").focus()
    for key in ("ArrowDown", "ArrowDown", "Space", "End", "Space"):
        page.keyboard.press(key)
    expect(picker.locator(".zen-ticked-count")).to_have_text("2 ticked: in detail")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_be_checked()
    page.keyboard.press("Escape")
    expect(picker).to_have_count(0)
    expect(panel.get_by_role("button", name="Choose runs")).to_be_focused()


@APPS
def test_what_was_chosen_is_kept_in_the_notebook(team, open_notebook, app):
    opened = open_notebook(compare_notebook("compare"), app)
    panel, picker = opened_list(opened)
    choose(picker, "Pipeline 03#9", "Pipeline 03#7")
    runs = table(panel, "Runs")
    expect(runs.locator("tr.zen-row")).to_have_count(2)
    assert names(runs) == ["Pipeline 03#7", "Pipeline 03#9"]  # the earlier one is the baseline
    expect(table(panel, "Parameters that differ")).to_contain_text("trainer.max_depth")

    panel.get_by_role("button", name="Back").click()
    assert names(runs) == [A, B, C]
    panel.get_by_role("button", name="Choose runs").click()
    choose(picker, "Pipeline 05#2", "Pipeline 05#1")
    panel.get_by_role("button", name="Keep").click()
    expect(panel).to_contain_text('%zen compare "Pipeline 05#1" "Pipeline 05#2"')
    opened.ask("await panel.context.save();")

    stored = json.loads((team.folder / opened.name).read_text(encoding="utf-8"))
    (output,) = stored["cells"][1]["outputs"]
    assert output["output_type"] == "display_data"
    assert set(output["data"]) == {MIME, "text/html", "text/plain"}
    labels = [run.split("\t")[0] for run in output["data"][MIME]["runs"]]
    assert labels == ["Pipeline 05#1", "Pipeline 05#2"]
    for readable in ("text/html", "text/plain"):
        assert "Pipeline 05#1 and Pipeline 05#2" in "".join(output["data"][readable])


def test_a_list_of_runs_is_looked_through_by_the_keyboard(open_notebook, request):
    opened = open_notebook(compare_notebook("list"))
    opened.no_kernel()
    panel = compared(opened)
    runs = table(panel, "Runs")
    actions = panel.get_by_role("group", name="What is ticked")
    expect(actions).to_contain_text("needs a kernel")
    runs.get_by_role("button", name="roc_auc").click()
    expect(runs.locator(".zen-best").get_by_role("img").first).to_be_visible()
    assert len(names(runs)) == LISTED
    panel.get_by_label("Filter by name or #revision").fill("#7")
    assert names(runs) == ["Pipeline 00#7"]
    panel.get_by_label("Filter by name or #revision").fill("")

    # By the keyboard alone: a range of numbers and a name, and those in both are ticked.
    panel.get_by_text("Ranges", exact=True).press("Enter")
    panel.get_by_label("roc_auc from").fill("0.75")
    panel.get_by_label("roc_auc from").press("Tab")
    panel.get_by_role("group", name="Range of trainer.loss").get_by_label("log_loss").press("Space")
    said = panel.locator(".zen-inside-said")
    expect(said).to_contain_text("With roc_auc ≥ 0.75 and trainer.loss log_loss, ")
    marked = runs.locator("tr", has=runs.page.locator(".zen-in-range:visible"))
    inside = marked.evaluate_all("rows => rows.map(row => row.dataset.name)")
    assert 0 < len(inside) < LISTED
    expect(said).to_contain_text(f"{len(inside)} of {LISTED} runs: ")
    expect(panel.locator(".zen-run-line.zen-outside")).to_have_count(LISTED - len(inside))
    panel.get_by_role("button", name="in range").press("Enter")
    ticked = f"{len(inside)} ticked: as a list"
    expect(panel.locator(".zen-ticked-count")).to_contain_text(ticked)
    if shots := request.config.getoption("--screenshots"):
        picture(opened.page, panel, 1726, Path(shots) / "compare-list.png")
    panel.get_by_label("Only in range").check()
    assert names(runs) == inside
    panel.get_by_role("button", name="Clear ranges").click()
    expect(marked).to_have_count(0)
    expect(runs.locator("tr.zen-row")).to_have_count(LISTED)
    actions.get_by_role("button", name="Untick all").click()
    expect(panel.locator(".zen-ticked-count")).to_contain_text("0 ticked")


def test_runs_that_are_ticked_are_compared(team, open_notebook, request):
    opened = open_notebook(compare_notebook("list"))
    opened.run_all()
    panel = compared(opened)
    runs = table(panel, "Runs")
    actions = panel.get_by_role("group", name="What is ticked")
    for label in ("Pipeline 00#3", "Pipeline 00#2"):
        panel.get_by_role("checkbox", name=f"Compare {label}", exact=True).check()
    actions.get_by_role("button", name="Compare", exact=True).click()
    expect(runs.locator("tr.zen-row")).to_have_count(2)
    assert sorted(names(runs)) == ["Pipeline 00#2", "Pipeline 00#3"]
    expect(panel.get_by_role("group", name="Not stored yet")).to_be_visible()

    # All parameters, another baseline.
    base = panel.get_by_label("Baseline")
    other = ({"Pipeline 00#2", "Pipeline 00#3"} - {base.input_value()}).pop()
    panel.get_by_label("Only differences").uncheck()
    panel.get_by_role("button", name="Show those that are the same").click()
    expect(table(panel, "Parameters")).to_contain_text("RandomForestClassifier")
    base.select_option(other)
    panel.get_by_role("button", name=f"Compare with {other}").first.click()
    expect(panel.locator("[data-part^='Data against']")).to_contain_text(f"against {other}")
    panel.locator("[data-part^='Data against']").evaluate("part => { part.dataset.old = 'yes' }")
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.locator("[data-old]")).to_have_count(0)  # all of it is drawn again
    expect(panel.get_by_role("group", name="Not stored yet")).to_be_visible()

    # The data of both, side by side.
    data = panel.locator("[data-part^='Data against'] table").first
    data.get_by_role("button", name="Details of dep_delay").click()
    both = panel.locator(".zen-both", has=opened.page.get_by_role("table", name="dep_delay"))
    expect(both.locator("[data-drawn] .legendtext")).to_have_count(2)
    numbers = table(both, "Numbers of dep_delay")
    expect(numbers.locator("thead th")).to_have_text([other, *({*names(runs)} - {other})])
    expect(numbers.get_by_role("row", name="median")).to_be_visible()
    data.get_by_role("button", name="Details of carrier").click()
    expect(table(panel, "Most frequent values of carrier")).to_contain_text("UA")
    data.get_by_role("button", name="Details of passport").click()
    expect(panel.locator(".zen-both").last).to_contain_text("sensitive")
    expect(panel.locator("img, script, iframe")).to_have_count(0)
    if shots := request.config.getoption("--screenshots"):
        picture(opened.page, panel, 1726, Path(shots) / "compare-both.png")


def test_comparisons_fit_in_both_themes(team, open_notebook, request):
    opened = open_notebook(compare_notebook("compare"))
    page = opened.page
    panel, picker = opened_list(opened)
    close_sidebar(page)
    for theme in ("Light", "Dark"):
        set_theme(page, theme)
        for size, width in (("narrow", 520), ("wide", 1726)):
            page.set_viewport_size({"width": width, "height": 1400})
            room = 404 if width < 1000 else 1400
            page.wait_for_function(
                "room => Math.abs(document.querySelector('.zen-compare').clientWidth - room) < 160",
                arg=room,
            )
            expect(panel.locator(".zen-curves [data-drawn]")).to_be_visible()
            assert panel.evaluate("node => node.scrollWidth <= node.clientWidth")
            for inner in (picker.locator(".zen-virtual"), panel.locator(".zen-parallel-picture")):
                page.wait_for_function(
                    "node => node.scrollWidth <= node.clientWidth + 1", arg=inner.element_handle()
                )
            if shots := request.config.getoption("--screenshots"):
                picture(page, panel, width, Path(shots) / f"compare-{theme.lower()}-{size}.png")


def picture(page, panel, width, path):
    page.wait_for_timeout(1000)  # fonts, and the theme's transition
    height = int(panel.bounding_box()["height"]) + 400
    page.set_viewport_size({"width": width, "height": height})
    panel.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    panel.screenshot(path=path)
