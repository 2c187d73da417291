"""The schedules of `torch.optim.lr_scheduler`: a learning rate for each epoch, from the one before.

Each is a row: its settings, and a function of (settings, the epoch, the rate now, the rate at first).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.neural import cycles
from gradcli.neural.groups import groups
from gradcli.neural.making import REQUIRED, bound
from gradcli.neural.module import Held, called
from gradcli.neural.optim import ARITHMETIC, OPTIMIZER
from gradcli.values.conversions import listed, number
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, ClassValue, Instance
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Settings = dict[str, Any]
    Rate = Callable[[Settings, int, float, float], Any]

# ---- the rules -----------------------------------------------------------------------------------


def _step(settings: Settings, epoch: int, now: float, base: float) -> Any:
    return now * settings["gamma"] if epoch and epoch % settings["step_size"] == 0 else now


def _multi_step(settings: Settings, epoch: int, now: float, base: float) -> Any:
    return now * settings["gamma"] ** list(settings["milestones"]).count(epoch)


def _exponential(settings: Settings, epoch: int, now: float, base: float) -> Any:
    return now * settings["gamma"] if epoch else now


def _constant(settings: Settings, epoch: int, now: float, base: float) -> Any:
    if epoch == 0:
        return now * settings["factor"]
    return now * (1.0 / settings["factor"]) if epoch == settings["total_iters"] else now


def _linear(settings: Settings, epoch: int, now: float, base: float) -> Any:
    start, end, total = settings["start_factor"], settings["end_factor"], settings["total_iters"]
    if epoch == 0:
        return now * start
    if epoch > total:
        return now
    return now * (1.0 + (end - start) / (total * start + (epoch - 1) * (end - start)))


def _polynomial(settings: Settings, epoch: int, now: float, base: float) -> Any:
    total = settings["total_iters"]
    if epoch == 0 or epoch > total:
        return now
    factor: float = ((1.0 - epoch / total) / (1.0 - (epoch - 1) / total)) ** settings["power"]
    return now * factor


def _cosine(settings: Settings, epoch: int, now: float, base: float) -> Any:
    period, least = settings["T_max"], settings["eta_min"]
    if epoch == 0:
        return now
    if (epoch - 1 - period) % (2 * period) == 0:
        return float(now + (base - least) * (1 - math.cos(math.pi / period)) / 2)
    ratio = (1 + math.cos(math.pi * epoch / period)) / (1 + math.cos(math.pi * (epoch - 1) / period))
    return float(ratio * (now - least) + least)


def _averaging(settings: Settings, epoch: int, now: float, base: float) -> Any:
    """From the rate that there was on to that of the average of weights, which it keeps."""
    epochs, end = settings["anneal_epochs"], settings["swa_lr"]

    def part(step: float) -> float:
        t: float = max(0, min(1, step / max(1, epochs)))
        return t if settings["anneal_strategy"] == "linear" else (1 - math.cos(math.pi * t)) / 2

    step = max(1, epoch) if epochs == 0 else epoch
    former, here = part(step - 1), part(step)
    start = end if former == 1 else (now - former * end) / (1 - former)
    return end * here + start * (1 - here)


RULES: dict[str, tuple[Rate, Settings]] = {
    "StepLR": (_step, {"step_size": REQUIRED, "gamma": 0.1}),
    "MultiStepLR": (_multi_step, {"milestones": REQUIRED, "gamma": 0.1}),
    "ExponentialLR": (_exponential, {"gamma": REQUIRED}),
    "ConstantLR": (_constant, {"factor": 1.0 / 3, "total_iters": 5}),
    "LinearLR": (_linear, {"start_factor": 1.0 / 3, "end_factor": 1.0, "total_iters": 5}),
    "PolynomialLR": (_polynomial, {"total_iters": 5, "power": 1.0}),
    "CosineAnnealingLR": (_cosine, {"T_max": REQUIRED, "eta_min": 0.0}),
    "CosineAnnealingWarmRestarts": (cycles.restarted, cycles.RESTARTED),
    "CyclicLR": (cycles.cyclic, cycles.CYCLIC),
    "OneCycleLR": (cycles.one_cycle, cycles.ONE_CYCLE),
}

# ---- schedules as objects ------------------------------------------------------------------------


def _take(schedule: Instance, optimizer: Any, settings: Settings, span: Span) -> list[dict[str, Any]]:
    """Gives a schedule its settings and its optimiser; the parameter groups of that."""
    if type(optimizer) is not Instance or not optimizer.cls.inherits(OPTIMIZER):
        raise failure("TypeError", f"{type_name(optimizer)} is not an Optimizer", span)
    schedule.attributes.update(settings, optimizer=optimizer)
    return groups(optimizer, span)


def _begin(schedule: Instance, optimizer: Any, settings: Settings, span: Span) -> None:
    found = _take(schedule, optimizer, settings, span)
    for group in found:
        group.setdefault("initial_lr", group.get("lr"))
    schedule.attributes["base_lrs"] = [group["initial_lr"] for group in found]
    schedule.attributes.update(last_epoch=0, _step_count=1)
    schedule.attributes.update(_is_initial=False, _get_lr_called_within_step=False)


def _start(name: str, defaults: Settings, rate: Rate) -> Any:
    taken = {**defaults, "last_epoch": -1}

    def run(
        runtime: Runtime, span: Span, schedule: Instance, optimizer: Any, *values: Any, **named: Any
    ) -> None:
        settings = bound(name, taken, values, named, span)
        settings.pop("last_epoch")
        if "milestones" in settings:
            settings["milestones"] = sorted(listed(runtime, settings["milestones"], span))
        for each in ("step_size", "T_max", "T_0", "T_mult", "step_size_up"):
            given = settings.get(each, 1)
            if type(given) not in (int, float) or given <= 0:
                raise GradcliError("bad-argument", f"{each} must be a positive number", span=span)
        if type(optimizer) is Instance and optimizer.cls.inherits(OPTIMIZER):
            cycles.prepare(runtime, name, settings, groups(optimizer, span), span)
        _begin(schedule, optimizer, settings, span)
        _set_rates(runtime, schedule, rate, span)

    return run


def _set_rates(runtime: Runtime, schedule: Instance, rate: Rate, span: Span) -> None:
    held = schedule.attributes
    rates, functions = [], {}
    if (function := held.get("scale_fn")) is not None:
        functions["scale_fn"] = lambda at: _asked(runtime, function, at, span, "scale_fn")
    try:
        for group, base in zip(groups(held["optimizer"], span), held["base_lrs"], strict=False):
            settings, epoch = {**held, **group, **functions}, held["last_epoch"]
            group["lr"] = rate(settings, epoch, group["lr"], base)
            rates.append(group["lr"])
            moved = cycles.MOMENTA.get(schedule.cls.name)
            if moved is not None and held["cycle_momentum"]:
                momentum = moved(settings, epoch)
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
    except (*ARITHMETIC, AttributeError) as error:  # the settings are in the program's hands
        raise _unfit(schedule, error, span) from None
    held["_last_lr"] = rates


def _unfit(schedule: Instance, error: Exception, span: Span) -> GradcliError:
    return GradcliError(
        "bad-argument", f"these settings of {schedule.cls.name} fit no step: {error}", span=span
    )


def _stepping(rate: Rate) -> Any:
    def run(runtime: Runtime, span: Span, schedule: Instance, epoch: Any = None) -> None:
        _count(schedule)
        if epoch is not None and schedule.cls.name == "CosineAnnealingWarmRestarts":
            schedule.attributes["last_epoch"] = number(runtime, epoch, span, "epoch")
        _set_rates(runtime, schedule, rate, span)
        schedule.attributes["last_epoch"] = math.floor(schedule.attributes["last_epoch"])

    return run


def _asked(runtime: Runtime, function: Any, at: Any, span: Span, name: str) -> Any:
    """What a function of the program gives for an epoch or a cycle."""
    return number(runtime, called(runtime, span, function, at), span, name)


def _count(schedule: Instance) -> None:
    epoch = schedule.attributes.get("last_epoch")
    count = schedule.attributes.get("_step_count")
    schedule.attributes["last_epoch"] = epoch + 1 if type(epoch) is int else 0
    schedule.attributes["_step_count"] = count + 1 if type(count) is int else 1


def _last(runtime: Runtime, span: Span, schedule: Instance) -> Any:
    return schedule.attributes.get("_last_lr")


def _state_dict(runtime: Runtime, span: Span, schedule: Instance) -> dict[str, Any]:
    """Its settings and where it stands; functions of the program are not handed out."""
    return {
        name: value
        for name, value in schedule.attributes.items()
        if name not in ("optimizer", "lr_lambda", "scale_fn")
    }


def _load_state_dict(runtime: Runtime, span: Span, schedule: Instance, state_dict: Any) -> None:
    if not isinstance(state_dict, dict) or not all(type(name) is str for name in state_dict):
        raise GradcliError("bad-argument", "load_state_dict() takes what state_dict() gave", span=span)
    schedule.attributes.update({name: value for name, value in state_dict.items() if name != "optimizer"})


def _own_start(
    runtime: Runtime, span: Span, schedule: Instance, optimizer: Any, last_epoch: Any = -1
) -> None:
    """How a schedule of the program begins, which has a `get_lr` of its own."""
    _begin(schedule, optimizer, {}, span)
    schedule.attributes.update(last_epoch=-1, _step_count=0)
    _own_step(runtime, span, schedule)


def _own_step(runtime: Runtime, span: Span, schedule: Instance, epoch: Any = None) -> None:
    _count(schedule)
    if epoch is not None:
        schedule.attributes["last_epoch"] = epoch
    asked = runtime.special(schedule, "get_lr", span)
    if asked is ABSENT:
        raise failure("NotImplementedError", "", span, hint="define get_lr(self)")
    rates = listed(runtime, asked, span)
    for group, rate in zip(groups(Held(schedule)["optimizer"], span), rates, strict=False):
        group["lr"] = number(runtime, rate, span, "get_lr")
    schedule.attributes["_last_lr"] = rates


SCHEDULE = ClassValue(
    "LRScheduler",
    (),
    {
        "__init__": Builtin("LRScheduler", _own_start),
        "step": Builtin("step", _own_step),
        "get_last_lr": Builtin("get_last_lr", _last),
        "state_dict": Builtin("state_dict", _state_dict),
        "load_state_dict": Builtin("load_state_dict", _load_state_dict),
    },
    "torch.optim.lr_scheduler.LRScheduler",
)


def _made(name: str, start: Any, step: Any) -> ClassValue:
    members = {"__init__": Builtin(name, start), "step": Builtin("step", step)}
    return ClassValue(name, (SCHEDULE,), members, f"torch.optim.lr_scheduler.{name}")


# ---- those of a function, and of a measure -------------------------------------------------------


def _note_rates(schedule: Instance, span: Span) -> None:
    schedule.attributes["_last_lr"] = [group["lr"] for group in groups(Held(schedule)["optimizer"], span)]


def _multiplying(name: str, base: str) -> ClassValue:
    """The schedule whose functions tell by what a setting of each group is multiplied."""

    def multiply(runtime: Runtime, span: Span, schedule: Instance) -> None:
        held = Held(schedule)
        found = groups(held["optimizer"], span)
        functions = held["lr_lambda"]
        several = functions if isinstance(functions, (list, tuple)) else [functions] * len(found)
        for group, function in zip(found, several, strict=False):
            given = number(runtime, group.get(base), span, base)
            group["lr"] = given * _asked(runtime, function, held["last_epoch"], span, "lr_lambda")

    def start(
        runtime: Runtime, span: Span, schedule: Instance, optimizer: Any, lr_lambda: Any, last_epoch: Any = -1
    ) -> None:
        _begin(schedule, optimizer, {"lr_lambda": lr_lambda}, span)
        if base == "initial_lr":
            multiply(runtime, span, schedule)
        _note_rates(schedule, span)

    def step(runtime: Runtime, span: Span, schedule: Instance, epoch: Any = None) -> None:
        _count(schedule)
        multiply(runtime, span, schedule)
        _note_rates(schedule, span)

    return _made(name, start, step)


# ---- those made of others ------------------------------------------------------------------------


def _parts(runtime: Runtime, given: Any, optimizer: Any, span: Span) -> list[Instance]:
    found = listed(runtime, given, span)
    if not found or not all(type(each) is Instance and each.cls.inherits(SCHEDULE) for each in found):
        raise GradcliError("bad-argument", "schedulers are a list of schedules", span=span)
    for each in found:
        if optimizer is not None and each.attributes.get("optimizer") is not optimizer:
            message = "expects all schedulers to belong to the same optimizer"
            raise failure("ValueError", message, span)
    return found


def _step_of(runtime: Runtime, span: Span, part: Instance) -> None:
    called(runtime, span, part.cls.find("step"), part)


def _row_start(
    runtime: Runtime,
    span: Span,
    schedule: Instance,
    optimizer: Any,
    schedulers: Any,
    milestones: Any,
    last_epoch: Any = -1,
) -> None:
    parts, at = _parts(runtime, schedulers, optimizer, span), listed(runtime, milestones, span)
    if len(at) != len(parts) - 1:
        message = (
            "Sequential Schedulers expects number of schedulers provided to be one more than the number "
        )
        raise failure("ValueError", f"{message}of milestone points, but got {len(parts)} and {len(at)}", span)
    _begin(schedule, optimizer, {"_schedulers": parts, "_milestones": at}, span)
    _start_again(runtime, span, parts[0])
    schedule.attributes["_last_lr"] = parts[0].attributes.get("_last_lr")


def _start_again(runtime: Runtime, span: Span, part: Instance) -> None:
    """Lets a schedule begin at the rates that the groups had at first."""
    for group in groups(part.attributes["optimizer"], span):
        group["lr"] = group.get("initial_lr", group.get("lr"))
    part.attributes["last_epoch"] = -1
    _step_of(runtime, span, part)


def _row_step(runtime: Runtime, span: Span, schedule: Instance, epoch: Any = None) -> None:
    _count(schedule)
    held = Held(schedule)
    at = bisect_right(held["_milestones"], held["last_epoch"])
    part = _parts(runtime, held["_schedulers"], None, span)[at]
    if at and held["_milestones"][at - 1] == held["last_epoch"]:
        _start_again(runtime, span, part)
    else:
        _step_of(runtime, span, part)
    schedule.attributes["_last_lr"] = part.attributes.get("_last_lr")


def _chain_start(
    runtime: Runtime, span: Span, schedule: Instance, schedulers: Any, optimizer: Any = None
) -> None:
    parts = _parts(runtime, schedulers, optimizer, span)
    schedule.attributes.update(_schedulers=parts, optimizer=parts[0].attributes.get("optimizer"))
    _note_rates(schedule, span)


def _chain_step(runtime: Runtime, span: Span, schedule: Instance) -> None:
    for each in _parts(runtime, Held(schedule)["_schedulers"], None, span):
        _step_of(runtime, span, each)
    _note_rates(schedule, span)


_PLATEAU = {
    "mode": "min",
    "factor": 0.1,
    "patience": 10,
    "threshold": 1e-4,
    "threshold_mode": "rel",
    "cooldown": 0,
    "min_lr": 0,
    "eps": 1e-8,
}


def _plateau_start(
    runtime: Runtime, span: Span, schedule: Instance, optimizer: Any, *values: Any, **named: Any
) -> None:
    settings = bound("ReduceLROnPlateau", _PLATEAU, values, named, span)
    least = settings.pop("min_lr")
    found, held = _take(schedule, optimizer, settings, span), schedule.attributes
    worst = math.inf if settings["mode"] == "min" else -math.inf
    several = isinstance(least, (list, tuple))
    held.update(
        last_epoch=0,
        default_min_lr=None if several else least,
        min_lrs=[*least] if several else [least] * len(found),
    )
    held.update(best=worst, mode_worse=worst, num_bad_epochs=0, cooldown_counter=0)
    held["_last_lr"] = [group.get("lr") for group in found]


def _plateau_step(runtime: Runtime, span: Span, schedule: Instance, metrics: Any, epoch: Any = None) -> None:
    current = number(runtime, metrics, span, "step")
    try:
        schedule.attributes["last_epoch"] += 1
        _on_plateau(schedule.attributes, groups(schedule.attributes["optimizer"], span), current)
    except (*ARITHMETIC, AttributeError) as error:  # the settings are in the program's hands
        raise _unfit(schedule, error, span) from None


def _on_plateau(held: Settings, found: list[Settings], current: float) -> None:
    smaller = held["mode"] == "min"
    relative = held["threshold_mode"] == "rel"
    sign = -1 if smaller else 1
    edge = (
        held["best"] * (1 + sign * held["threshold"]) if relative else held["best"] + sign * held["threshold"]
    )
    if current < edge if smaller else current > edge:
        held["best"], held["num_bad_epochs"] = current, 0
    else:
        held["num_bad_epochs"] += 1
    if held["cooldown_counter"] > 0:
        held["cooldown_counter"] -= 1
        held["num_bad_epochs"] = 0
    if held["num_bad_epochs"] > held["patience"]:
        for group, least in zip(found, held["min_lrs"], strict=False):
            fresh = max(group["lr"] * held["factor"], least)
            if group["lr"] - fresh > held["eps"]:
                group["lr"] = fresh
        held["cooldown_counter"], held["num_bad_epochs"] = held["cooldown"], 0
    held["_last_lr"] = [group["lr"] for group in found]


SCHEDULES: dict[str, Any] = {
    "LRScheduler": SCHEDULE,
    "_LRScheduler": SCHEDULE,
    **{
        name: _made(name, _start(name, given, rate), _stepping(rate)) for name, (rate, given) in RULES.items()
    },
    "LambdaLR": _multiplying("LambdaLR", "initial_lr"),
    "MultiplicativeLR": _multiplying("MultiplicativeLR", "lr"),
    "SequentialLR": _made("SequentialLR", _row_start, _row_step),
    "ChainedScheduler": _made("ChainedScheduler", _chain_start, _chain_step),
    "ReduceLROnPlateau": _made("ReduceLROnPlateau", _plateau_start, _plateau_step),
}
SWALR = _made(
    "SWALR",
    _start("SWALR", {"swa_lr": REQUIRED, "anneal_epochs": 10, "anneal_strategy": "cos"}, _averaging),
    _stepping(_averaging),
)
LR_SCHEDULER = Namespace("torch.optim.lr_scheduler", SCHEDULES, functions=False)

__all__ = ["LR_SCHEDULER", "SWALR"]
