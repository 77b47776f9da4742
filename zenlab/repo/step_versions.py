"""The part of a repository that knows the steps of its pipelines, and their versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.core.pinned import is_sha
from zenlab.pipelines.declare import builtin_source, builtin_version, code_refs
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.pipelines.resolve import Home, find_builtin, find_code

if TYPE_CHECKING:
    from zenlab.engine.fingerprint import Reached
    from zenlab.repo.repository import Repository

_SHORT = 12


@dataclass
class StepVersion:
    """A step, or a function or class among its arguments, as pipelines use it.

    Attributes:
        source: `module.Name`, `notebook:Name`.
        pin: `zenlab_0.1.0`, a Git commit, or None for code that is not committed.
        code: the fingerprint; None for what zenlab brings.
        pipelines: the names of those that use it.
    """

    source: str
    pin: str | None
    code: str | None
    pipelines: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What tells it from other versions: `features.late@4f2a91c03b7d`, `notebook:late#5f70`."""
        if self.pin is not None:
            return f"{self.source}@{self.pin[:_SHORT] if is_sha(self.pin) else self.pin}"
        return f"{self.source}#{(self.code or '')[:_SHORT]}"


class StepVersions:
    """What `Repository` offers of steps."""

    def step_versions(self) -> list[StepVersion]:
        """All steps of the pipelines of the pipeline directory, by source."""
        found: dict[tuple[str, str | None, str | None], StepVersion] = {}
        for spec in self._repository().files.all()[0]:
            for step in spec.steps.values():
                used = [(step.source, step.pin, step.code)]
                used += [(source, step.code_commit, code) for source, code in code_refs(step.args)]
                for key in used:
                    version = found.setdefault(key, StepVersion(*key))
                    if spec.name not in version.pipelines:
                        version.pipelines.append(spec.name)
        return sorted(found.values(), key=lambda v: (v.source, v.label))

    def get_step_versions(self) -> dict[str, set[str]]:
        """The versions of each step that a pipeline of the pipeline directory uses.

        Returns:
            By source (`trainers.my.MyTrainer`): its pins, which are Git commits of 40 digits or
            `zenlab_<version>`. Code that is not committed has none.

        Example:
            >>> Repository().get_step_versions()  # doctest: +SKIP
            {'zenlab.steps.split.RandomSplit': {'zenlab_0.1.0'}}
        """
        found: dict[str, set[str]] = {}
        for version in self.step_versions():
            pins = found.setdefault(version.source, set())
            if version.pin is not None:
                pins.add(version.pin)
        return found

    def get_step_versions_by_type(self, step_type: type | str) -> set[str]:
        """The versions of one step.

        Args:
            step_type: the class or function, or its source.

        Raises:
            DoesNotExistException: no pipeline uses it; the message suggests the closest one.
        """
        source, known = _source(step_type), self.get_step_versions()
        if source not in known:
            raise DoesNotExistException(
                f"No pipeline of this repository uses '{source}'.", hint=suggest(source, known)
            )
        return known[source]

    def get_step_by_version(self, step_type: type | str, version: str) -> Any:
        """A step's class, or function, as it is in a version; several live side by side.

        Args:
            step_type: the class or function, or its source.
            version: a pin of `get_step_versions`, or the first digits of one.

        Raises:
            DoesNotExistException: no pipeline uses that version.
            CodeError: its commit is not here, or does not have the recorded code.
        """
        source, repository = _source(step_type), self._repository()
        pins = self.get_step_versions_by_type(source)
        fits = sorted(p for p in pins if p == version or (is_sha(p) and p.startswith(version)))
        if len(fits) != 1 or not version:
            raise DoesNotExistException(
                f"'{version}' fits {len(fits)} versions of '{source}'.",
                hint=f"Its versions are: {', '.join(sorted(pins)) or 'none is committed'}.",
            )
        if not is_sha(fits[0]):
            return find_builtin(source)
        known = next(v for v in self.step_versions() if (v.source, v.pin) == (source, fits[0]))
        return find_code(source, known.code, Home(repository, commit=fits[0]))

    def reached_by(self, version: StepVersion) -> tuple[Reached, ...]:
        """The functions, classes and constants of a version, to be read or compared.

        Args:
            version: of a user's own code.

        Raises:
            CodeError: neither the store nor a commit of this clone has it.
        """
        from zenlab.engine.fingerprint import fingerprint, read_listing

        repository, code = self._repository(), version.code
        if code is None:
            return ()
        kept = repository.metadata.listings([code]).get(code)
        if kept is not None:
            return read_listing(kept)
        commit = version.pin if is_sha(version.pin) else None
        found = find_code(version.source, code, Home(repository, commit=commit))
        return fingerprint(found, repo_root=repository.code_root).reached

    def _repository(self) -> Repository:
        return cast("Repository", self)


def _source(step_type: type | str) -> str:
    if isinstance(step_type, str):
        return step_type
    if builtin_version(step_type) is not None:
        return builtin_source(step_type)
    from zenlab.engine.fingerprint import code_ref_source

    return code_ref_source(step_type)


def find_version(text: str, versions: list[StepVersion]) -> StepVersion:
    """The version that a word of a command line means.

    Args:
        text: a label of `zenlab step list`, or its first digits; a source alone where it has one
            version.
        versions: all of them.

    Raises:
        DoesNotExistException: none fits, or several do.
    """
    fits = [v for v in versions if _is_meant(text, v)]
    if len(fits) == 1:
        return fits[0]
    labels = [v.label for v in versions if not v.source.startswith("zenlab.")]
    if fits:
        raise DoesNotExistException(
            f"'{text}' fits {len(fits)} versions: {', '.join(v.label for v in fits)}.",
            hint="Give one of them.",
        )
    raise DoesNotExistException(f"No step '{text}'.", hint=suggest(text, labels))


def _is_meant(text: str, version: StepVersion) -> bool:
    name = version.source.removeprefix(NOTEBOOK).rpartition(".")[2]
    for source in (version.source, name):
        if text == source:
            return True
        for mark, digits in (("@", version.pin), ("#", version.code)):
            given = text.removeprefix(f"{source}{mark}")
            if given != text and given and (digits or "").startswith(given):
                return True
    return False
