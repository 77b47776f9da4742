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

HEAD = """
import json
from declare import declare, label_high
from zenlab import Repository
from zenlab.steps.trainer import SklearnTrainer


def hows(pipeline):
    return {slot: step.how for slot, step in pipeline.last.result.steps.items()}


def panels(pipeline):
    shown = pipeline.view_statistics(), pipeline.view_schema(), pipeline.view_anomalies()
    return [str(panel) for panel in (*shown, pipeline.evaluate())]


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
    """

    name: str
    clone: Path
    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

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

    def run(self, *command: str, cwd: Path | None = None, code: int = 0) -> str:
        """Run a program as this member, and give what it printed."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ZENLAB_", "XDG_"))},
            **self.env,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PYTHONPATH": os.pathsep.join([str(self.clone), *sys.path]),
        }
        done = subprocess.run(
            command,
            cwd=cwd or self.clone,
            env=environment,
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
        """Run a script that fills `answer`; see `HEAD` for what it may use."""
        text = HEAD + textwrap.dedent(script) + "\nprint(json.dumps(answer))\n"
        printed = self.run(sys.executable, "-c", text)
        answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return answer

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
