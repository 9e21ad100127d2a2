"""The author's verbs: declare, define, derive, solve, conclude.

A derivation is a function of a `Proof`. It names premises and rules; every line is computed by a rule and
certified by the kernel. Replayed with another premise, the same function gives other lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

from engine.kernel import (
    ConditionMissing,
    DerivationError,
    Line,
    Move,
    NotApplicable,
    Refuted,
    Step,
    assume,
    chain,
    genuine,
    infer,
)
from engine.proofs.coherence import holds_together, without_what_cannot_be_drawn
from engine.proofs.depth import Depth
from engine.proofs.draft import Applicable, Draft, line_of
from engine.proofs.figures import Axis, Curve, Figure, Numeric, Range, exact
from engine.proofs.instances import GENERAL, Instance, instance_at
from engine.proofs.options import Because, Offered, labelled, settled
from engine.proofs.outline import fit, lines_chosen
from engine.proofs.setting import Setting
from engine.proofs.working import Choice, Idea, Lemma, Option, Part, Passage, Reason, Remark, Result, Suppose, Working
from engine.rules.algebra.specialising import specialise
from engine.rules.order.prover import free_in_worlds, read_off
from engine.rules.scope import Scope
from engine.rules.tidy import tidy
from engine.terms import Operand, ShapeError, Symbol, Term, term
from engine.terms.formulas import Formula, Relation

Replacement = Callable[["Proof"], Any]


class UnknownPremise(DerivationError):
    """A premise was to be replaced that the derivation does not have."""

    kind = "misasked"


@dataclass(frozen=True)
class NamedLine:
    """A line that is concluded or kept for later, with a name, and names for terms in it."""

    name: str
    line: Line
    parts: tuple[tuple[str, Term], ...] = ()

    @property
    def result(self) -> Result:
        """Raises TypeError where the kernel has not made the line."""
        return Result(self.name, genuine(self.line), self.parts)


Chosen = Draft | Line | None  # a line to be shown: of a draft its last one, so far


class Proof(Setting):
    """What an author writes on: premises first, then passages, remarks, questions and conclusions.

    Its verbs make and take lines. Here they are steps, that the kernel makes; a working takes no others.
    """

    def __init__(
        self, replaced: Mapping[str, Replacement], at: Instance = GENERAL, lemmas: Lemmas | None = None
    ) -> None:
        super().__init__(replaced, at)
        self.in_case = False
        self.intermediate: list[NamedLine] = []
        self.results: list[NamedLine] = []
        self.lemmas: list[Lemma] = []
        self._variants: Lemmas = {} if lemmas is None else lemmas
        self._idea, self._outline = Idea(), tuple[Step | str, ...]()

    @contextmanager
    def case(self, *hypotheses: Formula) -> Iterator[None]:
        """A case beside the way to the result, with hypotheses of its own: later lines do not lean on them."""
        before = list(self.hypotheses)
        self.hypotheses.extend(hypotheses)
        self.parts.extend(Suppose(hypothesis, one_case=True) for hypothesis in hypotheses)
        self._scope, proved = None, self._proved
        self._proved, self.in_case = {}, True
        try:
            yield
        finally:
            self.hypotheses[:] = before
            self._scope, self._proved, self.in_case = None, proved, False

    def _premises(self) -> str:
        """The names of what can be replaced, those that only lemmas have at the end."""
        own = (*self.definitions, *(s.name for s, d in self.declarations.items() if d.law))
        return ", ".join((*own, *sorted(self.replaceable.difference(own)))) or "none"

    def infer(self, move: Move, subject: Term | Formula, scope: Scope, shows: Term | Formula | None = None) -> Line:
        """The step that a rule makes of a subject: the kernel's."""
        try:
            return infer(move.rule, subject, scope, *move.arguments, shows=shows)
        except ZeroDivisionError:
            raise NotApplicable(f"'{move.rule.name}' would divide by 0 in {subject}") from None
        except ConditionMissing as missing:
            raise missing.where(fact.claim.formula for fact in scope.facts) from missing

    def joined(self, steps: Sequence[Line]) -> Line:
        """From the first side of some steps to the last, in one claim."""
        return reduce(chain, map(genuine, steps))

    def derive(self, subject: Operand, heading: str = "") -> Draft:
        """A passage that starts from a term."""
        return self._begin(Draft(self, term(subject), heading))

    def solve(self, subject: Formula, about: Symbol, heading: str = "") -> Draft:
        """A passage of equivalent equations about a symbol."""
        return self._begin(Draft(self, subject, heading, about))

    @contextmanager
    def attempt(self, name: str = "", question: str = "") -> Iterator[None]:
        """What the author's premises allow and others may not: from others, or at values of its symbols, where it fails,
        none of it is written, and the question that it is to answer stays open.
        """
        lists: tuple[list[Any], ...] = (
            self.parts, self.results, self.intermediate, self.hypotheses, self.facts, self.lemmas,
        )  # fmt: skip
        before = tuple(map(len, lists))
        names, declared = dict(self.definitions), dict(self.declarations)
        try:
            yield
        except (DerivationError, ShapeError):
            if not (self.replaced or self.at.terms):
                raise
            for written, count in zip(lists, before, strict=True):
                del written[count:]
            self.definitions, self.declarations = names, declared
            self._scope = None
            if question:
                self.parts.append(Choice(name, question, ()))

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
        steps = [line_of(e) for e in earlier]
        return self.fact(read_off(*steps), formula, heading)

    def use(self, derivation: Derivation, part: str = "", *, anew: bool = False, **instead: Operand) -> Line:
        """An earlier result as a lemma, with other values for some of its symbols (`d=1`).

        Where a premise that the lemma has, too, is replaced, the lemma is replayed from the other one, at these values;
        `anew`, it is replayed in any case, under what is declared and assumed here of the symbols in the values.
        """
        lemma, rest = self.variant(derivation, instead, anew)
        step: Line = self._taken(lemma, part)
        if rest:
            step = self.instance(step, **rest)
        self.lemmas.append(Lemma(derivation.name, lemma.title, genuine(step)))
        return step

    def instance(self, found: Draft | Line, **instead: Operand) -> Line:
        """A line at other values of its symbols."""
        step = line_of(found)
        values = {name: term(value) for name, value in instead.items()}
        return self.infer(specialise(step, values), step.claim.formula, self.scope)

    def form(self, derivation: Derivation, part: str = "") -> Term:
        """What an earlier result came to, as a formula to start from; its symbols are declared anew."""
        lemma, _ = self.variant(derivation, {})
        step = self._taken(lemma, part)
        self.lemmas.append(Lemma(derivation.name, lemma.title, step))
        found = step.claim.right if step.claim.relation is Relation.EQUAL else step.claim.left
        assert isinstance(found, Term)
        return found

    def variant(
        self, derivation: Derivation, instead: Mapping[str, Operand], anew: bool = False
    ) -> tuple[Variant, Mapping[str, Operand]]:
        """A lemma from the premises that are replaced here and that it has, too; and the values still to be put in."""
        premises = derivation.original.premises
        self.replaceable |= premises
        shared = {name: replacement for name, replacement in self.replaced.items() if name in premises}
        if not (shared or anew):
            return derivation.original, instead
        self.used |= shared.keys()
        values = {name: term(value) for name, value in instead.items()}
        at = instance_at(values, self.scope)
        key = (derivation, frozenset(shared.items()), frozenset(values.items()), at.hypotheses, at.facts)
        if key not in self._variants:
            self._variants[key] = Variant(derivation, shared, at, self._variants)
        return self._variants[key], {}

    def _taken(self, lemma: Variant, part: str) -> Step:
        """A result of a lemma. Symbols that only a replaced premise of it speaks of are declared here, too."""
        original = {declaration.symbol.name for declaration in lemma.derivation.run().premises.declarations}
        try:
            working = lemma.working
        except DerivationError as error:
            raise error.inside(lemma.derivation.name) from None
        for declaration in working.premises.declarations:
            if declaration.symbol.name not in original and declaration.symbol not in self.declarations:
                self.declare(declaration.symbol, declaration.domain, declaration.law, declaration.indices)
        return working.named(part).step

    def know(self, *found: Draft | Line) -> None:
        """Equalities that the prover may lean on from here."""
        self.facts.extend(line_of(f) for f in found)
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
                infer(free_in_worlds, Formula(value, Relation.FREE_OF, symbol), self.scope)
            except Refuted as error:
                raise DerivationError(f"{what}: it would have to be {value}, which depends on {symbol}") from error

    def require_end(self, passage: Draft, end: Term) -> None:
        """Raises DerivationError where a passage has come to another term than the one that it is for."""
        if passage.current != end:
            raise DerivationError(
                f"{passage.start} = {end} would have to hold, and {passage.start} comes to {passage.current}"
            )

    def tidied(self, value: Term) -> Term:
        """A term as the rules write it."""
        return tidy(value, self.scope)

    def keep(self, name: str, found: Draft | Line) -> None:
        """A line that later derivations may use by name."""
        self.intermediate.append(NamedLine(name, line_of(found)))

    def remark(self, text: str) -> None:
        """A comment on the working from the author's premises; from others it may not be true, and is left out."""
        if not self.replaced:
            self.parts.append(Remark(text))

    def ask(
        self,
        name: str,
        question: str,
        options: Mapping[str, Formula | tuple[Formula, ...]],
        *leaning: Draft | Line,
        why: Sequence[Because] = (),
        about: Sequence[str] = (),
    ) -> Choice:
        """A question: which of its options the lines show, a sign being read off from what some of them came to.

        An option is written `yes: …`, `C: …` or in words alone, and claims one or several formulas; `about` are the words by
        which a person's sentence is seen to speak of it. Raises DerivationError
        unless one is shown and every other one refuted; from other premises, where it may be that nothing is decided, the
        question stays open, and the author's reasons are left out.
        """
        known = {
            step.claim.formula: step
            for passage in self.parts
            if isinstance(passage, Draft)
            for step in _claims(passage)
        }
        steps = [line_of(each) for each in leaning]
        offered: list[Offered] = []
        for text, claim in options.items():
            claims = claim if isinstance(claim, tuple) else (claim,)
            label, words = labelled(text)
            shown = [known.get(formula) or self._read_off(formula, steps) for formula in claims]
            offered.append(Offered(label, words, claims, tuple(step for step in shown if step is not None)))
        reasons = () if self.replaced else self._reasons(why)
        choice = Choice(name, question, self._settled(question, offered), reasons, tuple(about))
        self.parts.append(choice)
        return choice

    def _reasons(self, why: Iterable[Because]) -> tuple[Reason, ...]:
        return tuple(each.reason for each in why)

    def _read_off(self, formula: Formula, steps: Sequence[Line]) -> Line | None:
        """A line that shows a formula by what earlier ones came to; None where none does."""
        inside = {node for side in formula.sides for node in side.walk()}
        try:
            step = self.infer(read_off(*(s for s in steps if s.claim.left in inside)), formula, self.scope)
        except (NotApplicable, Refuted, ConditionMissing):
            return None
        self._begin(Draft(self, formula, ""))._steps.append(step)
        return step

    def _settled(self, question: str, offered: Iterable[Offered]) -> tuple[Option, ...]:
        """The options; from other premises, the question may stay open."""
        supposed = tuple(self.suppose(hypothesis) for hypothesis in self.hypotheses)
        return settled(question, offered, self.scope, supposed, may_stay_open=bool(self.replaced))

    def draw(
        self,
        name: str,
        caption: str,
        /,
        *curves: Curve,
        over: Range,
        axes: tuple[Axis, Axis],
        **values: Numeric | Sequence[Numeric],
    ) -> None:
        """A picture of what was derived, at values of the symbols; from other premises, where these suffice for it."""
        self.parts.append(Figure(name, caption, over, *axes, curves, exact(values)))

    def conclude(self, result: Line | Draft, name: str = "", parts: Mapping[str, Term] | None = None) -> Line:
        """A result, by name where there are several; terms in it may have names of their own."""
        step = line_of(result)
        inside = {node for side in step.claim.formula.sides for node in side.walk()}
        for part, value in (parts or {}).items():
            if value not in inside:
                raise DerivationError(f"{part} is not in the result: {value}")
        self.results.append(NamedLine(name, step, tuple((parts or {}).items())))
        return step

    def idea(self, sentence: str, *lines: Chosen) -> None:
        """What it rests on, in a sentence that belongs to the author's premises, and at most three lines."""
        found = self._lines(lines, Depth.IDEA)
        self._idea = Idea("" if self.replaced else sentence, tuple(line for line in found if not isinstance(line, str)))

    def outline(self, *lines: Chosen | str) -> None:
        """The lines that an answer needs, at most twelve, with headings; what leads from one to the next is not shown."""
        found = self._lines(lines, Depth.WORKING)
        self._outline = tuple(self._under_own_headings(found)) if self.replaced else found

    def _under_own_headings(self, lines: Iterable[Step | str]) -> Iterator[Step | str]:
        """Lines under what stands over their passages: what the author says over them is true of his premises."""
        headings = {id(step): part.heading for part in self.parts if isinstance(part, Draft) for step in part.steps}
        above = ""
        for line in (line for line in lines if not isinstance(line, str)):
            heading = headings.get(id(line), "")
            if heading not in ("", above):
                yield heading
            above = heading or above
            yield line

    def _lines(self, chosen: Iterable[Chosen | str], depth: Depth) -> tuple[Step | str, ...]:
        """Raises DerivationError for what is no line; from the author's premises, for too many and for another order."""
        drafts = [part for part in self.parts if isinstance(part, Draft) and part.steps]
        passages = [Passage(tuple(map(genuine, part.steps))) for part in drafts]
        last = ((part.steps[-1] if part.steps else None) if isinstance(part, Draft) else part for part in chosen)
        lines = (line if isinstance(line, str) else genuine(line) for line in last if line is not None)
        found = lines_chosen(passages, lines)
        if not self.replaced:
            fit(passages, found, depth)
        return found

    def finished(self, name: str, title: str, source: str) -> Working:
        """The working. Raises DerivationError where it does not hold together, or lacks a premise that was to be replaced."""
        working = self.written(name, title, source)
        if self.replaced:
            working = without_what_cannot_be_drawn(working)
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
                parts.append(Passage(tuple(map(genuine, part.steps)), part.heading, part.of_case))
        source = f"{source}{_from_another(self.replaced)}".removeprefix(", ")
        return Working(
            name,
            title,
            source,
            self.premises,
            tuple(parts),
            tuple(kept.result for kept in self.results),
            tuple(self.lemmas),
            tuple(kept.result for kept in self.intermediate),
            self._idea,
            self._outline,
        )


