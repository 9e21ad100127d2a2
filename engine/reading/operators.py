"""Sums, limits, minimisers, gradients, means and variances."""

from __future__ import annotations

from engine.reading.brackets import bracketed
from engine.reading.building import shifted_sum, total_of
from engine.reading.errors import Unreadable
from engine.reading.extent import body_of
from engine.reading.parser import ENTRYWISE, LONGEST_SUM, Parser, merged, part_of
from engine.reading.ranges import range_of
from engine.reading.scripts import exponent_of, to_the_power
from engine.reading.tokens import Token
from engine.reading.words import script_end, subscripts, unknown
from engine.terms import (
    INFINITY,
    ONE,
    TWO,
    ArgMin,
    Call,
    Covariance,
    Expectation,
    Limit,
    Number,
    Symbol,
    Term,
    Variance,
    add,
    gradient,
    negate,
    substitute,
)


def summation(p: Parser) -> Term:
    start = p.place
    p.take()
    return sum_behind(p, start)


def sum_behind(p: Parser, start: int) -> Term:
    """The sum whose sign has been taken."""
    trouble: Unreadable | None = None  # what kept sum(…) from being the sum of a vector's entries
    if p.kind == "(":
        found = _sum_in_brackets(p, start)
        if isinstance(found, Term):
            return found
        trouble = found
    lower: tuple[Token, ...] | None = None
    upper: Term | None = None
    while p.kind in ("_", "^"):
        if p.take().kind == "^":
            upper = exponent_of(p, p.tokens[p.place - 1])
        else:
            end = script_end(p)
            group = p.kind == "{"
            lower = p.tokens[p.place + group : end - group]
            p.place = end
    if not lower and trouble is None and upper is None and (index := _index_meant(p)) is not None:
        p.note(f"the sum is over {index.text}")
        lower = (index,)
    if not lower:
        raise trouble or p.unexpected("a sum needs an index, as in sum_{i=1}^n or sum(x_i, i, 1, n)")
    return _summed(p, lower, upper, start)


def _index_meant(p: Parser) -> Token | None:
    """The i of Σ x_i, where it is the only index in the product behind the sign."""
    found: dict[str, Token] = {}
    for place in range(p.place, len(p.tokens) - 1):
        if p.tokens[place].kind in ("+", "-", "=", "sum", ","):
            break
        below = p.tokens[place + 1 + (p.tokens[place + 1].kind == "{")]
        if p.tokens[place].kind == "_" and below.text in ("i", "j", "k") and below.text not in p.bound:
            found[below.text] = below
    return next(iter(found.values())) if len(found) == 1 else None


def _summed(p: Parser, lower: tuple[Token, ...], upper: Term | None, start: int) -> Term:
    place = next((k for k, token in enumerate(lower) if token.kind in ("=", "!=")), None)
    without = lower[place + 1 :] if place is not None and lower[place].kind == "!=" else ()
    names = [token for token in lower[:place] if token.kind != ","]
    if not names or any(token.kind != "name" for token in names):
        raise Unreadable("a sum needs an index, as in sum_{i=1}^n", lower[0].start, lower[-1].end)
    if len(names) == 1 and len(names[0].text) > 1 and place is None and names[0].text.isascii():
        names = [part_of(names[0], k, k + 1) for k in range(len(names[0].text))]
    first = p.inside_of(lower[place + 1 :]) if place is not None and not without else ONE
    for token in names:
        if token.text in _sizes(p):
            raise Unreadable(
                f"{token.text} is a size here", token.start, token.end, "take another letter for the index"
            )
    indices = [Symbol(token.text) for token in names]
    with p.binding(*indices):
        body = body_of(p, tuple(index.name for index in indices), "the sum over")
    for index, token in zip(reversed(indices), reversed(names), strict=True):
        last = upper if upper is not None else range_of(body, index)
        if last is None:
            hint = f"write sum_{{{index.name}=1}}^n"
            raise Unreadable(f"how far {index.name} runs is not said", token.start, token.end, hint)
        left_out = substitute(body, {index: p.inside_of(without)}) if without else None
        body = _one_sum(p, body, index, first, last, start)
        if left_out is not None:  # Σ_{i ≠ k}
            body = add(body, negate(left_out))
    return body


def _sizes(p: Parser) -> set[str]:
    """The names of what the rows and columns of symbols are counted by."""
    sizes = (size for symbol in p.names.symbols.values() for size in symbol.shape)
    return {size.name for size in sizes if isinstance(size, Symbol)}


def _one_sum(p: Parser, body: Term, index: Symbol, first: Term, last: Term, start: int) -> Term:
    for bound in (first, last):
        if not bound.is_scalar or (isinstance(bound, Number) and abs(bound.value) > LONGEST_SUM):
            token = p.tokens[start]
            raise Unreadable(f"a sum runs over at most {LONGEST_SUM} numbers", token.start, token.end)
    with p.fitting(start):
        return shifted_sum(body, index, first, last)


