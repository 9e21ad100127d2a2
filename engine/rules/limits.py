"""Limits of rational functions."""

from __future__ import annotations

from typing import Any

from engine.kernel import NotApplicable
from engine.premises import Formula, nonzero
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scalars import Bridge
from engine.rules.tidy import tidy
from engine.scope import Scope
from engine.terms import INFINITY, ZERO, Infinity, Limit, Number, Term, replace


@rewriting(
    "limit",
    r"\lim_{x \to \infty} \frac{a x^k + \dots}{b x^m + \dots} = 0,\ \tfrac ab,\ \infty \text{ as } k <, =, > m",
    "compare the leading terms in {variable}",
    conditions=("the leading coefficients are not zero",),
    structural=True,
)
def limit(term: Term, scope: Scope) -> Rewritten | None:
    """The limit of a rational function, by its leading terms (at 0: its lowest ones)."""
    node = next((n for n in term.walk() if isinstance(n, Limit)), None)
    if node is None:
        return None
    if not isinstance(node.target, Infinity) and node.target != ZERO:
        raise NotApplicable(f"limits are taken at 0 and at infinity, not at {node.target}")
    found, needed = _limit_of(node, scope)
    return Rewritten(replace(term, node, found), slots={"variable": str(node.variable)}, conditions=needed)


def _limit_of(node: Limit, scope: Scope) -> tuple[Term, tuple[Formula, ...]]:
    bridge = Bridge(scope)
    sympy, variable = bridge.sympy, bridge.symbol(node.variable)
    top, bottom = sympy.fraction(sympy.cancel(sympy.together(bridge.to_sympy(node.body))))
    if any(term.has(node.variable) and term != node.variable for term in bridge.symbols):
        raise NotApplicable(f"{node.body} is not seen to be rational in {node.variable}")
    if not (top.is_polynomial(variable) and bottom.is_polynomial(variable)):
        raise NotApplicable(f"{node.body} is not rational in {node.variable}")
    up, down = (_extreme(sympy.Poly(side, variable), isinstance(node.target, Infinity)) for side in (top, bottom))
    order = (up[0] - down[0]) * (1 if isinstance(node.target, Infinity) else -1)
    coefficients = [tidy(bridge.from_sympy(sympy.factor(side[1])), scope) for side in (up, down)]
    needed = tuple(nonzero(c) for c in coefficients if not isinstance(c, Number))
    if order < 0:
        return ZERO, needed
    if order > 0:
        return INFINITY, needed
    return tidy(bridge.from_sympy(sympy.factor_terms(sympy.cancel(up[1] / down[1]))), scope), needed


def _extreme(polynomial: Any, highest: bool) -> tuple[int, Any]:
    """The highest (or lowest) power of a SymPy polynomial, and its coefficient."""
    terms = polynomial.terms()
    (order,), coefficient = terms[0] if highest else terms[-1]
    return int(order), coefficient
