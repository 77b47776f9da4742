"""`zenlab.options`: what a user chooses for one notebook, until its kernel ends.

What is true of a whole team is in `zenlab.yaml` instead.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from zenlab.core.errors import ParameterError, ZenlabError, suggest

RENDERERS = ("mime", "widget")
"""How panels are shown: by the extension of JupyterLab, or as widgets where it is not."""

WIDGET_FILES = Path(__file__).parents[1] / "widget"
"""What `hatch_build.py` makes of `labextension/src/widget`."""


class Options:
    """The options, checked when they are set.

    Example:
        >>> options = Options()
        >>> options.renderer
        'mime'
        >>> options.renderer = "wigdet"
        Traceback (most recent call last):
        ...
        zenlab.core.errors.ParameterError: options.renderer cannot be 'wigdet'.
          next:  Did you mean 'widget'?
    """

    def __init__(self) -> None:
        self._renderer = "mime"

    @property
    def renderer(self) -> str:
        """How panels are shown.

        "mime" stores data that our extension of JupyterLab and Notebook 7 draws. "widget" shows
        them as an anywidget as well, for VS Code, Colab and every other front end that has
        widgets; it needs the package anywidget.

        Raises:
            ParameterError: when set: it is neither of these.
            ZenlabError: when set: "widget" lacks something here.

        Example:
            >>> import zenlab
            >>> zenlab.options.renderer = "mime"
        """
        return self._renderer

    @renderer.setter
    def renderer(self, value: str) -> None:
        if value not in RENDERERS:
            raise ParameterError(
                f"options.renderer cannot be {value!r}.",
                hint=suggest(str(value), RENDERERS),
            )
        if value == "widget":
            _check_widget()
        self._renderer = value

    def __setattr__(self, name: str, value: object) -> None:
        known = [key for key, member in vars(Options).items() if isinstance(member, property)]
        if name not in known and name != "_renderer":
            raise ParameterError(
                f"zenlab has no option called {name!r}.", hint=suggest(name, known)
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"Options(renderer={self.renderer!r})"


def _check_widget() -> None:
    """Say it now, and not in the middle of a panel. Nothing is imported."""
    if find_spec("anywidget") is None:
        raise ZenlabError(
            "Panels as widgets need the package anywidget, which is not installed.",
            hint='Install it where the kernel runs, `pip install "zenlab[widget]"`, and restart '
            "the kernel.",
        )
    if not (WIDGET_FILES / "widget.js").is_file():
        raise ZenlabError(
            "This zenlab was built without Node, so that it has no widgets.",
            where="zenlab/widget",
            hint="Install a wheel, or build it where Node is: `pip install .` in its sources.",
        )


OPTIONS = Options()
"""Those of this process."""
