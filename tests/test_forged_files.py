"""Certificates of somebody who knows the code, and means to deceive: made with a kernel that lets everything through,
and read with the honest one. None of them is said to hold.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from typer.testing import CliRunner

import engine.certificates.certificate as writing
import engine.kernel.steps as kernel
from cli.errors import NO, UNDECIDED, YES
from cli.main import app
from engine.author import derivation, equation, expand, unfold
from engine.documents.structured import as_data
from engine.kernel import Conclusion, DerivationError, Evidence, Kind, Rule, assume, chain, infer
from engine.kernel.certification import certify
from engine.proofs.derivation import Derivation, Proof
from engine.rules import all_rules
from engine.rules.calculus.limits import limit
from engine.rules.order.prover import free_of, read_off
from engine.terms import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    Add,
    Apply,
    Call,
    Definition,
    Derivative,
    Determinant,
    Expectation,
    Identity,
    Iterate,
    Limit,
    Multiply,
    Number,
    Power,
    Symbol,
    Term,
    Variance,
    absolute,
    exp,
    maximum,
    multiply,
    norm2,
    sign,
    term,
)
from engine.terms.claims import Claim
from engine.terms.declarations import POSITIVE, POSITIVE_INTEGER, REAL, Declaration, Domain
from engine.terms.formulas import Formula, invertible, less, nonzero, positive
from engine.terms.laws import Bernoulli, Categorical, Law, Normal
from engine.worlds.design import staged

RULES = all_rules()
KAPLAN = "Kaplan et al. 2020, Scaling Laws for Neural Language Models"
SIGNS = {"why": "by the signs of its parts"}
Forgery = Callable[[Proof], None]


@contextmanager
def lenient(conditions: bool = True) -> Iterator[None]:
    """The forger's kernel: what is false has the evidence that it would have were it true."""

    def certified(claim: Claim, grounds: Any, background: Any = frozenset()) -> Evidence:
        try:
            return certify(claim, grounds, background)
        except DerivationError:
            return Evidence(Kind.EXACT, 12, None, -100.0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernel, "certify", certified)
        patched.setattr(writing, "is_own_rule", lambda *_: True)
        if not conditions:
            patched.setattr(kernel, "_discharged", lambda *_: ())
        yield


def lying(rule: Rule, formula: Formula, slots: dict[str, str] | None = None, **rest: Any) -> Rule:
    """A rule's name and words beside a formula that it never made."""
    return replace(rule, function=lambda *_: Conclusion(formula, slots, **rest))


def written(forgery: Forgery, conditions: bool = True) -> str:
    with lenient(conditions):
        return json.dumps(as_data(Derivation(forgery, "forged", "Forged", "").run()))


def verified(text: str) -> Any:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", "-", "--json"], input=text)


def outcome(text: str) -> tuple[int, dict[str, Any]]:
    done = verified(text)
    (found,) = json.loads(done.stdout)["derivations"]
    return done.exit_code, found


def claiming(
    formula: Callable[..., Formula], *symbols: Symbol, domain: Domain = REAL, rule: str = "simplify"
) -> Forgery:
    """The forgery that concludes an equation between some symbols, as if a rule had computed it."""

    def forgery(proof: Proof) -> None:
        for symbol in symbols:
            proof.declare(symbol, domain)
        said = formula(*symbols)
        calls = [node.definition for side in said.sides for node in side.walk() if isinstance(node, Call)]
        proof.definitions.update({definition.name: definition for definition in calls})
        proof.conclude(proof.fact(lying(RULES[rule], said, {"variable": "x", "laws": ""}), said.left))

    return forgery


def under_law(law: Law, formula: Callable[[Term], Formula]) -> Forgery:
    def forgery(proof: Proof) -> None:
        x = Symbol("x")
        proof.declarations[x] = Declaration(x, REAL, law)
        said = formula(x)
        proof.conclude(proof.fact(lying(RULES["simplify"], said), said.left))

    return forgery


X, K, N = Symbol("x"), Symbol("k"), Symbol("n")
W, A = Symbol("w", N), Symbol("A", N, N)


