"""Trainers: from transformed splits to a model."""

from __future__ import annotations

from zenlab.steps.trainer.base_trainer import BaseTrainerStep
from zenlab.steps.trainer.function_trainer import FunctionTrainer
from zenlab.steps.trainer.sklearn_trainer import SklearnTrainer

__all__ = ["BaseTrainerStep", "FunctionTrainer", "SklearnTrainer"]
