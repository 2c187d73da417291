"""The options of an evaluation, a row each: its type, its default, what it is for, written here alone.

The signature and the docstring of `evaluate`, the rows of the command line with their help, `compile` and the
checks take theirs from here. Nothing here imports NumPy: `import gradcli` reads it.
"""

from __future__ import annotations

from gradcli.limits import MOST_MEMORY, MOST_STEPS
from gradcli.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    Default = TypeVar("Default")

DERIVATIVES = "What to differentiate"
GRAPH = "How backward runs"
HIGHER = "Other derivatives"
LIMITS = "Numbers and limits"


class OptionText(Record):
    """What is said of an option.

    Attributes:
        python: in the docstring of `evaluate`.
        help: on the command line.
        panel: the heading under which the help shows it; empty where it has another row there, or none.
    """

    python: str
    help: str
    panel: str


def _option(default: Default, help: str, panel: str = "", *, python: str = "") -> Default:
    """A row: `python` is what its docstring says, where that is something else than its help."""
    _told.append(OptionText(python or help, help, panel))
    return default


_told: list[OptionText] = []


class Options:
    """What is asked of one evaluation, as `gradcli.evaluate` takes it, and says what each is for.

    An attribute of the class is the default of that option; an instance holds what was given, and is not
    written to.
    """

    inputs: Mapping[str, Any] | None = _option(
        None,
        "Values of its free names, and in place of its defaults: numbers, nested lists, arrays, or "
        "`gradcli.evaluation.bindings.Binding` for an expression of the language.",
    )
    wrt: Sequence[str] | None = _option(
        None,
        "Differentiate with respect to these names, leaves or not; default: every leaf that requires grad.",
        DERIVATIVES,
        python="Names to differentiate with respect to, leaves or not; by default every leaf that requires "
        "grad. An empty list asks for values only.",
    )
    roots: Sequence[str] | None = _option(
        None,
        "Differentiate these names; default: the value of the last statement.",
        DERIVATIVES,
        python="Names to differentiate; by default the value of the last statement. An empty list seeks "
        "none.",
    )
    weights: Any = _option(
        None,
        "Gradient weights, once per root; VALUE as in --set, or ones.",
        DERIVATIVES,
        python='Gradient weights, one per root (an array, a number or "ones"); for one root, a bare one.',
    )
    retain_graph: bool | None = _option(None, "Keep the graph, as backward(retain_graph=True).", GRAPH)
    create_graph: bool = _option(False, "Record the backward pass as well.", GRAPH)
    passes: int = _option(
        1,
        "Run backward N times; gradients accumulate.",
        GRAPH,
        python="How many times backward runs; gradients add up unless `zero_grad`.",
    )
    zero_grad: bool = _option(False, "Clear the gradients between passes.", GRAPH)
    retain_grad: Sequence[str] = _option((), "Keep the gradients of these intermediate names.", GRAPH)
    freeze: Sequence[str] = _option((), "Treat these leaves as not requiring grad.", GRAPH)
    order: int | None = _option(None, "The first so many derivatives with respect to each leaf.")
    partials: Sequence[Sequence[str]] | None = _option(
        None, "Mixed partial derivatives, each a sequence of names."
    )
    hessian: bool = _option(False, "All second derivatives.")
    jacobian: bool = _option(False, "Every element of the roots by every element.")
    hvp: Any = _option(None, "A direction to multiply the Hessian with: a value, or values by name.")
    jvp: Any = _option(None, "A direction to multiply the Jacobian with: a value, or values by name.")
    mode: str = _option("auto", "Forward or reverse differentiation (auto: by shape).", HIGHER)
    sparse: bool = _option(
        False,
        "Hessian and Jacobian as their non-zero entries.",
        HIGHER,
        python="Whether Hessian and Jacobian are given as their non-zero entries.",
    )
    dtype: Any = _option(
        None, "Default precision; float64, or float32 in a program that imports torch.", LIMITS
    )
    seed: int = _option(0, "Seed of the random functions (0).", LIMITS)
    detect_anomaly: bool = _option(
        False, "Stop at the first operation that makes a nan or inf, and name it.", GRAPH
    )
    max_memory: int = _option(
        MOST_MEMORY,
        "Largest memory for arrays and lists, such as 500M (4GiB); 0: no limit.",
        LIMITS,
        python="The most bytes for everything that the program makes and that files named by options hold, "
        "asked for before it is made; what nobody asked for is found by the size of the process, where the "
        "system tells it (on Linux). 0 lifts the limit.",
    )
    max_seconds: float = _option(
        0.0,
        "Longest time for one program (no limit).",
        LIMITS,
        python="The longest time, looked at between operations, not inside one; 0: no limit.",
    )
    max_steps: int = _option(MOST_STEPS, "Most loop turns and calls (10 million); 0: no limit.", LIMITS)
    threads: int | None = _option(
        None,
        "At most so many threads for large arrays (all cores).",
        LIMITS,
        python="The most for large arrays; by default as many as there are cores, and never more.",
    )
    name: str | None = _option(None, "What the source is called in reports.")
    write: Callable[[str], None] | None = _option(None, "Gets what the program prints, as it is printed.")
    unused_inputs: bool = _option(False, "Whether inputs that the program doesn't have are let through.")

    def __init__(self, **chosen: Any) -> None:
        if unknown := chosen.keys() - Options.__annotations__.keys():
            raise TypeError(f"there is no option {min(unknown)}")
        self.__dict__.update(chosen)

    def __setattr__(self, option: str, value: object) -> None:
        raise AttributeError(f"options are not written to: {option}")

    def replaced(self, **changes: Any) -> Options:
        """The same but for `changes`."""
        return Options(**{**self.__dict__, **changes})


OPTIONS: dict[str, OptionText] = dict(zip(Options.__annotations__, _told, strict=True))
"""What is said of each option, by its name."""
