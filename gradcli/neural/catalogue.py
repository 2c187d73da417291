"""What `torch.nn` and `torch.optim` hold, for the namespaces of the library."""

from __future__ import annotations

from typing import Any

from gradcli.neural.averaged import SWA_UTILS
from gradcli.neural.containers import CONTAINERS
from gradcli.neural.data import DATA
from gradcli.neural.init import INIT
from gradcli.neural.layers import LAYERS
from gradcli.neural.lazy import LAZY
from gradcli.neural.lbfgs import LBFGS
from gradcli.neural.module import PARAMETER
from gradcli.neural.optim import OPTIMIZERS
from gradcli.neural.schedules import LR_SCHEDULER
from gradcli.neural.transformer import TRANSFORMERS
from gradcli.neural.utils import CHECKPOINT, UTILS
from gradcli.values.values import Namespace

_ALL = {**CONTAINERS, **LAYERS, **LAZY, **TRANSFORMERS}
_PARAMETER = Namespace("torch.nn.parameter", {"Parameter": PARAMETER}, functions=False)
NN: dict[str, Any] = {
    **_ALL,
    "init": INIT,
    "utils": UTILS,
    "parameter": _PARAMETER,
    "modules": Namespace("torch.nn.modules", _ALL, functions=False),
}
OPTIM: dict[str, Any] = {**OPTIMIZERS, "LBFGS": LBFGS, "lr_scheduler": LR_SCHEDULER, "swa_utils": SWA_UTILS}
TORCH_UTILS: dict[str, Any] = {"data": DATA, "checkpoint": CHECKPOINT}
