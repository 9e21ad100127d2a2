"""What can be had by public names alone: no step that the kernel did not make, none on the word of premises that
change.
"""

import copy
import dataclasses
import json
import pickle
from dataclasses import dataclass, replace
from fractions import Fraction
from types import SimpleNamespace

import pytest

from engine.certificates.certificate import Refused, certificate, recertified
from engine.certificates.rereading import AGAIN
from engine.documents.evidence import marks, strength, worth
from engine.documents.structured import as_data
from engine.kernel import (
    CHAIN,
    HYPOTHESIS,
    Outcome,
    Refutation,
    Rule,
    Step,
    assume,
    chain,
    genuine,
    genuine_refutation,
    infer,
    refute,
)
from engine.kernel.certification import Grounds, certify
from engine.kernel.conditions import Condition
from engine.kernel.evidence import ConditionMissing, DerivationError, Evidence, Kind, NotApplicable, Refuted
from engine.kernel.ledger import is_own_context, is_own_rule, structural_rules
from engine.proofs.coherence import Incoherent, holds_together
from engine.proofs.derivation import NamedLine, Proof, derivation
from engine.proofs.options import Because, Offered, because
from engine.proofs.working import Choice, Idea, Lemma, Option, Passage, Reason, Result, Working
from engine.rules import all_rules
from engine.rules.algebra import rewriting
from engine.rules.algebra.specialising import specialise
from engine.rules.calculus import optimisation
from engine.rules.order.prover import free_of, read_off
from engine.rules.scope import Scope
from engine.terms import ONE, ZERO, Add, Symbol, absolute, maximum, term, total
from engine.terms.claims import Claim
from engine.terms.declarations import NONNEGATIVE, POSITIVE, POSITIVE_INTEGER, REAL, SYMMETRIC, Declaration, Domain
from engine.terms.formulas import Formula, Relation, equation, nonzero, positive

X, Y, N = Symbol("x"), Symbol("y"), Symbol("n")
FALSE = equation(ZERO, ONE)


@dataclass(frozen=True)
class Lookalike:
    """All that a step shows."""

    claim: Claim
    rule: Rule = HYPOTHESIS
    reason: str = ""
    using: tuple = ()
    conditions: tuple = ()
    evidence: Evidence = Evidence(Kind.EXACT, 12)
    background: frozenset = frozenset()
    detail: tuple = ()
    run_on: tuple | None = None

    @property
    def before(self):
        return self.claim.left

    @property
    def after(self):
        return self.claim.right


class Heir(Step):
    """A kind of step that asks for no seal."""

    claim, rule, reason, using, conditions = None, HYPOTHESIS, "", (), ()
    evidence, background, run_on = Evidence(Kind.EXACT, 12), frozenset(), None

    def __init__(self):
        pass


def says(formula: Formula, *assumptions) -> Claim:
    return Claim(formula.left, formula.relation, formula.right, frozenset(assumptions))


def heir(formula: Formula) -> Step:
    return type("Heir", (Heir,), {"claim": says(formula)})()


def claiming(formula, **rest):
    structural = rest.pop("structural", False)
    return Rule("claim", "", "", lambda *_: Outcome(formula, **rest), structural=structural)


def real(*symbols: Symbol) -> Proof:
    proof = Proof({})
    for symbol in symbols or (X, Y):
        proof.declare(symbol)
    return proof


class Context:
    """Premises as somebody may write them."""

    def __init__(self, *declarations, discharges=None):
        self.background = frozenset(declarations)
        self.discharges = discharges

    def declaration(self, symbol):
        return next(d for d in self.background if d.symbol == symbol)

    def discharge(self, condition):
        return self.discharges(condition) if self.discharges else None


# -- no step but the kernel's ------------------------------------------------------------------------------------------

FORGED = {
    "a look-alike": lambda formula: Lookalike(says(formula)),
    "an heir": heir,
    "a namespace": lambda formula: SimpleNamespace(claim=says(formula), evidence=Evidence(Kind.EXACT, 12)),
    "an empty step": lambda formula: Step.__new__(Step),
    "a claim": says,
    "nothing": lambda formula: None,
}


