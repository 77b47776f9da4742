"""What a notebook may bring into Git: checked before it does (`docs/design.md`, section 7).

    document          an `.ipynb` file, read without nbformat, as cells and outputs
    rules             what is checked: a rule is a name, a level, a sentence and a function
    sizes, frontend, machine, rows, execution, secrets, stale
                      the functions, by topic
    check             rules over files, opt-outs
    repairs, noise    what can be repaired without a run, and what is noise in a diff
    cleaning, layout  repairs over a document or a file, which keeps its layout

A notebook is never executed, and only `cleaning` writes one. Nothing here needs a repository.
"""

from __future__ import annotations

from zenlab.hygiene.check import Finding, check_notebook, notebook_files
from zenlab.hygiene.cleaning import clean_bytes, clean_document, clean_file
from zenlab.hygiene.document import Notebook, parse_notebook, read_notebook
from zenlab.hygiene.rules import RULES, Rule, chosen

__all__ = [
    "RULES",
    "Finding",
    "Notebook",
    "Rule",
    "check_notebook",
    "chosen",
    "clean_bytes",
    "clean_document",
    "clean_file",
    "notebook_files",
    "parse_notebook",
    "read_notebook",
]
