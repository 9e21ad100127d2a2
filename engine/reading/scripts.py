"""What stands behind a factor: powers, transposes, marks and indices."""

from __future__ import annotations

from engine.notation.plain import plain
from engine.reading.building import EULER, applied, norm_squared, open_unit, raised
from engine.reading.errors import Unreadable
from engine.reading.parser import Parser, merged, part_of
from engine.reading.tokens import Token
from engine.reading.words import STARS, end_of_script, is_function, script_end, split, subscripts
from engine.terms import (
    HALF,
    TWO,
    Entry,
    Number,
    Power,
    SquaredNorm,
    Symbol,
    Term,
    Unit,
    hadamard_power,
    multiply,
    negate,
    show_shape,
    transpose,
)

HIGHEST_EXPONENT = 10_000
TOO_MANY_BITS = 40_000


def transposed(p: Parser, base: Term, start: int) -> Term:
    p.take()
    return transpose(base)


def factorial(p: Parser, base: Term, start: int) -> Term:
    sign = p.take()
    if p.kind == "!":
        raise Unreadable("n!! may be a double factorial or (n!)!", sign.start, p.now.end)
    with p.fitting(start):
        return applied("factorial", base)


def is_index(p: Parser, base: Term) -> bool:
    return not p.now.spaced and not base.is_scalar


def entry_in_brackets(p: Parser, base: Term, start: int) -> Term:
    p.take()
    indices = p.listed("]")
    if p.manner.first_index == 0:
        indices = [Number(index.value + 1) if isinstance(index, Number) else index for index in indices]
        p.note("indices are counted from 0, as in this language")
    with p.fitting(start):
        return entry_or_row(p, base, indices)


def subscripted(p: Parser, base: Term, start: int) -> Term:
    if base == EULER:
        return _unit_vector(p, start)
    if (letter := _subscripted_letter(p, base)) is not None:
        return letter
    if base.is_scalar:
        raise _no_entries(p, base, start)
    p.take()
    _join_indices(p, base)
    indices = _indices(p, subscripts(p, p.place), base)
    p.place = script_end(p)
    with p.fitting(start):
        return entry_or_row(p, base, indices)


def _subscripted_letter(p: Parser, base: Term) -> Term | None:
    """c_1 beside a c that nobody declared: a letter of its own."""
    end = end_of_script(p, p.place + 1)
    if not isinstance(base, Symbol) or taken_as_real(base) not in p.notes or end is None:
        return None
    below = merged(tuple(token for token in p.tokens[p.place + 1 : end] if token.kind not in "{}"))
    if not below:
        return None
    p.place = end
    found = Symbol(f"{base.name}_{below}")
    p.bound[found.name] = found
    p.note(taken_as_real(found))
    return found


def _unit_vector(p: Parser, start: int) -> Term:
    """The e_k that is 1 in place k and 0 elsewhere, where no e is declared."""
    parts = subscripts(p, p.place + 1)
    if len(parts) != 1:
        raise _no_entries(p, EULER, start)
    p.take()
    (at,) = _indices(p, parts, EULER)
    p.place = script_end(p)
    with p.fitting(start):
        return open_unit(at)


def _no_entries(p: Parser, base: Term, start: int) -> Unreadable:
    """For x_1 of a number x, and for a name with a subscript that is not declared."""
    first, end = p.tokens[start], end_of_script(p, p.place + 1)
    last = p.tokens[end - 1] if end is not None else p.now
    shown = "".join(token.text for token in p.tokens[start : end or p.place + 1] if token.kind not in "{}")
    hint = f"{base} is a number and has no entries" if isinstance(base, Symbol) else ""
    return Unreadable(f"{shown} is not declared here", first.start, last.end, hint)


def entry_or_row(p: Parser, base: Term, indices: list[Term]) -> Term:
    """An entry; of a matrix with one index, where that is no number, its row as a column: x_i of the rows of x."""
    if len(indices) == 1 and 1 not in base.shape and not isinstance(indices[0], Number):
        p.note(f"{base}_{indices[0]} is row {indices[0]} of {base}, as a column")
        return multiply(transpose(base), Unit(indices[0], base.rows))
    return Entry(base, tuple(indices))


def _join_indices(p: Parser, base: Term) -> None:
    """X_1j: the two indices of a matrix side by side."""
    first, second = p.now, p.ahead()
    apart = second.spaced or second.kind not in ("name", "number") or len(first.text + second.text) != 2
    if base.cols != 1 and first.kind == "number" and not apart:
        p.replace(p.place, p.place + 2, first._replace(kind="name", text=first.text + second.text, end=second.end))


