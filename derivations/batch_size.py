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
    Axis,
    Definition,
    Derivative,
    Domain,
    Draft,
    Expectation,
    Limit,
    Line,
    Normal,
    Proof,
    Symbol,
    Term,
    Variance,
    absolute,
    because,
    between,
    cancel,
    clear_denominators,
    collect,
    constant_factor_of_sum,
    curve,
    derivation,
    differentiate,
    divide_both_sides,
    equation,
    evaluate_at,
    expand,
    family,
    from_ratio,
    gradient,
    hessian,
    insert,
    insert_back,
    isolate,
    larger_absolute_value,
    limit,
    linearity_of_expectation,
    maximum,
    mean_of_law,
    minimiser,
    minimises,
    minimum_of_maximum,
    negative,
    nonzero,
    point,
    positive,
    positive_root,
    root_of_square,
    second_moment,
    separate,
    simplify,
    sum_of_constant,
    total,
    unfold,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)

NOISE_QUESTION = "As the batch size increases, how does the variance of the minibatch gradient change?"
RATE_QUESTION = "As the batch size increases, how does the optimal learning rate change?"


def noisy_quadratic_model(proof: Proof) -> None:
    """L(w) = ½aw², its gradient seen through independent Gaussian noise, averaged over a batch of B."""
    a, w, sigma = proof.scalar("a", POSITIVE), proof.scalar("w"), proof.scalar("sigma", POSITIVE)
    B, i = proof.size("B"), Symbol("i")
    noise = proof.random("epsilon", Normal(ZERO, sigma**2), B, indices=(i,))
    loss = proof.given("L", a * w**2 / 2, w)
    sample = proof.given("g", gradient(loss(w), w) + noise[i], i, indexed=True)
    proof.let("g_B", total(sample(i), i, B) / B)


@derivation("minibatch-variance", title="Variance of a minibatch gradient", source="2.1.1")
def minibatch_variance(proof: Proof) -> None:
    noisy_quadratic_model(proof)
    w, loss, sample, average = proof["w"], proof["L"], proof["g"], proof["g_B"]()

    slope = proof.derive(gradient(loss(w), w), "The true gradient").by(differentiate)
    mean = proof.derive(Expectation(average), "The mean").by(
        unfold(average),
        linearity_of_expectation,
        unfold(sample),
        linearity_of_expectation,
        mean_of_law,
        sum_of_constant,
        insert(slope.step),
    )
    spread = proof.derive(Variance(average), "The variance").by(unfold(average))
    spread.by_all((variance_of_multiple, variance_of_independent_sum))
    spread.by(
        unfold(sample),
        variance_of_shift,
        variance_of_multiple,
        variance_of_law,
        constant_factor_of_sum,
        sum_of_constant,
    )
    proof.conclude(spread)
    proof.keep("mean", mean)
    with proof.attempt("noise", NOISE_QUESTION):
        how_the_noise_changes(proof, spread)
    proof.remark(
        "The document's line has 1/B where the variance of a multiple gives 1/B²: (1/B)Σ Var gᵢ would be σ², not σ²/B. "
        "Its end result is right."
    )

    proof.idea(
        "The noises are independent, so that their variances add up: B of them, divided by B².",
        spread.line(variance_of_independent_sum),
        spread.line(variance_of_law),
        spread,
    )
    proof.outline(
        "On the average it is the true gradient",
        slope,
        mean.line(linearity_of_expectation),
        mean,
        "It varies the less, the larger the batch",
        spread.line(variance_of_multiple),
        spread.line(variance_of_independent_sum),
        spread.line(variance_of_shift),
        spread.line(variance_of_law),
        spread,
    )


