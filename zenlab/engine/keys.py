"""The two keys of a step (docs/design.md, section 11).

    identity  = what the step is                       (`Identity.digest`)
    work key  = identity + content digests of inputs   what the work is: claims and truth
    cache key = identity + cache keys of inputs        known before anything has run

Golden tests pin literal keys: a change here without raising `KEY_FORMAT` fails them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.engine.graph import Identity

InputDigests = dict[str, str | dict[str, str]]
"""By input name: the content digest of an output, or of each dataset by its name."""


def work_key(identity: Identity, inputs: InputDigests) -> str:
    """The key of a piece of work: 64 hexadecimal digits.

    Args:
        identity: what the step is.
        inputs: content digests by input name.
    """
    return _work_key(identity.digest, tuple(_frozen(item) for item in inputs.items()))


@lru_cache(maxsize=10_000)
def _work_key(identity: str, inputs: tuple[_Item, ...]) -> str:
    return canonical.digest({"work": identity, "inputs": _thawed(inputs)})


def cache_key(identity: Identity, lineage: Mapping[str, Sequence[str | dict[str, str]]]) -> str:
    """The key of a step by its lineage: 64 hexadecimal digits.

    Args:
        identity: what the step is.
        lineage: by input name: the upstream cache key and the name of the output (or the
            content digest of a snapshot).
    """
    return _cache_key(identity.digest, tuple(_frozen(item) for item in lineage.items()))


@lru_cache(maxsize=10_000)
def _cache_key(identity: str, lineage: tuple[_Item, ...]) -> str:
    return canonical.digest({"step": identity, "lineage": _thawed(lineage)})


_Item = tuple[str, Any]
"""A name, and what stands there in a form that can be hashed."""


def _frozen(item: _Item) -> _Item:
    name, value = item
    if isinstance(value, dict):
        return name, (dict, *value.items())
    if isinstance(value, list):
        return name, (list, *(_frozen(("", one))[1] for one in value))
    return name, value


def _thawed(items: tuple[_Item, ...]) -> dict[str, Any]:
    return {name: _thaw(value) for name, value in items}


def _thaw(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    kind, *parts = value
    return dict(parts) if kind is dict else [_thaw(part) for part in parts]
