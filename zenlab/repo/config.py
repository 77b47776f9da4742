"""`zenlab.yaml`: what a team agrees on. Committed, so it holds no secret."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from zenlab.core.errors import ParameterError
from zenlab.core.files import write_atomically
from zenlab.engine.versions import POLICIES
from zenlab.pipelines.document import dump, load

if TYPE_CHECKING:
    from pathlib import Path

CONFIG_FILE = "zenlab.yaml"
PRIVATE_DIR = ".zenlab"
CONFIG_VERSION = 1


class Config(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The content of `zenlab.yaml`.

    Attributes:
        version: of the file's form.
        project: a random id: pipelines of two projects never meet in one store.
        pipelines_dir: where the pipeline files lie, relative to `zenlab.yaml`.
        metadata_store: an SQLAlchemy URL; the embedded SQLite file by default. `${NAME}` stands
            for an environment variable.
        artifact_store: a folder or an fsspec URL; a folder below `.zenlab` by default.
        key_versions: how much of a package's version counts in a key: exact, minor or none.
    """

    version: int
    project: str
    pipelines_dir: str = "pipelines"
    metadata_store: str | None = None
    artifact_store: str | None = None
    key_versions: str = "minor"

    def metadata_url(self, root: Path) -> str:
        """The URL of the metadata store, variables filled in."""
        if self.metadata_store is None:
            return f"sqlite:///{root / PRIVATE_DIR / 'metadata.db'}"
        url = expand(self.metadata_store, "metadata_store")
        relative = re.fullmatch(r"sqlite:///(?!/)(.+)", url)
        return f"sqlite:///{root / relative.group(1)}" if relative else url

    def artifact_root(self, root: Path) -> str:
        """The folder or URL of the artifact store, variables filled in."""
        if self.artifact_store is None:
            return str(root / PRIVATE_DIR / "artifacts")
        url = expand(self.artifact_store, "artifact_store")
        return url if "://" in url else str(root / url)


def new_config() -> Config:
    """The configuration of a repository that is made now."""
    return Config(version=CONFIG_VERSION, project=uuid.uuid4().hex)


def read_config(path: Path) -> Config:
    """Read and check `zenlab.yaml`.

    Raises:
        ParameterError: it cannot be read, has an unknown key, or a value that is refused.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{CONFIG_FILE} cannot be read: {error}.", where=str(path)) from None
    try:
        config = msgspec.convert(load(text, str(path)), Config)
    except msgspec.ValidationError as error:
        raise ParameterError(
            f"{CONFIG_FILE}: {error}.", where=str(path), hint="See: zenlab config list"
        ) from None
    if config.version > CONFIG_VERSION:
        raise ParameterError(
            f"{CONFIG_FILE} has version {config.version}; this zenlab knows {CONFIG_VERSION}.",
            where=str(path),
            hint="Install a newer zenlab.",
        )
    if config.key_versions not in POLICIES:
        raise ParameterError(
            f"key_versions is '{config.key_versions}'.",
            where=str(path),
            hint=f"Use one of {', '.join(POLICIES)}.",
        )
    if PurePath(config.pipelines_dir).is_absolute() or ".." in config.pipelines_dir.split("/"):
        raise ParameterError(
            f"pipelines_dir is '{config.pipelines_dir}'.",
            where=str(path),
            hint="Use a path below the folder of zenlab.yaml.",
        )
    return config


def write_config(path: Path, config: Config) -> None:
    """Write `zenlab.yaml`, whole or not at all."""
    write_atomically(path, dump(msgspec.to_builtins(config)))


def expand(text: str, where: str) -> str:
    """Fill in `${NAME}` from the environment.

    Raises:
        ParameterError: a variable is not set; the message names it, not its neighbours' values.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ParameterError(
                f"{where} needs the environment variable {name}, which is not set.",
                where=CONFIG_FILE,
                hint=f"export {name}=...",
            )
        return os.environ[name]

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, text)
