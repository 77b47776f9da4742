"""Values at rest: written once, checked when they are read, told apart by what they contain.

    folder = store.stage(uri)                               an empty folder that nobody else writes
    described = write_value(value, folder)                  the value as files, and its digest
    stored = store.publish(uri, folder, described)          visible from here on, never changed
    value = read_value(stored, store.fetch(stored))         every file checked against its digest

`Stored` is what the metadata store keeps. Nothing here knows pipelines, steps or runs.
"""

from zenlab.artifacts.content import ContentDigest
from zenlab.artifacts.formats import read_value, write_value
from zenlab.artifacts.manifest import Described, Stored
from zenlab.artifacts.parquet import DatasetWriter
from zenlab.artifacts.store import ArtifactStore
from zenlab.artifacts.tables import content_digest
from zenlab.artifacts.uris import artifact_uri, safe_name

__all__ = [
    "ArtifactStore",
    "ContentDigest",
    "DatasetWriter",
    "Described",
    "Stored",
    "artifact_uri",
    "content_digest",
    "read_value",
    "safe_name",
    "write_value",
]
