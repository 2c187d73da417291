"""`torch.distributions` of positive numbers and of parts of a whole: rows as those of `distributions`.

Gamma and Dirichlet numbers are drawn as PyTorch draws them. Their derivative by the concentration is that of
a number that keeps its quantile: Figurnov, Mohamed, Mnih, Implicit Reparameterization Gradients (2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run
from gradcli.errors import failure
from gradcli.neural.distributions import (
    NORMAL,
    at_least_zero,
    begin,
    distribution,
    distribution_class,
    from_parameters,
    noise,
    positive,
)
from gradcli.neural.module import apply
from gradcli.tape.custom import detached

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.neural.distributions import Formula, Get, Op
    from gradcli.values.objects import Instance
    from gradcli.values.runtime import Runtime


def _quantile_slope(below: Any, above: Any, density: Any, at: Any, given: Any, x: Any) -> Any:
    """How a number moves with a parameter whose quantile it stays: by differences of the smaller tail."""
    step = 1e-5 * np.maximum(at, 1e-3)
    lower = (below(at + step, given, x) - below(at - step, given, x)) / (2 * step)
    upper = (above(at - step, given, x) - above(at + step, given, x)) / (2 * step)
    return -np.where(below(at, given, x) < 0.5, lower, upper) / density


def _moving(op: Op, drawn: Any, concentration: Any, slope: Any) -> Any:
    """Nothing, that has a slope by the concentration."""
    return op(
        "mul", op("sub", concentration, Tensor(detached(concentration.node))), np.asarray(slope, drawn.dtype)
    )


def standard_gamma(op: Op, concentration: Any) -> Any:
    """Numbers of the Gamma distribution of rate 1, as random functions of their concentration."""
    drawn = op("_standard_gamma", concentration)
    if not concentration.requires_grad:
        return drawn
    from scipy.special import gammainc, gammaincc, gammaln

    a, x = (np.asarray(run.value(each.node), np.float64) for each in (concentration, drawn))
    density = np.exp((a - 1) * np.log(x) - x - gammaln(a))
    slope = _quantile_slope(
        lambda a, _, x: gammainc(a, x), lambda a, _, x: gammaincc(a, x), density, a, None, x
    )
    return op("add", drawn, _moving(op, drawn, concentration, slope))


def _gamma_draw(op: Op, get: Get, shape: tuple[int, ...], count: Any) -> Any:
    drawn = standard_gamma(op, op("expand", get("concentration"), shape))
    return op("div", drawn, op("expand", get("rate"), shape))


def _gamma_log_prob(op: Op, get: Get, value: Any) -> Any:
    least = op("sub", get("concentration"), 1)
    logs = op("add", op("xlogy", get("concentration"), get("rate")), op("xlogy", least, value))
    return op("sub", op("sub", logs, op("mul", get("rate"), value)), op("lgamma", get("concentration")))


def _gamma_entropy(op: Op, get: Get) -> Any:
    shape = get("concentration")
    first = op("add", op("sub", shape, op("log", get("rate"))), op("lgamma", shape))
    return op("add", first, op("mul", op("rsub", shape, 1.0), op("digamma", shape)))


GAMMA = distribution(
    "Gamma",
    ("concentration", "rate"),
    {
        "rsample": _gamma_draw,
        "log_prob": _gamma_log_prob,
        "entropy": _gamma_entropy,
        "cdf": lambda op, get, value: op("igamma", get("concentration"), op("mul", get("rate"), value)),
        "mean": lambda op, get: op("div", get("concentration"), get("rate")),
        "mode": lambda op, get: op("clamp", op("div", op("sub", get("concentration"), 1), get("rate")), 0),
        "variance": lambda op, get: op("div", get("concentration"), op("pow", get("rate"), 2)),
    },
    {"concentration": positive, "rate": positive},
)

# ---- parts of a whole ----------------------------------------------------------------------------


def _parts(op: Op, get: Get, shape: tuple[int, ...], count: tuple[int, ...]) -> Any:
    concentration = op("expand", get("concentration"), (*count, *get("concentration").shape))
    drawn = op("_sample_dirichlet", concentration)
    if not concentration.requires_grad:
        return drawn
    from scipy.special import betainc, betaincc, betaln

    a, x = (np.asarray(run.value(each.node), np.float64) for each in (concentration, drawn))
    rest = a.sum(-1, keepdims=True) - a
    density = np.exp((a - 1) * np.log(x) + (rest - 1) * np.log1p(-x) - betaln(a, rest))
    slope = _quantile_slope(betainc, betaincc, density, a, rest, x) / (1 - x)
    moved = _moving(op, drawn, concentration, slope)
    return op("add", drawn, op("sub", moved, op("mul", op("sum", moved, -1, True), drawn)))


def _parts_log_prob(op: Op, get: Get, value: Any) -> Any:
    concentration = get("concentration")
    logs = op("sum", op("xlogy", op("sub", concentration, 1.0), value), -1)
    whole = op("lgamma", op("sum", concentration, -1))
    return op("sub", op("add", logs, whole), op("sum", op("lgamma", concentration), -1))


def _parts_entropy(op: Op, get: Get) -> Any:
    concentration = get("concentration")
    whole, count = op("sum", concentration, -1), concentration.shape[-1]
    first = op("sub", op("sum", op("lgamma", concentration), -1), op("lgamma", whole))
    second = op("sub", first, op("mul", op("rsub", whole, count), op("digamma", whole)))
    return op(
        "sub", second, op("sum", op("mul", op("sub", concentration, 1.0), op("digamma", concentration)), -1)
    )


def _parts_variance(op: Op, get: Get) -> Any:
    concentration = get("concentration")
    whole = op("sum", concentration, -1, True)
    spread = op("mul", op("pow", whole, 2), op("add", whole, 1))
    return op("div", op("mul", concentration, op("sub", whole, concentration)), spread)


_PARTS: dict[str, Formula] = {
    "rsample": _parts,
    "log_prob": _parts_log_prob,
    "entropy": _parts_entropy,
    "mean": lambda op, get: op("div", get("concentration"), op("sum", get("concentration"), -1, True)),
    "variance": _parts_variance,
}


def _whole(
    runtime: Runtime, span: Span, made: Instance, concentration: Any, validate_args: Any = None
) -> None:
    if type(concentration) is not Tensor or not concentration.shape:
        message = "`concentration` parameter must be at least one-dimensional."
        raise failure("ValueError", message, span)
    made.state["concentration"] = concentration
    begin(runtime, span, made, validate_args)


def _each_positive(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    holds, words = positive(runtime, made, x)
    return holds, f"IndependentConstraint({words}, 1)"


DIRICHLET = distribution_class(
    "Dirichlet", _whole, ("concentration",), _PARTS, {"concentration": _each_positive}
)
DIRICHLET.members["rows"] = "events"


def _side(at: int) -> Formula:
    return lambda op, get: op("select", get("concentration"), -1, at)


def _first(formula: Formula) -> Formula:
    return lambda op, get: op("select", formula(op, get), -1, 0)


def _both(op: Op, value: Any) -> Any:
    return op("stack", [value, op("rsub", value, 1.0)], -1)


def _beta(
    runtime: Runtime,
    span: Span,
    made: Instance,
    concentration1: Any,
    concentration0: Any,
    validate_args: Any = None,
) -> None:
    given = from_parameters(runtime, [concentration1, concentration0], span)
    inside = type(made)(DIRICHLET)
    _whole(runtime, span, inside, apply(runtime, "stack", given, -1), validate_args)
    made.state.update(inside.state)


def _beta_variance(op: Op, get: Get) -> Any:
    one, other = get("concentration1"), get("concentration0")
    whole = op("add", one, other)
    return op("div", op("mul", one, other), op("mul", op("pow", whole, 2), op("add", whole, 1)))


BETA = distribution_class(
    "Beta",
    _beta,
    ("concentration",),
    {
        "concentration1": _side(0),
        "concentration0": _side(1),
        "rsample": lambda op, get, shape, count: op("select", _parts(op, get, shape, count), -1, 0),
        "log_prob": lambda op, get, value: _parts_log_prob(op, get, _both(op, value)),
        "entropy": _parts_entropy,
        "mean": lambda op, get: op(
            "div", get("concentration1"), op("add", get("concentration1"), get("concentration0"))
        ),
        "variance": _beta_variance,
    },
    {},
)
BETA.members.update(rows="chances", shown=())

# ---- others --------------------------------------------------------------------------------------


def _poisson_log_prob(op: Op, get: Get, value: Any) -> Any:
    first = op("sub", op("xlogy", value, get("rate")), get("rate"))
    return op("sub", first, op("lgamma", op("add", value, 1)))


POISSON = distribution(
    "Poisson",
    ("rate",),
    {
        "sample": lambda op, get, shape, count: op("poisson", op("expand", get("rate"), shape)),
        "log_prob": _poisson_log_prob,
        "mean": lambda op, get: get("rate"),
        "mode": lambda op, get: op("floor", get("rate")),
        "variance": lambda op, get: get("rate"),
    },
    {"rate": at_least_zero},
)


def _of_normal(name: str) -> Formula:
    formula: Formula = NORMAL.members["formulas"][name]
    return formula


def _log_normal_log_prob(op: Op, get: Get, value: Any) -> Any:
    logs = op("log", value)
    return op("add", op("rsub", logs, 0.0), _of_normal("log_prob")(op, get, logs))


def _log_normal_variance(op: Op, get: Get) -> Any:
    square = op("pow", get("scale"), 2)
    return op("mul", op("expm1", square), op("exp", op("add", op("mul", get("loc"), 2), square)))


def _log_normal(
    runtime: Runtime, span: Span, made: Instance, loc: Any, scale: Any, validate_args: Any = None
) -> None:
    inside = type(made)(NORMAL)
    inside.state.update(zip(("loc", "scale"), from_parameters(runtime, [loc, scale], span), strict=True))
    begin(runtime, span, inside, validate_args)
    made.state.update(inside.state)


LOG_NORMAL = distribution_class(
    "LogNormal",
    _log_normal,
    ("loc", "scale"),
    {
        "rsample": lambda op, get, shape, count: op(
            "exp", op("add", get("loc"), op("mul", noise(op, get, shape), get("scale")))
        ),
        "log_prob": _log_normal_log_prob,
        "cdf": lambda op, get, value: _of_normal("cdf")(op, get, op("log", value)),
        "icdf": lambda op, get, value: op("exp", _of_normal("icdf")(op, get, value)),
        "entropy": lambda op, get: op("add", _of_normal("entropy")(op, get), get("loc")),
        "mean": lambda op, get: op("exp", op("add", get("loc"), op("div", op("pow", get("scale"), 2), 2))),
        "mode": lambda op, get: op("exp", op("sub", get("loc"), op("square", get("scale")))),
        "variance": _log_normal_variance,
    },
    {},
)
LOG_NORMAL.members["shown"] = ()

# ---- how far two are apart -----------------------------------------------------------------------


def of_gammas(op: Op, p: Get, q: Get) -> Any:
    """The divergence of two Gamma distributions."""
    one, other = p("concentration"), q("concentration")
    first = op("mul", other, op("log", op("div", p("rate"), q("rate"))))
    second = op("sub", op("lgamma", other), op("lgamma", one))
    third = op("mul", op("sub", one, other), op("digamma", one))
    fourth = op("mul", op("sub", q("rate"), p("rate")), op("div", one, p("rate")))
    return op("add", op("add", op("add", first, second), third), fourth)


def of_betas(op: Op, p: Get, q: Get) -> Any:
    """The divergence of two Beta distributions."""
    names = ("concentration1", "concentration0")
    whole_p, whole_q = (op("add", *map(each, names)) for each in (p, q))

    def logs(own: Get, whole: Any) -> Any:
        return op("add", op("add", *[op("lgamma", own(name)) for name in names]), op("lgamma", whole))

    found = op("sub", logs(q, whole_p), logs(p, whole_q))
    for name in names:
        found = op("add", found, op("mul", op("sub", p(name), q(name)), op("digamma", p(name))))
    return op("add", found, op("mul", op("sub", whole_q, whole_p), op("digamma", whole_p)))


def of_exponentials(op: Op, p: Get, q: Get) -> Any:
    """The divergence of two exponential distributions."""
    ratio = op("div", q("rate"), p("rate"))
    return op("sub", op("add", op("neg", op("log", ratio)), ratio), 1)


POSITIVE = (GAMMA, DIRICHLET, BETA, POISSON, LOG_NORMAL)
"""The distributions of this file."""
