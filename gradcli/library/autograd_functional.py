"""`torch.autograd.functional`, and the bare `jacobian`, `hessian`, `hvp`, `jvp` of tensors or of a function.

Reached through `gradcli.library.functional`, when a program calls one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.recorder import INT_REQUIRES_GRAD
from gradcli.derivatives import functional
from gradcli.errors import GradcliError
from gradcli.library.calling import call_own
from gradcli.library.differentiated import (
    FUNCTIONS,
    Level,
    directions,
    flat,
    like,
    outputs_of,
    require_function,
)
from gradcli.tape.node import FLOATS, topological
from gradcli.values.conversions import elements, truth
from gradcli.values.formatting import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


class _Functional:
    """A call `name(func, inputs, …)` of `autograd.functional`."""

    def __init__(
        self,
        runtime: Runtime,
        span: Span,
        name: str,
        func: Any,
        inputs: Any,
        create_graph: Any,
        strict: Any,
    ) -> None:
        require_function(func, name, span)
        self.name, self.span, self.runtime = name, span, runtime
        self.level = Level(runtime, span, attached=truth(runtime, create_graph, span), hides=False)
        several = isinstance(inputs, (list, tuple)) and any(type(each) is Tensor for each in inputs)
        self.inside: Any = self.level.enter(tuple(inputs) if several else inputs)
        self.inputs = flat(self.inside)
        self.output = self.level.call(func, self.inputs, {})
        self.outputs = outputs_of(self.output, name, span)
        if truth(runtime, strict, span):
            self._check()

    def single(self) -> Tensor:
        """The output, where it must have one element."""
        if len(self.outputs) != 1 or type(self.output) is not Tensor:
            raise GradcliError(
                "non-scalar-root",
                f"The function given to {self.name} should return a single Tensor",
                span=self.span,
            )
        if elements(self.output) != 1:
            raise GradcliError(
                "non-scalar-root",
                f"The Tensor returned by the function given to {self.name} should contain a single element",
                span=self.span,
                hint=f"it has shape {list(self.output.shape)}: reduce it with .sum() or .mean()",
            )
        return self.output

    def directions(self, v: Any) -> list[Tensor]:
        """The direction of each input."""
        if v is None:
            if len(self.inputs) != 1 or elements(self.inputs[0]) != 1:
                raise GradcliError(
                    "shape",
                    "The vector v can only be None if the input to the user-provided function is a single "
                    "Tensor with a single element.",
                    span=self.span,
                )
            return [self.runtime.session.leaf(np.ones(self.inputs[0].shape, self.inputs[0].dtype))]
        return directions(self.runtime, self.span, v, self.inputs, self.name)

    def _check(self) -> None:
        """Raises where an output doesn't depend on an input."""
        for at, output in enumerate(self.outputs):
            reached = set(topological([output.node]))
            for number, each in enumerate(self.inputs):
                if each.node not in reached:
                    raise GradcliError(
                        "unused-input",
                        f"Output {at} of the user-provided function is independent of input {number}. "
                        "This is not allowed in strict mode.",
                        span=self.span,
                    )


def jacobian(
    runtime: Runtime,
    span: Span,
    func: Any,
    inputs: Any,
    create_graph: Any = False,
    strict: Any = False,
    vectorize: Any = False,
    strategy: Any = "reverse-mode",
) -> Any:
    call = _Functional(runtime, span, "jacobian", func, inputs, create_graph, strict)
    if strategy not in ("reverse-mode", "forward-mode"):
        message = 'expected strategy to be either "reverse-mode" or "forward-mode"'
        raise GradcliError("bad-argument", message, span=span)
    by_columns = strategy == "forward-mode"
    rows = [
        like(
            call.inside,
            call.level.derive(functional.jacobian, each, call.inputs, by_columns=by_columns),
        )
        for each in call.outputs
    ]
    if truth(runtime, strict, span) and truth(runtime, create_graph, span):
        for row in rows:
            for number, block in enumerate(flat(row)):
                if not block.requires_grad:
                    raise GradcliError(
                        "unused-input",
                        f"The jacobian of the user-provided function is independent of input {number}. This "
                        "is not allowed in strict mode when create_graph=True.",
                        span=span,
                    )
    return call.level.leave(like(call.output, rows))


def hessian(
    runtime: Runtime,
    span: Span,
    func: Any,
    inputs: Any,
    create_graph: Any = False,
    strict: Any = False,
    vectorize: Any = False,
    outer_jacobian_strategy: Any = "reverse-mode",
) -> Any:
    call = _Functional(runtime, span, "hessian", func, inputs, create_graph, strict)
    output = call.single()
    blocks = call.level.derive(functional.hessian, output, call.inputs)
    return call.level.leave(like(call.inside, [like(call.inside, row) for row in blocks]))


def _directed(derive: Callable[[_Functional, Any], Any]) -> Callable[..., Any]:
    """`name(func, inputs, v, …)`, whose derivatives along or weighted by `v` the function finds."""

    def run(
        runtime: Runtime,
        span: Span,
        func: Any,
        inputs: Any,
        v: Any = None,
        create_graph: Any = False,
        strict: Any = False,
    ) -> Any:
        call = _Functional(runtime, span, derive.__name__, func, inputs, create_graph, strict)
        found = derive(call, v)
        return call.level.leave(call.output), call.level.leave(found)

    return run


