"""The noisy quadratic model: gradient noise, the best learning rate, and the two regimes of the batch size."""

from dataclasses import dataclass
from fractions import Fraction

from engine.author import (
    INFINITY,
    MINUS_ONE,
    ONE,
    POSITIVE,
    ZERO,
    ArgMin,
    At,
    Definition,
    Derivative,
    Domain,
    Expectation,
    Limit,
    Line,
    Normal,
    Proof,
    Symbol,
    Term,
    Variance,
    absolute,
    cancel,
    clear_denominators,
    collect,
    constant_sum,
    crossing,
    derivation,
    differentiate,
    divide_both_sides,
    equation,
    evaluate_at,
    expand,
    from_ratio,
    gradient,
    hessian,
    insert,
    insert_back,
    isolate,
    larger_absolute,
    limit,
    linearity,
    maximum,
    mean_of_law,
    minimiser,
    minimises,
    negative,
    nonzero,
    positive,
    positive_root,
    pull_out_of_sum,
    root_of_square,
    second_moment,
    separate,
    simplify,
    total,
    unfold,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)


def noisy_quadratic_model(proof: Proof) -> None:
    """L(w) = ½aw², its gradient seen through independent Gaussian noise, averaged over a batch of B."""
    a, w, sigma = proof.scalar("a", POSITIVE), proof.scalar("w"), proof.scalar("sigma", POSITIVE)
    B, i = proof.size("B"), Symbol("i")
    noise = proof.random("epsilon", Normal(ZERO, sigma**2), B)
    loss = proof.given("L", a * w**2 / 2, w)
    sample = proof.given("g", gradient(loss(w), w) + noise[i], i, indexed=True)
    proof.let("g_B", total(sample(i), i, B) / B)


@derivation("minibatch-variance", title="Variance of a minibatch gradient", source="2.1.1")
def minibatch_variance(proof: Proof) -> None:
    noisy_quadratic_model(proof)
    w, loss, sample, average = proof["w"], proof["L"], proof["g"], proof["g_B"]()

    slope = proof.derive(gradient(loss(w), w), "The true gradient").by(differentiate)
    mean = proof.derive(Expectation(average), "The mean").by(
        unfold(average), linearity, unfold(sample), linearity, mean_of_law, constant_sum, insert(slope.step)
    )
    spread = proof.derive(Variance(average), "The variance").by(unfold(average))
    spread.by_all((variance_of_multiple, variance_of_independent_sum))
    spread.by(unfold(sample), variance_of_shift, variance_of_law, pull_out_of_sum, constant_sum)
    proof.conclude(spread)
    proof.keep("mean", mean)
    proof.remark(
        "The document's line has 1/B where the variance of a multiple gives 1/B²: (1/B)Σ Var gᵢ would be σ², not σ²/B. "
        "Its end result is right."
    )


