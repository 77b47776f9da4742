"""The part of a repository that writes pipelines under their names, and knows which are frozen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from zenlab.core.errors import AlreadyExistsException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.engine.fingerprint import Fingerprint
    from zenlab.metadata import PipelineRecord
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo.repository import Repository


class Registering:
    """What `Repository` offers to a run that makes its pipeline known."""

    @cached_property
    def _registered(self) -> dict[tuple[str, str], PipelineRecord]:
        return {}

    def register(
        self,
        spec: PipelineSpec,
        sources: Mapping[str, tuple[str, str]],
        marks: Sequence[Fingerprint] = (),
        schemas: Mapping[str, tuple[str, str]] | None = None,
    ) -> PipelineRecord:
        """Make a pipeline known under its name, and write its file.

        Args:
            spec: the pipeline.
            sources: fingerprint -> (name, source) of the notebook code in it.
            marks: of all users' code in it: what they reach is kept for `compare` and `why`.
            schemas: digest -> (name, text) of the schema that it is pinned to.

        Raises:
            AlreadyExistsException: the name belongs to another pipeline that is frozen.
        """
        repository = self._repository()
        here = repository.specification(spec.name)
        record = self._registered.get((spec.name, spec.digest))
        gains_pins = here is not None and self._gains_pins(spec, here)
        if record is None or here is None or here.digest != spec.digest or gains_pins:
            repository.files.check_name(spec.name)
            self._check_draft(spec, here)
            record = repository.metadata.register_pipeline(
                repository.project,
                spec.name,
                spec.digest,
                spec.type,
                spec.to_document(),
                repository.user,
                (spec.copied_from or {}).get("digest"),
            )
            repository.metadata.put_code(sources, listings=_listings(marks), schemas=schemas or {})
            repository.trusted.add(sources)
            if here is None or here.digest != spec.digest or gains_pins:
                repository.files.write(spec)
            repository.keep_sources(spec, sources)
            self._registered[spec.name, spec.digest] = record
        return record

    def _gains_pins(self, spec: PipelineSpec, here: PipelineSpec) -> bool:
        """Whether code of a draft has been committed since its file was written."""
        if here.digest != spec.digest:
            return False
        gains = any(
            step.code_commit is not None and here.steps[slot].code_commit is None
            for slot, step in spec.steps.items()
        )
        repository = self._repository()
        return gains and repository.files.committed(spec.name, repository.git) is None

    def _check_draft(self, spec: PipelineSpec, here: PipelineSpec | None) -> None:
        """Refuse another content under a name that is frozen."""
        from zenlab.pipelines.diff import differences

        is_other = here is not None and here.digest != spec.digest
        frozen, why = self._frozen(spec.name, here if is_other else None)
        if frozen is None or frozen.digest == spec.digest:
            return
        repository = self._repository()
        path = repository.files.path(spec.name)
        lines = "\n".join(f"    {line}" for line in differences(frozen, spec)[:20])
        raise AlreadyExistsException(
            f"Pipeline '{spec.name}' {why}, and what is declared here differs from it:\n{lines}",
            where=repository.files.shown(path).removeprefix(f"{repository.root}/"),
            hint=f'Give it another name, such as pipeline.copy("{spec.name} 2"), or declare it as '
            "it was.",
        )

    def frozen(self, name: str) -> PipelineSpec | None:
        """The specification that a name stands for from now on; None: it may be declared anew."""
        return self._frozen(name, self._repository().specification(name))[0]

    def _frozen(self, name: str, here: PipelineSpec | None) -> tuple[PipelineSpec | None, str]:
        """What is frozen under a name, and why."""
        from zenlab.pipelines.document import load
        from zenlab.pipelines.spec import from_document

        repository = self._repository()
        text = repository.files.committed(name, repository.git)
        path = repository.files.path(name)
        committed = from_document(load(text, str(path)), f"{path} in HEAD") if text else None
        if committed is not None and committed.name == name:
            return committed, "is committed"
        if here is not None:
            project, user = repository.project, repository.user
            others = repository.metadata.run_by_others(project, name, here.digest, user)
            if others:
                return here, f"has been run by {', '.join(others)}"
            author = self._draft_of(here) if repository.files.shared else None
            if author is not None:
                return here, f"is a draft of {author}"
        return None, ""

    def _draft_of(self, here: PipelineSpec) -> str | None:
        """Who else made the draft in a directory that all write; None if it is one's own."""
        repository = self._repository()
        found = repository.metadata.pipeline(repository.project, here.name, digest=here.digest)
        return found.user if found is not None and found.user != repository.user else None

    def _repository(self) -> Repository:
        return cast("Repository", self)


def _listings(marks: Sequence[Fingerprint]) -> dict[str, tuple[str, str]]:
    """What is kept of users' code to be read, in the form of `put_code`."""
    from zenlab.engine.fingerprint.listing import listing

    return {mark.digest: (mark.source, listing(mark)) for mark in marks}
