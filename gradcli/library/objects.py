"""Attributes, calls and special functions of objects: what `obj.name`, `Class(…)` and `super()` mean.

`members` and `calling` come here for values of `gradcli.values.objects`. An attribute is looked for in the
object's own dict and then in its classes; a function found in a class becomes a method.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from gradcli.errors import GradcliError, suggestion
from gradcli.values.formatting import type_name
from gradcli.values.objects import (
    ABSENT,
    EXCEPTIONS,
    ClassValue,
    Decorated,
    Instance,
    Method,
    Super,
    exception,
)
from gradcli.values.values import Builtin, TypeFunction, UserFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_EXCEPTION = EXCEPTIONS["BaseException"]


def _told(runtime: Runtime, span: Span, made: Instance, *arguments: Any) -> None:
    made.attributes["args"] = arguments


_EXCEPTION.members["__init__"] = Builtin("__init__", _told)

# ---- attributes ----------------------------------------------------------------------------------


def attribute(runtime: Runtime, value: Any, name: str, span: Span) -> Any:
    """`value.name` of an object, a class or `super()`; `ABSENT` if there is none."""
    if type(value) is Instance:
        found = value.attributes.get(name, ABSENT)
        if found is not ABSENT:
            return found
        if name == "__class__":
            return value.cls
        if name == "__dict__":
            return value.attributes
        found = _from_classes(runtime, value.cls.order, value, name, span)
        own = value.cls.find("__getattr__") if found is ABSENT and name[:2] != "__" else None
        return found if own is None else runtime.call(own, (value, name), {}, span)
    if type(value) is Super:
        order = value.owner.cls.order
        behind = order[order.index(value.cls) + 1 :]
        found = _from_classes(runtime, behind, value.owner, name, span)
        return Method(value.owner, _OF_OBJECTS[name]) if found is ABSENT and name in _OF_OBJECTS else found
    if name in ("__name__", "__qualname__"):
        return value.name
    return _of_class(value, value.find(name, ABSENT))


def _from_classes(
    runtime: Runtime, order: Sequence[ClassValue], owner: Instance, name: str, span: Span
) -> Any:
    for each in order:
        found = each.members.get(name, ABSENT)
        if found is ABSENT:
            continue
        if type(found) is Decorated:
            if found.kind == "property":
                return runtime.call(found.function, (owner,), {}, span)
            return _of_class(owner.cls, found)
        return Method(owner, found) if isinstance(found, (UserFunction, Builtin)) else found
    return ABSENT


def _of_class(cls: ClassValue, found: Any) -> Any:
    """A member as it is seen through the class itself."""
    if type(found) is Decorated:
        return Method(cls, found.function) if found.kind == "classmethod" else found.function
    return found


def _set_plainly(runtime: Runtime, span: Span, owner: Instance, name: str, value: Any) -> None:
    owner.attributes[name] = value


def _not_there(runtime: Runtime, span: Span, owner: Instance, name: str) -> Any:
    raise unknown(owner, name, span, False)


_OF_OBJECTS = {
    "__init__": Builtin("__init__", lambda runtime, span, owner: None),
    "__setattr__": Builtin("__setattr__", _set_plainly),
    "__getattr__": Builtin("__getattr__", _not_there),
}
"""What `super()` finds behind all classes."""


def names_of(value: Any) -> list[str]:
    """The attributes that a value of this kind has, for suggestions."""
    cls = value.owner.cls if type(value) is Super else value.cls if type(value) is Instance else value
    own = [each for each in value.attributes if type(each) is str] if type(value) is Instance else []
    return [*own, *[name for each in cls.order for name in each.members if name[0] != "_"]]


def missing(value: Any) -> str:
    """How the error for an unknown attribute begins."""
    if type(value) is ClassValue:
        return f"type object '{value.name}' has no attribute"
    return f"'{type_name(value)}' object has no attribute"


def set_attribute(runtime: Runtime, holder: Instance | ClassValue, name: str, value: Any, span: Span) -> None:
    """`holder.name = value`."""
    if type(holder) is ClassValue:
        if not holder.path.startswith("__main__"):
            message = f"cannot set '{name}' attribute of immutable type '{holder.path}'"
            raise GradcliError("bad-argument", message, span=span)
        holder.members[name] = value
        return
    assert type(holder) is Instance
    described = holder.cls.find(name)
    if type(described) is Decorated and described.kind == "property":
        if described.setter is not None:
            runtime.call(described.setter, (holder, value), {}, span)
            return
        message = f"property '{name}' of '{holder.cls.name}' object has no setter"
        raise GradcliError("bad-argument", message, span=span)
    hook = holder.cls.find("__setattr__")
    if hook is not None:
        runtime.call(hook, (holder, name, value), {}, span)
    else:
        holder.attributes[name] = value


def of_a_kind(value: Any) -> TypeFunction:
    """The type of a value that no program makes by its name."""
    name = type_name(value)

    def make(runtime: Runtime, span: Span, *values: Any) -> Any:
        raise GradcliError("bad-argument", f"cannot create '{name}' instances", span=span)

    return TypeFunction(name, make, lambda other: type(other) is type(value))


# ---- making objects ------------------------------------------------------------------------------


def instantiate(
    runtime: Runtime, cls: ClassValue, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Instance:
    """`Class(…)`."""
    making = cls.meta and cls.meta.find("__call__")
    if making is not None:
        return cast("Instance", runtime.call(making, (cls, *arguments), keywords, span))
    return begun(runtime, cls, arguments, keywords, span)


def begun(
    runtime: Runtime, cls: ClassValue, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Instance:
    """A new object of a class, after its `__init__`."""
    made = Instance(cls)
    start = cls.find("__init__")
    if cls.inherits(_EXCEPTION):
        made.attributes["args"] = arguments
        if start is None:
            return made
    if start is None:
        if arguments or keywords:
            raise GradcliError("bad-argument", f"{cls.name}() takes no arguments", span=span)
        return made
    runtime.call(start, (made, *arguments), keywords, span)
    return made


def call_object(
    runtime: Runtime, value: Instance, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Any:
    """`obj(…)`."""
    function = value.cls.find("__call__")
    if function is None:
        raise GradcliError("bad-argument", f"'{value.cls.name}' object is not callable", span=span)
    return runtime.call(function, (value, *arguments), keywords, span)


def _super(runtime: Runtime, span: Span, cls: Any = None, owner: Any = None) -> Super:
    if type(cls) is not ClassValue or type(owner) is not Instance or not owner.cls.inherits(cls):
        message = "super() belongs into a method of a class"
        raise GradcliError("bad-argument", message, span=span, hint="super().__init__()")
    return Super(cls, owner)


SUPER = Builtin("super", _super)


def _decorator(kind: str) -> Builtin:
    return Builtin(kind, lambda runtime, span, function: Decorated(kind, function))


METHOD_KINDS = {kind: _decorator(kind) for kind in ("staticmethod", "classmethod", "property")}


# ---- exceptions ----------------------------------------------------------------------------------

_UNCAUGHT = frozenset(("limit", "internal", "syntax", "io"))
"""What no `except` of a program may catch."""

_BY_CODE: dict[str, tuple[str, ...]] = {
    "assertion": ("AssertionError",),
    "unknown-name": ("NameError", "AttributeError"),
    "unknown-function": ("NameError", "AttributeError"),
    "unset-input": ("NameError",),
    "shape": ("RuntimeError", "ValueError", "IndexError"),
    "dtype": ("RuntimeError", "TypeError"),
    "bad-argument": ("RuntimeError", "TypeError", "ValueError"),
}
_BY_SENTENCE = {
    "selected index k out of range": "RuntimeError",
    "kthvalue(): selected number k": "RuntimeError",
    "): argument '": "TypeError",
    "gradients can be either Tensors or None": "TypeError",
    "assigned grad expected to be": "TypeError",
    "can't assign a ": "TypeError",
    "supported as the default type": "TypeError",
    "Expected state_dict to be dict-like": "TypeError",
    "exceptions must derive from": "TypeError",
    "The outputs of the user-provided function": "TypeError",
    "in_channels must be divisible": "ValueError",
    "D input (got ": "ValueError",
    "gradcheck expects": "ValueError",
    "Cannot specify ": "ValueError",
    "either size or scale_factor": "ValueError",
    "embed_dim must be divisible": "AssertionError",
    "Size mismatch between tensors": "AssertionError",
    "%c arg not in range": "OverflowError",
    "cannot convert float infinity": "OverflowError",
    "has no attribute": "AttributeError",
    "bad operand type": "TypeError",
    "a size must be an integer": "TypeError",
    "expected a non-empty list of Tensors": "ValueError",
    "Unknown format code": "ValueError",
    "cannot be interpreted as an integer": "TypeError",
    "can be converted to an index": "TypeError",
    "indices must be integers": "TypeError",
    "division by zero": "ZeroDivisionError",
    "modulo by zero": "ZeroDivisionError",
    "float modulo": "ZeroDivisionError",
    "cannot be raised to a negative power": "ZeroDivisionError",
    "index out of range": "IndexError",
    "out of bounds": "IndexError",
    "Dimension out of range": "IndexError",
    "Dimension specified as": "IndexError",
    " not implemented for '": "NotImplementedError",
    "out of range": "IndexError",
    "too many indices for tensor": "IndexError",
    "invalid index of a 0-dim tensor": "IndexError",
    "() cannot be applied to a 0-dim tensor": "IndexError",
    "The shape of the mask": "IndexError",
    "indexing tensors could not be broadcast": "IndexError",
    "argmax(): Expected reduction dim": "IndexError",
    "argmin(): Expected reduction dim": "IndexError",
    "Expected reduction dim to be specified": "RuntimeError",
    "Expected reduction dim": "IndexError",
    "only integers, slices (": "IndexError",
    "tensors used as indices must be": "IndexError",
    "index_copy_(): Number of indices (": "IndexError",
    "Index is supposed to be a vector": "IndexError",
    "Index should have dimension ": "IndexError",
    "When source is scalar, index should": "IndexError",
    "Expected source and index to have the same number": "IndexError",
    "tried to take from an empty tensor": "IndexError",
    "Padding size ": "NotImplementedError",
    "Only 3D, 4D and 5D input Tensors supported": "NotImplementedError",
    "step must be greater than zero": "ValueError",
    "Fan in and fan out can not be computed": "ValueError",
    "to match target batch_size": "ValueError",
    "arget size (": "ValueError",
    "target must have size": "ValueError",
    "only one element tensors can be converted": "ValueError",
    "D or 3D input (got ": "ValueError",
    "probability has to be between": "ValueError",
    "is not a valid value for reduction": "ValueError",
    "or more dimensions (got ": "ValueError",
    ": Got in_dim=": "ValueError",
    "Expected allow_unused to be True": "ValueError",
    "Expected more than 1 value per channel": "ValueError",
    "values to unpack": "ValueError",
    "could not convert": "ValueError",
    "expected sequence of length": "ValueError",
    "invalid literal": "ValueError",
    "cannot convert float": "ValueError",
    "unsupported operand": "TypeError",
    "not supported between instances": "TypeError",
    "object is not": "TypeError",
    "Variable data has to be a tensor": "TypeError",
    "iteration over a 0-d tensor": "TypeError",
    "len() of a 0-d tensor": "TypeError",
    "doesn't define __": "TypeError",
    "unsupported format string": "TypeError",
    "positional argument": "TypeError",
    "keyword argument": "TypeError",
    "required argument": "TypeError",
    "unhashable": "TypeError",
    "torch.finfo() requires": "TypeError",
    "torch.iinfo() requires": "TypeError",
    "the derivative for '": "NotImplementedError",
    "could not be completed because": "_LinAlgError",
    "The algorithm failed to converge because": "_LinAlgError",
    "The solver failed because": "_LinAlgError",
}
"""Which of Python's exceptions a message of ours is the message of, where its code does not say."""


