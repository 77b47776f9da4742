"""The files behind a path: one file, a glob, or a URL that fsspec opens.

A local path is relative to the repository (the folder of `zenlab.yaml`), so that a pipeline file
means the same file in every clone; a path that only exists relative to the working folder is
taken from there, and recorded relative to the repository. `${NAME}` is an environment variable.
"""

from __future__ import annotations

import functools
import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zenlab.core.errors import (
    DatasourceError,
    InitializationException,
    ParameterError,
    suggest,
)
from zenlab.core.secrets import has_literal_secret, hidden
from zenlab.core.workspace import current_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

OUTSIDE = "outside:"
"""Begins the record of a local file outside of the repository. Its place is not recorded: a
pipeline file holds no absolute path, and another machine could do nothing with it."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class SourceFile:
    """One file of a source.

    Attributes:
        shown: its path or URL, for messages; without secrets.
        open: opens its bytes.
        stamp: plain data that differs when the file may have changed.
        path: of a local file.
    """

    shown: str
    open: Callable[[], IO[bytes]]
    stamp: list[Any]
    path: Path | None = None


def recorded_path(path: str, where: str) -> str:
    """The form of a path in which it is recorded.

    Args:
        path: as the user wrote it.
        where: the datasource, for messages.

    Returns:
        A URL or a text with `${NAME}` as it is; a local path relative to the repository with
        `/`; of a file outside only its name, after `outside:`.

    Raises:
        ParameterError: a URL with a password in it.
    """
    if _is_url(path):
        if has_literal_secret(path):
            raise ParameterError(
                "The URL has a password or another secret in it, which would be recorded.",
                where=where,
                hint="Put it into an environment variable, and write ${NAME} in its place.",
            )
        return path
    if path.startswith(OUTSIDE) or _VARIABLE.search(path):
        return path
    root = _root()
    local = _local(path, root)
    if root is not None and local.is_relative_to(root):
        return local.relative_to(root).as_posix()
    return f"{OUTSIDE}{local.name}" if root is not None else path


def find_files(path: str, where: str) -> list[SourceFile]:
    """The files of a path, in the order of their names.

    Args:
        path: local, a glob or a URL; see the module.
        where: the datasource, for messages.

    Raises:
        DatasourceError: there is no such file; the message names close ones.
    """
    if path.startswith(OUTSIDE):
        raise DatasourceError(
            f"The file '{path.removeprefix(OUTSIDE)}' lies outside of the repository, and its "
            "place is not recorded.",
            where=where,
            hint="Its commits can be read. For a new commit make the datasource with its path, or "
            "move the file into the repository, or write the path as ${NAME}/file.",
        )
    path = _VARIABLE.sub(lambda match: _variable(match.group(1), where), path)
    return _remote_files(path, where) if _is_url(path) else _local_files(path, where)


def _local_files(path: str, where: str) -> list[SourceFile]:
    root = _root()
    local = _local(path, root)
    if _GLOB.search(path) and not local.exists():
        found = [Path(p) for p in sorted(glob.glob(str(local), recursive=True))]  # noqa: PTH207
        found = [file for file in found if file.is_file()]
    else:
        found = [local] if local.is_file() else []
    if not found:
        raise _missing(path, local, where)
    return [_local_file(file, root) for file in found]


def _local_file(file: Path, root: Path | None) -> SourceFile:
    inside = root is not None and file.is_relative_to(root)
    shown = file.relative_to(root).as_posix() if root is not None and inside else str(file)
    s = file.stat()
    stamp = [shown if inside else file.name, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino]
    return SourceFile(shown, lambda: file.open("rb"), stamp, file)


def _remote_files(url: str, where: str) -> list[SourceFile]:
    from fsspec.core import url_to_fs

    shown = re.sub(r"(?<=://)[^/@]*@", "", url)
    try:
        fs, base = url_to_fs(url)
        fs.invalidate_cache()
        infos = [fs.info(p) for p in (fs.glob(base) if _GLOB.search(base) else [base])]
    except FileNotFoundError:
        infos = []
    except Exception as error:  # noqa: BLE001 - of any client library
        raise DatasourceError(
            f"The source cannot be reached: {error}.",
            where=shown,
            hint="Check the URL and your rights there; its protocol may need an extra package, "
            "such as pip install 'zenlab[gcs]'.",
        ) from hidden(error)
    infos = [info for info in infos if info.get("type") == "file"]
    if not infos:
        raise DatasourceError(
            "There is no such file.", where=shown, hint=f"See path= of '{where}'."
        )
    return [
        SourceFile(
            fs.unstrip_protocol(info["name"]),
            functools.partial(fs.open, info["name"], "rb"),
            _remote_stamp(info),
        )
        for info in sorted(infos, key=lambda info: str(info["name"]))
    ]


def _remote_stamp(info: dict[str, Any]) -> list[Any]:
    marks = ("ETag", "etag", "generation", "md5Hash", "mtime", "LastModified", "updated", "created")
    found = [[mark, str(info[mark])] for mark in marks if info.get(mark) is not None]
    return [str(info["name"]), info.get("size"), found]


def _missing(path: str, local: Path, where: str) -> DatasourceError:
    if local.is_dir():
        return DatasourceError(
            f"'{path}' is a folder.", where=where, hint=f"Name the files in it: {path}/*.csv"
        )
    folder = local.parent
    if not folder.is_dir():
        return DatasourceError(
            f"There is no file '{path}': its folder does not exist.",
            where=str(folder),
            hint="Paths are relative to the folder of zenlab.yaml.",
        )
    return DatasourceError(
        f"There is no file '{path}'.",
        where=str(local),
        hint=suggest(local.name, [p.name for p in folder.iterdir() if p.is_file()]),
    )


def _local(path: str, root: Path | None) -> Path:
    """The absolute path, without following links."""
    given = Path(path.removeprefix("file://")).expanduser()
    if given.is_absolute() or root is None:
        return Path(os.path.abspath(given))  # noqa: PTH100 - resolve() would follow links
    in_repository = Path(os.path.abspath(root / given))  # noqa: PTH100
    here = Path(os.path.abspath(given))  # noqa: PTH100
    return in_repository if _any_file(in_repository) or not _any_file(here) else here


def _any_file(path: Path) -> bool:
    return path.exists() or (
        bool(_GLOB.search(str(path))) and next(glob.iglob(str(path)), None) is not None  # noqa: PTH207
    )


def _variable(name: str, where: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise DatasourceError(
            f"The path names the environment variable {name}, which is not set.",
            where=where,
            hint=f"Set {name} before Jupyter is started, or in the notebook with %env.",
        )
    return value


def _is_url(path: str) -> bool:
    return "://" in path and not path.startswith("file://")


def _root() -> Path | None:
    try:
        return current_workspace().root
    except (InitializationException, RuntimeError):
        return None  # a datasource can be made anywhere; only a commit needs a repository
