"""Figures as one HTML file that needs no network: the SVG, and under the pointer value and derivative."""

from __future__ import annotations

import json
from html import escape

import numpy as np

from gradcli.plotting.canvas import svg
from gradcli.plotting.figure import Array, Figure

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root{{color-scheme:light dark}}
body{{margin:0 auto;max-width:960px;padding:16px;font:14px ui-sans-serif,system-ui,sans-serif}}
svg{{width:100%;height:auto}}
#said{{min-height:4.5em;white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace}}
#probe{{stroke:currentColor;stroke-dasharray:2 3;opacity:.6}}
</style></head><body>
<main>{picture}<p id="said" aria-live="polite">Move over the picture, or use the arrow keys.</p></main>
<script>
const data = {data};
const svg = document.querySelector("svg"), said = document.getElementById("said");
const ns = "http://www.w3.org/2000/svg", probe = document.createElementNS(ns, "line");
probe.id = "probe"; svg.append(probe);
const f = data.frame;
const at = s => f.log ? f.low * Math.pow(f.high / f.low, s) : f.low + s * (f.high - f.low);
const show = v => v === null ? "none" : String(+v.toPrecision(10));
function value(line, x) {{
  for (const part of line.parts) {{
    const xs = part.x, n = xs.length;
    if (n < 2 || x < xs[0] || x > xs[n - 1]) continue;
    let a = 0, b = n - 1;
    while (b - a > 1) {{ const m = (a + b) >> 1; if (xs[m] <= x) a = m; else b = m; }}
    const h = xs[b] - xs[a], t = (x - xs[a]) / h, s = part.s;
    if (!s) return [part.y[a] + t * (part.y[b] - part.y[a]), null];
    const y0 = part.y[a], y1 = part.y[b], d0 = s[a] * h, d1 = s[b] * h;
    const y = (1 + 2 * t) * (1 - t) ** 2 * y0 + t * (1 - t) ** 2 * d0
      + t * t * (3 - 2 * t) * y1 - t * t * (1 - t) * d1;
    const d = (6 * t * t - 6 * t) * (y0 - y1) + (1 - t) * (1 - 3 * t) * d0 + t * (3 * t - 2) * d1;
    return [y, h ? d / h : null];
  }}
  return [null, null];
}}
let place = 0.5;
function look(s) {{
  place = Math.min(1, Math.max(0, s));
  const x = at(place), px = f.left + place * (f.right - f.left);
  for (const [k, v] of [["x1", px], ["x2", px], ["y1", f.top], ["y2", f.bottom]]) probe.setAttribute(k, v);
  said.textContent = [f.name + " = " + show(x), ...data.lines.map(line => {{
    const [y, d] = value(line, x);
    return line.label + " = " + show(y) + (d !== null ? ",  slope = " + show(d) : "");
  }})].join("\\n");
}}
svg.addEventListener("pointermove", event => {{
  const box = svg.getBoundingClientRect(), scale = f.width / box.width;
  look(((event.clientX - box.left) * scale - f.left) / (f.right - f.left));
}});
svg.setAttribute("tabindex", "0");
svg.addEventListener("keydown", event => {{
  const step = {{ArrowLeft: -1, ArrowRight: 1}}[event.key];
  if (step) {{ look(place + step / 200); event.preventDefault(); }}
}});
</script></body></html>
"""


def draw(figure: Figure) -> str:
    """The figure as one HTML document."""
    frame = svg.Frame(figure)
    lines = []
    for line in figure.lines:
        if line.role in ("curve", "derivative") and line.label:
            slopes: list[Array | None] = line.slopes or [None] * len(line.parts)
            lines.append(
                {
                    "label": line.label,
                    "parts": [
                        {
                            "x": _list(x),
                            "y": _list(y),
                            "s": None if s is None or not np.isfinite(s).all() else _list(s),
                        }
                        for (x, y), s in zip(line.parts, slopes, strict=True)
                    ],
                }
            )
    data = {
        "frame": {
            "left": frame.left,
            "right": frame.right,
            "top": frame.top,
            "bottom": frame.bottom,
            "width": svg.WIDTH,
            "low": figure.x.low,
            "high": figure.x.high,
            "log": figure.x.log,
            "name": figure.x.label,
        },
        "lines": lines,
    }
    text = json.dumps(data).replace("<", "\\u003c")
    return PAGE.format(title=escape(figure.title), picture=svg.draw(figure), data=text)


def _list(values: object) -> list[float | None]:
    array = np.asarray(values, np.float64)
    return [float(each) if np.isfinite(each) else None for each in array]
