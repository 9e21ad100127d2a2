"""The minimiser of a formula that somebody types: where the gradient is zero, and whether that is the least."""

from __future__ import annotations

from engine.asking.brevity import brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import Formula, Unasked, stated
from engine.derivation import Draft, Proof
from engine.kernel import ConditionMissing, DerivationError, Step
from engine.premises import Formula as Hypothesis
from engine.premises import positive, positive_definite, positive_semidefinite
from engine.rules.algebra import collect, factor, insert, simplify
from engine.rules.calculus import differentiate
from engine.rules.equations import clear_denominators, common_factor, isolate, separate
from engine.rules.optimisation import minimiser
from engine.terms import ArgMin, Symbol, Term, gradient, hessian
from engine.working import Working


def minimum_of(asked: Formula, wrt: str) -> Working:
    """The minimiser of a scalar. Where its convexity is not proved, the stationary point, and that it is not.

    Raises Unasked, and DerivationError where the gradient cannot be worked out or solved.
    """
    if not asked.body.is_scalar:
        raise Unasked("a scalar is minimised")
    return under_conditions(lambda assumed: _minimum(asked, asked.symbol(wrt), assumed))


def _minimum(asked: Formula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed)
    value = function(variable)
    slope = proof.derive(gradient(value, variable), "The gradient").by(differentiate)
    brief(slope, (simplify(), collect(variable), factor()))
    stationary = slope.set_to(0, about=variable)
    stationary.by(separate(variable), clear_denominators, common_factor, isolate(variable))
    _solved(stationary, variable)
    convex = _convexity(proof, value, variable, slope) if variable.cols == 1 else None
    if convex is None:
        proof.remark(
            "That the function is convex is not proved here: this is where its gradient is zero, which may not be the least."
        )
        proof.conclude(stationary)
    else:
        proof.conclude(proof.fact(minimiser(stationary.step, convex), ArgMin(value, variable), "The minimum"))
    return proof.finished("minimiser", f"The minimiser of {asked.title}", "")


def _solved(stationary: Draft, variable: Symbol) -> None:
    current = stationary.current
    if not isinstance(current, Hypothesis) or current.left != variable or variable in stationary.value.free:
        raise Unasked(f"no rule solves {current} for {variable}")


def _convexity(proof: Proof, value: Term, variable: Symbol, slope: Draft) -> Step | None:
    """That the second derivative is positive everywhere, as far as the prover sees it."""
    second = hessian(value, variable)
    bend = proof.derive(second, "The curvature" if variable.is_scalar else "The Hessian")
    bend.by(insert(slope.step), differentiate)
    wanted = [positive(second)] if variable.is_scalar else [positive_definite(second), positive_semidefinite(second)]
    for formula in wanted:
        count = len(proof.parts)
        try:
            return proof.shown(formula, bend)
        except ConditionMissing:
            raise
        except DerivationError:
            del proof.parts[count:]
    return None
