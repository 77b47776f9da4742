"""The commands: `zenlab NAME ...` in a terminal, `%zen NAME ...` in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zenlab.cli.cache_commands import cache
from zenlab.cli.compare_commands import compare
from zenlab.cli.config_commands import config
from zenlab.cli.doctor_commands import doctor
from zenlab.cli.env_commands import env
from zenlab.cli.going_commands import cancel, follow_all, watch
from zenlab.cli.groups import SuggestingGroup
from zenlab.cli.listing import broken_lines, describe_pipeline, list_pipelines, status_lines
from zenlab.cli.look_commands import look, schema
from zenlab.cli.metadata_commands import metadata
from zenlab.cli.notebook_commands import notebook
from zenlab.cli.review_commands import diff, eject, reproduce
from zenlab.cli.step_commands import step
from zenlab.cli.targets import find_code, find_pipeline, find_run
from zenlab.cli.why_commands import why
from zenlab.cli.worker_commands import worker
from zenlab.core.errors import DoesNotExistException, ZenlabError, suggest
from zenlab.pipelines.wiring import KINDS, kind_of
from zenlab.repo import Repository
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group(cls=SuggestingGroup, context_settings={"help_option_names": ["-h", "--help"]})
def zen() -> None:
    """Cached, shared training pipelines."""


@zen.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--artifact-store", help="A folder or URL instead of the embedded store.")
@click.option("--metadata-store", help="A URL instead of the embedded SQLite file.")
@click.option("--pipelines-dir", help="Another name for the folder 'pipelines'.")
@click.pass_obj
def init(
    surface: Surface,
    folder: Path,
    artifact_store: str | None,
    metadata_store: str | None,
    pipelines_dir: str | None,
) -> None:
    """Make FOLDER (by default this one) a zenlab repository."""
    from zenlab.repo.init import init_repo

    done = init_repo(
        folder,
        artifact_store=artifact_store,
        metadata_store=metadata_store,
        pipelines_dir=pipelines_dir,
    )
    if done.made:
        surface.say(f"Made a zenlab repository: {', '.join(done.made)}")
        surface.say("Commit zenlab.yaml, .gitignore and the pipeline files; .zenlab/ stays here.")
    else:
        surface.say("This is a zenlab repository already; nothing was missing.")
    for note in done.notes:
        surface.say(note)


@zen.command()
@click.option("--follow", is_flag=True, help="In a terminal: show what goes on, until it ends.")
@click.pass_obj
def status(surface: Surface, follow: bool) -> None:
    """Show the repository, its stores, its pipelines, what goes on, and the last runs."""
    if follow:
        follow_all(surface, Repository())
        return
    for line in status_lines(Repository()):
        surface.say(line)


@zen.command()
@click.argument("target")
@click.option("--force", metavar="SLOT", multiple=True, help="Execute this step all the same.")
@click.option("--latest", is_flag=True, help="Take a new commit of the datasource first.")
@click.option("--on-busy", type=click.Choice(["wait", "fail"]), default="wait", show_default=True)
@click.pass_obj
def run(surface: Surface, target: str, force: tuple[str, ...], latest: bool, on_busy: str) -> None:
    """Run a pipeline: TARGET is a variable, a pipeline's name, or a file."""
    pipeline = find_pipeline(target, surface, Repository())
    pipeline.run(force=force, latest=latest, on_busy=on_busy, watcher=surface.watch())


@zen.command()
@click.argument("target", required=False)
@click.option("--force", metavar="SLOT", multiple=True, help="As if this step were forced.")
@click.option("--all", "every", is_flag=True, help="Of all pipelines: what a branch recomputes.")
@click.pass_obj
def plan(surface: Surface, target: str | None, force: tuple[str, ...], every: bool) -> None:
    """Show what a run of TARGET would execute, without running it."""
    from zenlab.cli.listing import plan_lines
    from zenlab.pipelines.why import explain_next

    if every and (target is not None or force):
        raise click.UsageError("--all takes all pipelines: give no name, and no --force.")
    if target is None and not every:
        raise click.UsageError('Name a pipeline, such as: plan "Pipeline A", or all: plan --all')
    repository = Repository()
    if target is None:
        from zenlab.cli.plan_all import every_plan

        for line in every_plan(repository):
            surface.say(line)
        return
    pipeline = find_pipeline(target, surface, repository)
    for line in plan_lines(explain_next(pipeline.declared, repository, force=set(force))):
        surface.say(line)


@zen.command("list")
@click.pass_obj
def list_(surface: Surface) -> None:
    """List the pipelines."""
    repository = Repository()
    for line in [*list_pipelines(repository), *broken_lines(repository.files.all()[1])]:
        surface.say(line)


