"""TFDV without TensorFlow: what this program uses of it, loaded in under a second.

`import tensorflow_data_validation` loads TensorFlow (11 s, 690 MB), which statistics, schemas and
anomalies do not need. So its package is registered by its path alone, such that its `__init__`
does not run, and `tensorflow` is a module that loads the real one when something asks for it.
What is used below the public API is safe behind the lock only; tests compare the results with
the public API's, with TensorFlow loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from functools import cache
from typing import Any, NamedTuple

_PACKAGE = "tensorflow_data_validation"


class Tfdv(NamedTuple):
    """The parts of TFDV, protos included.

    Attributes:
        name: such as `tfdv 1.16.1`.
        stats_impl: makes generators of statistics, and results out of their accumulators.
        stats_options: what they count.
        validation: the compiled `InferSchema`, `ValidateFeatureStatistics`, `UpdateSchema`.
        statistics_pb2: protos of statistics.
        schema_pb2: protos of schemas.
        anomalies_pb2: protos of anomalies.
        path_pb2: protos of the paths of nested columns.
        validation_metadata_pb2: an argument of the validation.
        validation_config_pb2: another one.
        text_format: of protobuf.
    """

    name: str
    stats_impl: Any
    stats_options: Any
    validation: Any
    statistics_pb2: Any
    schema_pb2: Any
    anomalies_pb2: Any
    path_pb2: Any
    validation_metadata_pb2: Any
    validation_config_pb2: Any
    text_format: Any


@cache
def load() -> Tfdv:
    """Load TFDV, once."""
    warnings.filterwarnings("ignore", category=FutureWarning)  # of Google's clients, about Python
    _stand_in("tensorflow")
    _stand_in("farmhash")  # of the feature skew detector, which is not used
    _register(_PACKAGE)

    def part(name: str) -> Any:
        return importlib.import_module(name)

    proto = "tensorflow_metadata.proto.v0"
    extension = part(f"{_PACKAGE}.pywrap.tensorflow_data_validation_extension")
    return Tfdv(
        name=f"tfdv {part(f'{_PACKAGE}.version').__version__}",
        stats_impl=part(f"{_PACKAGE}.statistics.stats_impl"),
        stats_options=part(f"{_PACKAGE}.statistics.stats_options"),
        validation=extension.validation,
        statistics_pb2=part(f"{proto}.statistics_pb2"),
        schema_pb2=part(f"{proto}.schema_pb2"),
        anomalies_pb2=part(f"{proto}.anomalies_pb2"),
        path_pb2=part(f"{proto}.path_pb2"),
        validation_metadata_pb2=part(f"{_PACKAGE}.anomalies.proto.validation_metadata_pb2"),
        validation_config_pb2=part(f"{_PACKAGE}.anomalies.proto.validation_config_pb2"),
        text_format=part("google.protobuf.text_format"),
    )


class _StandIn(types.ModuleType):
    """Is there when it is imported, and loads the real module when it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        del sys.modules[self.__name__]
        try:
            real = importlib.import_module(self.__name__)
        except BaseException:
            sys.modules[self.__name__] = self
            raise
        self.__dict__.update(vars(real))
        return getattr(real, name)


def _stand_in(name: str) -> None:
    sys.modules.setdefault(name, _StandIn(name))


def _register(name: str) -> None:
    """Make a package known by its path, without running its `__init__`."""
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    package = types.ModuleType(name)
    package.__spec__ = spec
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[name] = package
