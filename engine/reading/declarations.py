"""What a person declares, and supposes: `X: n×d`, `S: n×n symmetric positive definite`, `lambda > 0`, `p in (0,1)`,
`m_j ~ Bernoulli(p) iid`, `alpha = K^-1 y`, `sum(Y) = 0`, `2 <= k <= n`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flint import fmpq

from engine.notation.alphabet import GREEK
from engine.notation.spelling import OPERATORS
from engine.proofs.parameters import Lawless, required
from engine.reading.building import fitted
from engine.reading.errors import Unreadable
from engine.reading.grammar import RELATIONS
from engine.reading.laws import DRAWS, VECTORS, Spoken, made, spoken
from engine.reading.names import Names
from engine.reading.properties import BRACKETS, SCALARS, SQUARE, between, has_ends, interval, properties_of
from engine.reading.sizes import completed
from engine.reading.statements import (
    HINT,
    Phrase,
    WrittenName,
    is_sign,
    name_of,
    names_of,
    phrase_of,
    sizes_and_words,
    statements,
)
from engine.reading.words import is_function
from engine.terms import SCALAR, Definition, Shape, Size, Symbol, Term, add, show_shape, term, zero
from engine.terms.declarations import (
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    POSITIVE_SEMIDEFINITE,
    REAL,
    UNIT_INTERVAL,
    Declaration,
    Domain,
)
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Categorical, Draws, Law, Multinomial
from engine.worlds.drawing import filled_world
from engine.worlds.values import same
from engine.worlds.world import World

MOST = 40
_NO_RANDOM_SIZES = "a random number of entries or terms is not treated here"


@dataclass(frozen=True)
class Declared:
    """What some texts declare and suppose: symbols, names for terms, and formulas that are to hold."""

    declarations: tuple[Declaration, ...]
    definitions: tuple[Definition, ...] = ()
    hypotheses: tuple[Formula, ...] = ()
    notes: tuple[str, ...] = ()


def premises(texts: Iterable[str], formulas: Iterable[str] = ()) -> Declared:
    """What some texts declare and suppose; what they leave unsaid of lengths is found from the `formulas` that they are
    for. Raises Unreadable.
    """
    let, filled = completed("; ".join(formulas), texts)
    table = _Table()
    for text in let:
        for part in statements(text):
            table.add(part)
    table.suppose()
    _checked(table.found)
    every = tuple(table.found.values()), tuple(table.definitions.values()), tuple(table.hypotheses)
    return Declared(*every, (*filled, *table.notes))


def declared(texts: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations that some texts make, sizes and parameters that they speak of included. Raises Unreadable."""
    table = _Table()
    for text in texts:
        for part in statements(text):
            table.add(part)
    if table.later:
        raise table.later[0].trouble(f"the declaration {table.later[0].source!r} cannot be read", HINT)
    _checked(table.found)
    return tuple(table.found.values())


def _checked(found: Mapping[str, Declaration]) -> None:
    """Raises Unreadable for a law that there is not."""
    for name, declaration in found.items():
        _no_circle(name, found, ())
        if declaration.law is not None:
            try:
                required(declaration, found.values())
            except Lawless as error:
                raise Unreadable(str(error), 0, 1) from None


def _no_circle(name: str, found: Mapping[str, Declaration], behind: tuple[str, ...]) -> None:
    """Raises Unreadable for a law that is given, through others, by what it is the law of."""
    law = found[name].law
    if name in behind:
        through = " and ".join(other for other in dict.fromkeys(behind) if other != name)
        raise Unreadable(f"the law of {name} is given{', through ' * bool(through) + through} by {name} itself", 0, 1)
    for symbol in {symbol.name for parameter in law.parameters for symbol in parameter.free} if law else ():
        if symbol in found:
            _no_circle(symbol, found, (*behind, name))


