"""A working: what a derivation comes to when it has been run. Writers, graders and tests read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import reduce
from typing import Any

from engine.depth import Depth
from engine.kernel import Evidence, Kind, Step, chain, united_evidence
from engine.premises import Declaration, Formula
from engine.terms import Definition, Term


@dataclass(frozen=True)
class Passage:
    """Consecutive steps, each of which starts where the one before ended."""

    steps: tuple[Step, ...]
    heading: str = ""

    @property
    def result(self) -> Step:
        """First side to last side, in one claim."""
        return reduce(chain, self.steps)

    @property
    def length(self) -> int:
        """How many lines it is written in: the equation that equations start from has one of its own."""
        return len(self.steps) + self.steps[0].claim.relation.joins_formulas


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
    """A hypothesis that only lines from here on may lean on."""

    hypothesis: Formula


@dataclass(frozen=True)
class Answer:
    """A question with options, and the option whose formula the kernel certified."""

    question: str
    options: tuple[str, ...]
    chosen: str
    because: tuple[Step, ...]


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
    """What a derivation rests on, in a sentence, and the few lines that show it; nothing, where its author chose none."""

    sentence: str = ""
    lines: tuple[Step, ...] = ()


Part = Passage | Remark | Let | Suppose | Answer


@dataclass(frozen=True)
class Premises:
    """All that a working starts from, in the order in which the author declares it."""

    declarations: tuple[Declaration, ...]
    definitions: tuple[Definition, ...]
    hypotheses: tuple[Formula, ...]


@dataclass(frozen=True)
class Working:
    """A named result with its premises, its lines, its remarks and answers, and what it concludes."""

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

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """How a notebook shows a working: as a page, and where only text can be shown, as text."""
        from engine.rendering.html import cell
        from engine.rendering.terminal import text

        return {"text/html": cell(self), "text/plain": text(self)}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines, in order, without what happens inside them."""
        return tuple(step for part in self.parts if isinstance(part, Passage) for step in part.steps)

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
    def counts(self) -> dict[Kind, int]:
        """How many steps have which kind of evidence."""
        counted = Counter(step.evidence.kind for step in self.steps)
        return {kind: counted[kind] for kind in Kind if counted[kind]}
