"""Brackets, bars, fractions, roots and matrices written out."""

from __future__ import annotations

from engine.reading.building import applied, inner_product, norm, product_of, sum_of_absolutes
from engine.reading.errors import Hopeless, Unreadable
from engine.reading.parser import BARS, Parser, merged, part_of
from engine.reading.rates import rate_as_fraction
from engine.reading.tokens import Token
from engine.reading.words import end_of_script, subscripts, unknown
from engine.terms import HALF, TWO, At, Symbol, Term, absolute, determinant, explicit, hadamard_power, power, trace

_CLOSE = {"(": ")", "{": "}", "[": "]", "floor(": ")floor", "ceil(": ")ceil"}
MATRICES = frozenset("pmatrix bmatrix matrix smallmatrix vmatrix Bmatrix array".split())


def bracketed(p: Parser) -> Term:
    opened = p.take()
    with p.without_bars():
        if opened.kind == "[" and p.kind == "[":
            return _rows(p, opened)
        inner = p.expression()
        if p.kind == "," and opened.kind == "[":
            return _column(p, inner, opened)
        p.separator_hint()
        p.want(_CLOSE[opened.kind], opened)
    return _at_values(p, inner) if opened.kind == "[" and _is_place_subscript(p) else inner


def _row(p: Parser, first: Term) -> list[Term]:
    """Terms between commas, behind the first."""
    entries = [first]
    while p.taken(","):
        entries.append(p.expression())
    return entries


def _column(p: Parser, first: Term, opened: Token) -> Term:
    entries = _row(p, first)
    p.want("]", opened)
    p.note("a list in brackets is read as a column")
    return _explicit(p, [[entry] for entry in entries], p.place - 1)


def _rows(p: Parser, opened: Token) -> Term:
    start = p.place - 1
    rows: list[list[Term]] = []
    while not rows or p.taken(","):
        row_opened = p.want("[")
        rows.append(_row(p, p.expression()))
        p.want("]", row_opened)
    p.want("]", opened)
    return _explicit(p, rows, start)


def _explicit(p: Parser, rows: list[list[Term]], start: int) -> Term:
    if len({len(row) for row in rows}) > 1:
        raise p.ill_typed("the rows of a matrix must be of one length", start)
    with p.fitting(start):
        return explicit(rows)


def matrix_environment(p: Parser) -> Term:
    start = p.place
    opened = p.take()
    name = _environment_name(p)
    if name not in MATRICES:
        raise Unreadable(f"the environment {name} is not known here", opened.start, p.tokens[p.place - 1].end)
    if name == "array" and p.kind == "{":  # how its columns are set
        p.place = p.closing(p.place) + 1
    with p.without_bars():
        rows: list[list[Term]] = [[p.expression()]]
        while p.kind in ("&", "\\\\"):
            if p.take().kind == "&":
                rows[-1].append(p.expression())
            elif p.kind == "end" and p.ahead().kind != "{" or p.kind != "end":
                rows.append([p.expression()])
    _end_of_environment(p, opened, name)
    matrix = _explicit(p, rows, start)
    with p.fitting(start):
        return determinant(matrix) if name == "vmatrix" else matrix


def _environment_name(p: Parser) -> str:
    opened = p.want("{")
    name = p.take().text
    p.want("}", opened)
    return name


def _end_of_environment(p: Parser, opened: Token, name: str) -> None:
    if p.kind != "end" or p.now.text != "end":
        raise Unreadable(f"\\begin{{{name}}} has no \\end{{{name}}}", opened.start, opened.end)
    p.take()
    if _environment_name(p) != name:
        raise Unreadable(f"\\begin{{{name}}} is ended as something else", opened.start, opened.end)


def rounded(p: Parser) -> Term:
    """⌊x⌋ and ⌈x⌉."""
    start = p.place
    opened = p.take()
    with p.without_bars():
        inner = p.expression()
        p.want(_CLOSE[opened.kind], opened)
    with p.fitting(start):
        return applied(opened.kind[:-1], inner)


def angle_product(p: Parser) -> Term:
    start = p.place
    opened = p.take()
    left = p.expression()
    p.want(",")
    right = p.expression()
    p.want(")>", opened)
    if left.shape != right.shape:
        raise p.ill_typed("an inner product takes two terms of one shape", start)
    with p.fitting(start):
        return trace(inner_product(left, right))


