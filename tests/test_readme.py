"""Every command that the README and the documents show is run, and prints what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from commands import ROOT, SETUP, Example, Shell, blocks, examples

README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = (SETUP, "systemd-run ", "bwrap ")
"""What starts the commands that `.ci/run` or tests/test_reliability.py run: they need more than a shell."""
EXAMPLES = [example for path in DOCUMENTS for example in examples(path)]

pytestmark = pytest.mark.xdist_group("documents")  # a document's later commands read what earlier ones wrote


def test_the_set_up_commands_come_first() -> None:
    first, second = [example.command for example in examples(README)][:2]
    assert first.startswith(f"{SETUP} . && gradcli eval ")
    assert second == f"{SETUP} '.[test]' && python -m pytest"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("reader"))


@pytest.mark.parametrize(
    "example", [example for example in EXAMPLES if not example.command.startswith(ELSEWHERE)], ids=str
)
def test_a_command_prints_what_is_shown(example: Example, shell: Shell) -> None:
    ran = shell.run(example.command)
    if example.output is not None:
        assert ran.stdout.decode().rstrip("\n") == example.output
    else:
        assert ran.returncode == 0, ran.stdout.decode()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_python_session_prints_what_is_shown(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for line, block in blocks(path, "pycon"):
        test = doctest.DocTestParser().get_doctest(block, names, path.name, str(path), line)
        report: list[str] = []
        result = doctest.DocTestRunner().run(test, out=report.append, clear_globs=False)
        names = test.globs
        assert result.failed == 0, "".join(report)
