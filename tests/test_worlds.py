"""Worlds: what they must contain, and the false claims that they must refute."""

import subprocess
import sys
from fractions import Fraction
from itertools import combinations

import pytest
from flint import arb, fmpq

from engine.kernel import Outcome, Rule, infer
from engine.kernel.evidence import ConditionMissing, NotDecided, Refuted
from engine.proofs.derivation import Proof
from engine.terms import (
    INFINITY,
    ZERO,
    Derivative,
    Determinant,
    Expectation,
    Identity,
    Limit,
    Number,
    Symbol,
    Term,
    Variance,
    absolute,
    exp,
    gradient,
    hessian,
    log,
    maximum,
    norm2,
    sqrt,
    total,
    trace,
)
from engine.terms.declarations import (
    INVERTIBLE,
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    REAL,
    SYMMETRIC,
    UNIT_INTERVAL,
    Declaration,
)
from engine.terms.formulas import Formula, Relation, equation
from engine.terms.laws import AnyLaw, Bernoulli, Normal
from engine.worlds.drawing import _sizes, drawn
from engine.worlds.meanings import rational_function
from engine.worlds.signs import WORLDS
from engine.worlds.values import Undefined, Unsupported, entries_of, precision

n, d, k = Symbol("n"), Symbol("d"), Symbol("k")
SIZES = frozenset((n, d, k))


def worlds(*declarations, sizes=SIZES, largest=4):
    declared = frozenset((*(Declaration(s, POSITIVE_INTEGER) for s in (n, d, k)), *declarations))
    return [drawn(declared, sizes, number, largest, 0) for number in range(WORLDS)]


# -- what worlds contain ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 4, 5, 10])
def test_sizes_meet_in_every_order(count):
    symbols = [Symbol(f"n{place}") for place in range(count)]
    drawn_sizes = [_sizes(symbols, number, 4) for number in range(WORLDS)]
    for symbol in symbols:
        seen = {sizes[symbol] for sizes in drawn_sizes}
        assert {1, 2, 3, 4} <= seen and 5 <= max(seen) <= 12
    for a, b in combinations(symbols, 2):
        orders = {(sizes[a] > sizes[b]) - (sizes[a] < sizes[b]) for sizes in drawn_sizes}
        assert orders == {-1, 0, 1}


def test_more_sizes_than_the_design_has_room_for_are_refused():
    with pytest.raises(Unsupported, match="more than 10 sizes"):
        _sizes([Symbol(f"n{place}") for place in range(11)], 0, 4)


def test_atoms_are_never_special_and_never_repeat():
    X, x, y = Symbol("X", n, d), Symbol("x"), Symbol("y")
    found = worlds(Declaration(X), Declaration(x), Declaration(y, POSITIVE))
    atoms = [entry for world in found for s in (X, x, y) for entry in entries_of(world[s])]
    assert all(atom.q != 1 for atom in atoms)  # not whole, so not 0 and not ±1
    for symbol in (x, y):
        assert len({str(world[symbol]) for world in found}) == WORLDS
    assert {world[x] > 0 for world in found} == {True, False}
    assert all(world[y] > 0 for world in found)


def test_two_reals_are_seen_with_all_four_signs():
    x, y = Symbol("x"), Symbol("y")
    signs = {(world[x] > 0, world[y] > 0) for world in worlds(Declaration(x), Declaration(y))}
    assert len(signs) == 4


def test_an_interval_is_seen_near_both_ends():
    p = Symbol("p")
    found = [world[p] for world in worlds(Declaration(p, UNIT_INTERVAL))]
    assert all(0 < value < 1 for value in found)
    assert min(found) < fmpq(1, 50) and max(found) > fmpq(49, 50)
    assert any(fmpq(1, 5) < value < fmpq(4, 5) for value in found)


def test_a_size_that_is_only_a_number_is_drawn_from_a_large_range_but_seen_small_too():
    found = [world[n] for world in worlds(sizes=frozenset())]
    assert {1, 2, 3} <= {int(value.p) for value in found}
    assert sum(value > 10**6 for value in found) >= 7


