"""What one step of an optimiser makes of a parameter and its gradient, over arrays.

Each is a function of (settings, state, parameter, gradient) that gives the new parameter, beside its settings
in `RULES`. The steps of the arithmetic are PyTorch's, fused products included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.fused import fused

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, Any]
    Settings = dict[str, Any]
    State = dict[str, Any]
    Rule = Callable[[Settings, State, Array, Array], Array]

# ---- the rules -----------------------------------------------------------------------------------


def scaled_sum(array: Array, other: Array, alpha: float) -> Array:
    """`array + alpha * other`."""
    summed: Array = fused(other, array.dtype.type(alpha), array)
    return summed


def _between(former: Array, other: Array, part: float) -> Array:
    """From `former` a part of the way to `other`, added to whichever is nearer."""
    share = former.dtype.type(part)  # before 1 is taken off, as the digits show
    if share < 0.5:
        return scaled_sum(former, other - former, share)
    return scaled_sum(other, other - former, share - 1)


def _square_average(former: Array, grad: Array, rate: float) -> Array:
    """`former * rate + (1 - rate) * grad * grad`."""
    kind = grad.dtype.type
    summed: Array = fused(kind(1 - rate) * grad, grad, former * kind(rate))
    return summed


def _quotient(array: Array, numerator: Array, denominator: Array, value: float) -> Array:
    """`array + value * numerator / denominator`."""
    summed: Array = array + array.dtype.type(value) * numerator / denominator
    return summed


def _decayed(settings: Settings, param: Array, grad: Array) -> Array:
    if settings.get("maximize"):
        grad = -grad
    return scaled_sum(grad, param, settings["weight_decay"]) if settings["weight_decay"] else grad


def _shrunk(settings: Settings, param: Array, grad: Array) -> tuple[Array, Array]:
    """The parameter after a decay of its own, and the gradient."""
    shrunk = param * param.dtype.type(1 - settings["lr"] * settings["weight_decay"])
    return shrunk, -grad if settings["maximize"] else grad


def _sgd(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    grad = _decayed(settings, param, grad)
    momentum = settings["momentum"]
    if momentum:
        former = state.get("momentum_buffer")
        kept = (
            grad
            if former is None
            else scaled_sum(former * grad.dtype.type(momentum), grad, 1 - settings["dampening"])
        )
        state["momentum_buffer"] = kept
        grad = scaled_sum(grad, kept, momentum) if settings["nesterov"] else kept
    return scaled_sum(param, grad, -settings["lr"])


def _adam(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    grad = _decayed(settings, param, grad)
    return _adam_step(settings, state, param, grad)


def _adamw(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    return _adam_step(settings, state, *_shrunk(settings, param, grad))


def _moments(settings: Settings, state: State, grad: Array) -> tuple[int, Array, Array]:
    """Which step it is, and the running means of the gradient and of its square."""
    beta1, beta2 = settings["betas"]
    state["step"] = state.get("step", 0) + 1
    mean, square = (state.get(name, np.zeros_like(grad)) for name in ("exp_avg", "exp_avg_sq"))
    state["exp_avg"] = mean = _between(mean, grad, 1 - beta1)
    state["exp_avg_sq"] = square = _square_average(square, grad, beta2)
    return state["step"], mean, square


def _adam_step(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    beta1, beta2 = settings["betas"]
    step, mean, square = _moments(settings, state, grad)
    if settings["amsgrad"]:
        square = state["max_exp_avg_sq"] = np.maximum(state.get("max_exp_avg_sq", square), square)
    scale = kind((1 - beta2**step) ** 0.5)
    denominator = np.sqrt(square) / scale + kind(settings["eps"])
    return _quotient(param, mean, denominator, -(settings["lr"] / (1 - beta1**step)))


def _rmsprop(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    grad = _decayed(settings, param, grad)
    state["step"] = state.get("step", 0) + 1
    square = state.get("square_avg", np.zeros_like(param))
    state["square_avg"] = square = _square_average(square, grad, settings["alpha"])
    average = np.sqrt(square)
    if settings["centered"]:
        mean = state.get("grad_avg", np.zeros_like(param))
        state["grad_avg"] = mean = _between(mean, grad, 1 - settings["alpha"])
        average = np.sqrt(fused(-mean, mean, square))
    average = average + kind(settings["eps"])
    if settings["momentum"]:
        kept = state.get("momentum_buffer", np.zeros_like(param)) * kind(settings["momentum"])
        state["momentum_buffer"] = kept = _quotient(kept, grad, average, 1.0)
        return scaled_sum(param, kept, -settings["lr"])
    return _quotient(param, grad, average, -settings["lr"])


def _adagrad(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    grad = _decayed(settings, param, grad)
    step = state["step"] = state.get("step", 0) + 1
    rate = settings["lr"] / (1 + (step - 1) * settings["lr_decay"])
    former = state.get("sum", np.full_like(param, settings["initial_accumulator_value"]))
    state["sum"] = total = fused(grad, grad, former)
    return _quotient(param, grad, np.sqrt(total) + kind(settings["eps"]), -rate)


def _adadelta(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    grad = _decayed(settings, param, grad)
    rho, eps = settings["rho"], kind(settings["eps"])
    state["step"] = state.get("step", 0) + 1
    square = _square_average(state.get("square_avg", np.zeros_like(param)), grad, rho)
    moved = state.get("acc_delta", np.zeros_like(param))
    change = np.sqrt(moved + eps) / np.sqrt(square + eps) * grad
    state["square_avg"], state["acc_delta"] = square, _square_average(moved, change, rho)
    return scaled_sum(param, change, -settings["lr"])


def _adamax(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    grad = _decayed(settings, param, grad)
    beta1, beta2 = settings["betas"]
    step = state["step"] = state.get("step", 0) + 1
    mean = state.get("exp_avg", np.zeros_like(param))
    state["exp_avg"] = mean = _between(mean, grad, 1 - beta1)
    largest = state.get("exp_inf", np.zeros_like(param)) * kind(beta2)
    state["exp_inf"] = largest = np.maximum(largest, np.abs(grad) + kind(settings["eps"]))
    return _quotient(param, mean, largest, -(settings["lr"] / (1 - beta1**step)))


def _either_way(settings: Settings, param: Array, grad: Array) -> tuple[Array, Array]:
    """The parameter and the gradient after the decay, which falls on the one or the other."""
    if settings["decoupled_weight_decay"]:
        return _shrunk(settings, param, grad)
    return param, _decayed(settings, param, grad)


def _nadam(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    param, grad = _either_way(settings, param, grad)
    former = np.float32(state.get("mu_product", 1))
    state.update(step=state.get("step", 0), mu_product=former)
    step, mean, square = _moments(settings, state, grad)
    beta1, beta2 = settings["betas"]
    now, after = (beta1 * (1.0 - 0.5 * 0.96 ** (at * settings["momentum_decay"])) for at in (step, step + 1))
    product = state["mu_product"] = former * np.float32(now)
    denominator = np.sqrt(square / kind(1 - beta2**step)) + kind(settings["eps"])
    moved = _quotient(param, grad, denominator, -settings["lr"] * (1.0 - now) / (1.0 - float(product)))
    return _quotient(moved, mean, denominator, -settings["lr"] * after / (1.0 - float(product) * after))


def _radam(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    param, grad = _either_way(settings, param, grad)
    step, mean, square = _moments(settings, state, grad)
    beta1, beta2 = settings["betas"]
    left = 1 - beta2**step
    most = 2 / (1 - beta2) - 1
    length = most - 2 * step * beta2**step / left
    change = mean / kind(1 - beta1**step) * kind(settings["lr"])
    if length > 5.0:
        change = change * (np.reciprocal(np.sqrt(square) + kind(settings["eps"])) * kind(left**0.5))
        ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
        change = change * kind(ratio**0.5)
    return scaled_sum(param, change, -1)


def _rprop(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    grad = -grad if settings["maximize"] else grad
    (less, more), (least, most) = settings["etas"], settings["step_sizes"]
    state["step"] = state.get("step", 0) + 1
    turned = np.sign(grad * state.setdefault("prev", np.zeros_like(param)))
    factor = np.where(
        turned > 0, kind(more), np.where(turned < 0, kind(less), np.where(turned == 0, 1, turned))
    )
    size = state.get("step_size", np.full_like(param, settings["lr"])) * factor.astype(param.dtype)
    state["step_size"] = size = np.clip(size, kind(least), kind(most))
    state["prev"] = grad = np.where(turned < 0, kind(0), grad)
    return scaled_sum(param, np.sign(grad) * size, -1)


def _asgd(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    grad = _decayed(settings, param, grad)
    lr, lambd = settings["lr"], settings["lambd"]
    step = state["step"] = state.get("step", 0) + 1
    eta, mu = (state.get(name, np.float32(first)) for name, first in (("eta", lr), ("mu", 1)))
    param = scaled_sum(param * param.dtype.type(1 - lambd * float(eta)), grad, -float(eta))
    former = state.get("ax", param)
    state["eta"] = np.float32(lr / (1 + lambd * lr * step) ** settings["alpha"])
    state["mu"] = np.float32(1 / max(1, step - settings["t0"]))
    state["ax"] = param if mu == 1 else former + (param - former) * mu.astype(param.dtype)
    return param


_BETAS: Settings = {"betas": (0.9, 0.999), "eps": 1e-8}
_ADAM: Settings = {
    "lr": 1e-3,
    **_BETAS,
    "weight_decay": 0,
    "amsgrad": False,
    "maximize": False,
}
RULES: dict[str, tuple[Rule, Settings]] = {
    "SGD": (
        _sgd,
        {"lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False, "maximize": False},
    ),
    "Adam": (_adam, _ADAM),
    "AdamW": (_adamw, {**_ADAM, "weight_decay": 1e-2}),
    "RMSprop": (
        _rmsprop,
        {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
    ),
    "Adagrad": (
        _adagrad,
        {"lr": 1e-2, "lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0, "eps": 1e-10},
    ),
    "Adadelta": (_adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0}),
    "Adamax": (_adamax, {"lr": 2e-3, **_BETAS, "weight_decay": 0}),
    "NAdam": (
        _nadam,
        {"lr": 2e-3, **_BETAS, "weight_decay": 0, "momentum_decay": 4e-3, "decoupled_weight_decay": False},
    ),
    "RAdam": (_radam, {"lr": 1e-3, **_BETAS, "weight_decay": 0, "decoupled_weight_decay": False}),
    "Rprop": (_rprop, {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50)}),
    "ASGD": (_asgd, {"lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0}),
}


def more_writes(rule: Rule, settings: Settings) -> int:
    """How many in-place operations PyTorch's step is, but for the first: a decay of its own is one more."""
    decays = settings.get("decoupled_weight_decay") and settings.get("weight_decay")
    return bool(decays) + (rule in (_nadam, _asgd))


_HOW = {"maximize": False, "foreach": None, "capturable": False, "differentiable": False, "fused": None}
"""Settings of PyTorch's that say how, not what; each optimiser has some of them."""
for _name, _some in (
    ("SGD", "foreach differentiable fused"),
    ("Adam", "foreach capturable differentiable fused"),
    ("AdamW", "foreach capturable differentiable fused"),
    ("RMSprop", "capturable foreach maximize differentiable"),
    ("Adagrad", "foreach maximize differentiable fused"),
    ("Adadelta", "maximize capturable foreach differentiable"),
    ("Adamax", "foreach maximize differentiable capturable"),
    ("NAdam", "maximize foreach capturable differentiable"),
    ("RAdam", "maximize foreach capturable differentiable"),
    ("Rprop", "foreach maximize differentiable capturable"),
    ("ASGD", "foreach maximize differentiable capturable"),
):
    RULES[_name][1].update({each: _HOW[each] for each in _some.split()})
GROUPS = {
    "RMSprop": "lr momentum alpha eps centered weight_decay",
    "Adagrad": "lr lr_decay eps weight_decay initial_accumulator_value",
}
"""The order of a group's settings, where it isn't that of the call."""
