"""Looks for proof trees of signs, definiteness and invertibility. What it finds is walked again by `engine.kernel.trees`: it need
not be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, product

from flint import fmpq

from engine import terms
from engine.kernel.normal_forms import Beyond, Forms, Poly, Word, as_number, atoms_in, lone, plus, scaled
from engine.kernel.trees import AT_MOST, LESS, OTHER, PD, POSITIVE_FUNCTIONS, REGULAR, Tree, about_zero, declared, holds
from engine.kernel.words import letter_term, matrix_term, turned, word_term
from engine.terms import MINUS_ONE, Number, Size, Term, multiply, negate, power
from engine.terms.formulas import (
    Formula,
    invertible,
    nonnegative,
    nonzero,
    positive,
    positive_definite,
    positive_semidefinite,
)

Signed = tuple[int, Tree]  # of the thing, or of what it is minus
SAYING = {LESS: positive, AT_MOST: nonnegative, OTHER: nonzero}
MOST_SHIFTS = 12


def sign(forms: Forms, poly: Poly) -> str:
    """What is shown of a normal form: "+", "-", "0+", "0-", "≠" or nothing."""
    try:
        found = signed(forms, poly)
    except Beyond:
        return ""
    if found is None or not holds(found[1], forms):
        return ""
    direction, tree = found
    return "≠" if tree.says is OTHER else ("0" if tree.says is AT_MOST else "") + ("+" if direction > 0 else "-")


# -- signs of normal forms -------------------------------------------------------------------------------------------------


def signed(forms: Forms, poly: Poly) -> Signed | None:
    """The strongest that is found of a scalar."""
    poly = forms.canonical(poly)
    number = as_number(poly)
    if number is not None:
        told = nonnegative(terms.ZERO) if number == 0 else positive(forms.term_of({(): abs(number)}))
        return (-1 if number < 0 else 1), Tree("number", told)
    coefficient, factors = forms.factors(poly)
    if len(factors) == 1 and factors[0][1] == 1 and coefficient == 1:
        return _of_factor(forms, poly)
    direction, parts = (1 if coefficient > 0 else -1), list[Tree]()
    for factor, times in factors:
        found = _of_power(forms, factor, times)
        if found is None:
            return None
        direction *= found[0]
        parts += found[1]
    return _together(forms, poly, direction, parts)


def _together(forms: Forms, poly: Poly, direction: int, parts: list[Tree]) -> Signed | None:
    says = {part.says for part in parts}
    if {OTHER, AT_MOST} <= says:
        return None
    relation = next((weak for weak in (OTHER, AT_MOST) if weak in says), LESS)
    term = forms.term_of(scaled(poly, fmpq(1 if relation is OTHER else direction)))
    return (1 if relation is OTHER else direction), Tree("product", SAYING[relation](term), tuple(parts))


def _of_power(forms: Forms, factor: Poly, times: int) -> tuple[int, list[Tree]] | None:
    """Of f^k: squares are not negative, whatever f is."""
    term, inside = forms.term_of(factor), signed(forms, factor) if times > 0 or times % 2 else None
    squares: list[Tree] = []
    if abs(times) > 1:
        here = power(term, terms.TWO if times > 0 else terms.term(-2))
        apart = inside is not None and inside[1].says is not AT_MOST
        parts = (_weaker(nonzero(term), inside[1]),) if inside is not None and apart and times > 0 else ()
        squares = [Tree("square", (positive if apart or times < 0 else nonnegative)(here), parts)] * (abs(times) // 2)
    if times % 2 == 0:
        return 1, squares
    if times > 0:
        return None if inside is None else (inside[0], [inside[1], *squares])
    if inside is None or inside[1].says is not LESS:
        return 1, [Tree("reciprocal", nonzero(power(term, MINUS_ONE))), *squares]
    below = power(inside[1].of, MINUS_ONE)
    return inside[0], [Tree("reciprocal", positive(below), (inside[1],)), *squares]


def _weaker(shows: Formula, tree: Tree) -> Tree:
    return tree if tree.shows == shows else Tree("weaker", shows, (tree,))


def _of_factor(forms: Forms, poly: Poly) -> Signed | None:
    found: list[Signed] = []
    for candidate in _candidates(forms, poly):
        if candidate[1].says is LESS:
            return candidate
        found.append(candidate)
    closed = [item for item in found if item[1].says is AT_MOST]
    apart = [item for item in found if item[1].says is OTHER]
    if closed and apart:
        direction, tree = closed[0]
        return direction, Tree("apart", positive(tree.of), (tree, _weaker(nonzero(tree.of), apart[0][1])))
    return next(iter(closed + apart), None)


def _candidates(forms: Forms, poly: Poly) -> Iterator[Signed]:
    both = {direction: forms.term_of(scaled(poly, fmpq(direction))) for direction in (1, -1)}
    for told in (Tree("given", known) for known in map(about_zero, forms.known) if known is not None):
        yield from _by_known(forms, poly, both, told)
    if len(poly) == 1:
        yield from _of_atom(forms, atoms_in(poly)[0], both[1])
        return
    for direction in (1, -1):
        if (found := _of_sum(forms, scaled(poly, fmpq(direction)), both[direction])) is not None:
            yield direction, found
    yield from _by_shifting(forms, poly, both)


def _by_known(forms: Forms, poly: Poly, both: dict[int, Term], told: Tree) -> Iterator[Signed]:
    try:
        ratio = forms.quotient(poly, forms.scalar(told.of))
        number = as_number(ratio)
        if number is not None:
            direction = 1 if number > 0 or told.says is OTHER else -1
            yield direction, _weaker(SAYING[told.says](both[direction]), told)
        elif len(ratio) == 1 and len(poly) > 1 and (rest := signed(forms, ratio)) is not None:
            found = _together(forms, poly, rest[0], [told, rest[1]])
            yield from () if found is None else (found,)
    except Beyond:
        return


def _of_sum(forms: Forms, poly: Poly, term: Term) -> Tree | None:
    """Of all terms of a sum, where none is negative."""
    parts = []
    for monomial, coefficient in sorted(poly.items()):
        found = signed(forms, {monomial: coefficient})
        if found is None or found[0] < 0 or found[1].says is OTHER:
            return None
        parts.append(found[1])
    relation = LESS if any(part.says is LESS for part in parts) else AT_MOST
    return Tree("sum", SAYING[relation](term), tuple(parts)) if parts else None


def _by_shifting(forms: Forms, poly: Poly, both: dict[int, Term]) -> Iterator[Signed]:
    """With the distance to an end of its domain in place of a symbol: 1 − p, for p < 1."""
    choices: list[list[tuple[int, Poly] | None]] = []
    for atom in atoms_in(poly):
        own = forms.atoms[atom]
        gaps = [fact for fact in declared(forms, own.term) if fact.relation is not OTHER and fact.right != own.term]
        choices.append([None, *((atom, _by_gap(forms, atom, fact)) for fact in gaps)])
    for choice in islice(product(*choices), 1, MOST_SHIFTS):
        there = poly
        for atom, by in filter(None, choice):
            there = forms.composed(there, atom, by)
        for direction in (1, -1):
            if (found := _of_sum(forms, scaled(there, fmpq(direction)), both[direction])) is not None:
                yield direction, found


def _by_gap(forms: Forms, atom: int, fact: Formula) -> Poly:
    """A symbol, by its distance to an end: x = l + s for s = x − l, x = u − s for s = u − x."""
    gap, own = forms.scalar(Tree("given", fact).of), lone(atom)
    stand_in = forms.atom("gap", fact, Tree("given", fact).of)
    rises = gap[next(iter(own))] > 0
    return forms.minus(plus(own, stand_in), gap) if rises else forms.minus(plus(own, gap), stand_in)


def _of_atom(forms: Forms, atom: int, term: Term) -> Iterator[Signed]:
    own = forms.atoms[atom]
    match own.kind:
        case "symbol" | "entry":
            for told in declared(forms, term):
                yield from _from_end(told, term)
        case "gap":
            yield 1, Tree("given", own.parts)
        case "e" | "real power":
            yield 1, Tree("by kind", positive(term))
        case "apply" if own.parts[0] in POSITIVE_FUNCTIONS:
            yield 1, Tree("by kind", positive(term))
        case "abs" | "root":
            inside = dict(own.parts if own.kind == "abs" else own.parts[0])
            found = signed(forms, inside)
            if found is not None and found[1].says is not AT_MOST:
                yield 1, Tree("by kind", positive(term), (_weaker(nonzero(forms.term_of(inside)), found[1]),))
            yield 1, Tree("by kind", nonnegative(term))
        case "word":
            half = own.parts[len(own.parts) // 2 :]
            if turned(forms, half) + half == own.parts:
                apart = _nonzero_matrix(forms, word_term(forms, half, 1))
                yield 1, Tree("by kind", (positive if apart else nonnegative)(term), tuple(filter(None, (apart,))))
        case "sum":
            yield from _of_summation(forms, term)
        case "determinant":
            inner = term.children[0]
            found_of = definite(forms, inner)
            if found_of is not None and found_of.says is PD:
                yield 1, Tree("determinant", positive(term), (found_of,))
            elif (regular := regular_tree(forms, inner)) is not None:
                yield 1, Tree("determinant", nonzero(term), (regular,))


def _from_end(told: Formula, term: Term) -> Iterator[Signed]:
    """A sign of a symbol from what is told of its distance to an end."""
    given = Tree("given", told)
    if given.of == term:
        yield 1, given
        return
    for direction, subject in ((1, term), (-1, negate(term))):
        rest = terms.add(subject, negate(given.of))  # x − (x − l) is written as one number by `add`, only if it is one
        parts = list(given.of.terms) if isinstance(given.of, terms.Add) else [given.of]
        if subject in parts:
            parts.remove(subject)
            rest = negate(terms.add(terms.ZERO, *parts))
        if isinstance(rest, Number) and rest.value > 0:
            yield direction, Tree("sum", positive(subject), (given, Tree("number", positive(rest))))
        elif isinstance(rest, Number) and rest.value == 0:
            yield direction, given


def _nonzero_matrix(forms: Forms, matrix: Term) -> Tree | None:
    """That a column is not zero: so told, or a factor of a product that is not."""
    for known in forms.known:
        if known.relation is not OTHER:
            continue
        factors = known.left.factors if isinstance(known.left, terms.Multiply) else ()
        if known.left == matrix:
            return Tree("given", known)
        if matrix in factors or terms.transpose(matrix) in factors:
            return Tree("factor", nonzero(matrix), (Tree("given", known),))
    return None


def _of_summation(forms: Forms, term: Term) -> Iterator[Signed]:
    assert isinstance(term, terms.Summation)
    found, length = signed(forms, forms.scalar(term.body)), signed(forms, forms.scalar(term.length))
    if found is None or found[1].says is OTHER:
        return
    direction, tree = found
    body, subject = (term.body, term) if direction > 0 else (negate(term.body), negate(term))
    whole = terms.Summation(body, term.index, term.length)
    some = length is not None and length[0] > 0 and length[1].says is LESS
    says: Callable[[Term], Formula] = positive if some and tree.says is LESS else nonnegative
    counted = (_weaker(positive(term.length), length[1]),) if some and length is not None else ()
    yield direction, _weaker(says(subject), Tree("each term", says(whole), (_weaker(says(body), tree), *counted)))


# -- matrices ----------------------------------------------------------------------------------------------------------------


def definite(forms: Forms, matrix: Term) -> Tree | None:
    """That a matrix is definite, or semidefinite."""
    parts: list[Tree] = []
    for word, coefficient in sorted(forms.matrix(matrix).items()):
        number, core = signed(forms, coefficient), _definite_word(forms, word, matrix.rows)
        if number is None or number[0] < 0 or number[1].says is OTHER or core is None:
            return None
        says = positive_definite if number[1].says is LESS and core.says is PD else positive_semidefinite
        parts.append(Tree("multiple", says(multiply(number[1].of, core.of)), (number[1], core)))
    strong = any(part.says is PD for part in parts)
    tree = Tree("sum", (positive_definite if strong else positive_semidefinite)(matrix), tuple(parts))
    regular = None if strong else _given_regular(forms, matrix)
    return (tree if regular is None else Tree("both", positive_definite(matrix), (tree, regular))) if parts else None


def _definite_word(forms: Forms, word: Word, size: Size) -> Tree | None:
    term = word_term(forms, word, size)
    if not word:
        return Tree("identity", positive_definite(term))
    told = (Tree("given", says(term)) for says in (positive_definite, positive_semidefinite))
    if (given := next((tree for tree in told if holds(tree, forms)), None)) is not None:
        return given
    if len(word) == 1:
        inverted = forms.letters[word[0] // 2].inverts
        inner = None if inverted is None else definite(forms, matrix_term(forms, inverted, (size, size)))
        if inner is not None and inner.says is PD:
            return Tree("inverse", positive_definite(term), (inner,))
        return None
    core = _definite_word(forms, word[1:-1], letter_term(forms, word[-1]).rows) if len(word) > 2 else None
    if turned(forms, word[:1]) != word[-1:] or (len(word) > 2 and core is None):
        return None
    parts, strong = (() if core is None else (core,)), core is None or core.says is PD
    regular = regular_tree(forms, letter_term(forms, word[-1])) if strong else None
    if regular is not None:
        return Tree("gram", positive_definite(term), (*parts, regular))
    weak, whole = Tree("gram", positive_semidefinite(term), parts), _given_regular(forms, term)
    return weak if whole is None else Tree("both", positive_definite(term), (weak, whole))


def _given_regular(forms: Forms, matrix: Term) -> Tree | None:
    for known in forms.known:
        if known.relation is REGULAR and isinstance(known.left, Term) and known.left.shape == matrix.shape:
            tree = Tree("weaker", invertible(matrix), (Tree("given", known),))
            if holds(tree, forms):
                return tree
    return None


def regular_tree(forms: Forms, matrix: Term) -> Tree | None:
    """That a matrix is invertible."""
    if matrix.rows != matrix.cols:
        return None
    if holds(own := Tree("given", invertible(matrix)), forms):
        return own
    found = _given_regular(forms, matrix) or definite(forms, matrix)
    if found is not None and found.says in (PD, REGULAR):
        return _weaker(invertible(matrix), found)
    parts = forms.matrix(matrix)
    return _factors_regular(forms, matrix) if len(parts) == 1 and () not in parts else _turned_around(forms, matrix)


def _factors_regular(forms: Forms, matrix: Term) -> Tree | None:
    ((word, coefficient),) = forms.matrix(matrix).items()
    number = signed(forms, coefficient)
    factors = [letter_term(forms, code) for code in word]
    if number is None or number[1].says is AT_MOST or (len(word) == 1 and factors[0] == matrix):
        return None
    trees = [regular_tree(forms, factor) for factor in factors]
    core = Tree("factors", invertible(multiply(*factors)), tuple(filter(None, trees)))
    apart = _weaker(nonzero(forms.term_of(coefficient)), number[1])
    return Tree("multiple", invertible(matrix), (apart, core)) if all(trees) else None


def _turned_around(forms: Forms, matrix: Term) -> Tree | None:
    parts = forms.matrix(matrix)
    words, number = [word for word in parts if word], signed(forms, parts.get((), {}))
    if len(words) != 1 or number is None or number[1].says is AT_MOST:
        return None
    (word,), apart = words, _weaker(nonzero(forms.term_of(parts[()])), number[1])
    for around in (word[place:] + word[:place] for place in range(1, len(word))):
        size = letter_term(forms, around[0]).rows
        found = definite(forms, matrix_term(forms, {around: parts[word], (): parts[()]}, (size, size)))
        if found is not None and found.says is PD:
            return Tree("turned around", invertible(matrix), (found, apart))
    return None
