"""Python's `logging`: what a program logs are notes, which go to standard error as Python's lines do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gradcli.values.conversions import integer
from gradcli.values.formatting import show
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.templates import percent_text
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_LEVELS = {"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_NAMES = {level: name for name, level in _LEVELS.items()}


def _logger(runtime: Runtime, span: Span, name: Any = None) -> Instance:
    loggers = runtime.kept.setdefault("loggers", {})
    key = "root" if name is None else str(name)
    if key not in loggers:
        loggers[key] = made = Instance(LOGGER)
        made.attributes.update(name=key, level=30 if name is None else 0)
    found: Instance = loggers[key]
    return found


def _level(runtime: Runtime, level: Any, span: Span) -> int:
    known = _LEVELS.get(level) if type(level) is str else None
    return integer(runtime, level, span, "a level is an integer") if known is None else known


def _set_level(runtime: Runtime, span: Span, logger: Instance, level: Any) -> None:
    logger.attributes["level"] = _level(runtime, level, span)


def _configure(runtime: Runtime, span: Span, *, level: Any = None, format: Any = None, **_: Any) -> None:
    root = _logger(runtime, span)
    if level is not None:
        _set_level(runtime, span, root, level)
    if type(format) is str:
        root.state["format"] = format


def _write(runtime: Runtime, span: Span, logger: Instance, level: int, said: Any, arguments: Any) -> None:
    root = _logger(runtime, span)
    least = logger.attributes["level"] or root.attributes["level"]
    if level < least:
        return
    text = show(runtime, said)
    message = percent_text(text, tuple(arguments), runtime) if arguments else text
    shown = {
        "asctime": time.strftime("%Y-%m-%d %H:%M:%S,000"),
        "levelname": _NAMES.get(level, f"Level {level}"),
        "levelno": level,
        "message": message,
        "name": logger.attributes["name"],
        "filename": "program",
        "lineno": runtime.line(span),
        "funcName": "<module>",
        "module": "program",
        "process": 0,
    }
    form = root.state.get("format", "%(levelname)s:%(name)s:%(message)s")
    runtime.warn(percent_text(form, shown, runtime))


def _saying(level: int) -> Callable[..., None]:
    def run(runtime: Runtime, span: Span, logger: Instance, msg: Any, *args: Any, **_: Any) -> None:
        _write(runtime, span, logger, level, msg, args)

    return run


def _log(runtime: Runtime, span: Span, logger: Instance, level: Any, msg: Any, *args: Any) -> None:
    _write(runtime, span, logger, _level(runtime, level, span), msg, args)


_SAYING: dict[str, Callable[..., None]] = {
    **{name.lower(): _saying(level) for name, level in _LEVELS.items() if level},
    "warn": _saying(30),
    "exception": _saying(40),
    "log": _log,
}


def _ignored(runtime: Runtime, span: Span, *_: Any, **__: Any) -> None:
    """Where lines go is not the program's business."""


LOGGER = ClassValue(
    "Logger",
    (),
    {
        **{name: Builtin(name, run) for name, run in _SAYING.items()},
        "setLevel": Builtin("setLevel", _set_level),
        "addHandler": Builtin("addHandler", _ignored),
    },
    "logging.Logger",
)


def _of_root(run: Callable[..., None]) -> Callable[..., None]:
    return lambda runtime, span, *arguments, **named: run(
        runtime, span, _logger(runtime, span), *arguments, **named
    )


LOGGING: dict[str, Any] = {
    **_LEVELS,
    **{name: Builtin(name, _of_root(run)) for name, run in _SAYING.items()},
    "getLogger": Builtin("getLogger", _logger),
    "basicConfig": Builtin("basicConfig", _configure),
    **dict.fromkeys(("StreamHandler", "FileHandler", "Formatter"), Builtin("Handler", _ignored)),
    "Logger": LOGGER,
}
"""What `logging` has."""
