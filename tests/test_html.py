"""Web pages: well-formed, whole in one file, and read in a real browser on a phone's screen."""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import derivations
from cli.main import app
from engine.documents.html import article, page, prose
from engine.documents.mathml import Inconvertible, display, mathml
from engine.documents.notebook import cell
from engine.rules import all_rules

runner = CliRunner(env={"COLUMNS": "90"})
NAMES = derivations.names()


def parsed(html: str) -> ElementTree.Element:
    """An article is XML, too, if its breaks are closed."""
    return ElementTree.fromstring(html.replace("<wbr>", "<wbr/>").replace("&emsp;", " "))


def said(element: ElementTree.Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext()))


@pytest.mark.parametrize("name", NAMES)
def test_every_line_unfolds_to_its_rule_and_evidence(name):
    working = derivations.load(name).run()
    tree = parsed(article(working))
    passages = tree.findall("ol[@class='lines']")
    folds = [fold for passage in passages for fold in passage.findall("li/details")]
    assert len(folds) == len(working.steps)
    for fold, step in zip(folds, working.steps, strict=True):
        entries = dict(
            zip((said(t) for t in fold.findall("dl/dt")), (said(d) for d in fold.findall("dl/dd")), strict=True)
        )
        assert entries["rule"].startswith(f"{step.rule.name}:" if step.rule.computes else "restated")
        assert entries["evidence"].startswith(step.evidence.kind.value)
        assert ("needs" in entries) == bool(step.conditions)
        assert ("inside" in entries) == bool(step.detail)
    assert len(tree.findall(".//span[@class='box']")) == len(working.results)


def test_a_page_is_one_file_whose_links_lead_somewhere():
    html = page([derivations.load(name).run() for name in NAMES])
    assert not re.findall(r"<script|<link|<img|src=|url\(|@import|https?:", html)
    identities = re.findall(r' id="([^"]*)"', html)
    assert len(identities) == len(set(identities))
    assert {target for target in re.findall(r'href="#([^"]*)"', html)} <= set(identities)
    assert re.findall(r"<h1", html) == ["<h1"] and html.index("<h1") < html.index("<h2")


def test_no_command_is_shown_as_it_stands():
    """The converter passes what it does not know: here it raises."""
    for rule in all_rules().values():
        assert "\\" not in mathml(rule.law)
    for name in NAMES:
        assert "\\" not in article(derivations.load(name).run())
    with pytest.raises(Inconvertible):
        mathml(r"\nosuchcommand{x}")


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\lVert w \rVert^2", "‖w‖2"),
        (r"B_{\mathrm{noise}}", "Bnoise"),
        (r"\operatorname*{arg\,min}_{w} g(w)", "argminwg(w)"),
        (r"\operatorname{Var}(x)", "Var(x)"),
        (r"A \succeq 0", "A⪰0"),
    ],
)
def test_what_the_converter_makes_otherwise(tex, shown):
    assert said(parsed(mathml(tex))) == shown


def test_a_wide_formula_may_be_broken_between_its_terms():
    pieces = display(" + ".join(rf"\frac{{a_{{{k}}}}}{{b_{{{k}}}}} c" for k in range(20))).split("<wbr>")
    assert len(pieces) > 3 and all(parsed(piece).tag == "math" for piece in pieces)
    assert all("<mrow></mrow><mo>+</mo>" in piece or "<mrow /><mo>+</mo>" in piece for piece in pieces[1:])


def test_text_is_escaped():
    assert prose("Tom & `a<b>`") == "Tom &amp; <code>a&lt;b&gt;</code>"
    assert said(parsed(prose("x < 2"))) == "x<2"


def test_export_writes_a_page_and_detail_unfolds_it():
    brief, full = (runner.invoke(app, ["export", "ridge", "-f", "html", *more]).stdout for more in ([], ["--detail"]))
    assert brief.startswith("<!doctype html>") and "<details open>" not in brief
    assert full.count("<details open>") == full.count("<details")