def classes_of(error: GradcliError) -> list[ClassValue]:
    """Python's exceptions that a failure may be in PyTorch, the likeliest first; none for limits."""
    if isinstance(error.raised, Instance):
        return [error.raised.cls]
    if error.code in _UNCAUGHT:
        return []
    if error.python:
        return [EXCEPTIONS[error.python]]
    for sentence, name in _BY_SENTENCE.items():
        if sentence in error.message:
            return [EXCEPTIONS[name]]
    return [EXCEPTIONS[name] for name in _BY_CODE.get(error.code, ("RuntimeError",))]


_SAID = {
    "graph-freed": "Trying to backward through the graph a second time (or directly access saved tensors "
    "after they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a "
    "second time or if you need to access saved tensors after calling backward.",
    "non-scalar-root": "grad can be implicitly created only for scalar outputs",
}
"""What PyTorch says where we say more behind the same beginning."""
_ADDED = (
    r"(?s)(^the assertion does not hold$|: (in|shapes) \[|: \[.*\] for shape"
    r"|, but its shape is \[|(?<=out of range in self):|(?<=equal to src.dtype), but got).*"
)
"""What we add to PyTorch's sentence; compiled when a program first catches something."""


def caught(error: GradcliError, cls: ClassValue, text: str) -> Instance:
    """The exception that `except … as e` binds."""
    if isinstance(error.raised, Instance):
        return error.raised
    error.locate(text)
    said = _SAID.get(error.code)
    if error.code == "unset-input":
        said = f"name '{error.message.partition(' ')[0]}' is not defined"
    elif error.message.startswith("there is no function "):
        said = f"name '{error.message.rpartition(' ')[2]}' is not defined"
    elif said is None or said[:20] != error.message[:20]:
        said, saved, _ = re.sub(_ADDED, "", error.message).partition(" instead: ")
        if saved:  # we say what saved it and what overwrote it, PyTorch how to find out
            said += (
                " instead. Hint: enable anomaly detection to find the operation that failed to compute its "
                "gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
            )
    made = exception(cls, said)
    made.state["error"] = error
    return made


def raised(runtime: Runtime, value: Any, span: Span) -> GradcliError:
    """The failure of `raise value`."""
    if type(value) is ClassValue and value.inherits(_EXCEPTION):
        value = instantiate(runtime, value, (), {}, span)
    if type(value) is not Instance or not value.cls.inherits(_EXCEPTION):
        return GradcliError("bad-argument", "exceptions must derive from BaseException", span=span)
    former = value.state.get("error")
    if isinstance(former, GradcliError):
        return former
    from gradcli.values.formatting import show

    said = show(runtime, value)
    error = GradcliError("assertion", f"{value.cls.name}: {said}" if said else value.cls.name, span=span)
    error.raised = value
    return error


def unknown(value: Any, name: str, span: Span, called: bool) -> GradcliError:
    """The error for an attribute that an object or class doesn't have."""
    hint = None if name.startswith("_") else suggestion(name, names_of(value))
    if name == "__dict__":
        hint = "vars(x) gives the attributes of x as a dict"
    code = "unknown-function" if called else "unknown-name"
    return GradcliError(code, f"{missing(value)} '{name}'", span=span, hint=hint)
