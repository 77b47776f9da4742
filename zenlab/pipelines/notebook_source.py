"""Code that a notebook has defined, from the source that is kept of it."""

from __future__ import annotations

import linecache
import sys
import types
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError, TrustError
from zenlab.engine.fingerprint import lines_of

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace

NOTEBOOK = "notebook:"
"""What the source of such code begins with."""

_loaded: dict[str, Any] = {}


def from_notebook(name: str, code: str, workspace: Workspace, pipeline: str | None = None) -> Any:
    """Run the kept source of a notebook's function or class, in a module of its own.

    What lies beside a pipeline's file is of the repository, like any module of it. What came
    through the store runs only if its user has confirmed it.

    Args:
        name: of the function or class.
        code: its fingerprint.
        workspace: the repository, its stored sources and whom it trusts.
        pipeline: whose file names it. What the code imports may have changed since that file was
            committed; then it is taken from that commit.

    Raises:
        CodeError: nobody has its source, or the source has another fingerprint.
        TrustError: it is in the store, and nobody here has confirmed it.
    """
    if code in _loaded:
        return _loaded[code]
    source = workspace.kept_source(code)
    if source is None:
        source = _of_store(name, code, workspace)
    found, problem = _run(name, code, source, None, workspace)
    if found is None and pipeline is not None:
        then = workspace.commit_of(pipeline)
        home = workspace.code_home(then) if then is not None else None
        if home is not None:
            found, problem = _run(name, code, source, home, workspace)
    if found is None:
        why = f" ({type(problem).__name__}: {problem})" if problem is not None else ""
        raise CodeError(
            f"The kept source of '{name}' does not have the recorded fingerprint {code[:12]}{why}.",
            where=f"{NOTEBOOK}{name}",
            hint="What it imports may have changed, or another version of Python or zenlab reads "
            "it differently: run the cell that defines it.",
        ) from problem
    _loaded[code] = found
    return found


def _of_store(name: str, code: str, workspace: Workspace) -> str:
    record = workspace.metadata.code(code)
    if record is None:
        raise CodeError(
            f"'{name}' was defined in a notebook, and its source (fingerprint {code[:12]}) is "
            "neither in this session, nor beside the pipeline's file, nor in the metadata store.",
            where=f"{NOTEBOOK}{name}",
            hint="Run the cell that defines it, ask its author to commit the .steps.py file, or "
            "connect the metadata store of the team.",
        )
    source: str = record.source
    # This text, not its fingerprint: it can only be told by running it, and a store may change.
    if not workspace.trusted_code(code, source):
        raise TrustError(
            f"'{name}' was defined in somebody's notebook; its source came through the store and "
            "has not been confirmed here.",
            where=f"{NOTEBOOK}{name}",
            hint=f"Read it and confirm it once: zenlab trust {code[:12]}",
        )
    return source


def _run(
    name: str,
    code: str,
    source: str,
    home: tuple[str, dict[str, Any]] | None,
    workspace: Workspace,
) -> tuple[Any, Exception | None]:
    """What a source defines under a name, if it has the fingerprint; else None, and an error."""
    from zenlab.engine.fingerprint import fingerprint

    try:
        found = getattr(_module(code, source, home), name)
        mark = fingerprint(found, repo_root=workspace.code_root)
    except Exception as error:  # noqa: BLE001 - such as an import of what is not here any more
        return None, error
    return (found if mark.digest == code else None), None


def _module(code: str, source: str, home: tuple[str, dict[str, Any]] | None) -> Any:
    """Execute a source.

    Args:
        code: its fingerprint.
        source: Python.
        home: the package of a commit, and the builtins by which its modules import each other.
    """
    file = f"<zenlab:{code[:16]}>"
    name = f"zenlab_notebook_{code[:16]}"
    module = types.ModuleType(f"{home[0]}.{name}" if home is not None else name)
    module.__file__ = file
    if home is not None:
        module.__dict__["__builtins__"] = home[1]
    # With the source in linecache, tracebacks show the line and the fingerprint can be checked.
    linecache.cache[file] = (len(source), None, lines_of(source), file)
    sys.modules[module.__name__] = module
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - confirmed by its user
    return module
