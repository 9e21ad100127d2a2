"""Two equations, or two inequalities, are compared by where they hold."""

from __future__ import annotations

import pytest

from engine.common.errors import Misasked
from engine.grading.equality import equal
from engine.grading.verdicts import Verdict

SAME = [
    ("2x+4y-3=0", "y = -x/2 + 3/4", ()),
    ("a x = b", "x = b/a", ()),
    ("X w = y", "w = X^-1 y", ("X: n×n invertible", "w: n", "y: n")),
    ("(X^T X + lambda I) w = X^T t", "w = (X^T X + lambda I)^-1 X^T t", ("X: n×d", "t: n", "w: d", "lambda > 0")),
    ("n/(n+1) < (n+1)/(n+2)", "n(n+2) < (n+1)^2", ("n: positive integer",)),
    ("x < y", "y > x", ()),
    ("x ≤ y", "x - y ≤ 0", ()),
    ("x != 0", "x^2 > 0", ()),
]
DIFFERENT = [
    ("2x+4y-3=0", "y = -x/2 + 1", (), ""),
    ("(2x+1)^2 > 1", "x > 0", (), "left"),
    ("x^2 = 1", "x = 1", (), "left"),
    ("x = 2", "x^2 - 5x + 6 = 0", (), "right"),
    ("n/(n+1) < (n+1)/(n+2)", "n(n+2) < (n+1)^2", (), "right"),
    ("x^2 < 2", "x < sqrt(2)", (), None),
]


@pytest.mark.parametrize(("left", "right", "let"), SAME)
def test_relations_that_hold_in_the_same_places(left, right, let):
    found = equal(left, right, let)
    assert found.verdict is Verdict.CORRECT and not found.implies
    assert equal(right, left, let).correct


@pytest.mark.parametrize(("left", "right", "let", "implies"), DIFFERENT)
def test_relations_that_do_not(left, right, let, implies):
    found = equal(left, right, let)
    assert found.verdict is Verdict.INCORRECT
    assert {found.counterexample.answer, found.counterexample.result} == {"holds", "does not hold"}
    if implies is not None:
        assert found.implies == implies


@pytest.mark.parametrize(
    ("left", "right", "let"),
    [
        ("sin(x) = 0", "x = 0", ()),
        ("exp(x) = x + 2", "x = 5", ()),
        ("log(x) = 1", "x = e", ()),
        ("X w = y", "w = X^-1 y + y", ("X: n×n invertible", "w: n", "y: n")),
    ],
)
def test_what_cannot_be_solved_is_never_called_the_same(left, right, let):
    assert not equal(left, right, let).correct


def test_what_is_divided_by_is_told():
    assert equal("a x = b", "x = b/a").where == ("a ≠ 0",)


def test_an_equation_and_an_expression():
    assert equal("w = X^-1 y", "X^-1 y", ("X: n×n invertible", "y: n")).correct  # w is only a name
    assert equal("x = y", "x").verdict is Verdict.UNREADABLE


@pytest.mark.parametrize(
    ("left", "right", "up_to", "within", "correct"),
    [
        ("x - y", "y - x", "sign", "", True),
        ("x - y", "x + y", "sign", "", False),
        ("x^2 + 3", "x^2 - a", "constant", "x", True),
        ("x^2 + 3", "x^2 - x a", "constant", "x", False),
        ("3 a x", "x", "factor", "x", True),
        ("3 a x", "x^2", "factor", "x", False),
    ],
)
def test_up_to(left, right, up_to, within, correct):
    assert equal(left, right, up_to=up_to, within=within).correct is correct


def test_up_to_what_must_be_said():
    with pytest.raises(Misasked):
        equal("x", "2x", up_to="factor")
