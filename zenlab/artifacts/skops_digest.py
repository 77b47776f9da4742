"""What a skops file contains, apart from where and when it was made.

A skops file is a zip: `schema.json` is a tree of nodes, each with the name of a type, the kind
of node (`__loader__`) and its content; arrays are entries of their own (`<address>.npy`, `.npz`).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Seconds that a search has measured: they differ between two runs with equal results.
_MEASURED = re.compile(r"refit_time_|(mean|std)_(fit|score)_time")
_ROOT_ONLY = ("protocol", "_skops_version")


def content_digest(archive: zipfile.ZipFile) -> str:
    """The digest of an estimator: equal for two fits with equal results.

    Args:
        archive: an open skops file.

    Returns:
        64 hexadecimal digits. The versions of skops and of its protocol do not count, the
        version of scikit-learn does: it is part of the estimator's state.
    """
    schema = json.loads(archive.read("schema.json"))
    for key in _ROOT_ONLY:
        schema.pop(key, None)
    return canonical.digest(_content(schema, archive))


def type_nodes(schema: Any) -> Iterator[tuple[str, str]]:
    """The name of each type in a schema, and the kind of node that names it."""
    if isinstance(schema, dict):
        if "__loader__" in schema:
            yield f"{schema.get('__module__')}.{schema.get('__class__')}", schema["__loader__"]
        for part in schema.values():
            yield from type_nodes(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from type_nodes(part)


def renamed_types(data: bytes, rename: Callable[[str, str], tuple[str, str]]) -> bytes:
    """A skops file in which types have other names; the very same bytes if none has.

    Args:
        data: the file.
        rename: takes module and name of a type, and gives those that it shall have.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        if not _rename(schema, rename):
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
            for entry in archive.infolist():
                is_schema = entry.filename == "schema.json"
                written.writestr(
                    entry.filename, json.dumps(schema) if is_schema else archive.read(entry)
                )
    return out.getvalue()


def _rename(node: Any, rename: Callable[[str, str], tuple[str, str]]) -> bool:
    changed = False
    if isinstance(node, dict):
        if "__loader__" in node and isinstance(node.get("__module__"), str):
            before = (node["__module__"], str(node.get("__class__")))
            after = rename(*before)
            if after != before:
                node["__module__"], node["__class__"] = after
                changed = True
        parts: Iterable[Any] = node.values()
    else:
        parts = node if isinstance(node, list) else ()
    for part in parts:
        changed |= _rename(part, rename)
    return changed


def _content(node: Any, archive: zipfile.ZipFile) -> Any:
    if isinstance(node, list):
        return [_content(part, archive) for part in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, part in node.items():
        if key == "__id__" or _MEASURED.fullmatch(key):
            continue
        if key == "file" and "__loader__" in node:
            found[key] = _array_digest(archive.read(part))
        else:
            found[key] = _content(part, archive)
    if node.get("__loader__") == "SetNode":
        found["content"] = sorted(canonical.digest(part) for part in found["content"])
    return found


def _array_digest(data: bytes) -> str:
    """The digest of a `.npy` or `.npz` entry by type, shape and values."""
    import numpy as np

    loaded = np.load(io.BytesIO(data), allow_pickle=False)
    arrays = {"": loaded} if isinstance(loaded, np.ndarray) else dict(loaded.items())
    hasher = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        hasher.update(f"{name}:{array.dtype.str}:{array.shape}:".encode())
        _add(hasher, array)
    return hasher.hexdigest()


def _add(hasher: Any, array: Any) -> None:
    """Add the values. Records go field by field: the bytes between two fields are chance."""
    import numpy as np

    if array.dtype.names is None:
        hasher.update(np.ascontiguousarray(array).tobytes())
        return
    for name in array.dtype.names:
        hasher.update(f"{name}:{array.dtype[name].str}:".encode())
        _add(hasher, array[name])
