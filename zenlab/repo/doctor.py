"""`zenlab doctor`: whether all that a team shares can be used from here, and what to do if not."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zenlab.core.errors import ZenlabError
from zenlab.core.secrets import mask
from zenlab.repo.config import CONFIG_FILE, PRIVATE_DIR, shown
from zenlab.repo.revisions import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zenlab.repo import Repository

PATIENCE_S = 5.0
"""How long a busy metadata store is waited for, in seconds."""

SLOW_S = 0.25
"""From here on a round trip is called slow: a cached run takes four of them."""

CLOCK_S = 5.0
"""From here on a difference of clocks is told, in seconds: ages look wrong then."""

CLOCK_REFUSED_S = 600.0
"""From here on it is a problem: object stores refuse what is signed 15 minutes off."""

_PACKAGES = (
    "pandas",
    "pyarrow",
    "numpy",
    "scikit-learn",
    "skops",
    "sqlalchemy",
    "fsspec",
    "pygit2",
)
_CLIENTS = {
    "postgresql": ("psycopg", "postgres"),
    "mysql": ("pymysql", "mysql"),
    "cloudsql": ("cloud-sql-python-connector", "cloudsql"),
    "gs": ("gcsfs", "gcs"),
    "gcs": ("gcsfs", "gcs"),
    "s3": ("s3fs", "s3"),
    "s3a": ("s3fs", "s3"),
    "az": ("adlfs", "azure"),
    "abfs": ("adlfs", "azure"),
}
"""By the beginning of a URL: the package that is needed, and zenlab's extra that brings it."""

State = Literal["ok", "notice", "problem"]


@dataclass(frozen=True)
class Check:
    """What a check has found.

    Attributes:
        area: what was looked at.
        state: `problem`: something will not work; `notice`: something to know.
        text: what was found, in a line, without secrets.
        hint: what to do.
    """

    area: str
    state: State
    text: str
    hint: str | None = None


def examine(find: Callable[[], Repository]) -> Iterator[Check]:
    """Look at everything, one thing after the other; a problem does not end it.

    Args:
        find: gives the repository, and raises if there is none.

    Yields:
        What was found, as soon as it was.

    Example:
        >>> for check in examine(Repository):  # doctest: +SKIP
        ...     print(check.area, check.state, check.text)
    """
    from zenlab.repo.doctor_jupyter import check_server

    try:
        repository: Repository | None = find()
    except ZenlabError as error:
        repository = None
        yield _problem("repository", error)
    if repository is not None:
        yield from _repository(repository)
        yield from _guarded("metadata store", lambda: _metadata(repository))
        yield from _guarded("artifact store", lambda: _artifacts(repository))
        yield from _guarded("pipelines", lambda: _pipelines(repository))
    yield from _guarded("worker", _worker)
    yield from _guarded("kernel", lambda: _kernel(repository))
    yield from _guarded("jupyter server", check_server)


