"""PyTorch's autograd rules over the tape: tensors, leaves, `.grad`, backward, freeing.

The interpreter calls in here for everything that touches a tensor. Mathematics is in `ops`,
differentiation in `tape`, arithmetic in `engine`; what is decided here is who requires grad, where
gradients are added, what a backward frees, and which rule was broken.
"""

from gradcli.autograd.session import Session
from gradcli.autograd.tensor import Tensor

__all__ = ["Session", "Tensor"]
