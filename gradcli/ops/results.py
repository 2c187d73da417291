"""Named tuples for functions with several results, called and printed as PyTorch's are."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def named_results(name: str, *fields: str) -> Any:
    """The class of a result such as `torch.return_types.sort(values=…, indices=…)`."""
    return namedtuple(name, fields)
