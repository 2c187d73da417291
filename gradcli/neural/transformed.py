"""`torch.distributions.transforms`, and what is drawn and then transformed: rows of formulas.

A transform has formulas for what it makes of a number, for the way back and for the logarithm of its slope; a
program's own has methods of these names.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import failure
from gradcli.neural.distributions import (
    DISTRIBUTION,
    distribution,
    of_base,
    property_of,
    sizes,
)
from gradcli.neural.joint_distributions import INDEPENDENT
from gradcli.neural.making import REQUIRED, bound
from gradcli.neural.module import apply
from gradcli.neural.terms import Quantity, formula
from gradcli.tape.promote import broadcast
from gradcli.values.formatting import show, type_name
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.neural.distributions import Constraint
    from gradcli.values.runtime import Runtime

# ---- constraints ---------------------------------------------------------------------------------

_CONSTRAINT = ClassValue(
    "Constraint",
    (),
    {"__repr__": Builtin("__repr__", lambda runtime, span, made: made.state["shown"])},
    "torch.distributions.constraints.Constraint",
)


def _constraint(shown: str, event_dim: int = 0) -> Instance:
    made = Instance(_CONSTRAINT)
    made.state["shown"] = shown
    made.attributes["event_dim"] = event_dim
    return made


CONSTRAINTS = Namespace(
    "torch.distributions.constraints",
    {
        "Constraint": _CONSTRAINT,
        "real": _constraint("Real()"),
        "positive": _constraint("GreaterThan(lower_bound=0.0)"),
        "nonnegative": _constraint("GreaterThanEq(lower_bound=0.0)"),
        "unit_interval": _constraint("Interval(lower_bound=0.0, upper_bound=1.0)"),
        "boolean": _constraint("Boolean()"),
        "nonnegative_integer": _constraint("IntegerGreaterThan(lower_bound=0)"),
        "positive_integer": _constraint("IntegerGreaterThan(lower_bound=1)"),
        "simplex": _constraint("Simplex()", 1),
        "real_vector": _constraint("IndependentConstraint(Real(), 1)", 1),
        "positive_definite": _constraint("PositiveDefinite()", 2),
        "lower_cholesky": _constraint("LowerCholesky()", 2),
    },
    functions=False,
)

# ---- transforms ----------------------------------------------------------------------------------


def _through(name: str, runtime: Runtime, span: Span, made: Instance, *values: Any) -> Any:
    """What the formula of that name makes of tensors."""
    for each in values:
        if type(each) is not Tensor:
            raise failure("AttributeError", f"a tensor is transformed, not {type_name(each)}", span)
    return made.cls.find("formulas")[name](partial(apply, runtime), made.state.__getitem__, *values)


_THROUGH: dict[str, Callable[..., Any]] = {
    "_call": lambda runtime, span, made, x: _through("_call", runtime, span, made, x),
    "_inverse": lambda runtime, span, made, y: _through("_inverse", runtime, span, made, y),
    "log_abs_det_jacobian": lambda runtime, span, made, x, y: _through(
        "log_abs_det_jacobian", runtime, span, made, x, y
    ),
}
"""The methods of a transform by its formulas."""


def _called(runtime: Runtime, span: Span, made: Instance, x: Any) -> Any:
    return runtime.special(made, "_call", span, x)


def inverse_of(made: Instance) -> Instance:
    """The way back of a transform."""
    if made.cls is _INVERSE:
        way: Instance = made.state["of"]
        return way
    if made.cls is COMPOSED:
        parts = [inverse_of(each) for each in reversed(made.attributes["parts"])]
        back = Instance(COMPOSED)
        back.attributes["parts"] = parts
        return back
    back = Instance(_INVERSE)
    back.state["of"] = made
    return back


def _unsigned(runtime: Runtime, span: Span, made: Instance) -> Any:
    raise failure("NotImplementedError", f"{made.cls.name} has no sign", span)


def _sign(runtime: Runtime, span: Span, made: Instance) -> Any:
    """Whether a transform grows, 1, or falls, -1: of a program's own what it says."""
    found = made.attributes.get("sign", made.cls.find("sign"))
    return runtime.call(found.function, (made,), {}, span) if type(found) is Decorated else found


