"""Signs, positivity and definiteness: a small prover that reads them off the structure of a term.

It knows intervals (0 < p < 1 gives 0 < 1 − p < 1), squares, norms, sums and products, AᵀA ⪰ 0, cI ≻ 0 for
c > 0, PSD + PD ≻ 0, and the hypotheses. It never guesses: what it cannot show, it does not say.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import reduce

from engine.kernel import Claim, NotApplicable
from engine.rules.bridge import Bridge
from engine.rules.expansion import expanded, gather
from engine.rules.order.definiteness import Definiteness
from engine.rules.order.intervals import ABOVE_ZERO, ANYWHERE, AT_LEAST_ZERO, ONE_POINT, Interval
from engine.rules.scope import Scope
from engine.rules.tidy import coefficient_of, tidy
from engine.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Add,
    Apply,
    Call,
    Determinant,
    Diagonal,
    Entry,
    Expectation,
    Hadamard,
    HadamardPower,
    Multiply,
    Number,
    Ones,
    Pi,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Transpose,
    Variance,
    Zero,
    add,
    factors,
    is_zero,
    multiply,
    negate,
    power,
    runs,
    substitute,
    transpose,
)
from engine.terms.declarations import NONNEGATIVE, POSITIVE, REAL, Declaration, Domain
from engine.terms.formulas import Formula, Relation
from engine.terms.laws import Categorical, Law, Rademacher
from engine.terms.records import FUNCTIONS


class Reader(Definiteness):
    """Reads intervals off terms (of vectors and matrices: one that all entries lie in), and remembers what it leaned on."""

    def interval(self, term: Term) -> Interval:
        found = self._by_fact(term)
        if found is None:
            found = self._by_structure(term)
        if isinstance(term, (Number,)) or found.positive or found.negative:
            return found
        hypothesis = self.by_hypothesis(term)
        if hypothesis is None:
            return found
        if found.nonnegative and hypothesis.nonzero:
            return Interval(found.lower, found.upper, found.includes_lower, found.includes_upper, excludes_zero=True)
        return hypothesis

    def _by_fact(self, term: Term) -> Interval | None:
        for fact in self.scope.facts:
            known = self._instance(fact.claim, term)
            if known is not None:
                self.used.append(fact)
                return self.interval(known)
        return None

    def _instance(self, claim: Claim, term: Term) -> Term | None:
        """What an equality says of a term: its left side, or the same defined name at other arguments that it holds of."""
        left, right = claim.left, claim.right
        if not isinstance(right, Term):
            return None
        if left == term:
            return right
        if isinstance(left, Call) and isinstance(term, Call) and left.definition == term.definition:
            pairs = [
                (s, value) for s, value in zip(left.arguments, term.arguments, strict=True) if isinstance(s, Symbol)
            ]
            if len(pairs) == len(left.arguments) and all(self._may_be(s, value, claim) for s, value in pairs):
                return substitute(right, dict(pairs))
        return None

    def _may_be(self, symbol: Symbol, value: Term, claim: Claim) -> bool:
        """Whether a symbol of a claim may have a value: none that its domain or a hypothesis may exclude."""
        if any(isinstance(a, Formula) and symbol in a.free for a in claim.assumptions):
            return False
        domains = [a.domain for a in claim.assumptions if isinstance(a, Declaration) and a.symbol == symbol]
        if not domains or domains[0] == REAL:
            return True
        if isinstance(value, Symbol):
            return self.scope.domain(value) == domains[0]
        where = self.interval(value) if value.is_scalar else ANYWHERE
        return where.positive if domains[0] == POSITIVE else domains[0] == NONNEGATIVE and where.nonnegative

    def _by_structure(self, term: Term) -> Interval:
        match term:
            case Number(value=value):
                return Interval(value, value, True, True, value != 0)
            case Pi():
                return Interval(Fraction(3), Fraction(4))
            case Ones():
                return ONE_POINT
            case Entry(base=base) if not isinstance(base, Symbol):
                return self.interval(base)
            case Symbol() | Entry():
                return self._declared(term)
            case Transpose():
                return self.interval(term.inner)
            case Hadamard():
                return math.prod((self.interval(factor) for factor in term.factors), start=ONE_POINT)
            case Call():
                return self.interval(term.unfolded)
            case Add():
                return self._sum(term)
            case Multiply():
                return self._product(term)
            case Power(base=base) if base.is_scalar:
                return self._power(term)
            case HadamardPower():
                return self._power(term)
            case SquaredNorm():
                return ABOVE_ZERO if self.nonzero(term.inner) else AT_LEAST_ZERO
            case Apply():
                return self._value(term)
            case Variance():
                return AT_LEAST_ZERO
            case Determinant(inner=inner):
                known = self.definite(inner)
                return (
                    ABOVE_ZERO
                    if known == 2
                    else AT_LEAST_ZERO
                    if known
                    else Interval(excludes_zero=self.invertible(inner))
                )
            case Summation():
                body = self._under(term).interval(term.body)
                if body.positive and self._is_at_least_one(term.length):
                    return ABOVE_ZERO
                return AT_LEAST_ZERO if body.nonnegative else ANYWHERE
            case Expectation():
                body = self.interval(term.body)
                return ABOVE_ZERO if body.positive else AT_LEAST_ZERO if body.nonnegative else ANYWHERE
        return ANYWHERE

    def _value(self, term: Apply) -> Interval:
        """Where a function's values lie, a sign being 1 or −1 where that of its argument is known."""
        known = FUNCTIONS[term.function]
        found = interval_in(known.range)
        if not known.root_at_zero:
            return found
        inner = self.interval(term.argument)
        if term.function == "sign" and (inner.positive or inner.negative):
            return ONE_POINT if inner.positive else -ONE_POINT
        return found.without_zero if inner.nonzero else found

    def _is_at_least_one(self, length: Term) -> bool:
        """Whether a sum of a length has a term at all."""
        lower = self.interval(length).lower
        return lower is not None and lower >= 1

    def _under(self, term: Summation) -> Reader:
        running = Declaration(
            term.index, Domain(index_up_to=term.length, whole=True, lower=Fraction(1), includes_lower=True)
        )
        return Reader(self.scope.with_indices((running,)), self.leaned, self.used)

    def _declared(self, term: Symbol | Entry) -> Interval:
        symbol = term.base if isinstance(term, Entry) else term
        if not isinstance(symbol, Symbol) or symbol not in self.scope.declarations:
            return ANYWHERE
        law = self.scope.declarations[symbol].law
        if law is not None:
            return Interval(excludes_zero=_is_never_zero(law))
        domain = self.scope.domain(symbol)
        if domain.index_up_to is not None:
            last = self.interval(domain.index_up_to)
            return Interval(Fraction(1), last.upper, True, last.includes_upper)
        return interval_in(domain)

    def _sum(self, term: Add) -> Interval:
        parts = list(term.terms)
        pairs = ((last, less) for last in parts for less in parts if self._is_last_less_index(last, less))
        pair = next(pairs, ())
        for part in pair:
            parts.remove(part)
        intervals = [*([AT_LEAST_ZERO] if pair else []), *map(self.interval, parts)]
        result = reduce(operator.add, intervals)
        if result.nonnegative or (-result).nonnegative:
            return result
        tidied = tidy(term, self.scope)
        if tidied != term and tidy(tidied, self.scope) == tidied:
            return self.interval(tidied)
        if self._is_positive_quadratic(term):
            return ABOVE_ZERO
        common = _common_factors(term)
        if common:
            return self.interval(multiply(*common)) * self.interval(_without_factors(term, common))
        if not _has_quotient(term):
            return result
        fraction = self._as_fraction(term)
        return result if isinstance(fraction, Add) else self.interval(fraction)

    def _is_positive_quadratic(self, term: Add) -> bool:
        """Whether a sum is ax² + bx + c with a > 0 and 4ac > b²."""
        parts = (factor for part in term.terms for factor in factors(part))
        squared = dict.fromkeys(f.base for f in parts if isinstance(f, Power) and f.exponent == TWO)
        for symbol in squared:
            try:
                gathered = gather(term, symbol, self.scope) if isinstance(symbol, Symbol) else None
            except NotApplicable:
                continue
            if gathered is None or not set(gathered.coefficients) <= {1, 2} or not gathered.rest:
                continue
            a, b = gathered.coefficients[2], gathered.coefficients.get(1, ZERO)
            gap = add(multiply(TWO, TWO, a, add(*gathered.rest)), negate(power(b, TWO)))
            if self.interval(a).positive and self.interval(expanded(gap, self.scope)).positive:
                return True
        return False

    def _is_last_less_index(self, last: Term, less: Term) -> bool:
        """Whether a sum is c(n − i) for an index i that runs to n, and a number c > 0."""
        (above, end), (below, index) = coefficient_of(last), coefficient_of(less)
        if above != -below or above < 0 or not isinstance(index, Symbol):
            return False
        return self.scope.domain(index).index_up_to == end

    def _has_nonzero_factors(self, gap: Add) -> bool:
        try:
            product = self._as_fraction(gap)
        except NotApplicable:
            return False
        return isinstance(product, Multiply) and self.nonzero(product)

    def _as_fraction(self, term: Term) -> Term:
        """A sum of fractions as one: its sign is that of its factors."""
        return Bridge(self.scope, is_positive).through(term, lambda sympy, e: sympy.factor(sympy.together(e)))

    def _product(self, term: Multiply) -> Interval:
        result = ONE_POINT
        for run in runs(term.factors):
            result = result * (self.interval(run[0]) if len(run) == 1 else self.chain(run))
        return result

    def chain(self, run: tuple[Term, ...]) -> Interval:
        """uᵀu and uᵀPu are squares; of any other chain only a hypothesis tells."""
        chain = multiply(*run)
        hypothesis = self.by_hypothesis(chain)
        half = len(run) // 2
        mirrored = all(
            tidy(transpose(a), self.scope) == b
            for a, b in zip(run[:half], reversed(run[len(run) - half :]), strict=True)
        )
        middle = self.definite(run[half]) if len(run) % 2 else 2
        if not (chain.is_scalar and mirrored and middle):
            return self._product_of_signs(run) if hypothesis is None else hypothesis
        if hypothesis is not None and hypothesis.nonzero:
            return ABOVE_ZERO
        return ABOVE_ZERO if middle == 2 and self.nonzero(multiply(*run[-half:])) else AT_LEAST_ZERO

    def _product_of_signs(self, run: tuple[Term, ...]) -> Interval:
        """Of a product of matrices whose entries are all positive (nonnegative): so are the product's."""
        scaling = [f for f in run if isinstance(f, Diagonal) and self.interval(f.inner).positive]  # rows, or columns
        rest = [factor for factor in run if factor not in scaling]
        if not rest:
            return AT_LEAST_ZERO  # diagonal in its turn: zero beside the diagonal
        signs = math.prod(map(self.interval, rest), start=ONE_POINT)
        return ABOVE_ZERO if signs.positive else AT_LEAST_ZERO if signs.nonnegative else ANYWHERE

    def _power(self, term: Power | HadamardPower) -> Interval:
        exponent = term.exponent.value if isinstance(term.exponent, Number) else None
        return _raised(self.interval(term.base), exponent)

    def shows(self, formula: Formula) -> bool:
        """Whether a formula about signs, zeros, definiteness or invertibility follows."""
        left, right = formula.left, formula.right
        if not isinstance(left, Term) or isinstance(right, Formula):
            return False
        match formula.relation:
            case Relation.POSITIVE_DEFINITE:
                return self.definite(left) == 2
            case Relation.POSITIVE_SEMIDEFINITE:
                return self.definite(left) >= 1
            case Relation.INVERTIBLE:
                return self.invertible(left)
        assert right is not None
        if formula.relation is Relation.NOT_EQUAL:
            rest = left if right in (ZERO, Zero(*left.shape)) else add(left, negate(right))
            return self.nonzero(rest) or (isinstance(rest, Add) and rest.is_scalar and self._has_nonzero_factors(rest))
        if formula.relation in (Relation.LESS, Relation.AT_MOST):
            gap = self.interval(right) if is_zero(left) else self.interval(tidy(add(right, negate(left)), self.scope))
            return gap.positive if formula.relation is Relation.LESS else gap.nonnegative
        return False