def _guarded(area: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The checks of one area; what it raises is its last one."""
    try:
        yield from look()
    except ZenlabError as error:
        yield _problem(area, error)
    except Exception as error:  # noqa: BLE001 - a driver may raise anything: the others go on
        text = mask(f"{type(error).__name__}: {error}")
        yield Check(area, "problem", " ".join(text.split()), "Please report it with this line.")


def _problem(area: str, error: ZenlabError) -> Check:
    where = f" ({error.where})" if error.where else ""
    return Check(area, "problem", f"{error.message}{where}", error.hint)


# ------------------------------------------------------------------------- the repository, Git


def _repository(repository: Repository) -> Iterator[Check]:
    yield Check("repository", "ok", str(repository.root))
    git = repository.git
    if git.root is None:
        yield Check(
            "git",
            "notice",
            f"{git.problem}: no commit is recorded, and no pipeline can be frozen.",
            "git init, unless you only want to try something.",
        )
    else:
        head = repository.head()
        at = f"commit {head[:12]}" if head else "no commit yet"
        clean = {True: ", clean", False: ", with changes", None: ""}[repository.clean()]
        yield Check("git", "ok", f"{at}{clean}")
        yield from _committed(repository)
    identity, source = git.identity()
    if source == "git" or git.root is None:
        yield Check("user", "ok", f"{identity} (of {source})")
    else:
        yield Check(
            "user",
            "notice",
            f"{identity} (of {source}): Git knows no name and no address.",
            'git config --global user.name "Your Name"; git config --global user.email you@...',
        )


def _committed(repository: Repository) -> Iterator[Check]:
    path = repository.root / CONFIG_FILE
    if repository.git.committed(path) != text_of(path.read_bytes()):
        yield Check(
            "git",
            "notice",
            f"{CONFIG_FILE} is not committed as it is here: colleagues have another one, or none.",
            f"git add {CONFIG_FILE} && git commit -m 'Shared stores' {CONFIG_FILE}",
        )
    if not repository.git.ignores(repository.root / PRIVATE_DIR / "metadata.db"):
        yield Check(
            "git",
            "problem",
            f"Git does not ignore {PRIVATE_DIR}/: what is private to this clone may be committed.",
            "zenlab init writes the missing line into .gitignore.",
        )


# -------------------------------------------------------------------------------- the stores


def _metadata(repository: Repository) -> Iterator[Check]:
    from zenlab.metadata import MetadataStore
    from zenlab.metadata.checking import check_metadata

    config = repository.config
    if config.metadata_store is None:
        (repository.root / PRIVATE_DIR).mkdir(exist_ok=True)
    # One of its own, which waits for less long and is closed at the end.
    store = MetadataStore(
        config.metadata_url(repository.root),
        patience_s=PATIENCE_S,
        embedded=config.metadata_store is None,
    )
    try:
        health = check_metadata(store)
    finally:
        store.dispose()
    state = (
        f"revision {health.revision}; may read, write and delete"
        if health.revision is not None
        else "empty, the first run makes the tables"
    )
    yield Check(
        "metadata store",
        "ok",
        f"{shown(config.metadata_store)}: {health.server}, {state}; "
        f"{_took(health.round_trip_s)}{_apart(health.clock_s)}",
    )
    if store.notice:
        yield Check("metadata store", "notice", store.notice)
    yield from _slow("metadata store", health.round_trip_s)
    yield from _clock("metadata store", health.clock_s, refused=False)
    if config.metadata_store is None and config.artifact_store is not None:
        yield _one_alone(
            *("metadata store", "artifact store"),
            "nobody else sees what is in it.",
            "zenlab config metadata set postgresql --host ... (docs/team.md)",
        )


def _artifacts(repository: Repository) -> Iterator[Check]:
    from zenlab.artifacts.checking import check_artifacts

    config = repository.config
    health = check_artifacts(repository.artifacts)
    clock = "" if health.clock_s is None else _apart(health.clock_s)
    yield Check(
        "artifact store",
        "ok",
        f"{shown(config.artifact_store)}: may read, write and delete; "
        f"{_took(health.round_trip_s)}{clock}",
    )
    yield from _slow("artifact store", health.round_trip_s)
    if health.clock_s is not None:
        yield from _clock("artifact store", health.clock_s, refused=True)
    if config.artifact_store is None and config.metadata_store is not None:
        yield _one_alone(
            *("artifact store", "metadata store"),
            "colleagues find runs whose results they cannot read.",
            "zenlab config artifacts set gs://bucket/folder (docs/team.md)",
        )


def _one_alone(own: str, shared: str, so: str, hint: str) -> Check:
    return Check(own, "notice", f"It is this clone's own, and the {shared} is shared: {so}", hint)


def _pipelines(repository: Repository) -> Iterator[Check]:
    files = repository.files
    files.check_access()
    specs, broken = files.all()
    number = f"{len(specs)} pipeline{'' if len(specs) == 1 else 's'}"
    yield Check("pipelines", "ok", f"{shown(repository.config.pipelines_dir)}: {number}")
    for path, error in broken.items():
        yield Check("pipelines", "notice", f"{path.name}: {error.message}", error.hint)


def _took(seconds: float) -> str:
    ms = seconds * 1000
    return f"round trip {ms:.1f} ms" if ms >= 0.1 else "round trip below 0.1 ms"


def _apart(seconds: float) -> str:
    return f", clocks {abs(seconds):.1f} s apart"


def _slow(area: str, seconds: float) -> Iterator[Check]:
    if seconds > SLOW_S:
        yield Check(
            area,
            "notice",
            f"It is slow: {_took(seconds)}, and each cached run waits for four of them.",
            "Use a store in your region, or a faster way there.",
        )


def _clock(area: str, seconds: float, *, refused: bool) -> Iterator[Check]:
    if abs(seconds) <= CLOCK_S:
        return
    ahead = "ahead of" if seconds > 0 else "behind"
    bad = refused and abs(seconds) > CLOCK_REFUSED_S
    yield Check(
        area,
        "problem" if bad else "notice",
        f"Its clock is {abs(seconds):,.0f} s {ahead} this machine's: "
        + ("signed requests may be refused." if bad else "ages that are shown are off."),
        "Set this machine's clock (timedatectl set-ntp true).",
    )


# -------------------------------------------------------------------------- the environments


def _worker() -> Iterator[Check]:
    from zenlab.validation import environment

    state = environment.state()
    if state == "installed":
        yield Check("worker", "ok", f"TFDV in {environment.worker_place().folder}")
    elif state == "missing":
        yield Check(
            "worker",
            "notice",
            "TFDV's worker is not installed: runs succeed, without statistics, schemas and "
            "anomalies.",
            environment.INSTALL,
        )
    else:
        yield Check("worker", "notice", "TFDV has no build for this platform: it stays off.")


def _kernel(repository: Repository | None) -> Iterator[Check]:
    from zenlab._version import __version__

    python = f"Python {platform.python_version()} in {sys.prefix}"
    versions = [f"zenlab {__version__}"]
    missing = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Check("kernel", "ok", f"{python}: {', '.join(versions)}")
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        yield Check(
            "kernel",
            "problem",
            "zenlab needs Python 3.11, 3.12 or 3.13.",
            "Make a new environment.",
        )
    if missing:
        yield Check(
            "kernel",
            "problem",
            f"Packages are missing: {', '.join(missing)}.",
            "pip install --force-reinstall zenlab",
        )
    yield from _clients(repository)


def _clients(repository: Repository | None) -> Iterator[Check]:
    """The packages that the configured stores need."""
    if repository is None:
        return
    config = repository.config
    for url in (config.metadata_store, config.artifact_url, config.pipelines_dir):
        scheme = (url or "").partition("://")[0].partition("+")[0]
        package, extra = _CLIENTS.get(scheme, ("", ""))
        if not package:
            continue
        try:
            yield Check("kernel", "ok", f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Check(
                "kernel",
                "problem",
                f"The package {package} is not installed, and {scheme}:// needs it.",
                f"pip install 'zenlab[{extra}]'",
            )
