"""An artifact of 200 MB to a bucket and back, beside gcsfs alone; the bucket is an emulator here.

gcsfs moves the bytes. zenlab also makes the SHA-256 of each file and compares what has arrived,
going up; and checks the SHA-256 of each file, coming down.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

from benchmarks.harness import Row, compare
from tests.servers.gcs import gcs_server

ROUNDS = 5
FILES_MB = (100, *[20] * 5)
FACTOR = 2


def measure() -> list[Row]:
    """Seconds up and down, with one large file and five of 20 MB; and of 100 small files."""
    folder = Path(tempfile.mkdtemp(prefix="zenlab-bench-"))
    try:
        with gcs_server() as server, patch.dict(os.environ, server.env):
            url = server.make_bucket("bench-bucket")
            large = _files(folder / "large", [mb * 1_000_000 for mb in FILES_MB])
            small = _files(folder / "small", [20_000] * 100)
            return [
                *_rows(url, large, f"{sum(FILES_MB)} MB in {len(FILES_MB)} files"),
                *_rows(url, small, "100 files of 20 kB"),
            ]
    finally:
        shutil.rmtree(folder)


def _rows(url: str, files: str, what: str) -> list[Row]:
    rows = []
    for case, words in (("upload", "to a bucket"), ("download", "from a bucket")):
        seen = compare(["bucket_zenlab", "bucket_gcsfs"], case, ROUNDS, url=url, files=files)
        ours, theirs = seen["bucket_zenlab"], seen["bucket_gcsfs"]
        rows.append(
            Row(
                f"{what} {words}",
                "s",
                ours.seconds,
                None,
                {"gcsfs": theirs.seconds},
                relative=("gcsfs", FACTOR),
                facts={"peak_mb": ours.peak_mb, "gcsfs_peak_mb": theirs.peak_mb},
            )
        )
    return rows


def _files(folder: Path, sizes: list[int]) -> str:
    folder.mkdir()
    for number, size in enumerate(sizes):
        (folder / f"{number:03}").write_bytes(os.urandom(size))
    return str(folder)
