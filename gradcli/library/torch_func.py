"""`torch.func`: functions that take a function of the program and give its derivative as a function.

Reached through `gradcli.library.functional`, when a program calls one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.derivatives import functional
from gradcli.errors import GradcliError
from gradcli.library.differentiated import Level, directions, flat, like, outputs_of, require_function
from gradcli.library.tensor_methods import weight_of
from gradcli.tape.node import FLOATS
from gradcli.values.conversions import integer, truth
from gradcli.values.formatting import type_name
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _positions(runtime: Runtime, span: Span, argnums: Any, count: int) -> list[int]:
    given = argnums if isinstance(argnums, (list, tuple)) else (argnums,)
    found = []
    for each in given:
        at = integer(runtime, each, span, "argnums must be an int or a tuple of ints")
        if not -count <= at < count:
            raise GradcliError(
                "bad-argument",
                f"Got argnum={at}, but only {count} positional inputs",
                span=span,
            )
        found.append(at % count)
    return found


class _Differentiated:
    """One call of a function with some of its arguments made differentiable.

    Attributes:
        inside: those arguments as the function saw them, each maybe a nest.
        output, aux: what it gave.
    """

    def __init__(
        self,
        runtime: Runtime,
        span: Span,
        function: Any,
        argnums: Any,
        has_aux: Any,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> None:
        self.level = Level(runtime, span)
        positions = _positions(runtime, span, argnums, len(arguments))
        given = list(arguments)
        for at in positions:
            given[at] = self.level.enter(given[at])
        inside = [given[at] for at in positions]
        self.inside: Any = tuple(inside) if isinstance(argnums, (list, tuple)) else inside[0]
        self.output, self.aux = _with_aux(self.level.call(function, given, keywords), has_aux, span)
        self.tensors = flat(self.inside)

    def result(self, value: Any, has_aux: bool) -> Any:
        value = self.level.leave(value)
        return (value, self.level.leave(self.aux)) if has_aux else value


def _with_aux(found: Any, has_aux: bool, span: Span) -> tuple[Any, Any]:
    if not has_aux:
        return found, None
    if not isinstance(found, tuple) or len(found) != 2:
        raise GradcliError(
            "bad-argument",
            "with has_aux=True the function returns a tuple (output, aux)",
            span=span,
        )
    return found


def _scalar(output: Any, span: Span) -> Tensor:
    if type(output) is not Tensor:
        raise GradcliError(
            "bad-argument",
            f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type_name(output)}",
            span=span,
        )
    if output.shape:
        raise GradcliError(
            "non-scalar-root",
            "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
            f"{len(output.shape)} dims. Maybe you wanted to use the vjp or jacrev APIs instead?",
            span=span,
            hint="reduce it with .sum() or .mean()",
        )
    return output


def grad(
    runtime: Runtime, span: Span, func: Any, argnums: Any = 0, has_aux: Any = False, *, value: bool = False
) -> Builtin:
    name = "grad_and_value" if value else "grad"
    require_function(func, name, span)
    aux = truth(runtime, has_aux, span)

    def run(runtime: Runtime, span: Span, *args: Any, **keywords: Any) -> Any:
        call = _Differentiated(runtime, span, func, argnums, aux, args, keywords)
        output = _scalar(call.output, span)
        found = call.level.derive(functional.gradient, [output], call.tensors)
        gradients = call.level.leave(like(call.inside, found))
        if not value:
            return (gradients, call.level.leave(call.aux)) if aux else gradients
        return gradients, call.result(output, aux)

    return Builtin(name, run)


def grad_and_value(
    runtime: Runtime, span: Span, func: Any, argnums: Any = 0, has_aux: Any = False
) -> Builtin:
    return grad(runtime, span, func, argnums, has_aux, value=True)


def _check_dtypes(outputs: Sequence[Tensor], span: Span) -> None:
    """Raises for whole numbers and flags, of which no gradient is taken."""
    for each in outputs:
        if each.dtype not in FLOATS:
            raise GradcliError(
                "dtype",
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with "
                f"dtype torch.{each.dtype.name}",
                span=span,
            )


def _jac(name: str, by_columns: bool) -> Callable[..., Builtin]:
    def make(
        runtime: Runtime,
        span: Span,
        func: Any,
        argnums: Any = 0,
        has_aux: Any = False,
        *,
        chunk_size: Any = None,
        randomness: Any = None,
    ) -> Builtin:
        require_function(func, name, span)
        aux = truth(runtime, has_aux, span)

        def run(runtime: Runtime, span: Span, *args: Any, **keywords: Any) -> Any:
            call = _Differentiated(runtime, span, func, argnums, aux, args, keywords)
            if not by_columns:
                _check_dtypes(outputs_of(call.output, name, span), span)
            blocks = [
                like(
                    call.inside,
                    call.level.derive(functional.jacobian, each, call.tensors, by_columns=by_columns),
                )
                for each in outputs_of(call.output, name, span)
            ]
            return call.result(like(call.output, blocks), aux)

        return Builtin(name, run)

    return make


jacrev, jacfwd = _jac("jacrev", False), _jac("jacfwd", True)


def hessian(runtime: Runtime, span: Span, func: Any, argnums: Any = 0) -> Builtin:
    """Forward over reverse."""
    return jacfwd(runtime, span, jacrev(runtime, span, func, argnums), argnums)


def vjp(runtime: Runtime, span: Span, func: Any, *primals: Any, has_aux: Any = False) -> Any:
    require_function(func, "vjp", span)
    level = Level(runtime, span)
    aux_wanted = truth(runtime, has_aux, span)
    inside = tuple(level.enter(each) for each in primals)
    output, aux = _with_aux(level.call(func, inside, {}), aux_wanted, span)
    tensors = outputs_of(output, "vjp", span)
    _check_dtypes(tensors, span)

    def pull(runtime: Runtime, span: Span, *cotangents: Any) -> Any:
        given = cotangents[0] if len(cotangents) == 1 else cotangents
        parts = flat(given)
        if len(parts) != len(tensors):
            raise GradcliError(
                "weights-shape",
                f"the function has {len(tensors)} outputs and got {len(parts)} cotangents",
                span=span,
            )
        weights = [weight_of(runtime, each, out, span) for each, out in zip(parts, tensors, strict=True)]
        found = level.derive(functional.gradient, tensors, flat(inside), weights)
        return level.leave(like(inside, found))

    result = level.leave(output)
    function = Builtin("vjp_fn", pull)
    return (result, function, level.leave(aux)) if aux_wanted else (result, function)


def linearize(runtime: Runtime, span: Span, func: Any, *primals: Any) -> Any:
    """What the function gives, and its derivative there as a function of directions."""
    require_function(func, "linearize", span)

    def derive(runtime: Runtime, span: Span, *tangents: Any) -> Any:
        return jvp(runtime, span, func, primals, tangents)[1]

    return runtime.call(func, primals, {}, span), Builtin("jvp_fn", derive)


def jvp(
    runtime: Runtime,
    span: Span,
    func: Any,
    primals: Any,
    tangents: Any,
    *,
    strict: Any = False,
    has_aux: Any = False,
) -> Any:
    require_function(func, "jvp", span)
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        raise GradcliError(
            "bad-argument", "jvp(f, primals, tangents): expected primals and tangents to be tuples", span=span
        )
    level = Level(runtime, span)
    aux_wanted = truth(runtime, has_aux, span)
    inside = tuple(level.enter(each) for each in primals)
    output, aux = _with_aux(level.call(func, inside, {}), aux_wanted, span)
    outputs = outputs_of(output, "jvp", span)
    inputs = flat(inside)
    ways = directions(runtime, span, tangents, inputs, "jvp")
    found = level.derive(functional.jvp, outputs, inputs, ways)
    values = like(output, [level.alias(each) if each.requires_grad else each for each in outputs])
    result = (level.leave(values), level.leave(like(output, found)))
    return (*result, level.leave(aux)) if aux_wanted else result