def _product_of_signs(runtime: Runtime, span: Span, made: Instance) -> Any:
    product: Any = 1
    for each in made.attributes["parts"]:
        sign = _sign(runtime, span, each)
        numbers = type(product) is int and type(sign) is int
        product = product * sign if numbers else runtime.session.operate("*", product, sign)
    return product


def _property(name: str, run: Callable[..., Any]) -> Decorated:
    return Decorated("property", Builtin(name, run))


TRANSFORM = ClassValue(
    "Transform",
    (),
    {
        "__init__": Builtin("Transform", lambda runtime, span, made, cache_size=0: None),
        "__call__": Builtin("__call__", _called),
        "inv": _property("inv", lambda runtime, span, made: inverse_of(made)),
        "sign": _property("sign", _unsigned),
        "__repr__": Builtin("__repr__", lambda runtime, span, made: f"{made.cls.name}()"),
        "dims": None,
    },
    "torch.distributions.transforms.Transform",
)
_INVERSE = ClassValue(
    "_InverseTransform",
    (TRANSFORM,),
    {
        "_call": Builtin(
            "_call", lambda runtime, span, made, y: runtime.special(made.state["of"], "_inverse", span, y)
        ),
        "_inverse": Builtin(
            "_inverse", lambda runtime, span, made, x: runtime.special(made.state["of"], "_call", span, x)
        ),
        "log_abs_det_jacobian": Builtin(
            "log_abs_det_jacobian",
            lambda runtime, span, made, x, y: apply(
                runtime, "neg", runtime.special(made.state["of"], "log_abs_det_jacobian", span, y, x)
            ),
        ),
        "sign": _property("sign", lambda runtime, span, made: _sign(runtime, span, made.state["of"])),
    },
    "torch.distributions.transforms._InverseTransform",
)


def _transform(
    name: str,
    call: Callable[..., Any],
    inverse: Callable[..., Any],
    slope: Callable[..., Any],
    names: dict[str, Any] | None = None,
    dims: tuple[int, int] = (0, 0),
    sign: Callable[..., Any] | int | None = 1,
) -> ClassValue:
    """A transform by its formulas; `names` are its parameters with their defaults."""
    settings = {**(names or {}), "cache_size": 0}

    def start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        made.state.update(given)
        made.attributes.update({each: given[each] for each in names or ()})

    members: dict[str, Any] = {
        "__init__": Builtin(name, start),
        "formulas": {
            "_call": formula(call),
            "_inverse": formula(inverse),
            "log_abs_det_jacobian": formula(slope),
        },
        **{each: Builtin(each, run) for each, run in _THROUGH.items()},
        "dims": dims,
    }
    if callable(sign):
        members["formulas"]["sign"] = formula(sign)
        members["sign"] = _property("sign", partial(_through, "sign"))
    elif sign is not None:
        members["sign"] = sign
    return ClassValue(name, (TRANSFORM,), members, f"torch.distributions.transforms.{name}")


def _inside(x: Any) -> Any:
    """Between 0 and 1, so that it has logarithms on both sides."""
    limits = np.finfo(x.dtype)
    return x.clamp(float(limits.tiny), 1.0 - float(limits.eps))


def _affine_slope(t: Any, x: Any, y: Any) -> Any:
    known = isinstance(t.scale, (int, float))
    found = x.full_like(math.log(abs(t.scale))) if known else t.scale.abs().log()
    shape, events = x.shape, t.event_dim
    if events:
        found = found.reshape((*found.shape[: len(found.shape) - events], -1)).sum(-1)
        shape = shape[: len(shape) - events]
    return found.expand(shape)


def _stick(t: Any, x: Any) -> Any:
    count = x.shape[-1]
    z = _inside((x - _counted(t, x, count).log()).sigmoid())
    rest = (1 - z).cumprod(-1)
    return z.call("pad", [0, 1], value=1) * rest.call("pad", [1, 0], value=1)


def _counted(t: Any, x: Any, count: int) -> Any:
    """From `count` down to 1."""
    return count + 1 - t.made("ones", count, dtype=x.dtype).cumsum(-1)


def _unstick(t: Any, y: Any) -> Any:
    count = y.shape[-1] - 1
    parts = y.narrow(-1, 0, count)
    rest = (1 - parts.cumsum(-1)).clamp(min=float(np.finfo(y.dtype).tiny))
    return parts.log() - rest.log() + _counted(t, y, count).log()


