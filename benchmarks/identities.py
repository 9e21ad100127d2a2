"""Random identities, true by construction, and the same with one mutation: `pairs(count, seed)`.

A term is drawn, and rewritten a few times at random places by laws that hold wherever its letters are declared: that
is a true pair. A false one has in addition one thing spoiled: a sign, a factor, an index, a size, a branch, the order
of a product, or a piece hidden in a thin or far place. Both are evaluated here, by mpmath and NumPy: a law that does
not hold stops the run, and a mutation that changes no value is drawn again. Nothing of the engine is used.

A term is a number, a name, or a tuple of an operation and its parts.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import mpmath
import numpy

Term = Any
Values = dict[str, Any]
mpmath.mp.prec = 800
TINY, COARSE = mpmath.mpf(10) ** -80, 1e-7  # what is the same in 800 bits, and in floats


class UndefinedError(ArithmeticError):
    pass


# -- what a term is written as, and what it is worth -------------------------------------------------------------------


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of reals that refuses where its value is not a real number."""

    def refusing(*arguments: Any) -> Any:
        found = function(*arguments)
        if isinstance(found, mpmath.mpc) or not mpmath.isfinite(found):
            raise UndefinedError
        return found

    return refusing


def _over(a: Any, b: Any) -> Any:
    if not isinstance(b, numpy.ndarray) and b == 0:
        raise UndefinedError
    return a / b


def _inverse(a: Any) -> Any:
    found = numpy.linalg.inv(a)
    if numpy.linalg.cond(a) > 1e6:
        raise UndefinedError
    return found


def _exp(a: Any) -> Any:
    if abs(a) > 60:
        raise UndefinedError
    return mpmath.exp(a)


def _sign(a: Any) -> int:
    return (a > TINY) - (a < -TINY)


OPERATIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "+": ("({} + {})", operator.add),
    "-": ("({} - {})", operator.sub),
    "*": ("{}*{}", operator.mul),
    "/": ("({})/({})", _over),
    "^": ("({})^{}", operator.pow),
    "neg": ("(-{})", operator.neg),
    **{name: (name + "({})", _real(getattr(mpmath, name))) for name in "ln sqrt sin cos".split()},
    "exp": ("exp({})", _exp),
    "cosh": ("cosh({})", lambda a: (_exp(a) + _exp(-a)) / 2),
    "tanh": ("tanh({})", lambda a: 1 - 2 / (1 + _exp(2 * a))),
    "floor": ("floor({})", lambda a: mpmath.floor(a + TINY)),
    "ceil": ("ceil({})", lambda a: mpmath.ceil(a - TINY)),
    "abs": ("abs({})", abs),
    "sigmoid": ("sigmoid({})", lambda a: 1 / (1 + _exp(-a))),
    "sign": ("sign({})", _sign),
    "relu": ("relu({})", lambda a: max(a, 0)),
    "max": ("max({}, {})", max),
    "min": ("min({}, {})", min),
    "@": ("{}*{}", operator.matmul),
    "T": ("({})^T", numpy.transpose),
    "inv": ("({})^-1", _inverse),
    "tr": ("tr({})", numpy.trace),
    "det": ("det({})", numpy.linalg.det),
    "form": ("({})^T*{}*{}", lambda u, A, v: (u.T @ A @ v).item()),
    "at": ("{}_{}", lambda x, i: x[int(i) - 1]),
    "binomial": ("binomial({}, {})", lambda n, k: math.comb(int(n), int(k))),
    "dot": ("{}^T*{}", lambda x, y: sum(map(operator.mul, x, y))),
}  # fmt: skip


def text(term: Term) -> str:
    match term:
        case ("sum", index, low, high, body):
            return f"(sum_{{{index}={text(low)}}}^{{{text(high)}}} {text(body)})"
        case (operation, *parts):
            return OPERATIONS[operation][0].format(*map(text, parts))
        case int():
            return str(term) if term >= 0 else f"({term})"
    return str(term)


def value(term: Term, values: Values) -> Any:
    match term:
        case ("sum", index, low, high, body):
            ends = int(value(low, values)), int(value(high, values)) + 1
            return sum((value(body, {**values, index: mpmath.mpf(i)}) for i in range(*ends)), mpmath.mpf(0))
        case (operation, *parts):
            return OPERATIONS[operation][1](*(value(part, values) for part in parts))
        case int():
            return mpmath.mpf(term)
    return values[term]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, (mpmath.mpf, int)):
        return bool(abs(left - right) <= TINY * (1 + abs(left) + abs(right)))
    return bool(numpy.max(abs(left - right)) <= COARSE * (1 + numpy.max(abs(left)) + numpy.max(abs(right))))


