"""The parameter groups of an optimiser, and what `state_dict` makes of it and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import number
from gradcli.values.objects import Defaults
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.objects import Instance
    from gradcli.values.runtime import Runtime


def groups(optimizer: Instance, span: Span) -> list[dict[str, Any]]:
    """The parameter groups of an optimizer, if they still are what it made."""
    found = optimizer.attributes.get("param_groups")
    if isinstance(found, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("params"), list)
        and all(type(param) is Tensor for param in each["params"])
        for each in found
    ):
        return found
    message = "the param_groups of an optimizer are a list of dicts, each with a list of tensors as 'params'"
    raise GradcliError("bad-argument", message, span=span)


def state_dict(runtime: Runtime, span: Span, optimizer: Instance) -> dict[str, Any]:
    """The groups with numbers in place of their parameters, and what is kept of each parameter as tensors."""
    look(runtime, span, optimizer)
    found = groups(optimizer, span)
    numbers = {id(each): at for at, each in enumerate(each for group in found for each in group["params"])}
    numbered = [
        {
            **{name: value for name, value in group.items() if name != "params"},
            "params": [numbers[id(each)] for each in group["params"]],
        }
        for group in found
    ]
    states = {
        numbers[id(param)]: {name: _handed_out(runtime, name, value) for name, value in state.items()}
        for param, state in optimizer.state.get("of", {}).items()
        if id(param) in numbers
    }
    return {"state": dict(sorted(states.items())), "param_groups": numbered}


def _handed_out(runtime: Runtime, name: str, value: Any) -> Any:
    if name == "step":
        return runtime.session.tensor(float(value))
    if isinstance(value, (np.ndarray, np.floating)):
        return runtime.session.leaf(np.array(value))
    return value


def states_of(runtime: Runtime, span: Span, optimizer: Instance) -> Defaults:
    """What is kept of each parameter, as tensors: what is given once changes with each step from then on."""
    found: Any = optimizer.state.get("seen")
    if found is None:
        optimizer.state["seen"] = found = Defaults()
        found.factory = Builtin("dict", lambda runtime, span: {})
        show(runtime, optimizer)
    return cast("Defaults", found)


def show(runtime: Runtime, optimizer: Instance) -> None:
    """Brings what `states_of` gave, if anybody asked, to where the optimiser is; tensors stay the same."""
    seen = optimizer.state.get("seen")
    if seen is None:
        return
    for param, state in optimizer.state.get("of", {}).items():
        shown = seen.setdefault(param, {})
        for name, value in state.items():
            fresh = _handed_out(runtime, name, value)
            if type(fresh) is Tensor and type(shown.get(name)) is Tensor:
                runtime.session.set_data(shown[name], fresh)
            else:
                shown[name] = fresh


def look(runtime: Runtime, span: Span, optimizer: Instance) -> None:
    """Takes over what the program did to what `states_of` gave."""
    seen = optimizer.state.get("seen")
    if seen is not None:
        optimizer.state["of"] = {
            param: {name: _taken(runtime, name, value, span) for name, value in state.items()}
            for param, state in seen.items()
            if type(param) is Tensor and isinstance(state, dict)
        }


def load_state_dict(runtime: Runtime, span: Span, optimizer: Instance, state_dict: Any) -> None:
    """Takes over what `state_dict` gave, of an optimiser of as many parameters."""
    given = state_dict if isinstance(state_dict, dict) else {}
    for key in ("param_groups", "state"):
        if key not in given:
            raise failure("KeyError", key, span)
    found, saved = groups(optimizer, span), given["param_groups"]
    if not isinstance(saved, list) or len(saved) != len(found):
        raise failure("ValueError", "loaded state dict has a different number of parameter groups", span)
    params: dict[Any, Tensor] = {}
    for group, other in zip(found, saved, strict=True):
        numbers = other.get("params") if isinstance(other, dict) else None
        if not isinstance(numbers, list) or len(numbers) != len(group["params"]):
            message = "loaded state dict contains a parameter group that doesn't match the size of "
            raise failure("ValueError", message + "optimizer's group", span)
        params.update(zip(numbers, group["params"], strict=True))
        own = group["params"]
        group.clear()
        group.update({**other, "params": own})
    states = given["state"] if isinstance(given["state"], dict) else {}
    optimizer.state.pop("seen", None)
    optimizer.state["of"] = {
        params[number]: {name: _taken(runtime, name, value, span) for name, value in state.items()}
        for number, state in states.items()
        if number in params and isinstance(state, dict)
    }


def _taken(runtime: Runtime, name: str, value: Any, span: Span) -> Any:
    if name == "step":
        return int(number(runtime, value, span, "step"))
    return runtime.session.numpy(value).copy() if type(value) is Tensor else value
