"""Modules that are not here: a script may import one, and is told so where it uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.values.values import Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span


def absent(path: str) -> Namespace:
    """What an import binds that finds nothing."""
    return Namespace(path, {}, functions=False, absent=True)


_DATA = "give data from outside: --set x=@data.npy, or @data.csv"
_INSTEAD = {
    **dict.fromkeys(("pandas", "csv", "pickle", "glob", "pathlib", "h5py", "torchvision", "PIL"), _DATA),
    "sklearn": f"{_DATA}; (x - x.mean(0))/x.std(0) scales, torch.randperm splits",
    "sys": "programs reach nothing outside: print writes, raise and return end",
    "re": "texts have split, replace, find, strip, isalpha and their like",
    "datetime": "time.time() gives seconds",
    "scipy": "its functions are here by their names: erf, gammaln, linalg.solve",
    "seaborn": "gradcli draws with its own commands",
    **dict.fromkeys(("tensorboard", "tensorboardX", "wandb", "torchsummary", "torchinfo"), "leave it out"),
}
"""For a module that scripts often use, what to write here."""
_USUAL = "a program can import torch, numpy and math; all functions are also there without an import"


def refusal(namespace: Namespace, span: Span) -> GradcliError:
    """What is said where it is used."""
    return GradcliError(
        "unknown-name",
        f"there is no module {namespace.path} here",
        span=span,
        hint=_INSTEAD.get(namespace.path.partition(".")[0], _USUAL),
    )
