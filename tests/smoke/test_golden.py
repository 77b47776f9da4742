"""Keys and digests are what they were: on every Python, pandas, numpy and pyarrow."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("name", ["content", "fingerprint", "keys"])
def test_digests_are_the_committed_ones(name, tmp_path):
    # A process of its own: pytest rewrites the modules that it imports.
    done = subprocess.run(
        [sys.executable, str(GOLDEN / f"{name}_golden.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pinned = (GOLDEN / f"{name}_golden.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout) == json.loads(pinned)
    assert done.stdout == pinned, "the order counts, too"
