"""Mistakes with derivatives."""

from __future__ import annotations

from collections.abc import Iterator

from engine.grading.misconceptions.registry import Alternatives, Side, Target, mistake
from engine.grading.misconceptions.shapes import is_power, one_term_left_out, one_term_scaled, scaled_summands
from engine.rules.algebra.rewriting import transpose_laws
from engine.rules.calculus.derivatives import differentiate
from engine.rules.scope import Scope
from engine.terms import (
    HALF,
    MINUS_ONE,
    TWO,
    Apply,
    Call,
    Derivative,
    Power,
    Symbol,
    Term,
    Transpose,
    factors,
    multiply,
    power,
    summands,
)

mistake(
    "exponent-not-brought-down", r"\mathrm{d}\,u^2 = u\,\mathrm{d}u",
    "The derivative of a square has a factor 2: it was forgotten in one term.", differentiate,
)(one_term_scaled(HALF))  # fmt: skip


mistake(
    "a-half-ignored", r"\mathrm{d}\,\tfrac12 u^2 = 2u\,\mathrm{d}u",
    "The factor in front of a square was left out when it was differentiated: one term is twice too large.",
    differentiate,
)(one_term_scaled(TWO))  # fmt: skip


@mistake(
    "other-variable", r"\partial f / \partial y \text{ for } \partial f / \partial x",
    "It was differentiated with respect to another variable.", differentiate, place=Target.BEFORE,
)  # fmt: skip
def _other_variable(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Derivative):
        others = {
            node
            for node in unfolded(term.body).walk()
            if isinstance(node, Symbol) and node.shape == term.variable.shape
        }
        for other in sorted(others - {term.variable}, key=lambda symbol: symbol.name):
            yield Derivative(unfolded(term.body), other)


def unfolded(term: Term) -> Term:
    """A term with what its names stand for."""
    inner = term.map(unfolded)
    return unfolded(inner.unfolded) if isinstance(inner, Call) else inner


mistake(
    "term-not-differentiated", r"\mathrm{d}(u + v) = \mathrm{d}u",
    "A sum is differentiated term by term: one term was left out.", differentiate,
)(one_term_left_out())  # fmt: skip


mistake(
    "inner-derivative-sign", r"\mathrm{d}f(-u) = f'(-u)\,\mathrm{d}u",
    "The derivative of what stands inside changes the sign of a term here: that was forgotten.", differentiate,
)(one_term_scaled(MINUS_ONE))  # fmt: skip


@mistake(
    "inner-derivative-forgotten", r"\mathrm{d}f(cu) = f'(cu)\,\mathrm{d}u",
    "By the chain rule the derivative of what stands inside is a factor: it was forgotten.", differentiate,
    place=Target.LINE,
)  # fmt: skip
def _inner_factor(before: Side, after: Side) -> Iterator[Side]:
    if isinstance(after, Term) and isinstance(before, Term):
        for slope in (node for node in before.walk() if isinstance(node, Derivative)):
            for factor in _inner_slopes(slope):
                yield from scaled_summands(after, power(factor, MINUS_ONE))


def _inner_slopes(slope: Derivative) -> Iterator[Term]:
    """The c of each f(cu + b) that is differentiated with respect to u."""
    for node in slope.body.walk():
        inner = node.argument if isinstance(node, Apply) else node.base if isinstance(node, Power) else None
        for each in summands(inner) if inner is not None else ():
            constants = [f for f in factors(each) if f.is_scalar and not f.has(slope.variable)]
            if constants and each.has(slope.variable):
                yield multiply(*constants)


@mistake(
    "quotient-rule-square", r"\mathrm{d}\tfrac1u = -\tfrac{\mathrm{d}u}{u}",
    "The derivative of 1/u has the square of u below: the square was forgotten.", differentiate,
)  # fmt: skip
def _not_squared(term: Term, _: Scope) -> Alternatives:
    if is_power(term, -2):
        yield power(term.base, MINUS_ONE)


@mistake(
    "transpose-forgotten", r"\nabla\, a^\top w = a^\top",
    "A gradient has the shape of its variable: a transpose was forgotten.", differentiate, transpose_laws,
)  # fmt: skip
def _no_transpose(term: Term, _: Scope) -> Alternatives:
    if isinstance(term, Transpose):
        yield term.inner
