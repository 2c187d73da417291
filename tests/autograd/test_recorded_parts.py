"""A recorded gradient shares its memory with views of it, also where it is one number many times."""

from __future__ import annotations

import gradcli


def test_a_part_that_is_written_to_is_its_part() -> None:
    program = (
        "import torch\nx = torch.ones(2, 3, requires_grad=True)\n"
        "g, = torch.autograd.grad(x.sum(), x, create_graph=True)\ng.diagonal().zero_()\nprint(g.tolist())\n"
    )
    assert gradcli.evaluate(program, wrt=[]).printed == ["[[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]"]
