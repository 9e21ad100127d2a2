"""A working that shows less of another: an idea, or an answer as it is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import reduce
from itertools import pairwise

from engine.documents.reasons import ROUTINE
from engine.documents.walk import Citations, leaned_on
from engine.kernel import Step, chain
from engine.proofs.depth import ROOM, Depth
from engine.proofs.figures import Figure
from engine.proofs.working import Choice, Idea, Let, Part, Passage, Remark, Suppose, Working
from engine.terms import Call, Definition, Term
from engine.terms.formulas import Formula


@dataclass(frozen=True, kw_only=True)
class Excerpt(Working):
    """Some lines of a working, each with what leads to it in one claim that the kernel chained."""

    original: Working
    shown_at: Depth

    @property
    def whole(self) -> Working:
        return self.original

    @property
    def depth(self) -> Depth:
        return self.shown_at


def usual_depth(working: Working) -> Depth:
    """As much as is shown where nobody says how much; of what shows less already, that."""
    if working.depth is not Depth.FULL:
        return working.depth
    return Depth.WORKING if working.length > ROOM[Depth.WORKING] else Depth.FULL


def at_depth(working: Working, depth: Depth) -> Working:
    """As much of a working as is shown at a depth: lines its author chose, else those that its results lean on most."""
    whole = working.whole
    if depth is Depth.FULL:
        return whole
    parts = tuple(_spoken_of(tuple(_shown(whole, depth)), whole))
    every = {field.name: getattr(whole, field.name) for field in fields(Working)}
    shown = {"parts": parts, "idea": Idea(whole.idea.sentence), "outline": ()}
    excerpt = Excerpt(**{**every, **shown, "original": whole, "shown_at": depth})
    return _lines_first(excerpt) if depth is Depth.IDEA else excerpt


def _lines_first(working: Excerpt) -> Excerpt:
    """The lines together, with what is named and supposed for them; what shows them comes after."""
    kinds = (Passage, Let, Suppose)
    return replace(working, parts=tuple(sorted(working.parts, key=lambda part: not isinstance(part, kinds))))


# -- which lines -------------------------------------------------------------------------------------------------------


class _Selection:
    """Lines of a working, for as long as there is room."""

    def __init__(self, working: Working, room: int) -> None:
        self.passages = _passages(working)
        self.room = room
        self.lines: set[int] = set()
        self._begun: set[int] = set()

    def add(self, lines: Iterable[Step]) -> None:
        """Those for which there is room: the first of a passage of equations takes two lines."""
        for line in lines:
            passage = self.passages[id(line)]
            taken = 1 if id(passage) in self._begun else Passage((line,)).length
            if id(line) not in self.lines and taken <= self.room:
                self.room -= taken
                self.lines.add(id(line))
                self._begun.add(id(passage))


def _passages(working: Working) -> dict[int, Passage]:
    """The passage that each line stands in, by the identity of its step."""
    return {id(step): part for part in working.parts if isinstance(part, Passage) for step in part.steps}


def _chosen(working: Working, depth: Depth) -> set[int]:
    """The lines that are shown, by the identity of their steps."""
    selection = _Selection(working, ROOM[depth])
    if authors := _authors_choice(working, depth):
        ends = {id(passage.steps[-1]) for passage in selection.passages.values()}
        selection.add(sorted(authors, key=lambda line: id(line) not in ends))
    else:
        passages = _by_importance(working)
        selection.add(passage.steps[-1] for passage in passages)
        for passage in passages:
            selection.add(_within(passage))
    return selection.lines


def _authors_choice(working: Working, depth: Depth) -> list[Step]:
    chosen = working.idea.lines if depth is Depth.IDEA else working.outline
    return [line for line in chosen if isinstance(line, Step)]


def _by_importance(working: Working) -> list[Passage]:
    """The passages that the results and answers are, then those that these lean on, and so on; at last the others."""
    citations = Citations(working)
    passages = _passages(working)
    waiting = [result.step for result in working.results]
    waiting += [step for part in working.parts if isinstance(part, Choice) for step in part.because]
    found: dict[int, Passage] = {}
    seen: set[int] = set()
    while waiting:
        step = waiting.pop(0)
        if id(step) in seen:
            continue
        seen.add(id(step))
        line = citations.line(step)
        if line is None:
            waiting.extend(step.using)
        elif id(passages[id(line)]) not in found:
            passage = passages[id(line)]
            found[id(passage)] = passage
            waiting.extend(earlier for each in passage.steps for earlier in each.using)
    return list((found | {id(passage): passage for passage in passages.values()}).values())


def _within(passage: Passage) -> list[Step]:
    """The lines before the last, those first that no routine step tidies up."""
    pairs = sorted(pairwise(passage.steps), key=lambda pair: pair[1].rule.name in ROUTINE)
    return [line for line, _ in pairs]


# -- what is shown of them ---------------------------------------------------------------------------------------------


def _shown(working: Working, depth: Depth) -> Iterator[Part]:
    chosen, headings = _chosen(working, depth), _headings(working, depth)
    for part in working.parts:
        match part:
            case Passage():
                steps = tuple(_joined(part, chosen))
                if steps:
                    yield Passage(steps, part.heading if headings is None else headings.pop(id(part), ""))
            case Remark() | Figure() if depth is Depth.IDEA:
                continue
            case Choice() if depth is Depth.IDEA and part.chosen is not None:
                yield replace(part, options=(part.chosen,), why=())
            case _:
                yield part


def _joined(passage: Passage, chosen: set[int]) -> Iterator[Step]:
    """The chosen lines of a passage, each from where the one before ended."""
    waiting: list[Step] = []
    for step in passage.steps:
        waiting.append(step)
        if id(step) in chosen:
            yield reduce(chain, waiting)
            waiting = []


def _headings(working: Working, depth: Depth) -> dict[int, str] | None:
    """What stands above which passage; None where that is what stands above it in the whole."""
    if depth is Depth.IDEA:
        return {}
    if not working.outline:
        return None
    passages = _passages(working)
    found: dict[int, str] = {}
    heading = ""
    for item in working.outline:
        if isinstance(item, str):
            heading = item
        else:
            found.setdefault(id(passages[id(item)]), heading)
            heading = ""
    return found


def _spoken_of(parts: tuple[Part, ...], working: Working) -> Iterator[Part]:
    """The parts without names and hypotheses that nothing else shown speaks of."""
    steps = [step for part in parts if isinstance(part, Passage) for step in part.steps]
    steps += [step for part in parts if isinstance(part, Choice) for step in part.because]
    steps += [result.step for result in working.results]
    assumed = {assumption for step in steps for assumption in step.claim.assumptions}
    formulas = [step.claim.formula for step in steps] + [a for a in assumed if isinstance(a, Formula)]
    named = _named(formulas)
    for place, part in enumerate(parts):
        match part:
            case Let() if part.definition not in named:
                continue
            case Suppose() if not leaned_on(part, parts[place + 1 :]):
                continue
            case _:
                yield part


def _named(formulas: Iterable[Formula]) -> set[Definition]:
    """The definitions that formulas speak of, and those that these do."""
    waiting: list[Term] = [side for formula in formulas for side in formula.sides]
    found: set[Definition] = set()
    while waiting:
        calls = [node.definition for node in waiting.pop().walk() if isinstance(node, Call)]
        waiting.extend(definition.body for definition in calls if definition not in found)
        found.update(calls)
    return found
