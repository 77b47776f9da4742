"""`zenlab look FILE`, and `zenlab schema ...`: what data looks like, and should look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.core.errors import WorkerError, ZenlabError

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.cli.surface import Surface


@click.command()
@click.argument("target")
@click.option("--sensitive", metavar="COLUMN", multiple=True, help="Show no value of this column.")
@click.option("--sample", metavar="ROWS", type=click.IntRange(min=1), help="Count so many rows.")
@click.pass_obj
def look(surface: Surface, target: str, sensitive: tuple[str, ...], sample: int | None) -> None:
    """Show the statistics of TARGET: a CSV or Parquet file, or a DataFrame of the notebook.

    It needs no repository, and keeps nothing.
    """
    from zenlab.datasources.look import look as look_at

    value: Any = surface.variable(target)
    is_variable = value is not None
    surface.show(
        look_at(
            value if is_variable else target,
            name=target if is_variable else None,
            sensitive=sensitive,
            sample=sample,
        )
    )


@click.group(cls=SuggestingGroup)
def schema() -> None:
    """The schemas that data is compared with: schemas/DATASOURCE.pbtxt."""


@schema.command("show")
@click.argument("datasource")
@click.pass_obj
def show(surface: Surface, datasource: str) -> None:
    """Show the schema of DATASOURCE: the committed one, or one inferred from its newest commit."""
    from zenlab.repo import Repository

    surface.show(Repository().get_datasource_by_name(datasource).view_schema())


@schema.command("accept")
@click.argument("datasource")
@click.argument("columns", nargs=-1)
@click.pass_obj
def accept(surface: Surface, datasource: str, columns: tuple[str, ...]) -> None:
    """Take what the newest commit of DATASOURCE holds, or these COLUMNS of it, for right."""
    from zenlab.repo import Repository

    source = Repository().get_datasource_by_name(datasource)
    surface.say(str(source.view_schema().accept(*columns)))


@schema.command("edit")
@click.argument("datasource")
@click.pass_obj
def edit(surface: Surface, datasource: str) -> None:
    """Open the schema of DATASOURCE in an editor, and check what was written.

    Without a terminal, in a notebook, it is made if need be, and its path is told.
    """
    from zenlab.pipelines.schemas import read_schema_file, schema_file, shown
    from zenlab.repo import Repository

    repository = Repository()
    source = repository.get_datasource_by_name(datasource)
    before = read_schema_file(source.name, repository)
    if before is None:
        surface.say(str(source.view_schema().accept()))
        before = read_schema_file(source.name, repository)
    file = schema_file(source.name, repository)
    if not surface.interactive:
        surface.say(f'Edit {file}, then: zenlab schema check "{source.name}"')
        return
    click.edit(filename=str(file))  # itself, so that a mistake loses nothing of what was typed
    edited = read_schema_file(source.name, repository)
    if edited is None or edited == before:
        surface.say("Nothing was changed.")
        return
    surface.say(f"{shown(source.name)} has {_check_text(edited, shown(source.name))} columns.")


@schema.command("check")
@click.argument("datasource")
@click.pass_obj
def check(surface: Surface, datasource: str) -> None:
    """Check that the schema file of DATASOURCE can be read; of an error, line and column."""
    from zenlab.pipelines.schemas import read_schema_file, shown
    from zenlab.repo import Repository

    repository = Repository()
    source = repository.get_datasource_by_name(datasource)
    text = read_schema_file(source.name, repository)
    if text is None:
        raise ZenlabError(
            f"There is no {shown(source.name)}.",
            hint=f'Make it: zenlab schema accept "{source.name}"',
        )
    surface.say(f"{shown(source.name)} has {_check_text(text, shown(source.name))} columns.")


def _check_text(text: str, shown: str) -> int:
    """Refuse a schema that TFDV cannot read; else the number of its columns."""
    import tempfile
    from pathlib import Path

    from zenlab.validation import worker

    with tempfile.TemporaryDirectory(prefix="zenlab-") as folder:
        file: Path = Path(folder) / "schema.pbtxt"
        file.write_text(text, encoding="utf-8")
        try:
            return len(worker().read_schema(file).result().features)
        except WorkerError as error:
            where = (error.where or "").replace(str(file), shown)
            raise WorkerError(error.message, where=where, hint=error.hint) from error