def test_worlds_with_a_number_of_our_choice_bound_no_chance():
    """n is small in four of the twelve worlds: a claim about it has the bound of the other eight."""
    x = Symbol("x")
    proof = Proof({})
    size = proof.size("n")
    proof.declare(x)
    swapped = Rule(
        "swapped", "", "", lambda subject, scope: Outcome(equation(subject, subject.factors[1] * subject.factors[0]))
    )
    with_size = infer(swapped, size * x, proof.scope).evidence
    without = infer(swapped, x * (x + 1), proof.scope).evidence
    assert with_size.worlds == without.worlds == 12
    assert without.bound / 12 == pytest.approx(with_size.bound / 8)


@pytest.mark.parametrize(
    ("domain", "holds"),
    [
        (SYMMETRIC, lambda A: str(A.rows) == str([list(row) for row in A.T.rows])),
        (POSITIVE_DEFINITE, lambda A: A.determinant() > 0 and A.rows[0][0] > 0),
        (INVERTIBLE, lambda A: A.determinant() != 0),
    ],
)
def test_matrices_have_their_structure(domain, holds):
    A = Symbol("A", n, n)
    assert all(holds(world[A]) for world in worlds(Declaration(A, domain)))


def test_the_same_worlds_every_time():
    X = Symbol("X", n, d)
    assert [str(w) for w in worlds(Declaration(X))] == [str(w) for w in worlds(Declaration(X))]


# -- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", range(1, 7))
def test_moments(order):
    p, mu, s = Symbol("p"), Symbol("mu"), Symbol("s")
    m, e, a = Symbol("m"), Symbol("e"), Symbol("a")
    world = worlds(
        Declaration(p, UNIT_INTERVAL),
        Declaration(mu),
        Declaration(s, POSITIVE),
        Declaration(m, law=Bernoulli(p)),
        Declaration(e, law=Normal(mu, s)),
        Declaration(a, law=AnyLaw(mu, s)),
    )[0]
    normal = {
        1: mu,
        2: mu**2 + s,
        3: mu**3 + 3 * mu * s,
        4: mu**4 + 6 * mu**2 * s + 3 * s**2,
        5: mu**5 + 10 * mu**3 * s + 15 * mu * s**2,
        6: mu**6 + 15 * mu**4 * s + 45 * mu**2 * s**2 + 15 * s**3,
    }
    assert world.value(Expectation(m**order)) == world[p]
    assert world.value(Expectation(e**order)) == world.value(normal[order])
    if order > 2:
        assert world.value(Expectation(a**order)) != world.value(normal[order])
    else:
        assert world.value(Expectation(a**order)) == world.value(normal[order])


def test_a_function_of_bernoullis_is_enumerated_and_of_others_refused():
    p, m, e = Symbol("p"), Symbol("m"), Symbol("e")
    world = worlds(Declaration(p, UNIT_INTERVAL), Declaration(m, law=Bernoulli(p)), Declaration(e, law=Normal(p, p)))[0]
    assert world.value(Expectation(1 / (1 + m))) == 1 - world[p] / 2
    assert world.value(Expectation(absolute(m - 2 * m) - m)) == 0
    with pytest.raises(Unsupported):
        world.value(Expectation(1 / (1 + e)))


def test_differences_are_exact_up_to_degree_two_and_honest_beyond():
    x = Symbol("x")
    world = worlds(Declaration(x))[0]
    with precision(1000):
        world.remember(1000)
        assert world.value(Derivative(3 * x**2 + x, x)) == 6 * world[x] + 1
        cubic = world.value(Derivative(x**3, x))
        assert isinstance(cubic, arb) and (cubic - 3 * world[x] ** 2).contains(0)
        assert not (cubic - 3 * world[x] ** 2 * (1 + fmpq(1, 2**200))).contains(0)


def test_a_limit_is_that_of_the_leading_terms():
    x, c = Symbol("x"), Symbol("c")
    world = worlds(Declaration(x, POSITIVE), Declaration(c, POSITIVE))[0]
    assert world.value(Limit((2 * x + c) / (3 * x - c), x, INFINITY)) == fmpq(2, 3)
    assert world.value(Limit((x + c) / (x + 2 * c), x, ZERO)) == fmpq(1, 2)


