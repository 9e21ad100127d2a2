"""The author's verbs: declare, define, derive, solve, conclude.

A derivation is a function of a `Proof`. It names premises and rules; every line is computed by a rule and
certified by the kernel. Replayed with another premise, the same function gives other lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from engine.coherence import holds_together
from engine.conditions import Condition, is_whole
from engine.functions import FUNCTIONS
from engine.kernel import (
    DerivationError,
    Line,
    Move,
    NotApplicable,
    NothingToDo,
    Outcome,
    Refuted,
    Rule,
    Step,
    assume,
    chain,
    genuine,
    infer,
)
from engine.laws import Law
from engine.parameters import Lawless, required
from engine.premises import POSITIVE_INTEGER, REAL, Declaration, Domain, Formula, Relation, equation, in_domain
from engine.rules.equations import rewrite_equation
from engine.rules.prover import prove, read_off
from engine.rules.registry import rule
from engine.rules.tidy import tidy
from engine.scope import Scope
from engine.terms import ZERO, Definition, Operand, ShapeError, Size, Symbol, Term, show_shape, substitute, term, zero
from engine.working import Answer, Lemma, Let, Part, Passage, Premises, Remark, Result, Suppose, Working

Replacement = Callable[["Proof"], Any]
Applicable = Move | Rule


class UnknownPremise(DerivationError):
    """A premise was to be replaced that the derivation does not have."""


@dataclass(frozen=True)
class Kept:
    """A line that is concluded or kept for later, with a name, and names for terms in it."""

    name: str
    line: Line
    parts: tuple[tuple[str, Term], ...] = ()

    @property
    def result(self) -> Result:
        """Raises TypeError where the kernel has not made the line."""
        return Result(self.name, genuine(self.line), self.parts)


class Draft:
    """A passage being written: each `by` adds the line that a rule makes of the last one."""

    def __init__(self, proof: Proof, subject: Term | Formula, heading: str, unknown: Symbol | None = None) -> None:
        self.proof, self.subject, self.heading, self.unknown = proof, subject, heading, unknown
        self._steps: list[Line] = []

    @property
    def steps(self) -> tuple[Line, ...]:
        return tuple(self._steps)

    @property
    def current(self) -> Term | Formula:
        if not self.steps:
            return self.subject
        after = self.steps[-1].after
        assert after is not None
        return after

    @property
    def value(self) -> Term:
        """The term that the passage has come to (for an equation: its right side)."""
        current = self.current
        if isinstance(current, Formula):
            assert isinstance(current.right, Term)
            return current.right
        return current

    @property
    def step(self) -> Line:
        """From the first side to the last in one certified claim."""
        if not self.steps:
            raise DerivationError(f"nothing was derived from {self.subject}")
        return self.proof.joined(self.steps)

    def by(self, *moves: Applicable, shows: Term | Formula | None = None) -> Draft:
        """The next lines, one a rule; a rule that would change nothing adds none."""
        for move in moves:
            step = self._next(move, shows)
            if step is not None:
                self._steps.append(step)
        return self

    def by_all(self, moves: Iterable[Applicable]) -> Draft:
        """Rules tried in turn for as long as any of them changes the line."""
        moves = tuple(moves)
        for _ in range(40):
            if not any(self._advanced(move) for move in moves):
                return self
        raise DerivationError(f"these rules do not come to an end on {self.subject}")

    def _advanced(self, move: Applicable) -> bool:
        count = len(self.steps)
        self.by(move)
        return len(self.steps) > count

    def _next(self, move: Applicable, shows: Term | Formula | None) -> Line | None:
        move = move if isinstance(move, Move) else move()
        scope = self.proof.scope.about(self.unknown)
        try:
            return self.proof.infer(move, self.current, scope, shows)
        except NothingToDo:
            return None
        except Refuted:
            if shows is None or not self.proof.replaced:
                raise
            return self._next(move, None)  # the author's way of writing was for the original premises

    def set_to(self, value: Operand, *, about: Term) -> Draft:
        """A new passage: the equation that sets what was derived to a value, for a symbol to be found."""
        assert isinstance(self.subject, Term) and isinstance(about, Symbol)
        target = term(value)
        right = zero(self.subject.shape) if target == ZERO else target
        solving = self.proof.solve(equation(self.subject, right), about)
        return solving.by(rewrite_equation(self.step)) if self.steps else solving


class Proof:
    """What an author writes on: premises first, then passages, remarks, answers and conclusions.

    Its verbs make and take lines. Here they are steps, that the kernel makes; a working takes no others.
    """

    def __init__(self, replaced: Mapping[str, Replacement]) -> None:
        self.replaced = dict(replaced)
        self.used: set[str] = set()
        self.declarations: dict[Symbol, Declaration] = {}
        self.definitions: dict[str, Definition] = {}
        self.hypotheses: list[Formula] = []
        self.parts: list[Draft | Remark | Let | Suppose | Answer] = []
        self.facts: list[Line] = []
        self.intermediate: list[Kept] = []
        self.results: list[Kept] = []
        self.lemmas: list[Lemma] = []
        self._scope: Scope | None = None
        self._proved: dict[Condition, Step | None] = {}

    # -- premises --

    def declare(
        self, symbol: Symbol, domain: Domain = REAL, law: Law | None = None, indices: tuple[Symbol, ...] = ()
    ) -> Symbol:
        """Raises DerivationError where a name is declared twice in different ways, or would read as something else."""
        _readable(symbol.name)
        declaration = Declaration(symbol, domain, law, indices)
        clash = next((s for s, d in self.declarations.items() if str(s) == str(symbol) and d != declaration), None)
        if clash is not None:
            raise DerivationError(f"{symbol} is declared twice")
        self.declarations[symbol] = declaration
        if law is not None:
            try:
                further = required(declaration, self.declarations.values())
            except Lawless as error:
                raise DerivationError(str(error)) from None
            self.hypotheses.extend(hypothesis for hypothesis in further if hypothesis not in self.hypotheses)
        self._scope = None
        return symbol

    def size(self, name: str) -> Symbol:
        """A positive whole number: a number of rows, of columns, of terms in a sum."""
        return self.declare(Symbol(name), POSITIVE_INTEGER)

    def index(self, name: str, size: Size) -> Symbol:
        """A whole number from 1 to a size, fixed but arbitrary."""
        return self.declare(Symbol(name), Domain(whole=True, index_up_to=term(size)))

    def scalar(self, name: str, domain: Domain = REAL) -> Symbol:
        return self.declare(Symbol(name), domain)

    def vector(self, name: str, size: Size, domain: Domain = REAL) -> Symbol:
        """A column vector."""
        return self.declare(Symbol(name, size), domain)

    def matrix(self, name: str, rows: Size, columns: Size, domain: Domain = REAL) -> Symbol:
        return self.declare(Symbol(name, rows, columns), domain)

    def random(self, name: str, law: Law, *sizes: Size, indices: tuple[Symbol, ...] = ()) -> Symbol:
        """A random scalar, or a family of independent ones; the law may be replaced."""
        symbol = Symbol(name, *sizes)
        return self.declare(symbol, REAL, self._replaced(name, law), indices)

    def given(
        self, name: str, body: Operand, *parameters: Term, indexed: bool = False, citation: str = ""
    ) -> Definition:
        """A named premise, with its parameters or indices; what it stands for may be replaced."""
        _readable(name)
        original = term(body)
        body = term(self._replaced(name, original))
        if body.shape != original.shape:
            raise ShapeError(f"{name} is {show_shape(original.shape)}, the premise given {show_shape(body.shape)}")
        symbols = tuple(p for p in parameters if isinstance(p, Symbol))
        definition = Definition(name, symbols, body, indexed, "" if name in self.replaced else citation)
        if self.definitions.get(name, definition) != definition:
            raise DerivationError(f"{name} is given twice")
        self.definitions[name] = definition
        if self._begun:
            self.parts.append(Let(definition))
        self._scope = None
        return definition

    @property
    def _begun(self) -> bool:
        """Whether the premises are over and the working has begun."""
        return any(isinstance(part, Draft) for part in self.parts)

    def let(self, name: str, body: Operand, citation: str = "") -> Term:
        """A name for a term."""
        return self.given(name, body, citation=citation)()

    def assume(self, *hypotheses: Formula) -> None:
        """Hypotheses, which the lines that need them lean on from here."""
        self.hypotheses.extend(hypotheses)
        if self._begun:
            self.parts.extend(Suppose(hypothesis) for hypothesis in hypotheses)
        self._scope = None

    def _premises(self) -> str:
        """The names of what can be replaced."""
        return ", ".join((*self.definitions, *(s.name for s, d in self.declarations.items() if d.law))) or "none"

    def _replaced(self, name: str, original: Any) -> Any:
        if name not in self.replaced:
            return original
        self.used.add(name)
        return self.replaced[name](self)

    def __getitem__(self, name: str) -> Any:
        """A declared symbol or defined name, for whoever writes a premise of their own."""
        for symbol in self.declarations:
            if symbol.name == name:
                return symbol
        if name in self.definitions:
            return self.definitions[name]
        raise KeyError(name)

    @property
    def scope(self) -> Scope:
        """The premises so far, with what was already proved from them: more premises take nothing of it away."""
        if self._scope is None:
            self._scope = Scope(
                dict(self.declarations),
                dict(self.definitions),
                tuple(self.hypotheses),
                prove,
                facts=tuple(self.facts),
                proved={condition: step for condition, step in self._proved.items() if step is not None},
            )
            self._proved = self._scope.proved
        return self._scope

    # -- the working --

    def infer(self, move: Move, subject: Term | Formula, scope: Scope, shows: Term | Formula | None = None) -> Line:
        """The step that a rule makes of a subject: the kernel's."""
        return infer(move.rule, subject, scope, *move.arguments, shows=shows)

    def joined(self, steps: Sequence[Line]) -> Line:
        """From the first side of some steps to the last, in one claim."""
        return reduce(chain, map(genuine, steps))

    def derive(self, subject: Operand, heading: str = "") -> Draft:
        """A passage that starts from a term."""
        return self._begin(Draft(self, term(subject), heading))

    def solve(self, subject: Formula, about: Symbol, heading: str = "") -> Draft:
        """A passage of equivalent equations about a symbol."""
        return self._begin(Draft(self, subject, heading, about))

    def _begin(self, passage: Draft) -> Draft:
        self.parts.append(passage)
        return passage

    def fact(self, move: Applicable, subject: Term | Formula, heading: str = "") -> Line:
        """A claim that a rule makes of a subject, as a line of its own."""
        move = move if isinstance(move, Move) else move()
        passage = self._begin(Draft(self, subject, heading))
        passage._steps.append(self.infer(move, subject, self.scope))
        return passage.steps[0]

    def shown(self, formula: Formula, *earlier: Draft | Line, heading: str = "") -> Line:
        """A sign, definiteness or invertibility read off, from what earlier lines came to."""
        steps = [e.step if isinstance(e, Draft) else e for e in earlier]
        return self.fact(read_off(*steps), formula, heading)

    def use(self, derivation: Derivation, part: str = "", **instead: Operand) -> Line:
        """An earlier result as a lemma, with other values for some of its symbols (`d=1`)."""
        step: Line = derivation.run().named(part).step
        if instead:
            step = self.instance(step, **instead)
        self.lemmas.append(Lemma(derivation.name, derivation.title, genuine(step)))
        return step

    def instance(self, found: Draft | Line, **instead: Operand) -> Line:
        """A line at other values of its symbols."""
        step = found.step if isinstance(found, Draft) else found
        values = {name: term(value) for name, value in instead.items()}
        return self.infer(specialise(step, values), step.claim.formula, self.scope)

    def form(self, derivation: Derivation, part: str = "") -> Term:
        """What an earlier result came to, as a formula to start from; its symbols are declared anew."""
        step = derivation.run().named(part).step
        self.lemmas.append(Lemma(derivation.name, derivation.title, step))
        found = step.claim.right if step.claim.relation is Relation.EQUAL else step.claim.left
        assert isinstance(found, Term)
        return found

    def know(self, *found: Draft | Line) -> None:
        """Equalities that the prover may lean on from here."""
        self.facts.extend(f.step if isinstance(f, Draft) else f for f in found)
        self._scope = None

    def suppose(self, hypothesis: Formula) -> Step:
        """A hypothesis to be inserted where it is wanted: only the lines that use it lean on it."""
        return assume(hypothesis, self.scope)

    def require_free(self, value: Term, *symbols: Symbol, what: str) -> None:
        """Raises DerivationError, with a world that shows it, where a value depends on one of the symbols."""
        for symbol in symbols:
            if not value.has(symbol):
                continue
            try:
                infer(independence, Formula(value, Relation.FREE_OF, symbol), self.scope)
            except Refuted as error:
                raise DerivationError(f"{what}: it would have to be {value}, which depends on {symbol}") from error

    def keep(self, name: str, found: Draft | Line) -> None:
        """A line that later derivations may use by name."""
        self.intermediate.append(Kept(name, found.step if isinstance(found, Draft) else found))

    def remark(self, text: str) -> None:
        """A comment on the working from the author's premises; from others it may not be true, and is left out."""
        if not self.replaced:
            self.parts.append(Remark(text))

    def answer(self, question: str, options: Mapping[str, Formula]) -> Answer:
        """The option whose formula one of the lines above shows. Raises DerivationError unless exactly one is."""
        known = {
            step.claim.formula: step
            for passage in self.parts
            if isinstance(passage, Draft)
            for step in _claims(passage)
        }
        chosen = [option for option, formula in options.items() if formula in known]
        if len(chosen) != 1:
            raise DerivationError(f"'{question}' is answered by {len(chosen)} of its options, not by one")
        answer = Answer(question, tuple(options), chosen[0], (genuine(known[options[chosen[0]]]),))
        self.parts.append(answer)
        return answer

    def conclude(self, result: Line | Draft, name: str = "", parts: Mapping[str, Term] | None = None) -> Line:
        """A result, by name where there are several; terms in it may have names of their own."""
        step = result.step if isinstance(result, Draft) else result
        inside = {node for side in step.claim.formula.sides for node in side.walk()}
        for part, value in (parts or {}).items():
            if value not in inside:
                raise DerivationError(f"{part} is not in the result: {value}")
        self.results.append(Kept(name, step, tuple((parts or {}).items())))
        return step

    @property
    def premises(self) -> Premises:
        """What was declared, defined and assumed before the working began."""
        return Premises(tuple(self.declarations.values()), _given_at_first(self), _supposed_at_first(self))

    def finished(self, name: str, title: str, source: str) -> Working:
        """The working. Raises DerivationError where it does not hold together, or lacks a premise that was to be replaced."""
        working = self.written(name, title, source)
        holds_together(working)
        return working

    def written(self, name: str, title: str, source: str) -> Working:
        """The working as far as it is written. Raises UnknownPremise where it lacks one that was to be replaced."""
        unknown = set(self.replaced) - self.used
        if unknown:
            raise UnknownPremise(f"{name} has no premise named {', '.join(sorted(unknown))}: it has {self._premises()}")
        parts: list[Part] = []
        for part in self.parts:
            if not isinstance(part, Draft):
                parts.append(part)
            elif part.steps:
                parts.append(Passage(tuple(map(genuine, part.steps)), part.heading))
        if self.replaced:
            source = f"{source}, from another {' and '.join(self.replaced)}".removeprefix(", ")
        return Working(
            name,
            title,
            source,
            self.premises,
            tuple(parts),
            tuple(kept.result for kept in self.results),
            tuple(self.lemmas),
            tuple(kept.result for kept in self.intermediate),
        )


