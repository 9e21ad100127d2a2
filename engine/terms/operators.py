"""Names for terms, and operators on them: derivatives, means and variances, limits, minimisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.terms.core import Operand, Shape, ShapeError, Size, Symbol, Term, product_of_sizes, show_shape, term
from engine.terms.substitution import SUBSTITUTIONS, NewSizes, freshened, inside, not_bound, resized, substitute


@dataclass(frozen=True)
class Definition:
    """A name for a term, with parameters (`f(x)`), with indices (`g_i`) or with neither (`x'`)."""

    name: str
    parameters: tuple[Symbol, ...]
    body: Term
    indexed: bool = False
    citation: str = ""  # where the definition is a law taken from the literature: its reference

    def __call__(self, *arguments: Operand) -> Term:
        return Call(self, tuple(term(argument) for argument in arguments))


@dataclass(frozen=True, eq=False, repr=False)
class Call(Term):
    """A defined name at its arguments. Its value is the value of the body, with the parameters bound."""

    definition: Definition
    arguments: tuple[Term, ...]

    def _shape(self) -> Shape:
        parameters = self.definition.parameters
        if len(parameters) != len(self.arguments):
            raise ShapeError(f"{self.definition.name} takes {len(parameters)} arguments")
        for parameter, argument in zip(parameters, self.arguments, strict=True):
            if parameter.shape != argument.shape:
                wanted, given = show_shape(parameter.shape), show_shape(argument.shape)
                raise ShapeError(f"{self.definition.name} takes {wanted} for {parameter.name}, not {given}")
        return self.definition.body.shape

    @cached_property
    def children(self) -> tuple[Term, ...]:
        return self.arguments

    def rebuild(self, children: tuple[Term, ...]) -> Term:
        return Call(self.definition, children)

    @cached_property
    def free(self) -> frozenset[Symbol]:
        found = self.definition.body.free - frozenset(self.definition.parameters)
        return found.union(*(argument.free for argument in self.arguments))

    @cached_property
    def unfolded(self) -> Term:
        """The body with the arguments in place of the parameters."""
        return substitute(self.definition.body, dict(zip(self.definition.parameters, self.arguments, strict=True)))


@dataclass(frozen=True, eq=False, repr=False)
class At(Term):
    """The body where a symbol has another value: `body` at `symbol` = `value`."""

    body: Term
    symbol: Symbol
    value: Term

    bound = ("symbol",)

    def _shape(self) -> Shape:
        if self.symbol.shape != self.value.shape:
            wanted, given = show_shape(self.symbol.shape), show_shape(self.value.shape)
            raise ShapeError(f"{self.symbol.name} is {wanted}, {self.value} {given}")
        return self.body.shape

    @cached_property
    def free(self) -> frozenset[Symbol]:
        return (self.body.free - {self.symbol}) | self.value.free


@dataclass(frozen=True, eq=False, repr=False)
class Derivative(Term):
    """The derivative of the body with respect to a symbol.

    Of a scalar body it has the shape of the variable (a gradient, or a plain derivative); of a vector body with
    respect to a vector it is the Jacobian, whose rows are the body's entries. Matrices are stacked for that,
    column by column: it is the derivative of vec(body) with respect to vec(variable).

    Of a function of a matrix that is declared symmetric, the change is symmetric, too: the gradient is the symmetric G with
    df = ⟨G, dS⟩, whichever way the function is written.
    """

    body: Term
    variable: Symbol

    fixed = ("variable",)

    def _shape(self) -> Shape:
        if self.body.is_scalar:
            return self.variable.shape
        if self.variable.is_scalar:
            return self.body.shape
        return (product_of_sizes(*self.body.shape), product_of_sizes(*self.variable.shape))


def gradient(body: Term, variable: Term) -> Term:
    """∇body with respect to a symbol, of the symbol's shape."""
    return Derivative(body, _as_symbol(variable))


def hessian(body: Term, variable: Term) -> Term:
    """∇²body with respect to a vector or scalar symbol: the Jacobian of the gradient."""
    return gradient(gradient(body, variable), variable)


def _as_symbol(variable: Term) -> Symbol:
    if not isinstance(variable, Symbol):
        raise TypeError(f"a derivative is taken with respect to a symbol, not {variable}")
    return variable


@dataclass(frozen=True, eq=False, repr=False)
class Differential(Term):
    """d(body): how the body changes, to first order, when `variable` changes by d(variable)."""

    body: Term
    variable: Symbol

    fixed = ("variable",)
    like = "body"


@dataclass(frozen=True, eq=False, repr=False)
class Expectation(Term):
    """E over the random symbols `over`, or over all of them where none is named."""

    body: Term
    over: tuple[Symbol, ...] = ()

    fixed = ("over",)
    like = "body"


@dataclass(frozen=True, eq=False, repr=False)
class Variance(Term):
    """The variance of a scalar over the random symbols `over`, or over all of them; of a column, its covariance matrix."""

    body: Term
    over: tuple[Symbol, ...] = ()

    fixed = ("over",)

    def _shape(self) -> Shape:
        return (_column(self.body, "variance"), self.body.rows)


@dataclass(frozen=True, eq=False, repr=False)
class Covariance(Term):
    """The covariance of two scalars over the random symbols `over`, or over all of them.

    Of two columns it is the matrix E[(X − E X)(Y − E Y)ᵀ], whose rows are the entries of the first.
    """

    left: Term
    right: Term
    over: tuple[Symbol, ...] = ()

    fixed = ("over",)

    def _shape(self) -> Shape:
        return (_column(self.left, "covariance"), _column(self.right, "covariance"))


def _column(body: Term, what: str) -> Size:
    """How many entries a column has. Raises ShapeError for what is neither a scalar nor a column."""
    if body.cols != 1:
        raise ShapeError(f"the {what} of a {show_shape(body.shape)} term is no matrix: take that of a column")
    return body.rows


@dataclass(frozen=True, eq=False, repr=False)
class Limit(Term):
    """The limit of the body as a scalar symbol tends to a number (from above) or to +∞."""

    body: Term
    variable: Symbol
    target: Term

    bound = ("variable",)
    like = "body"


@dataclass(frozen=True, eq=False, repr=False)
class ArgMin(Term):
    """The point at which the body is least in its variable, over the variable's domain."""

    body: Term
    variable: Symbol

    bound = ("variable",)
    like = "variable"


@SUBSTITUTIONS.of(Call)
def _in_call(target: Call, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    definition = target.definition
    inner = {symbol: new for symbol, new in active.items() if symbol not in definition.parameters}
    parameters = tuple(resized(parameter, sizes) for parameter in definition.parameters)
    body = substitute(definition.body, inner)
    moved = Definition(definition.name, parameters, body, definition.indexed, definition.citation)
    return Call(moved, tuple(substitute(argument, active) for argument in target.arguments))


@SUBSTITUTIONS.of(At)
def _in_at(target: At, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    """The value stands outside of what the symbol is bound in."""
    inner = freshened(target, active)
    assert isinstance(inner, At)
    body = substitute(inner.body, not_bound(inner, active))
    return At(body, resized(inner.symbol, sizes), substitute(inner.value, active))


@SUBSTITUTIONS.of(Derivative, Differential)
def _in_derivative(target: Derivative | Differential, active: Mapping[Symbol, Term], sizes: NewSizes) -> Term:
    """With respect to a symbol that is replaced, it is evaluated there."""
    if target.variable not in active:
        return inside(target, active, sizes)
    rest = {symbol: new for symbol, new in active.items() if symbol != target.variable}
    return At(substitute(target, rest), target.variable, active[target.variable])
