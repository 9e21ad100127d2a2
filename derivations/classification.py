"""Classification: softmax and cross-entropy."""

from engine.author import (
    ONE,
    Proof,
    Symbol,
    constant_factor_of_sum,
    derivation,
    differentiate,
    equation,
    exp,
    expand,
    fold,
    gradient,
    insert,
    log,
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
    probabilities = proof.given("p", exp(z) / total(exp(z[J]), J, n), z)
    log_probability = proof.given("ell", z[I] - log(total(exp(z[J]), J, n)), I, indexed=True)
    loss = proof.given("L", -total(y[I] * log_probability(I), I, n), z)
    targets = equation(total(y[I], I, n), ONE)
    proof.assume(targets)
    proof.remark("p is the softmax of the scores z, and ℓ the log of its entries; the targets y add up to 1.")

    opened = proof.derive(loss(z), "The loss").by(unfold, unfold, expand, split_sum, constant_factor_of_sum, simplify)
    opened.by(insert(proof.suppose(targets), "the targets add up to 1"), simplify)
    slope = proof.derive(gradient(loss(z), z), "The gradient").by(insert(opened.step), differentiate)
    proof.conclude(slope.by(fold(probabilities(z))))

    proof.idea(
        "The targets add up to 1, so the loss is the log of the sum less the scores that the targets pick; "
        "and the slope of "
        "that log is the softmax.",
        opened,
        slope,
    )
    proof.outline(opened.line(unfold), opened.line(constant_factor_of_sum), opened, slope.line(differentiate), slope)
