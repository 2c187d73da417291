"""What the names of the language stand for before a program assigns any: functions, constants, namespaces.

The compiler asks for bare names and for what an import binds. The functions of mathematics come from the
function table; here stand the others, and the modules whose names reach them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.library import (
    devices,
    drawing,
    functional,
    gradients,
    makers,
    plain_math,
    python_names,
    recording,
)
from gradcli.library.absent import absent
from gradcli.library.python_modules import PYTHON_MODULES
from gradcli.ops import registry
from gradcli.values.objects import EXCEPTIONS, ClassValue
from gradcli.values.values import DType, FunctionBase, Namespace

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTORCH = "2.13.0"
"""The version of PyTorch whose answers are the reference here."""

CONSTANTS: dict[str, Any] = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}

DTYPES: dict[str, DType] = {
    name: DType(full)
    for name, full in {
        "float64": "float64",
        "float32": "float32",
        "float16": "float16",
        "int64": "int64",
        "int32": "int32",
        "int16": "int16",
        "int8": "int8",
        "uint8": "uint8",
        "double": "float64",
        "half": "float16",
        "long": "int64",
        "short": "int16",
    }.items()
}

# `torch.float` is a dtype, the bare `float` is Python's.
_TORCH_DTYPES = {**DTYPES, "float": DTYPES["float32"], "int": DTYPES["int32"], "bool": DType("bool")}
_NUMPY_DTYPES = {
    **{name: makers.numpy_scalar(name, dtype.name) for name, dtype in DTYPES.items()},
    "bool_": DType("bool"),
}

_FUNCTION = FunctionBase()
AUTOGRAD = Namespace(
    "torch.autograd",
    {
        "function": Namespace(
            "torch.autograd.function",
            {"Function": _FUNCTION, "once_differentiable": recording.ONCE_DIFFERENTIABLE},
            functions=False,
        ),
        "variable": Namespace("torch.autograd.variable", {"Variable": makers.VARIABLE}, functions=False),
        "backward": gradients.BACKWARD,
        "grad": gradients.GRAD,
        "functional": Namespace("torch.autograd.functional", functional.AUTOGRAD_FUNCTIONAL, functions=False),
        "graph": Namespace(
            "torch.autograd.graph",
            {"save_on_cpu": recording.NULL_CONTEXT},
            functions=False,
            missing={
                "saved_tensors_hooks": "what is saved for backward is not packed here: leave the with out"
            },
        ),
        "forward_ad": Namespace("torch.autograd.forward_ad", functional.FORWARD_AD, functions=False),
        **functional.GRADCHECKS,
        "Function": _FUNCTION,
        "Variable": makers.VARIABLE,
        **recording.ANOMALIES,
        **recording.RECORDING,
    },
    functions=False,
)
LINALG = Namespace("torch.linalg", {"LinAlgError": EXCEPTIONS["_LinAlgError"]})
SPECIAL = Namespace("torch.special", {})
FUNC = Namespace("torch.func", functional.FUNC, functions=False)

NN_FUNCTIONAL = Namespace("torch.nn.functional", {})


def _modules() -> Mapping[str, Any]:
    from gradcli.neural.catalogue import NN

    return NN


def _optimizers() -> Mapping[str, Any]:
    from gradcli.neural.catalogue import OPTIM

    return OPTIM


NN = Namespace(
    "torch.nn",
    {"functional": NN_FUNCTIONAL},
    functions=False,
    missing={
        **dict.fromkeys(("DataParallel", "SyncBatchNorm"), "there is one device here: leave it out"),
    },
    late=_modules,
)
OPTIM = Namespace("torch.optim", {}, functions=False, late=_optimizers)


def _utils() -> Mapping[str, Any]:
    from gradcli.neural.catalogue import TORCH_UTILS

    return TORCH_UTILS


UTILS = Namespace("torch.utils", {}, functions=False, late=_utils)


def _distributions() -> Mapping[str, Any]:
    from gradcli.neural.more_distributions import DISTRIBUTIONS

    return DISTRIBUTIONS


def _testing() -> Mapping[str, Any]:
    from gradcli.library.asserting import TESTING

    return TESTING


TESTING = Namespace("torch.testing", {}, functions=False, late=_testing)
DISTRIBUTIONS = Namespace("torch.distributions", {}, functions=False, late=_distributions)

_DATA = "give data from outside: --set x=@data.npy"
TORCH = Namespace(
    "torch",
    {
        **_TORCH_DTYPES,
        **CONSTANTS,
        **makers.TENSOR_MAKERS,
        **recording.RECORDING,
        "autograd": AUTOGRAD,
        "nn": NN,
        "linalg": LINALG,
        "special": SPECIAL,
        "func": FUNC,
        "vmap": functional.FUNC["vmap"],
        "optim": OPTIM,
        "distributions": DISTRIBUTIONS,
        "testing": TESTING,
        "utils": UTILS,
        "__version__": PYTORCH,
        **{name: DType(name) for name in ("preserve_format", "contiguous_format")},
        "cuda": devices.CUDA,
        "backends": devices.BACKENDS,
        "amp": devices.AMP,
        "autocast": devices.AUTOCAST,
        **devices.SETTINGS,
        **makers.ASKED_AND_SET,
        **makers.COMPARING,
        **drawing.SOURCES,
        **functional.SAVING,
    },
)

_NUMPY_ALIASES = {
    "power": "pow",
    "concatenate": "cat",
    "absolute": "abs",
    "true_divide": "div",
    "arctan2": "atan2",
    "identity": "eye",
}
NUMPY = Namespace(
    "numpy",
    {
        **CONSTANTS,
        **_NUMPY_DTYPES,
        **makers.NUMPY_MAKERS,
        **functional.NUMPY,
        "newaxis": None,
        "linalg": LINALG,
        "random": Namespace("numpy.random", functional.NUMPY_RANDOM, functions=False),
        **makers.NUMPY_COMPARING,
        "ndarray": makers.TENSOR_MAKERS["Tensor"],
        **plain_math.number_functions("numpy", _NUMPY_ALIASES),
    },
    missing={"load": _DATA, "loadtxt": _DATA, "save": "gradcli writes no files from a program"},
)
MATH = Namespace(
    "math",
    {**CONSTANTS, "tau": math.tau, **plain_math.MATH_ONLY, **plain_math.number_functions("math", {})},
)

MODULES: dict[str, Namespace] = {
    "torch": TORCH,
    "torch.autograd": AUTOGRAD,
    "torch.testing": TESTING,
    "torch.autograd.graph": AUTOGRAD.members["graph"],
    "torch.autograd.function": AUTOGRAD.members["function"],
    "torch.autograd.forward_ad": AUTOGRAD.members["forward_ad"],
    "torch.autograd.functional": AUTOGRAD.members["functional"],
    "torch.autograd.variable": AUTOGRAD.members["variable"],
    "torch.nn": NN,
    "torch.nn.functional": NN_FUNCTIONAL,
    "torch.linalg": LINALG,
    "torch.special": SPECIAL,
    "torch.func": FUNC,
    "torch.optim": OPTIM,
    "torch.amp": devices.AMP,
    "torch.cuda": devices.CUDA,
    "torch.cuda.amp": devices.CUDA.members["amp"],
    "torch.backends": devices.BACKENDS,
    "torch.utils": UTILS,
    "torch.distributions": DISTRIBUTIONS,
    **PYTHON_MODULES,
    "numpy": NUMPY,
    "numpy.linalg": LINALG,
    "numpy.random": NUMPY.members["random"],
    "math": MATH,
}
"""What `import` may name."""

OBJECT = ClassValue("object", (), {}, "object")
"""What `class A(object)` is made from, as any other class."""

BARE: dict[str, Any] = {
    "object": OBJECT,
    **CONSTANTS,
    **DTYPES,
    **makers.TENSOR_MAKERS,
    **recording.RECORDING,
    **python_names.PYTHON,
    **python_names.EXTREMES,
    **functional.BARE,
    "__name__": "__main__",
    "manual_seed": drawing.SOURCES["manual_seed"],
    "allclose": makers.COMPARING["allclose"],
    "isclose": makers.COMPARING["isclose"],
    "approx": makers.APPROX,
    "backward": gradients.BACKWARD,
    "torch": TORCH,
    "np": NUMPY,
    "numpy": NUMPY,
    "math": MATH,
    "nn": NN,
    "F": NN_FUNCTIONAL,
    "linalg": LINALG,
    "special": SPECIAL,
    "autograd": AUTOGRAD,
    "optim": OPTIM,
}
"""The names that need no namespace, besides those of the function table."""

REFUSED: dict[str, str] = {
    **dict.fromkeys(
        (
            "eval",
            "exec",
            "compile",
            "open",
            "input",
            "globals",
            "locals",
        ),
        "programs reach neither Python nor files",
    ),
    **dict.fromkeys(("os", "sys", "subprocess", "pathlib"), "programs reach neither Python nor files"),
    "plt": "gradcli draws with its own commands",
    "frozenset": "sets that nobody changes are sets here: set(…); a key may be tuple(sorted(…))",
}
"""Python's names that mean nothing here, and what to do instead."""


