"""Until how many: what a basket leaves incomplete in a week, a month, a period."""

from datetime import date

import pytest

from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires, TooFew, WholeWeek, too_few
from marelle.domain.catalog.rules.spans import Per

WEEK = [date(2026, 10, day) for day in range(19, 24)]
MON, TUE, WED, THU, FRI = WEEK
THREE = AtLeast(3, Per.WEEK)
WHOLE = WholeWeek()

LACKS = {
    "one of three": (THREE, [WED], WEEK, TooFew(THREE, (WED,), 2)),
    "two of three, said in order": (THREE, [FRI, MON], WEEK, TooFew(THREE, (MON, FRI), 1)),
    "three of three": (THREE, [MON, TUE, FRI], WEEK, None),
    "more than three": (THREE, WEEK, WEEK, None),
    "none at all lacks nothing": (THREE, [], WEEK, None),
    "all the days there are, though fewer than three": (THREE, [MON, TUE], [MON, TUE], None),
    "one of the two there are": (THREE, [MON], [MON, TUE], TooFew(THREE, (MON,), 1)),
    "a day that has closed since does not count as missing": (THREE, [MON, TUE, WED], [MON, TUE], None),
    "the whole week": (WHOLE, WEEK, WEEK, None),
    "all but one": (WHOLE, WEEK[:4], WEEK, TooFew(WHOLE, (MON, TUE, WED, THU), 1)),
    "the whole of a short week": (WHOLE, [MON, TUE], [MON, TUE], None),
    "no week at all": (WHOLE, [], WEEK, None),
    "a maximum lacks nothing": (AtMost(1, Per.WEEK), [MON], WEEK, None),
    "what excludes lacks nothing": (Excludes(("journee",)), [MON], WEEK, None),
    "what requires is said day by day": (Requires(("repas",)), [MON], WEEK, None),
}


@pytest.mark.parametrize(("quota", "days", "open_days", "expected"), LACKS.values(), ids=LACKS.keys())
def test_what_is_missing_in_a_span(quota, days, open_days, expected):
    assert too_few(quota, days=days, open_days=open_days) == expected
