"""The other distributions of `torch.distributions`, as rows of formulas, and all of them by name.

Formulas are in terms (`terms`), in the order in which PyTorch computes them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.neural.distributions import (
    BERNOULLI_FORMULAS,
    CATEGORICAL_FORMULAS,
    EXPONENTIAL,
    NORMAL,
    UNIFORM,
    at_least_zero,
    begin,
    chance,
    chances,
    clamped,
    distribution,
    distribution_class,
    from_parameters,
    of_outcomes,
    positive,
)
from gradcli.neural.joint_distributions import BASIC, DIVERGENCES, in_modules, module
from gradcli.neural.making import REQUIRED
from gradcli.neural.positive_distributions import GAMMA, standard_gamma
from gradcli.neural.terms import Quantity, formula, of_two, plain
from gradcli.neural.transformed import (
    ABS,
    AFFINE,
    CONSTRAINTS,
    EXP,
    POWER,
    SIGMOID,
    STICK,
    TRANSFORMED,
    TRANSFORMS,
    inverse_of,
    transformed,
)
from gradcli.tape import context
from gradcli.values.objects import ClassValue
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.neural.distributions import Constraint, Formula
    from gradcli.values.objects import Instance
    from gradcli.values.runtime import Runtime

    Written = dict[str, Callable[..., Any]]

_EULER = 0.57721566490153286060


def _written(formulas: Written) -> dict[str, Formula]:
    return {name: formula(each) for name, each in formulas.items()}


def _row(
    name: str,
    names: str,
    constraints: dict[str, Constraint],
    defaults: dict[str, Any] | None = None,
    **formulas: Any,
) -> ClassValue:
    return distribution(name, tuple(names.split()), _written(formulas), constraints, defaults)


# ---- over the real numbers -----------------------------------------------------------------------


def _t_mean(d: Any) -> Any:
    return d.loc.index_put((plain(d.df <= 1),), d.made("full", (), math.nan, dtype=d.df.dtype))


def _t_variance(d: Any) -> Any:
    wide, narrow = d.df > 2, d.df <= 2
    df, scale = d.df.masked_select(wide), d.scale.masked_select(wide)
    without = d.made("where", d.df > 1, d.df.full_like(math.inf), math.nan).masked_select(narrow)
    return d.df.index_put((plain(wide),), scale.pow(2) * df / (df - 2)).index_put((plain(narrow),), without)


def _t_draw(d: Any, shape: Any, count: Any) -> Any:
    x = d.made("normal", d.made("zeros", shape, dtype=d.df.dtype), d.made("ones", shape, dtype=d.df.dtype))
    drawn = standard_gamma(d.op, plain((d.df * 0.5).expand(shape)))
    z = Quantity(d.op, drawn) / d.df.full_like(0.5).expand(shape)
    return d.loc + d.scale * (x * (z / d.df).rsqrt())


def _t_log_prob(d: Any, x: Any) -> Any:
    whole = d.scale.log() + d.df.log() * 0.5 + 0.5 * math.log(math.pi)
    whole = whole + (d.df * 0.5).lgamma() - ((d.df + 1.0) * 0.5).lgamma()
    return (d.df + 1.0) * -0.5 * (((x - d.loc) / d.scale) ** 2.0 / d.df).log1p() - whole


def _t_entropy(d: Any) -> Any:
    beta = (d.df * 0.5).lgamma() + math.lgamma(0.5) - ((d.df + 1) * 0.5).lgamma()
    slopes = ((d.df + 1) * 0.5).digamma() - (d.df * 0.5).digamma()
    return d.scale.log() + (d.df + 1) * 0.5 * slopes + d.df.log() * 0.5 + beta


STUDENT = _row(
    "StudentT",
    "df loc scale",
    {"df": positive, "scale": positive},
    {"loc": 0.0, "scale": 1.0},
    rsample=_t_draw,
    log_prob=_t_log_prob,
    entropy=_t_entropy,
    mean=_t_mean,
    mode=lambda d: d.loc,
    variance=_t_variance,
)


def _cauchy_draw(d: Any, shape: Any, count: Any) -> Any:
    return d.loc + d.scale * context.current().generator.cauchy(shape, d.loc.dtype, 0.0, 1.0)


CAUCHY = _row(
    "Cauchy",
    "loc scale",
    {"scale": positive},
    rsample=_cauchy_draw,
    log_prob=lambda d, x: -math.log(math.pi) - d.scale.log() - (((x - d.loc) / d.scale) ** 2).log1p(),
    cdf=lambda d, x: ((x - d.loc) / d.scale).atan() / math.pi + 0.5,
    icdf=lambda d, x: ((x - 0.5) * math.pi).tan() * d.scale + d.loc,
    entropy=lambda d: d.scale.log() + math.log(4 * math.pi),
    mean=lambda d: d.loc.full_like(math.nan),
    mode=lambda d: d.loc,
    variance=lambda d: d.loc.full_like(math.inf),
    stddev=lambda d: d.loc.full_like(math.inf),
)
VON_MISES = _row(
    "VonMises",
    "loc concentration",
    {"concentration": positive},
    log_prob=lambda d, x: (
        d.concentration * (x - d.loc).cos()
        - math.log(2 * math.pi)
        - (d.concentration.i0e().log() + d.concentration)
    ),
    mean=lambda d: d.loc,
    mode=lambda d: d.loc,
    variance=lambda d: 1 - d.concentration.i1e() / d.concentration.i0e(),
)


def _half(base: ClassValue) -> Any:
    return lambda make, op, scale: (make(base, op("zeros_like", scale), scale), [make(ABS)])


def _of_half(base: ClassValue) -> Written:
    """The formulas of the absolute value of what is symmetric about 0."""
    own = base.find("formulas")

    def call(name: str, d: Any, *given: Any) -> Any:
        def get(wanted: str) -> Any:
            return plain(d.scale * 0) if wanted == "loc" else plain(d.scale)

        return Quantity(d.op, own[name](d.op, get, *map(plain, given)))

    return {
        "log_prob": lambda d, x: d.made("where", x >= 0, call("log_prob", d, x) + math.log(2), -math.inf),
        "cdf": lambda d, x: call("cdf", d, x) * 2 - 1,
        "icdf": lambda d, x: call("icdf", d, (x + 1) / 2),
        "entropy": lambda d: call("entropy", d) - math.log(2),
        "mode": lambda d: d.scale.zeros_like(),
    }


HALF_NORMAL = transformed(
    "HalfNormal",
    ("scale",),
    _half(NORMAL),
    {
        **_of_half(NORMAL),
        "mean": lambda d: d.scale * math.sqrt(2 / math.pi),
        "variance": lambda d: d.scale.pow(2) * (1 - 2 / math.pi),
    },
    {"scale": positive},
    shown=False,
)
HALF_CAUCHY = transformed(
    "HalfCauchy",
    ("scale",),
    _half(CAUCHY),
    {
        **_of_half(CAUCHY),
        "mean": lambda d: d.scale.full_like(math.inf),
        "variance": lambda d: d.scale.full_like(math.inf),
    },
    {"scale": positive},
    shown=False,
)


def _gumbel(make: Any, op: Any, loc: Any, scale: Any) -> Any:
    limits = np.finfo(loc.dtype)
    ends = [op("full_like", loc, float(each)) for each in (limits.tiny, 1 - limits.eps)]
    down = make(AFFINE, 0, op("neg", op("ones_like", scale)))
    return make(UNIFORM, *ends), [
        inverse_of(make(EXP)),
        down,
        inverse_of(make(EXP)),
        make(AFFINE, loc, op("neg", scale)),
    ]


def _gumbel_log_prob(d: Any, x: Any) -> Any:
    y = (d.loc - x) / d.scale
    return (y - y.exp()) - d.scale.log()


GUMBEL = transformed(
    "Gumbel",
    ("loc", "scale"),
    _gumbel,
    {
        "log_prob": _gumbel_log_prob,
        "entropy": lambda d: d.scale.log() + (1 + _EULER),
        "mean": lambda d: d.loc + d.scale * _EULER,
        "mode": lambda d: d.loc,
        "stddev": lambda d: d.scale * (math.pi / math.sqrt(6)),
        "variance": lambda d: d.stddev.pow(2),
    },
    {"scale": positive},
)


# ---- over positive numbers -----------------------------------------------------------------------


def _weibull_variance(d: Any) -> Any:
    one = d.concentration.reciprocal()
    return d.scale.pow(2) * ((one * 2 + 1).lgamma().exp() - ((one + 1).lgamma() * 2).exp())


WEIBULL = transformed(
    "Weibull",
    ("scale", "concentration"),
    lambda make, op, scale, concentration: (
        make(EXPONENTIAL, op("ones_like", scale)),
        [make(POWER, op("reciprocal", concentration)), make(AFFINE, 0, scale)],
    ),
    {
        "entropy": lambda d: (
            (1 - d.concentration.reciprocal()) * _EULER + (d.scale * d.concentration.reciprocal()).log() + 1
        ),
        "mean": lambda d: d.scale * (d.concentration.reciprocal() + 1).lgamma().exp(),
        "mode": lambda d: d.scale * ((d.concentration - 1) / d.concentration) ** d.concentration.reciprocal(),
        "variance": _weibull_variance,
    },
    {"scale": positive, "concentration": positive},
)


def _pareto_variance(d: Any) -> Any:
    a = d.alpha.clamp(min=2)
    return d.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))


PARETO = transformed(
    "Pareto",
    ("scale", "alpha"),
    lambda make, op, scale, alpha: (make(EXPONENTIAL, alpha), [make(EXP), make(AFFINE, 0, scale)]),
    {
        "entropy": lambda d: (d.scale / d.alpha).log() + (d.alpha.reciprocal() + 1),
        "mean": lambda d: d.alpha.clamp(min=1) * d.scale / (d.alpha.clamp(min=1) - 1),
        "mode": lambda d: d.scale,
        "variance": _pareto_variance,
    },
    {"alpha": positive, "scale": positive},
)
PARETO.members["shown"] = ("alpha", "scale")


def _inverse_variance(d: Any) -> Any:
    found = d.rate.pow(2) / ((d.concentration - 1).pow(2) * (d.concentration - 2))
    return d.made("where", d.concentration > 2, found, math.inf)


INVERSE_GAMMA = transformed(
    "InverseGamma",
    ("concentration", "rate"),
    lambda make, op, concentration, rate: (
        make(GAMMA, concentration, rate),
        [make(POWER, op("neg", op("ones_like", rate)))],
    ),
    {
        "mean": lambda d: d.made("where", d.concentration > 1, d.rate / (d.concentration - 1), math.inf),
        "mode": lambda d: d.rate / (d.concentration + 1),
        "variance": _inverse_variance,
        "entropy": lambda d: (
            d.concentration
            + d.rate.log()
            + d.concentration.lgamma()
            - (d.concentration + 1) * d.concentration.digamma()
        ),
    },
    {"concentration": positive, "rate": positive},
)


def _chi2(runtime: Runtime, span: Span, made: Instance, df: Any, validate_args: Any = None) -> None:
    (tensor,) = from_parameters(runtime, [df], span)
    half = runtime.session.operate("*", 0.5, tensor)
    made.state.update(concentration=half, rate=from_parameters(runtime, [half, 0.5], span)[1])
    begin(runtime, span, made, validate_args)


CHI2 = ClassValue(
    "Chi2",
    (GAMMA,),
    {
        "__init__": Builtin("Chi2", _chi2),
        "formulas": {**GAMMA.members["formulas"], "df": formula(lambda d: d.concentration * 2)},
        "shown": (),
    },
    "torch.distributions.chi2.Chi2",
)

# ---- counts --------------------------------------------------------------------------------------

_OF_TWO: dict[str, Formula] = {name: BERNOULLI_FORMULAS[name] for name in ("probs", "logits")}


def _twice(x: Any) -> Any:
    """As many times its positive part, with a slope of a half at 0."""
    return (x.clamp(min=0) + x - x.clamp(max=0)) / 2


def _of_trials(n: Any, orders: Any, logits: Any, x: Any) -> Any:
    """The logarithm of the chance of x of n, with that of the number of their orders."""
    whole = n * _twice(logits) + n * (-logits.abs()).exp().log1p() - orders
    return x * logits - (x + 1).lgamma() - (n - x + 1).lgamma() - whole


def _binomial_log_prob(d: Any, x: Any) -> Any:
    n = d.total_count
    return _of_trials(n, (n + 1).lgamma(), d.logits, x)


def _counts(d: Any) -> Any:
    """From 0 to the number of trials, as the values of a batch are."""
    most = int(np.max(engine.value(d.total_count.tensor.node)))
    return d.made("arange", most + 1, dtype=d.probs.dtype)


def _binomial_entropy(d: Any) -> Any:
    counts = _counts(d)
    found = _binomial_log_prob(d, counts.reshape((-1, *[1] * len(d.probs.shape))))
    return -(found.exp() * found).sum(0)


BINOMIAL = of_outcomes(
    "Binomial",
    _OF_TWO
    | _written(
        {
            "sample": lambda d, shape, count: d.made(
                "binomial", d.total_count.expand(shape), d.probs.expand(shape)
            ),
            "log_prob": _binomial_log_prob,
            "entropy": _binomial_entropy,
            "outcomes": _counts,
            "mean": lambda d: d.total_count * d.probs,
            "variance": lambda d: d.total_count * d.probs * (1 - d.probs),
            "mode": lambda d: ((d.total_count + 1) * d.probs).floor().clamp(None, d.total_count),
        }
    ),
    {"total_count": at_least_zero, "probs": chance},
    before={"total_count": 1},
)


def _failures_log_prob(d: Any, x: Any) -> Any:
    n = d.total_count
    found = n * (-d.logits).logsigmoid() + x * d.logits.logsigmoid()
    whole = -(n + x).lgamma() + (x + 1.0).lgamma() + n.lgamma()
    return found - whole


NEGATIVE_BINOMIAL = of_outcomes(
    "NegativeBinomial",
    _OF_TWO
    | _written(
        {
            "sample": lambda d, shape, count: d.made(
                "poisson",
                d.made("_standard_gamma", d.total_count.expand(shape)) / (-d.logits).exp().expand(shape),
            ),
            "log_prob": _failures_log_prob,
            "mean": lambda d: d.total_count * d.logits.exp(),
            "mode": lambda d: ((d.total_count - 1) * d.logits.exp()).floor().clamp(min=0.0),
            "variance": lambda d: d.total_count * d.logits.exp() / (-d.logits).sigmoid(),
        }
    ),
    {"total_count": at_least_zero, "probs": chance},
    before={"total_count": REQUIRED},
)


def _trials(d: Any, shape: Any, count: Any) -> Any:
    least = float(np.finfo(d.probs.dtype).tiny)
    u = d.made("rand", shape, dtype=d.probs.dtype) * (1 - least) + least
    return (u.log() / (-d.probs).log1p()).floor()


GEOMETRIC = of_outcomes(
    "Geometric",
    _OF_TWO
    | _written(
        {
            "sample": _trials,
            "log_prob": lambda d, x: x * (-d.probs).log1p() + d.probs.log(),
            "mean": lambda d: 1.0 / d.probs - 1.0,
            "mode": lambda d: d.probs.zeros_like(),
            "variance": lambda d: (1.0 / d.probs - 1.0) / d.probs,
            "entropy": lambda d: (
                d.logits.binary_cross_entropy_with_logits(d.probs, reduction="none") / d.probs
            ),
        }
    ),
    {"probs": chance},
)

# ---- over outcomes -------------------------------------------------------------------------------

_CHANCES: dict[str, Formula] = {name: CATEGORICAL_FORMULAS[name] for name in ("probs", "logits")}
_OF_MANY: dict[str, Formula] = {**_CHANCES, "entropy": CATEGORICAL_FORMULAS["entropy"]}


def _chosen(d: Any, shape: Any, count: Any) -> Any:
    found = CATEGORICAL_FORMULAS["sample"](d.op, d.get, shape, count)
    return d.made("one_hot", found, d.probs.shape[-1]) * d.probs.full_like(1.0)


def _straight(d: Any, shape: Any, count: Any) -> Any:
    return _chosen(d, shape, count).detach() + (d.probs - d.probs.detach())


_ONE_HOT: Written = {
    "sample": _chosen,
    "log_prob": lambda d, x: Quantity(
        d.op, CATEGORICAL_FORMULAS["log_prob"](d.op, d.get, plain(x.argmax(-1)))
    ),
    "mean": lambda d: d.probs,
    "mode": lambda d: d.made("one_hot", d.probs.argmax(-1), d.probs.shape[-1]) * d.probs.full_like(1.0),
    "variance": lambda d: d.probs * (1 - d.probs),
    "outcomes": lambda d: d.made("eye", d.probs.shape[-1], dtype=d.probs.dtype),
}
ONE_HOT = of_outcomes("OneHotCategorical", _OF_MANY | _written(_ONE_HOT), {"probs": chances}, rows="events")
STRAIGHT = of_outcomes(
    "OneHotCategoricalStraightThrough",
    _OF_MANY | _written({**_ONE_HOT, "rsample": _straight}),
    {"probs": chances},
    rows="events",
)


def _tally(d: Any, shape: Any, count: Any) -> Any:
    draws = d.total_count
    found = CATEGORICAL_FORMULAS["sample"](d.op, d.get, (draws, *shape), (draws, *count))
    return d.made("one_hot", found, d.probs.shape[-1]).sum(0) * d.probs.full_like(1.0)


def _tally_entropy(d: Any) -> Any:
    n = d.total_count
    probs = Quantity(d.op, clamped(d.op, d.get("probs")))
    odds = probs.log() - (-probs).log1p()
    counts = d.made("arange", 1, n + 1, dtype=d.probs.dtype).reshape((-1, *[1] * len(d.probs.shape)))
    orders = math.lgamma(n + 1)
    each = _of_trials(n, orders, odds, counts)
    chosen = Quantity(d.op, CATEGORICAL_FORMULAS["entropy"](d.op, d.get))
    return n * chosen - orders + (each.exp() * (counts + 1).lgamma()).sum((0, -1))


def _tally_log_prob(d: Any, x: Any) -> Any:
    logits = d.made("where", (x.eq(0)) & d.logits.eq(-math.inf), 0.0, d.logits)
    return (x.sum(-1) + 1).lgamma() - (x + 1).lgamma().sum(-1) + (logits * x).sum(-1)


MULTINOMIAL = of_outcomes(
    "Multinomial",
    _CHANCES
    | _written(
        {
            "sample": _tally,
            "log_prob": _tally_log_prob,
            "entropy": _tally_entropy,
            "mean": lambda d: d.probs * d.total_count,
            "variance": lambda d: d.probs * d.total_count * (1 - d.probs),
        }
    ),
    {"probs": chances},
    before={"total_count": 1},
    rows="events",
)
for each in (ONE_HOT, STRAIGHT, MULTINOMIAL):
    each.members["shown"] = ()

# ---- over outcomes, relaxed ----------------------------------------------------------------------


def _even(d: Any, shape: Any, like: Any) -> Any:
    return Quantity(d.op, clamped(d.op, plain(d.made("rand", shape, dtype=like.dtype))))


def _relaxed_two(d: Any, shape: Any, count: Any) -> Any:
    probs = Quantity(d.op, clamped(d.op, plain(d.probs.expand(shape))))
    u = _even(d, shape, probs)
    return (u.log() - (-u).log1p() + probs.log() - (-probs).log1p()) / d.temperature


def _relaxed_two_log_prob(d: Any, x: Any) -> Any:
    apart = d.logits - x * d.temperature
    return d.temperature.log() + apart - apart.exp().log1p() * 2


LOGIT_RELAXED = of_outcomes(
    "LogitRelaxedBernoulli",
    _OF_TWO | _written({"rsample": _relaxed_two, "log_prob": _relaxed_two_log_prob}),
    {"probs": chance},
    before={"temperature": REQUIRED},
)


def _relaxed_many(d: Any, shape: Any, count: Any) -> Any:
    whole = (*shape, d.logits.shape[-1])
    scores = (d.logits + -(-_even(d, whole, d.logits).log()).log()) / d.temperature
    return scores - scores.logsumexp(-1, True)


def _relaxed_many_log_prob(d: Any, x: Any) -> Any:
    count = d.logits.shape[-1]
    scale = d.temperature.full_like(float(count)).lgamma() - d.temperature.log() * -(count - 1)
    score = d.logits - x * d.temperature
    return (score - score.logsumexp(-1, True)).sum(-1) + scale


EXP_RELAXED = of_outcomes(
    "ExpRelaxedCategorical",
    _CHANCES | _written({"rsample": _relaxed_many, "log_prob": _relaxed_many_log_prob}),
    {"probs": chances},
    before={"temperature": REQUIRED},
    rows="events",
)


def _relaxed(name: str, base: ClassValue, way: ClassValue) -> ClassValue:
    """What is drawn in logarithms or logits, as probabilities."""

    def start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
        inner = runtime.call(base, values, named, span)
        TRANSFORMED.members["__init__"].run(runtime, span, made, inner, runtime.call(way, (), {}, span))
        made.state.update(inner.state)

    names = base.find("names")
    made = distribution_class(name, start, names, base.find("formulas"), {})
    own = {each: made.members[each] for each in ("__init__", "names", *names)}
    return ClassValue(name, (TRANSFORMED,), {**own, "formulas": base.find("formulas")}, made.path)


RELAXED = _relaxed("RelaxedBernoulli", LOGIT_RELAXED, SIGMOID)
RELAXED_ONE_HOT = _relaxed("RelaxedOneHotCategorical", EXP_RELAXED, EXP)
LOGISTIC_NORMAL = transformed(
    "LogisticNormal",
    ("loc", "scale"),
    lambda make, op, loc, scale: (make(NORMAL, loc, scale), [make(STICK)]),
    {},
    {"scale": positive},
    shown=False,
)

# ---- how far two are apart -----------------------------------------------------------------------


def _of_uniforms(p: Any, q: Any) -> Any:
    found = ((q.high - q.low) / (p.high - p.low)).log()
    return p.made("where", (q.low > p.low).call("logical_or", p.high > q.high), math.inf, found)


def _of_laplaces(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + apart / q.scale + ratio * (-apart / p.scale).exp() - 1


def _of_parts(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    whole = a.sum(-1)
    first = whole.lgamma() - b.sum(-1).lgamma()
    slopes = a.digamma() - whole.digamma().unsqueeze(-1)
    return first - (a.lgamma() - b.lgamma()).sum(-1) + ((a - b) * slopes).sum(-1)


def _of_joint_normals(p: Any, q: Any) -> Any:
    size = p.loc.shape[-1]
    logs = [each.factor.diagonal(0, -2, -1).log().sum(-1) for each in (q, p)]
    turned = q.factor.call("linalg.solve_triangular", p.factor, upper=False)
    spread = turned.pow(2).sum((-2, -1))
    apart = q.factor.call("linalg.solve_triangular", (q.loc - p.loc).unsqueeze(-1), upper=False)
    return logs[0] - logs[1] + (spread + apart.squeeze(-1).pow(2).sum(-1) - size) * 0.5


def _of_geometrics(p: Any, q: Any) -> Any:
    return -p.entropy - (-q.probs).log1p() / p.probs - q.logits


def _of_binomials(p: Any, q: Any) -> Any:
    found = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return p.made("where", p.total_count > q.total_count, math.inf, found)


def _of_gumbels(p: Any, q: Any) -> Any:
    ratio, other, own = p.scale / q.scale, q.loc / q.scale, p.loc / q.scale
    last = (other + (ratio + 1).lgamma() - own).exp()
    return -ratio.log() - other + own + ratio * _EULER + last - (1 + _EULER)


def _of_cauchys(p: Any, q: Any) -> Any:
    return ((p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)).log() - (p.scale * 4 * q.scale).log()


def _of_uniform_and_normal(p: Any, q: Any) -> Any:
    width = p.high - p.low
    first = (q.scale * math.sqrt(math.pi * 2) / width).log()
    apart = ((p.high + p.low - q.loc * 2) / 2).pow(2)
    return first + (width.pow(2) / 12 + apart) * 0.5 / q.scale.pow(2)


def _of_normal_and_laplace(p: Any, q: Any) -> Any:
    apart = p.loc - q.loc
    ratio, far = p.scale / q.scale, apart / p.scale
    first = ratio.log()
    second = (far.pow(2) * -0.5).exp() * p.scale * math.sqrt(2 / math.pi)
    third = apart * (far * math.sqrt(0.5)).erf()
    return -first + (second + third) / q.scale - 0.5 * (1 + math.log(0.5 * math.pi))


def _of_halves(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return (ratio - 1 - ratio.log()) * 0.5


DIVERGENCES.update(
    {
        "LogNormal": DIVERGENCES["Normal"],
        "OneHotCategorical": DIVERGENCES["Categorical"],
        "Chi2": DIVERGENCES["Gamma"],
        "Uniform": of_two(_of_uniforms),
        "Laplace": of_two(_of_laplaces),
        "Dirichlet": of_two(_of_parts),
        "MultivariateNormal": of_two(_of_joint_normals),
        "Geometric": of_two(_of_geometrics),
        "Binomial": of_two(_of_binomials),
        "Gumbel": of_two(_of_gumbels),
        "Cauchy": of_two(_of_cauchys),
        "HalfNormal": of_two(_of_halves),
        "Normal Laplace": of_two(_of_normal_and_laplace),
        "Uniform Normal": of_two(_of_uniform_and_normal),
        "Poisson": of_two(lambda p, q: p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)),
    }
)

# ---- all of them ---------------------------------------------------------------------------------

_FOUND = (
    *(STUDENT, CAUCHY, VON_MISES, HALF_NORMAL, HALF_CAUCHY, GUMBEL, WEIBULL, PARETO, INVERSE_GAMMA, CHI2),
    *(BINOMIAL, NEGATIVE_BINOMIAL, GEOMETRIC, ONE_HOT, STRAIGHT, MULTINOMIAL, LOGISTIC_NORMAL),
    *(RELAXED, RELAXED_ONE_HOT, LOGIT_RELAXED, EXP_RELAXED, TRANSFORMED),
)
DISTRIBUTIONS: dict[str, Any] = {
    **BASIC,
    **in_modules(_FOUND),
    **TRANSFORMS,
    "transforms": module("transforms", TRANSFORMS),
    "constraints": CONSTRAINTS,
}
"""What `torch.distributions` has."""
__all__ = ["DISTRIBUTIONS"]
