"""What a person declares: `X: n×d`, `S: n×n symmetric positive definite`, `lambda > 0`, `p in (0,1)`, `m_j ~
Bernoulli(p) iid`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from flint import fmpq

from engine.notation import spelling
from engine.notation.alphabet import GREEK
from engine.proofs.parameters import Lawless, required
from engine.reading.errors import Unreadable
from engine.reading.laws import DRAWS, VECTORS, Spoken, made, spoken
from engine.reading.names import Names, in_italics, spelled_name
from engine.reading.reader import read
from engine.terms import SCALAR, Shape, Size, Symbol, Term, add, show_shape, term, zero
from engine.terms.declarations import (
    INVERTIBLE,
    NONNEGATIVE,
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    POSITIVE_SEMIDEFINITE,
    REAL,
    SYMMETRIC,
    UNIT_INTERVAL,
    Declaration,
    Domain,
)
from engine.terms.laws import Categorical, Draws, Law, Multinomial
from engine.worlds.drawing import filled_world
from engine.worlds.values import same
from engine.worlds.world import World

HINT = "for instance 'X: n×d', 't: n', 'lambda > 0', 'p in (0,1)', 'N: positive integer', 'm_j ~ Bernoulli(p) iid'"
_NAME = r"\s*(?P<name>\\?[^\W\d_]+[0-9]*(?:_\{?\w+\}?)?'*\*?)\s*"
_IN = r"(?::|∈|\bin\b|\\in\b)\s*"
_SHAPE = re.compile(
    _NAME
    + _IN
    + r"(?P<space>ℝ\^?|R\^|\\mathbb\{R\}\^)?\{?(?P<rows>\w+?)(?:\s*(?:×|ˣ|\\times|x|by|,|\*)\s*(?P<columns>\w+))?\}?"
    r"(?P<words>(?:[\s,]+[a-z ,-]*)?)$"
)
_WORDS = re.compile(_NAME + r"(?::|∈|\\in\b|\bin\b|is)?\s*(?P<words>[A-Za-zℝℕℤ ,-]+)$")
_RELATION = re.compile(_NAME + r"(?P<sign>>=|<=|>|<|≥|≤|\\geq?\b|\\leq?\b)\s*(?P<bound>[-−]?[\d./]+)\s*$")
_INTERVAL = re.compile(
    _NAME
    + _IN
    + r"(?P<open>[(\[])\s*(?P<lower>[-−]?[\d./]+|-?∞|-?inf)\s*,\s*(?P<upper>[-−]?[\d./]+|∞|inf)\s*(?P<close>[)\]])\s*$"
)
_LAW = re.compile(
    r"\s*(?P<name>[^~∼:]+?)\s*(?::\s*(?P<rows>\w+)(?:\s*[×x]\s*(?P<columns>\w+))?)?\s*(?:~|∼|\\sim)\s*(?P<law>.+?)\s*,?\s*(?P<words>iid|i\.i\.d\.|independent)?\s*$"
)

INTEGER = Domain(whole=True)
_SCALARS = {
    **dict.fromkeys(("real", "real number", "scalar", "ℝ", "R"), REAL),
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    **dict.fromkeys(("positive integer", "whole", "natural", "natural number", "size", "ℕ", "N"), POSITIVE_INTEGER),
    **dict.fromkeys(("integer", "ℤ", "Z"), INTEGER),
    "nonnegative integer": replace(INTEGER, lower=Fraction(0), includes_lower=True),
}
_STRUCTURES = {
    "": REAL,
    "symmetric": SYMMETRIC,
    **dict.fromkeys(("positive definite", "symmetric positive definite"), POSITIVE_DEFINITE),
    **dict.fromkeys(("positive semidefinite", "symmetric positive semidefinite"), POSITIVE_SEMIDEFINITE),
    "invertible": INVERTIBLE,
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    "real": REAL,
}
_SQUARE = (SYMMETRIC, POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE, INVERTIBLE)
MOST = 40


_SETS = re.compile(r"\\mathbb\s*\{?([NZ])\}?")


def declared(texts: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations that some texts make, sizes and parameters that they speak of included. Raises Unreadable."""
    table = _Table()
    for count, text in enumerate(texts):
        if count == MOST or len(text) > 200:
            raise Unreadable(f"more than {MOST} declarations, or a very long one", 0, len(text))
        for part in separated(_SETS.sub(lambda match: "ℕℤ"["NZ".index(match[1])], in_italics(text))):
            table.add(part)
    for name, declaration in table.found.items():
        _no_circle(name, table.found, ())
        if declaration.law is not None:
            try:
                required(declaration, table.found.values())
            except Lawless as error:
                raise Unreadable(str(error), 0, 1) from None
    return tuple(table.found.values())


