"""What is asked: the results of a working, each with the value that an answer is to have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from engine.certificates.serial import readable
from engine.proofs.working import Let, Working
from engine.reading import Names
from engine.terms import ArgMin, Call, Covariance, Definition, Derivative, Expectation, Limit, Symbol, Term, Variance
from engine.terms.claims import Claim
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation


@dataclass(frozen=True)
class Question:
    """A value to be found: what it is, what it is the value of, and what is assumed."""

    part: str
    value: Term
    asked: Term | None  # the left side of the result; for a minimiser, the argmin
    unknown: Symbol | None  # the symbol that the result gives
    declarations: tuple[Declaration, ...]
    hypotheses: tuple[Formula, ...]
    definitions: tuple[Definition, ...] = ()
    within: bool = False  # whether it is a named part of another result
    to_work_out: bool = True  # whether an answer must have come further than the question
    free: bool = False  # whether single letters need no declaration

    @cached_property
    def names(self) -> Names:
        """The symbol table that answers are read in."""
        return Names(self.declarations, self.definitions, self.free)

    @cached_property
    def _in_the_result(self) -> tuple[set[type[Term]], set[Definition], set[Definition]]:
        """The operators and the names in the result, and the names on the way to it."""
        names = {node.definition for node in self.value.walk() if isinstance(node, Call)}
        asked = deep(self.asked) if self.asked is not None else []
        return set(_operators(self.value)), names, {n.definition for n in asked if isinstance(n, Call)} - names

    def is_asked(self, side: Term) -> bool:
        """Whether a left side only names what is asked for."""
        if isinstance(side, Call) and isinstance(self.asked, Call) and side.definition == self.asked.definition:
            return side.arguments in (self.asked.arguments, side.definition.parameters)
        return side in (self.asked, self.unknown) or self._names_the_value(side)

    def _names_the_value(self, node: Term) -> bool:
        return isinstance(node, Call) and node.unfolded == self.value

    def unfinished(self, answer: Term) -> Term | None:
        """What stands in an answer and ought to have been worked out: what is asked itself, or an operator (a mean, a
        derivative, a limit …) or a name on the way to it that is not in the result.
        """
        if not self.to_work_out:
            return None
        allowed, names, on_the_way = self._in_the_result
        for node in answer.walk():
            if isinstance(node, Call) and node.definition not in names:
                on_it = node.definition in on_the_way or self._names_the_value(node)
                if on_it or set(_operators(node)) - allowed:
                    return node
            if isinstance(node, _OPERATORS) and type(node) not in allowed:
                return node
        return None


_OPERATORS = (ArgMin, Covariance, Derivative, Expectation, Limit, Variance)


def deep(term: Term) -> list[Term]:
    """The nodes of a term and of what its names stand for."""
    found: list[Term] = []
    for node in term.walk():
        found.append(node)
        if isinstance(node, Call):
            found += deep(node.definition.body)
    return found


def _operators(term: Term) -> list[type[Term]]:
    return [type(node) for node in deep(term) if isinstance(node, _OPERATORS)]


def questions(working: Working) -> tuple[Question, ...]:
    """A question for each result that gives a value, in the order of the results."""
    definitions = (*working.premises.definitions, *(part.definition for part in working.parts if isinstance(part, Let)))
    declarations = working.premises.declarations
    results = ((result.name, result.step.claim, result.parts) for result in working.results)
    return tuple(
        q for name, claim, parts in results for q in questions_of(name, claim, parts, declarations, definitions)
    )


def questions_of(
    name: str,
    claim: Claim,
    parts: Iterable[tuple[str, Term]],
    declarations: tuple[Declaration, ...],
    definitions: tuple[Definition, ...],
) -> Iterator[Question]:
    """What a claim of a name answers, if it gives a value, and what the named terms in it are."""
    left, right = claim.left, claim.right
    unknown: Symbol | None = None
    if claim.relation is Relation.EQUIVALENT and isinstance(right, Formula) and right.relation is Relation.EQUAL:
        left, right = right.left, right.right
        unknown = left if isinstance(left, Symbol) else None
    elif claim.relation in (Relation.MINIMISER, Relation.UNIQUE_MINIMISER) and isinstance(right, ArgMin):
        left, right, unknown = right, left, right.variable
    elif claim.relation is not Relation.EQUAL:
        return
    assert isinstance(left, Term) and isinstance(right, Term)
    hypotheses = tuple(sorted((a for a in claim.assumptions if isinstance(a, Formula)), key=repr))
    whole = Question(name, right, left, unknown, declarations, hypotheses, definitions)
    yield whole
    for part, value in parts:
        yield replace(whole, part=part, value=value, asked=None, unknown=None, within=True)


readable(Question)
