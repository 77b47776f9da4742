"""`zenlab reproduce`: a pipeline run again from its commit, beside everything that is here.

The code comes from a work tree of its own, the rows from the snapshot in the artifact store, and
the results go into stores in a temporary folder: nothing of it enters the team's cache. All of it
is removed at the end, also after Ctrl-C.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core import errors
from zenlab.core.errors import (
    DoesNotExistException,
    PipelineNotSucceededException,
    TrustError,
    ZenlabError,
)
from zenlab.pipelines.declare import code_refs
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.pipelines.reproduce import Verdict, compare_runs
from zenlab.pipelines.running import snapshot_of
from zenlab.repo.config import CONFIG_FILE
from zenlab.repo.history import commit_of
from zenlab.repo.work_trees import detached_work_tree, git_environment, undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zenlab.metadata import ExecutionRecord, RunRecord
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo.repository import Repository

_BOOT = """\
import json, sys
paths = json.loads(sys.argv[2])
sys.path[:] = paths["here"]
from zenlab.repo import reproducing_child
sys.path[:] = paths["there"]
reproducing_child.main()
"""
"""zenlab itself is imported from where it is here, everything else from the other work tree."""

_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Reproduction:
    """A pipeline that was run again.

    Attributes:
        spec: the pipeline.
        run: the recorded run that it was compared with.
        commit: the commit that its code is from.
        why: why that one.
        verdict: what came of it.
    """

    spec: PipelineSpec
    run: RunRecord
    commit: str
    why: str
    verdict: Verdict


def reproduce(
    repository: Repository,
    spec: PipelineSpec,
    *,
    commit: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Reproduction:
    """Run a pipeline again from its commit and its data, and compare with what is recorded.

    Args:
        repository: the repository.
        spec: the pipeline.
        commit: a revision instead of the one that `zenlab.repo.history.commit_of` finds.
        say: is given a line for each step.

    Raises:
        PipelineNotSucceededException: there is no recorded run to compare with.
        DoesNotExistException: the commit, or the data, is not here.
        CodeError: the code of that commit is not what is recorded.
        StepError: a step failed.
    """
    run = _recorded_run(repository, spec)
    rows = _snapshot(repository, spec)
    found, why = commit_of(spec, repository, commit)
    root = repository.git.root
    assert root is not None
    say(f"{spec.name} from commit {found[:12]} ({why}), every step anew:")
    with (
        _stoppable(),
        tempfile.TemporaryDirectory(prefix="zenlab-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name).resolve()
        request = _request(repository, spec, folder)
        request |= {"snapshot": rows, "as_asked": commit is not None}
        with detached_work_tree(root, found, folder / "tree") as tree:
            new = _run_in(tree, root, repository, request, folder, say, run)
            verdict = _compared(repository, run, new, request)
    return Reproduction(spec, run, found, why, verdict)


def _recorded_run(repository: Repository, spec: PipelineSpec) -> RunRecord:
    run: RunRecord | None = repository.metadata.latest_run(
        repository.project, spec.name, digest=spec.digest
    )
    if run is None:
        raise PipelineNotSucceededException(
            f"Pipeline '{spec.name}' as it is here has no successful run to compare with.",
            where=spec.name,
            hint=f'Connect the team\'s metadata store, or run it: zenlab run "{spec.name}"',
        )
    return run


def _snapshot(repository: Repository, spec: PipelineSpec) -> dict[str, Any]:
    """The rows, fetched: the other process needs no store to read them."""
    source = spec.datasource
    commit = None
    if source is not None and source.commit is not None:
        commit = repository.metadata.commit(repository.project, source.name, source.commit)
    if source is None or commit is None:
        raise DoesNotExistException(
            f"The data of pipeline '{spec.name}' is not in this store.",
            where=source.name if source is not None else spec.name,
            hint="Connect the team's stores: zenlab config list",
        )
    rows = snapshot_of(commit, repository)
    return {
        "folder": str(rows.path),
        "digest": commit.digest,
        "num_rows": commit.num_rows,
        "name": source.name,
    }


def _request(repository: Repository, spec: PipelineSpec, folder: Path) -> dict[str, Any]:
    """What the other process is told, but for the rows."""
    refs = [ref for step in spec.steps.values() for ref in code_refs(step.args)]
    refs += [(step.source, step.code) for step in spec.steps.values() if step.code is not None]
    # Of a module, the code is that of the commit, whatever the store keeps under its fingerprint.
    names = {code: source for source, code in refs if source.startswith(NOTEBOOK)}
    kept: dict[str, list[str]] = {}
    for mark, source in sorted(names.items()):
        text = repository.kept_source(mark)
        if text is not None:
            kept[mark] = [source.removeprefix(NOTEBOOK), text]
        elif (record := repository.metadata.code(mark)) is not None:
            if not repository.trusted_code(mark, record.source):
                raise TrustError(
                    f"'{record.name}' was defined in somebody's notebook; its source came through "
                    "the store and has not been confirmed here.",
                    where=spec.name,
                    hint=f"Read it and confirm it once: zenlab trust {mark[:12]}",
                )
            kept[mark] = [record.name, record.source]
    schemas: dict[str, list[str]] = {}
    for step in spec.steps.values():
        digest = step.args.get("schema")
        if step.code is None and isinstance(digest, str):
            text = repository.metadata.schema(digest)
            schemas |= {digest: ["schema", text]} if text is not None else {}
    return {
        "spec": spec.to_document(),
        "code": kept,
        "schemas": schemas,
        "metadata": str(folder / "metadata.db"),
        "artifacts": str(folder / "artifacts"),
    }


def _run_in(
    tree: Path,
    root: Path,
    repository: Repository,
    request: dict[str, Any],
    folder: Path,
    say: Callable[[str], None],
    recorded: RunRecord,
) -> int:
    """Run the request in a process of its own; the id of its run."""
    inside = os.path.relpath(os.path.realpath(repository.root), os.path.realpath(root))
    place = tree / inside
    if not (place / CONFIG_FILE).exists():  # committed later than the code
        place.mkdir(parents=True, exist_ok=True)
        (place / CONFIG_FILE).write_bytes((repository.root / CONFIG_FILE).read_bytes())
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    here = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100 - "" is the working folder
    paths = json.dumps({"here": here, "there": other_path(here, root, tree, place)})
    with (folder / "errors.txt").open("w+b") as errors_file:
        process = subprocess.Popen(  # noqa: S603 - this Python, and folders of our own
            [sys.executable, "-P", "-c", _BOOT, str(folder / "request.json"), paths],
            cwd=place,
            env=git_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors_file,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is this process's to pass on, once
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                say(line.rstrip("\n"))
            process.wait()
        finally:
            with undisturbed():
                _stop(process)
        errors_file.seek(0)
        printed = errors_file.read().decode("utf-8", errors="replace")
    return _answer(folder / "answer.json", process.returncode, printed, recorded)


def _stop(process: subprocess.Popen[str]) -> None:
    """End the process if it goes on: first as Ctrl-C does, so that its steps can clean up."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
    if process.stdout is not None:
        process.stdout.close()