def how_the_noise_changes(proof: Proof, spread: Draft) -> None:
    """The variance with one more example in the batch, against that without."""
    B, variance = proof["B"], proof.given("V", spread.value, proof["B"])
    one_more = proof.derive(variance(B + 1) - variance(B), "With one more example").by(unfold, cancel)
    proof.ask(
        "noise",
        NOISE_QUESTION,
        {
            "it falls": negative(one_more.subject),
            "it grows": positive(one_more.subject),
            "it stays the same": equation(one_more.subject, ZERO),
        },
        one_more,
        why=[
            because("The noise of B independent examples averages out: its variance is a B-th of that of one.", spread)
        ],
        about=["noise", "variance", "Var"],
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
        unfold(risk), unfold(loss), linearity_of_expectation, second_moment
    )
    expected.by(linearity_of_expectation).by_all((variance_of_shift, variance_of_multiple))
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

    changing: tuple[Draft | Line, ...] = ()
    with proof.attempt("learning rate", RATE_QUESTION):
        changing = how_the_rate_changes(proof, stationary.value, variance)

    proof.idea(
        "A step takes the noise of the gradient along, and of that a batch of B leaves one part in B: the "
        "larger the batch, "
        "the longer the best step.",
        expected,
        best,
        *changing[:1],
    )
    proof.outline(
        "What one step leaves of the loss, on the average",
        expected.line(second_moment),
        expected,
        "It is least where its slope is zero",
        slope,
        stationary,
        convex,
        best,
        "The best learning rate grows with the batch",
        *changing,
    )


def how_the_rate_changes(proof: Proof, best: Term, variance: Line) -> tuple[Draft | Line, ...]:
    """The best learning rate against the batch size: with one more example, and for a batch size that
    is any real number.
    """
    w, B = proof["w"], proof["B"]
    b = proof.scalar("b", POSITIVE)
    rate = proof.given("eta*", best, B)
    proof.assume(nonzero(w))
    one_more = proof.derive(rate(B + 1) - rate(B), "With one more example").by(unfold, cancel)
    smooth = proof.derive(rate(b), "For a batch size that is any real number b > 0").by(unfold)
    growth = proof.derive(Derivative(rate(b), b)).by(insert(smooth.step), differentiate, cancel)
    ceiling = proof.derive(Limit(rate(b), b, INFINITY), "In the limit of large batches").by(unfold, limit)
    proof.draw(
        "learning-rate",
        "The best learning rate against the batch size",
        *family(smooth.value, "sigma", (1, 4, 16)),
        curve(ceiling.value, "as B grows", dashed=True),
        over=between(1, b, 10_000, by_factors=True),
        axes=(Axis("B, the batch size", logarithmic=True), Axis("η*, the best learning rate")),
        a=2,
        w=1,
    )
    proof.ask(
        "learning rate",
        RATE_QUESTION,
        {
            "it grows": (positive(one_more.subject), positive(growth.subject)),
            "it falls": (negative(one_more.subject), negative(growth.subject)),
            "it stays the same": (equation(one_more.subject, ZERO), equation(growth.subject, ZERO)),
        },
        one_more,
        growth,
        why=[
            because("A larger batch averages the gradient noise away: its variance falls as 1/B.", variance),
            because(
                "With less noise a longer step loses less by it, so each further example makes the best step longer.",
                one_more,
            ),
            because("It does not grow beyond 1/a, which is best where there is no noise.", ceiling),
        ],
        about=["learning rate", "step size", "η*", "η"],
    )
    return one_more, growth, ceiling


MCCANDLISH = "McCandlish et al. 2018, An Empirical Model of Large-Batch Training: the steps needed scale as 1/decrease"
EFFICIENT = (
    "the author's reading of the question's best trade-off of resources and time; McCandlish et al. 2018 "
    "call B_noise the "
    "batch size of a good one"
)
REGIMES = (
    "the author's reading of the two regimes; Shallue et al. 2018, Measuring the Effects of Data Parallelism, "
    "have perfect scaling and no benefit"
)


@dataclass(frozen=True)
class TradeOff:
    """Steps S(B) and examples E(B) to reach a loss, and the batch size B_noise that parts the two regimes."""

    steps: Definition
    examples: Definition
    elasticity: Definition
    cost: Definition
    noise: Term
    gain: Line
    curve: Line
    fewest_examples: Line
    needed: Term  # the steps, as a function of the batch


