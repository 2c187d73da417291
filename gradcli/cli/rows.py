"""The rows of options that several commands have: one table, of which a command picks by name or heading.

`rows("set", "wrt", "root")` gives those, `row("order", help=…)` one that is a little different, and
`under(GRAPH)` all with that heading. The options of `gradcli.evaluate` stand in `gradcli.evaluation.options`;
here is what those are asked for with that take a value. What isn't given isn't passed on
(`gradcli.cli.programs`), so the defaults are known there alone.
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
from gradcli.evaluation.options import HIGHER, OPTIONS, OptionText

INPUT = "Input"
OUTPUT = "Output"

_NAMES: dict[str, Any] = {"metavar": "NAME,...", "convert": names, "repeat": True}
_DIRECTION: dict[str, Any] = {"metavar": "[NAME=]VALUE", "convert": optional_assignment, "repeat": True}
_COUNT: dict[str, Any] = {"metavar": "N", "convert": at_least(0)}
_TAKES: dict[str, dict[str, Any]] = {
    "wrt": {"flags": ("-w", "--wrt"), **_NAMES},
    "roots": {"flags": ("-r", "--root"), **_NAMES},
    "weights": {"flags": ("-g", "--weights"), "metavar": "VALUE", "repeat": True},
    "passes": {"metavar": "N", "convert": whole},
    "retain_grad": _NAMES,
    "freeze": _NAMES,
    "order": {"metavar": "N", "convert": whole},
    "partials": {"metavar": "x,x,w", "convert": names, "repeat": True},
    "hvp": _DIRECTION,
    "jvp": _DIRECTION,
    "mode": {"metavar": "auto|forward|reverse", "choices": ("auto", "forward", "reverse")},
    "dtype": {"metavar": "float64|float32", "choices": ("float64", "float32")},
    "seed": _COUNT,
    "max_memory": {"metavar": "SIZE", "convert": size},
    "max_seconds": {"metavar": "S", "convert": seconds},
    "max_steps": _COUNT,
    "threads": {"metavar": "N", "convert": at_least(1)},
}
"""What those options of an evaluation that take a value are asked for with."""
_KINDS = {kind.option: kind for kind in KINDS}


def _of(name: str, told: OptionText) -> Option:
    """The row of an option of an evaluation."""
    kind = _KINDS.get(name)
    called, help, panel = (name, told.help, told.panel) if kind is None else (kind.name, kind.help, HIGHER)
    fields = {"flags": (f"--{called.replace('_', '-')}",), **_TAKES.get(name, {})}
    return Option(name=name, help=help, panel=panel, **fields)


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
    *[_of(name, told) for name, told in OPTIONS.items() if told.panel or name in _KINDS],
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


def under(*panels: str) -> tuple[Option, ...]:
    """All rows with these headings."""
    return tuple([option for panel in panels for option in _TABLE if option.panel == panel])
