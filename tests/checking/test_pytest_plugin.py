"""The pytest plugin: `*.grad` files as items, when that is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT

WRONG = "def f(x):\n    return x*x\n@backward(f)\ndef b(g, x):\n    return g*x\nx = param(3.0)\nz = f(x)\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder, with the plugin as an installed gradcli has it."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "gradcli.checking.pytest_plugin",
            "-p",
            "no:cacheprovider",
            *arguments,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "right.grad").write_text("x = param(1.0)\nz = x*x\n")
    (tmp_path / "wrong.grad").write_text(WRONG)
    (tmp_path / "kink.grad").write_text("x = param(0.0)\nz = abs(x)\n")
    (tmp_path / "broken.grad").write_text("z = sine(1)\n")
    return tmp_path


def test_files_are_items_with_readable_failures(folder: Path) -> None:
    ran = run(folder, "--gradcli", "-q")
    assert ran.returncode == 1
    assert "2 failed, 2 passed, 1 warning" in ran.stdout
    assert "UNMEASURABLE kink.grad:2: dz/dx" in ran.stdout
    assert "FAIL wrong.grad:7: dz/dx: the gradient says 3, numerically it is 6" in ran.stdout
    assert "  ratio 2: a factor 2 is missing" in ran.stdout
    assert "error[unknown-function]: there is no function sine" in ran.stdout
    assert "Traceback" not in ran.stdout
    assert "checking/runner.py" not in ran.stdout


def test_settings_of_the_configuration(folder: Path) -> None:
    (folder / "pytest.ini").write_text(
        "[pytest]\ngradcli = true\ngradcli_strict = true\ngradcli_baseline = b.json\n"
    )
    entry = {"source": "wrong.grad", "kind": "gradient", "label": "dz/dx"}
    own = {"source": "wrong.grad", "kind": "own-gradient", "label": "own gradient of f"}
    (folder / "b.json").write_text(json.dumps({"failures": [entry, own]}))
    ran = run(folder, "-q", "-rx")
    assert "2 failed, 1 passed, 1 xfailed" in ran.stdout
    assert "FAIL kink.grad:2: dz/dx" in ran.stdout


def test_it_is_off_unless_asked_for(folder: Path) -> None:
    assert "no tests ran" in run(folder, "-q").stdout


def test_a_setting_turns_it_on(folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\ngradcli = true\n")
    ran = run(folder, "-q", "right.grad")
    assert (ran.returncode, "1 passed" in ran.stdout) == (0, True)
