"""What run panels ask of the kernel, answered from a repository's stores."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from tests.integration.conftest import cell
from zenlab.core.errors import RunCancelledError
from zenlab.notebook.comm import reply
from zenlab.notebook.going import GOING
from zenlab.notebook.live import CellWatcher
from zenlab.steps.trainer import BaseTrainerStep
from zenlab.views import MIME_TYPE


def ask(kind, **arguments):
    return reply({"id": 1, "request": {"type": kind, **arguments}})["answer"]


def shown(shell, name="Pipeline A"):
    """The payload of the panel that a cell shows."""
    done = cell(shell, f'%zen run "{name}"')
    assert done.error is None
    return done.outputs[-1].data[MIME_TYPE]


def states(answer):
    return {s["slot"]: s["state"] for s in answer["steps"] if s["slot"] != "validation"}


def test_hits_and_misses_are_told_of_the_run_on_the_screen(shell, repository, declare):
    declare().run()
    declare("Pipeline B", max_iter=150).run()
    payload = shown(shell)
    answer = ask("run_states", shown=payload)
    assert answer["type"] == "run_told"
    assert set(states(answer).values()) - {"left out"} == {"hit"}
    assert answer["head"].startswith("run of Pipeline A#1 by you")
    assert "thanks to you" in answer["outcome"]
    other = ask("run_states", shown=shown(shell, "Pipeline B"))
    assert states(other)["trainer"] == "hit"


def test_an_earlier_result_is_told_from_a_later_one(shell, repository, declare):
    declare().run()
    first = shown(shell)
    declare(max_iter=160).run()
    answer = ask("run_states", shown=first)
    assert answer["head"].startswith("run of Pipeline A#1")
    answer = ask("run_states", shown={**first, "findings": ["of a colleague's store"]})
    assert "run" not in answer
    assert answer["last"] == "Pipeline A#2 by you: succeeded"
    assert ask("run_states", shown={**first, "pipeline": "../x"}) == {"type": "run_told"}


def test_a_step_has_why_code_and_log(shell, repository, declare):
    shell.push({"BaseTrainerStep": BaseTrainerStep, "declare": declare})
    done = cell(
        shell,
        "from sklearn.linear_model import LogisticRegression\n"
        "class Mine(BaseTrainerStep):\n"
        "    def fit(self, train, eval):\n"
        "        print('fitting <b>')\n"
        "        t = train.to_pandas()\n"
        "        x = t[[c for c in t if c.endswith('_xf')]].select_dtypes('number')\n"
        "        return LogisticRegression().fit(x, t['y_xl'])\n"
        "p = declare()\n"
        "p.remove_step('trainer'); p.add_trainer(Mine())\n"
        "p.run()\n",
    )
    assert done.error is None, done.stdout
    subject = {"panel": "run", "title": "Pipeline A"}
    told = ask("run_states", shown=shown(shell))
    answer = ask("step", subject=subject, run=told["run"], slot="trainer")
    assert answer["type"] == "step_told"
    assert answer["why"][0].startswith("trainer (Mine) came from the cache")
    assert answer["log"] == "fitting <b>\n"
    assert answer["code"][0]["name"] == "Mine"
    assert "LogisticRegression()" in answer["code"][0]["text"]
    assert answer["code"][0]["place"].startswith("notebook")
    assert "code" not in ask("step", subject=subject, run=told["run"], slot="split")
    for bad in ({"slot": "tainer"}, {"run": "1"}, {"subject": {**subject, "title": "B"}}):
        request = {"subject": subject, "run": told["run"], "slot": "trainer", **bad}
        assert ask("step", **request)["type"] == "failure", bad
    assert ask("step", subject=subject, run="../1", slot="x")["message"].endswith("this request.")


def test_refresh_opens_the_last_run(shell, repository, declare):
    declare().run()
    payload = shown(shell)
    subject = {"panel": "run", "title": "Pipeline A"}
    assert ask("refresh", subject=subject)["payload"] == msgspec.to_builtins(payload)
    missing = ask("refresh", subject={**subject, "title": "Pipeline Z"})
    assert missing["message"].startswith("No run of a pipeline 'Pipeline Z'")


def test_a_run_that_goes_on_is_told_and_cancelled(shell, repository, declare):
    class Slow(BaseTrainerStep):
        def fit(self, train, eval):  # noqa: A002 - zenlab's name
            self.context.progress(1, 4, "epoch 1")
            for _ in range(6000):
                time.sleep(0.01)

    watcher = CellWatcher()
    name = next(reversed(GOING._runs))
    answers = []

    def click():
        while not answers:
            time.sleep(0.05)  # the run needs the processor, too
            told = ask("live", run=name)
            answers.extend(
                [told]
                if any(s["slot"] == "trainer" and s.get("done") for s in told["steps"])
                else []
            )
        answers.append(ask("cancel", run=name))

    browser = threading.Thread(target=click)
    browser.start()
    pipeline = declare()
    pipeline.remove_step("trainer")
    pipeline.add_trainer(Slow())
    with pytest.raises(RunCancelledError):
        pipeline.run(watcher=watcher)
    browser.join()
    going, cancelled = answers
    steps = {s["slot"]: s for s in going["steps"]}
    assert going["status"] == "running"
    assert steps["split"]["state"] == "executed"
    assert steps["trainer"]["state"] == "running"
    assert (steps["trainer"]["done"], steps["trainer"]["note"]) == (0.25, "epoch 1")
    assert steps["trainer"]["inputs"] == ["preprocesser"]
    assert cancelled == {
        "type": "cancelled",
        "text": "Asked to stop: the run hears of it within seconds.",
    }
    assert ask("live", run=name)["status"] == "interrupted"
    assert ask("cancel", run=name)["text"] == "The run has just ended."
    assert ask("live", run="another")["type"] == "failure"
    assert ask("cancel", run="another")["hint"].startswith("Interrupt the kernel")
