"""`torch.autograd.gradcheck`: the gradients of a function against differences of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import number, truth
from gradcli.values.formatting import represent, type_name
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def gradcheck(
    runtime: Runtime,
    span: Span,
    func: Any,
    inputs: Any,
    *,
    eps: Any = 1e-6,
    atol: Any = 1e-5,
    rtol: Any = 1e-3,
    raise_exception: Any = True,
    **_: Any,
) -> bool:
    """Whether the Jacobian that backward gives is that of central differences.

    Raises:
        GradcliError: `bad-argument` with PyTorch's sentence where it isn't, if `raise_exception`.
    """
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    step, absolute, relative = (number(runtime, each, span, "gradcheck") for each in (eps, atol, rtol))
    checked = [at for at, each in enumerate(given) if type(each) is Tensor and each.requires_grad]
    if not checked:
        message = "gradcheck expects at least one input tensor to require gradient, but none of them have "
        raise GradcliError("bad-argument", message + "requires_grad=True.", span=span)
    outputs = _called(runtime, span, func, given)
    raises = truth(runtime, raise_exception, span)
    if not any(each.requires_grad for each in outputs):
        moved = [_numerical(runtime, span, func, given, at, 0, step) for at in checked if outputs]
        if any(np.any(each) for each in moved):
            if not raises:
                return False
            message = "Numerical gradient for function expected to be zero"
            raise failure("GradcheckError", message, span)
    for at in checked:
        for place, output in enumerate(outputs):
            if not output.requires_grad:
                continue
            analytical = _analytical(runtime, output, given[at])
            numerical = _numerical(runtime, span, func, given, at, place, step)
            if np.allclose(analytical, numerical, relative, absolute):
                continue
            if not raises:
                return False
            shown = [represent(runtime, runtime.session.tensor(each)) for each in (numerical, analytical)]
            message = (
                f"Jacobian mismatch for output {place} with respect to input {at},\n"
                f"numerical:{shown[0]}\nanalytical:{shown[1]}\n"
            )
            raise failure("GradcheckError", message, span)
    return True


def gradgradcheck(
    runtime: Runtime, span: Span, func: Any, inputs: Any, grad_outputs: Any = None, **settings: Any
) -> bool:
    """`gradcheck` of the gradients, by inputs and by weights of outputs, usually ones."""
    session = runtime.session
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    outputs = [each for each in _called(runtime, span, func, given) if each.requires_grad]
    if grad_outputs is None:
        weights = [session.leaf(np.ones(each.shape, each.dtype), True) for each in outputs]
    else:
        weights = list(grad_outputs) if isinstance(grad_outputs, (list, tuple)) else [grad_outputs]
    wanted = [at for at, each in enumerate(given) if type(each) is Tensor and each.requires_grad]

    def gradients(runtime: Runtime, span: Span, *values: Any) -> tuple[Any, ...]:
        with session.recorded(True):
            own = list(values[: len(given)])
            for at in wanted:
                own[at] = own[at] if own[at].requires_grad else session.leaf(session.numpy(own[at]), True)
            made = [each for each in _called(runtime, span, func, own) if each.requires_grad]
            seeds, wrt = list(values[len(given) :]), [own[at] for at in wanted]
            found = session.grad(made, wrt, seeds, create_graph=True, allow_unused=True)
            return tuple([each for each in found if each is not None])

    return gradcheck(runtime, span, Builtin("gradients", gradients), (*given, *weights), **settings)


def _called(runtime: Runtime, span: Span, func: Any, given: list[Any]) -> list[Tensor]:
    result = runtime.call(func, tuple(given), {}, span)
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    for each in outputs:
        if type(each) is not Tensor:
            message = f"the function gives tensors, not {type_name(each)}"
            raise GradcliError("bad-argument", message, span=span)
    return outputs


def _analytical(runtime: Runtime, output: Tensor, wrt: Tensor) -> Any:
    """A column for each element of the output, a row for each of the input."""
    session = runtime.session
    columns = []
    for place in range(output.node.size):
        runtime.limits.step(session.span or (0, 0))
        weight = np.zeros(output.node.size, output.dtype)
        weight[place] = 1
        seed = session.tensor(weight.reshape(output.shape))
        (found,) = session.grad([output], [wrt], [seed], retain_graph=True, allow_unused=True)
        columns.append(np.zeros(wrt.node.size) if found is None else session.numpy(found).reshape(-1))
    return np.stack(columns, 1) if columns else np.zeros((wrt.node.size, 0))


def _numerical(
    runtime: Runtime, span: Span, func: Any, given: list[Any], at: int, place: int, step: float
) -> Any:
    session = runtime.session
    with session.recorded(False):
        array = session.numpy(given[at])
        rows = []
        for index in range(array.size):
            runtime.limits.step(span)
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved.reshape(-1)[index] += sign * step
                others = [*given[:at], session.tensor(moved), *given[at + 1 :]]
                ends.append(session.numpy(_called(runtime, span, func, others)[place]).reshape(-1))
            rows.append((ends[0] - ends[1]) / (2 * step))
        return np.stack(rows) if rows else np.zeros((0, 0))
