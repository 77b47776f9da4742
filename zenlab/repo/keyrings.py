"""The system's keyring, where there is one: the package `keyring`, which zenlab does not bring."""

from __future__ import annotations

import importlib
import os
import shlex
from typing import Any

from zenlab.core.errors import StoreError
from zenlab.core.secrets import hidden, remember


def usable_keyring() -> tuple[Any, str]:
    """The package `keyring`, if it has a backend that keeps something.

    Returns:
        The module and an empty text; or None, and why not: the end of a sentence.
    """
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        return None, "the package 'keyring' is not installed"
    try:
        backend = keyring.get_keyring()
        # Below 1 it does not recommend: the backends that fail, forget, or write plain text.
        usable = backend.priority >= 1 or bool(os.environ.get("PYTHON_KEYRING_BACKEND"))
    except Exception as error:  # noqa: BLE001 - of any backend
        return None, f"the keyring cannot be opened ({type(error).__name__})"
    return (keyring, "") if usable else (None, "this system has no keyring that is safe")


def read_secret(service: str, user: str) -> str | None:
    """An entry of the keyring, or None: it is not there, or there is no keyring.

    Raises:
        StoreError: the keyring is there and refuses, being locked perhaps.
    """
    keyring, _ = usable_keyring()
    if keyring is None:
        return None
    try:
        found: str | None = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - of any backend
        raise _refused("read", error) from hidden(error)
    return found or None


def write_secret(service: str, user: str, secret: str) -> None:
    """Keep a secret in the keyring.

    Raises:
        StoreError: there is none, or it refuses.
    """
    remember(secret)
    keyring, why = usable_keyring()
    if keyring is None:
        raise StoreError(f"The password cannot be kept: {why}.")
    try:
        keyring.set_password(service, user, secret)
    except Exception as error:  # noqa: BLE001 - of any backend
        raise _refused("written", error) from hidden(error)


def how_to_store(service: str, user: str) -> str:
    """What to type so that an entry gets into the keyring."""
    _, why = usable_keyring()
    command = f"keyring set {shlex.quote(service)} {shlex.quote(user)}"
    return f"{command}   (it asks for the password)" if not why else f"{command}; but here {why}"


def _refused(verb: str, error: Exception) -> StoreError:
    return StoreError(
        f"The keyring cannot be {verb}: {error or type(error).__name__}.",
        where="keyring",
        hint="Unlock it, or use an environment variable: ${NAME} in zenlab.yaml.",
    )