def roots(of: Term, proof: Proof) -> Term:
    """A polynomial that is zero wherever the fixed worlds look."""
    claim = Claim(of, equation(of, of).relation, of, frozenset(proof.declarations.values()))
    worlds = (staged(claim).world(number, attempt) for number in range(12) for attempt in range(6))
    values = {Fraction(int(v.p), int(v.q)) for world in worlds if world is not None for v in [world.value(of)]}
    return multiply(*(of - Number(value) for value in sorted(values)))


def with_roots(of: Term, *declared: tuple[Symbol, Domain]) -> Forgery:
    def forgery(proof: Proof) -> None:
        for symbol, domain in declared:
            proof.declare(symbol, domain)
        said = equation(of, of + roots(of, proof))
        proof.conclude(proof.fact(lying(RULES["simplify"], said), of))

    return forgery


def structural(rule: Rule, formula: Formula, *declared: tuple[Symbol, Domain], run_on: Any = None) -> Forgery:
    def forgery(proof: Proof) -> None:
        for symbol, domain in declared:
            proof.declare(symbol, domain)
        slots = SIGNS | {"symbol": "x", "variable": "x"}
        proof.conclude(proof.fact(lying(rule, formula, slots, run_on=run_on), formula))

    return forgery


def contradictory(proof: Proof) -> None:
    proof.declare(X)
    hypotheses = (positive(X), less(X, ZERO))
    proof.assume(*hypotheses)
    using = tuple(assume(each, proof.scope) for each in hypotheses)
    proof.conclude(proof.fact(lying(RULES["simplify"], equation(X, ZERO), using=using), X))


def contradictory_by_a_chain(proof: Proof) -> None:
    """Either line is true under its premise; both premises together are true of nothing."""
    x, y = proof.scalar("x"), proof.scalar("y")
    one, none = equation(x, y + 1), equation(x, y)
    proof.assume(one, none)
    first, second = (
        infer(lying(RULES["insert"], said, {"what": "x"}, using=(assume(given, proof.scope),)), said.left, proof.scope)
        for said, given in ((equation(ZERO, x - y), none), (equation(x - y, ONE), one))
    )
    proof.derive(ZERO)._steps[:] = [first, second]
    proof.conclude(chain(first, second))


def cited(body: Callable[[Term], Term], source: str) -> Forgery:
    def forgery(proof: Proof) -> None:
        x = proof.scalar("x", POSITIVE)
        law = proof.given("L", body(x), x, citation=source)
        proof.conclude(proof.derive(law(x)).by(unfold))

    return forgery


TINY = Number(Fraction(1, 10**60))
NEVER_HOLDS = {
    "roots at the known values": with_roots(X, (X, REAL)),
    "roots at the known norms": with_roots(norm2(W), (N, POSITIVE_INTEGER), (W, REAL)),
    "roots at the known whole numbers": with_roots(K, (K, POSITIVE_INTEGER)),
    "all sizes of the design": claiming(
        lambda n, w: equation(norm2(w), norm2(w) + multiply(*(n - k for k in range(1, 13)))),
        N, W, domain=POSITIVE_INTEGER,
    ),
    "a sign of determinants": claiming(
        lambda n, a: equation(sign(Determinant(a)) ** 2, ONE), N, A, domain=POSITIVE_INTEGER
    ),
    "beyond all scales": claiming(lambda x: equation(maximum(x, term(2**70)), term(2**70)), X),
    "a bump between": claiming(
        lambda x: equation(maximum(ZERO, Number(Fraction(1, 1000)) - absolute(x - Number(Fraction(7919, 37)))), ZERO), X
    ),
    "less than a ball": claiming(lambda x: equation(exp(x), exp(x) * (1 + Number(Fraction(1, 2**900)))), X),
    "less than a ball, of numbers": claiming(
        lambda _: equation(Apply("sin", (Apply("tan", (TINY,)),)), Apply("tan", (Apply("sin", (TINY,)),))), X
    ),
    "a slope and a little": claiming(
        lambda x: equation(Derivative(exp(x), x), exp(x) + Number(Fraction(1, 2**150))), X, rule="differentiate"
    ),
    "every square matrix is invertible": structural(read_off, invertible(A), (N, POSITIVE_INTEGER), (A, REAL)),
    "x < 20000": structural(read_off, less(X, term(20000)), (X, REAL)),
    "x < 20000, run on that": structural(
        read_off, less(X, term(20000)), (X, REAL), run_on=(less(X, term(20000)), less(X, term(20000)))
    ),
    "x ≠ 1/3": structural(read_off, nonzero(X - Number(Fraction(1, 3))), (X, REAL), run_on=(nonzero(X**2 + 1),)),
    "a relabelled structural rule": structural(free_of, nonzero(X - Number(Fraction(1, 3))), (X, REAL)),
    "a structural line by another rule": structural(
        RULES["simplify"], nonzero(X - Number(Fraction(1, 3))), (X, REAL)
    ),
    "a limit": structural(
        limit, equation(Limit(X / (X + 1), X, INFINITY), 1 + Number(Fraction(1, 2**1400))), (X, POSITIVE)
    ),
    "premises that contradict each other": contradictory,
    "premises that contradict each other in a chain": contradictory_by_a_chain,
    "an empty domain": claiming(lambda x: equation(maximum(x, ONE), x), X, domain=Domain(Fraction(2), Fraction(1))),
    "an open point": claiming(lambda x: equation(x, ONE), X, domain=Domain(Fraction(1), Fraction(1))),
    "whole numbers between whole numbers": claiming(
        lambda x: equation(x, x**2), X, domain=Domain(Fraction(0), Fraction(1), whole=True)
    ),
    "a probability of 2": under_law(Bernoulli(TWO), lambda x: equation(Variance(x), term(-2))),
    "a negative variance": under_law(Normal(ZERO, term(-1)), lambda x: equation(Variance(x), term(-1))),
    "probabilities beyond 1": under_law(
        Categorical((ONE, ZERO), (ONE, Number(Fraction(1, 2)))), lambda x: equation(Expectation(x), ONE)
    ),
    "a citation of one's own": cited(lambda x: x**2, "Euler 1750"),
    "a citation of somebody else's": cited(lambda x: ONE, KAPLAN),
}  # fmt: skip


