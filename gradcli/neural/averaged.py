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
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Op = Callable[..., Any]
    Mix = Callable[[Op, Tensor, Tensor, int], Any]


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
    own = Held(made)
    (count,) = tensors_of(runtime, own["n_averaged"], span)
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
        if own["multi_avg_fn"] is not None:
            called(runtime, span, own["multi_avg_fn"], means, others, count)
            continue
        mix = _SWA if own["avg_fn"] is None else own["avg_fn"]
        for mean, fresh in zip(means, others, strict=True):
            assign(runtime, mean, called(runtime, span, mix, mean, fresh, count))
    assign(runtime, count, apply(runtime, "add", count, 1))


def _of_pairs(mix: Mix) -> Builtin:
    """A function of one mean, a fresh value and how many were averaged."""

    def run(runtime: Runtime, span: Span, mean: Any, fresh: Any, count: Any) -> Any:
        mean, fresh, number_of = tensors_of(runtime, [mean, fresh, count], span)
        return mix(partial(apply, runtime), mean, fresh, int(runtime.session.numpy(number_of)))

    return Builtin("update", run)


def _of_lists(mix: Mix, part: Callable[[int], float]) -> Builtin:
    """One of all means at once, which moves floats by a part of the way to the fresh values."""

    def run(runtime: Runtime, span: Span, means: Any, others: Any, count: Any) -> None:
        (number_of,) = tensors_of(runtime, count, span)
        had, op = int(runtime.session.numpy(number_of)), partial(apply, runtime)
        pairs = zip(tensors_of(runtime, means, span), tensors_of(runtime, others, span), strict=False)
        for mean, fresh in pairs:
            floats = mean.dtype.kind == "f"
            moved = op("lerp", mean, fresh, part(had)) if floats else mix(op, mean, fresh, had)
            assign(runtime, mean, moved)

    return Builtin("update", run)


def _mean(op: Op, mean: Tensor, fresh: Tensor, count: int) -> Any:
    return op("add", mean, op("div", op("sub", fresh, mean), count + 1))


_SWA = _of_pairs(_mean)
_SWA_OF_LISTS = _of_lists(_mean, lambda count: float(np.float32(1 / (count + 1))))  # PyTorch's is a tensor


def _ema(several: bool) -> Builtin:
    def run(runtime: Runtime, span: Span, decay: Any = 0.999) -> Builtin:
        kept = number(runtime, decay, span, "decay")
        if not 0 <= kept <= 1:
            message = f"Invalid decay value {kept} provided. Please provide a value in [0,1] range."
            raise failure("ValueError", message, span)

        def mix(op: Op, mean: Tensor, fresh: Tensor, count: int) -> Any:
            return op("add", op("mul", mean, kept), op("mul", fresh, 1 - kept))

        return _of_lists(mix, lambda count: 1 - kept) if several else _of_pairs(mix)

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
        "get_ema_multi_avg_fn": _ema(True),
        "get_swa_multi_avg_fn": Builtin("get_swa_multi_avg_fn", lambda runtime, span: _SWA_OF_LISTS),
        "get_ema_avg_fn": _ema(False),
        "get_swa_avg_fn": Builtin("get_swa_avg_fn", lambda runtime, span: _SWA),
    },
    functions=False,
)
