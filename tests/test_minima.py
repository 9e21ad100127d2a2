"""Minimisers of formulas that somebody types: known answers, and points around them that are no lower."""

import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.main import app
from engine.asking.constrained import constrained_minimum_of
from engine.asking.formulas import Unasked, formula
from engine.asking.minima import minimum_of
from engine.grading.judging import Judge
from engine.grading.questions import questions
from engine.notation.plain import plain
from engine.reading import Unreadable
from engine.terms.formulas import Relation

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from gradients import drawn, number

LEAST_SQUARES = ("X: m×d", "t: m", "w: d", "lambda > 0")
MATRICES = ("Y: p×m", "A: p×n", "X: n×m", "mu > 0", "B: d×p", "Z: m×d", "V: m×p", "lambda > 0")
POSITIVE = ("a > 0", "b > 0", "c > 0", "x > 0", "s > 0", "n: positive integer")

UNIQUE = [  # (formula, symbol, declarations, where it is least and nowhere else)
    ("||X w - t||^2 + lambda ||w||^2", "w", LEAST_SQUARES, "(X'X + lambda I)^-1 X't"),
    ("||X w - t||^2", "w", LEAST_SQUARES, "(X'X)^-1 X't"),
    ("1/2 w^T S w - b^T w", "w", ("S: n×n positive definite", "b: n", "w: n"), "S^-1 b"),
    ("(w - a)^T S (w - a) + c^T w", "w", ("S: n×n positive definite", "a: n", "w: n", "c: n"), "a - 1/2 S^-1 c"),
    ("||w||^2 - a^T w", "w", ("a: n", "w: n"), "a/2"),
    ("(a^T w - b)^2 + ||w||^2", "w", ("a: n", "w: n"), "(a a^T + I)^-1 a b"),
    ("tr((Y - A X)^T (Y - A X)) + mu ||A||_F^2", "A", MATRICES, "Y X^T (X X^T + mu I)^-1"),
    ("||Z B - V||_F^2 + lambda ||B||_F^2", "B", MATRICES, "(Z^T Z + lambda I)^-1 Z^T V"),
    ("||A X - Y||_F^2", "A", MATRICES, "Y X^T (X X^T)^-1"),
    ("||A - Y X^T||_F^2 + tr(A^T A)", "A", MATRICES, "Y X^T/2"),
    ("a x^2 - b x + c", "x", ("a > 0",), "b/(2a)"),
    ("x - ln(x)", "x", POSITIVE, "1"),
    ("a x - b ln(x)", "x", POSITIVE, "b/a"),
    ("a x + b/x", "x", POSITIVE, "sqrt(b/a)"),
    ("x/2 + a/(2x)", "x", POSITIVE, "sqrt(a)"),
    ("a x^2 + b/x", "x", POSITIVE, "(b/(2a))^(1/3)"),
    ("exp(x) - x", "x", (), "0"),
    ("exp(a x) - b x", "x", ("a > 0", "b > 0"), "ln(b/a)/a"),
    ("x ln(x)", "x", POSITIVE, "exp(-1)"),
    ("s ln(s) - s", "s", POSITIVE, "1"),
    ("n ln(s) + c/(2 s^2)", "s", POSITIVE, "sqrt(c/n)"),
    ("-a ln(p) - b ln(1 - p)", "p", ("p in (0,1)", "a > 0", "b > 0"), "a/(a + b)"),
    ("x^4 - 4x", "x", (), "1"),
    ("-x exp(-x)", "x", (), "1"),
    ("sum_i (x_i - mu)^2", "mu", ("x: n",), "1/n sum_{i=1}^n x_i"),
]

CONSTRAINED = [
    ("||x||^2", "x", "a^T x = 1", ("a: n", "x: n"), "a/(a^T a)"),
    ("||x - y||^2", "x", "a^T x = b", ("a: n", "x: n", "y: n"), "y - (a^T y - b) a/(a^T a)"),
    ("1/2 x^T S x", "x", "A x = b", ("S: m×m positive definite", "x: m", "A: k×m", "b: k"), "S^-1 A^T (A S^-1 A^T)^-1 b"),
    ("||x - y||^2", "x", "A x = b", ("A: k×m", "x: m", "y: m", "b: k"), "y - A^T (A A^T)^-1 (A y - b)"),
    ("w^T S w", "w", "sum(w) = 1", ("S: n×n positive definite", "w: n"), "S^-1 ones(n)/(ones(n)^T S^-1 ones(n))"),
    ("||w||^2", "w", "w_1 = 1", ("w: 3",), r"\begin{pmatrix} 1 \\ 0 \\ 0 \end{pmatrix}"),
]  # fmt: skip