def _stick_slope(t: Any, x: Any, y: Any) -> Any:
    count = x.shape[-1]
    at = x - _counted(t, x, count).log()
    return (-at + at.logsigmoid() + y.narrow(-1, 0, count).log()).sum(-1)


def _softmax(t: Any, x: Any) -> Any:
    shares = (x - x.amax(-1, True)).exp()
    return shares / shares.sum(-1, True)


def _exponent(t: Any) -> Any:
    """A tensor also of a number."""
    return t.exponent if type(t.exponent) is Quantity else t.made("full", (), float(t.exponent))


EXP = _transform("ExpTransform", lambda t, x: x.exp(), lambda t, y: y.log(), lambda t, x, y: x)
AFFINE = _transform(
    "AffineTransform",
    lambda t, x: x * t.scale + t.loc,
    lambda t, y: (y - t.loc) / t.scale,
    _affine_slope,
    {"loc": REQUIRED, "scale": REQUIRED, "event_dim": 0},
    sign=lambda t: t.scale.sign() if type(t.scale) is Quantity else int(np.sign(t.scale)),
)
POWER = _transform(
    "PowerTransform",
    lambda t, x: x ** _exponent(t),
    lambda t, y: y ** (1 / _exponent(t)),
    lambda t, x, y: (y * _exponent(t) / x).abs().log(),
    {"exponent": REQUIRED},
    sign=lambda t: _exponent(t).sign(),
)
SIGMOID = _transform(
    "SigmoidTransform",
    lambda t, x: _inside(x.sigmoid()),
    lambda t, y: _inside(y).log() - (-_inside(y)).log1p(),
    lambda t, x, y: -(-x).softplus() - x.softplus(),
)
ABS = _transform("AbsTransform", lambda t, x: x.abs(), lambda t, y: y, lambda t, x, y: x * 0, sign=None)
STICK = _transform("StickBreakingTransform", _stick, _unstick, _stick_slope, dims=(1, 1), sign=None)
_ROWS = (
    EXP,
    AFFINE,
    POWER,
    SIGMOID,
    ABS,
    STICK,
    _transform(
        "SoftplusTransform",
        lambda t, x: x.softplus(),
        lambda t, y: (-y).expm1().neg().log() + y,
        lambda t, x, y: -(-x).softplus(),
    ),
    _transform(
        "TanhTransform",
        lambda t, x: x.tanh(),
        lambda t, y: y.atanh(),
        lambda t, x, y: (math.log(2.0) - x - (x * -2.0).softplus()) * 2.0,
    ),
    _transform(
        "SoftmaxTransform", _softmax, lambda t, y: y.log(), lambda t, x, y: x * 0, dims=(1, 1), sign=None
    ),
)


def _composed(runtime: Runtime, span: Span, made: Instance, parts: Any, cache_size: Any = 0) -> None:
    made.attributes["parts"] = list(parts)


def _chain(back: bool) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, x: Any) -> Any:
        parts = made.attributes["parts"]
        for each in reversed(parts) if back else parts:
            x = runtime.special(each, "_inverse" if back else "_call", span, x)
        return x

    return Builtin("_inverse" if back else "_call", run)


def _summed(runtime: Runtime, value: Any, count: int) -> Any:
    """Over so many dims at the end, as one."""
    if not count:
        return value
    shape = (*value.shape[: len(value.shape) - count], -1)
    return apply(runtime, "sum", apply(runtime, "reshape", value, shape), -1)


def _slopes(runtime: Runtime, span: Span, made: Instance, x: Any, y: Any) -> Any:
    found, events = None, dims_of(made)[0]
    for each in made.attributes["parts"]:
        after = runtime.special(each, "_call", span, x)
        before_dims, after_dims = dims_of(each)
        slope = runtime.special(each, "log_abs_det_jacobian", span, x, after)
        slope = _summed(runtime, slope, events - before_dims)
        found = slope if found is None else apply(runtime, "add", found, slope)
        x, events = after, events + after_dims - before_dims
    return apply(runtime, "zeros_like", x) if found is None else found


