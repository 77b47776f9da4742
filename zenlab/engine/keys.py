"""The two keys of a step (docs/design.md, section 11).

    identity  = what the step is                       (`Identity.digest`)
    work key  = identity + content digests of inputs   what the work is: claims and truth
    cache key = identity + cache keys of inputs        known before anything has run

Golden tests pin literal keys: a change here without raising `KEY_FORMAT` fails them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    return canonical.digest({"work": identity.digest, "inputs": inputs})


def cache_key(identity: Identity, lineage: Mapping[str, Sequence[str | dict[str, str]]]) -> str:
    """The key of a step by its lineage: 64 hexadecimal digits.

    Args:
        identity: what the step is.
        lineage: by input name: the upstream cache key and the name of the output (or the
            content digest of a snapshot).
    """
    return canonical.digest({"step": identity.digest, "lineage": dict(lineage)})
