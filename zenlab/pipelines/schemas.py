"""`schemas/<datasource>.pbtxt`: what the team has agreed that its data looks like.

The file is made when somebody asks for it, and committed with the code. A pipeline pins its
content at the first run by the digest of the text, which the metadata store keeps; a later
change of the file is told and waits for the next revision.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException
from zenlab.core.files import write_atomically
from zenlab.pipelines.document import slug

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.core.workspace import Workspace

FOLDER = "schemas"


def schema_file(datasource: str, workspace: Workspace) -> Path:
    """Where the schema of a datasource lies, or would."""
    return workspace.root / FOLDER / f"{slug(datasource)}.pbtxt"


def shown(datasource: str) -> str:
    """The file's path relative to the repository, for messages."""
    return f"{FOLDER}/{slug(datasource)}.pbtxt"


def read_schema_file(datasource: str, workspace: Workspace) -> str | None:
    """The committed schema's text, with the same line ends everywhere; None if there is none.

    Bytes that are no text are kept as marks, for TFDV's parser to refuse: a broken schema does not
    stop a training.
    """
    try:
        return schema_file(datasource, workspace).read_text("utf-8-sig", errors="replace")
    except FileNotFoundError:
        return None


def schema_digest(text: str) -> str:
    """What a pipeline pins: the SHA-256 of the text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def schema_text(digest: str, datasource: str, workspace: Workspace) -> str:
    """The text of a pinned schema: from the file, if it has not changed, or from the store.

    Raises:
        DoesNotExistException: neither has it.
    """
    text = read_schema_file(datasource, workspace)
    if text is not None and schema_digest(text) == digest:
        return text
    kept: str | None = workspace.metadata.schema(digest)
    if kept is not None and schema_digest(kept) == digest:
        return kept
    raise DoesNotExistException(
        f"The schema {digest[:12]} that this pipeline is pinned to is neither "
        f"{shown(datasource)} nor in the store.",
        where=shown(datasource),
        hint="Check out the commit in which the pipeline was run, or take the present schema: "
        "pipeline.copy(...), then add_validation().",
    )


def write_schema_file(text: str, datasource: str, workspace: Workspace) -> Path:
    """Write the schema of a datasource, whole.

    Returns:
        The file.
    """
    file = schema_file(datasource, workspace)
    write_atomically(file, text if text.endswith("\n") else f"{text}\n")
    return file
