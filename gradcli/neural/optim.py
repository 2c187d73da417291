"""The optimisers of `torch.optim` as objects: their parameter groups, their settings, their step.

What a step computes is a row of `steps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.groups import groups, load_state_dict, look, show, state_dict, states_of
from gradcli.neural.making import bound
from gradcli.neural.module import assign, called, clear
from gradcli.neural.steps import GROUPS, RULES, more_writes
from gradcli.values.conversions import listed, truth
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import ClassValue, Decorated, Defaults, Instance
from gradcli.values.values import NUMBERS, Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.neural.steps import Rule, Settings, State
    from gradcli.values.runtime import Runtime

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
    if not isinstance(group, dict):
        raise failure("TypeError", f"param_group must be a dict, but got {type_name(group)}", span)
    if "params" not in group:
        raise failure("KeyError", "params", span)
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
    others = [each for known in groups(optimizer, span) for each in known["params"]]
    if any(each is other for each in tensors for other in others):
        message = "some parameters appear in more than one parameter group"
        raise failure("ValueError", message, span)
    defaults = optimizer.attributes.get("defaults")
    made = {"params": tensors, **(defaults if isinstance(defaults, dict) else {})}
    made.update((name, value) for name, value in group.items() if name != "params")
    groups(optimizer, span).append(made)


def _checked(name: str, settings: Settings, span: Span) -> None:
    for setting, said in (
        ("lr", "learning rate"),
        ("eps", "epsilon value"),
        ("weight_decay", "weight_decay value"),
        ("momentum_decay", "momentum_decay value"),
    ):
        value = settings.get(setting, 0.0)
        if type(value) not in NUMBERS or not value >= 0:
            raise failure("ValueError", f"Invalid {said}: {value}", span)
    if name == "SGD":
        if settings["momentum"] < 0:
            raise failure("ValueError", f"Invalid momentum value: {settings['momentum']}", span)
        if settings["nesterov"] and (settings["momentum"] <= 0 or settings["dampening"] != 0):
            raise failure("ValueError", "Nesterov momentum requires a momentum and zero dampening", span)
    if name == "Rprop":
        for setting in ("etas", "step_sizes"):
            two = settings[setting]
            if len(two) != 2 or not all(type(each) in (int, float) for each in two):
                raise failure("ValueError", f"{setting} are two numbers", span)
        less, more = settings["etas"]
        if not 0 < less < 1 < more:
            raise failure("ValueError", f"Invalid eta values: {less}, {more}", span)
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
        settings = {**{each: settings[each] for each in GROUPS.get(name, "").split()}, **settings}
        optimizer.state["of"] = {}
        add_groups(runtime, span, optimizer, params, settings)

    return run


def settings_of(
    runtime: Runtime, name: str, defaults: Settings, values: tuple[Any, ...], named: Settings, span: Span
) -> Settings:
    """The settings of a call: numbers, also where tensors of one element are given."""
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
        look(runtime, span, optimizer)
        states = optimizer.state.setdefault("of", {})
        for group in groups(optimizer, span):
            for param in group["params"]:
                if param.grad is not None:
                    _stepped(runtime, rule, group, states.setdefault(param, {}), param)
        show(runtime, optimizer)
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
    assert param.view is not None
    for _ in range(more_writes(rule, settings)):
        param.view.base.storage.version.count()


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
    optimizer.attributes["state"] = states = Defaults()
    states.factory = Builtin("dict", lambda runtime, span: {})


OPTIMIZER = ClassValue(
    "Optimizer",
    (),
    {
        "__init__": Builtin("Optimizer", _own),
        "state": Decorated("property", Builtin("state", states_of)),
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
