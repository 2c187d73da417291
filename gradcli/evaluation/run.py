"""One run of a program, up to where a backward would begin: `run(module, options, runtime)` gives a `Ran`.

Which roots there are, whether they are differentiated and with respect to what is decided here, by the rules
of the design. `gradcli.evaluation.differentiate` goes on from there, and so do compiled programs, the checks
and every command that reads the tape of a run:

    runtime = begun(source, options)
    with at_work(runtime):
        ran = run(parse(source), options, runtime)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.derivatives.aim import Aim
from gradcli.derivatives.kinds import asked
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.evaluation.outside import Outside, default_dtype, names
from gradcli.evaluation.result import NodeInfo
from gradcli.evaluation.roots import assigned_last, entries, is_called, is_plain, roots_of
from gradcli.interpreter import interpreter
from gradcli.limits import Limits
from gradcli.process import rare_collection, room_to_nest
from gradcli.syntax import tree
from gradcli.syntax.names import normal_name
from gradcli.syntax.survey import Survey
from gradcli.tape import context
from gradcli.tape.node import FLOATS
from gradcli.values.formatting import show, type_name
from gradcli.values.runtime import Runtime, call_chain
from gradcli.values.values import NUMBERS, Array, unwrapped

if TYPE_CHECKING:
    from gradcli.autograd.anomaly import Detector
    from gradcli.evaluation.options import Options

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)


def bounds(options: Options) -> tuple[Limits, context.Context]:
    """What one run may take, and the surroundings that its operations read."""
    surroundings = context.Context(
        seed=options.seed, max_memory=options.max_memory or None, threads=options.threads
    )
    limits = Limits(options.max_steps, options.max_seconds, surroundings.ledger)
    surroundings.on_time = limits.on_time if options.max_seconds else None
    return limits, surroundings


def begun(source: str, options: Options, kind: type[Session] = Session) -> Runtime:
    """A runtime for one run of the program with this text, with a session of its own, of that kind."""
    limits, surroundings = bounds(options)
    session = kind(surroundings)
    session.type_name = type_name
    return Runtime(source, session, limits, write=options.write)


@contextmanager
def at_work(runtime: Runtime) -> Iterator[None]:
    """In its body a program is run and differentiated; whatever goes wrong there leaves with its place.

    Raises:
        GradcliError: whatever goes wrong.
    """
    surroundings = runtime.session.context
    token = context.enter(surroundings)
    try:
        # inf and nan are answers here; NumPy would warn of them on standard error.
        with rare_collection(runtime.text), room_to_nest(), runtime.limits, np.errstate(all="ignore"):
            yield
    except GradcliError as error:
        error.notes = call_chain(error.notes)
        error.locate(runtime.text)
        raise
    except RecursionError:
        raise _limit(runtime, "the program nests too deep") from None
    except MemoryError:
        raise _limit(runtime, "there is not enough memory for this program") from None
    finally:
        surroundings.on_time = None  # a value that is asked for later takes its own time
        context.leave(token)


def _limit(runtime: Runtime, message: str) -> GradcliError:
    error = GradcliError("limit", message, span=runtime.session.span)
    error.locate(runtime.text)
    return error


def _unknown(name: str, known: Collection[str]) -> GradcliError:
    from gradcli.library.namespaces import CONSTANTS

    hint = suggestion(name, known)
    if name in CONSTANTS:
        hint = f"{name} is {CONSTANTS[name]:.4g} until it is set: --set {name}=…"
    return GradcliError("unknown-name", f"the program has no name {name}", hint=hint)


def _target(runtime: Runtime, frozen: Collection[str], name: str) -> Tensor:
    value = runtime.leaves.get(name, runtime.names.get(name))
    if value is None and name not in runtime.names:
        raise _unknown(name, [*runtime.leaves, *runtime.names])
    if type(value) is not Tensor:
        raise GradcliError(
            "no-grad",
            f"{name} is no tensor, so nothing can be differentiated with respect to it",
            hint=f"write {name} = tensor(…)",
        )
    if name in frozen:
        raise GradcliError(
            "no-grad", f"{name} is frozen, so it has no gradient", hint="leave it out of --freeze"
        )
    if not value.requires_grad:
        runtime.session.set_requires_grad(value, True)
    return value


def run(module: tree.Module, options: Options, runtime: Runtime) -> Ran:
    """Runs a program, and differentiates nothing.

    Raises:
        GradcliError: whatever goes wrong.
    """
    return Ran(module, options, runtime)


class Ran:
    """A program that has run.

    Attributes:
        options: what was asked for.
        kinds: which derivatives beyond the gradient.
        runtime, session: those of the run: its variables, its leaves, its tape.
        looks: how often it looked at a value.
        roots: what would be differentiated, a tensor or a number, by name.
        rebound: the names of leaves that are something else by the end.
        named: the tensors and numbers that are reported, by name.
        nodes: what was known of each of those tensors when the program ended.
        last: the value of the last statement, by name.
        unused_inputs: names given from outside that the program doesn't have.
    """

    def __init__(self, module: tree.Module, options: Options, runtime: Runtime) -> None:
        self.options = options
        self.runtime = runtime
        self.session = runtime.session
        self.outside = Outside(runtime)
        self.wrt = None if options.wrt is None else list(dict.fromkeys(names(options.wrt)))
        self.retain_grad = names(options.retain_grad)
        self.freeze = names(options.freeze)
        self.kinds = asked(options)
        dtype = None if options.dtype is None else default_dtype(options.dtype)
        if options.order is not None and options.order < 1:
            message = f"the order of a derivative is at least 1, not {options.order}"
            raise GradcliError("bad-argument", message)
        if options.passes < 1:
            raise GradcliError("bad-argument", f"passes is at least 1, not {options.passes}")
        runtime.wanted = frozenset(self.wrt or ()).union(
            *[kind.names(getattr(options, kind.option)) for kind in self.kinds]
        )
        runtime.frozen = frozenset(self.freeze)
        runtime.retained = frozenset(self.retain_grad)
        before = engine.demands()
        survey = Survey(module.body)
        self.session.context.default_dtype = dtype or (FLOAT32 if survey.torch else FLOAT64)
        if options.inputs:
            inputs = {normal_name(name): value for name, value in options.inputs.items()}
            runtime.inputs = {name: self.outside.given(value, name) for name, value in inputs.items()}
        detector = self._detector() if options.detect_anomaly else None
        self.module = module
        self.last = interpreter.run(module, runtime, survey, options.unused_inputs)
        self.unused_inputs = runtime.unused_inputs
        self.rebound = self._rebound()
        for name in (*self.freeze, *self.retain_grad):
            self.known(name)
        self.session.span = None
        self.roots = {self.called(name): value for name, value in self._roots().items()}
        self.named = self._named()
        self.nodes = {name: NodeInfo.of(value) for name, value in self.named.items() if type(value) is Tensor}
        if detector is not None:
            computed = (*runtime.names.values(), *self.roots.values())
            detector.forward([each for each in computed if type(each) is Tensor])
        self.looks = engine.demands() - before

    @property
    def looked(self) -> bool:
        """Whether it looked at a value, so that it may do something else with other inputs."""
        return self.looks > 0

    def _detector(self) -> Detector:
        from gradcli.autograd.anomaly import Detector

        detector = Detector(self.session, self.runtime.text)
        self.runtime.before_backward = detector.backward
        return detector

    # ---- roots ------------------------------------------------------------------------------

    def _roots(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.options.roots is not None:
            asked = names(self.options.roots)
            if len(set(asked)) < len(asked):
                raise GradcliError("bad-argument", f"a root is named twice: {', '.join(asked)}")
            for name in asked:
                value = self.known(name)
                tensors = {
                    label: each
                    for label, each in entries(name, value)
                    if type(each) is Tensor or type(each) in NUMBERS
                }
                if not tensors:
                    raise GradcliError(
                        "no-grad", f"{name} is of type {type_name(value)}, and only tensors have gradients"
                    )
                found.update(tensors)
            return found
        if self.runtime.own_backward:
            return {}
        if self.last or self.runtime.torch:
            return roots_of(self.last)
        return assigned_last(self.module.body, self.runtime)

    def _rebound(self) -> tuple[str, ...]:
        """The names of leaves that are something else by the end of the program."""
        current = self.runtime.names
        return tuple(
            [
                name
                for name, leaf in self.runtime.leaves.items()
                if current.get(name) is not leaf and leaf.requires_grad and name in current
            ]
        )

    def called(self, name: str) -> str:
        """What a name of the program is called as it is at the end: `x'` where x is the leaf that it was."""
        return f"{name}'" if name in self.rebound else name

    def known(self, name: str) -> Any:
        """The value of a name that the caller gave."""
        name = name.removesuffix("'") if name.removesuffix("'") in self.rebound else name
        if name in self.runtime.names:
            return self.runtime.names[name]
        if name in self.runtime.leaves:
            return self.runtime.leaves[name]
        if name in self.last:
            return self.last[name]
        raise _unknown(name, [*self.runtime.names, *self.last])

    def _named(self) -> dict[str, Any]:
        """What is reported: the variables, and what the last statement gave, if it has no name."""
        runtime = self.runtime
        named: dict[str, Any] = {
            name: unwrapped(value)
            for name, value in runtime.names.items()
            if type(value) is Tensor or type(value) in NUMBERS or type(value) is Array
        }
        for name, value in self.last.items():
            for label, each in entries(name, unwrapped(value)):
                each = unwrapped(each)
                nothing = each is None and label != name  # an entry of a list, which is there
                if type(each) is not Tensor and type(each) not in NUMBERS:
                    each = _shown(runtime, each)
                if each is not None or nothing:
                    named.setdefault(label, each)
        if self.rebound:
            named = dict(self._twice(named))
        for name, value in self.roots.items():
            if type(value) is Tensor:
                named.setdefault(name, value)  # one of a named list
        return named

    def _twice(self, named: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """A name that is no leaf any more twice: as the leaf, and as what it is at the end."""
        for name in self.rebound:
            yield name, self.runtime.leaves[name]
        for name, value in named.items():
            yield self.called(name), value

    # ---- what is differentiated -------------------------------------------------------------

    @cached_property
    def aim(self) -> Aim | None:
        """What a backward goes from and to; None where none is to run.

        Raises:
            GradcliError: for what was asked and cannot be.
        """
        if not self._differentiates():
            return None
        session = self.session
        roots = {
            name: value if type(value) is Tensor else session.tensor(value)
            for name, value in self.roots.items()
        }
        self._require_grad(roots)
        wrt = self.leaves() if self.wrt is None else {name: self.target(name) for name in self.wrt}
        weights = self.outside.weights(self.options.weights, list(roots.values()))
        return Aim(session, roots, weights, wrt, partial(_target, self.runtime, self.freeze))

    def _differentiates(self) -> bool:
        """Whether a backward is to run."""
        if self.wrt == []:
            return False
        for name in self.wrt or ():
            self.target(name)
        options = self.options
        asked = self.kinds or self.wrt is not None or bool(options.roots) or options.weights is not None
        if not self.roots:
            if asked and (self.kinds or not self.runtime.own_backward):
                raise self.rootless()
            return False
        if asked:
            return True
        if not any(map(_differentiable, self.roots.values())):
            return False
        tensors = (*self.runtime.leaves.values(), *self.roots.values())
        return any(type(each) is Tensor and each.requires_grad for each in tensors)

    def rootless(self) -> GradcliError:
        """The error for a program that has no root, with the reason."""
        hint = "name one with --root, or end the program with the expression"
        if self.runtime.own_backward:
            why = "the program calls backward itself, by .backward(), grad or f'"
            for name, value in self.last.items():
                if type(value) is Tensor and value.requires_grad:
                    hint = f"--root {name} differentiates {name}"
        elif self.last:
            why = "nothing that the last statement gives has a gradient"
        else:
            why = "the last statement has no value"
        return GradcliError("no-grad", f"there is no root to differentiate: {why}", hint=hint)

    def leaves(self) -> dict[str, Tensor]:
        """The leaves that require grad by name, also those that only stand in a list: `params[0]`."""
        found = {name: leaf for name, leaf in self.runtime.leaves.items() if leaf.requires_grad}
        for name, value in self.runtime.names.items():
            if isinstance(value, (list, tuple)) and len(value) <= 1000:
                for at, each in enumerate(value):
                    leaf = type(each) is Tensor and each.requires_grad and each.is_leaf
                    if leaf and id(each) not in self.runtime.leaf_names:
                        found[f"{name}[{at}]"] = each
        return found

    def target(self, name: str) -> Tensor:
        """A name of `wrt` as a tensor that requires grad."""
        return _target(self.runtime, self.freeze, name)

    def _require_grad(self, roots: dict[str, Tensor]) -> None:
        for name, root in roots.items():
            if not root.requires_grad:
                if root.dtype in FLOATS:
                    hint = (
                        f"{name} depends on no leaf that requires grad: make one with param(…), "
                        "set one from outside (--set), or name it with --wrt"
                    )
                else:
                    hint = f"{name} is of dtype {root.dtype}, which has no derivatives; print it to see it"
                raise GradcliError(
                    "no-grad",
                    "element 0 of tensors does not require grad and does not have a grad_fn",
                    hint=hint,
                )

    def retained(self) -> dict[str, Tensor]:
        """The names whose gradients are to be kept, where they have any."""
        if not self.retain_grad:
            return {}
        values = {name: self.runtime.names.get(name) for name in self.retain_grad}
        return {name: each for name, each in values.items() if type(each) is Tensor and each.requires_grad}


def _differentiable(value: Any) -> bool:
    """Whether a root is of a kind that can have derivatives: no truth value, and no whole number."""
    return value.dtype in FLOATS if type(value) is Tensor else type(value) is float


def _shown(runtime: Runtime, value: Any) -> Any:
    """A result that is neither tensor nor number: a list of numbers, a text; None for what has no picture."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return list(value) if is_plain(value) or not value else show(runtime, value)
    if is_called(value):
        return None
    try:
        return show(runtime, value)
    except GradcliError:  # by a method of its own, which fails
        return None
