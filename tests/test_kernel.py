"""The kernel: steps are made nowhere else, chains lose nothing, conditions are named, evidence is never upgraded."""

import copy
import dataclasses
import pickle
import subprocess
import sys

import pytest
from flint import fmpq

from derivations import load
from engine.kernel import CHAIN, Conclusion, Rule, Step, assume, chain, infer, united_evidence
from engine.kernel.conditions import conditions_of
from engine.kernel.evidence import ConditionMissing, DerivationError, Evidence, Kind, Refuted
from engine.proofs.derivation import Proof
from engine.rules.algebra import rewriting
from engine.rules.order import prover
from engine.terms import (
    INFINITY,
    MINUS_ONE,
    ONE,
    ZERO,
    Apply,
    Derivative,
    Limit,
    Symbol,
    Term,
    absolute,
    determinant,
    exp,
    log,
    maximum,
    power,
    sqrt,
)
from engine.terms.declarations import POSITIVE, REAL, Declaration
from engine.terms.formulas import Formula, Relation, equation, nonnegative, nonzero, positive, positive_definite
from engine.terms.records import FUNCTIONS
from engine.worlds.functions import VALUES
from engine.worlds.truth import truth
from engine.worlds.values import Undefined
from engine.worlds.world import World


@pytest.fixture
def proof():
    proof = Proof({})
    n = proof.size("n")
    proof.matrix("A", n, n), proof.vector("t", n)
    for name in "xyz":
        proof.scalar(name)
    proof.scalar("c", POSITIVE)
    return proof


def claiming(formula: Formula, structural: bool = False, unknown: Symbol | None = None) -> Rule:
    return Rule("claim", "", "", lambda *_: Conclusion(formula, unknown=unknown), structural=structural)


def claimed(proof, left: Term, relation: Relation, right: Term | None, structural: bool = False) -> Step:
    formula = Formula(left, relation, right)
    return infer(claiming(formula, structural), left, proof.scope)


# -- only the kernel makes steps ---------------------------------------------------------------------------------------


def test_a_step_cannot_be_made_elsewhere(proof):
    step = infer(rewriting.expand, (proof["x"] + 1) ** 2, proof.scope)
    fields = {field.name: getattr(step, field.name) for field in dataclasses.fields(step)}
    with pytest.raises(TypeError, match="kernel alone"):
        Step(**fields)
    with pytest.raises(TypeError):
        Step(**fields, seal=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(step, reason="because I say so")
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.claim = None
    assert copy.copy(step) == step


def test_a_pickled_claim_is_only_a_claim():
    working = load("fgm-output").run()
    claim = working.results[0].step.claim
    assert pickle.loads(pickle.dumps(claim)) == claim


# -- chains ------------------------------------------------------------------------------------------------------------


def test_steps_chain_only_where_they_meet(proof):
    x = proof["x"]
    first = infer(rewriting.expand, (x + 1) ** 2, proof.scope)
    second = infer(rewriting.expand, (x + 2) ** 2, proof.scope)
    with pytest.raises(DerivationError, match="do not meet"):
        chain(first, second)


E, L, LE = Relation.EQUAL, Relation.LESS, Relation.AT_MOST


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [(E, E, E), (E, L, L), (L, E, L), (L, L, L), (L, LE, L), (LE, L, L), (LE, LE, LE), (E, LE, LE), (LE, E, LE)],
)
def test_relations_chain(proof, first, second, result):
    c = proof["c"]
    sides = {E: lambda t: t + 0 * c, L: lambda t: t + c, LE: lambda t: t + c}
    middle = sides[first](c) if first is not E else 2 * c - c
    left = c
    end = sides[second](middle) if second is not E else middle + c - c
    one = claimed(proof, left, first, middle, structural=True)
    two = claimed(proof, middle, second, end, structural=True)
    assert chain(one, two).claim.relation is result
    assert chain(one, two).rule is CHAIN


