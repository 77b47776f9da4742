"""Transforms: from rows to rows, before the split."""

from __future__ import annotations

from zenlab.steps.transform.base_transform import BaseTransformStep
from zenlab.steps.transform.function_transform import FunctionTransform

__all__ = ["BaseTransformStep", "FunctionTransform"]
