"""Python's `argparse`, of which a script has the defaults: inputs come from outside by `--set`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.values.conversions import listed
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _text(runtime: Runtime, span: Span, made: Instance) -> str:
    shown = [f"{name}={represent(runtime, value)}" for name, value in made.attributes.items()]
    return f"Namespace({', '.join(shown)})"


_NAMESPACE = ClassValue("Namespace", (), {"__repr__": Builtin("__repr__", _text)}, "argparse.Namespace")


def _begin(runtime: Runtime, span: Span, parser: Instance, *_: Any, **__: Any) -> None:
    parser.state["defaults"] = {}


def _add(
    runtime: Runtime,
    span: Span,
    parser: Instance,
    *names: Any,
    default: Any = None,
    action: Any = "store",
    type: Any = None,
    dest: Any = None,
    required: Any = False,
    **_: Any,
) -> None:
    if not names or not all(isinstance(each, str) for each in names):
        raise GradcliError("bad-argument", "an argument has a name, such as '--lr'", span=span)
    name = dest or next((each for each in names if each.startswith("--")), names[0]).lstrip("-").replace(
        "-", "_"
    )
    if action in ("store_true", "store_false") and default is None:
        default = action == "store_false"
    if type is not None and isinstance(default, str):
        default = runtime.call(type, (default,), {}, span)
    parser.state["defaults"][name] = default


def _set_defaults(runtime: Runtime, span: Span, parser: Instance, **named: Any) -> None:
    parser.state["defaults"].update(named)


def _parse(
    runtime: Runtime, span: Span, parser: Instance, args: Any = None, namespace: Any = None
) -> Instance:
    if args is not None and listed(runtime, args, span):
        hint = "parse_args([]) gives the defaults; assign what is to be another: args.lr = 0.1"
        raise GradcliError("bad-argument", "arguments are not parsed here", span=span, hint=hint)
    found = Instance(_NAMESPACE)
    found.attributes.update(parser.state["defaults"])
    return found


_PARSER = ClassValue(
    "ArgumentParser",
    (),
    {
        "__init__": Builtin("ArgumentParser", _begin),
        "add_argument": Builtin("add_argument", _add),
        "add_argument_group": Builtin("add_argument_group", lambda runtime, span, parser, *_, **__: parser),
        "set_defaults": Builtin("set_defaults", _set_defaults),
        "parse_args": Builtin("parse_args", _parse),
        "parse_known_args": Builtin(
            "parse_known_args",
            lambda runtime, span, parser, *given: (_parse(runtime, span, parser, *given), []),
        ),
    },
    "argparse.ArgumentParser",
)
ARGPARSE: dict[str, Any] = {
    "ArgumentParser": _PARSER,
    "Namespace": _NAMESPACE,
    "ArgumentDefaultsHelpFormatter": None,
}
"""What `argparse` has."""
