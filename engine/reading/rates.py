"""Derivatives: dL(w)/dw, ∂g/∂w, \\frac{\\mathrm{d} L}{\\mathrm{d} w}, \\frac{d}{dx} x^2."""

from __future__ import annotations

from engine.reading.errors import Unreadable
from engine.reading.parser import ENTRYWISE, Parser, part_of
from engine.reading.tokens import Token
from engine.reading.words import end_of_script
from engine.terms import Entry, Symbol, Term, gradient

PARTIAL = "d"  # what the tokens have for ∂


def rate_as_fraction(p: Parser, start: int) -> Term | None:
    """The derivative that a \\frac is; None (and nothing taken) where it is a quotient."""
    begun = p.place
    if p.kind != "{" or p.tokens[p.closing(begun) + 1].kind != "{":
        return None
    middle = p.closing(begun)
    end = p.closing(middle + 1)
    above = _without_d(p, p.tokens[begun + 1 : middle])
    below = _without_d(p, p.tokens[middle + 2 : end])
    if above is None or below is None:
        return None
    order, body_tokens = above
    variable, power = _variable(p, below[1])
    if variable is None or power != order:
        return None
    p.place = end + 1
    body = p.inside_of(body_tokens) if body_tokens else p.parse(ENTRYWISE)
    return _rate(p, body, variable, order, start)


def rate_as_quotient(p: Parser, start: int) -> Term | None:
    """The derivative that d…/dx is, where the cursor stands before its first d; else None (and nothing taken)."""
    declared = p.meant("d") is not None and p.kind != PARTIAL
    if not p.now.text.startswith("d") or (declared and not _spells_a_rate(p)):
        return None
    before = p.mark()
    _drop_d(p)
    order = _order(p)
    try:
        body = p.factor()
        if p.kind == "/" and p.ahead().kind in ("name", PARTIAL) and p.ahead().text.startswith("d"):
            p.take()
            _drop_d(p)
            variable = p.primary()
            if _is_variable(variable) and _order(p) == order:
                return _rate(p, body, variable, order, start)
    except Unreadable:
        pass
    p.back_to(before)
    return None


def partial(p: Parser) -> Term:
    """∂g/∂w."""
    rate = rate_as_quotient(p, p.place)
    if rate is None:
        raise p.no_factor()
    return rate


def _spells_a_rate(p: Parser) -> bool:
    """Whether dg/dw stands here for a defined g of w: then it is no product, even where a d is declared."""
    words = [p.ahead(k).text for k in range(3)]
    above, below = p.names.definitions.get(words[0][1:]), p.meant(words[2][1:])
    return words[1] == "/" and words[2][:1] == "d" and above is not None and below in above.parameters


def _drop_d(p: Parser) -> None:
    """Take the d that begins a word, and leave the rest of the word."""
    token = p.now
    if len(token.text) == 1:
        p.take()
    else:
        p.put(part_of(token, 1, len(token.text)))


def _order(p: Parser) -> int:
    """2 for a square here, which is taken; else 1."""
    if p.kind != "^":
        return 1
    end = end_of_script(p, p.place + 1)
    inside = [t.text for t in p.tokens[p.place + 1 : end] if t.kind not in ("{", "}")] if end else []
    if inside != ["2"] or end is None:
        return 1
    p.place = end
    return 2


def _without_d(p: Parser, tokens: tuple[Token, ...]) -> tuple[int, tuple[Token, ...]] | None:
    """The order and what stands behind the d that some tokens begin with; None where they begin with none."""
    kinds, texts = [t.kind for t in tokens[:4]], [t.text for t in tokens[:4]]
    if kinds[:1] == ["font"] and texts[1:4] == ["{", "d", "}"]:
        rest = tokens[4:]
    elif kinds[:2] == ["font", "name"] and texts[1][:1] == "d":
        rest = tokens[2:] if len(texts[1]) == 1 else (part_of(tokens[1], 1, len(texts[1])), *tokens[2:])
    elif kinds[:1] == [PARTIAL] or (kinds[:1] == ["name"] and texts[0][:1] == "d" and p.meant("d") is None):
        rest = tokens[1:] if len(texts[0]) == 1 else (part_of(tokens[0], 1, len(texts[0])), *tokens[1:])
    else:
        return None
    if [t.text for t in rest[:2]] == ["^", "2"]:
        return 2, rest[2:]
    if [t.text for t in rest[:4]] == ["^", "{", "2", "}"]:
        return 2, rest[4:]
    return 1, rest


def _variable(p: Parser, tokens: tuple[Token, ...]) -> tuple[Term | None, int]:
    """The symbol below, and the order that its power tells."""
    if not tokens:
        return None, 0
    place = next((k for k, token in enumerate(tokens) if token.kind == "^"), len(tokens))
    power = [t.text for t in tokens[place + 1 :] if t.kind not in ("{", "}")]
    if power not in ([], ["2"]):
        return None, 0
    variable = p.inside_of(tokens[:place])
    return variable if _is_variable(variable) else None, 2 if power else 1


def _is_variable(term: Term) -> bool:
    """A symbol, or an entry of one: ∂L/∂z_k."""
    return isinstance(term, Symbol) or (isinstance(term, Entry) and isinstance(term.base, Symbol))


def _rate(p: Parser, body: Term, variable: Term, order: int, start: int) -> Term:
    with p.fitting(start):
        if isinstance(variable, Entry):
            assert isinstance(variable.base, Symbol)
            once = Entry(gradient(body, variable.base), variable.indices)
            return Entry(gradient(once, variable.base), variable.indices) if order == 2 else once
        assert isinstance(variable, Symbol)
        found = gradient(body, variable)
        return gradient(found, variable) if order == 2 else found
