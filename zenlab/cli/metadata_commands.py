"""`zenlab metadata ...`: the tables of the metadata store, and bringing them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.repo import Repository
from zenlab.repo.config import shown

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group("metadata", cls=SuggestingGroup)
def metadata() -> None:
    """The tables of the metadata store."""


@metadata.command()
@click.pass_obj
def status(surface: Surface) -> None:
    """Show the store, the revision of its tables, and whether this zenlab fits. Changes nothing."""
    from zenlab.metadata.tables import HEAD, REVISIONS

    repository = Repository()
    store = repository.metadata
    revision = store.revision()
    surface.say(f"metadata_store: {shown(repository.config.metadata_store)}")
    if store.notice:
        surface.say(f"note: {store.notice}")
    if revision is None:
        surface.say(f"It has no tables yet; the first run makes them, at revision {HEAD}.")
    elif revision == HEAD:
        surface.say(f"Its tables are at revision {HEAD}, which is that of this zenlab.")
    elif revision in REVISIONS:
        surface.say(
            f"Its tables are at revision {revision}; this zenlab needs {HEAD}. An older zenlab has "
            "made them.\nnext: zenlab metadata upgrade; from then on, your colleagues need this "
            "version of zenlab, too."
        )
    else:
        surface.say(
            f"Its tables are at revision {revision}, which this zenlab (up to {HEAD}) does not "
            "know: a newer one has used them.\nnext: pip install --upgrade zenlab"
        )


@metadata.command()
@click.pass_obj
def upgrade(surface: Surface) -> None:
    """Bring the tables to the revision of this zenlab; make them if there are none.

    Colleagues with an older zenlab are refused from then on, and told to upgrade. Runs that go on
    meanwhile wait. Make a backup before, as ever.
    """
    before, after = Repository().metadata.upgrade()
    if before is None:
        surface.say(f"The tables were made, at revision {after}.")
    elif before == after:
        surface.say(f"The tables are at revision {after} already.")
    else:
        surface.say(f"The tables were at revision {before}, and are at {after} now.")