@derivation("batch-size-learning-rate", title="The best learning rate for a batch size", source="2.1.1")
def batch_size_learning_rate(proof: Proof) -> None:
    noisy_quadratic_model(proof)
    a, w, sigma, B = proof["a"], proof["w"], proof["sigma"], proof["B"]
    eta = proof.scalar("eta")
    loss, average = proof["L"], proof["g_B"]()
    risk = proof.given("R", Expectation(loss(w - eta * average)), eta)

    mean, variance = proof.use(minibatch_variance, "mean"), proof.use(minibatch_variance)
    expected = proof.derive(risk(eta), "The expected loss after one step").by(
        unfold(risk), unfold(loss), linearity, second_moment
    )
    expected.by(linearity).by_all((variance_of_shift, variance_of_multiple))
    expected.by(insert(mean, "`minibatch-variance`"), insert(variance, "`minibatch-variance`"))
    expected.by(simplify, shows=a * ((1 - eta * a) ** 2 * w**2 + eta**2 * sigma**2 / B) / 2)

    slope = proof.derive(gradient(risk(eta), eta), "Its slope").by(insert(expected.step), differentiate, collect(eta))
    stationary = slope.set_to(0, about=eta).by(isolate(eta))
    stationary.by(cancel, shows=equation(eta, a * w**2 / (a**2 * w**2 + sigma**2 / B)))
    curvature = proof.derive(hessian(risk(eta), eta), "Its curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(risk(eta), eta)), curvature)
    best = proof.fact(minimiser(stationary.step, convex), ArgMin(risk(eta), eta), "The best learning rate")
    proof.conclude(best)
    proof.keep("risk", expected)

    rate = proof.let("eta*", best.claim.left)
    proof.assume(nonzero(w))
    growth = proof.derive(Derivative(rate, B), "As the batch grows").by(unfold, differentiate, cancel)
    proof.shown(positive(Derivative(rate, B)), growth)
    proof.derive(Limit(rate, B, INFINITY), "In the limit").by(unfold, limit)
    proof.answer(
        "As the batch size increases, how does the optimal learning rate change?",
        {
            "It grows": positive(Derivative(rate, B)),
            "It falls": negative(Derivative(rate, B)),
            "It stays the same": equation(Derivative(rate, B), ZERO),
        },
    )


MCCANDLISH = "McCandlish et al. 2018, An Empirical Model of Large-Batch Training: the steps needed scale as 1/decrease"


@dataclass(frozen=True)
class TradeOff:
    """Steps S(B) and examples E(B) to reach a loss, and the batch size B_noise that parts the two regimes."""

    steps: Definition
    examples: Definition
    noise: Term
    curve: Line
    fewest_examples: Line


def steps_and_examples(proof: Proof) -> TradeOff:
    """How many steps and examples the noisy quadratic model needs, from what one best step gains."""
    a, w, sigma = proof.scalar("a", POSITIVE), proof.scalar("w"), proof.scalar("sigma", POSITIVE)
    B, eta, c = proof.scalar("B", POSITIVE), proof.scalar("eta"), proof.scalar("c", POSITIVE)
    proof.assume(nonzero(w))
    risk = proof.given("R", proof.form(batch_size_learning_rate, "risk"), eta)
    rate = proof.given("eta*", proof.form(batch_size_learning_rate), B)
    decrease = proof.given("Delta", a * w**2 / 2 - risk(rate(B)), B)
    most = proof.let("Delta_max", Limit(decrease(B), B, INFINITY))
    noise = proof.let("B_noise", sigma**2 / (a**2 * w**2))
    steps = proof.given("S", c / decrease(B), B, citation=MCCANDLISH)
    least = proof.let("S_min", Limit(steps(B), B, INFINITY))
    examples = proof.given("E", B * steps(B), B)
    fewest = proof.let("E_min", Limit(examples(B), B, ZERO))

    gained = proof.derive(decrease(B), "The expected decrease at the best learning rate").by(unfold, unfold, cancel)
    proof.know(gained)
    largest = proof.derive(most, "At most, for large batches").by(unfold(most), insert(gained.step), limit)
    proof.know(largest)
    share = proof.derive(decrease(B) / most, "As a share of that").by(insert(gained.step), insert(largest.step))
    share.by(cancel, shows=1 / (1 + noise / B))
    gain = proof.derive(decrease(B), "So").by(from_ratio(share.step))

    needed = proof.derive(steps(B), "The steps needed").by(unfold(steps), insert(gain.step), simplify)
    floor = proof.derive(least, "The fewest steps").by(unfold(least), insert(needed.step), limit)
    proof.know(needed, floor)
    ratio = proof.derive(steps(B) / least, "In units of these").by(insert(needed.step), insert(floor.step), simplify)
    curve = proof.derive(steps(B), "So").by(from_ratio(ratio.step))

    bottom = proof.derive(fewest, "The fewest examples")
    bottom.by(unfold(fewest), unfold(examples), insert(curve.step), limit)
    proof.know(bottom)
    return TradeOff(steps, examples, noise, curve.step, bottom.step)


@derivation("batch-size-regimes", title="The two regimes of the batch size", source="2.1.2")
def batch_size_regimes(proof: Proof) -> None:
    trade = steps_and_examples(proof)
    steps, examples, noise, curve = trade.steps, trade.examples, trade.noise, trade.curve
    B, least, fewest = proof["B"], proof["S_min"](), proof["E_min"]()
    proof.conclude(curve, "steps")

    hyperbola = proof.derive((steps(B) / least - 1) * (examples(B) / fewest - 1), "The trade-off").by(
        unfold(examples), insert(curve), insert(trade.fewest_examples), cancel
    )
    proof.conclude(hyperbola, "trade-off")

    elasticity = proof.given("e", B / steps(B) * Derivative(steps(B), B), B)
    slope = proof.derive(elasticity(B), "The elasticity d ln S/d ln B")
    slope.by(unfold(elasticity), insert(curve), differentiate, cancel)
    proof.conclude(slope, "elasticity")
    at_a, at_b = Limit(elasticity(B), B, ZERO), Limit(elasticity(B), B, INFINITY)
    proof.derive(at_a, "At point A, small batches").by(insert(slope.step), limit)
    proof.derive(elasticity(noise), "At point C").by(
        insert(proof.instance(slope, B=noise), "the elasticity above at B = B_noise")
    )
    proof.derive(at_b, "At point B, large batches").by(insert(slope.step), limit)

    cost = proof.given("K", steps(B) * examples(B), B)
    spent = proof.derive(cost(B), "Steps times examples").by(unfold(cost), unfold(examples), insert(curve), expand)
    rising = proof.derive(gradient(cost(B), B), "Its slope").by(insert(spent.step), differentiate)
    stationary = rising.set_to(0, about=B).by(
        clear_denominators, separate(B), divide_both_sides(least**2), positive_root(B), root_of_square
    )
    bending = proof.derive(hessian(cost(B), B), "Its curvature").by(insert(rising.step), differentiate)
    convex = proof.shown(positive(hessian(cost(B), B)), bending)
    knee = proof.fact(minimiser(stationary.step, convex), ArgMin(cost(B), B), "Point C")
    proof.conclude(knee, "C")
    at_noise = "S(B) above at B = B_noise"
    proof.derive(steps(noise), "Steps at C").by(insert(proof.instance(curve, B=noise), at_noise))
    proof.derive(examples(noise), "Examples at C").by(
        unfold(examples), insert(proof.instance(curve, B=noise), at_noise), insert_back(trade.fewest_examples)
    )
    curvature_limited_steps(proof)

    proof.answer(
        "Which of the points A, B, C has the most efficient batch size?",
        {
            "A": positive(gradient(cost(B), B)),
            "B": negative(gradient(cost(B), B)),
            "C": minimises(noise, ArgMin(cost(B), B), unique=True),
        },
    )
    for point, place in (("A", at_a), ("B", at_b)):
        halved, useless = equation(place, MINUS_ONE), equation(place, ZERO)
        regimes = {"noise dominated": halved, "curvature dominated": useless}
        proof.answer(f"Which regime does point {point} belong to?", regimes)
        remedies = {"seek parallel compute": halved, "use higher order optimizers": useless}
        proof.answer(f"What accelerates training at point {point}?", remedies)
    proof.remark(
        "Where the elasticity is −1, twice the batch halves the steps. Where it is 0, no batch helps: what is left is the "
        "curvature, whose best plain step contracts by (κ − 1)/(κ + 1) and a Newton step by 0."
    )


def curvature_limited_steps(proof: Proof) -> None:
    """How fast plain gradient steps can be without noise, for curvatures from m to κm, and Newton's steps."""
    m, kappa = proof.scalar("m", POSITIVE), proof.scalar("kappa", Domain(lower=Fraction(1)))
    h = proof.scalar("h", POSITIVE)
    flat, steep = 1 - h * m, h * kappa * m - 1
    shrink = proof.given("q", maximum(absolute(1 - h * m), absolute(1 - h * kappa * m)), h)

    proof.derive(shrink(h), "Without noise, steps of size h contract by").by(unfold(shrink), larger_absolute)
    meeting = proof.solve(equation(flat, steep), h, "The two are equal where").by(separate(h), isolate(h), cancel)
    falls = proof.derive(Derivative(flat, h)).by(differentiate)
    falling = proof.shown(negative(Derivative(flat, h)), falls)
    rises = proof.derive(Derivative(steep, h)).by(differentiate)
    rising = proof.shown(positive(Derivative(steep, h)), rises)
    proof.fact(crossing(meeting.step, falling, rising), ArgMin(maximum(flat, steep), h), "The best step")
    proof.derive(At(flat, h, meeting.value), "It contracts by").by(evaluate_at, cancel)
    proof.derive(At(flat, h, ONE / m), "A Newton step, 1/curvature in each direction, contracts by").by(evaluate_at)
