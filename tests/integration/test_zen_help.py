"""`%zen run?` explains our `run`, not IPython's; `%zen notebook check` in a cell."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.utils.capture import capture_output

from tests.integration.conftest import cell
from tests.unit.test_notebook_check import BROKEN, code, write
from zenlab.notebook.help import explain_command


def test_the_notebook_check_in_a_notebook(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "good.ipynb", code("1"))
    done = cell(shell, "%zen notebook check good.ipynb")
    assert (done.error, done.stdout) == (None, "0 errors, 0 warnings in 1 notebook.\n")
    write(tmp_path / "my bad.ipynb", *BROKEN["rows"])
    done = cell(shell, '%zen notebook check "my bad.ipynb"')
    assert "my bad.ipynb, cell 1, output 1: error rows" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "1 error, 0 warnings in 1 notebook." in str(done.error)

    def completed(text: str) -> list[str]:
        with provisionalcompleter():
            return [text[: c.start] + c.text for c in shell.Completer.completions(text, len(text))]

    assert "%zen notebook check" in completed("%zen notebook c")
    assert "%zen notebook check good.ipynb" in completed("%zen notebook check g")


@pytest.mark.parametrize("question", ["%zen run?", "  %zen run ?\n", "%zen run??", "\n%zen run?"])
def test_a_question_about_a_command_is_answered(shell, question):
    done = cell(shell, question)
    assert done.error is None
    assert "Usage: %zen run [OPTIONS] TARGET" in done.stdout
    assert "--latest" in done.stdout


def test_commands_of_groups_too(shell):
    assert "Usage: %zen datasource commit" in cell(shell, "%zen datasource commit?").stdout
    assert "Rules:" in cell(shell, "%zen notebook check?").stdout


def test_the_magic_itself_says_where_the_help_is(shell):
    pages = []
    shell.set_hook("show_in_pager", lambda _, text, *rest, **more: pages.append(text))
    with capture_output():
        shell.run_cell("%zen?")
    (page,) = pages
    text = page["text/plain"] if isinstance(page, dict) else page
    assert "%zen run --help" in text


OTHERS = [
    "%run?",
    "%zen?",
    "%zen run pipeline",
    "x = '''\n%zen run?\n'''",
    "a = 1\n%zen run?",
    "# %zen run?",
    "%zenith run?",
    "%zen show what?ever",
    "",
]


@pytest.mark.parametrize("source", OTHERS, ids=range(len(OTHERS)))
def test_other_cells_stay_as_they_are(source):
    lines = source.splitlines(keepends=True)
    assert explain_command(lines) == lines


def test_unloading_takes_it_away(shell):
    shell.run_line_magic("reload_ext", "zenlab")
    assert shell.input_transformers_cleanup.count(explain_command) == 1
    shell.run_line_magic("unload_ext", "zenlab")
    assert explain_command not in shell.input_transformers_cleanup
    shell.run_line_magic("load_ext", "zenlab")
