"""The one walk over a working that all writers of documents share. A writer says how each part looks, and knows no
mathematics.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

from engine.documents.evidence import hypotheses
from engine.documents.reasons import why
from engine.kernel import Step, chain
from engine.proofs.depth import Depth
from engine.proofs.figures import Figure
from engine.proofs.working import (
    Choice,
    Idea,
    Let,
    Option,
    Part,
    Passage,
    Premises,
    Remark,
    Suppose,
    Working,
    against,
    joined,
)
from engine.terms import Call, Definition, Symbol, Term
from engine.terms.declarations import Declaration
from engine.terms.formulas import Formula, Relation

MOST_GIVEN = 6  # definitions that may stand before an idea


class Walk(ABC):
    """Header, premises, the idea where no more is shown, parts in their order, results: the sentences are the same in
    every form, and a form says how it sets prose, formulas, and each kind of paragraph.
    """

    FRAMES: ClassVar[Mapping[str, str]]  # of a kind of paragraph, with %s where its words stand; under "", of any other
    COMMA: ClassVar[str] = ", "  # after a formula

    def __init__(self, working: Working, beside: Collection[str] = ()) -> None:
        """`beside` are the names of the workings in the same document: they can be linked to."""
        self.working, self.citations, self.beside = working, Citations(working), beside

    def write(self, working: Working) -> None:
        self.header(working)
        self.premises(working)
        if working.depth is Depth.IDEA and working.idea.sentence:
            self.idea(working.idea)
        for place, part in enumerate(working.parts):
            match part:
                case Passage():
                    self.passage(part)
                case Let():
                    self.let(part)
                case Suppose() if leaned_on(part, working.parts[place + 1 :]):
                    self.suppose(part)
                case Remark():
                    self.remark(part)
                case Choice() if working.depth is not Depth.IDEA:  # whose answers stand under Result
                    self.choice(working, part)
                case Figure():
                    self.figure(working, part)
        self.results(working)

    # -- what a form says ----------------------------------------------------------------------------------------------

    @abstractmethod
    def header(self, working: Working) -> None: ...

    @abstractmethod
    def passage(self, passage: Passage) -> None: ...

    @abstractmethod
    def figure(self, working: Working, figure: Figure) -> None: ...

    @abstractmethod
    def add(self, *texts: str) -> None: ...

    def paragraph(self, kind: str, words: str) -> None:
        self.add(self.FRAMES.get(kind, self.FRAMES[""]) % words)

    @abstractmethod
    def prose(self, text: str) -> str:
        """A sentence with its mathematics."""

    @abstractmethod
    def inline(self, thing: Term | Formula | Definition | Declaration) -> str:
        """A formula in a sentence."""

    def display(self, thing: Definition) -> str:
        """A formula that is as high as it likes."""
        return self.inline(thing)

    def aside(self, words: str) -> str:
        return f"[{words}]"

    @abstractmethod
    def heading(self, title: str) -> None: ...

    @abstractmethod
    def given(self, definitions: Sequence[Definition]) -> None: ...

    @abstractmethod
    def link(self, name: str) -> str:
        """The name of a lemma; if it stands in the same document, with the way there."""

    @abstractmethod
    def options(self, question: str, options: Iterable[tuple[Option, str]]) -> None:
        """A question, and its options, each with why it is right or refuted."""

    @abstractmethod
    def result(self, name: str, formula: Formula, conditions: Sequence[Formula]) -> None: ...

    # -- what every form says ------------------------------------------------------------------------------------------

    def joined(self, things: Iterable[Term | Formula | Definition | Declaration]) -> str:
        return self.COMMA.join(map(self.inline, things))

    def premises(self, working: Working) -> None:
        premises = spoken_of(working) if working.depth is Depth.IDEA else working.premises
        self.heading("Given")
        self.given(premises.definitions)
        for source, names in cited(premises.definitions).items():
            self.paragraph("cited", f"{self.joined(names)}: {self.prose(f'cited from {source}')}")
        self.symbols(premises)
        for each in premises.conventions:
            said = f"“{each.words}” is taken to mean: {each.meaning} ({each.source})."
            self.paragraph("convention", self.prose(said))
        if left_out := _count(working.premises) - _count(premises):
            these = "premise" if left_out == 1 else "premises"
            said = f"Left out of the idea: {left_out} more {these}, which these rest on."
            self.paragraph("convention", self.prose(said))
        for name, title in dict.fromkeys((lemma.name, lemma.title) for lemma in working.lemmas):
            self.paragraph("lemma", f"It uses {self.link(name)} ({self.prose(title)}).")

    def symbols(self, premises: Premises) -> None:
        assuming = f", assuming {self.joined(premises.hypotheses)}" if premises.hypotheses else ""
        self.paragraph("where", f"where {self.joined(premises.declarations)}{assuming}.")

    def idea(self, idea: Idea) -> None:
        self.paragraph("idea", self.prose(idea.sentence))

    def let(self, let: Let) -> None:
        source = let.definition.citation
        cited_from = f" ({self.prose(f'cited from {source}')})" if source else ""
        self.paragraph("let", f"Let {self.display(let.definition)}{cited_from}.")

    def suppose(self, suppose: Suppose) -> None:
        self.paragraph("suppose", f"Suppose {self.inline(suppose.hypothesis)}.")

    def remark(self, remark: Remark) -> None:
        self.paragraph("remark", self.prose(remark.text))

    def choice(self, working: Working, choice: Choice) -> None:
        self.options(self.prose(choice.question), [(option, self.grounds(choice, option)) for option in choice.options])
        for reason in choice.why:
            self.paragraph("reason", f"{self.prose(reason.text)} {self.aside(self.claims(reason.because))}")

    def grounds(self, choice: Choice, option: Option) -> str:
        """Why an option is right, or refuted."""
        if (contrary := against(self.working, choice, option)) is not None:
            claim, fact = contrary
            instead = ", which fails" if fact is None else f"{self.COMMA}but {self.inline(fact)}"
            return f"it would mean {self.inline(claim)}{instead}"
        return f"because {self.claims(choice.because)}" if option is choice.chosen else ""

    def claims(self, steps: Iterable[Step]) -> str:
        grounds = self.citations.grounds(steps)
        return ", ".join(self.inline(formula) + (f" ({self.prose(why)})" if why else "") for formula, why in grounds)

    def results(self, working: Working) -> None:
        self.heading("Result")
        self.found(working)

    def found(self, working: Working) -> None:
        for result in working.results:
            self.result(result.name, result.step.claim.formula, hypotheses(result.step))
            for name, value in result.parts:
                self.part(name, value)
        for choice in working.choices:
            self.paragraph("answer", self.prose(answered(choice)))

    def part(self, name: str, value: Term) -> None:
        self.paragraph("part", f"{self.prose(name)}: {self.inline(value)}")


@dataclass(frozen=True)
class PassageLine:
    """A line of a passage: what stands left of the relation (nothing, where it is the same as above), the relation,
    what stands right of it, and the step that it is (None for the equation that a passage starts from).
    """

    left: Term | Formula | None
    relation: Relation | None
    right: Term | Formula | None
    step: Step | None


def spoken_of(working: Working) -> Premises:
    """The premises that the lines and results shown speak of, where all would be many more; else all."""
    if len(working.premises.definitions) <= MOST_GIVEN:
        return working.premises
    formulas = [step.claim.formula for step in (*working.steps, *(result.step for result in working.results))]
    shown = [side for formula in formulas for side in formula.sides]
    shown += [part.definition.body for part in working.parts if isinstance(part, Let)]
    named = {node.definition for term in shown for node in term.walk() if isinstance(node, Call)}
    definitions = tuple(each for each in working.premises.definitions if each in named)
    shown += [term for each in definitions for term in (each.body, *each.parameters)]
    symbols = {symbol for term in shown for symbol in term.free}
    symbols |= {size for symbol in symbols for size in symbol.shape if isinstance(size, Symbol)}
    return Premises(
        tuple(each for each in working.premises.declarations if each.symbol in symbols),
        definitions,
        tuple(each for each in working.premises.hypotheses if each.free <= symbols),
    )


def _count(premises: Premises) -> int:
    return len(premises.definitions) + len(premises.hypotheses) + len(premises.conventions)


def leaned_on(suppose: Suppose, later: Iterable[Part]) -> bool:
    """Whether a line that stands after a hypothesis, or a line that decides a question there, leans on it."""
    lines = (
        part.steps if isinstance(part, Passage) else part.because if isinstance(part, Choice) else () for part in later
    )
    return any(suppose.hypothesis in step.claim.assumptions for steps in lines for step in steps)


def cited(definitions: Iterable[Definition]) -> dict[str, list[Symbol]]:
    """The names that stand for laws from the literature, by the reference that each is cited from."""
    found: dict[str, list[Symbol]] = {}
    for definition in definitions:
        if definition.citation:
            found.setdefault(definition.citation, []).append(Symbol(definition.name))
    return found


def answered(choice: Choice) -> str:
    """What stands under Result: the question's name, and the answer to it."""
    said = choice.chosen.said if choice.chosen is not None else "not decided from these premises"
    return f"{choice.name}: {said}"


