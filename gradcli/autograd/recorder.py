"""Recording: values become tensors, calls of functions become nodes, and values are computed on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.labels import AGAIN, LABELS, OPERATOR_NAMES, OPERATORS, row
from gradcli.autograd.tensor import BARRED, Barred, Base, Storage, Tensor, View, dangling
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, failure
from gradcli.tape import context
from gradcli.tape.node import (
    FLOAT64,
    FLOATS,
    LARGE,
    LEAF,
    Accumulator,
    Node,
    RecordedCall,
    Version,
    leaf,
    stamp,
)
from gradcli.tape.primitives import as_node, reshape
from gradcli.tape.promote import number_dtype, torch_name
from gradcli.tape.views import path_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from weakref import WeakKeyDictionary, WeakSet

    from gradcli.autograd.operated import Operated
    from gradcli.autograd.repeated_walks import RepeatedWalks
    from gradcli.errors import Span
    from gradcli.ops.refusals import Refusal
    from gradcli.ops.rows import Function
    from gradcli.ops.saved import SavedBy
    from gradcli.tape.node import Callee
    from gradcli.tape.views import Path

INT_REQUIRES_GRAD = "only Tensors of floating point and complex dtype can require gradients"

VIEWS = frozenset(
    (
        *("view", "view_as", "reshape", "flatten", "unflatten", "ravel", "squeeze", "unsqueeze"),
        *("transpose", "swapaxes", "swapdims", "t", "T", "mT", "mH", "adjoint", "permute", "movedim"),
        *("moveaxis", "reshape_as", "expand", "expand_as", "broadcast_to"),
        *("split", "split_with_sizes", "chunk", "tensor_split", "unbind", "narrow", "select", "diagonal"),
        *(
            "linalg.diagonal",
            "unfold",
            "atleast_1d",
            "atleast_2d",
            "atleast_3d",
            "meshgrid",
            "positive",
            "real",
        ),
        *("dropout", "broadcast_tensors", "hsplit", "vsplit", "dsplit"),
    )
)
"""The functions whose results share memory with their arguments in PyTorch, unless a value is computed."""
COPYING = frozenset(("reshape", "reshape_as", "flatten", "ravel"))
"""Those that copy where no view has the shape."""
_OF_ANOTHER = ("ViewBackward0", "SqueezeBackward0", "SqueezeBackward1", "TransposeBackward0")
"""The last steps of functions whose result is a view of what they computed."""
SUMMING = frozenset(("sum", "nansum", "prod", "cumsum", "cumprod"))
"""Those that take a dtype of whole numbers, in which PyTorch records nothing."""
OF_HIDDEN = frozenset(
    (
        *("tensordot", "repeat_interleave", "cov", "linalg.multi_dot", "instance_norm"),
        *("max_pool1d", "avg_pool1d", "adaptive_max_pool1d", "adaptive_avg_pool1d"),
    )
)
"""Those whose results are views of what was computed and nobody else has."""
SEVERAL = frozenset(("split", "split_with_sizes", "chunk", "unbind"))
"""Those whose results autograd cannot follow being written to, since they are several of one call."""


class Mode:
    """A context in which a flag of the recorder is another.

    Attributes:
        governs: which flag.
        former: what it is afterwards: what it was when the context was entered, or made.
        at_once: it takes effect where it is made.
    """

    __slots__ = ("at_once", "flag", "former", "recorder")
    governs: str

    def __init__(self, recorder: Recorder, flag: bool, at_once: bool = False) -> None:
        self.recorder = recorder
        self.flag = flag
        self.at_once = at_once
        self.former: bool = getattr(recorder, self.governs)
        if at_once:
            setattr(recorder, self.governs, flag)

    def __enter__(self) -> None:
        if not self.at_once:
            self.former = getattr(self.recorder, self.governs)
        setattr(self.recorder, self.governs, self.flag)

    def __exit__(self, *_: object) -> None:
        setattr(self.recorder, self.governs, self.former)


class RecordingMode(Mode):
    """A context in which operations are recorded, or aren't: in the language, `no_grad()` and its like."""

    __slots__ = ()
    governs = "recording"


