"""What is known of vectors and matrices: not zero, positive definite, invertible; and what hypotheses say of a term."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from engine.kernel import Line
from engine.rules.order.intervals import ABOVE_ZERO, AT_LEAST_ZERO, ONE_POINT, Interval
from engine.rules.scope import Scope
from engine.rules.tidy import oriented, tidy, without_number
from engine.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Determinant,
    Diagonal,
    Identity,
    Kronecker,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    Transpose,
    Zero,
    add,
    factors,
    is_zero,
    multiply,
    negate,
    runs,
    scaled,
    transpose,
)
from engine.terms.declarations import Structure
from engine.terms.formulas import Formula, Relation


@dataclass
class Definiteness(ABC):
    """Reads definiteness off the structure of a matrix, on what is known of scalars."""

    scope: Scope
    leaned: list[Formula] = field(default_factory=list)  # hypotheses
    used: list[Line] = field(default_factory=list)

    @abstractmethod
    def interval(self, term: Term) -> Interval:
        """Where a scalar, or every entry of a vector or matrix, lies."""

    @abstractmethod
    def chain(self, run: tuple[Term, ...]) -> Interval:
        """Where the product of a chain of matrices lies."""

    def by_hypothesis(self, term: Term) -> Interval | None:
        for known in self.scope.hypotheses:
            interval = _given(known, term, self.scope)
            if interval is not None:
                self.leaned.append(known)
                return interval
        return None

    def nonzero(self, term: Term) -> bool:
        """Whether a scalar, vector or matrix is known not to be zero."""
        if self.interval(term).nonzero:
            return True
        for known in () if term.is_scalar else self.scope.hypotheses:
            if known.relation is Relation.NOT_EQUAL and (known.left == term or _is_factor(term, known)):
                self.leaned.append(known)
                return True
        return False

    def definite(self, matrix: Term) -> int:
        """2 for positive definite, 1 for positive semidefinite, 0 for neither known."""
        if matrix.is_scalar:
            interval = self.interval(matrix)
            return 2 if interval.positive else 1 if interval.nonnegative else 0
        match matrix:
            case Identity():
                return 2
            case Symbol():
                structure = self.scope.domain(matrix).structure
                return {Structure.POSITIVE_DEFINITE: 2, Structure.POSITIVE_SEMIDEFINITE: 1}.get(structure, 0)
            case Zero():
                return 1
            case Add():
                parts = [self.definite(part) for part in matrix.terms]
                level = max(parts) if all(parts) else 0
                return 2 if level == 1 and self._is_given_invertible(matrix) else level
            case Diagonal(inner=inner):
                entries = self.interval(inner)
                return 2 if entries.positive else 1 if entries.nonnegative else 0
            case Kronecker():
                return min(self.definite(matrix.left), self.definite(matrix.right))
            case Power(base=base) if matrix.exponent == MINUS_ONE:
                return 2 if self.definite(base) == 2 else 0
            case Power(base=base, exponent=Number(value=times)) if times.denominator == 1 and times > 0:
                return self.definite(base)
            case Transpose():
                return self.definite(matrix.inner)
            case Multiply():
                return self._definite_product(matrix)
        return 0

    def _definite_product(self, matrix: Multiply) -> int:
        """c·AᵀA, c·AᵀPA: semidefinite for c ≥ 0; definite if c > 0 and A is invertible (and P definite)."""
        scale = ONE_POINT
        chain: tuple[Term, ...] = ()
        for run in runs(matrix.factors):
            product = multiply(*run)
            if product.is_scalar:
                scale = scale * (self.interval(run[0]) if len(run) == 1 else self.chain(run))
            else:
                chain = run
        if not scale.nonnegative:
            return 0
        core = self._definite_chain(chain)
        if core == 1 and self._is_given_invertible(multiply(*chain)):
            core = 2
        return min(core, 2 if scale.positive else 1)

    def _definite_chain(self, chain: tuple[Term, ...]) -> int:
        if len(chain) == 1:
            return self.definite(chain[0])
        if tidy(transpose(chain[0]), self.scope) != chain[-1]:
            return 0
        middle = 2 if len(chain) == 2 else self._definite_chain(chain[1:-1])
        return min(middle, 2 if self.invertible(chain[-1]) else 1)

    def invertible(self, matrix: Term) -> bool:
        if matrix.is_scalar:
            return self.interval(matrix).nonzero
        if matrix.rows != matrix.cols:
            return False
        if self.definite(matrix) == 2:
            return True
        if self._is_given_invertible(matrix):
            return True
        known_determinant = self.by_hypothesis(Determinant(matrix))
        if known_determinant is not None and known_determinant.nonzero:
            return True
        match matrix:
            case Add():
                return self._is_invertible_turned_around(matrix)
            case Kronecker():
                return self.invertible(matrix.left) and self.invertible(matrix.right)
            case Symbol():
                return self.scope.domain(matrix).structure is Structure.INVERTIBLE
            case Transpose():
                return self.invertible(matrix.inner)
            case Power():
                return self.invertible(matrix.base)
            case Multiply():
                scale, chain = scaled(matrix)
                return (scale == ONE or self.interval(scale).nonzero) and (
                    self._is_given_invertible(chain)
                    or all(f.rows == f.cols and self.invertible(f) for f in factors(chain))
                )
        return False

    def _is_invertible_turned_around(self, matrix: Add) -> bool:
        """Whether AB + cI is invertible because BA + cI is definite: for c ≠ 0 both are invertible, or neither (Sylvester)."""
        chains = [part for part in matrix.terms if not isinstance(scaled(part)[1], Identity)]
        identities = [scaled(part)[0] for part in matrix.terms if part not in chains]
        if len(chains) != 1 or len(identities) != 1 or not self.interval(identities[0]).nonzero:
            return False
        scale, chain = scaled(chains[0])
        links = factors(chain)
        turned = ((*links[place:], *links[:place]) for place in range(1, len(links)))
        return any(
            self.definite(add(multiply(scale, *chain), multiply(identities[0], Identity(chain[0].rows)))) == 2
            for chain in turned
        )

    def _is_given_invertible(self, matrix: Term) -> bool:
        wanted = without_number(matrix)
        for known in self.scope.hypotheses:
            left = known.left
            if known.relation is not Relation.INVERTIBLE or not isinstance(left, Term):
                continue
            if wanted in (without_number(left), without_number(tidy(transpose(left), self.scope))):
                self.leaned.append(known)
                return True
        return False


def _is_factor(term: Term, known: Formula) -> bool:
    """Whether a term is a factor of a product that is not zero, as it stands or transposed: then it is not zero either."""
    left, right = known.left, known.right
    if not (isinstance(left, Multiply) and isinstance(right, Term) and is_zero(right)):
        return False
    return any(term in (factor, transpose(factor)) for factor in left.factors)


def _given(known: Formula, term: Term, scope: Scope) -> Interval | None:
    """What a hypothesis says of a scalar term: up to orientation, sign and a difference of two sides."""
    left, right = known.left, known.right
    if not (isinstance(left, Term) and isinstance(right, Term)) or left.shape != term.shape:
        return None
    if known.relation is Relation.NOT_EQUAL:
        if not left.is_scalar:
            return None
        subject, interval = (left if right == ZERO else add(left, negate(right))), Interval(excludes_zero=True)
    elif known.relation is Relation.LESS:
        subject, interval = (right if is_zero(left) else add(right, negate(left))), ABOVE_ZERO
    elif known.relation is Relation.AT_MOST:
        subject, interval = (right if is_zero(left) else add(right, negate(left))), AT_LEAST_ZERO
    else:
        return None
    wanted = _canonical(term, scope)
    if _canonical(subject, scope) == wanted:
        return interval
    return -interval if _canonical(negate(subject), scope) == wanted else None


def _canonical(term: Term, scope: Scope) -> Term:
    term = tidy(term, scope)
    if isinstance(term, Add):
        return Add(tuple(sorted((oriented(part, scope) for part in term.terms), key=repr)))
    return oriented(term, scope)
