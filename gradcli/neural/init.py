"""Initial values: `torch.nn.init`, and what layers begin with, by PyTorch's formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.module import assign
from gradcli.ops.creation import shape_of
from gradcli.ops.random import source
from gradcli.values.conversions import number
from gradcli.values.formatting import type_name
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

Array = np.ndarray[Any, Any]

# ---- arrays for layers ---------------------------------------------------------------------------


def room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[int, ...]:
    """The shape of a parameter, once there is memory for it."""
    return shape_of((tuple(shape),), dtype)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs and outputs each element of a weight connects."""
    if len(shape) < 2:
        raise GradcliError(
            "bad-argument",
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        )
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def kaiming_bound(fan: int) -> float:
    """The ends of the uniform distribution that layers draw their weights from."""
    return math.sqrt(3.0) * (gain("leaky_relu", math.sqrt(5)) / math.sqrt(fan))


_GAINS = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}


def gain(nonlinearity: str, param: float | None = None) -> float:
    """`calculate_gain`."""
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    found = _GAINS.get(nonlinearity)
    if found is None:
        raise GradcliError("bad-argument", f"Unsupported nonlinearity {nonlinearity}")
    return found


# ---- torch.nn.init -------------------------------------------------------------------------------


def _tensor(value: Any, span: Span) -> Tensor:
    if type(value) is not Tensor:
        raise GradcliError("bad-argument", f"a tensor is filled, not {type_name(value)}", span=span)
    return value


def _uniform(
    runtime: Runtime, span: Span, tensor: Any, a: Any = 0.0, b: Any = 1.0, generator: Any = None
) -> Tensor:
    filled = _tensor(tensor, span)
    low, high = (number(runtime, each, span, "uniform_") for each in (a, b))
    values = source(generator).uniform(filled.shape, filled.dtype, low, high)
    return _assigned(runtime, filled, values)


def _assigned(runtime: Runtime, tensor: Tensor, values: Any) -> Tensor:
    assign(runtime, tensor, runtime.session.leaf(values) if isinstance(values, np.ndarray) else values)
    return tensor


def _normal(
    runtime: Runtime, span: Span, tensor: Any, mean: Any = 0.0, std: Any = 1.0, generator: Any = None
) -> Tensor:
    filled = _tensor(tensor, span)
    middle, deviation = (number(runtime, each, span, "normal_") for each in (mean, std))
    values = source(generator).normal(filled.shape, filled.dtype, middle, deviation)
    return _assigned(runtime, filled, values)


def _constant(value: float | None) -> Any:
    def run(runtime: Runtime, span: Span, tensor: Any, val: Any = value) -> Tensor:
        filled = _tensor(tensor, span)
        return _assigned(runtime, filled, number(runtime, val, span, "constant_"))

    return run


def _eye(runtime: Runtime, span: Span, tensor: Any) -> Tensor:
    filled = _tensor(tensor, span)
    if len(filled.shape) != 2:
        raise GradcliError("shape", "Only tensors with 2 dimensions are supported", span=span)
    return _assigned(runtime, filled, np.eye(*filled.shape, dtype=filled.dtype))


def _xavier(normal: bool) -> Any:
    def run(runtime: Runtime, span: Span, tensor: Any, gain: Any = 1.0, generator: Any = None) -> Tensor:
        filled = _tensor(tensor, span)
        std = number(runtime, gain, span, "gain") * math.sqrt(2.0 / float(sum(fans(filled.shape))))
        if normal:
            return _normal(runtime, span, filled, 0.0, std, generator)
        bound = math.sqrt(3.0) * std
        return _uniform(runtime, span, filled, -bound, bound, generator)

    return run


def _kaiming(normal: bool) -> Any:
    def run(
        runtime: Runtime,
        span: Span,
        tensor: Any,
        a: Any = 0,
        mode: Any = "fan_in",
        nonlinearity: Any = "leaky_relu",
        generator: Any = None,
    ) -> Tensor:
        filled = _tensor(tensor, span)
        if mode not in ("fan_in", "fan_out"):
            message = f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']"
            raise GradcliError("bad-argument", message, span=span)
        fan = fans(filled.shape)[mode == "fan_out"]
        std = gain(nonlinearity, number(runtime, a, span, "a")) / math.sqrt(fan)
        if normal:
            return _normal(runtime, span, filled, 0.0, std, generator)
        bound = math.sqrt(3.0) * std
        return _uniform(runtime, span, filled, -bound, bound, generator)

    return run


def _orthogonal(runtime: Runtime, span: Span, tensor: Any, gain: Any = 1, generator: Any = None) -> Tensor:
    filled = _tensor(tensor, span)
    if len(filled.shape) < 2:
        raise GradcliError("shape", "Only tensors with 2 or more dimensions are supported", span=span)
    rows = filled.shape[0]
    columns = math.prod(filled.shape) // max(rows, 1)
    drawn = source(generator).normal((rows, columns), filled.dtype)
    q, r = np.linalg.qr(drawn.T if rows < columns else drawn)
    q = q * np.sign(np.diag(r))
    values = (q.T if rows < columns else q).reshape(filled.shape) * filled.dtype.type(
        number(runtime, gain, span, "gain")
    )
    return _assigned(runtime, filled, np.ascontiguousarray(values, dtype=filled.dtype))


