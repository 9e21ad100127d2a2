"""Classification: softmax and cross-entropy."""

from engine.author import (
    Proof,
    Symbol,
    derivation,
    differentiate,
    exp,
    expand,
    gradient,
    insert,
    log,
    pull_out_of_sum,
    simplify,
    split_sum,
    total,
    unfold,
)

I, J = Symbol("i"), Symbol("j")


@derivation("softmax-cross-entropy", title="The gradient of softmax and cross-entropy", source="")
def softmax_cross_entropy(proof: Proof) -> None:
    n = proof.size("n")
    z, y = proof.vector("z", n), proof.vector("y", n)
    log_probability = proof.given("ell", z[I] - log(total(exp(z[J]), J, n)), I, indexed=True)
    loss = proof.given("L", -total(y[I] * log_probability(I), I, n), z)

    opened = proof.derive(loss(z), "The loss").by(unfold, unfold, expand, split_sum, pull_out_of_sum, simplify)
    slope = proof.derive(gradient(loss(z), z), "The gradient").by(insert(opened.step), differentiate)
    proof.conclude(slope)
    proof.remark(
        "ℓ is the log of the probability that softmax gives. For targets y that add up to 1, the gradient is p − y: "
        "what the model gives less what it should give."
    )
