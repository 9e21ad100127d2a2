"""The least value of a formula under a linear equation, by Lagrange's multipliers."""

from __future__ import annotations

from itertools import chain, count

from engine.asking.brevity import brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import TypedFormula, Unasked, stated
from engine.asking.minima import NOT_CONVEX, briefly, convexity, solved
from engine.asking.slopes import worked_out
from engine.kernel import Line
from engine.proofs.derivation import Proof
from engine.proofs.working import Working
from engine.rules.algebra.arrays import as_diagonal
from engine.rules.algebra.rewriting import cancel, expand, factor, restate, simplify, unfold
from engine.rules.algebra.sums import constant_factor_of_sum, split_sum, sum_of_constant
from engine.rules.calculus.optimisation import lagrange_multiplier, minimiser
from engine.terms import (
    ArgMin,
    Definition,
    Symbol,
    Term,
    add,
    gradient,
    is_zero,
    multiply,
    negate,
    substitute,
    transpose,
    zero,
)
from engine.terms.formulas import Formula, equation
from engine.worlds.degrees import degree

SUMS = (split_sum, constant_factor_of_sum, sum_of_constant)
MULTIPLIERS = ("nu", "eta", "xi", "zeta")


def constrained_minimum_of(asked: TypedFormula, wrt: str) -> Working:
    """Where a scalar is least among the points of an equation that is linear in the variable.

    Raises Unasked, and DerivationError where the gradient or the equation is not solved.
    """
    if not asked.body.is_scalar:
        raise Unasked("a scalar is minimised")
    if len(asked.constraints) != 1:
        raise Unasked("one equation at a time: several are one of vectors, A x = b")
    x = asked.symbol(wrt)
    domain = next(declared.domain for declared in asked.declarations if declared.symbol == x)
    if (domain.lower, domain.upper) != (None, None):
        raise Unasked(f"under an equation, the least is sought among all {x}: declare it without bounds")
    return under_conditions(lambda assumed: _constrained(asked, x, assumed))


def _constrained(asked: TypedFormula, x: Symbol, assumed: Assumed) -> Working:
    proof, function = stated(asked, (x,), assumed, x)
    beyond = _beyond(asked, x)
    taken = {declaration.symbol.name for declaration in asked.declarations}
    name = next(name for name in chain(MULTIPLIERS, (f"nu_{k}" for k in count(1))) if name not in taken)
    multiplier = proof.declare(Symbol(name, beyond.rows))
    lagrangian = proof.given("L", add(function(x), multiply(transpose(multiplier), beyond)), x, multiplier)
    value = lagrangian(x, multiplier)

    slope = proof.derive(gradient(value, x), "The gradient of the Lagrangian")
    worked_out(slope, x)
    slope.by(as_diagonal(x))
    stationary = briefly(proof, solved(slope.set_to(0, about=x), x))
    meeting = proof.solve(_zero(substitute(beyond, {x: stationary.value})), multiplier, "On the constraint")
    meeting.by_all((simplify, *SUMS))
    meets = briefly(proof, solved(meeting, multiplier))
    point = proof.given(f"{x.name}*", substitute(stationary.value, {multiplier: meets.value}))
    found = proof.derive(point(), "The point").by(unfold)
    brief(found, (simplify(), expand(), factor(), cancel()))
    convex = convexity(proof, value, x, slope)
    if convex is None:
        proof.remark(NOT_CONVEX)
    else:
        least = proof.fact(minimiser(stationary.step, convex), ArgMin(value, x), "The Lagrangian is least there")
        best = proof.instance(least, **{name: meets.value})
        _least_on_constraint(proof, function(x), lagrangian, beyond, best, meets.value)
    proof.conclude(found, "stationary point" if convex is None else "minimiser")
    return proof.finished("minimiser", f"The minimiser of {asked.title}, where {asked.constraints[0]}", "")


def _beyond(asked: TypedFormula, x: Symbol) -> Term:
    """h(x) of the constraint h(x) = 0. Raises Unasked where it does not speak of x, or of a matrix."""
    (constraint,) = asked.constraints
    left, right = constraint.left, constraint.right
    assert isinstance(left, Term) and isinstance(right, Term)
    beyond = left if is_zero(right) else add(left, negate(right))
    if not beyond.has(x):
        raise Unasked(f"{constraint} says nothing of {x}")
    if degree(beyond, {x: (1, 0)}, 0, lambda _: 2) != (1, 0):
        raise Unasked(f"{constraint} is not linear in {x}")
    if beyond.cols != 1:
        raise Unasked(f"{constraint} is an equation of matrices: a constraint is one of scalars or of vectors")
    return beyond


def _zero(left: Term) -> Formula:
    return equation(left, zero(left.shape))


def _least_on_constraint(
    proof: Proof, value: Term, lagrangian: Definition, beyond: Term, best: Line, multiplier: Term
) -> None:
    """f(x*) ≤ f(x) where h(x) = 0: there f is the Lagrangian."""
    objective, point = best.claim.right, best.claim.left
    assert isinstance(objective, ArgMin) and isinstance(point, Term)
    opened = proof.fact(unfold(lagrangian), objective.body, "The Lagrangian with this multiplier")
    feasible = _met(proof, substitute(beyond, {objective.variable: point}))
    constraint = equation(beyond, zero(beyond.shape))
    proof.fact(
        lagrange_multiplier(constraint, best, feasible, opened, multiplier),
        value,
        "So it is the least on the constraint",
    )


def _met(proof: Proof, at_point: Term) -> Line:
    """That h(x*) = 0, worked out where the rules do it."""
    count = len(proof.parts)
    worked = proof.derive(at_point, "The point meets the constraint").by(expand, *SUMS, simplify, cancel)
    if worked.steps and is_zero(worked.value):
        return worked.step
    del proof.parts[count:]
    return proof.fact(restate(zero(at_point.shape)), at_point, "The point meets the constraint")
