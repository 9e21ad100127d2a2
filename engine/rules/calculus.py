"""Differentials, pushed one level down at a time; gradients, Jacobians and derivatives read off from them; limits.

The differential d f of a term is linear in d w. Each rule here says what d of one kind of node is; applied
until only d w is left, they give d f = ⟨G, d w⟩, and G is the gradient (Magnus and Neudecker's method).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from engine.kernel import NotApplicable, Rule, infer
from engine.premises import Formula, nonzero
from engine.rules.registry import Rewritten, rewriting
from engine.rules.scalars import Bridge
from engine.rules.tidy import rewritten, tidy
from engine.scope import Scope
from engine.terms import (
    HALF,
    INFINITY,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Add,
    Apply,
    Call,
    Derivative,
    Determinant,
    Differential,
    Each,
    Entry,
    Expectation,
    Identity,
    Infinity,
    Limit,
    Multiply,
    Number,
    Pi,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    add,
    divide,
    each,
    is_zero,
    log,
    multiply,
    negate,
    power,
    replace,
    runs,
    trace,
    transpose,
    zero,
)

# -- one level down ----------------------------------------------------------------------------------------------------

Lowering = Callable[[Term, Symbol], Term | None]


def _d(body: Term, variable: Symbol) -> Term:
    """d of a part of a term; of what does not move it is zero."""
    return Differential(body, variable) if body.has(variable) else zero(body.shape)


def _pushing(name: str, law: str, sentence: str, conditions: tuple[str, ...] = ()) -> Callable[[Lowering], Rule]:
    """A rule that replaces every differential of one kind of node by what it is, one level down."""

    def made(push: Lowering) -> Rule:
        def function(term: Term, scope: Scope) -> Term:
            def pushed(node: Term) -> Term | None:
                if not isinstance(node, Differential) or node.body == node.variable:
                    return None
                return push(node.body, node.variable)

            return rewritten(term, pushed, scope)

        return rewriting(name, law, sentence, conditions=conditions)(function)

    return made


@_pushing("differential of a name", r"\mathrm{d} f(x) = \mathrm{d} b \text{ where } f(x) := b", "unfold the name")
def differential_of_name(body: Term, variable: Symbol) -> Term | None:
    return Differential(body.unfolded, variable) if isinstance(body, Call) else None


@_pushing("differential of a constant", r"\mathrm{d} c = 0", "d of a constant is 0")
def differential_of_constant(body: Term, variable: Symbol) -> Term | None:
    return None if body.has(variable) else zero(body.shape)


@_pushing("differential of a sum", r"\mathrm{d}(a + b) = \mathrm{d}a + \mathrm{d}b", "d of a sum, term by term")
def differential_of_sum(body: Term, variable: Symbol) -> Term | None:
    match body:
        case Add():
            return add(*(_d(part, variable) for part in body.terms))
        case Summation():
            return Summation(_d(body.body, variable), body.index, body.length)
    return None


@_pushing(
    "differential of a product", r"\mathrm{d}(ab) = \mathrm{d}a\,b + a\,\mathrm{d}b", "d of a product, factor by factor"
)
def differential_of_product(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Multiply):
        return None
    factors = body.factors
    return add(
        *(
            multiply(*factors[:k], _d(factors[k], variable), *factors[k + 1 :])
            for k in range(len(factors))
            if factors[k].has(variable)
        )
    )


@_pushing("differential of a transpose", r"\mathrm{d}(A^\top) = (\mathrm{d}A)^\top", "d of a transpose")
def differential_of_transpose(body: Term, variable: Symbol) -> Term | None:
    return transpose(_d(body.inner, variable)) if isinstance(body, Transpose) else None


@_pushing("differential of a trace", r"\mathrm{d}\operatorname{tr} A = \operatorname{tr} \mathrm{d}A", "d of a trace")
def differential_of_trace(body: Term, variable: Symbol) -> Term | None:
    return trace(_d(body.inner, variable)) if isinstance(body, Trace) else None


@_pushing("differential of an entry", r"\mathrm{d}(u_i) = (\mathrm{d}u)_i", "d of an entry")
def differential_of_entry(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Entry) or any(index.has(variable) for index in body.indices):
        return None
    return Entry(_d(body.base, variable), body.indices)


@_pushing("differential of a column", r"\mathrm{d}[b_i]_i = [\mathrm{d}b_i]_i", "d of a column, entry by entry")
def differential_of_column(body: Term, variable: Symbol) -> Term | None:
    return each(_d(body.body, variable), body.index, body.length) if isinstance(body, Each) else None


@_pushing("differential of a squared norm", r"\mathrm{d}\lVert u \rVert^2 = 2u^\top \mathrm{d}u", "d‖u‖² = 2uᵀdu")
def differential_of_squared_norm(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, SquaredNorm):
        return None
    inner = body.inner
    return multiply(TWO, trace(multiply(transpose(inner), _d(inner, variable))))


@_pushing(
    "differential of an inverse",
    r"\mathrm{d}(A^{-1}) = -A^{-1}\,\mathrm{d}A\,A^{-1}",
    "d(A⁻¹) = −A⁻¹ dA A⁻¹",
    ("A is invertible",),
)
def differential_of_inverse(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Power) or body.is_scalar or body.exponent != MINUS_ONE:
        return None
    return multiply(MINUS_ONE, body, _d(body.base, variable), body)


@_pushing(
    "differential of a matrix power",
    r"\mathrm{d}(A^k) = \sum_{r=1}^{k} A^{r-1}\,\mathrm{d}A\,A^{k-r}",
    "d(Aᵏ), factor by factor",
)
def differential_of_matrix_power(body: Term, variable: Symbol) -> Term | None:
    """Of a power with a whole exponent from 2; a negative one is the power of an inverse."""
    if not isinstance(body, Power) or body.is_scalar or not isinstance(body.exponent, Number):
        return None
    exponent = body.exponent.value
    if exponent.denominator != 1 or not 2 <= abs(exponent) <= HIGHEST_POWER:
        return None
    base = body.base if exponent > 0 else power(body.base, MINUS_ONE)
    times = int(abs(exponent))
    return add(*(_between(base, _d(base, variable), k, times - 1 - k) for k in range(times)))


HIGHEST_POWER = 12


def _between(base: Term, moved: Term, before: int, behind: int) -> Term:
    """Aᵏ dA Aᵐ."""
    powers = [power(base, Number(Fraction(k))) if k else None for k in (before, behind)]
    return multiply(*(part for part in (powers[0], moved, powers[1]) if part is not None))


@_pushing(
    "differential of a determinant",
    r"\mathrm{d}\det A = \det A \operatorname{tr}(A^{-1}\mathrm{d}A)",
    "d det A = det A tr(A⁻¹ dA)",
    ("A is invertible",),
)
def differential_of_determinant(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Determinant):
        return None
    return multiply(body, trace(multiply(power(body.inner, MINUS_ONE), _d(body.inner, variable))))


@_pushing("differential of a power", r"\mathrm{d}(u^a) = a u^{a-1}\,\mathrm{d}u", "the power rule")
def differential_of_power(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Power) or not body.is_scalar:
        return None
    base, exponent = body.base, body.exponent
    parts: list[Term] = []
    if base.has(variable):
        lowered = power(base, Number(exponent.value - 1)) if isinstance(exponent, Number) else power(base, exponent - 1)
        parts.append(multiply(exponent, lowered, _d(base, variable)))
    if exponent.has(variable):
        parts.append(multiply(body, log(base), _d(exponent, variable)))
    return add(*parts)


@_pushing(
    "differential of a function",
    r"\mathrm{d}\,\varphi(u) = \varphi'(u)\,\mathrm{d}u",
    "the chain rule",
    ("φ has a derivative at u",),
)
def differential_of_function(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Apply):
        return None
    if body.function in ("max", "min") and len(body.arguments) == 2:
        return _of_larger(*body.arguments, 1 if body.function == "max" else -1, variable)
    if body.function not in _SLOPES:
        return None
    return multiply(_SLOPES[body.function](body.argument), _d(body.argument, variable))


def _of_larger(a: Term, b: Term, side: int, variable: Symbol) -> Term:
    """d max(a, b) = (da + db + sign(a − b)(da − db))/2, where a ≠ b; of the smaller one, with the other sign."""
    one, other = _d(a, variable), _d(b, variable)
    apart = multiply(Number(Fraction(side)), Apply("sign", (add(a, negate(b)),)), add(one, negate(other)))
    return multiply(HALF, add(one, other, apart))


_SLOPES: dict[str, Callable[[Term], Term]] = {
    "exp": lambda u: Apply("exp", (u,)),
    "log": lambda u: divide(ONE, u),
    "abs": lambda u: Apply("sign", (u,)),
    "sign": lambda u: ZERO,
    "sin": lambda u: Apply("cos", (u,)),
    "cos": lambda u: negate(Apply("sin", (u,))),
    "tan": lambda u: add(ONE, power(Apply("tan", (u,)), TWO)),
    "sinh": lambda u: Apply("cosh", (u,)),
    "cosh": lambda u: Apply("sinh", (u,)),
    "tanh": lambda u: add(ONE, negate(power(Apply("tanh", (u,)), TWO))),
    "atan": lambda u: divide(ONE, add(ONE, power(u, TWO))),
    "asin": lambda u: divide(ONE, power(add(ONE, negate(power(u, TWO))), HALF)),
    "acos": lambda u: negate(divide(ONE, power(add(ONE, negate(power(u, TWO))), HALF))),
    "asinh": lambda u: divide(ONE, power(add(ONE, power(u, TWO)), HALF)),
    "erf": lambda u: multiply(TWO, power(Pi(), negate(HALF)), Apply("exp", (negate(power(u, TWO)),))),
}


@_pushing(
    "differential of an expectation", r"\mathrm{d}\,\mathbb{E}[u] = \mathbb{E}[\mathrm{d}u]", "d under the expectation"
)
def differential_of_expectation(body: Term, variable: Symbol) -> Term | None:
    return Expectation(_d(body.body, variable), body.over) if isinstance(body, Expectation) else None


PUSHES: tuple[Rule, ...] = (
    differential_of_name,
    differential_of_constant,
    differential_of_sum,
    differential_of_product,
    differential_of_transpose,
    differential_of_trace,
    differential_of_entry,
    differential_of_column,
    differential_of_squared_norm,
    differential_of_inverse,
    differential_of_matrix_power,
    differential_of_determinant,
    differential_of_power,
    differential_of_function,
    differential_of_expectation,
)


# -- the gradient, read off -----------------------------------------------------------------------------------------------


@rewriting(
    "differentiate",
    r"\mathrm{d}f = \langle G, \mathrm{d}w \rangle \;\Rightarrow\; \nabla f = G",
    "differentiate with respect to {variable}{laws}",
)
def differentiate(term: Term, scope: Scope) -> Rewritten | None:
    """The innermost derivatives in a term worked out: the differential pushed down, the gradient read off."""
    inner = [node for node in term.walk() if isinstance(node, Derivative) and not _has_derivative(node.body)]
    if not inner:
        return None
    pushed: list[Push] = []
    for node in dict.fromkeys(inner):
        moves, slope = _worked_out(node, scope)
        pushed.extend(moves)
        term = replace(term, node, slope)
    laws = dict.fromkeys(rule.sentence for rule, _ in pushed if rule in _TELLING)
    return Rewritten(
        tidy(term, scope),
        slots={
            "variable": ", ".join(dict.fromkeys(str(node.variable) for node in inner)),
            "laws": ": " + ", ".join(laws) if laws else "",
        },
        inside=lambda: tuple(infer(rule, before, scope) for rule, before in pushed),
    )


_TELLING = (differential_of_squared_norm, differential_of_inverse, differential_of_determinant)


def _has_derivative(term: Term) -> bool:
    return any(isinstance(node, Derivative) for node in term.walk())


Push = tuple[Rule, Term]  # a rule and the term that it is applied to


def _worked_out(node: Derivative, scope: Scope) -> tuple[list[Push], Term]:
    """How the differential of a derivative's body is pushed down, level by level, and the derivative."""
    current: Term = Differential(node.body, node.variable)
    moved = Differential(node.variable, node.variable)
    pushed: list[Push] = []
    while any(isinstance(inner, Differential) and inner != moved for inner in current.walk()):
        rule, lower = _one_level_down(current, scope, moved)
        pushed.append((rule, current))
        current = lower
    return pushed, tidy(cofactor(current, moved, node), scope)


