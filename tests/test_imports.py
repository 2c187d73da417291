"""What each way of starting loads: nothing heavy on a path where it has no business.

By the list of modules in a fresh process, never by time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from gradcli.cli.commands import COMMANDS

HEAVY = {"numpy", "scipy", "lark", "rich", "typer"}
PROGRAM = """
import sys
from gradcli.cli import run
status = run(sys.argv[1:])
sys.stdout.flush()
print("LOADED", status, *sorted(sys.modules), file=sys.stderr)
"""


@cache
def _loaded(*arguments: str) -> tuple[int, set[str]]:
    """The exit status of a command, and the modules that it loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], input="", capture_output=True, text=True, check=True
    )
    (line,) = [line for line in ran.stderr.splitlines() if line.startswith("LOADED ")]
    _, status, *modules = line.split()
    return int(status), set(modules)


def _packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    ("arguments", "status", "allowed"),
    [
        (["--version"], 0, set()),
        (["--help"], 0, set()),
        (["eval", "--help"], 0, set()),
        (["--show-completion", "bash"], 0, set()),
        (["eval", "x", "--unknown"], 2, set()),
        (["eval", "x", "--set", "1"], 2, set()),
        (["unknown"], 2, set()),
        (["eval", "2*"], 3, set()),
        (["eval", "2*", "--json"], 3, set()),
        (["eval", "x**2", "-s", "x=3"], 0, {"numpy"}),
        (["eval", "x**2", "-s", "x=3", "--json"], 0, {"numpy"}),
        (["eval", "x**2", "-s", "x=3", "--format", "csv"], 0, {"numpy"}),
        (["eval", "y = sum(sin(x)*exp(x) @ x)", "-s", "x=[1,2]", "--order", "2"], 0, {"numpy"}),
        (["eval", "print(2)", "-q"], 0, {"numpy"}),
        (["explain", "2*"], 3, set()),
        (["explain", "y = sin(x)", "-s", "x=3"], 0, {"numpy"}),
        (["eval", "sine(x)", "-s", "x=3"], 3, {"numpy"}),
        (["eval", "x**2", "-s", "x=3", "--format", "table"], 0, {"numpy", "rich"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_run_loads_only_what_it_needs(arguments: list[str], status: int, allowed: set[str]) -> None:
    found, modules = _loaded(*arguments)
    assert (found, _packages(modules) & HEAVY - allowed) == (status, set())


@pytest.mark.parametrize(
    ("arguments", "status", "without"),
    [
        (["--help"], 0, {f"gradcli.cli.{name}" for name in COMMANDS}),
        (["eval", "2*"], 3, {"json", "gradcli.evaluation.run", "gradcli.tape.node", "gradcli.report.table"}),
        (
            ["eval", "x**2", "-s", "x=3"],
            0,
            {
                "numpy.random",
                "scipy",
                "json",
                "dataclasses",
                "threading",
                "signal",
                "gradcli.derivatives.higher",
            },
        ),
        (["eval", "x**2", "-s", "x=3", "--json"], 0, {"numpy.random", "gradcli.report.table"}),
        (
            ["eval", "x**2", "-s", "x=3"],
            0,
            {
                "array",
                "gradcli.syntax.arithmetic",
                "gradcli.syntax.marks",
                "gradcli.checking",
                "gradcli.evaluation.compiled",
                "gradcli.library",
                "concurrent.futures",
            },
        ),
        (["eval", "x**2", "-s", "x=3"], 0, {"gradcli.engine.large", "gradcli.syntax.tables_build"}),
        (["eval", "x**2", "-s", "x=3"], 0, {"gradcli.syntax.pasted", "gradcli.ops.shapes"}),
        (
            ["eval", "x**2", "-s", "x=3"],
            0,
            {"gradcli.autograd.recorded_gradients", "gradcli.library.objects"},
        ),
        (["eval", "x**2", "-s", "x=3"], 0, {"gradcli.autograd.saved_values", "gradcli.values.arrays"}),
        (["eval", "x**2", "-s", "x=3"], 0, {"gradcli.tape.cascade", "gradcli.autograd.operated"}),
        (["eval", "sin(x)", "-s", "x=3"], 0, {"gradcli.ops.reductions", "gradcli.ops.linalg"}),
        (["eval", "--lines", "x**2", "-s", "x=3"], 0, {"gradcli.cli.parallel", "multiprocessing", "lark"}),
        (["eval", "import random; random.random()"], 0, {"gradcli.library.numpy_functions"}),
        (["diff", "sin(x)*exp(x)"], 0, {"threading", "gradcli.ops.pooling", "gradcli.engine.worker"}),
    ],
)
def test_a_run_leaves_alone_what_it_has_no_use_for(
    arguments: list[str], status: int, without: set[str]
) -> None:
    found, modules = _loaded(*arguments)
    # Some versions of NumPy load one of these themselves (sysconfig of Python 3.14 loads threading).
    theirs = _with_numpy() if "numpy" in modules else set()
    assert (found, without & modules - theirs) == (status, set())


@cache
def _with_numpy() -> set[str]:
    code = "import sys, numpy; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_the_version_loads_next_to_nothing() -> None:
    _, modules = _loaded("--version")
    assert not modules & {"dataclasses", "inspect", "json", "pathlib", "re", "typing"}


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("import gradcli", set()),
        ("import gradcli; gradcli.GradcliError; gradcli.__version__; dir(gradcli)", set()),
        ("import gradcli; gradcli.evaluate('x*2', {'x': 1.0}).grads['x']", {"numpy"}),
    ],
)
def test_the_package_is_lazy(program: str, allowed: set[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert _packages(set(ran.stdout.split())) & HEAVY - allowed == set()


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_rows_are_read_and_written_without_pandas_where_it_is_installed(tmp_path: Path, format: str) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "pandas.py").write_text("import sys\nsys.stderr.write('pandas is loaded')\n")
    ran = subprocess.run(
        [sys.executable, "-m", "gradcli", "map", "z = x*2", "--from", format],
        input='{"x": 3.0}\n{"x": "?"}\n' if format == "ndjson" else "x\n3.0\n?\n",
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, "pandas" in ran.stderr) == (0, False)
    assert ran.stdout.startswith('{"x":3.0,"z":6.0' if format == "ndjson" else "x,z,dz/dx\n3.0,6.0,2.0\n")
