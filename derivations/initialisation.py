"""How large random weights are to begin with."""

from engine.author import (
    HALF,
    ONE,
    POSITIVE,
    ZERO,
    AnyLaw,
    Bernoulli,
    Definition,
    Draft,
    Normal,
    Proof,
    Symbol,
    Term,
    Variance,
    cancel,
    clear_denominators,
    common_factor,
    definition_of_variance,
    derivation,
    divide_both_sides,
    equation,
    expectation_of_independent_factors,
    insert,
    isolate,
    mean_of_law,
    second_moment,
    simplify,
    sum_of_constant,
    total,
    unfold,
    variance_of_independent_sum,
    variance_of_law,
)

I, J = Symbol("i"), Symbol("j")


def variance_of_layer(proof: Proof, output: Definition, heading: str) -> Draft:
    """The variance of a sum of independent products of weights and signals."""
    spread = proof.derive(Variance(output()), heading).by(unfold, variance_of_independent_sum)
    spread.by(
        definition_of_variance,
        expectation_of_independent_factors,
        mean_of_law,
        simplify,
        expectation_of_independent_factors,
    )
    return spread.by(second_moment, mean_of_law, variance_of_law, sum_of_constant, simplify)


def kept(proof: Proof, spread: Draft, size: Term, v: Symbol, heading: str) -> Draft:
    """The variance of the weights with which a variance stays what it was."""
    solving = proof.solve(equation(spread.subject, size), v, heading).by(insert(spread.step))
    return solving.by(divide_both_sides(size), cancel, clear_denominators, isolate(v))


@derivation("xavier-variance", title="The weights that keep the variance of signals through a layer", source="")
def xavier_variance(proof: Proof) -> None:
    n, m = proof.size("n"), proof.size("m")
    v, q, r = (proof.scalar(name, POSITIVE) for name in "vqr")
    W, x = proof.random("W", Normal(ZERO, v), n), proof.random("x", Normal(ZERO, q), n)
    U, delta = proof.random("U", Normal(ZERO, v), m), proof.random("delta", Normal(ZERO, r), m)
    y = proof.given("y", total(W[I] * x[I], I, n))
    g = proof.given("g", total(U[J] * delta[J], J, m))
    proof.remark(
        "An output y sums over the n inputs; going back, the gradient g of an input sums over those of the m outputs. "
        "All weights of the layer have the variance v."
    )

    forward = variance_of_layer(proof, y, "The variance of an output")
    same_output = proof.conclude(kept(proof, forward, q, v, "It is that of an input where"), "forward")
    backward = variance_of_layer(proof, g, "The variance of a gradient")
    same_gradient = proof.conclude(kept(proof, backward, r, v, "It is that of an output's gradient where"), "backward")

    proof.remark("Both can hold only for n = m; else the two factors are to be 1 on the average (Glorot and Bengio).")
    both = proof.solve(equation(Variance(y()) / (2 * q) + Variance(g()) / (2 * r), ONE), v, "On the average")
    both.by(insert(forward.step), insert(backward.step), cancel, clear_denominators, common_factor, isolate(v))
    proof.conclude(both, "both ways")

    proof.idea(
        "A sum of n independent products has n times the variance of one: a layer multiplies by n·v on the "
        "way through and by "
        "m·v on the way back, and these are to be 1.",
        forward,
        backward,
    )
    proof.outline(
        "Through the layer",
        forward.line(variance_of_independent_sum),
        forward.line(expectation_of_independent_factors),
        forward,
        same_output,
        "Back through it",
        backward,
        same_gradient,
        "On the average of the two",
        both.line(cancel),
        both,
    )


@derivation("he-variance", title="The weights that keep the size of a layer's inputs behind rectifiers", source="")
def he_variance(proof: Proof) -> None:
    n = proof.size("n")
    v, q, r = (proof.scalar(name, POSITIVE) for name in "vqr")
    W = proof.random("W", Normal(ZERO, v), n)
    m, u = proof.random("m", Bernoulli(HALF), n), proof.random("u", AnyLaw(r, q - r**2), n)
    y = proof.given("y", total(W[I] * (m[I] * u[I]), I, n))
    proof.remark(
        "An input is max(0, z) for a z whose law is symmetric about 0: with m = 1 where z > 0 and u = |z|, which are "
        "independent, it is the product of m and u. The second moment of z is that of u, here q."
    )

    spread = variance_of_layer(proof, y, "The variance of an output")
    same = proof.conclude(kept(proof, spread, q, v, "It is q again where"))

    proof.idea(
        "Half of the inputs are 0: a sum of n independent products has the variance n·v·q/2, and n·v/2 is to be 1.",
        spread,
        same,
    )
    proof.outline(
        "The variance of an output",
        spread.line(variance_of_independent_sum),
        spread.line(expectation_of_independent_factors),
        spread.line(second_moment),
        spread.line(variance_of_law),
        spread,
        "Where it is that of the inputs",
        same,
    )
