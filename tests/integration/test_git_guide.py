"""docs/git.md: its commands, in a repository with two branches."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from zenlab.cli import run_command

GUIDE = (Path(__file__).parents[2] / "docs" / "git.md").read_text(encoding="utf-8")
MARKED = re.compile(
    r"<!-- test: in a repository with two branches -->\n```bash\n(.*?)```", re.DOTALL
)


def test_the_commands_do_what_the_guide_says(branch, no_worker):
    lines = [line for block in MARKED.findall(GUIDE) for line in block.splitlines()]
    commands = [shlex.split(line, comments=True)[1:] for line in lines]
    assert len(commands) == 9
    for words in commands:
        # It starts a process that takes its time, and has tests of its own.
        more = ["--help"] if words[0] == "reproduce" else []
        assert run_command([*words, *more]) == 0, words
    assert (branch.root / "copy_of_a_data").is_dir()
