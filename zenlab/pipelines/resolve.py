"""From a specification back to what can run: find its code, or say why not.

A step that was declared here runs the object that was declared. A recorded one is looked for in
this order, and counts only if its fingerprint is the recorded one:

1. the notebook itself (`notebook:Name`), or the module that the source names;
2. for notebook code, the source that the metadata store keeps by fingerprint, if it is trusted.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError, TrustError, ZenlabError
from zenlab.core.step import Step
from zenlab.pipelines.declare import CODE, builtin_version, function_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.spec import StepSpec

NOTEBOOK = "notebook:"
_OURS = ("zenlab.", "dataclasses", "typing", "abc")


def make_step(
    spec: StepSpec, kind: str, workspace: Workspace, live: Mapping[str, Any] | None = None
) -> Step:
    """A fresh step by its specification: `cls(**recorded parameters)`.

    Args:
        spec: what is recorded.
        kind: the kind of slot, which says how a plain function is run.
        workspace: the repository, its stored sources and whom it trusts.
        live: code that was declared in this process, by fingerprint (zenlab's own: by source).

    Raises:
        CodeError: the code is not here, or is another one than recorded.
        TrustError: the code is in the store, and nobody here has confirmed it.
    """
    live = live or {}
    target = find_code(spec.source, spec.code, workspace, live)
    args = _with_code(spec.args, workspace, live)
    if isinstance(target, type) and issubclass(target, Step):
        made: Step = target(**args)
        return made
    return function_step(kind)(target, **args)


def find_code(
    source: str, code: str | None, workspace: Workspace, live: Mapping[str, Any] | None = None
) -> Any:
    """The class or function of a source.

    Args:
        source: `module.Name` or `notebook:Name`.
        code: its recorded fingerprint; None for what zenlab brings.
        workspace: the repository.
        live: code that was declared in this process, by fingerprint (zenlab's own: by source).

    Raises:
        CodeError: it is not here, or is another one than recorded.
        TrustError: it is in the store, and nobody here has confirmed it.
    """
    if live and (code or source) in live:
        return live[code or source]
    if code is None:
        return find_builtin(source)
    found = in_process(source)
    if found is not None:
        from zenlab.engine.fingerprint import fingerprint

        try:
            if fingerprint(found, repo_root=workspace.code_root).digest == code:
                return found
        except ZenlabError:
            if not source.startswith(NOTEBOOK):
                raise
    if source.startswith(NOTEBOOK):
        return _from_store(source, code, workspace)
    raise CodeError(
        f"The code of '{source}' is not the recorded one (fingerprint {code[:12]})."
        if found is not None
        else f"'{source}' cannot be found here.",
        where=source,
        hint="Check out the commit in which the pipeline was run, or copy the pipeline and add "
        "the step as it is now.",
    )


@cache
def find_builtin(source: str) -> type:
    """A class that zenlab brings, by its public path.

    Raises:
        CodeError: this zenlab has no such class.
    """
    found = in_process(source) if source.startswith("zenlab.") else None
    if found is None or builtin_version(found) is None:
        raise CodeError(
            f"'{source}' is not among what this zenlab brings.",
            where=source,
            hint="Install the zenlab that the pipeline file names.",
        )
    cls: type = found
    return cls


def refuse_replaced(cls: type) -> None:
    """Refuse a class of zenlab with a method that somebody put into it.

    It counts by its version alone: the whole team would get what a patched one computes.

    Args:
        cls: what zenlab brings.

    Raises:
        CodeError: the message names the method.
    """
    for base in cls.__mro__:
        if not base.__module__.startswith("zenlab."):
            continue
        for name, value in vars(base).items():
            function = getattr(value, "__func__", value)
            namespace = getattr(function, "__globals__", None)
            if namespace is not None and not str(namespace["__name__"]).startswith(_OURS):
                raise CodeError(
                    f"'{name}' of {cls.__name__} was replaced by other code, which does not count.",
                    where=cls.__name__,
                    hint=f"Write a subclass: class My{cls.__name__}({cls.__name__}): ...",
                )


def in_process(source: str) -> Any:
    """What a source names in this process, or None; modules are imported, sources never run."""
    if source.startswith(NOTEBOOK):
        return _attribute(sys.modules.get("__main__"), source.removeprefix(NOTEBOOK))
    parts = source.split(".")
    for end in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:end])
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            # A module that is there but misses another one must say so itself.
            if error.name is not None and not (name + ".").startswith(error.name + "."):
                raise CodeError(
                    f"'{source}' cannot be imported: there is no module '{error.name}'.",
                    where=source,
                    hint=f"Install it: pip install {error.name.partition('.')[0]}",
                ) from None
            continue
        return _attribute(module, ".".join(parts[end:]))
    return None


def loaded(source: str) -> Any:
    """As `in_process`, but only what this process has already: nothing is imported."""
    if source.startswith(NOTEBOOK):
        return in_process(source)
    parts = source.split(".")
    for end in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None:
            return _attribute(module, ".".join(parts[end:]))
    return None


def _attribute(owner: Any, path: str) -> Any:
    for part in path.split("."):
        owner = getattr(owner, part, None)
    return owner


_loaded: dict[str, Any] = {}


def _from_store(source: str, code: str, workspace: Workspace) -> Any:
    """Run the stored source of a notebook's function or class in a module of its own."""
    if code in _loaded:
        return _loaded[code]
    name = source.removeprefix(NOTEBOOK)
    record = workspace.metadata.code(code)
    if record is None:
        raise CodeError(
            f"'{name}' was defined in a notebook, and its source (fingerprint {code[:12]}) is "
            "neither in this session nor in the metadata store.",
            where=source,
            hint="Run the cell that defines it, or connect the metadata store of the team.",
        )
    if not workspace.trusted_code(code):
        raise TrustError(
            f"'{name}' was defined in somebody's notebook; its source came through the store and "
            "has not been confirmed here.",
            where=source,
            hint=f"Read it and confirm it once: zenlab trust {code[:12]}",
        )
    module = _module(code, record.source)
    found = _attribute(module, name)
    if found is None:
        raise CodeError(f"The stored source of '{name}' does not define it.", where=source)
    from zenlab.engine.fingerprint import fingerprint

    if fingerprint(found, repo_root=workspace.code_root).digest != code:
        raise CodeError(
            f"The stored source of '{name}' does not have the recorded fingerprint {code[:12]}.",
            where=source,
            hint="Another version of Python or zenlab may read it differently: run the cell that "
            "defines it.",
        )
    _loaded[code] = found
    return found


def _module(code: str, source: str) -> Any:
    import linecache
    import types

    file = f"<zenlab:{code[:16]}>"
    module = types.ModuleType(f"zenlab_notebook_{code[:16]}")
    module.__file__ = file
    # With the source in linecache, tracebacks show the line and the fingerprint can be checked.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    sys.modules[module.__name__] = module
    exec(compile(source, file, "exec"), module.__dict__)  # noqa: S102 - confirmed by its user
    return module


def _with_code(value: Any, workspace: Workspace, live: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_with_code(v, workspace, live) for v in value]
    if isinstance(value, dict):
        if CODE in value:
            ref = value[CODE]
            return find_code(ref["source"], ref["code"], workspace, live)
        return {
            (k[1:] if isinstance(k, str) and k.startswith("$$") else k): _with_code(
                v, workspace, live
            )
            for k, v in value.items()
        }
    return value
