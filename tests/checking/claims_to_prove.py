"""Claims for `--prove`: what is true all over a domain, and what is wrong somewhere in it, however small that
is.

Each is a program, a claim and a domain: `(low, high)` for all inputs, or one by name.
"""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, Any]

SIMPLE = (-3.0, 3.0)
POSITIVE = (0.1, 3.0)

TRUE: tuple[Row, ...] = (
    # What the laws of formulas show.
    ("z = (2*x)**2", "dz/dx = 8*x", SIMPLE),
    ("z = x**3 - 4*x", "dz/dx = 3*x**2 - 4", SIMPLE),
    ("z = sigmoid(x)", "dz/dx = z*(1 - z)", SIMPLE),
    ("z = tanh(x)", "dz/dx = 1 - z**2", SIMPLE),
    ("z = exp(x)*sin(x)", "dz/dx = exp(x)*(sin(x) + cos(x))", SIMPLE),
    ("z = log(x)", "dz/dx = 1/x", SIMPLE),
    ("z = sqrt(x)", "dz/dx = 1/(2*sqrt(x))", SIMPLE),
    ("z = 1/x", "dz/dx = -1/x**2", SIMPLE),
    ("z = x**w", "dz/dw = x**w*log(x)", {"x": (0.5, 3.0), "w": (-2.0, 2.0)}),
    ("z = x*y*w", "dz/dx = y*w", SIMPLE),
    ("z = x**2*w", "d2z/dxdw = 2*x", SIMPLE),
    ("z = sin(x*y)", "dz/dy = x*cos(x*y)", SIMPLE),
    ("z = exp(-x**2/2)", "d2z/dx2 = (x**2 - 1)*exp(-x**2/2)", SIMPLE),
    ("z = atan(x)", "dz/dx = 1/(1 + x**2)", SIMPLE),
    ("z = log(1 + x**2)", "dz/dx = 2*x/(1 + x**2)", SIMPLE),
    ("z = x*i0(x)", "dz/dx = i0(x) + x*i1(x)", SIMPLE),
    ("z = lgamma(x)", "dz/dx = digamma(x)", POSITIVE),
    ("z = sin(1e6*x)", "dz/dx = 1e6*cos(1e6*x)", SIMPLE),
    ("z = x", "dz/dx = 1", (-1e300, 1e300)),
    ("z = x**2", "dz/dx = 2*x", (-1e300, 1e300)),
    # What only enclosures show.
    ("z = sin(x)**2", "dz/dx = sin(2*x)", SIMPLE),
    ("z = cos(x)**2", "dz/dx = -sin(2*x)", SIMPLE),
    ("z = sin(x)*cos(x)", "dz/dx = cos(2*x)", SIMPLE),
    ("z = sin(x)**3", "dz/dx = 3*(cos(x) - cos(3*x))/4", SIMPLE),
    ("z = log(x**2)", "dz/dx = 2*exp(-log(x))", POSITIVE),
    ("z = log(x)", "dz/dx = exp(-log(x))", (0.0, 3.0)),
    ("z = tan(x)", "dz/dx = 1/cos(x)**2", SIMPLE),
    ("z = tanh(x)", "dz/dx = 1/cosh(x)**2", SIMPLE),
    ("z = tanh(x)", "dz/dx = 4/(exp(x) + exp(-x))**2", SIMPLE),
    ("z = sinh(x)", "dz/dx = (exp(x) + exp(-x))/2", SIMPLE),
    ("z = cosh(x)", "dz/dx = (exp(x) - exp(-x))/2", SIMPLE),
    ("z = sigmoid(x)", "dz/dx = 1/(4*cosh(x/2)**2)", SIMPLE),
    ("z = sigmoid(x)", "dz/dx = (1 - tanh(x/2)**2)/4", SIMPLE),
    ("z = softplus(x)", "dz/dx = (1 + tanh(x/2))/2", SIMPLE),
    ("z = log(1 + exp(x))", "dz/dx = 1/(1 + exp(-x))", SIMPLE),
    ("z = log(cosh(x))", "dz/dx = tanh(x)", SIMPLE),
    ("z = asinh(x)", "dz/dx = 1/sqrt(1 + x**2)", SIMPLE),
    ("z = asin(x)", "dz/dx = 1/sqrt(1 - x**2)", (-0.9, 0.9)),
    ("z = acos(x)", "dz/dx = -1/sqrt(1 - x**2)", (-0.9, 0.9)),
    ("z = acosh(x)", "dz/dx = 1/sqrt(x**2 - 1)", (1.1, 5.0)),
    ("z = atanh(x)", "dz/dx = 1/(1 - x**2)", (-0.9, 0.9)),
    ("z = log((1 + x)/(1 - x))/2", "dz/dx = 1/(1 - x**2)", (-0.9, 0.9)),
    ("z = atan(x) + atan(1/x)", "dz/dx = 0", POSITIVE),
    ("z = asin(x) + acos(x)", "dz/dx = 0", (-0.9, 0.9)),
    ("z = sin(x)**2 + cos(x)**2", "dz/dx = 0", SIMPLE),
    ("z = exp(log(x)*2.5)", "dz/dx = 2.5*x**1.5", POSITIVE),
    ("z = x**x", "dz/dx = exp(x*log(x))*(1 + log(x))", POSITIVE),
    ("z = 2**x", "dz/dx = exp(x*log(2))*log(2)", SIMPLE),
    ("z = sqrt(x**2 + 1) - 1", "dz/dx = x/sqrt(x*x + 1)", SIMPLE),
    ("z = (x + 1)**3", "dz/dx = 3*x**2 + 6*x + 3", SIMPLE),
    ("z = (x**2 - 1)**2", "dz/dx = 4*x*(x - 1)*(x + 1)", SIMPLE),
    ("z = sin(x)**2", "d2z/dx2 = 2*cos(2*x)", SIMPLE),
    ("z = sin(x)**2", "d3z/dx3 = -4*sin(2*x)", SIMPLE),
    ("z = erf(x)", "dz/dx = 2/sqrt(pi)*exp(-x*x)", SIMPLE),
    ("z = erf(x) + erfc(x)", "dz/dx = 0", SIMPLE),
    ("z = sin(x)/x", "dz/dx = cos(x)/x - sin(x)/x**2", POSITIVE),
    ("z = log10(x)", "dz/dx = 1/(x*log(10))", POSITIVE),
    ("z = log2(x**2 + 1)", "dz/dx = 2*x/((1 + x**2)*log(2))", SIMPLE),
    ("z = cos(50*x)**2", "dz/dx = -50*sin(100*x)", SIMPLE),
    ("z = sin(x)**2", "dz/dx = sin(2*x)", (1e6, 1e6 + 3)),
    # Several inputs.
    ("z = sin(x)*cos(y)", "dz/dx = (cos(x - y) + cos(x + y))/2", (-1.5, 1.5)),
    ("z = exp(x + y)", "dz/dx = exp(x)*exp(y)", (-1.0, 1.0)),
    ("z = log(x*y)", "dz/dx = exp(-log(x))", (1.0, 2.0)),
    ("z = (x + y)**2", "dz/dy = 2*x + 2*y", SIMPLE),
    ("z = atan2(y, x)", "dz/dy = x/(x**2 + y**2)", {"x": (1.0, 2.0), "y": (-1.0, 1.0)}),
    ("z = hypot(x, y)", "dz/dx = x/sqrt(x**2 + y**2)", {"x": POSITIVE, "y": POSITIVE}),
    ("z = logaddexp(x, y)", "dz/dx = exp(x)/(exp(x) + exp(y))", (-1.0, 1.0)),
    ("z = softmax(stack([x, y]), 0)[0]", "dz/dx = sigmoid(x - y)*sigmoid(y - x)", (-1.0, 1.0)),
    # Piecewise ones.
    ("z = relu(x)", "dz/dx = where(x > 0, 1, 0)", SIMPLE),
    ("z = relu(x)", "dz/dx = where(x >= 0, 1, 0)", SIMPLE),
    ("z = abs(x)", "dz/dx = sign(x)", SIMPLE),
    ("z = abs(x)", "dz/dx = x/abs(x)", SIMPLE),
    ("z = abs(x - 1)*x", "dz/dx = where(x > 1, 2*x - 1, 1 - 2*x)", SIMPLE),
    ("z = maximum(x, y)", "dz/dx = where(x > y, 1, 0)", SIMPLE),
    ("z = minimum(x**2, 1)", "dz/dx = where(abs(x) < 1, 2*x, 0)", SIMPLE),
    ("z = max(sin(x), cos(x))", "dz/dx = where(sin(x) > cos(x), cos(x), -sin(x))", SIMPLE),
    ("z = clamp(x, -1, 1)", "dz/dx = where(abs(x) <= 1, 1, 0)", SIMPLE),
    ("z = floor(x)", "dz/dx = 0", SIMPLE),
    ("z = x*floor(x)", "dz/dx = floor(x)", SIMPLE),
    ("z = x - floor(x)", "dz/dx = 1", SIMPLE),
    ("z = where(x > 0, log(x), 0)", "dz/dx = where(x > 0, 1/x, 0)", SIMPLE),
    ("z = leaky_relu(x, 0.1)", "dz/dx = where(x > 0, 1, 0.1)", SIMPLE),
    ("z = elu(x)", "dz/dx = where(x > 0, 1, exp(x))", SIMPLE),
    ("z = sqrt(x**2)", "dz/dx = sign(x)", SIMPLE),
    ("z = relu(x)**2", "dz/dx = 2*relu(x)", SIMPLE),
    ("z = remainder(x, 1)", "dz/dx = 1", SIMPLE),
    ("z = gelu(x)", "dz/dx = ndtr(x) + x*exp(-x*x/2)/sqrt(2*pi)", SIMPLE),
    ("z = silu(x)", "dz/dx = sigmoid(x)*(1 + x*(1 - sigmoid(x)))", SIMPLE),
)  # fmt: skip

