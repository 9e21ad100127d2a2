"""The noisy quadratic model: where stochastic gradient descent settles."""

from engine.author import (
    POSITIVE,
    ZERO,
    Expectation,
    Normal,
    Proof,
    Variance,
    cancel,
    collect,
    derivation,
    divide_both_sides,
    equation,
    expand,
    factor,
    insert,
    linearity_of_expectation,
    mean_of_law,
    positive,
    second_moment,
    separate,
    unfold,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
)


@derivation("noisy-quadratic-risk", title="The risk at which SGD on a noisy quadratic settles", source="")
def noisy_quadratic_risk(proof: Proof) -> None:
    a, eta, sigma, B, v = (proof.scalar(name, POSITIVE) for name in ("a", "eta", "sigma", "B", "v"))
    proof.assume(positive(2 - a * eta))
    w = proof.random("w", Normal(ZERO, v))
    epsilon = proof.random("epsilon", Normal(ZERO, sigma**2 / B))
    loss = proof.given("L", a * w**2 / 2)
    after = proof.given("w'", w - eta * (a * w + epsilon))

    step = proof.derive(after(), "A step").by(unfold, expand, collect(w))
    spread = proof.derive(Variance(after()), "The variance after it").by(insert(step.step))
    spread.by(variance_of_independent_sum, variance_of_multiple, variance_of_law)
    steady = proof.solve(equation(v, Variance(after())), v, "It stays as it is where").by(insert(spread.step))
    steady.by(separate(v), factor, divide_both_sides(a * eta * (2 - a * eta)), cancel)
    proof.conclude(steady, "variance")

    settled = proof.suppose(equation(v, steady.value))
    risk = proof.derive(Expectation(loss()), "The risk there").by(
        unfold, linearity_of_expectation, second_moment, mean_of_law
    )
    proof.conclude(risk.by(variance_of_law, insert(settled), cancel), "risk")

    proof.idea(
        "A step shrinks the variance of the weight and adds some of the noise's: where the two balance it "
        "stays as it is, and "
        "the risk is half of a times that.",
        steady,
        risk,
    )
    proof.outline(
        "The variance after a step",
        step,
        spread.line(variance_of_multiple),
        spread,
        "Where it stays as it is",
        steady.line(separate),
        steady,
        "The risk there",
        risk.line(second_moment),
        risk.line(variance_of_law),
        risk,
    )
