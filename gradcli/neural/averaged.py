"""`torch.optim.swa_utils`: a model whose weights are the mean of another's over its training."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import failure
from gradcli.neural.module import MODULE, Held, apply, assign, called, held, initialise, modules, train
from gradcli.neural.reparametrised import of_module
from gradcli.neural.schedules import SWALR
from gradcli.neural.utils import tensors_of
from gradcli.values.conversions import iterate, number, truth
from gradcli.values.copying import deepcopy
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _start(
    runtime: Runtime,
    span: Span,
    made: Instance,
    model: Any,
    device: Any = None,
    avg_fn: Any = None,
    multi_avg_fn: Any = None,
    use_buffers: Any = False,
) -> None:
    initialise(runtime, span, made)
    if avg_fn is not None and multi_avg_fn is not None:
        raise failure("AssertionError", "Only one of avg_fn and multi_avg_fn should be provided", span)
    made.attributes["module"] = deepcopy(runtime, span, of_module(model, span))
    made.attributes["n_averaged"] = runtime.session.leaf(np.asarray(0))
    made.state["buffers"] = ["n_averaged"]
    made.attributes.update(avg_fn=avg_fn, multi_avg_fn=multi_avg_fn)
    made.attributes["use_buffers"] = truth(runtime, use_buffers, span)


def _forward(runtime: Runtime, span: Span, made: Instance, *arguments: Any, **named: Any) -> Any:
    return called(runtime, span, Held(made)["module"], *arguments, **named)


def _of_both(runtime: Runtime, one: Instance, other: Any, kind: str) -> list[list[Tensor]]:
    return [[each for _, each in held(runtime, of, kind)] for of in (one, other)]


def _update(runtime: Runtime, span: Span, made: Instance, model: Any) -> None:
    own, (count,) = Held(made), tensors_of(runtime, Held(made)["n_averaged"], span)
    for each in (own["module"], model):
        of_module(each, span)
    averaged, copied = (
        list(zip(*_of_both(runtime, own["module"], model, kind), strict=False))
        for kind in ("parameters", "buffers")
    )
    if own["use_buffers"]:
        averaged, copied = averaged + copied, []
    if not runtime.session.numpy(count):
        copied, averaged = averaged + copied, []
    for mean, fresh in copied:
        assign(runtime, mean, runtime.session.detach(fresh))
    groups: dict[str, list[tuple[Tensor, Tensor]]] = {}
    for pair in averaged:
        groups.setdefault(pair[0].dtype.name, []).append(pair)
    for group in groups.values():
        means, others = ([runtime.session.detach(each) for each in side] for side in zip(*group, strict=True))
        if own["avg_fn"] is not None:
            for mean, fresh in zip(means, others, strict=True):
                assign(runtime, mean, called(runtime, span, own["avg_fn"], mean, fresh, count))
        else:
            called(runtime, span, own["multi_avg_fn"] or _SWA, means, others, count)
    assign(runtime, count, apply(runtime, "add", count, 1))


def _moving(part: Any) -> Builtin:
    """Moves means by a part of the way to the fresh values; the part may depend on how many were averaged."""

    def run(runtime: Runtime, span: Span, means: Any, others: Any, count: Any) -> None:
        (number_of,) = tensors_of(runtime, count, span)
        share = part(int(runtime.session.numpy(number_of)))
        pairs = zip(tensors_of(runtime, means, span), tensors_of(runtime, others, span), strict=False)
        for mean, fresh in pairs:
            if mean.dtype.kind == "f":
                assign(runtime, mean, apply(runtime, "lerp", mean, fresh, share))
            else:
                kept = apply(
                    runtime,
                    "add",
                    apply(runtime, "mul", mean, 1 - share),
                    apply(runtime, "mul", fresh, share),
                )
                assign(runtime, mean, kept)

    return Builtin("update", run)


_SWA = _moving(lambda count: 1 / (count + 1))


def _one(part: Any) -> Builtin:
    def run(runtime: Runtime, span: Span, mean: Any, fresh: Any, count: Any) -> Any:
        mean, fresh, number_of = tensors_of(runtime, [mean, fresh, count], span)
        share = part(int(runtime.session.numpy(number_of)))
        op = partial(apply, runtime)
        return op("add", op("mul", mean, 1 - share), op("mul", fresh, share))

    return Builtin("update", run)


def _ema(kind: Any) -> Builtin:
    def run(runtime: Runtime, span: Span, decay: Any = 0.999) -> Builtin:
        kept = number(runtime, decay, span, "decay")
        if not 0 <= kept <= 1:
            message = f"Invalid decay value {kept} provided. Please provide a value in [0,1] range."
            raise failure("ValueError", message, span)
        found: Builtin = kind(lambda count: 1 - kept)
        return found

    return Builtin("get_ema_avg_fn", run)


def _update_bn(runtime: Runtime, span: Span, loader: Any, model: Any, device: Any = None) -> None:
    """Makes the statistics of the batch norms anew, from one pass over the data."""
    norms = [
        each
        for _, each in modules(of_module(model, span))
        if each.cls.find("reset_running_stats") is not None
    ]
    if not norms:
        return
    was = Held(model)["training"]
    train(runtime, span, model)
    momenta = [Held(each)["momentum"] for each in norms]
    for each in norms:
        called(runtime, span, each.cls.find("reset_running_stats"), each)
        each.attributes["momentum"] = None
    for batch in iterate(runtime, loader, span):
        called(runtime, span, model, batch[0] if isinstance(batch, (list, tuple)) else batch)
    for each, momentum in zip(norms, momenta, strict=True):
        each.attributes["momentum"] = momentum
    train(runtime, span, model, was)


AVERAGED_MODEL = ClassValue(
    "AveragedModel",
    (MODULE,),
    {
        "__init__": Builtin("AveragedModel", _start),
        "forward": Builtin("forward", _forward),
        "update_parameters": Builtin("update_parameters", _update),
    },
    "torch.optim.swa_utils.AveragedModel",
)
SWA_UTILS = Namespace(
    "torch.optim.swa_utils",
    {
        "AveragedModel": AVERAGED_MODEL,
        "SWALR": SWALR,
        "update_bn": Builtin("update_bn", _update_bn),
        "get_ema_multi_avg_fn": _ema(_moving),
        "get_swa_multi_avg_fn": Builtin("get_swa_multi_avg_fn", lambda runtime, span: _SWA),
        "get_ema_avg_fn": _ema(_one),
    },
    functions=False,
)
