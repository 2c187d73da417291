"""Random numbers, PyTorch's to the last digit of float32: a seed gives what it gives there on a processor.

Both draw 32-bit numbers from the same Mersenne twister; this file turns them into uniforms, normals and the
rest by the same steps. `tape.context` holds the generator of an evaluation, `ops.random` and the methods draw
from it. PyTorch's large float32 normals come from vector instructions with their own polynomials for log, sin
and cos (those of the Cephes library, products and sums fused), so these stand here too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.fused import fused

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, Any]
_FLOAT = np.float32
_BLOCK = 1 << 14
"""So many numbers are made at a time, since the way to each takes several times its own memory."""
_VECTOR = 16
"""From so many elements on PyTorch makes normals in groups of as many."""
_WIDE = 1 << 28
"""Ranges of integers from this length on take 64 random bits."""
_DIGITS = 24
"""Bits of a number of 32 or of 16 bits, which is rounded."""


class Generator:
    """One stream of random numbers; `torch.Generator` in the language.

    Attributes:
        seed: what the stream began with.
        on_time: asked between blocks of numbers; raises when the time is over.
    """

    __slots__ = ("_bits", "_kept", "on_time", "seed")

    def __init__(self, seed: int = 0, on_time: Callable[[], None] | None = None) -> None:
        self.on_time = on_time
        self.manual_seed(seed)

    def manual_seed(self, seed: int) -> None:
        """Starts again from `seed`, of which the low 32 bits count."""
        self.seed = seed
        self._bits: np.random.MT19937 | None = None  # until it is drawn from: numpy.random is slow to load
        self._kept: float | None = None

    # ---- raw numbers ----

    def _raw(self, count: int) -> Array:
        if self._bits is None:
            self._bits = np.random.MT19937()
            self._bits._legacy_seeding(self.seed & 0xFFFFFFFF)
        drawn: Array = self._bits.random_raw(count)
        return drawn

    def _raw_wide(self, count: int) -> Array:
        """Numbers of 64 bits: two of the stream each, the first one high."""
        pairs = self._raw(2 * count).reshape(-1, 2)
        wide: Array = pairs[:, 0] << np.uint64(32) | pairs[:, 1]
        return wide

    def _unit(self, count: int, dtype: np.dtype[Any]) -> Array:
        """Uniforms from 0 up to but without 1, as many bits of each as the dtype holds."""
        if dtype == np.float64:
            low: Array = (self._raw_wide(count) & np.uint64((1 << 53) - 1)).astype(np.float64) * 2.0**-53
            return low
        few = (self._raw(count) & np.uint64((1 << _DIGITS) - 1)).astype(_FLOAT) * _FLOAT(2.0**-_DIGITS)
        return few.astype(dtype)

    def _blocks(self, shape: tuple[int, ...], dtype: Any, some: Callable[[int], Any]) -> Array:
        """An array of that shape, filled from `some(count)` block by block."""
        made = np.empty(shape, dtype)
        flat = made.reshape(-1)
        for start in range(0, flat.size, _BLOCK):
            if self.on_time is not None and start:
                self.on_time()
            flat[start : start + _BLOCK] = some(min(_BLOCK, flat.size - start))
        return made

    # ---- distributions ----

    def uniform(self, shape: tuple[int, ...], dtype: Any, low: float = 0.0, high: float = 1.0) -> Array:
        """Numbers from `low` up to `high`."""
        kind = np.dtype(dtype)
        if (low, high) == (0.0, 1.0):
            return self._blocks(shape, kind, lambda count: self._unit(count, kind))
        first, span = kind.type(low), kind.type(high) - kind.type(low)
        return self._blocks(shape, kind, lambda count: fused(self._unit(count, kind), span, first))

    def normal(
        self, shape: tuple[int, ...], dtype: Any, mean: float = 0.0, std: float = 1.0, by_row: bool = True
    ) -> Array:
        """Normal numbers. The steps for fewer than 16 elements, or elements that do not lie row by row, are
        others, and leave every second number for the next call."""
        kind = np.dtype(dtype)
        size = math.prod(shape)
        if size < _VECTOR or not by_row:
            few = np.array([self._normal() for _ in range(size)], np.float64)
            scaled: Array = fused(few, np.float64(std), np.float64(mean)).astype(kind)
            return scaled.reshape(shape)
        flat = self._blocks((size,), kind, lambda count: self._unit(count, kind))
        whole = size - size % _VECTOR
        for start in range(0, whole, _BLOCK):
            _to_normals(flat[start : min(start + _BLOCK, whole)], mean, std)
        if whole < size:
            flat[-_VECTOR:] = self._unit(_VECTOR, kind)
            _to_normals(flat[-_VECTOR:], mean, std)
        return flat.reshape(shape)

    def _normal(self) -> float:
        if self._kept is not None:
            number, self._kept = self._kept, None
            return number
        turn, tail = self._unit(2, np.dtype(np.float64)).tolist()
        radius, angle = math.sqrt(-2 * math.log1p(-tail)), 2 * math.pi * turn
        self._kept = radius * math.sin(angle)
        return radius * math.cos(angle)

    def log_normal(self, shape: tuple[int, ...], dtype: Any, mean: float, std: float) -> Array:
        """Powers of e with normal exponents."""
        size = math.prod(shape)
        numbers = np.array([self._normal() * std + mean for _ in range(size)], np.float64)
        return np.exp(numbers).astype(dtype).reshape(shape)

    def gamma(self, concentrations: Array) -> Array:
        """Gamma numbers of scale 1, one for each concentration (Marsaglia and Tsang, 2000), in float64."""
        flat = np.array([self._gamma(each) for each in concentrations.reshape(-1).tolist()], np.float64)
        return flat.reshape(concentrations.shape)

    def _gamma(self, concentration: float) -> float:
        scale = 1.0
        if concentration < 1:
            if concentration == 0:
                return 0.0
            scale = (1 - self._single()) ** (1 / concentration)
            concentration += 1
        d = concentration - 1 / 3
        c = 1 / math.sqrt(9 * d)
        while True:
            number = self._normal()
            if (root := 1 + c * number) <= 0:
                continue
            v, u, square = root**3, 1 - self._single(), number * number
            if u < 1 - 0.0331 * square * square or math.log(u) < 0.5 * square + d * (1 - v + math.log(v)):
                return scale * d * v

    def _single(self) -> float:
        return float(self._unit(1, np.dtype(np.float64))[0])

    def singles(self, count: int) -> Array:
        """So many numbers between 0 and 1, drawn one by one."""
        return self._unit(count, np.dtype(np.float64))

    def poisson(self, rates: Array) -> Array:
        """Counts of these mean numbers: few by products of uniforms, many by Hormann's rejection (1993)."""
        flat = np.array([self._count(each) for each in rates.reshape(-1).tolist()], np.float64)
        return flat.reshape(rates.shape)

    def binomial(self, counts: Array, probabilities: Array) -> Array:
        """How many of so many turn out so: few by the gaps between, many by Hormann's rejection (1993)."""
        pairs = zip(counts.reshape(-1).tolist(), probabilities.reshape(-1).tolist(), strict=True)
        return np.array([self._of_many(*each) for each in pairs], np.float64).reshape(counts.shape)

    def _of_many(self, count: float, p: float) -> float:
        if count <= 0 or p <= 0:
            return 0
        if p >= 1:
            return count
        if p > 0.5:
            return count - self._of_many(count, 1 - p)
        return self._rejected(count, p) if count * p >= 10 else self._gaps(count, p)

    def _gaps(self, count: float, p: float) -> float:
        at, found = 0.0, -1
        while at <= count:
            at += math.ceil(math.log(self._single()) / math.log1p(-p))
            found += 1
        return found

    def _rejected(self, count: float, p: float) -> float:
        spread, odds, middle = math.sqrt(count * p * (1 - p)), p / (1 - p), math.floor((count + 1) * p)
        b = 1.15 + 2.53 * spread
        a = -0.0873 + 0.0248 * b + 0.01 * p
        alpha, sure = (2.83 + 5.1 / b) * spread, 0.92 - 4.2 / b

        def tail(k: float) -> float:
            """How far log(k!) is from Stirling's formula at k + 1/2."""
            return math.lgamma(k + 1) - (k + 0.5) * math.log(k + 1) + k + 1 - 0.5 * math.log(2 * math.pi)

        while True:
            u, v = self._single() - 0.5, self._single()
            side = 0.5 - abs(u)
            k = math.floor((2 * a / side + b) * u + count * p + 0.5)
            if side >= 0.07 and v <= sure:
                return k
            if k < 0 or k > count:
                continue
            bound = (middle + 0.5) * math.log((middle + 1) / (odds * (count - middle + 1)))
            bound += (count + 1) * math.log((count - middle + 1) / (count - k + 1))
            bound += (k + 0.5) * math.log(odds * (count - k + 1) / (k + 1))
            bound += tail(middle) + tail(count - middle) - tail(k) - tail(count - k)
            if math.log(v * alpha / (a / (side * side) + b)) <= bound:
                return k

    def _count(self, rate: float) -> float:
        if rate < 10:
            least, product, count = math.exp(-rate), self._single() if rate else 0.0, 0
            while product > least:
                product *= self._single()
                count += 1
            return count
        b = 0.931 + 2.53 * math.sqrt(rate)
        a = -0.059 + 0.02483 * b
        inverse, sure = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)
        while True:
            u, v = self._single() - 0.5, self._single()
            side = 0.5 - abs(u)
            k = math.floor((2 * a / side + b) * u + rate + 0.43)
            if side >= 0.07 and v <= sure:
                return k
            if k < 0 or (side < 0.013 and v > side):
                continue
            bound = -rate + k * math.log(rate) - math.lgamma(k + 1)
            if math.log(v) + math.log(inverse) - math.log(a / (side * side) + b) <= bound:
                return k

    def _from_unit(self, shape: tuple[int, ...], dtype: Any, function: Callable[[Array], Any]) -> Array:
        return self._blocks(
            shape, dtype, lambda count: function(self._unit(count, np.dtype(np.float64))).astype(dtype)
        )

    def exponential(self, shape: tuple[int, ...], dtype: Any, rate: float = 1.0) -> Array:
        """Exponential numbers, -log(1 - u) / rate."""
        return self._from_unit(shape, dtype, lambda u: -np.log1p(-u) / rate)

    def cauchy(self, shape: tuple[int, ...], dtype: Any, median: float, sigma: float) -> Array:
        """Numbers of the Cauchy distribution."""
        return self._from_unit(shape, dtype, lambda u: median + sigma * np.tan(np.pi * (u - 0.5)))

    def geometric(self, shape: tuple[int, ...], dtype: Any, p: float) -> Array:
        """How often one tries until something of probability p happens."""
        return self._from_unit(shape, dtype, lambda u: np.ceil(np.log(u) / np.log1p(-p)))

    def chances(self, shape: tuple[int, ...], p: float) -> Array:
        """Bools that are true with probability p."""
        return self._blocks(shape, np.bool_, lambda count: self._unit(count, np.dtype(np.float64)) < p)

    def integers(self, shape: tuple[int, ...], low: int, high: int) -> Array:
        """Integers from `low` up to but without `high`, both of 64 bits."""
        length = np.uint64(high - low)
        raw = self._raw_wide if high - low >= _WIDE else self._raw
        base = np.uint64(low & (2**64 - 1))
        return self._blocks(shape, np.int64, lambda count: (raw(count) % length + base).view(np.int64))

    def permutation(self, count: int) -> Array:
        """The numbers below `count` in random order: each place swaps with one at or behind it."""
        order = list(range(count))
        for start in range(0, count - 1, _BLOCK):
            if self.on_time is not None and start:
                self.on_time()
            for place, raw in enumerate(self._raw(min(_BLOCK, count - 1 - start)).tolist(), start):
                other = place + raw % (count - place)
                order[place], order[other] = order[other], order[place]
        return np.array(order, np.int64)