@pytest.mark.parametrize("made", FORGED.values(), ids=FORGED)
def test_every_door_takes_steps_alone(made):
    proof = real()
    scope = proof.scope
    honest = infer(rewriting.expand, (X + 1) ** 2, scope)
    half, other = made(equation(ZERO, X)), made(equation(X, ONE))
    for doors in (
        lambda: chain(half, other),
        lambda: chain(honest, made(equation(honest.after, ONE))),
        lambda: chain(made(equation(ONE, honest.before)), honest),
        lambda: genuine(half),
        lambda: infer(claiming(equation(X, X), using=(half,)), X, scope),
        lambda: infer(claiming(equation(X, X), using=(honest, other)), X, scope),
        lambda: infer(claiming(equation(X, X), inside=lambda: (half,)), X, scope).detail,
        lambda: infer(claiming(equation(X / X, ONE)), X, Context(Declaration(X), discharges=lambda c: made(c.formula) or half or 0)),
        lambda: proof.joined((half, other)),
        lambda: real().derive(X).by(rewriting.insert(made(equation(X, Y)))),
        lambda: real().shown(positive(X), made(equation(X, ONE))),
        lambda: real().instance(made(equation(X, ONE)), x=1),
        lambda: concluded(made(FALSE)),
    ):  # fmt: skip
        with pytest.raises((TypeError, DerivationError, AttributeError)):
            doors()


def concluded(line):
    @derivation("mine", title="Mine", source="")
    def mine(proof):
        proof.declare(X)
        proof.derive((X + 1) ** 2).by(rewriting.expand)
        proof.results.append(SimpleNamespace(name="", line=line, parts=(), result=Result("", genuine(line))))

    return mine.run()


def test_two_look_alikes_do_not_make_0_equal_1():
    with pytest.raises(TypeError, match="that the kernel has made"):
        chain(Lookalike(says(equation(ZERO, X))), Lookalike(says(equation(X, ONE))))
    with pytest.raises(TypeError, match="that the kernel has made"):
        _ = Passage((Lookalike(says(equation(ZERO, X))), Lookalike(says(equation(X, ONE))))).result
    with pytest.raises(TypeError, match="that the kernel has made"):
        _ = Passage((Lookalike(says(FALSE)),)).result


def test_a_step_is_no_data_and_keeps_what_it_says():
    step = infer(rewriting.expand, (X + 1) ** 2, real().scope)
    assert copy.copy(step) is step and copy.deepcopy(step) is step
    with pytest.raises(TypeError):
        vars(step)
    with pytest.raises(TypeError, match="no data"):
        pickle.dumps(step)
    with pytest.raises(TypeError, match="kernel alone"):
        Step.__new__(Step).__setstate__([says(FALSE)])
    with pytest.raises((TypeError, ValueError)):
        replace(step, claim=says(FALSE))
    with pytest.raises(AttributeError):
        Step.__new__(Step).claim = says(FALSE)


def test_nothing_is_written_without_the_seal_first_or_anew():
    step, found = infer(rewriting.expand, (X + 1) ** 2, real().scope), refute(equation(X, ONE), real().scope)
    for made, parts in (
        (step, (says(FALSE), HYPOTHESIS, "", (), (), Evidence(Kind.EXACT, 12))),
        (found, (says(FALSE), (), frozenset(), "nowhere")),
    ):
        told = repr(made)
        for write in (made.__init__, type(made), type("Heir", (type(made),), {"__post_init__": lambda *_: None})):
            for seal in ({}, {"seal": None}, {"seal": object()}):
                with pytest.raises(TypeError, match="by the kernel alone"):
                    write(*parts, **seal)
        with pytest.raises(TypeError, match="by the kernel alone"):
            made.__setstate__(list(parts))
        with pytest.raises(TypeError, match="no data"):
            pickle.dumps(made)
        assert copy.copy(made) is made and copy.deepcopy(made) is made and repr(made) == told
    assert found.formula == equation(X, ONE)


# -- premises that change ----------------------------------------------------------------------------------------------


def test_a_context_that_shrugs_does_not_make_x_over_x_1():
    ratio = claiming(equation(X / X, ONE))
    answers = {
        "nothing": lambda condition: None,
        "a look-alike": lambda condition: Lookalike(says(condition.formula)),
        "yes": lambda condition: True,
        "something else": lambda condition: assume(nonzero(Y), real().scope),
        "the same of another domain": lambda condition: assume(condition.formula, positives().scope),
    }
    for answer in answers.values():
        with pytest.raises((TypeError, DerivationError)):
            infer(ratio, X / X, Context(Declaration(X), Declaration(Y), discharges=answer))


