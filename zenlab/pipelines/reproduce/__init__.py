"""Whether a pipeline gives again what was recorded of it.

    again      runs every step of a specification in stores that nobody shares
    values     how two values of one output differ: equal, within a tolerance, different
    verdict    the recorded run against the new one, step by step

The work tree of the pinned commit comes from above (`zenlab.repo.reproducing`).
"""

from zenlab.pipelines.reproduce.again import run_again
from zenlab.pipelines.reproduce.verdict import Row, Verdict, compare_runs

__all__ = ["Row", "Verdict", "compare_runs", "run_again"]
