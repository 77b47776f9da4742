"""`watch`, `cancel` and `status --follow`: runs that go on elsewhere, live from the store."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING

import click

from zenlab.cli.going import find_going, going_lines, run_name
from zenlab.core.errors import ParameterError
from zenlab.engine.gone import settle
from zenlab.engine.record import HOST
from zenlab.pipelines.watching import follow_run
from zenlab.repo import Repository
from zenlab.views.strings import person, shorten

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.metadata import RunRecord

_LOOK_SECONDS = 0.5
_REFRESH_SECONDS = 1.0


@click.command()
@click.argument("run", required=False)
@click.pass_obj
def watch(surface: Surface, run: str | None) -> None:
    """Show a run that goes on elsewhere, live, until it ends.

    RUN is a pipeline's name, with its revision ('Pipeline B#3') or without, or a run's digits as
    `status` shows them; it may be left out while one run goes on. An interrupt ends the watching,
    not the run.
    """
    repository = Repository()
    found = find_going(run, surface, repository).run
    try:
        ended = follow_run(found.id, surface.watch(), repository)
    except KeyboardInterrupt:
        surface.say(f"{_named(found)} goes on. To stop it: cancel.")
        return
    if surface.private and ended.status != "succeeded":
        surface.say(_ending(ended))


@click.command()
@click.argument("run", required=False)
@click.option(
    "--wait", default=60.0, show_default=True, help="Seconds to wait until it has stopped."
)
@click.pass_obj
def cancel(surface: Surface, run: str | None, wait: float) -> None:
    """Ask a run to stop, wherever it goes on and whosever it is; it is recorded who asked.

    RUN is as for `watch`. The run hears of it within seconds, and ends as after Ctrl-C: its claims
    are free, and what had finished is kept.
    """
    repository = Repository()
    store = repository.metadata
    found = find_going(run, surface, repository).run
    request = store.request_cancel(found.id, repository.user, HOST)
    named = f"{_named(found)} of {shorten(person(found.user))} on {shorten(found.host)}"
    if request is None:
        surface.say(f"{named} has just ended.")
        return
    if (request.user, request.host) == (repository.user, HOST):
        surface.say(f"Asked {named} to stop.")
    else:
        who = f"{shorten(person(request.user))} on {shorten(request.host)}"
        surface.say(f"{who} has already asked {named} to stop.")
    give_up = time.monotonic() + wait
    while time.monotonic() < give_up:
        going = store.going_run(found.id)
        if going is None or going.run.status != "running" or settle(store, going):
            ended = store.run(found.id)
            surface.say(_ending(ended) if ended is not None else "It is gone.")
            return
        time.sleep(_LOOK_SECONDS)
    surface.say(
        "It has not stopped yet: its step is in code that cannot be interrupted, or its machine is "
        "out of reach. It stops as soon as it hears of it; `status` shows when."
    )


def follow_all(surface: Surface, repository: Repository) -> None:
    """Show what goes on, line by line, until nothing does or the user interrupts.

    Args:
        surface: a terminal; where it cannot rewrite lines, they are printed when they change.
        repository: whose runs count.

    Raises:
        ParameterError: in a cell, which is stored.
    """
    if not surface.private:
        raise ParameterError(
            "status --follow is for a terminal.", hint="In a cell: %zen watch RUN."
        )
    before: list[str] = []
    try:
        while lines := going_lines(repository):
            if surface.interactive:
                # A line that wraps would count as two when it is cleared.
                width = shutil.get_terminal_size().columns - 1
                lines = [shorten(line, width) for line in lines]
                # Up to the first of the lines that are there, and clear all below.
                up = f"\x1b[{len(before)}A\r\x1b[J" if before else ""
                sys.stdout.write(up + "\n".join(lines) + "\n")
                sys.stdout.flush()
            elif lines != before:
                for line in lines:
                    surface.say(line)
            before = lines
            time.sleep(_REFRESH_SECONDS)
    except KeyboardInterrupt:
        return
    surface.say("No run goes on.")


def _named(run: RunRecord) -> str:
    return f"'{shorten(run_name(run))}'"


def _ending(run: RunRecord) -> str:
    """How a run has ended, in a sentence."""
    message = (run.error or {}).get("message", "")
    ended = f"{_named(run)} has ended: {run.status}."
    return f"{ended} {shorten(message, 300)}".rstrip()
