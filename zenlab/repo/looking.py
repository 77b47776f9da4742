"""Looking at a datasource: its statistics, its schema, this month's rows against last month's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from zenlab.pipelines import schemas
from zenlab.pipelines.looking import Looked, look, rows_of_pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.dataset import Dataset
    from zenlab.core.workspace import Workspace
    from zenlab.pipelines import BasePipeline


class Looking:
    """The part of a `Repository` that computes panels of datasources, or finds them."""

    def look_at(
        self,
        name: str,
        data: Dataset,
        label: str,
        *,
        sensitive: Sequence[str],
        sample: int | None = None,
        validated: bool = False,
        against: Dataset | BasePipeline | None = None,
    ) -> Looked:
        """Statistics of rows, and what the schema says of them; see `Workspace.look_at`."""
        workspace = cast("Workspace", self)
        if against is not None and hasattr(against, "outputs"):
            seen = rows_of_pipeline(against, data, workspace)
            hidden = sorted({*sensitive, *seen.sensitive})
            args: dict[str, Any] = {"sensitive": hidden} if hidden else {}
            return look(
                {label: seen.rows},
                workspace,
                datasource=name,
                counted=args,
                validated=seen.validated | args,
                baseline={"train": seen.train},
            )
        args = {"sensitive": sorted(sensitive)} if sensitive else {}
        counted = args | ({"sample": sample} if sample is not None else {})
        text = schemas.read_schema_file(name, workspace)
        pinned = {"schema": schemas.schema_digest(text)} if text is not None else {}
        baseline = None
        if against is not None:
            pinned["comparison"] = "drift"
            baseline = {against.name: against}
        return look(
            {label: data},
            workspace,
            datasource=name,
            counted=counted,
            validated=args | pinned if validated else None,
            baseline=baseline,
        )
