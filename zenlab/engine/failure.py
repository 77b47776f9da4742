"""A failed step, in words: for the user who reads it, and for the row that keeps it."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StepError, ZenlabError
from zenlab.core.secrets import mask

if TYPE_CHECKING:
    from zenlab.engine.graph import Node

_PACKAGE = str(Path(__file__).parents[1])
_MAX_TRACEBACK = 20_000


def step_error(node: Node, error: Exception) -> StepError:
    """The error that the user sees: which step, what it raised, and where in the user's code.

    Args:
        node: the step that failed.
        error: what it raised.
    """
    if isinstance(error, StepError):
        return error
    name = f"Step '{node.slot}' ({node.title})"
    if isinstance(error, ZenlabError):
        where = f"{node.slot}: {error.where}" if error.where else node.slot
        told = node.title in error.message  # what a step says of itself names it already
        message = error.message if told else f"{name}: {error.message}"
        return StepError(message, where=where, hint=error.hint)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_PACKAGE)]
    shown = "".join(traceback.format_list(own)).rstrip()
    return StepError(
        f"{name} failed with {type(error).__name__}: {error}",
        where=node.slot + (f"\n{shown}" if shown else ""),
        hint=f"%zen logs {node.slot} shows what it printed. The steps before it are kept: "
        "correct it and run again.",
    )


def said(error: BaseException) -> str:
    """An error in one line, with what to do."""
    if not isinstance(error, ZenlabError):
        return mask(f"{type(error).__name__}: {error}")
    return " ".join(f"{error.message} {error.hint or ''}".split())


def described(error: BaseException) -> dict[str, Any]:
    """What a row keeps of an error: type, message, traceback, hint."""
    message = error.message if isinstance(error, ZenlabError) else str(error)
    return {
        "type": type(error).__name__,
        "message": mask(message) or type(error).__name__,
        # Masked before it is cut: half a secret cannot be recognised.
        "traceback": mask("".join(traceback.format_exception(error)))[-_MAX_TRACEBACK:],
        "hint": getattr(error, "hint", None),
    }
