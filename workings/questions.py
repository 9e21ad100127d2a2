"""Formulas of one's own: derivatives, minima, moments and recursions, worked out line by line.

Each takes the formula as text, `let` as declarations of its symbols (`"X: n×d"`, several, or `{"X": "n×d"}`; a single
letter that is not declared is a real number), and gives the certified working. Raises Unreadable, Misasked for what
cannot be asked so, ShapeError, DerivationError where there is no such answer, NotDecided and Unsupported where none is
found at this cost. `noted` is told what was assumed in reading (a Python warning, where nothing else is said).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from workings.premises import Texts, declarations, texts

if TYPE_CHECKING:
    from engine.asking.formulas import TypedFormula
    from engine.proofs.working import Working

WORK = 20e6  # what a question may cost, in the units of `allowance`: half a minute or so

Arguments = ParamSpec("Arguments")
Noted = Callable[[str], object]


def warned(note: str) -> None:
    """What was assumed in reading a formula, as a Python warning."""
    warnings.warn(note, stacklevel=5)


def _bounded(question: Callable[Arguments, Working]) -> Callable[Arguments, Working]:
    """The question, for no more than it may cost."""

    @wraps(question)
    def bounded(*args: Arguments.args, **options: Arguments.kwargs) -> Working:
        from engine.worlds.values import allowance

        with allowance(WORK):
            return question(*args, **options)

    return bounded


def _read(
    formulas: tuple[str, ...], let: Texts, noted: Noted, subject_to: Texts = (), scalar: bool = False
) -> tuple[TypedFormula, ...]:
    from engine.asking.formulas import formulas as read

    asked = read(formulas, declarations(let), texts(subject_to, " = "), scalar)
    for note in dict.fromkeys(note for each in asked for note in each.notes):
        noted(note)
    return asked


@_bounded
def gradient(formula: str, *, wrt: str, let: Texts = (), noted: Noted = warned) -> Working:
    """The gradient of a scalar, of its variable's shape, derived line by line in matrix notation.

    >>> print(gradient("||x||^2", wrt="x", let="x: n").result)
    ∇f(x) = 2x
    """
    from engine.asking.slopes import gradient_of

    (asked,) = _read((formula,), let, noted, scalar=True)
    return gradient_of(asked, wrt, scalar=True)


@_bounded
def jacobian(formula: str, *, wrt: str, let: Texts = (), noted: Noted = warned) -> Working:
    """The Jacobian of a vector by a vector: a row for each entry of the vector, a column for each of the variable.

    >>> print(jacobian("A x", wrt="x", let={"A": "m×n", "x": "n"}).result)
    ∂f(x)/∂x = A
    """
    from engine.asking.slopes import gradient_of

    (asked,) = _read((formula,), let, noted)
    return gradient_of(asked, wrt, scalar=False)


@_bounded
def hessian(formula: str, *, wrt: str, let: Texts = (), noted: Noted = warned) -> Working:
    """The matrix of second derivatives of a scalar by a vector.

    >>> print(hessian("||x||^2", wrt="x", let="x: n").result)
    ∇²f(x) = 2I
    """
    from engine.asking.slopes import hessian_of

    (asked,) = _read((formula,), let, noted, scalar=True)
    return hessian_of(asked, wrt)


@_bounded
def minimise(formula: str, *, wrt: str, subject_to: Texts = (), let: Texts = (), noted: Noted = warned) -> Working:
    """Where a formula is least: where its gradient is zero, and whether convexity, or the sign of the slope, shows it.

    Under equations that are linear in the symbol, by Lagrange.

    >>> print(minimise("x^2 - 2 x", wrt="x").result)
    1 is the unique minimiser of f(x) over x
    """
    from engine.asking.constrained import constrained_minimum_of
    from engine.asking.minima import minimum_of

    (asked,) = _read((formula,), let, noted, subject_to, scalar=True)
    return constrained_minimum_of(asked, wrt) if asked.constraints else minimum_of(asked, wrt)


@_bounded
def recursion(step: str, *, start: str | None = None, let: Texts = (), noted: Noted = warned) -> Working:
    """The state after t steps of a linear recursion with constant coefficients, and where it stays as it is.

    >>> print(recursion("m_t = beta m_{t-1} + (1 - beta) g", start="m_0 = 0").result)
    mₜ = g(1 − β^t)
    """
    from engine.asking.recursions import after_steps
    from engine.asking.recursions import recursion as read_recursion

    asked = read_recursion(step, declarations(let), start)
    for note in asked.body.notes:
        noted(note)
    return after_steps(asked)


@_bounded
def mean(
    formula: str, *, let: Texts = (), given: Iterable[str] = (), total: Iterable[str] = (), noted: Noted = warned
) -> Working:
    """The mean of a formula in random symbols: `given` some that are known, or by the law of `total` mean over some.

    >>> print(mean("x^2", let="x ~ Normal(mu, s^2)").result)
    E[f] = μ² + s²
    """
    from engine.asking.moments import mean_of

    (asked,) = _read((formula,), let, noted)
    return mean_of(asked, tuple(given), tuple(total))


@_bounded
def variance(
    formula: str, *, let: Texts = (), given: Iterable[str] = (), total: Iterable[str] = (), noted: Noted = warned
) -> Working:
    """The variance of a formula in random symbols; of a column, its covariance matrix.

    >>> print(variance("2 x + 1", let="x ~ Bernoulli(p)").result)
    Var(f) = 4p(1 − p)
    """
    from engine.asking.moments import variance_of

    (asked,) = _read((formula,), let, noted)
    return variance_of(asked, tuple(given), tuple(total))


@_bounded
def covariance(
    first: str,
    second: str,
    *,
    let: Texts = (),
    given: Iterable[str] = (),
    total: Iterable[str] = (),
    noted: Noted = warned,
) -> Working:
    """The covariance of two formulas in random symbols; of two columns, the matrix of all covariances.

    >>> print(covariance("A x", "x", let={"x": "n ~ Normal(mu, S)", "A": "m×n"}).result)
    Cov(f, g) = AS
    """
    from engine.asking.moments import covariance_of

    asked, other = _read((first, second), let, noted)
    return covariance_of(asked, other, tuple(given), tuple(total))
