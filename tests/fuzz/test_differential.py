"""Random PyTorch scripts print what PyTorch printed, and are refused where it refused them."""

from __future__ import annotations

import json

from fuzz.differential import RECORDED, answer, disagreement


def test_recorded_scripts() -> None:
    rows = json.loads(RECORDED.read_text(encoding="utf-8"))
    found = []
    for row in rows:
        theirs, ours = (row["printed"], row["error"], row["line"]), answer(row["script"])
        kind = disagreement(theirs, ours, row["script"])
        if kind is not None:
            found.append(f"{kind}\n{row['script']}PyTorch: {theirs}\ngradcli: {ours}")
    assert not found, "\n".join(found[:3])
    assert len(rows) > 200
