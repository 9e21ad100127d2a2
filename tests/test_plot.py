"""Figures: every point of a curve is the value of what a line derives, and they stand in all that is written."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import derivations
from cli.errors import MISUSED, YES
from cli.main import app
from engine.author import POSITIVE, Axis, DerivationError, between, curve, derivation, expand, less, point, unfold
from engine.documents.captions import caption, legend, shown
from engine.documents.html import article
from engine.documents.latex_document import document, fragment
from engine.documents.notebook import cell
from engine.documents.plotting import Plot, Scale, _overlap, _within
from engine.documents.structured import as_data
from engine.documents.svg import picture
from engine.documents.terminal import text
from engine.proofs.figures import Figure
from engine.proofs.sampling import Sampled, sampled
from engine.proofs.working import Working

runner = CliRunner(env={"COLUMNS": "90"})
FIGURES = [(entry["name"], figure["name"]) for entry in derivations.entries() for figure in entry["figures"]]
every_figure = pytest.mark.parametrize(("name", "which"), FIGURES)


def run(*words: str):
    return runner.invoke(app, list(words))


def drawn(name: str, which: str) -> tuple[Working, Figure]:
    working = derivations.load(name).run()
    return working, next(figure for figure in working.figures if figure.name == which)


def curves(name: str, which: str) -> tuple[Sampled, ...]:
    return sampled(*drawn(name, which))


# -- what is drawn is true ---------------------------------------------------------------------------------------------

ALPHA_N, ALPHA_S, ALPHA_B = 0.076, 0.76, 0.21
LEFT = ALPHA_S / (ALPHA_N + ALPHA_S)  # of the loss, to the size of the model
AT_ONE = (65e12 * LEFT ** (-1 / ALPHA_N), 2e8, 2100 * (1 - LEFT) ** (-1 / ALPHA_S))
EXPONENTS = (1 / ALPHA_N, 1 / ALPHA_B, 1 / ALPHA_S)


def least_loss(compute: float) -> float:
    return (compute / (6 * math.prod(AT_ONE))) ** (-1 / sum(EXPONENTS))


def one_model(size: float, steps: float) -> tuple[float, float]:
    """The compute, and the loss that it comes to."""
    loss = (65e12 / size) ** ALPHA_N + (2100 / steps) ** ALPHA_S
    return 6 * size * 2e8 * loss ** (-1 / ALPHA_B) * steps, loss


def by_hand(name: str, which: str, number: int, v: float) -> tuple[float, float]:
    """The same curve from the closed form on paper, in floating point, where its symbol is v."""
    match which:
        case "distance":  # XᵀX = 30, Xᵀt = 21, n = 4
            return v, (0.5, 1, 2)[number] * (30 + 8 * v) / 21
        case "learning-rate":
            return v, 2 / (4 + (1, 4, 16)[number] ** 2 / v) if number < 3 else 0.5
        case "regimes":  # the least steps: c over the loss at w, ½aw²
            return v, 100 * (1 + 256 / v) if number == 0 else 100
        case "allocation":
            return v, AT_ONE[number] * least_loss(v) ** -EXPONENTS[number]
    return one_model(10 ** (6 + number), v) if number < 5 else (v, least_loss(v))


@every_figure
def test_every_curve_is_the_closed_form(name, which):
    working, figure = drawn(name, which)
    for number, each in enumerate(sampled(working, figure)):
        over, (run,) = figure.range_of(each.curve), each.runs
        low, high = float(over.low), float(over.high)
        grid = [low * (high / low) ** (k / 60) if over.by_factors else low + (high - low) * k / 60 for k in range(61)]
        assert len(run) == len(grid)
        for v, place in zip(grid, run, strict=True):
            assert place == pytest.approx(by_hand(name, which, number, v), rel=2e-5), (each.curve.label, v)


def test_the_three_points_lie_on_the_curve_and_in_their_regimes():
    steps, _ = curves("batch-size-regimes", "regimes")
    labels = [each.label for each in steps.curve.points]
    assert labels == ["A: noise dominated", "C: the most efficient", "B: curvature dominated"]
    assert steps.marked == ((8.0, 3300.0), (256.0, 200.0), (8192.0, 103.125))  # at C, twice the least


def test_no_model_does_better_than_the_least_loss_and_each_meets_it_once():
    *models, _ = curves("compute-optimal-model-size", "loss")
    for model in models:
        excess = [loss / least_loss(compute) for compute, loss in model.places]
        assert 1 - 1e-5 < min(excess) < 1.001
        assert excess[-1] > 1.1 and excess[0] > 1.05  # trained too long, and too short


# -- a picture follows its working -------------------------------------------------------------------------------------


def test_another_premise_draws_another_curve():
    other = derivations.load("batch-size-regimes").replay(S=lambda p: 3 * p["c"] / p["Delta"](p["B"]))
    steps, _ = sampled(other, other.figures[0])
    for v, y in steps.places:
        assert y == pytest.approx(300 * (1 + 256 / v), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "given", "figures"),
    [
        ("batch-size-regimes", ["S = 3 c / Delta(B)"], ["regimes"]),
        ("batch-size-regimes", ["S = k c / Delta(B)"], []),  # k has no value
        ("compute-optimal-model-size", ["ell_N = (N_c/N)^(2 alpha_N)"], ["allocation", "loss"]),
        ("compute-optimal-model-size", ["ell_N = (M/N)^alpha_N"], []),
    ],
)
def test_from_other_premises_a_figure_is_drawn_where_its_values_suffice(name, given, figures):
    let = ["k > 0"] if "k " in given[0] else ["M > 0"] if "M" in given[0] else []
    words = [word for each in given for word in ("--given", each)] + [word for each in let for word in ("--let", each)]
    done = run("derive", name, *words, "--json")
    assert done.exit_code == YES, done.stderr
    assert [part["name"] for part in json.loads(done.stdout)["parts"] if part["kind"] == "figure"] == figures


AXES = (Axis("a"), Axis("f"))


def square(change, name="square", twice=False, **values):
    """A derivation of (a + b)² whose figure is of what `change` makes of a, b and the line."""

    @derivation("square", title="A square", source="")
    def made(proof):
        a, b, c = proof.scalar("a"), proof.scalar("b", POSITIVE), proof.scalar("c")
        f = proof.given("f", (a + b) ** 2, a)
        proof.assume(less(b, c))
        line = proof.derive(f(a)).by(unfold, expand)
        proof.conclude(line)
        for _ in range(1 + twice):
            proof.draw(name, "A square", change(a, b, line), over=between(-1, a, 1), axes=AXES, **values)

    return made.run()


UNDERIVED = [
    (lambda a, b, line: curve(a**3), {"b": 1}, "no line derives a³"),
    (lambda a, b, line: curve(b), {"b": 1}, "no line derives b"),
    (lambda a, b, line: curve(line.value, against=a * b), {"b": 1}, "no line derives ab"),
    (lambda a, b, line: curve(line.value, "", point("P", b / 2)), {"b": 1}, "P is put at b/2, which no line derives"),
    (lambda a, b, line: curve(line.value, "", point("P", 2), over=between(3, b, 4)), {"a": 1}, "no curve at P"),
    (lambda a, b, line: curve(line.value), {}, "b has no value"),
    (lambda a, b, line: curve(line.value), {"b": 1, "d": 1}, "d is not declared"),
    (lambda a, b, line: curve(line.value), {"a": 1, "b": 1}, "a does not run, or has a value"),
    (lambda a, b, line: curve(line.value), {"b": -1}, "b may not have the value given"),
    (lambda a, b, line: curve(line.value), {"b": 2, "c": 1}, "may not have the value given"),
    (lambda a, b, line: curve(line.value), {"b": (1, 2)}, "b has 1 entries, not 2"),
    (lambda a, b, line: curve(line.value, over=between(-2, b, -1)), {"a": 1}, "has no values to draw"),
    (lambda a, b, line: curve(line.value, over=between(2, a, 1)), {"b": 1}, "a does not run from 2 to 1"),
    (lambda a, b, line: curve(line.value, over=between(-1, a, 1, by_factors=True)), {"b": 1}, "does not run from -1"),
    (lambda a, b, line: curve(line.value, over=between(1, a, 10**400)), {"b": 1}, "a does not run"),
]


@pytest.mark.parametrize(("change", "values", "message"), UNDERIVED, ids=[row[2] for row in UNDERIVED])
def test_a_figure_of_what_is_not_derived_or_has_no_values_is_refused(change, values, message):
    with pytest.raises(DerivationError, match=f"figure square: .*{re.escape(message)}"):
        square(change, **values)


@pytest.mark.parametrize(("name", "twice"), [("A picture", False), ("", False), ("../x", False), ("square", True)])
def test_a_figure_has_a_name_of_its_own_that_a_file_can_have(name, twice):
    with pytest.raises(DerivationError, match="a name of its own"):
        square(lambda a, b, line: curve(line.value), name, twice, b=1)


def test_a_curve_is_broken_where_it_has_no_value_and_not_drawn_outside_of_its_domain():
    working = square(lambda a, b, line: curve(line.value, "", point("P", 0)), b=1, c=2)
    assert sampled(working, working.figures[0])[0].marked == ((0.0, 1.0),)
    figure = working.figures[0]
    partly = replace(figure, curves=(curve(figure.curves[0].term, over=between(-1, b_of(working), 1)),), values=AT)
    (run,) = sampled(working, partly)[0].runs
    assert min(x for x, _ in run) > 0 and max(x for x, _ in run) == 1  # b > 0
    inverse = replace(figure, curves=(curve(1 / figure.over.symbol),))
    before, after = sampled(working, inverse)[0].runs
    assert max(x for x, _ in before) < 0 < min(x for x, _ in after)


AT = (("a", Fraction(1)),)


def b_of(working):
    return next(d.symbol for d in working.premises.declarations if d.symbol.name == "b")


# -- how it is drawn ---------------------------------------------------------------------------------------------------

SIZES = [(24, 15), (33, 18), (42, 24)]  # about those of a page, of paper, and of a file, in ems


@pytest.mark.parametrize("size", SIZES)
@every_figure
def test_labels_stand_in_the_picture_and_cover_neither_curves_nor_one_another(name, which, size):
    plot = Plot.of(*drawn(name, which), *size)
    boxes = [plot._box(label) for label in plot.labels]
    assert len(boxes) == sum(len(each.marked) for each in plot.curves)
    assert not any(_overlap(one, other) for one, other in combinations(boxes, 2))
    assert not any(_within(place, box) for place in plot._dense for box in boxes)
    for left, below, right, above in boxes:
        assert left >= 0 and below >= 0 and right <= size[0] and above <= size[1]


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "written"),
    [
        (0, 4, False, "0 1 2 3 4"),
        (0.01, 0.5, False, "0.1 0.2 0.3 0.4 0.5"),
        (-3, 20, False, "0 5 10 15 20"),
        (1, 1000, True, "1 10 100 1000"),
        (1, 1e5, True, "1 10 10² 10³ 10⁴ 10⁵"),
        (1e15, 1e25, True, "10¹⁶ 10¹⁸ 10²⁰ 10²² 10²⁴"),
        (1.5, 6, True, "2 3 4 5 6"),
        (0.5, 30, True, "0.5 1 2 5 10 20"),
    ],
)
def test_round_numbers_stand_along_an_axis(low, high, logarithmic, written):
    assert " ".join(Scale(low, high, logarithmic).written) == written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(19, 250), "0.076"),
        (Fraction(2100), "2100"),
        (Fraction(65 * 10**12), "6.5·10¹³"),
        (Fraction(10**6), "10⁶"),
        (Fraction(-1, 3), "−1/3"),
        (Fraction(123456), "123456"),
        (Fraction(0), "0"),
        (Fraction(1, 4), "0.25"),
        (Fraction(1, 10**9), "10⁻⁹"),
        (Fraction(3, 2 * 10**6), "1.5·10⁻⁶"),
        ((Fraction(1), Fraction(2)), "(1,2)"),
    ],
)
def test_a_value_is_written_as_people_write_it(value, text):
    assert shown(value) == text


def test_what_is_drawn_often_is_said_once_and_what_is_drawn_once_stands_in_the_legend():
    working, figure = drawn("batch-size-learning-rate", "learning-rate")
    assert caption(working, figure) == (
        "The best learning rate against the batch size: η*(b) = aw²/(a²w² + σ²/b), for a = 2, w = 1."
    )
    assert [legend(working, figure, each) for each in figure.curves] == [
        "σ = 1",
        "σ = 4",
        "σ = 16",
        "as B grows: lim_{b→∞} η*(b) = 1/a",
    ]


# -- where it stands ---------------------------------------------------------------------------------------------------


@every_figure
def test_it_stands_in_every_document(name, which):
    working, figure = drawn(name, which)
    page = ElementTree.fromstring(article(working).replace("<wbr>", "<wbr/>"))
    (element,) = page.findall(f"figure[@id='{name}-{which}']")
    assert element.find("svg[@class='picture']/title").text == caption(working, figure)
    assert len(element.findall("figcaption/ul/li")) == len(figure.curves)
    assert f'id="{name}-{which}"' in cell(working)
    printed = text(working, 200)
    assert f"Figure: {figure.caption} (workings plot {name}" in printed and f"plot {name}" in text(working, 60)
    (data,) = (part for part in as_data(working)["parts"] if part["kind"] == "figure" and part["name"] == which)
    assert [each["runs"] for each in data["curves"]] == [
        [[list(place) for place in run] for run in each.runs] for each in sampled(working, figure)
    ]


def test_latex_has_the_coordinates_of_the_derived_curve():
    tex = fragment(derivations.load("batch-size-regimes").run())
    assert tex.startswith("% needs the packages amsmath, amssymb, amsthm, hyperref, pgfplots")
    lines = [
        [tuple(map(float, pair)) for pair in re.findall(r"\(([\d.e+-]+),([\d.e+-]+)\)", line)]
        for line in re.findall(r"\\addplot\[.*?\] coordinates \{(.*?)\}", tex)
    ]
    steps, least = curves("batch-size-regimes", "regimes")
    assert lines == [list(steps.places), list(least.places), *([place] for place in steps.marked)]
    assert "xmode=log" in tex and "ymode=log" in tex and r"{A: noise dominated}" in tex


def test_pgfplots_is_asked_for_where_there_is_a_figure_alone():
    ridge, regimes = (derivations.load(name).run() for name in ("ridge", "batch-size-regimes"))
    assert "pgfplots" not in document([ridge]) + fragment(ridge)
    assert document([ridge, regimes]).count(r"\usepackage{pgfplots}") == 1


def test_markdown_links_pictures_that_stand_beside_it(tmp_path):
    path = tmp_path / "a page.md"
    assert run("export", "compute-optimal-model-size", "-f", "markdown", "-o", str(path)).exit_code == YES
    names = ["a page-allocation.svg", "a page-loss.svg"]
    assert sorted(each.name for each in tmp_path.iterdir()) == [*names, "a page.md"]
    assert re.findall(r"!\[[^\]]*\]\((.*?)\)", path.read_text(encoding="utf-8")) == [
        n.replace(" ", "%20") for n in names
    ]
    path.unlink()
    again = run("export", "compute-optimal-model-size", "-f", "markdown", "-o", str(path))
    assert again.exit_code == MISUSED and "allocation.svg exists" in again.stderr and not path.exists()
    both = tmp_path / "both.md"
    assert run("export", "fgm-epsilon", "batch-size-regimes", "-f", "markdown", "-o", str(both)).exit_code == YES
    assert (tmp_path / "both-batch-size-regimes-regimes.svg").exists()
    printed = run("export", "batch-size-regimes", "-f", "markdown").stdout
    assert "![" not in printed and "**Figure.** The steps to a given loss" in printed


# -- the command -------------------------------------------------------------------------------------------------------


@every_figure
def test_svg_is_a_picture_and_the_same_each_time(name, which, tmp_path):
    path = tmp_path / "picture.svg"
    assert run("plot", name, "--figure", which, "-o", str(path)).exit_code == YES
    first = path.read_bytes()
    svg = ElementTree.fromstring(first)
    assert svg.tag.endswith("svg") and svg[0].text == derivations.load(name).title
    working, figure = drawn(name, which)
    assert len(svg.findall("{*}path")) == 2 + 2 * len(figure.curves)  # the grid, the frame, and each with its legend
    assert run("plot", name, "--figure", which, "-o", str(path)).exit_code == MISUSED  # it exists
    assert run("plot", name, "--figure", which, "-o", str(path), "--force").exit_code == YES
    assert path.read_bytes() == first == picture(working, figure).encode()


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("SVG", b"<svg")])
def test_the_name_says_the_format(suffix, start, tmp_path):
    if suffix != "SVG":
        pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'workings[plot]'")
    path = tmp_path / f"picture.{suffix}"
    assert run("plot", "fgm-epsilon", "-o", str(path)).exit_code == YES
    assert path.read_bytes().startswith(start)


def test_a_replayed_derivation_is_drawn():
    given = ["--given", "S = 3 c / Delta(B)"]
    here, there = (run("plot", "batch-size-regimes", *more).stdout for more in ([], given))
    assert here.startswith("<svg") and there.startswith("<svg") and here != there


def test_without_a_name_the_figures_are_listed_and_nothing_is_derived():
    listed = [line.split()[:2] for line in run("plot").stdout.splitlines()]
    assert listed == [list(each) for each in FIGURES]
    code = "import sys, cli.main; from cli.plot import plot; plot(); "
    code += (
        "print(sorted(m for m in sys.modules if m.startswith('engine.') and not hasattr(sys.modules[m], '__path__')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [
        "engine.common.errors",
        "engine.common.files",
        "engine.common.writing",
        "engine.proofs.depth",
    ]  # what an option may be, and no more
    assert done.stdout.splitlines()[-1] == str(loaded)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ridge"], "ridge has no figure"),
        (["fgm-epsilo"], "did you mean fgm-epsilon"),
        (["compute-optimal-model-size"], "has 2 figures: --figure allocation or loss"),
        (["compute-optimal-model-size", "--figure", "los"], "no figure named 'los'\ntip: did you mean loss?"),
        (["fgm-epsilon", "-o", "picture.gif"], "ends in .svg, .png or .pdf"),
        (["fgm-epsilon", "-o", "/nowhere/at/all.svg"], "cannot be written: No such file"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(words, message):
    done = run("plot", *words)
    assert (
        done.exit_code == MISUSED
        and message in done.stderr
        and done.stderr.startswith("error: ")
        and done.stderr.count("\n") <= 2
    )


def test_without_matplotlib_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "engine.documents.pictures", raising=False)
    done = run("plot", "fgm-epsilon", "-o", str(tmp_path / "picture.png"))
    assert done.exit_code == MISUSED and done.stderr == (
        "error: a picture as PNG needs matplotlib\ntip: pip install 'workings[plot]'; an SVG needs nothing\n"
    )
    assert run("plot", "fgm-epsilon", "-o", str(tmp_path / "picture.svg")).exit_code == YES


def test_no_other_command_loads_matplotlib():
    code = (
        "import sys, cli.main, engine.documents.html; from derivations import load; "
        "engine.documents.html.page([load('batch-size-regimes').run()]); print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