def test_what_does_not_chain(proof):
    c = proof["c"]
    unequal = claimed(proof, c, Relation.NOT_EQUAL, 2 * c, structural=True)
    again = claimed(proof, 2 * c, Relation.NOT_EQUAL, 3 * c, structural=True)
    with pytest.raises(DerivationError, match="do not chain"):
        chain(unequal, again)


def test_assumptions_are_united_and_none_is_lost(proof):
    x, y = proof["x"], proof["y"]
    proof.assume(nonzero(x), nonzero(y))
    first = infer(rewriting.simplify, x / x * y / y + x - x, proof.scope)
    hypotheses = {a for a in first.claim.assumptions if isinstance(a, Formula)}
    assert hypotheses == {nonzero(x), nonzero(y)}
    start = claimed(proof, y + 1, E, x * (y + 1) / x)
    end = claimed(proof, x * (y + 1) / x, E, x * (y + 1) / x * y / y)
    both = {a for a in chain(start, end).claim.assumptions if isinstance(a, Formula)}
    assert both == {nonzero(x), nonzero(y)}


def test_a_symbol_declared_in_two_ways_is_a_conflict(proof):
    x = proof["x"]
    here = claimed(proof, x, E, x + x - x)
    other = Proof({})
    other.scalar("x", POSITIVE)
    there = claimed(other, x + x - x, E, 2 * x - x)
    with pytest.raises(DerivationError, match="two different ways"):
        chain(here, there)


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_refutation_carries_its_world(proof):
    A, t = proof["A"], proof["t"]
    with pytest.raises(Refuted) as caught:
        claimed(proof, A @ t, E, A.T @ t)
    error = caught.value
    assert error.world[proof["n"]] >= 2 and error.world[A].height == error.world[proof["n"]]
    assert error.left.height == error.right.height
    assert "A t = Aᵀt" in str(error).replace("At =", "A t =") and "n = " in str(error)


@pytest.mark.parametrize("spelling", [lambda x: x / x, lambda x: power(x, MINUS_ONE) * x, lambda x: x**2 / x / x])
def test_the_same_condition_for_every_spelling(proof, spelling):
    term = spelling(proof["x"])
    assert {c.formula for c in conditions_of(term)} == {nonzero(proof["x"])}
    with pytest.raises(ConditionMissing, match="x ≠ 0"):
        infer(claiming(equation(term, ONE)), term, proof.scope)


@pytest.mark.parametrize(
    ("term", "condition"),
    [
        (lambda p: 1 / (p["x"] - 1), lambda p: nonzero(p["x"] - 1)),
        (lambda p: log(p["x"]), lambda p: positive(p["x"])),
        (lambda p: sqrt(p["x"]), lambda p: nonnegative(p["x"])),
        (lambda p: p["x"] ** p["y"], lambda p: positive(p["x"])),
        (lambda p: Derivative(absolute(p["x"]), p["x"]), lambda p: nonzero(p["x"])),
        (lambda p: Derivative(sqrt(p["x"]), p["x"]), lambda p: positive(p["x"])),
        (lambda p: exp(1 / p["x"]), lambda p: nonzero(p["x"])),
    ],
)
def test_conditions_are_read_off_the_tree_and_named(proof, term, condition):
    assert condition(proof) in {c.formula for c in conditions_of(term(proof))}
    with pytest.raises(ConditionMissing) as caught:
        infer(claiming(equation(term(proof), term(proof) + 0)), term(proof), proof.scope)
    assert caught.value.condition and caught.value.needed_by


