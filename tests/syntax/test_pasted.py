"""Text that was copied from a session, a notebook or a page: what is read as the program."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError
from gradcli.syntax import pasted
from gradcli.syntax.notebook import read as notebook
from gradcli.syntax.parser import parse

READ: list[tuple[str, str]] = [
    # as it was copied, and the program on the same lines
    (">>> x = 2\n>>> x\n2\n", "x = 2\nx\n\n"),
    (">>> for i in range(2):\n...     x = i\n...\n>>> x\n1", "for i in range(2):\n    x = i\n\nx\n"),
    ("    >>> x = 2\n    >>> x\n    2", "x = 2\nx\n"),
    (">>>x = 2\n", ">>>x = 2\n"),  # no prompt that Python writes
    ("In [1]: x = 2\n\nIn [2]: x\nOut[2]: 2", "x = 2\n\nx\n"),
    ("In [1]: def f(x):\n   ...:     return x\n   ...: \nIn [2]: f(2)", "def f(x):\n    return x\n\nf(2)"),
    ("%matplotlib inline\nx = 2", "\nx = 2"),
    ("!pip install torch\nx = 2", "\nx = 2"),
    ("%%time\nx = 2", "\nx = 2"),
    ("    x = 2\n    if x:\n        y = x\n", "x = 2\nif x:\n    y = x\n"),
    ("\n  x = 2\n# a remark\n  y = 3", "\nx = 2\n# a remark\ny = 3"),
    ("\tx = 2\n\ty = 3", "x = 2\ny = 3"),
    ("x\xa0=\xa02\ny = '\xa0'  # \xa0", "x = 2\ny = '\xa0'  # \xa0"),
    ("x = 2  # \xa0\n\xa0\ny\xa0= x", "x = 2  # \xa0\n \ny = x"),
    ("x = 2\u200b\n", "x = 2 \n"),
]


@pytest.mark.parametrize(("copied", "program"), READ)
def test_a_copied_text_is_read_as_its_program(copied: str, program: str) -> None:
    reading = pasted.read(copied)
    assert (copied if reading is None else reading.text) == program


@pytest.mark.parametrize(
    "text", ["x = (1\n%a)", "x = 2\ny = x", "x = '''\n>>> a\n'''", "y = [1,\n  2]", "  x"]
)
def test_a_program_is_left_alone(text: str) -> None:
    assert pasted.read(text) is None


def test_what_is_left_out_is_told() -> None:
    reading = pasted.read("import torch\n%matplotlib inline\nx = torch.ones(2)\n")
    assert reading is not None
    assert reading.notes == ("line 2 is no program and is left out: %matplotlib inline",)


@pytest.mark.parametrize(
    ("copied", "program", "notes"),
    [
        ("```python\nx = 2\n```\n", "\nx = 2\n\n", ()),
        ("  ```\n  >>> x = 2\n  2\n", "\nx = 2\n\n", ()),
        (
            "Code:\n```py\nx = 2\n```\nThen:\n```\ny = x",
            "\n\nx = 2\n\n\n\ny = x",
            ("what stands outside of the ``` is no program and is left out",),
        ),
        ("x = 2\nx.sum?\nx", "x = 2\n\nx", ("line 2 is no program and is left out: x.sum?",)),
    ],
)
def test_pages_and_helps(copied: str, program: str, notes: tuple[str, ...]) -> None:
    reading = pasted.read(copied)
    assert reading is not None
    assert (reading.text, reading.notes) == (program, notes)
    assert pasted.read("x?\n") is None


def test_an_error_points_behind_the_prompt() -> None:
    reading = pasted.read(">>> x = 2\n>>> y = x x\n")
    assert reading is not None
    with pytest.raises(GradcliError) as caught:
        parse(reading.text)
    caught.value.locate(reading.text)
    reading.restore(caught.value)
    place = caught.value.location
    assert place is not None
    assert (place.line, place.column) == (2, 11)


CELLS = """{"cells": [
    {"cell_type": "markdown", "source": ["x = 1"]},
    {"cell_type": "code", "source": ["%matplotlib inline\\n", "x = 2"], "outputs": []},
    {"cell_type": "code", "source": "print(x)\\nx", "outputs": [
        {"output_type": "stream", "name": "stderr", "text": ["a warning"]},
        {"output_type": "stream", "name": "stdout", "text": ["2\\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["2"]}}]},
    {"cell_type": "code", "source": ["%%bash\\n", "ls"], "outputs": []},
    {"cell_type": "code", "source": ["y"], "outputs": [{"output_type": "error"}]}]}"""


def test_the_code_cells_of_a_notebook_are_a_program() -> None:
    read = notebook(CELLS)
    assert read.text == "\nx = 2\nprint(x)\nx\n\ny"
    assert [cell.shown for cell in read.cells] == [None, "2\n2\n", None, None]
    assert [cell.failed for cell in read.cells] == [False, False, False, True]
    assert [note.partition(":")[0] for note in read.notes] == [
        "code cell 1, line 1 is no program and is left out",
        "code cell 3, line 1 is no program",
    ]


def test_an_error_points_into_its_cell() -> None:
    read = notebook(CELLS)
    error = GradcliError("unset-input", "y has no value", span=(len(read.text) - 1, len(read.text)))
    error.locate(read.text)
    read.restore(error)
    place = error.location
    assert place is not None
    assert (error.text, place.line, place.column, error.notes) == ("y", 1, 1, ("in code cell 4",))


@pytest.mark.parametrize(
    "raw", ["", "[]", "{}", '{"cells": 3}', '{"cells": [{"cell_type": "code"}]}', "[" * 9999]
)
def test_what_is_no_notebook_is_refused(raw: str) -> None:
    with pytest.raises(GradcliError) as caught:
        notebook(raw)
    assert caught.value.code == "io"