def _one_level_down(current: Term, scope: Scope, moved: Term) -> tuple[Rule, Term]:
    for rule in PUSHES:
        try:
            lower = rule.function(current, scope).formula.right
        except NotApplicable:
            continue
        assert isinstance(lower, Term)
        return rule, lower
    stuck = next(n for n in current.walk() if isinstance(n, Differential) and n != moved)
    raise NotApplicable(f"no rule gives the differential of {stuck.body}")


def cofactor(term: Term, moved: Differential, node: Derivative) -> Term:
    """What the linear form `term` multiplies d(variable) by, in the shape of the derivative `node`."""
    if moved.is_scalar:
        return replace(term, moved, ONE)
    if is_zero(term):
        return zero(node.shape)
    return _cofactor(term, moved)


def _cofactor(term: Term, moved: Differential) -> Term:
    """G with term = tr(Gᵀ d) for a scalar term, J with term = J d for a vector."""
    match term:
        case Differential():
            return Identity(term.rows)
        case Add():
            return add(*(_cofactor(part, moved) for part in term.terms))
        case Summation() if term.is_scalar and _entries(term, moved):
            return _cofactor_in_entries(term, moved)
        case Summation():
            return Summation(_cofactor(term.body, moved), term.index, term.length)
        case Expectation():
            return Expectation(_cofactor(term.body, moved), term.over)
        case Trace():
            return _cofactor_in_trace(term.inner, moved)
        case Multiply():
            return _cofactor_in_product(term, moved)
    raise NotApplicable(f"{term} is not seen to be linear in {moved}")