@pytest.mark.parametrize(
    ("function", "value", "slope"),
    [
        ("acosh", "x ≥ 1", "x > 1"),
        ("asin", "1 − x² ≥ 0", "1 − x² > 0"),
        ("acos", "1 − x² ≥ 0", "1 − x² > 0"),
        ("atanh", "1 − x² > 0", ""),
        ("factorial", "x ≥ 0, x = floor(x)", ""),
        ("log", "x > 0", ""),
        ("tan", "cos(x) ≠ 0", ""),
        ("abs", "", "x ≠ 0"),
        *((name, "", "") for name in ("exp", "sin", "atan", "asinh", "erf", "sigmoid", "softplus", "floor")),
    ],
)
def test_where_a_standard_function_has_a_value_and_where_a_slope(proof, function, value, slope):
    x = proof["x"]
    term = Apply(function, (x,))
    own = [str(c.formula) for c in conditions_of(term)]
    assert ", ".join(own) == value
    sloping = [str(c.formula) for c in conditions_of(Derivative(term, x))]
    assert sloping == [*([slope] if slope else []), *own]
    assert [str(c.formula) for c in conditions_of(Derivative(term, proof["y"]))] == own
    if own:
        with pytest.raises(ConditionMissing) as caught:
            infer(claiming(equation(term, term + 0)), term, proof.scope)
        assert str(caught.value.formula) == own[0]


def test_what_is_whole_by_its_declaration_is_not_asked_for(proof):
    n, x, y = proof["n"], proof["x"], proof["y"]
    binomial = Apply("binomial", (x, n))
    assert [str(c.formula) for c in conditions_of(binomial)] == ["n = floor(n)"]
    assert not conditions_of(binomial, (), frozenset((n,)))
    assert infer(claiming(equation(binomial, binomial + 0)), binomial, proof.scope).conditions == ()
    assert "y = floor(y)" in {str(c.formula) for c in conditions_of(Apply("binomial", (x, y)), (), frozenset((n,)))}


