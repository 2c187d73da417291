"""`torch.utils.data`: data sets, and loaders that hand them out in batches, shuffled as PyTorch shuffles."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.making import REQUIRED, bound
from gradcli.neural.module import apply, called
from gradcli.ops.random import source
from gradcli.tape.generator import Generator
from gradcli.values.conversions import integer, iterate, listed, plain_data, truth
from gradcli.values.formatting import show, type_name
from gradcli.values.objects import ABSENT, ClassValue, Instance
from gradcli.values.values import NUMBERS, Builtin, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- data sets -----------------------------------------------------------------------------------


def _items(runtime: Runtime, span: Span, dataset: Instance) -> Iterator[Any]:
    """What a `for` over a data set gives, asked for one by one."""
    return (item_of(runtime, span, dataset, at) for at in range(length_of(runtime, span, dataset)))


DATASET = ClassValue(
    "Dataset", (), {"__iter__": Builtin("__iter__", _items)}, "torch.utils.data.dataset.Dataset"
)


STREAM = ClassValue("IterableDataset", (DATASET,), {}, "torch.utils.data.dataset.IterableDataset")


def _dataset(name: str, members: dict[str, Any]) -> ClassValue:
    functions = {each: Builtin(each, run) for each, run in members.items()}
    return ClassValue(name, (DATASET,), functions, f"torch.utils.data.dataset.{name}")


def _tensors(runtime: Runtime, span: Span, dataset: Instance, *tensors: Any) -> None:
    if not tensors or not all(type(each) is Tensor and each.shape for each in tensors):
        raise GradcliError("bad-argument", "TensorDataset() takes tensors with rows", span=span)
    if len({each.shape[0] for each in tensors}) > 1:
        raise GradcliError("bad-argument", "Size mismatch between tensors", span=span)
    dataset.attributes["tensors"] = tensors
    dataset.state["tensors"] = tensors


def _rows_of(runtime: Runtime, span: Span, dataset: Instance, index: Any) -> tuple[Any, ...]:
    return tuple([runtime.session.index(each, index) for each in dataset.state.get("tensors", ())])


def _tensor_count(runtime: Runtime, span: Span, dataset: Instance) -> int:
    count: int = dataset.state["tensors"][0].shape[0] if "tensors" in dataset.state else 0
    return count


TENSORS = _dataset("TensorDataset", {"__init__": _tensors, "__getitem__": _rows_of, "__len__": _tensor_count})


def _subset(runtime: Runtime, span: Span, subset: Instance, dataset: Any, indices: Any) -> None:
    subset.attributes["dataset"] = subset.state["dataset"] = dataset
    subset.attributes["indices"] = subset.state["indices"] = listed(runtime, indices, span)


def _subset_item(runtime: Runtime, span: Span, subset: Instance, index: Any) -> Any:
    indices = subset.state.get("indices", [])
    at = integer(runtime, index, span, "an index is an integer")
    if not -len(indices) <= at < len(indices):
        raise failure("IndexError", "list index out of range", span)
    return item_of(runtime, span, subset.state["dataset"], indices[at])


SUBSET = _dataset(
    "Subset",
    {
        "__init__": _subset,
        "__getitem__": _subset_item,
        "__len__": lambda runtime, span, subset: len(subset.state.get("indices", ())),
    },
)


def _concat(runtime: Runtime, span: Span, whole: Instance, datasets: Any) -> None:
    parts = listed(runtime, datasets, span)
    if not parts:
        raise failure("AssertionError", "datasets should not be an empty iterable", span)
    whole.attributes["datasets"] = whole.state["parts"] = parts
    sizes = [length_of(runtime, span, each) for each in parts]
    whole.attributes["cumulative_sizes"] = [sum(sizes[: at + 1]) for at in range(len(sizes))]


def _concat_item(runtime: Runtime, span: Span, whole: Instance, index: Any) -> Any:
    at = integer(runtime, index, span, "an index is an integer")
    if at < 0:
        at += _concat_length(runtime, span, whole)
    for part in whole.state.get("parts", ()):
        size = length_of(runtime, span, part)
        if 0 <= at < size:
            return item_of(runtime, span, part, at)
        at -= size
    raise failure("IndexError", "list index out of range", span)


def _concat_length(runtime: Runtime, span: Span, whole: Instance) -> int:
    return sum(length_of(runtime, span, each) for each in whole.state.get("parts", ()))


CONCAT = _dataset(
    "ConcatDataset", {"__init__": _concat, "__getitem__": _concat_item, "__len__": _concat_length}
)


def item_of(runtime: Runtime, span: Span, dataset: Any, index: Any) -> Any:
    """`dataset[index]`."""
    if type(dataset) is Instance:
        found = runtime.special(dataset, "__getitem__", span, index)
        if found is not ABSENT:
            return found
    if type(dataset) is Tensor:
        return runtime.session.index(dataset, index)
    if (
        isinstance(dataset, (list, tuple, range))
        and type(index) is int
        and -len(dataset) <= index < len(dataset)
    ):
        return dataset[index]
    raise GradcliError("bad-argument", f"'{type_name(dataset)}' object is no data set", span=span)


def length_of(runtime: Runtime, span: Span, dataset: Any) -> int:
    """`len(dataset)`."""
    if type(dataset) is Instance:
        found = runtime.special(dataset, "__len__", span)
        if type(found) is int and found >= 0:
            return found
    if type(dataset) is Tensor and dataset.shape:
        return dataset.shape[0]
    if isinstance(dataset, (list, tuple, range)):
        return len(dataset)
    raise GradcliError("bad-argument", f"object of type '{type_name(dataset)}' has no len()", span=span)


def _split(runtime: Runtime, span: Span, dataset: Any, lengths: Any, generator: Any = None) -> list[Instance]:
    size = length_of(runtime, span, dataset)
    parts = listed(runtime, lengths, span)
    if all(type(each) in (int, float) for each in parts) and 0 < sum(parts) <= 1 and parts:
        counts = [math.floor(size * each) for each in parts]
        for at in range(size - sum(counts)):
            counts[at % len(counts)] += 1
    else:
        counts = [integer(runtime, each, span, "a length is an integer") for each in parts]
    if sum(counts) != size or any(each < 0 for each in counts):
        message = "Sum of input lengths does not equal the length of the input dataset!"
        raise failure("ValueError", message, span)
    order = source(_generator(generator, span)).permutation(size).tolist()
    made, start = [], 0
    for count in counts:
        subset = Instance(SUBSET)
        _subset(runtime, span, subset, dataset, order[start : start + count])
        made.append(subset)
        start += count
    return made


def _generator(generator: Any, span: Span) -> Generator | None:
    if generator is None or type(generator) is Generator:
        return generator
    message = f"generator must be a torch.Generator, not {type_name(generator)}"
    raise GradcliError("bad-argument", message, span=span)


# ---- loaders -------------------------------------------------------------------------------------


def _loader(
    runtime: Runtime,
    span: Span,
    loader: Instance,
    dataset: Any,
    batch_size: Any = 1,
    shuffle: Any = False,
    *,
    drop_last: Any = False,
    collate_fn: Any = None,
    generator: Any = None,
    num_workers: Any = 0,
    pin_memory: Any = False,
    sampler: Any = None,
    batch_sampler: Any = None,
) -> None:
    size = integer(runtime, batch_size, span, "batch_size should be a positive integer value")
    if size <= 0:
        raise failure(
            "ValueError", f"batch_size should be a positive integer value, but got batch_size={size}", span
        )
    if sampler is not None and shuffle is not None and truth(runtime, shuffle, span):
        raise failure("ValueError", "sampler option is mutually exclusive with shuffle", span)
    loader.state.update(
        dataset=dataset,
        sampler=sampler,
        batches=batch_sampler,
        size=size,
        shuffle=shuffle is not None and truth(runtime, shuffle, span),
        drop=truth(runtime, drop_last, span),
        collate=collate_fn,
        generator=_generator(generator, span),
    )
    loader.attributes.update(dataset=dataset, batch_size=size, drop_last=loader.state["drop"])


class Batches:
    """The batches of one pass, each made when it is asked for."""

    def __init__(self, batches: Iterator[Any], span: Span) -> None:
        self._batches = batches
        self._span = span
        self._busy = False

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> Any:
        if self._busy:
            raise GradcliError(
                "bad-argument", "a loader cannot be asked from within its data set", span=self._span
            )
        self._busy = True
        try:
            return next(self._batches)
        finally:
            self._busy = False


def _pass(runtime: Runtime, span: Span, loader: Instance) -> Batches:
    state = loader.state
    if "dataset" not in state:
        raise GradcliError("bad-argument", "the loader was not initialised", span=span)
    source(state["generator"]).integers((), 0, 2**63)  # what PyTorch's workers begin with
    return Batches(_batches(runtime, span, state), span)


def _batches(runtime: Runtime, span: Span, state: dict[str, Any]) -> Iterator[Any]:
    dataset, size = state["dataset"], state["size"]
    if type(dataset) is Instance and dataset.cls.inherits(STREAM):
        yield from _of_stream(runtime, span, state)
        return
    if state["batches"] is not None:
        for chosen in iterate(runtime, state["batches"], span):
            yield _batch(runtime, span, state, dataset, list(chosen))
        return
    count = length_of(runtime, span, dataset)
    order: Any = range(count)
    if state["sampler"] is not None:
        order = listed(runtime, state["sampler"], span)
        count = len(order)
    elif state["shuffle"]:
        draws = _own(state["generator"], runtime.session.context.on_time)
        order = draws.permutation(count).tolist()
    for start in range(0, count, size):
        chosen = list(order[start : start + size])
        if len(chosen) < size and state["drop"]:
            return
        runtime.limits.many_steps(len(chosen), span)
        yield _batch(runtime, span, state, dataset, chosen)


def _of_stream(runtime: Runtime, span: Span, state: dict[str, Any]) -> Iterator[Any]:
    """The batches of a data set that has no places, only items one after the other."""
    items = iter(iterate(runtime, state["dataset"], span))
    while chosen := list(islice(items, state["size"])):
        if len(chosen) == state["size"] or not state["drop"]:
            runtime.limits.many_steps(len(chosen), span)
            own = state["collate"]
            yield collated(runtime, span, chosen) if own is None else called(runtime, span, own, chosen)


def _batch(runtime: Runtime, span: Span, state: dict[str, Any], dataset: Any, chosen: list[int]) -> Any:
    if state["collate"] is not None:
        items = [item_of(runtime, span, dataset, each) for each in chosen]
        return called(runtime, span, state["collate"], items)
    if type(dataset) is Instance and dataset.cls is TENSORS:
        return list(_rows_of(runtime, span, dataset, chosen))
    return collated(runtime, span, [item_of(runtime, span, dataset, each) for each in chosen])


def collated(runtime: Runtime, span: Span, items: Sequence[Any]) -> Any:
    """Items as one batch: tensors stacked, numbers as a tensor, tuples and dicts part by part."""
    first = items[0]
    if type(first) is Tensor and all(type(each) is Tensor for each in items):
        return apply(runtime, "stack", items)
    if type(first) in NUMBERS and all(type(each) in NUMBERS for each in items):
        return runtime.session.tensor(list(items), np.dtype(np.float64) if type(first) is float else None)
    if isinstance(first, (list, tuple)):
        if not all(isinstance(each, (list, tuple)) and len(each) == len(first) for each in items):
            message = "each element in list of batch should be of equal size"
            raise GradcliError("bad-argument", message, span=span)
        return [collated(runtime, span, column) for column in zip(*items, strict=True)]
    if isinstance(first, dict):
        if not all(isinstance(each, dict) and each.keys() == first.keys() for each in items):
            raise GradcliError("bad-argument", "the items of a batch have the same keys", span=span)
        return {key: collated(runtime, span, [each[key] for each in items]) for key in first}
    return items


def _count(runtime: Runtime, span: Span, loader: Instance) -> int:
    state = loader.state
    if "dataset" not in state:
        return 0
    if state["batches"] is not None:
        return length_of(runtime, span, state["batches"])
    whole = state["dataset"] if state["sampler"] is None else state["sampler"]
    count, size = length_of(runtime, span, whole), int(state["size"])
    return count // size if state["drop"] else -(-count // size)


# ---- orders --------------------------------------------------------------------------------------


def _weighted(
    runtime: Runtime,
    span: Span,
    sampler: Instance,
    weights: Any,
    num_samples: Any,
    replacement: Any = True,
    generator: Any = None,
) -> None:
    array = np.asarray(plain_data(runtime, weights, span), np.float64)
    count = integer(runtime, num_samples, span, "num_samples should be a positive integer value")
    sampler.attributes.update(weights=runtime.session.leaf(array), num_samples=count)
    sampler.attributes["replacement"] = truth(runtime, replacement, span)
    sampler.state["generator"] = _generator(generator, span)


def _drawn(runtime: Runtime, span: Span, sampler: Instance) -> list[int]:
    held = sampler.attributes
    given = (held["weights"], held["num_samples"], held["replacement"])
    drawn = apply(runtime, "multinomial", *given, generator=sampler.state["generator"])
    found: list[int] = runtime.session.numpy(drawn).tolist()
    return found


SAMPLER = ClassValue("Sampler", (), {}, "torch.utils.data.sampler.Sampler")
WEIGHTED = ClassValue(
    "WeightedRandomSampler",
    (SAMPLER,),
    {
        "__init__": Builtin("WeightedRandomSampler", _weighted),
        "__iter__": Builtin("__iter__", _drawn),
        "__len__": Builtin("__len__", lambda runtime, span, sampler: sampler.attributes["num_samples"]),
    },
    "torch.utils.data.sampler.WeightedRandomSampler",
)


def _in_order(runtime: Runtime, span: Span, sampler: Instance) -> range:
    return range(length_of(runtime, span, sampler.attributes["data_source"]))


def _own(generator: Generator | None, on_time: Any) -> Generator:
    """The generator, or one of its own as PyTorch's sampler begins it."""
    return generator or Generator(int(source().integers((), 0, 2**63)), on_time)


