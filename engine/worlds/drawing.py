"""Worlds: random models of the premises.

A world gives every size a small whole number, every symbol an exact rational that obeys its domain,
every random symbol its law. Worlds are stratified: what kind of sizes, signs and nearness to an edge
is fixed by a design, so that no structure is missed by chance; only the numbers themselves are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain, combinations, permutations, product

from flint import fmpq

from engine.terms import Symbol, Term
from engine.terms.declarations import Declaration, Domain, Structure
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Draws, Multinomial
from engine.worlds.degrees import degree
from engine.worlds.signs import sign_of_place
from engine.worlds.solving import linear_solutions
from engine.worlds.truth import admits, obeyed
from engine.worlds.values import Matrix, Polynomial, Undefined, Unsupported, certainly_zero
from engine.worlds.world import DYADIC, SAMPLE, Value, World, atom, map_entries, rational

ATTEMPTS = 6


class Impossible(Exception):
    """No world of this structure obeys the premises."""


# The sizes of worlds 0 to 8, a word a symbol: any two words have a place where the first digit is the smaller,
# one where they are equal and one where it is the larger. The first four are an orthogonal array of strength two.
_DESIGN = (
    "222333111",
    "231231231",
    "231312123",
    "213321132",
    "312211323",
    "233211321",
    "311132322",
    "213122331",
    "323312211",
    "211322313",
)
MOST_DESIGNED = 40


@cache
def _words() -> tuple[str, ...]:
    """The design for more symbols: further words of which the same is true."""
    words, further = list(_DESIGN), sorted({"".join(word) for word in permutations("111222333")})
    random.Random("words").shuffle(further)
    for word in further:
        if len(words) < MOST_DESIGNED and all(_told_apart(word, other) for other in words):
            words.append(word)
    return tuple(words)


def _told_apart(one: str, other: str) -> bool:
    """Whether a digit of one word is the smaller at a place, one is equal, and one the larger."""
    return {(a > b) - (a < b) for a, b in zip(one, other, strict=True)} == {-1, 0, 1}


def _sizes(symbols: list[Symbol], number: int, largest: int) -> dict[Symbol, int]:
    """The sizes of a world by design, so that n < d, n = d and n > d are all seen, of any two sizes.

    World 9 has all sizes equal and as large as the claim's degree asks; 10 and 11 each draw a half of
    them up to 12. Raises Unsupported for more symbols than the design has room for.
    """
    if len(symbols) > MOST_DESIGNED:
        raise Unsupported(f"it has more than {MOST_DESIGNED} sizes")
    words = _DESIGN if len(symbols) <= len(_DESIGN) else _words()
    draw = random.Random(f"sizes {number}")
    chosen: dict[Symbol, int] = {}
    for place, symbol in enumerate(symbols):
        if number < 9:
            chosen[symbol] = int(words[place][number])
        elif number == 9:
            chosen[symbol] = largest
        else:
            chosen[symbol] = draw.randint(5, 12) if place % 2 == number % 2 else draw.randint(2, 3)
    return chosen


# On what scale a number is drawn in wide worlds, a power of two a world: what is piecewise is to be seen on all its
# pieces. What is analytic is the same everywhere if it is on one scale.
_SCALES = (0, 0, 12, 0, -12, 0, 0, 12, 0, 0, -12, 0)


# What the numbers of a world are fractions of: of a power of two in half of the design, of a prime in the others, so that
# what has a period is seen at no whole number of it.
_PRIMES = (2147483659, 2147483693, 2147483713, 2147483743, 2147483777, 2147483783)


def _denominator(number: int) -> int:
    return _PRIMES[number // 2 % len(_PRIMES)] if number % 2 else DYADIC


@dataclass(frozen=True)
class Lot:
    """How the numbers of a world are drawn: what they are fractions of, on scales how wide apart, near which end of a domain."""

    number: int
    denominator: int
    wide: bool = False

    def scale(self, place: int) -> fmpq:
        return fmpq(2) ** (_SCALES[(self.number + 5 * place) % len(_SCALES)] if self.wide else 0)

    def atom(self, draw: random.Random, sign: int = 1) -> fmpq:
        return atom(draw, sign, self.denominator)

    def between(self, lower: fmpq, upper: fmpq, place: int, draw: random.Random) -> fmpq:
        """Near one of the ends, or anywhere between them."""
        part = self.atom(draw) / 4
        part = (part / 64, 1 - part / 64, part)[(self.number + place) % 3]
        return lower + part * (upper - lower)


def has_both_signs(domain: Domain) -> bool:
    return (domain.lower is None or domain.lower < 0) and (domain.upper is None or domain.upper > 0)


def _draw_scalar(domain: Domain, lot: Lot, place: int, sign: int, scale: fmpq, draw: random.Random) -> fmpq:
    """A number of a domain; where it has numbers of both signs, one of this sign."""
    if domain.whole:
        return _draw_whole(domain, lot, sign, draw)
    lower, upper = domain.lower, domain.upper
    if has_both_signs(domain):
        lower, upper = (Fraction(0), upper) if sign > 0 else (lower, Fraction(0))
    if lower is not None and upper is not None:
        return lot.between(rational(lower), rational(upper), place, draw)
    if lower is not None:
        return rational(lower) + scale * lot.atom(draw)
    assert upper is not None
    return rational(upper) - scale * lot.atom(draw)


SMALL_WHOLE = {1: 1, 4: 2, 7: 3, 10: 7}  # what a whole number that is no size is in some worlds


def _draw_whole(domain: Domain, lot: Lot, sign: int, draw: random.Random) -> fmpq:
    """Small in a few worlds, large in most; with either sign where it may have one."""
    size = SMALL_WHOLE.get(lot.number) or draw.randrange(5, SAMPLE)
    return fmpq(-size if domain.lower is None and sign < 0 else size)


def _draw_matrix(domain: Domain, height: int, width: int, lot: Lot, scale: fmpq, draw: random.Random) -> Matrix:
    def entry(i: int, j: int) -> fmpq:
        if domain.lower is not None or domain.upper is not None:
            return _draw_scalar(domain, lot, i + j, draw.choice((1, -1)), scale, draw)
        return scale * lot.atom(draw, draw.choice((1, -1)))

    structure = domain.structure
    free = Matrix.from_function(height, width, entry)
    if structure is Structure.SYMMETRIC:
        return Matrix.from_function(height, width, lambda i, j: free.rows[min(i, j)][max(i, j)])
    if structure is Structure.POSITIVE_DEFINITE:
        return free @ free.T + Matrix.identity(height)
    if structure is Structure.POSITIVE_SEMIDEFINITE:
        rank = max(1, height - lot.number % 2)  # singular in every other world
        thin = Matrix.from_function(height, rank, entry)
        return thin @ thin.T
    if structure is Structure.INVERTIBLE and certainly_zero(free.determinant()):
        return _draw_matrix(domain, height, width, lot, scale, draw)
    return free


def _random_entries(symbol: Symbol, height: int, width: int) -> Matrix:
    return Matrix.from_function(height, width, lambda i, j: Polynomial.variable((symbol.name, i + 1, j + 1)))


Signs = tuple[tuple[Symbol, int], ...]


@lru_cache(maxsize=8192)
def drawn(
    declarations: frozenset[Declaration],
    sizes: frozenset[Symbol],
    number: int,
    largest: int,
    attempt: int,
    wide: bool = False,
    signs: Signs = (),
) -> World:
    """The world of this number; another `attempt` is another draw of the same structure, and `signs` are other signs.

    Drawn once, so that what is computed in it is computed once.
    """
    structural = sorted(sizes, key=lambda symbol: symbol.name)
    return filled_world(declarations, _sizes(structural, number, largest), number, str(attempt), wide, signs)


def filled_world(
    declarations: frozenset[Declaration],
    sizes: Mapping[Symbol, int],
    number: int,
    seed: str,
    wide: bool = False,
    signs: Signs = (),
) -> World:
    """The world with these sizes, and these signs as far as they are given, all else drawn: on scales far apart where it is
    `wide`.
    """
    by_design = {s: sign_of_place(place, number) for place, s in enumerate(signed_symbols(declarations))}
    lot = Lot(number, _denominator(number), wide)
    return filled_with(declarations, sizes, lot, seed, {**by_design, **dict(signs)})


def signed_symbols(declarations: Iterable[Declaration]) -> tuple[Symbol, ...]:
    """The numbers that may have either sign, in the order in which the design gives them one."""
    found = (d.symbol for d in declarations if _is_number(d) and has_both_signs(d.domain))
    return tuple(sorted(found, key=lambda symbol: symbol.name))


def _is_number(declaration: Declaration) -> bool:
    return declaration.symbol.is_scalar and declaration.law is None and declaration.domain.index_up_to is None


def filled_with(
    declarations: frozenset[Declaration], sizes: Mapping[Symbol, int], lot: Lot, seed: str, signs: Mapping[Symbol, int]
) -> World:
    """The world with these sizes and signs, its numbers drawn from a lot."""
    declared = {declaration.symbol: declaration for declaration in declarations}
    values: dict[Symbol, Value] = {}
    for symbol, size in sizes.items():
        if symbol in declared:  # the length of a sum may be any whole number, that of a matrix is positive
            any_sign = declared[symbol].domain.lower is None
            values[symbol] = fmpq(1 - size if any_sign and signs.get(symbol, 1) < 0 else size)
    world = World(lot.number, values, declared)
    others = sorted((symbol for symbol in declared if symbol not in sizes), key=lambda symbol: symbol.name)
    for place, symbol in enumerate(others):
        draw = random.Random(f"{symbol.name} {lot.number} {seed}")
        values[symbol] = _draw(world, declared[symbol], lot, place, signs.get(symbol, 1), draw)
    return world.changed(_model_of_laws(world, declared, sizes))


def _model_of_laws(
    world: World, declared: Mapping[Symbol, Declaration], sizes: Container[Symbol]
) -> dict[Symbol, Value]:
    """Probabilities that add up to 1, and no more draws than there is to draw from, where their number is no size."""
    found: dict[Symbol, Value] = {}
    for chances in probability_vectors(declared.values()):
        if isinstance(drawn_ones := world.values.get(chances), Matrix):
            found[chances] = drawn_ones.scaled(1 / sum(drawn_ones.entries(), fmpq(0)))
    for law in (declaration.law for declaration in declared.values()):
        count = law.count if isinstance(law, Draws) and not law.replaced else None
        if isinstance(law, Draws) and isinstance(count, Symbol) and count in world.values and count not in sizes:
            wanted, population = world[count], world.value(law.population)
            found[count] = wanted if wanted <= population else 1 + fmpq(int(wanted) % int(population))
    return found


def probability_vectors(declarations: Iterable[Declaration]) -> list[Symbol]:
    """The vectors whose entries are the probabilities of all that may come up."""
    laws = (declaration.law for declaration in declarations)
    return [law.probabilities for law in laws if isinstance(law, Multinomial) and isinstance(law.probabilities, Symbol)]


def _draw(world: World, declaration: Declaration, lot: Lot, place: int, sign: int, draw: random.Random) -> Value:
    symbol, domain, scale = declaration.symbol, declaration.domain, lot.scale(place)
    if domain.index_up_to is not None:
        last = int(world.value(domain.index_up_to))
        if last < 1:
            raise Impossible(f"{symbol.name} runs from 1 to {last}")
        return fmpq(draw.randint(1, last))
    if symbol.is_scalar:
        return (
            Polynomial.variable((symbol.name, 1, 1))
            if declaration.law
            else _draw_scalar(domain, lot, place, sign, scale, draw)
        )
    height, width = world.size(symbol.height), world.size(symbol.width)
    if declaration.law:
        return _random_entries(symbol, height, width)
    return _draw_matrix(domain, height, width, lot, scale, draw)


def obeying(world: World, hypotheses: tuple[Formula, ...]) -> World:
    """The world in which the hypotheses hold: a symbol that one of them gives has the value it gives.

    Raises Impossible or Undefined where they do not hold.
    """
    world = world.under(hypotheses)
    for hypothesis in hypotheses:
        symbol, value = hypothesis.left, hypothesis.right
        gives = hypothesis.relation is Relation.EQUAL and isinstance(value, Term) and symbol not in value.free
        if gives and isinstance(symbol, Symbol) and isinstance(value, Term):
            world = world.changed({symbol: world.value(value)})
            if not admits(world, symbol, world[symbol]):
                raise Impossible(str(hypothesis))
    for hypothesis in hypotheses:
        if not _obeyed(hypothesis, world) and hypothesis.relation in (Relation.EQUAL, Relation.INVERTIBLE):
            world = _made_true(hypothesis, world)
    if all(_obeyed(hypothesis, world) for hypothesis in hypotheses):
        return world
    return _pushed(hypotheses, world)


def _made_true(hypothesis: Formula, world: World) -> World:
    """The world with another value for a symbol that an equation is linear in, so that it holds; with the value that it gives, once,
    where it holds then; with A + I for an A that is invertible. Raises Impossible.
    """
    left, right = hypothesis.left, hypothesis.right
    if hypothesis.relation is Relation.INVERTIBLE and isinstance(left, Symbol):
        return world.changed({left: world[left] + Matrix.identity(world.size(left.height))})
    if not isinstance(left, Term) or not isinstance(right, Term):
        raise Impossible(str(hypothesis))
    if isinstance(left, Symbol) and left in _numbers_in(hypothesis, world) and right.has(left):  # x = floor(x)
        small = world.changed({left: map_entries(world[left], _on_a_small_scale)})
        projected = world.changed({left: small.value(right)})
        if _obeyed(hypothesis, projected) and admits(world, left, projected[left]):
            return projected
    for symbol in _numbers_in(hypothesis, world):
        if _is_free(world.declarations[symbol].domain) and degree(left - right, {symbol: (1, 0)}, 0, world.size) == (
            1,
            0,
        ):
            for value in linear_solutions(left - right, symbol, world):
                return world.changed({symbol: value})
    raise Impossible(str(hypothesis))


def _on_a_small_scale(value: fmpq) -> fmpq:
    """A number as it is where worlds are not wide: as a whole number, it counts something."""
    return value if abs(value) < 16 else value / 2 ** max(_SCALES)


def _pushed(hypotheses: tuple[Formula, ...], world: World) -> World:
    """The world with entries of one sign, larger or smaller, in a symbol of what does not hold, or in two of them."""
    missed = [hypothesis for hypothesis in hypotheses if not _obeyed(hypothesis, world)]
    free = list(dict.fromkeys(symbol for hypothesis in missed for symbol in _numbers_in(hypothesis, world)))
    for symbols in chain(combinations(free, 1), combinations(free, 2)):
        for factors in product(_PUSHES, repeat=len(symbols)):
            changed = world.changed({s: _signed(world[s], by) for s, by in zip(symbols, factors, strict=True)})
            if all(_obeyed(hypothesis, changed) for hypothesis in hypotheses) and _in_domain(symbols, changed):
                return changed
    raise Impossible("the hypotheses together")


def _obeyed(hypothesis: Formula, world: World) -> bool:
    """Whether a hypothesis has a truth value, and holds."""
    with suppress(Undefined):
        return obeyed(hypothesis, world)
    return False


def _in_domain(symbols: Iterable[Symbol], world: World) -> bool:
    return all(admits(world, symbol, world[symbol]) for symbol in symbols)


def _signed(value: Value, factor: fmpq) -> Value:
    return map_entries(value, lambda entry: abs(entry) * factor)


_PUSHES = tuple(fmpq(sign) * size for size in (fmpq(1), fmpq(2) ** 10, fmpq(1, 2**10)) for sign in (1, -1))


def _numbers_in(hypothesis: Formula, world: World) -> list[Symbol]:
    """The symbols of a formula that are neither random nor whole, arrays first."""
    declared = (world.declarations.get(s) for s in sorted(hypothesis.free, key=lambda s: (s.is_scalar, s.name)))
    return [d.symbol for d in declared if d is not None and d.law is None and not d.domain.whole]


def _is_free(domain: Domain) -> bool:
    """Whether any value of its shape is one that a symbol may have."""
    return domain.structure is Structure.GENERAL and domain.lower is None and domain.upper is None