def test_a_rational_function_is_rebuilt():
    x, c = Symbol("x"), Symbol("c")
    world = worlds(Declaration(x), Declaration(c, POSITIVE))[0]
    numerator, denominator = rational_function(lambda place: world.value((x**2 - c**2) / (x - c), {x: place}), 3, 3)
    assert (numerator.degree(), denominator.degree()) == (1, 0)


def test_what_is_not_defined_says_so():
    x = Symbol("x")
    world = worlds(Declaration(x))[0]
    for bad in (1 / (x - x), log(-(x**2)), sqrt(-(x**2))):
        with pytest.raises(Undefined):
            world.value(bad)


# -- what must be refuted ----------------------------------------------------------------------------------------------


def claimed(left: Term, right: Term, proof: Proof):
    rule = Rule("claim", "", "", lambda *_: Outcome(equation(left, right)))
    return infer(rule, left, proof.scope)


def fresh() -> Proof:
    proof = Proof({})
    for symbol in (n, d, k):
        proof.declare(symbol, POSITIVE_INTEGER)
    return proof


def standard_polynomial(matrices) -> Term:
    """Σ over permutations of ± the product: 0 for as many as 2k matrices of size k×k (Amitsur–Levitzki)."""
    from itertools import permutations

    terms = []
    for order in permutations(range(len(matrices))):
        inversions = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
        product = matrices[order[0]]
        for place in order[1:]:
            product = product @ matrices[place]
        terms.append(product if inversions % 2 == 0 else -product)
    result = terms[0]
    for each in terms[1:]:
        result = result + each
    return result


def false_claims():
    proof = fresh()
    x, y, z = proof.scalar("x"), proof.scalar("y", POSITIVE), proof.scalar("z", REAL)
    A, B, C, D = (proof.matrix(name, n, n) for name in "ABCD")
    X, t, u = proof.matrix("X", n, d), proof.vector("t", n), proof.vector("u", n)
    i = Symbol("i")
    S4 = standard_polynomial([A, B, C, D])
    claims = {
        "only at n = 1": (total(t[i], i, n) ** 2, total(t[i] ** 2, i, n)),
        "only at n = 1, for Var": (total(t[i] * u[i], i, n), total(t[i], i, n) * total(u[i], i, n)),
        "only for commuting factors": (A @ B, B @ A),
        "only for symmetric matrices": (A.T, A),
        "only for n = d": (norm2(X) / n, norm2(X) / d),
        "only for positive reals": (absolute(x), x),
        "√(x²) is not x": (sqrt(x**2), x),
        "only for x < 100": (absolute(x - 100), 100 - x),
        "only for x < 50": (maximum(x, Number(Fraction(50))), Number(Fraction(50)) + 0 * x),
        "only for y > 1/100": (maximum(y, Number(Fraction(1, 100))), y),
        "only at 2×2 and 1×1": (trace(A) * A - Determinant(A) * Identity(n), A @ A),
        "only at 2×2: the standard polynomial": (S4, 0 * S4),
        "only for small n": ((n - 1) * (n - 2) * (n - 3) * (n - 4) * x, ZERO),
        "by a ten-millionth": (Number(Fraction(10_000_001, 10_000_000)) * x, x),
        "by 2⁻²⁰⁰": (exp(y) * Number(1 + Fraction(1, 2**200)), exp(y)),
        "the exponents of x": (y**z, y ** (z + 1)),
        "a gradient without its transpose": (gradient(norm2(A @ t - u), t), 2 * A @ (A @ t - u)),
        "a Hessian without its 2": (hessian(norm2(X.T @ t), t), X @ X.T),
    }
    return proof, claims


@pytest.mark.parametrize("name", list(false_claims()[1]))
def test_a_false_claim_is_refuted(name):
    proof, claims = false_claims()
    left, right = claims[name]
    with pytest.raises(Refuted) as caught:
        claimed(left, right, proof)
    assert str(caught.value.world)


def test_a_claim_that_holds_only_for_as_many_rows_as_columns_lacks_a_condition():
    proof = fresh()
    X, t = proof.matrix("X", n, d), proof.vector("t", n)
    with pytest.raises(ConditionMissing, match="is invertible"):
        claimed((X.T @ X).I @ X.T @ X @ X.T @ t, X.T @ t, proof)


