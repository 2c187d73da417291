"""Random PyTorch scripts run by PyTorch and by gradcli: what they print, and what they are refused with.

`python -m tests.fuzz differential --count 1000 --torch PYTHON` makes new ones and asks the PyTorch of that
Python; `--record` keeps the scripts of seed 0 with its answers, which `test_differential.py` replays without.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isclose
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import gradcli
from fuzz.scripts import script
from fuzz.wider import wider
from gradcli.autograd.in_place import InPlace
from gradcli.autograd.tensor import Tensor
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise
from gradcli.tape.views import places

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "differential.json"
BATCH = 500

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


def answers_of(python: str, scripts: Sequence[str]) -> list[Answer | None]:
    """What PyTorch makes of scripts; None for one at which it crashes."""
    found: list[Answer | None] = []
    while len(found) < len(scripts):
        ran = subprocess.run(
            [python, str(HERE / "torch_answers.py")],
            input=json.dumps(scripts[len(found) :]),
            capture_output=True,
            text=True,
            check=False,
        )
        found += [tuple(json.loads(line)) for line in ran.stdout.splitlines()]
        if ran.returncode and len(found) < len(scripts):
            if not ran.stdout and "Error" in ran.stderr:
                raise RuntimeError(ran.stderr)
            found.append(None)
    return found


def disagreement(theirs: Answer, ours: Answer, text: str = "") -> str | None:
    """In what two answers to a script differ, or None: the kind of it, for counting."""
    error, refused = theirs[1], ours[1]
    windows = refused is not None and refused.startswith(OVERLAPPING) and WINDOWS.search(text)
    if windows and error != refused:
        return None if _alike(theirs[0][: len(ours[0])], ours[0]) else "printed"
    if error is not None and DOCUMENTED.match(error):
        return None if _begins(theirs[0], ours[0]) else "printed"
    if refused is not None and OF_ITS_SHAPE.match(refused) and RESHAPED.search(text):
        return None if _alike(theirs[0][: len(ours[0])], ours[0]) else "printed"
    stale = error is not None and error.startswith(STALE) and (refused is None or refused.startswith(STALE))
    if stale and RESHAPED.search(text) and _begins(theirs[0], ours[0]):
        return None
    if error is not None and refused is None and error.startswith(FREED) and RECORDED_GRADIENT.search(text):
        return None if _begins(theirs[0], ours[0]) else "printed"
    if error is not None and error.startswith(PARTLY) and SMALL.search(text):
        return None if _begins(theirs[0], ours[0]) else "printed"
    if error is not None and error.startswith(OVERLAPPING) and STRETCHED.search(text):
        return None if _begins(theirs[0], ours[0]) else "printed"
    if (error is None) != (refused is None):
        return f"refused here: {refused[:60]}" if refused else f"accepted here: {(error or '')[:60]}"
    printed = theirs[0]
    if error is not None and refused is not None:  # a walk that is refused doesn't begin here
        printed = printed[: len(ours[0])]
    if not _alike(printed, ours[0]):
        return None if _unsettled(text, printed, ours[0]) else "printed"
    if error is not None and refused is not None and OUTSIDE.match(error) and not OUTSIDE.match(refused):
        nothing = refused.endswith("is out of bounds for dimension 0 with size 0")
        return None if nothing else f"text: {error} / {refused}"
    if error is not None and refused is not None and _sentence(error) != _sentence(refused):
        return f"text: {error[:50]} / {refused[:50]}"
    return None


WINDOWS = re.compile(r"unfold\(|(?s:expand.*(tril|index_fill)_\()")
"""What is written to some elements twice; for an expanded tensor these two operations ask nobody."""
PARTLY = "unsupported operation: some elements of the input"
OVERLAPPING = "unsupported operation: more than one element"
"""Windows that overlap are refused here too, where PyTorch writes to some elements twice."""


STALE = "one of the variables needed for gradient computation"
"""Another shape is another version of what was saved there."""
SMALL = re.compile(r"diagonal\(|unfold\(|\.T\[0\]")
"""What leaves strides to dims of one element: by these PyTorch finds that two such overlap in part."""
FREED = "Trying to backward through the graph a second time"
RECORDED_GRADIENT = re.compile(
    # A gradient that is differentiated.
    r"(\w), = torch\.autograd\.grad\(.*create_graph=True(?s:.*)\b\1\b.*(backward|autograd\.grad)\("
)
"""What `create_graph` records is one step here, which saves only what its own gradient needs."""
STRETCHED = re.compile(
    # A gradient that is written to, or that something is made of.
    r"(\w), = torch\.autograd\.grad\((?s:.*)\n\s*"
    r"(\w = .*\b\1\b|F\.\w+\(\1,inplace|\1(\.\w+_\(|(\.data)?(\[.*\])?\s?[-+*/]?=))"
    r"|(?s:expand.*\w+\[\w+>\d\]\s*[-+*/]?=)"
)
"""Gradients of sums are one number several times there, which cannot be written to, and fully chosen windows
find that out in backward only."""
OUTSIDE = re.compile(
    # `x[-1]` of a 0-d tensor, where PyTorch reads what its memory held before; fresh ones say as we do.
    r"select\(\) cannot be applied to a 0-dim tensor"
    # An index into nothing, which PyTorch finds out on the way.
    r"|setStorage: sizes .* are out of bounds for storage of size \d"
)
"""PyTorch's errors for an index where none is allowed, which say nothing of the index."""
RESHAPED = re.compile(r"with torch.no_grad\(\):\n    \w+\.(t_|transpose_|squeeze_|unsqueeze_)\(")
"""PyTorch's gradients are those of the shape that it had, in the order that it has."""
OF_ITS_SHAPE = re.compile(r"output with shape .* doesn't match the broadcast shape")
"""What its `.grad` is refused with then, unless the graph of its former shape is still held by somebody."""
OF_ITSELF = re.compile(r"(\w+)\.register_hook\((?s:.*)\n\s*\1\.\w+_\(\1\b")
"""A view with a hook that is written to with itself as an operand: there the operand's part is heard."""
COMPOSED = re.compile(r"lerp|std\(|silu|gelu|mish|hardswish|binary_cross_entropy_with_logits")
"""Functions whose gradient here is that of their formula: infinities of several terms may meet as nan."""
HARD = re.compile(r"hardtanh|relu6|hardshrink|softshrink")
"""Functions whose gradient at nan is 1 here, as there for a few numbers; for many at once it has 0."""
DOCUMENTED = re.compile(
    # A view that autograd cannot follow may be read here after its base was written to.
    r"(A view was created in no_grad mode|Output \d of \w+ is a view( of a view which was created in no_grad "
    r"mode)?) and its base or another view of its base has been modified inplace"
    # Ours have one.
    r"|the derivative for 'inplace version of (asinh|acosh|atanh)' is not implemented"
    # What got another shape in place under no_grad is differentiated here as what it is by then.
    r"|(Function [\w:]+ returned an )?invalid gradient at index"
    # What was detached in place is still what it was to what saved it.
    r"|Trying to use a saved tensor that has been detached in-place"
    # Its own backward fails on operands of two dtypes.
    r"|Found dtype \w+ but expected \w+"
    # Functions of floating-point numbers take integers here, and losses whatever is a number.
    r"|\"\w+\" not implemented for '(Bool|Byte|Char|Short|Int|Long)'"
    # PyTorch's own fault.
    r"|.* INTERNAL ASSERT FAILED at"
    # PyTorch's zeros that take no memory cannot be written to, where its own backward does.
    r"|ZeroTensors are immutable"
)
"""PyTorch's errors that `docs/differences.md` says gradcli has not."""


