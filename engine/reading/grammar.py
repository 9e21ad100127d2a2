"""The grammar: sums of products of factors, as people write them.

Products and quotients are read from left to right, written out or not: `a/b c` is (a/b)·c. A function without
brackets takes what stands beside it up to the next sign: `ln 2x` is ln(2x).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.reading.applications import Applications
from engine.reading.building import hadamard_of, inner_product, sum_of
from engine.reading.cursor import part_of
from engine.reading.parsing import QUOTIENT_NOTE
from engine.terms import (
    MINUS_ONE,
    Number,
    ShapeError,
    Term,
    add_entrywise,
    hadamard_power,
    kronecker,
    negate,
    transpose,
)
from engine.terms.formulas import Relation

AT_EACH_ENTRY = "is added at each entry"
RELATIONS = {
    "=": Relation.EQUAL,
    "!=": Relation.NOT_EQUAL,
    "<": Relation.LESS,
    "<=": Relation.AT_MOST,
    ">": Relation.LESS,
    ">=": Relation.AT_MOST,
}


class Grammar(Applications):
    """A parser by recursive descent that makes terms as it goes."""

    def expression(self) -> Term:
        start = self.place
        parts = [self._signed_product()]
        while self.kind in ("+", "-"):
            parts.append(self._signed_product())
        if len(parts) == 1:
            return parts[0]
        try:
            return sum_of(parts)
        except ShapeError as error:
            numbers = [part for part in parts if part.is_scalar]
            others = {part.shape for part in parts if not part.is_scalar}
            if self.names.free and numbers and len(others) == 1 and others.pop()[1] == 1:
                self.note(f"{' and '.join(map(str, numbers))} {AT_EACH_ENTRY}")
                return add_entrywise(*parts)
            hint = "a number is added to a matrix: is an I missing?" if numbers else ""
            raise self.ill_typed(str(error), start, hint) from None

    def _signed_product(self) -> Term:
        negative = False
        while self.kind in ("+", "-"):
            negative ^= self.take().kind == "-"
        product = self.product()
        return negate(product) if negative else product

    def product(self) -> Term:
        """Products and quotients entry by entry, which hold less tightly than products: W^T δ ⊙ h is (W^T δ) ⊙ h."""
        found = self._plain_product()
        while self.kind in ("⊙", "⊘", "⊗"):
            sign = self.take().kind
            at = self.place
            right = self._plain_product()
            with self.fitting(at):
                if sign == "⊗":
                    found = kronecker(found, right)
                else:
                    found = hadamard_of(found, right if sign == "⊙" else hadamard_power(right, MINUS_ONE))
        return found

    def _plain_product(self) -> Term:
        start = self.place
        factors: list[Term] = [self.factor()]
        divided = False
        while True:
            kind = self.kind
            if kind in ("*", "·", "@", "/", "★"):
                self.take()
                at = self.place
                negative = self._sign()
                factor = self.factor()
                if negative:
                    factor = negate(factor)
                while kind == "/" and self.tight and self._stands_close():
                    factor = self._multiplied([factor, self.factor()], at)
                if kind == "/":
                    factor = self._below(factor, at)
                elif kind == "·" and (read := self._as_inner_product(factors, factor)) is not None:
                    factors, factor = read
                divided = kind == "/"
            elif self._is_a_column_of_ones(behind=factors[-1]):
                at = self.place
                factor = self._postfixed(self._column_of_ones(), at)
            elif self._begins_factor():
                if divided and kind != "sum":
                    self.note(QUOTIENT_NOTE)
                divided = False
                factor = self.factor()
            else:
                break
            factors.append(factor)
        return self._multiplied(factors, start)

    def _is_a_column_of_ones(self, behind: Term | None = None) -> bool:
        """Whether the 1 here is 𝟏, as in 1ᵀx, A1, 1_n and 11ᵀ: a number has no transpose and no subscript, and stands
        behind no matrix.
        """
        if self.kind != "number" or self.now.text not in ("1", "11"):
            return False
        if self._is_transposed(self.place):
            return True
        behind_a_matrix = behind is not None and not behind.is_scalar and behind.cols != 1
        once_more = self.ahead().text == "1" and self._is_transposed(self.place + 1)
        return self.now.text == "1" and (self.ahead().kind == "_" or behind_a_matrix or once_more)

    def _is_transposed(self, place: int) -> bool:
        """Whether ᵀ, a prime or ^T, where T is no name of its own, stands behind a token."""
        sign, script = self.tokens[place + 1], self.tokens[place + 2 : place + 5]
        first = next((token for token in script if token.kind not in ("{", "font")), sign)
        if sign.kind != "^":
            return sign.kind in ("ᵀ", "'")
        is_letter = first.text.startswith("T") and self.meant("T") is None and self.meant(first.text) is None
        return first.kind == "ᵀ" or (first.kind == "name" and is_letter)

    def _column_of_ones(self) -> Term:
        start = self.place
        if self.now.text == "11":
            self.put(part_of(self.now, 0, 1), part_of(self.now, 1, 2))
        self.take()
        self.note("1 is read as 𝟏, a column of ones, where it is transposed, has a subscript or stands behind a matrix")
        return self._ones(start)

    def _as_inner_product(self, factors: list[Term], right: Term) -> tuple[list[Term], Term] | None:
        """w·x of two columns as wᵀx."""
        left = factors[-1]
        if left.is_scalar or left.shape != right.shape or left.cols != 1:
            return None
        self.note(f"{left}·{right} is read as the inner product {transpose(left)}{right}")
        return factors[:-1], inner_product(left, right)

    def factor(self) -> Term:
        start = self.place
        with self.one_deeper():
            return self._postfixed(self._primary(), start)

    def _primary(self) -> Term:
        if self.kind == "number" and self._is_a_column_of_ones():
            return self._column_of_ones()
        if self.kind == "d" and (rate := self._rate_as_quotient(self.place)) is not None:
            return rate
        if self.kind not in _PRIMARIES:
            raise self._no_factor()
        read = _PRIMARIES[self.kind]
        if self.kind in ("sqrt", "sum", "lim"):
            self.take()
        return read(self)

    def _number(self) -> Term:
        text = self.take().text
        return Number(Fraction(int(text) if text.isdecimal() else text))


_PRIMARIES: dict[str, Callable[[Grammar], Term]] = {
    "number": Grammar._number,
    **dict.fromkeys(("name", "font", "accent"), Grammar._name),
    **dict.fromkeys(("(", "{", "["), Grammar._bracketed),
    **dict.fromkeys(("|", "||"), Grammar._between_bars),
    **dict.fromkeys(("frac", "binom"), Grammar._fraction),
    **dict.fromkeys(("floor(", "ceil("), Grammar._rounded),
    "sqrt": Grammar._root,
    "sum": Grammar._sum,
    "lim": Grammar._limit,
    "begin": Grammar._matrix_environment,
    "<(": Grammar._angle_product,
    "nabla": Grammar._nabla,
}
