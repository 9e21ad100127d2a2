"""Names with their arguments, constants and functions."""

from __future__ import annotations

from collections.abc import Callable

from engine.notation import spelling
from engine.notation.alphabet import GREEK
from engine.notation.plain import plain
from engine.notation.spelling import ACCENTS
from engine.reading.brackets import bracketed
from engine.reading.building import EULER, kronecker_delta, mean, open_identity, open_ones
from engine.reading.errors import Unreadable
from engine.reading.functions import as_size, function
from engine.reading.names import spelled_name
from engine.reading.numbers import indicator
from engine.reading.operators import arg_min, expectation, limit_behind, spread, sum_behind
from engine.reading.parser import Parser, merged
from engine.reading.rates import rate_as_quotient
from engine.reading.scripts import end_of_star, entry_or_row, indices_of, letter_like
from engine.reading.tokens import Token
from engine.reading.words import (
    ONES,
    Found,
    declared,
    end_of_script,
    is_applied,
    is_function,
    is_of_declared_names,
    script_end,
    split,
    subscripts,
    unknown,
    word,
)
from engine.terms import ONE, At, Call, Definition, Identity, Pi, Size, Symbol, Term, gradient, ones


def _depends_on(definition: Definition) -> frozenset[Symbol]:
    """The symbols in what a name stands for, and in the names in it."""
    inner = (node.definition for node in definition.body.walk() if isinstance(node, Call))
    return definition.body.free.union(*(_depends_on(each) for each in inner))


_ACCENTS = frozenset(ACCENTS.values())
_OF_A_MATRIX = frozenset(("exp", "log", "sin", "cos", "sinh", "cosh", "tanh"))
INDICES = frozenset("ijkl")  # letters that are indices where nobody declares them
COEFFICIENTS = ("lambda", "alpha", "eta")  # λ(wᵀw) is a product, where φ(x) is none
_ARITY = {"kron": 2, "ones": 0, "max": 0, "min": 0, "binomial": 2}


def named(p: Parser) -> Term:
    start = p.place
    text = word(p)
    if text is None:
        return _set_in_font(p, start)
    found = declared(p, text) if text != "E!" else None
    if found is not None:
        p.place = found.place
        return _of(p, found, start)
    special = _special(p, text, start)
    if special is not None:
        return special
    if (decorated := _decorated(p, text)) is not None:
        return decorated
    after, p.place = p.place, start
    rate = rate_as_quotient(p, start)
    if rate is not None:
        return rate
    p.place = after
    new = _new_name(p, text, start) if p.names.free else None
    return _word_by_word(p, text, start) if new is None else new


def _decorated(p: Parser, text: str) -> Term | None:
    """x̄ is the mean of a declared vector, or of a matrix's rows; else a letter with an accent is one of its own."""
    stem = p.meant(text[:-1]) if text[-1] in _ACCENTS and len(text) > 1 else None
    if text[-1] == "-" and isinstance(stem, Symbol) and stem.rows != 1:
        p.note(f"{plain(Symbol(text))} is the mean of {'the rows of ' * (stem.cols != 1)}{stem}")
        return mean(stem)
    if text[-1] not in _ACCENTS or not p.names.free:
        return None
    return letter_like(p, text, stem) if isinstance(stem, Symbol) else _declared_now(p, text)


def _new_name(p: Parser, text: str, start: int) -> Term | None:
    """A name that nobody declared, where it may be one: more than a letter of our own."""
    token = p.tokens[start]
    if 1 < len(text) == token.end - token.start and is_of_declared_names(p, text):
        if text in GREEK:
            p.note(f"{text} is read as a product of declared letters: for {GREEK[text]}, write \\{text}")
        return None
    applied = is_applied(p)
    if text == "sigma" and applied:
        p.note("σ(…) is read as the sigmoid")
        return function(p, "sigmoid", start)
    called = _is_function_here(p) and text not in COEFFICIENTS
    if called or (text in ("f", "g", "h") and applied):
        raise unknown(p, text, start)  # φ(x) is no product, φ(x + 1) may be one
    if text in GREEK and not (applied and text in spelling.FOREIGN):
        return _declared_now(p, text)
    if (numbered := spelling.NUMBERED.fullmatch(text)) and _is_new(p, numbered["stem"]):
        return _declared_now(p, spelled_name(text))
    return _declared_now(p, spelling.ALIASES[text]) if text in spelling.ALIASES else None