def _common_factors(term: Add) -> tuple[Term, ...]:
    """The scalar factors, other than numbers, that all terms of a sum have."""
    first, *others = ([f for f in factors(part) if f.is_scalar and not isinstance(f, Number)] for part in term.terms)
    return tuple(factor for factor in dict.fromkeys(first) if all(factor in other for other in others))


def _without_factors(term: Add, gone: tuple[Term, ...]) -> Term:
    """The sum, divided by factors that all its terms have."""
    parts: list[Term] = []
    for part in term.terms:
        rest = list(factors(part))
        for factor in gone:
            rest.remove(factor)
        parts.append(multiply(ONE, *rest))
    return add(*parts)


def _is_never_zero(law: Law) -> bool:
    values = law.values if isinstance(law, Categorical) else ()
    return isinstance(law, Rademacher) or any(values) and all(isinstance(v, Number) and v.value != 0 for v in values)


def _has_quotient(term: Add) -> bool:
    parts = (f for part in term.terms for f in factors(part))
    return any(isinstance(f, Power) and isinstance(f.base, Add) and f.exponent == MINUS_ONE for f in parts)


def interval_in(domain: Domain) -> Interval:
    return Interval(domain.lower, domain.upper, domain.includes_lower, domain.includes_upper)


def is_positive(term: Term, scope: Scope) -> bool:
    """Whether a scalar is seen to be positive."""
    return Reader(scope).interval(term).positive


def interval_of(term: Term, scope: Scope) -> Interval:
    return Reader(scope).interval(term)


def _raised(base: Interval, exponent: Fraction | None) -> Interval:
    """Where a power of what lies in an interval lies; the exponent is None where it is no number."""
    if base.positive:
        if exponent == MINUS_ONE.value and base.upper is not None:
            return Interval(1 / base.upper, None, base.includes_upper, excludes_zero=True)
        if exponent is not None and exponent > 0 and exponent.denominator == 1 and base.lower is not None:
            upper = None if base.upper is None else base.upper**exponent.numerator
            return Interval(base.lower**exponent.numerator, upper, base.includes_lower, base.includes_upper, True)
        return ABOVE_ZERO
    if exponent is None or exponent.denominator != 1:
        return AT_LEAST_ZERO if base.nonnegative else ANYWHERE
    if exponent % 2 == 1 and base.negative:
        return -_raised(-base, exponent)
    if exponent % 2 == 0:
        return ABOVE_ZERO if base.nonzero else AT_LEAST_ZERO
    if base.nonnegative:
        return ABOVE_ZERO if base.nonzero else AT_LEAST_ZERO
    return Interval(excludes_zero=base.nonzero)
