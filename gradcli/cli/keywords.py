"""The options that are keyword arguments of `gradcli.evaluate`, shared by the commands that evaluate.

A row that is not given is not passed on, so `evaluate` alone knows the defaults. `inputs` and
`keywords` turn what `scan` returned into arguments, reading the files that `@FILE` names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradcli.cli.options import (
    Option,
    UsageError,
    assignment,
    at_least,
    names,
    optional_assignment,
    seconds,
    size,
    whole,
)
from gradcli.errors import GradcliError
from gradcli.evaluation import bindings

INPUT = "Input"
DERIVATIVES = "What to differentiate"
GRAPH = "How backward runs"
HIGHER = "Other derivatives"
LIMITS = "Numbers and limits"

SET = Option(
    "set",
    ("-s", "--set"),
    "Bind a leaf. VALUE is an expression (2, [1,2], ones(2,2), randn(3)), @FILE (.npy, .npz with :key, "
    ".csv, .json), or @- for standard input (JSON; @-:csv, @-:npy). Repeatable.",
    metavar="NAME=VALUE",
    convert=assignment,
    repeat=True,
    panel=INPUT,
)
WRT = Option(
    "wrt",
    ("-w", "--wrt"),
    "Differentiate with respect to these names, leaves or not; default: every leaf that requires grad.",
    metavar="NAME,...",
    convert=names,
    repeat=True,
    panel=DERIVATIVES,
)
ROOT = Option(
    "roots",
    ("-r", "--root"),
    "Differentiate these names; default: the value of the last statement.",
    metavar="NAME,...",
    convert=names,
    repeat=True,
    panel=DERIVATIVES,
)
WEIGHTS = Option(
    "weights",
    ("-g", "--weights"),
    "Gradient weights, once per root; VALUE as in --set, or ones.",
    metavar="VALUE",
    repeat=True,
    panel=DERIVATIVES,
)
DTYPE = Option(
    "dtype",
    ("--dtype",),
    "Default precision; float64, or float32 in a program that imports torch.",
    metavar="float64|float32",
    choices=("float64", "float32"),
    panel=LIMITS,
)
SEED = Option(
    "seed",
    ("--seed",),
    "Seed of the random functions (0).",
    metavar="N",
    convert=at_least(0),
    panel=LIMITS,
)
MAX_MEMORY = Option(
    "max_memory",
    ("--max-memory",),
    "Largest memory for arrays and lists, such as 500M (4GiB); 0: no limit.",
    metavar="SIZE",
    convert=size,
    panel=LIMITS,
)
MAX_SECONDS = Option(
    "max_seconds",
    ("--max-seconds",),
    "Longest time for one program (no limit).",
    metavar="S",
    convert=seconds,
    panel=LIMITS,
)
MAX_STEPS = Option(
    "max_steps",
    ("--max-steps",),
    "Most loop turns and calls (10 million); 0: no limit.",
    metavar="N",
    convert=at_least(0),
    panel=LIMITS,
)

EVALUATION = (
    SET,
    WRT,
    ROOT,
    WEIGHTS,
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
    Option(
        "order",
        ("--order",),
        "The first N derivatives with respect to each leaf.",
        metavar="N",
        convert=whole,
        panel=HIGHER,
    ),
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
        "hvp",
        ("--hvp",),
        "Hessian times this direction. Repeatable, once per name.",
        metavar="[NAME=]VALUE",
        convert=optional_assignment,
        repeat=True,
        panel=HIGHER,
    ),
    Option(
        "jvp",
        ("--jvp",),
        "Jacobian times this direction. Repeatable, once per name.",
        metavar="[NAME=]VALUE",
        convert=optional_assignment,
        repeat=True,
        panel=HIGHER,
    ),
    Option(
        "mode",
        ("--mode",),
        "Forward or reverse differentiation (auto: by shape).",
        metavar="auto|forward|reverse",
        choices=("auto", "forward", "reverse"),
        panel=HIGHER,
    ),
    Option("sparse", ("--sparse",), "Hessian and Jacobian as their non-zero entries.", panel=HIGHER),
    DTYPE,
    SEED,
    MAX_MEMORY,
    MAX_SECONDS,
    MAX_STEPS,
    Option(
        "threads",
        ("--threads",),
        "Threads for large arrays (all cores).",
        metavar="N",
        convert=at_least(1),
        panel=LIMITS,
    ),
)

_PASSED_ON = {option.name for option in EVALUATION} - {"set"}
_LISTS_OF_NAMES = ("wrt", "roots", "retain_grad", "freeze")
_DIRECTIONS = ("hvp", "jvp")


def stdin_taken(given: dict[str, Any]) -> bool:
    """Whether a value is read from standard input.

    Raises:
        UsageError: more than one is.
    """
    values = [value for name in ("set", *_DIRECTIONS) for _, value in given.get(name, ())]
    count = sum(map(bindings.reads_stdin, values + given.get("weights", [])))
    if count > 1:
        raise UsageError("standard input can be read only once")
    return count == 1


def inputs(given: dict[str, Any]) -> dict[str, Any]:
    """The leaves that `--set` binds.

    Raises:
        GradcliError: `io`, when a file cannot be read.
    """
    return _read("--set", given.get("set", ()))


def keywords(given: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of `gradcli.evaluate` that were given.

    Raises:
        GradcliError: `io`, when a file cannot be read.
    """
    passed = {name: value for name, value in given.items() if name in _PASSED_ON}
    for name in _LISTS_OF_NAMES:
        if name in passed:
            passed[name] = [each for group in passed[name] for each in group]
    for name in _DIRECTIONS:
        if name in passed:
            directions = _read(f"--{name}", passed[name])
            passed[name] = directions.get(None, directions)
    if "weights" in passed:
        passed["weights"] = [_weight(text) for text in passed["weights"]]
    return passed


def _weight(text: str) -> Any:
    return text if text == "ones" else _read_value("--weights", text)


def _read(flag: str, pairs: Iterable[tuple[str | None, str]]) -> dict[Any, Any]:
    """Values by name; None is the name of a value without one."""
    found: dict[Any, Any] = {}
    for name, text in pairs:
        if name in found or (found and (name is None or None in found)):
            again = f"{name} is given twice" if name else "a value without a name stands alone"
            raise UsageError(f"option {flag}: {again}")
        found[name] = _read_value(flag if name is None else f"{flag} {name}", text)
    return found


def _read_value(what: str, text: str) -> Any:
    try:
        return bindings.read(text)
    except GradcliError as error:
        error.notes = (*error.notes, f"in {what}={text}")
        raise
