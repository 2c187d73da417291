"""Hooks of modules: before and after a call, and on the gradients that pass through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.ops.rows import CallName
from gradcli.values.formatting import type_name
from gradcli.values.values import HookHandle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span
    from gradcli.values.objects import Instance
    from gradcli.values.runtime import Runtime

_LABEL = CallName("backward hooks", "BackwardHookFunctionBackward", False)


def hook(when: str) -> Callable[..., HookHandle]:
    """The method that registers a hook of a kind, `before`, `after` or `backward`."""

    def run(runtime: Runtime, span: Span, module: Instance, hook: Any, prepend: Any = False) -> HookHandle:
        hooks = module.state.setdefault(when, [])
        hooks.insert(0 if prepend is True else len(hooks), hook)
        return HookHandle(lambda: hooks.remove(hook) if hook in hooks else None)

    return run


def around(
    runtime: Runtime, span: Span, module: Instance, arguments: tuple[Any, ...], call: Callable[..., Any]
) -> Any:
    """What a call gives, with the hooks of `module` called once its gradients are known.

    Tensors pass through an identity on their way in and out, whose gradients the hooks get.
    """
    hooks = tuple(module.state.get("backward", ()))
    if not hooks or not runtime.session.recording:
        return call(arguments)
    outgoing: list[Any] = []

    def tell(gradients: Sequence[Any]) -> Sequence[Any]:
        for each in hooks:
            changed = runtime.call(each, (module, tuple(gradients), tuple(outgoing)), {}, span)
            if changed is not None:
                gradients = _fitting(changed, gradients, span)
        return gradients

    def noted(cotangents: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        outgoing[:] = cotangents
        if not inside:
            tell([None for each in arguments if type(each) is Tensor])
        return list(cotangents)

    inside = [each for each in arguments if type(each) is Tensor and each.requires_grad]
    if inside:
        given = [each for each in arguments if type(each) is Tensor]

        def told(cotangents: tuple[Tensor | None, ...]) -> list[Tensor | None]:
            by_input = dict(zip(map(id, inside), cotangents, strict=True))
            changed = tell([by_input.get(id(each)) for each in given])
            return [gradient for each, gradient in zip(given, changed, strict=True) if id(each) in by_input]

        passed = dict(zip(map(id, inside), _identity(runtime, inside, told), strict=True))
        arguments = tuple(passed.get(id(each), each) for each in arguments)
    result = call(arguments)
    several = isinstance(result, (tuple, list))
    outputs = [each for each in (result if several else [result]) if type(each) is Tensor]
    outputs = [each for each in outputs if each.requires_grad]
    if not outputs:
        return result
    renewed = dict(zip(map(id, outputs), _identity(runtime, outputs, noted), strict=True))
    if several:
        return type(result)([renewed.get(id(each), each) for each in result])
    return renewed[id(result)]


def _identity(runtime: Runtime, tensors: list[Tensor], rule: Callable[..., Any]) -> tuple[Tensor, ...]:
    session = runtime.session
    copies = [session.detach(each) for each in tensors]
    made: tuple[Tensor, ...] = session.custom(_LABEL, copies, tensors, rule, saves=False)
    return made


def _fitting(changed: Any, gradients: Sequence[Any], span: Span) -> Sequence[Any]:
    given = list(changed) if isinstance(changed, (tuple, list)) else [changed]
    if len(given) != len(gradients) or not all(each is None or type(each) is Tensor for each in given):
        message = f"Backward hook returned an invalid number of grad_input, got {len(given)}, "
        if len(given) == len(gradients):
            message = f"a backward hook returns gradients or None, not {type_name(given[0])}; "
        raise GradcliError("bad-argument", f"{message}but expected {len(gradients)}", span=span)
    return given
