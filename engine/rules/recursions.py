"""Recursions: what becomes of a state after so many steps."""

from __future__ import annotations

from engine.kernel import NotApplicable
from engine.premises import invertible, nonzero
from engine.rules.algebra import expanded, gather
from engine.rules.registry import Rewritten, rewriting
from engine.rules.tidy import tidy
from engine.scope import Scope
from engine.terms import MINUS_ONE, ONE, ZERO, Identity, Iterate, Term, add, multiply, negate, power, replace, zero


@rewriting(
    "linear recursion",
    r"v_{s+1} = A v_s + c \;\Rightarrow\; v_t = A^t v_0 + (I - A)^{-1}(I - A^t)\,c",
    "a linear recursion, a geometric sum of {factor}",
    conditions=("1 − A is not zero (for a matrix: I − A is invertible)",),
)
def linear_recursion(term: Term, scope: Scope) -> Rewritten | None:
    """The state after t steps v ↦ A v + c, in closed form."""
    node = next((inner for inner in term.walk() if isinstance(inner, Iterate)), None)
    if node is None:
        return None
    try:
        gathered = gather(node.body, node.state, scope)
    except NotApplicable:
        gathered = gather(expanded(node.body, scope), node.state, scope)
    if not set(gathered.coefficients) <= {1} or gathered.behind is not None or node.state.cols != 1:
        raise NotApplicable(f"{node.body} is not linear in {node.state}")
    factor = gathered.coefficients.get(1, ZERO if node.state.is_scalar else zero((node.state.rows, node.state.rows)))
    drive = tidy(add(*gathered.rest), scope) if gathered.rest else zero(node.state.shape)
    slots = {"factor": str(factor)}
    if factor == ONE or isinstance(factor, Identity):
        closed = add(node.start, multiply(node.steps, drive))
        return Rewritten(replace(term, node, tidy(closed, scope)), slots={"factor": "equal terms"})
    one = ONE if factor.is_scalar else Identity(factor.rows)
    gap = tidy(add(one, negate(factor)), scope)
    moved = multiply(power(factor, node.steps), node.start)
    summed = multiply(power(gap, MINUS_ONE), add(one, negate(power(factor, node.steps))), drive)
    needed = nonzero(gap) if factor.is_scalar else invertible(gap)
    closed = tidy(add(moved, summed), scope)
    return Rewritten(replace(term, node, closed), slots=slots, conditions=(needed,))
