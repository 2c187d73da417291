"""Modules with other weights than their own: for one call, or computed from others before each.

`functional_call`, `stack_module_state`, and `weight_norm` and `spectral_norm` of `torch.nn.utils`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.module import apply, assign, held, is_module, is_parameter, modules, parameter
from gradcli.tape.promote import dim_index
from gradcli.values.conversions import integer, listed, truth
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import PARAMETERS, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def of_module(value: Any, span: Span) -> Instance:
    """A value as the module that is wanted."""
    if not is_module(value):
        raise GradcliError("bad-argument", f"a module is wanted, not {type_name(value)}", span=span)
    found: Instance = value
    return found


def functional_call(
    runtime: Runtime,
    span: Span,
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: Any = True,
    strict: Any = False,
) -> Any:
    """The module's answer with these tensors in place of its parameters and buffers of the same names."""
    inside = dict(modules(of_module(module, span)))
    dicts = parameter_and_buffer_dicts
    given: dict[str, Any] = {}
    for each in dicts if isinstance(dicts, (tuple, list)) else [dicts]:
        if not isinstance(each, dict):
            message = "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            raise failure("ValueError", f"{message}{type_name(each)}", span)
        if twice := [name for name in given if name in each]:
            message = f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous"
            raise failure("ValueError", message, span)
        given |= each
    own = {
        f"{path}.{name}" if path else name: each.attributes
        for path, each in inside.items()
        for name, value in each.attributes.items()
        if is_parameter(value) or name in each.state.get("buffers", ())
    }
    if truth(runtime, strict, span):
        _match(str(module.cls.name), own, given, span)
    for value in given.values():
        if type(value) is not Tensor:
            message = f"{represent(runtime, value)} is not an instance of torch.Tensor"
            raise failure("TypeError", message, span)
    places = [(own[name], name.rpartition(".")[2], value) for name, value in given.items() if name in own]
    former = [(attributes, name, attributes[name]) for attributes, name, _ in places]
    # What stands where a parameter stood is listed as one while the module runs.
    lent = [value for (_, _, own), (_, _, value) in zip(former, places, strict=True) if is_parameter(own)]
    lent = [value for value in lent if not is_parameter(value)]
    try:
        for attributes, name, value in places:
            attributes[name] = value
        for value in lent:
            PARAMETERS.add(value)
        arguments = args if isinstance(args, (tuple, list)) else () if args is None else (args,)
        return runtime.call(module, tuple(arguments), dict(kwargs or {}), span)
    finally:
        for attributes, name, value in former:
            attributes[name] = value
        for value in lent:
            PARAMETERS.discard(value)


def _match(module: str, own: dict[str, Any], given: dict[str, Any], span: Span) -> None:
    """Raises unless the same names are on both sides."""
    lines = [f"Error(s) in reparametrizing for {module}:"]
    for what, names in (("Unexpected", given.keys() - own.keys()), ("Missing", own.keys() - given.keys())):
        if names:
            lines.append(f"\t{what} key(s): {', '.join(repr(each) for each in sorted(names))}.")
    if len(lines) > 1:
        raise failure("RuntimeError", "\n".join(lines), span)


