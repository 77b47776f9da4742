"""What code reads that no fingerprint can see: the environment, the clock, chance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.names import Use

_ENVIRONMENT = re.compile(r"os\.(environb?|getenvb?)\b")
_CLOCK = re.compile(
    r"(datetime\.(datetime|date)\.(now|utcnow|today)"
    r"|pandas\.(Timestamp|Period)\.(now|utcnow|today)"
    r"|time\.(time|time_ns|localtime|gmtime|ctime|strftime|asctime))$"
)
_CHANCE = re.compile(
    r"(random\.(?!seed$|Random$|SystemRandom$|getstate$|setstate$)[a-z]\w*"
    r"|numpy\.random\.(?!seed$|default_rng$|get_state$|set_state$|[A-Z])\w+"
    r"|uuid\.uuid[14]|os\.urandom|secrets\.\w+|random\.SystemRandom)$"
)
_GENERATOR = re.compile(r"(numpy\.random\.(default_rng|RandomState)|random\.Random)$")
_SEED = re.compile(r"(numpy\.random|random)\.seed$")


class Seeds:
    """Which global generators the code seeds: then their numbers are no surprise."""

    def __init__(self) -> None:
        self.seeded: set[str] = set()
        self.found: list[tuple[str | None, str]] = []

    def check(self, dotted: str, use: Use, place: str) -> None:
        """Note what a use of a package's or of Python's own code reads.

        Args:
            dotted: the full name, `numpy.random.default_rng`.
            use: how it is used.
            place: file and line.
        """
        if _SEED.match(dotted):
            self.seeded.add(dotted.rpartition(".")[0])
        elif _ENVIRONMENT.match(dotted):
            self.note(f"{dotted} is read at {place}: declare the variables with env=.")
        elif _CLOCK.match(dotted):
            self.note(f"{dotted}() reads the clock at {place}: a cached result keeps its time.")
        elif _GENERATOR.match(dotted) and use.called_bare:
            self.note(f"{dotted}() has no seed at {place}: each execution gives another result.")
        elif _CHANCE.match(dotted):
            self.found.append(
                (
                    dotted.rpartition(".")[0],
                    f"{dotted}() is not seeded at {place}: each execution gives another result.",
                )
            )

    def note(self, text: str) -> None:
        """Add a sentence that no seed takes back."""
        self.found.append((None, text))

    def notes(self) -> tuple[str, ...]:
        """All sentences, sorted."""
        return tuple(sorted({text for owner, text in self.found if owner not in self.seeded}))
