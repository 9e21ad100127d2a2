"""Algebra of scalars, vectors and matrices: on terms, and on both sides of equations."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from engine.kernel import NotApplicable, NothingToDo, Outcome, Rule, Step
from engine.premises import Formula, Relation, equation, invertible, nonnegative, nonzero, positive
from engine.rules.order import interval_of
from engine.rules.registry import Rewritten, register, rewriting, rule
from engine.rules.scalars import through_sympy
from engine.rules.tidy import rewritten, tidy
from engine.scope import Scope
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Add,
    Apply,
    ArgMin,
    At,
    Call,
    Definition,
    Identity,
    Multiply,
    Number,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    add,
    divide,
    log,
    multiply,
    negate,
    norm2,
    power,
    replace,
    rewrite,
    runs,
    sqrt,
    substitute,
    transpose,
    zero,
)

# -- names and earlier results -------------------------------------------------------------------------------------


@rewriting("unfold", r"f(x) := b \;\Rightarrow\; f(a) = b[x := a]", "by the definition of {names}")
def unfold(term: Term, scope: Scope, *definitions: Definition | Term) -> Rewritten:
    """Defined names replaced by what they stand for: those named, or all at the top of the term."""
    names = {d.definition.name if isinstance(d, Call) else d.name for d in definitions}  # type: ignore[union-attr]
    used: dict[str, None] = {}

    def open_call(node: Term) -> Term | None:
        if isinstance(node, Call) and (not names or node.definition.name in names):
            used[node.definition.name] = None
            return node.unfolded
        return None

    return Rewritten(rewrite(term, open_call), slots={"names": _listed(used)})


def _listed(names: Iterable[str]) -> str:
    from engine.rendering.plain import plain

    return " and ".join(plain(Symbol(name)) for name in names) or "the names"


@rewriting("fold", r"f(x) := b \;\Rightarrow\; b[x := a] = f(a)", "which is {names}")
def fold(term: Term, scope: Scope, *calls: Term) -> Rewritten:
    """What a defined name stands for, written as the name again."""
    for call in calls:
        assert isinstance(call, Call)
        body = call.unfolded
        term = replace(term, body, call)
        term = replace(term, tidy(body, scope), call)
    return Rewritten(term, slots={"names": _listed(c.definition.name for c in calls if isinstance(c, Call))})


@rewriting("insert", r"a = b \;\Rightarrow\; f(a) = f(b)", "{what}")
def insert(term: Term, scope: Scope, earlier: Step, why: str = "") -> Rewritten:
    """An earlier result used: wherever its left side stands, its right side is written."""
    old, new = _sides(earlier)
    return Rewritten(replace(term, old, new), slots={"what": why or f"insert {old} = {new}"}, using=(earlier,))


@rewriting("insert back", r"a = b \;\Rightarrow\; f(b) = f(a)", "{what}")
def insert_back(term: Term, scope: Scope, earlier: Step) -> Rewritten:
    """An earlier result read from right to left; a product is found among the factors of a product."""
    new, old = _sides(earlier)
    factors = list(old.factors) if isinstance(old, Multiply) else [old]

    def found(node: Term) -> Term | None:
        if not isinstance(node, Multiply) or not node.is_scalar:
            return None
        rest = list(node.factors)
        for factor_ in factors:
            if factor_ not in rest:
                return None
            rest.remove(factor_)
        return multiply(*rest, new)

    what = f"since {new} = {old}"
    return Rewritten(rewrite(replace(term, old, new), found), slots={"what": what}, using=(earlier,))


def _sides(earlier: Step) -> tuple[Term, Term]:
    """The equality that a step gives: a unique minimiser is *the* argmin."""
    left, right = earlier.claim.left, earlier.claim.right
    if isinstance(left, Formula):
        raise NotApplicable(f"{earlier.claim.formula} is no equality to insert")
    if earlier.claim.relation is Relation.UNIQUE_MINIMISER and isinstance(right, ArgMin):
        return right, left
    if earlier.claim.relation is not Relation.EQUAL or not isinstance(right, Term):
        raise NotApplicable(f"{earlier.claim.formula} is no equality to insert")
    return left, right


@rewriting("from a ratio", r"\frac ab = c \;\Rightarrow\; a = bc", "from the ratio {ratio}")
def from_ratio(term: Term, scope: Scope, earlier: Step) -> Rewritten:
    """A term written as bc, where its ratio to b was found to be c."""
    ratio, found = _sides(earlier)
    if not (isinstance(ratio, Multiply) and term in ratio.factors):
        raise NotApplicable(f"{ratio} is no ratio of {term} to something")
    below = power(multiply(*(factor for factor in ratio.factors if factor != term)), MINUS_ONE)
    return Rewritten(multiply(tidy(below, scope), found), slots={"ratio": str(ratio)}, using=(earlier,))


@rewriting("evaluate at", r"f(x)\big|_{x = a} = f(a)", "insert {values}")
def evaluate_at(term: Term, scope: Scope) -> Rewritten:
    """A term at a value of a symbol, with the value written in."""
    seen: list[str] = []

    def inserted(node: Term) -> Term | None:
        if not isinstance(node, At):
            return None
        new = substitute(node.body, {node.symbol: node.value})
        if new.walk() and any(isinstance(inner, At) and inner.symbol == node.symbol for inner in new.walk()):
            return None
        seen.append(f"{node.symbol} = {node.value}")
        return tidy(new, scope)

    return Rewritten(rewrite(term, inserted), slots={"values": " and ".join(dict.fromkeys(seen))})


def _restated(subject: Term | Formula, scope: Scope, written: Term) -> Outcome:
    assert isinstance(subject, Term)
    return Outcome(Formula(subject, Relation.EQUAL, written))


restate = register(Rule("restate", r"a = b", "restated", _restated, computes=False))


# -- products and sums -----------------------------------------------------------------------------------------------


@rewriting("simplify", r"a + a = 2a,\quad a \cdot a^{-1} = 1", "simplify")
def simplify(term: Term, scope: Scope) -> Term:
    """Like terms added, powers united, A⁻¹A = I: nothing is multiplied out."""
    return tidy(term, scope)


@rewriting("expand", r"A(B + C) = AB + AC", "multiply out")
def expand(term: Term, scope: Scope) -> Term:
    """Products of sums, and whole powers of sums, multiplied out."""
    return expanded(term, scope)


def expanded(term: Term, scope: Scope) -> Term:
    return tidy(rewrite(tidy(term, scope), lambda node: _distributed(node, scope)), scope)


def _distributed(node: Term, scope: Scope) -> Term | None:
    """A product (or whole power) in which a sum is a factor, as the sum of all choices of one term a factor."""
    factors: list[Term] = []
    for factor in node.factors if isinstance(node, Multiply) else (node,):
        factors.extend(_repeated(factor))
    if not isinstance(node, (Multiply, Power)) or not any(isinstance(factor, Add) for factor in factors):
        return None
    products: list[tuple[Term, ...]] = [()]
    for factor in factors:
        choices = factor.terms if isinstance(factor, Add) else (factor,)
        products = [(*chosen, choice) for chosen in products for choice in choices]
        if len(products) > 2000:
            raise NotApplicable("multiplied out, this would have more than 2000 terms")
    return tidy(add(*(multiply(*chosen) for chosen in products)), scope)


def _repeated(factor: Term) -> tuple[Term, ...]:
    """A small whole power of a scalar sum as its factors; anything else by itself."""
    if isinstance(factor, Power) and isinstance(factor.base, Add) and factor.is_scalar:
        exponent = factor.exponent
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and 2 <= exponent.value <= 8:
            return (factor.base,) * int(exponent.value)
    return (factor,)


@rewriting("distribute", r"c(a + b) = ca + cb", "take the factor into the sum")
def distribute(term: Term, scope: Scope) -> Term | None:
    """A factor in front of a sum taken to its terms, at the top of the term only."""
    if not isinstance(term, Multiply):
        return None
    place = next((k for k, factor in enumerate(term.factors) if isinstance(factor, Add)), None)
    if place is None:
        return None
    before, inside, after = term.factors[:place], term.factors[place], term.factors[place + 1 :]
    assert isinstance(inside, Add)
    return add(*(tidy(multiply(*before, part, *after), scope) for part in inside.terms))


@rewriting("collect", r"Aw + cw = (A + cI)w", "collect {symbol}")
def collect(term: Term, scope: Scope, symbol: Symbol) -> Rewritten:
    """The terms that are linear in a symbol gathered, then the rest; powers of a scalar each by itself."""
    powers, rest = _by_powers(expanded(term, scope), symbol, scope)
    gathered = [_times_power(coefficient, symbol, k) for k, coefficient in sorted(powers.items(), reverse=True)]
    return Rewritten(tidy(add(*gathered, *rest), scope), slots={"symbol": str(symbol)})


def _times_power(coefficient: Term, symbol: Symbol, exponent: int) -> Term:
    return multiply(coefficient, power(symbol, Number(Fraction(exponent))))


def _by_powers(term: Term, symbol: Symbol, scope: Scope) -> tuple[dict[int, Term], list[Term]]:
    """The coefficients of the powers of a symbol in a sum (1 only, for a vector), and what is free of it."""
    powers: dict[int, list[Term]] = {}
    rest: list[Term] = []
    for part in term.terms if isinstance(term, Add) else (term,):
        if not part.has(symbol):
            rest.append(part)
            continue
        exponent, coefficient = _coefficient(part, symbol)
        powers.setdefault(exponent, []).append(coefficient)
    return {k: tidy(add(*parts), scope) for k, parts in powers.items()}, rest


def _coefficient(part: Term, symbol: Symbol) -> tuple[int, Term]:
    """A product as coefficient·symbolᵏ. Raises NotApplicable where the symbol is not a factor of that kind."""
    factors = list(part.factors) if isinstance(part, Multiply) else [part]
    if symbol.is_scalar:
        exponent = 0
        rest: list[Term] = []
        for factor in factors:
            if factor == symbol:
                exponent += 1
            elif isinstance(factor, Power) and factor.base == symbol and isinstance(factor.exponent, Number):
                exponent += int(factor.exponent.value)
            else:
                rest.append(factor)
        if not any(factor.has(symbol) for factor in rest):
            return exponent, multiply(*rest) if rest else ONE
    elif factors[-1] == symbol and not any(factor.has(symbol) for factor in factors[:-1]):
        before = [factor for factor in factors[:-1] if not factor.is_scalar]
        scalars = [factor for factor in factors[:-1] if factor.is_scalar]
        return 1, multiply(*scalars, *(before or [Identity(symbol.rows)]))
    raise NotApplicable(f"{part} is not linear in {symbol}")


@rewriting("factor", r"ab + ac = a(b + c)", "factor")
def factor(term: Term, scope: Scope) -> Term | None:
    """A scalar written as a product."""
    return through_sympy(term, scope, lambda sympy, e: sympy.factor(e)) if term.is_scalar else None


@rewriting("cancel", r"\frac{ab}{ac} = \frac{b}{c}", "cancel")
def cancel(term: Term, scope: Scope) -> Term | None:
    """A scalar as one fraction in lowest terms."""
    if not term.is_scalar:
        return None
    return through_sympy(term, scope, lambda sympy, e: sympy.factor(sympy.together(e)))


@rewriting("common denominator", r"\frac ab + \frac cd = \frac{ad + bc}{bd}", "over a common denominator")
def common_denominator(term: Term, scope: Scope) -> Term | None:
    return through_sympy(term, scope, lambda sympy, e: sympy.together(e)) if term.is_scalar else None


@rewriting("split fraction", r"\frac{a + b}{c} = \frac ac + \frac bc", "divide term by term")
def split_fraction(term: Term, scope: Scope) -> Term | None:
    return through_sympy(term, scope, lambda sympy, e: sympy.expand(e)) if term.is_scalar else None


@rewriting("norm", r"w^\top w = \lVert w \rVert^2", "wᵀw = ‖w‖² for any vector")
def as_norm(term: Term, scope: Scope) -> Term:
    """Every uᵀu written as a squared norm."""

    def normed(node: Term) -> Term | None:
        if not isinstance(node, Multiply):
            return None
        found: list[Term] = []
        for run in runs(node.factors):
            square = len(run) == 2 and tidy(transpose(run[0]), scope) == run[1] and run[1].cols == 1
            found.extend((norm2(run[1]),) if square else run)
        return multiply(*found)

    return rewrite(term, normed)


@rewriting("inner product", r"\lVert u \rVert^2 = u^\top u", "‖u‖² = uᵀu for any vector")
def as_inner_product(term: Term, scope: Scope) -> Term:
    """Every squared norm of a vector written as uᵀu."""

    def opened(node: Term) -> Term | None:
        if isinstance(node, SquaredNorm) and node.inner.cols == 1:
            return multiply(transpose(node.inner), node.inner)
        return None

    return rewrite(term, opened)


@rewriting(
    "transpose laws", r"(AB)^\top = B^\top A^\top,\quad (A + B)^\top = A^\top + B^\top", "transpose factor by factor"
)
def transpose_laws(term: Term, scope: Scope) -> Term:
    """Transposes pushed inwards until only symbols carry them."""
    return tidy(term, scope)


@rewriting("inverse laws", r"(AB)^{-1} = B^{-1}A^{-1},\quad (cA)^{-1} = c^{-1}A^{-1}", "the inverse of a product")
def inverse_laws(term: Term, scope: Scope) -> Term:
    """The inverse of a product of invertible factors, from the right."""

    def pushed(node: Term) -> Term | None:
        if not (isinstance(node, Power) and node.exponent == MINUS_ONE and isinstance(node.base, Multiply)):
            return None
        if any(f.rows != f.cols for f in node.base.factors) or node.is_scalar:
            return None
        return multiply(*(power(factor, MINUS_ONE) for factor in reversed(node.base.factors)))

    return rewritten(term, pushed, scope)


@rewriting(
    "push through",
    r"A^\top (A A^\top + cI)^{-1} = (A^\top A + cI)^{-1} A^\top",
    "push {matrix} through the inverse",
    conditions=("AAᵀ + cI is invertible",),
)
def push_through(term: Term, scope: Scope) -> Rewritten | None:
    """A matrix moved from the left of an inverse to its right."""
    pushed: list[str] = []

    def moved(node: Term) -> Term | None:
        if not isinstance(node, Multiply):
            return None
        for k in range(len(node.factors) - 1):
            left, inverse = node.factors[k], node.factors[k + 1]
            inner = _pushed(left, inverse, scope)
            if inner is not None:
                pushed.append(str(left))
                return multiply(*node.factors[:k], power(inner, MINUS_ONE), left, *node.factors[k + 2 :])
        return None

    new = rewrite(term, moved)
    return Rewritten(new, slots={"matrix": pushed[0]}) if pushed else None


def _pushed(left: Term, inverse: Term, scope: Scope) -> Term | None:
    """BA + cI for left = B and inverse = (AB + cI)⁻¹."""
    if not (isinstance(inverse, Power) and inverse.exponent == MINUS_ONE and not inverse.is_scalar):
        return None
    parts: list[Term] = []
    for part in inverse.base.terms if isinstance(inverse.base, Add) else (inverse.base,):
        factors = part.factors if isinstance(part, Multiply) else (part,)
        scale = [factor for factor in factors if factor.is_scalar]
        chain = [factor for factor in factors if not factor.is_scalar]
        if isinstance(chain[-1], Identity):
            parts.append(multiply(*scale, Identity(left.rows)))
        elif len(chain) > 1 and chain[-1] == left:
            parts.append(multiply(*scale, left, *chain[:-1]))
        else:
            return None
    return add(*parts)


# -- sums over an index --------------------------------------------------------------------------------------------------


@rewriting("constant factor of a sum", r"\sum_i c\,a_i = c \sum_i a_i", "a factor free of {index} in front of the sum")
def pull_out_of_sum(term: Term, scope: Scope) -> Rewritten:
    """Factors without the index moved in front of Σ."""
    indices: dict[str, None] = {}

    def pulled(node: Term) -> Term | None:
        if not (isinstance(node, Summation) and isinstance(node.body, Multiply)):
            return None
        outer = [f for f in node.body.factors if not f.has(node.index) and f.is_scalar]
        inner = [f for f in node.body.factors if f.has(node.index) or not f.is_scalar]
        if not outer or not inner:
            return None
        indices[str(node.index)] = None
        return multiply(*outer, Summation(multiply(*inner), node.index, node.length))

    return Rewritten(rewritten(term, pulled, scope), slots={"index": ", ".join(indices)})


@rewriting("sum of a sum", r"\sum_i (a_i + b_i) = \sum_i a_i + \sum_i b_i", "sum term by term")
def split_sum(term: Term, scope: Scope) -> Term:
    """Σ distributed over +."""

    def split(node: Term) -> Term | None:
        if isinstance(node, Summation) and isinstance(node.body, Add):
            return add(*(Summation(part, node.index, node.length) for part in node.body.terms))
        return None

    return rewrite(term, split)


@rewriting("sum of a constant", r"\sum_{i=1}^{n} c = n\,c", "{length} equal terms")
def constant_sum(term: Term, scope: Scope) -> Rewritten:
    """Σ of what does not depend on the index."""
    lengths: dict[str, None] = {}

    def counted(node: Term) -> Term | None:
        if isinstance(node, Summation) and not node.body.has(node.index):
            lengths[str(node.length)] = None
            return multiply(node.length, node.body)
        return None

    return Rewritten(rewritten(term, counted, scope), slots={"length": ", ".join(lengths)})


# -- powers ----------------------------------------------------------------------------------------------------------------


@rewriting(
    "power laws",
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


@rewriting(
    "simplify in powers",
    r"(a + ab)^{c + d},\ \text{base and exponent as one product each}",
    "simplify inside the powers",
)
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


@rewriting(
    "root of a square", r"\sqrt{x^2} = x \quad (x \ge 0)", "√(x²) = x for x ≥ 0", conditions=("x is not negative",)
)
def root_of_square(term: Term, scope: Scope) -> Rewritten:
    """√(x²) written as x, for x that is not negative."""
    needed: dict[Formula, None] = {}

    def rooted(node: Term) -> Term | None:
        inner = node.base if isinstance(node, Power) and node.exponent == HALF else None
        if not (isinstance(inner, Power) and inner.exponent == TWO and interval_of(inner.base, scope).nonnegative):
            return None
        needed[nonnegative(inner.base)] = None
        return inner.base

    return Rewritten(rewrite(term, rooted), conditions=tuple(needed))


@rewriting(
    "log laws",
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
    "absolute value of a product",
    r"|ab| = |a|\,|b|,\quad |a| = a \ (a \ge 0)",
    "|ab| = |a||b|, and positive factors are their own absolute value",
)
def absolute_of_product(term: Term, scope: Scope) -> Rewritten:
    """|·| taken factor by factor; factors of known sign lose the bars."""
    return _factor_by_factor(term, scope, "abs")


@rewriting(
    "sign of a product",
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


@rewriting("sign and absolute value", r"a \operatorname{sign} a = |a|", "a·sign(a) = |a|")
def sign_times_itself(term: Term, scope: Scope) -> Term:
    """a·sign(a) written as |a|."""
    return _paired(term, scope, "sign", "abs", 1)


@rewriting("quotient by an absolute value", r"\frac{a}{|a|} = \operatorname{sign} a", "a/|a| = sign(a)")
def over_absolute(term: Term, scope: Scope) -> Term:
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


# -- equations -------------------------------------------------------------------------------------------------------------


def _equation(subject: Term | Formula) -> tuple[Term, Term]:
    if not (isinstance(subject, Formula) and subject.relation is Relation.EQUAL):
        raise NotApplicable(f"{subject} is no equation")
    assert isinstance(subject.left, Term) and isinstance(subject.right, Term)
    return subject.left, subject.right


def _equivalent(before: Term | Formula, left: Term, right: Term, unknown: Symbol | None, **rest: object) -> Outcome:
    after = equation(left, right)
    if after == before:
        raise NothingToDo(f"nothing changes in {before}")
    return Outcome(Formula(before, Relation.EQUIVALENT, after), unknown=unknown, **rest)  # type: ignore[arg-type]


@rule("separate", r"Aw - b = 0 \iff Aw = b", "the terms without {symbol} on the right")
def separate(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation with the terms that contain a symbol on the left and the others on the right."""
    left, right = _equation(subject)
    powers, rest = _by_powers(expanded(add(left, negate(right)), scope), symbol, scope)
    gathered = [_times_power(c, symbol, k) for k, c in sorted(powers.items(), reverse=True)]
    new_left = tidy(add(*gathered), scope) if gathered else zero(left.shape)
    new_right = tidy(negate(add(*rest)), scope) if rest else zero(left.shape)
    if _leading_minus(new_left):
        gathered = [_times_power(tidy(negate(c), scope), symbol, k) for k, c in sorted(powers.items(), reverse=True)]
        new_left, new_right = tidy(add(*gathered), scope), tidy(negate(new_right), scope)
    return _equivalent(subject, new_left, new_right, scope.unknown or symbol, slots={"symbol": str(symbol)})


