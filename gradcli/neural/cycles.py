"""The schedules that go up and down: cycles of rates, one cycle, and cosines that start anew.

Each gives the rate of a group at an epoch from the settings of both; two move the momentum against it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.neural.making import REQUIRED
from gradcli.values.conversions import listed, number

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Settings = dict[str, Any]

# ---- a cosine that starts anew -------------------------------------------------------------------


def restarted(settings: Settings, epoch: float, now: float, base: float) -> Any:
    since, period = epoch, settings["T_0"]
    if settings["T_mult"] == 1:
        since = epoch % period
    while since >= period:
        since, period = since - period, period * settings["T_mult"]
    least = settings["eta_min"]
    return least + (base - least) * (1 + math.cos(math.pi * since / period)) / 2


RESTARTED: Settings = {"T_0": REQUIRED, "T_mult": 1, "eta_min": 0.0}

# ---- cycles --------------------------------------------------------------------------------------

CYCLIC: Settings = {"base_lr": REQUIRED, "max_lr": REQUIRED, "step_size_up": 2000, "step_size_down": None}
CYCLIC |= {"mode": "triangular", "gamma": 1.0, "scale_fn": None, "scale_mode": "cycle"}
CYCLIC |= {"cycle_momentum": True, "base_momentum": 0.8, "max_momentum": 0.9}


def _height(settings: Settings, epoch: float) -> tuple[float, float]:
    """How far up the cycle is, and by what this cycle is lower than the first."""
    up = float(settings["step_size_up"])
    whole = up + (up if settings["step_size_down"] is None else float(settings["step_size_down"]))
    cycle = math.floor(1 + epoch / whole)
    x = 1.0 + epoch / whole - cycle
    ratio = up / whole
    factor = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
    if settings["scale_fn"] is not None:
        return factor, settings["scale_fn"](cycle if settings["scale_mode"] == "cycle" else epoch)
    shrunk = {"triangular": 1.0, "triangular2": 1 / (2.0 ** (cycle - 1))}
    return factor, shrunk.get(settings["mode"], settings["gamma"] ** epoch)


def cyclic(settings: Settings, epoch: float, now: float, base: float) -> Any:
    factor, shrunk = _height(settings, epoch)
    return base + (settings["max_lr"] - base) * factor * shrunk


def cyclic_momentum(settings: Settings, epoch: float) -> Any:
    factor, shrunk = _height(settings, epoch)
    height = (settings["max_momentum"] - settings["base_momentum"]) * factor
    return settings["max_momentum"] - height * shrunk


# ---- one cycle -----------------------------------------------------------------------------------

ONE_CYCLE: Settings = {"max_lr": REQUIRED, "total_steps": None, "epochs": None, "steps_per_epoch": None}
ONE_CYCLE |= {"pct_start": 0.3, "anneal_strategy": "cos", "cycle_momentum": True, "base_momentum": 0.85}
ONE_CYCLE |= {"max_momentum": 0.95, "div_factor": 25.0, "final_div_factor": 1e4, "three_phase": False}


def _phase(settings: Settings, epoch: float) -> tuple[str, str, str, str, float]:
    """Between which rates and which momenta it is, and how far."""
    total, first = settings["total_steps"], float(settings["pct_start"] * settings["total_steps"]) - 1
    phases = [(first, "initial_lr", "max_lr", "max_momentum", "base_momentum")]
    if settings["three_phase"]:
        phases += [
            (
                float(2 * settings["pct_start"] * total) - 2,
                *("max_lr", "initial_lr", "base_momentum", "max_momentum"),
            ),
            (total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]
    else:
        phases.append((total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"))
    if epoch > total:
        message = f"Tried to step {epoch} times. The specified number of total steps is {total}"
        error = GradcliError("bad-argument", message)
        error.python = "ValueError"
        raise error
    start = 0.0
    for at, (end, *between) in enumerate(phases):
        if epoch <= end or at == len(phases) - 1:
            return *between, (epoch - start) / (end - start)  # type: ignore[return-value]
        start = end
    raise AssertionError


def _annealed(settings: Settings, start: float, end: float, part: float) -> float:
    if settings["anneal_strategy"] == "linear":
        return (end - start) * part + start
    return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def one_cycle(settings: Settings, epoch: float, now: float, base: float) -> Any:
    first, last, _, _, part = _phase(settings, epoch)
    return _annealed(settings, settings[first], settings[last], part)


def one_cycle_momentum(settings: Settings, epoch: float) -> Any:
    _, _, first, last, part = _phase(settings, epoch)
    return _annealed(settings, settings[first], settings[last], part)


# ---- what they do first --------------------------------------------------------------------------


def prepare(runtime: Runtime, name: str, settings: Settings, found: list[dict[str, Any]], span: Span) -> None:
    """Gives the groups the rates and momenta between which a schedule of that name goes."""
    if name == "SWALR":
        _check_strategy(settings, span)
        given = settings.pop("swa_lr")
        for at, group in enumerate(found):
            own = _own(runtime, "swa_lr", given, at, len(found), span)
            group["swa_lr"] = number(runtime, own, span, "swa_lr")
    if name not in MOMENTA:
        return
    if settings["cycle_momentum"] and not all("momentum" in each or "betas" in each for each in found):
        message = "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"
        raise failure("ValueError", message, span)
    if name == "OneCycleLR":
        if settings["total_steps"] is None:
            if settings["epochs"] is None or settings["steps_per_epoch"] is None:
                message = "You must define either total_steps OR (epochs AND steps_per_epoch)"
                raise failure("ValueError", message, span)
            settings["total_steps"] = settings["epochs"] * settings["steps_per_epoch"]
        if type(settings["total_steps"]) is not int or settings["total_steps"] <= 0:
            message = f"Expected positive integer total_steps, but got {settings['total_steps']}"
            raise failure("ValueError", message, span)
        _check_strategy(settings, span)
        part = settings["pct_start"]
        if type(part) is not float or not 0 <= part <= 1:
            raise failure("ValueError", f"Expected float between 0 and 1 pct_start, but got {part}", span)
    elif settings["scale_fn"] is None and settings["mode"] not in ("triangular", "triangular2", "exp_range"):
        raise failure("ValueError", "mode is invalid and scale_fn is None", span)
    first = "max_lr" if name == "OneCycleLR" else "base_lr"
    for at, group in enumerate(found):
        rates = {
            each: number(runtime, _own(runtime, each, settings[each], at, len(found), span), span, each)
            for each in ("max_lr", first)
        }
        group["max_lr"] = rates["max_lr"]
        group["initial_lr"] = rates[first]
        if name == "OneCycleLR":
            group["initial_lr"] = group["max_lr"] / settings["div_factor"]
            group["min_lr"] = group["initial_lr"] / settings["final_div_factor"]
        else:
            group["lr"] = group["initial_lr"]
        if settings["cycle_momentum"]:
            for each in ("max_momentum", "base_momentum"):
                group[each] = _own(runtime, each, settings[each], at, len(found), span)
    for each in ("max_lr", "base_lr"):
        settings.pop(each, None)


def _check_strategy(settings: Settings, span: Span) -> None:
    if settings["anneal_strategy"] not in ("cos", "linear"):
        message = "anneal_strategy must be one of 'cos' or 'linear', instead got "
        raise failure("ValueError", message + str(settings["anneal_strategy"]), span)


def _own(runtime: Runtime, name: str, given: Any, at: int, count: int, span: Span) -> Any:
    """What a setting says of one group."""
    if not isinstance(given, (list, tuple)):
        return given
    each = listed(runtime, given, span)
    if len(each) != count:
        message = (
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(each)} values, "
        )
        raise failure("ValueError", f"{message}param_groups has {count}.", span)
    return each[at]


MOMENTA = {"CyclicLR": cyclic_momentum, "OneCycleLR": one_cycle_momentum}
"""The schedules that move the momentum, and the momentum at an epoch."""