def places(term: Term) -> Iterator[tuple[Term, Callable[[Term], Term]]]:
    """The parts of a term, and how to put something else there: no index, no letter of an indexed symbol."""
    yield term, lambda other: other
    if isinstance(term, tuple):
        for k in range(4 if term[0] == "sum" else 1, len(term)):
            if term[0] in ("at", "dot") or (term[0] == "^" and k == 2):
                continue
            for part, put in places(term[k]):
                yield part, lambda other, k=k, put=put: (*term[:k], put(other), *term[k + 1 :])


# -- laws --------------------------------------------------------------------------------------------------------------


def parsed(formula: str) -> Term:
    """A term as Python writes it: a + b, a**2, a @ b, max(a, b), sum(i, 1, n, a)."""
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: "@"}

    def term(node: Any) -> Term:
        match node:
            case ast.BinOp(left, operation, right):
                return (signs[type(operation)], term(left), term(right))
            case ast.UnaryOp(operand=operand):
                return ("neg", term(operand))
            case ast.Call(ast.Name(name), arguments):
                return (name, *map(term, arguments))
            case ast.Name(name):
                return name
        return node.value

    return term(ast.parse(formula.strip(), mode="eval").body)


def laws(lines: str) -> list[tuple[Term, Term]]:
    """One law a line: what matches the left may be replaced by the right. See `KINDS` for what a letter stands for."""
    return [tuple(map(parsed, line.split("="))) for line in lines.strip().splitlines()]


def is_positive(term: Term) -> bool:
    match term:
        case "x" | "y" | ("exp" | "cosh" | "sigmoid", _):
            return True
        case ("+" | "*" | "/", a, b):
            return is_positive(a) and is_positive(b)
        case ("sqrt" | "abs", a) | ("^", a, _):
            return is_positive(a)
    return isinstance(term, int) and term > 0


KINDS: dict[str, Callable[[Term], bool]] = {
    **dict.fromkeys("abc", lambda term: True),
    **dict.fromkeys("pq", is_positive),
    **dict.fromkeys("ij", lambda term: term in ("i", "j", "k")),
    **dict.fromkeys("fg", lambda term: term in ("x", "y")),
    "r": lambda term: term in ("u", "z") or isinstance(term, int),
}  # fmt: skip


def matched(pattern: Term, term: Term, found: Values) -> bool:
    """Whether a term is of this form; what the letters stand for is added to what was found."""
    if isinstance(pattern, str) and pattern in KINDS:
        return KINDS[pattern](term) and found.setdefault(pattern, term) == term
    if isinstance(pattern, tuple):
        return isinstance(term, tuple) and len(pattern) == len(term) and all(
            part == other if k == 0 else matched(part, other, found)
            for k, (part, other) in enumerate(zip(pattern, term, strict=True))
        )  # fmt: skip
    return bool(pattern == term)


def replaced(term: Term, found: Values) -> Term:
    if isinstance(term, tuple):
        return (term[0], *(replaced(part, found) for part in term[1:]))
    return found.get(term, term) if isinstance(term, str) else term


def forms(term: Term, by: list[tuple[Term, Term]]) -> Iterator[Term]:
    """The term with one part replaced, by each law at each place where it applies."""
    for part, put in places(term):
        for pattern, other in by:
            found: Values = {}
            if matched(pattern, part, found):
                yield put(replaced(other, found))


