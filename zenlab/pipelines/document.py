"""Pipeline files: YAML 1.2 with one canonical form.

A file that was loaded and dumped again has the same bytes, a change is one line of a diff. YAML
is data here: the safe loader of ruamel.yaml knows no tags, and 1.2 reads `1e-3` as a number and
`no` as a string (https://yaml.org/spec/1.2.2/).
"""

from __future__ import annotations

import io
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from zenlab.core import canonical
from zenlab.core.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_SLUG = 80
_LINE_BREAKS = "\n\r\x85\u2028\u2029"
_TEXT = "tag:yaml.org,2002:str"


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
    _yaml().emit(_document_events(document), out)
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


def _document_events(value: Any) -> Iterator[Any]:
    """Plain data as the events of a YAML document.

    ruamel.yaml would make them by way of nodes, which takes twice the time: a pipeline's file is
    written at every run that changes it.
    """
    from ruamel.yaml import events

    yield events.StreamStartEvent()
    yield events.DocumentStartEvent(explicit=False)
    yield from _events(value)
    yield events.DocumentEndEvent(explicit=False)
    yield events.StreamEndEvent()


def _events(value: Any) -> Iterator[Any]:
    from ruamel.yaml import events

    # flow_style: an empty mapping or list stands in one line.
    if isinstance(value, dict):
        yield events.MappingStartEvent(None, None, True, flow_style=not value)
        for key, item in value.items():
            yield _scalar(key)
            yield from _events(item)
        yield events.MappingEndEvent()
    elif isinstance(value, list):
        yield events.SequenceStartEvent(None, None, True, flow_style=not value)
        for item in value:
            yield from _events(item)
        yield events.SequenceEndEvent()
    else:
        yield _scalar(value)


def _scalar(value: Any) -> Any:
    from ruamel.yaml.events import ScalarEvent

    if not isinstance(value, str):
        return ScalarEvent(None, None, (True, False, True), _plain(value))
    is_text = _is_text(value)
    # Quoted is what YAML might fold: it knows more line breaks than a text file.
    style = '"' if any(c in value for c in _LINE_BREAKS) else None
    return ScalarEvent(None, _text_tag(), (is_text, True, True), value, style=style)


def _plain(value: float | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(repr(value), repr(value))
    raise TypeError(f"{type(value).__name__} is no plain data")


@lru_cache(maxsize=10_000)
def _is_text(value: str) -> bool:
    """Whether YAML reads the text as text without quotes: `no` is text in 1.2, `null` is not."""
    from ruamel.yaml.nodes import ScalarNode

    return str(_known_yaml().resolver.resolve(ScalarNode, value, (True, False))) == _TEXT


@cache
def _text_tag() -> Any:
    return _known_yaml().representer.represent_str("").ctag


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096  # a folded string would be several lines of a diff
    return yaml


# For questions only: a document has an instance of its own, since errors leave something in it.
_known_yaml = cache(_yaml)
