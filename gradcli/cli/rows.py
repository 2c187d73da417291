"""The rows of options that several commands have: one table, of which a command picks by name.

`rows("set", "wrt", "root")` gives those, `row("order", help=…)` one that is a little different. A row whose
name is an option of `gradcli.evaluate` becomes that option (`gradcli.cli.programs`); what isn't given isn't
passed on, so `gradcli.evaluation.options` alone knows the defaults.
"""

from __future__ import annotations

from typing import Any

from gradcli.cli.options import (
    Option,
    assignment,
    at_least,
    names,
    optional_assignment,
    seconds,
    shape,
    size,
    whole,
)
from gradcli.cli.sources import File
from gradcli.derivatives.kinds import KINDS

INPUT = "Input"
DERIVATIVES = "What to differentiate"
GRAPH = "How backward runs"
HIGHER = "Other derivatives"
LIMITS = "Numbers and limits"
OUTPUT = "Output"

_DIRECTION: dict[str, Any] = {"metavar": "[NAME=]VALUE", "convert": optional_assignment, "repeat": True}
_TAKES: dict[str, dict[str, Any]] = {
    "order": {"metavar": "N", "convert": whole},
    "partial": {"metavar": "x,x,w", "convert": names, "repeat": True},
    "hvp": _DIRECTION,
    "jvp": _DIRECTION,
}
"""What those kinds of derivatives that take a value are asked for with."""

_TABLE = (
    # Among the operands, so that files and texts keep the order in which they were given.
    Option(
        "operands",
        ("-f", "--file"),
        "Read a program from this file, whatever its name.",
        metavar="PATH",
        convert=File,
        repeat=True,
        panel=INPUT,
    ),
    Option("lines", ("--lines",), "Each line of the input is a program of its own.", panel=INPUT),
    Option(
        "shapes",
        ("--shape",),
        "Declare the dims of an input, as numbers or names. Repeatable.",
        metavar="NAME=DIMS",
        convert=shape,
        repeat=True,
        panel=INPUT,
    ),
    Option(
        "set",
        ("-s", "--set"),
        "Bind a leaf. VALUE is an expression (2, [1,2], ones(2,2), randn(3)), @FILE (.npy, .npz with :key, "
        ".csv, .json), or @- for standard input (JSON; @-:csv, @-:npy). Repeatable.",
        metavar="NAME=VALUE",
        convert=assignment,
        repeat=True,
        panel=INPUT,
    ),
    Option(
        "wrt",
        ("-w", "--wrt"),
        "Differentiate with respect to these names, leaves or not; default: every leaf that requires grad.",
        metavar="NAME,...",
        convert=names,
        repeat=True,
        panel=DERIVATIVES,
    ),
    Option(
        "roots",
        ("-r", "--root"),
        "Differentiate these names; default: the value of the last statement.",
        metavar="NAME,...",
        convert=names,
        repeat=True,
        panel=DERIVATIVES,
    ),
    Option(
        "weights",
        ("-g", "--weights"),
        "Gradient weights, once per root; VALUE as in --set, or ones.",
        metavar="VALUE",
        repeat=True,
        panel=DERIVATIVES,
    ),
    Option(
        "retain_graph", ("--retain-graph",), "Keep the graph, as backward(retain_graph=True).", panel=GRAPH
    ),
    Option("create_graph", ("--create-graph",), "Record the backward pass as well.", panel=GRAPH),
    Option(
        "passes",
        ("--passes",),
        "Run backward N times; gradients accumulate.",
        metavar="N",
        convert=whole,
        panel=GRAPH,
    ),
    Option("zero_grad", ("--zero-grad",), "Clear the gradients between passes.", panel=GRAPH),
    Option(
        "retain_grad",
        ("--retain-grad",),
        "Keep the gradients of these intermediate names.",
        metavar="NAME,...",
        convert=names,
        repeat=True,
        panel=GRAPH,
    ),
    Option(
        "freeze",
        ("--freeze",),
        "Treat these leaves as not requiring grad.",
        metavar="NAME,...",
        convert=names,
        repeat=True,
        panel=GRAPH,
    ),
    Option(
        "detect_anomaly",
        ("--detect-anomaly",),
        "Stop at the first operation that makes a nan or inf, and name it.",
        panel=GRAPH,
    ),
    *[
        Option(kind.option, (f"--{kind.name}",), kind.help, panel=HIGHER, **_TAKES.get(kind.name, {}))
        for kind in KINDS
    ],
    Option(
        "mode",
        ("--mode",),
        "Forward or reverse differentiation (auto: by shape).",
        metavar="auto|forward|reverse",
        choices=("auto", "forward", "reverse"),
        panel=HIGHER,
    ),
    Option("sparse", ("--sparse",), "Hessian and Jacobian as their non-zero entries.", panel=HIGHER),
    Option(
        "dtype",
        ("--dtype",),
        "Default precision; float64, or float32 in a program that imports torch.",
        metavar="float64|float32",
        choices=("float64", "float32"),
        panel=LIMITS,
    ),
    Option(
        "seed",
        ("--seed",),
        "Seed of the random functions (0).",
        metavar="N",
        convert=at_least(0),
        panel=LIMITS,
    ),
    Option(
        "max_memory",
        ("--max-memory",),
        "Largest memory for arrays and lists, such as 500M (4GiB); 0: no limit.",
        metavar="SIZE",
        convert=size,
        panel=LIMITS,
    ),
    Option(
        "max_seconds",
        ("--max-seconds",),
        "Longest time for one program (no limit).",
        metavar="S",
        convert=seconds,
        panel=LIMITS,
    ),
    Option(
        "max_steps",
        ("--max-steps",),
        "Most loop turns and calls (10 million); 0: no limit.",
        metavar="N",
        convert=at_least(0),
        panel=LIMITS,
    ),
    Option(
        "threads",
        ("--threads",),
        "At most so many threads for large arrays (all cores).",
        metavar="N",
        convert=at_least(1),
        panel=LIMITS,
    ),
    Option(
        "precision",
        ("--precision",),
        "Significant digits (as many as it takes to read back the same number).",
        metavar="N",
        convert=at_least(1),
        panel=OUTPUT,
    ),
    Option("full", ("--full",), "Show arrays whole, however long they are.", panel=OUTPUT),
    Option("quiet", ("-q", "--quiet"), "Show only what the program prints.", panel=OUTPUT),
    Option(
        "jobs",
        ("--jobs",),
        "Evaluate several programs in N processes, in order.",
        metavar="N",
        convert=at_least(1),
        panel=OUTPUT,
    ),
)

_ROWS = {option.key: option for option in _TABLE}


def row(key: str, **changes: Any) -> Option:
    """The row of that name (`max-steps`), but for `changes` of its fields."""
    return _ROWS[key].replaced(**changes) if changes else _ROWS[key]


def rows(*keys: str) -> tuple[Option, ...]:
    """The rows of those names, in that order."""
    return tuple([_ROWS[key] for key in keys])
