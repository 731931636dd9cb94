"""Laws of règlements and deadlines: what holds whatever a council votes and whatever the calendar.

Each law is a function and what it is about; `test_laws` tries a few examples of each at every run, and
`tests/torture/test_deep_rules.py` thousands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule, FamilyBlock
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.closings import Closing, Replacement
from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    DateList,
    ImpossibleCutoffError,
    LastSchoolDay,
    Obstacle,
    Offset,
    Unit,
    Window,
    WindowDates,
    local_moment,
)
from marelle.domain.catalog.rules.days import VersionedReglement, day_rule
from marelle.domain.catalog.rules.opening import OpeningDays
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.written import InvalidReglementError, read_reglement, write_reglement
from marelle.domain.reservations.rules.decisions import Booked, Facts, Outcome, Reason, Wish, decide
from marelle.domain.reservations.rules.sentences import refusal_sentence, until
from marelle.foundation.french_dates import MONTHS, WEEKDAYS
from marelle.foundation.periods import Period, days_between
from marelle.foundation.school_days import Calendar, NamedDays
from marelle.web.office.long_forms.yaml_text import read_text, write_text
from tests.rules import strategies as some

if TYPE_CHECKING:
    from collections.abc import Callable

ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "America/Miquelon", "Pacific/Noumea")
]
FIRST, LAST = date(2024, 1, 1), date(2033, 12, 31)
EVERY_DAY = frozenset(range(7))
ONE_DAY, ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)
# A price in cents: the one of a day is compared with itself only.
PRICE = 310


@dataclass(frozen=True)
class Law:
    """What holds, and of what: the strategies of its parameters, by name."""

    holds: Callable[..., None]
    about: dict[str, st.SearchStrategy[Any]]

    def tried(self, examples: int) -> None:
        """Try it on so many examples; raises what the first that breaks it raises."""
        often = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        often(given(**self.about)(self.holds))()


LAWS: dict[str, Law] = {}


def law(**about):
    """Name a law after its function, and what it is about."""

    def named(holds):
        LAWS[holds.__name__] = Law(holds, about)
        return holds

    return named


# ------------------------------------------------------------------------------------------------ what laws are about
days = st.dates(FIRST, LAST)
zones = st.sampled_from(ZONES)


# What falls near a day is drawn as a function of the day: strategies are then made once, which is most of the time.
walls = st.builds(
    lambda shift, at: lambda day: datetime.combine(day + timedelta(days=shift), at), st.integers(-40, 2), some.times
)


def _window(closes, length, is_announced, boundary):
    def near(day):
        end = closes(day)
        opens = end - timedelta(days=length) if is_announced else None
        return Window((WindowDates(day - ONE_DAY, day + ONE_DAY, end, opens),), boundary)

    return near


def _always(cutoff):
    return lambda _day: cutoff


# Any shape; published dates and windows are those of the day, more often than not.
cutoffs = st.one_of(
    *[some.SHAPES[shape].map(_always) for shape in some.SHAPES],
    some.offsets.map(_always),
    st.builds(_window, walls, st.integers(1, 60), st.booleans(), some.boundaries),
    st.builds(
        lambda limit, boundary: (
            lambda day: DateList(((day.year, day.month, limit(day).date()),), limit(day).time(), boundary)
        ),
        walls,
        some.boundaries,
    ),
)
replacements = st.lists(st.tuples(some.circumstances, cutoffs), max_size=2)
closings = st.builds(
    lambda cutoff, others, moves: (
        lambda day: Closing(
            cutoff(day), tuple(Replacement(circumstance, other(day)) for circumstance, other in others), moves
        )
    ),
    cutoffs,
    st.just([]) | replacements,
    st.just(()) | some.moves,
)
waves = st.lists(
    st.tuples(st.sampled_from([EVERYONE, RESIDENT, NON_RESIDENT]), walls | cutoffs),
    max_size=2,
    unique_by=lambda wave: wave[0],
)


def acts(prices):
    """Acts whose moments may fall near the day; late at one of these prices."""

    def act(closing, opens, late, price, until):
        def near(day):
            is_late = late is not None
            second = replace(late, price=price, until=until(day) if until is not None else None) if is_late else None
            return Act(closing(day), tuple(OpeningWave(audience, wave(day)) for audience, wave in opens), second)

        return near

    return st.builds(act, closings, st.just([]) | waves, st.none() | some.lates, prices, st.none() | closings)


ends = st.none() | some.times.filter(lambda end: end > time(0))
spans = st.lists(st.tuples(st.integers(-60, 400), st.integers(0, 30)), max_size=5)
single_days = st.lists(st.tuples(st.integers(-60, 60), st.just(0)), max_size=6)


def _named(day, drawn):
    """Days off from so many days after `day`, for so long."""
    firsts = [(day + timedelta(days=shift), timedelta(days=length)) for shift, length in drawn]
    return tuple(NamedDays("Congés", first, first + length) for first, length in firsts)


@st.composite
def calendars(draw, day=date(2026, 11, 26)):
    """Holidays of any length, public holidays anywhere, a town hall shut when it likes; all of it published."""
    return Calendar(
        school_holidays=_named(day, draw(spans)),
        public_holidays=_named(day, draw(single_days)),
        taught_weekdays=draw(taught),
        known_until=LAST + timedelta(days=400),
        town_hall_weekdays=draw(opened),
        town_hall_closures=_named(day, draw(single_days)),
    )


taught = st.frozensets(st.integers(0, 5), min_size=1)
opened = st.just(frozenset(range(5))) | st.frozensets(st.integers(0, 6), min_size=1)


def ruled(day, reglement, calendar, zone, ends_at):
    """The rule of an open day: no public holiday falls on it."""
    public = tuple(span for span in calendar.public_holidays if span.starts_on != day)
    return day_rule(
        day,
        opening=OpeningDays(Period(FIRST - timedelta(days=400), None), EVERY_DAY, EVERY_DAY),
        closures=(),
        reglements=(VersionedReglement(1, date.min, reglement),),
        calendar=replace(calendar, public_holidays=public),
        zone=zone,
        ends_at=ends_at,
    )


any_acts = acts(some.prices)
effects = st.just(CancellationEffect()) | some.cancellations


@st.composite
def rules_of_days(draw, acts=any_acts, effects=effects):
    """An open day, under any acts."""
    day = draw(days)
    book = draw(acts)(day)
    cancel = Act(book.closes) if draw(st.booleans()) else draw(acts)(day)
    reglement = Reglement(book, cancel, cancellation=draw(effects), blocks=(BlockRule(BlockKind.UNPAID, 3000),))
    return ruled(day, reglement, draw(calendars(day)), draw(zones), draw(ends))


KNOWN = st.fixed_dictionaries(
    {
        "is_enrolled": st.just(True),
        "is_other_home": st.sampled_from([False] * 9 + [True]),
        "is_asked": st.sampled_from([False] * 9 + [True]),
        "places_left": st.sampled_from([None, 3, 3, 3, 3, 0]),
        "audiences": st.sampled_from([frozenset(), frozenset({RESIDENT}), frozenset({NON_RESIDENT})]),
        "blocks": st.sampled_from([(), (), (), (), (FamilyBlock(BlockKind.UNPAID, 4000),)]),
        "late_before": st.integers(0, 3),
    }
)
ANY_RULE = rules_of_days()


@st.composite
def facts_and_moments(draw, rules=ANY_RULE, most=2, wishes=tuple(Wish)):
    """Facts, a wish that fits them, and moments in order: a minute around the limits of the day, or any other."""
    rule, wish = draw(rules), draw(st.sampled_from(wishes))
    booked = draw(st.sampled_from([None, Booked.RESERVED] if wish is Wish.RESERVE else [*Booked]))
    facts = Facts(rule, **draw(KNOWN), booked=None if wish is Wish.RESERVE and draw(st.integers(0, 9)) else booked)
    times = rule.book if wish is Wish.RESERVE else rule.cancel
    marks = [rule.ends_at]
    if times is not None:
        marks += [limit.moment for limit in (times.closes, times.late_closes) if limit is not None]
        marks += [moment for _audience, moment in times.opens if moment is not None]
        marks += [times.from_moment] if times.from_moment is not None else []
    shifts = draw(st.lists(st.tuples(st.integers(0, 9), SHIFTS), min_size=most, max_size=most))
    moments = [marks[mark % len(marks)].astimezone(UTC) + timedelta(seconds=shift) for mark, shift in shifts]
    return facts, wish, sorted(moments)


SHIFTS = st.sampled_from([-60, -1, 0, 1, 59, 60]) | st.integers(-60 * 60 * 24 * 10, 60 * 60 * 24 * 2)


# ---------------------------------------------------------------------------------------------------------- deadlines
@law(rule=rules_of_days())
def no_limit_falls_after_the_service_is_over(rule):
    for times in (rule.book, rule.cancel):
        limits = [] if times is None else [times.closes, times.late_closes]
        assert all(limit is None or limit.is_past(rule.ends_at) for limit in limits)


@law(about=facts_and_moments())
def nothing_is_possible_once_the_service_is_over(about):
    facts, wish, moments = about
    for at in moments:
        over = max(at, facts.rule.ends_at.astimezone(UTC))
        assert decide(facts, wish, at=over).is_refused


@law(day=days, calendar=calendars(), zone=zones, data=st.data())
def what_counts_back_is_over_before_the_service_day_begins(day, calendar, zone, data):
    """A day offset of 0, the same day and the month itself do not count back; hours may stop at midnight."""
    backwards = st.one_of(
        some.weekday_tables,
        some.week_cutoffs,
        some.last_school_days,
        some.month_cutoffs.filter(lambda month: month.months > 0),
        some.offsets.filter(lambda offset: offset.count > 0 or offset.unit is Unit.CLEAR_DAY).filter(
            lambda offset: offset.unit is not Unit.HOUR
        ),
        st.builds(Offset, st.integers(0, 24 * 60), st.just(Unit.HOUR), boundary=some.boundaries),
    )
    cutoff = data.draw(backwards)
    try:
        deadline = cutoff.deadline(day, calendar, zone)
    except ImpossibleCutoffError:
        return
    begins = local_moment(datetime.combine(day, time(0)), zone)
    # « jusqu'à 0:00 » is the one limit that touches the day: its minute still counts.
    grace = ONE_MINUTE if isinstance(cutoff, Offset) and cutoff.unit is Unit.HOUR else timedelta(0)
    assert deadline is None or deadline.is_past(begins.astimezone(UTC) + grace)


@law(cutoff=some.same_days, day=days, zone=zones)
def a_limit_of_the_same_day_never_leaves_that_day(cutoff, day, zone):
    deadline = cutoff.deadline(day, Calendar(), zone)

    assert deadline.moment.date() == day
    assert deadline.is_past(local_moment(datetime.combine(day + ONE_DAY, time(0)), zone))


cutoffs_and_many_offsets = some.offsets.map(_always) | cutoffs


def counts_all_days_off_back(cutoff, *, is_public):
    """Tell the cut-offs of the law below from those that say what to do with the day that is added.

    A règlement that passes over bridge days and counts public holidays says so of a bridge day that becomes a public
    holiday. The last day of class before the holidays follows the holidays.
    """
    if isinstance(cutoff, Offset) and Obstacle.BRIDGE_DAY in cutoff.not_counted:
        leaves_out = cutoff.unit in {Unit.WORKING_DAY, Unit.SCHOOL_DAY}
        return not is_public or leaves_out or Obstacle.PUBLIC_HOLIDAY in cutoff.not_counted
    return is_public or not isinstance(cutoff, LastSchoolDay)


@law(data=st.data(), day=days, zone=zones, is_public=st.booleans(), back=st.integers(0, 45))
def one_more_day_off_never_makes_a_limit_later(data, day, zone, is_public, back):
    """Of règlements without replacements nor moves: those say what to do with such a day.

    A limit that the day makes impossible is not later either: the town hall is asked.
    """
    cutoff = data.draw(cutoffs_and_many_offsets)(day)
    if not counts_all_days_off_back(cutoff, is_public=is_public):
        return
    closing = Closing(cutoff)
    calendar = data.draw(calendars(day))
    off = (NamedDays("Un de plus", day - timedelta(days=back), day - timedelta(days=back)),)
    more = (
        replace(calendar, public_holidays=calendar.public_holidays + off)
        if is_public
        else replace(calendar, school_holidays=calendar.school_holidays + off)
    )
    try:
        before, after = closing.deadline(day, calendar, zone), closing.deadline(day, more, zone)
    except ImpossibleCutoffError:
        return
    assert (before is None) == (after is None)
    assert before is None or after.over_at.astimezone(UTC) <= before.over_at.astimezone(UTC)


# ---------------------------------------------------------------------------------------------------------- decisions
TIMELY = {Reason.PAST, Reason.TOO_LATE}


def is_open_at(facts, wish, at):
    """Tell whether `at` is inside the window: what opens has opened."""
    times = facts.rule.book if wish is Wish.RESERVE else facts.rule.cancel
    if times is None:
        return True
    ever, opens = times.opens_for(facts.audiences)
    return not ever or opens is None or at >= opens


@law(about=facts_and_moments())
def acting_earlier_within_a_window_never_turns_yes_into_no(about):
    facts, wish, (earlier, later) = about
    if not is_open_at(facts, wish, earlier):
        return
    before, after = decide(facts, wish, at=earlier), decide(facts, wish, at=later)

    assert after.is_refused or not before.is_refused
    # What time alone brings is never lost with time.
    assert not ({no.reason for no in before.refusals} & TIMELY) or {no.reason for no in after.refusals} & TIMELY


dearer_prices = st.one_of(
    st.just(FULL_PRICE),
    st.builds(PriceRule, st.just(PriceKind.MORE_PERCENT), st.integers(1, 500)),
    st.builds(PriceRule, st.just(PriceKind.MORE), some.cents),
    st.builds(PriceRule, st.just(PriceKind.INSTEAD), st.integers(PRICE, 10_000)),
)


@law(about=facts_and_moments(rules_of_days(acts(dearer_prices), st.just(CancellationEffect(bills=NOTHING_DUE)))))
def acting_earlier_within_a_window_never_costs_more(about):
    """Where late costs no less than in time, which is what every council votes; and nothing else being wished."""
    facts, wish, (earlier, later) = about
    if not is_open_at(facts, wish, earlier):
        return
    before, after = decide(facts, wish, at=earlier), decide(facts, wish, at=later)

    assert after.is_refused or before.price.applied_to(PRICE) <= after.price.applied_to(PRICE)


@law(about=facts_and_moments(most=1))
def the_moment_of_change_is_exact(about):
    facts, wish, (at,) = about
    decision = decide(facts, wish, at=at)
    if decision.changes_at is None:
        return
    change = decision.changes_at.astimezone(UTC)

    assert change > at
    assert decide(facts, wish, at=max(at, change - ONE_MINUTE)) == decision
    assert decide(facts, wish, at=change - timedelta(microseconds=1)) == decision
    assert decide(facts, wish, at=change) != decision


@law(about=facts_and_moments())
def without_a_moment_of_change_a_yes_lasts_and_a_no_stays(about):
    facts, wish, (earlier, later) = about
    decision = decide(facts, wish, at=earlier)

    assert decision.changes_at is not None or (decision.is_refused and decide(facts, wish, at=later).is_refused)


@law(about=facts_and_moments(most=1, wishes=(Wish.RESERVE,)))
def the_limit_told_is_the_limit_applied(about):
    facts, wish, (at,) = about
    limit, times = facts.rule.book_by, facts.rule.book
    if facts.booked is not None or limit is None or not times.opens_for(facts.audiences)[0]:
        return
    if not is_open_at(facts, wish, at):
        return
    late = times.late_closes
    last_is_past = limit.is_past(at) and (late is None or late.is_past(at))

    told_too_late = {no.reason for no in decide(facts, wish, at=at).refusals} & TIMELY

    assert bool(told_too_late) == (last_is_past or at >= facts.rule.ends_at)


# ---------------------------------------------------------------------------------------------------------- sentences
SPOKEN = re.compile(
    rf"(?P<weekday>{'|'.join(WEEKDAYS)})\s(?P<day>\d+|1ᵉʳ)\s(?P<month>{'|'.join(MONTHS)}), "
    r"(?P<hour>minuit|midi|\d+\sh(?:\s\d\d)?)(?P<until> inclus)?"
)


def moment_said(sentence):
    """Read back what a sentence says: weekday, day, month, hour, minute, and whether the moment itself is in time."""
    found = SPOKEN.search(sentence)
    assert found, sentence
    words = {"minuit": "0 h", "midi": "12 h"}.get(found["hour"], found["hour"])
    hours, _, minutes = words.partition("h")
    day = 1 if found["day"] == "1ᵉʳ" else int(found["day"])
    month = MONTHS.index(found["month"]) + 1
    return WEEKDAYS.index(found["weekday"]), day, month, int(hours), int(minutes.strip() or 0), bool(found["until"])


def as_said(moment, *, is_until=False):
    """What a sentence must say of a moment."""
    return moment.weekday(), moment.day, moment.month, moment.hour, moment.minute, is_until


@law(about=facts_and_moments(most=1))
def the_sentence_names_the_moment_of_the_decision(about):
    facts, wish, (at,) = about
    rule, decision = facts.rule, decide(facts, wish, at=at)
    if decision.until is not None:
        is_until = decision.until.boundary is Boundary.UNTIL
        assert moment_said(until("Possible", decision.until)) == as_said(decision.until.moment, is_until=is_until)
        # At the moment said the answer still holds if it is included, and no longer if it is not.
        at_it = decide(facts, wish, at=decision.until.moment)
        assert (at_it == decision) is is_until
    for refusal in decision.refusals:
        if refusal.reason is Reason.TOO_LATE:
            said = refusal_sentence(refusal, wish=wish, product_name="Repas", child_name="Zoé", rule=rule)[0]
            assert moment_said(said) == as_said(refusal.since)
            assert refusal.since <= at
        if refusal.reason is Reason.NOT_OPEN and refusal.until is not None:
            said = refusal_sentence(refusal, wish=wish, product_name="Repas", child_name="Zoé", rule=rule)[0]
            assert moment_said(said) == as_said(refusal.until)
            then = decide(facts, wish, at=refusal.until)
            assert not {no.reason for no in then.refusals} & {Reason.NOT_OPEN, *TIMELY}


# -------------------------------------------------------------------------------------------------------- written form
def in_yaml(data):
    """What the text that an agent reads gives back."""
    return read_text(write_text(data)).values


any_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@law(reglement=some.reglements() | some.reglements(any_texts))
def what_is_written_as_yaml_reads_back_the_same_and_is_written_one_way(reglement):
    written = write_reglement(reglement)

    assert in_yaml(written) == written
    assert read_reglement(in_yaml(written)) == reglement
    assert write_reglement(read_reglement(written)) == written


KEYS = [
    "book",
    "cancel",
    "change",
    "cancellation",
    "limits",
    "blocked_if",
    "absence",
    "unbooked",
    "waiting_list",
    "priorities",
    "gives",
    "hours",
    "past_limit",
    "article",
    "closes",
    "opens",
    "late",
    "shape",
    "count",
    "unit",
    "time",
    "boundary",
    "table",
    "mon",
    "day",
    "cutoff",
    "weeks",
    "months",
    "by_month",
    "windows",
    "first",
    "last",
    "from",
    "at",
    "for",
    "until",
    "price",
    "free_first",
    "only_first",
    "on_request",
    "per",
    "when",
    "exceptions",
    "falls_on",
    "weekend",
    "not_counted",
    "kind",
    "above",
    "document",
    "clauses",
    "otherwise",
    "no_show",
    "causes",
    "told",
    "by",
    "lasts",
    "at_least",
    "in",
    "within",
    "certificate",
    "bills",
    "part",
    "more",
    "instead",
    "at_most",
    "whole",
    "excludes",
    "requires",
    "decided_by",
    "gives",
    "2026-11",
]
WORDS = [
    "same",
    "offset",
    "same_day",
    "weekday_table",
    "week_cutoff",
    "month_cutoff",
    "date_list",
    "window",
    "last_school_day",
    "never",
    "hour",
    "day",
    "school_day",
    "lt",
    "le",
    "full",
    "nothing",
    "week",
    "month",
    "agent",
    "automatic",
    "credit",
    "refund",
    "in_time",
    "required",
    "holiday_week",
    "unpaid",
    "missing_document",
    "incomplete_file",
    "illness",
    "first_week",
    "before",
    "after",
    "keep",
    "09:00",
    "2026-11-19",
    "3,10",
    "everyone",
]
plain_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-400, 400)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | days
    | st.sampled_from([*WORDS, "thu 09:00", "2026-11-19 09:00"]),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5) | st.integers(0, 3), inside, max_size=5)
    ),
    max_leaves=16,
)


@law(data=plain_data)
def any_other_data_is_refused_with_a_reason_or_reads_and_writes_the_same(data):
    reglement, fault = None, None
    try:
        reglement = read_reglement(data)
    except InvalidReglementError as refused:
        fault = refused
    assert (fault.key and fault.reason) if fault else read_reglement(write_reglement(reglement)) == reglement


@law(reglement=some.reglements(), data=st.data())
def a_reglement_with_one_thing_changed_is_refused_with_a_reason_or_reads_and_writes_the_same(reglement, data):
    written = in_yaml(write_reglement(reglement))
    spot, key = data.draw(st.sampled_from(list(spots(written))))
    spot[key] = data.draw(plain_data)

    any_other_data_is_refused_with_a_reason_or_reads_and_writes_the_same(written)


def spots(data):
    """Yield every place of the data where something stands."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inside:
        yield data, key
        if isinstance(value, dict | list):
            yield from spots(value)


