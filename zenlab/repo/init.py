"""`zenlab init`: make a folder a repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zenlab.core.errors import InitializationException
from zenlab.repo.config import (
    CONFIG_FILE,
    PRIVATE_DIR,
    Config,
    check_new_config,
    new_config,
    write_config,
)
from zenlab.repo.git import GitTree

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Initialised:
    """What `init_repo` made, and what is to be known about it."""

    root: Path
    made: list[str]
    config: Config
    notes: list[str] = field(default_factory=list)


def init_repo(
    folder: Path,
    *,
    artifact_store: str | None = None,
    metadata_store: str | None = None,
    pipelines_dir: str | None = None,
) -> Initialised:
    """Write `zenlab.yaml`, make the pipeline directory, and have Git ignore `.zenlab/`.

    What is there already stays: a second call makes what is missing.

    Args:
        folder: the folder that becomes the repository; it may lie below the Git root.
        artifact_store: a folder or URL, instead of the embedded one.
        metadata_store: a URL, instead of the embedded one.
        pipelines_dir: another name for `pipelines`.

    Raises:
        InitializationException: the folder cannot be written.
        ParameterError: a store that is not known, or with a secret in it. Nothing is made.
    """
    root = folder.resolve()
    made: list[str] = []
    config_file = root / CONFIG_FILE
    try:
        root.mkdir(parents=True, exist_ok=True)
        if config_file.exists():
            from zenlab.repo.config import read_config

            config = read_config(config_file)
        else:
            config = new_config()
            config.artifact_store = artifact_store
            config.metadata_store = metadata_store
            config.pipelines_dir = pipelines_dir or config.pipelines_dir
            check_new_config(config, CONFIG_FILE)
            write_config(config_file, config)
            made.append(CONFIG_FILE)
        pipelines = root / config.pipelines_dir
        if "://" not in config.pipelines_dir and not pipelines.is_dir():
            pipelines.mkdir(parents=True)
            (pipelines / ".gitkeep").touch()
            made.append(f"{config.pipelines_dir}/")
        if not (root / PRIVATE_DIR).is_dir():
            (root / PRIVATE_DIR).mkdir()
            made.append(f"{PRIVATE_DIR}/")
        if _ignore(root):
            made.append(".gitignore")
    except OSError as error:
        raise InitializationException(
            f"The repository cannot be made: {error.strerror}.",
            where=str(error.filename or root),
            hint="Choose a folder that you may write.",
        ) from error
    return Initialised(root, made, config, _notes(root))


def _ignore(root: Path) -> bool:
    path = root / ".gitignore"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if any(
        line.strip().rstrip("/") in (PRIVATE_DIR, f"/{PRIVATE_DIR}") for line in text.splitlines()
    ):
        return False
    gap = "" if not text or text.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{gap}{PRIVATE_DIR}/\n")
    return True


def _notes(root: Path) -> list[str]:
    git = GitTree(root)
    if git.root is None:
        lost = "nothing is frozen by a commit, runs record no commit, and nothing is shared"
        return [f"Everything works, but {git.problem}: {lost}. Make it one with: git init"]
    return []