BUMP = "exp(-((x - 1.234567)*1e6)**2)"

FALSE: tuple[Row, ...] = (
    # Wrong nearly everywhere.
    ("z = (2*x)**2", "dz/dx = 4*x", SIMPLE),
    ("z = x**3", "dz/dx = 3*x", SIMPLE),
    ("z = sin(x)", "dz/dx = -cos(x)", SIMPLE),
    ("z = cos(x)", "dz/dx = sin(x)", SIMPLE),
    ("z = exp(2*x)", "dz/dx = exp(2*x)", SIMPLE),
    ("z = log(x)", "dz/dx = 1/x**2", POSITIVE),
    ("z = sqrt(x)", "dz/dx = 1/sqrt(x)", POSITIVE),
    ("z = x*y", "dz/dx = x", SIMPLE),
    ("z = sigmoid(x)", "dz/dx = z*(1 + z)", SIMPLE),
    ("z = tanh(x)", "dz/dx = 1 - z", SIMPLE),
    ("z = x**2*w", "d2z/dxdw = 2*w", SIMPLE),
    ("z = atan(x)", "dz/dx = 1/(1 - x**2)", (-0.9, 0.9)),
    ("z = sin(x)**2", "dz/dx = 2*sin(2*x)", SIMPLE),
    ("z = erf(x)", "dz/dx = exp(-x*x)", SIMPLE),
    ("z = 1/x", "dz/dx = 1/x**2", POSITIVE),
    # Wrong by little.
    ("z = x**2", "dz/dx = 2.0000001*x", SIMPLE),
    ("z = sin(x)", "dz/dx = cos(x) + 1e-7", SIMPLE),
    ("z = exp(x)", "dz/dx = 1 + x + x**2/2 + x**3/6 + x**4/24", (-0.1, 0.1)),
    ("z = sin(x)", "dz/dx = 1 - x**2/2 + x**4/24 - x**6/720", (-0.5, 0.5)),
    ("z = log(1 + x)", "dz/dx = 1 - x + x**2 - x**3", (-0.05, 0.05)),
    ("z = erf(x)", "dz/dx = 1.1283791*exp(-x*x)", SIMPLE),
    ("z = 1e-20*x**2", "dz/dx = 3e-20*x", SIMPLE),
    # Wrong on a tiny part.
    *[
        (source, f"{claim} + {factor}*{BUMP}", domain)
        for source, claim, domain in (
            ("z = x**2", "dz/dx = 2*x", SIMPLE),
            ("z = sin(x)**2", "dz/dx = sin(2*x)", SIMPLE),
            ("z = exp(x)", "dz/dx = exp(x)", SIMPLE),
            ("z = log(x)", "dz/dx = 1/x", POSITIVE),
            ("z = tanh(x)", "dz/dx = 1/cosh(x)**2", SIMPLE),
        )
        for factor in ("1", "1e-3", "1e-6")
    ],
    *[
        ("z = x**2", f"dz/dx = where(abs(x - {at}) < {width}, 0, 2*x)", SIMPLE)
        for at in (0.7, -2.9999, 1.234567)
        for width in (1e-3, 1e-6, 1e-9)
    ],
    ("z = x**2", "dz/dx = where(x == 1.25, 0, 2*x)", SIMPLE),
    ("z = x**2", "dz/dx = 2*x + relu(x - 2.99999)", SIMPLE),
    ("z = x**2", "dz/dx = 2*x + 1e-3*(1 + tanh(1e6*(x - 2.9999)))", SIMPLE),
    ("z = x**2", "dz/dx = 2*x + relu(1e-6 - abs(x - 0.123))", SIMPLE),
    ("z = x**2", "dz/dx = 2*x*(1 + floor(x/2.99999)*(x > 0))", SIMPLE),
    ("z = sin(x)", "dz/dx = cos(x)*(1 + 1e-4/(1 + ((x - 1)*1e7)**2))", SIMPLE),
    ("z = x*y", "dz/dx = y + exp(-((x - 0.3)*1e3)**2 - ((y - 0.7)*1e3)**2)", (0.0, 1.0)),
    ("z = x*y", "dz/dx = where(hypot(x - 0.3, y - 0.7) < 1e-3, 0, y)", (0.0, 1.0)),
    ("z = x**2", "dz/dx = 2*x + exp(-((x - 1e-5)*1e7)**2)*1e-5", SIMPLE),
    # Of piecewise ones.
    ("z = abs(x)", "dz/dx = 1", SIMPLE),
    ("z = relu(x)", "dz/dx = where(x > 1e-6, 1, 0)", SIMPLE),
    ("z = relu(x)", "dz/dx = where(x > -1e-6, 1, 0)", SIMPLE),
    ("z = abs(x - 1)", "dz/dx = sign(x - 1.000001)", SIMPLE),
    ("z = maximum(x, y)", "dz/dx = where(x > y + 1e-3, 1, 0)", (0.0, 1.0)),
    ("z = clamp(x, -1, 1)", "dz/dx = where(abs(x) <= 1.00001, 1, 0)", SIMPLE),
    ("z = x*floor(x)", "dz/dx = floor(x + 1e-6)", SIMPLE),
    ("z = floor(x)", "dz/dx = 1", SIMPLE),
    ("z = minimum(x**2, 1)", "dz/dx = where(x < 1, 2*x, 0)", SIMPLE),
    # The claim has no value where there is a derivative.
    ("z = x**2/2", "dz/dx = sqrt(x)**2", SIMPLE),
    ("z = x**2/2", "dz/dx = exp(log(x))", SIMPLE),
    ("z = x**2", "dz/dx = 2*x + 0*log(x + 2.9999)", SIMPLE),
)  # fmt: skip
