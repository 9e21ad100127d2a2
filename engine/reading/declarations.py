"""What a person declares: `X: n×d`, `S: n×n symmetric positive definite`, `lambda > 0`, `p in (0,1)`, `m_j ~ Bernoulli(p) iid`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from engine.alphabet import GREEK
from engine.premises import (
    INVERTIBLE,
    NONNEGATIVE,
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_INTEGER,
    POSITIVE_SEMIDEFINITE,
    REAL,
    SYMMETRIC,
    UNIT_INTERVAL,
    AnyLaw,
    Bernoulli,
    Declaration,
    Domain,
    Law,
    Normal,
)
from engine.reading import notation
from engine.reading.errors import Unreadable
from engine.reading.names import Names
from engine.reading.reader import read
from engine.terms import Size, Symbol, Term

HINT = "for instance 'X: n×d', 't: n', 'lambda > 0', 'p in (0,1)', 'N: positive integer', 'm_j ~ Bernoulli(p) iid'"
_NAME = r"\s*(?P<name>\\?[^\W\d_]+[0-9]*(?:_\{?\w+\}?)?'*\*?)\s*"
_SHAPE = re.compile(
    _NAME
    + r"(?::|∈|\bin\b|\\in\b)\s*(?P<space>ℝ\^?|R\^|\\mathbb\{R\}\^)?\{?(?P<rows>\w+?)(?:\s*(?:×|ˣ|\\times|x|by|,|\*)\s*(?P<columns>\w+))?\}?(?P<words>(?:[\s,]+[a-z ,-]*)?)$"
)
_WORDS = re.compile(_NAME + r"(?::|∈|\bin\b|is)?\s*(?P<words>[A-Za-zℝℕ ,-]+)$")
_RELATION = re.compile(_NAME + r"(?P<sign>>=|<=|>|<|≥|≤|\\geq?\b|\\leq?\b)\s*(?P<bound>[-−]?[\d./]+)\s*$")
_INTERVAL = re.compile(
    _NAME
    + r"(?::|∈|\bin\b|\\in\b)\s*(?P<open>[(\[])\s*(?P<lower>[-−]?[\d./]+|-?∞|-?inf)\s*,\s*(?P<upper>[-−]?[\d./]+|∞|inf)\s*(?P<close>[)\]])\s*$"
)
_LAW = re.compile(
    r"\s*(?P<name>[^~∼:]+?)\s*(?::\s*(?P<rows>\w+)(?:\s*[×x]\s*(?P<columns>\w+))?)?\s*(?:~|∼|\\sim)\s*(?P<law>\\?[A-Za-z]+)\s*\((?P<parameters>.*)\)\s*,?\s*(?P<words>iid|i\.i\.d\.|independent)?\s*$"
)

INTEGER = Domain(whole=True)
_SCALARS = {
    "real": REAL,
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    "positive integer": POSITIVE_INTEGER,
    "whole": POSITIVE_INTEGER,
    "natural": POSITIVE_INTEGER,
    "ℝ": REAL,
    "R": REAL,
    "ℕ": POSITIVE_INTEGER,
    "N": POSITIVE_INTEGER,
    "integer": INTEGER,
    "size": POSITIVE_INTEGER,
    "scalar": REAL,
    "real number": REAL,
}
_STRUCTURES = {
    "": REAL,
    "symmetric": SYMMETRIC,
    "positive definite": POSITIVE_DEFINITE,
    "symmetric positive definite": POSITIVE_DEFINITE,
    "positive semidefinite": POSITIVE_SEMIDEFINITE,
    "symmetric positive semidefinite": POSITIVE_SEMIDEFINITE,
    "invertible": INVERTIBLE,
    "positive": POSITIVE,
    "nonnegative": NONNEGATIVE,
    "real": REAL,
}
_SQUARE = (SYMMETRIC, POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE, INVERTIBLE)
_LAWS: dict[str, tuple[int, Callable[..., Law]]] = {
    **dict.fromkeys(("Bernoulli", "Ber", "Bern"), (1, Bernoulli)),
    **dict.fromkeys(("Normal", "N", "Gaussian"), (2, Normal)),
    **dict.fromkeys(("Any", "Law"), (2, AnyLaw)),
}
MOST = 40


def declared(texts: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations that some texts make, sizes and parameters that they speak of included. Raises Unreadable."""
    table = _Table()
    for count, text in enumerate(texts):
        if count == MOST or len(text) > 200:
            raise Unreadable(f"more than {MOST} declarations, or a very long one", 0, len(text))
        for part in _separated(text):
            table.add(part)
    return tuple(table.found.values())


_BETWEEN = re.compile(r"\s*(?P<lower>[-−]?[\d./]+)\s*<=?\s*(?P<name>[^\s<>=]+)\s*<=?\s*(?P<upper>[-−]?[\d./]+)\s*")
_SEVERAL = re.compile(r"\s*(?P<names>[^\s,:<>=~(]+(?:\s*,\s*[^\s,:<>=~(]+)+)(?P<rest>\s*(?:[:<>=~≥≤∈]|in\b).*|\s*)")


def _separated(text: str) -> list[str]:
    """The single declarations in a text: `x, y > 0; 0 < p < 1` are three."""
    found: list[str] = []
    for part in (part for part in re.split(r"[;\n]", text) if part.strip()):
        if (between := _BETWEEN.fullmatch(part)) is not None:
            found.append("{name} in ({lower}, {upper})".format(**between.groupdict()))
        elif (several := _SEVERAL.fullmatch(part)) is not None:
            found += [name.strip() + several["rest"] for name in several["names"].split(",")]
        else:
            found.append(part)
    return found or [text]


