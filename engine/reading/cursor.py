"""A place in the tokens, and how to go on from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.reading.errors import Hopeless, IllTyped, Unreadable
from engine.reading.tokens import Token
from engine.terms import ShapeError

DEEPEST = 40  # expressions within expressions
MOST_TRIES = 6_000  # looks at a token, before the text counts as too entangled


class Cursor:
    """Reads tokens one after the other; what is decided where two readings are possible is noted."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.notes: dict[str, None] = {}
        self.tries = 0
        self.level = 0
        self.inside = False  # a subscript, or the bounds of a sum

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    @property
    def kind(self) -> str:
        return self.tokens[self.place].kind

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.place + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The token here; the cursor goes on to the next."""
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

    def unexpected(self, expected: str) -> Unreadable:
        token = self.now
        what = "the text ends" if token.kind == "end" else expected
        return Unreadable(f"{what}, but {expected}" if token.kind == "end" else what, token.start, token.end)

    def note(self, text: str) -> None:
        self.notes[text] = None

    def put(self, *tokens: Token) -> None:
        """Other tokens in place of the one here."""
        self.tokens[self.place : self.place + 1] = tokens

    def closing(self, opened: int) -> int:
        """The place of the bracket that closes the one at a place."""
        depth = 0
        for place in range(opened, len(self.tokens)):
            kind = self.tokens[place].kind
            depth += (kind in "([{") - (kind in ")]}") if len(kind) == 1 else 0
            if depth == 0:
                return place
        token = self.tokens[opened]
        raise Unreadable(f"this {token.text} is never closed", token.start, token.end)

    def one_deeper(self) -> Cursor:
        """A context, one level deeper. Raises Unreadable where expressions stand too deep within one another."""
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

    def mark(self) -> tuple[int, dict[str, None], list[Token]]:
        """Where the cursor is, to come back to."""
        return self.place, dict(self.notes), list(self.tokens)

    def back_to(self, mark: tuple[int, dict[str, None], list[Token]]) -> None:
        self.place, self.notes, self.tokens = mark[0], dict(mark[1]), list(mark[2])

    def pieces(self, start: int, end: int, at: str) -> list[tuple[int, int]]:
        """Where the parts between a separator stand, from a place to before another, outside of brackets."""
        found: list[tuple[int, int]] = []
        depth, begun = 0, start
        for place in range(start, end):
            kind = self.tokens[place].kind
            if kind in ("(", "[", "{"):
                depth += 1
            elif kind in (")", "]", "}"):
                depth -= 1
            elif kind == at and depth == 0:
                found.append((begun, place))
                begun = place + 1
        found.append((begun, end))
        return found


def merged(tokens: list[Token]) -> str:
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
