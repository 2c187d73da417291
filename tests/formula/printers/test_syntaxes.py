"""What each syntax makes of one formula, to the letter, and that the programs among them run."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.dom import minidom

import mpmath
import numpy as np
import pytest

import gradcli
from formula.syntaxes import available, compiled, python_values
from gradcli.formula.derivative import Derivative

LEAST_SQUARES = ("f = mean((X@w - y)**2)", {"X": "n,m", "w": "m", "y": "n"})


def derivative(program: str, wrt: str | None = None, **shapes: str) -> Derivative:
    """The formula of a program."""
    return gradcli.diff(program, wrt, shapes)


def test_the_length_of_a_slice_is_set_as_a_ceiling() -> None:
    found = derivative("f = mean(x[::3]**2)", x="n")
    assert found.latex.endswith(r"{\left\lceil \frac{n}{3} \right\rceil}")
    assert found.write("unicode").endswith("/⌈n/3⌉")


CASES = r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
CHAIN = r"\cos\left(\theta_{1}\right) \sin^{2}\left(\theta_{1}\right)"


@pytest.mark.parametrize(
    ("program", "shapes", "latex", "unicode"),
    [
        ("f = x**2/3", {}, r"\frac{\partial f}{\partial x} = \frac{2 x}{3}", "∂f/∂x = 2·x/3"),
        (
            "f = sin(theta_1)**3/3",
            {},
            r"\frac{\partial f}{\partial \theta_{1}} = " + CHAIN,
            "∂f/∂θ₁ = cos(θ₁)·sin²(θ₁)",
        ),
        (
            "f = sqrt(x_hat)",
            {},
            r"\frac{\partial f}{\partial \hat{x}} = \frac{1}{2 \sqrt{\hat{x}}}",
            "∂f/∂x̂ = 1/(2·√x̂)",
        ),
        (
            "f = exp(-lam/2)",
            {},
            r"\frac{\partial f}{\partial \lambda} = -\frac{e^{-\frac{\lambda}{2}}}{2}",
            "∂f/∂λ = −exp(−λ/2)/2",
        ),
        ("f = sum(x**2*x)", {"x": "n"}, r"\frac{\partial f}{\partial x} = 3 x^{2}", "∂f/∂x = 3·x²"),
        (
            "f = sum(x*sin(x))",
            {"x": "n"},
            r"\frac{\partial f}{\partial x} = x \odot \cos\left(x\right) + \sin\left(x\right)",
            "∂f/∂x = x ⊙ cos(x) + sin(x)",
        ),
        (
            "f = log(hypot(x, 2))",
            {},
            r"\frac{\partial f}{\partial x} = \frac{x}{x^{2} + 4}",
            "∂f/∂x = x/(x² + 4)",
        ),
        (
            "f = log(gamma(x))*2",
            {},
            r"\frac{\partial f}{\partial x} = 2 \psi\left(x\right)",
            "∂f/∂x = 2·ψ(x)",
        ),
        ("f = logdet(A)", {"A": "n,n"}, r"\frac{\partial f}{\partial A} = A^{-\top}", "∂f/∂A = A⁻ᵀ"),
        ("f = trace(A.T@A)", {"A": "n,n"}, r"\frac{\partial f}{\partial A} = 2 A", "∂f/∂A = 2·A"),
        ("f = sum(x)", {"x": "n"}, r"\frac{\partial f}{\partial x} = \mathbf{1}_{n}", "∂f/∂x = 𝟏ₙ"),
        (
            "f = relu(x)",
            {},
            r"\frac{\partial f}{\partial x} = " + CASES,
            "∂f/∂x = {1 if x > 0, else 0}",
        ),
    ],
)
def test_formulas_are_set_as_mathematicians_do(
    program: str, shapes: dict[str, str], latex: str, unicode: str
) -> None:
    found = derivative(program, None, **shapes)
    assert (found.latex, found.write("unicode")) == (latex, unicode)


@pytest.mark.parametrize(
    ("program", "wrt", "latex"),
    [
        ("f = a*s**5/r - 4*s**6/r**6", "s", r"\frac{5 a s^{4}}{r} - \frac{24 s^{5}}{r^{6}}"),
        ("f = x@A@x/(x@B@x)", "A", r"\frac{x x^{\top}}{x^{\top} B x}"),
        ("f = hypot(s, r)", "s", r"\frac{s}{\sqrt{s^{2} + r^{2}}}"),
        ("f = a*Ko*PK**2", "a", r"\mathrm{Ko} \, \mathrm{PK}^{2}"),
    ],
)
def test_latex_of_signs_rows_roots_and_words(program: str, wrt: str, latex: str) -> None:
    shapes = {"x": "n", "A": "n,n", "B": "n,n"} if "@" in program else {}
    assert gradcli.diff(program, wrt, shapes).latex.partition(" = ")[2] == latex


def test_a_notebook_shows_latex() -> None:
    found = derivative("f = x**2")
    assert found._repr_latex_() == rf"$\displaystyle {found.latex}$"


@pytest.mark.parametrize(
    ("program", "inputs", "expected"),
    [
        ("z = gamma(x)", {"x": -0.5}, [mpmath.diff(mpmath.gamma, -0.5)]),
        ("z = x % y", {"x": -7.5, "y": 2.0}, [1, 4]),
        ("z = sinc(x)", {"x": 0.3}, [mpmath.diff(mpmath.sincpi, 0.3)]),
        # x > 0 and y < 1, x > 0 or not y < 1, one of both: truth values, for which the bits are the same
        ("z = where((x > 0) & (y < 1), x**2*y, x)", {"x": 0.5, "y": 0.25}, [0.25, 0.25]),
        ("z = where((x > 0) | ~(y < 1), x**2*y, x)", {"x": -0.5, "y": 0.25}, [1, 0]),
        ("z = where(bitwise_xor(x > 0, y < 1), x**2*y, x)", {"x": -0.5, "y": 0.25}, [-0.25, 0.25]),
    ],
)
def test_functions_under_other_names_run(
    program: str, inputs: dict[str, float], expected: list[float], tmp_path: Path
) -> None:
    found = gradcli.diff(program)
    for syntax in {*available()} - {"jax"}:  # whose threads are in the way of tests that start processes
        values = (
            compiled([found], tmp_path)[0](inputs) if syntax == "c" else python_values(found, syntax, inputs)
        )
        assert [float(each) for each in values] == pytest.approx([float(each) for each in expected], rel=1e-9)


@pytest.mark.parametrize(
    ("program", "shapes", "question"),
    [
        ("f = sum(logcumsumexp(x, 0)**2)", {"x": "n"}, {}),
        ("f = sum(std(A @ A, 0)*x)", {"x": "n", "A": "n,n"}, {}),
        ("f = sum(roll(x, 1)**2)", {"x": "n"}, {"order": 2}),
        ("f = sinc(0.3)*x[0]", {"x": "n"}, {}),
        # a choice between whole numbers in a product of matrices
        ("f = sum((A @ relu(A @ x))**2)", {"x": "n", "A": "n,n"}, {"hessian": True, "wrt": "x"}),
    ],
)
def test_functions_of_arrays_run(
    program: str, shapes: dict[str, str], question: dict[str, Any], tmp_path: Path
) -> None:
    found = gradcli.diff(program, shapes=shapes, **question)
    inputs = {
        name: np.linspace(-0.7, 1.1, 3 ** len(dims.split(","))).reshape((3,) * len(dims.split(",")))
        for name, dims in shapes.items()
    }
    values = found(**inputs)
    right = list(values.values()) if isinstance(values, dict) else [values]
    for syntax in {*available()} - {"jax"}:
        ran = (
            compiled([found], tmp_path)[0](inputs) if syntax == "c" else python_values(found, syntax, inputs)
        )
        for one, other in zip(ran, right, strict=True):
            assert np.allclose(one, other, rtol=1e-10, atol=1e-12), syntax


def test_several_lines_are_aligned() -> None:
    assert derivative("f = x*y").latex == (
        "\\begin{aligned}\n"
        "\\frac{\\partial f}{\\partial x} &= y \\\\\n"
        "\\frac{\\partial f}{\\partial y} &= x\n"
        "\\end{aligned}"
    )


@pytest.mark.parametrize(
    ("program", "wrt", "shapes", "latex", "unicode"),
    [
        ("x**n", "n", {}, r"x^{n} \log\left(x\right)", "xⁿ·log(x)"),
        ("x**y**z", "z", {}, r"x^{y^{z}} \log\left(x\right) y^{z} \log\left(y\right)", None),
        ("2**x", "x", {}, r"2^{x} \log\left(2\right)", "2ˣ·log(2)"),
        ("3*x**(1/3)", "x", {}, r"\frac{1}{x^{2/3}}", "1/x^(2/3)"),
        ("4*sqrt(sqrt(x))", "x", {}, r"\frac{1}{x^{3/4}}", "1/x^(3/4)"),
        ("-x**2/2 - x", "x", {}, "-x - 1", "−x − 1"),
        ("sum((X@w)**2)/2", "X", {"X": "n,m", "w": "m"}, r"X w w^{\top}", "X·w·wᵀ"),
        ("sum((X@w - y)**2)", "X", {"X": "n,m", "w": "m", "y": "n"}, None, "2·(X·w − y)·wᵀ"),
        ("sum(relu(W@x))", "x", {"W": "m,n", "x": "n"}, r"W^{\top} \mathbf{1}\left[W x > 0\right]", None),
        ("max(x, y)", "y", {}, None, "{0 if y < x, 1/2 if x = y, else 1}"),
    ],
)
def test_formulas_read_as_those_of_books(
    program: str, wrt: str, shapes: dict[str, str], latex: str | None, unicode: str | None
) -> None:
    found = gradcli.diff(program, wrt, shapes, expand=True)
    if latex is not None:
        assert found.latex.partition(" = ")[2] == latex
    if unicode is not None:
        assert found.write("unicode").partition(" = ")[2] == unicode


def test_a_number_before_a_matrix_is_no_matrix_in_c() -> None:
    text = derivative("f = 3*sum((X@w - y)**2)", "w", X="n,m", w="m", y="n").write("c")
    assert "room(n)" in text
    assert "room(m*n)" not in text
    assert "= 6.0*" in text


def test_mathml_has_one_sign_between_terms() -> None:
    text = derivative("f = -x**2/2 - 2*x*y - x", "x").write("mathml")
    assert "<mo>+</mo>" not in text
    assert text.count("<mo>−</mo>") == 3


def test_mathml_has_room_between_names_of_several_letters() -> None:
    assert "<mi>y</mi><mo>&#x2062;</mo><mspace" in derivative("f = abs(x)*y", "x").write("mathml")
    assert "mspace" not in derivative("f = a*x*y", "x").write("mathml")


def test_mathml_is_xml() -> None:
    found = derivative("f = sum(where(x > 0, x**2/2, sin(x)))/theta_1", x="n").write("mathml")
    assert minidom.parseString(found).documentElement.tagName == "math"
    assert derivative("f = x**2/3").write("mathml") == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>'
        "<mfrac><mrow><mo>∂</mo><mi>f</mi></mrow><mrow><mo>∂</mo><mi>x</mi></mrow></mfrac><mo>=</mo>"
        "<mfrac><mrow><mn>2</mn><mo>&#x2062;</mo><mi>x</mi></mrow><mn>3</mn></mfrac></mrow></math>"
    )


def test_json_is_the_tree() -> None:
    assert derivative("f = sum(x**2)", x="n").write("json") == (
        '{"inputs": {"x": ["n"]}, "lines": [{"name": "df/dx", "of": "f", "wrt": ["x"], "shape": ["n"], '
        '"value": {"op": "mul", "args": [{"op": "number", "value": 2}, {"op": "symbol", "name": "x"}]}}]}'
    )


def test_a_function_for_numpy() -> None:
    program, shapes = LEAST_SQUARES
    assert derivative(program, "w", **shapes).write("numpy") == (
        '''def derivative(X, w, y):
    """df/dw

    Args:
        X: array [n, m]
        w: array [m]
        y: array [n]

    Returns:
        df/dw: [m]
    """
    n = X.shape[0]
    return 2*X.T @ (X@w - y)/n'''
    )


def test_pytorch_gets_numbers_of_its_dtype() -> None:
    text = derivative("f = sum(where(x > 0, 0.1*x, x))*log(2)", x="n").write("torch")
    assert text.startswith("import math\n\nimport torch\n\n\ndef derivative(x):")
    assert "torch.tensor(math.log(2), dtype=x.dtype)" in text
    assert "math.log(2)" in text
    text = derivative("f = x*hypot(lgamma(2.5), y)").write("torch")
    assert "torch.hypot(torch.lgamma(torch.tensor(5/2, dtype=x.dtype)), y)" in text
    text = derivative("f = where(cos(1.5) > 1/3, sin(x), x**3)").write("torch")
    assert "torch.where(torch.tensor(math.cos(3/2) > 1/3), torch.cos(x), 3*x**2)" in text
    text = derivative("f = where(cos(1.5) > 1/3, sin(x)*y, x**3 + y)").write("torch")
    assert "t1 = torch.tensor(math.cos(3/2) > 1/3)" in text


def test_a_function_for_c() -> None:
    program, shapes = LEAST_SQUARES
    text = derivative(program, "w", **shapes).write("c")
    parameters = "size_t n, size_t m, const double *X, const double *w, const double *y, double *df_dw"
    assert f"void derivative({parameters})" in text
    assert "X[i*m + j]*w[j]" in text
    assert derivative("f = x**2").write("c").endswith("double derivative(double x)\n{\n    return 2.0*x;\n}")


def test_names_that_c_has_taken_are_changed() -> None:
    assert "double derivative(double int_, double exp_)" in derivative("f = int*exp**2", "exp").write("c")
