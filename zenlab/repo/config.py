"""`zenlab.yaml`: what a team agrees on. Committed, so it holds no secret."""

from __future__ import annotations

import re
import uuid
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from zenlab.core.errors import ParameterError, StoreError
from zenlab.core.files import write_atomically
from zenlab.core.secrets import has_literal_secret, is_reference, mask, names_secret
from zenlab.engine.versions import POLICIES
from zenlab.pipelines.document import dump, load
from zenlab.repo import references
from zenlab.repo.conditional import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG_FILE = "zenlab.yaml"
PRIVATE_DIR = ".zenlab"
CONFIG_VERSION = 1

ADVICE = (
    "Put the secret into an environment variable (or a file, or the keyring), and write "
    "${NAME} (or ${file:/run/secrets/name}, ${keyring:service/user}) in its place."
)


class StoreOptions(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An artifact store whose client needs more than a URL.

    Attributes:
        url: an fsspec URL.
        options: arguments of the client (gcsfs, s3fs, ...); `${NAME}` stands for a secret.
    """

    url: str
    options: dict[str, Any] = {}


class Config(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The content of `zenlab.yaml`.

    Attributes:
        version: of the file's form.
        project: a random id: pipelines of two projects never meet in one store.
        pipelines_dir: where the pipeline files lie: relative to `zenlab.yaml`, or an fsspec URL.
        metadata_store: an SQLAlchemy URL; the embedded SQLite file by default. `${NAME}` stands
            for an environment variable; see `zenlab.repo.references`.
        artifact_store: a folder or an fsspec URL, or both URL and options; a folder below
            `.zenlab` by default.
        key_versions: how much of a package's version counts in a key: exact, minor or none.
    """

    version: int
    project: str
    pipelines_dir: str = "pipelines"
    metadata_store: str | None = None
    artifact_store: str | StoreOptions | None = None
    key_versions: str = "minor"

    def metadata_url(self, root: Path) -> str:
        """The URL of the metadata store, references filled in: a secret, not to be shown.

        Raises:
            ParameterError: a variable, a file or an entry of the keyring is missing.
        """
        if self.metadata_store is None:
            return f"sqlite:///{root / PRIVATE_DIR / 'metadata.db'}"
        url = references.expand(self.metadata_store, "metadata_store")
        relative = re.fullmatch(r"sqlite:///(?!/)(.+)", url)
        return f"sqlite:///{root / relative.group(1)}" if relative else url

    @property
    def artifact_url(self) -> str | None:
        """The artifact store as it is written, without its options."""
        found = self.artifact_store
        return found.url if isinstance(found, StoreOptions) else found

    def artifact_root(self, root: Path) -> str:
        """The folder or URL of the artifact store, references filled in."""
        written = self.artifact_url
        if written is None:
            return str(root / PRIVATE_DIR / "artifacts")
        url = references.expand(written, "artifact_store")
        return url if "://" in url else str(root / url)

    def pipelines_url(self) -> str | None:
        """The URL of the pipeline directory, references filled in; None if it is a folder."""
        if "://" not in self.pipelines_dir:
            return None
        return references.expand(self.pipelines_dir, "pipelines_dir")

    def pipelines_options(self) -> dict[str, Any]:
        """The client's arguments for it: the artifact store's, if it is of the same kind."""
        scheme = self.pipelines_dir.partition("://")[0]
        same = scheme == (self.artifact_url or "").partition("://")[0]
        return self.artifact_options() if same else {}

    def artifact_options(self) -> dict[str, Any]:
        """The arguments of the artifact store's client, references filled in: secrets."""
        if not isinstance(self.artifact_store, StoreOptions):
            return {}
        found: dict[str, Any] = references.plain(self.artifact_store.options, "artifact_store")
        return found


def new_config() -> Config:
    """The configuration of a repository that is made now."""
    return Config(version=CONFIG_VERSION, project=uuid.uuid4().hex)


def read_config(path: Path) -> Config:
    """Read and check `zenlab.yaml`. References are not filled in: that is for the first use.

    Raises:
        ParameterError: it cannot be read, has an unknown key, a value that is refused, or a
            secret.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{CONFIG_FILE} cannot be read: {error}.", where=str(path)) from None
    return parse_config(text, str(path))


def parse_config(text: str, where: str) -> Config:
    """The configuration of a text, checked; see `read_config`."""
    try:
        config = msgspec.convert(load(text, where), Config)
    except msgspec.ValidationError as error:
        raise ParameterError(
            f"{CONFIG_FILE}: {error}.", where=where, hint="See: zenlab config list"
        ) from None
    check_config(config, where)
    return config


def check_config(config: Config, where: str) -> None:
    """Refuse values that cannot be right, and secrets.

    Raises:
        ParameterError: naming the setting, and never a secret.
    """
    if config.version > CONFIG_VERSION:
        raise ParameterError(
            f"{CONFIG_FILE} has version {config.version}; this zenlab knows {CONFIG_VERSION}.",
            where=where,
            hint="Install a newer zenlab.",
        )
    if config.key_versions not in POLICIES:
        raise ParameterError(
            f"key_versions is '{config.key_versions}'.",
            where=where,
            hint=f"Use one of {', '.join(POLICIES)}.",
        )
    _check_secrets(config, where)
    directory = config.pipelines_dir
    if "://" not in directory and (
        PurePath(directory).is_absolute() or ".." in directory.split("/") or not directory.strip()
    ):
        raise ParameterError(
            f"pipelines_dir is '{directory}'.",
            where=where,
            hint="Use a path below the folder of zenlab.yaml, or a URL such as gs://bucket/dir.",
        )


def check_new_config(config: Config, where: str) -> None:
    """As `check_config`, and that the stores have a form that this program knows.

    For values that are being set: a file that a newer zenlab has written is read leniently, and
    the store itself complains when it is opened.

    Raises:
        ParameterError: naming the setting.
    """
    check_config(config, where)
    if config.metadata_store is not None:
        _check_metadata(config.metadata_store, where)
    for setting, url in (("artifact_store", config.artifact_url), ("pipelines_dir", _url(config))):
        if url is None:
            continue
        if not url.strip():
            raise ParameterError(f"{setting} is empty.", where=where)
        _check_protocol(setting, references.with_dummies(url, setting), where)
    if _url(config) is not None and config.pipelines_dir.partition("://")[0] not in SCHEMES:
        raise ParameterError(
            f"pipelines_dir begins with '{config.pipelines_dir.partition('://')[0]}://', where "
            "nobody would notice that two people write one file at the same moment.",
            where=where,
            hint="Use gs://bucket/folder or s3://bucket/folder, or a folder of the repository.",
        )


def write_config(path: Path, config: Config) -> None:
    """Write `zenlab.yaml` anew, whole or not at all. Comments are lost: see `editing`."""
    check_config(config, str(path))
    write_atomically(path, dump(msgspec.to_builtins(config)))


def shown(value: Any) -> str:
    """A setting as it may be shown: references as they are written, and nothing secret.

    Args:
        value: of one of the attributes of `Config`.
    """
    if value is None:
        return "(embedded)"
    if isinstance(value, StoreOptions):
        options = ", ".join(f"{name}={item}" for name, item in _leaves(value.options))
        return mask(f"{value.url} ({options})" if options else value.url)
    return mask(str(value))


def _url(config: Config) -> str | None:
    return config.pipelines_dir if "://" in config.pipelines_dir else None


def _check_secrets(config: Config, where: str) -> None:
    for setting, text in (
        ("metadata_store", config.metadata_store),
        ("artifact_store", config.artifact_url),
        ("pipelines_dir", config.pipelines_dir),
    ):
        if text is None:
            continue
        if has_literal_secret(text):
            raise ParameterError(
                f"{setting} has a password or another secret in it, and {CONFIG_FILE} is "
                "committed: everybody who reads the repository would have it.",
                where=where,
                hint=ADVICE,
            )
        references.references(text, setting)
    if isinstance(config.artifact_store, StoreOptions):
        for name, value in _leaves(config.artifact_store.options):
            if names_secret(name) and not (isinstance(value, str) and is_reference(value)):
                raise ParameterError(
                    f"The option '{name}' of artifact_store is a secret, and {CONFIG_FILE} is "
                    "committed.",
                    where=where,
                    hint=ADVICE,
                )
            if isinstance(value, str):
                references.references(value, f"artifact_store, option {name}")


def _leaves(options: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(options, dict):
        for key, item in options.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    elif isinstance(options, list):
        for item in options:
            yield from _leaves(item, name)
    else:
        yield name, options


def _check_metadata(text: str, where: str) -> None:
    from zenlab.metadata.opening import parse_url

    if references.REFERENCE.fullmatch(text.strip()):
        return  # the whole URL is somewhere else: it is seen when it is used
    try:
        url, _ = parse_url(references.with_dummies(text, "metadata_store"))
    except StoreError as error:
        raise ParameterError(
            error.message, where=f"{where}: metadata_store", hint=error.hint
        ) from None
    if not url.database or url.database == ":memory:":
        raise ParameterError(
            "metadata_store names no database.",
            where=f"{where}: metadata_store",
            hint="Write postgresql://user@host/database, or sqlite:////absolute/path/metadata.db",
        )


def _check_protocol(setting: str, url: str, where: str) -> None:
    scheme, mark, rest = url.partition("://")
    if not mark:
        return
    from fsspec.registry import known_implementations, registry

    if scheme not in known_implementations and scheme not in registry:
        raise ParameterError(
            f"{setting} begins with '{scheme}://', which is no store that fsspec opens.",
            where=where,
            hint="Use a folder, or gs://bucket/folder, s3://bucket/folder.",
        )
    if not rest.strip("/"):
        raise ParameterError(
            f"{setting} names no bucket.", where=where, hint=f"Write {scheme}://bucket/folder."
        )
