"""PyTorch programs print what PyTorch printed; those that PyTorch refuses are refused for the same reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gradcli
from gradcli.tape import node

NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
HERE = Path(__file__).resolve().parent
SNIPPETS = sorted((HERE / "snippets").glob("*.py"))
FAILING = sorted((HERE / "failing").glob("*.py"))


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_prints_what_pytorch_printed(path: Path) -> None:
    printed = gradcli.evaluate(path.read_text(encoding="utf-8")).printed
    expected = path.with_suffix(".out").read_text(encoding="utf-8").split("\n")[:-1]
    if node.LARGE:
        assert printed == expected
        return
    # With everything in blocks float32 is added in another order: words to the letter, numbers to rounding.
    numbers = [[float(each) for each in NUMBER.findall(" ".join(lines))] for lines in (printed, expected)]
    assert numbers[0] == pytest.approx(numbers[1], rel=2e-3, abs=2e-4)
    words = [NUMBER.sub("", " ".join(lines)).split() for lines in (printed, expected)]
    assert "".join(words[0]) == "".join(words[1])


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_fails_as_pytorch_fails(path: Path) -> None:
    """The first lines of a program say which codes are right and, where it is shorter, the sentence."""
    source = path.read_text(encoding="utf-8")
    header = dict(
        line[2:].partition(":")[::2] for line in source.split("import torch")[0].strip().split("\n")
    )
    sentence = path.with_suffix(".err").read_text(encoding="utf-8").strip().partition(". ")[0].rstrip(".")
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(source)
    assert caught.value.code in header["expect"].strip().split(" or ")
    assert header.get("says", sentence).strip().lower() in caught.value.message.lower()
    assert caught.value.span is not None


def test_every_snippet_is_recorded() -> None:
    assert len(SNIPPETS) >= 60
    assert {path.stem for path in SNIPPETS} == {path.stem for path in (HERE / "snippets").glob("*.out")}
    assert {path.stem for path in FAILING} == {path.stem for path in (HERE / "failing").glob("*.err")}
