"""An artifact store in a bucket."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.harness import Case
from zenlab.artifacts import ArtifactStore, Described, Stored

DESCRIBED = Described("files", 1, "00")


def upload(url: str, files: str) -> Case:
    """Publish the files; they are staged before."""
    store = ArtifactStore(f"{url}/zenlab", cache_dir=Path("cache"), cache_size=0)
    numbers = count()
    now: dict[str, Any] = {}

    def before() -> None:
        now["uri"] = f"up/{os.getpid()}/{next(numbers)}"
        now["folder"] = store.stage(now["uri"])
        shutil.copytree(files, now["folder"], dirs_exist_ok=True)

    def after(stored: Stored) -> dict[str, Any]:
        assert stored.size == sum(file.stat().st_size for file in Path(files).iterdir())
        store.delete(stored.uri)
        return {}

    return Case(lambda: store.publish(now["uri"], now["folder"], DESCRIBED), before, after)


def download(url: str, files: str) -> Case:
    """Fetch the files into an empty cache."""
    store = ArtifactStore(f"{url}/zenlab", cache_dir=Path("first"))
    uri = f"down/{os.getpid()}"
    folder = store.stage(uri)
    shutil.copytree(files, folder, dirs_exist_ok=True)
    stored = store.publish(uri, folder, DESCRIBED)
    numbers = count()
    now: dict[str, ArtifactStore] = {}

    def before() -> None:
        cache = Path(f"cache-{next(numbers)}")
        now["store"] = ArtifactStore(f"{url}/zenlab", cache_dir=cache)

    def after(found: Path) -> dict[str, Any]:
        assert len(list(found.iterdir())) == len(list(Path(files).iterdir())) + 1
        shutil.rmtree(found)
        return {}

    return Case(lambda: now["store"].fetch(stored), before, after)