@pytest.mark.parametrize("name", NEVER_HOLDS)
def test_a_forged_file_is_never_said_to_hold(name):
    code, found = outcome(written(NEVER_HOLDS[name], conditions=name != "a limit"))
    assert code in (NO, UNDECIDED) and not found["holds"] and found["verdict"] != "holds"
    assert code == (NO if found["verdict"] == "does not hold" else UNDECIDED)
    assert found.get("given") or "parts[0]" in found["place"] or found["place"].startswith("results")


NOT_VERIFIED = [
    "x < 20000",
    "x < 20000, run on that",
    "x ≠ 1/3",
    "a relabelled structural rule",
    "a structural line by another rule",
    "premises that contradict each other",
    "premises that contradict each other in a chain",
    "an empty domain",
    "an open point",
    "a probability of 2",
    "a negative variance",
    "probabilities beyond 1",
    "less than a ball, of numbers",
]


@pytest.mark.parametrize("name", NOT_VERIFIED)
def test_what_is_not_shown_again_is_not_verified(name):
    code, found = outcome(written(NEVER_HOLDS[name]))
    assert (code, found["verdict"]) == (UNDECIDED, "not verified")
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", "-"], input=written(NEVER_HOLDS[name]))
    assert shown.exit_code == UNDECIDED and "forged is not verified: " in shown.stdout


def test_every_line_that_is_not_shown_again_is_named():
    def forgery(proof: Proof) -> None:
        proof.declare(X)
        for bound in (20000, 30000):
            line = proof.fact(lying(read_off, less(X, term(bound)), SIGNS), less(X, term(bound)))
        proof.conclude(line)

    _, found = outcome(written(forgery))
    assert found["place"] == "parts[0].steps[0]" and "does not show x < 20000" in found["error"]
    assert "; parts[1].steps[0]: 'read off' does not show x < 30000" in found["error"]


def test_an_inverse_without_its_condition_is_not_verified():
    forgery = claiming(lambda n, a: equation(a @ a.I, Identity(n)), N, A, domain=POSITIVE_INTEGER)
    code, found = outcome(written(forgery, conditions=False))
    assert (code, found["verdict"]) == (UNDECIDED, "not verified") and "A is invertible" in found["error"]


