"""Anyone's own question: are these two expressions equal, for all values of what is declared?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.grading.definedness import Definedness
from engine.grading.judging import Judge
from engine.grading.questions import Question
from engine.grading.verdicts import Judgement, Verdict
from engine.notation.plain import plain
from engine.reading import IllTyped, Names, Reading, Unreadable, read
from engine.reading.building import without_names
from engine.reading.declarations import Premises, premises
from engine.reading.ranges import range_of
from engine.terms import Symbol, Term
from engine.terms.declarations import REAL, Declaration, Domain


def equal(left: str, right: str, declarations: Iterable[str] = (), fingerprints: bool = False) -> Judgement:
    """Judge whether two texts are worth the same. Raises Unreadable for a declaration that cannot be read."""
    said = premises(declarations, (left, right))
    known = said.declarations
    try:
        wanted, given = (_side(text, said) for text in (left, right))
        wanted = wanted.fitted(given.fitted(wanted.value.shape).value.shape).settled()
    except IllTyped as trouble:
        return Judgement(Verdict.ILL_TYPED, reason=trouble.message, trouble=trouble)
    except Unreadable as trouble:
        return Judgement(Verdict.UNREADABLE, reason=trouble.message, trouble=trouble)
    symbols = {d.symbol for d in known}
    free = sorted((wanted.value.free | given.value.free) - symbols, key=lambda symbol: symbol.name)
    every = (*known, *(Declaration(symbol, _domain(symbol, (wanted.value, given.value))) for symbol in free))
    value = without_names(wanted.value, said.definitions)
    question = Question("", value, None, None, every, said.hypotheses, said.definitions, to_work_out=False, free=True)
    judged = Judge(question, fingerprints=fingerprints).verdict(right)
    notes = dict.fromkeys((*said.notes, *wanted.notes, *judged.notes, *given.notes))
    where = judged.where
    if judged.correct and judged.reading is not None:
        other = replace(question, value=judged.reading.sides[-1])
        of_the_left = map(plain, Definedness(other).needed(wanted.value))
        where = tuple(dict.fromkeys((*of_the_left, *where)))
    return replace(judged, notes=tuple(notes), where=where, compared=wanted)


def _domain(symbol: Symbol, sides: tuple[Term, ...]) -> Domain:
    """Of a symbol that nobody declared: of an index, as far as what it indexes goes; else a real number."""
    for side in sides:
        length = range_of(side, symbol)
        if length is not None:
            return Domain(whole=True, index_up_to=length)
    return REAL


def _side(text: str, said: Premises) -> Reading:
    """One of the two expressions. An error in it carries its text."""
    try:
        reading = read(text, Names(said.declarations, said.definitions, free=True))
    except Unreadable as trouble:
        trouble.text = text
        raise
    if len(reading.sides) > 1 or reading.label:
        equation = Unreadable("one expression was expected, not an equation", 0, len(text))
        equation.text = text
        raise equation
    return reading
