"""Values that stand outside the program: inputs, gradient weights, directions.

`gradcli.evaluation.run` hands them in as the caller gave them: numbers, lists, arrays, or a `Binding`, which
is an expression of the language with no free names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.evaluation.bindings import Binding
from gradcli.interpreter import interpreter
from gradcli.syntax import plain_lexer, tree
from gradcli.syntax.names import normal_name
from gradcli.syntax.parser import parse
from gradcli.syntax.survey import Survey
from gradcli.values.conversions import plain_data
from gradcli.values.inputs import Given, given
from gradcli.values.runtime import Runtime


def names(listed: Sequence[str]) -> list[str]:
    """Names as the caller lists them: a sequence, or a text with commas."""
    if type(listed) is tuple and not listed:
        return []
    if isinstance(listed, str):
        listed = [name.strip() for name in listed.split(",") if name.strip()]
    return [normal_name(name) for name in listed]


def too_few_weights(roots: int, weights: int) -> GradcliError:
    """Gradient weights that are not one for each root."""
    message = f"got {roots} roots and {weights} gradient weights"
    return GradcliError("weights-shape", message, hint="give --weights once per root")


def default_dtype(asked: Any) -> np.dtype[Any]:
    """The default precision that the caller asks for, by name or as NumPy's dtype."""
    try:
        found: np.dtype[Any] | None = np.dtype(asked)
    except TypeError:
        found = None
    if found is None or found.kind != "f" or found.itemsize not in (4, 8):
        raise GradcliError("dtype", f"the default dtype is float64 or float32, not {found or asked}")
    return found


class Outside:
    """Reads values for the run of `runtime`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def given(self, value: Any, name: str) -> Given:
        """The value that a name of the program is to have."""
        return given(self._evaluated(value, f"{name}=") if isinstance(value, Binding) else value, name)

    def weights(self, weights: Any, roots: list[Tensor]) -> list[Tensor | None]:
        """The gradient weights of each root: one entry per root, or for one root its weights alone."""
        if weights is None:
            return [None] * len(roots)
        entries = isinstance(weights, (list, tuple))
        if not entries or (len(roots) == 1 and len(weights) != 1):
            weights = [weights]
        if len(weights) != len(roots):
            raise too_few_weights(len(roots), len(weights))
        return [self.tensor(each, "--weights", root) for each, root in zip(weights, roots, strict=True)]

    def tensor(self, value: Any, what: str, like: Tensor) -> Tensor:
        """A weight or a direction as a tensor, in the dtype of `like` where it has none of its own."""
        session = self.runtime.session
        if isinstance(value, Binding):
            value = self._evaluated(value, f"{what} ")
        if type(value) is Tensor:
            return session.detach(value)
        if isinstance(value, str) and value == "ones":
            return session.leaf(np.ones(like.shape, like.dtype))
        dtype = like.dtype if like.dtype.kind == "f" else None
        if isinstance(value, (int, float, list, tuple)):
            return session.tensor(plain_data(self.runtime, value, None), dtype)
        if isinstance(value, (np.ndarray, np.generic)):
            return session.leaf(np.asarray(value, dtype))
        raise GradcliError("bad-argument", f"{what} takes numbers, not {type(value).__name__}")

    def _evaluated(self, binding: Binding, what: str) -> Any:
        """The value of an expression; most are numbers or lists of them, which need no program."""
        known = plain_lexer.literal(binding.text)
        if known is not None:
            return known
        inner = Runtime(binding.text, self.runtime.session, self.runtime.limits)
        try:
            module = parse(binding.text)
            if len(module.body) != 1 or not isinstance(module.body[0], tree.ExpressionStatement):
                raise GradcliError(
                    "syntax",
                    "a value is one expression",
                    span=module.span,
                    hint="such as 2, [1, 2] or ones(2, 2)",
                )
            roots = interpreter.run(module, inner, Survey(module.body))
        except GradcliError as error:
            if error.code == "unset-input":
                error.message = f"{error.message}: a value has no free names"
                error.hint = None
            error.locate(binding.text)
            error.notes = (*error.notes, f"in the value of {what}{binding.text}")
            raise
        return next(iter(roots.values()), None)