def between_bars(p: Parser) -> Term:
    """|x| or ‖x‖; `||` may also be the beginning of two absolute values."""
    start = p.place
    before = p.mark()
    bar = p.take()
    try:
        with p.without_bars(bar.kind):
            inner = p.expression()
            if p.kind != bar.kind and not (bar.kind == "|" and _halved(p)):
                raise p.unexpected(f"the closing {bar.kind} was expected here")
            p.take()
    except Hopeless:
        raise
    except Unreadable:
        if bar.kind != "||" or bar.end - bar.start != 2:
            raise
        p.back_to(before)
        p.put(part_of(bar, 0, 1, "|"), part_of(bar, 1, 2, "|"))
        return between_bars(p)
    if bar.kind == "|" and inner.is_scalar:
        return absolute(inner)
    if bar.kind == "|" and inner.rows == inner.cols:
        p.note(f"|{inner}| is read as the determinant")
        return determinant(inner)
    if bar.kind == "|" and inner.cols != 1:
        raise p.ill_typed("|A| may be a determinant or a norm", start, "write det(A) or ||A||")
    return _norm(p, inner)


def _halved(p: Parser) -> bool:
    """Where two absolute values end together: `||x| − |y||`."""
    token = p.now
    if token.kind != "||" or token.end - token.start != 2:
        return False
    p.put(part_of(token, 0, 1, "|"), part_of(token, 1, 2, "|"))
    return True


def _norm(p: Parser, inner: Term) -> Term:
    """A norm with the subscript and the square behind it: ‖w‖₂², ‖A‖_F², ‖w‖₁."""
    start, which = p.place - 1, "2"
    if p.kind == "_":
        p.take()
        end = end_of_script(p, p.place)
        parts = subscripts(p, p.place)
        which = merged(parts[0]) if len(parts) == 1 else ""
        token = p.now
        if end is None or which not in ("1", "2", "F") or (which == "1" and not (inner.cols == 1)):
            raise Unreadable("this norm is not known here", token.start, token.end, "‖v‖₁ of a column, ‖v‖₂, ‖A‖_F")
        p.place = end
    if which == "1":
        with p.fitting(start):
            return sum_of_absolutes(inner)
    if not inner.is_scalar and inner.cols != 1 and which == "2" and p.tokens[p.place - 1].kind not in BARS:
        raise p.ill_typed("the spectral norm is not known here", start, "‖A‖ or ‖A‖_F is the Frobenius norm")
    return norm(inner)


def fraction(p: Parser) -> Term:
    start = p.place
    kind = p.take().kind
    if kind == "frac" and (rate := rate_as_fraction(p, start)) is not None:
        return rate
    above = argument(p)
    at = p.place
    below = argument(p)
    with p.fitting(start):
        if kind == "binom":
            return applied("binomial", above, below)
        return product_of([above, p.below(below, at)])


def argument(p: Parser) -> Term:
    """What a LaTeX command takes: a group, or a single digit or letter (`\\frac12`)."""
    with p.one_deeper():
        if p.kind == "{":
            return bracketed(p)
        token = p.now
        if token.kind in ("number", "name") and len(token.text) > 1 and token.end - token.start == len(token.text):
            p.put(part_of(token, 0, 1), part_of(token, 1, len(token.text)))
            if token.kind == "name" and p.meant(token.text[0]) is None:
                raise unknown(p, token.text, p.place)
        if token.kind in ("number", "name", "font", "accent", "frac", "sqrt"):
            return p.primary()
        raise p.no_factor()


def root(p: Parser) -> Term:
    start = p.place
    p.take()
    return root_behind(p, start)


def root_behind(p: Parser, start: int) -> Term:
    """The root whose sign has been taken."""
    degree: Term = bracketed(p) if p.kind == "[" else TWO
    inner = _under_root(p)
    with p.fitting(start):
        exponent = HALF if degree == TWO else p.reciprocal(degree, start)
        return hadamard_power(inner, exponent) if inner.cols == 1 else power(inner, exponent)


def _under_root(p: Parser) -> Term:
    """What a root is taken of: what stands behind brackets is done to the root, √(x)² is (√x)²."""
    if p.kind not in ("{", "(", "["):
        return p.factor()
    with p.one_deeper():
        return bracketed(p)


def _is_place_subscript(p: Parser) -> bool:
    if p.kind != "_" or p.ahead().kind != "{":
        return False
    return any(token.kind == "=" for token in p.tokens[p.place : p.closing(p.place + 1)])


def _at_values(p: Parser, body: Term) -> Term:
    """[body]_{x = a, y = b}."""
    start = p.place
    p.take()
    end = p.closing(p.place)
    for a, b in p.pieces(p.place + 1, end, ","):
        split = next((k for k in range(a, b) if p.tokens[k].kind == "="), None)
        symbol = p.inside_of(p.tokens[a:split]) if split else None
        if not isinstance(symbol, Symbol) or split is None:
            raise p.unexpected("a value for a symbol, as in [f]_{x = 0}, was expected here")
        with p.fitting(start):
            body = At(body, symbol, p.inside_of(p.tokens[split + 1 : b]))
    p.place = end + 1
    return body
