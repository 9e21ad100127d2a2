"""Exact values: rationals stay rationals, balls say when they cannot tell, polynomials and matrices are right."""

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from engine.worlds.values import (
    Matrix,
    Polynomial,
    Undecided,
    Undefined,
    Unsupported,
    agreed_bits,
    blurred,
    precision,
    scalar_power,
    settled,
    sign_of,
)

rationals = st.builds(fmpq, st.integers(-9, 9), st.integers(1, 9))
x, y = Polynomial.variable(("x", 1, 1)), Polynomial.variable(("y", 1, 1))


@pytest.mark.parametrize(
    ("base", "exponent", "value"),
    [
        (fmpq(4), fmpq(1, 2), fmpq(2)),
        (fmpq(8, 27), fmpq(2, 3), fmpq(4, 9)),
        (fmpq(1, 4), fmpq(-1, 2), fmpq(2)),
        (fmpq(3), fmpq(-2), fmpq(1, 9)),
        (fmpq(0), fmpq(1, 2), fmpq(0)),
    ],
)
def test_powers_that_are_rational_stay_rational(base, exponent, value):
    found = scalar_power(base, exponent)
    assert isinstance(found, fmpq) and found == value


def test_a_power_that_is_not_is_enclosed():
    root = scalar_power(fmpq(2), fmpq(1, 2))
    assert isinstance(root, arb) and (root * root - 2).contains(0)


@pytest.mark.parametrize(
    ("base", "exponent", "error"),
    [
        (fmpq(0), fmpq(-1), Undefined),
        (fmpq(-1), fmpq(1, 2), Undefined),
        (fmpq(0), fmpq(-1, 2), Undefined),
        (fmpq(9), fmpq(9**9), Unsupported),
        (x, fmpq(-1), Unsupported),
        (x, fmpq(1, 2), Unsupported),
    ],
)
def test_what_has_no_value_says_so(base, exponent, error):
    with pytest.raises(error):
        scalar_power(base, exponent)


def test_agreement():
    assert agreed_bits(fmpq(1, 3), fmpq(1, 3)) is None
    assert agreed_bits(fmpq(1, 3), fmpq(333, 1000)) == 0
    with precision(256):
        assert agreed_bits(arb(2).sqrt() ** 2, fmpq(2)) >= 240
    assert agreed_bits(arb(1), arb(2)) == 0
    with pytest.raises(Undecided):
        agreed_bits(arb(1, 1e-6), arb(1, 1e-6))
    with pytest.raises(Undecided):
        agreed_bits(blurred(fmpq(1), 60), fmpq(1))
    with pytest.raises(Undecided):
        sign_of(arb(0, 1e-9))


def test_polynomials_agree_term_by_term():
    assert agreed_bits((x + y) ** 2, x * x + 2 * x * y + y * y) is None
    assert agreed_bits(x * y, y * x) is None
    assert agreed_bits(x * fmpq(1), x * fmpq(2)) == 0
    assert settled(x - x) == 0


@given(rationals, rationals, rationals)
def test_a_polynomial_at_values_is_arithmetic(a, b, c):
    at = {("x", 1, 1): a, ("y", 1, 1): b}
    assert ((x + c) * y - x * x).at(at) == (a + c) * b - a * a


@given(st.lists(rationals, min_size=9, max_size=9))
def test_inverse_and_determinant(entries):
    matrix = Matrix([entries[0:3], entries[3:6], entries[6:9]])
    (a, b, c), (d, e, f), (g, h, i) = matrix.rows
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    assert matrix.determinant() == determinant
    if determinant == 0:
        with pytest.raises(Undefined):
            matrix.inverse()
    else:
        product = matrix @ matrix.inverse()
        assert all(entry == int(r == k) for r, row in enumerate(product.rows) for k, entry in enumerate(row))
