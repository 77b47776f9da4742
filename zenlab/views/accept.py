"""`panel.accept()`: what a panel shows is taken up into the schema, by whoever opened the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException, ZenlabError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Accept = Callable[[tuple[str, ...]], str]
    """Takes the names of columns (none: all of them) and says what it did."""


class Said(str):
    """A text that a cell shows as it is, without quotation marks.

    Example:
        >>> Said("carrier is accepted.")
        carrier is accepted.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def accept(call: Accept | None, features: tuple[str, ...], known: Iterable[str], way: str) -> Said:
    """Check the names of columns and hand them on.

    Args:
        call: what takes them up into the schema, or None.
        features: names; none: all.
        known: the names that there are.
        way: how to open a panel that can do it, for the error message.

    Raises:
        DoesNotExistException: a name is not among the known ones.
        ZenlabError: there is nobody to hand them to.
    """
    if call is None:
        raise ZenlabError(
            "This panel only shows results: it does not know the schema that they belong to.",
            hint=f"Open it by {way}, and call accept() on what that returns.",
        )
    names = list(known)
    for feature in features:
        if feature not in names:
            raise DoesNotExistException(
                f"Nothing of this panel is about a column {feature!r}.",
                hint=suggest(feature, names),
            )
    return Said(call(features))
