"""`pipelines/<slug>.steps.py`: the source of a pipeline's steps that were written in a notebook.

It lies beside the pipeline's file and is committed with it, so that Git alone brings the code to a
colleague. A section a function or class, with all that it reaches; each is run by itself, and only
if its fingerprint is the recorded one:

    # %% trainer: my_trainer, code 5f70...
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Section(NamedTuple):
    """A function or class: its place in the pipeline, its name, fingerprint and source."""

    slot: str
    name: str
    code: str
    source: str


SUFFIX = ".steps.py"

_FUTURE = "from __future__ import annotations\n"
_POSTPONED = ", with postponed annotations"
_MARK = re.compile(rf"^# %% .+, code ([0-9a-f]{{64}})({_POSTPONED})?$", re.MULTILINE)


def write_steps(pipeline: str, file: str, sections: Iterable[Section]) -> str:
    """The text of a file.

    Args:
        pipeline: its name.
        file: the name of the pipeline's file.
        sections: what it keeps.
    """
    parts: list[str] = []
    postponed = False
    for slot, name, code, source in sections:
        later = source.startswith(_FUTURE)
        postponed |= later
        text = source.removeprefix(_FUTURE).strip("\n")
        parts.append(f"# %% {slot}: {name}, code {code}{_POSTPONED if later else ''}\n\n{text}\n")
    head = (
        f'# Steps of the pipeline "{pipeline}" that were written in a notebook, with all that they '
        f"reach.\n# zenlab writes this file and reads it. Commit it with {file}.\n# ruff: noqa\n"
    )
    return "\n\n".join([head + (f"\n{_FUTURE}" if postponed else ""), *parts])


def read_steps(text: str) -> dict[str, str]:
    """The source of each function or class of a file, by fingerprint.

    Args:
        text: of the file; what is no section of it gives nothing.

    Example:
        >>> kept = [Section("trainer", "fit", "0" * 64, "def fit(): ...")]
        >>> print(*read_steps(write_steps("A", "a.yaml", kept)).values(), end="")
        def fit(): ...
    """
    marks = list(_MARK.finditer(text))
    found: dict[str, str] = {}
    for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(text)], strict=True):
        source = text[mark.end() : end].strip("\n") + "\n"
        found[mark.group(1)] = (_FUTURE + "\n" if mark.group(2) else "") + source
    return found
