"""What of a class counts: its live namespace, not the text of its statement.

So an attribute that was set later and a patched method count, and no source is needed, which
IPython on 3.11 cannot give. What Python itself adds to a namespace is left out, and so are the
methods that dataclasses, named tuples, enumerations, protocols and attrs write: they follow from
the fields, which count, and their text differs from version to version.
"""

from __future__ import annotations

import enum
import sys
import types
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.memo import class_dict

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_BY_PYTHON = frozenset(
    """
    __module__ __qualname__ __doc__ __dict__ __weakref__ __firstlineno__
    __static_attributes__ __annotations__ __annotate__ __annotate_func__
    __annotations_cache__ __conditional_annotations__ __abstractmethods__ _abc_impl
    __parameters__ __type_params__ __classdictcell__ __dataclass_fields__
    __dataclass_params__ __protocol_attrs__ __non_callable_proto_members__ _is_protocol
    _is_runtime_protocol __callable_proto_members_only__ __attrs_attrs__ __attrs_props__
    __attrs_own_setattr__ __slotnames__
    """.split()  # noqa: SIM905 - a list of so many strings is no easier to read
)
_BY_ENUM = frozenset(
    """
    _generate_next_value_ _member_names_ _member_map_ _value2member_map_
    _unhashable_values_ _unhashable_values_map_ _hashable_values_ _member_type_
    _value_repr_ _use_args_ _new_member_ __new__ _flag_mask_ _singles_mask_ _all_bits_
    _boundary_ _inverted_ _sort_order_ _missing_ _add_alias_ _add_value_alias_
    _numeric_repr_ __repr__ __str__ __format__ __reduce_ex__ __or__ __and__ __xor__
    __ror__ __rand__ __rxor__ __invert__ __signature__
    """.split()  # noqa: SIM905 - a list of so many strings is no easier to read
)
_WRITERS = ("dataclasses", "reprlib", "typing", "collections", "enum", "attr", "abc")
_BY_PYDANTIC = ("__pydantic_", "__signature__")
_PARAMS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")
_FIELD = ("init", "repr", "compare", "hash", "kw_only")
_ATTRS_FIELD = ("init", "repr", "eq", "order", "hash", "kw_only", "alias")


def class_part(cls: type, visit: Visit) -> Part:
    """The content of a class that is the user's own.

    Args:
        cls: the class.
        visit: the walk.
    """
    visit.reads.cls(cls)
    namespace = class_dict(cls)
    members = getattr(cls, "_member_map_", None) if isinstance(cls, enum.EnumMeta) else None
    attributes: list[Part] = []
    for name in sorted(namespace):
        value = namespace[name]
        if _is_left_out(cls, name, value, members or {}):
            continue
        attributes.append([name, visit.ref(value, f".{name}")])
    return [
        "class",
        cls.__name__,
        [visit.ref(base, f".__bases__[{i}]") for i, base in enumerate(cls.__bases__)],
        None if type(cls) is type else visit.ref(type(cls), ".__class__"),
        attributes,
        _annotations(namespace, visit),
        *_dataclass(namespace, visit),
        *_attrs(namespace, visit),
        *_pydantic(namespace, visit),
        *_named_tuple(cls, namespace, visit),
        *_enumeration(members, visit),
    ]


def _annotations(namespace: Any, visit: Visit) -> Part:
    """In order: the order of fields. They are values, or strings under `from __future__`."""
    found = namespace.get("__annotations__")
    if not isinstance(found, dict):
        return []
    visit.reads.mapping(found)
    return [[name, visit.ref(hint, f".__annotations__[{name!r}]")] for name, hint in found.items()]


def _is_left_out(cls: type, name: str, value: object, members: dict[str, Any]) -> bool:
    if name in _BY_PYTHON or name in members:
        return True
    if "__pydantic_fields__" in class_dict(cls) and name.startswith(_BY_PYDANTIC):
        return True
    if isinstance(value, (types.GetSetDescriptorType, types.MemberDescriptorType)):
        return True
    if isinstance(cls, enum.EnumMeta) and name in _BY_ENUM and not _is_written_by_hand(value):
        return True
    if "_fields" in class_dict(cls) and issubclass(cls, tuple) and name in _named_tuple_names(cls):
        return not _is_written_by_hand(value)
    return _is_generated(cls, value)


def _named_tuple_names(cls: Any) -> set[str]:
    return {
        *cls._fields,
        *("__new__", "__getnewargs__", "__repr__", "__replace__", "__match_args__", "__slots__"),
        *("_make", "_replace", "_asdict", "_fields", "_field_defaults", "__orig_bases__"),
    }


