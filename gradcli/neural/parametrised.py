"""`torch.nn.utils.parametrize`: a parameter of a module as what others compute from one that takes its place.

The module becomes of a class of its own, of which the parameter is a property.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import failure
from gradcli.neural.containers import CONTAINERS
from gradcli.neural.module import MODULE, called, children, initialise, is_module, parameter
from gradcli.neural.reparametrised import lengths_of, of_module, with_lengths
from gradcli.values.conversions import integer, truth
from gradcli.values.formatting import show, type_name
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, Namespace, NullContext

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _steps(module: Instance) -> list[Instance]:
    """The modules that compute a parameter, one from what the one before it made."""
    return [each for _, each in children(module)]


def _step_at(runtime: Runtime, span: Span, module: Instance, key: Any) -> Instance:
    steps, at = _steps(module), integer(runtime, key, span, "an index is an integer")
    if not -len(steps) <= at < len(steps):
        raise failure("IndexError", f"index {at} is out of range", span)
    return steps[at]


_LIST = ClassValue(
    "ParametrizationList",
    (MODULE,),
    {
        "__len__": Builtin("__len__", lambda runtime, span, module: len(_steps(module))),
        "__iter__": Builtin("__iter__", lambda runtime, span, module: _steps(module)),
        "__getitem__": Builtin("__getitem__", _step_at),
    },
    "torch.nn.utils.parametrize.ParametrizationList",
)


def _list_of(module: Instance, name: str) -> Instance | None:
    held = module.attributes.get("parametrizations")
    found = held.attributes.get(name) if type(held) is Instance and type(name) is str else None
    return found if type(found) is Instance else None


def _originals(parts: Instance) -> list[Any]:
    return [value for name, value in parts.attributes.items() if name.startswith("original")]


def _computed(runtime: Runtime, span: Span, module: Instance, name: str) -> Any:
    """The parameter as it is now: each parametrisation is given what the one before it makes."""
    parts = _list_of(module, name)
    assert parts is not None
    values = _originals(parts)
    for each in _steps(parts):
        values = [called(runtime, span, each, *values)]
    return values[0]


def _register(
    runtime: Runtime, span: Span, module: Any, tensor_name: Any, parametrization: Any, *, unsafe: Any = False
) -> Instance:
    of_module(module, span), of_module(parametrization, span)
    if type(tensor_name) is not str:
        raise failure("TypeError", f"a name must be str, not {type_name(tensor_name)}", span)
    parts = _list_of(module, tensor_name)
    if parts is None:
        own = module.attributes.get(tensor_name)
        if type(own) is not Tensor:
            message = (
                f"Module '{show(runtime, module)}' does not have a parameter, a buffer, or a parametrized "
                f"element with name '{tensor_name}'"
            )
            raise failure("ValueError", message, span)
        parts = _begun(runtime, span, module, tensor_name, own, parametrization)
    parts.attributes[str(len(_steps(parts)))] = parametrization
    return module  # type: ignore[no-any-return]


def _begun(
    runtime: Runtime, span: Span, module: Instance, name: str, own: Tensor, parametrization: Instance
) -> Instance:
    """The list that takes the place of a parameter, with what is parametrised in it."""
    values: Any = own
    inverse = parametrization.cls.find("right_inverse")
    if inverse is not None:
        values = called(runtime, span, inverse, parametrization, runtime.session.detach(own))
    parts = Instance(_LIST)
    initialise(runtime, span, parts)
    several = isinstance(values, (list, tuple))
    for at, each in enumerate(values if several else [values]):
        fresh = own if each is own else parameter(runtime, runtime.session.numpy(each).copy())
        parts.attributes[f"original{at}" if several else "original"] = fresh
    if not is_module(module.attributes.get("parametrizations")):
        held = module.attributes["parametrizations"] = Instance(CONTAINERS["ModuleDict"])
        initialise(runtime, span, held)
        cls = module.cls
        module.cls = ClassValue(
            f"Parametrized{cls.name}", (cls,), {}, f"torch.nn.utils.parametrize.{cls.name}"
        )
    module.attributes["parametrizations"].attributes[name] = parts
    del module.attributes[name]

    def current(_: Any, span: Span, module: Instance) -> Any:
        return _computed(runtime, span, module, name)

    module.cls.members[name] = Decorated("property", Builtin(name, current))
    return parts


def _is_parametrized(runtime: Runtime, span: Span, module: Any, tensor_name: Any = None) -> bool:
    held = of_module(module, span).attributes.get("parametrizations")
    return is_module(held) if tensor_name is None else _list_of(module, tensor_name) is not None


def _remove(
    runtime: Runtime, span: Span, module: Any, tensor_name: Any, leave_parametrized: Any = True
) -> Instance:
    parts = _list_of(module, tensor_name) if is_module(module) else None
    if parts is None:
        message = f"Module {show(runtime, module)} does not have a parametrization on {tensor_name}"
        raise failure("ValueError", message, span)
    originals = _originals(parts)
    if truth(runtime, leave_parametrized, span):
        value = runtime.session.numpy(_computed(runtime, span, module, tensor_name)).copy()
        kept = parameter(runtime, value)
    elif len(originals) > 1:
        message = "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in "
        raise failure("ValueError", message + "terms of a sequence of tensors.", span)
    else:
        kept = originals[0]
    held = module.attributes["parametrizations"].attributes
    del held[tensor_name], module.cls.members[tensor_name]
    if not any(is_module(each) for each in held.values()):
        del module.attributes["parametrizations"]
        (module.cls,) = module.cls.bases
    module.attributes[tensor_name] = kept
    return module  # type: ignore[no-any-return]


# ---- weights as lengths and directions -----------------------------------------------------------


def _weight_from(runtime: Runtime, span: Span, module: Instance, length: Any, direction: Any) -> Any:
    return with_lengths(runtime, length, direction, module.attributes["dim"], span)


def _apart(runtime: Runtime, span: Span, module: Instance, weight: Any) -> tuple[Any, Any]:
    return lengths_of(runtime, weight, module.attributes["dim"], span), weight


_WEIGHT_NORM = ClassValue(
    "_WeightNorm",
    (MODULE,),
    {"forward": Builtin("forward", _weight_from), "right_inverse": Builtin("right_inverse", _apart)},
    "torch.nn.utils.parametrizations._WeightNorm",
)


def _weight_norm(runtime: Runtime, span: Span, module: Any, name: Any = "weight", dim: Any = 0) -> Instance:
    made = Instance(_WEIGHT_NORM)
    initialise(runtime, span, made)
    made.attributes["dim"] = dim
    return _register(runtime, span, module, name, made)


PARAMETRIZE = Namespace(
    "torch.nn.utils.parametrize",
    {
        "register_parametrization": Builtin("register_parametrization", _register),
        "remove_parametrizations": Builtin("remove_parametrizations", _remove),
        "is_parametrized": Builtin("is_parametrized", _is_parametrized),
        "cached": Builtin("cached", lambda runtime, span: NullContext()),
    },
    functions=False,
)
PARAMETRIZATIONS = Namespace(
    "torch.nn.utils.parametrizations", {"weight_norm": Builtin("weight_norm", _weight_norm)}, functions=False
)
