"""Differentials, pushed one level down at a time; gradients, Jacobians and derivatives read off from them; limits.

The differential d f of a term is linear in d w. Each rule here says what d of one kind of node is; applied
until only d w is left, they give d f = ⟨G, d w⟩, and G is the gradient (Magnus and Neudecker's method).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from engine.kernel import NotApplicable, Rule, infer
from engine.premises import Formula, nonzero
from engine.rules.arrays import column
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
    Diagonal,
    DiagonalOf,
    Differential,
    Each,
    Entry,
    Expectation,
    Hadamard,
    HadamardPower,
    Identity,
    Infinity,
    Kronecker,
    Limit,
    Multiply,
    Number,
    Pi,
    Power,
    Shape,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unit,
    Vec,
    add,
    add_entrywise,
    diagonal,
    diagonal_of,
    each,
    entry,
    hadamard,
    hadamard_power,
    is_zero,
    kronecker,
    log,
    multiply,
    negate,
    power,
    product_of_sizes,
    replace,
    scaled,
    trace,
    transpose,
    vec,
    zero,
)
from engine.terms import term as as_term

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


@_pushing(
    "differential of a Hadamard product",
    r"\mathrm{d}(A \odot B) = \mathrm{d}A \odot B + A \odot \mathrm{d}B",
    "d of a product entry by entry",
)
def differential_of_hadamard_product(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Hadamard):
        return None
    factors = body.factors
    return add(
        *(
            hadamard(*factors[:k], _d(factors[k], variable), *factors[k + 1 :])
            for k in range(len(factors))
            if factors[k].has(variable)
        )
    )


@_pushing(
    "differential of a Hadamard power",
    r"\mathrm{d}(A^{\odot a}) = a A^{\odot (a - 1)} \odot \mathrm{d}A",
    "the power rule at each entry",
)
def differential_of_hadamard_power(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, HadamardPower):
        return None
    base, exponent = body.base, body.exponent
    parts: list[Term] = []
    if base.has(variable):
        parts.append(multiply(exponent, hadamard(hadamard_power(base, _lowered(exponent)), _d(base, variable))))
    if exponent.has(variable):
        parts.append(multiply(_d(exponent, variable), hadamard(body, Apply("log", (base,)))))
    return add(*parts)


def _lowered(exponent: Term) -> Term:
    return Number(exponent.value - 1) if isinstance(exponent, Number) else exponent - 1


@_pushing(
    "differential of a diagonal",
    r"\mathrm{d}\operatorname{diag}(u) = \operatorname{diag}(\mathrm{d}u)",
    "d of a diagonal",
)
def differential_of_diagonal(body: Term, variable: Symbol) -> Term | None:
    return body.rebuild((_d(body.inner, variable),)) if isinstance(body, (Diagonal, DiagonalOf)) else None


@_pushing(
    "differential of a Kronecker product",
    r"\mathrm{d}(A \otimes B) = \mathrm{d}A \otimes B + A \otimes \mathrm{d}B",
    "d of a Kronecker product",
)
def differential_of_kronecker_product(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Kronecker):
        return None
    left, right = body.left, body.right
    return add(kronecker(_d(left, variable), right), kronecker(left, _d(right, variable)))


@_pushing("differential of a vec", r"\mathrm{d}\operatorname{vec}(A) = \operatorname{vec}(\mathrm{d}A)", "d of a vec")
def differential_of_vec(body: Term, variable: Symbol) -> Term | None:
    return vec(_d(body.inner, variable)) if isinstance(body, Vec) else None


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
    """Of a power with a whole exponent from 2, or a symbol for one; a negative one is the power of an inverse."""
    if not isinstance(body, Power) or body.is_scalar or body.exponent.has(variable):
        return None
    if not isinstance(body.exponent, Number):
        (index,) = _fresh_indices(body, 1)
        before, behind = add(index, MINUS_ONE), add(body.exponent, negate(index))
        factors = multiply(power(body.base, before), _d(body.base, variable), power(body.base, behind))
        return Summation(factors, index, body.exponent)
    exponent = body.exponent.value
    if exponent.denominator != 1 or not 2 <= abs(exponent) <= HIGHEST_POWER:
        return None
    base = body.base if exponent > 0 else power(body.base, MINUS_ONE)
    times = int(abs(exponent))
    return add(*(_between(base, _d(base, variable), k, times - 1 - k) for k in range(times)))


HIGHEST_POWER = 12


def _fresh_indices(term: Term, count: int) -> tuple[Symbol, ...]:
    """Letters that are not in a term."""
    taken = {symbol.name for node in term.walk() for symbol in node.free}
    taken |= {getattr(node, name).name for node in term.walk() for name in node.bound}
    names = (name + prime for prime in ("", "'", "''") for name in "rijkl" if name + prime not in taken)
    return tuple(Symbol(next(names)) for _ in range(count))


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
        parts.append(multiply(exponent, power(base, _lowered(exponent)), _d(base, variable)))
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
    return hadamard(_SLOPES[body.function](body.argument), _d(body.argument, variable))


def _of_larger(a: Term, b: Term, side: int, variable: Symbol) -> Term:
    """d max(a, b) = ½(1 + s) db + ½(1 − s) da with s = sign(b − a), where a ≠ b; of the smaller one, with −s."""
    above = multiply(Number(Fraction(side)), Apply("sign", (add_entrywise(b, negate(a)),)))
    moved = [(add_entrywise(ONE, above), _d(b, variable)), (add_entrywise(ONE, negate(above)), _d(a, variable))]
    return multiply(HALF, add_entrywise(*(hadamard(share, change) for share, change in moved if not is_zero(change))))


def _one_plus(u: Term) -> Term:
    return add_entrywise(ONE, u)


def _square(u: Term) -> Term:
    return hadamard_power(u, TWO)


_SLOPES: dict[str, Callable[[Term], Term]] = {  # at each entry, where u is a vector or matrix
    "exp": lambda u: Apply("exp", (u,)),
    "log": lambda u: hadamard_power(u, MINUS_ONE),
    "abs": lambda u: Apply("sign", (u,)),
    "sign": lambda u: zero(u.shape),
    "sin": lambda u: Apply("cos", (u,)),
    "cos": lambda u: negate(Apply("sin", (u,))),
    "tan": lambda u: _one_plus(_square(Apply("tan", (u,)))),
    "sinh": lambda u: Apply("cosh", (u,)),
    "cosh": lambda u: Apply("sinh", (u,)),
    "tanh": lambda u: _one_plus(negate(_square(Apply("tanh", (u,))))),
    "atan": lambda u: hadamard_power(_one_plus(_square(u)), MINUS_ONE),
    "asin": lambda u: hadamard_power(_one_plus(negate(_square(u))), negate(HALF)),
    "acos": lambda u: negate(hadamard_power(_one_plus(negate(_square(u))), negate(HALF))),
    "asinh": lambda u: hadamard_power(_one_plus(_square(u)), negate(HALF)),
    "erf": lambda u: multiply(TWO, power(Pi(), negate(HALF)), Apply("exp", (negate(_square(u)),))),
    "sigmoid": lambda u: hadamard(Apply("sigmoid", (u,)), _one_plus(negate(Apply("sigmoid", (u,))))),
    "softplus": lambda u: Apply("sigmoid", (u,)),
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
    differential_of_hadamard_product,
    differential_of_hadamard_power,
    differential_of_diagonal,
    differential_of_kronecker_product,
    differential_of_vec,
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
    return adjoint(term, ONE, moved) if term.is_scalar else jacobian(term, moved)


def _has(term: Term, moved: Differential) -> bool:
    return any(node == moved for node in term.walk())


def adjoint(term: Term, weight: Term, moved: Differential) -> Term:
    """G with ⟨weight, term⟩ = ⟨G, d⟩, where ⟨A, B⟩ = tr(AᵀB) and `term`, of the weight's shape, is linear in d."""
    match term:
        case Differential():
            return weight
        case Add():
            return add(*(adjoint(part, weight, moved) for part in term.terms))
        case Multiply():
            return _adjoint_of_product(term, weight, moved)
        case Transpose():
            return adjoint(term.inner, transpose(weight), moved)
        case Trace():
            return adjoint(term.inner, multiply(weight, Identity(term.inner.rows)), moved)
        case Hadamard():
            place = _moving(term.factors, moved)
            others = (*term.factors[:place], *term.factors[place + 1 :])
            return adjoint(term.factors[place], hadamard(*others, weight), moved)
        case Diagonal():
            return adjoint(term.inner, diagonal_of(weight), moved)
        case DiagonalOf():
            return adjoint(term.inner, diagonal(weight), moved)
        case Entry():
            return adjoint(term.base, multiply(weight, *_unit_at(term)), moved)
        case Summation():
            return _summed(adjoint(term.body, weight, moved), term.index, term.length)
        case Each():
            body = adjoint(term.body, entry(weight, term.index), moved)
            return _summed(body, term.index, term.length)
        case Expectation():
            return Expectation(adjoint(term.body, weight, moved), term.over)
        case Vec():
            return adjoint(term.inner, unstacked(weight, term.inner.shape), moved)
        case Kronecker(left=left, right=right) if left.cols == 1 == right.cols:
            return adjoint(*_times_identity(left, right, weight, moved), moved)
        case Kronecker():
            return _adjoint_of_kronecker(term, weight, moved)
    raise NotApplicable(f"{term} is not seen to be linear in {moved}")