class _Table:
    def __init__(self) -> None:
        self.found: dict[str, Declaration] = {}

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
        if known is not None and (known.domain != REAL or known.symbol.shape != (rows, columns)):
            if rows == columns == 1 and known.domain == REAL and domain != REAL:  # t: n, then t > 0
                self.found[name] = replace(known, domain=domain)
                return
            if known.domain == domain and known.symbol.shape == (rows, columns):
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

    # -- laws --------------------------------------------------------------------------------------------------------------

    def _law(self, match: re.Match[str], text: str) -> None:
        stem, indices = _indexed(match["name"])
        kind, given = _kind_and_parameters(match["law"] + "(" + match["parameters"] + ")", match.start("law"))
        if match["rows"]:
            shape = [self._size(match["rows"], text), self._size(match["columns"], text) if match["columns"] else 1]
        else:
            shape = [*(self._length() for _ in indices), 1, 1][:2]
        parameters = [self._parameter(part, kind, place, indices) for place, part in enumerate(given)]
        law = _LAWS[kind][1](*parameters)
        name = spelled_name(stem)
        if name in self.found:
            raise Unreadable(f"{name} is declared twice", 0, len(text))
        self.found[name] = Declaration(Symbol(name, shape[0], shape[1]), REAL, law, tuple(Symbol(i) for i in indices))

    def _length(self) -> Size:
        """How long a family is whose length is not said: as long as everything else that was declared."""
        sizes = {d.symbol.rows for d in self.found.values() if isinstance(d.symbol.rows, Symbol)}
        if len(sizes) == 1:
            return sizes.pop()
        return self._size("n", "")

    def _parameter(self, text: str, kind: str, place: int, indices: list[str]) -> Term:
        names = Names(self.found.values(), free=True)
        reading = read(text, names)
        for symbol in sorted(reading.value.free, key=lambda s: s.name):
            if symbol.name not in self.found and symbol.name not in indices:
                domain = UNIT_INTERVAL if _LAWS[kind][0] == 1 else POSITIVE if place == 1 else REAL
                self.found[symbol.name] = Declaration(symbol, domain)
        return reading.value


def law_of(text: str, names: Names) -> Law:
    """A law as it is written, `Normal(0, sigma^2)`, its parameters read in a symbol table. Raises Unreadable."""
    kind, given = _kind_and_parameters(text, 0)
    return _LAWS[kind][1](*(_parameter_of(part, names) for part in given))


def _parameter_of(text: str, names: Names) -> Term:
    try:
        return read(text, names).settled().value
    except Unreadable as trouble:
        trouble.text = text
        raise


def _kind_and_parameters(text: str, start: int) -> tuple[str, list[str]]:
    match = re.fullmatch(r"\s*\\?(?P<law>[A-Za-z]+)\s*\((?P<parameters>.*)\)\s*", text)
    kind = match["law"] if match is not None else text.strip()
    if match is None or kind not in _LAWS:
        hint = "Bernoulli(p), Normal(mean, variance), Any(mean, variance)"
        raise Unreadable(f"the law {kind} is not known here", start, start + len(text), hint)
    given, wanted = _parts(match["parameters"]), _LAWS[kind][0]
    if len(given) != wanted:
        raise Unreadable(f"{kind} takes {wanted} parameter{'s' * (wanted > 1)}", start, start + len(text))
    return kind, given


def without_indices(text: str) -> str:
    """g of g_i, xi of ξᵢⱼ: a name less the indices i, j, k that it is written with."""
    stem, indices = _indexed(text)
    return stem if indices and set(indices) <= set("ijk") else text


def _indexed(text: str) -> tuple[str, list[str]]:
    """m_j and m_{ij} as a name and its indices."""
    stem, _, below = text.strip().partition("_")
    letters = re.sub(r"[{},\s]", "", below)
    subscripts = {small: plain for small, plain in notation.SUBSCRIPTS.items() if plain.isalpha()}
    while stem and stem[-1] in subscripts:
        letters = subscripts[stem[-1]] + letters
        stem = stem[:-1]
    if len(letters) > 2 or not letters.isalpha() and letters:
        return text.strip(), []
    return stem, list(letters)


def _parts(text: str) -> list[str]:
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _words(text: str) -> str:
    return " ".join(text.replace(",", " ").replace("-", " ").split())


def spelled_name(name: str) -> str:
    """A name as declarations have it: λ and \\lambda are lambda, S_{min} is S_min."""
    name = name.strip().lstrip("\\").replace("{", "").replace("}", "")
    stem, bar, below = name.partition("_")
    stem = notation.GREEK_LETTERS.get(stem, notation.VARIANTS.get(stem, notation.ALIASES.get(stem, stem)))
    return stem + bar + notation.GREEK_LETTERS.get(below, below)


def _number(text: str, whole: str) -> Fraction:
    try:
        return Fraction(text.replace("−", "-"))
    except (ValueError, ZeroDivisionError):
        raise Unreadable(f"{text} is no number", 0, len(whole)) from None


def _bounded(sign: str, bound: Fraction) -> Domain:
    if sign.startswith((">", "≥", "\\g")):
        return Domain(lower=bound, includes_lower=sign != ">")
    return Domain(upper=bound)


def _interval(match: re.Match[str], text: str) -> Domain:
    lower = None if "inf" in match["lower"] or "∞" in match["lower"] else _number(match["lower"], text)
    upper = None if "inf" in match["upper"] or "∞" in match["upper"] else _number(match["upper"], text)
    if lower is not None and upper is not None and lower >= upper:
        raise Unreadable("an interval from a number to a greater one was expected", 0, len(text))
    return Domain(lower, upper, includes_lower=match["open"] == "[")
