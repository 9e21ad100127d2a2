"""The small prover: what it reads off, and what it does not say."""

from fractions import Fraction

import pytest

from engine.documents.examples import SampleSymbols
from engine.rules.order.bounds import Reader, interval_of
from engine.rules.order.intervals import ABOVE_ZERO, Interval
from engine.rules.scope import Scope
from engine.terms import Identity, Symbol, absolute, exp, log, norm2, sqrt, term, total
from engine.terms.declarations import POSITIVE_DEFINITE, POSITIVE_INTEGER, UNIT_INTERVAL, Declaration, Domain
from engine.terms.formulas import Formula, Relation, nonnegative, nonzero, positive
from engine.worlds.breakpoints import is_whole


def reader(*hypotheses) -> tuple[SampleSymbols, Reader]:
    bench = SampleSymbols()
    bench.proof.assume(*(hypothesis(bench) for hypothesis in hypotheses))
    return bench, Reader(bench.proof.scope)


POSITIVE = [
    lambda b: b.c + b.y,
    lambda b: 1 - b.p,
    lambda b: b.p * (1 - b.p),
    lambda b: b.c**b.x,
    lambda b: exp(b.x),
    lambda b: b.x**2 + b.c,
    lambda b: norm2(b.w) + b.c,
    lambda b: b.t.T @ b.t + 2 * b.c * b.n,
    lambda b: 1 / (1 + b.c),
    lambda b: sqrt(b.c),
    lambda b: 1 - b.c / (b.c + b.y),
    lambda b: total(b.c * b.n, b.i, b.n),
    lambda b: absolute(b.c),
    lambda b: b.w.T @ (b.X.T @ b.X + b.c * Identity(b.d)) @ b.w + b.c,
    lambda b: b.c**2 * b.x**2 - 2 * b.c * b.x * b.a + b.a**2 + b.y,  # (cx − a)² + y, though cx occurs in two squares
    lambda b: b.y * b.c**3 + b.y**2 * b.c,
]
NOT_SAID = [
    lambda b: b.x,
    lambda b: b.c - b.y,
    lambda b: b.x**2,
    lambda b: norm2(b.w),
    lambda b: b.x * b.c,
    lambda b: b.p - b.r,
    lambda b: log(b.c),
    lambda b: b.w.T @ b.v,
    lambda b: 1 - b.c,
    lambda b: b.p - 1,
    lambda b: -b.c,
    lambda b: b.c**2 * b.x**2 - 3 * b.c * b.x * b.a + b.a**2 + b.y,
    lambda b: b.x * b.c + b.x * b.y,
]


@pytest.mark.parametrize("term", POSITIVE)
def test_positive(term):
    b, read = reader()
    assert read.interval(term(b)).positive and read.shows(positive(term(b)))


@pytest.mark.parametrize("term", NOT_SAID)
def test_not_said_to_be_positive(term):
    b, read = reader()
    assert not read.interval(term(b)).positive and not read.shows(positive(term(b)))


def test_hypotheses_are_known_in_every_spelling_and_noted():
    b, read = reader(lambda b: nonzero(b.t.T @ b.u), lambda b: positive(b.c - b.y))
    assert read.shows(nonzero(b.u.T @ b.t)) and set(read.leaned) == {nonzero(b.t.T @ b.u)}
    assert read.shows(positive(2 * (b.c - b.y))) and read.shows(Formula(b.y, Relation.LESS, b.c))
    assert not read.shows(positive(b.y - b.c))


def test_squares_of_what_is_not_zero_are_positive():
    b, read = reader(lambda b: nonzero(b.x), lambda b: nonzero(b.w))
    assert read.shows(positive(b.x**2)) and read.shows(positive(norm2(b.w))) and read.shows(positive(absolute(b.x)))
    assert not read.shows(positive(b.x)) and read.shows(nonnegative((b.x - b.a) ** 2))


def test_what_all_terms_have_is_taken_out():
    b, read = reader(lambda b: nonzero(b.x))
    assert read.shows(nonzero(b.x * b.c + b.x * b.y)) and not read.shows(nonzero(b.x * b.c + b.x * b.a))


