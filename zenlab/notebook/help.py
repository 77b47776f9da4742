"""`%zen run?`: IPython reads the last word alone, and would show the help of its own `%run`."""

from __future__ import annotations

import re

_ASKED = re.compile(r"\s*(%zen[ \t]+[^?\n]*[^?\s])[ \t]*\?{1,2}\s*")


def explain_command(lines: list[str]) -> list[str]:
    r"""Rewrite a cell that is nothing but a question about a command; leave all others alone.

    It is an input transformer of IPython, which calls it for every cell.

    Args:
        lines: of the cell, with their line breaks.

    Returns:
        The cell that asks for the command's help, or the same lines.

    Example:
        >>> explain_command(["%zen run?\n"])
        ['%zen run --help\n']
    """
    if not lines or len(lines) > 3:
        return lines
    text = "".join(lines)
    asked = _ASKED.fullmatch(text) if "%zen" in text else None
    return [f"{asked.group(1)} --help\n"] if asked else lines
