"""Powers, roots and logs of positive numbers; absolute values and signs."""

from __future__ import annotations

from engine.rules.algebra.scalars import through_sympy
from engine.rules.order.bounds import interval_of
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    Apply,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    add,
    factors,
    log,
    multiply,
    negate,
    power,
    rewrite,
    runs,
)
from engine.terms.formulas import Formula, nonnegative, positive


@rewriting(
    r"(xy)^a = x^a y^a,\quad (x^a)^b = x^{ab},\quad x^a x^b = x^{a+b}",
    "the laws of powers, of positive bases",
    conditions=("every base is positive",),
)
def power_laws(term: Term, scope: Scope) -> Rewritten:
    """Powers of products and of powers of positive numbers taken apart, and powers of one base united."""
    needed: dict[Formula, None] = {}

    def apart(node: Term) -> Term | None:
        if not (isinstance(node, Power) and node.is_scalar):
            return None
        if isinstance(node.base, Multiply):
            parts = [multiply(*run) for run in runs(node.base.factors)]
            if all(interval_of(part, scope).positive for part in parts):
                needed.update({positive(part): None for part in parts})
                return multiply(*(apart(power(part, node.exponent)) or power(part, node.exponent) for part in parts))
        if isinstance(node.base, Power) and interval_of(node.base.base, scope).positive:
            needed[positive(node.base.base)] = None
            exponent = tidy(multiply(node.base.exponent, node.exponent), scope)
            return power(node.base.base, exponent)
        return None

    new = rewritten(term, apart, scope)
    return Rewritten(new, conditions=tuple(needed))


@rewriting(r"(a + ab)^{c + d},\ \text{base and exponent as one product each}", "simplify inside the powers")
def simplify_in_powers(term: Term, scope: Scope) -> Term:
    """Bases and exponents of powers that are not whole, each as one fraction in lowest terms."""

    def lowest(part: Term) -> Term:
        if isinstance(part, (Number, Symbol)):
            return part
        return through_sympy(part, scope, lambda sympy, e: sympy.factor(sympy.together(e)))

    def simplified(node: Term) -> Term | None:
        if isinstance(node, Power) and node.is_scalar and not isinstance(node.exponent, Number):
            return power(lowest(node.base), lowest(node.exponent))
        return None

    return rewritten(term, simplified, scope)


@rewriting(r"\sqrt{x^2} = x \quad (x \ge 0)", "√(x²) = x for x ≥ 0", conditions=("x is not negative",))
def root_of_square(term: Term, scope: Scope) -> Rewritten:
    """√(x²) written as x, for x that is not negative; of a product of squares, factor by factor."""
    needed: dict[Formula, None] = {}

    def rooted(node: Term) -> Term | None:
        inner = node.base if isinstance(node, Power) and node.exponent == HALF and node.is_scalar else None
        if inner is None or isinstance(inner, Number):
            return None
        halves = [_half(factor, scope) for factor in (factors(inner))]
        roots = [half for half in halves if half is not None]
        if len(roots) < len(halves):
            return None
        needed.update({nonnegative(root): None for root in roots if not isinstance(root, Number)})
        return multiply(*roots)

    return Rewritten(rewrite(term, rooted), conditions=tuple(needed))


def _half(square: Term, scope: Scope) -> Term | None:
    """What is not negative and has this square."""
    match square:
        case Number():
            root = tidy(power(square, HALF), scope)
            return root if isinstance(root, Number) else None
        case Power(base=base, exponent=Number(value=value)) if value.denominator == 1 and value % 2 == 0:
            root = power(base, Number(value / 2))
            return root if interval_of(root, scope).nonnegative else None
    return None


