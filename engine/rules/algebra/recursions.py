"""Recursions: what becomes of a state after so many steps; geometric sums."""

from __future__ import annotations

from engine.kernel import NotApplicable
from engine.rules.expansion import Gathered, expanded, gather
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Identity,
    Iterate,
    Number,
    Power,
    Summation,
    Symbol,
    Term,
    add,
    factors,
    is_zero,
    multiply,
    negate,
    power,
    replace,
    substitute,
    zero,
)
from engine.terms import term as as_term
from engine.terms.formulas import Formula, invertible, nonzero


@rewriting(
    r"v_{s+1} = A v_s + c \;\Rightarrow\; v_t = A^t v_0 + (I - A)^{-1}(I - A^t)\,c",
    "a linear recursion, a geometric sum of {factor}",
    conditions=("1 − A is not zero (for a matrix: I − A is invertible)",),
)
def linear_recursion(term: Term, scope: Scope) -> Rewritten | None:
    """The state after t steps v ↦ A v + c, in closed form."""
    node = next((inner for inner in term.walk() if isinstance(inner, Iterate)), None)
    if node is None:
        return None
    gathered = _gathered(node.body, node.state, scope)
    if not set(gathered.coefficients) <= {1} or gathered.behind is not None or node.state.cols != 1:
        raise NotApplicable(f"{node.body} is not linear in {node.state}")
    factor = gathered.coefficients.get(1, ZERO if node.state.is_scalar else zero((node.state.rows, node.state.rows)))
    drive = tidy(add(*gathered.rest), scope) if gathered.rest else zero(node.state.shape)
    slots = {"factor": str(factor)}
    if factor == ONE or isinstance(factor, Identity):
        closed = add(node.start, multiply(node.steps, drive))
        return Rewritten(replace(term, node, tidy(closed, scope)), slots={"factor": "equal terms"})
    if is_zero(drive):
        driven = tidy(multiply(power(factor, node.steps), node.start), scope)
        return Rewritten(replace(term, node, driven), slots=slots)
    one = ONE if factor.is_scalar else Identity(factor.rows)
    gap = tidy(add(one, negate(factor)), scope)
    moved = multiply(power(factor, node.steps), node.start)
    summed = multiply(power(gap, MINUS_ONE), add(one, negate(power(factor, node.steps))), drive)
    needed = nonzero(gap) if factor.is_scalar else invertible(gap)
    closed = tidy(add(moved, summed), scope)
    return Rewritten(replace(term, node, closed), slots=slots, conditions=(needed,))


def _gathered(body: Term, state: Symbol, scope: Scope) -> Gathered:
    try:
        return gather(body, state, scope)
    except NotApplicable:
        return gather(expanded(body, scope), state, scope)


def linear_factor(body: Term, state: Symbol, scope: Scope) -> Term | None:
    """A of v ↦ A v + c; None for 1, with which a state never settles. Raises NotApplicable where it is not linear."""
    factor = _gathered(body, state, scope).coefficients.get(1)
    return None if factor == ONE or isinstance(factor, Identity) else factor


@rewriting(
    r"\sum_{i=1}^{n} r^{a + k i} = r^{a + k} \frac{1 - r^{k n}}{1 - r^k}",
    "a geometric sum",
    conditions=("the ratio is not 1",),
)
def geometric_sum(term: Term, scope: Scope) -> Rewritten:
    """Sums of a power whose exponent is linear in the index."""
    needed: list[Formula] = []

    def closed(node: Term) -> Term | None:
        found = _geometric(node, scope) if isinstance(node, Summation) else None
        if found is None:
            return None
        needed.append(nonzero(found[0]))
        return found[1]

    return Rewritten(rewritten(term, closed, scope), conditions=tuple(dict.fromkeys(needed)))


def _geometric(node: Summation, scope: Scope) -> tuple[Term, Term] | None:
    """1 less the ratio, and the sum; None for a sum of another kind."""
    parts = factors(node.body)
    moving = [factor for factor in parts if factor.has(node.index)]
    if len(moving) != 1 or not isinstance(moving[0], Power) or moving[0].base.has(node.index):
        return None
    base, exponent = moving[0].base, moving[0].exponent
    first, second = (substitute(exponent, {node.index: as_term(k)}) for k in (1, 2))
    growth = tidy(expanded(add(second, negate(first)), scope), scope)
    last = tidy(expanded(substitute(exponent, {node.index: node.length}), scope), scope)
    linear = expanded(add(exponent, negate(multiply(growth, node.index)), negate(first), growth), scope)
    if growth.has(node.index) or linear != ZERO or not isinstance(growth, Number):
        return None
    begin = last if growth.value < 0 else tidy(first, scope)  # from the lowest power up
    step = as_term(abs(growth.value))
    gap = tidy(add(ONE, negate(power(base, step))), scope)
    rest = multiply(ONE, *(factor for factor in parts if factor not in moving))
    total = add(ONE, negate(power(base, tidy(multiply(step, node.length), scope))))
    return gap, tidy(multiply(rest, power(base, begin), total, power(gap, MINUS_ONE)), scope)
