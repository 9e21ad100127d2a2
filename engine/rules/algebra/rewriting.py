"""Algebra of scalars, vectors and matrices: names, products, sums, and earlier results inserted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from engine.kernel import NotApplicable, Outcome, Step
from engine.rules.algebra.scalars import through_sympy
from engine.rules.expansion import expanded, gather
from engine.rules.registry import Rewritten, rewriting, rule
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    MINUS_ONE,
    Add,
    ArgMin,
    At,
    Call,
    Definition,
    Identity,
    Multiply,
    Power,
    SquaredNorm,
    Symbol,
    Term,
    add,
    factors,
    multiply,
    norm2,
    power,
    replace,
    rewrite,
    runs,
    scaled,
    substitute,
    summands,
    transpose,
)
from engine.terms.formulas import Formula, Relation

# -- names and earlier results -------------------------------------------------------------------------------------


@rewriting(r"f(x) := b \;\Rightarrow\; f(a) = b[x := a]", "by the definition of {names}")
def unfold(term: Term, scope: Scope, *definitions: Definition | Call) -> Rewritten:
    """Defined names replaced by what they stand for: those named, or all at the top of the term."""
    names = {d.definition.name if isinstance(d, Call) else d.name for d in definitions}
    used: dict[str, None] = {}

    def open_call(node: Term) -> Term | None:
        if isinstance(node, Call) and (not names or node.definition.name in names):
            used[node.definition.name] = None
            return node.unfolded
        return None

    return Rewritten(rewrite(term, open_call), slots={"names": _listed(used)})


def _listed(names: Iterable[str]) -> str:
    return " and ".join(str(Symbol(name)) for name in names) or "the names"


@rewriting(r"f(x) := b \;\Rightarrow\; b[x := a] = f(a)", "which is {names}")
def fold(term: Term, scope: Scope, *calls: Term) -> Rewritten:
    """What a defined name stands for, written as the name again."""
    for call in calls:
        assert isinstance(call, Call)
        body = call.unfolded
        term = replace(term, body, call)
        term = replace(term, tidy(body, scope), call)
    return Rewritten(term, slots={"names": _listed(c.definition.name for c in calls if isinstance(c, Call))})


@rewriting(r"a = b \;\Rightarrow\; f(a) = f(b)", "{what}")
def insert(term: Term, scope: Scope, earlier: Step, why: str = "") -> Rewritten:
    """An earlier result used: wherever its left side stands, its right side is written."""
    old, new = sides_of(earlier)
    return Rewritten(replace(term, old, new), slots={"what": why or _insertion(old, new)}, using=(earlier,))


@rewriting(r"a = b \;\Rightarrow\; f(b) = f(a)", "{what}")
def insert_back(term: Term, scope: Scope, earlier: Step) -> Rewritten:
    """An earlier result read from right to left; a product is found among the factors of a product."""
    new, old = sides_of(earlier)
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

    what = f"since {new} = {old}" if len(str(old)) <= 40 else f"which is {new}, as found above"
    return Rewritten(rewrite(replace(term, old, new), found), slots={"what": what}, using=(earlier,))


def _insertion(old: Term, new: Term) -> str:
    """What is inserted; a long right side stands in the line itself and is not said again."""
    return f"insert {old} = {new}" if len(str(new)) <= 32 else f"insert {old} as found above"


def sides_of(earlier: Step) -> tuple[Term, Term]:
    """The equality that a step gives: a unique minimiser is *the* argmin."""
    left, right = earlier.claim.left, earlier.claim.right
    if isinstance(left, Formula):
        raise NotApplicable(f"{earlier.claim.formula} is no equality to insert")
    if earlier.claim.relation is Relation.UNIQUE_MINIMISER and isinstance(right, ArgMin):
        return right, left
    if earlier.claim.relation is not Relation.EQUAL or not isinstance(right, Term):
        raise NotApplicable(f"{earlier.claim.formula} is no equality to insert")
    return left, right


@rewriting(r"\frac ab = c \;\Rightarrow\; a = bc", "from the ratio {ratio}")
def from_ratio(term: Term, scope: Scope, earlier: Step) -> Rewritten:
    """A term written as bc, where its ratio to b was found to be c."""
    ratio, found = sides_of(earlier)
    if not (isinstance(ratio, Multiply) and term in ratio.factors):
        raise NotApplicable(f"{ratio} is no ratio of {term} to something")
    below = power(multiply(*(factor for factor in ratio.factors if factor != term)), MINUS_ONE)
    return Rewritten(multiply(tidy(below, scope), found), slots={"ratio": str(ratio)}, using=(earlier,))


@rewriting(r"f(x)\big|_{x = a} = f(a)", "insert {values}")
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


@rule(r"a = b", "restated", computes=False)
def restate(subject: Term | Formula, scope: Scope, written: Term) -> Outcome:
    assert isinstance(subject, Term)
    return Outcome(Formula(subject, Relation.EQUAL, written))


# -- products and sums -----------------------------------------------------------------------------------------------


@rewriting(r"a + a = 2a,\quad a \cdot a^{-1} = 1", "simplify")
def simplify(term: Term, scope: Scope) -> Term:
    """Like terms added, powers united, A⁻¹A = I: nothing is multiplied out."""
    return tidy(term, scope)


@rewriting(r"A(B + C) = AB + AC", "multiply out")
def expand(term: Term, scope: Scope) -> Term:
    """Products of sums, and whole powers of sums, multiplied out."""
    return expanded(term, scope)


@rewriting(r"c(a + b) = ca + cb", "take the factor into the sum")
def distribute(term: Term, scope: Scope) -> Term | None:
    """A factor in front of a sum taken to its terms, at the top of the term, or of the terms that it is the sum of."""
    if isinstance(term, Add):
        return add(*(_taken_inside(part, scope) or part for part in term.terms))
    return _taken_inside(term, scope)


def _taken_inside(term: Term, scope: Scope) -> Term | None:
    if not isinstance(term, Multiply):
        return None
    place = next((k for k, factor in enumerate(term.factors) if isinstance(factor, Add)), None)
    if place is None:
        return None
    before, inside, after = term.factors[:place], term.factors[place], term.factors[place + 1 :]
    assert isinstance(inside, Add)
    return add(*(tidy(multiply(*before, part, *after), scope) for part in inside.terms))


@rewriting(r"Aw + cw = (A + cI)w", "collect {symbol}")
def collect(term: Term, scope: Scope, symbol: Symbol) -> Rewritten:
    """The terms that are linear in a symbol gathered, then the rest; powers of a scalar each by itself."""
    gathered = gather(expanded(term, scope), symbol, scope)
    return Rewritten(tidy(add(*gathered.terms, *gathered.rest), scope), slots={"symbol": str(symbol)})


@rewriting(r"ab + ac = a(b + c)", "factor")
def factor(term: Term, scope: Scope) -> Term | None:
    """A scalar written as a product."""
    return through_sympy(term, scope, lambda sympy, e: sympy.factor(e)) if term.is_scalar else None


@rewriting(r"\frac{ab}{ac} = \frac{b}{c}", "cancel")
def cancel(term: Term, scope: Scope) -> Term | None:
    """A scalar as one fraction in lowest terms."""
    if not term.is_scalar:
        return None
    return through_sympy(term, scope, lambda sympy, e: sympy.factor(sympy.together(e)))


@rewriting(r"\frac ab + \frac cd = \frac{ad + bc}{bd}", "over a common denominator")
def common_denominator(term: Term, scope: Scope) -> Term | None:
    return through_sympy(term, scope, lambda sympy, e: sympy.together(e)) if term.is_scalar else None


@rewriting(r"\frac{a + b}{c} = \frac ac + \frac bc", "divide term by term")
def split_fraction(term: Term, scope: Scope) -> Term | None:
    return through_sympy(term, scope, lambda sympy, e: sympy.expand(e)) if term.is_scalar else None


@rewriting(r"w^\top w = \lVert w \rVert^2", "wᵀw = ‖w‖² for any vector")
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


@rewriting(r"\lVert u \rVert^2 = u^\top u", "‖u‖² = uᵀu for any vector")
def as_inner_product(term: Term, scope: Scope) -> Term:
    """Every squared norm of a vector written as uᵀu."""

    def opened(node: Term) -> Term | None:
        if isinstance(node, SquaredNorm) and node.inner.cols == 1:
            return multiply(transpose(node.inner), node.inner)
        return None

    return rewrite(term, opened)


@rewriting(r"(AB)^\top = B^\top A^\top,\quad (A + B)^\top = A^\top + B^\top", "transpose factor by factor")
def transpose_laws(term: Term, scope: Scope) -> Term:
    """Transposes pushed inwards until only symbols carry them."""
    return tidy(term, scope)


@rewriting(r"(AB)^{-1} = B^{-1}A^{-1},\quad (cA)^{-1} = c^{-1}A^{-1}", "the inverse of a product")
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
    r"A^\top (A A^\top + cI)^{-1} = (A^\top A + cI)^{-1} A^\top",
    "push {matrix} through the inverse",
    conditions=("AAᵀ + cI is invertible",),
)
def push_through(term: Term, scope: Scope) -> Rewritten | None:
    """A matrix moved from the left of an inverse to its right."""
    pushed: list[str] = []

    def moved(node: Term) -> Term | None:
        for before, left, inverse, behind in _neighbours(node):
            inner = _turned_inside(inverse, left, at_the_end=True)
            if inner is not None:
                pushed.append(str(left))
                return multiply(*before, power(inner, MINUS_ONE), left, *behind)
        return None

    new = rewrite(term, moved)
    return Rewritten(new, slots={"matrix": pushed[0]}) if pushed else None


@rewriting(
    r"(A^\top A + cI)^{-1} A^\top = A^\top (A A^\top + cI)^{-1}",
    "pull {matrix} through the inverse",
    conditions=("AAᵀ + cI is invertible",),
)
def pull_through(term: Term, scope: Scope) -> Rewritten:
    """A matrix moved from the right of an inverse to its left."""
    pulled: list[str] = []

    def moved(node: Term) -> Term | None:
        for before, inverse, right, behind in _neighbours(node):
            inner = _turned_inside(inverse, right, at_the_end=False)
            if inner is not None:
                pulled.append(str(right))
                return multiply(*before, right, power(inner, MINUS_ONE), *behind)
        return None

    new = rewrite(term, moved)
    if not pulled:
        raise NotApplicable(f"nothing can be pulled through an inverse in {term}")
    return Rewritten(new, slots={"matrix": pulled[0]})


def _neighbours(node: Term) -> Iterator[tuple[tuple[Term, ...], Term, Term, tuple[Term, ...]]]:
    """Two factors of a product that stand side by side, with those before and behind them."""
    factors = node.factors if isinstance(node, Multiply) else ()
    for k, (left, right) in enumerate(pairwise(factors)):
        yield factors[:k], left, right, factors[k + 2 :]


def _turned_inside(inverse: Term, moving: Term, at_the_end: bool) -> Term | None:
    """Of (AB + cI)⁻¹, BA + cI: for B, which stands at the end of the product inside, or for A, at its beginning."""
    if not (isinstance(inverse, Power) and inverse.exponent == MINUS_ONE and not inverse.is_scalar):
        return None
    parts: list[Term] = []
    for part in summands(inverse.base):
        scale, array = scaled(part)
        chain = factors(array)
        if isinstance(array, Identity):
            parts.append(multiply(scale, Identity(moving.rows if at_the_end else moving.cols)))
        elif len(chain) > 1 and chain[-1 if at_the_end else 0] == moving:
            parts.append(multiply(scale, *((moving, *chain[:-1]) if at_the_end else (*chain[1:], moving))))
        else:
            return None
    return add(*parts)