COMPOSED = ClassValue(
    "ComposeTransform",
    (TRANSFORM,),
    {
        "__init__": Builtin("ComposeTransform", _composed),
        "_call": _chain(False),
        "_inverse": _chain(True),
        "log_abs_det_jacobian": Builtin("log_abs_det_jacobian", _slopes),
        "sign": _property("sign", _product_of_signs),
    },
    "torch.distributions.transforms.ComposeTransform",
)


def dims_of(transform: Instance) -> tuple[int, int]:
    """How many dims at the end a transform works on as one, and how many of its result are one."""
    if transform.cls is _INVERSE:
        before, after = dims_of(transform.state["of"])
        return after, before
    if transform.cls is COMPOSED:
        each = [dims_of(part) for part in transform.attributes["parts"]]
        if not each:
            return 0, 0
        before, after = each[-1][1], each[0][0]
        for start, end in reversed(each):
            before = max(before + start - end, start)
        for start, end in each:
            after = max(after + end - start, end)
        return before, after
    if "event_dim" in transform.state:
        return transform.state["event_dim"], transform.state["event_dim"]
    found = transform.cls.find("dims")
    if found is None:
        found = [transform.cls.find(name) for name in ("domain", "codomain")]
        found = [each.attributes["event_dim"] if type(each) is Instance else 0 for each in found]
    return found[0], found[1]


def _shape_after(transform: Instance, shape: tuple[int, ...], back: bool = False) -> tuple[int, ...]:
    """The shape of what a transform makes of a shape, or of what it makes that of."""
    if transform.cls is _INVERSE:
        return _shape_after(transform.state["of"], shape, not back)
    parts = transform.attributes.get("parts", ()) if transform.cls is COMPOSED else ()
    for each in reversed(parts) if back else parts:
        shape = _shape_after(each, shape, back)
    if transform.cls is STICK:
        return (*shape[:-1], shape[-1] + (-1 if back else 1))
    own = [tuple(each.shape) for each in transform.state.values() if type(each) is Tensor]
    return broadcast(tuple(shape), *own)


# ---- what is drawn and transformed ---------------------------------------------------------------


def _begin_transformed(
    runtime: Runtime,
    span: Span,
    made: Instance,
    base_distribution: Any,
    transforms: Any,
    validate_args: Any = None,
) -> None:
    parts = transforms if isinstance(transforms, list) else [transforms]
    if not all(type(each) is Instance and each.cls.inherits(TRANSFORM) for each in parts):
        message = (
            "transforms must be a Transform or a list of Transforms"
            if isinstance(transforms, list)
            else f"transforms must be a Transform or list, but was {show(runtime, transforms)}"
        )
        raise failure("ValueError", message, span)
    base = base_distribution
    if type(base) is not Instance or not base.cls.inherits(DISTRIBUTION):
        raise failure("TypeError", f"a distribution is transformed, not {type_name(base)}", span)
    whole = Instance(COMPOSED)
    whole.attributes["parts"] = parts
    events = len(property_of(runtime, span, base, "event_shape"))
    shape = (
        *property_of(runtime, span, base, "batch_shape"),
        *property_of(runtime, span, base, "event_shape"),
    )
    before, after = dims_of(whole)
    if len(shape) < before:
        message = (
            f"base_distribution needs to have shape with size at least {before}, but got "
            f"torch.Size({list(shape)})."
        )
        raise failure("ValueError", message, span)
    forward = _shape_after(whole, shape)
    wider = _shape_after(whole, forward, True)
    if wider != shape:
        base = runtime.special(base, "expand", span, wider[: len(wider) - events])
    if before > events:
        base = runtime.call(INDEPENDENT, (base, before - events), {}, span)
    cut = len(forward) - max(after, events + after - before)
    made.state.update(whole=whole, batch=forward[:cut], event=forward[cut:])
    made.attributes.update(base_dist=base, transforms=parts)


def _drawn(name: str) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, sample_shape: Any = ()) -> Any:
        with runtime.session.recorded(name == "rsample" and runtime.session.recording):
            x = runtime.special(made.attributes["base_dist"], name, span, sample_shape)
            return runtime.special(made.state["whole"], "_call", span, x)

    return Builtin(name, run)


