"""`torch.save` and `torch.load`: what a program saves is kept for the run, under the name of a file.

No file is written or read, which a note says; `io.BytesIO` is such a place without a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.values.copying import stored
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _place(runtime: Runtime, f: Any, span: Span) -> tuple[dict[str, Any], str]:
    """Where something is kept, and under which key."""
    if type(f) is Instance and f.cls is BUFFER:
        return f.state, "saved"
    if type(f) is not str:
        raise GradcliError("bad-argument", f"a file is a name here, not {type_name(f)}", span=span)
    return runtime.kept.setdefault("files", {}), f


def save(runtime: Runtime, span: Span, obj: Any, f: Any, *_: Any, **__: Any) -> None:
    kept, name = _place(runtime, f, span)
    kept[name] = stored(runtime, span, obj)
    if type(f) is str:
        runtime.warn("what torch.save saves is kept for this run only: no file is written")


def load(runtime: Runtime, span: Span, f: Any, *_: Any, **__: Any) -> Any:
    kept, name = _place(runtime, f, span)
    found = kept.get(name, ABSENT)
    if found is ABSENT:
        message = f"[Errno 2] No such file or directory: '{name}'"
        hint = "a program loads what it has saved itself; give data from outside: --set x=@data.npy"
        raise failure("FileNotFoundError", message, span, hint=hint)
    return stored(runtime, span, found)


BUFFER = ClassValue(
    "BytesIO",
    (),
    {
        "__init__": Builtin("BytesIO", lambda runtime, span, buffer: None),
        "seek": Builtin("seek", lambda runtime, span, buffer, offset: offset),
    },
    "_io.BytesIO",
)
IO: dict[str, Any] = {"BytesIO": BUFFER}
"""What `io` has."""