@pytest.mark.parametrize("source", ["Euler 1750", KAPLAN])
def test_a_citation_that_the_catalogue_does_not_know_is_a_premise(source):
    text = written(cited(lambda x: x**2, source))
    code, found = outcome(text)
    assert (code, found["verdict"], found["given"]) == (UNDECIDED, "given", [f"L(x) = x² ({source})"])
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", "-"], input=text)
    assert f"forged holds, given L(x) = x² ({source})" in shown.stdout


def test_what_the_catalogue_cites_it_knows():
    @derivation("mine", title="Mine", source="")
    def mine(proof: Proof) -> None:
        scale, exponent, size = (proof.scalar(name, POSITIVE) for name in ("N_c", "alpha_N", "N"))
        law = proof.given("ell_N", (scale / size) ** exponent, size, citation=KAPLAN)
        proof.conclude(proof.derive(law(size)).by(unfold))

    assert outcome(json.dumps(as_data(mine.run())))[0] == YES


def test_a_structural_rule_of_ones_own_is_not_verified():
    @derivation("mine", title="Mine", source="")
    def mine(proof: Proof) -> None:
        proof.declare(X)
        said = nonzero(X - Number(Fraction(1, 3)))
        proof.conclude(proof.fact(Rule("trust me", "", "as I say", lambda *_: Conclusion(said), structural=True), said))

    code, found = outcome(json.dumps(as_data(mine.run())))
    assert (code, found["verdict"]) == (UNDECIDED, "not verified") and "there is no rule 'trust me' here" in found[
        "error"
    ]


def test_honest_files_hold_whatever_is_drawn():
    @derivation("mine", title="Mine", source="")
    def mine(proof: Proof) -> None:
        x = proof.scalar("x", POSITIVE)
        proof.shown(positive(x + 1))
        proof.conclude(proof.derive((x + 1) ** 2).by(expand))

    text = json.dumps(as_data(mine.run()))
    assert [outcome(text)[0] for _ in range(10)] == [YES] * 10


# -- towers ------------------------------------------------------------------------------------------------------------


def tower(base: Term, exponent: int = 4096, levels: int = 3) -> Term:
    for _ in range(levels):
        base = Power(base, Number(Fraction(exponent)))
    return base


def nested(body: Callable[[Term], Term], argument: Symbol, start: Term, times: int = 50) -> Term:
    name = Definition("f", (argument,), body(argument))
    for _ in range(times):
        start = Call(name, (start,))
    return start


S, M = Symbol("s"), Symbol("M", N, N)
TOWERS: dict[str, Forgery] = {
    "of a symbol": claiming(lambda x: equation(tower(x), x), X),
    "of its reciprocal": claiming(lambda x: equation(tower(x, -4096), x), X, domain=POSITIVE),
    "of a number": claiming(lambda x: equation(tower(term(3)) * x, x), X),
    "of squares": claiming(lambda x: equation(tower(x + 1, 2, 60), x), X),
    "of matrices": claiming(lambda n, a: equation(tower(a, 64, 5), a), N, A, domain=POSITIVE_INTEGER),
    "of a random number": under_law(
        Bernoulli(Number(Fraction(1, 2))), lambda x: equation(Expectation(tower(x, levels=2)), ONE)
    ),
    "of steps": claiming(lambda x, s: equation(Iterate(Multiply((s, s)), s, x, term(60)), x), X, S),
    "of names": claiming(lambda x: equation(nested(lambda s: Multiply((s, s)), S, x), x), X),
    "of names of sums": claiming(lambda x: equation(nested(lambda s: Add((Multiply((s, s)), s)), S, x), x), X),
    "of names of matrices": claiming(
        lambda n, a: equation(nested(lambda m: Multiply((m, m)), M, a), a), N, A, domain=POSITIVE_INTEGER
    ),
    "that a sign is read off": structural(
        read_off, positive(X), (X, POSITIVE), run_on=(positive(tower(term(3)) * X),)
    ),
    "that a limit is taken of": structural(
        limit, equation(Limit(X / (X + 1), X, INFINITY), ONE), (X, POSITIVE), run_on=(Limit(tower(X), X, INFINITY),)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOWERS)
def test_a_tower_is_refused_before_it_is_built(name):
    text = written(TOWERS[name], conditions=False)
    begun = time.process_time()
    code, found = outcome(text)
    assert (code, found["verdict"]) == (UNDECIDED, "not verified") and "bits" in found["error"]
    assert time.process_time() - begun < 2  # a hang, not a slow machine
