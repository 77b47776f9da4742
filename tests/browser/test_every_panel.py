"""What holds for every kind of panel in a real browser: see checklist.md."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.every_panel import BACKWARDS, KINDS, NAMES, every, hostile, quickstart
from tests.browser.looks import (
    NARROW,
    close_sidebar,
    expect_fits,
    findings,
    open_all,
    picture,
    set_theme,
)

HEIGHT = 12_000
"""So high that JupyterLab has every cell of the notebook in the page."""
WIDE = 1726
README = 1016
"""A window in which a panel has the 838 pixels that GitHub has for a picture."""
HALVES = 1090
"""A window in which an evaluation has just room for two columns."""
VISIBLE = r"\u202egnp.exe\u202c\u202e"
"""How `BACKWARDS` is shown."""
STRANGERS = "img, script, iframe, object, embed, a, i"
"""Elements that no panel has, so that somebody's string must have made them."""


def opened_panels(opened, width):
    """The panels of the page, when each is drawn and everything in it is opened."""
    page = opened.page
    page.set_viewport_size({"width": width, "height": HEIGHT})
    close_sidebar(page)
    for kind in KINDS:
        expect(page.locator(f".zen-{kind} .zen-title")).to_be_visible()
    open_all(page)
    expect(page.locator(".zen-feature [data-drawn]")).to_have_count(2)
    return page.locator(".zen-panel")


def test_axe_finds_nothing_serious(open_notebook):
    opened = open_notebook(every())
    opened_panels(opened, 1600)
    for theme, rules in (("Dark", ()), ("Light", ("color-contrast",))):
        set_theme(opened.page, theme)
        found = findings(opened.page, *rules)
        assert not found, "\n".join([f"axe-core has found, in the {theme} theme:", *found])


def all_text(panel):
    """What a panel says, also of what has to be chosen: steps of a run, labels of an evaluation."""
    said = [panel.text_content()]
    for step in panel.locator(".zen-step[aria-expanded=false]").all():
        step.click()
        said.append(panel.text_content())
    label = panel.get_by_label("Label", exact=True)
    for i in range(1, label.locator("option").count()):
        label.select_option(index=i)
        said.append(panel.text_content())
    return "\n".join(said)


def test_hostile_strings_are_text(open_notebook):
    opened = open_notebook(hostile())
    page = opened.page
    panels = opened_panels(opened, NARROW)
    expect_fits(page)
    for kind in KINDS:
        text = all_text(page.locator(f".zen-{kind}"))
        for name in NAMES[kind].values():
            assert name.replace(BACKWARDS, VISIBLE) in text, f"{kind}: {name[:40]}"
        assert BACKWARDS[0] not in text, "what follows it would be read backwards"
    expect_fits(page)
    assert panels.locator(STRANGERS).count() == 0
    assert page.title() != "hacked"
    for width in (HALVES, WIDE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        expect_fits(page)


def test_the_quickstart_fits_in_both_themes(open_notebook, request):
    opened = open_notebook(quickstart())
    page = opened.page
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    close_sidebar(page)
    panels = {kind: page.locator(f".zen-{kind}") for kind in KINDS}
    statistics, run = panels["statistics"], panels["run"]
    statistics.get_by_role("button", name="Details of dep_delay").click()
    run.locator('.zen-step[data-slot="evaluator"]').click()
    feature = statistics.locator(".zen-feature")
    # What the pictures of the README end with.
    ends = {
        **panels,
        "statistics": feature,
        "schema": panels["schema"].locator('tr[data-name="origin"]'),
        "evaluation": panels["evaluation"].locator('tr[data-name="9E"]'),
        "compare": panels["compare"].locator(".zen-pictures"),
    }
    for theme in ("Dark", "Light"):
        set_theme(page, theme)
        for width in (NARROW, README, HALVES, WIDE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            expect(feature.locator("[data-drawn]")).to_be_visible()
            expect(panels["evaluation"].locator("[data-drawn]")).to_have_count(4)
            expect_fits(page)
            if width != README:
                assert steps_below_each_other(run) == (width == NARROW)
            if width == README and (folder := request.config.getoption("--screenshots")):
                for kind, panel in panels.items():
                    path = Path(folder) / f"{kind}-{theme.lower()}.png"
                    picture(panel, ends[kind], path)


def steps_below_each_other(run):
    split, trainer = (run.locator(f'.zen-step[data-slot="{s}"]') for s in ("split", "trainer"))
    return split.bounding_box()["y"] < trainer.bounding_box()["y"]
