"""What `%load_ext zenlab` registers. Light: commands are imported when the first one is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zenlab.core.events import register_watcher

if TYPE_CHECKING:
    from zenlab.core.events import Watcher

_TARGET = "zenlab"
_LOAD = re.compile(r"^%load_ext[ \t]+zenlab[ \t]*$", re.MULTILINE)
_PANEL = ("zenlab.views.panel", "Panel")


def load_ipython_extension(ipython: Any) -> None:
    """Register `%zen`, its completion and help, live runs, and the line to panels in a browser."""
    from zenlab.notebook.completion import complete
    from zenlab.notebook.help import explain_command

    def zen(line: str, cell: str | None = None) -> None:
        from zenlab.notebook.magics import run_cell, run_line

        if cell is None:
            run_line(line, ipython)
        else:
            run_cell(line, cell, ipython)

    def watcher() -> Watcher:
        from zenlab.notebook.live import watcher_for

        return watcher_for(ipython)

    zen.__doc__ = (
        "Run a zenlab command, such as `%zen run pipeline`.\n\n"
        "`%zen --help` lists the commands; `%zen run --help` or `%zen run?` explains one.\n\n"
        "`%%zen step trainers/my_trainer.py` writes a cell, with what it reaches, into a module."
    )
    register_watcher(watcher)
    ipython.register_magic_function(zen, magic_kind="line_cell", magic_name="zen")
    ipython.events.register("pre_run_cell", _loaded_again)
    _forget_completion(ipython)  # of an earlier load
    ipython.set_hook("complete_command", complete, str_key="%zen")
    if explain_command not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(explain_command)
    _listen(ipython)


def _loaded_again(info: Any) -> None:
    """Let a cell with `%load_ext zenlab` run again without a word.

    IPython prints that it is loaded already, which would stand in a notebook that is run twice from
    the top, and not in its colleague's.
    """
    from IPython.core.getipython import get_ipython

    manager = getattr(get_ipython(), "extension_manager", None)
    if manager is not None and _LOAD.search(info.raw_cell or ""):
        manager.loaded.discard("zenlab")


def _forget_completion(ipython: Any) -> None:
    hooks = ipython.strdispatchers.get("complete_command")
    if hooks is not None:
        hooks.strs.pop("%zen", None)


def _listen(ipython: Any) -> None:
    """Be there for the panels of a notebook; what is needed is imported when one is shown."""

    def remembered(panel: Any) -> dict[str, Any]:
        from zenlab.notebook.options import OPTIONS
        from zenlab.notebook.shown import SHOWN

        bundle = SHOWN.bundle(panel)
        if OPTIONS.renderer == "widget":
            from zenlab.notebook.widget import with_view

            return with_view(bundle)
        return bundle

    def opened(comm: Any, message: Any) -> None:
        from zenlab.notebook.comm import opened

        opened(comm, message)

    kernel = getattr(ipython, "kernel", None)  # a terminal has none
    if (comms := getattr(kernel, "comm_manager", None)) is not None:
        comms.register_target(_TARGET, opened)
        ipython.display_formatter.mimebundle_formatter.for_type_by_name(*_PANEL, remembered)


def unload_ipython_extension(ipython: Any) -> None:
    """Take `%zen` away again."""
    from zenlab.notebook.help import explain_command

    register_watcher(None)
    for kind in ("line", "cell"):
        ipython.magics_manager.magics[kind].pop("zen", None)
    _forget_completion(ipython)
    if _loaded_again in ipython.events.callbacks["pre_run_cell"]:
        ipython.events.unregister("pre_run_cell", _loaded_again)
    if explain_command in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.remove(explain_command)
    comms = getattr(getattr(ipython, "kernel", None), "comm_manager", None)
    if comms is not None and _TARGET in comms.targets:
        del comms.targets[_TARGET]
        _forget(ipython.display_formatter.mimebundle_formatter)


def _forget(formatter: Any) -> None:
    """Under its class where a panel has been shown, else under its name."""
    formatter.deferred_printers.pop(_PANEL, None)
    for known in list(formatter.type_printers):
        if (known.__module__, known.__name__) == _PANEL:
            formatter.pop(known)
