"""gcsfs alone: folders up and down, nothing checked."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path
from typing import Any

from gcsfs.core import GCSFileSystem

from benchmarks.harness import Case


def upload(url: str, files: str) -> Case:
    """Put the folder."""
    fs = GCSFileSystem(token="anon", use_listings_cache=False)  # noqa: S106
    numbers = count()
    now: dict[str, str] = {}

    def before() -> None:
        now["path"] = f"{url}/gcsfs/up/{os.getpid()}/{next(numbers)}/"

    def after(_result: Any) -> dict[str, Any]:
        assert len(fs.find(now["path"])) == len(list(Path(files).iterdir()))
        fs.rm(now["path"], recursive=True)
        return {}

    return Case(lambda: fs.put(f"{files}/", now["path"], recursive=True), before, after)


def download(url: str, files: str) -> Case:
    """Get the folder."""
    fs = GCSFileSystem(token="anon", use_listings_cache=False)  # noqa: S106
    path = f"{url}/gcsfs/down/{os.getpid()}/"
    fs.put(f"{files}/", path, recursive=True)

    def after(_result: Any) -> dict[str, Any]:
        assert len(list(Path("got").iterdir())) == len(list(Path(files).iterdir()))
        shutil.rmtree("got")
        return {}

    return Case(lambda: fs.get(path, "got/", recursive=True), after=after)
