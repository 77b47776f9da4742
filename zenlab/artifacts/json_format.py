"""Plain data: canonical JSON, so that equal values are equal bytes.

The file holds `zenlab.core.canonical`'s form: NaN, infinities and keys that are no text are
tagged, and come back as they were. Tuples come back as lists.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from typing import TYPE_CHECKING, Any

import msgspec

from zenlab.artifacts.manifest import Described, write_hashed
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError
from zenlab.core.pinned import qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts.manifest import Stored

FORMAT = "json"
VERSION = 1

_FILE = "value.json"
_OWN = "zenlab."


def accepts(value: object) -> bool:
    """Whether the value is plain data or a msgspec Struct; parts of it are checked on writing."""
    return value is None or isinstance(value, (bool, int, float, dict, list, tuple, msgspec.Struct))


def write(value: Any, folder: Path) -> Described:
    """Write the value as `value.json`.

    Raises:
        ParameterError: a part of it is no plain data; the message names the part.
    """
    data = canonical.encode(_builtins(value), "value")
    write_hashed(folder / _FILE, data)
    summary = {}
    if isinstance(value, msgspec.Struct):
        summary["type"] = qualified_name(value)
    return Described(FORMAT, VERSION, hashlib.sha256(data).hexdigest(), summary=summary)


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> Any:
    """The value. A Struct of zenlab is one again, others if `resolve` finds their class."""
    value = decode((folder / _FILE).read_bytes())
    source = stored.summary.get("type")
    if source is None:
        return value
    if source.startswith(_OWN):
        module, _, name = source.rpartition(".")
        kind = getattr(importlib.import_module(module), name, None)
    else:
        kind = resolve(source) if resolve is not None else None
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return value
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ArtifactError(
            f"The stored value is no {source} of this version: {error}.",
            where=stored.uri,
            hint="Run the step again with --force to write it anew.",
        ) from error


def decode(data: bytes) -> Any:
    """The value of canonical bytes: the inverse of `zenlab.core.canonical.encode`.

    Example:
        >>> decode(canonical.encode({"a": float("inf"), "$x": {1: None}}))
        {'$x': {1: None}, 'a': inf}
    """
    return _untag(json.loads(data))


def _untag(value: Any) -> Any:
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (tag, content), *_ = value.items()
        if tag == "$float":
            return -0.0 if content == "-0" else float(content)
        if tag == "$map":
            return {_untag(key): _untag(item) for key, item in content}
    return {(k[1:] if k.startswith("$$") else k): _untag(v) for k, v in value.items()}


def _builtins(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {key: _builtins(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_builtins(item) for item in value]
    return value
