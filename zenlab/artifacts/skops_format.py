"""scikit-learn estimators, as skops files: data that names its types, and runs no code of a file.

A file is loaded only if each type in it is one of those that skops trusts itself, a class of
scikit-learn, a class of the parts of scipy that estimators keep, or one that the caller's
`resolve` vouches for. The digest is of what the estimator holds: addresses (`__id__`, which also
name the entries of the zip), dates, measured times and padding bytes do not count.
"""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from zenlab.artifacts.manifest import Described
from zenlab.artifacts.skops_digest import content_digest, renamed_types, type_nodes
from zenlab.core.errors import ArtifactError, TrustError, ZenlabError
from zenlab.core.pinned import plain_name, qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts.manifest import Stored

FORMAT = "skops"
VERSION = 1

_FILE = "model.skops"
_TRUSTED = (
    "sklearn.",
    "scipy.interpolate.",
    "scipy.sparse.",
    "scipy.spatial.",
    "scipy.stats.",
)
_NOT_TRUSTED = ("sklearn.datasets.", "sklearn.externals.")
_SHOWN_TYPES = 20


def accepts(value: object) -> bool:
    """Whether the value is an estimator. Without scikit-learn there are none."""
    base = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    return base is not None and isinstance(value, base)


def write(value: Any, folder: Path) -> Described:
    """Write the estimator as `model.skops`.

    Raises:
        ArtifactError: skops cannot keep it, or it holds a function without a name.
    """
    import skops.io

    name = type(value).__name__
    file = folder / _FILE
    try:
        skops.io.dump(value, file)
    except OSError:
        raise
    except Exception as error:
        raise ArtifactError(
            f"{name} cannot be stored: {error}.",
            hint="Make a subclass with a method save(path) and a classmethod load(path).",
        ) from error
    # What was trained by the code of a commit is the same as by that of the work tree.
    _rename(file, lambda module, name: (plain_name(module), name))
    foreign = sorted({n for n, loader in _unknown(file) if not _is_trusted(n, loader)})
    for found in foreign:
        if "<" in found:
            raise ArtifactError(
                f"{name} holds the function {found}, which has no name to find it by.",
                hint="Define the function at the top of a module with `def`, and give that.",
            )
    summary: dict[str, Any] = {"class": qualified_name(value)}
    if foreign:
        summary["types"] = foreign[:_SHOWN_TYPES]
    with zipfile.ZipFile(file) as archive:
        digest = content_digest(archive)
    return Described(FORMAT, VERSION, digest, summary=summary)


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> Any:
    """Load the estimator, if all types in it are trusted.

    Raises:
        TrustError: it holds a type that nobody vouches for; the message names it.
        ArtifactError: it is no skops file, or these versions of scikit-learn and skops cannot
            load it.
    """
    import skops.io

    file = folder / _FILE
    if not zipfile.is_zipfile(file):
        raise ArtifactError(
            "What lies in place of the model is no skops file, and was not loaded.",
            where=stored.uri,
            hint="Somebody has put it there: find out who. --force trains it again.",
        )
    trusted = []
    elsewhere: dict[tuple[str, str], tuple[str, str]] = {}
    for name, loader in _unknown(file):
        found = name
        if not _is_trusted(name, loader):
            found = _vouch(name, resolve, stored.uri)
            if found != name:
                elsewhere[_split(name)] = _split(found)
        trusted.append(found)
    try:
        if elsewhere:
            data = renamed_types(file.read_bytes(), lambda *name: elsewhere.get(name, name))
            return skops.io.loads(data, trusted=sorted(set(trusted)))
        return skops.io.load(file, trusted=sorted(set(trusted)))
    except ZenlabError:
        raise
    except Exception as error:
        raise ArtifactError(
            f"The model cannot be loaded: {error}.",
            where=stored.uri,
            hint="It may come from another version of scikit-learn: train it again with --force.",
        ) from error


def _unknown(file: Path) -> list[tuple[str, str]]:
    """What skops does not trust by itself: (name, kind of node) of each."""
    import skops.io

    names = set(skops.io.get_untrusted_types(file=file))
    if not names:
        return []
    with zipfile.ZipFile(file) as archive:
        schema = json.loads(archive.read("schema.json"))
    nodes = {(name, loader) for name, loader in type_nodes(schema) if name in names}
    # A name that no node has comes from another part of the file: nothing vouches for it.
    return sorted(nodes | {(name, "") for name in names - {name for name, _ in nodes}})


def _is_trusted(name: str, loader: str) -> bool:
    """Whether a name is a class of a trusted package, or a function that is only referred to.

    The object must be defined in that package, too: `sklearn.base.os` is not scikit-learn's, and
    some nodes call what they name.
    """
    if not name.startswith(_TRUSTED) or name.startswith(_NOT_TRUSTED) or ".tests." in name:
        return False
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return False
    if not str(getattr(found, "__module__", "")).startswith(_TRUSTED):
        return False
    return isinstance(found, type) or loader == "FunctionNode"


def _vouch(name: str, resolve: Callable[[str], type] | None, uri: str) -> str:
    """The name under which skops finds the type that is vouched for."""
    if resolve is None:
        raise TrustError(
            f"The model holds a {name}, and nobody vouches for that type here.",
            where=uri,
            hint="Read it through its pipeline: pipeline.model(). Only types of scikit-learn, and "
            "types whose code the pipeline covers, are loaded.",
        )
    found = resolve(name)
    module, attribute = _split(name)
    if getattr(sys.modules.get(module), attribute, None) is found:
        return name
    # Code of a commit is not where the model's file says: skops is told where it is.
    module, attribute = found.__module__, found.__qualname__
    is_named_so = (plain_name(module), attribute) == _split(name)
    if is_named_so and getattr(sys.modules.get(module), attribute, None) is found:
        return f"{module}.{attribute}"
    raise TrustError(
        f"The model holds a {name}, and the one that is here has other code.",
        where=uri,
        hint="Run the cell that defines it as it was, or train the model again.",
    )


def _split(name: str) -> tuple[str, str]:
    module, _, attribute = name.rpartition(".")
    return module, attribute


def _rename(file: Path, rename: Callable[[str, str], tuple[str, str]]) -> None:
    before = file.read_bytes()
    after = renamed_types(before, rename)
    if after is not before:
        file.write_bytes(after)
