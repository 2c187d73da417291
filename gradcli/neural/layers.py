"""The modules of `torch.nn` that compute: layers with weights, activations, losses, as rows of tables.

A row of `FUNCTIONAL` is a module that calls a function of the function table with its settings; the layers
with parameters have a function each that makes them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.init import kaiming_bound, room
from gradcli.neural.module import MODULE, Held, apply, assign, parameter
from gradcli.values.conversions import integer, listed, number, truth
from gradcli.values.dtypes import dtype_name, numpy_dtype
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Forward = Callable[..., Any]


REQUIRED = object()
"""The default of a setting that a call must give."""


def layer(
    name: str, start: Forward, forward: Forward, shown: Callable[[Runtime, Instance], str], group: str
) -> ClassValue:
    """A module of ours: what its call does, what it computes, and what its `repr` says of it."""
    members = {
        "__init__": Builtin(name, start),
        "forward": Builtin("forward", forward),
        "extra_repr": Builtin("extra_repr", lambda runtime, span, module: shown(runtime, module)),
    }
    return ClassValue(name, (MODULE,), members, f"torch.nn.modules.{group}.{name}")


def begin(runtime: Runtime, span: Span, module: Instance, **settings: Any) -> np.dtype[Any]:
    """Starts a module with its settings; the dtype that its parameters have."""
    MODULE.members["__init__"].run(runtime, span, module)
    dtype = settings.pop("dtype", None)
    settings.pop("device", None)
    module.attributes.update(settings)
    name = dtype_name(dtype)
    return runtime.session.default_dtype if name is None else numpy_dtype(name)


def _settings(runtime: Runtime, module: Instance, names: Sequence[str]) -> str:
    return ", ".join(f"{name}={represent(runtime, Held(module)[name])}" for name in names)


def _whole(runtime: Runtime, value: Any, span: Span, what: str) -> int:
    found = integer(runtime, value, span, f"{what} must be an integer")
    if found < 0:
        message = f"Trying to create tensor with negative dimension {found}: {what}"
        raise GradcliError("bad-argument", message, span=span)
    return found


def _uniform(runtime: Runtime, shape: tuple[int, ...], dtype: np.dtype[Any], bound: float) -> Tensor:
    values = runtime.session.context.generator.uniform(room(shape, dtype), dtype, -bound, bound)
    return parameter(runtime, values)


def _filled(runtime: Runtime, shape: tuple[int, ...], dtype: np.dtype[Any], value: float) -> Tensor:
    return parameter(runtime, np.full(room(shape, dtype), value, dtype))


# ---- linear layers -------------------------------------------------------------------------------


def _linear(
    runtime: Runtime,
    span: Span,
    module: Instance,
    in_features: Any,
    out_features: Any,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    inputs, outputs = (_whole(runtime, each, span, "a size") for each in (in_features, out_features))
    kind = begin(runtime, span, module, dtype=dtype, in_features=inputs, out_features=outputs)
    weights(runtime, module, (outputs, inputs), kind, truth(runtime, bias, span))


def weights(
    runtime: Runtime, module: Instance, shape: tuple[int, ...], dtype: np.dtype[Any], bias: bool
) -> None:
    """Weight and bias as every layer of PyTorch begins with them."""
    fan = shape[1] * math.prod(shape[2:])
    bound = kaiming_bound(fan) if fan else 0.0
    module.attributes["weight"] = _uniform(runtime, shape, dtype, bound)
    module.attributes["bias"] = None
    if bias:
        ends = 1 / math.sqrt(fan) if fan else 0.0
        module.attributes["bias"] = _uniform(runtime, shape[:1], dtype, ends)


def _linear_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    weight, bias = Held(module)["weight"], Held(module)["bias"]
    return apply(runtime, "linear", input, weight, *(() if bias is None else (bias,)))


def _has_bias(runtime: Runtime, module: Instance) -> str:
    return f"bias={Held(module)['bias'] is not None}"


LINEAR = layer(
    "Linear",
    _linear,
    _linear_forward,
    lambda runtime, module: (
        _settings(runtime, module, ("in_features", "out_features")) + ", " + _has_bias(runtime, module)
    ),
    "linear",
)


def _bilinear(
    runtime: Runtime,
    span: Span,
    module: Instance,
    in1_features: Any,
    in2_features: Any,
    out_features: Any,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    first, second, outputs = (
        _whole(runtime, each, span, "a size") for each in (in1_features, in2_features, out_features)
    )
    sizes = {"in1_features": first, "in2_features": second, "out_features": outputs}
    kind = begin(runtime, span, module, dtype=dtype, **sizes)
    bound = 1 / math.sqrt(first)
    module.attributes["weight"] = _uniform(runtime, (outputs, first, second), kind, bound)
    given = truth(runtime, bias, span)
    module.attributes["bias"] = _uniform(runtime, (outputs,), kind, bound) if given else None


def _bilinear_forward(runtime: Runtime, span: Span, module: Instance, input1: Any, input2: Any) -> Any:
    return apply(runtime, "bilinear", input1, input2, Held(module)["weight"], Held(module)["bias"])


BILINEAR = layer(
    "Bilinear",
    _bilinear,
    _bilinear_forward,
    lambda runtime, module: (
        _settings(runtime, module, ("in1_features", "in2_features", "out_features"))
        + ", "
        + _has_bias(runtime, module)
    ),
    "linear",
)

# ---- embeddings ----------------------------------------------------------------------------------


def _embedding(
    runtime: Runtime,
    span: Span,
    module: Instance,
    num_embeddings: Any,
    embedding_dim: Any,
    padding_idx: Any = None,
    device: Any = None,
    dtype: Any = None,
) -> None:
    rows, width = (_whole(runtime, each, span, "a size") for each in (num_embeddings, embedding_dim))
    sizes = {"num_embeddings": rows, "embedding_dim": width, "padding_idx": padding_idx}
    kind = begin(runtime, span, module, dtype=dtype, **sizes)
    values = runtime.session.context.generator.normal(room((rows, width), kind), kind)
    if padding_idx is not None:
        place = integer(runtime, padding_idx, span, "padding_idx must be an integer")
        if not -rows <= place < rows:
            message = "Padding_idx must be within num_embeddings"
            raise GradcliError("bad-argument", message, span=span)
        values[place] = 0
    module.attributes["weight"] = parameter(runtime, values)


def _embedding_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    weight = Held(module)["weight"]
    if type(input) is not Tensor or input.dtype.kind not in "iu":
        message = (
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int"
        )
        raise GradcliError("dtype", message, span=span)
    return apply(runtime, "embedding", input, weight, Held(module)["padding_idx"])


EMBEDDING = layer(
    "Embedding",
    _embedding,
    _embedding_forward,
    lambda runtime, module: ", ".join(
        [
            *[str(Held(module)[name]) for name in ("num_embeddings", "embedding_dim")],
            *(
                [f"padding_idx={Held(module)['padding_idx']}"]
                if Held(module)["padding_idx"] is not None
                else []
            ),
        ]
    ),
    "sparse",
)

# ---- convolutions --------------------------------------------------------------------------------


def _sizes(runtime: Runtime, value: Any, count: int, span: Span, what: str) -> Any:
    """A setting of a convolution for each dim."""
    if type(value) is str and what == "padding":
        return value
    given = listed(runtime, value, span) if isinstance(value, (list, tuple)) else [value] * count
    return tuple(_whole(runtime, each, span, what) for each in given)


def _convolution(rank: int) -> ClassValue:
    name = f"Conv{rank}d"

    def start(
        runtime: Runtime,
        span: Span,
        module: Instance,
        in_channels: Any,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
        bias: Any = True,
        padding_mode: Any = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise GradcliError(
                "bad-argument", "only padding_mode='zeros' is here", span=span, hint="use F.pad before it"
            )
        inputs, outputs, parts = (
            _whole(runtime, each, span, "a number of channels")
            for each in (in_channels, out_channels, groups)
        )
        given = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        sizes = {each: _sizes(runtime, value, rank, span, each) for each, value in given.items()}
        if not parts or inputs % parts or outputs % parts:
            raise GradcliError("bad-argument", "in_channels must be divisible by groups", span=span)
        kind = begin(
            runtime,
            span,
            module,
            dtype=dtype,
            in_channels=inputs,
            out_channels=outputs,
            groups=parts,
            **sizes,
        )
        shape = (outputs, inputs // parts, *sizes["kernel_size"])
        weights(runtime, module, shape, kind, truth(runtime, bias, span))

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        settings = {each: held[each] for each in ("stride", "padding", "dilation", "groups")}
        return apply(runtime, f"conv{rank}d", input, held["weight"], held["bias"], **settings)

    def shown(runtime: Runtime, module: Instance) -> str:
        held = Held(module)
        parts = [str(held["in_channels"]), str(held["out_channels"])]
        parts += [f"{each}={held[each]!r}" for each in ("kernel_size", "stride")]
        usual = {"padding": (0,) * rank, "dilation": (1,) * rank, "groups": 1}
        parts += [f"{each}={held[each]!r}" for each, value in usual.items() if held[each] != value]
        return ", ".join([*parts, *(["bias=False"] if held["bias"] is None else [])])

    return layer(name, start, forward, shown, "conv")


# ---- norms ---------------------------------------------------------------------------------------


def _layer_norm(
    runtime: Runtime,
    span: Span,
    module: Instance,
    normalized_shape: Any,
    eps: Any = 1e-5,
    elementwise_affine: Any = True,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    shape = _sizes(runtime, normalized_shape, 1, span, "normalized_shape")
    affine = truth(runtime, elementwise_affine, span)
    kind = begin(
        runtime, span, module, dtype=dtype, normalized_shape=shape, eps=eps, elementwise_affine=affine
    )
    module.attributes["weight"] = _filled(runtime, shape, kind, 1.0) if affine else None
    biased = affine and truth(runtime, bias, span)
    module.attributes["bias"] = _filled(runtime, shape, kind, 0.0) if biased else None


def _layer_norm_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(
        runtime, "layer_norm", input, held["normalized_shape"], held["weight"], held["bias"], held["eps"]
    )


LAYER_NORM = layer(
    "LayerNorm",
    _layer_norm,
    _layer_norm_forward,
    lambda runtime, module: (
        f"{represent(runtime, Held(module)['normalized_shape'])}, "
        + _settings(runtime, module, ("eps", "elementwise_affine"))
        + f", {_has_bias(runtime, module)}"
    ),
    "normalization",
)


def _group_norm(
    runtime: Runtime,
    span: Span,
    module: Instance,
    num_groups: Any,
    num_channels: Any,
    eps: Any = 1e-5,
    affine: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    groups, channels = (_whole(runtime, each, span, "a size") for each in (num_groups, num_channels))
    if not groups or channels % groups:
        error = GradcliError("bad-argument", "num_channels must be divisible by num_groups", span=span)
        error.python = "ValueError"
        raise error
    flag = truth(runtime, affine, span)
    sizes = {"num_groups": groups, "num_channels": channels, "eps": eps, "affine": flag}
    kind = begin(runtime, span, module, dtype=dtype, **sizes)
    module.attributes["weight"] = _filled(runtime, (channels,), kind, 1.0) if flag else None
    module.attributes["bias"] = _filled(runtime, (channels,), kind, 0.0) if flag else None


def _group_norm_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(runtime, "group_norm", input, held["num_groups"], held["weight"], held["bias"], held["eps"])


GROUP_NORM = layer(
    "GroupNorm",
    _group_norm,
    _group_norm_forward,
    lambda runtime, module: (
        f"{Held(module)['num_groups']}, {Held(module)['num_channels']}, "
        + _settings(runtime, module, ("eps", "affine"))
    ),
    "normalization",
)


def _batch_norm(rank: int) -> ClassValue:
    ranks = {1: (2, 3), 2: (4,), 3: (5,)}[rank]

    def start(
        runtime: Runtime,
        span: Span,
        module: Instance,
        num_features: Any,
        eps: Any = 1e-5,
        momentum: Any = 0.1,
        affine: Any = True,
        track_running_stats: Any = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: Any = True,
    ) -> None:
        size = _whole(runtime, num_features, span, "num_features")
        flags = {"affine": truth(runtime, affine, span)}
        flags["track_running_stats"] = truth(runtime, track_running_stats, span)
        settings = {"num_features": size, "eps": eps, "momentum": momentum, **flags}
        kind = begin(runtime, span, module, dtype=dtype, **settings)
        session, held = runtime.session, module.attributes
        held["weight"] = _filled(runtime, (size,), kind, 1.0) if flags["affine"] else None
        biased = flags["affine"] and truth(runtime, bias, span)
        held["bias"] = _filled(runtime, (size,), kind, 0.0) if biased else None
        if flags["track_running_stats"]:
            held["running_mean"] = session.leaf(np.zeros(size, kind))
            held["running_var"] = session.leaf(np.ones(size, kind))
            held["num_batches_tracked"] = session.leaf(np.array(0))
            module.state["buffers"] = ["running_mean", "running_var", "num_batches_tracked"]

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        if type(input) is not Tensor or len(input.shape) not in ranks:
            shown = f"got {len(input.shape)}D input" if type(input) is Tensor else "got no tensor"
            wanted = " or ".join(f"{each}D" for each in ranks)
            raise GradcliError("shape", f"expected {wanted} input ({shown})", span=span)
        running: tuple[Any, Any] = (None, None)
        training = held["training"] or not held["track_running_stats"]
        if not training:
            running = _buffer(held, "running_mean"), _buffer(held, "running_var")
        result = apply(
            runtime, "batch_norm", input, *running, held["weight"], held["bias"], training, eps=held["eps"]
        )
        if training and held["track_running_stats"]:
            _track(runtime, module, input)
        return result

    def shown(runtime: Runtime, module: Instance) -> str:
        names = ("eps", "momentum", "affine", "track_running_stats")
        shown = f"{Held(module)['num_features']}, " + _settings(runtime, module, names)
        return shown.replace(", track", f", {_has_bias(runtime, module)}, track")

    return layer(f"BatchNorm{rank}d", start, forward, shown, "batchnorm")


def _track(runtime: Runtime, module: Instance, input: Tensor) -> None:
    """Moves the running mean and (unbiased) variance towards those of a batch."""
    held, session = Held(module), runtime.session
    array = session.numpy(input)
    dims = (0, *range(2, array.ndim))
    count = array.size // array.shape[1]
    batches = int(session.numpy(_buffer(held, "num_batches_tracked")).sum()) + 1
    assign(runtime, held["num_batches_tracked"], batches)
    given = held["momentum"]
    momentum = 1 / max(batches, 1) if given is None else number(runtime, given, None, "momentum")
    batch = {"running_mean": array.mean(dims), "running_var": array.var(dims) * (count / (count - 1))}
    for name, fresh in batch.items():
        former = session.numpy(_buffer(held, name))
        kind = former.dtype.type
        moved = kind(1 - momentum) * former + kind(momentum) * fresh.astype(former.dtype)
        assign(runtime, held[name], session.leaf(moved))


def _buffer(held: Held, name: str) -> Tensor:
    found = held[name]
    if type(found) is not Tensor:
        raise GradcliError("bad-argument", f"{name} is no tensor any more")
    return found


# ---- modules that call a function ----------------------------------------------------------------


def functional(
    name: str,
    row: str,
    settings: Mapping[str, Any],
    group: str,
    shown: Callable[[Runtime, Instance], str] = lambda runtime, module: "",
    inputs: int = 1,
) -> ClassValue:
    """A module that calls a row of the function table with its settings."""

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        begin(runtime, span, module, **given)

    def forward(runtime: Runtime, span: Span, module: Instance, *tensors: Any) -> Any:
        if len(tensors) != inputs:
            message = f"forward() takes {inputs} input{'s' * (inputs > 1)}, but {len(tensors)} were given"
            raise GradcliError("bad-argument", message, span=span)
        return apply(runtime, row, *tensors, **{each: Held(module)[each] for each in settings})

    return layer(name, start, forward, shown, group)


def bound(
    name: str, settings: Mapping[str, Any], values: tuple[Any, ...], named: dict[str, Any], span: Span
) -> dict[str, Any]:
    """The settings of a module, from what its call gives."""
    given = dict(settings) | dict(zip(settings, values, strict=False)) | named
    unknown = [each for each in named if each not in settings]
    missing = [each for each, value in given.items() if value is REQUIRED]
    twice = [each for each in named if each in list(settings)[: len(values)]]
    if unknown or missing or twice or len(values) > len(settings):
        said = (
            f"{name}() got an unexpected keyword argument '{unknown[0]}'"
            if unknown
            else f"{name}() missing required argument '{missing[0]}'"
            if missing
            else f"{name}() takes at most {len(settings)} arguments"
        )
        hint = f"it takes {', '.join(settings)}" if settings else "it takes no arguments"
        raise GradcliError("bad-argument", said, span=span, hint=hint)
    return given


def shows(*names: str, bare: bool = False) -> Callable[[Runtime, Instance], str]:
    """What a `repr` says: the settings by name, or their values alone."""

    def run(runtime: Runtime, module: Instance) -> str:
        if bare:
            return ", ".join(represent(runtime, Held(module)[name]) for name in names)
        return _settings(runtime, module, names)

    return run


def _in_place(runtime: Runtime, module: Instance) -> str:
    return "inplace=True" if module.attributes.get("inplace") else ""


def _with_in_place(*names: str) -> Callable[[Runtime, Instance], str]:
    def run(runtime: Runtime, module: Instance) -> str:
        parts = [_settings(runtime, module, names), _in_place(runtime, module)]
        return ", ".join(part for part in parts if part)

    return run


IN_PLACE = {"inplace": False}
_ACTIVATIONS: tuple[tuple[str, str, dict[str, Any], Any], ...] = (
    ("ReLU", "relu", IN_PLACE, _in_place),
    ("ReLU6", "relu6", IN_PLACE, _in_place),
    ("SELU", "selu", IN_PLACE, _in_place),
    ("SiLU", "silu", IN_PLACE, _in_place),
    ("Mish", "mish", IN_PLACE, _in_place),
    ("Hardsigmoid", "hardsigmoid", IN_PLACE, _in_place),
    ("Hardswish", "hardswish", IN_PLACE, _in_place),
    ("LeakyReLU", "leaky_relu", {"negative_slope": 0.01, **IN_PLACE}, _with_in_place("negative_slope")),
    ("ELU", "elu", {"alpha": 1.0, **IN_PLACE}, _with_in_place("alpha")),
    ("CELU", "celu", {"alpha": 1.0, **IN_PLACE}, _with_in_place("alpha")),
    (
        "Hardtanh",
        "hardtanh",
        {"min_val": -1.0, "max_val": 1.0, **IN_PLACE},
        _with_in_place("min_val", "max_val"),
    ),
    (
        "Threshold",
        "threshold",
        {"threshold": REQUIRED, "value": REQUIRED, **IN_PLACE},
        _with_in_place("threshold", "value"),
    ),
    ("Sigmoid", "sigmoid", {}, shows()),
    ("Tanh", "tanh", {}, shows()),
    ("Softsign", "softsign", {}, shows()),
    ("Tanhshrink", "tanhshrink", {}, shows()),
    ("LogSigmoid", "logsigmoid", {}, shows()),
    ("GELU", "gelu", {"approximate": "none"}, shows("approximate")),
    ("Softplus", "softplus", {"beta": 1.0, "threshold": 20.0}, shows("beta", "threshold")),
    ("Softshrink", "softshrink", {"lambd": 0.5}, shows("lambd", bare=True)),
    ("Hardshrink", "hardshrink", {"lambd": 0.5}, shows("lambd", bare=True)),
    ("Softmax", "softmax", {"dim": None}, shows("dim")),
    ("LogSoftmax", "log_softmax", {"dim": None}, shows("dim")),
    ("Softmin", "softmin", {"dim": None}, shows("dim")),
    ("GLU", "glu", {"dim": -1}, shows("dim")),
)
_POOLS: tuple[tuple[str, str, dict[str, Any]], ...] = tuple(
    (f"{kind}Pool{rank}d", f"{kind.lower()}_pool{rank}d", more)
    for rank in (1, 2)
    for kind, more in (
        ("Max", {"kernel_size": REQUIRED, "stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}),
        ("Avg", {"kernel_size": REQUIRED, "stride": None, "padding": 0}),
    )
)


def _pool_shown(runtime: Runtime, module: Instance) -> str:
    held = dict(module.attributes)
    if held.get("stride") is None:
        held["stride"] = held.get("kernel_size")
    names = [name for name in ("kernel_size", "stride", "padding", "dilation", "ceil_mode") if name in held]
    return ", ".join(f"{name}={represent(runtime, held[name])}" for name in names)


# ---- dropout, shapes, identity -------------------------------------------------------------------


def _dropout(name: str) -> ClassValue:
    def start(runtime: Runtime, span: Span, module: Instance, p: Any = 0.5, inplace: Any = False) -> None:
        if type(p) not in (int, float) or not 0 <= p <= 1:
            message = f"dropout probability has to be between 0 and 1, but got {represent(runtime, p)}"
            raise GradcliError("bad-argument", message, span=span)
        begin(runtime, span, module, p=p, inplace=inplace)

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        return apply(runtime, "dropout", input, held["p"], held["training"], held["inplace"])

    return layer(name, start, forward, shows("p", "inplace"), "dropout")


def _identity(runtime: Runtime, span: Span, module: Instance, *_: Any, **__: Any) -> None:
    begin(runtime, span, module)


def _prelu(
    runtime: Runtime, span: Span, module: Instance, num_parameters: Any = 1, init: Any = 0.25, **_: Any
) -> None:
    count = _whole(runtime, num_parameters, span, "num_parameters")
    kind = begin(runtime, span, module, num_parameters=count)
    module.attributes["weight"] = _filled(runtime, (count,), kind, init)


def _prelu_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    return apply(runtime, "prelu", input, Held(module)["weight"])


def _unflatten(runtime: Runtime, span: Span, module: Instance, dim: Any, unflattened_size: Any) -> None:
    sizes = _sizes(runtime, unflattened_size, 1, span, "a size")
    begin(runtime, span, module, dim=dim, unflattened_size=sizes)


def _unflatten_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    return apply(runtime, "unflatten", input, Held(module)["dim"], Held(module)["unflattened_size"])


# ---- losses --------------------------------------------------------------------------------------

_LOSSES: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("MSELoss", "mse_loss", {}, 2),
    ("L1Loss", "l1_loss", {}, 2),
    ("SmoothL1Loss", "smooth_l1_loss", {"beta": 1.0}, 2),
    ("HuberLoss", "huber_loss", {"delta": 1.0}, 2),
    ("CrossEntropyLoss", "cross_entropy", {"weight": None, "ignore_index": -100, "label_smoothing": 0.0}, 2),
    ("NLLLoss", "nll_loss", {"weight": None, "ignore_index": -100}, 2),
    ("BCELoss", "binary_cross_entropy", {"weight": None}, 2),
    ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", {"weight": None, "pos_weight": None}, 2),
    ("KLDivLoss", "kl_div", {"log_target": False}, 2),
    ("PoissonNLLLoss", "poisson_nll_loss", {"log_input": True, "full": False}, 2),
    ("GaussianNLLLoss", "gaussian_nll_loss", {"full": False, "eps": 1e-6}, 3),
    ("SoftMarginLoss", "soft_margin_loss", {}, 2),
    ("HingeEmbeddingLoss", "hinge_embedding_loss", {"margin": 1.0}, 2),
    ("MarginRankingLoss", "margin_ranking_loss", {"margin": 0.0}, 3),
    ("TripletMarginLoss", "triplet_margin_loss", {"margin": 1.0}, 3),
)
_LEGACY = {"size_average": None, "reduce": None, "reduction": "mean"}
"""What every loss takes in between: two old names, and what they became."""


def _loss(name: str, row: str, own: dict[str, Any], inputs: int) -> ClassValue:
    first = {each: own[each] for each in ("weight",) if each in own}
    rest = {each: value for each, value in own.items() if each not in first}
    before = {"beta", "delta"} & set(rest)  # these stand behind the reduction
    settings = {**first, **_LEGACY, **rest} if before or not rest else {**first, **rest, **_LEGACY}
    if name == "CrossEntropyLoss":
        settings = {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None}
        settings |= {"reduction": "mean", "label_smoothing": 0.0}
    passed = [*own, "reduction"]

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        averaged, reduced = given.pop("size_average"), given.pop("reduce")
        if averaged is not None or reduced is not None:
            given["reduction"] = "none" if reduced is False else "sum" if averaged is False else "mean"
        begin(runtime, span, module, **given)

    def forward(runtime: Runtime, span: Span, module: Instance, *tensors: Any) -> Any:
        if len(tensors) != inputs:
            message = f"forward() takes {inputs} inputs, but {len(tensors)} were given"
            raise GradcliError("bad-argument", message, span=span)
        given = {each: Held(module)[each] for each in passed}
        return apply(runtime, row, *tensors, **given)

    return layer(name, start, forward, shows(), "loss")


# ---- the table -----------------------------------------------------------------------------------

LAYERS: dict[str, ClassValue] = {
    "Linear": LINEAR,
    "Bilinear": BILINEAR,
    "Embedding": EMBEDDING,
    "LayerNorm": LAYER_NORM,
    "GroupNorm": GROUP_NORM,
    "AdaptiveAvgPool1d": functional(
        "AdaptiveAvgPool1d", "adaptive_avg_pool1d", {"output_size": REQUIRED}, "pooling", shows("output_size")
    ),
    **{f"Conv{rank}d": _convolution(rank) for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": _batch_norm(rank) for rank in (1, 2, 3)},
    **{name: functional(name, row, given, "activation", shown) for name, row, given, shown in _ACTIVATIONS},
    **{name: functional(name, row, given, "pooling", _pool_shown) for name, row, given in _POOLS},
    **{name: _loss(name, row, given, inputs) for name, row, given, inputs in _LOSSES},
    "Dropout": _dropout("Dropout"),
    "Flatten": functional(
        "Flatten", "flatten", {"start_dim": 1, "end_dim": -1}, "flatten", shows("start_dim", "end_dim")
    ),
    "Unflatten": layer(
        "Unflatten", _unflatten, _unflatten_forward, shows("dim", "unflattened_size"), "flatten"
    ),
    "Identity": layer("Identity", _identity, lambda runtime, span, module, input: input, shows(), "linear"),
    "PReLU": layer("PReLU", _prelu, _prelu_forward, shows("num_parameters"), "activation"),
    "CosineSimilarity": functional(
        "CosineSimilarity", "cosine_similarity", {"dim": 1, "eps": 1e-8}, "distance", inputs=2
    ),
    "PairwiseDistance": functional(
        "PairwiseDistance",
        "pairwise_distance",
        {"p": 2.0, "eps": 1e-6, "keepdim": False},
        "distance",
        inputs=2,
    ),
}
"""The modules of `torch.nn` by name."""