def _word_by_word(p: Parser, text: str, start: int) -> Term:
    """A word in the names that it is made of, or a single letter."""
    token = p.tokens[start]
    if text in spelling.FOREIGN and (text not in GREEK or is_applied(p)):
        raise unknown(p, text, start)
    if token.kind == "name" and len(text) > 1:
        pieces = split(p, token)
        if pieces is not None and len(pieces) > 1:
            p.place = start
            p.put(*pieces)
            return named(p)
    imaginary = text in ("i", "j") and not p.inside
    if p.names.free and (len(text) == 1 or text in GREEK) and not imaginary:
        return _declared_now(p, text)
    if p.inside and text in INDICES:  # p_i − y_i, for each i
        p.bound[text] = Symbol(text)
        return p.bound[text]
    raise unknown(p, text, start)


def _is_function_here(p: Parser) -> bool:
    """Whether a bracket opens right behind a new name, and what stands in it is no sum, as it is in a(x + 1)."""
    opened = end_of_script(p, p.place + 1) if p.kind == "_" else p.place
    if opened is None or p.tokens[opened].kind != "(" or p.tokens[opened].spaced:
        return False
    depth = 0
    for token in p.tokens[opened + 2 : p.closing(opened)]:
        depth += (token.kind in ("(", "[", "{")) - (token.kind in (")", "]", "}"))
        if depth == 0 and token.kind in ("+", "-"):
            return False
    return True


def _is_new(p: Parser, stem: str) -> bool:
    """Whether a letter, before a number, may name something of its own: it is not declared without the number."""
    is_letter = len(stem) == 1 or stem in GREEK or stem in spelling.ALIASES
    return is_letter and p.meant(stem) is None


def _declared_now(p: Parser, text: str) -> Term:
    if p.kind == "^" and (end := end_of_star(p, p.place + 1)) is not None:
        text, p.place = f"{text}*", end
    end = end_of_script(p, p.place + 1) if p.kind == "_" else None
    below = merged(tuple(t for t in p.tokens[p.place + 1 : end] if t.kind not in "{}")) if end is not None else ""
    if below and end is not None:
        p.place = end
    symbol = Symbol(f"{text}_{below}" if below else text)
    p.bound[symbol.name] = symbol
    times = f", and {symbol}(…) to be a product" if is_applied(p) else ""
    p.note(f"{symbol} is taken to be {'an index' if p.inside else 'a real number'}{times}")
    return symbol


def _set_in_font(p: Parser, start: int) -> Term:
    """\\mathbf{…} around more than a name: the font changes nothing."""
    p.place = start
    token = p.take()
    if token.kind == "font" and p.kind == "{":
        return bracketed(p)
    raise Unreadable("what this command is to be applied to is missing", token.start, token.end)


def _of(p: Parser, found: Found, start: int) -> Term:
    meant = found.meant
    if isinstance(meant, Symbol):
        if not found.left:
            return meant
        with p.fitting(start):
            return entry_or_row(p, meant, [p.inside_of(part) for part in found.left])
    return _call(p, meant, found.left, start)


def _call(p: Parser, definition: Definition, left: tuple[tuple[Token, ...], ...], start: int) -> Term:
    count = len(definition.parameters)
    if definition.indexed:
        if not left and p.kind == "_":
            p.take()
            parts = subscripts(p, p.place)
            end = script_end(p)
            left, p.place = parts, end
        _skip_what_it_depends_on(p, definition)
        if not left:
            return definition(*definition.parameters)
        arguments = [p.inside_of(part) for part in left]
    elif count == 1 and p.kind == "'" and _is_slope(p):
        return _slope(p, definition, start)
    elif count and p.kind == "(":
        arguments = _arguments_before_parameters(p)
    else:
        _skip_what_it_depends_on(p, definition)
        return definition(*definition.parameters)
    if len(arguments) != count:
        raise p.ill_typed(f"{definition.name} takes {count} arguments, not {len(arguments)}", start)
    with p.fitting(start):
        return definition(*arguments)


