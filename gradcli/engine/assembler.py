"""Instructions of the processor for loops over float64 numbers, four at a time (AVX2 and FMA, x86-64), or
eight at a time (AVX-512).

`Instructions` say what is computed of one element of each operand, one by one; `assembled` finds registers
for them and gives the machine code of a loop that is called as NumPy's are: `f(arguments, lengths, strides,
data)`. Called by `loops`, `stretches` and `window_loops`, for functions that `vectors` writes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE = 32
"""Bytes of four numbers, which a register has; with AVX-512 it has twice as many."""
REGISTERS = 16
POINTERS = (0, 8, 9, 10, 11, 6, 3, 14, 15, 5, 13)
"""Registers that hold where the operands lie: rax, r8 to r11, rsi; then those that are the caller's."""
CALLERS = (3, 14, 15, 5, 13)
MAP = {"0F": 1, "0F38": 2, "0F3A": 3}

FORMS = {
    "vaddpd": (0x58, "0F"),
    "vmulpd": (0x59, "0F"),
    "vsubpd": (0x5C, "0F"),
    "vminpd": (0x5D, "0F"),
    "vdivpd": (0x5E, "0F"),
    "vmaxpd": (0x5F, "0F"),
    "vandpd": (0x54, "0F"),
    "vandnpd": (0x55, "0F"),
    "vorpd": (0x56, "0F"),
    "vxorpd": (0x57, "0F"),
    "vpaddq": (0xD4, "0F"),
    "vpsubq": (0xFB, "0F"),
    "vpcmpgtq": (0x37, "0F38"),
    "vcmppd": (0xC2, "0F"),
    "vsqrtpd": (0x51, "0F"),
    "vroundpd": (0x09, "0F3A"),
    "vscalefpd": (0x2C, "0F38"),
}
"""Instructions of one or two operands, of which the last may be in memory: how each is encoded. `vpaddq`,
`vpsubq` and `vpcmpgtq` take them as integers; `vmaxpd` and `vminpd` give the second where one is nan."""
BROADCAST = 0x19
MASKS = ("vcmppd", "vpcmpgtq")
"""Those whose result are bits in a register of their own with AVX-512, the first of those registers."""
TOLD = ("vcmppd", "vroundpd")
"""Those that are told what to do by a number of their own."""
COMPARISONS = {"=": 0, "?": 3, "!=": 4, "<": 17, "<=": 18, "!<": 21, "!<=": 22, ">=": 29, ">": 30}


class Constant(NamedTuple):
    """A number that never changes, as the integer that has its bits."""

    bits: int


def number(value: float) -> Constant:
    """A float64 as the integer that has its bits."""
    return Constant(struct.unpack("<q", struct.pack("<d", value))[0])


ROUNDS = 1.5 * 2.0**52
"""Added to a number, it leaves it as an integer in the last bits."""
ONE = Constant(0x3FF << 52)
"""The bits of 1."""

Operand = int | Constant


class Instruction(NamedTuple):
    """What gives one value.

    Attributes:
        does: which instruction.
        reads: values by their number, or numbers.
        which: what else the instruction is told: of one that reads memory, which operand of the loop.
        following: whether it is for the next four elements.
        beyond: how many bytes behind the operand's element it reads.
    """

    does: str
    reads: tuple[Operand, ...]
    which: int = 0
    following: bool = False
    beyond: int = 0