def positives() -> Proof:
    proof = Proof({})
    proof.declare(X, POSITIVE)
    return proof


def test_a_condition_of_another_index_is_none():
    """Σᵢ 1/xᵢ for i to n, where xᵢ ≠ 0 is known for i to m alone."""
    m, i, x = Symbol("m"), Symbol("i"), Symbol("x", N)
    ours = [Declaration(s, POSITIVE_INTEGER) for s in (N, m)] + [Declaration(x, POSITIVE)]
    body = total(1 / x[i], i, N)

    def summed(last):
        index = Declaration(i, Domain(index_up_to=last, whole=True))
        scope = Scope({d.symbol: d for d in (*ours, index)}, {}, (), lambda condition, scope: None)
        known = infer(read_off, nonzero(x[i]), scope)
        return infer(claiming(equation(body, body)), body, Context(*ours, discharges=lambda condition: known))

    assert summed(N).evidence.kind is Kind.EXACT
    with pytest.raises(ConditionMissing):
        summed(m)


class Fickle(Context):
    """It says one thing to whoever asks first, and another later."""

    def __init__(self, first, then, **rest):
        super().__init__(**rest)
        self.answers = [first, then]

    def declaration(self, symbol):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_premises_are_held_to_what_they_said_first():
    claim = infer(claiming(equation(2 * X, X + X)), X, Fickle(Declaration(X, POSITIVE), Declaration(X, REAL))).claim
    assert claim.assumptions == {Declaration(X, POSITIVE)}
    with pytest.raises(Refuted):
        infer(claiming(equation(absolute(X), X)), X, Fickle(Declaration(X, REAL), Declaration(X, POSITIVE)))


@pytest.mark.parametrize(
    ("context", "error", "message"),
    [
        (Context(Declaration(X, POSITIVE), Declaration(X, REAL)), DerivationError, "in two different ways"),
        (Fickle(Declaration(Y, POSITIVE), Declaration(Y, POSITIVE)), DerivationError, "y is what is declared"),
        (
            Fickle(SimpleNamespace(symbol=X, domain=POSITIVE, law=None, free=frozenset()), None),
            TypeError,
            "a declaration",
        ),
        (Fickle(Declaration(X, SimpleNamespace(whole=False, index_up_to=None)), None), TypeError, "a declaration"),
    ],
)
def test_what_is_declared_is_one_declaration_of_that_symbol(context, error, message):
    with pytest.raises(error, match=message):
        infer(claiming(equation(absolute(X), X)), X, context)


def test_two_claims_with_clashing_declarations_make_none():
    here, there = real(), positives()
    one = infer(claiming(equation(X, X + ZERO * Y - ZERO)), X, here.scope)
    other = infer(claiming(equation(X, absolute(X))), X, there.scope)
    with pytest.raises(DerivationError, match="two different ways"):
        chain(one, other)
    with pytest.raises(DerivationError, match="two different ways"):
        infer(claiming(equation(X, absolute(X)), using=(other,)), X, here.scope)


def test_what_else_is_declared_hides_no_size():
    """An index up to n − 1 is no reason to look at no world with n = 1."""
    t = Symbol("t", N)
    declared = [Declaration(N, POSITIVE_INTEGER), Declaration(t)]
    claim = claiming(equation(maximum(N, term(2)) * t, N * t))
    with pytest.raises(Refuted):
        infer(claim, N, Context(*declared, Declaration(Symbol("i"), Domain(index_up_to=N - 1, whole=True))))
    proof = real(t)
    proof.size("n"), proof.index("i", N - 1)
    with pytest.raises(Refuted):
        infer(claim, N, proof.scope)


def test_a_scope_is_what_it_was_made_of():
    declared = {X: Declaration(X)}
    scope = Scope(declared, {}, (), lambda condition, scope: None)
    declared[X] = Declaration(X, POSITIVE)
    assert scope.domain(X) == REAL
    with pytest.raises(TypeError):
        scope.declarations[X] = Declaration(X, POSITIVE)
    with pytest.raises(DerivationError, match="y is declared as x"):
        Scope({X: Declaration(Y, POSITIVE)}, {}, (), lambda condition, scope: None)


