"""Derivations replayed from other premises, against closed forms known beforehand."""

import pytest

from derivations import load
from engine.author import (
    INVERTIBLE,
    ONE,
    POSITIVE_DEFINITE,
    UNIT_INTERVAL,
    AnyLaw,
    Bernoulli,
    DerivationError,
    Proof,
    Symbol,
    Term,
    norm2,
    restate,
    sqrt,
    total,
)
from engine.kernel import Refuted, Step, infer
from engine.terms import Identity
from engine.working import Working

I, J = Symbol("i"), Symbol("j")


def point_of(working: Working) -> Term:
    """The minimiser that a working concludes."""
    found = working.results[0].step.claim.left
    assert isinstance(found, Term)
    return found


def solution_of(working: Working) -> Term:
    """The right side of the equation that a working comes to."""
    return working.results[0].step.claim.right.right


def assert_equal(found: Term, known: Term, step: Step) -> None:
    """The kernel certifies that two terms are equal under the assumptions of a step; and not if one is doubled."""
    proof = Proof({})
    for assumption in step.claim.assumptions:
        if hasattr(assumption, "symbol"):
            proof.declarations[assumption.symbol] = assumption
        else:
            proof.assume(assumption)
    infer(restate, found, proof.scope, known)
    with pytest.raises(Refuted):
        infer(restate, found, proof.scope, 2 * known)


def ridge_with(objective):
    working = load("ridge").replay(g=objective)
    return working, working.results[0].step


def test_ridge_with_the_sum_of_squares():
    working, step = ridge_with(lambda p: norm2(p["X"] @ p["w"] - p["t"]) + p["lambda"] * norm2(p["w"]))
    X, t, d, lam = (symbol_of(step, name) for name in ("X", "t", "d", "lambda"))
    assert_equal(point_of(working), (X.T @ X + lam * Identity(d)).I @ X.T @ t, step)


def test_ridge_with_weighted_examples_and_a_prior_mean():
    def objective(p):
        S, prior = p.matrix("S", p["n"], p["n"], POSITIVE_DEFINITE), p.vector("w_0", p["d"])
        error = p["X"] @ p["w"] - p["t"]
        return error.T @ S @ error / 2 + p["lambda"] * norm2(p["w"] - prior) / 2

    working, step = ridge_with(objective)
    X, t, d, lam, S, prior = (symbol_of(step, name) for name in ("X", "t", "d", "lambda", "S", "w_0"))
    assert_equal(point_of(working), (X.T @ S @ X + lam * Identity(d)).I @ (X.T @ S @ t + lam * prior), step)


def test_ridge_with_a_tikhonov_matrix():
    def objective(p):
        G = p.matrix("Gamma", p["d"], p["d"], INVERTIBLE)
        return norm2(p["X"] @ p["w"] - p["t"]) / (2 * p["n"]) + p["lambda"] * p["w"].T @ G.T @ G @ p["w"]

    working, step = ridge_with(objective)
    X, t, n, lam, G = (symbol_of(step, name) for name in ("X", "t", "n", "lambda", "Gamma"))
    assert_equal(point_of(working), (X.T @ X + 2 * lam * n * G.T @ G).I @ X.T @ t, step)


def test_ridge_without_a_penalty_lacks_a_condition():
    with pytest.raises(DerivationError, match="XᵀX.* is invertible"):
        load("ridge").replay(g=lambda p: norm2(p["X"] @ p["w"] - p["t"]) / (2 * p["n"]))


def test_variance_of_a_weighted_mean():
    def weighted(p):
        weights = p.vector("c", p["B"])
        return total(weights[I] * p["g"](I), I, p["B"])

    working = load("minibatch-variance").replay(g_B=weighted)
    step = working.results[0].step
    c, B, sigma = (symbol_of(step, name) for name in ("c", "B", "sigma"))
    assert_equal(step.claim.right, sigma**2 * total(c[I] ** 2, I, B), step)


@pytest.mark.parametrize("law", ["any law with mean 1", "Gaussian"])
def test_gaussian_dropout_with_any_law(law):
    def noisy(p):
        r = p.random("r", AnyLaw(ONE, p["sigma"] ** 2), p["N"], p["d"])
        return total(r[I, J] * p["w"][J] * p["X"][I, J], J, p["d"])

    replaced = {"y~_xi": noisy} if law != "Gaussian" else {}
    working = load("gaussian-dropout-sigma").replay(**replaced)
    step = working.results[0].step
    p = symbol_of(step, "p")
    assert_equal(solution_of(working), sqrt((1 - p) / p), step)


def test_dropout_that_differs_by_feature_has_no_sigma_free_of_the_data():
    gaussian = load("gaussian-dropout-sigma")

    def law(proof):
        keep = proof.vector("q", proof["d"], UNIT_INTERVAL)
        return Bernoulli(keep[J])

    def output(proof):
        return total(proof["m"][I, J] / proof["q"][J] * proof["w"][J] * proof["X"][I, J], J, proof["d"])

    with pytest.raises(DerivationError, match="no σ does for all inputs and weights.*depends on w"):
        gaussian.replay(**{"m": law, "y~_m": output})


def test_a_premise_that_is_not_there():
    with pytest.raises(DerivationError, match="no premise named h"):
        load("ridge").replay(h=lambda p: p["w"])


def symbol_of(step: Step, name: str) -> Symbol:
    return next(a.symbol for a in step.claim.assumptions if hasattr(a, "symbol") and a.symbol.name == name)
