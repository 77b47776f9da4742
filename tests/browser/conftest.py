"""One JupyterLab and one Chromium for all tests; no request leaves the machine."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.server import Lab, chromium

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
# Notebook 7.6 says so by itself, without any extension, of its own settings.
NOT_OURS = ("reading 'schema'", "registered.")
WAIT = 15_000  # ms, for a server on a machine that others use
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def bare_lab(tmp_path_factory):
    """Without zenlab's extension."""
    server = Lab(tmp_path_factory.mktemp("bare"), extension=False)
    yield server
    server.close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser):
    """A page that may talk to this machine alone, and whose console has no error."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    made = context.new_page()
    made.set_default_timeout(WAIT)
    left, errors = [], []

    def guard(route):
        url = route.request.url
        if url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            left.append(url)
            route.abort()

    context.route("**/*", guard)
    made.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda e: errors.append(str(e)))
    yield made
    url = made.url
    context.close()
    assert left == [], "these requests would have left the machine"
    if "/notebooks/" in url:
        errors = [e for e in errors if not any(known in e for known in NOT_OURS)]
    assert errors == [], "the console has errors"


class Opened:
    """A notebook in a page.

    Args:
        page: where it is.
        server: that serves it.
        name: of its file.
    """

    def __init__(self, page: Page, server: Lab, name: str) -> None:
        self.page = page
        self.server = server
        self.name = name
        self.statistics = page.locator(".zen-statistics")
        self.anomalies = page.locator(".zen-anomalies")

    def ask(self, script: str):
        """Run a script of the test in the page; `panel` is the notebook's."""
        return self.page.evaluate(
            f"async () => {{ const panel = window.jupyterapp.shell.currentWidget; {script} }}"
        )

    def run_all(self) -> None:
        """Run all cells, and wait until the kernel is idle."""
        self.ask(
            "await panel.sessionContext.ready;"
            "await window.jupyterapp.commands.execute('notebook:run-all-cells');"
        )

    def no_kernel(self) -> None:
        self.ask("await panel.sessionContext.ready; await panel.sessionContext.shutdown();")


@pytest.fixture
def open_notebook(page, request):
    """Open a notebook in an app: `lab` or `notebook`."""

    def open_one(content, app="lab", *, server=None):
        server = server or request.getfixturevalue("lab")
        name = f"{request.node.name.replace('[', '-').replace(']', '')}.ipynb"
        nbformat.write(content, server.folder / name)
        where = (
            f"lab/workspaces/{name[:-6]}/tree/{name}?reset" if app == "lab" else f"notebooks/{name}"
        )
        page.goto(f"{server.url}/{where}")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.context?.isReady")
        return Opened(page, server, name)

    return open_one


def pytest_addoption(parser):
    parser.addoption("--screenshots", help="a folder for a picture of each panel")
