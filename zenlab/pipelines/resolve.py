"""From a specification back to what can run: find its code, or say why not.

A step that was declared here runs the object that was declared. A recorded one is looked for in
this order, and counts only if its fingerprint is the recorded one:

1. of a module: the Git commit that it is pinned to, the module as it is in the work tree, the
   commit in which the pipeline's file was committed;
2. of a notebook: the notebook itself, the source beside the pipeline's file, then the one that the
   metadata store keeps, if it is trusted.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError, ZenlabError
from zenlab.core.step import Step
from zenlab.pipelines.declare import CODE, builtin_version, function_step
from zenlab.pipelines.notebook_source import NOTEBOOK, from_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.spec import StepSpec

_OURS = ("zenlab.", "dataclasses", "typing", "abc")


@dataclass(frozen=True)
class Home:
    """Where the code of a step is looked for.

    Attributes:
        workspace: the repository, its stored sources and whom it trusts.
        live: code that was declared in this process, by fingerprint (zenlab's own: by source).
        commit: the Git commit that is recorded to have it, as 40 digits.
        pipeline: whose file names it: the commit of that file may have the code, too.
    """

    workspace: Workspace
    live: Mapping[str, Any] = field(default_factory=dict)
    commit: str | None = None
    pipeline: str | None = None


def make_step(spec: StepSpec, kind: str, home: Home) -> Step:
    """A fresh step by its specification: `cls(**recorded parameters)`.

    Args:
        spec: what is recorded.
        kind: the kind of slot, which says how a plain function is run.
        home: where its code is.

    Raises:
        CodeError: the code is not here, or is another one than recorded.
        TrustError: the code is in the store, and nobody here has confirmed it.
    """
    target = find_code(spec.source, spec.code, home)
    args = _with_code(spec.args, home)
    if isinstance(target, type) and issubclass(target, Step):
        made: Step = target(**args)
        return made
    return function_step(kind)(target, **args)


def find_code(source: str, code: str | None, home: Home) -> Any:
    """The class or function of a source.

    Args:
        source: `module.Name` or `notebook:Name`.
        code: its recorded fingerprint; None for what zenlab brings.
        home: where it may be.

    Raises:
        CodeError: it is not here, or is another one than recorded.
        TrustError: it is in the store, and nobody here has confirmed it.
    """
    if home.live and (code or source) in home.live:
        return home.live[code or source]
    if code is None:
        return find_builtin(source)
    if source.startswith(NOTEBOOK):
        found = in_process(source)
        if found is not None and _is_recorded(found, code, home, strictly=False):
            return found
        return from_notebook(source.removeprefix(NOTEBOOK), code, home.workspace, home.pipeline)
    return _from_module(source, code, home)


def _from_module(source: str, code: str, home: Home) -> Any:
    """Of a module: where it is pinned, where it is loaded, in the work tree, where it was."""
    found, missing = _pinned(source, code, home)
    if found is not None:
        return found
    here, problem = None, None
    try:
        here = in_process(source)
        if here is not None and _is_recorded(here, code, home):
            return here
    except Exception as error:  # noqa: BLE001 - whatever the work tree has may not even import
        problem = error
    then = home.workspace.commit_of(home.pipeline) if home.pipeline is not None else None
    if then is not None and then != home.commit:
        found, _ = _pinned(source, code, replace(home, commit=then))
        if found is not None:
            return found
    if missing is not None:
        raise CodeError(
            f"'{source}' cannot be taken from the commit that it is pinned to, and the work tree "
            f"{_instead(here, problem)}. {missing.message}",
            where=source,
            hint=missing.hint,
        )
    if problem is not None:
        raise problem
    raise CodeError(
        f"The code of '{source}' is not the recorded one (fingerprint {code[:12]})."
        if here is not None
        else f"'{source}' cannot be found here.",
        where=source,
        hint="Check out the commit in which the pipeline was run, or copy the pipeline and add "
        "the step as it is now.",
    )


def _instead(here: Any, problem: Exception | None) -> str:
    """What the work tree has in the place of code that is not the recorded one."""
    if isinstance(problem, ZenlabError):
        return f"does not help: {problem.message.removesuffix('.')}"
    if problem is not None:
        return f"does not help ({type(problem).__name__}: {problem})"
    return "has other code" if here is not None else "has no such code"


def _pinned(source: str, code: str, home: Home) -> tuple[Any, CodeError | None]:
    """The code of a commit, or None and what is wrong with the commit."""
    if home.commit is None:
        return None, None
    here = loaded(source)
    if here is not None and _is_recorded(here, code, home, strictly=False):
        return here, None  # it is the same: no second one is needed
    try:
        found = home.workspace.pinned_code(source, home.commit)
        if _is_recorded(found, code, home):
            return found, None
    except CodeError as error:
        return None, error
    message = f"Its code in commit {home.commit[:12]} has another fingerprint."
    return None, CodeError(message, where=source)


def _is_recorded(found: Any, code: str, home: Home, *, strictly: bool = True) -> bool:
    """Whether code has the recorded fingerprint.

    Raises:
        CodeError: `strictly`, and it cannot be told.
    """
    from zenlab.engine.fingerprint import fingerprint

    try:
        return fingerprint(found, repo_root=home.workspace.code_root).digest == code
    except ZenlabError:
        if strictly:
            raise
        return False


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


def _with_code(value: Any, home: Home) -> Any:
    if isinstance(value, list):
        return [_with_code(v, home) for v in value]
    if isinstance(value, dict):
        if CODE in value:
            ref = value[CODE]
            return find_code(ref["source"], ref["code"], home)
        return {
            (k[1:] if isinstance(k, str) and k.startswith("$$") else k): _with_code(v, home)
            for k, v in value.items()
        }
    return value