def test_a_power_of_what_all_terms_have_is_taken_out():
    """2aη − a²η² = aη(2 − aη), where a, η > 0 and 2 − aη > 0."""
    b, read = reader(lambda b: positive(2 - b.c * b.y))
    gap = 2 * b.c * b.y - b.c**2 * b.y**2
    assert (
        read.shows(positive(gap))
        and read.shows(nonzero(b.c * gap))
        and read.shows(nonzero(b.c * b.x**2 * gap / b.c)) is False
    )
    assert read.shows(nonzero(b.c * (1 - (1 - b.c * b.y) ** 2))) and not read.shows(nonzero(b.x * gap))
    assert not read.shows(positive(b.c * b.y - b.c**2 * b.y**2)) and not read.shows(positive(-gap))


F = Symbol("f")
CLOSED_ABOVE = Domain(lower=Fraction(0), upper=Fraction(1), includes_upper=True)


@pytest.mark.parametrize(
    ("domain", "power", "where"),
    [
        (Domain(upper=Fraction(0)), 3, Interval(None, Fraction(0), excludes_zero=True)),
        (Domain(upper=Fraction(-2)), 3, Interval(None, Fraction(-8), excludes_zero=True)),
        (Domain(upper=Fraction(-2)), 2, ABOVE_ZERO),
        (Domain(upper=Fraction(0)), -1, -ABOVE_ZERO),
        (UNIT_INTERVAL, 2, Interval(Fraction(0), Fraction(1), False, False, True)),
        (CLOSED_ABOVE, 2, Interval(Fraction(0), Fraction(1), False, True, True)),
        (CLOSED_ABOVE, -1, Interval(Fraction(1), None, True, excludes_zero=True)),
        (Domain(lower=Fraction(2), includes_lower=True), 3, Interval(Fraction(8), None, True, False, True)),
    ],
)
def test_where_a_power_lies(domain, power, where):
    scope = Scope({F: Declaration(F, domain)}, {}, (), lambda condition, scope: None)
    assert interval_of(F**power, scope) == where


N = Symbol("n")


@pytest.mark.parametrize(
    ("last", "where"),
    [(N, Interval(Fraction(1), None, True)), (term(3), Interval(Fraction(1), Fraction(3), True, True))],
)
def test_where_an_index_lies(last, where):
    index = Declaration(F, Domain(index_up_to=last, whole=True))
    scope = Scope({F: index, N: Declaration(N, POSITIVE_INTEGER)}, {}, (), lambda condition, scope: None)
    found = interval_of(F, scope)
    assert (found.lower, found.upper, found.includes_lower) == (where.lower, where.upper, True)
    assert found.upper is None or found.includes_upper


M = Symbol("m")


@pytest.mark.parametrize(
    ("exponent", "whole"),
    [
        (M, True),
        (M**2, True),
        (M**0, True),
        (M**-1, False),
        (sqrt(M), False),
        (M + 2 * M**3, True),
        (M / 2, False),
        (N, False),
        (N**2, False),
    ],
)
def test_what_is_whole(exponent, whole):
    assert is_whole(exponent, frozenset((M,))) is whole


def test_definiteness():
    b, read = reader()
    gram, eye = b.X.T @ b.X, Identity(b.d)
    assert read.definite(gram) == 1 and read.definite(gram + b.c * eye) == 2 and read.definite(gram - b.c * eye) == 0
    assert read.definite(b.A.T @ b.A) == 2 and read.definite(b.A) == 0 and read.definite(-gram) == 0
    assert read.definite(0 * b.c * gram + b.x * eye) == 0 and read.definite((gram + b.c * eye).I) == 2
    assert read.definite(b.X.T @ (b.X @ b.X.T + b.c * Identity(b.n)) @ b.X) == 1


def test_invertibility():
    b, read = reader()
    gram = b.X.T @ b.X
    assert read.invertible(b.A @ b.G) and read.invertible(b.A.T) and read.invertible(gram + b.c * Identity(b.d))
    assert not read.invertible(gram) and not read.invertible(b.A + b.G)


def test_a_product_plus_a_multiple_of_the_identity_is_invertible_where_the_product_turned_around_is():
    b, read = reader()
    S = b.proof.matrix("P", b.n, b.n, POSITIVE_DEFINITE)
    read = Reader(b.proof.scope)
    turned = S @ b.X @ b.X.T  # XᵀSX + cI is definite
    assert read.invertible(turned + b.c * Identity(b.n)) and read.invertible(b.c * turned + Identity(b.n))
    assert not read.invertible(turned + b.x * Identity(b.n)) and not read.invertible(turned - b.c * Identity(b.n))
    assert not read.invertible(S @ b.X @ b.X.T + 0 * b.c * Identity(b.n))