def steps_and_examples(proof: Proof) -> TradeOff:
    """How many steps and examples the noisy quadratic model needs, from what one best step gains."""
    a, w = proof.scalar("a", POSITIVE), proof.scalar("w")
    proof.scalar("sigma", POSITIVE)
    B, eta, c = proof.scalar("B", POSITIVE), proof.scalar("eta"), proof.scalar("c", POSITIVE)
    proof.assume(nonzero(w))
    loss = proof.given("L", a * w**2 / 2, w)
    risk = proof.given("R", proof.form(batch_size_learning_rate, "risk"), eta)
    rate = proof.given("eta*", proof.form(batch_size_learning_rate), B)
    decrease = proof.given("Delta", loss(w) - risk(rate(B)), B)
    most = proof.let("Delta_max", Limit(decrease(B), B, INFINITY))
    spread, slope = proof.form(minibatch_variance), proof.form(minibatch_variance, "mean")
    noise = proof.let("B_noise", proof.tidied(B * spread / slope**2))
    steps = proof.given("S", c / decrease(B), B, citation=MCCANDLISH)
    least = proof.let("S_min", Limit(steps(B), B, INFINITY))
    examples = proof.given("E", B * steps(B), B)
    fewest = proof.let("E_min", Limit(examples(B), B, ZERO))
    elasticity = proof.given("e", B / steps(B) * Derivative(steps(B), B), B)
    cost = proof.given("K", steps(B) * examples(B), B)
    proof.take("the most efficient batch size", "the one of the least steps × examples, K(B)", source=EFFICIENT)
    proof.take("noise dominated", "that twice the batch halves the steps (e tends to −1 as θ grows)", source=REGIMES)
    proof.take("curvature dominated", "that a larger batch saves no steps (e tends to 0 as θ grows)", source=REGIMES)

    gained = proof.derive(decrease(B), "The expected decrease at the best learning rate").by(unfold(decrease))
    gained.by(unfold, cancel)
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
    return TradeOff(steps, examples, elasticity, cost, noise, gain.step, curve.step, bottom.step, curve.value)


@derivation("batch-size-regimes", title="The two regimes of the batch size", source="2.1.2")
def batch_size_regimes(proof: Proof) -> None:
    trade = steps_and_examples(proof)
    steps, examples, noise, law = trade.steps, trade.examples, trade.noise, trade.curve
    B, least, fewest = proof["B"], proof["S_min"](), proof["E_min"]()
    proof.conclude(law, "steps")

    hyperbola = proof.derive((steps(B) / least - 1) * (examples(B) / fewest - 1), "The trade-off").by(
        unfold(examples), insert(law), insert(trade.fewest_examples), cancel
    )
    proof.conclude(hyperbola, "trade-off")

    elasticity, cost = trade.elasticity, trade.cost
    slope = proof.derive(elasticity(B), "The elasticity d ln S/d ln B")
    slope.by(unfold(elasticity), insert(law), differentiate, cancel)
    proof.conclude(slope, "elasticity")
    theta = proof.scalar("theta", Domain(lower=Fraction(1)))
    small, large = proof.tidied(noise / theta), proof.tidied(noise * theta)
    at_a, at_b = (Limit(elasticity(batch), theta, INFINITY) for batch in (small, large))
    halved = proof.derive(at_a, "At point A, where batches are small").by(insert(proof.instance(slope, B=small)), limit)
    at_knee_slope = proof.derive(elasticity(noise), "At point C").by(
        insert(proof.instance(slope, B=noise), "the elasticity above at B = B_noise")
    )
    useless = proof.derive(at_b, "At point B, where they are large").by(insert(proof.instance(slope, B=large)), limit)

    spent = proof.derive(cost(B), "Steps times examples").by(unfold(cost), unfold(examples), insert(law), expand)
    rising = proof.derive(gradient(cost(B), B), "Its slope").by(insert(spent.step), differentiate)
    stationary = rising.set_to(0, about=B).by(
        clear_denominators, separate(B), divide_both_sides(least**2), positive_root(B), root_of_square
    )
    bending = proof.derive(hessian(cost(B), B), "Its curvature").by(insert(rising.step), differentiate)
    convex = proof.shown(positive(hessian(cost(B), B)), bending)
    knee = proof.fact(minimiser(stationary.step, convex), ArgMin(cost(B), B), "Point C")
    proof.conclude(knee, "point C")
    at_noise = "S(B) above at B = B_noise"
    at_knee = proof.derive(steps(noise), "Steps at C").by(insert(proof.instance(law, B=noise), at_noise))
    examples_at_knee = proof.derive(examples(noise), "Examples at C").by(
        unfold(examples), insert(proof.instance(law, B=noise), at_noise), insert_back(trade.fewest_examples)
    )
    contraction, newton = curvature_limited_steps(proof)

    least_cost = ArgMin(cost(B), B)
    proof.ask(
        "efficient",
        "Which of the points A (at B_noise/θ examples a batch), B (at θB_noise) and C (at B_noise) has the "
        "most efficient "
        "batch size?",
        {
            "A": minimises(small, least_cost, unique=True),
            "B": minimises(large, least_cost, unique=True),
            "C": minimises(noise, least_cost, unique=True),
        },
        why=[
            because("At A, a larger batch saves steps and costs next to no more examples.", halved),
            because("At B, it costs examples and saves next to no steps.", useless),
            because(
                "Between the two, at C, twice the fewest steps take twice the fewest examples.",
                at_knee,
                examples_at_knee,
            ),
        ],
        about=["efficient", "trade-off", "trade off"],
    )
    regime = {}
    for letter, place, shown, why in (
        ("A", at_a, halved, "Twice the batch halves the steps, so what is computed side by side saves time in full."),
        (
            "B",
            at_b,
            useless,
            "More parallel compute saves no steps; a step that takes the curvature into account does.",
        ),
    ):
        by_noise, by_curvature = equation(place, MINUS_ONE), equation(place, ZERO)
        decided = proof.ask(
            f"regime at {letter}",
            f"Which regime does point {letter} belong to?",
            {"noise dominated": by_noise, "curvature dominated": by_curvature},
            about=[letter],
        )
        regime[letter] = decided.chosen.said if decided.chosen is not None else "?"
        proof.ask(
            f"remedy at {letter}",
            f"What accelerates training at point {letter}?",
            {
                "seek parallel compute": by_noise,
                "use higher order optimizers": (by_curvature, equation(newton.subject, ZERO)),
            },
            why=[because(why, shown, *([contraction, newton] if letter == "B" else []))],
            about=[letter],
        )
    marked = (
        point(f"A: {regime['A']}", noise / 32),
        point("C: the most efficient", noise),
        point(f"B: {regime['B']}", noise * 32),
    )
    proof.draw(
        "regimes",
        "The steps to a given loss, against the batch size",
        curve(trade.needed, "", *marked),
        curve(least, "the fewest", dashed=True),
        over=between(1, B, 100_000, by_factors=True),
        axes=(Axis("B, the batch size", logarithmic=True), Axis("S, the steps to a given loss", logarithmic=True)),
        a=1,
        w=1,
        sigma=16,
        c=50,
    )
    proof.remark(
        "Without noise the curvature is what is left: there the best plain step contracts by (κ − 1)/(κ + "
        "1), a Newton step by 0."
    )

    proof.idea(
        "A larger batch saves steps only while noise is what limits them, up to B_noise: beyond that it "
        "costs examples, "
        "and saves next to nothing.",
        law,
        slope,
        knee,
    )
    proof.outline(
        "How many steps a batch of B needs",
        trade.gain,
        law,
        hyperbola,
        "Their elasticity, and what that is at point A, at point C and at point B",
        slope,
        halved,
        at_knee_slope,
        useless,
        "Where steps times examples are least",
        stationary,
        knee,
        "Without noise, for curvatures from m to κm and steps of size h: what the best plain step and a "
        "Newton step leave",
        contraction,
        newton,
    )


