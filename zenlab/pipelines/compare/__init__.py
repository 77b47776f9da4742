"""Runs side by side: `%zen compare`, `Repository.compare_training_runs()`.

    side_by_side     the list of runs, its baseline and its order
    listing          the list to choose runs from
    targets          which runs a user means by `"Pipeline A"`, `"Pipeline A#11"` or an object
    metrics          which numbers may stand in one row, and which one is the best
    parameters       what differs in data, steps and arguments
    details          for a few runs: which steps they share, their curves and statistics
    sources          ... the code that differs, as a diff
    data             ... how far the columns of their data are apart

What comes out is a `zenlab.views.comparison.Comparison`, which the panel shows.
"""

from zenlab.pipelines.compare.details import two_datasets
from zenlab.pipelines.compare.listing import list_runs
from zenlab.pipelines.compare.side_by_side import compare, compare_latest, compare_training_runs

__all__ = ["compare", "compare_latest", "compare_training_runs", "list_runs", "two_datasets"]
