"""`RunnableStep`: what the five kinds of steps have in common when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError
from zenlab.core.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.dataset import Dataset
    from zenlab.core.step import StepContext

TRAIN = "train"
"""The split that preprocessers and trainers are fitted on."""


class RunnableStep(Step):
    """A step whose `context` is there while it runs.

    Attributes:
        context: the `StepContext` of the run: `log_metric`, `log_figure`, `progress`,
            `finding`, `output_dir`. Set just before the step's work begins.
    """

    context: StepContext

    @property
    def title(self) -> str:
        """What messages call this step, such as `RandomSplit` or `transform 'label_late'`."""
        return type(self).__name__

    def run(self, inputs: Mapping[str, Any], context: StepContext) -> Mapping[str, Any]:
        """Set `self.context`, then do the work of this kind of step.

        Args:
            inputs: by name, as the table in docs/design.md, section 11, has them.
            context: what the step may say and where it may write.

        Returns:
            Outputs by name.
        """
        self.context = context
        return self._execute(inputs)

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} has no _execute()")


def train_split(splits: Mapping[str, Dataset], where: str) -> Dataset:
    """The split to fit on: `train`.

    Args:
        splits: the datasets by name.
        where: the step, for the message.

    Raises:
        ParameterError: there is no split of that name.
    """
    if TRAIN not in splits:
        names = ", ".join(repr(name) for name in splits)
        raise ParameterError(
            f"There is no split '{TRAIN}' to fit on, only {names}.",
            where=where,
            hint=f"Name one split '{TRAIN}' in the step that splits.",
        )
    return splits[TRAIN]