# -- what is said is made of the engine's own terms --------------------------------------------------------------------


class TwoFaced(Formula):
    """It says what is true until it is believed."""


class Sum(Add):
    pass


@pytest.mark.parametrize(
    "formula",
    [
        TwoFaced(X, Relation.EQUAL, X),
        equation(X, Sum((X, ZERO))),
        equation(X, 2 * Sum((X, ZERO)) - X),
        Formula(TwoFaced(X, Relation.EQUAL, Y), Relation.EQUIVALENT, equation(Y, X)),
        SimpleNamespace(left=X, relation=Relation.EQUAL, right=X, sides=(X, X)),
    ],
)
def test_a_formula_of_another_making_is_none(formula):
    with pytest.raises(TypeError):
        infer(claiming(formula, unknown=X), X, real().scope)
    if isinstance(formula, Formula) and not formula.relation.joins_formulas:
        with pytest.raises(TypeError):
            assume(formula, real().scope)


def test_an_outcome_and_a_rule_are_what_they_seem():
    class Many(Outcome):
        pass

    class Law(Rule):
        pass

    with pytest.raises(TypeError):
        infer(Rule("r", "", "", lambda *_: Many(equation(X, X))), X, real().scope)
    with pytest.raises(TypeError):
        infer(Law("r", "", "", lambda *_: Outcome(equation(X, X))), X, real().scope)


# -- what is structural is the kernel's to say -------------------------------------------------------------------------


def test_the_ledger_has_the_structural_rules_of_the_engine_and_no_others():
    rules = all_rules()
    assert structural_rules() == {name for name, rule in rules.items() if rule.structural} == set(AGAIN)
    for name in structural_rules():
        assert is_own_rule(rules[name], name) and is_own_rule(AGAIN[name], name)
    for name in ("insert", "insert back", "from ratio", "rewrite equation"):
        assert is_own_rule(rules[name], name)
    assert is_own_context(real().scope)


@pytest.mark.parametrize("rule", [read_off, free_of, optimisation.minimiser, specialise], ids=lambda rule: rule.name)
def test_a_rule_that_only_calls_itself_so_is_not_the_engines(rule):
    assert not is_own_rule(replace(rule, sentence="trust me"), rule.name)
    assert not is_own_rule(replace(rule, function=lambda *_: Outcome(FALSE)), rule.name)
    assert not is_own_rule(Rule(rule.name, rule.law, rule.sentence, rule.function, rule.conditions, True), rule.name)


THIRD = term(Fraction(1, 3))
HARD = nonzero(X - THIRD)  # false at a third, where no world of the design is


def test_a_line_by_a_structural_rule_of_ones_own_says_so():
    mine = Rule("trust me", "", "as I say", lambda *_: Outcome(HARD), structural=True)
    step = infer(mine, HARD, real().scope)
    told = "structural by trust me (not the engine's)"
    assert step.evidence.shown_by == ("trust me",) and marks(step) == (told,) and worth(step.evidence).startswith(told)
    relabelled = infer(replace(read_off, function=lambda *_: Outcome(HARD, {"why": "so"})), HARD, real().scope)
    assert marks(relabelled) == ("structural by read off (not the engine's)",)


def test_what_leans_on_such_a_line_says_so_too():
    """(x − ⅓)/(x − ⅓) is 1 where x ≠ ⅓, which is the word of a rule of one's own: it is not exact."""
    proof = real()
    mine = Rule("trust me", "", "", lambda subject, *_: Outcome(subject), structural=True)
    scope = replace(proof.scope, prover=lambda condition, scope: infer(mine, condition.formula, scope), proved={})
    ratio = (X - THIRD) / (X - THIRD)
    step = infer(claiming(equation(ratio, ONE)), ratio, scope)
    assert (
        step.evidence.kind is Kind.STRUCTURAL
        and step.evidence.shown_by == ("trust me",)
        and step.evidence.bound is None
    )
    further = infer(claiming(equation(ONE, ONE + ZERO * X), using=(step,)), ONE, real().scope)
    assert further.evidence.shown_by == ("trust me",)
    assert chain(further, infer(claiming(equation(ONE + ZERO * X, ONE)), ONE, real().scope)).evidence.shown_by == (
        "trust me",
    )