class Instructions:
    """Instructions that are being written: a call adds one and gives the number of its result."""

    def __init__(self) -> None:
        self.all: list[Instruction] = []

    def __call__(self, does: str, *reads: Operand | float, which: int = 0) -> int:
        found = tuple([number(each) if type(each) is float else each for each in reads])
        self.all.append(Instruction(does, found, which))  # type: ignore[arg-type]
        return len(self.all) - 1

    def read(self, operand: int, beyond: int = 0) -> int:
        """The element of an operand of the loop, or what lies so many bytes behind it."""
        self.all.append(Instruction("vmovupd", (), operand, beyond=beyond))
        return len(self.all) - 1

    def fma(self, a: Operand | float, b: Operand | float, c: Operand | float) -> int:
        """`a*b + c`, rounded once."""
        return self("vfmadd", a, b, c)

    def fnma(self, a: Operand | float, b: Operand | float, c: Operand | float) -> int:
        """`c - a*b`, rounded once."""
        return self("vfnmadd", a, b, c)

    def compared(self, a: Operand | float, how: str, b: Operand | float) -> int:
        """All bits or none; "!<", "!<=" and "!=" hold of nan as well, "?" where one is nan."""
        return self("vcmppd", a, b, which=COMPARISONS[how])

    def choice(self, mask: int, x: Operand | float, y: Operand | float) -> int:
        """`x` where all bits of a mask are set, `y` where none are."""
        return self("vblendvpd", mask, x, y)

    def polynomial(self, x: int, coefficients: Sequence[float]) -> int:
        """The sum of coefficients times powers of `x`: even and odd ones don't wait for each other."""
        square = self("vmulpd", x, x)
        even, odd = self._powers(square, coefficients[::2]), self._powers(square, coefficients[1::2])
        return self.fma(odd, x, even)

    def _powers(self, x: int, coefficients: Sequence[float]) -> int:
        *others, last = coefficients
        found: Operand | float = last
        for each in reversed(others):
            found = self.fma(x, found, each)
        assert type(found) is int
        return found


def _without_scaling(
    instructions: Sequence[Instruction], results: Sequence[int]
) -> tuple[list[Instruction], list[int]]:
    """The same where nothing multiplies by powers of two: in two steps, as one may be none of its own."""
    do = Instructions()
    places: list[int] = []
    for each in instructions:
        reads = tuple([places[x] if type(x) is int else x for x in each.reads])
        if each.does == "vscalefpd":
            places.append(_scaled(do, *reads))
            continue
        places.append(len(do.all))
        do.all.append(each._replace(reads=reads))
    return do.all, [places[each] for each in results]


def _scaled(do: Instructions, x: Operand, n: Operand) -> int:
    half = do.fma(n, 0.5, ROUNDS)
    rest = do("vaddpd", do("vsubpd", n, do("vsubpd", half, ROUNDS)), ROUNDS)
    some = do("vmulpd", x, power_of_two(do, half))
    return do("vmulpd", some, power_of_two(do, rest))


def power_of_two(do: Instructions, whole: int) -> int:
    """2 to the power of an integer that `ROUNDS` has been added to."""
    return do("vpaddq", do("vpsllq", whole, which=52), ONE)


def _twice(instructions: Sequence[Instruction]) -> list[Instruction]:
    """Each for four elements and for the next four.

    A processor looks ahead at a few dozen instructions, and of one function most wait for each other.
    """
    return [
        Instruction(
            does, tuple([2 * x + copy if type(x) is int else x for x in reads]), which, bool(copy), beyond
        )
        for does, reads, which, _, beyond in instructions
        for copy in (0, 1)
    ]


