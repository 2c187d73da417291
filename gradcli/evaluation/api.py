"""The Python interface: `evaluate(source, inputs)` gives values and gradients of a program.

The command line is a thin layer over it. Here stand the signature and the result; the work is that of
`gradcli.evaluation.run` and `differentiate`, which are loaded once the text has turned out to be a program,
and NumPy with them.
"""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.evaluation.options import OPTIONS, Options
from gradcli.limits import BYTES_A_CHARACTER, Ledger
from gradcli.process import rare_collection
from gradcli.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from gradcli.evaluation.result import Evaluation, NodeInfo
    from gradcli.syntax import tree

__all__ = ["Evaluation", "NodeInfo", "evaluate"]


def __getattr__(name: str) -> object:
    if name in ("Evaluation", "NodeInfo"):
        from gradcli.evaluation import result

        return getattr(result, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def evaluate(
    source: str,
    inputs: Mapping[str, Any] | None = Options.inputs,
    *,
    wrt: Sequence[str] | None = Options.wrt,
    roots: Sequence[str] | None = Options.roots,
    weights: Any = Options.weights,
    retain_graph: bool | None = Options.retain_graph,
    create_graph: bool = Options.create_graph,
    passes: int = Options.passes,
    zero_grad: bool = Options.zero_grad,
    retain_grad: Sequence[str] = Options.retain_grad,
    freeze: Sequence[str] = Options.freeze,
    order: int | None = Options.order,
    partials: Sequence[Sequence[str]] | None = Options.partials,
    hessian: bool = Options.hessian,
    jacobian: bool = Options.jacobian,
    hvp: Any = Options.hvp,
    jvp: Any = Options.jvp,
    mode: str = Options.mode,
    sparse: bool = Options.sparse,
    dtype: Any = Options.dtype,
    seed: int = Options.seed,
    detect_anomaly: bool = Options.detect_anomaly,
    max_memory: int = Options.max_memory,
    max_seconds: float = Options.max_seconds,
    max_steps: int = Options.max_steps,
    threads: int | None = Options.threads,
    name: str | None = Options.name,
    write: Callable[[str], None] | None = Options.write,
    unused_inputs: bool = Options.unused_inputs,
) -> Evaluation:
    """Evaluates a program: its values, and the gradients of its roots.

    Args:
        source: the text of the program.
        inputs: values of its free names, and in place of its defaults: numbers, nested lists, arrays, or
            `gradcli.evaluation.bindings.Binding` for an expression of the language.
        wrt: names to differentiate with respect to, leaves or not; by default every leaf that requires grad.
            An empty list asks for values only.
        roots: names to differentiate; by default the value of the last statement. An empty list seeks none.
        weights: gradient weights, one per root (an array, a number or "ones"); for one root, a bare one.
        retain_graph: keep the graph, as backward(retain_graph=True).
        create_graph: record the backward pass as well.
        passes: how many times backward runs; gradients add up unless `zero_grad`.
        zero_grad: clear the gradients between passes.
        retain_grad: keep the gradients of these intermediate names.
        freeze: treat these leaves as not requiring grad.
        order: the first so many derivatives with respect to each leaf.
        partials: mixed partial derivatives, each a sequence of names.
        hessian: all second derivatives.
        jacobian: every element of the roots by every element.
        hvp: a direction to multiply the Hessian with: a value, or values by name.
        jvp: a direction to multiply the Jacobian with: a value, or values by name.
        mode: forward or reverse differentiation (auto: by shape).
        sparse: whether Hessian and Jacobian are given as their non-zero entries.
        dtype: default precision; float64, or float32 in a program that imports torch.
        seed: seed of the random functions (0).
        detect_anomaly: stop at the first operation that makes a nan or inf, and name it.
        max_memory: the most bytes for everything that the program makes and that files named by options hold,
            asked for before it is made; what nobody asked for is found by the size of the process, where the
            system tells it (on Linux). 0 lifts the limit.
        max_seconds: the longest time, looked at between operations, not inside one; 0: no limit.
        max_steps: most loop turns and calls (10 million); 0: no limit.
        threads: the most for large arrays; by default as many as there are cores, and never more.
        name: what the source is called in reports.
        write: gets what the program prints, as it is printed.
        unused_inputs: whether inputs that the program doesn't have are let through.

    Raises:
        GradcliError: whatever is wrong with the program or its data; `.text` is the source.
    """
    chosen = locals()
    return evaluation(source, Options(**{option: chosen[option] for option in OPTIONS}))


def evaluation(source: str, options: Options) -> Evaluation:
    """`evaluate` with its options in one record, as the command line has them.

    Raises:
        GradcliError: whatever is wrong with the program or its data; `.text` is the source.
    """
    with rare_collection(source):
        try:
            Ledger(options.max_memory).ask(len(source) * BYTES_A_CHARACTER, "a program of this length")
            module = (_read_long(source) if len(source) > LONG else None) or parse(source)
            from gradcli.evaluation.differentiate import evaluated

            return evaluated(module, source, options, once=True)
        except GradcliError as error:
            error.locate(source)
            raise


LONG = 20_000
"""Shorter programs are read soon enough, and their trees are what others read too."""


def _read_long(source: str) -> tree.Module | None:
    from gradcli.library.namespaces import is_bare
    from gradcli.syntax import arithmetic  # for few programs, and `array` has to be loaded for it

    return arithmetic.read(source, is_bare)
