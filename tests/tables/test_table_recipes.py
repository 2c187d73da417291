"""The recipes of docs/tables.md print what they say, where the tools are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT

RECIPES = re.findall(
    r"```(sh|python)\n(.*?)```\n\n```text\n(.*?)```",
    (ROOT / "docs/tables.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("kind", "code", "printed"), RECIPES, ids=lambda value: value.split("\n")[0][:16])
def test_a_recipe_prints_what_it_says(
    kind: str, code: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    import gradcli.cli

    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("x,y\n1,2\n3,4\n")
    if kind == "sh":
        if shutil.which("jq") is None:
            pytest.skip("jq is not installed")
        Path("gradcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradcli "$@"\n')
        Path("gradcli").chmod(0o755)
        command = f"PATH=.:$PATH; {code}"
        found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    else:
        pytest.importorskip(code.split()[1])
        arguments = ["map", "z = sin(x)*y", "data.csv", "-o", "slopes.parquet", "--names", "slope_{wrt}"]
        assert gradcli.cli.run(arguments) == 0
        exec(compile(code, "docs/tables.md", "exec"), {})
        found = capsys.readouterr().out
    assert found == printed


def test_every_tool_has_a_recipe() -> None:
    assert [code.split()[1] for kind, code, _ in RECIPES if kind == "python"] == [
        "pandas",
        "duckdb",
        "polars",
    ]
