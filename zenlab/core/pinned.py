"""Names of code that was loaded from a Git commit instead of the work tree.

The module `trainers.my` of a commit is the module `zenlab_at_<40 digits>.trainers.my` of this
process, and its file is kept below `.zenlab/code/<40 digits>/`: two versions of one module live
side by side, and neither is the user's own. In whatever is recorded the names are the plain ones.
"""

from __future__ import annotations

import re

PREFIX = "zenlab_at_"
FOLDER = ".zenlab/code"
"""Below the folder of `zenlab.yaml`."""

_HOME = re.compile(rf"{PREFIX}[0-9a-f]{{40}}(?:\.|$)")
_PLACE = re.compile(rf"^(?:.*[/\\])?{re.escape(FOLDER)}[/\\][0-9a-f]{{40}}(?=[/\\]|$)")
_SHA = re.compile(r"[0-9a-f]{40}")


def is_sha(pin: str | None) -> bool:
    """Whether a pin is the id of a Git commit, and not the version of a built-in.

    Example:
        >>> is_sha("zenlab_0.1.0"), is_sha("ab" * 20)
        (False, True)
    """
    return pin is not None and _SHA.fullmatch(pin) is not None


def package_of(sha: str) -> str:
    """The package below which the modules of a commit are.

    Args:
        sha: 40 digits.
    """
    return f"{PREFIX}{sha}"


def home_of(module: str) -> str:
    """What the name of a module of a commit begins with; "" for any other module.

    Example:
        >>> home_of("zenlab_at_" + "0" * 40 + ".trainers.my") == "zenlab_at_" + "0" * 40 + "."
        True
        >>> home_of("trainers.my")
        ''
    """
    found = _HOME.match(module)
    return found.group() if found is not None else ""


def plain_name(module: str) -> str:
    """The name of a module, or of something in it, as it is in the repository.

    Example:
        >>> plain_name("zenlab_at_" + "0" * 40 + ".trainers.my")
        'trainers.my'
    """
    return module[len(home_of(module)) :]


def qualified_name(value: object) -> str:
    """Module and name of a value's class, as they are in the repository.

    Example:
        >>> import fractions
        >>> qualified_name(fractions.Fraction(1, 2))
        'fractions.Fraction'
    """
    return f"{plain_name(type(value).__module__)}.{type(value).__qualname__}"


def plain_path(path: str) -> str | None:
    """The path in the repository of a file that is kept for a commit; None for any other file.

    Returns:
        It begins with a slash, or is empty for the folder itself.

    Example:
        >>> plain_path("team/.zenlab/code/" + "0" * 40 + "/trainers/my.py")
        '/trainers/my.py'
        >>> plain_path("team/trainers/my.py")
    """
    found = _PLACE.match(path)
    return None if found is None else path[found.end() :]
