"""The same story as Markdown, JSON and HTML."""

from __future__ import annotations

import json

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
