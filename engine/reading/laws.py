"""Laws as written: `Normal(0, s^2)`, `any law with mean mu, variance s^2`, `draws of B without replacement`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.reading.names import Names
from engine.reading.statements import Phrase, statements
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
class NamedLaw:
    """A law by name: how it is made of its parameters, and what these are where nobody says."""

    make: Callable[..., Law]
    domains: tuple[Domain, ...] = ()
    needed: int | None = None  # how many parameters, where not all


BERNOULLI, NORMAL = NamedLaw(Bernoulli, (UNIT_INTERVAL,)), NamedLaw(Normal, (REAL, POSITIVE))
ANY = NamedLaw(AnyLaw, (REAL, POSITIVE, REAL, POSITIVE), needed=2)
DRAWS = NamedLaw(Draws, (POSITIVE_INTEGER,))
CATEGORICAL = NamedLaw(Categorical)
_KINDS: dict[str, NamedLaw] = {
    **dict.fromkeys(("Bernoulli", "Ber", "Bern"), BERNOULLI),
    **dict.fromkeys(("Binomial", "Bin", "Binom"), NamedLaw(Binomial, (POSITIVE_INTEGER, UNIT_INTERVAL))),
    **dict.fromkeys(("Uniform", "U", "Unif"), NamedLaw(Uniform, (REAL, REAL))),
    **dict.fromkeys(("Exponential", "Exp"), NamedLaw(Exponential, (POSITIVE,))),
    **dict.fromkeys(("Poisson", "Poi", "Pois"), NamedLaw(Poisson, (POSITIVE,))),
    "Rademacher": NamedLaw(Rademacher),
    **dict.fromkeys(("Categorical", "Cat"), CATEGORICAL),
    **dict.fromkeys(("Normal", "N", "Gaussian"), NORMAL),
    **dict.fromkeys(("Any", "Law"), ANY),
    **dict.fromkeys(("Multinomial", "Mult"), NamedLaw(Multinomial, (POSITIVE_INTEGER, UNIT_INTERVAL))),
}
LAWS = frozenset(_KINDS)  # their names
THIRD = "kappa_3"  # the third central moment of a law, where the fourth is said and this is not
VECTORS = {NORMAL: NormalVector, ANY: AnyVector}
INDEPENDENT = ("iid", "independent", "independently")
_MOMENTS = {"mean": 0, "variance": 1, "covariance": 1, "third": 2, "fourth": 3}
_OF_MOMENTS = ("central", "moment", "matrix", "=")


@dataclass(frozen=True)
class Spoken:
    """A law as it is written: its kind, and its parameters, by place."""

    kind: NamedLaw
    parts: tuple[Phrase | None, ...]
    vector: bool = False  # whether it is said to be that of a whole vector
    replaced: bool = False
    population: Phrase | None = None


def spoken(law: Phrase) -> Spoken:
    """What is said of a law, its parameters unread. Raises Unreadable."""
    while law.words[-1:] and law.words[-1] in (*INDEPENDENT, ","):
        law = law[:-1]
    while law.words[:1] and law.words[0] in INDEPENDENT:
        law = law[1:]
    words = [word.lower() for word in law.words]
    if words[:1] == ["any"] and words[1:2] in (["law"], ["distribution"]):
        return _any_law(law[3:] if words[2:3] in (["with"], ["of"]) else law[2:])
    if "replacement" in words:
        return _draws(law, words)
    called = law.words[0] if law.tokens else ""
    kind = _KINDS.get(called)
    is_whole = len(law) == 1 or (len(law) > 2 and law.kinds[1] == "(" and law.kinds[-1] == ")")
    if kind is None or not is_whole:
        raise law.trouble(f"the law {called or law.source[:40]} is not known here", HINT)
    parts = tuple(law[2:-1].split(",")) if len(law) > 3 else ()
    if kind is not CATEGORICAL and not (kind.needed or len(kind.domains)) <= len(parts) <= len(kind.domains):
        wanted = len(kind.domains)
        told = f"{wanted} parameter{'s' * (wanted > 1)}" if wanted else "no parameters"
        raise law.trouble(f"{called} takes {told}")
    return Spoken(kind, parts)


def _any_law(rest: Phrase) -> Spoken:
    """The law of which only moments are said."""
    given: dict[int, Phrase] = {}
    vector = False
    ends = [*rest.places(lambda token: token.kind == "," or token.text in ("and", "with")), len(rest)]
    begun = 0
    for end in ends:
        piece, begun = rest[begun:end], end + 1
        if not piece.tokens:
            continue
        what = piece.words[0].lower()
        place = next((k for k, word in enumerate(piece.words[1:], 1) if word not in _OF_MOMENTS), len(piece))
        if what not in _MOMENTS or place == len(piece):
            hint = "any law with mean mu, variance s^2, third central moment c, fourth central moment k"
            raise piece.trouble(f"{piece.source!r} is no moment of a law", hint)
        vector |= what == "covariance"
        given[_MOMENTS[what]] = piece[place:]
    if 0 not in given or 1 not in given:
        raise rest.trouble("of any law its mean and its variance must be said")
    if 3 in given and given[0].source != "0":
        given.setdefault(2, next(statements(THIRD)))
    return Spoken(ANY, tuple(given.get(place) for place in range(4)), vector)


def _draws(law: Phrase, words: list[str]) -> Spoken:
    """draws of B from n without replacement; 3 draws with replacement."""
    how = next((k for k, word in enumerate(words) if word in ("with", "without")), 0)
    draws = words.index("draws") if "draws" in words else len(words)
    size = words.index("from") if "from" in words else how
    counted = law[draws + 2 : size] if words[draws + 1 : draws + 2] == ["of"] else law[:draws]
    if not how or draws > how or not counted.tokens:
        raise law.trouble(f"the law {law.source[:40]} is not known here", "draws of B from n without replacement")
    population = law[size + 1 : how] if size < how else None
    while population is not None and population.kinds[-1:] == [","]:
        population = population[:-1]
    while counted.kinds[-1:] == [","]:
        counted = counted[:-1]
    return Spoken(DRAWS, (counted,), True, words[how] == "with", population)


def made(said: Spoken, parameter: Callable[[Phrase, Domain], Term]) -> Law:
    """The law of one number, its parameters read by a function of them and of what they are by default."""
    if said.kind is CATEGORICAL:
        return _categorical(said, parameter)
    pairs = zip(said.parts, said.kind.domains, strict=False)
    return said.kind.make(*(parameter(part, domain) if part is not None else None for part, domain in pairs))


def _categorical(said: Spoken, parameter: Callable[[Phrase, Domain], Term]) -> Law:
    pairs = [part.split(":") for part in said.parts if part is not None]
    if len(pairs) < 2 or any(len(pair) != 2 for pair in pairs):
        trouble = pairs[0][0] if pairs else Phrase("", ())
        raise trouble.trouble("a categorical law has values with probabilities", "Categorical(0: 1/2, 1: 1/3, 5: 1/6)")
    values = tuple(parameter(value, REAL) for value, _ in pairs)
    chances = tuple(parameter(chance, UNIT_INTERVAL) for _, chance in pairs)
    if len(set(values)) < len(values):
        raise pairs[0][0].trouble("a value stands twice in a categorical law")
    return Categorical(values, chances)


def law_of(text: str, names: Names) -> Law:
    """A law of numbers as it is written, its parameters read in a symbol table. Raises Unreadable."""
    (law,) = statements(text)
    said = spoken(law)
    if said.vector or said.kind.make is Multinomial:
        raise law.trouble("the law of a number was expected here, not that of a vector")
    return made(said, lambda part, _: part.read(names).settled().value)