def _function(value: object) -> types.FunctionType | None:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    return value if isinstance(value, types.FunctionType) else None


def _is_written_by_hand(value: object) -> bool:
    """Whether it is a function, or a method, with a text in a file or a cell."""
    function = _function(value)
    if function is None:
        return False
    module = str(function.__globals__.get("__name__", ""))
    return not function.__code__.co_filename.startswith("<string>") and not (
        module.partition(".")[0] in _WRITERS and _is_standard(function)
    )


def _is_standard(function: types.FunctionType) -> bool:
    module = sys.modules.get(str(function.__globals__.get("__name__", "")))
    return module is not None and function.__globals__ is module.__dict__


def _is_generated(cls: type, value: object) -> bool:
    """Whether a method was written by dataclasses, attrs or `typing.Protocol`.

    Dataclasses give their methods the qualified name of the class; what a user's `exec` made does
    not have it, and is counted by its bytecode.
    """
    function = _function(value)
    if function is None:
        return False
    filename = function.__code__.co_filename
    namespace = class_dict(cls)
    if "__dataclass_params__" in namespace:
        name = f"{cls.__qualname__}.{function.__name__}"
        if filename == "<string>" and function.__qualname__ == name:
            return True
    if "__attrs_attrs__" in namespace and filename.startswith("<attrs generated"):
        return True
    module = str(function.__globals__.get("__name__", "")).partition(".")[0]
    return module in ("dataclasses", "reprlib", "typing", "attr") and _is_standard(function)


def _dataclass(namespace: Any, visit: Visit) -> list[Part]:
    params = namespace.get("__dataclass_params__")
    if params is None:
        return []
    fields: list[Part] = []
    found = namespace.get("__dataclass_fields__", {})
    visit.reads.mapping(found)
    for field in found.values():
        label = f".{field.name}"
        fields.append(
            [
                field.name,
                field._field_type.name,  # noqa: SLF001 - a ClassVar, an InitVar, or a field
                visit.ref(_or_none(field.default), label),
                visit.ref(_or_none(field.default_factory), label),
                visit.ref(dict(field.metadata), f"{label}.metadata"),
                *(visit.ref(_or_none(getattr(field, name)), label) for name in _FIELD),
            ]
        )
    return [["dataclass", [bool(getattr(params, name)) for name in _PARAMS], fields]]


def _or_none(value: object) -> object:
    return ("missing",) if type(value).__name__ == "_MISSING_TYPE" else (value,)


def _attrs(namespace: Any, visit: Visit) -> list[Part]:
    found = namespace.get("__attrs_attrs__")
    if found is None:
        return []
    visit.package("attr")
    fields: list[Part] = []
    for field in found:
        label = f".{field.name}"
        missing = type(field.default).__name__ in ("_Nothing", "NothingType")
        fields.append(
            [
                field.name,
                missing,
                None if missing else visit.ref(field.default, label),
                visit.ref(field.validator, f"{label}.validator"),
                visit.ref(field.converter, f"{label}.converter"),
                visit.ref(field.on_setattr, f"{label}.on_setattr"),
                visit.ref(dict(field.metadata), f"{label}.metadata"),
                *(visit.ref(getattr(field, name, None), label) for name in _ATTRS_FIELD),
            ]
        )
    return [["attrs", fields]]


def _pydantic(namespace: Any, visit: Visit) -> list[Part]:
    """What was said about each field. Validators are functions of the class, with decorators."""
    fields = namespace.get("__pydantic_fields__")
    if not isinstance(fields, dict):
        return []
    visit.package("pydantic")
    visit.reads.mapping(fields)
    said = [
        [name, visit.ref(getattr(field, "_attributes_set", None), f".{name}")]
        for name, field in fields.items()
    ]
    return [["pydantic", said]]


def _named_tuple(cls: Any, namespace: Any, visit: Visit) -> list[Part]:
    if "_fields" not in namespace or not issubclass(cls, tuple):
        return []
    defaults = visit.ref(namespace.get("_field_defaults"), "._field_defaults")
    return [["namedtuple", list(cls._fields), defaults]]


def _enumeration(members: Any, visit: Visit) -> list[Part]:
    if not members:
        return []
    visit.reads.mapping(members)
    written: list[Part] = []
    for name, member in members.items():
        visit.reads.mapping(vars(member))
        state = {k: v for k, v in vars(member).items() if not _is_sunder(k)}
        value = visit.ref(vars(member).get("_value_"), f".{name}")
        written.append([name, value, visit.ref(state, f".{name}")])
    return [["enum", written]]


def _is_sunder(name: str) -> bool:
    return name in ("_value_", "_name_", "_sort_order_", "__objclass__")
