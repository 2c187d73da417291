"""`torch.distributions`: the few that programs use, drawn with the evaluation's generator.

Each is a row of functions over its parameters, in the order in which PyTorch computes them. A distribution of
probabilities has its logits as well, which are computed when they are first asked for.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import failure
from gradcli.neural.making import REQUIRED, bound
from gradcli.neural.module import apply
from gradcli.tape import context
from gradcli.tape.primitives import cast
from gradcli.values.conversions import integer, listed, truth
from gradcli.values.formatting import represent, show, type_name
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Op = Callable[..., Any]
    """Calls a function of the table."""
    Get = Callable[[str], Any]
    """A parameter of a distribution by its name."""
    Formula = Callable[..., Any]

# ---- what every distribution does ----------------------------------------------------------------


def from_parameters(runtime: Runtime, values: list[Any], span: Span) -> list[Tensor]:
    """Numbers and tensors as tensors of one shape."""
    session = runtime.session
    tensors = [each if type(each) is Tensor else None for each in values]
    kind = next((each.dtype for each in tensors if each is not None), session.default_dtype)
    found = []
    for tensor, each in zip(tensors, values, strict=True):
        if tensor is None and type(each) not in (int, float, bool):
            message = "Input arguments must all be instances of Number, torch.Tensor or objects implementing "
            raise failure("ValueError", f"{message}__torch_function__, not {type_name(each)}", span)
        found.append(tensor if tensor is not None else session.leaf(np.asarray(each, kind)))
    return list(apply(runtime, "broadcast_tensors", *found)) if len(found) > 1 else found


def getter(runtime: Runtime, span: Span, made: Instance) -> Get:
    def get(name: str) -> Any:
        if name in made.state:
            return made.state[name]
        formula = made.cls.find("formulas").get(name)
        if formula is None and name == "stddev":
            return apply(runtime, "sqrt", get("variance"))
        if formula is None:
            raise failure("NotImplementedError", f"{made.cls.name} has no {name} here", span)
        if name not in made.cls.find("names"):
            return formula(partial(apply, runtime), get)
        with runtime.session.recorded(True):  # whoever asks first, others need its history
            made.state[name] = formula(partial(apply, runtime), get)
        return made.state[name]

    return get


def sizes(runtime: Runtime, given: Any, span: Span) -> tuple[int, ...]:
    """Sizes that a program gave, as they come."""
    return tuple(
        [integer(runtime, each, span, "a size must be an integer") for each in listed(runtime, given, span)]
    )


def first_parameter(made: Instance) -> Tensor:
    names = made.cls.find("names")
    chosen = ("probs", "logits") if "probs" in names else names
    first: Tensor = next(made.state[each] for each in chosen if each in made.state)
    return first


def batch_shape(made: Instance) -> tuple[int, ...]:
    """The shape of a distribution without that of one value."""
    if "batch" in made.state:  # of what is transformed
        found: tuple[int, ...] = made.state["batch"]
        return found
    shape = tuple(first_parameter(made).shape)
    return shape[:-1] if made.cls.find("rows") else shape


def event_shape(made: Instance) -> tuple[int, ...]:
    """The shape of one value."""
    if "event" in made.state:
        found: tuple[int, ...] = made.state["event"]
        return found
    return tuple(first_parameter(made).shape[-1:]) if made.cls.find("rows") == "events" else ()


def _drawing(name: str, recorded: bool) -> Any:
    def run(runtime: Runtime, span: Span, made: Instance, sample_shape: Any = ()) -> Any:
        formulas = made.cls.find("formulas")
        draw = formulas.get(name) or (None if recorded else formulas.get("rsample"))
        if draw is None:
            raise failure("NotImplementedError", f"{made.cls.name} has no {name}", span)
        with runtime.session.recorded(recorded and runtime.session.recording):
            get, count = getter(runtime, span, made), sizes(runtime, sample_shape, span)
            return draw(partial(apply, runtime), get, (*count, *batch_shape(made)), count)

    return Builtin(name, run)


def _computing(name: str) -> Builtin:
    """A method of one value."""

    def run(runtime: Runtime, span: Span, made: Instance, value: Any) -> Any:
        formula = made.cls.find("formulas").get(name)
        if formula is None:
            raise failure("NotImplementedError", f"{made.cls.name} has no {name} here", span)
        _check_value(runtime, span, made, value)
        return formula(partial(apply, runtime), getter(runtime, span, made), value)

    return Builtin(name, run)


def _entropy(runtime: Runtime, span: Span, made: Instance) -> Any:
    return getter(runtime, span, made)("entropy")


def _perplexity(runtime: Runtime, span: Span, made: Instance) -> Any:
    return apply(runtime, "exp", runtime.special(made, "entropy", span))


def _outcomes(runtime: Runtime, span: Span, made: Instance, expand: Any = True) -> Any:
    """All values that it can have, one after the other, for each of a batch."""
    listing = made.cls.find("formulas").get("outcomes")
    if listing is None:
        raise failure("NotImplementedError", f"{made.cls.name} does not list its values here", span)
    values = listing(partial(apply, runtime), getter(runtime, span, made))
    batch, event = batch_shape(made), event_shape(made)
    values = apply(runtime, "reshape", values, (values.shape[0], *[1] * len(batch), *event))
    if not truth(runtime, expand, span):
        return values
    return apply(runtime, "expand", values, (values.shape[0], *batch, *event))


def _has(formula: str) -> Decorated:
    return Decorated(
        "property", Builtin("has", lambda runtime, span, made: formula in made.cls.find("formulas"))
    )


def property_of(runtime: Runtime, span: Span, made: Instance, name: str) -> Any:
    """What a property of a distribution gives, whatever that is made of."""
    return made.cls.find(name).function.run(runtime, span, made)


def of_base(name: str) -> Decorated:
    """A property that is that of the distribution which this one is made of."""

    def run(runtime: Runtime, span: Span, made: Instance) -> Any:
        return property_of(runtime, span, made.attributes["base_dist"], name)

    return Decorated("property", Builtin(name, run))


def _expanded(runtime: Runtime, span: Span, made: Instance, shape: Any) -> Instance:
    """The same with parameters of a larger shape."""
    batch = sizes(runtime, shape, span)
    wider = Instance(made.cls)
    wider.state.update(made.state)
    for name in made.cls.find("names"):
        own = made.state.get(name)
        if type(own) is Tensor and name != "temperature":
            tail = own.shape[len(batch_shape(made)) :]
            wider.state[name] = apply(runtime, "expand", own, (*batch, *tail))
    return wider


def asked(name: str) -> Decorated:
    """A property that is a parameter, or follows from the parameters."""

    def run(runtime: Runtime, span: Span, made: Instance) -> Any:
        return getter(runtime, span, made)(name)

    return Decorated("property", Builtin(name, run))


def described(runtime: Runtime, span: Span, made: Instance) -> str:
    shown = []
    for name in made.cls.find("shown", made.cls.find("names")):
        if name in made.state:
            value = made.state[name]
            one = math.prod(value.shape) == 1
            shown.append(f"{name}: {_text(runtime, value) if one else represent(runtime, Size(value.shape))}")
    return f"{made.cls.name}({', '.join(shown)})"


def _text(runtime: Runtime, value: Tensor) -> str:
    return show(runtime, value) if value.shape else repr(runtime.session.numpy(value).item())


DISTRIBUTION = ClassValue(
    "Distribution",
    (),
    {
        "__repr__": Builtin("__repr__", described),
        "sample": _drawing("sample", False),
        "rsample": _drawing("rsample", True),
        "log_prob": _computing("log_prob"),
        "cdf": _computing("cdf"),
        "icdf": _computing("icdf"),
        "entropy": Builtin("entropy", _entropy),
        "perplexity": Builtin("perplexity", _perplexity),
        "enumerate_support": Builtin("enumerate_support", _outcomes),
        "has_rsample": _has("rsample"),
        "has_enumerate_support": _has("outcomes"),
        "expand": Builtin("expand", _expanded),
        **{name: asked(name) for name in ("mean", "mode", "stddev", "variance")},
        "param_shape": Decorated(
            "property",
            Builtin("param_shape", lambda runtime, span, made: Size(first_parameter(made).shape)),
        ),
        "batch_shape": Decorated(
            "property", Builtin("batch_shape", lambda runtime, span, made: Size(batch_shape(made)))
        ),
        "event_shape": Decorated(
            "property", Builtin("event_shape", lambda runtime, span, made: Size(event_shape(made)))
        ),
    },
    "torch.distributions.distribution.Distribution",
)


# ---- what parameters may be ----------------------------------------------------------------------

if TYPE_CHECKING:
    Constraint = Callable[[Runtime, Instance, Any], tuple[Any, str]]
    """Where an array keeps to it, and PyTorch's words for it."""