def answer(working):
    return questions(working)[0]


@pytest.mark.parametrize(("text", "wrt", "let", "wanted"), UNIQUE)
def test_the_unique_minimiser(text, wrt, let, wanted):
    asked = formula(text, let)
    working = minimum_of(asked, wrt)
    claim = working.results[0].step.claim
    assert claim.relation is Relation.UNIQUE_MINIMISER, plain(claim.formula)
    assert Judge(answer(working)).verdict(wanted).correct, plain(claim.formula)
    values = drawn(asked, 5)
    symbol = asked.symbol(wrt)
    best = number(claim.left, values)
    least = number(asked.body, {**values, symbol: best})
    draw = np.random.default_rng(7)
    for scale in (1e-3, 1e-2, 1e-1):
        beside = best + scale * draw.standard_normal(np.shape(best))
        assert number(asked.body, {**values, symbol: beside}) > least


@pytest.mark.parametrize(("text", "wrt", "constraint", "let", "wanted"), CONSTRAINED)
def test_the_least_on_a_constraint(text, wrt, constraint, let, wanted):
    asked = formula(text, let, (constraint,))
    working = constrained_minimum_of(asked, wrt)
    assert Judge(answer(working)).verdict(wanted).correct, plain(answer(working).value)
    claims = [step.claim for step in working.steps]
    assert any(claim.relation is Relation.AT_MOST for claim in claims)  # f(x*) ≤ f(x) where the equation holds
    values = drawn(asked, 6)
    symbol, equation = asked.symbol(wrt), asked.constraints[0]
    best = number(answer(working).value, values)

    def beyond(point):
        return np.atleast_1d(np.squeeze(number(equation.left - equation.right, {**values, symbol: point})))

    assert np.allclose(beyond(best), 0)
    slope = np.array([beyond(best + unit) for unit in np.eye(best.size)[:, :, None]]).T  # it is linear
    draw = np.random.default_rng(8)
    for _ in range(5):
        step = draw.standard_normal((best.size, 1))
        along = best + step - np.linalg.pinv(slope) @ (slope @ step)
        assert number(asked.body, {**values, symbol: along}) > number(asked.body, {**values, symbol: best}) - 1e-9


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: minimum_of(formula("exp(x) + x^2"), "x"), "no rule solves exp(x) + 2x = 0 for x"),
        (lambda: minimum_of(formula("A x", ("A: n×n", "x: n")), "x"), "a scalar is minimised"),
        (
            lambda: minimum_of(formula("||A X + X B - C||_F^2", ("A: n×n", "B: n×n", "C: n×n", "X: n×n")), "X"),
            "Sylvester",
        ),
        (lambda: constrained_minimum_of(formula("x^2", (), ("y = 1",)), "x"), "says nothing of x"),
        (lambda: constrained_minimum_of(formula("x^2", (), ("x = 1", "x = 2")), "x"), "one equation at a time"),
    ],
)
def test_what_is_not_solved_is_said(ask, message):
    with pytest.raises(Unasked) as caught:
        ask()
    assert message in str(caught.value)


def test_a_constraint_is_an_equation_whose_sides_fit():
    with pytest.raises(Unreadable, match="a constraint is an equation"):
        formula("x^2", (), ("x",))
    with pytest.raises(Unreadable, match="the sides are n×1 and 1×1"):
        formula("||x||^2", ("x: n", "A: n×n"), ("A x = 2",))


@pytest.mark.parametrize("text", ["(x - 1)^2 - 2 (x - c)^2", "x exp(-x)", "-x^2", "x^3 - 3 x c + x^3"])
def test_what_is_no_minimum_is_not_called_one(text):
    try:
        working = minimum_of(formula(text), "x")
    except Unasked:
        return
    assert working.results[0].step.claim.relation.joins_formulas  # where the gradient is zero
    assert any("not proved" in part.text for part in working.parts if hasattr(part, "text"))


def test_the_command():
    words = ["minimise", "||x||^2", "--wrt", "x", "--subject-to", "a^T x = 1", "--let", "a: n", "--let", "x: n"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0 and "x* = a/(aᵀa)" in shown.stdout and "aᵀa ≠ 0" in shown.stdout
    wrong = CliRunner().invoke(app, [*words[:5], "a^T x", *words[6:]])
    assert wrong.exit_code == 2 and "a constraint is an equation" in wrong.stderr