def _no_circle(name: str, found: Mapping[str, Declaration], behind: tuple[str, ...]) -> None:
    """Raises Unreadable for a law that is given, through others, by what it is the law of."""
    law = found[name].law
    if name in behind:
        through = " and ".join(other for other in dict.fromkeys(behind) if other != name)
        raise Unreadable(f"the law of {name} is given{', through ' * bool(through) + through} by {name} itself", 0, 1)
    for symbol in {symbol.name for parameter in law.parameters for symbol in parameter.free} if law else ():
        if symbol in found:
            _no_circle(symbol, found, (*behind, name))


_BETWEEN = re.compile(
    r"\s*(?P<lower>[-−]?[\d./]+)\s*(?P<above><=?|≤)\s*(?P<name>[^\s<>=≤]+)\s*(?P<below><=?|≤)\s*(?P<upper>[-−]?[\d./]+)\s*"
)
_SEVERAL = re.compile(r"\s*(?P<names>[^\s,:<>=~(]+(?:\s*,\s*[^\s,:<>=~(]+)+)(?P<rest>\s*(?:[:<>=~≥≤∈]|in\b).*|\s*)")


def separated(text: str) -> list[str]:
    """The single declarations in a text: `x, y > 0; 0 < p < 1` are three."""
    found: list[str] = []
    for part in (part for part in re.split(r"[;\n]", text) if part.strip()):
        if (between := _BETWEEN.fullmatch(part)) is not None:
            opened, closed = "(" if between["above"] == "<" else "[", ")" if between["below"] == "<" else "]"
            found.append(f"{between['name']} in {opened}{between['lower']}, {between['upper']}{closed}")
        elif (several := _SEVERAL.fullmatch(part)) is not None:
            found += [name.strip() + several["rest"] for name in several["names"].split(",")]
        else:
            found.append(part)
    return found or [text]


_NO_RANDOM_SIZES = "a random number of entries or terms is not treated here"


