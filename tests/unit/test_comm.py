"""The kernel's end of the line to the panels of a browser."""

import subprocess
import sys

import jupyter_client
import msgspec
import pytest

from tests.browser.panels import MANY, anomalies_panel, statistics_panel, wide_panel
from zenlab.notebook import protocol, shown
from zenlab.notebook.comm import reply
from zenlab.notebook.requests import HANDLERS
from zenlab.views.payloads import StatisticsPayload


@pytest.fixture
def kept(monkeypatch):
    """The panels that were shown: none at first."""
    from zenlab.notebook import requests

    made = shown.Shown()
    monkeypatch.setattr(requests, "SHOWN", made)
    return made


def subject(panel, **change):
    kind, title, datasets = shown.key_of(panel.payload)
    return {"panel": kind, "title": title, "datasets": list(datasets), **change}


def ask(kind, **arguments):
    answered = reply({"id": 3, "request": {"type": kind, **arguments}})
    assert answered["id"] == 3
    return answered["answer"]


def test_every_request_has_its_handler():
    assert set(HANDLERS) == set(protocol.Request.__args__)


def test_more_features_go_on_where_the_stored_ones_end(kept):
    panel = wide_panel()
    kept.remember(panel)
    start = len(panel.payload.columns)
    answer = ask("more_features", subject=subject(panel), start=start, count=200)
    payload = msgspec.convert(answer["payload"], StatisticsPayload)
    names = [c.name for c in (*panel.payload.columns, *payload.columns)]
    assert sorted(names) == [f"x{i:02}" for i in range(MANY)]
    assert payload.datasets == panel.payload.datasets


def test_features_beyond_the_last_are_none(kept):
    kept.remember(wide_panel())
    answer = ask("more_features", subject=subject(wide_panel()), start=MANY, count=10)
    assert answer["payload"]["columns"] == []


def test_accept_is_that_of_the_panel_on_the_screen(kept):
    from pathlib import Path

    panel = anomalies_panel()
    kept.remember(panel)
    # A name that was cut for the screen is the whole one again.
    cut = panel.payload.datasets[0].anomalies[1].split("\t")[0]
    answer = ask("accept", subject=subject(panel), features=["carrier", cut])
    assert answer["type"] == "accepted"
    assert Path("accepted.txt").read_text().startswith("carrier\n<img src=x")
    assert not Path("accepted.txt").read_text().endswith("…")


def test_what_cannot_be_accepted_is_an_error_in_words(kept):
    panel = anomalies_panel()
    kept.remember(panel)
    answer = ask("accept", subject=subject(panel), features=["carier"])
    assert answer["type"] == "failure"
    assert "carrier" in answer["hint"]
    kept.remember(statistics_panel())
    answer = ask("accept", subject=subject(statistics_panel()))
    assert answer == {"type": "failure", "message": "Nothing of this panel can be accepted."}


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {"type": "run", "code": "1"},
        {"type": "refresh", "subject": {"panel": "statistics"}},
        {"type": "refresh", "subject": {"panel": "file", "title": "/etc/passwd"}},
        {
            "type": "more_features",
            "subject": {"panel": "statistics", "title": "x"},
            "start": 0,
            "count": 10**9,
        },
        {"type": "refresh", "subject": {"panel": "statistics", "title": "x" * 5000}},
    ],
)
def test_what_is_no_request_is_refused(request_):
    answer = reply({"id": 1, "request": request_})["answer"]
    assert answer["message"] == "The kernel's zenlab does not know this request."


@pytest.mark.parametrize("data", [None, [], "x", {"id": "x"}, {}])
def test_what_is_no_message_is_answered_as_well(data):
    assert reply(data)["answer"]["type"] == "failure"


@pytest.mark.parametrize("title", ["../secrets", "/etc/passwd", "__import__('os')", "pipelines/a"])
def test_a_title_is_looked_up_and_nothing_else(kept, title, tmp_path):
    from zenlab.repo import Repository

    Repository.init_repo(".")
    answer = ask("refresh", subject={"panel": "statistics", "title": title})
    assert answer["type"] == "failure"
    assert answer["message"].startswith("No pipeline and no datasource")


def test_an_error_that_nobody_expected_is_shown(kept, monkeypatch):
    def broken(_):
        raise RuntimeError("out of ideas")

    monkeypatch.setitem(HANDLERS, protocol.Hello, broken)
    assert ask("hello") == {"type": "failure", "message": "RuntimeError: out of ideas"}


def test_the_oldest_panels_are_forgotten(kept):
    for i in range(shown.MOST + 1):
        panel = anomalies_panel()
        panel.title = f"p{i}"
        kept.remember(panel)
    first, last = ({"panel": "anomalies", "title": f"p{i}", "datasets": ["eval"]} for i in (0, 64))
    assert kept.find(msgspec.convert(first, protocol.Subject)) is None
    assert kept.find(msgspec.convert(last, protocol.Subject)) is panel


def test_loading_the_extension_imports_nothing_of_it():
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'zenlab')\n"
        "import zenlab; zenlab.options.renderer = 'mime'\n"
        "wanted = ('ipykernel', 'comm', 'zenlab.notebook.comm', 'zenlab.notebook.protocol')\n"
        "wanted += ('anywidget', 'ipywidgets', 'zenlab.notebook.widget')\n"
        "print([name for name in wanted if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def kernel():
    manager, client = jupyter_client.manager.start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_real_kernel_answers(kernel):
    def run(code):
        answered = kernel.execute_interactive(code, timeout=60, output_hook=lambda _: None)
        assert answered["content"]["status"] == "ok", answered["content"]

    def send(kind, **content):
        message = kernel.session.msg(kind, {"comm_id": "c1", **content})
        kernel.shell_channel.send(message)

    def heard(kind):
        while True:
            message = kernel.get_iopub_msg(timeout=60)
            if message["msg_type"] == kind:
                return message["content"]

    run("%load_ext zenlab")
    run("from tests.browser.panels import wide_panel; display(wide_panel())")
    send("comm_open", target_name="zenlab", data={})
    send("comm_msg", data={"id": 1, "request": {"type": "hello"}})
    assert heard("comm_msg")["data"]["answer"]["type"] == "welcome"
    more = {"subject": subject(wide_panel()), "start": 50, "count": 200}
    send("comm_msg", data={"id": 2, "request": {"type": "more_features", **more}})
    assert len(heard("comm_msg")["data"]["answer"]["payload"]["columns"]) == MANY - 50
    run("%unload_ext zenlab")
    send("comm_open", comm_id="c2", target_name="zenlab", data={})
    assert heard("comm_close")["comm_id"] == "c2"