@_directed
def vjp(call: _Functional, v: Any) -> Any:
    weights: list[Tensor | None]
    if v is None:
        if len(call.outputs) != 1 or elements(call.outputs[0]) != 1:
            raise GradcliError(
                "non-scalar-root",
                "The vector v can only be None if the user-provided function returns a single Tensor with a "
                "single element.",
                span=call.span,
                hint="give v: one number for each element of the output",
            )
        weights = [None]
    else:
        weights = list(directions(call.runtime, call.span, v, call.outputs, "vjp"))
    return like(call.inside, call.level.derive(functional.gradient, call.outputs, call.inputs, weights))


@_directed
def jvp(call: _Functional, v: Any) -> Any:
    ways = call.directions(v)
    if any(each.dtype not in FLOATS for each in call.outputs):  # which are differentiated twice there
        raise GradcliError(
            "int-requires-grad", INT_REQUIRES_GRAD[0].upper() + INT_REQUIRES_GRAD[1:], span=call.span
        )
    return like(call.output, call.level.derive(functional.jvp, call.outputs, call.inputs, ways))


@_directed
def hvp(call: _Functional, v: Any) -> Any:
    output = call.single()
    ways = call.directions(v)
    return like(call.inside, call.level.derive(functional.hvp, output, call.inputs, ways))


vhp = hvp
"""A Hessian is symmetric."""


# ---- of tensors that the program has recorded ----------------------------------------------------


def _of_tensors(
    runtime: Runtime, span: Span, z: Any, x: Any, name: str, rest: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs and inputs; further arguments belong to functions."""
    if rest or keywords:
        what = f"argument '{next(iter(keywords))}'" if keywords else "further arguments"
        takes = "z, x" if name in ("jacobian", "hessian") else "z, x, v"
        raise GradcliError("bad-argument", f"{name}() of tensors takes {takes} and no {what}", span=span)
    runtime.own_backward = True
    outputs, inputs = flat(z), flat(x)
    for each in (*outputs, *inputs):
        if type(each) is not Tensor:
            raise GradcliError(
                "bad-argument",
                f"{name} takes tensors (or a function and its inputs), not {type_name(each)}",
                span=span,
            )
    for each in inputs:
        if not each.requires_grad:
            raise GradcliError(
                "no-grad",
                "One of the differentiated Tensors does not require grad",
                span=span,
                hint="make it a leaf that requires grad: param(…), or requires_grad=True",
            )
    return outputs, inputs


def _one(outputs: list[Tensor], name: str, span: Span) -> Tensor:
    if len(outputs) != 1 or elements(outputs[0]) != 1:
        raise GradcliError(
            "non-scalar-root",
            f"{name}: second derivatives are of one element, and this has shape "
            f"{[list(each.shape) for each in outputs] if len(outputs) != 1 else list(outputs[0].shape)}",
            span=span,
            hint="reduce it with .sum(), or multiply it with weights first",
        )
    return outputs[0]


def bare_jacobian(runtime: Runtime, span: Span, z: Any, x: Any, *rest: Any, **keywords: Any) -> Any:
    if isinstance(z, FUNCTIONS):
        return call_own(runtime, "jacobian", jacobian, (z, x, *rest), keywords, span)
    outputs, inputs = _of_tensors(runtime, span, z, x, "jacobian", rest, keywords)
    session = runtime.session
    rows = []
    for each in outputs:
        by_columns = sum(elements(one) for one in inputs) < elements(each)
        rows.append(like(x, functional.jacobian(session, each, inputs, by_columns=by_columns)))
    return like(z, rows)


def bare_hessian(runtime: Runtime, span: Span, z: Any, x: Any, *rest: Any, **keywords: Any) -> Any:
    if isinstance(z, FUNCTIONS):
        return call_own(runtime, "hessian", hessian, (z, x, *rest), keywords, span)
    outputs, inputs = _of_tensors(runtime, span, z, x, "hessian", rest, keywords)
    blocks = functional.hessian(runtime.session, _one(outputs, "hessian", span), inputs)
    return like(x, [like(x, row) for row in blocks])


def bare_hvp(runtime: Runtime, span: Span, z: Any, x: Any, v: Any = None, *rest: Any, **keywords: Any) -> Any:
    if isinstance(z, FUNCTIONS):
        return call_own(runtime, "hvp", hvp, (z, x, v, *rest), keywords, span)
    outputs, inputs = _of_tensors(runtime, span, z, x, "hvp", rest, keywords)
    ways = directions(runtime, span, v, inputs, "hvp")
    return like(x, functional.hvp(runtime.session, _one(outputs, "hvp", span), inputs, ways))


def bare_jvp(runtime: Runtime, span: Span, z: Any, x: Any, v: Any = None, *rest: Any, **keywords: Any) -> Any:
    if isinstance(z, FUNCTIONS):
        return call_own(runtime, "jvp", jvp, (z, x, v, *rest), keywords, span)
    outputs, inputs = _of_tensors(runtime, span, z, x, "jvp", rest, keywords)
    ways = directions(runtime, span, v, inputs, "jvp")
    return like(z, functional.jvp(runtime.session, outputs, inputs, ways))
