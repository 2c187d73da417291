"""Reports against schemas and by readers of their own kind, with names and messages that are hostile to them.

`schemas/` holds what Jenkins and pytest allow in JUnit's XML, and the part of SARIF 2.1.0 that is written,
which lets nothing else through.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from commands import Gradcli

SCHEMAS = Path(__file__).parent / "schemas"
HOSTILE = "we\tird ]]> & <b>\"'#|☃ \ufffe \u2028\x07 end"
NAMES = ["a]]>&'\".grad", "ü b;c=d%41.grad", "ta\tb#?.grad", "ok.grad"]
PROGRAMS = [
    "def f(x):\n    return x*x\n@backward(f)\ndef b(g, x):\n    return g*x\nx = param(3.0)\nz = f(x)\n",
    f"x = param(1.0)\nz = x*x\nassert x > 2, {HOSTILE!r}\n",
    "x = param(0.0)\nz = abs(x)\n",
    "x = param(3.0)\nz = 2*x +\n",
]


def _junit() -> Any:
    import xmlschema  # whose import takes longer than all that is here

    return xmlschema.XMLSchema(SCHEMAS / "junit.xsd")


@pytest.fixture
def hostile(gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for name, text in zip(NAMES, PROGRAMS, strict=True):
        Path(name).write_text(text, encoding="utf-8")
    Path("known.grad").write_text(PROGRAMS[0].replace("def f", "# expect-fail: dz/dx\ndef f", 1))
    return ["check", "--files", *NAMES, "known.grad", "missing\n.grad"]


def test_junit_by_jenkins_schema_and_read_back(gradcli: Gradcli, hostile: list[str]) -> None:
    gradcli(*hostile, "--junit", "r.xml")
    _junit().validate("r.xml")
    suites = list(JUnitXml.fromfile("r.xml"))
    assert [suite.name for suite in suites[:2]] == ["a]]>&'\".grad", "ü b;c=d%41.grad"]
    outcomes = [type(each) for suite in suites for case in suite for each in case.result]
    assert {Failure, Error, Skipped} == set(outcomes)
    for suite in suites:
        cases = list(suite)
        assert suite.tests == len(cases)
        for kind, told in ((Failure, suite.failures), (Error, suite.errors), (Skipped, suite.skipped)):
            assert told == sum(isinstance(each, kind) for case in cases for each in case.result)
    failure = next(each for case in suites[1] for each in case.result if isinstance(each, Failure))
    assert "we ird ]]> & <b>\"'#|☃" in failure.message
    assert failure.text.endswith("at ü b;c=d%41.grad:3")


@pytest.mark.parametrize(
    ("element", "other"),
    [
        ("<testcase ", '<testcase file="a" '),
        ('tests="1" ', ""),
        ("<failure ", "<fault "),
        ('time="', 'time="-'),
    ],
)
def test_that_schema_refuses_what_jenkins_does(
    gradcli: Gradcli, hostile: list[str], element: str, other: str
) -> None:
    gradcli("check", "z = x*x", "--claim", "dz/dx = x", "--junit", "r.xml")
    text = Path("r.xml").read_text(encoding="utf-8")
    assert element in text
    text = text.replace(element, other)
    text = text.replace("</failure>", "</fault>") if other == "<fault " else text
    assert not _junit().is_valid(text)


def test_sarif_by_its_schema(gradcli: Gradcli, hostile: list[str]) -> None:
    schema = json.loads((SCHEMAS / "sarif.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    found = json.loads(gradcli(*hostile, "--format", "sarif").out)
    jsonschema.Draft202012Validator(schema).validate(found)
    assert len(found["runs"][0]["results"]) >= 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(
            uri="a b"
        ),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run.update(extra=1),
    ],
)
def test_the_schema_of_sarif_refuses_what_is_none(gradcli: Gradcli, hostile: list[str], spoil: Any) -> None:
    schema = json.loads((SCHEMAS / "sarif.json").read_text(encoding="utf-8"))
    found = json.loads(gradcli(*hostile[:3], "--format", "sarif").out)
    spoil(found["runs"][0])
    assert not jsonschema.Draft202012Validator(schema).is_valid(found)
