"""Which value is kept in which format, and back.

    DataFrame, Arrow table, batches, DatasetWriter, Dataset    parquet   parquet_format.py
    an object with `save(path)`, of a class with `load(path)`  custom    custom_format.py
    a scikit-learn estimator                                   skops     skops_format.py
    None, bool, int, float, dict, list, msgspec.Struct         json      json_format.py
    str                                                        text      text_format.py
    pathlib.Path of a folder                                   files     files_format.py

There is no pickle: to load one is to run whatever its author wrote, and what comes out depends
on versions that nobody recorded.

A format is a module with `FORMAT`, `VERSION`, `accepts(value)`, `write(value, folder)` and
`read(stored, folder, resolve)`. What it writes, it must be able to read for all versions up to
its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from zenlab.artifacts import (
    custom_format,
    disk,
    files_format,
    json_format,
    parquet_format,
    skops_format,
    text_format,
)
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.artifacts.manifest import Described, Stored


Resolver: TypeAlias = "Callable[[str], type]"


class Format(Protocol):
    """What a module of a format offers."""

    FORMAT: str
    VERSION: int

    def accepts(self, value: object, /) -> bool:
        """Whether it can keep this value. Imports nothing heavy."""

    def write(self, value: Any, folder: Path, /) -> Described:
        """Write the value into an empty folder."""

    def read(self, stored: Stored, folder: Path, resolve: Resolver | None, /) -> Any:
        """Read it back from a folder that has been checked."""


# The order counts: an estimator with its own save and load wants them to be used.
FORMATS: tuple[Format, ...] = (
    parquet_format,
    custom_format,
    skops_format,
    text_format,
    files_format,
    json_format,
)


def write_value(value: object, folder: Path) -> Described:
    """Write a value in the format for its type.

    Args:
        value: see the module's table.
        folder: an empty folder, such as `ArtifactStore.stage` gives. Of a `DatasetWriter`, its
            own folder.

    Returns:
        What `ArtifactStore.publish` takes.

    Raises:
        ArtifactError: no format keeps such a value, a part of it cannot be kept, or the disk is
            full or read-only. The folder is empty then.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_value({"auc": 0.75}, pathlib.Path(folder)).format
        'json'
    """
    for chosen in FORMATS:
        if chosen.accepts(value):
            break
    else:
        raise _refused(value)
    try:
        with disk.writing("the artifact", folder):
            return chosen.write(value, folder)
    except BaseException:
        disk.empty(folder)
        raise


def read_value(
    stored: Stored,
    folder: Path | Callable[[], Path],
    *,
    resolve: Callable[[str], type] | None = None,
) -> Any:
    """Read a value back.

    Args:
        stored: what `ArtifactStore.publish` gave.
        folder: what `ArtifactStore.fetch` gave, or a function that gives it. With a function,
            a dataset is fetched at its first read and not before.
        resolve: finds a class that is not of zenlab, scikit-learn, numpy or scipy by its recorded
            source, such as `churn.models.Net`. It raises if the class is not to be trusted.
            Without it such a model is refused, and such a Struct comes back as a dict.

    Returns:
        A lazy `Dataset`, or the value.

    Raises:
        ArtifactError: the format, or its version, is not known here.
        TrustError: the value needs a class that nobody vouches for.
    """
    for chosen in FORMATS:
        if stored.format == chosen.FORMAT and stored.format_version <= chosen.VERSION:
            break
    else:
        raise ArtifactError(
            f"The artifact has the format '{stored.format}', version {stored.format_version}, "
            "which this zenlab does not read.",
            where=stored.uri,
            hint="Update zenlab: pip install -U zenlab.",
        )

    def fetch() -> Path:
        return folder if isinstance(folder, Path) else folder()

    if stored.format == parquet_format.FORMAT:
        return Dataset(
            fetch,
            digest=stored.content_digest,
            num_rows=stored.num_rows or 0,
            name=stored.uri.rsplit("/", 1)[-1],
        )
    return chosen.read(stored, fetch(), resolve)


def _refused(value: object) -> ArtifactError:
    kind = type(value)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    name = f"{module}{kind.__qualname__}"
    hints = {
        "Series": "Return a DataFrame: series.to_frame().",
        "ndarray": "Return a DataFrame: pandas.DataFrame(array, columns=[...]).",
    }
    hint = hints.get(kind.__name__) or (
        "Return a DataFrame, JSON, a scikit-learn estimator, or give the class a method "
        "save(path) and a classmethod load(path).\n"
        "zenlab does not pickle: a pickle runs code when it is loaded, and breaks with the next "
        "version of a library."
    )
    return ArtifactError(f"A value of type {name} cannot be stored.", hint=hint)
