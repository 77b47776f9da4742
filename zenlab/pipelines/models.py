"""Which classes may be loaded as models: those of code that the pipeline itself covers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import TrustError
from zenlab.pipelines.resolve import find_code, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.spec import PipelineSpec


def class_resolver(
    spec: PipelineSpec,
    workspace: Workspace,
    live: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[str], type]:
    """Make the function that finds the class of a model which brings its own `load`.

    Args:
        spec: the pipeline, whose trainer made the model.
        workspace: the repository.
        live: by slot: the code that was declared in this process, by source.

    Returns:
        A function source -> class. It raises `TrustError` for a class that the fingerprint of the
        trainer does not reach: what an artifact names is no reason to run it.
    """

    def resolve(source: str) -> type:
        from zenlab.engine.fingerprint import fingerprint

        trainer = spec.steps["trainer"]
        known = (live or {}).get("trainer", {})
        code = find_code(trainer.source, trainer.code, workspace, known)
        name = source.rpartition(":")[2].rpartition(".")[2]
        home = sys.modules.get(getattr(code, "__module__", ""))
        for found in (in_process(source), getattr(home, name, None)):
            if isinstance(found, type) and (
                found is code or _reached(fingerprint(code, repo_root=workspace.code_root), found)
            ):
                return found
        raise TrustError(
            f"The model is a '{source}', which is not part of the code of trainer "
            f"'{trainer.title}'.",
            where="trainer",
            hint="Let the trainer name the class that it returns.",
        )

    return resolve


def _reached(mark: Any, cls: type) -> bool:
    return any(
        item.name == cls.__qualname__ and item.module == cls.__module__ for item in mark.reached
    )
