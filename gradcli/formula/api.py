"""`diff`: the derivatives of a program as formulas. The command line and `gradcli.diff` call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.errors import GradcliError
from gradcli.evaluation.outside import names as split_names
from gradcli.formula.asked import Asked
from gradcli.formula.derivative import Derivative
from gradcli.formula.stage import with_names
from gradcli.formula.tree import Label, Line, symbol
from gradcli.process import rare_collection


def diff(
    source: str,
    wrt: Sequence[str] | str | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    inputs: Mapping[str, Any] | None = None,
    roots: Sequence[str] | None = None,
    weights: Any = None,
    order: int = 1,
    partials: Sequence[Sequence[str]] = (),
    hessian: bool = False,
    jacobian: bool = False,
    hvp: str | None = None,
    jvp: str | None = None,
    taylor: tuple[str, str] | None = None,
    expand: bool = False,
    steps: bool = False,
    simplify: bool = True,
    dtype: Any = None,
    freeze: Sequence[str] = (),
    max_memory: int = 0,
    max_seconds: float = 0.0,
) -> Derivative:
    """The derivatives of a program as formulas.

    Args:
        source: the text of the program.
        wrt: names to differentiate with respect to; by default every leaf that requires grad.
        shapes: of inputs that have no value, each as numbers or names: `{"X": ("n", "m")}` or `"n,m"`.
            An input that has neither is a scalar.
        inputs: values of inputs, which decide what the program reads.
        roots: names to differentiate; by default the value of the last statement.
        weights: of a root that is no scalar: a value, or the name that they have in the formula; of several
            roots a list with one for each.
        order: of the derivative, with respect to each name.
        partials: mixed derivatives, each a sequence of names.
        hessian, jacobian: all second derivatives; every element of the root by every element.
        hvp, jvp: the name of a direction to multiply Hessian or Jacobian with.
        taylor: a name and a point, an expression as text: the Taylor polynomial in it, of degree `order`.
        expand: one formula, in which nothing has a name.
        steps: whether `.steps` says how the formula came about.
        simplify: whether laws are applied; without, the gradient is written as the tape has it.
        dtype, freeze: as in `evaluate`.
        max_memory, max_seconds: what each evaluation may take, the recorded one and those of the proof; 0 for
            no limit.

    Raises:
        GradcliError: whatever is wrong with the program, or `bad-argument` for what has no formula.
    """
    with rare_collection(source):
        asked = Asked(
            source,
            None if wrt is None else split_names(wrt),
            dict(shapes or {}),
            dict(inputs or {}),
            {
                "roots": roots,
                "dtype": dtype,
                "freeze": freeze,
                "max_memory": max_memory,
                "max_seconds": max_seconds,
            },
            weights,
        )
        try:
            if not simplify:
                if order != 1 or partials or hessian or jacobian or hvp is not None or jvp is not None:
                    raise GradcliError(
                        "bad-argument",
                        "without laws there is the gradient only: leave the other derivatives out",
                    )
                asked.gradients(1)  # leaves out what has no gradient
                plain = [
                    asked.unsimplified(Line(Label(asked.name, (name,)), symbol(name)))
                    for name in asked.run.targets
                ]
                return asked.proved(plain, expand, {})
            if taylor is not None:
                from gradcli.formula.series import taylor as series

                name, at = taylor
                return asked.unproved(series(asked, name, at, order), expand)
            found = _answered(asked, order, partials, hessian, jacobian, hvp, jvp, expand)
            if steps:
                from gradcli.formula.steps import steps as told

                found.steps = tuple(told(asked, list(found.formula.results)))
            return found
        except GradcliError as error:
            raise with_names(error, asked.shapes, source) from None


def _answered(
    asked: Asked,
    order: int,
    partials: Sequence[Sequence[str]],
    hessian: bool,
    jacobian: bool,
    hvp: str | None,
    jvp: str | None,
    expand: bool,
) -> Derivative:
    question: dict[str, Any] = {}
    kinds = {
        "order": order > 1,
        "partials": bool(partials),
        "hessian": hessian,
        "jacobian": jacobian,
        "hvp": hvp is not None,
        "jvp": jvp is not None,
    }
    wanted = [name for name, given in kinds.items() if given]
    if len(wanted) > 1:
        raise GradcliError("bad-argument", f"one kind of derivative at a time, not {' and '.join(wanted)}")
    if hessian:
        lines = asked.hessian()
        question["hessian"] = True
    elif jacobian:
        lines = asked.jacobian()
        question["jacobian"] = True
    elif hvp is not None or jvp is not None:
        lines = asked.along(hvp, jvp)
    elif partials:
        mixed = [split_names(each) for each in partials]
        lines = [asked.partial(each) for each in mixed]
        question["partials"] = mixed
    else:
        lines = asked.gradients(order)
        if order > 1:
            question["order"] = order
    return asked.proved(lines, expand, question)