def _leading_minus(term: Term) -> bool:
    """Whether every term has a minus, or is a product with a sum of which that is so."""
    parts = term.terms if isinstance(term, Add) else (term,)
    return all(_is_minus(part) for part in parts)


def _is_minus(part: Term) -> bool:
    factors = part.factors if isinstance(part, Multiply) else (part,)
    if isinstance(factors[0], Number):
        return factors[0].value < 0
    return any(isinstance(factor, Add) and _leading_minus(factor) for factor in factors)


@rule(
    "clear denominators",
    r"\frac ac = b \iff a = cb",
    "multiply both sides by {multiplier}",
    conditions=("the multiplier is not zero",),
)
def clear_denominators(subject: Formula, scope: Scope) -> Outcome:
    """Both sides multiplied by the least common denominator of their terms."""
    left, right = _equation(subject)
    multiplier = _common_denominator([left, right], scope)
    if multiplier == ONE:
        raise NothingToDo(f"{subject} has no denominators")
    return _equivalent(
        subject,
        _scaled(left, multiplier, scope),
        _scaled(right, multiplier, scope),
        scope.unknown,
        slots={"multiplier": str(multiplier)},
        conditions=(nonzero(multiplier),),
    )


def _common_denominator(terms: list[Term], scope: Scope) -> Term:
    number = 1
    powers: dict[Term, int] = {}
    for part in (p for term in terms for p in _addends(tidy(term, scope))):
        here: dict[Term, int] = {}
        for factor in part:
            if isinstance(factor, Number):
                number = lcm(number, factor.value.denominator)
            elif isinstance(factor, Power) and factor.is_scalar and isinstance(factor.exponent, Number):
                here[factor.base] = here.get(factor.base, 0) + int(min(0, factor.exponent.value))
        for base, exponent in here.items():
            powers[base] = max(powers.get(base, 0), -exponent)
    return multiply(Number(Fraction(number)), *(power(b, Number(Fraction(k))) for b, k in powers.items() if k))


