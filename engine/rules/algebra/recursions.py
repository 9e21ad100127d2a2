"""Recursions: what becomes of a state after so many steps; geometric sums."""

from __future__ import annotations

from engine.kernel import NotApplicable
from engine.rules.expansion import Gathered, expanded, gather
from engine.rules.registry import Rewritten, node_rewriting, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import term as as_term
from engine.terms.arithmetic import Power, add, factors, multiply
from engine.terms.core import ONE, ZERO, Identity, Number, Symbol, Term, is_zero, zero
from engine.terms.formulas import invertible, nonzero
from engine.terms.functions import Iterate, Summation
from engine.terms.substitution import replace, substitute


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
        closed = node.start + node.steps * drive
        return Rewritten(replace(term, node, tidy(closed, scope)), slots={"factor": "equal terms"})
    if is_zero(drive):
        driven = tidy(factor**node.steps * node.start, scope)
        return Rewritten(replace(term, node, driven), slots=slots)
    one = ONE if factor.is_scalar else Identity(factor.rows)
    gap = tidy(one - factor, scope)
    moved = factor**node.steps * node.start
    summed = gap**-1 * (one - factor**node.steps) * drive
    needed = nonzero(gap) if factor.is_scalar else invertible(gap)
    closed = tidy(moved + summed, scope)
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


@node_rewriting(
    r"\sum_{i=1}^{n} r^{a + k i} = r^{a + k} \frac{1 - r^{k n}}{1 - r^k}",
    "a geometric sum",
    Summation,
    conditions=("the ratio is not 1",),
)
def geometric_sum(node: Summation, scope: Scope) -> Rewritten | None:
    """Sums of a power whose exponent is linear in the index."""
    found = _geometric(node, scope)
    return Rewritten(found[1], conditions=(nonzero(found[0]),)) if found is not None else None


def _geometric(node: Summation, scope: Scope) -> tuple[Term, Term] | None:
    """1 less the ratio, and the sum; None for a sum of another kind."""
    parts = factors(node.body)
    moving = [factor for factor in parts if factor.has(node.index)]
    if len(moving) != 1 or not isinstance(moving[0], Power) or moving[0].base.has(node.index):
        return None
    base, exponent = moving[0].base, moving[0].exponent
    first, second = (substitute(exponent, {node.index: as_term(k)}) for k in (1, 2))
    growth = tidy(expanded(second - first, scope), scope)
    last = tidy(expanded(substitute(exponent, {node.index: node.length}), scope), scope)
    linear = expanded(exponent - growth * node.index - first + growth, scope)
    if growth.has(node.index) or linear != ZERO or not isinstance(growth, Number):
        return None
    begin = last if growth.value < 0 else tidy(first, scope)  # from the lowest power up
    step = as_term(abs(growth.value))
    gap = tidy(1 - base**step, scope)
    rest = multiply(ONE, *(factor for factor in parts if factor not in moving))
    total = 1 - base ** tidy(step * node.length, scope)
    return gap, tidy(rest * base**begin * total * gap**-1, scope)
