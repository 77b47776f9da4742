"""Why a step ran, or did not: `%zen why`, `pipeline.why()`, and the reasons in `%zen plan`.

    runs      all steps of a run that took place, or of the next one
    steps     one of them against earlier executions: which is nearest, what its inputs come from
    answer    what `why` returns, and how it is put into words

What differs between two executions is found by `zenlab.engine.why`, between two sources by
`zenlab.engine.codediff`.
"""

from zenlab.pipelines.why.answer import RunWhy, StepWhy
from zenlab.pipelines.why.runs import explain_next, explain_run

__all__ = ["RunWhy", "StepWhy", "explain_next", "explain_run"]
