"""What can be asked of the worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import schema
from .statistics import statistics
from .tfdv import load
from .validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def ping(_request: Mapping[str, Any], _check: Callable[[], None]) -> dict[str, Any]:
    """Say who is there."""
    return {"tool": load().name, "pid": os.getpid()}


REQUESTS: dict[str, Callable[[dict[str, Any], Callable[[], None]], dict[str, Any]]] = {
    "ping": ping,
    "read_schema": schema.read,
    "schema": schema.infer,
    "statistics": statistics,
    "update": schema.update,
    "validate": validate,
}
