"""Sums and products, as people write them.

Products and quotients are read from left to right, written out or not: `a/b c` is (a/b)·c. Products entry by entry hold
less tightly: W^T δ ⊙ h is (W^T δ) ⊙ h.
"""

from __future__ import annotations

from engine.reading.attributes import is_attribute
from engine.reading.building import hadamard_of, inner_product, matrix_product, sum_of
from engine.reading.numbers import is_a_column_of_ones, put_a_column_of_ones
from engine.reading.parser import ENTRYWISE, QUOTIENT_NOTE, Parser
from engine.terms import MINUS_ONE, ShapeError, Term, add_entrywise, hadamard_power, kronecker, negate

AT_EACH_ENTRY = "is added at each entry"
_FORCED = (AT_EACH_ENTRY, "is taken at each entry", "is read as its squared norm")


def is_forced(note: str) -> bool:
    """Whether a note tells of a reading that is taken only where shapes do not fit otherwise."""
    return note.endswith(_FORCED)


SIGNS = ("*", "·", "@", "/", "★", ".*", "./")


def signed(p: Parser) -> Term:
    """−a b: the sign is that of the product."""
    return negate(p.product()) if p.sign() else p.product()


def summed(p: Parser, left: Term, start: int) -> Term:
    """A sum, all of it."""
    parts = [left]
    while p.kind in ("+", "-"):
        parts.append(signed(p))
    try:
        return sum_of(parts)
    except ShapeError as error:
        numbers = [part for part in parts if part.is_scalar]
        others = {part.shape for part in parts if not part.is_scalar}
        if numbers and len(others) == 1 and (p.manner.arrays or (p.names.free and others.pop()[1] == 1)):
            p.note(f"{' and '.join(map(str, numbers))} {AT_EACH_ENTRY}")
            return add_entrywise(*parts)
        hint = "a number is added to a matrix: is an I missing?" if numbers else ""
        raise p.ill_typed(str(error), start, hint) from None


def entrywise(p: Parser, left: Term, start: int) -> Term:
    """a ⊙ b, a ⊘ b, and the Kronecker product."""
    sign = p.take().kind
    at = p.place
    right = p.parse(ENTRYWISE)
    with p.fitting(at):
        if sign == "⊗":
            return kronecker(left, right)
        return _each(sign, left, right)


def continues_a_product(p: Parser, left: Term) -> bool:
    """Whether a factor stands side by side with the one before it, or behind Mathematica's dot."""
    if p.kind == ".":
        return is_a_dot(p, left)
    return is_a_column_of_ones(p, behind=left) or p.begins_factor()


def multiplied(p: Parser, left: Term, start: int) -> Term:
    """A product, all of it."""
    factors, divided = [left], False
    while True:
        if p.kind in SIGNS or (p.kind == "." and is_a_dot(p, left)):
            divided = p.kind == "/"
            factors = _with_sign(p, factors, start)
        elif is_a_column_of_ones(p, behind=factors[-1]):
            put_a_column_of_ones(p)
            factors.append(p.factor())
        elif p.begins_factor():
            if divided and p.kind != "sum" and not (p.now.spaced and p.tokens[p.place - 1].kind == "number"):
                p.note(QUOTIENT_NOTE)
            divided = False
            factors.append(p.factor())
        else:
            return p.multiplied(factors, start)


def _with_sign(p: Parser, factors: list[Term], start: int) -> list[Term]:
    """Some factors, and the next behind its sign."""
    sign = p.take().kind
    at = p.place
    negative = p.sign()
    factor = negate(p.factor()) if negative else p.factor()
    while sign == "/" and p.manner.tight and _stands_close(p):
        factor = p.multiplied([factor, p.factor()], at)
    if sign == "./" and factor.is_scalar:
        return [*factors, p.reciprocal(factor, at)]
    if sign in (".*", "./"):
        with p.fitting(start):
            return [_each(sign[1], p.multiplied(factors, start), factor)]
    if sign == "@" and _is_column(factors[-1]) and factor.rows == factors[-1].rows:
        product = matrix_product(factors[-1], factor)
        p.note(f"{factors[-1]} @ {factor} is read as {product}")
        return [*factors[:-1], product]
    if p.manner.arrays and sign in ("*", "/") and not (factor.is_scalar and sign == "/"):
        with p.fitting(start):
            return [_each(sign, p.multiplied(factors, start), factor)]
    if _is_column(factor) and (sign == "/" or (sign == "*" and any(map(_is_column, factors)))):
        left = p.multiplied(factors, start)
        if left.shape == factor.shape or (sign == "/" and left.is_scalar):
            p.note(f"{left} {sign} {factor} is taken at each entry")
            return [_each(sign, left, factor)]
    if sign == "/":
        factor = p.below(factor, at)
    elif sign in ("·", ".") and (read := _as_inner_product(p, factors, factor)) is not None:
        return read
    return [*factors, factor]


def _is_column(factor: Term) -> bool:
    return factor.cols == 1 and not factor.is_scalar


def _each(sign: str, left: Term, right: Term) -> Term:
    return hadamard_of(left, right if sign in ("*", "⊙") else hadamard_power(right, MINUS_ONE))


def is_a_dot(p: Parser, left: Term) -> bool:
    """Whether the dot here is Mathematica's product, as in A.B: it does not end a sentence."""
    return p.ahead().spaced == p.now.spaced and p.ahead().kind in ("name", "(") and not is_attribute(p, left)


def _stands_close(p: Parser) -> bool:
    return not p.now.spaced and p.kind not in ("sum", "|", "||") and p.begins_factor()


def _as_inner_product(p: Parser, factors: list[Term], right: Term) -> list[Term] | None:
    """w·x of two columns as wᵀx."""
    left = factors[-1]
    if left.is_scalar or left.shape != right.shape or left.cols != 1:
        return None
    product = inner_product(left, right)
    p.note(f"a product of columns is read as the inner product {product}")
    return [*factors[:-1], product]