def _readable(name: str) -> None:
    """Raises DerivationError for a name that reads as a number, a formula or a function of its own."""
    if _NAME.fullmatch(name) is None or name in FUNCTIONS:
        raise DerivationError(
            f"{name!r} reads as something else: a name is a letter or a word, as in w, w*, B_noise or x_1"
        )


_NAME = re.compile(r"[^\W\d_]+[~'′]*\w*[*'′]*")


def _given_at_first(proof: Proof) -> tuple[Definition, ...]:
    later = {part.definition.name for part in proof.parts if isinstance(part, Let)}
    return tuple(definition for name, definition in proof.definitions.items() if name not in later)


def _supposed_at_first(proof: Proof) -> tuple[Formula, ...]:
    later = {part.hypothesis for part in proof.parts if isinstance(part, Suppose)}
    return tuple(hypothesis for hypothesis in proof.hypotheses if hypothesis not in later)


def _claims(passage: Draft) -> list[Line]:
    return [*passage.steps, passage.step] if passage.steps else []


def _independent(subject: Formula, scope: Scope) -> Outcome:
    """That a term has the same value whatever a symbol is: tried in worlds, to find one where it has not."""
    return Outcome(subject)


independence = Rule("independence, tried", r"f \text{ is free of } x", "tried in worlds", _independent)