class _Table:
    def __init__(self) -> None:
        self.found: dict[str, Declaration] = {}
        self.guessed: set[str] = set()  # what a law speaks of that nobody has declared yet

    def add(self, text: str) -> None:
        if (match := _LAW.match(text)) is not None:
            self._law(match, text)
        elif (match := _RELATION.match(text)) is not None:
            self._put(spelled_name(match["name"]), _bounded(match["sign"], _number(match["bound"], text)), text)
        elif (match := _INTERVAL.match(text)) is not None:
            self._put(spelled_name(match["name"]), _interval(match, text), text)
        elif (match := _WORDS.match(text)) is not None and _words(match["words"]) in _SCALARS:
            self._put(spelled_name(match["name"]), _SCALARS[_words(match["words"])], text)
        elif (match := _SHAPE.match(text)) is not None and _words(match["words"]) in _STRUCTURES:
            self._shaped(match, text)
        elif re.fullmatch(_NAME, text):
            self._put(spelled_name(text.strip()), REAL, text)
        else:
            raise Unreadable(f"the declaration {text.strip()!r} cannot be read", 0, len(text), HINT)

    def _put(self, name: str, domain: Domain, text: str, rows: Size = 1, columns: Size = 1) -> None:
        known = self.found.get(name)
        if known is not None and known.law is not None:
            raise Unreadable(f"{name} is declared twice: it has a law already", 0, len(text))
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
            raise Unreadable(f"{name} is declared twice", 0, len(text))
        self.found[name] = Declaration(Symbol(name, rows, columns), domain)

    def _size(self, name: str, text: str) -> Size:
        if name.isdigit():
            if not 1 <= int(name) <= 12:
                raise Unreadable(f"a size from 1 to 12 was expected, not {name}", 0, len(text))
            return int(name)
        spelled = spelled_name(name)
        known = self.found.get(spelled)
        if known is not None and known.law is not None:
            raise Unreadable(f"{name} is random, and {_NO_RANDOM_SIZES}", 0, len(text))
        if known is None and len(name) > 3 and spelled not in GREEK and name.isalpha():
            raise Unreadable(f"{name!r} is neither a size nor a property known here", 0, len(text), HINT)
        if known is None or known.domain == REAL and known.symbol.is_scalar:
            self.found[spelled] = known = Declaration(Symbol(spelled), POSITIVE_INTEGER)
        if known.domain != POSITIVE_INTEGER:
            raise Unreadable(f"{name} is no size", 0, len(text), "a size is a positive integer")
        return known.symbol

    def _shaped(self, match: re.Match[str], text: str) -> None:
        rows = self._size(match["rows"], text)
        columns = self._size(match["columns"], text) if match["columns"] else 1
        domain = _STRUCTURES[_words(match["words"])]
        if domain in _SQUARE and rows != columns:
            raise Unreadable(f"a matrix that is {_words(match['words'])} is square", 0, len(text))
        self._put(spelled_name(match["name"]), domain, text, rows, columns)

    # -- laws ----------------------------------------------------------------------------------------------------------

    def _law(self, match: re.Match[str], text: str) -> None:
        stem, indices = _indexed(match["name"])
        said = spoken(match["law"], match.start("law"))
        if match["rows"]:
            shape = [self._size(match["rows"], text), self._size(match["columns"], text) if match["columns"] else 1]
        elif len(indices) > 1:
            pair = match["name"].strip()
            raise Unreadable(f"{pair} has rows and columns", 0, len(text), f"say how many: '{stem}: m×n ~ …'")
        else:
            shape = [*(self._length() for _ in indices), 1, 1][:2]
        name = spelled_name(stem)
        if name in self.found and self.found[name].domain == POSITIVE_INTEGER and name not in self.guessed:
            raise Unreadable(f"{name} is how many there are of something, and {_NO_RANDOM_SIZES}", 0, len(text))
        if name in self.found and (name not in self.guessed or shape != list(self.found[name].symbol.shape)):
            raise Unreadable(f"{name} is declared twice", 0, len(text))
        self.guessed.discard(name)
        law = self._of_vector(said, shape, indices, text)
        if law is None:
            law = made(said, lambda part, domain: self._entry_parameter(part, domain, indices, shape))
            _add_up(law, self.found.values(), text)
        if not law.joint and not all(parameter.is_scalar for parameter in law.parameters):
            hint = "write x_i ~ Normal(mu_i, s^2) for entries, x: n ~ Normal(mu, S) or Normal(mu, s^2 I) for a vector"
            raise Unreadable("the parameters of this law are numbers", 0, len(text), hint)
        kept = () if law.joint else tuple(Symbol(i) for i in indices)
        self.found[name] = Declaration(Symbol(name, shape[0], shape[1]), REAL, law, kept)

    def _of_vector(self, said: Spoken, shape: list[Size], indices: list[str], text: str) -> Law | None:
        """The law of a whole vector; None for that of numbers."""
        rows, columns = shape
        if said.kind is DRAWS or said.kind.make is Multinomial:
            if rows == 1 or columns != 1:
                raise Unreadable("this is the law of a vector", 0, len(text), "say how long it is: 's: n ~ …'")
            count = self._parameter(said.texts[0], POSITIVE_INTEGER, [])
            if said.kind is not DRAWS:
                return Multinomial(count, self._of_shape(said.texts[1], (rows, 1), UNIT_INTERVAL, text))
            population = self._size(said.population, text) if said.population else rows
            if population != rows:
                raise Unreadable(f"the draws are from {population}, but {rows} are counted", 0, len(text))
            return Draws(count, term(rows), said.replaced)
        if said.kind not in VECTORS or rows == 1 or columns != 1 or indices:
            if said.vector:
                raise Unreadable(
                    "a covariance matrix is that of a vector", 0, len(text), "say how long it is: 'x: n ~ …'"
                )
            return None
        spread = spelled_name(said.texts[1])
        undeclared = spread not in self.found and re.fullmatch(r"[^\W\d_]+(?:_\d+)?", spread) is not None
        if not (said.vector or (undeclared and spread[0].isupper()) or self._is_matrix(said.texts[1], rows)):
            return None
        mean = self._of_shape(said.texts[0], (rows, 1), REAL, text)
        covariance = self._of_shape(said.texts[1], (rows, rows), POSITIVE_SEMIDEFINITE, text)
        if isinstance(covariance, Symbol) and self.found[covariance.name].domain == REAL:
            self.found[covariance.name] = replace(self.found[covariance.name], domain=POSITIVE_SEMIDEFINITE)
        _symmetric(covariance, self.found.values(), text)
        return VECTORS[said.kind](mean, covariance)

    def _is_matrix(self, text: str, rows: Size) -> bool:
        try:
            return read(text, Names(self.found.values(), free=True)).fitted((rows, rows)).value.shape == (rows, rows)
        except Unreadable:
            return False

    def _of_shape(self, text: str, shape: Shape, domain: Domain, whole: str) -> Term:
        """A parameter that is a vector or matrix; a name that is not declared is taken to be one, 0 is a zero."""
        name = spelled_name(text)
        if name == "0":
            return zero(shape)
        is_name = re.fullmatch(r"[^\W\d_]+(?:_\w+)?", name) and name.partition("_")[0] != "I"  # the identity
        if name not in self.found and is_name:
            self._guess(Declaration(Symbol(name, *shape), domain))
        found = self._parameter(text, POSITIVE if shape[0] == shape[1] else REAL, [], shape)
        if found.shape != shape:
            raise Unreadable(f"{text.strip()} is {show_shape(found.shape)}, not {show_shape(shape)}", 0, len(whole))
        return found

    def _length(self) -> Size:
        """How long a family is whose length is not said: as long as everything else that was declared."""
        sizes = {d.symbol.rows for d in self.found.values() if isinstance(d.symbol.rows, Symbol)}
        if len(sizes) == 1:
            return sizes.pop()
        return self._size("n", "")

    def _entry_parameter(self, text: str, domain: Domain, indices: list[str], shape: list[Size]) -> Term:
        """A parameter of the law of an entry: a name with the entry's index is a vector of the same length."""
        for index in indices[:1] if shape[1] == 1 else ():
            for name in re.findall(rf"([^\W\d_]+)_\{{?{index}\b", text):
                if spelled_name(name) not in self.found:
                    self._guess(Declaration(Symbol(spelled_name(name), shape[0]), domain))
        return self._parameter(text, domain, indices)

    def _guess(self, declaration: Declaration) -> None:
        self.found[declaration.symbol.name] = declaration
        self.guessed.add(declaration.symbol.name)

    def _parameter(self, text: str, domain: Domain, indices: list[str], shape: Shape = SCALAR) -> Term:
        reading = read(text, Names(self.found.values(), free=True)).fitted(shape).settled()
        for symbol in sorted(reading.value.free, key=lambda s: s.name):
            if symbol.name not in self.found and symbol.name not in indices:
                self._guess(Declaration(symbol, domain))
        return reading.value


