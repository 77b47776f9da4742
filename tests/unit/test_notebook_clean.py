"""`zenlab notebook clean`: what is repaired, what stays, and that nothing else changes."""

from __future__ import annotations

import json
import os
import stat

import nbformat
import pytest

from tests.unit.test_notebook_check import (
    BROKEN,
    HOME,
    STATE,
    VIEW,
    WINDOWS,
    code,
    failed,
    panel,
    printed,
    shown,
    table,
    write,
)
from zenlab.cli import run_command
from zenlab.core.errors import NotebookError
from zenlab.hygiene import (
    check_notebook,
    chosen,
    clean_bytes,
    clean_document,
    clean_file,
    parse_notebook,
)
from zenlab.hygiene.cleaning import REPAIRS
from zenlab.hygiene.repairs import without_paths

BAR = " 30%|███       | 3/10 [00:01<00:02,  2.1it/s]"
WIDGETS = {STATE: {"state": {"1": {"model_name": "HBoxModel"}}, "version_major": 2}}


def document(*cells: dict, **metadata) -> dict:
    own = [cell | {"id": f"c{number}"} for number, cell in enumerate(cells)]
    return {"cells": own, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def canonical(found: dict) -> bytes:
    """As nbformat and JupyterLab write it."""
    text = nbformat.writes(nbformat.from_dict(found), version=nbformat.NO_CONVERT)
    return (text if text.endswith("\n") else text + "\n").encode()


def broken(content: bytes, tmp_path) -> set[str]:
    found = check_notebook(parse_notebook(tmp_path / "a.ipynb", content), chosen())
    return {finding.rule.name for finding in found}


REPAIRED = {
    "timing": document(
        code("1", execution={"iopub.status.busy": "2026-01-01"}), papermill={"a": 1}
    ),
    "absolute-path": document(
        code("1", printed(f"{HOME}a.py:3: UserWarning\n", "stderr")),
        code(
            "2",
            failed("ValueError", "no", f"\x1b[32m{HOME}b.py\x1b[39m"),
            tags=["raises-exception"],
        ),
    ),
    "widget-state": document(
        code("1", shown(html="<b>x</b>", data={VIEW: {"model_id": "1"}})), widgets=WIDGETS
    ),
    "script": document(
        code("1", shown(html="<script>1</script>", data={"image/png": "iVBO"})),
    ),
}


def test_there_is_a_case_of_each_repair():
    assert set(REPAIRED) == set(REPAIRS)


@pytest.mark.parametrize("rule", REPAIRED)
def test_what_breaks_a_rule_is_repaired_for_good(rule, tmp_path):
    content = canonical(REPAIRED[rule])
    assert broken(content, tmp_path) == {rule}
    once = clean_bytes(tmp_path, content)
    assert {repair.rule for repair in once.repairs} == {rule}
    assert broken(once.content, tmp_path) == set()
    assert clean_bytes(tmp_path, once.content) == (type(once))(once.content, ())
    nbformat.validate(nbformat.reads(once.content.decode(), as_version=4))


@pytest.mark.parametrize("rule", REPAIRED)
def test_a_cell_that_may_break_a_rule_is_left_alone(rule):
    found = json.loads(json.dumps(REPAIRED[rule]))
    found["metadata"].pop("papermill", None)
    for cell in found["cells"]:
        cell["metadata"].setdefault("tags", []).append(f"zenlab:allow-{rule}")
    before = json.dumps(found)
    assert clean_document(found) == []
    assert json.dumps(found) == before


@pytest.mark.parametrize("case", sorted(set(BROKEN) - {"timestamp tqdm"}))
def test_no_repair_takes_a_result_away(case):
    """Whatever breaks a rule: an output may lose a form, but not what it shows."""
    found = document(*json.loads(json.dumps(BROKEN[case])))
    before = [_seen(cell) for cell in found["cells"]]
    clean_document(found)
    assert [_seen(cell) for cell in found["cells"]] == before


def _seen(cell: dict) -> tuple[list[tuple], str]:
    """Of each output its kind and whether it has a form that can be seen; and what was printed."""
    outputs = cell.get("outputs", [])
    printed = "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")
    seen = [(o["output_type"], bool(o.get("data"))) for o in outputs if "text" not in o]
    return seen, without_paths(printed)


def test_panels_tables_and_pictures_keep_their_bytes(tmp_path):
    cells = [
        code("%zen run", panel({"panel": "run", "note": f"{HOME}x"}, "Run")),
        code("df", shown(html=table(5), text="a  b")),
        code("plot", shown(data={"image/png": "iVBO"})),
        code(
            "path",
            {**shown(text=f"'{HOME}x'"), "output_type": "execute_result", "execution_count": 1},
        ),
    ]
    content = canonical(document(*cells))
    assert clean_bytes(tmp_path, content).content == content


