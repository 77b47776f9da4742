"""`zenlab config ...`: what the team agrees on, in `zenlab.yaml`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.core.errors import ParameterError
from zenlab.repo import Repository
from zenlab.repo.config import shown

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.repo.stores import Server

ASK = "-"
"""The value of `--password` that means: ask, or read it from the standard input."""


@click.group(cls=SuggestingGroup)
def config() -> None:
    """The settings in zenlab.yaml: the team's stores."""


@config.command("list")
@click.pass_obj
def config_list(surface: Surface) -> None:
    """Show the settings, references not filled in."""
    import msgspec

    repository = Repository()
    surface.say(f"# {repository.root / 'zenlab.yaml'}")
    for field in msgspec.structs.fields(repository.config):
        surface.say(f"{field.name}: {shown(getattr(repository.config, field.name))}")


# ---------------------------------------------------------------------------------- metadata


@config.group("metadata", cls=SuggestingGroup)
def metadata() -> None:
    """The metadata store: which database the team's runs are recorded in."""


@metadata.command("get")
@click.pass_obj
def metadata_get(surface: Surface) -> None:
    """Show the metadata store, and where its password comes from."""
    found = Repository().config
    surface.say(f"metadata_store: {shown(found.metadata_store)}")
    _say_references(surface, found.metadata_store, "metadata_store")


@metadata.command("set")
@click.argument("store", metavar="KIND_OR_URL")
@click.option("--host", help="The server's name or address, or its socket.")
@click.option("--port", type=click.IntRange(1, 65535), help="By default the database's usual one.")
@click.option("--username", help="Who connects.")
@click.option("--database", help="The name of the database.")
@click.option(
    "--password",
    "--passwd",
    is_flag=False,
    flag_value=ASK,
    metavar="[-]",
    help="Ask for the password and keep it in the keyring; '-' reads it from a pipe.",
)
@click.option("--password-env", metavar="NAME", help="The password is in this variable.")
@click.option("--password-file", metavar="PATH", help="The password is in this file.")
@click.option("--option", "options", metavar="NAME=VALUE", multiple=True, help="A URL parameter.")
@click.pass_obj
def metadata_set(
    surface: Surface,
    store: str,
    host: str | None,
    port: int | None,
    username: str | None,
    database: str | None,
    password: str | None,
    password_env: str | None,
    password_file: str | None,
    options: tuple[str, ...],
) -> None:
    """Set the metadata store: postgresql or mysql with its options, a URL, or 'embedded'.

    The password never goes into zenlab.yaml: a reference to it does.
    """
    import msgspec

    from zenlab.repo import stores
    from zenlab.repo.config import CONFIG_FILE, check_new_config

    repository = Repository()
    given: dict[str, Any] = {
        "--host": host,
        "--port": port,
        "--username": username,
        "--database": database,
    }
    given |= {"--password": password, "--password-env": password_env}
    given |= {"--password-file": password_file, "--option": options or None}
    if store == stores.EMBEDDED or store not in stores.KINDS:
        stores.check_url(store, "metadata_store")
        if store != stores.EMBEDDED:
            stores.check_kind(store)
        extra = [name for name, value in given.items() if value is not None]
        if extra:
            raise ParameterError(
                f"{', '.join(extra)}: not beside a URL, which says it all.",
                where="zenlab config metadata set",
                hint="Write it into the URL, with ${NAME} for a password.",
            )
        _change(surface, repository, "metadata_store", None if store == stores.EMBEDDED else store)
        return
    server = stores.Server(store, host, port, username, database, stores.option_values(options))
    # Complaints come before anybody types a password.
    config = msgspec.structs.replace(repository.config, metadata_store=server.url())
    check_new_config(config, CONFIG_FILE)
    reference = _password_reference(surface, server, password, password_env, password_file)
    _change(surface, repository, "metadata_store", server.url(reference))


def _password_reference(
    surface: Surface,
    server: Server,
    password: str | None,
    variable: str | None,
    file: str | None,
) -> str:
    """What stands in the URL for the password; empty without one."""
    from zenlab.core.secrets import is_reference, remember
    from zenlab.repo import references, stores

    if password not in (None, ASK) and not is_reference(password):
        remember(password)
    if sum(value is not None for value in (password, variable, file)) > 1:
        raise ParameterError(
            "The password comes from one place, and these are several.",
            where="zenlab config metadata set",
            hint="Give one of --password, --password-env and --password-file.",
        )
    if variable is not None or file is not None:
        reference = f"${{{variable}}}" if variable is not None else f"${{file:{file}}}"
        references.references(reference, "--password-env" if variable else "--password-file")
        server.url(reference)
        return reference
    if password is None:
        return ""
    if is_reference(password):
        references.references(password, "--password")
        return password
    server.url("${_}")
    if password != ASK and not surface.private:
        raise ParameterError(
            "A password in a cell is saved with the notebook, and it is in its history now.",
            where="--password",
            hint="Take it out of the cell, and write --password alone: you are asked for it.",
        )
    stores.require_keyring(server)
    if password == ASK:
        password = _ask(surface, server)
    else:
        surface.say(
            "The password was visible in the list of processes, and is in the history of your "
            "shell. Next time write --password alone: it is asked for."
        )
    reference = stores.keyring_reference(server, password)
    surface.say("The password is in your keyring. Each colleague keeps it in their own:")
    surface.say("  the same command, or the environment variable " + stores.PASSWORD_VARIABLE)
    return reference


