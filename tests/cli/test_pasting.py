"""Copied text and notebooks on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commands import Gradcli

SESSION = """\
>>> import torch
>>> x = torch.tensor(2., requires_grad=True)
>>> y = x**2
>>> y
tensor(4., grad_fn=<PowBackward0>)
>>> y.backward()
>>> print(x.grad)
tensor(4.)
"""


@pytest.mark.parametrize("way", ["argument", "file", "stdin"])
def test_a_session_runs_however_it_comes(gradcli: Gradcli, way: str) -> None:
    Path("session.py").write_text(SESSION, encoding="utf-8")
    ran = {
        "argument": lambda: gradcli("eval", SESSION),
        "file": lambda: gradcli("eval", "session.py"),
        "stdin": lambda: gradcli("eval", stdin=SESSION),
    }[way]()
    assert (ran.status, ran.out, ran.err) == (0, "tensor(4.)\nx = 2.0\ny = 4.0\nx.grad = 4.0\n", "")


def test_what_is_left_out_is_a_note(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "%matplotlib inline\nprint(2)")
    assert (ran.out, ran.err) == ("2\n", "note: line 1 is no program and is left out: %matplotlib inline\n")


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        ("x = t.ones(2)", "import torch as t"),
        ("x = th.tensor(2.)", "import torch as th"),
        ("x = T.autograd", "import torch as T"),
    ],
)
def test_a_missing_import_is_named(gradcli: Gradcli, program: str, hint: str) -> None:
    assert hint in gradcli("eval", program).err


def _cell(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def _printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _value(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text}}


NOTEBOOK = [
    _cell("import torch\n!pip install torch", _printed("Collecting torch\n")),
    _cell("x = torch.ones(2, requires_grad=True)\nx", _value("tensor([1., 1.], requires_grad=True)")),
    _cell("y = x.sum(); y;"),
    _cell("(x*2).backward()", {"output_type": "error"}),
    _cell("y.backward()\nprint(x.grad)\n'a'", _printed("tensor([1., 1.])\n"), _value("'a'")),
    _cell("print(x + 1)", _printed("tensor([2., 2.])\n")),
    _cell("x + missing"),
    _cell("print(x.grad*3)", _printed("tensor([3., 3.])\n")),
]


def test_check_says_which_cells_print_something_else(gradcli: Gradcli) -> None:
    Path("n.ipynb").write_text(json.dumps({"cells": NOTEBOOK}), encoding="utf-8")
    ran = gradcli("check", "n.ipynb")
    assert ran.status == 1
    wanted = """
        PASS n.ipynb: code cell 2: prints what the notebook shows
        PASS n.ipynb: code cell 4: it fails, as the notebook shows: grad can be implicitly created only for
          scalar outputs, and the root has shape [2]
        PASS n.ipynb: code cell 5: prints what the notebook shows
        FAIL n.ipynb: code cell 6: line 1 of its output is 'tensor([2., 2.], grad_fn=<AddBackward0>)', and
          the notebook shows 'tensor([2., 2.])'
        FAIL n.ipynb: code cell 7: it fails: missing has no value
        PASS n.ipynb: code cell 8: prints what the notebook shows
        1 program, 6 checks: 4 passed, 2 failed
    """
    assert ran.out.split() == wanted.split()


def test_a_notebook_without_outputs_has_nothing_to_compare(gradcli: Gradcli) -> None:
    cells = [_cell("import torch\nprint(torch.ones(1))"), _cell("print(missing)")]
    Path("n.ipynb").write_text(json.dumps({"cells": cells[:1]}), encoding="utf-8")
    ran = gradcli("check", "n.ipynb")
    assert ran.status == 1
    assert ran.out.startswith("FAIL n.ipynb: nothing to check: the notebook shows no output")
    assert "1 program, 1 check: 1 failed" in ran.out
    Path("n.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert "FAIL n.ipynb: code cell 2: it fails: missing has no value" in gradcli("check", "n.ipynb").out


def test_eval_runs_the_cells_in_order(gradcli: Gradcli) -> None:
    Path("n.ipynb").write_text(json.dumps({"cells": NOTEBOOK[:3]}), encoding="utf-8")
    assert gradcli("eval", "n.ipynb").out == "x = [1.0, 1.0]\ny = 2.0\ndy/dx = [1.0, 1.0]\n"
    Path("n.ipynb").write_text(json.dumps({"cells": NOTEBOOK[:4]}), encoding="utf-8")
    ran = gradcli("eval", "n.ipynb")
    assert ran.status == 4
    assert "n.ipynb:1:1\n" in ran.err
    assert "note: in code cell 4\n" in ran.err