def _moving(factors: Sequence[Term], moved: Differential) -> int:
    """Which factor has what moves; of a linear form, only one does."""
    return next(k for k, factor in enumerate(factors) if _has(factor, moved))


def _adjoint_of_product(term: Multiply, weight: Term, moved: Differential) -> Term:
    groups = term.runs
    where = _moving([multiply(*run) for run in groups], moved)
    chain = groups[where]
    rest = (
        multiply(*(factor for k, run in enumerate(groups) if k != where for factor in run)) if len(groups) > 1 else ONE
    )
    inside = multiply(*chain)
    if inside.is_scalar and not rest.is_scalar:  # a scalar that moves times a matrix that does not
        return adjoint(inside, trace(multiply(transpose(weight), rest)), moved)
    weight = multiply(rest, weight)
    place = _moving(chain, moved)
    before, behind = chain[:place], chain[place + 1 :]
    around = (*(transpose(f) for f in reversed(before)), weight, *(transpose(f) for f in reversed(behind)))
    return adjoint(chain[place], multiply(*around), moved)


def _unit_at(term: Entry) -> tuple[Term, ...]:
    """e_i of an entry of a column, e_i e_jᵀ of one of a matrix."""
    sizes = (term.base.rows, term.base.cols)
    columns = [Unit(index, size) if size != 1 else ONE for index, size in zip(term.indices, sizes, strict=False)]
    return (columns[0], *(transpose(column) for column in columns[1:]))


