"""What a failed `assert` shows: both sides of a comparison, the largest difference and where it is.

`statements` asks for it only when an assertion has failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.syntax import tree
from gradcli.values.conversions import truth
from gradcli.values.formatting import represent
from gradcli.values.values import Approx

if TYPE_CHECKING:
    from gradcli.interpreter.scopes import Scope
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame

_COMPARERS = ("allclose", "approx", "equal", "isclose")
_LONGEST = 400

Sides = Callable[["Frame"], tuple[str, ...]]


def explain(scope: Scope, test: tree.Expression) -> Sides:
    """The closure that tells both sides of the comparison `test`, as notes of the error.

    Of several conditions joined by `and` it tells the first that does not hold.
    """
    if isinstance(test, tree.Logical) and test.operator == "and":
        return _explain_all(scope, test)
    pair = _sides(test)
    if pair is None:
        return lambda frame: ()
    compiled: list[Evaluate] = []

    def tell(frame: Frame) -> tuple[str, ...]:
        try:
            if not compiled:
                compiled.extend(scope.expressions(pair))
            left, right = compiled[0](frame), compiled[1](frame)
            return _told(scope.runtime, left, right)
        except GradcliError:
            # The assertion's own failure matters, not that it cannot be told in more words.
            return ()

    return tell


def _explain_all(scope: Scope, test: tree.Logical) -> Sides:
    def tell(frame: Frame) -> tuple[str, ...]:
        try:
            for each in test.operands:
                if not truth(scope.runtime, scope.expression(each)(frame), each.span):
                    start, end = each.span
                    said = " ".join(scope.runtime.text[start:end].split())
                    return (f"this does not hold: {said}", *explain(scope, each)(frame))
        except GradcliError:
            pass
        return ()

    return tell


def _sides(test: tree.Expression) -> tuple[tree.Expression, tree.Expression] | None:
    if isinstance(test, tree.Comparison) and len(test.links) == 1:
        return test.first, test.links[0].operand
    if not isinstance(test, tree.Call):
        return None
    callee = test.function
    name = callee.name if isinstance(callee, (tree.Name, tree.Attribute)) else ""
    if name in _COMPARERS and len(test.arguments) >= 2:
        return test.arguments[0], test.arguments[1]
    if name in _COMPARERS and len(test.arguments) == 1 and isinstance(callee, tree.Attribute):
        return callee.value, test.arguments[0]
    if name == "all":
        # all(x == y), torch.all(x == y) and (x == y).all()
        inner = test.arguments[0] if test.arguments else getattr(callee, "value", None)
        return None if inner is None else _sides(inner)
    return None


def _told(runtime: Runtime, left: Any, right: Any) -> tuple[str, ...]:
    left, right = (each.expected if type(each) is Approx else each for each in (left, right))
    notes = [f"left:  {_short(runtime, left)}", f"right: {_short(runtime, right)}"]
    difference = _difference(runtime, left, right)
    if difference:
        notes.append(difference)
    return tuple(notes)


def _short(runtime: Runtime, value: Any) -> str:
    text = represent(runtime, value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _difference(runtime: Runtime, left: Any, right: Any) -> str | None:
    import numpy as np

    sides = []
    for value in (left, right):
        if type(value) is Tensor:
            sides.append(runtime.session.numpy(value).astype(np.float64))
        elif isinstance(value, (int, float, list)):
            try:
                sides.append(np.asarray(value, dtype=np.float64))
            except (ValueError, TypeError, OverflowError):
                return None
        else:
            return None
    if not any(type(value) is Tensor or isinstance(value, float) for value in (left, right)):
        return None
    try:
        with np.errstate(all="ignore"):
            gap = np.abs(sides[0] - sides[1])
    except ValueError:
        return f"their shapes differ: {list(sides[0].shape)} and {list(sides[1].shape)}"
    if gap.size == 0 or not gap.any():
        return None
    place = np.unravel_index(int(np.nanargmax(gap)) if not np.isnan(gap).all() else 0, gap.shape)
    where = f" at index {[int(each) for each in place]}" if gap.ndim else ""
    return f"largest difference: {float(gap[place]):.6g}{where}"
