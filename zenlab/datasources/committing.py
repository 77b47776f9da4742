"""Taking a commit: rows into a snapshot that nobody else writes, then one row of metadata.

The digest is known only when all rows have been written, so the snapshot lies at a random uri
and the record says where. The metadata store decides: if the content was committed before, also
by somebody else a moment ago, the earlier record stays and the new copy is deleted.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from zenlab.artifacts import DatasetWriter, safe_name
from zenlab.core.errors import ArtifactError, DatasourceError
from zenlab.core.ids import new_id
from zenlab.engine.values import record_of, stored_of
from zenlab.metadata.records import CommitRecord

if TYPE_CHECKING:
    from zenlab.artifacts import ArtifactStore, Stored
    from zenlab.core.workspace import Workspace
    from zenlab.datasources.base import BaseDatasource


def take_commit(source: BaseDatasource, workspace: Workspace) -> CommitRecord:
    """Write the rows of a source as they are now, and record them.

    Args:
        source: the datasource.
        workspace: where the snapshot and its record go.

    Raises:
        DatasourceError: the source cannot be read. Nothing is left behind.
    """
    store: ArtifactStore = workspace.artifacts
    config = source.to_config()
    stamp = source.stamp()  # before reading: a change while reading shows as a change afterwards
    token = secrets.token_hex(16)
    uri = f"data/{safe_name(source.name)}/{token[:2]}/{token}"
    try:
        stored = _write(source, store, uri)
        with suppress(DatasourceError):  # the file has gone meanwhile: its rows are here
            stamp = source.sealed_stamp(stamp)
        fresh = CommitRecord(
            id=new_id(),
            project=workspace.project,
            name=source.name,
            digest=stored.content_digest,
            source=config["source"],
            args=config["args"],
            artifact=record_of("data", stored),
            schema=stored.summary["columns"],
            stamp=stamp,
            user=workspace.user,
        )
        record: CommitRecord = workspace.metadata.add_commit(fresh)
        if record.artifact.uri != uri:
            _restore(store, record, stored)
            store.delete(uri)
    except BaseException:
        store.delete(uri)
        raise
    if record.stamp != stamp:
        workspace.metadata.touch_commit(record.id, stamp)
    return record


def _write(source: BaseDatasource, store: ArtifactStore, uri: str) -> Stored:
    folder = store.stage(uri)
    with DatasetWriter(folder, name=source.name) as writer:
        for rows in source.read():
            writer.write(rows)
    described = writer.close()
    columns = {name for name, _ in described.summary["columns"]}
    for name in source.sensitive:
        if name not in columns and described.summary["num_columns"] == len(columns):
            raise DatasourceError(
                f"'{name}' is declared sensitive, but there is no such column.",
                where=source.name,
                hint=f"The columns are: {', '.join(sorted(columns)[:20])}.",
            )
    return store.publish(uri, folder, described)


def _restore(store: ArtifactStore, record: CommitRecord, stored: Stored) -> None:
    """Bring back the snapshot of an earlier commit if it was lost, from an equal new one.

    That is possible when the files are equal byte by byte, as they are with the same version of
    pyarrow; a copy with other bytes cannot stand in for what the record vouches for.
    """
    wanted = stored_of(record.artifact)
    try:
        store.fetch(wanted)
    except ArtifactError:
        if stored.manifest_sha256 != wanted.manifest_sha256:
            raise
        store.delete(wanted.uri)
        store.copy(stored, wanted.uri)