def _summed(term: Term, index: Symbol, length: Term) -> Term:
    """Σ_i of a matrix, in which Σ_i g_i e_i is the column of the g_i."""
    return add(*(_summed_part(part, index, length) for part in _terms(term)))


def _terms(term: Term) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Add) else (term,)


def _summed_part(part: Term, index: Symbol, length: Term) -> Term:
    scalar, array = scaled(part)
    if not array.has(index) and not array.is_scalar:
        return multiply(Summation(scalar, index, length), array)
    chain = array.factors if isinstance(array, Multiply) else (array,)
    units = [k for k, factor in enumerate(chain) if _is_unit(factor, index)]
    if any(factor.has(index) for k, factor in enumerate(chain) if k not in units) or not 1 <= len(units) <= 2:
        return Summation(part, index, length)
    sizes = {factor.cols if isinstance(factor, Transpose) else factor.rows for factor in (chain[k] for k in units)}
    size = sizes.pop()
    if sizes or as_term(size) != length:
        return Summation(part, index, length)
    entries = column(scalar, index, size) or each(scalar, index, length)
    first, last = units[0], units[-1]
    if first == last:
        shown = transpose(entries) if isinstance(chain[first], Transpose) else entries
    elif last == first + 1 and isinstance(chain[last], Transpose):
        shown = diagonal(entries)  # Σ_i g_i e_i e_iᵀ
    else:
        return Summation(part, index, length)
    return multiply(*chain[:first], shown, *chain[last + 1 :])


def _is_unit(factor: Term, index: Symbol) -> bool:
    unit = factor.inner if isinstance(factor, Transpose) else factor
    return isinstance(unit, Unit) and unit.place == index


def _times_identity(left: Term, right: Term, weight: Term, moved: Differential) -> tuple[Term, Term]:
    """Of du ⊗ b = (I ⊗ b) du: what moves, and its weight."""
    if _has(left, moved):
        return left, multiply(kronecker(Identity(left.rows), transpose(right)), weight)
    return right, multiply(kronecker(transpose(left), Identity(right.rows)), weight)


def _adjoint_of_kronecker(term: Kronecker, weight: Term, moved: Differential) -> Term:
    """Entry by entry: ⟨weight, A ⊗ B⟩ is linear in the A_ij and in the B_ij."""
    inner = term.left if _has(term.left, moved) else term.right
    i, j = _fresh_indices(multiply(trace(multiply(transpose(weight), term))), 2)
    single = _single(i, j, inner.shape)
    block = kronecker(single, term.right) if inner is term.left else kronecker(term.left, single)
    entries = multiply(trace(multiply(transpose(weight), block)), single)
    rows = entries if inner.cols == 1 else _summed(entries, j, as_term(inner.cols))
    return adjoint(inner, rows if inner.rows == 1 else _summed(rows, i, as_term(inner.rows)), moved)


def _single(i: Symbol, j: Symbol, shape: Shape) -> Term:
    """The matrix of a shape that is 1 at i, j and 0 elsewhere."""
    columns = [ONE if size == 1 else Unit(index, size) for index, size in zip((i, j), shape, strict=True)]
    return multiply(columns[0], transpose(columns[1]))


