"""What JupyterLab writes into a notebook that is run again: see checklist.md."""

import json
import platform

import nbformat

from tests.browser.runs import QUICKSTART
from tests.integration.conftest import copy_of_notebooks, git

MINUTES = 10 * 60_000  # ms: a limit for a machine that others use, never what is measured


def clone_of(folder):
    """What a clone has below `notebooks/`, with this Python's version as that of the kernel.

    A front end writes the kernel's version on its own, and `zenlab notebook clean` takes it out
    again, which this test leaves out: it is about what stands in cells and outputs.
    """
    copy_of_notebooks(folder, ".gitignore", ".gitattributes")
    notebook = folder / "notebooks" / QUICKSTART.name
    document = json.loads(notebook.read_text("utf-8"))
    document["metadata"]["language_info"]["version"] = platform.python_version()
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    notebook.write_text(f"{text}\n", "utf-8")
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "all")


def test_the_quickstart_run_again_leaves_no_diff(open_notebook, lab):
    clone = lab.folder / "clone"
    clone_of(clone)
    opened = open_notebook(None, path="clone/notebooks/quickstart.ipynb")
    opened.page.set_default_timeout(MINUTES)
    opened.run_all()
    opened.run_all()  # in the same kernel: nothing says that it was run before
    opened.ask("await panel.context.save();")
    written = nbformat.read(clone / "notebooks" / QUICKSTART.name, as_version=4)
    code = [cell for cell in written.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(len(code) + 1, 2 * len(code) + 1))
    changed = [
        line
        for line in git(clone, "diff", "--unified=0").splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert [line for line in changed if '"execution_count": ' not in line] == []
    status = git(clone, "status", "--porcelain", "--untracked-files=all")
    assert status.split() == ["M", "notebooks/quickstart.ipynb"]
