"""The few modules of Python's that scripts import beside torch: what a program may use of them."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.library import functional
from gradcli.library.python_methods import updated
from gradcli.library.recording import NULL_CONTEXT
from gradcli.values.objects import ClassValue, Instance, Ordered
from gradcli.values.values import Builtin, Namespace, TypeFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _ordered(runtime: Runtime, span: Span, entries: Any = (), /, **named: Any) -> Ordered:
    made = Ordered()
    updated(runtime, span, made, entries, named)
    return made


ORDERED = TypeFunction("collections.OrderedDict", _ordered, lambda value: type(value) is Ordered)
_CLOCK = Builtin("time", lambda runtime, span: time.perf_counter())
_ANNOTATION = Instance(
    ClassValue(
        "typing",
        (),
        {
            "__getitem__": Builtin("__getitem__", lambda runtime, span, annotation, key: annotation),
            "__call__": Builtin("__call__", lambda *_, **__: None),
        },
    )
)
"""What stands for all that `typing` has: `Batch = Tuple[Tensor, Tensor]` is read over."""
_NOTHING = Builtin("typing", lambda runtime, span, *_, **__: None)
_ENVIRONMENT = Instance(
    ClassValue(
        "environ",
        (),
        {
            "__setitem__": Builtin("__setitem__", lambda *_: None),
            "get": Builtin("get", lambda runtime, span, environment, key, default=None: default),
        },
        "os.environ",
    )
)
"""Settings for other programs, which are read over; there are none."""


def _late(path: str, home: str, name: str, members: Mapping[str, Any] | None = None) -> Namespace:
    """A module whose members stand in a file of this room, which is loaded when one of them is asked for."""

    def load() -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(import_module(f"gradcli.library.{home}"), name)
        return found

    return Namespace(path, members or {}, functions=False, late=load)


PYTHON_MODULES: dict[str, Namespace] = {
    "collections": _late("collections", "collected", "COLLECTIONS", {"OrderedDict": ORDERED}),
    "enum": _late("enum", "enumerations", "ENUMERATIONS"),
    "json": _late("json", "json_texts", "JSON"),
    "io": _late("io", "saving", "IO"),
    "logging": _late("logging", "logs", "LOGGING"),
    "argparse": _late("argparse", "argument_parser", "ARGPARSE"),
    # There is no more of it than settings for other programs.
    "os": Namespace("os", {"environ": _ENVIRONMENT, "makedirs": _NOTHING}, functions=False, absent=True),
    "abc": _late("abc", "abstract", "ABSTRACT"),
    "contextlib": _late("contextlib", "generated_contexts", "CONTEXTLIB", {"nullcontext": NULL_CONTEXT}),
    "dataclasses": _late("dataclasses", "data_classes", "DATACLASSES"),
    "random": Namespace("random", functional.PYTHON_RANDOM, functions=False),
    "copy": Namespace("copy", functional.COPYING, functions=False),
    "time": Namespace(
        "time", dict.fromkeys(("time", "perf_counter", "monotonic", "process_time"), _CLOCK), functions=False
    ),
    "string": _late("string", "iterating", "STRING"),
    "itertools": _late("itertools", "iterating", "ITERTOOLS"),
    "functools": _late("functools", "iterating", "FUNCTOOLS"),
    "tqdm": _late("tqdm", "iterating", "TQDM"),
    "tqdm.auto": _late("tqdm.auto", "iterating", "TQDM"),
    "tqdm.notebook": _late("tqdm.notebook", "iterating", "TQDM"),
    "warnings": Namespace(
        "warnings", dict.fromkeys(("filterwarnings", "simplefilter", "warn"), _NOTHING), functions=False
    ),
    "matplotlib": _late("matplotlib", "pictures", "MATPLOTLIB"),
    "matplotlib.pyplot": _late("matplotlib.pyplot", "pictures", "PYPLOT"),
    # What annotations are made of: they are read over.
    "typing": _late(
        "typing",
        "collected",
        "TYPING",
        {
            **dict.fromkeys(
                (
                    *("Any", "Callable", "ClassVar", "Deque", "Dict", "Final", "Generator", "Iterable"),
                    *("Iterator", "List", "Literal", "Mapping", "Optional", "Sequence", "Set", "Tuple"),
                    *("Type", "TypeVar", "Union"),
                ),
                _ANNOTATION,
            ),
            "TYPE_CHECKING": False,
            "cast": Builtin("cast", lambda runtime, span, typ, val: val),
        },
    ),
}
"""By name, as `import` has them."""
