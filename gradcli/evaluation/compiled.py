"""`compile`: a program that is called many times, at the cost of its arithmetic.

The first call with inputs of some shapes interprets the program, differentiates it, and turns value
and gradient into one generated function; further calls run that. What cannot be replayed (a program
that looks at values of its inputs or prints, or one whose gradients are those that its own backward left) is
evaluated each time, with the same answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine.repeats import Repeats
from gradcli.engine.run import watched
from gradcli.engine.trace import Trace
from gradcli.evaluation.differentiate import differentiate, each_by_itself, evaluated
from gradcli.evaluation.options import Options
from gradcli.evaluation.paths import moved
from gradcli.evaluation.result import Evaluation, owned, shown
from gradcli.evaluation.run import at_work, begun, run
from gradcli.syntax.names import normal_name
from gradcli.syntax.parser import parse
from gradcli.tape.node import FLOAT64, LARGE, counted, postorder
from gradcli.tape.primitives import cast, expand_to, literal
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.derivatives.aim import Aim
    from gradcli.evaluation.result import NodeInfo
    from gradcli.evaluation.run import Ran
    from gradcli.tape.node import Node, Shape

    Block = tuple[str, str, str]

MOST_KEPT = 32
"""How many combinations of shapes a program keeps compiled."""
SHORT = 4096
"""Bytes of an array that are a part of a key themselves: hashing more of them takes its time."""
SAMPLED = 64
"""Elements of an array that tell of it before all of them are compared."""
MOST_AT_ONCE = 1 << 17
"""Elements of one value for all columns of a Hessian: with more, each call looks for structure by itself."""


class Compilation:
    """A program for inputs of certain shapes, as one function.

    Attributes:
        run: from the values of `inputs` to those of the roots, of the gradients and of the blocks.
        inputs: the names of the leaves it takes, in order.
        dtypes: theirs; `exact` where all are float64.
        roots: the names of those that it returns, in order.
        blocks: for each block of a Hessian or a Jacobian the part of the result and the two names.
        derived: the names of the gradients and the blocks.
        results: the dtypes of what it returns, in order.
        large: whether anything that it takes or returns is too large to be copied without need.
        nodes: what is known of each named tensor.
    """

    __slots__ = (
        "blocks",
        "derived",
        "dtypes",
        "exact",
        "inputs",
        "large",
        "nodes",
        "results",
        "roots",
        "run",
    )

    def __init__(
        self,
        run: Callable[..., tuple[Any, ...]],
        inputs: dict[str, Node],
        roots: tuple[str, ...],
        wrt: tuple[str, ...],
        blocks: tuple[Block, ...],
        outputs: Sequence[Node],
        nodes: dict[str, NodeInfo],
    ) -> None:
        self.run = run
        self.inputs = tuple(inputs)
        self.dtypes = [node.dtype for node in inputs.values()]
        self.exact = all(dtype is FLOAT64 for dtype in self.dtypes)
        self.large = any(node.size > LARGE for node in (*inputs.values(), *outputs))
        self.roots = roots
        self.blocks = blocks
        self.derived: tuple[Any, ...] = (*wrt, *blocks)
        self.results = [node.dtype for node in outputs]
        self.nodes = nodes


def compilation_of(ran: Ran, looked: Sequence[Node]) -> Compilation | None:
    """A program that has run, before it is differentiated, as a function; None if it cannot be replayed.

    Args:
        ran: the run.
        looked: the nodes whose values it looked at. What depends on constants alone is no matter.
    """
    aim = ran.aim
    runtime = ran.runtime
    if runtime.printed or ran.session.hooks:
        return None
    inputs = _slots(ran)
    if inputs is None:
        return None
    if ran.looked and (
        ran.session.passes  # whose gradients are numbers: nothing tells what they come from
        or runtime.own_backward
        or not moved(postorder(looked), [*inputs.values()]).isdisjoint(looked)
    ):
        return None
    if runtime.own_backward and ran.wrt != []:
        return None  # the gradients are those that the program's own backward left
    if aim is None:
        return _recorded(ran, inputs, {}, {}) if ran.roots else None
    if ran.options.weights is None and any(each.node.size != 1 for each in aim.roots.values()):
        if not ran.options.jacobian or ran.options.hessian:
            return None  # it wants weights: the evaluation itself tells of that
        blocks = _blocks(ran, aim, [])
        return None if blocks is None else _recorded(ran, inputs, {}, blocks)
    if each_by_itself(ran, aim):
        return None
    nodes = [each.node for each in aim.wrt.values()]
    found = reverse([root.node for root in aim.roots.values()], aim.seeds, nodes)
    blocks = _blocks(ran, aim, found) if ran.kinds else {}
    if blocks is None:
        return None
    gradients = {
        name: _whole(gradient, node.shape, node)
        for name, node, gradient in zip(aim.wrt, nodes, found, strict=True)
        if gradient or ran.wrt is not None
    }
    return _recorded(ran, inputs, gradients, blocks)


def _blocks(ran: Ran, aim: Aim, gradients: Sequence[Node | None]) -> dict[Block, Node] | None:
    """The blocks of Hessian and Jacobian as nodes; None where all columns at once would take much memory."""
    from gradcli.derivatives.jacobian import hessian_nodes, jacobian_nodes

    leaves = {name: each.node for name, each in aim.wrt.items()}
    roots = {name: each.node for name, each in aim.roots.items()}
    nodes = [*leaves.values()]
    widest = max([each.size for each in (*nodes, *roots.values())], default=0)
    columns = sum(each.size for each in nodes)
    if not ran.options.hessian:  # the rows, if these are fewer
        columns = min(columns, max([each.size for each in roots.values()], default=0))
    if widest * columns > MOST_AT_ONCE:
        return None
    rows: list[tuple[str, str, Node, Sequence[Node | None]]] = []
    if ran.options.hessian:
        found = hessian_nodes(gradients, nodes)
        rows += [("hessian", name, leaves[name], row) for name, row in zip(leaves, found, strict=True)]
    if ran.options.jacobian:
        rows += [("jacobian", name, root, jacobian_nodes(root, nodes)) for name, root in roots.items()]
    return {
        (part, name, other): _whole(block, above.shape + left.shape, left)
        for part, name, above, row in rows
        for (other, left), block in zip(leaves.items(), row, strict=True)
    }


def _whole(found: Node | None, shape: Shape, like: Node) -> Node:
    """A derivative in the dtype of what it is taken by; None is zero."""
    return expand_to(literal(0.0, like.dtype), shape) if found is None else cast(found, like.dtype)


def _recorded(
    ran: Ran, inputs: dict[str, Node], gradients: dict[str, Node], blocks: dict[Block, Node]
) -> Compilation | None:
    tensors = {name: value for name, value in ran.roots.items() if type(value) is Tensor}
    if len(tensors) < len(ran.roots):
        return None
    outputs = [*[each.node for each in tensors.values()], *gradients.values(), *blocks.values()]
    trace = Trace(list(inputs.values()), outputs)
    run = trace.planned() if trace.large else trace.chained() or trace.compiled(hopeful=True)
    return Compilation(run, inputs, tuple(tensors), tuple(gradients), tuple(blocks), outputs, ran.nodes)


def _slots(ran: Ran) -> dict[str, Node] | None:
    """The node of each input that is a leaf here and may be another value in the next call.

    None where one input has become several leaves: there is no node that stands for it.
    """
    found = {}
    for name, given in ran.runtime.inputs.items():
        if len(given.leaves) > 1:
            return None
        for node in given.leaves:
            if node.requires_grad:
                found[name] = node
    return found


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
        wrt: Sequence[str] | None = Options.wrt,
        roots: Sequence[str] | None = Options.roots,
        weights: Any = Options.weights,
        hessian: bool = Options.hessian,
        jacobian: bool = Options.jacobian,
        dtype: Any = Options.dtype,
    ) -> None:
        self.source = source
        weights = deepcopy(weights)  # the caller's may change while the program lasts
        self._options = Options(
            wrt=wrt, roots=roots, weights=weights, hessian=hessian, jacobian=jacobian, dtype=dtype
        )
        self._module = parse(source)
        self._compilations = Repeats(patience=0, most=MOST_KEPT)
        self._varying: frozenset[str] | None = None  # which inputs are data; told by the first compilation

    def __call__(self, **inputs: Any) -> Evaluation:
        """Values and gradients for these inputs: numbers, nested lists or arrays.

        Raises:
            GradcliError: as `gradcli.evaluate`.
        """
        varying = self._varying
        if varying is None:
            return self._first((), _normal(inputs))
        keyed = _keyed(inputs, varying)
        if keyed is None:
            return self.evaluate(inputs)
        key, values, exact = keyed
        compilation = self._compilations.made.get(tuple(key))
        if compilation is None:
            normal = _normal(inputs)
            return self._first(tuple(key), inputs) if normal is inputs else self(**normal)
        order = compilation.inputs
        if order != (*inputs,):
            by_name = dict(zip(inputs, values, strict=True))
            values = [by_name[name] for name in order]
        if not (exact and compilation.exact):
            values = [_cast(each, dtype) for each, dtype in zip(values, compilation.dtypes, strict=True)]
        with np.errstate(all="ignore"):  # inf and nan are answers here
            found = compilation.run(*values)
        count = len(compilation.roots)
        own = np.asarray if compilation.large else np.array  # which copies
        derived = zip(compilation.derived, found[count:], compilation.results[count:], strict=True)
        grads = {name: own(value, dtype) for name, value, dtype in derived}
        if compilation.large:
            owned(grads, (*values, *found[:count]))
        result = Evaluation(
            values=Replayed(self, compilation, found, inputs),
            grads=grads,
            nodes=dict(compilation.nodes),
            roots=compilation.roots,
            printed=[],
            text=self.source,
            weighted=self._options.weights is not None,
        )
        if compilation.blocks:
            _put_blocks(result, compilation.blocks, grads)
        return result

    def evaluate(self, inputs: Mapping[str, Any]) -> Evaluation:
        """The same by interpretation, without the compiled function."""
        return evaluated(self._module, self.source, self._options.replaced(inputs=inputs))

    def _first(self, key: Any, inputs: Mapping[str, Any]) -> Evaluation:
        """Evaluates, and remembers the compilation if there is one, or that there is none."""
        if self._varying is not None:  # what is no data becomes part of what is kept, and may change outside
            inputs = {
                name: value if name in self._varying or type(value) is not np.ndarray else value.copy()
                for name, value in inputs.items()
            }
        options = self._options.replaced(inputs=inputs)
        runtime = begun(self.source, options)
        runtime.session.at_once = False  # the values of the first call are none of the others'
        with at_work(runtime):
            with counted():
                with watched() as looked:
                    ran = run(self._module, options, runtime)
                compilation = compilation_of(ran, looked)
            result = differentiate(ran)
        for given in runtime.inputs.values():  # the compilation refers to its leaves, as long as it lasts
            for leaf in given.leaves:
                leaf.accumulator = None
        if compilation is not None:
            varying = frozenset(compilation.inputs)
            if varying != self._varying:  # now it is known which inputs are data and which are constants
                arrays = {name for name, value in inputs.items() if type(value) is np.ndarray}
                keyed = _keyed(inputs, varying) if self._varying is None and arrays <= varying else None
                self._varying = varying
                self._compilations.made.clear()
                if keyed is None:  # an array that may change outside has become part of it
                    return result
                key = keyed[0]
            self._compilations.keep(tuple([_lasting(each) for each in key]), compilation)
        return result


class Content:
    """The elements of a long array in a key: two are equal where the arrays are, to the bit."""

    __slots__ = ("elements", "sample")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        self.elements = flat if flat.size % 8 else flat.view(np.int64)
        self.sample = hash(self.elements[:: self.elements.size // SAMPLED + 1].tobytes())

    def __hash__(self) -> int:
        return self.sample

    def __eq__(self, other: object) -> bool:
        return type(other) is Content and np.array_equal(self.elements, other.elements)


def _keyed(inputs: Mapping[str, Any], varying: Collection[str]) -> tuple[list[Any], list[Any], bool] | None:
    """What a compilation is found by for these inputs, and the values of those that are data.

    Returns:
        The key; the values of all inputs; and whether all that are data have the dtype that they have in the
        program already. None if some value is no number and no array of numbers.
    """
    values: list[Any] = []
    key: list[Any] = []
    exact = True
    for name, value in inputs.items():
        kind = type(value)
        if kind is float or kind is int:
            key.append(name if name in varying else (name, repr(value)))  # so that 0.0 is not -0.0
            values.append(float(value))
            continue
        array = _array(value)
        if array is None:
            return None
        if name in varying:
            exact = exact and array.dtype is FLOAT64
            key.append((name, kind, array.shape, array.dtype))
        else:
            content = array.tobytes() if array.nbytes <= SHORT else Content(array)
            key.append((name, kind, array.shape, array.dtype, content))
        values.append(array if array.shape or array.dtype is not FLOAT64 else array.item())
    return key, values, exact


def _lasting(part: Any) -> Any:
    """A part of a key that stays as it is when the arrays of the caller change."""
    if type(part) is tuple and type(part[-1]) is Content:
        return (*part[:-1], Content(part[-1].elements.copy()))
    return part


def _put_blocks(result: Evaluation, blocks: Sequence[Block], derived: dict[Any, Any]) -> None:
    """Moves the blocks of matrices from the gradients to their part of a result."""
    for each in blocks:
        part, name, other = each
        if not getattr(result, part):
            setattr(result, part, {})
        getattr(result, part).setdefault(name, {})[other] = derived.pop(each)


def _normal(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs by the names that Python would see: itself where they have those."""
    names = [normal_name(name) for name in inputs]
    return inputs if names == [*inputs] else dict(zip(names, inputs.values(), strict=True))


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


def _cast(value: Any, dtype: np.dtype[Any]) -> Any:
    """An input in the dtype that it has in the program: a float64 number as a Python float."""
    array = np.asarray(value, dtype)
    return array if array.shape or dtype is not FLOAT64 else array.item()


def compile(
    source: str,
    *,
    wrt: Sequence[str] | None = Options.wrt,
    roots: Sequence[str] | None = Options.roots,
    weights: Any = Options.weights,
    hessian: bool = Options.hessian,
    jacobian: bool = Options.jacobian,
    dtype: Any = Options.dtype,
) -> Program:
    """A program to be called many times: `program(x=array)` gives an `Evaluation`.

    Args:
        source: the text of the program.
        wrt, roots, weights, hessian, jacobian, dtype: as in `gradcli.evaluate`.

    Raises:
        GradcliError: `syntax`, when the text is no program; the rest shows when it is called.
    """
    return Program(
        source, wrt=wrt, roots=roots, weights=weights, hessian=hessian, jacobian=jacobian, dtype=dtype
    )


__all__ = ["Program", "compile"]