def bare(name: str, torch: bool, default: Any) -> Any:
    """What the language calls by this name, or `default`; in a PyTorch script Python's built-ins first."""
    if torch and name in python_names.SHADOWED:
        return python_names.SHADOWED[name]
    if torch and name in ("np", "numpy"):
        return _of_arrays(NUMPY)
    if name in BARE:
        return BARE[name]
    row = registry.lookup(name)
    return default if row is None else row


def is_bare(name: str) -> bool:
    """Whether the language calls something by this name; nothing is loaded to know it."""
    return name in BARE or registry.is_listed(name)


def missing_import(name: str, member: str) -> str | None:
    """How `name` becomes a module that has `member`: a line of the script that was not copied along.

    None where no module of that name has it, and tensors have such a member or PyTorch hasn't.
    """
    from gradcli.library.looking import namespace_member
    from gradcli.library.members import TENSOR_ATTRIBUTES, tensor_method

    nothing = object()
    if name in MODULES and namespace_member(MODULES[name], member, nothing) is not nothing:
        return f"write import {name} before it"
    if member in TENSOR_ATTRIBUTES or tensor_method(member) is not None or member.startswith("_"):
        return None
    if namespace_member(TORCH, member, nothing) is nothing:
        return None
    return f"write import torch as {name} before it, or {member} alone"


