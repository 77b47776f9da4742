"""Servers, kernels and notebooks that differ in what they have: see checklist.md."""

import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from tests.browser.panels import notebook
from tests.browser.runs import running

INSTALL = "pip install zenlab=="


def test_a_trusted_notebook_has_the_same_panel(open_notebook, lab):
    content = notebook("statistics")
    NotebookNotary(data_dir=str(lab.data)).sign(content)
    opened = open_notebook(content)
    assert opened.ask("return panel.content.model.cells.get(1).trusted;")
    expect(opened.statistics).to_contain_text("train 2,000 rows")
    # Trust is kept beside the notebook: saving it changes nothing.
    opened.ask("await panel.context.save();")
    assert nbformat.read(lab.folder / opened.name, as_version=4).cells == content.cells


def test_a_server_without_the_extension_is_told_of_while_a_run_goes_on(open_notebook, bare_lab):
    """The kernel is in another environment than the server."""
    opened = open_notebook(
        running("pipeline = declare('A', 300)\n%zen run pipeline"), server=bare_lab
    )
    opened.ask(
        "await panel.sessionContext.ready;"
        "window.jupyterapp.commands.execute('notebook:run-all-cells');"
    )
    shown = opened.page.locator(".jp-RenderedHTML")
    expect(shown).to_contain_text("trainer")
    expect(shown).to_contain_text(INSTALL)
    expect(shown).to_contain_text(str(bare_lab.folder.parent / "server"))
    opened.ask("await panel.sessionContext.session.kernel.interrupt();")
    expect(shown).to_contain_text("Run of A: interrupted")
    expect(shown).not_to_contain_text(INSTALL)
    opened.ask("await panel.context.save();")
    assert INSTALL not in (bare_lab.folder / opened.name).read_text("utf-8")


def test_a_kernel_with_another_zenlab_is_told_of_in_the_panel(open_notebook):
    content = notebook("wide")
    content.cells[
        0
    ].source += "\nimport zenlab.notebook.requests as r; r.VERSION = 2; r.__version__ = '9.9'"
    opened = open_notebook(content)
    opened.run_all()
    opened.statistics.locator("[data-action=more]").click()
    expect(opened.statistics).to_contain_text("The kernel has zenlab 9.9")
    # What both know still works.
    expect(opened.statistics.locator("[data-action=more]")).to_have_count(0)
