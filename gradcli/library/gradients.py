"""`autograd.backward` and `autograd.grad` as a program calls them.

The rules are `autograd.Session`'s; here arguments become tensors and results values of the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError
from gradcli.library.tensor_methods import run_backward, tensors_of, weight_of
from gradcli.ops.rows import Function
from gradcli.values.conversions import truth
from gradcli.values.values import Builtin, GradientOf, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _backward(
    runtime: Runtime,
    span: Span,
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    inputs: Any = None,
) -> Any:
    if isinstance(tensors, UserFunction):
        return GradientOf(tensors)
    if isinstance(tensors, (Builtin, Function)):
        raise GradcliError(
            "bad-argument",
            f"@backward(f) takes a function of the program, not {tensors.name}",
            span=span,
            hint="wrap it: def f(x): return …",
        )
    roots = tensors_of(tensors, "tensors", span)
    weights = _weights(grad_tensors, len(roots), "grad_tensors", span)
    run_backward(runtime, span, roots, weights, retain_graph, create_graph, inputs)
    return None


def _weights(given: Any, count: int, what: str, span: Span) -> list[Any]:
    if given is None:
        return [None] * count
    weights = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(weights) != count:
        raise GradcliError(
            "weights-shape",
            f"got {count} tensors and {len(weights)} gradients",
            span=span,
            hint=f"{what} has one entry for each tensor that is differentiated",
        )
    return weights


def _grad(
    runtime: Runtime,
    span: Span,
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    only_inputs: Any = True,
    allow_unused: Any = None,
    is_grads_batched: Any = False,
    materialize_grads: Any = False,
) -> tuple[Tensor | None, ...]:
    runtime.own_backward = True
    session = runtime.session
    roots = tensors_of(outputs, "outputs", span)
    wrt = tensors_of(inputs, "inputs", span)
    weights = _weights(grad_outputs, len(roots), "grad_outputs", span)
    materialize = truth(runtime, materialize_grads, span)
    if materialize and allow_unused is not None and not truth(runtime, allow_unused, span):
        message = "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
        raise GradcliError("bad-argument", message + "allow_unused=False.", span=span)
    if truth(runtime, is_grads_batched, span):
        return _batched(runtime, span, roots, wrt, weights, retain_graph, create_graph, allow_unused)
    given = [weight_of(runtime, weight, root, span) for root, weight in zip(roots, weights, strict=True)]
    session.span = span
    if runtime.before_backward is not None:
        runtime.before_backward(roots, given)
    found = session.grad(
        roots,
        wrt,
        given,
        retain_graph=None if retain_graph is None else truth(runtime, retain_graph, span),
        create_graph=truth(runtime, create_graph, span),
        allow_unused=materialize or (allow_unused is not None and truth(runtime, allow_unused, span)),
    )
    if materialize:
        return tuple(
            session.apply(row("zeros_like"), (each,), {}) if grad is None else grad
            for each, grad in zip(wrt, found, strict=True)
        )
    return found


def _batched(
    runtime: Runtime,
    span: Span,
    roots: list[Tensor],
    wrt: list[Tensor],
    weights: list[Any],
    retain_graph: Any,
    create_graph: Any,
    allow_unused: Any,
) -> tuple[Tensor | None, ...]:
    """The gradients for each entry of the leading dim of the weights, stacked."""
    from gradcli.library.batched import entries, stacked

    rows = [entries(runtime, each, 0) for each in weights]
    count = len(rows[0])
    keeping = truth(runtime, retain_graph, span) if retain_graph is not None else create_graph
    found = [
        _grad(
            runtime,
            span,
            roots,
            wrt,
            [each[at] for each in rows],
            True if at < count - 1 else keeping,
            create_graph,
            allow_unused=allow_unused,
        )
        for at in range(count)
    ]
    return tuple(
        None if found[0][at] is None else stacked(runtime, [each[at] for each in found])
        for at in range(len(wrt))
    )


BACKWARD = Builtin("backward", _backward)
GRAD = Builtin("grad", _grad)
