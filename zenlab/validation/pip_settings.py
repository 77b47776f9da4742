"""What pip is configured to do, for uv, which does not read it.

A company's machine names its mirror, certificate and proxy in pip's configuration. uv gets them
through its environment, so that nothing of it reaches a lock, a log or the list of processes.
Variables that uv itself knows win; a machine without any configuration gets uv's defaults.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 60
_LINE = re.compile(r"^(?:global|install|:env:)\.([\w-]+)=(.*)$")

_VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "proxy": ("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy"),
    "no-index": ("UV_NO_INDEX",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}
"""pip's option: the variable that says the same to uv, and others that are not overruled."""

_COMMAS = {"find-links"}


def uv_variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables that make uv do what pip is configured to do.

    Args:
        environment: the variables of this process, by default.

    Returns:
        Those to add; nothing that is set already.
    """
    here = os.environ if environment is None else environment
    options = _options(here)
    found = {"UV_PYTHON_DOWNLOADS": "never"}  # a missing interpreter is an error that we explain
    for option, names in _VARIABLES.items():
        value = options.get(option, "").strip()
        if not value or any(here.get(name) for name in names):
            continue
        words = value.split()
        found[names[0]] = ("," if option in _COMMAS else " ").join(words)
    if "UV_INDEX" in found:
        # pip takes a package from any of its indexes, and the lock's hashes say which file it is.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if found.get("UV_NO_INDEX", "").lower() in ("0", "false", "no", "off"):
        del found["UV_NO_INDEX"]
    return found


def _options(environment: Mapping[str, str]) -> dict[str, str]:
    """Options of all of pip's files together, then those of its variables."""
    found: dict[str, str] = {}
    try:
        listed = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        listed = ""  # no pip here: its variables are left
    for line in listed.splitlines():
        match = _LINE.match(line)
        if match:
            found[match[1]] = _value(match[2])
    for option in _VARIABLES:
        value = environment.get("PIP_" + option.upper().replace("-", "_"))
        if value:
            found[option] = value
    return found


def _value(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text
