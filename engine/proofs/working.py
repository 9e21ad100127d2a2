"""A working: what a derivation comes to when it has been run. Writers, graders and tests read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from engine.common.writing import written
from engine.kernel import CHAIN, Evidence, Kind, Refutation, Step, chain, genuine, united_evidence
from engine.proofs.depth import Depth
from engine.proofs.figures import Figure
from engine.terms import Call, Definition, Number, Symbol, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula


@dataclass(frozen=True)
class Passage:
    """Consecutive steps, each of which starts where the one before ended; `of_case` where it is beside the way to the
    result.
    """

    steps: tuple[Step, ...]
    heading: str = ""
    of_case: bool = False

    @cached_property
    def result(self) -> Step:
        """First side to last side, in one claim."""
        return reduce(chain, map(genuine, self.steps))

    @property
    def length(self) -> int:
        """How many lines it is written in: the equation that equations start from has one of its own."""
        return len(self.steps) + self.steps[0].claim.relation.joins_formulas


def joined(step: Step) -> tuple[Step, ...]:
    """The lines that are shown as this one."""
    if step.rule.name != CHAIN.name:
        return (step,)
    return tuple(line for each in step.using for line in joined(each))


@dataclass(frozen=True)
class Remark:
    """A sentence for the reader beside the working."""

    text: str


@dataclass(frozen=True)
class Let:
    """A name given on the way to what was found."""

    definition: Definition


@dataclass(frozen=True)
class Suppose:
    """A hypothesis that only lines from here on may lean on; of one case, only the lines of that case."""

    hypothesis: Formula
    one_case: bool = False


@dataclass(frozen=True)
class Option:
    """An answer that a question offers: its label (a letter, yes or no; "" where it has none), its words, what it
    claims.

    Every claim of the right option is shown by a step; of every other one, some claim fails in a world.
    """

    label: str
    words: str
    claims: tuple[Formula, ...]
    shown: tuple[Step, ...] = ()
    refuted: Refutation | None = None

    @property
    def is_shown(self) -> bool:
        return {step.claim.formula for step in self.shown}.issuperset(self.claims)

    @property
    def said(self) -> str:
        """The option as it is offered: `yes: it takes a larger ε`, `C: increase the model size`, `A`."""
        return ": ".join(filter(None, (self.label, self.words)))


@dataclass(frozen=True)
class Reason:
    """A sentence that answers why, and the lines that it puts in words."""

    text: str
    because: tuple[Step, ...]


@dataclass(frozen=True)
class Choice:
    """A question with options: one is shown by the lines, every other one refuted.

    From premises that decide nothing between the options, none is shown. A sentence speaks of the question where one of
    the words that it is `about` stands in it.
    """

    name: str
    question: str
    options: tuple[Option, ...]
    why: tuple[Reason, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def chosen(self) -> Option | None:
        return next((option for option in self.options if option.is_shown), None)

    @property
    def because(self) -> tuple[Step, ...]:
        """The lines that decide."""
        return self.chosen.shown if self.chosen is not None else ()


@dataclass(frozen=True)
class Lemma:
    """An earlier result that this working leans on, as it is used here."""

    name: str
    title: str
    step: Step


@dataclass(frozen=True)
class Result:
    """A concluded claim, with a name where there are several, and terms in it that have names of their own."""

    name: str
    step: Step
    parts: tuple[tuple[str, Term], ...] = ()


@dataclass(frozen=True)
class Idea:
    """What a derivation rests on, in a sentence, and the few lines that show it; nothing, where its
    author chose none.
    """

    sentence: str = ""
    lines: tuple[Step, ...] = ()


Part = Passage | Remark | Let | Suppose | Choice | Figure


@dataclass(frozen=True)
class Convention:
    """What words of a question are taken to mean, and whose reading that is: a reference, or the author's own."""

    words: str
    meaning: str
    source: str


@dataclass(frozen=True)
class Premises:
    """All that a working starts from, in the order in which the author declares it."""

    declarations: tuple[Declaration, ...]
    definitions: tuple[Definition, ...]
    hypotheses: tuple[Formula, ...]
    conventions: tuple[Convention, ...] = ()

    @property
    def spoken_of(self) -> frozenset[Symbol]:
        """The symbols that a definition, a hypothesis, or what is declared of another symbol speaks of."""
        bodies = (d.body.free - frozenset(d.parameters) for d in self.definitions)
        others = (declaration.free - {declaration.symbol} for declaration in self.declarations)
        return frozenset().union(*bodies, *(hypothesis.free for hypothesis in self.hypotheses), *others)


