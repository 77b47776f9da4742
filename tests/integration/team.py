"""Two people in two clones on two machines, as far as one machine can be two.

Each has a home, a Git identity, a cache and a process of their own; they share a bare Git
repository and whatever stores `zenlab.yaml` names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DECLARE = """
import pandas as pd
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer


def label_high(rows):
    return rows.assign(high=rows["price"] > 10)


def declare(name="Pipeline A"):
    pipeline = TrainingPipeline(name=name)
    pipeline.add_datasource(CSVDatasource("sales", "data/sales.csv"))
    pipeline.add_transform(label_high)
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(TabularPreprocesser(["shop", "size"], ["high"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression", C=0.5))
    pipeline.add_evaluator(Evaluator(["roc_auc", "accuracy"], slices=[["shop"]]))
    return pipeline
"""

KERNEL = """
import json, sys, traceback
told, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    space = {"__name__": "__main__"}
    try:
        exec(json.loads(line), space)
        answer = {"answer": space["answer"]}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), file=told, flush=True)
"""
"""What a kernel is to a notebook: one process, in which one cell after the other is executed."""

HEAD = """
import contextlib, io
from zenlab.cli import run_command
from declare import declare, label_high
from zenlab import Repository
from zenlab.steps.trainer import SklearnTrainer


def hows(pipeline):
    return {slot: step.how for slot, step in pipeline.last.result.steps.items()}


def panels(pipeline):
    shown = pipeline.view_statistics(), pipeline.view_schema(), pipeline.view_anomalies()
    return [str(panel) for panel in (*shown, pipeline.evaluate())]


def zenlab(*words):
    # A command, in this process as `%zen` runs it; what it printed.
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run_command(words) == 0, said.getvalue()
    return said.getvalue()


answer = {}
"""


@dataclass
class Member:
    """One of a team, with a clone.

    Attributes:
        name: such as `Ada`.
        clone: the work tree.
        home: a home folder, which holds the local caches, too.
        env: more environment variables, such as where an emulator listens.
        kernel: the process in which scripts are executed, from the first one on.
    """

    name: str
    clone: Path
    home: Path
    env: Mapping[str, str] = field(default_factory=dict)
    kernel: subprocess.Popen[str] | None = None

    @classmethod
    def of(cls, name: str, origin: Path, folder: Path, env: Mapping[str, str]) -> Member:
        """Clone the team's repository as a new member."""
        home = folder / name / "home"
        home.mkdir(parents=True)
        (home / ".gitconfig").write_text(
            f"[user]\n    name = {name}\n    email = {name.lower()}@example.org\n"
            "[init]\n    defaultBranch = main\n[commit]\n    gpgsign = false\n"
        )
        member = cls(name, folder / name / "clone", home, env)
        member.run("git", "clone", "-q", str(origin), str(member.clone), cwd=folder)
        return member

    @property
    def environment(self) -> dict[str, str]:
        """What the processes of this member see."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ZENLAB_", "XDG_"))},
            **self.env,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PYTHONPATH": os.pathsep.join([str(self.clone), *sys.path]),
        }

    def run(self, *command: str, cwd: Path | None = None, code: int = 0) -> str:
        """Run a program as this member, and give what it printed."""
        done = subprocess.run(
            command,
            cwd=cwd or self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout + (done.stderr if code else "")

    def zenlab(self, *words: str, code: int = 0) -> str:
        """Run a `zenlab` command."""
        program = "import sys; from zenlab.cli import main; sys.argv[0] = 'zenlab'; main()"
        return self.run(sys.executable, "-c", program, *words, code=code)

    def python(self, script: str) -> dict[str, Any]:
        """Run a script in this member's kernel; it fills `answer`, see `HEAD`."""
        if self.kernel is None:
            self.kernel = subprocess.Popen(
                [sys.executable, "-c", KERNEL],
                cwd=self.clone,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.kernel.stdin is not None
        assert self.kernel.stdout is not None
        print(json.dumps(HEAD + textwrap.dedent(script)), file=self.kernel.stdin, flush=True)
        told = json.loads(self.kernel.stdout.readline())
        assert "error" not in told, told["error"]
        answer: dict[str, Any] = told["answer"]
        return answer

    def close(self) -> None:
        """End the kernel."""
        if self.kernel is not None:
            self.kernel.communicate()

    def cached(self) -> list[Path]:
        """The artifacts in this member's local cache."""
        return list((self.home / "cache" / "zenlab" / "artifacts" / "entries").glob("*"))

    def push(self, message: str) -> None:
        """Commit everything, and push."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "-m", message)
        self.run("git", "push", "-q", "origin", "HEAD:main")

    def pull(self) -> None:
        """Pull what others have pushed."""
        self.run("git", "pull", "-q", "--rebase", "origin", "main")
