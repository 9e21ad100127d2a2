"""The traps of DESIGN.md, each seen on SymPy 1.14: right here, or refused."""

from fractions import Fraction

import pytest

from engine.kernel import Conclusion, Rule, infer
from engine.kernel.evidence import ConditionMissing, DerivationError
from engine.notation.plain import plain
from engine.proofs.derivation import Proof
from engine.rules.algebra.equations import isolate, positive_root
from engine.rules.algebra.rewriting import collect, expand, pull_through, push_through, simplify
from engine.rules.calculus.derivatives import differentiate
from engine.rules.order.prover import read_off
from engine.rules.probability.expectations import VARIANCE_LAWS, linearity_of_expectation, variance_of_independent_sum
from engine.rules.tidy import tidy
from engine.terms import (
    ONE,
    Determinant,
    DiagonalOf,
    Expectation,
    Identity,
    Ones,
    ShapeError,
    Symbol,
    Variance,
    gradient,
    hadamard,
    log,
    maximum,
    norm2,
    total,
    trace,
)
from engine.terms.declarations import POSITIVE, POSITIVE_DEFINITE, UNIT_INTERVAL, Declaration
from engine.terms.formulas import equation, positive_definite
from engine.terms.laws import Bernoulli, Normal


@pytest.fixture
def proof():
    proof = Proof({})
    n, d = proof.size("n"), proof.size("d")
    proof.matrix("X", n, d), proof.vector("t", n), proof.vector("w", d)
    proof.scalar("lambda", POSITIVE), proof.scalar("p", UNIT_INTERVAL)
    return proof


def test_the_gradient_of_a_trace_form_is_not_zero(proof):
    X, t, w, n, lam = (proof[name] for name in ("X", "t", "w", "n", "lambda"))
    r = X @ w - t
    loss = trace(r.T @ r) / (2 * n) + lam * trace(w.T @ w)
    assert plain(infer(differentiate, gradient(loss, w), proof.scope).after) == "Xᵀ(Xw − t)/n + 2λw"


def test_the_gradient_of_an_inner_product_is_not_zero(proof):
    X, t, w = proof["X"], proof["t"], proof["w"]
    r = X @ w - t
    assert plain(infer(differentiate, gradient(r.T @ r, w), proof.scope).after) == "2Xᵀ(Xw − t)"


def test_the_gradient_of_a_log_determinant_is_the_inverse_transposed(proof):
    from engine.terms.declarations import POSITIVE_DEFINITE
    from engine.terms.formulas import positive

    A = proof.matrix("A", proof["n"], proof["n"], POSITIVE_DEFINITE)
    proof.assume(positive(Determinant(A)))
    assert plain(infer(differentiate, gradient(log(Determinant(A)), A), proof.scope).after) == "A⁻¹"


@pytest.mark.parametrize(
    "misfit",
    [
        lambda p: p["X"] @ p["t"],
        lambda p: p["X"] + p["w"],
        lambda p: p["X"].I,
        lambda p: p["t"].T @ p["w"],
        lambda p: p["t"] / p["w"],
        lambda p: Determinant(p["X"]),
        lambda p: maximum(p["w"], p["t"]),
        lambda p: hadamard(p["w"], p["t"]),
        lambda p: DiagonalOf(p["X"]),
    ],
)
def test_misfits_are_refused_where_they_are_built(proof, misfit):
    with pytest.raises(ShapeError):
        misfit(proof)


def test_a_singular_matrix_is_not_cancelled_against_its_inverse(proof):
    w = proof["w"]
    outer = w @ w.T
    with pytest.raises(ConditionMissing, match="wwᵀ is invertible"):
        infer(
            Rule("I", "", "", lambda s, *_: Conclusion(equation(s, Identity(proof["d"])))), outer @ outer.I, proof.scope
        )


def test_the_variance_of_a_mean_of_independent_terms_is_not_that_of_one(proof):
    B, i = proof.size("B"), Symbol("i")
    sigma = proof.scalar("sigma", POSITIVE)
    g = proof.random("g", Normal(proof["p"], sigma**2), B)
    mean = proof.derive(Variance(total(g[i], i, B) / B))
    mean.by_all(VARIANCE_LAWS)
    assert plain(mean.value) == "1/B² · Σ_{i=1}^{B} σ²"


def test_one_noise_repeated_is_not_independent(proof):
    B, i = proof.size("B"), Symbol("i")
    g = proof.random("g", Bernoulli(proof["p"]))
    with pytest.raises(DerivationError):
        infer(variance_of_independent_sum, Variance(total(g * proof["w"][1], i, B)), proof.scope)


def test_an_expectation_over_a_process_ends(proof):
    n, i, p = proof["n"], Symbol("i"), proof["p"]
    m = proof.random("m", Bernoulli(p), n)
    found = infer(linearity_of_expectation, Expectation(total(m[i] * proof["t"][i], i, n)), proof.scope).after
    assert plain(found) == "Σ_{i=1}^{n} tᵢE[mᵢ]"