def function_names() -> list[str]:
    """All names that can be called, for suggestions."""
    return [*BARE, *registry.names()]


def _of_arrays(module: Namespace) -> Namespace:
    from gradcli.library.numpy_functions import arrays_of

    return arrays_of(module)


_DEEP = ("torch.nn.", "torch.optim.", "torch.utils.", "torch.distributions.")
"""Where the modules of modules are, which are loaded when they are asked for."""


def _module(path: str) -> Namespace | None:
    """The module of that path: one of `MODULES`, or one that those hold."""
    found = MODULES.get(path)
    if found is not None or not path.startswith(_DEEP):
        return found
    from gradcli.library.looking import namespace_member

    outer, _, name = path.rpartition(".")
    around = _module(outer)
    inner = None if around is None else namespace_member(around, name, None)
    return inner if type(inner) is Namespace else None


def imported(path: str, torch: bool = False) -> Any:
    """What `import path`, or `from module import name` with `path` as `module.name`, binds.

    In a PyTorch script (`torch`) NumPy's functions give arrays.

    Raises:
        GradcliError: `unknown-name` for a module that isn't there, or a name that it hasn't.
    """
    from gradcli.library.looking import namespace_member, unknown_in_namespace

    numpy = torch and path.partition(".")[0] == "numpy"
    known = _module(path)
    if known is not None:
        return _of_arrays(known) if numpy else known
    module, _, name = path.rpartition(".")
    namespace = _module(module)
    if namespace is not None and numpy:
        namespace = _of_arrays(namespace)
    if namespace is None:
        if path.partition(".")[0] == "__future__":
            return None
        return absent(module or path)
    nothing = object()
    member = namespace_member(namespace, name, nothing)
    if member is nothing and module in PYTHON_MODULES:
        return absent(module)
    if member is nothing:
        raise unknown_in_namespace(namespace, name, (0, 0), False)
    return member
