# ruff: noqa: INP001 - a program, no module
"""Print the fingerprints of `fingerprint_code.py` as JSON.

Plain Python without pytest, whose rewriting of imported modules is not wanted here. The output has
to equal `fingerprint_golden.json` on every supported Python and pandas.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Print name -> digest."""
    sys.path.insert(0, str(HERE))
    import fingerprint_code as code

    from zenlab.engine.fingerprint import fingerprint

    digests = {name: fingerprint(getattr(code, name)).digest for name in code.NAMES}
    sys.stdout.write(json.dumps(digests, indent=2) + "\n")


if __name__ == "__main__":
    main()