class AnomalyMode(Mode):
    """A context in which walks stop where a gradient becomes nan, or don't: `detect_anomaly()`."""

    __slots__ = ()
    governs = "anomalies"


class Recorder:
    """One evaluation: where the interpreter stands, and whether operations are recorded.

    Attributes:
        context: default dtype, random numbers and limits.
        span: the place in the source that the next call belongs to.
        recording: False inside `no_grad()`.
        anomalies: walks stop where a gradient becomes nan.
        operated: what operators made there, from the first one on.
        repeatable: looks whether there is room for a sequence so many times, in programs where `*` repeats it
            by a tensor; None in those where it is a tensor itself.
        inside_own: what functions with their own gradient do inside is recorded as well, for checks.
        names: what PyTorch calls the cotangents of a walk that is recorded, by their last steps.
        recording_gradients: False while a walk without `create_graph` calls the program's own rules.
        adrift: views that a hook was registered on, to which no gradient got even then.
        hooks: what the program wants to be called with the gradient of a node; None until it wants anything.
        steps: what calls that gradients were recorded of are made of; None until there is any.
        added: what it wants to be called when the gradient of a leaf has been added to its `.grad`.
        passes: how many backward walks there were, to name the one that freed a call.
        replays: the walks that a loop repeats, from the first time that one is looked for.
        overwrote: something was worked on in place.
        at_once: what may refuse its data is computed where it is called, and small results outside recording
            where they are made.
        strict: what PyTorch does not differentiate must not require grad.
    """

    def __init__(self, surroundings: context.Context | None = None) -> None:
        self.context = surroundings or context.Context()
        self.span: Span | None = None
        self.recording = True
        self.anomalies = False
        self.operated: Operated | None = None
        # What a message calls the type of a value, which the language knows more kinds of.
        self.type_name: Callable[[Any], str] = lambda value: type(value).__name__
        self.repeatable: Callable[[Any, int, Span | None], None] | None = None
        self.inside_own = False
        self.passes = 0
        self.overwrote = False
        self.at_once = True
        self.strict = False
        self.replays: RepeatedWalks | None = None
        self.recording_gradients = True
        self.names: Mapping[Node | None, str] = {}
        self.adrift: WeakSet[Tensor]  # made with the hooks, as is the next
        self.turned: WeakKeyDictionary[Node, Node]
        self.hooks: WeakKeyDictionary[Node, list[Callable[[Node | None], Node | None]]] | None = None
        self.steps: WeakSet[Node] | None = None
        self.added: WeakKeyDictionary[Node, list[Callable[[], None]]] | None = None

    @property
    def default_dtype(self) -> np.dtype[Any]:
        """The dtype of Python floats."""
        return self.context.default_dtype

    def recorded(self, flag: bool, at_once: bool = False) -> RecordingMode:
        """A context in which operations are recorded, or aren't; `at_once` before it is entered."""
        return RecordingMode(self, flag, at_once)

    # ---- making tensors ----

    def tensor(self, data: Any, dtype: np.dtype[Any] | None = None, requires_grad: bool = False) -> Tensor:
        """A leaf from numbers, nested lists of numbers (or of one-element tensors), or an array."""
        if dtype is None and isinstance(data, float) and self.context.default_dtype is FLOAT64:
            node = Node(LEAF, (), (), (), FLOAT64, requires_grad, float(data))
            if requires_grad:
                node.accumulator = Accumulator()
            return Tensor(node)
        array = self.array(data, dtype)
        if requires_grad and array.dtype not in FLOATS:
            raise GradcliError(
                "int-requires-grad",
                INT_REQUIRES_GRAD[0].upper() + INT_REQUIRES_GRAD[1:],
                hint="write its numbers with a point, as in [1., 2.], or give dtype=float64",
            )
        return self.leaf(array, requires_grad)

    def leaf(self, array: Any, requires_grad: bool = False) -> Tensor:
        """A leaf from an array as it is."""
        node = leaf(array, requires_grad)
        if requires_grad:
            node.accumulator = Accumulator()
        return Tensor(node)

    def array(self, data: Any, dtype: np.dtype[Any] | None = None) -> np.ndarray[Any, Any]:
        """Numbers, nested lists and tensors as one array of PyTorch's dtype for them."""
        if isinstance(data, Tensor):
            array = np.asarray(self.value(data), data.dtype)
            return array.astype(dtype) if dtype is not None else array.copy()
        if isinstance(data, np.ndarray):
            return np.array(data, dtype)
        plain = self._plain(data)
        if dtype is None:
            dtype = _dtype_of(plain, self.default_dtype)
        try:
            return np.array(plain, dtype)
        except (ValueError, TypeError) as error:
            if "NaN" in str(error):
                raise _misfit(dtype) from error
            raise GradcliError(
                "shape",
                _ragged(plain),
                hint="a tensor is a box: every row has as many entries as the others",
            ) from error
        except OverflowError:
            return np.array(_in_range(plain, dtype), dtype)

    def _plain(self, data: Any) -> Any:
        if isinstance(data, (list, tuple)):
            return [self._plain(each) for each in data]
        if isinstance(data, Tensor):
            return np.asarray(self.value(data), data.dtype).tolist()
        if isinstance(data, (bool, int, float)):
            return data
        raise GradcliError("bad-argument", f"a tensor is made of numbers, not of {type(data).__name__}")

    # ---- calling functions ----

    def apply(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], first: int = 1) -> Any:
        """Calls a function of the table and records it as one call of the user's.

        Errors count the arguments from `first` on, as `Function.arguments` does.
        """
        if not kwargs and len(args) == 1 and type(args[0]) is Tensor and function.unary:
            bound, named = [args[0].node], kwargs
        else:
            bound, named = function.arguments(args, kwargs, self.lift, first)
            if function.name in SUMMING and self.strict and self.recording:
                _refuse_whole(bound[0], named.get("dtype"))
        at = function.inplace
        target = None
        if at is not None and (bound[at] if at < len(bound) else named.get("inplace")):
            target, others = (args[0], args[1:]) if args else (kwargs[function.positional[0].name], ())
            if type(target) is Tensor and any(each.name == "training" for each in function.positional):
                made = function.implementation(*bound, **named)
                if made is target.node:  # nothing is written, so it may be a leaf
                    return target
                self.refuse(target, others)
                return self.update(target, self.wrap(made, function), function.name + "_", others)
            if type(target) is Tensor:  # a number has no place to work in
                self.refuse(target, others, once=function.name + "_" not in AGAIN)
                bound, named = function.arguments(args, kwargs, self.lift, first)
        refusal = function.refusal
        if refusal is not None:
            self._obey(function, refusal, bound, named)
            if refusal.asks:
                self.ask_first(args)
        try:
            made = function.implementation(*bound, **named)
        except GradcliError:
            self.ask_first((*args, *kwargs.values()), function.name)
            raise
        if refusal is not None and refusal.result and self.at_once and not engine.keeps_all():
            engine.compute([made] if type(made) is Node else list(made))
        if type(target) is Tensor:
            return self.update(target, self.wrap(made, function), function.name + "_", others)
        called = function if function.naming is None else function.named(bound, named)
        saved: SavedBy | None = None
        if function.saved is not None and self.recording:
            saved = (function.saved, function.positional, bound, named)
        arranged = function.name == "einsum" and called.grad_fn == "PermuteBackward0"
        if saved is not None or (function.name not in VIEWS and not arranged):
            hidden = (
                type(made) is Node
                and (called is not function or function.name in OF_HIDDEN)
                and called.grad_fn in _OF_ANOTHER
            )
            whole = self.wrap(made, LABELS["matrix"] if hidden else called)
            whole = whole if saved is None else _saving(whole, saved)
            return self._viewed(whole, called) if hidden else whole
        sources = [each for each in args if type(each) is Tensor]
        if called.grad_fn == "UnsafeViewBackward0" and all(made is not each.node for each in sources):
            return self.wrap(made, called)
        return self._views(made, called, sources)

    def ask_first(self, operands: Iterable[Any], name: str = "") -> None:
        """Asks for the histories of operands that do not fit: PyTorch mostly does so before looking."""
        if self.recording:
            from gradcli.autograd.asking import ask_first

            ask_first(operands, name)

    def _viewed(self, whole: Tensor, called: Callee) -> Tensor:
        """A result that is a view of the matrix which was computed, as that of `linear` for batches."""
        node = reshape(whole.node, attrs=(whole.shape,))
        return self.link(whole, self.wrap(node, called), ((node.op, node.attrs),))

    def _obey(
        self, function: Function, refusal: Refusal, bound: Sequence[Any], named: Mapping[str, Any]
    ) -> None:
        """Computes the indices that a function is called with; raises for what must not require grad."""
        if refusal.fixed and self.strict:
            given = {**dict(zip([each.name for each in function.positional], bound, strict=False)), **named}
            for name, called in refusal.fixed.items():
                if getattr(given.get(name), "requires_grad", False):
                    raise GradcliError(
                        "no-grad",
                        f"The function '{called}' is not differentiable with respect to argument '{name}'. "
                        "This input cannot have requires_grad True.",
                    )
        if refusal.indices and self.at_once and not engine.keeps_all():
            self._compute_indices((*bound, *named.values()))

    def _compute_indices(self, among: Iterable[Any]) -> None:
        engine.compute(
            [each for each in among if type(each) is Node and each.value is None and each.dtype.kind in "iu"]
        )

    def _views(self, made: Any, function: Callee, sources: Sequence[Tensor]) -> Any:
        """Results that are views of the arguments, or one of these itself."""
        if isinstance(made, (tuple, list)):
            results = [self._views(each, function, sources) for each in made]
            if function.name in SEVERAL and self.recording:
                for at, each in enumerate(results):
                    if each.view is not None:
                        base = None if each.node.requires_grad else each.view.base
                        BARRED[each.node] = each.view.barred = Barred(each.grad_fn, at, base=base)
            return type(made)(results)
        for source in sources:
            if made is source.node:
                return source
            path = path_between(source.node, made)  # before what is settled forgets where it came from
            if path is None:
                continue
            if function.name not in COPYING or not _copies(function.name, source, path):
                return self.link(source, self.wrap(made, function), path)
            if function.name == "ravel":  # it is a view of a copy that nobody else has
                return self.apply(row("ravel"), (self.row_by_row(source),), {})
        return self.wrap(made, function)

    def row_by_row(self, tensor: Tensor) -> Tensor:
        """The tensor, or a copy where it doesn't lie in row-major order."""
        from gradcli.ops.layout import forget_order, is_contiguous

        if is_contiguous(tensor.node):
            return tensor
        copy: Tensor = self.apply(row("clone"), (tensor,), {})
        forget_order(copy.node)
        return copy

    def refuse(
        self, tensor: Tensor, operands: Iterable[Any] = (), reads: bool = True, once: bool = True
    ) -> Tensor | None:
        """Raises if `tensor` must not be written to: see `InPlace`."""
        raise NotImplementedError

    def update(self, tensor: Tensor, value: Tensor | float, name: str, operands: Sequence[Any]) -> Tensor:
        """Gives `tensor` another value: see `InPlace`."""
        raise NotImplementedError

    def lift(self, kind: str, value: Any) -> Any:
        """An argument as its parameter's kind wants it: tensors as nodes, lists of numbers as constants."""
        if isinstance(value, Tensor):
            if kind == "plain":
                return self.plain_number(value)
            return value.node
        if kind == "plain":
            if isinstance(value, (list, tuple)):
                plain = [self.lift("plain", each) for each in value]
                return plain if isinstance(value, list) else tuple(plain)
            return value
        if isinstance(value, (bool, int, float)) or (value is None and kind == "optional tensor"):
            return value
        if isinstance(value, (list, tuple)):
            if kind == "tensors":
                return [as_node(self.lift("tensor", each)) for each in value]
            return self._lift_list(value)
        if isinstance(value, np.ndarray):
            return leaf(value)
        raise GradcliError("bad-argument", f"expected a tensor or a number, not {_describe(value)}")

    def _lift_list(self, value: list[Any] | tuple[Any, ...]) -> Node:
        if not _keeps_history(value):
            return leaf(self.array(value))
        if any(isinstance(each, (list, tuple)) for each in value):
            self.array(value)  # raises for rows of other lengths, and lists without an end
        # A list of tensors that require grad keeps its history, as stacking it would.
        node: Node = row("stack").implementation([as_node(self.lift("tensor", each)) for each in value])
        return node

    def plain_number(self, tensor: Tensor) -> Any:
        """A tensor where a plain argument is wanted: its number, or nested lists of numbers."""
        return np.asarray(self.value(tensor)).tolist()

    def wrap(self, result: Any, function: Callee, call: RecordedCall | None = None) -> Any:
        """What a function gave, as the user sees it: nodes become tensors stamped with this call."""
        if isinstance(result, Node):
            if result.call is None and result.op is not LEAF:
                stamp(result, call or RecordedCall(function, self.span))
                if not self.recording:
                    self._settle(result)
            elif result.op is LEAF and result.requires_grad and result.accumulator is None:
                result.accumulator = Accumulator()
            return Tensor(result)
        if isinstance(result, tuple):
            call = call or RecordedCall(function, self.span)  # one, so that what frees it frees all of them
            parts = [self.wrap(each, function, call) for each in result]
            return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
        if isinstance(result, list):
            return [self.wrap(each, function) for each in result]
        return result

    def operate(self, symbol: str, left: Any, right: Any) -> Any:
        """A binary operator with a tensor on at least one side."""
        function = OPERATORS.get(symbol)
        if function is None:
            function = OPERATORS[symbol] = row(OPERATOR_NAMES[symbol])
        if isinstance(left, Tensor):
            first: Any = left.node
        elif isinstance(left, (float, int)):
            first = left
        elif symbol == "*" and (repeated := self._repeated(left, right)) is not None:
            return repeated
        else:
            first = self._operand(left, symbol, left, right)
        if isinstance(right, Tensor):
            second: Any = right.node
        elif isinstance(right, (float, int)):
            second = right
        elif symbol == "*" and (repeated := self._repeated(right, left)) is not None:
            return repeated
        else:
            second = self._operand(right, symbol, left, right)
        if self.recording:
            try:
                node = function.implementation(first, second)
            except GradcliError:
                self.ask_first((left, right), function.name)
                raise
        else:
            if self.operated is None:
                from gradcli.autograd.operated import Operated

                self.operated = Operated()
            node = self.operated.node(symbol, function.implementation, first, second)
            if self._settle(node):
                return Tensor(node)
        if node.call is None:
            called = function if function.naming is None else function.operator(first, second)
            hidden = called is not function and called.grad_fn in _OF_ANOTHER and node.requires_grad
            call = RecordedCall(LABELS["matrix"] if hidden else called, self.span)
            node.call = call
            for each in node.inputs:
                if each.call is None and each.op is not LEAF:
                    stamp(node, call)
                    break
            if function.saved is not None and node.requires_grad:
                call.saved = (function.saved, function.positional, (first, second), {})
            if hidden:
                return self._viewed(Tensor(node), called)
        return Tensor(node)

    def _repeated(self, sequence: Any, count: Tensor) -> Any:
        """A sequence as often as a tensor says, which is one whole number; None where that is not meant."""
        if self.repeatable is None or not isinstance(sequence, (str, list, tuple)):
            return None
        if count.dtype.kind not in "iub" or count.node.size != 1:
            return None
        times = int(self.numpy(count).item())
        self.repeatable(sequence, times, self.span)
        return sequence * times

    def _settle(self, node: Node) -> bool:
        """Outside recording nobody differentiates a result: a small one is computed at once, and forgets."""
        node.requires_grad = False
        return self.at_once and node.size <= LARGE and engine.settled(node)

    def _operand(self, value: Any, symbol: str, left: Any, right: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return self.lift("tensor", value)
        held = getattr(value, "tensor", None)
        if isinstance(held, Tensor):
            return held.node  # one of NumPy's arrays
        kinds = f"'{self.type_name(left)}' and '{self.type_name(right)}'"
        message = f"unsupported operand type(s) for {'** or pow()' if symbol == '**' else symbol}: {kinds}"
        if symbol[0] in "<>":
            message = f"'{symbol}' not supported between instances of {kinds}"
        hint = _power_hint(value) if symbol == "**" else None
        raise failure("TypeError", message, None, hint=hint)

    def negate(self, tensor: Tensor) -> Tensor:
        """`-tensor`."""
        return self.apply(row("neg"), (tensor,), {})  # type: ignore[no-any-return]

    def invert(self, tensor: Tensor) -> Tensor:
        """`~tensor`, for masks and integers."""
        if tensor.dtype in FLOATS:
            message = "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
            hint = "compare first, as in ~(x > 0)"
            raise failure("TypeError", message, self.span, "dtype", hint)
        return self.apply(row("bitwise_not"), (tensor,), {})  # type: ignore[no-any-return]

    def index(self, tensor: Tensor, key: Any, backwards: bool = False) -> Tensor:
        """`tensor[key]`; with `backwards`, slices may have steps below 0, as NumPy has them."""
        from gradcli.ops.keys import ahead, getitem, steps_back

        keys = self.keys(key)
        if self.at_once and any(type(each) is Node for each in keys) and not engine.keeps_all():
            self._compute_indices(keys)
        if backwards and steps_back(keys):
            keys, dims = ahead(tensor.node, keys)
            turned: Tensor = self.apply(row("flip"), (self.index(tensor, keys), *dims), {})
            return turned
        try:
            node, label = getitem(tensor.node, keys)
        except GradcliError as error:
            # How many dims there are is looked at before anybody is asked, and a number before which nothing
            # was done.
            if not error.message.startswith("too many indices") and not _is_first(tensor.node, keys):
                self.ask_first((tensor,))
            raise
        path = path_between(tensor.node, node)  # None for integer arrays and masks, which copy
        result: Tensor = self.wrap(node, label)
        if path is not None:
            return self.link(tensor, result, path)
        if node.call is not None:
            node.call.saved = (None, (), keys, {})
        return result

    def keys(self, key: Any) -> tuple[Any, ...]:
        """What stands in brackets, as `getitem` takes it."""
        if isinstance(key, list) and any(not isinstance(each, (bool, int, float)) for each in key):
            key = tuple(key)  # a list of indices, slices or lists means what the tuple means
        return tuple([self._key(each) for each in key]) if isinstance(key, tuple) else (self._key(key),)

    def _key(self, key: Any) -> Any:
        if isinstance(key, Tensor):
            return key.node
        if isinstance(key, (list, tuple)):
            return leaf(self.array(key) if key else np.empty(0, np.int64))
        return key

    # ---- values ----

    def value(self, tensor: Tensor) -> Any:
        """Its value, computed if need be: an array, or a number for a 0-d float64 tensor."""
        return engine.value(tensor.node)

    def numpy(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        """Its value as an array of its dtype."""
        return np.asarray(engine.value(tensor.node), tensor.node.dtype)

    def read_gradient(self, tensor: Tensor) -> Tensor | None:
        """What the program reads as its `.grad`."""
        return tensor.grad

    def compute(self, tensors: Sequence[Tensor]) -> None:
        """Computes several at once, sharing what they share."""
        engine.compute([each.node for each in tensors])

    def link(self, source: Tensor, result: Tensor, path: Path) -> Tensor:
        """Notes that `result` is the view of `source` at the end of `path`."""
        view = source.view or shared(source)
        base = view.base
        reason = None
        if not self.recording:
            reason = Barred(base=base)
            if base.node.requires_grad:
                result.node = dangling(result.node)
            BARRED[result.node] = reason
        elif view.barred is not None:
            reason = view.barred.of(result.grad_fn)
            BARRED[result.node] = reason
        result.view = View(base, view.path + path, reason)
        result.node.version = base.storage.version
        if result.node.shape:  # one number lies as it can
            from gradcli.ops.layout import placed_as

            placed = placed_as(source.node).follow(path)
            if placed is not None:
                placed.note(result.node)
        base.show_by(result)
        return result


def _is_first(node: Node, keys: tuple[Any, ...]) -> bool:
    """Whether what such an index does first is to take a number's place, where there is none."""
    from gradcli.ops.keys import getitem

    first = next((at for at, each in enumerate(keys) if each is not ... and each != slice(None)), 0)
    if type(keys[first]) is not int:
        return False
    try:
        getitem(node, keys[: first + 1])
    except GradcliError:
        return True
    return False


def shared(tensor: Tensor) -> View:
    """How a tensor lies in memory that is its own so far."""
    base = Base(Storage(tensor.node), tensor.node)
    base.show_by(tensor)
    tensor.view = View(base, ())
    return tensor.view


def _refuse_whole(x: Any, dtype: np.dtype[Any] | None) -> None:
    if dtype is not None and dtype not in FLOATS and getattr(x, "requires_grad", False):
        raise failure("RuntimeError", f"Autograd not support dtype: {torch_name(dtype)}", None, "dtype")


def _saving(result: Any, saved: SavedBy) -> Any:
    """The results of a call, which know what it saved."""
    if isinstance(result, Tensor):
        if result.node.call is not None and result.node.requires_grad:
            result.node.call.saved = saved
    elif isinstance(result, (tuple, list)):
        what, parameters, bound, keywords = saved
        nodes = [each.node for each in result if isinstance(each, Tensor)]
        several = {f"result{at}": _memory(node) for at, node in enumerate(nodes)}
        for each in result:
            _saving(each, (what, parameters, bound, {**keywords, **several}))
    return result


def _memory(node: Node) -> Node:
    """What tells of a result of several whether it was overwritten, without keeping it."""
    node.version = node.version or Version()
    memory = Node(LEAF, (), (), node.shape, node.dtype, False)
    memory.version = node.version
    if node.call is not None:
        memory.call = RecordedCall(node.call.function, node.call.span)
    return memory


def _copies(name: str, source: Tensor, path: Path) -> bool:
    """Whether PyTorch copies: `ravel` what is not row by row, the others where no view has the shape."""
    from gradcli.ops.layout import is_contiguous, placed_as

    return not is_contiguous(source.node) if name == "ravel" else placed_as(source.node).follow(path) is None


def _dtype_of(data: Any, default: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of nested lists of numbers: float if any number is, else int, else bool."""
    kinds: set[type] = set()
    pending = [data]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending.extend(each)
        else:
            kinds.add(type(each))
    if float in kinds or not kinds:
        return default
    return number_dtype(0) if int in kinds else number_dtype(True)


def _in_range(data: Any, dtype: np.dtype[Any]) -> Any:
    """Nested lists of numbers that an integer dtype can hold; whole ones below an unsigned one wrap."""
    if isinstance(data, list):
        return [_in_range(each, dtype) for each in data]
    if not -(2**63) <= data < 2**63 and type(data) is int:
        raise GradcliError("bad-argument", "Overflow when unpacking long long")
    bounds = np.iinfo(dtype)
    least = -bounds.max if type(data) is int and not bounds.min else bounds.min
    if not least <= data <= bounds.max:
        raise _misfit(dtype)
    return data % (bounds.max + 1) if data < bounds.min else data


def _misfit(dtype: np.dtype[Any]) -> GradcliError:
    return failure("RuntimeError", f"value cannot be converted to type {dtype} without overflow", None)


def _ragged(data: Any) -> str:
    """Where the rows of a nested list differ in length, in PyTorch's words."""
    level, dim = [data], 0
    while level and all(isinstance(each, list) for each in level):
        length = len(level[0])
        for each in level:
            if len(each) != length:
                return f"expected sequence of length {length} at dim {dim} (got {len(each)})"
        level = [item for each in level for item in each]
        dim += 1
    return "the rows of a nested list must be nested equally deep, and hold numbers"


def _power_hint(value: Any) -> str:
    """What may have been meant by a power with something that is no number: `A^T`, `exp^x`."""
    name = getattr(value, "name", None)
    if isinstance(name, str) and name not in ("t", "T", "inv", "inverse"):
        return f"a function is called: {name}(x)"
    return "A.T transposes, inverse(A) inverts"


def _keeps_history(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a tensor that requires grad is in a list, or in one of its lists."""
    pending: list[Any] = [value]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if isinstance(each, Tensor) and each.requires_grad:
            return True
        if isinstance(each, (list, tuple)) and id(each) not in seen:
            seen.add(id(each))
            pending += each
    return False


def _describe(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the string {value!r}"
    return f"a {type(value).__name__}"
