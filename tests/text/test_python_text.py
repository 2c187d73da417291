"""Python values as Python writes them, with tensors inside as PyTorch does."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import pytest

from gradcli.errors import GradcliError
from gradcli.text import python_text
from gradcli.text.python_text import dtype_text, format_text, repr_text, size_text, str_text


class Tensor:
    """Stands for a tensor: what isn't plain goes through `render`."""


def render(value: object) -> str:
    assert isinstance(value, Tensor)
    return "tensor(1.)"


T = Tensor()
Max = namedtuple("max", "values indices")


@pytest.mark.parametrize(
    "value", [1, -0.5, 1e-7, True, None, ..., "it's\n", [], (), (1,), [1, "a", [2.0, (3, None)]], [[], [()]]]
)
def test_plain_values_are_python_s(value: object) -> None:
    assert repr_text(value, render) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (T, "tensor(1.)"),
        ([T, T], "[tensor(1.), tensor(1.)]"),
        ((T,), "(tensor(1.),)"),
        ([("a", T), [T]], "[('a', tensor(1.)), [tensor(1.)]]"),
        (Max(T, T), "torch.return_types.max(\nvalues=tensor(1.),\nindices=tensor(1.))"),
        ([Max(T, 0)], "[torch.return_types.max(\nvalues=tensor(1.),\nindices=0)]"),
    ],
)
def test_tensors_in_containers(value: object, text: str) -> None:
    assert repr_text(value, render) == text


def test_str_leaves_strings_as_they_are_but_only_outside() -> None:
    assert str_text("a'b", render) == "a'b"
    assert str_text(["a"], render) == "['a']"


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (0.12345, ".3f", "0.123"),
        (3, "04d", "0003"),
        ("a", ">3", "  a"),
        (True, "d", "1"),
        (T, "", "tensor(1.)"),
        ([T], "", "[tensor(1.)]"),
        (0.1, "", "0.1"),
        (None, "", "None"),
        (1234567.0, ",.1f", "1,234,567.0"),
    ],
)
def test_format_fields(value: object, spec: str, text: str) -> None:
    assert format_text(value, spec, render) == text


@pytest.mark.parametrize(
    ("value", "spec", "code", "message"),
    [
        (T, ".2f", "bad-argument", "unsupported format string passed to Tensor.__format__"),
        ([1], ">9", "bad-argument", "unsupported format string passed to list.__format__"),
        (1.5, "d", "bad-argument", "Unknown format code 'd' for object of type 'float'"),
        (1, "1000000000", "limit", "widths and precisions in a format end at 10,000"),
        (1.0, ".99999f", "limit", "widths and precisions in a format end at 10,000"),
    ],
)
def test_format_fields_that_do_not_fit(value: object, spec: str, code: str, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        format_text(value, spec, render)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_depth_has_no_limit() -> None:
    value: Any = 1
    for _ in range(20_000):
        value = [value]
    assert repr_text(value, render) == "[" * 20_000 + "1" + "]" * 20_000


def test_a_list_doubled_in_a_loop_ends_in_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_text, "MOST_PARTS", 20_000)
    value: Any = [1]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(GradcliError) as caught:
        repr_text(value, render)
    assert caught.value.code == "limit"


def test_sizes_and_dtypes() -> None:
    assert size_text((2, 3)) == "torch.Size([2, 3])"
    assert size_text(()) == "torch.Size([])"
    assert dtype_text("float32") == "torch.float32"
