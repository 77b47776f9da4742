"""Splits: which rows are trained on, and which are held back."""

from __future__ import annotations

from zenlab.steps.split.base_split import BaseSplitStep
from zenlab.steps.split.categorical_split import CategoricalDomainSplit, CategoricalRatioSplit
from zenlab.steps.split.function_split import FunctionSplit
from zenlab.steps.split.no_split import NoSplit
from zenlab.steps.split.random_split import RandomSplit

__all__ = [
    "BaseSplitStep",
    "CategoricalDomainSplit",
    "CategoricalRatioSplit",
    "FunctionSplit",
    "NoSplit",
    "RandomSplit",
]
