"""One table of all figures, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Row, Stat

FILE = Path(__file__).resolve().parents[1] / "build" / "bench.json"
PACKAGES = (
    "zenlab",
    "apache-hamilton",
    "joblib",
    "pandas",
    "numpy",
    "pyarrow",
    "sqlalchemy",
    "ipython",
)
HEADER = ("figure", "unit", "zenlab", "middle half", "target", "", "peers (times zenlab's)")


def table(rows: Sequence[Row]) -> str:
    """Columns of text."""
    lines = [HEADER]
    for row in rows:
        lines.append(
            (
                row.figure,
                row.unit,
                _number(row.zenlab.median),
                _spread(row.zenlab),
                _target(row),
                _verdict(row),
                _peers(row),
            )
        )
        lines += [("", "", "", "", "", "", f"{name}: {fact}") for name, fact in row.facts.items()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    right = {2}
    text = [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([text[0], "-" * max(map(len, text)), *text[1:]])


def environment() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 2),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def write(rows: Sequence[Row], seconds: dict[str, float]) -> None:
    """Write `build/bench.json`."""
    FILE.parent.mkdir(exist_ok=True)
    document = {
        "environment": environment(),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "figures": [_json(row) for row in rows],
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _json(row: Row) -> dict[str, Any]:
    ours = row.zenlab.median
    return {
        "figure": row.figure,
        "unit": row.unit,
        "zenlab": row.zenlab.to_json(),
        "target": row.limit,
        "met": None if row.limit is None else ours <= row.limit,
        "peers": {
            name: stat.to_json() | {"ratio": stat.median / ours if ours > 0 else None}
            for name, stat in row.peers.items()
        },
        "facts": dict(row.facts),
    }


def _target(row: Row) -> str:
    if row.relative is not None:
        peer, factor = row.relative
        ratio = row.zenlab.median / row.peers[peer].median
        return f"{factor:g}x {peer} (is {ratio:.2g}x)"
    return "" if row.target is None else f"{row.target:g}"


def _verdict(row: Row) -> str:
    if row.limit is None:
        return ""
    return "ok" if row.zenlab.median <= row.limit else "OVER"


def _peers(row: Row) -> str:
    ours = row.zenlab.median
    return ", ".join(
        f"{name} {_number(stat.median)}" + (f" ({stat.median / ours:.2g}x)" if ours > 0 else "")
        for name, stat in row.peers.items()
    )


def _spread(stat: Stat) -> str:
    if len(stat.values) < 2:
        return ""
    low, high = stat.spread
    return f"{_number(low)}-{_number(high)}" if low != high else ""


def _number(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
