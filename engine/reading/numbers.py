"""Numbers, and the 1 that is a column of ones."""

from __future__ import annotations

from fractions import Fraction

from engine.reading.building import kronecker_delta
from engine.reading.parser import Parser, part_of
from engine.reading.words import ONES
from engine.terms import Number, Term


def number(p: Parser) -> Term:
    if is_a_column_of_ones(p):
        put_a_column_of_ones(p)
        return p.primary()
    text = p.take().text
    if text == "1" and (delta := indicator(p)) is not None:
        return delta
    return Number(Fraction(int(text) if text.isdecimal() else text))


def indicator(p: Parser) -> Term | None:
    """1{i = k}, behind its sign; None (and nothing taken) where no equation stands in a bracket."""
    if p.kind not in ("(", "["):
        return None
    end = p.closing(p.place)
    sides = p.pieces(p.place + 1, end, "=")
    if len(sides) != 2:
        return None
    start = p.place
    left, right = (p.inside_of(p.tokens[a:b]) for a, b in sides)
    p.place = end + 1
    with p.fitting(start):
        return kronecker_delta(left, right)


def is_a_column_of_ones(p: Parser, behind: Term | None = None) -> bool:
    """Whether the 1 here is 𝟏, as in 1ᵀx, A1, 1_n and 11ᵀ: a number has no transpose and no subscript, and stands
    behind no matrix.
    """
    if p.kind != "number" or p.now.text not in ("1", "11"):
        return False
    if _is_transposed(p, p.place):
        return True
    behind_a_matrix = behind is not None and not behind.is_scalar and behind.cols != 1
    once_more = p.ahead().text == "1" and _is_transposed(p, p.place + 1)
    return p.now.text == "1" and (p.ahead().kind == "_" or behind_a_matrix or once_more)


def _is_transposed(p: Parser, place: int) -> bool:
    """Whether ᵀ, a prime or ^T, where T is no name of its own, stands behind a token."""
    sign, script = p.tokens[place + 1], p.tokens[place + 2 : place + 5]
    first = next((token for token in script if token.kind not in ("{", "font")), sign)
    if sign.kind != "^":
        return sign.kind in ("ᵀ", "'")
    is_letter = first.text.startswith("T") and p.meant("T") is None and p.meant(first.text) is None
    return first.kind == "ᵀ" or (first.kind == "name" and is_letter)


def put_a_column_of_ones(p: Parser) -> None:
    """The column of ones that the 1 here is, or the two of 11ᵀ, by its own sign."""
    digits = range(len(p.now.text))
    p.put(*(part_of(p.now, k, k + 1, "name")._replace(text=ONES) for k in digits))
    p.note("1 is read as 𝟏, a column of ones, where it is transposed, has a subscript or stands behind a matrix")