@zen.command()
@click.argument("target")
@click.pass_obj
def show(surface: Surface, target: str) -> None:
    """Show a pipeline: its steps, its revisions and what they changed, its last run."""
    from zenlab.pipelines.summary import summarise
    from zenlab.views import RunPanel

    repository = Repository()
    pipeline = find_pipeline(target, surface, repository)
    for line in describe_pipeline(pipeline, repository):
        surface.say(line)
    if pipeline.last is None:
        return
    spec = pipeline.last.spec
    found = repository.metadata.latest_run(repository.project, spec.name, digest=spec.digest)
    if found is not None:
        surface.show(RunPanel(summarise(spec, found, repository)))
    else:
        name = visible(spec.name)
        surface.say(f'note: no run of it is in this clone\'s store. Run it: run "{name}"')


@zen.command()
@click.argument("slot", required=False)
@click.option("--pipeline", "target", help="A pipeline; by default what ran last.")
@click.pass_obj
def logs(surface: Surface, slot: str | None, target: str | None) -> None:
    """Show what the steps of the last run printed, and why one failed."""
    from zenlab.pipelines.kept import logs_of

    repository = Repository()
    if slot is not None and target is None and kind_of(slot) not in KINDS:
        slot, target = None, slot  # `%zen logs "Pipeline A"` is what one types
    record = find_run(target, surface, repository)
    texts = logs_of(record, repository)
    if slot in {r.slot for r in record.resolved} - texts.keys():
        surface.say(f"Step '{slot}' of '{record.pipeline_name}' printed nothing.")
        return
    if slot is not None and slot not in texts:
        raise DoesNotExistException(
            f"The last run of '{record.pipeline_name}' has no log of '{slot}'.",
            hint=suggest(slot, texts),
        )
    if not texts:
        surface.say(f"The steps of '{record.pipeline_name}' printed nothing.")
    for name, text in texts.items():
        if slot in (None, name):
            surface.say(f"--- {name}")
            surface.say(text.rstrip("\n"))


@zen.group(cls=SuggestingGroup)
def datasource() -> None:
    """Datasources and their commits."""


@datasource.command("list")
@click.pass_obj
def datasource_list(surface: Surface) -> None:
    """List the datasources that have a commit."""
    repository = Repository()
    commits = repository.metadata.datasources(repository.project)
    if not commits:
        surface.say("No datasource has a commit yet: the first run of a pipeline takes one.")
    for commit in commits:
        surface.say(f"{commit.name}  {commit.num_rows:,} rows  commit {commit.digest[:12]}")


@datasource.command("get")
@click.argument("name")
@click.pass_obj
def datasource_get(surface: Surface, name: str) -> None:
    """Show a datasource and all its commits."""
    from zenlab.cli.listing import describe_datasource

    for line in describe_datasource(name, Repository()):
        surface.say(line)


@datasource.command("commit")
@click.argument("name")
@click.pass_obj
def datasource_commit(surface: Surface, name: str) -> None:
    """Take a new commit of a datasource."""
    source = Repository().get_datasource_by_name(name)
    before = set(source.commits)
    digest = source.commit()
    new = "is unchanged:" if digest in before else "has the new"
    surface.say(f"'{name}' {new} commit {digest[:12]}.")


@zen.command()
@click.argument("fingerprint")
@click.option("--yes", is_flag=True, help="Confirm without asking.")
@click.pass_obj
def trust(surface: Surface, fingerprint: str, yes: bool) -> None:
    """Show the source of a colleague's notebook step, and confirm that it may run here.

    FINGERPRINT is the source's, or its first digits: six or more, as many as tell it from others.
    """
    repository = Repository()
    record = find_code(fingerprint, repository)
    for line in record.source.split("\n"):  # codes of a terminal could hide what is confirmed
        surface.say(visible(line.expandtabs(4)))
    if not yes:
        raise ZenlabError(
            f"This is the source of '{record.name}'. It has not been confirmed.",
            hint=f"If you want it to run here: zenlab trust {record.fingerprint} --yes",
        )
    repository.trusted.add({record.fingerprint: (record.name, record.source)})
    surface.say(f"'{record.name}' may run here from now on.")


@zen.command()
@click.pass_obj
def version(surface: Surface) -> None:
    """Show the version of zenlab."""
    from zenlab._version import __version__

    surface.say(f"zenlab {__version__}")


zen.add_command(cancel)
zen.add_command(cache)
zen.add_command(compare)
zen.add_command(config)
zen.add_command(diff)
zen.add_command(doctor)
zen.add_command(eject)
zen.add_command(env)
zen.add_command(look)
zen.add_command(metadata)
zen.add_command(notebook)
zen.add_command(reproduce)
zen.add_command(schema)
zen.add_command(step)
zen.add_command(watch)
zen.add_command(why)
zen.add_command(worker)
