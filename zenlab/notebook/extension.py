"""What `%load_ext zenlab` registers. Light: commands are imported when the first one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.events import register_watcher

if TYPE_CHECKING:
    from zenlab.core.events import Watcher


def load_ipython_extension(ipython: Any) -> None:
    """Register `%zen`, its completion and help, and the live view of `pipeline.run()`."""
    from zenlab.notebook.completion import complete
    from zenlab.notebook.help import explain_command

    def zen(line: str) -> None:
        from zenlab.notebook.magics import run_line

        run_line(line, ipython)

    def watcher() -> Watcher:
        from zenlab.notebook.live import watcher_for

        return watcher_for(ipython)

    zen.__doc__ = (
        "Run a zenlab command, such as `%zen run pipeline`.\n\n"
        "`%zen --help` lists the commands; `%zen run --help` or `%zen run?` explains one."
    )
    register_watcher(watcher)
    ipython.register_magic_function(zen, magic_kind="line", magic_name="zen")
    ipython.set_hook("complete_command", complete, str_key="%zen")
    if explain_command not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(explain_command)


def unload_ipython_extension(ipython: Any) -> None:
    """Take `%zen` away again."""
    from zenlab.notebook.help import explain_command

    register_watcher(None)
    ipython.magics_manager.magics["line"].pop("zen", None)
    hooks = ipython.strdispatchers.get("complete_command")
    if hooks is not None:
        hooks.strs.pop("%zen", None)
    if explain_command in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.remove(explain_command)
