"""Convolutions as plans compute them: strips of windows that stay in the cache, times the weights.

On a tape a convolution is a matrix product with all windows of its input as columns, and its transposes are
such products too (`convolution`). In plans the three are one operation each, which has the columns of a few
images at a time. Loaded by `convolution`.
"""

from __future__ import annotations

from functools import partial
from math import prod
from operator import call
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engine.blas import PART, SHARED, cuts, share, worth
from gradcli.engine.strips import HELD
from gradcli.engine.tiles import buffered
from gradcli.engine.worker import arena
from gradcli.machine import blas_alone, cores
from gradcli.ops.indexing import pick, reverse_dims
from gradcli.ops.products import matmul_primitive
from gradcli.ops.shapes import moved_from_last, permute_primitive
from gradcli.ops.windows import Steps, out_sizes, overlap_add, surrounded, view_of_windows, windows
from gradcli.tape.node import Node, Primitive, Shape
from gradcli.tape.primitives import reduce_sum, reshape, reshape_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.among_zeros import Cut

    Pieces = tuple[list[Callable[[], Any]], Callable[[], Any] | None]

STRIP = 262_144
"""Elements of columns at a time: two megabytes stay in a cache, and the calls are so long that threads don't
wait for each other's interpreter."""
LEAST = 128
"""Places at a time, or as many as there are rows of weights: a product reads all weights for each strip."""
SUMS = 262_144
"""Elements at a time of products that are added where they lie: so long are the calls then that threads don't
wait for each other's interpreter."""
COPIED = 16
"""Multiplications that take as long as laying out an element of the columns, or adding it up where it lay."""
FEW = 64
"""Places up to which those of several images are rather copied into longer rows than taken one by one."""
MOST = cores()
"""Into how many parts that threads share: cut finer, one has fewer images at a time, and calls get short."""
MANY = 32
"""Of how many images that is done at a time, at most."""

_ALL = slice(None)


