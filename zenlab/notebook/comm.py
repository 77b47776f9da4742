"""The kernel's end of the line to the panels in the browser: the comm target `zenlab`.

A message holds one request and is answered by one message with the same number, also if it fails:
the error stands in the panel. JupyterLab sends the messages of a comm to a thread of their own
where ipykernel has subshells (7.0 on), so that a panel is answered while a cell runs; before that
they wait for the cell.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from zenlab.core.errors import ZenlabError
from zenlab.notebook import protocol
from zenlab.notebook.requests import answer

if TYPE_CHECKING:
    from zenlab.notebook.protocol import Answer

# Two panels may ask at once, each in a thread: panels and stores are used by one at a time.
_one_at_a_time = threading.Lock()


def opened(comm: Any, _: Any) -> None:
    """Answer what comes through a comm that a browser has opened; ipykernel calls this.

    Args:
        comm: ipykernel's.
    """

    def heard(message: dict[str, Any]) -> None:
        comm.send(reply(message["content"]["data"]))

    comm.on_msg(heard)


def reply(data: object) -> dict[str, Any]:
    """Answer a message.

    Args:
        data: of the message, from anybody who can reach the kernel.

    Example:
        >>> reply({"id": 7, "request": {"type": "hello"}})["answer"]["type"]
        'welcome'
        >>> reply({"id": 8, "request": {"type": "open", "path": "/"}})["answer"]["type"]
        'failure'
    """
    number = data.get("id") if isinstance(data, dict) else None
    sent: dict[str, Any] = msgspec.to_builtins(
        protocol.Reply(number if isinstance(number, int) else -1, _answer(data))
    )
    return sent


def _answer(data: object) -> Answer:
    try:
        question = msgspec.convert(data, protocol.Question)
    except msgspec.ValidationError as error:
        return protocol.Failure(
            "The kernel's zenlab does not know this request.",
            where=str(error),
            hint="The extension of JupyterLab may be newer: install the same version in both.",
        )
    try:
        with _one_at_a_time:
            return answer(question.request)
    except ZenlabError as error:
        return protocol.Failure(error.message, error.where or "", error.hint or "")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown in the panel
        shown = ZenlabError(f"{type(error).__name__}: {error}")  # which masks what is secret
        return protocol.Failure(shown.message)
