"""`TrainingPipeline` and `DataPipeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.pipelines.base import BasePipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zenlab.steps.evaluator import BaseEvaluatorStep
    from zenlab.steps.preprocesser import BasePreprocesserStep
    from zenlab.steps.split import BaseSplitStep
    from zenlab.steps.trainer import BaseTrainerStep
    from zenlab.steps.transform import BaseTransformStep
    from zenlab.steps.validation import DataStatistics, DataValidation


class DataPipeline(BasePipeline):
    """Rows, transformed and split: what several training pipelines may start from.

    Example:
        >>> pipeline = DataPipeline(name="Flights")  # doctest: +SKIP
        >>> pipeline.add_datasource(CSVDatasource("flights", "data/flights.csv"))  # doctest: +SKIP
        >>> pipeline.add_transform(label_late)  # doctest: +SKIP
        >>> pipeline.run()  # doctest: +SKIP
    """

    TYPE: ClassVar[str] = "data"
    KINDS: ClassVar[tuple[str, ...]] = ("transform", "split", "statistics", "validation")

    def add_transform(
        self,
        transform: BaseTransformStep | Callable[..., Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
        **params: Any,
    ) -> None:
        """Add a step that makes new rows of the rows; each call adds one more.

        Args:
            transform: a function DataFrame -> DataFrame, or a `BaseTransformStep`.
            files: files of the repository that it reads, relative to `zenlab.yaml`.
            env: environment variables that it reads.
            packages: distributions it depends on in a way that its code does not show.
            **params: tracked parameters of the function.
        """
        self._add("transform", transform, params, files=files, env=env, packages=packages)

    def add_split(
        self,
        split: BaseSplitStep | Callable[..., Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
        **params: Any,
    ) -> None:
        """Say which rows are for training and which for evaluation; replaces an earlier one.

        Args:
            split: a `RandomSplit`, ..., or a function DataFrame -> name of the split per row.
            files: as in `add_transform`.
            env: as in `add_transform`.
            packages: as in `add_transform`.
            **params: tracked parameters of the function.
        """
        self._add("split", split, params, files=files, env=env, packages=packages)

    def add_statistics(self, statistics: DataStatistics | None = None, **options: Any) -> None:
        """Set options of the statistics of the splits, which every pipeline with a split has.

        Args:
            statistics: a `DataStatistics`.
            **options: its options, such as `slices=[["carrier"]]`, instead.
        """
        from zenlab.steps.validation import DataStatistics

        self._add("statistics", statistics or DataStatistics(**options), {})

    def add_validation(self, validation: DataValidation | None = None, **options: Any) -> None:
        """Set options of the check against the schema, which every pipeline with a split has.

        Without an argument, a copy takes the present schema instead of the one of its origin.

        Args:
            validation: a `DataValidation`.
            **options: its options, such as `fail_on_anomalies=True`, instead.
        """
        from zenlab.steps.validation import DataValidation

        self._add("validation", validation or DataValidation(**options), {})


class TrainingPipeline(DataPipeline):
    """From rows to an evaluated model.

    Example:
        >>> pipeline = TrainingPipeline(name="Pipeline A")  # doctest: +SKIP
        >>> pipeline.add_datasource(CSVDatasource("flights", "data/flights.csv"))  # doctest: +SKIP
        >>> pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))  # doctest: +SKIP
        >>> pipeline.add_preprocesser(TabularPreprocesser(["carrier"], ["late"]))  # doctest: +SKIP
        >>> pipeline.add_trainer(SklearnTrainer("LogisticRegression"))  # doctest: +SKIP
        >>> pipeline.add_evaluator(Evaluator(["roc_auc"]))  # doctest: +SKIP
        >>> pipeline.run()  # doctest: +SKIP
    """

    TYPE: ClassVar[str] = "training"
    KINDS: ClassVar[tuple[str, ...]] = (
        *DataPipeline.KINDS,
        "preprocesser",
        "trainer",
        "evaluator",
    )

    def add_preprocesser(
        self,
        preprocesser: BasePreprocesserStep | Callable[..., Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
        **params: Any,
    ) -> None:
        """Say how rows become features and labels; replaces an earlier one.

        Args:
            preprocesser: a `TabularPreprocesser`, ..., or a function DataFrame -> DataFrame.
            files: as in `add_transform`.
            env: as in `add_transform`.
            packages: as in `add_transform`.
            **params: tracked parameters of the function.
        """
        self._add("preprocesser", preprocesser, params, files=files, env=env, packages=packages)

    def add_trainer(
        self,
        trainer: BaseTrainerStep | Callable[..., Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
        **params: Any,
    ) -> None:
        """Say how the model is made; replaces an earlier one.

        Args:
            trainer: a `SklearnTrainer`, ..., or a function of the training rows -> model.
            files: as in `add_transform`.
            env: as in `add_transform`.
            packages: as in `add_transform`.
            **params: tracked parameters of the function.
        """
        self._add("trainer", trainer, params, files=files, env=env, packages=packages)

    def add_evaluator(
        self,
        evaluator: BaseEvaluatorStep | Callable[..., Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
        **params: Any,
    ) -> None:
        """Say how good the model is; replaces an earlier one.

        Args:
            evaluator: an `Evaluator`, ..., or a function (model, rows) -> {metric: number}.
            files: as in `add_transform`.
            env: as in `add_transform`.
            packages: as in `add_transform`.
            **params: tracked parameters of the function.
        """
        self._add("evaluator", evaluator, params, files=files, env=env, packages=packages)
