"""`%%zen step trainers/my_trainer.py`: a cell becomes a module of the repository."""

from __future__ import annotations

import ast
import importlib
import sys
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import AlreadyExistsException, CodeError, ParameterError
from zenlab.core.files import write_atomically
from zenlab.engine.fingerprint import fingerprint
from zenlab.engine.fingerprint.bundle import bundle_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from zenlab.repo import Repository


def write_step(
    path: str, cell: str, ipython: InteractiveShell, repository: Repository, *, force: bool = False
) -> str:
    """Run a cell, write what it defines with all that it reaches into a module, and import it.

    The notebook's names mean the module's objects from then on. Their fingerprints are those that
    they had, so that what the cache has of them stays.

    Args:
        path: of the module, relative to the repository; made with its folders.
        cell: the body of the cell.
        ipython: whose variables the cell uses and defines.
        repository: where the module is written.
        force: write over a file that Git does not have.

    Returns:
        What was done, and what to commit.

    Raises:
        ParameterError: no module can have that path, or the cell defines nothing.
        AlreadyExistsException: the file has changes that only exist there.
        CodeError: the cell reaches something that cannot be written.
    """
    file, name = _module_of(path, repository)
    names = _defined(cell)
    _check_overwrite(file, path, repository, force=force)
    ipython.run_cell(cell).raise_error()  # type: ignore[no-untyped-call]
    namespace = ipython.user_ns
    before = {n: _mark(namespace[n], repository) for n in names if _is_code(namespace[n])}
    text = bundle_names(names, namespace)
    earlier = file.read_bytes() if file.exists() else None
    write_atomically(file, text)
    try:
        module = _imported(name, file, repository.root)
    except BaseException:
        if earlier is None:
            file.unlink()
        else:
            write_atomically(file, earlier)
        raise
    for defined in names:
        namespace[defined] = getattr(module, defined)
    moved = [n for n, mark in before.items() if _mark(namespace[n], repository) != mark]
    lines = [f"Wrote {path}: {', '.join(names)}. They are imported from there now."]
    lines.append(
        f"Other code than in the cell: {', '.join(moved)} will be computed again."
        if moved
        else "The cache knows them by what they do: nothing is computed again."
    )
    if gone := _no_longer(earlier, text):
        lines.append(f"{path} no longer has: {', '.join(gone)}. See: git diff {path}")
    lines.append(
        f"For others, import them: from {name} import {', '.join(names)}\n"
        f'Commit them: git add {path}; git commit -m "{names[0]}" {path}'
    )
    return "\n".join(lines)


def _module_of(path: str, repository: Repository) -> tuple[Path, str]:
    pure = PurePosixPath(path)
    parts = pure.with_suffix("").parts
    if pure.suffix != ".py" or not all(map(_is_name, parts)) or parts[-1] == "__init__":
        raise ParameterError(
            f"'{path}' cannot be imported as a module.",
            where="%%zen step",
            hint="Give a path in the repository, such as trainers/my_trainer.py.",
        )
    if parts[0] in sys.stdlib_module_names:
        raise ParameterError(
            f"'{parts[0]}' is a module of Python, which would be found instead.",
            where="%%zen step",
            hint="Give it another name, such as my_" + path,
        )
    return repository.root / path, ".".join(parts)


def _is_name(part: str) -> bool:
    return part.isidentifier() and not iskeyword(part)


def _defined(cell: str) -> list[str]:
    """The functions, classes and variables that a cell defines, in its order."""
    try:
        statements = ast.parse(cell).body
    except SyntaxError as error:
        raise CodeError(
            f"The cell is not Python: {error.msg}.",
            where=f"line {error.lineno}",
            hint="Magics and shell commands cannot be part of a module.",
        ) from None
    found = _names_in(statements)
    if not found:
        raise ParameterError(
            "The cell defines no function and no class.",
            where="%%zen step",
            hint="Write the step into the cell: what it uses of other cells comes along.",
        )
    return found


def _names_in(statements: Iterable[ast.stmt]) -> list[str]:
    found: dict[str, None] = {}
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[statement.name] = None
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets: Iterable[ast.expr] = (
                statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            )
            found.update((t.id, None) for t in targets if isinstance(t, ast.Name))
    return list(found)


def _no_longer(earlier: bytes | None, text: str) -> list[str]:
    """What a module had that was written over, and has no more."""
    try:
        had = _names_in(ast.parse(earlier or b"").body)
    except (SyntaxError, ValueError):
        return []
    has = _names_in(ast.parse(text).body)
    return [name for name in had if name not in has]


def _check_overwrite(file: Path, path: str, repository: Repository, *, force: bool) -> None:
    if not file.exists() or force:
        return
    reason = repository.git.uncommitted(file, repository.head())
    if reason:
        raise AlreadyExistsException(
            f"{path} is there, and {reason}: writing over it would lose it.",
            where=path,
            hint=f"Commit it first, or write over it: %%zen step --force {path}",
        )


def _imported(name: str, file: Path, root: Path) -> Any:
    """Import a module that was just written, in place of an earlier one."""
    importlib.invalidate_caches()
    if str(root) not in sys.path:
        sys.path.append(str(root))  # last: nothing that is found today is hidden by it
    known = sys.modules.get(name)
    module = importlib.reload(known) if known is not None else importlib.import_module(name)
    if Path(str(module.__file__)).resolve() != file.resolve():
        raise ParameterError(
            f"'{name}' is another module here, of {module.__file__}.",
            where=str(file),
            hint="Give it another name.",
        )
    return module


def _is_code(value: Any) -> bool:
    return isinstance(value, type) or hasattr(value, "__code__")


def _mark(value: Any, repository: Repository) -> str:
    return fingerprint(value, repo_root=repository.code_root).digest
