"""What a function or a class is, by content: the code part of a cache key.

    fingerprint(obj)
      walk.py       follows live objects; each becomes a node
        facts.py      what a code object says by itself, memoised
          source.py     its source, checked against the loaded code (bytecode.py)
          syntax.py     its AST, the same on every Python
          names.py      what it names
        resolve.py    names -> the objects that they mean now
        classes.py, values.py, arrays.py, callables.py    what of an object counts
        installed.py  what counts by name (origin.py: whose code it is)
        notes.py      what no fingerprint can see
      graph.py      nodes -> digests
      memo.py       whether the last result still holds
      bundle.py     the source of a notebook's object, to be kept in a store (cells.py)
      listing.py    the sources of all that counts, to be shown when they have changed

Nothing is imported or run to find a fingerprint. A wrong hit is the worst that can happen: what
is not understood is refused by name, or counts by more than it needs to.
"""

from zenlab.engine.fingerprint.api import code_ref_source, fingerprint
from zenlab.engine.fingerprint.cells import register_cell
from zenlab.engine.fingerprint.listing import read_listing
from zenlab.engine.fingerprint.model import Fingerprint, Reached
from zenlab.engine.fingerprint.source import lines_of
from zenlab.engine.fingerprint.syntax import syntax_digest

__all__ = [
    "Fingerprint",
    "Reached",
    "code_ref_source",
    "fingerprint",
    "lines_of",
    "read_listing",
    "register_cell",
    "syntax_digest",
]