def curvature_limited_steps(proof: Proof) -> tuple[Draft, Draft]:
    """How fast plain gradient steps can be without noise, for curvatures from m to κm, and Newton's steps.

    What the best of them leave.
    """
    m, kappa = proof.scalar("m", POSITIVE), proof.scalar("kappa", Domain(lower=Fraction(1)))
    h = proof.scalar("h", POSITIVE)
    flat, steep = 1 - h * m, h * kappa * m - 1
    shrink = proof.given("q", maximum(absolute(1 - h * m), absolute(1 - h * kappa * m)), h)

    proof.derive(shrink(h), "Without noise, steps of size h contract by").by(unfold(shrink), larger_absolute_value)
    meeting = proof.solve(equation(flat, steep), h, "The two are equal where").by(separate(h), isolate(h), cancel)
    falls = proof.derive(Derivative(flat, h)).by(differentiate)
    falling = proof.shown(negative(Derivative(flat, h)), falls)
    rises = proof.derive(Derivative(steep, h)).by(differentiate)
    rising = proof.shown(positive(Derivative(steep, h)), rises)
    proof.fact(minimum_of_maximum(meeting.step, falling, rising), ArgMin(maximum(flat, steep), h), "The best step")
    best = proof.derive(At(flat, h, meeting.value), "It contracts by").by(evaluate_at, cancel)
    newton = proof.derive(At(flat, h, ONE / m), "A Newton step, 1/curvature in each direction, contracts by")
    return best, newton.by(evaluate_at)