def stack_module_state(runtime: Runtime, span: Span, models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of like models, those of one name as one leaf."""
    given = [of_module(each, span) for each in listed(runtime, models, span)]
    if not given:
        raise failure("RuntimeError", "stack_module_state: Expected at least one model, got 0.", span)
    if any(each.cls is not given[0].cls for each in given):
        message = "stack_module_state: Expected all models to be of the same class."
        raise failure("RuntimeError", message, span)
    found: list[dict[str, Any]] = []
    for kind in ("parameters", "buffers"):
        parts = [dict(held(runtime, each, kind)) for each in given]
        if any(each.keys() != parts[0].keys() for each in parts):
            message = "stack_module_state: Expected all models to have the same parameters and buffers."
            raise failure("RuntimeError", message, span)
        stacks = {name: [runtime.session.detach(each[name]) for each in parts] for name in parts[0]}
        found.append({name: apply(runtime, "stack", each) for name, each in stacks.items()})
        for name, each in found[-1].items():
            runtime.session.set_requires_grad(each, bool(parts[0][name].requires_grad))
    return found[0], found[1]


# ---- weights that are computed before each call --------------------------------------------------


def _taken(runtime: Runtime, span: Span, module: Any, name: Any) -> tuple[Instance, Tensor]:
    """The module and its weight of that name, which it has no longer."""
    owner = of_module(module, span)
    weight = owner.attributes.pop(name, None) if type(name) is str else None
    if type(weight) is not Tensor:
        raise GradcliError("bad-argument", f"'{owner.cls.name}' has no parameter '{name}'", span=span)
    return owner, weight


def _before_each(owner: Instance, name: str, compute: Any) -> None:
    def hook(runtime: Runtime, span: Span, module: Instance, arguments: Any) -> None:
        module.attributes[name] = compute(runtime, module)

    owner.state.setdefault("before", []).append(Builtin("hook", hook))


def lengths_of(runtime: Runtime, direction: Any, dim: Any, span: Span) -> Any:
    """The norm of a weight for each index of `dim`; of all of it where that is None or -1, PyTorch's sign."""
    rank = len(direction.shape)
    chosen = -1 if dim is None else integer(runtime, dim, span, "dim must be an integer")
    kept = dim_index(chosen, rank) + rank
    if chosen == -1:
        return apply(runtime, "norm", direction, 2)
    others = tuple([each for each in range(rank) if each != kept])
    if not others:
        return apply(runtime, "abs", direction)
    return apply(runtime, "norm", direction, 2, others, True)


def with_lengths(runtime: Runtime, length: Any, direction: Any, dim: Any, span: Span) -> Any:
    """The weight of that direction whose norms are these."""
    share = apply(runtime, "div", length, lengths_of(runtime, direction, dim, span))
    return apply(runtime, "mul", direction, share)


def weight_norm(runtime: Runtime, span: Span, module: Any, name: Any = "weight", dim: Any = 0) -> Instance:
    """The weight as a direction and, for each index of `dim`, a length."""
    if is_module(module) and f"{name}_g" in module.attributes:
        message = f"Cannot register two weight_norm hooks on the same parameter {name}"
        raise failure("RuntimeError", message, span)
    owner, weight = _taken(runtime, span, module, name)
    values, held = runtime.session.numpy, owner.attributes
    lengths = lengths_of(runtime, runtime.session.detach(weight), dim, span)
    held[f"{name}_g"] = parameter(runtime, values(lengths).copy())
    held[f"{name}_v"] = parameter(runtime, values(weight).copy())

    def compute(runtime: Runtime, module: Instance) -> Any:
        length, direction = (module.attributes[f"{name}_{each}"] for each in "gv")
        return with_lengths(runtime, length, direction, dim, span)

    owner.attributes[name] = compute(runtime, owner)
    _before_each(owner, name, compute)
    return owner


def spectral_norm(
    runtime: Runtime,
    span: Span,
    module: Any,
    name: Any = "weight",
    n_power_iterations: Any = 1,
    eps: Any = 1e-12,
    dim: Any = None,
) -> Instance:
    """The weight over its largest singular value, which iterations approach call by call."""
    owner, weight = _taken(runtime, span, module, name)
    turns = integer(runtime, n_power_iterations, span, "n_power_iterations must be an integer")
    if turns <= 0:
        message = f"Expected n_power_iterations to be positive, but got n_power_iterations={turns}"
        raise failure("ValueError", message, span)
    op, session = partial(apply, runtime), runtime.session
    transposed = "ConvTranspose" in owner.cls.name
    first = (1 if transposed else 0) if dim is None else integer(runtime, dim, span, "dim must be an integer")

    def matrix(value: Any) -> Any:
        turned = op("transpose", value, 0, first) if first else value
        return op("reshape", turned, (turned.shape[0], -1))

    def unit(value: Any) -> Any:
        return op("normalize", value, dim=0, eps=eps)

    held, draw = owner.attributes, session.context.generator.normal
    held[f"{name}_orig"] = weight
    for each, size in zip("uv", matrix(session.detach(weight)).shape, strict=True):
        held[f"{name}_{each}"] = session.detach(unit(session.leaf(draw((size,), weight.dtype))))
        owner.state.setdefault("buffers", []).append(f"{name}_{each}")

    def compute(runtime: Runtime, module: Instance) -> Any:
        own, u, v = (module.attributes[f"{name}_{each}"] for each in ("orig", "u", "v"))
        rows = matrix(session.detach(own))
        if module.attributes.get("training"):
            for _ in range(turns):
                assign(runtime, v, unit(op("mv", op("t", rows), u)))
                assign(runtime, u, unit(op("mv", rows, v)))
        u, v = (session.leaf(session.numpy(each).copy()) for each in (u, v))
        return op("div", own, op("dot", u, op("mv", matrix(own), v)))

    owner.attributes[name] = session.detach(weight)
    _before_each(owner, name, compute)
    return owner