def _sparse(
    runtime: Runtime, span: Span, tensor: Any, sparsity: Any, std: Any = 0.01, generator: Any = None
) -> Tensor:
    filled = _tensor(tensor, span)
    if len(filled.shape) != 2:
        raise failure("ValueError", "Only tensors with 2 dimensions are supported", span)
    drawing, spread = source(generator), number(runtime, std, span, "std")
    zeros = math.ceil(number(runtime, sparsity, span, "sparsity") * filled.shape[0])
    values = drawing.normal(filled.shape, filled.dtype, 0.0, spread)
    for column in range(filled.shape[1]):
        values[drawing.permutation(filled.shape[0])[:zeros], column] = 0
    return _assigned(runtime, filled, values)


def _dirac(runtime: Runtime, span: Span, tensor: Any, groups: Any = 1) -> Tensor:
    """What hands the channels on: a one in the middle of each kernel of a channel to itself."""
    filled = _tensor(tensor, span)
    if not 3 <= len(filled.shape) <= 5:
        raise failure("ValueError", "Only tensors with 3, 4, or 5 dimensions are supported", span)
    parts = int(number(runtime, groups, span, "groups"))
    if parts < 1 or filled.shape[0] % parts:
        raise failure("ValueError", "dim 0 must be divisible by groups", span)
    values, outputs = np.zeros(filled.shape, filled.dtype), filled.shape[0] // parts
    middle = tuple([each // 2 for each in filled.shape[2:]])
    for part in range(parts):
        for channel in range(min(outputs, filled.shape[1])):
            values[(part * outputs + channel, channel, *middle)] = 1
    return _assigned(runtime, filled, values)


def _trunc_normal(
    runtime: Runtime,
    span: Span,
    tensor: Any,
    mean: Any = 0.0,
    std: Any = 1.0,
    a: Any = -2.0,
    b: Any = 2.0,
    generator: Any = None,
) -> Tensor:
    filled = _tensor(tensor, span)
    given = (number(runtime, each, span, "trunc_normal_") for each in (mean, std, a, b))
    middle, deviation, low, high = given
    if not deviation > 0 or not low < high:
        raise GradcliError("bad-argument", "trunc_normal_ needs std > 0 and a < b", span=span)
    lower, upper = ((1 + math.erf((end - middle) / deviation / math.sqrt(2.0))) / 2 for end in (low, high))
    drawing, shape, kind = source(generator), filled.shape, filled.dtype
    if upper - lower > 0.3:  # normals are drawn until all lie inside
        values = drawing.normal(shape, kind, middle, deviation)
        while (outside := (values < kind.type(low)) | (values > kind.type(high))).any():
            runtime.limits.step(span)
            values = np.where(outside, drawing.normal(shape, kind, middle, deviation), values)
        return _assigned(runtime, filled, values)
    # Uniforms are drawn until each is accepted by the density of the normal distribution.
    peak = -0.5 * ((max(low, min(middle, high)) - middle) / deviation) ** 2
    values, pending = np.zeros(shape, kind), np.ones(shape, bool)
    while pending.any():
        runtime.limits.step(span)
        values = np.where(pending, drawing.uniform(shape, kind, low, high), values)
        scaled = (values - kind.type(middle)) / kind.type(deviation)
        density = scaled**2 * kind.type(-0.5) - kind.type(peak)
        with np.errstate(divide="ignore"):
            pending = pending & (np.log(drawing.uniform(shape, kind)) > density)
    return _assigned(runtime, filled, values)


def _gain(runtime: Runtime, span: Span, nonlinearity: Any, param: Any = None) -> float:
    return gain(nonlinearity, param)


_FUNCTIONS: dict[str, Any] = {
    "uniform_": _uniform,
    "normal_": _normal,
    "constant_": _constant(None),
    "ones_": _constant(1.0),
    "zeros_": _constant(0.0),
    "eye_": _eye,
    "xavier_uniform_": _xavier(False),
    "xavier_normal_": _xavier(True),
    "kaiming_uniform_": _kaiming(False),
    "kaiming_normal_": _kaiming(True),
    "orthogonal_": _orthogonal,
    "sparse_": _sparse,
    "trunc_normal_": _trunc_normal,
    "dirac_": _dirac,
    "calculate_gain": _gain,
}
INIT = Namespace(
    "torch.nn.init",
    {
        **{name: Builtin(name, run) for name, run in _FUNCTIONS.items()},
        **{
            name.rstrip("_"): Builtin(name, run)  # what older scripts call them
            for name, run in _FUNCTIONS.items()
            if name.startswith(("xavier", "kaiming"))
        },
    },
    functions=False,
)
