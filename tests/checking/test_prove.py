"""`gradcli check --prove`: what is true is proved, what is false refuted or left open, and never proved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import gradcli as package
from checking.claims_to_prove import FALSE, TRUE
from commands import Gradcli
from gradcli.checking.results import Check


def the_claim(source: str, claim: str, domain: Any, **more: Any) -> Check:
    """The verdict, after a look at three points only: what is found out is found out by the proof."""
    report = package.check(source, claims=claim, domain=domain, prove=True, samples=3, **more)
    return next(check for check in report.checks if check.kind == "claim")


def test_there_are_enough_of_them() -> None:
    assert len(TRUE) >= 60
    assert len(FALSE) >= 60


@pytest.mark.parametrize(("source", "claim", "domain"), TRUE, ids=[row[0] + "; " + row[1] for row in TRUE])
def test_a_true_claim_is_proved(source: str, claim: str, domain: Any) -> None:
    check = the_claim(source, claim, domain)
    assert check.status == "proved", check.text("")


@pytest.mark.parametrize(("source", "claim", "domain"), FALSE, ids=[row[0] + "; " + row[1] for row in FALSE])
def test_a_false_claim_is_refuted_by_a_point(source: str, claim: str, domain: Any) -> None:
    check = the_claim(source, claim, domain)
    assert check.status == "fail", check.text("")
    found = check.details
    values = package.evaluate(source, found["counterexample"], **_asked(claim))
    true = _derivative(values, claim)
    assert true == pytest.approx(found["derivative"], rel=1e-6, abs=1e-12)
    said = package.evaluate(f"{source}\n_said = {claim.partition('=')[2]}", found["counterexample"], wrt=[])
    assert float(said.values["_said"]) != pytest.approx(true, rel=1e-9, abs=0)


def _asked(claim: str) -> dict[str, Any]:
    return {"partials": [["x", "w"]]} if claim.startswith("d2z/dxdw") else {}


def _derivative(values: Any, claim: str) -> float:
    if claim.startswith("d2z/dxdw"):
        return float(values.partials["x,w"])
    return float(values.grads["x"])


@pytest.mark.parametrize(
    ("source", "claim", "domain", "said"),
    [
        ("z = log(x)", "dz/dx = 1/x", (-3.0, 3.0), "there is no finite derivative for x from -3 to 0"),
        ("z = log(x)", "dz/dx = 1/x", (-3.0, 2.0), "there is no finite derivative for x from -3 to 0"),
        ("z = 1/(x - 1)", "dz/dx = -1/(x - 1)**2", (-3.0, 3.0), "there is none at or beside x = 1"),
        ("z = relu(x)", "dz/dx = where(x >= 0, 1, 0)", (-3.0, 3.0), "not judged at x = 0"),
        ("z = abs(2*x - 1)", "dz/dx = where(x > 0.5, 2, -2)", (-3.0, 3.0), "not judged at x = 0.5"),
        ("z = tan(x)", "dz/dx = 1/cos(x)**2", (1.0, 2.0), "nothing is said for x from 1.5707963267948"),
    ],
)
def test_what_is_left_out_is_told(source: str, claim: str, domain: Any, said: str) -> None:
    check = the_claim(source, claim, domain)
    assert check.status == "proved"
    assert any(said in note for note in check.notes), check.notes


@pytest.mark.parametrize(
    ("source", "claim", "said"),
    [
        ("z = sin(3*x)*i0(x)", "dz/dx = i0(x)*(12*cos(x)**3 - 9*cos(x)) + sin(3*x)*i1(x)",
         "no enclosure of i0 is known (line 1, column 14)"),
        ("z = sin(x)**2", "dz/dx = sin(2*x)*(1 + 1e-20*i0e(x))",
         "no enclosure of i0e is known (in the claim)"),
        ("if x > 0:\n    z = x\nelse:\n    z = -x\nz", "dz/dx = sign(x)", "decides by its data"),
        ("z = x*x.detach()", "dz/dx = x.detach()", "out of its history"),
        ("def f(x):\n    return x*x\n@backward(f)\ndef b(g, x):\n    return 2*g*x\nz = f(x)", "dz/dx = 2*x",
         "f states a gradient of its own"),
    ],
)  # fmt: skip
def test_what_cannot_be_proved_is_said_at_once(source: str, claim: str, said: str) -> None:
    check = the_claim(source, claim, (-3.0, 3.0))
    assert check.status == "unproved", check.text("")
    assert said in check.message


def test_the_box_that_is_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.enclosure.search.SECONDS", 0.1)
    check = the_claim("z = sin(1/x)**2", "dz/dx = -sin(2/x)/x**2 + 1e-20*sin(1/x)", (0.0, 1.0))
    assert check.status == "unproved"
    ((low, high),) = check.details["open"].values()
    assert 0 <= low < high < 0.1
    assert "is not proved: open for x from " in check.message


def test_the_tolerance_is_the_check_s() -> None:
    arguments = ("z = x**2", "dz/dx = 2*x + 1e-4*sin(x)", (1.0, 3.0))
    assert the_claim(*arguments).status == "fail"
    assert the_claim(*arguments, rtol=1e-3).status == "proved"
    assert the_claim(*arguments, atol=1e-3).status == "proved"


# ---- the command line ----------------------------------------------------------------------------

HARD = (
    *("check", "z = sin(x)**2", "--claim", "dz/dx = sin(2*x)*(1 + 1e-20*i0e(x))"),
    *("--domain", "-1:1", "--prove"),
)


@pytest.mark.parametrize("domain", ["x=-inf:1", "x=0:inf", "x=nan:1", "x=2:1", "x=1:1", "x=", "x=1:", ":"])
def test_a_domain_that_is_none_is_wrong_usage(gradcli: Gradcli, domain: str) -> None:
    ran = gradcli("check", "z = x**2", "--claim", "dz/dx = 2*x", "--prove", "--domain", domain)
    assert (ran.status, ran.out) == (2, "")


@pytest.mark.parametrize(
    "domain", ["x=-1e300:1e300", "x=1:1.0000000000000002", "x=0:5e-324", "x=1e-310:1e-300"]
)
def test_a_strange_domain_is_one(gradcli: Gradcli, domain: str) -> None:
    for claim, first in (("2*x", "PROVED"), ("3*x", "FAIL")):
        ran = gradcli("check", "z = x**2", "--claim", f"dz/dx = {claim}", "--prove", "--domain", domain)
        assert ran.out.startswith(first) or (first == "FAIL" and "e-3" in domain), ran.out


def test_a_single_number_in_every_input_needs_no_proof(gradcli: Gradcli) -> None:
    ran = gradcli("check", "z = x**2", "-s", "x=3", "--claim", "dz/dx = 2*x", "--prove")
    assert ran.out.splitlines()[-2].startswith("PASS <arg 1>: dz/dx = 2*x: holds at the given point")


def test_statuses(gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = gradcli(*HARD)
    assert (ran.status, ran.out.split()[0]) == (0, "UNPROVED")
    assert ran.out.endswith("1 program, 1 check: 1 not proved\n")
    assert gradcli(*HARD, "--strict").status == 1
    claim = "dz/dx = -sin(2/x)/x**2"
    endless = ("z = sin(1/x)**2", "--claim", f"{claim} + 1e-20*sin(1/x)", "--domain", "0:1", "--prove")
    ran = gradcli("check", *endless, "--max-seconds", "2")
    assert (ran.status, ran.out.split()[0]) == (0, "UNPROVED")
    monkeypatch.chdir(tmp_path)
    Path("a.grad").write_text("# claim: dz/dx = 2*x\n# domain: x=-1:1\n# prove: yes\nz = x**2\n")
    assert gradcli("check", "a.grad").out.startswith(
        "PROVED a.grad:1: dz/dx = 2*x: holds for all x from -1 to 1"
    )
    Path("a.grad").write_text("# prove: perhaps\nz = x**2\n")
    assert "'perhaps' is not yes or no" in gradcli("check", "a.grad", "-s", "x=1").out
    ran = gradcli("check", "z = x**2", "-s", "x=1", "--prove")
    assert "UNPROVED <arg 1>: nothing to prove: there is no claim" in ran.out


def _junit(text: str) -> list[str]:
    suite = ElementTree.fromstring(text)
    return [case[0].tag if len(case) else "passed" for case in suite.iter("testcase")]


def _tap(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.startswith(("ok", "not ok"))]
    return [
        "skipped" if "# SKIP" in line else "passed" if line.startswith("ok") else "failure" for line in lines
    ]


def _sarif(text: str) -> list[str]:
    return [each["level"] for each in json.loads(text)["runs"][0]["results"]]


READERS: dict[str, tuple[Callable[[str], list[str]], list[str]]] = {
    "plain": (
        lambda text: [line.split()[0] for line in text.splitlines()[:-1]],
        ["PROVED", "FAIL", "UNPROVED"],
    ),
    "json": (
        lambda text: [check["status"] for check in json.loads(text)["programs"][0]["checks"]],
        ["proved", "fail", "unproved"],
    ),
    "ndjson": (
        lambda text: [check["status"] for check in json.loads(text)["checks"]],
        ["proved", "fail", "unproved"],
    ),
    "tap": (_tap, ["passed", "failure", "skipped"]),
    "tap14": (_tap, ["passed", "failure", "skipped"]),
    "sarif": (_sarif, ["error", "note"]),
    "ctrf": (
        lambda text: [test["status"] for test in json.loads(text)["results"]["tests"]],
        ["passed", "failed", "skipped"],
    ),
    "github": (lambda text: [line.split()[0] for line in text.splitlines()[:-1]], ["::error", "::notice"]),
    "junit": (_junit, ["passed", "failure", "skipped"]),
    "table": (
        lambda text: [word for word in ("proved", "failed", "not proved") if word in text],
        ["proved", "failed", "not proved"],
    ),
}


@pytest.mark.parametrize("format", READERS)
def test_every_format_shows_the_three_verdicts(gradcli: Gradcli, tmp_path: Path, format: str) -> None:
    read, expected = READERS[format]
    claims = ("dz/dx = sin(2*x)", "dz/dx = sin(3*x)", "dz/dx = sin(2*x)*(1 + 1e-20*i0e(x))")
    options = [each for claim in claims for each in ("--claim", claim)]
    out = tmp_path / "report"
    how = ("--junit", str(out)) if format == "junit" else ("--format", format)
    ran = gradcli("check", "z = sin(x)**2", *options, "--domain", "x=-1:1", "--prove", *how)
    assert ran.status == 1
    assert read(out.read_text() if format == "junit" else ran.out) == expected
