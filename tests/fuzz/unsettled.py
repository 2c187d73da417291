"""Where numbers of a script need not be PyTorch's: what hangs on last digits, and what is documented.

`differential` asks once the texts agree.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isclose
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import gradcli
from gradcli.autograd import saved_values, session
from gradcli.autograd.in_place import InPlace
from gradcli.autograd.recorder import Recorder
from gradcli.autograd.tensor import Tensor
from gradcli.tape.node import Node
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise
from gradcli.tape.views import places

Answer = tuple[list[str], str | None]
"""What a script prints, and the first line of the error that it ends with."""


def answer(text: str) -> Answer:
    """What gradcli makes of a script."""
    printed: list[str] = []
    error = None
    try:
        gradcli.evaluate(text, wrt=[], write=printed.append)
    except gradcli.GradcliError as failure:
        error = failure.message
    except Exception as failure:
        line = traceback.extract_tb(failure.__traceback__)[-1]
        error = f"INTERNAL {type(failure).__name__}: {failure} at {Path(line.filename).name}:{line.lineno}"
    return "".join(printed).splitlines(), error


RESHAPED = re.compile(r"with torch.no_grad\(\):\n    \w+\.(t_|transpose_|swap\w+_|squeeze_|unsqueeze_)\(")
"""PyTorch's gradients are those of the shape that it had, in the order that it has."""
COMPOSED = re.compile(r"lerp|silu|gelu|mish|hardswish|\bvar\b|\bstd\b|binary_cross_entropy_with_logits")
"""Functions whose gradient here is that of their formula: infinities of several terms may meet as nan."""
OVERFLOWING = ("norm", "dist", "cosine_similarity", "pairwise_distance", "normalize", "linalg.norm", "asinh")
DIFFERING: tuple[tuple[tuple[str, ...], Callable[[Any], Any]], ...] = (
    # Whose gradient at nan is 1 here, as there for a few numbers; for many at once it has 0.
    (("hardtanh", "relu6", "hardshrink", "softshrink"), np.isnan),
    # Whose squares it adds up, so that it finds inf or 0.
    (OVERFLOWING, lambda x: (abs(x) > 1e18) | ((abs(x) < 1e-18) & (x != 0))),
    # Whose limits these are here, and nan there.
    (("binary_cross_entropy_with_logits",), lambda x: ~np.isfinite(x)),
    # Behind a zero its gradient is 0 there, also where a nan stands before that.
    (("cumprod",), lambda x: np.isnan(x) & (x == 0).any()),
    # Which of several equal elements it finds is not told.
    (("kthvalue", "topk"), lambda x: np.array([np.unique(x).size < x.size])),
    # Whose slope is inf here, and a large number there.
    (("digamma", "psi", "polygamma", "special.digamma"), lambda x: (x < 0) & (x == np.floor(x))),
    # Which is inf for a few numbers there as here, and nan for many at once.
    (("gelu",), np.isposinf),
    # Of which PyTorch finds one or the other infinity, by the number of elements and by create_graph.
    (("logit",), lambda x: (x == 0) & np.signbit(x)),
    # Which add 0 to what they don't touch, so that -0 becomes 0.
    (("index_add", "scatter_add"), lambda x: (x == 0) & np.signbit(x)),
)
"""Functions, and elements of their operands at which the answers are documented to differ."""
LAST_DIGIT = 1.000001e-4
"""One in the fourth decimal, which is the last that is printed, and what reading two such numbers may add."""
NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]\d+)?|-?\d+\.?|nan|-?inf")


ADDRESS = re.compile(r"( object)? at 0x\w+>")
NAME = re.compile(r",\s*grad_fn=<(\w+)>")
OF_A_WALK = re.compile(r"hook|own tensor|heard")
"""What is printed while a walk goes on, whose steps have names of their own."""


