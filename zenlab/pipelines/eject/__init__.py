"""A pipeline as a script that runs without zenlab.

script         puts it together, from the data to the metrics
user_code      the users' own functions, from what the store keeps of them
preprocessing  fitted preprocessers as pandas
estimator      a recorded estimator as an expression
evaluating     metrics as calls of scikit-learn
"""

from zenlab.pipelines.eject.script import Ejected, copy_data, eject

__all__ = ["Ejected", "copy_data", "eject"]
