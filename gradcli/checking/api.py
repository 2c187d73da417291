"""Checks for ordinary tests: `gradcli.check` of a program, `gradcli.assert_gradients` of a Python function.

Both are offered by `import gradcli`, which loads this when one of them is first used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checking.comparing import DIRECTIONS, Compared, Settings, compare
from gradcli.checking.nearby import neighbours
from gradcli.checking.numerical import Tolerance
from gradcli.checking.results import FAIL, UNMEASURABLE, Check, Report
from gradcli.checking.runner import Checker
from gradcli.checking.settling import MOST_PRECISE
from gradcli.checking.wording import described, point_text
from gradcli.evaluation.options import Options
from gradcli.record import Record

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]

DOUBT = 1e-3
"""The relative difference that is no mistake of a gradient if it shows in more digits than floats have."""
NEAR = 2
"""At so many points near the given one a gradient that is a function is checked too."""


def check(
    source: str,
    inputs: Mapping[str, Any] | None = Options.inputs,
    *,
    claims: Sequence[str] | str = (),
    domain: Mapping[str, tuple[float, float]] | tuple[float, float] | None = None,
    order: int = 1,
    rtol: float | None = None,
    atol: float | None = None,
    samples: int | None = None,
    prove: bool = False,
    seed: int = Options.seed,
    wrt: Sequence[str] | None = Options.wrt,
    roots: Sequence[str] | None = Options.roots,
    weights: Any = Options.weights,
    dtype: Any = Options.dtype,
    shapes: Mapping[str, str] | None = None,
    name: str = "<text>",
) -> Report:
    """Checks the gradients of a program and claims about them, as `gradcli check` does.

    Args:
        source: the text of the program.
        inputs: values of its inputs, as in `gradcli.evaluate`.
        claims: formulas such as `"dz/dx = 8*x"`, tried at random points where inputs have no value.
        domain: where those lie: `(low, high)`, or one by name; -3 to 3 by default.
        order: 2 to check second derivatives too.
        rtol, atol: the difference that is none (1e-9 of the larger one).
        samples: how many random points and directions are taken.
        prove: claims are proved for the whole of their domains, not at random points only.
        seed: of the random functions, points and directions.
        wrt, roots, weights, dtype: as in `gradcli.evaluate`; the default precision is float64.
        shapes: of inputs, as numbers and names, which mean sizes in claims: `{"X": "n,m"}`.
        name: what the source is called in the report.

    Returns:
        A report, true if nothing is wrong; `str()` of it is a line for each check. A program that fails is in
        the report as well.
    """
    domains: dict[str | None, tuple[float, float]] = {}
    if isinstance(domain, Mapping):
        domains.update(domain)
    elif domain is not None:
        domains[None] = (float(domain[0]), float(domain[1]))
    checker = Checker(
        options=Options(inputs=inputs, wrt=wrt, roots=roots, weights=weights, dtype=dtype, seed=seed),
        claims=(claims,) if isinstance(claims, str) else tuple(claims),
        domains=domains,
        order=order,
        rtol=rtol,
        atol=atol,
        samples=samples,
        shapes=shapes or {},
        prove=prove,
    )
    return checker(name, source)


def assert_gradients(
    function: Callable[..., Any],
    inputs: Any,
    claimed: Any,
    *,
    rtol: float = 1e-9,
    atol: float = 0.0,
    samples: int = DIRECTIONS,
    seed: int = 0,
) -> None:
    """Asserts that a hand-written gradient of a Python function on NumPy arrays is right.

    Args:
        function: from arrays to a number, or to an array. It is called many times, with float64 arrays.
        inputs: the point: an array or number for a function of one argument, a list or tuple of them for
            several, or a mapping for keyword arguments.
        claimed: the gradient, or a function that is called as `function` is and returns it: one array for one
            input, a list, tuple or mapping for several; `None` for an input that isn't checked. For a
            function with an array result, its Jacobian, of the shape of the result and then of the input.
        rtol, atol: the difference that is none.
        samples: how many random directions are taken through inputs of more than 64 elements.
        seed: of the random directions.

    Raises:
        AssertionError: with the element, both values and their ratio. Also where nothing could be measured.
    """
    __tracebackhide__ = True  # a failure of a test is about the caller's lines
    arguments = _arguments(inputs)
    settings = Settings(Tolerance(rtol, atol), samples, seed=seed)
    problems: list[str] = []
    measured = unmeasured = 0
    points = [(arguments.values, "")]
    if callable(claimed):
        near = neighbours(dict(enumerate(arguments.values)), seed, NEAR)  # type: ignore[arg-type]
        points += [(list(each.values()), "near the given point") for each in near]
    for values, where in points:
        with np.errstate(all="ignore"):
            result = np.asarray(arguments.call(function, values), np.float64)
            gradients = arguments.gradients(claimed, values)
        if where and not np.isfinite(result).all():
            continue
        weights = _weights(result, seed)
        for at, gradient in enumerate(gradients):
            if gradient is None:
                continue
            name = arguments.names[at]
            shape = result.shape + values[at].shape
            if np.shape(gradient) != shape:
                raise AssertionError(
                    f"the gradient of {name} has shape {list(np.shape(gradient))}, it should be {list(shape)}"
                )
            slope = claimed if callable(claimed) else None
            comparison = _compared(function, slope, arguments, values, at, gradient, weights, settings)
            if comparison.status == FAIL:
                told = described("gradient", name, comparison)
                at_point = [f"{where}: {point_text(dict(zip(arguments.names, values, strict=True)))}"]
                problems.append(_told(told, at_point if where else []))
            elif comparison.status == UNMEASURABLE:
                unmeasured += not where
                reason = f"{name}: not measurable here: {comparison.reason}"
            else:
                measured += 1
        if problems:
            raise AssertionError("\n".join(problems))
    if unmeasured and not measured:
        raise AssertionError(reason)


def _told(check: Check, more: list[str]) -> str:
    return "\n  ".join([f"{check.label}: {check.message}", *check.notes, *more])


def _weights(result: Array, seed: int) -> Array:
    """Weights that make one number of an array; a single number stays as it is."""
    if result.size == 1:
        return np.ones(result.shape)
    weights: Array = np.random.default_rng(seed + 7).choice([-1.0, -0.5, 0.5, 1.0], size=result.shape)
    return weights


def _compared(
    function_of_arrays: Callable[..., Any],
    claimed: Callable[..., Any] | None,
    arguments: _Arguments,
    values: list[Array],
    at: int,
    gradient: Any,
    weights: Array,
    settings: Settings,
) -> Compared:
    def along(value: Array) -> float:
        found = np.asarray(
            arguments.call(function_of_arrays, [*values[:at], value.copy(), *values[at + 1 :]]), np.float64
        )
        return float(np.sum(found * weights)) if found.shape == weights.shape else float("nan")

    total = np.tensordot(weights, np.asarray(gradient, np.float64), axes=weights.ndim)

    @cache
    def arbiter() -> Arbiter | None:
        """In more digits, if the function takes NumPy's object arrays, and the gradient if it is a function.

        What is wrong there by a little is not accused: who knows what the function does with such numbers?
        """
        from gradcli.checking import precise
        from gradcli.checking.arbiter import Arbiter

        if sum(each.size for each in values) > MOST_PRECISE:
            return None

        def asked(what: Callable[[list[Any]], Any], moved: Array) -> Any:
            try:
                given = [precise.wrap(each) for each in values]
                return what([*given[:at], moved, *given[at + 1 :]])
            except Exception as error:  # it is the user's, made for arrays of floats
                raise precise.Unavailable("the function") from error

        def function(moved: Array) -> Any:
            def what(given: list[Any]) -> Any:
                found = arguments.call(function_of_arrays, given)
                return precise.total([np.asarray(found)], [weights])

            return asked(what, moved)

        def slope(moved: Array) -> Any:
            def what(given: list[Any]) -> Any:
                found = arguments.gradients(claimed, given)[at]
                return np.tensordot(weights, np.asarray(found), axes=weights.ndim)

            return asked(what, moved)

        with suppress(precise.Unavailable):
            if claimed is not None:
                return Arbiter(function, slope, values[at], doubt=DOUBT)
        with suppress(precise.Unavailable):
            return Arbiter(function, lambda _: precise.wrap(total), values[at], doubt=math.inf)
        return None

    return compare(along, values[at], total, settings, cost=50.0, arbiter=arbiter)


class _Arguments(Record):
    """The inputs of a function: in which form it takes them, and what they are called."""

    values: list[Array]
    names: list[str]
    form: str

    def call(self, function: Callable[..., Any], values: Sequence[Array]) -> Any:
        """Calls the function with these values in the place of the inputs."""
        if self.form == "mapping":
            return function(**dict(zip(self.names, values, strict=True)))
        return function(*values)

    def gradients(self, claimed: Any, values: Sequence[Array]) -> list[Any]:
        """The claimed gradients, one for each input."""
        found = self.call(claimed, [each.copy() for each in values]) if callable(claimed) else claimed
        if isinstance(found, Mapping):
            unknown = set(found) - set(self.names)
            if unknown:
                raise AssertionError(f"gradients of what is no input: {', '.join(map(str, sorted(unknown)))}")
            return [found.get(name) for name in self.names]
        if self.form == "single":
            return [found[0] if isinstance(found, tuple) and len(found) == 1 else found]
        if not isinstance(found, (list, tuple)) or len(found) != len(self.names):
            raise AssertionError(f"there are {len(self.names)} inputs, so there have to be as many gradients")
        return list(found)


def _arguments(inputs: Any) -> _Arguments:
    if isinstance(inputs, Mapping):
        return _Arguments(
            [_array(each) for each in inputs.values()], [str(each) for each in inputs], "mapping"
        )
    if isinstance(inputs, tuple) or (isinstance(inputs, list) and any(np.ndim(each) for each in inputs)):
        return _Arguments(
            [_array(each) for each in inputs], [f"input {at + 1}" for at in range(len(inputs))], "several"
        )
    return _Arguments([_array(inputs)], ["input"], "single")


def _array(value: Any) -> Array:
    return np.array(value, np.float64)


__all__ = ["assert_gradients", "check"]
