"""What the engine is given: nodes that name their inputs, in an order in which they can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

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
        is_own = not self.code.startswith("builtin:")
        args = ordered_args(canonical.plain(self.args, "step"), is_own=is_own)
        return canonical.digest({**self.as_plain(), "args": args}, "step")


def ordered_args(args: Mapping[str, Any], *, is_own: bool) -> dict[str, Any]:
    """The arguments of a step in the form in which they are digested: the order of dicts counts.

    It is the order of the columns and splits that are made from them: `{"train": 0.7, "eval": 0.3}`
    puts other rows into `train` than `{"eval": 0.3, "train": 0.7}`.

    Args:
        args: the recorded arguments.
        is_own: a user's code may take them as `**kwargs`, so that their own order counts, too.
    """
    if is_own:
        found: dict[str, Any] = canonical.in_order(dict(args))
        return found
    return {name: canonical.in_order(value) for name, value in args.items()}


@dataclass(frozen=True)
class Root:
    """Rows that are there before anything has run: a snapshot, or several datasets by name."""

    dataset: Dataset | Mapping[str, Dataset]

    @property
    def digest(self) -> str | dict[str, str]:
        """The content digest of the snapshot, or of each dataset by its name."""
        if isinstance(self.dataset, Mapping):
            return {name: data.digest for name, data in self.dataset.items()}
        return self.dataset.digest


@dataclass(frozen=True)
class Ref:
    """Outputs of another node: one by name, or all its datasets as a dict (`output=None`).

    Attributes:
        slot: the node that leaves them.
        output: the name, or None.
        code: what the user's own code in that node is, for a model: what it predicts follows
            from its content and from the code of its class.
    """

    slot: str
    output: str | None = None
    code: str = ""


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
        findings: called when the step is about to run: what is odd about it by then.
        leaf: nothing else reads it: it runs beside the others, and its failure is a finding.
        missing: of a leaf: why it cannot run on this machine, if it cannot.
        after: leaves that have to have passed before this step runs.
        check: called when the step has its result, also one from the cache, with a function that
            reads an output by its name; raises if the run must not go on with it.
    """

    slot: str
    title: str
    identity: Identity
    inputs: Mapping[str, Ref | Root]
    make: Callable[[], Step]
    findings: Callable[[], list[str]] = list
    leaf: bool = False
    missing: Callable[[], str | None] = lambda: None
    after: tuple[str, ...] = ()
    check: Callable[[Callable[[str], Any]], None] | None = None

    @property
    def upstream(self) -> list[str]:
        """The slots that this one reads."""
        return [i.slot for i in self.inputs.values() if isinstance(i, Ref)]
