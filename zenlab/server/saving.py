"""A Jupyter Server extension that cleans notebooks at each save: opt-in, and never in the way.

An extension and no `pre_save_hook` of the configuration: it is loaded beside hooks of others, and
a server whose environment has lost zenlab warns and starts.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

MODULE = "zenlab.server.saving"
"""What the configuration of Jupyter Server calls it."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Say what Jupyter Server loads."""
    return [{"module": MODULE}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Register the hook with the server's contents manager."""
    app.contents_manager.register_pre_save_hook(clean_on_save)
    app.log.info("zenlab cleans notebooks of zenlab repositories when they are saved.")


def clean_on_save(*, model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Clean what is about to be saved, if it is a notebook of a zenlab repository.

    Whatever goes wrong is written to the log, and the notebook is saved as it is.

    Args:
        model: what is saved; its content is replaced.
        path: of the file, as the server names it.
        contents_manager: whose log and folder count.
    """
    try:
        cleaned = _cleaned(model, path, contents_manager)
    except Exception:  # a save is never lost for a repair
        contents_manager.log.warning(
            "zenlab could not clean %s; it is saved as it is.", path, exc_info=True
        )
        return
    if cleaned is not None:
        model["content"] = cleaned


def _cleaned(model: dict[str, Any], path: str, contents_manager: Any) -> Any | None:
    """A cleaned copy of a notebook's content; None if nothing is to be cleaned."""
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, dict):
        return None
    if content.get("nbformat") != 4 or not _in_repository(path, contents_manager):
        return None
    from zenlab.hygiene import clean_document

    # What fails half way leaves nothing half done.
    document = copy.deepcopy(content)
    if not clean_document(document):
        return None
    _keep_trust(content, document)
    return document


def _keep_trust(content: dict[str, Any], document: dict[str, Any]) -> None:
    """Leave Jupyter's mark of trust in what is saved.

    The server signs the notebook by it and takes it out before it writes the file: without it,
    the user's own outputs would be untrusted when the notebook is opened the next time.
    """
    for before, after in zip(content["cells"], document["cells"], strict=True):
        metadata = before.get("metadata") or {}
        if "trusted" in metadata:
            after["metadata"]["trusted"] = metadata["trusted"]


def _in_repository(path: str, contents_manager: Any) -> bool:
    """Whether the file lies below a `zenlab.yaml`: other notebooks are none of our business."""
    locate = getattr(contents_manager, "_get_os_path", None)
    if locate is None:
        return False  # a contents manager without a file system
    from zenlab.repo.config import CONFIG_FILE

    folder = Path(locate(path.strip("/"))).parent
    return any((above / CONFIG_FILE).is_file() for above in (folder, *folder.parents))
