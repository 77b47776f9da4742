"""Statistics, schemas and anomalies by TFDV, in a worker process with its own locked environment.

`worker()` is the face of it. The kernel needs no protobuf, no TensorFlow and no TFDV: it gets
`core.statistics.Statistics`, `core.validation.DataSchema` and `Anomalies`.
"""

from zenlab.validation.client import Worker, worker
from zenlab.validation.environment import WorkerEnvironment, find_worker_environment

__all__ = ["Worker", "WorkerEnvironment", "find_worker_environment", "worker"]