def _log_prob(runtime: Runtime, span: Span, made: Instance, value: Any) -> Any:
    base, found = made.attributes["base_dist"], 0.0
    events = len(made.state["event"])
    for each in reversed(made.attributes["transforms"]):
        x = runtime.special(each, "_inverse", span, value)
        before, after = dims_of(each)
        events += before - after
        slope = runtime.special(each, "log_abs_det_jacobian", span, x, value)
        slope = _summed(runtime, slope, events - before)
        found = runtime.session.operate("-", found, slope)
        value = x
    inner = runtime.special(base, "log_prob", span, value)
    inner = _summed(runtime, inner, events - len(property_of(runtime, span, base, "event_shape")))
    return apply(runtime, "add", inner, found)


def _cumulated(back: bool) -> Builtin:
    name = "icdf" if back else "cdf"

    def run(runtime: Runtime, span: Span, made: Instance, value: Any) -> Any:
        base, whole = made.attributes["base_dist"], made.state["whole"]
        if not back:
            value = runtime.special(whole, "_inverse", span, value)
            value = runtime.special(base, name, span, value)
        sign, operate = _product_of_signs(runtime, span, whole), runtime.session.operate
        if type(sign) is Tensor or sign != 1:
            value = operate("+", operate("*", sign, operate("-", value, 0.5)), 0.5)
        if back:
            value = runtime.special(base, name, span, value)
            value = runtime.special(whole, "_call", span, value)
        return value

    return Builtin(name, run)


def _expanded(runtime: Runtime, span: Span, made: Instance, batch_shape: Any) -> Instance:
    """The same of a larger shape: so is what it is made of, and its parameters."""
    batch, base = sizes(runtime, batch_shape, span), made.attributes["base_dist"]
    shape = _shape_after(made.state["whole"], (*batch, *made.state["event"]), True)
    outer = shape[: len(shape) - len(property_of(runtime, span, base, "event_shape"))]
    wider = Instance(made.cls)
    wider.state.update(made.state, batch=batch)
    wider.attributes.update(made.attributes, base_dist=runtime.special(base, "expand", span, outer))
    for name in made.cls.find("names"):
        if type(made.state.get(name)) is Tensor and name != "temperature":
            wider.state[name] = apply(runtime, "expand", made.state[name], shape)
    return wider


TRANSFORMED = ClassValue(
    "TransformedDistribution",
    (DISTRIBUTION,),
    {
        "__init__": Builtin("TransformedDistribution", _begin_transformed),
        "__repr__": Builtin("__repr__", lambda runtime, span, made: f"{made.cls.name}()"),
        "sample": _drawn("sample"),
        "rsample": _drawn("rsample"),
        "has_rsample": of_base("has_rsample"),
        "log_prob": Builtin("log_prob", _log_prob),
        "cdf": _cumulated(False),
        "icdf": _cumulated(True),
        "expand": Builtin("expand", _expanded),
        "names": (),
        "formulas": {},
        "constraints": {},
    },
    "torch.distributions.transformed_distribution.TransformedDistribution",
)


def transformed(
    name: str,
    names: tuple[str, ...],
    made_of: Callable[..., tuple[Any, list[Any]]],
    formulas: dict[str, Callable[..., Any]],
    constraints: dict[str, Constraint] | None = None,
    shown: bool = True,
) -> ClassValue:
    """Another one transformed: `made_of(make, op, parameters)` gives that one and the transforms."""
    written = {key: formula(each) for key, each in formulas.items()}
    cls = distribution(name, names, written, constraints or {})
    begin = cls.members["__init__"].run

    def start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
        begin(runtime, span, made, *values, **named)

        def make(cls: ClassValue, *given: Any) -> Any:
            return runtime.call(cls, given, {}, span)

        base, parts = made_of(make, partial(apply, runtime), *[made.state[each] for each in names])
        _begin_transformed(runtime, span, made, base, parts)

    own: dict[str, Any] = {
        key: cls.find(key) for key in ("log_prob", "cdf", "icdf", "entropy") if key in formulas
    }
    members: dict[str, Any] = {**cls.members, **own, "__init__": Builtin(name, start)}
    if shown:
        members["__repr__"] = DISTRIBUTION.members["__repr__"]
    return ClassValue(name, (TRANSFORMED,), members, cls.path)


TRANSFORMS: dict[str, ClassValue] = {each.name: each for each in (TRANSFORM, COMPOSED, *_ROWS)}
"""What `torch.distributions.transforms` has."""
