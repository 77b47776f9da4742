"""Whether an artifact store does what it has to: what `zenlab doctor` asks it."""

from __future__ import annotations

import json
import secrets
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.artifacts.manifest import MANIFEST, Described
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from zenlab.artifacts.store import ArtifactStore

ROUNDS = 5
"""How many round trips are measured; the median counts."""

FOLDER = "doctor"
"""Where the test's artifact lies, as long as the test lasts."""


@dataclass(frozen=True)
class ArtifactHealth:
    """What an artifact store answered.

    Attributes:
        round_trip_s: the median time of asking whether an artifact exists, in seconds.
        clock_s: by how much the store's clock is ahead of this machine's, in seconds; None where
            it tells no time.
    """

    round_trip_s: float
    clock_s: float | None


def check_artifacts(store: ArtifactStore) -> ArtifactHealth:
    """Write, read and delete an artifact, and measure. Nothing stays, whatever fails.

    Raises:
        ArtifactError: the store has lost what was written.
        StoreError: it cannot be reached, or refuses to be read, written or cleaned.
    """
    uri = f"{FOLDER}/{secrets.token_hex(16)}"
    value = secrets.token_hex(16)
    try:
        folder = store.stage(uri)
        (folder / "value.json").write_text(json.dumps(value), encoding="utf-8")
        before = time.time()
        stored = store.publish(uri, folder, Described("json", 1, "00"))
        clock = _clock(store, uri, (before + time.time()) / 2)
        read = (store.fetch(stored) / "value.json").read_text(encoding="utf-8")
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            there = store.exists(uri)
            times.append(time.perf_counter() - start)
        if not there or json.loads(read) != value:
            raise ArtifactError(
                "What was written a moment ago is not there, or is something else.",
                where=store.root,
                hint="Two programs may use this place: give zenlab a folder of its own.",
            )
    finally:
        store.delete(uri)
    if store.exists(uri):
        raise ArtifactError(
            "What was deleted is still there.",
            where=f"{store.root}/{uri}",
            hint="You need the right to delete: storage.objects.delete, s3:DeleteObject.",
        )
    return ArtifactHealth(statistics.median(times), clock)


def _clock(store: ArtifactStore, uri: str, now: float) -> float | None:
    place: Any = store._place  # noqa: SLF001 - of this package
    try:
        if not hasattr(place, "_fs"):
            return (Path(place.root) / uri / MANIFEST).stat().st_mtime - now
        remote = place._remote(uri, MANIFEST)  # noqa: SLF001
        modified: float = place._fs.modified(remote).timestamp()  # noqa: SLF001
    except Exception:  # noqa: BLE001 - of any client library; not every store tells the time
        return None
    return modified - now
