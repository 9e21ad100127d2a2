"""Normal forms of means: E is linear, and goes over independent factors; Var and Cov are unfolded by their definitions.

Random symbols are independent, and so are the entries of one, unless it has the law of a whole vector. In a product of sums two
indices may meet: Σᵢⱼ is taken apart into what is summed over i ≠ j, where the factors are independent, and over i = j.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq

from engine import terms
from engine.kernel.normal_forms import MATRICES, SCALARS, UNIT, ZERO, Beyond, Forms, Poly, Powers, WordSum, lone, plus
from engine.kernel.sums import Running, flattened, summed
from engine.kernel.words import less, product, reduced, stretched, sum_of, trace_of, transposed, turned
from engine.terms import Number, Symbol, Term, laws

Averaged = frozenset[Symbol]
Apart = frozenset[tuple[Symbol, Symbol]]  # indices that are not the same
Places = frozenset[tuple[Symbol, tuple[Term, ...]]]  # random symbols, and which entries of them


def over(forms: Forms, named: tuple[Symbol, ...]) -> Averaged:
    """The random symbols that a mean is over. Raises Beyond where the law of one is given by what is random."""
    found = frozenset(named) & forms.random if named else forms.random
    if any(forms.declared[symbol].free & (forms.random - {symbol}) for symbol in found):
        raise Beyond("a law that is given by what is random")
    return found


def mean(forms: Forms, body: Poly, among: Averaged) -> Poly:
    found = ZERO
    for monomial, coefficient in forms.canonical(body).items():
        free, rest = forms.parted(monomial, among)
        inside, indices = flattened(forms, rest, among, ())
        found = plus(found, forms.times({free: coefficient}, _summed(forms, inside, among, indices, frozenset())))
    return found


def _summed(forms: Forms, body: Poly, among: Averaged, indices: Running, apart: Apart) -> Poly:
    """Σ E of a body, over indices some of which are not the same."""
    found, lengths = ZERO, dict(indices)
    for monomial, coefficient in body.items():
        here: Poly = {monomial: coefficient}
        pair = _that_may_meet(forms, monomial, among, apart)
        if pair is None:
            value = forms.times({(): coefficient}, _mean_of_product(forms, monomial, among))
            found = plus(found, _over_different(forms, value, indices, apart))
            continue
        one, other = pair
        if one not in lengths or lengths[one] != lengths.get(other):
            raise Beyond("entries that may be the same")
        met, rest = forms.moved(here, {other: one}), tuple(item for item in indices if item[0] != other)
        together = _summed(forms, met, among, rest, _where_met(apart, one, other))
        found = plus(found, _summed(forms, here, among, indices, apart | {pair}), together)
    return found


def _where_met(apart: Apart, one: Symbol, other: Symbol) -> Apart:
    return frozenset((one if a == other else a, one if b == other else b) for a, b in apart)


def _over_different(forms: Forms, value: Poly, indices: Running, apart: Apart) -> Poly:
    """The sum over indices that are pairwise different: that over all, less those in which two meet."""
    if any(a == b for a, b in apart):
        return ZERO
    if not apart:
        for symbol, length in indices:
            value = summed(forms, value, symbol, length)
        return value
    (one, other), *others = sorted(apart, key=repr)
    met, rest = forms.moved(value, {other: one}), tuple(item for item in indices if item[0] != other)
    gone = _over_different(forms, met, rest, _where_met(frozenset(others), one, other))
    return forms.minus(_over_different(forms, value, indices, frozenset(others)), gone)


def _places(forms: Forms, atom: int, among: Averaged) -> Places:
    """The random numbers that an atom depends on; all entries of a symbol by the symbol with no place."""
    bare, found = forms.atoms[atom].term, set[tuple[Symbol, tuple[Term, ...]]]()
    for node in {*bare.walk()}:
        if isinstance(node, terms.Entry) and isinstance(node.base, Symbol) and node.base in among:
            found.add((node.base, node.indices))
            bare = terms.replace(bare, node, terms.ZERO)
    return frozenset(found | {(symbol, ()) for symbol in bare.free & among})


def _that_may_meet(forms: Forms, monomial: Powers, among: Averaged, apart: Apart) -> tuple[Symbol, Symbol] | None:
    """Two indices by which two entries of one symbol differ, and may yet be the same. Raises Beyond for any other two."""
    places = sorted(frozenset().union(*(_places(forms, atom, among) for atom, _ in monomial)), key=repr)
    for k, (symbol, one) in enumerate(places):
        for other in (place for again, place in places[k + 1 :] if again == symbol):
            if len(one) != len(other):
                raise Beyond("a random symbol as a whole beside an entry")
            pairs = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
            if any((a, b) in apart or (b, a) in apart for a, b in pairs):
                continue
            a, b = pairs[0]
            if not isinstance(a, Symbol) or not isinstance(b, Symbol):
                raise Beyond("entries that may be the same")
            return a, b
    return None


def _mean_of_product(forms: Forms, monomial: Powers, among: Averaged) -> Poly:
    """Where entries at different places are different: over what depends on the same ones at a time."""
    found, rest = UNIT, [(pair, _places(forms, pair[0], among)) for pair in monomial]
    while rest:
        first, places = rest.pop()
        together = [first]
        while joined := [item for item in rest if not _are_independent(forms, item[1], places)]:
            rest = [item for item in rest if item not in joined]
            together += [pair for pair, _ in joined]
            places = places.union(*(others for _, others in joined))
        found = forms.times(found, _moment(forms, tuple(sorted(together)), places) if places else lone(*first))
    return found


def _are_independent(forms: Forms, some: Places, others: Places) -> bool:
    joint = {symbol for symbol, _ in others if (law := forms.declared[symbol].law) is not None and law.joint}
    return some.isdisjoint(others) and joint.isdisjoint(symbol for symbol, _ in some)


def _moment(forms: Forms, monomial: Powers, places: Places) -> Poly:
    """E of what depends on some random numbers together."""
    about = tuple(sorted({symbol for symbol, _ in places}, key=repr))
    (symbol, place), declared = next(iter(places)), forms.declared[about[0]]
    atom, order = monomial[0]
    law = declared.law
    if len(places) == 1 and law is not None and not law.joint and len(monomial) == 1 and order > 0:
        known = _MOMENTS.get(type(law))
        here = law.at(dict(zip(declared.indices, place, strict=False)))
        number = forms.atoms[atom].kind in ("symbol", "entry") and (symbol.is_scalar or place)
        if number and known is not None and (moment := known(here, order)) is not None:
            return forms.scalar(moment)
    if len(places) == 1 and not symbol.is_scalar and not place:
        found = _moment_of_words(forms, monomial, symbol)
        if found is not None:
            return found
    term = forms.term_of({monomial: fmpq(1)})
    free = (term.free - frozenset(about)).union(*(forms.declared[symbol].free - {symbol} for symbol in about))
    return forms.atom("mean", (monomial, about), terms.Expectation(term, about), free)


def _by(mean: Callable[[Any], Term], variance: Callable[[Any], Term]) -> Callable[[Any, int], Term | None]:
    return lambda law, order: {1: mean(law), 2: variance(law) + mean(law) ** 2}.get(order)


_MOMENTS: dict[type, Callable[[Any, int], Term | None]] = {
    **dict.fromkeys((laws.Normal, laws.AnyLaw), _by(lambda law: law.mean, lambda law: law.variance)),
    laws.Uniform: _by(lambda law: (law.lower + law.upper) / 2, lambda law: (law.upper - law.lower) ** 2 / 12),
    laws.Exponential: _by(lambda law: 1 / law.rate, lambda law: law.rate**-2),
    laws.Poisson: _by(lambda law: law.rate, lambda law: law.rate),
    laws.Binomial: _by(lambda law: law.trials * law.p, lambda law: law.trials * law.p * (1 - law.p)),
    laws.Bernoulli: lambda law, order: law.p,
    laws.Rademacher: lambda law, order: Number(Fraction(1 - order % 2)),
}


# -- of vectors ------------------------------------------------------------------------------------------------------------


def _moments_of_vector(forms: Forms, symbol: Symbol) -> tuple[WordSum, WordSum]:
    """E[x] and E[xxᵀ] of a random column."""
    law = forms.declared[symbol].law
    if symbol.cols != 1 or not isinstance(law, (laws.NormalVector, laws.AnyVector)):
        raise Beyond("a random matrix, or a column of another law")
    first = forms.matrix(law.mean)
    return first, sum_of(forms.matrix(law.covariance), product(forms, first, transposed(forms, first)))


def _moment_of_words(forms: Forms, monomial: Powers, symbol: Symbol) -> Poly | None:
    """E of aᵀx, of (aᵀx)(bᵀx) and of xᵀAx."""
    if any(forms.atoms[atom].kind != "word" or not 0 < times < 3 for atom, times in monomial):
        return None
    words = [forms.atoms[atom].parts for atom, times in monomial for _ in range(times)]
    (own,) = next(iter(forms.matrix(symbol)))
    places = [[k for k, c in enumerate(w) if symbol in forms.letters[c // 2].term.free] for w in words]
    first, second = _moments_of_vector(forms, symbol)
    if len(words) == 1 and words[0][:1] + words[0][-1:] == (own ^ 1, own) and len(places[0]) == 2:
        return trace_of(forms, product(forms, reduced(forms, words[0][1:-1]), second), symbol.rows)
    ends = [word if word[-1] == own else turned(forms, word) for word in words]
    if len(words) > 2 or any(word[-1] != own for word in ends) or any(len(place) != 1 for place in places):
        return None
    rows: list[WordSum] = [{word[:-1]: UNIT} for word in ends]
    if len(rows) == 1:
        return product(forms, rows[0], first).get((), ZERO)
    return product(forms, rows[0], second, transposed(forms, rows[1])).get((), ZERO)


def mean_of_matrix(forms: Forms, matrix: WordSum, among: Averaged) -> WordSum:
    """Of what is linear in a random column x, or has xxᵀ in it."""
    found: list[WordSum] = []
    for word, coefficient in matrix.items():
        at = [place for place, code in enumerate(word) if forms.letters[code // 2].term.free & among]
        if not at:
            found.append({word: mean(forms, coefficient, among)})
            continue
        symbol = forms.letters[word[at[0]] // 2].term
        if not isinstance(symbol, Symbol) or forms.free_in(coefficient) & among:
            raise Beyond("a mean of what is not linear")
        first, second = _moments_of_vector(forms, symbol)
        (own,) = next(iter(forms.matrix(symbol)))
        inside = {(own,): first, (own ^ 1,): transposed(forms, first), (own, own ^ 1): second}.get(
            word[at[0] : at[-1] + 1]
        )
        if inside is None:
            raise Beyond("a mean of what is not quadratic")
        ends = [reduced(forms, part) for part in (word[: at[0]], word[at[-1] + 1 :])]
        found.append(stretched(forms, product(forms, ends[0], inside, ends[1]), coefficient))
    return sum_of(*found)


# -- kinds -----------------------------------------------------------------------------------------------------------------


def _covariance(forms: Forms, left: Term, right: Term, named: tuple[Symbol, ...]) -> Poly:
    x, y, among = forms.scalar(left), forms.scalar(right), over(forms, named)
    apart = forms.times(mean(forms, x, among), mean(forms, y, among))
    return forms.minus(mean(forms, forms.times(x, y), among), apart)


def _covariances(forms: Forms, left: Term, right: Term, named: tuple[Symbol, ...]) -> WordSum:
    x, y, among = forms.matrix(left), transposed(forms, forms.matrix(right)), over(forms, named)
    apart = product(forms, mean_of_matrix(forms, x, among), mean_of_matrix(forms, y, among))
    return less(forms, mean_of_matrix(forms, product(forms, x, y), among), apart)


SCALARS.of(terms.Expectation)(lambda forms, term: mean(forms, forms.scalar(term.body), over(forms, term.over)))
SCALARS.of(terms.Variance)(lambda forms, term: _covariance(forms, term.body, term.body, term.over))
SCALARS.of(terms.Covariance)(lambda forms, term: _covariance(forms, term.left, term.right, term.over))
MATRICES.of(terms.Expectation)(
    lambda forms, term: mean_of_matrix(forms, forms.matrix(term.body), over(forms, term.over))
)
MATRICES.of(terms.Variance)(lambda forms, term: _covariances(forms, term.body, term.body, term.over))
MATRICES.of(terms.Covariance)(lambda forms, term: _covariances(forms, term.left, term.right, term.over))