# ---------------------------------------------------------------------------------------------------------- ten years
@law(
    reglement=some.reglements(),
    calendar=calendars(),
    zone=zones,
    data=st.data(),
)
def ten_years_are_decided_without_an_exception(reglement, calendar, zone, data):
    """One day in thirty-one, whatever day it begins; the deep run sees every day."""
    ends_at, booked = data.draw(ends), data.draw(st.none() | st.sampled_from(Booked))
    offset = data.draw(st.integers(0, 30))
    for day in list(days_between(FIRST, LAST))[offset::31]:
        decide_a_day(ruled(day, reglement, calendar, zone, ends_at), booked)


def decide_a_day(rule, booked=None):
    """Decide a day at several moments, for both wishes; return the outcomes."""
    facts = Facts(rule, is_enrolled=True, booked=booked)
    ends = rule.ends_at.astimezone(UTC)
    moments = [ends - timedelta(days=60), ends - timedelta(days=3), ends - timedelta(hours=20), ends - ONE_MINUTE]
    outcomes = [decide(facts, wish, at=at).outcome for wish in Wish for at in moments]
    assert set(outcomes) <= set(Outcome)
    return outcomes


@law(day=days, calendar=calendars(), zone=zones, data=st.data())
def on_a_day_near_its_dates_the_answer_is_never_a_silent_yes(day, calendar, zone, data):
    """Where the règlement and the calendar give no limit, the town hall is to be asked."""
    rule = ruled(day, data.draw(some.reglements()), calendar, zone, None)

    if rule.book is None:
        assert rule.unclear
        decision = decide(Facts(rule, is_enrolled=True), Wish.RESERVE, at=rule.ends_at - timedelta(days=90))
        assert [no.reason for no in decision.refusals][:1] == [Reason.UNCLEAR]