RING = laws("""
a + b = b + a
a * b = b * a
a * (b + c) = a*b + a*c
a * (b - c) = a*b - a*c
a - b = a + -1 * b
a - b = -(b - a)
(a + b)**2 = a**2 + (2*(a*b) + b**2)
a**2 = a * a
a**3 = a * a**2
a + (b + c) = (a + b) + c
a/b + c = (a + b*c)/b
a/b = (a * (1 + u**2)) / (b * (1 + u**2))
z = 2*z - z
""")
FUNCTIONS = RING + laws("""
exp(a + b) = exp(a) * exp(b)
exp(a) = 1/exp(-a)
exp(a) = exp(a/2)**2
ln(p * q) = ln(p) + ln(q)
ln(p / q) = ln(p) - ln(q)
ln(p) = 2*ln(sqrt(p))
ln(p) = ln(p**3)/3
sqrt(p * q) = sqrt(p) * sqrt(q)
sqrt(p / q) = sqrt(p) / sqrt(q)
sqrt(a**2) = abs(a)
sqrt(p) = exp(ln(p)/2)
abs(a * b) = abs(a) * abs(b)
abs(a) = sqrt(a**2)
tanh(a) = 2*sigmoid(2*a) - 1
sigmoid(a) = 1 - sigmoid(-a)
sigmoid(a) = 1/(1 + exp(-a))
sin(a + b) = sin(a)*cos(b) + cos(a)*sin(b)
cos(a + b) = cos(a)*cos(b) - sin(a)*sin(b)
cos(a) = 1 - 2*sin(a/2)**2
cosh(a) = (exp(a) + exp(-a))/2
""")
PIECES = RING + laws("""
max(a, max(b, c)) = max(max(b, a), c)
max(a, min(b, c)) = min(max(a, b), max(a, c))
max(a, b) = ((a + b) + abs(a - b))/2
max(a, b) = -min(-a, -b)
max(a, b) = a + relu(b - a)
min(a, b) = (a + b) - max(a, b)
min(a, b) = ((a + b) - abs(a - b))/2
abs(a * b) = abs(a) * abs(b)
abs(a) = a * sign(a)
abs(a) = max(a, -a)
abs(a) = sqrt(a**2)
relu(a) = max(0, a)
relu(a) = a * ((1 + sign(a))/2)
sign(a * b) = sign(a) * sign(b)
sign(a) = sign(a)**3
sign(a) = -sign(-a)
floor(a) = floor(a + 1) - 1
floor(a) = -ceil(-a)
""")
SUMS = RING + laws("""
sum(i, 1, n, a + b) = sum(i, 1, n, a) + sum(i, 1, n, b)
sum(i, 1, n, a - b) = sum(i, 1, n, a) - sum(i, 1, n, b)
sum(i, 1, n, r * a) = r * sum(i, 1, n, a)
sum(i, 1, n, r) = n * r
sum(i, 1, n, i) = n*(n + 1)/2
sum(i, 1, n, i * i) = n*(n + 1)*(2*n + 1)/6
sum(i, 1, n, at(f, i)**2) = dot(f, f)
sum(i, 1, n, at(f, i) * at(g, i)) = dot(f, g)
sum(i, 1, n, at(f, i)) = sum(i, 1, n - 1, at(f, i)) + at(f, n)
sum(i, 1, n, i * at(f, i)) = sum(i, 1, n - 1, i * at(f, i)) + n * at(f, n)
sum(i, 1, n, a) * sum(j, 1, n, b) = sum(j, 1, n, b * sum(i, 1, n, a))
""")
MATRICES = laws("""
a + b = b + a
a - b = -(b - a)
T(T(a)) = a
T(a @ b) = T(b) @ T(a)
T(a + b) = T(a) + T(b)
T(inv(a)) = inv(T(a))
inv(a @ b) = inv(b) @ inv(a)
inv(P + X @ T(X)) = inv(P) - inv(P) @ (X @ (inv(I + T(X) @ (inv(P) @ X)) @ (T(X) @ inv(P))))
a @ (b + c) = a @ b + a @ c
a @ (b - c) = a @ b - a @ c
(a + b) @ c = a @ c + b @ c
tr(a + b) = tr(a) + tr(b)
tr(a - b) = tr(a) - tr(b)
tr(a @ b) = tr(b @ a)
tr(a) = tr(T(a))
det(a @ b) = det(a) * det(b)
det(a) = det(T(a))
form(a, b, c) = form(c, T(b), a)
form(a, b, c) = form(T(b) @ a, P, inv(P) @ c)
A = A @ (P @ inv(P))
B = (B + S) - S
S = T(S)
P = T(P)
Q = T(Q)
""")

MUTATIONS = laws("""
a + b = a - b
a - b = a + b
-a = a
max(a, b) = min(a, b)
min(a, b) = max(a, b)
abs(a) = a
relu(a) = a
sqrt(a**2) = a
sign(a) = 1
floor(a) = ceil(a)
ceil(a) = floor(a)
sin(a) = cos(a)
cos(a) = sin(a)
tanh(a) = sigmoid(a)
exp(a) = 2 * exp(a)
ln(a) = 2 * ln(a)
a**2 = a**3
a**3 = a**2
sum(i, 1, n, a) = sum(i, 1, n - 1, a)
sum(i, 1, n, a) = sum(i, 2, n, a)
sum(i, 1, n, a) = 2 * sum(i, 1, n, a)
at(x, a) = at(y, a)
at(f, a) = at(f, 1)
a @ b = b @ a
T(a) = a
inv(a) = a
tr(a) = 2 * tr(a)
det(a) = 2 * det(a)
form(a, b, c) = form(c, b, a)
1 = 2
2 = 3
x = y
z = u
A = B
B = A
P = Q
S = A
""")


