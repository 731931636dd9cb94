"""Names folded one by one and all at once are the same, whatever somebody typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.queries.french_names import all_folded, folded

NAMES = st.text(alphabet=st.sampled_from("abcÉœÆñ-'’ \t\n\u0301Łß\u2028"), max_size=8)


@given(st.lists(NAMES | st.sampled_from(["Élise D’Œuvre", "Anne-Marie", ""]), max_size=6))
def test_many_names_are_folded_as_each_of_them_is(names):
    assert all_folded(names) == [folded(name) for name in names]
