"""What the engine is given: nodes that name their inputs, in an order in which they can run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.dataset import Dataset
    from zenlab.core.step import Step

KEY_FORMAT = 1
"""Raised whenever the meaning of a key changes: every cache of every team starts anew."""


@dataclass(frozen=True)
class Identity:
    """What a step is, apart from its inputs: all that may change its result.

    Attributes:
        kind: the kind of slot: transform, split, ... (not its number: a second transform that
            does the same is the same).
        code: the fingerprint of the code, or `builtin:RandomSplit:1`.
        args: the parameters; functions and classes among them by fingerprint.
        packages: version by distribution, as far as the repository's `key_versions` lets it count.
        files: content digest by declared file.
        env: digest of the value by declared environment variable.
    """

    kind: str
    code: str
    args: Mapping[str, Any]
    packages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def as_plain(self) -> dict[str, Any]:
        """The identity as plain data: what is digested, and recorded for `why`."""
        return {
            "format": KEY_FORMAT,
            "kind": self.kind,
            "code": self.code,
            "args": dict(self.args),
            "packages": dict(self.packages),
            "files": dict(self.files),
            "env": dict(self.env),
        }

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the identity."""
        return canonical.digest(self.as_plain(), "step")


@dataclass(frozen=True)
class Root:
    """A snapshot that a pipeline starts from."""

    dataset: Dataset

    @property
    def digest(self) -> str:
        """The content digest of the snapshot."""
        return self.dataset.digest


@dataclass(frozen=True)
class Ref:
    """Outputs of another node: one by name, or all its datasets as a dict (`output=None`)."""

    slot: str
    output: str | None = None


@dataclass(frozen=True)
class Node:
    """One step of a plan.

    Attributes:
        slot: the unique place in the pipeline: `transform`, `transform_2`, `split`, ...
        title: what a person calls it: the name of the class or function.
        identity: what the step is.
        inputs: by name; a `Ref` names a node that stands earlier.
        make: a fresh step from the recorded parameters. Called only if the step has to run, and
            may raise: code that is not here, or not trusted.
    """

    slot: str
    title: str
    identity: Identity
    inputs: Mapping[str, Ref | Root]
    make: Callable[[], Step]

    @property
    def upstream(self) -> list[str]:
        """The slots that this one reads."""
        return [i.slot for i in self.inputs.values() if isinstance(i, Ref)]
