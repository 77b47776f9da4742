"""The command line: `zenlab ...`, and the same commands as `%zen ...` in a notebook."""

from __future__ import annotations


def main() -> None:
    """The entry point of the `zenlab` command."""
    from zenlab.cli.surface import Terminal, run_command

    raise SystemExit(run_command(None, Terminal()))
