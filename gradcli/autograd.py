"""PyTorch's autograd rules over the tape: tensors, leaves, `.grad`, backward, freeing.

The interpreter calls in here for everything that touches a tensor. Mathematics is in `ops`,
differentiation in `tape`, arithmetic in `engine`; what is decided here is who requires grad, where
gradients are added, what a backward frees, and which rule was broken.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.engine.replay import Replays, structure
from gradcli.errors import GradcliError
from gradcli.ops import registry
from gradcli.ops.core import as_node, cast, expand_to
from gradcli.tape import context
from gradcli.tape.node import FLOATS, LARGE, LEAF, Accumulator, Call, Freed, Node, leaf, stamp, topological
from gradcli.tape.promote import broadcast, number_dtype
from gradcli.tape.reverse import leading_to, ones_like, reverse
from gradcli.tape.share import shared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span
    from gradcli.ops.registry import Function
    from gradcli.tape.node import Recorded

INT_REQUIRES_GRAD = "only Tensors of floating point and complex dtype can require gradients"

VIEWS = frozenset(
    "view view_as reshape flatten unflatten ravel squeeze unsqueeze transpose swapaxes swapdims t T mT permute "
    "movedim moveaxis expand expand_as broadcast_to split chunk unbind narrow select diagonal".split()
)
"""The functions whose result shares its memory with their first argument in PyTorch."""

FIRST_PASSES = 2
"""How many backward passes a session makes before it looks for a loop."""


class Tensor:
    """What the user holds: a handle on a node.

    Nodes never change; in-place work gives the tensor another node. A leaf keeps its accumulator
    through that, so that gradients of what was recorded before still reach it.

    Attributes:
        node: the tape node that is its value now.
        storage: shared by tensors that are one array under several names (`detach`, `.data`).
    """

    __slots__ = ("__weakref__", "node", "storage")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.storage: Storage | None = None
        if node.size > LARGE:
            node.handle = weakref.ref(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its dtype."""
        return self.node.dtype

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded for backward."""
        return self.node.requires_grad

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self.node.op is LEAF or not self.node.requires_grad

    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated so far."""
        accumulator = self.node.accumulator
        return accumulator.grad if accumulator is not None else None

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        if gradient is not None:
            if gradient.shape != self.shape:
                raise GradcliError(
                    "shape",
                    f"attempting to assign a gradient of size '{list(gradient.shape)}' to a tensor of size "
                    f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size",
                )
            if gradient.dtype is not self.dtype:
                raise GradcliError(
                    "dtype",
                    f"attempting to assign a gradient with dtype '{gradient.dtype}' to a tensor with dtype "
                    f"'{self.dtype}'. Please ensure that the gradient and the tensor have the same dtype",
                )
        if self.node.accumulator is None:
            if gradient is None:
                return
            self.node.accumulator = Accumulator()
        self.node.accumulator.grad = gradient

    @property
    def grad_fn(self) -> str | None:
        """PyTorch's name for the operation that made it, or None for a leaf."""
        node = self.node
        if not node.requires_grad or node.op is LEAF:
            return None
        if node.call is None:
            return node.op.name.capitalize() + "Backward0"
        return str(node.call.function.grad_fn)

    @property
    def retains_grad(self) -> bool:
        """Whether it is a non-leaf whose gradient is kept."""
        return not self.is_leaf and self.node.accumulator is not None


class Storage:
    """The one array behind tensors that share memory.

    Attributes:
        tensors: those that are the whole array; they all see an in-place update.
        views: those that are a part or another shape of it; while one is alive, none is updated in place.
    """

    __slots__ = ("tensors", "views")

    def __init__(self) -> None:
        self.tensors: weakref.WeakSet[Tensor] = weakref.WeakSet()
        self.views: weakref.WeakSet[Tensor] = weakref.WeakSet()


