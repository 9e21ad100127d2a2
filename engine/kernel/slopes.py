"""The kernel's own table of differentials, and gradients read off them: df = ⟨G, dx⟩."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import fmpq

from engine import terms
from engine.kernel.normal_forms import (
    MATRICES,
    SCALARS,
    UNIT,
    ZERO,
    Beyond,
    FormKey,
    Forms,
    Poly,
    Powers,
    Word,
    WordSum,
    lone,
    merged,
    plus,
    scaled,
)
from engine.kernel.sums import column, summed
from engine.kernel.words import inverse_of, product, reduced, stretched, sum_of, trace_of, transposed, word_term
from engine.terms import TWO, Apply, Symbol, Term, sqrt
from engine.terms.declarations import SYMMETRIC, Declaration

# f′(u), for the functions of one number that no normal form takes apart.
SLOPES: dict[str, Callable[[Term], Term]] = {
    "sin": lambda u: Apply("cos", (u,)),
    "cos": lambda u: -Apply("sin", (u,)),
    "tan": lambda u: 1 + Apply("tan", (u,)) ** 2,
    "sinh": lambda u: Apply("cosh", (u,)),
    "cosh": lambda u: Apply("sinh", (u,)),
    "tanh": lambda u: 1 - Apply("tanh", (u,)) ** 2,
    "sigmoid": lambda u: Apply("sigmoid", (u,)) * (1 - Apply("sigmoid", (u,))),
    "softplus": lambda u: Apply("sigmoid", (u,)),
    "asin": lambda u: 1 / sqrt(1 - u**2),
    "acos": lambda u: -1 / sqrt(1 - u**2),
    "atan": lambda u: 1 / (1 + u**2),
    "asinh": lambda u: 1 / sqrt(1 + u**2),
    "acosh": lambda u: 1 / sqrt(u**2 - 1),
    "atanh": lambda u: 1 / (1 - u**2),
    "erf": lambda u: TWO * terms.exp(-(u**2)) / sqrt(terms.Pi()),
}


class Change:
    """d of normal forms, when a symbol changes: a number by 1, a matrix by a matrix of its own."""

    def __init__(self, forms: Forms, variable: Symbol, mark: str = "#d") -> None:
        self.forms, self.variable = forms, variable
        self.by = Symbol(mark + variable.name, *variable.shape)
        declared = forms.declared.get(variable)
        self.symmetric = declared is not None and declared.domain.structure.is_symmetric
        if variable in forms.random:
            raise Beyond("a slope by what is random")
        forms.declared[self.by] = Declaration(self.by, SYMMETRIC) if self.symmetric else Declaration(self.by)

    def of(self, poly: Poly) -> Poly:
        forms, found = self.forms, ZERO
        for monomial, coefficient in poly.items():
            for place, (atom, exponent) in enumerate(monomial):
                if self.variable in forms.atoms[atom].free:
                    less = lone(atom, exponent - 1) if exponent != 1 else UNIT
                    rest: Poly = {merged(monomial[:place], monomial[place + 1 :]): coefficient * exponent}
                    found = plus(found, forms.times(forms.times(rest, less), self.of_atom(atom)))
        return found

    def of_atom(self, atom: int) -> Poly:
        own = self.forms.atoms[atom]
        if own.kind not in _OF_ATOMS:
            raise Beyond(f"the slope of {own.kind}")
        return _OF_ATOMS[own.kind](self, atom, own.parts)

    def of_matrix(self, matrix: WordSum) -> WordSum:
        found: list[WordSum] = []
        for word, coefficient in matrix.items():
            found.append({word: self.of(coefficient)})
            for place, code in enumerate(word):
                if self.variable in self.forms.letters[code // 2].term.free:
                    inside = self._of_letter(code & ~1)
                    inside = transposed(self.forms, inside) if code % 2 else inside
                    ends = [reduced(self.forms, part) for part in (word[:place], word[place + 1 :])]
                    found.append(stretched(self.forms, product(self.forms, ends[0], inside, ends[1]), coefficient))
        return sum_of(*found)

    def _of_letter(self, code: int) -> WordSum:
        forms, letter = self.forms, self.forms.letters[code // 2]
        if letter.term == self.variable:
            return forms.matrix(self.by)
        if letter.inverts is not None:  # d P⁻¹ = −P⁻¹ dP P⁻¹
            own: WordSum = {(code,): UNIT}
            return stretched(forms, product(forms, own, self.of_matrix(letter.inverts), own), scaled(UNIT, fmpq(-1)))
        if isinstance(letter.term, terms.Each):
            index = forms.fresh()
            return column(forms, self.of(forms.scalar(terms.entry(letter.term, index))), index, letter.term.length)
        raise Beyond(f"the slope of a matrix that is {letter.kind}")


def _of_entry(change: Change, atom: int, parts: object) -> Poly:
    own = change.forms.atoms[atom].term
    if (
        not isinstance(own, terms.Entry)
        or own.base != change.variable
        or any(i.has(change.variable) for i in own.indices)
    ):
        raise Beyond("the slope of an entry of a product, or at a place that moves")
    return change.forms.scalar(terms.Entry(change.by, own.indices))


def _of_trace(change: Change, atom: int, word: Word) -> Poly:
    rows = word_term(change.forms, word, 1).rows
    return trace_of(change.forms, change.of_matrix({word: UNIT}), rows)


def _of_determinant(change: Change, atom: int, key: frozenset[tuple[Word, FormKey]]) -> Poly:
    """det A tr(A⁻¹ dA), where A is shown invertible."""
    forms, size = change.forms, change.forms.atoms[atom].term.children[0].rows
    if not forms.is_never_zero(lone(atom)):
        raise Beyond("the slope of a determinant that may be zero")
    matrix: WordSum = {word: dict(poly) for word, poly in key}
    inside = product(forms, inverse_of(forms, matrix, size), change.of_matrix(matrix))
    return forms.times(lone(atom), trace_of(forms, inside, size))


def _of_power(change: Change, atom: int, parts: tuple[FormKey, Powers, int]) -> Poly:
    """f^a (a df/f + ln f da); a number a where f may be negative."""
    forms, base, exponent = change.forms, dict(parts[0]), {parts[1]: fmpq(1, parts[2])}
    by_base, by_exponent = change.of(base), change.of(exponent)
    found = forms.times(forms.times(exponent, by_base), forms.inverse(base)) if by_base else ZERO
    found = plus(found, forms.times(forms.logarithm(base), by_exponent)) if by_exponent else found
    return forms.times(lone(atom), found)


def _of_log(change: Change, atom: int, parts: FormKey) -> Poly:
    return change.forms.times(change.of(dict(parts)), change.forms.inverse(dict(parts)))


def _of_function(change: Change, atom: int, parts: tuple[str, tuple[FormKey, ...]]) -> Poly:
    name, (key, *others) = parts
    if name not in SLOPES or others:
        raise Beyond(f"the slope of {name}")
    return change.forms.times(change.forms.scalar(SLOPES[name](change.forms.term_of(dict(key)))), change.of(dict(key)))


def _of_sum(change: Change, atom: int, parts: Any) -> Poly:
    forms, (indices, monomial) = change.forms, parts
    if any(length.has(change.variable) for _, length in indices):
        raise Beyond("a slope by a length")
    fresh = {symbol: forms.fresh() for symbol, _ in indices}
    found = change.of(forms.moved({monomial: fmpq(1)}, dict(fresh)))
    for symbol, length in indices:
        found = summed(forms, found, fresh[symbol], length)
    return found


_OF_ATOMS: dict[str, Callable[[Change, int, Any], Poly]] = {
    "symbol": lambda change, atom, symbol: UNIT,
    "several": lambda change, atom, parts: change.of(dict(parts)),
    "word": lambda change, atom, word: change.of_matrix({word: UNIT}).get((), ZERO),
    "abs": lambda change, atom, parts: change.forms.times(lone(atom), _of_log(change, atom, parts)),
    "sign": lambda change, atom, parts: ZERO,
    **{"entry": _of_entry, "trace": _of_trace, "determinant": _of_determinant, "real power": _of_power},
    **{"root": _of_power, "log": _of_log, "apply": _of_function, "sum": _of_sum},
}


# -- gradients -------------------------------------------------------------------------------------------------------------


def gradient(change: Change, slope: Poly) -> WordSum:
    """G, where a differential is ⟨G, dx⟩; the symmetric one, for what is symmetric."""
    forms, parts = change.forms, list[WordSum]()
    for monomial, coefficient in forms.canonical(slope).items():
        free, rest = forms.parted(monomial, frozenset((change.by,)))
        if len(rest) != 1 or rest[0][1] != 1:
            raise Beyond("a differential that is not linear")
        parts.append(stretched(forms, _gradient_of(change, rest[0][0]), {free: coefficient}))
    found = sum_of(*parts)
    both = sum_of(found, transposed(forms, found)) if change.symmetric else found
    return stretched(forms, both, scaled(UNIT, fmpq(1, 2))) if change.symmetric else found


def _gradient_of(change: Change, atom: int) -> WordSum:
    """Of an atom that is linear in the change: tr(M dx) gives Mᵀ, Σ mᵢ dxᵢ the column of all mᵢ."""
    forms, own = change.forms, change.forms.atoms[atom]
    if own.kind in ("word", "trace"):
        places = [k for k, code in enumerate(own.parts) if change.by in forms.letters[code // 2].term.free]
        if len(places) == 1 and forms.letters[own.parts[places[0]] // 2].term == change.by:
            around = reduced(forms, own.parts[places[0] + 1 :] + own.parts[: places[0]])
            return around if own.parts[places[0]] % 2 else transposed(forms, around)
    if own.kind == "sum" and len(own.parts[0]) == 1:
        ((index, length),), monomial = own.parts
        free, rest = forms.parted(monomial, frozenset((change.by,)))
        if rest == next(iter(forms.scalar(terms.Entry(change.by, (index,))))) and change.by.cols == 1:
            fresh = forms.fresh()
            return column(forms, forms.moved({free: fmpq(1)}, {index: fresh}), fresh, length)
    raise Beyond("a differential whose gradient is not read off")


@MATRICES.of(terms.Derivative)
def _slopes(forms: Forms, term: terms.Derivative) -> WordSum:
    change = Change(forms, term.variable)
    if term.body.is_scalar:
        return gradient(change, change.of(forms.scalar(term.body)))
    found = change.of_matrix(forms.matrix(term.body))
    if term.variable.is_scalar:
        return found
    if term.body.cols != 1 or term.variable.cols != 1:
        raise Beyond("the slope of a matrix by a matrix")
    (own,) = next(iter(forms.matrix(change.by)))
    rows: list[WordSum] = []
    for word, coefficient in found.items():
        if word[-1:] == (own,) and not forms.free_in(coefficient) & {change.by}:
            rows.append({word[:-1]: coefficient})
        else:
            rows.append(product(forms, {word: UNIT}, transposed(forms, gradient(change, coefficient))))
    return sum_of(*rows) if found else {}


def _differential(forms: Forms, term: terms.Differential) -> Poly:
    change = Change(forms, term.variable, "#D")
    found = change.of(forms.scalar(term.body))
    return forms.times(found, forms.scalar(change.by)) if term.variable.is_scalar else found


def _differentials(forms: Forms, term: terms.Differential) -> WordSum:
    change = Change(forms, term.variable, "#D")
    found = change.of_matrix(forms.matrix(term.body))
    return stretched(forms, found, forms.scalar(change.by)) if term.variable.is_scalar else found


SCALARS.of(terms.Differential)(_differential)
MATRICES.of(terms.Differential)(_differentials)
SCALARS.of(terms.Derivative)(lambda forms, term: Change(forms, term.variable).of(forms.scalar(term.body)))
