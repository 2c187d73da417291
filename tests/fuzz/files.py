"""Data files with bytes changed, cut and repeated, and headers and archives that tell lies."""

from __future__ import annotations

import io
import json
import random
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from fuzz.cases import Case
from gradcli.evaluation import bindings


@cache
def _seeds() -> tuple[tuple[str, bytes], ...]:
    plain, archive, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(plain, np.arange(6.0).reshape(2, 3))
    np.savez(archive, x=np.ones(3), y=np.arange(4))
    np.savez_compressed(packed, x=np.zeros((10, 10), np.float32))
    mixed = io.BytesIO()
    with zipfile.ZipFile(mixed, "w") as file:
        file.writestr("x.npy", b"no array")
        file.writestr("é.txt", "text")
    return (
        ("npy", plain.getvalue()),
        ("npz", archive.getvalue()),
        ("npz", packed.getvalue()),
        ("npz", mixed.getvalue()),
        ("csv", b"1,2,3\n4,5,6\n"),
        ("json", json.dumps([[1, 2.5], ["NaN", -3]]).encode()),
    )


def _mutated(random: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(len(changed) + 1)
        match random.randrange(6):
            case 0 if at < len(changed):
                changed[at] = random.randrange(256)
            case 1:
                del changed[at:]
            case 2:
                changed[at:at] = random.randbytes(random.randrange(1, 9))
            case 3:
                del changed[at : at + random.randrange(1, 9)]
            case 4:
                changed[at:at] = changed[at // 2 : at]
            case 5:
                changed[at : at + 1] = random.choice(
                    (b"(", b"9" * 20, b"[" * 100, b"\xff", b"'", b"e999", b"O")
                )
    return bytes(changed)


def case(random: random.Random) -> Case:
    """One damaged file, read as what it was."""
    kind, data = random.choice(_seeds())
    content = _mutated(random, data)
    key = random.choice(("", ":x", ":x", ":y")) if kind == "npz" else ""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"data.{kind}")
            path.write_bytes(content)
            bindings.read(f"@{path}{key}")

    return Case(f"{kind}{key} {content!r}", run)
