"""zenlab in IPython: the `%zen` magic, its completion, and the live view of a run."""

from __future__ import annotations

from zenlab.notebook.extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
