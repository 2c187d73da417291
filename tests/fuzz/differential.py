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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from fuzz.broad import broad
from fuzz.denser import denser
from fuzz.further import further
from fuzz.scripts import script
from fuzz.unsettled import RESHAPED, Answer, alike, answer, unsettled, walks_again
from fuzz.wider import wider

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "differential.json"
BATCH = 500


Theirs = tuple[list[str], str | None, int]
"""What a script prints there, the first line of the error that it ends with, and in which of its lines."""


def answers_of(python: str, scripts: Sequence[str]) -> list[Theirs | None]:
    """What PyTorch makes of scripts; None for one at which it crashes."""
    found: list[Theirs | None] = []
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


def disagreement(theirs: Theirs, ours: Answer, text: str) -> str | None:
    """In what two answers to a script differ, or None: the kind of it, for counting."""
    printed, error, at = theirs
    refused = ours[1]
    for number, line in enumerate(printed):
        if line.startswith(CAUGHT) and _refused_there(line[len(CAUGHT) :], text):
            return None if alike(printed[:number], ours[0][:number]) else "printed"
    for number, line in enumerate(ours[0]):
        if line.startswith(CAUGHT) and _refused_otherwise(line[len(CAUGHT) :], text):
            return None if alike(printed[:number], ours[0][:number]) else "printed"
    printed, ours = _without_reasons(printed), (_without_reasons(ours[0]), refused)
    same = []
    if refused is not None and _refused_alone(refused, error, text):
        same.append(alike(printed[: len(ours[0])], ours[0]))
    if error is not None and _accepted(error, text, at, ours):
        same.append(_begins(printed, ours[0]))
    if same:
        return None if any(same) else "printed"
    if (error is None) != (refused is None):
        return f"refused here: {refused[:60]}" if refused else f"accepted here: {(error or '')[:60]}"
    if error is not None and refused is not None:  # a walk that is refused doesn't begin here
        length = len(ours[0])  # longer names may break a line there
        cut = [printed[:most] for most in (length, length + 1, length + 2)]
        printed = next((each for each in cut if alike(each, ours[0])), cut[0])
    if not alike(printed, ours[0]):
        return None if unsettled(text, printed, ours[0]) else "printed"
    if error is not None and refused is not None and OUTSIDE.match(error) and not OUTSIDE.match(refused):
        nothing = refused.endswith("is out of bounds for dimension 0 with size 0")
        return None if nothing else f"text: {error} / {refused}"
    if error is not None and refused is not None and GRADIENT.search(text) is not None:
        error, refused = (each.replace("a view of a leaf", "a leaf") for each in (error, refused))
    if error is not None and refused is not None and _sentence(error) != _sentence(refused):
        return f"text: {error[:50]} / {refused[:50]}"
    return None


CAUGHT = "refused "
"""What scripts of `further` print before the error that they go on behind."""


def _refused_there(error: str, text: str) -> bool:
    """Whether PyTorch is documented to refuse what is accepted here, and a script went on behind it."""
    if error.startswith(NOTHING_STACKED):
        return "autograd.functional." in text
    return DOCUMENTED.match(error) is not None


def _refused_otherwise(error: str, text: str) -> bool:
    """Whether a script that goes on behind what is refused here is documented to find something else."""
    if error.startswith(OVERLAPPING):
        return WINDOWS.search(text) is not None
    return BEYOND.match(error) is not None and WRITES_AT.search(text) is not None


def _without_reasons(lines: Sequence[str]) -> list[str]:
    return [CAUGHT if each.startswith(CAUGHT) else each for each in lines]


def _refused_alone(refused: str, error: str | None, text: str) -> bool:
    """Whether a script may be refused here that PyTorch runs, or refuses for something else."""
    written = OVERWRITTEN.search(refused)
    if written is not None:  # a change through `.data` is a change here
        return WRITES_DATA.search(text.splitlines()[int(written[1]) - 1]) is not None
    if refused.startswith(OVERLAPPING):
        return error != refused and WINDOWS.search(text) is not None
    return OF_ITS_SHAPE.match(refused) is not None and RESHAPED.search(text) is not None


def _accepted(error: str, text: str, at: int, ours: Answer) -> bool:
    """Whether PyTorch's error, in a line of a script, is one that gradcli is documented not to have."""
    lines = text.splitlines()
    before, line = "\n".join(lines[: at - 1]), lines[at - 1]
    if DOCUMENTED.match(error):
        return True
    if WALKING.search(line):
        if any(begins.match(error) and cause.search(before) for begins, cause in IN_WALKS):
            return True
        if error.startswith(FREED):
            return (ours[1] is None or not ours[1].startswith(FREED)) and walks_again(text, at)
    if error.startswith(NOTHING_STACKED):
        return "autograd.functional." in line
    if OF_WHOLE.match(error):
        return "_loss(" in line or "binary_cross_entropy" in line
    if error.startswith(PARTLY):
        return SMALL.search(text) is not None
    return error.startswith(OVERLAPPING) and STRETCHED.search(text) is not None


