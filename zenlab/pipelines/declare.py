"""From what a user declares (a step, a function) to its specification."""

from __future__ import annotations

import importlib
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from zenlab._version import __version__
from zenlab.core import canonical
from zenlab.core.errors import ParameterError
from zenlab.core.params import signature_of, snapshot
from zenlab.core.step import Step
from zenlab.pipelines.spec import StepSpec
from zenlab.steps import FUNCTION_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from inspect import Signature
    from pathlib import Path

    from zenlab.datasources import BaseDatasource
    from zenlab.engine.fingerprint import Fingerprint
    from zenlab.pipelines.spec import DatasourceSpec

CODE = "$code"
"""Marks a function or class among arguments: `{"$code": {"source": ..., "code": ...}}`."""


@dataclass(frozen=True)
class Declaration:
    """A step as it was given to `add_*`: live objects, not yet looked at.

    Attributes:
        kind: transform, split, ...
        target: the class of a step, or a function.
        args: the tracked parameters; functions and classes may stand among them.
        packages: distributions that the user declared.
        files: files that the user declared.
        env: environment variables that the user declared.
    """

    kind: str
    target: Any
    args: dict[str, Any]
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    env: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the class or function."""
        return str(getattr(self.target, "__name__", type(self.target).__name__))


@dataclass(frozen=True)
class Declared:
    """A whole pipeline as it was declared: what a run looks at.

    Attributes:
        type: `training`, `data`.
        name: None if the user gave none.
        enable_cache: False executes every step.
        datasource: the live datasource, or None for a recorded one.
        recorded: the datasource of a pipeline that was opened by its name.
        commit_id: the commit that was asked for, or that the file names.
        steps: by slot: declared here, or recorded.
        copied_from: name and digest of the origin.
    """

    type: str
    name: str | None
    enable_cache: bool
    datasource: BaseDatasource | None
    recorded: DatasourceSpec | None
    commit_id: str | None
    steps: Mapping[str, Declaration | StepSpec]
    copied_from: dict[str, str] | None


@dataclass
class Described:
    """A specification and the live code behind it.

    Attributes:
        spec: plain data.
        live: the class or function, and those among the arguments, by fingerprint (what zenlab
            brings: by source). Not by source: all lambdas of a notebook have one.
        fingerprints: of all code in it, by digest; empty for what zenlab brings.
    """

    spec: StepSpec
    live: dict[str, Any] = field(default_factory=dict)
    fingerprints: dict[str, Fingerprint] = field(default_factory=dict)


def declaration(
    kind: str,
    thing: object,
    params: dict[str, Any],
    *,
    packages: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    env: tuple[str, ...] = (),
) -> Declaration:
    """What `add_*` keeps of its arguments.

    Args:
        kind: the kind of slot.
        thing: a step, or a function.
        params: parameters of a function.
        packages: declared distributions.
        files: declared files.
        env: declared environment variables.

    Raises:
        ParameterError: it is neither, a step of another kind, a class that should be an
            instance, or parameters beside a step.
    """
    if isinstance(thing, Step):
        if kind != thing.KIND:
            raise ParameterError(
                f"{type(thing).__name__} is for {thing.KIND or 'no kind of slot'}, not for {kind}.",
                where=f"add_{kind}",
                hint=f"Use add_{thing.KIND}(...)." if thing.KIND else "Subclass a Base*Step.",
            )
        if params:
            raise ParameterError(
                f"add_{kind} takes no parameters beside a step: {', '.join(params)}.",
                where=f"add_{kind}",
                hint=f"Give them to {type(thing).__name__}(...).",
            )
        cls = type(thing)
        return Declaration(
            kind,
            cls,
            dict(thing.tracked),
            packages=(*cls.packages, *packages),
            files=(*cls.files, *files),
            env=(*cls.env, *env),
        )
    if isinstance(thing, type) and issubclass(thing, Step):
        raise ParameterError(
            f"add_{kind} takes an instance, and {thing.__name__} is the class.",
            where=f"add_{kind}",
            hint=f"Use {thing.__name__}(...).",
        )
    if callable(thing) and not isinstance(thing, type):
        _check_function(kind, thing, params)
        return Declaration(kind, thing, _by_signature(thing, params), packages, files, env)
    raise ParameterError(
        f"add_{kind} takes a step or a function, not a {type(thing).__name__}.",
        where=f"add_{kind}",
    )


_accepted: WeakKeyDictionary[Any, tuple[Signature, set[str]]] = WeakKeyDictionary()


def _check_function(kind: str, function: Any, params: dict[str, Any]) -> None:
    """Refuse a misspelt parameter where it is written: the step is made once, and thrown away."""
    is_plain = not params and isinstance(function, types.FunctionType)
    # What it takes without parameters follows from its signature, which seldom changes.
    signature = signature_of(function) if is_plain else None
    known = _accepted.get(function) if is_plain else None
    if known is not None and known[0] is signature and kind in known[1]:
        return
    function_step(kind)(function, **params)
    if signature is not None:
        kinds = known[1] if known is not None and known[0] is signature else set()
        _accepted[function] = (signature, kinds | {kind})


def _by_signature(function: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Parameters in the order of the function; what only its `**kwargs` take, as they came."""
    known = [name for name in signature_of(function).parameters if name in params]
    return {name: snapshot(params[name]) for name in dict.fromkeys([*known, *params])}


