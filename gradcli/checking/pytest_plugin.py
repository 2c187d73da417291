"""The pytest plugin: `*.grad` files as test items, each checked as `gradcli check` does.

pytest loads it wherever gradcli is installed; it does nothing unless `--gradcli` is given or the
configuration says `gradcli = true`. gradcli itself is loaded when the first item runs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcli.checking.results import Report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--gradcli` and its setting."""
    group = parser.getgroup("gradcli", "gradients of *.grad files")
    group.addoption("--gradcli", action="store_true", default=False, help="check *.grad files as tests")
    parser.addini("gradcli", "check *.grad files as tests", type="bool", default=False)
    parser.addini("gradcli_strict", "gradients that cannot be measured fail", type="bool", default=False)
    parser.addini("gradcli_baseline", "a file of known failures, as of gradcli check", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> GradFile | None:
    """A `.grad` file, where that is asked for."""
    if file_path.suffix != ".grad":
        return None
    config = parent.config
    if not (config.getoption("gradcli", default=False) or config.getini("gradcli")):
        return None
    made: GradFile = GradFile.from_parent(parent, path=file_path)
    return made


class GradFile(pytest.File):
    """A program."""

    def collect(self) -> Iterator[GradItem]:
        """Its one item."""
        yield GradItem.from_parent(self, name="gradients")


class GradientsWrong(Exception):
    """What a failed item raises: the report says the rest."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


class GradItem(pytest.Item):
    """All checks of one program."""

    def runtest(self) -> None:
        """Checks the program; xfails where that is known, or nothing can be measured."""
        __tracebackhide__ = True
        from gradcli.checking.results import KNOWN, UNMEASURABLE, UNPROVED
        from gradcli.checking.runner import Checker
        from gradcli.errors import GradcliError

        try:
            text: str | GradcliError = self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            text = GradcliError("io", f"cannot read {self.path.name}: it is not UTF-8 text")
        checker = Checker(strict=self.config.getini("gradcli_strict"))
        report = checker(_shown(self.path, self.config), text, True)
        baseline = self.config.getini("gradcli_baseline")
        if baseline:
            from gradcli.checking.baseline import Baseline

            report = Baseline(str(self.config.rootpath / baseline)).applied(report)
        if not report.ok:
            raise GradientsWrong(report)
        known = [check for check in report.checks if check.status == KNOWN]
        if known:
            pytest.xfail(f"{known[0].label}: {known[0].message}")
        unmeasured = [check for check in report.checks if check.status in (UNMEASURABLE, UNPROVED)]
        if unmeasured and len(unmeasured) == len(report.checks):
            pytest.xfail(unmeasured[0].message)
        for check in unmeasured:
            warnings.warn(pytest.PytestWarning(check.text(report.source)), stacklevel=1)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The diagnostic, and a line for each thing that is wrong."""
        error = excinfo.value
        if not isinstance(error, GradientsWrong):
            return super().repr_failure(excinfo)
        from gradcli.checking.results import WRONG

        report = error.report
        if report.diagnostic:
            return report.diagnostic
        wrong = [check for check in report.checks if check.status in WRONG]
        lines = []
        for check in wrong:
            first = check.text(report.source).partition("; ")[0]
            lines += [first, *[f"  {note}" for note in check.notes]]
        return "\n".join(lines)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is and what it is called."""
        return self.path, None, f"gradients of {self.path.name}"


def _shown(path: Path, config: pytest.Config) -> str:
    try:
        return str(path.relative_to(config.invocation_params.dir))
    except ValueError:
        return str(path)
