"""What a panel in the browser asks of the kernel, and what it is answered.

A request names a panel by what stands on it: kind, title, datasets. It never holds a path, an
expression or a name of a variable, so that nothing can be asked for but what the user could open.
The TypeScript types of the same are made from these (`tools/payload_types.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from zenlab.views.payloads import Payload, StatisticsPayload

TARGET = "zenlab"
"""The name of the comm's target."""

MOST_FEATURES = 200
"""The most features of one answer."""

Name = Annotated[str, msgspec.Meta(max_length=1000)]


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A panel, by what stands on it: `title` is the name of a pipeline, a datasource or a file."""

    panel: Literal["statistics", "anomalies", "schema", "evaluation", "run", "compare"]
    title: Name
    datasets: list[Name] = []


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """Who answers?"""


class MoreFeatures(msgspec.Struct, frozen=True, tag_field="type", tag="more_features"):
    """The features of a statistics panel from a position on, in its own order."""

    subject: Subject
    start: Annotated[int, msgspec.Meta(ge=0)]
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_FEATURES)]


class Accept(msgspec.Struct, frozen=True, tag_field="type", tag="accept"):
    """Take up what was found in some columns into the schema; no names: everything."""

    subject: Subject
    features: list[Name] = []


class Refresh(msgspec.Struct, frozen=True, tag_field="type", tag="refresh"):
    """The panel as it is now."""

    subject: Subject


Request = Hello | MoreFeatures | Accept | Refresh
"""Every request, told apart by `type`."""


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    """The version of zenlab in the kernel, and that of the payloads it makes."""

    zenlab: str
    payloads: int


class Features(msgspec.Struct, frozen=True, tag_field="type", tag="features"):
    """Part of a statistics panel: `columns` are those asked for, `total` says how many exist."""

    payload: StatisticsPayload


class Accepted(msgspec.Struct, frozen=True, tag_field="type", tag="accepted"):
    """What was done, and what to do next."""

    text: str


class Refreshed(msgspec.Struct, frozen=True, tag_field="type", tag="refreshed"):
    """The panel as it is now."""

    payload: Payload


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="failure"):
    """What went wrong, where, and what to do next, as a `ZenlabError` says it."""

    message: str
    where: str = ""
    hint: str = ""


Answer = Welcome | Features | Accepted | Refreshed | Failure
"""Every answer, told apart by `type`."""


class Question(msgspec.Struct, frozen=True):
    """A request with the number that its answer will have."""

    id: int
    request: Request


class Reply(msgspec.Struct, frozen=True):
    """An answer with the number of its request."""

    id: int
    answer: Answer
