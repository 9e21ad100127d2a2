"""Derived formulas against what other people's libraries compute."""

from fractions import Fraction

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from flint import arb, fmpq
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from derivations import load
from engine.kernel import Step
from engine.terms.declarations import Declaration
from engine.worlds.values import Matrix
from engine.worlds.world import World


def rational(value: float) -> fmpq:
    exact = Fraction(float(value))
    return fmpq(exact.numerator, exact.denominator)


def world_of(step: Step, **numbers) -> World:
    """The world in which the symbols of a step have these values, as exact as floats are."""
    declarations = {a.symbol: a for a in step.claim.assumptions if isinstance(a, Declaration)}
    values = {}
    for symbol in declarations:
        if symbol.name not in numbers:
            continue
        given = np.asarray(numbers[symbol.name], dtype=float)
        if given.ndim == 0:
            values[symbol] = rational(given)
        else:
            table = given.reshape(len(given), -1)
            values[symbol] = Matrix([[rational(entry) for entry in row] for row in table])
    return World(0, values, declarations)


def floats(value) -> np.ndarray:
    if not isinstance(value, Matrix):
        return np.array(float(arb(value)))
    return np.array([[float(arb(entry)) for entry in row] for row in value.rows]).squeeze()


@pytest.fixture(scope="module")
def diabetes():
    X, t = load_diabetes(return_X_y=True)
    return X[:60, :5], t[:60]


def test_ridge_is_that_of_scikit_learn(diabetes):
    X, t = diabetes
    n, lam = len(X), 0.03
    step = load("ridge").run().results[0].step
    world = world_of(step, X=X, t=t, n=n, d=X.shape[1], **{"lambda": lam})
    theirs = Ridge(alpha=2 * lam * n, fit_intercept=False, tol=1e-12).fit(X, t).coef_
    assert np.allclose(floats(world.value(step.claim.left)), theirs, rtol=1e-8)


def test_the_ridge_gradient_is_that_of_automatic_differentiation(diabetes):
    X, t = diabetes
    n, lam, w = len(X), 0.7, np.array([1.0, -2.0, 0.5, 3.0, -1.5])
    passage = load("ridge").run().parts[0]
    step = passage.steps[0]
    world = world_of(step, X=X, t=t, w=w, n=n, d=5, **{"lambda": lam})
    theirs = autograd.grad(lambda v: anp.sum((X @ v - t) ** 2) / (2 * n) + lam * anp.sum(v**2))(w)
    assert np.allclose(floats(world.value(step.claim.right)), theirs, rtol=1e-10)


def test_dropout_moments_are_those_of_a_simulation():
    rng = np.random.default_rng(20)
    N, d, p = 2, 4, 0.3
    w, X = rng.normal(size=d), rng.normal(size=(N, d))
    working = load("dropout-bias-variance").run()
    mean, variance = (working.named(name).step for name in ("mean", "variance"))
    masks = rng.random((400_000, d)) < p
    outputs = masks @ (w * X[0]) / p
    numbers = {"w": w, "X": X, "p": p, "i": 1, "N": N, "d": d}
    assert floats(world_of(mean, **numbers).value(mean.claim.right)) == pytest.approx(outputs.mean(), abs=0.02)
    assert floats(world_of(variance, **numbers).value(variance.claim.right)) == pytest.approx(outputs.var(), rel=0.02)


def test_the_best_learning_rate_beats_its_neighbours_in_a_simulation():
    rng = np.random.default_rng(3)
    a, w, sigma, B = 0.8, 1.5, 2.0, 4
    step = load("batch-size-learning-rate").run().results[0].step
    best = float(floats(world_of(step, a=a, w=w, sigma=sigma, B=B).value(step.claim.left)))
    noise = rng.normal(scale=sigma, size=(500_000, B)).mean(axis=1)

    def loss(rate):
        return float(np.mean(a * (w - rate * (a * w + noise)) ** 2 / 2))

    assert loss(best) < min(loss(best * 0.7), loss(best * 1.3))


def test_the_exponents_are_those_of_the_paper():
    """Kaplan et al. 2020 give N ∝ C^0.73, B ∝ C^0.24, S ∝ C^0.03 from fits; the formula gives what follows."""
    alpha_N, alpha_S, alpha_B = 0.076, 0.76, 0.21
    together = 1 / alpha_N + 1 / alpha_S + 1 / alpha_B
    for alpha, rounded in ((alpha_N, 0.684), (alpha_B, 0.248), (alpha_S, 0.068)):
        assert round(1 / alpha / together, 3) == rounded