LAST_DIGIT = 1.000001e-4
"""One in the fourth decimal, which is the last that is printed, and what reading two such numbers may add."""
NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]\d+)?|-?\d+\.?|nan|-?inf")


def _alike(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether the same was printed, up to rounding, the sign of zero, and names documented to differ."""
    first, second = "\n".join(theirs), "\n".join(ours)
    if first == second:
        return True
    if "<Invalid>" in first:  # what it is of a view that autograd cannot follow
        first, second = (re.sub(r",\s*requires_grad=True", "", each) for each in (first, second))
    if "GradBackward0" in second or "hook" in second or "<Invalid>" in first:
        first, second = (re.sub(r",\s*grad_fn=<\w+>", "", each) for each in (first, second))
    here, there = NUMBER.findall(first), NUMBER.findall(second)
    texts = [re.sub(r"\s+", "", NUMBER.sub("#", each)) for each in (first, second)]
    return texts[0] == texts[1] and all(
        one == "nan"  # a branch that was not taken contributes none here
        or _near(one, other)
        for one, other in zip(here, there, strict=True)
    )


def _near(one: str, other: str) -> bool:
    return isclose(float(one), float(other), rel_tol=1e-3, abs_tol=LAST_DIGIT)


def _begins(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether ours begins with what was printed there; names that differ may break a line elsewhere."""
    length = len(theirs)
    return any(_alike(theirs, ours[:most]) for most in (length, length + 1, length + 2, length - 1))


def _unsettled(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether the numbers of a script need not be PyTorch's."""
    if _crossing(text, theirs, ours) or _rounding(text, theirs, ours):
        return True
    if "copysign" in text and _alike(_numberless(theirs), _numberless(ours)) and _takes_sign_of_nan(text):
        return True
    if OF_ITSELF.search(text) and _in_gradients_alone(theirs, ours):
        return True
    reshaped = RESHAPED.search(text)
    if reshaped is not None:
        turned = reshaped[1].startswith("t")
        if _in_gradients_alone(theirs, ours) if turned else _alike(_flat(theirs), _flat(ours)):
            return True
    if HARD.search(text) and "nan" in "".join(ours) and _alike(_numberless(theirs), _numberless(ours)):
        return True
    return COMPOSED.search(text) is not None and _alike(_where_nan(theirs, ours), ours)


def _crossing(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether numbers alone differ, and only after elementwise work that reads what it wrote already.

    PyTorch refuses an operand that lies elsewhere in the memory that is written to, but does not look where
    one of them has gaps or is stretched; then its numbers are those of the order in which it goes along.
    """
    printed: list[str] = []
    crossed: list[int] = []
    refuse = InPlace.refuse

    def watched(self: InPlace, tensor: Tensor, operands: Iterable[Any] = (), *rest: Any, **more: Any) -> None:
        operands = list(operands)
        refuse(self, tensor, operands, *rest, **more)
        if any(type(each) is Tensor and _crosses(tensor, each) for each in operands):
            crossed.append(len("".join(printed).splitlines()))

    InPlace.refuse = watched  # type: ignore[method-assign]
    try:
        gradcli.evaluate(text, wrt=[], write=printed.append)
    except gradcli.GradcliError:
        pass
    finally:
        InPlace.refuse = refuse  # type: ignore[method-assign]
    if not crossed:
        return False
    same = _alike(theirs[: crossed[0]], ours[: crossed[0]])
    return same and _alike(_numberless(theirs), _numberless(ours))


def _crosses(written: Tensor, read: Tensor) -> bool:
    """Whether an operand has an element where another one of its elements is written to."""
    to, source = written.view, read.view
    if to is None or source is None or to.base.storage is not source.base.storage:
        return False
    shape = to.base.storage.root.node.shape
    first = places((*to.base.path, *to.path), shape)
    second = places((*source.base.path, *source.path), shape)
    try:
        second = np.broadcast_to(second, first.shape)
    except ValueError:
        return False  # they don't fit, which is an error of its own
    return bool(np.intersect1d(first, second).size and (first != second).any())


def _rounding(text: str, theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether finite numbers alone differ, which hang on last digits: the sine of a huge number, a remainder.

    They do if they are others in float64, or where functions have other last digits.
    """
    if not _alike(_numberless(theirs), _numberless(ours)):
        return False
    others = [answer("import torch\ntorch.set_default_dtype(torch.float64)\n" + text)[0]]
    with shaken():
        others += [answer(text)[0] for _ in range(SHAKES)]
    numbers, here = [NUMBER.findall("\n".join(each)) for each in (theirs, ours)]
    lists = [NUMBER.findall("\n".join(each[: len(ours)])) for each in others]
    lists = [each for each in lists if len(each) == len(here)]
    return all(
        one == "nan"
        or _near(one, other)
        or (
            "n" not in one + other  # neither nan nor inf
            and any(not _near(each[at], other) for each in lists)
        )
        for at, (one, other) in enumerate(zip(numbers, here, strict=True))
    )


SHAKES = 24


@contextmanager
def shaken() -> Iterator[None]:
    """In its body float32 functions (not sums, products and quotients) are wrong by a last digit, or not."""
    random = Random(0)
    on = True
    functions = [
        each
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

    for each, kernel in kernels.items():
        each.compute = wrong(kernel)  # type: ignore[method-assign]
    try:
        yield
    finally:
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
        _alike([one], [other])
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


def _sentence(error: str) -> str:
    """The part of an error that is compared: its first words."""
    return re.sub(r"\W+", " ", error)[:24].lower()


GRAMMARS: dict[str, Callable[[Random], str]] = {"rules": script, "wider": wider}
"""What scripts are made of: `rules` are autograd's, and stay as they are; `wider` has modules and more."""


def compared(
    python: str, count: int, seed: int, first: int, grammar: str
) -> Iterator[tuple[int, str, Answer, Answer, str | None]]:
    """Scripts by number with both answers and their disagreement."""
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        scripts = [GRAMMARS[grammar](Random(f"{seed}:{number}")) for number in numbers]
        for number, text, theirs in zip(numbers, scripts, answers_of(python, scripts), strict=True):
            if theirs is None:
                continue
            ours = answer(text)
            yield number, text, theirs, ours, disagreement(theirs, ours, text)


def run(python: str, count: int, seed: int, first: int, shown: int = 1, grammar: str = "rules") -> int:
    """Compares; 1 if anything disagrees."""
    start = time.monotonic()
    kinds: dict[str, int] = {}
    ended = 0
    for number, text, theirs, ours, kind in compared(python, count, seed, first, grammar):
        ended += theirs[1] is not None
        if kind is None:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= shown:
            print(f"---- {kind}: script {number}\n{text}PyTorch: {theirs}\ngradcli: {ours}", flush=True)
    total = sum(kinds.values())
    for kind, times in sorted(kinds.items(), key=lambda each: -each[1]):
        print(f"{times:6} {kind}")
    print(
        f"differential: {count} scripts, {ended} refused by PyTorch, {total} disagreements "
        f"({1000 * total / max(count, 1):.2f} per thousand), {time.monotonic() - start:.0f} s"
    )
    return 1 if total else 0


def record(python: str, count: int) -> None:
    """Keeps the scripts of seed 0 with PyTorch's answers."""
    scripts = [script(Random(f"0:{number}")) for number in range(count)]
    rows = [
        {"script": text, "printed": theirs[0], "error": theirs[1]}
        for text, theirs in zip(scripts, answers_of(python, scripts), strict=True)
        if theirs is not None and disagreement(theirs, answer(text), text) is None
    ]
    RECORDED.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
    print(f"{len(rows)} scripts of {count} in {RECORDED}", file=sys.stderr)
