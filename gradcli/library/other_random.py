"""The random numbers of `np.random` and of Python's `random`: theirs to the digit, beside PyTorch's own.

A run has one generator of each, made when it is first asked for; both begin with the seed 0 if the program
sets none. `namespaces` and `python_modules` list what stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.library.calling import call_value
from gradcli.ops.creation import shape_of
from gradcli.values.conversions import integer, listed, number, plain_data, truth
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from random import Random

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- NumPy's -------------------------------------------------------------------------------------


def _state(runtime: Runtime) -> np.random.RandomState:
    if "numpy" not in runtime.generators:
        runtime.generators["numpy"] = np.random.RandomState(runtime.session.context.seed & 0xFFFFFFFF)
    found: np.random.RandomState = runtime.generators["numpy"]
    return found


def _shape(size: Any, span: Span) -> tuple[int, ...] | None:
    if size is None:
        return None
    return shape_of((tuple(size) if isinstance(size, (list, tuple)) else size,), np.dtype(np.float64))


def _given(runtime: Runtime, drawn: Any) -> Any:
    if isinstance(drawn, np.ndarray):
        return runtime.session.leaf(drawn)
    return drawn.item() if isinstance(drawn, np.generic) else drawn


def numpy_seed(runtime: Runtime, span: Span, seed: Any) -> None:
    runtime.generators["numpy"] = np.random.RandomState(_whole_seed(runtime, seed, span))


def numpy_rand(runtime: Runtime, span: Span, *size: Any) -> Any:
    return _given(runtime, _state(runtime).random(_shape(size, span) if size else None))


def numpy_random(runtime: Runtime, span: Span, size: Any = None) -> Any:
    return _given(runtime, _state(runtime).random(_shape(size, span)))


def numpy_randn(runtime: Runtime, span: Span, *size: Any) -> Any:
    return _given(runtime, _state(runtime).standard_normal(_shape(size, span) if size else None))


def numpy_normal(runtime: Runtime, span: Span, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    middle, spread = number(runtime, loc, span, "normal"), number(runtime, scale, span, "normal")
    if not spread >= 0:
        raise GradcliError("bad-argument", "scale < 0", span=span)
    return _given(runtime, _state(runtime).normal(middle, spread, _shape(size, span)))


def numpy_uniform(runtime: Runtime, span: Span, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    first, last = number(runtime, low, span, "uniform"), number(runtime, high, span, "uniform")
    if not abs(last - first) < float("inf"):
        raise GradcliError("bad-argument", "Range exceeds valid bounds", span=span)
    return _given(runtime, _state(runtime).uniform(first, last, _shape(size, span)))


def numpy_randint(runtime: Runtime, span: Span, low: Any, high: Any = None, size: Any = None) -> Any:
    first = integer(runtime, low, span, "low must be an integer")
    last = None if high is None else integer(runtime, high, span, "high must be an integer")
    if (0 if last is None else first) >= (first if last is None else last):
        raise GradcliError("bad-argument", "low >= high", span=span)
    return _given(runtime, _state(runtime).randint(first, last, _shape(size, span)))


def numpy_permutation(runtime: Runtime, span: Span, x: Any) -> Any:
    if type(x) is not int:
        order = _state(runtime).permutation(len(_rows(runtime, x, span)))
        return _chosen(runtime, span, x, order)
    (size,) = shape_of((x,), np.dtype(np.int64))
    return _given(runtime, _state(runtime).permutation(size))


def numpy_shuffle(runtime: Runtime, span: Span, x: Any) -> None:
    if type(x) is Tensor:
        runtime.session.assign_in_place(x, numpy_permutation(runtime, span, x), "copy_")
    elif isinstance(x, list):
        x[:] = [x[at] for at in _state(runtime).permutation(len(_items(runtime, x, span)))]
    else:
        raise failure("TypeError", f"'{type_name(x)}' object does not support item assignment", span)


def numpy_choice(
    runtime: Runtime, span: Span, a: Any, size: Any = None, replace: Any = True, p: Any = None
) -> Any:
    length = a if type(a) is int else len(_rows(runtime, a, span))
    weights = None if p is None else np.asarray(plain_data(runtime, p, span), np.float64)
    try:
        drawn = _state(runtime).choice(length, _shape(size, span), truth(runtime, replace, span), weights)
    except ValueError as error:
        raise failure("ValueError", str(error), span) from None
    if type(a) is int:
        return _given(runtime, drawn) if size is not None else int(drawn)
    return _chosen(runtime, span, a, drawn if size is not None else int(drawn))


def _rows(runtime: Runtime, values: Any, span: Span) -> range | list[Any]:
    if type(values) is Tensor and values.shape:
        return range(values.shape[0])
    return _items(runtime, values, span)


def _chosen(runtime: Runtime, span: Span, values: Any, places: Any) -> Any:
    """Rows of a tensor, or what stands in a list, at these places."""
    if type(values) is Tensor:
        at = places if type(places) is int else runtime.session.leaf(np.asarray(places))
        return runtime.session.index(values, at)
    items = _rows(runtime, values, span)
    if type(places) is int:
        return items[places]
    found = [items[at] for at in places.reshape(-1).tolist()]
    if all(type(each) in (int, float) for each in found) and found:
        return runtime.session.leaf(np.asarray(found).reshape(places.shape))
    return found


numpy_random_sample = numpy_random


def numpy_standard_normal(runtime: Runtime, span: Span, size: Any = None) -> Any:
    return _given(runtime, _state(runtime).standard_normal(_shape(size, span)))


def _integers(
    runtime: Runtime, span: Span, low: Any, high: Any = None, size: Any = None, *, endpoint: Any = False
) -> Any:
    ends = [
        integer(runtime, each, span, "integers() takes integers") for each in (low, high) if each is not None
    ]
    if endpoint and truth(runtime, endpoint, span):
        ends[-1] += 1
    if ([0, *ends])[-2] >= ends[-1]:
        raise failure("ValueError", "low >= high", span)
    return _given(runtime, runtime.generators["numpy"].integers(*ends, size=_shape(size, span)))


def _own_class(name: str, methods: dict[str, Any]) -> ClassValue:
    """A generator of the program's own: while one of its methods runs, it is the one that is drawn from."""

    def method(name: str, function: Any) -> Builtin:
        row = Builtin(name, function)

        def run(runtime: Runtime, span: Span, made: Instance, *arguments: Any, **keywords: Any) -> Any:
            held = runtime.generators
            former, held["numpy"] = held.get("numpy"), made.state["generator"]
            try:
                if runtime.torch:
                    from gradcli.library.numpy_functions import of_arrays

                    return of_arrays(row)(runtime, span, *arguments, **keywords)
                return call_value(runtime, row, arguments, keywords, span)
            finally:
                held["numpy"] = former
                if former is None:
                    del held["numpy"]

        return Builtin(name, run)

    members = {each: method(each, function) for each, function in methods.items()}
    return ClassValue(name, (), members, f"numpy.random.{name}")


