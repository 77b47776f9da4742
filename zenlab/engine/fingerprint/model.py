"""What a fingerprint is: the digest, and everything that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reached:
    """One function, class or constant that counts in a fingerprint.

    Comparing the `reached` of two fingerprints by (module, name) tells why a step runs again.
    """

    kind: Literal["function", "class", "constant"]
    name: str
    """The qualified name of a function or class, the variable's name of a constant."""
    module: str
    file: str
    """Relative to the repository's root where it lies below; a cell's name for a notebook."""
    line: int
    """0 where no line is known."""
    text: str
    """The source, or what a constant looks like (at most 200 characters)."""
    digest: str
    """Of this alone: a function without what it calls, a constant with all of its parts."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a function or class is, by content. Equal digests mean: it would do the same."""

    digest: str
    """64 hexadecimal digits."""
    source: str
    """`notebook:Name`, or `module.qualname`."""
    packages: tuple[str, ...]
    """The distributions that the code names, normalised as on PyPI, sorted."""
    reached: tuple[Reached, ...]
    """All that counts, the object itself first."""
    notes: tuple[str, ...]
    """One sentence each: what the code reads that no fingerprint can see."""
    bundle: str | None
    """Of a notebook's object: Python source that makes it in an empty module."""