def test_true_claims_hold():
    proof = fresh()
    A, B, t = proof.matrix("A", n, n), proof.matrix("B", n, n), proof.vector("t", n)
    x, y = proof.scalar("x"), proof.scalar("y", POSITIVE)
    i = Symbol("i")
    for left, right in [
        ((A @ B).T, B.T @ A.T),
        (trace(A @ B), trace(B @ A)),
        (norm2(t), total(t[i] ** 2, i, n)),
        (sqrt(y) ** 2, y),
        (log(y * exp(x)), log(y) + x),
        (Variance(x), ZERO),
    ]:
        assert claimed(left, right, proof).evidence.worlds >= 8


# -- equivalences cannot pass without being seen -----------------------------------------------------------------------


def equivalent(before, after, unknown, proof):
    rule = Rule("claim", "", "", lambda *_: Outcome(Formula(before, Relation.EQUIVALENT, after), unknown=unknown))
    return infer(rule, before, proof.scope)


def two(value: int) -> Term:
    return Number(Fraction(value))


FALSE_EQUIVALENCES = {
    "a root is lost": lambda x, y, z: (equation(x**2, two(4)), equation(x, two(2)), x),
    "a root is gained": lambda x, y, z: (equation(x, two(2)), equation(x**2, two(4)), x),
    "x = 0 is lost": lambda x, y, z: (equation(x * y, x * z), equation(y, z), x),
    "another equation, without the unknown": lambda x, y, z: (equation(y + 1, z), equation(y + 2, z), x),
    "neither is ever true": lambda x, y, z: (equation(x + 1, x), equation(x + 2, x), x),
    "it contradicts itself": lambda x, y, z: (equation(x + 1, x), equation(x, ZERO), x),
    "a common factor that may be 0": lambda x, y, z: (equation(x * (x - y), x * z), equation(x, y + z), x),
}


@pytest.mark.parametrize("name", FALSE_EQUIVALENCES)
def test_a_false_equivalence_does_not_pass_unseen(name):
    proof = fresh()
    before, after, unknown = FALSE_EQUIVALENCES[name](*(proof.scalar(letter) for letter in "xyz"))
    with pytest.raises((Refuted, NotDecided)):
        equivalent(before, after, unknown, proof)


def test_true_equivalences_are_seen_where_the_equations_hold():
    proof = fresh()
    x, h = proof.scalar("x"), proof.scalar("h", POSITIVE)
    assert equivalent(equation(h**2, two(4)), equation(h, two(2)), h, proof).evidence.worlds >= 8
    assert equivalent(equation(x**2, two(4)), equation((x - 2) * (x + 2), ZERO), x, proof).evidence.worlds >= 8
    assert equivalent(equation(x**2, two(2)), equation(x**4 + x**2, two(6)), x, proof).evidence.bits is not None


# -- one record a fact -------------------------------------------------------------------------------------------------------

TABLES = {
    "DEGREES": ("engine.worlds.degrees", "Term", "degree"),
    "FEATURES": ("engine.worlds.features", "Term", "feature"),
    "MEANINGS": ("engine.worlds.meanings", "Term", "meaning"),
    "CONDITIONS": ("engine.kernel.conditions", "Term", "condition"),
    "DEGREES_OF_LAWS": ("engine.worlds.degrees", "Law", "degree"),
    "MOMENTS": ("engine.worlds.moments", "Law", "moment"),
    "REQUIREMENTS": ("engine.terms.requirements", "Law", "requirement"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_new_kind_that_a_table_says_nothing_of_is_an_error(name):
    module, root, fact = TABLES[name]
    code = f"""
import importlib
table = getattr(importlib.import_module("{module}"), "{name}")
table.check_whole()
class Novelty(table.root): pass
assert table.root.__name__ == "{root}"
for ask in (table.check_whole, lambda: table[Novelty]):
    try:
        ask()
    except TypeError as error:
        print(error)
table.of(Novelty)(lambda *_: None)
table.check_whole()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"without a {fact}: Novelty", f"Novelty has no {fact}"]


def test_a_kind_without_a_meaning_or_a_condition_stops_the_import():
    code = "from engine.terms import Term\nclass Novelty(Term): pass\nimport engine.kernel"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode and "TypeError: without a degree: Novelty" in done.stderr
