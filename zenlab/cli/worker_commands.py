"""`zenlab worker ...`: the environment of its own in which TFDV runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.core.errors import WorkerError

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group("worker", cls=SuggestingGroup)
def worker() -> None:
    """TFDV's worker, which makes statistics, schemas and anomalies."""


@worker.command()
@click.option("--python", metavar="PATH", help="The Python 3.11 to use, instead of a search.")
@click.option(
    "--wheelhouse",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder with all wheels: nothing is downloaded.",
)
@click.option("--yes", is_flag=True, help="Install without asking.")
@click.option("--force", is_flag=True, help="Make it anew, even if it is there.")
@click.pass_obj
def install(
    surface: Surface, python: str | None, wheelhouse: Path | None, yes: bool, force: bool
) -> None:
    """Install the worker: 1.5 GB in your cache folder, or where ZENLAB_WORKER says."""
    from zenlab.validation import environment
    from zenlab.validation.install import DISK_GB
    from zenlab.validation.install import install as make

    lock = environment.lock_file()
    place = environment.worker_place()
    found, _ = environment.examine(place.folder, environment.lock_digest(lock))
    if not yes and (found is None or force):
        what = f"TFDV's worker takes {DISK_GB} GB in {place.folder}"
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            again = " --force" if force else ""
            raise WorkerError(
                f"{what}. Nobody can be asked here whether that is all right.",
                hint=f"If it is: zenlab worker install --yes{again}",
            )
        if not click.confirm(f"{what}. Install it?", default=True):
            surface.say("Nothing was installed.")
            return
    make(place.folder, lock, python=python, wheelhouse=wheelhouse, force=force, say=surface.say)


@worker.command()
@click.pass_obj
def status(surface: Surface) -> None:
    """Show where the worker is, or belongs, and where its logs are."""
    from zenlab.validation import environment

    lock = environment.lock_file()
    place = environment.worker_place()
    found, reason = environment.examine(place.folder, environment.lock_digest(lock))
    why = {
        "variable": f"named by {environment.VARIABLE}",
        "clone": "of this clone of zenlab",
        "cache": "in your cache folder",
    }[place.origin]
    surface.say(f"folder:  {place.folder} ({why})")
    if found is None:
        surface.say(f"state:   the worker {reason}. To install it: {environment.INSTALL}")
    else:
        marker = json.loads((found.folder / environment.MARKER).read_text(encoding="utf-8"))
        surface.say(f"state:   installed, {marker.get('says', 'complete')}")
    surface.say(f"lock:    {lock.stem}, {environment.lock_digest(lock)[:16]}")
    surface.say(f"logs:    {environment.cache_folder() / 'log'}")


@worker.command()
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.pass_obj
def remove(surface: Surface, yes: bool) -> None:
    """Remove the worker's environment."""
    from zenlab.validation import environment
    from zenlab.validation.install import remove as discard

    place = environment.worker_place()
    if not place.folder.exists():
        surface.say(f"There is no worker in {place.folder}.")
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise WorkerError(
                f"This would remove {place.folder}. Nobody can be asked here.",
                hint="If it may go: zenlab worker remove --yes",
            )
        if not click.confirm(f"Remove {place.folder}?", default=False):
            surface.say("Nothing was removed.")
            return
    discard(place.folder)
    surface.say(f"Removed {place.folder}.")
