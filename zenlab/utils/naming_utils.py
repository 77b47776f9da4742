"""ZenML 0.3's import path for the naming of columns."""

from __future__ import annotations

from zenlab.steps.naming import output_name, transformed_feature_name, transformed_label_name

__all__ = ["output_name", "transformed_feature_name", "transformed_label_name"]
