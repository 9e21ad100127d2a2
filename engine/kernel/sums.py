"""Normal forms of sums over indices: linear, with what is free of the index outside. What is left is an atom, whose indices have
names of their own, in the order that makes it least: neither their letters nor the order of summation matter.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from flint import fmpq

from engine import terms
from engine.kernel.normal_forms import (
    MATRICES,
    SCALARS,
    UNIT,
    ZERO,
    Beyond,
    Forms,
    Poly,
    Powers,
    WordSum,
    key_of,
    lone,
    plus,
    scaled,
)
from engine.kernel.words import general, sum_of
from engine.terms import Number, Symbol, Term, substitute
from engine.terms.arithmetic import as_size

MOST_INDICES, MOST_SPLIT_OFF = 4, 8
Running = tuple[tuple[Symbol, Term], ...]  # each with how far it runs


@SCALARS.of(terms.Summation)
def _summation(forms: Forms, term: terms.Summation) -> Poly:
    forms.bind(term.index, term.body)
    last = term.length.terms[-1] if isinstance(term.length, terms.Add) else term.length
    if isinstance(last, Number) and last.value.denominator == 1 and 0 < last.value <= MOST_SPLIT_OFF:
        return _split_off(forms, term, int(last.value))
    index = forms.fresh()
    return summed(forms, forms.scalar(substitute(term.body, {term.index: index})), index, term.length)


def _split_off(forms: Forms, term: terms.Summation, count: int) -> Poly:
    """The last terms of a sum, of n + 2 for n ≥ 0 say, or of all of a number."""
    rest = terms.add(term.length, Number(Fraction(-count)))
    if not is_count(forms, rest):
        raise Beyond("a sum that may be empty")
    ends = (terms.add(rest, Number(Fraction(k))) for k in range(1, count + 1))
    last = plus(ZERO, *(forms.scalar(substitute(term.body, {term.index: end})) for end in ends))
    return last if rest == terms.ZERO else plus(forms.scalar(terms.Summation(term.body, term.index, rest)), last)


def is_count(forms: Forms, length: Term) -> bool:
    """Whether a length is a whole number that is not negative."""
    if isinstance(length, Number):
        return length.value.denominator == 1 and length.value >= 0
    if isinstance(length, (terms.Add, terms.Multiply)):
        return all(is_count(forms, part) for part in length.children)
    domain = forms.declared[length].domain if isinstance(length, Symbol) and length in forms.declared else None
    return domain is not None and domain.whole and domain.lower is not None and domain.lower >= 0


def summed(forms: Forms, body: Poly, index: Symbol, length: Term) -> Poly:
    """Σ of a normal form."""
    found = ZERO
    for monomial, coefficient in forms.canonical(body).items():
        free, rest = forms.parted(monomial, frozenset((index,)))
        if not rest and not is_count(forms, length):
            raise Beyond("a sum of a constant over an unknown length")
        here = _sum_atom(forms, rest, index, length) if rest else forms.scalar(length)
        found = plus(found, forms.times({free: coefficient}, here))
    return found


def flattened(forms: Forms, monomial: Powers, about: frozenset[Symbol], indices: Running) -> tuple[Poly, Running]:
    """A product in which sums that depend on some symbols stand, as the body of one sum over further indices."""
    body = UNIT
    for atom, exponent in monomial:
        own = forms.atoms[atom]
        sums = own.kind == "sum" and not any(length.free & about for _, length in own.parts[0])
        if not sums or exponent < 0 or own.free.isdisjoint(about):
            body = forms.times(body, lone(atom, exponent))
            continue
        for _ in range(exponent):
            fresh = {symbol: forms.fresh() for symbol, _ in own.parts[0]}
            body = forms.times(body, forms.moved({own.parts[1]: fmpq(1)}, dict(fresh)))
            indices += tuple((fresh[symbol], length) for symbol, length in own.parts[0])
    return body, indices


def _sum_atom(forms: Forms, monomial: Powers, index: Symbol, length: Term) -> Poly:
    """The atom of a sum, with the names of its indices in the order that makes it least."""
    body, indices = flattened(forms, monomial, frozenset((index,)), ((index, length),))
    if len(indices) > MOST_INDICES:
        raise Beyond("too many sums in one another")
    order = sorted(indices, key=lambda pair: repr(pair[1]))
    lengths = [length for _, length in order]
    found: list[tuple[Powers, fmpq]] = []
    for places in permutations(range(len(order))):
        if [lengths[place] for place in places] == lengths:
            names: dict[Symbol, Term] = {order[place][0]: Symbol(f"#{k + 1}") for k, place in enumerate(places)}
            found.append(_only(forms.moved(body, names)))
    named = tuple((Symbol(f"#{k + 1}"), length) for k, length in enumerate(lengths))
    monomial, one = min(found)
    term = forms.term_of({monomial: fmpq(1)})
    for symbol, last in reversed(named):
        term = terms.Summation(term, symbol, last)
    return scaled(forms.atom("sum", (named, monomial), term), one)


def _only(poly: Poly) -> tuple[Powers, fmpq]:
    """The term of a polynomial that has but one."""
    if len(poly) != 1:
        raise Beyond("a sum of what is no product")
    return next(iter(poly.items()))


# -- columns by their entries ------------------------------------------------------------------------------------------------


def column(forms: Forms, body: Poly, index: Symbol, length: Term) -> WordSum:
    """The column of the values of a normal form: of the entries of a column, that column."""
    parted = ((forms.parted(monomial, frozenset((index,))), c) for monomial, c in forms.canonical(body).items())
    found: list[WordSum] = [{(_letter_of(forms, rest, index, length),): {free: c}} for (free, rest), c in parted]
    return sum_of(*found)


def _letter_of(forms: Forms, monomial: Powers, index: Symbol, length: Term) -> int:
    size = as_size(length)
    if not monomial:
        return forms.letter("ones", size, terms.ones(size))
    own = forms.atoms[monomial[0][0]]
    if len(monomial) == 1 and monomial[0][1] == 1 and own.kind == "entry":
        word, places = own.parts
        entries = len(word) == 1 and places == (key_of(forms.scalar(index)),)
        if entries and index not in forms.letters[word[0] // 2].term.free:
            return int(word[0])
    named, one = _only(forms.moved({monomial: fmpq(1)}, {index: Symbol("#1")}))
    if one != 1:
        raise Beyond("a column of what is no product")
    return forms.letter("each", (named, size), terms.Each(forms.term_of({named: one}), Symbol("#1"), length))


@MATRICES.of(terms.Each, terms.Apply, terms.Hadamard, terms.HadamardPower)
def _entry_by_entry(forms: Forms, term: Term) -> WordSum:
    """A column, by its entries; any other matrix is a letter."""
    if term.cols != 1:
        return general(forms, "opaque", term, term)
    if isinstance(term, terms.Each):
        forms.bind(term.index, term.body)
    index = forms.fresh()
    return column(forms, forms.scalar(terms.entry(term, index)), index, terms.term(term.rows))
