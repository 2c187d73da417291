"""`torch.distributions` of several numbers at once, those made of others, and how far two are apart."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.distributions import (
    BERNOULLI,
    CATEGORICAL,
    DISTRIBUTION,
    EXPONENTIAL,
    LAPLACE,
    NORMAL,
    UNIFORM,
    asked,
    batch_shape,
    begin,
    described,
    distribution_class,
    getter,
    noise,
    of_base,
    property_of,
    sizes,
)
from gradcli.neural.module import apply
from gradcli.neural.positive_distributions import POSITIVE, of_betas, of_exponentials, of_gammas
from gradcli.values.conversions import integer
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, Namespace, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span
    from gradcli.neural.distributions import Formula, Get, Op
    from gradcli.values.runtime import Runtime

# ---- several numbers at once ---------------------------------------------------------------------


def _half_log_determinant(op: Op, get: Get) -> Any:
    return op("sum", op("log", op("diagonal", get("factor"), 0, -2, -1)), -1)


def _joint_log_prob(op: Op, get: Get, value: Any) -> Any:
    apart = op("unsqueeze", op("sub", value, get("loc")), -1)
    far = op("squeeze", op("linalg.solve_triangular", get("factor"), apart, upper=False), -1)
    square = op("sum", op("pow", far, 2), -1)
    constant = get("loc").shape[-1] * math.log(2 * math.pi)
    return op("sub", op("mul", op("add", square, constant), -0.5), _half_log_determinant(op, get))


def _joint_draw(op: Op, get: Get, shape: tuple[int, ...], count: Any) -> Any:
    drawn = noise(op, get, (*shape, get("loc").shape[-1]))
    turned = op("squeeze", op("matmul", get("factor"), op("unsqueeze", drawn, -1)), -1)
    return op("add", get("loc"), turned)


def _joint_entropy(op: Op, get: Get) -> Any:
    constant = 0.5 * get("loc").shape[-1] * (1.0 + math.log(2 * math.pi))
    return op("add", _half_log_determinant(op, get), constant)


def _covariance(op: Op, get: Get) -> Any:
    made = op("matmul", get("factor"), op("transpose", get("factor"), -2, -1))
    return op("expand", made, (*get("loc").shape, get("loc").shape[-1]))


_JOINT: dict[str, Formula] = {
    "scale_tril": lambda op, get: op("expand", get("factor"), (*get("loc").shape, get("loc").shape[-1])),
    "covariance_matrix": _covariance,
    "precision_matrix": lambda op, get: op("linalg.inv", get("covariance_matrix")),
    "rsample": _joint_draw,
    "log_prob": _joint_log_prob,
    "entropy": _joint_entropy,
    "mean": lambda op, get: get("loc"),
    "mode": lambda op, get: get("loc"),
    "variance": lambda op, get: op("expand", op("sum", op("pow", get("factor"), 2), -1), get("loc").shape),
}


def _joint(
    runtime: Runtime,
    span: Span,
    made: Instance,
    loc: Any,
    covariance_matrix: Any = None,
    precision_matrix: Any = None,
    scale_tril: Any = None,
    validate_args: Any = None,
) -> None:
    given = {"covariance_matrix": covariance_matrix, "scale_tril": scale_tril}
    given = {name: each for name, each in given.items() if each is not None}
    if len(given) != 1 or precision_matrix is not None:
        message = "Exactly one of covariance_matrix or scale_tril may be specified here."
        raise failure("ValueError", message, span)
    ((name, matrix),) = given.items()
    if type(loc) is not Tensor or not loc.shape:
        raise failure("ValueError", "loc must be at least one-dimensional.", span)
    if type(matrix) is not Tensor or len(matrix.shape) < 2:
        message = f"{name} must be at least two-dimensional, with optional leading batch dimensions"
        raise failure("ValueError", message, span)
    op, size = partial(apply, runtime), loc.shape[-1]
    rows = op("expand", loc, (*matrix.shape[:-2], size)) if len(matrix.shape) - 1 > len(loc.shape) else loc
    made.state.update({"loc": rows, name: op("expand", matrix, (*rows.shape, size))})
    made.state["factor"] = matrix if name == "scale_tril" else op("linalg.cholesky", matrix)
    begin(runtime, span, made, validate_args)


JOINT = distribution_class(
    "MultivariateNormal", _joint, ("loc", "covariance_matrix", "scale_tril"), _JOINT, {}
)
JOINT.path = "torch.distributions.multivariate_normal.MultivariateNormal"
JOINT.members |= {
    "rows": "events",
    **{name: asked(name) for name in ("covariance_matrix", "precision_matrix", "scale_tril")},
}


# ---- of others -----------------------------------------------------------------------------------


def _events(made: Instance) -> int:
    """How many dims at the end one value has."""
    return int(made.state.get("events", 0))


def _independent(
    runtime: Runtime,
    span: Span,
    made: Instance,
    base_distribution: Any,
    reinterpreted_batch_ndims: Any,
    validate_args: Any = None,
) -> None:
    count = integer(runtime, reinterpreted_batch_ndims, span, "reinterpreted_batch_ndims is an integer")
    base = base_distribution
    if type(base) is not Instance or not base.cls.inherits(DISTRIBUTION) or base.cls is INDEPENDENT:
        raise GradcliError("bad-argument", "Independent() takes a plain distribution", span=span)
    if not 0 <= count <= len(batch_shape(base)):
        message = (
            "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
            f"actual {count} vs {len(batch_shape(base))}"
        )
        raise failure("ValueError", message, span)
    made.state.update(base=base, events=count)
    made.attributes.update(base_dist=base, reinterpreted_batch_ndims=count)


def _whole(runtime: Runtime, made: Instance, parts: Any) -> Any:
    dims = tuple(range(-_events(made), 0))
    return apply(runtime, "sum", parts, dims) if dims else parts


def _of_base(name: str, *, added: bool = False) -> Builtin:
    """A method that the base has; with `added` summed over the dims of a value."""

    def run(runtime: Runtime, span: Span, made: Instance, *given: Any) -> Any:
        found = runtime.special(made.state["base"], name, span, *given)
        return _whole(runtime, made, found) if added else found

    return Builtin(name, run)


def _split_shape(first: bool) -> Decorated:
    def run(runtime: Runtime, span: Span, made: Instance) -> Size:
        shape = batch_shape(made.state["base"])
        at = len(shape) - _events(made)
        return Size(shape[:at] if first else shape[at:])

    return Decorated("property", Builtin("shape", run))


def _wider(runtime: Runtime, span: Span, made: Instance, shape: Any) -> Any:
    """The same with a base of a larger shape."""
    base, events = made.state["base"], _events(made)
    own = batch_shape(base)
    whole = (*sizes(runtime, shape, span), *own[len(own) - events :])
    return runtime.call(INDEPENDENT, (runtime.special(base, "expand", span, whole), events), {}, span)


def _lists(runtime: Runtime, span: Span, made: Instance) -> bool:
    return not _events(made) and bool(property_of(runtime, span, made.state["base"], "has_enumerate_support"))


def _outcomes(runtime: Runtime, span: Span, made: Instance, expand: Any = True) -> Any:
    if _events(made):
        message = "Enumeration over cartesian product is not implemented"
        raise failure("NotImplementedError", message, span)
    return runtime.special(made.state["base"], "enumerate_support", span, expand)


INDEPENDENT = ClassValue(
    "Independent",
    (DISTRIBUTION,),
    {
        "__init__": Builtin("Independent", _independent),
        "__repr__": Builtin(
            "__repr__",
            lambda runtime, span, made: (
                f"Independent({described(runtime, span, made.state['base'])}, {_events(made)})"
            ),
        ),
        "log_prob": _of_base("log_prob", added=True),
        "entropy": _of_base("entropy", added=True),
        **{name: _of_base(name) for name in ("sample", "rsample")},
        **{name: of_base(name) for name in ("mean", "mode", "stddev", "variance", "has_rsample")},
        "enumerate_support": Builtin("enumerate_support", _outcomes),
        "has_enumerate_support": Decorated("property", Builtin("has_enumerate_support", _lists)),
        "expand": Builtin("expand", _wider),
        "batch_shape": _split_shape(True),
        "event_shape": _split_shape(False),
        "names": (),
        "formulas": {},
    },
    "torch.distributions.independent.Independent",
)


def _mixture(
    runtime: Runtime,
    span: Span,
    made: Instance,
    mixture_distribution: Any,
    component_distribution: Any,
    validate_args: Any = None,
) -> None:
    parts = (mixture_distribution, component_distribution)
    if not all(type(each) is Instance and each.cls.inherits(DISTRIBUTION) for each in parts):
        raise failure("ValueError", "a mixture is made of distributions", span)
    if mixture_distribution.cls is not CATEGORICAL:
        message = " The Mixture distribution needs to be an  instance of torch.distributions.Categorical"
        raise failure("ValueError", message, span)
    made.state.update(mixture=mixture_distribution, base=component_distribution)
    getter(runtime, span, mixture_distribution)("logits")  # PyTorch asks them for a size, and so keeps them
    made.state["batch"] = batch_shape(mixture_distribution)
    made.state["event"] = tuple(property_of(runtime, span, component_distribution, "event_shape"))
    made.attributes.update(
        mixture_distribution=mixture_distribution, component_distribution=component_distribution
    )


def _mixed(runtime: Runtime, span: Span, made: Instance, value: Any) -> Any:
    mixture, component = made.state["mixture"], made.state["base"]
    op = partial(apply, runtime)
    each = runtime.special(component, "log_prob", span, op("unsqueeze", value, -1 - _events(component)))
    shares = op("log_softmax", getter(runtime, span, mixture)("logits"), -1)
    return op("logsumexp", op("add", each, shares), -1)


def _averaged(runtime: Runtime, span: Span, made: Instance, each: Any) -> Any:
    """What the parts of a mixture have, by their shares."""
    op, events = partial(apply, runtime), _events(made.state["base"])
    shares = getter(runtime, span, made.state["mixture"])("probs")
    for _ in range(events):
        shares = op("unsqueeze", shares, -1)
    return op("sum", op("mul", shares, each), -1 - events)


def _mixed_mean(runtime: Runtime, span: Span, made: Instance) -> Any:
    return _averaged(runtime, span, made, property_of(runtime, span, made.state["base"], "mean"))


def _mixed_variance(runtime: Runtime, span: Span, made: Instance) -> Any:
    """What the parts vary, and what their means vary."""
    op, component = partial(apply, runtime), made.state["base"]
    means, within = (property_of(runtime, span, component, each) for each in ("mean", "variance"))
    mean = op("unsqueeze", _mixed_mean(runtime, span, made), -1 - _events(component))
    apart, within = op("sub", means, mean), _averaged(runtime, span, made, within)
    return op("add", within, _averaged(runtime, span, made, op("pow", apart, 2)))


def _mixed_spread(runtime: Runtime, span: Span, made: Instance) -> Any:
    return apply(runtime, "sqrt", _mixed_variance(runtime, span, made))


def _mixed_cdf(runtime: Runtime, span: Span, made: Instance, value: Any) -> Any:
    below = apply(runtime, "unsqueeze", value, -1)
    return _averaged(runtime, span, made, runtime.special(made.state["base"], "cdf", span, below))


def _mixed_sample(runtime: Runtime, span: Span, made: Instance, sample_shape: Any = ()) -> Any:
    """Which part it is of is drawn first."""
    op, component = partial(apply, runtime), made.state["base"]
    with runtime.session.recorded(False):
        which = runtime.special(made.state["mixture"], "sample", span, sample_shape)
        drawn = runtime.special(component, "sample", span, sample_shape)
        places = op("reshape", which, (*which.shape, *[1] * (1 + _events(component))))
        at = -1 - _events(component)
        places = op("expand", places, (*drawn.shape[:at], 1, *drawn.shape[len(drawn.shape) + at + 1 :]))
        return op("squeeze", op("gather", drawn, at, places), at)


def _mixture_text(runtime: Runtime, span: Span, made: Instance) -> str:
    parts = (described(runtime, span, made.state[each]) for each in ("mixture", "base"))
    return "MixtureSameFamily(\n  {},\n  {})".format(*parts)


MIXTURE = ClassValue(
    "MixtureSameFamily",
    (DISTRIBUTION,),
    {
        "__init__": Builtin("MixtureSameFamily", _mixture),
        "__repr__": Builtin("__repr__", _mixture_text),
        "log_prob": Builtin("log_prob", _mixed),
        "cdf": Builtin("cdf", _mixed_cdf),
        "sample": Builtin("sample", _mixed_sample),
        "mean": Decorated("property", Builtin("mean", _mixed_mean)),
        "variance": Decorated("property", Builtin("variance", _mixed_variance)),
        "stddev": Decorated("property", Builtin("stddev", _mixed_spread)),
        "names": (),
        "formulas": {},
    },
    "torch.distributions.mixture_same_family.MixtureSameFamily",
)

# ---- how far one is from another -----------------------------------------------------------------


def _of_normals(op: Op, p: Get, q: Get) -> Any:
    ratio = op("pow", op("div", p("scale"), q("scale")), 2)
    apart = op("pow", op("div", op("sub", p("loc"), q("loc")), q("scale")), 2)
    return op("mul", op("sub", op("sub", op("add", ratio, apart), 1), op("log", ratio)), 0.5)


def _guarded(op: Op, terms: Any, p: Any, q: Any) -> Any:
    """What never happens counts nothing; what q holds for impossible counts without bound."""
    terms = op("where", op("eq", q, 0), math.inf, terms)
    return op("where", op("eq", p, 0), 0.0, terms)


def _of_bernoullis(op: Op, p: Get, q: Get) -> Any:
    def side(sign: str, chance: Callable[[Any], Any]) -> Any:
        logits = [op("neg", each("logits")) if sign == "-" else each("logits") for each in (q, p)]
        apart = op("sub", *[op("softplus", each) for each in logits])
        return _guarded(op, op("mul", chance(p("probs")), apart), chance(p("probs")), chance(q("probs")))

    return op("add", side("-", lambda x: x), side("+", lambda x: op("rsub", x, 1)))


def _of_categoricals(op: Op, p: Get, q: Get) -> Any:
    terms = op("mul", p("probs"), op("sub", p("logits"), q("logits")))
    return op("sum", _guarded(op, terms, p("probs"), q("probs")), -1)


DIVERGENCES: dict[str, Formula] = {
    "Normal": _of_normals,
    "Bernoulli": _of_bernoullis,
    "Categorical": _of_categoricals,
    "Gamma": of_gammas,
    "Beta": of_betas,
    "Exponential": of_exponentials,
}
"""By the name of both; of two names first the one, then the other."""


def _kl_divergence(runtime: Runtime, span: Span, p: Any, q: Any) -> Any:
    if all(type(each) is Instance and each.cls is INDEPENDENT for each in (p, q)) and _events(p) == _events(
        q
    ):
        return _whole(runtime, p, _kl_divergence(runtime, span, p.state["base"], q.state["base"]))
    both = [each.cls.name if type(each) is Instance else type_name(each) for each in (p, q)]
    formula = DIVERGENCES.get(both[0] if both[0] == both[1] else " ".join(both))
    if formula is None:
        message = f"No KL(p || q) is implemented for p type {both[0]} and q type {both[1]}"
        raise failure("NotImplementedError", message, span)
    return formula(partial(apply, runtime), *(getter(runtime, span, each) for each in (p, q)))


def module(name: str, members: dict[str, Any]) -> Namespace:
    """A module of `torch.distributions`."""
    return Namespace(f"torch.distributions.{name}", members, functions=False)


def in_modules(found: Sequence[ClassValue]) -> dict[str, Any]:
    """Distributions by name, and the modules that each of them is in."""
    return {each.name: each for each in found} | {
        each.name.lower(): module(each.name.lower(), {each.name: each}) for each in found
    }


_KL = Builtin("kl_divergence", _kl_divergence)
BASIC: dict[str, Any] = {
    "Distribution": DISTRIBUTION,
    **in_modules((NORMAL, UNIFORM, LAPLACE, EXPONENTIAL, BERNOULLI, CATEGORICAL, JOINT, *POSITIVE)),
    "Independent": INDEPENDENT,
    "MixtureSameFamily": MIXTURE,
    "kl_divergence": _KL,
    "kl": module("kl", {"kl_divergence": _KL}),
}
"""What `torch.distributions` has of these."""
