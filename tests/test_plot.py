"""Pictures: every point of a curve is the value of what was derived, and files are pictures."""

from __future__ import annotations

import math
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import derivations
from cli.main import app
from cli.shared import MISUSED, YES
from derivations.figures import FIGURES
from engine.figures import Figure

runner = CliRunner(env={"COLUMNS": "90"})


def run(*words: str):
    return runner.invoke(app, list(words))


def figure(name: str) -> Figure:
    return FIGURES[name](derivations.load(name).run())


def by_hand(name: str, number: int, v: float) -> float:
    """The same curve from the closed form on paper, in floating point."""
    match name:
        case "fgm-epsilon":  # XᵀX = 30, Xᵀt = 21, n = 4
            return (0.5, 1, 2)[number] * (30 + 8 * v) / 21
        case "batch-size-learning-rate":
            return 2 / (4 + (1, 4, 16)[number] ** 2 / v) if number < 3 else 0.5
        case "batch-size-regimes":  # the least steps: c over the loss at w, ½aw²
            return 100 * (1 + 256 / v) if number == 0 else 100
    exponent_n, exponent_s, exponent_b = (1 / 0.076, 1 / 0.76, 1 / 0.21)
    u = 0.76 / (0.076 + 0.76)
    at_one = (65e12 * u**-exponent_n, 2e8, 2100 * (1 - u) ** -exponent_s)
    share = (exponent_n, exponent_b, exponent_s)[number] / (exponent_n + exponent_s + exponent_b)
    return at_one[number] * (v / (6 * math.prod(at_one))) ** share


@pytest.mark.parametrize("name", FIGURES)
def test_every_curve_is_the_closed_form(name):
    drawn = figure(name)
    for number, curve in enumerate(drawn.curves):
        points = drawn.sampled(curve)
        assert points[0][0] == pytest.approx(float(drawn.ends[0])) and points[-1][0] == pytest.approx(
            float(drawn.ends[1])
        )
        for x, y in points[::10]:
            assert y == pytest.approx(by_hand(name, number, x), rel=1e-9), (curve.label, x)


def test_the_three_points_lie_on_the_curve_and_in_their_regimes():
    drawn = figure("batch-size-regimes")
    places = {point.label: drawn.placed(point) for point in drawn.points}
    assert list(places) == ["A: noise dominated", "C: the most efficient", "B: curvature dominated"]
    for x, y in places.values():
        assert y == pytest.approx(by_hand("batch-size-regimes", 0, x))
    (a, _), (c, at_c), (b, _) = places.values()
    assert a < c < b and at_c == pytest.approx(200)  # twice the least


def test_another_derivation_draws_another_curve():
    """The picture follows the working, not a formula of its own."""
    other = derivations.load("batch-size-regimes").replay(S=lambda p: 3 * p["c"] / p["Delta"](p["B"]))
    drawn = FIGURES["batch-size-regimes"](other)
    for x, y in drawn.sampled(drawn.curves[0])[::10]:
        assert y == pytest.approx(3 * by_hand("batch-size-regimes", 0, x))


@pytest.mark.parametrize("name", FIGURES)
def test_svg_is_a_picture_and_the_same_each_time(name, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'workings[plot]'")
    path = tmp_path / "picture.svg"
    assert run("plot", name, "-o", str(path)).exit_code == YES
    first = path.read_bytes()
    assert ElementTree.fromstring(first).tag.endswith("svg") and len(first) > 10_000
    assert run("plot", name, "-o", str(path)).exit_code == MISUSED  # it exists
    assert run("plot", name, "-o", str(path), "--force").exit_code == YES and path.read_bytes() == first


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("SVG", b"<?xml")])
def test_the_name_says_the_format(suffix, start, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'workings[plot]'")
    path = tmp_path / f"picture.{suffix}"
    assert run("plot", "fgm-epsilon", "-o", str(path)).exit_code == YES
    assert path.read_bytes().startswith(start)


def test_without_a_name_the_pictures_are_listed():
    assert run("plot").stdout.split() == list(FIGURES)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ridge"], "there is no picture named 'ridge'"),
        (["fgm-epsilo"], "did you mean fgm-epsilon"),
        (["fgm-epsilon", "-o", "picture.gif"], "ends in .svg, .png or .pdf"),
        (["fgm-epsilon", "-o", "/nowhere/at/all.svg"], "cannot be written: No such file"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(words, message):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'workings[plot]'")
    done = run("plot", *words)
    assert done.exit_code == MISUSED and message in done.stderr and len(done.stderr.splitlines()) == 1


def test_without_matplotlib_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "engine.rendering.pictures", raising=False)
    done = run("plot", "fgm-epsilon", "-o", "-")
    assert (
        done.exit_code == MISUSED
        and done.stderr == "workings: pictures need matplotlib: pip install 'workings[plot]'\n"
    )


def test_no_other_command_loads_matplotlib():
    code = (
        "import sys, cli.main, derivations.figures; print('matplotlib' in sys.modules, 'latex2mathml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
