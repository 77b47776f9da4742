"""The exceptions of zenlab.

Every error that a user can meet is a `ZenlabError`: it says what happened, where, and what to
do next. The names of ZenML 0.3 (`AlreadyExistsException`, ...) keep their spelling, so that
scripts which catch them go on to work; they are importable from `zenlab.exceptions`, too.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from zenlab.core.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterable


class ZenlabError(Exception):
    """Something that a user can understand and act on.

    Args:
        message: what happened, in one sentence.
        where: the place (a file with line and column, a step, a store), or None.
        hint: what to do next, or None.

    Example:
        >>> print(ZenlabError("The file is empty.", where="data/flights.csv", hint="Check it."))
        The file is empty.
          where: data/flights.csv
          next:  Check it.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        message = mask(message)  # it may quote what a driver said, and that its connection string
        super().__init__(message)
        self.message = message
        self.where = mask(where) if where else where
        self.hint = mask(hint) if hint else hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.hint:
            lines.append("  next:  " + self.hint.replace("\n", "\n         "))
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a trace: the message alone.

        https://ipython.readthedocs.io/en/stable/config/integrating.html#custom-exceptions
        """
        return [f"{type(self).__name__}: {self}"]


class InitializationException(ZenlabError):
    """There is no repository here, or it cannot be opened."""


class AlreadyExistsException(ZenlabError):
    """A name is taken by something else that may not change."""


class DoesNotExistException(ZenlabError):
    """A name, an id or a file that is not there."""


class PipelineNotSucceededException(ZenlabError):
    """Results were asked of a pipeline that has no successful run."""


class EmptyDatasourceException(ZenlabError):
    """A source without a single row."""


class DatasourceError(ZenlabError):
    """A source that cannot be read: the message names file, line and column."""


class NotebookError(ZenlabError):
    """A notebook that cannot be read, or that must not be committed as it is."""


class ParameterError(ZenlabError):
    """A parameter or a value that is refused; the message names it."""


class ImmutableError(ZenlabError):
    """A change to what is frozen. `copy(new_name)` is the way out."""


class CodeError(ZenlabError):
    """Code that cannot be fingerprinted, found or loaded."""


class ChangedCodeError(CodeError):
    """Code whose source is another one than what was imported."""


class TrustError(CodeError):
    """Code or a model from a store that nobody has confirmed here."""


class ArtifactError(ZenlabError):
    """An artifact that is lost, damaged, or cannot be written."""


class StoreError(ZenlabError):
    """A metadata or an artifact store that cannot be reached, or refuses."""


class StepError(ZenlabError):
    """A step that failed; `__cause__` is what the step raised."""


class BusyError(ZenlabError):
    """Somebody else computes the same step, and the caller chose not to wait."""


class RunCancelledError(ZenlabError):
    """Somebody asked the run to stop, with `zenlab cancel`; the message says who."""


class ClaimLostError(ZenlabError):
    """Somebody took over the step that was being computed here."""


class GateError(StepError):
    """A result that a gate refuses: anomalies, or a metric below its minimum.

    Args:
        message: what was found.
        where: the step that does not run for it.
        hint: how to look at it.
        slot: the step whose result was refused.

    Attributes:
        partial: what the run had come to; set by the engine and the pipeline.
    """

    partial: Any = None

    def __init__(self, message: str, *, where: str, hint: str, slot: str) -> None:
        super().__init__(message, where=where, hint=hint)
        self.slot = slot


class WorkerError(ZenlabError):
    """The TFDV worker cannot do what was asked, or has died; the message says which and why."""


class WorkerMissingError(WorkerError):
    """The TFDV worker is not installed here; the hint says how it gets there."""


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known.

    Args:
        name: what was asked for.
        known: what there is.

    Returns:
        "Did you mean 'Pipeline A'?", the first names there are, or that there are none.

    Example:
        >>> suggest("Pipline A", ["Pipeline A", "Pipeline B"])
        "Did you mean 'Pipeline A'?"
    """
    names = sorted(set(known))
    lowered = {n.lower(): n for n in reversed(names)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{lowered[close[0]]}'?"
    if not names:
        return "There are none yet."
    shown = ", ".join(repr(n) for n in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"There are: {shown}{more}."
