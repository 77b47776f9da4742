"""`status`, `watch` and `cancel`, while a colleague's pipeline runs in another process."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
import time

import pytest

from tests.conformance.metadata_records import run_record
from tests.following_harness import SCRIPT, run_script
from tests.integration.conftest import cell
from tests.integration.test_following import wait_for
from zenlab.cli import run_command
from zenlab.engine.record import HOST

_context = multiprocessing.get_context("forkserver")


@pytest.fixture
def project(repository):
    (repository.root / "data.csv").write_text("a,b\n1,2\n3,4\n")
    (repository.root / "script.py").write_text(SCRIPT)
    yield repository
    repository.metadata.dispose()


@pytest.fixture
def colleague(project):
    """A process that runs Pipeline B, and has said how far it is."""
    process = _context.Process(target=run_script, args=(project.root, os.environ["HOME"]))
    process.start()
    store = project.metadata
    wait_for(lambda: (runs := store.going(project.project)) and runs[0].steps)
    yield process
    process.kill()
    process.join()


def lines(capsys, *args, code=0):
    assert run_command(args) == code
    done = capsys.readouterr()
    return (done.out if code == 0 else done.err).splitlines()


def test_status_says_what_goes_on(project, colleague, capsys):
    said = lines(capsys, "status")
    (line,) = [x for x in said if x.startswith("  Pipeline B#1  ") and " since " in x]
    assert said[said.index(line) - 1] == "going on"
    assert re.fullmatch(
        rf"  Pipeline B#1  Test on {re.escape(HOST)}  since \d\d:\d\d \([\d.]+ m?s\)  "
        r"transform_2 3/10 epochs; 1 of 2 steps done  run [0-9a-f]{8}",
        line,
    )
    (project.root / "go").touch()
    colleague.join()
    assert "going on" not in lines(capsys, "status")


def test_watching_until_the_end(project, colleague, capsys):
    threading.Timer(0.5, (project.root / "go").touch).start()
    said = lines(capsys, "watch", "Pipeline B")
    assert said[0].startswith("transform    first   executed")
    assert said[1].startswith("transform_2  second  executed")
    assert re.fullmatch(r"2 executed, 0 cached in \d+\.\d\d s", said[2])
    assert len(said) == 3


def test_what_stays_in_a_cell_is_the_panel_of_the_run(project, colleague, shell, capsys):
    threading.Timer(0.5, (project.root / "go").touch).start()
    watched = cell(shell, "%zen watch")
    assert watched.error is None
    colleague.join()
    shell.push({"run_script": run_script})
    ours = cell(shell, "import runpy; _ = runpy.run_path('script.py', run_name='__main__')")
    assert ours.error is None
    assert watched.outputs[-1].data == ours.outputs[-1].data
    assert "status --follow is for a terminal" in str(cell(shell, "%zen status --follow").error)


def test_cancelling(project, colleague, capsys):
    said = lines(capsys, "cancel", "Pipeline B#1")
    assert said == [
        f"Asked 'Pipeline B#1' of Test on {HOST} to stop.",
        f"'Pipeline B#1' has ended: interrupted. Test on {HOST} cancelled this run.",
    ]
    colleague.join()
    assert colleague.exitcode == 0
    said = lines(capsys, "cancel", "Pipeline B#1", code=1)
    assert said[0] == "DoesNotExistException: No run of 'Pipeline B#1' goes on."
    assert "Pipeline B#1 was the last: interrupted." in said[2]


def test_a_killed_run_is_lost(project, colleague, capsys):
    colleague.kill()
    colleague.join()
    said = lines(capsys, "status")
    assert "going on" not in said
    assert any(re.match(r"  Pipeline B#1 +lost ", line) for line in said)
    assert any(re.match(r"  Pipeline B  #1  data  draft  lost ", line) for line in said)
    assert "process is gone" in "\n".join(lines(capsys, "why", "Pipeline B"))


def test_following_all_in_a_terminal(project, colleague, capsys, monkeypatch):
    monkeypatch.setattr("zenlab.cli.surface.Terminal.interactive", property(lambda _: True))
    threading.Timer(1.5, (project.root / "go").touch).start()
    assert run_command(["status", "--follow"]) == 0
    said = capsys.readouterr().out
    assert "\x1b[1A\r\x1b[JPipeline B#1  Test on " in said
    assert said.endswith("No run goes on.\n")


def test_which_run_is_meant(project, capsys):
    store = project.metadata
    runs = [
        run_record(
            project=project.project, status="running", pipeline_name=name, pipeline_revision=n
        )
        for name, n in (("A", 1), ("A", 2), ("B", 1), ("B", 1))
    ]
    said = lines(capsys, "watch", code=1)
    assert said[0] == "DoesNotExistException: No run goes on."
    for run in runs:
        store.start_run(run)
        time.sleep(0.002)  # ids are of their ms
    said = lines(capsys, "cancel", "B", "--wait", "0", code=1)
    assert said[0] == "ParameterError: Several runs go on."
    ids = re.findall(r"run ([0-9a-f]{8})", "\n".join(said))
    assert len(set(ids)) == 2
    assert "These go on" in "\n".join(lines(capsys, "cancel", "C", code=1))
    for target, run in (("A#2", runs[1]), (ids[0], runs[2])):
        said = lines(capsys, "cancel", target, "--wait", "0")
        assert said[0].startswith("Asked '")
        assert "has not stopped yet" in said[1]
        assert store.hear(run.id).cancel.user == project.user
    asked = [g.run.id for g in store.going(project.project) if g.cancel is not None]
    assert asked == [runs[1].id, runs[2].id]
    store.request_cancel(runs[0].id, "Cleo <c@d>", "lab-7")
    said = lines(capsys, "cancel", "A#1", "--wait", "0")
    assert said[0] == "Cleo on lab-7 has already asked 'A#1' of alice on host-a to stop."
    assert any("asked to stop by Cleo" in line for line in lines(capsys, "status"))
