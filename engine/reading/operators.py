"""Sums, limits, minimisers, gradients, means and variances."""

from __future__ import annotations

from engine.reading.brackets import Brackets
from engine.reading.building import shifted_sum, total_of
from engine.reading.cursor import merged, part_of
from engine.reading.errors import Unreadable
from engine.reading.parsing import LONGEST_SUM
from engine.reading.tokens import Token
from engine.terms import (
    INFINITY,
    ONE,
    TWO,
    ArgMin,
    Covariance,
    Expectation,
    Limit,
    Number,
    Symbol,
    Term,
    Variance,
    gradient,
    negate,
)


class Operators(Brackets):
    """Sums, limits, minimisers, gradients, means and variances."""

    _trouble: Unreadable | None = None  # what kept sum(…) from being the sum of a vector's entries

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
        if not lower and self._trouble is not None:
            raise self._trouble
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
        for token in names:
            if token.text in self._sizes():
                raise Unreadable(
                    f"{token.text} is a size here", token.start, token.end, "take another letter for the index"
                )
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

    def _sizes(self) -> set[str]:
        """The names of what the rows and columns of symbols are counted by."""
        sizes = (size for symbol in self.names.symbols.values() for size in symbol.shape)
        return {size.name for size in sizes if isinstance(size, Symbol)}

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
        if len(parts) == 1:
            return self._sum_of_entries(parts[0], end)
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

    def _sum_of_entries(self, part: tuple[int, int], end: int) -> Term | None:
        """sum(v) of a column or matrix; None for a scalar, which is the body of a sum."""
        try:
            inner = self._inside(tuple(self.tokens[slice(*part)]))
        except Unreadable as trouble:
            self._trouble = trouble  # unless it is the body of a sum, whose index is said elsewhere
            return None
        if inner.is_scalar:
            return None
        self.place = end + 1
        return total_of(inner)

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
        exponent = self._exponent(self.take()) if self.kind == "^" else ONE  # E²[x] is (E[x])²
        if self.kind not in ("(", "[", "{"):
            raise self.unknown("E", start)
        return self._power(Expectation(self._bracketed(), over), exponent, start)

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
