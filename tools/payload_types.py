"""The TypeScript types of payloads, and of what panels ask of the kernel, made from Python's.

`python -m tools.payload_types` writes `labextension/src/payloads.ts` (from
`zenlab/views/payload_schema.json`) and `labextension/src/protocol.ts` anew; a test compares.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "labextension" / "src"
WIDTH = 100


def main() -> None:
    """Write both files."""
    for name, text in files().items():
        (SOURCES / name).write_text(text, encoding="utf-8")


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    import msgspec

    from zenlab.notebook import protocol
    from zenlab.views.payload_schema import PATH

    payloads = json.loads(PATH.read_text(encoding="utf-8"))
    known = set(payloads["$defs"])
    messages = (protocol.Question, protocol.Reply, protocol.Request, protocol.Answer)
    _, definitions = msgspec.json.schema_components(messages, ref_template="#/$defs/{name}")
    own = {name: node for name, node in definitions.items() if name not in known}
    used = sorted(name for name in known if f'"#/$defs/{name}"' in json.dumps(own))
    unions = {
        "Request": [t.__name__ for t in protocol.Request.__args__],
        "Answer": [t.__name__ for t in protocol.Answer.__args__],
    }
    return {
        "payloads.ts": _file(
            "zenlab/views/payload_schema.json",
            payloads["$defs"],
            {"Payload": sorted(_reference(option) for option in payloads["anyOf"])},
            constants={"VERSION": json.dumps(_version(payloads["$defs"]))},
        ),
        "protocol.ts": _file(
            "zenlab/notebook/protocol.py",
            own,
            unions,
            imports=used,
            constants={
                "TARGET": f"'{protocol.TARGET}'",
                "MOST_FEATURES": str(protocol.MOST_FEATURES),
                "MOST_RUNS": str(protocol.MOST_RUNS),
            },
        ),
    }


def _file(
    source: str,
    definitions: dict[str, Any],
    unions: dict[str, list[str]],
    *,
    imports: list[str] | None = None,
    constants: dict[str, str],
) -> str:
    lines = [f"// Made from {source} by `python -m tools.payload_types`. Do not edit.", ""]
    if imports:
        lines += [*_wrapped("import type { ", imports, " } from './payloads';", ", "), ""]
    for name, value in constants.items():
        lines += [f"export const {name} = {value};", ""]
    for name in sorted(definitions):
        lines += [*_interface(name, definitions[name]), ""]
    for name, members in unions.items():
        lines += [*_union(name, members), ""]
    return "\n".join(lines)


def _interface(name: str, node: dict[str, Any]) -> list[str]:
    lines = _comment(node.get("description", ""), "")
    lines.append(f"export interface {name} {{")
    required = set(node.get("required", ()))
    for field, kind in node.get("properties", {}).items():
        # A tag is not required of Python, which knows the type; here it is what tells types apart.
        mark = "" if field in required or "default" not in kind else "?"
        lines.append(f"  readonly {field}{mark}: {_type(kind)};")
    return [*lines, "}"]


def _type(node: dict[str, Any]) -> str:
    if "$ref" in node:
        return _reference(node)
    if "anyOf" in node:
        return " | ".join(sorted({_type(option) for option in node["anyOf"]}))
    if "enum" in node:
        return " | ".join(_literal(value) for value in node["enum"])
    kind = node["type"]
    if kind == "array":
        item = _type(node["items"])
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    return {"integer": "number", "null": "null"}.get(kind, str(kind))


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def _reference(node: dict[str, Any]) -> str:
    return str(node["$ref"]).rpartition("/")[2]


def _version(definitions: dict[str, Any]) -> int:
    return int(definitions["RunPayload"]["properties"]["version"]["enum"][0])


def _comment(text: str, indent: str) -> list[str]:
    lines = cleandoc(text).splitlines()
    if not lines:
        return []
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def _union(name: str, members: list[str]) -> list[str]:
    line = f"export type {name} = {' | '.join(members)};"
    if len(line) <= WIDTH:
        return [line]
    return [f"export type {name} =", *(f"  | {m}" for m in members[:-1]), f"  | {members[-1]};"]


def _wrapped(head: str, items: list[str], tail: str, by: str) -> list[str]:
    line = head + by.join(items) + tail
    if len(line) <= WIDTH:
        return [line]
    return [head.rstrip(), *(f"  {item}," for item in items[:-1]), f"  {items[-1]}", tail.strip()]


if __name__ == "__main__":
    main()
