"""The parameter groups of an optimiser, and what `state_dict` makes of it and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import number

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


def load_state_dict(runtime: Runtime, span: Span, optimizer: Instance, state_dict: Any) -> None:
    """Takes over what `state_dict` gave, of an optimiser of as many parameters."""
    given = state_dict if isinstance(state_dict, dict) else {}
    for key in ("param_groups", "state"):
        if key not in given:
            raise failure("KeyError", f"'{key}'", span)
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
    optimizer.state["of"] = {
        params[number]: {name: _taken(runtime, name, value, span) for name, value in state.items()}
        for number, state in states.items()
        if number in params and isinstance(state, dict)
    }


def _taken(runtime: Runtime, name: str, value: Any, span: Span) -> Any:
    if name == "step":
        return int(number(runtime, value, span, "step"))
    return runtime.session.numpy(value).copy() if type(value) is Tensor else value
