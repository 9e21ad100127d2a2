"""Functions that have a name of their own, which everybody means the same by."""

from __future__ import annotations

from engine.terms.arithmetic import multiply, power
from engine.terms.arrays import diagonal, hadamard_power, ones
from engine.terms.core import MINUS_ONE, Symbol, Term
from engine.terms.functions import Apply
from engine.terms.operators import Call, Definition


def softmax_of(array: Term) -> Call:
    """softmax(u), the name of exp(u)/𝟏ᵀexp(u) for a column u; of a matrix, row by row: diag(exp(A)𝟏)⁻¹ exp(A)."""
    u = Symbol("u", *array.shape)
    powers = Apply("exp", (u,))
    if u.cols == 1:
        body = multiply(power(multiply(ones(1, u.rows), powers), MINUS_ONE), powers)
    else:
        body = multiply(diagonal(hadamard_power(multiply(powers, ones(u.cols)), MINUS_ONE)), powers)
    return Call(Definition("softmax", (u,), body), (array,))


def is_standard(definition: Definition) -> bool:
    """Whether a name stands for what everybody means by it, so that no premise has to say so."""
    parameters = definition.parameters
    return definition.name == "softmax" and len(parameters) == 1 and softmax_of(*parameters).definition == definition
