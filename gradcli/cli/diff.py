"""`gradcli diff`: the derivative as a formula."""

from __future__ import annotations

import sys
from typing import Any

from gradcli.cli.keywords import DERIVATIVES, DTYPE, HIGHER, INPUT, ROOT, SET, WRT, inputs, stdin_taken
from gradcli.cli.options import Command, Option, UsageError, at_least, names
from gradcli.cli.sources import FILE, read_sources
from gradcli.errors import GradcliError

OUTPUT = "Output"


def _run(given: dict[str, Any]) -> int:
    operands = given["operands"]
    if len(operands) > 1:
        raise UsageError("one program at a time")
    (source,) = read_sources(operands, lines=False, stdin_taken=stdin_taken(given))
    try:
        if isinstance(source.text, GradcliError):
            raise source.text
        derivative, text = _written(source.text, given)
    except GradcliError as error:
        _complain(error, source.name)
        return error.exit_status
    for note in derivative.notes:
        sys.stderr.write(f"note: {note}\n")
    print(text)
    return 0


def _written(text: str, given: dict[str, Any]) -> tuple[Any, str]:
    from gradcli.syntax.parser import parse

    try:
        parse(text)  # a syntax error is told before NumPy is loaded
    except GradcliError as error:
        error.locate(text)
        raise
    from gradcli.formula.api import diff
    from gradcli.formula.printers import known

    syntax = given.get("syntax", "gradcli")
    known(syntax)
    wanted = {PASSED[name]: value for name, value in given.items() if name in PASSED}
    if "wrt" in given:
        wanted["wrt"] = [name for group in given["wrt"] for name in group]
    if "roots" in given:
        wanted["roots"] = [name for group in given["roots"] for name in group]
    if given.get("simplify") == "none":
        wanted["simplify"] = False
    derivative = diff(text, shapes=dict(given.get("shapes", ())), inputs=inputs(given), **wanted)
    return derivative, derivative.write(syntax)


PASSED = {
    "weighted_by": "weights",
    "hvp_along": "hvp",
    "jvp_along": "jvp",
    **{name: name for name in ("order", "partials", "hessian", "jacobian", "expand", "dtype")},
}
"""The options that are handed on to `diff` as they are, and what it calls them; directions are names here."""


def _complain(error: GradcliError, name: str) -> None:
    from gradcli.report.diagnostic import diagnostic_text

    sys.stderr.write(diagnostic_text(error, name=None, color=sys.stderr.isatty()))


def _shape(text: str) -> tuple[str, str]:
    name, equals, dims = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ValueError(f"{text!r} is not NAME=DIMS, such as X=n,3")
    return name.strip(), dims.strip().strip("()[]")


COMMAND = Command(
    name="diff",
    summary="The derivative of a program as a formula.",
    description=(
        "Prints the gradient that eval computes, as short as reads well, in the language or another syntax. "
        "Inputs need no values: they are scalars unless --shape declares their dims, as numbers or names. "
        "Before it is printed, the formula is evaluated and compared with the gradient."
    ),
    examples=(
        "gradcli diff 'sin(x)*exp(x)'",
        "gradcli diff 'y = 2*x; z = y**2'",
        "gradcli diff 'f = sum((X@w - y)**2)' --shape X=n,m --shape w=m --shape y=n --wrt w",
        "gradcli diff 'f = -log_softmax(z)[k]' --shape z=n --set k=0",
        "gradcli diff 'log(1+x)' --order 6",
    ),
    epilog=(
        "Exit status: 0 fine, 2 wrong usage, 3 the program or its data is invalid, 4 an autograd rule was "
        "broken, 5 a limit was reached."
    ),
    options=(
        FILE,
        Option(
            "shapes",
            ("--shape",),
            "Declare the dims of an input, as numbers or names. Repeatable.",
            metavar="NAME=DIMS",
            convert=_shape,
            repeat=True,
            panel=INPUT,
        ),
        SET,
        WRT,
        ROOT,
        Option(
            "weighted_by",
            ("-g", "--weights"),
            "Gradient weights of a root that is no scalar: a name, a value, or ones.",
            metavar="NAME|VALUE",
            panel=DERIVATIVES,
        ),
        Option("order", ("--order",), "The N-th derivative.", metavar="N", convert=at_least(1), panel=HIGHER),
        Option(
            "partials",
            ("--partial",),
            "A mixed partial derivative. Repeatable.",
            metavar="x,x,w",
            convert=names,
            repeat=True,
            panel=HIGHER,
        ),
        Option("hessian", ("--hessian",), "All second derivatives.", panel=HIGHER),
        Option("jacobian", ("--jacobian",), "Every element of the root by every element.", panel=HIGHER),
        Option(
            "hvp_along",
            ("--hvp",),
            "The Hessian times a direction.",
            metavar="NAME",
            panel=HIGHER,
        ),
        Option(
            "jvp_along",
            ("--jvp",),
            "The Jacobian times a direction.",
            metavar="NAME",
            panel=HIGHER,
        ),
        DTYPE,
        Option(
            "syntax",
            ("--as",),
            "The syntax of the formula (gradcli).",
            metavar="SYNTAX",
            panel=OUTPUT,
        ),
        Option(
            "simplify",
            ("--simplify",),
            "none: the gradient as the tape has it, without any law.",
            metavar="laws|none",
            choices=("laws", "none"),
            panel=OUTPUT,
        ),
        Option("expand", ("--expand",), "One formula, in which no part has a name.", panel=OUTPUT),
    ),
    run=_run,
)