class Session:
    """One evaluation: where the interpreter stands, and whether operations are recorded.

    Attributes:
        context: default dtype, random numbers and limits.
        span: the place in the source that the next call belongs to.
        recording: False inside `no_grad()`.
        passes: how many backward walks there were, to name the one that freed a call.
    """

    def __init__(self, surroundings: context.Context | None = None) -> None:
        self.context = surroundings or context.Context()
        self.span: Span | None = None
        self.recording = True
        self.passes = 0
        self.replays = Replays()

    @property
    def default_dtype(self) -> np.dtype[Any]:
        """The dtype of Python floats."""
        return self.context.default_dtype

    # ---- making tensors ----

    def tensor(self, data: Any, dtype: np.dtype[Any] | None = None, requires_grad: bool = False) -> Tensor:
        """A leaf from numbers, nested lists of numbers (or of one-element tensors), or an array."""
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
            raise GradcliError(
                "shape",
                _ragged(plain),
                hint="a tensor is a box: every row has as many entries as the others",
            ) from error
        except OverflowError as error:
            raise GradcliError("bad-argument", f"a number does not fit {dtype}") from error

    def _plain(self, data: Any) -> Any:
        if isinstance(data, (list, tuple)):
            return [self._plain(each) for each in data]
        if isinstance(data, Tensor):
            return np.asarray(self.value(data), data.dtype).tolist()
        if isinstance(data, (bool, int, float)):
            return data
        raise GradcliError("bad-argument", f"a tensor is made of numbers, not of {type(data).__name__}")

    # ---- calling functions ----

    def apply(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls a function of the table and records it as one call of the user's."""
        bound, named = function.arguments(args, kwargs, self.lift)
        made = function.implementation(*bound, **named)
        result = self.wrap(made, function if function.naming is None else function.named(bound, named))
        if function.name in VIEWS and args and isinstance(args[0], Tensor):
            self._link(args[0], result)
        return result

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
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (list, tuple)):
            if kind == "tensors":
                return [as_node(self.lift("tensor", each)) for each in value]
            return self._lift_list(value)
        if isinstance(value, np.ndarray):
            return leaf(value)
        raise GradcliError("bad-argument", f"expected a tensor or a number, not {_describe(value)}")

    def _lift_list(self, value: list[Any] | tuple[Any, ...]) -> Node:
        if any(isinstance(each, Tensor) and each.requires_grad for each in value):
            # A list of tensors that require grad keeps its history, as stacking it would.
            stack = registry.lookup("stack")
            assert stack is not None
            node: Node = stack.implementation([as_node(self.lift("tensor", each)) for each in value])
            return node
        return leaf(self.array(value))

    def plain_number(self, tensor: Tensor) -> Any:
        """A tensor where a plain argument is wanted: its number, or nested lists of numbers."""
        array = np.asarray(self.value(tensor))
        return array.item() if array.size == 1 and not array.shape else array.tolist()

    def wrap(self, result: Any, function: Recorded) -> Any:
        """What a function gave, as the user sees it: nodes become tensors stamped with this call."""
        if isinstance(result, Node):
            if result.call is None and result.op is not LEAF:
                stamp(result, Call(function, self.span))
                if not self.recording:
                    self._settle(result)
            elif result.op is LEAF and result.requires_grad and result.accumulator is None:
                result.accumulator = Accumulator()
            return Tensor(result)
        if isinstance(result, tuple):
            parts = [self.wrap(each, function) for each in result]
            return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
        if isinstance(result, list):
            return [self.wrap(each, function) for each in result]
        return result

    def operate(self, symbol: str, left: Any, right: Any) -> Any:
        """A binary operator with a tensor on at least one side."""
        function = _OPERATORS.get(symbol)
        if function is None:
            function = _OPERATORS[symbol] = _row(_OPERATOR_NAMES[symbol])
        if isinstance(left, Tensor):
            first: Any = left.node
        else:
            first = left if isinstance(left, (float, int)) else self._operand(left, symbol)
        if isinstance(right, Tensor):
            second: Any = right.node
        else:
            second = right if isinstance(right, (float, int)) else self._operand(right, symbol)
        node = function.implementation(first, second)
        if node.call is None:
            call = Call(function if function.naming is None else function.operator(first, second), self.span)
            node.call = call
            for each in node.inputs:
                if each.call is None and each.op is not LEAF:
                    stamp(node, call)
                    break
        if not self.recording:
            self._settle(node)
        return Tensor(node)

    def _settle(self, node: Node) -> None:
        """Outside recording nobody differentiates a result: a small one is computed at once, and forgets."""
        node.requires_grad = False
        if node.size <= LARGE and node.inputs:
            for each in node.inputs:
                if each.value is None:
                    return
            engine.evaluate(node)
            node.inputs = ()

    def _operand(self, value: Any, symbol: str) -> Any:
        if isinstance(value, (list, tuple)):
            return self.lift("tensor", value)
        raise GradcliError(
            "bad-argument", f"unsupported operand for {symbol}: a tensor and {_describe(value)}"
        )

    def negate(self, tensor: Tensor) -> Tensor:
        """`-tensor`."""
        return self.apply(_row("neg"), (tensor,), {})  # type: ignore[no-any-return]

    def invert(self, tensor: Tensor) -> Tensor:
        """`~tensor`, for masks and integers."""
        return self.apply(_row("bitwise_not"), (tensor,), {})  # type: ignore[no-any-return]

    def index(self, tensor: Tensor, key: Any) -> Tensor:
        """`tensor[key]`."""
        from gradcli.ops.keys import getitem

        if isinstance(key, list) and any(not isinstance(each, (bool, int, float)) for each in key):
            key = tuple(key)  # a list of indices, slices or lists means what the tuple means
        keys = tuple(self._key(each) for each in key) if isinstance(key, tuple) else (self._key(key),)
        node, label = getitem(tensor.node, keys)
        result: Tensor = self.wrap(node, label)
        if label.grad_fn != "IndexBackward0":  # integer arrays and masks copy, everything else is a view
            self._link(tensor, result)
        return result

    def _key(self, key: Any) -> Any:
        if isinstance(key, Tensor):
            return key.node
        if isinstance(key, (list, tuple)):
            return leaf(self.array(key) if key else np.empty(0, np.int64))
        if isinstance(key, slice):
            return slice(*[self._key_number(each) for each in (key.start, key.stop, key.step)])
        return key

    def _key_number(self, bound: Any) -> Any:
        number = self.plain_number(bound) if isinstance(bound, Tensor) else bound
        return int(number) if isinstance(number, float) and number.is_integer() else number

    # ---- values ----

    def value(self, tensor: Tensor) -> Any:
        """Its value, computed if need be: an array, or a number for a 0-d float64 tensor."""
        return engine.value(tensor.node)

    def numpy(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        """Its value as an array of its dtype."""
        return np.asarray(engine.value(tensor.node), tensor.node.dtype)

    def compute(self, tensors: Sequence[Tensor]) -> None:
        """Computes several at once, sharing what they share."""
        engine.compute([each.node for each in tensors])

    # ---- leaves ----

    def detach(self, tensor: Tensor) -> Tensor:
        """The same array without history. Both names see a later in-place update."""
        node = tensor.node
        alias = Tensor(_without_history(node))
        if tensor.storage is None:
            tensor.storage = Storage()
            tensor.storage.tensors.add(tensor)
        alias.storage = tensor.storage
        alias.storage.tensors.add(alias)
        return alias

    def set_requires_grad(self, tensor: Tensor, flag: bool = True) -> Tensor:
        """`requires_grad_()`: only leaves may change it."""
        node = tensor.node
        if not tensor.is_leaf:
            if flag:
                return tensor
            raise GradcliError(
                "no-grad",
                "you can only change requires_grad flags of leaf variables.",
                hint="use tensor.detach() for a value without history",
            )
        if flag and node.dtype not in FLOATS:
            raise GradcliError(
                "int-requires-grad",
                INT_REQUIRES_GRAD,
                hint="make it floating first, with .float() or by writing its numbers with a point",
            )
        if flag != node.requires_grad:
            accumulator = node.accumulator
            tensor.node = fresh = leaf(engine.value(node), flag)
            fresh.dtype = node.dtype
            fresh.accumulator = accumulator or (Accumulator() if flag else None)
        return tensor

    def retain_grad(self, tensor: Tensor) -> None:
        """Keeps the gradient of a non-leaf."""
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "can't retain_grad on Tensor that has requires_grad=False")
        if tensor.node.accumulator is None:
            tensor.node.accumulator = Accumulator()

    def assign_in_place(
        self, tensor: Tensor, value: Tensor | float, name: str = "in-place operation"
    ) -> Tensor:
        """Gives `tensor` another value under the same name, as PyTorch's in-place operations do.

        Raises:
            GradcliError: `in-place` for a leaf that requires grad while recording.
        """
        node = tensor.node
        if self.recording and node.requires_grad and tensor.is_leaf:
            raise GradcliError(
                "in-place",
                "a leaf Variable that requires grad is being used in an in-place operation.",
                span=self.span,
                hint="update it inside `with no_grad():`, or through its .data",
            )
        source = value.node if isinstance(value, Tensor) else leaf(np.full(node.shape, value, node.dtype))
        if tensor.storage is not None:
            self._refuse_views(tensor, name)
        if source.shape != node.shape or source.dtype is not node.dtype:
            source = self._fitted(source, node)
        if self.recording and source.requires_grad:
            node.stale = Call(_LABELS["copy"], self.span)
            tensor.node = source
            if source.call is None:
                stamp(source, Call(_row("copy"), self.span))
            self._share(tensor, _without_history(source))
        else:
            found = engine.value(source)
            self._rebind(tensor, found)
            self._share(tensor, _given(found, source))
        return tensor

    def _fitted(self, source: Node, node: Node) -> Node:
        """A new value for `node`, broadcast and cast to what it is."""
        if source.shape != node.shape:
            common = broadcast(source.shape, node.shape)
            if common != node.shape:
                raise GradcliError(
                    "shape",
                    f"output with shape {list(node.shape)} doesn't match the broadcast shape {list(common)}",
                )
            source = expand_to(source, node.shape)
        if node.dtype not in FLOATS and source.dtype in FLOATS:
            raise GradcliError(
                "dtype", f"result type {source.dtype} can't be cast to the desired output type {node.dtype}"
            )
        return cast(source, node.dtype)

    def _refuse_views(self, tensor: Tensor, name: str) -> None:
        """Views see what is done to their base in PyTorch; here that is refused rather than missed."""
        assert tensor.storage is not None
        views = list(tensor.storage.views)
        if views and not (len(views) == 1 and views[0] is tensor and len(tensor.storage.tensors) == 0):
            raise GradcliError(
                "in-place",
                f"{name} would change a tensor that shares its memory with another one: one of the two is a "
                "view of the other",
                span=self.span,
                hint="work on a copy, x.clone(), or write x = x + 1 in place of x += 1",
            )

    def _rebind(self, tensor: Tensor, value: Any) -> None:
        """Another value for a tensor; arrays are never written to, so that no copy is needed."""
        node = tensor.node
        fresh = Node(LEAF, (), (), node.shape, node.dtype, node.requires_grad and node.op is LEAF, value)
        fresh.accumulator = node.accumulator
        node.stale = Call(_LABELS["copy"], self.span)
        tensor.node = fresh
        if fresh.size > LARGE:
            fresh.handle = weakref.ref(tensor)

    def _share(self, tensor: Tensor, node: Node) -> None:
        if tensor.storage is not None:
            for other in tensor.storage.tensors:
                if other is not tensor:
                    self._rebind(other, engine.value(node))

    def _link(self, base: Tensor, result: Any) -> None:
        """Notes that `result` is a view of `base`, or holds several."""
        if isinstance(result, Tensor):
            if base.storage is None:
                base.storage = Storage()
                base.storage.tensors.add(base)
            result.storage = base.storage
            base.storage.views.add(result)
        elif isinstance(result, (tuple, list)):
            for each in result:
                self._link(base, each)

    # ---- backward ----

    def backward(
        self,
        roots: Sequence[Tensor],
        weights: Sequence[Tensor | None],
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """Walks back from `roots` and adds into `.grad` of leaves and retained nodes.

        Args:
            roots: what to differentiate.
            weights: the gradient weights of each, of its exact shape; None for a one-element root.
            retain_graph: whether saved values survive; by default as `create_graph`.
            create_graph: record the walk, so that gradients can be differentiated again.
            inputs: accumulate into these only.
        """
        nodes = [each.node for each in roots]
        if self.passes > FIRST_PASSES and len(nodes) == 1 and not (create_graph or retain_graph or inputs):
            root = nodes[0]
            if root.size == 1 and root.requires_grad and weights[0] is None and self._replay(root):
                return
        seeds = [self.seed(root, weight) for root, weight in zip(roots, weights, strict=True)]
        for each in roots:
            if not each.requires_grad:
                raise GradcliError(
                    "no-grad",
                    "element 0 of tensors does not require grad and does not have a grad_fn",
                    hint="make a leaf it depends on require grad: param(…), or requires_grad=True",
                )
        order = topological(nodes)
        if inputs is None:  # every node here leads to a leaf that requires grad
            targets = [node for node in order if node.accumulator is not None]
        else:
            targets = [each.node for each in inputs]
            for target in targets:
                if target.accumulator is None:
                    target.accumulator = Accumulator()
            order = _restricted(order, targets)
        saving = self._saving(order)
        gradients = reverse(nodes, seeds, targets, order)
        if create_graph:
            gradients = shared(gradients)
        reached = [(node, grad) for node, grad in zip(targets, gradients, strict=True) if grad is not None]
        if not create_graph:
            engine.compute([*nodes, *[grad for _, grad in reached]])
        for node, gradient in reached:
            assert node.accumulator is not None
            self._accumulate(node.accumulator, node, gradient, create_graph)
        if not (create_graph if retain_graph is None else retain_graph):
            self._free(saving)
        self.passes += 1

    def _replay(self, root: Node) -> bool:
        """Backward from a small root whose structure a loop has walked before; False if it hasn't."""
        found = structure(root)
        if found is None:
            return False
        walk = self.replays.find(found)
        if walk is None:
            return False
        nodes = found.nodes
        saving = [nodes[index] for index in walk.saving]
        self._check(saving)
        results = walk.run(*[nodes[index].value for index in walk.inputs])
        pending = walk.pending
        for index, value in zip(pending, results, strict=False):
            node = nodes[index]
            node.value = value
            if not node.requires_grad:
                node.inputs = ()
        for index, value in zip(walk.targets, results[len(pending) :], strict=True):
            node = nodes[index]
            assert node.accumulator is not None
            self._add_value(node.accumulator, node, value)
        self._free(saving)
        self.passes += 1
        return True

    def grad(
        self,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        grad_outputs: Sequence[Tensor | None] | None = None,
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        allow_unused: bool = False,
    ) -> tuple[Tensor | None, ...]:
        """The gradients of `outputs` with respect to `inputs`; nothing is accumulated."""
        weights = grad_outputs if grad_outputs is not None else [None] * len(outputs)
        nodes = [each.node for each in outputs]
        seeds = [self.seed(root, weight) for root, weight in zip(outputs, weights, strict=True)]
        if not any(each.requires_grad for each in outputs):
            raise GradcliError(
                "no-grad",
                "element 0 of tensors does not require grad and does not have a grad_fn",
                hint="make a leaf it depends on require grad: param(…), or requires_grad=True",
            )
        for each in inputs:
            if not each.requires_grad:
                raise GradcliError("no-grad", "One of the differentiated Tensors does not require grad")
        order = topological(nodes)
        wrt = [each.node for each in inputs]
        order = _restricted(order, wrt)
        saving = self._saving(order)
        gradients = reverse(nodes, seeds, wrt, order)
        if not allow_unused and any(gradient is None for gradient in gradients):
            raise GradcliError(
                "unused-input",
                "One of the differentiated Tensors appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior.",
            )
        if create_graph:
            gradients = shared(gradients)
            call = Call(_row("autograd_grad"), self.span)
            for gradient in gradients:
                if gradient is not None and gradient.call is None and gradient.op is not LEAF:
                    stamp(gradient, call)
        else:
            engine.compute([*nodes, *[each for each in gradients if each is not None]])
        if not (create_graph if retain_graph is None else retain_graph):
            self._free(saving)
        self.passes += 1
        return tuple(
            None if each is None else Tensor(each if create_graph else _without_history(each))
            for each in gradients
        )

    def seed(self, root: Tensor, weight: Tensor | None) -> Node:
        """The gradient weights of a root as a node; raises for a missing or a misshapen one."""
        node = root.node
        if weight is None:
            if node.size != 1:
                raise GradcliError(
                    "non-scalar-root",
                    f"grad can be implicitly created only for scalar outputs, and the root has shape "
                    f"{list(node.shape)}",
                    hint="give gradient weights of that shape (--weights ones, backward(ones_like(y))), "
                    "or reduce it with .sum() or .mean()",
                )
            return ones_like(node)
        if weight.shape != node.shape:
            raise GradcliError(
                "weights-shape",
                f"Mismatch in shape: grad_output[0] has a shape of torch.Size({list(weight.shape)}) and output[0] "
                f"has a shape of torch.Size({list(node.shape)}).",
                hint="gradient weights have exactly the shape of what is differentiated",
            )
        return cast(weight.node, node.dtype)

    def _saving(self, order: Sequence[Node]) -> list[Node]:
        """The nodes to be walked whose rule reads saved values; raises if those were freed or overwritten."""
        saving = [
            node for node in order if node.op.saves(node) or (node.call is not None and node.call.function.saves)
        ]
        self._check(saving)
        return saving

    def _check(self, saving: Sequence[Node]) -> None:
        for node in reversed(saving):
            call = node.call
            if call is not None and call.freed is not None:
                raise self._freed_error(call)
            for each in (node, *node.inputs):
                if each.stale is not None and _reads(node, each):
                    raise self._stale_error(node, each.stale)

    def _stale_error(self, node: Node, overwritten: Call) -> GradcliError:
        saved_by = f"{node.call.function.name} at {{0}}" if node.call is not None else node.op.name
        return GradcliError(
            "in-place",
            "one of the variables needed for gradient computation has been modified by an inplace operation: "
            f"{saved_by} saved it before it was overwritten{' at {1}' if overwritten.span else ''}",
            places=(node.call.span if node.call is not None else None, overwritten.span),
            hint="call backward() before the update, or write x = x + 1 in place of x += 1",
        )

    def _freed_error(self, call: Call) -> GradcliError:
        assert call.freed is not None
        by = "backward() at {1}" if call.freed.span is not None else f"backward pass {call.freed.number + 1}"
        return GradcliError(
            "graph-freed",
            "Trying to backward through the graph a second time (or directly access saved tensors after they "
            f"have already been freed): what {call.function.name} at {{0}} saved was freed by {by}",
            span=self.span or call.span,
            places=(call.span, call.freed.span),
            hint="keep it with retain_graph=True (--retain-graph) in the first backward, or compute the result "
            "again before the second",
        )

    def _accumulate(self, accumulator: Accumulator, node: Node, gradient: Node, create_graph: bool) -> None:
        old: Tensor | None = accumulator.grad
        if create_graph:
            function = _row("autograd_grad")
            if gradient.call is None and gradient.op is not LEAF:
                stamp(gradient, Call(function, self.span))
            accumulator.grad = Tensor(gradient) if old is None else self.operate("+", old, Tensor(gradient))
            return
        self._add_value(accumulator, node, engine.value(gradient))

    def _add_value(self, accumulator: Accumulator, node: Node, new: Any) -> None:
        """Adds a computed gradient, as a backward without `create_graph` does."""
        old: Tensor | None = accumulator.grad
        if old is None:
            accumulator.grad = Tensor(_given(new, node))
        elif old.requires_grad:
            accumulator.grad = self.operate("+", old, Tensor(_given(new, node)))
        else:
            old.node = _given(engine.value(old.node) + new, node)

    def _free(self, saving: Sequence[Node]) -> None:
        freed = Freed(self.span, self.passes)
        for node in saving:
            call = node.call
            if call is not None and call.freed is None and call.function.saves is not False:
                call.freed = freed
            if (
                node.size > LARGE
                and node.value is not None
                and (node.handle is None or node.handle() is None)
            ):
                node.value = None

    # ---- own gradients ----

    def custom(
        self,
        function: Any,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        backward: Callable[[tuple[Tensor | None, ...]], Sequence[Tensor | None]],
        saves: bool = True,
    ) -> tuple[Tensor, ...]:
        """Results of a function that states its own gradient.

        Args:
            function: what `grad_fn` and diagnostics talk about (`name`, `grad_fn`, `saves`).
            outputs: its results, computed without recording.
            inputs: the tensors it was called with.
            backward: from a cotangent for each output (None for zero) to one for each input.
            saves: whether it saved values that backward frees.
        """
        from gradcli.ops.custom import attach

        call = Call(function, self.span)

        def rule(cotangents: Sequence[Node | None]) -> list[Node | None]:
            given = tuple(None if each is None else Tensor(each) for each in cotangents)
            return [None if each is None else each.node for each in backward(given)]

        nodes = attach([each.node for each in outputs], [each.node for each in inputs], rule, saves)
        for node in nodes:
            stamp(node, call)
        return tuple(Tensor(node) for node in nodes)


class _Label:
    """What stands in for a row of the function table where the user called no function of it."""

    def __init__(self, name: str, grad_fn: str, saves: bool | None = None) -> None:
        self.name = name
        self.grad_fn = grad_fn
        self.saves = saves


_LABELS: dict[str, Any] = {
    "copy": _Label("copy_", "CopyBackwards"),
    "autograd_grad": _Label("grad", "GradBackward0"),
}
_OPERATOR_NAMES = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floor_divide",
    "%": "remainder",
    "@": "matmul",
    "**": "pow",
    "^": "pow",
    "&": "bitwise_and",
    "|": "bitwise_or",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
}
_OPERATORS: dict[str, Function] = {}