# -- what hides in thin and far places ---------------------------------------------------------------------------------


def hidden_piece(term: Term, draw: Random) -> tuple[Term, Values]:
    """A scalar with a piece added that is 0 but for a thin or a far place, and values that lie there."""
    z, u = mpmath.mpf(draw.randint(-9, 9)) / 7, mpmath.mpf(draw.randint(1, 9)) / 3
    far, thin = 10 ** draw.randint(6, 40), 10 ** draw.randint(3, 20)
    spot = ("-", "z", ("/", int(z * 7), 7))
    chosen, where = draw.choice(
        (
            (("relu", ("-", "z", far)), {"z": mpmath.mpf(far + 1)}),
            (("relu", ("-", ("/", 1, thin), ("abs", spot))), {"z": z}),
            (("relu", ("-", ("/", 1, thin), ("abs", ("-", ("*", "z", "u"), 5)))), {"z": 5 / u, "u": u}),
            (("-", 1, ("^", ("sign", spot), 2)), {"z": z}),
            (("/", 1, thin), {}),
            (("-", 1, ("cos", ("*", ("*", 2 ** draw.randint(9, 90), "pi"), "z"))), {"z": u}),
        )
    )
    return ("+", term, chosen), where


def hidden_size(term: Term, draw: Random) -> tuple[Term, Values]:
    """A term that is another from a size on, and that size."""
    size = draw.randint(4, 10)
    return ("+", term, ("*", ("binomial", "n", size), term)), {"n": size}


# -- families ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Family:
    """What a kind of identities is made of: declarations, values, terms to begin with, and laws."""

    name: str
    let: tuple[str, ...]
    values: Callable[[Random, int], Values]  # where there are sizes, of this size
    term: Callable[[Random, int], Term]
    laws: list[tuple[Term, Term]]
    hidden: Callable[[Term, Random], tuple[Term, Values]]

    def rewritten(self, term: Term, draw: Random, times: int) -> Term:
        for _ in range(times):
            term = draw.choice(list(forms(term, self.laws)) or [term])
        return term

    def pair(self, draw: Random, true: bool) -> tuple[str, str] | None:
        """A pair of texts; None where the draw was of no use."""
        left = self.term(draw, 3)
        right, where = self.rewritten(left, draw, draw.randint(2, 6)), {}
        if left == right or len(text(right)) > 400:
            return None
        if not true:
            if draw.random() < 0.25:
                right, where = self.hidden(right, draw)
            else:
                right = draw.choice(list(forms(right, MUTATIONS)) or [left])
        samples = [{**self.values(draw, where.get("n", draw.randint(1, 5))), **where} for _ in range(6 if true else 25)]
        try:
            equal = [same(*found) for sample in samples if (found := _values(left, right, sample)) is not None]
        except (ValueError, TypeError):  # a mutation that fits no shape
            return None
        if true and not all(equal):
            raise AssertionError(f"no law: {text(left)} = {text(right)}")
        return (text(left), text(right)) if (equal if true else not all(equal)) else None


def _values(left: Term, right: Term, sample: Values) -> tuple[Any, Any] | None:
    try:
        return value(left, sample), value(right, sample)
    except ArithmeticError:  # undefined there
        return None


def _rational(draw: Random) -> Any:
    return mpmath.mpf(draw.choice((draw.randint(-3, 3), draw.randint(-99, 99)))) / draw.choice((1, 1, 2, 3, 7, 10))


def _scalars(draw: Random, _: int = 0) -> Values:
    positive = {name: abs(_rational(draw)) or mpmath.mpf(1) for name in "xy"}
    return {**positive, **{name: _rational(draw) for name in "zu"}, "pi": mpmath.pi()}


def _vectors(draw: Random, n: int) -> Values:
    return {**_scalars(draw), "n": mpmath.mpf(n), **{name: [_rational(draw) for _ in range(n)] for name in "xy"}}


