"""`gradcli check`: whole outputs, exit statuses, reports and files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from commands import ROOT, Gradcli

RIGHT = "y = 2*x; z = y**2"
WRONG = """def f(x):
    return x**3

@backward(f)
def f_backward(g, x):
    return g*x**2

x = param(2.0)
z = f(x)
"""


def test_a_right_gradient(gradcli: Gradcli) -> None:
    ran = gradcli("check", RIGHT, "-s", "x=1")
    assert (ran.status, ran.err) == (0, "")
    first, second, tally = ran.out.splitlines()
    assert tally == "1 program, 2 checks: 2 passed"
    assert first.startswith("PASS <arg 1>:1: dz/dx: 1 element, relative error ")
    assert second.startswith("PASS <arg 1>: forward = reverse: dz by x: differ by ")


def test_a_wrong_gradient(gradcli: Gradcli) -> None:
    ran = gradcli("check", WRONG)
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.splitlines()[0] == (
        "FAIL <arg 1>:9: dz/dx: the gradient says 4, numerically it is 12; ratio 3: a factor 3 is missing"
    )
    assert ran.out.splitlines()[2].startswith("FAIL <arg 1>:4: own gradient of f: ")


def test_a_false_claim(gradcli: Gradcli) -> None:
    ran = gradcli("check", "z = (2*x)**2", "--claim", "dz/dx = 4*x", "--claim", "dz/dx = 8*x")
    assert ran.status == 1
    assert ran.out == (
        "FAIL <arg 1>: dz/dx = 4*x: at x = 1.0 the claim says 4, the derivative is 8; "
        "ratio 2: a factor 2 is missing\n"
        "PASS <arg 1>: dz/dx = 8*x: holds at 100 random points\n"
        "1 program, 2 checks: 1 passed, 1 failed\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["z = x"], 3),
        (["z = sine(x)", "-s", "x=1"], 3),
        (["z = x", "-s", "x=[1,2]"], 4),
        (["z = x", "-s", "x=[1,2]", "--weights", "ones"], 0),
        (["x = param(1.0)\ny = x*x\ny.backward()\ny.backward()"], 4),
        (["for k in range(100): pass", "--max-steps", "10"], 5),
        (["x = param(1.0)\nassert x == 2"], 1),
        (["2 + 3"], 1),
        (["# no-gradients: it adds numbers\n2 + 3"], 0),
        (["z = x", "--claim", "nonsense"], 3),
        (["z = x", "--claim"], 2),
        (["z = x", "--domain", "x=3:1"], 2),
        (["z = x", "--order", "3"], 2),
        (["z = x", "--rtol", "big"], 2),
        (["missing.grad"], 3),
        (["z = x", "--claim", "dz/dx = 1", "--junit", "no/such/folder.xml"], 3),
    ],
)
def test_the_exit_status_is_that_of_eval(gradcli: Gradcli, arguments: list[str], status: int) -> None:
    assert gradcli("check", *arguments).status == status


@pytest.mark.parametrize("program", ["2 + 3", "x = 3; x**2", "print(2)", "x = param(2.0)\nassert x > 1"])
def test_a_program_in_which_nothing_is_differentiated_does_not_pass(gradcli: Gradcli, program: str) -> None:
    ran = gradcli("check", program)
    assert ran.status == 1
    assert ran.out.startswith("FAIL <arg 1>: nothing to check: ")
    assert gradcli("check", f"# no-gradients: on purpose\n{program}").out == (
        "PASS <arg 1>: nothing to check: it has no gradients, as it says: on purpose\n"
        "1 program, 1 check: 1 passed\n"
    )


def test_claims_read_the_leaf_of_a_name_that_was_replaced(gradcli: Gradcli) -> None:
    assert gradcli("check", "x = x^2; y = 3*x", "-s", "x=2", "--claim", "dy/dx = 6*x").status == 0
    assert gradcli("check", "x = x^2; y = 3*x", "-s", "x=2", "--claim", "dy/dx = 3*x").status == 1
    assert gradcli("check", "x = x^2", "-s", "x=2", "--claim", "dx/dx = 2*x").status == 0
    assert gradcli("check", "x = x^2; y = 3*x", "--claim", "dy/dx = 6*x").status == 0


def test_a_failed_assertion_shows_both_sides(gradcli: Gradcli) -> None:
    ran = gradcli(
        "check", "x = param([1.0, 3.0])\ny = sum(x**2)\ny.backward()\nassert allclose(x.grad, [2, 7])"
    )
    assert ran.status == 1
    assert ran.out == (
        "FAIL <arg 1>:4: assert: assertion: the assertion does not hold; left: tensor([2., 6.]); "
        "right: [2, 7]; largest difference: 1 at index [1]\n"
        "1 program, 1 check: 1 failed\n"
    )
    assert "assert allclose(x.grad, [2, 7])\n" in ran.err


def test_a_domain_checks_the_gradients_of_a_program_without_inputs(gradcli: Gradcli) -> None:
    ran = gradcli("check", "z = log(x)*w", "--domain", "0.1:10")
    assert ran.status == 0
    assert [line.split(":")[2].strip() for line in ran.out.splitlines()[:2]] == ["dz/dx", "dz/dw"]
    wrong = WRONG.replace("x = param(2.0)\n", "")
    assert gradcli("check", wrong, "--domain", "x=1:2").status == 1


def test_second_derivatives(gradcli: Gradcli) -> None:
    ran = gradcli("check", "z = sin(x)*w", "-s", "x=1", "-s", "w=2", "--order", "2")
    labels = [line.split(": ")[1] for line in ran.out.splitlines()[:-1]]
    assert labels == ["dz/dx", "dz/dw", "forward = reverse", "d2z/dx2", "d2z/dxdw", "d2z/dw2"]
    assert ran.status == 0


# ---- files and folders ---------------------------------------------------------------------------


def _files(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(name.replace("__", "/") + ".grad")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_folder_means_every_grad_file_in_it(gradcli: Gradcli) -> None:
    _files(
        models__b=WRONG, models__a="x = param(1.0)\nz = x*x\n", models__deep__c="x = param(2.0)\nz = x*x\n"
    )
    Path("models/notes.txt").write_text("not a program")
    ran = gradcli("check", "models", "--json")
    assert [each["source"] for each in ran.object["programs"]] == [
        "models/a.grad",
        "models/b.grad",
        "models/deep/c.grad",
    ]
    assert (ran.status, ran.object["ok"]) == (1, False)
    assert ran.object["summary"] == {
        "programs": 3, "pass": 5, "fail": 2, "unmeasurable": 0, "unproven": 0, "error": 0,
        "known": 0, "proved": 0, "unproved": 0,
    }  # fmt: skip


def test_a_folder_without_programs_is_wrong_usage(gradcli: Gradcli) -> None:
    Path("empty").mkdir()
    assert gradcli("check", "empty").status == 2


def test_exit_first_stops_at_the_first(gradcli: Gradcli) -> None:
    _files(a="x = param(1.0)\nz = x*x\n", b=WRONG, c=WRONG)
    ran = gradcli("check", "a.grad", "b.grad", "c.grad", "-x")
    assert [line.split(" ")[0] for line in ran.out.splitlines()[:-1]] == ["PASS", "PASS", "FAIL"]


@pytest.mark.parametrize("between", ["; ", ";\n", "\n# by y\n"])
def test_several_claims_stand_in_one(gradcli: Gradcli, between: str) -> None:
    claim = f"dz/dx = 2*x{between}dz/dy = 3*y"
    ran = gradcli("check", "z = x**2 + y**2", "--claim", claim)
    assert [line.split(":")[1] for line in ran.out.splitlines()[:-1]] == [" dz/dx = 2*x", " dz/dy = 3*y"]
    assert [line.split(" ")[0] for line in ran.out.splitlines()[:-1]] == ["PASS", "FAIL"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_processes_give_the_same_in_the_same_order(gradcli: Gradcli, jobs: str) -> None:
    _files(**{f"p{number}": f"x = param({number}.5)\nz = x*x\n" for number in range(6)}, q="z = sine(1)\n")
    ran = gradcli("check", ".", "--jobs", jobs, "--format", "ndjson")
    assert ran.status == 3
    assert [each["source"] for each in ran.objects] == [
        *(f"./p{number}.grad" for number in range(6)),
        "./q.grad",
    ]
    assert [each["ok"] for each in ran.objects] == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("text", "status", "part"),
    [
        (
            "# expect-error: graph-freed\nx = param(1.0)\ny = x*x\ny.backward()\ny.backward()\n",
            "pass",
            "as it says",
        ),
        ("# expect-error: graph-freed\nx = param(1.0)\ny = x*x\n", "fail", "does not fail"),
        ("# expect-error: no-grad\nx = param(1.0)\ny = sine(x)\n", "fail", "unknown-function instead"),
        ("# expect-error: non-scalar-root\nx = param([1.0, 2.0])\ny = x*x\n", "pass", "as it says"),
        ("# expect-error: assertion\nassert 1 == 2\n", "pass", "as it says"),
        ("# expect-error: wrong-gradient\n" + WRONG, "pass", "no derivative"),
        ("# expect-error: wrong-gradient\nx = param(1.0)\ny = x*x\n", "fail", "are right"),
        ("# expect-error: graph-fred\nx = param(1.0)\n", "error", "did you mean graph-freed?"),
        ("x = 1\n# expect-error: graph-freed\n", "fail", "it runs, and nothing in it is differentiated"),
    ],
)
def test_a_file_says_how_it_must_fail(gradcli: Gradcli, text: str, status: str, part: str) -> None:
    _files(a=text)
    ran = gradcli("check", "a.grad", "--json")
    (check,) = ran.object["programs"][0]["checks"]
    assert check["status"] == status
    assert part in check["message"] + " ".join(check["notes"])
    assert ran.status == {"pass": 0, "fail": 1, "error": 3}[status]


def test_a_file_gives_default_bindings(gradcli: Gradcli) -> None:
    _files(a="# A weighted sum.\n# inputs: x=[1, 2], w=ones(2)\nassert x[0] == 1\nz = sum(x*w)\n")
    assert gradcli("check", "a.grad").status == 0
    assert gradcli("check", "a.grad", "-s", "x=[3, 4]").status == 1


def test_an_input_that_serves_none_of_several_programs_is_told(gradcli: Gradcli) -> None:
    _files(a="z = x*x\n", b="z = x + 1\n")
    assert gradcli("check", "a.grad", "b.grad", "-s", "x=1").status == 0
    ran = gradcli("check", "a.grad", "b.grad", "-s", "x=1", "-s", "q=1")
    assert ran.status == 3
    assert "none of the programs has a name q" in ran.err


# ---- formats -------------------------------------------------------------------------------------


def test_tap(gradcli: Gradcli) -> None:
    _files(a=WRONG, b="x = param(0.0)\nz = abs(x)\n")
    lines = gradcli("check", "a.grad", "b.grad", "--format", "tap").out.splitlines()
    assert lines[0] == "TAP version 13"
    fourteen = gradcli("check", "a.grad", "b.grad", "--format", "tap14").out.splitlines()
    assert fourteen[0] == "TAP version 14"
    assert fourteen[1:] == lines[1:]
    assert lines[-1] == "1..5"
    assert lines[1] == "not ok 1 - a.grad: dz/dx"
    assert '  at: {file: "a.grad", line: 9}' in lines
    (skipped,) = [line for line in lines if "# SKIP" in line]
    assert skipped.startswith("ok 4 - b.grad: dz/dx # SKIP not measurable here: a kink")


def test_github_annotations(gradcli: Gradcli) -> None:
    _files(a=WRONG)
    first, *_, last = gradcli("check", "a.grad", "--format", "github").out.splitlines()
    assert first == (
        "::error file=a.grad,line=9,col=5,endColumn=9,title=dz/dx::the gradient says 4, numerically it is 12"
        "%0Aratio 3: a factor 3 is missing"
    )
    assert last == "1 program, 3 checks: 1 passed, 2 failed"


def test_report_files_in_the_same_run(gradcli: Gradcli) -> None:
    _files(a=WRONG, b="x = param(1.0)\nz = x*x\n")
    ran = gradcli(
        "check", "a.grad", "b.grad", "--junit", "r.xml", "--json-out", "r.json", "--tap-out", "r.tap",
        "--ndjson-out", "r.ndjson",
    )  # fmt: skip
    assert ran.status == 1
    assert len(ran.out.splitlines()) == 6
    root = ElementTree.parse("r.xml").getroot()
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "2", "errors": "0", "skipped": None,
    }  # fmt: skip
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert "numerically it is 12" in (failure.text or "")
    assert json.loads(Path("r.json").read_text())["summary"]["fail"] == 2
    assert len(Path("r.ndjson").read_text().splitlines()) == 2
    assert Path("r.tap").read_text().endswith("1..5\n")
    assert sorted(os.listdir()) == ["a.grad", "b.grad", "r.json", "r.ndjson", "r.tap", "r.xml"]


def test_one_report_that_cannot_be_written_stops_neither_the_others_nor_the_verdict(gradcli: Gradcli) -> None:
    _files(a=WRONG)
    ran = gradcli(
        "check", "a.grad", "--junit", "none/r.xml", "--tap-out", "/dev/full", "--json-out", "r.json"
    )
    assert ran.status == 3
    assert len(ran.out.splitlines()) == 4
    assert [line for line in ran.err.splitlines() if line.startswith("error")] == [
        "error[io]: cannot write none/r.xml: there is no folder none",
        "error[io]: cannot write /dev/full: No space left on device",
    ]
    assert json.loads(Path("r.json").read_text())["summary"]["fail"] == 2


def test_json_is_valid_whatever_the_numbers(gradcli: Gradcli) -> None:
    source = (
        "def f(x):\n    return x*x\n@backward(f)\ndef b(g, x):\n    return g*x*nan\nx = param(1.0)\nz = f(x)"
    )
    ran = gradcli("check", source, "--json")
    assert ran.object["programs"][0]["checks"][0]["details"]["analytic"] == "NaN"


def test_names_of_files_cannot_write_to_the_terminal_or_break_the_xml(gradcli: Gradcli) -> None:
    Path("a\x1b[31m.grad").write_text("z = sine(1)\n")
    ran = gradcli("check", ".", "--junit", "r.xml")
    assert "\x1b" not in ran.out + ran.err
    ElementTree.parse("r.xml")


def test_a_killed_run_leaves_no_half_of_a_report(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text("the report of last time")
    (tmp_path / "slow.grad").write_text(
        "x = param(1.0)\ny = x\nfor k in range(10**7):\n    y = y*1.0000001\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "check", "slow.grad", "--junit", "r.xml", "--max-memory", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sorted(os.listdir(tmp_path)) == ["r.xml", "slow.grad"]
    assert (tmp_path / "r.xml").read_text() == "the report of last time"


def test_the_samples_are_right(gradcli: Gradcli) -> None:
    ran = gradcli("check", str(ROOT / "samples"), "--json")
    assert (ran.status, ran.object["ok"]) == (0, True), ran.out
    assert ran.object["summary"]["programs"] == len(list((ROOT / "samples").glob("*.grad")))


def test_a_name_alone_is_a_folder_that_is_not_there(gradcli: Gradcli) -> None:
    ran = gradcli("check", "gradients", "--domain", "1:2")
    assert ran.status == 2
    assert "there is no folder gradients" in ran.err
    assert gradcli("check", "x", "-s", "x=1").status == 0


def test_points_that_nothing_is_left_for_are_told(gradcli: Gradcli) -> None:
    program = "y = x*x\nif x > 1:\n    while True: y = y + 1\ny"
    ran = gradcli("check", program, "--domain", "-3:3", "--max-steps", "2000")
    assert ran.status == 5
    assert "dy/dx: 1 element, relative error 0.0e+00, at 1 random point\n" in ran.out
    assert "ERROR <arg 1>: 7 of 8 random points: not looked at: the program took more than 2,000" in ran.out
    assert "of 8 random" not in gradcli("check", "y = x*x", "--domain", "-3:3").out
