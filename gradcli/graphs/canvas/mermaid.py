"""Pictures for Mermaid, in Markdown and on the web. It draws 500 arrows at most."""

from __future__ import annotations

from gradcli.graphs.picture import Picture

MOST_ARROWS = 500
SHAPES = {
    "leaf": ('(["', '"])'),
    "constant": ('("', '")'),
    "call": ('["', '"]'),
    "root": ('[["', '"]]'),
    "fold": ('[/"', '"/]'),
}


def draw(picture: Picture) -> str:
    """The picture as a flowchart."""
    lines = ["flowchart TB"]
    for number, box in enumerate(picture.boxes):
        before, after = SHAPES[box.kind]
        label = "<br/>".join(_escaped(line) for line in box.lines)
        lines.append(f"  n{number}{before}{label}{after}")
    lines += [f"  n{start} --> n{stop}" for start, stop in picture.arrows]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    for sign, name in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        text = text.replace(sign, name)
    return text
