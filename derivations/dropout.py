"""Linear regression with noise on its inputs: dropout, its bias and variance, and Gaussian noise in its place."""

from engine.author import (
    POSITIVE,
    UNIT_INTERVAL,
    ZERO,
    Bernoulli,
    Definition,
    Draft,
    Expectation,
    Normal,
    Proof,
    Symbol,
    Variance,
    add_and_subtract_mean,
    as_variance,
    bias_and_variance,
    cancel,
    centred,
    constant_factor_of_sum,
    derivation,
    distribute,
    divide_both_sides,
    equation,
    insert,
    insert_back,
    linearity_of_expectation,
    mean_of_law,
    nonzero,
    positive_root,
    simplify,
    split_sum,
    square_of_two_parts,
    summand_with,
    total,
    unfold,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)

I, J = Symbol("i"), Symbol("j")


def dropout_regression(proof: Proof) -> tuple[Definition, Definition]:
    """The output ỹ_m(i) for example i, each input kept with probability p and scaled by 1/p, and its loss J_m."""
    N, d = proof.size("N"), proof.size("d")
    w, X = proof.vector("w", d), proof.matrix("X", N, d)
    proof.vector("t", N)
    p = proof.scalar("p", UNIT_INTERVAL)
    proof.index("i", N)
    m = proof.random("m", Bernoulli(p), N, d, indices=(I, J))
    output = proof.given("y~_m", total(m[I, J] * w[J] * X[I, J], J, d) / p, I, indexed=True)
    return output, squared_loss(proof, "J_m", output)


def squared_loss(proof: Proof, name: str, output: Definition) -> Definition:
    """Half the mean squared error over the examples."""
    N, t = proof["N"], proof["t"]
    return proof.given(name, total((output(I) - t[I]) ** 2, I, N) / (2 * N))


def moments(proof: Proof, output: Definition, what: str) -> tuple[Draft, Draft]:
    """The mean and the variance of a noisy output, as sums over the features."""
    mean = proof.derive(Expectation(output(I)), f"The mean {what}")
    mean.by(unfold(output), linearity_of_expectation, mean_of_law, constant_factor_of_sum)
    spread = proof.derive(Variance(output(I)), f"The variance {what}").by(unfold(output))
    spread.by_all((variance_of_shift, variance_of_multiple, variance_of_independent_sum))
    spread.by(variance_of_law, constant_factor_of_sum, cancel)
    return mean, spread


@derivation("dropout-bias-variance", title="Bias and variance of linear regression with dropout", source="3.1")
def dropout_bias_variance(proof: Proof) -> None:
    output, loss = dropout_regression(proof)
    noisy, mean_of_noisy = output(I), Expectation(output(I))

    expected = proof.derive(Expectation(loss()), "The expected loss").by(
        unfold(loss),
        linearity_of_expectation,
        add_and_subtract_mean(noisy),
        square_of_two_parts(noisy - mean_of_noisy),
        linearity_of_expectation,
        centred,
        as_variance,
        split_sum,
        distribute,
    )
    variance, bias = (summand_with(expected.value, part) for part in (Variance(noisy), mean_of_noisy))
    proof.conclude(expected, parts={"variance": variance, "bias²": bias})

    mean, spread = moments(proof, output, "of an output")
    closed = proof.derive(Expectation(loss()), "In closed form").by(
        insert(expected.step), insert(spread.step), insert(mean.step), constant_factor_of_sum
    )
    proof.conclude(closed, "closed form")
    proof.keep("mean", mean)
    proof.keep("variance", spread)
    proof.remark(
        "The document drops the factor 2 of the cross term, which vanishes all the same. It writes E_m(ȳ) "
        "for E[J_m], and "
        "Bias under what is the square of the bias."
    )

    proof.idea(
        "The error is what the output deviates from its mean by, and what the mean is off by: the cross term "
        "of the two "
        "vanishes, since a deviation is 0 on the average.",
        expected.line(add_and_subtract_mean),
        expected.line(centred),
        expected,
    )
    proof.outline(
        "The error is a deviation from the mean, and a bias",
        expected.line(add_and_subtract_mean),
        expected.line(square_of_two_parts),
        expected.line(centred),
        expected,
        "The two for this output",
        mean.line(linearity_of_expectation),
        mean,
        spread.line(variance_of_independent_sum),
        spread.line(variance_of_law),
        spread,
        closed,
    )


@derivation("gaussian-dropout-sigma", title="Gaussian noise that does what dropout does", source="3.2")
def gaussian_dropout_sigma(proof: Proof) -> None:
    dropped, dropout_loss = dropout_regression(proof)
    N, d, w, X = proof["N"], proof["d"], proof["w"], proof["X"]
    sigma = proof.scalar("sigma", POSITIVE)
    noise = proof.random("xi", Normal(ZERO, sigma**2), N, d, indices=(I, J))
    output = proof.given("y~_xi", total((1 + noise[I, J]) * w[J] * X[I, J], J, d), I, indexed=True)
    loss = squared_loss(proof, "J_xi", output)
    energy = total(w[J] ** 2 * X[I, J] ** 2, J, d)
    proof.assume(nonzero(energy))

    mean, spread = moments(proof, output, "with Gaussian noise")
    dropout_mean, dropout_spread = moments(proof, dropped, "with dropout")
    matching = proof.solve(equation(Variance(output(I)), Variance(dropped(I))), sigma, "Equal variances").by(
        insert(spread.step), insert(dropout_spread.step), divide_both_sides(energy), positive_root(sigma)
    )
    proof.require_free(matching.value, w, X, what="no σ does for all inputs and weights")
    proof.conclude(matching)

    chosen = proof.suppose(equation(sigma, matching.value))
    same_mean = proof.derive(Expectation(output(I)), "① The means agree").by(
        insert(mean.step), insert_back(dropout_mean.step)
    )
    proof.require_end(same_mean, Expectation(dropped(I)))
    same_spread = proof.derive(Variance(output(I)), "② With this σ, so do the variances").by(
        insert(spread.step), insert(chosen), simplify, insert_back(dropout_spread.step)
    )
    proof.require_end(same_spread, Variance(dropped(I)))
    agreement = proof.derive(Expectation(loss()), "So the expected losses agree").by(
        unfold(loss),
        linearity_of_expectation,
        bias_and_variance,
        split_sum,
        distribute,
        insert(same_spread.step, "by ②"),
        insert(same_mean.step, "by ①"),
        insert_back(proof.use(dropout_bias_variance)),
    )
    proof.require_end(agreement, Expectation(dropout_loss()))
    proof.conclude(agreement, "expected loss")
    proof.remark(
        "The document writes (p − p²)/p for Var ỹ_m where the factor 1/p² gives (p − p²)/p² = (1 − p)/p; "
        "m = 0 has probability 1 − p, not 0; and on a brace it writes 1/p where E[m] = p. Its π is ξ here."
    )

    proof.idea(
        "Both noises leave the mean of an output as it is, and both variances are a multiple of the same "
        "sum: where the two "
        "multiples agree, the expected losses do.",
        matching,
        agreement,
    )
    proof.outline(
        "Mean and variance of an output, with either noise",
        mean,
        spread,
        dropout_mean,
        dropout_spread,
        "The σ for which the variances agree",
        matching.line(insert),
        matching,
        "① The means agree",
        same_mean,
        "② With this σ, so do the variances",
        same_spread,
        "So the expected losses agree",
        agreement.line(distribute),
        agreement,
    )
