"""Modules that learn how many inputs they have from the first: `nn.LazyLinear` and its like.

Until then they are of a class of their own, with parameters without elements; then they become what they
stand for, with the same parameters, so that an optimiser may have them already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.layers import LAYERS
from gradcli.neural.module import called
from gradcli.tape.generator import Generator
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _lazy(name: str, axis: int) -> ClassValue:
    cls: ClassValue = LAYERS[name]
    begin, forward = cls.members["__init__"].run, cls.find("forward").run

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        context = runtime.session.context
        generator, context.generator = context.generator, Generator(0)  # no numbers are drawn yet
        try:
            begin(runtime, span, module, 0, *values, **named)
        finally:
            context.generator = generator
        module.state["lazy"] = values, named

    def first(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        if type(input) is not Tensor or len(input.shape) < abs(axis):
            raise GradcliError("bad-argument", f"Lazy{name} takes a tensor with features", span=span)
        values, named = module.state.pop("lazy")
        made = called(runtime, span, cls, input.shape[axis], *values, **named)
        for each, value in made.attributes.items():
            former = module.attributes.get(each)
            if type(former) is Tensor and type(value) is Tensor:
                former.node = value.node
            elif each != "training":
                module.attributes[each] = value
        module.cls = cls
        return forward(runtime, span, module, input)

    members = {
        "__init__": Builtin(f"Lazy{name}", start),
        "forward": Builtin("forward", first),
        "extra_repr": cls.find("extra_repr"),
    }
    return ClassValue(f"Lazy{name}", cls.bases, members, cls.path.replace(name, f"Lazy{name}"))


LAZY: dict[str, ClassValue] = {
    "LazyLinear": _lazy("Linear", -1),
    **{f"LazyConv{rank}d": _lazy(f"Conv{rank}d", -rank - 1) for rank in (1, 2, 3)},
    **{f"LazyConvTranspose{rank}d": _lazy(f"ConvTranspose{rank}d", -rank - 1) for rank in (1, 2, 3)},
    **{f"LazyBatchNorm{rank}d": _lazy(f"BatchNorm{rank}d", 1) for rank in (1, 2, 3)},
}
"""Those of `torch.nn`."""
