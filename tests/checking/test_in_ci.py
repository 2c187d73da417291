"""What CI needs of `gradcli check`: settings in the file, known failures, a cache, every report format."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import gradcli as package
from commands import Gradcli

HOSTILE = "we\tird ]]> & <b>\"'#|☃\x1b[31m"
WRONG = "def f(x):\n    return x*x\n@backward(f)\ndef b(g, x):\n    return g*x\nx = param(3.0)\nz = f(x)\n"
KINK = "x = param(0.0)\nz = abs(x)\n"


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def labels(out: str) -> list[str]:
    return [line.split(" ")[0] for line in out.splitlines()[:-1]]


def test_a_file_says_what_is_to_be_checked(gradcli: Gradcli) -> None:
    Path("a.grad").write_text(
        "# inputs: x=3\n# claim: dz/dx = 8*x\n# claim: d2z/dx2 = 8\n# order: 2\nz = (2*x)**2\n"
    )
    ran = gradcli("check", "a.grad")
    assert (ran.status, labels(ran.out)) == (0, ["PASS"] * 5)
    assert gradcli("eval", "a.grad").out == "x = 3.0\nz = 36.0\ndz/dx = 24.0\n"
    assert gradcli("eval", "a.grad", "-s", "x=1").out == "x = 1.0\nz = 4.0\ndz/dx = 8.0\n"
    Path("b.grad").write_text("# domain: x=0.1:10\n# rtol: 1e-6\n# claim: dz/dx = 1/x + 1e-9\nz = log(x)\n")
    assert gradcli("check", "b.grad").status == 0
    assert gradcli("check", "b.grad", "--rtol", "1e-12").status == 1


def test_a_check_that_must_fail(gradcli: Gradcli) -> None:
    text = WRONG.replace("x = param", "# here\nx = param")
    Path("a.grad").write_text(
        "# expect-fail: dz/dx is halved on purpose\n# expect-fail: own gradient of f\n" + text
    )
    ran = gradcli("check", "a.grad")
    assert ran.status == 0
    assert ran.out.count("KNOWN") == 2
    Path("b.grad").write_text("# expect-fail: dz/dx\nx = param(3.0)\nz = x*x\n")
    assert "it passes, and the file says that it fails" in gradcli("check", "b.grad").out
    Path("c.grad").write_text("# expect-fail: dz/dy\nx = param(3.0)\nz = x*x\n")
    assert "there is no check dz/dy; there is dz/dx; forward = reverse" in gradcli("check", "c.grad").out


@pytest.mark.parametrize("said", ["dz/dx = 4*x", "dz/dx = 4*x (a factor)", "dz/dx", "dz/dx is halved"])
def test_a_claim_that_must_fail_is_named_whole_or_by_its_derivative(gradcli: Gradcli, said: str) -> None:
    Path("a.grad").write_text(f"# expect-fail: {said}\n# claim: dz/dx = 4*x\nz = (2*x)**2\n")
    ran = gradcli("check", "a.grad")
    assert ran.status == 0
    assert ran.out.startswith("KNOWN a.grad:2: dz/dx = 4*x: it fails, as the file says")


@pytest.mark.parametrize("said", ["dz/dx = 8*x", "dz/dxx", "d2z/dx2 is halved"])
def test_no_other_check_is_meant(gradcli: Gradcli, said: str) -> None:
    Path("a.grad").write_text(f"# expect-fail: {said}\n# claim: dz/dx = 4*x\nz = (2*x)**2\n")
    assert gradcli("check", "a.grad").status == 1


def test_a_claim_is_told_where_it_stands(gradcli: Gradcli) -> None:
    Path("a.grad").write_text("# inputs: x=1\n# claim: dz/dx = 4*x\nz = (2*x)**2\n")
    out = gradcli("check", "a.grad", "--format", "github").out
    assert out.startswith("::error file=a.grad,line=2,col=1,endColumn=21,title=dz/dx = 4*x::")


def test_what_an_input_without_a_value_needs_is_told(gradcli: Gradcli) -> None:
    ran = gradcli("check", "z = abs(x)")
    assert ran.status == 3
    assert "--domain -3:3" in ran.err
    assert gradcli("check", "z = abs(x)", "--domain", "-3:3").status == 0


def test_a_folder_that_is_not_there_is_no_program(gradcli: Gradcli) -> None:
    ran = gradcli("check", "gradients/")
    assert (ran.status, ran.err.splitlines()[0]) == (2, "gradcli check: there is no folder gradients/")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("# domain: x=5:1", "LOW below HIGH"),
        ("# order: 3", "is not 1 or 2"),
        ("# rtol: much", "is not a tolerance"),
        ("# expect-fail:", "it says nothing"),
        ("# expect-error: nothing", "there is no error 'nothing'"),
    ],
)
def test_what_a_file_says_wrongly_is_told_with_its_place(gradcli: Gradcli, line: str, said: str) -> None:
    Path("a.grad").write_text(f"{line}\nx = param(3.0)\nz = x*x\n")
    ran = gradcli("check", "a.grad")
    assert ran.status == 3
    assert said in ran.err
    assert "a.grad:1:1" in ran.err


def test_strict_lets_nothing_pass_that_was_not_measured(gradcli: Gradcli) -> None:
    assert gradcli("check", KINK).status == 0
    assert gradcli("check", KINK, "--strict").status == 1


def test_a_baseline_of_known_failures(gradcli: Gradcli) -> None:
    Path("a.grad").write_text(WRONG)
    Path("b.grad").write_text("x = param(3.0)\nz = x*x\n")
    first = gradcli("check", "a.grad", "b.grad", "--baseline", "known.json")
    assert first.status == 0
    assert "2 known failures are written to known.json" in first.err
    assert gradcli("check", "a.grad", "b.grad", "--baseline", "known.json").status == 0
    Path("b.grad").write_text(WRONG)
    new = gradcli("check", "a.grad", "b.grad", "--baseline", "known.json")
    assert new.status == 1
    assert [line.split(":")[0] for line in new.out.splitlines() if line.startswith("FAIL")] == [
        "FAIL b.grad"
    ] * 2
    Path("a.grad").write_text("x = param(3.0)\nz = x*x\n")
    assert "a.grad: dz/dx is mended" in gradcli("check", "a.grad", "--baseline", "known.json").err
    Path("known.json").write_text("[]")
    assert gradcli("check", "a.grad", "--baseline", "known.json").status == 3


def test_what_passed_is_not_checked_again(gradcli: Gradcli) -> None:
    Path("a.grad").write_text("x = param(3.0)\nz = x*x\n")
    Path("b.grad").write_text(WRONG)
    for _ in range(2):
        ran = gradcli("check", "a.grad", "b.grad", "--cache", "cache")
        assert ran.status == 1
    assert "PASS a.grad: cached: unchanged since it passed\n" in ran.out
    assert "FAIL b.grad:7: dz/dx" in ran.out
    assert "cached" not in gradcli("check", "a.grad", "--cache", "cache", "--order", "2").out
    Path("a.grad").write_text("x = param(3.0)\nz = x*x*x\n")
    assert "cached" not in gradcli("check", "a.grad", "--cache", "cache").out


def test_names_of_any_kind_are_files_on_request(gradcli: Gradcli) -> None:
    name = "a b;c=d"
    Path(name).write_text("x = param(3.0)\nz = x*x\n")
    ran = gradcli("check", "--files", name)
    assert (ran.status, ran.out.count(name)) == (0, 2)
    assert gradcli("check", "--files", "-q", name).out == ""


def test_quiet_shows_failures_alone_in_every_format(gradcli: Gradcli) -> None:
    Path("a.grad").write_text(WRONG)
    Path("b.grad").write_text("x = param(3.0)\nz = x*x\n")
    arguments = ["check", "a.grad", "b.grad", "-q", "--format"]
    assert labels(gradcli(*arguments, "plain").out) == ["FAIL", "FAIL"]
    assert [len(each["checks"]) for each in gradcli(*arguments, "json").object["programs"]] == [2]
    assert gradcli(*arguments, "tap").out.count("ok ") == 2
    assert len(gradcli(*arguments, "ndjson").objects) == 1


@pytest.fixture
def hostile(gradcli: Gradcli) -> list[str]:
    Path("a]]>&.grad").write_text(WRONG)
    message = repr(HOSTILE.replace("\x1b", ""))
    Path("b.grad").write_text(f"x = param(1.0)\nz = x*x\nassert x > 2, {message}\n")
    Path("c.grad").write_text(KINK)
    return ["check", "--files", "a]]>&.grad", "b.grad", "c.grad"]


def test_sarif_has_rules_and_places(gradcli: Gradcli, hostile: list[str]) -> None:
    found = json.loads(gradcli(*hostile, "--format", "sarif").out)
    assert found["version"] == "2.1.0"
    (run,) = found["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["tool"]["driver"]["version"] == package.__version__
    assert run["results"]
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("error", "warning", "note", "none")
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert not set(uri) & set(' "<>\\^`{|}')
        region = location["physicalLocation"].get("region", {})
        assert all(isinstance(value, int) and value >= 1 for value in region.values())
    gradient = next(result for result in run["results"] if result["ruleId"] == "gradcli/gradient")
    assert gradient["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


def test_ctrf_counts_what_it_lists(gradcli: Gradcli, hostile: list[str]) -> None:
    results = json.loads(gradcli(*hostile, "--format", "ctrf").out)["results"]
    summary, tests = results["summary"], results["tests"]
    assert summary["tests"] == len(tests)
    for status in ("passed", "failed", "pending", "skipped", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests)
    assert {"name", "status", "duration"} <= set(tests[0])


@pytest.mark.skipif(shutil.which("prove") is None, reason="prove is not here")
def test_prove_accepts_what_is_written_for_it(gradcli: Gradcli, hostile: list[str]) -> None:
    for name, arguments, status in (("good", ["check", "z = x**2", "-s", "x=1"], 0), ("bad", hostile, 1)):
        Path(name).write_text(gradcli(*arguments, "--format", "tap").out)
        ran = subprocess.run(["prove", "--exec", "cat", name], capture_output=True, text=True, check=False)
        assert ran.returncode == status, ran.stdout + ran.stderr
        assert "Parse errors" not in ran.stdout


def test_github_gets_a_summary(gradcli: Gradcli, hostile: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    gradcli(*hostile, "--format", "github")
    text = Path("summary.md").read_text()
    assert text.startswith("### Gradients\n\n3 programs, ")
    assert "| `a]]>&.grad:7` | `dz/dx` | " in text
    assert all(line.replace("\\|", "").count("|") == 4 for line in text.splitlines() if line.startswith("|"))