def _arrays(draw: Random, n: int) -> Values:
    d = draw.randint(1, 4)

    def array(rows: int, columns: int) -> Any:
        return numpy.array([[draw.uniform(-2, 2) for _ in range(columns)] for _ in range(rows)])

    S, P, Q = (array(n, n) for _ in range(3))
    positive = {"P": P @ P.T + numpy.eye(n), "Q": Q @ Q.T + numpy.eye(n)}
    return {"n": n, "A": array(n, n), "B": array(n, n), "S": S + S.T, "X": array(n, d), "I": numpy.eye(d),
            "u": array(n, 1), "v": array(n, 1), **positive}  # fmt: skip


def _tree(leaves: tuple[Term, ...], one: tuple[str, ...], two: tuple[str, ...]) -> Callable[[Random, int], Term]:
    """Random terms of these leaves and operations; what stands under a root, a log or a bar is kept positive."""

    def grown(draw: Random, depth: int) -> Term:
        if depth == 0 or draw.random() < 0.1:
            return draw.choice(leaves)
        if one and draw.random() < 0.5:
            operation = draw.choice(one)
            inner = grown(draw, depth - 1)
            if operation in ("ln", "sqrt") and not is_positive(inner):
                inner = draw.choice(("x", ("*", "x", "y"), ("/", "x", "y"), ("+", "y", ("exp", "z"))))
            return (operation, inner)
        operation = draw.choice(two)
        first, second = grown(draw, depth - 1), grown(draw, depth - 1)
        return (operation, first, second if operation != "/" or is_positive(second) else ("+", "x", 2))

    return grown


def _square(draw: Random, depth: int) -> Term:
    if depth == 0 or draw.random() < 0.2:
        return draw.choice((*"AABBSPQ", ("inv", "P"), ("inv", ("+", "P", ("@", "X", ("T", "X"))))))
    match draw.randrange(5):
        case 0:
            return ("T", _square(draw, depth - 1))
        case 1:
            return (draw.choice("+-"), _square(draw, depth - 1), _square(draw, depth - 1))
    return ("@", _square(draw, depth - 1), _square(draw, depth - 1))


def _of_matrices(draw: Random, depth: int) -> Term:
    a = _square(draw, depth)
    return draw.choice((a, a, ("tr", a), ("tr", a), ("det", a), ("form", "u", a, "v"), ("inv", ("@", "P", "Q"))))


def _of_sums(draw: Random, depth: int) -> Term:
    i, j = draw.sample(("i", "j", "k"), 2)
    body = _tree((("at", "x", i), ("at", "y", i), i, "u", "z", 2), (), ("+", "-", "*"))
    once = ("sum", i, 1, "n", body(draw, depth - 1))
    other = ("sum", j, 1, "n", draw.choice((j, ("at", "x", j), ("^", ("at", "y", j), 2))))
    return draw.choice((once, once, ("*", once, other), ("-", once, other)))


_LET = ("x, y > 0", "z, u: real")
FAMILIES = (
    Family("fractions", _LET, _scalars, _tree(("x", "y", "z", "u", 1, 2, 3), (), ("+", "-", "*", "/")), RING,
           hidden_piece),
    Family("functions", _LET, _scalars, _tree(("x", "y", "z", "u", 2), ("exp", "ln", "sqrt", "abs", "tanh", "sigmoid",
           "sin", "cos", "cosh"), ("+", "*", "/")), FUNCTIONS, hidden_piece),
    Family("pieces", _LET, _scalars, _tree(("x", "y", "z", "u", 1), ("abs", "relu", "sign", "floor"), ("+", "-", "*",
           "max", "max", "min")), PIECES, hidden_piece),
    Family("sums", ("n: positive integer", "x,y: n", "z, u: real"), _vectors, _of_sums, SUMS,
           hidden_size),
    Family("matrices", (*(f"{name}: n×n" for name in "AB"), "S: n×n symmetric", *(f"{name}: n×n positive definite" for
           name in "PQ"), "X: n×d", "u,v: n"), _arrays, _of_matrices, MATRICES, hidden_size),
)  # fmt: skip


def pairs(count: int, seed: int) -> Iterator[tuple[str, str, str, tuple[str, ...], bool]]:
    """Family, left, right, declarations and truth of as many pairs as asked, each family and each truth in turn."""
    draw = Random(seed)
    for number in range(count):
        family, true = FAMILIES[number // 2 % len(FAMILIES)], number % 2 == 0
        found = None
        while found is None:
            found = family.pair(draw, true)
        yield family.name, *found, family.let, true