def _from_another(replaced: Iterable[str]) -> str:
    """Which premises are others, as a title or a source says it."""
    names = " and ".join(replaced)
    return f", from another {names}" if names else ""


def _claims(passage: Draft) -> list[Line]:
    return [*passage.steps, passage.step] if passage.steps else []


@dataclass(frozen=True, eq=False)
class Variant:
    """A derivation from other premises, at values of some of its symbols: worked out when it is first asked for."""

    derivation: Derivation
    replaced: Mapping[str, Replacement] = field(default_factory=dict)
    at: Instance = GENERAL
    lemmas: Lemmas = field(default_factory=dict)  # what has been worked out for the whole run

    @cached_property
    def _proof(self) -> Proof:
        proof = Proof(self.replaced, self.at, self.lemmas)
        self.derivation.function(proof)
        return proof

    @cached_property
    def working(self) -> Working:
        """Raises what the kernel raises where a line no longer follows."""
        return self._proof.finished(self.derivation.name, self.derivation.title, self.derivation.source)

    @property
    def premises(self) -> frozenset[str]:
        """The names of the premises that may be replaced, those of the lemmas included."""
        return frozenset(self._proof.replaceable)

    def with_premise(self, name: str, replacement: Replacement) -> Variant:
        """The same from one more premise that is another."""
        return Variant(self.derivation, {**self.replaced, name: replacement}, self.at, self.lemmas)

    @property
    def title(self) -> str:
        """The derivation's, with what it starts from where that is another premise."""
        return f"{self.derivation.title}{_from_another(self.replaced)}"


class Derivation:
    """A named derivation: run it, or replay it from other premises."""

    def __init__(self, function: Callable[[Proof], None], name: str, title: str, source: str) -> None:
        self.function, self.name, self.title, self.source = function, name, title, source
        self.__doc__ = function.__doc__

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        """How a notebook shows a derivation: what it comes to."""
        return self.run()._repr_mimebundle_(**options)

    @cached_property
    def original(self) -> Variant:
        """The derivation from its own premises."""
        return Variant(self)

    def run(self) -> Working:
        """The working from the derivation's own premises, made once."""
        return self.original.working

    def replay(self, **replaced: Replacement) -> Working:
        """The working from other premises: each a function of the proof, which may declare symbols of its own.

        Raises what the kernel raises where a line no longer follows.
        """
        return Variant(self, replaced).working


Lemmas = dict[tuple[Any, ...], Variant]  # by the derivation, its other premises, its values and what is known of them


def derivation(name: str, *, title: str, source: str) -> Callable[[Callable[[Proof], None]], Derivation]:
    """A derivation from a function of a `Proof`."""

    def made(function: Callable[[Proof], None]) -> Derivation:
        return Derivation(function, name, title, source)

    return made