def test_premises_that_lie_to_a_structural_rule_are_told():
    class Liar(Scope):
        def domain(self, symbol):
            return Domain(lower=5)

    scope = real().scope
    liar = Liar(scope.declarations, {}, (), scope.prover)
    step = infer(read_off, HARD, liar)
    assert marks(step) == ("structural by read off (not the engine's)",)
    with pytest.raises(NotApplicable):
        infer(read_off, HARD, scope)


def test_the_header_counts_them_apart():
    @derivation("mine", title="Mine", source="")
    def mine(proof):
        c = proof.scalar("c", POSITIVE)
        proof.derive((c + 1) ** 2).by(rewriting.expand)
        proof.shown(positive(c))
        formula = nonzero(c - THIRD)
        proof.conclude(
            proof.fact(Rule("trust me", "", "as I say", lambda *_: Outcome(formula), structural=True), formula)
        )

    working = mine.run()
    assert strength(working).endswith(", 1 structural, 1 structural by trust me (not the engine's)")
    data = as_data(working)
    assert data["strength"]["shown_by"] == ["trust me"]


def test_order_takes_a_structural_rule_whatever_it_leans_on():
    shown = infer(read_off, positive(X**2 + 1), real().scope)
    with pytest.raises(DerivationError, match="it takes a structural rule"):
        infer(claiming(HARD, using=(shown,)), X, real().scope)


def test_a_zero_is_looked_at_before_it_is_said_to_be_none():
    w = Symbol("w", N)
    proof = real()
    proof.declare(N, POSITIVE_INTEGER), proof.declare(w), proof.declare(Symbol("c"), NONNEGATIVE)
    for formula in (
        nonzero(X),
        nonzero(X - 1),
        nonzero(X * Y + X),
        nonzero(w),
        positive(w.T @ w),
        positive(Symbol("c")),
    ):
        with pytest.raises(Refuted):
            infer(claiming(formula, structural=True), X, proof.scope)
    proof.assume(nonzero(X))
    assert infer(read_off, nonzero(X**3), proof.scope).evidence.shown_by == ()


def test_evidence_is_not_a_step():
    claim = says(HARD, Declaration(X))
    assert (
        certify(claim, Grounds("anything", structural=True)).kind is Kind.STRUCTURAL
    )  # an evidence proves nothing by itself
    assert {field.name for field in dataclasses.fields(Evidence)} >= {"shown_by"} and CHAIN.structural is False
    assert Condition(HARD).formula is HARD


# -- an instance of a lemma is no more than the lemma ------------------------------------------------------------------


def between_one_and_two() -> Proof:
    proof = Proof({})
    proof.scalar("x", Domain(lower=Fraction(1), upper=Fraction(2)))
    return proof


def test_an_instance_says_what_the_lemma_says_and_where_it_says_it():
    lemma = infer(read_off, HARD, between_one_and_two().scope)
    assert infer(specialise, HARD, between_one_and_two().scope, lemma, {}).evidence.shown_by == ()
    with pytest.raises(ConditionMissing):
        infer(specialise, HARD, real().scope, lemma, {})  # not every real is between 1 and 2
    with pytest.raises(ConditionMissing):
        infer(specialise, HARD, real().scope, lemma, {"x": Y})
    with pytest.raises(NotApplicable, match="is not what was found"):
        infer(specialise, nonzero(Y - THIRD), real().scope, lemma, {})
    with pytest.raises(TypeError, match="that the kernel has made"):
        infer(specialise, HARD, real().scope, Lookalike(says(HARD, Declaration(X))), {})
    lookalike = Lookalike(says(HARD, Declaration(X)))
    with pytest.raises(TypeError, match="that the kernel has made"):
        infer(AGAIN["specialise"], HARD, real().scope, Outcome(HARD, {"name": ""}, run_on=(HARD, lookalike, {})))


def test_an_instance_of_what_is_ones_own_word_is_that_too():
    mine = Rule("trust me", "", "", lambda subject, *_: Outcome(subject), structural=True)
    lemma = infer(mine, HARD, real().scope)
    assert infer(specialise, HARD, real().scope, lemma, {}).evidence.shown_by == ("trust me",)
    read = Outcome(HARD, {"name": ""}, run_on=(HARD, lemma, {}))
    assert infer(AGAIN["specialise"], HARD, real().scope, read).evidence.shown_by == ("trust me",)


