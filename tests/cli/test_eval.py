"""`gradcli eval`: whole outputs, to the letter."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import Gradcli

PROGRAM = "y=2*x; z=y**2"
PLAIN = "x = 1.0\ny = 2.0\nz = 4.0\ndz/dx = 8.0\n"


def node(grad_fn: str | None) -> dict[str, Any]:
    leaf = grad_fn is None
    return {"shape": [], "dtype": "float64", "requires_grad": True, "is_leaf": leaf, "grad_fn": grad_fn}


def answer(source: str) -> dict[str, Any]:
    """The JSON object of PROGRAM at x = 1."""
    return {
        "ok": True,
        "source": source,
        "roots": ["z"],
        "values": {"x": 1.0, "y": 2.0, "z": 4.0},
        "grads": {"x": 8.0},
        "nodes": {"x": node(None), "y": node("MulBackward0"), "z": node("PowBackward0")},
        "printed": [],
    }


def test_plain(gradcli: Gradcli) -> None:
    ran = gradcli("eval", PROGRAM, "--set", "x=1")
    assert (ran.status, ran.out, ran.err) == (0, PLAIN, "")


def test_json(gradcli: Gradcli) -> None:
    ran = gradcli("eval", PROGRAM, "--set", "x=1", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.object == answer("<arg 1>")


def test_the_same_program_from_anywhere_gives_the_same(gradcli: Gradcli) -> None:
    Path("model.grad").write_text("y = 2*x\nz = y**2\n")
    Path("model.txt").write_text(PROGRAM)
    options = ["-s", "x=1", "--json"]
    assert gradcli("eval", "model.grad", *options).object == answer("model.grad")
    assert gradcli("eval", "-f", "model.txt", *options).object == answer("model.txt")
    assert gradcli("eval", *options, stdin=PROGRAM).object == answer("<stdin>")
    assert gradcli("eval", "-", *options, stdin=PROGRAM).object == answer("<stdin>")
    assert gradcli("eval", "--lines", *options, stdin=f"# one\n\n{PROGRAM}\n").object == answer("<stdin>:3")


def test_several_programs_give_a_line_each_and_the_highest_status(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "--lines", "-s", "x=2", "--json", stdin="x**2\nsine(x)\nx+ones(2)\nx*3\n")
    assert ran.status == 4
    assert [(each["ok"], each["source"]) for each in ran.objects] == [
        (True, "<stdin>:1"),
        (False, "<stdin>:2"),
        (False, "<stdin>:3"),
        (True, "<stdin>:4"),
    ]
    assert ran.objects[3]["grads"] == {"x": 3.0}


def test_several_programs_as_plain_text_say_whose_results_they_are(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y=x*2", "sine(x)", "y=x*3", "-s", "x=1")
    assert ran.status == 3
    assert ran.out == "# <arg 1>\nx = 1.0\ny = 2.0\ndy/dx = 2.0\n# <arg 3>\nx = 1.0\ny = 3.0\ndy/dx = 3.0\n"
    assert ran.err.startswith("error[unknown-function]: ")


def test_csv(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = sum(x*x)", "-s", "x=[1,2]", "--format", "csv")
    assert ran.out == (
        "kind,name,index,value\n"
        "value,x,0,1.0\nvalue,x,1,2.0\nvalue,y,,5.0\ngrad,x,0,2.0\ngrad,x,1,4.0\n"
    )  # fmt: skip


def test_csv_of_several_programs_has_a_column_for_the_source(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y=2*x", "z=3*x", "-s", "x=1", "--format", "csv")
    assert ran.out == (
        "source,kind,name,index,value\n"
        "<arg 1>,value,x,,1.0\n<arg 1>,value,y,,2.0\n<arg 1>,grad,x,,2.0\n"
        "<arg 2>,value,x,,1.0\n<arg 2>,value,z,,3.0\n<arg 2>,grad,x,,3.0\n"
    )


def test_quiet_shows_what_the_program_prints(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "print(x*2)\nx**2", "-s", "x=1", "-q")
    assert (ran.status, ran.out) == (0, "tensor(2., grad_fn=<MulBackward0>)\n")


def test_a_script_seeks_no_root(gradcli: Gradcli, tmp_path: Path) -> None:
    """What PyTorch accepts is fine, whatever the last statement is; asked for a root, it gives one."""
    script = tmp_path / "script.py"
    script.write_text("import torch\nx = torch.ones(2, requires_grad=True)\ny = 2*x\nprint(y.shape)\n")
    assert gradcli("eval", str(script)).out == "torch.Size([2])\nx = [1.0, 1.0]\ny = [2.0, 2.0]\n"
    assert gradcli("eval", "-q", str(script)).out == "torch.Size([2])\n"
    assert gradcli("eval", "-q", "x = param([1., 2.]); 2*x").status == 0
    asked = gradcli("eval", str(script), "--root", "y", "--weights", "ones")
    assert "x.grad = [2.0, 2.0]" in asked.out
    own = tmp_path / "own.py"
    own.write_text("import torch\nx = torch.ones(2, requires_grad=True)\n(x*x).sum().backward()\n")
    assert "x.grad = [2.0, 2.0]" in gradcli("eval", str(own)).out


def test_jobs_give_what_one_process_gives(gradcli: Gradcli) -> None:
    lines = "".join(f"x**{power}\n" for power in range(50)) + "sine(x)\n"
    one = gradcli("eval", "--lines", "-s", "x=2", "--json", stdin=lines)
    two = gradcli("eval", "--lines", "-s", "x=2", "--json", "--jobs", "2", stdin=lines)
    assert (two.status, two.out, two.err) == (one.status, one.out, one.err)
    assert len(two.objects) == 51


def test_out_keeps_all_arrays(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = sum(x**3)", "-s", "x=[1,2]", "--order", "2", "--out", "all.npz", "-q")
    assert (ran.status, ran.out) == (0, "")
    with np.load("all.npz") as arrays:
        assert {name: array.tolist() for name, array in arrays.items()} == {
            "values.x": [1, 2],
            "values.y": 9,
            "grads.x": [3, 12],
            "orders.x.1": [3, 12],
            "orders.x.2": [6, 12],
        }
    assert gradcli("eval", "g", "-s", "g=@all.npz:grads.x", "--wrt", "g", "-g", "ones").status == 0
    assert [path.name for path in Path().iterdir()] == ["all.npz"]


def test_out_that_cannot_be_written_is_an_error(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "x", "-s", "x=1", "--out", "nowhere/all.npz", "--json")
    assert (ran.status, ran.objects[-1]["error"]["code"]) == (3, "io")
    assert gradcli("eval", "x", "x", "-s", "x=1", "--out", "all.npz").status == 2


GRADIENTS: list[tuple[list[str], dict[str, Any]]] = [
    ([PROGRAM, "-s", "x=1", "--root", "x", "--weights", "4"], {"x": 4}),
    (["z = x+2", "-s", "x=ones(4)", "--weights", "[1,2,3,4]"], {"x": [1, 2, 3, 4]}),
    (["z = x+2", "-s", "x=ones(2)", "--weights", "ones"], {"x": [1, 1]}),
    (["x**2", "-s", "x=2", "--passes", "2", "--retain-graph"], {"x": 8}),
    (["x**2", "-s", "x=2", "--passes", "2", "--retain-graph", "--zero-grad"], {"x": 4}),
    (["sum(x+1)", "-s", "x=[1,2]", "--passes", "2"], {"x": [2, 2]}),
    (["-x**2", "-s", "x=3"], {"x": -6}),
    ([PROGRAM, "-s", "x=1", "--wrt", "y"], {"y": 4}),
    ([PROGRAM, "-s", "x=1", "--wrt", "x,y"], {"x": 8, "y": 4}),
    ([PROGRAM, "-s", "x=1", "--retain-grad", "y"], {"x": 8, "y": 4}),
    (["x*w", "-s", "x=2", "-s", "w=3", "--freeze", "w"], {"x": 3}),
    (["y=x*x; z=x*x*x", "-s", "x=2", "-r", "y,z", "-g", "1", "-g", "10"], {"x": 124}),
    (["x = 1.0\ny = 3*x", "--wrt", "x"], {"x": 3}),
    (["x = param(1.0)\ny = x*x", "-s", "x=5"], {"x": 10}),
    (["2+3"], {}),
    (["print(x)", "-s", "x=1"], {}),
    (["x*y", "-s", "x=2", "-s", "y=@data.json"], {"x": 7, "y": 2}),
    (["sum(w@v)", "-s", "w=ones(2,3)", "-s", "v=@data.csv"], {"w": [[1, 2, 3]] * 2, "v": [2, 2, 2]}),
    (["sum(x)", "-s", "x=@data.npz:b"], {"x": [1, 1]}),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "grads"), GRADIENTS, ids=lambda value: " ".join(value))
def test_gradients(gradcli: Gradcli, arguments: list[str], grads: dict[str, Any]) -> None:
    Path("data.json").write_text("7")
    Path("data.csv").write_text("1,2,3\n")
    np.savez("data.npz", a=np.ones(1), b=np.ones(2))
    ran = gradcli("eval", *arguments, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.object["grads"] == grads


def test_standard_input_as_data(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "sum(x**2)", "-s", "x=@-", "--json", stdin="[1, 2]")
    assert ran.object["grads"] == {"x": [2.0, 4.0]}
    ran = gradcli("eval", "sum(x**2)", "-s", "x=@-:csv", "--json", stdin="1,2\n3,4\n")
    assert ran.object["grads"] == {"x": [[2.0, 4.0], [6.0, 8.0]]}


def test_orders_agree_with_the_closed_form(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "sin(x)*exp(x)", "-s", "x=0.3", "--order", "6", "--json")
    # The n-th derivative of sin(x) exp(x) is sqrt(2)**n sin(x + n pi/4) exp(x).
    expected = [math.sqrt(2) ** n * math.sin(0.3 + n * math.pi / 4) * math.exp(0.3) for n in range(1, 7)]
    np.testing.assert_allclose(ran.object["orders"]["x"], expected, rtol=1e-12)


def test_orders_that_vanish_are_zero(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "x**2", "-s", "x=3", "--order", "4", "--json")
    assert ran.object["orders"] == {"x": [6.0, 2.0, 0.0, 0.0]}


def test_json_has_no_bare_nan(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = log(x)", "-s", "x=0", "--json")
    assert ran.object["values"] == {"x": 0.0, "y": "-Infinity"}
    assert ran.object["grads"] == {"x": "Infinity"}


ERRORS: list[tuple[list[str], int, str, tuple[int, int, int] | None]] = [
    (["z = x+2", "-s", "x=ones(4)"], 4, "non-scalar-root", None),
    (["z = x+2", "-s", "x=ones(4)", "--weights", "[1,2]"], 4, "weights-shape", None),
    (["x**2", "-s", "x=2", "--passes", "2"], 4, "graph-freed", (1, 1, 5)),
    (["tensor([1,2], requires_grad=True)"], 4, "int-requires-grad", None),
    (["2+3", "--root", "result"], 4, "no-grad", None),
    (["2+3", "--root", "z"], 3, "unknown-name", None),
    (["y = 2+3", "--root", "y"], 4, "no-grad", None),
    (["y = 2*x"], 3, "unset-input", (1, 7, 8)),
    (["sine(x)", "-s", "x=1"], 3, "unknown-function", (1, 1, 5)),
    (["x y", "-s", "x=1"], 3, "syntax", (1, 3, 4)),
    (["x", "-s", "x=1", "-s", "y=2"], 3, "unknown-name", None),
    (["y = 2*x", "-s", "x=1", "-s", "y=2"], 3, "bad-argument", None),
    (["x", "-s", "x=@missing.npy"], 3, "io", None),
    (["x", "-s", "x=2*"], 3, "syntax", None),
    (["missing.grad"], 3, "io", None),
    (["assert 1 == 2"], 1, "assertion", None),
    (["while True:\n  pass", "--max-steps", "100"], 5, "limit", None),
    (["x", "-s", "x=1", "--order", "0"], 3, "bad-argument", None),
    (["x", "-s", "x=1", "--wrt", "q"], 3, "unknown-name", None),
    (["zeros(100000, 100000)"], 5, "limit", None),
    (["y = log(x)", "-s", "x=-1", "--detect-anomaly"], 4, "anomaly", (1, 5, 11)),
]


@pytest.mark.parametrize(
    ("arguments", "status", "code", "place"),
    ERRORS,
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_failures_are_objects_with_code_and_place(
    gradcli: Gradcli, arguments: list[str], status: int, code: str, place: tuple[int, int, int] | None
) -> None:
    ran = gradcli("eval", *arguments, "--json")
    error = ran.object["error"]
    assert (ran.status, ran.object["ok"], error["code"], ran.err) == (status, False, code, "")
    if place is not None:
        assert (error["line"], error["column"], error["end_column"]) == place


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# only a comment\n",
        b"\x00\x01\x02",
        b"x = \xff",
        b"f(x",
        b"\x7fELF\x02\x01" + bytes(200),
        b"'abc",
    ],
    ids=repr,
)
def test_text_that_is_no_program_is_a_diagnostic(gradcli: Gradcli, text: bytes) -> None:
    ran = gradcli("eval", stdin=text)
    assert (ran.status, ran.out) == (3, "")
    assert ran.err.startswith("error[io]: " if b"\xff" in text else "error[syntax]: ")


def test_a_diagnostic_shows_the_line_with_a_caret_and_a_hint(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = 1\nz = 2x", "-s", "x=1")
    assert (ran.status, ran.out) == (3, "")
    assert " --> <arg 1>:2:6\n  |\n2 | z = 2x\n  |      ^\n" in ran.err.replace("   |", "  |").replace(
        " 2 |", "2 |"
    )
    assert "hint: " in ran.err
    assert "2*x" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "x", "-s", "x"],
        ["eval", "x", "--set"],
        ["eval", "x", "--unknown"],
        ["eval", "-", "-s", "x=@-"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(gradcli: Gradcli, arguments: list[str]) -> None:
    ran = gradcli(*arguments, stdin="x")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("gradcli eval: ")
    assert ran.err.endswith("Try 'gradcli eval --help' for help.\n")


def test_precision(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = x/3", "-s", "x=1", "--precision", "3")
    assert ran.out == "x = 1.0\ny = 0.333\ndy/dx = 0.333\n"


def test_the_object_is_one_line(gradcli: Gradcli) -> None:
    for format_ in ("json", "ndjson"):
        out = gradcli("eval", "print('a\\nb'); 2", "--format", format_).out
        assert out.count("\n") == 1
        assert json.loads(out)["printed"] == ["a", "b"]


def test_what_is_printed_without_the_end_of_a_line_stays_so(gradcli: Gradcli) -> None:
    assert gradcli("eval", "-q", "print(1, end='')", "print(2, end=';')").out == "12;"
