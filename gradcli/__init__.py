"""A gradient calculator: programs in a small, safe subset of Python, values and derivatives out.

This is the Python interface; the command line in `gradcli.cli` is a thin layer over it. Names are
loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import sys

__version__ = "0.1.0"

TYPE_CHECKING = False  # as in `typing`, whose import alone would cost a tenth of NumPy's
if TYPE_CHECKING:
    from gradcli.checking.api import assert_gradients, check
    from gradcli.checking.results import Report
    from gradcli.derivatives.sparse import Sparse
    from gradcli.errors import GradcliError
    from gradcli.evaluation.api import Evaluation, evaluate
    from gradcli.evaluation.compiled import Program, compile
    from gradcli.evaluation.result import NodeInfo
    from gradcli.formula.api import diff
    from gradcli.formula.derivative import Derivative
    from gradcli.tables.api import map, map_partitions

__all__ = [
    "Derivative",
    "Evaluation",
    "GradcliError",
    "NodeInfo",
    "Program",
    "Report",
    "Sparse",
    "__version__",
    "assert_gradients",
    "check",
    "compile",
    "diff",
    "evaluate",
    "map",
    "map_partitions",
]

_HOMES = {
    "Derivative": "gradcli.formula.derivative",
    "Evaluation": "gradcli.evaluation.api",
    "GradcliError": "gradcli.errors",
    "NodeInfo": "gradcli.evaluation.result",
    "Program": "gradcli.evaluation.compiled",
    "Report": "gradcli.checking.results",
    "Sparse": "gradcli.derivatives.sparse",
    "assert_gradients": "gradcli.checking.api",
    "check": "gradcli.checking.api",
    "compile": "gradcli.evaluation.compiled",
    "diff": "gradcli.formula.api",
    "evaluate": "gradcli.evaluation.api",
    "map": "gradcli.tables.api",
    "map_partitions": "gradcli.tables.api",
}
"""Each public name and the module that it is loaded from."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(_HOMES[name])
    except ModuleNotFoundError as error:
        if error.name != _HOMES[name]:
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(type(sys)):  # type: ignore[misc]
    """This package, whose public functions keep their names from the modules they live in.

    Python binds a submodule as an attribute of its package once it is imported; `gradcli.evaluate`
    would then be the module and no longer the function.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, type(sys)):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
