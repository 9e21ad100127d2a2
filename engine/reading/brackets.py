"""Brackets, bars, fractions, roots and matrices written out."""

from __future__ import annotations

from engine.reading.building import applied, inner_product, norm, product_of, sum_of_absolutes
from engine.reading.cursor import merged, part_of
from engine.reading.errors import Hopeless, Unreadable
from engine.reading.parsing import BARS
from engine.reading.rates import Rates
from engine.reading.tokens import Token
from engine.terms import HALF, TWO, At, Symbol, Term, absolute, determinant, explicit, hadamard_power, power, trace


class Brackets(Rates):
    """Brackets, bars, fractions, roots and matrices."""

    def _bracketed(self) -> Term:
        opened = self.take()
        close = {"(": ")", "{": "}", "[": "]"}[opened.kind]
        outside, self.bars = self.bars, ()
        if opened.kind == "[" and self.kind == "[":
            return self._rows(opened, outside)
        inner = self.expression()
        if self.kind == "," and opened.kind == "[":
            return self._column(inner, opened, outside)
        self._separator_hint()
        self.want(close, opened)
        self.bars = outside
        return self._at_values(inner) if opened.kind == "[" and self._is_place_subscript() else inner

    def _column(self, first: Term, opened: Token, outside: tuple[str, ...]) -> Term:
        entries = [first]
        while self.taken(","):
            entries.append(self.expression())
        self.want("]", opened)
        self.bars = outside
        self.note("a list in brackets is read as a column")
        with self.fitting(self.place - 1):
            return explicit([[entry] for entry in entries])

    def _rows(self, opened: Token, outside: tuple[str, ...]) -> Term:
        start = self.place - 1
        rows: list[list[Term]] = []
        while True:
            row_opened = self.want("[")
            rows.append([self.expression()])
            while self.taken(","):
                rows[-1].append(self.expression())
            self.want("]", row_opened)
            if not self.taken(","):
                break
        self.want("]", opened)
        self.bars = outside
        return self._explicit(rows, start)

    def _explicit(self, rows: list[list[Term]], start: int) -> Term:
        if len({len(row) for row in rows}) > 1:
            raise self.ill_typed("the rows of a matrix must be of one length", start)
        with self.fitting(start):
            return explicit(rows)

    def _matrix_environment(self) -> Term:
        start = self.place
        opened = self.take()
        name = self._environment_name()
        if name not in ("pmatrix", "bmatrix", "matrix", "smallmatrix", "vmatrix", "Bmatrix"):
            raise Unreadable(f"the environment {name} is not known here", opened.start, self.tokens[self.place - 1].end)
        outside, self.bars = self.bars, ()
        rows: list[list[Term]] = [[self.expression()]]
        while self.kind in ("&", "\\\\"):
            if self.take().kind == "&":
                rows[-1].append(self.expression())
            elif self.kind != "end" or self.ahead().kind == "{":
                if self.kind == "end":
                    break
                rows.append([self.expression()])
        self.bars = outside
        self._end_of_environment(opened, name)
        matrix = self._explicit(rows, start)
        with self.fitting(start):
            return determinant(matrix) if name == "vmatrix" else matrix

    def _environment_name(self) -> str:
        opened = self.want("{")
        name = self.take().text
        self.want("}", opened)
        return name

    def _end_of_environment(self, opened: Token, name: str) -> None:
        if self.kind != "end" or self.now.text != "end":
            raise Unreadable(f"\\begin{{{name}}} has no \\end{{{name}}}", opened.start, opened.end)
        self.take()
        if self._environment_name() != name:
            raise Unreadable(f"\\begin{{{name}}} is ended as something else", opened.start, opened.end)

    def _rounded(self) -> Term:
        """⌊x⌋ and ⌈x⌉."""
        start = self.place
        opened = self.take()
        outside, self.bars = self.bars, ()
        inner = self.expression()
        self.want(")" + opened.kind[:-1], opened)
        self.bars = outside
        with self.fitting(start):
            return applied(opened.kind[:-1], inner)

    def _angle_product(self) -> Term:
        start = self.place
        opened = self.take()
        left = self.expression()
        self.want(",")
        right = self.expression()
        self.want(")>", opened)
        if left.shape != right.shape:
            raise self.ill_typed("an inner product takes two terms of one shape", start)
        with self.fitting(start):
            return trace(inner_product(left, right))

    def _between_bars(self) -> Term:
        """|x| or ‖x‖; `||` may also be the beginning of two absolute values."""
        start = self.place
        before = self.mark()
        bar = self.take()
        outside, self.bars = self.bars, (bar.kind,)
        try:
            inner = self.expression()
            if self.kind != bar.kind and not (bar.kind == "|" and self._halved()):
                raise self.unexpected(f"the closing {bar.kind} was expected here")
            self.take()
        except Hopeless:
            raise
        except Unreadable:
            if bar.kind != "||" or bar.end - bar.start != 2:
                raise
            self.back_to(before)
            self.put(part_of(bar, 0, 1, "|"), part_of(bar, 1, 2, "|"))
            self.bars = outside
            return self._between_bars()
        finally:
            self.bars = outside
        if bar.kind == "|" and inner.is_scalar:
            return absolute(inner)
        if bar.kind == "|" and inner.rows == inner.cols and self.names.free:
            self.note(f"|{inner}| is read as the determinant")
            return determinant(inner)
        if bar.kind == "|" and inner.cols != 1:
            raise self.ill_typed("|A| may be a determinant or a norm", start, "write det(A) or ||A||")
        return self._norm(inner, start)

    def _halved(self) -> bool:
        """Where two absolute values end together: `||x| − |y||`."""
        token = self.now
        if token.kind != "||" or token.end - token.start != 2:
            return False
        self.put(part_of(token, 0, 1, "|"), part_of(token, 1, 2, "|"))
        return True

    def _norm(self, inner: Term, start: int) -> Term:
        """A norm with the subscript and the square behind it: ‖w‖₂², ‖A‖_F², ‖w‖₁."""
        which = "2"
        self._put_subscript_first()
        if self.kind == "_":
            self.take()
            end = self._end_of_script(self.place)
            parts = self.subscripts(self.place)
            which = merged(list(parts[0])) if len(parts) == 1 else ""
            token = self.now
            if end is None or which not in ("1", "2", "F") or (which == "1" and not (inner.cols == 1)):
                raise Unreadable("this norm is not known here", token.start, token.end, "‖v‖₁ of a column, ‖v‖₂, ‖A‖_F")
            self.place = end
        if which == "1":
            with self.fitting(start):
                return sum_of_absolutes(inner)
        if not inner.is_scalar and inner.cols != 1 and which == "2" and self.tokens[self.place - 1].kind not in BARS:
            raise self.ill_typed("the spectral norm is not known here", start, "‖A‖ or ‖A‖_F is the Frobenius norm")
        return norm(inner)

    def _put_subscript_first(self) -> None:
        """‖w‖^2_2 as ‖w‖_2^2."""
        above = self._end_of_script(self.place + 1) if self.kind == "^" else None
        if above is not None and self.tokens[above].kind == "_":
            below = self._end_of_script(above + 1)
            if below is not None:
                self.tokens[self.place : below] = [*self.tokens[above:below], *self.tokens[self.place : above]]

    def _fraction(self) -> Term:
        start = self.place
        kind = self.take().kind
        if kind == "frac" and (rate := self._rate_as_fraction(start)) is not None:
            return rate
        above = self._argument()
        at = self.place
        below = self._argument()
        with self.fitting(start):
            if kind == "binom":
                return applied("binomial", above, below)
            return product_of([above, self._below(below, at)])

    def _argument(self) -> Term:
        """What a LaTeX command takes: a group, or a single digit or letter (`\\frac12`)."""
        with self.one_deeper():
            return self._argument_itself()

    def _argument_itself(self) -> Term:
        if self.kind == "{":
            return self._bracketed()
        token = self.now
        if token.kind in ("number", "name") and len(token.text) > 1 and token.end - token.start == len(token.text):
            self.put(part_of(token, 0, 1), part_of(token, 1, len(token.text)))
            if token.kind == "name" and self.meant(token.text[0]) is None:
                raise self.unknown(token.text, self.place)
        if token.kind in ("number", "name", "font", "accent", "frac", "sqrt"):
            return self._primary()
        raise self._no_factor()

    def _root(self) -> Term:
        start = self.place - 1
        degree: Term = TWO
        if self.kind == "[":
            degree = self._bracketed()
        inner = self._under_root()
        with self.fitting(start):
            exponent = HALF if degree == TWO else self._reciprocal(degree, start)
            return hadamard_power(inner, exponent) if inner.cols == 1 else power(inner, exponent)

    def _under_root(self) -> Term:
        """What a root is taken of: what stands behind brackets is done to the root, √(x)² is (√x)²."""
        if self.kind not in ("{", "(", "["):
            return self.factor()
        with self.one_deeper():
            return self._bracketed()

    def _is_place_subscript(self) -> bool:
        if self.kind != "_" or self.ahead().kind != "{":
            return False
        end = self.closing(self.place + 1)
        return any(self.tokens[k].kind == "=" for k in range(self.place, end))

    def _at_values(self, body: Term) -> Term:
        """[body]_{x = a, y = b}."""
        start = self.place
        self.take()
        end = self.closing(self.place)
        for a, b in self.pieces(self.place + 1, end, ","):
            split = next((k for k in range(a, b) if self.tokens[k].kind == "="), None)
            symbol = self._inside(tuple(self.tokens[a:split])) if split else None
            if not isinstance(symbol, Symbol) or split is None:
                raise self.unexpected("a value for a symbol, as in [f]_{x = 0}, was expected here")
            with self.fitting(start):
                body = At(body, symbol, self._inside(tuple(self.tokens[split + 1 : b])))
        self.place = end + 1
        return body
