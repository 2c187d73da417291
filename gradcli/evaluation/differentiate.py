"""From a run to its evaluation: the backward, the derivatives beyond it, and what is reported of them.

`gradcli.evaluate` and compiled programs come here with what `gradcli.evaluation.run` gave; the derivatives
beyond the first are `gradcli.derivatives.higher`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.derivatives.aim import Aim, blame
from gradcli.errors import GradcliError
from gradcli.evaluation.result import Arrays, Evaluation, lines, owned
from gradcli.evaluation.run import Ran, at_work, begun, run
from gradcli.values.conversions import elements

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.syntax import tree


def evaluated(module: tree.Module, source: str, options: Options, once: bool = False) -> Evaluation:
    """Runs a program and differentiates it; `once` says that nobody reads the tree afterwards.

    Raises:
        GradcliError: whatever goes wrong, with its place.
    """
    runtime = begun(source, options)
    runtime.spends = once
    with at_work(runtime):
        try:
            return differentiate(run(module, options, runtime))
        finally:
            runtime.names.clear()  # its functions refer to the runtime, which then waited for the collector


def _remarks(ran: Ran, wrt: dict[str, Tensor] | None) -> tuple[str, ...]:
    """What is to be said of a run; `wrt` is what is differentiated by, None or empty where nothing is."""
    runtime = ran.runtime
    if wrt and not (runtime.warnings or ran.rebound or ran.options.order or "," in runtime.text):
        return ()
    from gradcli.evaluation.remarks import remarks

    return remarks(ran, wrt)


def differentiate(ran: Ran) -> Evaluation:
    """The evaluation of a program that has run, `at_work`.

    Raises:
        GradcliError: whatever goes wrong.
    """
    runtime = ran.runtime
    result = Evaluation(
        values=Arrays(ran.named, ran.session, runtime.text),
        grads={},
        nodes=ran.nodes,
        roots=tuple(ran.roots),
        printed=lines(runtime.printed),
        text=runtime.text,
        weighted=ran.options.weights is not None,
        own_backward=runtime.own_backward,
        unused_inputs=ran.unused_inputs,
    )
    aim = ran.aim
    if aim is None:
        _compute(ran, [each for each in ran.roots.values() if type(each) is Tensor])
        result.grads = _own_backward(ran) if runtime.own_backward and ran.wrt != [] else {}
        result.notes = _remarks(ran, None)
        return result
    result.notes = _remarks(ran, aim.wrt)
    for tensor in ran.retained().values():
        if not tensor.is_leaf:
            ran.session.retain_grad(tensor)
    each = each_by_itself(ran, aim)
    if each:
        _one_root(ran)
    _beyond(ran, aim, result)
    if any(kind.any_root for kind in ran.kinds) and not _has_gradient(aim):
        return result
    roots = list(aim.roots.values())
    try:
        if runtime.before_backward is not None:
            runtime.before_backward(roots, aim.weights)
        if each:
            result.derivatives = _backward_each(ran, aim)
        else:
            _backward(ran, aim)
    except GradcliError as error:
        blame(error, roots[0])
        raise
    _compute(ran, roots)
    if not each:
        result.grads = _gradients(ran, aim)
    return result


def each_by_itself(ran: Ran, aim: Aim) -> bool:
    """Whether each of several roots has derivatives of its own: no weights say how they are added up."""
    return len(aim.roots) > 1 and ran.options.weights is None and not ran.runtime.own_backward


def _one_root(ran: Ran) -> None:
    for kind in ran.kinds:
        if not kind.any_root:
            raise GradcliError(
                "bad-argument",
                f"--{kind.name} is of one root, and there are {len(ran.roots)}: {', '.join(ran.roots)}",
                hint="name one with --root, or say with --weights how they are added up",
            )


def _beyond(ran: Ran, aim: Aim, result: Evaluation) -> None:
    """The derivatives beyond the gradient, into the result."""
    if not ran.kinds:
        return
    from gradcli.derivatives import higher

    def read(value: Any, like: Tensor) -> Tensor:
        return ran.outside.tensor(value, "a direction", like)

    for kind in ran.kinds:
        found = getattr(higher, kind.part)(aim, ran.options, read)
        _own(ran, found)
        setattr(result, kind.part, found)


def _own(ran: Ran, content: Any) -> None:
    """Gives arrays in nested mappings and lists memory of their own."""
    places = content if isinstance(content, dict) else dict(enumerate(content))
    arrays = {}
    for place, each in places.items():
        if isinstance(each, np.ndarray):
            arrays[place] = each
        elif isinstance(each, (dict, list)):
            _own(ran, each)
    for place, each in _owned(ran, arrays).items():
        content[place] = each


def _has_gradient(aim: Aim) -> bool:
    """Whether every root is one number, or has gradient weights."""
    return all(
        elements(root) == 1 or weight is not None
        for root, weight in zip(aim.roots.values(), aim.weights, strict=True)
    )


def _compute(ran: Ran, roots: list[Tensor]) -> None:
    try:
        ran.session.compute(roots)
    except GradcliError as error:
        blame(error, roots[0])
        raise


def _backward(ran: Ran, aim: Aim) -> None:
    options = ran.options
    accumulating = [*aim.wrt.values(), *ran.retained().values()]
    inputs = None if ran.wrt is None else list({id(each.node): each for each in accumulating}.values())
    for number in range(options.passes):
        if options.zero_grad and number:
            for each in accumulating:
                each.grad = None
        ran.session.backward(
            list(aim.roots.values()),
            aim.weights,
            retain_graph=options.retain_graph,
            create_graph=options.create_graph,
            inputs=inputs,
            final=number == options.passes - 1,
        )


def _backward_each(ran: Ran, aim: Aim) -> dict[str, dict[str, Any]]:
    """The gradients of each root: what a backward from it alone leaves in the leaves."""
    options = ran.options
    accumulating = {**aim.wrt, **ran.retained()}
    distinct = {id(each.node): each for each in accumulating.values()}
    inputs = None if ran.wrt is None else list(distinct.values())
    *_, last = aim.roots
    kept: dict[str, dict[str, Tensor | None]] = {root: {} for root in aim.roots}
    for number in range(options.passes):
        for name, root in aim.roots.items():
            for below, each in accumulating.items():
                each.grad = None if options.zero_grad else kept[name].get(below)
            ran.session.backward(
                [root],
                [None],
                # The roots share the graph: it is freed, if it is, behind the last of them.
                retain_graph=options.retain_graph if name == last else True,
                create_graph=options.create_graph,
                inputs=inputs,
                final=number == options.passes - 1 and name == last,
            )
            kept[name] = {below: each.grad for below, each in accumulating.items()}
            for each in accumulating.values():
                each.grad = None
    found: dict[str, dict[str, Any]] = {}
    for name, gradients in kept.items():
        arrays = {}
        for below, gradient in gradients.items():
            if gradient is not None:
                arrays[below] = ran.session.numpy(gradient)
            elif below in aim.wrt:
                arrays[below] = np.zeros(accumulating[below].shape, accumulating[below].dtype)
        found[name] = _owned(ran, arrays)
    return found


# ---- what is reported ---------------------------------------------------------------------------


def _own_backward(ran: Ran) -> dict[str, Any]:
    """The gradients that the program's own backward left."""
    asked = ran.wrt or ()
    found: dict[str, Any] = {}
    tensors = {**ran.leaves(), **{name: ran.target(name) for name in asked}, **ran.retained()}
    if asked and all(tensor.grad is None for tensor in tensors.values()):
        raise ran.rootless()  # it took gradients as values, and nothing has one that zero could stand beside
    for name, tensor in tensors.items():
        if asked and name not in asked and name not in ran.retain_grad:
            continue
        gradient = tensor.grad
        if gradient is not None:
            found[name] = ran.session.numpy(gradient)
        elif name in asked:
            found[name] = np.zeros(tensor.shape, tensor.dtype)
    return _owned(ran, found)


def _gradients(ran: Ran, aim: Aim) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, tensor in aim.wrt.items():
        gradient = tensor.grad
        if gradient is not None:
            found[name] = ran.session.numpy(gradient)
        elif ran.wrt is not None:
            found[name] = np.zeros(tensor.shape, tensor.dtype)
    for name, tensor in ran.retained().items():
        if tensor.grad is not None:
            found[name] = ran.session.numpy(tensor.grad)
    return _owned(ran, found)


def _owned(ran: Ran, gradients: dict[Any, Any]) -> dict[Any, Any]:
    weights, inputs = ran.options.weights, ran.options.inputs or {}
    weights = weights if isinstance(weights, (list, tuple)) else (weights,)
    return owned(gradients, (*inputs.values(), *weights), ran.named.values())