def _addends(term: Term) -> list[tuple[Term, ...]]:
    """The scalar factors of every addend, those inside a matrix factor that is a sum included."""
    found: list[tuple[Term, ...]] = []
    for part in term.terms if isinstance(term, Add) else (term,):
        factors = part.factors if isinstance(part, Multiply) else (part,)
        outer = tuple(factor for factor in factors if factor.is_scalar)
        inner = [factor for factor in factors if isinstance(factor, Add) and not factor.is_scalar]
        if inner:
            found.extend((*outer, *deeper) for deeper in _addends(inner[0]))
        else:
            found.append(outer)
    return found


def _scaled(term: Term, multiplier: Term, scope: Scope) -> Term:
    """multiplier·term, multiplied into sums of matrices so that denominators cancel there."""
    if isinstance(term, Add):
        return tidy(add(*(_scaled(part, multiplier, scope) for part in term.terms)), scope)
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if isinstance(factor, Add) and not factor.is_scalar:
                inner = _scaled(factor, multiplier, scope)
                return tidy(multiply(*term.factors[:place], inner, *term.factors[place + 1 :]), scope)
    return tidy(multiply(multiplier, term), scope)


@rule(
    "isolate",
    r"Aw = b \iff w = A^{-1}b",
    "solve for {symbol}: {why}",
    conditions=("the factor in front of the symbol is invertible, or not zero",),
)
def isolate(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation that is linear in a symbol, solved for it."""
    left, right = _equation(subject)
    powers, rest = _by_powers(expanded(add(left, negate(right)), scope), symbol, scope)
    if set(powers) != {1}:
        raise NotApplicable(f"{subject} is not linear in {symbol}")
    coefficient = powers[1]
    if left == tidy(multiply(coefficient, symbol), scope):
        target = right
    else:
        target = tidy(negate(add(*rest)), scope) if rest else zero(symbol.shape)
    if coefficient == ONE or isinstance(coefficient, Identity):
        return _equivalent(
            subject, symbol, target, symbol, slots={"symbol": str(symbol), "why": "nothing else is on its side"}
        )
    if coefficient.is_scalar:
        solved, needed, why = divide(target, coefficient), nonzero(coefficient), f"{coefficient} ≠ 0"
    else:
        solved, needed = multiply(power(coefficient, MINUS_ONE), target), invertible(coefficient)
        why = f"{coefficient} is invertible"
    slots = {"symbol": str(symbol), "why": why}
    return _equivalent(subject, symbol, solved, symbol, slots=slots, conditions=(needed,))


@rule(
    "positive root",
    r"x^2 = a \iff x = \sqrt a \quad (x > 0)",
    "the positive root, since {symbol} > 0",
    conditions=("the symbol is positive",),
)
def positive_root(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """x² = a solved for a positive x."""
    left, right = _equation(subject)
    if left != power(symbol, TWO):
        raise NotApplicable(f"the left side of {subject} is not {power(symbol, TWO)}")
    return _equivalent(
        subject, symbol, sqrt(right), symbol, slots={"symbol": str(symbol)}, conditions=(positive(symbol),)
    )


@rule(
    "divide both sides",
    r"ca = cb \iff a = b",
    "divide both sides by {divisor} ≠ 0",
    conditions=("the divisor is not zero",),
)
def divide_both_sides(subject: Formula, scope: Scope, divisor: Term) -> Outcome:
    """Both sides of an equation divided by a scalar."""
    left, right = (tidy(divide(side, divisor), scope) for side in _equation(subject))
    return _equivalent(
        subject, left, right, scope.unknown, slots={"divisor": str(divisor)}, conditions=(nonzero(divisor),)
    )


@rule(
    "multiply both sides",
    r"a = b \iff Ma = Mb",
    "multiply both sides by {multiplier}",
    conditions=("the multiplier is invertible, or not zero",),
)
def multiply_both_sides(subject: Formula, scope: Scope, multiplier: Term) -> Outcome:
    """Both sides of an equation multiplied from the left."""
    left, right = (tidy(multiply(multiplier, side), scope) for side in _equation(subject))
    needed = nonzero(multiplier) if multiplier.is_scalar else invertible(multiplier)
    return _equivalent(subject, left, right, scope.unknown, slots={"multiplier": str(multiplier)}, conditions=(needed,))


@rule("add to both sides", r"a = b \iff a + c = b + c", "add {addend} to both sides")
def add_to_both_sides(subject: Formula, scope: Scope, addend: Term) -> Outcome:
    """A term added to both sides of an equation."""
    left, right = (tidy(add(side, addend), scope) for side in _equation(subject))
    return _equivalent(subject, left, right, scope.unknown, slots={"addend": str(addend)})


@rule(
    "invert a power",
    r"c x^a = y \iff x = (y/c)^{1/a} \quad (x, y, c > 0,\ a \ne 0)",
    "solve for {symbol}: raise both sides to the power {exponent}",
    conditions=("both sides are positive", "the exponent is not zero"),
)
def invert_power(subject: Formula, scope: Scope, symbol: Symbol) -> Outcome:
    """An equation c·xᵃ = y of positive numbers solved for x."""
    left, right = _equation(subject)
    factors = list(left.factors) if isinstance(left, Multiply) else [left]
    powers = [f for f in factors if isinstance(f, Power) and f.base == symbol]
    rest = [f for f in factors if f not in powers]
    if len(powers) != 1 or any(f.has(symbol) for f in (*rest, right)):
        raise NotApplicable(f"the left side of {subject} is no multiple of a power of {symbol}")
    exponent = tidy(power(powers[0].exponent, MINUS_ONE), scope)
    scale = multiply(*rest) if rest else ONE
    solved = power(tidy(divide(right, scale), scope), exponent)
    conditions = (positive(symbol), positive(right), positive(scale), nonzero(powers[0].exponent))
    conditions = tuple(c for c in conditions if c.right != ONE)
    return _equivalent(
        subject, symbol, solved, symbol, slots={"symbol": str(symbol), "exponent": str(exponent)}, conditions=conditions
    )


@rule("set equal", r"f(x) = 0 \iff g(x) = 0 \text{ where } f = g", "{what}")
def rewrite_equation(subject: Formula, scope: Scope, *earlier: Step) -> Outcome:
    """An equation with earlier results written into its sides."""
    left, right = _equation(subject)
    for step in earlier:
        old, new = _sides(step)
        left, right = replace(left, old, new), replace(right, old, new)
    what = "insert " + " and ".join(f"{_sides(step)[0]}" for step in earlier)
    return _equivalent(subject, left, right, scope.unknown, using=tuple(earlier), slots={"what": what})