def alike(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether the same was printed, up to rounding, the sign of zero, and names documented to differ."""
    first, second = ADDRESS.sub(">", "\n".join(theirs)), "\n".join(ours)
    if first == second:
        return True
    if OF_A_WALK.search(second):
        first, second = (NAME.sub("", each) for each in (first, second))
    here, there = NUMBER.findall(first), NUMBER.findall(second)
    texts = [re.sub(r"\s+", "", NUMBER.sub("#", each)) for each in (first, second)]
    return texts[0] == texts[1] and all(
        one == "nan"  # a branch that was not taken contributes none here
        or _near(one, other)
        for one, other in zip(here, there, strict=True)
    )


def _near(one: str, other: str) -> bool:
    return isclose(float(one), float(other), rel_tol=1e-3, abs_tol=LAST_DIGIT)


def unsettled(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether the numbers of a script need not be PyTorch's."""
    if _crossing(text, theirs, ours) or _rounding(text, theirs, ours):
        return True
    if _writes_gradient(text, theirs, ours):
        return True
    if "copysign" in text and alike(_numberless(theirs), _numberless(ours)) and _takes_sign_of_nan(text):
        return True
    reshaped = RESHAPED.search(text)
    if reshaped is not None:
        turned = not reshaped[1].endswith("squeeze_")
        if _in_gradients_alone(theirs, ours) if turned else alike(_flat(theirs), _flat(ours)):
            return True
    if any(_differs_from(text, theirs, ours, *each) for each in DIFFERING):
        return True
    return COMPOSED.search(text) is not None and alike(_where_nan(theirs, ours), ours)


def walks_again(text: str, line: int) -> bool:
    """Whether a walk from a line meets what `create_graph` recorded, and a walk that frees met before.

    That is one step here, which saves only what its own gradient needs.
    """
    met: list[Node] = []
    freed: set[Node] = set()
    found = False
    saving, free = saved_values.saving, session.Session._free

    def watched(order: Sequence[Node], overwrote: bool, span: Any, *rest: Any) -> list[Node]:
        nonlocal met, found
        met = [each for each in order if each.call is not None and each.call.function.name == "grad"]
        if span is not None and text.count("\n", 0, span[0]) == line - 1:
            found = found or not freed.isdisjoint(met)
        return saving(order, overwrote, span, *rest)

    def freeing(self: session.Session, nodes: Sequence[Node]) -> None:
        freed.update(met)
        free(self, nodes)

    saved_values.saving = watched
    session.Session._free = freeing  # type: ignore[method-assign]
    try:
        answer(text)
    finally:
        saved_values.saving = saving
        session.Session._free = free  # type: ignore[method-assign]
    return found


def _crossing(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether numbers alone differ, and only after elementwise work that reads what it wrote already.

    PyTorch refuses an operand that lies elsewhere in the memory that is written to, but does not look where
    one of them has gaps or is stretched; then its numbers are those of the order in which it goes along.
    """

    def watching(refuse: Callable[..., Any], mark: Callable[[], None]) -> Callable[..., Any]:
        def watched(
            self: InPlace, tensor: Tensor, operands: Iterable[Any] = (), *rest: Any, **more: Any
        ) -> None:
            operands = list(operands)
            refuse(self, tensor, operands, *rest, **more)
            if any(type(each) is Tensor and _crosses(tensor, each) for each in operands):
                mark()

        return watched

    return _only_after(text, theirs, ours, InPlace, "refuse", watching)


def _writes_gradient(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether numbers and names alone differ, and only after a recorded gradient was written to.

    PyTorch's may be one number that stands for all.
    """

    def watching(refuse: Callable[..., Any], mark: Callable[[], None]) -> Callable[..., Any]:
        def watched(self: InPlace, tensor: Tensor, *rest: Any, **more: Any) -> None:
            call = (tensor.node if tensor.view is None else tensor.view.base.node).call
            if call is not None and call.function.name == "grad":
                mark()
            refuse(self, tensor, *rest, **more)

        return watched

    first, second = (NAME.sub("", "\n".join(each)).splitlines() for each in (theirs, ours))
    return _only_after(text, first, second, InPlace, "refuse", watching)


def _differs_from(
    text: str,
    theirs: Sequence[str],
    ours: Sequence[str],
    names: Sequence[str],
    where: Callable[[Any], Any],
) -> bool:
    """Whether numbers alone differ, and only after a function was called with such elements."""
    if not any(name.rpartition(".")[2] in text for name in names):
        return False

    def watching(apply: Callable[..., Any], mark: Callable[[], None]) -> Callable[..., Any]:
        def watched(self: Recorder, function: Any, args: Any, *rest: Any) -> Any:
            if function.name in names:
                given = [np.asarray(self.value(each)) for each in args if type(each) is Tensor]
                if any(each.dtype.kind == "f" and where(each).any() for each in given):
                    mark()
            return apply(self, function, args, *rest)

        return watched

    return _only_after(text, theirs, ours, Recorder, "apply", watching)


def _only_after(
    text: str,
    theirs: Sequence[str],
    ours: Sequence[str],
    owner: type,
    name: str,
    watching: Callable[[Callable[..., Any], Callable[[], None]], Callable[..., Any]],
) -> bool:
    """Whether numbers alone differ, and only after a call of a method that its watched form marks."""
    printed: list[str] = []
    lines: list[int] = []
    method = getattr(owner, name)
    setattr(owner, name, watching(method, lambda: lines.append(len("".join(printed).splitlines()))))
    try:
        gradcli.evaluate(text, wrt=[], write=printed.append)
    except gradcli.GradcliError:
        pass
    finally:
        setattr(owner, name, method)
    if not lines:
        return False
    same = alike(theirs[: lines[0]], ours[: lines[0]])
    return same and alike(_numberless(theirs), _numberless(ours))


def _crosses(written: Tensor, read: Tensor) -> bool:
    """Whether an operand has an element where another one of its elements is written to."""
    to, source = written.view, read.view
    if to is None or source is None or to.base.storage is not source.base.storage:
        return False
    shape = (to.base.root or to.base).node.shape
    first = places((*to.base.path, *to.path), shape)
    second = places((*source.base.path, *source.path), shape)
    try:
        second = np.broadcast_to(second, first.shape)
    except ValueError:
        return False  # they don't fit, which is an error of its own
    return bool(np.intersect1d(first, second).size and (first != second).any())


def _rounding(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether finite numbers alone differ, which hang on last digits: the sine of a huge number, a remainder.

    They do if others are found in float64, or where functions have other last digits, and PyTorch's are about
    as far away as those; infinities and nan are to be found so too.
    """
    if not alike(_numberless(theirs), _numberless(ours)):
        return False
    others = [ours, answer("import torch\ntorch.set_default_dtype(torch.float64)\n" + text)[0]]
    with shaken():
        others += [answer(text)[0] for _ in range(SHAKES)]
    numbers, here = [NUMBER.findall("\n".join(each)) for each in (theirs, ours)]
    lists = [NUMBER.findall("\n".join(each[: len(ours)])) for each in others]
    lists = [each for each in lists if len(each) == len(here)]
    return all(
        one == "nan" or _near(one, other) or _among(one, [each[at] for each in lists])
        for at, (one, other) in enumerate(zip(numbers, here, strict=True))
    )


def _among(number: str, others: Sequence[str]) -> bool:
    """Whether a number lies among others, or outside by no more than what they lie apart."""
    if number in others:
        return True
    finite = [float(each) for each in others if "n" not in each]  # neither nan nor inf
    if "n" in number or not finite:
        return False
    least, most = min(finite), max(finite)
    return 2 * least - most <= float(number) <= 2 * most - least


SHAKES = 24
ABSOLUTE = ("log_softmax", "cosine_similarity")
"""Functions of which PyTorch's float32 is wrong by a last digit of 1, also where the result is near 0."""


@contextmanager
def shaken() -> Iterator[None]:
    """In its body float32 functions (not sums, products and quotients) are wrong by a last digit, or not.

    Those of `ABSOLUTE` are by one of 1.
    """
    random = Random(0)
    on = True
    functions = [
        each.single or each
        for name, module in list(sys.modules.items())
        if name.startswith("gradcli.ops.")
        for each in vars(module).values()
        if isinstance(each, Elementwise) and each.cost >= Cost.FUNCTION and each.result == "float"
    ]
    kernels = {each: each.compute for each in functions}

    def wrong(kernel: Callable[..., Any]) -> Callable[..., Any]:
        def compute(*values: Any, **keywords: Any) -> Any:
            result = kernel(*values, **keywords)
            if not on or keywords or getattr(result, "dtype", None) != np.float32:
                return result
            towards = [random.choice((-np.inf, np.nan, np.inf)) for _ in range(np.size(result))]
            towards = np.reshape(np.float32(towards), np.shape(result))
            return np.where(np.isnan(towards), result, np.nextafter(result, towards))[()]

        return compute

    def roughly(self: Recorder, function: Any, *rest: Any) -> Any:
        result = apply(self, function, *rest)
        if function.name in ABSOLUTE and type(result) is Tensor and result.dtype == np.float32:
            value = np.asarray(self.value(result))
            errors = [random.choice((-1, 0, 1)) for _ in range(value.size)]
            digit = np.finfo(np.float32).eps
            error = np.reshape(np.float32(errors), value.shape) * digit
            result.node.value = np.asarray(np.rint(value / digit) * digit + error)
        return result

    for each, kernel in kernels.items():
        each.compute = wrong(kernel)  # type: ignore[method-assign]
    apply = Recorder.apply
    Recorder.apply = roughly  # type: ignore[method-assign]
    try:
        yield
    finally:
        Recorder.apply = apply  # type: ignore[method-assign]
        on = False  # for what has been made of them meanwhile
        for each, kernel in kernels.items():
            each.compute = kernel  # type: ignore[method-assign]


def _numberless(lines: Sequence[str]) -> list[str]:
    """What was printed, without its numbers, but for those in names."""
    return [re.sub(rf"(?<!\w)(?:{NUMBER.pattern})", "#", " ".join(lines))]


def _in_gradients_alone(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether what is printed with a history agrees, and there are gradients where there are some."""
    first, second = (re.findall(r"None|tensor\([^()]*\)", "\n".join(each)) for each in (theirs, ours))
    return len(first) == len(second) and all(
        alike([one], [other])
        or (one != "None" and other != "None" and not any("grad" in each for each in (one, other)))
        for one, other in zip(first, second, strict=True)
    )


def _takes_sign_of_nan(text: str) -> bool:
    """Whether a script takes the sign of a computed nan, which depends on the length of the tensor there."""
    from gradcli.ops.binary import copysign_primitive as copysign

    found = False
    kernel = copysign.compute

    def watched(size: Any, sign: Any, *rest: Any, **more: Any) -> Any:
        nonlocal found
        found = found or bool(np.isnan(sign).any())
        return kernel(size, sign, *rest, **more)

    copysign.compute = watched  # type: ignore[method-assign]
    try:
        answer(text)
    finally:
        copysign.compute = kernel  # type: ignore[method-assign]
    return found


def _where_nan(theirs: Sequence[str], ours: Sequence[str]) -> list[str]:
    """What was printed there, with nan for an infinity where it is nan here."""
    numbers = iter(NUMBER.findall("\n".join(ours)))

    def told(found: re.Match[str]) -> str:
        here = next(numbers, "")
        return "nan" if here == "nan" and found[0].endswith("inf") else found[0]

    return NUMBER.sub(told, "\n".join(theirs)).splitlines()


def _flat(lines: Sequence[str]) -> list[str]:
    """What was printed, without the brackets that tell of shapes."""
    return [re.sub(r"[\[\](),]", "", re.sub(r",\s*grad_fn=<\w+>", "", " ".join(lines)))]