def test_a_cell_brings_a_style_that_touches_nothing_else():
    style = cell(derivations.load("ridge").run()).split("</style>")[0].removeprefix("<style>")
    outermost, depth = "", 0
    for character in style:
        depth -= character == "}"
        outermost += character if depth == 0 and character not in "{}" else ""
        depth += character == "{"
    assert outermost.split() == [".working"]


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium. In CI a machine without it fails; elsewhere the test is skipped."""
    import shutil

    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if sync_playwright is None or chromium is None:
        missing = "playwright" if sync_playwright is None else "Chromium"
        if os.environ.get("CI"):
            pytest.fail(f"{missing} is missing")
        pytest.skip(f"{missing} is not installed")  # on a user's machine; in CI the line above fails
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "all.html"
    path.write_text(page([derivations.load(name).run() for name in NAMES]), encoding="utf-8")
    return path.as_uri()


def opened(browser, address, **options):
    view = browser.new_page(**options)
    messages: list[str] = []
    view.on("console", lambda message: messages.append(message.text))
    view.on("pageerror", lambda error: messages.append(str(error)))
    view.goto(address)
    return view, messages


TOO_WIDE = """() => [...document.querySelectorAll('math, p, summary, dd, svg text')].filter(
  (each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.line, .box')
  ).map((each) => each.textContent.slice(0, 80))"""
IN_LINES = """() => Math.min(...[...document.querySelectorAll('.line math, .box math')].filter(
  (m) => !m.closest('.why')).map((m) => parseFloat(getComputedStyle(m).fontSize)))"""
CLIPPED = """() => [...document.querySelectorAll('svg.picture')].flatMap((picture) => {
  const frame = picture.getBoundingClientRect();
  return [...picture.querySelectorAll('text')].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
  }).map((text) => text.textContent);
})"""


@pytest.mark.parametrize("width", [360, 1100])
def test_nothing_is_wider_than_the_screen(browser, written, width):
    view, messages = opened(browser, written, viewport={"width": width, "height": 800})
    view.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert view.evaluate(TOO_WIDE) == []
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    smallest = view.evaluate(
        "Math.min(...[...document.querySelectorAll('math')].map((m) => parseFloat(getComputedStyle(m).fontSize)))"
    )
    assert smallest >= 8  # still legible
    assert view.evaluate(IN_LINES) >= 12  # a line that does not fit is broken, or scrolled
    assert view.evaluate(CLIPPED) == []
    assert messages == []


def test_words_in_pictures_fit_in_the_widest_letters(browser, written):
    view, _ = opened(browser, written, viewport={"width": 390, "height": 800})
    view.add_style_tag(content=".picture { font-family: 'DejaVu Sans Mono', monospace !important; }")
    named = view.evaluate(CLIPPED)
    assert not [words for words in named if words.startswith(("S, the", "η*, the", "|ε*|, the"))]


def test_a_reason_stands_beside_the_first_line_of_what_it_is_for(browser, written):
    """However long the reason is: the formula is not pushed down by it."""
    view, _ = opened(browser, written, viewport={"width": 1100, "height": 800})
    apart = view.evaluate(
        """() => [...document.querySelectorAll('.lines > li > details > summary')].map((line) => {
          const formula = line.querySelector('.right') ?? line.querySelector('.left');
          return line.querySelector('.why').getBoundingClientRect().top - formula.getBoundingClientRect().bottom;
        })"""
    )
    assert max(apart) < 0


def test_a_minimiser_is_broken_before_its_words():
    pieces = re.split(
        r"<wbr>|(?<=</math>) (?=<math)", display(r"(A + B)^{-1}c\text{ is the unique minimiser of }g(w)\text{ over }w")
    )
    assert [said(parsed(piece)).replace("\xa0", " ").split()[0] for piece in pieces[1:]] == ["is", "over"]