def _answer(file: Path, code: int, printed: str, recorded: RunRecord) -> int:
    try:
        answer = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        lines = printed.strip().splitlines()
        raise ZenlabError(
            f"The process that ran the pipeline ended with {code}"
            + (f": {lines[-1]}" if lines else "."),
            hint="Run it here to see more: zenlab run, in a clone of that commit.",
        ) from None
    if "run" in answer:
        return int(answer["run"])
    name, message, where, hint = answer["error"]
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, ZenlabError)):
        raise ZenlabError(f"{name}: {message}", where=where, hint=hint)
    if kind is errors.CodeError:
        hint = f"{hint or ''} {_made_at(recorded)} To take another commit: --commit REV.".strip()
    if kind.__init__ is not ZenlabError.__init__:  # one that wants to be told more
        kind = ZenlabError
    raise kind(message, where=where, hint=hint)


def _made_at(run: RunRecord) -> str:
    if run.git_commit is None:
        return "The recorded run was made outside of any commit."
    edits = ", with edits that were not committed" if run.git_clean is False else ""
    return f"The recorded run was made at commit {run.git_commit[:12]}{edits}."


def other_path(here: Sequence[str], root: Path, tree: Path, place: Path) -> list[str]:
    """The import path of this process, with the other work tree's folders for the user's own.

    A folder of the user's tree that the other one does not have is left out: its code is in no
    commit. Installed packages stay, also where their environment lies in the user's tree.

    Args:
        here: absolute folders.
        root: the user's work tree.
        tree: the other one.
        place: the repository's folder in it.
    """
    # A folder that is not there would be looked for at each import, which a step's audit reports.
    found = [str(folder) for folder in (place, tree, tree / "src") if folder.is_dir()]
    top = os.path.realpath(root)
    installed = [os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix)]
    for entry in here:
        real = os.path.realpath(entry)
        is_ours = any(_is_in(real, prefix) for prefix in installed) or "site-packages" in real
        if not _is_in(real, top) or is_ours:
            found.append(entry)
        elif (tree / os.path.relpath(real, top)).is_dir():
            found.append(str(tree / os.path.relpath(real, top)))
    return list(dict.fromkeys(found))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _compared(repository: Repository, run: RunRecord, new: int, request: dict[str, Any]) -> Verdict:
    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import MetadataStore

    store = MetadataStore(f"sqlite:///{request['metadata']}", embedded=True)
    try:
        again = store.run(new)
        assert again is not None
        return compare_runs(
            _executions(repository.metadata, run),
            _executions(store, again),
            repository.artifacts,
            ArtifactStore(request["artifacts"]),
        )
    finally:
        store.dispose()


def _executions(store: Any, run: RunRecord) -> dict[str, ExecutionRecord]:
    found = {e.id: e for e in store.executions([r.execution_id for r in run.resolved])}
    return {r.slot: found[r.execution_id] for r in run.resolved if r.execution_id in found}


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Clean up as well when a CI job or a closed terminal ends this process."""
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:  # noqa: ARG001 - of a handler
        raise SystemExit(128 + number)

    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
