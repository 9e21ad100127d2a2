"""Gaussians: maximum likelihood, and how far one is from another."""

from engine.author import (
    POSITIVE,
    POSITIVE_DEFINITE,
    ArgMin,
    Determinant,
    Expectation,
    Normal,
    NormalVector,
    Proof,
    Symbol,
    bias_and_variance,
    clear_denominators,
    common_factor,
    constant_factor_of_sum,
    derivation,
    differentiate,
    expand,
    gradient,
    hessian,
    insert,
    isolate,
    linearity_of_expectation,
    log,
    mean_of_law,
    mean_of_product_of_vectors,
    minimiser,
    minimiser_by_sign_of_slope,
    multiply_both_sides,
    ones,
    positive,
    positive_definite,
    separate,
    simplify,
    split_off_root,
    split_sum,
    sum_of_constant,
    total,
    trace,
    unfold,
    variance_of_law,
    variance_of_shift,
    without_last_factor,
)

I = Symbol("i")


@derivation("gaussian-maximum-likelihood", title="The mean and variance of a Gaussian by maximum likelihood", source="")
def gaussian_maximum_likelihood(proof: Proof) -> None:
    n = proof.size("n")
    x, mu, v = proof.vector("x", n), proof.scalar("mu"), proof.scalar("v", POSITIVE)
    squares = proof.given("q", total((x[I] - mu) ** 2, I, n), mu)
    proof.remark(
        "The negative log-likelihood is ½n ln v + q(μ)/(2v), up to a constant: whatever v is, least in μ where q is."
    )

    slope = proof.derive(gradient(squares(mu), mu), "The slope in the mean").by(differentiate)
    slope.by(expand, split_sum, constant_factor_of_sum, sum_of_constant)
    stationary = slope.set_to(0, about=mu).by(separate(mu), common_factor, isolate(mu))
    bend = proof.derive(hessian(squares(mu), mu), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(squares(mu), mu)), bend)
    centre = proof.fact(minimiser(stationary.step, convex), ArgMin(squares(mu), mu), "The mean")
    proof.conclude(centre, "mean")

    mean = proof.let("m", stationary.value)
    proof.assume(positive(squares(mean)))
    loss = proof.given("ell", n * log(v) / 2 + squares(mean) / (2 * v), v)
    steepness = proof.derive(gradient(loss(v), v), "The slope in the variance").by(differentiate)
    variance = steepness.set_to(0, about=v).by(clear_denominators, separate(v), isolate(v))
    signed = proof.derive(gradient(loss(v), v), "Its sign").by(
        insert(steepness.step), split_off_root(v, variance.value)
    )
    rising = proof.shown(positive(without_last_factor(signed.value)))
    width = proof.fact(minimiser_by_sign_of_slope(signed.step, rising), ArgMin(loss(v), v), "The variance")
    proof.conclude(width, "variance")

    proof.idea(
        "The squares are least at the mean, whatever the variance is; at that mean the loss falls in v as "
        "long as v is below "
        "the average of the squares, and rises from there.",
        centre,
        signed,
        width,
    )
    proof.outline(
        "The mean, where the squares are least",
        slope.line(differentiate),
        slope,
        stationary,
        convex,
        centre,
        "The variance, where the slope changes its sign",
        steepness,
        variance,
        signed,
        width,
    )


@derivation("gaussian-kl", title="How far one Gaussian is from another", source="")
def gaussian_kl(proof: Proof) -> None:
    mu, nu = proof.scalar("mu"), proof.scalar("nu")
    sigma, tau = proof.scalar("sigma", POSITIVE), proof.scalar("tau", POSITIVE)
    x = proof.random("x", Normal(mu, sigma**2))
    ratio = proof.given("r", log(tau) - log(sigma) - (x - mu) ** 2 / (2 * sigma**2) + (x - nu) ** 2 / (2 * tau**2), x)
    proof.remark("r(x) is the log of the ratio of the densities of N(μ, σ²) and N(ν, τ²).")

    divergence = proof.derive(Expectation(ratio(x)), "The Kullback–Leibler divergence")
    divergence.by(
        unfold,
        linearity_of_expectation,
        bias_and_variance,
        linearity_of_expectation,
        mean_of_law,
        variance_of_law,
        simplify,
    )
    proof.conclude(divergence)

    proof.idea(
        "The log of the ratio is quadratic in x, so that only the mean and the variance of x enter.",
        divergence.line(linearity_of_expectation, 0),
        divergence.line(bias_and_variance),
        divergence,
    )
    proof.outline(
        divergence.line(linearity_of_expectation, 0),
        divergence.line(bias_and_variance),
        divergence.line(mean_of_law),
        divergence,
    )


