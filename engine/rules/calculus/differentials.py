"""Differentials, pushed one level down at a time: what d of one kind of node is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.kernel import Rule
from engine.rules.registry import rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten
from engine.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    Add,
    Apply,
    Call,
    Determinant,
    Diagonal,
    DiagonalOf,
    Differential,
    Each,
    Entry,
    Expectation,
    Hadamard,
    HadamardPower,
    Kronecker,
    Multiply,
    Number,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    Trace,
    Transpose,
    Vec,
    add,
    add_entrywise,
    each,
    fresh_indices,
    hadamard,
    hadamard_power,
    is_zero,
    kronecker,
    log,
    multiply,
    negate,
    ones,
    power,
    trace,
    transpose,
    vec,
    zero,
)
from engine.terms.records import FUNCTIONS
from engine.terms.standard import is_standard

Lowering = Callable[[Term, Symbol], Term | None]


def _d(body: Term, variable: Symbol) -> Term:
    """d of a part of a term; of what does not move it is zero."""
    return Differential(body, variable) if body.has(variable) else zero(body.shape)


def _pushing(law: str, sentence: str, conditions: tuple[str, ...] = ()) -> Callable[[Lowering], Rule]:
    """A rule that replaces every differential of one kind of node by what it is, one level down."""

    def made(push: Lowering) -> Rule:
        def lowered(term: Term, scope: Scope) -> Term:
            def pushed(node: Term) -> Term | None:
                if not isinstance(node, Differential) or node.body == node.variable:
                    return None
                return push(node.body, node.variable)

            return rewritten(term, pushed, scope)

        lowered.__name__ = push.__name__
        return rewriting(law, sentence, conditions=conditions)(lowered)

    return made


@_pushing(
    r"\mathrm{d}s = s \odot \mathrm{d}u - s\,s^\top \mathrm{d}u \text{ for } s = \operatorname{softmax}(u)",
    "ds = s ⊙ du − s sᵀdu for s = softmax(u)",
)
def differential_of_softmax(body: Term, variable: Symbol) -> Term | None:
    """Of a column; of a matrix, row by row."""
    if not isinstance(body, Call) or not is_standard(body.definition):
        return None
    change = _d(body.arguments[0], variable)
    apart = hadamard(body, change)
    if body.cols == 1:
        return add(apart, negate(multiply(body, transpose(body), change)))
    sums = multiply(apart, ones(body.cols), ones(1, body.cols))
    return add(apart, negate(hadamard(body, sums)))


@_pushing(r"\mathrm{d} f(x) = \mathrm{d} b \text{ where } f(x) := b", "unfold the name")
def differential_of_name(body: Term, variable: Symbol) -> Term | None:
    return Differential(body.unfolded, variable) if isinstance(body, Call) else None


@_pushing(r"\mathrm{d} c = 0", "d of a constant is 0")
def differential_of_constant(body: Term, variable: Symbol) -> Term | None:
    return None if body.has(variable) else zero(body.shape)


@_pushing(r"\mathrm{d}(a + b) = \mathrm{d}a + \mathrm{d}b", "d of a sum, term by term")
def differential_of_sum(body: Term, variable: Symbol) -> Term | None:
    match body:
        case Add():
            return add(*(_d(part, variable) for part in body.terms))
        case Summation():
            return Summation(_d(body.body, variable), body.index, body.length)
    return None


@_pushing(r"\mathrm{d}(ab) = \mathrm{d}a\,b + a\,\mathrm{d}b", "d of a product, factor by factor")
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


@_pushing(r"\mathrm{d}(A^\top) = (\mathrm{d}A)^\top", "d of a transpose")
def differential_of_transpose(body: Term, variable: Symbol) -> Term | None:
    return transpose(_d(body.inner, variable)) if isinstance(body, Transpose) else None


@_pushing(r"\mathrm{d}\operatorname{tr} A = \operatorname{tr} \mathrm{d}A", "d of a trace")
def differential_of_trace(body: Term, variable: Symbol) -> Term | None:
    return trace(_d(body.inner, variable)) if isinstance(body, Trace) else None


@_pushing(r"\mathrm{d}(u_i) = (\mathrm{d}u)_i", "d of an entry")
def differential_of_entry(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Entry) or any(index.has(variable) for index in body.indices):
        return None
    return Entry(_d(body.base, variable), body.indices)


@_pushing(r"\mathrm{d}[b_i]_i = [\mathrm{d}b_i]_i", "d of a column, entry by entry")
def differential_of_column(body: Term, variable: Symbol) -> Term | None:
    return each(_d(body.body, variable), body.index, body.length) if isinstance(body, Each) else None


@_pushing(r"\mathrm{d}(A \odot B) = \mathrm{d}A \odot B + A \odot \mathrm{d}B", "d of a product entry by entry")
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


@_pushing(r"\mathrm{d}(A^{\odot a}) = a A^{\odot (a - 1)} \odot \mathrm{d}A", "the power rule at each entry")
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


@_pushing(r"\mathrm{d}\operatorname{diag}(u) = \operatorname{diag}(\mathrm{d}u)", "d of a diagonal")
def differential_of_diagonal(body: Term, variable: Symbol) -> Term | None:
    return body.rebuild((_d(body.inner, variable),)) if isinstance(body, (Diagonal, DiagonalOf)) else None


@_pushing(r"\mathrm{d}(A \otimes B) = \mathrm{d}A \otimes B + A \otimes \mathrm{d}B", "d of a Kronecker product")
def differential_of_kronecker_product(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Kronecker):
        return None
    left, right = body.left, body.right
    return add(kronecker(_d(left, variable), right), kronecker(left, _d(right, variable)))


@_pushing(r"\mathrm{d}\operatorname{vec}(A) = \operatorname{vec}(\mathrm{d}A)", "d of a vec")
def differential_of_vec(body: Term, variable: Symbol) -> Term | None:
    return vec(_d(body.inner, variable)) if isinstance(body, Vec) else None


@_pushing(r"\mathrm{d}\lVert u \rVert^2 = 2u^\top \mathrm{d}u", "d‖u‖² = 2uᵀdu")
def differential_of_squared_norm(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, SquaredNorm):
        return None
    inner = body.inner
    return multiply(TWO, trace(multiply(transpose(inner), _d(inner, variable))))


@_pushing(r"\mathrm{d}(A^{-1}) = -A^{-1}\,\mathrm{d}A\,A^{-1}", "d(A⁻¹) = −A⁻¹ dA A⁻¹", ("A is invertible",))
def differential_of_inverse(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Power) or body.is_scalar or body.exponent != MINUS_ONE:
        return None
    return multiply(MINUS_ONE, body, _d(body.base, variable), body)


@_pushing(r"\mathrm{d}(A^k) = \sum_{r=1}^{k} A^{r-1}\,\mathrm{d}A\,A^{k-r}", "d(Aᵏ), factor by factor")
def differential_of_matrix_power(body: Term, variable: Symbol) -> Term | None:
    """Of a power with a whole exponent, or a symbol for one; a negative one is the power of an inverse."""
    if not isinstance(body, Power) or body.is_scalar or body.exponent.has(variable) or body.exponent == MINUS_ONE:
        return None
    falling = _is_negative(body.exponent)
    base = power(body.base, MINUS_ONE) if falling else body.base
    times = negate(body.exponent) if falling else body.exponent
    if isinstance(times, Number) and times.value.denominator != 1:
        return None
    if isinstance(times, Number) and times.value <= LONGEST_WRITTEN_OUT:
        count = int(times.value)
        return add(*(_between(base, _d(base, variable), k, count - 1 - k) for k in range(count)))
    (index,) = fresh_indices(1, body)
    before, behind = add(index, MINUS_ONE), add(times, negate(index))
    return Summation(multiply(power(base, before), _d(base, variable), power(base, behind)), index, times)


def _is_negative(exponent: Term) -> bool:
    first = exponent.factors[0] if isinstance(exponent, Multiply) else exponent
    return isinstance(first, Number) and first.value < 0


LONGEST_WRITTEN_OUT = 12


def _between(base: Term, moved: Term, before: int, behind: int) -> Term:
    """Aᵏ dA Aᵐ."""
    powers = [power(base, Number(Fraction(k))) if k else None for k in (before, behind)]
    return multiply(*(part for part in (powers[0], moved, powers[1]) if part is not None))


@_pushing(
    r"\mathrm{d}\det A = \det A \operatorname{tr}(A^{-1}\mathrm{d}A)",
    "d det A = det A tr(A⁻¹ dA)",
    ("A is invertible",),
)
def differential_of_determinant(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Determinant):
        return None
    return multiply(body, trace(multiply(power(body.inner, MINUS_ONE), _d(body.inner, variable))))


@_pushing(r"\mathrm{d}(u^a) = a u^{a-1}\,\mathrm{d}u", "the power rule")
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


@_pushing(r"\mathrm{d}\,\varphi(u) = \varphi'(u)\,\mathrm{d}u", "the chain rule", ("φ has a derivative at u",))
def differential_of_function(body: Term, variable: Symbol) -> Term | None:
    if not isinstance(body, Apply):
        return None
    if body.function in ("max", "min") and len(body.arguments) == 2:
        return _of_larger(*body.arguments, 1 if body.function == "max" else -1, variable)
    slope = FUNCTIONS[body.function].slope
    return hadamard(slope(body.argument), _d(body.argument, variable)) if slope is not None else None


def _of_larger(a: Term, b: Term, side: int, variable: Symbol) -> Term:
    """d max(a, b) = ½(1 + s) db + ½(1 − s) da with s = sign(b − a), where a ≠ b; of the smaller one, with −s."""
    above = multiply(Number(Fraction(side)), Apply("sign", (add_entrywise(b, negate(a)),)))
    moved = [(add_entrywise(ONE, above), _d(b, variable)), (add_entrywise(ONE, negate(above)), _d(a, variable))]
    return multiply(HALF, add_entrywise(*(hadamard(share, change) for share, change in moved if not is_zero(change))))


@_pushing(r"\mathrm{d}\,\mathbb{E}[u] = \mathbb{E}[\mathrm{d}u]", "d under the expectation")
def differential_of_expectation(body: Term, variable: Symbol) -> Term | None:
    return Expectation(_d(body.body, variable), body.over) if isinstance(body, Expectation) else None


PUSHES: tuple[Rule, ...] = (
    differential_of_softmax,
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
