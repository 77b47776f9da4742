"""Evaluators: how good a model is, overall and where."""

from __future__ import annotations

from zenlab.steps.evaluator.base_evaluator import BaseEvaluatorStep
from zenlab.steps.evaluator.evaluator import Evaluator
from zenlab.steps.evaluator.function_evaluator import FunctionEvaluator

__all__ = ["BaseEvaluatorStep", "Evaluator", "FunctionEvaluator"]
