"""Règlements for property tests: every shape and every field that the written form accepts, and nothing else.

`reglements()` gives values. Dates are those of this century; what people type is plain words unless other texts are
asked for. Module-level strategies are the parts, to be drawn alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from hypothesis import strategies as st

from marelle.domain.catalog.rules.absences import AbsenceClause, AbsenceRules, Cause, Certificate, CountedIn, Notice
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    DateList,
    LastSchoolDay,
    MonthCutoff,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires, WholeWeek
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.waiting import SCHOOL, SIBLING, WaitingRules
from marelle.domain.catalog.rules.written.closings import HIGHEST_COUNT, HIGHEST_COUNT_OF_DAYS, MOST_WINDOWS
from marelle.domain.catalog.rules.written.fields import HIGHEST_CENTS
from marelle.domain.catalog.rules.written.reglement import HIGHEST_OF_A_SPAN, HIGHEST_PERCENT, MOST_CLAUSES

FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)

times = st.one_of(
    # The hours that are written in words of their own come up often.
    st.sampled_from([MIDNIGHT, LAST_MINUTE, time(9), time(12)]),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
dates = st.dates(FIRST_DATE, LAST_DATE)
moments = st.builds(datetime.combine, dates, times)
weekdays = st.integers(0, 6)
boundaries = st.sampled_from(Boundary)
pers = st.sampled_from(Per)
obstacles = st.frozensets(st.sampled_from(Obstacle), max_size=len(Obstacle))
plain_texts = st.from_regex(r"[a-zA-Zéèàç0-9](?:[a-zéèç0-9’_-]| (?=[a-z])){0,12}", fullmatch=True)

# ---------------------------------------------------------------------------------------------------------- cut-offs
weekday_tables = st.builds(
    lambda cells, boundary: WeekdayTable(
        tuple((day, weekday, at) for day, (weekday, at) in sorted(cells.items())), boundary
    ),
    st.dictionaries(weekdays, st.tuples(weekdays, times), min_size=1, max_size=7),
    boundaries,
)
week_cutoffs = st.builds(WeekCutoff, weekdays, times, st.integers(1, 26), boundaries)


@st.composite
def _offsets(draw):
    unit = draw(st.sampled_from(Unit))
    highest = HIGHEST_COUNT.get(unit, HIGHEST_COUNT_OF_DAYS)
    count = draw(st.one_of(st.integers(0, 3), st.integers(0, highest)))
    return Offset(count, unit, draw(times), draw(boundaries), draw(obstacles))


@st.composite
def _same_days(draw):
    at_time = draw(times)
    from_time = draw(st.none() | times.filter(lambda start: start < at_time)) if at_time > MIDNIGHT else None
    return SameDay(at_time, draw(boundaries), from_time)


@st.composite
def _date_lists(draw):
    months = draw(
        st.dictionaries(st.tuples(st.integers(2000, 2099), st.integers(1, 12)), dates, min_size=1, max_size=4)
    )
    rows = tuple((year, month, limit) for (year, month), limit in sorted(months.items()))
    return DateList(rows, draw(times), draw(boundaries))


@st.composite
def _windows(draw, most=4):
    edges = sorted(draw(st.lists(dates, min_size=1, max_size=min(most, MOST_WINDOWS), unique=True)))
    windows = []
    for place, first in enumerate(edges):
        latest = date.fromordinal(edges[place + 1].toordinal() - 1) if place + 1 < len(edges) else LAST_DATE
        closes = draw(moments)
        is_announced = closes > datetime.combine(FIRST_DATE, MIDNIGHT) and draw(st.booleans())
        opens = draw(moments.filter(lambda start, closes=closes: start < closes)) if is_announced else None
        windows.append(WindowDates(first, draw(st.dates(first, latest)), closes, opens))
    return Window(tuple(windows), draw(boundaries))


offsets, same_days, date_lists, windows = _offsets(), _same_days(), _date_lists(), _windows()
month_cutoffs = st.builds(MonthCutoff, st.integers(1, 31), st.integers(0, 12), times, boundaries)
last_school_days = st.builds(LastSchoolDay, st.integers(1, 10), times, boundaries)
SHAPES = {
    WeekdayTable: weekday_tables,
    WeekCutoff: week_cutoffs,
    Offset: offsets,
    SameDay: same_days,
    MonthCutoff: month_cutoffs,
    DateList: date_lists,
    Window: windows,
    LastSchoolDay: last_school_days,
    Never: st.just(Never()),
}
cutoffs = st.one_of(*SHAPES.values())

# ---------------------------------------------------------------------------------------------------------- closings
circumstances = st.one_of(
    st.builds(Circumstance, st.just(When.PUBLIC_HOLIDAY_IN_WEEK), weekdays),
    st.sampled_from([Circumstance(when) for when in When if when is not When.PUBLIC_HOLIDAY_IN_WEEK]),
)
moves = st.dictionaries(st.sampled_from(Obstacle), st.sampled_from(Direction)).map(
    lambda chosen: tuple((obstacle, chosen[obstacle]) for obstacle in Obstacle if obstacle in chosen)
)
closings = st.builds(
    Closing,
    cutoffs,
    st.lists(st.builds(Replacement, circumstances, cutoffs), max_size=3).map(tuple),
    moves,
)

# ------------------------------------------------------------------------------------------------------------- prices
cents = st.one_of(st.sampled_from([0, 50, 150]), st.integers(0, HIGHEST_CENTS))
prices = st.one_of(
    st.sampled_from([FULL_PRICE, NOTHING_DUE, PriceRule(PriceKind.PART, 50)]),
    st.builds(PriceRule, st.just(PriceKind.PART), st.integers(1, 99)),
    st.builds(PriceRule, st.just(PriceKind.MORE_PERCENT), st.integers(1, HIGHEST_PERCENT)),
    st.builds(PriceRule, st.sampled_from([PriceKind.MORE, PriceKind.INSTEAD]), cents),
)

# --------------------------------------------------------------------------------------------------------------- acts
spans = st.one_of(st.integers(1, 3), st.integers(1, HIGHEST_OF_A_SPAN))
counts = st.builds(Count, spans, pers)


@st.composite
def _lates(draw):
    counted = draw(st.none() | st.tuples(st.booleans(), counts))
    is_free, count = counted if counted is not None else (False, None)
    return Late(
        draw(prices),
        draw(st.none() | closings),
        free_first=count if is_free else None,
        only_first=None if is_free else count,
        is_request=draw(st.booleans()),
    )


lates = _lates()


def acts(texts=plain_texts, *, counted=True):
    """Acts; audiences are the three known ones, or categories named by `texts`."""
    audiences = st.one_of(st.sampled_from([EVERYONE, RESIDENT, NON_RESIDENT]), stripped(texts))
    waves = st.builds(OpeningWave, audiences, st.one_of(moments, cutoffs))
    opens = st.lists(waves, max_size=3, unique_by=lambda wave: wave.audience).map(tuple)
    late = lates if counted else lates.map(lambda late: replace(late, free_first=None, only_first=None))
    return st.builds(Act, closings, opens, st.none() | late)


# --------------------------------------------------------------------------------------------- quotas, blocks, absences
def quotas(texts=plain_texts):
    """What a règlement says of several days or products; `texts` are the codes of products."""
    codes = st.sets(texts, min_size=1, max_size=3).map(lambda chosen: tuple(sorted(chosen)))
    return st.one_of(
        st.builds(AtMost, spans, pers),
        st.builds(AtLeast, spans, pers),
        st.just(WholeWeek()),
        st.builds(Excludes, codes),
        st.builds(Requires, codes),
    )


def blocks(texts=plain_texts):
    """What may stand against a family; `texts` are the names of documents."""
    return st.one_of(
        st.builds(BlockRule, st.just(BlockKind.UNPAID), cents),
        st.just(BlockRule(BlockKind.INCOMPLETE_FILE)),
        st.builds(BlockRule, st.just(BlockKind.MISSING_DOCUMENT), document=st.just("") | stripped(texts)),
    )


@st.composite
def _clauses(draw):
    told = draw(st.none() | st.just("in_time") | st.builds(Notice, cutoffs, st.booleans()))
    minimum = draw(st.none() | st.integers(2, HIGHEST_OF_A_SPAN))
    first = draw(spans)
    return AbsenceClause(
        bills=draw(prices),
        causes=tuple(cause for cause in Cause if cause in draw(st.sets(st.sampled_from(Cause)))),
        told=told if isinstance(told, Notice) else None,
        in_time=told == "in_time",
        certificate=draw(st.none() | st.just(Certificate()) | st.builds(Certificate, spans, st.sampled_from(Unit))),
        minimum=minimum,
        counted_in=draw(st.sampled_from(CountedIn)) if minimum is not None else CountedIn.SERVICE_DAY,
        asked_within_days=draw(st.none() | spans),
        from_day=first,
        to_day=draw(st.none() | st.integers(first, HIGHEST_OF_A_SPAN)),
    )


clauses = _clauses()
absences = st.builds(
    AbsenceRules, st.lists(clauses, max_size=min(4, MOST_CLAUSES)).map(tuple), prices, st.none() | prices
)
cancellations = st.builds(CancellationEffect, st.booleans(), prices, st.booleans())


def waiting_rules(texts=plain_texts):
    """Any article on the waiting list; a place that is not kept is not offered past the limit."""
    codes = st.sampled_from((SIBLING, SCHOOL, RESIDENT)) | stripped(texts)
    priorities = st.lists(codes, max_size=4, unique=True).map(tuple)
    return st.builds(WaitingRules, priorities, st.integers(1, 240), st.booleans()) | st.builds(
        WaitingRules, priorities, st.none()
    )


def reglements(texts=plain_texts):
    """Any règlement that can be written; `texts` are what people type: codes, documents, categories, article."""
    act, uncounted = acts(texts), acts(texts, counted=False)

    @st.composite
    def drawn(draw):
        book = draw(act)
        # « same » is how most are written.
        cancel = draw(st.just(Act(book.closes)) | uncounted)
        return Reglement(
            book,
            cancel,
            change=draw(st.none() | st.just(Act(book.closes)) | uncounted),
            cancellation=draw(st.just(CancellationEffect()) | cancellations),
            quotas=tuple(draw(st.lists(quotas(texts), max_size=4))),
            blocks=tuple(draw(st.lists(blocks(texts), max_size=3))),
            absence=draw(st.just(AbsenceRules()) | absences),
            unbooked=draw(st.none() | prices),
            waiting=draw(st.just(WaitingRules()) | waiting_rules(texts)),
            article=draw(st.just("") | stripped(texts)),
        )

    return drawn()


def stripped(texts):
    """Texts without spaces around, as the written form keeps them; not empty."""
    return texts.map(str.strip).filter(bool)
