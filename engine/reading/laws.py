"""Laws as written: `Normal(0, s^2)`, `any law with mean mu, variance s^2`, `draws of B without replacement`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.reading.errors import Unreadable
from engine.reading.names import Names
from engine.reading.reader import read
from engine.terms import Term
from engine.terms.declarations import POSITIVE, POSITIVE_INTEGER, REAL, UNIT_INTERVAL, Domain
from engine.terms.laws import (
    AnyLaw,
    AnyVector,
    Bernoulli,
    Binomial,
    Categorical,
    Draws,
    Exponential,
    Law,
    Multinomial,
    Normal,
    NormalVector,
    Poisson,
    Rademacher,
    Uniform,
)

HINT = (
    "Bernoulli(p), Binomial(n, p), Normal(mean, variance), Uniform(a, b), Exponential(rate), Poisson(mean), "
    "Rademacher, Categorical(value: probability, …), any law with mean mu, variance s^2"
)


@dataclass(frozen=True)
class Kind:
    """A law by name: how it is made of its parameters, and what these are where nobody says."""

    make: Callable[..., Law]
    domains: tuple[Domain, ...] = ()
    needed: int | None = None  # how many parameters, where not all


BERNOULLI, NORMAL = Kind(Bernoulli, (UNIT_INTERVAL,)), Kind(Normal, (REAL, POSITIVE))
ANY = Kind(AnyLaw, (REAL, POSITIVE, REAL, POSITIVE), needed=2)
DRAWS = Kind(Draws, (POSITIVE_INTEGER,))
CATEGORICAL = Kind(Categorical)
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("Bernoulli", "Ber", "Bern"), BERNOULLI),
    **dict.fromkeys(("Binomial", "Bin", "Binom"), Kind(Binomial, (POSITIVE_INTEGER, UNIT_INTERVAL))),
    **dict.fromkeys(("Uniform", "U", "Unif"), Kind(Uniform, (REAL, REAL))),
    **dict.fromkeys(("Exponential", "Exp"), Kind(Exponential, (POSITIVE,))),
    **dict.fromkeys(("Poisson", "Poi", "Pois"), Kind(Poisson, (POSITIVE,))),
    "Rademacher": Kind(Rademacher),
    **dict.fromkeys(("Categorical", "Cat"), CATEGORICAL),
    **dict.fromkeys(("Normal", "N", "Gaussian"), NORMAL),
    **dict.fromkeys(("Any", "Law"), ANY),
    **dict.fromkeys(("Multinomial", "Mult"), Kind(Multinomial, (POSITIVE_INTEGER, UNIT_INTERVAL))),
}
LAWS = frozenset(_KINDS)  # their names
THIRD = "kappa_3"  # the third central moment of a law, where the fourth is said and this is not
VECTORS = {NORMAL: NormalVector, ANY: AnyVector}

_CALLED = re.compile(r"\s*\\?(?:mathcal\{(?P<font>[A-Z])\}|(?P<name>[A-Za-z]+))\s*(?:\((?P<parameters>.*)\))?\s*", re.S)
_ANY = re.compile(r"\s*any\s+(?:law|distribution)\s+(?:with|of)\s+(?P<rest>.*)", re.I | re.S)
_MOMENT = re.compile(
    r"\s*(?:and\s+|with\s+)?(?P<what>mean|variance|covariance(?: matrix)?|(?:third|fourth) central moment)"
    r"\s*=?\s*(?P<value>.*?)\s*",
    re.I | re.S,
)
_DRAWS = re.compile(
    r"\s*(?:draws\s+of\s+(?P<count>.+?)|(?P<other>.+?)\s+draws)(?:\s+from\s+(?P<size>\w+))?"
    r"\s*,?\s+(?P<how>with|without)\s+replacement\s*",
    re.I | re.S,
)


_SET = re.compile(r"\\(?:text|mathrm|operatorname|textrm)\s*\{(?P<name>[A-Za-z]+)\}")


@dataclass(frozen=True)
class Spoken:
    """A law as it is written: its kind, and the texts of its parameters, by place."""

    kind: Kind
    texts: tuple[str, ...]
    vector: bool = False  # whether it is said to be that of a whole vector
    replaced: bool = False
    population: str = ""


def spoken(text: str, start: int = 0) -> Spoken:
    """What a law's text says, its parameters unread. Raises Unreadable, with its place from `start`."""
    text = _SET.sub(lambda match: match["name"], text).replace("𝒩", "N")
    if (match := _ANY.fullmatch(text)) is not None:
        return _any_law(match["rest"], start, start + len(text))
    if (match := _DRAWS.fullmatch(text)) is not None:
        count = match["count"] or match["other"]
        return Spoken(DRAWS, (count,), True, match["how"].lower() == "with", match["size"] or "")
    match = _CALLED.fullmatch(text)
    name = (match["name"] or match["font"]) if match is not None else text.strip()
    kind = _KINDS.get(name)
    if match is None or kind is None:
        raise Unreadable(f"the law {name[:40]} is not known here", start, start + len(text), HINT)
    texts = tuple(_parts(match["parameters"])) if (match["parameters"] or "").strip() else ()
    if kind is not CATEGORICAL and not (kind.needed or len(kind.domains)) <= len(texts) <= len(kind.domains):
        wanted = len(kind.domains)
        told = f"{wanted} parameter{'s' * (wanted > 1)}" if wanted else "no parameters"
        raise Unreadable(f"{name} takes {told}", start, start + len(text))
    return Spoken(kind, texts)


