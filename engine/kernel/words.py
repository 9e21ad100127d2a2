"""Normal forms of matrices of any size: sums of words, in which transposes are pushed inside and what comes to a number has
moved into the coefficient. An inverse cancels with what it inverts, also where that is a sum: then its longest word beside the
inverse is rewritten by the others. Traces are taken up to cyclic order and transposition.
"""

from __future__ import annotations

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
    Word,
    WordSum,
    as_number,
    key_of,
    plus,
    scaled,
    unfolded,
)
from engine.terms import Number, Shape, Size, Symbol, Term, add, multiply, transpose

LONGEST_WORD, MOST_REWRITINGS, MOST_LETTERS = 24, 200, 12
IDENTITY: WordSum = {(): UNIT}


def letter_term(forms: Forms, code: int) -> Term:
    term = forms.letters[code // 2].term
    return transpose(term) if code % 2 else term


def shape_of(forms: Forms, code: int) -> Shape:
    return letter_term(forms, code).shape


def turned(forms: Forms, word: Word) -> Word:
    """The transpose of a word."""
    return tuple(code if forms.letters[code // 2].symmetric else code ^ 1 for code in reversed(word))


def word_term(forms: Forms, word: Word, size: Size) -> Term:
    """The term for a word; the empty one is the identity of a size."""
    return multiply(*(letter_term(forms, code) for code in word)) if word else terms.Identity(size)


def matrix_term(forms: Forms, matrix: WordSum, shape: Shape) -> Term:
    parts = (multiply(forms.term_of(c), word_term(forms, word, shape[0])) for word, c in sorted(matrix.items()))
    return add(terms.zero(shape), *parts)


def size_of(forms: Forms, size: Size) -> Poly:
    return forms.scalar(terms.term(size))


# -- arithmetic ----------------------------------------------------------------------------------------------------------


def sum_of(*matrices: WordSum) -> WordSum:
    found: WordSum = {}
    for matrix in matrices:
        for word, coefficient in matrix.items():
            found[word] = plus(found.get(word, ZERO), coefficient)
    return {word: coefficient for word, coefficient in found.items() if coefficient}


def stretched(forms: Forms, matrix: WordSum, by: Poly) -> WordSum:
    return {word: product for word, c in matrix.items() if (product := forms.times(c, by))}


def less(forms: Forms, left: WordSum, right: WordSum) -> WordSum:
    return sum_of(left, stretched(forms, right, scaled(UNIT, fmpq(-1))))


def product(forms: Forms, *factors: WordSum) -> WordSum:
    found = factors[0]
    for factor in factors[1:]:
        pairs = ((one + other, forms.times(a, b)) for one, a in found.items() for other, b in factor.items())
        found = sum_of(*(stretched(forms, reduced(forms, word), c) for word, c in pairs))
    return found


def transposed(forms: Forms, matrix: WordSum) -> WordSum:
    return sum_of(*({turned(forms, word): c} for word, c in matrix.items()))


def is_same(forms: Forms, left: WordSum, right: WordSum) -> bool:
    return all(map(forms.is_zero, less(forms, left, right).values()))


def matrix_key(forms: Forms, matrix: WordSum) -> frozenset[tuple[Word, FormKey]]:
    return frozenset((word, key) for word, c in matrix.items() if (key := forms.key(c)))


# -- words in their normal form ------------------------------------------------------------------------------------------


def reduced(forms: Forms, word: Word) -> WordSum:
    """A word where inverses have met what they invert, and what comes to a number is one."""
    waiting, found = [(word, UNIT)], WordSum()
    for _ in range(MOST_REWRITINGS):
        if not waiting:
            return found
        here, coefficient = waiting.pop()
        rewritten = _rewritten(forms, here)
        if rewritten is None:
            kept, number = _without_numbers(forms, here)
            found = sum_of(found, {kept: forms.times(coefficient, number)})
        else:
            waiting.extend((other, forms.times(coefficient, c)) for other, c in rewritten.items())
    raise Beyond("too long a product")


def _rewritten(forms: Forms, word: Word) -> WordSum | None:
    """By P⁻¹w = (I − P⁻¹(P − cw))/c for a word w of P, or the like from the left; by what turns were learnt."""
    if len(word) > LONGEST_WORD:
        raise Beyond("too long a product")
    for place, code in enumerate(word):
        inverted = forms.letters[code // 2].inverts
        if inverted is None:
            continue
        before, after = word[:place], word[place + 1 :]
        argument = transposed(forms, inverted) if code % 2 else inverted
        lead = _lead(forms, argument)
        right, left = lead == after[: len(lead)], lead == before[len(before) - len(lead) :]
        if lead and (right or left):
            inverse = forms.inverse(argument[lead])
            minus = scaled(inverse, fmpq(-1))
            others = {w: forms.times(c, minus) for w, c in argument.items() if w != lead}
            if right:
                after, rest = after[len(lead) :], {(code, *w): c for w, c in others.items()}
            else:
                before, rest = before[: len(before) - len(lead)], {(*w, code): c for w, c in others.items()}
            return {before + other + after: c for other, c in sum_of({(): inverse}, rest).items()}
        if (other := forms.turned.get((code, after[:1]))) is not None:
            return {before + after[:1] + (other,) + after[1:]: UNIT}
    return None


def _lead(forms: Forms, argument: WordSum) -> Word:
    """The longest word, of those whose coefficient is never zero."""
    words = sorted((word for word in argument if word), key=lambda word: (-len(word), word))
    return next((w for w in words if as_number(argument[w]) is not None or forms.is_never_zero(argument[w])), ())


def _without_numbers(forms: Forms, word: Word) -> tuple[Word, Poly]:
    """A word cut where it is one wide: the pieces in between come to numbers."""
    pieces: list[Word] = [()]
    for code in word:
        pieces[-1] += (code,)
        if shape_of(forms, code)[1] == 1:
            pieces.append(())
    kept, number = Word(), UNIT
    for piece in filter(None, pieces):
        if shape_of(forms, piece[0])[0] == 1 and shape_of(forms, piece[-1])[1] == 1:
            number = forms.times(number, _number_of(forms, piece))
        else:
            kept += piece
    return kept, number


def _number_of(forms: Forms, word: Word) -> Poly:
    """A word that comes to a number; entry by entry, where that is asked for, if it is of two columns."""
    word = min(word, turned(forms, word))
    if len(word) == 2 and all(forms.letters[code // 2].kind == "ones" for code in word):
        return size_of(forms, shape_of(forms, word[0])[1])
    if forms.entrywise and len(word) == 2:
        index, columns = forms.fresh(), (letter_term(forms, word[0] ^ 1), letter_term(forms, word[1]))
        body = multiply(*(terms.entry(column, index) for column in columns))
        return forms.scalar(terms.total(body, index, columns[0].rows))
    return forms.atom("word", word, word_term(forms, word, 1))


def trace_of(forms: Forms, matrix: WordSum, size: Size) -> Poly:
    return plus(ZERO, *(forms.times(c, _trace_of_word(forms, word, size)) for word, c in matrix.items()))


def _trace_of_word(forms: Forms, word: Word, size: Size) -> Poly:
    if not word:
        return size_of(forms, size)
    rotations = [word[place:] + word[:place] for place in range(len(word))]
    for here in rotations:
        if shape_of(forms, here[0])[0] == 1:
            return reduced(forms, here).get((), ZERO)
        if (rewritten := _rewritten(forms, here)) is not None:
            return trace_of(forms, rewritten, shape_of(forms, here[0])[0])
    kept = min(min(here, turned(forms, here)) for here in rotations)
    return forms.atom("trace", kept, terms.trace(word_term(forms, kept, 1)))


# -- inverses ------------------------------------------------------------------------------------------------------------


def inverse_of(forms: Forms, matrix: WordSum, size: Size) -> WordSum:
    """The inverse: of a product of square letters, letter by letter; of anything else a letter, up to a common factor."""
    share, rest = _primitive(forms, matrix)
    ((word, _), *more) = rest.items()
    if more or any(shape_of(forms, code) != (size, size) for code in word):
        return {(_inverse_letter(forms, rest, size),): forms.inverse(share)}
    letters = tuple(_inverse_of_letter(forms, code) for code in reversed(word))
    return stretched(forms, reduced(forms, letters), forms.inverse(share))


def _primitive(forms: Forms, matrix: WordSum) -> tuple[Poly, WordSum]:
    """A common factor of the coefficients, with their denominators, and the rest. Where the whole is invertible, it is not 0."""
    share, common = UNIT, dict[FormKey, int]()
    for place, c in enumerate(dict(sorted(matrix.items())).values()):
        number, factors = forms.factors(c)
        here = {key_of(factor): times for factor, times in factors}
        share = share if place else {(): number}
        common = {k: min(common.get(k, 0) if place else here.get(k, 0), here.get(k, 0)) for k in (*common, *here)}
    for key, times in common.items():
        share = forms.times(share, forms.whole_power(forms.as_factor(dict(key)), times))
    rest = {word: forms.quotient(c, share) for word, c in matrix.items()}
    if not rest:
        raise Beyond("zero is inverted")
    return share, rest


def _inverse_of_letter(forms: Forms, code: int) -> int:
    letter = forms.letters[code // 2]
    words = list(letter.inverts or {})
    if len(words) == 1 and len(words[0]) == 1:
        return words[0][0] ^ code % 2
    return _inverse_letter(forms, {(code & ~1,): UNIT}, letter.term.rows) | code % 2


def _inverse_letter(forms: Forms, argument: WordSum, size: Size) -> int:
    symmetric = transposed(forms, argument) == argument
    term = matrix_term(forms, argument, (size, size)).I
    return forms.letter("inverse", matrix_key(forms, argument), term, symmetric, argument)


def learn_turns(forms: Forms) -> bool:
    """Whether P⁻¹A = AQ⁻¹ is found for inverses and a letter that occur: it holds where PA = AQ, since both are invertible."""
    codes = [2 * k + flag for k, letter in enumerate(forms.letters) for flag in ((0,) if letter.symmetric else (0, 1))]
    inverses = [code for code in codes if not code % 2 and forms.letters[code // 2].inverts is not None]
    if len(codes) <= MOST_LETTERS and not forms.turned:
        for p, q, a in ((p, q, a) for p in inverses for q in inverses for a in codes if p != q and a not in inverses):
            fits = shape_of(forms, a) == (shape_of(forms, p)[0], shape_of(forms, q)[0])
            outer, inner = forms.letters[p // 2].inverts, forms.letters[q // 2].inverts
            letter: WordSum = {(a,): UNIT}
            fits = fits and (q, turned(forms, (a,))) not in forms.turned
            if (
                fits
                and outer
                and inner
                and is_same(forms, product(forms, outer, letter), product(forms, letter, inner))
            ):
                forms.turned[p, (a,)] = q
                forms.forget()
    return bool(forms.turned)


# -- kinds of matrices -----------------------------------------------------------------------------------------------------

_ONLY_WHOLE = (
    *(Number, terms.Pi, terms.Infinity, terms.Trace, terms.Determinant, terms.SquaredNorm, terms.Entry, terms.Explicit),
    *(terms.Unit, terms.Iterate, terms.Limit, terms.Kronecker, terms.Vec, terms.ArgMin, terms.Summation),
    terms.At,
)


def general(forms: Forms, kind: str, parts: object, term: Term, symmetric: bool = False) -> WordSum:
    """A matrix that is one letter."""
    return {(forms.letter(kind, parts, term, symmetric),): UNIT}


MATRICES.of(*_ONLY_WHOLE)(lambda forms, term: general(forms, "opaque", term, term))
MATRICES.of(terms.Identity)(lambda forms, term: IDENTITY)
MATRICES.of(terms.Zero)(lambda forms, term: {})
MATRICES.of(terms.Add)(lambda forms, term: sum_of(*map(forms.matrix, term.terms)))
MATRICES.of(terms.Transpose)(lambda forms, term: transposed(forms, forms.matrix(term.inner)))
MATRICES.of(terms.Call)(lambda forms, term: forms.matrix(unfolded(forms, term)))
MATRICES.of(terms.Diagonal, terms.DiagonalOf)(
    lambda forms, term: general(
        forms,
        type(term).__name__,
        matrix_key(forms, forms.matrix(term.inner)),
        term,
        symmetric=isinstance(term, terms.Diagonal),
    )
)


@MATRICES.of(Symbol)
def _symbol(forms: Forms, term: Symbol) -> WordSum:
    symmetric = term in forms.declared and forms.declared[term].domain.structure.is_symmetric
    return general(forms, "symbol", term, term, symmetric)


@MATRICES.of(terms.Ones)
def _ones(forms: Forms, term: terms.Ones) -> WordSum:
    """𝟏, or 𝟏𝟏ᵀ."""
    rows, cols = ((forms.letter("ones", size, terms.ones(size)),) if size != 1 else () for size in term.shape)
    return {rows + turned(forms, cols): UNIT}


@MATRICES.of(terms.Multiply)
def _multiply(forms: Forms, term: terms.Multiply) -> WordSum:
    number, matrix = UNIT, IDENTITY
    for run, is_scalar in term.chains:
        if len(run) == 1 and is_scalar:
            number = forms.times(number, forms.scalar(run[0]))
        elif is_scalar:
            number = forms.times(number, product(forms, *map(forms.matrix, run)).get((), ZERO))
        else:
            matrix = product(forms, *map(forms.matrix, run))
    return stretched(forms, matrix, number)


@MATRICES.of(terms.Power)
def _power(forms: Forms, term: terms.Power) -> WordSum:
    times = term.exponent.value if isinstance(term.exponent, Number) else None
    if times is None or times.denominator != 1 or abs(times) > 8:
        return general(forms, "opaque", term, term)
    base = forms.matrix(term.base) if times > 0 else inverse_of(forms, forms.matrix(term.base), term.base.rows)
    return product(forms, *[base] * abs(int(times))) if times else IDENTITY


# -- scalars of matrices -----------------------------------------------------------------------------------------------------

SCALARS.of(terms.Multiply)(lambda forms, term: _multiply(forms, term).get((), ZERO))
SCALARS.of(terms.Trace)(lambda forms, term: trace_of(forms, forms.matrix(term.inner), term.inner.rows))
SCALARS.of(terms.Determinant)(
    lambda forms, term: forms.atom("determinant", matrix_key(forms, forms.matrix(term.inner)), term)
)


@SCALARS.of(terms.SquaredNorm)
def _squared_norm(forms: Forms, term: terms.SquaredNorm) -> Poly:
    inner = forms.matrix(term.inner)
    around = (inner, transposed(forms, inner)) if term.inner.rows == 1 else (transposed(forms, inner), inner)
    whole = product(forms, *around)
    return whole.get((), ZERO) if 1 in term.inner.shape else trace_of(forms, whole, term.inner.cols)


@SCALARS.of(terms.Entry)
def _entry(forms: Forms, term: terms.Entry) -> Poly:
    inside = terms.entry(term.base, *term.indices)
    if not isinstance(inside, terms.Entry):
        return forms.scalar(inside)
    places = tuple(forms.canonical(forms.scalar(index)) for index in inside.indices)
    words = forms.matrix(inside.base).items()
    return plus(ZERO, *(forms.times(c, _entry_of_word(forms, w, places, inside.base.shape)) for w, c in words))


def _entry_of_word(forms: Forms, word: Word, places: tuple[Poly, ...], shape: Shape) -> Poly:
    """An entry of a word; of an outer product, that of its factors."""
    cut = next((k + 1 for k, code in enumerate(word[:-1]) if shape_of(forms, code)[1] == 1), 0)
    if cut and len(places) == 2:
        left = _entry_of_word(forms, word[:cut], places[:1], (shape[0], 1))
        return forms.times(left, _entry_of_word(forms, turned(forms, word[cut:]), places[1:], (shape[1], 1)))
    letter = forms.letters[word[0] // 2] if len(word) == 1 else None
    if letter is not None and letter.kind == "ones":
        return UNIT
    if letter is not None and letter.kind == "each" and len(places) == 1:
        return forms.scalar(terms.entry(letter_term(forms, word[0]), forms.term_of(places[0])))
    if letter is not None and word[0] % 2 and len(places) == 2:
        return _entry_of_word(forms, (word[0] ^ 1,), places[::-1], shape[::-1])
    keys = tuple(map(key_of, places))
    if not word and keys[0] == keys[1]:
        return UNIT
    term = terms.Entry(word_term(forms, word, shape[0]), tuple(map(forms.term_of, places)))
    parts = (word, frozenset(keys) if letter is not None and letter.symmetric else keys)
    return forms.atom("entry", parts, term, term.base.free.union(*map(forms.free_in, places)))
