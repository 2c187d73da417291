"""Random numbers as methods and settings: `normal_` and its like, `manual_seed`, `torch.Generator`.

The functions that make new tensors are rows of the function table (`gradcli.ops.random`).
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from gradcli.autograd.labels import AGAIN
from gradcli.errors import GradcliError
from gradcli.ops.layout import drawn_as
from gradcli.values.conversions import integer, number
from gradcli.values.formatting import type_name
from gradcli.values.values import Builtin, TypeFunction, is_generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd import Tensor
    from gradcli.errors import Span
    from gradcli.tape.generator import Generator
    from gradcli.values.runtime import Runtime

    Draw = Callable[[Generator, Tensor, list[float]], Any]

# ---- generators ----------------------------------------------------------------------------------


def _manual_seed(runtime: Runtime, span: Span, seed: Any) -> Generator:
    return runtime.session.context.reseed(_seed(runtime, seed, span))


def _seed(runtime: Runtime, seed: Any, span: Span) -> int:
    return integer(runtime, seed, span, "a seed must be an integer") & (2**64 - 1)


def _initial_seed(runtime: Runtime, span: Span) -> int:
    return runtime.session.context.generator.seed


def _generator(runtime: Runtime, span: Span, device: Any = "cpu") -> Generator:
    from gradcli.tape.generator import Generator

    return Generator(67280421310721, runtime.session.context.on_time)  # what PyTorch's begin with


def _reseed(runtime: Runtime, span: Span, generator: Generator, seed: Any) -> Generator:
    generator.manual_seed(_seed(runtime, seed, span))
    return generator


SOURCES: dict[str, Any] = {
    "manual_seed": Builtin("manual_seed", _manual_seed),
    "initial_seed": Builtin("initial_seed", _initial_seed),
    "Generator": TypeFunction("torch._C.Generator", _generator, is_generator),
}
"""What `torch` has of what numbers are drawn from."""
GENERATOR_METHODS: dict[str, Callable[..., Any]] = {
    "manual_seed": _reseed,
    "initial_seed": lambda runtime, span, generator: generator.seed,
}

# ---- tensors that are filled anew ----------------------------------------------------------------


def _uniform(generator: Generator, tensor: Tensor, ends: list[float]) -> Any:
    low, high = ends
    if low > high:
        raise GradcliError(
            "bad-argument", f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}"
        )
    return drawn_as(tensor.node, lambda shape, by_row: generator.uniform(shape, tensor.dtype, low, high))


def _positive(name: str, what: str, value: float, least: float = 0.0) -> float:
    if value < least or (value == least and what != "std"):
        relation = f"{what} >= 0.0" if what == "std" else f"{what} > 0.0"
        raise GradcliError("bad-argument", f"{name} expects {relation}, but found {what} {value}")
    return value


def _normal(generator: Generator, tensor: Tensor, given: list[float]) -> Any:
    std = _positive("normal", "std", given[1])
    return drawn_as(
        tensor.node, lambda shape, by_row: generator.normal(shape, tensor.dtype, given[0], std, by_row)
    )


def _log_normal(generator: Generator, tensor: Tensor, given: list[float]) -> Any:
    std = _positive("log_normal_", "std", given[1])
    return drawn_as(
        tensor.node, lambda shape, by_row: generator.log_normal(shape, tensor.dtype, given[0], std)
    )


def _exponential(generator: Generator, tensor: Tensor, given: list[float]) -> Any:
    rate = _positive("exponential_", "lambda", given[0])
    return drawn_as(tensor.node, lambda shape, by_row: generator.exponential(shape, tensor.dtype, rate))


def _cauchy(generator: Generator, tensor: Tensor, given: list[float]) -> Any:
    sigma = _positive("cauchy_", "sigma", given[1])
    return drawn_as(tensor.node, lambda shape, by_row: generator.cauchy(shape, tensor.dtype, given[0], sigma))


def _geometric(generator: Generator, tensor: Tensor, given: list[float]) -> Any:
    if not 0 < given[0] < 1:
        raise GradcliError("bad-argument", f"geometric_ expects p to be in (0, 1), but got p={given[0]}")
    return drawn_as(tensor.node, lambda shape, by_row: generator.geometric(shape, tensor.dtype, given[0]))


def _filling(
    name: str, draw: Draw, given: dict[str, float | None], whole: bool = False
) -> Callable[..., Any]:
    """The method `tensor.name(…)`, whose numbers are those of `given` (None where the call must say)."""

    def run(
        runtime: Runtime, span: Span, tensor: Tensor, *values: Any, generator: Any = None, **named: Any
    ) -> Any:
        numbers = dict(given) | dict(zip(given, values, strict=False))
        unknown = [each for each in named if each not in given]
        if unknown or len(values) > len(given):
            takes = ", ".join([*given, "generator"])
            message = f"{name}() got an unexpected argument{f' {unknown[0]!r}' if unknown else ''}"
            raise GradcliError("bad-argument", message, span=span, hint=f"it takes {takes}")
        numbers |= named
        missing = next((each for each, value in numbers.items() if value is None), None)
        if missing is not None:
            message = f"{name}() missing required argument '{missing}'"
            raise GradcliError("bad-argument", message, span=span)
        found = [number(runtime, each, span, name) for each in numbers.values()]
        if not all(map(isfinite, found)):
            message = f"{name} expects finite numbers, but found {', '.join(map(str, found))}"
            raise GradcliError("bad-argument", message, span=span)
        if tensor.dtype.kind != "f" and not whole:
            raise GradcliError("dtype", f'"{name}" not implemented for integers', span=span)
        return _filled(runtime, span, tensor, name, draw, found, generator)

    return run


def _filled(
    runtime: Runtime, span: Span, tensor: Tensor, name: str, draw: Draw, found: list[float], generator: Any
) -> Any:
    session = runtime.session
    if generator is not None and not is_generator(generator):
        message = f"generator must be a torch.Generator, not {type_name(generator)}"
        raise GradcliError("bad-argument", message, span=span)
    session.refuse(tensor, once=name not in AGAIN)  # before anything is drawn
    values = draw(session.context.generator if generator is None else generator, tensor, found)
    return session.update(tensor, session.tensor(values), name, ())


def _bernoulli_(runtime: Runtime, span: Span, tensor: Tensor, p: Any = 0.5, *, generator: Any = None) -> Any:
    from gradcli.autograd import Tensor
    from gradcli.tape.promote import broadcast

    def by_tensor(source: Generator, filled: Tensor, _: list[float]) -> Any:
        import numpy as np

        chances = np.asarray(runtime.session.numpy(p))
        if broadcast(chances.shape, filled.shape) != filled.shape:
            message = f"p of shape {list(chances.shape)} does not fit a tensor of {list(filled.shape)}"
            raise GradcliError("shape", f"bernoulli_: {message}", span=span)
        drawn = source.uniform(filled.shape, chances.dtype) < chances
        return drawn.astype(filled.dtype)

    def by_number(source: Generator, filled: Tensor, given: list[float]) -> Any:
        if not 0 <= given[0] <= 1:
            raise GradcliError(
                "bad-argument", f"bernoulli_ expects p to be in [0, 1], but got p={given[0]}", span=span
            )
        return drawn_as(
            filled.node, lambda shape, by_row: source.chances(shape, given[0]).astype(filled.dtype)
        )

    of_tensor = type(p) is Tensor and p.shape
    found = [] if of_tensor else [number(runtime, p, span, "bernoulli_")]
    return _filled(
        runtime, span, tensor, "bernoulli_", by_tensor if of_tensor else by_number, found, generator
    )


_MOST = {"float16": 2**11, "float32": 2**24, "float64": 2**53}


def _random_(runtime: Runtime, span: Span, tensor: Tensor, *ends: Any, generator: Any = None) -> Any:
    name = tensor.dtype.name
    whole = [integer(runtime, each, span, "random_() takes integers") for each in ends]
    if len(whole) > 2:
        raise GradcliError("bad-argument", "random_() takes at most from and to", span=span)

    def draw(source: Generator, filled: Tensor, _: list[float]) -> Any:
        bits = 8 * filled.dtype.itemsize - (filled.dtype.kind == "i")
        low, high = (0, _MOST[name] + 1) if name in _MOST else (0, 2 if name == "bool" else 2**bits)
        if whole:
            low, high = (0, whole[0]) if len(whole) == 1 else (whole[0], whole[1])
        if low >= high:
            message = f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
            raise GradcliError("bad-argument", message, span=span)
        return drawn_as(
            filled.node, lambda shape, by_row: source.integers(shape, low, high).astype(filled.dtype)
        )

    return _filled(runtime, span, tensor, "random_", draw, [], generator)


METHODS: dict[str, Callable[..., Any]] = {
    "uniform_": _filling("uniform_", _uniform, {"from": 0.0, "to": 1.0}),
    "normal_": _filling("normal_", _normal, {"mean": 0.0, "std": 1.0}),
    "log_normal_": _filling("log_normal_", _log_normal, {"mean": 1.0, "std": 2.0}),
    "exponential_": _filling("exponential_", _exponential, {"lambd": 1.0}),
    "cauchy_": _filling("cauchy_", _cauchy, {"median": 0.0, "sigma": 1.0}),
    "geometric_": _filling("geometric_", _geometric, {"p": None}, whole=True),
    "bernoulli_": _bernoulli_,
    "random_": _random_,
}
"""Each method: `(runtime, span, tensor, …)`."""
