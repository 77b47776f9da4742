"""What a step prints and warns: kept as its log, not shown in the cell.

Shown output would make an executed step leave other bytes in the notebook than a cached one.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING

from zenlab.core.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

MAX_LOG_CHARS = 1_000_000


class Log(io.TextIOBase):
    """A text stream that keeps the first `MAX_LOG_CHARS` characters."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = MAX_LOG_CHARS

    def writable(self) -> bool:
        """It can be written, always."""
        return True

    def write(self, text: str) -> int:
        """Keep the text, as long as there is room."""
        if self._room >= 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)
            if self._room < 0:
                self._parts.append("\n(the log was cut here)\n")
        return len(text)

    def warn(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG002 - the signature of warnings.showwarning
        line: str | None = None,
    ) -> None:
        """Keep a warning; stands in for `warnings.showwarning`."""
        self.write(warnings.formatwarning(message, category, filename, lineno, line))

    @property
    def text(self) -> str:
        """All that was kept, without secrets: a log is an artifact, which the team shares."""
        return mask("".join(self._parts))


@contextlib.contextmanager
def captured() -> Iterator[Log]:
    """Send `print`, `sys.stderr` and warnings to a log, as long as the context lasts."""
    log = Log()
    # catch_warnings makes each place warn once a step instead of once a process: the log of a
    # second run shows what the first one's did.
    with (
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
        warnings.catch_warnings(),
    ):
        # Explicit, since somebody may have sent warnings elsewhere (logging.captureWarnings).
        warnings.showwarning = log.warn
        yield log