def positive(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    """What is positive."""
    return x > 0, "GreaterThan(lower_bound=0.0)"


def at_least_zero(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    """What may be 0 or positive."""
    return x >= 0, "GreaterThanEq(lower_bound=0.0)"


def _below_high(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    high = made.state["high"]
    return x < runtime.session.numpy(high), f"LessThan(upper_bound={_text(runtime, high)})"


def chance(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    """What lies between 0 and 1."""
    return (x >= 0) & (x <= 1), "Interval(lower_bound=0.0, upper_bound=1.0)"


def chances(runtime: Runtime, made: Instance, x: Any) -> tuple[Any, str]:
    """What lies between 0 and 1 and adds up to 1."""
    return (x >= 0) & (abs(x.sum(-1, keepdims=True) - 1) < 1e-6), "Simplex()"


def begin(runtime: Runtime, span: Span, made: Instance, validate_args: Any) -> None:
    """Checks the parameters, unless that isn't wanted."""
    made.state["validated"] = validate_args is None or truth(runtime, validate_args, span)
    for name, constraint in made.cls.find("constraints").items():
        if name not in made.state or not made.state["validated"]:
            continue
        value = made.state[name]
        holds, words = constraint(runtime, made, runtime.session.numpy(value))
        if not np.all(holds):
            message = (
                f"Expected parameter {name} (Tensor of shape {tuple(value.shape)!r}) of distribution "
                f"{described(runtime, span, made)} to satisfy the constraint {words}, but found invalid "
                f"values:\n{_text(runtime, value)}"
            )
            raise failure("ValueError", message, span)


def _check_value(runtime: Runtime, span: Span, made: Instance, value: Any) -> None:
    """Raises for a wrong shape: a look at the numbers would keep programs from being compiled."""
    if not made.state["validated"]:
        return
    if type(value) is not Tensor:
        raise failure("ValueError", "The value argument to log_prob must be a Tensor", span)
    shape, own = tuple(value.shape), (*batch_shape(made), *event_shape(made))
    if any(a != b and 1 not in (a, b) for a, b in zip(shape[::-1], own[::-1], strict=False)):
        both = " vs ".join(represent(runtime, Size(each)) for each in (shape, own))
        message = f"Value is not broadcastable with batch_shape+event_shape: {both}."
        raise failure("ValueError", message, span)


def distribution(
    name: str,
    names: tuple[str, ...],
    formulas: dict[str, Formula],
    constraints: dict[str, Constraint],
    defaults: dict[str, Any] | None = None,
) -> ClassValue:
    """A distribution with all of `names` as its parameters, some of which may have `defaults`."""
    settings = {**dict.fromkeys(names, REQUIRED), **(defaults or {}), "validate_args": None}

    def start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        tensors = from_parameters(runtime, [given[each] for each in names], span)
        made.state.update(zip(names, tensors, strict=True))
        begin(runtime, span, made, given["validate_args"])

    return distribution_class(name, start, names, formulas, constraints)


def distribution_class(
    name: str,
    start: Any,
    names: tuple[str, ...],
    formulas: dict[str, Formula],
    constraints: dict[str, Constraint],
) -> ClassValue:
    parameters = (*names, *[each for each in formulas if each not in DISTRIBUTION.members])
    members = {
        **{each: asked(each) for each in parameters},
        "__init__": Builtin(name, start),
        "names": names,
        "formulas": formulas,
        "constraints": constraints,
    }
    return ClassValue(name, (DISTRIBUTION,), members, f"torch.distributions.{name.lower()}.{name}")


# ---- over the real numbers -----------------------------------------------------------------------


def _normal_log_prob(op: Op, get: Get, value: Any) -> Any:
    variance = op("pow", get("scale"), 2)
    square = op("pow", op("sub", value, get("loc")), 2)
    terms = op("div", op("neg", square), op("mul", variance, 2))
    return op("sub", op("sub", terms, op("log", get("scale"))), math.log(math.sqrt(2 * math.pi)))


def noise(op: Op, get: Get, shape: tuple[int, ...]) -> Any:
    """Numbers of the standard normal distribution, of the dtype of `loc`."""
    kind = get("loc").dtype
    return op("normal", op("zeros", shape, dtype=kind), op("ones", shape, dtype=kind))


def _standard(op: Op, get: Get, shape: tuple[int, ...], count: Any) -> Any:
    return op("add", get("loc"), op("mul", noise(op, get, shape), get("scale")))


def _z(op: Op, get: Get, value: Any) -> Any:
    return op("div", op("mul", op("sub", value, get("loc")), op("reciprocal", get("scale"))), math.sqrt(2))


NORMAL = distribution(
    "Normal",
    ("loc", "scale"),
    {
        "sample": lambda op, get, shape, count: op(
            "normal", op("expand", get("loc"), shape), op("expand", get("scale"), shape)
        ),
        "rsample": _standard,
        "log_prob": _normal_log_prob,
        "cdf": lambda op, get, value: op("mul", op("add", op("erf", _z(op, get, value)), 1), 0.5),
        "icdf": lambda op, get, value: op(
            "add",
            get("loc"),
            op(
                "mul",
                op("mul", get("scale"), op("erfinv", op("sub", op("mul", value, 2), 1))),
                math.sqrt(2),
            ),
        ),
        "entropy": lambda op, get: op("add", op("log", get("scale")), 0.5 + 0.5 * math.log(2 * math.pi)),
        "mean": lambda op, get: get("loc"),
        "mode": lambda op, get: get("loc"),
        "stddev": lambda op, get: get("scale"),
        "variance": lambda op, get: op("pow", get("scale"), 2),
    },
    {"scale": positive},
)


def _width(op: Op, get: Get) -> Any:
    return op("sub", get("high"), get("low"))


def _uniform_log_prob(op: Op, get: Get, value: Any) -> Any:
    kind = get("low").dtype.name
    inside = op("logical_and", op("le", get("low"), value), op("gt", get("high"), value))
    return op(
        "sub",
        op("log", op("where", inside, 1.0, op("zeros", (), dtype=np.dtype(kind)))),
        op("log", _width(op, get)),
    )


UNIFORM = distribution(
    "Uniform",
    ("low", "high"),
    {
        "rsample": lambda op, get, shape, count: op(
            "add", get("low"), op("mul", op("rand", shape, dtype=get("low").dtype), _width(op, get))
        ),
        "log_prob": _uniform_log_prob,
        "cdf": lambda op, get, value: op(
            "clamp", op("div", op("sub", value, get("low")), _width(op, get)), 0, 1
        ),
        "icdf": lambda op, get, value: op("add", op("mul", value, _width(op, get)), get("low")),
        "mode": lambda op, get: op("mul", get("high"), math.nan),
        "entropy": lambda op, get: op("log", _width(op, get)),
        "mean": lambda op, get: op("div", op("add", get("high"), get("low")), 2),
        "variance": lambda op, get: op("div", op("pow", _width(op, get), 2), 12),
        "stddev": lambda op, get: op("div", _width(op, get), 12**0.5),
    },
    {"low": _below_high},
)


def _apart(op: Op, get: Get, value: Any) -> Any:
    """How far a value is from the middle, in scales, with its sign."""
    return op("div", op("sub", value, get("loc")), get("scale"))


def _laplace_at(op: Op, get: Get, u: Any) -> Any:
    """The place that belongs to a number between -1 and 1."""
    far = op("mul", op("mul", get("scale"), op("sign", u)), op("log1p", op("neg", op("abs", u))))
    return op("sub", get("loc"), far)


def _laplace_noise(op: Op, get: Get, shape: tuple[int, ...], count: Any) -> Any:
    kind = get("loc").dtype
    least = float(np.finfo(kind).eps) - 1
    return _laplace_at(op, get, op("add", op("mul", op("rand", shape, dtype=kind), 1 - least), least))


LAPLACE = distribution(
    "Laplace",
    ("loc", "scale"),
    {
        "rsample": _laplace_noise,
        "log_prob": lambda op, get, value: op(
            "sub", op("neg", op("log", op("mul", get("scale"), 2))), op("abs", _apart(op, get, value))
        ),
        "cdf": lambda op, get, value: op(
            "rsub",
            op(
                "mul",
                op(
                    "mul",
                    op("sign", op("sub", value, get("loc"))),
                    op("expm1", op("neg", op("abs", _apart(op, get, value)))),
                ),
                0.5,
            ),
            0.5,
        ),
        "icdf": lambda op, get, value: _laplace_at(op, get, op("sub", op("mul", value, 2), 1)),
        "entropy": lambda op, get: op("add", op("log", op("mul", get("scale"), 2)), 1),
        "mean": lambda op, get: get("loc"),
        "mode": lambda op, get: get("loc"),
        "variance": lambda op, get: op("mul", op("pow", get("scale"), 2), 2),
        "stddev": lambda op, get: op("mul", get("scale"), 2**0.5),
    },
    {"scale": positive},
)


# ---- over outcomes -------------------------------------------------------------------------------


def clamped(op: Op, probs: Any) -> Any:
    """Probabilities that have logarithms on both sides."""
    least = float(np.finfo(probs.dtype).eps)
    return op("clamp", probs, least, 1 - least)


def _cross_entropy(op: Op, logits: Any, probs: Any) -> Any:
    return op("binary_cross_entropy_with_logits", logits, probs, reduction="none")


def _bernoulli_log_prob(op: Op, get: Get, value: Any) -> Any:
    logits, chosen = op("broadcast_tensors", get("logits"), value)
    return op("neg", _cross_entropy(op, logits, chosen))


def _bernoulli_logits(op: Op, get: Get) -> Any:
    probs = clamped(op, get("probs"))
    return op("sub", op("log", probs), op("log1p", op("neg", probs)))


BERNOULLI_FORMULAS: dict[str, Formula] = {
    "probs": lambda op, get: op("sigmoid", get("logits")),
    "logits": _bernoulli_logits,
    "sample": lambda op, get, shape, count: op("bernoulli", op("expand", get("probs"), shape)),
    "log_prob": _bernoulli_log_prob,
    "entropy": lambda op, get: _cross_entropy(op, get("logits"), get("probs")),
    "mean": lambda op, get: get("probs"),
    "mode": lambda op, get: op(
        "where", op("eq", get("probs"), 0.5), math.nan, op("mul", op("ge", get("probs"), 0.5), 1.0)
    ),
    "variance": lambda op, get: op("mul", get("probs"), op("rsub", get("probs"), 1)),
    "outcomes": lambda op, get: op("arange", 2, dtype=get("probs").dtype),
}


def _categorical_sample(op: Op, get: Get, shape: tuple[int, ...], count: tuple[int, ...]) -> Any:
    probs = get("probs")
    rows = op("reshape", probs, (-1, probs.shape[-1]))
    return op("reshape", op("t", op("multinomial", rows, math.prod(count), True)), shape)


def _categorical_log_prob(op: Op, get: Get, value: Any) -> Any:
    places = op("unsqueeze", value, -1)
    places, logits = op("broadcast_tensors", places, get("logits"))
    return op("squeeze", op("gather", logits, -1, op("narrow", places, -1, 0, 1)), -1)


def _categorical_entropy(op: Op, get: Get) -> Any:
    logits = op("clamp", get("logits"), min=float(np.finfo(get("logits").dtype).min))
    return op("neg", op("sum", op("mul", logits, get("probs")), -1))


CATEGORICAL_FORMULAS: dict[str, Formula] = {
    "probs": lambda op, get: op("softmax", get("logits"), -1),
    "logits": lambda op, get: op("log", clamped(op, get("probs"))),
    "sample": _categorical_sample,
    "log_prob": _categorical_log_prob,
    "entropy": _categorical_entropy,
    "mode": lambda op, get: op("argmax", get("probs"), -1),
    "outcomes": lambda op, get: op("arange", get("probs").shape[-1]),
}


def of_outcomes(
    name: str,
    formulas: dict[str, Formula],
    constraints: dict[str, Constraint],
    before: dict[str, Any] | None = None,
    rows: str = "",
) -> ClassValue:
    """A distribution of probabilities, or of their logits, `before` which stand others with their defaults.

    `rows` says what the last dim of probabilities is, which are normalised then: "chances" or "events".
    """
    others = before or {}
    settings = {**others, "probs": None, "logits": None, "validate_args": None}

    def start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        probs, logits = given["probs"], given["logits"]
        if (probs is None) is (logits is None):
            message = "Either `probs` or `logits` must be specified, but not both."
            raise failure("ValueError", message, span)
        which = "logits" if probs is None else "probs"
        own = [given[each] for each in others]
        if rows:
            (tensor,) = from_parameters(runtime, [given[which]], span)
            if not tensor.shape:
                message = f"`{which}` parameter must be at least one-dimensional."
                raise failure("ValueError", message, span)
            op = partial(apply, runtime)
            whole = op("sum", tensor, -1, True) if probs is not None else op("logsumexp", tensor, -1, True)
            tensor = op("div" if probs is not None else "sub", tensor, whole)
        else:
            tensor, *own = from_parameters(runtime, [given[which], *own], span)
            own = [Tensor(cast(each.node, tensor.dtype)) for each in own]
        made.state.update({which: tensor, **dict(zip(others, own, strict=True))})
        begin(runtime, span, made, given["validate_args"])

    made = distribution_class(name, start, (*others, "probs", "logits"), formulas, constraints)
    made.members["rows"] = rows
    return made


BERNOULLI = of_outcomes("Bernoulli", BERNOULLI_FORMULAS, {"probs": chance})
CATEGORICAL = of_outcomes("Categorical", CATEGORICAL_FORMULAS, {"probs": chances}, rows="chances")

EXPONENTIAL = distribution(
    "Exponential",
    ("rate",),
    {
        "rsample": lambda op, get, shape, count: op(
            "div", context.current().generator.exponential(shape, get("rate").dtype), get("rate")
        ),
        "log_prob": lambda op, get, value: op("sub", op("log", get("rate")), op("mul", get("rate"), value)),
        "cdf": lambda op, get, value: op("rsub", op("exp", op("mul", op("neg", get("rate")), value)), 1),
        "icdf": lambda op, get, value: op("div", op("neg", op("log1p", op("neg", value))), get("rate")),
        "mode": lambda op, get: op("mul", get("rate"), 0.0),
        "entropy": lambda op, get: op("rsub", op("log", get("rate")), 1.0),
        "mean": lambda op, get: op("reciprocal", get("rate")),
        "stddev": lambda op, get: op("reciprocal", get("rate")),
        "variance": lambda op, get: op("pow", get("rate"), -2),
    },
    {"rate": positive},
)
