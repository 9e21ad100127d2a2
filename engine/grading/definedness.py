"""Where an equality holds: what one side needs to have a value, and neither the premises nor the other side gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from engine.grading.questions import Question
from engine.kernel import NotDecided
from engine.kernel.conditions import Condition, conditions_of
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.terms import Multiply, Number, Power, Term, multiply, runs
from engine.terms.formulas import Formula, Relation, invertible, nonzero, nonzero_entries
from engine.worlds.values import Undecided, Unsupported


class Definedness:
    """Where a result has a value; what answers need besides is looked at once for each condition."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.wholes = frozenset(d.symbol for d in question.declarations if d.domain.whole)
        self.known = frozenset(conditions_of(question.value, (), self.wholes))

    @cached_property
    def _here(self) -> Scope:
        declared = {declaration.symbol: declaration for declaration in self.question.declarations}
        definitions = {definition.name: definition for definition in self.question.definitions}
        scope = Scope(declared, definitions, self.question.hypotheses, prove)
        return _where(scope, (condition.formula for condition in self.known if not condition.indices))

    def needed(self, answer: Term) -> tuple[Formula, ...]:
        """What an answer needs beyond what the premises and the result give; of a product, factor by factor."""
        every = conditions_of(answer, (), self.wholes)
        more = [each for each in every if each.formula.free and each not in self.known]  # it has had values: numbers do
        here = self._here if more else None
        found: dict[Formula, None] = {}
        for formula, indices in ((part, each.indices) for each in more for part in _parts(each.formula)):
            assert here is not None
            if formula not in found and not _follows(Condition(formula, indices), here):
                found[formula] = None
                here = here if indices else _where(here, (formula,))
        return tuple(found)

    def not_shown_apart(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        """The terms of which nothing shows that they are not zero."""
        return tuple(term for term in terms if not _follows(Condition(nonzero_entries(term)), self._here))


def _follows(condition: Condition, scope: Scope) -> bool:
    with suppress(NotDecided, Unsupported, Undecided):
        return scope.discharge(condition) is not None
    return False


def _where(scope: Scope, conditions: Iterable[Formula]) -> Scope:
    """The scope where conditions hold."""
    further = dict.fromkeys(each for condition in conditions for each in (condition, *_parts(condition)))
    return replace(scope, hypotheses=(*scope.hypotheses, *further), proved={})


def _parts(formula: Formula) -> Iterator[Formula]:
    """What a condition comes to: a product of numbers is not 0 where no factor is, one of square matrices is invertible
    where each factor is, a power is not 0 where its base is not.
    """
    match formula:
        case Formula(Multiply(factors=factors) as product, Relation.NOT_EQUAL) if product.is_scalar:
            for factor in (multiply(*run) for run in runs(factors)):
                if factor == product:
                    yield formula
                elif not isinstance(factor, Number):
                    yield from _parts(nonzero(factor))
        case Formula(Power(base=base, exponent=Number(value=times)), Relation.NOT_EQUAL) if base.is_scalar:
            if times > 0:  # else it is not 0 wherever it has a value
                yield from _parts(nonzero(base))
        case Formula(Multiply(factors=factors), Relation.INVERTIBLE) if all(map(_is_square_or_number, factors)):
            for factor in factors:
                yield nonzero(factor) if factor.is_scalar else invertible(factor)
        case _:
            yield formula


def _is_square_or_number(factor: Term) -> bool:
    return factor.shape[0] == factor.shape[1]
