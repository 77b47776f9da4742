"""zenlab: cached, shared training pipelines in Jupyter.

The public face. Everything is imported when it is first used (PEP 562): `import zenlab` and
`%load_ext zenlab` stay fast.

Example:
    >>> from zenlab.repo import Repository  # doctest: +SKIP
    >>> from zenlab.pipelines import TrainingPipeline  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab._version import __version__
from zenlab.core.workspace import register_factory

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace


__all__ = [
    "Repository",
    "__version__",
    "load_ipython_extension",
    "look",
    "options",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name == "Repository":
        from zenlab.repo import Repository

        return Repository
    if name == "look":
        from zenlab.datasources.look import look

        return look
    if name == "options":
        from zenlab.notebook.options import OPTIONS

        return OPTIONS
    raise AttributeError(f"module 'zenlab' has no attribute '{name}'")


def load_ipython_extension(ipython: Any) -> None:
    """What `%load_ext zenlab` calls."""
    from zenlab.notebook import load_ipython_extension as load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """What `%unload_ext zenlab` calls."""
    from zenlab.notebook import unload_ipython_extension as unload

    unload(ipython)


def _workspace() -> Workspace:
    from zenlab.repo import Repository

    return Repository()


register_factory(_workspace)