def _at_random(runtime: Runtime, span: Span, sampler: Instance) -> list[int]:
    held = sampler.attributes
    count = length_of(runtime, span, held["data_source"])
    wanted = held["num_samples"] or count
    draws = _own(_generator(held["generator"], span), runtime.session.context.on_time)
    order: list[int] = []
    if held["replacement"]:
        for size in (*[32] * (wanted // 32), wanted % 32):
            order += draws.integers((size,), 0, count).tolist()
        return order
    for _ in range(wanted // count + 1):  # once more for the rest, of which there may be none
        order += draws.permutation(count).tolist()
    return order[:wanted]


def _of_subset(runtime: Runtime, span: Span, sampler: Instance) -> list[Any]:
    indices = listed(runtime, sampler.attributes["indices"], span)
    order = source(_generator(sampler.attributes["generator"], span)).permutation(len(indices))
    return [indices[at] for at in order.tolist()]


def _in_batches(runtime: Runtime, span: Span, sampler: Instance) -> list[Any]:
    held = sampler.attributes
    order, size = list(iterate(runtime, held["sampler"], span)), held["batch_size"]
    whole = len(order) - len(order) % size if held["drop_last"] else len(order)
    return [order[at : at + size] for at in range(0, whole, size)]


def _sampler(name: str, parameters: dict[str, Any], order: Any, count: Any = None) -> ClassValue:
    """A sampler by its parameters with their defaults, and the function that gives its order."""

    def start(runtime: Runtime, span: Span, sampler: Instance, *values: Any, **named: Any) -> None:
        held = sampler.attributes
        held.update(bound(name, parameters, values, named, span))
        sizes = {each: held[each] for each in ("num_samples", "batch_size") if each in held}
        if sizes.get("num_samples", 1) is None:
            sizes["num_samples"] = length_of(runtime, span, held["data_source"])
        for each, size in sizes.items():
            if type(size) is not int or size <= 0:
                message = f"{each} should be a positive integer value, but got {each}={show(runtime, size)}"
                raise failure("ValueError", message, span)

    def length(runtime: Runtime, span: Span, sampler: Instance) -> int:
        if count is not None:
            return int(count(runtime, span, sampler))
        held = sampler.attributes
        first = next(iter(parameters))
        return held.get("num_samples") or length_of(runtime, span, held[first])

    members = {"__init__": start, "__iter__": order, "__len__": length}
    functions = {each: Builtin(each, run) for each, run in members.items()}
    return ClassValue(name, (SAMPLER,), functions, f"torch.utils.data.sampler.{name}")


def _batch_count(runtime: Runtime, span: Span, sampler: Instance) -> int:
    count, size = length_of(runtime, span, sampler.attributes["sampler"]), sampler.attributes["batch_size"]
    return int(count // size if sampler.attributes["drop_last"] else -(-count // size))


_CHANCE = {"replacement": False, "num_samples": None, "generator": None}
SAMPLERS = (
    _sampler("SequentialSampler", {"data_source": REQUIRED}, _in_order),
    _sampler("RandomSampler", {"data_source": REQUIRED, **_CHANCE}, _at_random),
    _sampler("SubsetRandomSampler", {"indices": REQUIRED, "generator": None}, _of_subset),
    _sampler(
        "BatchSampler",
        {"sampler": REQUIRED, "batch_size": REQUIRED, "drop_last": False},
        _in_batches,
        _batch_count,
    ),
)
LOADER = ClassValue(
    "DataLoader",
    (),
    {
        "__init__": Builtin("DataLoader", _loader),
        "__iter__": Builtin("__iter__", _pass),
        "__len__": Builtin("__len__", _count),
    },
    "torch.utils.data.dataloader.DataLoader",
)
DATA = Namespace(
    "torch.utils.data",
    {
        "Dataset": DATASET,
        "TensorDataset": TENSORS,
        "Subset": SUBSET,
        "ConcatDataset": CONCAT,
        "IterableDataset": STREAM,
        "Sampler": SAMPLER,
        "WeightedRandomSampler": WEIGHTED,
        **{each.name: each for each in SAMPLERS},
        "default_collate": Builtin(
            "default_collate",
            lambda runtime, span, batch: collated(runtime, span, listed(runtime, batch, span)),
        ),
        "DataLoader": LOADER,
        "random_split": Builtin("random_split", _split),
    },
    functions=False,
)
