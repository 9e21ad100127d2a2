"""How large random weights are to begin with."""

from engine.author import (
    HALF,
    POSITIVE,
    ZERO,
    AnyLaw,
    Bernoulli,
    Normal,
    Proof,
    Symbol,
    Variance,
    cancel,
    constant_sum,
    derivation,
    divide_both_sides,
    equation,
    independent_product,
    insert,
    mean_of_law,
    positive_root,
    second_moment,
    simplify,
    total,
    unfold,
    unfold_variance,
    variance_of_independent_sum,
    variance_of_law,
)

I = Symbol("i")


@derivation("xavier-variance", title="The weights that keep the variance of a layer's inputs", source="")
def xavier_variance(proof: Proof) -> None:
    n = proof.size("n")
    sigma, q = proof.scalar("sigma", POSITIVE), proof.scalar("q", POSITIVE)
    W, x = proof.random("W", Normal(ZERO, sigma**2), n), proof.random("x", Normal(ZERO, q), n)
    y = proof.given("y", total(W[I] * x[I], I, n))

    spread = proof.derive(Variance(y()), "The variance of an output").by(unfold, variance_of_independent_sum)
    spread.by(unfold_variance, independent_product, mean_of_law, simplify, independent_product)
    spread.by(second_moment, mean_of_law, variance_of_law, constant_sum)
    kept = proof.solve(equation(Variance(y()), q), sigma, "It is that of an input where").by(insert(spread.step))
    kept.by(divide_both_sides(n * q), cancel, positive_root(sigma))
    proof.conclude(kept)


@derivation("he-variance", title="The weights that keep the size of a layer's inputs behind rectifiers", source="")
def he_variance(proof: Proof) -> None:
    n = proof.size("n")
    sigma, q, r = proof.scalar("sigma", POSITIVE), proof.scalar("q", POSITIVE), proof.scalar("r", POSITIVE)
    W = proof.random("W", Normal(ZERO, sigma**2), n)
    m, u = proof.random("m", Bernoulli(HALF), n), proof.random("u", AnyLaw(r, q - r**2), n)
    y = proof.given("y", total(W[I] * (m[I] * u[I]), I, n))
    proof.remark(
        "An input is max(0, z) for a z whose law is symmetric about 0: with m = 1 where z > 0 and u = |z|, which are "
        "independent, it is the product of m and u. The second moment of z is that of u, here q."
    )

    spread = proof.derive(Variance(y()), "The variance of an output").by(unfold, variance_of_independent_sum)
    spread.by(unfold_variance, independent_product, mean_of_law, simplify, independent_product)
    spread.by(second_moment, mean_of_law, variance_of_law, constant_sum, simplify)
    kept = proof.solve(equation(Variance(y()), q), sigma, "It is q again where").by(insert(spread.step))
    kept.by(divide_both_sides(n * q / 2), cancel, positive_root(sigma))
    proof.conclude(kept)
