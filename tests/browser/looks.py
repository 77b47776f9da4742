"""What tests do to a page to look at panels: theme, width, everything opened, axe-core."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from tests.browser.server import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")

NARROW = 520
"""A window in which an output has 400 pixels, the side bar being closed."""

# JupyterLab's side bar takes room, and Notebook has none.
_CLOSE_SIDEBAR = """async () => {
    if (window.jupyterapp.shell.leftCollapsed === false) {
        await window.jupyterapp.commands.execute('application:toggle-left-area');
    }
}"""

_OPEN_ALL = """panels => {
    for (const panel of panels) {
        panel.querySelectorAll('details').forEach(node => { node.open = true; });
        [...panel.querySelectorAll('.zen-toggle[aria-expanded=false]')]
            .slice(0, 2).forEach(node => node.click());
        panel.querySelector('.zen-step[aria-expanded=false]:last-of-type')?.click();
    }
}"""

# The body of JupyterLab has no height and cuts off what overflows, so that axe would take all text
# for hidden, and look at the contrast of none.
_FINDINGS = """async ([kinds, rules]) => {
    document.body.style.overflow = 'visible';
    const { violations, passes } = await window.axe.run(
        { include: [['.zen-output']] },
        { resultTypes: ['violations', 'passes'], ...(rules && { runOnly: rules }) });
    document.body.style.overflow = '';
    const found = [];
    for (const { id, impact, help, nodes } of violations) {
        if (kinds.includes(impact)) {
            for (const node of nodes) {
                const why = [...node.any, ...node.all, ...node.none].map(c => c.message);
                found.push(`${impact} ${id}: ${help}\\n    ${node.target.join(' ')}\\n    `
                    + `${node.html.slice(0, 200)}\\n    ${why.join('; ')}`);
            }
        }
    }
    const read = passes.find(rule => rule.id === 'color-contrast')?.nodes ?? [];
    const seen = passes.map(rule => `${rule.id} ${rule.nodes.length}`);
    const text = read.filter(node => /^<(td|th|p|h3|span|bdi)/.test(node.html));
    return { seen, found, read: text.length };
}"""


def set_theme(page: Page, theme: str) -> None:
    """Change JupyterLab's theme, `Light` or `Dark`, and wait until it is there."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
        f"JupyterLab {theme}",
    )
    light = "true" if theme == "Light" else "false"
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    # Above all, for a moment: what is under it cannot be looked at.
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


def close_sidebar(page: Page) -> None:
    """Leave the notebook all of the window."""
    page.evaluate(_CLOSE_SIDEBAR)


def open_all(page: Page) -> None:
    """Open what panels have folded away: details, two features, a step."""
    page.locator(".zen-panel").evaluate_all(_OPEN_ALL)


def findings(page: Page, *rules: str) -> list[str]:
    """What axe-core finds in panels, of serious or critical impact; by all rules if none is named.

    It is not asked what it could not decide, such as the contrast of text in a chart, which has the
    colour of all text.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    told = page.evaluate(_FINDINGS, [SERIOUS, rules or None])
    assert told["read"] > 0, (
        f"axe-core has looked at the contrast of no text; by rule: {told['seen']}"
    )
    found: list[str] = told["found"]
    return found


# What is scrolled sideways, and can be by the keyboard: code, and a column for each of many runs.
# The picture of parallel axes cuts names by itself, and holds each whole as the title of its text.
_BY_DESIGN = (
    ".zen-text, .zen-diff, .zen-runs, .zen-wide-table, .zen-parallel-svg, .zen-compare .zen-facts"
)

# What is cut off: wider than a box that hides the rest, unless all of it is read by pointing at it
# (the graph's boxes have one size). What is pushed out: beyond the panel.
_BEYOND = """(panel, BY_DESIGN) => {
    const room = panel.getBoundingClientRect();
    const found = [];
    const out = new Set();
    const say = (what, node) => found.push(
        `${what}: ${node.tagName.toLowerCase()}.${node.getAttribute('class') ?? ''} `
        + `"${node.textContent.slice(0, 60)}"`);
    for (const node of [panel, ...panel.querySelectorAll('*')]) {
        const box = node.getBoundingClientRect();
        const drawn = node.closest('svg') !== null;
        if (box.width === 0 || box.height === 0 || (drawn && node.tagName !== 'text')) {
            continue;
        }
        if (node.closest(BY_DESIGN) !== null) {
            continue;
        }
        if (box.right > room.right + 1 || box.left < room.left - 1) {
            out.add(node);
            if (!out.has(node.parentElement)) {
                say('pushed out', node);
            }
        }
        const style = getComputedStyle(node);
        const hides = style.overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
        const told = node.closest('[title]')?.title.includes(node.textContent.trim());
        if (hides && style.display !== 'inline' && !told && !node.matches('input, select')) {
            say('cut off', node);
        }
    }
    return found;
}"""


def expect_fits(page: Page) -> None:
    """Nothing of the panels is cut off or pushed out, once charts have followed the width."""
    for panel in page.locator(".zen-panel").all():
        node = panel.element_handle()
        with contextlib.suppress(Late):
            page.wait_for_function(
                f"([node, allowed]) => ({_BEYOND})(node, allowed).length === 0",
                arg=[node, _BY_DESIGN],
                timeout=10_000,
            )
        found: list[str] = panel.evaluate(_BEYOND, _BY_DESIGN)
        assert not found, "\n".join(
            [f"in the panel of {panel.get_attribute('data-panel')}:", *found]
        )


MARGIN = 10
"""Pixels around a picture."""


def picture(panel: Locator, until: Locator, path: Path) -> None:
    """Take a picture of a panel from its title to the end of a part of it."""
    page = panel.page
    panel.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(800)  # for the picture only: fonts, charts, the theme's transition
    whole, last = panel.bounding_box(), until.bounding_box()
    assert whole is not None
    assert last is not None
    end = last["y"] + last["height"]
    page.screenshot(
        path=path,
        clip={
            "x": whole["x"] - MARGIN,
            "y": math.floor(whole["y"]) - 2,
            "width": whole["width"] + MARGIN,
            "height": math.ceil(end - whole["y"]) + 2,
        },
    )
