"""Pictures as one HTML file that needs no network and no library, and works from a `file:` address.

Wheel and drag move it, the search finds boxes, the pointer lights the way of a gradient, arrow keys go
through the steps forward and backward; sliders change scalar inputs, and the page computes values and
gradients again.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from gradcli.graphs.canvas import svg
from gradcli.graphs.picture import Picture

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{{color-scheme:light dark}}
*{{box-sizing:border-box}}
body{{margin:0;font:14px ui-sans-serif,system-ui,sans-serif;display:flex;flex-direction:column}}
body{{height:100vh}}
header{{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;padding:8px 14px}}
header{{border-bottom:1px solid #8886}}
header label{{display:flex;gap:6px;align-items:center;font-family:ui-monospace,monospace}}
header output{{min-width:9ch}} input[type=number]{{width:11ch}} input[type=search]{{width:16ch}}
main{{flex:1;overflow:hidden;min-height:200px;cursor:grab;touch-action:none}}
main:focus{{outline:2px solid #1366d6}}
main svg{{transform-origin:0 0;max-width:none}}
#said{{padding:6px 14px;border-top:1px solid #8886;font-family:ui-monospace,monospace;min-height:2.2em}}
.now rect.box{{stroke-width:4px!important}} .dim{{opacity:.25}}
.found rect.box{{stroke:#c026d3!important;stroke-width:4px}}
</style></head><body>
<header>{controls}
<label>step <input type="range" id="step" min="0" max="{steps}" value="0" aria-label="step"></label>
<label>find <input type="search" id="find" aria-label="find a box"></label>
<button id="fit" type="button">fit</button></header>
<main tabindex="0" aria-label="the graph">{picture}</main>
<div id="said" aria-live="polite">{hint}</div>
<script>
"use strict";
const data = {data};
{script}
const svg = document.querySelector("svg"), main = document.querySelector("main");
const said = document.getElementById("said");
const all = selector => Array.from(document.querySelectorAll(selector));
let scale = 1, left = 0, top_ = 0;
const draw = () => svg.style.transform = `translate(${{left}}px, ${{top_}}px) scale(${{scale}})`;
function fit() {{
  const box = svg.viewBox.baseVal;
  scale = Math.min(1.5, main.clientWidth / box.width, main.clientHeight / box.height);
  left = Math.max(0, (main.clientWidth - box.width * scale) / 2); top_ = 0; draw();
}}
function zoom(factor, x, y) {{
  left = x - (x - left) * factor; top_ = y - (y - top_) * factor; scale *= factor; draw();
}}
main.addEventListener("wheel", event => {{
  event.preventDefault();
  const box = main.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
}}, {{passive: false}});
main.addEventListener("pointerdown", event => {{
  const start = [event.clientX - left, event.clientY - top_];
  const move = event => {{ left = event.clientX - start[0]; top_ = event.clientY - start[1]; draw(); }};
  main.addEventListener("pointermove", move);
  addEventListener("pointerup", () => main.removeEventListener("pointermove", move), {{once: true}});
}});
document.getElementById("fit").addEventListener("click", fit);
addEventListener("resize", fit);
const boxes = half => Object.fromEntries(all(`.${{half}} .node`).map(each => [each.dataset.id, each]));
const forward = boxes("forward"), backward = boxes("back");
function below(id, seen = new Set()) {{
  const stack = [id];
  while (stack.length) {{
    const each = stack.pop();
    if (seen.has(each)) continue;
    seen.add(each);
    for (const [from, to] of data.arrows) if (from === each) stack.push(to);
  }}
  return seen;
}}
function light(id) {{
  const seen = id === null ? null : below(id);
  for (const each of all(".node")) each.classList.toggle("dim", seen !== null && !seen.has(+each.dataset.id));
  for (const each of all(".way")) {{
    const lit = seen !== null && seen.has(+each.dataset.from) && seen.has(+each.dataset.to);
    each.classList.toggle("lit", lit); each.classList.toggle("dim", seen !== null && !lit);
  }}
}}
const tell = id => data.boxes[id].join("   ") ;
for (const each of all(".node")) {{
  each.addEventListener("pointerenter", () => {{
    light(+each.dataset.id);
    said.textContent = tell(+each.dataset.id);
  }});
  each.addEventListener("pointerleave", () => light(null));
}}
const slider = document.getElementById("step");
function step(number) {{
  const last = data.steps.length;
  slider.value = number = Math.max(0, Math.min(last, number));
  for (const each of all(".now")) each.classList.remove("now");
  if (!number) {{ said.textContent = {hint_text}; return; }}
  const [id, half] = data.steps[number - 1];
  const box = (half ? backward : forward)[id];
  if (box) box.classList.add("now");
  said.textContent = `step ${{number}} of ${{last}}, ${{half ? "backward" : "forward"}}: ${{tell(id)}}`;
}}
slider.addEventListener("input", () => step(+slider.value));
document.addEventListener("keydown", event => {{
  if (event.target.matches("input[data-name], input[type=search]")) return;
  const by = {{ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}}[event.key];
  if (by) {{ step(+slider.value + by); event.preventDefault(); }}
  const factor = {{"+": 1.2, "-": 1 / 1.2}}[event.key];
  if (factor) zoom(factor, main.clientWidth / 2, 0);
  if (event.key === "0") fit();
}});
document.getElementById("find").addEventListener("input", event => {{
  const text = event.target.value.toLowerCase();
  for (const each of all(".node"))
    each.classList.toggle("found", text !== "" && tell(+each.dataset.id).toLowerCase().includes(text));
}});
const short = value => typeof value === "boolean" ? (value ? "True" : "False")
  : String(Number(value.toPrecision(6)));
function change() {{
  const inputs = {{}};
  for (const each of all("input[data-name]")) inputs[each.dataset.name] = Number(each.value);
  const found = compute(inputs);
  window.computed = found;
  data.boxes.forEach((lines, id) => {{
    const value = found[2 * id], gradient = found[2 * id + 1];
    if (value !== null) write(forward[id], `= ${{short(value)}}`);
    if (gradient !== null) write(backward[id], `= ${{short(gradient)}}`);
    data.boxes[id] = lines.map(line => line.startsWith("= ") && value !== null ? `= ${{short(value)}}`
      : line.startsWith("grad ") && gradient !== null ? `grad ${{short(gradient)}}` : line);
    for (const box of [forward[id], backward[id]]) {{
      const told = box?.querySelector("title");
      const now = data.boxes[id].join("; ");
      if (told) told.textContent = told.textContent.replace(lines.join("; "), () => now);
    }}
  }});
}}
function write(box, text) {{
  if (!box) return;
  const lines = Array.from(box.querySelectorAll("text")).reverse();
  const line = lines.find(each => each.textContent.startsWith("= "));
  if (line) line.textContent = text;
}}
for (const each of all("input[data-name]")) each.addEventListener("input", () => {{
  for (const other of all(`input[data-name="${{each.dataset.name}}"]`))
    if (other !== each) other.value = each.value;
  change();
}});
fit();
</script></body></html>
"""
HINT = (
    "Move over a box to light the way of its gradient; arrow keys go step by step; wheel and drag move "
    "the picture."
)


