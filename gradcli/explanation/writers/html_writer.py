"""A story as one HTML page: the page of `gradcli graph` with the steps beside it, moved by the arrow keys.

Where a run has no picture (it broke a rule), the steps stand alone, and the page moves through them itself.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gradcli.engine import run as engine
from gradcli.explanation import turns
from gradcli.explanation.turns import Fold
from gradcli.explanation.writers import words

if TYPE_CHECKING:
    from gradcli.explanation.model import Story, Told

STYLE = """
.beside{flex:1;display:flex;min-height:0}
.beside main{flex:1 1 50%}
#story{flex:1 1 50%;overflow:auto;padding:10px 16px;border-left:1px solid #8886}
#story li,#story pre,#story code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
#story pre{overflow-x:auto;margin:6px 0}
#story ol{list-style:none;padding:0;margin:4px 0 14px}
#story li{padding:3px 6px;border-left:3px solid transparent;overflow-wrap:anywhere}
#story li[aria-current]{border-left-color:#1366d6;background:#1366d622}
#story h2{font-size:14px;margin:14px 0 4px}
#story .findings li{border-left-color:#be123c;margin:4px 0}
@media (max-width:800px){.beside{flex-direction:column}#story{border-left:0;border-top:1px solid #8886}}
"""
SCRIPT = """
(() => {
  const items = Array.from(document.querySelectorAll("#story li[data-name]"));
  const mark = item => {
    for (const each of items) each.removeAttribute("aria-current");
    if (!item) return;
    item.setAttribute("aria-current", "step");
    item.scrollIntoView({block: "nearest"});
  };
  const graph = document.querySelector("main svg");
  if (graph) {
    new MutationObserver(() => {
      const now = graph.querySelector(".node.now");
      if (!now) { mark(null); return; }
      const names = now.querySelector("title").textContent.split(";")[0].split(",").map(each => each.trim());
      const half = now.closest(".back") ? "backward" : "forward";
      mark(items.find(each => each.dataset.half === half && names.includes(each.dataset.base)));
    }).observe(graph, {subtree: true, attributes: true, attributeFilter: ["class"]});
    return;
  }
  let at = -1;
  document.addEventListener("keydown", event => {
    const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!by) return;
    at = Math.max(0, Math.min(items.length - 1, at + by));
    mark(items[at]);
    event.preventDefault();
  });
})();
"""
PLAIN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0;font:14px ui-sans-serif,system-ui,sans-serif}}
</style></head><body><main hidden></main></body></html>
"""


def write(story: Story, width: int, ascii: bool) -> str:
    """The story as HTML, without a newline at its end."""
    page = story.page or PLAIN.format(title=escape(" ".join(story.text.split())[:60]))
    page = page.replace("</style>", f"{STYLE}</style>", 1)
    page = page.replace("<main", '<div class="beside"><main', 1)
    page = page.replace("</main>", f"</main>{_aside(story)}</div>", 1)
    head, body, tail = page.rpartition("</body>")
    return f"{head}<script>{SCRIPT}</script>{body}{tail}".rstrip("\n")


def _aside(story: Story) -> str:
    parts = ['<aside id="story" aria-label="the steps">', f"<pre>{escape(story.text.strip())}</pre>"]
    forward = [
        _fold(each)
        if isinstance(each, Fold)
        else _step(each.name, f"{words.step_name(each)} = {words.shown(engine.value(each.node))}", "forward")
        for each in turns.folded(story, story.steps, lambda step: step)
    ]
    if forward:
        parts.append(f"<h2>forward</h2><ol>{''.join(forward)}</ol>")
    for walk in story.walks:
        parts += _walk(story, walk)
    lines = [*words.zeros(story), *words.ledger_lines(story), *story.element, *story.expected]
    lines += story.checked or []
    if lines:
        parts.append(f"<pre>{escape(chr(10).join(lines))}</pre>")
    if story.findings:
        told = "".join([f"<li>{escape(words.finding_text(each))}</li>" for each in story.findings])
        parts.append(f'<h2>what to know</h2><ol class="findings">{told}</ol>')
    return "".join([*parts, "</aside>"])


def _walk(story: Story, walk: Told) -> list[str]:
    several = len(story.walks) > 1 or story.own_backward
    title = words.title(walk) if several else "backward"
    meaning = words.meaning(walk)
    parts = [f"<h2>{escape(title)}, from {escape(words.start(walk))}</h2>"]
    if meaning:
        parts.append(f"<pre>{escape(meaning)}</pre>")
    items = []
    for group in reversed(turns.rows(story, walk.rows)):
        if isinstance(group, Fold):
            items.append(_fold(group))
            continue
        for row in reversed(group):
            slope = " = ".join([each for each in words.slope_cell(row) if each])
            items.append(_step(row.source, f"{' = '.join(words.share_cell(row))}   ({slope})", "backward"))
    parts.append(f"<ol>{''.join(items)}</ol>")
    lines = []
    for result in walk.results:
        lines += words.path_lines(walk, result)
        if result.formula is not None:
            lines[-1] += f"          formula {result.formula}"
    parts.append(f"<pre>{escape(chr(10).join(lines))}</pre>")
    return parts


def _fold(fold: Fold) -> str:
    return f"<li>{escape(fold.text)}</li>"


def _step(name: str, text: str, half: str) -> str:
    name = name.removesuffix("'")
    base = name.rpartition("_")[0] if name.rpartition("_")[2].isdecimal() and "_" in name else name
    named = f'data-name="{escape(name)}" data-base="{escape(base)}" data-half="{half}"'
    return f"<li {named}>{escape(text)}</li>"
