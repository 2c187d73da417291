"""A program recorded with stand-ins for the inputs that have no value, ready to be differentiated.

Named dims stand for primes, so that a size is found again in the numbers that a formula is made of. Recording
computes nothing, so the stand-ins cost nothing; a program that reads them to decide has their answer noted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran, at_work, begun
from gradcli.formula.constants import constant
from gradcli.formula.reads import Reads
from gradcli.formula.recording import Recording
from gradcli.formula.rules import RULES
from gradcli.formula.sizes import Sizes, slices
from gradcli.library import namespaces
from gradcli.syntax import tree
from gradcli.syntax.parser import parse
from gradcli.tape.node import LEAF, Node, topological
from gradcli.values.runtime import Runtime

PRIMES = (59, 107, 179, 227, 263, 347, 383, 467, 479, 503)
"""Sizes that stand for named dims: p and (p - 1)/2 are prime, so that n and n - 1 are both found again."""
OTHERS = (83, 47, 227, 263, 347, 383, 467, 479, 503, 59)
"""What stands for them where a number of the program was perhaps taken for a size: 0.29*x, by 59 and 29."""

UNROLLED = 100_000
"""How many loop turns and calls a program may take to be written as one formula."""

STAND_IN = 0.5
"""The value of inputs that have none while a program is recorded."""

Dims = Sequence[int | str]


class Shapes:
    """The declared shapes, and what stands for their named dims.

    Args:
        declared: the shapes by name.
        stand_ins: sizes that may stand for named dims.
        source: the program, whose numbers are not to be taken for sizes.
    """

    def __init__(
        self, declared: Mapping[str, Any], stand_ins: Sequence[int] = PRIMES, source: str = ""
    ) -> None:
        self.stand_ins = stand_ins
        self.declared = {name: _dims(name, given) for name, given in declared.items()}
        names = list(
            dict.fromkeys([each for dims in self.declared.values() for each in dims if type(each) is str])
        )
        for name in names:
            if name in self.declared:
                raise GradcliError("bad-argument", f"{name} is a size, and has a shape itself")
        taken = {each for dims in self.declared.values() for each in dims}
        free = [each for each in stand_ins if each not in taken]
        if len(names) > len(free):
            raise GradcliError("limit", f"a formula has at most {len(free)} named dims, not {len(names)}")
        if names:
            digits = {int(each.replace(".", "")) for each in NUMERALS.findall(source)}
            free.sort(key=lambda size: any(_is_told(size, each) for each in digits))
        self.sizes: dict[str, int] = dict(zip(names, free, strict=False))

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of an input, with numbers for the named dims."""
        return tuple([sizes[each] if isinstance(each, str) else each for each in self.declared[name]])


NUMERALS = re.compile(r"\d{1,18}(?:\.\d{1,18})?")