_DRAWN = {"random": numpy_random, "standard_normal": numpy_standard_normal, "normal": numpy_normal}
_DRAWN |= {"uniform": numpy_uniform, "permutation": numpy_permutation, "shuffle": numpy_shuffle}
_DRAWN |= {"choice": numpy_choice}
_OF_OLD = {"rand": numpy_rand, "randn": numpy_randn, "randint": numpy_randint, "random_sample": numpy_random}
_RANDOM_STATE = _own_class("RandomState", {**_DRAWN, **_OF_OLD})
_GENERATOR = _own_class("Generator", {**_DRAWN, "integers": _integers})


def _own(runtime: Runtime, cls: ClassValue, generator: Any) -> Instance:
    """A generator of the program's own, of which the run is told: rows that draw don't go together."""
    runtime.generators["own"] = made = Instance(cls)
    made.state["generator"] = generator
    return made


def _whole_seed(runtime: Runtime, seed: Any, span: Span) -> int:
    """The seed that is given, or that of the run: it is the same at each."""
    if seed is None:
        return runtime.session.context.seed & 0xFFFFFFFF
    value = integer(runtime, seed, span, "a seed must be an integer")
    if not 0 <= value < 2**32:
        raise GradcliError("bad-argument", "Seed must be between 0 and 2**32 - 1", span=span)
    return value


