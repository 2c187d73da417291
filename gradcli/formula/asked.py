"""One question about a program: its derivatives found as formulas, and proved. `api` asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.evaluation.outside import too_few_weights
from gradcli.formula import linear, needs
from gradcli.formula.derivative import Derivative
from gradcli.formula.naming import named
from gradcli.formula.normal import Sum, collected
from gradcli.formula.plain import Plain
from gradcli.formula.points import Again
from gradcli.formula.proof import Proof
from gradcli.formula.reads import joined
from gradcli.formula.single_points import at_single_points
from gradcli.formula.stage import PRIMES, STAND_IN, Shapes, Staged, staged
from gradcli.formula.terms import Factor
from gradcli.formula.tree import Expr, Formula, Label, Line, Shape, symbol
from gradcli.tape.node import LEAF, Node, postorder, topological
from gradcli.tape.primitives import add, mul, reduce_sum, zeros_of
from gradcli.tape.vmap import batched


def is_name(weights: Any) -> bool:
    """Whether weights are a name that the formula has for them."""
    return isinstance(weights, str) and weights.isidentifier() and weights != "ones"


BLOCK = "_v"
"""The direction that a block of a Hessian or Jacobian is found with; it stands in no result."""


LONG = 50
"""Second derivatives of more symbols are found in another way as well."""


class Unproved(Exception):
    """A formula differs from what `eval` computes; with other stand-ins for named dims it may not."""


class Asked:
    """One question: the recorded program, and the formulas found for it."""

    def __init__(
        self,
        source: str,
        wrt: list[str] | None,
        shapes: dict[str, Any],
        inputs: dict[str, Any],
        options: dict[str, Any],
        weights: Any,
        plain: bool = False,
        telling: bool = False,
        stand_ins: Sequence[int] = PRIMES,
    ) -> None:
        self.again = partial(Asked, source, wrt, shapes, inputs, options, weights, stand_ins=stand_ins)
        self.plain = plain
        self.directions: dict[str, str] = {}
        self.weighted: dict[str, Node] = {}
        self.computing: dict[str, Node | None] = {}
        """By label the node that a first derivative is; None for the others."""
        self.source = source
        self.shapes = Shapes(shapes, stand_ins, source)
        self.inputs = inputs
        self.options = {**options, "wrt": wrt}
        self.weights = weights
        self.run = staged(source, inputs=inputs, shapes=self.shapes, options=self.options)
        self.run.recording.reader.telling = telling
        said = {*shapes, *(wrt or ())}
        self.notes = joined(source, [name for name in self.run.free if name not in said], self.run.given)
        if len(self.run.program) == 1 or weights is not None:
            self._learn()
        if not self.run.program:
            raise self.run.rootless()
        if not self.run.targets:
            raise GradcliError("no-grad", "the program has no name to differentiate with respect to")

    def _learn(self) -> None:
        """Notes what is nowhere 0 where the program has a value."""
        needs.learn(self.run.recording, [root.node for root in self.run.program.values()])

    # ---- what can be asked for ----

    def lines(self, question: Mapping[str, Any]) -> list[Line]:
        """What is asked for by the option of a kind of derivatives and its value, or the gradient."""
        if not question:
            return self.gradients(1)
        return [line for kind, value in question.items() for line in _LINES[kind](self, value)]

    def unsimplified(self, line: Line) -> Line:
        """A first derivative as the tape has it."""
        assert isinstance(line.name, Label)
        node = self._gradient(self._root(), self.run.targets[line.name.wrt[0]])
        return Line(line.name, Plain(self.run.recording).of(node))

    def gradients(self, order: int) -> list[Line]:
        """The derivative of that order with respect to each name."""
        targets, program = self.run.targets, self.run.program
        together = self.weights is not None or len(program) == 1
        if together or self.options["wrt"] is None:
            nodes = self._reverse_nodes(self._root(), list(targets.values()))
            found = dict(zip(targets, nodes, strict=True))
        if self.options["wrt"] is None:
            # An input that only indexes, or whose dims alone count, has no gradient.
            self.run.targets = {name: targets[name] for name, node in found.items() if node is not None}
        if together:
            return [self._repeated([name] * order, found[name]) for name in self.run.targets]
        # As `eval` has it: of several roots each has derivatives of its own.
        lines, reader = [], self.run.recording.reader
        cancelled: dict[Expr, None] = {}
        try:
            for name, root in program.items():
                self.run.program = {name: root}
                reader.forget()
                self._learn()
                lines += [self._repeated([target] * order, self._by(target)) for target in self.run.targets]
                cancelled |= reader.domain.cancelled
        finally:
            self.run.program = program
        reader.domain.cancelled = cancelled
        return lines

    def partial(self, wrt: list[str]) -> Line:
        """A mixed derivative."""
        if not wrt:
            raise GradcliError("bad-argument", "a partial derivative names at least one variable")
        return self._repeated(wrt, self._by(wrt[0]))

    def _by(self, name: str) -> Node | None:
        """The gradient by a name."""
        return self._reverse_nodes(self._root(), [self.run.by(name)])[0]

    def _repeated(self, wrt: list[str], node: Node | None) -> Line:
        """The derivative by one name after another, of which the first has been found."""
        run, label = self.run, self._label(wrt)
        self.computing[label.text] = node if len(wrt) == 1 else None
        if self.plain or len(wrt) == 1:
            return Line(label, self._on_tape(wrt, node))
        try:
            tree = self._of_formulas(wrt, node)
        except GradcliError:
            tree = None
        finally:
            self.run = run
        if tree is None:
            (node,) = self._reverse_nodes(self._root(), [run.by(wrt[0])], again=True)
            tree = self._on_tape(wrt, node)
        return Line(label, tree)

    def _of_formulas(self, wrt: list[str], node: Node | None) -> Expr | None:
        """The same of one formula after another; None where one does not read the next name.

        It may have been written without a name that the program computes.
        """
        tree = self._written(_or_zero(node, self.run.by(wrt[0])))
        for name in wrt[1:]:
            root = self._again(tree)
            if name not in self.run.targets:
                return None
            tree = self._written(self._gradient(root, self.run.targets[name]))
        return tree

    def _on_tape(self, wrt: list[str], node: Node | None) -> Expr:
        """The same on the tape, of which nothing is read before the last."""
        last = _or_zero(node, self.run.by(wrt[0]))
        for name in wrt[1:]:
            last = self._gradient(_summed(last), self.run.by(name), again=True)
        return self._written(last)

    def _label(self, wrt: list[str]) -> Label:
        # As `eval` has it: what is weighted is what would be in `.grad`.
        if len(wrt) == 1 and self.weights is not None:
            return Label(self.name, tuple(wrt), "grad")
        return Label(self.name, tuple(wrt))

    def _again(self, tree: Expr, whole: bool = False) -> Node:
        """A formula as a program of its own, so that the next order starts from what was simplified.

        The node is its sum, or with `whole` itself.
        """
        from gradcli.formula.printers.gradcli import expression

        text = expression(tree)
        inner = staged(
            f"sum({text})" if tree.shape and not whole else text,
            inputs={},
            shapes=_given_shapes(self.run),
            options={"wrt": None, "unused_inputs": True},
            sizes=self.shapes.sizes,
        )
        inner.recording.given = False
        inner.recording.reader.domain = self.run.recording.reader.domain
        inner.recording.reader.telling = self.run.recording.reader.telling
        missing = [name for name in self.run.targets if name not in inner.targets]
        for name in missing:
            value = self.run.targets[name]
            inner.targets[name] = value
        self.run = inner
        (value,) = inner.program.values()
        return value.node

    def hessian(self) -> list[Line]:
        """A line for each pair of names; if long, from the simplified gradient where that is shorter."""
        run = self.run
        lines = self._matrices(self._reverse_nodes(self._root(), list(run.targets.values())), 2)
        if self.plain or max([line.value.cost for line in lines], default=0) <= LONG:
            return lines
        try:
            others = self._hessian_of_formulas(run)
        except GradcliError:
            return lines
        return min(lines, others, key=lambda each: sum([line.value.cost for line in each]))

    def _hessian_of_formulas(self, run: Staged) -> list[Line]:
        """The derivatives of the gradient's formulas."""
        lines = []
        try:
            for name, target in run.targets.items():
                self.run = run
                gradient = self._gradient(self._root(), target)
                node = self._again(self._written(gradient), whole=True)
                lines += self._blocks(name, node, {each: self.run.targets[each] for each in run.targets})
        finally:
            self.run = run
        return self._second(lines)

    def jacobian(self) -> list[Line]:
        """A line for each root and name."""
        return self._matrices([value.node for value in self.run.program.values()], 1)

    def _matrices(self, sources: list[Node | None], order: int) -> list[Line]:
        names = list(self.run.targets) if order == 2 else list(self.run.program)
        lines: list[Line] = []
        for name, node in zip(names, sources, strict=True):
            if node is None:
                node = zeros_of(self.run.targets[name].node)
            lines += self._blocks(name, node, self.run.targets)
        return self._second(lines) if order == 2 else lines

    def _second(self, lines: list[Line]) -> list[Line]:
        """Derivatives of gradients, called what they are."""
        labels = [line.name for line in lines if isinstance(line.name, Label)]
        return [
            Line(Label(self.name, (label.of, *label.wrt)), line.value)
            for label, line in zip(labels, lines, strict=True)
        ]

    def _blocks(self, name: str, node: Node, targets: dict[str, Tensor]) -> list[Line]:
        """The derivatives of each element of a node by each element of the targets."""
        lines = []
        for other, target in targets.items():
            if node.requires_grad:
                tree = self._block(node, target)
            else:
                tree = self.run.recording.read(Sum({}, (*node.shape, *target.shape)))
            lines.append(Line(Label(name, (other,)), tree))
        return lines

    def _block(self, node: Node, target: Tensor) -> Expr:
        """The derivatives of each element of a node by each element of a target."""
        direction = self._direction(BLOCK, node)
        product = self._gradient(_summed(mul(node, direction)), target)
        found = None if self.plain else self._matrix(product, direction)
        if found is not None:
            return found
        return self._written(
            self._of_units(product, direction) if node.shape else self._gradient(node, target)
        )

    def _matrix(self, product: Node, direction: Node) -> Expr | None:
        """The matrix of what is linear in a direction, if a law finds it."""
        recording = self.run.recording
        try:
            found = recording.of(product)
            return recording.read(linear.matrix(recording.reader, found, symbol(BLOCK, direction.shape)))
        except GradcliError:
            return None

    def _of_units(self, product: Node, direction: Node) -> Node:
        """What depends on a direction, for all unit vectors at once: its dims stand in front."""
        from gradcli.tape.forward import probe

        recording, units, rank = self.run.recording, direction, direction.ndim
        for size in reversed(direction.shape):
            replaced, units = units, probe(direction, (size, *units.shape))
            (product,) = batched([product], {replaced: units}, size, postorder([product]))
        factors: list[Factor] = [
            (recording.read(recording.identity(size, (size, size))), (dim - 2 * rank, dim - rank), 1)
            for dim, size in enumerate(direction.shape)
            if size != 1
        ]
        recording.sums[units] = collected([(1, factors)], units.shape)
        return product

    def _direction(self, name: str, like: Node) -> Node:
        tensor = self.run.session.leaf(np.zeros(like.shape, like.dtype))
        self.run.recording.names = {**self.run.recording.names, tensor.node: name}
        return tensor.node

    def along(self, hvp: str | None, jvp: str | None) -> list[Line]:
        """The Hessian, or the Jacobian, times a direction with a name."""
        from gradcli.tape.forward import forward

        run = self.run
        name = hvp if hvp is not None else jvp
        assert name is not None
        self._new_name(name, "the direction")
        tangents = {}
        for each, target in run.targets.items():
            own = name if len(run.targets) == 1 else f"{name}_{each}"
            tangents[target.node] = self._direction(own, target.node)
            self.directions[own] = each
        if jvp is not None:
            nodes = forward([value.node for value in run.program.values()], tangents)
            return [
                Line(Label(root, (name,), "jvp"), self._written(node))
                for root, node in zip(run.program, nodes, strict=True)
            ]
        gradients = self._reverse_nodes(self._root(), list(run.targets.values()))
        lines = []
        for (each, target), gradient in zip(run.targets.items(), gradients, strict=True):
            if gradient is None and self.options["wrt"] is None:
                continue  # as in `gradients`
            (moved,) = forward([_or_zero(gradient, target)], tangents)
            label = Label(self.name, (each, name), "hvp")
            lines.append(Line(label, self._written(moved)))
        return lines

    # ---- differentiating ----

    @property
    def name(self) -> str:
        """What the roots are called."""
        return ", ".join(self.run.program)

    def _new_name(self, name: str, what: str) -> None:
        """Raises for a name of a direction or of weights that the program has for something else."""
        run = self.run
        if name in (*run.runtime.names, *run.runtime.leaves, *self.shapes.sizes):
            raise GradcliError(
                "bad-argument", f"{what} cannot be called {name}: the program has another {name}"
            )

    def _root(self) -> Node:
        """The weighted sum of the roots."""
        run = self.run
        total: Any = None
        for name, root in run.program.items():
            if not root.requires_grad:
                raise GradcliError("no-grad", f"{name} depends on no name that is differentiated")
            if root.shape and self.weights is None:
                run.session.seed(root, None)
            node = root.node
            if self.weights is not None:
                node = mul(node, self._weight(name, root))
            node = _summed(node)
            total = node if total is None else add(total, node)
        assert isinstance(total, Node)
        return total

    def _weight(self, name: str, root: Tensor) -> Node:
        given = self.weighing[list(self.run.program).index(name)]
        if is_name(given):
            if given not in self.weighted:
                self._new_name(given, "the weights")
                self.weighted[given] = self._direction(given, root.node)
            return self.weighted[given]
        (weight,) = self.run.outside.weights([given], [root])
        return self.run.session.seed(root, weight)

    @property
    def weighing(self) -> list[Any]:
        """The weights of each root; a name for several roots becomes a name for each."""
        given, roots = self.weights, list(self.run.program)
        if isinstance(given, (list, tuple)) and len(given) == 1:
            (given,) = given
        several = given if isinstance(given, (list, tuple)) and len(roots) > 1 else [given]
        if len(several) == 1 and len(roots) > 1 and is_name(several[0]):
            return [f"{several[0]}_{each}" for each in roots]
        if len(several) != len(roots):
            raise too_few_weights(len(roots), len(several))
        return list(several)

    def _reverse_nodes(self, root: Node, targets: list[Tensor], again: bool = False) -> list[Node | None]:
        """The gradients by the targets; `again` if others are to be taken of them on the tape."""
        from gradcli.tape.reverse import leading_to, ones_like, reverse

        wrt = [each.node for each in targets]
        order = topological([root])
        path = leading_to(order, wrt)
        # What the targets do not move needs no gradient, for which a rule would record what nobody reads.
        beside = [each for node in path for each in node.inputs if each.requires_grad and each not in path]
        if self.plain or again or any(node.op.of_program for node in path):
            beside = []  # the gradients are differentiated, or the program asks what needs one
        for each in beside:
            each.requires_grad = False
        try:
            return reverse([root], [ones_like(root)], wrt, [each for each in order if each in path])
        finally:
            for each in beside:
                each.requires_grad = True

    def _gradient(self, root: Node, target: Tensor, again: bool = False) -> Node:
        """The gradient by one target; zeros where there is none."""
        return _or_zero(self._reverse_nodes(root, [target], again)[0], target)

    def _meaning(self, node: Node) -> Sum:
        return self.run.recording.of(node).shaped(node.shape)

    def _written(self, node: Node) -> Expr:
        """What a node means, or without laws the node as the tape has it."""
        recording = self.run.recording
        if self.plain:
            return Plain(recording).of(node)
        return recording.read(self._meaning(node))

    # ---- the result ----

    def unproved(self, lines: list[Line], expand: bool) -> Derivative:
        """The formula of lines that were compared with `eval` otherwise."""
        inputs = {name: node.shape for node, name in self.run.recording.names.items()}
        used = tuple(lines) if expand else named(lines, dict, set(inputs))
        return Derivative(Formula(used, inputs, {}), tuple(self.notes), self.source)

    def proved(self, lines: list[Line], expand: bool, question: dict[str, Any]) -> Derivative:
        """The formula, once it has been found to compute what `eval` does."""
        run = self.run
        inputs = {name: node.shape for node, name in run.recording.names.items() if name != BLOCK}
        sizes = {size: name for name, size in self.shapes.sizes.items()}

        def formula_of(lines: list[Line], own: Callable[[], Mapping[Expr, str]]) -> Formula:
            used = tuple(lines) if expand else named(lines, own, set(inputs) | set(self.shapes.sizes))
            return Formula(used, inputs, sizes)

        formula = formula_of(lines, self._own)
        free = {
            name: shape
            for name, shape in inputs.items()
            if name in run.free or name in self.directions or name in self.weighted
        }
        wanted = dict(question)
        kinds = {line.name.kind for line in lines if isinstance(line.name, Label) and line.name.kind}
        question.update(dict.fromkeys(kinds - {"grad"}, self.directions))
        if self.weights is not None:
            question["weights"] = self.weighing
        fixed = {name: node.value for node, name in run.recording.names.items() if node.value is not None}
        proof = Proof(
            self.source,
            self.shapes,
            self.inputs,
            self.options,
            question,
            fixed,
            run.decides,
            self._recorded(formula, free, question),
            [name for node, name in run.recording.names.items() if node.op is not LEAF],
            run.recording.sizes.least,
        )
        wrong = proof.wrong(formula, free)
        if wrong and run.looked and run.free and not run.decides:  # as a mask does: x[x > 0]
            run.decides = proof.decides = True
            wrong = proof.wrong(formula, free)
        if run.decides:
            where = ", ".join(f"{name} = {STAND_IN}" for name in run.free) or "the values given"
            self.notes.append(f"the program decides by its data: this is the path that it takes at {where}")
        if wrong and self.shapes.sizes and self.shapes.stand_ins is PRIMES:
            raise Unproved
        left_out = at_single_points(formula, run.recording)
        if not left_out and not wrong and (nowhere := proof.nowhere(formula, free)):
            nan = [run.recording.reader.filled(symbol("nan"), line.value.shape) for line in lines]
            lines = [
                Line(line.name, each) if line.name.text in nowhere else line  # type: ignore[union-attr]
                for line, each in zip(lines, nan, strict=True)
            ]
            formula = formula_of(lines, self._own)
        elif not left_out and not wrong and (beside := proof.at_zero(formula, free, run.targets)) is not None:
            left_out = [beside]
        self.notes += left_out
        if wrong and not self.plain:
            written = self.again(plain=True).lines(wanted)
            plain = {line.name.text: line for line in written if isinstance(line.name, Label)}
            lines = [plain[line.name.text] if line.name.text in wrong else line for line in lines]  # type: ignore[union-attr]
            formula = formula_of(lines, dict)
            self.notes.append(f"{', '.join(sorted(wrong))}: not simplified, since what was found differs")
            wrong = proof.wrong(formula, free)
        for label in sorted(wrong):
            if run.looked:
                raise GradcliError(
                    "bad-argument",
                    f"the program reads values while it runs: {label} has a formula for given ones only",
                    hint="give the inputs that it reads with --set",
                )
            raise GradcliError("bad-argument", f"no formula was found that computes {label}")
        return Derivative(formula, tuple(self.notes), self.source)

    def _own(self) -> dict[Expr, str]:
        """Parts that the program has a name for."""
        recording = self.run.recording
        own: dict[Expr, str] = {}
        for name, value in self.run.runtime.names.items():
            known = recording.sums.get(value.node) if type(value) is Tensor else None
            if isinstance(known, Sum):
                own.setdefault(recording.read(known), name)
        return own

    def _recorded(
        self, formula: Formula, free: Mapping[str, Shape], question: Mapping[str, Any]
    ) -> Again | None:
        """The gradients as they were recorded, where another run would record the same.

        Named sizes stand for large primes here, so that of arrays another run is the cheaper.
        """
        run = self.run
        labels = [line.name.text for line in formula.results if isinstance(line.name, Label)]
        nodes = {label: self.computing.get(label) for label in labels}
        if question or run.looked or run.runtime.own_backward or run.session.hooks or any(free.values()):
            return None
        leaves = {name: node for node, name in run.recording.names.items() if node.op is LEAF}
        roots = {name: value.node for name, value in run.program.items()}
        if any(node is None or node.shape for node in (*nodes.values(), *roots.values())):
            return None
        named = {name: node for node, name in run.recording.names.items() if node.op is not LEAF}
        again = Again(leaves, {**roots, **named, **nodes}, roots)
        return None if again.large else again


def _or_zero(node: Node | None, like: Tensor) -> Node:
    return zeros_of(like.node) if node is None else node


_LINES: dict[str, Callable[[Asked, Any], list[Line]]] = {
    "order": Asked.gradients,
    "partials": lambda asked, groups: [asked.partial(names) for names in groups],
    "hessian": lambda asked, _: asked.hessian(),
    "jacobian": lambda asked, _: asked.jacobian(),
    "hvp": lambda asked, direction: asked.along(direction, None),
    "jvp": lambda asked, direction: asked.along(None, direction),
}
"""For each kind of derivatives, by its option: the lines that a value of it asks for."""


def _summed(node: Node) -> Node:
    return reduce_sum(node, attrs=(tuple(range(-node.ndim, 0)),)) if node.shape else node


def _given_shapes(run: Staged) -> Shapes:
    shapes = Shapes({})
    for node, name in run.recording.names.items():
        shapes.declared[name] = node.shape
    shapes.sizes = run.shapes.sizes
    return shapes
