"""Limits at 0 and at infinity: of rational functions, and of powers, products and sums of what has a limit."""

from __future__ import annotations

from typing import Any

from engine.kernel import NotApplicable
from engine.rules.algebra.scalars import open_bridge
from engine.rules.order.bounds import Reader
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms.arithmetic import Add, Multiply, Power, add, multiply
from engine.terms.core import INFINITY, ZERO, Infinity, Number, Term
from engine.terms.formulas import Formula, nonzero, positive
from engine.terms.operators import Limit
from engine.terms.substitution import replace


@rewriting(
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


@rewriting(
    r"\lim f(x)^c = (\lim f(x))^c,\quad \lim_{x \to \infty} x^{-c} = 0 \ (c > 0)",
    "the limit of each part; a negative power of what grows vanishes",
    conditions=("the limit of the base is positive, or its power vanishes",),
    structural=True,
)
def limit_of_power(term: Term, scope: Scope) -> Rewritten | None:
    """A sum, product or power of what has a finite limit, with exponents that are free of the variable."""
    node = next((n for n in term.walk() if isinstance(n, Limit)), None)
    if node is None:
        return None
    found, needed = _of_parts(node, node.body, scope)
    if isinstance(found, Infinity):
        raise NotApplicable(f"{node.body} grows beyond all bounds")
    return Rewritten(replace(term, node, tidy(found, scope)), conditions=needed)


def _of_parts(node: Limit, body: Term, scope: Scope) -> Limited:
    """The limit of a part of what a limit is taken of, and what it needs."""
    match body:
        case _ if not body.has(node.variable):
            return body, ()
        case Add(terms=parts) | Multiply(factors=parts):
            found, needed = zip(*(_of_parts(node, part, scope) for part in parts), strict=True)
            if INFINITY not in found:
                return (add if isinstance(body, Add) else multiply)(*found), tuple(c for each in needed for c in each)
        case Power(base=base, exponent=exponent) if not exponent.has(node.variable) and not isinstance(
            exponent, Number
        ):
            return _of_power(*_of_parts(node, base, scope), exponent, scope)
    return _limit_of(Limit(body, node.variable, node.target), scope)


def _of_power(base: Term, needed: tuple[Formula, ...], exponent: Term, scope: Scope) -> Limited:
    reader = Reader(scope)
    if base == ZERO or isinstance(base, Infinity):
        vanishing = exponent if base == ZERO else -exponent
        if reader.interval(vanishing).positive:
            return ZERO, (*needed, positive(vanishing))
        if reader.interval(-vanishing).positive:
            return INFINITY, needed
    elif reader.interval(base).positive:
        return base**exponent, (*needed, positive(base))
    raise NotApplicable(f"the limit of a power of {base} is not seen")


Limited = tuple[Term, tuple[Formula, ...]]


def _limit_of(node: Limit, scope: Scope) -> Limited:
    bridge = open_bridge(scope)
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
