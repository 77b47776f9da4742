"""Versions of distributions, as they count in a key."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata

from zenlab.core.errors import ParameterError

POLICIES = ("exact", "minor", "none")


@cache
def installed_version(distribution: str) -> str | None:
    """The version that is installed, or None. Read once a process: what is loaded stays loaded."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def key_version(distribution: str, policy: str) -> str:
    """A distribution's version as it enters a key.

    Args:
        distribution: a name as on PyPI.
        policy: `exact` (1.9.1), `minor` (1.9) or `none` (the name alone counts).

    Returns:
        The version, `*` under `none`, `absent` for what is not installed.

    Example:
        >>> key_version("scikit-learn", "minor")  # doctest: +SKIP
        '1.9'
    """
    if policy not in POLICIES:
        raise ParameterError(
            f"key_versions is '{policy}'.",
            where="zenlab.yaml",
            hint=f"Use one of {', '.join(POLICIES)}.",
        )
    if policy == "none":
        return "*"
    version = installed_version(distribution)
    if version is None:
        return "absent"
    return version if policy == "exact" else minor(version)


def minor(version: str) -> str:
    """As much of a version as counts under `minor`.

    Example:
        >>> minor("1.9.1"), minor("2.0rc1"), minor("2026a")
        ('1.9', '2.0', '2026')
    """
    leading = re.match(r"(?:\d+!)?\d+(?:\.\d+)?", version)
    return leading.group() if leading else version
