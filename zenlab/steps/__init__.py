"""The steps of a pipeline: one package a kind, each with a base class to override.

| kind | a user's function | a user's class overrides |
|---|---|---|
| transform | `f(df, **params) -> df` | `BaseTransformStep.transform` |
| split | `f(df, **params) -> names` | `BaseSplitStep.assign`, or `partition_fn` |
| preprocesser | `f(df, **params) -> df` | `BasePreprocesserStep.fit` and `.transform` |
| trainer | `f(train, **params) -> model` | `BaseTrainerStep.fit` |
| evaluator | `f(model, examples, **params) -> dict` | `BaseEvaluatorStep.evaluate` |

Importing a step imports neither pandas nor scikit-learn: they come with the first run.
"""

from __future__ import annotations

FUNCTION_STEPS = {
    "transform": "zenlab.steps.transform:FunctionTransform",
    "split": "zenlab.steps.split:FunctionSplit",
    "preprocesser": "zenlab.steps.preprocesser:FunctionPreprocesser",
    "trainer": "zenlab.steps.trainer:FunctionTrainer",
    "evaluator": "zenlab.steps.evaluator:FunctionEvaluator",
}
"""Kind of step -> `module:Class` of the step that wraps a user's function.

Each is made as `Class(function, **params)`."""
