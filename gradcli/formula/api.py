"""`diff`: the derivatives of a program as formulas. The command line and `gradcli.diff` call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.evaluation.outside import names as split_names
from gradcli.formula import linear
from gradcli.formula.naming import named
from gradcli.formula.normal import Sum
from gradcli.formula.plain import Plain
from gradcli.formula.proof import Proof
from gradcli.formula.stage import STAND_IN, Shapes, Staged, staged, with_names
from gradcli.formula.tree import Expr, Formula, Label, Line, symbol
from gradcli.tape.node import Node
from gradcli.tape.primitives import mul, reduce_sum, zeros_of

BLOCK = "_v"
"""The direction that a block of a Hessian or Jacobian is found with; it stands in no result."""


class Derivative:
    """The derivatives of a program: formulas that can be read, printed and called.

    Attributes:
        formula: the lines.
        notes: what a reader should know: a simplification that was not proved, an input that was assumed.
        source: the program.
    """

    def __init__(self, formula: Formula, notes: tuple[str, ...], source: str) -> None:
        self.formula = formula
        self.notes = notes
        self.source = source

    def write(self, syntax: str) -> str:
        """The formula in a syntax: `gradcli`, `latex`, `numpy` …"""
        from gradcli.formula.printers import write

        return write(self.formula, syntax)

    @property
    def text(self) -> str:
        """In the language."""
        return self.write("gradcli")

    @property
    def latex(self) -> str:
        """For a paper."""
        return self.write("latex")

    @property
    def tree(self) -> Any:
        """The expression of the one result, or those of several by label."""
        results = self.formula.results
        if len(results) == 1:
            return results[0].value
        return {line.name.text: line.value for line in results if isinstance(line.name, Label)}

    def __call__(self, **inputs: Any) -> Any:
        """The values at inputs given by name: an array for one result, else arrays by label."""
        from gradcli.formula.proof import values

        sizes: dict[str, int] = {}
        for name, shape in self.formula.inputs.items():
            if name in inputs:
                import numpy as np

                for stand_in, size in zip(shape, np.shape(inputs[name]), strict=False):
                    if stand_in in self.formula.sizes:
                        sizes[self.formula.sizes[stand_in]] = size
        found = values(self.formula, {**sizes, **inputs})
        return next(iter(found.values())) if len(found) == 1 else found

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def diff(
    source: str,
    wrt: Sequence[str] | str | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    inputs: Mapping[str, Any] | None = None,
    roots: Sequence[str] | None = None,
    weights: Any = None,
    order: int = 1,
    partials: Sequence[Sequence[str]] = (),
    hessian: bool = False,
    jacobian: bool = False,
    hvp: str | None = None,
    jvp: str | None = None,
    expand: bool = False,
    simplify: bool = True,
    dtype: Any = None,
    freeze: Sequence[str] = (),
) -> Derivative:
    """The derivatives of a program as formulas.

    Args:
        source: the text of the program.
        wrt: names to differentiate with respect to; by default every leaf that requires grad.
        shapes: of inputs that have no value, each as numbers or names: `{"X": ("n", "m")}` or `"n,m"`.
            An input that has neither is a scalar.
        inputs: values of inputs, which decide what the program reads.
        roots: names to differentiate; by default the value of the last statement.
        weights: of a root that is no scalar: a value, or the name that they have in the formula.
        order: of the derivative, with respect to each name.
        partials: mixed derivatives, each a sequence of names.
        hessian, jacobian: all second derivatives; every element of the root by every element.
        hvp, jvp: the name of a direction to multiply Hessian or Jacobian with.
        expand: one formula, in which nothing has a name.
        simplify: whether laws are applied; without, the gradient is written as the tape has it.
        dtype, freeze: as in `evaluate`.

    Raises:
        GradcliError: whatever is wrong with the program, or `bad-argument` for what has no formula.
    """
    asked = Asked(
        source,
        None if wrt is None else split_names(wrt),
        dict(shapes or {}),
        dict(inputs or {}),
        {"roots": roots, "dtype": dtype, "freeze": freeze},
        weights,
    )
    try:
        if not simplify:
            if order != 1 or partials or hessian or jacobian or hvp is not None or jvp is not None:
                raise GradcliError(
                    "bad-argument", "without laws there is the gradient only: leave the other derivatives out"
                )
            asked.gradients(1)  # leaves out what has no gradient
            plain = [
                asked.unsimplified(Line(Label(asked._name(), (name,)), symbol(name)))
                for name in asked.run.targets
            ]
            return asked.proved(plain, expand, {})
        return _answered(asked, weights, order, partials, hessian, jacobian, hvp, jvp, expand)
    except GradcliError as error:
        raise with_names(error, asked.shapes, source) from None


def _answered(
    asked: Asked,
    weights: Any,
    order: int,
    partials: Sequence[Sequence[str]],
    hessian: bool,
    jacobian: bool,
    hvp: str | None,
    jvp: str | None,
    expand: bool,
) -> Derivative:
    question: dict[str, Any] = {}
    if weights is not None and not (
        isinstance(weights, str) and weights.isidentifier() and weights != "ones"
    ):
        question["weights"] = weights
    if hessian:
        lines = asked.hessian()
        question["hessian"] = True
    elif jacobian:
        lines = asked.jacobian()
        question["jacobian"] = True
    elif hvp is not None or jvp is not None:
        lines = asked.along(hvp, jvp)
    elif partials:
        wanted = [split_names(each) for each in partials]
        lines = [asked.partial(each) for each in wanted]
        question["partials"] = wanted
    else:
        lines = asked.gradients(order)
        if order > 1:
            question["order"] = order
    return asked.proved(lines, expand, question)


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
    ) -> None:
        self.arguments = (source, wrt, shapes, inputs, options, weights)
        self.plain = plain
        self.directions: dict[str, str] = {}
        self.source = source
        self.shapes = Shapes(shapes)
        self.inputs = inputs
        self.options = {**options, "wrt": wrt}
        self.weights = weights
        self.run = staged(source, inputs=inputs, shapes=self.shapes, options=self.options)
        self.notes: list[str] = []
        if not self.run.program:
            raise GradcliError(
                "no-grad",
                "there is no root to differentiate: the last statement has no value",
                hint="name one with --root, or end the program with the expression",
            )
        if not self.run.targets:
            raise GradcliError("no-grad", "the program has no name to differentiate with respect to")

    # ---- what can be asked for ----

    def unsimplified(self, line: Line) -> Line:
        """A first derivative as the tape has it."""
        label = line.name
        if (
            not isinstance(label, Label)
            or label.kind
            or len(label.wrt) != 1
            or label.wrt[0] not in self.run.targets
        ):
            raise GradcliError("bad-argument", f"no formula was found that computes {label}")
        target = self.run.targets[label.wrt[0]]
        (node,) = self._reverse_nodes(self._root(), [target])
        return Line(label, Plain(self.run.recording).of(_or_zero(node, target)))

    def gradients(self, order: int) -> list[Line]:
        """The derivative of that order with respect to each name."""
        if (
            self.options["wrt"] is None
        ):  # an input that only indexes, or whose dims alone count, has no gradient
            found = self._reverse_nodes(self._root(), list(self.run.targets.values()))
            kept = [name for name, node in zip(self.run.targets, found, strict=True) if node is not None]
            self.run.targets = {name: self.run.targets[name] for name in kept}
        return [self._repeated([name] * order) for name in self.run.targets]

    def partial(self, wrt: list[str]) -> Line:
        """A mixed derivative."""
        if not wrt:
            raise GradcliError("bad-argument", "a partial derivative names at least one variable")
        return self._repeated(wrt)

    def _repeated(self, wrt: list[str]) -> Line:
        run = self.run
        root = self._root()
        tree: Expr | None = None
        for name in wrt:
            target = run.targets[name] if name in run.targets else run.target(name)
            if tree is not None:
                root = self._again(tree)
                target = self.run.targets[name]
            (gradient,) = self._reverse(root, [target])
            tree = self.run.recording.read(gradient)
        self.run = run
        assert tree is not None
        return Line(Label(self._name(), tuple(wrt)), tree)

    def _again(self, tree: Expr) -> Node:
        """A formula as a program of its own, so that the next order starts from what was simplified."""
        from gradcli.formula.printers.gradcli import expression

        text = expression(tree)
        inner = staged(
            f"sum({text})" if tree.shape else text,
            inputs={},
            shapes=_given_shapes(self.run),
            options={"wrt": None, "unused_inputs": True},
            sizes=self.shapes.sizes,
        )
        missing = [name for name in self.run.targets if name not in inner.targets]
        for name in missing:
            value = self.run.targets[name]
            inner.targets[name] = value
        self.run = inner
        (value,) = inner.program.values()
        return value.node

    def hessian(self) -> list[Line]:
        """A line for each pair of names."""
        return self._matrices(self._reverse_nodes(self._root(), list(self.run.targets.values())), 2)

    def jacobian(self) -> list[Line]:
        """A line for each root and name."""
        return self._matrices([value.node for value in self.run.program.values()], 1)

    def _matrices(self, sources: list[Node | None], order: int) -> list[Line]:
        run, lines = self.run, []
        labels = list(run.targets) if order == 2 else list(run.program)
        for name, node in zip(labels, sources, strict=True):
            for other, target in run.targets.items():
                shape = node.shape if node is not None else ()
                if node is None or not node.requires_grad:
                    value = Sum({}, (*(run.targets[name].shape if order == 2 else shape), *target.shape))
                else:
                    direction = self._direction(BLOCK, node)
                    spread = reduce_sum(mul(node, direction), attrs=(tuple(range(-node.ndim, 0)),))
                    product = run.recording.of(_or_zero(self._reverse_nodes(spread, [target])[0], target))
                    tree = symbol(BLOCK, node.shape)
                    value = linear.matrix(run.recording.reader, product, tree)
                label = Label(self._name(), (name, other)) if order == 2 else Label(name, (other,))
                lines.append(Line(label, run.recording.read(value)))
        return lines

    def _direction(self, name: str, like: Node) -> Node:
        import numpy as np

        tensor = self.run.session.leaf(np.zeros(like.shape, like.dtype))
        self.run.recording.names = {**self.run.recording.names, tensor.node: name}
        return tensor.node

    def along(self, hvp: str | None, jvp: str | None) -> list[Line]:
        """The Hessian, or the Jacobian, times a direction with a name."""
        from gradcli.tape.forward import forward

        run = self.run
        name = hvp if hvp is not None else jvp
        assert name is not None
        tangents = {}
        for each, target in run.targets.items():
            own = name if len(run.targets) == 1 else f"{name}_{each}"
            tangents[target.node] = self._direction(own, target.node)
            self.directions[own] = each
        if jvp is not None:
            nodes = forward([value.node for value in run.program.values()], tangents)
            return [
                Line(Label(root, (name,), "jvp"), run.recording.read(run.recording.of(node)))
                for root, node in zip(run.program, nodes, strict=True)
            ]
        gradients = self._reverse_nodes(self._root(), list(run.targets.values()))
        lines = []
        for each, gradient in zip(run.targets, gradients, strict=True):
            if gradient is None:
                continue
            (moved,) = forward([gradient], tangents)
            label = Label(self._name(), (each, name), "hvp")
            lines.append(Line(label, run.recording.read(run.recording.of(moved))))
        return lines

    # ---- differentiating ----

    def _name(self) -> str:
        return ", ".join(self.run.program)

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
                weight = self._weight(root)
                node = mul(node, weight)
            if node.shape:
                node = reduce_sum(node, attrs=(tuple(range(-node.ndim, 0)),))
            total = node if total is None else total + node
        assert isinstance(total, Node)
        return total

    def _weight(self, root: Tensor) -> Node:
        given = self.weights
        if isinstance(given, (list, tuple)):
            (given,) = given
        if isinstance(given, str) and given.isidentifier() and given != "ones":
            return self._direction(given, root.node)
        (weight,) = self.run.outside.weights([given], [root])
        assert weight is not None
        return weight.node

    def _reverse_nodes(self, root: Node, targets: list[Tensor]) -> list[Node | None]:
        from gradcli.tape.reverse import ones_like, reverse

        return reverse([root], [ones_like(root)], [each.node for each in targets])

    def _reverse(self, root: Node, targets: list[Tensor]) -> list[Sum]:
        found = self._reverse_nodes(root, targets)
        return [
            Sum({}, target.shape) if node is None else self.run.recording.of(node).shaped(target.shape)
            for node, target in zip(found, targets, strict=True)
        ]

    # ---- the result ----

    def proved(self, lines: list[Line], expand: bool, question: dict[str, Any]) -> Derivative:
        """The formula, once it has been found to compute what `eval` does."""
        run = self.run
        inputs = {name: node.shape for node, name in run.recording.names.items() if name != BLOCK}
        own: dict[Expr, str] = {}
        for name, value in run.runtime.names.items():
            if type(value) is Tensor and value.node in run.recording.sums:
                known = run.recording.sums[value.node]
                if isinstance(known, Sum):
                    own.setdefault(run.recording.read(known), name)
        used = tuple(lines) if expand else named(lines, own, set(inputs) | set(self.shapes.sizes))
        sizes = {size: name for name, size in self.shapes.sizes.items()}
        formula = Formula(used, inputs, sizes)
        free = {name: shape for name, shape in inputs.items() if name in run.free or name in self.directions}
        kinds = {line.name.kind for line in lines if isinstance(line.name, Label) and line.name.kind}
        question.update(dict.fromkeys(kinds, self.directions))
        fixed = {name: node.value for node, name in run.recording.names.items() if node.value is not None}
        proof = Proof(self.source, self.shapes, self.inputs, self.options, question, fixed, run.decides)
        if run.decides:
            where = ", ".join(f"{name} = {STAND_IN}" for name in run.free) or "the values given"
            self.notes.append(f"the program decides by its data: this is the path that it takes at {where}")
        named_weights = isinstance(self.weights, str) and "weights" not in question
        wrong = set() if named_weights else proof.wrong(formula, free)
        if wrong and not self.plain:
            plain = Asked(*self.arguments, plain=True)
            lines = [plain.unsimplified(line) if line.name.text in wrong else line for line in lines]  # type: ignore[union-attr]
            used = tuple(lines) if expand else named(lines, {}, set(inputs) | set(self.shapes.sizes))
            formula = Formula(used, inputs, sizes)
            still = proof.wrong(formula, free)
            for label in sorted(still):
                raise GradcliError("bad-argument", f"no formula was found that computes {label}")
            self.notes.append(f"{', '.join(sorted(wrong))}: not simplified, since what was found differs")
        return Derivative(formula, tuple(self.notes), self.source)


def _or_zero(node: Node | None, like: Tensor) -> Node:
    return zeros_of(like.node) if node is None else node


def _given_shapes(run: Staged) -> Shapes:
    shapes = Shapes({})
    for node, name in run.recording.names.items():
        shapes.declared[name] = node.shape
    shapes.sizes = run.shapes.sizes
    return shapes
