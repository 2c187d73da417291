"""The pages of `graph`, `explain` and `plot` in a real browser: one Chromium for all of them.

Skipped, by name, where Playwright or Chromium is not installed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.explanation.api import explain
from gradcli.explanation.writers import write
from gradcli.graphs.canvas import drawn
from gradcli.plotting.canvas import drawn as plotted
from gradcli.plotting.curves import curves
from graphs.test_picture import tape

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIZES = ((1280, 800), (390, 700))
SOURCE = "y = w*x + b; h = tanh(y); z = h**2 + exp(-x)*w + where(x > 0, x, 2*x)"
INPUTS = {"w": 0.5, "x": 1.5, "b": -0.25}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is here")


@pytest.fixture(scope="module")
def tab() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not here")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running.new_page()
        running.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    graph = tape(SOURCE, **INPUTS)
    graph.animate()
    written = {
        "graph": str(drawn(graph.picture, "html")),
        "explain": write(explain(SOURCE, Options(inputs=dict(INPUTS)), page=True), "html"),
        "broken": write(explain("x = param(2.); y = x**2; y.backward(); y.backward()", page=True), "html"),
        "plot": str(plotted(curves(["x**3 - 3*x"], "x", (-2.0, 2.0), Options(), orders=1), "html")),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, text in written.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in written}


class Page:
    """A page that is open, with what went wrong on it; one tab shows one page after the other."""

    def __init__(self, tab: Any, path: Path, size: tuple[int, int] = SIZES[0]) -> None:
        self.tab, self.wrong = tab, []
        self.listening = {
            "console": lambda each: self.wrong.append(each.text) if each.type == "error" else None,
            "pageerror": lambda error: self.wrong.append(str(error)),
            "request": lambda each: each.url == path.as_uri() or self.wrong.append(each.url),
        }
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        for event, listener in self.listening.items():
            tab.on(event, listener)
        tab.goto(path.as_uri())

    def __enter__(self) -> Any:
        return self.tab

    def __exit__(self, *error: object) -> None:
        self.tab.goto("about:blank")
        for event, listener in self.listening.items():
            self.tab.remove_listener(event, listener)
        assert self.wrong == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["graph", "explain", "broken", "plot"])
def test_a_page_shows_its_picture_and_asks_for_nothing(
    tab: Any, pages: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    with Page(tab, pages[name], size) as page, image.open(BytesIO(page.screenshot())) as shot:
        assert shot.size == size
        assert len(shot.convert("RGB").getcolors(1 << 22)) > 10
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if name != "broken":
            box = page.locator("svg").bounding_box()
            assert box["width"] > 100
            assert box["x"] >= 0


def test_sliders_give_the_numbers_of_eval(tab: Any, pages: dict[str, Path]) -> None:
    moved = {"w": -0.75, "x": 0.3, "b": 1.125}
    result = evaluate(SOURCE, moved, retain_grad=["y", "h"])
    titles = [box.title for box in tape(SOURCE, **INPUTS).picture.boxes]
    with Page(tab, pages["graph"]) as page:
        for name, value in moved.items():
            page.locator(f"input[type=number][data-name={name}]").fill(repr(value))
        computed = json.loads(page.evaluate("JSON.stringify(window.computed)"))
        for name in ("y", "h", "z"):
            value = computed[2 * titles.index(name)]
            assert value == pytest.approx(float(result.values[name]), rel=1e-12, abs=1e-12)
        for name, gradient in result.grads.items():
            assert computed[2 * titles.index(name) + 1] == pytest.approx(float(gradient), rel=1e-12)
        back = page.locator(".back").first.text_content()
        assert f"AccumulateGradd/d w= {float(result.grads['w']):.6g}" in back
        assert f"grad {float(result.grads['w']):.6g}" in back  # what the pointer tells
        slider = page.locator("input[type=range][data-name=x]")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert float(slider.input_value()) > 0.3
        given = page.locator("input[type=number][data-name=x]").input_value()
        assert float(given) == float(slider.input_value())


@pytest.mark.parametrize("name", ["graph", "explain"])
def test_arrow_keys_go_through_forward_and_backward(tab: Any, pages: dict[str, Path], name: str) -> None:
    now = "Array.from(document.querySelectorAll('.now')).map(each => each.parentElement.classList[0])"
    with Page(tab, pages[name]) as page:
        assert page.evaluate(now) == []
        last = int(page.locator("#step").get_attribute("max"))
        halves, told = [], set()
        for _ in range(last):
            page.keyboard.press("ArrowRight")
            halves += page.evaluate(now)
            told.add(page.locator("#said").text_content())
        assert halves == sorted(halves, key=["forward", "back"].index)
        assert len(halves) == len(told) == last
        page.keyboard.press("ArrowRight")  # no further than the end
        page.keyboard.press("ArrowLeft")
        assert f"step {last - 1} of {last}" in page.locator("#said").text_content()


def test_the_steps_of_explain_go_along(tab: Any, pages: dict[str, Path]) -> None:
    current = "document.querySelector('#story [aria-current]')?.dataset.name ?? ''"
    with Page(tab, pages["explain"]) as page:
        seen = []
        for _ in range(int(page.locator("#step").get_attribute("max"))):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(5)
            seen.append(page.evaluate(current))
        assert [each for each in seen if each][:3] == ["y", "h", "z"]
        assert {"w", "x", "b"} <= set(seen)
    with Page(tab, pages["broken"]) as page:
        page.keyboard.press("ArrowDown")
        assert page.evaluate(current) == "y"


def test_the_pointer_lights_the_way_of_a_gradient(tab: Any, pages: dict[str, Path]) -> None:
    with Page(tab, pages["graph"]) as page:
        titles = [box.title for box in tape(SOURCE, **INPUTS).picture.boxes]
        page.locator(f".forward .node[data-id='{titles.index('b')}']").hover()
        lit = page.evaluate(
            "Array.from(document.querySelectorAll('.forward .node:not(.dim)')).map(each => +each.dataset.id)"
        )
        assert {titles.index(each) for each in ("b", "y", "h", "z")} <= set(lit)
        assert titles.index("w") not in lit
        assert page.locator(".forward .way.lit").count() >= 3
        page.mouse.move(2, 2)
        assert page.locator(".dim").count() == 0


def test_search_zoom_and_fit(tab: Any, pages: dict[str, Path]) -> None:
    with Page(tab, pages["graph"]) as page:
        page.locator("#find").fill("TANH")
        assert page.locator(".forward .found").count() == 1
        page.locator("#find").fill("")
        assert page.locator(".found").count() == 0
        before = page.locator("main svg").bounding_box()["width"]
        page.locator("main").focus()
        page.keyboard.press("+")
        assert page.locator("main svg").bounding_box()["width"] == pytest.approx(1.2 * before, rel=1e-3)
        page.locator("#fit").click()
        assert page.locator("main svg").bounding_box()["width"] == pytest.approx(before, rel=1e-3)


def test_a_plot_tells_value_and_slope_under_the_pointer(tab: Any, pages: dict[str, Path]) -> None:
    with Page(tab, pages["plot"]) as page:
        page.locator("svg").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        told = page.locator("#said").text_content().splitlines()
        x = float(told[0].partition("= ")[2])
        assert x == pytest.approx(4 * (0.5 + 3 / 200) - 2)
        value, slope = [float(each) for each in told[1].replace(",", "").split() if each[-1].isdigit()]
        assert value == pytest.approx(x**3 - 3 * x, abs=1e-4)
        assert slope == pytest.approx(3 * x * x - 3, abs=1e-3)
        box = page.locator("svg").first.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.4)
        assert page.locator("#said").text_content().splitlines()[0] != told[0]
