"""What front ends and kernels write into a notebook that says nothing of its content.

These repairs belong to no rule: nothing is wrong with a notebook that has them, but they change
with the machine, the front end or the moment, and each change is a line of somebody's diff.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zenlab.hygiene.repairs import Repair, output_part, text_of, with_text

if TYPE_CHECKING:
    from collections.abc import Iterator

NOISE = "noise"
"""What these repairs are called where others have the name of a rule."""

_NOTEBOOK_KEYS = ("interpreter", "orig_nbformat", "signature", "vscode")
_CELL_KEYS = ("trusted", "vscode")
_PROGRESS = re.compile(
    r"(?:\d+%\|.{0,200}\[\d\d:\d\d[^\]\r\n]*\]?|\[\d\d:\d\d, .{0,40}(?:it/s|s/it)\])"
    r"(?:\x1b\[A)*"  # of bars below each other: back to the line above
)

_LOADED = re.compile(
    r"The (\S+) extension is already loaded\. To reload it, use:\n  %reload_ext \1\n"
)

PYTHON_KERNEL = "Python 3 (ipykernel)"
"""What ipykernel calls the kernel `python3`; earlier versions and conda call it otherwise."""


def metadata(document: dict[str, Any]) -> Iterator[Repair]:
    """Versions, interpreters and names of one machine, in the metadata of notebook and cells."""
    found = document["metadata"]
    for key in _NOTEBOOK_KEYS:
        if key in found:
            del found[key]
            yield Repair(NOISE, f"metadata '{key}' taken out", part="metadata of the notebook")
    language = found.get("language_info")
    if isinstance(language, dict) and "version" in language:
        del language["version"]
        yield Repair(
            NOISE, "the version of the language taken out", part="metadata of the notebook"
        )
    kernel = found.get("kernelspec")
    # Another name may be a kernel of the user's own, which the next start has to find.
    if (
        isinstance(kernel, dict)
        and kernel.get("name") == "python3"
        and kernel.get("display_name") != PYTHON_KERNEL
    ):
        kernel["display_name"] = PYTHON_KERNEL
        yield Repair(NOISE, f"the kernel is called '{PYTHON_KERNEL}'", part="metadata")
    for number, cell in enumerate(document["cells"], 1):
        for key in _CELL_KEYS:
            if key in cell["metadata"]:
                del cell["metadata"][key]
                yield Repair(NOISE, f"metadata '{key}' taken out", number, "metadata")


def outputs(document: dict[str, Any]) -> Iterator[Repair]:
    """Progress bars on stderr, outputs with nothing in them, and streams that come in pieces."""
    for number, cell in enumerate(document["cells"], 1):
        kept: list[dict[str, Any]] = []
        for position, output in enumerate(cell.get("outputs") or (), 1):
            part = output_part(position)
            if _quiet(output):
                yield Repair(NOISE, "progress bars taken out", number, part)
            if _is_loaded_already(output):
                yield Repair(NOISE, "a note on a loaded extension taken out", number, part)
            elif _is_empty(output):
                yield Repair(NOISE, "an empty output taken out", number, part)
            elif kept and _continues(output, kept[-1]):
                # How often a kernel sends what is printed is a matter of time.
                kept[-1]["text"] = with_text(
                    kept[-1]["text"], text_of(kept[-1]["text"]) + text_of(output["text"])
                )
                yield Repair(NOISE, f"joined with the {output['name']} before it", number, part)
            else:
                kept.append(output)
        if kept != (cell.get("outputs") or []):
            cell["outputs"] = kept


def counts(document: dict[str, Any]) -> Iterator[Repair]:
    """Execution counts: on demand alone, since they say whether cells ran from the top down."""
    for number, cell in enumerate(document["cells"], 1):
        if cell.get("execution_count") is not None:
            cell["execution_count"] = None
            yield Repair(NOISE, "the execution count taken out", number)
        for output in cell.get("outputs") or ():
            if output.get("execution_count") is not None:
                output["execution_count"] = None


def _is_loaded_already(output: dict[str, Any]) -> bool:
    """What IPython says where a kernel runs a notebook for the second time."""
    return output.get("name") == "stdout" and bool(_LOADED.fullmatch(text_of(output.get("text"))))


def _quiet(output: dict[str, Any]) -> bool:
    """Take lines of progress bars out of stderr; whether there were some."""
    if output.get("output_type") != "stream" or output.get("name") != "stderr":
        return False
    text = text_of(output.get("text"))
    lines = re.split(r"(?<=[\r\n])", text)
    kept = "".join(map(_without_bars, lines))
    if kept == text:
        return False
    output["text"] = with_text(output["text"], kept if kept.strip() else "")
    return True


def _without_bars(line: str) -> str:
    """What a line says behind its progress bars: a warning does not wait for the end of a bar."""
    bars = list(_PROGRESS.finditer(line))
    if not bars:
        return line
    said = line[bars[-1].end() :]
    return said if said.strip() else ""


def _is_empty(output: dict[str, Any]) -> bool:
    kind = output.get("output_type")
    if kind == "stream":
        return not text_of(output.get("text"))
    return kind in ("display_data", "execute_result") and not output.get("data")


def _continues(output: dict[str, Any], before: dict[str, Any]) -> bool:
    return (
        output.get("output_type") == before.get("output_type") == "stream"
        and output.get("name") == before.get("name")
        and "text" in output
        and "text" in before
    )
