"""`zenlab cache ...`: the local copies of a remote artifact store. Needs no repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group("cache", cls=SuggestingGroup)
def cache() -> None:
    """The local copies of what lies in a remote artifact store."""


@cache.command()
@click.pass_obj
def status(surface: Surface) -> None:
    """Show where the copies lie, how much they are, and what is in use."""
    from zenlab.artifacts.cache import SIZE_VARIABLE, LocalCache, default_folder

    usage = LocalCache(default_folder()).usage()
    surface.say(f"Local copies of artifacts: {usage.folder}")
    if not usage.entries:
        surface.say(f"  empty; it may hold {_size(usage.limit)} ({SIZE_VARIABLE})")
        return
    surface.say(f"  {_size(usage.size)} of {_size(usage.limit)} ({SIZE_VARIABLE})")
    surface.say(f"  {_count(usage.entries, 'artifact')}, {_in_use(usage.in_use, usage.processes)}")


@cache.command()
@click.option("--keep", metavar="SIZE", default="0", help="Keep so much, such as 5GB; 0: nothing.")
@click.pass_obj
def clean(surface: Surface, keep: str) -> None:
    """Remove local copies, the longest unused first; what a process uses stays.

    Nothing is lost: what is needed again is fetched again.
    """
    from zenlab.artifacts.cache import LocalCache, default_folder, parse_size

    found = LocalCache(default_folder())
    removed = found.trim(parse_size(keep, "--keep"), room=False)
    surface.say(f"{_count(removed.entries, 'artifact')} removed, {_size(removed.size)}.")
    usage = found.usage()
    if usage.entries:
        left = f"{_count(usage.entries, 'artifact')} left, {_size(usage.size)}"
        surface.say(f"{left}; {_in_use(usage.in_use, usage.processes)}.")


def _in_use(number: int, processes: int) -> str:
    if not number:
        return "none in use"
    return f"{number:,} in use by {_count(processes, 'process', 'es')}"


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def _size(size: int) -> str:
    if size >= 10**9:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:,.0f} MB" if size >= 10**6 or not size else f"{size / 1e3:,.0f} kB"
