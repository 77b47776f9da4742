"""Kernels that are killed, interrupted, or many: what is finished counts, nothing is done twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from zenlab.repo import Repository

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = '''
"""Declares and runs a pipeline whose steps leave a line outside of the repository."""
import json, os, sys, time
import pandas as pd
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import DataPipeline

def first(rows, trace):
    return _slow(rows, trace, "first", 1)

def second(rows, trace):
    return _slow(rows, trace, "second", 2)

def third(rows, trace):
    return _slow(rows, trace, "third", 3)

def _slow(rows, trace, name, factor):
    time.sleep(float(os.environ.get("PAUSE", "0.05")))  # not in the key
    with open(trace, "a") as file:
        file.write(name + "\\n")
    return rows.assign(a=rows["a"] * factor)

pipeline = DataPipeline("D")
pipeline.add_datasource(CSVDatasource("numbers", "data.csv"))
for step in (first, second, third):
    pipeline.add_transform(step, trace=sys.argv[1])
print("declared", flush=True)
pipeline.run()
data = pipeline.outputs("transform_3")["data"]
print(json.dumps({"digest": data.digest, "sum": int(data.to_pandas()["a"].sum())}))
'''


@pytest.fixture
def project(repository):
    rows = "\n".join(f"{i},{i % 7}" for i in range(20_000))
    (repository.root / "data.csv").write_text(f"a,b\n{rows}\n")
    (repository.root / "script.py").write_text(SCRIPT)
    return repository.root


def start(project: Path, trace: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        env=os.environ | env,
        args=[sys.executable, "script.py", str(trace)],
        cwd=project,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def result(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found: dict[str, object] = json.loads(out.splitlines()[-1])
    return found


EXPECTED_SUM = 6 * sum(range(20_000))


def test_after_sigkill_at_random_moments_the_next_run_equals_an_undisturbed_one(project, tmp_path):
    trace = tmp_path / "trace"
    chance = random.Random(1)
    for _ in range(8):
        process = start(project, trace)
        assert process.stdout is not None
        process.stdout.readline()  # declared: from here on it commits, runs, records
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.wait()
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()
    survived = result(start(project, trace))
    assert survived["sum"] == EXPECTED_SUM

    undisturbed = project.parent / "undisturbed"
    undisturbed.mkdir()
    Repository.init_repo(undisturbed)
    for name in ("data.csv", "script.py"):
        (undisturbed / name).write_bytes((project / name).read_bytes())
    assert result(start(undisturbed, trace)) == survived

    lines = trace.read_text().splitlines()
    before = len(lines)
    assert result(start(project, trace)) == survived
    assert len(trace.read_text().splitlines()) == before, "all of it is cached now"


def test_eight_processes_do_each_step_once(project, tmp_path):
    trace = tmp_path / "trace"
    processes = [start(project, trace) for _ in range(8)]
    results = [result(process) for process in processes]
    assert all(r == results[0] for r in results)
    assert sorted(trace.read_text().splitlines()) == ["first", "second", "third"]


def test_an_interrupt_frees_the_claim_and_nothing_runs_on(project, tmp_path):
    trace = tmp_path / "trace"
    process = start(project, trace, PAUSE="30")
    database = Repository(project).metadata
    deadline = time.monotonic() + 60
    while not any(run.status == "running" for run in database.runs(Repository(project).project)):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in err
    run = database.runs(Repository(project).project)[0]
    assert run.status == "interrupted"
    assert not trace.exists()
    with sqlite3.connect(project / ".zenlab" / "metadata.db") as rows:
        assert rows.execute("SELECT state FROM claim").fetchall() == [("free",)]
    assert result(start(project, trace))["sum"] == EXPECTED_SUM


def test_a_full_disk_is_an_error_that_leaves_nothing_visible(project, tmp_path):
    code = (
        "import resource, runpy, sys; sys.argv = ['script.py', sys.argv[1]];"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "runpy.run_path('script.py', run_name='__main__')"
    )
    trace = tmp_path / "trace"
    done = subprocess.run(
        [sys.executable, "-c", code, str(trace)],
        cwd=project,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert "ArtifactError" in done.stderr or "StoreError" in done.stderr
    folder = project / ".zenlab" / "artifacts"
    assert not list(folder.rglob("manifest.json"))
    assert result(start(project, trace))["sum"] == EXPECTED_SUM


@pytest.mark.parametrize("store", ["metadata.db", "artifacts"])
def test_a_store_that_cannot_be_written_says_so(project, tmp_path, store):
    result(start(project, tmp_path / "trace"))
    script = project / "script.py"
    script.write_text(SCRIPT.replace("* factor", "* factor + 0"))
    path = project / ".zenlab" / store
    # root may write whatever the mode says, so something else has to be in the way.
    backup = path.with_name(path.name + ".away")
    path.rename(backup)
    for side in ("-wal", "-shm"):
        (project / ".zenlab" / f"metadata.db{side}").unlink(missing_ok=True)
    if store == "artifacts":
        path.write_text("not a folder")
    else:
        path.mkdir()
    process = start(project, tmp_path / "trace")
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "StoreError" in err or "ArtifactError" in err
    assert "next:" in err
    path.rmdir() if path.is_dir() else path.unlink()
    backup.rename(path)
    assert result(start(project, tmp_path / "trace"))["sum"] == EXPECTED_SUM