def test_a_symmetric_matrix_is_another_matrix_only_where_that_is_symmetric():
    A, B, S = (Symbol(name, N, N) for name in "ABS")
    proof = real()
    proof.declare(N, POSITIVE_INTEGER), proof.declare(A), proof.declare(B, SYMMETRIC), proof.declare(S, SYMMETRIC)
    lemma = infer(claiming(equation(S.T, S)), S, proof.scope)
    assert infer(specialise, lemma.claim.formula, proof.scope, lemma, {"S": B}).claim.formula.free == {B, N}
    with pytest.raises(NotApplicable, match="S is symmetric, and A need not be"):
        infer(specialise, lemma.claim.formula, proof.scope, lemma, {"S": A})


def test_a_refutation_leans_on_steps_alone():
    assert refute(equation(absolute(X), X), real().scope).where
    with pytest.raises(TypeError, match="that the kernel has made"):
        refute(equation(X, ONE), real().scope, Lookalike(says(equation(X, Y))))
    with pytest.raises(TypeError):
        refute(TwoFaced(X, Relation.EQUAL, Y), real().scope)


# -- a working is made of what the kernel has made ---------------------------------------------------------------------


@derivation("asked", title="Asked", source="")
def asked(proof):
    x = proof.scalar("x")
    proof.assume(positive(x))
    square = proof.derive((x + 1) ** 2).by(rewriting.expand)
    worked_out = because("The square is worked out.", square)
    options = {"yes": positive(x), "no": equation(x, ZERO), "never": equation(x, term(-1))}
    proof.ask("sign", "Which sign has it?", options, why=[worked_out])
    proof.keep("square", square)
    proof.conclude(square)
    proof.idea("By the square.", square)
    proof.outline(square)


ASKED = asked.run()
QUESTION = ASKED.choices[0]
YES, NO, NEVER = QUESTION.options


def but(working: Working, choice: Choice) -> Working:
    return replace(working, parts=tuple(choice if part is QUESTION else part for part in working.parts))


def options(yes: Option = YES, no: Option = NO) -> Working:
    return but(ASKED, replace(QUESTION, options=(yes, no, NEVER)))


def test_a_working_that_is_put_together_from_its_parts_holds_together():
    holds_together(replace(options(), lemmas=(Lemma("asked", "Asked", ASKED.results[0].step),)))


@pytest.mark.parametrize("made", FORGED.values(), ids=FORGED)
def test_a_working_takes_steps_alone(made):
    forged, line = made(ASKED.steps[0].claim.formula), made(YES.claims[0])
    first, *others = ASKED.parts
    for working in (
        replace(ASKED, parts=(Passage((forged,)), *others)),
        replace(ASKED, parts=(*ASKED.parts, Passage((line,)))),
        options(yes=replace(YES, shown=(line,))),
        but(ASKED, replace(QUESTION, why=(Reason("So it is.", (forged,)),))),
        replace(ASKED, results=(Result("", forged),)),
        replace(ASKED, intermediate=(Result("square", forged),)),
        replace(ASKED, lemmas=(Lemma("asked", "Asked", forged),)),
        replace(ASKED, idea=Idea("So it is.", (forged,))),
        replace(ASKED, outline=(forged,)),
    ):
        with pytest.raises((TypeError, AttributeError, Incoherent)):
            holds_together(working)


@pytest.mark.parametrize("made", FORGED.values(), ids=FORGED)
def test_what_an_author_has_shown_is_made_of_steps_alone(made):
    line = made(YES.claims[0])
    for door in (
        lambda: Offered("yes", "", YES.claims, (line,)).option,
        lambda: Because("So it is.", (line,)).reason,
        lambda: NamedLine("", line).result,
        lambda: author().idea("So it is.", line or 0),
        lambda: author().outline(line or 0),
        lambda: author().ask("sign", "Is it?", {"yes": nonzero(Y - X)}, line or 0),
        lambda: author().ask("sign", "Is it?", {"yes": equation(X, X)}, why=[because("So it is.", line)]),
    ):
        with pytest.raises((TypeError, DerivationError, AttributeError)):
            door()


