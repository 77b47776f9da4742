"""Whether Jupyter Server cleans notebooks when they are saved: a file of its configuration."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from zenlab.core.errors import DoesNotExistException, ZenlabError
from zenlab.core.files import write_atomically

_MODULE = "zenlab.server.saving"
_NAME = "zenlab-clean-on-save.json"


def save_hook_path() -> Path:
    """The file, in the configuration of this environment's Jupyter Server."""
    return Path(sys.prefix, "etc", "jupyter", "jupyter_server_config.d", _NAME)


def install_save_hook() -> Path:
    """Switch it on, for all servers that are started from this environment.

    Returns:
        The file that says so.

    Raises:
        ZenlabError: there is no Jupyter Server in this environment, or it cannot be written to.
    """
    by_hand = f"jupyter server extension enable --user {_MODULE}"
    if find_spec("jupyter_server") is None:
        raise ZenlabError(
            "This environment has no Jupyter Server.",
            where=sys.prefix,
            hint="Run the command with the zenlab of the environment that JupyterLab is started "
            "from.",
        )
    path = save_hook_path()
    config = {"ServerApp": {"jpserver_extensions": {_MODULE: True}}}
    try:
        write_atomically(path, json.dumps(config, indent=2) + "\n")
    except OSError as error:
        raise ZenlabError(
            f"The configuration of Jupyter cannot be written: {error.strerror or error}.",
            where=str(path),
            hint=f"Switch it on for yourself alone: {by_hand}",
        ) from None
    return path


def remove_save_hook() -> Path:
    """Switch it off.

    Returns:
        The file that is gone.

    Raises:
        DoesNotExistException: it was not on.
        ZenlabError: the file cannot be deleted.
    """
    path = save_hook_path()
    try:
        path.unlink()
    except FileNotFoundError:
        raise DoesNotExistException(
            "Notebooks are not cleaned when they are saved.", where=str(path)
        ) from None
    except OSError as error:
        raise ZenlabError(
            f"The file cannot be deleted: {error.strerror or error}.", where=str(path)
        ) from None
    return path
