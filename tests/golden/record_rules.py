"""Asks PyTorch what the programs of `rules.txt` print and what it refuses, and writes `rules.json`.

Run with PyTorch installed: `python tests/golden/record_rules.py`. The replay needs none.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.rules import PROGRAMS, SETUP  # noqa: E402


def answer(text: str) -> dict[str, object]:
    """What a program prints, and the first line of what PyTorch refuses it with."""
    printed = io.StringIO()
    refused = None
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(SETUP + text, "rule", "exec"), {})
        except Exception as error:  # that is an answer
            refused = str(error).splitlines()[0]
    return {"text": text, "printed": printed.getvalue().splitlines(), "refused": refused}


def main() -> None:
    """Records all programs."""
    found = {"torch": torch.__version__, "rules": {name: answer(text) for name, text in PROGRAMS.items()}}
    (HERE / "rules.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
