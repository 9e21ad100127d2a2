"""Products of sums over one family of random numbers: which indices are equal, and which are not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from engine.kernel import NotApplicable
from engine.rules.expansion import expanded
from engine.rules.probability.expectations import is_random, law_at, law_of
from engine.rules.probability.laws import count_moment, moment
from engine.rules.probability.moments import whole_exponent
from engine.rules.registry import rewriting
from engine.rules.scope import Scope
from engine.rules.tidy import rewritten, tidy
from engine.terms import (
    ONE,
    ZERO,
    Entry,
    Expectation,
    Multiply,
    Number,
    Power,
    SquaredNorm,
    Summation,
    Symbol,
    Term,
    add,
    entry,
    factors,
    fresh_indices,
    multiply,
    runs,
    substitute,
    term,
    transpose,
)
from engine.terms.laws import Draws, Law, Multinomial


@dataclass
class _Product:
    """A product under E, taken apart: factors that are not random, random entries, and the sums that it stands in."""

    scope: Scope
    over: tuple[Symbol, ...]
    constants: list[Term] = field(default_factory=list)
    entries: list[tuple[Symbol, Term]] = field(default_factory=list)  # families and indices, with repetition
    bound: dict[Symbol, Term] = field(default_factory=dict)  # the indices of sums, with their lengths
    numbers: Iterator[int] = field(default_factory=count)

    def take(self, part: Term) -> bool:
        """Whether a factor could be taken up."""
        if not is_random(part, self.scope, self.over):
            self.constants.append(part)
            return True
        match part:
            case Summation():
                index = Symbol(f"{part.index.name}#{next(self.numbers)}")
                self.bound[index] = part.length
                return self.take(substitute(part.body, {part.index: index}))
            case Power() if (times := whole_exponent(part.exponent)) is not None:
                return times <= MOST_INDICES and all(self.take(part.base) for _ in range(times))
            case Multiply():
                groups = [multiply(*run) for run in runs(part.factors)]
                return all(len(run) == 1 for run in runs(part.factors)) and all(self.take(each) for each in groups)
            case Entry(base=Symbol() as base, indices=(index,)):
                self.entries.append((base, index))
                return True
        return False

    @property
    def places(self) -> list[Term]:
        """The different indices of the random entries."""
        return list(dict.fromkeys(index for _, index in self.entries))


MOST_INDICES = 6


@rewriting(
    r"\mathbb{E}\Big[\sum_i X_i \sum_j Y_j\Big] = \sum_i \mathbb{E}[X_i Y_i] + \sum_{i \ne j} \mathbb{E}[X_i Y_j]",
    "the terms with equal indices apart from those with different ones",
    conditions=("the terms with different indices are independent, or drawn together by a known law",),
)
def equal_and_different_indices(subject: Term, scope: Scope) -> Term:
    """E of a product of sums over one family: a sum over each way in which their indices can be equal.

    The sum over different indices is that over all, less those where some are equal, so that every index runs freely.
    """

    def apart(node: Term) -> Term | None:
        if not isinstance(node, Expectation) or not isinstance(node.body, (Multiply, Power, Summation)):
            return None
        product = _Product(scope, node.over)
        if not product.take(node.body) or len(product.places) < 2 or not _is_regular(product):
            return None
        try:
            return _by_partitions(product)
        except NotApplicable as error:
            raise NotApplicable(f"no rule gives {node}: {error}") from error

    return rewritten(subject, apart, scope)


def _is_regular(product: _Product) -> bool:
    """Whether the indices run over whole families whose laws do not lean on other random symbols."""
    scope, over = product.scope, product.over
    fixed = [place for place in product.places if place not in product.bound]
    if any(length.has(index) for length in product.bound.values() for index in product.bound):
        return False  # a sum as long as the index of another
    if len(product.places) > MOST_INDICES or (len(fixed) > 1 and not all(isinstance(p, Number) for p in fixed)):
        return False
    for symbol, index in product.entries:
        law = law_of(symbol, scope)
        if law is None or (law.joint and not isinstance(law, (Draws, Multinomial))):
            return False
        if any(is_random(parameter, scope, over) for parameter in law.parameters):
            return False
        if isinstance(index, Symbol) and product.bound.get(index, term(symbol.rows)) != term(symbol.rows):
            return False
    return True


def _by_partitions(product: _Product) -> Term:
    places = product.places
    parts: list[Term] = []
    for partition in _partitions(places):
        fixed = [[place for place in block if place not in product.bound] for block in partition]
        if any(len(group) > 1 for group in fixed):
            continue
        heads = [group[0] if group else block[0] for group, block in zip(fixed, partition, strict=True)]
        merged = {
            place: head
            for block, head in zip(partition, heads, strict=True)
            for place in block
            if isinstance(place, Symbol) and place != head
        }
        constants = [substitute(constant, merged) for constant in product.constants]
        shares = _shares(product, partition, heads)
        if ZERO not in shares:
            left = {index: length for index, length in product.bound.items() if index not in merged}
            parts.append(_summed([*constants, *shares], left))
    return add(*parts) if parts else ZERO


def _partitions(items: Sequence[Term]) -> Iterator[list[list[Term]]]:
    """All ways to split some items into blocks, first that in which all are apart."""
    if not items:
        yield []
        return
    for rest in _partitions(items[:-1]):
        yield [*rest, [items[-1]]]
        for k in range(len(rest)):
            yield [*rest[:k], [*rest[k], items[-1]], *rest[k + 1 :]]


def _shares(product: _Product, partition: list[list[Term]], heads: list[Term]) -> list[Term]:
    """What the blocks of equal indices contribute: joint cumulants of independent families; of families drawn together,
    their moments over all finer partitions, with signs.
    """
    symbols = dict.fromkeys(symbol for symbol, _ in product.entries)
    laws = {symbol: law_of(symbol, product.scope) for symbol in symbols}
    if not any(law is not None and law.joint for law in laws.values()):
        return [_signed(product, [block], [head]) for block, head in zip(partition, heads, strict=True)]
    return [_signed(product, partition, heads)]


def _signed(product: _Product, blocks: list[list[Term]], heads: list[Term]) -> Term:
    """Σ over the partitions that are finer, each with the sign and weight (−1)^(k−1) (k−1)! of how it splits blocks."""
    finer: list[tuple[int, list[tuple[list[Term], Term]]]] = [(1, [])]
    for block, head in zip(blocks, heads, strict=True):
        splits = [((-1) ** (len(split) - 1) * math.factorial(len(split) - 1), split) for split in _partitions(block)]
        finer = [
            (weight * sign, [*chosen, *((group, head) for group in split)])
            for weight, chosen in finer
            for sign, split in splits
        ]
    parts = [multiply(term(weight), _moment_of_groups(product, groups)) for weight, groups in finer]
    return expanded(add(*parts), product.scope)


def _moment_of_groups(product: _Product, groups: list[tuple[list[Term], Term]]) -> Term:
    """E of the product of all random entries, those of different groups at different indices."""
    factors: list[Term] = []
    for symbol in dict.fromkeys(symbol for symbol, _ in product.entries):
        orders = [(head, sum(1 for s, i in product.entries if s == symbol and i in group)) for group, head in groups]
        orders = [(head, order) for head, order in orders if order]
        law = law_of(symbol, product.scope)
        if isinstance(law, (Draws, Multinomial)):
            factors.append(count_moment(law, orders))
            continue
        for head, order in orders:
            own: Law | None = law_at(Entry(symbol, (head,)), product.scope)
            assert own is not None
            factors.append(moment(own, order))
    return multiply(ONE, *factors)


def _summed(found: list[Term], bound: dict[Symbol, Term]) -> Term:
    """The product summed over all indices: what shares no index as a product of sums, each over i, j … again."""
    waiting = [multiply(*run) for run in runs(tuple(flat for each in found for flat in factors(each)))]
    done: list[Term] = []
    while bound:
        first = next(iter(bound))
        inside, together = {first}, [factor for factor in waiting if factor.has(first)]
        while more := {i for factor in together for i in bound if factor.has(i)} - inside:
            inside |= more
            together = [factor for factor in waiting if any(factor.has(i) for i in inside)]
        waiting = [factor for factor in waiting if factor not in together]
        chosen = [index for index in bound if index in inside]
        taken = {symbol.name for factor in together for symbol in factor.free}
        names = [name for name in _LETTERS if name not in taken]
        if not together:
            done.append(bound.pop(first))
            continue
        body = multiply(ONE, *together)
        for index, name in reversed(list(zip(chosen, names, strict=False))):
            body = Summation(substitute(body, {index: Symbol(name)}), Symbol(name), bound[index])
        done.append(body)
        bound = {index: length for index, length in bound.items() if index not in inside}
    return multiply(ONE, *waiting, *done)


_LETTERS = ("i", "j", "k", "l", "q", "r", "h")


@rewriting(r"u^\top v = \sum_i u_i v_i,\quad \lVert u \rVert^2 = \sum_i u_i^2", "over the entries")
def in_entries(subject: Term, scope: Scope) -> Term:
    """Inner products and squared norms of random columns as sums, so that single entries can be told apart."""

    def opened(node: Term) -> Term | None:
        match node:
            case SquaredNorm(inner=u) if u.cols == 1 and is_random(u, scope):
                return _over_entries(u, u)
            case Multiply():
                return multiply(*(_product_over_entries(run, scope) for run in node.runs))
        return None

    return rewritten(subject, opened, scope)


def _product_over_entries(run: tuple[Term, ...], scope: Scope) -> Term:
    """The run of factors; as a sum where it is a row times a column, one of them random."""
    product = multiply(*run)
    if not (len(run) == 2 and product.is_scalar and not run[0].is_scalar and is_random(product, scope)):
        return product
    return _over_entries(transpose(run[0]), run[1])


def _over_entries(left: Term, right: Term) -> Term:
    (index,) = fresh_indices(1, left, right)
    return Summation(multiply(entry(left, index), entry(right, index)), index, term(left.rows))


@rewriting(r"\sum_i a_i = \sum_j a_j", "one letter for all indices")
def one_letter_for_index(subject: Term, scope: Scope) -> Term:
    """Sums that do not stand in one another written over the same letter, so that like ones are seen."""
    return tidy(_lettered(subject, frozenset(symbol.name for symbol in subject.free)), scope)


def _lettered(node: Term, taken: frozenset[str]) -> Term:
    if not isinstance(node, Summation):
        taken |= {getattr(node, name).name for name in node.bound}
        return node.map(lambda child: _lettered(child, taken))
    name = next((letter for letter in _LETTERS if letter not in taken), node.index.name)
    body = substitute(node.body, {node.index: Symbol(name)}) if name != node.index.name else node.body
    return Summation(_lettered(body, taken | {name}), Symbol(name), node.length)
