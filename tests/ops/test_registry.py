"""The index of the table: which file has which rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gradcli


def test_the_index_says_where_each_row_is() -> None:
    program = "from gradcli.ops import index_build; print(index_build.build(), end='')"
    built = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert built.stdout == (Path(gradcli.__file__).parent / "ops" / "index.py").read_text()


def test_a_row_that_the_index_does_not_have_is_found_all_the_same() -> None:
    program = (
        "from gradcli.ops import index, registry; index.NAMES['scans'] = '';"
        "print(registry.lookup('cumsum').signature, registry.lookup('nowhere'))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "cumsum(input, dim, *, dtype=None) None\n"
