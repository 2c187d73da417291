"""The small programs of `rules.txt`, about PyTorch's rules: what is freed, in place, a view.

`record_rules.py` asks PyTorch what each prints and what it refuses; `tests/autograd/test_rules.py` replays
them. A program begins below a line `== name` and finds `x`, a leaf of [1., 2., 3.], and `s`, a leaf of 2.
"""

from __future__ import annotations

import re
from pathlib import Path

SETUP = """import torch
x = torch.tensor([1., 2., 3.], requires_grad=True)
s = torch.tensor(2., requires_grad=True)
"""

PROGRAMS = {
    match[1]: match[2].strip()
    for match in re.finditer(
        r"^== (.*)\n((?:(?!== ).*\n)*)", Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"), re.M
    )
}
