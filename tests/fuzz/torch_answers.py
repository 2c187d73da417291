"""What PyTorch says to scripts: a list of them as JSON on standard input, a JSON line for each on the output.

Run by the Python of an environment with PyTorch; `differential` starts it.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
import warnings

import torch


def answer(script: str) -> tuple[list[str], str | None, int]:
    """What a script prints, the first line of the error that it ends with, and in which of its lines."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.manual_seed(0)
    printed = io.StringIO()
    error, at = None, 0
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(script, "script", "exec"), {"__name__": "__main__"})
        except Exception as failure:  # that is an answer
            error = (str(failure) or type(failure).__name__).splitlines()[0]
            frames = traceback.extract_tb(failure.__traceback__)
            at = next((each.lineno for each in frames if each.filename == "script"), None) or 0
    return printed.getvalue().splitlines(), error, at


def main() -> None:
    """Answers them all."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for script in json.load(sys.stdin):
        print(json.dumps(answer(script)), flush=True)


if __name__ == "__main__":
    main()
