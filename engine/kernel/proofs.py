"""Proofs where they are cheap: of a claim, from what it assumes and nothing else. What is not proved here is worth what worlds
show.

An equality is proved by normal forms, an order or a definiteness by a tree, an equivalence where one equation is the other times
something that is not zero, a minimum by the slope and the curvature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from engine import terms
from engine.kernel import means  # noqa: F401  (it says what the normal forms of means are)
from engine.kernel.finding import definite, regular_tree, sign, signed
from engine.kernel.normal_forms import (
    MATRICES,
    SCALARS,
    UNIT,
    WORK,
    ZERO,
    Beyond,
    Forms,
    Poly,
    WordSum,
    atoms_in,
    by_degree,
    lone,
)
from engine.kernel.slopes import SLOPES, Change
from engine.kernel.trees import AT_MOST, OTHER, PD, PSD, REGULAR, Tree, about_zero, declared, holds
from engine.kernel.words import learn_turns, less, product, stretched, sum_of, transposed
from engine.terms import ArgMin, Symbol, Term
from engine.terms.claims import Claim
from engine.terms.declarations import REAL, Assumption, Declaration
from engine.terms.formulas import Formula, Relation

MOST_ATOMS = 2_000  # in forms that are kept

SCALARS.check_whole()
MATRICES.check_whole()


def proved(claim: Claim) -> bool:
    """Whether a claim is proved here: by itself as an assumption, or by what decides its relation."""
    if claim.formula in claim.assumptions:
        return True
    return any(_proved(claim, entrywise) for entrywise in (False, True))


def _proved(claim: Claim, entrywise: bool) -> bool:
    forms, prove = _forms(claim.assumptions, entrywise), _PROVERS.get(claim.relation)
    if len(forms.atoms) > MOST_ATOMS:
        _forms.cache_clear()
    forms.work = WORK
    try:
        return prove is not None and prove(forms, claim)
    except (Beyond, terms.ShapeError, RecursionError, OverflowError):
        return False


@lru_cache(maxsize=256)
def _forms(assumptions: frozenset[Assumption], entrywise: bool) -> Forms:
    known = sorted((a for a in assumptions if isinstance(a, Formula)), key=repr)
    return Forms((a for a in assumptions if isinstance(a, Declaration)), known, sign, entrywise)


# -- equality ----------------------------------------------------------------------------------------------------------------


def _equality(forms: Forms, claim: Claim) -> bool:
    assert isinstance(claim.left, Term) and isinstance(claim.right, Term)
    rest = _difference(forms, claim.left, claim.right)
    if not all(vanishes(forms, part) for part in rest.values()) and any(x.inverts for x in forms.letters):
        forms = _forms.__wrapped__(claim.assumptions, forms.entrywise)  # in which all inverses are the claim's own
        rest = _difference(forms, claim.left, claim.right)
        rest = _difference(forms, claim.left, claim.right) if learn_turns(forms) else rest
    if all(vanishes(forms, part) for part in rest.values()):
        return True
    equations = (known for known in forms.known if known.relation is Relation.EQUAL)
    return any(_by_equation(forms, known, list(rest.values())) for known in equations)


def _difference(forms: Forms, left: Term, right: Term) -> WordSum:
    """Of two matrices, or of two numbers."""
    if left.is_scalar:
        return {(): forms.minus(forms.scalar(left), forms.scalar(right))}
    return less(forms, forms.matrix(left), forms.matrix(right))


def vanishes(forms: Forms, poly: Poly) -> bool:
    """Whether a normal form is zero; where sign f stands in it, for f = 0 and for f ≠ 0."""
    about = next((atom for atom in atoms_in(poly) if forms.atoms[atom].kind == "sign"), None)
    if about is None or forms.is_zero(poly):
        return forms.is_zero(poly)
    factor = dict(forms.atoms[about].parts)
    size = forms.absolute(factor)
    nothing = {about, *atoms_in(size), *(atoms_in(factor) if len(factor) == 1 else ())}
    at_zero = {m: c for m, c in poly.items() if not nothing & {atom for atom, _ in m}}
    elsewhere = forms.composed(poly, about, forms.times(size, forms.inverse(factor)))
    return vanishes(forms, at_zero) and vanishes(forms, elsewhere)


def _by_equation(forms: Forms, known: Formula, parts: list[Poly]) -> bool:
    """By an equation that is assumed: its left side, a number, is replaced; or the differences are multiples of its own."""
    assert isinstance(known.left, Term) and isinstance(known.right, Term)
    if not known.left.is_scalar or known.free & forms.random:
        return False
    value = forms.scalar(known.right)
    if isinstance(known.left, Symbol):
        own = forms.number_of(known.left)
        return all(vanishes(forms, forms.composed(part, own, value)) for part in parts)
    gap = forms.minus(forms.scalar(known.left), value)
    ratios = [forms.quotient(part, gap) for part in parts if not forms.is_zero(part)]
    below = {atom for ratio in ratios for monomial in ratio for atom, exponent in monomial if exponent < 0}
    return all(forms.is_never_zero(forms.expanded(lone(atom))) for atom in below)


# -- equivalence -------------------------------------------------------------------------------------------------------------


def _equivalence(forms: Forms, claim: Claim) -> bool:
    one, other = claim.left, claim.right
    assert isinstance(one, Formula) and isinstance(other, Formula)
    if not one.relation is other.relation is Relation.EQUAL or one.sides[0].shape != other.sides[0].shape:
        return False
    first, second = (_difference(forms, *formula.sides) for formula in (one, other))
    if any(_is_multiple(forms, x, y) for x in _multiples(forms, first) for y in _multiples(forms, second)):
        return True
    return one.sides[0].is_scalar and _up_to_power(forms, claim.unknown, *one.sides, *other.sides)


def _multiples(forms: Forms, difference: WordSum) -> Iterator[WordSum]:
    """A difference, and times what is inverted at the left of it: that is invertible."""
    yield difference
    for code in sorted({word[0] for word in difference if word}):
        if (inverted := forms.letters[code // 2].inverts) is not None:
            yield product(forms, transposed(forms, inverted) if code % 2 else inverted, difference)


def _is_multiple(forms: Forms, some: WordSum, others: WordSum) -> bool:
    """Whether one difference is another times a number that is never zero."""
    pairs = [(some.get(word, ZERO), others.get(word, ZERO)) for word in sorted(some.keys() | others.keys())]
    if all(vanishes(forms, forms.minus(x, y)) for x, y in pairs):
        return True
    ratio = next((forms.quotient(x, y) for x, y in pairs if not forms.is_zero(x) and not forms.is_zero(y)), ZERO)
    same = all(forms.is_zero(forms.minus(x, forms.times(ratio, y))) for x, y in pairs)
    return same and forms.is_never_zero(ratio)


def _up_to_power(forms: Forms, unknown: Symbol | None, a: Term, b: Term, c: Term, d: Term) -> bool:
    """Of positive numbers, whether a/b is a power of c/d, with an exponent that is not zero."""
    sides = [forms.scalar(side) for side in (a, b, c, d)]
    if unknown is None or not all(forms.sign(side) == "+" for side in sides):
        return False
    one, other = forms.quotient(sides[0], sides[1]), forms.quotient(sides[2], sides[3])
    change = Change(forms, unknown)
    exponent = forms.quotient(*(change.of(forms.logarithm(poly)) for poly in (one, other)))
    power = forms.raised(other, exponent)
    return (
        unknown not in forms.free_in(exponent)
        and forms.is_never_zero(exponent)
        and forms.is_zero(forms.minus(power, one))
    )


# -- orders, definiteness, minima ------------------------------------------------------------------------------------------------


def _order(forms: Forms, claim: Claim) -> bool:
    wanted = about_zero(claim.formula)
    found = None if wanted is None else signed(forms, forms.scalar(Tree("", wanted).of))
    return wanted is not None and found is not None and holds(Tree("weaker", wanted, (found[1],)), forms)


def _definiteness(forms: Forms, claim: Claim) -> bool:
    assert isinstance(claim.left, Term)
    find = regular_tree if claim.relation is REGULAR else definite
    found = None if claim.left.is_scalar else find(forms, claim.left)
    return found is not None and holds(Tree("weaker", claim.formula, (found,)), forms)


def _minimum(forms: Forms, claim: Claim) -> bool:
    """Where the slope vanishes, and the curvature is (semi)definite everywhere in a convex domain that the point is in."""
    point, objective = claim.left, claim.right
    assert isinstance(point, Term) and isinstance(objective, ArgMin)
    body, variable, strictly = objective.body, objective.variable, claim.relation is Relation.UNIQUE_MINIMISER
    own = forms.declared.get(variable)
    forms.bind(variable, body)
    if own is None or own.law is not None or own.domain != replace(REAL, **{n: getattr(own.domain, n) for n in _ENDS}):
        return False
    if variable.is_scalar:
        return _lies_in_domain(forms, point, variable) and _least(forms, point, forms.scalar(body), variable, strictly)
    if variable.cols != 1 or own.domain != REAL or any(variable in known.free for known in forms.known):
        return False
    slope = terms.gradient(body, variable)
    tree = definite(forms, terms.gradient(slope, variable))
    shown = tree is not None and holds(tree, forms) and (not strictly or tree.says is PD)
    return shown and all(map(forms.is_zero, _at_point(forms, forms.matrix(slope), variable, point).values()))


_ENDS = ("lower", "upper", "includes_lower", "includes_upper")


def _at_point(forms: Forms, matrix: WordSum, variable: Symbol, point: Term) -> WordSum:
    """A matrix that is linear in a column, with a point in its place."""
    (own,) = next(iter(forms.matrix(variable)))
    found: list[WordSum] = []
    for word, c in matrix.items():
        ends = word[-1:] == (own,)
        if variable in forms.free_in(c) or any(
            variable in forms.letters[k // 2].term.free for k in word[: -1 if ends else None]
        ):
            raise Beyond("a slope that is not linear")
        found.append(
            stretched(forms, product(forms, {word[:-1]: UNIT}, forms.matrix(point)) if ends else {word: UNIT}, c)
        )
    return sum_of(*found)


def _lies_in_domain(forms: Forms, point: Term, variable: Symbol) -> bool:
    """Whether a point is in the interval in which a number is declared to be, or known to be by what is linear in it."""
    own = forms.number_of(variable)
    about = (about_zero(known) for known in forms.known if variable in known.free)
    for fact in (*declared(forms, variable), *about):
        if fact is None or fact.relation is OTHER:
            return False
        gap = forms.scalar(Tree("", fact).of)
        if not set(by_degree(gap, own)) <= {0, 1} or any(
            variable in forms.atoms[k].free for k in atoms_in(gap) if k != own
        ):
            return False
        known = forms.sign(forms.composed(gap, own, forms.scalar(point)))
        if known != "+" and not (known == "0+" and fact.relation is AT_MOST):
            return False
    return True


def _is_smooth(forms: Forms, poly: Poly, variable: Symbol) -> bool:
    """Whether no |u|, sign or root that may have a kink depends on a symbol, in however deep a place."""
    term = forms.term_of(poly)
    made = {node.function for node in term.walk() if isinstance(node, terms.Apply) and node.has(variable)}
    roots = (node for node in term.walk() if isinstance(node, terms.Power) and node.has(variable))
    return made <= {"exp", "log", *SLOPES} and all(
        (isinstance(node.exponent, terms.Number) and node.exponent.value.denominator == 1)
        or forms.sign(forms.scalar(node.base)) == "+"
        for node in roots
    )


def _least(forms: Forms, point: Term, body: Poly, variable: Symbol, strictly: bool) -> bool:
    """Where a function, or its log, has slope 0 and rises ever faster; or where its slope has the sign of x less the point."""
    change = Change(forms, variable)
    if not _is_smooth(forms, body, variable):
        return False
    for each in (body, *([forms.logarithm(body)] if forms.sign(body) == "+" else [])):
        slope = forms.canonical(change.of(each))
        curvature = forms.sign(change.of(slope))
        steep = forms.quotient(slope, forms.minus(forms.scalar(variable), forms.scalar(point)))
        rises = curvature == "+" or (curvature == "0+" and not strictly)
        rises = rises or (forms.sign(steep) == "+" and forms.is_never_zero(steep))
        if rises and forms.is_zero(forms.moved(slope, {variable: point})):
            return True
    return False


_PROVERS: dict[Relation, Callable[[Forms, Claim], bool]] = {
    Relation.EQUAL: _equality,
    **dict.fromkeys((Relation.EQUIVALENT, Relation.IMPLIES), _equivalence),
    **dict.fromkeys((Relation.LESS, AT_MOST, OTHER), _order),
    **dict.fromkeys((PD, PSD, REGULAR), _definiteness),
    **dict.fromkeys((Relation.MINIMISER, Relation.UNIQUE_MINIMISER), _minimum),
}
