"""`compile`: a program that is called many times, at the cost of its arithmetic.

The first call with inputs of some shapes interprets the program, differentiates it, and turns value
and gradient into one generated function; further calls run that. What cannot be replayed (a program
that looks at its own values, prints, or calls backward; large arrays, whose plans the engine keeps
itself) is evaluated each time, with the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.engine.repeats import Repeats
from gradcli.engine.trace import Trace
from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.result import Evaluation, owned, shown
from gradcli.evaluation.run import Evaluator
from gradcli.syntax.parser import parse
from gradcli.tape.node import FLOAT64, LARGE
from gradcli.tape.primitives import cast, zeros_of
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.evaluation.result import NodeInfo
    from gradcli.syntax import tree
    from gradcli.tape.node import Node

MOST_KEPT = 32
"""How many combinations of shapes a program keeps compiled."""

PLAIN: dict[str, Any] = {
    option: default for option, default in (evaluate.__kwdefaults__ or {}).items() if option != "name"
}
"""The options of an evaluation that asks for nothing special."""


class Compilation:
    """A program for inputs of certain shapes, as one function.

    Attributes:
        run: from the values of `inputs` to those of the roots and then of the gradients.
        inputs: the names of the leaves it takes, in order.
        dtypes: theirs; `exact` where all are float64.
        roots, wrt: the names of what it returns, in order.
        results: the dtypes of what it returns, in order.
        large: whether anything that it takes or returns is too large to be copied without need.
        nodes: what is known of each named tensor.
    """

    __slots__ = ("dtypes", "exact", "inputs", "large", "nodes", "results", "roots", "run", "wrt")

    def __init__(
        self,
        run: Callable[..., tuple[Any, ...]],
        inputs: dict[str, Node],
        roots: tuple[str, ...],
        wrt: tuple[str, ...],
        outputs: Sequence[Node],
    ) -> None:
        self.run = run
        self.inputs = tuple(inputs)
        self.dtypes = [node.dtype for node in inputs.values()]
        self.exact = all(dtype is FLOAT64 for dtype in self.dtypes)
        self.large = any(node.size > LARGE for node in (*inputs.values(), *outputs))
        self.roots = roots
        self.wrt = wrt
        self.results = [node.dtype for node in outputs]
        self.nodes: dict[str, NodeInfo] = {}


class Tracer(Evaluator):
    """An evaluation that also leaves a `Compilation` of itself, if it can be replayed."""

    compilation: Compilation | None = None
    _before: int = 0

    def _run(self, module: tree.Module) -> Evaluation:
        self._before = engine.demands()
        result = super()._run(module)
        if self.compilation is not None:
            self.compilation.nodes = result.nodes
        return result

    def _differentiates(self, roots: dict[str, Any]) -> bool:
        answer = super()._differentiates(roots)
        if not answer and roots:
            self._record(roots, {}, [])
        return answer

    def _differentiate(self, result: Evaluation, named: dict[str, Any]) -> None:
        wrt = self._leaves() if self.wrt is None else {name: self._target(name) for name in self.wrt}
        roots = [value if type(value) is Tensor else self.session.tensor(value) for value in named.values()]
        self._require_grad(named, roots)
        weights = self.outside.weights(self.weights, roots)
        # A root that wants weights is told of by the evaluation itself.
        if self._replayable() and all(each.node.size == 1 for each in roots if self.weights is None):
            seeds = [self.session.seed(root, weight) for root, weight in zip(roots, weights, strict=True)]
            nodes = [each.node for each in wrt.values()]
            found = reverse([root.node for root in roots], seeds, nodes)
            gradients = [
                zeros_of(node) if gradient is None else cast(gradient, node.dtype)
                for node, gradient in zip(nodes, found, strict=True)
            ]
            reported = [
                name for name, gradient in zip(wrt, found, strict=True) if gradient or self.wrt is not None
            ]
            self._record(named, dict(zip(wrt, gradients, strict=True)), reported)
        super()._differentiate(result, named)

    def _replayable(self) -> bool:
        looked = engine.demands() != self._before or bool(self.runtime.printed)
        return not (looked or self.runtime.own_backward or self.session.hooks)

    def _slots(self) -> dict[str, Node] | None:
        """The node of each input that is a leaf here and may be another value in the next call.

        None where one input has become several leaves: there is no node that stands for it.
        """
        found = {}
        for name, given in self.runtime.inputs.items():
            if len(given.leaves) > 1:
                return None
            for node in given.leaves:
                if node.requires_grad:
                    found[name] = node
        return found

    def _record(self, roots: dict[str, Any], gradients: dict[str, Any], reported: Sequence[str]) -> None:
        tensors = {name: value for name, value in roots.items() if type(value) is Tensor}
        if not self._replayable() or len(tensors) < len(roots):
            return
        inputs = self._slots()
        if inputs is None:
            return
        outputs = [each.node for each in tensors.values()] + [gradients[name] for name in reported]
        trace = Trace(list(inputs.values()), outputs)
        run = trace.planned() if trace.large else trace.compiled()
        self.compilation = Compilation(run, inputs, tuple(tensors), tuple(reported), outputs)


class Replayed(Mapping[str, Any]):
    """The values of a compiled call: the roots are there, the others are evaluated when one is read."""

    __slots__ = ("_compilation", "_found", "_inputs", "_others", "_program")

    def __init__(
        self, program: Program, compilation: Compilation, found: tuple[Any, ...], inputs: Mapping[str, Any]
    ) -> None:
        self._program = program
        self._compilation = compilation
        self._found = found
        self._inputs = inputs
        self._others: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        compilation = self._compilation
        if name not in compilation.roots:
            return self._all()[name]
        at = compilation.roots.index(name)
        return shown(self._found[at], compilation.results[at])

    def _all(self) -> Mapping[str, Any]:
        if self._others is None:
            self._others = self._program.evaluate(self._inputs).values
        return self._others

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(dict(self))


class Program:
    """What `gradcli.compile` returns: call it with the inputs by name, as often as needed.

    Gradients are the caller's own arrays. Values are for reading: a root may be the very array that was
    given, and the others are computed when they are read, from the inputs as they are then.
    """

    def __init__(
        self,
        source: str,
        *,
        wrt: Sequence[str] | None = None,
        roots: Sequence[str] | None = None,
        weights: Any = None,
        dtype: Any = None,
    ) -> None:
        self.source = source
        weights = deepcopy(weights)  # the caller's may change while the program lasts
        self._options = {**PLAIN, "wrt": wrt, "roots": roots, "weights": weights, "dtype": dtype}
        try:
            self._module = parse(source)
        except GradcliError as error:
            error.locate(source)
            raise
        self._compilations = Repeats(patience=0, most=MOST_KEPT)
        self._varying: frozenset[str] | None = None  # which inputs are data; told by the first compilation

    def __call__(self, **inputs: Any) -> Evaluation:
        """Values and gradients for these inputs: numbers, nested lists or arrays.

        Raises:
            GradcliError: as `gradcli.evaluate`.
        """
        varying = self._varying
        if varying is None:
            return self._first((), inputs)
        values: list[Any] = []
        key: list[Any] = []
        exact = True  # whether every value has the dtype already that it has in the program
        for name, value in inputs.items():
            kind = type(value)
            if kind is float or kind is int:
                key.append(name if name in varying else (name, repr(value)))  # so that 0.0 is not -0.0
                values.append(float(value))
                continue
            array = _array(value)
            if array is None:
                return self.evaluate(inputs)
            if array.dtype is not FLOAT64:
                exact = False
            if name in varying:
                key.append((name, kind, array.shape, array.dtype))
            else:
                key.append((name, kind, array.shape, array.dtype, array.tobytes()))
            values.append(array)
        compilation = self._compilations.made.get(tuple(key))
        if compilation is None:
            return self._first(tuple(key), inputs)
        order = compilation.inputs
        if len(order) != len(values) or any(name != given for name, given in zip(order, inputs, strict=True)):
            by_name = dict(zip(inputs, values, strict=True))
            values = [by_name[name] for name in order]
        if not (exact and compilation.exact):
            values = [np.asarray(each, dtype) for each, dtype in zip(values, compilation.dtypes, strict=True)]
        with np.errstate(all="ignore"):  # inf and nan are answers here
            found = compilation.run(*values)
        count = len(compilation.roots)
        own = np.asarray if compilation.large else np.array  # which copies
        gradients = zip(compilation.wrt, found[count:], compilation.results[count:], strict=True)
        grads = {name: own(value, dtype) for name, value, dtype in gradients}
        if compilation.large:
            owned(grads, (*values, *found[:count]))
        return Evaluation(
            values=Replayed(self, compilation, found, inputs),
            grads=grads,
            nodes=dict(compilation.nodes),
            roots=compilation.roots,
            printed=[],
            text=self.source,
            weighted=self._options["weights"] is not None,
        )

    def evaluate(self, inputs: Mapping[str, Any]) -> Evaluation:
        """The same by interpretation, without the compiled function."""
        return self._tracer(inputs).run(self._module)

    def _tracer(self, inputs: Mapping[str, Any]) -> Tracer:
        return Tracer(self.source, inputs=inputs, **self._options)

    def _first(self, key: Any, inputs: Mapping[str, Any]) -> Evaluation:
        """Evaluates, and remembers the compilation if there is one, or that there is none."""
        if self._varying is not None:  # what is no data becomes part of what is kept, and may change outside
            inputs = {
                name: value if name in self._varying or type(value) is not np.ndarray else value.copy()
                for name, value in inputs.items()
            }
        tracer = self._tracer(inputs)
        result = tracer.run(self._module)
        compilation = tracer.compilation
        if compilation is not None:
            varying = frozenset(compilation.inputs)
            if varying != self._varying:  # now it is known which inputs are data and which are constants
                self._varying = varying
                self._compilations.made.clear()
                return result
            self._compilations.keep(key, compilation)
        return result


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    """An input of a call as the array that the program makes of it; None where `evaluate` knows better."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    kind = array.dtype.kind
    if isinstance(value, (list, tuple)) and kind in "iu":
        return array.astype(np.float64)  # as for `evaluate`: who writes [1, 2] means 1.0 and 2.0
    return array if kind in "biuf" else None


def compile(
    source: str,
    *,
    wrt: Sequence[str] | None = None,
    roots: Sequence[str] | None = None,
    weights: Any = None,
    dtype: Any = None,
) -> Program:
    """A program to be called many times: `program(x=array)` gives an `Evaluation`.

    Args:
        source: the text of the program.
        wrt, roots, weights, dtype: as in `gradcli.evaluate`.

    Raises:
        GradcliError: `syntax`, when the text is no program; the rest shows when it is called.
    """
    return Program(source, wrt=wrt, roots=roots, weights=weights, dtype=dtype)


__all__ = ["Program", "compile"]