@rewriting(
    r"\log(xy) = \log x + \log y,\quad \log x^a = a \log x",
    "the log of a product and of a power, of positive numbers",
    conditions=("the factors and bases are positive",),
)
def log_laws(term: Term, scope: Scope) -> Rewritten:
    """Logs of products and powers of positive numbers taken apart."""
    needed: dict[Formula, None] = {}

    def apart(node: Term) -> Term | None:
        if not (isinstance(node, Apply) and node.function == "log"):
            return None
        inner = node.argument
        if isinstance(inner, Multiply):
            parts = [multiply(*run) for run in runs(inner.factors)]
            if all(interval_of(part, scope).positive for part in parts):
                needed.update({positive(part): None for part in parts if not isinstance(part, Number)})
                return add(*(apart(log(part)) or log(part) for part in parts))
        if isinstance(inner, Power) and interval_of(inner.base, scope).positive:
            needed[positive(inner.base)] = None
            return multiply(inner.exponent, apart(log(inner.base)) or log(inner.base))
        return None

    return Rewritten(rewritten(term, apart, scope), conditions=tuple(needed))


# -- absolute values and signs --------------------------------------------------------------------------------------------


@rewriting(
    r"|ab| = |a|\,|b|,\quad |a| = a \ (a \ge 0)", "|ab| = |a||b|, and positive factors are their own absolute value"
)
def absolute_value_of_product(term: Term, scope: Scope) -> Rewritten:
    """|·| taken factor by factor; factors of known sign lose the bars."""
    return _factor_by_factor(term, scope, "abs")


@rewriting(
    r"\operatorname{sign}(ab) = \operatorname{sign} a \cdot \operatorname{sign} b",
    "a positive factor does not change the sign",
)
def sign_of_product(term: Term, scope: Scope) -> Rewritten:
    """sign taken factor by factor; factors of known sign are 1 or −1."""
    return _factor_by_factor(term, scope, "sign")


def _factor_by_factor(term: Term, scope: Scope, function: str) -> Rewritten:
    needed: dict[Formula, None] = {}

    def of_factor(part: Term) -> Term:
        interval = interval_of(part, scope)
        if interval.positive or interval.negative:
            needed[positive(part if interval.positive else negate(part))] = None
            unit = ONE if interval.positive else MINUS_ONE
            return unit if function == "sign" else multiply(unit, part)
        if isinstance(part, Power) and part.exponent == MINUS_ONE:
            inner = of_factor(part.base)
            return inner if function == "sign" else power(inner, MINUS_ONE)
        return Apply(function, (part,))

    def opened(node: Term) -> Term | None:
        if not (isinstance(node, Apply) and node.function == function):
            return None
        inner = node.argument
        parts = [multiply(*run) for run in runs(inner.factors)] if isinstance(inner, Multiply) else [inner]
        if len(parts) > 1 and any(part.rows != 1 for part in parts):
            return None
        return multiply(*(of_factor(part) for part in parts))

    return Rewritten(rewritten(term, opened, scope), conditions=tuple(needed))


@rewriting(r"a \operatorname{sign} a = |a|", "a·sign(a) = |a|")
def sign_and_absolute_value(term: Term, scope: Scope) -> Term:
    """a·sign(a) written as |a|."""
    return _paired(term, scope, "sign", "abs", 1)


@rewriting(r"\frac{a}{|a|} = \operatorname{sign} a", "a/|a| = sign(a)")
def quotient_by_absolute_value(term: Term, scope: Scope) -> Term:
    """a/|a| written as sign(a)."""
    return _paired(term, scope, "abs", "sign", -1)


def _paired(term: Term, scope: Scope, function: str, becomes: str, exponent: int) -> Term:
    """In products, a·function(a)^exponent written as becomes(a)."""

    def united(node: Term) -> Term | None:
        if not isinstance(node, Multiply):
            return None
        for factor in node.factors:
            base = (
                factor.base if exponent < 0 and isinstance(factor, Power) and factor.exponent == MINUS_ONE else factor
            )
            if base is factor and exponent < 0:
                continue
            if isinstance(base, Apply) and base.function == function and base.argument in node.factors:
                rest = [f for f in node.factors if f is not factor]
                rest.remove(base.argument)
                return tidy(multiply(*rest, Apply(becomes, (base.argument,))), scope)
        return None

    return rewrite(term, united)
