"""Derivatives: dL(w)/dw, ∂g/∂w, \\frac{\\mathrm{d} L}{\\mathrm{d} w}, \\frac{d}{dx} x^2."""

from __future__ import annotations

from engine.reading.cursor import part_of
from engine.reading.errors import Unreadable
from engine.reading.scripts import Scripts
from engine.reading.tokens import Token
from engine.terms import Symbol, Term, gradient

PARTIAL = "d"  # what the tokens have for ∂


class Rates(Scripts):
    """Quotients of differentials. A d that is declared is no sign of a differential, unless it is set upright."""

    def _rate_as_fraction(self, start: int) -> Term | None:
        """The derivative that a \\frac is; None (and nothing taken) where it is a quotient."""
        begun = self.place
        if self.kind != "{" or self.tokens[self.closing(begun) + 1].kind != "{":
            return None
        middle = self.closing(begun)
        end = self.closing(middle + 1)
        above = self._without_d(self.tokens[begun + 1 : middle])
        below = self._without_d(self.tokens[middle + 2 : end])
        if above is None or below is None:
            return None
        order, body_tokens = above
        variable, power = self._variable(below[1])
        if variable is None or power != order:
            return None
        self.place = end + 1
        body = self._inside(tuple(body_tokens)) if body_tokens else self.factor()
        return self._rate(body, variable, order, start)

    def _rate_as_quotient(self, start: int) -> Term | None:
        """The derivative that d…/dx is, where the cursor stands before its first d; else None (and nothing taken)."""
        declared = self.meant("d") is not None and self.kind != PARTIAL
        if not self.now.text.startswith("d") or (declared and not self._spells_a_rate()):
            return None
        before = self.mark()
        self._drop_d()
        order = self._order()
        try:
            body = self.factor()
            if self.kind == "/" and self.ahead().kind in ("name", PARTIAL) and self.ahead().text.startswith("d"):
                self.take()
                self._drop_d()
                variable = self._primary()
                if isinstance(variable, Symbol) and self._order() == order:
                    return self._rate(body, variable, order, start)
        except Unreadable:
            pass
        self.back_to(before)
        return None

    def _spells_a_rate(self) -> bool:
        """Whether dg/dw stands here for a defined g of w: then it is no product, even where a d is declared."""
        words = [self.ahead(k).text for k in range(3)]
        above, below = self.names.definitions.get(words[0][1:]), self.meant(words[2][1:])
        return words[1] == "/" and words[2][:1] == "d" and above is not None and below in above.parameters

    def _drop_d(self) -> None:
        """Take the d that begins a word, and leave the rest of the word."""
        token = self.now
        if len(token.text) == 1:
            self.take()
        else:
            self.put(part_of(token, 1, len(token.text)))

    def _order(self) -> int:
        """2 for a square here, which is taken; else 1."""
        if self.kind != "^":
            return 1
        end = self._end_of_script(self.place + 1)
        inside = [t.text for t in self.tokens[self.place + 1 : end] if t.kind not in ("{", "}")] if end else []
        if inside != ["2"] or end is None:
            return 1
        self.place = end
        return 2

    def _without_d(self, tokens: list[Token]) -> tuple[int, list[Token]] | None:
        """The order and what stands behind the d that some tokens begin with; None where they begin with none."""
        kinds, texts = [t.kind for t in tokens[:4]], [t.text for t in tokens[:4]]
        if kinds[:1] == ["font"] and texts[1:4] == ["{", "d", "}"]:
            rest = tokens[4:]
        elif kinds[:2] == ["font", "name"] and texts[1] == "d":
            rest = tokens[2:]
        elif kinds[:1] == [PARTIAL] or (kinds[:1] == ["name"] and texts[0][:1] == "d" and self.meant("d") is None):
            rest = tokens[1:] if len(texts[0]) == 1 else [part_of(tokens[0], 1, len(texts[0])), *tokens[1:]]
        else:
            return None
        if [t.text for t in rest[:2]] == ["^", "2"]:
            return 2, rest[2:]
        if [t.text for t in rest[:4]] == ["^", "{", "2", "}"]:
            return 2, rest[4:]
        return 1, rest

    def _variable(self, tokens: list[Token]) -> tuple[Symbol | None, int]:
        """The symbol below, and the order that its power tells."""
        if not tokens:
            return None, 0
        place = next((k for k, token in enumerate(tokens) if token.kind == "^"), len(tokens))
        power = [t.text for t in tokens[place + 1 :] if t.kind not in ("{", "}")]
        if power not in ([], ["2"]):
            return None, 0
        variable = self._inside(tuple(tokens[:place]))
        return variable if isinstance(variable, Symbol) else None, 2 if power else 1

    def _rate(self, body: Term, variable: Symbol, order: int, start: int) -> Term:
        with self.fitting(start):
            found = gradient(body, variable)
            return gradient(found, variable) if order == 2 else found
