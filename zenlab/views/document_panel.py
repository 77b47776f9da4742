"""A panel of a document alone: for what is read once, and has no payload to come alive from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.views.html import to_html as bare_html
from zenlab.views.panel import BUDGET, Panel, stored_size
from zenlab.views.text import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Document


class DocumentPanel(Panel):
    """Text and static HTML, without a payload: nothing of it is interactive.

    Args:
        documents: the same in falling sizes; the first that fits into a notebook is stored, and
            the first one is what a terminal prints.

    Example:
        >>> from zenlab.views.document import Document, Sentences
        >>> print(DocumentPanel([Document("main -> HEAD", (Sentences(("1 pipeline",)),))]))
        main -> HEAD
        <BLANKLINE>
        - 1 pipeline
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.documents[0].title}>"

    def __str__(self) -> str:
        return to_text(self.documents[0])

    def markdown(self) -> str:
        """The whole document as Markdown, for a pull request."""
        from zenlab.views.markdown import to_markdown

        return to_markdown(self.documents[0])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What IPython asks for: HTML and text."""
        del include, exclude
        bundle: dict[str, Any] = {}
        for document in self.documents:
            bundle = {"text/html": bare_html(document), "text/plain": to_text(document)}
            if stored_size(bundle) <= BUDGET:
                break
        return bundle