def test_every_function_has_a_record_and_a_value():
    assert VALUES.keys() == FUNCTIONS.keys()
    code = """
from engine.terms import records
records.FUNCTIONS["novelty"] = records.Function()
import engine.kernel
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode and "a record only: novelty" in done.stderr


@pytest.mark.parametrize("function", sorted(name for name, known in FUNCTIONS.items() if not known.whole))
def test_a_function_has_a_value_exactly_where_its_record_says(function):
    """At a grid that holds the ends of every domain."""
    x, y = Symbol("x"), Symbol("y")
    term = Apply(function, (x, y) if function in ("max", "min") else (x,))
    for number in (fmpq(n, 2) for n in range(-6, 7)):
        world = World(0, {x: number, y: fmpq(1)}, {x: Declaration(x), y: Declaration(y)})
        said = all(truth(c.formula, world).true for c in conditions_of(term))
        try:
            world.value(term)
        except Undefined:
            assert not said, (function, number)
        else:
            assert said, (function, number)


def test_conditions_inside_names_and_sums_count_too(proof):
    x = proof["x"]
    f = proof.given("f", 1 / x, x)
    assert nonzero(proof["y"]) in {c.formula for c in conditions_of(f(proof["y"]))}


def test_an_undeclared_symbol_is_refused(proof):
    stranger = Symbol("stranger")
    with pytest.raises(DerivationError, match="not declared"):
        claimed(proof, stranger, E, stranger + proof["x"])


def test_a_step_that_shows_something_else_discharges_nothing(proof):
    proof.assume(nonzero(proof["y"]))
    other = assume(nonzero(proof["y"]), proof.scope)
    scope = dataclasses.replace(proof.scope, prover=lambda condition, scope: other, proved={})
    with pytest.raises(ConditionMissing):
        infer(rewriting.simplify, proof["x"] / proof["x"], scope)


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_kinds_of_evidence(proof):
    x, c = proof["x"], proof["c"]
    assert claimed(proof, x + x, E, 2 * x).evidence.kind is Kind.PROVED
    assert claimed(proof, maximum(x, x), E, x).evidence.kind is Kind.EXACT
    roots = claimed(proof, maximum(sqrt(c), 0), E, sqrt(c)).evidence
    assert roots.kind is Kind.ENCLOSED and roots.bits > 200 and roots.bound is None
    assert claimed(proof, ZERO, L, maximum(c, x), structural=True).evidence.kind is Kind.STRUCTURAL
    grows = Limit(exp(-c), c, INFINITY)
    assert claimed(proof, grows, E, ZERO, structural=True).evidence.kind is Kind.STRUCTURAL
    law = proof.let("N", c**2, citation="Somebody 1905")
    cited = infer(rewriting.unfold, law + x, proof.scope).evidence
    assert cited.kind is Kind.CITED and "Somebody" in cited.citation


def test_a_cited_name_that_only_drops_out_is_not_leaned_on(proof):
    x, c = proof["x"], proof["c"]
    law = proof.let("N", c**2, citation="Somebody 1905")
    assert claimed(proof, x + law - law, E, x).evidence.kind is Kind.PROVED


def test_a_chain_is_as_strong_as_its_weakest_step(proof):
    order_of_strength = [Kind.PROVED, Kind.EXACT, Kind.ENCLOSED, Kind.STRUCTURAL, Kind.CITED]
    for weaker, kind in enumerate(order_of_strength):
        for other in order_of_strength[: weaker + 1]:
            united = united_evidence([Evidence(kind, 12), Evidence(other, 9)])
            assert united.kind is kind and united.worlds == 9


def test_the_bound_is_computed_from_the_degree(proof):
    A = proof["A"]
    low = claimed(proof, determinant(A @ A), E, determinant(A) ** 2).evidence.bound
    high = claimed(proof, determinant(A @ A @ A), E, determinant(A) ** 3).evidence.bound
    assert low < high < -90


def test_strength_in_the_catalogue_is_that_of_the_weakest_line():
    assert load("batch-size-regimes").run().strength.kind is Kind.CITED
    assert load("fgm-output").run().strength.kind is Kind.PROVED


# -- the prover is only believed as far as the worlds go ---------------------------------------------------------------


def test_a_lying_prover_is_found_out(proof):
    A = proof["A"]
    with pytest.raises(Refuted):
        infer(claiming(positive_definite(A + A.T), structural=True), A, proof.scope)


def test_hypotheses_are_used_only_where_they_are_needed(proof):
    x, y = proof["x"], proof["y"]
    proof.assume(nonzero(x))
    free = infer(rewriting.expand, (y + 1) ** 2, proof.scope)
    assert not any(isinstance(a, Formula) for a in free.claim.assumptions)
    leaning = infer(prover.read_off, positive(x**2), proof.scope)
    assert nonzero(x) in leaning.claim.assumptions


def test_declarations_stay_with_the_claim(proof):
    step = infer(rewriting.expand, (proof["x"] + proof["c"]) ** 2, proof.scope)
    assert Declaration(proof["c"], POSITIVE) in step.claim.assumptions
    assert Declaration(proof["x"], REAL) in step.claim.assumptions


def test_a_claim_is_tested_where_its_hypotheses_hold_and_only_with_them(proof):
    x = proof["x"]
    formula = equation(absolute(x), x)
    leaning = Rule("claim", "", "", lambda *_: Conclusion(formula, using=(assume(positive(x), proof.scope),)))
    assert infer(leaning, absolute(x), proof.scope).evidence.kind is Kind.PROVED
    with pytest.raises(Refuted):
        infer(claiming(formula), absolute(x), proof.scope)


def test_premises_that_contradict_each_other_show_nothing(proof):
    x = proof["x"]
    scope = proof.scope
    impossible = Formula(x**2, Relation.LESS, ZERO - 1)
    with pytest.raises(DerivationError, match="obey the premises"):
        assume(impossible, scope)


def test_every_file_of_rules_is_loaded_when_all_are_asked_for():
    code = (
        "import importlib, pkgutil, engine.rules as rules; before = set(rules.all_rules());"
        "[importlib.import_module(file.name) for file in pkgutil.walk_packages(rules.__path__, 'engine.rules.')];"
        "print(sorted(set(rules.all_rules()) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
