"""`%zen` in a real IPython."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from IPython.core.completer import provisionalcompleter

from tests.integration.conftest import cell
from zenlab.repo import Repository
from zenlab.views import MIME_TYPE


def test_run_shows_the_panel(shell, repository, declare):
    shell.push({"pipeline": declare()})
    done = cell(shell, "%zen run pipeline")
    assert done.error is None
    shown = done.outputs[-1].data
    assert shown["text/plain"].startswith("Run of Pipeline A: succeeded")
    assert shown[MIME_TYPE]["panel"] == "run"
    assert "<table>" in shown["text/html"]


def test_a_cached_run_leaves_the_same_bytes(shell, repository, declare):
    def last_output() -> dict[str, Any]:
        shell.push({"pipeline": declare()})
        done = cell(shell, "%zen run pipeline")
        assert done.error is None
        data: dict[str, Any] = done.outputs[-1].data
        return data

    assert last_output() == last_output()


def test_run_takes_a_name_and_a_file(shell, repository, declare):
    declare().run()
    file = repository.files.path("Pipeline A").relative_to(repository.root)
    for target in ('"Pipeline A"', str(file)):
        done = cell(shell, f"%zen run {target}")
        assert done.error is None, target
        assert "succeeded" in done.outputs[-1].data["text/plain"]


def test_an_error_is_a_message_and_no_trace(shell, repository, declare):
    declare().run()
    done = cell(shell, '%zen run "Pipline A"')
    assert "Did you mean 'Pipeline A'?" in str(done.error)
    assert "Traceback" not in done.stdout
    assert "Did you mean 'Pipeline A'?" in done.stdout


def test_a_misspelt_command_comes_back_with_a_suggestion(shell, repository):
    done = cell(shell, "%zen rn pipeline")
    assert "Did you mean 'run'?" in str(done.error) + done.stderr + done.stdout


def test_a_variable_that_is_no_pipeline_is_named(shell, repository):
    shell.push({"number": 3})
    done = cell(shell, "%zen run number")
    assert "'number' is a int, not a pipeline" in str(done.error)


def test_a_failed_step_shows_where(shell, repository, frame):
    shell.push({"frame": frame})
    source = """
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline

def broken(rows):
    print("so far so good")
    return rows["nothing"]

pipeline = DataPipeline("D")
pipeline.add_datasource(PandasDatasource("toy", frame))
pipeline.add_transform(broken)
"""
    assert cell(shell, source).error is None
    done = cell(shell, "%zen run pipeline")
    assert "Step 'transform' (broken) failed with KeyError" in str(done.error)
    assert 'return rows["nothing"]' in str(done.error)
    logs = cell(shell, "%zen logs transform")
    assert "so far so good" in logs.stdout
    assert "KeyError" in logs.stdout


def test_a_cell_of_functions_is_cached_and_its_edit_is_not(shell, repository, frame):
    shell.push({"frame": frame})
    source = """
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline

FACTOR = 2
def helper(x):
    return x * FACTOR

class Scale:
    shift = 1
    def __call__(self, x):
        return helper(x) + self.shift

def scale(rows):
    '''Scale.'''
    return rows.assign(a=Scale()(rows["a"]))

pipeline = DataPipeline("D")
pipeline.add_datasource(PandasDatasource("toy", frame))
pipeline.add_transform(scale)
pipeline.run()
how = pipeline._last.result.steps["transform"].how
"""

    def how(text: str) -> str:
        done = cell(shell, text)
        assert done.error is None, done.error
        found: str = shell.user_ns["how"]
        return found

    assert how(source) == "executed"
    assert how(source) == "hit"
    assert how(source.replace("'''Scale.'''", "# a comment instead")) == "hit"
    assert how(source.replace("FACTOR = 2", "FACTOR = 3")) == "executed"
    assert how(source.replace("shift = 1", "shift = 2")) == "executed"
    assert how(source.replace("x * FACTOR", "x * FACTOR + 1")) == "executed"
    assert how(source) == "hit"


def test_functions_of_a_cell_are_found_below_its_imports(shell, repository):
    """IPython compiles statement by statement, which gives calls into modules other bytecode."""
    source = """
import time, os.path
import numpy as np
from zenlab.engine.fingerprint import fingerprint
def waits(rows):
    time.sleep(0)
    return rows, np.log1p(1), os.path.join("a", "b")
class Waits:
    def wait(self):
        return time.sleep(0)
