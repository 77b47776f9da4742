"""Objects that are replaced only if nobody else has replaced them meanwhile.

fsspec has no such call, so each kind of store gets a few lines of its own: the generation of
Google Cloud Storage, and the ETag of S3 and of what speaks its language. A store that has no such
condition, or ignores it, is refused.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StoreError, ZenlabError
from zenlab.core.secrets import hidden, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMES = ("gs", "gcs", "s3", "s3a")
"""The beginnings of the URLs for which there is such a condition."""


class Collision(Exception):
    """The object is not the one that was to be replaced."""


class Objects(ABC):
    """The objects below a URL.

    Args:
        url: such as `gs://bucket/folder`.
        options: arguments of the client.

    Raises:
        StoreError: the store cannot be opened.
    """

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        from zenlab.artifacts.clients import open_url

        self.url = mask(url.rstrip("/"))
        try:
            self._fs, base = open_url(url.rstrip("/"), options)
        except StoreError as error:
            raise StoreError(
                error.message.replace("artifact store", "pipeline directory"),
                where="pipelines_dir",
                hint=error.hint,
            ) from error.__cause__
        self._bucket, _, prefix = str(base).strip("/").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._checked = False

    @property
    def may_ignore(self) -> bool:
        """Whether the store may ignore the condition: then a test precedes the first write."""
        return True

    def names(self) -> dict[str, str]:
        """The objects right below the URL: name -> generation."""
        found: list[dict[str, Any]] = self._asked("listed", self._list) or []
        result = {}
        for info in found:
            name = str(info["name"]).rpartition("/")[2]
            if info.get("type") == "file" and name:
                result[name] = self._generation(info)
        return result

    def generation(self, name: str) -> str | None:
        """The generation of an object, or None if there is none."""
        info: dict[str, Any] | None = self._asked(
            "read", lambda: self._fs.info(self._path(name), refresh=True)
        )
        return None if info is None or info.get("type") != "file" else self._generation(info)

    def read(self, name: str) -> bytes | None:
        """The content of an object, or None if there is none."""
        data: bytes | None = self._asked("read", lambda: self._fs.cat_file(self._path(name)))
        return data

    def write(self, name: str, data: bytes, generation: str | None) -> str:
        """Write an object if it is still of a generation; None: if there is none yet.

        Returns:
            The new generation.

        Raises:
            Collision: somebody else has written or deleted it.
            StoreError: the store refuses, or has no such condition.
        """
        if self.may_ignore:
            self.check()
        return self._write(name, data, generation)

    def check(self) -> None:
        """Whether the store may be written, and keeps to the condition: asked once a process.

        Raises:
            StoreError: it does not. A store that ignores the condition would lose somebody's work
                without a word.
        """
        if self._checked:
            return
        name = f".zenlab-{secrets.token_hex(8)}"
        try:
            self._write(name, b"1", None)
            for wrong in (None, "0" * 32 if "s3" in self._fs.protocol else "1"):
                with suppress(Collision):
                    self._write(name, b"2", wrong)
                    raise StoreError(
                        "The store ignores conditions on a write: of two people who save at the "
                        "same moment one would lose their work.",
                        where=self.url,
                        hint="Keep them in Git: zenlab config pipelines set pipelines",
                    )
        except Collision as error:
            raise StoreError(
                "The store does not find what was written a moment ago.", where=self.url
            ) from error
        finally:
            with suppress(ZenlabError):
                self._asked("cleaned", lambda: self._fs.rm_file(self._path(name)))
        self._checked = True

    def _write(self, name: str, data: bytes, generation: str | None) -> str:
        try:
            return str(self._asked("written", lambda: self._put(name, data, generation)))
        except Collision:
            # A request that was repeated, because its answer was lost, meets what it has written.
            now = self.generation(name)
            if now is not None and self.read(name) == data:
                return now
            raise

    def _list(self) -> Any:
        return self._fs.ls(f"{self._bucket}/{self._prefix}".rstrip("/"), detail=True, refresh=True)

    def _path(self, name: str) -> str:
        return f"{self._bucket}/{self._prefix}{name}"

    def _asked(self, verb: str, ask: Callable[[], Any]) -> Any:
        """The answer; None where there is no such object. What a client raises is put in words."""
        try:
            return ask()
        except FileNotFoundError:
            if verb == "written":
                raise StoreError(
                    f"There is no bucket '{self._bucket}', or you may not see it.",
                    where=self.url,
                    hint="Check the name with: zenlab config pipelines get",
                ) from None
            return None
        except (Collision, ZenlabError):
            raise
        except Exception as error:  # noqa: BLE001 - of any client library
            raise StoreError(
                f"The pipeline directory cannot be {verb}: {error or type(error).__name__}.",
                where=self.url,
                hint="Check the network and your rights there; zenlab doctor looks at both.",
            ) from hidden(error)

    @abstractmethod
    def _generation(self, info: Mapping[str, Any]) -> str:
        """What tells one content of an object from the next."""

    @abstractmethod
    def _put(self, name: str, data: bytes, generation: str | None) -> str:
        """Write under the condition, and give the new generation."""


class GoogleObjects(Objects):
    """Google Cloud Storage: `ifGenerationMatch`, where 0 means that there is none."""

    @property
    def may_ignore(self) -> bool:
        """Google itself keeps to it, and slows down who writes one object often."""
        return not str(self._fs._location).endswith(".googleapis.com")  # noqa: SLF001

    def _generation(self, info: Mapping[str, Any]) -> str:
        return str(info["generation"])

    def _put(self, name: str, data: bytes, generation: str | None) -> str:
        key, mark = f"{self._prefix}{name}", secrets.token_hex(16)
        try:
            # Its simplest form of upload would do, but the emulator ignores conditions there.
            answer = self._fs.call(
                "POST",
                f"{self._fs._location}/upload/storage/v1/b/{{}}/o",  # noqa: SLF001
                self._bucket,
                uploadType="multipart",
                ifGenerationMatch=generation or "0",
                headers={"Content-Type": f"multipart/related; boundary={mark}"},
                data=b"".join(
                    f"--{mark}\r\nContent-Type: {kind}\r\n\r\n".encode() + part + b"\r\n"
                    for kind, part in (
                        ("application/json; charset=UTF-8", json.dumps({"name": key}).encode()),
                        ("application/yaml", data),
                    )
                )
                + f"--{mark}--".encode(),
                json_out=True,
            )
        except FileExistsError:
            raise Collision(name) from None
        return str(answer["generation"])


class S3Objects(Objects):
    """S3: `If-Match` with the ETag, and `If-None-Match: *`."""

    def _generation(self, info: Mapping[str, Any]) -> str:
        return str(info["ETag"]).strip('"')

    def _put(self, name: str, data: bytes, generation: str | None) -> str:
        condition = {"IfMatch": f'"{generation}"'} if generation else {"IfNoneMatch": "*"}
        key = f"{self._prefix}{name}"
        try:
            answer = self._fs.call_s3(
                "put_object", Bucket=self._bucket, Key=key, Body=data, **condition
            )
        except OSError as error:
            if generation and isinstance(error, FileNotFoundError):  # it was deleted meanwhile
                raise Collision(name) from None
            if _code(error) in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                raise Collision(name) from None
            raise
        return str(answer["ETag"]).strip('"')


def open_objects(url: str, options: Mapping[str, Any]) -> Objects:
    """The objects below a URL.

    Raises:
        StoreError: a store of a kind that has no condition on a write.
    """
    scheme = url.partition("://")[0]
    if scheme in ("gs", "gcs"):
        return GoogleObjects(url, options)
    if scheme in ("s3", "s3a"):
        return S3Objects(url, options)
    raise StoreError(
        f"Pipeline files cannot lie in {scheme}://: zenlab knows no way to notice there that two "
        "people write one file at the same moment.",
        where="pipelines_dir",
        hint="Use gs:// or s3://, or a folder of the repository, which is better for most teams.",
    )


def _code(error: BaseException) -> str:
    """The code of S3's answer, which s3fs has turned into an OSError."""
    cause = error.__cause__ or error.__context__
    answer = getattr(cause, "response", None) or getattr(error, "response", None) or {}
    return str(answer.get("Error", {}).get("Code", ""))
