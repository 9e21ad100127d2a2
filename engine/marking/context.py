"""What is in force where a line of a working stands: declarations, names, assumptions, and what was found before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.grading.counterexamples import counterexample, large_counterexample
from engine.grading.questions import Question, deep
from engine.grading.verdicts import Counterexample
from engine.kernel.conditions import Condition, conditions_of
from engine.notation.plain import plain
from engine.proofs.working import Let, Passage, Suppose, Working
from engine.reading import Names
from engine.rules.order.prover import prove
from engine.rules.scope import Scope
from engine.terms import ArgMin, Call, Definition, Summation, Symbol, Term, substitute
from engine.terms.claims import Claim
from engine.terms.declarations import Assumption, Declaration, Domain
from engine.terms.formulas import Formula, Relation
from engine.worlds.comparison import Comparison, Outcome, Reference, closure
from engine.worlds.design import staged
from engine.worlds.values import allowance

WORK = 60_000  # what one comparison may cost


class MarkingContext:
    """What may be used by a line: it grows from line to line."""

    def __init__(self, working: Working, unknowns: Iterator[Symbol]) -> None:
        premises = working.premises
        self.declarations: dict[Symbol, Declaration] = {
            d.symbol: d for d in (*premises.declarations, *_indices(working))
        }
        lets = (part.definition for part in working.parts if isinstance(part, Let))
        self.premises: Mapping[str, Definition] = {d.name: d for d in premises.definitions}
        self.definitions: dict[str, Definition] = {**self.premises, **{d.name: d for d in lets}}
        supposed = (part.hypothesis for part in working.parts if isinstance(part, Suppose) and not part.one_case)
        self.hypotheses: tuple[Formula, ...] = (*premises.hypotheses, *supposed)
        self.local: set[str] = set()  # names that the working gives
        self.closed_forms = dict(_closed_forms(working))
        self.unknowns = tuple(unknowns)
        self.found: dict[Symbol, Term] = {}  # what unknowns were rightly found to be

    @property
    def names(self) -> Names:
        return Names(self.declarations.values(), self.definitions.values(), unknowns=self.unknowns)

    @property
    def scope(self) -> Scope:
        return Scope(self.declarations, self.definitions, self.hypotheses, prove)

    def assumed(self, *formulas: Formula) -> frozenset[Assumption]:
        """The assumptions that formulas stand under."""
        terms = [side for formula in (*formulas, *self.hypotheses) for side in formula.sides]
        return closure(terms, self.declarations) | frozenset(self.hypotheses)

    def shown(self) -> tuple[str, ...]:
        """All assumptions, as text."""
        declared = (d for d in self.declarations.values() if d.domain.index_up_to is None)
        return (*map(plain, declared), *map(plain, self.hypotheses))

    def define(self, name: str, parameters: tuple[Symbol, ...], value: Term) -> None:
        """A name for a value, from here on."""
        self.definitions[name] = Definition(name, parameters, value)
        self.local.add(name)

    # -- comparing -----------------------------------------------------------------------------------------------------

    def reference(self, value: Term) -> Reference:
        return Reference(value, self.declarations.values(), self.hypotheses)

    def compared(self, left: Term, right: Term) -> Comparison:
        """How two sides compare, for all values of what is declared."""
        with allowance(WORK):
            found = self.reference(right).compared(left)
        if found.outcome is Outcome.UNDECIDED:
            forms = self._in_closed_form(left), self._in_closed_form(right)
            if forms != (left, right):
                with allowance(WORK):
                    return self.reference(forms[1]).compared(forms[0])
        return found

    def _in_closed_form(self, term: Term) -> Term:
        """A term with what the derivation found for the names of optima, and without names that the working gave."""
        if term in self.closed_forms:
            return self.closed_forms[term]
        if isinstance(term, Call) and (
            term.definition.name in self.local or any(node in self.closed_forms for node in deep(term))
        ):
            return self._in_closed_form(term.unfolded)
        return term.map(self._in_closed_form)

    def are_equal(self, left: Term, right: Term) -> bool:
        return left.shape == right.shape and self.compared(left, right).outcome is Outcome.EQUAL

    def equal_by_what_was_found(self, left: Term, right: Term) -> str | None:
        """What was found an unknown to be, where two sides are equal for that."""
        if not self.found or left.shape != right.shape:
            return None
        found = tuple(Formula(symbol, Relation.EQUAL, value) for symbol, value in self.found.items())
        with allowance(WORK):
            reference = Reference(right, self.declarations.values(), (*self.hypotheses, *found))
            if reference.compared(left).outcome is not Outcome.EQUAL:
                return None
        return ", ".join(map(plain, found))

    def at_optima(self, *sides: Term) -> Iterator[tuple[tuple[Term, ...], str]]:
        """Some terms with w* for w, where the derivation has such a name; one at a time, then all together."""
        found: dict[Symbol, Term] = {}
        inside = {symbol for side in sides for symbol in side.free} - set(self.unknowns)
        for symbol in sorted(inside, key=lambda symbol: symbol.name):
            optimum = self.definitions.get(symbol.name + "*")
            if optimum is not None and not optimum.parameters and optimum.body.shape == symbol.shape:
                found[symbol] = optimum()
        for instead in [{old: new} for old, new in found.items()] + ([found] if len(found) > 1 else []):
            said = ", ".join(f"{plain(new)} for {plain(old)}" for old, new in instead.items())
            yield tuple(substitute(side, instead) for side in sides), said

    def counterexample(self, left: Term, right: Term, found: Comparison) -> Counterexample | None:
        """Values at which two sides differ."""
        with allowance(WORK):
            shown = counterexample(left, right, self.reference(right).stage(left), self._symbols_of(left, right))
        return shown or (large_counterexample(left, right, found.world) if found.world is not None else None)

    def _symbols_of(self, *terms: Term) -> frozenset[Symbol]:
        """The symbols that the values of terms lean on: those of laws, and of what names stand for, too."""
        inside = {node for term in terms for node in deep(term) if isinstance(node, Symbol)}
        laws = (self.declarations[symbol] for symbol in inside if symbol in self.declarations)
        free = frozenset().union(*(term.free for term in terms))
        return free | {symbol for law in laws if law.law is not None for symbol in law.free}

    def counterexample_after(self, before: Formula, equation: Formula, unknown: Symbol) -> Counterexample | None:
        """Small values at which one equation about an unknown holds, and another does not."""
        left, right = equation.sides
        stage = staged(Claim(left, Relation.EQUAL, right, self.assumed(before, equation)))
        with allowance(WORK):
            return counterexample(left, right, stage, before.free | equation.free, (before, unknown))

    def needs(self, *terms: Term) -> tuple[str, ...]:
        """What terms need to have a value, and nobody has said."""
        scope = self.scope
        found: dict[str, None] = {}
        wholes = frozenset(symbol for symbol, known in scope.declarations.items() if known.domain.whole)
        for condition in (each for term in terms for each in conditions_of(term, (), wholes)):
            formula = condition.formula
            if (
                formula.free
                and condition.indices == ()
                and not any(scope.discharge(each) for each in (condition, self._condition_in_closed_form(formula)))
            ):
                found[plain(formula)] = None
        return tuple(found)

    def _condition_in_closed_form(self, formula: Formula) -> Condition:
        left, right = formula.left, formula.right
        if isinstance(left, Term):
            left = self._in_closed_form(left)
        return Condition(
            replace(formula, left=left, right=self._in_closed_form(right) if isinstance(right, Term) else right)
        )

    def unknown_named(self, stem: str) -> Symbol | None:
        return next((unknown for unknown in self.unknowns if unknown.name == stem), None)


def unknowns_of(working: Working, asked: tuple[Question, ...]) -> Iterator[Symbol]:
    """The symbols that a derivation solves for."""
    found = [step.claim.unknown for step in working.steps] + [question.unknown for question in asked]
    yield from dict.fromkeys(symbol for symbol in found if symbol is not None)


def _closed_forms(working: Working) -> Iterator[tuple[Term, Term]]:
    """What the derivation found that its optima are: w* = (XᵀX + …)⁻¹Xᵀt."""
    for passage in (part for part in working.parts if isinstance(part, Passage)):
        left, right = passage.result.claim.left, passage.result.claim.right
        optimum = isinstance(left, Call) and isinstance(left.definition.body, ArgMin)
        if (
            optimum
            and isinstance(left, Term)
            and isinstance(right, Term)
            and not any(isinstance(n, ArgMin) for n in deep(right))
        ):
            yield left, right


def _indices(working: Working) -> Iterator[Declaration]:
    """The indices that the working sums over: a line may speak of one of their terms."""
    found: dict[str, Declaration] = {}
    taken = {d.symbol.name for d in working.premises.declarations}
    for step in working.steps:
        for side in step.claim.formula.sides:
            for node in deep(side):
                if isinstance(node, Summation) and node.index.name not in taken:
                    domain = Domain(whole=True, index_up_to=node.length)
                    found.setdefault(node.index.name, Declaration(node.index, domain))
    yield from found.values()
