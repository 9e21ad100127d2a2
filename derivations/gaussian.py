"""Gaussians: maximum likelihood, and how far one is from another."""

from engine.author import (
    POSITIVE,
    ArgMin,
    Expectation,
    Normal,
    Proof,
    Symbol,
    bias_and_variance,
    clear_denominators,
    common_factor,
    constant_sum,
    derivation,
    differentiate,
    expand,
    gradient,
    hessian,
    insert,
    isolate,
    linearity,
    log,
    mean_of_law,
    minimiser,
    positive,
    pull_out_of_sum,
    separate,
    simplify,
    split_sum,
    total,
    unfold,
    variance_of_law,
)

I = Symbol("i")


@derivation("gaussian-maximum-likelihood", title="The mean and variance of a Gaussian by maximum likelihood", source="")
def gaussian_maximum_likelihood(proof: Proof) -> None:
    n = proof.size("n")
    x, mu = proof.vector("x", n), proof.scalar("mu")
    u, s = proof.scalar("u", POSITIVE), proof.scalar("s", POSITIVE)
    squares = proof.given("q", total((x[I] - mu) ** 2, I, n), mu)
    loss = proof.given("ell", u * s / 2 - n * log(u) / 2, u)
    proof.remark(
        "The negative log-likelihood is ½u·q(μ) − ½n ln u with u = 1/σ², up to a constant: least in μ where q is, "
        "and then, for the value s of q there, least in u."
    )

    slope = proof.derive(gradient(squares(mu), mu), "The slope in the mean").by(differentiate)
    slope.by(expand, split_sum, pull_out_of_sum, constant_sum)
    mean = slope.set_to(0, about=mu).by(separate(mu), common_factor, isolate(mu))
    bend = proof.derive(hessian(squares(mu), mu), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(squares(mu), mu)), bend)
    proof.conclude(proof.fact(minimiser(mean.step, convex), ArgMin(squares(mu), mu), "The mean"), "mean")

    steepness = proof.derive(gradient(loss(u), u), "The slope in the precision").by(differentiate)
    precision = steepness.set_to(0, about=u).by(clear_denominators, separate(u), isolate(u))
    turn = proof.derive(hessian(loss(u), u), "Its curvature").by(insert(steepness.step), differentiate)
    least = proof.shown(positive(hessian(loss(u), u)), turn)
    proof.conclude(proof.fact(minimiser(precision.step, least), ArgMin(loss(u), u), "The precision"), "precision")


@derivation("gaussian-kl", title="How far one Gaussian is from another", source="")
def gaussian_kl(proof: Proof) -> None:
    mu, nu = proof.scalar("mu"), proof.scalar("nu")
    sigma, tau = proof.scalar("sigma", POSITIVE), proof.scalar("tau", POSITIVE)
    x = proof.random("x", Normal(mu, sigma**2))
    ratio = proof.given("r", log(tau) - log(sigma) - (x - mu) ** 2 / (2 * sigma**2) + (x - nu) ** 2 / (2 * tau**2), x)
    proof.remark("r(x) is the log of the ratio of the densities of N(μ, σ²) and N(ν, τ²).")

    divergence = proof.derive(Expectation(ratio(x)), "The Kullback–Leibler divergence")
    divergence.by(unfold, linearity, bias_and_variance, linearity, mean_of_law, variance_of_law, simplify)
    proof.conclude(divergence)
