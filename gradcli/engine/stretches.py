"""Neighbouring loops of a chain as one of our own, which keeps what they hand to each other in registers.

Each loop reads its operands from the first cache and writes its result there, which takes two to four times
as long as what it computes. What stands between two reductions is one loop here, to the last bit the same.
Called by `chains`, and by `tables` once it is known how all lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.assembler import POINTERS, Constant, Instructions, assembled
from gradcli.engine.lines import WORD
from gradcli.engine.loops import runnable, vector_function, wider
from gradcli.engine.vectors import NEAREST
from gradcli.tape.recipes import CLIP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from gradcli.engine.assembler import Instruction, Operand
    from gradcli.engine.loops import Loop

LONGEST = 40
"""Loops of a stretch at most."""
MOST = 1024
"""Stretches that a process writes, as their memory is never given back; more go loop by loop."""
SLOW = (CLIP, np.maximum, np.minimum, np.sqrt)
"""Of which one alone is worth a loop of our own: NumPy's take two to seven times as long, for numbers say."""
SIGN, ALL = Constant(-(1 << 63)), Constant(-1)


def _two(does: str) -> Callable[..., int]:
    return lambda do, x, y: do(does, x, y)


def _one(does: str, which: int = 0) -> Callable[..., int]:
    return lambda do, x: do(does, x, which=which)


def _compared(how: str) -> Callable[..., int]:
    return lambda do, x, y: do("vandpd", do.compared(x, how, y), Constant(1))


def _larger(does: str) -> Callable[..., int]:
    return lambda do, x, y: do.choice(do.compared(x, "?", x), x, do(does, x, y))


def _signs(do: Instructions, x: Operand, places: Operand) -> Any:
    """All bits or none, by the first: of a shift by all but one."""
    return do("vpcmpgtq", Constant(0), x) if places == Constant(63) else None


WRITTEN: Mapping[tuple[Any, str], Callable[..., Any]] = {
    (np.add, "dd->d"): _two("vaddpd"),
    (np.subtract, "dd->d"): _two("vsubpd"),
    (np.multiply, "dd->d"): _two("vmulpd"),
    (np.divide, "dd->d"): _two("vdivpd"),
    (np.maximum, "dd->d"): _larger("vmaxpd"),
    (np.minimum, "dd->d"): _larger("vminpd"),
    (np.sqrt, "d->d"): _one("vsqrtpd"),
    (np.floor, "d->d"): _one("vroundpd", 9),
    (np.absolute, "d->d"): lambda do, x: do("vandnpd", SIGN, x),
    (np.subtract, "ll->l"): _two("vpsubq"),
    (np.negative, "l->l"): lambda do, x: do("vpsubq", Constant(0), x),
    (np.invert, "l->l"): lambda do, x: do("vxorpd", x, ALL),
    (np.bitwise_and, "ll->l"): _two("vandpd"),
    (np.bitwise_or, "ll->l"): _two("vorpd"),
    (np.bitwise_xor, "ll->l"): _two("vxorpd"),
    (np.right_shift, "ll->l"): _signs,
    (CLIP, "ddd->d"): lambda do, x, low, high: do("vminpd", high, do("vmaxpd", low, x)),
    (np.less, "dd->?"): _compared("<"),
    (np.less_equal, "dd->?"): _compared("<="),
    (np.greater, "dd->?"): _compared(">"),
    (np.greater_equal, "dd->?"): _compared(">="),
    (np.equal, "dd->?"): _compared("="),
}
"""The instructions of loops, by ufunc and dtypes. A bool is a whole number here, 0 or 1."""


class Stretch:
    """Some loops that are one.

    Attributes:
        end: the place of the loop behind them.
        instructions: of all.
        reads, stores: the operands that are in memory: those that are read, and those that others read.
        results: the instructions whose results are stored.
    """

    __slots__ = ("end", "instructions", "reads", "results", "stores")

    def __init__(
        self, end: int, instructions: Sequence[Instruction], reads: Sequence[Any], found: Mapping[Any, int]
    ) -> None:
        self.end = end
        self.instructions = tuple(instructions)
        self.reads = tuple(reads)
        self.stores = tuple(found)
        self.results = tuple(found.values())

    def function(self, steps: Sequence[int]) -> int | None:
        """The loop for operands whose elements lie so far apart, if it can be one."""
        if not all(each in (0, WORD) for each in steps) or 0 in steps[len(self.reads) :]:
            return None
        together = tuple([each == WORD for each in steps])
        key = self.instructions, self.results, together
        if key not in _written and len(_written) < MOST:
            _written[key] = runnable(assembled(*key, wider=wider()))
        return _written.get(key)


_written: dict[tuple[tuple[Instruction, ...], tuple[int, ...], tuple[bool, ...]], int] = {}
"""The loops of this process."""


def stretches(loops: Sequence[Loop], kept: AbstractSet[int]) -> dict[int, Stretch]:
    """The stretches of a chain, by the places of their first loops.

    Args:
        loops: of the chain.
        kept: which results are read outside it.
    """
    last: dict[Any, int] = {}
    for at, each in enumerate(loops):
        for one in each.operands[:-1]:
            last[one] = at
    last.update(dict.fromkeys(kept, len(loops)))
    found: dict[int, Stretch] = {}
    at = 0
    while at < len(loops):
        best = _longest(loops, at, last)
        if best is not None:
            found[at] = best
        at = at + 1 if best is None else best.end
    return found


def _longest(loops: Sequence[Loop], begin: int, last: Mapping[Any, int]) -> Stretch | None:
    """The longest stretch from a loop on, of more than one unless NumPy's is slow."""
    do = Instructions()
    reads: dict[Any, int] = {}
    values: dict[Any, int] = {}
    bools: set[Any] = set()
    best: Stretch | None = None
    for at in range(begin, min(begin + LONGEST, len(loops))):
        each = loops[at]
        if each.gone or each.has != loops[begin].has:
            break
        written = WRITTEN.get((each.ufunc, each.types)) or vector_function(each.ufunc, each.types)
        if written is None or written.__name__ in NEAREST:
            break
        *operands, result = each.operands
        given: list[Operand] = []
        for one in operands:
            if one in values:
                given.append(values[one])
            elif hasattr(one, "bits"):
                given.append(Constant(one.bits))
            else:
                if one not in reads:
                    reads[one] = do.read(len(reads))
                given.append(reads[one])
        made = written(do, *given)
        if made is None:
            break
        values[result] = made
        if each.types[-1] == "?":
            bools.add(result)
        stored = {key: value for key, value in values.items() if last.get(key, -1) > at}
        if len(reads) + len(stored) > len(POINTERS):
            if best is None or len(reads) > len(POINTERS):
                break
        elif (at > begin or each.ufunc in SLOW) and stored and not bools.intersection(stored):
            best = Stretch(at + 1, do.all, tuple(reads), stored)
    return best