@rule("specialise", r"A(x) \;\Rightarrow\; A(a)", "{name}", structural=True)
def specialise(subject: Formula, scope: Scope, lemma: Step, values: Mapping[str, Term]) -> Outcome:
    """An earlier result at other values of its symbols, sizes included."""
    symbols = {s.name: s for s in (a.symbol for a in lemma.claim.assumptions if isinstance(a, Declaration))}
    mapping = {symbols[name]: value for name, value in values.items()}

    def moved(side: Term | Formula | None) -> Any:
        if isinstance(side, Formula):
            return Formula(moved(side.left), side.relation, moved(side.right))
        return None if side is None else tidy(substitute(side, mapping), scope)

    formula = moved(subject)
    where = ", ".join(f"{name} = {value}" for name, value in values.items())
    domains = {a.symbol: a.domain for a in lemma.claim.assumptions if isinstance(a, Declaration)}
    for symbol, value in mapping.items():
        wholes = frozenset(inner for inner in value.free if scope.domain(inner).whole)
        if domains[symbol].whole and not is_whole(value, wholes):
            raise NotApplicable(f"{symbol} is a whole number, and {value} need not be one")
    inside = [c for symbol, value in mapping.items() for c in in_domain(value, domains[symbol])]
    supposed = sorted((a for a in lemma.claim.assumptions if isinstance(a, Formula)), key=repr)
    conditions = (*inside, *map(moved, supposed))
    return Outcome(formula, {"name": f"the same for {where}"}, conditions=conditions)


class Derivation:
    """A named derivation: run it, or replay it from other premises."""

    def __init__(self, function: Callable[[Proof], None], name: str, title: str, source: str) -> None:
        self.function, self.name, self.title, self.source = function, name, title, source
        self.__doc__ = function.__doc__

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        """How a notebook shows a derivation: what it comes to."""
        return self.run()._repr_mimebundle_(**options)

    @cached_property
    def _working(self) -> Working:
        return self.replay()

    def run(self) -> Working:
        """The working from the derivation's own premises, made once."""
        return self._working

    def replay(self, **replaced: Replacement) -> Working:
        """The working from other premises: each a function of the proof, which may declare symbols of its own.

        Raises what the kernel raises where a line no longer follows.
        """
        proof = Proof(replaced)
        self.function(proof)
        return proof.finished(self.name, self.title, self.source)


def derivation(name: str, *, title: str, source: str) -> Callable[[Callable[[Proof], None]], Derivation]:
    """A derivation from a function of a `Proof`."""

    def made(function: Callable[[Proof], None]) -> Derivation:
        return Derivation(function, name, title, source)

    return made
