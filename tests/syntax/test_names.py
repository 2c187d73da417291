"""Names that only look different are one name, in a program and from outside."""

from __future__ import annotations

import unicodedata

import pytest

import gradcli
from gradcli.cli import run

ACCENTED = "été"
TWO_WAYS = [unicodedata.normalize(form, ACCENTED) for form in ("NFC", "NFD")]
SPELLINGS = [("ﬁ", "fi"), ("fi", "ﬁ"), (TWO_WAYS[0], TWO_WAYS[1]), (TWO_WAYS[1], TWO_WAYS[0]), ("µ", "μ")]


@pytest.mark.parametrize(("inside", "outside"), SPELLINGS)
def test_a_name_is_the_same_in_the_program_and_outside(
    inside: str, outside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = unicodedata.normalize("NFKC", inside)
    result = gradcli.evaluate(f"{inside}**2", {outside: 3}, wrt=[outside])
    assert result.grads == {name: 6}
    assert gradcli.evaluate(f"y = {inside}**2", {outside: 3}, wrt=outside).grads == {name: 6}

    for extra in (("--wrt", outside), ("--retain-grad", outside), ("--hvp", f"{outside}=1")):
        assert run(["eval", f"y = {inside}**2", "-s", f"{outside}=3", *extra]) == 0
        assert f"d{'2' if 'hvp' in extra[0] else ''}y" in capsys.readouterr().out.replace("hvp", "d2y")
    assert run(["eval", f"y = {inside}**2", "-s", f"{outside}=3", "--freeze", outside, "--json"]) == 0
    assert '"grads": {}' in capsys.readouterr().out
    program = f"# inputs: {outside}=3\ny = {inside}**2"
    assert run(["check", program, "--claim", f"dy/d{outside} = 2*{outside}"]) == 0
    assert run(["check", f"y = {inside}**2", "--domain", f"{outside}=1:2", "-r", "y"]) == 0
