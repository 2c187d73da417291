"""The names of derivatives in the language: `jacobian`, `autograd.functional.hessian`, `torch.func.grad` …

`namespaces` lists them from here. What they do is loaded when a program calls one, since most don't.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.record import Record
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature


class _Late(Record):
    """A function of another module, loaded when it is called or asked for its parameters."""

    module: str
    name: str
    key: str | None = None  # of a table, whose rows are functions

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._function(*arguments, **keywords)

    @property
    def _function(self) -> Callable[..., Any]:
        found = getattr(import_module(f"gradcli.{self.module}"), self.name)
        function: Callable[..., Any] = found if self.key is None else found[self.key].run
        return function

    @property
    def __signature__(self) -> Signature:
        from inspect import signature

        return signature(self._function)


def _late(module: str, names: str, prefix: str = "", room: str = "library") -> dict[str, Builtin]:
    return {name: Builtin(name, _Late(f"{room}.{module}", prefix + name)) for name in names.split()}


GRADCHECKS = _late("gradchecks", "gradcheck gradgradcheck")
NUMPY = {
    name: Builtin(name, _Late("library.numpy_functions", "FUNCTIONS", name))
    for name in (
        *("mean", "std", "var", "amax", "amin", "max", "min", "sort", "percentile", "quantile", "median"),
        *("round", "around", "repeat", "split", "array_split", "meshgrid", "cumsum", "cumprod", "transpose"),
        *("nonzero", "dot", "expand_dims", "finfo", "linspace", "flip", "iinfo", "matmul"),
    )
}
NUMPY_RANDOM = _late(
    "other_random",
    "seed rand random random_sample randn standard_normal normal uniform randint permutation shuffle choice "
    "RandomState default_rng",
    "numpy_",
)
PYTHON_RANDOM = _late(
    "other_random", "seed random uniform gauss randint randrange choice choices shuffle sample", "python_"
)
SAVING = _late("saving", "save load")
COPYING = _late("copying", "copy deepcopy", room="values")

BARE = _late("autograd_functional", "jacobian hessian hvp jvp", "bare_")
"""The bare names: of tensors, or of a function and its inputs."""

AUTOGRAD_FUNCTIONAL = _late("autograd_functional", "jacobian hessian vjp jvp hvp vhp")
"""`torch.autograd.functional`: of a function at its inputs."""

FORWARD_AD = _late("forward_ad", "dual_level enter_dual_level exit_dual_level make_dual unpack_dual")
"""`torch.autograd.forward_ad`."""

FUNC = {
    **_late("torch_func", "grad grad_and_value jacrev jacfwd hessian vjp jvp linearize"),
    **_late("batched", "vmap"),
    **_late("reparametrised", "functional_call stack_module_state", room="neural"),
}
"""`torch.func`: functions that give derivatives."""
