"""The grammar: sums of products of factors, as people write them.

Products and quotients are read from left to right, written out or not: `a/b c` is (a/b)·c. A function without
brackets takes what stands beside it up to the next sign: `ln 2x` is ln(2x).
"""

from __future__ import annotations

from fractions import Fraction

from engine.premises import Relation
from engine.reading import notation
from engine.reading.building import (
    EULER,
    applied,
    inner_product,
    norm,
    norm_squared,
    open_identity,
    product_of,
    raised,
    reciprocal,
    shifted_sum,
    sum_of,
    sum_of_absolutes,
)
from engine.reading.cursor import merged, part_of
from engine.reading.errors import Hopeless, Unreadable
from engine.reading.tokens import ONE_SIDED, Token
from engine.reading.words import STARS, Found, Words, is_function
from engine.terms import (
    HALF,
    INFINITY,
    MINUS_ONE,
    ONE,
    TWO,
    ArgMin,
    At,
    Covariance,
    Definition,
    Entry,
    Expectation,
    Identity,
    Limit,
    Number,
    Pi,
    Power,
    ShapeError,
    SquaredNorm,
    Symbol,
    Term,
    Variance,
    absolute,
    determinant,
    explicit,
    gradient,
    negate,
    power,
    sqrt,
    trace,
    transpose,
)

HIGHEST_EXPONENT = 1_000
LONGEST_SUM = 64
MOST_POSTFIXES = 12
TOO_MANY_BITS = 6_000

RELATIONS = {
    "=": Relation.EQUAL,
    "!=": Relation.NOT_EQUAL,
    "<": Relation.LESS,
    "<=": Relation.AT_MOST,
    ">": Relation.LESS,
    ">=": Relation.AT_MOST,
}
QUOTIENT_NOTE = "a/b c is read as (a/b)·c: what stands below one line needs brackets"
STARTS = frozenset(
    ("number", "name", "font", "accent", "(", "[", "{", "frac", "binom", "sqrt", "sum", "begin", "<(", "nabla")
)
BARS = frozenset(("|", "||"))


