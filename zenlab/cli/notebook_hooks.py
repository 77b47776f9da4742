"""What `zenlab notebook hook ...` does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.repo.git_command import Git
from zenlab.repo.hooks import hook_state, install_hook, remove_hook
from zenlab.repo.save_hook import install_save_hook, remove_save_hook, save_hook_path

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.repo.hooks import HookState

_STATES = {
    "none": "not installed: zenlab notebook hook install",
    "ours": "installed",
    "disabled": "installed, but Git does not run it, since it is not executable: install it again",
    "framework": "the pre-commit framework's: .pre-commit-config.yaml says what is checked",
    "foreign": "another one, which zenlab has not made",
}


def install_commit_hook(surface: Surface) -> None:
    """Write Git's pre-commit hook.

    Args:
        surface: where it is said.

    Raises:
        ZenlabError: there is another one, or no work tree.
    """
    found = install_hook(Git(Path.cwd()))
    surface.say(f"Notebooks are checked at each commit: {_shown(found.path)}")
    _say_kept(surface, found)
    if found.shared:
        surface.say("This folder is in the work tree: commit the file, and the team has it, too.")


def remove_commit_hook(surface: Surface) -> None:
    """Delete Git's pre-commit hook.

    Args:
        surface: where it is said.

    Raises:
        ZenlabError: there is none of zenlab's, or no work tree.
    """
    found = remove_hook(Git(Path.cwd()))
    surface.say(f"Notebooks are not checked at commits any more: {_shown(found.path)} is gone.")
    _say_kept(surface, found)


def _say_kept(surface: Surface, found: HookState) -> None:
    if found.kept is not None:
        surface.say(f"It was not as zenlab writes it: what it said is kept in {_shown(found.kept)}")


def install_saving(surface: Surface) -> None:
    """Have Jupyter Server clean notebooks when they are saved.

    Args:
        surface: where it is said.

    Raises:
        ZenlabError: this environment has no Jupyter Server, or its configuration cannot be written.
    """
    path = install_save_hook()
    surface.say("Notebooks of zenlab repositories are cleaned when they are saved, from the next")
    surface.say(f"start of JupyterLab on: {_shown(path)}")


def remove_saving(surface: Surface) -> None:
    """Have Jupyter Server save notebooks as they are.

    Args:
        surface: where it is said.

    Raises:
        ZenlabError: they are not cleaned.
    """
    path = remove_save_hook()
    surface.say("Notebooks are saved as they are, from the next start of JupyterLab on:")
    surface.say(f"{_shown(path)} is gone.")


def say_state(surface: Surface) -> None:
    """Say what hooks there are.

    Args:
        surface: where it is said.

    Raises:
        ZenlabError: this is no work tree.
    """
    found = hook_state(Git(Path.cwd()))
    surface.say(f"pre-commit hook: {_STATES[found.kind]}")
    surface.say(f"  {_shown(found.path)}")
    path = save_hook_path()
    on = "installed" if path.exists() else "not installed: zenlab notebook hook install save"
    surface.say(f"save hook of JupyterLab: {on}")
    surface.say(f"  {_shown(path)}")


def _shown(path: Path) -> str:
    """A path, relative if it is below the working directory."""
    short = os.path.relpath(path)
    return short if not short.startswith("..") else str(path)