def _row(name: str) -> Any:
    row = _LABELS.get(name) or registry.lookup(name)
    assert row is not None, name
    return row


def _restricted(order: Sequence[Node], wrt: Sequence[Node]) -> list[Node]:
    """Those of `order` that depend on `wrt`."""
    path = leading_to(order, wrt)
    return [node for node in order if node in path]


def _reads(node: Node, operand: Node) -> bool:
    """Whether the reverse rule of `node` reads the value of `operand`, found out by applying it."""
    cotangent: Any = ones_like(node)
    pending = [each for each in node.op.vjp(node, cotangent) if each is not None]
    seen: set[Node] = set()
    while pending:
        each = pending.pop()
        if each is operand:
            return True
        if each not in seen and (each.call is None or each is node):
            seen.add(each)
            if each is not node:
                pending.extend(each.inputs)
    return False


def _given(value: Any, like: Node) -> Node:
    """A computed value as a node without history, in the dtype of `like`."""
    node = Node(LEAF, (), (), like.shape, like.dtype, False, value)
    return node


def _without_history(node: Node) -> Node:
    """The value of `node`, as a node that requires no grad."""
    if not node.requires_grad:
        return node
    if node.value is not None:
        return _given(node.value, node)
    from gradcli.ops.custom import detached

    return detached(node)


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


def _describe(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the string {value!r}"
    return f"a {type(value).__name__}"


__all__ = ["Session", "Tensor"]
