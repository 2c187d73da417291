"""Long computations that repeat themselves: what is alike in them is made ready once.

The turns of a loop do the same again and again, forward and backward. A long computation is cut where it
repeats itself, into stretches of some turns each. Those that differ only in where their operands come from
share one part, and a run calls the parts one after the other, on the places of a list. Called by `generate`.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gradcli.engine.numbering import needed, part_of
from gradcli.tape.elements import READ
from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gradcli.engine.numbering import Numbered


LONG = 50_000
"""Operations on numbers from which on a computation is cut: handing one on takes longer than computing it."""
CALL = 50
"""So many of them a call of a kernel counts for."""
LENGTH = 400
"""About how many operations a stretch has: what goes from one to the next takes little beside them."""
TURNS = 4
"""How often something has to come in a row."""
ALIKE = 16
"""So many operations that came in this order before tell where a turn may begin again."""
KEPT = 64
"""Elements up to which an array is not worth letting go of before the end."""


class Turns:
    """A numbered computation as calls of its parts.

    Attributes:
        parts: numbered computations, all that they read as inputs.
        calls: for each stretch its part, what takes the operands from the list, to whose end the results are
            put, and the places of arrays that nobody reads after it.
        chosen: what is taken of given values before everything else: from which place, by what, with which
            attributes, and whether it is a number.
        place: of each number that is given, chosen, or computed by one stretch for others.
    """

    def __init__(
        self,
        numbered: Numbered,
        operands: Mapping[int, Sequence[int]],
        chosen: Mapping[int, Sequence[int]],
        stretches: Sequence[Sequence[int]],
    ) -> None:
        rows, nodes = numbered.rows, numbered.nodes
        self.place: dict[int, int] = {}
        self._put(numbered.given)
        self.chosen: list[tuple[int, Any, Any, bool]] = []
        for source, some in chosen.items():
            self._put(some)
            for node in [nodes[each] for each in some]:
                alone = node.dtype is FLOAT64 and not node.shape
                self.chosen.append((self.place[source], node.op.compute, node.attrs, alone))
        words: dict[Any, int] = {}
        alike: dict[Any, list[int]] = {}  # which stretches
        reads: list[list[int]] = []
        for at, stretch in enumerate(stretches):
            inside = {index: line for line, index in enumerate(stretch)}
            read: dict[int, int] = {}
            text = []
            for index in stretch:
                op, _, *rest = rows[index]
                args = [
                    inside[each] if each in inside else ~read.setdefault(each, len(read))
                    for each in operands[index]
                ]
                text.append(words.setdefault((op, *rest, *args), len(words)))
            given = [(nodes[each].dtype.num, nodes[each].shape) for each in read]
            alike.setdefault((*text, *given), []).append(at)
            reads.append([*read])
        last = {each: at for at, read in enumerate(reads) for each in read}
        outputs = frozenset(numbered.outputs)
        asked = outputs.union(last)
        self.parts: list[Numbered] = []
        part: dict[int, tuple[int, list[int]]] = {}  # of each stretch, and which lines others read
        for some in alike.values():
            lines = sorted({line for at in some for line, each in enumerate(stretches[at]) if each in asked})
            part.update(dict.fromkeys(some, (len(self.parts), lines)))
            first = stretches[some[0]]
            self.parts.append(
                part_of(numbered, reads[some[0]], first, operands, [first[line] for line in lines])
            )
        gone: dict[int, list[int]] = {}
        for each, at in last.items():
            if nodes[each].size > KEPT and each not in outputs:
                gone.setdefault(at, []).append(each)
        self.calls: list[tuple[int, Callable[[Sequence[Any]], Sequence[Any]], tuple[int, ...]]] = []
        for at, stretch in enumerate(stretches):
            which, lines = part[at]
            self._put([stretch[line] for line in lines])
            freed = tuple([self.place[each] for each in gone.get(at, ())])
            self.calls.append((which, _taking([self.place[each] for each in reads[at]]), freed))

    def _put(self, some: Sequence[int]) -> None:
        """Gives some numbers the next places."""
        self.place.update(zip(some, range(len(self.place), len(self.place) + len(some)), strict=True))

    def run(self, functions: Sequence[Callable[..., Sequence[Any]]], values: Sequence[Any]) -> list[Any]:
        """The list with all in its place, from a function of each part and the values of what is given."""
        found = [*values]
        for source, compute, attrs, alone in self.chosen:
            value = compute(found[source], *attrs)
            found.append(float(value) if alone else value)
        for which, take, freed in self.calls:
            found += functions[which](*take(found))
            for each in freed:
                found[each] = None
        return found


def in_turns(numbered: Numbered) -> Turns | None:
    """A long computation by its equal parts; None where it is short or does not repeat itself."""
    nodes = numbered.nodes
    if CALL * len(nodes) < LONG:
        return None
    operands = needed(numbered)
    if sum([CALL if nodes[each].shape else 1 for each in operands]) < LONG:
        return None
    chosen, stretches = _stretches(numbered, operands)
    return Turns(numbered, operands, chosen, stretches) if len(stretches) > 1 else None


def longest(numbered: Numbered, operands: Mapping[int, Sequence[int]]) -> float:
    """Which part of a computation cannot be cut further."""
    return max(map(len, _stretches(numbered, operands)[1]), default=0) / len(operands)


def _stretches(
    numbered: Numbered, operands: Mapping[int, Sequence[int]]
) -> tuple[dict[int, list[int]], list[Sequence[int]]]:
    """What is taken of each given number by itself, which differs from turn to turn, and the stretches."""
    given = frozenset(numbered.given)
    chosen: dict[int, list[int]] = {}
    order = []
    words: dict[Any, int] = {}
    text = []
    for index in sorted(operands):
        (op, _, *rest), args = numbered.rows[index], operands[index]
        if (op is READ or op.views) and len(args) == 1 and args[0] in given:
            chosen.setdefault(args[0], []).append(index)
        else:
            order.append(index)
            text.append(words.setdefault((op, *rest), len(words)))
    return chosen, _cut(order, text)


def _cut(order: Sequence[int], words: Sequence[int]) -> list[Sequence[int]]:
    """An order cut where equal turns begin, and between what repeats itself and what does not."""
    found: list[Sequence[int]] = []
    done = 0
    for start, end, period in _repeats(words):
        turns = (end - start) // period
        most = min(max(LENGTH // period, 1), turns)
        # As many turns a time as leave few over.
        step = period * max(range(-(-most // 2), most + 1), key=lambda each: (-(turns % each), each))
        if done < start:
            found.append(order[done:start])
        for done in range(start, end - step + 1, step):
            found.append(order[done : done + step])
        done += step
    if done < len(order):
        found.append(order[done:])
    return found


def _repeats(words: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Where something comes several times in a row: beginning and end, and how long it is."""
    before: dict[tuple[int, ...], int] = {}
    at = 0
    while at + ALIKE <= len(words):
        some = tuple(words[at : at + ALIKE])
        start = before.get(some)
        before[some] = at
        at += 1
        if start is None:
            continue
        period = at - 1 - start
        end = at + ALIKE - 1
        while end < len(words) and words[end] == words[end - period]:
            end += 1
        if end - start >= max(TURNS * period, LENGTH // 2):
            yield start, end, period
            before.clear()
            at = end


def _taking(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What takes the elements at some places of a list."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[each] for each in places]
