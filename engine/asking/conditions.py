"""What an answer needs is assumed, and stated: an inverse that exists, a denominator that is not 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.kernel import ConditionMissing, NotApplicable
from engine.kernel.conditions import Condition
from engine.proofs.working import Working
from engine.rules.algebra.scalars import through_sympy
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.rules.tidy import coefficient_of, without_number
from engine.terms import MINUS_ONE, ONE, Multiply, Number, Power, Term, factors, is_zero, runs, scaled
from engine.terms.declarations import REAL, Declaration
from engine.terms.formulas import Formula, Relation, invertible, nonzero, positive

MOST_ASSUMED = 6

Assumed = tuple[Condition, ...]


def under_conditions(answer: Callable[[Assumed], Working]) -> Working:
    """The working under as few assumptions as let it be made. Raises DerivationError where none do."""
    assumed: Assumed = ()
    while True:
        try:
            return answer(assumed)
        except ConditionMissing as missing:
            if missing.formula is None:
                raise
            if not missing.formula.free:  # a statement about numbers, and the prover does not see that it is true
                raise NotApplicable(f"it would have to hold that {missing.formula}") from None
            wanted = [Condition(formula, missing.indices) for formula in simplest(missing.formula)]
            further = tuple(condition for condition in dict.fromkeys(wanted) if condition not in assumed)
            if not further:
                further = (Condition(missing.formula, missing.indices),)
            if further[0] in assumed or len(assumed) >= MOST_ASSUMED:
                raise
            assumed = (*assumed, *further)


def simplest(formula: Formula) -> list[Formula]:
    """What a condition comes to, factor by factor: 2ab ≠ 0 where a ≠ 0 and b ≠ 0, cA is invertible where both are."""
    left, right = formula.left, formula.right
    if formula.relation is Relation.INVERTIBLE and isinstance(left, Term):
        scale, matrix = scaled(without_number(left))
        return [*_nonzero_factors(scale), invertible(matrix)]
    is_gap = isinstance(right, Term) and is_zero(right)
    if formula.relation is Relation.NOT_EQUAL and is_gap and isinstance(left, Term) and left.is_scalar:
        return list(_nonzero_factors(_factored(left))) or [formula]
    if formula.relation is Relation.LESS and isinstance(left, Term) and is_zero(left) and isinstance(right, Term):
        return [positive(_of_the_same_sign(right))]
    return [formula]


def _of_the_same_sign(term: Term) -> Term:
    """a for 2a, and for 1/a."""
    number, rest = coefficient_of(term)
    if number > 0 and number != 1:
        return _of_the_same_sign(rest)
    if isinstance(term, Power) and term.exponent == MINUS_ONE and term.is_scalar:
        return _of_the_same_sign(term.base)
    return term


def _factored(term: Term) -> Term:
    declared = {symbol: Declaration(symbol, REAL) for symbol in term.free}
    try:
        return through_sympy(term, Scope(declared, {}, (), prove), lambda sympy, e: sympy.factor(e))
    except NotApplicable:
        return term


def _nonzero_factors(term: Term) -> Iterator[Formula]:
    for run in runs(factors(term)):
        factor = run[0] if len(run) == 1 else Multiply(run)
        while isinstance(factor, Power) and isinstance(factor.exponent, Number):
            factor = factor.base
        if not isinstance(factor, Number) and factor != ONE:
            yield nonzero(factor)
