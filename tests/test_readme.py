"""Every command that the README and the documents show is run, and prints what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from commands import ROOT, SETUP, Shell, blocks, examples

README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = (SETUP, "systemd-run ", "bwrap ")
"""What starts the commands that `.ci/run` or tests/test_reliability.py run: they need more than a shell."""


def test_the_set_up_commands_come_first() -> None:
    first, second = [example.command for example in examples(README)][:2]
    assert first.startswith(f"{SETUP} . && gradcli eval ")
    assert second == f"{SETUP} '.[test]' && python -m pytest"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_print_what_is_shown(path: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)  # one for the document: later commands read what earlier ones wrote
    wrong = []
    for example in examples(path):
        if example.command.startswith(ELSEWHERE):
            continue
        status, printed = shell.shown(example.command)
        printed = printed.rstrip("\n")
        if status if example.output is None else printed != example.output:
            wrong.append((str(example), example.output, printed))
    assert not wrong
    for picture in re.findall(r"!\[[^\]]*\]\(([^):]+)\)", path.read_text(encoding="utf-8")):
        shown = path.parent / picture
        assert shown.read_bytes() == (tmp_path / shown.name).read_bytes(), picture


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


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), flags=re.M)
            assert anchor in [_anchor(each) for each in headings], link


def test_the_project_has_one_address() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (home,) = re.findall(r'^Homepage = "https://(.*)"$', project, flags=re.M)
    owner = re.escape(home.partition("/")[0])
    for path in [*DOCUMENTS, ROOT / "pyproject.toml", ROOT / ".ci" / "mkdocs.yml"]:
        found = re.findall(rf"{owner}/[\w-]+/gradcli\b", path.read_text(encoding="utf-8"))
        assert set(found) <= {home}, path


def _anchor(heading: str) -> str:
    """What a heading is called in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
