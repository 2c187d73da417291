"""Asks PyTorch for the random numbers of `random_numbers.py`, and writes `random_numbers.json`.

PYTHONPATH=tests python tests/golden/record_random.py
"""

from __future__ import annotations

import json

import torch

from golden.random_numbers import PROGRAMS, RECORDED, kept


def answers(program: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(program, names)
    return {name: kept(value.numpy()) for name, value in names.items() if isinstance(value, torch.Tensor)}


if __name__ == "__main__":
    rows = [json.dumps([program, answers(program)]) for program in PROGRAMS]
    RECORDED.write_text("[\n" + ",\n".join(rows) + "\n]\n")