def _indices(p: Parser, parts: tuple[tuple[Token, ...], ...], base: Term) -> list[Term]:
    """The terms in a subscript; ij is i, j where two indices are wanted."""
    wanted = 1 if base.cols == 1 else 2
    if len(parts) == 1 and wanted == 2 and len(parts[0]) == 1 and len(parts[0][0].text) == 2:
        token = parts[0][0]
        if p.meant(token.text) is None:
            parts = ((part_of(token, 0, 1),), (part_of(token, 1, 2),))
    elif len(parts) == 1 and wanted == 2 and len(parts[0]) == 2:
        parts = ((parts[0][0],), (parts[0][1],))
    elif len(parts) == 1 and wanted == 1 and len(parts[0]) == 1 and parts[0][0].kind == "name":
        _cut_subscript(p, parts[0][0])
        parts = (tuple(p.tokens[p.place : p.place + 1]),) if p.kind == "name" else parts
    return [p.inside_of(part) for part in parts]


def indices_of(part: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """The two indices in ij and in i j; else the part alone."""
    if len(part) == 1 and len(part[0].text) == 2 and part[0].kind == "name":
        return ((part_of(part[0], 0, 1),), (part_of(part[0], 1, 2),))
    return ((part[0],), (part[1],)) if len(part) == 2 else (part,)


def _cut_subscript(p: Parser, token: Token) -> None:
    """Where the subscript of w_jx is j, as LaTeX has it: the rest of the word is what follows."""
    if p.now is token and len(token.text) > 1 and p.meant(token.text) is None and p.meant(token.text[0]):
        p.put(part_of(token, 0, 1), part_of(token, 1, len(token.text)))


def raised_to(p: Parser, base: Term, start: int) -> Term:
    caret = p.take()
    if p.kind == "⊙" or (p.kind == "{" and p.ahead().kind == "⊙"):
        return _raised_entrywise(p, base, caret)
    _refuse_a_label(p, start)
    if (starred := _starred(p, base)) is not None:
        return starred
    script = _script_word(p, base)
    if script in ("T", "'"):
        return transpose(base)
    if script == "-T":
        with p.fitting(start):
            return transpose(p.reciprocal(base, start))
    return to_the_power(p, base, exponent_of(p, caret), start)


def _refuse_a_label(p: Parser, start: int) -> None:
    """Raises Unreadable for W^{(2)} in a formula of one's own: the W of a second layer, hardly a square."""
    kinds = [token.kind for token in p.tokens[p.place : p.place + 5]]
    if p.names.free and kinds in (["{", "(", "number", ")", "}"], ["{", "[", "number", "]", "}"]):
        first, number = p.tokens[start], p.tokens[p.place + 2].text
        hint = f"write {first.text}_{number}, a name of its own; for the power, {first.text}^{number}"
        raise Unreadable("a number in brackets up here is a label", first.start, p.tokens[p.place + 4].end, hint)


def _raised_entrywise(p: Parser, base: Term, caret: Token) -> Term:
    """x^⊙2 and x^{⊙2}: every entry to a power."""
    opened = p.take() if p.kind == "{" else None
    p.take()
    if opened is None:
        return hadamard_power(base, exponent_of(p, caret))
    exponent = p.expression()
    p.want("}", opened)
    return hadamard_power(base, exponent)


def _power_of_column(p: Parser, column: Term, exponent: Number) -> Term:
    """A square is the squared norm or that of each entry, as the reader tries; another power is that of each entry."""
    if exponent == TWO:
        p.squares = True
        if not p.manner.second:
            p.note(f"the square of the column {column} is read as its squared norm")
            return norm_squared(column)
    p.note(f"the power {exponent} of the column {column} is taken at each entry")
    return hadamard_power(column, exponent)


def letter_like(p: Parser, name: str, other: Symbol) -> Symbol:
    """A letter that nobody declared, of the shape of another: ŵ and w* beside w."""
    found = Symbol(name, *other.shape)
    p.bound[name] = found
    if not other.is_scalar:
        p.note(f"{plain(found)} is taken to be {show_shape(found.shape)}, as {plain(other)} is")
    else:
        p.note(taken_as_real(found))
    return found


def taken_as_real(letter: Symbol) -> str:
    """What is said of a letter that nobody declared."""
    return f"{plain(letter)} is taken to be a real number"


def _starred(p: Parser, base: Term) -> Symbol | None:
    """w^* as a letter of its own, where nothing of that name is declared and letters need not be."""
    if not isinstance(base, Symbol) or not p.names.free or (end := end_of_star(p, p.place)) is None:
        return None
    p.place = end
    return letter_like(p, f"{base.name}*", base)


def end_of_star(p: Parser, place: int) -> int | None:
    """Where a script that is a star ends, if one begins at a place."""
    end = end_of_script(p, place)
    is_star = end is not None and all(token.kind in ("{", "}", *STARS) for token in p.tokens[place:end])
    return end if is_star else None


def _script_word(p: Parser, base: Term) -> str:
    """T, −T or ' as an exponent: a transpose, where T is no name of its own; t, of what is no number."""
    place = p.place
    token = p.now
    if not base.is_scalar and p.meant("t") is None and (p.meant(token.text) is None or token.kind == "{"):
        small = p.ahead() if token.kind == "{" else token
        closed = token.kind != "{" or p.ahead(2).kind == "}"
        if closed and small.kind == "name" and small.text.startswith("t") and (small.text == "t" or token is small):
            p.note("^t is read as a transpose")
            p.replace(place + (small is not token), place + (small is not token) + 1, *_as_transpose(small))
            token = p.now
    if token.kind == "ᵀ":
        p.take()
        return "T"
    if token.kind == "name" and token.text.startswith("T") and p.meant("T") is None and p.meant(token.text) is None:
        p.take()
        if len(token.text) > 1:  # X^TX
            p.place -= 1
            p.put(part_of(token, 0, 1), part_of(token, 1, len(token.text), spaced=True))
            p.take()
        return "T"
    if token.kind == "-" and p.ahead().text == "T" and p.meant("T") is None:
        p.place += 2
        return "-T"
    end = end_of_script(p, place) if token.kind in ("{", "font") else None
    if end is None:
        return ""
    inside = [t for t in p.tokens[place:end] if t.kind not in ("{", "}", "font")]
    text = "".join("T" if t.kind == "ᵀ" else t.text for t in inside)
    if text in ("T", "'", "-T") and (p.meant("T") is None or any(t.kind == "ᵀ" for t in inside) or text == "'"):
        p.place = end
        return text
    return ""


def exponent_of(p: Parser, caret: Token) -> Term:
    with p.one_deeper():
        return _exponent_itself(p, caret)


def _as_transpose(small: Token) -> list[Token]:
    """The t of a script as T, and what else is in the word."""
    rest = [part_of(small, 1, len(small.text))] if len(small.text) > 1 else []
    return [small._replace(kind="ᵀ", text="T", end=small.start + 1), *rest]


def _exponent_itself(p: Parser, caret: Token) -> Term:
    negative = p.sign()
    token = p.now
    if token.kind in STARS:
        raise Unreadable("a star is part of no name here", caret.start, token.end, "leave it out, or write ^2")
    if token.kind == "name" and len(token.text) > 1 and p.meant(token.text) is None and not is_function(token.text):
        pieces = split(p, token)
        if pieces is not None and token.end - token.start == len(token.text):
            p.put(*pieces)
    found = p.primary()
    if p.kind == "^":
        inner = p.take()
        found = to_the_power(p, found, exponent_of(p, inner), p.place)
    return negate(found) if negative else found


def to_the_power(p: Parser, base: Term, exponent: Term, start: int) -> Term:
    _bounded(p, base, exponent, start)
    if isinstance(base, Power) and base.exponent == HALF and isinstance(base.base, SquaredNorm):
        halved = exponent.value / 2 if isinstance(exponent, Number) else HALF.value
        if halved.denominator == 1:
            return raised(norm_squared(base.base.inner), Number(halved))
    if base == EULER and exponent.cols == 1 and not exponent.is_scalar:
        p.note(f"e^{{{exponent}}} is taken at each entry")
        return applied("exp", exponent)
    if p.manner.arrays and not base.is_scalar and exponent.is_scalar:
        return hadamard_power(base, exponent)
    if base.cols == 1 and not base.is_scalar and isinstance(exponent, Number):
        return _power_of_column(p, base, exponent)
    if not exponent.is_scalar:
        hint = "did you mean ^T?" if exponent == p.meant("t") else ""
        raise p.ill_typed(f"an exponent is a scalar; {exponent} is {show_shape(exponent.shape)}", start, hint)
    with p.fitting(start):
        try:
            return raised(base, exponent)
        except ZeroDivisionError:
            token = p.tokens[start]
            raise Unreadable("a division by zero", token.start, p.tokens[p.place - 1].end) from None


def _bounded(p: Parser, base: Term, exponent: Term, start: int) -> None:
    """Raises Unreadable for a power that is too high to be worked out."""
    if not isinstance(exponent, Number):
        return
    size = abs(exponent.value)
    bits = 0
    if isinstance(base, Number):
        bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    limit = 64 if not base.is_scalar else HIGHEST_EXPONENT
    if size > limit or size.denominator > 10**9 or bits * size > TOO_MANY_BITS:
        first, last = p.tokens[start], p.tokens[p.place - 1]
        raise Unreadable("a power too high to be worked out", first.start, last.end, f"exponents go up to {limit}")
