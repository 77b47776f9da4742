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
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Notebook 7.6 says so by itself, without any extension: of its own settings, and of a command of
# JupyterLab's that it does not have.
NOT_OURS = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)
# JupyterLab says so when a notebook is closed before its kernel's last message.
CLOSING = ("Disposed", "Canceled", "Error: Canceled future for ")
# The same of a page that was loaded again: it hears the answers to what the page before has asked.
LOADED_AGAIN = "Comm not found for comm id"
WAIT = 60_000  # ms: a limit for a machine that others use, never what is measured
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
    """One browser with one cache. No name is resolved: only this machine can be reached.

    `context.route` would do that as well, but turns off the cache: JupyterLab is 20 MB.
    """
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield made.new_context(viewport={"width": 1600, "height": 1000})
        made.close()


class Tab:
    """A page, what it has asked for, and the errors on its console.

    Args:
        browser: where it is opened.
    """

    def __init__(self, browser) -> None:
        self.page = browser.new_page()
        self.page.set_default_timeout(WAIT)
        self._asked: list[str] = []
        self._errors: list[str] = []
        self.page.on("request", lambda r: self._asked.append(r.url))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda e: self._errors.append(str(e)))

    def _heard(self, message) -> None:
        if message.type == "error":
            self._errors.append(message.text)

    def check(self) -> None:
        """Fail if a request would have left the machine, or the console has an error."""
        asked, errors = list(self._asked), list(self._errors)
        self._asked.clear()
        self._errors.clear()
        left = [u for u in asked if not u.startswith(("http://127.0.0.1:", "data:", "blob:"))]
        assert left == [], "these requests would have left the machine"
        assert asked, "no request was seen at all"
        errors = [e for e in errors if not e.startswith((*CLOSING, LOADED_AGAIN))]
        if "/notebooks/" in self.page.url:
            errors = [e for e in errors if e not in NOT_OURS]
        assert errors == [], "the console has errors"


@pytest.fixture(scope="session")
def lab_tabs(browser):
    """A page a JupyterLab: loading one takes longer than most tests."""
    return {}


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

    def expect_accepted_by_another_kernel(self, accept, status) -> None:
        """Without a kernel nothing can be accepted, and a new one accepts what is shown.

        Args:
            accept: the button of `carrier`.
            status: where the panel says what was done.
        """
        self.no_kernel()
        expect(accept).to_be_hidden()
        self.ask("await panel.sessionContext.startKernel();")
        self.run_all()
        accept.click()
        expect(status).to_contain_text("The schema takes up carrier.")


@pytest.fixture
def open_notebook(browser, lab_tabs, request):
    """Open a notebook in an app: `lab` or `notebook`."""
    used: list[tuple[Tab, str]] = []

    def open_one(content, app="lab", *, server=None, path=None):
        """`content` is written first; without it, `path` is of a notebook that is there."""
        server = server or request.getfixturevalue("lab")
        name = path or f"{request.node.name.replace('[', '-').replace(']', '')}.ipynb"
        if content is not None:
            nbformat.write(content, server.folder / name)
        known = lab_tabs.get(server.url) if app == "lab" else None
        tab = known or Tab(browser)
        used.append((tab, app))
        if known:
            open_it = f"window.jupyterapp.commands.execute('docmanager:open', {{path: '{name}'}})"
            tab.page.evaluate(f"async () => {{ await {open_it}; }}")
        elif app == "lab":
            tab.page.goto(f"{server.url}/lab/workspaces/tests/tree/{name}?reset")
            lab_tabs[server.url] = tab
        else:
            tab.page.goto(f"{server.url}/notebooks/{name}")
        tab.page.wait_for_function(
            """name => {
                const context = window.jupyterapp?.shell?.currentWidget?.context;
                return context?.isReady && context.path === name;
            }""",
            arg=name,
        )
        return Opened(tab.page, server, name)

    yield open_one
    for tab, app in used:
        # A kernel that is still being started would be looked for after it was shut down.
        tab.page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.isReady")
        # A kernel is a process that the next test would wait for.
        tab.page.evaluate(
            """async () => {
                await window.jupyterapp.serviceManager.sessions.shutdownAll();
                window.jupyterapp.shell.currentWidget.dispose();
            }"""
        )
        tab.page.set_viewport_size({"width": 1600, "height": 1000})
        if app == "notebook":
            tab.page.close()
        tab.check()


def pytest_addoption(parser):
    parser.addoption("--screenshots", help="a folder for a picture of each panel")


def pytest_configure(config):
    """Tests work in folders of their own: a relative one is of whoever calls pytest."""
    if folder := config.getoption("--screenshots"):
        config.option.screenshots = str(config.invocation_params.dir / folder)
