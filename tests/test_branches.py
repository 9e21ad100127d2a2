"""Roots, logs, |·|, signs and powers under which symbols stand together: every pattern of their signs is seen, whatever
their names.
"""

import random
from fractions import Fraction
from functools import partial
from itertools import combinations, product

import pytest

from engine.grading import Verdict
from engine.grading.equality import equal
from engine.kernel import Conclusion, NothingToDo, Rule, infer
from engine.kernel.evidence import Refuted
from engine.proofs.derivation import Proof
from engine.rules.algebra.powers import root_of_square
from engine.terms import ONE, ZERO, Apply, Identity, Number, Pi, Symbol, absolute, multiply, sqrt, term
from engine.terms.declarations import NONNEGATIVE, POSITIVE, REAL, Declaration, Domain
from engine.terms.formulas import at_most, equation, invertible, less, nonnegative, nonzero, positive, positive_definite
from engine.worlds.design import Stage
from engine.worlds.drawing import drawn
from engine.worlds.features import features
from engine.worlds.signs import WORLDS, seen_together, wanted_together
from engine.worlds.unforeseen import fresh

LETTERS = "abcdfghkmpqrstuvwxyz"


def spelled(*names: str) -> str:
    return " ".join(names)


def squares(*names: str) -> str:
    return " ".join(f"{name}^2" for name in names)


NAMES = [
    ("a", "b", "c"), ("x", "y", "z"), ("u", "v", "w"), ("w_0", "w_1", "w_2"), ("μ", "ν", "ξ"), ("b", "k", "z"),
    ("a", "b", "c", "d"), ("a", "b", "c", "d", "f"), ("p", "q", "r", "s", "t", "u"), tuple(LETTERS[:13]), tuple(LETTERS),
]  # fmt: skip
BESIDE = [(), ("a", "b", "c", "d", "f", "g", "h"), ("A", "B", "C", "Y", "Z"), tuple(LETTERS)]


@pytest.mark.parametrize("beside", BESIDE, ids=len)
@pytest.mark.parametrize("names", NAMES, ids=" ".join)
def test_a_root_of_squares_is_no_product(names, beside):
    let = [f"{name}: real" for name in dict.fromkeys((*names, *beside))]
    assert equal(f"sqrt({squares(*names)})", spelled(*names), let).verdict is Verdict.INCORRECT
    if len(names) <= 6:  # of more symbols, what has pieces takes more work than is allowed
        assert equal(f"ln({squares(*names)})", f"2 ln(|{spelled(*names)}|)", let).verdict is Verdict.CORRECT
        assert equal(f"|{spelled(*names)}|", " ".join(f"|{name}|" for name in names), let).verdict is Verdict.CORRECT


