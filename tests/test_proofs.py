"""What is proved, what must not be, and that a proof of what is false cannot be had."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from flint import ctx, fmpq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derivations
from engine import terms
from engine.grading.equality import _domain
from engine.kernel import finding, infer, means, normal_forms, proofs, slopes, sums, trees, words
from engine.kernel.certification import Grounds, certify
from engine.kernel.evidence import Fault, Kind
from engine.kernel.normal_forms import Beyond, Forms
from engine.kernel.proofs import proved
from engine.kernel.trees import Tree, holds
from engine.kernel.words import matrix_term
from engine.proofs.derivation import Proof
from engine.reading import Names, read
from engine.reading.declarations import declared
from engine.rules.algebra import rewriting
from engine.terms import (
    ArgMin,
    Derivative,
    Entry,
    Expectation,
    Identity,
    Limit,
    Number,
    Symbol,
    Term,
    Variance,
    absolute,
    gradient,
    hessian,
    norm2,
    sign,
    total,
    trace,
)
from engine.terms.claims import Claim
from engine.terms.declarations import (
    NONNEGATIVE,
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    REAL,
    SYMMETRIC,
    UNIT_INTERVAL,
    Declaration,
    Domain,
)
from engine.terms.formulas import (
    Formula,
    Relation,
    equation,
    invertible,
    less,
    minimises,
    nonnegative,
    nonzero,
    positive,
    positive_definite,
    positive_semidefinite,
)
from engine.terms.laws import AnyLaw, Bernoulli, Normal, NormalVector, Rademacher
from engine.terms.records import FUNCTIONS
from engine.worlds.truth import truth
from engine.worlds.values import (
    Matrix,
    Polynomial,
    Undecided,
    Undefined,
    Unsupported,
    ball,
    entries_of,
    precision,
    same,
)
from engine.worlds.world import World

# -- equalities of texts -----------------------------------------------------------------------------------------------


def claim_of(left: str, right: str, let: tuple[str, ...]) -> Claim:
    known = declared(let)
    sides = [read(text, Names(known, free=True)) for text in (left, right)]
    shape = next((side.value.shape for side in sides if not side.value.is_scalar), (1, 1))
    one, other = (side.fitted(shape).settled().value for side in sides)
    free = (one.free | other.free) - {d.symbol for d in known}
    every = (*known, *(Declaration(symbol, _domain(symbol, (one, other))) for symbol in free))
    return Claim(one, Relation.EQUAL, other, frozenset(every))


SIZED = ("X: n×d", "A: n×n", "B: n×n", "u: n", "v: n", "w: d", "S: n×n symmetric", "P: n×n positive definite")
PROVED = [
    # rational functions
    ("(x+y)^2", "x^2 + 2 x y + y^2", ()),
    ("x/x", "1", ()),
    ("(x^2-1)/(x-1)", "x+1", ()),
    ("1/x + 1/y", "(x+y)/(x y)", ()),
    ("1/(1/x + 1/y)", "x y/(x+y)", ()),
    ("(a-b)/(b-a)", "-1", ()),
    ("x^-2 (x^3 + x^2)", "x + 1", ()),
    # roots, powers, logs, signs
    ("sqrt(c^2)", "c", ("c > 0",)),
    ("sqrt(x)^2", "x", ("x >= 0",)),
    ("sqrt(a b)", "sqrt(a) sqrt(b)", ("a, b > 0",)),
    ("sqrt(12)", "2 sqrt(3)", ()),
    ("a^x a^y", "a^(x+y)", ("a > 0",)),
    ("(a^x)^y", "a^(x y)", ("a > 0",)),
    ("exp(x) exp(y)", "exp(x+y)", ()),
    ("exp(2 ln(a))", "a^2", ("a > 0",)),
    ("ln(a b)", "ln(a) + ln(b)", ("a, b > 0",)),
    ("ln(a^x/8)", "x ln(a) - 3 ln(2)", ("a > 0",)),
    ("abs(x y)", "abs(x) abs(y)", ()),
    ("abs(-x)", "abs(x)", ()),
    ("sign(x) abs(x)", "x", ()),
    ("abs(x)^2", "x^2", ()),
    ("sin(x+y)", "sin(y+x)", ()),
    # words
    ("(A B)'", "B' A'", SIZED),
    ("(A B)^-1", "B^-1 A^-1", SIZED),
    ("tr(A B)", "tr(B A)", SIZED),
    ("tr(A B' A)", "tr(A' B A')", SIZED),
    ("tr(u v')", "u' v", SIZED),
    ("u' A v", "v' A' u", SIZED),
    ("(u' v) A u", "A u v' u", SIZED),
    ("(S A)'", "A' S", SIZED),
    ("||X w - u||^2", "w' X' X w - 2 u' X w + u' u", SIZED),
    ("(X'X + 3 I)^-1 X'X", "I - 3 (X'X + 3 I)^-1", SIZED),
    ("(X'X/n + 2 c I)^-1", "n (X'X + 2 c n I)^-1", (*SIZED, "c > 0")),
    ("(X'X + c I)^-1 X'", "X' (X X' + c I)^-1", (*SIZED, "c > 0")),
    ("X (X'X)^-1 X' X (X'X)^-1 X'", "X (X'X)^-1 X'", SIZED),
    ("tr(X (X'X)^-1 X')", "d", SIZED),
    ("P^-1 P u", "u", SIZED),
    # sums
    ("sum_{i=1}^n (u_i + x)", "n x + sum_{j=1}^n u_j", ("u: n",)),
    ("sum_{i=1}^n sum_{j=1}^d X_{i,j}", "sum_{j=1}^d sum_{i=1}^n X_{i,j}", SIZED),
    ("(sum_{i=1}^n u_i)(sum_{j=1}^n v_j)", "sum_{i=1}^n sum_{j=1}^n u_i v_j", SIZED),
    ("sum_{i=1}^{n+1} i", "n + 1 + sum_{i=1}^n i", ("n: positive integer",)),
    ("sum_{i=1}^3 x i", "6 x", ()),
    ("u' v", "sum_{i=1}^n u_i v_i", SIZED),
    # means
    ("E[x + y]", "E[x] + E[y]", ("x ~ N(m, c)", "c > 0", "y ~ Bernoulli(p)", "p in (0,1)")),
    ("E[x y]", "m p", ("x ~ N(m, c)", "c > 0", "y ~ Bernoulli(p)", "p in (0,1)")),
    ("Var(a x + b)", "a^2 c", ("x ~ N(m, c)", "c > 0")),
    ("Var(sum_{i=1}^n x_i)", "n c", ("x_i ~ N(m, c) iid", "n: positive integer", "c > 0")),
    ("E[(sum_{i=1}^n x_i)^2]", "n c + n^2 m^2", ("x_i ~ N(m, c) iid", "n: positive integer", "c > 0")),
    ("E[y^3]", "p", ("y ~ Bernoulli(p)", "p in (0,1)")),
]
NEAR_MISSES = [
    # zero, branches, powers
    ("0/x", "x", ()),
    ("x/x", "x", ()),
    ("sqrt(x^2)", "x", ()),
    ("sqrt(x^2 y^2)", "x y", ()),
    ("sqrt(a^2 b^2 c^2)", "a b c", ()),
    ("sqrt(x y)", "sqrt(x) sqrt(y) sign(x)", ()),
    ("(x^2)^(1/2)", "x", ()),
    ("(x^y)^z", "x^(y z)", ()),
    ("(x^3)^(1/3)", "abs(x)", ()),
    ("a^x b^x", "(a b)^(2 x)", ("a, b > 0",)),
    ("a^(x+y)", "a^x + a^y", ("a > 0",)),
    ("ln(x^2)", "2 ln(x)", ()),
    ("ln(a + b)", "ln(a) + ln(b)", ("a, b > 0",)),
    ("ln(x y)", "ln(abs(x)) + ln(abs(y)) + 1", ()),
    ("exp(x y)", "exp(x) exp(y)", ()),
    ("sign(x)^2", "1", ()),
    ("sign(x) sign(x)", "sign(x)", ()),
    ("sign(x - y)^2", "1", ()),
    ("abs(x + y)", "abs(x) + abs(y)", ()),
    ("abs(x)", "x", ()),
    ("abs(x)", "x", ("x <= 0",)),
    ("sqrt(x)^2", "abs(x) + x", ("x >= 0",)),
    ("sqrt(1 + x)", "1 + x/2", ()),
    ("cos(x)^2", "cos(x^2)", ()),
    ("(x+y)^3", "x^3 + y^3", ()),
    ("1/(x+y)", "1/x + 1/y", ()),
    ("x^-1", "-x", ()),
    ("sqrt(2) sqrt(3)", "sqrt(5)", ()),
    ("2^(1/2) 2^(1/3)", "2", ()),
    # words
    ("A B", "B A", SIZED),
    ("A B A", "A A B", SIZED),
    ("(A B)'", "A' B'", SIZED),
    ("(A B)^-1", "A^-1 B^-1", SIZED),
    ("(A + B)^-1", "A^-1 + B^-1", SIZED),
    ("A'", "A", SIZED),
    ("S A", "A S", SIZED),
    ("S A", "(S A)'", SIZED),
    ("tr(A B)", "tr(A) tr(B)", SIZED),
    ("tr(A B A B)", "tr(A A B B)", SIZED),
    ("tr(A B S)", "tr(B A S)", SIZED),
    ("tr(I_n)", "1", SIZED),
    ("tr(X'X (X'X)^-1)", "n", SIZED),
    ("u v'", "v u'", SIZED),
    ("u' A v", "u' A' v", SIZED),
    ("(u' v) u", "(u' u) v", SIZED),
    ("A u v' B", "(u' v) A B", SIZED),
    ("X' X", "X X'", ("X: n×n",)),
    ("(X'X)^-1", "X^-1 (X')^-1 X", ("X: n×n",)),
    ("X (X'X)^-1 X'", "I", SIZED),
    ("(X'X + I)^-1 X'X", "I", SIZED),
    ("(X'X + 3 I)^-1 X'X", "I - 2 (X'X + 3 I)^-1", SIZED),
    ("(X'X + c I)^-1 X'", "X' (X X' + 2 c I)^-1", (*SIZED, "c > 0")),
    ("(X'X/n + 2 c I)^-1", "(X'X + 2 c n I)^-1", (*SIZED, "c > 0")),
    ("det(A + B)", "det(A) + det(B)", SIZED),
    ("det(2 A)", "2 det(A)", SIZED),
    ("||u + v||^2", "||u||^2 + ||v||^2", SIZED),
    ("1_n' 1_n u", "u", SIZED),
    # sums
    ("sum_{i=1}^n u_i v_i", "(sum_{i=1}^n u_i)(sum_{i=1}^n v_i)", SIZED),
    ("(sum_{i=1}^n u_i)^2", "sum_{i=1}^n u_i^2", SIZED),
    ("sum_{i=1}^n sum_{j=1}^n A_{i,j} u_i", "sum_{i=1}^n sum_{j=1}^n A_{i,j} u_j", SIZED),
    ("sum_{i=1}^n sum_{j=1}^n A_{i,j} A_{j,i}", "sum_{i=1}^n sum_{j=1}^n A_{i,j}^2", SIZED),
    ("sum_{i=1}^n x", "x", ("n: positive integer",)),
    ("sum_{i=1}^n u_i", "sum_{i=1}^d u_i", ("u: n", "d: positive integer")),
    ("sum_{i=1}^{n+1} i", "n + sum_{i=1}^n i", ("n: positive integer",)),
    ("sum_{i=1}^{n-1} x", "(n-1) x + sum_{i=1}^{n-1} 1", ("n: positive integer",)),
    ("sum_{i=1}^{n-2} x", "(n-2) x", ("n: positive integer",)),
    ("sum_{i=1}^n exp(u_i)", "exp(sum_{i=1}^n u_i)", SIZED),
    ("sum_{i=1}^n 1/u_i", "1/sum_{i=1}^n u_i", SIZED),
    ("sum_{i=1}^n i u_i", "n sum_{i=1}^n u_i", SIZED),
    # means
    ("E[x^2]", "E[x]^2", ("x ~ N(m, c)", "c > 0")),
    ("E[x y]", "E[x] E[y] + 1", ("x ~ N(m, c)", "c > 0", "y ~ Bernoulli(p)", "p in (0,1)")),
    ("E[x x]", "E[x] E[x]", ("x ~ Bernoulli(p)", "p in (0,1)")),
    ("E[exp(x) x]", "E[exp(x)] E[x]", ("x ~ N(m, c)", "c > 0")),
    ("Var(x + y)", "Var(x) - Var(y)", ("x ~ N(m, c)", "y ~ N(0, c)", "c > 0")),
    ("Var(x)", "1", ("y ~ N(0, 1)", "x ~ N(y, 1)")),
    ("Var(a x)", "a Var(x)", ("x ~ N(m, c)", "c > 0")),
    ("Var(sum_{i=1}^n x_i)", "n^2 c", ("x_i ~ N(m, c) iid", "n: positive integer", "c > 0")),
    ("E[(sum_{i=1}^n x_i)^2]", "n c + n m^2", ("x_i ~ N(m, c) iid", "n: positive integer", "c > 0")),
    ("E[(sum_{i=1}^n x_i)^3]", "n E[x_1]^3", ("x_i ~ N(m, c) iid", "n: positive integer", "c > 0")),
    ("E[1/x]", "1/E[x]", ("x ~ Bernoulli(p)", "p in (0,1)")),
    ("E[k_1 k_2]", "E[k_1] E[k_2]", ("k: d ~ Multinomial(N, q)", "q: d")),
]


@pytest.mark.parametrize(("left", "right", "let"), PROVED)
def test_these_are_proved(left, right, let):
    assert proved(claim_of(left, right, let))


@pytest.mark.parametrize(("left", "right", "let"), NEAR_MISSES)
def test_these_are_not(left, right, let):
    """Each is false somewhere, or undefined where the other is not."""
    assert not proved(claim_of(left, right, let))


# -- claims of terms ---------------------------------------------------------------------------------------------------

x, y, z, c, p, q, k, i, j = map(Symbol, "xyzcpqkij")
n, d = Symbol("n"), Symbol("d")
X, A, B, S, P = Symbol("X", n, d), Symbol("A", n, n), Symbol("B", n, n), Symbol("S", n, n), Symbol("P", n, n)
u, v, w, eps, xi = Symbol("u", n), Symbol("v", n), Symbol("w", d), Symbol("e", n), Symbol("xi", n)
g, h, r = Symbol("g"), Symbol("h"), Symbol("r")
DECLARED = (
    *(Declaration(symbol) for symbol in (x, y, z, X, A, B, u, v, w)),
    *(Declaration(symbol, POSITIVE_INTEGER) for symbol in (n, d, k)),
    *(Declaration(c, POSITIVE), Declaration(p, UNIT_INTERVAL), Declaration(q, NONNEGATIVE)),
    *(Declaration(S, SYMMETRIC), Declaration(P, POSITIVE_DEFINITE)),
    *(Declaration(eps, REAL, Normal(x, c)), Declaration(g, REAL, AnyLaw(y, c)), Declaration(h, REAL, Bernoulli(p))),
    *(Declaration(r, REAL, Rademacher()), Declaration(xi, REAL, NormalVector(u, P))),
)
E, IFF, ONE, ZERO = equation, Relation.EQUIVALENT, terms.ONE, terms.ZERO


def shown(formula: Formula, *assumed: Formula, unknown: Symbol = x) -> bool:
    about = unknown if formula.relation.joins_formulas else None
    return proved(Claim(formula.left, formula.relation, formula.right, frozenset((*DECLARED, *assumed)), about))


SLOPES = [
    E(gradient(norm2(X @ w), w), 2 * X.T @ X @ w),
    E(hessian(norm2(X @ w), w), 2 * X.T @ X),
    E(gradient(u.T @ A @ u, u), A @ u + A.T @ u),
    E(gradient(trace(A @ X @ X.T), X), A @ X + A.T @ X),
    E(gradient(u.T @ P @ v, P), (u @ v.T + v @ u.T) / 2),
    E(gradient(u.T @ P.I @ u, P), -(P.I @ u @ u.T @ P.I)),
    E(gradient(terms.log(terms.determinant(P)), P), P.I),
    E(gradient((v.T @ u) ** 2, u), 2 * (v.T @ u) * v),
    E(Derivative(terms.sqrt(c), c), 1 / (2 * terms.sqrt(c))),
    E(Derivative(c**x, x), terms.log(c) * c**x),
    E(Derivative(terms.exp(x**2), x), 2 * x * terms.exp(x**2)),
    E(Derivative(total((u[i] - x) ** 2, i, n), x), 2 * n * x - 2 * total(u[i], i, n)),
    E(gradient(terms.log(total(terms.exp(u[i]), i, n)), u), terms.exp(u) / total(terms.exp(u[j]), j, n)),
    E(Limit(c / (c + x), c, terms.INFINITY), ONE),
    E(terms.At(Derivative(x * y, x), y, x), x),
]
NO_SLOPES = [
    E(gradient(norm2(X @ w), w), X.T @ X @ w),
    E(gradient(u.T @ A @ u, u), 2 * A @ u),
    E(gradient(trace(A @ X @ X.T), X), 2 * A @ X),
    E(gradient(terms.determinant(A), A), terms.determinant(A) * A.I.T),  # where A is singular there is no A⁻¹
    E(gradient(u.T @ P @ v, P), u @ v.T),
    E(gradient(u.T @ A.I @ u, A), -(A.I @ u @ u.T @ A.I)),
    E(Derivative(x**y, x), y * x ** (y - 1)),
    E(Derivative(absolute(x), x), sign(x) + 1),
    E(Derivative(terms.exp(x * y), x), terms.exp(x * y)),
    E(terms.At(Derivative(x * y, x), y, x), 2 * x),  # the slope comes first
    E(terms.At(Derivative(x**2, x), x, y), 2 * x),
    E(terms.At(Variance(g), c, y), c),  # the law moves with it
    E(Derivative(Expectation(eps[1] ** 3), x), ZERO),
    E(Limit((c + x) / (c - x), c, terms.INFINITY), -ONE),
    E(Limit(x * c, c, terms.INFINITY), ZERO),
    E(Limit(c / (x * c + 1), c, terms.INFINITY), 1 / x),  # not where x = 0
    E(Limit(x / p, p, ZERO), ZERO),
    E(Limit(1 / k, p, ZERO), ZERO),
]
EQUIVALENCES = [
    (Formula(E(c * x, c * y), IFF, E(x, y)),),
    (Formula(E(y * x, y * z), IFF, E(x, z)), nonzero(y)),
    (Formula(E(P @ u, v), IFF, E(u, P.I @ v)),),
    (Formula(E(X.T @ X @ w, X.T @ u), IFF, E(w, (X.T @ X).I @ X.T @ u)), invertible(X.T @ X)),
    (Formula(E(x - y, ZERO), IFF, E(x, y)),),
    (Formula(E(c**2, p), IFF, E(c, terms.sqrt(p))),),
    (Formula(E(x, c * y), IFF, E(x / c, y)),),
]
NO_EQUIVALENCES = [
    (Formula(E(y * x, y * z), IFF, E(x, z)),),
    (Formula(E(q * x, q * z), IFF, E(x, z)),),
    (Formula(E(A @ u, A @ v), IFF, E(u, v)),),
    (Formula(E(X @ w, u), IFF, E(w, (X.T @ X).I @ X.T @ u)), invertible(X.T @ X)),
    (Formula(E((y - 1) * u, (y - 1) * v), IFF, E(u, v)),),
    (Formula(E(x**2, y**2), IFF, E(x, y)),),
    (Formula(E(x**2, ONE), IFF, E(x, ONE)),),
    (Formula(E(x * y, ZERO), IFF, E(x, ZERO)),),
    (Formula(E(absolute(x), absolute(y)), IFF, E(x, y)),),
    (Formula(E(x / y, z), IFF, E(x, y * z)),),
    (Formula(E(c**x, c**y), IFF, E(x, y)),),
    (Formula(E(c**y, p), IFF, E(c, p ** (1 / y))),),  # y may be 0
    (Formula(E(x, y), Relation.IMPLIES, E(x, z)),),
]
ORDERS = [
    (positive(c),), (positive(1 - p),), (positive(p * (1 - p)),), (nonnegative(x**2),), (positive(x**2 + c),),
    (positive(n),), (nonnegative(n - 1),), (nonzero(c * n),), (positive(terms.exp(x)),), (nonnegative(absolute(x)),),
    (positive(x**2), nonzero(x)), (positive(y - x), less(x, y)), (nonzero(y - x), less(x, y)),
    (nonnegative(norm2(u)),),
    (positive(norm2(u)), nonzero(u)), (positive(norm2(u)), nonzero(u.T @ v)), (nonnegative(total(u[i] ** 2, i, n)),),
    (positive(total(c + u[i] ** 2, i, n)),), (positive(1 / c - 1 / (c + 1)),), (positive(terms.determinant(P)),),
    (positive_definite(P),), (positive_definite(A.T @ A + c * Identity(n)),), (positive_semidefinite(X @ X.T),),
    (positive_definite(P.I),), (positive_definite(A.T @ P @ A), invertible(A)), (positive_definite(P + X @ X.T),),
    (invertible(A.T @ A + c * Identity(n)),), (invertible(A @ B), invertible(A), invertible(B)),
    (invertible(c * Identity(n) + X @ X.T),), (invertible(A @ B + c * Identity(n)), positive_definite(B @ A)),
    (positive_definite(X.T @ X), invertible(X.T @ X)),
    (minimises(y, ArgMin(c * (x - y) ** 2, x), unique=True),),
    (minimises((X.T @ X + c * Identity(d)).I @ X.T @ u, ArgMin(norm2(X @ w - u) + c * norm2(w), w), unique=True),),
    (minimises(ONE / c, ArgMin(c * x**2 / 2 - x, x), unique=True),),
]  # fmt: skip
NO_ORDERS = [
    (positive(x),), (nonnegative(x),), (positive(q),), (positive(x**2),), (positive(p - c),), (nonzero(x),),
    (positive(x * y),), (positive(c - 1),), (positive(n - 1),), (nonnegative(x**3),), (positive(absolute(x)),),
    (nonzero(x * y), nonzero(x)), (positive(x + y), positive(x - y)), (nonzero(x), nonzero(x * y + 1)),
    (positive(norm2(u)),), (positive(norm2(u)), nonzero(v)), (positive(total(u[i] ** 2, i, n)),),
    (positive(total(c, i, n - 1)),), (nonnegative(total(u[i], i, n)),), (positive(terms.determinant(A)),),
    (nonzero(terms.determinant(A)),), (positive(u.T @ v),), (nonnegative(u.T @ A @ u),),
    (positive_definite(A.T @ A),), (positive_definite(X @ X.T),), (positive_definite(S),), (positive_semidefinite(S),),
    (positive_semidefinite(S @ P),), (positive_definite(P - Identity(n)),), (positive_definite(A + c * Identity(n)),),
    (positive_definite(q * Identity(n)),), (positive_definite(X.T @ P @ X),), (positive_semidefinite(X @ X.T - P),),
    (invertible(A),), (invertible(A @ B), invertible(A)), (invertible(X.T @ X),), (invertible(A + B), invertible(A)),
    (invertible(A @ B + q * Identity(n)), positive_definite(B @ A)), (invertible(Identity(n) + A),),
    (minimises(y, ArgMin(-c * (x - y) ** 2, x), unique=False),),
    (minimises(y, ArgMin(q * (x - y) ** 2, x), unique=True),),
    (minimises(z, ArgMin(c * (x - y) ** 2, x), unique=True),),
    (minimises(y, ArgMin((x - y) ** 3, x), unique=True),),
    (minimises(ZERO, ArgMin(x**2 - x**4, x), unique=False),),
    (minimises(-ONE, ArgMin((c + 1) ** 2, c), unique=True),),  # not in the domain
    (minimises((X.T @ X).I @ X.T @ u, ArgMin(norm2(X @ w - u), w), unique=True),),
    (minimises(ONE, ArgMin((k - 1) ** 2 + k, k), unique=True),),
]  # fmt: skip


@pytest.mark.parametrize("formula", SLOPES, ids=str)
def test_these_slopes_and_limits_are_proved(formula):
    assert shown(formula)


@pytest.mark.parametrize("formula", NO_SLOPES, ids=str)
def test_these_slopes_and_limits_are_not(formula):
    assert not shown(formula)


@pytest.mark.parametrize("case", [*EQUIVALENCES, *ORDERS], ids=lambda case: " | ".join(map(str, case)))
def test_these_are_shown(case):
    assert shown(*case, unknown=c if c in case[0].free and x not in case[0].free else x)


@pytest.mark.parametrize("case", [*NO_EQUIVALENCES, *NO_ORDERS], ids=lambda case: " | ".join(map(str, case)))
def test_these_are_not_shown(case):
    assert not shown(*case, unknown=c if c in case[0].free and x not in case[0].free else x)


# -- the kernel believes a tree only as far as it is walked ------------------------------------------------------------


def forms_of(*assumed: Formula) -> Forms:
    return Forms(DECLARED, assumed, finding.sign, entrywise=False)


FORGED = [
    Tree("given", positive(x)),
    Tree("number", positive(-ONE)),
    Tree("square", positive(x**2)),
    Tree("square", nonnegative(x**3)),
    Tree("square", positive(x**2), (Tree("given", positive(x)),)),
    Tree("by kind", positive(absolute(x))),
    Tree("by kind", positive(norm2(u))),
    Tree("by kind", nonnegative(u.T @ v)),
    Tree("by kind", positive(terms.sqrt(x))),
    Tree("weaker", positive(c), (Tree("by kind", nonnegative(absolute(x))),)),
    Tree("weaker", positive(-c), (Tree("given", positive(c)),)),
    Tree("weaker", positive(x), (Tree("given", positive(c)),)),
    Tree("sum", positive(c - x), (Tree("given", positive(c)),)),
    Tree("sum", positive(absolute(x)), (Tree("by kind", nonnegative(absolute(x))),)),
    Tree("sum", positive(c - 1), (Tree("given", positive(c)), Tree("number", positive(-ONE)))),
    Tree("product", positive(-c), (Tree("given", positive(c)),)),
    Tree("product", nonzero(c * q), (Tree("given", positive(c)), Tree("given", nonnegative(q)))),
    Tree("product", positive(c * q), (Tree("given", positive(c)), Tree("given", nonnegative(q)))),
    Tree("reciprocal", positive(1 / x), (Tree("given", nonzero(x)),)),
    Tree("reciprocal", nonzero(x)),
    Tree("apart", positive(x), (Tree("given", nonzero(x)),)),
    Tree("each term", positive(total(c, i, n)), (Tree("given", positive(c)),)),
    Tree("each term", positive(total(x, i, n)), (Tree("given", positive(x)),)),
    Tree("factor", nonzero(x), (Tree("given", nonzero(y)),)),
    Tree("identity", positive_definite(A)),
    Tree("multiple", positive_definite(x * P), (Tree("given", nonzero(x)), Tree("given", positive_definite(P)))),
    Tree("multiple", positive_definite(-c * P), (Tree("given", positive(c)), Tree("given", positive_definite(P)))),
    Tree("gram", positive_definite(A.T @ A)),
    Tree("gram", positive_semidefinite(A @ B)),
    Tree("gram", positive_semidefinite(A @ A)),
    Tree("gram", positive_semidefinite(A.T @ S @ A)),
    Tree("inverse", positive_definite(A), (Tree("given", positive_definite(P)),)),
    Tree("both", positive_definite(S), (Tree("given", positive_definite(P)),)),
    Tree("factors", invertible(A @ P), (Tree("given", positive_definite(P)),)),
    Tree("determinant", positive(terms.determinant(A)), (Tree("given", positive_definite(P)),)),
    Tree(
        "turned around",
        invertible(A @ B + c * Identity(n)),
        (Tree("given", positive_definite(P)), Tree("given", positive(c))),
    ),
    Tree("nothing of the kind", positive(c)),
]


@pytest.mark.parametrize("tree", FORGED, ids=lambda tree: f"{tree.way}: {tree.shows}")
def test_a_forged_tree_is_refused(tree):
    assert not is_believed(tree)


def is_believed(tree: Tree) -> bool:
    try:
        return holds(tree, forms_of())
    except (KeyError, TypeError, ValueError):
        return False  # no tree at all


def test_what_is_refuted_and_proved_is_a_fault_of_the_kernel(monkeypatch):
    claim = Claim(x, Relation.EQUAL, x + 1, frozenset((Declaration(x),)))
    monkeypatch.setattr("engine.kernel.certification.proved", lambda claim: True)
    with pytest.raises(Fault):
        certify(claim, Grounds("test", structural=False))


def test_a_line_is_proved_only_where_its_conditions_are(monkeypatch):
    proof = Proof({})
    a = proof.scalar("a", POSITIVE)
    assert infer(rewriting.simplify, a / a, proof.scope).evidence.kind is Kind.PROVED
    everything_but_conditions = lambda claim: claim.relation is Relation.EQUAL and proved(claim)  # noqa: E731
    monkeypatch.setattr("engine.kernel.certification.proved", everything_but_conditions)
    fresh = Proof({})
    b = fresh.scalar("b", POSITIVE)
    assert infer(rewriting.simplify, b / b, fresh.scope).evidence.kind is Kind.EXACT


def test_the_slopes_are_those_of_the_records():
    """Two tables of one fact: the kernel's is its own."""
    forms = forms_of()
    recorded = {name: function.slope for name, function in FUNCTIONS.items() if function.slope is not None}
    assert set(recorded) - set(slopes.SLOPES) <= {"exp", "log", "abs", "sign"}  # which normal forms take apart
    for name in recorded.keys() & slopes.SLOPES.keys():
        assert forms.is_zero(forms.scalar(slopes.SLOPES[name](x) - recorded[name](x))), name


