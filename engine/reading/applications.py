"""Names with their arguments, constants and functions."""

from __future__ import annotations

from engine.notation import spelling
from engine.notation.alphabet import GREEK
from engine.reading.building import EULER, applied, norm, open_identity, open_ones, product_of
from engine.reading.cursor import merged
from engine.reading.errors import Unreadable
from engine.reading.names import spelled_name
from engine.reading.operators import Operators
from engine.reading.parsing import BARS, LONGEST_SUM, STARTS
from engine.reading.tokens import Token
from engine.reading.words import ONES, Found, is_function
from engine.terms import (
    MINUS_ONE,
    ONE,
    At,
    Call,
    Definition,
    Identity,
    Number,
    Pi,
    Size,
    Symbol,
    Term,
    determinant,
    gradient,
    kronecker,
    ones,
    trace,
    transpose,
)


def _depends_on(definition: Definition) -> frozenset[Symbol]:
    """The symbols in what a name stands for, and in the names in it."""
    inner = (node.definition for node in definition.body.walk() if isinstance(node, Call))
    return definition.body.free.union(*(_depends_on(each) for each in inner))


_CONSTANTS = {"e": EULER, "pi": Pi()}
_OF_A_MATRIX = frozenset(("exp", "log", "sin", "cos", "sinh", "cosh", "tanh"))
COEFFICIENTS = ("lambda", "alpha", "eta")  # λ(wᵀw) is a product, where φ(x) is none
_ARITY = {"kron": 2, "ones": 0, "max": 0, "min": 0, "binomial": 2}


