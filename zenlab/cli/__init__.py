"""The command line: `zenlab ...`, and the same commands as `%zen ...` in a notebook."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """The entry point of the `zenlab` command."""
    raise SystemExit(run_command())


def run_command(args: Sequence[str] | None = None) -> int:
    """Run one command line in a terminal.

    Args:
        args: the words after `zenlab`; those of the process by default.

    Returns:
        The exit code: 0, 1 after an error of ours, 2 for a command line that cannot be read,
        130 after an interrupt.
    """
    import click

    from zenlab.cli.commands import zen
    from zenlab.cli.surface import Terminal
    from zenlab.core.errors import ZenlabError
    from zenlab.core.secrets import mask

    try:
        zen.main(
            args=list(args) if args is not None else None,
            prog_name="zenlab",
            obj=Terminal(),
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
        return 130
    except click.exceptions.Exit as done:
        return done.exit_code
    except ZenlabError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    except Exception as error:  # noqa: BLE001 - a fault of zenlab: to be reported as it is shown
        sys.stderr.write(mask("".join(traceback.format_exception(error))))
        return 1
    return 0
