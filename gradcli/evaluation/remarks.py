"""What somebody should know of a run beside its results: why nothing was differentiated, what a name is now.

`gradcli.evaluation.differentiate` asks for what is not as it looks; most runs have nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gradcli.autograd import Tensor
from gradcli.evaluation.roots import NUMBERS
from gradcli.syntax import tree
from gradcli.values.conversions import elements

if TYPE_CHECKING:
    from gradcli.evaluation.run import Ran


_NOTHING = "nothing was differentiated"


def remarks(ran: Ran, *, differentiated: bool, wrt: Mapping[str, Tensor] | None = None) -> tuple[str, ...]:
    """The remarks on a run, a sentence each; `wrt` is what is differentiated by."""
    runtime = ran.runtime
    found = [*_comma(ran), *runtime.warnings]
    if ran.options.order is not None and ran.options.order > 1 and wrt:
        found += _sums(ran, wrt)
    if ran.rebound and runtime.own_backward:
        found += _no_leaf(ran)
    elif not differentiated and not runtime.own_backward and not runtime.torch and ran.wrt is None:
        found += _nothing(ran)
    return tuple(found)


def _comma(ran: Ran) -> Iterator[str]:
    """`3,5*x` may be a tuple, or a number with a decimal comma."""
    last = ran.module.body[-1] if ran.module.body else None
    value = last.value if isinstance(last, (tree.ExpressionStatement, tree.Assignment)) else None
    if not isinstance(value, tree.TupleDisplay) or len(value.items) < 2:
        return
    first, second = value.items[:2]
    text = ran.runtime.text
    start, end = second.span
    whole = isinstance(first, tree.Literal) and type(first.value) is int
    if whole and first.span[1] == start - 1 and text[start].isdigit():
        left, right = text[first.span[0] : first.span[1]], text[start:end]
        yield f"{left},{right} is two values; with a decimal point it is {left}.{right}"


def _sums(ran: Ran, wrt: Mapping[str, Tensor]) -> Iterator[str]:
    """Pure derivatives of a higher order are sums, where a name has several elements."""
    several = [name for name, leaf in wrt.items() if elements(leaf) > 1]
    if several:
        yield (
            f"{', '.join(several)} has several elements, so each order beyond the first is the gradient of "
            "the sum of the one before, the second the row sums of the Hessian; --hessian gives it whole"
        )


def _no_leaf(ran: Ran) -> Iterator[str]:
    """`w = w - 0.1*w.grad` where recording is on."""
    for name in ran.rebound:
        value = ran.runtime.names.get(name)
        if type(value) is Tensor and value.requires_grad and not value.is_leaf:
            yield (
                f"{name} is no leaf any more: it was assigned the result of an operation, whose .grad stays "
                f"None; update it in place, with no_grad(): {name} -= ..."
            )


def _nothing(ran: Ran) -> Iterator[str]:
    """Why there is no derivative, and what to type, where somebody may have wanted one."""
    runtime = ran.runtime
    tensors = {
        name: value
        for name, value in runtime.names.items()
        if type(value) is Tensor and value.requires_grad and not value.is_leaf
    }
    if tensors and not ran.roots:
        *_, name = tensors
        yield (
            f"{_NOTHING}: the program does not end with a value; end it with {name}, or give --root {name}"
        )
        return
    if runtime.leaves:
        return  # the root does not depend on them, which is an error where it was asked for
    for statement in ran.module.body:
        if isinstance(statement, tree.FunctionDefinition):
            name = statement.name
            yield f"{_NOTHING}: no input requires grad; call {name}(param(3.0)), or {name}(x) with -s x=3"
            return
        leaf = _constant(statement)
        if leaf is not None and leaf[0] not in ran.roots and type(runtime.names.get(leaf[0])) in NUMBERS:
            name, number = leaf
            parameter = f"{name} = param({float(number)!r})"
            yield (
                f"{_NOTHING}: no input requires grad; write {parameter}, or leave {name} out and give "
                f"-s {name}={number}"
            )
            return


def _constant(statement: tree.Statement) -> tuple[str, int | float] | None:
    """Name and number of `x = 3`."""
    if not isinstance(statement, tree.Assignment) or not isinstance(statement.targets[0], tree.Name):
        return None
    value = statement.value
    number = value.value if isinstance(value, tree.Literal) else None
    return (statement.targets[0].name, number) if type(number) in (int, float) else None  # type: ignore[return-value]