def _ask(surface: Surface, server: Server) -> str:
    """The password: typed without an echo, or a line from a pipe."""
    if surface.private and not sys.stdin.isatty():
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            prompt = f"Password of {server.username} on {server.host}"
            secret = str(click.prompt(prompt, hide_input=True, default="", show_default=False))
        except click.Abort:
            raise
        except Exception as error:  # noqa: BLE001 - of the front end
            # A notebook that is executed without anybody (nbclient) has no one to ask.
            raise ParameterError(
                f"Nobody can be asked for the password here ({type(error).__name__}).",
                where="--password",
                hint="Run the command in a terminal, or use --password-env NAME.",
            ) from None
    if not secret:
        raise ParameterError("The password is empty: nothing was changed.", where="--password")
    return secret


# --------------------------------------------------------------------- artifacts, pipelines


@config.group("artifacts", cls=SuggestingGroup)
def artifacts() -> None:
    """The artifact store: where data, models and results lie."""


@artifacts.command("get")
@click.pass_obj
def artifacts_get(surface: Surface) -> None:
    """Show the artifact store."""
    found = Repository().config
    surface.say(f"artifact_store: {shown(found.artifact_store)}")
    _say_references(surface, shown(found.artifact_store), "artifact_store")


@artifacts.command("set")
@click.argument("place", metavar="URL_OR_FOLDER")
@click.option(
    "--option",
    "options",
    metavar="NAME=VALUE",
    multiple=True,
    help="For the client: endpoint_url=..., client_kwargs.region_name=..., key='${NAME}'.",
)
@click.pass_obj
def artifacts_set(surface: Surface, place: str, options: tuple[str, ...]) -> None:
    """Set the artifact store: gs://bucket/folder, s3://bucket/folder, a folder, or 'embedded'."""
    from zenlab.repo import stores

    repository = Repository()
    stores.check_url(place, "artifact_store")
    if place == stores.EMBEDDED:
        _change(surface, repository, "artifact_store", None)
        return
    found = stores.nested(stores.option_values(options))
    value: Any = {"url": place, "options": found} if found else place
    _change(surface, repository, "artifact_store", value)


@config.group("pipelines", cls=SuggestingGroup)
def pipelines() -> None:
    """The pipeline directory: where the pipeline files lie."""


@pipelines.command("get")
@click.pass_obj
def pipelines_get(surface: Surface) -> None:
    """Show the pipeline directory."""
    surface.say(f"pipelines_dir: {shown(Repository().config.pipelines_dir)}")


@pipelines.command("set")
@click.argument("place", metavar="FOLDER_OR_URL")
@click.pass_obj
def pipelines_set(surface: Surface, place: str) -> None:
    """Set the pipeline directory: a folder of the repository, or gs://bucket/folder."""
    from zenlab.repo import stores

    repository = Repository()
    stores.check_url(place, "pipelines_dir")
    _change(surface, repository, "pipelines_dir", place)


# --------------------------------------------------------------------------------- together


def _change(surface: Surface, repository: Repository, setting: str, value: Any) -> None:
    from zenlab.repo.config import CONFIG_FILE
    from zenlab.repo.editing import change_config

    path = repository.root / CONFIG_FILE
    before: Any = getattr(repository.config, setting)
    after, changed = change_config(path, {setting: value})
    now: Any = getattr(after, setting)
    if not changed:
        surface.say(f"{setting} is {shown(now)} already; {CONFIG_FILE} is as it was.")
        return
    surface.say(f"{setting}: {shown(now)}")
    _say_references(surface, shown(now), setting)
    if setting != "pipelines_dir":
        surface.say(f"What was recorded until now stays in the store before: {shown(before)}.")
    else:
        surface.say(f"Pipeline files that are in {shown(before)} stay there: copy what you want.")
    surface.say("Check it with: zenlab doctor")
    if repository.git.root is not None:
        name = path.relative_to(repository.git.root) if _inside(repository) else CONFIG_FILE
        surface.say(
            f"Then commit it, and your colleagues have it: git commit -m 'Shared stores' {name}"
        )


def _inside(repository: Repository) -> bool:
    git = repository.git.root
    return git is not None and repository.root.is_relative_to(git)


def _say_references(surface: Surface, text: str | None, setting: str) -> None:
    """Whether the secrets that a setting refers to are here; never what they are."""
    from zenlab.core.errors import ZenlabError
    from zenlab.repo.references import references

    for places in references(text or "", setting):
        for place in places:
            try:
                state = "is here" if place.read() is not None else "is not here"
            except ZenlabError as error:
                state = f"cannot be read: {error.message}"
            surface.say(f"  {place} {state}")
