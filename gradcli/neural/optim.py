"""The optimisers of `torch.optim`: what one step makes of a parameter and its gradient, over arrays.

Each optimiser is a row of `RULES`: its settings, and a function of (settings, state, parameter, gradient)
that gives the new parameter. The steps of the arithmetic are PyTorch's, fused products included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.groups import groups, load_state_dict, state_dict
from gradcli.neural.module import assign, called, clear
from gradcli.tape.fused import fused
from gradcli.values.conversions import listed, truth
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import NUMBERS, Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Array = np.ndarray[Any, Any]
    Settings = dict[str, Any]
    State = dict[str, Any]
    Rule = Callable[[Settings, State, Array, Array], Array]

# ---- the rules -----------------------------------------------------------------------------------


def scaled_sum(array: Array, other: Array, alpha: float) -> Array:
    """`array + alpha * other`."""
    summed: Array = fused(other, array.dtype.type(alpha), array)
    return summed


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
    grad = -grad if settings["maximize"] else grad
    shrunk = param * param.dtype.type(1 - settings["lr"] * settings["weight_decay"])
    return _adam_step(settings, state, shrunk, grad)


def _adam_step(settings: Settings, state: State, param: Array, grad: Array) -> Array:
    kind = param.dtype.type
    beta1, beta2 = settings["betas"]
    step = state["step"] = state.get("step", 0) + 1
    mean = state.get("exp_avg", np.zeros_like(param))
    square = state.get("exp_avg_sq", np.zeros_like(param))
    state["exp_avg"] = mean = scaled_sum(mean, grad - mean, 1 - beta1)
    state["exp_avg_sq"] = square = _square_average(square, grad, beta2)
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
        state["grad_avg"] = mean = scaled_sum(mean, grad - mean, 1 - settings["alpha"])
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
    state["exp_avg"] = mean = scaled_sum(mean, grad - mean, 1 - beta1)
    largest = state.get("exp_inf", np.zeros_like(param)) * kind(beta2)
    state["exp_inf"] = largest = np.maximum(largest, np.abs(grad) + kind(settings["eps"]))
    return _quotient(param, mean, largest, -(settings["lr"] / (1 - beta1**step)))


_ADAM = {
    "lr": 1e-3,
    "betas": (0.9, 0.999),
    "eps": 1e-8,
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
    "Adamax": (_adamax, {"lr": 2e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}),
}
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
):
    RULES[_name][1].update({each: _HOW[each] for each in _some.split()})
_GROUPS = {
    "RMSprop": "lr momentum alpha eps centered weight_decay",
    "Adagrad": "lr lr_decay eps weight_decay initial_accumulator_value",
}
"""The order of a group's settings, where it isn't that of the call."""

# ---- optimisers as objects -----------------------------------------------------------------------


def add_groups(runtime: Runtime, span: Span, optimizer: Instance, params: Any, defaults: Settings) -> None:
    if type(params) is Tensor:
        message = (
            "params argument given to the optimizer should be an iterable of Tensors or dicts, "
            "but got torch.FloatTensor"
        )
        raise failure("TypeError", message, span)
    given = listed(runtime, params, span)
    if not given:
        raise failure("ValueError", "optimizer got an empty parameter list", span)
    parts = given if isinstance(given[0], dict) else [{"params": given}]
    optimizer.attributes["defaults"] = dict(defaults)
    optimizer.attributes["param_groups"] = []
    for each in parts:
        _add_group(runtime, span, optimizer, each)


def _add_group(runtime: Runtime, span: Span, optimizer: Instance, group: Any) -> None:
    if not isinstance(group, dict) or "params" not in group:
        raise failure("TypeError", "param_group must be a dict with 'params'", span)
    params = group["params"]
    tensors = [params] if type(params) is Tensor else listed(runtime, params, span)
    tensors = [each[1] if isinstance(each, tuple) and len(each) == 2 else each for each in tensors]
    for each in tensors:
        if type(each) is not Tensor:
            raise failure(
                "TypeError",
                f"optimizer can only optimize Tensors, but one of the params is {type_name(each)}",
                span,
            )
        if not each.is_leaf and not each.retains_grad:
            raise failure("ValueError", "can't optimize a non-leaf Tensor", span)
    defaults = optimizer.attributes.get("defaults")
    made = {"params": tensors, **(defaults if isinstance(defaults, dict) else {})}
    made.update((name, value) for name, value in group.items() if name != "params")
    groups(optimizer, span).append(made)


def _checked(name: str, settings: Settings, span: Span) -> None:
    for setting, said in (
        ("lr", "learning rate"),
        ("eps", "epsilon value"),
        ("weight_decay", "weight_decay value"),
    ):
        value = settings.get(setting, 0.0)
        if type(value) not in NUMBERS or not value >= 0:
            raise failure("ValueError", f"Invalid {said}: {value}", span)
    if name == "SGD":
        if settings["momentum"] < 0:
            raise failure("ValueError", f"Invalid momentum value: {settings['momentum']}", span)
        if settings["nesterov"] and (settings["momentum"] <= 0 or settings["dampening"] != 0):
            raise failure("ValueError", "Nesterov momentum requires a momentum and zero dampening", span)
    betas = settings.get("betas", (0.0, 0.0))
    for at, beta in enumerate(betas):
        if type(beta) not in (int, float) or not 0.0 <= beta < 1.0:
            raise failure("ValueError", f"Invalid beta parameter at index {at}: {beta}", span)


def _start(name: str, defaults: Settings) -> Any:
    def run(
        runtime: Runtime, span: Span, optimizer: Instance, params: Any, *values: Any, **named: Any
    ) -> None:
        settings = settings_of(runtime, name, defaults, values, named, span)
        _checked(name, settings, span)
        if name in ("Adam", "AdamW"):
            settings["decoupled_weight_decay"] = name == "AdamW"
        settings = {**{each: settings[each] for each in _GROUPS.get(name, "").split()}, **settings}
        optimizer.state["of"] = {}
        add_groups(runtime, span, optimizer, params, settings)

    return run


def settings_of(
    runtime: Runtime, name: str, defaults: Settings, values: tuple[Any, ...], named: Settings, span: Span
) -> Settings:
    """The settings of a call: numbers, also where tensors of one element are given."""
    from gradcli.neural.making import bound

    settings = bound(name, defaults, values, named, span)
    for each, value in settings.items():
        if type(value) is Tensor:
            settings[each] = float(runtime.session.numpy(value))
        elif isinstance(value, list):
            settings[each] = tuple(value)
        wanted = defaults[each]
        if isinstance(wanted, (int, float, tuple)) and not isinstance(
            settings[each], tuple if isinstance(wanted, tuple) else (int, float)
        ):
            message = f"{name}(): {each} cannot be {represent(runtime, value)}"
            raise GradcliError("bad-argument", message, span=span)
    return settings


def _step(rule: Rule) -> Any:
    def run(runtime: Runtime, span: Span, optimizer: Instance, closure: Any = None) -> Any:
        loss = None if closure is None else evaluated(runtime, closure, span)
        states = optimizer.state.setdefault("of", {})
        for group in groups(optimizer, span):
            for param in group["params"]:
                if param.grad is not None:
                    _stepped(runtime, rule, group, states.setdefault(param, {}), param)
        return loss

    return run


def _stepped(runtime: Runtime, rule: Rule, group: Settings, state: State, param: Tensor) -> None:
    session = runtime.session
    gradient = param.grad
    assert gradient is not None
    settings = group
    if type(group.get("lr")) is Tensor:
        settings = {**group, "lr": float(session.numpy(group["lr"]).sum())}
    try:
        with np.errstate(all="ignore"):
            fresh = rule(settings, state, session.numpy(param), session.numpy(gradient))
    except ARITHMETIC as error:  # the settings are in the program's hands
        raise GradcliError(
            "bad-argument", f"these settings of a parameter group fit no step: {error}"
        ) from None
    assign(runtime, param, session.leaf(np.asarray(fresh, param.dtype)))


ARITHMETIC = (TypeError, KeyError, ValueError, ZeroDivisionError, OverflowError)
"""What arithmetic with settings raises that a program put something else into."""


def evaluated(runtime: Runtime, closure: Any, span: Span) -> Any:
    """What the closure of a step gives: the loss, computed with recording on."""
    with runtime.session.recorded(True):
        return called(runtime, span, closure)


def _zero_grad(runtime: Runtime, span: Span, optimizer: Instance, set_to_none: Any = True) -> None:
    tensors = [each for group in groups(optimizer, span) for each in group["params"]]
    clear(runtime, tensors, truth(runtime, set_to_none, span))


def _repr(runtime: Runtime, span: Span, optimizer: Instance) -> str:
    text = f"{optimizer.cls.name} ("
    for at, group in enumerate(groups(optimizer, span)):
        text += f"\nParameter Group {at}\n"
        for name, value in sorted(group.items(), key=lambda each: str(each[0])):
            if name != "params":
                text += f"    {name}: {represent(runtime, value) if type(value) is not str else value}\n"
    return text + ")"


def _own(runtime: Runtime, span: Span, optimizer: Instance, params: Any, defaults: Any) -> None:
    """What an optimiser of the program begins with."""
    add_groups(runtime, span, optimizer, params, defaults if isinstance(defaults, dict) else {})
    optimizer.attributes["state"] = {}


OPTIMIZER = ClassValue(
    "Optimizer",
    (),
    {
        "__init__": Builtin("Optimizer", _own),
        "zero_grad": Builtin("zero_grad", _zero_grad),
        "add_param_group": Builtin("add_param_group", _add_group),
        "state_dict": Builtin("state_dict", state_dict),
        "load_state_dict": Builtin("load_state_dict", load_state_dict),
        "__repr__": Builtin("__repr__", _repr),
    },
    "torch.optim.optimizer.Optimizer",
)


def _made(name: str, rule: Rule, defaults: Settings) -> ClassValue:
    members = {"__init__": Builtin(name, _start(name, defaults)), "step": Builtin("step", _step(rule))}
    return ClassValue(name, (OPTIMIZER,), members, f"torch.optim.{name.lower()}.{name}")


OPTIMIZERS: dict[str, Any] = {
    "Optimizer": OPTIMIZER,
    **{name: _made(name, rule, defaults) for name, (rule, defaults) in RULES.items()},
}
"""The optimisers of `torch.optim` by name, but for LBFGS."""
