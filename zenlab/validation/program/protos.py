"""TFDV's files: statistics, schemas and anomalies, read with errors that name the place."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from . import files
from .problems import RefusedError
from .statistics import PROTO
from .tfdv import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def read_statistics(folder: Path) -> dict[str, Any]:
    """TFDV's statistics of all rows of each dataset, by name; the slices are left out.

    Args:
        folder: that of a request `statistics`.
    """
    file = folder / PROTO
    content = files.read(file, "The statistics")
    protos = load().statistics_pb2.DatasetFeatureStatisticsList()
    try:
        protos.ParseFromString(content)
    except Exception as error:
        raise RefusedError("These are no statistics.", where=str(file)) from error
    found: dict[str, Any] = {}
    for dataset in protos.datasets:
        parent, slash, _ = dataset.name.partition("/")
        if not (slash and parent in found):
            found[dataset.name] = dataset
    return found


def pick(datasets: dict[str, Any], name: str, folder: Path) -> Any:
    """The dataset of that name; without a name, the only one."""
    if not name and len(datasets) == 1:
        return next(iter(datasets.values()))
    if name not in datasets:
        what = f"no statistics of '{name}'" if name else "statistics of several datasets"
        raise RefusedError(
            f"There are {what} there.", where=str(folder), hint=meant(name, datasets)
        )
    return datasets[name]


def read_schema(file: Path) -> Any:
    """TFDV's schema out of its text.

    Args:
        file: a `schema.pbtxt`.

    Raises:
        RefusedError: it is no schema; line and column say where.
    """
    tfdv = load()
    content = files.read(file, "The schema")
    schema = tfdv.schema_pb2.Schema()
    try:
        tfdv.text_format.Parse(content.decode("utf-8"), schema)
    except UnicodeDecodeError as error:
        raise RefusedError("The schema is no UTF-8 text.", where=str(file)) from error
    except tfdv.text_format.ParseError as error:
        line, column = error.GetLine(), error.GetColumn()
        place = f"{file}, line {line}, column {column}" if line else str(file)
        reason = str(error).split(" : ", 1)[-1].replace("\n", " ").rstrip(".")
        raise RefusedError(
            f"The schema cannot be read: {reason}.",
            where=place,
            hint="Correct it there, or restore the file from Git.",
        ) from error
    return schema


def write_text(file: Path, proto: Any) -> None:
    """Write a proto as text: a change of one value is a change of one line."""
    text: str = load().text_format.MessageToString(proto, as_utf8=True)
    files.write(file, text.encode())


def paths_of(container: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The features of a schema with their paths, a nested one before its parts."""
    for feature in container.feature:
        path = (*above, feature.name)
        yield path, feature
        if feature.HasField("struct_domain"):
            yield from paths_of(feature.struct_domain, path)


def domain_of(schema: Any, feature: Any) -> Any:
    """The string domain of a feature, its own or a shared one; None if it has none."""
    which = feature.WhichOneof("domain_info")
    if which == "string_domain":
        return feature.string_domain
    if which == "domain":
        return next((d for d in schema.string_domain if d.name == feature.domain), None)
    return None


def meant(name: str, known: Iterable[str]) -> str:
    """Which name was meant, or which ones there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    shown = ", ".join(repr(one) for one in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"There are: {shown}{more}." if names else "There are none."