@derivation(
    "multivariate-gaussian", title="The mean and covariance of a Gaussian of vectors by maximum likelihood", source=""
)
def multivariate_gaussian(proof: Proof) -> None:
    n, d = proof.size("n"), proof.size("d")
    X, mu = proof.matrix("X", d, n), proof.vector("mu", d)
    Sigma, S = proof.matrix("Sigma", d, d, POSITIVE_DEFINITE), proof.matrix("S", d, d, POSITIVE_DEFINITE)
    gap = X - mu @ ones(1, n)
    distances = proof.given("q", trace(gap.T @ Sigma.I @ gap), mu)
    loss = proof.given("ell", n * log(Determinant(Sigma)) / 2 + trace(Sigma.I @ S) / 2, Sigma)
    proof.remark(
        "The columns of X are the n vectors. The negative log-likelihood is ½n ln det Σ + ½q(μ), up to a "
        "constant: least "
        "in μ where q is; S is the sum of the (x − μ)(x − μ)ᵀ there, and q = tr(Σ⁻¹S)."
    )

    slope = proof.derive(gradient(distances(mu), mu), "The slope in the mean").by(differentiate, expand)
    mean = slope.set_to(0, about=mu).by(multiply_both_sides(Sigma), separate(mu), common_factor, isolate(mu))
    bend = proof.derive(hessian(distances(mu), mu), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive_definite(hessian(distances(mu), mu)), bend)
    centre = proof.fact(minimiser(mean.step, convex), ArgMin(distances(mu), mu), "The mean")
    proof.conclude(centre, "mean")

    tilt = proof.derive(gradient(loss(Sigma), Sigma), "The slope in the covariance").by(differentiate)
    proof.remark("Σ is invertible: the slope is zero where Σ times it times Σ is.")
    balance = proof.derive(Sigma @ gradient(loss(Sigma), Sigma) @ Sigma, "On both sides").by(insert(tilt.step), expand)
    covariance = balance.set_to(0, about=Sigma).by(clear_denominators, separate(Sigma), isolate(Sigma))
    proof.conclude(covariance, "covariance")

    proof.idea(
        "Where both slopes are zero, the mean is the average of the columns, and the covariance that of the "
        "products of their "
        "deviations.",
        centre,
        covariance,
    )
    proof.outline(
        "The mean",
        slope,
        mean.line(multiply_both_sides),
        mean,
        convex,
        centre,
        "The covariance",
        tilt,
        balance,
        covariance.line(separate),
        covariance,
    )


@derivation("multivariate-gaussian-kl", title="How far one Gaussian of vectors is from another", source="")
def multivariate_gaussian_kl(proof: Proof) -> None:
    d = proof.size("d")
    mu, nu = proof.vector("mu_1", d), proof.vector("mu_2", d)
    Sigma, Tau = (proof.matrix(name, d, d, POSITIVE_DEFINITE) for name in ("Sigma_1", "Sigma_2"))
    x = proof.random("x", NormalVector(mu, Sigma), d)
    spreads = log(Determinant(Tau)) - log(Determinant(Sigma))
    distances = (x - nu).T @ Tau.I @ (x - nu) - (x - mu).T @ Sigma.I @ (x - mu)
    ratio = proof.given("r", spreads / 2 + distances / 2, x)
    proof.remark("r(x) is the log of the ratio of the densities of N(μ_1, Σ_1) and N(μ_2, Σ_2).")

    divergence = proof.derive(Expectation(ratio(x)), "The Kullback–Leibler divergence").by(
        unfold, linearity_of_expectation
    )
    divergence.by(
        mean_of_product_of_vectors, linearity_of_expectation, variance_of_shift, mean_of_law, variance_of_law, simplify
    )
    proof.conclude(divergence)

    proof.idea(
        "The mean of a quadratic form is the trace of its matrix with the covariance, and the form of the mean.",
        divergence.line(linearity_of_expectation, 0),
        divergence.line(mean_of_product_of_vectors),
        divergence,
    )
    proof.outline(
        divergence.line(linearity_of_expectation, 0),
        divergence.line(mean_of_product_of_vectors),
        divergence.line(mean_of_law),
        divergence,
    )
