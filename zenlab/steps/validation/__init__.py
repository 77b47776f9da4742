"""Statistics, schema and anomalies: leaves of a pipeline, computed by TFDV in its worker."""

from __future__ import annotations

from zenlab.steps.validation.statistics import DataStatistics
from zenlab.steps.validation.validation import DataValidation

__all__ = ["DataStatistics", "DataValidation"]