notes = fingerprint(waits).notes + fingerprint(Waits).notes
bundle = fingerprint(waits).bundle
"""
    done = cell(shell, source)
    assert done.error is None, done.error
    assert shell.user_ns["notes"] == ()
    assert "time.sleep(0)" in shell.user_ns["bundle"]


def test_init_status_list_show_plan_version(shell, tmp_path, monkeypatch, declare):
    monkeypatch.chdir(tmp_path)
    assert "zenlab init" in str(cell(shell, "%zen status").error)
    assert "Made a zenlab repository" in cell(shell, "%zen init").stdout
    shell.push({"pipeline": declare()})
    assert re.search(r"(\d) of \1 steps would run", cell(shell, "%zen plan pipeline").stdout)
    assert cell(shell, "%zen run pipeline").error is None
    shown = cell(shell, "%zen plan pipeline").stdout
    assert re.search(r"0 of (\d) steps would run; \1 come from the cache", shown)
    assert "Pipeline A  #1  training  draft  succeeded" in cell(shell, "%zen list").stdout
    assert "1 pipeline\n" in cell(shell, "%zen status").stdout
    shown = cell(shell, '%zen show "Pipeline A"')
    assert "* Pipeline A#1" in shown.stdout
    assert "toy  600 rows" in cell(shell, "%zen datasource list").stdout
    assert "used by: Pipeline A" in cell(shell, "%zen datasource get toy").stdout
    assert "metadata_store: (embedded)" in cell(shell, "%zen config list").stdout
    assert "zenlab 0." in cell(shell, "%zen version").stdout
    assert "Commands:" in cell(shell, "%zen").stdout


def test_tab_completes_commands_pipelines_and_slots(shell, repository, declare):
    declare().run()
    shell.push({"my_pipeline": declare("Pipeline B")})

    def completed(text: str) -> list[str]:
        with provisionalcompleter():  # what ipykernel calls
            return [text[: c.start] + c.text for c in shell.Completer.completions(text, len(text))]

    assert "%zen run" in completed("%zen r")
    assert "%zen run my_pipeline" in completed("%zen run my")
    assert '%zen run "Pipeline A"' in completed("%zen run ")
    assert "%zen run my_pipeline --force trainer" in completed("%zen run my_pipeline --force tr")
    assert '%zen run "Pipeline A"' in completed('%zen run "Pipe')
    assert '%zen run "Pipeline A"' in completed('%zen run "Pipeline ')
    assert "%zen run my_pipeline --force split" in completed("%zen run my_pipeline --force s")
    assert "%zen logs trainer" in completed("%zen logs tr")
    assert "%zen datasource commit" in completed("%zen datasource c")


HEAVY = ["pandas", "numpy", "pyarrow", "sqlalchemy", "plotly", "sklearn", "click", "msgspec"]


def test_loading_the_extension_imports_nothing_heavy():
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S;"
        "before = set(sys.modules); S.instance().run_line_magic('load_ext', 'zenlab');"
        "print(*sorted(m.partition('.')[0] for m in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    imported = set(done.stdout.split())
    assert "zenlab" in imported
    assert imported.isdisjoint(HEAVY)


def test_declaring_a_pipeline_imports_neither_pandas_nor_sklearn():
    code = (
        "import sys, zenlab.pipelines, zenlab.datasources, zenlab.repo;"
        "import zenlab.steps.split, zenlab.steps.trainer, zenlab.steps.evaluator;"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {"pandas", "numpy", "pyarrow", "sqlalchemy", "plotly", "sklearn"}
    assert set(done.stdout.split()).isdisjoint(heavy)


def test_the_command_line_runs_what_the_notebook_declared(repository, declare):
    declare().run()

    def zenlab(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from zenlab.cli import main; main()", *args]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = zenlab("run", "Pipeline A")
    assert done.returncode == 0, done.stderr
    assert "0 executed, 6 cached" in done.stdout
    wrong = zenlab("run", "Pipline A")
    assert wrong.returncode == 1
    assert "Did you mean 'Pipeline A'?" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert zenlab("nonsense").returncode == 2
    assert Repository().get_pipeline_by_name("Pipeline A").get_status() == "succeeded"


def test_a_cell_that_loads_the_extension_can_run_again_in_silence(shell, capsys):
    for _ in range(3):
        assert shell.run_cell("%load_ext zenlab\n1 + 1").success
    assert "already loaded" not in capsys.readouterr().out
    shell.run_cell("%zen version")
    assert "zenlab" in capsys.readouterr().out
    shell.run_line_magic("unload_ext", "zenlab")
    assert "not loaded" not in capsys.readouterr().out
    assert shell.run_cell("%load_ext zenlab").success
    assert capsys.readouterr().out == ""
