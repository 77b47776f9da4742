"""Pipeline files: YAML 1.2 with one canonical form.

A file that was loaded and dumped again has the same bytes, a change is one line of a diff. YAML
is data here: the safe loader of ruamel.yaml knows no tags, and 1.2 reads `1e-3` as a number and
`no` as a string (https://yaml.org/spec/1.2.2/).
"""

from __future__ import annotations

import io
import os
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from zenlab.core import canonical
from zenlab.core.errors import ParameterError

_MAX_SLUG = 80
_LINE_BREAKS = "\n\r\x85\u2028\u2029"


def slug(name: str) -> str:
    """The file name of a pipeline, without its suffix.

    Lower case, words joined by `-`. A name with other characters than ASCII letters, digits and
    separators gets eight digits of its digest. Two names may still share a file ("Pipeline A",
    "pipeline a"); who writes it checks the name inside.

    Example:
        >>> slug("Pipeline A"), slug("Café")
        ('pipeline-a', 'cafe-93444764')
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:_MAX_SLUG].strip("-")
    if found and re.fullmatch(r"[A-Za-z0-9 _.#-]*", name) and len(name) <= _MAX_SLUG:
        return found
    return f"{found or 'pipeline'}-{canonical.digest(name)[:8]}"


def dump(document: dict[str, Any]) -> str:
    """The text of a pipeline file.

    Args:
        document: plain data.

    Raises:
        ParameterError: a string that YAML cannot hold (a lone surrogate).
    """
    out = io.StringIO()
    _yaml().dump(document, out)
    try:
        out.getvalue().encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParameterError(f"A text of the pipeline is not valid Unicode: {error}.") from None
    return out.getvalue()


def load(text: str, where: str = "pipeline") -> Any:
    """The data of a pipeline file.

    Args:
        text: YAML 1.2.
        where: the file, for messages.

    Raises:
        ParameterError: the text is not YAML, has tags, or a key twice.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        problem = " ".join((error.problem or "cannot be read").split())
        raise ParameterError(f"The file is not valid YAML: {problem}.", where=place) from None
    except YAMLError as error:
        raise ParameterError(f"The file is not valid YAML: {error}.", where=where) from None


def write_atomically(path: Path, text: str) -> None:
    """Replace a file by new text; a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files that only the owner can read; a committed file is for all.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _yaml() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """A class of our own: representers are registered on the class, for the whole process."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - no anchors for what is equal
            return True

        def represent_str(self, data: str) -> Any:
            """Quote what YAML might fold: it knows more line breaks than a text file."""
            style = '"' if any(c in data for c in _LINE_BREAKS) else None
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Representer.add_representer(str, Representer.represent_str)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096  # a folded string would be several lines of a diff
    yaml.representer.sort_base_mapping_type_on_output = False
    return yaml
