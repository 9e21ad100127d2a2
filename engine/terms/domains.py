"""What says that a value lies in a domain, and that some are all the probabilities that there are."""

from __future__ import annotations

from engine.terms import ONE, Term, filled, ones, term, zero
from engine.terms.declarations import Domain, Structure
from engine.terms.formulas import Formula, at_most, equation, invertible, less, positive_definite, positive_semidefinite


def in_domain(value: Term, domain: Domain) -> tuple[Formula, ...]:
    """What says that a value lies where a symbol of a domain may: in its interval, and of its structure."""
    found: list[Formula] = []
    if domain.lower is not None:
        lower = filled(term(domain.lower), value.shape) if domain.lower else zero(value.shape)
        found.append(at_most(lower, value) if domain.includes_lower else less(lower, value))
    if domain.upper is not None:
        upper = filled(term(domain.upper), value.shape)
        found.append(at_most(value, upper) if domain.includes_upper else less(value, upper))
    match domain.structure:
        case Structure.POSITIVE_DEFINITE:
            found.append(positive_definite(value))
        case Structure.POSITIVE_SEMIDEFINITE:
            found.append(positive_semidefinite(value))
        case Structure.INVERTIBLE:
            found.append(invertible(value))
    return tuple(found)


def add_up_to_one(chances: Term) -> Formula:
    return equation(ones(1, chances.rows) * chances, ONE)
