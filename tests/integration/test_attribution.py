"""Who ran what, where, and from which code."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.integration.conftest import git

if TYPE_CHECKING:
    from zenlab.repo import Repository


def runs(repository: Repository) -> list:
    """All runs, oldest first, whole."""
    store = repository.metadata
    return [store.run(run.id) for run in reversed(store.runs(repository.project))]


def test_user_host_commit_and_whether_it_was_clean(repository, declare):
    (repository.root / "own.py").write_text("a = 1\n")
    declare("P").run()  # before the first commit
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-qm", "one")
    head = repository.head()
    declare("P").run(force=["trainer"])
    (repository.root / "own.py").write_text("a = 22\n")
    declare("P", C=2.0).copy("Q").run()
    before, clean, changed = runs(repository)
    assert (before.git_commit, before.git_clean) == (None, None)
    assert (clean.git_commit, clean.git_clean) == (head, True)
    assert (changed.git_commit, changed.git_clean) == (head, False)
    for run in (before, clean, changed):
        assert (run.user, run.host) == ("Test <test@example.org>", socket.gethostname())
        executed = repository.metadata.run_executions(run.id)
        assert executed
        for execution in executed:
            told = (execution.user, execution.host, execution.git_commit, execution.git_clean)
            assert told == (run.user, run.host, run.git_commit, run.git_clean)
