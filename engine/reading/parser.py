"""A parser by binding powers (Pratt): what a token begins, and what it does behind a term, stands in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.reading.building import product_of, reciprocal
from engine.reading.errors import Hopeless, IllTyped, Unreadable
from engine.reading.names import Meant, Names
from engine.reading.tokens import CLOSING, ONE_SIDED, OPENING, Token
from engine.terms import ShapeError, Symbol, Term

LOOSEST, SUM, ENTRYWISE, PRODUCT, BEHIND = range(5)  # how tightly what stands between or behind terms holds
DEEPEST = 80  # terms within terms
MOST_TRIES = 6_000  # looks at a token, before the text counts as too entangled
MOST_BEHIND = 14  # marks and signs behind one term
LONGEST_SUM = 64
BARS = frozenset(("|", "||"))
QUOTIENT_NOTE = "a/b c is read as (a/b)·c: what stands below one line needs brackets"


@dataclass(frozen=True)
class Infix:
    """What a token does behind a term: how tightly it holds, the term that it makes of the one before it (which began
    at a place), and whether it does so at all behind a term.
    """

    power: int
    parse: Callable[[Parser, Term, int], Term]
    fits: Callable[[Parser, Term], bool] = lambda parser, left: True


@dataclass(frozen=True)
class Grammar:
    """For each kind of token what it begins and what it does behind a term; and what terms side by side are."""

    prefixes: dict[str, Callable[[Parser], Term]]
    infixes: dict[str, Infix]
    side_by_side: Infix


@dataclass(frozen=True)
class Manner:
    """What is meant where a text alone does not say it."""

    tight: bool = False  # 1/2n is 1/(2n): only to see what was meant
    second: bool = False  # the square of a column is that of each entry, and diag(A) the matrix of A's diagonal
    arrays: bool = False  # * and / work at each entry, and a column is neither standing nor lying, as in NumPy
    first_index: int = 1
    open_sizes: bool = False  # the size below an I is not what was meant: it has the one that fits


class Parser:
    """A place in tokens, none of which is ever changed: where one is read in pieces, other tokens take their place.

    What is decided where two readings are possible is noted.
    """

    def __init__(self, tokens: tuple[Token, ...], names: Names, grammar: Grammar) -> None:
        self.tokens, self.names, self.grammar = tokens, names, grammar
        self.place = 0
        self.notes: tuple[str, ...] = ()
        self.bound: dict[str, Symbol] = {}  # the indices of the sums around
        self.bars: tuple[str, ...] = ()  # the bars that are open here
        self.tries = 0
        self.level = 0
        self.manner = Manner()
        self.squares = self.diagonals = False  # whether a column is squared, whether the diagonal of a matrix is taken
        self.sized = False  # whether an identity has its size below
        self.inside = False  # a subscript, or the bounds of a sum

    # -- terms ---------------------------------------------------------------------------------------------------------

    def parse(self, power: int) -> Term:
        """The term that begins here, with all behind it that holds more tightly than a power."""
        start = self.place
        with self.one_deeper():
            left = self.primary()
            for _ in range(MOST_BEHIND):
                infix = self._infix(left, power)
                if infix is None:
                    return left
                left = infix.parse(self, left, start)
        raise Unreadable("too many marks behind one another", self.tokens[start].start, self.now.end)

    def _infix(self, left: Term, power: int) -> Infix | None:
        """What is done here to a term before, and holds more tightly than a power."""
        for infix in (self.grammar.infixes.get(self.kind), self.grammar.side_by_side):
            if infix is not None and infix.power > power and infix.fits(self, left):
                return infix
        return None

    def expression(self) -> Term:
        """A sum."""
        return self.parse(LOOSEST)

    def product(self) -> Term:
        """A product, as far as it goes, with a sign before it."""
        return self.parse(SUM)

    def factor(self) -> Term:
        """A factor, with what stands behind it."""
        if self.kind in ("+", "-"):
            raise self.no_factor()
        return self.parse(PRODUCT)

    def primary(self) -> Term:
        """A term, without what stands behind it."""
        begun = self.grammar.prefixes.get(self.kind)
        if begun is None:
            raise self.no_factor()
        return begun(self)

    def begins_factor(self) -> bool:
        """Whether a factor begins here, side by side with another."""
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
        if token.kind in BARS:
            return ONE_SIDED.get(token.text, not self.bars)
        return token.kind in self.grammar.prefixes and token.kind not in ("+", "-")

    def inside_of(self, part: tuple[Token, ...], inside: bool = True) -> Term:
        """The term that some tokens are, read on their own; `inside` a script or a bound, where letters are indices."""
        if not part:
            raise self.no_factor()
        token = part[-1]
        inner = Parser((*part, Token("end", "", token.end, token.end)), self.names, self.grammar)
        inner.bound, inner.tries, inner.level = self.bound, self.tries, self.level
        inner.manner = self.manner
        inner.inside = inside
        try:
            found = inner.expression()
            inner.finish()
        finally:
            self.squares, self.diagonals = self.squares or inner.squares, self.diagonals or inner.diagonals
            self.sized = self.sized or inner.sized
        for note in inner.notes:
            self.note(note)
        self.tries = inner.tries
        return found

    def finish(self) -> None:
        """Raises Unreadable where something is left."""
        token = self.now
        if token.kind == "end" and not token.text:
            return
        self.separator_hint()
        hint = "" if token.kind not in CLOSING else "it was never opened"
        raise Unreadable(f"{token.text} cannot stand here", token.start, token.end, hint)

    def sign(self) -> bool:
        """Take the signs here; whether they make a minus."""
        negative = False
        while self.kind in ("+", "-"):
            negative ^= self.take().kind == "-"
        return negative

    def listed(self, close: str) -> list[Term]:
        """Terms between commas, up to the bracket that closes the one just taken."""
        opened = self.tokens[self.place - 1]
        with self.without_bars():
            found = [self.expression()]
            while self.taken(","):
                if self.kind == "name" and self.ahead().kind == "=":
                    raise Unreadable("arguments by name are not read", self.now.start, self.ahead().end)
                found.append(self.expression())
            self.want(close, opened)
        return found

    def reciprocal(self, factor: Term, at: int) -> Term:
        try:
            return reciprocal(factor)
        except ZeroDivisionError:
            raise Unreadable("a division by zero", self.tokens[at].start, self.tokens[at].end) from None

    def multiplied(self, factors: list[Term], start: int) -> Term:
        try:
            return product_of(factors)
        except ShapeError as error:
            columns = [factor for factor in factors if not factor.is_scalar and factor.cols == 1]
            hint = "the inner product of two columns is wᵀx" if len(columns) > 1 else ""
            raise self.ill_typed(str(error), start, hint) from None

    def below(self, factor: Term, at: int) -> Term:
        """1 over a factor."""
        if not factor.is_scalar:
            raise self.ill_typed(f"cannot divide by {factor}, which is a matrix", at, "write its inverse, as in A^-1 b")
        return self.reciprocal(factor, at)

    # -- tokens --------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    @property
    def kind(self) -> str:
        return self.tokens[self.place].kind

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.place + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The token here; the parser goes on to the next."""
        self.tries += 1
        if self.tries > MOST_TRIES:
            raise Hopeless("this is too entangled to be read", self.now.start, self.now.end, "use fewer brackets")
        token = self.tokens[self.place]
        self.place = min(self.place + 1, len(self.tokens) - 1)
        return token

    def taken(self, *kinds: str) -> bool:
        """Whether a token of these kinds stands here; then it is taken."""
        if self.kind not in kinds:
            return False
        self.take()
        return True

    def want(self, kind: str, opened: Token | None = None) -> Token:
        if self.kind == kind:
            return self.take()
        if opened is not None and self.kind == "end":
            raise Unreadable(f"this {opened.text} is never closed", opened.start, opened.end, f"a {kind} is missing")
        raise self.unexpected(f"{kind} was expected here")

    def put(self, *tokens: Token) -> None:
        """Other tokens in place of the one here."""
        self.replace(self.place, self.place + 1, *tokens)

    def replace(self, start: int, end: int, *tokens: Token) -> None:
        """Other tokens in place of those from a place to before another."""
        self.tokens = (*self.tokens[:start], *tokens, *self.tokens[end:])

    def closing(self, opened: int) -> int:
        """The place of the bracket that closes the one at a place."""
        depth = 0
        for place in range(opened, len(self.tokens)):
            kind = self.tokens[place].kind
            depth += (kind in OPENING) - (kind in CLOSING)
            if depth == 0:
                return place
        token = self.tokens[opened]
        raise Unreadable(f"this {token.text} is never closed", token.start, token.end)

    def pieces(self, start: int, end: int, at: str) -> list[tuple[int, int]]:
        """Where the parts between a separator stand, from a place to before another, outside of brackets."""
        found: list[tuple[int, int]] = []
        depth, begun = 0, start
        for place in range(start, end):
            kind = self.tokens[place].kind
            depth += (kind in OPENING) - (kind in CLOSING)
            if kind == at and depth == 0:
                found.append((begun, place))
                begun = place + 1
        found.append((begun, end))
        return found

    def mark(self) -> tuple[int, tuple[str, ...], tuple[Token, ...]]:
        """Where the parser is, to come back to."""
        return self.place, self.notes, self.tokens

    def back_to(self, mark: tuple[int, tuple[str, ...], tuple[Token, ...]]) -> None:
        self.place, self.notes, self.tokens = mark

    # -- what is known here, and what is said --------------------------------------------------------------------------

    def meant(self, name: str) -> Meant | None:
        return self.bound.get(name) or self.names.get(name)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes = (*self.notes, text)

    @contextmanager
    def binding(self, *indices: Symbol) -> Iterator[None]:
        """Where indices of a sum mean themselves."""
        outside = self.bound
        self.bound = outside | {index.name: index for index in indices}
        try:
            yield
        finally:
            self.bound = outside

    @contextmanager
    def without_bars(self, *bars: str) -> Iterator[None]:
        """Within brackets, where bars that are open outside say nothing, and only these may be open."""
        outside, self.bars = self.bars, bars
        try:
            yield
        finally:
            self.bars = outside

    def one_deeper(self) -> Parser:
        """A context, one level deeper. Raises Hopeless where terms stand too deep within one another."""
        if self.level >= DEEPEST:
            raise Hopeless("this is nested too deeply", self.now.start, self.now.end, "use fewer brackets")
        return self

    def __enter__(self) -> None:
        self.level += 1

    def __exit__(self, *_: object) -> None:
        self.level -= 1

    @contextmanager
    def fitting(self, start: int) -> Iterator[None]:
        """Shapes that do not fit are told with the place from a token on to here."""
        try:
            yield
        except ShapeError as error:
            raise self.ill_typed(str(error), start) from None

    def ill_typed(self, message: str, start: int, hint: str = "") -> IllTyped:
        first, last = self.tokens[start], self.tokens[max(start, self.place - 1)]
        return IllTyped(message, first.start, last.end, hint)

    def unexpected(self, expected: str) -> Unreadable:
        token = self.now
        what = f"the text ends, but {expected}" if token.kind == "end" else expected
        return Unreadable(what, token.start, token.end)

    def no_factor(self) -> Unreadable:
        """What is said where no term can begin."""
        token = self.now
        expected = "a number, a name or a bracket"
        if token.kind == "end":
            return Unreadable("something is missing at the end", token.start, token.end, f"{expected} could stand here")
        self.separator_hint()
        if token.kind in ("infinity", "..."):
            return Unreadable(f"{token.text} is not a value here", token.start, token.end)
        return Unreadable(f"{token.text} cannot stand here", token.start, token.end, f"{expected} could")

    def separator_hint(self) -> None:
        """Raises Unreadable for the comma of 1,000."""
        token, before = self.now, self.tokens[self.place - 1]
        if before.kind == "{":
            before = self.tokens[self.place - 2]
        behind = self.ahead()
        thousands = behind.kind == "}" or (behind.kind == "number" and len(behind.text) == 3 and not behind.spaced)
        if token.kind == "," and before.kind == "number" and thousands:
            raise Unreadable(
                "a comma within a number", token.start, token.end, "write 1000, without a separator, and 0.5"
            )


def merged(tokens: tuple[Token, ...]) -> str:
    """The names and numbers of some tokens, as one name; "" where something else is among them."""
    if not tokens or any(token.kind not in ("name", "number") for token in tokens):
        return ""
    return "".join(token.text for token in tokens)


def part_of(token: Token, start: int, end: int, kind: str = "", spaced: bool = False) -> Token:
    """A piece of a token, a number or a name by what it begins with unless its kind is said."""
    return token._replace(
        kind=kind or ("number" if token.text[start].isdigit() else "name"),
        text=token.text[start:end],
        start=token.start + start,
        end=token.start + end,
        spaced=spaced or (start == 0 and token.spaced),
    )
