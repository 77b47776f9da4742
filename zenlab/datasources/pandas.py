"""`PandasDatasource`: a frame of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import DatasourceError, ParameterError
from zenlab.core.workspace import current_workspace
from zenlab.datasources.base import BaseDatasource
from zenlab.datasources.frame_state import FrameState
from zenlab.datasources.types import cast_table, column_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from zenlab.core.workspace import Workspace


class PandasDatasource(BaseDatasource):
    """The rows of a DataFrame. Another frame is another commit.

    The frame is digested when it is committed first, and again when it may have been changed in
    place since (under pandas 2, which cannot tell, each time). After loading from a pipeline file
    there is no frame, only the commits that were taken of it.

    Args:
        name: what the team calls it.
        df: the frame. A named index becomes columns, one without a name is dropped.
        schema: see `BaseDatasource`.
        sensitive: see `BaseDatasource`.

    Example:
        >>> customers = PandasDatasource("customers", df)  # doctest: +SKIP
    """

    code_version: ClassVar[int | None] = 1
    in_memory: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        df: pd.DataFrame | None = None,
        schema: Mapping[str, str] | None = None,
        sensitive: list[str] | None = None,
    ) -> None:
        super().__init__(name, schema, sensitive)
        if df is not None and not hasattr(df, "columns"):
            raise ParameterError(
                f"PandasDatasource takes a DataFrame, not a {type(df).__name__}.",
                where=name,
                hint="pandas.DataFrame(...) makes one of most things.",
            )
        self._df = df
        self._committed: dict[tuple[str, str], str] = {}
        self._state: FrameState | None = None

    def tracked(self, params: dict[str, Any]) -> dict[str, Any]:
        """All but the frame: its content is the commit."""
        return {name: value for name, value in params.items() if name != "df"}

    def commit(self) -> str:
        """Take a snapshot of the frame; of one that is unchanged, the earlier one's id."""
        workspace = current_workspace()
        if self._df is not None and not (self._state and self._state.is_surely_equal(self._df)):
            self._committed.clear()
            self._state = FrameState(self._df)
        place = (workspace.project, workspace.artifacts.root)
        if place not in self._committed:
            self._committed[place] = self._known(workspace) or super().commit()
        return self._committed[place]

    def _known(self, workspace: Workspace) -> str | None:
        """The commit of an equal frame. A cell that is run again then writes nothing."""
        from zenlab.artifacts import content_digest

        (rows,) = self.read()
        digest = content_digest(rows, self.name)
        commit = workspace.metadata.commit(workspace.project, self.name, digest)
        found = commit is not None and workspace.artifacts.exists(commit.artifact.uri)
        return digest if found else None

    def read(self) -> Iterator[Any]:
        """The frame.

        Raises:
            DatasourceError: there is none, since this object was made of a pipeline file.
        """
        if self._df is None:
            raise DatasourceError(
                f"The frame of datasource '{self.name}' is not here: it lived in the process that "
                "committed it.",
                where=self.name,
                hint="Use one of its commits (they can be read), or make the datasource anew: "
                f"PandasDatasource({self.name!r}, df).",
            )
        if not self.schema:
            return iter([self._df])
        from zenlab.artifacts.frames import frame_to_arrow

        table = frame_to_arrow(self._df, self.name)
        return iter([cast_table(table, column_types(self.schema, self.name), self.name)])

    def stamp(self) -> None:
        """None: a frame is its content."""