class Applications(Operators):
    """Names and functions."""

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
        after, self.place = self.place, start
        rate = self._rate_as_quotient(start)
        if rate is not None:
            return rate
        self.place = after
        new = self._new_name(text, start) if self.names.free else None
        return self._word_by_word(text, start) if new is None else new

    def _new_name(self, text: str, start: int) -> Term | None:
        """A name that nobody declared, where it may be one: more than a letter of our own."""
        applied = self.is_applied()
        if text == "sigma" and applied:
            self.note("σ(…) is read as the sigmoid")
            return self._function("sigmoid", start)
        function = self._is_function_here() and text not in COEFFICIENTS
        if function or (text in ("f", "g", "h") and applied):
            raise self.unknown(text, start)  # φ(x) is no product, φ(x + 1) may be one
        if text in GREEK and not (applied and text in spelling.FOREIGN):
            return self._declared_now(text)
        if (numbered := spelling.NUMBERED.fullmatch(text)) and self._is_new(numbered["stem"]):
            return self._declared_now(spelled_name(text))
        return self._declared_now(spelling.ALIASES[text]) if text in spelling.ALIASES else None

    def _word_by_word(self, text: str, start: int) -> Term:
        """A word in the names that it is made of, or a single letter."""
        token = self.tokens[start]
        if text in spelling.FOREIGN and (text not in GREEK or self.is_applied()):
            raise self.unknown(text, start)
        if token.kind == "name" and len(text) > 1:
            pieces = self.split(token)
            if pieces is not None and len(pieces) > 1:
                self.place = start
                self.put(*pieces)
                return self._name()
        imaginary = text in ("i", "j") and not self.inside
        if self.names.free and (len(text) == 1 or text in GREEK) and not imaginary:
            return self._declared_now(text)
        raise self.unknown(text, start)

    def _is_function_here(self) -> bool:
        """Whether a bracket opens right behind a new name, and what stands in it is no sum, as it is in a(x + 1)."""
        opened = self._end_of_script(self.place + 1) if self.kind == "_" else self.place
        if opened is None or self.tokens[opened].kind != "(" or self.tokens[opened].spaced:
            return False
        depth = 0
        for token in self.tokens[opened + 2 : self.closing(opened)]:
            depth += (token.kind in ("(", "[", "{")) - (token.kind in (")", "]", "}"))
            if depth == 0 and token.kind in ("+", "-"):
                return False
        return True

    def _is_new(self, stem: str) -> bool:
        """Whether a letter, before a number, may name something of its own: it is not declared without the number."""
        is_letter = len(stem) == 1 or stem in GREEK or stem in spelling.ALIASES
        return is_letter and self.meant(stem) is None

    def _declared_now(self, text: str) -> Term:
        end = self._end_of_script(self.place + 1) if self.kind == "_" else None
        below = merged([t for t in self.tokens[self.place + 1 : end] if t.kind not in "{}"]) if end is not None else ""
        if below and end is not None:
            self.place = end
        symbol = Symbol(f"{text}_{below}" if below else text)
        self.bound[symbol.name] = symbol
        times = f", and {symbol}(…) to be a product" if self.is_applied() else ""
        self.note(f"{symbol} is taken to be {'an index' if self.inside else 'a real number'}{times}")
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
                return self.entry_or_row(meant, [self._inside(part) for part in found.left])
        return self._call(meant, found.left, start)

    def _call(self, definition: Definition, left: tuple[tuple[Token, ...], ...], start: int) -> Term:
        count = len(definition.parameters)
        if definition.indexed:
            if not left and self.kind == "_":
                self.take()
                parts = self.subscripts(self.place)
                end = self._script_end()
                left, self.place = parts, end
            self._skip_what_it_depends_on(definition)
            if not left:
                return definition(*definition.parameters)
            arguments = [self._inside(part) for part in left]
        elif count == 1 and self.kind == "'" and self._is_slope():
            return self._slope(definition, start)
        elif count and self.kind == "(":
            arguments = self._arguments_before_parameters()
        else:
            self._skip_what_it_depends_on(definition)
            return definition(*definition.parameters)
        if len(arguments) != count:
            raise self.ill_typed(f"{definition.name} takes {count} arguments, not {len(arguments)}", start)
        with self.fitting(start):
            return definition(*arguments)

    def _arguments_before_parameters(self) -> list[Term]:
        """The arguments in f(x; w): what stands behind the ; are names of what f depends on, and change nothing."""
        opened = self.place
        end = self.closing(opened)
        cut = next((a - 1 for a, _ in self.pieces(opened + 1, end, ";")[1:]), None)
        if cut is not None:
            for part in self.pieces(cut + 1, end, ","):
                named = self._inside(tuple(self.tokens[slice(*part)]))
                if not isinstance(named, (Symbol, Call)):
                    first, last = self.tokens[part[0]], self.tokens[part[1] - 1]
                    raise Unreadable("a name was expected behind the ;", first.start, last.end)
            self.tokens[cut:end] = []
        self.take()
        return self._list(")")

    def _is_slope(self) -> bool:
        """Whether primes stand here, and an argument behind them: f'(x), f''(x)."""
        place = self.place
        while self.tokens[place].kind == "'":
            place += 1
        return self.tokens[place].kind == "("

    def _slope(self, definition: Definition, start: int) -> Term:
        """f'(x), the derivative with respect to the argument."""
        order = 0
        while self.taken("'"):
            order += 1
        arguments = self._arguments_before_parameters()
        variable = definition.parameters[0]
        if len(arguments) != 1:
            raise self.ill_typed(f"{definition.name} takes one argument", start)
        with self.fitting(start):
            found = definition(variable)
            for _ in range(order):
                found = gradient(found, variable)
            return found if arguments[0] == variable else At(found, variable, arguments[0])

    def _skip_what_it_depends_on(self, definition: Definition) -> None:
        """The (w) in g(w), where g is the name of a value that depends on w."""
        if self.kind != "(" or self.now.spaced:
            return
        end = self.closing(self.place)
        inside = [token for token in self.tokens[self.place + 1 : end] if token.kind not in ("font", "{", "}")]
        meant = self.meant(inside[0].text) if len(inside) == 1 and inside[0].kind == "name" else None
        if isinstance(meant, Symbol) and meant in _depends_on(definition):
            self.place = end + 1

    def _special(self, text: str, start: int) -> Term | None:
        """A constant, a function or an operator of that name; None where the word is none."""
        if text == "I":
            return self._identity(start)
        if text == ONES:
            return self._ones(start)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
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
            return self._function(spelling.FUNCTIONS.get(text, text), start)
        return None

    def _ones(self, start: int) -> Term:
        size = self._size_below("ones", start) if self.kind == "_" else None
        return open_ones() if size is None else ones(size)

    def _identity(self, start: int) -> Term:
        if self.kind != "_":
            return open_identity()
        size = self._size_below("an identity", start)
        return Identity(size) if size != 1 else ONE

    def _size_below(self, what: str, start: int) -> Size:
        self.take()
        parts = self.subscripts(self.place)
        end = self._script_end()
        inside = [t for t in parts[0] if t.kind != "*"]
        size = self._inside(tuple(inside[:1])) if len(parts) == 1 and inside else None
        self.place = end
        return self._as_size(size, what, start)

    def _as_size(self, size: Term | None, what: str, start: int) -> Size:
        if isinstance(size, Symbol) and size in self.names.declarations and self.names.declarations[size].domain.whole:
            return size
        if isinstance(size, Number) and size.value.denominator == 1 and 1 <= size.value <= LONGEST_SUM:
            return int(size.value)
        raise self.ill_typed(f"the size of {what} is a whole number", start)

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
            hint = f"write arc{name} or 1/{name}" if name in ("sin", "cos", "tan") else f"write 1/{name}"
            raise Unreadable(f"{name}^-1 may be an inverse or 1/{name}", self.tokens[start].start, self.now.start, hint)
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
                case "kron":
                    return kronecker(*arguments)
                case "ones":
                    return ones(*(self._as_size(size, "ones", start) for size in arguments[:2]))
            if first.rows == first.cols != 1 and name in _OF_A_MATRIX:
                self.note(f"{name}({first}) is taken at each entry, not as a function of the matrix")
            return applied(name, *arguments)
