"""Anyone's own question: are these two expressions equal, for all values of what is declared?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.common.errors import Misasked
from engine.grading.definedness import Definedness
from engine.grading.judging import Judge
from engine.grading.questions import Question
from engine.grading.relations import UP_TO
from engine.grading.relations import judged as judged_relations
from engine.grading.relations import said as said_as
from engine.grading.relations import up_to as up_to_terms
from engine.grading.verdicts import Judgement, Verdict
from engine.notation.plain import plain
from engine.reading import IllTyped, Names, Reading, Unreadable, read
from engine.reading.building import without_names
from engine.reading.declarations import Declared, premises
from engine.reading.names import spelled_name
from engine.reading.ranges import range_of
from engine.reading.reader import read_relation
from engine.terms import Symbol, Term
from engine.terms.declarations import REAL, Declaration, Domain


def equal(
    left: str,
    right: str,
    declarations: Iterable[str] = (),
    fingerprints: bool = False,
    up_to: str = "",
    within: str = "",
) -> Judgement:
    """Judge whether two texts are worth the same; of two equations or inequalities, whether they hold in the same
    places. `up_to` a sign, or a factor or constant that is free of the symbol `within`.

    Raises Unreadable for a declaration that cannot be read.
    """
    said = premises(declarations, (left, right))
    try:
        if (related := _related(left, right, said)) is not None:
            return related
        wanted, given = (_side(text, said) for text in (left, right))
        _refuse_a_name_in_use(wanted, given)
        wanted = wanted.fitted(given.fitted(wanted.value.shape).value.shape).settled()
    except IllTyped as trouble:
        return Judgement(Verdict.ILL_TYPED, reason=trouble.message, trouble=trouble)
    except Unreadable as trouble:
        return Judgement(Verdict.UNREADABLE, reason=trouble.message, trouble=trouble)
    question = _question(said, wanted.value, given.value)
    if up_to:
        return _up_to(up_to, within, wanted, given, question)
    judge = Judge(question, fingerprints=fingerprints, where_both=True)
    judged = judge.verdict(right)
    notes = dict.fromkeys((*said.notes, *wanted.notes, *judged.notes, *given.notes))
    where = judged.where
    if judged.correct and judged.reading is not None:
        value = judged.reading.sides[-1]
        other = Definedness(replace(question, value=value))
        of_the_left = map(plain, other.needed(wanted.value, other.reference(value)))
        where = tuple(dict.fromkeys((*of_the_left, *where)))
        if judged.is_partly_defined and not where:
            judged = Judge(question, fingerprints=fingerprints).verdict(right)
    return replace(judged, notes=tuple(notes), where=where, compared=wanted)


def _question(said: Declared, *sides: Term) -> Question:
    """Whether something is the first of two sides, with all their symbols declared."""
    sides = tuple(without_names(side, said.definitions) for side in sides)
    symbols = {d.symbol for d in said.declarations}
    free = sorted(frozenset().union(*(side.free for side in sides)) - symbols, key=lambda symbol: symbol.name)
    every = (*said.declarations, *(Declaration(symbol, _domain(symbol, sides)) for symbol in free))
    return Question("", sides[0], None, None, every, said.hypotheses, said.definitions, to_work_out=False, free=True)


def _related(left: str, right: str, said: Declared) -> Judgement | None:
    """The judgement on two equations or inequalities; None where one of them is an expression."""
    names = Names(said.declarations, said.definitions, free=True)
    found = [_traced(text, lambda text: read_relation(text, names)) for text in (left, right)]
    if found[0] is None or found[1] is None:
        return None
    relations = [said_as(replace(each, sides=_opened(each, said))) for each in found if each is not None]
    question = _question(said, *(each.difference for each in relations))
    judged = judged_relations(relations[0], relations[1], question)
    notes = dict.fromkeys((*said.notes, *found[0].notes, *judged.notes, *found[1].notes))
    return replace(judged, notes=tuple(notes), compared=relations[0].reading)


def _opened(reading: Reading, said: Declared) -> tuple[Term, ...]:
    return tuple(without_names(side, said.definitions) for side in reading.sides)


def _refuse_a_name_in_use(*readings: Reading) -> None:
    """Raises Unreadable for x = y beside an expression in x: that is no name for y."""
    free = {symbol.name for reading in readings for side in reading.sides for symbol in side.free}
    for reading in readings:
        if reading.label and spelled_name(reading.label) in free:
            trouble = Unreadable("an equation and an expression cannot be compared", 0, len(reading.text))
            trouble.text = reading.text
            raise trouble


def _traced(text: str, reader: Callable[[str], Reading | None]) -> Reading | None:
    """What a text says. An error in it carries the text."""
    try:
        return reader(text)
    except Unreadable as trouble:
        trouble.text = text
        raise


def _up_to(what: str, within: str, wanted: Reading, given: Reading, question: Question) -> Judgement:
    """The judgement up to a sign, a factor or a constant."""
    name = Names(question.declarations).get(within) if within else None
    symbol = name if isinstance(name, Symbol) else None
    if what not in UP_TO or (what != "sign" and symbol is None):
        raise Misasked("up to a sign, or up to a factor or a constant that is free of a symbol (--in)")
    given = given.fitted(wanted.value.shape).settled()
    left, right = up_to_terms(what, question.value, given.value, symbol, question)
    found = _question(Declared(question.declarations, question.definitions, question.hypotheses), left, right)
    judged = Judge(found).judged(replace(given, sides=(right,)))
    note = f"compared up to a {what}" + (f" free of {plain(symbol)}" if symbol is not None else "")
    notes = (*wanted.notes, *given.notes, note)
    return replace(judged, notes=tuple(dict.fromkeys(notes)), reading=given, compared=wanted)


def _domain(symbol: Symbol, sides: tuple[Term, ...]) -> Domain:
    """Of a symbol that nobody declared: of an index, as far as what it indexes goes; else a real number."""
    for side in sides:
        length = range_of(side, symbol)
        if length is not None:
            return Domain(whole=True, index_up_to=length)
    return REAL


def _side(text: str, said: Declared) -> Reading:
    """One of the two expressions. An error in it carries its text."""
    names = Names(said.declarations, said.definitions, free=True)
    reading = _traced(text, lambda text: read(text, names))
    assert reading is not None
    if len(reading.sides) > 1:
        equation = Unreadable("one expression was expected, not an equation", 0, len(text))
        equation.text = text
        raise equation
    return reading