class _Table:
    """What has been declared so far."""

    def __init__(self) -> None:
        self.found: dict[str, Declaration] = {}
        self.definitions: dict[str, Definition] = {}
        self.hypotheses: list[Formula] = []
        self.notes: list[str] = []
        self.guessed: set[str] = set()  # what a law speaks of that nobody has declared yet
        self.later: list[Phrase] = []  # equations and the like, read when everything is declared
        self.count = 0

    def add(self, part: Phrase) -> None:
        self.count += 1
        if self.count > MOST:
            raise part.trouble(f"more than {MOST} declarations")
        if not part.tokens:
            raise part.trouble("there is no declaration here", HINT)
        signs = [place for place in part.places(is_sign) if place > 0]
        kinds = ["in" if part.kinds[place] == "name" else part.kinds[place] for place in signs]
        if "~" in kinds:
            place = signs[kinds.index("~")]
            return self._law(part[:place], part[place + 1 :])
        if ":" in kinds[:1] or "in" in kinds[:1]:
            return self._of_kind(part[: signs[0]], part[signs[0] + 1 :], kinds[0])
        return self._related(part, signs) if signs else self._alone(part)

    def _alone(self, part: Phrase) -> None:
        """`lambda positive`, `x`, `a, b`."""
        pieces = part.split(",")
        for cut in range(1, len(pieces[-1]) + 1):
            words = phrase_of(pieces[-1][cut:])
            if not words or words in SCALARS:
                break
        else:
            raise part.trouble(f"the declaration {part.source!r} cannot be read", HINT)
        for piece in (*pieces[:-1], pieces[-1][:cut]):
            self._put(name_of(piece).whole, SCALARS.get(words, REAL), part)

    # -- kinds ---------------------------------------------------------------------------------------------------------

    def _of_kind(self, left: Phrase, right: Phrase, sign: str) -> None:
        """`X, Y: n×d symmetric`, `p in (0, 1]`, `s: n > 0`, `N: positive integer`."""
        names = names_of(left)
        if not right.tokens:
            raise left.trouble("what is declared of it is missing", HINT)
        relations = list(right.places(lambda token: token.kind in RELATIONS))
        if relations:
            self._shaped(names, right[: relations[0]], right)
            for name in names:
                self._bounded(name.whole, right[relations[0] :], right)
            return
        if right.kinds[0] in BRACKETS and has_ends(right):
            domain = interval(right)
            for name in names:
                self._put(name.whole, domain, right)
            return
        words = phrase_of(right)
        is_size = sign == ":" and words in ("N", "R", "Z")
        if words in SCALARS and not is_size:
            for name in names:
                self._put(name.whole, SCALARS[words], right)
            return
        self._shaped(names, right, right)

    def _shaped(self, names: list[WrittenName], right: Phrase, whole: Phrase) -> None:
        """n×d and words, ℝ^{n×d}, \\mathbb{R}^n."""
        sizes, words = sizes_and_words(right)
        rows = self._size(sizes[0])
        columns = self._size(sizes[1]) if len(sizes) > 1 else 1
        domain, supposed = properties_of(words, right)
        if domain in SQUARE and rows != columns:
            raise right.trouble(f"a matrix that is {words} is square")
        for name in names:
            self._put(name.whole, domain, whole, rows, columns)
            for each in supposed:
                self.hypotheses += each(self.found[name.whole].symbol)

    def _put(self, name: str, domain: Domain, part: Phrase, rows: Size = 1, columns: Size = 1) -> None:
        known = self.found.get(name)
        if known is not None and known.law is not None:
            raise part.trouble(f"{name} is declared twice: it has a law already")
        if name in self.guessed and known is not None and known.symbol.shape == (rows, columns):
            self.guessed.discard(name)
        elif known is not None and (known.domain != REAL or known.symbol.shape != (rows, columns)):
            bounded = known.symbol.is_scalar and domain == REAL and known.domain.structure is REAL.structure
            if bounded and not known.domain.whole and (rows, columns) != SCALAR:  # t > 0, then t: n
                self.found[name] = Declaration(Symbol(name, rows, columns), known.domain)
                return
            if rows == columns == 1 and known.domain == REAL and domain != REAL:  # t: n, then t > 0
                self.found[name] = replace(known, domain=domain)
                return
            if domain in (known.domain, REAL) and known.symbol.shape == (rows, columns):  # t > 0, then t: n
                return
            raise part.trouble(f"{name} is declared twice")
        self.found[name] = Declaration(Symbol(name, rows, columns), domain)

    def _size(self, part: Phrase) -> Size:
        number = part.number()
        if number is not None:
            if number.denominator != 1 or not 1 <= number <= 12:
                raise part.trouble(f"a size from 1 to 12 was expected, not {number}")
            return int(number)
        written, name = part.source, name_of(part).whole
        known = self.found.get(name)
        if known is not None and known.law is not None:
            raise part.trouble(f"{written} is random, and {_NO_RANDOM_SIZES}")
        if known is None and len(written) > 3 and name not in GREEK and written.isalpha():
            raise part.trouble(f"{written!r} is neither a size nor a property known here", HINT)
        if known is None or (known.domain == REAL and known.symbol.is_scalar):
            self.found[name] = known = Declaration(Symbol(name), POSITIVE_INTEGER)
            if name in ("N", "R", "Z"):
                self.notes.append(f"{name} is a size here; for a number, write 'in {name}'")
        if known.domain != POSITIVE_INTEGER:
            raise part.trouble(f"{written} is no size", "a size is a positive integer")
        return known.symbol

    # -- relations -----------------------------------------------------------------------------------------------------

    def _related(self, part: Phrase, signs: list[int]) -> None:
        """`s, c > 0`, `0 < p <= 1`, `k = 1, …, n`; everything else is a formula, and waits."""
        ends = [-1, *signs, len(part)]
        sides = [part[a + 1 : b] for a, b in zip(ends, ends[1:], strict=False)]
        kinds = [part.kinds[place] for place in signs]
        if kinds in (["succ"], ["succeq"]) and sides[1].source == "0":
            return self._definite(sides[0], POSITIVE_DEFINITE if kinds == ["succ"] else POSITIVE_SEMIDEFINITE)
        if kinds == ["="] and "..." in part.kinds:
            return self._index(sides[0], sides[1])
        if any(kind not in ("<", "<=", ">", ">=") for kind in kinds):
            self.later.append(part)
            return None
        numbers = [side.number() for side in sides]
        if len(sides) == 2 and numbers[1] is not None and numbers[0] is None:
            try:
                names = names_of(sides[0])
            except Unreadable:
                self.later.append(part)
                return None
            for name in names:
                self._bounded(name.whole, part[signs[0] :], part)
            return None
        if len(sides) == 3 and numbers[0] is not None and numbers[2] is not None and kinds[0][0] == kinds[1][0] == "<":
            domain = between(numbers[0], "=" in kinds[0], numbers[2], "=" in kinds[1], part)
            for name in names_of(sides[1]):
                self._put(name.whole, domain, part)
            return None
        self.later.append(part)
        return None

    def _definite(self, left: Phrase, domain: Domain) -> None:
        """`A, B ≻ 0` of matrices that were declared."""
        for name in names_of(left):
            known = self.found.get(name.whole)
            if known is None or known.symbol.rows != known.symbol.cols:
                raise left.trouble(f"{name.whole} is no square matrix here", "declare it, as in 'A: n×n'")
            self.found[name.whole] = replace(known, domain=domain)

    def _bounded(self, name: str, bound: Phrase, part: Phrase) -> None:
        sign, number = bound.kinds[0], bound[1:].number()
        if number is None:
            raise part.trouble(f"{bound[1:].source!r} is no number")
        if sign[0] == ">":
            domain = Domain(lower=number, includes_lower=sign == ">=")
        else:
            domain = Domain(upper=number, includes_upper=sign == "<=")
        self._put(name, domain, part)

    def _index(self, left: Phrase, right: Phrase) -> None:
        """`k = 1, …, n`."""
        pieces = [piece for piece in right.split(",", "...") if piece.tokens]
        if len(pieces) < 2 or pieces[0].number() != 1:
            raise right.trouble("an index runs from 1 to a size, as in k = 1, …, n")
        last = term(self._size(pieces[-1]))
        for name in names_of(left):
            self.found[name.whole] = Declaration(Symbol(name.whole), Domain(whole=True, index_up_to=last))

    def suppose(self) -> None:
        """Read the equations and inequalities that were kept until everything was declared."""
        for part in self.later:
            signs = list(part.places(lambda token: token.kind in RELATIONS))
            first = part[: signs[0]]
            if part.kinds[signs[0]] == "=" and len(signs) == 1 and self._is_new(first):
                self._define(first, part[signs[0] + 1 :])
                continue
            ends = [-1, *signs, len(part)]
            sides = [part[a + 1 : b].read(self._names()).value for a, b in zip(ends, ends[1:], strict=False)]
            for place, left, right in zip(signs, sides, sides[1:], strict=False):
                self._suppose(part.kinds[place], left, right, part)

    def _define(self, left: Phrase, right: Phrase) -> None:
        """`alpha = K^-1 y`, `f(x) = x^2`."""
        called, arguments = _called(left)
        symbols = [self.found[a.whole].symbol if a.whole in self.found else Symbol(a.whole) for a in arguments]
        more = (Declaration(symbol) for symbol in symbols if symbol.name not in self.found)
        names = Names((*self.found.values(), *more), self.definitions.values(), free=True)
        value = right.read(names).settled().value
        self._declare_what_is_in(value, but=frozenset(symbols))
        self.definitions[called.whole] = Definition(called.whole, tuple(symbols), value)

    def _is_new(self, part: Phrase) -> bool:
        try:
            name = _called(part)[0].whole
        except Unreadable:
            return False
        is_taken = name in self.found or name in self.definitions
        return not (is_taken or is_function(name) or name in OPERATORS)

    def _suppose(self, sign: str, left: Term, right: Term, part: Phrase) -> None:
        left = fitted(left, right.shape)
        right = fitted(right, left.shape)
        if left.shape != right.shape:
            raise part.trouble(f"the sides are {show_shape(left.shape)} and {show_shape(right.shape)}")
        self._declare_what_is_in(left, right)
        swapped = sign[0] == ">"
        relation: Relation = RELATIONS[sign]
        self.hypotheses.append(Formula(right, relation, left) if swapped else Formula(left, relation, right))

    def _declare_what_is_in(self, *terms: Term, but: frozenset[Symbol] = frozenset()) -> None:
        for symbol in sorted(frozenset().union(*(each.free for each in terms)) - but, key=lambda symbol: symbol.name):
            self.found.setdefault(symbol.name, Declaration(symbol))

    def _names(self) -> Names:
        return Names(self.found.values(), self.definitions.values(), free=True)

    # -- laws ----------------------------------------------------------------------------------------------------------

    def _law(self, left: Phrase, right: Phrase) -> None:
        colon = next(left.places(lambda token: token.kind == ":"), None)
        if colon is None and len(left.split(",")) > 1 and "{" not in left.kinds:
            for each in left.split(","):
                self._law(each, right)
            return
        name = name_of(left if colon is None else left[:colon])
        said = spoken(right)
        if colon is not None:
            sizes, words = sizes_and_words(left[colon + 1 :])
            if words:
                raise left.trouble(f"{words!r} cannot stand before a law")
            shape = [self._size(size) for size in sizes] + [1] * (2 - len(sizes))
        elif len(name.indices) > 1:
            raise left.trouble(f"{left.source} has rows and columns", f"say how many: '{name.stem}: m×n ~ …'")
        else:
            shape = [*(self._length(left) for _ in name.indices), 1, 1][:2]
        indices = list(name.indices)
        self._put_law(name.stem if indices else name.whole, said, shape, indices, right)

    def _put_law(self, name: str, said: Spoken, shape: list[Size], indices: list[str], part: Phrase) -> None:
        if name in self.found and self.found[name].domain == POSITIVE_INTEGER and name not in self.guessed:
            raise part.trouble(f"{name} is how many there are of something, and {_NO_RANDOM_SIZES}")
        if name in self.found and (name not in self.guessed or shape != list(self.found[name].symbol.shape)):
            raise part.trouble(f"{name} is declared twice")
        self.guessed.discard(name)
        law = self._of_vector(said, shape, indices, part)
        if law is None:
            law = made(said, lambda parameter, domain: self._entry_parameter(parameter, domain, indices, shape))
            _add_up(law, self.found.values(), part)
        if not law.joint and not all(parameter.is_scalar for parameter in law.parameters):
            hint = "write x_i ~ Normal(mu_i, s^2) for entries, x: n ~ Normal(mu, S) or Normal(mu, s^2 I) for a vector"
            raise part.trouble("the parameters of this law are numbers", hint)
        kept = () if law.joint else tuple(Symbol(i) for i in indices)
        self.found[name] = Declaration(Symbol(name, shape[0], shape[1]), REAL, law, kept)

    def _of_vector(self, said: Spoken, shape: list[Size], indices: list[str], part: Phrase) -> Law | None:
        """The law of a whole vector; None for that of numbers."""
        rows, columns = shape
        parts = [each for each in said.parts if each is not None]
        if said.kind is DRAWS or said.kind.make is Multinomial:
            if rows == 1 or columns != 1:
                raise part.trouble("this is the law of a vector", "say how long it is: 's: n ~ …'")
            count = self._parameter(parts[0], POSITIVE_INTEGER, [])
            if said.kind is not DRAWS:
                return Multinomial(count, self._of_shape(parts[1], (rows, 1), UNIT_INTERVAL))
            population = self._size(said.population) if said.population is not None else rows
            if population != rows:
                raise part.trouble(f"the draws are from {population}, but {rows} are counted")
            return Draws(count, term(rows), said.replaced)
        if said.kind not in VECTORS or rows == 1 or columns != 1 or indices:
            if said.vector:
                raise part.trouble("a covariance matrix is that of a vector", "say how long it is: 'x: n ~ …'")
            return None
        spread = _name_alone(parts[1])
        undeclared = spread is not None and spread not in self.found and spread[0].isupper()
        if not (said.vector or undeclared or self._is_matrix(parts[1], rows)):
            return None
        mean = self._of_shape(parts[0], (rows, 1), REAL)
        covariance = self._of_shape(parts[1], (rows, rows), POSITIVE_SEMIDEFINITE)
        if isinstance(covariance, Symbol) and self.found[covariance.name].domain == REAL:
            self.found[covariance.name] = replace(self.found[covariance.name], domain=POSITIVE_SEMIDEFINITE)
        _symmetric(covariance, self.found.values(), part)
        return VECTORS[said.kind](mean, covariance)

    def _is_matrix(self, part: Phrase, rows: Size) -> bool:
        try:
            return part.read(self._names()).fitted((rows, rows)).value.shape == (rows, rows)
        except Unreadable:
            return False

    def _of_shape(self, part: Phrase, shape: Shape, domain: Domain) -> Term:
        """A parameter that is a vector or matrix; a name that is not declared is taken to be one, 0 is a zero."""
        name = _name_alone(part)
        if part.source == "0":
            return zero(shape)
        if name is not None and name not in self.found and name.partition("_")[0] != "I":  # the identity
            self._guess(Declaration(Symbol(name, *shape), domain))
        found = self._parameter(part, POSITIVE if shape[0] == shape[1] else REAL, [], shape)
        if found.shape != shape:
            raise part.trouble(f"{part.source} is {show_shape(found.shape)}, not {show_shape(shape)}")
        return found

    def _length(self, part: Phrase) -> Size:
        """How long a family is whose length is not said: as long as everything else that was declared."""
        sizes = {d.symbol.rows for d in self.found.values() if isinstance(d.symbol.rows, Symbol)}
        if len(sizes) == 1:
            return sizes.pop()
        known = self.found.setdefault("n", Declaration(Symbol("n"), POSITIVE_INTEGER))
        if known.domain != POSITIVE_INTEGER:
            raise part.trouble("n is no size", "say how many there are, as in 'm: N ~ …'")
        return known.symbol

    def _entry_parameter(self, part: Phrase, domain: Domain, indices: list[str], shape: list[Size]) -> Term:
        """A parameter of the law of an entry: a name with the entry's index is a vector of the same length."""
        for index in indices[:1] if shape[1] == 1 else ():
            for place, token in enumerate(part.tokens[:-2]):
                behind = [each.text for each in part.tokens[place + 1 : place + 4] if each.kind != "{"]
                if token.kind == "name" and behind[:2] == ["_", index]:
                    name = name_of(part[place : place + 1]).whole
                    if name not in self.found:
                        self._guess(Declaration(Symbol(name, shape[0]), domain))
        return self._parameter(part, domain, indices)

    def _guess(self, declaration: Declaration) -> None:
        self.found[declaration.symbol.name] = declaration
        self.guessed.add(declaration.symbol.name)

    def _parameter(self, part: Phrase, domain: Domain, indices: list[str], shape: Shape = SCALAR) -> Term:
        reading = part.read(self._names()).fitted(shape).settled()
        for symbol in sorted(reading.value.free, key=lambda s: s.name):
            if symbol.name not in self.found and symbol.name not in indices:
                self._guess(Declaration(symbol, domain))
        return reading.value


