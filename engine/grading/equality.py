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
from engine.reading.declarations import declared
from engine.reading.ranges import range_of
from engine.terms import Symbol, Term
from engine.terms.declarations import REAL, Declaration, Domain


def equal(left: str, right: str, declarations: Iterable[str] = (), fingerprints: bool = False) -> Judgement:
    """Judge whether two texts are worth the same. Raises Unreadable for a declaration that cannot be read."""
    known = declared(declarations)
    try:
        wanted, given = (_side(text, known) for text in (left, right))
        wanted = wanted.fitted(given.value.shape).settled()
    except IllTyped as trouble:
        return Judgement(Verdict.ILL_TYPED, reason=trouble.message, trouble=trouble)
    except Unreadable as trouble:
        return Judgement(Verdict.UNREADABLE, reason=trouble.message, trouble=trouble)
    symbols = {d.symbol for d in known}
    free = sorted((wanted.value.free | given.value.free) - symbols, key=lambda symbol: symbol.name)
    every = (*known, *(Declaration(symbol, _domain(symbol, (wanted.value, given.value))) for symbol in free))
    question = Question("", wanted.value, None, None, every, (), to_work_out=False, free=True)
    judge = Judge(question, fingerprints=fingerprints, where_both=True)
    judged = judge.verdict(right)
    notes = dict.fromkeys((*wanted.notes, *judged.notes, *given.notes))
    where = judged.where
    if judged.correct and judged.reading is not None:
        value = judged.reading.sides[-1]
        other = Definedness(replace(question, value=value))
        of_the_left = map(plain, other.needed(wanted.value, other.reference(value)))
        where = tuple(dict.fromkeys((*of_the_left, *where)))
        if judged.is_partly_defined and not where:
            judged = Judge(question, fingerprints=fingerprints).verdict(right)
    return replace(judged, notes=tuple(notes), where=where, compared=wanted)


def _domain(symbol: Symbol, sides: tuple[Term, ...]) -> Domain:
    """Of a symbol that nobody declared: of an index, as far as what it indexes goes; else a real number."""
    for side in sides:
        length = range_of(side, symbol)
        if length is not None:
            return Domain(whole=True, index_up_to=length)
    return REAL


def _side(text: str, known: tuple[Declaration, ...]) -> Reading:
    """One of the two expressions. An error in it carries its text."""
    try:
        reading = read(text, Names(known, free=True))
    except Unreadable as trouble:
        trouble.text = text
        raise
    if len(reading.sides) > 1 or reading.label:
        equation = Unreadable("one expression was expected, not an equation", 0, len(text))
        equation.text = text
        raise equation
    return reading