def _tried(declarations: Iterable[Declaration]) -> World:
    """A world of some declarations in which whole numbers, sizes among them, are 3."""
    declared = frozenset(declarations)
    whole = [declaration.symbol for declaration in declared if declaration.domain.whole]
    return filled_world(declared, dict.fromkeys(whole, 3), 2, "declared")


def _add_up(law: Law, declarations: Iterable[Declaration], text: str) -> None:
    """Raises Unreadable for probabilities that do not add up to 1."""
    if isinstance(law, Categorical):
        total = add(*law.probabilities)
        if not same(_tried(declarations).value(total), fmpq(1))[0]:
            raise Unreadable(f"the probabilities add up to {total}, not to 1", 0, len(text))


def _symmetric(matrix: Term, declarations: Iterable[Declaration], text: str) -> None:
    """Raises Unreadable for a covariance matrix that is not symmetric."""
    value = _tried(declarations).value(matrix)
    if not same(value, value.T)[0]:
        hint = f"declare it '{matrix}: {show_shape(matrix.shape)} positive semidefinite'"
        raise Unreadable(f"a covariance matrix is symmetric, and {matrix} need not be", 0, len(text), hint)


INDICES = frozenset("ijk")


def without_indices(text: str, letters: Iterable[str] = ()) -> str:
    """g of g_i, xi of ξᵢⱼ: a name less the indices i, j, k, or other `letters`, that it is written with."""
    stem, indices = _indexed(text)
    return stem if indices and set(indices) <= {*INDICES, *letters} else text


def _indexed(text: str) -> tuple[str, list[str]]:
    """m_j and m_{ij} as a name and its indices."""
    stem, _, below = text.strip().partition("_")
    letters = re.sub(r"[{},\s]", "", below)
    subscripts = {small: plain for small, plain in spelling.SUBSCRIPTS.items() if plain.isalpha()}
    while stem and stem[-1] in subscripts:
        letters = subscripts[stem[-1]] + letters
        stem = stem[:-1]
    if len(letters) > 2 or not letters.isalpha() and letters:
        return text.strip(), []
    return stem, list(letters)


def _words(text: str) -> str:
    return " ".join(text.replace(",", " ").replace("-", " ").split())


def _number(text: str, whole: str) -> Fraction:
    try:
        return Fraction(text.replace("−", "-"))
    except (ValueError, ZeroDivisionError):
        raise Unreadable(f"{text} is no number", 0, len(whole)) from None


def _bounded(sign: str, bound: Fraction) -> Domain:
    if sign.startswith((">", "≥", "\\g")):
        return Domain(lower=bound, includes_lower=sign != ">")
    return Domain(upper=bound, includes_upper=sign != "<")


def _interval(match: re.Match[str], text: str) -> Domain:
    lower = None if "inf" in match["lower"] or "∞" in match["lower"] else _number(match["lower"], text)
    upper = None if "inf" in match["upper"] or "∞" in match["upper"] else _number(match["upper"], text)
    if lower is not None and upper is not None and lower >= upper:
        raise Unreadable("an interval from a number to a greater one was expected", 0, len(text))
    return Domain(lower, upper, includes_lower=match["open"] == "[", includes_upper=match["close"] == "]")
