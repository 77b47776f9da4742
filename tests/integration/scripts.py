"""Scripts in processes of their own, without the seconds that an interpreter takes to start.

A server that has imported the large libraries, and nothing of zenlab, forks itself for each script:
`import skops.io` alone takes longer than what most tests do.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import textwrap
import types
from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["pandas", "pyarrow.parquet", "sklearn.compose", "skops.io", "sqlalchemy.dialects.sqlite"]
)
LIMIT = 300  # s: for a machine that others use


def python(folder: Path, script: str, code: int = 0) -> str:
    """Run a script as `python -c` does, in a folder, with this process's environment.

    Args:
        folder: where it runs.
        script: its text, indented as the test is.
        code: with which it is to end.

    Returns:
        What it prints, or what it says as it fails.
    """
    with tempfile.TemporaryDirectory() as said:
        out, err = Path(said, "out"), Path(said, "err")
        process = SERVER.Process(
            target=_run, args=(textwrap.dedent(script), folder, dict(os.environ), out, err)
        )
        process.start()
        process.join(LIMIT)
        if process.is_alive():
            process.kill()
            process.join()
        printed, complained = out.read_text("utf-8"), err.read_text("utf-8")
    assert process.exitcode == code, printed + complained
    return printed if code == 0 else complained


def _run(script: str, folder: Path, environment: dict[str, str], out: Path, err: Path) -> None:
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[:] = ["-c"]
    sys.path.insert(0, "")
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    exec(compile(script, "<string>", "exec"), main.__dict__)
