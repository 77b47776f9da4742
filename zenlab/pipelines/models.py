"""Which classes may be loaded as models: those of code that the pipeline itself covers."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import TrustError
from zenlab.core.pinned import home_of, plain_name
from zenlab.pipelines.declare import code_refs
from zenlab.pipelines.resolve import Home, find_code, in_process, loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
        live: by slot: the code that was declared in this process, by fingerprint.

    Returns:
        A function source -> class. It raises `TrustError` for a class that the fingerprint of the
        trainer does not reach: what an artifact names is no reason to run it.
    """
    from zenlab.engine.fingerprint.origin import origin_of_module

    def resolve(source: str) -> type:
        trainer = spec.steps["trainer"]
        known = (live or {}).get("trainer", {})
        where = Home(workspace, known, trainer.code_commit, spec.name)
        covered = [
            find_code(name, code, where)
            for name, code in [(trainer.source, trainer.code), *code_refs(trainer.args)]
        ]
        pinned = any(home_of(str(getattr(code, "__module__", ""))) for code in covered)
        named = list(_named(trainer.args))
        is_own = origin_of_module(source.partition(".")[0]).is_own
        # The work tree may have another version of it, which nobody has asked for. And nothing is
        # imported for an artifact: what the trainer's code reaches is loaded, or it would have no
        # fingerprint.
        here = None if pinned and is_own else loaded(source)
        if here is not None and any(here is found for found in named):
            return here  # type: ignore[no-any-return]
        name = source.rpartition(":")[2].rpartition(".")[2]
        for code in covered:
            home = sys.modules.get(getattr(code, "__module__", ""))
            for found in (here, getattr(home, name, None)):
                if isinstance(found, (type, types.FunctionType)) and (
                    found is code or _reached(code, found, workspace)
                ):
                    return found  # type: ignore[return-value]
        raise TrustError(
            f"The model is a '{source}', which is not part of the code of trainer "
            f"'{trainer.title}'.",
            where="trainer",
            hint="Let the trainer name the class that it returns.",
        )

    return resolve


def _reached(code: Any, found: Any, workspace: Workspace) -> bool:
    from zenlab.engine.fingerprint import fingerprint

    return any(
        item.name == found.__qualname__
        and item.module == plain_name(found.__module__)
        and home_of(found.__module__) == home_of(str(getattr(code, "__module__", "")))
        for item in fingerprint(code, repo_root=workspace.code_root).reached
    )


def _named(args: Any) -> Iterator[Any]:
    """The functions and types of libraries that recorded arguments name: `numpy.clip`."""
    if isinstance(args, list):
        for item in args:
            yield from _named(item)
    elif isinstance(args, dict):
        path = args.get("object")
        if args.keys() == {"object"} and isinstance(path, str):
            yield in_process(path)
        for item in args.values():
            yield from _named(item)
