"""Opening what may be compressed. The first bytes decide, not the name."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from zenlab.core.errors import DatasourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.datasources.source_files import SourceFile

_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


@contextmanager
def open_plain(file: SourceFile) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed if it is gzip, bzip2, zstd, or a zip of one file.

    Args:
        file: the file.

    Raises:
        DatasourceError: a zip of no file or of several, or the file cannot be read.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(file.open())
            start = raw.read(4)
            raw.seek(0)
        except OSError as error:
            raise DatasourceError(
                f"The file cannot be read: {error.strerror or error}.",
                where=file.shown,
                hint="Check that it is there, and that you may read it.",
            ) from error
        yield stack.enter_context(_decompressed(raw, start, file.shown))


def damaged(error: Exception, where: str) -> DatasourceError | None:
    """The error to show if reading failed because a compressed file is damaged."""
    import lzma
    import zlib

    kinds: tuple[Any, ...] = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
    if isinstance(error, (*kinds, gzip.BadGzipFile)):
        return DatasourceError(
            f"The compressed file is damaged or was cut off: {error}.",
            where=where,
            hint="Copy or download it again.",
        )
    return None


def _decompressed(raw: IO[bytes], start: bytes, where: str) -> IO[bytes]:
    if start.startswith(_GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if start.startswith(_BZIP2):
        return bz2.BZ2File(raw)
    if start.startswith(_ZSTD):
        import pyarrow as pa

        return cast(IO[bytes], pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"))
    if start.startswith((_ZIP, _EMPTY_ZIP)):
        return _only_member(raw, where)
    return raw


def _only_member(raw: IO[bytes], where: str) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise DatasourceError(
            f"The zip is damaged or was cut off: {error}.",
            where=where,
            hint="Copy or download it again.",
        ) from error
    # macOS puts a folder with the attributes of each file beside it.
    names = [
        info.filename
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    if len(names) != 1:
        raise DatasourceError(
            f"The zip holds {len(names)} files: {', '.join(names[:5]) or 'none'}.",
            where=where,
            hint="A zip is read if it holds one file. Unpack it, and name the files with a glob.",
        )
    return archive.open(names[0])
