"""The same story as Markdown, JSON and HTML."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gradcli.evaluation.options import Options
from gradcli.explanation.api import explain
from gradcli.explanation.writers import write

CHAIN = "y=2*x; z=y**2"


def test_markdown() -> None:
    text = write(explain(CHAIN, Options(inputs={"x": 1.0})), "markdown")
    assert "| 1 | `y = 2*x = 2` | `dy/dx = 2 = 2` | `dz/dx = dz/dy · 2 = 8` |" in text
    assert "- `dz/dx = dz/dy · dy/dx = 2*y · 2 = 4 · 2 = 8, formula 8*x`" in text


def test_json_has_every_number_and_every_equation() -> None:
    story = explain(CHAIN, Options(inputs={"x": 1.0}), check=True)
    data = json.loads(write(story, "json"))
    assert data["ok"]
    assert data["leaves"] == {"x": 1.0}
    assert data["grads"] == {"dz/dx": 8.0}
    assert [step["value"] for step in data["steps"]] == [2.0, 4.0]
    (walk,) = data["walks"]
    assert walk["cotangents"] == {"x": 8.0, "y": 4.0, "z": 1.0}
    assert walk["results"][0]["paths"] == [{"names": ["x", "y", "z"], "value": 8.0}]
    assert {"name": "dz/dy", "text": "2*y", "given": {"y": 2.0}, "value": 4.0, "before": ""} in data[
        "equations"
    ]


def test_json_of_a_broken_rule() -> None:
    data = json.loads(write(explain("x = param(2.); y = x**2; y.backward(); y.backward()"), "json"))
    assert not data["ok"]
    assert data["error"]["code"] == "graph-freed"
    assert [each["after"] for each in data["ledger"]] == [4.0]


def test_html_needs_no_network_and_escapes() -> None:
    page = write(explain("y = where(x < 1, x, 2)*x", Options(inputs={"x": 0.5}), page=True), "html")
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>")
    assert "x &lt; 1" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser is here")
@pytest.mark.parametrize("source", [CHAIN, f"{CHAIN}; z.backward(); z.backward()"])
def test_arrow_keys_go_through_the_steps(source: str, tmp_path: Path) -> None:
    page = write(explain(source, Options(inputs={"x": 1.0}), page=True), "html")
    keys = """<script>addEventListener("load", () => {
      const seen = [];
      const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
      const now = () => document.querySelector("#story [aria-current]");
      const next = left => {
        if (!left) { document.title = "SEEN " + seen.join(" "); return; }
        press("ArrowRight");
        setTimeout(() => {
          if (now()) seen.push(now().dataset.half[0] + now().dataset.name);
          next(left - 1);
        }, 20);
      };
      next(6);
    });</script></body>"""
    path = tmp_path / "page.html"
    path.write_text(page.replace("</body>", keys), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000"]
    ran = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    title = ran.stdout.partition("<title>")[2].partition("</title>")[0]
    assert title.startswith("SEEN fy fz b"), title