def test_the_variance_of_twelve_bernoullis_is_exact(proof):
    from engine.worlds.drawing import drawn

    n, i = proof["n"], Symbol("i")
    proof.random("m", Bernoulli(proof["p"]), n)
    world = drawn(proof.scope.background, frozenset((n, proof["d"])), 9, 12, 0)
    term = Variance(total(proof["m"][i] * proof["t"][i], i, n))
    value = world.value(term)
    p, t = world[proof["p"]], world[proof["t"]]
    assert value == p * (1 - p) * sum((entry * entry for entry in t.entries()), 0 * p)


def test_a_matrix_equation_of_symbolic_size_is_solved(proof):
    X, t, w, lam, d = (proof[name] for name in ("X", "t", "w", "lambda", "d"))
    normal = equation((X.T @ X + lam * Identity(d)) @ w, X.T @ t)
    assert plain(infer(isolate, normal, proof.scope, w).after.right) == "(XᵀX + λI)⁻¹Xᵀt"


def test_definiteness_is_seen(proof):
    X, lam, d = proof["X"], proof["lambda"], proof["d"]
    assert infer(read_off, positive_definite(X.T @ X + lam * Identity(d)), proof.scope)


def test_the_push_through_identity_is_seen(proof):
    X, lam, n, d = (proof[name] for name in ("X", "lambda", "n", "d"))
    pushed = infer(push_through, X.T @ (X @ X.T + lam * Identity(n)).I, proof.scope).after
    assert pushed == (X.T @ X + lam * Identity(d)).I @ X.T


def test_a_matrix_is_pulled_out_of_an_inverse_as_it_is_pushed_in(proof):
    X, lam, n, d = (proof[name] for name in ("X", "lambda", "n", "d"))
    S = proof.matrix("S", n, n, POSITIVE_DEFINITE)
    pulled = infer(pull_through, (X.T @ S @ X + lam * Identity(d)).I @ X.T @ S, proof.scope).after
    assert pulled == X.T @ (S @ X @ X.T + lam * Identity(n)).I @ S
    with pytest.raises(DerivationError, match="nothing can be pulled through"):
        infer(pull_through, (X.T @ X + lam * S[1, 1] * proof.matrix("D", d, d)).I @ X.T, proof.scope)


def test_what_is_linear_is_collected_out_of_sums_and_entrywise_products(proof):
    X, t, w, n = (proof[name] for name in ("X", "t", "w", "n"))
    c, s, i = proof.vector("c", n), proof.scalar("s"), Symbol("i")
    masked = infer(collect, X.T @ hadamard(c, X @ w), proof.scope, w).after
    assert plain(masked) == "Xᵀ diag(c)Xw"
    summed = infer(collect, total(t[i] * (c[i] * s - t[i]), i, n), proof.scope, s).after
    assert plain(summed) == "s Σ_{i=1}^{n} tᵢcᵢ − Σ_{i=1}^{n} tᵢ²"


def test_a_multiple_of_a_square_has_a_positive_root(proof):
    x, k, a = proof.scalar("x", POSITIVE), proof.scalar("k", POSITIVE), proof.scalar("a", POSITIVE)
    scope = proof.scope.about(x)
    assert plain(infer(positive_root, equation(k * x**2, a), scope, x).after.right) == "√(a/k)"
    s = proof.scalar("s")
    with pytest.raises(ConditionMissing, match="s ≠ 0"):
        infer(positive_root, equation(s * x**2, a), proof.scope.about(x), x)
    with pytest.raises(DerivationError, match="no multiple of x²"):
        infer(positive_root, equation(x**2 + x, a), scope, x)


def test_a_size_may_be_written_as_a_term():
    n = Symbol("n")
    assert Symbol("X", n, ONE) == Symbol("X", n) and Identity(ONE + ONE).rows == 2
    proof = Proof({})
    assert tidy(Identity(ONE), proof.scope) == ONE == tidy(Ones(1, 1), proof.scope)
    with pytest.raises(ShapeError, match="1/2 is no size"):
        Symbol("X", ONE / 2)


def test_a_symbol_is_its_name_whatever_is_known_of_it(proof):
    p = Symbol("p")
    assert p == proof["p"]
    assert plain(infer(simplify, p + proof["lambda"] - proof["p"], proof.scope).after) == "λ"
    with pytest.raises(DerivationError, match="declared twice"):
        proof.scalar("p", POSITIVE)
    assert Declaration(p, UNIT_INTERVAL) in infer(expand, (p + 1) ** 2, proof.scope).claim.assumptions


def test_terms_print_in_the_order_of_the_premises(proof):
    X, lam, n, d, w = (proof[name] for name in ("X", "lambda", "n", "d", "w"))
    assert plain(X.T @ X + 2 * lam * n * Identity(d)) == "XᵀX + 2λnI"
    assert plain(infer(simplify, w * n * 2 * lam, proof.scope).after) == "2λnw"


def test_floats_are_refused():
    with pytest.raises(TypeError, match="0.1"):
        Symbol("x") * 0.1
    assert plain(Symbol("x") * Fraction(1, 10)) == "x/10"
    assert norm2(Symbol("x")) == Symbol("x") ** 2
