"""`why`: why the steps of a run were executed, or came from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.targets import find_pipeline, find_run
from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.pipelines.wiring import KINDS, kind_of
from zenlab.repo import Repository

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.pipelines.why import RunWhy, StepWhy


@click.command()
@click.argument("words", nargs=-1, metavar="[TARGET] [SLOT]")
@click.option("--pipeline", "target", help="As TARGET: a variable, a pipeline's name, or a file.")
@click.option("--next", "is_next", is_flag=True, help="Of the next run, as things stand now.")
@click.pass_obj
def why(surface: Surface, words: tuple[str, ...], target: str | None, is_next: bool) -> None:
    """Say why a step was executed, or came from the cache, and what differs.

    SLOT is a step, such as trainer; without one, a line is shown for each step of the run. TARGET
    is a pipeline; by default what ran last. A pipeline that has not been run is explained as it
    would run now, as is any with --next.
    """
    from zenlab.pipelines.why import explain_run

    target, slot = _meant(words, target)
    repository = Repository()
    if target is None:
        run = find_run(None, surface, repository)
        if not is_next:
            explained = explain_run(run, repository, slot)
            _say(explained if slot is None else explained[slot], surface)
            return
        target = run.pipeline_name
    try:
        pipeline = find_pipeline(target, surface, repository)
    except DoesNotExistException as error:
        hint = suggest(target, KINDS)
        if target not in words or not hint.startswith("Did you mean"):
            raise
        raise DoesNotExistException(
            f"'{target}' is neither a pipeline nor a kind of step.", where=error.where, hint=hint
        ) from None
    found = pipeline.why(next_run=is_next) if slot is None else pipeline.why(slot, next_run=is_next)
    _say(found, surface)


def _say(found: RunWhy | StepWhy, surface: Surface) -> None:
    for line in found.lines():
        surface.say(line)


def _meant(words: tuple[str, ...], target: str | None) -> tuple[str | None, str | None]:
    """Which word is the pipeline and which the step: steps are of few kinds."""
    slots = [word for word in words if kind_of(word) in KINDS]
    others = [word for word in words if kind_of(word) not in KINDS]
    targets = [*([target] if target is not None else []), *others]
    if len(slots) > 1 or len(targets) > 1:
        raise click.UsageError(
            "Give one pipeline and one step, such as: why trainer, "
            'why "Pipeline A", why "Pipeline A" trainer.'
        )
    return next(iter(targets), None), next(iter(slots), None)
