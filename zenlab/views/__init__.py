"""What a pipeline found, for people to look at: results -> payloads -> text, HTML, figures.

A panel is data (`docs/design.md`, decision 10). What it was made of becomes one payload of short
strings; the payload becomes a `Document` of titles, facts and tables; and the document becomes
plain text and bare HTML. Each of these steps is a pure function, so that the same result leaves
the same bytes in a notebook, whoever ran it and whether it came out of the cache.

    numbers, times, strings        how a value is written
    sparkline, shapes              distributions in a line of text, on one scale
    showable                       which values may be seen
    document, text, html           what a panel says, and the two ways to say it without a script
    markdown, document_panel       ... in a pull request; a panel of a document alone
    payloads, packing, panel       what is stored, how it is packed, and its budget
    payload_schema                 the JSON schema of it (schema.py is the panel of a schema)
    figure_style, standalone       what figures have in common; a file for people without Jupyter
    run, evaluation, compare, ...  the panels; X_payload, X_document, X_figure are the parts of one
    live                           a run while it goes on: on screen only, never stored

Nothing here imports pandas, numpy or plotly before a frame or a figure is asked for.
"""

from __future__ import annotations

from zenlab.views.anomalies import AnomaliesPanel
from zenlab.views.compare import ComparePanel
from zenlab.views.evaluation import EvaluationPanel
from zenlab.views.live import LiveRun
from zenlab.views.panel import MIME_TYPE, Panel
from zenlab.views.run import OutputSummary, RunFailure, RunPanel, RunSummary, StepSummary
from zenlab.views.schema import SchemaPanel
from zenlab.views.statistics import StatisticsPanel

__all__ = [
    "MIME_TYPE",
    "AnomaliesPanel",
    "ComparePanel",
    "EvaluationPanel",
    "LiveRun",
    "OutputSummary",
    "Panel",
    "RunFailure",
    "RunPanel",
    "RunSummary",
    "SchemaPanel",
    "StatisticsPanel",
    "StepSummary",
]
