"""The reference of an invoice."""

import pytest

from marelle.domain.billing.rules.numbers import InvalidPatternError, check_pattern, number_of


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{exercice}-CA-00-{numero}", "2026-CA-00-154"),
        ("{exercice}-{numero:5}", "2026-00154"),
        ("F{numero:2}/{exercice}", "F154/2026"),
        ("{exercice}.{numero:9}", "2026.000000154"),
        ("{exercice}{numero}{numero}", "2026154154"),
    ],
)
def test_is_made_of_the_exercice_and_the_number(pattern, expected):
    assert check_pattern(f"  {pattern} ") == pattern
    assert number_of(pattern, 2026, 154) == expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("CA-{numero}", "il faut"),
        ("{exercice}-CA", "il faut"),
        ("", "il faut"),
        ("{exercice}-{numero}-{mois}", "seuls"),
        ("{exercice}-{numero:12}", "il faut"),
        ("{exercice}-{numero:0}", "il faut"),
        ("{exercice}-{numero}<b>", "seuls"),
        ("{exercice}-{numero}\nX", "seuls"),
        ("{exercice}-{numero} {numero} {numero} {numero}", "40 signes"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_a_reason(pattern, why):
    with pytest.raises(InvalidPatternError, match=why):
        check_pattern(pattern)


def test_forty_signs_are_the_most():
    longest = "{exercice}-" + "X" * 25 + "{numero}"

    assert len(number_of(check_pattern(longest), 2026, 10**9)) == 40
    with pytest.raises(InvalidPatternError, match="40 signes"):
        check_pattern("X" + longest)