class Grammar(Words):
    """A parser by recursive descent that makes terms as it goes."""

    bars: tuple[str, ...] = ()  # the bars that are open here
    tight = False  # whether 1/2n is read as 1/(2n): only to see what was meant

    # -- sums ------------------------------------------------------------------------------------------------------------

    def expression(self) -> Term:
        start = self.place
        parts = [self._signed_product()]
        while self.kind in ("+", "-"):
            parts.append(self._signed_product())
        if len(parts) == 1:
            return parts[0]
        try:
            return sum_of(parts)
        except ShapeError as error:
            hint = "a number is added to a matrix: is an I missing?" if any(p.is_scalar for p in parts) else ""
            raise self.ill_typed(str(error), start, hint) from None

    def _signed_product(self) -> Term:
        negative = False
        while self.kind in ("+", "-"):
            negative ^= self.take().kind == "-"
        product = self.product()
        return negate(product) if negative else product

    # -- products ----------------------------------------------------------------------------------------------------------

    def product(self) -> Term:
        start = self.place
        factors: list[Term] = [self.factor()]
        divided = False
        while True:
            kind = self.kind
            if kind in ("*", "·", "@", "/", "★"):
                self.take()
                at = self.place
                negative = self._sign()
                factor = self.factor()
                if negative:
                    factor = negate(factor)
                while kind == "/" and self.tight and self._stands_close():
                    factor = self._multiplied([factor, self.factor()], at)
                if kind == "/":
                    factor = self._below(factor, at)
                elif kind == "·" and (read := self._as_inner_product(factors, factor)) is not None:
                    factors, factor = read
                divided = kind == "/"
            elif self._begins_factor():
                if divided and kind != "sum":
                    self.note(QUOTIENT_NOTE)
                divided = False
                factor = self.factor()
            else:
                break
            factors.append(factor)
        return self._multiplied(factors, start)

    def _stands_close(self) -> bool:
        return not self.now.spaced and self.kind not in ("sum", *BARS) and self._begins_factor()

    def _sign(self) -> bool:
        negative = False
        while self.kind in ("+", "-"):
            negative ^= self.take().kind == "-"
        return negative

    def _below(self, factor: Term, at: int) -> Term:
        if not factor.is_scalar:
            raise self.ill_typed(f"cannot divide by {factor}, which is a matrix", at, "write its inverse, as in A^-1 b")
        return self._reciprocal(factor, at)

    def _reciprocal(self, factor: Term, at: int) -> Term:
        try:
            return reciprocal(factor)
        except ZeroDivisionError:
            raise Unreadable("a division by zero", self.tokens[at].start, self.tokens[at].end) from None

    def _as_inner_product(self, factors: list[Term], right: Term) -> tuple[list[Term], Term] | None:
        """w·x of two columns as wᵀx."""
        left = factors[-1]
        if left.is_scalar or left.shape != right.shape or left.cols != 1:
            return None
        self.note(f"{left}·{right} is read as the inner product {transpose(left)}{right}")
        return factors[:-1], inner_product(left, right)

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

    # -- factors -------------------------------------------------------------------------------------------------------------

    def factor(self) -> Term:
        start = self.place
        with self.one_deeper():
            return self._postfixed(self._primary(), start)

    def _primary(self) -> Term:
        token = self.now
        match token.kind:
            case "number":
                self.take()
                return Number(Fraction(int(token.text) if token.text.isdecimal() else token.text))
            case "name" | "font" | "accent":
                return self._name()
            case "(" | "{" | "[":
                return self._bracketed()
            case "|" | "||":
                return self._between_bars()
            case "frac" | "binom":
                return self._fraction()
            case "sqrt":
                self.take()
                return self._root()
            case "sum":
                self.take()
                return self._sum()
            case "begin":
                return self._matrix_environment()
            case "<(":
                return self._angle_product()
            case "nabla":
                return self._nabla()
            case "lim":
                self.take()
                return self._limit()
        raise self._no_factor()

    def _no_factor(self) -> Unreadable:
        token = self.now
        expected = "a number, a name or a bracket"
        if token.kind == "end":
            return Unreadable("something is missing at the end", token.start, token.end, f"{expected} could stand here")
        self._separator_hint()
        if token.kind in ("infinity", "..."):
            return Unreadable(f"{token.text} is not a value here", token.start, token.end)
        return Unreadable(f"{token.text} cannot stand here", token.start, token.end, f"{expected} could")

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

    def _separator_hint(self) -> None:
        token, before = self.now, self.tokens[self.place - 1]
        if before.kind == "{":
            before = self.tokens[self.place - 2]
        if token.kind == "," and before.kind == "number" and self.ahead().kind in ("number", "}"):
            raise Unreadable(
                "a comma within a number", token.start, token.end, "write 1000, without a separator, and 0.5"
            )

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

    # -- bars -------------------------------------------------------------------------------------------------------------------

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

    # -- fractions and roots ------------------------------------------------------------------------------------------------------

    def _fraction(self) -> Term:
        start = self.place
        kind = self.take().kind
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
        inner = self._argument() if self.kind == "{" else self.factor()
        with self.fitting(start):
            return sqrt(inner) if degree == TWO else power(inner, self._reciprocal(degree, start))

    # -- powers, transposes, indices -------------------------------------------------------------------------------------------------

    def _postfixed(self, base: Term, start: int) -> Term:
        for _ in range(MOST_POSTFIXES):
            kind = self.kind
            if kind == "^":
                base = self._raised(base, start)
            elif kind in ("'", "ᵀ"):
                self.take()
                base = transpose(base)
            elif kind == "!":
                self.take()
                with self.fitting(start):
                    base = applied("factorial", base)
            elif kind == "." and self.ahead().kind == "name" and not self.ahead().spaced:
                base = self._attribute(base, start)
            elif kind == "[" and not self.now.spaced and not base.is_scalar:
                self.take()
                base = self._entry(base, self._list("]"), start)
            elif kind == "_" and not base.is_scalar:
                self.take()
                self._join_indices(base)
                base = self._entry(base, self._indices(self.subscripts(self.place), base), start, subscripted=True)
            else:
                return base
        raise Unreadable("too many marks behind one another", self.tokens[start].start, self.now.end)

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

    def _inside(self, part: tuple[Token, ...]) -> Term:
        """The term that some tokens are, read on their own."""
        if not part:
            raise self._no_factor()
        token = part[-1]
        inner = type(self)([*part, Token("end", "", token.end, token.end)], self.names)
        inner.bound, inner.tries, inner.tight, inner.level = self.bound, self.tries, self.tight, self.level
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

    def _raised(self, base: Term, start: int) -> Term:
        caret = self.take()
        script = self._script_word()
        if script in ("T", "'"):
            return transpose(base)
        if script == "-T":
            with self.fitting(start):
                return transpose(self._reciprocal(base, start))
        return self._power(base, self._exponent(caret), start)

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

    def _script_end(self) -> int:
        """Where the script that begins here ends. Raises Unreadable where none does."""
        end = self._end_of_script(self.place)
        if end is None:
            raise self._no_factor()
        return end

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
        found = self._primary() if token.kind != "{" else self._bracketed()
        if self.kind == "^":
            inner = self.take()
            found = self._power(found, self._exponent(inner), self.place)
        return negate(found) if negative else found

    def _power(self, base: Term, exponent: Term, start: int) -> Term:
        self._bounded(base, exponent, start)
        if isinstance(base, Power) and base.exponent == HALF and exponent == TWO and isinstance(base.base, SquaredNorm):
            return norm_squared(base.base.inner)
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

    # -- names ---------------------------------------------------------------------------------------------------------------------------

    def _name(self) -> Term:
        start = self.place
        text = self.word()
        if text is None:
            return self._set_in_font(start)
        found = self.declared(text) if text != "E!" else None
        if found is not None:
            self.place = found.place
            return self._of(found, start)
        special = self._special(text, start)
        if special is not None:
            return special
        token = self.tokens[start]
        if token.kind == "name" and len(text) > 1:
            pieces = self.split(token)
            if pieces is not None and len(pieces) > 1:
                self.place = start
                self.put(*pieces)
                return self._name()
        if self.names.free and (len(text) == 1 or text in notation.GREEK):
            return self._declared_now(text)
        raise self.unknown(text, start)

    def _declared_now(self, text: str) -> Term:
        symbol = Symbol(text)
        self.bound[text] = symbol
        self.note(f"{symbol} is taken to be any real number")
        return symbol

    def _set_in_font(self, start: int) -> Term:
        """\\mathbf{…} around more than a name: the font changes nothing."""
        self.place = start
        token = self.take()
        if token.kind == "font" and self.kind == "{":
            return self._bracketed()
        raise Unreadable("what this command is to be applied to is missing", token.start, token.end)

    def _of(self, found: Found, start: int) -> Term:
        meant = found.meant
        if isinstance(meant, Symbol):
            if not found.left:
                return meant
            with self.fitting(start):
                return Entry(meant, tuple(self._inside(part) for part in found.left))
        return self._call(meant, found.left, start)

    def _call(self, definition: Definition, left: tuple[tuple[Token, ...], ...], start: int) -> Term:
        count = len(definition.parameters)
        if definition.indexed:
            if not left and self.kind == "_":
                self.take()
                parts = self.subscripts(self.place)
                end = self._script_end()
                left, self.place = parts, end
            if not left:
                return definition(*definition.parameters)
            arguments = [self._inside(part) for part in left]
        elif count and self.kind == "(":
            self.take()
            arguments = self._list(")")
        else:
            return definition(*definition.parameters)
        if len(arguments) != count:
            raise self.ill_typed(f"{definition.name} takes {count} arguments, not {len(arguments)}", start)
        with self.fitting(start):
            return definition(*arguments)

    def _list(self, close: str) -> list[Term]:
        opened = self.tokens[self.place - 1]
        outside, self.bars = self.bars, ()
        found = [self.expression()]
        while self.taken(","):
            found.append(self.expression())
        self.want(close, opened)
        self.bars = outside
        return found

    def _special(self, text: str, start: int) -> Term | None:
        """A constant, a function or an operator of that name; None where the word is none."""
        if text == "I":
            return self._identity(start)
        if text == "e":
            return EULER
        if text == "pi":
            return Pi()
        if text in ("E", "E!"):
            return self._expectation(start)
        if text in ("Var", "Cov"):
            return self._spread(text, start)
        if text == "sum" or (text == "Sigma" and self.kind in ("_", "^")):
            return self._sum()
        if text == "lim":
            return self._limit()
        if text in ("argmin", "argminimum"):
            return self._arg_min(start)
        if is_function(text):
            return self._function(notation.FUNCTIONS.get(text, text), start)
        return None

    def _identity(self, start: int) -> Term:
        if self.kind != "_":
            return open_identity()
        self.take()
        parts = self.subscripts(self.place)
        end = self._script_end()
        inside = [t for t in parts[0] if t.kind != "*"]
        size = self._inside(tuple(inside[:1])) if len(parts) == 1 and inside else None
        self.place = end
        if isinstance(size, Symbol) and size in self.names.declarations and self.names.declarations[size].domain.whole:
            return Identity(size)
        if isinstance(size, Number) and size.value.denominator == 1 and 1 <= size.value <= LONGEST_SUM:
            return Identity(int(size.value)) if size != ONE else ONE
        raise self.ill_typed("the size of an identity is a whole number", start)

    # -- functions ------------------------------------------------------------------------------------------------------------------------

    def _function(self, name: str, start: int) -> Term:
        if name == "sqrt":
            return self._root()
        exponent: Term | None = None
        base: Term | None = None
        while self.kind in ("^", "_"):
            sign = self.take()
            if sign.kind == "^":
                exponent = self._exponent(sign)
            elif name == "log":
                base = self._argument()
            else:
                raise Unreadable(f"{name} takes no subscript", sign.start, self.now.end)
        if exponent == MINUS_ONE:
            raise Unreadable(f"{name}^-1 may be an inverse or 1/{name}", self.tokens[start].start, self.now.start)
        arguments = self._arguments(name)
        value = self._apply(name, arguments, start)
        if base is not None:
            value = product_of([value, self._reciprocal(self._apply("log", [base], start), start)])
        return value if exponent is None else self._power(value, exponent, start)

    def _arguments(self, name: str) -> list[Term]:
        if self.taken("("):
            return self._list(")")
        if self.kind in ("{", "["):
            return [self._bracketed()]
        if not (self.kind in STARTS or self.kind in BARS or self.kind == "number"):
            raise Unreadable(f"what {name} is taken of is missing", self.now.start, self.now.end)
        start = self.place
        factors = [self.factor()]
        while self._begins_factor() and not self._is_function_next():
            factors.append(self.factor())
        return [self._multiplied(factors, start)]

    def _is_function_next(self) -> bool:
        text = self.now.text
        return self.kind in ("sum", "sqrt") or (self.kind == "name" and is_function(text) and self.meant(text) is None)

    def _apply(self, name: str, arguments: list[Term], start: int) -> Term:
        wanted = _ARITY.get(name, 1)
        if wanted and len(arguments) != wanted:
            token = self.tokens[start]
            raise Unreadable(
                f"{name} takes {wanted} argument{'s' * (wanted > 1)}", token.start, self.tokens[self.place - 1].end
            )
        first = arguments[0]
        with self.fitting(start):
            match name:
                case "tr" | "Tr" | "trace":
                    return trace(first)
                case "det":
                    return determinant(first)
                case "inv" | "inverse":
                    return self._reciprocal(first, start)
                case "transpose":
                    return transpose(first)
                case "norm":
                    return norm(first)
            return applied(name, *arguments)

    # -- sums, limits, minimisers ------------------------------------------------------------------------------------------------------------

    def _sum(self) -> Term:
        start = self.place - 1
        if self.kind == "(":
            found = self._sum_in_brackets(start)
            if found is not None:
                return found
        lower: tuple[Token, ...] | None = None
        upper: Term | None = None
        while self.kind in ("_", "^"):
            if self.take().kind == "^":
                upper = self._exponent(self.tokens[self.place - 1])
            else:
                end = self._end_of_script(self.place)
                if end is None:
                    raise self._no_factor()
                group = self.kind == "{"
                lower = tuple(self.tokens[self.place + group : end - group])
                self.place = end
        if not lower:
            raise self.unexpected("a sum needs an index, as in sum_{i=1}^n or sum(x_i, i, 1, n)")
        return self._summed(lower, upper, start)

    def _summed(self, lower: tuple[Token, ...], upper: Term | None, start: int) -> Term:
        from engine.reading.ranges import range_of

        place = next((k for k, token in enumerate(lower) if token.kind == "="), None)
        names = [token for token in lower[:place] if token.kind != ","]
        if not names or any(token.kind != "name" for token in names):
            raise Unreadable("a sum needs an index, as in sum_{i=1}^n", lower[0].start, lower[-1].end)
        if len(names) == 1 and len(names[0].text) > 1 and place is None and names[0].text.isascii():
            names = [part_of(names[0], k, k + 1) for k in range(len(names[0].text))]
        first = self._inside(lower[place + 1 :]) if place is not None else ONE
        outside = dict(self.bound)
        indices = [Symbol(token.text) for token in names]
        self.bound |= {index.name: index for index in indices}
        body = self._sum_body()
        self.bound = outside
        for index, token in zip(reversed(indices), reversed(names), strict=True):
            last = upper if upper is not None else range_of(body, index)
            if last is None:
                hint = f"write sum_{{{index.name}=1}}^n"
                raise Unreadable(f"how far {index.name} runs is not said", token.start, token.end, hint)
            body = self._one_sum(body, index, first, last, start)
        return body

    def _sum_body(self) -> Term:
        return negate(self.product()) if self._sign() else self.product()

    def _one_sum(self, body: Term, index: Symbol, first: Term, last: Term, start: int) -> Term:
        for bound in (first, last):
            if not bound.is_scalar or (isinstance(bound, Number) and abs(bound.value) > LONGEST_SUM):
                token = self.tokens[start]
                raise Unreadable(f"a sum runs over at most {LONGEST_SUM} numbers", token.start, token.end)
        with self.fitting(start):
            return shifted_sum(body, index, first, last)

    def _sum_in_brackets(self, start: int) -> Term | None:
        """sum(x_i, i, 1, n) and sum(x_i, i=1..n); None for a bracket that is only the body."""
        end = self.closing(self.place)
        parts = self.pieces(self.place + 1, end, ",")
        if len(parts) not in (2, 4):
            return None
        (a, b), (c, d) = parts[0], parts[1]
        name = self.tokens[c]
        if name.kind != "name":
            return None
        dots = next((k for k in range(c, d) if self.tokens[k].kind == "..."), None)
        outside = dict(self.bound)
        if len(parts) == 4:
            first, last = (self._inside(tuple(self.tokens[x:y])) for x, y in parts[2:])
        elif dots is not None and self.tokens[c + 1].kind == "=":
            first, last = self._inside(tuple(self.tokens[c + 2 : dots])), self._inside(tuple(self.tokens[dots + 1 : d]))
        else:
            return None
        index = Symbol(name.text)
        self.bound[index.name] = index
        body = self._inside(tuple(self.tokens[a:b]))
        self.bound = outside
        self.place = end + 1
        return self._one_sum(body, index, first, last, start)

    def _limit(self) -> Term:
        start = self.place - 1
        self.want("_")
        opened = self.want("{")
        name = self.take()
        self.want("->")
        target = INFINITY if self.taken("infinity") else self.expression()
        self.want("}", opened)
        variable = self.names.symbols.get(name.text)
        if variable is None or not variable.is_scalar:
            raise self.unknown(name.text, start)
        return Limit(self._sum_body(), variable, target)

    def _arg_min(self, start: int) -> Term:
        self.want("_")
        parts = self.subscripts(self.place)
        end = self._script_end()
        variable = self._inside(parts[0])
        self.place = end
        if not isinstance(variable, Symbol):
            raise self.ill_typed("argmin is over a symbol", start)
        return ArgMin(self._sum_body(), variable)

    def _nabla(self) -> Term:
        start = self.place
        self.take()
        order, variable = 1, None
        while self.kind in ("^", "_"):
            sign = self.take()
            if sign.kind == "^":
                exponent = self._exponent(sign)
                order = 2 if exponent == TWO else 0
            else:
                end = self._script_end()
                variable = self._inside(self.subscripts(self.place)[0])
                self.place = end
        body = self.factor()
        if variable is None and hasattr(body, "arguments") and len(body.arguments) == 1:
            variable = body.arguments[0]
        if not isinstance(variable, Symbol) or order == 0:
            raise self.ill_typed("∇ needs a variable: ∇_w(…) or ∇f(w)", start)
        with self.fitting(start):
            found = gradient(body, variable)
            return gradient(found, variable) if order == 2 else found

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

    # -- means and variances -------------------------------------------------------------------------------------------------------------------

    def _over(self) -> tuple[Symbol, ...]:
        """The random symbols in the subscript of an E or Var."""
        if self.kind != "_":
            return ()
        self.take()
        parts = self.subscripts(self.place)
        end = self._script_end()
        over: list[Symbol] = []
        for part in parts:
            symbol = self.names.random(merged(list(part)))
            if symbol is None:
                raise Unreadable("a random symbol was expected here", part[0].start, part[-1].end)
            over.append(symbol)
        self.place = end
        return tuple(over)

    def _expectation(self, start: int) -> Term:
        over = self._over()
        if self.kind not in ("(", "[", "{"):
            raise self.unknown("E", start)
        return Expectation(self._bracketed(), over)

    def _spread(self, name: str, start: int) -> Term:
        over = self._over()
        opened = self.take()
        if opened.kind not in ("(", "["):
            raise self.unknown(name, start)
        arguments = self._list(")" if opened.kind == "(" else "]")
        if len(arguments) != (1 if name == "Var" else 2):
            raise Unreadable(
                f"{name} takes {1 if name == 'Var' else 2} terms", opened.start, self.tokens[self.place - 1].end
            )
        with self.fitting(start):
            return Variance(arguments[0], over) if name == "Var" else Covariance(arguments[0], arguments[1], over)


_ARITY = {"max": 0, "min": 0, "binomial": 2}
