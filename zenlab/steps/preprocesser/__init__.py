"""Preprocessers: from raw columns to what a model is trained on, fitted on `train` alone."""

from __future__ import annotations

from zenlab.steps.preprocesser.base_preprocesser import BasePreprocesserStep
from zenlab.steps.preprocesser.function_preprocesser import FunctionPreprocesser
from zenlab.steps.preprocesser.standard import StandardPreprocesser
from zenlab.steps.preprocesser.tabular import TabularPreprocesser

__all__ = [
    "BasePreprocesserStep",
    "FunctionPreprocesser",
    "StandardPreprocesser",
    "TabularPreprocesser",
]
