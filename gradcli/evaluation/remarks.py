"""What somebody should know of a run beside its results: why nothing was differentiated, what a name is now.

`gradcli.evaluation.differentiate` asks for what is not as it looks; most runs have nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gradcli.autograd import Tensor
from gradcli.evaluation.roots import assigned_last, is_called, is_plain
from gradcli.library.namespaces import is_bare
from gradcli.syntax import tree
from gradcli.syntax.notation.words import FORMULAS
from gradcli.syntax.survey import names_in
from gradcli.tape.node import FLOATS
from gradcli.values.conversions import elements
from gradcli.values.formatting import type_name

if TYPE_CHECKING:
    from gradcli.evaluation.run import Ran


_NOTHING = "nothing was differentiated"


def remarks(ran: Ran, wrt: Mapping[str, Tensor] | None) -> tuple[str, ...]:
    """The remarks on a run, a sentence each; `wrt` is what is differentiated by, none where nothing is."""
    runtime = ran.runtime
    found = [*_comma(ran), *runtime.warnings]
    if ran.options.order is not None and ran.options.order > 1 and wrt:
        found += _sums(ran, wrt)
    if ran.rebound and runtime.own_backward:
        found += _no_leaf(ran)
    elif not wrt and not runtime.own_backward and not runtime.torch and ran.wrt is None:
        found += _nothing(ran)
    return tuple(found)


def _comma(ran: Ran) -> Iterator[str]:
    """`3,5*x` may be a tuple, or a number with a decimal comma."""
    last = ran.module.body[-1] if ran.module.body else None
    value = last.value if isinstance(last, (tree.ExpressionStatement, tree.Assignment)) else None
    if not isinstance(value, tree.TupleDisplay) or len(value.items) < 2:
        return
    text = ran.runtime.text
    start, end = value.items[0].span[0], value.items[-1].span[1]
    shown = text[start:end]
    if end - start > _LONGEST:
        return
    thousands = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])")  # 1,000,000
    decimal = re.compile(r"(?<![\w,])(\d+|\d{1,3}\.\d{3}),(\d+)(?![\d,.])")  # 2,5 and 1.000,5
    many = "two" if len(value.items) == 2 else "several"
    commas = {item.span[1] - start for item in value.items}  # and not those in f(1,2) and [1,2]

    def joined(found: re.Match[str], number: str) -> str:
        own = {found.start() + at for at, each in enumerate(found[0]) if each == ","}
        return number if own <= commas else found[0]

    point = decimal.sub(lambda found: joined(found, f"{found[1].replace('.', '')}.{found[2]}"), shown)
    whole = thousands.sub(lambda found: joined(found, found[0].replace(",", "")), shown)
    if whole != shown:
        yield f"{shown} is {many} values; without its commas it is {whole}" + (
            f", with a decimal point {point}" if point != shown and many == "two" else ""
        )
    elif point != shown:
        yield f"{shown} is {many} values; with a decimal point it is {point}"


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
    for name, value in ran.last.items():
        if is_called(value):
            kind = {"module": "module", "type": "class"}.get(type_name(value), "function")
            text = runtime.text[slice(*ran.module.body[-1].span)] if name == "result" else name
            called = f"call it, as in {text}()" if "." in text else f"call it with a value, as in {text}(x)"
            call = "" if kind == "module" else f"; {called}"
            yield f"there is nothing to show: {text} is a {kind}{call}"
            return
    if runtime.leaves:
        yield from _without_derivative(ran)
        if not ran.roots and not ran.last:
            names = ", ".join(runtime.leaves)
            yield (
                f"{_NOTHING}: the program does not end with a value, and no variable depends on {names}; "
                "end it with what is to be differentiated"
            )
        return  # a root that does not depend on them is an error
    if any(type(root) is Tensor and root.requires_grad for root in ran.roots.values()):
        yield f"{_NOTHING}: what requires grad has no name; give it one, as in x = param(3.0); x**2"
        return
    for name in runtime.inputs:
        given = runtime.names.get(name)
        if type(given) is bool:
            yield f"{_NOTHING}: {name} is {given}, and no number; a number is -s {name}={given:.1f}"
            return
    for statement in ran.module.body:
        found = list(_constant(ran, statement))
        if found:
            yield f"{_NOTHING}: no input requires grad; {found[0]}"
            return


def _without_derivative(ran: Ran) -> Iterator[str]:
    """Why a root that is a truth value or a whole number is shown only."""
    for name, root in ran.roots.items():
        dtype = root.dtype if type(root) is Tensor else type(root).__name__
        if dtype in FLOATS or dtype == "float":
            continue
        others = assigned_last(ran.module.body, ran.runtime).keys() - {name}
        instead = f"; --root {next(iter(others))} differentiates {next(iter(others))}" if others else ""
        yield f"{_NOTHING}: {name} is of dtype {dtype}, which has no derivatives{instead}"
        return


_LONGEST = 1_000
"""Nobody types a longer value again; and the tree may have given it up."""


def _constant(ran: Ran, statement: tree.Statement) -> Iterator[str]:
    """What to type in place of a statement that makes a constant, or a function that is called with some."""
    if isinstance(statement, tree.FunctionDefinition) and statement.name not in FORMULAS:  # 5!, sec(1)
        yield f"call {statement.name}(param(3.0)), or {statement.name}(x) with -s x=3"
    if not isinstance(statement, tree.Assignment) or not isinstance(statement.targets[0], tree.Name):
        return
    name = statement.targets[0].name
    current = ran.runtime.names.get(name)
    start, end = statement.value.span
    if name in ran.roots or end - start > _LONGEST or not all(map(is_bare, names_in(statement.value))):
        return
    written = ran.runtime.text[start:end]
    if type(current) is Tensor and current.dtype in FLOATS and not current.requires_grad:
        yield f"leave {name} out and give -s '{name}={written}'"
    elif isinstance(current, (int, float)) and not isinstance(current, bool):
        yield f"write {name} = param({float(current)!r}), or leave {name} out and give -s {name}={written}"
    elif isinstance(current, list) and is_plain(current):
        yield f"leave {name} out and give -s '{name}={written}'"