class Lie(NamedTuple):
    """How windows lie in images: as `windows` has it, and in how many groups the channels are."""

    kernel: Steps
    stride: Steps
    dilation: Steps
    groups: int

    def places(self, sizes: Sequence[int]) -> Shape:
        """How many windows there are along each dim of images of some sizes."""
        return out_sizes(sizes, self.kernel, self.stride, self.dilation)

    def columns(self, x: Any) -> Any:
        """The windows as a view (batch, groups, channels, *kernel, *places)."""
        count = len(self.kernel)
        grouped = x.reshape(x.shape[0], self.groups, x.shape[1] // self.groups, *x.shape[2:])
        view = view_of_windows(grouped, self.kernel, self.stride, self.dilation)
        return view.transpose(0, 1, 2, *range(3 + count, 3 + 2 * count), *range(3, 3 + count))


# ---- on arrays -----------------------------------------------------------------------------------


class PartOfImages(NamedTuple):
    """A part of the images, and of the places that windows have in them along the first dim."""

    images: slice
    rows: slice

    def strips(self, taps: int, least: int, rows: int, row: int, few: int = 1) -> list[PartOfImages]:
        """Parts whose columns stay in the cache: `taps` elements for each place.

        Args:
            taps: of all groups.
            least: how many places there are at least.
            rows: how many places high an image is.
            row: how many places are in each.
            few: how many images there are at least, rather parts of several than one.
        """
        places = max(STRIP // max(taps, 1), least)
        some = max(places // max(rows * row, 1), few)
        high = max(places // max(row * some, 1), 1)
        return [
            PartOfImages(each, part) for each in _each(self.images, some) for part in _each(self.rows, high)
        ]


def _each(whole: slice, most: int) -> list[slice]:
    """Parts of about one length."""
    size = whole.stop - whole.start
    length = max(-(-size // -(-size // most)), 1) if size else 1
    starts = range(whole.start, whole.stop, length)
    return [slice(start, min(start + length, whole.stop)) for start in starts]


def _parts(batch: int, rows: int, most: int) -> list[PartOfImages]:
    """What threads share: images, or rows of them where there are few."""
    images = cuts(batch, most, 1)
    high = cuts(rows, -(-most // max(len(images), 1)), 1) if len(images) < most else [slice(0, rows)]
    return [PartOfImages(some, part) for some in images for part in high]


def _scratch(shape: Shape, dtype: np.dtype[Any], start: int = 0) -> Any:
    """An array in this thread's memory, so many bytes after its begin."""
    end = start + prod(shape) * dtype.itemsize
    return arena(end)[start:end].view(dtype).reshape(shape)


def _correlate(weights: Any, x: Any, lie: Lie, out: Any, part: PartOfImages) -> None:
    """(groups, out, taps) times the windows of some images, to (batch, groups, out, places)."""
    count = len(lie.kernel)
    columns = lie.columns(x)
    groups, taps = weights.shape[0], weights.shape[-1]
    rows, *others = columns.shape[-count:]
    row = prod(others)
    for images, some in part.strips(groups * taps, min(LEAST, weights.shape[1]), rows, row):
        view = columns[(images, ..., some, *[_ALL] * (count - 1))]
        copy = _scratch(view.shape, view.dtype)
        np.copyto(copy, view)
        into = out[images, ..., some.start * row : some.stop * row]
        np.matmul(weights, copy.reshape(len(view), groups, taps, -1), out=into)


def _weigh(g: Any, x: Any, lie: Lie, out: Any, part: PartOfImages) -> None:
    """What some images give for the gradient of the weights: (batch, groups, out, places) and images."""
    count = len(lie.kernel)
    columns = lie.columns(x)
    groups, ways, taps = out.shape
    rows, *others = columns.shape[-count:]
    row = prod(others)
    out[...] = 0
    few = HELD // out.size + 1  # of a smaller result NumPy keeps the interpreter
    for images, some in part.strips(groups * taps, min(LEAST, ways), rows, row, few):
        view = columns[(images, ..., some, *[_ALL] * (count - 1))]
        given = g[images, ..., some.start * row : some.stop * row]
        if given.shape[-1] < FEW:  # one product for all of the images
            given = np.moveaxis(given, 0, -2)
            turned = _scratch(given.shape, given.dtype)
            np.copyto(turned, given)
            given, view = turned.reshape(groups, ways, -1), np.moveaxis(view, 0, -count - 1)
            copy = _scratch(view.shape, view.dtype, turned.nbytes)
        else:
            copy = _scratch(view.shape, view.dtype)
        np.copyto(copy, view)
        found = np.matmul(given, copy.reshape(*given.shape[:-2], taps, -1).swapaxes(-1, -2))
        out += found if found.ndim == out.ndim else np.add.reduce(found, axis=0)


def _spread(weights: Any, g: Any, lie: Lie, out: Any, images: slice, channels: slice) -> None:
    """The transpose of `_correlate` in its images: some channels of some of them.

    Images are what runs last meanwhile: what is added where the windows lie comes in rows that are so many
    times longer than those of an image. With a stride, elements so far apart are neighbours meanwhile.

    Args:
        weights: (groups, channels, taps of one, out).
        g: (batch, groups, out, *places).
        out: (batch, groups, channels, *sizes).
    """
    weights = weights[:, channels]
    (groups, many, taps, ways), places, stride = weights.shape, g.shape[3:], lie.stride
    grid = [-(-size // step) for size, step in zip(out.shape[3:], stride, strict=True)]
    weights = weights.reshape(groups, many * taps, ways)
    row = groups * many * taps * prod(places[1:])
    for some in _each(images, min(max(SUMS // row, 1), MANY)):
        count = some.stop - some.start
        given = _scratch((groups, ways, *places, count), g.dtype)
        np.copyto(np.moveaxis(given, -1, 0), g[some])
        total = _scratch((groups, many, *stride, *grid, count), g.dtype, given.nbytes)
        total[...] = 0
        targets = []  # for each tap where its products belong
        for offset in np.ndindex(*lie.kernel):
            steps = [at * by for at, by in zip(offset, lie.dilation, strict=True)]
            phase = [at % step for at, step in zip(steps, stride, strict=True)]
            far = [at // step for at, step in zip(steps, stride, strict=True)]
            where = [slice(at, at + size) for at, size in zip(far, places, strict=True)]
            targets.append(total[(_ALL, _ALL, *phase, *where)])
        for rows in _each(slice(0, places[0]), max(SUMS // (row * count), 1)):
            part = given[:, :, rows]
            length = prod(part.shape[2:])
            product = _scratch((groups, many * taps, length), g.dtype, given.nbytes + total.nbytes)
            np.matmul(weights, part.reshape(groups, ways, length), out=product)
            added = product.reshape(groups, many, taps, *part.shape[2:])
            with np.errstate(all="ignore"):
                np.setbufsize(buffered(places[-1] * count))
                for tap, target in enumerate(targets):
                    into = target[:, :, rows]
                    np.add(into, added[:, :, tap], into)
        for first in np.ndindex(*stride):
            apart = [slice(at, None, step) for at, step in zip(first, stride, strict=True)]
            target = out[(some, _ALL, channels, *apart)]
            near = [slice(size) for size in target.shape[3:]]
            np.copyto(target, np.moveaxis(total[(_ALL, _ALL, *first, *near)], -1, 0))


# ---- as operations -------------------------------------------------------------------------------


class Correlation(Primitive):
    """One of the three, in plans and never on a tape.

    Args:
        name: what it is called.
        pieces: `pieces(*values, *attrs, out, most)` makes up to so many pieces, and what ends them or None.
    """

    def __init__(self, name: str, pieces: Callable[..., Pieces]) -> None:
        self.name = name
        self.pieces = pieces
        self.divides = (_work, self._divided)

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...], shape: Shape) -> Node:
        """The operation, for a plan; how many multiplications it takes is its last attribute."""
        return Node(self, inputs, attrs, shape, inputs[0].dtype, False)

    def compute(self, *args: Any) -> Any:
        raise NotImplementedError  # a plan says where it goes

    def into(self, *args: Any) -> Any:
        *_, work, out = args
        pieces, end = self._divided(*args, False)
        with blas_alone():
            share(call, pieces, worth(work))
            if end is not None:
                end()
        return out

    def _divided(self, *args: Any) -> Pieces:
        *given, work, out, whole = args
        most = 1 if whole or work < SHARED else min(max(work // PART, 2), MOST)
        return self.pieces(*given, out, most)


def _work(node: Node) -> int:
    work: int = node.attrs[-1]
    return work


def _correlations(weights: Any, x: Any, lie: Lie, out: Any, most: int) -> Pieces:
    high = lie.places(x.shape[2:])[0]
    weights = np.ascontiguousarray(weights)  # BLAS takes none that stand backwards
    return [partial(_correlate, weights, x, lie, out, each) for each in _parts(len(x), high, most)], None


def _weighings(g: Any, x: Any, lie: Lie, turned: bool, out: Any, most: int) -> Pieces:
    out = out.swapaxes(-1, -2) if turned else out
    high = lie.places(x.shape[2:])[0]
    parts = _parts(len(x), high, most)
    if len(parts) == 1:
        return [partial(_weigh, g, x, lie, out, parts[0])], None
    found = np.empty((len(parts), *out.shape), out.dtype)
    pieces: list[Callable[[], Any]] = [
        partial(_weigh, g, x, lie, each, part) for each, part in zip(found, parts, strict=True)
    ]
    return pieces, lambda: np.add.reduce(found, axis=0, out=out)


def _spreadings(weights: Any, g: Any, lie: Lie, out: Any, most: int) -> Pieces:
    sizes, taps = out.shape[2:], prod(lie.kernel)
    channels = out.shape[1] // lie.groups
    weights = weights.reshape(lie.groups, channels, taps, -1)
    g = g.reshape(*g.shape[:3], *lie.places(sizes))
    out = out.reshape(len(out), lie.groups, channels, *sizes)
    images = cuts(len(out), most, 1)
    some = cuts(channels, -(-most // len(images)), 1) if len(images) < most else [slice(0, channels)]
    return [partial(_spread, weights, g, lie, out, each, part) for each in images for part in some], None


def _each_weighing(g: Any, x: Any, lie: Lie, turned: bool, out: Any, most: int) -> Pieces:
    out = out.swapaxes(-1, -2) if turned else out
    rows = slice(0, lie.places(x.shape[2:])[0])

    def each(images: slice) -> None:
        for at in range(images.start, images.stop):
            _weigh(g, x, lie, out[at], PartOfImages(slice(at, at + 1), rows))

    return [partial(each, images) for images in cuts(len(x), most, 1)], None


correlate = Correlation("correlate", _correlations)
"""Weights (groups, out, taps) and images to (batch, groups, out, places)."""
weigh = Correlation("weigh", _weighings)
"""Its transpose in the weights: (batch, groups, out, places) and images to (groups, out, taps), or turned."""
weigh_each = Correlation("weigh_each", _each_weighing)
"""The same for each image."""
spread = Correlation("spread", _spreadings)
"""Its transpose in the images: weights (groups, taps, out) and (batch, groups, out, places) to images."""


# ---- where they are ------------------------------------------------------------------------------

Finite = dict[Node, Primitive] | None
"""Filled with what has to be finite, and with what tells; None where nothing is taken for granted."""


def _through(
    node: Node, ops: Sequence[Primitive], guards: list[Primitive] | None = None
) -> list[Node] | None:
    """The nodes of these operations from which the first is made, and what they are made of; no values.

    Between them may be what passes a value on and, where there is a list for what tells of them, guards.
    """
    found = []
    for op in (*ops, None):
        while node.value is None and node.inputs and node.op is not op:
            told = node.op.told_by if node.op.unguarded is None else None
            if guards is not None and told is not None and node.inputs[0] is node.inputs[1]:
                guards.append(told)
            elif not node.op.passes:
                break
            node = node.inputs[0]
        if op is None:
            break
        if node.op is not op or node.value is not None or not node.inputs:
            return None
        found.append(node)
        node = node.inputs[0]
    return [*found, node]


_TURNED = (reshape, permute_primitive, reshape, windows)


def places_last(count: int) -> tuple[int, ...]:
    """How the dims (batch, groups, channels, *places, *kernel) are turned so that the places come last.

    The same turns them back: there are as many of one as of the other.
    """
    rank = 3 + 2 * count
    return tuple([each - rank for each in (0, 1, 2, *range(3 + count, rank), *range(3, 3 + count))])


def _columns(node: Node, finite: Finite = None) -> tuple[Node, Lie] | None:
    """The images whose windows are columns (batch, groups, taps, places), and how they lie."""
    guards: list[Primitive] | None = None if finite is None else []
    found = _through(node, _TURNED, guards)
    if found is None:
        return None
    whole, turned, parts, view, x = found
    kernel, stride, dilation = view.attrs
    count = len(kernel)
    shape = (*whole.shape[:2], whole.shape[-2] // prod(kernel), *view.shape[-2 * count :])
    if (
        whole.ndim != 4
        or x.ndim != 2 + count
        or parts.shape != shape
        or turned.attrs != (places_last(count),)
    ):
        return None
    if prod(kernel) == 1 == max(stride):
        return None  # they are the images themselves
    if finite is not None and guards:
        finite[x] = guards[0]
    return x, Lie(kernel, stride, dilation, whole.shape[1])


def _work_of(columns: int, rows: int) -> int:
    """How many multiplications it takes, or what takes as long, for so many elements of columns."""
    return columns * (rows + COPIED)


def _product(a: Node, b: Node, finite: Finite = None) -> Node | None:
    """A product with columns, or of what belongs to the places with columns as rows."""
    shape = (*b.shape[:-2], a.shape[-2], b.shape[-1])
    if a.ndim == 3 and b.ndim == 4 and a.shape[0] == b.shape[1] and (found := _columns(b)) is not None:
        x, lie = found
        return correlate(a, x, attrs=(lie, _work_of(b.size, a.shape[-2])), shape=shape)
    turned = _through(b, (permute_primitive,))
    if turned is None or a.ndim != 4 or b.ndim != 4 or a.shape[:2] != b.shape[:2]:
        return None
    if turned[0].attrs[0][-2:] != (-1, -2):
        return None
    for columns, given, backwards in ((turned[1], a, False), (a, turned[1], True)):
        found = _columns(columns, finite)
        if found is not None:
            x, lie = found
            work = _work_of(columns.size, given.shape[-2])
            return weigh_each(given, x, attrs=(lie, backwards, work), shape=shape)
    return None


def _summed(g: Node, x: Node, lie: Lie, backwards: bool, work: int, dims: tuple[int, ...]) -> Node | None:
    """The sum over all images of what each gives for the gradient of the weights."""
    if dims != (-4,):
        return None
    rows, columns = g.shape[2], x.shape[1] // lie.groups * prod(lie.kernel)
    shape = (lie.groups, columns, rows) if backwards else (lie.groups, rows, columns)
    return weigh(g, x, attrs=(lie, backwards, work), shape=shape)


def _spreading(
    g: Node,
    sizes: Shape,
    kernel: Steps,
    stride: Steps,
    dilation: Steps,
    finite: Finite = None,
    part: Sequence[range] = (),
) -> Node | None:
    """Products with weights, as columns, that are added up where they lay.

    Where fewer channels come than go it is a convolution of zeros around them with the weights backwards, of
    which alone a part of the places may be computed.
    """
    found = _through(g, (reshape, permute_primitive, reshape, matmul_primitive))
    if found is None:
        return None
    _, turned, parts, product, _ = found
    weights, given = product.inputs
    count, taps, places = len(kernel), prod(kernel), out_sizes(sizes, kernel, stride, dilation)
    if weights.ndim != 3 or given.ndim != 4 or turned.attrs != (places_last(count),):
        return None
    (batch, groups, ways, _), many = given.shape, weights.shape[1] // taps
    if weights.shape[0] != groups or parts.shape != (batch, groups, many, *kernel, *places):
        return None
    whole = (batch, groups * many, *sizes)
    lie = Lie(kernel, stride, dilation, groups)
    if taps == 1 or finite is None or max(stride) > 1 or ways > many:
        if part:
            return None
        if max(stride) == 1 == taps:
            return reshape_to(product, whole)
        return spread(weights, given, attrs=(lie, _work_of(product.size, ways)), shape=whole)
    around = [(size - 1) * step for size, step in zip(kernel, dilation, strict=True)]
    part = part or [range(size) for size in sizes]
    before = tuple([most - each.start for most, each in zip(around, part, strict=True)])
    behind = tuple([most - size + each.stop for most, size, each in zip(around, sizes, part, strict=True)])
    if min(*before, *behind) < 0:
        return None
    finite[weights] = reduce_sum
    rows = reverse_dims(reshape_to(weights, (groups, many, *kernel, ways)), range(-count - 1, -1))
    rows = reshape_to(moved_from_last(rows, -count - 1), (groups, many, ways * taps))
    images = surrounded(reshape_to(given, (batch, groups * ways, *places)), before, behind)
    taken = tuple([len(each) for each in part])
    shape = (batch, groups, many, prod(taken))
    work = _work_of(batch * groups * ways * taps * prod(taken), many)
    made = correlate(rows, images, attrs=(lie, work), shape=shape)
    return reshape_to(made, (batch, groups * many, *taken))


def _spreading_without_margins(x: Node, cuts: Sequence[Cut], finite: Finite) -> Node | None:
    """What comes back for images that had zeros put around them: of those zeros nothing is computed."""
    if x.op is not overlap_add or x.value is not None or not x.inputs:
        return None
    outer = len(cuts) - len(x.attrs[1])
    some = [
        range(*slice(*cut).indices(size))
        for cut, size in zip(cuts, x.shape, strict=True)
        if isinstance(cut, tuple)
    ]
    full = all(len(each) == size for each, size in zip(some[:outer], x.shape, strict=False))
    if len(some) < x.ndim or not full or any(each.step != 1 or not each for each in some):
        return None
    sizes, kernel, stride, dilation = x.attrs
    return _spreading(x.inputs[0], sizes, kernel, stride, dilation, finite, some[outer:])


matmul_primitive.composes(_product)
matmul_primitive.composed_if_finite = _product
overlap_add.composes(_spreading)
overlap_add.composed_if_finite = _spreading
pick.composes_if_finite(_spreading_without_margins)
weigh_each.composed_in = {reduce_sum: _summed}