def test_a_widget_with_nothing_beside_it_keeps_its_state(tmp_path):
    cells = [
        code("1", shown(text="HBox()", data={VIEW: {"model_id": "1"}})),
        code("2", shown(html="<b>x</b>", data={VIEW: {"model_id": "2"}})),
    ]
    assert clean_document(document(*cells, widgets=WIDGETS)) == []


def test_html_with_a_script_stays_where_nothing_else_shows_it():
    assert clean_document(document(code("1", shown(html="<script>1</script>", text="x")))) == []


@pytest.mark.parametrize(
    "output",
    [
        # Bokeh and HoloViews say in JSON that the script beside it is to be run.
        shown(
            data={"application/javascript": "draw()", "application/vnd.bokehjs_exec.v0+json": ""}
        ),
        shown(
            html="<div></div><script>draw()</script>",
            data={"application/vnd.holoviews_exec.v0+json": ""},
        ),
        # Colab's DataFrame: the JSON names a variable of its kernel.
        shown(
            html="<table></table><script>button()</script>",
            data={"application/vnd.google.colaboratory.intrinsic+json": {"type": "dataframe"}},
        ),
        shown(html="<script>draw()</script>", data={"image/png": ""}),
    ],
    ids=["bokeh", "holoviews", "colab", "no picture"],
)
def test_a_script_stays_where_the_json_beside_it_draws_nothing(output):
    assert clean_document(document(code("1", output))) == []


NOISE = {
    "version": document(language_info={"name": "python", "version": "3.11.7"}),
    "kernel": document(kernelspec={"name": "python3", "display_name": "Python 3.11 (mine)"}),
    "vscode": document(vscode={"interpreter": {"hash": "1"}}),
    "trusted": document(code("1", trusted=True)),
    "empty": document(code("1", printed(""), shown())),
    "progress": document(code("1", printed(f"{BAR}\r{BAR}\r", "stderr"))),
    "loaded": document(
        code(
            "%load_ext zenlab",
            printed(
                "The zenlab extension is already loaded. To reload it, use:\n  %reload_ext zenlab\n"
            ),
        )
    ),
    "pieces": document(code("1", printed("a\n"), printed("b\n"))),
}


@pytest.mark.parametrize("case", NOISE)
def test_noise_goes_for_good(case):
    found = json.loads(json.dumps(NOISE[case]))
    assert {repair.rule for repair in clean_document(found)} == {"noise"}
    assert clean_document(found) == []


def test_what_was_printed_stays_in_its_order():
    found = document(
        code("1", printed("a\n"), printed("b\n"), printed(f"x\n{BAR}\n", "stderr"), printed("c\n"))
    )
    clean_document(found)
    outputs = found["cells"][0]["outputs"]
    assert [(o["name"], "".join(o["text"])) for o in outputs] == [
        ("stdout", "a\nb\n"),
        ("stderr", "x\n"),
        ("stdout", "c\n"),
    ]


def test_what_is_printed_behind_a_progress_bar_stays():
    warning = "WARNING:root:row [5] is broken\n"
    found = document(code("1", printed(f"\r{BAR}\r{BAR}{warning}{BAR}\n", "stderr")))
    clean_document(found)
    assert "".join(found["cells"][0]["outputs"][0]["text"]).strip("\r") == warning


def test_a_kernel_of_the_users_own_keeps_its_name():
    assert clean_document(document(kernelspec={"name": "mine", "display_name": "Mine"})) == []


def test_execution_counts_go_on_demand_alone():
    found = document(code("1", {**shown(text="1"), "execution_count": 3}, count=3))
    assert clean_document(found) == []
    clean_document(found, counts=True)
    assert found["cells"][0]["execution_count"] is None
    assert found["cells"][0]["outputs"][0]["execution_count"] is None


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (f"at {HOME}a.py", "at …/a.py"),
        ("/opt/v/lib/python3.11/site-packages/a.py", "…/site-packages/a.py"),
        (f"/tm{'p'}{HOME}x", "…/x"),
        (f"\x1b[1m{HOME}a\x1b[0m:3", "\x1b[1m…/a\x1b[0m:3"),
        (f"\x1b[1m/ho\x1b[0m{HOME[3:]}a", "\x1b[1m…/\x1b[0ma"),
        (f"{WINDOWS} and {WINDOWS}", "…\\x.csv and …\\x.csv"),
        ("data/flights.csv, https://a.org/home/x/", "data/flights.csv, https://a.org/home/x/"),
    ],
)
def test_paths_are_cut_where_one_machine_ends(text, short):
    assert without_paths(text) == short


# ------------------------------------------------------------------------------------- the file