def author() -> Proof:
    """One who has a line, which says that x = x."""
    proof = real()
    proof.fact(claiming(equation(X, X)), X)
    return proof


def test_a_reason_is_given_by_lines_of_the_working():
    again = asked.function(proof := Proof({})) or proof.results[0].line  # the same, and no line of this working
    assert again.claim == ASKED.results[0].step.claim and genuine(again)
    with pytest.raises(Incoherent, match="is a line of the working, or a lemma"):
        holds_together(but(ASKED, replace(QUESTION, why=(Reason("So it is.", (again,)),))))
    with pytest.raises(Incoherent, match="is a line of the working, or a lemma"):
        holds_together(options(yes=replace(YES, shown=(infer(read_off, YES.claims[0], proof.scope),))))
    other = infer(claiming(equation(Y, Y)), Y, real().scope)
    with pytest.raises(Incoherent, match="y is not declared so by the premises"):
        holds_together(but(ASKED, replace(QUESTION, why=(Reason("So it is.", (other,)),))))


def test_every_claim_of_an_option_is_shown():
    """Not one of them twice."""
    (step,) = YES.shown
    both = replace(YES, claims=(*YES.claims, nonzero(X - 4)), shown=(step, step))
    assert not both.is_shown


# -- what is refuted is refuted by the kernel, and of these premises ---------------------------------------------------


def shown_to_fail(formula: Formula, *given: Formula, domain: Domain = REAL) -> Refutation:
    proof = Proof({})
    proof.declare(X, domain)
    proof.assume(*given)
    return refute(formula, proof.scope, *(assume(each, proof.scope) for each in given))


FORGED_REFUTATIONS = {
    "a look-alike": lambda claim: SimpleNamespace(
        claim=claim, formula=claim.formula, given=(), background=frozenset(), where="x = 2"
    ),
    "an heir": lambda claim: type("Heir", (Refutation,), {"__init__": lambda self: None, "claim": claim})(),
    "an empty refutation": lambda claim: Refutation.__new__(Refutation),
    "a step": lambda claim: assume(claim.formula, real().scope),
    "a claim": lambda claim: claim,
}


@pytest.mark.parametrize("made", FORGED_REFUTATIONS.values(), ids=FORGED_REFUTATIONS)
def test_an_option_is_refuted_by_the_kernel_alone(made):
    forged = made(NO.refuted.claim)
    with pytest.raises(TypeError, match="that the kernel has made"):
        genuine_refutation(forged)
    with pytest.raises((TypeError, AttributeError)):
        holds_together(options(no=replace(NO, refuted=forged)))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "neither shown nor refuted"),
        (NEVER.refuted, "the option 'no' is not what is refuted for it"),
        (shown_to_fail(equation(X, ZERO)), "x = 0 is refuted where x > 0 need not hold"),
        (shown_to_fail(equation(X, ZERO), nonzero(X)), "x = 0 is refuted where x > 0 need not hold"),
        (shown_to_fail(equation(X, ZERO), positive(X), domain=NONNEGATIVE), "x is not declared so by the premises"),
    ],
)
def test_an_option_is_refuted_by_its_own_claim_in_a_world_of_these_premises(found, message):
    with pytest.raises(Incoherent, match=message):
        holds_together(options(no=replace(NO, refuted=found)))


def test_a_world_with_more_than_is_supposed_is_one_of_these_premises_too():
    found = shown_to_fail(equation(X, ZERO), positive(X), nonzero(X))
    holds_together(options(no=replace(NO, refuted=found)))


def test_a_refutation_in_a_file_is_of_its_option_and_of_these_premises():
    written = json.dumps(certificate(ASKED))
    assert recertified(json.loads(written)).choices[0].options[1].refuted.formula == NO.refuted.formula

    data = json.loads(written)
    rows = [row for row in data["table"] if row[0] == "Option"]
    rows[2][-1] = rows[1][-1]
    with pytest.raises(Refused, match="'never' is not what is refuted for it"):
        recertified(data)

    data = json.loads(written)
    next(row for row in data["table"] if row[0] == "Refutation")[2] = []
    with pytest.raises(Refused, match="need not hold"):
        recertified(data)
