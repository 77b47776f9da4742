"""`Step`: what a pipeline is made of, and `StepContext`: what a running step may do.

The engine knows steps by these two alone. The kinds of steps, their inputs and what a user
overrides are in `zenlab.steps`.
"""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from zenlab.core.errors import ParameterError
from zenlab.core.params import bind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Step:
    """One piece of work: inputs in, named outputs out.

    The arguments of the constructor are the step's tracked parameters. They are recorded when
    the instance is made, defaults included, without any help of the subclass:

        >>> class Shift(Step):
        ...     def __init__(self, by: float = 1.0):
        ...         self.by = by
        >>> Shift(2).params
        {'by': 2}

    A run never executes the user's own instance: it makes `cls(**recorded parameters)`, so that
    an attribute that was set by hand afterwards cannot change a result behind the key's back.
    """

    KIND: ClassVar[str] = ""
    """The place in a pipeline: transform, split, preprocesser, trainer, evaluator, ..."""

    code_version: ClassVar[int | None] = None
    """Built-ins only: a number that is raised with every change of results. It stands for the
    code in cache keys; None means that the code itself counts. It is not inherited."""

    packages: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version counts in the key, beside those that the code itself shows."""

    files: ClassVar[tuple[str, ...]] = ()
    """Files of the repository that the step reads; their content counts in the key."""

    env: ClassVar[tuple[str, ...]] = ()
    """Environment variables that the step reads; their values count in the key."""

    _params: dict[str, Any]

    def __init__(self, **kwargs: Any) -> None:
        """Take what a subclass passes on, as those of ZenML 0.3 do: `super().__init__(a=a)`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Record the arguments of the constructor."""
        self = super().__new__(cls)
        self._params = bind(cls, args, kwargs)
        return self

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in self._params.items())
        return f"{type(self).__name__}({shown if len(shown) <= 200 else shown[:197] + '...'})"

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        """Let copy and pickle make the instance by its parameters."""
        return (), self._params

    @property
    def params(self) -> dict[str, Any]:
        """The recorded parameters, by name. A new dict at each call."""
        return dict(self._params)

    @cached_property
    def tracked(self) -> dict[str, Any]:
        """The parameters as they are recorded; rich ones are rewritten once an instance."""
        return self.tracked_params(self.params)

    @classmethod
    def tracked_params(cls, params: Mapping[str, Any]) -> dict[str, Any]:
        """Rewrite rich arguments into what can be recorded; override where there are any.

        Args:
            params: the arguments of the constructor by name, defaults included.

        Returns:
            Parameters of plain data (see `zenlab.core.canonical.plain`), in which functions and
            classes may stand for themselves. `cls(**result)` must make an equal step.
        """
        return dict(params)

    @classmethod
    def key_packages(cls, params: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG003 - for overrides
        """The distributions whose versions count, for these tracked parameters."""
        return cls.packages

    def run(self, inputs: Mapping[str, Any], context: StepContext) -> Mapping[str, Any]:
        """Do the work. `zenlab.steps` implements this once a kind; users override what it calls.

        Args:
            inputs: by name: a `Dataset`, a dict of them by split, a model, or JSON.
            context: what the step may say and where it may write.

        Returns:
            Outputs by name: a DataFrame, an Arrow table, an iterator of record batches, what
            `context.dataset_writer` gave, a fitted model, or a dict of JSON.
        """
        raise NotImplementedError(f"{type(self).__name__} has no run()")

    def cancel(self) -> None:
        """Give up what `run` waits for; called from another thread, for steps that run beside."""


# What it takes is not its own: a step without a constructor has no parameters.
_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
setattr(Step.__init__, "__signature__", inspect.Signature([_SELF]))  # noqa: B010 - mypy


class StepContext:
    """What a running step may say, and where it may write.

    Args:
        slot: the step's place in the pipeline.
        new_output_dir: makes the empty folder that `output_dir` is, at its first use.
        new_writer: makes the writer of a dataset output, by name.
        on_progress: called with (done, total or None, message).

    Example:
        >>> def train(train, epochs, context):  # doctest: +SKIP
        ...     for epoch in range(epochs):
        ...         context.log_metric("loss", loss, step=epoch)
        ...         context.progress(epoch + 1, epochs)
    """

    def __init__(
        self,
        slot: str,
        new_output_dir: Callable[[], Path],
        *,
        new_writer: Callable[[str], Any] | None = None,
        on_progress: Callable[[float, float | None, str], None] | None = None,
    ) -> None:
        self.slot = slot
        self._new_output_dir = new_output_dir
        self.metrics: list[tuple[str, float, int | None]] = []
        self.figures: dict[str, Any] = {}
        self.findings: list[str] = []
        self._new_writer = new_writer
        self._on_progress = on_progress

    @cached_property
    def output_dir(self) -> Path:
        """An empty folder; what the step leaves there is kept as the output `files`."""
        return self._new_output_dir()

    def log_metric(self, name: str, value: float, step: int | None = None) -> None:
        """Record a number, to be compared between runs.

        Args:
            name: such as `loss`.
            value: the number.
            step: its place in a series (an epoch), or None for the one final value.
        """
        self.metrics.append((name, float(value), step))

    def log_figure(self, name: str, figure: Any) -> None:
        """Keep a plotly figure, as its JSON, beside the outputs.

        Args:
            name: unique in the step.
            figure: anything with `to_json()`, such as `plotly.graph_objects.Figure`.
        """
        if not hasattr(figure, "to_json"):
            raise ParameterError(
                f"log_figure takes a plotly figure, not a {type(figure).__name__}.",
                where=self.slot,
                hint="Save other pictures into context.output_dir.",
            )
        self.figures[name] = figure

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Say how far the step is; the cell shows it while the run goes on."""
        if self._on_progress is not None:
            self._on_progress(done, total, message)

    def finding(self, message: str) -> None:
        """Tell the user something about the result that is not an error, in one sentence."""
        self.findings.append(message)

    def dataset_writer(self, name: str) -> Any:
        """A writer for an output that is too big for memory: `write(batch)`, then return it.

        Args:
            name: the name of the output.

        Returns:
            A `zenlab.artifacts.DatasetWriter`.
        """
        if self._new_writer is None:
            raise RuntimeError("this context has no dataset writer")
        return self._new_writer(name)
