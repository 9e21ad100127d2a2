"""Pictures for some derivations: which of the derived terms to draw, against what, at which values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.author import Term, absolute, equation
from engine.figures import Axis, Curve, Figure, Point
from engine.premises import Formula
from engine.terms import Call, Symbol
from engine.working import Answer, Let, Passage, Working


def fgm_epsilon(working: Working) -> Figure:
    """How far an input must be moved, against the penalty."""
    solved = working.named().step.claim.right
    assert isinstance(solved, Formula) and isinstance(solved.right, Term)
    distance = absolute(solved.right)
    return Figure(
        working,
        symbol(working, "lambda"),
        (Fraction(1, 100), Fraction(4)),
        Axis("λ, the weight of the penalty"),
        Axis("|ε*|, how far the input must be moved"),
        {"n": 4, "X": (1, 2, 3, 4), "t": (1, 1, 2, 3)},
        tuple(Curve(distance, f"x = {x}", {"x": x}) for x in (Fraction(1, 2), 1, 2)),
        derived=solved,
        caption="for X = (1, 2, 3, 4) and t = (1, 1, 2, 3)",
    )


def batch_size_learning_rate(working: Working) -> Figure:
    """The best learning rate against the batch size, and where it tends to."""
    best = working.named().step.claim.left
    tends_to = passage(working, "In the limit").result.claim.right
    assert isinstance(best, Term) and isinstance(tends_to, Term)
    noises = (Fraction(1), Fraction(4), Fraction(16))
    return Figure(
        working,
        symbol(working, "B"),
        (Fraction(1), Fraction(10_000)),
        Axis("B, the batch size", logarithmic=True),
        Axis("η*, the best learning rate"),
        {"a": 2, "w": 1, "sigma": 1},
        (
            *(Curve(best, f"σ = {noise}", {"sigma": noise}) for noise in noises),
            Curve(tends_to, "as B grows", dashed=True),
        ),
        derived=equation(let(working, "eta*"), best),
        caption="for a = 2 and w = 1",
    )


def batch_size_regimes(working: Working) -> Figure:
    """Steps against batch size: the document's Figure 2."""
    steps = working.named("steps").step.claim.right
    knee = working.named("C").step.claim.left
    assert isinstance(steps, Term) and isinstance(knee, Term)
    least = next(node for node in steps.walk() if isinstance(node, Call) and node.definition.name == "S_min")
    chosen = {part.question: part.chosen for part in working.parts if isinstance(part, Answer)}
    regime = "Which regime does point {} belong to?"
    return Figure(
        working,
        symbol(working, "B"),
        (Fraction(1), Fraction(100_000)),
        Axis("B, the batch size", logarithmic=True),
        Axis("S, the steps to a given loss", logarithmic=True),
        {"a": 1, "w": 1, "sigma": 16, "c": 50},
        (Curve(steps, "S(B)"), Curve(least, "its least, S_min", dashed=True)),
        (
            Point(f"A: {chosen[regime.format('A')]}", knee / 32, steps),
            Point("C: the most efficient", knee, steps),
            Point(f"B: {chosen[regime.format('B')]}", knee * 32, steps),
        ),
        derived=working.named("steps").step.claim.formula,
        caption="for a = w = 1, σ = 16 and c = 50: C is at B = 256",
    )


def compute_optimal_model_size(working: Working) -> Figure:
    """Model size, batch and steps against the compute, at the constants that were measured."""
    labels = {"N": "N, parameters", "B": "B, tokens a batch", "S": "S, steps"}
    claims = {name: working.named(name).step.claim for name in labels}
    curves = tuple(
        Curve(claim.right, labels[name], derived=claim.formula)
        for name, claim in claims.items()
        if isinstance(claim.right, Term)
    )
    return Figure(
        working,
        symbol(working, "C"),
        (Fraction(10**17), Fraction(10**25)),
        Axis("C, the compute in operations", logarithmic=True),
        Axis("what is best", logarithmic=True),
        {
            **{"N_c": 65 * 10**12, "S_c": 2_100, "B_c": 2 * 10**8},
            **{"alpha_N": Fraction("0.076"), "alpha_S": Fraction("0.76"), "alpha_B": Fraction("0.21")},
        },
        curves,
        caption="with the constants of Kaplan et al. 2020, Scaling Laws for Neural Language Models",
    )


FIGURES: dict[str, Callable[[Working], Figure]] = {
    "fgm-epsilon": fgm_epsilon,
    "batch-size-learning-rate": batch_size_learning_rate,
    "batch-size-regimes": batch_size_regimes,
    "compute-optimal-model-size": compute_optimal_model_size,
}


def symbol(working: Working, name: str) -> Symbol:
    return next(d.symbol for d in working.premises.declarations if d.symbol.name == name)


def let(working: Working, name: str) -> Term:
    """The name that a working gives to what it found."""
    return next(part.definition for part in working.parts if isinstance(part, Let) and part.definition.name == name)()


def passage(working: Working, heading: str) -> Passage:
    return next(part for part in working.parts if isinstance(part, Passage) and part.heading == heading)
