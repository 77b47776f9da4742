"""TFDV called directly, as its documentation has it: the whole package, a DataFrame in memory.

It runs under the worker's Python, since it runs nowhere else. Its import is not timed.
"""

from __future__ import annotations

import subprocess
from typing import Any

from benchmarks.harness import Case, process_peak_mb
from zenlab.validation import find_worker_environment

_SCRIPT = """\
import sys, types
sys.modules["farmhash"] = types.ModuleType("farmhash")  # of its feature skew detector alone
import pandas as pd
import tensorflow_data_validation as tfdv
print("ready", flush=True)
for _ in sys.stdin:
    found = tfdv.generate_statistics_from_dataframe(pd.read_parquet(sys.argv[1]))
    print(found.datasets[0].num_examples, flush=True)
"""


def statistics(file: str, rows: int) -> Case:
    """Read the Parquet file and count it. (It leaves columns of times out.)"""
    process = subprocess.Popen(
        [str(find_worker_environment().python), "-I", "-c", _SCRIPT, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines, answers = process.stdin, process.stdout
    assert answers.readline() == "ready\n"

    def run() -> int:
        lines.write("\n")
        lines.flush()
        return int(answers.readline())

    def after(counted: int) -> dict[str, Any]:
        assert counted == rows
        return {"peak": process_peak_mb(process.pid)}

    return Case(run, after=after)
