"""`nn.MultiheadAttention`: projections, products of queries with keys, and what they choose of the values.

Each step is a function of the table in the order in which PyTorch computes it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.init import INIT
from gradcli.neural.making import REQUIRED, begin, bound, filled, layer, shows, whole
from gradcli.neural.module import Held, apply, called, parameter
from gradcli.neural.weighted import LINEAR
from gradcli.ops.creation import shape_of
from gradcli.values.conversions import truth
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Instance

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_SETTINGS: dict[str, Any] = {"embed_dim": REQUIRED, "num_heads": REQUIRED, "dropout": 0.0, "bias": True}
_SETTINGS |= {"add_bias_kv": False, "add_zero_attn": False, "kdim": None, "vdim": None, "batch_first": False}
_SETTINGS |= {"device": None, "dtype": None}

OUT_PROJECTION = ClassValue(
    "NonDynamicallyQuantizableLinear",
    (LINEAR,),
    {},
    "torch.nn.modules.linear.NonDynamicallyQuantizableLinear",
)


def _start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
    given = bound("MultiheadAttention", _SETTINGS, values, named, span)
    width, heads = (whole(runtime, given[each], span, each) for each in ("embed_dim", "num_heads"))
    if not width or not heads:
        message = f"embed_dim and num_heads must be greater than 0, got embed_dim={width} and "
        raise GradcliError("bad-argument", f"{message}num_heads={heads} instead", span=span)
    if width % heads:
        raise GradcliError("bad-argument", "embed_dim must be divisible by num_heads", span=span)
    for name in ("add_bias_kv", "add_zero_attn"):
        if truth(runtime, given.pop(name), span):
            raise GradcliError("bad-argument", f"MultiheadAttention has no {name} here", span=span)
    for name in ("kdim", "vdim"):
        if given[name] not in (None, width):
            message = f"MultiheadAttention takes keys and values of embed_dim numbers here, not {name}"
            raise GradcliError("bad-argument", message, span=span, hint="put a Linear before it")
        given[name] = width
    flags = {each: truth(runtime, given[each], span) for each in ("batch_first",)}
    bias = truth(runtime, given.pop("bias"), span)
    given |= {"embed_dim": width, "num_heads": heads, "head_dim": width // heads, **flags}
    device = {each: given[each] for each in ("dtype", "device")}
    kind = begin(runtime, span, module, **given)
    held = module.attributes
    weight = runtime.session.numpy(apply(runtime, "zeros", shape_of(((3 * width, width),), kind), dtype=kind))
    held["in_proj_weight"] = parameter(runtime, weight)
    held["in_proj_bias"] = filled(runtime, (3 * width,), kind, 0.0) if bias else None
    held["out_proj"] = called(runtime, span, OUT_PROJECTION, width, width, bias=bias, **device)
    INIT.members["xavier_uniform_"].run(runtime, span, held["in_proj_weight"])
    if bias:
        INIT.members["zeros_"].run(runtime, span, held["out_proj"].attributes["bias"])


def _forward(
    runtime: Runtime,
    span: Span,
    module: Instance,
    query: Any,
    key: Any,
    value: Any,
    key_padding_mask: Any = None,
    need_weights: Any = True,
    attn_mask: Any = None,
    average_attn_weights: Any = True,
    is_causal: Any = False,
) -> Any:
    held, op = Held(module), partial(apply, runtime)
    _check_ranks(span, query, (key, value), attn_mask, key_padding_mask)
    same, paired = query is key is value, key is value
    batched = len(query.shape) == 3
    arranged = {id(each): each for each in (query, key, value)}
    for at, each in arranged.items():
        if not batched:
            arranged[at] = op("unsqueeze", each, 1)
        elif held["batch_first"]:
            arranged[at] = op("transpose", each, 1, 0)
    q, k, v = (arranged[id(each)] for each in (query, key, value))
    length, batch, width = q.shape
    if width != held["embed_dim"]:
        message = f"was expecting embedding dimension of {held['embed_dim']}, but got {width}"
        raise GradcliError("shape", message, span=span)
    if k.shape != v.shape:
        message = f"key shape {_size(k)} does not match value shape {_size(v)}"
        raise GradcliError("shape", message, span=span)
    source, heads, size = k.shape[0], held["num_heads"], held["head_dim"]
    mask = _mask(runtime, span, attn_mask, key_padding_mask, is_causal, (batch, heads, length, source), q)
    q, k, v = _projected(op, held, (q, k, v), same, paired)
    split = [
        op("transpose", op("reshape", each, (each.shape[0], batch * heads, size)), 0, 1) for each in (q, k, v)
    ]
    rate = held["dropout"] if held["training"] else 0.0
    if not truth(runtime, need_weights, span):
        q, k, v = (op("reshape", each, (batch, heads, each.shape[1], size)) for each in split)
        if mask is not None and len(mask.shape) == 3:
            mask = op("unsqueeze", mask, 0) if mask.shape[0] == 1 else op(
                "view", mask, (batch, heads, -1, source)
            )  # fmt: skip
        found = op("scaled_dot_product_attention", q, k, v, mask, rate)
        rows = op("reshape", op("permute", found, (2, 0, 1, 3)), (length * batch, width))
        weights = None
    else:
        q, k, v = split
        q = op("mul", q, math.sqrt(1.0 / size))
        turned = op("transpose", k, -2, -1)
        scores = op("bmm", q, turned) if mask is None else op("baddbmm", mask, q, turned)
        chosen = op("softmax", scores, -1)
        if rate > 0:
            chosen = op("dropout", chosen, rate)
        found = op("bmm", chosen, v)
        rows = op("reshape", op("transpose", found, 0, 1), (length * batch, width))
        weights = op("reshape", chosen, (batch, heads, length, source))
        if truth(runtime, average_attn_weights, span):
            weights = op("mean", weights, 1)
        weights = weights if batched else op("squeeze", weights, 0)
    out = op("reshape", called(runtime, span, held["out_proj"], rows), (length, batch, width))
    if not batched:
        out = op("squeeze", out, 1)
    elif held["batch_first"]:
        out = op("transpose", out, 1, 0)
    return out, weights


def _check_ranks(span: Span, query: Any, others: tuple[Any, Any], mask: Any, padding: Any) -> None:
    """Raises unless all has as many dims as a query with or without a batch wants."""
    for each in (query, *others):
        if type(each) is not Tensor or (each is query and len(each.shape) not in (2, 3)):
            shown = f"{len(each.shape)}-D query tensor" if type(each) is Tensor else type_name(each)
            message = f"query should be unbatched 2D or batched 3D tensor but received {shown}"
            raise GradcliError("shape", message, span=span)
    rank = len(query.shape)
    said = f"For {'batched' if rank == 3 else 'unbatched'} ({rank}-D) `query`, expected"
    found = [len(each.shape) for each in others]
    if found != [rank, rank]:
        message = f"{said} `key` and `value` to be {rank}-D but found {found[0]}-D and {found[1]}-D tensors "
        raise GradcliError("shape", f"{message}respectively", span=span)
    masks: tuple[tuple[str, Any, tuple[int, ...], str], ...] = (
        ("key_padding_mask", padding, (rank - 1,), f"`None` or {rank - 1}-D"),
        ("attn_mask", mask, (2, 3), "`None`, 2-D or 3-D"),
    )
    for name, each, fitting, words in masks:
        if type(each) is Tensor and len(each.shape) not in fitting:
            message = f"{said} `{name}` to be {words} but found {len(each.shape)}-D tensor instead"
            raise GradcliError("shape", message, span=span)


def _projected(op: Any, held: Held, inputs: tuple[Any, ...], same: bool, paired: bool) -> tuple[Any, ...]:
    """Queries, keys and values: by one product where they are of one tensor."""
    q, k, v = inputs
    weight, bias = held["in_proj_weight"], held["in_proj_bias"]
    width = q.shape[-1]
    if same:
        return _parted(op, op("linear", q, weight, bias), 3, width)
    if paired:
        first, both = op("split", weight, [width, 2 * width])
        one, two = (None, None) if bias is None else op("split", bias, [width, 2 * width])
        return op("linear", q, first, one), *_parted(op, op("linear", k, both, two), 2, width)
    matrices = op("chunk", weight, 3)
    biases = (None,) * 3 if bias is None else op("chunk", bias, 3)
    return tuple([op("linear", each, w, b) for each, w, b in zip((q, k, v), matrices, biases, strict=True)])


def _parted(op: Any, together: Any, count: int, width: int) -> tuple[Any, ...]:
    apart = op("unsqueeze", op("unflatten", together, -1, (count, width)), 0)
    apart = op("squeeze", op("transpose", apart, 0, -2), -2)
    return tuple([op("select", apart, 0, at) for at in range(count)])


def _mask(
    runtime: Runtime,
    span: Span,
    given: Any,
    padding: Any,
    causal: Any,
    sizes: tuple[int, int, int, int],
    like: Tensor,
) -> Any:
    """What is added to the products: 3 dims, or None."""
    batch, heads, length, source = sizes
    mask = _added(runtime, span, "attn_mask", given, like)
    hidden = _added(runtime, span, "key_padding_mask", padding, like)
    if truth(runtime, causal, span) and mask is None:
        message = "Need attn_mask if specifying the is_causal hint."
        raise GradcliError("bad-argument", message, span=span)
    if mask is not None:
        shape = tuple(mask.shape)
        if shape not in ((length, source), (batch * heads, length, source)):
            wanted = [(length, source), (batch * heads, length, source)][len(shape) != 2]
            message = f"The shape of the {len(shape)}D attn_mask is {_size(mask)}, but should be {wanted}."
            raise GradcliError("shape", message, span=span)
        mask = mask if len(shape) == 3 else apply(runtime, "unsqueeze", mask, 0)
    if hidden is not None:
        if tuple(hidden.shape) != (batch, source)[2 - len(hidden.shape) :]:
            message = f"expecting key_padding_mask shape of {(batch, source)}, but got {hidden.shape}"
            raise GradcliError("shape", message, span=span)
        rows = apply(runtime, "view", hidden, (batch, 1, 1, source))
        rows = apply(runtime, "expand", rows, (-1, heads, -1, -1))
        hidden = apply(runtime, "reshape", rows, (batch * heads, 1, source))
        mask = hidden if mask is None else apply(runtime, "add", mask, hidden)
    if mask is not None and tuple(mask.shape)[-2] != length:
        mask = apply(runtime, "expand", mask, (-1, length, -1))
    return mask


def _size(tensor: Tensor) -> str:
    return f"torch.Size({list(tensor.shape)})"


def _added(runtime: Runtime, span: Span, name: str, mask: Any, like: Tensor) -> Any:
    """A mask as numbers to add: -inf where one of bool says that nothing is to be looked at."""
    if mask is None:
        return None
    if type(mask) is not Tensor:
        raise GradcliError("bad-argument", f"{name} is a tensor, not {type_name(mask)}", span=span)
    if mask.dtype.kind not in "bf":
        message = f"only bool and floating types of {name} are supported"
        raise GradcliError("dtype", message, span=span)
    if mask.dtype.kind == "f":
        return mask
    zeros = apply(runtime, "zeros", tuple(mask.shape), dtype=like.dtype)
    return apply(runtime, "masked_fill", zeros, mask, float("-inf"))


MULTIHEAD_ATTENTION = layer("MultiheadAttention", _start, _forward, shows(), "activation")
