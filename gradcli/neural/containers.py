"""The modules of `torch.nn` that hold others: in a row, in a list, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.neural.module import (
    MODULE,
    PARAMETER,
    as_parameter,
    called,
    children,
    initialise,
    is_module,
    is_parameter,
    register,
    set_attribute,
)
from gradcli.tape.promote import tensor_type
from gradcli.values.conversions import integer, listed, missing_key
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gradcli.autograd import Tensor
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _sequential(runtime: Runtime, span: Span, module: Instance, *parts: Any) -> None:
    initialise(runtime, span, module)
    one = parts[0] if len(parts) == 1 else None
    named = one.items() if isinstance(one, dict) else ((str(at), each) for at, each in enumerate(parts))
    for name, each in named:
        if not is_module(each):
            raise _no_module(each, span)
        module.attributes[str(name)] = each


def _in_turn(runtime: Runtime, span: Span, module: Instance, value: Any) -> Any:
    for _, each in children(module):
        value = called(runtime, span, each, value)
    return value


def _module_list(runtime: Runtime, span: Span, module: Instance, parts: Any = ()) -> None:
    initialise(runtime, span, module)
    _extend(runtime, span, module, parts)


def _extend(runtime: Runtime, span: Span, module: Instance, parts: Any) -> Instance:
    for each in listed(runtime, parts, span):
        _append(runtime, span, module, each)
    return module


def _append(runtime: Runtime, span: Span, module: Instance, part: Any) -> Instance:
    name = str(len(_parts(module)))
    set_attribute(runtime, span, module, name, _as_part(runtime, module, part, span))
    return module


def _as_part(runtime: Runtime, module: Instance, part: Any, span: Span) -> Any:
    if module.cls.find("of_parameters") is True:
        return part if is_parameter(part) else as_parameter(runtime, span, part)
    if not is_module(part):
        raise _no_module(part, span)
    return part


def _no_module(value: Any, span: Span) -> GradcliError:
    if type(value) is ClassValue:
        hint = f"make one of the class: {value.name}()"
        return failure("TypeError", f"{value.path} is not a Module subclass", span, hint=hint)
    return failure("TypeError", f"{type_name(value)} is not a Module subclass", span)


def _parts(module: Instance) -> dict[str, Any]:
    """What a container holds, by name."""
    return {name: each for name, each in module.attributes.items() if is_module(each) or is_parameter(each)}


def _item(runtime: Runtime, span: Span, module: Instance, key: Any) -> Any:
    named = _parts(module)
    if type(key) is str:
        if key not in named:
            raise missing_key(runtime, key, span)
        return named[key]
    parts = [*named.values()]
    if type(key) is slice:
        made = Instance(module.cls)
        initialise(runtime, span, made)
        if module.cls.find("forward") is None:
            return _renumbered(made, parts[key])
        made.attributes.update([*named.items()][key])  # a part of a network keeps its names
        return made
    return parts[_place(runtime, span, parts, key)]


def _place(runtime: Runtime, span: Span, parts: Collection[Any], key: Any) -> int:
    at = integer(runtime, key, span, f"indices must be integers, not {type_name(key)}")
    if not -len(parts) <= at < len(parts):
        raise failure("IndexError", f"index {at} is out of range", span)
    return at


def _set_item(runtime: Runtime, span: Span, module: Instance, key: Any, part: Any) -> None:
    name = key
    if type(key) is not str:
        names = [*_parts(module)]
        name = names[_place(runtime, span, names, key)]
    set_attribute(runtime, span, module, name, _as_part(runtime, module, part, span))


def _renumbered(module: Instance, parts: list[Any]) -> Instance:
    """The container with these parts in place of its own."""
    for name in _parts(module):
        del module.attributes[name]
    module.attributes.update((str(at), each) for at, each in enumerate(parts))
    return module


def _insert(runtime: Runtime, span: Span, module: Instance, index: Any, part: Any) -> Instance:
    parts = [*_parts(module).values()]
    at = integer(runtime, index, span, "an index is an integer")
    parts.insert(at, _as_part(runtime, module, part, span))
    return _renumbered(module, parts)


def _pop(runtime: Runtime, span: Span, module: Instance, key: Any) -> Any:
    part = _item(runtime, span, module, key)
    _delete(runtime, span, module, key)
    return part


def _delete(runtime: Runtime, span: Span, module: Instance, key: Any) -> None:
    if type(key) is str:
        _item(runtime, span, module, key)
        del module.attributes[key]
        return
    parts = [*_parts(module).values()]
    del parts[key if type(key) is slice else _place(runtime, span, parts, key)]
    _renumbered(module, parts)


def _joined(runtime: Runtime, span: Span, module: Instance, others: Any) -> Instance:
    made = Instance(module.cls)
    initialise(runtime, span, made)
    return _extend(runtime, span, _extend(runtime, span, made, module), others)


def _module_dict(runtime: Runtime, span: Span, module: Instance, parts: Any = ()) -> None:
    initialise(runtime, span, module)
    _update(runtime, span, module, parts)


def _update(runtime: Runtime, span: Span, module: Instance, parts: Any) -> None:
    if is_module(parts):
        parts = _parts(parts)
    pairs = parts.items() if isinstance(parts, dict) else listed(runtime, parts, span)
    for at, pair in enumerate(pairs):
        parts = listed(runtime, pair, span)
        if len(parts) != 2:
            message = (
                f"{module.cls.name} update sequence element #{at} has length {len(parts)}; 2 is required"
            )
            raise failure("ValueError", message, span)
        name, each = parts
        register(runtime, span, module, name, _as_part(runtime, module, each, span))


_SEQUENCE = {
    "__len__": Builtin("__len__", lambda runtime, span, module: len(_parts(module))),
    "__iter__": Builtin("__iter__", lambda runtime, span, module: [*_parts(module).values()]),
    "__getitem__": Builtin("__getitem__", _item),
    "__setitem__": Builtin("__setitem__", _set_item),
    "__delitem__": Builtin("__delitem__", _delete),
    "__add__": Builtin("__add__", _joined),
    "append": Builtin("append", _append),
    "insert": Builtin("insert", _insert),
    "pop": Builtin("pop", _pop),
    "extend": Builtin("extend", _extend),
}


def container(name: str, start: Any, members: dict[str, Any]) -> ClassValue:
    """A module whose parts are numbered."""
    path = f"torch.nn.modules.container.{name}"
    return ClassValue(name, (MODULE,), {"__init__": Builtin("__init__", start), **_SEQUENCE, **members}, path)


def _old_type(tensor: Tensor) -> str:
    return tensor_type(tensor.dtype)


def _parameter_lines(kind: Callable[[Tensor], str]) -> Builtin:
    def shown(runtime: Runtime, span: Span, module: Instance) -> str:
        lines = [
            f"    ({name}): Parameter containing: [{kind(each)} of size {'x'.join(map(str, each.shape))}]"
            for name, each in _parts(module).items()
        ]
        if len(lines) < 2:
            return f"{module.cls.name}({''.join(lines)[2:]})"
        return "\n".join([f"{module.cls.name}(", *lines, ")"])

    return Builtin("__repr__", shown)


def _named(what: str) -> Builtin:
    """The names, the values or both of a container that holds its parts by name."""

    def run(runtime: Runtime, span: Span, module: Instance) -> Any:
        parts = _parts(module)
        return iter(list({"keys": parts, "values": parts.values(), "items": parts.items()}[what]))

    return Builtin(what, run)


_BY_NAME = {
    "__iter__": Builtin("__iter__", lambda runtime, span, module: list(_parts(module))),
    "__contains__": Builtin("__contains__", lambda runtime, span, module, name: name in _parts(module)),
    "update": Builtin("update", _update),
    **{what: _named(what) for what in ("keys", "values", "items")},
}

CONTAINERS: dict[str, Any] = {
    "Module": MODULE,
    "Parameter": PARAMETER,
    "Sequential": container("Sequential", _sequential, {"forward": Builtin("forward", _in_turn)}),
    "ModuleList": container("ModuleList", _module_list, {"repeats": True}),
    "ParameterList": container(
        "ParameterList",
        _module_list,
        {"of_parameters": True, "__repr__": _parameter_lines(lambda each: f"torch.{each.dtype.name}")},
    ),
    "ModuleDict": container("ModuleDict", _module_dict, _BY_NAME),
    "ParameterDict": container(
        "ParameterDict",
        _module_dict,
        {**_BY_NAME, "of_parameters": True, "__repr__": _parameter_lines(_old_type)},
    ),
}
"""What `torch.nn` has of modules that hold others."""