FALSE = [
    (" ".join(f"(floor(x) + {k})" for k in range(-9, 4)), "0", ()),  # at all that is drawn
    ("max(0, x exp(x) - exp(50))", "0", ()),
    ("max(exp(x), x + 1.0001)", "exp(x)", ()),
    ("atan(1/(x - 10)) + atan(x - 10)", "-pi/2", ()),  # another function beyond a pole
    ("relu(x^2 - y) relu(y - z) relu(z - x^2 + 1/1000)", "0", ("x, y, z: real",)),  # between two ends that are close
    ("max(0, 1 - (x - 100)^4 - (y - 200)^4)", "0", ()),  # off all lines from elsewhere
    ("sign((x - 100)^2 + (y - 200)^2 - 1)^2", "1", ()),
    ("max(0, floor(x) - 1000)", "0", ()),
    ("floor(x^3) + 1", "ceil(x^3)", ("x > 0",)),
    ("sum_{i=1}^n max(0, i - 20)", "0", ("n: positive integer",)),
    *(
        (f"sign({inside})^2", "1", ())
        for inside in ("x - 2 y", "x^2 - 2", "exp(x) - 2", "cos(x) - x", "x^2 + y^2 - 25", "sin(x) - 1")
    ),
    *((f"max(0, {inside})", "0", ()) for inside in ("x - e^100", "1/100 - |x y - 37|", "10^-6 - |x - e^2|")),
    ("max(0, 10^-3 - |x + y + z - 10| - |x - y| - |y - z - 1|)", "0", ()),  # a corner
    ("floor(x/pi) + 1", "ceil(x/pi)", ("x > 0",)),
    ("asin(sin(x))", "x", ("x in (0, 1571/1000)",)),
    ("max(n!, 10^n)", "10^n", ("n: positive integer",)),
    ("binomial(n, (k + 2) (m + 2))", "0", ("n, k, m: positive integer",)),
    (
        "sum_{a=1}^n sum_{b=1}^{a-1} sum_{c=1}^{b-1} sum_{d=1}^{c-1} sum_{f=1}^{d-1} sum_{g=1}^{f-1} sum_{h=1}^{g-1} 1",
        "0",
        ("n: positive integer",),
    ),
    ("sin(tan(10^-18))", "tan(sin(10^-18))", ()),
    ("4 atan(1/5) - atan(1/240)", "pi/4", ()),
    ("sqrt(a^2) sqrt(b^2) sqrt(c^2)", "a b c", ()),
    ("sqrt((a b c)^2)", "a b c", ()),
    ("sqrt(a^2)/a", "b c/sqrt(b^2 c^2)", ()),
    ("|a|/a |b|/b", "c d/|c d|", ()),
    ("c/sqrt(a b)", "sqrt(c^2/(a b))", ()),
    ("sqrt(x^2 (u v))", "x sqrt(u v)", ()),
    ("sqrt(a^2 b)", "a sqrt(b)", ()),
    ("(a^b)^c", "a^(b c)", ()),
    ("(a^b)^c", "a^(b c)", ("b,c > 0",)),
    ("(x^u)^(1/u)", "x", ("u > 0",)),
    ("(x y)^u", "|x|^u |y|^u", ()),
    ("sqrt(m^2 n^2)", "m n", ("m,n: integer",)),
    ("sqrt(x^2)", "-x", ("x > -100",)),
    ("sqrt(x^2)", "x", ("x < 100",)),
    ("sqrt(x^2 y^2)", "x y", ("x,a,b,y in (-1,1)",)),
    ("sqrt(x^2 y^2 z^2)", "x y z", ("x,y,z in (-1,1)",)),
    ("sqrt(x_1^2 x_2^2 x_3^2)", "x_1 x_2 x_3", ("x: 3",)),
]
TRUE = [
    ("sqrt(a^2 b^2 c^2)", "|a b c|", ()),
    ("sqrt(a^2 b^2 c^2)", "a b c", ("a,b,c > 0",)),
    ("sqrt(a^2 b^2)", "a b", ("a,b < 0",)),
    ("sqrt(x^2 (u v)^2)", "|x u v|", ()),
    ("(a^b)^c", "a^(b c)", ("a > 0",)),
    ("(a^b)^c", "a^(b c)", ("b,c: positive integer",)),
    ("(a^b)^c", "a^(b c)", ("b,c: integer",)),
    ("(x y)^n", "x^n y^n", ("n: integer",)),
    ("x^u x^v", "x^(u + v)", ()),
    ("sqrt(x)^2", "x", ("x > 0",)),
    ("ln(x)^2", "(ln x)^2", ()),
    ("sign(a b c)", "sign(a) sign(b) sign(c)", ()),
    ("sign(floor(x) + min(u, x))", "sign(-ceil(-x) + (u + x - |u - x|)/2)", ("x > 0",)),
    ("max(0, sin(x) - 1)", "0", ()),
    ("sqrt(1 - cos(x)^2)", "|sin(x)|", ()),
    ("sign(tanh(x))", "sign(x)", ()),
    ("floor(4 x)", "floor(x) + floor(x + 1/4) + floor(x + 1/2) + floor(x + 3/4)", ()),
    ("sqrt(5 + 2 sqrt(6))", "sqrt(2) + sqrt(3)", ()),
    ("4 atan(1/5) - atan(1/239)", "pi/4", ()),
    ("sum_{i=1}^n k_i", "N", ("k: n ~ Multinomial(N, p)",)),
    ("sum_i s_i^2", "B", ("s: n ~ draws of B without replacement",)),
    ("s_1 max(0, B - n)", "0", ("s: n ~ draws of B without replacement",)),
    ("k_1 max(0, p_1 + p_2 + p_3 - 1)", "0", ("k: 3 ~ Multinomial(N, p)",)),
    ("(x + y)^2", "x + y + 2 x y", ("x ~ Bernoulli(p)", "y ~ Bernoulli(q)")),
]


@pytest.mark.parametrize(
    ("left", "right", "let", "is_equal"), [(*f, False) for f in FALSE] + [(*t, True) for t in TRUE]
)
def test_branches_are_told_apart(left, right, let, is_equal):
    for one, other in ((left, right), (right, left)):
        assert equal(one, other, let).verdict is (Verdict.CORRECT if is_equal else Verdict.INCORRECT)


UNDECIDED = [  # equal wherever anybody looked, or true, and nothing shows it
    ("sum_{i=1}^n max(0, i - 12 - u^T u)", "0", ("u: d", "n: positive integer")),
    ("relu(cos(x) - 0.9999) relu(x - 1000)", "0", ()),
    ("max(sin(x), x)", "x", ("x >= 0",)),
    ("sign(x^2 - 61 y^2 - 1)^2", "1", ("x, y: positive integer",)),
    ("sign(n m - 391)^2", "1", ("n, m: positive integer",)),
    ("sum_{i=1}^n max(0, i - 1000)", "0", ("n: positive integer",)),
    ("(2^(1/2))^(2^(1/2)) + exp(pi)", "exp(pi) + 2^(2^(1/2)/2)", ()),
]