NOTHING_STACKED = "stack expects a non-empty TensorList"
"""The rows of the Jacobian of an empty result."""
BEYOND = re.compile(r"index -?\d+ is out of bounds")
WRITES_AT = re.compile(r"\w\[.*(\[|torch\.tensor).*\]\s*[-+*/]?=|index_put_\(")
"""Writes by indices, some of which PyTorch has done before it meets one that is out of bounds."""
WINDOWS = re.compile(r"unfold\(|as_strided")
"""Windows that overlap are refused here too, where PyTorch writes to some elements twice."""
OVERWRITTEN = re.compile(r"saved it before it was overwritten at line (\d+)")
WRITES_DATA = re.compile(r"\.data\b")
OVERLAPPING = "unsupported operation: more than one element"
GRADIENT = re.compile(r"(\w), = torch\.autograd\.grad\((?s:.*)\n\s*(if.*: )?\1\.requires_grad_\(\)")
"""Gradients of sums are views of one number there."""
PARTLY = "unsupported operation: some elements of the input"
SMALL = re.compile(r"diagonal\(|unfold\(|\.T\[0\]")
"""What leaves strides to dims of one element: by these PyTorch finds that two such overlap in part."""
STRETCHED = re.compile(
    # A gradient that is written to, or that something is made of.
    r"(\w), = torch\.autograd\.grad\((?s:.*)\n\s*"
    r"(\w = .*\b\1\b|F\.\w+\(\1,inplace|\1(\.\w+_\(|(\.data)?(\[.*\])?\s?[-+*/]?=))"
)
"""Gradients of sums are one number several times there, which cannot be written to."""
OUTSIDE = re.compile(
    # `x[-1]` of a 0-d tensor, where PyTorch reads what its memory held before; fresh ones say as we do.
    r"select\(\) cannot be applied to a 0-dim tensor"
    # An index into nothing, which PyTorch finds out on the way.
    r"|setStorage: sizes .* are out of bounds for storage of size \d"
)
"""PyTorch's errors for an index where none is allowed, which say nothing of the index."""
OF_ITS_SHAPE = re.compile(r"output with shape .* doesn't match the broadcast shape")
"""What its `.grad` is refused with that was reshaped, unless its former graph is still held by somebody."""
WALKING = re.compile(r"\.backward\(|autograd\.grad\(")
WHOLE = "(Bool|Byte|Char|Short|Int|Long)"
FREED = "Trying to backward through the graph a second time"
IN_WALKS = tuple(
    (re.compile(begins), re.compile(cause) if isinstance(cause, str) else cause)
    for begins, cause in (
        # What got another shape in place under no_grad is differentiated here as what it is by then.
        (r"(Function [\w:]+ returned an )?invalid gradient at index|The size of tensor a", RESHAPED),
        (r"output with shape .* doesn't match the broadcast shape", RESHAPED),
        # A source larger than its index, with which PyTorch's own backward fails.
        (r"Function ScatterAddBackward0 returned an invalid gradient", "scatter_add"),
        (r"The size of tensor a", "scatter_reduce"),
        # PyTorch's own backward fails on operands of two dtypes.
        (r"Found dtype \w+ but expected \w+", r"float64|double\(\)"),
        (rf"Found dtype {WHOLE} but expected", r"_loss\("),
        # Which PyTorch cannot differentiate once more.
        (r"derivative for aten::hardsigmoid_backward is not implemented", "hardsigmoid"),
    )
)
"""Errors of PyTorch's backward that gradcli has not, and what stands before them."""
OF_WHOLE = re.compile(
    rf"result type \w+ can't be cast to the desired output type {WHOLE}"
    r"|(Subtraction|Negation), the `-` operator, (with|on) (a|two) bool tensors? (is|are) not supported"
)
"""What losses of flags and integers end with."""
DOCUMENTED = re.compile(
    # Ours have one.
    r"derivative for aten::remainder is not implemented"
    r"|the derivative for 'inplace version of (asinh|acosh|atanh)' is not implemented"
    # A gradient that can be differentiated once more.
    r"|the derivative for '_cdist_backward' is not implemented"
    # What was detached in place is still what it was to what saved it.
    r"|Trying to use a saved tensor that has been detached in-place"
    # Functions of floating-point numbers take integers here, and losses whatever is a number.
    rf"|\"\w+\" not implemented for '{WHOLE}'|mean\(\): could not infer output dtype\..* Got: {WHOLE}"
    r"|kl_div: Integral inputs not supported"
    # A number stands wherever a tensor may.
    r"|\w+\(\): argument '\w+' \(position \d+\) must be Tensor, not (int|float|bool)$"
    r"|\w+\(\) received an invalid combination of arguments - got \((int|float|bool)\b"
    r"|expected Tensor as element \d+ in argument \d+, but got (int|float|bool)$"
    # PyTorch's own fault.
    r"|.* INTERNAL ASSERT FAILED at"
    # PyTorch's zeros that take no memory cannot be written to, where its own backward does.
    r"|ZeroTensors are immutable"
)
"""PyTorch's errors that `docs/differences.md` says gradcli has not, which tell where they come from."""


def _begins(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether ours begins with what was printed there; names that differ may break a line elsewhere."""
    length = len(theirs)
    return any(alike(theirs, ours[:most]) for most in (length, length + 1, length + 2, length - 1))


def _sentence(error: str) -> str:
    """The part of an error that is compared: its first words, or all of what was overwritten."""
    if error.startswith("one of the variables"):
        return error.partition(" instead")[0]
    return re.sub(r"\W+", " ", error)[:24].lower()


GRAMMARS: dict[str, Callable[[Random], str]] = {
    "rules": script,
    "wider": wider,
    "broad": broad,
    "further": further,
    "denser": denser,
}
"""What scripts are made of: `rules` are autograd's, and stay as they are; `wider` has modules and more,
`broad` nearly every function and more of Python, `further` goes on behind what is refused; `denser` has more
of what meets."""


def compared(
    python: str, count: int, seed: int, first: int, grammar: str
) -> Iterator[tuple[int, str, Theirs, Answer, str | None]]:
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
        {"script": text, "printed": theirs[0], "error": theirs[1], "line": theirs[2]}
        for text, theirs in zip(scripts, answers_of(python, scripts), strict=True)
        if theirs is not None and disagreement(theirs, answer(text), text) is None
    ]
    RECORDED.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
    print(f"{len(rows)} scripts of {count} in {RECORDED}", file=sys.stderr)
