"""What `evaluate` does once the text is a program: runs it, picks the roots, differentiates.

Which backward runs, with respect to what, and what is reported are decided here, by the rules of the design;
the derivatives beyond the first are `gradcli.derivatives.higher`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.errors import GradcliError, suggestion
from gradcli.evaluation.outside import Outside, default_dtype, names
from gradcli.evaluation.result import Arrays, Evaluation, NodeInfo, lines, owned
from gradcli.interpreter import interpreter
from gradcli.limits import Limits, rare_collection, room_to_nest
from gradcli.syntax import tree
from gradcli.syntax.names import normal_name
from gradcli.syntax.survey import Survey
from gradcli.tape import context
from gradcli.values.conversions import elements
from gradcli.values.formatting import type_name
from gradcli.values.runtime import Runtime, call_chain

if TYPE_CHECKING:
    from gradcli.autograd.anomaly import Detector
    from gradcli.derivatives.higher import Wanted

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)


class Evaluator:
    """One evaluation; the arguments are those of `gradcli.evaluate`."""

    def __init__(
        self,
        source: str,
        *,
        inputs: Mapping[str, Any] | None,
        wrt: Sequence[str] | None,
        roots: Sequence[str] | None,
        weights: Any,
        retain_graph: bool | None,
        create_graph: bool,
        passes: int,
        zero_grad: bool,
        retain_grad: Sequence[str],
        freeze: Sequence[str],
        order: int | None,
        partials: Sequence[Sequence[str]] | None,
        hessian: bool,
        jacobian: bool,
        hvp: Any,
        jvp: Any,
        mode: str,
        sparse: bool,
        dtype: Any,
        seed: int,
        detect_anomaly: bool,
        max_memory: int,
        max_seconds: float,
        max_steps: int,
        threads: int | None,
        write: Callable[[str], None] | None,
        unused_inputs: bool,
    ) -> None:
        self.source = source
        self.inputs = {normal_name(name): value for name, value in inputs.items()} if inputs else {}
        self.wrt = None if wrt is None else list(dict.fromkeys(names(wrt)))
        self.roots = None if roots is None else names(roots)
        self.weights = weights
        self.retain_graph = retain_graph
        self.create_graph = create_graph
        self.passes = passes
        self.zero_grad = zero_grad
        self.retain_grad = names(retain_grad)
        self.freeze = names(freeze)
        self.higher = self._higher(order, partials, hessian, jacobian, hvp, jvp, mode, sparse)
        self.dtype = None if dtype is None else default_dtype(dtype)
        self.detect_anomaly = detect_anomaly
        self.unused_inputs = unused_inputs
        if passes < 1:
            raise GradcliError("bad-argument", f"passes is at least 1, not {passes}")
        surroundings = context.Context(seed=seed, max_memory=max_memory or None)
        self.session = Session(surroundings)
        self.limits = Limits(max_steps, max_seconds, surroundings.ledger)
        surroundings.on_time = self.limits.on_time if max_seconds else None
        self.runtime = Runtime(source, self.session, self.limits, write=write)
        self.outside = Outside(self.runtime)
        self.runtime.wanted = frozenset((*(self.wrt or ()), *(self.higher.names() if self.higher else ())))
        self.runtime.frozen = frozenset(self.freeze)
        self.runtime.retained = frozenset(self.retain_grad)
        self._named: dict[str, Any] = {}  # what is reported

    @staticmethod
    def _higher(*asked: Any) -> Wanted | None:
        """The derivatives beyond the gradient that are asked for, or None: most programs want none."""
        if all(each is None or each is False for each in asked[:6]):
            return None
        from gradcli.derivatives.higher import Wanted

        wanted = Wanted(*asked)
        return wanted if wanted else None

    def run(self, module: tree.Module) -> Evaluation:
        """Runs the program and differentiates it.

        Raises:
            GradcliError: whatever goes wrong, with its place.
        """
        token = context.enter(self.session.context)
        try:
            # inf and nan are answers here; NumPy would warn of them on standard error.
            with rare_collection(self.source), room_to_nest(), self.limits, np.errstate(all="ignore"):
                return self._run(module)
        except GradcliError as error:
            error.notes = call_chain(error.notes)
            error.locate(self.source)
            raise
        except RecursionError:
            raise self._limit("the program nests too deep") from None
        except MemoryError:
            raise self._limit("there is not enough memory for this program") from None
        finally:
            self.session.context.on_time = None  # a value that is asked for later takes its own time
            context.leave(token)

    def _limit(self, message: str) -> GradcliError:
        error = GradcliError("limit", message, span=self.session.span)
        error.locate(self.source)
        return error

    def _run(self, module: tree.Module) -> Evaluation:
        survey = Survey(module.body)
        runtime = self.runtime
        self.session.context.default_dtype = self.dtype or (FLOAT32 if survey.torch else FLOAT64)
        if self.inputs:
            runtime.inputs = {name: self.outside.given(value, name) for name, value in self.inputs.items()}
        detector = self._detector() if self.detect_anomaly else None
        outcome = interpreter.run(module, runtime, survey, self.unused_inputs)
        for name in (*self.freeze, *self.retain_grad):
            self._known(name, outcome)
        self.session.span = None
        roots = self._roots(outcome)
        result = self._evaluation(outcome, roots)
        if detector is not None:
            named = (*runtime.names.values(), *roots.values())
            detector.forward([each for each in named if type(each) is Tensor])
        if not self._differentiates(roots):
            self._compute([each for each in roots.values() if type(each) is Tensor])
            result.grads = self._reported() if runtime.own_backward and self.wrt != [] else {}
            return result
        self._differentiate(result, roots)
        return result

    def _detector(self) -> Detector:
        from gradcli.autograd.anomaly import Detector

        detector = Detector(self.session, self.source)
        self.runtime.before_backward = detector.backward
        return detector

    # ---- roots ------------------------------------------------------------------------------

    def _roots(self, outcome: interpreter.Outcome) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.roots is not None:
            if len(set(self.roots)) < len(self.roots):
                raise GradcliError("bad-argument", f"a root is named twice: {', '.join(self.roots)}")
            for name in self.roots:
                value = self._known(name, outcome)
                tensors = _tensors_of(name, value)
                if not tensors:
                    raise GradcliError(
                        "no-grad", f"{name} is of type {type_name(value)}, and only tensors have gradients"
                    )
                found.update(tensors)
            return found
        if self.runtime.own_backward:
            return {}
        for name, value in outcome.roots.items():
            found.update(_tensors_of(name, value))
        return found

    def _known(self, name: str, outcome: interpreter.Outcome) -> Any:
        """The value of a name that the caller gave."""
        if name in self.runtime.names:
            return self.runtime.names[name]
        if name in self.runtime.leaves:
            return self.runtime.leaves[name]
        if name in outcome.roots:
            return outcome.roots[name]
        raise GradcliError(
            "unknown-name",
            f"the program has no name {name}",
            hint=suggestion(name, [*self.runtime.names, *outcome.roots]),
        )

    def _differentiates(self, roots: dict[str, Any]) -> bool:
        """Whether a backward is to run."""
        if self.wrt == []:
            return False
        for name in self.wrt or ():
            self._target(name)
        higher = self.higher is not None
        asked = higher or self.roots is not None or self.wrt is not None or self.weights is not None
        if not roots:
            if asked and (higher or not self.runtime.own_backward):
                why = (
                    "the program calls backward itself"
                    if self.runtime.own_backward
                    else "the last statement has no value"
                )
                raise GradcliError(
                    "no-grad",
                    f"there is no root to differentiate: {why}",
                    hint="name one with --root, or end the program with the expression",
                )
            return False
        if asked:
            return True
        tensors = (*self.runtime.leaves.values(), *roots.values())
        return any(type(each) is Tensor and each.requires_grad for each in tensors)

    # ---- what is reported -------------------------------------------------------------------

    def _evaluation(self, outcome: interpreter.Outcome, roots: dict[str, Any]) -> Evaluation:
        runtime = self.runtime
        named: dict[str, Any] = {
            name: value
            for name, value in runtime.names.items()
            if type(value) is Tensor or type(value) in (int, float, bool)
        }
        for name, value in outcome.roots.items():
            if type(value) is Tensor or type(value) in (int, float, bool):
                named.setdefault(name, value)
            elif isinstance(value, (list, tuple)) and name not in runtime.names:
                named.update({f"{name}[{at}]": each for at, each in enumerate(value) if type(each) is Tensor})
        for name, value in roots.items():
            if type(value) is Tensor:
                named.setdefault(name, value)  # one of a named list
        self._named = named
        return Evaluation(
            values=Arrays(named, self.session, self.source),
            grads={},
            nodes={name: NodeInfo.of(value) for name, value in named.items() if type(value) is Tensor},
            roots=tuple(roots),
            printed=lines(runtime.printed),
            text=self.source,
            weighted=self.weights is not None,
            own_backward=runtime.own_backward,
            unused_inputs=outcome.unused_inputs,
        )

    def _reported(self) -> dict[str, Any]:
        """The gradients that the program's own backward left."""
        found: dict[str, Any] = {}
        tensors = {
            **self._leaves(),
            **{name: self._target(name) for name in self.wrt or ()},
            **self._retained(),
        }
        for name, tensor in tensors.items():
            if self.wrt and name not in self.wrt and name not in self.retain_grad:
                continue
            gradient = tensor.grad
            if gradient is not None:
                found[name] = self.session.numpy(gradient)
            elif name in (self.wrt or ()):
                found[name] = np.zeros(tensor.shape, tensor.dtype)
        return self._owned(found)

    def _leaves(self) -> dict[str, Tensor]:
        """The leaves that require grad by name, also those that only stand in a list: `params[0]`."""
        found = {name: leaf for name, leaf in self.runtime.leaves.items() if leaf.requires_grad}
        for name, value in self.runtime.names.items():
            if isinstance(value, (list, tuple)) and len(value) <= 1000:
                for at, each in enumerate(value):
                    leaf = type(each) is Tensor and each.requires_grad and each.is_leaf
                    if leaf and id(each) not in self.runtime.leaf_names:
                        found[f"{name}[{at}]"] = each
        return found

    # ---- differentiating --------------------------------------------------------------------

    def _target(self, name: str) -> Tensor:
        """A name of `wrt` as a tensor that requires grad."""
        runtime = self.runtime
        value = runtime.leaves.get(name, runtime.names.get(name))
        if value is None and name not in runtime.names:
            known = [*runtime.leaves, *runtime.names]
            raise GradcliError(
                "unknown-name", f"the program has no name {name}", hint=suggestion(name, known)
            )
        if type(value) is not Tensor:
            raise GradcliError(
                "no-grad",
                f"{name} is no tensor, so nothing can be differentiated with respect to it",
                hint=f"write {name} = tensor(…)",
            )
        if name in self.freeze:
            raise GradcliError(
                "no-grad", f"{name} is frozen, so it has no gradient", hint="leave it out of --freeze"
            )
        if not value.requires_grad:
            self.session.set_requires_grad(value, True)
        return value

    def _differentiate(self, result: Evaluation, named: dict[str, Any]) -> None:
        session = self.session
        roots = [value if type(value) is Tensor else session.tensor(value) for value in named.values()]
        self._require_grad(named, roots)
        for tensor in self._retained().values():
            if not tensor.is_leaf:
                session.retain_grad(tensor)
        wrt = self._leaves() if self.wrt is None else {name: self._target(name) for name in self.wrt}
        weights = self.outside.weights(self.weights, roots)
        gradient_wanted = True
        if self.higher is not None:
            from gradcli.derivatives.higher import Higher, derivatives

            by_name = dict(zip(named, roots, strict=True))
            whole = self.higher.jacobian or self.higher.jvp is not None
            gradient_wanted = not whole or all(
                elements(each) == 1 or weight is not None for each, weight in zip(roots, weights, strict=True)
            )
            for name, found in derivatives(
                Higher(session, by_name, weights, wrt, self._target),
                self.higher,
                lambda value, like: self.outside.tensor(value, "a direction", like),
            ):
                setattr(result, name, found)
            blocks = (*(result.hessian or {}).values(), *(result.jacobian or {}).values())
            for found in (result.partials, result.hvp, result.jvp, *(() if self.higher.sparse else blocks)):
                self._owned(found or {})
            for name, orders in (result.orders or {}).items():
                orders[:] = self._owned({f"{name}{at}": each for at, each in enumerate(orders)}).values()
        if not gradient_wanted:
            result.grads = None
            return
        try:
            if self.runtime.before_backward is not None:
                self.runtime.before_backward(roots, weights)
            self._backward(roots, weights, wrt)
        except GradcliError as error:
            self._blame(error, roots)
            raise
        self._compute(roots)
        result.grads = self._gradients(wrt)

    def _compute(self, roots: list[Tensor]) -> None:
        try:
            self.session.compute(roots)
        except GradcliError as error:
            self._blame(error, roots)
            raise

    def _blame(self, error: GradcliError, roots: list[Tensor]) -> None:
        """Lets an error that has no place point at the root."""
        call = roots[0].node.call
        error.span = error.span or (call.span if call is not None else None)

    def _require_grad(self, named: dict[str, Any], roots: list[Tensor]) -> None:
        for name, root in zip(named, roots, strict=True):
            if not root.requires_grad:
                raise GradcliError(
                    "no-grad",
                    "element 0 of tensors does not require grad and does not have a grad_fn",
                    hint=f"{name} depends on no leaf that requires grad: make one with param(…), "
                    "set one from outside (--set), or name it with --wrt",
                )

    def _backward(self, roots: list[Tensor], weights: list[Tensor | None], wrt: dict[str, Tensor]) -> None:
        session = self.session
        accumulating = [*wrt.values(), *self._retained().values()]
        inputs = None if self.wrt is None else list({id(each.node): each for each in accumulating}.values())
        for number in range(self.passes):
            if self.zero_grad and number:
                for each in accumulating:
                    each.grad = None
            session.backward(
                roots,
                weights,
                retain_graph=self.retain_graph,
                create_graph=self.create_graph,
                inputs=inputs,
                final=number == self.passes - 1,
            )

    def _gradients(self, wrt: dict[str, Tensor]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, tensor in wrt.items():
            gradient = tensor.grad
            if gradient is not None:
                found[name] = self.session.numpy(gradient)
            elif self.wrt is not None:
                found[name] = np.zeros(tensor.shape, tensor.dtype)
        for name, tensor in self._retained().items():
            if tensor.grad is not None:
                found[name] = self.session.numpy(tensor.grad)
        return self._owned(found)

    def _owned(self, gradients: dict[str, Any]) -> dict[str, Any]:
        weights = self.weights
        given = weights if isinstance(weights, (list, tuple)) else (weights,)
        return owned(gradients, (*self.inputs.values(), *given), self._named.values())

    def _retained(self) -> dict[str, Tensor]:
        """The names whose gradients are to be kept, where they have any."""
        if not self.retain_grad:
            return {}
        values = {name: self.runtime.names.get(name) for name in self.retain_grad}
        return {name: each for name, each in values.items() if type(each) is Tensor and each.requires_grad}


def _tensors_of(name: str, value: Any) -> dict[str, Any]:
    """What can be a root: a tensor or a number under its name, the tensors of a list by index."""
    if type(value) is Tensor or type(value) in (int, float, bool):
        return {name: value}
    if isinstance(value, (list, tuple)) and all(type(each) is Tensor for each in value):
        return {f"{name}[{at}]": each for at, each in enumerate(value)}
    return {}