def function_step(kind: str) -> Callable[..., Step]:
    """The step that runs a plain function in a slot of this kind."""
    module, _, name = FUNCTION_STEPS[kind].partition(":")
    found: Callable[..., Step] = getattr(importlib.import_module(module), name)
    return found


def describe(declared: Declaration, slot: str, root: Path | None) -> Described:
    """The specification of a declared step, by the state of its code right now.

    Args:
        declared: the step.
        slot: its place, for messages.
        root: the repository, whose code counts line by line.

    Raises:
        CodeError: code that cannot be fingerprinted.
        ParameterError: an argument that cannot be recorded.
    """
    found = Described(StepSpec(""))
    packages = set(declared.packages)
    target = declared.target
    version = builtin_version(target)
    if version is not None:
        source, pin, code = builtin_source(target), version, None
        found.live[source] = target
        packages.update(target.key_packages(declared.args))
    else:
        source, code = _add_code(target, root, found, packages)
        pin = None
        # Its rows are frames, whose methods its code calls without naming the package.
        packages.add("pandas")
        if isinstance(target, type) and issubclass(target, Step):
            packages.update(target.key_packages(declared.args))
    args = {
        name: _plain(value, f"{slot}.{name}", root, found, packages)
        for name, value in declared.args.items()
    }
    _refuse_quoted(target, args, slot)
    found.spec = StepSpec(
        source=source,
        args=args,
        pin=pin,
        code=code,
        packages=tuple(sorted(packages)),
        files=tuple(sorted(set(declared.files))),
        env=tuple(sorted(set(declared.env))),
    )
    return found


def _refuse_quoted(target: Any, args: dict[str, Any], slot: str) -> None:
    """Refuse a text for `df.query` that names a global: its value would not count."""
    if not isinstance(target, types.FunctionType):
        return
    for name, value in args.items():
        if isinstance(value, str) and "@" in value:
            from zenlab.engine.fingerprint.names import names_of, quoted_in

            names = sorted(quoted_in(value) & target.__globals__.keys())
            if names and names_of(target.__code__).attributes & {"query", "eval"}:
                raise ParameterError(
                    f"{target.__name__}({name}={value!r}) reads the variable '{names[0]}', and a "
                    "change of it would not be noticed.",
                    where=f"{slot}.{name}",
                    hint=f"Write its value into the text: f'... {{{names[0]}}} ...'.",
                )


def builtin_version(target: object) -> str | None:
    """The pin of a class that zenlab brings, or None."""
    if not isinstance(target, type) or not target.__module__.startswith("zenlab."):
        return None
    # vars(): a user's subclass of a step of ours is not ours.
    return f"zenlab_{__version__}" if vars(target).get("code_version") is not None else None


def builtin_source(cls: type) -> str:
    """The shortest public path of a class that zenlab brings: `zenlab.steps.split.RandomSplit`."""
    import sys

    parts = cls.__module__.split(".")
    for end in range(2, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:end]))
        # vars(), not getattr: a lazy package must not import all that it could give.
        if module is not None and vars(module).get(cls.__name__) is cls:
            return f"{module.__name__}.{cls.__name__}"
    return f"{cls.__module__}.{cls.__qualname__}"


def _add_code(
    target: Any, root: Path | None, found: Described, packages: set[str]
) -> tuple[str, str]:
    from zenlab.engine.fingerprint import fingerprint

    mark = fingerprint(target, repo_root=root)
    found.live[mark.digest] = target
    found.fingerprints[mark.digest] = mark
    packages.update(mark.packages)
    return mark.source, mark.digest


def _plain(value: Any, where: str, root: Path | None, found: Described, packages: set[str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v, f"{where}[{i}]", root, found, packages) for i, v in enumerate(value)]
    if isinstance(value, dict):
        return {
            _escaped(canonical.plain_key(k, where)): _plain(
                v, f"{where}[{k!r}]", root, found, packages
            )
            for k, v in value.items()
        }
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        source, code = _add_code(value, root, found, packages)
        return {CODE: {"source": source, "code": code}}
    return canonical.plain(value, where)


def code_refs(args: Any) -> list[tuple[str, str]]:
    """Source and fingerprint of each function and class among recorded arguments.

    Args:
        args: the arguments of a step, or a part of them.
    """
    if isinstance(args, list):
        return [ref for item in args for ref in code_refs(item)]
    if not isinstance(args, dict):
        return []
    if CODE in args:
        return [(args[CODE]["source"], args[CODE]["code"])]
    return [ref for item in args.values() for ref in code_refs(item)]


def _escaped(key: Any) -> Any:
    """A user's own `$` is doubled, so that no dict of theirs is taken for a code reference."""
    return "$" + key if isinstance(key, str) and key.startswith("$") else key
