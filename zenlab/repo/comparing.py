"""The part of a repository that puts runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.views import ComparePanel
    from zenlab.views.comparison import Comparison


class Comparisons:
    """What `Repository` offers of comparisons."""

    def compare(
        self,
        *pipelines: Any,
        baseline: str | None = None,
        sort: str | None = None,
        all_parameters: bool = False,
    ) -> ComparePanel:
        """Compare pipelines by their latest successful runs.

        Args:
            *pipelines: names (`"Pipeline A"`), revisions (`"Pipeline A#11"`), or pipelines that
                have been run. One name alone stands for all of its revisions, none at all for what
                you ran last and what you ran before it.
            baseline: what the others are compared with; the first one by default.
            sort: a metric by which the runs are sorted, the best first.
            all_parameters: show those as well that are the same everywhere.

        Raises:
            DoesNotExistException: a name, a revision or a metric that is not there.
            PipelineNotSucceededException: a pipeline without a successful run.

        Example:
            >>> Repository().compare("Pipeline A", "Pipeline B").figure()  # doctest: +SKIP
        """
        from zenlab.pipelines.compare import compare

        found = compare(pipelines, self._workspace(), baseline=baseline, sort=sort)
        return self._panel(found, all_parameters)

    def compare_training_runs(
        self,
        datasource: Any = None,
        *,
        baseline: str | None = None,
        sort: str | None = None,
        all_parameters: bool = False,
    ) -> ComparePanel:
        """List all training pipelines that have a successful run, revision by revision.

        Args:
            datasource: only those that start from it: a datasource, or its name.
            baseline: what the others are compared with; none by default.
            sort: a metric by which they are sorted, the best first; by default the first one that
                most of them have.
            all_parameters: show those as well that are the same everywhere.

        Returns:
            A panel; `panel.details("Pipeline A#11", "Pipeline A#12")` says where two runs differ.

        Raises:
            DoesNotExistException: a datasource, a baseline or a metric that is not there.
        """
        from zenlab.pipelines.compare import compare_training_runs

        found = compare_training_runs(self._workspace(), datasource, baseline=baseline, sort=sort)
        return self._panel(found, all_parameters)

    def _panel(self, comparison: Comparison, all_parameters: bool) -> ComparePanel:
        from zenlab.pipelines.compare import compare
        from zenlab.views import ComparePanel

        def load(labels: Sequence[str]) -> Comparison:
            return compare(labels, self._workspace())

        return ComparePanel(comparison, all_parameters=all_parameters, load=load)

    def _workspace(self) -> Workspace:
        return cast("Workspace", self)
