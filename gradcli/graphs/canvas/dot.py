"""Pictures for Graphviz."""

from __future__ import annotations

from gradcli.graphs.picture import Picture

SHAPES = {"leaf": "oval", "constant": "plaintext", "call": "box", "root": "doubleoctagon", "fold": "box3d"}


def draw(picture: Picture) -> str:
    """The picture as a `digraph`."""
    lines = ["digraph gradcli {", "  node [fontname=Helvetica, fontsize=11];"]
    for number, box in enumerate(picture.boxes):
        label = "\\n".join(_escaped(line) for line in box.lines)
        style = ", style=dashed" if "cut" in box.marks else ""
        lines.append(f'  n{number} [shape={SHAPES[box.kind]}, label="{label}"{style}];')
    lines += [f"  n{start} -> n{stop};" for start, stop in picture.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