# ---- arithmetic as the vector instructions do it ----


def _to_normals(uniforms: Array, mean: float, std: float) -> None:
    """Turns groups of 16 uniforms into normals, in place: 8 give the radius, 8 the angle."""
    groups = uniforms.reshape(-1, _VECTOR)
    kind = uniforms.dtype.type
    log, sincos = (_log, _sincos) if kind is _FLOAT else (np.log, lambda x: (np.sin(x), np.cos(x)))
    radius = np.sqrt(kind(-2) * log(kind(1) - groups[:, :8]))
    sine, cosine = sincos(kind(2 * math.pi) * groups[:, 8:])
    groups[:, :8] = fused(radius * cosine, kind(std), kind(mean))
    groups[:, 8:] = fused(radius * sine, kind(std), kind(mean))


_LOG = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
    *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
)
_LOG_2 = (0.693359375, -2.12194440e-4)
_QUARTER = (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)
_COS = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_SIN = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    value = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        value = fused(value, x, _FLOAT(each))
    return value


def _log(x: Array) -> Array:
    """The logarithm of positive float32 numbers: of a mantissa near 1, plus the exponent's."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < _FLOAT(math.sqrt(0.5))
    power = exponent.astype(_FLOAT) - small.astype(_FLOAT)
    rest = np.where(small, (mantissa - _FLOAT(1)) + mantissa, mantissa - _FLOAT(1)).astype(_FLOAT)
    square = rest * rest
    tail = fused(_polynomial(rest, _LOG) * rest, square, power * _FLOAT(_LOG_2[1]))
    tail = fused(square, _FLOAT(-0.5), tail)
    result: Array = fused(power, _FLOAT(_LOG_2[0]), rest + tail)
    return result


def _sincos(x: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 numbers from 0 to 2*pi: of what is left beyond even octants."""
    octant = ((x * _FLOAT(4 / math.pi)).astype(np.int32) + 1) & ~1
    count = octant.astype(_FLOAT)
    for part in _QUARTER:
        x = fused(count, _FLOAT(part), x)
    square = x * x
    cosine = fused(_polynomial(square, _COS) * square, square, -(square * _FLOAT(0.5))) + _FLOAT(1)
    sine = fused(_polynomial(square, _SIN) * square, x, x)
    swapped = (octant & 2) != 0
    sines, cosines = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    return np.where(octant & 4, -sines, sines), np.where((octant + 2) & 4, -cosines, cosines)