def _sum_in_brackets(p: Parser, start: int) -> Term | Unreadable | None:
    """sum(x_i, i, 1, n), sum(x_i, i=1..n) and sum(v); None, or what it was that could not be read, for a bracket that
    is only the body.
    """
    end = p.closing(p.place)
    parts = [p.tokens[a:b] for a, b in p.pieces(p.place + 1, end, ",")]
    if len(parts) == 1:
        return _sum_of_entries(p, parts[0], end)
    name, bounds = parts[1][:1], parts[2:]
    if len(parts) == 2 and [token.kind for token in parts[1][:2]] == ["name", "="]:
        dots = next((k for k, token in enumerate(parts[1]) if token.kind == "..."), None)
        bounds = [parts[1][2:dots], parts[1][dots + 1 :]] if dots is not None else []
    if len(bounds) != 2 or name[0].kind != "name":
        return None
    first, last = map(p.inside_of, bounds)
    index = Symbol(name[0].text)
    with p.binding(index):
        body = p.inside_of(parts[0], inside=False)
    p.place = end + 1
    return _one_sum(p, body, index, first, last, start)


def _sum_of_entries(p: Parser, part: tuple[Token, ...], end: int) -> Term | Unreadable | None:
    """sum(v) of a column or matrix; None for a scalar, which is the body of a sum."""
    try:
        inner = p.inside_of(part, inside=False)
    except Unreadable as trouble:
        return trouble  # unless it is the body of a sum, whose index is said elsewhere
    if inner.is_scalar:
        return None
    p.place = end + 1
    return total_of(inner)


def limit(p: Parser) -> Term:
    start = p.place
    p.take()
    return limit_behind(p, start)


def limit_behind(p: Parser, start: int) -> Term:
    """The limit whose sign has been taken."""
    p.want("_")
    opened = p.want("{")
    name = p.take()
    p.want("->")
    target = INFINITY if p.taken("infinity") else p.expression()
    p.want("}", opened)
    variable = p.names.symbols.get(name.text)
    if variable is None or not variable.is_scalar:
        raise unknown(p, name.text, start)
    return Limit(p.product(), variable, target)


def arg_min(p: Parser, start: int, greatest: bool = False) -> Term:
    """argmin_w f; argmax_w f is argmin_w −f."""
    p.want("_")
    parts = subscripts(p, p.place)
    end = script_end(p)
    variable = p.inside_of(parts[0])
    p.place = end
    if not isinstance(variable, Symbol):
        raise p.ill_typed("argmin is over a symbol", start)
    body = body_of(p, (variable.name,), "the optimum over")
    return ArgMin(negate(body) if greatest else body, variable)


def nabla(p: Parser) -> Term:
    start = p.place
    p.take()
    order, variable = 1, None
    while p.kind in ("^", "_"):
        sign = p.take()
        if sign.kind == "^":
            exponent = exponent_of(p, sign)
            order = 2 if exponent == TWO else 0
        else:
            end = script_end(p)
            variable = p.inside_of(subscripts(p, p.place)[0])
            p.place = end
    begun = p.place
    body = p.factor()
    if variable is not None and not isinstance(body, Call) and p.tokens[begun].kind not in ("(", "["):
        p.place = begun  # ∇_w ½‖w‖²: all of the product
        body = p.parse(ENTRYWISE)
    if variable is None and hasattr(body, "arguments") and len(body.arguments) == 1:
        variable = body.arguments[0]
    if not isinstance(variable, Symbol) or order == 0:
        raise p.ill_typed("∇ needs a variable: ∇_w(…) or ∇f(w)", start)
    with p.fitting(start):
        found = gradient(body, variable)
        return gradient(found, variable) if order == 2 else found


def _over(p: Parser) -> tuple[Symbol, ...]:
    """The random symbols in the subscript of an E or Var."""
    if p.kind != "_":
        return ()
    p.take()
    parts = subscripts(p, p.place)
    end = script_end(p)
    over: list[Symbol] = []
    for part in parts:
        symbol = p.names.random(merged(part))
        if symbol is None:
            raise Unreadable("a random symbol was expected here", part[0].start, part[-1].end)
        over.append(symbol)
    p.place = end
    return tuple(over)


def expectation(p: Parser, start: int) -> Term:
    over = _over(p)
    exponent = exponent_of(p, p.take()) if p.kind == "^" else None  # E²[x] is (E[x])²
    if p.kind not in ("(", "[", "{"):
        raise unknown(p, "E", start)
    found = Expectation(bracketed(p), over)
    return found if exponent is None else to_the_power(p, found, exponent, start)


def spread(p: Parser, name: str, start: int) -> Term:
    over = _over(p)
    opened = p.take()
    if opened.kind not in ("(", "["):
        raise unknown(p, name, start)
    arguments = p.listed(")" if opened.kind == "(" else "]")
    if len(arguments) != (1 if name == "Var" else 2):
        raise Unreadable(f"{name} takes {1 if name == 'Var' else 2} terms", opened.start, p.tokens[p.place - 1].end)
    with p.fitting(start):
        return Variance(arguments[0], over) if name == "Var" else Covariance(arguments[0], arguments[1], over)
