"""Parts of what was derived, picked out by their place: for results whose parts have names of their own."""

from __future__ import annotations

from engine.kernel.evidence import DerivationError
from engine.terms import ONE, Multiply, Power, Symbol, Term, multiply, summands


def summand_with(value: Term, wanted: Term) -> Term:
    """The one term of a sum in which something stands. Raises DerivationError for none or several."""
    found = [part for part in summands(value) if any(node == wanted for node in part.walk())]
    if len(found) != 1:
        raise DerivationError(f"{wanted} stands in {len(found)} of the terms of {value}, not in one")
    return found[0]


def without_last_factor(value: Term) -> Term:
    """A product without the factor that stands last; 1 for what is no product."""
    return multiply(ONE, *value.factors[:-1]) if isinstance(value, Multiply) else ONE


def exponent_over(symbol: Symbol, value: Term) -> Term:
    """The exponent of the one power in a term whose base has a symbol in it. Raises DerivationError for none or several."""
    found = {node.exponent for node in value.walk() if isinstance(node, Power) and node.base.has(symbol)}
    if len(found) != 1:
        raise DerivationError(f"{symbol} stands in powers with {len(found)} exponents in {value}, not with one")
    return found.pop()