def _has(term: Term, moved: Differential) -> bool:
    return any(node == moved for node in term.walk())


def _cofactor_in_product(term: Multiply, moved: Differential) -> Term:
    groups = runs(term.factors)
    where = next(k for k, run in enumerate(groups) if any(_has(factor, moved) for factor in run))
    chain, others = groups[where], [multiply(*run) for k, run in enumerate(groups) if k != where]
    inside = multiply(*chain)
    scalars = [part for part in others if part.is_scalar]
    vectors = [part for part in others if not part.is_scalar]
    if vectors:  # a scalar that moves times a vector that does not
        return multiply(*scalars, *vectors, transpose(_cofactor(inside, moved)))
    if len(chain) == 1:
        return multiply(*scalars, _cofactor(chain[0], moved))
    place = next(k for k, factor in enumerate(chain) if _has(factor, moved))
    if isinstance(chain[place], Add):
        parts = (multiply(*chain[:place], part, *chain[place + 1 :]) for part in _terms(chain[place]))
        return multiply(*scalars, add(*(_cofactor(part, moved) for part in parts)))
    return multiply(*scalars, _cofactor_in_chain(chain, place, moved, inside.is_scalar))


def _terms(term: Term) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Add) else (term,)


def _cofactor_in_chain(chain: tuple[Term, ...], place: int, moved: Differential, scalar: bool) -> Term:
    left = multiply(*chain[:place]) if place else None
    right = multiply(*chain[place + 1 :]) if place + 1 < len(chain) else None
    if isinstance(chain[place], Each) and scalar and right is None and left is not None:
        column = chain[place]
        assert isinstance(column, Each)
        body = multiply(Entry(transpose(left), (column.index,)), column.body)
        return _cofactor(Summation(body, column.index, column.length), moved)
    if isinstance(chain[place], Transpose) and scalar and place == 0 and right is not None:
        column = chain[place].children[0]
        if isinstance(column, Each):
            body = multiply(column.body, Entry(right, (column.index,)))
            return _cofactor(Summation(body, column.index, column.length), moved)
    if chain[place] == moved:
        parts = [transpose(part) for part in (left, right) if part is not None]
        if scalar:
            return multiply(*parts)
        if right is None and left is not None:
            return left
        if right is not None and right.is_scalar:  # dx (aᵀb)
            return right if left is None and moved.is_scalar else multiply(right, left or Identity(moved.rows))
    if chain[place] == Transpose(moved) and scalar:
        return multiply(*(part for part in (right, left) if part is not None))
    if chain[place] == Transpose(moved) and left is not None and right is not None and moved.cols == right.cols == 1:
        return multiply(left, transpose(right))  # a (dx)ᵀb is a bᵀ dx
    raise NotApplicable(f"{multiply(*chain)} is not seen to be a matrix times {moved}")


