"""The minimiser of a formula that somebody types: where the gradient is zero, and whether that is the least."""

from __future__ import annotations

from engine.asking.brevity import shorter
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import TypedFormula, Unasked, stated
from engine.asking.slopes import worked_out
from engine.kernel import ConditionMissing, DerivationError, Line, Move, NotApplicable, NotDecided, Refuted
from engine.proofs.derivation import Proof
from engine.proofs.draft import Draft
from engine.proofs.selection import without_last_factor
from engine.proofs.working import Working
from engine.rules.algebra.arrays import as_diagonal
from engine.rules.algebra.equations import (
    clear_denominators,
    common_factor,
    drop_factor,
    invert_power,
    isolate,
    odd_root,
    rewrite_equation,
    separate,
    undo_function,
)
from engine.rules.algebra.rewriting import cancel, expand, factor, insert, simplify
from engine.rules.algebra.sums import constant_factor_of_sum, split_sum, sum_of_constant, sum_over_rows
from engine.rules.calculus.optimisation import minimiser, minimiser_by_sign_of_slope, split_off_root
from engine.terms import ArgMin, Summation, Symbol, Term, gradient, hessian
from engine.terms.formulas import Formula, positive, positive_definite, positive_semidefinite

MOST_ROUNDS = 8
NOT_CONVEX = "That this is the least is not proved here: it is where the gradient is zero, which may not be a minimum."
NOT_UNIQUE = "The objective is convex, and not shown to be strictly convex: other points may be as low."


def minimum_of(asked: TypedFormula, wrt: str) -> Working:
    """The minimiser of a scalar. Where it is not proved to be one, the stationary point, and that it is not.

    Raises Unasked, and DerivationError where the gradient cannot be worked out or solved.
    """
    if not asked.body.is_scalar:
        raise Unasked("a scalar is minimised")
    return under_conditions(lambda assumed: _minimum(asked, asked.symbol(wrt), assumed))


def _minimum(asked: TypedFormula, variable: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (variable,), assumed, variable)
    value = function(variable)
    slope = proof.derive(gradient(value, variable), "The gradient")
    worked_out(slope, variable)
    if any(isinstance(node, Summation) and node.has(variable) for node in slope.value.walk()):
        slope.by_all((expand, split_sum, sum_over_rows, constant_factor_of_sum, sum_of_constant))
    slope.by(as_diagonal(variable))
    stationary = briefly(proof, solved(slope.set_to(0, about=variable), variable))
    best = _least(proof, value, variable, slope, stationary)
    if best is None:
        proof.remark(NOT_CONVEX)
        proof.conclude(stationary)
    else:
        proof.conclude(best)
    return proof.finished("minimiser", f"The minimiser of {asked.title}", "")


def solved(equation_: Draft, variable: Symbol) -> Draft:
    """The passage with an equation solved for a symbol. Raises Unasked where no rule does it, with the equation."""
    moves = (
        clear_denominators(),
        drop_factor(variable),
        separate(variable),
        common_factor(),
        isolate(variable),
        invert_power(variable),
        odd_root(variable),
        undo_function(variable),
    )
    for _ in range(MOST_ROUNDS):
        if _is_solved(equation_, variable):
            return equation_
        if not any([_taken(equation_, move, variable) for move in moves]):
            break
    if variable not in equation_.current.free:
        raise Unasked(f"{equation_.current} says nothing of {variable}: no point is stationary, or each is")
    raise Unasked(f"no rule solves {equation_.current} for {variable}{_why_not(equation_, variable)}")


def briefly(proof: Proof, solved_: Draft) -> Draft:
    """A solved equation, its right side as short as the rules make it."""
    return solved_.by(rewrite_equation(*shorter(proof, solved_.value, (cancel(), factor(), simplify(), expand()))))


def _is_solved(draft: Draft, variable: Symbol) -> bool:
    current = draft.current
    return isinstance(current, Formula) and current.left == variable and variable not in draft.value.free


def _taken(draft: Draft, move: Move, variable: Symbol) -> bool:
    """Whether a rule changed the equation. What it needs to hold of parameters alone is for the asker to assume."""
    if _is_solved(draft, variable):
        return False
    count = len(draft.steps)
    try:
        draft.by(move)
    except ConditionMissing as missing:
        if missing.formula is not None and variable not in missing.formula.free:
            raise
    except (NotApplicable, NotDecided, Refuted):
        pass
    return len(draft.steps) > count


def _why_not(draft: Draft, variable: Symbol) -> str:
    try:
        draft.by(isolate(variable))
    except NotApplicable as reason:
        return f": {reason}"
    except NotDecided:
        none = f"no values were found at which its solution lies where {variable} may be"
        return f": {none} (at the ends of a domain, none is sought)"
    return ""


def _least(proof: Proof, value: Term, variable: Symbol, slope: Draft, stationary: Draft) -> Line | None:
    """That the stationary point is a minimiser: by convexity, or by the sign of the slope; None if neither is seen."""
    objective = ArgMin(value, variable)
    convex = convexity(proof, value, variable, slope)
    if convex is not None and convex.claim.formula in _strictly(hessian(value, variable)):
        return proof.fact(minimiser(stationary.step, convex), objective, "The minimum")
    by_sign = _by_sign(proof, objective, slope, stationary.value) if variable.is_scalar else None
    if by_sign is not None or convex is None:
        return by_sign
    proof.remark(NOT_UNIQUE)
    return proof.fact(minimiser(stationary.step, convex), objective, "The minimum")


def _strictly(second: Term) -> tuple[Formula, ...]:
    return (positive(second),) if second.is_scalar else (positive_definite(second),)


def convexity(proof: Proof, value: Term, variable: Symbol, slope: Draft) -> Line | None:
    """That the second derivative is positive (semidefinite) everywhere, as far as the prover sees it."""
    second = hessian(value, variable)
    count = len(proof.parts)
    bend = proof.derive(second, "The curvature" if variable.is_scalar else "The Hessian").by(insert(slope.step))
    try:
        worked_out(bend, variable)
    except NotApplicable:  # of a symmetric matrix there is no Hessian
        del proof.parts[count:]
        return None
    wanted = (*_strictly(second), *(() if second.is_scalar else (positive_semidefinite(second),)))
    for formula in wanted:
        shown = _shown(proof, formula, bend)
        if shown is not None:
            return shown
    del proof.parts[count:]
    return None


def _shown(proof: Proof, formula: Formula, *lines: Draft) -> Line | None:
    """The formula read off from what lines came to; None, and no line, where that is not seen."""
    count = len(proof.parts)
    try:
        return proof.shown(formula, *lines)
    except ConditionMissing:
        raise
    except DerivationError:
        del proof.parts[count:]
        return None


def _by_sign(proof: Proof, objective: ArgMin, slope: Draft, point: Term) -> Line | None:
    """The slope as a positive multiple of x − x*."""
    count = len(proof.parts)
    line = proof.derive(gradient(objective.body, objective.variable), "The sign of the slope").by(insert(slope.step))
    try:
        line.by(split_off_root(objective.variable, point))
        shown = _shown(proof, positive(without_last_factor(line.value)))
        if shown is not None:
            return proof.fact(minimiser_by_sign_of_slope(line.step, shown), objective, "The minimum")
    except (NotApplicable, NotDecided, Refuted, ConditionMissing):
        pass
    del proof.parts[count:]
    return None