@pytest.mark.parametrize("name", slopes.SLOPES)
def test_the_slopes_hold_in_worlds(name):
    domain = Domain(lower=Fraction(1)) if name == "acosh" else UNIT_INTERVAL
    slope = Derivative(terms.Apply(name, (x,)), x)
    claim = Claim(slope, Relation.EQUAL, slopes.SLOPES[name](x), frozenset((Declaration(x, domain),)))
    assert certify(claim, Grounds("test", structural=False)).kind is Kind.PROVED


# -- what is proved holds in worlds: random terms, at places where they may fail ---------------------------------------


class Made:
    """Terms by a seed: of what normal forms look into, with zero, ties and singular matrices in their worlds."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, *choices: object) -> object:
        return self.random.choice(choices)

    def number(self) -> Term:
        return Number(Fraction(self.random.randrange(-3, 4), self.random.choice((1, 1, 2, 3))))

    def scalar(self, depth: int, indices: tuple[Symbol, ...] = ()) -> Term:
        if depth <= 0:
            places = [Entry(s, (self.random.choice(indices),)) for s in (u, v) if indices]
            return self.random.choice([x, y, z, c, p, q, k, n, self.number(), *places, *places])
        one, other, index = self.scalar(depth - 1, indices), self.scalar(depth - 1, indices), Symbol(f"i{depth}")
        whole = self.number().value.numerator
        made = [
            *(lambda: one + other, lambda: one * other, lambda: one - one, lambda: one / other, lambda: one**whole),
            *(lambda: terms.power(one, Number(Fraction(whole, 2))), lambda: terms.power(one, other)),
            *(lambda: terms.Apply(str(self.of("exp", "log", "abs", "sign", "sin")), (one,)),) * 2,
            *(lambda: total(self.scalar(depth - 1, (*indices, index)), index, n),) * 2,
            *(lambda: norm2(self.column(depth - 1)), lambda: self.column(depth - 1).T @ self.column(depth - 1)),
            *(lambda: trace(self.matrix(depth - 1)), lambda: Derivative(self.smooth(depth - 1), self.of(x, c))),
            *(lambda: terms.At(one, self.of(x, c, p), other), lambda: Variance(self.chance(depth))),
            lambda: Expectation(self.chance(depth)),
        ]
        chosen = self.random.choice(made)
        return chosen() if not indices or depth < 2 else self.random.choice(made[:9])()

    def smooth(self, depth: int) -> Term:
        one = self.scalar(min(depth, 1))
        return terms.exp(one) if self.random.random() < 0.3 and not one.free & {k, n} else one * one + x * c

    def chance(self, depth: int, indices: tuple[Symbol, ...] = ()) -> Term:
        if depth <= 0:
            places = [Entry(eps, (self.random.choice(indices),)) for _ in "12" if indices]
            return self.random.choice([g, h, r, x, p, c, self.number(), *places, *places])
        one, index = self.chance(depth - 1, indices), Symbol(f"i{depth}")
        summed = total(self.chance(depth - 1, (*indices, index)), index, n)
        return self.of(one + self.chance(depth - 1, indices), one * self.chance(depth - 1, indices), one**2, summed)

    def column(self, depth: int) -> Term:
        if depth <= 0:
            return self.of(u, v, terms.ones(n))
        one, other = self.column(depth - 1), self.column(depth - 1)
        return self.random.choice(
            [one + other, self.scalar(depth - 2) * one, self.matrix(depth - 1) @ one, X @ w, terms.hadamard(one, other)]
        )

    def matrix(self, depth: int) -> Term:
        if depth <= 0:
            return self.of(A, B, S, P, Identity(n), terms.ones(n, n))
        one, other = self.matrix(depth - 1), self.matrix(depth - 1)
        outer = self.column(depth - 1) @ self.column(depth - 1).T
        return self.of(one + other, one @ other, one.T, one @ one, self.scalar(depth - 2) * one, X @ X.T, outer, one.I)

    def world(self) -> World:
        high, wide = self.random.choice((1, 2, 3)), self.random.choice((1, 2))

        def small() -> fmpq:
            return fmpq(self.random.choice((-2, -1, -1, 0, 0, 1, 1, 2, 3)), self.random.choice((1, 1, 2)))

        def matrix(rows: int, cols: int) -> Matrix:
            return Matrix.from_function(rows, cols, lambda i, j: small())

        square, root = matrix(high, high), matrix(high, high)
        values = {n: fmpq(high), d: fmpq(wide), X: matrix(high, wide), A: matrix(high, high), B: matrix(high, high)}
        values |= {u: matrix(high, 1), v: matrix(high, 1), w: matrix(wide, 1), S: square + square.T}
        values |= {P: root @ root.T + Matrix.identity(high), c: fmpq(self.of(1, 2, 3), self.of(1, 2, 4))}
        values |= {p: fmpq(self.of(1, 2, 3), 4), q: fmpq(self.of(0, 0, 1, 4)), k: fmpq(self.of(1, 2, 3))}
        values |= {symbol: small() for symbol in (x, y, z)}
        values |= {symbol: Polynomial.variable((symbol.name, 1, 1)) for symbol in (g, h, r)}
        for column in (eps, xi):
            entries = [[Polynomial.variable((column.name, row + 1, 1))] for row in range(high)]
            values[column] = Matrix(entries)
        world = World(self.random.randrange(9), values, {each.symbol: each for each in DECLARED}, ())
        return world.remember(ctx.prec)


NO_VALUE = (Undefined, Unsupported, Undecided)


def seen_alike(one: Term, other: Term, world: World) -> bool:
    """Whether two terms have one value in a world; where one has none, there is nothing to see."""
    try:
        left, right = world.value(one), world.value(other)
        return same(left, right)[0] or all(abs(ball(gap)) < 1e-60 for gap in entries_of(left - right))
    except NO_VALUE:
        return True


def made_by(maker: object, *arguments: object) -> Term | None:
    try:
        return maker(*arguments)
    except (terms.ShapeError, ZeroDivisionError, TypeError):
        return None


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.sampled_from(["scalar", "column", "matrix"]), st.integers(1, 3), st.booleans())
def test_a_term_is_what_its_normal_form_says(seed, kind, depth, entrywise):
    made = Made(seed)
    term = made_by(getattr(made, kind), depth)
    if term is None:
        return
    forms = Forms(DECLARED, (), finding.sign, entrywise)
    try:
        if term.is_scalar:
            back = forms.term_of(forms.canonical(forms.scalar(term)))
        else:
            back = matrix_term(forms, forms.matrix(term), term.shape)
    except Beyond:
        return
    with precision(1000):
        for _ in range(5):
            world = made.world()
            assert seen_alike(term, back, world), (term, back, world.described(term.free))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.integers(1, 3))
def test_what_a_tree_shows_holds(seed, depth):
    made = Made(seed)
    scalar, matrix = made_by(made.scalar, depth), made_by(made.matrix, depth)
    says = [fact(scalar) for fact in (positive, nonnegative, nonzero) if scalar is not None]
    says += [fact(matrix) for fact in (positive_definite, positive_semidefinite, invertible) if matrix is not None]
    with precision(1000):
        for formula in filter(shown, says):
            for world in (made.world() for _ in range(4)):
                try:
                    assert truth(formula, world).true, (formula, world.described(formula.free))
                except NO_VALUE:
                    continue


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9), st.sampled_from(["times", "plus", "over", "power"]))
def test_equations_that_are_shown_the_same_hold_together(seed, how):
    made = Made(seed)
    left, right, by = (made_by(made.scalar, depth) for depth in (1, 0, 1))
    if left is None or right is None or by is None:
        return
    sides = {
        "times": lambda side: by * side,
        "plus": lambda side: side + by,
        "over": lambda side: side / by,
        "power": lambda side: side**by,
    }
    ours, theirs = E(left, right), made_by(lambda: E(sides[how](left), sides[how](right)))
    if theirs is None or not shown(Formula(ours, IFF, theirs)):
        return
    with precision(1000):
        for world in (made.world() for _ in range(12)):
            try:
                assert truth(ours, world).true == truth(theirs, world).true, (ours, theirs, world.described(ours.free))
            except NO_VALUE:
                continue


# -- mutants: what is broken is found by the tables above --------------------------------------------------------------


def complaints() -> list[object]:
    """The rows of the tables that come out wrong."""
    proofs._forms.cache_clear()
    wrong: list[object] = [row for row in PROVED if not proved(claim_of(*row))]
    wrong += [row for row in NEAR_MISSES if proved(claim_of(*row))]
    wrong += [row for row in SLOPES if not shown(row)] + [row for row in NO_SLOPES if shown(row)]
    wrong += [row for row in (*EQUIVALENCES, *ORDERS) if not shown(*row, unknown=_about(row))]
    wrong += [tree for tree in FORGED if is_believed(tree)]
    wrong += [row for row in (*NO_EQUIVALENCES, *NO_ORDERS) if shown(*row, unknown=_about(row))]
    return wrong


def _about(row: tuple[Formula, ...]) -> Symbol:
    return c if c in row[0].free and x not in row[0].free else x


def _always(value: object) -> object:
    return lambda *_, **__: value


MUTANTS = {
    "every factor is positive": (Forms, "sign", _always("+")),
    "nothing has a sign": (Forms, "sign", _always("")),
    "whatever is never zero": (Forms, "is_never_zero", _always(True)),
    "roots come apart": (Forms, "_positive_factors", lambda self, base: self.factors(base)[1]),
    "no law moves": (Forms, "bind", _always(None)),
    "all is zero": (Forms, "is_zero", _always(True)),
    "a sum is its first term": (normal_forms, "put", lambda poly, monomial, value: poly.setdefault(monomial, value)),
    "words are no words": (words, "turned", lambda forms, word: word),
    "words turn round": (words, "turned", lambda forms, word: word[::-1]),
    "nothing cancels": (words, "_rewritten", _always(None)),
    "everything is square": (words, "shape_of", lambda forms, code: (n, n)),
    "letters commute": (words, "reduced", lambda forms, word: {tuple(sorted(word)): normal_forms.UNIT}),
    "every length counts": (sums, "is_count", _always(True)),
    "sums are not flat": (sums, "flattened", lambda forms, monomial, about, indices: ({monomial: fmpq(1)}, indices)),
    "indices never meet": (means, "_that_may_meet", _always(None)),
    "all is independent": (means, "_are_independent", _always(True)),
    "no law of a vector": (means, "over", lambda forms, named: forms.random),
    "nothing is symmetric": (
        slopes.Change,
        "__init__",
        lambda self, forms, variable, mark="#d": _plain(self, forms, variable),
    ),
    "no slope": (slopes.Change, "of", _always(normal_forms.ZERO)),
    "slopes come last": (normal_forms, "differentiated", _always(frozenset())),
    "whatever a tree says": (trees, "_WAYS", dict.fromkeys(trees._WAYS, _always(True))),
    "one sign implies the other": (trees, "_implies", _always(True)),
    "numbers are positive": (trees, "_ratio", _always(fmpq(1))),
    "points are in the domain": (proofs, "_lies_in_domain", _always(True)),
    "every factor is one": (proofs, "_is_multiple", _always(True)),
    "powers are powers": (proofs, "_up_to_power", _always(True)),
    "equations vanish": (proofs, "vanishes", _always(True)),
}


def _plain(change: slopes.Change, forms: Forms, variable: Symbol) -> None:
    change.forms, change.variable, change.symmetric = forms, variable, False
    change.by = Symbol("#d" + variable.name, *variable.shape)
    forms.declared[change.by] = Declaration(change.by)


def test_the_tables_find_nothing_wrong_with_what_is_not_broken():
    assert complaints() == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_killed(mutant, monkeypatch):
    place, name, broken = MUTANTS[mutant]
    with monkeypatch.context() as patched:
        for module in (place, normal_forms, words, sums, means, slopes, trees, finding, proofs):
            if vars(module).get(name) is not None:
                patched.setattr(module, name, broken)
        assert complaints()
    proofs._forms.cache_clear()


# -- how much of the catalogue is proved -------------------------------------------------------------------------------

NAMING = {
    "unfold",
    "insert",
    "insert back",
    "fold",
}  # what replaces a name, or one side of an earlier line by the other


def test_most_lines_of_the_catalogue_are_proved():
    steps = [step for name in derivations.names() for step in derivations.load(name).run().steps]
    computed = [step for step in steps if step.rule.name not in NAMING]
    for lines, least in ((computed, 0.97), (steps, 0.94)):
        kinds = Counter(step.evidence.kind for step in lines)
        assert kinds[Kind.PROVED] / len(lines) >= least
