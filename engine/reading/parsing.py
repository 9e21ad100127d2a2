"""What all parts of the grammar share: signs, lists, products, and what is said where nothing can stand."""

from __future__ import annotations

from abc import abstractmethod

from engine.reading.building import product_of, reciprocal
from engine.reading.errors import Unreadable
from engine.reading.tokens import ONE_SIDED, Token
from engine.reading.words import Words
from engine.terms import ShapeError, Term

QUOTIENT_NOTE = "a/b c is read as (a/b)·c: what stands below one line needs brackets"
STARTS = frozenset("number name font accent ( [ { frac binom sqrt sum begin <( floor( ceil( nabla d".split())
BARS = frozenset(("|", "||"))
LONGEST_SUM = 64


class Parser(Words):
    """The base of the grammar; `expression`, `product` and `factor` are where it calls itself."""

    bars: tuple[str, ...] = ()  # the bars that are open here
    tight = False  # whether 1/2n is read as 1/(2n): only to see what was meant

    @abstractmethod
    def expression(self) -> Term:
        """A sum."""

    @abstractmethod
    def product(self) -> Term:
        """A product, as far as it goes."""

    @abstractmethod
    def factor(self) -> Term:
        """A factor, with what stands behind it."""

    @abstractmethod
    def _primary(self) -> Term:
        """A factor, without what stands behind it."""

    def _inside(self, part: tuple[Token, ...]) -> Term:
        """The term that some tokens are, read on their own."""
        if not part:
            raise self._no_factor()
        token = part[-1]
        inner = type(self)([*part, Token("end", "", token.end, token.end)], self.names)
        inner.bound, inner.tries, inner.tight, inner.level = self.bound, self.tries, self.tight, self.level
        inner.inside = True
        found = inner.expression()
        inner.finish()
        self.notes |= inner.notes
        self.tries = inner.tries
        return found

    def finish(self) -> None:
        """Raises Unreadable where something is left."""
        token = self.now
        if token.kind == "end" and not token.text:
            return
        self._separator_hint()
        hint = "" if token.kind not in (")", "]", "}") else "it was never opened"
        raise Unreadable(f"{token.text} cannot stand here", token.start, token.end, hint)

    def _sign(self) -> bool:
        negative = False
        while self.kind in ("+", "-"):
            negative ^= self.take().kind == "-"
        return negative

    def _no_factor(self) -> Unreadable:
        token = self.now
        expected = "a number, a name or a bracket"
        if token.kind == "end":
            return Unreadable("something is missing at the end", token.start, token.end, f"{expected} could stand here")
        self._separator_hint()
        if token.kind in ("infinity", "..."):
            return Unreadable(f"{token.text} is not a value here", token.start, token.end)
        return Unreadable(f"{token.text} cannot stand here", token.start, token.end, f"{expected} could")

    def _separator_hint(self) -> None:
        token, before = self.now, self.tokens[self.place - 1]
        if before.kind == "{":
            before = self.tokens[self.place - 2]
        behind = self.ahead()
        thousands = behind.kind == "}" or (behind.kind == "number" and len(behind.text) == 3 and not behind.spaced)
        if token.kind == "," and before.kind == "number" and thousands:
            raise Unreadable(
                "a comma within a number", token.start, token.end, "write 1000, without a separator, and 0.5"
            )

    def _list(self, close: str) -> list[Term]:
        opened = self.tokens[self.place - 1]
        outside, self.bars = self.bars, ()
        found = [self.expression()]
        while self.taken(","):
            found.append(self.expression())
        self.want(close, opened)
        self.bars = outside
        return found

    def _script_end(self) -> int:
        """Where the script that begins here ends. Raises Unreadable where none does."""
        end = self._end_of_script(self.place)
        if end is None:
            raise self._no_factor()
        return end

    def _reciprocal(self, factor: Term, at: int) -> Term:
        try:
            return reciprocal(factor)
        except ZeroDivisionError:
            raise Unreadable("a division by zero", self.tokens[at].start, self.tokens[at].end) from None

    def _multiplied(self, factors: list[Term], start: int) -> Term:
        try:
            return product_of(factors)
        except ShapeError as error:
            columns = [factor for factor in factors if not factor.is_scalar and factor.cols == 1]
            hint = "the inner product of two columns is wᵀx" if len(columns) > 1 else ""
            raise self.ill_typed(str(error), start, hint) from None

    def _begins_factor(self) -> bool:
        token = self.now
        if token.kind == "number":
            before = self.tokens[self.place - 1]
            if before.kind in ("number", "name"):
                raise Unreadable(
                    f"{before.text} and {token.text} side by side",
                    before.start,
                    token.end,
                    "is a *, a ^ or a _ missing?",
                )
            return True
        if token.kind in BARS:
            return ONE_SIDED.get(token.text, not self.bars)
        return token.kind in STARTS

    def _below(self, factor: Term, at: int) -> Term:
        if not factor.is_scalar:
            raise self.ill_typed(f"cannot divide by {factor}, which is a matrix", at, "write its inverse, as in A^-1 b")
        return self._reciprocal(factor, at)

    def _stands_close(self) -> bool:
        return not self.now.spaced and self.kind not in ("sum", *BARS) and self._begins_factor()