def _entries(term: Summation, moved: Differential) -> list[Entry]:
    """The entries u_i of what moves, in a sum over i."""
    return [
        node
        for node in term.body.walk()
        if isinstance(node, Entry) and node.indices == (term.index,) and _has(node.base, moved)
    ]


def _cofactor_in_entries(term: Summation, moved: Differential) -> Term:
    """Of Σ_i g_i u_i, which is gᵀu for the column g of the g_i; and of Σ_i c_i s, where s moves as a whole."""
    index, length = term.index, term.length
    found: list[Term] = []
    for part in _terms(_opened(term.body, moved)):
        factors = part.factors if isinstance(part, Multiply) else (part,)
        moving = [factor for factor in factors if _has(factor, moved)]
        rest = multiply(*(factor for factor in factors if factor not in moving)) if len(factors) > 1 else ONE
        factor = moving[0]
        if len(moving) == 1 and isinstance(factor, Entry) and factor.indices == (index,) and not factor.base.has(index):
            column = each(rest, index, length)
            found.append(_cofactor(multiply(transpose(column), factor.base), moved))
        elif len(moving) == 1 and not factor.has(index):
            found.append(multiply(Summation(rest, index, length), _cofactor(factor, moved)))
        else:
            found.append(Summation(_cofactor(part, moved), index, length))
    return add(*found)


