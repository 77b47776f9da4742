"""Starts the worker: `python -I main.py --parent PID --log FILE`, or `--version`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_NAME = "zenlab_worker"


def main() -> int:
    """Load the package that this file is in, and serve; the exit code."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        _NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    serve = importlib.import_module(f"{_NAME}.serve")
    return int(serve.main(sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
