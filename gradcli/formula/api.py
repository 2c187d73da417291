"""`diff`: the derivatives of a program as formulas. The command line and `gradcli.diff` call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.derivatives import kinds
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.evaluation.outside import names as split_names
from gradcli.formula.asked import Asked, Unproved
from gradcli.formula.derivative import Derivative
from gradcli.formula.stage import OTHERS, with_names
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
        simplify: whether laws are applied; without, a derivative is written as the tape has it.
        dtype, freeze: as in `evaluate`.
        max_memory, max_seconds: what each evaluation may take, the recorded one and those of the proof; 0 for
            no limit.

    Raises:
        GradcliError: whatever is wrong with the program, or `bad-argument` for what has no formula.
    """
    question = {
        "order": None if order == 1 else order,
        "partials": [split_names(each) for each in partials],
        "hessian": hessian,
        "jacobian": jacobian,
        "hvp": hvp,
        "jvp": jvp,
    }
    options = Options(**{option: value for option, value in question.items() if value or type(value) is str})
    asking = partial(
        Asked,
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
        plain=not simplify,
        telling=steps,
    )
    with rare_collection(source), np.errstate(all="ignore"):  # at the points of a proof, too
        asked = asking()
        try:
            if order < 1:
                message = f"the order of a derivative is at least 1, not {order}"
                raise GradcliError("bad-argument", message)
            if taylor is not None:
                from gradcli.formula.series import taylor as series

                name, at = taylor
                return asked.unproved(series(asked, name, at, order), expand)
            try:
                found = _answered(asked, options, expand)
            except Unproved:
                asked = asking(stand_ins=OTHERS)
                found = _answered(asked, options, expand)
            if steps:
                from gradcli.formula.steps import steps as told

                found.steps = tuple(told(asked, list(found.formula.results)))
            return found
        except GradcliError as error:
            raise with_names(error, asked.shapes, source) from None


def _answered(asked: Asked, options: Options, expand: bool) -> Derivative:
    """The formulas of the kind that is asked for, or of the gradient."""
    wanted = kinds.asked(options)
    if len(wanted) > 1:
        found = " and ".join([kind.option for kind in wanted])
        raise GradcliError("bad-argument", f"one kind of derivative at a time, not {found}")
    question = {kind.option: getattr(options, kind.option) for kind in wanted}
    return asked.proved(asked.lines(question), expand, question)
