"""The exceptions under the path that ZenML 0.3 had for them."""

from zenlab.core.errors import (
    AlreadyExistsException,
    DoesNotExistException,
    EmptyDatasourceException,
    InitializationException,
    PipelineNotSucceededException,
    ZenlabError,
)

__all__ = [
    "AlreadyExistsException",
    "DoesNotExistException",
    "EmptyDatasourceException",
    "InitializationException",
    "PipelineNotSucceededException",
    "ZenlabError",
]
