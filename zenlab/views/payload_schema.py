"""The JSON schema of the payloads, from which the JupyterLab renderer's types are made.

`python -m zenlab.views.payload_schema` writes it anew after a change of `payloads`.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("payload_schema.json")
"""Where the schema is kept."""


def schema() -> str:
    """The schema as the text of its file.

    Example:
        >>> '"RunPayload"' in schema()
        True
    """
    import msgspec

    from zenlab.views.payloads import Payload

    document = _stable(msgspec.json.schema(Payload))
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _stable(node: Any) -> Any:
    """The same schema on every version: order of alternatives (msgspec), indentation (Python)."""
    if isinstance(node, dict):
        stable = {key: _stable(value) for key, value in node.items()}
        if "anyOf" in stable:
            stable["anyOf"].sort(key=lambda option: json.dumps(option, sort_keys=True))
        if isinstance(stable.get("description"), str):
            stable["description"] = cleandoc(stable["description"])
        return stable
    return [_stable(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    PATH.write_text(schema(), encoding="utf-8")
