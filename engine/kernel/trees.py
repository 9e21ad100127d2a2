"""Proof trees for orders, definiteness and invertibility, and the checker that walks them again.

A tree says what it shows, in which way, and of which smaller ones it is made. The checker knows the ways, normal forms and what
is assumed, and nothing else: whoever makes a tree need not be believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from engine import terms
from engine.kernel.normal_forms import UNIT, Beyond, Forms, as_number
from engine.kernel.words import IDENTITY, inverse_of, is_same, stretched, transposed, turned
from engine.terms import Entry, Number, Power, Term, is_zero
from engine.terms.declarations import Structure
from engine.terms.formulas import Formula, Relation, nonnegative, nonzero, positive
from engine.terms.laws import Rademacher

LESS, AT_MOST, OTHER = Relation.LESS, Relation.AT_MOST, Relation.NOT_EQUAL
PD, PSD, REGULAR = Relation.POSITIVE_DEFINITE, Relation.POSITIVE_SEMIDEFINITE, Relation.INVERTIBLE
_IMPLIED = {LESS: (LESS, AT_MOST, OTHER), PD: (PD, PSD, REGULAR)}  # every other relation implies itself
_STRUCTURED = {PD: Structure.POSITIVE_DEFINITE, PSD: Structure.POSITIVE_SEMIDEFINITE, REGULAR: Structure.INVERTIBLE}
POSITIVE_FUNCTIONS = ("sigmoid", "softplus", "cosh", "factorial")


@dataclass(frozen=True)
class Tree:
    """That a formula holds: in which way it is shown, and of what. Signs are of the form 0 < t, 0 ≤ t, t ≠ 0."""

    way: str
    shows: Formula
    parts: tuple[Tree, ...] = ()

    @property
    def of(self) -> Term:
        """What it is said of."""
        found = self.shows.right if self.says in (LESS, AT_MOST) else self.shows.left
        assert isinstance(found, Term)
        return found

    @property
    def says(self) -> Relation:
        return self.shows.relation


def holds(tree: Tree, forms: Forms) -> bool:
    """Whether a tree shows what it says."""
    try:
        return all(holds(part, forms) for part in tree.parts) and _WAYS[tree.way](tree, forms, *tree.parts)
    except Beyond:
        return False


def about_zero(formula: Formula) -> Formula | None:
    """A relation between two scalars as one of a sign: 0 < t, 0 ≤ t, t ≠ 0."""
    left, right = formula.left, formula.right
    if not isinstance(left, Term) or not isinstance(right, Term) or not left.is_scalar:
        return None
    if formula.relation is OTHER:
        return nonzero(left if is_zero(right) else left - right)
    gap = right if is_zero(left) else right - left
    return positive(gap) if formula.relation is LESS else nonnegative(gap) if formula.relation is AT_MOST else None


def declared(forms: Forms, term: Term) -> tuple[Formula, ...]:
    """What is declared of a number, or of an entry of a symbol."""
    found = forms.declared.get(term.base if isinstance(term, Entry) else term)
    if found is None or not term.is_scalar or found.law is not None:
        return (nonzero(term),) if found is not None and isinstance(found.law, Rademacher) else ()
    domain, last = found.domain, found.domain.index_up_to
    ends = [] if domain.lower is None else [(term - Number(domain.lower), domain.includes_lower)]
    ends += [] if domain.upper is None else [(Number(domain.upper) - term, domain.includes_upper)]
    ends += [] if last is None else [(term - 1, True), (last - term, True)]
    return tuple(nonnegative(gap) if closed else positive(gap) for gap, closed in ends)


# -- the ways ----------------------------------------------------------------------------------------------------------------


def _implies(part: Tree, weaker: Relation) -> bool:
    return weaker in _IMPLIED.get(part.says, (part.says,))


def _ratio(forms: Forms, one: Term, other: Term) -> fmpq:
    """The number that one scalar is times another. Raises Beyond where it is none."""
    number = as_number(forms.quotient(forms.scalar(one), forms.scalar(other)))
    if number is None:
        raise Beyond("no number")
    return number


def _same(forms: Forms, one: Term, other: Term) -> bool:
    return is_same(forms, forms.matrix(one), forms.matrix(other))


def _given(tree: Tree, forms: Forms) -> bool:
    """Assumed, or declared of a symbol or an entry in it."""
    facts = {
        *forms.known,
        *map(about_zero, forms.known),
        *(f for node in tree.of.walk() for f in declared(forms, node)),
    }
    own = forms.declared.get(tree.of)
    return tree.shows in facts or (own is not None and own.domain.structure is _STRUCTURED.get(tree.says))


def _weaker(tree: Tree, forms: Forms, part: Tree) -> bool:
    """The same of a positive multiple; ≠ of any."""
    if not _implies(part, tree.says) or tree.says in _STRUCTURED:
        return _implies(part, tree.says) and _same(forms, tree.of, part.of)
    ratio = _ratio(forms, tree.of, part.of)
    return ratio > 0 or (tree.says is OTHER and ratio != 0)


def _number(tree: Tree, forms: Forms) -> bool:
    number = as_number(forms.canonical(forms.scalar(tree.of)))
    return number is not None and {LESS: number > 0, AT_MOST: number >= 0, OTHER: number != 0}[tree.says]


def _sum(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """Of parts that are not negative; positive, or definite, where one is."""
    strong, weak = (PD, PSD) if tree.says in (PD, PSD) else (LESS, AT_MOST)
    says = {part.says for part in parts}
    fits = says <= {strong, weak} and (tree.says is weak or (tree.says is strong and strong in says))
    total = terms.add(*(part.of for part in parts))
    same = _same(forms, tree.of, total) if strong is PD else forms.is_zero(forms.scalar(tree.of - total))
    return fits and same


def _product(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """Of factors: positive if all are, zero only where one is."""
    ratio, says = _ratio(forms, tree.of, terms.multiply(*(part.of for part in parts))), {part.says for part in parts}
    signed = says <= {LESS, AT_MOST} if tree.says is AT_MOST else says == {LESS}
    return says <= {LESS, OTHER} and ratio != 0 if tree.says is OTHER else signed and ratio > 0


def _reciprocal(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """1/t has the sign of t, and is not zero."""
    if tree.says is OTHER:
        return isinstance(tree.of, Power) and tree.of.exponent == terms.MINUS_ONE
    (part,) = parts
    number = as_number(forms.canonical(forms.scalar(tree.of * part.of)))
    return number is not None and number > 0 and part.says is tree.says is LESS


def _square(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """t² ≥ 0, and > 0 where t ≠ 0 or it is divided by."""
    exponent = tree.of.exponent if isinstance(tree.of, Power) else None
    apart = exponent == Number(Fraction(-2)) or any(part.shows == nonzero(tree.of.children[0]) for part in parts)
    return (exponent == terms.TWO or apart) and (tree.says is AT_MOST or (apart and exponent is not None))


def _apart(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """Positive is what is not negative and not zero."""
    shown = {part.shows for part in parts}
    return tree.shows == positive(tree.of) and {nonnegative(tree.of), nonzero(tree.of)} <= shown


def _by_kind(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """exp and real powers of what is positive are positive; |t|, roots and vᵀv are not negative, and zero only where t or v is."""
    ((((atom, times), *others), one), *more) = forms.scalar(tree.of).items()
    if others or more or times != 1 or one <= 0 or tree.says not in (LESS, AT_MOST):
        return False
    own = forms.atoms[atom]
    apart = [part for part in parts if _implies(part, OTHER)]
    match own.kind:
        case "e" | "real power":
            return True
        case "apply":
            return own.parts[0] in POSITIVE_FUNCTIONS
        case "abs" | "root":
            inside = dict(own.parts if own.kind == "abs" else own.parts[0])
            return tree.says is AT_MOST or any(forms.scalar(part.of) == inside for part in apart)
        case "word":
            half = own.parts[len(own.parts) // 2 :]
            mirrored = turned(forms, half) + half == own.parts
            nonzero_half = any(is_same(forms, forms.matrix(part.of), {half: UNIT}) for part in apart)
            return mirrored and (tree.says is AT_MOST or nonzero_half)
    return False


def _each_term(tree: Tree, forms: Forms, part: Tree, *others: Tree) -> bool:
    """Of a sum over an index: what all terms are; positive where there is one at all."""
    if not isinstance(tree.of, terms.Summation) or part.says is not tree.says or part.of != tree.of.body:
        return False
    known = tree.of.index in forms.declared or any(tree.of.index in fact.free for fact in forms.known)
    some = any(other.shows == positive(tree.of.length) for other in others)
    return not known and (tree.says is AT_MOST or (tree.says is LESS and some))


def _factor(tree: Tree, forms: Forms, part: Tree) -> bool:
    """Where a product is not zero, no factor is."""
    factors = part.of.factors if isinstance(part.of, terms.Multiply) else ()
    return tree.says is part.says is OTHER and any(tree.of in (f, terms.transpose(f)) for f in factors)


def _multiple(tree: Tree, forms: Forms, number: Tree, part: Tree) -> bool:
    """c·A: the number comes first."""
    fits = {PD: (LESS,), PSD: (LESS, AT_MOST), REGULAR: (LESS, OTHER)}.get(tree.says, ())
    same = is_same(forms, forms.matrix(tree.of), stretched(forms, forms.matrix(part.of), forms.scalar(number.of)))
    return number.of.is_scalar and number.says in fits and _implies(part, tree.says) and same


def _gram(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """BᵀB or BᵀMB ⪰ 0 for M ⪰ 0; ≻ 0 for M ≻ 0 and an invertible B."""
    if not isinstance(tree.of, terms.Multiply) or tree.of.is_scalar:
        return False
    (first, *middle), last = tree.of.factors[:-1], tree.of.factors[-1]
    core = [part for part in parts if part.of == terms.multiply(*middle) and part.says in (PD, PSD)] if middle else []
    definite = all(part.says is PD for part in core) and any(part.says is REGULAR and part.of == last for part in parts)
    mirrored = is_same(forms, transposed(forms, forms.matrix(first)), forms.matrix(last))
    return mirrored and bool(core) == bool(middle) and (tree.says is PSD or (tree.says is PD and definite))


def _inverse(tree: Tree, forms: Forms, part: Tree) -> bool:
    inverted = inverse_of(forms, forms.matrix(part.of), part.of.rows)
    return part.says is tree.says is PD and is_same(forms, forms.matrix(tree.of), inverted)


def _both(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """Definite is what is semidefinite and invertible."""
    return tree.says is PD and {(part.says, part.of) for part in parts} == {(PSD, tree.of), (REGULAR, tree.of)}


def _factors(tree: Tree, forms: Forms, *parts: Tree) -> bool:
    """A product of invertible matrices."""
    return tree.says is REGULAR and all(_implies(part, REGULAR) for part in parts) and _same(
        forms, tree.of, terms.multiply(*(part.of for part in parts))
    )  # fmt: skip


def _determinant(tree: Tree, forms: Forms, part: Tree) -> bool:
    """det A > 0 for A ≻ 0, ≠ 0 for an invertible one."""
    fits = part.says is PD if tree.says is LESS else tree.says is OTHER and _implies(part, REGULAR)
    return fits and tree.of == terms.determinant(part.of)


def _turned_around(tree: Tree, forms: Forms, other: Tree, number: Tree) -> bool:
    """AB + cI is invertible where BA + cI is, for c ≠ 0 (Sylvester)."""
    mine, theirs, c = dict(forms.matrix(tree.of)), dict(forms.matrix(other.of)), forms.scalar(number.of)
    same = mine.pop((), None) == theirs.pop((), None) == c and len(mine) == len(theirs) == 1
    ((word, a), *_), ((around, b), *_) = mine.items(), theirs.items()
    turns = any(around == word[k:] + word[:k] for k in range(1, len(word)))
    return tree.says is REGULAR and _implies(other, REGULAR) and _implies(number, OTHER) and same and a == b and turns


_WAYS: dict[str, Callable[..., bool]] = {
    "given": _given,
    "weaker": _weaker,
    "number": _number,
    "sum": _sum,
    "product": _product,
    "reciprocal": _reciprocal,
    "square": _square,
    "apart": _apart,
    "by kind": _by_kind,
    "each term": _each_term,
    "factor": _factor,
    "identity": lambda tree, forms: tree.says in _STRUCTURED and forms.matrix(tree.of) == IDENTITY,
    "multiple": _multiple,
    "gram": _gram,
    "inverse": _inverse,
    "both": _both,
    "factors": _factors,
    "determinant": _determinant,
    "turned around": _turned_around,
}