@dataclass(frozen=True)
class Working:
    """A named result with its premises, its lines, its remarks and questions, and what it concludes."""

    name: str
    title: str
    source: str
    premises: Premises
    parts: tuple[Part, ...]
    results: tuple[Result, ...]
    lemmas: tuple[Lemma, ...] = ()
    intermediate: tuple[Result, ...] = ()  # what later derivations may use besides the results
    idea: Idea = Idea()
    outline: tuple[Step | str, ...] = ()  # the lines that an answer needs, in their order, and headings for them

    def named(self, name: str = "") -> Result:
        """The result of that name, or the first. Raises KeyError."""
        for result in (*self.results, *self.intermediate):
            if not name or result.name == name:
                return result
        raise KeyError(f"{self.name} has no result named {name!r}")

    @property
    def result(self) -> Formula:
        """What it comes to: its only result, or the first."""
        return self.results[0].step.claim.formula

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """How a notebook shows a working: as a page, and where only text can be shown, as text."""
        return {"text/html": written(self, "cell of a notebook"), "text/plain": written(self, "text")}

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The questions that it answers."""
        return tuple(part for part in self.parts if isinstance(part, Choice))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines, in order, without what happens inside them."""
        return tuple(step for part in self.parts if isinstance(part, Passage) for step in part.steps)

    @property
    def route(self) -> tuple[Step, ...]:
        """The lines on the way to the results: not those of a case beside it."""
        passages = (part for part in self.parts if isinstance(part, Passage) and not part.of_case)
        return tuple(step for passage in passages for step in passage.steps)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The names that are given, by the premises and on the way."""
        return (*self.premises.definitions, *(part.definition for part in self.parts if isinstance(part, Let)))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The pictures, in order."""
        return tuple(part for part in self.parts if isinstance(part, Figure))

    @property
    def length(self) -> int:
        """How many lines of mathematics it is written in."""
        return sum(part.length for part in self.parts if isinstance(part, Passage))

    @property
    def whole(self) -> Working:
        """The working that this one shows: itself, with all of its lines."""
        return self

    @property
    def depth(self) -> Depth:
        """How much it shows."""
        return Depth.FULL

    @property
    def strength(self) -> Evidence:
        """The evidence of the whole: as strong as the weakest step, lemmas included."""
        return united_evidence([step.evidence for step in (*self.steps, *(lemma.step for lemma in self.lemmas))])

    @property
    def leaned_on(self) -> tuple[Step, ...]:
        """All steps behind the lines, the results and the lemmas, these included."""
        found: dict[int, Step] = {}
        waiting = [*self.steps, *(r.step for r in self.results), *(lemma.step for lemma in self.lemmas)]
        while waiting:
            step = waiting.pop()
            if id(step) not in found:
                found[id(step)] = step
                waiting += (*step.using, *step.conditions)
        return tuple(found.values())

    @property
    def cited(self) -> tuple[Definition, ...]:
        """The laws from the literature that anything behind it speaks of, each once."""
        sides = (side for step in self.leaned_on for side in step.claim.formula.sides)
        named = (node.definition for side in sides for node in side.walk() if isinstance(node, Call))
        return tuple(dict.fromkeys(d for d in (*self.definitions, *named) if d.citation))

    @property
    def counts(self) -> dict[Kind, int]:
        """How many steps have which kind of evidence."""
        counted = Counter(step.evidence.kind for step in self.steps)
        return {kind: counted[kind] for kind in Kind if counted[kind]}


def against(working: Working, choice: Choice, option: Option) -> tuple[Formula, Formula | None] | None:
    """What a refuted option claims, and what the lines show of the same thing instead; None for any other option.

    What decides the question comes first; else what a passage comes to, the latest line that speaks of it.
    """
    if option.refuted is None:
        return None
    claim = option.refuted.formula
    passages = [part for part in working.whole.parts if isinstance(part, Passage)]
    lines = [step for passage in passages for step in (*passage.steps, passage.result)]
    known = [step.claim.formula for step in (*choice.because, *reversed(lines))]
    spoken_of = _subjects(claim)
    of_the_same = [fact for fact in known if _subjects(fact)[:1] == spoken_of[:1]]
    of_a_part = [fact for fact in known if set(_subjects(fact)) & set(spoken_of)]
    return claim, next(iter((*of_the_same, *of_a_part)), None)


def _subjects(formula: Formula) -> list[Term]:
    """What a formula speaks of: its sides, but for numbers."""
    return [side for side in formula.sides if isinstance(side, Term) and not isinstance(side, Number)]
