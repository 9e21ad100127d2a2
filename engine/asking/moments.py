"""Means, variances and covariances of formulas in random symbols that somebody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.asking.brevity import brief
from engine.asking.conditions import Assumed, under_conditions
from engine.asking.formulas import TypedFormula, Unasked, all_stated
from engine.kernel import DerivationError, Rule
from engine.proofs.draft import Applicable, Draft
from engine.proofs.working import Working
from engine.reading.declarations import without_indices
from engine.reading.names import spelled_name
from engine.rules.algebra.arrays import diagonal_laws
from engine.rules.algebra.recursions import geometric_sum
from engine.rules.algebra.rewriting import as_inner_product, as_norm, cancel, expand, factor, simplify, unfold
from engine.rules.algebra.sums import constant_factor_of_sum, split_sum, sum_of_constant
from engine.rules.probability.covariance import (
    covariance_of_independent_terms,
    covariance_of_sums,
    covariance_term_by_term,
    given_rest_first,
    total_covariance,
    total_mean,
    variance_of_counts,
    variance_of_linear_map,
    variance_of_sum,
)
from engine.rules.probability.expectations import (
    expectation_of_independent_factors,
    linearity_of_expectation,
    mean_of_law,
    second_moment,
    total_variance,
    variance_of_independent_sum,
    variance_of_law,
    variance_of_multiple,
    variance_of_shift,
)
from engine.rules.probability.families import equal_and_different_indices, in_entries, one_letter_for_index
from engine.rules.probability.moments import (
    conditional_mean_first,
    covariance_by_moments,
    mean_over_values,
    moment_of_law,
    product_by_covariance,
    variance_by_moments,
    variance_given_others,
)
from engine.rules.probability.quadratic_forms import (
    mask_as_linear_map,
    variance_of_bilinear_form,
    variance_of_quadratic_form,
)
from engine.rules.probability.random_vectors import (
    covariance_of_entries,
    covariance_of_quadratic_forms,
    covariance_sum_by_sum,
    in_matrices,
    matrix_of_independent_entries,
    mean_of_product_of_vectors,
    moments_by_pairs,
    trace_laws,
)
from engine.terms import Covariance, Entry, Expectation, Symbol, Term, Variance
from engine.terms.laws import Draws, Law

TAKEN_APART: tuple[Applicable, ...] = (
    equal_and_different_indices,
    mask_as_linear_map,
    linearity_of_expectation,
    variance_of_shift,
    variance_of_multiple,
    variance_of_linear_map,
    variance_of_independent_sum,
    variance_of_counts,
    covariance_of_quadratic_forms,
    variance_of_bilinear_form,
    variance_of_quadratic_form,
    covariance_of_independent_terms,
    covariance_term_by_term,
    covariance_of_sums,
    covariance_of_entries,
    mean_of_law,
    variance_of_law,
    variance_given_others,
    moment_of_law,
    expectation_of_independent_factors,
    conditional_mean_first,
    matrix_of_independent_entries,
    mean_of_product_of_vectors,
    moments_by_pairs,
    product_by_covariance,
    second_moment,
    variance_of_sum,
    covariance_sum_by_sum,
    given_rest_first,
)
BY_MOMENTS: tuple[Applicable, ...] = (variance_by_moments, covariance_by_moments)
MULTIPLIED_OUT: tuple[Applicable, ...] = (
    as_inner_product,
    expand,
    split_sum,
    constant_factor_of_sum,
    sum_of_constant,
    one_letter_for_index,
)
PUT_TOGETHER: tuple[Applicable, ...] = (
    split_sum,
    constant_factor_of_sum,
    sum_of_constant,
    geometric_sum,
    one_letter_for_index,
    trace_laws,
    diagonal_laws,
    simplify,
)


def mean_of(asked: TypedFormula, given: Iterable[str] = (), total: Iterable[str] = ()) -> Working:
    """The mean over all random symbols but those `given`; by the mean given those in `total`, where any are named.

    Raises Unasked where nothing is random, or where a mean is left that no rule takes.
    """
    known = _known(asked, given, total)
    return _answered((asked,), "mean", Expectation, known, total_mean)


def variance_of(asked: TypedFormula, given: Iterable[str] = (), total: Iterable[str] = ()) -> Working:
    """The variance, of a column the covariance matrix: as `mean_of`, with the law of total variance."""
    if asked.body.cols != 1:
        raise Unasked("a variance is of a scalar or of a column")
    known = _known(asked, given, total)
    return _answered((asked,), "variance", Variance, known, total_variance)


def covariance_of(
    asked: TypedFormula, other: TypedFormula, given: Iterable[str] = (), total: Iterable[str] = ()
) -> Working:
    """The covariance of two formulas in the same symbols, of two columns the matrix of all covariances."""
    if asked.body.cols != 1 or other.body.cols != 1:
        raise Unasked("a covariance is of scalars or of columns")
    known = _known(asked, given, total)
    return _answered((asked, other), "covariance", Covariance, known, total_covariance)


@dataclass(frozen=True)
class _Known:
    """What a mean is taken over (all, where nothing is named), what is given, and by which symbols it is split."""

    over: tuple[Symbol, ...] = ()
    given: tuple[Symbol, ...] = ()
    total: tuple[Symbol, ...] = ()


def _known(asked: TypedFormula, given: Iterable[str], total: Iterable[str]) -> _Known:
    random = {declaration.symbol.name: declaration.symbol for declaration in asked.declarations if declaration.law}
    if not random:
        raise Unasked("nothing in it is random: declare a law, as in --let 'm_j ~ Bernoulli(p) iid'")
    chosen: list[tuple[Symbol, ...]] = []
    for names in (given, total):
        spelled = dict.fromkeys(spelled_name(without_indices(name)) for name in names)
        for name in spelled:
            if name not in random:
                raise Unasked(f"{name} is not random here; {' and '.join(random)} {'are' if len(random) > 1 else 'is'}")
        chosen.append(tuple(random[name] for name in spelled))
    over = tuple(symbol for symbol in random.values() if symbol not in chosen[0]) if chosen[0] else ()
    if chosen[0] and not over:
        raise Unasked(f"given {', '.join(symbol.name for symbol in chosen[0])}, nothing else is random")
    if chosen[0] and chosen[1]:
        raise Unasked("the mean and the variance are either given something or split by it")
    laws = {declaration.symbol: declaration.law for declaration in asked.declarations if declaration.law}
    for symbol in (*chosen[0], *chosen[1]):
        causes = _behind(symbol, laws) - {*chosen[0], *chosen[1]}
        if causes:
            cause = min(causes, key=str)
            raise Unasked(f"the law of {cause} given {symbol}, whose own law depends on {cause}, takes Bayes' theorem")
    return _Known(over, *chosen)


def _behind(symbol: Symbol, laws: Mapping[Symbol, Law]) -> set[Symbol]:
    """The random symbols that the law of one is given by, through others too."""
    parents = {parent for parameter in laws[symbol].parameters for parent in parameter.free if parent in laws}
    return parents.union(*(_behind(parent, laws) for parent in parents))


def _answered(
    asked: tuple[TypedFormula, ...], what: str, operator: Callable[..., Term], known: _Known, split: Rule
) -> Working:
    """The working in whole vectors; where no rule takes one of these, entry by entry, and then multiplied out first.

    What has entries beside their whole vector, as xᵢ − 𝟏ᵀx/n, is taken entry by entry at first.
    """

    def working(*opening: Applicable) -> Working:
        return under_conditions(lambda assumed: _moment(asked, what, operator, known, split, opening, assumed))

    trouble: Exception | None = None
    openings: tuple[tuple[Applicable, ...], ...] = (), (in_entries,), (in_entries, *MULTIPLIED_OUT)
    for opening in openings if not any(map(_is_mixed, asked)) else (openings[1], openings[0], openings[2]):
        try:
            return working(*opening)
        except (Unasked, DerivationError) as error:
            trouble = trouble or error
    assert trouble is not None
    raise trouble


def _is_mixed(asked: TypedFormula) -> bool:
    """Whether a random vector stands in a formula by its entries and as a whole."""
    random = {declaration.symbol for declaration in asked.declarations if declaration.law}
    entries = {node.base for node in asked.body.walk() if isinstance(node, Entry)}
    return not random.isdisjoint(entries.intersection(_whole(asked.body)))


def _whole(term: Term) -> Iterator[Term]:
    """The symbols in a term but for those of which only an entry is taken."""
    if isinstance(term, Symbol):
        yield term
    for child in term.indices if isinstance(term, Entry) else term.children:
        yield from _whole(child)


def _moment(
    asked: tuple[TypedFormula, ...],
    what: str,
    operator: Callable[..., Term],
    known: _Known,
    split: Rule,
    opening: tuple[Applicable, ...],
    assumed: Assumed,
) -> Working:
    proof, names = all_stated(asked, (), assumed)
    for law in (declaration.law for declaration in asked[0].declarations):
        if isinstance(law, Draws) and not law.replaced and law.count.free:
            proof.remark(f"Without replacement, no more can be drawn than there are: {law.count} ≤ {law.population}.")
    draft = proof.derive(operator(*(name() for name in names), known.over), f"The {what}").by(unfold, *opening)
    if known.total:
        draft.by(split(*known.total))
    _work_out(draft)
    draft.by_all(PUT_TOGETHER)
    brief(draft, (cancel(), factor(), as_norm(), in_matrices(), (expand(), trace_laws(), factor())))
    brief(draft, (expand(),), saving=3)
    proof.conclude(draft)
    title = f"The {what} of {' and '.join(each.title for each in asked)}"
    return proof.finished(what, title + f" given {', '.join(map(str, known.given))}" * bool(known.given), "")


def _work_out(draft: Draft) -> None:
    """All means and variances in the last line worked out. Raises Unasked for one that no rule takes."""
    for _ in range(ROUNDS):
        draft.by_all(TAKEN_APART)
        if _left(draft.value) is None:
            return
        if sum(1 for _ in draft.value.walk()) > MOST_NODES:
            raise Unasked(f"the working becomes too long, with {_left(draft.value)} still in it")
        before = draft.value
        for moves in (mean_over_values,), (split_sum, constant_factor_of_sum), MULTIPLIED_OUT, BY_MOMENTS:
            if draft.by(*moves).value != before:
                break
        else:
            raise Unasked(f"no rule gives {_left(before)}")
    raise Unasked(f"no rule gives {_left(draft.value)}")


ROUNDS, MOST_NODES = 12, 20_000


def _left(term: Term) -> Term | None:
    """A mean or variance that still stands in a term."""
    return next((node for node in term.walk() if isinstance(node, (Expectation, Variance, Covariance))), None)
