"""`gradcli diff`: the derivative as a formula."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.formats import TEXT, Text
from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.programs import answer_each, by_name
from gradcli.cli.rows import OUTPUT, row, rows
from gradcli.evaluation.options import HIGHER
from gradcli.formula.printers import SYNTAXES

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options


def _run(arguments: dict[str, Any]) -> int:
    others = arguments["operands"][1:]
    if others:
        names = ",".join(others)
        by = f" (by {names}: --wrt {names})" if all(map(str.isidentifier, others)) else ""
        raise UsageError(f"one program at a time{by}")
    arguments = {**arguments, "shapes": by_name("--shape", arguments.get("shapes", ()))}
    return answer_each(arguments, partial(_formula, arguments=arguments), TEXT)


def _formula(source: str, options: Options, arguments: dict[str, Any]) -> Text:
    from gradcli.syntax.parser import parse

    parse(source)  # a syntax error is told before NumPy is loaded
    from gradcli.evaluation.bindings import read
    from gradcli.formula.api import diff

    syntax = arguments.get("syntax", "gradcli")
    asked = {name: getattr(options, name) for name in ("order", "partials") if getattr(options, name)}
    if "weighted_by" in arguments:
        asked["weights"] = [each if each.isidentifier() else read(each) for each in arguments["weighted_by"]]
    if "taylor" in arguments and "order" not in arguments:
        asked["order"] = DEGREE
    derivative = diff(
        source,
        options.wrt,
        arguments["shapes"],
        inputs=options.inputs,
        roots=options.roots,
        simplify=arguments.get("simplify") != "none",
        **{**asked, **{PASSED[name]: value for name, value in arguments.items() if name in PASSED}},
    )
    steps = "".join(f"# {each}\n" for each in derivative.steps)
    return Text(steps + derivative.write(syntax), derivative.notes)


DEGREE = 5
"""Of a Taylor polynomial, where no --order is given."""

PASSED = {
    "hvp_along": "hvp",
    "jvp_along": "jvp",
    **{
        name: name
        for name in (
            *("order", "partials", "hessian", "jacobian", "taylor", "expand", "steps", "dtype"),
            *("max_memory", "max_seconds"),
        )
    },
}
"""The options that are handed on to `diff` as they are, and what it calls them; directions are names here."""


def _point(text: str) -> tuple[str, str]:
    name, equals, at = text.partition("=")
    if not equals or not name.strip().isidentifier() or not at.strip():
        raise ValueError(f"{text!r} is not NAME=VALUE, such as x=0")
    return name.strip(), at.strip()


def _name(text: str) -> str:
    if not text.isidentifier():
        raise ValueError(f"{text!r} is no name")
    return text


_BY_NAME: dict[str, Any] = {"metavar": "NAME", "convert": _name, "repeat": False}
"""A direction that the formula calls by a name."""

COMMAND = Command(
    name="diff",
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
        *rows("file", "shape", "set", "wrt", "root"),
        row(
            "weights",
            name="weighted_by",
            help="Gradient weights of a root that is no scalar: a name, a value, or ones. Once per root.",
            metavar="NAME|VALUE",
        ),
        row("order", help="The N-th derivative.", convert=at_least(1)),
        *rows("partial", "hessian", "jacobian"),
        row("hvp", name="hvp_along", help="The Hessian times a direction.", **_BY_NAME),
        row("jvp", name="jvp_along", help="The Jacobian times a direction.", **_BY_NAME),
        Option(
            "taylor",
            ("--taylor",),
            "The Taylor polynomial around a point, of degree --order (5), and its remainder's order.",
            metavar="NAME=VALUE",
            convert=_point,
            panel=HIGHER,
        ),
        *rows("dtype", "max-memory", "max-seconds"),
        Option(
            "syntax",
            ("--as",),
            "The syntax of the formula (gradcli).",
            metavar="SYNTAX",
            choices=tuple(SYNTAXES),
            panel=OUTPUT,
        ),
        Option(
            "simplify",
            ("--simplify",),
            "none: the derivative as the tape has it, without any law.",
            metavar="laws|none",
            choices=("laws", "none"),
            panel=OUTPUT,
        ),
        Option("steps", ("--steps",), "How the formula came about, rule by rule, above it.", panel=OUTPUT),
        Option("expand", ("--expand",), "One formula, in which no part has a name.", panel=OUTPUT),
    ),
    run=_run,
)
