"""The process that runs a pipeline again: in another work tree, with stores that nobody shares.

It is started by `zenlab.repo.reproducing` and reads its request from a file:

    spec, snapshot {folder, digest, num_rows, name}, metadata (file), artifacts (folder),
    as_asked (the user has named the commit: no other has the code), code {fingerprint: [name,
    source]}, which may run, schemas {digest: [name, text]}

What it has to say goes to standard output, a line a step, and its answer into `answer.json` beside
the request.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from zenlab.core.dataset import Dataset
from zenlab.core.errors import ZenlabError
from zenlab.core.files import write_atomically


def main() -> None:
    """Run what `sys.argv[1]` asks for, in the working folder."""
    request_file = Path(sys.argv[1])
    try:
        answer = _run(json.loads(request_file.read_text(encoding="utf-8")))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except ZenlabError as error:
        answer = {"error": [type(error).__name__, error.message, error.where, error.hint]}
    except Exception as error:  # noqa: BLE001 - told by the process that waits for this one
        traceback.print_exc()
        answer = {"error": [type(error).__name__, str(error), None, None]}
    write_atomically(request_file.with_name("answer.json"), json.dumps(answer))


def _run(request: dict[str, Any]) -> dict[str, Any]:
    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import MetadataStore
    from zenlab.pipelines.reproduce import run_again
    from zenlab.pipelines.spec import from_record
    from zenlab.repo.repository import Repository
    from zenlab.repo.trust import Trusted
    from zenlab.views import LiveRun

    repository = Repository(os.getcwd())  # noqa: PTH109 - where this process was started
    spec = from_record(request["spec"], "request")
    store = MetadataStore(f"sqlite:///{request['metadata']}", embedded=True)
    trusted = Trusted(Path(request["metadata"]).with_name("trusted"))
    trusted.add(_pairs(request["code"]))
    # Where its cached properties keep them: the stores that zenlab.yaml names are never opened.
    vars(repository).update(
        metadata=store, artifacts=ArtifactStore(request["artifacts"]), trusted=trusted
    )
    store.put_code(_pairs(request["code"]), schemas=_pairs(request["schemas"]))
    if request["as_asked"]:
        steps = {slot: replace(step, pin=None, commit=None) for slot, step in spec.steps.items()}
        spec = replace(spec, steps=steps)
        vars(repository)["commit_of"] = lambda _: None
    rows = request["snapshot"]
    snapshot = Dataset(
        lambda: Path(rows["folder"]),
        digest=rows["digest"],
        num_rows=rows["num_rows"],
        name=rows["name"],
    )
    run = run_again(spec, snapshot, repository, LiveRun(write=_say))
    store.dispose()
    return {"run": run.id}


def _pairs(texts: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    return {key: (name, text) for key, (name, text) in texts.items()}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the other process passes it on
