"""Functions that have a name of their own, which everybody means the same by."""

from __future__ import annotations

from engine.terms.arrays import ones
from engine.terms.core import MINUS_ONE, Symbol, Term, multiply, power
from engine.terms.functions import Apply
from engine.terms.operators import Call, Definition


def softmax_of(column: Term) -> Call:
    """softmax(u), the name of exp(u)/𝟏ᵀexp(u)."""
    u = Symbol("u", column.rows)
    powers = Apply("exp", (u,))
    body = multiply(power(multiply(ones(1, u.rows), powers), MINUS_ONE), powers)
    return Call(Definition("softmax", (u,), body), (column,))


def is_standard(definition: Definition) -> bool:
    """Whether a name stands for what everybody means by it, so that no premise has to say so."""
    parameters = definition.parameters
    return definition.name == "softmax" and len(parameters) == 1 and softmax_of(*parameters).definition == definition
