"""`compare`: runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zenlab.core.errors import ParameterError
from zenlab.repo import Repository

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.command()
@click.argument("targets", nargs=-1, metavar="[PIPELINE]...")
@click.option("--all", "all_parameters", is_flag=True, help="Show parameters that are equal, too.")
@click.option("--baseline", metavar="PIPELINE", help="What the others are compared with.")
@click.option("--sort", metavar="METRIC", help="Sort by this metric, the best first.")
@click.option("--project", is_flag=True, help="List all training pipelines, with all revisions.")
@click.option("--datasource", metavar="NAME", help="List those that start from this datasource.")
@click.pass_obj
def compare(
    surface: Surface,
    targets: tuple[str, ...],
    all_parameters: bool,
    baseline: str | None,
    sort: str | None,
    project: bool,
    datasource: str | None,
) -> None:
    """Compare runs: parameters, metrics, steps, code, data.

    Each PIPELINE is a variable, a name, or a name with a revision, such as "Pipeline A#11"; its
    latest successful run counts. One name alone stands for all of its revisions, none at all for
    what you ran last and what you ran before it.
    """
    repository = Repository()
    if project or datasource is not None:
        if targets:
            raise ParameterError(
                "--project and --datasource list what there is, and take no names.",
                where=" ".join(targets),
                hint="Leave out the one or the other.",
            )
        panel = repository.compare_training_runs(
            datasource, baseline=baseline, sort=sort, all_parameters=all_parameters
        )
    else:
        meant = [_meant(target, surface) for target in targets]
        panel = repository.compare(
            *meant, baseline=baseline, sort=sort, all_parameters=all_parameters
        )
    surface.show(panel)


def _meant(target: str, surface: Surface) -> Any:
    """A variable that holds a pipeline, or the name itself."""
    from zenlab.pipelines import BasePipeline

    value = surface.variable(target)
    return value if isinstance(value, BasePipeline) else target
