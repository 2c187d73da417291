"""The modules of `torch.nn` that compute, by name: those that call a function of the table are its rows.

Layers with parameters have a function each that makes them (`weighted`, `norms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.making import (
    REQUIRED,
    as_sizes,
    begin,
    bound,
    called_with,
    described,
    filled,
    functional,
    layer,
    shows,
    whole,
)
from gradcli.neural.module import Held, apply
from gradcli.neural.norms import GROUP_NORM, LAYER_NORM, RMS_NORM, batch_norm, instance_norm
from gradcli.neural.recurrent import RECURRENT
from gradcli.neural.weighted import BILINEAR, EMBEDDING, EMBEDDING_BAG, LINEAR, convolution, transposed
from gradcli.values.conversions import number
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _in_place(runtime: Runtime, module: Instance) -> str:
    return "inplace=True" if module.attributes.get("inplace") else ""


def _with_in_place(*names: str) -> Callable[[Runtime, Instance], str]:
    def run(runtime: Runtime, module: Instance) -> str:
        parts = [described(runtime, module, names), _in_place(runtime, module)]
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
_MAX = {"kernel_size": REQUIRED, "stride": None, "padding": 0, "dilation": 1}
_MAX |= {"return_indices": False, "ceil_mode": False}
_AVG = {"kernel_size": REQUIRED, "stride": None, "padding": 0}
_AVG |= {"ceil_mode": False, "count_include_pad": True}
_POOLS: tuple[tuple[str, str, dict[str, Any]], ...] = tuple(
    (f"{kind}Pool{rank}d", f"{kind.lower()}_pool{rank}d", more)
    for rank in (1, 2, 3)
    for kind, more in (("Max", _MAX), ("Avg", _AVG if rank == 1 else {**_AVG, "divisor_override": None}))
)
_LP = {"norm_type": REQUIRED, "kernel_size": REQUIRED, "stride": None, "ceil_mode": False}
_UNPOOL = {"kernel_size": REQUIRED, "stride": None, "padding": 0}


def _pool_shown(runtime: Runtime, module: Instance) -> str:
    held = dict(module.attributes)
    if held.get("stride") is None:
        held["stride"] = held.get("kernel_size")
    names = ["kernel_size", "stride", "padding", *(["dilation", "ceil_mode"] if "dilation" in held else [])]
    return ", ".join(f"{name}={represent(runtime, held[name])}" for name in names)


def _sized(rank: int) -> Callable[[Runtime, Instance], str]:
    """A size for each dim, whatever was given."""

    def run(runtime: Runtime, module: Instance) -> str:
        held = dict(module.attributes)
        sizes = [held["kernel_size"], held["kernel_size"] if held["stride"] is None else held["stride"]]
        each = [size if isinstance(size, tuple) else (size,) * rank for size in (*sizes, held["padding"])]
        names = ("kernel_size", "stride", "padding")
        return ", ".join(f"{name}={represent(runtime, size)}" for name, size in zip(names, each, strict=True))

    return run


def _unpool(rank: int) -> ClassValue:
    name = f"MaxUnpool{rank}d"

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        begin(runtime, span, module, **bound(name, _UNPOOL, values, named, span))

    def forward(
        runtime: Runtime, span: Span, module: Instance, input: Any, indices: Any, output_size: Any = None
    ) -> Any:
        held = Held(module)
        sizes = (held[each] for each in _UNPOOL)
        return apply(runtime, f"max_unpool{rank}d", input, indices, *sizes, output_size)

    return layer(name, start, forward, _sized(rank), "pooling")


# ---- dropout, shapes, identity -------------------------------------------------------------------


def _dropout(name: str, row: str) -> ClassValue:
    def start(runtime: Runtime, span: Span, module: Instance, p: Any = 0.5, inplace: Any = False) -> None:
        if type(p) not in (int, float) or not 0 <= p <= 1:
            message = f"dropout probability has to be between 0 and 1, but got {represent(runtime, p)}"
            raise GradcliError("bad-argument", message, span=span)
        begin(runtime, span, module, p=p, inplace=inplace)

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        return apply(runtime, row, input, held["p"], held["training"], held["inplace"])

    return layer(name, start, forward, shows("p", "inplace"), "dropout")


def _random_slopes(
    runtime: Runtime,
    span: Span,
    module: Instance,
    lower: Any = 1 / 8,
    upper: Any = 1 / 3,
    inplace: Any = False,
) -> None:
    begin(runtime, span, module, lower=lower, upper=upper, inplace=inplace)


def _sloped(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    own = Held(module)
    return apply(runtime, "rrelu", input, own["lower"], own["upper"], own["training"])


def _identity(runtime: Runtime, span: Span, module: Instance, *_: Any, **__: Any) -> None:
    begin(runtime, span, module)


def _softmax2d(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    """Over the channels, at each place."""
    return apply(runtime, "softmax", input, -3)


def _prelu(
    runtime: Runtime, span: Span, module: Instance, num_parameters: Any = 1, init: Any = 0.25, **_: Any
) -> None:
    count = whole(runtime, num_parameters, span, "num_parameters")
    kind = begin(runtime, span, module, num_parameters=count)
    module.attributes["weight"] = filled(runtime, (count,), kind, init)


def _prelu_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    return apply(runtime, "prelu", input, Held(module)["weight"])


def _unflatten(runtime: Runtime, span: Span, module: Instance, dim: Any, unflattened_size: Any) -> None:
    sizes = as_sizes(runtime, unflattened_size, 1, span, "a size")
    begin(runtime, span, module, dim=dim, unflattened_size=sizes)


def _unflatten_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    return apply(runtime, "unflatten", input, Held(module)["dim"], Held(module)["unflattened_size"])


# ---- padding, and images in other sizes ----------------------------------------------------------

_PADDINGS = {"Zero": "constant", "Constant": "constant", "Reflection": "reflect", "Replication": "replicate"}
_PADDINGS |= {"Circular": "circular"}
"""The modules that pad, and what they pad with."""


def _padding(kind: str, rank: int) -> ClassValue:
    name = f"{kind}Pad{rank}d"
    settings = {"padding": REQUIRED, **({"value": REQUIRED} if kind == "Constant" else {})}

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        given["padding"] = as_sizes(runtime, given["padding"], 2 * rank, span, "a padding", signed=True)
        begin(runtime, span, module, **given)

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        value = module.attributes.get("value")
        return apply(runtime, "pad", input, Held(module)["padding"], _PADDINGS[kind], value)

    shown = shows("padding", "value") if kind == "Constant" else shows("padding", bare=True)
    return layer(name, start, forward, shown, "padding")


_UNFOLD = {"kernel_size": REQUIRED, "dilation": 1, "padding": 0, "stride": 1}
_RESPONSE = {"size": REQUIRED, "alpha": 1e-4, "beta": 0.75, "k": 1.0}


def _response_shown(runtime: Runtime, module: Instance) -> str:
    return f"{Held(module)['size']}, " + described(runtime, module, ("alpha", "beta", "k"))


_RESAMPLING: tuple[tuple[str, str, dict[str, Any], str, Any], ...] = (
    ("PixelShuffle", "pixel_shuffle", {"upscale_factor": REQUIRED}, "pixelshuffle", shows("upscale_factor")),
    (
        "PixelUnshuffle",
        "pixel_unshuffle",
        {"downscale_factor": REQUIRED},
        "pixelshuffle",
        shows("downscale_factor"),
    ),
    ("ChannelShuffle", "channel_shuffle", {"groups": REQUIRED}, "channelshuffle", shows("groups")),
    ("Unfold", "functional.unfold", _UNFOLD, "fold", shows(*_UNFOLD)),
    ("Fold", "fold", {"output_size": REQUIRED, **_UNFOLD}, "fold", shows("output_size", *_UNFOLD)),
    ("LocalResponseNorm", "local_response_norm", _RESPONSE, "normalization", _response_shown),
)
_ADAPTIVE: tuple[tuple[str, str, dict[str, Any], Any], ...] = tuple(
    (f"Adaptive{kind}Pool{rank}d", f"adaptive_{kind.lower()}_pool{rank}d", settings, shows("output_size"))
    for rank in (1, 2, 3)
    for kind, settings in (
        ("Avg", {"output_size": REQUIRED}),
        ("Max", {"output_size": REQUIRED, "return_indices": False}),
    )
)
_UPSAMPLE = {"size": None, "scale_factor": None, "mode": "nearest", "align_corners": None}
_UPSAMPLE |= {"recompute_scale_factor": None}


def _upsample(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
    given = bound("Upsample", _UPSAMPLE, values, named, span)
    factor = given["scale_factor"]
    if isinstance(factor, (list, tuple)):
        given["scale_factor"] = tuple([number(runtime, each, span, "scale_factor") for each in factor])
    elif factor is not None:
        given["scale_factor"] = float(number(runtime, factor, span, "scale_factor"))
    begin(runtime, span, module, **given)


def _upsample_shown(runtime: Runtime, module: Instance) -> str:
    given = "size" if Held(module)["scale_factor"] is None else "scale_factor"
    return described(runtime, module, (given, "mode"))


def _upsampled(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    return apply(runtime, "interpolate", input, *(Held(module)[each] for each in _UPSAMPLE))


UPSAMPLE = layer("Upsample", _upsample, _upsampled, _upsample_shown, "upsampling")


def _upsampling(name: str, **fixed: Any) -> Any:
    """`Upsample` of one mode."""

    def start(
        runtime: Runtime, span: Span, module: Instance, size: Any = None, scale_factor: Any = None
    ) -> None:
        _upsample(runtime, span, module, size, scale_factor, **fixed)

    return layer(name, start, _upsampled, _upsample_shown, "upsampling")


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
    ("TripletMarginLoss", "triplet_margin_loss", {"margin": 1.0, "p": 2.0, "eps": 1e-6, "swap": False}, 3),
    ("CosineEmbeddingLoss", "cosine_embedding_loss", {"margin": 0.0}, 3),
    ("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", {"weight": None}, 2),
    ("MultiLabelMarginLoss", "multilabel_margin_loss", {}, 2),
    ("MultiMarginLoss", "multi_margin_loss", {"p": 1, "margin": 1.0, "weight": None}, 2),
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
        module.state["buffers"] = [each for each in own if type(given[each]) is Tensor]

    def forward(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> Any:
        tensors = called_with(name, row, inputs, values, named, span)
        given = {each: Held(module)[each] for each in passed}
        return apply(runtime, row, *tensors, **given)

    return layer(name, start, forward, shows(), "loss")


_CTC = {"blank": 0, "reduction": "mean", "zero_infinity": False}


def _ctc(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
    begin(runtime, span, module, **bound("CTCLoss", _CTC, values, named, span))


def _ctc_forward(
    runtime: Runtime,
    span: Span,
    module: Instance,
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
) -> Any:
    settings = {each: Held(module)[each] for each in _CTC}
    return apply(runtime, "ctc_loss", log_probs, targets, input_lengths, target_lengths, **settings)


CTC_LOSS = layer("CTCLoss", _ctc, _ctc_forward, shows(), "loss")

# ---- the table -----------------------------------------------------------------------------------

LAYERS: dict[str, ClassValue] = {
    "Linear": LINEAR,
    "Bilinear": BILINEAR,
    "Embedding": EMBEDDING,
    "EmbeddingBag": EMBEDDING_BAG,
    **RECURRENT,
    "LayerNorm": LAYER_NORM,
    "GroupNorm": GROUP_NORM,
    "RMSNorm": RMS_NORM,
    **{f"InstanceNorm{rank}d": instance_norm(rank) for rank in (1, 2, 3)},
    **{f"MaxUnpool{rank}d": _unpool(rank) for rank in (1, 2, 3)},
    **{name: functional(name, row, given, "pooling", shown) for name, row, given, shown in _ADAPTIVE},
    **{name: functional(name, row, given, group, shown) for name, row, given, group, shown in _RESAMPLING},
    **{f"{mode}Pad{rank}d": _padding(mode, rank) for mode in _PADDINGS for rank in (1, 2, 3)},
    "Upsample": UPSAMPLE,
    "UpsamplingNearest2d": _upsampling("UpsamplingNearest2d"),
    "UpsamplingBilinear2d": _upsampling("UpsamplingBilinear2d", mode="bilinear", align_corners=True),
    "CTCLoss": CTC_LOSS,
    **{f"Conv{rank}d": convolution(rank) for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": transposed(rank) for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": batch_norm(rank) for rank in (1, 2, 3)},
    **{name: functional(name, row, given, "activation", shown) for name, row, given, shown in _ACTIVATIONS},
    **{
        name: functional(name, row, given, "pooling", _sized(1) if name == "AvgPool1d" else _pool_shown)
        for name, row, given in _POOLS
    },
    **{
        f"LPPool{rank}d": functional(
            f"LPPool{rank}d",
            f"lp_pool{rank}d",
            _LP,
            "pooling",
            shows("norm_type", "kernel_size", "stride", "ceil_mode"),
        )
        for rank in (1, 2, 3)
    },
    **{name: _loss(name, row, given, inputs) for name, row, given, inputs in _LOSSES},
    "Dropout": _dropout("Dropout", "dropout"),
    "RReLU": layer("RReLU", _random_slopes, _sloped, _with_in_place("lower", "upper"), "activation"),
    "AlphaDropout": _dropout("AlphaDropout", "alpha_dropout"),
    **{f"Dropout{rank}d": _dropout(f"Dropout{rank}d", f"dropout{rank}d") for rank in (1, 2, 3)},
    "Flatten": functional(
        "Flatten", "flatten", {"start_dim": 1, "end_dim": -1}, "flatten", shows("start_dim", "end_dim")
    ),
    "Unflatten": layer(
        "Unflatten", _unflatten, _unflatten_forward, shows("dim", "unflattened_size"), "flatten"
    ),
    "Identity": layer("Identity", _identity, lambda runtime, span, module, input: input, shows(), "linear"),
    "Softmax2d": layer("Softmax2d", _identity, _softmax2d, shows(), "activation"),
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
