"""What every metadata store must do. A store inherits `MetadataStoreSuite` and overrides `url`.

The tests live in a module a topic; this one puts them together. What several processes do to each
other is `claims_suite`.
"""

from __future__ import annotations

from tests.conformance.metadata_claims import ClaimRulesSuite
from tests.conformance.metadata_datasources import DatasourcesSuite
from tests.conformance.metadata_environments import EnvironmentsSuite
from tests.conformance.metadata_executions import ExecutionsSuite
from tests.conformance.metadata_opening import OpeningSuite
from tests.conformance.metadata_pipelines import PipelinesSuite
from tests.conformance.metadata_records import (
    ALICE,
    BOB,
    MINUTE,
    PROJECT,
    artifact,
    commit_record,
    execution,
    run_record,
)
from tests.conformance.metadata_runs import RunsSuite
from tests.conformance.metadata_why import WhyQueriesSuite
from tests.conformance.progress_suite import ProgressSuite

__all__ = [
    "ALICE",
    "BOB",
    "MINUTE",
    "PROJECT",
    "MetadataStoreSuite",
    "artifact",
    "commit_record",
    "execution",
    "run_record",
]


class MetadataStoreSuite(
    PipelinesSuite,
    RunsSuite,
    EnvironmentsSuite,
    ProgressSuite,
    ExecutionsSuite,
    WhyQueriesSuite,
    ClaimRulesSuite,
    DatasourcesSuite,
    OpeningSuite,
):
    """Override `url`: of a database that is empty, or not there yet, and new for each test."""