def _any_law(rest: str, start: int, end: int) -> Spoken:
    given: dict[str, str] = {}
    for part in (piece for comma in _parts(rest) for piece in re.split(r"\s+and\s+", comma) if piece.strip()):
        match = _MOMENT.fullmatch(part)
        if match is None or not match["value"]:
            hint = "any law with mean mu, variance s^2, third central moment c, fourth central moment k"
            raise Unreadable(f"{part.strip()!r} is no moment of a law", start, end, hint)
        given[match["what"].lower().split(" ")[0]] = match["value"]
    spread = given.get("variance") or given.get("covariance")
    if "mean" not in given or spread is None:
        raise Unreadable("of any law its mean and its variance must be said", start, end)
    if "fourth" in given and given["mean"] != "0":
        given.setdefault("third", THIRD)
    higher = [given.get(name, "") for name in ("third", "fourth")]
    return Spoken(ANY, (given["mean"], spread, *higher), "covariance" in given)


def made(said: Spoken, parameter: Callable[[str, Domain], Term]) -> Law:
    """The law of one number, its parameters read by a function of their text and of what they are by default."""
    if said.kind is CATEGORICAL:
        return _categorical(said, parameter)
    pairs = zip(said.texts, said.kind.domains, strict=False)
    return said.kind.make(*(parameter(text, domain) if text else None for text, domain in pairs))


def _categorical(said: Spoken, parameter: Callable[[str, Domain], Term]) -> Law:
    pairs = [part.partition(":") for part in said.texts]
    if len(pairs) < 2 or not all(colon for _, colon, _ in pairs):
        raise Unreadable("a categorical law has values with probabilities", 0, 1, "Categorical(0: 1/2, 1: 1/3, 5: 1/6)")
    values = tuple(parameter(value, REAL) for value, _, _ in pairs)
    chances = tuple(parameter(chance, UNIT_INTERVAL) for _, _, chance in pairs)
    if len(set(values)) < len(values):
        raise Unreadable("a value stands twice in a categorical law", 0, 1)
    return Categorical(values, chances)


def law_of(text: str, names: Names) -> Law:
    """A law of numbers as it is written, its parameters read in a symbol table. Raises Unreadable."""
    said = spoken(text)
    if said.vector or said.kind.make is Multinomial:
        raise Unreadable("the law of a number was expected here, not that of a vector", 0, len(text))
    return made(said, lambda part, _: _parameter_of(part, names))


def _parameter_of(text: str, names: Names) -> Term:
    try:
        return read(text, names).settled().value
    except Unreadable as trouble:
        trouble.text = text
        raise


def _parts(text: str) -> list[str]:
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