@pytest.mark.parametrize(("left", "right", "let"), UNDECIDED)
def test_what_nothing_shows_is_undecided(left, right, let):
    for one, other in ((left, right), (right, left)):
        assert equal(one, other, let).verdict is Verdict.UNDECIDED


def test_random_identities_and_the_same_with_another_sign():
    """√(a²b²…) is |ab…|, which is ± ab… with the sign of each: times one more sign, it is not."""
    draw = random.Random(5)
    for _ in range(20):
        names = draw.sample(LETTERS, draw.randint(2, 5))
        signs = " ".join(f"sign({name})" for name in names)
        wrong = " ".join(f"sign({name})" for name in names[1:])
        assert equal(f"sqrt({squares(*names)})", f"{spelled(*names)} {signs}").verdict is Verdict.CORRECT
        assert equal(f"sqrt({squares(*names)})", f"{spelled(*names)} {wrong}").verdict is Verdict.INCORRECT


def only_at(signs: tuple[int, ...]) -> str:
    """What is zero but for one pattern of signs: the product of 1 ± √(x²)/x."""
    return " ".join(f"(1 {'+' if sign > 0 else '-'} sqrt({x}^2)/{x})" for x, sign in zip(LETTERS, signs, strict=False))


@pytest.mark.parametrize("signs", [*product((1, -1), repeat=4), *list(product((1, -1), repeat=5))[::3]])
def test_what_differs_for_one_pattern_of_signs_alone_is_seen_to(signs):
    assert equal(only_at(signs), "0").verdict is Verdict.INCORRECT


# -- the design --------------------------------------------------------------------------------------------------------


def test_any_three_symbols_are_seen_with_all_patterns_and_any_two_of_very_many():
    for places in combinations(range(11), 3):
        assert len(seen_together(places, range(WORLDS))) == 8
    for places in combinations(range(40), 2):
        assert len(seen_together(places, range(WORLDS))) == 4
    for count in range(1, 6):
        assert set(wanted_together(count)) == set(product((1, -1), repeat=count))
    for triple in combinations(range(9), 3):
        assert len({tuple(pattern[place] for place in triple) for pattern in wanted_together(9)}) == 8


def test_the_signs_that_the_design_lacks_are_added():
    symbols = [Symbol(name) for name in LETTERS]
    declared = frozenset(Declaration(symbol) for symbol in symbols)
    stage = Stage(declared, frozenset(), 4, (), wide=False)
    chosen = symbols[2::5]
    seen = [stage.world(number, 0) for number in range(WORLDS)]
    seen += [stage.world(3, 0, signs) for signs in stage.unseen_signs(frozenset(chosen), range(WORLDS))]
    assert {tuple(world[s] > 0 for s in chosen) for world in seen} == set(product((True, False), repeat=4))


def test_the_signs_of_a_world_of_its_own_are_its_own():
    symbols = [Symbol(name) for name in LETTERS]
    declared = frozenset(Declaration(symbol) for symbol in symbols)
    worlds = [fresh(declared, frozenset(), seed) for seed in range(60)]
    assert len({tuple(world[s] > 0 for s in symbols[:6]) for world in worlds}) > 2 * WORLDS  # more than the design has
    assert len({world[symbols[0]].q for world in worlds}) == 60  # and what its numbers are fractions of


@pytest.mark.parametrize(
    "domain", [REAL, Domain(lower=-100), Domain(upper=100), Domain(lower=-1, upper=3), Domain(whole=True)]
)
def test_where_both_signs_may_be_both_are(domain):
    x = Symbol("x")
    worlds = [drawn(frozenset((Declaration(x, domain),)), frozenset(), number, 4, 0) for number in range(WORLDS)]
    assert {world[x] > 0 for world in worlds} == {True, False}
    assert all(domain.lower is None or world[x] > domain.lower for world in worlds)
    assert all(domain.upper is None or world[x] < domain.upper for world in worlds)


def test_what_stands_under_branches():
    x, y, z = Symbol("x"), Symbol("y"), Symbol("z")
    assert features(x * absolute(y) + z**2).branching == {y}
    assert features(x * sqrt(y * z)).branching == {y, z} and not features(x * y**3 / z).branching
    assert features(x ** (y * z)).raised == {y, z}
    proof = Proof({})
    f = proof.given("f", absolute(x), x)
    assert features(f(y * z)).branching == {y, z}