def unstacked(stacked: Term, shape: Shape) -> Term:
    """The matrix M of a shape with vec(M) = `stacked`."""
    scalar, array = scaled(stacked)
    match array:
        case Add():
            return multiply(scalar, add(*(unstacked(part, shape) for part in array.terms)))
        case Transpose(inner=Add() as turned_sum):
            return multiply(scalar, add(*(unstacked(transpose(part), shape) for part in turned_sum.terms)))
        case Transpose(inner=Multiply() as product):
            turned, column_ = scaled(product)
            if isinstance(column_, Transpose):
                return unstacked(multiply(scalar, turned, column_.inner), shape)
        case Vec(inner=inner) if inner.shape == shape:
            return multiply(scalar, inner)
        case Multiply(factors=(Kronecker(left=left, right=right), Vec(inner=inner))) if (left.cols, right.cols) == (
            inner.cols,
            inner.rows,
        ):
            return multiply(scalar, right, inner, transpose(left))
    if shape[1] == 1:
        return stacked
    (j,) = _fresh_indices(stacked, 1)
    row = transpose(Unit(j, shape[1]))
    block = kronecker(row, ONE if shape[0] == 1 else Identity(shape[0]))
    return Summation(multiply(block, stacked, row), j, as_term(shape[1]))


def jacobian(term: Term, moved: Differential) -> Term:
    """J with vec(term) = J vec(d), for a `term` that is linear in d. A column is its own vec."""
    match term:
        case Differential():
            return Identity(product_of_sizes(*term.shape))
        case Add():
            return add(*(jacobian(part, moved) for part in term.terms))
        case Summation():
            return Summation(jacobian(term.body, moved), term.index, term.length)
        case Expectation():
            return Expectation(jacobian(term.body, moved), term.over)
        case Hadamard():
            place = _moving(term.factors, moved)
            others = hadamard(*term.factors[:place], *term.factors[place + 1 :])
            return multiply(diagonal(vec(others)), jacobian(term.factors[place], moved))
        case Vec():
            return jacobian(term.inner, moved)
        case Kronecker(left=left, right=right) if left.cols == 1 == right.cols:  # du ⊗ b is (I ⊗ b) du
            if _has(left, moved):
                return multiply(kronecker(Identity(left.rows), right), jacobian(left, moved))
            return multiply(kronecker(left, Identity(right.rows)), jacobian(right, moved))
        case Multiply():
            return _jacobian_of_product(term, moved)
    return _by_rows(term, moved)


def _jacobian_of_product(term: Multiply, moved: Differential) -> Term:
    groups = term.runs
    where = _moving([multiply(*run) for run in groups], moved)
    chain, inside = groups[where], multiply(*groups[where])
    rest = [multiply(*run) for k, run in enumerate(groups) if k != where]
    if inside.is_scalar:  # a scalar that moves times a matrix that does not
        return multiply(vec(multiply(*rest)), transpose(vec(adjoint(inside, ONE, moved))))
    place = _moving(chain, moved)
    before, behind = chain[:place], chain[place + 1 :]
    match chain[place]:
        case Add():
            parts = (multiply(*before, part, *behind) for part in _terms(chain[place]))
            return multiply(*rest, add(*(jacobian(part, moved) for part in parts)))
        case Transpose() as turned if behind and turned.inner.cols == 1 == behind[-1].cols:  # a (du)ᵀb is a bᵀ du
            product = multiply(*rest, *before, transpose(multiply(*behind)))
            return multiply(product, jacobian(turned.inner, moved))
        case Diagonal() as turned if behind and behind[-1].cols == 1:  # diag(du) b is diag(b) du
            product = multiply(*rest, *before, diagonal(multiply(*behind)))
            return multiply(product, jacobian(turned.inner, moved))
    return multiply(*rest, _around(before, behind, chain[place].shape), jacobian(chain[place], moved))


def _around(before: tuple[Term, ...], behind: tuple[Term, ...], shape: Shape) -> Term:
    """Bᵀ ⊗ A, for what stands around dX in A dX B."""
    left = multiply(*before) if before else ONE if shape[0] == 1 else Identity(shape[0])
    right = multiply(*behind) if behind else ONE if shape[1] == 1 else Identity(shape[1])
    return kronecker(transpose(right), left)


def _by_rows(term: Term, moved: Differential) -> Term:
    """Row by row: each is the gradient of an entry of the term."""
    i, j = _fresh_indices(term, 2)
    row = transpose(vec(adjoint(term, _single(i, j, term.shape), moved)))
    place = vec(_single(i, j, term.shape)) if term.cols != 1 else Unit(i, term.rows)
    rows = multiply(place, row)
    rows = rows if term.cols == 1 else Summation(rows, j, as_term(term.cols))
    return rows if term.rows == 1 else Summation(rows, i, as_term(term.rows))


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