def _is_told(size: int, digits: int) -> bool:
    """Whether the digits of a number have a size in them, or one less: 29 is half of 59 - 1."""
    return digits > 0 and (digits % size == 0 or digits % (size // 2) == 0)


def _dims(name: str, given: Any) -> tuple[int | str, ...]:
    parts = [each.strip() for each in given.split(",")] if isinstance(given, str) else list(given)
    if isinstance(given, str) and parts[-1] == "":
        parts.pop()  # "n," is a tuple of one
    dims: list[int | str] = []
    for each in parts:
        if isinstance(each, str) and each.removeprefix("-").isdecimal() and len(each) < 19:
            each = int(each)
        if isinstance(each, str) and not each.isidentifier():
            raise GradcliError("bad-argument", f"the shape of {name} is of numbers and names, not {each!r}")
        if isinstance(each, int) and each < 0:
            raise GradcliError("bad-argument", f"a dim of {name} is {each}, and no size is below 0")
        dims.append(each)
    return tuple(dims)


class Staged(Ran):
    """A recorded program: its roots, its leaves, and what its nodes mean.

    Attributes:
        program: the roots by name.
        targets: what is differentiated with respect to, by name.
        recording: what nodes mean.
        free: the inputs that no value was given for.
    """

    program: dict[str, Tensor]
    targets: dict[str, Tensor]
    recording: Recording
    shapes: Shapes
    free: list[str]
    decides: bool
    given: Mapping[str, Any]

    def __init__(self, module: tree.Module, options: Options, runtime: Runtime) -> None:
        super().__init__(module, options, runtime)
        self.program = {
            name: value if type(value) is Tensor else self.session.tensor(value)
            for name, value in self.roots.items()
        }

    def by(self, name: str) -> Tensor:
        """What is meant by a name that something is differentiated with respect to."""
        return self.targets[name] if name in self.targets else self.target(name)

    def _named(self) -> dict[str, Any]:
        """Nothing: no values are reported."""
        return {}


def staged(
    source: str,
    *,
    inputs: Mapping[str, Any],
    shapes: Shapes,
    options: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
) -> Staged:
    """Runs a program onto the tape.

    Args:
        source: its text.
        inputs: values by name.
        shapes: the shapes of inputs without values; those that have neither are scalars.
        options: of `gradcli.evaluate`: `wrt`, `roots`, `weights`, `freeze`, `dtype`, limits.
        sizes: other numbers for the named dims.

    Raises:
        GradcliError: whatever is wrong with the program.
    """
    module = parse(source)
    sizes = shapes.sizes if sizes is None else sizes
    given: dict[str, Any] = dict(inputs)
    free: list[str] = []
    for name in shapes.declared:
        if name in given:
            raise GradcliError(
                "bad-argument", f"{name} has a value, and so a shape", hint="leave out its --shape"
            )
        given[name] = np.full(shapes.shape(name, sizes), STAND_IN)
        free.append(name)
    reads = Reads(module)
    for name in reads.names:
        if name in sizes and name not in given:
            given[name] = float(sizes[name])
    for name in reads.operands:
        # An operand is no function: t in sin(t*x) is an input, whatever else is called t.
        if name not in given and name not in reads.assigned and _is_function(name):
            given[name] = STAND_IN
            free.append(name)
    for name in reads.names if reads.plain else ():  # running into them one by one would run it as often
        if name not in given and name not in reads.assigned and not namespaces.is_bare(name):
            given[name] = STAND_IN
            free.append(name)
    while True:
        asked = Options(**{**KEPT, **options, "inputs": given, "max_steps": UNROLLED})
        runtime = begun(source, asked)
        runtime.session.at_once = False  # a formula is of what is not computed
        try:
            with at_work(runtime):
                run = Staged(module, asked, runtime)
            break
        except GradcliError as error:
            missing = _unset(error)
            if error.code == "limit" and "steps" in error.message:
                error.hint = f"loops are unrolled up to {UNROLLED} turns"
            if missing is None or missing in given:
                raise with_names(error, shapes, source, free) from None
            given[missing] = STAND_IN
            free.append(missing)
    run.decides = reads.decides
    run.shapes, run.free, run.given = shapes, free, given
    run.recording = _recording(run, reads, {size: name for name, size in sizes.items()})
    return run


KEPT: dict[str, Any] = {
    "retain_graph": True,
    "create_graph": True,
    "max_memory": 0,
    "write": lambda text: None,
}
"""Nothing is freed and nothing is printed."""


def _unset(error: GradcliError) -> str | None:
    if error.code != "unset-input" or not error.message.endswith(" has no value"):
        return None
    return error.message.split()[0]


def with_names(error: GradcliError, shapes: Shapes, source: str, free: Sequence[str] = ()) -> GradcliError:
    """An error that says the named dims by name, and which operands it is about."""
    names = {str(size): name for name, size in shapes.sizes.items()}
    if names:
        error.message = re.sub(r"\d+", lambda found: names.get(found.group(), found.group()), error.message)
    about_shapes = error.code == "shape" or "0-dim tensor" in error.message
    if about_shapes and error.span is not None:
        import ast

        text = source.encode()[error.span[0] : error.span[1]].decode(errors="replace")
        try:
            read = {each.id for each in ast.walk(ast.parse(text.strip())) if isinstance(each, ast.Name)}
        except SyntaxError:
            read = set()
        operands = [
            f"{name} is [{', '.join(map(str, dims))}]"
            for name, dims in shapes.declared.items()
            if name in read
        ]
        scalars = [name for name in free if name in read and name not in shapes.declared]
        if scalars:
            have = "is a number" if len(scalars) == 1 else "are numbers"
            error.hint = f"{' and '.join(scalars)} {have} here: declare dims with --shape {scalars[0]}=n"
        if operands:
            error.message += f" ({', '.join(operands)})"
    return error


def _recording(run: Staged, reads: Reads, sizes: dict[int, str]) -> Recording:
    runtime = run.runtime
    names: dict[Node, str] = {}
    for name, value in (*runtime.leaves.items(), *runtime.names.items()):
        if type(value) is Tensor and value.node.op is LEAF and name not in sizes.values():
            names.setdefault(value.node, name)
    wrt = run.wrt if run.wrt is not None else None
    skipped = set(sizes.values())
    if wrt is None:
        run.targets = {
            name: leaf for name, leaf in runtime.leaves.items() if leaf.requires_grad and name not in skipped
        }
    else:
        run.targets = {name: run.target(name) for name in wrt}
    for name, target in run.targets.items():
        names.setdefault(target.node, name)
    known = Sizes(sizes, constant)
    if sizes:
        nodes = topological([each.node for each in run.program.values()])
        known = Sizes(sizes, constant, *slices(sizes, nodes), run.shapes.stand_ins is OTHERS)
    return Recording(names, known, _indices(reads, run.given), RULES, runtime.session.context.ledger)


def _is_function(name: str) -> bool:
    found = namespaces.bare(name, False, None) if namespaces.is_bare(name) else None
    return found is not None and not isinstance(found, (int, float))


def _indices(reads: Reads, given: Mapping[str, Any]) -> dict[int, str]:
    """Whole numbers from outside that only index, and which name each has."""
    found: dict[int, str] = {}
    for name in reads.indices:
        if isinstance(name, str) and name in given:
            value = _number(given[name])
            if value is not None:
                found.setdefault(value, name)
    return {value: name for value, name in found.items() if value not in reads.indices}


def _number(value: Any) -> int | None:
    from gradcli.evaluation.bindings import Binding

    if isinstance(value, Binding):
        try:
            value = float(value.text)
        except ValueError:
            return None
    if isinstance(value, (int, float)) and float(value).is_integer():
        return int(value)
    return None