class _Code:
    """Instructions being encoded, and what they refer to behind them.

    Attributes:
        size: the bytes of registers that they work on.
    """

    def __init__(self) -> None:
        self.size = WIDE
        self.bytes = bytearray()
        self.numbers: dict[Constant, list[int]] = {}
        """For each number where it is referred to, and from where on that is counted."""

    def plain(self, text: str) -> None:
        self.bytes += bytes.fromhex(text)

    def vector(
        self,
        opcode: int,
        to: int,
        first: int,
        second: int | Constant | tuple[int, int],
        family: str = "0F",
        w: int = 0,
        prefix: int = 1,
        last: int | None = None,
        wide: int = 1,
        mask: int = 0,
    ) -> None:
        """An instruction of three operands, of which the second may be a number or lie at a pointer."""
        base = second if type(second) is int else 0 if isinstance(second, Constant) else second[0]  # type: ignore[index]
        places = (0 if to & 8 else 0x80) | 0x40 | (0 if base & 8 else 0x20) | MAP[family]
        others = (~first & 15) << 3 | prefix
        if self.size == WIDE:
            self.bytes += bytes([0xC4, places, w << 7 | others | wide << 2, opcode])
        else:  # a number is read once for all elements
            once = isinstance(second, Constant) and opcode != BROADCAST
            self.bytes += bytes([0x62, places | 0x10, 0x84 | others, 0x48 | once << 4 | mask, opcode])
        modrm = (to & 7) << 3
        if isinstance(second, Constant):
            self.bytes.append(modrm | 5)
            self.numbers.setdefault(second, []).append(len(self.bytes))
            self.bytes += struct.pack("<i", 4 + (last is not None))
        elif isinstance(second, tuple):
            register, distance = second
            unit = 1 if self.size == WIDE else self.size  # in which a byte counts
            near = register != 4 and not distance % unit and distance // unit < 128
            self.bytes.append(modrm | (0x40 if near else 0x80) | register & 7)
            if register == 4:  # the stack's
                self.bytes.append(0x24)
            self.bytes += bytes([distance // unit]) if near else struct.pack("<i", distance)
        else:
            self.bytes.append(modrm | 0xC0 | second & 7)
        if last is not None:
            self.bytes.append(last)

    def jump(self, opcode: str, to: int | None = None) -> int:
        """A jump to a place, or to one that `land` tells later."""
        self.plain(opcode)
        self.bytes += struct.pack("<i", 0 if to is None else to - len(self.bytes) - 4)
        return len(self.bytes)

    def land(self, jump: int) -> None:
        self.bytes[jump - 4 : jump] = struct.pack("<i", len(self.bytes) - jump)

    def finished(self) -> bytes:
        """All, with the numbers behind, each as often as a register holds numbers."""
        while len(self.bytes) % WIDE:
            self.bytes.append(0xCC)
        for each, places in self.numbers.items():
            for place in places:
                (beyond,) = struct.unpack_from("<i", self.bytes, place)
                struct.pack_into("<i", self.bytes, place, len(self.bytes) - place - beyond)
            self.bytes += struct.pack("<q", each.bits) * (WIDE // 8)
        return bytes(self.bytes)


def assembled(
    instructions: Sequence[Instruction],
    results: Sequence[int],
    together: Sequence[bool],
    most: float | None = None,
    wider: bool = False,
) -> bytes:
    """The machine code of a loop.

    Args:
        instructions: what is done with one element of each operand.
        results: what is written, in the order of the operands, behind those that are read.
        together: for each operand whether its elements are neighbours; else it is one number. Where it isn't
            so, the loop goes on from each element to the next by what it is called with.
        most: the largest size of an element of the first operand. Where one is larger, another loop takes
            all: the data are where it is, and what it is passed as its own data.
        wider: whether it takes eight elements at a time, where there are so many, as AVX-512 can.
    """
    code = _Code()
    if most is not None:
        _far(code, most)
    reads = len(together) - len(results)
    pointers = POINTERS[: len(together)]
    saved = [each for each in CALLERS if each in pointers]
    for each in saved:
        code.plain(f"{'41' if each & 8 else ''}{0x50 + (each & 7):02X}")
    room = code.jump("4881EC")  # sub rsp, …
    code.plain("488B0E")  # mov rcx, [rsi]
    for at, each in enumerate(pointers):  # mov …, [rdi + 8*at]
        code.plain(f"{0x48 | (each >> 3) << 2:02X}8B{0x47 | (each & 7) << 3:02X}{8 * at:02X}")
    others = []
    for at, moves in enumerate(together):  # cmp [rdx + 8*at], 8 or 0; jne …
        code.plain(f"48837A{8 * at:02X}{8 if moves else 0:02X}")
        others.append(code.jump("0F85"))
    plainly, plain_results = _without_scaling(instructions, results)
    spilled = 0
    for code.size, times in ((2 * WIDE, 2), (2 * WIDE, 1), (WIDE, 1)) if wider else ((WIDE, 2), (WIDE, 1)):
        nbytes = code.size * times
        again = len(code.bytes)
        code.plain(f"4883E9{nbytes // 8:02X}")  # sub rcx, how many elements
        short = code.jump("0F8C")
        some, found = (plainly, plain_results) if code.size == WIDE else (instructions, results)
        some = _twice(some) if times == 2 else some
        all_results = [times * each + copy for each in found for copy in range(times)]
        slots = _body(code, some, all_results, pointers[reads:], pointers, together, times)
        spilled = max(slots * code.size, spilled)
        for each, moves in zip(pointers, together, strict=True):
            if moves:  # sub …, how many bytes less than none: a byte goes down to -128
                code.plain(f"{0x48 | each >> 3:02X}83{0xE8 | each & 7:02X}{256 - nbytes:02X}")
        code.jump("E9", again)
        code.land(short)
        code.plain(f"4883C1{nbytes // 8:02X}")  # add rcx, how many elements
    for each in others:
        code.land(each)
    again = len(code.bytes)
    code.plain("4883E901")  # sub rcx, 1
    end = code.jump("0F8C")
    spilled = max(_body(code, plainly, plain_results, pointers[reads:], pointers, None) * WIDE, spilled)
    for at, each in enumerate(pointers):  # add …, [rdx + 8*at]
        code.plain(f"{0x48 | (each >> 3) << 2:02X}03{0x42 | (each & 7) << 3:02X}{8 * at:02X}")
    code.jump("E9", again)
    code.land(end)
    code.plain("4881C4")  # add rsp, …
    code.bytes += struct.pack("<i", spilled)
    struct.pack_into("<i", code.bytes, room - 4, spilled)
    for each in reversed(saved):
        code.plain(f"{'41' if each & 8 else ''}{0x58 + (each & 7):02X}")
    code.plain("C5F877 C3")  # vzeroupper, return
    return code.finished()


def _far(code: _Code, most: float) -> None:
    """Goes on to another loop where an element is too large."""
    code.plain("4989C9 488B0E 488B07 4C8B02")  # r9 = rcx; rcx, rax, r8 = length, where, stride
    code.vector(0x57, 2, 2, 2)  # the largest so far; nan counts for nothing
    code.plain("4983F808")  # cmp r8, 8
    apart = code.jump("0F85")
    for wide in (1, 0):
        again = len(code.bytes)
        code.plain("4883E904" if wide else "4883E901")  # sub rcx, 4 or 1
        end = code.jump("0F8C")
        code.vector(0x10, 1, 0, (0, 0), prefix=1 if wide else 3, wide=wide)
        code.plain("4883C020" if wide else "4C01C0")  # add rax, 32 or r8
        code.vector(0x54, 1, 1, Constant((1 << 63) - 1))
        code.vector(0x5F, 2, 1, 2)
        code.jump("E9", again)
        code.land(end)
        if wide:
            code.plain("4883C104")  # add rcx, 4
            code.land(apart)
    code.vector(0xC2, 1, 2, number(most), last=30)
    code.vector(0x50, 0, 0, 1)  # eax = which are larger
    code.plain("85C0")  # test eax, eax
    none = code.jump("0F84")
    code.plain("C5F877 498B4908 41FF21")  # vzeroupper; rcx = [r9 + 8]; jmp [r9]
    code.land(none)


class _Registers:
    """Which register has which value, while lines are encoded."""

    def __init__(self, code: _Code, instructions: Sequence[Instruction], results: Sequence[int]) -> None:
        self.code = code
        self.uses: list[list[int]] = [[] for _ in instructions]
        for each in results:
            self.uses[each].append(len(instructions))
        for at in range(len(instructions) - 1, -1, -1):
            if self.uses[at]:
                for read in instructions[at].reads:
                    if type(read) is int:
                        self.uses[read].insert(0, at)
        self.of: dict[int, int] = {}
        self.free = list(range(REGISTERS))
        self.stored: dict[int, int] = {}
        self.slots = 0
        self.empty: list[int] = []
        self.held: set[int] = set()

    def take(self) -> int:
        """A register; who is needed last gives its own up."""
        if not self.free:
            value = max(
                [each for each in self.of if self.of[each] not in self.held],
                key=lambda each: self.uses[each][0],
            )
            if value not in self.stored:
                if not self.empty:
                    self.empty.append(self.slots)
                    self.slots += 1
                self.stored[value] = self.empty.pop()
                self.code.vector(0x11, self.of[value], 0, (4, self.code.size * self.stored[value]))
            self.free.append(self.of.pop(value))
        found = self.free.pop()
        self.held.add(found)
        return found

    def register(self, operand: Operand) -> int:
        """The register of an operand, which is brought into one if need be."""
        if type(operand) is int and operand in self.of:
            found = self.of[operand]
            self.held.add(found)
            return found
        found = self.take()
        if isinstance(operand, Constant):
            self.code.vector(BROADCAST, found, 0, operand, family="0F38")
        else:
            self.code.vector(0x10, found, 0, (4, self.code.size * self.stored[operand]))
            self.of[operand] = found
        return found

    def second(self, operand: Operand) -> int | Constant:
        """An operand that may stay in memory."""
        return operand if isinstance(operand, Constant) else self.register(operand)

    def used(self, line: Instruction, at: int) -> None:
        """Forgets what nobody reads after a line."""
        for each in set(line.reads):
            if type(each) is int:
                while self.uses[each] and self.uses[each][0] <= at:
                    self.uses[each].pop(0)
                if not self.uses[each]:
                    self.free.append(self.of.pop(each))
                    if each in self.stored:
                        self.empty.append(self.stored.pop(each))

    def dies(self, operand: Operand, at: int) -> bool:
        return type(operand) is int and self.uses[operand][-1] == at


def _body(
    code: _Code,
    instructions: Sequence[Instruction],
    results: Sequence[int],
    written: Sequence[int],
    pointers: Sequence[int],
    together: Sequence[bool] | None,
    times: int = 1,
) -> int:
    """Encodes the instructions for four elements of each operand, or one; the most that lay on the stack."""
    registers = _Registers(code, instructions, results)
    for at, line in enumerate(instructions):
        if not registers.uses[at]:
            continue
        registers.held.clear()
        to = _line(code, registers, line, at, pointers, together)
        registers.used(line, at)
        if to in registers.free:
            registers.free.remove(to)
        registers.of[at] = to
        for each in [one for one in registers.held if one not in registers.of.values()]:
            if each not in registers.free:
                registers.free.append(each)
    for at, result in enumerate(results):
        registers.held.clear()
        register = registers.register(result)
        where = written[at // times], code.size * (at % times)
        if together is None:
            code.vector(0x11, register, 0, where, prefix=3, wide=0)
        else:
            code.vector(0x11, register, 0, where)
    return registers.slots


def _line(
    code: _Code,
    registers: _Registers,
    line: Instruction,
    at: int,
    pointers: Sequence[int],
    together: Sequence[bool] | None,
) -> int:
    """Encodes one line; the register of its result."""
    does, reads, which, following, beyond = line
    if does == "vmovupd":
        to = registers.take()
        if together is None:
            code.vector(0x10, to, 0, (pointers[which], beyond), prefix=3, wide=0)
        elif together[which]:
            code.vector(0x10, to, 0, (pointers[which], code.size * following + beyond))
        else:
            code.vector(BROADCAST, to, 0, (pointers[which], 0), family="0F38")
        return to
    if does in FORMS:
        opcode, family = FORMS[does]
        first = registers.register(reads[0]) if len(reads) == 2 else 0
        second = registers.second(reads[-1])
        to = _result(registers, reads, at)
        masks = does in MASKS and code.size > WIDE
        code.vector(
            opcode, 1 if masks else to, first, second, family=family, last=which if does in TOLD else None
        )
        if masks:  # all bits of an element by the bit that the comparison gives
            code.vector(0x38, to, 0, 1, family="0F38", prefix=2)
        return to
    if does == "vblendvpd":
        mask, x, y = registers.register(reads[0]), registers.second(reads[1]), registers.register(reads[2])
        to = _result(registers, reads, at)
        if code.size == WIDE:
            code.vector(0x4B, to, y, x, family="0F3A", last=mask << 4)
        else:  # by bits that are the signs
            code.vector(0x39, 1, 0, mask, family="0F38", prefix=2)
            code.vector(0x65, to, y, x, family="0F38", mask=1)
        return to
    if does in ("vpsllq", "vpsrlq"):
        first = registers.register(reads[0])
        to = _result(registers, reads, at)
        code.vector(0x73, 6 if does == "vpsllq" else 2, to, first, last=which)
        return to
    assert does in ("vfmadd", "vfnmadd")
    a, b, c = reads
    if isinstance(a, Constant):
        a, b = b, a
    less = 4 if does == "vfnmadd" else 0
    if not registers.dies(c, at):
        if not registers.dies(a, at) and registers.dies(b, at):
            a, b = b, a
        if registers.dies(a, at):
            first, second, third = registers.register(a), registers.register(b), registers.second(c)
            code.vector(0xA8 + less, first, second, third, family="0F38", w=1)
            return first
    first, second = registers.register(a), registers.second(b)
    to = registers.register(c)
    if type(c) is int and not registers.dies(c, at):
        known, to = to, registers.take()
        code.vector(0x28, to, 0, known)
    code.vector(0xB8 + less, to, first, second, family="0F38", w=1)
    return to


def _result(registers: _Registers, reads: Sequence[Operand], at: int) -> int:
    """A register for a result: that of an operand that nobody needs any more, if there is one."""
    for each in reads:
        if registers.dies(each, at):
            return registers.of[each]  # type: ignore[index]
    return registers.take()