# -- the kernel's own --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3, 4, 5, 8])
def test_no_step_says_that_a_root_of_squares_is_a_product(count):
    proof = Proof({})
    symbols = [proof.scalar(name) for name in LETTERS]
    chosen = symbols[1::2][:count]
    root = sqrt(multiply(*(symbol**2 for symbol in chosen)))
    rule = Rule("claim", "", "", lambda *_: Conclusion(equation(root, multiply(*chosen))))
    with pytest.raises(Refuted):
        infer(rule, root, proof.scope)


def test_a_root_of_a_square_stays_where_it_may_have_either_sign():
    x, c = Symbol("x"), Symbol("c")
    proof = Proof({})
    proof.declare(x), proof.declare(c, POSITIVE)
    assert infer(root_of_square, sqrt(c**2) + sqrt(x**2), proof.scope).after == c + sqrt(x**2)
    assert infer(root_of_square, sqrt(c**2 * x**4), proof.scope).after == c * x**2
    for root in (sqrt(x**2), sqrt(c**2 * x**2), sqrt(x**6)):
        with pytest.raises(NothingToDo):
            infer(root_of_square, root, proof.scope)


@pytest.mark.parametrize("signs", list(product((1, -1), repeat=4)))
def test_no_step_holds_but_for_one_pattern_of_signs(signs):
    proof = Proof({})
    symbols = [proof.scalar(name) for name in LETTERS][5:9]
    wrong = multiply(*(1 + sign * sqrt(symbol**2) / symbol for sign, symbol in zip(signs, symbols, strict=True)))
    proof.assume(*map(nonzero, symbols))
    rule = Rule("claim", "", "", lambda *_: Conclusion(equation(wrong, ZERO)))
    with pytest.raises(Refuted):
        infer(rule, wrong, proof.scope)


def test_no_step_takes_a_period_for_a_constant():
    x = (proof := Proof({})).scalar("x")
    wave = Apply("cos", (2**50 * Pi() * x,))
    with pytest.raises(Refuted):
        infer(Rule("claim", "", "", lambda *_: Conclusion(equation(wave, ONE))), wave, proof.scope)


def test_no_step_says_that_a_product_of_four_is_not_negative():
    proof = Proof({})
    a, b, c, d = (proof.scalar(name) for name in "abcd")
    rule = Rule("claim", "", "", lambda *_: Conclusion(nonnegative(3 + a * b * c * d - Number(3))), structural=True)
    with pytest.raises(Refuted):
        infer(rule, a, proof.scope)


@pytest.mark.parametrize(
    ("text", "let"),
    [("cos(2^50 pi x)", ()), ("cos(2^200 pi p)", ("p in (0,1)",)), ("cos(2^80 pi tr(A))", ("A: n×n",)),
     ("cos(16^99 pi x^3)", ()), ("cos(2^60 pi x)^2", ("x > 0",)), ("1 + sin(2^40 pi x y)", ()), ("floor(2^40 x) - 2^40 x + 1", ())],
)  # fmt: skip
def test_what_has_a_period_is_seen_within_it(text, let):
    assert equal(text, "1", let).verdict is Verdict.INCORRECT


CLOSED = Domain(Fraction(0), Fraction(1), True, includes_upper=True)


@pytest.mark.parametrize(
    "claim",
    [
        lambda c, g, v: positive(2 * c - 2),
        lambda c, g, v: positive(c - g),
        lambda c, g, v: nonzero(g),
        lambda c, g, v: nonzero(c * (1 - g)),
        lambda c, g, v: less(g, term(1)),
        lambda c, g, v: positive(v.T @ v),
        lambda c, g, v: positive_definite(v @ v.T + g * Identity(v.rows)),
        lambda c, g, v: invertible((1 - g) * Identity(v.rows)),
    ],
)
def test_the_ends_of_closed_domains_are_seen_alone_and_together(claim):
    proof = Proof({})
    c, g = proof.scalar("c", Domain(Fraction(1), None, True)), proof.scalar("g", CLOSED)
    formula = claim(c, g, proof.vector("v", proof.size("n"), NONNEGATIVE))
    with pytest.raises(Refuted):
        infer(Rule("claim", "", "", lambda *_: Conclusion(formula), structural=True), formula, proof.scope)


def test_what_holds_on_the_ends_too_is_not_refuted():
    proof = Proof({})
    c, g = proof.scalar("c", Domain(Fraction(1), None, True)), proof.scalar("g", CLOSED)
    for formula in (nonnegative(c - g), positive(c + g), nonzero(c * (1 + g)), at_most(g**2, g)):
        rule = Rule("claim", "", "", partial(lambda formula, *_: Conclusion(formula), formula), structural=True)
        assert infer(rule, formula, proof.scope).evidence.worlds >= WORLDS
