"""Normal forms of scalars, which decide equality for all values: polynomials over atoms, which may stand with a negative power.

An atom is what is no rational operation: a symbol, an entry, a function or a real power of something, itself in normal form,
or a sum of several terms that is divided by. Two terms of one normal form are equal wherever both are defined: what is
cancelled is something that one of them divides by. What needs a sign (√x² is x, ln ab is ln a + ln b) is done only where the
factors are shown to have it, by `sign`, which the one who makes a `Forms` lends to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz

from engine import terms
from engine.common.kinds import Kinds
from engine.terms import Number, Symbol, Term, add, multiply, power, substitute
from engine.terms.declarations import REAL, Declaration
from engine.terms.formulas import Formula

Powers = tuple[tuple[int, int], ...]  # atoms by number, in order, each with its exponent
Poly = dict[Powers, fmpq]  # never changed once it is made
FormKey = frozenset[tuple[Powers, fmpq]]
Word = tuple[int, ...]  # letters: twice the number of one, and 1 more where it is transposed
WordSum = dict[Word, Poly]  # the empty word is the identity

ZERO: Poly = {}
UNIT: Poly = {(): fmpq(1)}
MARK = "#"  # of the names that are given here
MOST_TERMS, HIGHEST_POWER = 500, 24
WORK = 15_000  # products of terms, for one proof


class Beyond(Exception):
    """What the normal forms do not reach: nothing is said of it."""


@dataclass(frozen=True, eq=False)
class Atom:
    """What a normal form does not look into; `relation` is (k, what its k-th power is), where that is known."""

    kind: str
    parts: Any
    term: Term
    free: frozenset[Symbol]
    relation: tuple[int, Poly] | None = None


@dataclass(frozen=True, eq=False)
class Letter:
    """A matrix in a word; an inverse knows what it inverts."""

    kind: str
    parts: Any
    term: Term
    symmetric: bool = False
    inverts: WordSum | None = None


SCALARS: Kinds[Callable[[Any, Any], Poly]] = Kinds(Term, "normal form as a scalar")
MATRICES: Kinds[Callable[[Any, Any], WordSum]] = Kinds(Term, "normal form as a matrix")
Sign = Callable[["Forms", Poly], str]  # what is shown of it: "+", "-", "0+" (≥ 0), "0-", "≠" or nothing


class Forms:
    """The normal forms under some assumptions. Every method may raise Beyond."""

    def __init__(
        self, declarations: Iterable[Declaration], known: Iterable[Formula], sign: Sign, entrywise: bool
    ) -> None:
        self.declared: dict[Term, Declaration] = {declaration.symbol: declaration for declaration in declarations}
        self.known, self._sign, self.entrywise = tuple(known), sign, entrywise
        self.random = frozenset(d.symbol for d in self.declared.values() if d.law is not None)
        self.behind = frozenset().union(*(self.declared[symbol].free - {symbol} for symbol in self.random))
        self.atoms: list[Atom] = []
        self.letters: list[Letter] = []
        self.turned: dict[tuple[int, Word], int] = {}  # P⁻¹A = AQ⁻¹: Q⁻¹ by P⁻¹ and A
        self._numbers: dict[Any, int] = {}
        self._scalars: dict[Term, Poly] = {}
        self._matrices: dict[Term, WordSum] = {}
        self._signs: dict[FormKey, str] = {}
        self._fresh, self.work = 0, WORK

    def scalar(self, term: Term) -> Poly:
        if term not in self._scalars:
            self._scalars[term] = SCALARS[type(term)](self, term)
        return self._scalars[term]

    def matrix(self, term: Term) -> WordSum:
        if term not in self._matrices:
            self._matrices[term] = MATRICES[type(term)](self, term)
        return self._matrices[term]

    def forget(self) -> None:
        """Normal forms are found anew, by what has been learnt of their letters."""
        self._scalars.clear()
        self._matrices.clear()

    def bind(self, symbol: Symbol, body: Term) -> None:
        """Raises Beyond where a symbol is bound by which a law is given: then the law moves with it."""
        if symbol in self.behind and not body.free.isdisjoint(self.random):
            raise Beyond("a law that moves")

    def fresh(self) -> Symbol:
        """An index that is nowhere else."""
        self._fresh += 1
        return Symbol(f"{MARK}_{self._fresh}")

    # -- atoms and letters --

    def atom(
        self,
        kind: str,
        parts: Any,
        term: Term,
        free: frozenset[Symbol] | None = None,
        order: int = 0,
        value: Poly = ZERO,
    ) -> Poly:
        """An atom by itself; with its relation, where an `order` is given."""
        key = (kind, parts)
        if key not in self._numbers:
            self._numbers[key] = len(self.atoms)
            relation = (order, value) if order else None
            self.atoms.append(Atom(kind, parts, term, term.free if free is None else free, relation))
        return lone(self._numbers[key])

    def letter(self, kind: str, parts: Any, term: Term, symmetric: bool = False, inverts: WordSum | None = None) -> int:
        key = ("letter", kind, parts)
        if key not in self._numbers:
            self._numbers[key] = len(self.letters)
            self.letters.append(Letter(kind, parts, term, symmetric, inverts))
        return 2 * self._numbers[key]

    def number_of(self, symbol: Symbol) -> int:
        """That of the atom for a symbol."""
        ((((atom, _),), _),) = self.scalar(symbol).items()
        return atom

    def free_in(self, poly: Poly) -> frozenset[Symbol]:
        return frozenset().union(*(self.atoms[atom].free for atom in atoms_in(poly)))

    def parted(self, monomial: Powers, symbols: frozenset[Symbol]) -> tuple[Powers, Powers]:
        """The part of a monomial that is free of some symbols, and the rest."""
        rest = tuple(pair for pair in monomial if not self.atoms[pair[0]].free.isdisjoint(symbols))
        return tuple(pair for pair in monomial if pair not in rest), rest

    # -- arithmetic --

    def times(self, left: Poly, right: Poly) -> Poly:
        """The product, with powers of atoms by their relations: (√u)² is u."""
        self.work -= len(left) * len(right)
        if self.work < 0:
            raise Beyond("more work than is allowed")
        found: Poly = {}
        for one, a in left.items():
            for other, b in right.items():
                monomial = merged(one, other)
                if any(self._is_open(*pair) for pair in monomial):
                    for closed, part in self._closed(monomial).items():
                        put(found, closed, a * b * part)
                else:
                    put(found, monomial, a * b)
        return found

    def _is_open(self, atom: int, exponent: int) -> bool:
        relation = self.atoms[atom].relation
        return relation is not None and not 0 <= exponent < relation[0]

    def _closed(self, monomial: Powers) -> Poly:
        found = UNIT
        for atom, exponent in monomial:
            order, value = self.atoms[atom].relation or (0, ZERO)
            whole, rest = divmod(exponent, order) if order else (0, exponent)
            found = self.times(self.times(found, self.whole_power(value, whole)), lone(atom, rest) if rest else UNIT)
        return found

    def minus(self, left: Poly, right: Poly) -> Poly:
        return plus(left, scaled(right, fmpq(-1)))

    def whole_power(self, base: Poly, exponent: int) -> Poly:
        if abs(exponent) > HIGHEST_POWER and (len(base) > 1 or abs(exponent) > HIGHEST_POWER**2):
            raise Beyond("too high a power")
        if len(base) == 1:
            ((monomial, coefficient),) = base.items()
            raised = tuple((atom, times * exponent) for atom, times in monomial) if exponent else ()
            return self.times({raised: coefficient**exponent}, UNIT)
        found, base = UNIT, self.inverse(base) if exponent < 0 else base
        for _ in range(abs(exponent)):
            found = self.times(found, base)
        return found

    def inverse(self, base: Poly) -> Poly:
        """1/base, whose factors of several terms become atoms. What it divides by is not zero where it is defined."""
        coefficient, factors = self.factors(base)
        found: Poly = {(): 1 / coefficient}
        for factor, exponent in factors:
            found = self.times(found, self.whole_power(self.as_factor(factor), -exponent))
        return found

    def as_factor(self, factor: Poly) -> Poly:
        """A factor of several terms as one atom."""
        return (
            factor
            if len(factor) == 1
            else self.atom("several", key_of(factor), self.term_of(factor), self.free_in(factor))
        )

    def quotient(self, left: Poly, right: Poly) -> Poly:
        return self.canonical(self.times(left, self.inverse(right)))

    def composed(self, poly: Poly, atom: int, by: Poly) -> Poly:
        """A polynomial with another in place of an atom."""
        found = ZERO
        for exponent, coefficient in by_degree(poly, atom).items():
            found = plus(found, self.times(coefficient, self.whole_power(by, exponent)))
        return found

    # -- fractions --

    def fraction(self, poly: Poly) -> tuple[Poly, Powers]:
        """Numerator, with no negative exponent and no sum as an atom, and denominator."""
        lowest: dict[int, int] = {}
        for atom, exponent in (pair for monomial in poly for pair in monomial):
            lowest[atom] = min(exponent, lowest.get(atom, 0))
        below = tuple(sorted((atom, -exponent) for atom, exponent in lowest.items() if exponent))
        top: Poly = {}
        for monomial, coefficient in poly.items():
            put(top, merged(monomial, below), coefficient)
        return self.expanded(top), below

    def expanded(self, poly: Poly) -> Poly:
        """With sums in place of the atoms that stand for them."""
        for atom in atoms_in(poly):
            if self.atoms[atom].kind == "several":
                poly = self.composed(poly, atom, dict(self.atoms[atom].parts))
        return poly

    def is_zero(self, poly: Poly) -> bool:
        return not poly or not self.fraction(poly)[0]

    def canonical(self, poly: Poly) -> Poly:
        """One and the same for all ways of writing a rational function, as far as its atoms are independent."""
        if not any(self.atoms[atom].kind == "several" for atom in atoms_in(poly)):
            return poly
        top, below = self.fraction(poly)
        kept = UNIT
        for atom, times in below:
            left = times
            while left and self.atoms[atom].kind == "several":
                names, (a, b) = _in_flint(top, dict(self.atoms[atom].parts))
                quotient, rest = divmod(a, b)
                if rest:
                    break
                top, left = _out_of_flint(quotient, names), left - 1
            kept = self.times(kept, lone(atom, -left) if left else UNIT)
        return self.times(top, kept)

    def key(self, poly: Poly) -> FormKey:
        return key_of(self.canonical(poly))

    def factors(self, poly: Poly) -> tuple[fmpq, list[tuple[Poly, int]]]:
        """A number and the powers that make it up. Raises Beyond for 0."""
        top, below = self.fraction(self.canonical(poly))
        if not top:
            raise Beyond("zero is divided by, or asked for its factors")
        if len(top) == 1:
            ((monomial, coefficient),) = top.items()
            found = [(lone(atom), exponent) for atom, exponent in monomial]
        else:
            names, (inside,) = _in_flint(top)
            coefficient, parts = inside.factor()
            found = []
            for part, exponent in parts:
                factor = _out_of_flint(part, names)
                content = _content(factor)
                coefficient = coefficient * content ** int(exponent)
                found.append((scaled(factor, 1 / content), int(exponent)))
        several = (self.atoms[atom].kind == "several" for atom, _ in below)
        sums = (
            dict(self.atoms[atom].parts) if many else lone(atom) for (atom, _), many in zip(below, several, strict=True)
        )
        return coefficient, found + [(factor, -times) for factor, (_, times) in zip(sums, below, strict=True)]

    # -- back to terms --

    def term_of(self, poly: Poly) -> Term:
        return add(terms.ZERO, *(self._term_of_monomial(m, c) for m, c in sorted(poly.items(), key=repr)))

    def _term_of_monomial(self, monomial: Powers, coefficient: fmpq) -> Term:
        number = Number(Fraction(int(coefficient.p), int(coefficient.q)))
        return multiply(number, *(power(self.atoms[atom].term, Number(Fraction(times))) for atom, times in monomial))

    def moved(self, poly: Poly, values: dict[Symbol, Term]) -> Poly:
        """A normal form where symbols have other values."""
        found, symbols = ZERO, frozenset(values)
        news = frozenset().union(*(value.free for value in values.values()))
        for monomial, coefficient in poly.items():
            free, rest = self.parted(monomial, symbols)
            part: Poly = {free: coefficient}
            for atom, exponent in rest:
                term = self.atoms[atom].term
                for symbol in symbols:
                    self.bind(symbol, term)
                if differentiated(term) & (news | symbols):
                    raise Beyond("a slope where a symbol has another value")
                part = self.times(part, self.whole_power(self.scalar(substitute(term, values)), exponent))
            found = plus(found, part)
        return found

    # -- signs, and what needs them --

    def sign(self, poly: Poly) -> str:
        key = key_of(poly)
        if key not in self._signs:
            self._signs[key] = ""  # while it is looked for
            self._signs[key] = self._sign(self, poly)
        return self._signs[key]

    def is_never_zero(self, poly: Poly) -> bool:
        """Whether each factor of it, also of what it is divided by, is shown other than 0."""
        nothing = self.is_zero(poly)
        return not nothing and all(self.sign(factor) in ("+", "-", "≠") for factor, _ in self.factors(poly)[1])

    def _positive_factors(self, base: Poly) -> list[tuple[Poly, int]] | None:
        """The primes and the factors, all of them shown positive, that a product is made of."""
        coefficient, factors = self.factors(base)
        found: list[tuple[Poly, int]] = []
        for factor, times in factors:
            known = self.sign(factor)
            if known not in ("+", "-"):
                return None
            turned = fmpq(1 if known == "+" else -1)
            coefficient *= turned**times
            found.append((scaled(factor, turned), times))
        if coefficient <= 0:
            return None
        primes: list[tuple[Poly, int]] = [({(): fmpq(prime)}, times) for prime, times in _primes(coefficient)]
        return primes + found

    def raised(self, base: Poly, exponent: Poly) -> Poly:
        """A real power: taken apart where all factors of the base are positive."""
        exponent = self.canonical(exponent)
        number = as_number(exponent)
        if number is not None and number.q == 1:
            return self.whole_power(base, int(number.p))
        factors = None if self.is_zero(base) else self._positive_factors(base)
        if factors is None:
            if number is not None:
                return self._real_power(self.canonical(base), (), number, "root")
            term = power(self.term_of(base), self.term_of(exponent))
            return self.atom(
                "power", (self.key(base), key_of(exponent)), term, self.free_in(base) | self.free_in(exponent)
            )
        found = UNIT
        for factor, times in factors:
            found = self.times(found, self.positive_power(factor, scaled(exponent, fmpq(times))))
        return found

    def positive_power(self, base: Poly, exponent: Poly) -> Poly:
        """A power of what is positive, by the terms of its exponent; of a power, with the product of the exponents."""
        if (inside := self._of_power(base)) is not None:
            return self.positive_power(inside[0], self.canonical(self.times(exponent, inside[1])))
        found = UNIT
        for monomial, share in exponent.items():
            only = self.atoms[monomial[0][0]] if len(monomial) == 1 and monomial[0][1] == 1 else None
            if only is not None and only.kind == "log" and base == self.euler:  # exp(ln u)
                found = self.times(found, self.raised(dict(only.parts), {(): share}))
            elif not monomial and share.q == 1:
                found = self.times(found, self.whole_power(self.as_factor(base), int(share.p)))
            else:
                found = self.times(found, self._real_power(base, monomial, share, "real power"))
        return found

    def _real_power(self, base: Poly, monomial: Powers, share: fmpq, kind: str) -> Poly:
        """base^(share·monomial), by the atom base^(monomial/q) for a share of p/q."""
        order = int(share.q)
        if order > HIGHEST_POWER:
            raise Beyond("too high a root")
        below = {monomial: fmpq(1, order)}
        term = power(self.term_of(base), self.term_of(below))
        value = base if not monomial else self.positive_power(base, {monomial: fmpq(1)}) if order > 1 else ZERO
        parts, free = (key_of(base), monomial, order), self.free_in(base) | self.free_in(below)
        whole = self.atom(kind, parts, term, free, order if order > 1 else 0, value)
        return self.whole_power(whole, int(share.p))

    def _of_power(self, base: Poly) -> tuple[Poly, Poly] | None:
        """f and a, where a base is the atom f^a of a positive f."""
        ((monomial, _), *more) = base.items()
        atom = self.atoms[monomial[0][0]] if not more and monomial else None
        if atom is None or atom.kind != "real power":
            return None
        return dict(atom.parts[0]), {atom.parts[1]: fmpq(1, atom.parts[2])}

    @property
    def euler(self) -> Poly:
        """The number e."""
        return self.atom("e", None, terms.exp(1))

    def logarithm(self, argument: Poly) -> Poly:
        """ln of a product of positive factors, as a sum; of anything else, an atom."""
        factors = self._positive_factors(argument)
        return plus(ZERO, *(scaled(self._log(factor), fmpq(times)) for factor, times in factors or [(argument, 1)]))

    def _log(self, factor: Poly) -> Poly:
        if factor == self.euler:
            return UNIT
        if (inside := self._of_power(factor)) is not None:
            return self.times(self._log(inside[0]), inside[1])
        argument = self.canonical(factor)
        return self.atom("log", key_of(argument), terms.log(self.term_of(argument)), self.free_in(argument))

    def absolute(self, argument: Poly) -> Poly:
        """|u| factor by factor: what has a sign, with it; |f|² is f²."""
        if self.is_zero(argument):
            return ZERO
        coefficient, factors = self.factors(argument)
        found: Poly = {(): abs(coefficient)}
        for factor, times in factors:
            known = self.sign(factor)
            size = factor if known in ("+", "0+") else scaled(factor, fmpq(-1))
            if known not in ("+", "0+", "-", "0-"):
                term, free = terms.absolute(self.term_of(factor)), self.free_in(factor)
                size = self.atom("abs", key_of(factor), term, free, 2, self.times(factor, factor))
            found = self.times(
                found, self.whole_power(size if len(size) == 1 or times > 0 else self.as_factor(size), times)
            )
        return found

    def sign_function(self, argument: Poly) -> Poly:
        """sign u, factor by factor: |f|/f for what is known, or divided by, and so other than 0."""
        if self.is_zero(argument):
            return ZERO
        coefficient, factors = self.factors(argument)
        found: Poly = {(): fmpq(1 if coefficient > 0 else -1)}
        for factor, times in factors:
            if self.sign(factor) in ("+", "-", "≠") or times < 0:
                here = self.times(self.absolute(factor), self.inverse(factor)) if times % 2 else UNIT
            else:
                whole = self.atom("sign", key_of(factor), terms.sign(self.term_of(factor)), self.free_in(factor))
                here = self.whole_power(whole, 2 - times % 2)
            found = self.times(found, here)
        return found


# -- polynomials ---------------------------------------------------------------------------------------------------------


def lone(atom: int, exponent: int = 1) -> Poly:
    return {((atom, exponent),): fmpq(1)}


def atoms_in(poly: Poly) -> list[int]:
    return sorted({atom for monomial in poly for atom, _ in monomial})


def put(poly: Poly, monomial: Powers, coefficient: fmpq) -> None:
    """Add a term to a polynomial in the making."""
    total = poly.get(monomial, 0) + coefficient
    if total != 0:
        poly[monomial] = total
    else:
        poly.pop(monomial, None)
    if len(poly) > MOST_TERMS:
        raise Beyond("too long")


def merged(one: Powers, other: Powers) -> Powers:
    if not one or not other:
        return one or other
    exponents = dict(one)
    for atom, exponent in other:
        exponents[atom] = exponents.get(atom, 0) + exponent
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))


def plus(*polys: Poly) -> Poly:
    found = dict(polys[0])
    for poly in polys[1:]:
        for monomial, coefficient in poly.items():
            put(found, monomial, coefficient)
    return found


def scaled(poly: Poly, by: fmpq) -> Poly:
    return {monomial: coefficient * by for monomial, coefficient in poly.items()} if by != 0 else ZERO


def key_of(poly: Poly) -> FormKey:
    return frozenset(poly.items())


def as_number(poly: Poly) -> fmpq | None:
    """The number that a polynomial is, if it is one."""
    return fmpq(0) if not poly else poly[()] if len(poly) == 1 and () in poly else None


def by_degree(poly: Poly, atom: int) -> dict[int, Poly]:
    """The coefficients of the powers of an atom."""
    found: dict[int, Poly] = {}
    for monomial, coefficient in poly.items():
        rest = tuple(pair for pair in monomial if pair[0] != atom)
        found.setdefault(dict(monomial).get(atom, 0), {})[rest] = coefficient
    return found


def _primes(number: fmpq) -> Iterator[tuple[int, int]]:
    """The primes that a positive fraction is made of, with their exponents. Raises Beyond for a large one."""
    if number.height_bits() > 64:
        raise Beyond("too large a number")
    for part, direction in ((number.p, 1), (number.q, -1)):
        yield from ((int(prime), direction * int(times)) for prime, times in fmpz(part).factor())


def _content(poly: Poly) -> fmpq:
    """The number that makes a polynomial primitive, with a positive first coefficient."""
    top, below = fmpz(0), fmpz(1)
    for coefficient in poly.values():
        top, below = top.gcd(coefficient.p), below.lcm(coefficient.q)
    return fmpq(top, below) * (-1 if min(poly.items())[1] < 0 else 1)


@cache
def _ring(count: int) -> fmpq_mpoly_ctx:
    return fmpq_mpoly_ctx.get([f"x{place}" for place in range(count)], Ordering.deglex)


def _in_flint(*polys: Poly) -> tuple[list[int], list[fmpq_mpoly]]:
    names = sorted({atom for poly in polys for atom in atoms_in(poly)}) or [0]
    ring = _ring(len(names))
    rows = ({tuple(dict(m).get(name, 0) for name in names): c for m, c in poly.items()} for poly in polys)
    return names, [ring.from_dict(row) for row in rows]


def _out_of_flint(poly: fmpq_mpoly, names: list[int]) -> Poly:
    return {
        tuple((name, int(exponent)) for name, exponent in zip(names, row, strict=True) if exponent): fmpq(coefficient)
        for row, coefficient in poly.to_dict().items()
    }


# -- kinds of scalar terms -------------------------------------------------------------------------------------------------

_ONLY_WHOLE = (
    *(terms.Pi, terms.Infinity, terms.Unit, terms.Explicit, terms.Kronecker, terms.Vec, terms.Each, terms.Iterate),
    *(terms.Identity, terms.Zero, terms.Ones, terms.Transpose, terms.Diagonal, terms.DiagonalOf, terms.Hadamard),
    terms.HadamardPower,
)
SCALARS.of(Symbol)(lambda forms, term: forms.atom("symbol", term, term))
SCALARS.of(*_ONLY_WHOLE)(lambda forms, term: forms.atom("opaque", term, term))
SCALARS.of(Number)(lambda forms, term: scaled(UNIT, fmpq(term.value.numerator, term.value.denominator)))
SCALARS.of(terms.Add)(lambda forms, term: plus(*map(forms.scalar, term.terms)))
SCALARS.of(terms.Power)(lambda forms, term: forms.raised(forms.scalar(term.base), forms.scalar(term.exponent)))
SCALARS.of(terms.Call)(lambda forms, term: forms.scalar(unfolded(forms, term)))


@SCALARS.of(terms.Apply)
def _apply(forms: Forms, term: terms.Apply) -> Poly:
    arguments = [forms.canonical(forms.scalar(argument)) for argument in term.arguments]
    match term.function:
        case "exp":
            return forms.positive_power(forms.euler, arguments[0])
        case "log":
            return forms.logarithm(arguments[0])
        case "abs":
            return forms.absolute(arguments[0])
        case "sign":
            return forms.sign_function(arguments[0])
    whole = terms.Apply(term.function, tuple(map(forms.term_of, arguments)))
    free = frozenset().union(*map(forms.free_in, arguments))
    return forms.atom("apply", (term.function, tuple(map(key_of, arguments))), whole, free)


def unfolded(forms: Forms, term: terms.Call) -> Term:
    """What a name stands for; at values of its parameters one by one, where a slope stands inside."""
    body, parameters = term.definition.body, frozenset(term.definition.parameters)
    values = frozenset().union(*(argument.free for argument in term.arguments))
    for parameter in parameters:
        forms.bind(parameter, body)
    if not differentiated(body) & (parameters | values):
        return term.unfolded
    for parameter, argument in zip(term.definition.parameters, term.arguments, strict=True):
        if argument != parameter and values & parameters:
            raise Beyond("a slope in what a name stands for")
        body = body if argument == parameter else terms.At(body, parameter, argument)
    return body


@SCALARS.of(terms.At)
def _at(forms: Forms, term: terms.At) -> Poly:
    """By substitution; where a slope stands inside, a number of which nothing is known stands in until that is found."""
    forms.bind(term.symbol, term.body)
    if not differentiated(term.body) & (term.value.free | {term.symbol}):
        return forms.scalar(substitute(term.body, {term.symbol: term.value}))
    if not term.symbol.is_scalar:
        raise Beyond("a slope where its variable has a value")
    stand_in = forms.fresh()
    return forms.moved(forms.scalar(_renamed(term.body, term.symbol, stand_in)), {stand_in: term.value})


@lru_cache(maxsize=2_000)
def differentiated(term: Term) -> frozenset[Symbol]:
    """The symbols that something in a term, or in what its names stand for, is differentiated by."""
    own = {term.variable} if isinstance(term, (terms.Derivative, terms.Differential)) else set()
    inside = (*term.children, term.definition.body) if isinstance(term, terms.Call) else term.children
    return frozenset(own).union(*map(differentiated, inside))


def _renamed(term: Term, old: Symbol, new: Symbol) -> Term:
    """A term with another number in place of one, also where it is differentiated by."""
    if not term.has(old):
        return term
    match term:
        case Symbol():
            return new
        case terms.Call():
            return _renamed(term.unfolded, old, new)
        case terms.At():
            body = term.body if term.symbol == old else _renamed(term.body, old, new)
            return terms.At(body, term.symbol, _renamed(term.value, old, new))
        case terms.Derivative() | terms.Differential() if term.variable == old:
            return type(term)(_renamed(term.body, old, new), new)
    return term.map(lambda child: _renamed(child, old, new))


def _only_in(forms: Forms, poly: Poly, symbol: Symbol) -> int | None:
    """The one atom in a polynomial that depends on a symbol; None where there are others."""
    moving = [atom for atom in atoms_in(poly) if symbol in forms.atoms[atom].free]
    return moving[0] if len(moving) == 1 else None


@SCALARS.of(terms.Limit)
def _limit(forms: Forms, term: terms.Limit) -> Poly:
    """Of a rational function of the variable, or of a positive power of it, by the leading terms."""
    variable, whole = term.variable, forms.atom("opaque", term, term)
    domain = forms.declared[variable].domain if variable in forms.declared else None
    if domain is None or domain.upper is not None or any(variable in known.free for known in forms.known):
        return whole
    forms.bind(variable, term.body)
    top, below = forms.fraction(forms.canonical(forms.scalar(term.body)))
    bottom = forms.expanded({below: fmpq(1)})
    atom = _only_in(forms, forms.times(top, bottom), variable)
    if atom is None:
        return whole if variable in forms.free_in(top) | forms.free_in(bottom) else forms.quotient(top, bottom)
    own, tops, bottoms = forms.atoms[atom], by_degree(top, atom), by_degree(bottom, atom)
    place = 0
    if isinstance(term.target, terms.Infinity):
        is_power = own.kind == "real power" and own.parts[0] == key_of(forms.scalar(variable))
        grows = own.kind == "symbol" or (is_power and forms.sign({own.parts[1]: fmpq(1)}) == "+")
        place = max(bottoms) if grows and max(bottoms) >= max(tops) else -1
    elif own.kind != "symbol" or term.target != terms.ZERO or domain.lower != 0:
        return whole
    leading = bottoms.get(place, ZERO)
    return forms.quotient(tops.get(place, ZERO), leading) if forms.is_never_zero(leading) else whole


@SCALARS.of(terms.ArgMin)
def _minimiser(forms: Forms, term: terms.ArgMin) -> Poly:
    """Of a x² + b x + c with a > 0, over all numbers."""
    variable, whole = term.variable, forms.atom("opaque", term, term)
    declared = forms.declared.get(variable)
    if declared is None or declared.domain != REAL or any(variable in known.free for known in forms.known):
        return whole
    forms.bind(variable, term.body)
    own, body = forms.number_of(variable), forms.canonical(forms.scalar(term.body))
    parts = by_degree(body, own)
    if _only_in(forms, body, variable) != own or not set(parts) <= {0, 1, 2} or forms.sign(parts.get(2, ZERO)) != "+":
        return whole
    return forms.quotient(scaled(parts.get(1, ZERO), fmpq(-1, 2)), parts[2])
