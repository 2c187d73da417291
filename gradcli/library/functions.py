"""The program's own functions: calls, own gradients by `@backward`, and classes of `torch.autograd.Function`.

`calls` comes here with evaluated arguments, `statements` makes the functions and classes.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.autograd.recorder import shared
from gradcli.autograd.saved_values import ask
from gradcli.errors import GradcliError, missing_arguments, suggestion, too_many_arguments
from gradcli.limits import DEEP_CALLS, MOST_CALLS
from gradcli.process import run_deep
from gradcli.tape.node import Version
from gradcli.values.formatting import type_name
from gradcli.values.values import ENCLOSING, GradientClass, GradientContext, UserFunction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Frame


def call_user(
    runtime: Runtime, function: UserFunction, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Any:
    """Calls a function of the program."""
    frame = bind(function, arguments, keywords, span)
    if function.gradient is not None:
        values = [frame[each.name] for each in function.parameters]
        return _call_with_gradient(runtime, function, frame, values, span)
    return run_body(runtime, function, frame, span)


def run_body(runtime: Runtime, function: UserFunction, frame: Frame, span: Span) -> Any:
    """Runs the body of a function whose parameters are in `frame`."""
    depth = runtime.depth
    if depth >= MOST_CALLS:
        raise GradcliError(
            "limit",
            f"recursion deeper than {MOST_CALLS:,} calls",
            span=span,
            hint="does the recursion end? Write a loop for many repetitions",
        )
    if depth >= DEEP_CALLS and not runtime.deep:
        runtime.deep = True
        try:
            return run_deep(lambda: run_body(runtime, function, frame, span), runtime.limits.interrupt)
        finally:
            runtime.deep = False
    limits, session = runtime.limits, runtime.session
    limits.steps += 1
    if limits.steps > limits.alarm:
        limits.check(span)
    runtime.depth = depth + 1
    recording = session.recording
    if function.recording is not None:
        session.recording = function.recording
    try:
        if runtime.together is not None:
            return runtime.together.called(function.body, frame)
        for statement in function.body:
            signal = statement(frame)
            if signal is not None:
                # Break and continue cannot leave a loop, so this is a return.
                return signal.value
        return None
    except GradcliError as error:
        runtime.note(error, f"in {function.name}, called from line {runtime.line(span)}")
        raise
    finally:
        runtime.depth = depth
        if function.recording is not None:
            session.recording = recording


# ---- parameters ----------------------------------------------------------------------------------


def bind(function: UserFunction, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span) -> Frame:
    """The frame of a call: arguments under the names of the parameters."""
    names = function.simple
    if names is not None and not keywords and len(arguments) == len(names):
        frame: Frame = dict(zip(names, arguments, strict=True))
    else:
        frame = _bind_all(function, arguments, dict(keywords), span)
    if function.enclosing is not None:
        frame[ENCLOSING] = function.enclosing
    return frame


def _bind_all(
    function: UserFunction, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Frame:
    name = function.qualified
    frame: Frame = {}
    positional = [each for each in function.parameters if not each.keyword_only and not each.star]
    star = next((each for each in function.parameters if each.star), None)
    others = next((each.name for each in function.parameters if each.double_star), None)
    named: dict[str, Any] = {}
    for parameter, value in zip(positional, arguments, strict=False):
        frame[parameter.name] = value
    rest = arguments[len(positional) :]
    if star is not None:
        frame[star.name] = rest
    elif rest:
        least = len([each for each in positional if each.name not in function.defaults])
        by_name = len([each for each in function.parameters if each.keyword_only and each.name in keywords])
        raise too_many_arguments(name, least, len(positional), len(arguments), span, by_name)
    known = {
        each.name: None for each in function.parameters if not each.star and not each.double_star
    }  # in order
    for given, value in keywords.items():
        if given in frame and given in known:
            raise GradcliError(
                "bad-argument", f"{name}() got multiple values for argument '{given}'", span=span
            )
        if given not in known:
            if others is not None:
                named[given] = value
                continue
            raise GradcliError(
                "bad-argument",
                f"{name}() got an unexpected keyword argument '{given}'",
                span=span,
                hint=suggestion(given, known) or f"it takes {', '.join(known)}",
            )
        frame[given] = value
    if others is not None:
        frame[others] = named
    missing = []
    for each in known:
        if each not in frame:
            if each in function.defaults:
                frame[each] = function.defaults[each]
            else:
                missing.append(each)
    if missing:
        unfilled = [each.name for each in positional if each.name in missing]
        kind = "positional" if unfilled else "keyword-only"
        raise missing_arguments(name, unfilled or missing, span, kind)
    return frame


# ---- own gradients -------------------------------------------------------------------------------


class OwnGradient:
    """One call of a function with its own gradient: what diagnostics, `grad_fn` and checks say of it.

    Attributes:
        function, gradient: both as they stand in the program.
        again: the same call with other tensors among its arguments, in order.
        asks: the gradient asks for what was saved when it wants it, and finds out then if that is gone.
    """

    __slots__ = ("again", "asks", "function", "grad_fn", "gradient", "name", "saves")

    def __init__(
        self,
        name: str,
        grad_fn: str,
        function: UserFunction,
        gradient: UserFunction,
        again: Callable[[list[Tensor]], Any],
        asks: bool = False,
    ) -> None:
        self.name = name
        self.grad_fn = grad_fn
        self.function = function
        self.gradient = gradient
        self.again = again
        self.asks = asks
        self.saves: bool | None = None


def _replaced(values: Sequence[Any], tensors: list[Tensor]) -> list[Any]:
    """The arguments of a call with other tensors in place of those among them."""
    fresh = iter(tensors)
    return [next(fresh) if type(each) is Tensor else each for each in values]


def _call_with_gradient(
    runtime: Runtime, function: UserFunction, frame: Frame, values: list[Any], span: Span
) -> Any:
    session = runtime.session
    gradient = function.gradient
    assert gradient is not None
    former = session.recording
    with session.recorded(former and session.inside_own):
        result = run_body(runtime, function, frame, span)
    inputs = [each for each in values if type(each) is Tensor]
    if not former or not any(each.requires_grad for each in inputs):
        return result
    outputs = _outputs(result, function.name, span)
    shapes = [each.shape for each in outputs]
    grad_fn = "".join(word.capitalize() for word in function.name.split("_")) + "Backward"

    def rule(cotangents: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        incoming = _materialized(runtime, cotangents, outputs, shapes)
        given = call_user(runtime, gradient, (*incoming, *values), {}, gradient.span)
        return _checked(runtime, gradient.name, given, values, False, gradient.span)

    def again(tensors: list[Tensor]) -> Any:
        others = _replaced(values, tensors)
        renewed = {each.name: value for each, value in zip(function.parameters, others, strict=True)}
        return _call_with_gradient(runtime, function, {**enclosing, **renewed}, others, span)

    enclosing = {ENCLOSING: function.enclosing} if function.enclosing is not None else {}
    session.span = span
    label = OwnGradient(function.name, grad_fn, function, gradient, again)
    results = session.custom(label, outputs, inputs, rule)
    return results if isinstance(result, (list, tuple)) else results[0]


def apply_class(
    runtime: Runtime, cls: GradientClass, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Any:
    """`Class.apply(…)`: forward now, backward when a gradient passes through."""
    session = runtime.session
    if keywords:
        raise GradcliError("bad-argument", f"{cls.name}.apply() takes no keyword arguments", span=span)
    forward, backward = _method(cls, "forward", span), _method(cls, "backward", span)
    former = session.recording
    needs = tuple(type(each) is Tensor and each.requires_grad and former for each in arguments)
    context = GradientContext(needs)
    for each in arguments if any(needs) else ():
        if type(each) is Tensor:
            each.asked()
    with session.recorded(former and session.inside_own):
        if "setup_context" in cls.methods:
            setup = _method(cls, "setup_context", span)
            result = call_user(runtime, forward, arguments, {}, span)
            call_user(runtime, setup, (context, arguments, result), {}, span)
        else:
            result = call_user(runtime, forward, (context, *arguments), {}, span)
    if not any(needs):
        return _without_history(runtime, context, arguments, result)
    outputs = _outputs(result, cls.name, span)
    shapes = [each.shape for each in outputs]
    name = f"{cls.name}Backward"

    def rule(cotangents: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        incoming: Sequence[Any] = cotangents
        if context.materialize:
            incoming = _materialized(runtime, cotangents, outputs, shapes)
        given = call_user(runtime, backward, (context, *incoming), {}, backward.span)
        return _checked(runtime, name, given, list(arguments), True, backward.span)

    session.span = span
    inputs = [each for each in arguments if type(each) is Tensor]
    label = OwnGradient(
        cls.name,
        name,
        forward,
        backward,
        lambda tensors: apply_class(runtime, cls, tuple(_replaced(arguments, tensors)), {}, span),
        asks=True,
    )
    for each in context.dirty:
        if type(each) is Tensor and each.view is not None and not each.is_leaf:
            session.refuse(each, reads=False, once=False)
    results = session.custom(label, outputs, inputs, rule, saves=bool(context.saved))
    results = tuple(
        [
            _written(runtime, each, result, name) if any(each is other for other in context.dirty) else result
            for each, result in zip(outputs, results, strict=True)
        ]
    )
    _keep_saved(runtime, context, outputs, results)
    for position, each in enumerate(outputs):
        if any(each is other for other in context.non_differentiable):
            results = (*results[:position], session.detach(each), *results[position + 1 :])
    return results if isinstance(result, (list, tuple)) else results[0]


def _without_history(
    runtime: Runtime, context: GradientContext, arguments: Sequence[Any], result: Any
) -> Any:
    """What `forward` gave where nothing is recorded: an argument among it is that without its history.

    It is the argument itself only if that has none and `forward` said that it wrote to it.
    """
    if isinstance(result, (list, tuple)):
        return type(result)([_without_history(runtime, context, arguments, each) for each in result])
    if type(result) is not Tensor or not any(each is result for each in arguments):
        return result
    if any(each is result for each in context.dirty):
        (result.view or shared(result)).base.storage.version.count()
        if not result.requires_grad:
            return result
    return runtime.session.detach(result)


def _written(runtime: Runtime, argument: Tensor, result: Tensor, name: str) -> Tensor:
    """An argument that `forward` wrote to and gave back, with its new history: `ctx.mark_dirty` named it."""
    if argument.is_leaf and argument.requires_grad:
        message = "a leaf Variable that requires grad has been used in an in-place operation."
        raise GradcliError("in-place", message, span=runtime.session.span)
    return runtime.session.update(argument, result, name, ())


def _method(cls: GradientClass, name: str, span: Span) -> UserFunction:
    method = cls.methods.get(name)
    if not isinstance(method, UserFunction):
        raise GradcliError(
            "bad-argument",
            f"{cls.name} has no {name}()",
            span=span,
            hint=f"add @staticmethod def {name}(ctx, …)",
        )
    return method


def _keep_saved(
    runtime: Runtime, context: GradientContext, raw: list[Tensor], results: Sequence[Tensor]
) -> None:
    """What forward saved is as it was when backward asks for it, or the asking is refused.

    A result that was saved comes back with its place in the graph: backward may be differentiated. It is held
    weakly, since the graph holds the context.
    """
    if not context.saved:
        return
    made = [weakref.ref(each.node) for each in results]
    held: list[Any] = []
    for saved in context.saved:
        if saved is None:
            held.append(None)
            continue
        at = next((at for at, each in enumerate(raw) if each is saved), None)
        node = saved.node if at is None else results[at].node
        node.version = node.version or Version()
        held.append(node if at is None else weakref.ref(node))

    def restore(saved: tuple[Any, ...]) -> tuple[Any, ...]:
        nodes = [each() if isinstance(each, weakref.ref) else each for each in held]
        by = next((node for node in (each() for each in made) if node is not None), None)
        if by is not None:
            ask(by, [each for each in nodes if each is not None], runtime.session.span)
        return tuple(
            [
                Tensor(node) if isinstance(each, weakref.ref) and node is not None else given
                for each, node, given in zip(held, nodes, saved, strict=True)
            ]
        )

    context.restore = restore


def _outputs(result: Any, name: str, span: Span) -> list[Tensor]:
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    for each in outputs:
        if type(each) is not Tensor:
            raise GradcliError(
                "bad-argument",
                f"{name} has its own gradient, so it returns tensors, not {type_name(each)}",
                span=span,
            )
    return outputs


def _materialized(
    runtime: Runtime,
    cotangents: Sequence[Tensor | None],
    outputs: list[Tensor],
    shapes: list[tuple[int, ...]],
) -> list[Tensor]:
    return [
        runtime.session.apply(row("zeros"), (shape,), {"dtype": output.dtype}) if each is None else each
        for each, output, shape in zip(cotangents, outputs, shapes, strict=True)
    ]


def _checked(
    runtime: Runtime, name: str, given: Any, values: list[Any], by_class: bool, span: Span
) -> list[Tensor | None]:
    """The gradients that a function returned, one for each tensor among its arguments."""
    gradients = list(given) if isinstance(given, tuple) else [given]
    expected = len(values)
    if by_class:
        # PyTorch lets go of further Nones.
        while len(gradients) > expected and gradients[-1] is None:
            gradients.pop()
    if len(gradients) != expected:
        raise GradcliError(
            "bad-argument",
            f"function {name} returned an incorrect number of gradients (expected {expected}, "
            f"got {len(gradients)})",
            span=span,
            hint="return one gradient for each argument, or None for those without",
        )
    found: list[Tensor | None] = []
    for position, (gradient, value) in enumerate(zip(gradients, values, strict=True)):
        if type(value) is not Tensor:
            if gradient is not None:
                raise GradcliError(
                    "bad-argument",
                    f"function {name} returned a gradient different from None at position {position + 1}, "
                    "but the corresponding forward input was not a Variable",
                    span=span,
                )
            continue
        found.append(None if gradient is None else _fitting(runtime, name, gradient, value, position, span))
    return found


def _fitting(runtime: Runtime, name: str, gradient: Any, value: Tensor, position: int, span: Span) -> Tensor:
    from gradcli.tape.primitives import cast, sum_to

    if type(gradient) in (int, float):
        gradient = runtime.session.tensor(float(gradient), value.dtype)
    if type(gradient) is not Tensor:
        raise GradcliError(
            "bad-argument",
            f"function {name} returned {type_name(gradient)} at index {position} where a gradient should be",
            span=span,
        )
    node = gradient.node
    if gradient.shape != value.shape:
        # A gradient may have the shape that the argument was broadcast to.
        extra = len(gradient.shape) - len(value.shape)
        fits = extra >= 0 and all(
            own in (1, given) for own, given in zip(value.shape, gradient.shape[extra:], strict=True)
        )
        if not fits:
            raise GradcliError(
                "shape",
                f"Function {name} returned an invalid gradient at index {position} - got "
                f"{list(gradient.shape)} but expected shape compatible with {list(value.shape)}",
                span=span,
                hint="a gradient has the shape of its argument",
            )
        reduced = sum_to(node, value.shape)
        assert reduced is not None
        node = reduced
    return Tensor(cast(node, value.dtype))


__all__ = ["apply_class", "bind", "call_user", "run_body"]