def verdict(option: Option) -> str:
    """The sign before an option: that the lines show it, that it is refuted, or neither."""
    return "→" if option.is_shown else "✗" if option.refuted is not None else " "


def lines(passage: Passage) -> list[PassageLine]:
    """A chain of equalities shows its left side once; equations stand one a line, the first without a reason."""
    first = passage.steps[0].claim
    if first.relation is Relation.EQUAL:
        return [
            PassageLine(step.before if number == 0 else None, step.claim.relation, step.after, step)
            for number, step in enumerate(passage.steps)
        ]
    if first.relation.joins_formulas:
        return [
            PassageLine(None, None, passage.steps[0].before, None),
            *(PassageLine(None, step.claim.relation, step.after, step) for step in passage.steps),
        ]
    return [PassageLine(step.claim.formula, None, None, step) for step in passage.steps]


def linked(steps: tuple[Step, ...]) -> list[Passage]:
    """The steps in passages, each as long as every step starts where the one before ended."""
    found: list[Passage] = []
    for step in steps:
        last = found[-1].steps if found else ()
        if last and last[-1].after == step.before and last[-1].claim.relation is step.claim.relation:
            found[-1] = Passage((*last, step))
        else:
            found.append(Passage((step,)))
    return found


class Citations:
    """Which lines of a working are leaned on by later ones, and their numbers in order."""

    def __init__(self, working: Working) -> None:
        self.working = working

    @cached_property
    def _last_lines(self) -> dict[Formula, Step]:
        """The line on which each formula was reached, as one line or as a passage from its first side up to there."""
        found: dict[Formula, Step] = {}
        for part in self.working.parts:
            if isinstance(part, Passage):
                for step in part.steps:
                    found.setdefault(step.claim.formula, step)
                for step, so_far in zip(part.steps, accumulate(part.steps, chain), strict=True):
                    found.setdefault(so_far.claim.formula, step)
        return found

    def line(self, step: Step) -> Step | None:
        """The line on which a step's formula was reached."""
        return self._last_lines.get(step.claim.formula)

    def cited_by(self, step: Step) -> list[Step]:
        """The lines that a line leans on, all that it joins included."""
        found = (self.line(earlier) for each in joined(step) for earlier in each.using)
        return list({id(line): line for line in found if line is not None and line is not step}.values())

    @cached_property
    def _bare(self) -> set[int]:
        """The lines without a reason of their own."""
        return set(map(id, self.working.steps)) if self.working.depth is Depth.IDEA else set()

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The numbers of the cited lines, by the identity of their steps."""
        if self.working.depth is Depth.IDEA:
            return {}
        cited = {id(line) for step in self.working.steps for line in self.cited_by(step)}
        return {id(step): number for number, step in enumerate((s for s in self.working.steps if id(s) in cited), 1)}

    def number(self, step: Step) -> int | None:
        return self.numbers.get(id(step))

    def reason(self, step: Step) -> tuple[str, list[int]]:
        """Why a line holds, and the numbers of the lines that it cites; what is inserted is not spelt out if it has
        one.

        The lines of an idea have its sentence for a reason.
        """
        if id(step) in self._bare:
            return "", []
        found = (self.number(line) for line in self.cited_by(step))
        numbers = [number for number in found if number is not None]
        return ("insert" if numbers and step.reason.startswith("insert ") else self.sentence(step)), numbers

    def grounds(self, steps: Iterable[Step]) -> list[tuple[Formula, str]]:
        """What lines come to that decide a question; and why they hold, where the page does not show them."""
        return [(step.claim.formula, why(step) if self.line(step) is None else "") for step in steps]

    def sentence(self, step: Step) -> str:
        """Why a line holds: what it leans on is spelt out where the working does not show it."""
        return "" if id(step) in self._bare else why(step, lambda earlier: self.line(earlier) is not None)