def layouts() -> dict[str, bytes]:
    found = json.loads(json.dumps(REPAIRED["timing"]))
    found["cells"][0]["source"] = ["é…\n", "1"]
    own = canonical(found)
    return {
        "nbformat": own,
        "CRLF": own.replace(b"\n", b"\r\n"),
        "no line end": own.rstrip(b"\n"),
        "four blanks, unsorted": json.dumps(found, indent=4, ensure_ascii=False).encode(),
        "escapes": json.dumps(found, indent=1, sort_keys=True).encode() + b"\n",
        "one line": json.dumps(found).encode(),
    }


@pytest.mark.parametrize("name", layouts())
def test_a_repair_changes_its_own_lines_alone(name, tmp_path):
    content = layouts()[name]
    cleaned = clean_bytes(tmp_path, content).content
    if name == "one line":
        assert b"\n" not in cleaned
        return
    before, after = content.splitlines(keepends=True), cleaned.splitlines(keepends=True)
    assert len(after) < len(before)
    # A comma may go with the line after it.
    known = {line.strip().rstrip(b",") for line in before}
    changed = [line for line in after if line.strip().rstrip(b",") not in known]
    assert changed in ([], [line for line in changed if b"{}" in line])
    assert cleaned.count(b"\r\n") == (len(after) if name == "CRLF" else 0)


def test_a_file_that_needs_nothing_is_not_written(tmp_path):
    path = write(tmp_path / "a b.ipynb", code("1"))
    before = path.stat()
    assert clean_file(path).repairs == ()
    assert path.stat() == before


def test_mode_and_link_of_a_file_stay(tmp_path):
    path = write(tmp_path / "a.ipynb", code("1", execution={"a": 1}))
    path.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(path)
    clean_file(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert 'execution"' not in path.read_text()


def test_what_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    path = write(tmp_path / "a.ipynb", code("1", execution={"a": 1}))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(NotebookError, match="No space left on device"):
        clean_file(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.ipynb"]


def test_odd_but_valid_documents(tmp_path):
    odd = {"cells": [{"cell_type": "code", "metadata": None, "outputs": None}], "nbformat": 4}
    assert clean_bytes(tmp_path, json.dumps(odd).encode()).repairs == ()
    odd["cells"][0] |= {"outputs": [{"output_type": "display_data", "data": None}]}
    assert len(clean_bytes(tmp_path, json.dumps(odd).encode()).repairs) == 1


def test_half_of_a_character_does_not_stop_a_repair(tmp_path):
    found = document(code("1", printed("\ud800"), execution={"a": 1}))
    cleaned = clean_bytes(tmp_path, json.dumps(found).encode())
    assert len(cleaned.repairs) == 1
    assert b"\\ud800" in cleaned.content


def test_what_is_nested_too_deep_is_told_and_not_written(tmp_path, monkeypatch):
    def too_deep(*_: object, **__: object) -> None:
        raise RecursionError

    path = write(tmp_path / "a.ipynb", code("1", execution={"a": 1}))
    before = path.read_bytes()
    # How deep that is, the version of Python says; reading and writing have limits of their own.
    monkeypatch.setattr("zenlab.hygiene.layout.json.dumps", too_deep)
    with pytest.raises(NotebookError, match="nested too deep"):
        clean_file(path)
    assert path.read_bytes() == before


def test_what_is_nested_deep_can_be_repaired(tmp_path):
    deep = '{"a": ' * 600 + "1" + "}" * 600
    text = json.dumps(document(code("1", shown(text="1"), execution={"a": 1})))
    text = text.replace('"text/plain": "1"', f'"application/json": {deep}')
    assert len(clean_bytes(tmp_path, text.encode()).repairs) == 1


# ---------------------------------------------------------------------------------- the command


def test_the_command_says_what_it_repaired_and_what_is_left(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "a b.ipynb", code("1", failed(), execution={"a": 1}))
    before = path.read_bytes()
    assert run_command(["notebook", "clean", "--check", "."]) == 1
    out, err = capsys.readouterr()
    assert "a b.ipynb, cell 1, metadata: metadata 'execution' taken out" in out
    assert "1 notebook would be changed" in err
    assert path.read_bytes() == before
    assert run_command(["notebook", "clean", "."]) == 0
    out = capsys.readouterr().out
    assert "error error-output" in out
    assert "1 finding left for you" in out
    assert run_command(["notebook", "clean", "--dry-run", "."]) == 0
    assert "Nothing to repair in 1 notebook." in capsys.readouterr().out


def test_the_command_goes_on_after_a_file_that_it_cannot_read(tmp_path, capsys):
    (tmp_path / "a.ipynb").write_text("{")
    path = write(tmp_path / "b.ipynb", code("1", execution={"a": 1}))
    assert run_command(["notebook", "clean", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "1 repair made in 1 of 1 notebook." in out
    assert "1 file could not be read" in err
    assert clean_file(path).repairs == ()