def _arguments_before_parameters(p: Parser) -> list[Term]:
    """The arguments in f(x; w): what stands behind the ; are names of what f depends on, and change nothing."""
    opened = p.place
    end = p.closing(opened)
    cut = next((a - 1 for a, _ in p.pieces(opened + 1, end, ";")[1:]), None)
    if cut is not None:
        for part in p.pieces(cut + 1, end, ","):
            named = p.inside_of(p.tokens[slice(*part)])
            if not isinstance(named, (Symbol, Call)):
                first, last = p.tokens[part[0]], p.tokens[part[1] - 1]
                raise Unreadable("a name was expected behind the ;", first.start, last.end)
        p.replace(cut, end)
    p.take()
    return p.listed(")")


def _is_slope(p: Parser) -> bool:
    """Whether primes stand here, and an argument behind them: f'(x), f''(x)."""
    place = p.place
    while p.tokens[place].kind == "'":
        place += 1
    return p.tokens[place].kind == "("


def _slope(p: Parser, definition: Definition, start: int) -> Term:
    """f'(x), the derivative with respect to the argument."""
    order = 0
    while p.taken("'"):
        order += 1
    arguments = _arguments_before_parameters(p)
    variable = definition.parameters[0]
    if len(arguments) != 1:
        raise p.ill_typed(f"{definition.name} takes one argument", start)
    with p.fitting(start):
        found = definition(variable)
        for _ in range(order):
            found = gradient(found, variable)
        return found if arguments[0] == variable else At(found, variable, arguments[0])


def _skip_what_it_depends_on(p: Parser, definition: Definition) -> None:
    """The (w) in g(w), where g is the name of a value that depends on w."""
    if p.kind != "(" or p.now.spaced:
        return
    end = p.closing(p.place)
    inside = [token for token in p.tokens[p.place + 1 : end] if token.kind not in ("font", "{", "}")]
    meant = p.meant(inside[0].text) if len(inside) == 1 and inside[0].kind == "name" else None
    if isinstance(meant, Symbol) and meant in _depends_on(definition):
        p.place = end + 1


def _special(p: Parser, text: str, start: int) -> Term | None:
    """A constant, a function or an operator of that name; None where the word is none."""
    if text == "Sigma" and p.kind in ("_", "^"):
        return sum_behind(p, start)
    if text in _SPECIALS:
        return _SPECIALS[text](p, start)
    return function(p, spelling.FUNCTIONS.get(text, text), start) if is_function(text) else None


def _delta(p: Parser, start: int) -> Term | None:
    """δ_ij, where no δ is declared."""
    if p.kind != "_":
        return None
    parts = subscripts(p, p.place + 1)
    if len(parts) == 1:
        parts = indices_of(parts[0])
    if len(parts) != 2:
        return None
    p.take()
    end = script_end(p)
    left, right = (p.inside_of(part) for part in parts)
    p.place = end
    with p.fitting(start):
        return kronecker_delta(left, right)


def _column_of_ones(p: Parser, start: int) -> Term:
    if (delta := indicator(p)) is not None:
        return delta
    size = _size_below(p, "ones", start) if p.kind == "_" else None
    return open_ones() if size is None else ones(size)


def _identity(p: Parser, start: int) -> Term:
    if (delta := indicator(p)) is not None:
        return delta
    if p.kind != "_":
        return open_identity()
    p.sized = True
    if p.manner.open_sizes:
        p.take()
        p.place = script_end(p)
        p.note("an identity is read as the one that fits, whatever size stands below it")
        return open_identity()
    size = _size_below(p, "an identity", start)
    return Identity(size) if size != 1 else ONE


def _size_below(p: Parser, what: str, start: int) -> Size:
    p.take()
    parts = subscripts(p, p.place)
    end = script_end(p)
    inside = [t for t in parts[0] if t.kind != "*"]
    size = p.inside_of(tuple(inside[:1])) if len(parts) == 1 and inside else None
    p.place = end
    return as_size(p, size, what, start)


_SPECIALS: dict[str, Callable[[Parser, int], Term | None]] = {
    "e": lambda p, start: EULER,
    "pi": lambda p, start: Pi(),
    "I": _identity,
    ONES: _column_of_ones,
    "delta": _delta,
    **dict.fromkeys(("E", "E!"), expectation),
    "Var": lambda p, start: spread(p, "Var", start),
    "Cov": lambda p, start: spread(p, "Cov", start),
    "sum": sum_behind,
    "lim": limit_behind,
    "argmin": arg_min,
    "argmax": lambda p, start: arg_min(p, start, greatest=True),
}
