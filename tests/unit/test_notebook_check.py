"""`zenlab notebook check`: each rule broken, nearly broken, and allowed; whatever a file holds."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from zenlab.cli import run_command
from zenlab.core.errors import DoesNotExistException, NotebookError, ParameterError
from zenlab.hygiene import RULES, check_notebook, chosen, notebook_files, read_notebook
from zenlab.hygiene.rules import ALLOW
from zenlab.hygiene.sizes import NOTEBOOK_BUDGET, STREAM_BUDGET
from zenlab.views import MIME_TYPE
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.standing import Standing

ROOT = Path(__file__).resolve().parents[2]
HOME = "/ho" + "me/jane/"  # in parts: test_tracked_files forbids it, too
WINDOWS = "C:\\Us" + "ers\\jane\\x.csv"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def code(source: str = "", *outputs: dict, count: int | None = None, **metadata) -> dict:
    return {
        "cell_type": "code",
        "id": "a",
        "execution_count": count,
        "metadata": metadata,
        "outputs": list(outputs),
        "source": source.splitlines(keepends=True),
    }


def markdown(source: str) -> dict:
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}


def shown(metadata: dict | None = None, **data) -> dict:
    """An output; keyword `html` or `text`, or `data={...}`."""
    names = {"html": "text/html", "text": "text/plain"}
    bundle = data.pop("data", {}) | {names[k]: v for k, v in data.items()}
    return {"output_type": "display_data", "data": bundle, "metadata": metadata or {}}


def printed(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


def failed(ename: str = "ValueError", evalue: str = "no", *traceback: str) -> dict:
    return {
        "output_type": "error",
        "ename": ename,
        "evalue": evalue,
        "traceback": list(traceback),
    }


def panel(payload: dict, text: str = "") -> dict:
    return shown(data={MIME_TYPE: payload}, text=text)


def write(path: Path, *cells: dict, **metadata) -> Path:
    document = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def found(tmp_path):
    """The rules that cells break, each as often as it is found."""

    def check(*cells: dict, **metadata) -> list[str]:
        path = write(tmp_path / "a.ipynb", *cells, **metadata)
        return [f.rule.name for f in check_notebook(read_notebook(path), chosen())]

    return check


def table(rows: int, shown_rows: int | None = None) -> str:
    html: str = pd.DataFrame({"a": range(rows)}).to_html(max_rows=shown_rows)
    return html


def sized(size: int, mime: str = "text/plain") -> dict:
    """An output of exactly that size."""
    return shown(data={mime: "x" * (size + 1 - stored_size({mime: "x"}))})


def viewed(output: dict) -> dict:
    """The same as a widget, too."""
    return {**output, "data": {**output["data"], VIEW: {"model_id": "1"}}}


def lines(size: int) -> str:
    """A text that takes about that much in a stream."""
    one = stored_size({"text": ["x" * 60 + "\n"] * 2}) - stored_size({"text": ["x" * 60 + "\n"]})
    return ("x" * 60 + "\n") * (size // one)


PLOTLY = go.Figure(go.Bar(y=[1, 2])).to_html(include_plotlyjs="cdn")

BROKEN = {
    "secret": [code('token = "ghp' + "_" + "a1B2" * 9 + '"')],
    "rows": [code("df", shown(html=table(21)))],
    "rows polars": [code("df", shown(html=table(21).replace('border="1" ', "")))],
    "rows styler": [code("df", shown(html=pd.DataFrame({"a": range(21)}).style.to_html()))],
    "rows printed": [code("df", printed(pd.DataFrame({"a": range(21)}).to_string()))],
    "rows resource": [
        code("df", shown(data={"application/vnd.dataresource+json": {"data": [{}] * 21}}))
    ],
    "absolute-path": [code(f"open('{HOME}flights.csv')")],
    "absolute-path markdown": [markdown(f"See `{HOME}notes.md`.")],
    "absolute-path windows": [code("", printed(WINDOWS))],
    "absolute-path other drive": [code(r"p = 'D:\\data\\flights.csv'")],
    "absolute-path forward": [code("p = 'C:/Users/jane'")],
    "absolute-path warning": [code("", printed("/opt/py/lib/site-packages/a.py:3: W", "stderr"))],
    "absolute-path kernel": [code("", printed("/tmp/ipykernel_7/1.py:3: W", "stderr"))],
    "absolute-path url": [code(f"p = 'file://{HOME}a.csv'")],
    "absolute-path payload": [code("", shown(data={"application/json": {"a": [HOME + "b"]}}))],
    "error-output": [code("1/0", failed("ZeroDivisionError"))],
    "panel-size": [code("", sized(BUDGET + 1))],
    "stream-size": [code("", printed(lines(STREAM_BUDGET + 500)))],
    "stream-size in parts": [code("", *[printed(lines(STREAM_BUDGET // 2 + 500))] * 2)],
    "notebook-size": [markdown("x" * NOTEBOOK_BUDGET)],
    "widget-state": [code("w", shown(data={VIEW: {"model_id": "1"}}, text="IntSlider(value=0)"))],
    "script": [code("", shown(html="<div></div><SCRIPT src=x></SCRIPT>"))],
    "script javascript": [code("", shown(data={"application/javascript": "1"}))],
    "script frame": [code("", shown(html="<iframe srcdoc=x></iframe>"))],
    "script svg": [code("", shown(data={"image/svg+xml": "<svg><script>1</script></svg>"}))],
    "script plotly": [code("", shown(html=PLOTLY))],
    "timing": [code(execution={"iopub.execute_input": "2026-11-24T19:57:19.1Z"})],
    "timing vs": [code(ExecuteTime={"end_time": "2026-11-24T19:57:19.1Z"})],
    "timestamp": [code("", panel({"panel": "run", "at": "2026-11-24T19:57"}))],
    "timestamp text": [code("", panel({"panel": "run"}, "ended 2026-11-24 19:57:19"))],
    "timestamp log": [code("", printed("a\nINFO 2026-11-24 19:57:19,123 begun\n"))],
    "timestamp bare log": [code("", printed("[2026-11-24 19:57:19,123] begun\n"))],
    "timestamp time": [code("%time f()", printed("CPU times: user 1 s\nWall time: 1.2 s\n"))],
    "timestamp tqdm": [code("", printed("100%|████| 5/5 [00:03<00:00,  1.2it/s]", "stderr"))],
    "execution-order": [code(count=2), code(count=1)],
    "execution-order twice": [code(count=2), code(count=2)],
    "tag": [code(tags=[ALLOW + "row"])],
}

NEARLY = {
    "secret": [code('token = os.environ["GITHUB_TOKEN"]')],
    "rows": [code("df", shown(html=table(20)))],
    "rows truncated": [
        code("df", shown(html=pd.DataFrame({"a": range(9999)}).to_html(max_rows=10)))
    ],
    "rows printed": [code("df", printed(pd.DataFrame({"a": range(20)}).to_string()))],
    "rows of metrics": [code("", printed("".join(f"epoch {i} loss 1\n" for i in range(99))))],
    "rows not counted from 0": [code("", printed("".join(f"{i * 7} a\n" for i in range(99))))],
    "other tables": [code("", shown(html="<table>" + "<tr><td>1</td></tr>" * 99 + "</table>"))],
    "absolute-path relative": [code("p = 'data/home/jane/x.csv', 'tmp/x', '../tmp/x', './opt/x'")],
    "absolute-path url": [
        code("u = 'https://host/home/jane/x', 'gs://b/tmp/x', 'http://host:80/opt/x'")
    ],
    "absolute-path route": [code("get('/'); get('/api/home'); get('/templates/x'); a/b/c")],
    "absolute-path variable": [code("'~/data', '$HOME/tmp/x', f'{root}/tmp/x', '/home/<you>/x'")],
    "absolute-path system": [code("%%bash\n#!/usr/bin/env bash\ncat /etc/hosts >/dev/null")],
    "absolute-path newline": [code(r'print("A:\nB\nC:\tD\n")')],
    "absolute-path slice": [code("x[A:\\\n B]; {'a':'\\d\\w'}; re.compile('B:\\d+')")],
    "absolute-path picture": [code("", shown(data={"image/png": "aaaa//tmp/xhome/+/tmp/x=="}))],
    "absolute-path html": [code("", shown(html="<b>a</b></home/x/><td>1</td>"))],
    "error-output": [code("1/0", failed("ZeroDivisionError"), tags=["raises-exception"])],
    "panel-size": [code("", sized(BUDGET))],
    "panel-size and a view": [code("", viewed(sized(BUDGET, "text/html")))],
    "stream-size": [code("", printed(lines(STREAM_BUDGET - 500)))],
    "notebook-size": [markdown("x" * (NOTEBOOK_BUDGET - 500))],
    "widget with a table": [code("w", shown(data={VIEW: {}}, html="<p>1</p>"))],
    "script as text": [code("", shown(html="&lt;script&gt;", text="<script>"))],
    "script in a source": [code("%%html\n<script>1</script>")],
    "timing of nothing": [code(execution={})],
    "timestamp of data": [code("", panel({"panel": "statistics", "max": "2026-11-24T19:57"}))],
    "timestamp of a frame": [code("", shown(text="0 2026-11-24 19:57:19"))],
    "timestamp in a line": [code("", printed("the latest row is of 2026-11-24 19:57:19\n"))],
    "timestamp day": [code("", panel({"panel": "run", "slice": "2026-11-24"}))],
    "execution-order": [code(count=1), code(), code(count=7)],
    "tag": [code(tags=[ALLOW + "rows", "hide-input"])],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_found_once_and_alone(found, case):
    assert found(*BROKEN[case]) == [case.split()[0]]


@pytest.mark.parametrize("case", NEARLY)
def test_what_is_nearly_broken_is_not(found, case):
    assert found(*NEARLY[case]) == []


def test_every_rule_has_a_case_of_both_kinds():
    for cases in (BROKEN, NEARLY):
        assert {case.split()[0] for case in cases} >= set(RULES) - {"widget-state", "stale"}
    assert "widget-state" in BROKEN


def test_state_of_widgets_in_the_notebook(found):
    assert found(widgets={STATE: {"state": {"1": {}}, "version_major": 2}}) == ["widget-state"]
    assert found(widgets={"1": {"model_name": "Layout"}}) == ["widget-state"]
    assert found(widgets={STATE: {"state": {}, "version_major": 2}}) == []
    assert found(papermill={"start_time": "2026"}) == ["timing"]


@pytest.mark.parametrize(
    "case", [c for c in BROKEN if c.split()[0] not in ("tag", "notebook-size")]
)
def test_a_tag_allows_a_cell_to_break_a_rule(found, case):
    name = case.split()[0]
    cells = json.loads(json.dumps(BROKEN[case]))
    cells[-1]["metadata"]["tags"] = [ALLOW + name]
    assert found(*cells) == []
    cells[-1]["metadata"]["tags"] = [ALLOW + ("rows" if name != "rows" else "secret")]
    assert found(*cells) == [name]


def test_panels_of_ours_are_no_rows(found):
    output = shown(data={MIME_TYPE: {"panel": "statistics"}}, html=table(50))
    assert found(code("p", output)) == []


def test_a_finding_says_where_and_what_to_do(tmp_path):
    path = write(
        tmp_path / "a.ipynb",
        markdown("# A"),
        code(f"a = 1\nopen('{HOME}x')", printed("ok"), shown(html=table(30)), count=7),
        code("", *[failed()] * 5),
    )
    findings = check_notebook(read_notebook(path), chosen())
    assert [str(f) for f in findings[:2]] == [
        (
            f"{path}, cell 2 [7], output 2: error rows\n"
            "  The output shows 30 rows of a table; it may show 20.\n"
            "  next:  Show frame.head(), an aggregate or %zen look; the rows of real people do not "
            "belong into Git."
        ),
        (
            f"{path}, cell 2 [7], line 2: error absolute-path\n"
            f"  A path of one machine: {HOME}…\n"
            "  next:  Write it relative to the notebook, or read the folder from an environment "
            "variable."
        ),
    ]
    assert [f.place for f in findings[2:]] == [f"{path}, cell 3, output {n}" for n in (1, 2, 3)]
    assert findings[-1].message.endswith("And 2 more in this cell.")


def test_what_is_quoted_cannot_move_the_cursor(tmp_path, capsys):
    odd = "\x1b[2J\x1b[H\u202e"
    path = write(
        tmp_path / "a.ipynb",
        code(f"open('/ho' + 'me/{odd}/x'); '/ho" + f"me/{odd}/x'", tags=[ALLOW + odd]),
        code("", failed(odd), shown(data={odd: "x" * BUDGET})),
    )
    assert run_command(["notebook", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert said.count("error ") >= 3
    assert "\x1b" not in said
    assert "\u202e" not in said


# ----------------------------------------------------------------------------- broken files

BAD_FILES = {
    "empty": (b"", r"empty.*a\.ipynb:1:1"),
    "blank": (b"\n \n", r"empty"),
    "truncated": (b'{\n "cells": [\n  {"a"', r"no JSON.*a\.ipynb:3:7"),
    "not utf-8": (b'{\n "cells": "\xff"}', r"UTF-8.*a\.ipynb:2:12"),
    "utf-16": ('{"cells": []}'.encode("utf-16"), r"UTF-8.*a\.ipynb:1:1"),
    "bom": (b'\xef\xbb\xbf{"cells": []}', r"no JSON"),
    "nul": (b"\0" * 100, r"no JSON"),
    "conflict": (
        b'{\n "cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> b\n]}',
        r"merge conflict.*a\.ipynb:3:1.*--theirs",
    ),
    "deep": (b"[" * 200_000, r"nesting"),
    "long number": (b'{"cells": [' + b"9" * 10_000 + b"]}", r"number"),
    "list": (b"[]", "no notebook"),
    "text": (b'"x"', "no notebook"),
    "null": (b"null", "no notebook"),
    "format 3": (b'{"nbformat": 3, "worksheets": []}', "format 4.*JupyterLab"),
    "no cells": (b'{"nbformat": 4}', "no list 'cells'"),
    "cell": (b'{"nbformat": 4, "cells": [{"cell_type": "raw"}, 3]}', "a.ipynb, cell 2"),
    "type": (b'{"nbformat": 4, "cells": [{"cell_type": []}]}', "cell_type.*a.ipynb, cell 1"),
    "source": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}',
        "'source'.*cell 1",
    ),
    "metadata": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": "x"}]}',
        "'metadata'.*cell 1",
    ),
    "outputs": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": {"a": 1}}]}',
        "'outputs'.*cell 1",
    ),
    "output": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [3]}]}',
        "cell 1, output 1",
    ),
    "data": (
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": '
            b'[{"output_type": "display_data", "data": "x"}]}]}'
        ),
        "'data'.*cell 1, output 1",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_broken_file_is_an_error_that_says_where(tmp_path, case):
    content, pattern = BAD_FILES[case]
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        read_notebook(path)
    assert re.search(pattern, str(caught.value), re.DOTALL), str(caught.value)


ODD = [
    {"cell_type": "nonsense", "source": None, "metadata": None},
    {"cell_type": "code", "execution_count": "x", "metadata": {"tags": "no list"}},
    code("", {"output_type": "nonsense"}, {"output_type": "stream"}, {"output_type": "error"}),
    code("", {"output_type": "stream", "text": {"a": 1}}, {"output_type": "display_data"}),
    code("", shown(data={MIME_TYPE: "text", "text/html": {"a": 1}, "text/plain": 3, "x": None})),
    code("", shown(data={VIEW: None, "text/html": [1, None, "a"], "": [[[]]]}, metadata=None)),
    code("", shown(data={"application/vnd.dataresource+json": [1]}), execution=3, tags=[1, None]),
    code("", {"output_type": "error", "ename": None, "evalue": 7, "traceback": "x"}),
]


@pytest.mark.parametrize("cell", ODD, ids=range(len(ODD)))
def test_odd_cells_are_checked_and_not_feared(found, cell):
    assert set(found(cell)) <= {"error-output", "timing", "widget-state"}


@pytest.mark.parametrize(
    "payload",
    [{"panel": []}, {"panel": "compare", "runs": 5}, {"panel": "anomalies", "datasets": 1.5}],
)
def test_odd_panels_are_checked_and_not_feared(tmp_path, payload):
    path = write(tmp_path / "a.ipynb", code("", panel(payload)))
    rules = chosen(now=lambda *_: Standing("unknown"))
    assert check_notebook(read_notebook(path), rules) == []


def test_half_a_character_is_no_harm(tmp_path, capsys):
    """JSON can hold a lone surrogate, UTF-8 cannot."""
    cell = code("", shown(text="x\ud800"), printed("y\ud800"), failed("E\ud800\x1b[2J"))
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    assert run_command(["notebook", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert r"E\ud800\x1b[2J" in said


# ------------------------------------------------------------------------- the command line


@pytest.fixture
def check(capsys):
    def run(*args: object) -> tuple[int, str, str]:
        status = run_command(["notebook", "check", *map(str, args)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_the_committed_notebooks_pass(check):
    status, out, err = check(ROOT / "notebooks")
    assert (status, err) == (0, "")
    assert "0 errors" in out


def test_the_status_tells_errors_from_warnings(check, tmp_path):
    good = write(tmp_path / "good.ipynb", code("1"))
    assert check(good) == (0, "0 errors, 0 warnings in 1 notebook.\n", "")
    warned = write(tmp_path / "warned.ipynb", *BROKEN["execution-order"])
    status, out, err = check(good, warned)
    assert (status, err) == (0, "")
    assert out.endswith("0 errors, 1 warning in 2 notebooks.\n")
    bad = write(tmp_path / "bad.ipynb", *BROKEN["rows"])
    status, out, err = check(tmp_path)
    assert status == 1
    assert f"{bad}, cell 1, output 1: error rows" in out
    assert "1 error, 1 warning in 3 notebooks." in err
    assert "zenlab:allow-RULE" in err


def test_rules_can_be_chosen(check, tmp_path):
    path = write(tmp_path / "a.ipynb", *BROKEN["rows"], *BROKEN["script"])
    assert check(path, "--ignore", "rows", "--ignore", "script")[0] == 0
    status, out, _ = check(path, "--rule", "script")
    assert (status, "error rows" in out) == (1, False)
    status, _, err = check(path, "--rule", "scrpt")
    assert status == 1
    assert "Did you mean 'script'?" in err
    with pytest.raises(ParameterError, match="nothing would be checked"):
        chosen(["rows"], ["rows"])


def test_a_file_that_cannot_be_read_does_not_hide_the_others(check, tmp_path):
    (tmp_path / "a.ipynb").write_text("{")
    write(tmp_path / "b.ipynb", *BROKEN["rows"])
    (tmp_path / "c.ipynb").mkdir()
    write(tmp_path / "c.ipynb" / "d.ipynb", code("1"))
    status, out, err = check(tmp_path, tmp_path / "e.ipynb")
    assert status == 1
    assert "a.ipynb:1:2" in out
    assert "error rows" in out
    assert "There is no file" in out
    assert "1 error, 0 warnings in 2 notebooks. 2 files could not be read." in err
    assert check(tmp_path / "a.ipynb")[0] == 1
    (tmp_path / "a.py").write_text("x = 1")
    assert "Name a notebook" in check(tmp_path / "a.py")[1]


def test_a_missing_file_suggests_one_that_is_there(tmp_path):
    write(tmp_path / "quickstart.ipynb", code("1"))
    with pytest.raises(DoesNotExistException, match=r"Did you mean 'quickstart\.ipynb'"):
        read_notebook(tmp_path / "quikstart.ipynb")
    with pytest.raises(DoesNotExistException, match="There is no file"):
        read_notebook(tmp_path / "nowhere" / "a.ipynb")


def test_folders_are_searched_but_for_hidden_ones_and_environments(tmp_path, check):
    names = ["b.ipynb", "a.ipynb", "sub/c.ipynb"]
    left_out = [".ipynb_checkpoints/a.ipynb", "env/x.ipynb", ".git/x.ipynb", "sub/a.txt"]
    for name in names + left_out:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, *BROKEN["rows"])
    (tmp_path / "env" / "pyvenv.cfg").touch()
    files = notebook_files([tmp_path, tmp_path / "a.ipynb"])
    assert [str(f.relative_to(tmp_path)) for f in files] == ["a.ipynb", "b.ipynb", "sub/c.ipynb"]
    (tmp_path / "none").mkdir()
    status, _, err = check(tmp_path / "none")
    assert status == 1
    assert "There is no notebook in" in err


def test_help_lists_the_rules(check):
    status, out, _ = check("--help")
    assert status == 0
    for rule in RULES.values():
        assert re.search(rf"^  {rule.name} ", out, re.MULTILINE)
    assert run_command(["notebook"]) in (0, 2)


# -------------------------------------------------------------------------------- big files

BIG = 2_000_000
HEAVY = {
    "words": "token " * (BIG // 6),
    "names": "a_token_" * (BIG // 8),
    "assignments": "password=a, " * (BIG // 12),
    "base64": "aB3+/" * (BIG // 5),
    "slashes": "/" * BIG,
    "folders": "/a" * (BIG // 2),
    "colons": "a://" * (BIG // 4),
    "tables": "<table " * (BIG // 7),
    "ids": "<table id='T_' " * (BIG // 15),
    "keys": ("-----BEGIN " + "PRIVATE KEY-----") * (BIG // 27),
    "prefixes": "sk-1" * (BIG // 4),
    "web tokens": "eyJaaaaaaaaaaaaaaaa." * (BIG // 20),
    "dates": "2026-11-24 19:57 " * (BIG // 17),
    "bars": "1%|" * (BIG // 3),
    "paths": "/tmp/a\n" * (BIG // 7),
    "secrets": "://jane:hunter2@\n" * (BIG // 17),
    "spaces": " " * BIG,
    "tags": "<" * BIG,
    "numbers": "0\n1\n" * (BIG // 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", HEAVY)
def test_no_text_is_slow(tmp_path, case):
    """A pattern that goes back and forth takes minutes for two megabytes."""
    text = HEAVY[case]
    path = write(tmp_path / "a.ipynb", code(text, shown(html=text, text=text)))
    started = time.process_time()
    findings = check_notebook(read_notebook(path), chosen())
    seconds = time.process_time() - started
    assert {"notebook-size", "panel-size"} <= {f.rule.name for f in findings}
    assert seconds < 15, seconds
