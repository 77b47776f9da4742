"""What the suites of the metadata store write: one record of each kind, and odd texts."""

from __future__ import annotations

import math

from zenlab.core.ids import new_id
from zenlab.metadata import ArtifactRecord, CommitRecord, ExecutionRecord, Holder, RunRecord
from zenlab.metadata.text import WIDTHS

PROJECT = "project-1"
MINUTE = 60_000

ALICE = Holder("a" * 16, "alice", "host-a", 11)
BOB = Holder("b" * 16, "bob", "host-b", 22)

NAMES = (
    "Pipeline A",
    "pipeline a",
    "Pipeline Ä",
    "Pipeline A\u0308",  # looks the same, and is another text
    "管線 🚀",
    "'; DROP TABLE run; --",
    '"quoted" `ticked` \\back\\slash',
    "100 % _ ? :name %(name)s {x}",
    "<script>alert(1)</script>",
    "n" * WIDTHS["name"],
    "\U0001f680" * WIDTHS["name"],  # the most bytes
)

REFUSED_NAMES = ("", " A", "A ", "A\x00", "A\nB", "A\ud800", "n" * (WIDTHS["name"] + 1))

PLAIN = {
    "int": 1,
    "float": 1.0,
    "bool": True,
    "text": "1",
    "none": None,
    "list": [1, [2.5, "x"]],
    "inf": math.inf,
    "minus zero": -0.0,
    "$dollar": {"$float": "nan", "$$": 1},
    "keys": {1: "a", "1": "b", 2.5: "c"},
    "odd": "\x00 \ud800 \U0001f680 ' \" \\ \u2028",
    "big": 2**70,
    "empty": {},
}
"""Plain data of every kind. 2**70 and NUL fit no column of their own, but JSON."""


def artifact(name: str = "data", **changes) -> ArtifactRecord:
    values = {
        "name": name,
        "uri": f"trainer/{'c' * 64}/1-owner/{name}",
        "format": "parquet",
        "format_version": 1,
        "content_digest": "d" * 64,
        "manifest_sha256": "e" * 64,
        "size": 2**40,
        "num_rows": 3,
        "summary": {"columns": ["a"], "nan": math.inf},
    }
    return ArtifactRecord(**(values | changes))


def execution(cache_key: str = "cache-1", **changes) -> ExecutionRecord:
    values = {
        "id": new_id(),
        "run_id": 1,
        "slot": "trainer",
        "kind": "trainer",
        "title": "SklearnTrainer",
        "cache_key": cache_key,
        "work_key": "work-1",
        "status": "succeeded",
        "user": "alice",
        "host": "host-a",
        "seconds": 1.5,
        "inputs": {"examples": {"train": "1" * 64}},
        "code": "f" * 64,
        "identity": PLAIN,
        "git_commit": "9" * 40,
        "git_clean": False,
        "findings": ("a finding",),
    }
    return ExecutionRecord(**(values | changes))


def run_record(**changes) -> RunRecord:
    values = {
        "id": new_id(),
        "project": PROJECT,
        "pipeline_id": 7,
        "pipeline_name": "Pipeline A",
        "pipeline_digest": "1" * 64,
        "pipeline_revision": 1,
        "status": "succeeded",
        "user": "alice",
        "host": "host-a",
        "pid": 11,
    }
    return RunRecord(**(values | changes))


def commit_record(**changes) -> CommitRecord:
    values = {
        "id": new_id(),
        "project": PROJECT,
        "name": "flights",
        "digest": "ab" * 32,
        "source": "zenlab.datasources.csv.CSVDatasource@zenlab_0.1.0",
        "args": {"path": "data/flights.csv", "missing": math.inf},
        "artifact": artifact("snapshot"),
        "schema": [["year", "int64"]],
        "stamp": {"size": 1, "mtime_ns": 2**62},
        "user": "alice",
    }
    return CommitRecord(**(values | changes))
