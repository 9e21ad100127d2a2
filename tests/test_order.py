"""The small prover: what it reads off, and what it does not say."""

import pytest

from engine.documents.examples import SampleSymbols
from engine.rules.order.bounds import Reader
from engine.terms import Identity, absolute, exp, log, norm2, sqrt, total
from engine.terms.declarations import POSITIVE_DEFINITE
from engine.terms.formulas import Formula, Relation, nonnegative, nonzero, positive


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