def numpy_RandomState(runtime: Runtime, span: Span, seed: Any = None) -> Instance:
    return _own(runtime, _RANDOM_STATE, np.random.RandomState(_whole_seed(runtime, seed, span)))


def numpy_default_rng(runtime: Runtime, span: Span, seed: Any = None) -> Instance:
    return _own(runtime, _GENERATOR, np.random.default_rng(_whole_seed(runtime, seed, span)))


# ---- Python's ------------------------------------------------------------------------------------


def _dice(runtime: Runtime) -> Random:
    if "python" not in runtime.generators:
        from random import Random

        runtime.generators["python"] = Random(runtime.session.context.seed)
    found: Random = runtime.generators["python"]
    return found


def python_seed(runtime: Runtime, span: Span, a: Any = 0) -> None:
    from random import Random

    if type(a) not in (int, float, str):
        raise GradcliError("bad-argument", f"a seed is a number, not {type_name(a)}", span=span)
    runtime.generators["python"] = Random(a)


def python_random(runtime: Runtime, span: Span) -> float:
    return _dice(runtime).random()


def python_uniform(runtime: Runtime, span: Span, a: Any, b: Any) -> float:
    low, high = number(runtime, a, span, "uniform"), number(runtime, b, span, "uniform")
    return _dice(runtime).uniform(low, high)


def python_gauss(runtime: Runtime, span: Span, mu: Any = 0.0, sigma: Any = 1.0) -> float:
    middle, spread = number(runtime, mu, span, "gauss"), number(runtime, sigma, span, "gauss")
    return _dice(runtime).gauss(middle, spread)


def python_randint(runtime: Runtime, span: Span, a: Any, b: Any) -> int:
    low, high = (integer(runtime, each, span, "randint() takes integers") for each in (a, b))
    if low > high:
        raise GradcliError("bad-argument", f"empty range in randint({low}, {high})", span=span)
    return _dice(runtime).randint(low, high)


def python_randrange(runtime: Runtime, span: Span, *bounds: Any) -> int:
    given = [integer(runtime, each, span, "randrange() takes integers") for each in bounds]
    if not 1 <= len(given) <= 3 or not (len(given) < 3 or given[2]) or not range(*given):
        raise failure("ValueError", "empty range for randrange()", span)
    return _dice(runtime).randrange(*given)


def python_choices(
    runtime: Runtime, span: Span, population: Any, weights: Any = None, *, k: Any = 1
) -> list[Any]:
    items, count = _items(runtime, population, span), integer(runtime, k, span, "k must be an integer")
    given = None if weights is None else [number(runtime, each, span, "choices") for each in weights]
    runtime.limits.room(count, span)
    if not items or (given is not None and (len(given) != len(items) or not sum(given) > 0)):
        message = (
            "The number of weights does not match the population" if items else "list index out of range"
        )
        raise failure("ValueError" if items else "IndexError", message, span)
    return _dice(runtime).choices(items, given, k=max(count, 0))


def _items(runtime: Runtime, values: Any, span: Span) -> list[Any]:
    found = listed(runtime, values, span)
    runtime.limits.many_steps(len(found) >> 3, span)
    return found


def python_choice(runtime: Runtime, span: Span, seq: Any) -> Any:
    items = _items(runtime, seq, span)
    if not items:
        raise GradcliError("bad-argument", "Cannot choose from an empty sequence", span=span)
    return items[_dice(runtime).choice(range(len(items)))]


def python_shuffle(runtime: Runtime, span: Span, x: Any) -> None:
    if not isinstance(x, list):
        raise GradcliError("bad-argument", f"a list is shuffled, not {type_name(x)}", span=span)
    _items(runtime, x, span)
    _dice(runtime).shuffle(x)


def python_sample(runtime: Runtime, span: Span, population: Any, k: Any) -> list[Any]:
    items = _items(runtime, population, span)
    count = integer(runtime, k, span, "k must be an integer")
    if not 0 <= count <= len(items):
        raise GradcliError("bad-argument", "Sample larger than population or is negative", span=span)
    return _dice(runtime).sample(items, count)