def _opened(term: Term, moved: Differential) -> Term:
    """A product with its one moving factor multiplied out, if that is a sum."""
    if isinstance(term, Multiply):
        for place, factor in enumerate(term.factors):
            if isinstance(factor, Add) and _has(factor, moved):
                return add(
                    *(multiply(*term.factors[:place], part, *term.factors[place + 1 :]) for part in factor.terms)
                )
    return term


def _cofactor_in_trace(inner: Term, moved: Differential) -> Term:
    if isinstance(inner, Add):
        return add(*(_cofactor_in_trace(part, moved) for part in inner.terms))
    factors = inner.factors if isinstance(inner, Multiply) else (inner,)
    scalars = [factor for factor in factors if factor.is_scalar]
    chain = [factor for factor in factors if not factor.is_scalar]
    place = next(k for k, factor in enumerate(chain) if _has(factor, moved))
    around = [*chain[place + 1 :], *chain[:place]]
    if isinstance(chain[place], Add):
        return add(
            *(
                _cofactor_in_trace(multiply(*scalars, *chain[:place], part, *chain[place + 1 :]), moved)
                for part in _terms(chain[place])
            )
        )
    if chain[place] not in (moved, Transpose(moved)):
        raise NotApplicable(f"tr({inner}) is not seen to be linear in {moved}")
    product = multiply(*around) if around else Identity(chain[place].cols)
    return multiply(*scalars, transpose(product) if chain[place] == moved else product)


# -- limits -----------------------------------------------------------------------------------------------------------------


@rewriting(
    "limit",
    r"\lim_{x \to \infty} \frac{a x^k + \dots}{b x^m + \dots} = 0,\ \tfrac ab,\ \infty \text{ as } k <, =, > m",
    "compare the leading terms in {variable}",
    conditions=("the leading coefficients are not zero",),
    structural=True,
)
def limit(term: Term, scope: Scope) -> Rewritten | None:
    """The limit of a rational function, by its leading terms (at 0: its lowest ones)."""
    node = next((n for n in term.walk() if isinstance(n, Limit)), None)
    if node is None:
        return None
    if not isinstance(node.target, Infinity) and node.target != ZERO:
        raise NotApplicable(f"limits are taken at 0 and at infinity, not at {node.target}")
    found, needed = _limit_of(node, scope)
    return Rewritten(replace(term, node, found), slots={"variable": str(node.variable)}, conditions=needed)


def _limit_of(node: Limit, scope: Scope) -> tuple[Term, tuple[Formula, ...]]:
    bridge = Bridge(scope)
    sympy, variable = bridge.sympy, bridge.symbol(node.variable)
    top, bottom = sympy.fraction(sympy.cancel(sympy.together(bridge.to_sympy(node.body))))
    if any(term.has(node.variable) and term != node.variable for term in bridge.symbols):
        raise NotApplicable(f"{node.body} is not seen to be rational in {node.variable}")
    if not (top.is_polynomial(variable) and bottom.is_polynomial(variable)):
        raise NotApplicable(f"{node.body} is not rational in {node.variable}")
    up, down = (_extreme(sympy.Poly(side, variable), isinstance(node.target, Infinity)) for side in (top, bottom))
    order = (up[0] - down[0]) * (1 if isinstance(node.target, Infinity) else -1)
    coefficients = [tidy(bridge.from_sympy(sympy.factor(side[1])), scope) for side in (up, down)]
    needed = tuple(nonzero(c) for c in coefficients if not isinstance(c, Number))
    if order < 0:
        return ZERO, needed
    if order > 0:
        return INFINITY, needed
    return tidy(bridge.from_sympy(sympy.factor_terms(sympy.cancel(up[1] / down[1]))), scope), needed


def _extreme(polynomial: Any, highest: bool) -> tuple[int, Any]:
    """The highest (or lowest) power of a SymPy polynomial, and its coefficient."""
    terms = polynomial.terms()
    (order,), coefficient = terms[0] if highest else terms[-1]
    return int(order), coefficient
