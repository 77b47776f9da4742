"""Changing `zenlab.yaml`: one setting at a time; its comments and its order stay."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError
from zenlab.core.files import write_atomically
from zenlab.repo.config import CONFIG_FILE, check_new_config, parse_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zenlab.repo.config import Config


def change_config(path: Path, changes: Mapping[str, Any]) -> tuple[Config, bool]:
    """Change settings in `zenlab.yaml`: all of them, or none if one is refused.

    Args:
        path: the file.
        changes: the new values by setting; None takes a setting out, so that its default holds.

    Returns:
        The configuration as it is now, and whether the file has changed.

    Raises:
        ParameterError: a value is refused, or the file cannot be read or written. It is as it was.
    """
    before = _read(path)
    parse_config(before, str(path))
    after = _edited(before, changes, path)
    config = parse_config(after, str(path))
    check_new_config(config, CONFIG_FILE)
    if parse_config(before, str(path)) == config:
        return config, False
    try:
        write_atomically(path, after)
    except OSError as error:
        raise ParameterError(
            f"{CONFIG_FILE} cannot be written: {error.strerror or error}.",
            where=str(path),
            hint="Check that you may write to the file and to its folder.",
        ) from None
    return config, True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{CONFIG_FILE} cannot be read: {error}.", where=str(path)) from None


def _edited(text: str, changes: Mapping[str, Any], path: Path) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.allow_unicode = True
    try:
        document = yaml.load(text)
        for name, value in changes.items():
            if value is None:
                _take_out(document, name)
            else:
                document[name] = value
        out = io.StringIO()
        yaml.dump(document, out)
    except (YAMLError, TypeError) as error:
        raise ParameterError(
            f"{CONFIG_FILE} cannot be changed without losing what it says: {type(error).__name__}.",
            where=str(path),
            hint="Edit it by hand.",
        ) from None
    return out.getvalue()


def _take_out(document: Any, name: str) -> None:
    """Remove a setting, and keep the comment lines below it, which ruamel.yaml counts to it."""
    if name not in document:
        return
    keys = list(document)
    tokens = document.ca.items.pop(name, None)
    del document[name]
    place = keys.index(name)
    above = keys[place - 1] if place else None
    if above is None or tokens is None or len(tokens) < 3 or tokens[2] is None:
        return
    _, mark, below = tokens[2].value.partition("\n")  # first what stands in its own line
    if mark and below.strip():
        from ruamel.yaml.error import CommentMark
        from ruamel.yaml.tokens import CommentToken

        kept = document.ca.items.setdefault(above, [None, None, None, None])
        if kept[2] is None:
            kept[2] = CommentToken("\n" + below, CommentMark(0), None)
        else:
            kept[2].value += below
