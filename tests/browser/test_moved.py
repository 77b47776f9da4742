"""A pipeline with all its panels, from run to run and over a restart: see checklist.md."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import pipelines

STARTS = 90_000  # ms: a kernel, scikit-learn, and TFDV's worker


def badge(panel):
    return panel.locator(".zen-moved")


def picture(request, panel, name):
    if shots := request.config.getoption("--screenshots"):
        panel.screenshot(path=Path(shots) / f"{name}.png")


def test_panels_know_that_their_pipeline_has_moved_on(open_notebook, request):
    opened = open_notebook(pipelines.notebook())
    page = opened.page
    runs, evaluation = page.locator(".zen-run"), page.locator(".zen-evaluation")
    statistics, schema = opened.statistics, page.locator(".zen-schema")
    opened.run_all()
    expect(runs).to_have_count(2, timeout=STARTS)
    first, second = runs.first, runs.last

    # What the metrics were, and are, and since when: it stands on the panel of the run.
    expect(second.locator(".zen-outcome")).to_contain_text(
        re.compile(r"roc_auc 0\.\d+ -> 0\.\d+ against Whole#1, since trainer\.C: \(not given\) ->")
    )
    # Only what follows from the trainer is not as it is now.
    expect(badge(first)).to_contain_text("Not as it is now: its declaration has changed")
    expect(badge(evaluation)).to_contain_text("trainer.C: (not given) -> 1e-05")
    for panel in (statistics, schema, second):
        expect(badge(panel)).to_be_empty()
    picture(request, evaluation, "moved-evaluation")
    picture(request, first, "moved-run")

    # Columns that no notebook stores, and slices, come from the kernel.
    schema.locator("[data-action=whole]").click()
    expect(schema.locator(".zen-toolbar .zen-count")).to_have_text("63 columns")
    expect(schema.locator("[data-action=whole]")).to_have_count(0)
    statistics.locator("[data-action=more]").click()
    statistics.get_by_role("button", name="Details of a", exact=True).click()
    feature = statistics.locator('[data-feature="a"]')
    expect(feature.locator(".legendtext")).to_have_text(["train", "eval"])
    statistics.get_by_label("By slice").select_option("b")
    expect(feature.locator(".legendtext").first).to_have_text("train")
    expect(feature.locator(".legendtext")).to_have_count(4)
    expect(
        feature.get_by_role("columnheader").filter(has_text=re.compile("^[xyz]$"))
    ).to_have_count(3)
    statistics.get_by_label("Slices of").select_option("eval")
    expect(feature.locator(".legendtext").first).to_have_text("eval")
    feature.get_by_label("Normalised").uncheck()
    expect(feature.locator(".ytick text").last).not_to_have_text(re.compile("%"))
    picture(request, feature, "by-slice")
    statistics.get_by_label("By slice").select_option("all rows")
    expect(feature.locator(".legendtext")).to_have_text(["train", "eval"])

    before = evaluation.locator("[data-metric=roc_auc]").inner_text()
    evaluation.locator("[data-action=refresh]").click()
    expect(evaluation.locator(".zen-said")).to_contain_text("As it is now.")
    expect(evaluation.locator("[data-metric=roc_auc]")).not_to_have_text(before)
    expect(badge(evaluation)).to_be_empty()

    # By the name of the pipeline, with a kernel that knows nothing but zenlab.
    opened.ask("await panel.sessionContext.session.kernel.restart();")
    opened.ask(
        "panel.content.activeCellIndex = 0;"
        "await window.jupyterapp.commands.execute('notebook:run-cell');"
    )
    schema.get_by_role("button", name="Accept a", exact=True).click()
    expect(schema.locator(".zen-said")).to_contain_text(
        "schemas/toy.pbtxt now holds", timeout=STARTS
    )
    text = (opened.server.folder / pipelines.FOLDER / "schemas" / "toy.pbtxt").read_text()
    assert 'name: "a"' in text
    expect(badge(first)).to_contain_text("its declaration has changed")