def draw(picture: Picture) -> str:
    """The picture as one HTML document."""
    steps: list[tuple[int, int]] = [(number, 0) for number in range(len(picture.boxes))]
    steps += [(number, 1) for number in reversed(range(len(picture.boxes))) if picture.boxes[number].gradient]
    data: dict[str, Any] = {
        "boxes": [box.lines for box in picture.boxes],
        "arrows": picture.arrows,
        "steps": steps,
    }
    script = picture.script or "function compute() { return []; }"
    controls = "\n".join(_slider(name, value) for name, value in (picture.inputs or {}).items())
    return PAGE.format(
        title=escape(picture.title),
        controls=controls,
        steps=len(steps),
        picture=svg.draw(picture),
        hint=HINT,
        hint_text=json.dumps(HINT),
        data=json.dumps(data).replace("<", "\\u003c"),
        script=script,
    )


def _slider(name: str, value: float) -> str:
    reach = max(1.0, 2 * abs(value))
    low, high = (value - reach, value + reach)
    given = f'data-name="{escape(name)}" value="{value!r}"'
    return (
        f'<label>{escape(name)} <input type="range" min="{low!r}" max="{high!r}" step="any" {given}>'
        f'<input type="number" step="any" {given} aria-label="{escape(name)}"></label>'
    )
