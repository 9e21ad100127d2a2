"""What the prover says of random terms, against their exact values on a grid that holds the ends of the domains."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import combinations_with_replacement, islice, product

import pytest
from flint import fmpq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.asking.formulas import formula
from engine.asking.minima import minimum_of
from engine.proofs.derivation import Proof
from engine.rules.order.bounds import Reader
from engine.rules.order.intervals import Interval
from engine.terms import (
    ZERO,
    Number,
    Symbol,
    Term,
    absolute,
    add,
    diagonal,
    exp,
    multiply,
    negate,
    power,
    total,
    transpose,
)
from engine.terms.declarations import POSITIVE, POSITIVE_SEMIDEFINITE, REAL, Domain
from engine.terms.formulas import Formula, at_most, less, nonnegative, nonzero, positive
from engine.worlds.truth import admits, obeyed, truth
from engine.worlds.values import Matrix, Undecided, Undefined
from engine.worlds.world import World, rational

HALF = Fraction(1, 2)
DOMAINS = {
    "a": REAL,
    "b": Domain(Fraction(0)),
    "c": Domain(Fraction(1), None, True),
    "f": Domain(Fraction(0), Fraction(1)),
    "g": Domain(Fraction(0), Fraction(1), True, includes_upper=True),
    "h": Domain(Fraction(-1), Fraction(2), True),
    "k": Domain(None, Fraction(0), includes_upper=True),
    "q": Domain(Fraction(-2), Fraction(-1), includes_upper=True),
}
NUMBERS = tuple(map(rational, map(Fraction, ("-3", "-2", "-3/2", "-1", "0", "1/1000", "1/2", "1", "3/2", "2", "5"))))
COLUMNS = ((0,), (2,), (0, 0), (1, -1), (-2, 3), (1, 2))
SEMIDEFINITE = ((0,), (2,), (0, 0, 0, 0), (1, 1, 1, 1), (2, 1, 1, 2))
PLACES = 1_500  # of the grid, that a term is looked at


def _begun() -> Proof:
    proof = Proof({})
    for name, domain in DOMAINS.items():
        proof.scalar(name, domain)
    proof.size("n")
    proof.vector("u", proof["n"]), proof.vector("v", proof["n"])
    proof.matrix("P", proof["n"], proof["n"], POSITIVE_SEMIDEFINITE)
    return proof


def _raised(exponent: Term, base: Term) -> Term:
    return base if base == ZERO else power(base, exponent)


def _summed(length: Term, body: Term) -> Term:
    return total(body, i, length)


PROOF = _begun()
SCALARS = [PROOF[name] for name in DOMAINS]
u, v, P, n, i = *(PROOF[name] for name in "uvPn"), Symbol("i")

NUMERALS = [Number(Fraction(value)) for value in (-2, -1, 1, 2, HALF, -HALF)]
CHAINS = [transpose(u) @ u, transpose(u) @ v, transpose(u) @ P @ u, u[1]]
LEAVES = [*SCALARS, *CHAINS, *NUMERALS]
EXPONENTS = [Number(Fraction(value)) for value in (-2, -1, 2, 3, HALF)]
UNARY = [absolute, exp, *(partial(_raised, e) for e in EXPONENTS), *(partial(_summed, length) for length in (n, n - 1))]
SAYS = [nonnegative, positive, nonzero, lambda part: at_most(part, SCALARS[0])]

leaves = st.sampled_from(SCALARS) | st.sampled_from(CHAINS) | st.sampled_from(NUMERALS)


def scalars(depth: int) -> st.SearchStrategy[Term]:
    if depth == 0:
        return leaves
    inner = scalars(depth - 1)
    unary = st.builds(lambda function, part: function(part), st.sampled_from(UNARY), inner)
    return st.builds(add, inner, inner) | st.builds(multiply, inner, inner) | unary | leaves


@st.composite
def terms_under_hypotheses(draw: st.DrawFn) -> tuple[Term, tuple[Formula, ...]]:
    """A term, and at most one hypothesis: of a part of it, or of anything."""
    term = draw(scalars(2))
    parts = [part for part in term.walk() if part.is_scalar and part.free and i not in part.free]
    subject = draw(st.sampled_from(parts) | scalars(1)) if parts else draw(scalars(1))
    return term, draw(st.just(()) | st.builds(lambda say: (say(subject),), st.sampled_from(SAYS)))


def small_terms() -> Iterator[tuple[Term, tuple[Formula, ...]]]:
    """Every term of one or two leaves, and of one leaf of which something is assumed."""
    for one, other in combinations_with_replacement(LEAVES, 2):
        yield from ((one + other, ()), (one * other, ()))
    for leaf in LEAVES:
        for term in (leaf, *(function(leaf) for function in UNARY)):
            yield from ((term, given) for given in ((), *((say(leaf),) for say in SAYS)))


def filled(height: int, width: int, entries: tuple[tuple[int, ...], ...]) -> list[Matrix]:
    """Matrices of a shape, from the rows of entries that fit it."""
    fitting = (row for row in entries if len(row) == height * width)
    return [Matrix([list(map(fmpq, row[k : k + width])) for k in range(0, len(row), width)]) for row in fitting]


def places(symbols: frozenset[Symbol]) -> Iterator[World]:
    """Worlds whose numbers are those of the grid, at the ends of their domains too."""
    known = sorted(symbols & set(SCALARS), key=lambda symbol: symbol.name)
    arrays = [symbol for symbol in (u, v, P) if symbol in symbols]
    for size in (1, 2):
        choices = [filled(size, size, SEMIDEFINITE) if symbol == P else filled(size, 1, COLUMNS) for symbol in arrays]
        for values in product(*choices, *[NUMBERS] * len(known)):
            world = World(0, {n: fmpq(size), **dict(zip((*arrays, *known), values, strict=True))}, PROOF.declarations)
            if all(admits(world, symbol, world[symbol]) for symbol in known):
                yield world


def denied(claim: Formula, given: tuple[Formula, ...]) -> World | None:
    """A place of the grid at which a formula is false and what is given is true."""
    symbols = claim.free.union(*(hypothesis.free for hypothesis in given))
    for world in islice(places(symbols), PLACES):
        try:
            if all(obeyed(hypothesis, world) for hypothesis in given) and not truth(claim, world).true:
                return world
        except (Undefined, Undecided):
            continue
    return None


def said(term: Term, reader: Reader) -> Iterator[Formula]:
    """All that the prover says of a term."""
    found = reader.interval(term)
    if found.lower is not None:
        yield (at_most if found.includes_lower else less)(Number(found.lower), term)
    if found.upper is not None:
        yield (at_most if found.includes_upper else less)(term, Number(found.upper))
    if found.excludes_zero:
        yield nonzero(term)
    yield from (claim for claim in (positive(term), nonnegative(term), nonzero(term)) if reader.shows(claim))
    yield from (claim for claim in (positive(negate(term)), less(term, SCALARS[0])) if reader.shows(claim))


def check(term: Term, given: tuple[Formula, ...]) -> None:
    proof = _begun()
    proof.assume(*given)
    for claim in said(term, Reader(proof.scope)):
        world = denied(claim, given)
        assert world is None, f"{claim} is said, given {given}, and false in {world}"


def test_what_the_prover_says_of_small_terms_is_so():
    for case in small_terms():
        check(*case)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(terms_under_hypotheses())
def test_what_the_prover_says_of_random_terms_is_so(case):
    check(*case)


ENDS = st.none() | st.sampled_from([Fraction(value) for value in (-2, -1, 0, 1, 2)])
POINTS = tuple(Fraction(k, 4) for k in range(-12, 13))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    lower, upper, inclusive = draw(ENDS), draw(ENDS), st.booleans()
    if lower is not None and upper is not None and lower >= upper:
        return Interval(upper, upper, True, True, upper != 0)
    return Interval(
        lower, upper, lower is not None and draw(inclusive), upper is not None and draw(inclusive), draw(inclusive)
    )


def holds(interval: Interval, value: Fraction) -> bool:
    above = interval.lower is None or value > interval.lower or (value == interval.lower and interval.includes_lower)
    below = interval.upper is None or value < interval.upper or (value == interval.upper and interval.includes_upper)
    return above and below and not (interval.excludes_zero and value == 0)


@settings(max_examples=150, deadline=None)
@given(intervals(), intervals())
def test_intervals_hold_the_sums_and_products_of_what_is_in_them(one, other):
    for x, y in product(*(filter(partial(holds, each), POINTS) for each in (one, other))):
        assert holds(one + other, x + y) and holds(one * other, x * y) and holds(-one, -x)
    for x in filter(partial(holds, one), POINTS):
        assert (x > 0) >= one.positive and (x < 0) >= one.negative and (x >= 0) >= one.nonnegative
        assert (x != 0) >= one.nonzero


def test_nothing_times_a_number_is_not_negative():
    nothing = Interval(Fraction(0), Fraction(0), True, True)
    assert holds(nothing * Interval(Fraction(0), Fraction(1)), Fraction(0))


def test_an_interval_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Interval())


def test_the_end_of_a_closed_domain_is_no_unique_minimum():
    proof = Proof({})
    c = proof.scalar("c", Domain(Fraction(1), None, True))
    reader = Reader(proof.scope)
    assert not reader.shows(positive(2 * c - 2)) and reader.shows(nonnegative(2 * c - 2))
    claim = minimum_of(formula("(c-1) x^2 - x", ("c >= 1",)), "x").results[0].step.claim
    assert nonzero(c - 1) in claim.assumptions


def test_a_hypothesis_says_what_it_says_and_no_more():
    proof = Proof({})
    w = proof.vector("w", proof.size("n"))
    proof.assume(nonnegative(transpose(w) @ w))
    reader = Reader(proof.scope)
    assert reader.shows(nonnegative(transpose(w) @ w)) and not reader.shows(positive(transpose(w) @ w))


def test_a_sum_without_terms_is_not_positive():
    proof = Proof({})
    c, n = proof.scalar("c", Domain(Fraction(0))), proof.size("n")
    reader = Reader(proof.scope)
    assert reader.shows(positive(total(c, i, n))) and reader.shows(positive(total(c, i, n * n)))
    assert not reader.shows(positive(total(c, i, n - 1))) and reader.shows(nonnegative(total(c, i, n - 1)))


def test_the_entries_of_a_matrix_have_no_sign_because_it_is_a_square():
    proof = Proof({})
    n = proof.size("n")
    w, y, z = proof.vector("w", n), proof.vector("y", n, POSITIVE), proof.vector("z", n, POSITIVE)
    reader = Reader(proof.scope)
    assert reader.shows(nonnegative(transpose(w) @ w)) and not reader.shows(nonnegative(w @ transpose(w)))
    assert reader.shows(positive(transpose(y) @ diagonal(z) @ y)) and reader.shows(positive(diagonal(y) @ z))
    assert not reader.shows(positive(diagonal(y) @ diagonal(z))) and reader.shows(
        nonnegative(diagonal(y) @ diagonal(z))
    )
