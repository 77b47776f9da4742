"""The repository: `zenlab.yaml`, Git, and the pipeline directory."""

from __future__ import annotations

from zenlab.repo.repository import Repository

__all__ = ["Repository"]
