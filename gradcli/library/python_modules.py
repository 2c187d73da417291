"""The few modules of Python's that scripts import beside torch: what a program may use of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gradcli.library import functional
from gradcli.library.python_methods import updated
from gradcli.values.objects import Ordered
from gradcli.values.values import Builtin, Namespace, TypeFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _ordered(runtime: Runtime, span: Span, entries: Any = (), /, **named: Any) -> Ordered:
    made = Ordered()
    updated(runtime, span, made, entries, named)
    return made


ORDERED = TypeFunction("collections.OrderedDict", _ordered, lambda value: type(value) is Ordered)
_CLOCK = Builtin("time", lambda runtime, span: time.perf_counter())
_NOTHING = Builtin("typing", lambda runtime, span, *_, **__: None)

PYTHON_MODULES: dict[str, Namespace] = {
    "collections": Namespace("collections", {"OrderedDict": ORDERED}, functions=False),
    "random": Namespace("random", functional.PYTHON_RANDOM, functions=False),
    "copy": Namespace("copy", functional.COPYING, functions=False),
    "time": Namespace(
        "time", dict.fromkeys(("time", "perf_counter", "monotonic", "process_time"), _CLOCK), functions=False
    ),
    # What annotations are made of: they are read over.
    "typing": Namespace(
        "typing",
        dict.fromkeys(
            (
                "Any",
                "Callable",
                "Dict",
                "Iterable",
                "Iterator",
                "List",
                "Optional",
                "Sequence",
                "Tuple",
                "Union",
            ),
            _NOTHING,
        ),
        functions=False,
    ),
}
"""By name, as `import` has them."""
