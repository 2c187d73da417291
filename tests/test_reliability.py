"""What docs/reliability.md tells to run, run, where the tool is there and allowed to do its work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from commands import ROOT, Example, Shell, examples

PAGE = ROOT / "docs" / "reliability.md"
_TOOLS = {
    "prlimit": ("prlimit", "--cpu=20", "--as=4000000000", "--core=0", "--", "true"),
    "systemd-run": ("systemd-run", "--user", "--scope", "true"),
    "bwrap": ("bwrap", "--ro-bind", "/", "/", "--unshare-all", "true"),
}
"""What tells whether each tool works here."""
CONFINED = [example for example in examples(PAGE) if example.command.split()[0] in _TOOLS]


def test_each_way_is_shown() -> None:
    assert [example.command.split()[0] for example in CONFINED] == list(_TOOLS)


@pytest.mark.parametrize("example", CONFINED, ids=lambda example: example.command.split()[0])
def test_a_confined_run_gives_what_a_free_one_gives(example: Example, tmp_path: Path) -> None:
    tool = example.command.split()[0]
    if shutil.which(tool) is None or subprocess.run(_TOOLS[tool], capture_output=True).returncode:
        pytest.skip(f"{tool} is not here, or may not do its work")
    shell = Shell(tmp_path)
    shell.environment["OPENBLAS_NUM_THREADS"] = "1"
    free = shell.run(re.sub(r".*?(?=gradcli eval)", "", example.command))
    assert free.returncode == 0
    assert shell.run(example.command).stdout == free.stdout


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not here")
def test_too_little_address_space_is_a_limit_like_any_other(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment["OPENBLAS_NUM_THREADS"] = "1"
    ran = shell.run(
        "prlimit --as=1500000000 -- gradcli eval 'sum(ones(300, 1000, 1000))' --max-memory 0; echo $?"
    )
    told = ran.stdout.decode().splitlines()
    assert (told[0], told[-1]) == ("error[limit]: there is not enough memory for this program", "5")


def test_the_page_names_generators_that_exist() -> None:
    named = set(re.findall(r"python -m tests\.fuzz (\w+)", PAGE.read_text()))
    assert named
    assert all((ROOT / "tests" / "fuzz" / f"{name}.py").exists() for name in named)
