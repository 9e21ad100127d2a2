"""What stands behind a factor: powers, transposes, marks and indices."""

from __future__ import annotations

from engine.reading.building import EULER, applied, norm_squared, open_unit, raised
from engine.reading.cursor import part_of
from engine.reading.errors import Unreadable
from engine.reading.parsing import Parser
from engine.reading.tokens import Token
from engine.reading.words import STARS, is_function
from engine.terms import (
    HALF,
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

HIGHEST_EXPONENT = 1_000
TOO_MANY_BITS = 6_000
MOST_POSTFIXES = 12


class Scripts(Parser):
    """Powers, transposes, marks and indices."""

    def _postfixed(self, base: Term, start: int) -> Term:
        for _ in range(MOST_POSTFIXES):
            kind = self.kind
            if kind == "^":
                base = self._raised(base, start)
            elif kind in ("'", "ᵀ"):
                self.take()
                base = transpose(base)
            elif kind == "!":
                sign = self.take()
                if self.kind == "!":
                    raise Unreadable("n!! may be a double factorial or (n!)!", sign.start, self.now.end)
                with self.fitting(start):
                    base = applied("factorial", base)
            elif kind == "." and self.ahead().kind == "name" and not self.ahead().spaced:
                base = self._attribute(base, start)
            elif kind == "[" and not self.now.spaced and not base.is_scalar:
                self.take()
                base = self._entry(base, self._list("]"), start)
            elif kind == "_":
                base = self._subscripted(base, start)
            else:
                return base
        raise Unreadable("too many marks behind one another", self.tokens[start].start, self.now.end)

    def _subscripted(self, base: Term, start: int) -> Term:
        if base == EULER:
            return self._unit_vector(start)
        if base.is_scalar:
            raise self._no_entries(base, start)
        self.take()
        self._join_indices(base)
        return self._entry(base, self._indices(self.subscripts(self.place), base), start, subscripted=True)

    def _unit_vector(self, start: int) -> Term:
        """The e_k that is 1 in place k and 0 elsewhere, where no e is declared."""
        parts = self.subscripts(self.place + 1)
        if len(parts) != 1:
            raise self._no_entries(EULER, start)
        self.take()
        (at,) = self._indices(parts, EULER)
        self.place = self._script_end()
        with self.fitting(start):
            return open_unit(at)

    def _no_entries(self, base: Term, start: int) -> Unreadable:
        """For x_1 of a number x, and for a name with a subscript that is not declared."""
        first, end = self.tokens[start], self._end_of_script(self.place + 1)
        last = self.tokens[end - 1] if end is not None else self.now
        shown = "".join(token.text for token in self.tokens[start : end or self.place + 1] if token.kind not in "{}")
        hint = f"{base} is a number and has no entries" if isinstance(base, Symbol) else ""
        return Unreadable(f"{shown} is not declared here", first.start, last.end, hint)

    def _attribute(self, base: Term, start: int) -> Term:
        self.take()
        name = self.take()
        if name.text in ("inv", "inverse", "transpose") and self.taken("("):
            self.want(")")
        if name.text in ("T", "transpose"):
            return transpose(base)
        with self.fitting(start):
            if name.text in ("I", "inv", "inverse"):
                return self._reciprocal(base, start)
        raise Unreadable(f".{name.text} is not known here", name.start - 1, name.end, ".T and .I are")

    def _entry(self, base: Term, indices: list[Term], start: int, subscripted: bool = False) -> Term:
        if subscripted:
            end = self._script_end()
            self.place = end
        with self.fitting(start):
            return self.entry_or_row(base, indices)

    def entry_or_row(self, base: Term, indices: list[Term]) -> Term:
        """An entry; of a matrix with one index, where that is no number, its row as a column: x_i of the rows of x."""
        if len(indices) == 1 and 1 not in base.shape and not isinstance(indices[0], Number):
            self.note(f"{base}_{indices[0]} is row {indices[0]} of {base}, as a column")
            return multiply(transpose(base), Unit(indices[0], base.rows))
        return Entry(base, tuple(indices))

    def _join_indices(self, base: Term) -> None:
        """X_1j: the two indices of a matrix side by side."""
        first, second = self.now, self.ahead()
        apart = second.spaced or second.kind not in ("name", "number") or len(first.text + second.text) != 2
        if base.cols != 1 and first.kind == "number" and not apart:
            self.tokens[self.place + 1 : self.place + 2] = []
            self.put(first._replace(kind="name", text=first.text + second.text, end=second.end))

    def _indices(self, parts: tuple[tuple[Token, ...], ...], base: Term) -> list[Term]:
        """The terms in a subscript; ij is i, j where two indices are wanted."""
        wanted = 1 if base.cols == 1 else 2
        if len(parts) == 1 and wanted == 2 and len(parts[0]) == 1 and len(parts[0][0].text) == 2:
            token = parts[0][0]
            if self.meant(token.text) is None:
                parts = ((part_of(token, 0, 1),), (part_of(token, 1, 2),))
        elif len(parts) == 1 and wanted == 2 and len(parts[0]) == 2:
            parts = ((parts[0][0],), (parts[0][1],))
        elif len(parts) == 1 and wanted == 1 and len(parts[0]) == 1 and parts[0][0].kind == "name":
            self._cut_subscript(parts[0][0])
            parts = (tuple(self.tokens[self.place : self.place + 1]),) if self.kind == "name" else parts
        return [self._inside(part) for part in parts]

    def _cut_subscript(self, token: Token) -> None:
        """Where the subscript of w_jx is j, as LaTeX has it: the rest of the word is what follows."""
        if self.now is token and len(token.text) > 1 and self.meant(token.text) is None and self.meant(token.text[0]):
            self.put(part_of(token, 0, 1), part_of(token, 1, len(token.text)))

    def _raised(self, base: Term, start: int) -> Term:
        caret = self.take()
        if self.kind == "⊙" or (self.kind == "{" and self.ahead().kind == "⊙"):
            return self._raised_entrywise(base, caret)
        self._refuse_a_label(start)
        script = self._script_word()
        if script in ("T", "'"):
            return transpose(base)
        if script == "-T":
            with self.fitting(start):
                return transpose(self._reciprocal(base, start))
        return self._power(base, self._exponent(caret), start)

    def _refuse_a_label(self, start: int) -> None:
        """Raises Unreadable for W^{(2)} in a formula of one's own: the W of a second layer, hardly a square."""
        kinds = [token.kind for token in self.tokens[self.place : self.place + 5]]
        if self.names.free and kinds in (["{", "(", "number", ")", "}"], ["{", "[", "number", "]", "}"]):
            first, number = self.tokens[start], self.tokens[self.place + 2].text
            hint = f"write {first.text}_{number}, a name of its own; for the power, {first.text}^{number}"
            raise Unreadable(
                "a number in brackets up here is a label", first.start, self.tokens[self.place + 4].end, hint
            )

    def _raised_entrywise(self, base: Term, caret: Token) -> Term:
        """x^⊙2 and x^{⊙2}: every entry to a power."""
        opened = self.take() if self.kind == "{" else None
        self.take()
        if opened is None:
            return hadamard_power(base, self._exponent(caret))
        exponent = self.expression()
        self.want("}", opened)
        return hadamard_power(base, exponent)

    def _script_word(self) -> str:
        """T, −T or ' as an exponent: a transpose, where T is no name of its own."""
        place = self.place
        token = self.now
        if token.kind == "ᵀ":
            self.take()
            return "T"
        if (
            token.kind == "name"
            and token.text.startswith("T")
            and self.meant("T") is None
            and self.meant(token.text) is None
        ):
            self.take()
            if len(token.text) > 1:  # X^TX
                self.place -= 1
                self.put(part_of(token, 0, 1), part_of(token, 1, len(token.text), spaced=True))
                self.take()
            return "T"
        if token.kind == "-" and self.ahead().text == "T" and self.meant("T") is None:
            self.place += 2
            return "-T"
        end = self._end_of_script(place) if token.kind in ("{", "font") else None
        if end is None:
            return ""
        inside = [t for t in self.tokens[place:end] if t.kind not in ("{", "}", "font")]
        text = "".join("T" if t.kind == "ᵀ" else t.text for t in inside)
        if text in ("T", "'", "-T") and (self.meant("T") is None or any(t.kind == "ᵀ" for t in inside) or text == "'"):
            self.place = end
            return text
        return ""

    def _exponent(self, caret: Token) -> Term:
        with self.one_deeper():
            return self._exponent_itself(caret)

    def _exponent_itself(self, caret: Token) -> Term:
        negative = self._sign()
        token = self.now
        if token.kind in STARS:
            raise Unreadable("a star is part of no name here", caret.start, token.end, "leave it out, or write ^2")
        if (
            token.kind == "name"
            and len(token.text) > 1
            and self.meant(token.text) is None
            and not is_function(token.text)
        ):
            pieces = self.split(token)
            if pieces is not None and token.end - token.start == len(token.text):
                self.put(*pieces)
        found = self._primary()
        if self.kind == "^":
            inner = self.take()
            found = self._power(found, self._exponent(inner), self.place)
        return negate(found) if negative else found

    def _power(self, base: Term, exponent: Term, start: int) -> Term:
        self._bounded(base, exponent, start)
        if isinstance(base, Power) and base.exponent == HALF and isinstance(base.base, SquaredNorm):
            halved = exponent.value / 2 if isinstance(exponent, Number) else HALF.value
            if halved.denominator == 1:
                return raised(norm_squared(base.base.inner), Number(halved))
        if not exponent.is_scalar:
            hint = "did you mean ^T?" if exponent == self.meant("t") else ""
            raise self.ill_typed(f"an exponent is a scalar; {exponent} is {show_shape(exponent.shape)}", start, hint)
        with self.fitting(start):
            try:
                return raised(base, exponent)
            except ZeroDivisionError:
                token = self.tokens[start]
                raise Unreadable("a division by zero", token.start, self.tokens[self.place - 1].end) from None

    def _bounded(self, base: Term, exponent: Term, start: int) -> None:
        """Raises Unreadable for a power that is too high to be worked out."""
        if not isinstance(exponent, Number):
            return
        size = abs(exponent.value)
        bits = 0
        if isinstance(base, Number):
            bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
        limit = 64 if not base.is_scalar else HIGHEST_EXPONENT
        if size > limit or size.denominator > 10**9 or bits * size > TOO_MANY_BITS:
            first, last = self.tokens[start], self.tokens[self.place - 1]
            raise Unreadable("a power too high to be worked out", first.start, last.end, f"exponents go up to {limit}")
