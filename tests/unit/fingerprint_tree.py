"""Modules that tests write, import and edit. Test files themselves are rewritten by pytest."""

from __future__ import annotations

import importlib
import itertools
import linecache
import os
import sys
import textwrap
import types

_cells = itertools.count(1)


class Tree:
    """A folder of modules on `sys.path`."""

    def __init__(self, folder):
        self.folder = folder
        self._mtime = 1_700_000_000

    def write(self, name, text):
        """Write a module; each write gets a new time, however fast the test is."""
        path = self.folder / (name.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        self._mtime += 2
        os.utime(path, (self._mtime, self._mtime))
        return path

    def load(self, name, text=None):
        """Import a module afresh, as a new process would, and only that one."""
        if text is not None:
            self.write(name, text)
        sys.modules.pop(name, None)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def forget(self):
        """Forget all modules of the folder."""
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(str(self.folder)):
                del sys.modules[name]


def cell(namespace, text):
    """Run a text as a notebook's cell: a file name of IPython, the source in `linecache`."""
    number = next(_cells)
    filename = f"<ipython-input-{number}-0123456789ab>"
    text = textwrap.dedent(text)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), namespace)
    return namespace


def notebook():
    """The namespace of an empty notebook."""
    return types.ModuleType("__main__").__dict__