def _called(part: Phrase) -> tuple[WrittenName, list[WrittenName]]:
    """A name and the arguments in brackets behind it."""
    opened = next((place for place, kind in enumerate(part.kinds) if kind == "("), None)
    if opened is None or part.kinds[-1] != ")" or part.kinds[opened - 1 : opened] in (["^"], ["{"]):
        return name_of(part), []
    return name_of(part[:opened]), names_of(part[opened + 1 : -1])


def _name_alone(part: Phrase) -> str | None:
    """The name that a part is; None where it is more than one."""
    try:
        return name_of(part).whole
    except Unreadable:
        return None


def _tried(declarations: Iterable[Declaration]) -> World:
    """A world of some declarations in which whole numbers, sizes among them, are 3."""
    declared = frozenset(declarations)
    whole = [declaration.symbol for declaration in declared if declaration.domain.whole]
    return filled_world(declared, dict.fromkeys(whole, 3), 2, "declared")


def _add_up(law: Law, declarations: Iterable[Declaration], part: Phrase) -> None:
    """Raises Unreadable for probabilities that do not add up to 1."""
    if isinstance(law, Categorical):
        total = add(*law.probabilities)
        if not same(_tried(declarations).value(total), fmpq(1))[0]:
            raise part.trouble(f"the probabilities add up to {total}, not to 1")


def _symmetric(matrix: Term, declarations: Iterable[Declaration], part: Phrase) -> None:
    """Raises Unreadable for a covariance matrix that is not symmetric."""
    value = _tried(declarations).value(matrix)
    if not same(value, value.T)[0]:
        hint = f"declare it '{matrix}: {show_shape(matrix.shape)} positive semidefinite'"
        raise part.trouble(f"a covariance matrix is symmetric, and {matrix} need not be", hint)
