"""zenlab's statistics: the TFDV worker, cold or warm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Case, process_peak_mb
from zenlab.validation import Worker

if TYPE_CHECKING:
    from zenlab.core.statistics import Statistics


def statistics(file: str, rows: int, *, cold: bool = False) -> Case:
    """Statistics of a Parquet file, through to the Structs that panels read."""
    client = Worker()
    if not cold:
        client.ping().result()

    def before() -> None:
        if cold:
            client.close()

    def run() -> Statistics:
        return client.statistics({"train": [Path(file)]}, Path("out")).result()

    def after(found: Statistics) -> dict[str, Any]:
        assert found.datasets[0].rows == rows
        assert not any(feature.notes for feature in found.datasets[0].features[:1])
        return {"peak": process_peak_mb(client.pid or 0)}

    return Case(run, before, after)
