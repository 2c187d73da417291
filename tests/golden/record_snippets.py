"""Runs every program of `snippets/` and `failing/` with PyTorch and keeps what it printed beside it.

Run with PyTorch installed: `python tests/golden/record_snippets.py`. A snippet's `.out` is its standard
output; a failing program's `.err` is the first line of PyTorch's exception.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent


def run(path: Path) -> tuple[str, Exception | None]:
    """What a program prints, and how it ends."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.manual_seed(0)
    printed = io.StringIO()
    failure = None
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), {"__name__": "__main__"})
        except Exception as error:  # a failing program is meant to fail
            failure = error
    return printed.getvalue(), failure


def main() -> None:
    """Records both folders."""
    wrong = []
    for path in sorted((HERE / "snippets").glob("*.py")):
        printed, failure = run(path)
        if failure is not None:
            wrong.append(f"{path.name}: {type(failure).__name__}: {failure}")
        path.with_suffix(".out").write_text(printed, encoding="utf-8")
    for path in sorted((HERE / "failing").glob("*.py")):
        printed, failure = run(path)
        if failure is None:
            wrong.append(f"{path.name}: PyTorch does not fail")
        sentence = str(failure).splitlines()[0] if str(failure) else type(failure).__name__
        path.with_suffix(".err").write_text(sentence + "\n", encoding="utf-8")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
