"""Declarative pipelines: `TrainingPipeline`, `DataPipeline`; object <-> YAML."""

from __future__ import annotations

from zenlab.pipelines.base import BasePipeline
from zenlab.pipelines.training import DataPipeline, TrainingPipeline

PIPELINE_TYPES: dict[str, type[BasePipeline]] = {
    cls.TYPE: cls for cls in (TrainingPipeline, DataPipeline)
}
"""The class of a pipeline by the `type` of its file."""

__all__ = ["PIPELINE_TYPES", "BasePipeline", "DataPipeline", "TrainingPipeline"]
